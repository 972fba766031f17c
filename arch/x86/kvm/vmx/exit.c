// SPDX-License-Identifier: GPL-2.0-only
/* What an exit means: one row per exit reason, and the handlers that only VMX has. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/nospec.h>
#include <asm/apicdef.h>
#include <asm/cpu.h>
#include <asm/cpufeature.h>
#include <uapi/asm/debugreg.h>

#include "vmx/vmx.h"

/* Not in the kernel's header. */
#define EXIT_REASON_GETSEC	11
#define EXIT_REASON_RSM		17

#define VMX_NR_EXIT_REASONS	(EXIT_REASON_NOTIFY + 1)

/* Exits whose instruction length the CPU reports (Intel SDM, exit-instruction length). */
static bool length_is_valid(u32 reason)
{
	switch (reason) {
	case EXIT_REASON_TASK_SWITCH ... EXIT_REASON_MSR_WRITE:
	case EXIT_REASON_MWAIT_INSTRUCTION:
	case EXIT_REASON_MONITOR_INSTRUCTION:
	case EXIT_REASON_PAUSE_INSTRUCTION:
	case EXIT_REASON_GDTR_IDTR:
	case EXIT_REASON_LDTR_TR:
	case EXIT_REASON_INVEPT:
	case EXIT_REASON_RDTSCP:
	case EXIT_REASON_INVVPID ... EXIT_REASON_XSETBV:
	case EXIT_REASON_RDRAND ... EXIT_REASON_RDSEED:
	case EXIT_REASON_XSAVES ... EXIT_REASON_XRSTORS:
		return true;
	}
	return false;
}

/* The length holds as long as RIP is the exiting instruction's. */
int vmx_skip_emulated_instruction(struct x86_vcpu *vcpu)
{
	struct vcpu_vmx *vmx = to_vmx(vcpu);
	u32 len = 0;

	if (likely(vcpu->rip == vmx->exit_rip && length_is_valid((u16)vmx->exit_reason)))
		len = vmcs_read32(VM_EXIT_INSTRUCTION_LEN);
	if (!len)
		return kvm_emulate_instruction(vcpu, EMULTYPE_SKIP);
	vcpu->rip += len;
	/* Only 64-bit code goes on beyond 4 GiB. */
	if (unlikely(vcpu->rip >> 32) &&
	    !(is_long_mode(vcpu) && (vmcs_read32(GUEST_CS_AR_BYTES) & VMX_AR_L_MASK)))
		vcpu->rip = (u32)vcpu->rip;
	vmx_set_interrupt_shadow(vcpu, 0);
	return 1;
}

static int unexpected_exit(struct vcpu_vmx *vmx)
{
	const u64 data[] = { vmx->exit_reason, vmx->vcpu.base.cpu };

	return kvm_handle_internal_error(&vmx->vcpu, KVM_INTERNAL_ERROR_UNEXPECTED_EXIT_REASON,
					 data, ARRAY_SIZE(data));
}

static int handle_nop(struct vcpu_vmx *vmx)
{
	return 1;
}

static int handle_external_interrupt(struct vcpu_vmx *vmx)
{
	vmx->vcpu.base.stat.irq_exits++;
	return 1;
}

static int inject_ud(struct vcpu_vmx *vmx)
{
	kvm_queue_exception(&vmx->vcpu, UD_VECTOR);
	return 1;
}

static int handle_skip(struct vcpu_vmx *vmx)
{
	return kvm_skip_emulated_instruction(&vmx->vcpu);
}

static int handle_emulate(struct vcpu_vmx *vmx)
{
	return kvm_emulate_instruction(&vmx->vcpu, 0);
}

/* INT1 exits with RIP still on it, and nothing in DR6: the trap comes behind it. */
static int handle_db(struct vcpu_vmx *vmx)
{
	u32 type = vmx->exit_intr_info & INTR_INFO_INTR_TYPE_MASK;
	bool step;
	u64 dr6;

	if (type == INTR_TYPE_PRIV_SW_EXCEPTION) {
		vmx->vcpu.rip += vmcs_read32(VM_EXIT_INSTRUCTION_LEN);
		kvm_queue_exception(&vmx->vcpu, DB_VECTOR);
		return 1;
	}
	dr6 = vmx->exit_qual & (DR_TRAP_BITS | KVM_DR6_BD | KVM_DR6_BS);
	step = dr6 & KVM_DR6_BS;
	/* Of a step that the host has forced nothing is the guest's. */
	if (vmx->tf_forced)
		dr6 &= ~(u64)KVM_DR6_BS;
	return kvm_handle_db(&vmx->vcpu, dr6, step);
}

/* INT3 and INTO; RIP is theirs. */
static int handle_soft_exception(struct vcpu_vmx *vmx, u32 vector)
{
	struct x86_vcpu *vcpu = &vmx->vcpu;

	if (vector == BP_VECTOR && (vcpu->guest_debug & KVM_GUESTDBG_USE_SW_BP))
		return kvm_debug_int3(vcpu);
	return kvm_emulate_instruction(vcpu, 0);
}

/* Intercepted for a step: as the CPU would have delivered it. */
static int handle_exception(struct vcpu_vmx *vmx, u32 vector, u32 error_code)
{
	struct x86_vcpu *vcpu = &vmx->vcpu;

	if (vector == PF_VECTOR)
		kvm_inject_page_fault(vcpu, vmx->exit_qual, error_code);
	else if (vmx->exit_intr_info & INTR_INFO_DELIVER_CODE_MASK)
		kvm_queue_exception_e(vcpu, vector, error_code);
	else
		kvm_queue_exception(vcpu, vector);
	return 1;
}

static int handle_gp(struct vcpu_vmx *vmx, u32 error_code)
{
	/* The backdoor's ports and counters fault without a selector, and deliver nothing. */
	if (enable_vmware_backdoor && !error_code &&
	    !(vmx->idt_vectoring & VECTORING_INFO_VALID_MASK))
		return kvm_emulate_instruction(&vmx->vcpu, EMULTYPE_VMWARE_GP);
	kvm_queue_exception_e(&vmx->vcpu, GP_VECTOR, error_code);
	return 1;
}

/*
 * The guest's own, or the host's detection of split locks, of which the guest knows
 * nothing: the host warns of this thread and lets it have its lock, or it gets a SIGBUS.
 */
static int handle_ac(struct vcpu_vmx *vmx, u32 error_code)
{
	struct x86_vcpu *vcpu = &vmx->vcpu;
	struct kvm_run *run = vcpu->base.run;
	bool checked = vmx_get_cpl(vcpu) == 3 && (vcpu->cr0 & X86_CR0_AM) &&
		       (vcpu->rflags & X86_EFLAGS_AC);

	if (checked || !boot_cpu_has(X86_FEATURE_SPLIT_LOCK_DETECT)) {
		kvm_queue_exception_e(vcpu, AC_VECTOR, error_code);
		return 1;
	}
	if (handle_guest_split_lock(vcpu->rip))
		return 1;
	run->exit_reason = KVM_EXIT_EXCEPTION;
	run->ex.exception = AC_VECTOR;
	run->ex.error_code = error_code;
	return 0;
}

static bool handled_in_any_mode(u8 vector)
{
	return vector == UD_VECTOR || vector == DB_VECTOR || vector == MC_VECTOR ||
	       vector == AC_VECTOR;
}

static int handle_exception_nmi(struct vcpu_vmx *vmx)
{
	u32 info = vmx->exit_intr_info, error_code = 0;

	if ((info & INTR_INFO_INTR_TYPE_MASK) == INTR_TYPE_NMI_INTR) {
		vmx->vcpu.base.stat.nmi_exits++;
		return 1;
	}
	if (info & INTR_INFO_DELIVER_CODE_MASK)
		error_code = vmcs_read32(VM_EXIT_INTR_ERROR_CODE);
	if (unlikely(vmx->rmode.active) && !handled_in_any_mode(info & INTR_INFO_VECTOR_MASK))
		return vmx_handle_rmode_exception(vmx, info & INTR_INFO_VECTOR_MASK);
	switch (info & INTR_INFO_VECTOR_MASK) {
	case UD_VECTOR:
		return handle_ud(&vmx->vcpu);
	case DB_VECTOR:
		return handle_db(vmx);
	case BP_VECTOR:
	case OF_VECTOR:
		return handle_soft_exception(vmx, info & INTR_INFO_VECTOR_MASK);
	case GP_VECTOR:
		return handle_gp(vmx, error_code);
	case AC_VECTOR:
		return handle_ac(vmx, error_code);
	case MC_VECTOR:
		return 1;
	}
	return handle_exception(vmx, info & INTR_INFO_VECTOR_MASK, error_code);
}

static int handle_cpuid(struct vcpu_vmx *vmx)
{
	return kvm_emulate_cpuid(&vmx->vcpu);
}

static int handle_rdmsr(struct vcpu_vmx *vmx)
{
	return kvm_emulate_rdmsr(&vmx->vcpu);
}

static int handle_wrmsr(struct vcpu_vmx *vmx)
{
	return kvm_emulate_wrmsr(&vmx->vcpu);
}

static int handle_hlt(struct vcpu_vmx *vmx)
{
	return kvm_emulate_halt(&vmx->vcpu);
}

static int handle_io(struct vcpu_vmx *vmx)
{
	unsigned long q = vmx->exit_qual;

	vmx->vcpu.base.stat.io_exits++;
	if (q & BIT(4)) {	/* INS, OUTS */
		vmx->l1d_dirty = true;
		return kvm_emulate_instruction(&vmx->vcpu, 0);
	}
	return kvm_fast_pio(&vmx->vcpu, (q & 7) + 1, q >> 16, q & BIT(3));
}

/* Without an interrupt controller of ours userspace has to see a lower priority. */
static int set_cr8(struct x86_vcpu *vcpu, u64 val)
{
	u64 old = vcpu->cr8;
	int r = kvm_complete_insn_gp(vcpu, kvm_set_cr(vcpu, 8, val));

	if (r != 1 || old <= vcpu->cr8)
		return r;
	vcpu->base.run->exit_reason = KVM_EXIT_SET_TPR;
	return 0;
}

static bool in_64bit_mode(struct x86_vcpu *vcpu)
{
	return is_long_mode(vcpu) && (vmcs_read32(GUEST_CS_AR_BYTES) & VMX_AR_L_MASK);
}

static int handle_lmsw(struct x86_vcpu *vcpu, unsigned long q)
{
	u64 msw = (q >> LMSW_SOURCE_DATA_SHIFT) & 0xf;

	/* LMSW sets PE, and does not clear it. */
	return kvm_complete_insn_gp(vcpu, kvm_set_cr(vcpu, 0, (vcpu->cr0 & ~0xeull) | msw));
}

static int handle_cr(struct vcpu_vmx *vmx)
{
	struct x86_vcpu *vcpu = &vmx->vcpu;
	unsigned long q = vmx->exit_qual;
	unsigned int reg = (q & CONTROL_REG_ACCESS_REG) >> 8;
	int cr = q & 15;
	u64 mask = in_64bit_mode(vcpu) ? ~0ull : U32_MAX;

	switch ((q & CONTROL_REG_ACCESS_TYPE) >> 4) {
	case 0:
		if (cr == 8)
			return set_cr8(vcpu, vcpu->regs[reg] & mask);
		return kvm_complete_insn_gp(vcpu, kvm_set_cr(vcpu, cr, vcpu->regs[reg] & mask));
	case 1:
		vcpu->regs[reg] = kvm_get_cr(vcpu, cr) & mask;
		return kvm_skip_emulated_instruction(vcpu);
	case 2:
		return kvm_complete_insn_gp(vcpu, kvm_set_cr(vcpu, 0, vcpu->cr0 & ~(u64)X86_CR0_TS));
	default:
		return handle_lmsw(vcpu, q);
	}
}

/* The exit comes before all checks but those of the opcode (seen on Bochs: before CPL's, too). */
static int handle_dr(struct vcpu_vmx *vmx)
{
	struct x86_vcpu *vcpu = &vmx->vcpu;
	unsigned long q = vmx->exit_qual;
	unsigned int reg = DEBUG_REG_ACCESS_REG(q), dr = q & DEBUG_REG_ACCESS_NUM;
	u64 mask = in_64bit_mode(vcpu) ? ~0ull : U32_MAX;

	if (vmx_get_cpl(vcpu)) {
		kvm_queue_exception_e(vcpu, GP_VECTOR, 0);
		return 1;
	}
	if (unlikely(vcpu->guest_debug))
		return kvm_debug_mov_dr(vcpu);
	if ((dr == 4 || dr == 5) && (vcpu->cr4 & X86_CR4_DE))
		return inject_ud(vmx);
	if (vcpu->dr7 & KVM_DR7_GD) {
		kvm_queue_exception_p(vcpu, DB_VECTOR, KVM_DR6_BD);
		return 1;
	}
	if (q & TYPE_MOV_FROM_DR) {
		vcpu->regs[reg] = kvm_get_dr(vcpu, dr) & mask;
		return kvm_skip_emulated_instruction(vcpu);
	}
	return kvm_complete_insn_gp(vcpu, kvm_set_dr(vcpu, dr, vcpu->regs[reg] & mask));
}

static int handle_invd(struct vcpu_vmx *vmx)
{
	return kvm_emulate_invd(&vmx->vcpu);
}

static int handle_wbinvd(struct vcpu_vmx *vmx)
{
	return kvm_emulate_wbinvd(&vmx->vcpu);
}

static int handle_invlpg(struct vcpu_vmx *vmx)
{
	vmx_flush_tlb_gva(&vmx->vcpu, vmx->exit_qual);
	return kvm_skip_emulated_instruction(&vmx->vcpu);
}

static int handle_rdpmc(struct vcpu_vmx *vmx)
{
	return kvm_emulate_rdpmc(&vmx->vcpu);
}

static int handle_xsetbv(struct vcpu_vmx *vmx)
{
	return kvm_emulate_xsetbv(&vmx->vcpu);
}

static int handle_vmcall(struct vcpu_vmx *vmx)
{
	return kvm_emulate_hypercall(&vmx->vcpu);
}

/* Everything that the exit tells goes into the error code. */
static int handle_ept_violation(struct vcpu_vmx *vmx)
{
	u64 emulated = vmx->vcpu.base.stat.insn_emulation;
	unsigned long q = vmx->exit_qual;
	u64 error_code = 0;
	int r;

	if (q & EPT_VIOLATION_ACC_READ)
		error_code |= PFERR_USER_MASK;
	if (q & EPT_VIOLATION_ACC_WRITE)
		error_code |= PFERR_WRITE_MASK;
	if (q & EPT_VIOLATION_ACC_INSTR)
		error_code |= PFERR_FETCH_MASK;
	if (q & EPT_VIOLATION_RWX_MASK)
		error_code |= PFERR_PRESENT_MASK;
	if (q & EPT_VIOLATION_GVA_IS_VALID)
		error_code |= q & EPT_VIOLATION_GVA_TRANSLATED ? PFERR_GUEST_FINAL_MASK :
								 PFERR_GUEST_PAGE_MASK;
	r = kvm_mmu_page_fault(&vmx->vcpu, vmcs_read64(GUEST_PHYSICAL_ADDRESS), error_code,
			       NULL, 0);
	if (vmx->vcpu.base.stat.insn_emulation != emulated)
		vmx->l1d_dirty = true;
	return r;
}

/*
 * The MMIO marker. The exit says neither what kind of access it was nor from
 * where, but an ioeventfd of any length needs no more than the address.
 */
static int handle_ept_misconfig(struct vcpu_vmx *vmx)
{
	gpa_t gpa = vmcs_read64(GUEST_PHYSICAL_ADDRESS);

	if (!(vmx->idt_vectoring & VECTORING_INFO_VALID_MASK) && !vmx->vcpu.switch_db_regs &&
	    !kvm_io_bus_write(&vmx->vcpu.base, KVM_FAST_MMIO_BUS, gpa, 0, NULL))
		return kvm_skip_emulated_instruction(&vmx->vcpu);
	vmx->l1d_dirty = true;
	return kvm_mmu_page_fault(&vmx->vcpu, gpa, PFERR_RSVD_MASK, NULL, 0);
}

/* How the page of the local APIC was accessed (Intel SDM, APIC-access VM exits). */
enum apic_access {
	APIC_READ, APIC_WRITE, APIC_FETCH, APIC_DELIVERY, APIC_GPA_DELIVERY = 10, APIC_GPA = 15,
};

/*
 * There is no local APIC here: a device on a bus, or userspace, is at that address as
 * at any other. Of a walk of the guest's tables the offset is not the operand's.
 */
static int handle_apic_access(struct vcpu_vmx *vmx)
{
	gpa_t gpa = APIC_DEFAULT_PHYS_BASE + (vmx->exit_qual & APIC_ACCESS_OFFSET);
	u64 error_code = PFERR_RSVD_MASK;

	switch ((vmx->exit_qual & APIC_ACCESS_TYPE) >> 12) {
	case APIC_READ:
		error_code |= PFERR_GUEST_FINAL_MASK | PFERR_USER_MASK;
		break;
	case APIC_WRITE:
		error_code |= PFERR_GUEST_FINAL_MASK | PFERR_WRITE_MASK;
		break;
	case APIC_FETCH:
		error_code |= PFERR_FETCH_MASK;
		break;
	default:
		error_code |= PFERR_GUEST_PAGE_MASK;
	}
	return kvm_mmu_page_fault(&vmx->vcpu, gpa, error_code, NULL, 0);
}

static int handle_task_switch(struct vcpu_vmx *vmx)
{
	static const enum x86emul_task_switch reasons[] = {
		X86EMUL_TASK_CALL, X86EMUL_TASK_IRET, X86EMUL_TASK_JMP, X86EMUL_TASK_GATE,
	};
	enum x86emul_task_switch reason = reasons[(vmx->exit_qual >> 30) & 3];
	u32 info = vmx->idt_vectoring, type = info & VECTORING_INFO_TYPE_MASK;
	bool event = reason == X86EMUL_TASK_GATE && (info & VECTORING_INFO_VALID_MASK);
	bool soft = event && (type == INTR_TYPE_SOFT_INTR || type == INTR_TYPE_SOFT_EXCEPTION ||
			      type == INTR_TYPE_PRIV_SW_EXCEPTION);
	bool has_error = event && (info & VECTORING_INFO_DELIVER_CODE_MASK);
	bool nmi = vmx->vcpu.nmi_injected;
	int r;

	r = kvm_task_switch(&vmx->vcpu, vmx->exit_qual,
			    soft ? info & VECTORING_INFO_VECTOR_MASK : -1, reason,
			    soft || !event, has_error,
			    has_error ? vmcs_read32(IDT_VECTORING_ERROR_CODE) : 0);
	/* Until the IRET of the new task. */
	if (nmi && !vmx->vcpu.nmi_injected)
		vmx_set_nmi_mask(&vmx->vcpu, true);
	return r;
}

static int handle_triple_fault(struct vcpu_vmx *vmx)
{
	vmx->vcpu.base.run->exit_reason = KVM_EXIT_SHUTDOWN;
	return 0;
}

static int handle_intr_window(struct vcpu_vmx *vmx)
{
	return vmx_handle_interrupt_window(vmx);
}

static int handle_nmi_window(struct vcpu_vmx *vmx)
{
	return vmx_handle_nmi_window(vmx);
}

static int (*const vmx_exit_handlers[VMX_NR_EXIT_REASONS])(struct vcpu_vmx *vmx) = {
	[EXIT_REASON_EXCEPTION_NMI]		= handle_exception_nmi,
	[EXIT_REASON_EXTERNAL_INTERRUPT]	= handle_external_interrupt,
	[EXIT_REASON_TRIPLE_FAULT]		= handle_triple_fault,
	[EXIT_REASON_INIT_SIGNAL]		= handle_nop,
	[EXIT_REASON_INTERRUPT_WINDOW]		= handle_intr_window,
	[EXIT_REASON_NMI_WINDOW]		= handle_nmi_window,
	[EXIT_REASON_TASK_SWITCH]		= handle_task_switch,
	[EXIT_REASON_CPUID]			= handle_cpuid,
	[EXIT_REASON_GETSEC]			= inject_ud,
	[EXIT_REASON_HLT]			= handle_hlt,
	[EXIT_REASON_INVD]			= handle_invd,
	[EXIT_REASON_INVLPG]			= handle_invlpg,
	[EXIT_REASON_RDPMC]			= handle_rdpmc,
	[EXIT_REASON_RDTSC]			= handle_emulate,
	[EXIT_REASON_VMCALL]			= handle_vmcall,
	[EXIT_REASON_RSM]			= inject_ud,
	[EXIT_REASON_VMCLEAR ... EXIT_REASON_VMON]	= inject_ud,
	[EXIT_REASON_CR_ACCESS]			= handle_cr,
	[EXIT_REASON_DR_ACCESS]			= handle_dr,
	[EXIT_REASON_IO_INSTRUCTION]		= handle_io,
	[EXIT_REASON_MSR_READ]			= handle_rdmsr,
	[EXIT_REASON_MSR_WRITE]			= handle_wrmsr,
	[EXIT_REASON_MWAIT_INSTRUCTION]		= handle_emulate,
	[EXIT_REASON_MONITOR_INSTRUCTION]	= handle_emulate,
	[EXIT_REASON_PAUSE_INSTRUCTION]		= handle_skip,
	[EXIT_REASON_APIC_ACCESS]		= handle_apic_access,
	[EXIT_REASON_GDTR_IDTR]			= handle_emulate,
	[EXIT_REASON_LDTR_TR]			= handle_emulate,
	[EXIT_REASON_EPT_VIOLATION]		= handle_ept_violation,
	[EXIT_REASON_EPT_MISCONFIG]		= handle_ept_misconfig,
	[EXIT_REASON_INVEPT]			= inject_ud,
	[EXIT_REASON_RDTSCP]			= handle_emulate,
	[EXIT_REASON_PREEMPTION_TIMER]		= handle_nop,
	[EXIT_REASON_INVVPID]			= inject_ud,
	[EXIT_REASON_WBINVD]			= handle_wbinvd,
	[EXIT_REASON_XSETBV]			= handle_xsetbv,
	[EXIT_REASON_PML_FULL]			= handle_nop,
	[EXIT_REASON_INVPCID]			= handle_emulate,
	[EXIT_REASON_VMFUNC]			= inject_ud,
	[EXIT_REASON_ENCLS]			= inject_ud,
	[EXIT_REASON_XSAVES]			= inject_ud,
	[EXIT_REASON_XRSTORS]			= inject_ud,
};

static int fail_entry(struct vcpu_vmx *vmx, u64 reason)
{
	struct kvm_run *run = vmx->vcpu.base.run;

	vmx_dump_vmcs(vmx);
	vmx_cancel_injection(&vmx->vcpu);
	run->exit_reason = KVM_EXIT_FAIL_ENTRY;
	run->fail_entry.hardware_entry_failure_reason = reason;
	run->fail_entry.cpu = vmx->vcpu.base.cpu;
	return 0;
}

/* The host has seen it. Another try: such an exit tells of no event, and has delivered none. */
static int machine_check_at_entry(struct vcpu_vmx *vmx)
{
	vmx_cancel_injection(&vmx->vcpu);
	return 1;
}

/* The event is delivered, and its handler has not begun. */
static bool event_stepped(const struct vcpu_vmx *vmx, u32 reason)
{
	bool nmi = reason == EXIT_REASON_EXCEPTION_NMI &&
		   (vmx->exit_intr_info & INTR_INFO_INTR_TYPE_MASK) == INTR_TYPE_NMI_INTR;

	return kvm_single_stepping(&vmx->vcpu) && (nmi || reason == EXIT_REASON_EXTERNAL_INTERRUPT) &&
	       !(vmx->idt_vectoring & VECTORING_INFO_VALID_MASK);
}

/*
 * Exits whose handling touches nothing that L1TF should not show to the guest. A fault
 * that sleeps ends in a load of the vCPU, one that is emulated tells by itself.
 */
#define L1D_CLEAN	(BIT_ULL(EXIT_REASON_INTERRUPT_WINDOW) | BIT_ULL(EXIT_REASON_NMI_WINDOW) | \
			 BIT_ULL(EXIT_REASON_INVLPG) | BIT_ULL(EXIT_REASON_RDPMC) |	\
			 BIT_ULL(EXIT_REASON_CR_ACCESS) | BIT_ULL(EXIT_REASON_DR_ACCESS) |	\
			 BIT_ULL(EXIT_REASON_MSR_READ) | BIT_ULL(EXIT_REASON_PAUSE_INSTRUCTION) | \
			 BIT_ULL(EXIT_REASON_MONITOR_TRAP_FLAG) | BIT_ULL(EXIT_REASON_WBINVD) | \
			 BIT_ULL(EXIT_REASON_XSETBV) | BIT_ULL(EXIT_REASON_PREEMPTION_TIMER) | \
			 BIT_ULL(EXIT_REASON_EPT_VIOLATION) | BIT_ULL(EXIT_REASON_PML_FULL))

/* The frequent ones by name: an indirect call costs more than the compares. */
int vmx_handle_exit(struct x86_vcpu *vcpu)
{
	struct vcpu_vmx *vmx = to_vmx(vcpu);
	u32 reason = (u16)vmx->exit_reason;

	if (unlikely(vmx->fail))
		return vmx->fail == VMX_NO_ENTRY ? vmx_handle_no_entry(vmx) :
						   fail_entry(vmx, vmcs_read32(VM_INSTRUCTION_ERROR));
	if (unlikely(vmx->exit_reason & VMX_EXIT_REASONS_FAILED_VMENTRY))
		return reason == EXIT_REASON_MCE_DURING_VMENTRY ? machine_check_at_entry(vmx) :
								  fail_entry(vmx, vmx->exit_reason);
	vmx_complete_interrupts(vmx);
	if (unlikely(vmx->step_event) && event_stepped(vmx, reason))
		return kvm_debug_step(vcpu);
	if (reason == EXIT_REASON_EPT_MISCONFIG)
		return handle_ept_misconfig(vmx);
	if (reason == EXIT_REASON_CPUID)
		return handle_cpuid(vmx);
	if (reason == EXIT_REASON_IO_INSTRUCTION)
		return handle_io(vmx);
	if (reason == EXIT_REASON_MSR_WRITE)
		return handle_wrmsr(vmx);
	if (reason == EXIT_REASON_EXTERNAL_INTERRUPT)
		return handle_external_interrupt(vmx);
	if (reason >= VMX_NR_EXIT_REASONS)
		return unexpected_exit(vmx);
	reason = array_index_nospec(reason, VMX_NR_EXIT_REASONS);
	if (!vmx_exit_handlers[reason])
		return unexpected_exit(vmx);
	if (reason >= 64 || !(L1D_CLEAN & BIT_ULL(reason)))
		vmx->l1d_dirty = true;
	return vmx_exit_handlers[reason](vmx);
}

void vmx_get_exit_info(struct x86_vcpu *vcpu, u32 *reason, u64 *info1, u64 *info2,
		       u32 *intr_info, u32 *error_code)
{
	struct vcpu_vmx *vmx = to_vmx(vcpu);

	*reason = vmx->exit_reason;
	*info1 = vmx->exit_qual;
	*info2 = vmx->idt_vectoring;
	*intr_info = vmx->exit_intr_info;
	*error_code = 0;
	if ((*intr_info & INTR_INFO_VALID_MASK) && (*intr_info & INTR_INFO_DELIVER_CODE_MASK))
		*error_code = vmcs_read32(VM_EXIT_INTR_ERROR_CODE);
}

/* No nested hypervisor runs: it takes nothing. */
int vmx_check_intercept(struct x86_vcpu *vcpu, const struct x86_instruction_info *info,
			enum x86_intercept_stage stage)
{
	return X86EMUL_CONTINUE;
}

/* The bytes are fetched by the emulator: nothing stands against it. */
bool vmx_can_emulate_instruction(struct x86_vcpu *vcpu, int emul_type, const void *insn,
				 int insn_len)
{
	return true;
}
