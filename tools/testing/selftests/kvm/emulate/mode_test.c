// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every row in every mode and size: outside 64-bit mode the outcome does not
 * depend on the mode, only on the operand size; and a nested hypervisor is
 * asked about the rows it can intercept, and about no other.
 */
#include <stdio.h>
#include <linux/string.h>
#include "cases.h"
#include "tap.h"
#include "walk.h"

static struct machine machine, reference;
static struct mstate before;
static unsigned int checks, bad;

static void report(bool pass, const struct row *row, const struct encoding *e, const char *why)
{
	checks++;
	if (pass)
		return;
	bad++;
	tap_result(false, why, "mode: %s %u-bit %s", mode_names[e->mode], e->size * 8,
		   row_name(row));
}

static void start(struct machine *m, const struct encoding *e)
{
	static const u8 data[16] = { 0x81, 0x92, 0xa3, 0x34, 5, 6, 7, 8, 9 };
	unsigned int i;

	machine_init(m, e->mode, e->mode == X86EMUL_MODE_VM86 ? 3 : 0);
	for (i = 0; i < 8; i++)
		m->s.gpr[i] = 0x80010203u * (i + 1) & 0xffffffffu;
	m->smm = true;
	m->s.gpr[X86_REG_RSP] = LA_SP;
	m->s.gpr[X86_REG_RBX] = LA_DATA + 0x100;
	m->s.gpr[X86_REG_RSI] = LA_DATA + 0x200;
	m->s.gpr[X86_REG_RDI] = LA_DATA + 0x300;
	machine_poke(m, LA_DATA + 0x100, data, sizeof(data));
	machine_poke(m, LA_DATA + 0x200, data, sizeof(data));
	machine_code(m, e->bytes, e->len);
}

/* Rows whose outcome is the mode's by their nature. */
static bool mode_matters(const struct row *row)
{
	u32 f = row->op->flags;
	unsigned int i;

	for (i = 0; i < MAX_OPERANDS; i++) {
		u8 k = operand_info[row->op->operand[i]].kind;

		if (k == OPK_SEG || row->op->operand[i] == OC_Sw ||
		    row->op->operand[i] == OC_Cd || row->op->operand[i] == OC_Dd ||
		    row->op->operand[i] == OC_Ms || row->op->operand[i] == OC_Mp ||
		    row->op->operand[i] == OC_Jz || row->op->operand[i] == OC_Menv)
			return true;
	}
	return !row_implemented(row) ||
	       f & (F_IMPL | F_PRIV | F_CPL_IOPL | F_STACK | F_NEAR | F_STRING) ||
	       row->op->check || row->op->intercept;
}

static bool same(const struct encoding *a, const struct encoding *b, char *why, size_t size)
{
	struct mstate *x = &machine.s, *y = &reference.s;

	if (machine.result != reference.result) {
		snprintf(why, size, "result %d and %d", machine.result, reference.result);
		return false;
	}
	if (memcmp(x->gpr, y->gpr, sizeof(x->gpr)) || ((x->eflags ^ y->eflags) & EFLG_ARITH)) {
		snprintf(why, size, "registers or flags: rax %lx %lx rcx %lx %lx flags %lx %lx",
			 x->gpr[0], y->gpr[0], x->gpr[1], y->gpr[1], x->eflags, y->eflags);
		return false;
	}
	if (memcmp(machine_find(&machine, LA_DATA)->data, machine_find(&reference, LA_DATA)->data,
		   MACHINE_PAGE) || memcmp(x->vec, y->vec, sizeof(x->vec))) {
		snprintf(why, size, "memory or vectors differ");
		return false;
	}
	snprintf(why, size, "eip moved to %lx, %u bytes", x->eip, a->len);
	return machine.result != EMULATION_OK ||
	       (x->eip == LA_IP + a->len && y->eip == LA_IP + b->len);
}

static void cross_mode(const struct row *row)
{
	static const u8 modes[] = { X86EMUL_MODE_REAL, X86EMUL_MODE_VM86, X86EMUL_MODE_PROT16 };
	unsigned int i, m;
	char why[200];

	if (mode_matters(row))
		return;
	for (i = 0; i < 4; i++) {
		struct encoding ref = { .mode = X86EMUL_MODE_PROT32, .op_bytes = i & 1 ? 2 : 4,
					.memory = i & 2, .reg = 1, .rm = 2, .imm = 0x85 };

		if (!encode_row(row, &ref))
			continue;
		start(&reference, &ref);
		machine_run(&reference);
		for (m = 0; m < ARRAY_LEN(modes); m++) {
			struct encoding e = ref;

			e.mode = modes[m];
			if (!encode_row(row, &e) || e.size != ref.size)
				continue;
			start(&machine, &e);
			machine_run(&machine);
			report(same(&e, &ref, why, sizeof(why)), row, &e, why);
		}
	}
}

/* Registers and immediates are known at once, memory not before it was loaded. */
static bool value_is(const struct operand *op, u64 val)
{
	unsigned int bytes = op->bytes;
	u64 reg;

	if (op->type == OP_IMM)
		return val == op->ea;
	if (op->type != OP_REG)
		return !val;
	reg = machine.s.gpr[op->reg] >> (op->high ? 8 : 0);
	return val == (bytes == 8 ? reg : reg & ((1ull << bytes * 8) - 1));
}

/* Ask at every stage; what was intercepted has done nothing. */
static void intercepts(const struct row *row)
{
	struct encoding e = { .mode = X86EMUL_MODE_PROT64, .reg = 0, .rm = 2 };
	unsigned int stage;
	char why[200];
	const char *diff;

	e.memory = row_takes_memory(row);
	if (row->mode64 == 0 || row->op->flags & F_NO64)
		e.mode = X86EMUL_MODE_PROT32;
	if (!row_implemented(row) || !encode_row(row, &e))
		return;
	for (stage = X86_ICPT_PRE_EXCEPT; stage <= X86_ICPT_POST_EXCEPT; stage++) {
		start(&machine, &e);
		machine.guest_mode = true;
		machine.intercept_stage = stage;
		before = machine.s;
		machine_run(&machine);
		diff = state_diff(&machine.s, &before);
		snprintf(why, sizeof(why), "stage %u: result %d, asked %u times, intercept %u, %s",
			 stage, machine.result, machine.intercepts_asked,
			 machine.last_info.intercept, diff ? diff : "nothing changed");
		if (!row->op->intercept)
			report(!machine.intercepts_asked, row, &e, why);
		else
			report(machine.result == EMULATION_INTERCEPTED && !diff &&
			       machine.last_info.intercept == row->op->intercept &&
			       machine.last_info.next_rip == LA_IP + e.len &&
			       machine.last_info.rep_prefix == machine.ctxt.rep_prefix &&
			       value_is(&machine.ctxt.src, machine.last_info.src_val) &&
			       value_is(&machine.ctxt.dst, machine.last_info.dst_val), row, &e,
			       why);
	}
}

/* A nested hypervisor that asks for nothing makes plain rows go the long way: to the same end. */
static void short_way(const struct row *row)
{
	static const u64 bases[] = {
		LA_DATA + 0x100, LA_DATA + 0xffe, LA_HOLE, LA_MMIO, LA_RO, 0x800000000000,
		0x7ffffffffffe,
	};
	unsigned int i;
	const char *diff;
	char why[300];

	for (i = 0; i < ARRAY_LEN(bases) * 8; i++) {
		struct encoding e = { .mode = X86EMUL_MODE_PROT64, .op_bytes = 2 << i % 4 % 3,
				      .memory = i & 4, .reg = i & 1 ? 5 : 9, .rm = 2, .imm = 0x81 };

		if (!row->op->plain || !encode_row(row, &e))
			continue;
		start(&machine, &e);
		machine.s.gpr[X86_REG_RBX] = bases[i / 8];
		reference = machine;
		reference.guest_mode = true;
		reference.intercept_stage = -1;
		machine_run(&machine);
		machine_run(&reference);
		diff = state_diff(&machine.s, &reference.s);
		snprintf(why, sizeof(why), "result %d and %d, %u and %u accesses, %s",
			 machine.result, reference.result, machine.nr_log, reference.nr_log,
			 diff ? diff : machine.error);
		report(!diff && machine.result == reference.result && !machine.errors &&
		       machine.ctxt.plain == !machine.ctxt.ad_prefix && !reference.ctxt.plain &&
		       machine.nr_log == reference.nr_log &&
		       !memcmp(&machine.ctxt.exception, &reference.ctxt.exception,
			       sizeof(machine.ctxt.exception)), row, &e, why);
	}
}

/* x86_emulate_one_mem_op() promises that the instruction touches memory at one place at most. */
static void one_memory_operand(const struct row *row)
{
	struct encoding e = { .mode = X86EMUL_MODE_PROT32, .op_bytes = 4, .memory = true,
			      .reg = 1 };
	bool one;

	if (!row_implemented(row) || !encode_row(row, &e))
		return;
	start(&machine, &e);
	machine.s.gpr[X86_REG_RCX] = 0;		/* bit offset of BT */
	machine_run(&machine);
	one = machine.reads <= 1 && machine.writes + machine.cmpxchgs <= 1;
	if (machine.result == EMULATION_OK)
		report(one || !x86_emulate_one_mem_op(&machine.ctxt), row, &e,
		       "x86_emulate_one_mem_op() is set, but there are more accesses");
	if (row_takes_memory(row) && !(row->op->flags & (F_IMPL | F_STRING | F_STACK | F_NEAR)))
		report(x86_emulate_one_mem_op(&machine.ctxt) ||
		       machine.result != EMULATION_OK, row, &e,
		       "x86_emulate_one_mem_op() is not set");
}

static void each_row(void (*fn)(const struct row *row), const char *what)
{
	unsigned int i;

	checks = bad = 0;
	for (i = 0; i < nr_rows; i++)
		fn(&rows[i]);
	tap_result(!bad && checks, bad ? "see above" : "nothing was checked",
		   "mode: %s (%u checks)", what, checks);
}

void mode_tests(void)
{
	each_row(cross_mode, "16-bit modes agree with 32-bit mode");
	each_row(intercepts, "interceptable rows ask the nested hypervisor");
	each_row(short_way, "plain rows end the same when they go the long way");
	each_row(one_memory_operand, "x86_emulate_one_mem_op() tells the truth");
}
