// SPDX-License-Identifier: GPL-2.0-only
/* Segment loads with every kind of descriptor, and the queries LAR, LSL, VERR and VERW. */
#include "trial.h"

#define S_OWN	S_FREE

static struct trial trial;

/* mov sreg, si; the descriptor of S_OWN is loaded. */
static void try_load(const struct world *w, unsigned int sreg, u64 desc, u16 selector)
{
	const u8 insn[] = { 0x8e, 0xc0 | sreg << 3 | 6 };
	struct trial *t = &trial;

	trial_init(t, w, insn, sizeof(insn));
	trial_desc(t, S_OWN, desc);
	t->regs.rsi = selector;
	trial_text(t, "segment %u selector %#x %#llx", sreg, selector, (unsigned long long)desc);
	try_trial(t);
}

static void sweep_loads(const struct world *w)
{
	static const u8 sregs[] = { 3, 2 };	/* DS, SS */
	unsigned int acc, i, rpl;

	group_begin("segment loads of every descriptor", w, NULL);
	for (acc = 0; acc < 256; acc++) {
		/* What is no segment fails alike. */
		if (!(acc & 0x10) && acc & 7)
			continue;
		for (i = 0; i < ARRAY_SIZE(sregs); i++) {
			for (rpl = 0; rpl < 4; rpl += 3)
				try_load(w, sregs[i], make_desc(0, 0xfffff, acc, F_G | F_DB),
					 S_OWN | (rpl ? 3 : w->cpl));
		}
	}
	group_end();
}

/* Bases, limits, granularity, and tables that end before the descriptor. */
static void special_loads(const struct world *w)
{
	u8 data = DATA_ACC(w->cpl), down = ACC(7, 1, w->cpl, 1);
	unsigned int sreg, i;

	group_begin("segment loads by base, limit and table", w, NULL);
	for (sreg = 0; sreg < 8; sreg++) {
		try_load(w, sreg, make_desc(0x12345678, 0xabcde, data, 0), S_OWN | w->cpl);
		try_load(w, sreg, make_desc(0x89abcdef, 0xabcde, data, F_G), S_OWN | w->cpl);
		try_load(w, sreg, make_desc(0x1000, 0, data, F_G | F_DB | 1), S_OWN | w->cpl);
		try_load(w, sreg, make_desc(0, 0x10, down, F_G | F_DB), S_OWN | w->cpl);
		try_load(w, sreg, make_desc(0, 0xfffff, data & ~1, F_G | F_DB), S_OWN | w->cpl);
		try_load(w, sreg, make_desc(0, 0xfffff, data, F_G | F_L), S_OWN | w->cpl);
		for (i = 0; i < 4; i++)
			try_load(w, sreg, 0, i);
		try_load(w, sreg, 0, 0x0c | w->cpl);
		try_load(w, sreg, 0, 0x14 | w->cpl);
		try_load(w, sreg, 0, 0x104 | w->cpl);
	}
	for (i = 0; i < 4; i++) {
		struct trial *t = &trial;

		trial_init(t, w, TRIAL_BYTES(0x8e, 0xde));
		t->regs.rsi = i & 1 ? 0x0c | w->cpl : S_OWN | w->cpl;
		trial_desc(t, S_OWN, make_desc(0, 0xfffff, data, F_G | F_DB));
		if (i & 1)
			t->sregs.ldt.limit = 0x0f - (i >> 1);
		else
			t->sregs.gdt.limit = S_OWN + 7 - (i >> 1);
		trial_text(t, "limits %#x %#x", t->sregs.gdt.limit, t->sregs.ldt.limit);
		try_trial(t);
		if (!(i & 1))
			continue;
		t->sregs.ldt.limit = 0;
		t->sregs.ldt.unusable = 1;
		t->sregs.ldt.present = 0;
		trial_text(t, "no LDT");
		try_trial(t);
	}
	group_end();
}

/* Not present and read-only pages under the descriptor. */
static void table_faults(const struct world *w)
{
	static const u64 base[] = { READ_ONLY_GPA, ABSENT_GPA };
	unsigned int i, k;

	if (!(w->sregs.cr0 & CR0_PG))
		return;
	group_begin("segment loads with page faults", w, NULL);
	for (i = 0; i < ARRAY_SIZE(base); i++) {
		for (k = 0; k < 2; k++) {
			struct trial *t = &trial;

			trial_init(t, w, TRIAL_BYTES(0x8e, 0xde));
			t->sregs.ldt.base = base[i];
			t->regs.rsi = 0x24 | 4 | w->cpl;
			trial_text(t, "LDT at %#llx, entry %s", (unsigned long long)base[i],
				   k ? "accessed" : "not accessed");
			fill_read_only(make_desc(0, 0xfffff, ACC(k ? 3 : 2, 1, 3, 1), F_G | F_DB));
			try_trial(t);
		}
	}
	group_end();
}

/* Far pointers: the register stays when the load fails. */
static void pointer_loads(const struct world *w)
{
	static const u16 insns[] = { 0xc4, 0xc5, 0x0fb2, 0x0fb4, 0x0fb5 };
	static const u8 accesses[] = { DATA_ACC(3), ACC(3, 1, 3, 0), ACC(9, 1, 3, 1), DATA_ACC(0) };
	unsigned int i, k;

	group_begin("LDS and the like", w, NULL);
	for (i = 0; i < ARRAY_SIZE(insns) * ARRAY_SIZE(accesses); i++) {
		u16 op = insns[i / ARRAY_SIZE(accesses)];

		for (k = 0; k < 2; k++) {
			struct trial *t = &trial;
			u8 insn[4], n = 0;

			if (k)
				insn[n++] = 0x66;
			if (op > 0xff)
				insn[n++] = op >> 8;
			insn[n++] = op;
			insn[n++] = 1 << 3 | (w->bits == 16 ? 7 : 3);
			trial_init(t, w, insn, n);
			trial_desc(t, S_OWN, make_desc(0, 0xfffff, accesses[i % ARRAY_SIZE(accesses)],
						       F_G | F_DB));
			trial_put(t, AT_DATA + (k == (w->bits == 16) ? 4 : 2), S_OWN | w->cpl, 2);
			trial_text(t, "access %#x", accesses[i % ARRAY_SIZE(accesses)]);
			try_trial(t);
		}
	}
	group_end();
}

void test_segments(const char *only)
{
	if (only && !strstr("segments", only))
		return;
	FOR_WORLDS(w) {
		if (!w->protected)
			continue;
		sweep_loads(w);
		special_loads(w);
		table_faults(w);
		pointer_loads(w);
	}
}
