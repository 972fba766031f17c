// SPDX-License-Identifier: GPL-2.0-only
/* Event injection, what an exit interrupted, interrupt shadow, interrupt and NMI windows. */
#include <uapi/asm/debugreg.h>

#include "svm/svm.h"

static bool is_soft_exception(unsigned int vector)
{
	return vector == BP_VECTOR || vector == OF_VECTOR;
}

static void inject(struct vcpu_svm *svm, u32 event, bool soft)
{
	struct vmcb_control_area *control = &svm->vmcb->control;

	control->event_inj = event | SVM_EVTINJ_VALID;
	svm->injected = event | SVM_EVTINJ_VALID;
	svm->soft_event = soft;
	/* A CPU with next RIP takes the return address from there, not from RIP. */
	if (soft && svm_caps.nrips)
		control->next_rip = svm->vcpu.rip;
}

void svm_inject_exception(struct x86_vcpu *vcpu)
{
	const struct kvm_queued_exception *ex = &vcpu->exception;
	struct vcpu_svm *svm = to_svm(vcpu);
	u32 event = ex->vector | SVM_EVTINJ_TYPE_EXEPT;

	if (ex->has_error_code) {
		event |= SVM_EVTINJ_VALID_ERR;
		svm->vmcb->control.event_inj_err = ex->error_code;
	}
	inject(svm, event, is_soft_exception(ex->vector));
}

void svm_inject_irq(struct x86_vcpu *vcpu)
{
	u32 type = vcpu->interrupt.soft ? SVM_EVTINJ_TYPE_SOFT : SVM_EVTINJ_TYPE_INTR;

	inject(to_svm(vcpu), vcpu->interrupt.nr | type, vcpu->interrupt.soft);
}

void svm_inject_nmi(struct x86_vcpu *vcpu)
{
	struct vcpu_svm *svm = to_svm(vcpu);

	inject(svm, SVM_EVTINJ_TYPE_NMI, false);
	svm->nmi_singlestep = false;
	svm_set_nmi_mask(vcpu, true);
}

/*
 * Back to the queues with an event that was being delivered. INTn, INT3 and
 * INTO that the guest executed itself are executed again: RIP is still theirs.
 * Those that we injected had RIP moved past them, so they are injected again.
 */
static void requeue(struct vcpu_svm *svm, u32 info, u32 error_code)
{
	struct x86_vcpu *vcpu = &svm->vcpu;
	u8 vector = info & SVM_EXITINTINFO_VEC_MASK;
	bool ours = svm->soft_event;

	switch (info & SVM_EXITINTINFO_TYPE_MASK) {
	case SVM_EXITINTINFO_TYPE_NMI:
		vcpu->nmi_injected = true;
		break;
	case SVM_EXITINTINFO_TYPE_EXEPT:
		if (is_soft_exception(vector) && !ours)
			break;
		kvm_requeue_exception(vcpu, vector, info & SVM_EXITINTINFO_VALID_ERR, error_code);
		break;
	case SVM_EXITINTINFO_TYPE_INTR:
		vcpu->interrupt.injected = true;
		vcpu->interrupt.soft = false;
		vcpu->interrupt.nr = vector;
		break;
	case SVM_EXITINTINFO_TYPE_SOFT:
		if (!ours)
			break;
		vcpu->interrupt.injected = true;
		vcpu->interrupt.soft = true;
		vcpu->interrupt.nr = vector;
		break;
	}
}

/* The event that this entry had is gone from the queues; others wait for theirs. */
static void delivered(struct vcpu_svm *svm)
{
	struct x86_vcpu *vcpu = &svm->vcpu;

	switch (svm->injected & SVM_EVTINJ_TYPE_MASK) {
	case SVM_EVTINJ_TYPE_NMI:
		vcpu->nmi_injected = false;
		break;
	case SVM_EVTINJ_TYPE_EXEPT:
		vcpu->exception.injected = false;
		break;
	default:
		vcpu->interrupt.injected = false;
		break;
	}
	svm->injected = 0;
	svm->vmcb->control.event_inj = 0;
}

void svm_complete_interrupts(struct vcpu_svm *svm)
{
	struct vmcb_control_area *control = &svm->vmcb->control;
	struct x86_vcpu *vcpu = &svm->vcpu;
	u32 info = control->exit_int_info;

	if (unlikely(svm->injected))
		delivered(svm);
	if (unlikely(info & SVM_EXITINTINFO_VALID)) {
		kvm_make_request(KVM_REQ_EVENT, &vcpu->base);
		requeue(svm, info, control->exit_int_info_err);
	}
	svm->soft_event = false;
}

/* The entry did not happen: as if it had been interrupted at once. */
void svm_cancel_injection(struct x86_vcpu *vcpu)
{
	struct vcpu_svm *svm = to_svm(vcpu);
	struct vmcb_control_area *control = &svm->vmcb->control;

	control->exit_int_info = control->event_inj;
	control->exit_int_info_err = control->event_inj_err;
	svm_complete_interrupts(svm);
}

u32 svm_get_interrupt_shadow(struct x86_vcpu *vcpu)
{
	if (!(to_svm(vcpu)->vmcb->control.int_state & SVM_INTERRUPT_SHADOW_MASK))
		return 0;
	return X86_SHADOW_INT_STI | X86_SHADOW_INT_MOV_SS;
}

void svm_set_interrupt_shadow(struct x86_vcpu *vcpu, u32 mask)
{
	struct vmcb_control_area *control = &to_svm(vcpu)->vmcb->control;

	if (mask)
		control->int_state |= SVM_INTERRUPT_SHADOW_MASK;
	else
		control->int_state &= ~SVM_INTERRUPT_SHADOW_MASK;
}

bool svm_interrupt_allowed(struct x86_vcpu *vcpu)
{
	return (vcpu->rflags & X86_EFLAGS_IF) && !svm_get_interrupt_shadow(vcpu);
}

bool svm_nmi_allowed(struct x86_vcpu *vcpu)
{
	return !to_svm(vcpu)->nmi_masked && !svm_get_interrupt_shadow(vcpu);
}

/* A virtual interrupt of the highest priority exits as soon as the guest would take one. */
void svm_enable_irq_window(struct x86_vcpu *vcpu)
{
	struct vcpu_svm *svm = to_svm(vcpu);
	struct vmcb_control_area *control = &svm->vmcb->control;

	if (svm_is_intercept(svm, INTERCEPT_VINTR))
		return;
	control->int_vector = 0;
	control->int_ctl |= V_IRQ_INJECTION_BITS_MASK;
	svm_mark_dirty(svm, SVM_CLEAN_INTR);
	svm_set_intercept(svm, INTERCEPT_VINTR);
}

int svm_handle_vintr(struct vcpu_svm *svm)
{
	svm->vmcb->control.int_ctl &= ~V_IRQ_INJECTION_BITS_MASK;
	svm_mark_dirty(svm, SVM_CLEAN_INTR);
	svm_clr_intercept(svm, INTERCEPT_VINTR);
	kvm_make_request(KVM_REQ_EVENT, &svm->vcpu.base);
	return 1;
}

/*
 * NMIs are blocked until an IRET: it is intercepted, and the instruction after
 * it is reached by a single step. The same step ends an interrupt shadow.
 */
void svm_enable_nmi_window(struct x86_vcpu *vcpu)
{
	struct vcpu_svm *svm = to_svm(vcpu);

	if (svm->nmi_masked && !svm->iret_pending)
		return;
	svm->nmi_singlestep = true;
	/* What the step says in DR6 has to be told from what the guest has there. */
	svm_intercept_mov_dr(vcpu);
}

bool svm_get_nmi_mask(struct x86_vcpu *vcpu)
{
	return to_svm(vcpu)->nmi_masked;
}

void svm_set_nmi_mask(struct x86_vcpu *vcpu, bool masked)
{
	struct vcpu_svm *svm = to_svm(vcpu);

	svm->nmi_masked = masked;
	svm->iret_pending = false;
	svm_update_iret_intercept(svm);
}

void svm_update_iret_intercept(struct vcpu_svm *svm)
{
	bool wait = svm->nmi_masked && !svm->iret_pending;

	svm_change_intercept(svm, INTERCEPT_IRET, wait || kvm_single_stepping(&svm->vcpu));
}

int svm_handle_iret(struct vcpu_svm *svm)
{
	/* A step must not show in the flags that it loads. */
	if (kvm_single_stepping(&svm->vcpu))
		return kvm_emulate_instruction(&svm->vcpu, 0);
	svm_clr_intercept(svm, INTERCEPT_IRET);
	svm->iret_pending = true;
	svm->iret_rip = svm->vcpu.rip;
	kvm_make_request(KVM_REQ_EVENT, &svm->vcpu.base);
	return 1;
}

/* After an exit with IRET pending: has it retired? */
void svm_track_iret(struct vcpu_svm *svm)
{
	if (svm->vcpu.rip == svm->iret_rip)
		return;
	svm->iret_pending = false;
	/* An event took the guest elsewhere: the IRET is still to come. */
	if (svm->injected || (svm->vmcb->control.exit_int_info & SVM_EXITINTINFO_VALID)) {
		svm_update_iret_intercept(svm);
		return;
	}
	svm->nmi_masked = false;
	kvm_make_request(KVM_REQ_EVENT, &svm->vcpu.base);
}

/* Of a step that the host has forced nothing is the guest's: neither TF nor DR6.BS. */
int svm_handle_db(struct vcpu_svm *svm)
{
	u64 dr6 = svm->vmcb->save.dr6 ^ KVM_DR6_FIXED_1;
	struct x86_vcpu *vcpu = &svm->vcpu;
	bool step = dr6 & KVM_DR6_BS;

	if (svm->nmi_singlestep) {
		svm->nmi_singlestep = false;
		kvm_make_request(KVM_REQ_EVENT, &vcpu->base);
	}
	if (!svm->tf_forced && !dr6) {
		/* INT1 says nothing in DR6. */
		kvm_queue_exception(vcpu, DB_VECTOR);
		return 1;
	}
	if (svm->tf_forced)
		dr6 &= ~(u64)KVM_DR6_BS;
	return kvm_handle_db(vcpu, dr6, step);
}
