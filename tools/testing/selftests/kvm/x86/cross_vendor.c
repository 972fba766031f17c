// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest of the other vendor: its hypercall instruction, its SYSENTER, and
 * instructions that are its CPUID's but not this processor's, or the reverse.
 */
#include <stdlib.h>

#include "kvm_test.h"

#define MSR_SYSENTER_CS		0x174
#define MSR_SYSENTER_ESP	0x175
#define MSR_SYSENTER_EIP	0x176
#define MSR_EFER		0xc0000080
#define CR4_UMIP		(1ull << 11)

#define KVM_ENOSYS		1000

#define INTEL_EBX	0x756e6547	/* Genu ineI ntel */
#define INTEL_EDX	0x49656e69
#define INTEL_ECX	0x6c65746e
#define AMD_EBX		0x68747541	/* Auth enti cAMD */
#define AMD_EDX		0x69746e65
#define AMD_ECX		0x444d4163

GUEST_CODE(vmcall, 64, "mov $99, %eax\n vmcall\n mov %rax, %rsi\n" GUEST_DONE);
GUEST_CODE(vmmcall, 64, "mov $99, %eax\n vmmcall\n mov %rax, %rsi\n" GUEST_DONE);
GUEST_CODE(vmcall32, 32, "mov $99, %eax\n vmcall\n mov %eax, %esi\n" GUEST_DONE);
GUEST_CODE(sysenter, 64, "sysenter\n" GUEST_DONE);
GUEST_CODE(landing, 64, "mov %rsp, %rsi\n mov %cs, %edi\n mov %ss, %ebx\n" GUEST_DONE);
GUEST_CODE(write_eip, 64,
	   "mov $0x176, %ecx\n mov $0x12345678, %eax\n mov $0xffff8000, %edx\n wrmsr\n"
	   "xor %eax, %eax\n xor %edx, %edx\n rdmsr\n" GUEST_DONE);
GUEST_CODE(monitor, 64, "mov $0x30000, %eax\n xor %ecx, %ecx\n monitor\n" GUEST_DONE);
GUEST_CODE(mwait, 64, "xor %eax, %eax\n xor %ecx, %ecx\n mwait\n" GUEST_DONE);
GUEST_CODE(sgdt, 64, "mov $0x30000, %ebx\n sgdt (%rbx)\n" GUEST_DONE);
GUEST_CODE(sidt, 64, "mov $0x30000, %ebx\n sidt (%rbx)\n" GUEST_DONE);
GUEST_CODE(sldt, 64, "mov $-1, %rax\n sldt %eax\n" GUEST_DONE);
GUEST_CODE(str, 64, "mov $-1, %rax\n str %eax\n" GUEST_DONE);
GUEST_CODE(smsw, 64, "mov $-1, %rax\n smsw %rax\n" GUEST_DONE);

static struct vm *vm;
static struct vcpu *vcpu;

/* A vCPU with everything supported, but by another maker; @monitor: with MONITOR, too. */
static void set_vendor(bool intel, bool monitor)
{
	struct kvm_cpuid2 *set = get_supported_cpuid(vm->kvm_fd);
	unsigned int i;

	for (i = 0; i < set->nent; i++) {
		struct kvm_cpuid_entry2 *e = &set->entries[i];

		if (e->function == 0) {
			e->ebx = intel ? INTEL_EBX : AMD_EBX;
			e->ecx = intel ? INTEL_ECX : AMD_ECX;
			e->edx = intel ? INTEL_EDX : AMD_EDX;
		}
		if (e->function == 1 && monitor)
			e->ecx |= 1u << 3;
	}
	vcpu = vcpu_create(vm);
	must(kvm_ioctl(vcpu->fd, KVM_SET_CPUID2, set));
	free(set);
}

/* Where the hypercall instruction lies in vmcall[], and its last byte in the guest. */
#define HYPERCALL_AT	5
static u8 hypercall_byte(void)
{
	return *(u8 *)gpa_to_hva(vm, CODE_GPA + HYPERCALL_AT + 2);
}

static void expect_hypercall(const char *name, u64 answer)
{
	struct kvm_regs r;

	if (!expect_done(vcpu, name))
		return;
	vcpu_get_regs(vcpu, &r);
	ok_eq(r.rsi, answer, "%s: unknown", name);
}

static void test_hypercall(void)
{
	bool svm = !strcmp(modules_vendor(), "kvm_amd");
	u8 own = svm ? 0xd9 : 0xc1;
	struct kvm_regs r;

	load_code(vcpu, MODE_LONG64, vmcall);
	expect_hypercall("VMCALL", -(u64)KVM_ENOSYS);
	ok_eq(hypercall_byte(), own, "it is this processor's now");
	vcpu_get_regs(vcpu, &r);
	r.rip = CODE_GPA;
	vcpu_set_regs(vcpu, &r);
	expect_hypercall("the patched one", -(u64)KVM_ENOSYS);

	load_code(vcpu, MODE_LONG64, vmmcall);
	expect_hypercall("VMMCALL", -(u64)KVM_ENOSYS);
	ok_eq(hypercall_byte(), own, "it is this processor's now");

	load_code(vcpu, MODE_PAGED32, vmcall32);
	expect_hypercall("VMCALL in 32-bit code", (u32)-KVM_ENOSYS);
	ok_eq(hypercall_byte(), own, "it is this processor's now");

	/* Code that the guest may not write is left alone. */
	vm_map(vm, CODE_GPA, CODE_GPA, PTE_P | PTE_U | PTE_A);
	vcpu_load(vcpu, MODE_LONG64, svm ? vmcall : vmmcall, svm ? vmcall_end : vmmcall_end);
	expect_hypercall("the other vendor's in read-only code", -(u64)KVM_ENOSYS);
	ok_eq(hypercall_byte(), own ^ 0xc1 ^ 0xd9, "it stays as it was");
	vm_map(vm, CODE_GPA, CODE_GPA, PTE_P | PTE_W | PTE_U | PTE_A | PTE_D);
}

static void load_sysenter(void)
{
	load_code(vcpu, MODE_LONG64, sysenter);
	vcpu_set_user(vcpu);
	vm_write(vm, CODE_GPA + 0x400, landing, landing_end - landing);
	ok_eq(vcpu_set_msr(vcpu, MSR_SYSENTER_CS, SEL_CODE64), 1, "set SYSENTER_CS");
	ok_eq(vcpu_set_msr(vcpu, MSR_SYSENTER_ESP, 0x123456789ab0), 1, "set SYSENTER_ESP");
	ok_eq(vcpu_set_msr(vcpu, MSR_SYSENTER_EIP, CODE_GPA + 0x400), 1, "set SYSENTER_EIP");
}

static void test_sysenter(void)
{
	struct kvm_regs r;
	u64 val = 0;

	set_vendor(true, false);
	load_sysenter();
	expect_done(vcpu, "Intel's SYSENTER in 64-bit mode");
	vcpu_get_regs(vcpu, &r);
	ok_eq(r.rsi, 0x123456789ab0, "with a 64-bit stack");
	ok_eq(r.rdi, SEL_CODE64, "at CPL 0");
	ok_eq(r.rbx, SEL_CODE64 + 8, "and its stack segment");

	load_code(vcpu, MODE_LONG64, write_eip);
	expect_done(vcpu, "the guest writes SYSENTER_EIP");
	vcpu_get_regs(vcpu, &r);
	ok_eq(r.rdx, 0xffff8000, "and reads its upper half");
	ok_eq(vcpu_get_msr(vcpu, MSR_SYSENTER_EIP, &val), 1, "so does the VMM");
	ok_eq(val, 0xffff800012345678, "all of it");

	set_vendor(false, false);
	load_sysenter();
	if (strcmp(modules_vendor(), "kvm_amd"))
		skip("AMD's SYSENTER in 64-bit mode", "Intel's processor executes it");
	else
		expect_fault(vcpu, UD_VECTOR, "AMD's SYSENTER in 64-bit mode");
}

static void test_monitor(void)
{
	set_vendor(true, false);
	load_code(vcpu, MODE_LONG64, monitor);
	expect_fault(vcpu, UD_VECTOR, "MONITOR without its CPUID bit");
	load_code(vcpu, MODE_LONG64, mwait);
	expect_fault(vcpu, UD_VECTOR, "MWAIT without its CPUID bit");
	set_vendor(true, true);
	load_code(vcpu, MODE_LONG64, monitor);
	expect_done(vcpu, "MONITOR with it");
	load_code(vcpu, MODE_LONG64, mwait);
	expect_done(vcpu, "MWAIT with it");
	load_code(vcpu, MODE_LONG64, monitor);
	vcpu_set_user(vcpu);
	expect_fault(vcpu, UD_VECTOR, "MONITOR at CPL 3");
}

static void set_umip(void)
{
	struct kvm_sregs s;

	vcpu_get_sregs(vcpu, &s);
	s.cr4 |= CR4_UMIP;
	vcpu_set_sregs(vcpu, &s);
}

static bool smsw_faults(void)
{
	u32 eax = 7, ebx, ecx = 0, edx;

	asm volatile("cpuid" : "+a" (eax), "=b" (ebx), "+c" (ecx), "=d" (edx));
	return !strcmp(modules_vendor(), "kvm_amd") || (ecx & 1 << 2);
}

/* Also where the processor has no UMIP: the lab can boot without it. */
static void test_umip(void)
{
	static const struct {
		const char *name;
		const u8 *code, *end;
	} insn[] = {
		{ "SGDT", sgdt, sgdt_end }, { "SIDT", sidt, sidt_end },
		{ "SLDT", sldt, sldt_end }, { "STR", str, str_end }, { "SMSW", smsw, smsw_end },
	};
	struct kvm_sregs s;
	struct kvm_regs r;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(insn); i++) {
		vcpu_load(vcpu, MODE_LONG64, insn[i].code, insn[i].end);
		set_umip();
		vcpu_set_user(vcpu);
		if (insn[i].code == smsw && !smsw_faults())
			skip("SMSW", "VMX does not intercept it, and this processor has no UMIP");
		else
			expect_fault(vcpu, GP_VECTOR, insn[i].name);
		vcpu_load(vcpu, MODE_LONG64, insn[i].code, insn[i].end);
		set_umip();
		expect_done(vcpu, "the same at CPL 0");
	}
	vcpu_get_regs(vcpu, &r);
	vcpu_get_sregs(vcpu, &s);
	ok_eq(r.rax, s.cr0, "SMSW's result");
	ok(s.cr4 & CR4_UMIP, "CR4.UMIP is there");
	for (i = 0; i < ARRAY_SIZE(insn); i++) {
		vcpu_load(vcpu, MODE_LONG64, insn[i].code, insn[i].end);
		vcpu_get_sregs(vcpu, &s);
		s.cr4 &= ~CR4_UMIP;
		vcpu_set_sregs(vcpu, &s);
		vcpu_set_user(vcpu);
		vcpu_get_regs(vcpu, &r);
		r.rflags |= 3 << 12;	/* IOPL, for GUEST_DONE */
		vcpu_set_regs(vcpu, &r);
		expect_done(vcpu, insn[i].name);
	}
}

int main(void)
{
	tap_start(30);
	if (!kvm_is_ours())
		skip_all("what these modules make of another vendor's guest is theirs");
	if (modules_missing())
		note("%s", modules_missing());
	vm = vm_create();
	vcpu = vcpu_create(vm);
	test_hypercall();
	test_sysenter();
	test_monitor();
	test_umip();
	vm_destroy(vm);
	return tap_done();
}
