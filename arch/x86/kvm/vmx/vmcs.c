// SPDX-License-Identifier: GPL-2.0-only
/* VMCSs: which CPU has them, what is in them from the start; VMX on each CPU. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bitmap.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/ratelimit.h>
#include <linux/smp.h>
#include <linux/spinlock.h>

#include <asm/apicdef.h>
#include <asm/cpu_entry_area.h>
#include <asm/desc.h>
#include <asm/msr.h>
#include <asm/perf_event.h>
#include <asm/tlbflush.h>

#include "vmx/vmx.h"

DEFINE_PER_CPU(struct vmx_cpu, vmx_cpus);

static DEFINE_SPINLOCK(vpid_lock);
static DECLARE_BITMAP(vpids, VMX_NR_VPIDS);	/* vpid_lock */

static void vmclear(const struct vmcs *vmcs)
{
	u64 pa = __pa(vmcs);

	asm volatile("1: vmclear %0\n2:\n\t" _ASM_EXTABLE(1b, 2b) : : "m" (pa) : "cc", "memory");
}

static void vmptrld(const struct vmcs *vmcs)
{
	u64 pa = __pa(vmcs);

	asm volatile("1: vmptrld %0\n2:\n\t" _ASM_EXTABLE(1b, 2b) : : "m" (pa) : "cc", "memory");
}

static void invept_global(void)
{
	const struct { u64 eptp, zero; } desc = { };

	asm volatile("1: invept %0, %1\n2:\n\t" _ASM_EXTABLE(1b, 2b)
		     : : "m" (desc), "r" ((unsigned long)VMX_EPT_EXTENT_GLOBAL) : "cc", "memory");
}

static struct vmcs *alloc_vmcs(int node, gfp_t gfp)
{
	struct page *page = alloc_pages_node(node, gfp | __GFP_ZERO, 0);
	struct vmcs *vmcs = page ? page_address(page) : NULL;

	if (vmcs)
		vmcs->revision = vmx_caps.revision;
	return vmcs;
}

int vmx_alloc_global(void)
{
	int cpu;

	set_bit(0, vpids);	/* the host's */
	for_each_possible_cpu(cpu) {
		struct vmx_cpu *vc = per_cpu_ptr(&vmx_cpus, cpu);

		INIT_LIST_HEAD(&vc->loaded);
		vc->vmxon = alloc_vmcs(cpu_to_node(cpu), GFP_KERNEL);
		if (!vc->vmxon) {
			vmx_free_global();
			return -ENOMEM;
		}
	}
	return 0;
}

void vmx_free_global(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct vmx_cpu *vc = per_cpu_ptr(&vmx_cpus, cpu);

		free_page((unsigned long)vc->vmxon);
		vc->vmxon = NULL;
	}
}

static int vmxon(const struct vmcs *region)
{
	u64 pa = __pa(region);

	cr4_set_bits(X86_CR4_VMXE);
	asm goto("1: vmxon %[pa]\n\t" _ASM_EXTABLE(1b, %l[fault])
		 : : [pa] "m" (pa) : "cc", "memory" : fault);
	return 0;
fault:
	cr4_clear_bits(X86_CR4_VMXE);
	return -EFAULT;
}

static void vmxoff(void)
{
	asm volatile("1: vmxoff\n2:\n\t" _ASM_EXTABLE(1b, 2b) : : : "cc", "memory");
	cr4_clear_bits(X86_CR4_VMXE);
}

int vmx_hardware_enable(void)
{
	struct vmx_cpu *vc = this_cpu_ptr(&vmx_cpus);
	int r;

	if (__read_cr4() & X86_CR4_VMXE)
		return -EBUSY;
	r = vmx_check_this_cpu();
	if (r)
		return r;
	intel_pt_handle_vmx(1);
	r = vmxon(vc->vmxon);
	if (r) {
		intel_pt_handle_vmx(0);
		return r;
	}
	vc->current_vmcs = NULL;
	vc->current_vcpu = NULL;
	if (boot_cpu_has(X86_FEATURE_RDTSCP) || boot_cpu_has(X86_FEATURE_RDPID))
		rdmsrl(MSR_TSC_AUX, vc->host_msr[VMX_MSR_TSC_AUX]);
	rdmsrl(MSR_STAR, vc->host_msr[VMX_MSR_STAR]);
	rdmsrl(MSR_LSTAR, vc->host_msr[VMX_MSR_LSTAR]);
	rdmsrl(MSR_SYSCALL_MASK, vc->host_msr[VMX_MSR_FMASK]);
	/* What a former owner of VMX left. */
	invept_global();
	return 0;
}

/* On the CPU that has it, IRQs off: the VMCS goes to memory, another CPU may take it. */
static void clear_here(void *arg)
{
	struct vcpu_vmx *vmx = arg;
	struct vmx_cpu *vc = this_cpu_ptr(&vmx_cpus);

	if (vmx->loaded_cpu != smp_processor_id())
		return;	/* a hotplug was faster */
	if (vc->current_vmcs == vmx->vmcs)
		vc->current_vmcs = NULL;
	vmclear(vmx->vmcs);
	list_del(&vmx->loaded);
	vmx->sw.flags &= ~VMX_SWITCH_LAUNCHED;
	/* Who sees -1 may link it to another CPU's list. */
	smp_store_release(&vmx->loaded_cpu, -1);
}

static void clear_vmcs(struct vcpu_vmx *vmx)
{
	int cpu = READ_ONCE(vmx->loaded_cpu);

	if (cpu >= 0)
		smp_call_function_single(cpu, clear_here, vmx, 1);
}

void vmx_hardware_disable(void)
{
	struct vcpu_vmx *vmx, *next;

	list_for_each_entry_safe(vmx, next, &this_cpu_ptr(&vmx_cpus)->loaded, loaded)
		clear_here(vmx);
	vmxoff();
	intel_pt_handle_vmx(0);
}

/* A crash kernel wants every VMCS in memory and INIT not blocked. */
void vmx_emergency_disable(void)
{
	struct vcpu_vmx *vmx;

	if (!(__read_cr4() & X86_CR4_VMXE))
		return;
	list_for_each_entry(vmx, &this_cpu_ptr(&vmx_cpus)->loaded, loaded)
		vmclear(vmx->vmcs);
	vmxoff();
}

/* What of the host's state differs between CPUs. */
static void load_cpu_host_state(int cpu)
{
	unsigned long sysenter_esp;

	vmcs_writel(HOST_TR_BASE, (unsigned long)&get_cpu_entry_area(cpu)->tss.x86_tss);
	vmcs_writel(HOST_GDTR_BASE, (unsigned long)get_cpu_gdt_ro(cpu));
	rdmsrl(MSR_IA32_SYSENTER_ESP, sysenter_esp);
	vmcs_writel(HOST_IA32_SYSENTER_ESP, sysenter_esp);
}

/* Make the VMCS active and current on this CPU. */
void vmx_vcpu_load(struct x86_vcpu *vcpu, int cpu)
{
	struct vmx_cpu *vc = per_cpu_ptr(&vmx_cpus, cpu);
	struct vcpu_vmx *vmx = to_vmx(vcpu);
	bool moved = vmx->loaded_cpu != cpu;
	unsigned long flags;

	if (moved) {
		clear_vmcs(vmx);
		local_irq_save(flags);
		list_add(&vmx->loaded, &vc->loaded);
		WRITE_ONCE(vmx->loaded_cpu, cpu);
		local_irq_restore(flags);
		/* Translations that this CPU had of it may be older than flushes elsewhere. */
		vmx->flush_ept = true;
		vmx->flush_vpid = true;
	}
	/* Userspace or another thread has been here. */
	vmx->l1d_dirty = true;
	if (vc->current_vmcs != vmx->vmcs) {
		vc->current_vmcs = vmx->vmcs;
		vmptrld(vmx->vmcs);
	}
	if (vc->current_vcpu != vmx) {
		vc->current_vcpu = vmx;
		indirect_branch_prediction_barrier();
	}
	if (moved)
		load_cpu_host_state(cpu);
}

u64 vmx_eptp(const struct vcpu_vmx *vmx)
{
	u64 eptp = to_x86_vm(vmx->vcpu.base.kvm)->mmu.root_hpa | VMX_EPTP_MT_WB | VMX_EPTP_PWL_4;

	return vmx_caps.ept_ad ? eptp | VMX_EPTP_AD_ENABLE_BIT : eptp;
}

void vmx_setup_ept(void)
{
	const struct tdp_format ept = {
		.present = VMX_EPT_READABLE_MASK,
		.writable = VMX_EPT_WRITABLE_MASK,
		.exec = VMX_EPT_EXECUTABLE_MASK,
		.accessed = vmx_caps.ept_ad ? VMX_EPT_ACCESS_BIT : 0,
		.dirty = vmx_caps.ept_ad ? VMX_EPT_DIRTY_BIT : 0,
		.large = BIT_ULL(7),
		/* Guests see write-back memory whatever their PAT says. */
		.memtype = (VMX_EPTP_MT_WB << VMX_EPT_MT_EPTE_SHIFT) | VMX_EPT_IPAT_BIT,
		.table = VMX_EPT_RWX_MASK,
		.mmio_value = VMX_EPT_MISCONFIG_WX_VALUE,
		.logs_dirty = vmx_caps.pml,
		.nx_large = vmx_caps.nx_large,
		.max_level = vmx_caps.ept_vpid & VMX_EPT_2MB_PAGE_BIT ? 2 : 1,
	};

	tdp_mmu_setup(&ept);
}

/* What an exit loads that is the same for all of them. */
static void init_host_state(struct vcpu_vmx *vmx)
{
	struct desc_ptr idt;
	u64 val;

	store_idt(&idt);
	vmcs_writel(HOST_IDTR_BASE, idt.address);
	vmcs_writel(HOST_CR0, read_cr0() & ~X86_CR0_TS);
	vmcs_write16(HOST_CS_SELECTOR, __KERNEL_CS);
	vmcs_write16(HOST_SS_SELECTOR, __KERNEL_DS);
	vmcs_write16(HOST_DS_SELECTOR, 0);
	vmcs_write16(HOST_ES_SELECTOR, 0);
	vmcs_write16(HOST_FS_SELECTOR, 0);
	vmcs_write16(HOST_GS_SELECTOR, 0);
	vmcs_write16(HOST_TR_SELECTOR, GDT_ENTRY_TSS * 8);
	vmcs_writel(HOST_RIP, (unsigned long)vmx_vmexit);
	rdmsrl(MSR_IA32_SYSENTER_CS, val);
	vmcs_write32(HOST_IA32_SYSENTER_CS, val);
	rdmsrl(MSR_IA32_SYSENTER_EIP, val);
	vmcs_writel(HOST_IA32_SYSENTER_EIP, val);
	rdmsrl(MSR_IA32_CR_PAT, val);
	vmcs_write64(HOST_IA32_PAT, val);
	rdmsrl(MSR_EFER, val);
	vmcs_write64(HOST_IA32_EFER, val);
	vmx->host_cr3 = 0;
	vmx->host_cr4 = 0;
	vmx->sw.host_rsp = 0;
}

/*
 * kvm->lock held. The VM's page at the address of the local APIC, whose contents
 * nobody ever sees: an access to it exits. Where it is absent accesses meet the MMIO
 * marker, as they do without the control.
 */
static int create_apic_page(struct vcpu_vmx *vmx)
{
	struct kvm *kvm = vmx->vcpu.base.kvm;
	struct tdp_mmu *mmu = &to_x86_vm(kvm)->mmu;
	struct page *page;

	if (!(vmx_caps.controls[VMX_CPU2] & SECONDARY_EXEC_VIRTUALIZE_APIC_ACCESSES) ||
	    mmu->own[TDP_OWN_APIC].page)
		return 0;
	page = alloc_page(GFP_KERNEL_ACCOUNT | __GFP_ZERO);
	if (!page)
		return -ENOMEM;
	tdp_mmu_set_own_page(kvm, mmu, TDP_OWN_APIC, APIC_DEFAULT_PHYS_BASE >> PAGE_SHIFT, page);
	return 0;
}

static u64 apic_page_address(const struct vcpu_vmx *vmx)
{
	return (u64)page_to_pfn(to_x86_vm(vmx->vcpu.base.kvm)->mmu.own[TDP_OWN_APIC].page) <<
	       PAGE_SHIFT;
}

static void init_controls(struct vcpu_vmx *vmx)
{
	int which;

	memcpy(vmx->controls, vmx_caps.controls, sizeof(vmx->controls));
	for (which = 0; which < VMX_NR_CONTROLS; which++)
		vmcs_write32(vmx_control_field(which), vmx->controls[which]);
	vmcs_write64(EPT_POINTER, vmx_eptp(vmx));
	vmcs_write64(MSR_BITMAP, __pa(vmx->msr_bitmap));
	/* Zero is the host's. */
	if (vmx->vpid)
		vmcs_write16(VIRTUAL_PROCESSOR_ID, vmx->vpid);
	else
		vmx_change_control(vmx, VMX_CPU2, SECONDARY_EXEC_ENABLE_VPID, false);
	if (vmx->controls[VMX_CPU2] & SECONDARY_EXEC_VIRTUALIZE_APIC_ACCESSES)
		vmcs_write64(APIC_ACCESS_ADDR, apic_page_address(vmx));
	vmcs_write64(TSC_OFFSET, vmx->vcpu.tsc_offset);
	vmcs_write64(VMCS_LINK_POINTER, ~0ull);
	vmcs_writel(CR0_GUEST_HOST_MASK, ~0ul);
	vmcs_writel(CR4_GUEST_HOST_MASK, ~0ul);
	vmcs_write32(CR3_TARGET_COUNT, 0);
	vmcs_write32(PAGE_FAULT_ERROR_CODE_MASK, 0);
	vmcs_write32(PAGE_FAULT_ERROR_CODE_MATCH, 0);
	vmcs_write32(VM_EXIT_MSR_STORE_COUNT, 0);
	vmcs_write32(VM_EXIT_MSR_LOAD_COUNT, 0);
	vmcs_write32(VM_ENTRY_MSR_LOAD_COUNT, 0);
	vmcs_write64(VM_ENTRY_MSR_LOAD_ADDR, __pa(vmx->msr_lists->entry));
	vmcs_write64(VM_EXIT_MSR_LOAD_ADDR, __pa(vmx->msr_lists->exit));
	vmx->nr_perf_msrs = 0;
	vmcs_write32(VM_ENTRY_INTR_INFO_FIELD, 0);
}

/* Registers are kvm_vcpu_reset()'s. */
void vmx_vcpu_reset(struct x86_vcpu *vcpu)
{
	struct vcpu_vmx *vmx = to_vmx(vcpu);

	memset(vmx->msr, 0, sizeof(vmx->msr));
	vmx->kernel_gs_base = 0;
	vmx->cstar = 0;
	vmx->injected = 0;
	vmx->rmode.sysenter_cs = 0;
	vmx->entry_state |= VMX_ENTRY_CHECK;
	vmx->idt_vectoring = 0;
	vmx->pml_on = false;
	vmx->sw.guest_spec_ctrl = 0;
	vmx->sw.flags &= VMX_SWITCH_LAUNCHED;
	if (boot_cpu_has(X86_FEATURE_MSR_SPEC_CTRL))
		vmx->sw.flags |= VMX_SWITCH_SPEC;
	if (boot_cpu_has(X86_FEATURE_KERNEL_IBRS))
		vmx->sw.flags |= VMX_SWITCH_WRITE_SPEC;
	vmx_msr_filter_changed(vcpu);
	init_controls(vmx);
	init_host_state(vmx);
	vmcs_write32(GUEST_ACTIVITY_STATE, GUEST_ACTIVITY_ACTIVE);
	vmcs_write32(GUEST_INTERRUPTIBILITY_INFO, 0);
	vmcs_writel(GUEST_PENDING_DBG_EXCEPTIONS, 0);
	vmcs_write64(GUEST_IA32_DEBUGCTL, 0);
	vmcs_write64(GUEST_IA32_PAT, vcpu->pat);
	vmcs_write32(GUEST_SYSENTER_CS, 0);
	vmcs_writel(GUEST_SYSENTER_ESP, 0);
	vmcs_writel(GUEST_SYSENTER_EIP, 0);
	vmcs_writel(GUEST_RIP, vcpu->rip);
	vmcs_writel(GUEST_RSP, 0);
	vmx->hw_rip = vcpu->rip;
	vmx->hw_rsp = 0;
	vmx->hw_rflags = 0;	/* written by the first entry */
	vmx->flush_ept = true;
	vmx->flush_vpid = true;
	vmx_update_exception_bitmap(vmx);
	vmx_after_set_cpuid(vcpu);
}

static u16 alloc_vpid(void)
{
	unsigned long vpid = VMX_NR_VPIDS;

	if (!vmx_caps.vpid)
		return 0;
	spin_lock(&vpid_lock);
	vpid = find_first_zero_bit(vpids, VMX_NR_VPIDS);
	if (vpid < VMX_NR_VPIDS)
		__set_bit(vpid, vpids);
	spin_unlock(&vpid_lock);
	return vpid < VMX_NR_VPIDS ? vpid : 0;
}

static void free_vpid(u16 vpid)
{
	if (!vpid)
		return;
	spin_lock(&vpid_lock);
	__clear_bit(vpid, vpids);
	spin_unlock(&vpid_lock);
}

int vmx_vcpu_create(struct x86_vcpu *vcpu)
{
	struct vcpu_vmx *vmx = to_vmx(vcpu);
	int r;

	vmx->loaded_cpu = -1;
	vmx->sw.regs = vcpu->regs;
	vmx->vmcs = alloc_vmcs(NUMA_NO_NODE, GFP_KERNEL_ACCOUNT);
	vmx->msr_bitmap = (void *)__get_free_page(GFP_KERNEL_ACCOUNT);
	vmx->msr_lists = (void *)get_zeroed_page(GFP_KERNEL_ACCOUNT);
	if (vmx_caps.pml)
		vmx->pml = (void *)get_zeroed_page(GFP_KERNEL_ACCOUNT);
	if (!vmx->vmcs || !vmx->msr_bitmap || !vmx->msr_lists || (vmx_caps.pml && !vmx->pml) ||
	    create_apic_page(vmx)) {
		vmx_vcpu_free(vcpu);
		return -ENOMEM;
	}
	/* Its launch state is undefined until VMCLEAR; any CPU in VMX operation does. */
	preempt_disable();
	vmclear(vmx->vmcs);
	preempt_enable();
	vmx->vpid = alloc_vpid();
	r = vmx_rmode_init_vm(vcpu->base.kvm);
	if (r)
		vmx_vcpu_free(vcpu);
	return r;
}

/* A new vCPU may get this page: it must not pass for the one that a CPU ran last. */
void vmx_vcpu_free(struct x86_vcpu *vcpu)
{
	struct vcpu_vmx *vmx = to_vmx(vcpu);
	int cpu;

	if (vmx->vmcs)
		clear_vmcs(vmx);
	for_each_online_cpu(cpu)
		cmpxchg(per_cpu_ptr(&vmx_cpus.current_vcpu, cpu), vmx, NULL);
	free_vpid(vmx->vpid);
	free_page((unsigned long)vmx->msr_lists);
	free_page((unsigned long)vmx->msr_bitmap);
	free_page((unsigned long)vmx->pml);
	free_page((unsigned long)vmx->vmcs);
	vmx->msr_lists = NULL;
	vmx->msr_bitmap = NULL;
	vmx->pml = NULL;
	vmx->vmcs = NULL;
	vmx->vpid = 0;
}

#define DUMP(f) { #f, f }
static const struct { const char *name; u32 field; } dumped[] = {
	DUMP(GUEST_CR0), DUMP(CR0_READ_SHADOW), DUMP(GUEST_CR3), DUMP(GUEST_CR4),
	DUMP(CR4_READ_SHADOW), DUMP(GUEST_IA32_EFER), DUMP(GUEST_IA32_PAT),
	DUMP(GUEST_PDPTR0), DUMP(GUEST_PDPTR1), DUMP(GUEST_PDPTR2), DUMP(GUEST_PDPTR3),
	DUMP(GUEST_RIP), DUMP(GUEST_RSP), DUMP(GUEST_RFLAGS), DUMP(GUEST_DR7),
	DUMP(GUEST_CS_SELECTOR), DUMP(GUEST_CS_AR_BYTES), DUMP(GUEST_CS_LIMIT), DUMP(GUEST_CS_BASE),
	DUMP(GUEST_SS_SELECTOR), DUMP(GUEST_SS_AR_BYTES), DUMP(GUEST_SS_LIMIT), DUMP(GUEST_SS_BASE),
	DUMP(GUEST_DS_SELECTOR), DUMP(GUEST_DS_AR_BYTES), DUMP(GUEST_DS_LIMIT), DUMP(GUEST_DS_BASE),
	DUMP(GUEST_ES_SELECTOR), DUMP(GUEST_ES_AR_BYTES), DUMP(GUEST_ES_LIMIT), DUMP(GUEST_ES_BASE),
	DUMP(GUEST_FS_SELECTOR), DUMP(GUEST_FS_AR_BYTES), DUMP(GUEST_FS_LIMIT), DUMP(GUEST_FS_BASE),
	DUMP(GUEST_GS_SELECTOR), DUMP(GUEST_GS_AR_BYTES), DUMP(GUEST_GS_LIMIT), DUMP(GUEST_GS_BASE),
	DUMP(GUEST_LDTR_SELECTOR), DUMP(GUEST_LDTR_AR_BYTES), DUMP(GUEST_LDTR_LIMIT),
	DUMP(GUEST_LDTR_BASE), DUMP(GUEST_TR_SELECTOR), DUMP(GUEST_TR_AR_BYTES),
	DUMP(GUEST_TR_LIMIT), DUMP(GUEST_TR_BASE),
	DUMP(GUEST_GDTR_LIMIT), DUMP(GUEST_GDTR_BASE), DUMP(GUEST_IDTR_LIMIT), DUMP(GUEST_IDTR_BASE),
	DUMP(GUEST_INTERRUPTIBILITY_INFO), DUMP(GUEST_ACTIVITY_STATE),
	DUMP(GUEST_PENDING_DBG_EXCEPTIONS), DUMP(GUEST_IA32_DEBUGCTL),
	DUMP(HOST_RIP), DUMP(HOST_RSP), DUMP(HOST_CR0), DUMP(HOST_CR3), DUMP(HOST_CR4),
	DUMP(HOST_FS_BASE), DUMP(HOST_GS_BASE), DUMP(HOST_TR_BASE), DUMP(HOST_IA32_EFER),
	DUMP(PIN_BASED_VM_EXEC_CONTROL), DUMP(CPU_BASED_VM_EXEC_CONTROL),
	DUMP(SECONDARY_VM_EXEC_CONTROL), DUMP(VM_EXIT_CONTROLS), DUMP(VM_ENTRY_CONTROLS),
	DUMP(EXCEPTION_BITMAP), DUMP(VM_ENTRY_INTR_INFO_FIELD), DUMP(VM_ENTRY_EXCEPTION_ERROR_CODE),
	DUMP(VM_ENTRY_INSTRUCTION_LEN), DUMP(VM_EXIT_REASON), DUMP(EXIT_QUALIFICATION),
	DUMP(VM_INSTRUCTION_ERROR), DUMP(IDT_VECTORING_INFO_FIELD), DUMP(TSC_OFFSET),
	DUMP(EPT_POINTER), DUMP(VIRTUAL_PROCESSOR_ID),
};

void vmx_dump_vmcs(struct vcpu_vmx *vmx)
{
	static DEFINE_RATELIMIT_STATE(limit, 60 * HZ, 1);
	int i;

	if (!READ_ONCE(dump_invalid_vmcs)) {
		pr_warn_ratelimited("an entry failed; kvm_intel.dump_invalid_vmcs=1 prints the VMCS\n");
		return;
	}
	vmx_check_entry(vmx);
	if (!__ratelimit(&limit))
		return;
	for (i = 0; i < ARRAY_SIZE(dumped); i++)
		pr_err("%-28s %#018lx\n", dumped[i].name, vmcs_readl(dumped[i].field));
}
