// SPDX-License-Identifier: GPL-2.0-only
/* INT n through every kind of gate, IRET to every level and to virtual-8086 mode. */
#include "trial.h"

#define S_TARGET	S_FREE
#define S_STACK		(S_FREE + 0x08)

#define VECTOR		0x30
#define NT		(1u << 14)
#define VM		(1u << 17)
#define RF		(1u << 16)

static struct trial trial;

static u8 code_flags(const struct world *w)
{
	return F_G | (w->lma ? F_L : F_DB);
}

/* ---- INT n ------------------------------------------------------------------------------------ */

struct int_gate {
	u8 type, dpl, ist;
	bool present;
	u16 selector;
	u64 code;
};

static struct int_gate usual_gate(const struct world *w, int dpl)
{
	return (struct int_gate){
		.type = 0xe, .dpl = 3, .present = true, .selector = S_TARGET,
		.code = make_desc(0, 0xfffff, CODE_ACC(dpl), code_flags(w)),
	};
}

static struct trial *int_trial(const struct world *w, const struct int_gate *g)
{
	static const u8 insn[] = { 0xcd, VECTOR };
	struct trial *t = &trial;
	u32 offset = g->type & 8 ? STUBS_GPA + VECTOR * STUB_BYTES : LANDING_AT;
	unsigned int at = AT_IDT + VECTOR * (w->lma ? 16 : 8);

	trial_init(t, w, insn, sizeof(insn));
	trial_desc(t, S_TARGET, g->code);
	trial_put(t, at, make_gate(g->selector, offset, ACC(g->type, 0, g->dpl, g->present), g->ist),
		  8);
	trial_text(t, "gate %#x dpl %u ist %u to %#x %#llx", g->type, g->dpl, g->ist, g->selector,
		   (unsigned long long)g->code);
	t->regs.rflags |= FLAG_IF | NT;
	return t;
}

/* Type of gate, its DPL, and code of each DPL, conforming or not. */
static void sweep_gates(const struct world *w)
{
	static const u8 types[] = { 6, 7, 0xe, 0xf };
	unsigned int i;

	group_begin("INT n by gate, DPL and target", w, NULL);
	for (i = 0; i < 4 * 4 * 8; i++) {
		struct int_gate g = usual_gate(w, i & 3);

		g.code = make_desc(0, 0xfffff, ACC(0xb | (i & 4), 1, i & 3, 1), code_flags(w));
		g.dpl = i >> 3 & 3;
		g.type = types[i >> 5];
		try_trial(int_trial(w, &g));
	}
	group_end();
}

static void special_gates(const struct world *w)
{
	static const u16 selectors[] = { 0, 3, S_TARGET | 3, S_BEYOND, S_DATA, S_TSS, 0x1c };
	static const u8 accesses[] = {
		ACC(0xb, 1, 0, 0), ACC(9, 1, 0, 1), ACC(3, 1, 0, 1), ACC(0xb, 0, 0, 1), ACC(0xf, 1, 0, 1),
	};
	static const u8 flags[] = { 0, F_DB, F_L, F_L | F_DB };
	static const u8 types[] = { 0, 1, 2, 3, 4, 8, 9, 0xa, 0xb, 0xc, 0xd };
	struct int_gate g;
	unsigned int i;

	group_begin("INT n with faults", w, NULL);
	for (i = 0; i < ARRAY_SIZE(selectors); i++) {
		g = usual_gate(w, 0);
		g.selector = selectors[i];
		try_trial(int_trial(w, &g));
	}
	for (i = 0; i < ARRAY_SIZE(accesses); i++) {
		g = usual_gate(w, 0);
		g.code = make_desc(0, 0xfffff, accesses[i], code_flags(w));
		try_trial(int_trial(w, &g));
	}
	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		g = usual_gate(w, 0);
		g.code = make_desc(0, 0xfffff, CODE_ACC(0), F_G | flags[i]);
		try_trial(int_trial(w, &g));
	}
	for (i = 0; i < ARRAY_SIZE(types); i++) {
		g = usual_gate(w, 0);
		g.type = types[i];
		try_trial(int_trial(w, &g));
	}
	for (i = 0; i < 2; i++) {
		struct trial *t;

		g = usual_gate(w, 0);
		g.present = false;
		g.dpl = 3 * i;
		try_trial(int_trial(w, &g));
		/* Beyond the table, by one byte. */
		g = usual_gate(w, 0);
		t = int_trial(w, &g);
		t->sregs.idt.limit = (VECTOR + 1) * (w->lma ? 16 : 8) - 1 - i;
		trial_text(t, "IDT limit %#x", t->sregs.idt.limit);
		try_trial(t);
	}
	group_end();
}

/* Interrupt stacks of long mode. */
static void stack_tables(const struct world *w)
{
	static const u64 high[] = { 0, 0x8000, 0xffff8000 };
	unsigned int i;

	if (!w->lma)
		return;
	group_begin("INT n by IST and RSP", w, NULL);
	for (i = 0; i < 8; i++) {
		struct int_gate g = usual_gate(w, 0);
		struct trial *t;
		u64 ist;

		g.ist = i;
		t = int_trial(w, &g);
		for (ist = 1; ist < 8; ist++)
			trial_put(t, AT_TSS + 0x1c + 8 * ist,
				  stack_top(&worlds[W_LONG_0], 4) - 0x10 * ist + (ist & 1), 8);
		try_trial(t);
		t = int_trial(w, &g);
		t->regs.rsp = w->sp - i;
		trial_text(t, "RSP - %u", i);
		try_trial(t);
	}
	for (i = 0; i < ARRAY_SIZE(high); i++) {
		struct int_gate g = usual_gate(w, 0);
		struct trial *t = int_trial(w, &g);

		trial_put(t, AT_IDT + VECTOR * 16 + 8, high[i], 4);
		trial_text(t, "offset's high half %#llx", (unsigned long long)high[i]);
		try_trial(t);
	}
	group_end();
}

/* The inner stack of protected mode with faults. */
static void inner_stacks(const struct world *w)
{
	static const u16 selectors[] = {
		0, 3, S_STACK | 3, S_STACK, S_BEYOND, S_CODE32, S_TSS, S_STACK | 1,
	};
	static const u8 accesses[] = {
		DATA_ACC(0), DATA_ACC(3), ACC(3, 1, 0, 0), ACC(1, 1, 0, 1), ACC(0xb, 1, 0, 1),
	};
	struct int_gate g = usual_gate(w, 0);
	unsigned int i;

	if (!w->cpl || w->lma)
		return;
	group_begin("INT n to stacks with faults", w, NULL);
	for (i = 0; i < ARRAY_SIZE(selectors); i++) {
		struct trial *t = int_trial(w, &g);

		trial_desc(t, S_STACK, make_desc(0, 0xfffff, DATA_ACC(0), F_G | F_DB));
		trial_put(t, AT_TSS + 8, selectors[i], 2);
		trial_text(t, "TSS.SS0 %#x", selectors[i]);
		try_trial(t);
	}
	for (i = 0; i < ARRAY_SIZE(accesses); i++) {
		struct trial *t = int_trial(w, &g);

		trial_desc(t, S_STACK, make_desc(0, 0xfffff, accesses[i], F_G | F_DB));
		trial_put(t, AT_TSS + 8, S_STACK, 2);
		trial_text(t, "SS0's access %#x", accesses[i]);
		try_trial(t);
	}
	for (i = 0; i < 2; i++) {
		struct trial *t;

		g.type = i ? 6 : 0xe;
		t = int_trial(w, &g);
		trial_desc(t, S_STACK, make_desc(ARENA_GPA, 0xffff, DATA_ACC(0), 0));
		trial_put(t, AT_TSS + 8, S_STACK, 2);
		trial_put(t, AT_TSS + 4, AT_STACKS + STACK_SIZE - 0x80, 4);
		trial_text(t, "gate %#x to a 16-bit stack", g.type);
		try_trial(t);
	}
	group_end();
}

/* ---- IRET --------------------------------------------------------------------------------------- */

struct frame {
	u16 cs, ss;
	u64 code, stack, sp, flags;
	u8 size;
};

static struct frame usual_frame(const struct world *w, int cpl)
{
	return (struct frame){
		.cs = S_TARGET | cpl, .ss = S_STACK | cpl,
		.code = make_desc(0, 0xfffff, CODE_ACC(cpl), F_G | (w->bits == 64 ? F_L : F_DB)),
		.stack = make_desc(0, 0xfffff, DATA_ACC(cpl), F_G | F_DB),
		.sp = IN_ARENA(AT_STACKS + (cpl + 1) * STACK_SIZE - 0x80), .flags = FLAG_FIXED,
		.size = w->bits == 64 ? 8 : 4,
	};
}

static void try_iret(const struct world *w, const struct frame *f, const char *text)
{
	u64 values[5] = {
		f->size > 2 && w->protected ? CODE_GPA + LANDING_AT : LANDING_AT, f->cs, f->flags,
		f->sp, f->ss,
	};
	struct trial *t = &trial;
	u8 insn[2], len = 0;

	if (f->size == 8)
		insn[len++] = 0x48;
	else if ((f->size == 2) != (w->bits == 16))
		insn[len++] = 0x66;
	insn[len++] = 0xcf;
	trial_init(t, w, insn, len);
	trial_stack(t, values, 5, f->size);
	trial_desc(t, S_TARGET, f->code);
	trial_desc(t, S_STACK, f->stack);
	trial_text(t, "%s: cs %#x %#llx ss %#x %#llx flags %#llx", text, f->cs,
		   (unsigned long long)f->code, f->ss, (unsigned long long)f->stack,
		   (unsigned long long)f->flags);
	t->sregs.ds = t->sregs.es = w->sregs.ss;
	try_trial(t);
}

static void sweep_irets(const struct world *w)
{
	unsigned int acc, rpl;

	group_begin("IRET to every descriptor and level", w, NULL);
	for (acc = 0; acc < 256; acc++) {
		for (rpl = 0; rpl < 4; rpl++) {
			struct frame f = usual_frame(w, rpl);

			if ((acc & 0x18) != 0x18 && (acc & 7))
				continue;
			f.code = make_desc(0, 0xfffff, acc, F_G | (w->bits == 64 ? F_L : F_DB));
			if (acc & 1 && rpl != 3)
				f.size = acc & 2 ? 2 : 4;
			try_iret(w, &f, "IRET");
		}
	}
	group_end();
}

static void special_irets(const struct world *w)
{
	static const u16 cs[] = { 0, 3, S_BEYOND | 3, S_TSS | 3, 0x0f, 0x27 };
	static const u16 ss[] = {
		0, 1, 2, 3, S_STACK, S_STACK | 1, S_STACK | 2, S_BEYOND | 3, S_TSS | 3, S_CODE32_3, 0x0f,
	};
	unsigned int i;
	struct frame f;

	group_begin("IRET with faults", w, NULL);
	for (i = 0; i < 2 * ARRAY_SIZE(cs); i++) {
		f = usual_frame(w, 3);
		f.cs = cs[i / 2];
		f.size = i & 1 ? 4 : f.size;
		try_iret(w, &f, "CS");
	}
	for (i = 0; i < 2 * ARRAY_SIZE(ss); i++) {
		f = usual_frame(w, i & 1 ? w->cpl : 3);
		f.ss = ss[i / 2];
		try_iret(w, &f, "SS");
	}
	for (i = 0; i < 32; i++) {
		f = usual_frame(w, 3);
		f.stack = make_desc(0, 0xfffff, ACC(i & 15, 1, i & 16 ? 3 : 2, 1), F_G | F_DB);
		try_iret(w, &f, "SS's type");
	}
	for (i = 0; i < 5; i++) {
		f = usual_frame(w, 3);
		if (i == 0)
			f.stack = make_desc(0, 0xfffff, ACC(3, 1, 3, 0), F_G | F_DB);
		else if (i == 1)
			f.stack = make_desc(ARENA_GPA, 0xffff, DATA_ACC(3), 0);
		else if (i == 2)
			f.code = make_desc(0, CODE_GPA, CODE_ACC(3), w->bits == 64 ? F_L : F_DB);
		else if (i == 3)
			f.code = make_desc(0, 0xfffff, CODE_ACC(3), F_G | F_L | F_DB);
		else
			f.code = make_desc(0, 0xfffff, CODE_ACC(3), F_G);
		try_iret(w, &f, "attributes");
	}
	group_end();
}

/* What IRET takes of the flags, to the same and to an outer level, by the level it is at. */
static void iret_flags(const struct world *w)
{
	static const u64 flags[] = {
		0x8d7, 0x3002, 0x202, 0x3202, 0x4402, 0x240002, 0x180002, 0x10002, 0x7fd7, ~0x20100ull,
	};
	static const u8 sizes[] = { 2, 4, 8 };
	unsigned int i, k;

	group_begin("IRET by flags", w, NULL);
	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		for (k = 0; k < (w->bits == 64 ? 3 : 2); k++) {
			struct frame f = usual_frame(w, w->cpl);

			f.flags = flags[i];
			f.size = sizes[k];
			try_iret(w, &f, "same level");
			if (f.size == 2)
				continue;
			f = usual_frame(w, 3);
			f.flags = flags[i];
			f.size = sizes[k];
			try_iret(w, &f, "outer level");
		}
	}
	group_end();
}

/* To virtual-8086 mode, and what there is no such mode for. */
static void iret_vm86(const struct world *w)
{
	static const u64 flags[] = { VM | 2, VM | 0x3002, VM | 0x3202, VM | 0x1a3fd7, 0x3202 };
	const u64 frame[] = {
		LANDING_AT, CODE_GPA >> 4, 0, AT_STACKS, ARENA_GPA >> 4, 0x1111, 0x2222, 0x3333, 0x4444,
	};
	static const u8 insn[] = { 0x66, 0xcf };
	unsigned int i;

	group_begin("IRET to virtual-8086 mode", w, NULL);
	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		struct trial *t = &trial;
		unsigned int prefix = w->bits == 16 ? 0 : 1;

		trial_init(t, w, insn + prefix, sizeof(insn) - prefix);
		trial_stack(t, frame, ARRAY_SIZE(frame), 4);
		trial_stack(t, frame, 2, 4);
		trial_put(t, (w->bits == 16 ? w->sp : w->sp - ARENA_GPA) + 8, flags[i], 4);
		trial_text(t, "flags %#llx", (unsigned long long)flags[i]);
		try_trial(t);
	}
	group_end();
}

/* ---- real and virtual-8086 mode --------------------------------------------------------------------- */

/* With every flag that INT and IRET treat on their own. */
static void real_flags(const struct world *w)
{
	static const u64 flags[] = { 0, 0x8d7, 0x3202, 0x4402, 0x240602, 0x7fd7 & ~0x100 };
	unsigned int i, wide;

	group_begin("INT and IRET by flags", w, NULL);
	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		struct int_gate g = usual_gate(w, 0);
		struct trial *t = int_trial(w, &g);

		t->regs.rflags = w->flags | (flags[i] & ~0x3000ull);
		trial_text(t, "int with flags %#llx", (unsigned long long)flags[i]);
		try_trial(t);
		for (wide = 0; wide < 2; wide++) {
			struct frame f = usual_frame(w, 0);

			f.size = wide ? 4 : 2;
			f.cs = CODE_GPA >> 4;
			f.flags = flags[i];
			try_iret(w, &f, "iret");
		}
	}
	group_end();
}

void test_interrupts(const char *only)
{
	if (only && !strstr("interrupts", only))
		return;
	FOR_WORLDS(w) {
		if (!w->protected)
			real_flags(w);
		if (!w->real) {
			sweep_gates(w);
			special_gates(w);
			stack_tables(w);
			inner_stacks(w);
		}
		if (!w->protected)
			continue;
		sweep_irets(w);
		special_irets(w);
		iret_flags(w);
		iret_vm86(w);
	}
}
