// SPDX-License-Identifier: GPL-2.0-only
/* Guest memory of every kind of backing, and what the host may do to it. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kvm_test.h"

#define TEST_SLOT 5
#define TEST_GPA 0x40000000ul
#define HUGE_SIZE 0x200000ul
#define TEST_SIZE (2 * HUGE_SIZE)
#define NR_PAGES (TEST_SIZE / PAGE_SIZE)
#define KSM "/sys/kernel/mm/ksm/"

GUEST_CODE(sum_pages, 64,
	   "xor %eax, %eax\n 1: add (%rdi), %rax\n add $4096, %rdi\n dec %rcx\n jnz 1b\n"
	   GUEST_DONE);
GUEST_CODE(fill_pages, 64,
	   "1: mov %rax, (%rdi)\n inc %rax\n add $4096, %rdi\n dec %rcx\n jnz 1b\n" GUEST_DONE);

struct backing {
	const char *name;
	int fd;			/* -1: anonymous */
	int map_flags;
	int advice;		/* 0: none */
};

static struct vm *vm;
static struct vcpu *vcpu;

static void start(const u8 *code, const u8 *end, u64 gpa, u64 count, u64 rax)
{
	struct kvm_regs r;

	vcpu_load(vcpu, MODE_LONG64, code, end);
	vcpu_get_regs(vcpu, &r);
	r.rdi = gpa;
	r.rcx = count;
	r.rax = rax;
	vcpu_set_regs(vcpu, &r);
}

/* The guest's sum of the first words of @count pages. */
static u64 guest_sum(u64 gpa, u64 count)
{
	struct kvm_regs r;

	start(sum_pages, sum_pages_end, gpa, count, 0);
	run_until_exit(vcpu);
	vcpu_get_regs(vcpu, &r);
	return at_done(vcpu) ? r.rax : ~0ull;
}

/* The guest writes @value, @value + 1, ... to @count pages. */
static bool guest_fill(u64 gpa, u64 count, u64 value)
{
	start(fill_pages, fill_pages_end, gpa, count, value);
	run_until_exit(vcpu);
	return at_done(vcpu);
}

static u64 host_sum(const u8 *p, u64 count)
{
	u64 sum = 0;

	for (; count; count--, p += PAGE_SIZE)
		sum += *(const u64 *)p;
	return sum;
}

static u64 series(u64 first, u64 count)
{
	return first * count + count * (count - 1) / 2;
}

static u8 *map_at(void *at, const struct backing *b, int prot)
{
	u8 *p = mmap(at, TEST_SIZE, prot, b->map_flags | MAP_FIXED, b->fd, 0);

	if (p != MAP_FAILED && b->advice)
		madvise(p, TEST_SIZE, b->advice);
	return p;
}

/* Aligned address space for the slot. */
static u8 *reserve(void)
{
	u8 *p = mmap(NULL, TEST_SIZE + HUGE_SIZE, PROT_NONE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		bail("mmap: %s", strerror(errno));
	return (u8 *)(((unsigned long)p + HUGE_SIZE - 1) & ~(HUGE_SIZE - 1));
}

static void test_contents(const struct backing *b, u8 *mem)
{
	u64 i;

	ok_eq(guest_sum(TEST_GPA, NR_PAGES), 0, "%s: reads as zero untouched", b->name);
	ok(guest_fill(TEST_GPA, NR_PAGES, 5), "%s: written by the guest", b->name);
	ok_eq(host_sum(mem, NR_PAGES), series(5, NR_PAGES), "%s: seen by the host", b->name);
	for (i = 0; i < NR_PAGES; i++)
		*(u64 *)(mem + i * PAGE_SIZE) = i + 77;
	ok_eq(guest_sum(TEST_GPA, NR_PAGES), series(77, NR_PAGES), "%s: written by the host",
	      b->name);
}

/* What the host does with huge pages only, it does with two of them. */
static void test_discard(const struct backing *b, u8 *mem)
{
	bool shared = b->map_flags & MAP_SHARED;
	u64 want = series(77, NR_PAGES / 2);

	madvise(mem, HUGE_SIZE, MADV_DONTNEED);
	if (shared)
		want = series(77, NR_PAGES);
	else
		want = series(77 + NR_PAGES / 2, NR_PAGES / 2);
	ok_eq(guest_sum(TEST_GPA, NR_PAGES), want, "%s: %s by MADV_DONTNEED", b->name,
	      shared ? "kept" : "discarded");
	if (b->fd >= 0 && shared) {
		if (fallocate(b->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, HUGE_SIZE))
			skip(b->name, "cannot punch a hole");
		else
			ok_eq(guest_sum(TEST_GPA, NR_PAGES),
			      series(77 + NR_PAGES / 2, NR_PAGES / 2),
			      "%s: discarded by a hole in the file", b->name);
	}
	ok(guest_fill(TEST_GPA, NR_PAGES, 9), "%s: written after that", b->name);
	ok_eq(host_sum(mem, NR_PAGES), series(9, NR_PAGES), "%s: all of it", b->name);
}

static void test_rights(const struct backing *b, u8 *mem)
{
	mprotect(mem, TEST_SIZE, PROT_READ);
	ok_eq(guest_sum(TEST_GPA, NR_PAGES), series(9, NR_PAGES), "%s: made read-only, it is read",
	      b->name);
	start(fill_pages, fill_pages_end, TEST_GPA + HUGE_SIZE - PAGE_SIZE, 2, 1);
	ok_eq(run_until_exit(vcpu), -EFAULT, "%s: a write is EFAULT", b->name);
	mprotect(mem, TEST_SIZE, PROT_READ | PROT_WRITE);
	ok(run_until_exit(vcpu) == KVM_EXIT_IO && at_done(vcpu), "%s: and goes on when permitted",
	   b->name);
	ok_eq(*(u64 *)(mem + HUGE_SIZE), 2, "%s: where it was", b->name);
	munmap(mem, TEST_SIZE);
	start(sum_pages, sum_pages_end, TEST_GPA, 3, 0);
	ok_eq(run_until_exit(vcpu), -EFAULT, "%s: unmapped, a read is EFAULT", b->name);
	ok(map_at(mem, b, PROT_READ | PROT_WRITE) == mem, "%s: mapped again", b->name);
	ok(run_until_exit(vcpu) == KVM_EXIT_IO && at_done(vcpu), "%s: it goes on", b->name);
}

/* The pages move to other addresses and come back. */
static void test_mremap(const struct backing *b, u8 *mem)
{
	u8 *other = reserve();

	if (!guest_fill(TEST_GPA, NR_PAGES, 31))
		bail("%s: cannot write", b->name);
	if (mremap(mem, TEST_SIZE, TEST_SIZE, MREMAP_MAYMOVE | MREMAP_FIXED, other) != other) {
		skip(b->name, "cannot be moved");
		return;
	}
	start(fill_pages, fill_pages_end, TEST_GPA, 3, 1000);
	ok_eq(run_until_exit(vcpu), -EFAULT, "%s: moved away, a write is EFAULT", b->name);
	ok_eq(host_sum(other, NR_PAGES), series(31, NR_PAGES), "%s: and hits nothing", b->name);
	if (mremap(other, TEST_SIZE, TEST_SIZE, MREMAP_MAYMOVE | MREMAP_FIXED, mem) != mem)
		bail("%s: cannot be moved back", b->name);
	ok(run_until_exit(vcpu) == KVM_EXIT_IO && at_done(vcpu), "%s: moved back, it goes on",
	   b->name);
	ok_eq(*(u64 *)(mem + PAGE_SIZE), 1001, "%s: and writes there", b->name);
}

/* A shared mapping through a second address shows the guest's writes at once. */
static void test_alias(const struct backing *b)
{
	u8 *alias;

	if (b->fd < 0 || !(b->map_flags & MAP_SHARED))
		return;
	alias = mmap(NULL, TEST_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, b->fd, 0);
	ok(guest_fill(TEST_GPA, NR_PAGES, 400), "%s: written for a second mapping", b->name);
	ok_eq(host_sum(alias, NR_PAGES), series(400, NR_PAGES), "%s: which shows it", b->name);
	*(u64 *)alias = 0;
	ok_eq(guest_sum(TEST_GPA, NR_PAGES), series(400, NR_PAGES) - 400,
	      "%s: and the other way round", b->name);
	munmap(alias, TEST_SIZE);
}

static void test_backing(const struct backing *b)
{
	u8 *mem = reserve();

	if (map_at(mem, b, PROT_READ | PROT_WRITE) != mem) {
		skip(b->name, "cannot be mapped");
		return;
	}
	must(vm_set_region(vm, TEST_SLOT, 0, TEST_GPA, TEST_SIZE, mem));
	test_contents(b, mem);
	test_discard(b, mem);
	test_rights(b, mem);
	test_mremap(b, mem);
	test_alias(b);
	must(vm_set_region(vm, TEST_SLOT, 0, TEST_GPA, 0, mem));
	munmap(mem, TEST_SIZE);
}

static int temporary_file(int fd)
{
	if (fd < 0 || ftruncate(fd, TEST_SIZE))
		bail("no file: %s", strerror(errno));
	return fd;
}

static bool write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_TRUNC);
	bool done = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return done;
}

static void test_hugetlb(void)
{
	struct backing b = { "hugetlb", -1, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB };

	if (!write_file("/proc/sys/vm/nr_hugepages", "4")) {
		skip("hugetlb", "no huge pages to be had");
		return;
	}
	test_backing(&b);
	b = (struct backing){ "hugetlb memfd", memfd_create("huge", MFD_HUGETLB), MAP_SHARED };
	if (b.fd < 0) {
		skip(b.name, "no MFD_HUGETLB");
	} else {
		b.fd = temporary_file(b.fd);
		test_backing(&b);
		close(b.fd);
	}
	write_file("/proc/sys/vm/nr_hugepages", "0");
}

static long read_number(const char *path)
{
	char text[32] = "";
	int fd = open(path, O_RDONLY);

	if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0)
		text[0] = 0;
	if (fd >= 0)
		close(fd);
	return atol(text);
}

/* Equal pages become one, which the guest reads but must not write. */
static void test_ksm(void)
{
	const struct backing b = { "anonymous", -1, MAP_PRIVATE | MAP_ANONYMOUS, MADV_NOHUGEPAGE };
	u8 *mem = map_at(reserve(), &b, PROT_READ | PROT_WRITE);
	unsigned int i;

	for (i = 0; i < 16; i++)
		memset(mem + i * PAGE_SIZE, 0x42, PAGE_SIZE);
	must(vm_set_region(vm, TEST_SLOT, 0, TEST_GPA, TEST_SIZE, mem));
	ok_eq(guest_sum(TEST_GPA, 16), 16 * 0x4242424242424242ull, "pages of one content");
	if (madvise(mem, 16 * PAGE_SIZE, MADV_MERGEABLE) ||
	    !write_file(KSM "sleep_millisecs", "1") || !write_file(KSM "run", "1")) {
		skip("merged pages", "no KSM");
		return;
	}
	for (i = 0; i < 4000 && read_number(KSM "pages_sharing") < 15; i++)
		usleep(1000);
	write_file(KSM "run", "0");
	ok_eq(read_number(KSM "pages_sharing"), 15, "are merged under the guest");
	ok_eq(guest_sum(TEST_GPA, 16), 16 * 0x4242424242424242ull, "read the same");
	ok_eq(read_number(KSM "pages_sharing"), 15, "and stay merged then");
	ok(guest_fill(TEST_GPA + 3 * PAGE_SIZE, 1, 7), "one of them is written");
	ok_eq(guest_sum(TEST_GPA, 16), 15 * 0x4242424242424242ull + 7, "and no other changes");
	ok_eq(*(u64 *)(mem + 3 * PAGE_SIZE), 7, "for the host neither");
	write_file(KSM "run", "2");
	write_file(KSM "run", "0");
	ok_eq(guest_sum(TEST_GPA, 16), 15 * 0x4242424242424242ull + 7, "nor when all are unmerged");
	must(vm_set_region(vm, TEST_SLOT, 0, TEST_GPA, 0, mem));
	munmap(mem, TEST_SIZE);
}

int main(void)
{
	const int anon = MAP_PRIVATE | MAP_ANONYMOUS;
	struct backing kinds[] = {
		{ "anonymous", -1, anon, MADV_NOHUGEPAGE },
		{ "huge", -1, anon, MADV_HUGEPAGE },
		{ "shared anonymous", -1, MAP_SHARED | MAP_ANONYMOUS },
		{ "memfd", memfd_create("guest", 0), MAP_SHARED },
		{ "file", open("/tmp", O_TMPFILE | O_RDWR, 0600), MAP_SHARED },
		{ "root file", open("/memory_backing", O_CREAT | O_RDWR, 0600), MAP_SHARED },
		{ "private file", open("/tmp", O_TMPFILE | O_RDWR, 0600), MAP_PRIVATE },
	};
	unsigned int i;

	tap_start(50);
	unlink("/memory_backing");
	vm = vm_create();
	vcpu = vcpu_create(vm);
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (!(kinds[i].map_flags & MAP_ANONYMOUS)) {
			if (kinds[i].fd < 0) {
				skip(kinds[i].name, "cannot be made here");
				continue;
			}
			temporary_file(kinds[i].fd);
		}
		test_backing(&kinds[i]);
	}
	test_hugetlb();
	test_ksm();
	vm_destroy(vm);
	return tap_done();
}
