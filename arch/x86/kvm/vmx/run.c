// SPDX-License-Identifier: GPL-2.0-only
/* The host's state around the guest's, TLB flushes, and one entry into the guest. */
#include <linux/build_bug.h>
#include <linux/percpu.h>
#include <linux/smp.h>

#include <asm/debugreg.h>
#include <asm/desc.h>
#include <asm/fpu/api.h>
#include <asm/hardirq.h>
#include <asm/mce.h>
#include <asm/mmu_context.h>
#include <asm/perf_event.h>
#include <asm/nospec-branch.h>
#include <asm/segment.h>
#include <asm/special_insns.h>
#include <asm/tlbflush.h>

#include "compat.h"
#include "vcpu/world_switch.h"
#include "vmx/vmx.h"

/* enter.S has these as numbers. */
static_assert(offsetof(struct vmx_switch, regs) == 0);
static_assert(offsetof(struct vmx_switch, host_rsp) == 8);
static_assert(offsetof(struct vmx_switch, guest_spec_ctrl) == 16);
static_assert(offsetof(struct vmx_switch, host_spec_ctrl) == 24);
static_assert(offsetof(struct vmx_switch, flags) == 32);
static_assert(VMX_SWITCH_SPEC == 1 && VMX_SWITCH_READ_SPEC == 2 && VMX_SWITCH_LAUNCHED == BIT(2));
static_assert(VMX_SWITCH_WRITE_SPEC == 8);
static_assert(HOST_RSP == 0x6c14);
static_assert(X86_REG_RAX == 0 && X86_REG_RCX == 1 && X86_REG_RDX == 2 && X86_REG_RBX == 3);
static_assert(X86_REG_RBP == 5 && X86_REG_RSI == 6 && X86_REG_RDI == 7 && X86_REG_R15 == 15);

struct invvpid_desc {
	u64 vpid;
	u64 gva;
};

struct invept_desc {
	u64 eptp;
	u64 zero;
};

static void invvpid(unsigned long extent, u16 vpid, unsigned long gva)
{
	const struct invvpid_desc desc = { vpid, gva };

	asm volatile("1: invvpid %0, %1\n2:\n\t" _ASM_EXTABLE(1b, 2b)
		     : : "m" (desc), "r" (extent) : "cc", "memory");
}

static void invept_context(u64 eptp)
{
	const struct invept_desc desc = { eptp, 0 };

	asm volatile("1: invept %0, %1\n2:\n\t" _ASM_EXTABLE(1b, 2b)
		     : : "m" (desc), "r" ((unsigned long)VMX_EPT_EXTENT_CONTEXT) : "cc", "memory");
}

void vmx_flush_tlb_current(struct x86_vcpu *vcpu)
{
	to_vmx(vcpu)->flush_ept = true;
}

void vmx_flush_tlb_guest(struct x86_vcpu *vcpu)
{
	to_vmx(vcpu)->flush_vpid = true;
}

/* A vCPU that is moved flushes all of its translations: this CPU's are the ones that count. */
void vmx_flush_tlb_gva(struct x86_vcpu *vcpu, unsigned long gva)
{
	struct vcpu_vmx *vmx = to_vmx(vcpu);

	if (vmx->vpid)
		invvpid(VMX_VPID_EXTENT_INDIVIDUAL_ADDR, vmx->vpid, gva);
}

/* IRQs off, before the entry. Without a VPID each transition flushes linear translations. */
static void flush_tlbs(struct vcpu_vmx *vmx)
{
	if (vmx->flush_ept)
		invept_context(vmx_eptp(vmx));
	if (vmx->flush_vpid && vmx->vpid)
		invvpid(VMX_VPID_EXTENT_SINGLE_CONTEXT, vmx->vpid, 0);
	vmx->flush_ept = false;
	vmx->flush_vpid = false;
}

/*
 * What no exit restores as it was: segment selectors, the thread's GS base, LDT.
 * An exit loads null selectors with the bases given here.
 */
void vmx_prepare_switch_to_guest(struct x86_vcpu *vcpu)
{
	struct vcpu_vmx *vmx = to_vmx(vcpu);
	struct vmx_host_state *h = &vmx->host;
	unsigned long base;

	if (likely(vmx->guest_state_loaded))
		return;
	store_ldt(h->ldt);
	savesegment(ds, h->ds);
	savesegment(es, h->es);
	savesegment(fs, h->fs);
	savesegment(gs, h->gs);
	rdmsrl(MSR_FS_BASE, h->fs_base);
	vmcs_writel(HOST_FS_BASE, h->fs_base);
	rdmsrl(MSR_GS_BASE, base);
	vmcs_writel(HOST_GS_BASE, base);
	rdmsrl(MSR_KERNEL_GS_BASE, h->kernel_gs_base);
	wrmsrl(MSR_KERNEL_GS_BASE, vmx->kernel_gs_base);
	vmx_load_switched_msrs(vmx);
	vmx_update_exception_bitmap(vmx);
	if (unlikely(vmx->rmode.active))
		vmx_rmode_load_tss(vmx);
	vmx->guest_state_loaded = true;
}

void vmx_vcpu_put(struct x86_vcpu *vcpu)
{
	struct vcpu_vmx *vmx = to_vmx(vcpu);
	const struct vmx_host_state *h = &vmx->host;

	if (!vmx->guest_state_loaded)
		return;
	vmx->guest_state_loaded = false;
	rdmsrl(MSR_KERNEL_GS_BASE, vmx->kernel_gs_base);
	/* An exit gives GDTR and TR limits that are not the kernel's. */
	load_fixmap_gdt(raw_smp_processor_id());
	invalidate_tss_limit();
	if (unlikely(h->ldt))
		asm volatile("lldt %0" : : "m" (h->ldt));
	if (unlikely(h->gs))
		load_gs_index(h->gs);
	if (unlikely(h->fs)) {
		loadsegment(fs, h->fs);
		/* WRFSBASE gives another one than the selector's. */
		wrmsrl(MSR_FS_BASE, h->fs_base);
	}
	if (unlikely(h->ds | h->es)) {
		loadsegment(ds, h->ds);
		loadsegment(es, h->es);
	}
	wrmsrl(MSR_KERNEL_GS_BASE, h->kernel_gs_base);
	vmx_put_switched_msrs(vmx);
	/* Userspace that runs here next must not use predictions that a guest made. */
	if (cpu_feature_enabled(X86_FEATURE_IBPB_EXIT_TO_USER))
		this_cpu_write(x86_ibpb_exit_to_user, true);
}

/* A step that the guest does over an interrupt shadow is pending in the VMCS, or entry fails. */
static void update_pending_dbg(struct vcpu_vmx *vmx, unsigned long rflags)
{
	unsigned long dbg = vmcs_readl(GUEST_PENDING_DBG_EXCEPTIONS) & ~BIT(14);
	u32 shadow = vmcs_read32(GUEST_INTERRUPTIBILITY_INFO) & VMX_SHADOW_BITS;

	if (shadow && (rflags & X86_EFLAGS_TF))
		dbg |= BIT(14);
	vmcs_writel(GUEST_PENDING_DBG_EXCEPTIONS, dbg);
}

/*
 * Entry refuses a shadow of STI where interrupts are off; userspace sets the one
 * and the other. That of MOV SS holds back as much.
 */
static void check_sti_shadow(struct vcpu_vmx *vmx)
{
	u32 state = vmcs_read32(GUEST_INTERRUPTIBILITY_INFO);

	vmx->sti_shadow_set = false;
	if (!(state & GUEST_INTR_STATE_STI) || (vmx->vcpu.rflags & X86_EFLAGS_IF))
		return;
	state &= ~GUEST_INTR_STATE_STI;
	vmcs_write32(GUEST_INTERRUPTIBILITY_INFO, state | GUEST_INTR_STATE_MOV_SS);
}

/*
 * Come back after one instruction. The delivery of an event would push the TF
 * of that step for the guest to see: an interrupt of our own ends it instead.
 * A shadow would want the step to be over already: nothing comes in without it
 * as long as no window is asked for.
 */
static void force_step(struct vcpu_vmx *vmx)
{
	u32 state = vmcs_read32(GUEST_INTERRUPTIBILITY_INFO);

	vmx->step_event = vmx->injected;
	vmx->tf_forced = !vmx->step_event && !(vmx->vcpu.rflags & X86_EFLAGS_TF);
	vmx->step_shadow = vmx->step_event ? 0 : state & VMX_SHADOW_BITS;
	if (vmx->step_event)
		smp_send_reschedule(smp_processor_id());
	if (!vmx->step_shadow)
		return;
	vmcs_write32(GUEST_INTERRUPTIBILITY_INFO, state & ~vmx->step_shadow);
	vmx_change_control(vmx, VMX_CPU,
			   CPU_BASED_INTR_WINDOW_EXITING | CPU_BASED_NMI_WINDOW_EXITING, false);
}

#define RMODE_RFLAGS	((unsigned long)(X86_EFLAGS_VM | X86_EFLAGS_IOPL))

/* Virtual-8086 mode with IOPL 0 stands in for real mode. */
static unsigned long hw_rflags(const struct vcpu_vmx *vmx, unsigned long rflags)
{
	return likely(!vmx->rmode.active) ? rflags : (rflags & ~RMODE_RFLAGS) | X86_EFLAGS_VM;
}

/* The flags for the guest, and what entry checks along with them. */
static void flags_to_vmcs(struct vcpu_vmx *vmx)
{
	unsigned long rflags = vmx->vcpu.rflags;

	if (unlikely(vmx->sti_shadow_set || (vmx->hw_rflags & ~rflags & X86_EFLAGS_IF)))
		check_sti_shadow(vmx);
	if (unlikely(kvm_single_stepping(&vmx->vcpu)))
		force_step(vmx);
	if (unlikely(vmx->tf_forced))
		rflags |= X86_EFLAGS_TF;
	if (unlikely((rflags | vmx->hw_rflags) & X86_EFLAGS_TF))
		update_pending_dbg(vmx, rflags);
	if (rflags != vmx->hw_rflags)
		vmcs_writel(GUEST_RFLAGS, hw_rflags(vmx, rflags));
}

/* TF was never the guest's; the shadow is, of an instruction that has not retired. */
static void end_step(struct vcpu_vmx *vmx, unsigned long rip)
{
	bool retired = rip != vmx->vcpu.rip || (u8)vmx->exit_intr_info == DB_VECTOR;

	if (vmx->tf_forced)
		vmx->vcpu.rflags &= ~X86_EFLAGS_TF;
	if (vmx->step_shadow && !retired)
		vmcs_write32(GUEST_INTERRUPTIBILITY_INFO,
			     vmcs_read32(GUEST_INTERRUPTIBILITY_INFO) | vmx->step_shadow);
}

static void state_to_vmcs(struct vcpu_vmx *vmx)
{
	struct x86_vcpu *vcpu = &vmx->vcpu;
	unsigned long cr3 = __get_current_cr3_fast();
	unsigned long cr4 = cr4_read_shadow();
	int i;

	flags_to_vmcs(vmx);
	if (vcpu->rip != vmx->hw_rip)
		vmcs_writel(GUEST_RIP, vcpu->rip);
	if (vcpu->regs[X86_REG_RSP] != vmx->hw_rsp)
		vmcs_writel(GUEST_RSP, vcpu->regs[X86_REG_RSP]);
	if (unlikely(cr3 != vmx->host_cr3)) {
		vmcs_writel(HOST_CR3, cr3);
		vmx->host_cr3 = cr3;
	}
	if (unlikely(cr4 != vmx->host_cr4)) {
		vmcs_writel(HOST_CR4, cr4);
		vmx->host_cr4 = cr4;
	}
	if (unlikely(is_paging(vcpu) && is_pae(vcpu) && !is_long_mode(vcpu)))
		for (i = 0; i < 4; i++)
			vmcs_write64(GUEST_PDPTR0 + 2 * i, vcpu->paging.pdptr[i]);
}

static void state_from_vmcs(struct vcpu_vmx *vmx)
{
	struct x86_vcpu *vcpu = &vmx->vcpu;
	int i;

	vmx->hw_rip = vmcs_readl(GUEST_RIP);
	vmx->hw_rsp = vmcs_readl(GUEST_RSP);
	vmx->hw_rflags = vmcs_readl(GUEST_RFLAGS);
	if (unlikely(vmx->rmode.active))
		vmx->hw_rflags = (vmx->hw_rflags & ~RMODE_RFLAGS) | (vcpu->rflags & RMODE_RFLAGS);
	vmx->exit_rip = vmx->hw_rip;
	vcpu->rip = vmx->hw_rip;
	vcpu->regs[X86_REG_RSP] = vmx->hw_rsp;
	vcpu->rflags = vmx->hw_rflags;
	if (likely(!vmx->identity_map))
		vcpu->cr3 = vmcs_readl(GUEST_CR3);
	/* MOV to CR3 loads them, too. */
	if (unlikely(is_paging(vcpu) && is_pae(vcpu) && !is_long_mode(vcpu)))
		for (i = 0; i < 4; i++)
			vcpu->paging.pdptr[i] = vmcs_read64(GUEST_PDPTR0 + 2 * i);
}

static void exit_to_vmx(struct vcpu_vmx *vmx)
{
	vmx->exit_intr_info = 0;
	if (unlikely(vmx->fail)) {
		vmx->exit_reason = U32_MAX;
		vmx->idt_vectoring = 0;
		vmx->exit_qual = 0;
		return;
	}
	vmx->exit_reason = vmcs_read32(VM_EXIT_REASON);
	/* A guest state that is refused leaves the VMCS as it was. */
	if (likely(!(vmx->exit_reason & VMX_EXIT_REASONS_FAILED_VMENTRY)))
		vmx->sw.flags |= VMX_SWITCH_LAUNCHED;
	vmx->exit_qual = vmcs_readl(EXIT_QUALIFICATION);
	vmx->idt_vectoring = vmcs_read32(IDT_VECTORING_INFO_FIELD);
	if ((u16)vmx->exit_reason == EXIT_REASON_EXCEPTION_NMI)
		vmx->exit_intr_info = vmcs_read32(VM_EXIT_INTR_INFO);
}

/*
 * The host's counters stop, or go on, as each event wants it for guests; above all
 * none stores PEBS records at linear addresses that mean the guest's memory.
 */
static void switch_perf_msrs(struct vcpu_vmx *vmx)
{
	const struct perf_guest_switch_msr *msrs;
	struct vmx_msr_lists *lists = vmx->msr_lists;
	int i, nr = 0;
	unsigned int used = 0;

	msrs = perf_guest_get_msrs(&nr, NULL);
	for (i = 0; msrs && i < nr && used < VMX_NR_PERF_MSRS; i++) {
		if (msrs[i].host == msrs[i].guest)
			continue;
		lists->entry[used].index = msrs[i].msr;
		lists->entry[used].value = msrs[i].guest;
		lists->exit[used].index = msrs[i].msr;
		lists->exit[used].value = msrs[i].host;
		used++;
	}
	if (used == vmx->nr_perf_msrs)
		return;
	vmx->nr_perf_msrs = used;
	vmcs_write32(VM_ENTRY_MSR_LOAD_COUNT, used);
	vmcs_write32(VM_EXIT_MSR_LOAD_COUNT, used);
}

/* For who looks at exits it is an entry that failed, which it would have been. */
static void no_entry(struct vcpu_vmx *vmx)
{
	vmx->fail = VMX_NO_ENTRY;
	vmx->exit_reason = EXIT_REASON_INVALID_STATE | VMX_EXIT_REASONS_FAILED_VMENTRY;
	vmx->exit_qual = 0;
	vmx->exit_intr_info = 0;
	vmx->idt_vectoring = 0;
	vmx->vcpu.last_exit_reason = vmx->exit_reason;
}

void vmx_vcpu_run(struct x86_vcpu *vcpu)
{
	struct vcpu_vmx *vmx = to_vmx(vcpu);
	unsigned long rip = vcpu->rip;
	unsigned long debugctl;

	if (unlikely(vmx->entry_state || (vcpu->rflags ^ vmx->hw_rflags) & X86_EFLAGS_VM) &&
	    !vmx_may_enter(vmx)) {
		no_entry(vmx);
		return;
	}
	debugctl = get_debugctlmsr();
	state_to_vmcs(vmx);
	if (unlikely(vmx->flush_ept | vmx->flush_vpid))
		flush_tlbs(vmx);
	vmx->sw.host_spec_ctrl = this_cpu_read(x86_spec_ctrl_current);
	switch_perf_msrs(vmx);

	if (unlikely(READ_ONCE(vcpu->base.kvm->nr_dirty_logs) || vmx->pml_on) && vmx->pml)
		vmx_update_pml(vmx);
	if (static_branch_unlikely(&vmx_l1d_flush_key))
		vmx_flush_l1d(vmx);
	kvm_load_guest_xsave_state(vcpu);
	kvm_guest_enter_irqoff();
	if (vcpu->cr2 != native_read_cr2())
		native_write_cr2(vcpu->cr2);
	vmx->fail = __vmx_vcpu_run(&vmx->sw);
	vcpu->cr2 = native_read_cr2();
	kvm_guest_exit_irqoff();
	kvm_load_host_xsave_state(vcpu);

	/* An exit clears it. */
	if (unlikely(debugctl))
		update_debugctlmsr(debugctl);
	exit_to_vmx(vmx);
	state_from_vmcs(vmx);
	if (unlikely(kvm_single_stepping(vcpu)))
		end_step(vmx, rip);
	if (unlikely(vmx->pml_on))
		vmx_drain_pml(vmx);
	vcpu->last_exit_reason = vmx->exit_reason;
}

static void host_machine_check(void)
{
#ifdef CONFIG_X86_MCE
	struct pt_regs regs = { .cs = 3, .flags = X86_EFLAGS_IF };

	do_machine_check(&regs);
#endif
}

/* Interrupts stay pending and arrive by themselves; an NMI or machine check was taken from the host. */
void vmx_handle_exit_irqoff(struct x86_vcpu *vcpu)
{
	struct vcpu_vmx *vmx = to_vmx(vcpu);
	u32 info = vmx->exit_intr_info;

	if (unlikely((u16)vmx->exit_reason == EXIT_REASON_MCE_DURING_VMENTRY)) {
		host_machine_check();
		return;
	}
	if (likely(!(info & INTR_INFO_VALID_MASK)))
		return;
	if ((info & INTR_INFO_INTR_TYPE_MASK) == INTR_TYPE_NMI_INTR)
		asm volatile("int $2" : : : "memory");	/* its IRET unblocks NMIs */
	else if ((info & INTR_INFO_VECTOR_MASK) == MC_VECTOR)
		host_machine_check();
}
