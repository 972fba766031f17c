// SPDX-License-Identifier: GPL-2.0-only
/* Machine checks: what a guest can have, its banks, and errors that userspace reports. */
#include "kvm_test.h"

#define BAD_POINTER ((void *)8)
#define MCG_CTL_P (1ull << 8)
#define MCG_SER_P (1ull << 24)
#define MCG_STATUS_MCIP 4
#define STATUS_VAL (1ull << 63)
#define STATUS_OVER (1ull << 62)
#define STATUS_UC (1ull << 61)
#define MSR_MCG_CAP 0x179
#define MSR_MCG_STATUS 0x17a
#define MSR_MCG_CTL 0x17b
#define MSR_MC(bank, reg) (0x400 + (bank) * 4 + (reg))
#define MSR_HWCR 0xc0010015
#define CR4_MCE (1ull << 6)
#define BANKS 10
#define MC_VECTOR_ 18

enum { CTL, STATUS, ADDR, MISC };

static struct vm *vm;
static struct vcpu *vcpu;

GUEST_CODE(spin, 64, GUEST_INTERRUPTIBLE "1: pause\n jmp 1b\n");
GUEST_CODE(done, 64, GUEST_DONE);
GUEST_CODE(wr, 64, "wrmsr\n" GUEST_DONE);

static int setup(u64 cap)
{
	return kvm_ioctl(vcpu->fd, KVM_X86_SETUP_MCE, &cap);
}

static u64 get(u32 msr)
{
	u64 val = 0xdead;

	vcpu_get_msr(vcpu, msr, &val);
	return val;
}

static int report(u8 bank, u64 status, u64 addr, u64 mcg_status)
{
	struct kvm_x86_mce mce = {
		.status = status, .addr = addr, .misc = addr + 1, .mcg_status = mcg_status,
		.bank = bank,
	};

	return kvm_ioctl(vcpu->fd, KVM_X86_SET_MCE, &mce);
}

static void test_errors(void)
{
	u64 cap = 0;

	ok_eq(kvm_has(KVM_CAP_MCE), 32, "KVM_CAP_MCE is the number of banks");
	ok_eq(kvm_ioctl(vm->kvm_fd, KVM_X86_GET_MCE_CAP_SUPPORTED, BAD_POINTER), -EFAULT,
	      "GET_MCE_CAP_SUPPORTED into a bad pointer");
	ok_eq(kvm_ioctl(vm->kvm_fd, KVM_X86_GET_MCE_CAP_SUPPORTED, &cap), 0, "GET_MCE_CAP_SUPPORTED");
	ok((cap & MCG_CTL_P) && (cap & MCG_SER_P), "MCG_CTL and recovery are supported");
	ok_eq(kvm_ioctl(vcpu->fd, KVM_X86_SETUP_MCE, BAD_POINTER), -EFAULT,
	      "SETUP_MCE from a bad pointer");
	ok_eq(setup(0), -EINVAL, "SETUP_MCE without banks");
	ok_eq(setup(33), -EINVAL, "SETUP_MCE with 33 banks");
	ok_eq(setup(BANKS | 1 << 9), -EINVAL, "SETUP_MCE with what is not supported");
	ok_eq(setup(BANKS | 1ull << 40), -EINVAL, "SETUP_MCE with unknown bits");
	ok_eq(get(MSR_MCG_CAP), 32, "MCG_CAP as it was");
	ok_eq(setup(BANKS), 0, "SETUP_MCE without MCG_CTL");
	ok_eq(vcpu_set_msr(vcpu, MSR_MCG_CTL, 0), 1, "its reset value is taken all the same");
	ok_eq(vcpu_set_msr(vcpu, MSR_MCG_CTL, ~0ull), 0, "and no other");
	ok_eq(setup(BANKS | cap), 0, "SETUP_MCE");
	ok_eq(get(MSR_MCG_CAP) & ~MCG_SER_P, BANKS | MCG_CTL_P, "MCG_CAP");
	ok_eq(kvm_ioctl(vcpu->fd, KVM_X86_SET_MCE, BAD_POINTER), -EFAULT,
	      "SET_MCE from a bad pointer");
	ok_eq(report(0, 0, 0, 0), -EINVAL, "SET_MCE of nothing valid");
	ok_eq(report(BANKS, STATUS_VAL, 0, 0), -EINVAL, "SET_MCE in a bank that is not there");
}

static void test_msrs(void)
{
	ok_eq(get(MSR_MCG_CTL), ~0ull, "MCG_CTL");
	ok_eq(vcpu_set_msr(vcpu, MSR_MCG_CAP, BANKS), 0, "MCG_CAP cannot be written");
	ok_eq(vcpu_set_msr(vcpu, MSR_MCG_CTL, 5), 0, "MCG_CTL is all or nothing");
	ok_eq(vcpu_set_msr(vcpu, MSR_MCG_CTL, 0), 1, "nothing");
	ok_eq(vcpu_set_msr(vcpu, MSR_MCG_CTL, ~0ull), 1, "all");
	ok_eq(get(MSR_MC(BANKS - 1, CTL)), ~0ull, "CTL of the last bank");
	ok_eq(vcpu_set_msr(vcpu, MSR_MC(4, CTL), 5), 0, "a bank's CTL is all or nothing");
	ok_eq(vcpu_set_msr(vcpu, MSR_MC(4, CTL), ~(1ull << 10)), 1, "but for bit 10");
	ok_eq(get(MSR_MC(4, CTL)), ~(1ull << 10), "which is kept");
	ok_eq(vcpu_set_msr(vcpu, MSR_MC(4, CTL), ~0ull), 1, "all");
	ok_eq(vcpu_set_msr(vcpu, MSR_MC(1, STATUS), 5), 1, "STATUS by ioctl");
	ok_eq(vcpu_set_msr(vcpu, MSR_MC(1, ADDR), 6), 1, "ADDR by ioctl");
	ok_eq(vcpu_set_msr(vcpu, MSR_MC(1, MISC), 7), 1, "MISC by ioctl");
	ok_eq(get(MSR_MC(1, STATUS)), 5, "STATUS");
	ok_eq(get(MSR_MC(1, ADDR)), 6, "ADDR");
	ok_eq(get(MSR_MC(1, MISC)), 7, "MISC");
	ok_eq(vcpu_set_msr(vcpu, MSR_MC(BANKS, CTL), 0), 0, "there is no bank behind the last");
	ok_eq(get(MSR_MC(BANKS, CTL)), 0, "none to be read");
}

static void guest_write(u32 msr, u64 data, bool want, const char *name)
{
	struct kvm_regs regs;

	load_code(vcpu, MODE_LONG64, wr);
	vcpu_get_regs(vcpu, &regs);
	regs.rcx = msr;
	regs.rax = (u32)data;
	regs.rdx = data >> 32;
	vcpu_set_regs(vcpu, &regs);
	if (want)
		expect_done(vcpu, name);
	else
		expect_fault(vcpu, GP_VECTOR, name);
}

static void test_guest_writes(void)
{
	guest_write(MSR_MC(1, STATUS), 5, false, "a guest cannot make up an error");
	guest_write(MSR_MC(1, STATUS), 0, true, "but clear one");
	ok_eq(get(MSR_MC(1, STATUS)), 0, "it is cleared");
	guest_write(MSR_HWCR, 1 << 18, true, "McStatusWrEn");
	guest_write(MSR_MC(1, STATUS), 5, true, "it can now");
	guest_write(MSR_HWCR, 0, true, "McStatusWrEn off");
	guest_write(MSR_MC(1, CTL), 5, false, "CTL is all or nothing");
	guest_write(MSR_MCG_CAP, 1, false, "MCG_CAP is read-only");
}

static void test_corrected(void)
{
	vcpu_set_msr(vcpu, MSR_MC(2, STATUS), 0);
	load_code(vcpu, MODE_LONG64, done);
	ok_eq(report(2, STATUS_VAL | 1, 0x1000, 0), 0, "a corrected error");
	ok_eq(get(MSR_MC(2, STATUS)), STATUS_VAL | 1, "STATUS");
	ok_eq(get(MSR_MC(2, ADDR)), 0x1000, "ADDR");
	ok_eq(get(MSR_MC(2, MISC)), 0x1001, "MISC");
	ok_eq(report(2, STATUS_VAL | 2, 0x2000, 0), 0, "another one");
	ok_eq(get(MSR_MC(2, STATUS)), STATUS_VAL | STATUS_OVER | 2, "replaces it and says so");
	ok_eq(get(MSR_MC(2, ADDR)), 0x2000, "its address");
	expect_done(vcpu, "the guest is not told");
	vcpu_set_msr(vcpu, MSR_MC(2, STATUS), STATUS_VAL | STATUS_UC | 3);
	ok_eq(report(2, STATUS_VAL | 2, 0x3000, 0), 0, "one behind an uncorrected error");
	ok_eq(get(MSR_MC(2, STATUS)), STATUS_VAL | STATUS_UC | STATUS_OVER | 3, "does not replace it");
	ok_eq(get(MSR_MC(2, ADDR)), 0x2000, "nor its address");
	vcpu_set_msr(vcpu, MSR_MC(2, STATUS), 0);
}

static void enter(u64 cr4)
{
	struct kvm_sregs sregs;

	load_code(vcpu, MODE_LONG64, spin);
	vcpu_get_sregs(vcpu, &sregs);
	sregs.cr4 |= cr4;
	vcpu_set_sregs(vcpu, &sregs);
	vcpu_set_msr(vcpu, MSR_MC(3, STATUS), 0);
	vcpu_set_msr(vcpu, MSR_MCG_STATUS, 0);
}

static void test_uncorrected(void)
{
	enter(CR4_MCE);
	ok_eq(report(3, STATUS_VAL | STATUS_UC | 9, 0x4000, MCG_STATUS_MCIP | 1), 0,
	      "an uncorrected error");
	expect_fault(vcpu, MC_VECTOR_, "is an exception");
	ok_eq(get(MSR_MC(3, STATUS)), STATUS_VAL | STATUS_UC | 9, "STATUS");
	ok_eq(get(MSR_MC(3, ADDR)), 0x4000, "ADDR");
	ok_eq(get(MSR_MCG_STATUS), MCG_STATUS_MCIP | 1, "MCG_STATUS");
	ok_eq(report(3, STATUS_VAL | STATUS_UC | 9, 0x5000, MCG_STATUS_MCIP), 0,
	      "another while it is handled");
	expect_exit(vcpu, KVM_EXIT_SHUTDOWN, "ends the machine");
	enter(0);
	ok_eq(report(3, STATUS_VAL | STATUS_UC | 9, 0x4000, MCG_STATUS_MCIP), 0,
	      "one with CR4.MCE clear");
	expect_exit(vcpu, KVM_EXIT_SHUTDOWN, "ends the machine");
}

static void test_disabled(void)
{
	enter(CR4_MCE);
	load_code(vcpu, MODE_LONG64, done);
	vcpu_set_msr(vcpu, MSR_MCG_CTL, 0);
	ok_eq(report(3, STATUS_VAL | STATUS_UC, 0x4000, MCG_STATUS_MCIP), 0, "MCG_CTL 0: taken");
	vcpu_set_msr(vcpu, MSR_MCG_CTL, ~0ull);
	vcpu_set_msr(vcpu, MSR_MC(3, CTL), 0);
	ok_eq(report(3, STATUS_VAL | STATUS_UC, 0x4000, MCG_STATUS_MCIP), 0, "the bank's CTL 0: taken");
	vcpu_set_msr(vcpu, MSR_MC(3, CTL), ~0ull);
	ok_eq(get(MSR_MC(3, STATUS)), 0, "and dropped");
	expect_done(vcpu, "the guest is not told");
}

int main(void)
{
	tap_start(40);
	vm = vm_create();
	vcpu = vcpu_create(vm);
	test_errors();
	test_msrs();
	test_guest_writes();
	test_corrected();
	test_uncorrected();
	test_disabled();
	vm_destroy(vm);
	return tap_done();
}
