// SPDX-License-Identifier: GPL-2.0-only
/*
 * Code and data in the same 2 MiB of memory that the host maps by one entry: the guest
 * reads, fetches and writes there in any order, whatever has to be split for that.
 */
#include <sys/mman.h>

#include "kvm_test.h"

#define GPA	0x10000000ul
#define SIZE	(2ul << 20)

/* At GPA + 0x1000: adds 1 to the word at GPA + 0x5000 and to EAX. */
GUEST_CODE(adder, 64, "incl 0x10005000\n inc %eax\n ret\n");
GUEST_CODE(caller, 64,
	   "xor %eax, %eax\n mov 0x10008000, %ebx\n"	/* data first */
	   "mov $0x10001000, %edx\n mov $100, %ecx\n"
	   "1: call *%rdx\n movl $7, 0x10006000\n mov 0x10100000, %ebx\n"
	   "dec %ecx\n jnz 1b\n" GUEST_DONE);
/* Each page of the 2 MiB runs once, and is written. */
GUEST_CODE(every_page, 64,
	   "mov $0x10000800, %edx\n mov $512, %ecx\n"
	   "1: movb $0xc3, (%rdx)\n call *%rdx\n add $0x1000, %rdx\n dec %ecx\n jnz 1b\n"
	   GUEST_DONE);

static u8 *alloc_huge(void)
{
	u8 *p = mmap(NULL, 2 * SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		bail("no memory");
	p = (u8 *)(((unsigned long)p + SIZE - 1) & ~(SIZE - 1));
	madvise(p, SIZE, MADV_HUGEPAGE);
	memset(p, 0, SIZE);
	return p;
}

static void test(struct vcpu *vcpu, u8 *mem, const char *name)
{
	struct kvm_regs r;
	u32 before;

	memcpy(mem + 0x1000, adder, adder_end - adder);
	memcpy(&before, mem + 0x5000, sizeof(before));
	load_code(vcpu, MODE_LONG64, caller);
	expect_done(vcpu, name);
	vcpu_get_regs(vcpu, &r);
	ok_eq(r.rax, 100, "%s: a hundred calls", name);
	ok_eq(*(u32 *)(mem + 0x5000), before + 100, "%s: a hundred writes", name);
	ok_eq(*(u32 *)(mem + 0x6000), 7, "%s: beside the code", name);
	load_code(vcpu, MODE_LONG64, every_page);
	expect_done(vcpu, name);
	ok(mem[0x1ff800] == 0xc3, "%s: every page runs", name);
}

int main(void)
{
	struct vcpu *vcpu;
	struct vm *vm;
	u8 *mem;

	tap_start(20);
	vm = vm_create();
	vcpu = vcpu_create(vm);
	mem = alloc_huge();
	must(vm_set_region(vm, 5, 0, GPA, SIZE, mem));
	test(vcpu, mem, "code in large pages");
	must(vm_set_region(vm, 5, KVM_MEM_LOG_DIRTY_PAGES, GPA, SIZE, mem));
	test(vcpu, mem, "with a log");
	must(vm_set_region(vm, 5, 0, GPA, SIZE, mem));
	test(vcpu, mem, "without one again");
	must(vm_set_region(vm, 5, 0, 0, 0, NULL));
	vm_destroy(vm);
	return tap_done();
}
