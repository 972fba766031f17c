// SPDX-License-Identifier: GPL-2.0-only
/* CPUID, MSRs, control and debug registers as the guest sees them. */
#include <stdlib.h>

#include "kvm_test.h"

#define MSR_EFER 0xc0000080
#define MSR_STAR 0xc0000081
#define MSR_LSTAR 0xc0000082
#define MSR_CSTAR 0xc0000083
#define MSR_SFMASK 0xc0000084
#define MSR_FS_BASE 0xc0000100
#define MSR_GS_BASE 0xc0000101
#define MSR_KERNEL_GS_BASE 0xc0000102
#define MSR_SYSENTER_CS 0x174
#define MSR_SYSENTER_ESP 0x175
#define MSR_SYSENTER_EIP 0x176
#define MSR_TSC_AUX 0xc0000103
#define MSR_PAT 0x277
#define MSR_UNKNOWN 0x12345678

GUEST_CODE(cpuid, 64, "cpuid\n" GUEST_DONE);
GUEST_CODE(rdmsr, 64, "rdmsr\n" GUEST_DONE);
GUEST_CODE(wrmsr, 64, "wrmsr\n xor %eax, %eax\n xor %edx, %edx\n rdmsr\n" GUEST_DONE);
GUEST_CODE(rdtsc, 64,
	   "rdtsc\n shl $32, %rdx\n or %rdx, %rax\n mov %rax, %rbx\n"
	   "rdtsc\n shl $32, %rdx\n or %rdx, %rax\n" GUEST_DONE);
GUEST_CODE(read_cr, 64,
	   "mov %cr0, %rax\n mov %cr2, %rbx\n mov %cr3, %rcx\n mov %cr4, %rdx\n"
	   "smsw %esi\n" GUEST_DONE);
GUEST_CODE(write_cr0, 64, "mov %rax, %cr0\n mov %cr0, %rbx\n" GUEST_DONE);
GUEST_CODE(write_cr4, 64, "mov %rax, %cr4\n mov %cr4, %rbx\n" GUEST_DONE);
GUEST_CODE(write_cr2, 64, "mov %rax, %cr2\n mov %cr2, %rbx\n" GUEST_DONE);
GUEST_CODE(write_cr8, 64, "mov %rax, %cr8\n mov %cr8, %rbx\n" GUEST_DONE);
GUEST_CODE(task_switched, 64,
	   "mov %cr0, %rax\n or $8, %eax\n mov %rax, %cr0\n movups %xmm0, %xmm1\n");
GUEST_CODE(clts, 64,
	   "mov %cr0, %rax\n or $8, %eax\n mov %rax, %cr0\n clts\n movups %xmm0, %xmm1\n"
	   "mov %cr0, %rbx\n" GUEST_DONE);
GUEST_CODE(lmsw, 32, "mov $0x1a, %eax\n lmsw %ax\n mov %cr0, %ebx\n" GUEST_DONE);
GUEST_CODE(tlb, 64,
	   "mov 0x50000, %rax\n"		/* into the TLB */
	   "movq $0x52067, 0xb000 + 0x50 * 8\n"	/* another page */
	   "invlpg 0x50000\n mov 0x50000, %rbx\n"
	   "movq $0x51067, 0xb000 + 0x50 * 8\n"
	   "mov %cr3, %rdx\n mov %rdx, %cr3\n mov 0x50000, %rcx\n" GUEST_DONE);
GUEST_CODE(write_dr, 64,
	   "mov $0x1000, %eax\n mov %rax, %dr0\n"
	   "mov $0x2000, %eax\n mov %rax, %dr1\n"
	   "mov $0x3000, %eax\n mov %rax, %dr2\n"
	   "movabs $0x7fff00004000, %rax\n mov %rax, %dr3\n"
	   "mov %dr0, %rbx\n mov %dr1, %rcx\n mov %dr2, %rsi\n mov %dr3, %rdi\n"
	   "mov %dr6, %r8\n mov %dr7, %r9\n" GUEST_DONE);
GUEST_CODE(breakpoint, 64,
	   "lea 1f(%rip), %rax\n mov %rax, %dr0\n mov $0x402, %eax\n mov %rax, %dr7\n"
	   "nop\n 1: inc %rbx\n" GUEST_DONE);
GUEST_CODE(watchpoint, 64,
	   "mov $0x30010, %eax\n mov %rax, %dr1\n mov $0xd00408, %eax\n mov %rax, %dr7\n"
	   "mov 0x30010, %ebx\n mov %ebx, 0x30014\n mov %ebx, 0x30010\n" GUEST_DONE);
GUEST_CODE(disarm, 64, "mov $0x400, %eax\n mov %rax, %dr7\n" GUEST_DONE);
GUEST_CODE(dr4, 64, "mov $0x5000, %eax\n mov %dr4, %rbx\n mov %dr6, %rcx\n" GUEST_DONE);
GUEST_CODE(dr7_high, 64, "mov $1, %eax\n shl $32, %rax\n mov %rax, %dr7\n");
GUEST_CODE(step, 64, "nop\n inc %rbx\n cpuid\n 1:" GUEST_DONE);

static struct vm *vm;
static struct vcpu *vcpu;

static void start(const u8 *code, const u8 *end, u64 rax, u64 rcx, u64 rdx)
{
	struct kvm_regs r;

	vcpu_load(vcpu, MODE_LONG64, code, end);
	vcpu_get_regs(vcpu, &r);
	r.rax = rax;
	r.rcx = rcx;
	r.rdx = rdx;
	vcpu_set_regs(vcpu, &r);
}

#define START(code, rax, rcx, rdx) start(code, code##_end, rax, rcx, rdx)

static void test_cpuid(void)
{
	struct kvm_cpuid2 *set = get_supported_cpuid(vm->kvm_fd);
	struct kvm_cpuid_entry2 *mine = &set->entries[set->nent];
	struct kvm_regs r;
	u32 i;

	for (i = 0; i < set->nent; i++)
		if (set->entries[i].function == 0x80000002)
			mine = &set->entries[i];
	*mine = (struct kvm_cpuid_entry2) {
		.function = 0x80000002, .eax = 0x11111111, .ebx = 0x22222222,
		.ecx = 0x33333333, .edx = 0x44444444,
	};
	if (mine == &set->entries[set->nent])
		set->nent++;
	must(kvm_ioctl(vcpu->fd, KVM_SET_CPUID2, set));
	START(cpuid, 0xffffffff80000002, 0xffffffff00000000, 0);
	expect_done(vcpu, "CPUID in the guest");
	vcpu_get_regs(vcpu, &r);
	ok(r.rax == 0x11111111 && r.rbx == 0x22222222 && r.rcx == 0x33333333 &&
	   r.rdx == 0x44444444, "gives what SET_CPUID2 said, zero-extended");
	START(cpuid, 0, 0, 0);
	expect_done(vcpu, "leaf 0");
	vcpu_get_regs(vcpu, &r);
	for (i = 0; i < set->nent && set->entries[i].function; i++)
		;
	ok(r.rax == set->entries[i].eax && r.rbx == set->entries[i].ebx, "as set");
	START(cpuid, 0x50000000, 0, 0);
	expect_done(vcpu, "a leaf that was not set");
	START(cpuid, 0, 0, 0);
	vcpu_set_user(vcpu);
	vcpu->run->exit_reason = 0;
	ok(run_until_exit(vcpu) == KVM_EXIT_IO, "CPUID at CPL 3");
	free(set);
}

static void msr_round_trip(u32 msr, u64 value, const char *name)
{
	struct kvm_regs r;
	u64 seen = 0;

	START(wrmsr, (u32)value, msr, value >> 32);
	expect_done(vcpu, name);
	vcpu_get_regs(vcpu, &r);
	ok_eq(r.rax | r.rdx << 32, value, "%s: the guest reads what it wrote", name);
	vcpu_get_msr(vcpu, msr, &seen);
	ok_eq(seen, value, "%s: GET_MSRS sees it", name);
}

static void msr_faults(const u8 *code, const u8 *end, u32 msr, u64 value,
		       const char *name)
{
	struct guest_fault f = { .error_code = 1 };

	start(code, end, (u32)value, msr, value >> 32);
	expect_fault(vcpu, GP_VECTOR, name);
	vcpu_fault(vcpu, &f);
	ok(f.error_code == 0 && f.rip == CODE_GPA, "error code 0, RIP at the instruction");
}

#define MSR_FAULTS(code, msr, value, name) \
	msr_faults(code, code##_end, msr, value, name)

/* Bits that an AMD processor ignores come from nowhere, and userspace may hand back what it saw. */
static void test_ignored_bits(void)
{
	u64 value = 0;

	modules_missing();
	if (strcmp(modules_vendor(), "kvm_amd")) {
		skip("ignored bits of SYSENTER's MSRs and TSC_AUX", "Intel's processors refuse them");
		return;
	}
	ok_eq(vcpu_set_msr(vcpu, MSR_SYSENTER_EIP, 0x8000123456789abcull), 1,
	      "SYSENTER_EIP that is not canonical");
	vcpu_get_msr(vcpu, MSR_SYSENTER_EIP, &value);
	ok_eq((u32)value, 0x56789abc, "keeps the half that counts");
	ok_eq(vcpu_set_msr(vcpu, MSR_SYSENTER_ESP, 0x0000923456789abcull), 1,
	      "SYSENTER_ESP that is not canonical");
	vcpu_get_msr(vcpu, MSR_SYSENTER_ESP, &value);
	ok_eq((u32)value, 0x56789abc, "keeps the half that counts");
	ok_eq(vcpu_set_msr(vcpu, MSR_TSC_AUX, 0x5600000012ull), 1, "TSC_AUX with upper bits");
	vcpu_get_msr(vcpu, MSR_TSC_AUX, &value);
	ok_eq(value, 0x12, "has the lower ones");
}

static void test_msrs(void)
{
	struct kvm_regs r;
	u64 value;

	msr_round_trip(MSR_STAR, 0x0023001000000000, "STAR");
	msr_round_trip(MSR_LSTAR, 0xffff800012345678, "LSTAR");
	msr_round_trip(MSR_CSTAR, 0x7fff12345678, "CSTAR");
	msr_round_trip(MSR_SFMASK, 0x47700, "SFMASK");
	msr_round_trip(MSR_FS_BASE, 0xffff800000001000, "FS.base");
	msr_round_trip(MSR_GS_BASE, 0x7fff00001000, "GS.base");
	msr_round_trip(MSR_KERNEL_GS_BASE, 0xffffffff80000000, "KernelGSBase");
	msr_round_trip(MSR_SYSENTER_CS, 0x10, "SYSENTER_CS");
	msr_round_trip(MSR_SYSENTER_ESP, 0x123456, "SYSENTER_ESP");
	msr_round_trip(MSR_SYSENTER_EIP, 0x654321, "SYSENTER_EIP");
	msr_round_trip(MSR_PAT, 0x0007040600070406, "PAT");
	ok_eq(vcpu_set_msr(vcpu, MSR_LSTAR, 0x4321), 1, "SET_MSRS LSTAR");
	START(rdmsr, 0, MSR_LSTAR, 0);
	expect_done(vcpu, "RDMSR");
	vcpu_get_regs(vcpu, &r);
	ok_eq(r.rax, 0x4321, "reads what userspace set");
	MSR_FAULTS(rdmsr, MSR_UNKNOWN, 0, "RDMSR of an unknown MSR");
	MSR_FAULTS(wrmsr, MSR_UNKNOWN, 1, "WRMSR of an unknown MSR");
	MSR_FAULTS(wrmsr, MSR_EFER, 1ull << 40, "WRMSR of a reserved EFER bit");
	MSR_FAULTS(wrmsr, MSR_EFER, 0, "WRMSR that clears EFER.LME under paging");
	MSR_FAULTS(wrmsr, MSR_PAT, 0x02, "WRMSR of a reserved PAT type");
	vcpu_get_msr(vcpu, MSR_LSTAR, &value);
	ok_eq(value, 0x4321, "LSTAR is unchanged after them");
	START(rdmsr, 0, MSR_LSTAR, 0);
	vcpu_set_user(vcpu);
	expect_fault(vcpu, GP_VECTOR, "RDMSR at CPL 3");
	START(rdtsc, 0, 0, 0);
	expect_done(vcpu, "RDTSC");
	vcpu_get_regs(vcpu, &r);
	ok(r.rax > r.rbx, "goes up");
}

static void cr_faults(const u8 *code, const u8 *end, u64 value, const char *name)
{
	struct kvm_sregs before, after;

	start(code, end, value, 0, 0);
	vcpu_get_sregs(vcpu, &before);
	expect_fault(vcpu, GP_VECTOR, name);
	vcpu_get_sregs(vcpu, &after);
	ok(before.cr0 == after.cr0 && before.cr4 == after.cr4, "CR0 and CR4 are unchanged");
}

#define CR_FAULTS(code, value, name) cr_faults(code, code##_end, value, name)

static void test_cr(void)
{
	struct kvm_sregs s;
	struct kvm_regs r;

	load_code(vcpu, MODE_LONG64, read_cr);
	vcpu_get_sregs(vcpu, &s);
	s.cr2 = 0x123456789;
	vcpu_set_sregs(vcpu, &s);
	expect_done(vcpu, "read CR0, CR2, CR3, CR4");
	vcpu_get_regs(vcpu, &r);
	ok(r.rax == s.cr0 && r.rbx == s.cr2 && r.rcx == s.cr3 && r.rdx == s.cr4,
	   "the guest reads what userspace set");
	ok_eq(r.rsi, s.cr0, "SMSW too");
	START(write_cr0, s.cr0 | CR0_AM, 0, 0);
	expect_done(vcpu, "write CR0");
	vcpu_get_regs(vcpu, &r);
	ok_eq(r.rbx, s.cr0 | CR0_AM, "it reads back");
	START(write_cr4, s.cr4 | 4, 0, 0);
	expect_done(vcpu, "write CR4");
	vcpu_get_regs(vcpu, &r);
	ok_eq(r.rbx, s.cr4 | 4, "it reads back");
	vcpu_get_sregs(vcpu, &s);
	ok_eq(s.cr4 & 4, 4, "GET_SREGS sees it");
	START(write_cr2, 0x7fff12345678, 0, 0);
	expect_done(vcpu, "write CR2");
	vcpu_get_regs(vcpu, &r);
	ok_eq(r.rbx, 0x7fff12345678, "it reads back");
	CR_FAULTS(write_cr0, s.cr0 & ~CR0_PE, "CR0.PG without PE");
	CR_FAULTS(write_cr4, s.cr4 & ~CR4_PAE, "CR4.PAE cleared in long mode");
	/* Of CR0's upper half the processor takes care, where it is not intercepted. */
	if (kvm_is_ours())
		CR_FAULTS(write_cr4, s.cr4 | 1ull << 63, "CR4 bit 63");
	else
		skip("CR4 bit 63", "this KVM ignores it without decode assists");
}

static void test_cr8(void)
{
	struct kvm_regs r;
	int reason;

	START(write_cr8, 5, 0, 0);
	/* Without an interrupt controller in the kernel a lower CR8 leaves. */
	while ((reason = run_until_exit(vcpu)) == KVM_EXIT_SET_TPR)
		;
	ok(reason == KVM_EXIT_IO && at_done(vcpu), "write CR8");
	vcpu_get_regs(vcpu, &r);
	ok_eq(r.rbx, 5, "it reads back");
	ok_eq(vcpu->run->cr8, 5, "kvm_run has it");
	START(write_cr8, 16, 0, 0);
	expect_fault(vcpu, GP_VECTOR, "CR8 of 16");
	START(write_cr8, 0, 0, 0);
	run_until_exit(vcpu);
	vcpu->run->cr8 = 0;
}

static void test_cr_effects(void)
{
	struct kvm_regs r;

	load_code(vcpu, MODE_LONG64, task_switched);
	expect_fault(vcpu, NM_VECTOR, "SSE with CR0.TS takes #NM");
	load_code(vcpu, MODE_LONG64, clts);
	expect_done(vcpu, "CLTS allows it again");
	vcpu_get_regs(vcpu, &r);
	ok_eq(r.rbx & CR0_TS, 0, "CR0.TS is clear");
	load_code(vcpu, MODE_PROT32, lmsw);
	expect_done(vcpu, "LMSW");
	vcpu_get_regs(vcpu, &r);
	ok_eq(r.rbx & 0xf, 0xb, "sets MP, EM, TS and cannot clear PE");
	*(u64 *)gpa_to_hva(vm, 0x50000) = 1;
	*(u64 *)gpa_to_hva(vm, 0x51000) = 2;
	*(u64 *)gpa_to_hva(vm, 0x52000) = 3;
	load_code(vcpu, MODE_LONG64, tlb);
	expect_done(vcpu, "page table changes");
	vcpu_get_regs(vcpu, &r);
	ok_eq(r.rax, 1, "before");
	ok_eq(r.rbx, 3, "after INVLPG");
	ok_eq(r.rcx, 2, "after MOV to CR3");
	vm_map(vm, 0x50000, 0x50000, PTE_P | PTE_W | PTE_U);
}

/* QEMU 7.2 keeps a guest's breakpoints armed for whatever runs next. */
static void disarm_breakpoints(void)
{
	load_code(vcpu, MODE_LONG64, disarm);
	expect_done(vcpu, "DR7 cleared");
}

static void test_dr(void)
{
	struct guest_fault f = { .rip = 0 };
	struct kvm_sregs s;
	struct kvm_regs r;

	load_code(vcpu, MODE_LONG64, write_dr);
	expect_done(vcpu, "write DR0..DR3");
	vcpu_get_regs(vcpu, &r);
	ok(r.rbx == 0x1000 && r.rcx == 0x2000 && r.rsi == 0x3000 &&
	   r.rdi == 0x7fff00004000, "they read back");
	ok_eq(r.r8, 0xffff0ff0, "DR6 at reset");
	ok_eq(r.r9, 0x400, "DR7 at reset");
	load_code(vcpu, MODE_LONG64, breakpoint);
	expect_fault(vcpu, DB_VECTOR, "instruction breakpoint");
	vcpu_fault(vcpu, &f);
	vcpu_get_regs(vcpu, &r);
	ok(r.rbx == 0 && f.rip == CODE_GPA + 19, "before the instruction");
	disarm_breakpoints();
	load_code(vcpu, MODE_LONG64, watchpoint);
	expect_fault(vcpu, DB_VECTOR, "write watchpoint");
	vcpu_fault(vcpu, &f);
	ok_eq(f.rip, CODE_GPA + watchpoint_end - watchpoint - 2, "after the write");
	disarm_breakpoints();
	load_code(vcpu, MODE_LONG64, dr4);
	expect_done(vcpu, "DR4 without CR4.DE");
	vcpu_get_regs(vcpu, &r);
	ok_eq(r.rbx, r.rcx, "is DR6");
	load_code(vcpu, MODE_LONG64, dr4);
	vcpu_get_sregs(vcpu, &s);
	s.cr4 |= 8;
	vcpu_set_sregs(vcpu, &s);
	expect_fault(vcpu, UD_VECTOR, "DR4 with CR4.DE takes #UD");
	load_code(vcpu, MODE_LONG64, dr7_high);
	expect_fault(vcpu, GP_VECTOR, "DR7 bit 32 takes #GP");
	load_code(vcpu, MODE_LONG64, write_dr);
	vcpu_set_user(vcpu);
	expect_fault(vcpu, GP_VECTOR, "debug registers at CPL 3");
}

/* TF traps after each instruction, also after one that the host emulates. */
static void test_step(void)
{
	static const u64 want[] = { 1, 4, 6 };
	struct guest_fault f;
	struct kvm_regs r;
	unsigned int i;

	load_code(vcpu, MODE_LONG64, step);
	vcpu_get_regs(vcpu, &r);
	r.rflags |= FLAG_TF;
	vcpu_set_regs(vcpu, &r);
	for (i = 0; i < ARRAY_SIZE(want); i++) {
		f.rip = 0;
		expect_fault(vcpu, DB_VECTOR, "single step");
		vcpu_fault(vcpu, &f);
		ok_eq(f.rip, CODE_GPA + want[i], "after one instruction");
	}
}

int main(void)
{
	tap_start(50);
	vm = vm_create();
	vcpu = vcpu_create(vm);
	test_cpuid();
	test_msrs();
	test_ignored_bits();
	test_cr();
	test_cr8();
	test_cr_effects();
	vm_destroy(vm);
	vm = vm_create();
	vcpu = vcpu_create(vm);
	test_dr();
	vm_destroy(vm);
	vm = vm_create();
	vcpu = vcpu_create(vm);
	test_step();
	vm_destroy(vm);
	return tap_done();
}
