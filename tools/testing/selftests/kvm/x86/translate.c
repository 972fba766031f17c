// SPDX-License-Identifier: GPL-2.0-only
/* KVM_TRANSLATE: linear to physical addresses, in every paging mode. */
#include "kvm_test.h"

#define BAD_POINTER ((void *)8)
#define SPARE_GVA 0x90000ul

static struct vm *vm;
static struct vcpu *vcpu;

static bool translate(u64 la, u64 *pa)
{
	struct kvm_translation t;

	memset(&t, 0xff, sizeof(t));
	t.linear_address = la;
	ok_eq(kvm_ioctl(vcpu->fd, KVM_TRANSLATE, &t), 0, "KVM_TRANSLATE of %#llx",
	      (unsigned long long)la);
	ok(t.linear_address == la && t.valid <= 1, "an answer to that");
	if (kvm_is_ours())
		ok(!t.pad[0] && !t.pad[4], "padding is clear");
	*pa = t.physical_address;
	return t.valid;
}

static void maps(u64 la, u64 want, const char *name)
{
	u64 pa;

	ok(translate(la, &pa) && pa == want, "%s: %s", mode_name(vcpu->mode), name);
}

static void maps_not(u64 la, const char *name)
{
	u64 pa;

	ok(!translate(la, &pa), "%s: %s", mode_name(vcpu->mode), name);
}

static void test_mode(enum guest_mode mode)
{
	vcpu_setup(vcpu, mode);
	maps(DATA_GPA + 0x123, DATA_GPA + 0x123, "memory");
	maps(MMIO_GPA + 4, MMIO_GPA + 4, "no memory behind it");
	if (mode < MODE_PAGED32) {
		maps(0xfffffff0, 0xfffffff0, "the last page below 4 GiB");
		return;
	}
	maps(0x1234567, 0x1234567, "a large page");
	vm_map(vm, SPARE_GVA, DATA_GPA + 0x5000, PTE_P | PTE_W | PTE_U);
	maps(SPARE_GVA + 0xfff, DATA_GPA + 0x5fff, "another page");
	vm_map(vm, SPARE_GVA, DATA_GPA, PTE_P);
	maps(SPARE_GVA, DATA_GPA, "a read-only page of the supervisor");
	vm_map(vm, SPARE_GVA, DATA_GPA, PTE_W | PTE_U);
	maps_not(SPARE_GVA, "a page that is not present");
}

int main(void)
{
	struct kvm_sregs s;
	int mode;

	tap_start(50);
	vm = vm_create();
	vcpu = vcpu_create(vm);
	ok_eq(kvm_ioctl(vcpu->fd, KVM_TRANSLATE, BAD_POINTER), -EFAULT, "bad pointer");
	for (mode = 0; mode < NR_MODES; mode++)
		test_mode(mode);
	vcpu_setup(vcpu, MODE_LONG64);
	maps_not(0x180000000, "beyond what is mapped");
	vcpu_get_sregs(vcpu, &s);
	s.cr3 = 0x80000000;
	vcpu_set_sregs(vcpu, &s);
	maps_not(DATA_GPA, "tables that are no memory");
	if (kvm_is_ours()) {
		vcpu_setup(vcpu, MODE_LONG64);
		maps_not(0x800000030000, "an address that is not canonical");
		vcpu_setup(vcpu, MODE_PAE32);
		maps_not(0x100030000, "an address above 4 GiB");
	} else {
		skip("addresses that do not exist", "this KVM ignores their upper bits");
	}
	vm_destroy(vm);
	return tap_done();
}
