// SPDX-License-Identifier: GPL-2.0-only
/* VMCBs, permission maps, address space identifiers, and SVM on each CPU. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/mem_encrypt.h>
#include <linux/mm.h>
#include <linux/string.h>

#include <asm/cpufeature.h>
#include <asm/msr.h>
#include <asm/pgtable_types.h>

#include "vcpu/msr.h"
#include "svm/svm.h"

/* I/O permission map: a bit per port, and three more for an access at the last ones. */
#define IOPM_ORDER	2
/* MSR permission map: two bits per MSR, read and write, in three ranges of 2 KiB. */
#define MSRPM_ORDER	1

#define NMI_VECTOR	2

#define MSRPM_RANGE_BYTES	0x800
#define MSRPM_RANGE_MSRS	0x2000

#define HOST_DC_CFG_ERRATUM_383	BIT_ULL(47)

#define CPUID_80000001_EDX_RDTSCP	BIT(27)
#define CPUID_7_EBX_INVPCID		BIT(10)
#define CPUID_7_ECX_RDPID		BIT(22)

DEFINE_PER_CPU(struct svm_cpu, svm_cpus);

static void *iopm;
/* Index of the maps: SPEC_CTRL is in the guest's hands; SYSENTER_ESP and _EIP are not. */
#define MSRPM_SPEC_CTRL	BIT(0)
#define MSRPM_SYSENTER	BIT(1)
static void *msrpm[4];
static void *msrpm_none;	/* every MSR exits */

/* MSRs that VMLOAD and VMSAVE switch: no exit is needed. */
static const u32 switched_msrs[] = {
	MSR_STAR, MSR_LSTAR, MSR_CSTAR, MSR_SYSCALL_MASK,
	MSR_FS_BASE, MSR_GS_BASE, MSR_KERNEL_GS_BASE,
	MSR_IA32_SYSENTER_CS,
};

static void msrpm_allow(void *map, u32 msr)
{
	static const u32 base[] = { 0, 0xc0000000, 0xc0010000 };
	unsigned int i, bit;

	for (i = 0; i < ARRAY_SIZE(base); i++) {
		if (msr < base[i] || msr - base[i] >= MSRPM_RANGE_MSRS)
			continue;
		bit = i * MSRPM_RANGE_BYTES * 8 + (msr - base[i]) * 2;
		((u8 *)map)[bit / 8] &= ~(3 << (bit % 8));
		return;
	}
}

static void *alloc_map(unsigned int order)
{
	void *map = (void *)__get_free_pages(GFP_KERNEL, order);

	if (map)
		memset(map, 0xff, PAGE_SIZE << order);
	return map;
}

static int alloc_maps(void)
{
	int i, j;

	iopm = alloc_map(IOPM_ORDER);
	if (!iopm)
		return -ENOMEM;
	msrpm_none = alloc_map(MSRPM_ORDER);
	if (!msrpm_none)
		return -ENOMEM;
	for (i = 0; i < ARRAY_SIZE(msrpm); i++) {
		msrpm[i] = alloc_map(MSRPM_ORDER);
		if (!msrpm[i])
			return -ENOMEM;
		for (j = 0; j < ARRAY_SIZE(switched_msrs); j++)
			msrpm_allow(msrpm[i], switched_msrs[j]);
		if (i & MSRPM_SPEC_CTRL)
			msrpm_allow(msrpm[i], MSR_IA32_SPEC_CTRL);
		if (i & MSRPM_SYSENTER)
			continue;
		msrpm_allow(msrpm[i], MSR_IA32_SYSENTER_ESP);
		msrpm_allow(msrpm[i], MSR_IA32_SYSENTER_EIP);
	}
	return 0;
}

int svm_alloc_global(void)
{
	struct svm_cpu *sc;
	int cpu, r;

	r = alloc_maps();
	if (r)
		goto fail;
	r = -ENOMEM;
	for_each_possible_cpu(cpu) {
		sc = per_cpu_ptr(&svm_cpus, cpu);
		sc->hsave = alloc_pages_node(cpu_to_node(cpu), GFP_KERNEL | __GFP_ZERO, 0);
		sc->host = alloc_pages_node(cpu_to_node(cpu), GFP_KERNEL | __GFP_ZERO, 0);
		if (!sc->hsave || !sc->host)
			goto fail;
		sc->host_pa = __sme_set(page_to_phys(sc->host));
	}
	return 0;
fail:
	svm_free_global();
	return r;
}

static void free_page_of(struct page **page)
{
	if (*page)
		__free_page(*page);
	*page = NULL;
}

void svm_free_global(void)
{
	int cpu, i;

	for_each_possible_cpu(cpu) {
		free_page_of(&per_cpu_ptr(&svm_cpus, cpu)->hsave);
		free_page_of(&per_cpu_ptr(&svm_cpus, cpu)->host);
	}
	for (i = 0; i < ARRAY_SIZE(msrpm); i++) {
		free_pages((unsigned long)msrpm[i], MSRPM_ORDER);
		msrpm[i] = NULL;
	}
	free_pages((unsigned long)msrpm_none, MSRPM_ORDER);
	msrpm_none = NULL;
	free_pages((unsigned long)iopm, IOPM_ORDER);
	iopm = NULL;
}

/* Large and small pages for one address in the TLB raise a machine check on family 10h. */
static void init_erratum_383(void)
{
	u64 val;

	if (!boot_cpu_has_bug(X86_BUG_AMD_TLB_MMATCH) || rdmsrl_safe(MSR_AMD64_DC_CFG, &val))
		return;
	wrmsrl_safe(MSR_AMD64_DC_CFG, val | HOST_DC_CFG_ERRATUM_383);
}

int svm_hardware_enable(void)
{
	struct svm_cpu *sc = this_cpu_ptr(&svm_cpus);
	u64 efer;

	rdmsrl(MSR_EFER, efer);
	if (efer & EFER_SVME)
		return -EBUSY;

	/* Never one that a vCPU may still have from before this CPU was away. */
	sc->asid_generation++;
	sc->max_asid = svm_caps.nr_asids - 1;
	sc->next_asid = sc->max_asid + 1;
	sc->current_vmcb = NULL;

	wrmsrl(MSR_EFER, efer | EFER_SVME);
	wrmsrl(MSR_VM_HSAVE_PA, __sme_set(page_to_phys(sc->hsave)));
	if (boot_cpu_has(X86_FEATURE_TSCRATEMSR))
		wrmsr(MSR_AMD64_TSC_RATIO, 0, SVM_TSC_RATIO_DEFAULT >> 32);
	if (boot_cpu_has(X86_FEATURE_RDTSCP) || boot_cpu_has(X86_FEATURE_RDPID))
		rdmsrl(MSR_TSC_AUX, sc->host_tsc_aux);
	init_erratum_383();
	return 0;
}

/* GIF first: INIT and NMI stay blocked forever when SVM goes while it is 0. */
static void svm_cpu_disable(void)
{
	u64 efer;

	rdmsrl(MSR_EFER, efer);
	if (!(efer & EFER_SVME))
		return;
	asm volatile("1: stgi\n2:\n\t" _ASM_EXTABLE(1b, 2b) : : : "memory");
	wrmsrl(MSR_VM_HSAVE_PA, 0);
	wrmsrl(MSR_EFER, efer & ~EFER_SVME);
}

void svm_hardware_disable(void)
{
	svm_cpu_disable();
}

void svm_emergency_disable(void)
{
	svm_cpu_disable();
}

/* A present entry with an address bit that this CPU reserves; bit 51 can mean encryption. */
static u64 mmio_value(void)
{
	u32 phys_bits = cpuid_eax(0x80000008) & 0xff;
	u32 c_bit = 0;
	int bit;

	if (cpuid_eax(0x80000000) >= 0x8000001f)
		c_bit = cpuid_ebx(0x8000001f) & 0x3f;
	for (bit = 51; bit >= (int)phys_bits; bit--)
		if (bit != c_bit)
			return BIT_ULL(bit) | _PAGE_PRESENT;
	return 0;
}

void svm_setup_npt(void)
{
	const struct tdp_format npt = {
		.present = _PAGE_PRESENT,
		.writable = _PAGE_RW,
		.user = _PAGE_USER,
		.nx = boot_cpu_has(X86_FEATURE_NX) ? _PAGE_NX : 0,
		.accessed = _PAGE_ACCESSED,
		.dirty = _PAGE_DIRTY,
		.large = _PAGE_PSE,
		.table = _PAGE_PRESENT | _PAGE_RW | _PAGE_USER | _PAGE_ACCESSED,
		.mmio_value = mmio_value(),
		.max_level = 2,
	};

	tdp_mmu_setup(&npt);
}

/* Nested tables have as many levels as the host's own: put a fifth above the VM's four. */
static int create_root(struct vcpu_svm *svm)
{
	u64 root = vcpu_vm(&svm->vcpu)->mmu.root_hpa;

	if (!(__read_cr4() & X86_CR4_LA57)) {
		svm->vmcb->control.nested_cr3 = root;
		return 0;
	}
	svm->pml5 = (u64 *)get_zeroed_page(GFP_KERNEL_ACCOUNT);
	if (!svm->pml5)
		return -ENOMEM;
	svm->pml5[0] = root | _PAGE_PRESENT | _PAGE_RW | _PAGE_USER | _PAGE_ACCESSED;
	svm->vmcb->control.nested_cr3 = __sme_set(__pa(svm->pml5));
	return 0;
}

static void init_intercepts(struct vcpu_svm *svm)
{
	static const u8 always[] = {
		INTERCEPT_CR4_WRITE, INTERCEPT_CR8_READ, INTERCEPT_CR8_WRITE,
		INTERCEPT_INTR, INTERCEPT_NMI, INTERCEPT_SMI, INTERCEPT_INIT,
		INTERCEPT_SELECTIVE_CR0, INTERCEPT_RDPMC, INTERCEPT_CPUID, INTERCEPT_RSM,
		INTERCEPT_INVD, INTERCEPT_HLT, INTERCEPT_INVLPGA, INTERCEPT_IOIO_PROT,
		INTERCEPT_MSR_PROT, INTERCEPT_TASK_SWITCH, INTERCEPT_SHUTDOWN,
		INTERCEPT_VMRUN, INTERCEPT_VMMCALL, INTERCEPT_VMLOAD, INTERCEPT_VMSAVE,
		INTERCEPT_STGI, INTERCEPT_CLGI, INTERCEPT_SKINIT, INTERCEPT_WBINVD,
		INTERCEPT_MONITOR, INTERCEPT_MWAIT, INTERCEPT_XSETBV, INTERCEPT_RDPRU,
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(always); i++)
		svm_set_intercept(svm, always[i]);
	svm->vmcb->control.intercepts[INTERCEPT_DR] = SVM_INTERCEPT_ALL_DRS;
	svm_update_exception_intercepts(svm);
}

/* #DB and #AC: a guest that faults while it delivers one would keep the CPU for ever. */
void svm_update_exception_intercepts(struct vcpu_svm *svm)
{
	u32 vectors = BIT(UD_VECTOR) | BIT(MC_VECTOR) | BIT(AC_VECTOR) | BIT(DB_VECTOR);
	u32 *word = &svm->vmcb->control.intercepts[INTERCEPT_EXCEPTION];

	if (enable_vmware_backdoor)
		vectors |= BIT(GP_VECTOR);
	if (svm->vcpu.guest_debug & KVM_GUESTDBG_USE_SW_BP)
		vectors |= BIT(BP_VECTOR);
	/* The CPU would push the TF of our step. */
	if (kvm_single_stepping(&svm->vcpu))
		vectors |= ~BIT(NMI_VECTOR);
	if (*word == vectors)
		return;
	*word = vectors;
	svm_mark_dirty(svm, SVM_CLEAN_INTERCEPTS);
}

void svm_intercept_mov_dr(struct x86_vcpu *vcpu)
{
	struct vcpu_svm *svm = to_svm(vcpu);

	vcpu->db_guest_owned = false;
	svm->vmcb->control.intercepts[INTERCEPT_DR] = SVM_INTERCEPT_ALL_DRS;
	svm_mark_dirty(svm, SVM_CLEAN_INTERCEPTS);
}

/* What pushes or loads RFLAGS is emulated while the CPU's TF is not the guest's. */
void svm_update_guest_debug(struct x86_vcpu *vcpu)
{
	struct vcpu_svm *svm = to_svm(vcpu);
	bool step = kvm_single_stepping(vcpu);

	svm_intercept_mov_dr(vcpu);
	svm_update_exception_intercepts(svm);
	svm_change_intercept(svm, INTERCEPT_PUSHF, step);
	svm_change_intercept(svm, INTERCEPT_POPF, step);
	/* Of the debugger's INT3, too, as there are CPUs that take it for one of these. */
	svm_change_intercept(svm, INTERCEPT_INTn,
			     step || (vcpu->guest_debug & KVM_GUESTDBG_USE_SW_BP));
	svm_update_iret_intercept(svm);
}

static void update_msrpm(struct vcpu_svm *svm)
{
	void *map = msrpm[(svm->spec_ctrl_map ? MSRPM_SPEC_CTRL : 0) |
			  (svm->wide_sysenter ? MSRPM_SYSENTER : 0)];
	u64 pa = __sme_set(__pa(svm->msrs_filtered ? msrpm_none : map));

	if (svm->vmcb->control.msrpm_base_pa == pa)
		return;
	svm->vmcb->control.msrpm_base_pa = pa;
	svm_mark_dirty(svm, SVM_CLEAN_PERM_MAP);
}

void svm_use_spec_ctrl_map(struct vcpu_svm *svm, bool on)
{
	svm->spec_ctrl_map = on;
	update_msrpm(svm);
}

static bool fully_allowed(struct x86_vcpu *vcpu, u32 msr)
{
	return kvm_msr_allowed(vcpu, msr, KVM_MSR_FILTER_READ) &&
	       kvm_msr_allowed(vcpu, msr, KVM_MSR_FILTER_WRITE);
}

/* Rare is the filter that forbids one of these: then all of them exit and are asked about. */
void svm_msr_filter_changed(struct x86_vcpu *vcpu)
{
	struct vcpu_svm *svm = to_svm(vcpu);
	int i;

	svm->msrs_filtered = !fully_allowed(vcpu, MSR_IA32_SPEC_CTRL) ||
			     !fully_allowed(vcpu, MSR_IA32_SYSENTER_ESP) ||
			     !fully_allowed(vcpu, MSR_IA32_SYSENTER_EIP);
	for (i = 0; i < ARRAY_SIZE(switched_msrs); i++)
		if (!fully_allowed(vcpu, switched_msrs[i]))
			svm->msrs_filtered = true;
	update_msrpm(svm);
}

/*
 * Intel's SYSENTER works in long mode and is emulated here: its addresses have
 * 64 bits, of which this CPU need not keep more than 32.
 */
static void update_sysenter(struct vcpu_svm *svm)
{
	const struct x86_features *f = &svm->vcpu.features;
	bool wide = f->vendor == X86EMUL_INTEL && svm->vcpu.cpuid_nent;

	if (wide && !svm->wide_sysenter) {
		svm->sysenter_esp = svm->vmcb->save.sysenter_esp;
		svm->sysenter_eip = svm->vmcb->save.sysenter_eip;
	}
	svm->wide_sysenter = wide;
}

/* Instructions that the guest's CPUID does not have end in #UD. */
void svm_after_set_cpuid(struct x86_vcpu *vcpu)
{
	const struct kvm_cpuid_entry2 *ext = kvm_find_cpuid_entry(vcpu, 0x80000001, 0);
	const struct kvm_cpuid_entry2 *seven = kvm_find_cpuid_entry(vcpu, 7, 0);
	bool rdtscp = ext && (ext->edx & CPUID_80000001_EDX_RDTSCP);
	bool rdpid = seven && (seven->ecx & CPUID_7_ECX_RDPID);
	bool invpcid = seven && (seven->ebx & CPUID_7_EBX_INVPCID);
	struct vcpu_svm *svm = to_svm(vcpu);

	update_sysenter(svm);
	svm->tsc_aux_used = (rdtscp || rdpid) && boot_cpu_has(X86_FEATURE_RDTSCP);
	svm_change_intercept(svm, INTERCEPT_RDTSCP, !rdtscp);
	svm_change_intercept(svm, INTERCEPT_INVPCID, !invpcid);
	/* A CPU that switches SPEC_CTRL itself needs no exits, if the guest may use it at all. */
	if (svm_caps.virt_spec_ctrl)
		svm_use_spec_ctrl_map(svm, svm_guest_spec_ctrl_mask(vcpu));
	else
		svm_use_spec_ctrl_map(svm, svm->spec_ctrl_map && svm_guest_spec_ctrl_mask(vcpu));
}

static void init_control(struct vcpu_svm *svm)
{
	struct vmcb_control_area *control = &svm->vmcb->control;

	control->iopm_base_pa = __sme_set(__pa(iopm));
	control->int_ctl = V_INTR_MASKING_MASK;
	control->tsc_offset = svm->vcpu.tsc_offset;
	control->nested_ctl = SVM_NESTED_CTL_NP_ENABLE;
	init_intercepts(svm);
}

/*
 * The VMCB from nothing: after SHUTDOWN the CPU leaves it undefined. Registers
 * are kvm_vcpu_reset()'s.
 */
void svm_vcpu_reset(struct x86_vcpu *vcpu)
{
	struct vcpu_svm *svm = to_svm(vcpu);
	u64 root = svm->vmcb->control.nested_cr3;

	clear_page(svm->vmcb);
	svm->vmcb->control.nested_cr3 = root;
	svm->sysenter_esp = 0;
	svm->sysenter_eip = 0;
	svm->spec_ctrl_map = false;
	init_control(svm);
	svm->vmcb->save.dr6 = vcpu->dr6;
	svm->vmcb->save.g_pat = vcpu->pat;

	svm->asid_generation = 0;
	svm->soft_event = false;
	svm->nmi_masked = false;
	svm->iret_pending = false;
	svm->nmi_singlestep = false;
	svm_update_guest_debug(vcpu);
	svm->sw.guest_spec_ctrl = 0;
	svm->sw.flags = 0;
	if (boot_cpu_has(X86_FEATURE_MSR_SPEC_CTRL) && !svm_caps.virt_spec_ctrl)
		svm->sw.flags = SVM_SWITCH_SPEC;
	svm_after_set_cpuid(vcpu);
}

int svm_vcpu_create(struct x86_vcpu *vcpu)
{
	struct vcpu_svm *svm = to_svm(vcpu);
	int r;

	svm->last_cpu = -1;
	svm->de_cfg = kvm_de_cfg();
	svm->vmcb = (struct vmcb *)get_zeroed_page(GFP_KERNEL_ACCOUNT);
	if (!svm->vmcb)
		return -ENOMEM;
	r = create_root(svm);
	if (r) {
		free_page((unsigned long)svm->vmcb);
		svm->vmcb = NULL;
		return r;
	}
	svm->sw.regs = vcpu->regs;
	svm->sw.vmcb_pa = __sme_set(__pa(svm->vmcb));
	return 0;
}

/* A new VMCB may get this page: it must not pass for the vCPU that a CPU ran last. */
void svm_vcpu_free(struct x86_vcpu *vcpu)
{
	struct vcpu_svm *svm = to_svm(vcpu);
	int cpu;

	for_each_online_cpu(cpu)
		cmpxchg(per_cpu_ptr(&svm_cpus.current_vmcb, cpu), svm->vmcb, NULL);
	free_page((unsigned long)svm->pml5);
	free_page((unsigned long)svm->vmcb);
	svm->pml5 = NULL;
	svm->vmcb = NULL;
}

/* An ASID that no stale translation of this CPU belongs to. IRQs off. */
void svm_new_asid(struct vcpu_svm *svm, struct svm_cpu *sc)
{
	struct vmcb_control_area *control = &svm->vmcb->control;

	if (sc->next_asid > sc->max_asid) {
		sc->asid_generation++;
		sc->next_asid = 1;
		control->tlb_ctl = TLB_CONTROL_FLUSH_ALL_ASID;
	}
	svm->asid_generation = sc->asid_generation;
	control->asid = sc->next_asid++;
	svm_mark_dirty(svm, SVM_CLEAN_ASID);
}
