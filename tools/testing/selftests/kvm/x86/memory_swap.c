// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host swaps guest memory out, moves it, and asks whether the guest used it:
 * the guest keeps all that it wrote, and keeps what it uses.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "kvm_test.h"

#define TEST_SLOT 5
#define TEST_GPA 0x40000000ul
#define HUGE_SIZE 0x200000ul
#define TEST_SIZE HUGE_SIZE
#define NR_PAGES (TEST_SIZE / PAGE_SIZE)
#define ROUNDS 8
#define MOVES 2u
#define FILLER_SIZE (2 * TEST_SIZE)
#define SWAP_SIZE (64ul << 20)
#define ZRAM "/dev/zram0"
#define ZRAM_SYSFS "/sys/block/zram0/"
#define IDLE_BITMAP "/sys/kernel/mm/page_idle/bitmap"
#define FREE_LISTS "/proc/sys/vm/percpu_pagelist_high_fraction"
#define PORT_WRONG 0xe6

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT 21
#endif
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif

/* Bits of an entry of /proc/self/pagemap. */
#define PM_FRAME ((1ull << 55) - 1)
#define PM_SWAP (1ull << 62)
#define PM_PRESENT (1ull << 63)

GUEST_CODE(sum_pages, 64,
	   "xor %eax, %eax\n 1: add (%rdi), %rax\n add %rdx, %rdi\n dec %rcx\n jnz 1b\n"
	   GUEST_DONE);
GUEST_CODE(fill_pages, 64,
	   "1: mov %rax, (%rdi)\n inc %rax\n add %rdx, %rdi\n dec %rcx\n jnz 1b\n" GUEST_DONE);
/* Each page holds the number of passes so far, or the guest says so. */
GUEST_CODE(count_passes, 64,
	   GUEST_INTERRUPTIBLE "1: mov %r9, %rdi\n mov %r10, %rcx\n"
	   "2: cmp %r8, (%rdi)\n jne 3f\n incq (%rdi)\n add $4096, %rdi\n dec %rcx\n jnz 2b\n"
	   "inc %r8\n mov %r8, 0x30000\n cmp %r11, %r8\n jne 1b\n" GUEST_DONE
	   "3: out %al, $" GUEST_STR(PORT_WRONG) "\n");

static struct vm *vm;
static struct vcpu *vcpu;
static u8 *mem;
static u64 map[NR_PAGES], frames[NR_PAGES];
static int pagemap;
static pthread_t thread;
static int thread_result;
static volatile bool stop;
static const char *no_swap;	/* why there is none */
static bool own_swap;

/* ---- the guest ---------------------------------------------------------- */

static void start(const u8 *code, const u8 *end, u64 first, u64 count, u64 step, u64 rax)
{
	struct kvm_regs r;

	vcpu_load(vcpu, MODE_LONG64, code, end);
	vcpu_get_regs(vcpu, &r);
	r.rdi = TEST_GPA + first * PAGE_SIZE;
	r.rcx = count;
	r.rdx = step * PAGE_SIZE;
	r.rax = rax;
	vcpu_set_regs(vcpu, &r);
}

/* The guest's sum of the first words of @count pages, every @step-th from @first on. */
static u64 guest_sum(u64 first, u64 count, u64 step)
{
	struct kvm_regs r;

	start(sum_pages, sum_pages_end, first, count, step, 0);
	run_until_exit(vcpu);
	vcpu_get_regs(vcpu, &r);
	return at_done(vcpu) ? r.rax : ~0ull;
}

/* The guest writes @value, @value + 1, ... there. */
static void guest_fill(u64 first, u64 count, u64 step, u64 value)
{
	start(fill_pages, fill_pages_end, first, count, step, value);
	run_until_exit(vcpu);
	if (!at_done(vcpu))
		bail("the guest cannot write");
}

static u64 host_sum(u64 first, u64 count, u64 step)
{
	u64 sum = 0;

	for (; count; count--, first += step)
		sum += *(volatile u64 *)(mem + first * PAGE_SIZE);
	return sum;
}

static u64 series(u64 first, u64 count)
{
	return first * count + count * (count - 1) / 2;
}

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

static u64 passes(void)
{
	return __atomic_load_n((u64 *)gpa_to_hva(vm, DATA_GPA), __ATOMIC_RELAXED);
}

/* Two passes more, or the end of the guest; the limit of time is the test's. */
static void wait_for_guest(void)
{
	u64 until = passes() + 2;

	while (passes() < until && thread_result != 0)
		sched_yield();
}

static void load_counting(u64 count, u64 limit)
{
	struct kvm_regs r;

	*(u64 *)gpa_to_hva(vm, DATA_GPA) = 0;
	load_code(vcpu, MODE_LONG64, count_passes);
	vcpu_get_regs(vcpu, &r);
	r.r8 = 0;
	r.r9 = TEST_GPA;
	r.r10 = count;
	r.r11 = limit;
	vcpu_set_regs(vcpu, &r);
}

/* On fresh memory. */
static void start_counting(void)
{
	load_counting(NR_PAGES, ~0ull);
	stop = false;
	thread_result = -EINTR;
	pthread_create(&thread, NULL, run_guest, NULL);
	wait_for_guest();
}

/* The pages that the last pass did have one more. */
static void stop_counting(const char *name)
{
	u64 i, done, wrong = 0;
	struct kvm_regs r;

	stop = true;
	vcpu->run->immediate_exit = 1;
	pthread_kill(thread, SIGUSR1);
	pthread_join(thread, NULL);
	vcpu->run->immediate_exit = 0;
	if (!ok_eq(thread_result, -EINTR, "%s: the guest found in each page what it wrote", name))
		note("%s", describe_exit(vcpu, vcpu->run->exit_reason));
	vcpu_get_regs(vcpu, &r);
	done = (r.rdi - TEST_GPA) / PAGE_SIZE;
	for (i = 0; i < NR_PAGES; i++) {
		u64 count = *(u64 *)(mem + i * PAGE_SIZE);

		/* It may stop between the increment and the step. */
		if (i == done || done >= NR_PAGES ? count - passes() > 1 :
		    count != passes() + (i < done))
			wrong++;
	}
	ok_eq(wrong, 0, "%s: so does the host, after %llu passes", name,
	      (unsigned long long)passes());
}

/* ---- the host ------------------------------------------------------------ */

static bool write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool done = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return done;
}

static void read_map(u64 *entries)
{
	off_t at = (unsigned long)mem / PAGE_SIZE * 8;

	if (pread(pagemap, entries, NR_PAGES * 8, at) != NR_PAGES * 8)
		bail("/proc/self/pagemap: %s", strerror(errno));
}

/* How many of the pages, every @step-th from @first on, have one of @bits. */
static unsigned int count_bits(u64 first, u64 step, u64 bits)
{
	unsigned int count = 0;

	read_map(map);
	for (; first < NR_PAGES; first += step)
		count += !!(map[first] & bits);
	return count;
}

/* Fresh memory in the slot. */
static void fresh_memory(u32 flags, int map_flags, int fd, int advice)
{
	vm_set_region(vm, TEST_SLOT, 0, TEST_GPA, 0, mem);
	if (mmap(mem, TEST_SIZE, PROT_READ | PROT_WRITE, map_flags | MAP_FIXED, fd, 0) != mem)
		bail("mmap: %s", strerror(errno));
	if (advice)
		madvise(mem, TEST_SIZE, advice);
	must(vm_set_region(vm, TEST_SLOT, flags, TEST_GPA, TEST_SIZE, mem));
}

static void anonymous_memory(u32 flags)
{
	fresh_memory(flags, MAP_PRIVATE | MAP_ANONYMOUS, -1, MADV_NOHUGEPAGE);
}

/* Once takes what nobody used since the last time; a used page has a second chance. */
static void page_out(unsigned int times)
{
	while (times--)
		if (madvise(mem, TEST_SIZE, MADV_PAGEOUT))
			bail("MADV_PAGEOUT: %s", strerror(errno));
}

/* Every ROUNDS-th page, twice in a row. Returns how many were seen to be out. */
static unsigned int page_out_some(unsigned int first)
{
	unsigned int i, out = 0;
	u64 entry;

	for (i = first; i < NR_PAGES; i += ROUNDS) {
		u8 *p = mem + i * PAGE_SIZE;

		if (madvise(p, PAGE_SIZE, MADV_PAGEOUT) || madvise(p, PAGE_SIZE, MADV_PAGEOUT))
			bail("MADV_PAGEOUT: %s", strerror(errno));
		if (pread(pagemap, &entry, 8, (unsigned long)p / PAGE_SIZE * 8) == 8)
			out += !!(entry & PM_SWAP);
	}
	return out;
}

/* What mkswap does: one page that says so. */
static bool make_swap(const char *path)
{
	static u8 page[PAGE_SIZE];
	u32 *info = (u32 *)(page + 1024);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool done;

	info[0] = 1;				/* version */
	info[1] = SWAP_SIZE / PAGE_SIZE - 1;	/* last page */
	memcpy(page + PAGE_SIZE - 10, "SWAPSPACE2", 10);
	done = fd >= 0 && write(fd, page, PAGE_SIZE) == PAGE_SIZE && !fsync(fd);
	if (fd >= 0)
		close(fd);
	return done;
}

static bool swap_is_on(void)
{
	char line[256];
	FILE *f = fopen("/proc/swaps", "r");
	bool on = f && fgets(line, sizeof(line), f) && fgets(line, sizeof(line), f);

	if (f)
		fclose(f);
	return on;
}

/* Where swapping is to: this machine's own, or compressed memory. NULL, or why not. */
static const char *start_swapping(void)
{
	char size[32];

	if (access("/proc/swaps", R_OK))
		return "no swapping in this kernel";
	if (swap_is_on())
		return NULL;
	if (access(ZRAM_SYSFS "disksize", W_OK) && system("modprobe zram >/dev/null 2>&1"))
		return "no swap space, and no zram";
	snprintf(size, sizeof(size), "%lu", SWAP_SIZE);
	if (!write_file(ZRAM_SYSFS "disksize", size))
		return "no swap space, and zram is in use or not ours to take";
	own_swap = true;
	if (!make_swap(ZRAM) || swapon(ZRAM, 0)) {
		write_file(ZRAM_SYSFS "reset", "1");
		own_swap = false;
		return "zram cannot be swapped to";
	}
	return NULL;
}

static void stop_swapping(void)
{
	if (!own_swap)
		return;
	ok(!swapoff(ZRAM), "swapping ends");
	write_file(ZRAM_SYSFS "reset", "1");
}

/* ---- swapping ------------------------------------------------------------ */

static void test_contents(const char *name, int advice)
{
	u64 half = NR_PAGES / 2;

	fresh_memory(0, MAP_PRIVATE | MAP_ANONYMOUS, -1, advice);
	guest_fill(0, NR_PAGES, 1, 123);
	page_out(3);
	ok_eq(count_bits(0, 1, PM_SWAP), NR_PAGES, "%s: are all swapped out", name);
	ok_eq(guest_sum(0, NR_PAGES, 1), series(123, NR_PAGES), "%s: read by the guest", name);
	ok_eq(count_bits(0, 1, PM_SWAP), 0, "%s: which brings them in", name);
	/* They came in by reading: only the guest's writing makes them differ from swap. */
	guest_fill(0, half, 2, 456);
	page_out(3);
	ok_eq(count_bits(0, 1, PM_SWAP), NR_PAGES, "%s: go out once more, half of them written",
	      name);
	ok_eq(host_sum(0, half, 2), series(456, half), "%s: the host has what was written", name);
	ok_eq(guest_sum(0, half, 2), series(456, half), "%s: so has the guest", name);
	ok_eq(guest_sum(1, half, 2), series(123 + 1, half) + half * (half - 1) / 2,
	      "%s: and the other half", name);
	page_out(3);
	guest_fill(0, NR_PAGES, 1, 789);
	ok_eq(host_sum(0, NR_PAGES, 1), series(789, NR_PAGES), "%s: out, they are written", name);
}

/*
 * Pages that are clean and writable for the host: the guest's second-level
 * dirty bit is all that tells of the guest's write.
 */
static void test_freed(void)
{
	u64 half = NR_PAGES / 2;

	anonymous_memory(0);
	guest_fill(0, NR_PAGES, 1, 1000);
	if (madvise(mem, TEST_SIZE, MADV_FREE)) {
		skip("pages the host may drop", "no MADV_FREE");
		return;
	}
	guest_fill(0, half, 2, 2000);
	page_out(4);
	ok_eq(count_bits(1, 2, PM_PRESENT | PM_SWAP), 0, "pages the host may drop, it drops");
	ok_eq(guest_sum(1, half, 2), 0, "the guest reads them as zero");
	ok_eq(guest_sum(0, half, 2), series(2000, half), "but what it wrote since is there");
}

static unsigned int resident(void)
{
	unsigned char core[NR_PAGES];
	unsigned int i, in = 0;

	if (mincore(mem, TEST_SIZE, core))
		bail("mincore: %s", strerror(errno));
	for (i = 0; i < NR_PAGES; i++)
		in += core[i] & 1;
	return in;
}

/* A hole that was read is a clean page, writable for the host: its dirty bit is ours. */
static void test_memfd(void)
{
	int fd = memfd_create("guest", MFD_CLOEXEC);

	if (fd < 0 || ftruncate(fd, TEST_SIZE))
		bail("memfd: %s", strerror(errno));
	fresh_memory(0, MAP_SHARED, fd, 0);
	ok_eq(host_sum(0, NR_PAGES, 1), 0, "memfd: read by the host");
	guest_fill(0, NR_PAGES, 1, 50);
	page_out(4);
	ok(resident() <= NR_PAGES / 8, "memfd: swapped out, %u pages stay", resident());
	ok_eq(guest_sum(0, NR_PAGES, 1), series(50, NR_PAGES), "memfd: what the guest wrote");
	ok_eq(host_sum(0, NR_PAGES, 1), series(50, NR_PAGES), "memfd: for the host as well");
	close(fd);
}

static void get_log(u64 *bits)
{
	struct kvm_dirty_log log = { .slot = TEST_SLOT, .dirty_bitmap = bits };

	must(kvm_ioctl(vm->fd, KVM_GET_DIRTY_LOG, &log));
}

static unsigned int logged(const u64 *bits)
{
	unsigned int i, n = 0;

	for (i = 0; i < NR_PAGES; i++)
		n += bits[i / 64] >> (i % 64) & 1;
	return n;
}

/* What goes out and comes in is no write; a write is, wherever the page was. */
static void test_log(void)
{
	u64 bits[NR_PAGES / 64];

	anonymous_memory(KVM_MEM_LOG_DIRTY_PAGES);
	guest_fill(0, NR_PAGES, 1, 5);
	page_out(3);
	ok_eq(count_bits(0, 1, PM_SWAP), NR_PAGES, "logged pages are swapped out");
	get_log(bits);
	ok_eq(logged(bits), NR_PAGES, "the log has them nevertheless");
	ok_eq(guest_sum(0, NR_PAGES, 1), series(5, NR_PAGES), "read back");
	get_log(bits);
	ok_eq(logged(bits), 0, "is not logged");
	page_out(3);
	guest_fill(3, 8, 64, 100);
	get_log(bits);
	ok(logged(bits) == 8 && bits[0] == 8 && bits[7] == 8, "written while out, it is");
	ok_eq(guest_sum(3, 8, 64), series(100, 8), "and is there");
	ok_eq(guest_sum(0, NR_PAGES, 1), series(5, NR_PAGES) + series(100, 8) -
	      8 * (5 + 3) - 64 * 28, "as is the rest");
}

/*
 * Guest and host take turns on one CPU from here on. On another one the guest uses
 * every page again before its second chance is over; and of the pages that came in
 * on another CPU, MADV_PAGEOUT leaves those which that one keeps off the lists yet.
 */
static void stay_on_one_cpu(void)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	if (sched_setaffinity(0, sizeof(one), &one))
		bail("sched_setaffinity: %s", strerror(errno));
}

/* Copy what the log names: in the end the copy is the memory. */
static void test_running(bool log)
{
	const char *name = log ? "swapped while it writes, logged" : "swapped while it writes";
	u8 *copy = malloc(TEST_SIZE);
	u64 bits[NR_PAGES / 64];
	unsigned int i, round, out = 0;

	anonymous_memory(log ? KVM_MEM_LOG_DIRTY_PAGES : 0);
	start_counting();
	for (round = 0; round < ROUNDS; round++) {
		out += page_out_some(round);
		wait_for_guest();
		if (!log && round < ROUNDS - 1)
			continue;
		if (round == ROUNDS - 1)
			stop_counting(name);
		if (!log)
			break;
		get_log(bits);
		for (i = 0; i < NR_PAGES; i++)
			if (bits[i / 64] >> (i % 64) & 1)
				memcpy(copy + i * PAGE_SIZE, mem + i * PAGE_SIZE, PAGE_SIZE);
	}
	ok(out, "%s: %u times a page went out", name, out);
	page_out(3);
	ok_eq(count_bits(0, 1, PM_SWAP), NR_PAGES, "%s: at rest, all of it goes out", name);
	if (log)
		ok(!memcmp(copy, mem, TEST_SIZE), "%s: the copy is the memory", name);
	free(copy);
}

/* ---- more memory than there is ------------------------------------------- */

static const char *const group_mounts[] = { "/sys/fs/cgroup", "/tmp/memory_swap" };
static char group[64];

static bool group_file(const char *name, const char *text)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", group, name);
	return write_file(path, text);
}

/* A memory cgroup of @limit bytes, with this process in it. NULL, or why not. */
static const char *enter_group(unsigned long limit)
{
	const char *at = group_mounts[0];
	char path[128], text[32];

	snprintf(path, sizeof(path), "%s/cgroup.controllers", at);
	if (access(path, R_OK)) {
		at = group_mounts[1];
		mkdir(at, 0700);
		if (mount("none", at, "cgroup2", 0, NULL))
			return "no cgroup2";
	}
	snprintf(path, sizeof(path), "%s/cgroup.subtree_control", at);
	write_file(path, "+memory");
	snprintf(group, sizeof(group), "%s/memory_swap", at);
	mkdir(group, 0700);
	snprintf(text, sizeof(text), "%lu", limit);
	if (!group_file("memory.max", text))
		return "no memory controller of cgroup2";
	return group_file("cgroup.procs", "0") ? NULL : "the cgroup cannot be entered";
}

static void leave_group(void)
{
	char path[128];

	snprintf(path, sizeof(path), "%.*s/cgroup.procs", (int)(strrchr(group, '/') - group),
		 group);
	if (group[0])
		write_file(path, "0");
	rmdir(group);
	if (!umount(group_mounts[1]))
		rmdir(group_mounts[1]);
}

/* The guest has four times what its cgroup may have: each page comes and goes. */
static void test_pressure(void)
{
	const u64 size = 4 * TEST_SIZE, count = size / PAGE_SIZE, limit = 3;
	const char *why = enter_group(TEST_SIZE);
	u64 i, wrong = 0, in = 0;
	u8 *p, *core;

	if (why) {
		skip("more guest memory than memory", why);
		leave_group();
		return;
	}
	vm_set_region(vm, TEST_SLOT, 0, TEST_GPA, 0, mem);
	p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	must(vm_set_region(vm, TEST_SLOT, 0, TEST_GPA, size, p));
	load_counting(count, limit);
	expect_done(vcpu, "more guest memory than memory: written and found again");
	core = malloc(count);
	mincore(p, size, core);
	for (i = 0; i < count; i++)
		in += core[i] & 1;
	ok(in < count / 2, "more guest memory than memory: %llu of %llu pages are there",
	   (unsigned long long)in, (unsigned long long)count);
	for (i = 0; i < size; i += PAGE_SIZE)
		wrong += *(u64 *)(p + i) != limit;
	ok_eq(wrong, 0, "more guest memory than memory: all of it for the host");
	free(core);
	must(vm_set_region(vm, TEST_SLOT, 0, TEST_GPA, 0, p));
	munmap(p, size);
	leave_group();
}

/* ---- who used what -------------------------------------------------------- */

/* From Linux 6.9 on MADV_PAGEOUT takes pages without asking. */
static bool pageout_asks(void)
{
	int major = 0, minor = 0;
	struct utsname name;

	uname(&name);
	sscanf(name.release, "%d.%d", &major, &minor);
	return major < 6 || (major == 6 && minor < 9);
}

/* Reclaim asks the notifier; what the guest used since the last time stays. */
static void test_second_chance(bool write)
{
	const char *name = write ? "written" : "read";
	u64 half = NR_PAGES / 2;

	if (!pageout_asks()) {
		skip("a second chance", "MADV_PAGEOUT asks nobody in this kernel");
		return;
	}
	anonymous_memory(0);
	guest_fill(0, NR_PAGES, 1, 5);
	page_out(1);
	ok_eq(count_bits(0, 1, PM_SWAP), 0, "pages just written have a second chance");
	if (write)
		guest_fill(1, half, 2, 5);
	else
		guest_sum(1, half, 2);
	page_out(1);
	ok_eq(count_bits(1, 2, PM_SWAP), 0, "pages %s since have another", name);
	ok_eq(count_bits(0, 2, PM_SWAP), half, "the others go out");
	page_out(1);
	ok_eq(count_bits(1, 2, PM_SWAP), half, "and those the next time");
}

/*
 * Bits of the pages' frames in the bitmap: write ones, or read. A word that the
 * end of memory cuts off reads as nothing.
 */
static unsigned int idle_pages(int fd, bool set, u64 first, u64 step)
{
	unsigned int n = 0;
	u64 word;

	read_map(map);
	for (; first < NR_PAGES; first += step) {
		u64 frame = map[first] & PM_FRAME;

		word = 1ull << (frame % 64);
		if (set && pwrite(fd, &word, 8, frame / 64 * 8) < 0)
			bail("page_idle: %s", strerror(errno));
		if (!set && pread(fd, &word, 8, frame / 64 * 8) != 8)
			word = 0;
		n += word >> (frame % 64) & 1;
	}
	return n;
}

static void test_idle(void)
{
	int fd = open(IDLE_BITMAP, O_RDWR | O_CLOEXEC);
	u64 half = NR_PAGES / 2;
	unsigned int odd;

	if (fd < 0) {
		skip("idle pages", "no " IDLE_BITMAP);
		return;
	}
	anonymous_memory(0);
	guest_fill(0, NR_PAGES, 1, 5);
	idle_pages(fd, true, 0, 1);
	odd = idle_pages(fd, false, 1, 2);
	/* Not those that a CPU has not put on a list yet. */
	ok(odd + idle_pages(fd, false, 0, 2) >= NR_PAGES - 64, "pages are idle");
	guest_sum(0, half, 2);
	ok_eq(idle_pages(fd, false, 0, 2), 0, "those that the guest reads are not");
	ok_eq(idle_pages(fd, false, 1, 2), odd, "the others are");
	guest_fill(1, half, 2, 6);
	ok_eq(idle_pages(fd, false, 1, 2), 0, "until it writes them");
	close(fd);
}

/* ---- migration ------------------------------------------------------------- */

static unsigned int moved(void)
{
	unsigned int i, n = 0;

	read_map(map);
	for (i = 0; i < NR_PAGES; i++)
		n += (map[i] & PM_PRESENT) && (map[i] & PM_FRAME) != (frames[i] & PM_FRAME);
	return n;
}

/* Every page to node @node. */
static void move_pages_to(int node)
{
	static void *pages[NR_PAGES];
	static int nodes[NR_PAGES], status[NR_PAGES];
	unsigned int i;

	for (i = 0; i < NR_PAGES; i++) {
		pages[i] = mem + i * PAGE_SIZE;
		nodes[i] = node;
	}
	syscall(SYS_move_pages, 0, NR_PAGES, pages, nodes, status, 2 /* MPOL_MF_MOVE */);
}

/*
 * Compaction moves pages up into blocks that are partly in use: every second page
 * of those that were taken after the guest's is given back, some more each round.
 */
static void compact(u8 *filler, unsigned int round)
{
	u8 *p = filler + round * FILLER_SIZE, *end = p + FILLER_SIZE;

	for (; p < end; p += 2 * PAGE_SIZE)
		madvise(p, PAGE_SIZE, MADV_DONTNEED);
	write_file("/proc/sys/vm/compact_memory", "1");
}

static void test_migration(void)
{
	u8 *filler = mmap(NULL, MOVES * FILLER_SIZE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	bool nodes = !access("/sys/devices/system/node/node1", F_OK);
	unsigned int round, n = 0;

	anonymous_memory(0);
	memset(mem, 0, TEST_SIZE);
	madvise(filler, MOVES * FILLER_SIZE, MADV_NOHUGEPAGE);
	memset(filler, 1, MOVES * FILLER_SIZE);
	/* Holes that CPUs keep to themselves are none. */
	write_file(FREE_LISTS, "100000");
	start_counting();
	for (round = 0; round < MOVES; round++) {
		read_map(frames);
		if (nodes)
			move_pages_to(!(round & 1));
		else
			compact(filler, round);
		n += moved();
		wait_for_guest();
	}
	stop_counting("moved while it writes");
	write_file(FREE_LISTS, "0");
	munmap(filler, MOVES * FILLER_SIZE);
	if (nodes)
		ok(n >= NR_PAGES / 2, "to other nodes, %u times a page", n);
	else if (n)
		ok(n, "by compaction, %u times a page", n);
	else
		skip("pages moved", "one memory node, and compaction found no place");
}

/* Small pages become a huge one and the other way round, under the guest's writes. */
static void test_collapse(void)
{
	unsigned int round, i, n = 0;

	anonymous_memory(0);
	start_counting();
	madvise(mem, TEST_SIZE, MADV_HUGEPAGE);
	for (round = 0; round < 4; round++) {
		read_map(frames);
		for (i = 0; i < 3 && madvise(mem, TEST_SIZE, MADV_COLLAPSE); i++)
			note("MADV_COLLAPSE: %s", strerror(errno));
		n += moved();
		wait_for_guest();
		page_out(2);
		wait_for_guest();
	}
	stop_counting("made huge while it writes");
	if (n)
		ok(n, "made huge while it writes: %u times a page was moved", n);
	else
		skip("pages moved into a huge one", "no MADV_COLLAPSE, or no huge page to be had");
}

int main(void)
{
	struct sigaction action = { .sa_handler = nothing };

	tap_start(55);
	sigaction(SIGUSR1, &action, NULL);
	pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	if (geteuid() || pagemap < 0)
		skip_all("needs root and /proc/self/pagemap");
	vm = vm_create();
	vcpu = vcpu_create(vm);
	mem = mmap(NULL, TEST_SIZE + HUGE_SIZE, PROT_NONE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	mem += -(unsigned long)mem & (HUGE_SIZE - 1);
	no_swap = start_swapping();
	test_migration();
	test_collapse();
	stay_on_one_cpu();
	test_idle();
	test_freed();
	if (no_swap) {
		skip("swapping", no_swap);
	} else {
		test_contents("pages", MADV_NOHUGEPAGE);
		test_contents("huge pages", MADV_HUGEPAGE);
		test_memfd();
		test_log();
		test_second_chance(false);
		test_second_chance(true);
		test_running(false);
		test_running(true);
		test_pressure();
	}
	vm_destroy(vm);
	stop_swapping();
	return tap_done();
}
