// SPDX-License-Identifier: GPL-2.0-only
/* Where Bochs 2.7, the lab's machine with VMX, differs from the manuals or from other processors. */
#include "known.h"

/* Alike with the emulator's memory. */
static bool only_memory(const struct trial *t, const struct outcome *n, const struct outcome *f)
{
	static struct outcome fixed;

	fixed = *n;
	memcpy(fixed.arena, f->arena, sizeof(fixed.arena));
	fixed.error = f->error;
	return !outcome_differs(t, &fixed, f);
}

/* Of a pointer, a table register's operand or a descriptor: another part of it faults first. */
static bool fault_order(const struct trial *t, const struct outcome *n, const struct outcome *f)
{
	static struct outcome fixed;

	if (n->vector != PF_VECTOR || f->vector != PF_VECTOR ||
	    (n->sregs.cr2 ^ f->sregs.cr2) >> 12 || n->sregs.cr2 - f->sregs.cr2 > 8)
		return false;
	fixed = *n;
	fixed.sregs.cr2 = f->sregs.cr2;
	return !outcome_differs(t, &fixed, f);
}

static bool push_segment(const struct trial *t, const struct outcome *n, const struct outcome *f)
{
	if (!is_op(t, 0x06) && !is_op(t, 0x0e) && !is_op(t, 0x16) && !is_op(t, 0x1e) &&
	    !is_op(t, 0x0fa0) && !is_op(t, 0x0fa8))
		return false;
	return only_memory(t, n, f);
}

static bool ss_trap(const struct trial *t, const struct outcome *n, const struct outcome *f)
{
	return (t->regs.rflags & FLAG_TF) && (is_op(t, 0x17) || is_op_reg(t, 0x8e, 2)) &&
	       n->vector == DB_VECTOR && f->done;
}

static bool arpl_writes(const struct trial *t, const struct outcome *n, const struct outcome *f)
{
	return is_op(t, 0x63) && n->vector == PF_VECTOR && f->vector == PF_VECTOR &&
	       (n->error & 2) && !(f->error & 2);
}

static bool iret_stack(const struct trial *t, const struct outcome *n, const struct outcome *f)
{
	static struct outcome fixed;
	unsigned int i = t->insn[0] == 0x66;

	if (t->w->bits != 64 || !is_op(t, 0xcf) || (t->insn[i] & 0xf8) == 0x48)
		return false;
	fixed = *n;
	fixed.regs.rsp = f->regs.rsp;
	fixed.sregs.ss = f->sregs.ss;
	return !outcome_differs(t, &fixed, f);
}

static bool call_pushes(const struct trial *t, const struct outcome *n, const struct outcome *f)
{
	return (is_op_reg(t, 0xff, 3) || is_op(t, 0x9a)) && own_code_is_short(t) &&
	       n->vector == GP_VECTOR && f->vector == GP_VECTOR && n->error == f->error &&
	       only_memory(t, n, f);
}

static bool inner_stack_error(const struct trial *t, const struct outcome *n,
			      const struct outcome *f)
{
	return t->w->lma && is_far_branch(t) && n->vector == SS_VECTOR &&
	       f->vector == SS_VECTOR && !f->error && only_memory(t, n, f);
}

/* The manuals' pseudocode clears TF before the instruction ends. */
static bool syscall_trap(const struct trial *t, const struct outcome *n, const struct outcome *f)
{
	return (t->regs.rflags & FLAG_TF) && (is_op(t, 0x0f05) || is_op(t, 0x0f07)) &&
	       n->vector == DB_VECTOR && f->done;
}

/* A selector of half a descriptor: what is behind it is no upper half. */
static bool query_upper_half(const struct trial *t, const struct outcome *n,
			     const struct outcome *f)
{
	const u64 zf = 1 << 6;

	return t->w->lma && (is_op(t, 0x0f02) || is_op(t, 0x0f03)) && n->done && f->done &&
	       !(n->regs.rflags & zf) && (f->regs.rflags & zf);
}

static bool smsw_umip(const struct trial *t, const struct outcome *n, const struct outcome *f)
{
	return is_op_reg(t, 0x0f01, 4) && (t->sregs.cr4 & 1 << 11) && n->done &&
	       f->vector == GP_VECTOR;
}

struct known bochs_differences[] = {
	{ "VMX does not intercept SMSW for a processor without UMIP", smsw_umip },
	{ "Bochs traps behind SYSCALL and SYSRET by the TF before them", syscall_trap },
	{ "Bochs looks at the upper half of what LAR and LSL ask for", query_upper_half },
	{ "processors differ in which part of an operand they touch first", fault_order },
	{ "processors differ in how much of a stack slot a segment register fills", push_segment },
	{ "Bochs traps behind MOV SS and POP SS when what follows exits", ss_trap },
	{ "Bochs reads what ARPL may write as if it did", arpl_writes },
	{ "Bochs leaves SS:RSP on the stack in IRET of 64-bit code without REX.W", iret_stack },
	{ "Bochs pushes before it looks at the limit of a far CALL's target", call_pushes },
	{ "Bochs names a selector for an inner stack that is not canonical", inner_stack_error },
	{ NULL }
};
