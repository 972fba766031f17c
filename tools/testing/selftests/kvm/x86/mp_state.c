// SPDX-License-Identifier: GPL-2.0-only
/* KVM_GET_MP_STATE and SET without an interrupt controller, and the ioctls that need one. */
#include <sys/ioctl.h>

#include "kvm_test.h"

#define BAD_POINTER ((void *)8)

GUEST_CODE(halt, 64, "hlt\n" GUEST_DONE);

static struct vm *vm;
static struct vcpu *vcpu;

static void test_mp_state(void)
{
	struct kvm_mp_state state = { .mp_state = ~0u };
	u32 i;

	ok_eq(kvm_has(KVM_CAP_MP_STATE), 1, "KVM_CAP_MP_STATE");
	ok_eq(kvm_ioctl(vcpu->fd, KVM_GET_MP_STATE, BAD_POINTER), -EFAULT, "GET: bad pointer");
	ok_eq(kvm_ioctl(vcpu->fd, KVM_SET_MP_STATE, BAD_POINTER), -EFAULT, "SET: bad pointer");
	ok_eq(kvm_ioctl(vcpu->fd, KVM_GET_MP_STATE, &state), 0, "GET_MP_STATE");
	ok_eq(state.mp_state, KVM_MP_STATE_RUNNABLE, "RUNNABLE");
	ok_eq(kvm_ioctl(vcpu->fd, KVM_SET_MP_STATE, &state), 0, "SET_MP_STATE of that");
	for (i = 1; i < 16; i++) {
		state.mp_state = i;
		ok_eq(kvm_ioctl(vcpu->fd, KVM_SET_MP_STATE, &state), -EINVAL, "state %u", i);
	}
	state.mp_state = ~0u;
	ok_eq(kvm_ioctl(vcpu->fd, KVM_SET_MP_STATE, &state), -EINVAL, "state 2^32-1");
	load_code(vcpu, MODE_LONG64, halt);
	expect_exit(vcpu, KVM_EXIT_HLT, "HLT");
	must(kvm_ioctl(vcpu->fd, KVM_GET_MP_STATE, &state));
	ok_eq(state.mp_state, KVM_MP_STATE_RUNNABLE, "still RUNNABLE: userspace waits");
	expect_done(vcpu, "the guest goes on when it is run");
}

static void test_absent(void)
{
	static const struct {
		unsigned long cmd;
		int error;
		const char *name;
	} of_vcpu[] = {
		{ KVM_GET_LAPIC, -EINVAL, "KVM_GET_LAPIC" },
		{ KVM_SET_LAPIC, -EINVAL, "KVM_SET_LAPIC" },
		{ KVM_SET_VAPIC_ADDR, -EINVAL, "KVM_SET_VAPIC_ADDR" },
		{ KVM_GET_ONE_REG, -EINVAL, "KVM_GET_ONE_REG" },
		{ KVM_SET_ONE_REG, -EINVAL, "KVM_SET_ONE_REG" },
		{ KVM_GET_REG_LIST, -EINVAL, "KVM_GET_REG_LIST" },
	}, of_vm[] = {
		{ KVM_GET_IRQCHIP, -ENXIO, "KVM_GET_IRQCHIP" },
		{ KVM_IRQ_LINE, -ENXIO, "KVM_IRQ_LINE" },
		{ KVM_IRQ_LINE_STATUS, -ENXIO, "KVM_IRQ_LINE_STATUS" },
		{ KVM_GET_PIT2, -ENXIO, "KVM_GET_PIT2" },
	};
	static u8 arg[8192];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(of_vcpu); i++)
		ok_eq(kvm_ioctl(vcpu->fd, of_vcpu[i].cmd, arg), of_vcpu[i].error, "%s",
		      of_vcpu[i].name);
	for (i = 0; i < ARRAY_SIZE(of_vm); i++)
		ok_eq(kvm_ioctl(vm->fd, of_vm[i].cmd, arg), of_vm[i].error, "%s", of_vm[i].name);
	if (kvm_has(KVM_CAP_X86_SMM))
		skip("KVM_SMI", "there is system management mode");
	else
		ok_eq(kvm_ioctl_val(vcpu->fd, KVM_SMI, 0), -ENOTTY, "KVM_SMI");
}

int main(void)
{
	tap_start(50);
	vm = vm_create();
	vcpu = vcpu_create(vm);
	test_mp_state();
	test_absent();
	vm_destroy(vm);
	return tap_done();
}
