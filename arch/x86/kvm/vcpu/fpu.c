// SPDX-License-Identifier: GPL-2.0-only
/* The guest's FPU: the kernel's guest fpstate, loaded while KVM_RUN runs. */
#include <linux/kvm.h>
#include <linux/mm.h>
#include <asm/fpu/api.h>
#include <asm/fpu/xcr.h>
#include <asm/pkru.h>

#include "vcpu/ops.h"

int kvm_fpu_create(struct x86_vcpu *vcpu)
{
	if (!fpu_alloc_guest_fpstate(&vcpu->guest_fpu))
		return -ENOMEM;
	return 0;
}

void kvm_fpu_destroy(struct x86_vcpu *vcpu)
{
	fpu_free_guest_fpstate(&vcpu->guest_fpu);
}

/* XCR0 and PKRU are not part of it: they are switched around the world switch. */
void kvm_load_guest_fpu(struct x86_vcpu *vcpu)
{
	fpu_swap_kvm_fpstate(&vcpu->guest_fpu, true);
}

void kvm_put_guest_fpu(struct x86_vcpu *vcpu)
{
	fpu_swap_kvm_fpstate(&vcpu->guest_fpu, false);
}

static bool pkru_in_use(const struct x86_vcpu *vcpu)
{
	return cpu_feature_enabled(X86_FEATURE_PKU) &&
	       ((vcpu->xcr0 & XFEATURE_MASK_PKRU) || (vcpu->cr4 & X86_CR4_PKE));
}

void kvm_load_guest_xsave_state(struct x86_vcpu *vcpu)
{
	if (vcpu->cr4 & X86_CR4_OSXSAVE) {
		if (vcpu->xcr0 != kvm_host_xcr0)
			xsetbv(XCR_XFEATURE_ENABLED_MASK, vcpu->xcr0);
		/* XSAVES cannot be intercepted: it finds no supervisor state. */
		if (kvm_host_xss)
			wrmsrl(MSR_IA32_XSS, 0);
	}
	if (pkru_in_use(vcpu)) {
		vcpu->host_pkru = read_pkru();
		if (vcpu->pkru != vcpu->host_pkru)
			write_pkru(vcpu->pkru);
	}
}
EXPORT_SYMBOL_GPL(kvm_load_guest_xsave_state);

void kvm_load_host_xsave_state(struct x86_vcpu *vcpu)
{
	if (pkru_in_use(vcpu)) {
		vcpu->pkru = rdpkru();
		if (vcpu->pkru != vcpu->host_pkru)
			write_pkru(vcpu->host_pkru);
	}
	if (vcpu->cr4 & X86_CR4_OSXSAVE) {
		if (vcpu->xcr0 != kvm_host_xcr0)
			xsetbv(XCR_XFEATURE_ENABLED_MASK, kvm_host_xcr0);
		if (kvm_host_xss)
			wrmsrl(MSR_IA32_XSS, kvm_host_xss);
	}
}
EXPORT_SYMBOL_GPL(kvm_load_host_xsave_state);

/* The legacy region, with init states written out: what FXSAVE would give. */
int kvm_get_fpu(struct x86_vcpu *vcpu, struct kvm_fpu *fpu)
{
	unsigned int size = max_t(unsigned int, vcpu->guest_fpu.uabi_size, sizeof(struct xregs_state));
	const struct fxregs_state *fx;
	void *buf;

	buf = kvzalloc(size, GFP_KERNEL_ACCOUNT);
	if (!buf)
		return -ENOMEM;
	fpu_copy_guest_fpstate_to_uabi(&vcpu->guest_fpu, buf, size,
				       vcpu->guest_fpu.fpstate->user_xfeatures, vcpu->pkru);
	fx = buf;
	memset(fpu, 0, sizeof(*fpu));
	memcpy(fpu->fpr, fx->st_space, sizeof(fpu->fpr));
	fpu->fcw = fx->cwd;
	fpu->fsw = fx->swd;
	fpu->ftwx = fx->twd;
	fpu->last_opcode = fx->fop;
	fpu->last_ip = fx->rip;
	fpu->last_dp = fx->rdp;
	memcpy(fpu->xmm, fx->xmm_space, sizeof(fpu->xmm));
	fpu->mxcsr = fx->mxcsr;
	kvfree(buf);
	return 0;
}

int kvm_set_fpu(struct x86_vcpu *vcpu, const struct kvm_fpu *fpu)
{
	struct xregs_state *xs = &vcpu->guest_fpu.fpstate->regs.xsave;
	struct fxregs_state *fx = &xs->i387;

	/* A reserved MXCSR bit would make the kernel's own XRSTOR fault. */
	if (fpu->mxcsr & ~kvm_mxcsr_mask)
		return -EINVAL;
	memcpy(fx->st_space, fpu->fpr, sizeof(fpu->fpr));
	fx->cwd = fpu->fcw;
	fx->swd = fpu->fsw;
	fx->twd = fpu->ftwx;
	fx->fop = fpu->last_opcode;
	fx->rip = fpu->last_ip;
	fx->rdp = fpu->last_dp;
	memcpy(fx->xmm_space, fpu->xmm, sizeof(fpu->xmm));
	fx->mxcsr = fpu->mxcsr;
	if (cpu_feature_enabled(X86_FEATURE_XSAVE))
		xs->header.xfeatures |= XFEATURE_MASK_FPSSE;
	return 0;
}

/* The guest's registers are in the CPU unless the kernel put them aside meanwhile. */
void kvm_fpu_get(void)
{
	fpregs_lock();
	fpregs_assert_state_consistent();
	if (test_thread_flag(TIF_NEED_FPU_LOAD))
		switch_fpu_return();
}

void kvm_fpu_put(void)
{
	fpregs_unlock();
}

/*
 * XCR1, where the CPU has it: the components that are not in their initial state.
 * The register PKRU is the host's here.
 */
static u64 read_xinuse(const struct x86_vcpu *vcpu)
{
	u64 val = XFEATURE_MASK_FPSSE;

	kvm_fpu_get();
	if (cpu_feature_enabled(X86_FEATURE_XGETBV1))
		val = xgetbv(1);
	kvm_fpu_put();
	return (val & ~XFEATURE_MASK_PKRU) | (vcpu->pkru ? XFEATURE_MASK_PKRU : 0);
}

int kvm_get_xcr(struct x86_vcpu *vcpu, u32 index, u64 *val)
{
	switch (index) {
	case 0:
		*val = vcpu->xcr0;
		return 0;
	case 1:
		if (!guest_cpuid_bit(vcpu, 0xd, 1, CPUID_EAX, 2))
			return 1;
		*val = vcpu->xcr0 & read_xinuse(vcpu);
		return 0;
	}
	return 1;
}
