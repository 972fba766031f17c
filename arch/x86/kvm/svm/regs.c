// SPDX-License-Identifier: GPL-2.0-only
/* Segments, descriptor tables, control and debug registers of the VMCB; TLB flushes. */
#include <asm/tlbflush.h>

#include "svm/svm.h"

/* Guest memory types stay write-back: the guest only sees these bits. */
#define CR0_HIDDEN	((u64)(X86_CR0_CD | X86_CR0_NW))

static struct vmcb_seg *segment_of(struct x86_vcpu *vcpu, int seg)
{
	struct vmcb_save_area *save = &to_svm(vcpu)->vmcb->save;

	switch (seg) {
	case X86_SEG_ES:
		return &save->es;
	case X86_SEG_CS:
		return &save->cs;
	case X86_SEG_SS:
		return &save->ss;
	case X86_SEG_DS:
		return &save->ds;
	case X86_SEG_FS:
		return &save->fs;
	case X86_SEG_GS:
		return &save->gs;
	case X86_SEG_LDTR:
		return &save->ldtr;
	}
	return &save->tr;
}

void svm_get_segment(struct x86_vcpu *vcpu, int seg, struct x86_segment *var)
{
	const struct vmcb_seg *s = segment_of(vcpu, seg);

	var->selector = s->selector;
	var->base = s->base;
	var->limit = s->limit;
	/* The CPU ignores G here and need not keep it. */
	var->attr = s->attrib & 0xfff & ~X86_SEG_G;
	if (s->limit > 0xfffff)
		var->attr |= X86_SEG_G;
	if (!(var->attr & X86_SEG_P))
		var->attr |= X86_SEG_UNUSABLE;

	switch (seg) {
	case X86_SEG_TR:
		/* Not every CPU says that the TSS is busy. */
		var->attr |= 2;
		break;
	case X86_SEG_SS:
		/* SYSRET leaves another DPL than the CPL in effect. */
		var->attr &= ~X86_SEG_DPL_MASK;
		var->attr |= to_svm(vcpu)->vmcb->save.cpl << X86_SEG_DPL_SHIFT;
		break;
	}
}

void svm_set_segment(struct x86_vcpu *vcpu, int seg, const struct x86_segment *var)
{
	struct vmcb_seg *s = segment_of(vcpu, seg);
	struct vcpu_svm *svm = to_svm(vcpu);

	s->selector = var->selector;
	s->base = var->base;
	s->limit = var->limit;
	s->attrib = var->attr & 0xfff;
	if (var->attr & X86_SEG_UNUSABLE)
		s->attrib &= ~X86_SEG_P;
	if (seg == X86_SEG_SS)
		svm->vmcb->save.cpl = (var->attr & X86_SEG_DPL_MASK) >> X86_SEG_DPL_SHIFT;
	svm_mark_dirty(svm, SVM_CLEAN_SEG);
}

unsigned long svm_get_segment_base(struct x86_vcpu *vcpu, int seg)
{
	return segment_of(vcpu, seg)->base;
}

int svm_get_cpl(struct x86_vcpu *vcpu)
{
	return to_svm(vcpu)->vmcb->save.cpl;
}

static struct vmcb_seg *table_of(struct x86_vcpu *vcpu, enum x86emul_dt which)
{
	struct vmcb_save_area *save = &to_svm(vcpu)->vmcb->save;

	return which == X86_DT_GDT ? &save->gdtr : &save->idtr;
}

void svm_get_dt(struct x86_vcpu *vcpu, enum x86emul_dt which, struct x86_desc_ptr *dt)
{
	const struct vmcb_seg *s = table_of(vcpu, which);

	dt->size = s->limit;
	dt->address = s->base;
}

void svm_set_dt(struct x86_vcpu *vcpu, enum x86emul_dt which, const struct x86_desc_ptr *dt)
{
	struct vmcb_seg *s = table_of(vcpu, which);

	s->limit = dt->size;
	s->base = dt->address;
	svm_mark_dirty(to_svm(vcpu), SVM_CLEAN_DT);
}

void svm_set_efer(struct x86_vcpu *vcpu, u64 efer)
{
	struct vcpu_svm *svm = to_svm(vcpu);

	vcpu->efer = efer;
	svm->vmcb->save.efer = efer | EFER_SVME;
	svm_mark_dirty(svm, SVM_CLEAN_CR);
}

/* User-mode instruction prevention on a CPU without it. */
static bool umip_emulated(const struct x86_vcpu *vcpu)
{
	return (vcpu->cr4 & X86_CR4_UMIP) && !boot_cpu_has(X86_FEATURE_UMIP);
}

/* SGDT, SIDT, SLDT, STR; SMSW is a read of CR0. */
static void intercept_umip(struct vcpu_svm *svm, bool on)
{
	svm_change_intercept(svm, INTERCEPT_STORE_GDTR, on);
	svm_change_intercept(svm, INTERCEPT_STORE_IDTR, on);
	svm_change_intercept(svm, INTERCEPT_STORE_LDTR, on);
	svm_change_intercept(svm, INTERCEPT_STORE_TR, on);
	svm_change_intercept(svm, INTERCEPT_CR0_READ, on || (svm->vcpu.cr0 & CR0_HIDDEN));
}

void svm_set_cr0(struct x86_vcpu *vcpu, u64 cr0)
{
	struct vcpu_svm *svm = to_svm(vcpu);
	u64 hw = (cr0 & ~CR0_HIDDEN) | X86_CR0_ET;
	bool hidden = cr0 & CR0_HIDDEN;

	if (vcpu->efer & EFER_LME)
		svm_set_efer(vcpu, cr0 & X86_CR0_PG ? vcpu->efer | EFER_LMA :
						      vcpu->efer & ~EFER_LMA);
	if ((svm->vmcb->save.cr0 ^ hw) & (X86_CR0_PG | X86_CR0_WP))
		svm_flush_tlb_guest(vcpu);
	vcpu->cr0 = cr0 | X86_CR0_ET;
	svm->vmcb->save.cr0 = hw;
	svm_mark_dirty(svm, SVM_CLEAN_CR);
	svm_change_intercept(svm, INTERCEPT_CR0_READ, hidden || umip_emulated(vcpu));
	svm_change_intercept(svm, INTERCEPT_CR0_WRITE, hidden);
}

void svm_set_cr3(struct x86_vcpu *vcpu, u64 cr3)
{
	struct vcpu_svm *svm = to_svm(vcpu);

	vcpu->cr3 = cr3;
	svm->vmcb->save.cr3 = cr3;
	svm_mark_dirty(svm, SVM_CLEAN_CR);
	svm_flush_tlb_guest(vcpu);
}

/* Without MCE a machine check of the host would shut the guest down instead of exiting. */
void svm_set_cr4(struct x86_vcpu *vcpu, u64 cr4)
{
	struct vcpu_svm *svm = to_svm(vcpu);
	u64 hw = cr4 | (cr4_read_shadow() & X86_CR4_MCE);

	if (!boot_cpu_has(X86_FEATURE_UMIP))
		hw &= ~(u64)X86_CR4_UMIP;
	if (svm->vmcb->save.cr4 != hw)
		svm_flush_tlb_guest(vcpu);
	vcpu->cr4 = cr4;
	svm->vmcb->save.cr4 = hw;
	svm_mark_dirty(svm, SVM_CLEAN_CR);
	svm_change_intercept(svm, INTERCEPT_CR4_READ, hw != cr4);
	intercept_umip(svm, umip_emulated(vcpu));
}

void svm_set_dr7(struct x86_vcpu *vcpu, unsigned long dr7)
{
	struct vcpu_svm *svm = to_svm(vcpu);

	if (svm->vmcb->save.dr7 == dr7)
		return;
	svm->vmcb->save.dr7 = dr7;
	svm_mark_dirty(svm, SVM_CLEAN_DR);
}

/* Guest-linear and guest-physical translations share the ASID: one flush serves both. */
void svm_flush_tlb_current(struct x86_vcpu *vcpu)
{
	struct vcpu_svm *svm = to_svm(vcpu);

	if (svm_caps.flush_by_asid)
		svm->vmcb->control.tlb_ctl = TLB_CONTROL_FLUSH_ASID;
	else
		svm->asid_generation = 0;
}

void svm_flush_tlb_guest(struct x86_vcpu *vcpu)
{
	svm_flush_tlb_current(vcpu);
}

/* The vCPU is loaded; an ASID of an older generation is not used again. */
void svm_flush_tlb_gva(struct x86_vcpu *vcpu, unsigned long gva)
{
	asm volatile("1: invlpga %%rax, %%ecx\n2:\n\t" _ASM_EXTABLE(1b, 2b)
		     : : "a" (gva), "c" (to_svm(vcpu)->vmcb->control.asid));
}
