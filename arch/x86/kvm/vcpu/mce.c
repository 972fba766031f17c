// SPDX-License-Identifier: GPL-2.0-only
/* Machine checks of the guest: its banks of MSRs, and errors that userspace puts into them. */
#include <linux/kvm.h>
#include <linux/nospec.h>
#include <linux/uaccess.h>
#include <asm/mce.h>

#include "vcpu/msr.h"
#include "vcpu/ops.h"

#define MSRS_PER_BANK		4
#define HWCR_MCSTATUS_WREN	BIT_ULL(18)

/* MCG_CAP beyond the number of banks and of extended registers. */
#define MCG_CAP_SUPPORTED	(MCG_CTL_P | MCG_SER_P)

/* Registers of a bank, in the order of their MSRs. */
enum { MCI_CTL, MCI_STATUS, MCI_ADDR, MCI_MISC };

static unsigned int nr_banks(const struct x86_vcpu *vcpu)
{
	return vcpu->mcg_cap & MCG_BANKCNT_MASK;
}

/* Storage of a bank's MSR, or NULL. */
static u64 *bank_msr(struct x86_vcpu *vcpu, u32 index)
{
	u32 nr = index - MSR_IA32_MC0_CTL, limit = nr_banks(vcpu) * MSRS_PER_BANK;

	return nr < limit ? &vcpu->mce_banks[array_index_nospec(nr, limit)] : NULL;
}

static bool bank_value_ok(const struct x86_vcpu *vcpu, u32 index, u64 data, bool host)
{
	switch ((index - MSR_IA32_MC0_CTL) % MSRS_PER_BANK) {
	case MCI_CTL:
		/* All or nothing, but for bit 10 (GART walks), which kernels clear. */
		return !data || !~(data | BIT_ULL(10));
	case MCI_STATUS:
		return host || !data || (vcpu->hwcr & HWCR_MCSTATUS_WREN);
	default:
		return true;
	}
}

int kvm_set_mce_msr(struct x86_vcpu *vcpu, u32 index, u64 data, bool host)
{
	u64 *slot = bank_msr(vcpu, index);

	switch (index) {
	case MSR_IA32_MCG_STATUS:
		vcpu->mcg_status = data;
		return 0;
	case MSR_IA32_MCG_CTL:
		if (!(vcpu->mcg_cap & MCG_CTL_P) && (data || !host))
			return 1;
		if (data && ~data)
			return 1;
		vcpu->mcg_ctl = data;
		return 0;
	}
	if (!slot)
		return KVM_MSR_RET_UNKNOWN;
	if (!bank_value_ok(vcpu, index, data, host))
		return 1;
	*slot = data;
	return 0;
}

int kvm_get_mce_msr(struct x86_vcpu *vcpu, u32 index, u64 *data, bool host)
{
	const u64 *slot = bank_msr(vcpu, index);

	switch (index) {
	case MSR_IA32_MCG_CAP:
		*data = vcpu->mcg_cap;
		return 0;
	case MSR_IA32_MCG_STATUS:
		*data = vcpu->mcg_status;
		return 0;
	case MSR_IA32_MCG_CTL:
		if (!(vcpu->mcg_cap & MCG_CTL_P) && !host)
			return 1;
		*data = vcpu->mcg_ctl;
		return 0;
	}
	if (!slot)
		return KVM_MSR_RET_UNKNOWN;
	*data = *slot;
	return 0;
}

void kvm_mce_reset(struct x86_vcpu *vcpu)
{
	vcpu->mcg_cap = KVM_MAX_MCE_BANKS;
}

long kvm_get_mce_cap_supported(u64 __user *user)
{
	u64 cap = MCG_CAP_SUPPORTED;

	return copy_to_user(user, &cap, sizeof(cap)) ? -EFAULT : 0;
}

int kvm_setup_mce(struct x86_vcpu *vcpu, const u64 *mcg_cap)
{
	unsigned int banks = *mcg_cap & MCG_BANKCNT_MASK, i;

	if (!banks || banks > KVM_MAX_MCE_BANKS ||
	    (*mcg_cap & ~(MCG_CAP_SUPPORTED | MCG_BANKCNT_MASK | MCG_EXT_CNT_MASK)))
		return -EINVAL;
	vcpu->mcg_cap = *mcg_cap;
	/* AMD has neither recovery in this form nor extended registers. */
	if (kvm_x86_ops.isa == KVM_ISA_SVM)
		vcpu->mcg_cap &= MCG_BANKCNT_MASK | MCG_CTL_P;
	if (*mcg_cap & MCG_CTL_P)
		vcpu->mcg_ctl = ~0ull;
	for (i = 0; i < banks; i++)
		vcpu->mce_banks[i * MSRS_PER_BANK + MCI_CTL] = ~0ull;
	return 0;
}

/* An uncorrected error is an exception; where there is none for it, the machine stops. */
static void report_uncorrected(struct x86_vcpu *vcpu, u64 *bank, const struct kvm_x86_mce *mce,
			       u64 status)
{
	if ((vcpu->mcg_cap & MCG_CTL_P) && ~vcpu->mcg_ctl)
		return;
	if (~bank[MCI_CTL])
		return;
	if ((vcpu->mcg_status & MCG_STATUS_MCIP) || !(vcpu->cr4 & X86_CR4_MCE)) {
		kvm_make_request(KVM_REQ_TRIPLE_FAULT, &vcpu->base);
		return;
	}
	bank[MCI_STATUS] = status;
	bank[MCI_ADDR] = mce->addr;
	bank[MCI_MISC] = mce->misc;
	vcpu->mcg_status = mce->mcg_status;
	kvm_queue_exception(vcpu, MC_VECTOR);
}

int kvm_set_mce(struct x86_vcpu *vcpu, const struct kvm_x86_mce *mce)
{
	u64 *bank, status = mce->status;

	if (mce->bank >= nr_banks(vcpu) || !(status & MCI_STATUS_VAL))
		return -EINVAL;
	bank = &vcpu->mce_banks[array_index_nospec(mce->bank, nr_banks(vcpu)) * MSRS_PER_BANK];
	if (bank[MCI_STATUS] & MCI_STATUS_VAL)
		status |= MCI_STATUS_OVER;
	if (status & MCI_STATUS_UC) {
		report_uncorrected(vcpu, bank, mce, status);
		return 0;
	}
	/* What cannot be corrected is not overwritten by what could. */
	if ((bank[MCI_STATUS] & (MCI_STATUS_VAL | MCI_STATUS_UC)) ==
	    (MCI_STATUS_VAL | MCI_STATUS_UC)) {
		bank[MCI_STATUS] |= MCI_STATUS_OVER;
		return 0;
	}
	bank[MCI_STATUS] = status;
	bank[MCI_ADDR] = mce->addr;
	bank[MCI_MISC] = mce->misc;
	return 0;
}
