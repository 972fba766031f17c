// SPDX-License-Identifier: GPL-2.0-only
/* Registers that KVM_RUN takes from kvm_run and leaves there. */
#include <linux/kvm.h>
#include <linux/string.h>

#include "vcpu/ops.h"

/* One copy of what another thread may be writing; the compiler is not to read it again. */
static void copy_once(struct kvm_sync_regs *copy, const struct kvm_sync_regs *shared)
{
	memcpy(copy, shared, sizeof(*copy));
	barrier();
}

int kvm_sync_regs_load(struct x86_vcpu *vcpu)
{
	struct kvm_run *run = vcpu->base.run;
	u64 valid = READ_ONCE(run->kvm_valid_regs);
	u64 dirty = READ_ONCE(run->kvm_dirty_regs);
	struct kvm_sync_regs s;

	if ((valid | dirty) & ~KVM_SYNC_X86_VALID_FIELDS)
		return -EINVAL;
	if (!dirty)
		return 0;
	copy_once(&s, &run->s.regs);
	/* All or nothing. */
	if ((dirty & KVM_SYNC_X86_SREGS) && !kvm_sregs_valid(vcpu, &s.sregs))
		return -EINVAL;
	if ((dirty & KVM_SYNC_X86_EVENTS) && !kvm_vcpu_events_valid(vcpu, &s.events))
		return -EINVAL;
	if (dirty & KVM_SYNC_X86_REGS)
		kvm_set_regs(vcpu, &s.regs);
	if (dirty & KVM_SYNC_X86_SREGS)
		kvm_set_sregs(vcpu, &s.sregs);
	if (dirty & KVM_SYNC_X86_EVENTS)
		kvm_set_vcpu_events(vcpu, &s.events);
	WRITE_ONCE(run->kvm_dirty_regs, 0);
	return 0;
}

void kvm_sync_regs_store(struct x86_vcpu *vcpu)
{
	struct kvm_run *run = vcpu->base.run;
	u64 valid = READ_ONCE(run->kvm_valid_regs);

	if (valid & KVM_SYNC_X86_REGS)
		kvm_get_regs(vcpu, &run->s.regs.regs);
	if (valid & KVM_SYNC_X86_SREGS)
		kvm_get_sregs(vcpu, &run->s.regs.sregs);
	if (valid & KVM_SYNC_X86_EVENTS)
		kvm_get_vcpu_events(vcpu, &run->s.regs.events);
}
