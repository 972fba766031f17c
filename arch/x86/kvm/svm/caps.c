// SPDX-License-Identifier: GPL-2.0-only
/* Does this machine have the SVM that we need, and what may be used of the rest? */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cc_platform.h>
#include <linux/moduleparam.h>

#include <asm/cpufeature.h>
#include <asm/msr.h>

#include "svm/svm.h"

/* VM_CR: firmware disabled SVM. */
#define VM_CR_SVMDIS	BIT_ULL(4)

struct svm_caps svm_caps;

static bool npt_param = true;
module_param_named(npt, npt_param, bool, 0444);
MODULE_PARM_DESC(npt, "Nested paging; only 1 is supported");

bool nrips_param = true;
module_param_named(nrips, nrips_param, bool, 0444);
MODULE_PARM_DESC(nrips, "Use the CPU's next RIP where it gives one (default: 1)");

static u64 host_spec_ctrl_mask(void)
{
	u64 mask = 0;

	if (!boot_cpu_has(X86_FEATURE_MSR_SPEC_CTRL))
		return 0;
	if (boot_cpu_has(X86_FEATURE_IBRS) || boot_cpu_has(X86_FEATURE_AMD_IBRS))
		mask |= SPEC_CTRL_IBRS;
	if (boot_cpu_has(X86_FEATURE_STIBP) || boot_cpu_has(X86_FEATURE_AMD_STIBP))
		mask |= SPEC_CTRL_STIBP;
	if (boot_cpu_has(X86_FEATURE_SPEC_CTRL_SSBD) || boot_cpu_has(X86_FEATURE_AMD_SSBD))
		mask |= SPEC_CTRL_SSBD;
	return mask;
}

/* Nobody, from the firmware to the user, has said no. */
static int check_enabled(void)
{
	u64 vm_cr;

	if (!boot_cpu_has(X86_FEATURE_SVM)) {
		pr_err("no SVM: this CPU does not have it, or it is hidden from this machine\n");
		return -EOPNOTSUPP;
	}
	if (cc_platform_has(CC_ATTR_GUEST_MEM_ENCRYPT)) {
		pr_err("SVM cannot be used inside a guest with encrypted memory\n");
		return -EOPNOTSUPP;
	}
	if (!rdmsrl_safe(MSR_VM_CR, &vm_cr) && (vm_cr & VM_CR_SVMDIS)) {
		pr_err("SVM is disabled by the firmware (VM_CR.SVMDIS)\n");
		return -EOPNOTSUPP;
	}
	if (!npt_param) {
		pr_err("npt=0: shadow paging is not supported, load the module with npt=1\n");
		return -EOPNOTSUPP;
	}
	return 0;
}

int svm_check_caps(void)
{
	u32 eax, ebx, ecx, edx;
	int r = check_enabled();

	if (r)
		return r;
	if (!boot_cpu_has(X86_FEATURE_NPT)) {
		pr_err("nested paging is required and this CPU does not have it\n");
		return -EOPNOTSUPP;
	}
	cpuid(SVM_CPUID_FUNC, &eax, &ebx, &ecx, &edx);
	if (ebx < 2) {
		pr_err("no address space identifiers for guests (%u)\n", ebx);
		return -EOPNOTSUPP;
	}
	nrips_param = nrips_param && boot_cpu_has(X86_FEATURE_NRIPS);
	svm_caps = (struct svm_caps){
		.nrips = nrips_param,
		.decode_assists = boot_cpu_has(X86_FEATURE_DECODEASSISTS),
		.flush_by_asid = boot_cpu_has(X86_FEATURE_FLUSHBYASID),
		.virt_spec_ctrl = boot_cpu_has(X86_FEATURE_V_SPEC_CTRL),
		.nr_asids = ebx,
		.spec_ctrl_mask = host_spec_ctrl_mask(),
	};
	return 0;
}
