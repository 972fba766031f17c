// SPDX-License-Identifier: GPL-2.0-only
/* KVM_GET_MSRS, KVM_SET_MSRS, and the lists of what they can be asked for. */
#include <linux/kvm.h>
#include <linux/kvm_para.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <asm/cpufeature.h>
#include <asm/msr.h>

#include "vcpu/msr.h"
#include "vcpu/ops.h"

/* Entries of one KVM_GET_MSRS or KVM_SET_MSRS. */
#define MAX_IO_MSRS	256

/*
 * What KVM_GET_MSR_INDEX_LIST lists: each can be read, written with its reset
 * value, and written with what was read, whatever CPUID the vCPU has. The banks
 * of machine checks are as many as KVM_X86_SETUP_MCE says, and not in it.
 */
static const u32 msrs_to_save[] = {
	MSR_IA32_SYSENTER_CS, MSR_IA32_SYSENTER_ESP, MSR_IA32_SYSENTER_EIP,
	MSR_STAR, MSR_CSTAR, MSR_KERNEL_GS_BASE, MSR_SYSCALL_MASK, MSR_LSTAR,
	MSR_IA32_TSC, MSR_IA32_CR_PAT, MSR_IA32_TSC_ADJUST, MSR_IA32_MISC_ENABLE,
	MSR_TSC_AUX, MSR_IA32_UCODE_REV, MSR_EFER, MSR_IA32_ARCH_CAPABILITIES,
	MSR_IA32_MCG_STATUS, MSR_IA32_MCG_CTL,
	MSR_K7_HWCR, MSR_K7_EVNTSEL0, MSR_K7_EVNTSEL1, MSR_K7_EVNTSEL2, MSR_K7_EVNTSEL3,
	MSR_K7_PERFCTR0, MSR_K7_PERFCTR1, MSR_K7_PERFCTR2, MSR_K7_PERFCTR3,
	MSR_KVM_WALL_CLOCK, MSR_KVM_SYSTEM_TIME,
	MSR_KVM_WALL_CLOCK_NEW, MSR_KVM_SYSTEM_TIME_NEW,
	MSR_MTRRdefType,
	MSR_MTRRfix64K_00000, MSR_MTRRfix16K_80000, MSR_MTRRfix16K_A0000,
	MSR_MTRRfix4K_C0000, MSR_MTRRfix4K_C8000, MSR_MTRRfix4K_D0000, MSR_MTRRfix4K_D8000,
	MSR_MTRRfix4K_E0000, MSR_MTRRfix4K_E8000, MSR_MTRRfix4K_F0000, MSR_MTRRfix4K_F8000,
	0x200, 0x201, 0x202, 0x203, 0x204, 0x205, 0x206, 0x207,
	0x208, 0x209, 0x20a, 0x20b, 0x20c, 0x20d, 0x20e, 0x20f,
};

/* The same where the CPU has them. */
static const struct {
	u32 index;
	u32 feature;
} cpu_msrs[] = {
	{ MSR_IA32_SPEC_CTRL, X86_FEATURE_MSR_SPEC_CTRL },
};

/* What says of what this CPU and this KVM can do: KVM_GET_MSRS on /dev/kvm. */
static const u32 feature_msrs[] = {
	MSR_IA32_UCODE_REV, MSR_IA32_ARCH_CAPABILITIES,
	MSR_AMD64_DE_CFG,	/* last: AMD's only */
};

struct msr_bit {
	u64 cap;
	u16 bug;	/* the bit says that the CPU does not have it */
};

/* What the host's CPU says of itself and holds for a guest on it just as well. */
#define HOST_ARCH_CAPS	(ARCH_CAP_IBRS_ALL | ARCH_CAP_RSBA | ARCH_CAP_RRSBA | ARCH_CAP_TAA_NO | \
			 ARCH_CAP_SBDR_SSDP_NO | ARCH_CAP_FBSDP_NO | ARCH_CAP_PSDP_NO |	\
			 ARCH_CAP_FB_CLEAR | ARCH_CAP_PBRSB_NO | ARCH_CAP_BHI_NO |	\
			 ARCH_CAP_GDS_NO | ARCH_CAP_RFDS_NO | ARCH_CAP_RFDS_CLEAR)

u64 kvm_arch_capabilities(void)
{
	static const struct msr_bit bits[] = {
		{ ARCH_CAP_RDCL_NO, X86_BUG_CPU_MELTDOWN },
		{ ARCH_CAP_SSB_NO, X86_BUG_SPEC_STORE_BYPASS },
		{ ARCH_CAP_MDS_NO, X86_BUG_MDS },
	};
	/* Guest page tables of ours never make the CPU use a large page it should not. */
	u64 caps = ARCH_CAP_PSCHANGE_MC_NO, host = 0;
	int i;

	if (boot_cpu_has(X86_FEATURE_ARCH_CAPABILITIES))
		rdmsrl(MSR_IA32_ARCH_CAPABILITIES, host);
	caps |= host & HOST_ARCH_CAPS;
	for (i = 0; i < ARRAY_SIZE(bits); i++)
		if (!boot_cpu_has_bug(bits[i].bug))
			caps |= bits[i].cap;
	return caps;
}

u64 kvm_de_cfg(void)
{
	return boot_cpu_has(X86_FEATURE_LFENCE_RDTSC) ? MSR_AMD64_DE_CFG_LFENCE_SERIALIZE : 0;
}
EXPORT_SYMBOL_GPL(kvm_de_cfg);

/* 0, or KVM_MSR_RET_UNKNOWN. */
static int get_feature_msr(u32 index, u64 *data)
{
	switch (index) {
	case MSR_IA32_ARCH_CAPABILITIES:
		*data = kvm_arch_capabilities();
		return 0;
	case MSR_IA32_UCODE_REV:
		*data = 0;
		rdmsrl_safe(index, data);
		return 0;
	case MSR_AMD64_DE_CFG:
		if (kvm_x86_ops.isa != KVM_ISA_SVM)
			break;
		*data = kvm_de_cfg();
		return 0;
	}
	*data = 0;
	return kvm_unknown_msr(index, 0, false);
}

/* @user has room for @n indices: -E2BIG with the number it takes when that is too few. */
static long put_list(struct kvm_msr_list __user *user, const u32 *indices, u32 nr)
{
	u32 n;

	if (get_user(n, &user->nmsrs) || put_user(nr, &user->nmsrs))
		return -EFAULT;
	if (n < nr)
		return -E2BIG;
	return copy_to_user(user->indices, indices, nr * sizeof(*indices)) ? -EFAULT : 0;
}

long kvm_get_msr_index_list(struct kvm_msr_list __user *user)
{
	u32 list[ARRAY_SIZE(msrs_to_save) + ARRAY_SIZE(cpu_msrs)];
	u32 nr = ARRAY_SIZE(msrs_to_save);
	int i;

	memcpy(list, msrs_to_save, sizeof(msrs_to_save));
	for (i = 0; i < ARRAY_SIZE(cpu_msrs); i++)
		if (boot_cpu_has(cpu_msrs[i].feature))
			list[nr++] = cpu_msrs[i].index;
	return put_list(user, list, nr);
}

long kvm_get_msr_feature_index_list(struct kvm_msr_list __user *user)
{
	u32 nr = ARRAY_SIZE(feature_msrs);

	return put_list(user, feature_msrs, kvm_x86_ops.isa == KVM_ISA_SVM ? nr : nr - 1);
}

/* @vcpu NULL: on /dev/kvm. */
static int do_msr(struct x86_vcpu *vcpu, struct kvm_msr_entry *e, bool set)
{
	if (!vcpu)
		return get_feature_msr(e->index, &e->data);
	if (set)
		return kvm_set_msr(vcpu, e->index, e->data, true);
	return kvm_get_msr(vcpu, e->index, &e->data, true);
}

/* Up to the first MSR that is refused; the number done is the result. */
static int do_msrs(struct x86_vcpu *vcpu, struct kvm_msr_entry *entries, u32 n, bool set)
{
	u32 i;

	for (i = 0; i < n; i++)
		if (do_msr(vcpu, &entries[i], set))
			break;
	return i;
}

long kvm_msr_ioctl(struct x86_vcpu *vcpu, struct kvm_msrs __user *user, bool set)
{
	struct kvm_msr_entry *entries;
	struct kvm_msrs head;
	size_t size;
	long r;

	if (copy_from_user(&head, user, sizeof(head)))
		return -EFAULT;
	if (head.nmsrs >= MAX_IO_MSRS)
		return -E2BIG;
	size = head.nmsrs * sizeof(*entries);
	entries = memdup_user(user->entries, size);
	if (IS_ERR(entries))
		return PTR_ERR(entries);
	r = do_msrs(vcpu, entries, head.nmsrs, set);
	if (!set && copy_to_user(user->entries, entries, size))
		r = -EFAULT;
	kfree(entries);
	return r;
}
