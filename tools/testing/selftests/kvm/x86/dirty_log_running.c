// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a migration does: copy the pages that the log names while the guest
 * writes, and once more after it stopped. Then the copy is the memory.
 */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "kvm_test.h"

#define TEST_SLOT 5
#define TEST_GPA 0x40000000ul
#define TEST_SIZE 0x400000ul
#define NR_PAGES (TEST_SIZE / PAGE_SIZE)
#define LONGS (NR_PAGES / 64)
#define ROUNDS 30
#define TOGGLES 60
#define CAPS (KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE | KVM_DIRTY_LOG_INITIALLY_SET)

/* Every 17th page, again and again. */
GUEST_CODE(write_all, 64,
	   GUEST_INTERRUPTIBLE "1: mov $0x40000000, %edi\n mov $60, %ecx\n"
	   "2: incq (%rdi)\n add $0x11000, %edi\n dec %ecx\n jnz 2b\n"
	   "jmp 1b\n");

static struct vm *vm;
static struct vcpu *vcpu;
static u8 *mem, *copy;
static u64 bitmap[LONGS];
static pthread_t thread;
static int thread_result;
static volatile bool stop;

static void nothing(int sig)
{
	(void)sig;
}

static void *run_guest(void *arg)
{
	(void)arg;
	do {
		thread_result = vcpu_run(vcpu);
	} while (thread_result == -EINTR && !stop);
	return NULL;
}

/* Until the guest has written the last of its pages once more; the limit of time is the test's. */
static void wait_for_guest(void)
{
	u64 *last = (u64 *)(mem + 59 * 0x11000);
	u64 old = __atomic_load_n(last, __ATOMIC_RELAXED);

	while (__atomic_load_n(last, __ATOMIC_RELAXED) == old)
		sched_yield();
}

static void start_guest(void)
{
	load_code(vcpu, MODE_LONG64, write_all);
	stop = false;
	pthread_create(&thread, NULL, run_guest, NULL);
	wait_for_guest();
}

static void stop_guest(const char *name)
{
	stop = true;
	vcpu->run->immediate_exit = 1;
	pthread_kill(thread, SIGUSR1);
	pthread_join(thread, NULL);
	vcpu->run->immediate_exit = 0;
	if (!ok_eq(thread_result, -EINTR, "%s: the guest ran all the time", name))
		note("%s", describe_exit(vcpu, vcpu->run->exit_reason));
}

static int set_flags(u32 flags)
{
	return vm_set_region(vm, TEST_SLOT, flags, TEST_GPA, TEST_SIZE, mem);
}

/* One pass: fetch the log, clear it in chunks if that is ours to do, copy. Returns the pages. */
static unsigned int copy_dirty(u64 manual)
{
	struct kvm_dirty_log get = { .slot = TEST_SLOT, .dirty_bitmap = bitmap };
	struct kvm_clear_dirty_log clear = { .slot = TEST_SLOT };
	unsigned int i, pages = 0;

	must(kvm_ioctl(vm->fd, KVM_GET_DIRTY_LOG, &get));
	for (i = 0; manual && i < NR_PAGES; i += 256) {
		clear.first_page = i;
		clear.num_pages = 256;
		clear.dirty_bitmap = &bitmap[i / 64];
		must(kvm_ioctl(vm->fd, KVM_CLEAR_DIRTY_LOG, &clear));
	}
	for (i = 0; i < NR_PAGES; i++) {
		if (!(bitmap[i / 64] >> (i % 64) & 1))
			continue;
		memcpy(copy + i * PAGE_SIZE, mem + i * PAGE_SIZE, PAGE_SIZE);
		pages++;
	}
	return pages;
}

static void migrate(u64 manual, bool huge, const char *name)
{
	struct kvm_enable_cap cap = {
		.cap = KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2, .args[0] = manual,
	};
	unsigned int round, pages = 0;

	madvise(mem, TEST_SIZE, MADV_DONTNEED);
	madvise(mem, TEST_SIZE, huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
	memset(mem, 0, TEST_SIZE);
	must(kvm_ioctl(vm->fd, KVM_ENABLE_CAP, &cap));
	start_guest();
	must(set_flags(KVM_MEM_LOG_DIRTY_PAGES));
	memcpy(copy, mem, TEST_SIZE);
	for (round = 0; round < ROUNDS; round++) {
		wait_for_guest();
		pages += copy_dirty(manual);
	}
	stop_guest(name);
	copy_dirty(manual);
	ok(!memcmp(copy, mem, TEST_SIZE), "%s: the copy is the memory", name);
	ok(pages >= ROUNDS, "%s: %u pages copied on the way", name, pages);
	ok_eq(copy_dirty(manual), 0, "%s: nothing is left", name);
	must(set_flags(0));
}

/* The slot is there all the time: a guest that finds it gone leaves for MMIO. */
static void test_toggle(void)
{
	int i, bad = 0;

	start_guest();
	for (i = 0; i < TOGGLES; i++) {
		bad += !!set_flags(i & 1 ? 0 : KVM_MEM_LOG_DIRTY_PAGES);
		if (i % 8 == 0)
			wait_for_guest();
	}
	stop_guest("logging on and off");
	ok_eq(bad, 0, "logging on and off %u times", TOGGLES);
	must(set_flags(0));
}

int main(void)
{
	struct sigaction action = { .sa_handler = nothing };

	tap_start(55);
	sigaction(SIGUSR1, &action, NULL);
	vm = vm_create();
	vcpu = vcpu_create(vm);
	mem = mmap(NULL, TEST_SIZE + 0x200000, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	mem += -(unsigned long)mem & 0x1fffff;
	copy = malloc(TEST_SIZE);
	must(set_flags(0));
	migrate(0, false, "GET, 4 KiB pages");
	migrate(0, true, "GET, 2 MiB pages");
	migrate(KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE, false, "CLEAR, 4 KiB pages");
	migrate(KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE, true, "CLEAR, 2 MiB pages");
	migrate(CAPS, false, "full at first, 4 KiB pages");
	migrate(CAPS, true, "full at first, 2 MiB pages");
	test_toggle();
	vm_destroy(vm);
	return tap_done();
}
