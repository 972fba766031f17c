// SPDX-License-Identifier: GPL-2.0-only
/* KVM_SET_USER_MEMORY_REGION: what it takes, and that a refusal changes nothing. */
#include <sys/mman.h>

#include "kvm_test.h"

#define TEST_SLOT 2
#define TEST_GPA 0x40000000ul
#define TEST_SIZE 0x10000ul
#define OTHER_GPA 0x50000000ul
#define MARK 0x1122334455667788ull

GUEST_CODE(load, 64, "1: mov (%rdi), %rax\n" GUEST_DONE "jmp 1b\n");
GUEST_CODE(store, 64, "mov %rax, (%rdi)\n" GUEST_DONE);

static struct vm *vm;
static struct vcpu *vcpu;
static u8 *mem;

/* What the guest reads at @gpa, or "MMIO" as ~0. */
static u64 guest_load(u64 gpa)
{
	struct kvm_regs regs;

	load_code(vcpu, MODE_LONG64, load);
	vcpu_get_regs(vcpu, &regs);
	regs.rdi = gpa;
	vcpu_set_regs(vcpu, &regs);
	if (run_until_exit(vcpu) == KVM_EXIT_MMIO) {
		memset(vcpu->run->mmio.data, 0xff, 8);
		run_until_exit(vcpu);
	}
	if (!at_done(vcpu))
		note("%s", describe_exit(vcpu, vcpu->run->exit_reason));
	vcpu_get_regs(vcpu, &regs);
	return at_done(vcpu) ? regs.rax : 0xbad;
}

static void refused(int want, u32 slot, u32 flags, u64 gpa, u64 size,
		    const void *hva, const char *name)
{
	ok_eq(vm_set_region(vm, slot, flags, gpa, size, hva), want, "%s", name);
}

static void test_refusals(void)
{
	int slots = kvm_has(KVM_CAP_NR_MEMSLOTS);

	refused(-EINVAL, 3, 0, OTHER_GPA + 8, TEST_SIZE, mem, "misaligned address");
	refused(-EINVAL, 3, 0, OTHER_GPA, TEST_SIZE + 8, mem, "misaligned size");
	refused(-EINVAL, 3, 0, OTHER_GPA, TEST_SIZE, mem + 8, "misaligned host address");
	refused(-EINVAL, 3, 0, OTHER_GPA, TEST_SIZE, (void *)(1ul << 63),
		"host address in the kernel");
	refused(-EEXIST, 3, 0, TEST_GPA, TEST_SIZE, mem, "the same range in another slot");
	refused(-EEXIST, 3, 0, TEST_GPA - PAGE_SIZE, 2 * PAGE_SIZE, mem,
		"overlap at the front");
	refused(-EEXIST, 3, 0, TEST_GPA + TEST_SIZE - PAGE_SIZE, 2 * PAGE_SIZE, mem,
		"overlap at the back");
	refused(-EINVAL, slots, 0, OTHER_GPA, TEST_SIZE, mem, "slot id one too high");
	refused(-EINVAL, 0xffff, 0, OTHER_GPA, TEST_SIZE, mem, "slot id 0xffff");
	refused(-EINVAL, 0x7f0003, 0, OTHER_GPA, TEST_SIZE, mem,
		"address space that does not exist");
	refused(-EINVAL, 3, 0, -PAGE_SIZE, 2 * PAGE_SIZE, mem, "wrap around 2^64");
	refused(-EINVAL, 3, 1u << 31, OTHER_GPA, TEST_SIZE, mem, "unknown flag");
	refused(-EINVAL, 3, 0, OTHER_GPA, 0, mem, "delete a slot that is not there");
	refused(-EINVAL, TEST_SLOT, 0, TEST_GPA, TEST_SIZE / 2, mem,
		"change the size of a slot");
	refused(-EINVAL, TEST_SLOT, 0, TEST_GPA, TEST_SIZE, mem + TEST_SIZE,
		"change the host address of a slot");
	refused(-EEXIST, TEST_SLOT, 0, HIGH_GPA, TEST_SIZE, mem,
		"move a slot over another");
	ok_eq(kvm_ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, (void *)8), -EFAULT,
	      "bad pointer");
	ok_eq(guest_load(TEST_GPA), MARK, "after all refusals the slot is as it was");
	ok_eq(guest_load(OTHER_GPA), ~0ull, "and nothing was added");
}

/* Values at the edges of their types; nothing is backed. */
static void test_edges(void)
{
	u64 top = 1ull << 52, huge = 1ull << 43;
	u8 *hva = mem;

	refused(-EINVAL, 3, 0, OTHER_GPA + 1, TEST_SIZE, mem, "address misaligned by a byte");
	refused(-EINVAL, 3, 0, OTHER_GPA, 1, mem, "size of a byte");
	refused(-EINVAL, 3, 0, OTHER_GPA, TEST_SIZE, mem + 1, "host address misaligned by a byte");
	refused(-EINVAL, 3, 0, OTHER_GPA, 0, mem + 1, "deletion with a misaligned host address");
	refused(-EINVAL, 3, 0, OTHER_GPA, huge, NULL, "2^31 pages");
	refused(-EINVAL, 3, 0, OTHER_GPA, ~0xfffull, NULL, "all pages but one");
	refused(-EINVAL, 3, 0, top, PAGE_SIZE, mem, "address beyond 52 bits");
	refused(-EINVAL, 3, 0, top - PAGE_SIZE, 2 * PAGE_SIZE, mem, "reaching beyond 52 bits");
	refused(-EINVAL, 3, 0, ~0xfffull, PAGE_SIZE, mem, "the last page of 64 bits");
	refused(-EINVAL, 3, 0, OTHER_GPA, TEST_SIZE, (void *)~0xffful, "the last host page");
	refused(-EINVAL, 3, 0, OTHER_GPA, TEST_SIZE, (void *)(1ul << 62),
		"a host address that is not canonical");
	refused(-EINVAL, ~0u, 0, OTHER_GPA, TEST_SIZE, mem, "slot id and address space all ones");
	refused(-EINVAL, TEST_SLOT, 4, TEST_GPA, TEST_SIZE, hva, "unknown flag 2 on a slot");
	refused(-EINVAL, TEST_SLOT, KVM_MEM_READONLY, TEST_GPA, TEST_SIZE, hva,
		"a slot made read-only");
	refused(-EINVAL, TEST_SLOT, KVM_MEM_READONLY | KVM_MEM_LOG_DIRTY_PAGES, TEST_GPA,
		TEST_SIZE, hva, "and logged at once");
	refused(-EINVAL, TEST_SLOT, 0, OTHER_GPA, TEST_SIZE + PAGE_SIZE, hva, "move and grow");
	refused(-EEXIST, TEST_SLOT, KVM_MEM_LOG_DIRTY_PAGES, 0, TEST_SIZE, hva,
		"move over another, and log");
	ok_eq(guest_load(TEST_GPA), MARK, "the slot is as it was");
}

/* A slot may move by less than its size: over itself. */
static void test_move_by_a_page(void)
{
	u64 gpa = TEST_GPA + PAGE_SIZE;

	*(u64 *)(mem + PAGE_SIZE) = MARK + 7;
	ok_eq(guest_load(gpa), MARK + 7, "the second page of a slot");
	ok_eq(vm_set_region(vm, TEST_SLOT, 0, gpa, TEST_SIZE, mem), 0, "it moves by a page");
	ok_eq(guest_load(gpa), MARK, "the first page is where the second was");
	ok_eq(guest_load(TEST_GPA), ~0ull, "MMIO is where the first was");
	ok_eq(guest_load(TEST_GPA + TEST_SIZE), *(u64 *)(mem + TEST_SIZE - PAGE_SIZE),
	      "the last page is beyond the old end");
	ok_eq(vm_set_region(vm, TEST_SLOT, 0, TEST_GPA, TEST_SIZE, mem), 0, "and back");
	ok_eq(guest_load(gpa), MARK + 7, "the second page is there again");
}

static void test_move_and_delete(void)
{
	ok_eq(vm_set_region(vm, 3, 0, TEST_GPA + TEST_SIZE, TEST_SIZE, mem + TEST_SIZE),
	      0, "an adjacent slot is no overlap");
	ok_eq(guest_load(TEST_GPA + TEST_SIZE), MARK + 1, "guest reads the adjacent slot");
	ok_eq(vm_set_region(vm, TEST_SLOT, 0, OTHER_GPA, TEST_SIZE, mem), 0, "move a slot");
	ok_eq(guest_load(OTHER_GPA), MARK, "guest reads it at the new place");
	ok_eq(guest_load(TEST_GPA), ~0ull, "and MMIO at the old one");
	ok_eq(vm_set_region(vm, TEST_SLOT, 0, OTHER_GPA, TEST_SIZE, mem), 0,
	      "set a slot to what it is");
	ok_eq(vm_set_region(vm, TEST_SLOT, 0, 0, 0, NULL), 0, "delete a slot");
	ok_eq(guest_load(OTHER_GPA), ~0ull, "guest then reads MMIO");
	ok_eq(vm_set_region(vm, TEST_SLOT, 0, OTHER_GPA, 0, mem), -EINVAL,
	      "delete it again");
	ok_eq(vm_set_region(vm, TEST_SLOT, 0, OTHER_GPA, PAGE_SIZE, mem + TEST_SIZE), 0,
	      "create it again with another size and memory");
	ok_eq(guest_load(OTHER_GPA), MARK + 1, "guest reads the new memory");
	ok_eq(guest_load(OTHER_GPA + PAGE_SIZE), ~0ull, "and MMIO after its end");
}

/* What was looked up last is what goes. */
static void test_delete_last_used(void)
{
	int i, seen = 0, left = 0;

	for (i = 0; i < 8; i++) {
		must(vm_set_region(vm, 6, 0, 0x68000000, PAGE_SIZE, mem + TEST_SIZE));
		seen += guest_load(0x68000000) == MARK + 1;
		must(vm_set_region(vm, 6, 0, 0x68000000, 0, NULL));
		left += guest_load(0x68000000) == ~0ull;
	}
	ok_eq(seen, 8, "a slot comes, is read");
	ok_eq(left, 8, "and goes");
}

static void test_alias(void)
{
	ok_eq(vm_set_region(vm, 4, 0, 0x60000000, TEST_SIZE, mem), 0,
	      "two slots may share host memory");
	ok_eq(guest_load(0x60000000), MARK, "guest reads through the alias");
}

static void test_readonly(void)
{
	u64 value = 0x99;
	struct kvm_regs regs;

	if (kvm_has(KVM_CAP_READONLY_MEM) <= 0) {
		skip("read-only slot", "KVM_CAP_READONLY_MEM is absent");
		return;
	}
	ok_eq(vm_set_region(vm, 5, KVM_MEM_READONLY, 0x70000000, TEST_SIZE, mem), 0,
	      "read-only slot");
	ok_eq(guest_load(0x70000000), MARK, "guest reads it");
	load_code(vcpu, MODE_LONG64, store);
	vcpu_get_regs(vcpu, &regs);
	regs.rdi = 0x70000000;
	regs.rax = value;
	vcpu_set_regs(vcpu, &regs);
	expect_mmio_write(vcpu, 0x70000000, 8, &value, "a write to it is MMIO");
	expect_done(vcpu, "and the guest goes on");
	ok_eq(*(u64 *)mem, MARK, "the memory is unchanged");
	refused(-EINVAL, 5, 0, 0x70000000, TEST_SIZE, mem, "make it writable");
}

int main(void)
{
	tap_start(50);
	vm = vm_create();
	vcpu = vcpu_create(vm);
	mem = mmap(NULL, 2 * TEST_SIZE, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	*(u64 *)mem = MARK;
	*(u64 *)(mem + TEST_SIZE) = MARK + 1;
	ok_eq(vm_set_region(vm, TEST_SLOT, 0, TEST_GPA, TEST_SIZE, mem), 0, "add a slot");
	ok_eq(guest_load(TEST_GPA), MARK, "guest reads it");
	test_refusals();
	test_edges();
	test_move_by_a_page();
	test_move_and_delete();
	test_delete_last_used();
	test_alias();
	test_readonly();
	vm_destroy(vm);
	return tap_done();
}
