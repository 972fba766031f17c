// SPDX-License-Identifier: GPL-2.0-only
/* Moves of AVX-512 that change the width or place of elements. */
#include "emulate/insn.h"

/* VPMOVM2B: elements of ones and zeros. */
int em_vpmovm2(struct x86_emulate_ctxt *ctxt)
{
	unsigned int i, bytes = row_element(ctxt->op);

	for (i = 0; i < ctxt->dst.bytes / bytes; i++)
		memset(ctxt->dst.data + i * bytes, ctxt->src.val64 >> i & 1 ? 0xff : 0, bytes);
	return X86EMUL_CONTINUE;
}

/* VPMOVB2M: the signs of elements. */
int em_vpmov2m(struct x86_emulate_ctxt *ctxt)
{
	unsigned int i, bytes = row_element(ctxt->op);

	ctxt->dst.val64 = 0;
	for (i = 0; i < ctxt->src.bytes / bytes; i++)
		ctxt->dst.val64 |= (u64)(ctxt->src.data[i * bytes + bytes - 1] >> 7) << i;
	return X86EMUL_CONTINUE;
}

/* VPBROADCASTMB2Q, VPBROADCASTMW2D: the opmask itself as a number. */
int em_vpbroadcastm(struct x86_emulate_ctxt *ctxt)
{
	unsigned int i, bytes = row_element(ctxt->op);

	for (i = 0; i < ctxt->dst.bytes; i += bytes)
		memcpy(ctxt->dst.data + i, &ctxt->src.val64, bytes);
	return X86EMUL_CONTINUE;
}

enum narrowing { TRUNCATE, SIGNED, UNSIGNED };

/* @val of @from bytes in @to bytes. */
static u64 narrow(u64 val, unsigned int from, unsigned int to, enum narrowing how)
{
	unsigned int bits = to * 8, shift = 64 - from * 8;
	s64 sval = (s64)(val << shift) >> shift, max = (1ll << (bits - 1)) - 1;

	if (how == SIGNED)
		return sval > max ? max : sval < ~max ? ~max : sval;
	if (how == UNSIGNED && val >> bits)
		return ~0ull;
	return val;
}

static int narrow_elements(struct x86_emulate_ctxt *ctxt, enum narrowing how)
{
	unsigned int to = row_element(ctxt->op), n = ctxt->dst.bytes / to;
	unsigned int i, from = ctxt->src.bytes / n;
	u64 val;

	for (i = 0; i < n; i++) {
		val = 0;
		memcpy(&val, ctxt->src.data + i * from, from);
		val = narrow(val, from, to, how);
		memcpy(ctxt->dst.data + i * to, &val, to);
	}
	return X86EMUL_CONTINUE;
}

int em_vpmov(struct x86_emulate_ctxt *ctxt)
{
	return narrow_elements(ctxt, TRUNCATE);
}

int em_vpmovs(struct x86_emulate_ctxt *ctxt)
{
	return narrow_elements(ctxt, SIGNED);
}

int em_vpmovus(struct x86_emulate_ctxt *ctxt)
{
	return narrow_elements(ctxt, UNSIGNED);
}

/* Enabled elements side by side; they alone are what dst gets. */
int em_vcompress(struct x86_emulate_ctxt *ctxt)
{
	unsigned int i, n = 0, bytes = row_element(ctxt->op);

	for (i = 0; i < ctxt->src.bytes / bytes; i++) {
		if (!(ctxt->mask >> i & 1))
			continue;
		memcpy(ctxt->dst.data + n * bytes, ctxt->src.data + i * bytes, bytes);
		n++;
	}
	ctxt->mask = n < 64 ? (1ull << n) - 1 : ~0ull;
	return X86EMUL_CONTINUE;
}

/* The first elements of src go where elements are enabled. */
int em_vexpand(struct x86_emulate_ctxt *ctxt)
{
	unsigned int i, n = 0, bytes = row_element(ctxt->op);

	for (i = 0; i < ctxt->dst.bytes / bytes; i++) {
		if (!(ctxt->mask >> i & 1))
			continue;
		memcpy(ctxt->dst.data + i * bytes, ctxt->src.data + n * bytes, bytes);
		n++;
	}
	return X86EMUL_CONTINUE;
}
