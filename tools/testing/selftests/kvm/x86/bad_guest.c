// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guests that lead the hypervisor astray: tables and code where no memory is.
 * Each must end in a fault of the guest or an exit, within bounded time.
 */
#include "kvm_test.h"

#define NOWHERE 0xd0000000ull		/* no slot there */
#define TEST_GVA 0x50000ul		/* a page whose mapping the test breaks */

GUEST_CODE(load, 64, "mov (%rdi), %rax\n" GUEST_DONE);
GUEST_CODE(store, 64, "mov %rax, (%rdi)\n" GUEST_DONE);
GUEST_CODE(jump, 64, "jmp *%rdi\n");
GUEST_CODE(load_cr3, 64, "mov %rdi, %cr3\n" GUEST_DONE);
GUEST_CODE(load_ds, 64, "mov $0x10, %eax\n mov %eax, %ds\n" GUEST_DONE);
GUEST_CODE(int3, 64, "int3\n" GUEST_DONE);
GUEST_CODE(load_tr, 64, "mov $0x60, %eax\n ltr %ax\n" GUEST_DONE);
GUEST_CODE(load32, 32, "mov (%edi), %eax\n" GUEST_DONE);
GUEST_CODE(too_long, 64, ".fill 15, 1, 0x66\n mov %eax, (%rdi)\n" GUEST_DONE);
GUEST_CODE(too_long_forced, 64, GUEST_FEP ".fill 15, 1, 0x66\n nop\n" GUEST_DONE);
GUEST_CODE(fifteen_forced, 64, GUEST_FEP ".fill 14, 1, 0x66\n nop\n" GUEST_DONE);
GUEST_CODE(fifteen_mmio, 64, ".fill 12, 1, 0x66\n mov %eax, %ds:(%rdi)\n" GUEST_DONE);
GUEST_CODE(prefixes_only, 64, GUEST_FEP ".fill 64, 1, 0xf0\n");
GUEST_CODE(fault_loop, 64, "ud2\n");

static struct vm *vm;
static struct vcpu *vcpu;

static void fresh(const u8 *code, const u8 *end, enum guest_mode mode, u64 rdi)
{
	struct kvm_regs r;

	if (vm)
		vm_destroy(vm);
	vm = vm_create();
	vcpu = vcpu_create(vm);
	vcpu_load(vcpu, mode, code, end);
	vcpu_get_regs(vcpu, &r);
	r.rdi = rdi;
	vcpu_set_regs(vcpu, &r);
}

#define FRESH(code, mode, rdi) fresh(code, code##_end, mode, rdi)

/*
 * Answer device accesses, at most @limit, until the guest ends in a fault, a
 * shutdown or an error. Reaching GUEST_DONE is no end unless @done says so.
 */
static void ends(bool done, const char *name)
{
	int r = 0, limit = 64;
	bool good;

	while (limit-- && (r = run_until_exit(vcpu)) == KVM_EXIT_MMIO)
		memset(vcpu->run->mmio.data, 0, 8);
	good = r == KVM_EXIT_SHUTDOWN || r == KVM_EXIT_INTERNAL_ERROR ||
	       r == KVM_EXIT_FAIL_ENTRY || r == -EFAULT;
	if (r == KVM_EXIT_IO)
		good = done || !at_done(vcpu);
	ok(good, "%s: %s", name, exit_name(r));
	if (!good)
		note("%s", describe_exit(vcpu, r));
}

/* The same for what Linux 6.1 retries for ever (a signal ends it). */
static void ends_on_ours(bool done, const char *name)
{
	if (kvm_is_ours())
		ends(done, name);
	else
		skip(name, "this KVM retries it until a signal comes");
}

/* Linux 6.1 takes the table's address for the operand's, and reaches the end. */
static void ends_or_done(const char *name)
{
	ends(!kvm_is_ours(), name);
}

static void test_page_tables(void)
{
	u64 *pd, *pt;

	FRESH(load, MODE_LONG64, TEST_GVA);
	pt = gpa_to_hva(vm, PT_GPA);
	pt[TEST_GVA >> 12] = 1ull << 51 | PTE_P | PTE_W | PTE_U;
	ends(false, "page beyond the physical address width");

	FRESH(load, MODE_LONG64, 0x200000);
	pd = gpa_to_hva(vm, PD_GPA);
	pd[1] = NOWHERE | PTE_P | PTE_W | PTE_U;
	ends_or_done("page table where no memory is");
	FRESH(load, MODE_LONG64, 0x200000);
	pd = gpa_to_hva(vm, PD_GPA);
	pd[1] = MMIO_GPA | PTE_P | PTE_W | PTE_U;
	ends_or_done("page table in MMIO");
	FRESH(load, MODE_LONG64, 0x200000);
	pd = gpa_to_hva(vm, PD_GPA);
	pd[1] = 1ull << 51 | PTE_P | PTE_W | PTE_U;
	ends(false, "page table beyond the physical address width");
	FRESH(load_cr3, MODE_LONG64, NOWHERE);
	ends_on_ours(false, "CR3 where no memory is");
	FRESH(load_cr3, MODE_LONG64, MMIO_GPA);
	ends_on_ours(false, "CR3 in MMIO");
	FRESH(load_cr3, MODE_LONG64, 1ull << 60);
	ends(false, "CR3 with reserved bits");
}

static void test_page_tables_pae(void)
{
	struct kvm_sregs s;

	FRESH(load32, MODE_PAE32, 0);
	vcpu_get_sregs(vcpu, &s);
	s.cr3 = NOWHERE;
	if (kvm_ioctl(vcpu->fd, KVM_SET_SREGS, &s)) {
		ok(true, "PAE pointers where no memory is: refused");
		return;
	}
	ends_or_done("PAE pointers where no memory is");
}

static void test_recursion(void)
{
	u64 *pml4;

	/* A table that is its own last level: writes change the mapping. */
	FRESH(store, MODE_LONG64, 0x8000000000);
	pml4 = gpa_to_hva(vm, PML4_GPA);
	pml4[1] = PML4_GPA | PTE_P | PTE_W | PTE_U;
	ends(true, "page table that maps itself");
}

static void test_code(void)
{
	FRESH(jump, MODE_LONG64, MMIO_GPA);
	ends(false, "code in MMIO");
	FRESH(jump, MODE_LONG64, NOWHERE);
	ends(false, "code where no memory is");
	FRESH(jump, MODE_LONG64, 0x800000000000);
	ends(false, "code at a non-canonical address");
	/* mov $imm32, %eax of which the last bytes are in MMIO. */
	FRESH(jump, MODE_LONG64, RAM_END - 2);
	memcpy(gpa_to_hva(vm, RAM_END - 2), "\xb8\x11", 2);
	ends(false, "instruction over the end of a slot");
	/* mov %eax, (0xa0000): itself MMIO and cut off by the end of the slot. */
	FRESH(jump, MODE_LONG64, RAM_END - 3);
	memcpy(gpa_to_hva(vm, RAM_END - 3), "\x89\x04\x25", 3);
	ends(false, "MMIO instruction over the end of a slot");
	/* The last instruction of a slot, complete. */
	FRESH(jump, MODE_LONG64, RAM_END - 2);
	memcpy(gpa_to_hva(vm, RAM_END - 2), "\xe6\xe4", 2);
	expect_done(vcpu, "instruction that ends with the slot");
}

static void test_forced_code(void)
{
	if (forced_emulation_missing()) {
		skip("forced instruction over the end of a slot", forced_emulation_missing());
		return;
	}
	FRESH(jump, MODE_LONG64, RAM_END - 6);
	memcpy(gpa_to_hva(vm, RAM_END - 6), "\x0f\x0bkvm\xb8", 6);
	ends(false, "forced instruction over the end of a slot");
	FRESH(jump, MODE_LONG64, RAM_END - 2);
	memcpy(gpa_to_hva(vm, RAM_END - 2), "\x0f\x0b", 2);
	expect_fault(vcpu, UD_VECTOR, "ud2 at the end of a slot is #UD");
}

static void test_tables(void)
{
	struct kvm_sregs s;

	FRESH(int3, MODE_LONG64, 0);
	vcpu_get_sregs(vcpu, &s);
	s.idt.base = MMIO_GPA;
	vcpu_set_sregs(vcpu, &s);
	ends(false, "IDT in MMIO");
	FRESH(int3, MODE_LONG64, 0);
	vcpu_get_sregs(vcpu, &s);
	s.idt.base = NOWHERE;
	vcpu_set_sregs(vcpu, &s);
	ends(false, "IDT where no memory is");
	FRESH(load_ds, MODE_LONG64, 0);
	vcpu_get_sregs(vcpu, &s);
	s.gdt.base = MMIO_GPA;
	vcpu_set_sregs(vcpu, &s);
	ends_on_ours(true, "GDT in MMIO");
	FRESH(load_tr, MODE_LONG64, 0);
	vcpu_get_sregs(vcpu, &s);
	s.gdt.base = NOWHERE;
	vcpu_set_sregs(vcpu, &s);
	ends_on_ours(true, "GDT where no memory is");
}

static void test_stack(void)
{
	struct kvm_regs r;

	FRESH(int3, MODE_LONG64, 0);
	vcpu_get_regs(vcpu, &r);
	r.rsp = NOWHERE;
	vcpu_set_regs(vcpu, &r);
	ends(true, "stack where no memory is");
	FRESH(int3, MODE_LONG64, 0);
	vcpu_get_regs(vcpu, &r);
	r.rsp = 0x800000000100;
	vcpu_set_regs(vcpu, &r);
	ends(false, "stack at a non-canonical address");
}

static void test_length(void)
{
	FRESH(too_long, MODE_LONG64, DATA_GPA);
	expect_fault(vcpu, GP_VECTOR, "17 bytes: #GP");
	FRESH(too_long, MODE_LONG64, MMIO_GPA);
	expect_fault(vcpu, GP_VECTOR, "17 bytes to MMIO: #GP and no access");
	FRESH(fifteen_mmio, MODE_LONG64, MMIO_GPA);
	expect_exit(vcpu, KVM_EXIT_MMIO, "15 bytes to MMIO are emulated");
	if (forced_emulation_missing()) {
		skip("forced instruction of 16 bytes", forced_emulation_missing());
		return;
	}
	FRESH(fifteen_forced, MODE_LONG64, 0);
	expect_done(vcpu, "15 bytes, forced");
	if (!kvm_is_ours()) {
		skip("16 bytes, forced", "this KVM injects #UD for it");
		return;
	}
	FRESH(too_long_forced, MODE_LONG64, 0);
	expect_fault(vcpu, GP_VECTOR, "16 bytes, forced: #GP");
	FRESH(prefixes_only, MODE_LONG64, 0);
	expect_fault(vcpu, GP_VECTOR, "nothing but prefixes, forced: #GP");
}

/* The #UD handler is #UD itself: an endless loop, and still a signal ends it. */
static void test_fault_loop(void)
{
	FRESH(fault_loop, MODE_LONG64, 0);
	memcpy(gpa_to_hva(vm, STUB_GPA + UD_VECTOR * 16), "\x0f\x0b", 2);
	ends(true, "handler that faults in turn");
}

static void test_no_memory(void)
{
	int r;

	if (vm)
		vm_destroy(vm);
	vm = vm_create_bare();
	vcpu = vcpu_create(vm);
	r = run_until_exit(vcpu);
	ok(r == KVM_EXIT_INTERNAL_ERROR || r == KVM_EXIT_SHUTDOWN ||
	   (r < 0 && r != RUN_HUNG), "VM without memory, at the reset vector: %s",
	   exit_name(r));
}

int main(void)
{
	tap_start(50);
	test_page_tables();
	test_page_tables_pae();
	test_recursion();
	test_code();
	test_forced_code();
	test_tables();
	test_stack();
	test_length();
	test_fault_loop();
	test_no_memory();
	return tap_done();
}
