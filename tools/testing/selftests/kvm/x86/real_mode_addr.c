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

static bool restricted(void)
{
	return read_flag("/sys/module/kvm_intel/parameters/unrestricted_guest") == 'N';
}

/* Linux's modules have the TSS in a slot of their own, which cannot move. */
static int moved(void)
{
	return restricted() && !kvm_is_ours() ? -EEXIST : 0;
}

static void test_tss(struct vm *vm)
{
	ok_eq(kvm_has(KVM_CAP_SET_TSS_ADDR), 1, "KVM_CAP_SET_TSS_ADDR");
	ok_eq(kvm_ioctl_val(vm->fd, KVM_SET_TSS_ADDR, TSS_ADDR), 0, "KVM_SET_TSS_ADDR");
	ok_eq(kvm_ioctl_val(vm->fd, KVM_SET_TSS_ADDR, 0xffffd000), moved(), "the last three pages");
	ok_eq(kvm_ioctl_val(vm->fd, KVM_SET_TSS_ADDR, 0xffffe000), -EINVAL, "reaching 4 GiB");
	ok_eq(kvm_ioctl_val(vm->fd, KVM_SET_TSS_ADDR, 0xffffd001), -EINVAL, "by a byte");
	ok_eq(kvm_ioctl_val(vm->fd, KVM_SET_TSS_ADDR, 1ul << 32), -EINVAL, "beyond 4 GiB");
	ok_eq(kvm_ioctl_val(vm->fd, KVM_SET_TSS_ADDR, ~0ul), -EINVAL, "at the end of 64 bits");
	ok_eq(kvm_ioctl_val(vm->fd, KVM_SET_TSS_ADDR, TSS_ADDR), moved(), "a second time");
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
	ok_eq(kvm_ioctl_val(vm->fd, KVM_SET_TSS_ADDR, TSS_ADDR), moved(),
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

GUEST_CODE(real, 16, "mov $0x1234, %bx\n" GUEST_DONE);
GUEST_CODE(unpaged, 32, "mov $0x1234, %ebx\n" GUEST_DONE);

/* Memory of userspace at these addresses is the guest's, also where they are in use. */
static void test_slots(void)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu;

	must(kvm_ioctl_val(vm->fd, KVM_SET_TSS_ADDR, TSS_ADDR));
	vcpu = vcpu_create(vm);
	load_code(vcpu, MODE_REAL16, real);
	expect_done(vcpu, "real mode");
	ok_eq(kvm_ioctl_val(vm->fd, KVM_SET_TSS_ADDR, 0xfff00000), moved(), "KVM_SET_TSS_ADDR");
	load_code(vcpu, MODE_REAL16, real);
	expect_done(vcpu, "real mode with its TSS elsewhere");
	load_code(vcpu, MODE_PROT32, unpaged);
	expect_done(vcpu, "protected mode without paging");
	if (restricted() && !kvm_is_ours()) {
		skip("a slot over the identity map", "EEXIST there");
		vm_destroy(vm);
		return;
	}
	vm_add_region(vm, 5, 0, MAP_ADDR, PAGE_SIZE);
	load_code(vcpu, MODE_PROT32, unpaged);
	if (restricted())
		expect_exit(vcpu, KVM_EXIT_SHUTDOWN, "an empty slot over the identity map");
	else
		expect_done(vcpu, "a slot over the identity map that nobody uses");
	vm_del_region(vm, 5);
	load_code(vcpu, MODE_PROT32, unpaged);
	expect_done(vcpu, "without the slot");
	vm_destroy(vm);
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
	test_slots();
	return tap_done();
}
