// SPDX-License-Identifier: GPL-2.0-only
/* A read-only slot: memory for reads, a device for writes. */
#include <stdio.h>
#include <sys/mman.h>

#include "kvm_test.h"

#define ROM_SLOT 5
#define ROM_GPA 0x40000000ul
#define ROM_SIZE 0x200000ul
#define MARK 0x1122334455667788ull

GUEST_CODE(load, 64, "mov (%rdi), %rax\n" GUEST_DONE);
GUEST_CODE(store, 64, "mov %rax, (%rdi)\n" GUEST_DONE);
GUEST_CODE(store_load, 64, "mov (%rdi), %rbx\n mov %rax, (%rdi)\n mov (%rdi), %rcx\n" GUEST_DONE);
GUEST_CODE(or_mem, 64, "orl $1, (%rdi)\n" GUEST_DONE);
GUEST_CODE(lock_or, 64, "lock orl $1, (%rdi)\n" GUEST_DONE);
GUEST_CODE(xchg_mem, 64, "xchg %eax, (%rdi)\n" GUEST_DONE);
GUEST_CODE(cmpxchg_same, 64, "mov (%rdi), %eax\n lock cmpxchg %ebx, (%rdi)\n" GUEST_DONE);
GUEST_CODE(push_mem, 64, "lea 8(%rdi), %rsp\n push %rax\n" GUEST_DONE);
GUEST_CODE(stos, 64, "mov $3, %ecx\n rep stosb\n" GUEST_DONE);
GUEST_CODE(copy_out, 64, "mov %rdi, %rsi\n mov $0x30000, %edi\n mov $16, %ecx\n rep movsb\n"
	   GUEST_DONE);
GUEST_CODE(call_rom, 64, "call *%rdi\n" GUEST_DONE);
GUEST_CODE(in_rom, 64, "mov $77, %ebx\n ret\n");

static struct vm *vm;
static struct vcpu *vcpu;
static u8 *rom;
static struct kvm_regs regs;

static void start(const u8 *code, const u8 *end, u64 rdi, u64 rax)
{
	vcpu_load(vcpu, MODE_LONG64, code, end);
	vcpu_get_regs(vcpu, &regs);
	regs.rdi = rdi;
	regs.rax = rax;
	vcpu_set_regs(vcpu, &regs);
}

#define START(code, rdi, rax) start(code, code##_end, rdi, rax)

static u64 word(u64 offset)
{
	return *(u64 *)(rom + offset);
}

static void test_load_store(void)
{
	u64 value = 0xabcdef;

	START(load, ROM_GPA + 0x1008, 0);
	expect_done(vcpu, "a read needs no exit");
	vcpu_get_regs(vcpu, &regs);
	ok_eq(regs.rax, MARK, "and sees the memory");
	START(store, ROM_GPA + 0x1008, value);
	expect_mmio_write(vcpu, ROM_GPA + 0x1008, 8, &value, "a write is for userspace");
	expect_done(vcpu, "and then over");
	ok_eq(word(0x1008), MARK, "the memory is what it was");
	START(store, ROM_GPA + 0x2000, value);
	expect_mmio_write(vcpu, ROM_GPA + 0x2000, 8, &value, "a write to a page never read");
	expect_done(vcpu, "is over, too");

	START(store_load, ROM_GPA + 0x1008, value);
	expect_mmio_write(vcpu, ROM_GPA + 0x1008, 8, &value, "a write between two reads");
	*(u64 *)(rom + 0x1008) = MARK + 1;
	expect_done(vcpu, "after which userspace changed the memory");
	vcpu_get_regs(vcpu, &regs);
	ok_eq(regs.rbx, MARK, "the first read saw the old value");
	ok_eq(regs.rcx, MARK + 1, "the second one what userspace made of it");
	*(u64 *)(rom + 0x1008) = MARK;
}

static void test_modify(void)
{
	u32 value = (u32)MARK | 1, other = 0x99;
	u64 wide = 0x1234567;
	u8 byte = 0x5a;
	int i;

	START(or_mem, ROM_GPA + 0x1008, 0);
	expect_mmio_write(vcpu, ROM_GPA + 0x1008, 4, &value, "OR reads memory, and writes");
	expect_done(vcpu, "OR is over");
	START(lock_or, ROM_GPA + 0x1008, 0);
	expect_mmio_write(vcpu, ROM_GPA + 0x1008, 4, &value, "so does LOCK OR");
	expect_done(vcpu, "LOCK OR is over");
	START(xchg_mem, ROM_GPA + 0x1008, other);
	expect_mmio_write(vcpu, ROM_GPA + 0x1008, 4, &other, "XCHG writes");
	expect_done(vcpu, "XCHG is over");
	vcpu_get_regs(vcpu, &regs);
	ok_eq(regs.rax, (u32)MARK, "and has read");
	START(cmpxchg_same, ROM_GPA + 0x1008, 0);
	regs.rbx = other;
	vcpu_set_regs(vcpu, &regs);
	expect_mmio_write(vcpu, ROM_GPA + 0x1008, 4, &other, "CMPXCHG of what is there writes");
	expect_done(vcpu, "CMPXCHG is over");
	START(push_mem, ROM_GPA + 0x1008, wide);
	expect_mmio_write(vcpu, ROM_GPA + 0x1008, 8, &wide, "PUSH writes");
	expect_done(vcpu, "PUSH is over");
	START(stos, ROM_GPA + 0x1ffe, byte);
	for (i = 0; i < 3; i++)
		expect_mmio_write(vcpu, ROM_GPA + 0x1ffe + i, 1, &byte, "an element of REP STOSB");
	expect_done(vcpu, "REP STOSB is over");
	ok_eq(word(0x1008), MARK, "none of them changed the memory");
	ok_eq(word(0x2000), 0, "nor its neighbour");
	START(copy_out, ROM_GPA + 0x1008, 0);
	expect_done(vcpu, "REP MOVSB out of it");
	ok_eq(*(u64 *)gpa_to_hva(vm, DATA_GPA), MARK, "copies it");
}

static void test_code(void)
{
	memcpy(rom + 0x3000, in_rom, in_rom_end - in_rom);
	START(call_rom, ROM_GPA + 0x3000, 0);
	expect_done(vcpu, "code in read-only memory runs");
	vcpu_get_regs(vcpu, &regs);
	ok_eq(regs.rbx, 77, "and did what it should");
}

/* Memory that the VMM itself may not write. */
static void test_protected_host(void)
{
	u64 value = 5;

	mprotect(rom, ROM_SIZE, PROT_READ);
	START(load, ROM_GPA + 0x1008, 0);
	expect_done(vcpu, "memory that is read-only for the host, too");
	vcpu_get_regs(vcpu, &regs);
	ok_eq(regs.rax, MARK, "can be read");
	START(store, ROM_GPA + 0x1008, value);
	expect_mmio_write(vcpu, ROM_GPA + 0x1008, 8, &value, "and a write is for userspace");
	expect_done(vcpu, "and then over");
	mprotect(rom, ROM_SIZE, PROT_NONE);
	START(load, ROM_GPA + 0x1008, 0);
	ok_eq(run_until_exit(vcpu), -EFAULT, "without access for the host a read is EFAULT");
	START(store, ROM_GPA + 0x1008, value);
	expect_mmio_write(vcpu, ROM_GPA + 0x1008, 8, &value, "and a write as ever");
	mprotect(rom, ROM_SIZE, PROT_READ | PROT_WRITE);
	expect_done(vcpu, "which ends when there is access");
}

/* The guest's tables need accessed and dirty bits that they cannot get. */
static void test_tables(void)
{
	u64 *pd = gpa_to_hva(vm, PD_GPA), old = pd[4];
	u64 *pt = (u64 *)(rom + 0x4000);

	pt[0] = DATA_GPA | PTE_P | PTE_W | PTE_U;
	pd[4] = (ROM_GPA + 0x4000) | PTE_P | PTE_W | PTE_U | PTE_A;
	*(u64 *)gpa_to_hva(vm, DATA_GPA + 0x10) = MARK + 2;
	START(load, 0x800010, 0);
	expect_done(vcpu, "a page table in read-only memory");
	vcpu_get_regs(vcpu, &regs);
	ok_eq(regs.rax, MARK + 2, "translates a read");
	START(store, 0x800010, MARK + 3);
	expect_done(vcpu, "and a write");
	ok_eq(*(u64 *)gpa_to_hva(vm, DATA_GPA + 0x10), MARK + 3, "to where it should");
	ok_eq(pt[0], DATA_GPA | PTE_P | PTE_W | PTE_U, "and gets no accessed and dirty bits");
	pd[4] = old;
}

static void test_log(void)
{
	unsigned long bitmap[ROM_SIZE / PAGE_SIZE / 64];
	struct kvm_dirty_log log = { .slot = ROM_SLOT, .dirty_bitmap = bitmap };
	unsigned long any = 0;
	u64 value = 1;
	unsigned int i;

	memset(bitmap, 0xff, sizeof(bitmap));
	ok_eq(vm_set_region(vm, ROM_SLOT, 0, ROM_GPA, ROM_SIZE, rom), -EINVAL,
	      "it cannot become writable");
	must(vm_set_region(vm, ROM_SLOT, KVM_MEM_READONLY | KVM_MEM_LOG_DIRTY_PAGES, ROM_GPA,
			   ROM_SIZE, rom));
	START(store, ROM_GPA + 0x1008, value);
	expect_mmio_write(vcpu, ROM_GPA + 0x1008, 8, &value, "a write under a dirty log");
	expect_done(vcpu, "is over");
	must(kvm_ioctl(vm->fd, KVM_GET_DIRTY_LOG, &log));
	for (i = 0; i < ARRAY_SIZE(bitmap); i++)
		any |= bitmap[i];
	ok_eq(any, 0, "and makes nothing dirty");
}

int main(void)
{
	tap_start(50);
	if (kvm_has(KVM_CAP_READONLY_MEM) <= 0)
		skip_all("no KVM_CAP_READONLY_MEM");
	vm = vm_create();
	vcpu = vcpu_create(vm);
	rom = vm_add_region(vm, ROM_SLOT, KVM_MEM_READONLY, ROM_GPA, ROM_SIZE);
	*(u64 *)(rom + 0x1008) = MARK;
	test_load_store();
	test_modify();
	test_code();
	test_protected_host();
	test_tables();
	test_log();
	vm_destroy(vm);
	return tap_done();
}
