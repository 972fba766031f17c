// SPDX-License-Identifier: GPL-2.0-only
/* Invariants of the tables, and every row decoded from an encoding made of it. */
#include <ctype.h>
#include <stdio.h>
#include <linux/string.h>
#include "cases.h"
#include "tap.h"
#include "walk.h"

static struct machine machine;

static bool first_operand_is_memory_capable(const struct row *row)
{
	u8 f = operand_info[row->op->operand[0]].flags;

	return f & OPF_RM && f & OPF_MEM && !(f & OPF_REGONLY);
}

static bool lower_case(const char *s)
{
	for (; *s; s++)
		if (!islower((unsigned char)*s) && !isdigit((unsigned char)*s) && *s != ' ')
			return false;
	return true;
}

/* Why a row is wrong by itself, or NULL. */
static const char *row_problem(const struct row *row)
{
	const struct opcode *op = row->op;
	unsigned int i, rm = 0;

	if (!op->name)
		return op->execute || op->flags ? "no name, but a handler or flags" : NULL;
	if (!op->execute && !(op->flags & (F_UD | F_KNOWN | F_OPAQUE)))
		return "neither a handler nor KNOWN nor UNDEF";
	if (op->execute && op->flags & (F_KNOWN | F_OPAQUE))
		return "a handler, but marked as not emulated";
	if (op->flags & F_UD)
		return op->execute ? "undefined, but with a handler" : NULL;
	if (!*op->name || !lower_case(op->name))
		return "the mnemonic is not lower-case";
	for (i = 0; i < MAX_OPERANDS; i++) {
		if (op->operand[i] >= NR_OPERAND_CODES)
			return "no such operand code";
		if (!op->operand[i] && i < MAX_OPERANDS - 1 && op->operand[i + 1])
			return "a hole among the operands";
		rm += !!(operand_info[op->operand[i]].flags & OPF_RM);
	}
	if (rm > 1)
		return "ModRM.rm is two operands";
	if (op->intercept >= X86_NR_INTERCEPTS)
		return "no such intercept";
	if (op->flags & F_WO && op->flags & F_RO)
		return "the destination is write-only and read-only";
	if (op->flags & F_NO64 && op->flags & F_ONLY64)
		return "the row is for no mode";
	if (op->flags & F_LOCK && (op->flags & (F_WO | F_RO) ||
				   !first_operand_is_memory_capable(row)))
		return "LOCK without a writable memory destination";
	if (op->flags & (F_WO | F_RO) && !op->operand[0] && !(op->flags & F_STRING))
		return "access flags without a destination";
	if (op->check && !op->execute)
		return "a check without a handler";
	return NULL;
}

static void check_rows(void)
{
	unsigned int i, bad = 0, implemented = 0, known = 0;
	const char *why;

	for (i = 0; i < nr_rows; i++) {
		implemented += row_implemented(&rows[i]);
		known += rows[i].op->name && !rows[i].op->execute && !(rows[i].op->flags & F_UD);
		why = row_problem(&rows[i]);
		if (!why)
			continue;
		bad++;
		tap_result(false, why, "table: %s", row_name(&rows[i]));
	}
	tap_note("%u rows: %u with a handler, %u known by name", nr_rows, implemented, known);
	tap_result(!bad && implemented, "see above", "table: every row is consistent");
}

static void check_operand_info(void)
{
	unsigned int i;
	const char *why = NULL;

	for (i = OC___ + 1; i < NR_OPERAND_CODES; i++) {
		const struct operand_info *o = &operand_info[i];

		if (!o->name)
			why = "an operand code without a row";
		else if (o->flags & OPF_RM && !(o->flags & OPF_MODRM))
			why = "ModRM.rm without ModRM";
		else if (o->flags & OPF_REGONLY && o->flags & OPF_MEMONLY)
			why = "neither register nor memory";
		if (why)
			break;
	}
	tap_result(!why, why, "table: operand properties (%u codes)", NR_OPERAND_CODES);
}

/* Encode, decode, compare the row and the length. */
static bool decodes_to_itself(const struct row *row, struct encoding *e, char *why, size_t size)
{
	unsigned int i, n = 0;
	int rc;

	machine.mode = e->mode;
	machine_code(&machine, e->bytes, e->len);
	rc = machine_decode(&machine);
	if (rc == X86EMUL_CONTINUE && machine.ctxt.op == row->op &&
	    machine.ctxt.next_eip == LA_IP + e->len && !machine.errors)
		return true;
	n = snprintf(why, size, "%s, ", mode_names[e->mode]);
	for (i = 0; i < e->len; i++)
		n += snprintf(why + n, size - n, "%02x ", e->bytes[i]);
	snprintf(why + n, size - n, ": result %d, length %ld of %u, row %s", rc,
		 (long)(machine.ctxt.next_eip - LA_IP), e->len,
		 machine.ctxt.op && machine.ctxt.op->name ? machine.ctxt.op->name : "none");
	return false;
}

static bool decode_forms(const struct row *row, char *why, size_t size)
{
	static const u8 modes[] = { X86EMUL_MODE_REAL, X86EMUL_MODE_PROT16, X86EMUL_MODE_PROT32,
				    X86EMUL_MODE_PROT64 };
	unsigned int m, s, mem;

	for (m = 0; m < ARRAY_LEN(modes); m++) {
		for (s = 0; s < 6; s++) {
			struct encoding e = { .mode = modes[m], .op_bytes = 2 << s % 3,
					      .reg = s < 3 ? 1 : 2, .rm = s < 3 ? 1 : 3 };

			for (mem = 0; mem < 2; mem++) {
				e.memory = mem;
				if (encode_row(row, &e) && !decodes_to_itself(row, &e, why, size))
					return false;
			}
		}
	}
	return true;
}

static void check_decode(void)
{
	unsigned int i, bad = 0, n = 0;
	char why[200];

	machine_init(&machine, X86EMUL_MODE_PROT64, 0);
	for (i = 0; i < nr_rows; i++) {
		const struct opcode *op = rows[i].op;

		if (!op->name || op->flags & F_UD)
			continue;
		n++;
		if (decode_forms(&rows[i], why, sizeof(why)))
			continue;
		bad++;
		tap_result(false, why, "table: %s decodes to itself", row_name(&rows[i]));
	}
	tap_result(!bad, "see above", "table: %u rows decode to themselves in every mode and size",
		   n);
}

/* Text for every row: it starts with the mnemonic and is cut where the buffer ends. */
static void check_disasm(void)
{
	unsigned int i, bad = 0;
	char text[128], cut[8];
	const char *mnemonic;

	for (i = 0; i < nr_rows; i++) {
		struct encoding e = { .mode = X86EMUL_MODE_PROT64, .reg = 1, .rm = 2,
				      .memory = row_takes_memory(&rows[i]) };

		if (!rows[i].op->name || rows[i].op->flags & F_UD)
			continue;
		if (rows[i].mode64 == 0 || rows[i].op->flags & F_NO64)
			e.mode = X86EMUL_MODE_PROT32;
		if (!encode_row(&rows[i], &e))
			continue;
		machine.mode = e.mode;
		machine_code(&machine, e.bytes, e.len);
		if (machine_decode(&machine) != X86EMUL_CONTINUE)
			continue;
		memset(cut, 0x55, sizeof(cut));
		x86_emulate_disasm(&machine.ctxt, text, sizeof(text));
		x86_emulate_disasm(&machine.ctxt, cut, 5);
		mnemonic = strstr(text, rows[i].op->name);
		if (mnemonic && strlen(cut) <= 4 && !strncmp(cut, text, strlen(cut)) &&
		    cut[5] == 0x55)
			continue;
		bad++;
		tap_result(false, text, "table: text of %s", row_name(&rows[i]));
	}
	tap_result(!bad, "see above", "table: every row has its text");
}

void table_tests(void)
{
	tap_result(!walk_errors, walk_error, "table: groups are complete");
	check_operand_info();
	check_rows();
	check_decode();
	check_disasm();
}

/* Each implemented row was executed to the end by some case. */
void coverage_tests(void)
{
	unsigned int i, bad = 0, n = 0;

	for (i = 0; i < nr_rows; i++) {
		if (!row_implemented(&rows[i]))
			continue;
		n++;
		if (was_executed(rows[i].op))
			continue;
		bad++;
		tap_result(false, "no case executes this row", "coverage: %s", row_name(&rows[i]));
	}
	tap_result(!bad, "see above", "coverage: each of %u rows has a case", n);
}
