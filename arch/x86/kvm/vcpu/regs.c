// SPDX-License-Identifier: GPL-2.0-only
/* Registers: what control- and debug-register writes mean, reset, and userspace's view. */
#include <linux/kvm.h>
#include <linux/sched.h>
#include <asm/debugreg.h>

#include "vcpu/ops.h"

#define CR0_RESERVED (~(u64)(X86_CR0_PE | X86_CR0_MP | X86_CR0_EM | X86_CR0_TS | X86_CR0_ET | \
			     X86_CR0_NE | X86_CR0_WP | X86_CR0_AM | X86_CR0_NW | X86_CR0_CD | \
			     X86_CR0_PG))

/* CF to ID, without the bits that read as zero. */
#define RFLAGS_DEFINED	0x3f7fd5ul

/* RIP of a vCPU that comes out of reset. */
#define RESET_VECTOR	0xfff0
#define RESET_CS_BASE	0xffff0000
#define RESET_DX	0x600

u64 kvm_rsvd_pa_mask(const struct x86_vcpu *vcpu)
{
	return vcpu->maxphyaddr >= 52 ? 0 : GENMASK_ULL(51, vcpu->maxphyaddr);
}

void kvm_mmu_refresh(struct x86_vcpu *vcpu)
{
	vcpu->paging.cr0 = vcpu->cr0;
	vcpu->paging.cr3 = vcpu->cr3;
	vcpu->paging.cr4 = vcpu->cr4;
	vcpu->paging.efer = vcpu->efer;
	vcpu->paging.rsvd_pa_mask = kvm_rsvd_pa_mask(vcpu);
	vcpu->paging.pdptr_in_memory = kvm_x86_ops.pdptr_in_memory;
}

/* Reload the PDPTEs as writing CR3 does. */
int kvm_load_pdptrs(struct x86_vcpu *vcpu, u64 cr3)
{
	if (kvm_x86_ops.pdptr_in_memory)
		return 0;
	return guest_load_pdptrs(vcpu->base.kvm, &vcpu->paging, cr3) ? 1 : 0;
}

bool kvm_cr0_valid(u64 cr0)
{
	if (cr0 & CR0_RESERVED)
		return false;
	if ((cr0 & X86_CR0_NW) && !(cr0 & X86_CR0_CD))
		return false;
	return !(cr0 & X86_CR0_PG) || (cr0 & X86_CR0_PE);
}

static bool cs_is_long(struct x86_vcpu *vcpu)
{
	struct x86_segment cs;

	static_call(kvm_x86_get_segment)(vcpu, X86_SEG_CS, &cs);
	return cs.attr & X86_SEG_L;
}

/* Turn paging on: long mode, if EFER.LME says so, needs PAE and a CS that is not 64-bit. */
static int enable_paging(struct x86_vcpu *vcpu, u64 cr0)
{
	if (vcpu->efer & EFER_LME) {
		if (!is_pae(vcpu) || cs_is_long(vcpu))
			return 1;
		static_call(kvm_x86_set_efer)(vcpu, vcpu->efer | EFER_LMA);
		return 0;
	}
	if (kvm_uses_pdptrs(cr0, vcpu->cr4, vcpu->efer))
		return kvm_load_pdptrs(vcpu, vcpu->cr3);
	return 0;
}

int kvm_set_cr0(struct x86_vcpu *vcpu, u64 cr0)
{
	u64 old = vcpu->cr0;

	if (cr0 & 0xffffffff00000000ul)
		return 1;
	cr0 = (cr0 & ~CR0_RESERVED) | X86_CR0_ET;
	if (!kvm_cr0_valid(cr0))
		return 1;
	if (!(old & X86_CR0_PG) && (cr0 & X86_CR0_PG)) {
		if (enable_paging(vcpu, cr0))
			return 1;
	} else if ((old & X86_CR0_PG) && !(cr0 & X86_CR0_PG)) {
		if ((vcpu->cr4 & X86_CR4_PCIDE) || (is_long_mode(vcpu) && cs_is_long(vcpu)))
			return 1;
		if (is_long_mode(vcpu))
			static_call(kvm_x86_set_efer)(vcpu, vcpu->efer & ~(u64)EFER_LMA);
	} else if (kvm_uses_pdptrs(cr0, vcpu->cr4, vcpu->efer) &&
		   ((old ^ cr0) & (X86_CR0_CD | X86_CR0_NW))) {
		if (kvm_load_pdptrs(vcpu, vcpu->cr3))
			return 1;
	}
	static_call(kvm_x86_set_cr0)(vcpu, cr0);
	kvm_mmu_refresh(vcpu);
	if ((old ^ cr0) & (X86_CR0_PG | X86_CR0_WP))
		static_call(kvm_x86_flush_tlb_guest)(vcpu);
	return 0;
}

int kvm_set_cr3(struct x86_vcpu *vcpu, u64 cr3)
{
	if (is_long_mode(vcpu)) {
		if (vcpu->cr4 & X86_CR4_PCIDE)
			cr3 &= ~X86_CR3_PCID_NOFLUSH;
		if (cr3 & (kvm_rsvd_pa_mask(vcpu) | GENMASK_ULL(63, 52)))
			return 1;
	} else if (kvm_uses_pdptrs(vcpu->cr0, vcpu->cr4, vcpu->efer) && kvm_load_pdptrs(vcpu, cr3)) {
		return 1;
	}
	static_call(kvm_x86_set_cr3)(vcpu, cr3);
	vcpu->paging.cr3 = cr3;
	static_call(kvm_x86_flush_tlb_guest)(vcpu);
	return 0;
}

int kvm_set_cr4(struct x86_vcpu *vcpu, u64 cr4)
{
	const u64 tlb_bits = X86_CR4_PGE | X86_CR4_PSE | X86_CR4_PAE | X86_CR4_SMEP |
			     X86_CR4_SMAP | X86_CR4_PCIDE | X86_CR4_PKE | X86_CR4_LA57;
	u64 changed = cr4 ^ vcpu->cr4;

	if (cr4 & kvm_cr4_reserved(vcpu))
		return 1;
	if (is_long_mode(vcpu) && (!(cr4 & X86_CR4_PAE) || (changed & X86_CR4_LA57)))
		return 1;
	if ((changed & cr4 & X86_CR4_PCIDE) && (!is_long_mode(vcpu) || (vcpu->cr3 & 0xfff)))
		return 1;
	if (kvm_uses_pdptrs(vcpu->cr0, cr4, vcpu->efer) &&
	    (changed & (X86_CR4_PAE | X86_CR4_PSE | X86_CR4_PGE | X86_CR4_SMEP)) &&
	    kvm_load_pdptrs(vcpu, vcpu->cr3))
		return 1;
	static_call(kvm_x86_set_cr4)(vcpu, cr4);
	kvm_mmu_refresh(vcpu);
	if (changed & tlb_bits)
		static_call(kvm_x86_flush_tlb_guest)(vcpu);
	return 0;
}

int kvm_set_cr8(struct x86_vcpu *vcpu, u64 cr8)
{
	if (cr8 & ~0xful)
		return 1;
	vcpu->cr8 = cr8;
	return 0;
}

/* CR0, CR2, CR3, CR4, CR8 by number. */
u64 kvm_get_cr(struct x86_vcpu *vcpu, int cr)
{
	switch (cr) {
	case 0:
		return vcpu->cr0;
	case 2:
		return vcpu->cr2;
	case 3:
		return vcpu->cr3;
	case 4:
		return vcpu->cr4;
	}
	return vcpu->cr8;
}
EXPORT_SYMBOL_GPL(kvm_get_cr);

int kvm_set_cr(struct x86_vcpu *vcpu, int cr, u64 val)
{
	switch (cr) {
	case 0:
		return kvm_set_cr0(vcpu, val);
	case 2:
		vcpu->cr2 = val;
		return 0;
	case 3:
		return kvm_set_cr3(vcpu, val);
	case 4:
		return kvm_set_cr4(vcpu, val);
	}
	return kvm_set_cr8(vcpu, val);
}
EXPORT_SYMBOL_GPL(kvm_set_cr);

int kvm_set_efer(struct x86_vcpu *vcpu, u64 efer)
{
	if (efer & kvm_efer_reserved())
		return 1;
	if (is_paging(vcpu) && ((efer ^ vcpu->efer) & EFER_LME))
		return 1;
	/* LMA is the processor's: it follows LME and CR0.PG. */
	efer = (efer & ~(u64)EFER_LMA) | (vcpu->efer & EFER_LMA);
	static_call(kvm_x86_set_efer)(vcpu, efer);
	kvm_mmu_refresh(vcpu);
	return 0;
}

int kvm_set_xcr(struct x86_vcpu *vcpu, u32 index, u64 xcr)
{
	if (index || !(xcr & XFEATURE_MASK_FP))
		return 1;
	if ((xcr & XFEATURE_MASK_YMM) && !(xcr & XFEATURE_MASK_SSE))
		return 1;
	if (!(xcr & XFEATURE_MASK_BNDREGS) != !(xcr & XFEATURE_MASK_BNDCSR))
		return 1;
	if ((xcr & XFEATURE_MASK_AVX512) &&
	    (!(xcr & XFEATURE_MASK_YMM) ||
	     (xcr & XFEATURE_MASK_AVX512) != XFEATURE_MASK_AVX512))
		return 1;
	if (xcr & ~(vcpu->guest_supported_xcr0 | XFEATURE_MASK_FP))
		return 1;
	vcpu->xcr0 = xcr;
	return 0;
}

int kvm_set_dr(struct x86_vcpu *vcpu, int dr, unsigned long val)
{
	switch (dr) {
	case 0 ... 3:
		vcpu->db[dr] = val;
		break;
	case 4:
	case 6:
		if (val >> 32)
			return 1;
		vcpu->dr6 = (val & KVM_DR6_VOLATILE) | KVM_DR6_FIXED_1;
		break;
	default:
		if (val >> 32)
			return 1;
		vcpu->dr7 = (val & KVM_DR7_VOLATILE) | KVM_DR7_FIXED_1;
		kvm_update_dr7(vcpu);
		break;
	}
	return 0;
}
EXPORT_SYMBOL_GPL(kvm_set_dr);

unsigned long kvm_get_dr(struct x86_vcpu *vcpu, int dr)
{
	switch (dr) {
	case 0 ... 3:
		return vcpu->db[dr];
	case 4:
	case 6:
		return vcpu->dr6;
	}
	return vcpu->dr7;
}
EXPORT_SYMBOL_GPL(kvm_get_dr);

int kvm_get_debugregs(struct x86_vcpu *vcpu, struct kvm_debugregs *regs)
{
	int i;

	kvm_show_exception_payload(vcpu);
	memset(regs, 0, sizeof(*regs));
	for (i = 0; i < 4; i++)
		regs->db[i] = vcpu->db[i];
	regs->dr6 = vcpu->dr6;
	regs->dr7 = vcpu->dr7;
	return 0;
}

int kvm_set_debugregs(struct x86_vcpu *vcpu, const struct kvm_debugregs *regs)
{
	int i;

	if (regs->flags || regs->dr6 >> 32 || regs->dr7 >> 32)
		return -EINVAL;
	for (i = 0; i < 4; i++)
		kvm_set_dr(vcpu, i, regs->db[i]);
	kvm_set_dr(vcpu, 6, regs->dr6);
	kvm_set_dr(vcpu, 7, regs->dr7);
	return 0;
}

int kvm_get_regs(struct x86_vcpu *vcpu, struct kvm_regs *regs)
{
	const unsigned long *r = vcpu->regs;

	*regs = (struct kvm_regs){
		.rax = r[X86_REG_RAX], .rbx = r[X86_REG_RBX], .rcx = r[X86_REG_RCX],
		.rdx = r[X86_REG_RDX], .rsi = r[X86_REG_RSI], .rdi = r[X86_REG_RDI],
		.rsp = r[X86_REG_RSP], .rbp = r[X86_REG_RBP],
		.r8 = r[X86_REG_R8], .r9 = r[X86_REG_R9], .r10 = r[X86_REG_R10],
		.r11 = r[X86_REG_R11], .r12 = r[X86_REG_R12], .r13 = r[X86_REG_R13],
		.r14 = r[X86_REG_R14], .r15 = r[X86_REG_R15],
		.rip = vcpu->rip, .rflags = vcpu->rflags,
	};
	return 0;
}

int kvm_set_regs(struct x86_vcpu *vcpu, const struct kvm_regs *regs)
{
	unsigned long *r = vcpu->regs;

	r[X86_REG_RAX] = regs->rax;
	r[X86_REG_RBX] = regs->rbx;
	r[X86_REG_RCX] = regs->rcx;
	r[X86_REG_RDX] = regs->rdx;
	r[X86_REG_RSI] = regs->rsi;
	r[X86_REG_RDI] = regs->rdi;
	r[X86_REG_RSP] = regs->rsp;
	r[X86_REG_RBP] = regs->rbp;
	r[X86_REG_R8] = regs->r8;
	r[X86_REG_R9] = regs->r9;
	r[X86_REG_R10] = regs->r10;
	r[X86_REG_R11] = regs->r11;
	r[X86_REG_R12] = regs->r12;
	r[X86_REG_R13] = regs->r13;
	r[X86_REG_R14] = regs->r14;
	r[X86_REG_R15] = regs->r15;
	vcpu->rip = regs->rip;
	vcpu->rflags = (regs->rflags & RFLAGS_DEFINED) | X86_EFLAGS_FIXED;
	/* What userspace sets replaces an exception that was about to be delivered. */
	vcpu->exception.pending = false;
	return 0;
}

void kvm_vcpu_reset(struct x86_vcpu *vcpu)
{
	const u16 data = X86_SEG_P | X86_SEG_S | X86_SEG_WRITABLE | X86_SEG_ACCESSED;
	struct x86_segment seg = { .limit = 0xffff, .attr = data };
	struct x86_desc_ptr dt = { .size = 0xffff };
	int i;

	memset(vcpu->regs, 0, sizeof(vcpu->regs));
	memset(&vcpu->exception, 0, sizeof(vcpu->exception));
	memset(&vcpu->interrupt, 0, sizeof(vcpu->interrupt));
	vcpu->nmi_pending = 0;
	vcpu->nmi_injected = false;
	vcpu->user_interrupt_pending = false;
	vcpu->regs[X86_REG_RDX] = RESET_DX;
	vcpu->rip = RESET_VECTOR;
	vcpu->rflags = X86_EFLAGS_FIXED;
	memset(vcpu->db, 0, sizeof(vcpu->db));
	vcpu->dr6 = KVM_DR6_FIXED_1;
	vcpu->dr7 = KVM_DR7_FIXED_1;
	vcpu->bp_hits = 0;
	vcpu->debug_exit_dr6 = 0;
	vcpu->cr2 = 0;
	vcpu->cr8 = 0;
	vcpu->xcr0 = XFEATURE_MASK_FP;
	vcpu->pkru = 0;

	static_call(kvm_x86_vcpu_reset)(vcpu);
	for (i = X86_SEG_ES; i <= X86_SEG_GS; i++)
		if (i != X86_SEG_CS)
			static_call(kvm_x86_set_segment)(vcpu, i, &seg);
	seg.attr = X86_SEG_P | X86_SEG_S | X86_SEG_CODE | X86_SEG_READABLE | X86_SEG_ACCESSED;
	seg.selector = 0xf000;
	seg.base = RESET_CS_BASE;
	static_call(kvm_x86_set_segment)(vcpu, X86_SEG_CS, &seg);
	seg = (struct x86_segment){ .limit = 0xffff, .attr = X86_SEG_P | 2 };
	static_call(kvm_x86_set_segment)(vcpu, X86_SEG_LDTR, &seg);
	seg.attr = X86_SEG_P | 0xb;
	static_call(kvm_x86_set_segment)(vcpu, X86_SEG_TR, &seg);
	static_call(kvm_x86_set_dt)(vcpu, X86_DT_GDT, &dt);
	static_call(kvm_x86_set_dt)(vcpu, X86_DT_IDT, &dt);

	static_call(kvm_x86_set_efer)(vcpu, 0);
	static_call(kvm_x86_set_cr0)(vcpu, X86_CR0_NW | X86_CR0_CD | X86_CR0_ET);
	static_call(kvm_x86_set_cr4)(vcpu, 0);
	static_call(kvm_x86_set_cr3)(vcpu, 0);
	kvm_mmu_refresh(vcpu);
	kvm_update_dr7(vcpu);
	static_call(kvm_x86_flush_tlb_guest)(vcpu);
}
EXPORT_SYMBOL_GPL(kvm_vcpu_reset);
