// SPDX-License-Identifier: GPL-2.0-only
/*
 * A CPU without unrestricted guest mode enters guests with CR0.PE and CR0.PG set
 * only. Real mode runs in virtual-8086 mode, of a task whose TSS we have, over a page
 * table that maps 4 GiB to themselves; protected mode without paging runs over that
 * table, too. What the guest has in its registers is kept aside or computed again.
 *
 * IOPL is 0 there and CR4.VME clear, so that whatever knows of flags, interrupts
 * and privilege faults, and is emulated as real mode does it: POPF keeps IOPL and
 * NT, and PUSHF shows none of ours.
 */
#include <linux/gfp.h>
#include <linux/mm.h>

#include "vmx/vmx.h"

#define RMODE_AR	0xf3	/* writable data of level 3, which entry insists on */
#define RMODE_TR_AR	0x8b	/* busy 32-bit TSS */

/* The TSS: no interrupt is redirected by it, no port is denied. */
#define TSS_IO_MAP_BASE	102
#define TSS_IO_MAP	(104 + 32)
#define TSS_LIMIT	(TSS_IO_MAP + 65536 / 8)	/* of the byte of ones that ends the map */
#define TSS_PAGES	3

/* A page directory entry of 4 MiB for everybody, used already. */
#define IDENTITY_PDE	(_PAGE_PRESENT | _PAGE_RW | _PAGE_USER | _PAGE_ACCESSED | _PAGE_DIRTY | \
			 _PAGE_PSE)

static void fill_tss(struct page **pages)
{
	u8 *last = page_address(pages[TSS_LIMIT >> PAGE_SHIFT]);
	u16 *io_map = page_address(pages[0]) + TSS_IO_MAP_BASE;

	BUILD_BUG_ON(TSS_LIMIT >> PAGE_SHIFT != TSS_PAGES - 1);
	*io_map = TSS_IO_MAP;
	last[offset_in_page(TSS_LIMIT)] = 0xff;
}

static void fill_identity_map(struct page *page)
{
	u32 *pde = page_address(page);
	u32 i;

	for (i = 0; i < PAGE_SIZE / sizeof(*pde); i++)
		pde[i] = (i << 22) | IDENTITY_PDE;
}

int vmx_rmode_init_vm(struct kvm *kvm)
{
	struct x86_vm *vm = to_x86_vm(kvm);
	struct page *pages[TSS_PAGES + 1];
	int i;

	if (vmx_caps.unrestricted_guest || vm->mmu.own[TDP_OWN_IDENTITY_MAP].page)
		return 0;
	for (i = 0; i < ARRAY_SIZE(pages); i++) {
		pages[i] = alloc_page(GFP_KERNEL_ACCOUNT | __GFP_ZERO);
		if (!pages[i]) {
			while (i--)
				__free_page(pages[i]);
			return -ENOMEM;
		}
	}
	fill_tss(pages);
	fill_identity_map(pages[TSS_PAGES]);
	for (i = 0; i < TSS_PAGES; i++)
		tdp_mmu_set_own_page(kvm, &vm->mmu, TDP_OWN_TSS0 + i, gpa_to_gfn(vm->tss_addr) + i,
				     pages[i]);
	tdp_mmu_set_own_page(kvm, &vm->mmu, TDP_OWN_IDENTITY_MAP, gpa_to_gfn(vm->identity_map_addr),
			     pages[TSS_PAGES]);
	return 0;
}

u64 vmx_identity_cr3(struct vcpu_vmx *vmx)
{
	return vcpu_vm(&vmx->vcpu)->identity_map_addr & PAGE_MASK;
}

void vmx_rmode_load_tss(struct vcpu_vmx *vmx)
{
	vmcs_writel(GUEST_TR_BASE, READ_ONCE(vcpu_vm(&vmx->vcpu)->tss_addr) & PAGE_MASK);
}

/* What the guest has loaded by itself since is a selector and its base: nothing else changes. */
void vmx_rmode_get_segment(struct vcpu_vmx *vmx, int seg, struct x86_segment *var)
{
	u16 selector;

	*var = vmx->rmode.seg[seg];
	if (seg > X86_SEG_GS)
		return;
	selector = vmcs_read16(GUEST_ES_SELECTOR + vmx_segment_field(seg));
	if (selector != vmx->rmode.hw_selector[seg]) {
		var->selector = selector;
		var->base = (u64)selector << 4;
	}
}

/*
 * The hidden parts as virtual-8086 mode has them. Who wants no emulation gets the
 * base that is there, as near as it can be had.
 */
void vmx_rmode_set_segment(struct vcpu_vmx *vmx, int seg, const struct x86_segment *var)
{
	unsigned int f = vmx_segment_field(seg);
	u16 selector = var->selector;

	vmx->rmode.seg[seg] = *var;
	if (seg > X86_SEG_GS)
		return;
	if (!emulate_invalid_guest_state)
		selector = var->base >> 4;
	vmx->rmode.hw_selector[seg] = selector;
	vmcs_write16(GUEST_ES_SELECTOR + f, selector);
	vmcs_writel(GUEST_ES_BASE + f, (u64)selector << 4);
	vmcs_write32(GUEST_ES_LIMIT + f, 0xffff);
	vmcs_write32(GUEST_ES_AR_BYTES + f, RMODE_AR);
}

static bool segment_fits(const struct x86_segment *var, int seg)
{
	unsigned int type = var->attr & X86_SEG_TYPE_MASK;

	if (var->base != (u64)var->selector << 4 || var->limit != 0xffff)
		return false;
	if ((var->attr & (X86_SEG_UNUSABLE | X86_SEG_P | X86_SEG_S | X86_SEG_G | X86_SEG_DB |
			  X86_SEG_L)) != (X86_SEG_P | X86_SEG_S))
		return false;
	/* Code that can be read cannot be written, but CS is not written through. */
	return type == (X86_SEG_WRITABLE | X86_SEG_ACCESSED) ||
	       (seg == X86_SEG_CS && (type & X86_SEG_CODE) && (type & X86_SEG_READABLE));
}

bool vmx_rmode_enterable(struct vcpu_vmx *vmx)
{
	struct x86_segment var;
	int seg;

	for (seg = X86_SEG_ES; seg <= X86_SEG_GS; seg++) {
		vmx_rmode_get_segment(vmx, seg, &var);
		if (!segment_fits(&var, seg))
			return false;
	}
	return true;
}

static void enter_rmode(struct vcpu_vmx *vmx)
{
	struct x86_segment var;
	int seg;

	for (seg = X86_SEG_ES; seg < X86_NR_SEGS; seg++) {
		if (seg == X86_SEG_LDTR)
			continue;
		vmx_get_segment(&vmx->vcpu, seg, &var);
		vmx_rmode_set_segment(vmx, seg, &var);
	}
	vmx->rmode.active = true;
	vmx->entry_state |= VMX_ENTRY_RMODE;
	vmcs_write16(GUEST_TR_SELECTOR, 0);
	vmcs_write32(GUEST_TR_LIMIT, TSS_LIMIT);
	vmcs_write32(GUEST_TR_AR_BYTES, RMODE_TR_AR);
	vmx_rmode_load_tss(vmx);
	/* SYSENTER would lead to protected mode. */
	vmx->rmode.sysenter_cs = vmcs_read32(GUEST_SYSENTER_CS);
	vmcs_write32(GUEST_SYSENTER_CS, 0);
}

static void leave_rmode(struct vcpu_vmx *vmx)
{
	struct x86_segment var[X86_NR_SEGS];
	int seg;

	for (seg = X86_SEG_ES; seg < X86_NR_SEGS; seg++)
		vmx_get_segment(&vmx->vcpu, seg, &var[seg]);
	vmx->rmode.active = false;
	vmx->entry_state &= ~VMX_ENTRY_RMODE;
	for (seg = X86_SEG_ES; seg < X86_NR_SEGS; seg++) {
		/* Real mode is level 0 whatever the selectors look like. */
		if (!emulate_invalid_guest_state && (seg == X86_SEG_CS || seg == X86_SEG_SS))
			var[seg].selector &= ~3;
		vmx_set_segment(&vmx->vcpu, seg, &var[seg]);
	}
	vmcs_write32(GUEST_SYSENTER_CS, vmx->rmode.sysenter_cs);
}

/* MSRs that are part of what is kept aside. */
bool vmx_rmode_get_msr(struct vcpu_vmx *vmx, u32 index, u64 *data)
{
	struct x86_segment var;

	switch (index) {
	case MSR_FS_BASE:
	case MSR_GS_BASE:
		vmx_rmode_get_segment(vmx, index == MSR_FS_BASE ? X86_SEG_FS : X86_SEG_GS, &var);
		*data = var.base;
		return true;
	case MSR_IA32_SYSENTER_CS:
		*data = vmx->rmode.sysenter_cs;
		return true;
	}
	return false;
}

bool vmx_rmode_set_msr(struct vcpu_vmx *vmx, u32 index, u64 data)
{
	int seg = index == MSR_FS_BASE ? X86_SEG_FS : X86_SEG_GS;
	struct x86_segment var;

	switch (index) {
	case MSR_FS_BASE:
	case MSR_GS_BASE:
		vmx_rmode_get_segment(vmx, seg, &var);
		var.base = data;
		vmx_set_segment(&vmx->vcpu, seg, &var);
		return true;
	case MSR_IA32_SYSENTER_CS:
		vmx->rmode.sysenter_cs = data;
		return true;
	}
	return false;
}

void vmx_rmode_update(struct vcpu_vmx *vmx)
{
	bool on = !is_protmode(&vmx->vcpu);

	vmx->entry_state |= VMX_ENTRY_CHECK;
	if (on == vmx->rmode.active)
		return;
	if (on)
		enter_rmode(vmx);
	else
		leave_rmode(vmx);
	/*
	 * The flags have a bit more, or less, in the VMCS: no value that the guest can have,
	 * and one with which a step that is pending there is looked at again.
	 */
	vmx->hw_rflags = X86_EFLAGS_TF;
	vmx_update_exception_bitmap(vmx);
}

/* Every exception exits: none may look for a handler in the IDT of protected mode. */
int vmx_handle_rmode_exception(struct vcpu_vmx *vmx, u8 vector)
{
	struct x86_vcpu *vcpu = &vmx->vcpu;

	switch (vector) {
	case GP_VECTOR:
	case SS_VECTOR:
		/* Virtual-8086 mode cannot do it, or nobody can: emulation finds out. */
	case OF_VECTOR:
	case BP_VECTOR:
		/* RIP is still that of the instruction. */
		return kvm_emulate_instruction(vcpu, 0);
	}
	kvm_queue_exception(vcpu, vector);
	return 1;
}
