// SPDX-License-Identifier: GPL-2.0-only
/* The dirty log of a slot: what the ioctls take, and what is in the log. */
#include <sys/mman.h>

#include "kvm_test.h"

#define TEST_SLOT 5
#define TEST_GPA 0x40000000ul
#define TEST_SIZE 0x400000ul
#define NR_PAGES (TEST_SIZE / PAGE_SIZE)
#define LONGS (NR_PAGES / 64)

static struct vm *vm;
static u8 *mem;
static u64 bitmap[LONGS];

static int set_flags(u32 flags)
{
	return vm_set_region(vm, TEST_SLOT, flags, TEST_GPA, TEST_SIZE, mem);
}

static int get_log(u32 slot, void *where)
{
	struct kvm_dirty_log log = { .slot = slot, .dirty_bitmap = where };

	return kvm_ioctl(vm->fd, KVM_GET_DIRTY_LOG, &log);
}

static void test_get_errors(void)
{
	ok_eq(get_log(TEST_SLOT, bitmap), -ENOENT, "GET of a slot that is not logged");
	ok_eq(get_log(TEST_SLOT + 1, bitmap), -ENOENT, "GET of no slot");
	ok_eq(get_log(kvm_has(KVM_CAP_NR_MEMSLOTS), bitmap), -EINVAL,
	      "GET of a slot id one too high");
	ok_eq(get_log(0x7f0000 | TEST_SLOT, bitmap), -EINVAL,
	      "GET of an address space that does not exist");
	ok_eq(kvm_ioctl(vm->fd, KVM_GET_DIRTY_LOG, (void *)8), -EFAULT, "GET with a bad pointer");
	ok_eq(set_flags(KVM_MEM_LOG_DIRTY_PAGES), 0, "logging starts");
	ok_eq(get_log(TEST_SLOT, (void *)8), -EFAULT, "GET to a bad bitmap");
	memset(bitmap, 0xff, sizeof(bitmap));
	ok_eq(get_log(TEST_SLOT, bitmap), 0, "GET");
	ok_eq(bitmap[0] | bitmap[LONGS - 1], 0, "of a log that is empty");
	ok_eq(set_flags(0), 0, "logging stops");
	ok_eq(get_log(TEST_SLOT, bitmap), -ENOENT, "and there is no log any more");
}

int main(void)
{
	tap_start(50);
	vm = vm_create();
	mem = vm_add_region(vm, TEST_SLOT, 0, TEST_GPA, TEST_SIZE);
	test_get_errors();
	vm_destroy(vm);
	return tap_done();
}
