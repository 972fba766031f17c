// SPDX-License-Identifier: GPL-2.0-only
/*
 * Huge mappings of the second-level tables: made, split by a dirty log, and made
 * again. What one fault maps is told by the number of faults.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kvm_test.h"

#define TEST_SLOT 5
#define TEST_GPA 0x40000000ul
#define HUGE_SIZE 0x200000ul
#define NR_HUGE 4ul
#define TEST_SIZE (NR_HUGE * HUGE_SIZE)
#define NR_PAGES (TEST_SIZE / PAGE_SIZE)
/* Faults elsewhere: code, page tables, and what the host takes away meanwhile. */
#define FEW 40

#define TRACING "/sys/kernel/tracing/"

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif

GUEST_CODE(touch, 64, "xor %eax, %eax\n 1: add (%rdi), %rax\n add $4096, %rdi\n dec %rcx\n jnz 1b\n"
	   GUEST_DONE);
GUEST_CODE(mark, 64, "1: mov %rax, (%rdi)\n add %rsi, %rdi\n dec %rcx\n jnz 1b\n" GUEST_DONE);

static struct vm *vm;
static struct vcpu *vcpu;
static u8 *mem;			/* aligned, room for a page more */
static unsigned long bitmap[NR_PAGES / 64];

static bool write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_TRUNC);
	bool done = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return done;
}

/* Second-level faults in the trace since it was cleared. */
static unsigned int count_faults(void)
{
	FILE *f = fopen(TRACING "trace", "r");
	unsigned int n = 0;
	char line[512];

	if (!f)
		bail("no trace");
	while (fgets(line, sizeof(line), f))
		n += !!strstr(line, "kvm_page_fault:");
	fclose(f);
	return n;
}

static void start(const u8 *code, const u8 *end, u64 gpa, u64 count, u64 step, u64 value)
{
	struct kvm_regs r;

	vcpu_load(vcpu, MODE_LONG64, code, end);
	vcpu_get_regs(vcpu, &r);
	r.rdi = gpa;
	r.rcx = count;
	r.rsi = step;
	r.rax = value;
	vcpu_set_regs(vcpu, &r);
}

/* Read every page; returns the faults that takes. *sum is of the first words. */
static unsigned int touch_all(u64 *sum)
{
	struct kvm_regs r;
	unsigned int n;

	start(touch, touch_end, TEST_GPA, NR_PAGES, 0, 0);
	write_file(TRACING "trace", "");
	write_file(TRACING "events/kvm/kvm_page_fault/enable", "1");
	run_until_exit(vcpu);
	write_file(TRACING "events/kvm/kvm_page_fault/enable", "0");
	n = count_faults();
	vcpu_get_regs(vcpu, &r);
	*sum = at_done(vcpu) ? r.rax : ~0ull;
	return n;
}

static u64 host_sum(const u8 *p)
{
	u64 i, sum = 0;

	for (i = 0; i < NR_PAGES; i++)
		sum += *(u64 *)(p + i * PAGE_SIZE);
	return sum;
}

static void fill(u8 *p)
{
	u64 i;

	for (i = 0; i < NR_PAGES; i++)
		*(u64 *)(p + i * PAGE_SIZE) = i * 3 + 1;
}

static void set_slot(u32 flags, void *hva)
{
	must(vm_set_region(vm, TEST_SLOT, flags, TEST_GPA, TEST_SIZE, hva));
}

static void del_slot(void)
{
	must(vm_set_region(vm, TEST_SLOT, 0, TEST_GPA, 0, mem));
}

static void expect_huge(const char *name)
{
	unsigned int n;
	u64 sum;

	n = touch_all(&sum);
	if (!ok(n < FEW, "%s: few faults for %lu pages", name, NR_PAGES))
		note("%u faults", n);
	ok_eq(sum, host_sum(mem), "%s: the data is right", name);
}

static void get_log(void)
{
	struct kvm_dirty_log log = { .slot = TEST_SLOT, .dirty_bitmap = bitmap };

	must(kvm_ioctl(vm->fd, KVM_GET_DIRTY_LOG, &log));
}

/* Is the log of @count pages from @first, @step apart, and of no other? */
static bool log_is(u64 first, u64 step, u64 count)
{
	unsigned long want[NR_PAGES / 64] = { 0 };

	for (; count; count--, first += step)
		want[first / 64] |= 1ul << (first % 64);
	return !memcmp(want, bitmap, sizeof(want));
}

static void test_log(void)
{
	u64 sum;

	set_slot(KVM_MEM_LOG_DIRTY_PAGES, mem);
	get_log();
	ok(log_is(0, 0, 0), "nothing is dirty at first");
	start(mark, mark_end, TEST_GPA + 7 * PAGE_SIZE, 3, HUGE_SIZE, 0x777);
	expect_done(vcpu, "writes to one page in each of three huge ones");
	get_log();
	ok(log_is(7, HUGE_SIZE / PAGE_SIZE, 3), "those and no others are dirty");
	ok_eq(*(u64 *)(mem + 7 * PAGE_SIZE), 0x777, "the write is there");
	touch_all(&sum);
	ok_eq(sum, host_sum(mem), "what was split off is what it was");
	get_log();
	ok(log_is(0, 0, 0), "reading makes nothing dirty");
	start(mark, mark_end, TEST_GPA + 7 * PAGE_SIZE, 2, PAGE_SIZE, 0x778);
	expect_done(vcpu, "a write to the same page and its neighbour");
	get_log();
	ok(log_is(7, 1, 2), "is logged anew");
	start(mark, mark_end, TEST_GPA, NR_PAGES, PAGE_SIZE, 0x779);
	expect_done(vcpu, "writes to all pages");
	get_log();
	ok(log_is(0, 1, NR_PAGES), "are all logged");
	set_slot(0, mem);
	expect_huge("after the log has ended");
	start(mark, mark_end, TEST_GPA, NR_PAGES, PAGE_SIZE, 0x77a);
	expect_done(vcpu, "and all of it can be written");
	ok_eq(host_sum(mem), 0x77aull * NR_PAGES, "which is there");
}

/* The host splits a huge page, and makes it anew. */
static void test_host(void)
{
	unsigned int n;
	u64 sum;

	fill(mem);
	expect_huge("mapped again");
	madvise(mem + 5 * PAGE_SIZE, PAGE_SIZE, MADV_DONTNEED);
	touch_all(&sum);
	ok_eq(sum, host_sum(mem), "one page discarded: the guest sees that and the rest");
	ok_eq(*(u64 *)(mem + 5 * PAGE_SIZE), 0, "which is zero");
	*(u64 *)(mem + 5 * PAGE_SIZE) = 99;
	if (madvise(mem, TEST_SIZE, MADV_COLLAPSE)) {
		skip("collapsed by the host", "no MADV_COLLAPSE");
		return;
	}
	expect_huge("collapsed by the host");
	n = touch_all(&sum);
	if (!ok(n < FEW, "nothing faults the second time"))
		note("%u faults", n);
}

/* User addresses and frames that are not congruent cannot share huge pages. */
static void test_misaligned(void)
{
	unsigned int n;
	u64 sum;

	del_slot();
	set_slot(0, mem + PAGE_SIZE);
	fill(mem + PAGE_SIZE);
	n = touch_all(&sum);
	if (!ok(n >= FEW, "a slot one page off takes more faults"))
		note("%u faults", n);
	ok_eq(sum, host_sum(mem + PAGE_SIZE), "and the data is right");
	del_slot();
}

int main(void)
{
	u8 *p;

	tap_start(50);
	if (read_flag("/sys/kernel/mm/transparent_hugepage/enabled") != '[')
		skip_all("no transparent huge pages for everybody");
	if (access(TRACING "events/kvm/kvm_page_fault/enable", W_OK))
		skip_all("no tracefs");
	vm = vm_create();
	vcpu = vcpu_create(vm);
	p = mmap(NULL, TEST_SIZE + 2 * HUGE_SIZE, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		bail("mmap: %s", strerror(errno));
	mem = (u8 *)(((unsigned long)p + HUGE_SIZE - 1) & ~(HUGE_SIZE - 1));
	fill(mem);
	set_slot(0, mem);
	expect_huge("memory of huge pages");
	test_log();
	test_host();
	test_misaligned();
	vm_destroy(vm);
	return tap_done();
}
