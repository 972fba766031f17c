// SPDX-License-Identifier: GPL-2.0-only
/* KVM_CREATE_VCPU: ids, limits, and who keeps whom alive. */
#include <sys/mman.h>
#include <unistd.h>

#include "kvm_test.h"

GUEST_CODE(answer, 64, "mov $0x1234, %eax\n" GUEST_DONE);

static void test_ids(void)
{
	struct vm *vm = vm_create();
	int max_id = kvm_has(KVM_CAP_MAX_VCPU_ID);
	int fd, other;

	fd = kvm_ioctl_val(vm->fd, KVM_CREATE_VCPU, 0);
	ok(fd >= 0, "create vCPU 0");
	ok_eq(kvm_ioctl_val(vm->fd, KVM_CREATE_VCPU, 0), -EEXIST,
	      "create vCPU 0 again");
	other = kvm_ioctl_val(vm->fd, KVM_CREATE_VCPU, 7);
	ok(other >= 0, "ids need not be consecutive");
	if (max_id <= 0)
		max_id = kvm_has(KVM_CAP_MAX_VCPUS);
	ok_eq(kvm_ioctl_val(vm->fd, KVM_CREATE_VCPU, max_id), -EINVAL,
	      "an id one above the last");
	ok_eq(kvm_ioctl_val(vm->fd, KVM_CREATE_VCPU, 0xffffffff), -EINVAL,
	      "id 0xffffffff");
	close(fd);
	ok_eq(kvm_ioctl_val(vm->fd, KVM_CREATE_VCPU, 0), -EEXIST,
	      "closing the fd does not free the id");
	close(other);
	vm_destroy(vm);
}

static void test_lifetime(void)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_create(vm);
	struct kvm_regs regs;

	load_code(vcpu, MODE_LONG64, answer);
	close(vm->fd);
	close(vm->kvm_fd);
	vm->fd = vm->kvm_fd = -1;
	expect_done(vcpu, "a vCPU runs after its VM's fd is closed");
	vcpu_get_regs(vcpu, &regs);
	ok_eq(regs.rax, 0x1234, "and computes");
	vm_destroy(vm);
}

static void test_mmap(void)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_create(vm);
	struct kvm_run *again;

	again = mmap(NULL, vm->run_size, PROT_READ | PROT_WRITE, MAP_SHARED,
		     vcpu->fd, 0);
	ok(again != MAP_FAILED, "kvm_run can be mapped twice");
	if (again != MAP_FAILED) {
		vcpu->run->request_interrupt_window = 0x5a;
		ok_eq(again->request_interrupt_window, 0x5a, "as the same memory");
		munmap(again, vm->run_size);
	}
	vm_destroy(vm);
}

int main(void)
{
	tap_start(50);
	test_ids();
	test_lifetime();
	test_mmap();
	return tap_done();
}
