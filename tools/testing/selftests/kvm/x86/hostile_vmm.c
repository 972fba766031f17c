// SPDX-License-Identifier: GPL-2.0-only
/*
 * A VMM that means harm: threads throw valid and invalid ioctls at one VM while
 * its vCPUs run, and pull mappings and file descriptors from under it. Nothing
 * is asked of the results: the kernel stays whole, leaks nothing, and the process
 * ends when it is told to.
 *
 *	VERBOSE=1        tell how often each ioctl succeeded
 *	SEED=N           repeat a sequence (threads race, so nearly)
 *	FUZZ_SECONDS=N   go on for N seconds instead of a fixed number of rounds
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "hostile.h"
#include "../lib/tables.h"

#define ROUNDS 6
#define WARM_UP 2
#define ACTIONS 1000		/* of each attacker in a round */
#define NR_ATTACKERS 2
#define NR_RUNNERS 2
#define ROUND_SECONDS 15
#define SLACK_KB 3072

atomic_int fds[NR_KINDS][NR_FDS];
struct vm *vm;
static struct kvm_sregs sregs_of[NR_MODES];
static struct kvm_regs regs_of[NR_MODES];
static _Thread_local struct attacker *self;
/* Of all rounds' processes. */
static struct counts {
	atomic_uint actions, ioctls, taken, runs, killed, row_taken[256], row_tried[256], row_errno[256];
	atomic_bool row_unknown[256];	/* -ENOTTY: try it less */
} *counts;
static atomic_bool stop;

/* ---- actions ------------------------------------------------------------ */

static int some_fd(struct attacker *a, enum kind kind)
{
	int i, fd = -1;

	for (i = 0; i < 8 && fd < 0; i++)
		fd = atomic_load(&fds[kind][below(a, NR_FDS)]);
	return fd;
}

/* Keep @fd where others find it, in the place of another. The first ones stay. */
static void keep_fd(struct attacker *a, enum kind kind, int fd)
{
	int keep = kind == ON_VCPU ? NR_RUNNERS : 1;
	int old;

	old = atomic_exchange(&fds[kind][keep + below(a, NR_FDS - keep)], fd);
	if (old >= 0)
		close(old);
}

static void act_ioctl(struct attacker *a)
{
	const struct row *row = &rows[below(a, nr_rows)];
	/* Now and then to an fd of the wrong kind. */
	int fd = some_fd(a, below(a, 40) ? row->kind : below(a, NR_KINDS));
	unsigned long arg;
	int r;

	if (counts->row_unknown[row - rows] && below(a, 8))
		return;
	/* An attacker that runs a guest attacks nobody meanwhile. */
	if (row->cmd == KVM_RUN && below(a, 4))
		return;
	arg = row->fill(a, fd, row);
	r = ioctl(fd, row->cmd, arg);
	atomic_fetch_add(&counts->ioctls, 1);
	atomic_fetch_add(&counts->row_tried[row - rows], 1);
	if (r < 0)
		atomic_store(&counts->row_errno[row - rows], errno);
	/* The right fd: the wrong kind of it is rare. */
	if (r < 0 && errno == ENOTTY && fd == atomic_load(&fds[row->kind][0]))
		atomic_store(&counts->row_unknown[row - rows], true);
	if (r >= 0) {
		atomic_fetch_add(&counts->taken, 1);
		atomic_fetch_add(&counts->row_taken[row - rows], 1);
	}
	if (r <= 2)
		return;
	if (row->cmd == KVM_CREATE_VM)
		keep_fd(a, ON_VM, r);
	else if (row->cmd == KVM_CREATE_VCPU)
		keep_fd(a, ON_VCPU, r);
	else if (row->cmd == KVM_GET_STATS_FD)
		keep_fd(a, ON_STATS, r);
}

static void act_unknown(struct attacker *a)
{
	unsigned int type = below(a, 8) ? KVMIO : below(a, 256);
	u8 *p = place(a, 256);

	ioctl(some_fd(a, below(a, NR_KINDS)),
	      _IOC(below(a, 4), type, below(a, 256), below(a, 2) ? below(a, 512) : 0), p);
}

/* The run page and what follows it: all of it, or what KVM_RUN reads of it. */
static void act_scribble(struct attacker *a)
{
	u8 *p = (u8 *)vm->vcpu[below(a, NR_RUNNERS)].run;
	size_t size = below(a, 2) ? (size_t)vm->run_size : 256;
	unsigned int n = 1 + below(a, 40);
	u64 v;

	if (!below(a, 16)) {
		memset(p, rnd(a), size);
		return;
	}
	while (n--) {
		v = boundary(a);
		memcpy(p + below(a, size / 8) * 8, &v, 1ul << below(a, 4));
	}
}

static void act_mmap(struct attacker *a)
{
	unsigned int i = below(a, NR_MAPS);
	size_t size = (1 + below(a, 6)) * PAGE_SIZE;
	u8 *p;

	if (a->maps[i])
		munmap(a->maps[i], a->map_size[i]);
	p = mmap(NULL, size, below(a, 8), below(a, 4) ? MAP_SHARED : MAP_PRIVATE,
		 some_fd(a, below(a, 4) ? ON_VCPU : below(a, NR_KINDS)), below(a, 6) * PAGE_SIZE);
	a->maps[i] = p == MAP_FAILED ? NULL : p;
	a->map_size[i] = size;
	if (!a->maps[i])
		return;
	if (below(a, 2))
		*(volatile u8 *)(p + below(a, size)) += 1;
	if (!below(a, 4))
		mprotect(p, PAGE_SIZE, below(a, 8));
	if (!below(a, 4))
		madvise(p, size, below(a, 26));
}

/* What the guest's memory is made of changes under its feet. */
static void act_memory(struct attacker *a)
{
	const struct region *r = &vm->region[below(a, 2)];
	size_t size = (1 + below(a, 32)) * PAGE_SIZE;
	u8 *p = r->hva + below(a, (r->size - size) / PAGE_SIZE) * PAGE_SIZE;

	switch (below(a, 6)) {
	case 0:
		mprotect(p, size, PROT_NONE);
		break;
	case 1:
		mprotect(p, size, PROT_READ);
		break;
	case 2:
		mmap(p, size, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
		break;
	case 3:
		mmap(p, size, PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
		break;
	case 4:
		madvise(p, size, below(a, 2) ? MADV_DONTNEED : MADV_PAGEOUT);
		break;
	}
	mprotect(r->hva, r->size, PROT_READ | PROT_WRITE);
}

static void act_fd(struct attacker *a)
{
	enum kind kind = below(a, NR_KINDS);
	int fd = some_fd(a, kind);
	struct pollfd poll_fd = { fd, POLLIN | POLLOUT | POLLERR, 0 };

	switch (below(a, 8)) {
	case 0:
		fd = dup(fd);
		if (fd >= 0)
			keep_fd(a, kind, fd);
		break;
	case 1:
		keep_fd(a, kind, -1);
		break;
	case 2:
		syscall(SYS_read, fd, place(a, 512), below(a, 512));
		break;
	case 3:
		syscall(SYS_pread64, fd, place(a, 512), 512, boundary(a));
		break;
	case 4:
		lseek(fd, boundary(a), below(a, 4));
		break;
	case 5:
		poll(&poll_fd, 1, 0);
		break;
	case 6:
		syscall(SYS_write, fd, a->arena, below(a, 64));
		break;
	case 7:
		syscall(SYS_ftruncate, fd, boundary(a));
		break;
	}
}

static pthread_t runner_threads[NR_RUNNERS];

static void act_thread(struct attacker *a)
{
	cpu_set_t set;

	switch (below(a, 3)) {
	case 0:
		pthread_kill(runner_threads[below(a, NR_RUNNERS)], SIGUSR1);
		break;
	case 1:
		CPU_ZERO(&set);
		CPU_SET(below(a, 2), &set);
		pthread_setaffinity_np(runner_threads[below(a, NR_RUNNERS)], sizeof(set), &set);
		break;
	case 2:
		sched_yield();
		break;
	}
}

/* A child may hold everything for a while, use nothing, and make its own. */
static void act_fork(struct attacker *a)
{
	pid_t child = fork();
	int status, i;

	if (!child) {
		for (i = 0; i < 8; i++)
			act_ioctl(a);
		_exit(0);
	}
	if (child > 0)
		waitpid(child, &status, 0);
}

static void act(struct attacker *a)
{
	u32 n = below(a, 1000);

	if (n < 700)
		act_ioctl(a);
	else if (n < 740)
		act_unknown(a);
	else if (n < 820)
		act_scribble(a);
	else if (n < 860)
		act_mmap(a);
	else if (n < 900)
		act_memory(a);
	else if (n < 950)
		act_fd(a);
	else if (n < 997)
		act_thread(a);
	else
		act_fork(a);
}

/* ---- the guest ---------------------------------------------------------- */

/* A little of everything that leaves the guest. */
GUEST_CODE(noise64, 64,
	   "1: inc %ebx\n mov %bl, %al\n out %al, $0x80\n in $0x81, %al\n"
	   "mov $0x30000, %esi\n mov $0x38000, %edi\n mov $64, %ecx\n cld\n rep movsb\n"
	   "mov %ebx, 0xa0000\n mov 0xa0008, %eax\n xor %eax, %eax\n xor %ecx, %ecx\n cpuid\n"
	   "mov %ebx, %eax\n and $0x1ff000, %eax\n mov %ebx, 0x100000(%rax)\n"
	   "mov $0xc0000080, %ecx\n rdmsr\n wrmsr\n mov $0x30000, %edx\n"
	   "mov $4, %ecx\n mov $0x30000, %esi\n mov $0x80, %edx\n rep outsb\n"
	   GUEST_FEP "mov %rax, %rbx\n sti\n nop\n cli\n add $0x1003, %ebx\n"
	   "test $0x70000, %ebx\n jnz 1b\n hlt\n jmp 1b\n");
GUEST_CODE(noise32, 32,
	   "1: inc %ebx\n mov %bl, %al\n out %al, $0x80\n in $0x81, %al\n"
	   "mov $0x30000, %esi\n mov $0x38000, %edi\n mov $64, %ecx\n cld\n rep movsb\n"
	   "mov %ebx, 0xa0000\n mov 0xa0008, %eax\n xor %eax, %eax\n xor %ecx, %ecx\n cpuid\n"
	   "mov %ebx, %eax\n and $0x1ff000, %eax\n mov %ebx, 0x100000(%eax)\n"
	   "mov %cr0, %eax\n mov %eax, %cr0\n mov %cr3, %eax\n mov %eax, %cr3\n"
	   "mov $4, %ecx\n mov $0x80, %edx\n rep insb\n"
	   "sti\n nop\n cli\n add $0x1003, %ebx\n"
	   "test $0x70000, %ebx\n jnz 1b\n hlt\n jmp 1b\n");
GUEST_CODE(noise16, 16,
	   "1: inc %bx\n mov %bl, %al\n out %al, $0x80\n in $0x81, %al\n"
	   "mov %bx, 0x10\n lock incw 0x20\n mov %bx, %es:0x10\n mov %es:0x18, %ax\n"
	   "xor %eax, %eax\n xor %ecx, %ecx\n cpuid\n sti\n nop\n cli\n add $0x103, %bx\n"
	   "test $0x7000, %bx\n jnz 1b\n hlt\n jmp 1b\n");

static void write_code(enum guest_mode mode)
{
	switch (mode_bits(mode)) {
	case 16:
		vm_write(vm, CODE_GPA, noise16, noise16_end - noise16);
		break;
	case 32:
		vm_write(vm, CODE_GPA, noise32, noise32_end - noise32);
		break;
	default:
		vm_write(vm, CODE_GPA, noise64, noise64_end - noise64);
	}
}

static void escape(int sig)
{
	(void)sig;
	if (self)
		siglongjmp(self->escape, 1);
	_exit(3);
}

static void nothing(int sig)
{
	(void)sig;
}

/* Undo what attackers did to the memory and the state: the guest has something to run again. */
static void restart_guest(struct attacker *a, int fd)
{
	enum guest_mode mode = below(a, NR_MODES);
	struct kvm_sregs sregs = sregs_of[mode];
	struct kvm_regs regs = regs_of[mode];

	write_code(mode);
	ioctl(fd, KVM_SET_SREGS, &sregs);
	ioctl(fd, KVM_SET_REGS, &regs);
	if (!below(a, 4))
		write_guest_tables(vm);
}

static void *run_vcpu(void *arg)
{
	struct attacker *a = arg;
	int r, i, fd;

	self = a;
	sigsetjmp(a->escape, 1);
	while (!atomic_load(&stop)) {
		fd = atomic_load(&fds[ON_VCPU][a->done % NR_RUNNERS]);
		restart_guest(a, fd);
		for (i = 0; i < 40 && !atomic_load(&stop); i++) {
			r = ioctl(fd, KVM_RUN, 0);
			if (r && errno != EINTR)
				break;
			atomic_fetch_add(&counts->runs, !r);
			if (!r && !below(a, 4))
				break;
		}
	}
	return NULL;
}

static void *attack(void *arg)
{
	struct attacker *a = arg;

	self = a;
	sigsetjmp(a->escape, 1);
	while (a->done < ACTIONS && !atomic_load(&stop)) {
		a->done++;
		atomic_fetch_add(&counts->actions, 1);
		act(a);
	}
	return NULL;
}

/* ---- rounds ------------------------------------------------------------- */

static void init_thread(struct attacker *a, u64 seed)
{
	a->random = seed * 0x9e3779b97f4a7c15ull + 0x1234567;
	a->arena = mmap(NULL, ARENA_PAGES * PAGE_SIZE + GUARD, PROT_NONE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (a->arena == MAP_FAILED ||
	    mprotect(a->arena, ARENA_PAGES * PAGE_SIZE, PROT_READ | PROT_WRITE))
		bail("no address space");
}

/* The VM, its vCPUs, and a valid state of each mode. */
static void init_vm(void)
{
	unsigned int i, j;

	vm = vm_create();
	for (i = 0; i < NR_RUNNERS; i++)
		vcpu_create(vm);
	for (i = 0; i < NR_MODES; i++) {
		vcpu_setup(&vm->vcpu[0], i);
		vcpu_get_sregs(&vm->vcpu[0], &sregs_of[i]);
		vcpu_get_regs(&vm->vcpu[0], &regs_of[i]);
	}
	for (i = 0; i < NR_KINDS; i++)
		for (j = 0; j < NR_FDS; j++)
			atomic_store(&fds[i][j], -1);
	atomic_store(&fds[ON_DEV][0], vm->kvm_fd);
	atomic_store(&fds[ON_VM][0], vm->fd);
	atomic_store(&fds[ON_STATS][0], eventfd(0, EFD_NONBLOCK));
	for (i = 0; i < NR_RUNNERS; i++)
		atomic_store(&fds[ON_VCPU][i], vm->vcpu[i].fd);
}

/* In a process of its own, which ends with its vCPUs still running. */
static void one_round(u64 seed)
{
	static struct attacker attackers[NR_ATTACKERS], runners[NR_RUNNERS];
	pthread_t threads[NR_ATTACKERS];
	struct sigaction action = { .sa_handler = escape };
	int i;

	init_vm();
	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
	action.sa_handler = nothing;
	sigaction(SIGUSR1, &action, NULL);
	sigaction(SIGIO, &action, NULL);
	for (i = 0; i < NR_RUNNERS; i++) {
		init_thread(&runners[i], seed * 16 + i);
		runners[i].done = i;
		must(-pthread_create(&runner_threads[i], NULL, run_vcpu, &runners[i]));
	}
	for (i = 0; i < NR_ATTACKERS; i++) {
		init_thread(&attackers[i], seed * 16 + 8 + i);
		must(-pthread_create(&threads[i], NULL, attack, &attackers[i]));
	}
	for (i = 0; i < NR_ATTACKERS; i++)
		pthread_join(threads[i], NULL);
	_exit(0);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

/* Wait for @child until @end; true when it is gone. */
static bool gone_by(pid_t child, double end, int *status)
{
	while (waitpid(child, status, WNOHANG) != child) {
		if (now() > end)
			return false;
		usleep(5000);
	}
	return true;
}

/* True when the process of the round came to an end. */
static bool run_round(u64 seed)
{
	pid_t child = fork();
	int status = 0;

	if (!child)
		one_round(seed);
	if (gone_by(child, now() + ROUND_SECONDS * test_slowness(), &status))
		return !status || (note("its status is %#x", status), false);
	/* A guest that loops for ever, or a mask that keeps signals out: no harm in that. */
	atomic_fetch_add(&counts->killed, 1);
	kill(child, SIGKILL);
	if (gone_by(child, now() + ROUND_SECONDS * test_slowness(), &status))
		return true;
	note("process %d does not die", child);
	return false;
}

static long env_number(const char *name, long other)
{
	const char *value = getenv(name);

	return value && *value ? strtol(value, NULL, 0) : other;
}

/* What was tried: a run in which nothing succeeds would test little. */
static void report_counts(void)
{
	unsigned int i, rows_taken = 0;

	for (i = 0; i < nr_rows; i++) {
		rows_taken += !!counts->row_taken[i];
		if (getenv("VERBOSE"))
			note("%s: %u of %u, last %s", rows[i].name, counts->row_taken[i],
			     counts->row_tried[i], strerrorname_np(counts->row_errno[i]));
	}
	note("%u actions, %u ioctls, %u taken, %u of %u kinds, %u exits of guests, %u rounds killed",
	     counts->actions, counts->ioctls, counts->taken, rows_taken, nr_rows,
	     counts->runs, counts->killed);
	ok(counts->taken && counts->runs, "some ioctls succeed, and guests run");
}

static void check_memory(const struct kernel_memory *before)
{
	struct kernel_memory after;

	kernel_memory(&after);
	note("slab %ld -> %ld KiB, page tables %ld -> %ld KiB, module users %ld -> %ld",
	     before->slab_kb, after.slab_kb, before->tables_kb, after.tables_kb,
	     before->module_users, after.module_users);
	ok_eq(after.module_users, before->module_users, "no file descriptor is left");
	if (kernel_memory_lags())
		skip("kernel memory", "this kernel keeps what is freed for a while");
	else
		ok(after.slab_kb < before->slab_kb + SLACK_KB &&
		   after.tables_kb < before->tables_kb + SLACK_KB, "kernel memory does not grow");
}

int main(void)
{
	long seed = env_number("SEED", 0), seconds = env_number("FUZZ_SECONDS", 0);
	struct kernel_memory before;
	unsigned int round, bad = 0;
	double end;

	tap_start(seconds + 55);
	close(open_kvm());
	if (!kvm_is_ours())
		skip_all("too slow on modules that start a thread for each VM");
	if (!seed)
		seed = (time(NULL) ^ getpid()) & 0xffffff;
	note("SEED=%ld", seed);
	counts = mmap(NULL, sizeof(*counts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (counts == MAP_FAILED)
		bail("out of memory");
	for (round = 0; round < WARM_UP; round++)
		bad += !run_round(seed + round);
	kernel_memory(&before);
	end = now() + seconds;
	for (; round < WARM_UP + ROUNDS || now() < end; round++) {
		if (!run_round(seed + round)) {
			note("in the round that SEED=%ld begins with", seed + round);
			bad++;
		}
	}
	ok_eq(bad, 0, "%u rounds of hostile ioctls", round);
	report_counts();
	check_memory(&before);
	return tap_done();
}
