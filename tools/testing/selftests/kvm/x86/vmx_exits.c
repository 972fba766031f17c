// SPDX-License-Identifier: GPL-2.0-only
/*
 * Instructions that a hypervisor has a control for: what the guest sees of each, at
 * every privilege level, is what a processor without it would do.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "kvm_test.h"

#define RETIRES		-1
#define FLAG_IOPL	(3ull << 12)
#define MSR_TSC_AUX	0xc0000103

struct test {
	const char *name;
	const u8 *code, *end;
	bool user;
	int vector;		/* or RETIRES */
};

#define CODE(name, text) GUEST_CODE(insn_##name, 64, text "\n" GUEST_DONE)
#define T(name, user, vector) { #name, insn_##name, insn_##name##_end, user, vector }

CODE(invd, "invd");
CODE(wbinvd, "wbinvd");
CODE(rdpmc, "xor %ecx, %ecx\n rdpmc");
CODE(pause, "pause");
CODE(hlt, "hlt");
CODE(clts, "clts");
CODE(invlpg, "invlpg (%rsp)");
CODE(mov_to_cr0, "mov %cr0, %rax\n mov %rax, %cr0");
CODE(mov_to_cr3, "mov %cr3, %rax\n mov %rax, %cr3");
CODE(mov_from_cr8, "mov %cr8, %rax");
CODE(mov_from_dr7, "mov %dr7, %rax");
CODE(lmsw, "smsw %eax\n lmsw %ax");
CODE(rdmsr, "mov $0xc0000080, %ecx\n rdmsr");
CODE(wrmsr, "mov $0xc0000080, %ecx\n mov $0x501, %eax\n xor %edx, %edx\n wrmsr");
CODE(xsetbv, "xor %ecx, %ecx\n mov $1, %eax\n xor %edx, %edx\n xsetbv");
CODE(vmxon, "push $0\n vmxon (%rsp)");
CODE(vmxoff, "vmxoff");
CODE(vmclear, "push $0\n vmclear (%rsp)");
CODE(vmptrld, "push $0\n vmptrld (%rsp)");
CODE(vmptrst, "push $0\n vmptrst (%rsp)");
CODE(vmread, "vmread %rax, %rbx");
CODE(vmwrite, "vmwrite %rax, %rbx");
CODE(vmlaunch, "vmlaunch");
CODE(vmresume, "vmresume");
CODE(vmfunc, "vmfunc");
CODE(invept, "mov $2, %eax\n invept (%rsp), %rax");
CODE(invvpid, "mov $2, %eax\n invvpid (%rsp), %rax");
CODE(encls, "mov $0xff, %eax\n encls");
CODE(getsec, "xor %eax, %eax\n getsec");
CODE(rsm, "rsm");
CODE(monitor, "mov %rsp, %rax\n xor %ecx, %ecx\n xor %edx, %edx\n monitor");
CODE(mwait, "xor %eax, %eax\n xor %ecx, %ecx\n mwait");
CODE(invpcid, "push $0\n push $0\n mov $2, %eax\n invpcid (%rsp), %rax");
CODE(rdtscp, "rdtscp");

static const struct test always[] = {
	T(invd, false, RETIRES), T(invd, true, GP_VECTOR),
	T(wbinvd, false, RETIRES), T(wbinvd, true, GP_VECTOR),
	T(pause, false, RETIRES), T(pause, true, RETIRES),
	T(hlt, true, GP_VECTOR),
	T(clts, false, RETIRES), T(clts, true, GP_VECTOR),
	T(invlpg, false, RETIRES), T(invlpg, true, GP_VECTOR),
	T(mov_to_cr0, false, RETIRES), T(mov_to_cr0, true, GP_VECTOR),
	T(mov_to_cr3, false, RETIRES), T(mov_to_cr3, true, GP_VECTOR),
	T(mov_from_cr8, false, RETIRES), T(mov_from_cr8, true, GP_VECTOR),
	T(mov_from_dr7, false, RETIRES), T(mov_from_dr7, true, GP_VECTOR),
	T(lmsw, false, RETIRES), T(lmsw, true, GP_VECTOR),
	T(rdmsr, false, RETIRES), T(rdmsr, true, GP_VECTOR),
	T(wrmsr, false, RETIRES), T(wrmsr, true, GP_VECTOR),
	/* No counter is virtualized, and CR4.PCE is 0. */
	T(rdpmc, false, GP_VECTOR), T(rdpmc, true, GP_VECTOR),
	/* CR4.OSXSAVE is 0. */
	T(xsetbv, false, UD_VECTOR),
	/* CR4.VMXE is 0, and these are no instructions without it. */
	T(vmxon, false, UD_VECTOR), T(vmxon, true, UD_VECTOR),
	T(vmxoff, false, UD_VECTOR), T(vmxoff, true, UD_VECTOR),
	T(vmclear, false, UD_VECTOR), T(vmclear, true, UD_VECTOR),
	T(vmptrld, false, UD_VECTOR), T(vmptrld, true, UD_VECTOR),
	T(vmptrst, false, UD_VECTOR), T(vmptrst, true, UD_VECTOR),
	T(vmread, false, UD_VECTOR), T(vmread, true, UD_VECTOR),
	T(vmwrite, false, UD_VECTOR), T(vmwrite, true, UD_VECTOR),
	T(vmlaunch, false, UD_VECTOR), T(vmlaunch, true, UD_VECTOR),
	T(vmresume, false, UD_VECTOR), T(vmresume, true, UD_VECTOR),
	T(invept, false, UD_VECTOR), T(invept, true, UD_VECTOR),
	T(invvpid, false, UD_VECTOR), T(invvpid, true, UD_VECTOR),
	T(vmfunc, false, UD_VECTOR), T(vmfunc, true, UD_VECTOR),
	T(encls, false, UD_VECTOR), T(encls, true, UD_VECTOR),
	T(getsec, false, UD_VECTOR), T(getsec, true, UD_VECTOR),
	T(rsm, false, UD_VECTOR), T(rsm, true, UD_VECTOR),
};

/* With the instruction's bit in the guest's CPUID, and without. */
static const struct test with_monitor[] = {
	T(monitor, false, RETIRES), T(mwait, false, RETIRES),
};
static const struct test without_monitor[] = {
	T(monitor, false, UD_VECTOR), T(monitor, true, UD_VECTOR),
	T(mwait, false, UD_VECTOR), T(mwait, true, UD_VECTOR),
};
static const struct test with_invpcid[] = {
	T(invpcid, false, RETIRES), T(invpcid, true, GP_VECTOR),
};
static const struct test without_invpcid[] = {
	T(invpcid, false, UD_VECTOR), T(invpcid, true, UD_VECTOR),
};
static const struct test with_rdtscp[] = {
	T(rdtscp, false, RETIRES), T(rdtscp, true, RETIRES),
};
static const struct test without_rdtscp[] = {
	T(rdtscp, false, UD_VECTOR), T(rdtscp, true, UD_VECTOR),
};

/* At CPL 3, where GUEST_DONE needs IOPL 3. */
static void set_user(struct vcpu *vcpu)
{
	struct kvm_regs r;

	vcpu_set_user(vcpu);
	vcpu_get_regs(vcpu, &r);
	r.rflags |= FLAG_IOPL;
	vcpu_set_regs(vcpu, &r);
}

static void run_one(struct vcpu *vcpu, const struct test *t, const char *suffix)
{
	char name[64];

	snprintf(name, sizeof(name), "%s at CPL %d%s", t->name, t->user ? 3 : 0, suffix);
	vcpu_load(vcpu, MODE_LONG64, t->code, t->end);
	if (t->user)
		set_user(vcpu);
	if (t->vector == RETIRES)
		expect_done(vcpu, name);
	else
		expect_fault(vcpu, t->vector, name);
}

#define RUN(vcpu, tests, suffix) run_all(vcpu, tests, ARRAY_SIZE(tests), suffix)
static void run_all(struct vcpu *vcpu, const struct test *t, size_t n, const char *suffix)
{
	for (; n; n--, t++)
		run_one(vcpu, t, suffix);
}

enum reg { EAX, EBX, ECX, EDX };

static u32 *cpuid_reg(struct kvm_cpuid2 *cpuid, u32 function, enum reg reg)
{
	u32 i;

	for (i = 0; i < cpuid->nent; i++)
		if (cpuid->entries[i].function == function && !cpuid->entries[i].index)
			return &cpuid->entries[i].eax + reg;
	return NULL;
}

/* A vCPU of a new VM, with a bit of CPUID set or clear. */
static struct vcpu *vcpu_with(u32 function, enum reg reg, u32 bit, bool on)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_create(vm);
	struct kvm_cpuid2 *cpuid = get_supported_cpuid(vm->kvm_fd);
	u32 *val = cpuid_reg(cpuid, function, reg);

	if (val)
		*val = on ? *val | bit : *val & ~bit;
	/* RDPID needs the same control as RDTSCP. */
	val = cpuid_reg(cpuid, 7, ECX);
	if (function == 0x80000001 && val)
		*val &= ~(1u << 22);
	must(kvm_ioctl(vcpu->fd, KVM_SET_CPUID2, cpuid));
	free(cpuid);
	return vcpu;
}

static bool supported(u32 function, enum reg reg, u32 bit)
{
	int fd = open_kvm();
	struct kvm_cpuid2 *cpuid = get_supported_cpuid(fd);
	u32 *val = cpuid_reg(cpuid, function, reg);
	bool yes = val && (*val & bit);

	free(cpuid);
	close(fd);
	return yes;
}

static void test_monitor(void)
{
	struct vcpu *vcpu = vcpu_with(1, ECX, 1u << 3, true);

	RUN(vcpu, with_monitor, " with MONITOR");
	vm_destroy(vcpu->vm);
	if (!kvm_is_ours()) {
		skip("MONITOR, MWAIT without MONITOR", "a quirk of these modules lets them pass");
		return;
	}
	vcpu = vcpu_with(1, ECX, 1u << 3, false);
	RUN(vcpu, without_monitor, " without MONITOR");
	vm_destroy(vcpu->vm);
}

static void test_invpcid(void)
{
	struct vcpu *vcpu;

	if (!supported(7, EBX, 1u << 10)) {
		skip("INVPCID", "this CPU does not have it");
		return;
	}
	vcpu = vcpu_with(7, EBX, 1u << 10, true);
	RUN(vcpu, with_invpcid, " with INVPCID");
	vm_destroy(vcpu->vm);
	vcpu = vcpu_with(7, EBX, 1u << 10, false);
	RUN(vcpu, without_invpcid, " without INVPCID");
	vm_destroy(vcpu->vm);
}

static void test_rdtscp(void)
{
	struct kvm_regs r;
	struct vcpu *vcpu;

	if (!supported(0x80000001, EDX, 1u << 27)) {
		skip("RDTSCP", "this CPU does not have it");
		return;
	}
	vcpu = vcpu_with(0x80000001, EDX, 1u << 27, true);
	must(vcpu_set_msr(vcpu, MSR_TSC_AUX, 0x5a5a));
	RUN(vcpu, with_rdtscp, " with RDTSCP");
	vcpu_get_regs(vcpu, &r);
	ok_eq(r.rcx, 0x5a5a, "and reads TSC_AUX");
	vm_destroy(vcpu->vm);
	if (access("/sys/module/kvm_intel", F_OK)) {
		skip("RDTSCP without RDTSCP", "QEMU does not intercept it");
		return;
	}
	vcpu = vcpu_with(0x80000001, EDX, 1u << 27, false);
	RUN(vcpu, without_rdtscp, " without RDTSCP");
	vm_destroy(vcpu->vm);
}

int main(void)
{
	struct vm *vm;

	tap_start(40);
	vm = vm_create();
	RUN(vcpu_create(vm), always, "");
	vm_destroy(vm);
	test_monitor();
	test_invpcid();
	test_rdtscp();
	return tap_done();
}
