// SPDX-License-Identifier: GPL-2.0-only
/* RDMSR and WRMSR that userspace answers: KVM_EXIT_X86_RDMSR, KVM_EXIT_X86_WRMSR. */
#include <stdlib.h>

#include "kvm_test.h"

#define MSR_UNKNOWN 0x12345678
#define MSR_PAT 0x277
#define BAD_PAT 0x0606060606060602ull
#define DATA 0x1122334455667788ull

static struct vm *vm;
static struct vcpu *vcpu;
static bool forced;

GUEST_CODE(native_rd, 64, "rdmsr\n" GUEST_DONE);
GUEST_CODE(native_wr, 64, "wrmsr\n" GUEST_DONE);
GUEST_CODE(forced_rd, 64, GUEST_FEP "rdmsr\n" GUEST_DONE);
GUEST_CODE(forced_wr, 64, GUEST_FEP "wrmsr\n" GUEST_DONE);

static int enable(u64 mask, u32 flags)
{
	struct kvm_enable_cap cap = {
		.cap = KVM_CAP_X86_USER_SPACE_MSR, .flags = flags, .args = { mask },
	};

	return kvm_ioctl(vm->fd, KVM_ENABLE_CAP, &cap);
}

static const char *how(void)
{
	return forced ? "emulated" : "native";
}

/* Put the vCPU before the instruction. */
static void prepare(bool write, u32 index, u64 data, u64 rflags)
{
	struct kvm_regs regs;

	if (write)
		vcpu_load(vcpu, MODE_LONG64, forced ? forced_wr : native_wr,
			  forced ? forced_wr_end : native_wr_end);
	else
		vcpu_load(vcpu, MODE_LONG64, forced ? forced_rd : native_rd,
			  forced ? forced_rd_end : native_rd_end);
	vcpu_get_regs(vcpu, &regs);
	/* QEMU 7.2's SVM looks MSRs up in its map by all of RCX. */
	regs.rcx = forced ? index | 0xabcd00000000ull : index;
	regs.rax = (u32)data | 0xffffffff00000000ull;
	regs.rdx = data >> 32 | 0xffffffff00000000ull;
	regs.rflags |= rflags;
	vcpu_set_regs(vcpu, &regs);
}

/* Run; is it the exit for @index with @reason? */
static bool expect_msr(bool write, u32 index, u64 data, u32 reason, const char *name)
{
	int exit = run_until_exit(vcpu);
	struct kvm_run *run = vcpu->run;
	static const u8 zero[7];

	if (!ok(exit == (write ? KVM_EXIT_X86_WRMSR : KVM_EXIT_X86_RDMSR), "%s: %s", how(), name)) {
		note("%s", describe_exit(vcpu, exit));
		return false;
	}
	ok_eq(run->msr.index, index, "its index");
	ok_eq(run->msr.reason, reason, "its reason");
	ok_eq(run->msr.error, 0, "no error unless userspace says so");
	ok(!memcmp(run->msr.pad, zero, sizeof(zero)), "padding is clear");
	ok_eq(run->msr.data, write ? data : 0, "its data");
	return true;
}

static void expect_regs(u64 rax, u64 rdx, const char *name)
{
	struct kvm_regs regs;

	vcpu_get_regs(vcpu, &regs);
	ok_eq(regs.rax, rax, "%s: RAX", name);
	ok_eq(regs.rdx, rdx, "%s: RDX", name);
}

static void test_answers(void)
{
	prepare(false, MSR_UNKNOWN, 0, 0);
	if (expect_msr(false, MSR_UNKNOWN, 0, KVM_MSR_EXIT_REASON_UNKNOWN, "RDMSR of no MSR")) {
		vcpu->run->msr.data = DATA;
		expect_done(vcpu, "an answered RDMSR goes on");
		expect_regs((u32)DATA, DATA >> 32, "the answer");
	}
	prepare(true, MSR_UNKNOWN, DATA, 0);
	if (expect_msr(true, MSR_UNKNOWN, DATA, KVM_MSR_EXIT_REASON_UNKNOWN, "WRMSR of no MSR"))
		expect_done(vcpu, "a WRMSR taken by userspace goes on");
	prepare(false, MSR_UNKNOWN, DATA, 0);
	if (expect_msr(false, MSR_UNKNOWN, 0, KVM_MSR_EXIT_REASON_UNKNOWN, "RDMSR of no MSR")) {
		vcpu->run->msr.error = 1;
		expect_fault(vcpu, GP_VECTOR, "RDMSR with an error is #GP");
		expect_regs((u32)DATA | 0xffffffff00000000ull, DATA >> 32 | 0xffffffff00000000ull,
			    "the refused RDMSR changes nothing");
	}
	prepare(true, MSR_UNKNOWN, DATA, 0);
	if (expect_msr(true, MSR_UNKNOWN, DATA, KVM_MSR_EXIT_REASON_UNKNOWN, "WRMSR of no MSR")) {
		vcpu->run->msr.error = 1;
		expect_fault(vcpu, GP_VECTOR, "WRMSR with an error is #GP");
	}
}

static void test_reasons(void)
{
	prepare(true, MSR_PAT, BAD_PAT, 0);
	expect_fault(vcpu, GP_VECTOR, "a bad value is #GP while only unknown MSRs are asked for");
	must(enable(KVM_MSR_EXIT_REASON_INVAL, 0));
	prepare(false, MSR_UNKNOWN, 0, 0);
	expect_fault(vcpu, GP_VECTOR, "no MSR is #GP while only bad values are asked for");
	prepare(true, MSR_PAT, BAD_PAT, 0);
	if (expect_msr(true, MSR_PAT, BAD_PAT, KVM_MSR_EXIT_REASON_INVAL, "a bad value"))
		expect_done(vcpu, "userspace takes the bad value");
	prepare(true, MSR_PAT, 0x0007040600070406ull, 0);
	expect_done(vcpu, "a good value is not userspace's");
	must(enable(KVM_MSR_EXIT_REASON_UNKNOWN, 0));
}

static void test_step(void)
{
	struct guest_fault fault;
	int exit;

	prepare(false, MSR_UNKNOWN, 0, FLAG_TF);
	if (!expect_msr(false, MSR_UNKNOWN, 0, KVM_MSR_EXIT_REASON_UNKNOWN, "RDMSR with TF"))
		return;
	vcpu->run->msr.data = DATA;
	exit = run_until_exit(vcpu);
	if (!ok(vcpu_fault(vcpu, &fault) && fault.vector == DB_VECTOR, "the step traps"))
		note("%s", describe_exit(vcpu, exit));
	else
		ok_eq(fault.rip, CODE_GPA + (forced ? 7 : 2), "after the instruction");
}

static void test_immediate(void)
{
	struct kvm_regs regs;

	prepare(false, MSR_UNKNOWN, 0, 0);
	if (!expect_msr(false, MSR_UNKNOWN, 0, KVM_MSR_EXIT_REASON_UNKNOWN, "RDMSR"))
		return;
	vcpu->run->msr.data = DATA;
	vcpu->run->immediate_exit = 1;
	ok_eq(vcpu_run(vcpu), -EINTR, "KVM_RUN with immediate_exit");
	vcpu->run->immediate_exit = 0;
	vcpu_get_regs(vcpu, &regs);
	ok_eq(regs.rip, CODE_GPA + (forced ? 7 : 2), "it has completed the instruction");
	ok_eq(regs.rax, (u32)DATA, "with the answer");
	expect_done(vcpu, "the guest goes on");
}

static void test_moved(void)
{
	struct kvm_regs regs;

	if (!kvm_is_ours()) {
		skip("RIP moved by userspace", "this KVM skips an instruction at the new place");
		return;
	}
	prepare(false, MSR_UNKNOWN, DATA, 0);
	if (!expect_msr(false, MSR_UNKNOWN, 0, KVM_MSR_EXIT_REASON_UNKNOWN, "RDMSR"))
		return;
	vcpu_get_regs(vcpu, &regs);
	regs.rip = CODE_GPA + (forced ? 7 : 2);
	vcpu_set_regs(vcpu, &regs);
	vcpu->run->msr.data = 0;
	expect_done(vcpu, "a guest moved behind the RDMSR goes on there");
	expect_regs((u32)DATA | 0xffffffff00000000ull, DATA >> 32 | 0xffffffff00000000ull,
		    "and has no answer");
}

static void test_all(void)
{
	must(enable(KVM_MSR_EXIT_REASON_UNKNOWN, 0));
	test_answers();
	test_reasons();
	test_step();
	test_immediate();
	test_moved();
	must(enable(0, 0));
	prepare(false, MSR_UNKNOWN, 0, 0);
	expect_fault(vcpu, GP_VECTOR, "#GP again when userspace asks no more");
}

int main(void)
{
	tap_start(40);
	vm = vm_create();
	vcpu = vcpu_create(vm);
	if (read_flag("/sys/module/kvm/parameters/ignore_msrs") == 'Y')
		skip_all("kvm.ignore_msrs is on");
	ok_eq(kvm_has(KVM_CAP_X86_USER_SPACE_MSR), 1, "KVM_CAP_X86_USER_SPACE_MSR");
	ok_eq(enable(8, 0), -EINVAL, "an unknown reason");
	ok_eq(enable(1ull << 40, 0), -EINVAL, "a reason above 32 bits");
	ok_eq(enable(7, 1), -EINVAL, "flags");
	ok_eq(kvm_ioctl(vm->fd, KVM_ENABLE_CAP, (void *)8), -EFAULT, "a bad pointer");
	prepare(false, MSR_UNKNOWN, 0, 0);
	expect_fault(vcpu, GP_VECTOR, "no MSR is #GP");
	test_all();
	if (forced_emulation_missing()) {
		skip("emulated RDMSR and WRMSR", forced_emulation_missing());
	} else {
		forced = true;
		test_all();
	}
	vm_destroy(vm);
	return tap_done();
}
