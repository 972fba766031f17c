// SPDX-License-Identifier: GPL-2.0-only
/*
 * CPU 1 goes offline and comes back while guests run: they go on, and VMs
 * created with the CPU away or back again run, also on that CPU.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "kvm_test.h"

#define CPU_ONLINE "/sys/devices/system/cpu/cpu1/online"
#define ROUNDS 3
#define NR_GUESTS 2

GUEST_CODE(turns, 64,
	   "1: mov $200, %ecx\n 2: mov %ecx, 0x30000\n loop 2b\n"
	   "xor %eax, %eax\n xor %ecx, %ecx\n cpuid\n"
	   "inc %rsi\n out %al, $0x80\n jmp 1b\n");
GUEST_CODE(answer, 64, "mov $0x4242, %eax\n" GUEST_DONE);

struct guest {
	struct vcpu *vcpu;
	pthread_t thread;
	int cpu;		/* where the thread asks to start */
	atomic_ulong turns;
	atomic_bool bad;
	int reason;		/* exit or errno that made it bad */
};

static atomic_bool stop;
static struct guest guests[NR_GUESTS];

/* 0, or a negative errno. */
static int pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return sched_setaffinity(0, sizeof(set), &set) ? -errno : 0;
}

static int set_online(bool online)
{
	int fd = open(CPU_ONLINE, O_WRONLY | O_CLOEXEC);
	int r = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, online ? "1" : "0", 1) != 1)
		r = -errno;
	close(fd);
	return r;
}

static void *run_guest(void *arg)
{
	struct guest *g = arg;
	struct kvm_run *run = g->vcpu->run;
	int r;

	pin(g->cpu);
	while (!atomic_load(&stop)) {
		r = vcpu_run(g->vcpu);
		if (r || run->exit_reason != KVM_EXIT_IO || run->io.port != 0x80) {
			g->reason = r ? r : (int)run->exit_reason;
			atomic_store(&g->bad, true);
			break;
		}
		atomic_fetch_add(&g->turns, 1);
	}
	return NULL;
}

/* Does each guest do more turns within two seconds? */
static bool all_go_on(void)
{
	unsigned long before[NR_GUESTS];
	int i, tries;

	for (i = 0; i < NR_GUESTS; i++)
		before[i] = atomic_load(&guests[i].turns);
	for (i = 0; i < NR_GUESTS; i++) {
		for (tries = 0; tries < 400; tries++) {
			if (atomic_load(&guests[i].turns) > before[i] + 2)
				break;
			usleep(5000);
		}
		if (tries == 400)
			return false;
	}
	return true;
}

/* A guest of a new VM, run on @cpu. */
static bool new_vm_runs(int cpu)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_create(vm);
	struct kvm_regs r;
	bool good;

	load_code(vcpu, MODE_LONG64, answer);
	good = !pin(cpu) && run_until_exit(vcpu) == KVM_EXIT_IO && at_done(vcpu);
	vcpu_get_regs(vcpu, &r);
	vm_destroy(vm);
	pin(0);
	return good && r.rax == 0x4242;
}

static void start_guests(struct vm *vm)
{
	struct guest *g;
	int i;

	for (i = 0; i < NR_GUESTS; i++) {
		g = &guests[i];
		g->vcpu = vcpu_create(vm);
		g->cpu = i;
		load_code(g->vcpu, MODE_LONG64, turns);
		must(-pthread_create(&g->thread, NULL, run_guest, g));
	}
	ok(all_go_on(), "%d guests run", NR_GUESTS);
}

static void stop_guests(void)
{
	struct kvm_regs r;
	int i;

	atomic_store(&stop, true);
	for (i = 0; i < NR_GUESTS; i++) {
		pthread_join(guests[i].thread, NULL);
		if (!ok(!atomic_load(&guests[i].bad), "guest %d had no other exit", i))
			note("it left with %s", exit_name(guests[i].reason));
		vcpu_get_regs(guests[i].vcpu, &r);
		ok_eq(r.rsi, atomic_load(&guests[i].turns), "and its registers count its turns");
	}
}

/* Without any VM: nothing is enabled on the CPU that comes and goes. */
static void test_idle(void)
{
	ok_eq(set_online(false), 0, "offline, no VM");
	ok_eq(set_online(true), 0, "online");
	ok(new_vm_runs(1), "a VM runs on the CPU that came back");
}

static void test_running(void)
{
	struct vm *vm = vm_create();
	int i;

	start_guests(vm);
	for (i = 0; i < ROUNDS; i++) {
		ok_eq(set_online(false), 0, "offline, guests running");
		ok(all_go_on(), "the guests go on");
		ok(new_vm_runs(0), "a new VM runs");
		ok_eq(set_online(true), 0, "online");
		ok(all_go_on(), "the guests go on");
		ok(new_vm_runs(1), "a new VM runs on the CPU that came back");
	}
	stop_guests();
	vm_destroy(vm);
}

/* The only VM is created while the CPU is away. */
static void test_created_offline(void)
{
	struct vm *vm;
	struct vcpu *vcpu;

	ok_eq(set_online(false), 0, "offline");
	vm = vm_create();
	vcpu = vcpu_create(vm);
	load_code(vcpu, MODE_LONG64, answer);
	ok_eq(set_online(true), 0, "online, with a VM that was created meanwhile");
	pin(1);
	expect_done(vcpu, "it runs on the CPU that came back");
	pin(0);
	vm_destroy(vm);
}

/* A vCPU waits in userspace while the CPU that it ran on goes and comes. */
static void test_waiting(void)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_create(vm);
	struct kvm_regs r;

	pin(1);
	load_code(vcpu, MODE_LONG64, turns);
	expect_pio(vcpu, KVM_EXIT_IO_OUT, 0x80, 1, 1, "a guest runs on CPU 1");
	pin(0);
	ok_eq(set_online(false), 0, "offline, that guest waiting");
	ok_eq(set_online(true), 0, "online");
	ok(new_vm_runs(1), "another VM runs there first");
	pin(1);
	expect_pio(vcpu, KVM_EXIT_IO_OUT, 0x80, 1, 1, "then the one that waited");
	vcpu_get_regs(vcpu, &r);
	ok_eq(r.rsi, 2, "it did its second turn");
	pin(0);
	vm_destroy(vm);
}

int main(void)
{
	tap_start(40);
	/* QEMU 7.2's TCG corrupts memory when a CPU goes beside a running guest, whosever modules run it. */
	if (!getenv("KVM_TEST_CPU_HOTPLUG"))
		skip_all("KVM_TEST_CPU_HOTPLUG is not set: QEMU's TCG corrupts memory in this test");
	if (read_flag(CPU_ONLINE) != '1')
		skip_all("no second CPU that can go offline");
	if (access(CPU_ONLINE, W_OK))
		skip_all("not root");
	pin(0);
	test_idle();
	test_running();
	test_created_offline();
	test_waiting();
	return tap_done();
}
