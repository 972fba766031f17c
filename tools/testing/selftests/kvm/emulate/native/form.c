// SPDX-License-Identifier: GPL-2.0-only
/*
 * Encodings of a row: encode_row() gives one with a plain memory operand, this
 * puts every other ModRM form, prefixes and REX bits around it.
 */
#include <linux/string.h>
#include "native.h"

/* 64-bit code; flat 32-bit code; the same with bases and limits; 16-bit code. */
const struct world worlds[NR_WORLDS] = {
	{ "64-bit", X86EMUL_MODE_PROT64,
	  { SB_USER_DS, SB_USER_CS, SB_USER_DS, SB_USER_DS, 0, 0 } },
	{ "32-bit", X86EMUL_MODE_PROT32,
	  { SB_USER_DS, SB_USER32_CS, SB_USER_DS, SB_USER_DS, SB_SEL_BASED, SB_SEL_DATA16 } },
	{ "32-bit, limits", X86EMUL_MODE_PROT32,
	  { SB_SEL_BASED, SB_USER32_CS, SB_SEL_BASED, SB_SEL_SMALL, SB_SEL_DOWN,
	    SB_SEL_RODATA } },
	{ "16-bit", X86EMUL_MODE_PROT16,
	  { SB_SEL_DATA16, SB_SEL_CODE16, SB_SEL_DATA16, SB_SEL_DATA16, SB_SEL_BASED,
	    SB_SEL_DOWN } },
};

#define CODE_START	(SB_PAGE_CODE * SB_PAGE)
#define CODE_END	(CODE_START + 2 * SB_PAGE)

u64 world_base(const struct world *w, int seg)
{
	return seg < 6 ? sandbox_segment_base(w->seg[seg]) : 0;
}

/* Where the instruction is: sometimes over the end of a page, sometimes at the end of code. */
static u32 pick_place(struct rng *r, const struct row *row, u32 len)
{
	/* How long an undefined instruction is, nobody says. */
	if (row->op->flags & F_UD)
		return CODE_START + 0x800;
	if (rng_one_in(r, 24))
		return CODE_START + SB_PAGE - 1 - rng_below(r, len);
	if (rng_one_in(r, 48))
		return CODE_END - len + (rng_one_in(r, 2) ? rng_below(r, len) : 0);
	return CODE_START + 0x200 + rng_below(r, SB_PAGE - 0x400);
}

/* Neither into the instruction nor into what is behind it. */
static u64 pick_displacement(struct rng *r, bool byte)
{
	static const u32 far[] = { 0x1000, 0x1800, 0x7fff8001, 0x80000000, 0xfffff000, 0x8000 };

	if (rng_one_in(r, 8))
		return 0;
	if (byte || rng_one_in(r, 2))
		return rng_one_in(r, 2) ? 16 + rng_below(r, 112) : -32 - (s64)rng_below(r, 96);
	if (rng_one_in(r, 3))
		return far[rng_below(r, 6)];
	return rng_one_in(r, 2) ? 0x400 + rng_below(r, 0x1000) :
	       (rng_next(r) & 0xffff7fff) | 0x100400;
}

static u64 pick_offset(struct rng *r, const struct world *w)
{
	u64 base = world_base(w, X86_SEG_DS);

	return SB_ARENA + SB_PAGE_DATA * SB_PAGE + rng_below(r, 3 * SB_PAGE) - base;
}

static u64 pick_immediate(struct rng *r, const struct row *row, const struct world *w)
{
	static const u64 imm[] = { 0, 1, 2, 0x7f, 0x80, 0xff, 0x1f, 0x20, 0x21, 0x3f, 0x40,
				   0x8000, 0xffff, 0x8000007f, 0x7fffffff };
	unsigned int i;

	for (i = 0; i < MAX_OPERANDS; i++) {
		u8 code = row->op->operand[i];

		if (code == OC_Jb || code == OC_Jz)
			return pick_displacement(r, code == OC_Jb);
		if (code == OC_Ob || code == OC_Ov)
			return pick_offset(r, w);
		/* ENTER: a frame that fits and a level that is often small. */
		if (code == OC_Iw && row->op->flags & F_STACK)
			return rng_below(r, 64) | (rng_one_in(r, 4) ? rng_next(r) & 0x1f0000 :
						   rng_below(r, 3) << 16);
	}
	return rng_one_in(r, 2) ? imm[rng_below(r, 15)] : rng_next(r);
}

static bool is_legacy_prefix(u8 b)
{
	return b == 0x66 || b == 0x67 || b == 0xf0 || b == 0xf2 || b == 0xf3 || b == 0x26 ||
	       b == 0x2e || b == 0x36 || b == 0x3e || b == 0x64 || b == 0x65;
}

struct builder {
	u8 b[32];
	u32 len;
	u32 modrm;	/* 0: none */
	u32 body;	/* after the legacy prefixes */
};

static void insert(struct builder *b, u32 at, u8 byte)
{
	memmove(b->b + at + 1, b->b + at, b->len - at);
	b->b[at] = byte;
	b->len++;
	if (b->modrm >= at && b->modrm)
		b->modrm++;
}

/* 16-bit addressing: the bytes from ModRM on; how many. */
static u32 make_mem16(struct rng *r, u8 reg, u8 *to)
{
	u8 mod = rng_below(r, 3), rm = rng_below(r, 8);
	u32 bytes = mod == 1 ? 1 : mod == 2 || rm == 6 ? 2 : 0;
	u32 disp = rng_one_in(r, 2) ? rng_next(r) : SB_PAGE_DATA * SB_PAGE + rng_below(r, 8192);

	to[0] = mod << 6 | reg << 3 | rm;
	memcpy(to + 1, &disp, bytes);
	return 1 + bytes;
}

/* A displacement of 4 bytes; alone it has to be an address by itself. */
static s32 pick_disp32(struct rng *r, const struct world *w, bool alone)
{
	s32 data = SB_ARENA + SB_PAGE_DATA * SB_PAGE + rng_below(r, 3 * SB_PAGE - 32) -
		   world_base(w, X86_SEG_DS);

	if (alone && !rng_one_in(r, 16))
		return data;
	return rng_one_in(r, 2) ? (s32)rng_next(r) : (s16)rng_next(r);
}

static u32 make_mem32(struct rng *r, const struct form *f, u8 reg, u32 place, u32 before, u8 *to)
{
	u8 mod = rng_below(r, 3), rm = rng_below(r, 8);
	bool alone = !mod && rm == 5, sib = rm == 4;
	u32 n = 1, bytes = mod == 1 ? 1 : mod == 2 || alone ? 4 : 0;
	s32 disp;

	to[0] = mod << 6 | reg << 3 | rm;
	if (sib) {
		to[n++] = rng_next(r);
		if (!mod && (to[1] & 7) == 5) {
			alone = rng_one_in(r, 2);
			bytes = 4;
			/* No index either: an address alone. */
			if (alone)
				to[1] = (to[1] & 0xc7) | 4 << 3;
		}
	}
	disp = bytes == 4 ? pick_disp32(r, f->world, alone) : (s32)rng_next(r);
	/* Relative to RIP, more or less: the immediates are not counted. */
	if (f->world->mode == X86EMUL_MODE_PROT64 && alone && !sib)
		disp -= SB_ARENA + place + before + 5;
	memcpy(to + n, &disp, bytes);
	return n + bytes;
}

/* Put another form in place of the one with a base register only. */
static void replace_memory(struct rng *r, struct form *f, struct builder *b, bool ad16)
{
	u8 to[8], mod = b->b[b->modrm] >> 6, reg = b->b[b->modrm] >> 3 & 7;
	u32 old = 1 + (mod == 1), n;

	if ((b->b[b->modrm] & 7) == 4 && f->world->mode != X86EMUL_MODE_PROT16)
		old++;
	n = ad16 ? make_mem16(r, reg, to) :
	    make_mem32(r, f, reg, CODE_START + 0x800, b->modrm, to);
	memmove(b->b + b->modrm + n, b->b + b->modrm + old, b->len - b->modrm - old);
	memcpy(b->b + b->modrm, to, n);
	b->len = b->len - old + n;
}

/* Extend base, index and register numbers; sometimes W. */
static void add_rex(struct rng *r, const struct form *f, struct builder *b)
{
	u8 first = b->b[b->body], bits = rng_next(r) & 3;

	if (f->row->rexb >= 0 || f->row->rm >= 0)
		bits &= 2;
	if (first >= 0x40 && first <= 0x4f) {
		b->b[b->body] |= bits | (rng_one_in(r, 16) ? 4 : 0);
		return;
	}
	if (row_is_vex(f->row)) {
		if (first != 0xc5)
			b->b[b->body + 1] ^= bits << 5;
		return;
	}
	if (rng_one_in(r, 16))
		bits |= 8;
	insert(b, b->body, 0x40 | bits);
}

static void add_prefixes(struct rng *r, const struct form *f, struct builder *b)
{
	static const u8 segs[] = { 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x64, 0x65 };
	bool lockable = f->row->op->flags & F_LOCK;

	if (rng_one_in(r, 6)) {
		insert(b, 0, segs[rng_below(r, 8)]);
		b->body++;
	}
	if (rng_one_in(r, lockable ? 4 : 40)) {
		insert(b, 0, 0xf0);
		b->body++;
	}
	if (f->row->op->flags & F_UD)
		return;
	if (rng_one_in(r, f->row->op->flags & F_STRING ? 2 : 24)) {
		insert(b, 0, rng_one_in(r, 2) ? 0xf3 : 0xf2);
		b->body++;
	}
	if (rng_one_in(r, 40)) {
		insert(b, 0, 0x66);
		b->body++;
	}
}

/* What VEX and EVEX have besides. */
static void pick_vex(struct rng *r, const struct row *row, u32 registers, struct encoding *e)
{
	bool evex = row_is_evex(row);

	e->vvvv = rng_below(r, registers);
	e->l = rng_below(r, evex ? 3 : 2);
	e->vex3 = rng_one_in(r, 3);
	if (!evex)
		return;
	/* What the row does not allow is tried now and then. */
	if (row->op->evex & EVEX_MASK || rng_one_in(r, 16))
		e->aaa = rng_one_in(r, 3) ? 0 : rng_below(r, 8);
	e->z = e->aaa && rng_one_in(r, 3);
	e->b = rng_one_in(r, row->op->evex & (EVEX_BCST4 | EVEX_BCST8 | EVEX_ROUND) ? 4 : 32);
}

static bool encode(struct rng *r, const struct row *row, const struct world *w,
		   struct encoding *e)
{
	static const u8 sizes[] = { 0, 0, 2, 4, 8, 8 };
	bool is64 = w->mode == X86EMUL_MODE_PROT64;
	u32 registers = !is64 ? 8 : row_is_evex(row) && rng_one_in(r, 2) ? 32 : 16;
	unsigned int n;

	for (n = 0; n < 8; n++) {
		memset(e, 0, sizeof(*e));
		e->mode = w->mode;
		e->op_bytes = sizes[rng_below(r, 6)];
		e->memory = !rng_one_in(r, 3);
		e->reg = rng_below(r, n < 4 ? registers : 8);
		e->rm = rng_below(r, n < 4 ? registers : 8);
		e->imm = pick_immediate(r, row, w);
		if (row_is_vex(row))
			pick_vex(r, row, n < 4 ? registers : 8, e);
		if (encode_row(row, e))
			return true;
	}
	return false;
}

/* The offset and selector of a direct far branch. */
static void put_far_target(struct rng *r, const struct world *w, struct encoding *e)
{
	u16 sel = pick_selector(r);
	u32 offset = pick_code_offset(r, sandbox_segment_base(sel));
	u8 bytes = e->size == 2 ? 2 : 4;

	memcpy(e->bytes + e->len - 2, &sel, 2);
	memcpy(e->bytes + e->len - 2 - bytes, &offset, bytes);
}

/* Does the row's memory operand take any form? */
static bool free_memory(const struct row *row, const struct encoding *e)
{
	return e->modrm_at && e->bytes[e->modrm_at] < 0xc0 && row->rm < 0;
}

/* Prefixes, REX and another memory form around what the row demands. */
static void decorate(struct rng *r, struct form *f, const struct encoding *e, struct builder *b)
{
	const struct row *row = f->row;
	bool is64 = f->world->mode == X86EMUL_MODE_PROT64, ad;

	ad = rng_one_in(r, 8) && row->op->operand[0] != OC_Ob && row->op->operand[0] != OC_Ov &&
	     row->op->operand[1] != OC_Ob && row->op->operand[1] != OC_Ov;
	if (free_memory(row, e) && !rng_one_in(r, 6))
		replace_memory(r, f, b, !is64 && ad != (f->world->mode == X86EMUL_MODE_PROT16));
	else if (free_memory(row, e))
		ad = false;
	if (is64 && rng_one_in(r, 2))
		add_rex(r, f, b);
	if (ad) {
		insert(b, 0, 0x67);
		b->body++;
	}
	add_prefixes(r, f, b);
}

bool form_make(struct rng *r, const struct row *row, struct form *f)
{
	struct encoding e;
	struct builder b;

	f->row = row;
	if (!encode(r, row, f->world, &e))
		return false;
	if (row->op->operand[0] == OC_Ap)
		put_far_target(r, f->world, &e);
	memset(&b, 0, sizeof(b));
	memcpy(b.b, e.bytes, e.len);
	b.len = e.len;
	b.modrm = e.modrm_at;
	while (is_legacy_prefix(b.b[b.body]) && b.body < b.len)
		b.body++;
	decorate(r, f, &e, &b);
	if (b.len > 15)
		return false;
	memcpy(f->bytes, b.b, b.len);
	f->len = b.len;
	f->prefixes = b.body;
	f->at = pick_place(r, row, f->len);
	emu_world(f->world);
	if (!emu_decode(f))
		return false;
	/* Made undefined by a prefix: how long it is, nobody says. */
	if (f->undefined)
		f->at = CODE_START + 0x800;
	return !form_excluded(f);
}
