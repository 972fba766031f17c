// SPDX-License-Identifier: GPL-2.0-only
/* Segments, tables and control registers as KVM_GET_SREGS, KVM_SET_SREGS and SREGS2 see them. */
#include <linux/kvm.h>
#include <linux/mm.h>
#include <asm/apicdef.h>
#include <asm/msr-index.h>

#include "vcpu/ops.h"

/* Bits of IA32_APIC_BASE below the address. */
#define APIC_BASE_FLAGS	(MSR_IA32_APICBASE_BSP | X2APIC_ENABLE | MSR_IA32_APICBASE_ENABLE)

/* The two structures are one up to their last members, and handled as one up to there. */
static_assert(offsetof(struct kvm_sregs, apic_base) == offsetof(struct kvm_sregs2, apic_base));
static_assert(offsetof(struct kvm_sregs, interrupt_bitmap) == offsetof(struct kvm_sregs2, flags));

static void put_segment(struct x86_vcpu *vcpu, int seg, struct kvm_segment *out)
{
	struct x86_segment var;

	static_call(kvm_x86_get_segment)(vcpu, seg, &var);
	*out = (struct kvm_segment){
		.base = var.base, .limit = var.limit, .selector = var.selector,
		.type = var.attr & X86_SEG_TYPE_MASK,
		.s = !!(var.attr & X86_SEG_S),
		.dpl = (var.attr & X86_SEG_DPL_MASK) >> X86_SEG_DPL_SHIFT,
		.present = !!(var.attr & X86_SEG_P),
		.avl = !!(var.attr & X86_SEG_AVL),
		.l = !!(var.attr & X86_SEG_L),
		.db = !!(var.attr & X86_SEG_DB),
		.g = !!(var.attr & X86_SEG_G),
		.unusable = !(var.attr & X86_SEG_P) || (var.attr & X86_SEG_UNUSABLE),
	};
}

static void take_segment(struct x86_vcpu *vcpu, int seg, const struct kvm_segment *in)
{
	struct x86_segment var = {
		.base = in->base, .limit = in->limit, .selector = in->selector,
		.attr = (in->type & X86_SEG_TYPE_MASK) | (in->s & 1 ? X86_SEG_S : 0) |
			((in->dpl & 3) << X86_SEG_DPL_SHIFT) |
			((in->present & 1) && !in->unusable ? X86_SEG_P : 0) |
			(in->avl & 1 ? X86_SEG_AVL : 0) | (in->l & 1 ? X86_SEG_L : 0) |
			(in->db & 1 ? X86_SEG_DB : 0) | (in->g & 1 ? X86_SEG_G : 0) |
			(in->unusable ? X86_SEG_UNUSABLE : 0),
	};

	static_call(kvm_x86_set_segment)(vcpu, seg, &var);
}

static void get_common(struct x86_vcpu *vcpu, struct kvm_sregs *sregs)
{
	struct x86_desc_ptr dt;

	kvm_show_exception_payload(vcpu);
	put_segment(vcpu, X86_SEG_CS, &sregs->cs);
	put_segment(vcpu, X86_SEG_DS, &sregs->ds);
	put_segment(vcpu, X86_SEG_ES, &sregs->es);
	put_segment(vcpu, X86_SEG_FS, &sregs->fs);
	put_segment(vcpu, X86_SEG_GS, &sregs->gs);
	put_segment(vcpu, X86_SEG_SS, &sregs->ss);
	put_segment(vcpu, X86_SEG_TR, &sregs->tr);
	put_segment(vcpu, X86_SEG_LDTR, &sregs->ldt);
	static_call(kvm_x86_get_dt)(vcpu, X86_DT_IDT, &dt);
	sregs->idt = (struct kvm_dtable){ .limit = dt.size, .base = dt.address };
	static_call(kvm_x86_get_dt)(vcpu, X86_DT_GDT, &dt);
	sregs->gdt = (struct kvm_dtable){ .limit = dt.size, .base = dt.address };
	sregs->cr0 = vcpu->cr0;
	sregs->cr2 = vcpu->cr2;
	sregs->cr3 = vcpu->cr3;
	sregs->cr4 = vcpu->cr4;
	sregs->cr8 = vcpu->cr8;
	sregs->efer = vcpu->efer;
	sregs->apic_base = vcpu->apic_base;
}

int kvm_get_sregs(struct x86_vcpu *vcpu, struct kvm_sregs *sregs)
{
	int irq = kvm_interrupt_in_delivery(vcpu);

	memset(sregs, 0, sizeof(*sregs));
	get_common(vcpu, sregs);
	if (irq >= 0)
		__set_bit(irq, (unsigned long *)sregs->interrupt_bitmap);
	return 0;
}

/* The page directory pointers that the processor uses: 0, or -EFAULT when there is no memory. */
static int get_pdptrs(struct x86_vcpu *vcpu, __u64 *pdptrs)
{
	gpa_t table = vcpu->cr3 & GENMASK_ULL(31, 5);
	int i;

	memcpy(pdptrs, vcpu->paging.pdptr, sizeof(vcpu->paging.pdptr));
	if (!vcpu->paging.pdptr_in_memory)
		return 0;
	if (kvm_read_guest_page(vcpu->base.kvm, gpa_to_gfn(table), pdptrs, offset_in_page(table),
				sizeof(vcpu->paging.pdptr)))
		return -EFAULT;
	/* Reading them as memory may have set the accessed bit, which as registers they do not have. */
	for (i = 0; i < 4; i++)
		pdptrs[i] &= ~(u64)_PAGE_ACCESSED;
	return 0;
}

int kvm_get_sregs2(struct x86_vcpu *vcpu, struct kvm_sregs2 *sregs)
{
	__u64 pdptrs[4];

	memset(sregs, 0, sizeof(*sregs));
	get_common(vcpu, (struct kvm_sregs *)sregs);
	if (!kvm_uses_pdptrs(vcpu->cr0, vcpu->cr4, vcpu->efer) || get_pdptrs(vcpu, pdptrs))
		return 0;
	memcpy(sregs->pdptrs, pdptrs, sizeof(pdptrs));
	sregs->flags = KVM_SREGS2_FLAGS_PDPTRS_VALID;
	return 0;
}

bool kvm_apic_base_valid(struct x86_vcpu *vcpu, u64 apic_base)
{
	u64 ok = APIC_BASE_FLAGS | (GENMASK_ULL(51, 12) & ~kvm_rsvd_pa_mask(vcpu));

	if (!guest_cpuid_bit(vcpu, 1, 0, CPUID_ECX, 21))
		ok &= ~(u64)X2APIC_ENABLE;
	if (apic_base & ~ok)
		return false;
	return !(apic_base & X2APIC_ENABLE) || (apic_base & MSR_IA32_APICBASE_ENABLE);
}

/* Userspace that has set no CPUID may still start a guest in any mode. */
static bool efer_valid(struct x86_vcpu *vcpu, u64 efer)
{
	if (efer & kvm_efer_reserved())
		return false;
	return !vcpu->cpuid_nent || !(efer & kvm_efer_unannounced(vcpu));
}

/* A combination that no instruction sequence could reach is refused whole. */
static bool sregs_valid(struct x86_vcpu *vcpu, const struct kvm_sregs *s)
{
	if ((s->efer & EFER_LME) && (s->cr0 & X86_CR0_PG)) {
		if (!(s->cr4 & X86_CR4_PAE) || !(s->efer & EFER_LMA))
			return false;
		if (s->cr3 & (kvm_rsvd_pa_mask(vcpu) | GENMASK_ULL(63, 52)))
			return false;
		if (s->cs.l && s->cs.db && !s->cs.unusable)
			return false;
	} else if ((s->efer & EFER_LMA) || (s->cs.l && !s->cs.unusable)) {
		return false;
	}
	if ((s->cr4 & kvm_cr4_reserved(vcpu)) || (s->cr8 & ~0xfull))
		return false;
	return efer_valid(vcpu, s->efer) && kvm_apic_base_valid(vcpu, s->apic_base) &&
	       kvm_cr0_valid(s->cr0);
}

/* Checked values. @pdptrs: instead of what is in memory, or NULL. */
static void set_common(struct x86_vcpu *vcpu, const struct kvm_sregs *sregs, const u64 *pdptrs)
{
	struct x86_desc_ptr dt;

	dt.size = sregs->idt.limit;
	dt.address = sregs->idt.base;
	static_call(kvm_x86_set_dt)(vcpu, X86_DT_IDT, &dt);
	dt.size = sregs->gdt.limit;
	dt.address = sregs->gdt.base;
	static_call(kvm_x86_set_dt)(vcpu, X86_DT_GDT, &dt);

	vcpu->cr2 = sregs->cr2;
	vcpu->cr8 = sregs->cr8;
	vcpu->apic_base = sregs->apic_base;
	static_call(kvm_x86_set_efer)(vcpu, sregs->efer);
	static_call(kvm_x86_set_cr0)(vcpu, sregs->cr0 | X86_CR0_ET);
	static_call(kvm_x86_set_cr4)(vcpu, sregs->cr4);
	static_call(kvm_x86_set_cr3)(vcpu, sregs->cr3);
	kvm_mmu_refresh(vcpu);
	if (pdptrs)
		memcpy(vcpu->paging.pdptr, pdptrs, sizeof(vcpu->paging.pdptr));
	/* Tables that cannot be read translate nothing. */
	else if (kvm_uses_pdptrs(vcpu->cr0, vcpu->cr4, vcpu->efer) &&
		 kvm_load_pdptrs(vcpu, vcpu->cr3))
		memset(vcpu->paging.pdptr, 0, sizeof(vcpu->paging.pdptr));
	static_call(kvm_x86_flush_tlb_guest)(vcpu);

	take_segment(vcpu, X86_SEG_CS, &sregs->cs);
	take_segment(vcpu, X86_SEG_DS, &sregs->ds);
	take_segment(vcpu, X86_SEG_ES, &sregs->es);
	take_segment(vcpu, X86_SEG_FS, &sregs->fs);
	take_segment(vcpu, X86_SEG_GS, &sregs->gs);
	take_segment(vcpu, X86_SEG_SS, &sregs->ss);
	take_segment(vcpu, X86_SEG_TR, &sregs->tr);
	take_segment(vcpu, X86_SEG_LDTR, &sregs->ldt);
}

bool kvm_sregs_valid(struct x86_vcpu *vcpu, const struct kvm_sregs *sregs)
{
	/* At most one interrupt can be in delivery. */
	return bitmap_weight((const unsigned long *)sregs->interrupt_bitmap,
			     KVM_NR_INTERRUPTS) <= 1 && sregs_valid(vcpu, sregs);
}

int kvm_set_sregs(struct x86_vcpu *vcpu, const struct kvm_sregs *sregs)
{
	unsigned long bit = find_first_bit((const unsigned long *)sregs->interrupt_bitmap,
					   KVM_NR_INTERRUPTS);

	if (!kvm_sregs_valid(vcpu, sregs))
		return -EINVAL;
	set_common(vcpu, sregs, NULL);
	if (bit < KVM_NR_INTERRUPTS)
		kvm_set_interrupt_in_delivery(vcpu, bit);
	return 0;
}

/* A processor that reads the page directory pointers at each walk has no use for them here. */
int kvm_set_sregs2(struct x86_vcpu *vcpu, const struct kvm_sregs2 *sregs)
{
	bool pdptrs = sregs->flags & KVM_SREGS2_FLAGS_PDPTRS_VALID;

	if (sregs->flags & ~KVM_SREGS2_FLAGS_PDPTRS_VALID)
		return -EINVAL;
	if (pdptrs && !kvm_uses_pdptrs(sregs->cr0, sregs->cr4, sregs->efer))
		return -EINVAL;
	if (!sregs_valid(vcpu, (const struct kvm_sregs *)sregs))
		return -EINVAL;
	set_common(vcpu, (const struct kvm_sregs *)sregs, pdptrs ? sregs->pdptrs : NULL);
	return 0;
}
