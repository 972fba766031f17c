// SPDX-License-Identifier: GPL-2.0-only
/* Comparison of machine states, with a word for what differs. */
#include <stddef.h>
#include <stdio.h>
#include <linux/string.h>
#include "cases.h"

const char *const mode_names[] = { "real", "vm86", "prot16", "prot32", "prot64" };

static char text[200];

static const struct {
	const char *name;
	u32 offset, size, each;
} fields[] = {
#define FIELD(f, e)	{ #f, offsetof(struct mstate, f), sizeof(((struct mstate *)0)->f), e }
	FIELD(eip, 8), FIELD(gpr, 8), FIELD(eflags, 8), FIELD(cr, 8), FIELD(dr, 8),
	FIELD(xcr0, 8), FIELD(seg, sizeof(struct x86_segment)),
	FIELD(dt, sizeof(struct x86_desc_ptr)), FIELD(msr_index, 4), FIELD(msr, 8),
	FIELD(vec, 64), FIELD(k, 8), FIELD(x87, 16), FIELD(fcw, 2), FIELD(fsw, 2), FIELD(fop, 2),
	FIELD(ftw, 1), FIELD(mxcsr, 4), FIELD(pkru, 4), FIELD(fip, 8), FIELD(fdp, 8),
	FIELD(halts, 4), FIELD(invlpgs, 4), FIELD(wbinvds, 4), FIELD(hypercalls, 4),
	FIELD(invlpg_la, 8), FIELD(vcpu_ops, 4), FIELD(vcpu_op, 4), FIELD(vcpu_op_arg, 8),
	FIELD(port_out_count, 8), FIELD(mmio_write_count, 8),
#undef FIELD
};

static const char *field_diff(const struct mstate *a, const struct mstate *b, unsigned int f)
{
	const u8 *pa = (const u8 *)a + fields[f].offset, *pb = (const u8 *)b + fields[f].offset;
	unsigned int i, j, each = fields[f].each;
	int n;

	for (i = 0; i < fields[f].size; i += each) {
		if (!memcmp(pa + i, pb + i, each))
			continue;
		n = snprintf(text, sizeof(text), "%s[%u] is ", fields[f].name, i / each);
		for (j = each < 24 ? each : 24; j--; )
			n += snprintf(text + n, sizeof(text) - n, "%02x", pa[i + j]);
		n += snprintf(text + n, sizeof(text) - n, " and not ");
		for (j = each < 24 ? each : 24; j--; )
			n += snprintf(text + n, sizeof(text) - n, "%02x", pb[i + j]);
		return text;
	}
	return NULL;
}

const char *state_diff_regs(const struct mstate *a, const struct mstate *b)
{
	const char *diff;
	unsigned int f;

	for (f = 0; f < sizeof(fields) / sizeof(fields[0]); f++) {
		diff = field_diff(a, b, f);
		if (diff)
			return diff;
	}
	return NULL;
}

const char *state_diff(const struct mstate *a, const struct mstate *b)
{
	const char *diff = state_diff_regs(a, b);
	unsigned int i, j, k;
	int n;

	if (diff)
		return diff;
	for (i = 0; i < MACHINE_PAGES; i++) {
		const struct mpage *pa = &a->page[i], *pb = &b->page[i];

		if (!memcmp(pa, pb, sizeof(*pa)))
			continue;
		for (j = 0; j < MACHINE_PAGE - 8 && pa->data[j] == pb->data[j]; j++)
			;
		n = snprintf(text, sizeof(text), "memory at %llx is", pa->la + j);
		for (k = 0; k < 6; k++)
			n += snprintf(text + n, sizeof(text) - n, " %02x", pa->data[j + k]);
		n += snprintf(text + n, sizeof(text) - n, " and not");
		for (k = 0; k < 6; k++)
			n += snprintf(text + n, sizeof(text) - n, " %02x", pb->data[j + k]);
		return text;
	}
	return NULL;
}
