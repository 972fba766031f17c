// SPDX-License-Identifier: GPL-2.0-only
/* The tables a guest finds in its memory before its first instruction. */
#include "kvm_test.h"
#include "tables.h"

#define PTE_ALL (PTE_P | PTE_W | PTE_U | PTE_A | PTE_D)

static void write_page_tables(struct vm *vm)
{
	u64 *pml4 = gpa_to_hva(vm, PML4_GPA);
	u64 *pdpt = gpa_to_hva(vm, PDPT_GPA);
	u64 *pae = gpa_to_hva(vm, PDPT_PAE_GPA);
	u64 *pd = gpa_to_hva(vm, PD_GPA);
	u64 *pt = gpa_to_hva(vm, PT_GPA);
	u32 *pd32 = gpa_to_hva(vm, PD32_GPA);
	u32 *pt32 = gpa_to_hva(vm, PT32_GPA);
	u64 i;

	pml4[0] = PDPT_GPA | PTE_P | PTE_W | PTE_U;
	for (i = 0; i < 4; i++) {
		pdpt[i] = (PD_GPA + i * PAGE_SIZE) | PTE_P | PTE_W | PTE_U;
		pae[i] = (PD_GPA + i * PAGE_SIZE) | PTE_P;
	}
	for (i = 0; i < 4 * 512; i++)
		pd[i] = (i << 21) | PTE_ALL | PTE_PS;
	pd[0] = PT_GPA | PTE_P | PTE_W | PTE_U;
	for (i = 0; i < 512; i++)
		pt[i] = (i << 12) | PTE_ALL;
	for (i = 0; i < 1024; i++) {
		pd32[i] = (i << 22) | PTE_ALL | PTE_PS;
		pt32[i] = (i << 12) | PTE_ALL;
	}
	pd32[0] = PT32_GPA | PTE_P | PTE_W | PTE_U;
}

void vm_map(struct vm *vm, u64 gva, u64 gpa, u64 bits)
{
	u64 *pt = gpa_to_hva(vm, PT_GPA);
	u32 *pt32 = gpa_to_hva(vm, PT32_GPA);

	if (gva < 0x200000)
		pt[gva >> 12] = gpa | bits;
	if (gva < 0x400000)
		pt32[gva >> 12] = gpa | (bits & 0xfff);
}

/* @flags: access byte in bits 7:0, G D/B L AVL in bits 15:12. */
static u64 descriptor(u32 base, u32 limit, u32 flags)
{
	return (limit & 0xffff) | (u64)(base & 0xffffff) << 16 |
	       (u64)(flags & 0xff) << 40 | (u64)(limit >> 16 & 0xf) << 48 |
	       (u64)(flags >> 12 & 0xf) << 52 | (u64)(base >> 24) << 56;
}

static void write_gdt(struct vm *vm)
{
	u64 *gdt = gpa_to_hva(vm, GDT_GPA);

	gdt[SEL_CODE64 / 8] = descriptor(0, 0xfffff, 0xa09b);
	gdt[SEL_DATA / 8] = descriptor(0, 0xfffff, 0xc093);
	gdt[SEL_CODE32 / 8] = descriptor(0, 0xfffff, 0xc09b);
	gdt[SEL_CODE16_FLAT / 8] = descriptor(0, 0xffff, 0x009b);
	gdt[SEL_CODE16 / 8] = descriptor(CODE_GPA, 0xffff, 0x009b);
	gdt[SEL_DATA16 / 8] = descriptor(DATA_GPA, 0xffff, 0x0093);
	gdt[SEL_STACK16 / 8] = descriptor(STACK_GPA, 0xffff, 0x0093);
	gdt[SEL_MMIO16 / 8] = descriptor(MMIO_GPA, 0xffff, 0x0093);
	gdt[SEL_USER_CODE64 / 8] = descriptor(0, 0xfffff, 0xa0fb);
	gdt[SEL_USER_DATA / 8] = descriptor(0, 0xfffff, 0xc0f3);
	gdt[SEL_USER_CODE32 / 8] = descriptor(0, 0xfffff, 0xc0fb);
	gdt[SEL_TSS / 8] = descriptor(TSS64_GPA, 0x67, 0x008b);
	gdt[SEL_TSS / 8 + 1] = 0;
	gdt[SEL_TSS32 / 8] = descriptor(TSS32_GPA, 0x67, 0x008b);
}

static void write_tss(struct vm *vm)
{
	u64 kernel_stack = STACK_GPA + 0x1000;
	u32 *tss32 = gpa_to_hva(vm, TSS32_GPA);

	memcpy(gpa_to_hva(vm, TSS64_GPA + 4), &kernel_stack, 8);
	tss32[1] = kernel_stack;
	tss32[2] = SEL_DATA;
}

static bool has_error_code(unsigned int vector)
{
	return vector == DF_VECTOR || (vector >= TS_VECTOR && vector <= PF_VECTOR) ||
	       vector == AC_VECTOR || vector == 21 || vector == 29 || vector == 30;
}

#define STUB_SIZE 16

/*
 * push 0 (unless an error code is there); push vector; out; drop both; iret.
 * The code is the same in all modes but for the operand sizes.
 */
static void write_stub(u8 *p, unsigned int vector, int width, bool real)
{
	if (real || !has_error_code(vector)) {
		*p++ = 0x6a;
		*p++ = 0;
	}
	*p++ = 0x6a;
	*p++ = vector;
	*p++ = 0xe6;
	*p++ = PORT_FAULT;
	if (width == 8)
		*p++ = 0x48;
	*p++ = 0x83;
	*p++ = 0xc4;
	*p++ = 2 * width;
	if (width == 8)
		*p++ = 0x48;
	*p++ = 0xcf;
}

static void write_gates(struct vm *vm)
{
	u64 *idt64 = gpa_to_hva(vm, IDT64_GPA);
	u64 *idt32 = gpa_to_hva(vm, IDT32_GPA);
	u64 *idt16 = gpa_to_hva(vm, IDT16_GPA);
	u32 *ivt = gpa_to_hva(vm, 0);
	u64 addr = STUB_GPA;
	unsigned int i;

	for (i = 0; i < NR_VECTORS; i++, addr += STUB_SIZE) {
		write_stub(gpa_to_hva(vm, addr), i, 8, false);
		idt64[2 * i] = addr | SEL_CODE64 << 16 | 0x8e00ull << 32;
	}
	for (i = 0; i < NR_VECTORS; i++, addr += STUB_SIZE) {
		write_stub(gpa_to_hva(vm, addr), i, 4, false);
		idt32[i] = addr | SEL_CODE32 << 16 | 0x8e00ull << 32;
	}
	for (i = 0; i < NR_VECTORS; i++, addr += STUB_SIZE) {
		write_stub(gpa_to_hva(vm, addr), i, 2, false);
		idt16[i] = addr | SEL_CODE16_FLAT << 16 | 0x8600ull << 32;
	}
	for (i = 0; i < NR_VECTORS; i++, addr += STUB_SIZE) {
		write_stub(gpa_to_hva(vm, addr), i, 2, true);
		ivt[i] = addr;
	}
}

void write_guest_tables(struct vm *vm)
{
	write_page_tables(vm);
	write_gdt(vm);
	write_tss(vm);
	write_gates(vm);
}
