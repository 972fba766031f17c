// SPDX-License-Identifier: GPL-2.0-only
/* MSRs that live in the VMCS or in this CPU; all others are vcpu/'s. */
#include <linux/preempt.h>

#include <asm/cpufeature.h>
#include <asm/msr.h>
#include <asm/nospec-branch.h>

#include "vcpu/msr.h"
#include "vmx/vmx.h"

#define CPUID_7_EBX_INVPCID	BIT(10)
#define CPUID_7_ECX_RDPID	BIT(22)
#define CPUID_7_EDX_SPEC_CTRL	BIT(26)	/* IBRS and IBPB */
#define CPUID_7_EDX_STIBP	BIT(27)
#define CPUID_7_EDX_SSBD	BIT(31)
#define CPUID_80000001_EDX_RDTSCP	BIT(27)

/* Where the bitmap has its four parts, in bytes. */
#define BITMAP_READ_LOW		0x000
#define BITMAP_READ_HIGH	0x400
#define BITMAP_WRITE_LOW	0x800
#define BITMAP_WRITE_HIGH	0xc00

static const u32 switched_index[VMX_NR_SWITCHED_MSRS] = {
	[VMX_MSR_STAR] = MSR_STAR, [VMX_MSR_LSTAR] = MSR_LSTAR,
	[VMX_MSR_FMASK] = MSR_SYSCALL_MASK, [VMX_MSR_TSC_AUX] = MSR_TSC_AUX,
};

static void allow(struct vcpu_vmx *vmx, u32 msr, bool read, bool write)
{
	u8 *map = (u8 *)vmx->msr_bitmap;
	bool high = msr >= 0xc0000000;
	u32 bit = msr & 0x1fff;

	if (read && kvm_msr_allowed(&vmx->vcpu, msr, KVM_MSR_FILTER_READ))
		__clear_bit(bit, (unsigned long *)(map + (high ? BITMAP_READ_HIGH : BITMAP_READ_LOW)));
	if (write && kvm_msr_allowed(&vmx->vcpu, msr, KVM_MSR_FILTER_WRITE))
		__clear_bit(bit, (unsigned long *)(map + (high ? BITMAP_WRITE_HIGH : BITMAP_WRITE_LOW)));
}

/* What the VMCS has, or this CPU while the guest runs, as far as userspace's filter lets it. */
void vmx_msr_filter_changed(struct x86_vcpu *vcpu)
{
	static const u32 own[] = {
		MSR_FS_BASE, MSR_GS_BASE, MSR_KERNEL_GS_BASE,
		MSR_IA32_SYSENTER_CS, MSR_IA32_SYSENTER_ESP, MSR_IA32_SYSENTER_EIP,
	};
	struct vcpu_vmx *vmx = to_vmx(vcpu);
	int i;

	memset(vmx->msr_bitmap, 0xff, PAGE_SIZE);
	for (i = 0; i < ARRAY_SIZE(own); i++)
		allow(vmx, own[i], true, true);
	allow(vmx, MSR_IA32_TSC, true, false);
	if (vmx->sw.flags & VMX_SWITCH_READ_SPEC)
		allow(vmx, MSR_IA32_SPEC_CTRL, true, true);
}

static u32 guest_edx_7(struct x86_vcpu *vcpu)
{
	const struct kvm_cpuid_entry2 *e = kvm_find_cpuid_entry(vcpu, 7, 0);

	return e ? e->edx : 0;
}

static u64 guest_spec_ctrl_mask(struct x86_vcpu *vcpu)
{
	u32 edx = guest_edx_7(vcpu);
	u64 mask = 0;

	if (edx & CPUID_7_EDX_SPEC_CTRL)
		mask |= SPEC_CTRL_IBRS;
	if (edx & CPUID_7_EDX_STIBP)
		mask |= SPEC_CTRL_STIBP;
	if (edx & CPUID_7_EDX_SSBD)
		mask |= SPEC_CTRL_SSBD;
	return mask & vmx_caps.spec_ctrl_mask;
}

static bool has_tsc_aux(void)
{
	return boot_cpu_has(X86_FEATURE_RDTSCP) || boot_cpu_has(X86_FEATURE_RDPID);
}

/* No transition switches them: each is the guest's from its first entry after a load to the put. */
void vmx_load_switched_msrs(struct vcpu_vmx *vmx)
{
	const u64 *host = this_cpu_ptr(&vmx_cpus)->host_msr;
	int i;

	vmx->msr[VMX_MSR_TSC_AUX] = vmx->vcpu.tsc_aux;
	for (i = 0; i < VMX_NR_SWITCHED_MSRS; i++)
		if (vmx->msr[i] != host[i] && (i != VMX_MSR_TSC_AUX || has_tsc_aux()))
			wrmsrl(switched_index[i], vmx->msr[i]);
}

void vmx_put_switched_msrs(struct vcpu_vmx *vmx)
{
	const u64 *host = this_cpu_ptr(&vmx_cpus)->host_msr;
	int i;

	for (i = 0; i < VMX_NR_SWITCHED_MSRS; i++)
		if (vmx->msr[i] != host[i] && (i != VMX_MSR_TSC_AUX || has_tsc_aux()))
			wrmsrl(switched_index[i], host[i]);
}

/* The CPU itself says whether it takes the value: loading it later must not fail. 0, or 1: #GP. */
static int set_switched(struct vcpu_vmx *vmx, int i, u64 data)
{
	int r;

	preempt_disable();
	r = wrmsrl_safe(switched_index[i], data);
	if (!r) {
		vmx->msr[i] = data;
		if (!vmx->guest_state_loaded)
			wrmsrl(switched_index[i], this_cpu_ptr(&vmx_cpus)->host_msr[i]);
	}
	preempt_enable();
	return !!r;
}

/* In this CPU while the guest's state is. */
static u64 kernel_gs_base(struct vcpu_vmx *vmx, const u64 *data)
{
	u64 val;

	preempt_disable();
	if (data) {
		vmx->kernel_gs_base = *data;
		if (vmx->guest_state_loaded)
			wrmsrl(MSR_KERNEL_GS_BASE, *data);
	} else if (vmx->guest_state_loaded) {
		rdmsrl(MSR_KERNEL_GS_BASE, vmx->kernel_gs_base);
	}
	val = vmx->kernel_gs_base;
	preempt_enable();
	return val;
}

static unsigned long vmcs_field(u32 index)
{
	switch (index) {
	case MSR_FS_BASE:
		return GUEST_FS_BASE;
	case MSR_GS_BASE:
		return GUEST_GS_BASE;
	case MSR_IA32_SYSENTER_CS:
		return GUEST_SYSENTER_CS;
	case MSR_IA32_SYSENTER_ESP:
		return GUEST_SYSENTER_ESP;
	case MSR_IA32_SYSENTER_EIP:
		return GUEST_SYSENTER_EIP;
	}
	return 0;
}

int vmx_get_msr(struct x86_vcpu *vcpu, u32 index, u64 *data, bool host)
{
	struct vcpu_vmx *vmx = to_vmx(vcpu);
	unsigned long field = vmcs_field(index);

	if (unlikely(vmx->rmode.active) && vmx_rmode_get_msr(vmx, index, data))
		return 0;
	if (field) {
		*data = vmcs_readl(field);
		return 0;
	}
	switch (index) {
	case MSR_STAR:
		*data = vmx->msr[VMX_MSR_STAR];
		return 0;
	case MSR_LSTAR:
		*data = vmx->msr[VMX_MSR_LSTAR];
		return 0;
	case MSR_SYSCALL_MASK:
		*data = vmx->msr[VMX_MSR_FMASK];
		return 0;
	case MSR_CSTAR:
		*data = vmx->cstar;
		return 0;
	case MSR_KERNEL_GS_BASE:
		*data = kernel_gs_base(vmx, NULL);
		return 0;
	case MSR_TSC_AUX:
		*data = vcpu->tsc_aux;
		return 0;
	case MSR_IA32_SPEC_CTRL:
		*data = vmx->sw.guest_spec_ctrl;
		return guest_spec_ctrl_mask(vcpu) ? 0 : KVM_MSR_RET_UNKNOWN;
	case MSR_IA32_FEAT_CTL:
		*data = FEAT_CTL_LOCKED;
		return 0;
	case MSR_IA32_DEBUGCTLMSR:
		*data = 0;
		return 0;
	}
	return KVM_MSR_RET_UNKNOWN;
}

/* A guest that uses it at all gets it without exits from now on. */
static int set_spec_ctrl(struct x86_vcpu *vcpu, u64 data)
{
	struct vcpu_vmx *vmx = to_vmx(vcpu);
	u64 mask = guest_spec_ctrl_mask(vcpu);

	if (!mask)
		return KVM_MSR_RET_UNKNOWN;
	if (data & ~mask)
		return 1;
	vmx->sw.guest_spec_ctrl = data;
	if (data) {
		vmx->sw.flags |= VMX_SWITCH_READ_SPEC;
		allow(vmx, MSR_IA32_SPEC_CTRL, true, true);
	}
	return 0;
}

static int set_pred_cmd(struct x86_vcpu *vcpu, u64 data)
{
	if (!(guest_edx_7(vcpu) & CPUID_7_EDX_SPEC_CTRL))
		return KVM_MSR_RET_UNKNOWN;
	if (data & ~(u64)PRED_CMD_IBPB)
		return 1;
	if (data)
		indirect_branch_prediction_barrier();
	return 0;
}

int vmx_set_msr(struct x86_vcpu *vcpu, u32 index, u64 data, bool host)
{
	struct vcpu_vmx *vmx = to_vmx(vcpu);
	unsigned long field = vmcs_field(index);

	if (unlikely(vmx->rmode.active) && vmx_rmode_set_msr(vmx, index, data))
		return 0;
	if (field) {
		vmcs_writel(field, data);
		return 0;
	}
	switch (index) {
	case MSR_STAR:
		return set_switched(vmx, VMX_MSR_STAR, data);
	case MSR_LSTAR:
		return set_switched(vmx, VMX_MSR_LSTAR, data);
	case MSR_SYSCALL_MASK:
		return set_switched(vmx, VMX_MSR_FMASK, data);
	case MSR_CSTAR:
		vmx->cstar = data;
		return 0;
	case MSR_KERNEL_GS_BASE:
		kernel_gs_base(vmx, &data);
		return 0;
	case MSR_TSC_AUX:
		if (data >> 32)
			return 1;
		vcpu->tsc_aux = data;
		return has_tsc_aux() ? set_switched(vmx, VMX_MSR_TSC_AUX, data) : 0;
	case MSR_IA32_CR_PAT:
		vmcs_write64(GUEST_IA32_PAT, data);
		return 0;
	case MSR_IA32_SPEC_CTRL:
		return set_spec_ctrl(vcpu, data);
	case MSR_IA32_PRED_CMD:
		return set_pred_cmd(vcpu, data);
	case MSR_IA32_FEAT_CTL:
		return !host || data != FEAT_CTL_LOCKED;
	case MSR_IA32_DEBUGCTLMSR:
		/* No branch records and no stepping by branches. */
		return data != 0;
	}
	return KVM_MSR_RET_UNKNOWN;
}

void vmx_write_tsc_offset(struct x86_vcpu *vcpu, u64 offset)
{
	vmcs_write64(TSC_OFFSET, offset);
}

/* Instructions that the guest's CPUID does not have end in #UD. */
void vmx_after_set_cpuid(struct x86_vcpu *vcpu)
{
	const struct kvm_cpuid_entry2 *ext = kvm_find_cpuid_entry(vcpu, 0x80000001, 0);
	const struct kvm_cpuid_entry2 *seven = kvm_find_cpuid_entry(vcpu, 7, 0);
	bool rdtscp = ext && (ext->edx & CPUID_80000001_EDX_RDTSCP);
	bool rdpid = seven && (seven->ecx & CPUID_7_ECX_RDPID);
	bool invpcid = seven && (seven->ebx & CPUID_7_EBX_INVPCID);
	u32 allowed = vmx_caps.allowed[VMX_CPU2];

	vmx_change_control(to_vmx(vcpu), VMX_CPU2, allowed & SECONDARY_EXEC_ENABLE_RDTSCP,
			   rdtscp || rdpid);
	vmx_change_control(to_vmx(vcpu), VMX_CPU2, allowed & SECONDARY_EXEC_ENABLE_INVPCID, invpcid);
}
