// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest's memory while everything happens to it: one vCPU writes what is being
 * copied away by means of the dirty log, another one what is discarded under it
 * while its slot's log is switched on and off. Now and then the host takes the
 * right to write from all memory, to see itself what is written.
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kvm_test.h"

#define COPY_SLOT 5
#define COPY_GPA 0x40000000ul
#define WILD_SLOT 6
#define WILD_GPA 0x50000000ul
#define SIZE 0x800000ul
#define NR_PAGES (SIZE / PAGE_SIZE)
#define ROUNDS 150
#define ENOUGH 500		/* dirty pages seen, on a machine that is slow to start threads */
#define MAX_ROUNDS 20000
#define HUGE_SIZE 0x200000ul

/* RSI is the mask of page numbers, RDX the state of the random numbers. */
GUEST_CODE(scribble, 64,
	   GUEST_INTERRUPTIBLE "mov $0x5851f42d4c957f2d, %r8\n"
	   "1: imul %r8, %rdx\n inc %rdx\n mov %rdx, %rax\n shr $40, %rax\n and %rsi, %rax\n"
	   "shl $12, %rax\n incq (%rdi,%rax)\n incq 8(%rdi,%rax)\n jmp 1b\n");

static struct vm *vm;
static struct vcpu *vcpu[2];
static u8 *copy_mem, *wild_mem;
static u8 copy[SIZE];
static int result[2];
static volatile bool stop;

static void nothing(int sig)
{
	(void)sig;
}

static u8 *add_memory(u32 slot, u64 gpa, u32 flags)
{
	u8 *p = mmap(NULL, SIZE + HUGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		     -1, 0);

	if (p == MAP_FAILED)
		bail("mmap: %s", strerror(errno));
	p = (u8 *)(((unsigned long)p + HUGE_SIZE - 1) & ~(HUGE_SIZE - 1));
	memset(p, 0, SIZE);
	must(vm_set_region(vm, slot, flags, gpa, SIZE, p));
	return p;
}

static void *run_guest(void *arg)
{
	long i = (long)arg;
	int r;

	do {
		r = vcpu_run(vcpu[i]);
	} while (r == -EINTR && !stop);
	result[i] = r;
	return NULL;
}

/* Copy what the log says is dirty; returns its pages. */
static unsigned int copy_dirty(void)
{
	static unsigned long bitmap[NR_PAGES / 64];
	struct kvm_dirty_log log = { .slot = COPY_SLOT, .dirty_bitmap = bitmap };
	unsigned int n = 0;
	u64 i;

	must(kvm_ioctl(vm->fd, KVM_GET_DIRTY_LOG, &log));
	for (i = 0; i < NR_PAGES; i++) {
		if (!(bitmap[i / 64] & (1ul << (i % 64))))
			continue;
		memcpy(copy + i * PAGE_SIZE, copy_mem + i * PAGE_SIZE, PAGE_SIZE);
		n++;
	}
	return n;
}

/* Another thread than main's: discard, split and rebuild, log and do not log. */
static void *torment(void *arg)
{
	static unsigned long bitmap[NR_PAGES / 64];
	struct kvm_dirty_log log = { .slot = WILD_SLOT, .dirty_bitmap = bitmap };
	int clear_refs = open("/proc/self/clear_refs", O_WRONLY);
	unsigned int i, seed = 1;

	(void)arg;
	for (i = 0; !stop; i++) {
		unsigned long at;

		seed = seed * 1103515245 + 12345;
		at = (seed >> 8) % NR_PAGES;
		madvise(wild_mem + at * PAGE_SIZE, PAGE_SIZE, MADV_DONTNEED);
		if (i % 16 == 0)
			madvise(wild_mem + (at * PAGE_SIZE & ~(HUGE_SIZE - 1)), HUGE_SIZE,
				MADV_DONTNEED);
		if (i % 4 == 0)
			must(vm_set_region(vm, WILD_SLOT, i & 4 ? KVM_MEM_LOG_DIRTY_PAGES : 0,
					   WILD_GPA, SIZE, wild_mem));
		if (i % 8 == 5)
			must(kvm_ioctl(vm->fd, KVM_GET_DIRTY_LOG, &log));
		if (i % 32 == 9) {
			mprotect(wild_mem, HUGE_SIZE, PROT_READ | PROT_WRITE | PROT_EXEC);
			mprotect(wild_mem, HUGE_SIZE, PROT_READ | PROT_WRITE);
		}
		/* 4: soft-dirty bits; no file, no such bits. */
		if (i % 64 == 33 && clear_refs >= 0 && write(clear_refs, "4", 1) < 0)
			note("clear_refs: %s", strerror(errno));
	}
	close(clear_refs);
	return NULL;
}

static void start_guest(pthread_t *thread, long i, u64 gpa)
{
	struct kvm_regs r;

	load_code(vcpu[i], MODE_LONG64, scribble);
	vcpu_get_regs(vcpu[i], &r);
	r.rdi = gpa;
	r.rsi = NR_PAGES - 1;
	r.rdx = 12345 + i;
	vcpu_set_regs(vcpu[i], &r);
	pthread_create(thread, NULL, run_guest, (void *)i);
}

static void stop_guest(pthread_t thread, long i)
{
	vcpu[i]->run->immediate_exit = 1;
	pthread_kill(thread, SIGUSR1);
	pthread_join(thread, NULL);
	vcpu[i]->run->immediate_exit = 0;
}

static unsigned int differing_pages(void)
{
	unsigned int n = 0;
	u64 i;

	for (i = 0; i < NR_PAGES; i++)
		n += !!memcmp(copy + i * PAGE_SIZE, copy_mem + i * PAGE_SIZE, PAGE_SIZE);
	return n;
}

static void test_stress(void)
{
	pthread_t guest[2], tormentor;
	unsigned int dirty = 0, rounds;
	u64 written = 0, i;

	start_guest(&guest[0], 0, COPY_GPA);
	start_guest(&guest[1], 1, WILD_GPA);
	pthread_create(&tormentor, NULL, torment, NULL);
	for (rounds = 0; rounds < ROUNDS || (dirty < ENOUGH && rounds < MAX_ROUNDS); rounds++) {
		dirty += copy_dirty();
		usleep(100);
	}
	stop = true;
	pthread_join(tormentor, NULL);
	stop_guest(guest[0], 0);
	stop_guest(guest[1], 1);
	copy_dirty();
	ok_eq(differing_pages(), 0, "a copy made by the dirty log is complete");
	for (i = 0; i < NR_PAGES; i++)
		written += *(u64 *)(copy + i * PAGE_SIZE);
	ok(dirty && written, "the guest wrote while it was made");
	note("%u dirty pages in %u passes, %llu writes", dirty, rounds, (unsigned long long)written);
	for (i = 0; i < 2; i++)
		ok_eq(result[i], -EINTR, "vCPU %llu ran all the time", (unsigned long long)i);
}

int main(void)
{
	struct sigaction action = { .sa_handler = nothing };

	tap_start(55);
	sigaction(SIGUSR1, &action, NULL);
	vm = vm_create();
	vcpu[0] = vcpu_create(vm);
	vcpu[1] = vcpu_create(vm);
	copy_mem = add_memory(COPY_SLOT, COPY_GPA, KVM_MEM_LOG_DIRTY_PAGES);
	wild_mem = add_memory(WILD_SLOT, WILD_GPA, 0);
	test_stress();
	vm_destroy(vm);
	return tap_done();
}
