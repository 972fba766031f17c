// SPDX-License-Identifier: GPL-2.0-only
/* What a case starts with: registers, flags, addresses that lead somewhere, memory. */
#include <linux/kernel.h>
#include <linux/string.h>
#include "native.h"

#define AT(page)	((page) * SB_PAGE)
#define WINDOW		64	/* bytes at an address that get new values */
#define STATE_WINDOW	2560	/* the same for what loads the FPU's state */

static const u64 corners[] = {
	0, 1, 2, 0x7f, 0x80, 0x81, 0xff, 0x100, 0x7fff, 0x8000, 0x8001, 0xffff, 0x10000,
	0x7fffffff, 0x80000000, 0x80000001, 0xffffffff, 0x100000000, 0x7fffffffffffffff,
	0x8000000000000000, 0x8000000000000001, 0xffffffffffffffff, 0x0123456789abcdef,
	0xfffffffffffffff0, 0xffffffff80000000, 0x00007fffffffffff, 0x0000800000000000,
};

u64 pick_value(struct rng *r)
{
	switch (rng_below(r, 8)) {
	case 0: case 1: case 2:
		return corners[rng_below(r, ARRAY_SIZE(corners))];
	case 3:
		return rng_next(r) & 0xff;
	case 4:
		return (s64)(s8)rng_next(r);
	default:
		return rng_next(r) >> rng_below(r, 64);
	}
}

void values_reset(struct rng *r)
{
	static const u8 pages[] = { SB_PAGE_LOW, SB_PAGE_DATA, SB_PAGE_DATA + 1, SB_PAGE_DATA + 2,
				    SB_PAGE_RO, SB_PAGE_STACK, SB_PAGE_STACK + 1, SB_PAGE_TOP };
	unsigned int i, j;

	for (i = 0; i < sizeof(pages); i++) {
		u64 *p = (u64 *)(sb_memory + AT(pages[i]));

		for (j = 0; j < SB_PAGE / 8; j++)
			p[j] = rng_next(r);
	}
	emu_copy_memory();
	fpu_values_make(r, NULL);
}

static bool is64(const struct form *f)
{
	return f->world->mode == X86EMUL_MODE_PROT64;
}

static bool named(const struct form *f, const char *name)
{
	return f->op && f->op->name && !strcmp(f->op->name, name);
}

static bool has_operand(const struct form *f, u8 code)
{
	unsigned int i;

	for (i = 0; f->op && i < MAX_OPERANDS; i++)
		if (f->op->operand[i] == code)
			return true;
	return false;
}

/* A linear address for an operand of @bytes; false: let the registers lead where they want. */
static bool pick_address(struct rng *r, const struct form *f, u32 bytes, u64 *la)
{
	u32 data = AT(SB_PAGE_DATA), n = bytes ? bytes : 8, k = rng_below(r, 36);
	u32 in = rng_below(r, 3 * SB_PAGE - 640), at;

	if (k < 14) {
		at = data + (in & ~63u);
	} else if (k < 21) {
		at = data + in;
	} else if (k < 25) {
		at = data + SB_PAGE * (1 + rng_below(r, 2)) - 1 - rng_below(r, n);
	} else if (k == 25) {
		at = data + 3 * SB_PAGE - rng_below(r, n + 1);
	} else if (k == 26) {
		at = AT(SB_PAGE_DATA - 1) + rng_below(r, SB_PAGE);
	} else if (k < 29) {
		at = AT(SB_PAGE_RO) + (rng_below(r, SB_PAGE - n) & (rng_next(r) | ~63u));
	} else if (k == 29) {
		at = AT(SB_PAGE_RO) + SB_PAGE - rng_below(r, n + 1);
	} else if (k == 30) {
		at = data - 1 - rng_below(r, n);
	} else if (k == 31) {
		at = rng_one_in(r, 2) ? 0x10000 - 1 - rng_below(r, n) : rng_below(r, 64);
	} else if (k == 32) {
		at = SB_SMALL_LIMIT + 1 - rng_below(r, n + 1);
	} else if (k == 33 && is64(f)) {
		*la = corners[rng_below(r, ARRAY_SIZE(corners))] + rng_below(r, 32) - 16;
		return true;
	} else {
		return false;
	}
	*la = SB_ARENA + at;
	return true;
}

/* New contents where an operand is, in both memories. */
static void fill_window(struct rng *r, const struct form *f, u64 la, u32 bytes)
{
	u8 data[STATE_WINDOW];
	u32 n = bytes <= WINDOW ? WINDOW : STATE_WINDOW, i;

	if (la < SB_ARENA || la >= SB_ARENA + AT(SB_PAGES))
		return;
	/* The code pages keep what they have. */
	if (la - SB_ARENA < AT(SB_PAGE_CODE + 2) && la - SB_ARENA + n > AT(SB_PAGE_CODE))
		return;
	if (f->flags & (F_SSE | F_MMX | F_AVX | F_FPU) || bytes > 8) {
		fpu_memory_make(r, data, n);
	} else {
		for (i = 0; i < n; i += 8) {
			u64 v = pick_value(r);

			memcpy(data + i, &v, 8);
		}
	}
	poke_both(la - SB_ARENA, data, n);
}

static u64 address_mask(const struct form *f)
{
	return f->ad_bytes == 8 ? ~0ull : (1ull << f->ad_bytes * 8) - 1;
}

static u64 base_of(const struct form *f, int seg)
{
	if (seg == X86_SEG_FS)
		return sandbox->in.fs_base;
	if (seg == X86_SEG_GS)
		return sandbox->in.gs_base;
	return is64(f) ? 0 : world_base(f->world, seg);
}

/* Set the low bits of a register to an address; what is above stays as it is. */
static void set_address(const struct form *f, int reg, u64 ea)
{
	u64 *p = &sandbox->in.gpr[reg], mask = address_mask(f);

	*p = (*p & ~mask) | (ea & mask);
}

/* Choose the base register, else the index, so that the operand is at @la. */
static void solve_memory(const struct form *f, u64 la)
{
	const u64 *gpr = sandbox->in.gpr;
	u64 ea = la - base_of(f, f->seg) - f->disp;

	if (f->base >= 0 && f->base != f->index) {
		if (f->index >= 0)
			ea -= gpr[f->index] << f->scale;
		set_address(f, f->base, ea);
	} else if (f->base < 0 && f->index >= 0) {
		set_address(f, f->index, ea >> f->scale);
	} else if (f->base >= 0) {
		set_address(f, f->base, ea / ((1u << f->scale) + 1));
	}
}

static void place_memory(struct rng *r, const struct form *f)
{
	bool state = !f->mem_bytes && f->op && (f->op->name[0] == 'x' || f->op->name[0] == 'f');
	u64 la;

	/* A bit string reaches far: mostly near its base. */
	if (has_operand(f, OC_EvG) && !rng_one_in(r, 8))
		sandbox->in.gpr[f->modrm_reg & 15] = (s64)(s16)rng_next(r) >> 2;
	if (!pick_address(r, f, state ? 512 : f->mem_bytes, &la))
		return;
	solve_memory(f, la);
	fill_window(r, f, la, state ? STATE_WINDOW : f->mem_bytes);
}

/* Where a branch may lead: int3 in the second code page, or nowhere. */
u64 pick_code_offset(struct rng *r, u64 base)
{
	switch (rng_below(r, 8)) {
	case 0:
		return SB_ARENA + AT(SB_PAGE_CODE + 2) + rng_below(r, SB_PAGE) - base;
	case 1:
		return pick_value(r) | 0x800000;
	case 2:
		return SB_ARENA + AT(SB_PAGE_DATA) + rng_below(r, SB_PAGE) - base;
	default:
		return SB_ARENA + AT(SB_PAGE_CODE + 1) + 0x40 + rng_below(r, SB_PAGE - 0x80) - base;
	}
}

static u64 pick_target(struct rng *r, const struct form *f)
{
	return pick_code_offset(r, base_of(f, X86_SEG_CS));
}

/* Selectors that user mode may have, and some that it may not. */
u16 pick_selector(struct rng *r)
{
	static const u16 sel[] = {
		0, 1, 2, 3, SB_USER_DS, SB_USER_DS & ~3, SB_USER32_CS, SB_USER_CS, 0x18, 0x1b,
		SB_SEL_DATA16, SB_SEL_BASED, SB_SEL_SMALL, SB_SEL_DOWN, SB_SEL_RODATA,
		SB_SEL_CODE16, SB_SEL_CODE32, SB_SEL_ABSENT, SB_SEL_DATA16 & ~3, 0x47, 0x2000, 0xffff,
	};

	return sel[rng_below(r, ARRAY_SIZE(sel))];
}

/* What RETF and IRET pop: target, flags, stack. */
static void place_frame(struct rng *r, const struct form *f, u32 at)
{
	static const u16 stacks[] = { SB_USER_DS, SB_USER_DS, SB_SEL_DATA16, SB_SEL_BASED, 0, 3 };
	static const u16 codes[] = { SB_USER_CS, SB_USER32_CS, SB_SEL_CODE16, SB_SEL_CODE32 };
	u16 cs = rng_one_in(r, 4) ? pick_selector(r) : codes[rng_below(r, 4)];
	u16 ss = rng_one_in(r, 4) ? pick_selector(r) : stacks[rng_below(r, 6)];
	u64 frame[5] = { pick_code_offset(r, sandbox_segment_base(cs)), cs,
			 (rng_next(r) & 0x3f4fd7) | EFLG_FIXED, pick_value(r), ss };
	unsigned int i;

	for (i = 0; i < 5; i++)
		poke_both(at + i * f->op_bytes, &frame[i], f->op_bytes);
}

static u32 pick_stack(struct rng *r)
{
	u32 stack = AT(SB_PAGE_STACK);

	switch (rng_below(r, 16)) {
	case 0:
		return stack + rng_below(r, 40);
	case 1:
		return stack + 2 * SB_PAGE - rng_below(r, 40);
	case 2:
		return stack + SB_PAGE + rng_below(r, 64) - 32;
	case 3:
		return AT(SB_PAGE_RO) + rng_below(r, SB_PAGE);
	case 4:
		return stack + rng_below(r, 2 * SB_PAGE);
	default:
		return stack + 0x400 + (rng_below(r, 2 * SB_PAGE - 0x800) & ~7u);
	}
}

static void place_stack(struct rng *r, const struct form *f)
{
	u64 base = base_of(f, X86_SEG_SS), la = SB_ARENA + pick_stack(r), v;
	u64 *gpr = sandbox->in.gpr;
	bool small = f->world->seg[X86_SEG_SS] == SB_SEL_DATA16;
	bool target = named(f, "ret");
	unsigned int i;

	if (is64(f) && rng_one_in(r, 64))
		return;
	for (i = 0; i < 8; i++) {
		v = target && !i ? pick_target(r, f) : pick_value(r);
		if (f->op->execute == em_pop_seg && !i)
			v = pick_selector(r);
		poke_both(la - SB_ARENA + i * 8, &v, 8);
	}
	if (f->op->execute == em_ret_far || f->op->execute == em_iret)
		place_frame(r, f, la - SB_ARENA);
	gpr[4] = la - base;
	if (small)
		gpr[4] = (gpr[4] & 0xffff) | (u32)rng_next(r) << 16;
	if (rng_one_in(r, 4))
		return;
	gpr[5] = SB_ARENA + pick_stack(r) - base;
	if (small)
		gpr[5] |= (u32)rng_next(r) << 16;
}

static void place_selectors(struct rng *r, const struct form *f)
{
	u64 *gpr = sandbox->in.gpr, sel = pick_selector(r), la, far;

	if (!f->memory) {
		gpr[f->modrm_rm & 15] = sel | (rng_next(r) & ~0xffffull);
		return;
	}
	if (!pick_address(r, f, 16, &la))
		return;
	solve_memory(f, la);
	if (!has_operand(f, OC_Mp)) {
		poke_both(la - SB_ARENA, &sel, 2);
		return;
	}
	far = f->op->operand[0] == OC_Mp ? pick_code_offset(r, sandbox_segment_base(sel)) :
	      pick_value(r);
	poke_both(la - SB_ARENA, &far, f->op_bytes);
	poke_both(la - SB_ARENA + f->op_bytes, &sel, 2);
}

static void place_string(struct rng *r, const struct form *f)
{
	u64 *gpr = sandbox->in.gpr, la, v = pick_value(r);
	u32 i;

	if (pick_address(r, f, 64, &la)) {
		set_address(f, 6, la - base_of(f, f->seg));
		fill_window(r, f, la, 8);
		if (rng_one_in(r, 3) && la - SB_ARENA >= AT(SB_PAGE_DATA))
			for (i = 0; i < 8; i++)
				poke_both(la - SB_ARENA + i * 8, &v, 8);
	}
	if (pick_address(r, f, 64, &la)) {
		set_address(f, 7, la - base_of(f, X86_SEG_ES));
		if (rng_one_in(r, 2) && la - SB_ARENA >= AT(SB_PAGE_DATA) &&
		    la - SB_ARENA < AT(SB_PAGE_TOP))
			for (i = 0; i < 8; i++)
				poke_both(la - SB_ARENA + i * 8, &v, 8);
	}
	if (rng_one_in(r, 3))
		gpr[0] = v;
	/* Near each other, that is overlapping. */
	if (rng_one_in(r, 6))
		set_address(f, 7, gpr[6] + rng_below(r, 33) - 16 + base_of(f, X86_SEG_DS) -
			    base_of(f, X86_SEG_ES));
	set_address(f, 1, rng_one_in(r, 16) ? rng_below(r, 5000) : rng_below(r, 24));
}

static void shape_dividend(struct rng *r, const struct form *f)
{
	u64 *gpr = sandbox->in.gpr;

	if (rng_one_in(r, 4))
		return;
	gpr[2] = rng_one_in(r, 2) ? 0 : (s64)gpr[0] >> 63;
	if (f->op->operand[0] == OC_Eb)
		gpr[0] = (s16)rng_next(r) >> rng_below(r, 16);
	else if (f->op_bytes == 4)
		gpr[2] = rng_one_in(r, 2) ? 0 : (s32)gpr[0] >> 31;
}

/* Comparisons succeed now and then. */
static void shape_compare(struct rng *r, const struct form *f)
{
	u64 *gpr = sandbox->in.gpr, la;
	u32 half = named(f, "cmpxchg16b") || f->op_bytes == 8 ? 8 : 4;

	if (!f->memory) {
		if (rng_one_in(r, 2))
			gpr[f->modrm_rm & 15] = gpr[0];
		return;
	}
	if (!pick_address(r, f, 16, &la))
		return;
	solve_memory(f, la);
	if (la - SB_ARENA < AT(SB_PAGE_DATA) || rng_one_in(r, 2))
		return;
	poke_both(la - SB_ARENA, &gpr[0], half);
	poke_both(la - SB_ARENA + half, &gpr[2], half);
}

static void shape_branch(struct rng *r, const struct form *f)
{
	u64 target = pick_target(r, f), la;

	if (has_operand(f, OC_Jb) && rng_one_in(r, 2))
		sandbox->in.gpr[1] = rng_below(r, 3);
	if (!has_operand(f, OC_Ev))
		return;
	if (!f->memory) {
		sandbox->in.gpr[f->modrm_rm & 15] = target;
		return;
	}
	if (!pick_address(r, f, 8, &la))
		return;
	solve_memory(f, la);
	if (la - SB_ARENA >= AT(SB_PAGE_DATA))
		poke_both(la - SB_ARENA, &target, 8);
}

/* CLZERO: rAX has the address. */
static void place_line(struct rng *r, const struct form *f)
{
	u64 la;

	if (pick_address(r, f, 64, &la))
		set_address(f, 0, la - base_of(f, f->seg));
}

static bool is_segment_load(const struct form *f)
{
	return f->op && f->op->operand[0] == OC_Sw ? true : has_operand(f, OC_Mp);
}

static void shape(struct rng *r, const struct form *f)
{
	if (f->flags & F_STRING || named(f, "maskmovq") || named(f, "maskmovdqu") ||
	    named(f, "vmaskmovdqu"))
		place_string(r, f);
	else if (f->memory)
		place_memory(r, f);
	if (!f->op || f->flags & F_UD)
		return;
	if (f->flags & F_NEAR)
		shape_branch(r, f);
	if (named(f, "clzero"))
		place_line(r, f);
	if (named(f, "div") || named(f, "idiv"))
		shape_dividend(r, f);
	if (named(f, "cmpxchg") || named(f, "cmpxchg8b") || named(f, "cmpxchg16b"))
		shape_compare(r, f);
	if (is_segment_load(f) || (has_operand(f, OC_Ew) && f->flags & F_PROT))
		place_selectors(r, f);
	if (f->flags & F_IMPL && !(f->flags & F_STRING) && !rng_one_in(r, 32))
		if (f->base != 4 || rng_one_in(r, 2) || !f->memory)
			place_stack(r, f);
}

static void pick_flags(struct rng *r, const struct form *f)
{
	u64 flags = (rng_next(r) & EFLG_ARITH) | EFLG_FIXED | EFLG_IF;

	if (rng_one_in(r, f->flags & F_STRING ? 2 : 8))
		flags |= EFLG_DF;
	if (rng_one_in(r, 8))
		flags |= EFLG_ID;
	if (f->op && f->op->execute == em_iret && rng_one_in(r, 16))
		flags |= EFLG_NT;
	sandbox->in.eflags = flags;
}

static void pick_segments(struct rng *r, const struct form *f)
{
	struct sb_regs *in = &sandbox->in;
	unsigned int i;

	for (i = 0; i < 6; i++)
		in->seg[i] = f->world->seg[i];
	in->fs_base = world_base(f->world, X86_SEG_FS);
	in->gs_base = world_base(f->world, X86_SEG_GS);
	if (!is64(f))
		return;
	in->fs_base = rng_one_in(r, 8) ? (s64)(rng_next(r) << 16) >> 16 : SB_ARENA;
	in->gs_base = rng_one_in(r, 4) ? (s64)(rng_next(r) << 16) >> 16 : rng_next(r) & 0xffffff;
}

void values_make(struct rng *r, const struct form *f)
{
	u64 *gpr = sandbox->in.gpr;
	unsigned int i;

	pick_segments(r, f);
	for (i = 0; i < 16; i++)
		gpr[i] = pick_value(r);
	if (rng_one_in(r, 4))
		gpr[1] = rng_below(r, 70);
	fpu_values_make(r, f);
	shape(r, f);
	if (!is64(f))
		for (i = 0; i < 16; i++)
			gpr[i] = i < 8 ? (u32)gpr[i] : 0;
	/* A far call into 64-bit code whose pushes wrap to the top makes Linux fault for ever. */
	if (!is64(f) && f->op && f->op->execute == em_call_far && (u16)gpr[4] < 64)
		gpr[4] += 64;
	pick_flags(r, f);
}
