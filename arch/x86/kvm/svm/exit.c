// SPDX-License-Identifier: GPL-2.0-only
/* What an exit means: one row per exit code, and the handlers that only SVM has. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/nospec.h>

#include "svm/svm.h"

#define SVM_NR_EXIT_CODES	(SVM_EXIT_NPF + 1)

/*
 * The lab's CPU has no next RIP, but IN and OUT always tell theirs. Neither
 * holds once RIP is no longer the exiting instruction's.
 */
int svm_skip_emulated_instruction(struct x86_vcpu *vcpu)
{
	struct vcpu_svm *svm = to_svm(vcpu);
	const struct vmcb_control_area *control = &svm->vmcb->control;
	u64 next = 0;

	if (likely(vcpu->rip == svm->vmcb->save.rip)) {
		if (control->exit_code == SVM_EXIT_IOIO)
			next = control->exit_info_2;
		else if (svm_caps.nrips)
			next = control->next_rip;
	}
	if (!next)
		return kvm_emulate_instruction(vcpu, EMULTYPE_SKIP);
	vcpu->rip = next;
	svm_set_interrupt_shadow(vcpu, 0);
	return 1;
}

static int unexpected_exit(struct vcpu_svm *svm)
{
	const struct vmcb_control_area *control = &svm->vmcb->control;
	const u64 data[] = { control->exit_code, svm->vcpu.base.cpu };

	return kvm_handle_internal_error(&svm->vcpu, KVM_INTERNAL_ERROR_UNEXPECTED_EXIT_REASON,
					 data, ARRAY_SIZE(data));
}

static int handle_nop(struct vcpu_svm *svm)
{
	return 1;
}

static int handle_intr(struct vcpu_svm *svm)
{
	svm->vcpu.base.stat.irq_exits++;
	return 1;
}

static int handle_nmi(struct vcpu_svm *svm)
{
	svm->vcpu.base.stat.nmi_exits++;
	return 1;
}

static int inject_ud(struct vcpu_svm *svm)
{
	kvm_queue_exception(&svm->vcpu, UD_VECTOR);
	return 1;
}

static int handle_skip(struct vcpu_svm *svm)
{
	return kvm_skip_emulated_instruction(&svm->vcpu);
}

static int handle_emulate(struct vcpu_svm *svm)
{
	return kvm_emulate_instruction(&svm->vcpu, 0);
}

static int handle_npf(struct vcpu_svm *svm)
{
	const struct vmcb_control_area *control = &svm->vmcb->control;
	unsigned int len = 0;

	if (svm_caps.decode_assists)
		len = min_t(unsigned int, control->insn_len, sizeof(control->insn_bytes));
	return kvm_mmu_page_fault(&svm->vcpu, control->exit_info_2, control->exit_info_1,
				  len ? control->insn_bytes : NULL, len);
}

static int handle_ud_exit(struct vcpu_svm *svm)
{
	return handle_ud(&svm->vcpu);
}

static int handle_gp(struct vcpu_svm *svm)
{
	u32 error_code = svm->vmcb->control.exit_info_1;

	/* The backdoor's ports and counters fault without a selector, and deliver nothing. */
	if (enable_vmware_backdoor && !error_code &&
	    !(svm->vmcb->control.exit_int_info & SVM_EXITINTINFO_VALID))
		return kvm_emulate_instruction(&svm->vcpu, EMULTYPE_VMWARE_GP);
	kvm_queue_exception_e(&svm->vcpu, GP_VECTOR, error_code);
	return 1;
}

/* Intercepted for a step: as the CPU would have delivered it. */
static int handle_exception(struct vcpu_svm *svm)
{
	const struct vmcb_control_area *control = &svm->vmcb->control;
	u32 vector = control->exit_code - SVM_EXIT_EXCP_BASE;
	struct x86_vcpu *vcpu = &svm->vcpu;

	if (vector == PF_VECTOR)
		kvm_inject_page_fault(vcpu, control->exit_info_2, control->exit_info_1);
	else if (kvm_exception_has_error_code(vector))
		kvm_queue_exception_e(vcpu, vector, control->exit_info_1);
	else
		kvm_queue_exception(vcpu, vector);
	return 1;
}

/* INT3 and INTO: RIP is theirs, and the exception has to be injected behind it. */
static int handle_soft_exception(struct vcpu_svm *svm)
{
	u32 vector = svm->vmcb->control.exit_code - SVM_EXIT_EXCP_BASE;
	struct x86_vcpu *vcpu = &svm->vcpu;
	int r;

	if (vector == BP_VECTOR && (vcpu->guest_debug & KVM_GUESTDBG_USE_SW_BP))
		return kvm_debug_int3(vcpu);
	r = svm_skip_emulated_instruction(vcpu);
	if (r == 1)
		kvm_queue_exception(vcpu, vector);
	return r == KVM_SKIP_REFUSED ? 1 : r;
}

static int handle_ioio(struct vcpu_svm *svm)
{
	u32 info = svm->vmcb->control.exit_info_1;

	svm->vcpu.base.stat.io_exits++;
	if (info & SVM_IOIO_STR_MASK)
		return kvm_emulate_instruction(&svm->vcpu, 0);
	return kvm_fast_pio(&svm->vcpu, (info & SVM_IOIO_SIZE_MASK) >> SVM_IOIO_SIZE_SHIFT,
			    info >> 16, info & SVM_IOIO_TYPE_MASK);
}

static int handle_cpuid(struct vcpu_svm *svm)
{
	return kvm_emulate_cpuid(&svm->vcpu);
}

static int handle_msr(struct vcpu_svm *svm)
{
	if (svm->vmcb->control.exit_info_1)
		return kvm_emulate_wrmsr(&svm->vcpu);
	return kvm_emulate_rdmsr(&svm->vcpu);
}

/* The operand is in the exit with decode assists and a MOV; CLTS, LMSW and SMSW are emulated. */
static int handle_cr(struct vcpu_svm *svm)
{
	const struct vmcb_control_area *control = &svm->vmcb->control;
	struct x86_vcpu *vcpu = &svm->vcpu;
	u32 code = control->exit_code;
	unsigned int reg;
	u64 mask = is_long_mode(vcpu) && (svm->vmcb->save.cs.attrib & X86_SEG_L) ? ~0ull : U32_MAX;

	/* The length is known before the MOV changes how the guest is paged. */
	if (!svm_caps.decode_assists || !svm_caps.nrips ||
	    !(control->exit_info_1 & SVM_EXITINFO1_MOV_CR))
		return kvm_emulate_instruction(vcpu, 0);
	reg = control->exit_info_1 & SVM_EXITINFO_REG_MASK;
	if (code == SVM_EXIT_CR0_SEL_WRITE)
		code = SVM_EXIT_WRITE_CR0;
	if (code >= SVM_EXIT_WRITE_CR0)
		return kvm_complete_insn_gp(vcpu, kvm_set_cr(vcpu, code - SVM_EXIT_WRITE_CR0,
							     vcpu->regs[reg] & mask));
	vcpu->regs[reg] = kvm_get_cr(vcpu, code - SVM_EXIT_READ_CR0) & mask;
	return kvm_skip_emulated_instruction(vcpu);
}

/* Without an interrupt controller of ours userspace has to see a lower priority. */
static int handle_cr8_write(struct vcpu_svm *svm)
{
	struct x86_vcpu *vcpu = &svm->vcpu;
	u64 old = vcpu->cr8;
	int r = handle_cr(svm);

	if (r != 1 || old <= vcpu->cr8)
		return r;
	vcpu->base.run->exit_reason = KVM_EXIT_SET_TPR;
	return 0;
}

/* Give the guest its DRs for the next entry and run the MOV again. */
static int handle_dr(struct vcpu_svm *svm)
{
	struct x86_vcpu *vcpu = &svm->vcpu;

	if (unlikely(vcpu->guest_debug || (vcpu->dr7 & KVM_DR7_GD) || svm->nmi_singlestep))
		return kvm_debug_mov_dr(vcpu);
	vcpu->db_guest_owned = true;
	svm->vmcb->control.intercepts[INTERCEPT_DR] = 0;
	svm_mark_dirty(svm, SVM_CLEAN_INTERCEPTS);
	return 1;
}

static int handle_hlt(struct vcpu_svm *svm)
{
	return kvm_emulate_halt(&svm->vcpu);
}

static int handle_invd(struct vcpu_svm *svm)
{
	return kvm_emulate_invd(&svm->vcpu);
}

static int handle_wbinvd(struct vcpu_svm *svm)
{
	return kvm_emulate_wbinvd(&svm->vcpu);
}

static int handle_invlpg(struct vcpu_svm *svm)
{
	if (!svm_caps.decode_assists)
		return kvm_emulate_instruction(&svm->vcpu, 0);
	svm_flush_tlb_gva(&svm->vcpu, svm->vmcb->control.exit_info_1);
	return kvm_skip_emulated_instruction(&svm->vcpu);
}

static int handle_rdpmc(struct vcpu_svm *svm)
{
	return kvm_emulate_rdpmc(&svm->vcpu);
}

static int handle_xsetbv(struct vcpu_svm *svm)
{
	return kvm_emulate_xsetbv(&svm->vcpu);
}

static int handle_vmmcall(struct vcpu_svm *svm)
{
	return kvm_emulate_hypercall(&svm->vcpu);
}

static enum x86emul_task_switch task_switch_reason(const struct vmcb_control_area *control)
{
	if (control->exit_info_2 & BIT_ULL(SVM_EXITINFOSHIFT_TS_REASON_IRET))
		return X86EMUL_TASK_IRET;
	if (control->exit_info_2 & BIT_ULL(SVM_EXITINFOSHIFT_TS_REASON_JMP))
		return X86EMUL_TASK_JMP;
	if (control->exit_int_info & SVM_EXITINTINFO_VALID)
		return X86EMUL_TASK_GATE;
	return X86EMUL_TASK_CALL;
}

/* INTn, INT3 and INTO that the guest executes: RIP is theirs, and their gate has a DPL. */
static bool is_soft_event(const struct vcpu_svm *svm, u32 info)
{
	u32 vector = info & SVM_EXITINTINFO_VEC_MASK;

	switch (info & SVM_EXITINTINFO_TYPE_MASK) {
	case SVM_EXITINTINFO_TYPE_SOFT:
		return !svm->vcpu.interrupt.injected;
	case SVM_EXITINTINFO_TYPE_EXEPT:
		return (vector == BP_VECTOR || vector == OF_VECTOR) &&
		       !svm->vcpu.exception.injected;
	}
	return false;
}

static int handle_task_switch(struct vcpu_svm *svm)
{
	const struct vmcb_control_area *control = &svm->vmcb->control;
	enum x86emul_task_switch reason = task_switch_reason(control);
	u32 info = control->exit_int_info;
	u64 info2 = control->exit_info_2;
	bool soft = reason == X86EMUL_TASK_GATE && is_soft_event(svm, info);
	struct x86_vcpu *vcpu = &svm->vcpu;

	/* What is saved in the old TSS: an exception of an instruction sets RF. */
	vcpu->rflags &= ~X86_EFLAGS_RF;
	if (info2 & SVM_EXITINFO2_TS_RF)
		vcpu->rflags |= X86_EFLAGS_RF;
	return kvm_task_switch(vcpu, control->exit_info_1,
			       soft ? info & SVM_EXITINTINFO_VEC_MASK : -1, reason,
			       soft || reason != X86EMUL_TASK_GATE,
			       info2 & BIT_ULL(SVM_EXITINFOSHIFT_TS_HAS_ERROR_CODE), info2);
}

/* The CPU leaves the VMCB undefined: start from reset, as a machine that shuts down does. */
static int handle_shutdown(struct vcpu_svm *svm)
{
	kvm_vcpu_reset(&svm->vcpu);
	svm->vcpu.base.run->exit_reason = KVM_EXIT_SHUTDOWN;
	return 0;
}

static int (*const svm_exit_handlers[SVM_NR_EXIT_CODES])(struct vcpu_svm *svm) = {
	[SVM_EXIT_READ_CR0]		= handle_cr,
	[SVM_EXIT_READ_CR3]		= handle_cr,
	[SVM_EXIT_READ_CR4]		= handle_cr,
	[SVM_EXIT_READ_CR8]		= handle_cr,
	[SVM_EXIT_WRITE_CR0]		= handle_cr,
	[SVM_EXIT_WRITE_CR3]		= handle_cr,
	[SVM_EXIT_WRITE_CR4]		= handle_cr,
	[SVM_EXIT_WRITE_CR8]		= handle_cr8_write,
	[SVM_EXIT_CR0_SEL_WRITE]	= handle_cr,
	[SVM_EXIT_READ_DR0 ... SVM_EXIT_READ_DR7]	= handle_dr,
	[SVM_EXIT_WRITE_DR0 ... SVM_EXIT_WRITE_DR7]	= handle_dr,
	[SVM_EXIT_EXCP_BASE + DE_VECTOR]	= handle_exception,
	[SVM_EXIT_EXCP_BASE + DB_VECTOR]	= svm_handle_db,
	[SVM_EXIT_EXCP_BASE + BP_VECTOR]	= handle_soft_exception,
	[SVM_EXIT_EXCP_BASE + OF_VECTOR]	= handle_soft_exception,
	[SVM_EXIT_EXCP_BASE + BR_VECTOR]	= handle_exception,
	[SVM_EXIT_EXCP_BASE + UD_VECTOR]	= handle_ud_exit,
	[SVM_EXIT_EXCP_BASE + NM_VECTOR ... SVM_EXIT_EXCP_BASE + SS_VECTOR] = handle_exception,
	[SVM_EXIT_EXCP_BASE + GP_VECTOR]	= handle_gp,
	[SVM_EXIT_EXCP_BASE + PF_VECTOR ... SVM_EXIT_EXCP_BASE + AC_VECTOR] = handle_exception,
	[SVM_EXIT_EXCP_BASE + MC_VECTOR]	= handle_nop,
	[SVM_EXIT_EXCP_BASE + XM_VECTOR ... SVM_EXIT_EXCP_BASE + 31]	= handle_exception,
	[SVM_EXIT_INTR]			= handle_intr,
	[SVM_EXIT_NMI]			= handle_nmi,
	[SVM_EXIT_SMI]			= handle_nop,
	[SVM_EXIT_INIT]			= handle_nop,
	[SVM_EXIT_VINTR]		= svm_handle_vintr,
	[SVM_EXIT_IRET]			= svm_handle_iret,
	[SVM_EXIT_IDTR_READ ... SVM_EXIT_TR_WRITE]	= handle_emulate,
	[SVM_EXIT_PUSHF]		= handle_emulate,
	[SVM_EXIT_POPF]			= handle_emulate,
	[SVM_EXIT_SWINT]		= handle_emulate,
	[SVM_EXIT_RDTSC]		= handle_emulate,
	[SVM_EXIT_RDTSCP]		= inject_ud,
	[SVM_EXIT_RDPMC]		= handle_rdpmc,
	[SVM_EXIT_CPUID]		= handle_cpuid,
	[SVM_EXIT_RSM]			= handle_emulate,
	[SVM_EXIT_INVD]			= handle_invd,
	[SVM_EXIT_WBINVD]		= handle_wbinvd,
	[SVM_EXIT_PAUSE]		= handle_skip,
	[SVM_EXIT_HLT]			= handle_hlt,
	[SVM_EXIT_INVLPG]		= handle_invlpg,
	[SVM_EXIT_INVLPGA]		= inject_ud,
	[SVM_EXIT_INVPCID]		= inject_ud,
	[SVM_EXIT_IOIO]			= handle_ioio,
	[SVM_EXIT_MSR]			= handle_msr,
	[SVM_EXIT_TASK_SWITCH]		= handle_task_switch,
	[SVM_EXIT_SHUTDOWN]		= handle_shutdown,
	[SVM_EXIT_VMRUN]		= inject_ud,
	[SVM_EXIT_VMMCALL]		= handle_vmmcall,
	[SVM_EXIT_VMLOAD]		= inject_ud,
	[SVM_EXIT_VMSAVE]		= inject_ud,
	[SVM_EXIT_STGI]			= inject_ud,
	[SVM_EXIT_CLGI]			= inject_ud,
	[SVM_EXIT_SKINIT]		= inject_ud,
	[SVM_EXIT_MONITOR]		= handle_emulate,
	[SVM_EXIT_MWAIT]		= handle_emulate,
	[SVM_EXIT_XSETBV]		= handle_xsetbv,
	[SVM_EXIT_RDPRU]		= inject_ud,
	[SVM_EXIT_NPF]			= handle_npf,
};

static int fail_entry(struct vcpu_svm *svm)
{
	struct kvm_run *run = svm->vcpu.base.run;

	svm_cancel_injection(&svm->vcpu);
	run->exit_reason = KVM_EXIT_FAIL_ENTRY;
	run->fail_entry.hardware_entry_failure_reason = svm->vmcb->control.exit_code;
	run->fail_entry.cpu = svm->vcpu.base.cpu;
	return 0;
}

/* The event is delivered, and its handler has not begun. */
static bool event_stepped(const struct vcpu_svm *svm, u32 code)
{
	return kvm_single_stepping(&svm->vcpu) && (code == SVM_EXIT_INTR || code == SVM_EXIT_NMI) &&
	       !(svm->vmcb->control.exit_int_info & SVM_EXITINTINFO_VALID);
}

/* The frequent ones by name: an indirect call costs more than the compares. */
int svm_handle_exit(struct x86_vcpu *vcpu)
{
	struct vcpu_svm *svm = to_svm(vcpu);
	u32 code = svm->vmcb->control.exit_code;

	if (unlikely(code == (u32)SVM_EXIT_ERR))
		return fail_entry(svm);
	svm_complete_interrupts(svm);
	if (unlikely(svm->step_event) && event_stepped(svm, code))
		return kvm_debug_step(vcpu);
	if (code == SVM_EXIT_NPF)
		return handle_npf(svm);
	if (code == SVM_EXIT_CPUID)
		return handle_cpuid(svm);
	if (code == SVM_EXIT_IOIO)
		return handle_ioio(svm);
	if (code == SVM_EXIT_MSR)
		return handle_msr(svm);
	if (code == SVM_EXIT_INTR)
		return handle_intr(svm);
	if (code >= SVM_NR_EXIT_CODES)
		return unexpected_exit(svm);
	code = array_index_nospec(code, SVM_NR_EXIT_CODES);
	if (!svm_exit_handlers[code])
		return unexpected_exit(svm);
	return svm_exit_handlers[code](svm);
}

void svm_get_exit_info(struct x86_vcpu *vcpu, u32 *reason, u64 *info1, u64 *info2,
		       u32 *intr_info, u32 *error_code)
{
	const struct vmcb_control_area *control = &to_svm(vcpu)->vmcb->control;

	*reason = control->exit_code;
	*info1 = control->exit_info_1;
	*info2 = control->exit_info_2;
	*intr_info = control->exit_int_info;
	*error_code = 0;
	if ((*intr_info & SVM_EXITINTINFO_VALID) && (*intr_info & SVM_EXITINTINFO_VALID_ERR))
		*error_code = control->exit_int_info_err;
}

/* No nested hypervisor runs: it takes nothing. */
int svm_check_intercept(struct x86_vcpu *vcpu, const struct x86_instruction_info *info,
			enum x86_intercept_stage stage)
{
	return X86EMUL_CONTINUE;
}

/* Bytes that the exit does not have are fetched by the emulator: nothing stands against it. */
bool svm_can_emulate_instruction(struct x86_vcpu *vcpu, int emul_type, const void *insn,
				 int insn_len)
{
	return true;
}
