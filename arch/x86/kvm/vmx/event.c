// SPDX-License-Identifier: GPL-2.0-only
/* Event injection, what an exit interrupted, interrupt shadow, interrupt and NMI windows. */
#include "vmx/vmx.h"

static void inject(struct vcpu_vmx *vmx, u32 info)
{
	info |= INTR_INFO_VALID_MASK;
	vmcs_write32(VM_ENTRY_INTR_INFO_FIELD, info);
	vmx->injected = info;
}

/*
 * As if the hardware had raised it, INT3 and INTO, too: RIP is what goes onto
 * the stack, and the gate's DPL has been checked by whoever queued it.
 */
void vmx_inject_exception(struct x86_vcpu *vcpu)
{
	const struct kvm_queued_exception *ex = &vcpu->exception;
	struct vcpu_vmx *vmx = to_vmx(vcpu);
	u32 info = ex->vector | INTR_TYPE_HARD_EXCEPTION;

	if (ex->has_error_code) {
		info |= INTR_INFO_DELIVER_CODE_MASK;
		/* The CPU takes 16 bits. */
		vmcs_write32(VM_ENTRY_EXCEPTION_ERROR_CODE, (u16)ex->error_code);
	}
	inject(vmx, info);
}

/* INTn is never requeued, but userspace may set one, with RIP behind it: its length is nothing. */
void vmx_inject_irq(struct x86_vcpu *vcpu)
{
	u32 type = INTR_TYPE_EXT_INTR;

	if (unlikely(vcpu->interrupt.soft)) {
		type = INTR_TYPE_SOFT_INTR;
		vmcs_write32(VM_ENTRY_INSTRUCTION_LEN, 0);
	}
	inject(to_vmx(vcpu), vcpu->interrupt.nr | type);
}

void vmx_inject_nmi(struct x86_vcpu *vcpu)
{
	struct vcpu_vmx *vmx = to_vmx(vcpu);

	/* The delivery itself blocks further ones; entry refuses an NMI while they are. */
	vmx_set_nmi_mask(vcpu, false);
	inject(vmx, 2 | INTR_TYPE_NMI_INTR);
}

/*
 * Back to the queues; INTn, INT3 and INTO that the guest executes are executed
 * again. @soft: an INTn was injected.
 */
static void requeue(struct vcpu_vmx *vmx, u32 info, unsigned long error_code_field, bool soft)
{
	struct x86_vcpu *vcpu = &vmx->vcpu;
	u8 vector = info & VECTORING_INFO_VECTOR_MASK;
	bool has_error = info & VECTORING_INFO_DELIVER_CODE_MASK;

	switch (info & VECTORING_INFO_TYPE_MASK) {
	case INTR_TYPE_NMI_INTR:
		vcpu->nmi_injected = true;
		/* It has not been delivered: the IRET that unblocks is still to come. */
		vmx_set_nmi_mask(vcpu, false);
		break;
	case INTR_TYPE_HARD_EXCEPTION:
		kvm_requeue_exception(vcpu, vector, has_error,
				      has_error ? vmcs_read32(error_code_field) : 0);
		break;
	case INTR_TYPE_SOFT_INTR:
		if (!soft)
			break;
		fallthrough;
	case INTR_TYPE_EXT_INTR:
		vcpu->interrupt.injected = true;
		vcpu->interrupt.soft = soft;
		vcpu->interrupt.nr = vector;
		break;
	}
}

static bool is_soft(u32 info)
{
	return (info & INTR_INFO_INTR_TYPE_MASK) == INTR_TYPE_SOFT_INTR;
}

/* The event that this entry had is gone from the queues; others wait for theirs. */
static void delivered(struct vcpu_vmx *vmx)
{
	struct x86_vcpu *vcpu = &vmx->vcpu;

	switch (vmx->injected & INTR_INFO_INTR_TYPE_MASK) {
	case INTR_TYPE_NMI_INTR:
		vcpu->nmi_injected = false;
		break;
	case INTR_TYPE_HARD_EXCEPTION:
		vcpu->exception.injected = false;
		break;
	default:
		vcpu->interrupt.injected = false;
		break;
	}
	vmx->injected = 0;
}

/* A fault of the IRET that ends an NMI handler: NMIs are blocked as before it. */
static void recover_nmi_blocking(struct vcpu_vmx *vmx)
{
	u32 info = vmx->exit_intr_info;
	bool unblocked = false;

	switch ((u16)vmx->exit_reason) {
	case EXIT_REASON_EXCEPTION_NMI:
		unblocked = (info & INTR_INFO_UNBLOCK_NMI) &&
			    (info & INTR_INFO_VECTOR_MASK) != DF_VECTOR;
		break;
	case EXIT_REASON_EPT_VIOLATION:
	case EXIT_REASON_PML_FULL:
		unblocked = vmx->exit_qual & INTR_INFO_UNBLOCK_NMI;
		break;
	}
	if (unlikely(unblocked))
		vmx_set_nmi_mask(&vmx->vcpu, true);
}

void vmx_complete_interrupts(struct vcpu_vmx *vmx)
{
	bool soft = is_soft(vmx->injected);
	u32 info = vmx->idt_vectoring;

	if (unlikely(vmx->injected))
		delivered(vmx);
	if (unlikely(info & VECTORING_INFO_VALID_MASK)) {
		kvm_make_request(KVM_REQ_EVENT, &vmx->vcpu.base);
		requeue(vmx, info, IDT_VECTORING_ERROR_CODE, soft);
	} else {
		recover_nmi_blocking(vmx);
	}
}

/* The entry did not happen: as if it had been interrupted at once. */
void vmx_cancel_injection(struct x86_vcpu *vcpu)
{
	struct vcpu_vmx *vmx = to_vmx(vcpu);
	u32 info = vmx->injected;

	if (!info)
		return;
	delivered(vmx);
	kvm_make_request(KVM_REQ_EVENT, &vcpu->base);
	requeue(vmx, info, VM_ENTRY_EXCEPTION_ERROR_CODE, is_soft(info));
	vmcs_write32(VM_ENTRY_INTR_INFO_FIELD, 0);
}

u32 vmx_get_interrupt_shadow(struct x86_vcpu *vcpu)
{
	u32 state = vmcs_read32(GUEST_INTERRUPTIBILITY_INFO);

	return (state & GUEST_INTR_STATE_STI ? KVM_X86_SHADOW_INT_STI : 0) |
	       (state & GUEST_INTR_STATE_MOV_SS ? KVM_X86_SHADOW_INT_MOV_SS : 0);
}

void vmx_set_interrupt_shadow(struct x86_vcpu *vcpu, u32 mask)
{
	u32 old = vmcs_read32(GUEST_INTERRUPTIBILITY_INFO), new = old & ~VMX_SHADOW_BITS;

	/* Not both: entry would fail. */
	if (mask & KVM_X86_SHADOW_INT_MOV_SS)
		new |= GUEST_INTR_STATE_MOV_SS;
	else if (mask & KVM_X86_SHADOW_INT_STI)
		new |= GUEST_INTR_STATE_STI;
	if (new == old)
		return;
	if (new & GUEST_INTR_STATE_STI)
		to_vmx(vcpu)->sti_shadow_set = true;
	vmcs_write32(GUEST_INTERRUPTIBILITY_INFO, new);
	/* Whether a step is pending has to be looked at again. */
	if (!(new & VMX_SHADOW_BITS))
		vmcs_writel(GUEST_PENDING_DBG_EXCEPTIONS, 0);
}

bool vmx_interrupt_allowed(struct x86_vcpu *vcpu)
{
	return (vcpu->rflags & X86_EFLAGS_IF) &&
	       !(vmcs_read32(GUEST_INTERRUPTIBILITY_INFO) & VMX_SHADOW_BITS);
}

bool vmx_nmi_allowed(struct x86_vcpu *vcpu)
{
	return !(vmcs_read32(GUEST_INTERRUPTIBILITY_INFO) & (VMX_SHADOW_BITS | GUEST_INTR_STATE_NMI));
}

void vmx_enable_irq_window(struct x86_vcpu *vcpu)
{
	vmx_change_control(to_vmx(vcpu), VMX_CPU, CPU_BASED_INTR_WINDOW_EXITING, true);
}

int vmx_handle_interrupt_window(struct vcpu_vmx *vmx)
{
	vmx_change_control(vmx, VMX_CPU, CPU_BASED_INTR_WINDOW_EXITING, false);
	kvm_make_request(KVM_REQ_EVENT, &vmx->vcpu.base);
	return 1;
}

/* With a shadow of STI the NMI window opens as soon as it is gone: an interrupt window tells. */
void vmx_enable_nmi_window(struct x86_vcpu *vcpu)
{
	if ((vmcs_read32(GUEST_INTERRUPTIBILITY_INFO) & GUEST_INTR_STATE_STI) &&
	    (vcpu->rflags & X86_EFLAGS_IF))
		vmx_enable_irq_window(vcpu);
	else
		vmx_change_control(to_vmx(vcpu), VMX_CPU, CPU_BASED_NMI_WINDOW_EXITING, true);
}

int vmx_handle_nmi_window(struct vcpu_vmx *vmx)
{
	vmx_change_control(vmx, VMX_CPU, CPU_BASED_NMI_WINDOW_EXITING, false);
	kvm_make_request(KVM_REQ_EVENT, &vmx->vcpu.base);
	return 1;
}

bool vmx_get_nmi_mask(struct x86_vcpu *vcpu)
{
	return vmcs_read32(GUEST_INTERRUPTIBILITY_INFO) & GUEST_INTR_STATE_NMI;
}

void vmx_set_nmi_mask(struct x86_vcpu *vcpu, bool masked)
{
	u32 old = vmcs_read32(GUEST_INTERRUPTIBILITY_INFO);
	u32 new = masked ? old | GUEST_INTR_STATE_NMI : old & ~GUEST_INTR_STATE_NMI;

	if (new != old)
		vmcs_write32(GUEST_INTERRUPTIBILITY_INFO, new);
}

/* #DB and #AC: a guest that faults while it delivers one would keep the CPU for ever. */
void vmx_update_exception_bitmap(struct vcpu_vmx *vmx)
{
	u32 vectors = BIT(UD_VECTOR) | BIT(MC_VECTOR) | BIT(AC_VECTOR) | BIT(DB_VECTOR);

	if (enable_vmware_backdoor)
		vectors |= BIT(GP_VECTOR);
	if (vmx->vcpu.guest_debug & KVM_GUESTDBG_USE_SW_BP)
		vectors |= BIT(BP_VECTOR);
	/* None of them shall push the TF of a step, or look for a handler of protected mode. */
	if (kvm_single_stepping(&vmx->vcpu) || vmx->rmode.active)
		vectors = U32_MAX;
	vmcs_write32(EXCEPTION_BITMAP, vectors);
}

void vmx_update_guest_debug(struct x86_vcpu *vcpu)
{
	struct vcpu_vmx *vmx = to_vmx(vcpu);

	vmx->tf_forced = false;
	vmx->step_event = false;
	vmx->step_shadow = 0;
	vmx_update_exception_bitmap(vmx);
}
