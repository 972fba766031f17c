// SPDX-License-Identifier: GPL-2.0-only
/* x86's ioctls on /dev/kvm, VM and vCPU file descriptors. */
#include <linux/kvm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "vm/arch.h"
#include "vcpu/ops.h"

int kvm_arch_check_extension(struct kvm *kvm, long ext)
{
	switch (ext) {
	case KVM_CAP_EXT_CPUID:
	case KVM_CAP_NOP_IO_DELAY:
	case KVM_CAP_INTERNAL_ERROR_DATA:
	case KVM_CAP_EXIT_ON_EMULATION_FAILURE:
	case KVM_CAP_VCPU_EVENTS:
	case KVM_CAP_USER_NMI:
	case KVM_CAP_ENABLE_CAP_VM:
		return 1;
	}
	return 0;
}

long kvm_arch_dev_ioctl(unsigned int cmd, unsigned long arg)
{
	void __user *user = (void __user *)arg;

	switch (cmd) {
	case KVM_GET_SUPPORTED_CPUID:
		return kvm_get_supported_cpuid(user);
	case KVM_GET_MSR_INDEX_LIST:
		return kvm_get_msr_index_list(user);
	}
	return -ENOTTY;
}

static long vm_enable_cap(struct kvm *kvm, const struct kvm_enable_cap *cap)
{
	if (cap->flags)
		return -EINVAL;
	switch (cap->cap) {
	case KVM_CAP_EXIT_ON_EMULATION_FAILURE:
		if (cap->args[0] & ~1ull)
			return -EINVAL;
		WRITE_ONCE(to_x86_vm(kvm)->exit_on_emulation_error, cap->args[0]);
		return 0;
	}
	return -EINVAL;
}

long kvm_arch_vm_ioctl(struct kvm *kvm, unsigned int cmd, unsigned long arg)
{
	void __user *user = (void __user *)arg;
	struct kvm_enable_cap cap;

	switch (cmd) {
	case KVM_ENABLE_CAP:
		if (copy_from_user(&cap, user, sizeof(cap)))
			return -EFAULT;
		return vm_enable_cap(kvm, &cap);
	}
	return -ENOTTY;
}

/* What the fixed-size ioctls carry; too large for the stack. */
union vcpu_state {
	struct kvm_regs regs;
	struct kvm_sregs sregs;
	struct kvm_fpu fpu;
	struct kvm_vcpu_events events;
	struct kvm_interrupt interrupt;
};

static bool is_state_ioctl(unsigned int cmd)
{
	switch (cmd) {
	case KVM_GET_REGS:
	case KVM_SET_REGS:
	case KVM_GET_SREGS:
	case KVM_SET_SREGS:
	case KVM_GET_FPU:
	case KVM_SET_FPU:
	case KVM_GET_VCPU_EVENTS:
	case KVM_SET_VCPU_EVENTS:
	case KVM_INTERRUPT:
		return true;
	}
	return false;
}

static int get_or_set_state(struct x86_vcpu *vcpu, unsigned int cmd, union vcpu_state *s)
{
	switch (cmd) {
	case KVM_GET_REGS:
		return kvm_get_regs(vcpu, &s->regs);
	case KVM_SET_REGS:
		return kvm_set_regs(vcpu, &s->regs);
	case KVM_GET_SREGS:
		return kvm_get_sregs(vcpu, &s->sregs);
	case KVM_SET_SREGS:
		return kvm_set_sregs(vcpu, &s->sregs);
	case KVM_GET_FPU:
		return kvm_get_fpu(vcpu, &s->fpu);
	case KVM_SET_FPU:
		return kvm_set_fpu(vcpu, &s->fpu);
	case KVM_GET_VCPU_EVENTS:
		return kvm_get_vcpu_events(vcpu, &s->events);
	case KVM_SET_VCPU_EVENTS:
		return kvm_set_vcpu_events(vcpu, &s->events);
	}
	return kvm_vcpu_ioctl_interrupt(vcpu, &s->interrupt);
}

/* The command's own number says how much goes which way. */
static long state_ioctl(struct x86_vcpu *vcpu, unsigned int cmd, void __user *user)
{
	union vcpu_state *s = kzalloc(sizeof(*s), GFP_KERNEL_ACCOUNT);
	long r = 0;

	if (!s)
		return -ENOMEM;
	if ((_IOC_DIR(cmd) & _IOC_WRITE) && copy_from_user(s, user, _IOC_SIZE(cmd)))
		r = -EFAULT;
	if (!r)
		r = get_or_set_state(vcpu, cmd, s);
	if (!r && (_IOC_DIR(cmd) & _IOC_READ) && copy_to_user(user, s, _IOC_SIZE(cmd)))
		r = -EFAULT;
	kfree(s);
	return r;
}

static long table_ioctl(struct x86_vcpu *vcpu, unsigned int cmd, void __user *user)
{
	switch (cmd) {
	case KVM_SET_CPUID2:
		return kvm_vcpu_set_cpuid2(vcpu, user);
	case KVM_GET_CPUID2:
		return kvm_vcpu_get_cpuid2(vcpu, user);
	case KVM_GET_MSRS:
		return kvm_msr_ioctl(vcpu, user, false);
	case KVM_SET_MSRS:
		return kvm_msr_ioctl(vcpu, user, true);
	case KVM_NMI:
		return kvm_vcpu_ioctl_nmi(vcpu);
	}
	return -ENOTTY;
}

long kvm_arch_vcpu_ioctl(struct kvm_vcpu *base, unsigned int cmd, unsigned long arg)
{
	struct x86_vcpu *vcpu = to_x86_vcpu(base);
	void __user *user = (void __user *)arg;
	long r;

	vcpu_load(base);
	r = is_state_ioctl(cmd) ? state_ioctl(vcpu, cmd, user) : table_ioctl(vcpu, cmd, user);
	vcpu_put(base);
	return r;
}
