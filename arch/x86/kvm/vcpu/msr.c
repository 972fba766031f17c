// SPDX-License-Identifier: GPL-2.0-only
/* MSRs: one place for what each means; the vendor is asked for those it keeps. */
#include <linux/kvm.h>
#include <asm/apicdef.h>
#include <asm/msr.h>
#include <asm/mtrr.h>
#include <asm/tsc.h>

#include "vcpu/clock.h"
#include "vcpu/msr.h"
#include "vcpu/ops.h"

/* There is no branch trace store and no event sampling. */
#define MISC_ENABLE_FIXED	(MSR_IA32_MISC_ENABLE_BTS_UNAVAIL | MSR_IA32_MISC_ENABLE_PEBS_UNAVAIL)
#define MISC_ENABLE_DEFAULT	(MSR_IA32_MISC_ENABLE_FAST_STRING | MISC_ENABLE_FIXED)

/* HWCR: what may be written without effect, and what is kept. */
#define HWCR_IGNORED		(BIT_ULL(3) | BIT_ULL(6) | BIT_ULL(8))	/* TLB caching, INVD, FERR */
#define HWCR_MCSTATUS_WREN	BIT_ULL(18)

/*
 * MSRs that guests of these processors expect to find, with one value that says
 * that there is nothing behind them.
 */
enum fixed_write { WRITE_REFUSED, WRITE_ZERO, WRITE_IGNORED };

static const struct fixed_msr {
	u32 first, last;
	u64 value;
	enum fixed_write write;
} fixed_msrs[] = {
	{ MSR_IA32_P5_MC_ADDR, MSR_IA32_P5_MC_TYPE, 0, WRITE_REFUSED },
	{ MSR_IA32_PLATFORM_ID, MSR_IA32_PLATFORM_ID, 0, WRITE_REFUSED },
	{ MSR_IA32_EBL_CR_POWERON, MSR_IA32_EBL_CR_POWERON, 0, WRITE_REFUSED },
	{ MSR_EBC_FREQUENCY_ID, MSR_EBC_FREQUENCY_ID, BIT(24), WRITE_REFUSED },
	{ MSR_FSB_FREQ, MSR_FSB_FREQ, 3, WRITE_REFUSED },
	{ MSR_MTRRcap, MSR_MTRRcap, 0x508, WRITE_REFUSED },	/* 8 variable, fixed, WC */
	{ MSR_P6_PERFCTR0, MSR_P6_PERFCTR1, 0, WRITE_IGNORED },
	{ MSR_P6_EVNTSEL0, MSR_P6_EVNTSEL1, 0, WRITE_IGNORED },
	{ MSR_IA32_PERF_STATUS, MSR_IA32_PERF_CTL, 0, WRITE_REFUSED },
	{ MSR_IA32_LASTBRANCHFROMIP, MSR_IA32_LASTINTTOIP, 0, WRITE_REFUSED },
	{ MSR_K7_EVNTSEL0, MSR_K7_PERFCTR3, 0, WRITE_IGNORED },
	{ MSR_AMD64_SYSCFG, MSR_AMD64_SYSCFG, 0, WRITE_REFUSED },
	{ MSR_AMD64_NB_CFG, MSR_AMD64_NB_CFG, 0, WRITE_IGNORED },
	{ MSR_K8_INT_PENDING_MSG, MSR_K8_INT_PENDING_MSG, 0, WRITE_REFUSED },
	{ MSR_FAM10H_MMIO_CONF_BASE, MSR_FAM10H_MMIO_CONF_BASE, 0, WRITE_ZERO },
	{ MSR_K8_TSEG_ADDR, MSR_K8_TSEG_MASK, 0, WRITE_REFUSED },
	{ MSR_AMD64_DC_CFG, MSR_AMD64_DC_CFG, 0, WRITE_IGNORED },
	{ MSR_AMD64_BU_CFG2, MSR_AMD64_BU_CFG2, 0, WRITE_IGNORED },
};

static const struct fixed_msr *find_fixed_msr(u32 index)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(fixed_msrs); i++)
		if (index >= fixed_msrs[i].first && index <= fixed_msrs[i].last)
			return &fixed_msrs[i];
	return NULL;
}

/* Whoever has none of the MSRs of its own is asked last. */
static int set_fixed_msr(u32 index, u64 data)
{
	const struct fixed_msr *fixed = find_fixed_msr(index);

	if (!fixed)
		return KVM_MSR_RET_UNKNOWN;
	return fixed->write == WRITE_REFUSED || (fixed->write == WRITE_ZERO && data);
}

static int get_fixed_msr(u32 index, u64 *data)
{
	const struct fixed_msr *fixed = find_fixed_msr(index);

	if (!fixed)
		return KVM_MSR_RET_UNKNOWN;
	*data = fixed->value;
	return 0;
}

u64 kvm_read_guest_tsc(struct x86_vcpu *vcpu)
{
	return rdtsc() + vcpu->tsc_offset;
}

static void set_tsc_offset(struct x86_vcpu *vcpu, u64 offset)
{
	vcpu->tsc_offset = offset;
	static_call(kvm_x86_write_tsc_offset)(vcpu, offset);
	kvm_make_request(KVM_REQ_CLOCK_UPDATE, &vcpu->base);
}

/*
 * Userspace sets vCPU after vCPU to one value, some time apart: within a second
 * of what the others have it means the same, and gets their offset. What they
 * have from their creation is not meant: a young guest that comes from another
 * VM has a value near to it. 0 is that of a new vCPU: it joins the others.
 */
static void synchronize_tsc(struct x86_vcpu *vcpu, u64 value, bool user)
{
	struct x86_vm *vm = vcpu_vm(vcpu);
	u64 offset = value - rdtsc();
	u64 second = (u64)tsc_khz * 1000;

	spin_lock(&vm->tsc_lock);
	if (!vm->tsc_offset_valid ||
	    (value && ((user && !vm->tsc_offset_user) ||
		       offset - vm->tsc_offset + second > 2 * second))) {
		vm->tsc_offset = offset;
		vm->tsc_offset_user = user;
	}
	vm->tsc_offset_valid = true;
	offset = vm->tsc_offset;
	spin_unlock(&vm->tsc_lock);
	set_tsc_offset(vcpu, offset);
}

/* A guest's write shows in IA32_TSC_ADJUST. */
static void write_tsc(struct x86_vcpu *vcpu, u64 value, bool host)
{
	u64 offset = value - rdtsc();

	if (host) {
		synchronize_tsc(vcpu, value, true);
		return;
	}
	vcpu->ia32_tsc_adjust += offset - vcpu->tsc_offset;
	set_tsc_offset(vcpu, offset);
}

static bool pat_valid(u64 pat)
{
	int i;

	for (i = 0; i < 8; i++, pat >>= 8) {
		u8 type = pat;

		if (type > 7 || type == 2 || type == 3)
			return false;
	}
	return true;
}

static bool mtrr_type_valid(unsigned int type)
{
	return type < 8 && (BIT(type) & 0x73);	/* UC, WC, WT, WP, WB */
}

/* Storage of an MTRR, or NULL. */
static u64 *mtrr_slot(struct x86_vcpu *vcpu, u32 index)
{
	switch (index) {
	case MSR_MTRRdefType:
		return &vcpu->mtrr_def_type;
	case MSR_MTRRfix64K_00000:
		return &vcpu->mtrr_fixed[0];
	case MSR_MTRRfix16K_80000:
	case MSR_MTRRfix16K_A0000:
		return &vcpu->mtrr_fixed[1 + index - MSR_MTRRfix16K_80000];
	case MSR_MTRRfix4K_C0000 ... MSR_MTRRfix4K_F8000:
		return &vcpu->mtrr_fixed[3 + index - MSR_MTRRfix4K_C0000];
	case 0x200 ... 0x20f:
		return &vcpu->mtrr_var[index - 0x200];
	}
	return NULL;
}

static bool mtrr_valid(struct x86_vcpu *vcpu, u32 index, u64 data)
{
	u64 rsvd = vcpu->maxphyaddr >= 52 ? 0 : GENMASK_ULL(51, vcpu->maxphyaddr);
	int i;

	rsvd |= GENMASK_ULL(63, 52);
	if (index == MSR_MTRRdefType)
		return !(data & ~0xcffull) && mtrr_type_valid(data & 0xff);
	if (index >= 0x200 && index <= 0x20f) {
		if (index & 1)
			return !(data & (rsvd | 0x7ff));
		return !(data & (rsvd | 0xf00)) && mtrr_type_valid(data & 0xff);
	}
	for (i = 0; i < 8; i++, data >>= 8)
		if (!mtrr_type_valid(data & 0xff))
			return false;
	return true;
}

static bool has_arch_capabilities(struct x86_vcpu *vcpu)
{
	return guest_cpuid_bit(vcpu, 7, 0, CPUID_EDX, 29);
}

/* The guest cannot go from xAPIC off to x2APIC, nor from x2APIC to xAPIC. */
static int set_apic_base(struct x86_vcpu *vcpu, u64 data, bool host)
{
	u64 old = vcpu->apic_base;

	if (!kvm_apic_base_valid(vcpu, data))
		return 1;
	if (!host && ((old ^ data) & X2APIC_ENABLE) &&
	    (data & X2APIC_ENABLE ? !(old & MSR_IA32_APICBASE_ENABLE) :
				    (data & MSR_IA32_APICBASE_ENABLE)))
		return 1;
	vcpu->apic_base = data;
	return 0;
}

static int set_msr_common(struct x86_vcpu *vcpu, u32 index, u64 data, bool host)
{
	u64 *slot = mtrr_slot(vcpu, index);

	if (slot) {
		if (!mtrr_valid(vcpu, index, data))
			return 1;
		*slot = data;
		return 0;
	}
	switch (index) {
	case MSR_EFER:
		if (!host && (data & kvm_efer_unannounced(vcpu)))
			return 1;
		return kvm_set_efer(vcpu, data);
	case MSR_IA32_TSC:
		write_tsc(vcpu, data, host);
		return 0;
	case MSR_IA32_TSC_ADJUST:
		if (!host)
			set_tsc_offset(vcpu, vcpu->tsc_offset + data - vcpu->ia32_tsc_adjust);
		vcpu->ia32_tsc_adjust = data;
		return 0;
	case MSR_IA32_CR_PAT:
		if (!pat_valid(data))
			return 1;
		vcpu->pat = data;
		return KVM_MSR_RET_UNKNOWN;	/* the vendor loads it */
	case MSR_IA32_MISC_ENABLE:
		if (!host && ((vcpu->ia32_misc_enable ^ data) & MISC_ENABLE_FIXED))
			return 1;
		vcpu->ia32_misc_enable = data;
		return 0;
	case MSR_IA32_APICBASE:
		return set_apic_base(vcpu, data, host);
	case MSR_IA32_UCODE_REV:
	case MSR_AMD64_PATCH_LOADER:
		if (host && index == MSR_IA32_UCODE_REV)
			vcpu->microcode_version = data;
		return 0;	/* a guest's update is ignored */
	case MSR_IA32_ARCH_CAPABILITIES:
		if (!host)
			return has_arch_capabilities(vcpu) ? 1 : KVM_MSR_RET_UNKNOWN;
		vcpu->arch_capabilities = data;
		return 0;
	case MSR_K7_HWCR:
		data &= ~HWCR_IGNORED;
		if (data & ~HWCR_MCSTATUS_WREN)
			return 1;
		vcpu->hwcr = data;
		return 0;
	}
	return kvm_set_mce_msr(vcpu, index, data, host);
}

static int get_msr_common(struct x86_vcpu *vcpu, u32 index, u64 *data, bool host)
{
	u64 *slot = mtrr_slot(vcpu, index);

	if (slot) {
		*data = *slot;
		return 0;
	}
	switch (index) {
	case MSR_EFER:
		*data = vcpu->efer;
		return 0;
	case MSR_IA32_TSC:
		*data = kvm_read_guest_tsc(vcpu);
		return 0;
	case MSR_IA32_TSC_ADJUST:
		*data = vcpu->ia32_tsc_adjust;
		return 0;
	case MSR_IA32_CR_PAT:
		*data = vcpu->pat;
		return 0;
	case MSR_IA32_MISC_ENABLE:
		*data = vcpu->ia32_misc_enable;
		return 0;
	case MSR_IA32_APICBASE:
		*data = vcpu->apic_base;
		return 0;
	case MSR_IA32_UCODE_REV:
		*data = vcpu->microcode_version;
		return 0;
	case MSR_IA32_ARCH_CAPABILITIES:
		if (!host && !has_arch_capabilities(vcpu))
			return KVM_MSR_RET_UNKNOWN;
		*data = vcpu->arch_capabilities;
		return 0;
	case MSR_K7_HWCR:
		*data = vcpu->hwcr;
		return 0;
	}
	return kvm_get_mce_msr(vcpu, index, data, host);
}

/* No such MSR: the administrator may want the access ignored. */
int kvm_unknown_msr(u32 index, u64 data, bool write)
{
	if (!READ_ONCE(ignore_msrs))
		return KVM_MSR_RET_UNKNOWN;
	if (READ_ONCE(report_ignored_msrs))
		pr_info_ratelimited("kvm [%i]: ignored %s: 0x%x data 0x%llx\n",
				    task_tgid_nr(current), write ? "wrmsr" : "rdmsr", index, data);
	return 0;
}

int kvm_get_msr(struct x86_vcpu *vcpu, u32 index, u64 *data, bool host_initiated)
{
	int r = get_msr_common(vcpu, index, data, host_initiated);

	if (r == KVM_MSR_RET_UNKNOWN)
		r = static_call(kvm_x86_get_msr)(vcpu, index, data, host_initiated);
	if (unlikely(r == KVM_MSR_RET_UNKNOWN))
		r = kvm_get_clock_msr(vcpu, index, data, host_initiated);
	if (unlikely(r == KVM_MSR_RET_UNKNOWN))
		r = get_fixed_msr(index, data);
	if (likely(r != KVM_MSR_RET_UNKNOWN))
		return r;
	*data = 0;
	return kvm_unknown_msr(index, 0, false);
}

/* AMD's processors take any value for these, and use 32 bits of it. */
static bool is_sysenter_address(u32 index)
{
	return index == MSR_IA32_SYSENTER_EIP || index == MSR_IA32_SYSENTER_ESP;
}

/* Addresses in these must be canonical, or VMRUN would load them all the same. */
static bool must_be_canonical(u32 index)
{
	switch (index) {
	case MSR_FS_BASE:
	case MSR_GS_BASE:
	case MSR_KERNEL_GS_BASE:
	case MSR_LSTAR:
	case MSR_CSTAR:
	case MSR_IA32_SYSENTER_EIP:
	case MSR_IA32_SYSENTER_ESP:
		return true;
	}
	return false;
}

static u64 make_canonical(const struct x86_vcpu *vcpu, u64 data)
{
	return sign_extend64(data, vcpu->cr4 & X86_CR4_LA57 ? 56 : 47);
}

int kvm_set_msr(struct x86_vcpu *vcpu, u32 index, u64 data, bool host_initiated)
{
	int r;

	if (is_sysenter_address(index) && vcpu->features.vendor != X86EMUL_INTEL)
		data = make_canonical(vcpu, data);
	else if (must_be_canonical(index) && make_canonical(vcpu, data) != data)
		return 1;
	r = set_msr_common(vcpu, index, data, host_initiated);
	if (r == KVM_MSR_RET_UNKNOWN)
		r = static_call(kvm_x86_set_msr)(vcpu, index, data, host_initiated);
	if (unlikely(r == KVM_MSR_RET_UNKNOWN))
		r = kvm_set_clock_msr(vcpu, index, data, host_initiated);
	if (unlikely(r == KVM_MSR_RET_UNKNOWN))
		r = set_fixed_msr(index, data);
	return unlikely(r == KVM_MSR_RET_UNKNOWN) ? kvm_unknown_msr(index, data, true) : r;
}

/* Reset values. */
void kvm_msr_reset(struct x86_vcpu *vcpu)
{
	vcpu->pat = 0x0007040600070406ull;
	vcpu->ia32_misc_enable = MISC_ENABLE_DEFAULT;
	vcpu->arch_capabilities = kvm_arch_capabilities();
	vcpu->apic_base = 0xfee00000ull | BIT(11) | (vcpu->base.vcpu_id ? 0 : BIT(8));
	vcpu->microcode_version = kvm_x86_ops.isa == KVM_ISA_SVM ? 0x01000065 : 0x100000000ull;
	kvm_mce_reset(vcpu);
	synchronize_tsc(vcpu, 0, false);
}
