// SPDX-License-Identifier: GPL-2.0-only
/* Does this machine have the VMX that we need, and what may be used of the rest? */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpu.h>
#include <linux/moduleparam.h>

#include <asm/cpufeature.h>
#include <asm/msr.h>

#include "vmx/vmx.h"

struct vmx_caps vmx_caps;

static bool ept_param = true;
module_param_named(ept, ept_param, bool, 0444);
MODULE_PARM_DESC(ept, "Extended page tables; only 1 is supported");

static bool unrestricted_guest = true;
module_param(unrestricted_guest, bool, 0444);
MODULE_PARM_DESC(unrestricted_guest, "Real mode and unpaged protected mode run natively");

bool emulate_invalid_guest_state = true;
module_param(emulate_invalid_guest_state, bool, 0444);
MODULE_PARM_DESC(emulate_invalid_guest_state, "Emulate guest states that VMX does not enter");

static bool vpid_param = true;
module_param_named(vpid, vpid_param, bool, 0444);
MODULE_PARM_DESC(vpid, "Keep translations of guests over transitions");

static bool eptad = true;
module_param(eptad, bool, 0444);
MODULE_PARM_DESC(eptad, "Accessed and dirty bits in extended page tables");

static bool flexpriority = true;
module_param(flexpriority, bool, 0444);
MODULE_PARM_DESC(flexpriority, "Accesses to the page of the local APIC exit with their offset");

static bool enable_pml = true;
module_param(enable_pml, bool, 0444);
MODULE_PARM_DESC(enable_pml, "The CPU logs dirty pages by itself");
module_param_named(pml, enable_pml, bool, 0444);
MODULE_PARM_DESC(pml, "The same by its other name");

static bool preemption_timer = true;
module_param(preemption_timer, bool, 0444);
MODULE_PARM_DESC(preemption_timer, "The CPU can end a guest's time by itself; nothing uses it yet");

bool dump_invalid_vmcs;
module_param(dump_invalid_vmcs, bool, 0644);
MODULE_PARM_DESC(dump_invalid_vmcs, "Print the VMCS when an entry fails");

/* One group of controls: what is needed, what is taken where the CPU has it. */
struct control_group {
	const char *name;
	u32 msr, true_msr;
	u32 required, optional;
};

static const struct control_group groups[] = {
	[VMX_PIN] = {
		"pin-based", MSR_IA32_VMX_PINBASED_CTLS, MSR_IA32_VMX_TRUE_PINBASED_CTLS,
		PIN_BASED_EXT_INTR_MASK | PIN_BASED_NMI_EXITING | PIN_BASED_VIRTUAL_NMIS, 0,
	},
	[VMX_CPU] = {
		"processor-based", MSR_IA32_VMX_PROCBASED_CTLS, MSR_IA32_VMX_TRUE_PROCBASED_CTLS,
		CPU_BASED_HLT_EXITING | CPU_BASED_INVLPG_EXITING | CPU_BASED_MWAIT_EXITING |
		CPU_BASED_MONITOR_EXITING | CPU_BASED_RDPMC_EXITING | CPU_BASED_MOV_DR_EXITING |
		CPU_BASED_CR8_LOAD_EXITING | CPU_BASED_CR8_STORE_EXITING |
		CPU_BASED_UNCOND_IO_EXITING | CPU_BASED_USE_TSC_OFFSETTING |
		CPU_BASED_USE_MSR_BITMAPS | CPU_BASED_ACTIVATE_SECONDARY_CONTROLS, 0,
	},
	[VMX_CPU2] = {
		"secondary processor-based", MSR_IA32_VMX_PROCBASED_CTLS2, 0,
		SECONDARY_EXEC_ENABLE_EPT,
		SECONDARY_EXEC_UNRESTRICTED_GUEST | SECONDARY_EXEC_ENABLE_VPID |
		SECONDARY_EXEC_WBINVD_EXITING | SECONDARY_EXEC_VIRTUALIZE_APIC_ACCESSES |
		SECONDARY_EXEC_ENABLE_PML,
	},
	[VMX_EXIT] = {
		"VM-exit", MSR_IA32_VMX_EXIT_CTLS, MSR_IA32_VMX_TRUE_EXIT_CTLS,
		VM_EXIT_HOST_ADDR_SPACE_SIZE | VM_EXIT_SAVE_DEBUG_CONTROLS |
		VM_EXIT_LOAD_IA32_EFER | VM_EXIT_LOAD_IA32_PAT, 0,
	},
	[VMX_ENTRY] = {
		"VM-entry", MSR_IA32_VMX_ENTRY_CTLS, MSR_IA32_VMX_TRUE_ENTRY_CTLS,
		VM_ENTRY_LOAD_DEBUG_CONTROLS | VM_ENTRY_LOAD_IA32_EFER | VM_ENTRY_LOAD_IA32_PAT, 0,
	},
};

/* Bits that must be set are in the low half of a capability MSR, bits that may in the high one. */
static int negotiate(enum vmx_control which, bool true_msrs)
{
	const struct control_group *g = &groups[which];
	u32 msr = true_msrs && g->true_msr ? g->true_msr : g->msr;
	u32 must, may;

	rdmsr(msr, must, may);
	if (g->required & ~may) {
		pr_err("%s controls lack %#x (%#x may be set)\n", g->name, g->required & ~may, may);
		return -EOPNOTSUPP;
	}
	vmx_caps.controls[which] = (g->required | g->optional | must) & may;
	vmx_caps.allowed[which] = may;
	return 0;
}

static int negotiate_all(bool true_msrs)
{
	int which, r = 0;

	for (which = 0; which < VMX_NR_CONTROLS && !r; which++)
		r = negotiate(which, true_msrs);
	/* Linear-address exits that EPT makes needless. */
	vmx_caps.controls[VMX_CPU] &= ~(CPU_BASED_CR3_LOAD_EXITING | CPU_BASED_CR3_STORE_EXITING |
					CPU_BASED_INVLPG_EXITING);
	return r;
}

/* Any vCPU may come to any CPU, with controls that the first one had. */
int vmx_check_this_cpu(void)
{
	const struct control_group *g;
	u64 basic, ept_vpid, ctl;
	int which;

	rdmsrl(MSR_IA32_VMX_BASIC, basic);
	rdmsrl(MSR_IA32_VMX_EPT_VPID_CAP, ept_vpid);
	if (vmx_basic_vmcs_revision_id(basic) != vmx_caps.revision || (vmx_caps.ept_vpid & ~ept_vpid))
		return -EIO;
	for (which = 0; which < VMX_NR_CONTROLS; which++) {
		g = &groups[which];
		rdmsrl((basic & VMX_BASIC_TRUE_CTLS) && g->true_msr ? g->true_msr : g->msr, ctl);
		if (vmx_caps.allowed[which] & ~(u32)(ctl >> 32))
			return -EIO;
	}
	return 0;
}

static int check_params(void)
{
	if (!ept_param) {
		pr_err("ept=0: shadow paging is not supported, load the module with ept=1\n");
		return -EOPNOTSUPP;
	}
	return 0;
}

static int check_ept(void)
{
	const u64 need = VMX_EPT_PAGE_WALK_4_BIT | VMX_EPTP_WB_BIT | VMX_EPT_INVEPT_BIT |
			 VMX_EPT_EXTENT_CONTEXT_BIT | VMX_EPT_EXTENT_GLOBAL_BIT;

	rdmsrl(MSR_IA32_VMX_EPT_VPID_CAP, vmx_caps.ept_vpid);
	if ((vmx_caps.ept_vpid & need) != need) {
		pr_err("extended page tables lack %#llx\n", need & ~vmx_caps.ept_vpid);
		return -EOPNOTSUPP;
	}
	vmx_caps.ept_ad = eptad && (vmx_caps.ept_vpid & VMX_EPT_AD_BIT);
	return 0;
}

/* A VPID is of use only with the means to flush it. */
static void check_vpid(void)
{
	const u64 need = VMX_VPID_INVVPID_BIT | VMX_VPID_EXTENT_INDIVIDUAL_ADDR_BIT |
			 VMX_VPID_EXTENT_SINGLE_CONTEXT_BIT | VMX_VPID_EXTENT_GLOBAL_CONTEXT_BIT;

	vmx_caps.vpid = vpid_param && (vmx_caps.controls[VMX_CPU2] & SECONDARY_EXEC_ENABLE_VPID) &&
			((vmx_caps.ept_vpid >> 32) & need) == need;
	if (!vmx_caps.vpid)
		vmx_caps.controls[VMX_CPU2] &= ~SECONDARY_EXEC_ENABLE_VPID;
	vpid_param = vmx_caps.vpid;
}

/* The parameter reads back what is used. */
static void check_unrestricted_guest(void)
{
	if (!(vmx_caps.controls[VMX_CPU2] & SECONDARY_EXEC_UNRESTRICTED_GUEST))
		unrestricted_guest = false;
	if (!unrestricted_guest)
		vmx_caps.controls[VMX_CPU2] &= ~SECONDARY_EXEC_UNRESTRICTED_GUEST;
	vmx_caps.unrestricted_guest = unrestricted_guest;
}

/* Parameters read as what is in use, or could be. */
static void check_optional(void)
{
	u32 *cpu2 = &vmx_caps.controls[VMX_CPU2];

	if (!flexpriority)
		*cpu2 &= ~SECONDARY_EXEC_VIRTUALIZE_APIC_ACCESSES;
	flexpriority = *cpu2 & SECONDARY_EXEC_VIRTUALIZE_APIC_ACCESSES;
	if (!(vmx_caps.allowed[VMX_PIN] & PIN_BASED_VMX_PREEMPTION_TIMER))
		preemption_timer = false;
	eptad = vmx_caps.ept_ad;
	vmx_caps.nx_large = boot_cpu_has_bug(X86_BUG_ITLB_MULTIHIT) && !cpu_mitigations_off();
	/* Turned on while there is a dirty log. */
	vmx_caps.pml = enable_pml && vmx_caps.ept_ad && (*cpu2 & SECONDARY_EXEC_ENABLE_PML);
	*cpu2 &= ~SECONDARY_EXEC_ENABLE_PML;
	enable_pml = vmx_caps.pml;
}

static u64 host_spec_ctrl_mask(void)
{
	u64 mask = 0;

	if (!boot_cpu_has(X86_FEATURE_MSR_SPEC_CTRL))
		return 0;
	if (boot_cpu_has(X86_FEATURE_SPEC_CTRL))
		mask |= SPEC_CTRL_IBRS;
	if (boot_cpu_has(X86_FEATURE_INTEL_STIBP))
		mask |= SPEC_CTRL_STIBP;
	if (boot_cpu_has(X86_FEATURE_SPEC_CTRL_SSBD))
		mask |= SPEC_CTRL_SSBD;
	return mask;
}

/* Of MSR_IA32_VMX_BASIC; the kernel's headers name them differently. */
#define BASIC_32BIT_ADDRESSES	BIT_ULL(48)
#define BASIC_MEMTYPE(basic)	(((basic) >> 50) & 15)
#define MEMTYPE_WB		6

static int check_basic(u64 basic)
{
	vmx_caps.revision = vmx_basic_vmcs_revision_id(basic);
	vmx_caps.vmcs_size = vmx_basic_vmcs_size(basic);
	if (vmx_caps.vmcs_size > PAGE_SIZE) {
		pr_err("a VMCS of %u bytes\n", vmx_caps.vmcs_size);
		return -EIO;
	}
	if (basic & BASIC_32BIT_ADDRESSES) {
		pr_err("VMX structures must be below 4 GiB\n");
		return -EOPNOTSUPP;
	}
	if (BASIC_MEMTYPE(basic) != MEMTYPE_WB) {
		pr_err("VMX structures must not be write-back\n");
		return -EOPNOTSUPP;
	}
	return 0;
}

int vmx_check_caps(void)
{
	u64 basic;
	int r;

	/* The kernel hides VMX where firmware has switched it off in IA32_FEATURE_CONTROL. */
	if (!boot_cpu_has(X86_FEATURE_VMX) || !boot_cpu_has(X86_FEATURE_MSR_IA32_FEAT_CTL)) {
		pr_err("no VMX: this CPU does not have it, or the firmware disabled it\n");
		return -EOPNOTSUPP;
	}
	rdmsrl(MSR_IA32_VMX_BASIC, basic);
	r = check_params();
	if (!r)
		r = check_basic(basic);
	if (!r)
		r = negotiate_all(basic & VMX_BASIC_TRUE_CTLS);
	if (!r)
		r = check_ept();
	if (r)
		return r;
	check_vpid();
	check_unrestricted_guest();
	check_optional();
	rdmsrl(MSR_IA32_VMX_CR0_FIXED0, vmx_caps.cr0_fixed1);
	rdmsrl(MSR_IA32_VMX_CR4_FIXED0, vmx_caps.cr4_fixed1);
	/* Not in an unrestricted guest; others get them in regs.c. */
	vmx_caps.cr0_fixed1 &= ~(u64)(X86_CR0_PE | X86_CR0_PG);
	vmx_caps.spec_ctrl_mask = host_spec_ctrl_mask();
	return 0;
}
