// SPDX-License-Identifier: GPL-2.0-only
/* MSRs that live in the VMCB or in this CPU; all others are vcpu/'s. */
#include <linux/irqflags.h>
#include <linux/preempt.h>

#include <asm/cpufeature.h>
#include <asm/msr.h>
#include <asm/nospec-branch.h>

#include "vcpu/msr.h"
#include "svm/svm.h"

/* Bits of CPUID leaves; both vendors' enumerations of one feature count. */
#define CPUID_8_EBX_IBPB	BIT(12)
#define CPUID_8_EBX_IBRS	BIT(14)
#define CPUID_8_EBX_STIBP	BIT(15)
#define CPUID_8_EBX_SSBD	BIT(24)
#define CPUID_7_EDX_SPEC_CTRL	BIT(26)	/* IBRS and IBPB */
#define CPUID_7_EDX_STIBP	BIT(27)
#define CPUID_7_EDX_SSBD	BIT(31)

/* LBR, BTF, and the pins that nobody has. */
#define DEBUGCTL_KNOWN		0x3full

static u32 guest_ebx_8(struct x86_vcpu *vcpu)
{
	const struct kvm_cpuid_entry2 *e = kvm_find_cpuid_entry(vcpu, 0x80000008, 0);

	return e ? e->ebx : 0;
}

static u32 guest_edx_7(struct x86_vcpu *vcpu)
{
	const struct kvm_cpuid_entry2 *e = kvm_find_cpuid_entry(vcpu, 7, 0);

	return e ? e->edx : 0;
}

u64 svm_guest_spec_ctrl_mask(struct x86_vcpu *vcpu)
{
	u32 ebx = guest_ebx_8(vcpu), edx = guest_edx_7(vcpu);
	u64 mask = 0;

	if ((ebx & CPUID_8_EBX_IBRS) || (edx & CPUID_7_EDX_SPEC_CTRL))
		mask |= SPEC_CTRL_IBRS;
	if ((ebx & CPUID_8_EBX_STIBP) || (edx & CPUID_7_EDX_STIBP))
		mask |= SPEC_CTRL_STIBP;
	if ((ebx & CPUID_8_EBX_SSBD) || (edx & CPUID_7_EDX_SSBD))
		mask |= SPEC_CTRL_SSBD;
	return mask & svm_caps.spec_ctrl_mask;
}

static bool guest_has_ibpb(struct x86_vcpu *vcpu)
{
	return (guest_ebx_8(vcpu) & CPUID_8_EBX_IBPB) ||
	       (guest_edx_7(vcpu) & CPUID_7_EDX_SPEC_CTRL);
}

static int get_spec_ctrl(struct x86_vcpu *vcpu, u64 *data, bool host)
{
	struct vcpu_svm *svm = to_svm(vcpu);

	if (!(host ? svm_caps.spec_ctrl_mask : svm_guest_spec_ctrl_mask(vcpu)))
		return KVM_MSR_RET_UNKNOWN;
	*data = svm_caps.virt_spec_ctrl ? svm->vmcb->save.spec_ctrl : svm->sw.guest_spec_ctrl;
	return 0;
}

/* A guest that writes it without exits may use bits of the CPU that nobody offers it. */
static bool cpu_takes_spec_ctrl(u64 data)
{
	unsigned long flags;
	bool taken;
	u64 old;

	local_irq_save(flags);
	taken = !rdmsrl_safe(MSR_IA32_SPEC_CTRL, &old) &&
		!wrmsrl_safe(MSR_IA32_SPEC_CTRL, data);
	if (taken)
		wrmsrl(MSR_IA32_SPEC_CTRL, old);
	local_irq_restore(flags);
	return taken;
}

/* A guest that uses it at all gets it without exits from now on, if it has it. */
static int set_spec_ctrl(struct x86_vcpu *vcpu, u64 data, bool host)
{
	struct vcpu_svm *svm = to_svm(vcpu);
	u64 guest_mask = svm_guest_spec_ctrl_mask(vcpu);
	u64 mask = host ? svm_caps.spec_ctrl_mask : guest_mask;

	if (!mask)
		return KVM_MSR_RET_UNKNOWN;
	if ((data & ~mask) && (!host || !cpu_takes_spec_ctrl(data)))
		return 1;
	if (svm_caps.virt_spec_ctrl) {
		svm->vmcb->save.spec_ctrl = data;
		return 0;
	}
	svm->sw.guest_spec_ctrl = data;
	if (data) {
		svm->sw.flags |= SVM_SWITCH_READ_SPEC;
		svm_use_spec_ctrl_map(svm, guest_mask);
	}
	return 0;
}

static int set_pred_cmd(struct x86_vcpu *vcpu, u64 data)
{
	if (!guest_has_ibpb(vcpu))
		return KVM_MSR_RET_UNKNOWN;
	if (data & ~(u64)PRED_CMD_IBPB)
		return 1;
	if (!boot_cpu_has(X86_FEATURE_IBPB))
		return 1;
	/* Whatever the host thinks of its own need of it. */
	if (data)
		wrmsrl(MSR_IA32_PRED_CMD, PRED_CMD_IBPB);
	return 0;
}

static int set_tsc_aux(struct x86_vcpu *vcpu, u64 data)
{
	struct vcpu_svm *svm = to_svm(vcpu);

	/* AMD's ignore the upper half. */
	if ((data >> 32) && vcpu->features.vendor == X86EMUL_INTEL)
		return 1;
	data = (u32)data;
	preempt_disable();
	vcpu->tsc_aux = data;
	if (svm->tsc_aux_loaded)
		wrmsrl(MSR_TSC_AUX, data);
	else if (svm->guest_state_loaded)
		svm_load_tsc_aux(svm);
	preempt_enable();
	return 0;
}

/* Checked and kept by vcpu/. */
static int set_pat(struct x86_vcpu *vcpu, u64 data)
{
	struct vcpu_svm *svm = to_svm(vcpu);

	svm->vmcb->save.g_pat = data;
	svm_mark_dirty(svm, SVM_CLEAN_NPT);
	return 0;
}

/* Where the VMCB keeps an MSR that VMLOAD switches, or NULL. vcpu/ has checked addresses. */
static u64 *vmcb_msr(struct vcpu_svm *svm, u32 index)
{
	struct vmcb_save_area *save = &svm->vmcb->save;

	switch (index) {
	case MSR_STAR:
		return &save->star;
	case MSR_LSTAR:
		return &save->lstar;
	case MSR_CSTAR:
		return &save->cstar;
	case MSR_SYSCALL_MASK:
		return &save->sfmask;
	case MSR_KERNEL_GS_BASE:
		return &save->kernel_gs_base;
	case MSR_FS_BASE:
		return &save->fs.base;
	case MSR_GS_BASE:
		return &save->gs.base;
	case MSR_IA32_SYSENTER_CS:
		return &save->sysenter_cs;
	case MSR_IA32_SYSENTER_ESP:
		return svm->wide_sysenter ? &svm->sysenter_esp : &save->sysenter_esp;
	case MSR_IA32_SYSENTER_EIP:
		return svm->wide_sysenter ? &svm->sysenter_eip : &save->sysenter_eip;
	}
	return NULL;
}

/* What the CPU itself uses, outside long mode. */
static void mirror_sysenter(struct vcpu_svm *svm)
{
	if (!svm->wide_sysenter)
		return;
	svm->vmcb->save.sysenter_esp = (u32)svm->sysenter_esp;
	svm->vmcb->save.sysenter_eip = (u32)svm->sysenter_eip;
}

int svm_get_msr(struct x86_vcpu *vcpu, u32 index, u64 *data, bool host)
{
	const u64 *field = vmcb_msr(to_svm(vcpu), index);

	if (field) {
		*data = *field;
		return 0;
	}
	switch (index) {
	case MSR_TSC_AUX:
		*data = vcpu->tsc_aux;
		return 0;
	case MSR_IA32_SPEC_CTRL:
		return get_spec_ctrl(vcpu, data, host);
	case MSR_IA32_DEBUGCTLMSR:
		*data = 0;
		return 0;
	case MSR_AMD64_DE_CFG:
		*data = to_svm(vcpu)->de_cfg;
		return 0;
	}
	return KVM_MSR_RET_UNKNOWN;
}

int svm_set_msr(struct x86_vcpu *vcpu, u32 index, u64 data, bool host)
{
	struct vcpu_svm *svm = to_svm(vcpu);
	u64 *field = vmcb_msr(svm, index);

	if (field) {
		*field = data;
		mirror_sysenter(svm);
		return 0;
	}
	switch (index) {
	case MSR_TSC_AUX:
		return set_tsc_aux(vcpu, data);
	case MSR_IA32_CR_PAT:
		return set_pat(vcpu, data);
	case MSR_IA32_SPEC_CTRL:
		return set_spec_ctrl(vcpu, data, host);
	case MSR_IA32_PRED_CMD:
		return set_pred_cmd(vcpu, data);
	case MSR_IA32_DEBUGCTLMSR:
		/* No branch records and no stepping by branches: nobody is told. */
		return !!(data & ~DEBUGCTL_KNOWN);
	case MSR_AMD64_DE_CFG:
		if (host ? data & ~kvm_de_cfg() : data != svm->de_cfg)
			return 1;
		svm->de_cfg = data;
		return 0;
	}
	return KVM_MSR_RET_UNKNOWN;
}

void svm_write_tsc_offset(struct x86_vcpu *vcpu, u64 offset)
{
	struct vcpu_svm *svm = to_svm(vcpu);

	svm->vmcb->control.tsc_offset = offset;
	svm_mark_dirty(svm, SVM_CLEAN_INTERCEPTS);
}
