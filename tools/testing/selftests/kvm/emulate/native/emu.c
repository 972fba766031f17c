// SPDX-License-Identifier: GPL-2.0-only
/* The emulator's side: a machine with the sandbox's memory, segments and CPUID. */
#include <cpuid.h>
#include <linux/string.h>
#include "native.h"

#define LA_KERNEL	0xfffffe0000001000ull	/* GDT, LDT, TSS */
#define LA_IDT		0xfffffe0000003000ull
#define LA_KSTACK	0xfffffe0000005000ull
#define KERNEL_CS	0x10
#define KERNEL_ENTRY	0xffffffff81000000ull	/* of vector 0, the others follow */
#define ENTRY_BYTES	16
#define LDT_OFFSET	0x800
#define TSS_OFFSET	0x400
#define GDT_SIZE	0x80
#define CPU_NODE	0x7b
#define TSS_LIMIT	0x67
#define MAX_RESTARTS	100000

#define ATTR_CODE32	0xcfb
#define ATTR_CODE64	0xafb
#define ATTR_DATA	0xcf3

static struct machine machine;
static struct x86_emulate_ops ops;
static struct mpage *page_of[SB_PAGES];
u8 emu_fpu[SB_FPU_BYTES] __attribute__((__aligned__(64)));

/* The descriptors that Linux gives user mode, and those of the sandbox with AVL set. */
static const struct { u16 sel; u16 attr; u64 base; u32 limit; } descriptors[] = {
	{ KERNEL_CS, ATTR_CODE64 & ~X86_SEG_DPL_MASK, 0, 0xffffffff },
	{ SB_USER32_CS, ATTR_CODE32, 0, 0xffffffff },
	{ SB_USER_DS, ATTR_DATA, 0, 0xffffffff },
	{ SB_USER_CS, ATTR_CODE64, 0, 0xffffffff },
	{ SB_SEL_CODE16, 0x1fb, SB_ARENA, 0xffff },
	{ SB_SEL_DATA16, 0x1f3, SB_ARENA, 0xffff },
	{ SB_SEL_BASED, 0x5f3, SB_ARENA, 0xffff },
	{ SB_SEL_SMALL, 0x5f3, SB_ARENA, SB_SMALL_LIMIT },
	{ SB_SEL_DOWN, 0x1f7, SB_ARENA, SB_SMALL_LIMIT },
	{ SB_SEL_RODATA, 0x5f1, SB_ARENA, 0xffff },
	{ SB_SEL_CODE32, 0xdf9, 0, 0xffffffff },
	{ SB_SEL_ABSENT, 0xd73, 0, 0xffffffff },
	{ CPU_NODE, 0x4f5, 0, 0 },
};

/* Linux keeps the number of the processor in the limit of this segment. */
static u32 cpu_node_limit(void)
{
	u32 limit = 0;

	__asm__ volatile("lsl %1, %0" : "+r" (limit) : "r" (CPU_NODE) : "cc");
	return limit;
}

static void n_get_fpu(struct x86_emulate_ctxt *ctxt)
{
	__asm__ volatile("xrstor64 %0" : : "m" (emu_fpu), "a" ((u32)sb_xmask), "d" (0) : "memory");
}

static void n_put_fpu(struct x86_emulate_ctxt *ctxt)
{
	__asm__ volatile("xsave64 %0" : "+m" (emu_fpu) : "a" ((u32)sb_xmask), "d" (0) : "memory");
	__asm__ volatile("xrstor64 %0" : : "m" (sandbox->init), "a" ((u32)sb_xmask), "d" (0)
			 : "memory");
}

/* XCR1 has what of the guest's state is in use: ask with that state loaded. */
static int n_get_xcr(struct x86_emulate_ctxt *ctxt, u32 index, u64 *val)
{
	u32 lo, hi;

	if (index != 1)
		return machine_ops.get_xcr(ctxt, index, val);
	n_get_fpu(ctxt);
	__asm__ volatile("xgetbv" : "=a" (lo), "=d" (hi) : "c" (1));
	n_put_fpu(ctxt);
	*val = lo | (u64)hi << 32;
	return X86EMUL_CONTINUE;
}

static void n_get_cpuid(struct x86_emulate_ctxt *ctxt, u32 *eax, u32 *ebx, u32 *ecx, u32 *edx)
{
	__cpuid_count(*eax, *ecx, *eax, *ebx, *ecx, *edx);
}

static struct x86_segment segment_of(u16 sel)
{
	struct x86_segment s = { .selector = sel, .attr = X86_SEG_UNUSABLE };
	unsigned int i;

	for (i = 0; i < sizeof(descriptors) / sizeof(descriptors[0]); i++)
		if (descriptors[i].sel == sel) {
			s.attr = descriptors[i].attr;
			s.base = descriptors[i].base;
			s.limit = sel == CPU_NODE ? cpu_node_limit() : descriptors[i].limit;
		}
	return s;
}

static void put_descriptors(void)
{
	unsigned int i;

	for (i = 0; i < sizeof(descriptors) / sizeof(descriptors[0]); i++) {
		u16 sel = descriptors[i].sel, attr = descriptors[i].attr;
		u32 limit = sel == CPU_NODE ? cpu_node_limit() : descriptors[i].limit, base = descriptors[i].base;
		u64 at = LA_KERNEL + (sel & 4 ? LDT_OFFSET : 0) + (sel & ~7), d;

		if (attr & X86_SEG_G)
			limit >>= 12;
		d = (limit & 0xffff) | (u64)(base & 0xffffff) << 16 | (u64)(attr & 0xff) << 40 |
		    (u64)(limit >> 16) << 48 | (u64)(attr >> 8 & 0xf) << 52 |
		    (u64)(base >> 24) << 56;
		machine_poke(&machine, at, &d, 8);
	}
}

static void add_pages(void)
{
	static const u8 ram[] = {
		SB_PAGE_CODE, SB_PAGE_DATA, SB_PAGE_DATA + 1, SB_PAGE_DATA + 2, SB_PAGE_STACK,
		SB_PAGE_STACK + 1, SB_PAGE_CODE + 1, SB_PAGE_RO, SB_PAGE_LOW, SB_PAGE_TOP,
	};
	unsigned int i;

	memset(machine.s.page, 0, sizeof(machine.s.page));
	for (i = 0; i < sizeof(ram); i++) {
		bool fixed = ram[i] == SB_PAGE_RO || ram[i] == SB_PAGE_CODE ||
			     ram[i] == SB_PAGE_CODE + 1;
		u64 la = SB_ARENA + ram[i] * SB_PAGE;

		machine_page(&machine, la, fixed ? PG_RAM & ~PG_WRITABLE : PG_RAM);
		page_of[ram[i]] = machine_find(&machine, la);
	}
	machine_page(&machine, LA_KERNEL, PG_PRESENT | PG_WRITABLE);
	machine_page(&machine, LA_IDT, PG_PRESENT | PG_WRITABLE);
	machine_page(&machine, LA_KSTACK, PG_PRESENT | PG_WRITABLE);
}

/* Interrupt gates as Linux has them: user mode may use those of INT3 and INTO. */
static void put_gates(void)
{
	u64 rsp0 = LA_KSTACK + SB_PAGE, gate[2];
	unsigned int i;

	for (i = 0; i < 256; i++) {
		u64 entry = KERNEL_ENTRY + i * ENTRY_BYTES;
		u64 dpl = i == EXC_BP || i == EXC_OF ? 3 : 0;

		gate[0] = (entry & 0xffff) | KERNEL_CS << 16 | (0x8e00ull | dpl << 13) << 32 |
			  (entry >> 16 & 0xffff) << 48;
		gate[1] = entry >> 32;
		machine_poke(&machine, LA_IDT + i * sizeof(gate), gate, sizeof(gate));
	}
	machine_poke(&machine, LA_KERNEL + TSS_OFFSET + 4, &rsp0, 8);
	machine.s.dt[X86_DT_IDT] = (struct x86_desc_ptr) { SB_PAGE - 1, LA_IDT };
}

void emu_init(void)
{
	static u8 page[MACHINE_PAGE] __attribute__((aligned(64)));
	u16 no_iomap = 0xffff;

	machine_init(&machine, X86EMUL_MODE_PROT64, 3);
	machine.bulk_page = page;
	ops = machine_ops;
	ops.get_fpu = n_get_fpu;
	ops.put_fpu = n_put_fpu;
	ops.get_cpuid = n_get_cpuid;
	ops.get_xcr = n_get_xcr;
	machine.ctxt.ops = &ops;
	x86_emulate_features(&machine.ctxt, &machine.features);
	add_pages();
	put_descriptors();
	put_gates();
	machine_poke(&machine, LA_KERNEL + TSS_OFFSET + 0x66, &no_iomap, 2);
	machine.s.dt[X86_DT_GDT] = (struct x86_desc_ptr) { GDT_SIZE - 1, LA_KERNEL };
	/* As Linux runs user mode. */
	machine.s.cr[0] = 0x80050033;
	machine.s.cr[4] = CR4_DE | BIT(5) | BIT(7) | CR4_OSFXSR | CR4_OSXMMEXCPT | CR4_UMIP |
			  CR4_FSGSBASE | CR4_OSXSAVE | CR4_SMAP | BIT(20);
	machine.s.xcr0 = sb_xmask;
	machine_set_msr(&machine, 0xc0000080, 0xd01);
}

bool emu_has_feature(const struct opcode *op)
{
	return !(op->flags & F_CPUID_BIT) ||
	       machine.features.bits[op->cpuid / 64] >> (op->cpuid % 64) & 1;
}

static void set_segments(const struct world *w)
{
	unsigned int i;

	for (i = X86_SEG_ES; i <= X86_SEG_GS; i++)
		machine.s.seg[i] = segment_of(w->seg[i]);
	machine.s.seg[X86_SEG_LDTR] = (struct x86_segment) {
		.selector = 0x50, .attr = X86_SEG_P | 2, .limit = SB_LDT_ENTRIES * 8 - 1,
		.base = LA_KERNEL + LDT_OFFSET,
	};
	machine.s.seg[X86_SEG_TR] = (struct x86_segment) {
		.selector = 0x40, .attr = X86_SEG_P | 11, .limit = TSS_LIMIT,
		.base = LA_KERNEL + TSS_OFFSET,
	};
}

void emu_world(const struct world *w)
{
	machine.mode = w->mode;
	machine.cpl = 3;
	set_segments(w);
}

void poke_both(u32 at, const void *data, u32 bytes)
{
	const u8 *d = data;

	while (bytes) {
		u32 in_page = at % SB_PAGE, n = SB_PAGE - in_page;

		if (n > bytes)
			n = bytes;
		if (at / SB_PAGE < SB_PAGES && page_of[at / SB_PAGE]) {
			memcpy(sb_memory + at, d, n);
			memcpy(page_of[at / SB_PAGE]->data + in_page, d, n);
		}
		at += n;
		d += n;
		bytes -= n;
	}
}

void emu_copy_memory(void)
{
	unsigned int i;

	for (i = 0; i < SB_PAGES; i++)
		if (page_of[i])
			memcpy(page_of[i]->data, sb_memory + i * SB_PAGE, SB_PAGE);
}

void emu_take_memory(void)
{
	unsigned int i;

	for (i = 0; i < SB_PAGES; i++)
		if (page_of[i])
			memcpy(sb_memory + i * SB_PAGE, page_of[i]->data, SB_PAGE);
}

void emu_copy_code(void)
{
	unsigned int i;

	for (i = SB_PAGE_CODE; i < SB_PAGE_CODE + 2; i++)
		memcpy(page_of[i]->data, sb_memory + i * SB_PAGE, SB_PAGE);
}

int emu_memory_differs(void)
{
	unsigned int i, j;

	for (i = 0; i < SB_PAGES; i++) {
		if (!page_of[i] || !memcmp(page_of[i]->data, sb_memory + i * SB_PAGE, SB_PAGE))
			continue;
		for (j = 0; page_of[i]->data[j] == sb_memory[i * SB_PAGE + j]; j++)
			;
		return i * SB_PAGE + j;
	}
	return -1;
}

u8 emu_memory_byte(u32 at)
{
	return page_of[at / SB_PAGE]->data[at % SB_PAGE];
}

/* What the memory form of ModRM is made of. */
static void take_address(struct form *f, const struct x86_emulate_ctxt *c)
{
	u8 rm = c->modrm & 7, mod = c->modrm >> 6;

	f->base = -1;
	f->index = -1;
	f->scale = 0;
	if (f->ad_bytes == 2) {
		static const s8 base[] = { 3, 3, 5, 5, 6, 7, 5, 3 };
		static const s8 index[] = { 6, 7, 6, 7, -1, -1, -1, -1 };

		if (mod || rm != 6) {
			f->base = base[rm];
			f->index = index[rm];
		}
	} else if (rm == 4) {
		f->index = (c->sib >> 3 & 7) | (c->rex & 2) << 2;
		f->index = f->index == 4 ? -1 : f->index;
		f->scale = c->sib >> 6;
		if ((c->sib & 7) != 5 || mod)
			f->base = (c->sib & 7) | (c->rex & 1) << 3;
	} else if (rm != 5 || mod) {
		f->base = rm | (c->rex & 1) << 3;
	}
}

static u8 memory_bytes(const struct x86_emulate_ctxt *c)
{
	if (c->dst.type == OP_MEM)
		return c->dst.bytes;
	if (c->src.type == OP_MEM)
		return c->src.bytes;
	if (c->src2.type == OP_MEM)
		return c->src2.bytes;
	return c->src3.type == OP_MEM ? c->src3.bytes : 0;
}

bool emu_decode(struct form *f)
{
	const struct x86_emulate_ctxt *c = &machine.ctxt;

	memset(machine.s.gpr, 0, sizeof(machine.s.gpr));
	machine_poke(&machine, SB_ARENA + f->at, f->bytes, f->len);
	machine.s.eip = f->at + (f->world->seg[X86_SEG_CS] == SB_SEL_CODE16 ? 0 : SB_ARENA);
	machine_decode(&machine);
	f->op = c->op;
	f->flags = c->op ? c->op->flags : 0;
	f->undefined = (machine.decode_result == X86EMUL_PROPAGATE_FAULT &&
			c->exception.vector == EXC_UD) || f->flags & F_UD;
	if (machine.decode_result == X86EMUL_UNHANDLEABLE)
		return false;
	if (machine.decode_result == X86EMUL_CONTINUE) {
		if (!c->op->execute && !(c->op->flags & F_UD))
			return false;
		/* With a prefix it may want bytes that nobody chose. */
		if (c->next_eip - c->eip > f->len)
			return false;
		f->len = c->next_eip - c->eip;
	}
	f->ad_bytes = c->ad_bytes;
	f->op_bytes = c->op_bytes;
	f->modrm_reg = c->modrm_reg;
	f->modrm_rm = c->modrm_rm;
	f->memory = c->has_modrm && c->modrm < 0xc0;
	f->disp = c->rip_relative ? c->disp + (s64)c->next_eip : c->disp;
	f->seg = c->has_modrm && c->modrm < 0xc0 ? c->modrm_seg :
		 c->seg_override < X86_NR_SEGS ? c->seg_override : X86_SEG_DS;
	f->mem_bytes = memory_bytes(c);
	if (f->memory)
		take_address(f, c);
	return true;
}

static void take_exception(struct outcome *out)
{
	const struct x86_exception *e = &machine.ctxt.exception;

	out->event.vector = e->vector;
	out->event.error = e->error_code_valid ? e->error_code : 0;
	out->event.address = e->vector == EXC_PF ? e->address : 0;
}

/* A software interrupt went through its gate: what user mode had is on the stack there. */
static void take_delivery(struct outcome *out)
{
	u64 vector = (machine.s.eip - KERNEL_ENTRY) / ENTRY_BYTES, frame[5];

	if (out->result != EMULATION_OK || vector > 255 ||
	    !machine_peek(&machine, machine.s.gpr[X86_REG_RSP], frame, sizeof(frame)))
		return;
	out->event.vector = vector;
	out->event.rip = frame[0];
	out->regs.seg[X86_SEG_CS] = frame[1];
	out->regs.eflags = frame[2];
	out->regs.gpr[X86_REG_RSP] = frame[3];
	out->regs.seg[X86_SEG_SS] = frame[4];
}

static bool not_canonical(u64 ea, unsigned int bytes)
{
	u64 first = ea + (1ull << 47), last = first + bytes - 1;

	return (first | last) >> 48;
}

static bool odd_offset(const struct operand *op)
{
	return op->type == OP_MEM && op->seg >= X86_SEG_FS && not_canonical(op->ea, op->bytes);
}

/* The address is a register that is no operand. */
static bool odd_line(const struct x86_emulate_ctxt *c)
{
	return c->op && c->op->execute == em_clzero && c->seg_override >= X86_SEG_FS &&
	       c->seg_override < X86_NR_SEGS && not_canonical(c->gpr[X86_REG_RAX], 1);
}

/* The memory operand, before a handler drops it. */
static void take_operand(struct outcome *out)
{
	const struct x86_emulate_ctxt *c = &machine.ctxt;
	const struct operand *op = &c->dst;

	if (op->type != OP_MEM)
		op = c->src.type == OP_MEM ? &c->src : c->src2.type == OP_MEM ? &c->src2 : &c->src3;
	out->ea = op->type == OP_MEM ? op->ea : 0;
	out->misaligned = c->op && c->op->flags & F_ALIGN && op->type == OP_MEM &&
			  (op->ea + machine.s.seg[op->seg].base) & (op->bytes - 1);
	out->odd_offset = machine.mode == X86EMUL_MODE_PROT64 &&
			  (odd_offset(&c->dst) || odd_offset(&c->src) || odd_offset(&c->src2) ||
			   odd_offset(&c->src3) || odd_line(c));
}

static void take_input(const struct form *f)
{
	const struct sb_regs *in = &sandbox->in;

	memcpy(machine.s.gpr, in->gpr, sizeof(in->gpr));
	machine.s.eflags = in->eflags;
	machine.s.eip = sandbox->entry_offset;
	machine.mode = f->world->mode;
	machine.cpl = 3;
	set_segments(f->world);
	machine.s.seg[X86_SEG_FS].base = in->fs_base;
	machine.s.seg[X86_SEG_GS].base = in->gs_base;
	memcpy(emu_fpu, sandbox->fpu_in, sb_xsize);
}

void emu_run(const struct form *f, struct outcome *out)
{
	unsigned int n = 0;
	int i;

	memset(out, 0, sizeof(*out));
	take_input(f);
	do {
		machine_decode(&machine);
		out->result = EMULATION_FAULT;
		if (machine.decode_result == X86EMUL_UNHANDLEABLE)
			out->result = EMULATION_FAILED;
		if (machine.decode_result != X86EMUL_CONTINUE)
			break;
		take_operand(out);
		machine.ctxt.ops = &ops;
		out->result = x86_emulate_insn(&machine.ctxt);
		if (out->result == EMULATION_OK || out->result == EMULATION_RESTART) {
			machine.s.eip = machine.ctxt.eip;
			machine.s.eflags = machine.ctxt.eflags;
		}
	} while (out->result == EMULATION_RESTART && ++n < MAX_RESTARTS);
	out->event = (struct sb_event) { .vector = -1, .rip = machine.s.eip,
					 .eflags = machine.s.eflags };
	if (out->result == EMULATION_FAULT)
		take_exception(out);
	memcpy(out->regs.gpr, machine.s.gpr, sizeof(out->regs.gpr));
	out->regs.eflags = machine.s.eflags;
	for (i = 0; i < 6; i++)
		out->regs.seg[i] = machine.s.seg[i].selector;
	take_delivery(out);
	out->regs.fs_base = machine.s.seg[X86_SEG_FS].base;
	out->regs.gs_base = machine.s.seg[X86_SEG_GS].base;
}

void emu_disasm(const struct form *f, char *text, size_t size)
{
	emu_world(f->world);
	memset(machine.s.gpr, 0, sizeof(machine.s.gpr));
	machine.s.eip = f->at + (f->world->seg[X86_SEG_CS] == SB_SEL_CODE16 ? 0 : SB_ARENA);
	machine_decode(&machine);
	x86_emulate_disasm(&machine.ctxt, text, size);
}
