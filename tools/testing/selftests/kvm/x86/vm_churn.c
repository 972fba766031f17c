// SPDX-License-Identifier: GPL-2.0-only
/*
 * Many VMs and vCPUs come and go, from two threads, with a fork in between and
 * with their fds closed in every order; many at once. The kernel's memory does
 * not grow with them.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kvm_test.h"

#define PER_THREAD 50
/* Linux 6.1 has a kernel thread per VM: much slower in a machine made in software. */
#define PER_THREAD_REFERENCE 10
#define AT_ONCE 64
#define FORKS 6
#define MEMORY 0x4000
#define SLAB_SLACK_KB 4096

GUEST_CODE(store, 16, "mov $0x1234, %ax\n mov %ax, (0x40)\n" GUEST_DONE);

/* As the library's, but without a bail: threads and children use it. */
struct small_vm {
	int kvm, fd, vcpu;
	struct kvm_run *run;
	int run_size;
	u8 *memory;
};

static atomic_int failures;
static unsigned int per_thread = PER_THREAD;

static bool set_memory(struct small_vm *vm)
{
	struct kvm_userspace_memory_region region = {
		.guest_phys_addr = 0,
		.memory_size = MEMORY,
	};

	vm->memory = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0);
	if (vm->memory == MAP_FAILED)
		return false;
	memcpy(vm->memory + 0x1000, store, store_end - store);
	region.userspace_addr = (unsigned long)vm->memory;
	return !kvm_ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, &region);
}

/* Real mode, code at 0x1000, data at 0. */
static bool set_state(struct small_vm *vm)
{
	struct kvm_regs regs = { .rip = 0x1000, .rflags = FLAG_FIXED };
	struct kvm_sregs sregs;

	if (kvm_ioctl(vm->vcpu, KVM_GET_SREGS, &sregs))
		return false;
	sregs.cs.base = sregs.cs.selector = 0;
	return !kvm_ioctl(vm->vcpu, KVM_SET_SREGS, &sregs) &&
	       !kvm_ioctl(vm->vcpu, KVM_SET_REGS, &regs);
}

static bool create(struct small_vm *vm, int kvm)
{
	vm->kvm = kvm;
	vm->run_size = kvm_ioctl_val(kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	vm->vcpu = -1;
	vm->run = MAP_FAILED;
	vm->memory = MAP_FAILED;
	vm->fd = kvm_ioctl_val(kvm, KVM_CREATE_VM, 0);
	if (vm->fd < 0 || vm->run_size < 0 || !set_memory(vm))
		return false;
	vm->vcpu = kvm_ioctl_val(vm->fd, KVM_CREATE_VCPU, 0);
	if (vm->vcpu < 0)
		return false;
	vm->run = mmap(NULL, vm->run_size, PROT_READ | PROT_WRITE, MAP_SHARED, vm->vcpu, 0);
	return vm->run != MAP_FAILED && set_state(vm);
}

static bool run(struct small_vm *vm)
{
	int i, r = -EINTR;

	for (i = 0; i < 100 && r == -EINTR; i++)
		r = kvm_ioctl_val(vm->vcpu, KVM_RUN, 0);
	return !r && vm->run->exit_reason == KVM_EXIT_IO && vm->run->io.port == PORT_DONE &&
	       vm->memory[0x40] == 0x34 && vm->memory[0x41] == 0x12;
}

/* Four things to let go of, in the order that the digits of @order say. */
static void destroy(struct small_vm *vm, unsigned int order)
{
	static const char *const orders[] = { "0123", "1023", "2301", "3210", "1302", "2013" };
	const char *p;

	for (p = orders[order % ARRAY_SIZE(orders)]; *p; p++) {
		if (*p == '0' && vm->fd >= 0)
			close(vm->fd);
		if (*p == '1' && vm->vcpu >= 0)
			close(vm->vcpu);
		if (*p == '2' && vm->run != MAP_FAILED)
			munmap(vm->run, vm->run_size);
		if (*p == '3' && vm->memory != MAP_FAILED)
			munmap(vm->memory, MEMORY);
	}
}

static bool cycle(int kvm, unsigned int order)
{
	struct small_vm vm;
	/* Every fifth is destroyed without having run. */
	bool good = create(&vm, kvm) && (order % 5 == 4 || run(&vm));

	destroy(&vm, order);
	return good;
}

static void *churn(void *arg)
{
	int *kvm = arg;
	unsigned int i;

	for (i = 0; i < per_thread; i++)
		if (!cycle(*kvm, i))
			atomic_fetch_add(&failures, 1);
	return NULL;
}

static void churn_in_threads(int kvm, const char *name)
{
	pthread_t thread;

	atomic_store(&failures, 0);
	must(-pthread_create(&thread, NULL, churn, &kvm));
	churn(&kvm);
	pthread_join(thread, NULL);
	ok_eq(atomic_load(&failures), 0, "%u VMs from two threads%s", 2 * per_thread, name);
}

/* Kilobytes of Slab in /proc/meminfo, or -1. */
static long slab_kb(void)
{
	FILE *f = fopen("/proc/meminfo", "r");
	char line[128];
	long kb = -1;

	while (f && kb < 0 && fgets(line, sizeof(line), f))
		sscanf(line, "Slab: %ld", &kb);
	if (f)
		fclose(f);
	return kb;
}

static void test_threads(int kvm)
{
	long before, after;

	churn_in_threads(kvm, "");
	usleep(100000);
	before = slab_kb();
	churn_in_threads(kvm, ", again");
	/* What RCU frees needs a moment. */
	usleep(100000);
	after = slab_kb();
	if (before < 0 || after < 0)
		skip("kernel memory", "no Slab in /proc/meminfo");
	else if (kernel_memory_lags())
		skip("kernel memory", "this kernel keeps what is freed for a while");
	else
		ok(after < before + SLAB_SLACK_KB, "slab went from %ld to %ld KiB", before, after);
}

static void test_at_once(int kvm)
{
	static struct small_vm vm[AT_ONCE];
	int i, created = 0, ran = 0;

	for (i = 0; i < AT_ONCE; i++)
		created += create(&vm[i], kvm);
	ok_eq(created, AT_ONCE, "%d VMs at once", AT_ONCE);
	for (i = 0; created == AT_ONCE && i < AT_ONCE; i++)
		ran += run(&vm[AT_ONCE - 1 - i]);
	ok_eq(ran, AT_ONCE, "all of them run");
	for (i = 0; i < AT_ONCE; i++)
		destroy(&vm[i], i);
}

/*
 * A child may hold a parent's VM but not run it; and is free to make its own.
 * The parent's goes on, and ends with whoever lets go of it last.
 */
static void test_fork(int kvm)
{
	struct small_vm vm;
	int i, status, good = 0;
	pid_t child;

	for (i = 0; i < FORKS; i++) {
		if (!create(&vm, kvm))
			break;
		child = fork();
		if (!child) {
			status = kvm_ioctl_val(vm.vcpu, KVM_RUN, 0) != -EIO;
			_exit(status | (cycle(kvm, i) ? 0 : 2));
		}
		if (i & 1)
			good += run(&vm);
		destroy(&vm, i);
		if (waitpid(child, &status, 0) == child && !status)
			good += i & 1 ? 1 : 2;
		else
			note("child ended with status 0x%x", status);
	}
	ok_eq(good, 2 * FORKS, "%d times a child inherits a VM and has its own", FORKS);
}

/* A VM lives as long as its vCPU, and works. */
static void test_orphan(void)
{
	int kvm = open_kvm();
	struct small_vm vm;
	int dup_of;

	ok(create(&vm, kvm), "a VM");
	close(kvm);
	close(vm.fd);
	vm.fd = -1;
	ok(run(&vm), "it runs without an fd of it or of /dev/kvm");
	dup_of = dup(vm.vcpu);
	close(vm.vcpu);
	vm.vcpu = dup_of;
	ok(set_state(&vm) && run(&vm), "and through a duplicate of the vCPU's fd");
	close(vm.vcpu);
	vm.vcpu = -1;
	ok(vm.run->exit_reason == KVM_EXIT_IO, "kvm_run is there while it is mapped");
	destroy(&vm, 0);
}

int main(void)
{
	int kvm;

	tap_start(50);
	if (!kvm_is_ours())
		per_thread = PER_THREAD_REFERENCE;
	kvm = open_kvm();
	test_orphan();
	test_threads(kvm);
	test_at_once(kvm);
	test_fork(kvm);
	close(kvm);
	return tap_done();
}
