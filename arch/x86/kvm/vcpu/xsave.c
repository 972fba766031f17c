// SPDX-License-Identifier: GPL-2.0-only
/* The extended state towards userspace: XSAVE areas in the standard format, and XCR0. */
#include <linux/kvm.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <asm/fpu/api.h>
#include <asm/fpu/xcr.h>

#include "vcpu/ops.h"

/* Components that the area of this vCPU may show. */
static u64 shown_xfeatures(const struct x86_vcpu *vcpu)
{
	return vcpu->guest_supported_xcr0 | XFEATURE_MASK_FPSSE;
}

unsigned int kvm_xsave_size(void)
{
	return max_t(unsigned int, sizeof(struct kvm_xsave), kvm_xsave_area_size());
}

/*
 * Bytes of the kernel's area for @vcpu, at least those of struct kvm_xsave. More
 * than userspace was told to expect: -EINVAL.
 */
static int area_bytes(struct x86_vcpu *vcpu, unsigned int limit)
{
	unsigned int need = max_t(unsigned int, vcpu->guest_fpu.uabi_size,
				  sizeof(struct kvm_xsave));

	return need > limit ? -EINVAL : need;
}

/* PKRU is not in the kernel's copy of the state: its bit there says nothing about the guest. */
static void mark_pkru(struct x86_vcpu *vcpu, struct xregs_state *area)
{
	if (vcpu->guest_supported_xcr0 & XFEATURE_MASK_PKRU)
		area->header.xfeatures |= XFEATURE_MASK_PKRU;
}

long kvm_get_xsave(struct x86_vcpu *vcpu, void __user *user, unsigned int limit)
{
	int size = area_bytes(vcpu, limit);
	void *area;
	long r = 0;

	if (size < 0)
		return size;
	area = kvzalloc(size, GFP_KERNEL_ACCOUNT);
	if (!area)
		return -ENOMEM;
	fpu_copy_guest_fpstate_to_uabi(&vcpu->guest_fpu, area, size, shown_xfeatures(vcpu),
				       vcpu->pkru);
	if (cpu_feature_enabled(X86_FEATURE_XSAVE))
		mark_pkru(vcpu, area);
	if (copy_to_user(user, area, size))
		r = -EFAULT;
	kvfree(area);
	return r;
}

/* XRSTOR leaves MXCSR alone when neither SSE nor AVX state is loaded, and then so does the kernel. */
static void reset_mxcsr(struct x86_vcpu *vcpu, const struct xregs_state *area)
{
	if (cpu_feature_enabled(X86_FEATURE_XSAVE) &&
	    !(area->header.xfeatures & (XFEATURE_MASK_SSE | XFEATURE_MASK_YMM)))
		vcpu->guest_fpu.fpstate->regs.xsave.i387.mxcsr = MXCSR_DEFAULT;
}

long kvm_set_xsave(struct x86_vcpu *vcpu, void __user *user)
{
	int size = area_bytes(vcpu, kvm_xsave_size());
	void *area;
	int r;

	if (size < 0)
		return size;
	area = vmemdup_user(user, size);
	if (IS_ERR(area))
		return PTR_ERR(area);
	/* It checks the header and MXCSR before it takes anything. */
	r = fpu_copy_uabi_to_guest_fpstate(&vcpu->guest_fpu, area, kvm_supported_xcr0(),
					   &vcpu->pkru);
	if (!r)
		reset_mxcsr(vcpu, area);
	kvfree(area);
	return r;
}

int kvm_get_xcrs(struct x86_vcpu *vcpu, struct kvm_xcrs *xcrs)
{
	memset(xcrs, 0, sizeof(*xcrs));
	xcrs->nr_xcrs = 1;
	xcrs->xcrs[0].xcr = XCR_XFEATURE_ENABLED_MASK;
	xcrs->xcrs[0].value = vcpu->xcr0;
	return 0;
}

/* Entries for other registers mean nothing: no more exist that are state. The first of one counts. */
int kvm_set_xcrs(struct x86_vcpu *vcpu, const struct kvm_xcrs *xcrs)
{
	u32 i;

	if (xcrs->flags || xcrs->nr_xcrs > KVM_MAX_XCRS)
		return -EINVAL;
	for (i = 0; i < xcrs->nr_xcrs; i++)
		if (xcrs->xcrs[i].xcr == XCR_XFEATURE_ENABLED_MASK)
			return kvm_set_xcr(vcpu, XCR_XFEATURE_ENABLED_MASK,
					   xcrs->xcrs[i].value) ? -EINVAL : 0;
	return 0;
}

long kvm_dev_device_attr(unsigned int cmd, void __user *user)
{
	struct kvm_device_attr attr;

	if (copy_from_user(&attr, user, sizeof(attr)))
		return -EFAULT;
	if (attr.group || attr.attr != KVM_X86_XCOMP_GUEST_SUPP)
		return -ENXIO;
	if (cmd == KVM_HAS_DEVICE_ATTR)
		return 0;
	return put_user(kvm_supported_xcr0(), (u64 __user *)u64_to_user_ptr(attr.addr));
}
