// SPDX-License-Identifier: GPL-2.0-only
/* The guest's FPU: the kernel's guest fpstate, loaded while KVM_RUN runs. */
#include <linux/kvm.h>
#include <linux/mm.h>
#include <asm/fpu/api.h>
#include <asm/fpu/xcr.h>
#include <asm/pkru.h>

#include "vcpu/ops.h"

/* x87 status word: an unmasked exception is pending. */
#define X87_FSW_ES	BIT(7)

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
static void vector_begin(void)
{
	fpregs_lock();
	fpregs_assert_state_consistent();
	if (test_thread_flag(TIF_NEED_FPU_LOAD))
		switch_fpu_return();
}

#define XMM_CASE(n, insn)						\
	case n:								\
		asm volatile(insn : "+m" (*buf) : : "memory");		\
		break

#define XMM_SWITCH(nr, pre, post)					\
	switch (nr) {							\
	XMM_CASE(0, pre "0" post);  XMM_CASE(1, pre "1" post);		\
	XMM_CASE(2, pre "2" post);  XMM_CASE(3, pre "3" post);		\
	XMM_CASE(4, pre "4" post);  XMM_CASE(5, pre "5" post);		\
	XMM_CASE(6, pre "6" post);  XMM_CASE(7, pre "7" post);		\
	XMM_CASE(8, pre "8" post);  XMM_CASE(9, pre "9" post);		\
	XMM_CASE(10, pre "10" post); XMM_CASE(11, pre "11" post);	\
	XMM_CASE(12, pre "12" post); XMM_CASE(13, pre "13" post);	\
	XMM_CASE(14, pre "14" post); XMM_CASE(15, pre "15" post);	\
	}

#define MMX_SWITCH(nr, pre, post)					\
	switch (nr) {							\
	XMM_CASE(0, pre "0" post);  XMM_CASE(1, pre "1" post);		\
	XMM_CASE(2, pre "2" post);  XMM_CASE(3, pre "3" post);		\
	XMM_CASE(4, pre "4" post);  XMM_CASE(5, pre "5" post);		\
	XMM_CASE(6, pre "6" post);  XMM_CASE(7, pre "7" post);		\
	}

struct vec16 {
	u8 b[16];
} __aligned(16);

static void load_xmm(unsigned int nr, struct vec16 *buf)
{
	XMM_SWITCH(nr, "movdqa %%xmm", ", %0");
}

static void store_xmm(unsigned int nr, struct vec16 *buf)
{
	XMM_SWITCH(nr, "movdqa %0, %%xmm", "");
}

static void load_mm(unsigned int nr, u64 *buf)
{
	MMX_SWITCH(nr, "movq %%mm", ", %0");
}

static void store_mm(unsigned int nr, u64 *buf)
{
	MMX_SWITCH(nr, "movq %0, %%mm", "");
}

/* An MMX instruction with an x87 exception pending faults, and here that would be the host's #MF. */
static bool mmx_usable(void)
{
	u16 sw;

	asm volatile("fnstsw %0" : "=am" (sw));
	return !(sw & X87_FSW_ES);
}

bool kvm_read_vector(unsigned int nr, void *data, unsigned int bytes)
{
	bool mmx = nr & X86EMUL_VEC_MMX, ok = true;
	struct vec16 v;
	u64 mm = 0;

	vector_begin();
	if (!mmx)
		load_xmm(nr & 15, &v);
	else if (mmx_usable())
		load_mm(nr & 7, &mm);
	else
		ok = false;
	fpregs_unlock();
	if (mmx)
		memcpy(data, &mm, min_t(unsigned int, bytes, sizeof(mm)));
	else
		memcpy(data, &v, min_t(unsigned int, bytes, sizeof(v)));
	return ok;
}

bool kvm_write_vector(unsigned int nr, const void *data, unsigned int bytes)
{
	bool ok = true;
	struct vec16 v;
	u64 mm = 0;

	vector_begin();
	if (!(nr & X86EMUL_VEC_MMX)) {
		load_xmm(nr & 15, &v);
		memcpy(&v, data, min_t(unsigned int, bytes, sizeof(v)));
		store_xmm(nr & 15, &v);
	} else if (mmx_usable()) {
		memcpy(&mm, data, min_t(unsigned int, bytes, sizeof(mm)));
		store_mm(nr & 7, &mm);
	} else {
		ok = false;
	}
	fpregs_unlock();
	return ok;
}
