// SPDX-License-Identifier: GPL-2.0-only
/*
 * States that the ioctls take and VMX does not enter: KVM_EXIT_FAIL_ENTRY with the
 * reason and the CPU, the failed check by name in the kernel's log where
 * dump_invalid_vmcs is set, and a vCPU that runs on once it is repaired.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "kvm_test.h"

#define DUMP "/sys/module/kvm_intel/parameters/dump_invalid_vmcs"
#define INVALID_GUEST_STATE 0x80000021ull
#define NOT_CANONICAL (1ull << 62)
#define FLAG_VM (1ull << 17)

GUEST_CODE(hello, 64, "mov $0x1234, %eax\n" GUEST_DONE);
GUEST_CODE(hello32, 32, "mov $0x1234, %eax\n" GUEST_DONE);

static struct vm *vm;
static struct vcpu *vcpu;
static int log_fd = -1;

/*
 * Each makes the state invalid: 0 or a negative errno. A RIP that is not canonical is
 * no such state for Bochs 2.7, which enters and has the guest take #GP.
 */
static int high_rip(void)
{
	struct kvm_regs r;

	vcpu_get_regs(vcpu, &r);
	r.rip |= 1ull << 32;
	return kvm_ioctl(vcpu->fd, KVM_SET_REGS, &r);
}

static int vm86_in_long_mode(void)
{
	struct kvm_regs r;

	vcpu_get_regs(vcpu, &r);
	r.rflags |= FLAG_VM;
	return kvm_ioctl(vcpu->fd, KVM_SET_REGS, &r);
}

static int set_tables(u64 gdt, u64 idt)
{
	struct kvm_sregs s;

	vcpu_get_sregs(vcpu, &s);
	s.gdt.base |= gdt;
	s.idt.base |= idt;
	return kvm_ioctl(vcpu->fd, KVM_SET_SREGS, &s);
}

static int bad_gdtr(void)
{
	return set_tables(NOT_CANONICAL, 0);
}

static int bad_idtr(void)
{
	return set_tables(0, NOT_CANONICAL);
}

static int bad_pdpte(void)
{
	struct kvm_sregs2 s;
	int r = kvm_ioctl(vcpu->fd, KVM_GET_SREGS2, &s);

	if (r)
		return r;
	s.flags = KVM_SREGS2_FLAGS_PDPTRS_VALID;
	s.pdptrs[2] = PD_GPA | PTE_P | 0x1e0;
	return kvm_ioctl(vcpu->fd, KVM_SET_SREGS2, &s);
}

static const struct invalid {
	const char *name, *check;
	enum guest_mode mode;
	int (*make)(void);
	bool others;	/* fail, too */
} states[] = {
	{ "RIP above 4 GiB in 32-bit code", "[guest.rip]", MODE_PAGED32, high_rip },
	{ "RFLAGS.VM in long mode", "[guest.rflags_vm]", MODE_LONG64, vm86_in_long_mode, true },
	{ "GDTR that is not canonical", "[guest.gdtr_base]", MODE_LONG64, bad_gdtr },
	{ "IDTR that is not canonical", "[guest.idtr_base]", MODE_LONG64, bad_idtr },
	{ "PDPTE with reserved bits", "[guest.pdpte]", MODE_PAE32, bad_pdpte },
};

/* From now on. */
static void open_log(void)
{
	if (log_fd < 0)
		log_fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	lseek(log_fd, 0, SEEK_END);
}

/* Lines with "entry check failed", and whether @want is in one of them. */
static int read_log(const char *want, bool *found)
{
	char line[8192];
	int lines = 0;
	ssize_t n;

	*found = false;
	for (;;) {
		n = read(log_fd, line, sizeof(line) - 1);
		if (n < 0 && errno == EPIPE)
			continue;
		if (n <= 0)
			return lines;
		line[n] = 0;
		if (!strstr(line, "entry check failed: "))
			continue;
		lines++;
		if (strstr(line, want))
			*found = true;
	}
}

static bool set_dump(char value)
{
	int fd = open(DUMP, O_WRONLY | O_CLOEXEC);
	bool done = fd >= 0 && write(fd, &value, 1) == 1;

	if (fd >= 0)
		close(fd);
	return done;
}

static void setup(enum guest_mode mode)
{
	struct kvm_regs r;

	if (mode == MODE_LONG64)
		load_code(vcpu, mode, hello);
	else
		load_code(vcpu, mode, hello32);
	vcpu_get_regs(vcpu, &r);
	ok_eq(r.rflags & FLAG_VM, 0, "a valid state");
}

static void check_exit(const struct invalid *i, int reason)
{
	const struct kvm_run *run = vcpu->run;

	if (!ok(reason == KVM_EXIT_FAIL_ENTRY, "%s: the entry fails", i->name)) {
		note("left for %s", describe_exit(vcpu, reason));
		return;
	}
	ok_eq(run->fail_entry.hardware_entry_failure_reason, INVALID_GUEST_STATE,
	      "%s: because of invalid guest state", i->name);
	ok_eq(run->fail_entry.cpu, 0, "%s: on this CPU", i->name);
}

static void check_repaired(const struct invalid *i)
{
	struct kvm_regs r;

	setup(i->mode);
	expect_done(vcpu, "the repaired vCPU runs");
	vcpu_get_regs(vcpu, &r);
	ok_eq(r.rax, 0x1234, "and computes");
}

static void test_state(const struct invalid *i)
{
	bool found;
	int r;

	setup(i->mode);
	r = i->make();
	if (r) {
		skip(i->name, "the ioctl refuses it");
		return;
	}
	open_log();
	r = run_until_exit(vcpu);
	check_exit(i, r);
	if (kvm_is_ours()) {
		r = read_log(i->check, &found);
		ok(found, "%s: the log names %s", i->name, i->check);
		if (!i->others)
			ok_eq(r, 1, "%s: and no other check", i->name);
	} else {
		skip(i->name, "these modules name no check");
	}
	check_repaired(i);
}

/* Without the parameter one line says that there is one. */
static void test_quiet(void)
{
	const struct invalid *i = &states[ARRAY_SIZE(states) - 1];
	bool found;

	set_dump('0');
	setup(i->mode);
	if (i->make()) {
		skip(i->name, "the ioctl refuses it");
		return;
	}
	open_log();
	check_exit(i, run_until_exit(vcpu));
	ok_eq(read_log(i->check, &found), 0, "no check is named without dump_invalid_vmcs");
	check_repaired(i);
}

int main(void)
{
	char before;
	size_t i;

	tap_start(50);
	close(open_kvm());
	if (access("/sys/module/kvm_intel", F_OK))
		skip_all("a VMCB that SVM refuses is another matter");
	before = read_flag(DUMP);
	if (getuid() || !set_dump('1'))
		skip_all("dump_invalid_vmcs cannot be set");
	vm = vm_create();
	vcpu = vcpu_create(vm);
	for (i = 0; i < ARRAY_SIZE(states); i++)
		test_state(&states[i]);
	test_quiet();
	set_dump(before == 'Y' ? '1' : '0');
	vm_destroy(vm);
	return tap_done();
}
