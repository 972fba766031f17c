// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hardware task switches: against the native one, and against what the manual
 * says. New tasks are at CPL 0, as TCG aborts when an interrupt leaves CPL 3
 * while the TSS is busy.
 */
#include <stdio.h>

#include "trial.h"

#define S_GATE		S_FREE		/* a task gate */
#define S_BAD		(S_FREE + 8)	/* a segment of the new task */
#define VECTOR		0x30
#define NT		(1u << 14)
#define TASK_ESP	(ARENA_GPA + AT_STACKS + 0xc0)
#define TASK_SP		(AT_STACKS + 0xc0)
#define TASK_FLAGS	0x46u
#define TASK_REG(i)	(0x11111100u + (i))
#define MANUAL		"the processor is asked in another trial"

enum how { JMP, CALL, JMP_GATE, CALL_GATE, INT_GATE, IRET, NR_HOWS };

static const char *const how_name[NR_HOWS] = {
	"JMP", "CALL", "JMP by gate", "CALL by gate", "INT", "IRET",
};

static bool nests(enum how how)
{
	return how == CALL || how == CALL_GATE || how == INT_GATE;
}

static struct trial trial;
static enum how current_how;
static bool to_16;

/* ---- the two tasks ------------------------------------------------------------------------------ */

static void fill_tss32(struct trial *t)
{
	static const u16 segments[] = { S_DATA, S_CODE32, S_DATA, S_DATA, S_DATA_3, S_DATA_3 };
	unsigned int at = AT_TSS32, i;

	trial_put(t, at + 0x1c, t->sregs.cr3, 4);
	trial_put(t, at + 0x20, CODE_GPA + LANDING_AT, 4);
	trial_put(t, at + 0x24, TASK_FLAGS, 4);
	for (i = 0; i < 8; i++)
		trial_put(t, at + 0x28 + 4 * i, i == 4 ? TASK_ESP : TASK_REG(i), 4);
	for (i = 0; i < 6; i++)
		trial_put(t, at + 0x48 + 4 * i, segments[i], 2);
	trial_put(t, at + 0x60, S_LDT, 2);
	trial_put(t, at + 0x64, 0x680000, 4);
}

static void fill_tss16(struct trial *t)
{
	static const u16 segments[] = { S_DATA16, S_CODE16, S_DATA16, S_DATA16 };
	unsigned int at = AT_TSS16, i;

	trial_put(t, at + 0x0e, LANDING_AT, 2);
	trial_put(t, at + 0x10, TASK_FLAGS, 2);
	for (i = 0; i < 8; i++)
		trial_put(t, at + 0x12 + 2 * i, i == 4 ? TASK_SP : TASK_REG(i), 2);
	for (i = 0; i < 4; i++)
		trial_put(t, at + 0x22 + 2 * i, segments[i], 2);
	trial_put(t, at + 0x2a, 0, 2);
}

static u64 tss_desc(bool is_16, bool busy, u8 dpl)
{
	u8 acc = ACC((is_16 ? 1 : 9) | (busy ? 2 : 0), 0, dpl, 1);

	return make_desc(IN_ARENA(is_16 ? AT_TSS16 : AT_TSS32), is_16 ? 0x2b : 0x67, acc, 0);
}

/* The instruction that switches, and what leads it to @selector. */
static struct trial *switch_trial(const struct world *w, enum how how, bool is_16)
{
	u16 selector = (is_16 ? S_TSS16 : S_TSS32) | w->cpl;
	bool gate = how == JMP_GATE || how == CALL_GATE;
	u16 target = gate ? S_GATE | w->cpl : selector;
	u8 insn[8] = { how == JMP || how == JMP_GATE ? 0xea : 0x9a, 0x12, 0x34 };
	unsigned int len = w->bits == 16 ? 5 : 7;
	struct trial *t = &trial;

	memcpy(insn + len - 2, &target, 2);
	if (how == INT_GATE) {
		insn[0] = 0xcd;
		insn[1] = VECTOR;
		len = 2;
	} else if (how == IRET) {
		insn[0] = 0xcf;
		len = 1;
	}
	trial_init(t, w, insn, len);
	fill_tss32(t);
	fill_tss16(t);
	trial_desc(t, selector, tss_desc(is_16, how == IRET, 3));
	trial_desc(t, S_GATE, make_gate(selector, 0, ACC(5, 0, 3, 1), 0));
	trial_put(t, AT_IDT + 8 * VECTOR, make_gate(selector, 0, ACC(5, 0, 3, 1), 0), 8);
	if (how == IRET) {
		t->regs.rflags |= NT;
		trial_put(t, AT_TSS, selector, 2);
	}
	t->regs.rax = 0xaaaaaaa1;
	t->regs.rdi = 0xaaaaaaa2;
	trial_text(t, "%s to a %s-bit TSS", how_name[how], is_16 ? "16" : "32");
	trial_expect(t, MANUAL, -1, 0);
	current_how = how;
	to_16 = is_16;
	return t;
}

/* ---- what has to come out -------------------------------------------------------------------------- */

static char complaint[128];

static const char *check(const char *what, u64 got, u64 want)
{
	if (got == want)
		return NULL;
	snprintf(complaint, sizeof(complaint), "%s is %#llx, not %#llx", what,
		 (unsigned long long)got, (unsigned long long)want);
	return complaint;
}

/* The old task in its TSS, always the 32-bit one. */
static const char *inspect_old(const struct trial *t, const struct outcome *f)
{
	const u8 *tss = f->arena + AT_TSS;
	u64 flags = t->regs.rflags & ~(current_how == IRET ? NT : 0ull);
	const char *r;

	r = check("saved EIP", get_bytes(tss + 0x20, 4), t->w->code + INSN_AT + t->len);
	if (!r)
		r = check("saved EFLAGS", get_bytes(tss + 0x24, 4) & ~0x10000ull, flags);
	if (!r)
		r = check("saved EAX", get_bytes(tss + 0x28, 4), t->regs.rax);
	if (!r)
		r = check("saved ESP", get_bytes(tss + 0x38, 4), t->w->sp);
	if (!r)
		r = check("saved EDI", get_bytes(tss + 0x44, 4), t->regs.rdi);
	if (!r)
		r = check("saved ES", get_bytes(tss + 0x48, 2), t->sregs.es.selector);
	if (!r)
		r = check("saved CS", get_bytes(tss + 0x4c, 2), t->sregs.cs.selector);
	if (!r)
		r = check("saved SS", get_bytes(tss + 0x50, 2), t->sregs.ss.selector);
	if (!r)
		r = check("saved GS", get_bytes(tss + 0x5c, 2), t->sregs.gs.selector);
	if (!r)
		r = check("LDT of the old TSS", get_bytes(tss + 0x60, 2), get_bytes(t->arena + AT_TSS + 0x60, 2));
	return r;
}

static const char *inspect_descriptors(const struct trial *t, const struct outcome *f)
{
	u16 selector = to_16 ? S_TSS16 : S_TSS32;
	bool nested = nests(current_how);
	const u8 *tss = f->arena + (to_16 ? AT_TSS16 : AT_TSS32);
	const char *r;

	(void)t;
	r = check("type of the new TSS", f->arena[AT_GDT + selector + 5] & 15, to_16 ? 3 : 11);
	if (!r)
		r = check("type of the old TSS", f->arena[AT_GDT + S_TSS + 5] & 15, nested ? 11 : 9);
	if (!r && nested)
		r = check("back link", get_bytes(tss, 2), S_TSS);
	return r;
}

static const char *inspect_new(const struct trial *t, const struct outcome *f)
{
	u64 mask = to_16 ? 0xffff : 0xffffffff;
	u64 flags = TASK_FLAGS | (nests(current_how) ? NT : 0);
	const char *r;

	r = check("TR", f->sregs.tr.selector & ~7u, to_16 ? S_TSS16 : S_TSS32);
	if (!r)
		r = check("EAX", f->regs.rax & mask, TASK_REG(0) & mask);
	if (!r)
		r = check("EBX", f->regs.rbx & mask, TASK_REG(3) & mask);
	if (!r)
		r = check("EDI", f->regs.rdi & mask, TASK_REG(7) & mask);
	if (!r)
		r = check("ESP", f->regs.rsp & mask, to_16 ? TASK_SP : TASK_ESP);
	if (!r)
		r = check("EFLAGS", f->regs.rflags, flags);
	if (!r)
		r = check("CS", f->sregs.cs.selector, to_16 ? S_CODE16 : S_CODE32);
	if (!r)
		r = check("base of CS", f->sregs.cs.base, to_16 ? CODE_GPA : 0);
	if (!r)
		r = check("SS", f->sregs.ss.selector, to_16 ? S_DATA16 : S_DATA);
	if (!r)
		r = check("FS", f->sregs.fs.selector, to_16 ? 0 : S_DATA_3);
	if (!r)
		r = check("LDTR", f->sregs.ldt.selector, to_16 ? 0 : S_LDT);
	if (!r)
		r = check("CR0.TS", f->sregs.cr0 & CR0_TS, CR0_TS);
	if (!r)
		r = check("CR3", f->sregs.cr3, t->sregs.cr3);
	return r;
}

static const char *inspect_switch(const struct trial *t, const struct outcome *f)
{
	const char *r = inspect_old(t, f);

	if (!r)
		r = inspect_descriptors(t, f);
	return r ? r : inspect_new(t, f);
}

/* Once by the manual, and once against the native switch. */
static void try_switch(struct trial *t)
{
	try_trial(t);
	t->distrust = NULL;
	try_trial(t);
}

/* ---- trials ------------------------------------------------------------------------------------------ */

static void good_switches(const struct world *w)
{
	enum how how;
	unsigned int is_16;
	struct trial *t;

	group_begin("task switches", w, NULL);
	for (how = 0; how < NR_HOWS; how++) {
		for (is_16 = 0; is_16 < 2; is_16++) {
			t = switch_trial(w, how, is_16);
			t->inspect = inspect_switch;
			try_switch(t);
		}
	}
	/* The debug trap flag. */
	t = switch_trial(w, JMP, false);
	trial_put(t, AT_TSS32 + 0x64, 0x680001, 4);
	trial_text(t, "JMP with the debug trap flag");
	trial_expect(t, MANUAL, DB_VECTOR, 0);
	try_switch(t);
	group_end();
}

/* Before the switch: nothing of the old task is given up. */
static const char *inspect_unchanged(const struct trial *t, const struct outcome *f)
{
	const char *r = check("TR", f->sregs.tr.selector, S_TSS);

	if (!r)
		r = check("type of the old TSS", f->arena[AT_GDT + S_TSS + 5] & 15, 11);
	if (!r && memcmp(f->arena + AT_TSS + 0x20, t->arena + AT_TSS + 0x20, 0x40))
		r = "the old TSS changed";
	return r;
}

static void refused_switches(const struct world *w)
{
	static const struct {
		const char *name;
		u8 acc;		/* of the TSS */
		u32 limit;
		enum how how;
		int vector;
		u64 error;
	} cases[] = {
		{ "busy", ACC(0xb, 0, 3, 1), 0x67, JMP, GP_VECTOR, S_TSS32 },
		{ "busy", ACC(0xb, 0, 3, 1), 0x67, CALL, GP_VECTOR, S_TSS32 },
		{ "busy", ACC(0xb, 0, 3, 1), 0x67, JMP_GATE, GP_VECTOR, S_TSS32 },
		{ "busy", ACC(0xb, 0, 3, 1), 0x67, INT_GATE, GP_VECTOR, S_TSS32 },
		{ "absent", ACC(9, 0, 3, 0), 0x67, JMP, NP_VECTOR, S_TSS32 },
		{ "absent", ACC(9, 0, 3, 0), 0x67, CALL_GATE, NP_VECTOR, S_TSS32 },
		{ "absent", ACC(9, 0, 3, 0), 0x67, INT_GATE, NP_VECTOR, S_TSS32 },
		{ "short", ACC(9, 0, 3, 1), 0x66, JMP, TS_VECTOR, S_TSS32 },
		{ "short", ACC(9, 0, 3, 1), 0x66, CALL_GATE, TS_VECTOR, S_TSS32 },
		{ "not busy", ACC(9, 0, 3, 1), 0x67, IRET, TS_VECTOR, S_TSS32 },
		{ "a data segment", DATA_ACC(3), 0x67, IRET, TS_VECTOR, S_TSS32 },
		{ "an LDT", ACC(2, 0, 3, 1), 0x67, IRET, TS_VECTOR, S_TSS32 },
		{ "an LDT", ACC(2, 0, 3, 1), 0x67, JMP, GP_VECTOR, S_TSS32 },
		{ "an LDT", ACC(2, 0, 3, 1), 0x67, CALL_GATE, GP_VECTOR, S_TSS32 },
	};
	unsigned int i;

	group_begin("task switches refused", w, NULL);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct trial *t = switch_trial(w, cases[i].how, false);

		trial_desc(t, S_TSS32, make_desc(IN_ARENA(AT_TSS32), cases[i].limit, cases[i].acc, 0));
		trial_text(t, "%s, TSS %s", how_name[cases[i].how], cases[i].name);
		trial_expect(t, MANUAL, cases[i].vector, cases[i].error);
		t->inspect = inspect_unchanged;
		try_switch(t);
	}
	/* Privilege: of the TSS, and of the gate, whatever that of the TSS behind it. */
	for (i = 0; i < 4; i++) {
		struct trial *t = switch_trial(w, i & 1 ? CALL_GATE : JMP, false);
		bool allowed = i & 1 ? (i & 2 || !w->cpl) : !w->cpl;

		trial_desc(t, S_TSS32, tss_desc(false, false, 0));
		if (i == 1)
			trial_desc(t, S_GATE, make_gate(S_TSS32, 0, ACC(5, 0, 0, 1), 0));
		trial_text(t, "%s with DPL 0", i & 1 ? i & 2 ? "TSS" : "gate" : "TSS itself");
		if (!allowed)
			trial_expect(t, MANUAL, GP_VECTOR, i & 1 ? S_GATE : S_TSS32);
		try_switch(t);
	}
	group_end();
}

/*
 * In the new task: its fault, its handler. Until SS is loaded there is no stack
 * to look for the error code.
 */
static void bad_tasks(const struct world *w)
{
	static const struct {
		const char *name;
		unsigned int at;	/* in the TSS */
		u16 selector;
		u64 desc;
		int vector;
		u64 error;
	} cases[] = {
		{ "NULL CS", 0x4c, 0, 0, TS_VECTOR, ANY_ERROR },
		{ "data in CS", 0x4c, S_DATA, 0, TS_VECTOR, ANY_ERROR },
		{ "CS beyond", 0x4c, 0xfff0, 0, TS_VECTOR, ANY_ERROR },
		{ "NULL SS", 0x50, 0, 0, TS_VECTOR, ANY_ERROR },
		{ "code in SS", 0x50, S_CODE32, 0, TS_VECTOR, ANY_ERROR },
		{ "SS of another level", 0x50, S_DATA_3, 0, TS_VECTOR, ANY_ERROR },
		{ "TSS in DS", 0x54, S_TSS, 0, TS_VECTOR, S_TSS },
		{ "ES beyond", 0x48, 0xfff0, 0, TS_VECTOR, 0xfff0 },
		{ "LDT in the LDT", 0x60, S_LDT | 4, 0, TS_VECTOR, ANY_ERROR },
		{ "data in LDTR", 0x60, S_DATA, 0, TS_VECTOR, ANY_ERROR },
		{ "LDT absent", 0x60, S_BAD, 0x0000020000000000, TS_VECTOR, ANY_ERROR },
		{ "CS absent", 0x4c, S_BAD, 0x00cf1b000000ffff, NP_VECTOR, ANY_ERROR },
		{ "SS absent", 0x50, S_BAD, 0x00cf13000000ffff, SS_VECTOR, ANY_ERROR },
		{ "DS absent", 0x54, S_BAD, 0x00cf13000000ffff, NP_VECTOR, S_BAD },
	};
	bool vmx = read_flag("/sys/module/kvm_intel/parameters/unrestricted_guest");
	unsigned int i;

	group_begin("task switches to bad tasks", w, NULL);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct trial *t = switch_trial(w, JMP, false);

		trial_put(t, AT_TSS32 + cases[i].at, cases[i].selector, 2);
		trial_desc(t, S_BAD, cases[i].desc);
		trial_text(t, "%s", cases[i].name);
		/* VMX enters no such state: without a stack the emulated delivery shuts down. */
		if (vmx && cases[i].error == ANY_ERROR)
			t->distrust = NULL;
		else
			trial_expect(t, MANUAL, cases[i].vector, cases[i].error);
		try_switch(t);
	}
	group_end();
}

void test_tasks(const char *only)
{
	if (only && !strstr("tasks", only))
		return;
	FOR_WORLDS(w) {
		if (!w->protected || w->lma)
			continue;
		good_switches(w);
		refused_switches(w);
		bad_tasks(w);
	}
}
