// SPDX-License-Identifier: GPL-2.0-only
/*
 * What every ioctl refuses, whatever it does: pointers to nowhere and structures
 * that end there, file descriptors of another kind, numbers that are nearly
 * right, other processes. And that a refusal changes nothing.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kvm_ioctls.h"

#define MAX_ROWS 128
#define MAX_STATE 8192
#define EDGE_PAGES 8

GUEST_CODE(work, 64, "mov $0x1234, %eax\n" GUEST_DONE);

static struct vm *vm;
static struct vcpu *vcpu;
static int fds[NR_KINDS];
static bool implemented[MAX_ROWS];
static u8 *edge;	/* the page before is mapped, this is not */
static u8 *readonly;	/* pages that cannot be written */

/* ---- what must not change ------------------------------------------------ */

/* Every structure of fixed size that the vCPU gives out, one after the other. */
struct snapshot {
	u8 state[MAX_ROWS][MAX_STATE];
};

static struct snapshot before, after;

static void take(struct snapshot *s)
{
	unsigned int i;

	memset(s, 0, sizeof(*s));
	for (i = 0; i < nr_kvm_ioctl_rows; i++) {
		const struct kvm_ioctl_row *row = &kvm_ioctl_rows[i];

		/* KVM_GET_XSAVE2 has no size of its own, and tells what XSAVE does. */
		if (!implemented[i] || row->kind != ON_VCPU || row->arg != ARG_OUT ||
		    row->cmd == KVM_GET_XSAVE2)
			continue;
		if (_IOC_SIZE(row->cmd) > MAX_STATE)
			bail("%s is too large", row->name);
		must(kvm_ioctl(vcpu->fd, row->cmd, s->state[i]));
	}
}

static bool unchanged(void)
{
	unsigned int i;
	bool same = true;

	take(&after);
	for (i = 0; i < nr_kvm_ioctl_rows; i++) {
		if (!memcmp(before.state[i], after.state[i], MAX_STATE))
			continue;
		note("%s says something else", kvm_ioctl_rows[i].name);
		same = false;
	}
	before = after;
	return same;
}

/* ---- pointers ------------------------------------------------------------ */

static void map_edges(void)
{
	u8 *p = mmap(NULL, (EDGE_PAGES + 1) * PAGE_SIZE, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	readonly = mmap(NULL, EDGE_PAGES * PAGE_SIZE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS,
			-1, 0);
	if (p == MAP_FAILED || readonly == MAP_FAILED)
		bail("mmap: %s", strerror(errno));
	edge = p + EDGE_PAGES * PAGE_SIZE;
	munmap(edge, PAGE_SIZE);
}

/* Memory of which all but the last byte of @size is there. */
static void *cut_off(u32 size)
{
	return edge - (size - 1);
}

static void test_row_pointers(const struct kvm_ioctl_row *row)
{
	u32 size = _IOC_SIZE(row->cmd);
	const struct {
		const char *what;
		void *p;
	} bad[] = {
		{ "near 0", (void *)8 },
		{ "in the kernel", (void *)0xffff888000000000ul },
		{ "not canonical", (void *)(1ul << 62) },
		{ "at the end of user space", (void *)(0x7ffffffff000ul - size + 1) },
		{ "at the end of everything", (void *)(~0ul - size + 2) },
		{ "without its last byte", cut_off(size) },
		/* Last: only what is written may not be here. */
		{ "read-only", readonly },
	};
	unsigned int i, n = ARRAY_SIZE(bad) - (row->arg != ARG_OUT), good = 0;

	for (i = 0; i < n; i++) {
		int r = kvm_ioctl(fds[row->kind], row->cmd, bad[i].p);

		if (r == -EFAULT)
			good++;
		else
			note("%s: %s: %d", row->name, bad[i].what, r);
	}
	ok_eq(good, n, "%s: %s: bad pointers are EFAULT", kind_name(row->kind), row->name);
	if (row->kind == ON_VCPU && row->arg != ARG_OUT)
		ok(unchanged(), "%s: and change nothing", row->name);
}

static void test_pointers(void)
{
	unsigned int i;

	for (i = 0; i < nr_kvm_ioctl_rows; i++) {
		const struct kvm_ioctl_row *row = &kvm_ioctl_rows[i];

		if (implemented[i] && (row->arg == ARG_IN || row->arg == ARG_OUT ||
				       row->arg == ARG_INOUT))
			test_row_pointers(row);
	}
}

/* Structures with an array behind them: the array ends early. */
static void test_arrays(void)
{
	const u32 entry = sizeof(struct kvm_cpuid_entry2), msr = sizeof(struct kvm_msr_entry);
	struct kvm_signal_mask *mask = cut_off(sizeof(*mask) + 8);
	struct kvm_cpuid2 *cpuid = cut_off(sizeof(*cpuid) + 2 * entry);
	struct kvm_msrs *msrs = cut_off(sizeof(*msrs) + 2 * msr);
	struct kvm_msr_list *list;
	struct kvm_cpuid2 *all = get_supported_cpuid(vm->kvm_fd);
	u32 n = all->nent;

	memcpy(cpuid, all, sizeof(*all) + entry);
	cpuid->nent = 2;
	ok_eq(kvm_ioctl(vcpu->fd, KVM_SET_CPUID2, cpuid), -EFAULT, "SET_CPUID2, array cut off");
	ok(unchanged(), "and nothing changed");
	cpuid = cut_off(sizeof(*cpuid) + n * entry);
	cpuid->nent = n;
	ok_eq(kvm_ioctl(vcpu->fd, KVM_GET_CPUID2, cpuid), -EFAULT, "GET_CPUID2, array cut off");
	cpuid->nent = n;
	ok_eq(kvm_ioctl(vm->kvm_fd, KVM_GET_SUPPORTED_CPUID, cpuid), -EFAULT,
	      "GET_SUPPORTED_CPUID, array cut off");
	free(all);

	*msrs = (struct kvm_msrs){ .nmsrs = 2 };
	msrs->entries[0] = (struct kvm_msr_entry){ .index = 0xc0000082, .data = 0x5000 };
	msrs->entries[1].index = 0x10;
	ok_eq(kvm_ioctl(vcpu->fd, KVM_SET_MSRS, msrs), -EFAULT, "SET_MSRS, array cut off");
	ok_eq(kvm_ioctl(vcpu->fd, KVM_GET_MSRS, msrs), -EFAULT, "GET_MSRS, array cut off");
	mask->len = 8;
	ok_eq(kvm_ioctl(vcpu->fd, KVM_SET_SIGNAL_MASK, mask), -EFAULT,
	      "SET_SIGNAL_MASK, set cut off");
	list = cut_off(sizeof(*list) + 500 * sizeof(u32));
	list->nmsrs = 500;
	if (kvm_ioctl(vm->kvm_fd, KVM_GET_MSR_INDEX_LIST, list) == 0) {
		n = list->nmsrs;
		list = cut_off(sizeof(*list) + n * sizeof(u32));
		list->nmsrs = n;
		ok_eq(kvm_ioctl(vm->kvm_fd, KVM_GET_MSR_INDEX_LIST, list), -EFAULT,
		      "GET_MSR_INDEX_LIST, array cut off");
	}
}

/* KVM_SET_MSRS is whole or nothing when its array cannot be read. */
static void test_msr_kept(void)
{
	u64 value;

	vcpu_get_msr(vcpu, 0xc0000082, &value);
	ok(value != 0x5000, "SET_MSRS that fails with EFAULT sets none");
}

/* ---- numbers ------------------------------------------------------------- */

static void test_kinds(void)
{
	unsigned int i, kind;

	for (kind = 0; kind < NR_KINDS; kind++) {
		unsigned int bad = 0;

		for (i = 0; i < nr_kvm_ioctl_rows; i++) {
			const struct kvm_ioctl_row *row = &kvm_ioctl_rows[i];
			int r;

			if (ioctl_is_of_kind(row->cmd, kind))
				continue;
			r = ioctl_probe(fds[kind], row);
			if (ioctl_unknown(kind, r))
				continue;
			note("%s of %s: %d", row->name, kind_name(row->kind), r);
			bad++;
		}
		ok_eq(bad, 0, "%s: ioctls of other fds are refused as unknown", kind_name(kind));
	}
	ok(unchanged(), "and change nothing");
}

/* Other than @row's number in one field. */
static unsigned int altered(const struct kvm_ioctl_row *row, int how)
{
	unsigned int cmd = row->cmd, size = _IOC_SIZE(cmd);

	switch (how) {
	case 0:
		return _IOC(_IOC_DIR(cmd), KVMIO + 1, _IOC_NR(cmd), size);
	case 1:
		return _IOC(_IOC_DIR(cmd), KVMIO, _IOC_NR(cmd), size + 1);
	case 2:
		return _IOC(_IOC_DIR(cmd), KVMIO, _IOC_NR(cmd), size ? size - 1 : 4096);
	default:
		return _IOC(_IOC_DIR(cmd) ^ _IOC_WRITE, KVMIO, _IOC_NR(cmd), size);
	}
}

static void test_altered(void)
{
	unsigned int i, how, bad = 0;

	for (i = 0; i < nr_kvm_ioctl_rows; i++) {
		const struct kvm_ioctl_row *row = &kvm_ioctl_rows[i];

		for (how = 0; how < 4; how++) {
			unsigned int cmd = altered(row, how);
			int r;

			if (ioctl_is_of_kind(cmd, row->kind))
				continue;
			r = kvm_ioctl(fds[row->kind], cmd, (void *)8);
			if (ioctl_unknown(row->kind, r))
				continue;
			note("%s: %s: altered in way %u: %d", kind_name(row->kind), row->name,
			     how, r);
			bad++;
		}
	}
	ok_eq(bad, 0, "another type, size or direction is another ioctl");
	ok(unchanged(), "that changes nothing");
}

/* ---- fds and processes ---------------------------------------------------- */

/* In a child, which shares the fds but not the memory. */
static unsigned int foreign_calls(void)
{
	unsigned int i, bad = 0;

	for (i = 0; i < nr_kvm_ioctl_rows; i++) {
		const struct kvm_ioctl_row *row = &kvm_ioctl_rows[i];
		int r;

		if (row->kind == ON_DEV)
			continue;
		r = ioctl_probe(fds[row->kind], row);
		if (r == -EIO)
			continue;
		note("%s: %d", row->name, r);
		bad++;
	}
	if (kvm_ioctl_val(fds[ON_VCPU], KVM_RUN, 0) != -EIO)
		bad++;
	return bad;
}

static void test_foreign(void)
{
	int status = 0;
	pid_t pid = fork();

	if (!pid)
		_exit(foreign_calls() ? 1 : 0);
	waitpid(pid, &status, 0);
	ok(WIFEXITED(status) && !WEXITSTATUS(status),
	   "another process: each ioctl of VM and vCPU is EIO");
	ok(unchanged(), "and changes nothing");
	pid = fork();
	if (!pid)
		_exit(kvm_ioctl_val(fds[ON_DEV], KVM_GET_API_VERSION, 0) == 12 ? 0 : 1);
	waitpid(pid, &status, 0);
	ok(WIFEXITED(status) && !WEXITSTATUS(status), "/dev/kvm does not mind");
}

static void test_closed(void)
{
	struct vm *other = vm_create_bare();
	int fd = other->fd, path;

	path = open("/dev/kvm", O_PATH);
	ok_eq(kvm_ioctl_val(path, KVM_GET_API_VERSION, 0), -EBADF, "an fd that is a path only");
	close(path);
	vm_destroy(other);
	ok_eq(kvm_ioctl_val(fd, KVM_CHECK_EXTENSION, 0), -EBADF, "a closed VM");
}

/* ---- arguments ------------------------------------------------------------ */

static void test_no_argument(void)
{
	ok_eq(kvm_ioctl_val(vm->kvm_fd, KVM_GET_API_VERSION, 1), -EINVAL,
	      "GET_API_VERSION with an argument");
	ok_eq(kvm_ioctl_val(vm->kvm_fd, KVM_GET_VCPU_MMAP_SIZE, 1), -EINVAL,
	      "GET_VCPU_MMAP_SIZE with an argument");
	ok_eq(kvm_ioctl_val(vcpu->fd, KVM_RUN, 1), -EINVAL, "RUN with an argument");
	ok_eq(kvm_ioctl_val(vcpu->fd, KVM_RUN, ~0ul), -EINVAL, "RUN with -1");
	ok(unchanged(), "and nothing ran");
}

static void test_interrupt(void)
{
	static const u32 bad[] = { 256, 0x7fffffff, 0x80000000, 0xffffffff };
	struct kvm_interrupt irq;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		irq.irq = bad[i];
		ok_eq(kvm_ioctl(vcpu->fd, KVM_INTERRUPT, &irq), -EINVAL, "INTERRUPT %#x", bad[i]);
	}
	ok(unchanged(), "and nothing is queued");
}

static int set_mask(u32 len, u64 set)
{
	struct {
		struct kvm_signal_mask head;
		u64 set;
	} __attribute__((packed)) mask = { .head.len = len, .set = set };

	return kvm_ioctl(vcpu->fd, KVM_SET_SIGNAL_MASK, &mask);
}

static void test_signal_mask(void)
{
	static const u32 bad[] = { 0, 4, 7, 9, 16, 128, 0x80000008, 0xffffffff };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		ok_eq(set_mask(bad[i], 0), -EINVAL, "SET_SIGNAL_MASK of %#x bytes", bad[i]);
	ok_eq(set_mask(8, 0), 0, "of 8 bytes");
	ok_eq(kvm_ioctl(vcpu->fd, KVM_SET_SIGNAL_MASK, NULL), 0, "none");
}

static void test_counts(void)
{
	static const u32 many[] = { 1000, 0x10000, 0x80000000, 0xffffffff };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(many); i++) {
		struct kvm_cpuid2 cpuid = { .nent = many[i] };
		struct kvm_msrs msrs = { .nmsrs = many[i] };

		ok_eq(kvm_ioctl(vcpu->fd, KVM_SET_CPUID2, &cpuid), -E2BIG, "SET_CPUID2 of %#x",
		      many[i]);
		ok_eq(kvm_ioctl(vcpu->fd, KVM_SET_MSRS, &msrs), -E2BIG, "SET_MSRS of %#x", many[i]);
		ok_eq(kvm_ioctl(vcpu->fd, KVM_GET_MSRS, &msrs), -E2BIG, "GET_MSRS of %#x", many[i]);
	}
	ok(unchanged(), "and nothing changed");
}

/* ---- signals --------------------------------------------------------------- */

static void handler(int sig)
{
	(void)sig;
}

static void test_signals(void)
{
	struct sigaction act = { .sa_handler = handler };
	sigset_t set;

	vcpu->run->immediate_exit = 1;
	ok_eq(vcpu_run(vcpu), -EINTR, "RUN with immediate_exit");
	vcpu->run->immediate_exit = 0;
	ok(unchanged(), "and nothing ran");

	sigaction(SIGUSR1, &act, NULL);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	raise(SIGUSR1);
	must(set_mask(8, 0));
	ok_eq(vcpu_run(vcpu), -EINTR, "RUN with a signal waiting that its mask lets through");
	ok_eq(vcpu->run->exit_reason, KVM_EXIT_INTR, "says so");
	ok(unchanged(), "and nothing ran");
	must(kvm_ioctl(vcpu->fd, KVM_SET_SIGNAL_MASK, NULL));
	raise(SIGUSR1);
	expect_done(vcpu, "a signal that stays blocked does not matter");
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

int main(void)
{
	unsigned int i;

	tap_start(50);
	if (nr_kvm_ioctl_rows > MAX_ROWS)
		bail("MAX_ROWS is too small");
	for (i = 0; i < nr_kvm_ioctl_rows; i++)
		implemented[i] = ioctl_implemented(&kvm_ioctl_rows[i]);
	vm = vm_create();
	vcpu = vcpu_create(vm);
	fds[ON_DEV] = vm->kvm_fd;
	fds[ON_VM] = vm->fd;
	fds[ON_VCPU] = vcpu->fd;
	map_edges();
	vcpu_prime_fpu(vcpu);
	load_code(vcpu, MODE_LONG64, work);
	take(&before);

	test_pointers();
	test_arrays();
	test_msr_kept();
	test_kinds();
	test_altered();
	test_foreign();
	test_closed();
	test_no_argument();
	test_interrupt();
	test_signal_mask();
	test_counts();
	test_signals();
	vm_destroy(vm);
	return tap_done();
}
