// SPDX-License-Identifier: GPL-2.0-only
/* KVM_CHECK_EXTENSION and KVM_ENABLE_CAP: what they say and what they refuse. */
#include "kvm_test.h"

#define LAST_CAP 300
#define NO_SUCH_CAP 0x7fffff

static struct vm *vm;
static struct vcpu *vcpu;

static int enable(int fd, u32 cap, u32 flags, u64 arg)
{
	struct kvm_enable_cap c = { .cap = cap, .flags = flags, .args = { arg } };

	return kvm_ioctl(fd, KVM_ENABLE_CAP, &c);
}

/* Nothing here has an in-kernel device that would make a VM differ. */
static void test_consistent(void)
{
	int cap, differ = 0;

	for (cap = 0; cap <= LAST_CAP; cap++) {
		int of_dev = kvm_ioctl_val(vm->kvm_fd, KVM_CHECK_EXTENSION, cap);
		int of_vm = kvm_ioctl_val(vm->fd, KVM_CHECK_EXTENSION, cap);

		if (of_dev == of_vm)
			continue;
		note("capability %d: %d on /dev/kvm, %d on a VM", cap, of_dev, of_vm);
		differ++;
	}
	ok_eq(differ, 0, "/dev/kvm and a VM have the same capabilities");
	ok_eq(kvm_ioctl_val(vm->kvm_fd, KVM_CHECK_EXTENSION, NO_SUCH_CAP), 0,
	      "/dev/kvm: an unknown capability is 0");
	ok_eq(kvm_ioctl_val(vm->fd, KVM_CHECK_EXTENSION, NO_SUCH_CAP), 0,
	      "VM: an unknown capability is 0");
	ok_eq(kvm_ioctl_val(vm->fd, KVM_CHECK_EXTENSION, ~0ul), 0, "VM: and so is -1");
	ok_eq(kvm_has(KVM_CAP_CHECK_EXTENSION_VM), 1, "KVM_CAP_CHECK_EXTENSION_VM");
	ok_eq(kvm_has(KVM_CAP_ENABLE_CAP_VM), 1, "KVM_CAP_ENABLE_CAP_VM");
}

static void test_vm(void)
{
	const u32 cap = KVM_CAP_EXIT_ON_EMULATION_FAILURE;

	ok_eq(kvm_ioctl(vm->fd, KVM_ENABLE_CAP, (void *)8), -EFAULT, "VM: bad pointer");
	ok_eq(enable(vm->fd, NO_SUCH_CAP, 0, 0), -EINVAL, "VM: unknown capability");
	ok_eq(enable(vm->fd, KVM_CAP_USER_MEMORY, 0, 0), -EINVAL,
	      "VM: one that is always on cannot be enabled");
	ok_eq(enable(vm->fd, cap, 1, 1), -EINVAL, "VM: flags");
	ok_eq(enable(vm->fd, cap, 1u << 31, 1), -EINVAL, "VM: the highest flag");
	ok_eq(enable(vm->fd, cap, 0, 2), -EINVAL, "VM: an argument out of range");
	ok_eq(enable(vm->fd, cap, 0, 1ull << 63), -EINVAL, "VM: its highest bit");
	ok_eq(enable(vm->fd, cap, 0, 1), 0, "VM: on");
	ok_eq(enable(vm->fd, cap, 0, 1), 0, "VM: on again");
	ok_eq(enable(vm->fd, cap, 0, 0), 0, "VM: off");
}

static void test_elsewhere(void)
{
	ok(enable(vm->kvm_fd, KVM_CAP_EXIT_ON_EMULATION_FAILURE, 0, 1) < 0,
	   "/dev/kvm: no KVM_ENABLE_CAP");
	ok_eq(enable(vcpu->fd, KVM_CAP_EXIT_ON_EMULATION_FAILURE, 0, 1), -EINVAL,
	      "vCPU: a VM's capability");
}

static void test_vcpu(void)
{
	ok_eq(kvm_ioctl(vcpu->fd, KVM_ENABLE_CAP, (void *)8), -EFAULT, "vCPU: bad pointer");
	ok_eq(enable(vcpu->fd, NO_SUCH_CAP, 0, 0), -EINVAL, "vCPU: unknown capability");
	ok_eq(enable(vcpu->fd, KVM_CAP_ENFORCE_PV_FEATURE_CPUID, 1, 1), -EINVAL, "vCPU: flags");
	ok_eq(kvm_has(KVM_CAP_ENABLE_CAP), 1, "KVM_CAP_ENABLE_CAP");
	ok_eq(kvm_has(KVM_CAP_ENFORCE_PV_FEATURE_CPUID), 1, "KVM_CAP_ENFORCE_PV_FEATURE_CPUID");
	ok_eq(enable(vcpu->fd, KVM_CAP_ENFORCE_PV_FEATURE_CPUID, 0, 1), 0, "vCPU: on");
	ok_eq(enable(vcpu->fd, KVM_CAP_ENFORCE_PV_FEATURE_CPUID, 0, 0), 0, "vCPU: off");
}

int main(void)
{
	tap_start(20);
	vm = vm_create();
	vcpu = vcpu_create(vm);
	test_consistent();
	test_vm();
	test_elsewhere();
	test_vcpu();
	vm_destroy(vm);
	return tap_done();
}
