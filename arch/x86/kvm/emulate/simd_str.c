// SPDX-License-Identifier: GPL-2.0-only
/* PCMPESTRM, PCMPESTRI, PCMPISTRM, PCMPISTRI: two strings of bytes or words. */
#include "emulate/simd_stub.h"

#define IMM_WORDS	BIT(0)
#define IMM_SIGNED	BIT(1)
#define IMM_AGGREGATE	(BIT(2) | BIT(3))
#define IMM_NEGATIVE	BIT(4)
#define IMM_MASKED	BIT(5)	/* negate what lies within the second string only */
#define IMM_MSB		BIT(6)	/* index of the last; mask of whole elements */

enum { EQUAL_ANY, RANGES, EQUAL_EACH, EQUAL_ORDERED };

struct strings {
	int a[16], b[16];	/* elements, as the immediate wants them extended */
	unsigned int la, lb;	/* how many of them are valid */
	unsigned int n;		/* elements that fit */
};

static void extend(int *out, const u8 *data, unsigned int n, u8 imm)
{
	unsigned int i;
	u16 w;

	for (i = 0; i < n; i++) {
		if (imm & IMM_WORDS)
			memcpy(&w, data + i * 2, 2);
		else
			w = data[i];
		out[i] = w;
		if (imm & IMM_SIGNED)
			out[i] = imm & IMM_WORDS ? (s16)w : (s8)w;
	}
}

/* An explicit length: the magnitude of EAX or EDX, RAX or RDX with W. */
static unsigned int explicit_length(struct x86_emulate_ctxt *ctxt, unsigned int reg, unsigned int n)
{
	unsigned long val = reg_read(ctxt, reg);
	long len = ctxt->rex & BIT(3) ? (long)val : (s32)val;

	return len > -(long)n && len < (long)n ? (len < 0 ? -len : len) : n;
}

static unsigned int implicit_length(const int *elements, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n && elements[i]; i++)
		;
	return i;
}

static bool in_set(const struct strings *s, unsigned int j)
{
	unsigned int i;

	for (i = 0; i < s->la; i++)
		if (s->a[i] == s->b[j])
			return true;
	return false;
}

static bool in_ranges(const struct strings *s, unsigned int j)
{
	unsigned int i;

	for (i = 0; i + 1 < s->la; i += 2)
		if (s->b[j] >= s->a[i] && s->b[j] <= s->a[i + 1])
			return true;
	return false;
}

static bool begins_at(const struct strings *s, unsigned int j)
{
	unsigned int i;

	for (i = 0; i < s->la && i + j < s->n; i++)
		if (i + j >= s->lb || s->a[i] != s->b[i + j])
			return false;
	return true;
}

static bool compare_at(const struct strings *s, unsigned int j, unsigned int aggregate)
{
	switch (aggregate) {
	case EQUAL_ANY:
		return j < s->lb && in_set(s, j);
	case RANGES:
		return j < s->lb && in_ranges(s, j);
	case EQUAL_EACH:
		if (j >= s->la || j >= s->lb)
			return j >= s->la && j >= s->lb;
		return s->a[j] == s->b[j];
	default:
		return begins_at(s, j);
	}
}

/* The result, a bit each element of the second string, and the flags. */
static u32 compare_strings(struct x86_emulate_ctxt *ctxt, bool explicit, struct strings *s)
{
	u8 imm = vec_imm(ctxt);
	unsigned long flags = 0;
	unsigned int j;
	u32 res = 0;

	s->n = imm & IMM_WORDS ? 8 : 16;
	extend(s->a, ctxt->dst.data, s->n, imm);
	extend(s->b, ctxt->src.data, s->n, imm);
	s->la = explicit ? explicit_length(ctxt, X86_REG_RAX, s->n) : implicit_length(s->a, s->n);
	s->lb = explicit ? explicit_length(ctxt, X86_REG_RDX, s->n) : implicit_length(s->b, s->n);
	for (j = 0; j < s->n; j++)
		if (compare_at(s, j, (imm & IMM_AGGREGATE) >> 2))
			res |= BIT(j);
	if (imm & IMM_NEGATIVE)
		res ^= BIT(imm & IMM_MASKED ? s->lb : s->n) - 1;
	if (res)
		flags |= EFLG_CF;
	if (s->lb < s->n)
		flags |= EFLG_ZF;
	if (s->la < s->n)
		flags |= EFLG_SF;
	if (res & 1)
		flags |= EFLG_OF;
	ctxt->eflags = (ctxt->eflags & ~EFLG_ARITH) | flags;
	return res;
}

/* ECX: where the first or the last match is, or the number of elements. */
static int compare_index(struct x86_emulate_ctxt *ctxt, bool explicit)
{
	struct strings s;
	u32 res = compare_strings(ctxt, explicit, &s);
	unsigned int index = s.n;

	if (res)
		index = vec_imm(ctxt) & IMM_MSB ? 31 - __builtin_clz(res) : __builtin_ctz(res);
	reg_write(ctxt, X86_REG_RCX, index);
	return X86EMUL_CONTINUE;
}

/* XMM0: the matches as bits, or as elements of ones. */
static int compare_mask(struct x86_emulate_ctxt *ctxt, bool explicit)
{
	struct strings s;
	u32 res = compare_strings(ctxt, explicit, &s);
	unsigned int i, bytes = 16 / s.n;
	u8 mask[16];

	memset(mask, 0, sizeof(mask));
	if (vec_imm(ctxt) & IMM_MSB) {
		for (i = 0; i < 16; i++)
			mask[i] = res >> i / bytes & 1 ? 0xff : 0;
	} else {
		memcpy(mask, &res, sizeof(res));
	}
	return vec_write(ctxt, 0, mask, sizeof(mask), ctxt->has_vex);
}

VEC_HANDLER(pcmpestrm, compare_mask(ctxt, true))
VEC_HANDLER(pcmpestri, compare_index(ctxt, true))
VEC_HANDLER(pcmpistrm, compare_mask(ctxt, false))
VEC_HANDLER(pcmpistri, compare_index(ctxt, false))
