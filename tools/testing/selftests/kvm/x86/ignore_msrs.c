// SPDX-License-Identifier: GPL-2.0-only
/* The parameter kvm.ignore_msrs: off, an unknown MSR is #GP; on, it reads as 0 and takes anything. */
#include <fcntl.h>
#include <unistd.h>

#include "kvm_test.h"

#define PARAM "/sys/module/kvm/parameters/ignore_msrs"
#define MSR_UNKNOWN 0x12345678
#define MSR_PAT 0x277
#define BAD_PAT 0x0606060606060602ull
#define DATA 0x1122334455667788ull

static struct vm *vm;
static struct vcpu *vcpu;
static char before;

GUEST_CODE(read_msr, 64, "rdmsr\n" GUEST_DONE);
GUEST_CODE(write_msr, 64, "wrmsr\n" GUEST_DONE);
GUEST_CODE(forced_read, 64, GUEST_FEP "rdmsr\n" GUEST_DONE);
GUEST_CODE(forced_write, 64, GUEST_FEP "wrmsr\n" GUEST_DONE);

static bool set_param(char value)
{
	int fd = open(PARAM, O_WRONLY);
	bool done = fd >= 0 && write(fd, &value, 1) == 1;

	if (fd >= 0)
		close(fd);
	return done;
}

static void start(const u8 *code, const u8 *end, u32 index, u64 data)
{
	struct kvm_regs regs;

	vcpu_load(vcpu, MODE_LONG64, code, end);
	vcpu_get_regs(vcpu, &regs);
	regs.rcx = index;
	regs.rax = (u32)data;
	regs.rdx = data >> 32;
	vcpu_set_regs(vcpu, &regs);
}

static void test_refused(void)
{
	u64 val = DATA;

	start(read_msr, read_msr_end, MSR_UNKNOWN, DATA);
	expect_fault(vcpu, GP_VECTOR, "off: RDMSR of an unknown MSR");
	start(write_msr, write_msr_end, MSR_UNKNOWN, DATA);
	expect_fault(vcpu, GP_VECTOR, "off: WRMSR of one");
	ok_eq(vcpu_get_msr(vcpu, MSR_UNKNOWN, &val), 0, "off: KVM_GET_MSRS of one");
	ok_eq(vcpu_set_msr(vcpu, MSR_UNKNOWN, DATA), 0, "off: KVM_SET_MSRS of one");
}

static void test_read(const u8 *code, const u8 *end, const char *how)
{
	struct kvm_regs regs;

	start(code, end, MSR_UNKNOWN, DATA);
	expect_done(vcpu, "on: RDMSR of an unknown MSR");
	vcpu_get_regs(vcpu, &regs);
	ok(!regs.rax && !regs.rdx, "on: it reads as 0, %s", how);
}

static void test_ignored(void)
{
	bool fep = !forced_emulation_missing();
	u64 val = DATA;

	test_read(read_msr, read_msr_end, "native");
	start(write_msr, write_msr_end, MSR_UNKNOWN, DATA);
	expect_done(vcpu, "on: WRMSR of one");
	if (fep) {
		test_read(forced_read, forced_read_end, "emulated");
		start(forced_write, forced_write_end, MSR_UNKNOWN, DATA);
		expect_done(vcpu, "on: WRMSR of one, emulated");
	} else {
		skip("emulated", forced_emulation_missing());
	}
	ok_eq(vcpu_get_msr(vcpu, MSR_UNKNOWN, &val), 1, "on: KVM_GET_MSRS of one");
	ok_eq(val, 0, "on: it reads as 0");
	ok_eq(vcpu_set_msr(vcpu, MSR_UNKNOWN, DATA), 1, "on: KVM_SET_MSRS of one");
	/* A known MSR is as strict as ever. */
	start(write_msr, write_msr_end, MSR_PAT, BAD_PAT);
	expect_fault(vcpu, GP_VECTOR, "on: WRMSR of a reserved PAT type");
}

int main(void)
{
	tap_start(30);
	vm = vm_create();
	vcpu = vcpu_create(vm);
	before = read_flag(PARAM);
	if (!before || !set_param('N'))
		skip_all(PARAM " cannot be written");
	test_refused();
	if (ok(set_param('Y'), "turn kvm.ignore_msrs on"))
		test_ignored();
	ok(set_param('N'), "turn it off again");
	test_refused();
	set_param(before);
	vm_destroy(vm);
	return tap_done();
}
