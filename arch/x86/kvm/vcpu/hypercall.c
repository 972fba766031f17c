// SPDX-License-Identifier: GPL-2.0-only
/* VMCALL and VMMCALL: what a guest can ask of this KVM, and of userspace. */
#include <linux/kvm.h>
#include <linux/kvm_para.h>
#include <linux/mm.h>

#include "compat.h"
#include "vcpu/ops.h"
#include "vcpu/trace.h"

/* The guest's registers, as wide as its mode has them. */
struct hypercall {
	unsigned long nr, a0, a1, a2, a3;
	bool longmode;
};

static bool in_64bit_mode(struct x86_vcpu *vcpu)
{
	struct x86_segment cs;

	if (!is_long_mode(vcpu))
		return false;
	static_call(kvm_x86_get_segment)(vcpu, X86_SEG_CS, &cs);
	return cs.attr & X86_SEG_L;
}

static void get_arguments(struct x86_vcpu *vcpu, struct hypercall *hc)
{
	unsigned long mask;

	hc->longmode = in_64bit_mode(vcpu);
	mask = hc->longmode ? ~0ul : U32_MAX;
	hc->nr = vcpu->regs[X86_REG_RAX] & mask;
	hc->a0 = vcpu->regs[X86_REG_RBX] & mask;
	hc->a1 = vcpu->regs[X86_REG_RCX] & mask;
	hc->a2 = vcpu->regs[X86_REG_RDX] & mask;
	hc->a3 = vcpu->regs[X86_REG_RSI] & mask;
	trace_kvm_hypercall(hc->nr, hc->a0, hc->a1, hc->a2, hc->a3);
}

static void set_result(struct x86_vcpu *vcpu, u64 result, bool longmode)
{
	vcpu->regs[X86_REG_RAX] = longmode ? result : (u32)result;
}

/* RAX is in and out: should skipping fail, it is what it was. */
static int skip_with_result(struct x86_vcpu *vcpu, u64 result, bool longmode)
{
	int r = kvm_try_skip(vcpu);

	if (unlikely(r == KVM_SKIP_REFUSED))
		return 1;
	set_result(vcpu, result, longmode);
	return r;
}

/* Userspace that moved RIP meanwhile has given the instruction up. */
static int complete_hypercall(struct x86_vcpu *vcpu)
{
	u64 result = READ_ONCE(vcpu->base.run->hypercall.ret);

	if (vcpu->rip != vcpu->user_answer.rip)
		return 1;
	return skip_with_result(vcpu, result, in_64bit_mode(vcpu));
}

static int complete_emulated_hypercall(struct x86_vcpu *vcpu)
{
	return kvm_resume_with_answer(vcpu, READ_ONCE(vcpu->base.run->hypercall.ret), false);
}

/* Pages become private or shared: userspace knows what that means. False: it is asked. */
static bool map_gpa_range(struct x86_vcpu *vcpu, const struct hypercall *hc, long *result)
{
	struct kvm_run *run = vcpu->base.run;
	u64 gfn = gpa_to_gfn(hc->a0);

	if (!(READ_ONCE(vcpu_vm(vcpu)->hypercall_exit_mask) & BIT(KVM_HC_MAP_GPA_RANGE)))
		return true;
	if (!PAGE_ALIGNED(hc->a0) || !hc->a1 || gfn + hc->a1 <= gfn) {
		*result = -KVM_EINVAL;
		return true;
	}
	run->exit_reason = KVM_EXIT_HYPERCALL;
	run->hypercall.nr = hc->nr;
	memset(run->hypercall.args, 0, sizeof(run->hypercall.args));
	run->hypercall.args[0] = hc->a0;
	run->hypercall.args[1] = hc->a1;
	run->hypercall.args[2] = hc->a2;
	run->hypercall.ret = 0;
	kvm_run_set_longmode(run, hc->longmode);
	vcpu->user_answer.rip = vcpu->rip;
	return false;
}

/*
 * KICK_CPU, SEND_IPI and SCHED_YIELD name CPUs by their APIC's id: without an
 * interrupt controller in the kernel there is none, and nobody is told of them.
 * False: userspace is asked for the result.
 */
static bool do_hypercall(struct x86_vcpu *vcpu, struct hypercall *hc, long *result)
{
	vcpu->base.stat.hypercalls++;
	get_arguments(vcpu, hc);
	*result = -KVM_ENOSYS;
	if (static_call(kvm_x86_get_cpl)(vcpu))
		*result = -KVM_EPERM;
	else if (hc->nr == KVM_HC_VAPIC_POLL_IRQ)
		*result = 0;
	else if (hc->nr == KVM_HC_MAP_GPA_RANGE)
		return map_gpa_range(vcpu, hc, result);
	return true;
}

int kvm_emulate_hypercall(struct x86_vcpu *vcpu)
{
	struct hypercall hc;
	long result;

	if (do_hypercall(vcpu, &hc, &result))
		return skip_with_result(vcpu, result, hc.longmode);
	vcpu->complete_userspace_io = complete_hypercall;
	return 0;
}
EXPORT_SYMBOL_GPL(kvm_emulate_hypercall);

int kvm_emul_hypercall(struct x86_vcpu *vcpu)
{
	struct hypercall hc;
	long result;

	if (unlikely(vcpu->user_answer.valid)) {
		vcpu->user_answer.valid = false;
		set_result(vcpu, vcpu->user_answer.data, in_64bit_mode(vcpu));
		return X86EMUL_CONTINUE;
	}
	if (do_hypercall(vcpu, &hc, &result)) {
		set_result(vcpu, result, hc.longmode);
		return X86EMUL_CONTINUE;
	}
	vcpu->complete_userspace_io = complete_emulated_hypercall;
	return X86EMUL_IO_NEEDED;
}
