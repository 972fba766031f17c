// SPDX-License-Identifier: GPL-2.0-only
/* Read-only slots: memory for reads and execution, MMIO for writes, as ROM is. */
#include <sys/mman.h>

#include "kvm_test.h"

#define ROM_SLOT 5
#define ROM_GPA 0x40000000ul
#define ROM_SIZE 0x400000ul
#define LOW_SLOT 6
#define LOW_GPA (HIGH_GPA + HIGH_SIZE)
#define MARK 0x1122334455667788ull

GUEST_CODE(load, 64, "1: mov (%rdi), %rax\n" GUEST_DONE "jmp 1b\n");
GUEST_CODE(store, 64, "mov %rax, (%rdi)\n" GUEST_DONE);
GUEST_CODE(store_byte, 64, "mov %al, 5(%rdi)\n" GUEST_DONE);
GUEST_CODE(or_mem, 64, "orl $1, (%rdi)\n" GUEST_DONE);
GUEST_CODE(lock_inc, 64, "lock incq (%rdi)\n" GUEST_DONE);
GUEST_CODE(copy_from, 64, "mov %rdi, %rsi\n mov $0x30000, %edi\n movsq\n" GUEST_DONE);
GUEST_CODE(copy_to, 64, "mov $0x30000, %esi\n movsq\n" GUEST_DONE);
GUEST_CODE(execute, 64, "call *%rdi\n" GUEST_DONE);
GUEST_CODE(in_rom, 64, "lea 0x22(%rax), %rax\n ret\n");
GUEST_CODE(store_load, 64, "mov (%rdi), %rbx\n mov %rax, (%rdi)\n mov (%rdi), %rax\n" GUEST_DONE);
GUEST_CODE(xchg_mem, 64, "xchg %eax, (%rdi)\n" GUEST_DONE);
GUEST_CODE(cmpxchg_same, 64,
	   "mov (%rdi), %eax\n mov $0x99, %ebx\n lock cmpxchg %ebx, (%rdi)\n" GUEST_DONE);
GUEST_CODE(push_mem, 64, "lea 8(%rdi), %rsp\n push %rax\n" GUEST_DONE);
GUEST_CODE(stos, 64, "mov $3, %ecx\n rep stosb\n" GUEST_DONE);
GUEST_CODE(load_segment, 64, "mov %eax, %ds\n xor %eax, %eax\n mov %ds, %eax\n" GUEST_DONE);
GUEST_CODE(forced_segment, 64,
	   GUEST_FEP "mov %eax, %ds\n xor %eax, %eax\n mov %ds, %eax\n" GUEST_DONE);
GUEST_CODE(forced_load, 64, GUEST_FEP "mov (%rdi), %rax\n" GUEST_DONE);
GUEST_CODE(forced_store, 64, GUEST_FEP "mov %rax, (%rdi)\n" GUEST_DONE);
GUEST_CODE(forced_lock, 64, GUEST_FEP "lock incq (%rdi)\n" GUEST_DONE);
GUEST_CODE(forced_cmpxchg, 64,
	   "mov $0x77, %ebx\n" GUEST_FEP "lock cmpxchg %rbx, (%rdi)\n" GUEST_DONE);

static struct vm *vm;
static struct vcpu *vcpu;
static u8 *rom;

static void start(const u8 *code, const u8 *end, u64 gpa, u64 value)
{
	struct kvm_regs regs;

	vcpu_load(vcpu, MODE_LONG64, code, end);
	vcpu_get_regs(vcpu, &regs);
	regs.rdi = gpa;
	regs.rax = value;
	vcpu_set_regs(vcpu, &regs);
}

#define START(code, gpa, value) start(code, code##_end, gpa, value)

static u64 rax(void)
{
	struct kvm_regs regs;

	vcpu_get_regs(vcpu, &regs);
	return regs.rax;
}

static void expect_rax(u64 want, const char *name)
{
	expect_done(vcpu, name);
	ok_eq(rax(), want, "%s: RAX", name);
}

/* A write that leaves as MMIO, changes nothing, and is over with it. */
static void expect_write(u64 gpa, u32 len, u64 value, const char *name)
{
	expect_mmio_write(vcpu, gpa, len, &value, name);
	expect_done(vcpu, "the guest goes on");
	ok_eq(*(u64 *)rom, MARK, "and the memory is as it was");
}

static void test_flags(void)
{
	ok_eq(kvm_has(KVM_CAP_READONLY_MEM), 1, "KVM_CAP_READONLY_MEM");
	ok_eq(vm_set_region(vm, ROM_SLOT, KVM_MEM_READONLY, ROM_GPA, ROM_SIZE, rom), 0,
	      "a read-only slot");
	ok_eq(vm_set_region(vm, ROM_SLOT, 0, ROM_GPA, ROM_SIZE, rom), -EINVAL,
	      "cannot be made writable");
	ok_eq(vm_set_region(vm, 0, KVM_MEM_READONLY, 0, RAM_END, vm->region[0].hva), -EINVAL,
	      "nor a writable one read-only");
	ok_eq(vm_set_region(vm, ROM_SLOT, 4, ROM_GPA, ROM_SIZE, rom), -EINVAL, "flag 2");
	ok_eq(vm_set_region(vm, ROM_SLOT, ~0u, ROM_GPA, ROM_SIZE, rom), -EINVAL, "all flags");
	ok_eq(vm_set_region(vm, ROM_SLOT, 4, ROM_GPA, 0, rom), -EINVAL, "deletion with flag 2");
}

static void test_native(const char *name)
{
	note("%s", name);
	*(u64 *)rom = MARK;
	memcpy(rom + ROM_SIZE - PAGE_SIZE, in_rom, in_rom_end - in_rom);
	START(load, ROM_GPA, 0);
	expect_rax(MARK, "a read is memory");
	*(u64 *)(rom + 8) = MARK + 1;
	START(load, ROM_GPA + 8, 0);
	expect_rax(MARK + 1, "what userspace writes is seen");
	START(execute, ROM_GPA + ROM_SIZE - PAGE_SIZE, 0x11);
	expect_rax(0x33, "code runs there");
	START(store, ROM_GPA, 0x99);
	expect_write(ROM_GPA, 8, 0x99, "a write is MMIO");
	START(store_byte, ROM_GPA, 0x42);
	expect_write(ROM_GPA + 5, 1, 0x42, "of a byte");
	START(or_mem, ROM_GPA, 0);
	expect_write(ROM_GPA, 4, (MARK | 1) & 0xffffffff, "OR reads memory and writes MMIO");
	START(lock_inc, ROM_GPA, 0);
	expect_write(ROM_GPA, 8, MARK + 1, "and so does a locked INC");
	START(copy_to, ROM_GPA, 0);
	*(u64 *)gpa_to_hva(vm, DATA_GPA) = 0x1234;
	expect_write(ROM_GPA, 8, 0x1234, "MOVS to it");
	START(copy_from, ROM_GPA, 0);
	expect_done(vcpu, "MOVS from it");
	ok_eq(*(u64 *)gpa_to_hva(vm, DATA_GPA), MARK, "reads memory");
	START(load, ROM_GPA, 0);
	expect_rax(MARK, "after all that a read is memory");
}

/* Instructions that write in other ways. */
static void test_writers(void)
{
	u8 byte = 0x5a;
	int i;

	START(store_load, ROM_GPA, 0x99);
	expect_mmio_write(vcpu, ROM_GPA, 8, &(u64){ 0x99 }, "a write between two reads");
	*(u64 *)rom = MARK + 1;
	expect_rax(MARK + 1, "the second one sees what userspace made of it");
	*(u64 *)rom = MARK;
	START(store, ROM_GPA + 5 * PAGE_SIZE, 0x99);
	expect_write(ROM_GPA + 5 * PAGE_SIZE, 8, 0x99, "a write to a page never read is MMIO");
	START(xchg_mem, ROM_GPA, 0x99);
	expect_write(ROM_GPA, 4, 0x99, "XCHG writes MMIO");
	ok_eq(rax(), (u32)MARK, "and has read memory");
	START(cmpxchg_same, ROM_GPA, 0);
	expect_write(ROM_GPA, 4, 0x99, "CMPXCHG of what is there writes MMIO");
	START(push_mem, ROM_GPA, 0x77);
	expect_write(ROM_GPA, 8, 0x77, "PUSH writes MMIO");
	START(stos, ROM_GPA + PAGE_SIZE - 2, byte);
	for (i = 0; i < 3; i++)
		expect_mmio_write(vcpu, ROM_GPA + PAGE_SIZE - 2 + i, 1, &byte,
				  "an element of REP STOSB");
	expect_done(vcpu, "REP STOSB is over");
	ok_eq(*(u16 *)(rom + PAGE_SIZE - 2), 0, "and wrote nothing");
}

/* A descriptor in ROM that wants its accessed bit: it does without, as tables do. */
static void test_descriptor(void)
{
	const u64 data64 = 0x00cf92000000ffff;	/* writable data, not accessed */
	struct kvm_sregs sregs;
	u64 *gdt = (u64 *)(rom + 4 * PAGE_SIZE);

	if (!kvm_is_ours()) {
		skip("descriptors in ROM", "the distribution's modules emulate that for ever");
		return;
	}
	gdt[5] = data64;
	START(load_segment, 0, 5 << 3);
	vcpu_get_sregs(vcpu, &sregs);
	sregs.gdt.base = ROM_GPA + 4 * PAGE_SIZE;
	sregs.gdt.limit = 63;
	vcpu_set_sregs(vcpu, &sregs);
	expect_rax(5 << 3, "a segment is loaded from a descriptor in ROM");
	ok_eq(gdt[5], data64, "which does not become accessed");
	if (forced_emulation_missing()) {
		skip("an emulated one", forced_emulation_missing());
		return;
	}
	START(forced_segment, 0, 5 << 3);
	vcpu_get_sregs(vcpu, &sregs);
	sregs.gdt.base = ROM_GPA + 4 * PAGE_SIZE;
	sregs.gdt.limit = 63;
	vcpu_set_sregs(vcpu, &sregs);
	expect_rax(5 << 3, "an emulated one is loaded as well");
	ok_eq(gdt[5], data64, "and does not become accessed");
}

/* Memory that the VMM itself may not write, or not access. */
static void test_protected_host(void)
{
	u64 value = 0x12;

	mprotect(rom, ROM_SIZE, PROT_READ);
	START(load, ROM_GPA, 0);
	expect_rax(MARK, "memory that userspace itself cannot write is read");
	START(store, ROM_GPA, value);
	expect_write(ROM_GPA, 8, value, "and a write to it is MMIO");
	mprotect(rom, ROM_SIZE, PROT_NONE);
	START(load, ROM_GPA, 0);
	ok_eq(run_until_exit(vcpu), -EFAULT, "without access for the host a read is EFAULT");
	START(store, ROM_GPA, value);
	expect_mmio_write(vcpu, ROM_GPA, 8, &value, "and a write as ever");
	mprotect(rom, ROM_SIZE, PROT_READ | PROT_WRITE);
	expect_done(vcpu, "which ends when there is access");
}

static void test_forced(void)
{
	const char *why = forced_emulation_missing();

	if (why) {
		skip("emulated accesses", why);
		return;
	}
	START(forced_load, ROM_GPA, 0);
	expect_rax(MARK, "an emulated read is memory");
	START(forced_store, ROM_GPA, 0x55);
	expect_write(ROM_GPA, 8, 0x55, "an emulated write is MMIO");
	START(forced_lock, ROM_GPA, 0);
	expect_write(ROM_GPA, 8, MARK + 1, "an emulated locked operation is MMIO");
	START(forced_cmpxchg, ROM_GPA, MARK);
	expect_write(ROM_GPA, 8, 0x77, "an emulated CMPXCHG that is equal is MMIO");
}

/* Logging of what cannot be written. */
static void test_log(void)
{
	u64 bitmap[ROM_SIZE / PAGE_SIZE / 64];
	struct kvm_dirty_log log = { .slot = ROM_SLOT, .dirty_bitmap = bitmap };
	u32 flags = KVM_MEM_READONLY | KVM_MEM_LOG_DIRTY_PAGES;

	ok_eq(vm_set_region(vm, ROM_SLOT, flags, ROM_GPA, ROM_SIZE, rom), 0,
	      "a read-only slot is logged");
	START(store, ROM_GPA, 0x99);
	expect_write(ROM_GPA, 8, 0x99, "a write is MMIO");
	memset(bitmap, 0xff, sizeof(bitmap));
	ok_eq(kvm_ioctl(vm->fd, KVM_GET_DIRTY_LOG, &log), 0, "GET");
	ok_eq(bitmap[0], 0, "it is not in the log");
	must(vm_set_region(vm, ROM_SLOT, KVM_MEM_READONLY, ROM_GPA, ROM_SIZE, rom));
}

/* The walk for a native access faults in the table, its emulation walks again. */
static void test_native_walk(u64 gva, u64 data)
{
	if (!kvm_is_ours()) {
		skip("native accesses through a page table in ROM",
		     "the distribution's modules access the table itself instead");
		return;
	}
	START(load, gva, 0);
	expect_rax(MARK + 3, "a read through a page table in ROM");
	START(store, gva, 0x66);
	expect_write(data, 8, 0x66, "a write through it to ROM");
}

/*
 * A page table in ROM, as firmware has it: where accessed and dirty bits cannot
 * be written, the guest goes on without them.
 */
static void test_page_table(void)
{
	u64 *table = (u64 *)(rom + 2 * PAGE_SIZE);
	u64 *pd = gpa_to_hva(vm, PD_GPA);
	u64 old = pd[256], gva = 256ul << 21;
	u64 data = ROM_GPA + 3 * PAGE_SIZE, entry = data | PTE_P | PTE_W | PTE_U;

	table[0] = entry;
	*(u64 *)(rom + 3 * PAGE_SIZE) = MARK + 3;
	pd[256] = (ROM_GPA + 2 * PAGE_SIZE) | PTE_P | PTE_W | PTE_U;
	test_native_walk(gva, data);
	if (!forced_emulation_missing()) {
		START(forced_load, gva, 0);
		expect_rax(MARK + 3, "an emulated read through it");
	} else {
		skip("an emulated read through it", forced_emulation_missing());
	}
	ok_eq(table[0], entry, "the table is as it was");
	pd[256] = old;
}

/* ROM and RAM side by side: an access over both. */
static void test_border(void)
{
	u64 gva = LOW_GPA - 4;
	u8 *low = mmap(NULL, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	u64 value = 0xaabbccdd11223344;
	u32 high = value >> 32;

	must(vm_set_region(vm, LOW_SLOT, KVM_MEM_READONLY, LOW_GPA, PAGE_SIZE, low));
	*(u32 *)low = 7;
	START(store, gva, value);
	expect_mmio_write(vcpu, LOW_GPA, 4, &high, "a write over RAM and ROM is MMIO in ROM");
	expect_done(vcpu, "the guest goes on");
	ok_eq(*(u32 *)gpa_to_hva(vm, gva), (u32)value, "the part in RAM is written");
	ok_eq(*(u32 *)low, 7, "the part in ROM is not");
	START(load, gva, 0);
	expect_rax(7ull << 32 | (u32)value, "a read over both is memory");
}

int main(void)
{
	tap_start(50);
	vm = vm_create();
	vcpu = vcpu_create(vm);
	rom = mmap(NULL, ROM_SIZE + 0x200000, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	rom += -(unsigned long)rom & 0x1fffff;
	madvise(rom, ROM_SIZE, MADV_NOHUGEPAGE);
	test_flags();
	test_native("4 KiB pages");
	madvise(rom, ROM_SIZE, MADV_DONTNEED);
	madvise(rom, ROM_SIZE, MADV_HUGEPAGE);
	test_native("2 MiB pages");
	test_writers();
	test_forced();
	test_log();
	test_page_table();
	test_border();
	test_descriptor();
	test_protected_host();
	vm_destroy(vm);
	return tap_done();
}
