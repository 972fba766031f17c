// SPDX-License-Identifier: GPL-2.0-only
/* Segments, descriptor tables, control and debug registers of the VMCS. */
#include <asm/tlbflush.h>

#include "vmx/vmx.h"

/* Guest memory types stay write-back, and no transition changes these bits: the guest only sees them. */
#define CR0_HIDDEN	((u64)(X86_CR0_CD | X86_CR0_NW))

#define AR_UNUSABLE	VMX_AR_UNUSABLE_MASK

/* Fields of a segment are at fixed distances of each other. */
unsigned int vmx_segment_field(int seg)
{
	static const u8 order[] = {
		[X86_SEG_ES] = 0, [X86_SEG_CS] = 1, [X86_SEG_SS] = 2, [X86_SEG_DS] = 3,
		[X86_SEG_FS] = 4, [X86_SEG_GS] = 5, [X86_SEG_LDTR] = 6, [X86_SEG_TR] = 7,
	};

	return 2 * order[seg];
}

/* Attributes are those of a descriptor, with a gap where its limit has bits 16 to 19. */
static u16 attr_of_ar(u32 ar)
{
	u16 attr = (ar & 0xff) | ((ar >> 4) & 0xf00);

	return ar & AR_UNUSABLE || !(ar & VMX_AR_P_MASK) ? attr | X86_SEG_UNUSABLE : attr;
}

static u32 ar_of_attr(u16 attr)
{
	if ((attr & X86_SEG_UNUSABLE) || !(attr & X86_SEG_P))
		return AR_UNUSABLE | (attr & 0xff) | ((attr & 0xf00) << 4);
	return (attr & 0xff) | ((attr & 0xf00) << 4);
}

/* Real mode's are kept aside while virtual-8086 mode stands in for it. */
static bool kept_aside(struct x86_vcpu *vcpu, int seg)
{
	return unlikely(to_vmx(vcpu)->rmode.active) && seg != X86_SEG_LDTR;
}

void vmx_get_segment(struct x86_vcpu *vcpu, int seg, struct x86_segment *var)
{
	unsigned int f = vmx_segment_field(seg);

	if (kept_aside(vcpu, seg)) {
		vmx_rmode_get_segment(to_vmx(vcpu), seg, var);
		return;
	}
	var->selector = vmcs_read16(GUEST_ES_SELECTOR + f);
	var->base = vmcs_readl(GUEST_ES_BASE + f);
	var->limit = vmcs_read32(GUEST_ES_LIMIT + f);
	var->attr = attr_of_ar(vmcs_read32(GUEST_ES_AR_BYTES + f));
}

/* G must say what the limit is: entry checks it. */
static u16 with_granularity(const struct x86_segment *var)
{
	u16 attr = var->attr & ~X86_SEG_G;

	if (var->limit > 0xfffff || ((var->limit & 0xfff) == 0xfff && (var->attr & X86_SEG_G)))
		attr |= X86_SEG_G;
	return attr;
}

void vmx_set_segment(struct x86_vcpu *vcpu, int seg, const struct x86_segment *var)
{
	unsigned int f = vmx_segment_field(seg);
	u32 ar = ar_of_attr(with_granularity(var));

	to_vmx(vcpu)->entry_state |= VMX_ENTRY_CHECK;
	if (kept_aside(vcpu, seg)) {
		vmx_rmode_set_segment(to_vmx(vcpu), seg, var);
		return;
	}
	/* Code and data that the guest could load are accessed; a TSS that it runs on is busy. */
	if (seg == X86_SEG_TR)
		ar = (ar & ~AR_UNUSABLE) | VMX_AR_P_MASK | 2;
	else if (seg != X86_SEG_LDTR && !(ar & AR_UNUSABLE))
		ar |= VMX_AR_TYPE_ACCESSES_MASK;
	vmcs_write16(GUEST_ES_SELECTOR + f, var->selector);
	vmcs_writel(GUEST_ES_BASE + f, var->base);
	vmcs_write32(GUEST_ES_LIMIT + f, var->limit);
	vmcs_write32(GUEST_ES_AR_BYTES + f, ar);
}

unsigned long vmx_get_segment_base(struct x86_vcpu *vcpu, int seg)
{
	struct x86_segment var;

	if (!kept_aside(vcpu, seg))
		return vmcs_readl(GUEST_ES_BASE + vmx_segment_field(seg));
	vmx_rmode_get_segment(to_vmx(vcpu), seg, &var);
	return var.base;
}

int vmx_get_cpl(struct x86_vcpu *vcpu)
{
	if (!is_protmode(vcpu))
		return 0;
	if (!is_long_mode(vcpu) && (vcpu->rflags & X86_EFLAGS_VM))
		return 3;
	return VMX_AR_DPL(vmcs_read32(GUEST_SS_AR_BYTES));
}

void vmx_get_dt(struct x86_vcpu *vcpu, enum x86emul_dt which, struct x86_desc_ptr *dt)
{
	bool gdt = which == X86_DT_GDT;

	dt->size = vmcs_read32(gdt ? GUEST_GDTR_LIMIT : GUEST_IDTR_LIMIT);
	dt->address = vmcs_readl(gdt ? GUEST_GDTR_BASE : GUEST_IDTR_BASE);
}

void vmx_set_dt(struct x86_vcpu *vcpu, enum x86emul_dt which, const struct x86_desc_ptr *dt)
{
	bool gdt = which == X86_DT_GDT;

	vmcs_write32(gdt ? GUEST_GDTR_LIMIT : GUEST_IDTR_LIMIT, dt->size);
	vmcs_writel(gdt ? GUEST_GDTR_BASE : GUEST_IDTR_BASE, dt->address);
}

/* LMA follows LME and CR0.PG; entry wants its own control to agree, and LME where the CPU pages. */
void vmx_set_efer(struct x86_vcpu *vcpu, u64 efer)
{
	struct vcpu_vmx *vmx = to_vmx(vcpu);

	vcpu->efer = efer;
	vmcs_write64(GUEST_IA32_EFER, vmx->identity_map ? efer & ~(u64)EFER_LME : efer);
	vmx_change_control(vmx, VMX_ENTRY, VM_ENTRY_IA32E_MODE, efer & EFER_LMA);
}

/* User-mode instruction prevention on a CPU without it. */
static bool umip_emulated(u64 cr4)
{
	return (cr4 & X86_CR4_UMIP) && !boot_cpu_has(X86_FEATURE_UMIP);
}

/*
 * The identity map is one of 4 MiB pages for everybody. Virtual-8086 mode has
 * privilege level 3, which real mode has not.
 */
static u64 hw_cr4(struct vcpu_vmx *vmx)
{
	u64 hw = vmx->vcpu.cr4 | vmx_caps.cr4_fixed1;

	/* Without MCE a machine check of the host would shut the guest down instead of exiting. */
	hw |= cr4_read_shadow() & X86_CR4_MCE;
	if (!boot_cpu_has(X86_FEATURE_UMIP))
		hw &= ~(u64)X86_CR4_UMIP;
	if (vmx->identity_map) {
		hw &= ~(u64)(X86_CR4_PAE | X86_CR4_SMEP | X86_CR4_SMAP | X86_CR4_PKE |
			     X86_CR4_PCIDE | X86_CR4_LA57);
		hw |= X86_CR4_PSE;
	}
	if (vmx->rmode.active)
		hw &= ~(u64)(X86_CR4_VME | X86_CR4_PVI | X86_CR4_TSD | X86_CR4_UMIP);
	return hw;
}

static u64 hw_cr0(struct vcpu_vmx *vmx)
{
	u64 hw = (vmx->vcpu.cr0 & ~CR0_HIDDEN) | (vmx_caps.cr0_fixed1 & ~CR0_HIDDEN);

	if (!vmx_caps.unrestricted_guest)
		hw |= X86_CR0_PE | X86_CR0_PG;
	return vmx->rmode.active ? hw & ~(u64)X86_CR0_AM : hw;
}

/* What stands in for real mode, and for physical addresses. EFER is the caller's. */
static void update_restricted(struct vcpu_vmx *vmx)
{
	vmx->identity_map = !is_paging(&vmx->vcpu);
	vmx_rmode_update(vmx);
	vmx_change_control(vmx, VMX_CPU, CPU_BASED_CR3_LOAD_EXITING | CPU_BASED_CR3_STORE_EXITING,
			   vmx->identity_map);
	vmcs_writel(GUEST_CR3, vmx->identity_map ? vmx_identity_cr3(vmx) : vmx->vcpu.cr3);
	vmcs_writel(GUEST_CR4, hw_cr4(vmx));
}

void vmx_set_cr0(struct x86_vcpu *vcpu, u64 cr0)
{
	struct vcpu_vmx *vmx = to_vmx(vcpu);
	u64 efer = vcpu->efer;

	if ((vcpu->cr0 ^ cr0) & (X86_CR0_PG | X86_CR0_WP))
		vmx_flush_tlb_guest(vcpu);
	vcpu->cr0 = cr0 | X86_CR0_ET;
	if (!vmx_caps.unrestricted_guest)
		update_restricted(vmx);
	if (efer & EFER_LME)
		efer = cr0 & X86_CR0_PG ? efer | EFER_LMA : efer & ~(u64)EFER_LMA;
	if (efer != vcpu->efer || !vmx_caps.unrestricted_guest)
		vmx_set_efer(vcpu, efer);
	vmcs_writel(CR0_READ_SHADOW, vcpu->cr0);
	vmcs_writel(GUEST_CR0, hw_cr0(vmx));
	vmx->entry_state |= VMX_ENTRY_CHECK;
}

void vmx_set_cr3(struct x86_vcpu *vcpu, u64 cr3)
{
	vcpu->cr3 = cr3;
	if (likely(!to_vmx(vcpu)->identity_map))
		vmcs_writel(GUEST_CR3, cr3);
	vmx_flush_tlb_guest(vcpu);
}

void vmx_set_cr4(struct x86_vcpu *vcpu, u64 cr4)
{
	struct vcpu_vmx *vmx = to_vmx(vcpu);

	if (vcpu->cr4 != cr4)
		vmx_flush_tlb_guest(vcpu);
	vcpu->cr4 = cr4;
	vmcs_writel(CR4_READ_SHADOW, cr4);
	vmcs_writel(GUEST_CR4, hw_cr4(vmx));
	if (vmx_caps.allowed[VMX_CPU2] & SECONDARY_EXEC_DESC)
		vmx_change_control(vmx, VMX_CPU2, SECONDARY_EXEC_DESC, umip_emulated(cr4));
}

void vmx_set_dr7(struct x86_vcpu *vcpu, unsigned long dr7)
{
	vmcs_writel(GUEST_DR7, dr7);
}
