// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every implemented row of the emulator's own opcode tables: encoded in each
 * form, run natively and forced in 16-, 32- and 64-bit code, states compared.
 * A row that no mode compares must be excluded with a reason.
 */
#include <stdio.h>
#include <stdlib.h>

#include "forced_table/trial.h"

static const enum guest_mode modes[] = { MODE_REAL16, MODE_PROT16, MODE_PAGED32, MODE_LONG64 };

static struct vm *vm;
static struct vcpu *vcpu;
static u8 vectors16[0x400];
static unsigned long trials;

/* What became of a row. */
struct outcome {
	unsigned int compared;		/* trials that agree */
	unsigned int in_mode[NR_MODES];	/* of them */
	unsigned int retired;		/* of them, neither faults nor exits to a device */
	unsigned int undefined;		/* of them, #UD */
	bool missing;			/* other modules: not emulated or different there */
	const char *left_out;		/* reason of the first form left out */
	char where[160];		/* first difference: the form, ... */
	char what[256];			/* ... and what differs */
};

/* HLT wherever branches by value lead, in each of the operand sizes. */
static void prepare_landing(enum guest_mode mode)
{
	u8 *low = gpa_to_hva(vm, 0);

	memset(low, 0xf4, 0x1000);
	memset(gpa_to_hva(vm, CODE_GPA + 0x80), 0xf4, 0x1000);
	if (mode == MODE_REAL16)
		memcpy(low, vectors16, sizeof(vectors16));
}

static void remember(struct outcome *o, const struct trial *t, const char *what)
{
	unsigned int i, n;

	if (*o->what)
		return;
	n = snprintf(o->where, sizeof(o->where), "%s state %u:", mode_name(t->c.mode), t->state);
	for (i = 0; i < t->insn.len; i++)
		n += snprintf(o->where + n, sizeof(o->where) - n, " %02x", t->insn.bytes[i]);
	snprintf(o->what, sizeof(o->what), "%s", what);
}

/* After the last run: went on, landed in HLT, or raised a software interrupt. */
static bool has_retired(void)
{
	struct guest_fault fault;

	return at_done(vcpu) || vcpu->run->exit_reason == KVM_EXIT_HLT ||
	       (vcpu_fault(vcpu, &fault) &&
		(fault.vector == BP_VECTOR || fault.vector == OF_VECTOR || fault.vector >= 32));
}

/* Take a result of compare_forced(), or of the like. */
static void judge(struct outcome *o, const struct trial *t, const char *difference)
{
	trials++;
	if (!difference) {
		struct guest_fault fault;

		o->undefined += vcpu_fault(vcpu, &fault) && fault.vector == UD_VECTOR;
		o->compared++;
		o->in_mode[t->c.mode]++;
		o->retired += has_retired();
		return;
	}
	o->missing |= !kvm_is_ours();
	remember(o, t, difference);
}

static bool same_regs(const struct kvm_regs *a, const struct kvm_regs *b, int bits)
{
	const unsigned long long *x = &a->rax, *y = &b->rax;
	u64 mask = bits == 64 ? ~0ull : 0xffffffff;
	unsigned int i;

	for (i = 0; i < 17; i++)
		if ((x[i] ^ y[i]) & mask)
			return false;
	return true;
}

/*
 * With an operand in the hole. TCG reads what a read-modify-write instruction
 * changes without intent to write, so the error code is a reader's: processors
 * report a writer's.
 */
static const char *compare_hole(const struct trial *t)
{
	static struct guest_state n, f;
	static char text[160];
	u64 differ;

	run_insn(vcpu, &t->c, false, &n);
	run_insn(vcpu, &t->c, true, &f);
	differ = n.fault.error_code ^ f.fault.error_code;
	if (t->row->rmw)
		differ &= ~2ull;
	if (n.reason == f.reason && n.fault.vector == f.fault.vector && !differ &&
	    (n.sregs.cr2 == f.sregs.cr2 || row_reads_backwards(t->row)) &&
	    same_regs(&n.regs, &f.regs, mode_bits(t->c.mode)))
		return NULL;
	snprintf(text, sizeof(text),
		 "hole: native exit %d vector %d error %#llx cr2 %#llx, forced %d, %d, %#llx, %#llx%s",
		 n.reason, n.fault.vector, (unsigned long long)n.fault.error_code, n.sregs.cr2,
		 f.reason, f.fault.vector, (unsigned long long)f.fault.error_code, f.sregs.cr2,
		 same_regs(&n.regs, &f.regs, mode_bits(t->c.mode)) ? "" : ", registers differ");
	return text;
}

static void try_hole(struct outcome *o, struct trial *t)
{
	bool memory = t->insn.memory && t->row->accesses && !t->row->bit_offset;

	if (t->c.mode < MODE_PAGED32 || (!memory && !t->row->string))
		return;
	t->state = 0;
	trial_prepare(t);
	/* Into it after two bytes: REP keeps its progress. */
	if (t->row->string)
		t->c.regs.rsi = t->c.regs.rdi = HOLE_GPA - 2;
	else
		t->c.regs.rbx = HOLE_GPA + 0x20;
	judge(o, t, compare_hole(t));
}

/* Privilege: at CPL 3. */
static void try_user(struct outcome *o, struct trial *t)
{
	if (t->c.mode != MODE_LONG64)
		return;
	t->state = 0;
	t->c.user = true;
	trial_prepare(t);
	if (!form_excluded(t))
		judge(o, t, compare_forced(vcpu, &t->c, ~t->undefined));
	t->c.user = false;
}

/* Why the encoding is left out because this processor does not have it, or NULL. */
static const char *native_ud(struct trial *t)
{
	static struct guest_state n;
	const char *reason = native_ud_excused(t);

	if (!reason)
		return NULL;
	t->state = 0;
	trial_prepare(t);
	run_insn(vcpu, &t->c, false, &n);
	return n.fault.vector == UD_VECTOR ? reason : NULL;
}

/* One encoding: on all states, or on the next one in turn when there are others like it. */
static void try_encoding(struct outcome *o, struct trial *t, bool all)
{
	unsigned int i, states = all ? NR_STATES : 1;
	static unsigned int turn;
	const char *reason;

	if (!table_encode(t->row, &t->insn))
		return;
	reason = form_excluded(t);
	if (!reason)
		reason = native_ud(t);
	if (reason) {
		if (!o->left_out)
			o->left_out = reason;
		return;
	}
	for (i = 0; i < states; i++) {
		t->state = turn++ % NR_STATES;
		trial_prepare(t);
		judge(o, t, compare_forced(vcpu, &t->c, ~t->undefined));
	}
	if (t->insn.op_bytes == 2 || t->insn.lock || !all)
		return;
	try_hole(o, t);
	try_user(o, t);
}

static void try_memory(struct outcome *o, struct trial *t, bool all)
{
	t->insn.memory = true;
	t->insn.rm = 3;
	t->insn.reg = t->c.mode == MODE_LONG64 && t->insn.op_bytes == 8 ? 13 : 1;
	try_encoding(o, t, all);
	t->insn.lock = t->row->lock;
	if (t->insn.lock)
		try_encoding(o, t, false);
	t->insn.lock = t->insn.memory = false;
}

/* Registers for ModRM, as rm and reg. */
static void try_registers(struct outcome *o, struct trial *t, bool all)
{
	static const u8 usual[][2] = { { 0, 1 }, { 5, 6 }, { 9, 13 } };
	/* TCG lets REX choose among more MMX registers than there are. */
	unsigned int i, n = !t->row->modrm ? 1 : t->row->mmx ? 2 : 3;

	for (i = 0; i < n; i++) {
		t->insn.rm = usual[i][0];
		t->insn.reg = usual[i][1];
		if (t->insn.rm < 8 || t->c.mode == MODE_LONG64)
			try_encoding(o, t, all && !i);
	}
}

/* One operand size: register, memory and REP forms with each immediate. */
static void try_size(struct outcome *o, struct trial *t)
{
	static const u8 reps[] = { 0xf3, 0xf2 };
	unsigned int i;
	u64 imm;

	for (i = 0; row_immediate(t->row, t->c.mode, i, &imm); i++) {
		t->insn.imm = imm;
		if (t->row->reg)
			try_registers(o, t, !i);
		if (t->row->memory)
			try_memory(o, t, !i);
	}
	for (i = 0; t->row->string && i < ARRAY_SIZE(reps); i++) {
		t->insn.rep = reps[i];
		try_encoding(o, t, true);
	}
	t->insn.rep = 0;
}

static void try_mode(struct outcome *o, struct trial *t, enum guest_mode mode)
{
	static const u8 sizes[] = { 4, 2, 8 };
	unsigned int i;

	t->c.mode = mode;
	t->insn = (struct table_insn){ .bits = mode_bits(mode), .real = mode == MODE_REAL16 };
	if (!t->row->sized) {
		try_size(o, t);
		return;
	}
	for (i = 0; i < (mode == MODE_LONG64 ? 3 : 2); i++) {
		t->insn.op_bytes = sizes[i];
		try_size(o, t);
	}
}

static void try_row(struct outcome *outcome, const struct table_row *row)
{
	static struct trial t;
	unsigned int i;

	memset(outcome, 0, sizeof(*outcome));
	t.row = row;
	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		/* What 16-bit protected mode has of its own is the stack. */
		if (modes[i] == MODE_PROT16 && row->modrm)
			continue;
		prepare_landing(modes[i]);
		try_mode(outcome, &t, modes[i]);
	}
}

/* What became of all rows. */
static struct {
	unsigned int compared, excluded, missing, in_mode[NR_MODES];
} sum;

static void exclude(const struct table_row *row, const char *reason)
{
	note("excluded: %s: %s", row->text, reason);
	sum.excluded++;
}

static void report(const struct table_row *row, const struct outcome *o)
{
	unsigned int i;

	for (i = 0; i < NR_MODES; i++)
		sum.in_mode[i] += !!o->in_mode[i];
	if (o->missing) {
		sum.missing++;
		note("%s: %s %s", row->text, o->where, o->what);
	} else if (*o->what) {
		ok(false, "%s: %u comparisons", row->text, o->compared);
		note("%s", o->where);
		note("%s", o->what);
	} else if (o->compared) {
		const char *why = row->absent && o->undefined == o->compared ?
				  "CPUID has no such feature" : row_only_faults(row);

		sum.compared++;
		ok(o->retired || why, "%s: %u comparisons", row->text, o->compared);
		if (!o->retired)
			note("faults in all of them: %s", why ? why : "why?");
	} else if (o->left_out) {
		exclude(row, o->left_out);
	} else {
		ok(false, "%s: neither compared nor excluded", row->text);
	}
}

static void walk_rows(const char *only)
{
	unsigned int rows, i;
	struct outcome outcome;

	table_cpuid(guest_cpuid);
	rows = table_open();
	if (!rows)
		bail("the opcode tables cannot be walked");
	for (i = 0; i < rows; i++) {
		const struct table_row *row = table_row(i);

		if (only && !strstr(row->text, only))
			continue;
		if (row_excluded(row)) {
			exclude(row, row_excluded(row));
			continue;
		}
		try_row(&outcome, row);
		report(row, &outcome);
	}
	if (sum.missing)
		skip("rows named above", "this KVM does not emulate them, or differently");
	note("rows %u, compared %u, excluded %u, not like this on these modules %u", rows,
	     sum.compared, sum.excluded, sum.missing);
	note("%lu comparisons", trials);
	for (i = 0; i < ARRAY_SIZE(modes); i++)
		note("in %s: %u rows", mode_name(modes[i]), sum.in_mode[modes[i]]);
}

int main(int argc, char **argv)
{
	tap_start(150);
	vm = vm_create();
	vcpu = vcpu_create(vm);
	if (forced_emulation_missing())
		skip_all(forced_emulation_missing());
	if (argc > 2)
		trial_seed = strtoull(argv[2], NULL, 0) | 1;
	note("seed %#llx", (unsigned long long)trial_seed);
	memcpy(vectors16, gpa_to_hva(vm, 0), sizeof(vectors16));
	vm_map(vm, HOLE_GPA, HOLE_GPA, 0);
	vcpu_prime_fpu(vcpu);
	walk_rows(argc > 1 && *argv[1] ? argv[1] : NULL);
	vm_destroy(vm);
	return tap_done();
}
