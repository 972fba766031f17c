// SPDX-License-Identifier: GPL-2.0-only
/*
 * RDMSR and WRMSR of the guest, and what userspace has to say to them: the MSR
 * filter, and KVM_EXIT_X86_RDMSR and KVM_EXIT_X86_WRMSR.
 */
#include <linux/bitmap.h>
#include <linux/compat.h>
#include <linux/kvm.h>
#include <linux/nospec.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <asm/apicdef.h>

#include "vcpu/msr.h"
#include "vcpu/ops.h"
#include "vcpu/trace.h"

/* Bytes of one range's bitmap. */
#define KVM_MSR_FILTER_MAX_BITMAP_SIZE	0x600

#define X2APIC_MSRS	0x100

bool kvm_msr_range_allows(struct x86_vcpu *vcpu, u32 index, u32 access)
{
	struct x86_vm *vm = vcpu_vm(vcpu);
	const struct kvm_msr_ranges *f;
	unsigned int i;

	/* The interrupt controller is not for a filter to take apart. */
	if (index - APIC_BASE_MSR < X2APIC_MSRS)
		return true;
	f = srcu_dereference_check(vm->msr_filter, &vm->kvm.srcu, lockdep_is_held(&vm->kvm.lock));
	if (!f)
		return true;
	for (i = 0; i < f->nr; i++) {
		const struct kvm_msr_range *r = &f->range[i];

		if (index >= r->base && index - r->base < r->nmsrs && (r->flags & access))
			return test_bit(array_index_nospec(index - r->base, r->nmsrs), r->bitmap);
	}
	return f->default_allow;
}
EXPORT_SYMBOL_GPL(kvm_msr_range_allows);

/* Ranges of @user with MSRs in them, and the longs that their bitmaps need; or -EINVAL. */
static int count_ranges(const struct kvm_msr_filter *user, size_t *longs)
{
	int i, nr = 0;

	*longs = 0;
	for (i = 0; i < KVM_MSR_FILTER_MAX_RANGES; i++) {
		const struct kvm_msr_filter_range *r = &user->ranges[i];

		if (!r->nmsrs)
			continue;
		if (!r->flags || (r->flags & ~(KVM_MSR_FILTER_READ | KVM_MSR_FILTER_WRITE)) ||
		    r->nmsrs > KVM_MSR_FILTER_MAX_BITMAP_SIZE * BITS_PER_BYTE)
			return -EINVAL;
		*longs += BITS_TO_LONGS(r->nmsrs);
		nr++;
	}
	return nr;
}

/* NULL: everything is allowed. */
static struct kvm_msr_ranges *copy_filter(const struct kvm_msr_filter *user)
{
	struct kvm_msr_ranges *f;
	unsigned long *bits;
	size_t longs;
	int i, nr;

	if (user->flags & ~KVM_MSR_FILTER_DEFAULT_DENY)
		return ERR_PTR(-EINVAL);
	nr = count_ranges(user, &longs);
	if (nr < 0)
		return ERR_PTR(nr);
	if (!nr)
		return user->flags & KVM_MSR_FILTER_DEFAULT_DENY ? ERR_PTR(-EINVAL) : NULL;
	f = kvzalloc(struct_size(f, bits, longs), GFP_KERNEL_ACCOUNT);
	if (!f)
		return ERR_PTR(-ENOMEM);
	f->default_allow = !(user->flags & KVM_MSR_FILTER_DEFAULT_DENY);
	bits = f->bits;
	for (i = 0; i < KVM_MSR_FILTER_MAX_RANGES; i++) {
		const struct kvm_msr_filter_range *r = &user->ranges[i];

		if (!r->nmsrs)
			continue;
		f->range[f->nr++] = (struct kvm_msr_range){ r->base, r->nmsrs, r->flags, bits };
		if (copy_from_user(bits, (const void __user *)r->bitmap,
				   DIV_ROUND_UP(r->nmsrs, BITS_PER_BYTE))) {
			kvfree(f);
			return ERR_PTR(-EFAULT);
		}
		bits += BITS_TO_LONGS(r->nmsrs);
	}
	return f;
}

static long set_filter(struct kvm *kvm, const struct kvm_msr_filter *user)
{
	struct kvm_msr_ranges *f = copy_filter(user), *old;
	struct x86_vm *vm = to_x86_vm(kvm);

	if (IS_ERR(f))
		return PTR_ERR(f);
	mutex_lock(&kvm->lock);
	old = rcu_replace_pointer(vm->msr_filter, f, lockdep_is_held(&kvm->lock));
	mutex_unlock(&kvm->lock);
	synchronize_srcu(&kvm->srcu);
	kvfree(old);
	/* MSRs that the hardware lets the guest have may be among them. */
	kvm_make_all_cpus_request(kvm, KVM_REQ_MSR_FILTER_CHANGED);
	return 0;
}

long kvm_vm_set_msr_filter(struct kvm *kvm, const struct kvm_msr_filter __user *user)
{
	struct kvm_msr_filter filter;

	if (copy_from_user(&filter, user, sizeof(filter)))
		return -EFAULT;
	return set_filter(kvm, &filter);
}

#ifdef CONFIG_COMPAT
long kvm_vm_set_msr_filter_compat(struct kvm *kvm, const struct kvm_msr_filter_compat __user *user)
{
	struct kvm_msr_filter_compat narrow;
	struct kvm_msr_filter filter;
	int i;

	if (copy_from_user(&narrow, user, sizeof(narrow)))
		return -EFAULT;
	filter.flags = narrow.flags;
	for (i = 0; i < KVM_MSR_FILTER_MAX_RANGES; i++)
		filter.ranges[i] = (struct kvm_msr_filter_range){
			.flags = narrow.ranges[i].flags,
			.nmsrs = narrow.ranges[i].nmsrs,
			.base = narrow.ranges[i].base,
			.bitmap = (__force __u8 *)compat_ptr(narrow.ranges[i].bitmap),
		};
	return set_filter(kvm, &filter);
}
#endif

void kvm_free_msr_filter(struct kvm *kvm)
{
	kvfree(rcu_dereference_protected(to_x86_vm(kvm)->msr_filter, true));
}

static int guest_get_msr(struct x86_vcpu *vcpu, u32 index, u64 *data)
{
	if (unlikely(!kvm_msr_allowed(vcpu, index, KVM_MSR_FILTER_READ)))
		return KVM_MSR_RET_FILTERED;
	return kvm_get_msr(vcpu, index, data, false);
}

static int guest_set_msr(struct x86_vcpu *vcpu, u32 index, u64 data)
{
	if (unlikely(!kvm_msr_allowed(vcpu, index, KVM_MSR_FILTER_WRITE)))
		return KVM_MSR_RET_FILTERED;
	return kvm_set_msr(vcpu, index, data, false);
}

static u32 exit_reason(int err)
{
	switch (err) {
	case KVM_MSR_RET_UNKNOWN:
		return KVM_MSR_EXIT_REASON_UNKNOWN;
	case KVM_MSR_RET_FILTERED:
		return KVM_MSR_EXIT_REASON_FILTER;
	default:
		return KVM_MSR_EXIT_REASON_INVAL;
	}
}

/* The access ended in @err: leave it to userspace, if that wants it; else false and #GP. */
static bool ask_userspace(struct x86_vcpu *vcpu, u32 exit, u32 index, u64 data, int err,
			  int (*complete)(struct x86_vcpu *vcpu))
{
	struct kvm_run *run = vcpu->base.run;
	u32 reason = exit_reason(err);

	if (!(READ_ONCE(vcpu_vm(vcpu)->user_space_msr_mask) & reason))
		return false;
	run->exit_reason = exit;
	run->msr.error = 0;
	memset(run->msr.pad, 0, sizeof(run->msr.pad));
	run->msr.reason = reason;
	run->msr.index = index;
	run->msr.data = data;
	vcpu->user_answer.rip = vcpu->rip;
	vcpu->complete_userspace_io = complete;
	return true;
}

static void rdmsr_result(struct x86_vcpu *vcpu, u64 data)
{
	vcpu->regs[X86_REG_RAX] = (u32)data;
	vcpu->regs[X86_REG_RDX] = data >> 32;
}

/* Userspace that moved RIP meanwhile has given the instruction up. */
static int complete_rdmsr(struct x86_vcpu *vcpu)
{
	struct kvm_run *run = vcpu->base.run;
	u64 data = READ_ONCE(run->msr.data);
	bool error = READ_ONCE(run->msr.error);

	if (vcpu->rip != vcpu->user_answer.rip)
		return 1;
	trace_kvm_msr(0, (u32)vcpu->regs[X86_REG_RCX], error ? 0 : data, error);
	if (!error)
		rdmsr_result(vcpu, data);
	return kvm_complete_insn_gp(vcpu, error);
}

static int complete_wrmsr(struct x86_vcpu *vcpu)
{
	if (vcpu->rip != vcpu->user_answer.rip)
		return 1;
	return kvm_complete_insn_gp(vcpu, READ_ONCE(vcpu->base.run->msr.error));
}

/* The instruction is executed anew, and finds the answer instead of the MSR. */
static int complete_emulated_msr(struct x86_vcpu *vcpu)
{
	struct kvm_run *run = vcpu->base.run;

	return kvm_resume_with_answer(vcpu, READ_ONCE(run->msr.data), READ_ONCE(run->msr.error));
}

int kvm_emulate_rdmsr(struct x86_vcpu *vcpu)
{
	u32 index = vcpu->regs[X86_REG_RCX];
	u64 data = 0;
	int err = guest_get_msr(vcpu, index, &data);

	if (unlikely(err) &&
	    ask_userspace(vcpu, KVM_EXIT_X86_RDMSR, index, 0, err, complete_rdmsr))
		return 0;
	trace_kvm_msr(0, index, err ? 0 : data, err);
	if (!err)
		rdmsr_result(vcpu, data);
	return kvm_complete_insn_gp(vcpu, err);
}
EXPORT_SYMBOL_GPL(kvm_emulate_rdmsr);

int kvm_emulate_wrmsr(struct x86_vcpu *vcpu)
{
	u64 data = (u32)vcpu->regs[X86_REG_RAX] | (vcpu->regs[X86_REG_RDX] << 32);
	u32 index = vcpu->regs[X86_REG_RCX];
	int err = guest_set_msr(vcpu, index, data);

	if (unlikely(err) &&
	    ask_userspace(vcpu, KVM_EXIT_X86_WRMSR, index, data, err, complete_wrmsr))
		return 0;
	trace_kvm_msr(1, index, data, err);
	return kvm_complete_insn_gp(vcpu, err);
}
EXPORT_SYMBOL_GPL(kvm_emulate_wrmsr);

static int take_answer(struct x86_vcpu *vcpu)
{
	vcpu->user_answer.valid = false;
	return vcpu->user_answer.error ? X86EMUL_PROPAGATE_FAULT : X86EMUL_CONTINUE;
}

int kvm_emul_rdmsr(struct x86_vcpu *vcpu, u32 index, u64 *data)
{
	int err;

	if (unlikely(vcpu->user_answer.valid)) {
		*data = vcpu->user_answer.data;
		return take_answer(vcpu);
	}
	err = guest_get_msr(vcpu, index, data);
	if (unlikely(err) &&
	    ask_userspace(vcpu, KVM_EXIT_X86_RDMSR, index, 0, err, complete_emulated_msr))
		return X86EMUL_IO_NEEDED;
	trace_kvm_msr(0, index, err ? 0 : *data, err);
	return err ? X86EMUL_PROPAGATE_FAULT : X86EMUL_CONTINUE;
}

int kvm_emul_wrmsr(struct x86_vcpu *vcpu, u32 index, u64 data)
{
	int err;

	if (unlikely(vcpu->user_answer.valid))
		return take_answer(vcpu);
	err = guest_set_msr(vcpu, index, data);
	if (unlikely(err) &&
	    ask_userspace(vcpu, KVM_EXIT_X86_WRMSR, index, data, err, complete_emulated_msr))
		return X86EMUL_IO_NEEDED;
	trace_kvm_msr(1, index, data, err);
	return err ? X86EMUL_PROPAGATE_FAULT : X86EMUL_CONTINUE;
}
