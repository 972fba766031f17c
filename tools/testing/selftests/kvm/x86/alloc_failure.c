// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each allocation of each ioctl fails once: the ioctl says so, changes nothing,
 * and works when it is tried again. User memory that cannot be copied counts
 * as an allocation. Needs a kernel with fault injection; whether something has
 * leaked that kernel's kmemleak tells.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kvm_test.h"

#define MAX_FAULTS 600
#define FRESH_GPA 0x40000000ul
#define FRESH_SIZE 0x400000ul

GUEST_CODE(touch, 64,
	   "mov $0x40000000, %rdi\n mov $8, %ecx\n"
	   "1: mov %rcx, (%rdi)\n add $0x41000, %rdi\n loop 1b\n"
	   "mov %eax, 0xa0000\n mov $0x30000, %esi\n mov $16, %ecx\n mov $0x80, %edx\n"
	   "rep outsb\n" GUEST_DONE);

/* One VM for all, but for what makes its own. */
static struct vm *vm;
static struct vcpu *vcpu;
static u8 *fresh;
static int event;
static int fail_nth;
static union {
	struct kvm_cpuid2 cpuid;
	struct kvm_msr_list msrs;
	struct kvm_xsave xsave;
	u8 bytes[0x8000];
} buffer;

struct op {
	const char *name;
	int (*run)(void);	/* like an ioctl; with faults, once with none */
	void (*undo)(int r);	/* after @run succeeded with @r; no faults */
};

static void close_fd(int fd)
{
	close(fd);
}

static void nothing(int r)
{
	(void)r;
}

static int op_create_vm(void)
{
	return kvm_ioctl_val(vm->kvm_fd, KVM_CREATE_VM, 0);
}

static int op_create_vcpu(void)
{
	static int id = 1;
	int r = kvm_ioctl_val(vm->fd, KVM_CREATE_VCPU, id);

	id += r >= 0;
	return r;
}

static int set_fresh(u32 flags, u64 gpa, u64 size)
{
	return vm_set_region(vm, 5, flags, gpa, size, fresh);
}

static int op_create_slot(void)
{
	return set_fresh(0, FRESH_GPA, FRESH_SIZE);
}

static void delete_slot(int r)
{
	(void)r;
	must(set_fresh(0, FRESH_GPA, 0));
}

static int op_create_logged_slot(void)
{
	return set_fresh(KVM_MEM_LOG_DIRTY_PAGES, FRESH_GPA, FRESH_SIZE);
}

/* The next ones work on slot 5 as test_slot_changes() leaves it. */
static int op_log(void)
{
	return set_fresh(KVM_MEM_LOG_DIRTY_PAGES, FRESH_GPA, FRESH_SIZE);
}

static void unlog(int r)
{
	(void)r;
	must(set_fresh(0, FRESH_GPA, FRESH_SIZE));
}

static int op_move(void)
{
	return set_fresh(0, 2 * FRESH_GPA, FRESH_SIZE);
}

static void move_back(int r)
{
	(void)r;
	must(set_fresh(0, FRESH_GPA, FRESH_SIZE));
}

static int op_delete(void)
{
	return set_fresh(0, FRESH_GPA, 0);
}

static void create_again(int r)
{
	(void)r;
	must(set_fresh(0, FRESH_GPA, FRESH_SIZE));
}

static int op_get_log(void)
{
	struct kvm_dirty_log log = { .slot = 6, .dirty_bitmap = buffer.bytes };

	return kvm_ioctl(vm->fd, KVM_GET_DIRTY_LOG, &log);
}

static struct kvm_ioeventfd pio_event = { .addr = 0x90, .len = 1, .flags = KVM_IOEVENTFD_FLAG_PIO };

static int op_ioeventfd(void)
{
	pio_event.fd = event;
	pio_event.flags = KVM_IOEVENTFD_FLAG_PIO;
	return kvm_ioctl(vm->fd, KVM_IOEVENTFD, &pio_event);
}

static void deassign(int r)
{
	(void)r;
	pio_event.flags = KVM_IOEVENTFD_FLAG_PIO | KVM_IOEVENTFD_FLAG_DEASSIGN;
	must(kvm_ioctl(vm->fd, KVM_IOEVENTFD, &pio_event));
}

static struct kvm_coalesced_mmio_zone zone = { .addr = 0xb0000, .size = 64 };

static int op_zone(void)
{
	return kvm_ioctl(vm->fd, KVM_REGISTER_COALESCED_MMIO, &zone);
}

static void unregister(int r)
{
	(void)r;
	must(kvm_ioctl(vm->fd, KVM_UNREGISTER_COALESCED_MMIO, &zone));
}

static int op_supported_cpuid(void)
{
	buffer.cpuid.nent = 256;
	return kvm_ioctl(vm->kvm_fd, KVM_GET_SUPPORTED_CPUID, &buffer.cpuid);
}

static int op_msr_list(void)
{
	buffer.msrs.nmsrs = 1000;
	return kvm_ioctl(vm->kvm_fd, KVM_GET_MSR_INDEX_LIST, &buffer.msrs);
}

static int op_set_cpuid(void)
{
	static struct kvm_cpuid2 *cpuid;

	if (!cpuid)
		cpuid = get_supported_cpuid(vm->kvm_fd);
	return kvm_ioctl(vcpu->fd, KVM_SET_CPUID2, cpuid);
}

static int op_get_cpuid(void)
{
	buffer.cpuid.nent = 256;
	return kvm_ioctl(vcpu->fd, KVM_GET_CPUID2, &buffer.cpuid);
}

static int op_msrs(void)
{
	u64 value;
	int r = vcpu_get_msr(vcpu, 0xc0000080, &value);

	return r < 0 ? r : vcpu_set_msr(vcpu, 0xc0000080, value);
}

/* GET and SET of one structure; @size bytes of the buffer. */
static int get_set(unsigned long get, unsigned long set)
{
	int r = kvm_ioctl(vcpu->fd, get, buffer.bytes);

	return r < 0 ? r : kvm_ioctl(vcpu->fd, set, buffer.bytes);
}

static int op_regs(void)
{
	return get_set(KVM_GET_REGS, KVM_SET_REGS);
}

static int op_sregs(void)
{
	return get_set(KVM_GET_SREGS, KVM_SET_SREGS);
}

static int op_sregs2(void)
{
	return get_set(KVM_GET_SREGS2, KVM_SET_SREGS2);
}

static int op_fpu(void)
{
	return get_set(KVM_GET_FPU, KVM_SET_FPU);
}

static int op_xsave(void)
{
	return get_set(KVM_GET_XSAVE, KVM_SET_XSAVE);
}

static int op_xcrs(void)
{
	return get_set(KVM_GET_XCRS, KVM_SET_XCRS);
}

static int op_debugregs(void)
{
	return get_set(KVM_GET_DEBUGREGS, KVM_SET_DEBUGREGS);
}

static int op_events(void)
{
	return get_set(KVM_GET_VCPU_EVENTS, KVM_SET_VCPU_EVENTS);
}

static int op_msr_filter(void)
{
	static u8 bitmap[16];
	struct kvm_msr_filter filter = {
		.ranges[0] = {
			.flags = KVM_MSR_FILTER_READ, .nmsrs = 64, .base = 0x4b564d00,
			.bitmap = bitmap,
		},
	};

	return kvm_ioctl(vm->fd, KVM_X86_SET_MSR_FILTER, &filter);
}

static void no_filter(int r)
{
	struct kvm_msr_filter filter = { 0 };

	(void)r;
	must(kvm_ioctl(vm->fd, KVM_X86_SET_MSR_FILTER, &filter));
}

static int op_vm_stats(void)
{
	return kvm_ioctl_val(vm->fd, KVM_GET_STATS_FD, 0);
}

static int op_vcpu_stats(void)
{
	return kvm_ioctl_val(vcpu->fd, KVM_GET_STATS_FD, 0);
}

/* New memory, new second-level tables, emulated MMIO and string I/O. */
static int op_run(void)
{
	int i, r = 0;

	for (i = 0; i < 40 && !r; i++) {
		r = vcpu_run(vcpu);
		if (!r && at_done(vcpu))
			return 0;
	}
	return r ? r : -ELOOP;
}

static void rewind_guest(int r)
{
	(void)r;
	must(set_fresh(0, FRESH_GPA, 0));
	madvise(fresh, FRESH_SIZE, MADV_DONTNEED);
	must(set_fresh(0, FRESH_GPA, FRESH_SIZE));
	load_code(vcpu, MODE_LONG64, touch);
}

static const struct op ops[] = {
	{ "KVM_CREATE_VM", op_create_vm, close_fd },
	{ "KVM_CREATE_VCPU", op_create_vcpu, close_fd },
	{ "a new slot", op_create_slot, delete_slot },
	{ "a new slot with a log", op_create_logged_slot, delete_slot },
	{ "KVM_IOEVENTFD", op_ioeventfd, deassign },
	{ "KVM_REGISTER_COALESCED_MMIO", op_zone, unregister },
	{ "KVM_GET_SUPPORTED_CPUID", op_supported_cpuid, nothing },
	{ "KVM_GET_MSR_INDEX_LIST", op_msr_list, nothing },
	{ "KVM_SET_CPUID2", op_set_cpuid, nothing },
	{ "KVM_GET_CPUID2", op_get_cpuid, nothing },
	{ "KVM_GET_MSRS and SET_MSRS", op_msrs, nothing },
	{ "KVM_GET_REGS and SET_REGS", op_regs, nothing },
	{ "KVM_GET_SREGS and SET_SREGS", op_sregs, nothing },
	{ "KVM_GET_SREGS2 and SET_SREGS2", op_sregs2, nothing },
	{ "KVM_GET_FPU and SET_FPU", op_fpu, nothing },
	{ "KVM_GET_XSAVE and SET_XSAVE", op_xsave, nothing },
	{ "KVM_GET_XCRS and SET_XCRS", op_xcrs, nothing },
	{ "KVM_GET_DEBUGREGS and SET_DEBUGREGS", op_debugregs, nothing },
	{ "KVM_GET_VCPU_EVENTS and SET_VCPU_EVENTS", op_events, nothing },
	{ "KVM_X86_SET_MSR_FILTER", op_msr_filter, no_filter },
	{ "KVM_GET_STATS_FD of a VM", op_vm_stats, close_fd },
	{ "KVM_GET_STATS_FD of a vCPU", op_vcpu_stats, close_fd },
};

static const struct op slot_ops[] = {
	{ "a slot's log", op_log, unlog },
	{ "a slot that moves", op_move, move_back },
	{ "a slot that goes", op_delete, create_again },
	{ "KVM_GET_DIRTY_LOG", op_get_log, nothing },
	{ "KVM_RUN", op_run, rewind_guest },
};

/* ---- faults ------------------------------------------------------------- */

static bool write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool good = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return good;
}

/* NULL, or why allocations cannot be made to fail. */
static const char *faults_missing(void)
{
	static const char *const quiet[] = {
		"/sys/kernel/debug/failslab/verbose", "/sys/kernel/debug/fail_page_alloc/verbose",
	};
	unsigned int i;

	fail_nth = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	if (fail_nth < 0)
		return "this kernel has no fault injection";
	for (i = 0; i < ARRAY_SIZE(quiet); i++)
		if (!write_file(quiet[i], "0"))
			return "no failslab or fail_page_alloc in debugfs";
	write_file("/sys/kernel/debug/fail_usercopy/verbose", "0");
	/* Those that may sleep, too, those of user memory, and of any size. */
	write_file("/sys/kernel/debug/fail_page_alloc/ignore-gfp-highmem", "N");
	if (!write_file("/sys/kernel/debug/failslab/ignore-gfp-wait", "N") ||
	    !write_file("/sys/kernel/debug/fail_page_alloc/ignore-gfp-wait", "N") ||
	    !write_file("/sys/kernel/debug/fail_page_alloc/min-order", "0"))
		return "failslab and fail_page_alloc cannot be set up";
	return NULL;
}

static void arm(int n)
{
	char text[16];
	int length = snprintf(text, sizeof(text), "%d", n);

	if (pwrite(fail_nth, text, length, 0) != length)
		bail("fail-nth: %s", strerror(errno));
}

/* Was there a fault? Reading and writing the file can be hit themselves: then there was none. */
static bool disarm(void)
{
	char text[16] = "";
	bool hit = pread(fail_nth, text, sizeof(text) - 1, 0) > 0 && atoi(text) == 0;

	while (pwrite(fail_nth, "0", 1, 0) != 1)
		;
	return hit;
}

static void fail_each(const struct op *op)
{
	int r = op->run(), n, bad = 0, faults = 0;
	bool hit = true;

	if (r == -ENOTTY || r == -EINVAL) {
		skip(op->name, "these modules do not have it");
		return;
	}
	must_be(r, op->name);
	op->undo(r);
	for (n = 1; hit && n < MAX_FAULTS; n++) {
		arm(n);
		r = op->run();
		hit = disarm();
		faults += hit;
		if (r >= 0) {
			op->undo(r);
			continue;
		}
		if (!hit || (r != -ENOMEM && r != -EFAULT)) {
			note("fault %d: %s", n, strerror(-r));
			bad++;
		}
		r = op->run();
		if (r >= 0) {
			op->undo(r);
		} else {
			note("after fault %d: %s", n, strerror(-r));
			bad++;
		}
	}
	ok(!bad && !hit, "%s: each of %d faults", op->name, faults);
}

int main(void)
{
	const char *missing;
	unsigned int i;

	tap_start(50);
	close(open_kvm());
	missing = faults_missing();
	if (missing)
		skip_all(missing);
	vm = vm_create();
	vcpu = vcpu_create(vm);
	vcpu_setup(vcpu, MODE_LONG64);
	event = eventfd(0, EFD_CLOEXEC);
	fresh = mmap(NULL, FRESH_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (event < 0 || fresh == MAP_FAILED)
		bail("no eventfd or memory");
	for (i = 0; i < ARRAY_SIZE(ops); i++)
		fail_each(&ops[i]);
	vm_add_region(vm, 6, KVM_MEM_LOG_DIRTY_PAGES, 3 * FRESH_GPA, FRESH_SIZE);
	must(set_fresh(0, FRESH_GPA, FRESH_SIZE));
	load_code(vcpu, MODE_LONG64, touch);
	for (i = 0; i < ARRAY_SIZE(slot_ops); i++)
		fail_each(&slot_ops[i]);
	vm_destroy(vm);
	return tap_done();
}
