// SPDX-License-Identifier: GPL-2.0-only
/*
 * The local APIC's page and CR8 where userspace has the APIC: each access leaves as
 * MMIO at 0xfee00000, whatever the processor has to virtualize it, and a lowered
 * priority as KVM_EXIT_SET_TPR.
 */
#include "kvm_test.h"

#define APIC		0xfee00000ul
#define TPR		(APIC + 0x80)
#define ICR		(APIC + 0x300)

GUEST_CODE(store32, 64, "mov $0xfee00080, %edi\n movl $0x12345678, (%rdi)\n" GUEST_DONE);
GUEST_CODE(store8, 64, "mov $0xfee00083, %edi\n movb $0x5a, (%rdi)\n" GUEST_DONE);
GUEST_CODE(store16, 64, "mov $0xfee00ffe, %edi\n movw $0x1234, (%rdi)\n" GUEST_DONE);
GUEST_CODE(store64, 64, "mov $0xfee00300, %edi\n movq $-2, (%rdi)\n" GUEST_DONE);
GUEST_CODE(load8, 64, "mov $0xfee00080, %edi\n mov $-1, %rax\n movb (%rdi), %al\n" GUEST_DONE);
GUEST_CODE(load16, 64, "mov $0xfee00080, %edi\n mov $-1, %rax\n movw (%rdi), %ax\n" GUEST_DONE);
GUEST_CODE(load32, 64, "mov $0xfee00080, %edi\n mov $-1, %rax\n movl (%rdi), %eax\n" GUEST_DONE);
GUEST_CODE(load64, 64, "mov $0xfee00300, %edi\n movq (%rdi), %rax\n" GUEST_DONE);
GUEST_CODE(zext, 64, "mov $0xfee00080, %edi\n movzbl (%rdi), %eax\n" GUEST_DONE);
GUEST_CODE(rmw, 64, "mov $0xfee00080, %edi\n orl $0x0f, (%rdi)\n" GUEST_DONE);
GUEST_CODE(xchg, 64, "mov $0xfee00300, %edi\n mov $7, %eax\n xchg %eax, (%rdi)\n" GUEST_DONE);
GUEST_CODE(cmp, 64, "mov $0xfee00080, %edi\n cmpl $5, (%rdi)\n sete %al\n movzbl %al, %eax\n"
	   GUEST_DONE);
GUEST_CODE(movs_out, 64, "mov $0x30000, %esi\n mov $0xfee00080, %edi\n mov $2, %ecx\n rep movsl\n"
	   GUEST_DONE);
GUEST_CODE(movs_in, 64, "mov $0xfee00080, %esi\n mov $0x30000, %edi\n movsl\n mov 0x30000, %eax\n"
	   GUEST_DONE);
GUEST_CODE(load32_prot, 32, "mov 0xfee00080, %eax\n" GUEST_DONE);
GUEST_CODE(store32_prot, 32, "mov $0xabcd, %eax\n mov %eax, 0xfee00300\n" GUEST_DONE);
GUEST_CODE(load_pae, 32, "mov 0xfee00080, %eax\n" GUEST_DONE);
GUEST_CODE(fetch, 64, "mov $0xfee00100, %eax\n jmp *%rax\n");
GUEST_CODE(deliver, 64, "mov $0xfee00400, %esp\n ud2\n");
GUEST_CODE(cr8_up, 64, "mov $9, %eax\n mov %rax, %cr8\n mov %cr8, %rbx\n" GUEST_DONE);
GUEST_CODE(cr8_down, 64, "mov $3, %eax\n mov %rax, %cr8\n mov %cr8, %rbx\n" GUEST_DONE);
GUEST_CODE(cr8_bad, 64, "mov $0x10, %eax\n mov %rax, %cr8\n" GUEST_DONE);

static struct vm *vm;
static struct vcpu *vcpu;

static u64 rax(void)
{
	struct kvm_regs r;

	vcpu_get_regs(vcpu, &r);
	return r.rax;
}

/* The guest's one read is answered with @answer. */
#define LOAD(mode, code, gpa, len, answer, want) do {				\
	u64 a_ = answer;							\
										\
	load_code(vcpu, mode, code);						\
	expect_mmio_read(vcpu, gpa, len, &a_, #code);				\
	expect_done(vcpu, #code " goes on");					\
	ok_eq(rax(), want, #code ": value");					\
} while (0)

#define STORE(mode, code, gpa, len, value) do {					\
	u64 v_ = value;								\
										\
	load_code(vcpu, mode, code);						\
	expect_mmio_write(vcpu, gpa, len, &v_, #code);				\
	expect_done(vcpu, #code " goes on");					\
} while (0)

static void test_sizes(void)
{
	STORE(MODE_LONG64, store8, TPR + 3, 1, 0x5a);
	STORE(MODE_LONG64, store16, APIC + 0xffe, 2, 0x1234);
	STORE(MODE_LONG64, store32, TPR, 4, 0x12345678);
	STORE(MODE_LONG64, store64, ICR, 8, -2ull);
	LOAD(MODE_LONG64, load8, TPR, 1, 0x77, 0xffffffffffffff77ull);
	LOAD(MODE_LONG64, load16, TPR, 2, 0x7788, 0xffffffffffff7788ull);
	LOAD(MODE_LONG64, load32, TPR, 4, 0x778899aa, 0x778899aaull);
	LOAD(MODE_LONG64, load64, ICR, 8, 0x1122334455667788ull, 0x1122334455667788ull);
	LOAD(MODE_LONG64, zext, TPR, 1, 0xf0, 0xf0);
	LOAD(MODE_LONG64, cmp, TPR, 4, 5, 1);
	LOAD(MODE_PROT32, load32_prot, TPR, 4, 0x31, 0x31);
	STORE(MODE_PAGED32, store32_prot, ICR, 4, 0xabcd);
	LOAD(MODE_PAE32, load_pae, TPR, 4, 0x42, 0x42);
}

static void test_kinds(void)
{
	load_code(vcpu, MODE_LONG64, rmw);
	expect_mmio_read(vcpu, TPR, 4, "\x10\0\0", "OR reads");
	expect_mmio_write(vcpu, TPR, 4, "\x1f\0\0", "OR writes");
	expect_done(vcpu, "OR goes on");
	load_code(vcpu, MODE_LONG64, xchg);
	expect_mmio_read(vcpu, ICR, 4, "\x33\0\0", "XCHG reads");
	expect_mmio_write(vcpu, ICR, 4, "\7\0\0", "XCHG writes");
	expect_done(vcpu, "XCHG goes on");
	ok_eq(rax(), 0x33, "XCHG: value");

	load_code(vcpu, MODE_LONG64, movs_out);
	vm_write(vm, DATA_GPA, "\1\2\3\4\5\6\7\10", 8);
	expect_mmio_write(vcpu, TPR, 4, "\1\2\3\4", "REP MOVS to it, first");
	expect_mmio_write(vcpu, TPR + 4, 4, "\5\6\7\10", "REP MOVS to it, second");
	expect_done(vcpu, "REP MOVS goes on");
	LOAD(MODE_LONG64, movs_in, TPR, 4, 0x99887766, 0x99887766);
}

/* Its i7-7800X has 40 bits of physical address, the real one has 46. */
static bool cpu_is_bochs(void)
{
	u32 eax = 0x80000008, ebx, ecx = 0, edx;

	guest_cpuid(&eax, &ebx, &ecx, &edx);
	return (eax & 0xff) == 40;
}

/* A device answers no fetch and no walk, and no event can be delivered through it. */
static void test_other_uses(void)
{
	int r;

	if (kvm_is_ours() && read_flag("/sys/module/kvm_intel/parameters/flexpriority") == 'Y' &&
	    cpu_is_bochs()) {
		skip("a fetch from it", "Bochs 2.7 aborts at a fetch from an APIC-access page");
	} else {
		load_code(vcpu, MODE_LONG64, fetch);
		expect_exit(vcpu, KVM_EXIT_INTERNAL_ERROR, "a fetch from it");
		ok_eq(vcpu->run->internal.suberror, KVM_INTERNAL_ERROR_EMULATION,
		      "is what cannot be emulated");
	}
	load_code(vcpu, MODE_LONG64, deliver);
	r = run_until_exit(vcpu);
	if (!ok(r == KVM_EXIT_INTERNAL_ERROR, "an event with the stack there"))
		note("left for %s", describe_exit(vcpu, r));
	ok_eq(vcpu->run->internal.suberror, KVM_INTERNAL_ERROR_DELIVERY_EV,
	      "is one that cannot be delivered");
}

static void test_slot(void)
{
	u32 *mem = (u32 *)vm_add_region(vm, 5, 0, APIC, PAGE_SIZE);

	mem[0x80 / 4] = 0x600d;
	load_code(vcpu, MODE_LONG64, load32);
	expect_done(vcpu, "a slot there is memory");
	ok_eq(rax(), 0x600d, "that the guest reads");
	load_code(vcpu, MODE_LONG64, store32);
	expect_done(vcpu, "and writes");
	ok_eq(mem[0x80 / 4], 0x12345678, "for userspace to see");
	vm_del_region(vm, 5);
	LOAD(MODE_LONG64, load32, TPR, 4, 0x55, 0x55);
}

static void test_cr8(void)
{
	struct kvm_regs r;

	load_code(vcpu, MODE_LONG64, cr8_up);
	vcpu->run->cr8 = 0;
	expect_done(vcpu, "raising CR8 does not leave");
	vcpu_get_regs(vcpu, &r);
	ok_eq(r.rbx, 9, "the guest reads it back");
	ok_eq(vcpu->run->cr8, 9, "and userspace");
	load_code(vcpu, MODE_LONG64, cr8_down);
	expect_exit(vcpu, KVM_EXIT_SET_TPR, "lowering CR8 leaves");
	ok_eq(vcpu->run->cr8, 3, "with the new value");
	expect_done(vcpu, "the guest goes on");
	vcpu_get_regs(vcpu, &r);
	ok_eq(r.rbx, 3, "and reads it");
	load_code(vcpu, MODE_LONG64, cr8_bad);
	expect_fault(vcpu, GP_VECTOR, "a reserved bit in CR8");
	load_code(vcpu, MODE_LONG64, cr8_up);
	vcpu_set_user(vcpu);
	expect_fault(vcpu, GP_VECTOR, "CR8 at CPL 3");
}

int main(void)
{
	tap_start(30);
	vm = vm_create();
	vcpu = vcpu_create(vm);
	test_sizes();
	test_kinds();
	test_slot();
	test_cr8();
	test_other_uses();
	vm_destroy(vm);
	return tap_done();
}
