// SPDX-License-Identifier: GPL-2.0-only
/* Memory slots and whole VMMs that go away while the guest runs; two vCPUs. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kvm_test.h"

#define TEST_SLOT 5
#define TEST_GPA 0x40000000ul
#define TEST_SIZE 0x200000ul
#define ROUNDS 20
#define COUNT 20000

GUEST_CODE(touch, 64,
	   GUEST_INTERRUPTIBLE "mov $0x40000000, %esi\n"
	   "1: mov %esi, %edi\n mov $512, %ecx\n"
	   "2: incl (%rdi)\n add $4096, %edi\n dec %ecx\n jnz 2b\n jmp 1b\n");
GUEST_CODE(count, 64,
	   "mov $0x30000, %edi\n mov $20000, %ecx\n"
	   "1: lock incl (%rdi)\n dec %ecx\n jnz 1b\n" GUEST_DONE);
GUEST_CODE(spin, 64, GUEST_INTERRUPTIBLE "1: incl (%rdi)\n jmp 1b\n");
GUEST_CODE(done, 64, GUEST_DONE);

static volatile bool stop;
static volatile u64 mmio_exits;
static volatile int bad_exit;

static void nothing(int sig)
{
	(void)sig;
}

/* Runs the guest until told to stop; answers MMIO with zero. */
static void *run_guest(void *arg)
{
	struct vcpu *vcpu = arg;
	struct kvm_run *run = vcpu->run;
	int r;

	while (!stop) {
		r = vcpu_run(vcpu);
		if (r == -EINTR)
			continue;
		if (r < 0 || run->exit_reason != KVM_EXIT_MMIO) {
			bad_exit = r < 0 ? r : (int)run->exit_reason;
			break;
		}
		memset(run->mmio.data, 0, sizeof(run->mmio.data));
		mmio_exits++;
	}
	return NULL;
}

static void stop_guest(pthread_t thread, struct vcpu *vcpu)
{
	stop = true;
	vcpu->run->immediate_exit = 1;
	pthread_kill(thread, SIGUSR1);
	pthread_join(thread, NULL);
	vcpu->run->immediate_exit = 0;
}

static void test_delete(void)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_create(vm);
	u8 *mem = vm_add_region(vm, TEST_SLOT, 0, TEST_GPA, TEST_SIZE);
	int i, touched = 0, stale = 0, left = 0;
	pthread_t thread;

	load_code(vcpu, MODE_LONG64, touch);
	stop = false;
	pthread_create(&thread, NULL, run_guest, vcpu);
	for (i = 0; i < ROUNDS; i++) {
		volatile u32 *last = (u32 *)(mem + TEST_SIZE - PAGE_SIZE);
		u64 exits;
		int wait;
		u32 seen;

		for (wait = 0; !*last && wait < 500; wait++)
			usleep(1000);
		touched += !!*last;
		must(vm_set_region(vm, TEST_SLOT, 0, TEST_GPA, 0, mem));
		/* From here on nothing may reach the memory. */
		seen = *last;
		exits = mmio_exits;
		for (wait = 0; mmio_exits < exits + 3 && wait < 500; wait++)
			usleep(1000);
		left += mmio_exits >= exits + 3;
		stale += *last != seen;
		memset(mem, 0, TEST_SIZE);
		must(vm_set_region(vm, TEST_SLOT, 0, TEST_GPA, TEST_SIZE, mem));
	}
	stop_guest(thread, vcpu);
	ok_eq(touched, ROUNDS, "the guest writes the slot whenever it is there");
	ok_eq(left, ROUNDS, "and leaves with MMIO whenever it is deleted");
	ok_eq(stale, 0, "no write reaches a deleted slot");
	if (!ok_eq(bad_exit, 0, "no other exit"))
		note("%s", describe_exit(vcpu, bad_exit));
	vm_destroy(vm);
}

/* The other vCPU's thread; reports by its exit. */
static void *run_count(void *arg)
{
	struct vcpu *vcpu = arg;

	while (vcpu_run(vcpu) == -EINTR)
		;
	return NULL;
}

static void test_two_vcpus(void)
{
	struct vm *vm = vm_create();
	struct vcpu *a = vcpu_create(vm), *b = vcpu_create(vm);
	u32 *counter = gpa_to_hva(vm, DATA_GPA);
	pthread_t threads[2];

	load_code(a, MODE_LONG64, count);
	vcpu_setup(b, MODE_LONG64);
	pthread_create(&threads[0], NULL, run_count, a);
	pthread_create(&threads[1], NULL, run_count, b);
	pthread_join(threads[0], NULL);
	pthread_join(threads[1], NULL);
	ok(at_done(a) && at_done(b), "two vCPUs count to the end");
	ok_eq(*counter, 2 * COUNT, "no increment is lost");
	vm_destroy(vm);
}

/* A VMM with two vCPUs that run for ever. */
static void endless_vmm(int ready)
{
	struct vm *vm = vm_create();
	struct vcpu *a = vcpu_create(vm), *b = vcpu_create(vm);
	struct kvm_regs r;
	pthread_t thread;

	load_code(a, MODE_LONG64, spin);
	vcpu_setup(b, MODE_LONG64);
	vcpu_get_regs(a, &r);
	r.rdi = DATA_GPA;
	vcpu_set_regs(a, &r);
	vcpu_get_regs(b, &r);
	r.rdi = HIGH_GPA;
	vcpu_set_regs(b, &r);
	pthread_create(&thread, NULL, run_count, b);
	if (write(ready, "r", 1) != 1)
		_exit(1);
	run_count(a);
	_exit(1);
}

static void test_kill(void)
{
	int i, killed = 0;
	struct vm *vm;
	struct vcpu *vcpu;

	for (i = 0; i < 5; i++) {
		int pipes[2], status;
		char c;
		pid_t pid;

		if (pipe(pipes))
			bail("pipe: %s", strerror(errno));
		fflush(NULL);
		pid = fork();
		if (!pid)
			endless_vmm(pipes[1]);
		close(pipes[1]);
		if (read(pipes[0], &c, 1) == 1)
			usleep(3000 * i + 1000);
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
		close(pipes[0]);
		killed += WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
	}
	ok_eq(killed, 5, "five VMMs killed while their guests run");
	vm = vm_create();
	vcpu = vcpu_create(vm);
	load_code(vcpu, MODE_LONG64, done);
	expect_done(vcpu, "a new guest runs after that");
	vm_destroy(vm);
}

/* The VM's memory goes before the VM does. */
static void test_unmapped(void)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_create(vm);
	u8 *mem = vm_add_region(vm, TEST_SLOT, 0, TEST_GPA, TEST_SIZE);
	pthread_t thread;

	bad_exit = 0;
	stop = false;
	load_code(vcpu, MODE_LONG64, touch);
	pthread_create(&thread, NULL, run_guest, vcpu);
	usleep(20000);
	munmap(mem, TEST_SIZE);
	vm->region[TEST_SLOT].size = 0;
	pthread_join(thread, NULL);
	ok_eq(bad_exit, -EFAULT, "memory unmapped under the guest: EFAULT");
	must(vm_set_region(vm, TEST_SLOT, 0, TEST_GPA, 0, NULL));
	vcpu_setup(vcpu, MODE_LONG64);
	vm_write(vm, CODE_GPA, done, done_end - done);
	expect_done(vcpu, "the VM is usable after that");
	vm_destroy(vm);
}

int main(void)
{
	struct sigaction action = { .sa_handler = nothing };

	tap_start(50);
	sigaction(SIGUSR1, &action, NULL);
	test_delete();
	test_two_vcpus();
	test_kill();
	test_unmapped();
	return tap_done();
}
