// SPDX-License-Identifier: GPL-2.0-only
/* Far JMP, CALL and RET: to every kind of descriptor, through call gates, to outer levels. */
#include "trial.h"

/* Descriptors of a trial's own. */
#define S_TARGET	S_FREE
#define S_STACK		(S_FREE + 0x08)
#define S_GATE		(S_FREE + 0x10)		/* 16 bytes in long mode */
#define S_DATA_OWN	(S_FREE + 0x20)

#define CONFORMING 4

static struct trial trial;

/* The flags of a flat code segment as the world's. */
static u8 code_flags(const struct world *w)
{
	return F_G | (w->bits == 64 ? F_L : F_DB);
}

/* ---- JMP and CALL ------------------------------------------------------------------------- */

/* Far JMP or CALL of selector:landing through memory, and with the pointer in the code. */
static struct trial *far_branch(const struct world *w, bool call, bool direct, bool wide,
				u16 selector)
{
	struct trial *t = &trial;
	u8 insn[8], n = 0;
	u32 offset = wide ? CODE_GPA + LANDING_AT : LANDING_AT;
	unsigned int size = wide ? 4 : 2;

	if (wide == (w->bits == 16))
		insn[n++] = 0x66;
	if (direct) {
		insn[n++] = call ? 0x9a : 0xea;
		memcpy(insn + n, &offset, size);
		memcpy(insn + n + size, &selector, 2);
		n += size + 2;
	} else {
		insn[n++] = 0xff;
		insn[n++] = (call ? 3 : 5) << 3 | (w->bits == 16 ? 7 : 3);
	}
	trial_init(t, w, insn, n);
	trial_put(t, AT_DATA, offset, size);
	trial_put(t, AT_DATA + size, selector, 2);
	return t;
}

/* Every access byte; what is a gate or a TSS leads nowhere. */
static void sweep_branches(const struct world *w)
{
	unsigned int acc, rpl, call;

	group_begin("far JMP and CALL to every descriptor", w, NULL);
	for (acc = 0; acc < 256; acc++) {
		/* What is no code fails alike. */
		if ((acc & 0x18) != 0x18 && (acc & 0x17) > 0x10)
			continue;
		for (call = 0; call < 2; call++) {
			for (rpl = 0; rpl < 4; rpl += 3) {
				bool wide = acc & 0x10 || rpl;
				u16 selector = S_TARGET | (rpl ? 3 : w->cpl);
				struct trial *t = far_branch(w, call, w->bits != 64 && acc & 1, wide,
							     selector);

				trial_desc(t, S_TARGET, acc & 0x10 ?
					   make_desc(0, 0xfffff, acc, code_flags(w)) :
					   make_desc(0, 0, acc, 0));
				trial_text(t, "%s access %#x selector %#x", call ? "call" : "jmp", acc,
					   selector);
				try_trial(t);
			}
		}
	}
	group_end();
}

/* L and D, granularity and limits that the target is beyond. */
static void special_branches(const struct world *w)
{
	static const u8 flags[] = { 0, F_DB, F_L, F_L | F_DB, F_G, F_G | F_L };
	unsigned int i, call;

	group_begin("far JMP and CALL by L, D and limit", w, NULL);
	for (call = 0; call < 2; call++) {
		for (i = 0; i < ARRAY_SIZE(flags); i++) {
			struct trial *t = far_branch(w, call, false, true, S_TARGET | w->cpl);

			trial_desc(t, S_TARGET, make_desc(0, 0xfffff, CODE_ACC(w->cpl), flags[i]));
			trial_text(t, "%s flags %#x", call ? "call" : "jmp", flags[i]);
			try_trial(t);
		}
		/* TCG checks the limit of a branch, and of nothing else. */
		for (i = 0; i < 2; i++) {
			struct trial *t = far_branch(w, call, false, true, S_TARGET | w->cpl);

			trial_desc(t, S_TARGET, make_desc(0, CODE_GPA + LANDING_AT - i,
							  CODE_ACC(w->cpl), F_DB));
			trial_text(t, "%s limit %#lx", call ? "call" : "jmp",
				   CODE_GPA + LANDING_AT - i);
			try_trial(t);
		}
	}
	group_end();
}

/* ---- call gates ---------------------------------------------------------------------------- */

struct gate {
	u8 type, dpl, rpl, count;
	bool present;
	u16 selector;		/* in the gate */
	u64 code;		/* descriptor of S_TARGET */
};

static bool is_wide(const struct gate *g)
{
	return g->type & 8;
}

static struct trial *gate_branch(const struct world *w, const struct gate *g, bool call)
{
	struct trial *t = far_branch(w, call, false, true, S_GATE | g->rpl);
	u32 offset = is_wide(g) ? CODE_GPA + LANDING_AT : LANDING_AT;
	u64 high = 0;

	trial_desc(t, S_TARGET, g->code);
	trial_desc(t, S_GATE, make_gate(g->selector, offset, ACC(g->type, 0, g->dpl, g->present),
					g->count));
	if (w->lma)
		trial_desc(t, S_GATE + 8, high);
	trial_text(t, "%s gate %#x dpl %u rpl %u count %u to %#x %#llx", call ? "call" : "jmp",
		   g->type, g->dpl, g->rpl, g->count, g->selector, (unsigned long long)g->code);
	return t;
}

static struct gate usual_gate(const struct world *w, u8 dpl)
{
	return (struct gate){
		.type = 0xc, .dpl = 3, .rpl = w->cpl, .present = true, .selector = S_TARGET,
		.code = make_desc(0, 0xfffff, CODE_ACC(dpl), F_G | (w->lma ? F_L : F_DB)),
	};
}

static void sweep_gates(const struct world *w)
{
	unsigned int i;

	group_begin("call gates by type, DPL, RPL and target", w, NULL);
	for (i = 0; i < 2 * 2 * 4 * 2 * 8; i++) {
		struct gate g = usual_gate(w, i & 3);
		u8 acc = ACC(0xb | (i & 4), 1, i & 3, 1);

		g.code = make_desc(0, 0xfffff, acc, F_G | (w->lma ? F_L : F_DB));
		g.rpl = i & 8 ? 3 : w->cpl;
		g.dpl = i >> 4 & 3;
		g.type = i & 64 ? 4 : 0xc;
		g.count = i & 1 ? 3 : 0;
		try_trial(gate_branch(w, &g, i & 128));
	}
	group_end();
}

/* What may be wrong with the gate and with the segment that it names. */
static void special_gates(const struct world *w)
{
	static const u16 selectors[] = { 0, 3, S_TARGET | 3, S_BEYOND, S_DATA, S_TSS, 0x1c };
	static const u8 accesses[] = {
		ACC(0xb, 1, 0, 0), ACC(9, 1, 0, 1), ACC(3, 1, 0, 1), ACC(0xb, 0, 0, 1), ACC(0xa, 1, 0, 1),
	};
	static const u8 flags[] = { 0, F_DB, F_L, F_L | F_DB };
	unsigned int i, call;

	group_begin("call gates with faults", w, NULL);
	for (call = 0; call < 2; call++) {
		struct gate g;

		for (i = 0; i < ARRAY_SIZE(selectors); i++) {
			g = usual_gate(w, w->cpl);
			g.selector = selectors[i];
			try_trial(gate_branch(w, &g, call));
		}
		for (i = 0; i < ARRAY_SIZE(accesses); i++) {
			g = usual_gate(w, 0);
			g.code = make_desc(0, 0xfffff, accesses[i] | w->cpl << 5,
					   F_G | (w->lma ? F_L : F_DB));
			try_trial(gate_branch(w, &g, call));
		}
		for (i = 0; i < ARRAY_SIZE(flags); i++) {
			g = usual_gate(w, 0);
			g.code = make_desc(0, 0xfffff, CODE_ACC(w->cpl), F_G | flags[i]);
			try_trial(gate_branch(w, &g, call));
		}
		g = usual_gate(w, w->cpl);
		g.present = false;
		try_trial(gate_branch(w, &g, call));
		g = usual_gate(w, w->cpl);
		g.code = make_desc(0, CODE_GPA, CODE_ACC(w->cpl), w->lma ? F_L : F_DB);
		try_trial(gate_branch(w, &g, call));
		if (w->lma) {
			static const u64 high[] = { 0x1f0000000000, 0x800000000, 0x00008000, 0x0000ffff };

			for (i = 0; i < ARRAY_SIZE(high); i++) {
				struct trial *t;

				g = usual_gate(w, w->cpl);
				t = gate_branch(w, &g, call);
				trial_desc(t, S_GATE + 8, high[i]);
				trial_text(t, "gate's high half %#llx", (unsigned long long)high[i]);
				try_trial(t);
			}
		}
	}
	group_end();
}

/* The stack of an inner level, as the TSS has it. */
static void inner_stacks(const struct world *w)
{
	static const u16 selectors[] = {
		0, 3, S_STACK | 3, S_STACK, S_BEYOND, S_CODE32, S_TSS, S_STACK | 1,
	};
	static const u8 accesses[] = {
		DATA_ACC(0), DATA_ACC(3), ACC(3, 1, 0, 0), ACC(1, 1, 0, 1), ACC(0xb, 1, 0, 1),
		ACC(2, 1, 0, 1), ACC(7, 1, 0, 1),
	};
	struct gate g = usual_gate(w, 0);
	unsigned int i;

	if (!w->cpl || w->lma)
		return;
	group_begin("call gates to stacks with faults", w, NULL);
	for (i = 0; i < ARRAY_SIZE(selectors); i++) {
		struct trial *t = gate_branch(w, &g, true);

		trial_desc(t, S_STACK, make_desc(0, 0xfffff, DATA_ACC(0), F_G | F_DB));
		trial_put(t, AT_TSS + 8, selectors[i], 2);
		trial_text(t, "TSS.SS0 %#x", selectors[i]);
		try_trial(t);
	}
	for (i = 0; i < ARRAY_SIZE(accesses); i++) {
		struct trial *t = gate_branch(w, &g, true);

		/* Expanding down, it begins behind the limit. */
		trial_desc(t, S_STACK, make_desc(0, accesses[i] & 4 ? 0x10 : 0xfffff, accesses[i],
						 F_G | F_DB));
		trial_put(t, AT_TSS + 8, S_STACK, 2);
		trial_text(t, "SS0's access %#x", accesses[i]);
		try_trial(t);
	}
	/* A 16-bit stack, parameters of both sizes, and all of them. */
	for (i = 0; i < 8; i++) {
		struct trial *t;

		g.type = i & 1 ? 4 : 0xc;
		g.count = i & 2 ? 31 : 1;
		t = gate_branch(w, &g, true);
		if (i & 4) {
			trial_desc(t, S_STACK, make_desc(ARENA_GPA, 0xffff, DATA_ACC(0), 0));
			trial_put(t, AT_TSS + 8, S_STACK, 2);
			trial_put(t, AT_TSS + 4, AT_STACKS + STACK_SIZE - 0x80, 4);
		}
		trial_text(t, "%u parameters, type %#x, %s stack", g.count, g.type,
			   i & 4 ? "16-bit" : "32-bit");
		try_trial(t);
	}
	group_end();
}

static void long_stacks(const struct world *w)
{
	static const u64 rsp[] = {
		0x0000900000000000, 0xffff800000000000 - 8, READ_ONLY_GPA + 8,
		ARENA_GPA + AT_STACKS + 0x101, ABSENT_GPA + 0x20,
	};
	struct gate g = usual_gate(w, 0);
	unsigned int i;

	if (!w->cpl || !w->lma)
		return;
	group_begin("call gates to stacks with faults", w, NULL);
	for (i = 0; i < ARRAY_SIZE(rsp); i++) {
		struct trial *t = gate_branch(w, &g, true);

		trial_put(t, AT_TSS + 4, rsp[i], 8);
		/* The fault's handler has another stack. */
		trial_put(t, AT_IDT + 16 * SS_VECTOR + 4, 1, 1);
		trial_put(t, AT_IDT + 16 * GP_VECTOR + 4, 1, 1);
		trial_put(t, AT_IDT + 16 * PF_VECTOR + 4, 1, 1);
		trial_text(t, "RSP0 %#llx", (unsigned long long)rsp[i]);
		try_trial(t);
	}
	group_end();
}

/* ---- RET ------------------------------------------------------------------------------------- */

struct frame {
	u16 cs, ss;
	u64 code, stack;	/* descriptors of S_TARGET and S_STACK */
	u64 sp;
	bool wide, imm;
};

static struct frame outer_frame(const struct world *w, int cpl)
{
	return (struct frame){
		.cs = S_TARGET | cpl, .ss = S_STACK | cpl,
		.code = make_desc(0, 0xfffff, CODE_ACC(cpl), code_flags(w)),
		.stack = make_desc(0, 0xfffff, DATA_ACC(cpl), F_G | F_DB),
		.sp = IN_ARENA(AT_STACKS + (cpl + 1) * STACK_SIZE - 0x80), .wide = true,
	};
}

static void try_retf(const struct world *w, const struct frame *f, const char *text)
{
	u64 values[6] = { f->wide ? CODE_GPA + LANDING_AT : LANDING_AT, f->cs };
	unsigned int size = f->wide ? 4 : 2, n = 2;
	struct trial *t = &trial;
	u8 insn[4], len = 0;

	if (f->wide == (w->bits == 16))
		insn[len++] = 0x66;
	insn[len++] = f->imm ? 0xca : 0xcb;
	if (f->imm) {
		insn[len++] = 2 * size;
		insn[len++] = 0;
		values[n++] = 0x7777;
		values[n++] = 0x7777;
	}
	values[n++] = f->sp;
	values[n++] = f->ss;
	trial_init(t, w, insn, len);
	trial_stack(t, values, n, size);
	trial_desc(t, S_TARGET, f->code);
	trial_desc(t, S_STACK, f->stack);
	trial_text(t, "%s: cs %#x %#llx ss %#x %#llx", text, f->cs, (unsigned long long)f->code, f->ss,
		   (unsigned long long)f->stack);
	/* Segments that the outer level may not have. */
	t->sregs.ds = t->sregs.es = w->sregs.ss;
	try_trial(t);
}

static void sweep_returns(const struct world *w)
{
	unsigned int acc, rpl;

	group_begin("RETF to every descriptor and level", w, NULL);
	for (acc = 0; acc < 256; acc++) {
		for (rpl = 0; rpl < 4; rpl++) {
			struct frame f = outer_frame(w, rpl);

			/* What is no code fails alike. */
			if ((acc & 0x18) != 0x18 && (acc & 7))
				continue;
			f.code = make_desc(0, 0xfffff, acc, code_flags(w));
			f.imm = acc & 2;
			f.wide = !(acc & 1) || rpl == 3;
			try_retf(w, &f, "RETF");
		}
	}
	group_end();
}

static void special_returns(const struct world *w)
{
	static const u16 cs[] = { 0, 3, S_BEYOND | 3, S_TSS | 3, 0x0f, 0x27 };
	static const u16 ss[] = {
		0, 1, 2, 3, S_STACK, S_STACK | 1, S_STACK | 2, S_BEYOND | 3, S_TSS | 3, S_CODE32_3, 0x0f,
	};
	unsigned int i;

	group_begin("RETF with faults", w, NULL);
	for (i = 0; i < ARRAY_SIZE(cs); i++) {
		struct frame f = outer_frame(w, 3);

		f.cs = cs[i];
		try_retf(w, &f, "CS");
	}
	for (i = 0; i < ARRAY_SIZE(ss); i++) {
		struct frame f = outer_frame(w, 3);

		f.ss = ss[i];
		try_retf(w, &f, "SS");
	}
	for (i = 0; i < 32; i++) {
		struct frame f = outer_frame(w, 3);

		f.stack = make_desc(0, 0xfffff, ACC(i & 15, 1, i & 16 ? 3 : 2, 1), F_G | F_DB);
		try_retf(w, &f, "SS's type");
	}
	for (i = 0; i < 4; i++) {
		struct frame f = outer_frame(w, 3);

		if (i == 0)
			f.stack = make_desc(0, 0xfffff, ACC(3, 1, 3, 0), F_G | F_DB);
		else if (i == 1)
			f.stack = make_desc(ARENA_GPA, 0xffff, DATA_ACC(3), 0);
		else if (i == 2)
			f.code = make_desc(0, CODE_GPA, CODE_ACC(3), w->bits == 64 ? F_L : F_DB);
		else
			f.code = make_desc(0, 0xfffff, CODE_ACC(3), F_G | F_L | F_DB);
		try_retf(w, &f, "attributes");
	}
	group_end();
}

void test_far(const char *only)
{
	if (only && !strstr("far", only))
		return;
	FOR_WORLDS(w) {
		if (!w->protected)
			continue;
		sweep_branches(w);
		special_branches(w);
		sweep_gates(w);
		special_gates(w);
		inner_stacks(w);
		long_stacks(w);
		sweep_returns(w);
		special_returns(w);
	}
}
