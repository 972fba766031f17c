// SPDX-License-Identifier: GPL-2.0-only
/* The FPU's state: vectors of corner values, MXCSR, the x87 stack in all its conditions. */
#include <linux/kernel.h>
#include <linux/string.h>
#include "native.h"

#define MXCSR_MASKS	0x1f80
#define HEADER		512

static const u32 singles[] = {
	0, 0x80000000, 0x3f800000, 0xbf800000, 1, 0x80000001, 0x007fffff, 0x00800000, 0x7f7fffff,
	0xff7fffff, 0x7f800000, 0xff800000, 0x7fc00000, 0xffc00000, 0x7f800001, 0x7fa00001,
	0x4f000000, 0xcf000000, 0x4effffff, 0x3f000000, 0x5f000000, 0xffffffff, 0x34000000,
};

static const u64 doubles[] = {
	0, 0x8000000000000000, 0x3ff0000000000000, 0xbff0000000000000, 1, 0x8000000000000001,
	0x000fffffffffffff, 0x0010000000000000, 0x7fefffffffffffff, 0xffefffffffffffff,
	0x7ff0000000000000, 0xfff0000000000000, 0x7ff8000000000000, 0xfff8000000000000,
	0x7ff0000000000001, 0x41e0000000000000, 0xc1e0000000000000, 0x43e0000000000000,
	0x3fe0000000000000, 0x4000000000000000, 0x7fffffffffffffff, 0x36a0000000000000,
};

/* Sign and exponent, and the significand: also those that are no number. */
static const struct { u16 exponent; u64 significand; } extendeds[] = {
	{ 0, 0 }, { 0x8000, 0 }, { 0x3fff, 1ull << 63 }, { 0xbfff, 1ull << 63 }, { 0, 1 },
	{ 0, 1ull << 63 }, { 0x7ffe, ~0ull }, { 0x7fff, 1ull << 63 }, { 0xffff, 1ull << 63 },
	{ 0x7fff, 3ull << 62 }, { 0x7fff, (1ull << 63) | 1 }, { 0xffff, 3ull << 62 },
	{ 0x7fff, 1 }, { 0x3fff, 1 }, { 0x4000, 0xc90fdaa22168c235 }, { 0x3ffe, 1ull << 63 },
	{ 0x403e, ~0ull }, { 0x401d, 1ull << 63 }, { 0xc01e, 1ull << 63 }, { 0x3f81, 1ull << 63 },
};

static u64 random_near_one(struct rng *r)
{
	u64 v = rng_next(r);

	return (v & 0x800fffffffffffff) | (u64)(0x3ff + rng_below(r, 40) - 20) << 52;
}

static u64 pick_lanes(struct rng *r)
{
	switch (rng_below(r, 8)) {
	case 0: case 1:
		return singles[rng_below(r, ARRAY_SIZE(singles))] |
		       (u64)singles[rng_below(r, ARRAY_SIZE(singles))] << 32;
	case 2: case 3:
		return doubles[rng_below(r, ARRAY_SIZE(doubles))];
	case 4:
		return pick_value(r);
	case 5:
		return random_near_one(r);
	case 6:
		/* Singles near one, twice. */
		return (rng_next(r) & 0x807fffff807fffff) |
		       (u64)(127 + rng_below(r, 40) - 20) << 55 | (127 + rng_below(r, 40) - 20) << 23;
	default:
		return rng_next(r);
	}
}

static void pick_extended(struct rng *r, u8 *to)
{
	u32 k = rng_below(r, ARRAY_SIZE(extendeds));
	u64 significand = extendeds[k].significand;
	u16 exponent = extendeds[k].exponent;

	switch (rng_below(r, 4)) {
	case 0: case 1:
		significand = rng_next(r) | 1ull << 63;
		exponent = (0x3fff + rng_below(r, 140) - 70) | (rng_next(r) & 0x8000);
		break;
	case 2:
		if (rng_one_in(r, 4)) {
			significand = rng_next(r);
			exponent = rng_next(r);
		}
		break;
	}
	memcpy(to, &significand, 8);
	memcpy(to + 8, &exponent, 2);
}

void fpu_memory_make(struct rng *r, u8 *to, u32 bytes)
{
	u32 i, k = rng_below(r, 8);

	/* The state itself, for what loads it. */
	if (bytes > 64 && k < 4) {
		memcpy(to, sandbox->fpu_in, bytes < sb_xsize ? bytes : sb_xsize);
		return;
	}
	for (i = 0; i + 8 <= bytes; i += 8) {
		u64 v = pick_lanes(r);

		memcpy(to + i, &v, 8);
	}
	if (k == 7)
		pick_extended(r, to);
}

static void make_x87(struct rng *r, u8 *area)
{
	static const u16 precisions[] = { 0x300, 0x300, 0x200, 0 };
	u16 fcw = 0x7f | precisions[rng_below(r, 4)] | (rng_next(r) & 0xc00), fsw, fop;
	u64 pointer;
	bool pending;
	u8 ftw;
	u32 i;

	if (rng_one_in(r, 4))
		fcw &= ~(rng_next(r) & 0x3f);
	fsw = rng_next(r) & 0x7f00;
	if (rng_one_in(r, 3))
		fsw |= rng_next(r) & 0x7f;
	if (fsw & ~fcw & 0x3f)
		fsw |= 0x8080;
	ftw = rng_one_in(r, 2) ? 0xff : rng_one_in(r, 4) ? 0 : rng_next(r);
	/* AMD's CPUs have the last instruction and operand only while an exception is pending. */
	pending = fsw & 0x80;
	fop = pending ? rng_next(r) & 0x7ff : 0;
	memcpy(area, &fcw, 2);
	memcpy(area + 2, &fsw, 2);
	area[4] = ftw;
	memcpy(area + 6, &fop, 2);
	pointer = pending ? rng_next(r) & 0xffffffff : 0;
	memcpy(area + 8, &pointer, 8);
	pointer = pending ? rng_next(r) & 0xffffffff : 0;
	memcpy(area + 16, &pointer, 8);
	for (i = 0; i < 8; i++)
		pick_extended(r, area + 32 + i * 16);
}

static void make_vectors(struct rng *r, u8 *area)
{
	u32 mxcsr = MXCSR_MASKS, c, i;

	if (rng_one_in(r, 2))
		mxcsr = rng_next(r) & 0xffff;
	mxcsr |= rng_next(r) & 0x6000;
	memcpy(area + 24, &mxcsr, 4);
	for (c = 1; c < 8; c++) {
		if (!(sb_xmask >> c & 1))
			continue;
		for (i = 0; i < sb_xcomp[c].size; i += 8) {
			u64 v = c == 5 ? rng_next(r) >> (rng_next(r) & 48) : pick_lanes(r);

			memcpy(area + sb_xcomp[c].offset + i, &v, 8);
		}
	}
}

/* What XRSTOR leaves in the components that the header does not name. */
static void init_components(u8 *area, u64 mask)
{
	u32 c;

	if (mask & 1)
		memcpy(area, "\x7f\x03\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 24);
	if (mask & 1)
		memset(area + 32, 0, 128);
	for (c = 1; c < 8; c++)
		if (mask >> c & 1)
			memset(area + sb_xcomp[c].offset, 0, sb_xcomp[c].size);
}

static bool uses_fpu(const struct form *f)
{
	return !f->op || f->op->name[0] == 'x' || f->op->name[0] == 'f' || f->op->name[0] == 'v' ||
	       f->flags & (F_SSE | F_MMX | F_AVX | F_FPU | F_FWAIT | F_OPMASK) ||
	       (f->row->map == MAP_ONE_BYTE && f->row->b >= 0xd8 && f->row->b <= 0xdf);
}

/* All of it is compared whatever the instruction: it changes only where that may matter. */
void fpu_values_make(struct rng *r, const struct form *f)
{
	u8 *area = sandbox->fpu_in;
	u64 header = sb_xmask;

	if (f && !uses_fpu(f))
		return;
	make_x87(r, area);
	make_vectors(r, area);
	if (rng_one_in(r, 8)) {
		header &= rng_next(r);
		init_components(area, sb_xmask & ~header);
	}
	memcpy(area + HEADER, &header, 8);
}
