// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guest states that a processor has and an entry refuses: segment registers that
 * do not go together, above all between MOV to CR0 and the far jump behind it, or
 * limits that real mode has kept. They run by emulation until they can be entered.
 */
#include <linux/sched.h>
#include <linux/sched/signal.h>

#include "vmx/vmx.h"

/* Instructions of one round; between rounds the run loop looks at everything else. */
#define ROUND_INSNS	130
/* A fetch that meets memory in transit is tried again that often. */
#define MAX_STUCK	16

#define RPL(selector)	((selector) & 3)
#define TI(selector)	((selector) & 4)

/* A segment register as the VMCS has it. */
struct seg {
	u16 selector;
	u32 ar, limit;
	u64 base;
};

static void read_seg(int seg, struct seg *s)
{
	unsigned int f = vmx_segment_field(seg);

	s->selector = vmcs_read16(GUEST_ES_SELECTOR + f);
	s->ar = vmcs_read32(GUEST_ES_AR_BYTES + f);
	s->limit = vmcs_read32(GUEST_ES_LIMIT + f);
	s->base = vmcs_readl(GUEST_ES_BASE + f);
}

static unsigned int type_of(const struct seg *s)
{
	return s->ar & VMX_AR_TYPE_MASK;
}

static bool usable(const struct seg *s)
{
	return !(s->ar & VMX_AR_UNUSABLE_MASK);
}

/* Present, of the given kind, and a limit that descriptors can have. */
static bool well_formed(const struct seg *s, u32 kind)
{
	if ((s->ar & (VMX_AR_P_MASK | VMX_AR_S_MASK)) != (VMX_AR_P_MASK | kind))
		return false;
	if (s->ar & VMX_AR_G_MASK)
		return (s->limit & 0xfff) == 0xfff;
	return !(s->limit >> 20);
}

static bool vm86_enterable(void)
{
	struct seg s;
	int seg;

	for (seg = X86_SEG_ES; seg <= X86_SEG_GS; seg++) {
		read_seg(seg, &s);
		if (s.base != (u64)s.selector << 4 || s.limit != 0xffff || s.ar != 0xf3)
			return false;
	}
	return true;
}

static bool code_enterable(const struct x86_vcpu *vcpu, const struct seg *cs, const struct seg *ss)
{
	unsigned int dpl = VMX_AR_DPL(cs->ar), ss_dpl = VMX_AR_DPL(ss->ar);

	if (!usable(cs) || !well_formed(cs, VMX_AR_S_MASK) || cs->base >> 32)
		return false;
	if (is_long_mode(vcpu) && (cs->ar & VMX_AR_L_MASK) && (cs->ar & VMX_AR_DB_MASK))
		return false;
	switch (type_of(cs)) {
	case 3:
		return vmx_caps.unrestricted_guest && !dpl;
	case 9:
	case 11:
		return dpl == ss_dpl;
	case 13:
	case 15:
		return dpl <= ss_dpl;
	}
	return false;
}

static bool stack_enterable(const struct x86_vcpu *vcpu, const struct seg *cs,
			    const struct seg *ss)
{
	unsigned int dpl = VMX_AR_DPL(ss->ar);

	if (!vmx_caps.unrestricted_guest &&
	    (RPL(ss->selector) != RPL(cs->selector) || RPL(ss->selector) != dpl))
		return false;
	if (dpl && (type_of(cs) == 3 || !is_protmode(vcpu)))
		return false;
	if (!usable(ss))
		return true;
	return (type_of(ss) == 3 || type_of(ss) == 7) && well_formed(ss, VMX_AR_S_MASK) &&
	       !(ss->base >> 32);
}

static bool data_enterable(int seg)
{
	struct seg s;

	read_seg(seg, &s);
	if (!usable(&s))
		return true;
	if (!(s.ar & VMX_AR_TYPE_ACCESSES_MASK) || !well_formed(&s, VMX_AR_S_MASK))
		return false;
	if ((type_of(&s) & VMX_AR_TYPE_CODE_MASK) && !(type_of(&s) & VMX_AR_TYPE_READABLE_MASK))
		return false;
	if (!vmx_caps.unrestricted_guest && type_of(&s) <= 11 && VMX_AR_DPL(s.ar) < RPL(s.selector))
		return false;
	return seg == X86_SEG_FS || seg == X86_SEG_GS || !(s.base >> 32);
}

static bool ldt_enterable(void)
{
	struct seg s;

	read_seg(X86_SEG_LDTR, &s);
	return !usable(&s) ||
	       (!TI(s.selector) && type_of(&s) == VMX_AR_TYPE_LDT && well_formed(&s, 0));
}

static bool task_enterable(const struct x86_vcpu *vcpu)
{
	struct seg s;

	read_seg(X86_SEG_TR, &s);
	if (!usable(&s) || TI(s.selector) || !well_formed(&s, 0))
		return false;
	return type_of(&s) == VMX_AR_TYPE_BUSY_32_TSS ||
	       (type_of(&s) == VMX_AR_TYPE_BUSY_16_TSS && !is_long_mode(vcpu));
}

static bool protected_enterable(struct vcpu_vmx *vmx)
{
	const struct x86_vcpu *vcpu = &vmx->vcpu;
	struct seg cs, ss;

	read_seg(X86_SEG_CS, &cs);
	read_seg(X86_SEG_SS, &ss);
	return code_enterable(vcpu, &cs, &ss) && stack_enterable(vcpu, &cs, &ss) &&
	       data_enterable(X86_SEG_DS) && data_enterable(X86_SEG_ES) &&
	       data_enterable(X86_SEG_FS) && data_enterable(X86_SEG_GS) && task_enterable(vcpu);
}

/* Of Intel's checks on guest segment registers those that a guest can fail. */
static bool segments_enterable(struct vcpu_vmx *vmx)
{
	const struct x86_vcpu *vcpu = &vmx->vcpu;

	if (!ldt_enterable())
		return false;
	if (vmx->rmode.active)
		return vmx_rmode_enterable(vmx);
	if (is_protmode(vcpu) && !is_long_mode(vcpu) && (vcpu->rflags & X86_EFLAGS_VM))
		return vm86_enterable() && task_enterable(vcpu);
	return protected_enterable(vmx);
}

bool vmx_may_enter(struct vcpu_vmx *vmx)
{
	bool vm_changed = (vmx->vcpu.rflags ^ vmx->hw_rflags) & X86_EFLAGS_VM;

	if (vm_changed || (vmx->entry_state & VMX_ENTRY_CHECK)) {
		vmx->entry_state &= ~(VMX_ENTRY_CHECK | VMX_ENTRY_INVALID);
		if (emulate_invalid_guest_state && !segments_enterable(vmx))
			vmx->entry_state |= VMX_ENTRY_INVALID;
	}
	if (vmx->entry_state & VMX_ENTRY_INVALID)
		return false;
	/* The CPU would deliver events through the IDT of protected mode. */
	return !(vmx->entry_state & VMX_ENTRY_RMODE) || !vmx->injected;
}

/* The event that the entry was to have. */
static int deliver_event(struct vcpu_vmx *vmx)
{
	struct x86_vcpu *vcpu = &vmx->vcpu;
	u32 info = vmx->injected, error_code = 0;
	bool nmi = (info & INTR_INFO_INTR_TYPE_MASK) == INTR_TYPE_NMI_INTR;
	int r;

	if (info & INTR_INFO_DELIVER_CODE_MASK)
		error_code = vmcs_read32(VM_ENTRY_EXCEPTION_ERROR_CODE);
	vmcs_write32(VM_ENTRY_INTR_INFO_FIELD, 0);
	vmx->injected = 0;
	r = kvm_emulate_event(vcpu, info & INTR_INFO_VECTOR_MASK,
			      info & INTR_INFO_DELIVER_CODE_MASK, error_code);
	if (nmi && !vcpu->nmi_injected)
		vmx_set_nmi_mask(vcpu, true);
	return r;
}

/* No exit tells that a window has opened: 1, it has. */
static bool window_opened(struct vcpu_vmx *vmx)
{
	u32 controls = vmx->controls[VMX_CPU];

	if ((controls & CPU_BASED_INTR_WINDOW_EXITING) && vmx_interrupt_allowed(&vmx->vcpu))
		return vmx_handle_interrupt_window(vmx);
	if ((controls & CPU_BASED_NMI_WINDOW_EXITING) && vmx_nmi_allowed(&vmx->vcpu))
		return vmx_handle_nmi_window(vmx);
	return false;
}

static bool others_wait(const struct x86_vcpu *vcpu)
{
	return vcpu->exception.pending || kvm_request_pending(&vcpu->base) ||
	       signal_pending(current) || need_resched();
}

static int handle_invalid_guest_state(struct vcpu_vmx *vmx)
{
	struct x86_vcpu *vcpu = &vmx->vcpu;
	int i, r, stuck = 0;
	u64 before;

	for (i = 0; i < ROUND_INSNS && !vmx_may_enter(vmx); i++) {
		if (window_opened(vmx))
			return 1;
		before = vcpu->base.stat.insn_emulation;
		r = kvm_emulate_instruction(vcpu, 0);
		if (r <= 0)
			return r;
		if (others_wait(vcpu))
			return 1;
		/* The CPU's own fetch would have said that userspace has nothing there. */
		if (vcpu->base.stat.insn_emulation == before && ++stuck == MAX_STUCK)
			return -EFAULT;
	}
	return 1;
}

int vmx_handle_no_entry(struct vcpu_vmx *vmx)
{
	return vmx->injected ? deliver_event(vmx) : handle_invalid_guest_state(vmx);
}
