// SPDX-License-Identifier: GPL-2.0-only
/* KVM_SET_TSS_ADDR and KVM_SET_IDENTITY_MAP_ADDR; ioctls on memory that are no more. */
#include <sys/ioctl.h>

#include "kvm_test.h"

#define TSS_ADDR 0xfffbd000ul
#define MAP_ADDR 0xfffbc000ull

static int set_map(struct vm *vm, u64 addr)
{
	return kvm_ioctl(vm->fd, KVM_SET_IDENTITY_MAP_ADDR, &addr);
}

static void test_tss(struct vm *vm)
{
	ok_eq(kvm_has(KVM_CAP_SET_TSS_ADDR), 1, "KVM_CAP_SET_TSS_ADDR");
	ok_eq(kvm_ioctl_val(vm->fd, KVM_SET_TSS_ADDR, TSS_ADDR), 0, "KVM_SET_TSS_ADDR");
	ok_eq(kvm_ioctl_val(vm->fd, KVM_SET_TSS_ADDR, 0xffffd000), 0, "the last three pages");
	ok_eq(kvm_ioctl_val(vm->fd, KVM_SET_TSS_ADDR, 0xffffe000), -EINVAL, "reaching 4 GiB");
	ok_eq(kvm_ioctl_val(vm->fd, KVM_SET_TSS_ADDR, 0xffffd001), -EINVAL, "by a byte");
	ok_eq(kvm_ioctl_val(vm->fd, KVM_SET_TSS_ADDR, 1ul << 32), -EINVAL, "beyond 4 GiB");
	ok_eq(kvm_ioctl_val(vm->fd, KVM_SET_TSS_ADDR, ~0ul), -EINVAL, "at the end of 64 bits");
	ok_eq(kvm_ioctl_val(vm->fd, KVM_SET_TSS_ADDR, TSS_ADDR), 0, "a second time");
}

static void test_identity_map(struct vm *vm)
{
	ok_eq(kvm_has(KVM_CAP_SET_IDENTITY_MAP_ADDR), 1, "KVM_CAP_SET_IDENTITY_MAP_ADDR");
	ok_eq(kvm_ioctl(vm->fd, KVM_SET_IDENTITY_MAP_ADDR, (void *)8), -EFAULT,
	      "KVM_SET_IDENTITY_MAP_ADDR with a bad pointer");
	ok_eq(set_map(vm, MAP_ADDR), 0, "KVM_SET_IDENTITY_MAP_ADDR");
	ok_eq(set_map(vm, MAP_ADDR - PAGE_SIZE), 0, "a second time");
	ok_eq(set_map(vm, 0), 0, "0: the usual place");
	vcpu_create(vm);
	ok_eq(set_map(vm, MAP_ADDR), -EINVAL, "not when there is a vCPU");
	ok_eq(kvm_ioctl(vm->fd, KVM_SET_IDENTITY_MAP_ADDR, (void *)8), -EINVAL,
	      "whatever the pointer");
	ok_eq(kvm_ioctl_val(vm->fd, KVM_SET_TSS_ADDR, TSS_ADDR), 0,
	      "KVM_SET_TSS_ADDR when there is a vCPU");
}

/* Of shadow paging, and from before slots were made of user memory. */
static void test_old(struct vm *vm)
{
	struct { u32 slot, flags; u64 gpa, size; } region = { 7, 0, 0x40000000, PAGE_SIZE };

	ok_eq(kvm_ioctl(vm->fd, _IOW(KVMIO, 0x40, region), &region), -ENOTTY,
	      "KVM_SET_MEMORY_REGION");
	ok_eq(kvm_ioctl(vm->fd, _IOW(KVMIO, 0x43, u64), &region), -ENOTTY,
	      "KVM_SET_MEMORY_ALIAS");
	if (kvm_has(KVM_CAP_MMU_SHADOW_CACHE_CONTROL)) {
		skip("KVM_SET_NR_MMU_PAGES", "KVM_CAP_MMU_SHADOW_CACHE_CONTROL is there");
		return;
	}
	ok_eq(kvm_ioctl_val(vm->fd, KVM_SET_NR_MMU_PAGES, 1000), -ENOTTY, "KVM_SET_NR_MMU_PAGES");
	ok_eq(kvm_ioctl_val(vm->fd, KVM_GET_NR_MMU_PAGES, 0), -ENOTTY, "KVM_GET_NR_MMU_PAGES");
}

int main(void)
{
	struct vm *vm;

	tap_start(30);
	vm = vm_create();
	test_tss(vm);
	test_identity_map(vm);
	test_old(vm);
	vm_destroy(vm);
	return tap_done();
}
