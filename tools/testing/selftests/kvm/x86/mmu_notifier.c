// SPDX-License-Identifier: GPL-2.0-only
/* The host changes guest memory behind the guest: the guest must see it. */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kvm_test.h"

#define TEST_SLOT 5
#define TEST_GPA 0x40000000ul
#define TEST_SIZE 0x400000ul
#define MARK 0x5a5a5a5aull
#define ROUNDS 20

GUEST_CODE(peek, 64, "1: mov (%rdi), %rax\n" GUEST_DONE "jmp 1b\n");
GUEST_CODE(poke, 64, "1: mov %rax, (%rdi)\n" GUEST_DONE "jmp 1b\n");
GUEST_CODE(fill, 64,
	   GUEST_INTERRUPTIBLE "1: mov $0x40000000, %edi\n mov $64, %ecx\n"
	   "2: incq (%rdi)\n add $4096, %edi\n dec %ecx\n jnz 2b\n jmp 1b\n");

static struct vm *vm;
static struct vcpu *vcpu;
static u8 *mem;
static volatile int thread_result;

static void start(const u8 *code, const u8 *end, u64 gpa, u64 value)
{
	struct kvm_regs r;

	vcpu_load(vcpu, MODE_LONG64, code, end);
	vcpu_get_regs(vcpu, &r);
	r.rdi = gpa;
	r.rax = value;
	vcpu_set_regs(vcpu, &r);
}

#define START(code, gpa, value) start(code, code##_end, gpa, value)

static u64 guest_peek(u64 gpa)
{
	struct kvm_regs r;

	START(peek, gpa, 0);
	run_until_exit(vcpu);
	vcpu_get_regs(vcpu, &r);
	return at_done(vcpu) ? r.rax : ~0ull;
}

static void guest_poke(u64 gpa, u64 value)
{
	START(poke, gpa, value);
	run_until_exit(vcpu);
}

static void test_discard(void)
{
	u64 i, wrong = 0;

	for (i = 0; i < TEST_SIZE; i += PAGE_SIZE)
		*(u64 *)(mem + i) = MARK + i;
	ok_eq(guest_peek(TEST_GPA + 0x5000), MARK + 0x5000, "the guest reads its memory");
	guest_poke(TEST_GPA + 0x6000, 99);
	ok_eq(*(u64 *)(mem + 0x6000), 99, "and writes it");
	madvise(mem + 0x5000, PAGE_SIZE, MADV_DONTNEED);
	ok_eq(guest_peek(TEST_GPA + 0x5000), 0, "a discarded page reads as zero");
	ok_eq(guest_peek(TEST_GPA + 0x4000), MARK + 0x4000, "its neighbour does not");
	guest_poke(TEST_GPA + 0x5000, 7);
	ok_eq(*(u64 *)(mem + 0x5000), 7, "the new page is shared again");
	madvise(mem, TEST_SIZE, MADV_DONTNEED);
	for (i = 0; i < TEST_SIZE; i += 64 * PAGE_SIZE)
		wrong += guest_peek(TEST_GPA + i) != 0;
	ok_eq(wrong, 0, "all of it discarded");
}

static void test_protect(void)
{
	*(u64 *)mem = MARK;
	guest_poke(TEST_GPA + 8, 1);
	mprotect(mem, PAGE_SIZE, PROT_READ);
	ok_eq(guest_peek(TEST_GPA), MARK, "a page made read-only can be read");
	START(poke, TEST_GPA, 5);
	ok_eq(run_until_exit(vcpu), -EFAULT, "a write to it is EFAULT");
	ok_eq(*(u64 *)mem, MARK, "and does not reach it");
	mprotect(mem, PAGE_SIZE, PROT_READ | PROT_WRITE);
	expect_done(vcpu, "made writable, the guest goes on");
	ok_eq(*(u64 *)mem, 5, "and its write is there");
	mprotect(mem, PAGE_SIZE, PROT_NONE);
	START(peek, TEST_GPA, 0);
	ok_eq(run_until_exit(vcpu), -EFAULT, "a page without access is EFAULT");
	mprotect(mem, PAGE_SIZE, PROT_READ | PROT_WRITE);
	expect_done(vcpu, "given back, the guest goes on");
}

static void test_remap(void)
{
	void *p;

	*(u64 *)(mem + 0x1000) = MARK;
	guest_poke(TEST_GPA + 0x1008, 1);
	p = mmap(mem + 0x1000, PAGE_SIZE, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	ok(p == mem + 0x1000, "other memory mapped in its place");
	*(u64 *)(mem + 0x1000) = MARK + 1;
	ok_eq(guest_peek(TEST_GPA + 0x1000), MARK + 1, "the guest sees that");
	munmap(mem + 0x1000, PAGE_SIZE);
	START(peek, TEST_GPA + 0x1000, 0);
	ok_eq(run_until_exit(vcpu), -EFAULT, "unmapped memory is EFAULT");
	mmap(mem + 0x1000, PAGE_SIZE, PROT_READ | PROT_WRITE,
	     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	expect_done(vcpu, "mapped again, the guest goes on");
	ok_eq(guest_peek(TEST_GPA + 0x1000), 0, "with fresh memory");
}

/* After fork() the page is shared copy-on-write: the guest must not write it. */
static void test_fork(void)
{
	int to_child[2], from_child[2], status = -1;
	u64 seen = 0;
	pid_t pid;
	char c;

	*(u64 *)(mem + 0x2000) = MARK;
	guest_poke(TEST_GPA + 0x2008, 1);
	if (pipe(to_child) || pipe(from_child))
		bail("pipe: %s", strerror(errno));
	fflush(NULL);
	pid = fork();
	if (!pid) {
		if (read(to_child[0], &c, 1) == 1)
			seen = *(u64 *)(mem + 0x2000);
		_exit(write(from_child[1], &seen, 8) != 8);
	}
	guest_poke(TEST_GPA + 0x2000, 1234);
	if (write(to_child[1], "g", 1) == 1 && read(from_child[0], &seen, 8) == 8)
		waitpid(pid, &status, 0);
	ok_eq(seen, MARK, "a write of the guest stays out of a forked child");
	ok_eq(*(u64 *)(mem + 0x2000), 1234, "and reaches the parent's copy");
	close(to_child[0]);
	close(to_child[1]);
	close(from_child[0]);
	close(from_child[1]);
}

static void nothing(int sig)
{
	(void)sig;
}

static void *run_guest(void *arg)
{
	(void)arg;
	thread_result = vcpu_run(vcpu);
	return NULL;
}

/* Discard pages again and again while the guest increments them. */
static void test_running(void)
{
	struct sigaction action = { .sa_handler = nothing };
	int i, wait, back = 0;
	pthread_t thread;

	sigaction(SIGUSR1, &action, NULL);
	load_code(vcpu, MODE_LONG64, fill);
	pthread_create(&thread, NULL, run_guest, NULL);
	for (i = 0; i < ROUNDS; i++) {
		volatile u64 *counter = (u64 *)(mem + (i % 64) * PAGE_SIZE);

		madvise(mem, 64 * PAGE_SIZE, MADV_DONTNEED);
		for (wait = 0; !*counter && wait < 200; wait++)
			usleep(500);
		back += !!*counter;
	}
	ok_eq(back, ROUNDS, "discarded again and again while the guest writes");
	for (i = 0; i < 20; i++) {
		mprotect(mem, 64 * PAGE_SIZE, PROT_READ | PROT_WRITE | PROT_EXEC);
		mprotect(mem, 64 * PAGE_SIZE, PROT_READ | PROT_WRITE);
	}
	vcpu->run->immediate_exit = 1;
	pthread_kill(thread, SIGUSR1);
	pthread_join(thread, NULL);
	vcpu->run->immediate_exit = 0;
	if (!ok_eq(thread_result, -EINTR, "the guest ran all the time"))
		note("%s", describe_exit(vcpu, vcpu->run->exit_reason));
}

/* One page of a huge page goes; the others stay. */
static void test_huge(void)
{
	u8 *huge = (u8 *)(((unsigned long)mem + 0x1fffff) & ~0x1ffffful);
	u64 gpa = TEST_GPA + (huge - mem);

	madvise(huge, 0x200000, MADV_HUGEPAGE);
	madvise(huge, 0x200000, MADV_DONTNEED);
	memset(huge, 0x11, 0x200000);
	ok_eq(guest_peek(gpa + 0x3000), 0x1111111111111111, "memory that may be huge");
	guest_poke(gpa + 0x4000, 2);
	madvise(huge + 0x3000, PAGE_SIZE, MADV_DONTNEED);
	ok_eq(guest_peek(gpa + 0x3000), 0, "one page of it discarded");
	ok_eq(guest_peek(gpa + 0x4000), 2, "the next one is there");
	ok_eq(guest_peek(gpa + 0x1ff000), 0x1111111111111111, "and the last one");
}

int main(void)
{
	tap_start(50);
	vm = vm_create();
	vcpu = vcpu_create(vm);
	mem = vm_add_region(vm, TEST_SLOT, 0, TEST_GPA, TEST_SIZE);
	test_discard();
	test_protect();
	test_remap();
	test_fork();
	test_running();
	test_huge();
	vm_destroy(vm);
	return tap_done();
}
