// SPDX-License-Identifier: GPL-2.0-only
/* As many memory slots as there can be: each is found, none is taken for another. */
#include <sys/mman.h>

#include "kvm_test.h"

#define FIRST_SLOT 2
#define BASE_GPA 0x40000000ul
#define GONE 251		/* of the slots, each GONEth is deleted */
#define MOVED 0x80000000ul

GUEST_CODE(load, 64, "1: mov (%rdi), %rax\n" GUEST_DONE "jmp 1b\n");

static struct vm *vm;
static struct vcpu *vcpu;
static u8 *mem;
static u32 nr_slots;

/* Slots in an order that is neither ascending nor descending, a page free after each. */
static u32 nth(u32 i)
{
	return FIRST_SLOT + (u64)i * 7919 % (nr_slots - FIRST_SLOT);
}

static u64 slot_gpa(u32 slot)
{
	return BASE_GPA + slot * 2 * PAGE_SIZE;
}

static int set(u32 slot, u64 gpa, u64 size)
{
	return vm_set_region(vm, slot, 0, gpa, size, mem + slot * PAGE_SIZE);
}

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

static void test_create(void)
{
	int bad = 0;
	u32 i;

	for (i = 0; i < nr_slots - FIRST_SLOT; i++)
		bad += !!set(nth(i), slot_gpa(nth(i)), PAGE_SIZE);
	ok_eq(bad, 0, "%u slots", nr_slots);
	ok_eq(set(nr_slots, MOVED, PAGE_SIZE), -EINVAL, "one more");
}

/* Some of the slots, the first and the last among them. */
#define for_some(slot) \
	for (slot = FIRST_SLOT; slot < nr_slots; slot += (nr_slots - 1 - FIRST_SLOT) / 64)

static void test_find(u64 from, const char *name)
{
	u32 slot, wrong = 0, gaps = 0;

	for_some(slot) {
		*(u64 *)(mem + slot * PAGE_SIZE) = from + slot;
		wrong += guest_load(slot_gpa(slot)) != from + slot;
		gaps += guest_load(slot_gpa(slot) + PAGE_SIZE) != ~0ull;
	}
	ok_eq(wrong, 0, "%s: the guest reads each in its slot", name);
	ok_eq(gaps, 0, "%s: and MMIO between them", name);
}

/* The host takes pages away: found by user address. */
static void test_discard(void)
{
	u32 slot, wrong = 0;

	madvise(mem, nr_slots * PAGE_SIZE, MADV_DONTNEED);
	for_some(slot)
		wrong += guest_load(slot_gpa(slot)) != 0;
	ok_eq(wrong, 0, "memory of all slots is discarded at once");
}

static void test_overlap(void)
{
	u32 i, slot, taken = 0;

	for (i = 0; i < 64; i++) {
		slot = nth(i * 500);
		taken += set(nth(i), slot_gpa(slot), PAGE_SIZE) == (nth(i) == slot ? 0 : -EEXIST);
	}
	ok_eq(taken, 64, "no slot moves over another");
	must(set(FIRST_SLOT, 0, 0));
	ok_eq(set(FIRST_SLOT, slot_gpa(FIRST_SLOT) + PAGE_SIZE, 2 * PAGE_SIZE), -EEXIST,
	      "a new one reaches into its neighbour");
	ok_eq(set(FIRST_SLOT, BASE_GPA, 1ul << 30), -EEXIST, "or covers them all");
	ok_eq(set(FIRST_SLOT, slot_gpa(FIRST_SLOT), 2 * PAGE_SIZE), 0, "or just fits");
	must(set(FIRST_SLOT, 0, 0));
	must(set(FIRST_SLOT, slot_gpa(FIRST_SLOT), PAGE_SIZE));
}

static void test_delete(void)
{
	u32 slot, bad = 0, wrong = 0, again = 0;

	for (slot = FIRST_SLOT; slot < nr_slots; slot += GONE)
		bad += !!set(slot, 0, 0);
	ok_eq(bad, 0, "some are deleted");
	for (slot = FIRST_SLOT; slot < nr_slots; slot += GONE)
		again += set(slot, 0, 0) != -EINVAL;
	ok_eq(again, 0, "but not twice");
	for (slot = FIRST_SLOT; slot < nr_slots; slot += 2 * GONE) {
		*(u64 *)(mem + (slot + 1) * PAGE_SIZE) = slot;
		wrong += guest_load(slot_gpa(slot)) != ~0ull;
		wrong += guest_load(slot_gpa(slot + 1)) != slot;
	}
	ok_eq(wrong, 0, "they are MMIO, their neighbours are not");
	for (slot = FIRST_SLOT; slot < nr_slots; slot += GONE)
		bad += !!set(slot, slot_gpa(slot), PAGE_SIZE);
	ok_eq(bad, 0, "and come back");
}

static void test_move(void)
{
	u32 slot = nr_slots / 2;

	*(u64 *)(mem + slot * PAGE_SIZE) = slot;
	ok_eq(guest_load(slot_gpa(slot)), slot, "a slot among others");
	ok_eq(set(slot, MOVED, PAGE_SIZE), 0, "moves");
	ok_eq(guest_load(MOVED), slot, "the guest reads it at its new place");
	ok_eq(guest_load(slot_gpa(slot)), ~0ull, "and MMIO at the old one");
	must(set(slot, slot_gpa(slot), PAGE_SIZE));
}

int main(void)
{
	tap_start(55);
	vm = vm_create();
	vcpu = vcpu_create(vm);
	nr_slots = kvm_has(KVM_CAP_NR_MEMSLOTS);
	ok_eq(nr_slots, 32764, "KVM_CAP_NR_MEMSLOTS");
	mem = mmap(NULL, (nr_slots + 1) * PAGE_SIZE, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	test_create();
	test_find(1000000, "all there");
	test_discard();
	test_overlap();
	test_delete();
	test_move();
	test_find(2000000, "at the end");
	vm_destroy(vm);
	return tap_done();
}
