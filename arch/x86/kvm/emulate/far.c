// SPDX-License-Identifier: GPL-2.0-only
/*
 * Far branches: JMP, CALL, RET and IRET. All is checked before anything is
 * written, and CS, SS and rIP change last.
 */
#include "emulate/segment.h"

/* What IRET takes from the stack at any privilege level, per operand size. */
#define IRET_FLAGS16	(EFLG_ARITH | EFLG_TF | EFLG_DF | EFLG_NT)
#define IRET_FLAGS32	(IRET_FLAGS16 | EFLG_RF | EFLG_AC | EFLG_ID)
/* And to virtual-8086 mode: all there are. */
#define IRET_FLAGS_VM	(IRET_FLAGS32 | EFLG_IF | EFLG_IOPL | EFLG_VM | EFLG_VIF | EFLG_VIP)

/* May code at this CPL go to the code segment @cs through @selector? */
static bool code_allowed(const struct x86_emulate_ctxt *ctxt, const struct x86_segment *cs,
			 u16 selector, enum cs_use use)
{
	unsigned int rpl = selector & SELECTOR_RPL, dpl = segment_dpl(cs);
	bool conforming = cs->attr & X86_SEG_CONFORMING;

	if (use == CS_GATE)
		return dpl <= ctxt->cpl;
	if (use == CS_TASK || use == CS_RETURN)
		return (conforming ? dpl <= rpl : dpl == rpl) &&
		       (use == CS_TASK || rpl >= ctxt->cpl);
	if (conforming)
		return dpl <= ctxt->cpl;
	return dpl == ctxt->cpl && (use == CS_GATE_JMP || rpl <= ctxt->cpl);
}

static unsigned int code_cpl(const struct x86_emulate_ctxt *ctxt, const struct x86_segment *cs,
			     u16 selector, enum cs_use use)
{
	if (use == CS_RETURN || use == CS_TASK)
		return selector & SELECTOR_RPL;
	if (use == CS_GATE && !(cs->attr & X86_SEG_CONFORMING))
		return segment_dpl(cs);
	return ctxt->cpl;
}

/* The same as check_code_segment() of a descriptor that was read. */
static int check_code_desc(struct x86_emulate_ctxt *ctxt, u16 selector, enum cs_use use, bool lma,
			   struct far_target *target)
{
	struct x86_segment *cs = &target->cs.var;
	bool gate = use == CS_GATE || use == CS_GATE_JMP;

	unpack_descriptor(&target->cs.desc, selector, cs);
	target->cs.has_desc = true;
	target->is_64 = lma && (cs->attr & X86_SEG_L);
	if (!(cs->attr & X86_SEG_S) || !(cs->attr & X86_SEG_CODE) ||
	    !code_allowed(ctxt, cs, selector, use) ||
	    (target->is_64 ? cs->attr & X86_SEG_DB : lma && gate))
		return emulate_exception(ctxt, use == CS_TASK ? EXC_TS : EXC_GP,
					 SELECTOR_ERROR(selector), true);
	if (!(cs->attr & X86_SEG_P))
		return emulate_exception(ctxt, EXC_NP, SELECTOR_ERROR(selector), true);

	target->cpl = code_cpl(ctxt, cs, selector, use);
	cs->selector = SELECTOR_ERROR(selector) | target->cpl;
	return X86EMUL_CONTINUE;
}

int check_code_segment(struct x86_emulate_ctxt *ctxt, u16 selector, enum cs_use use,
		       struct far_target *target)
{
	int vec = use == CS_TASK ? EXC_TS : EXC_GP;
	bool lma;
	int rc;

	if (selector_is_null(selector))
		return emulate_exception(ctxt, vec, 0, true);
	rc = long_mode_active(ctxt, &lma);
	if (rc == X86EMUL_CONTINUE)
		rc = read_descriptor(ctxt, selector, false, vec, &target->cs.desc);
	if (rc == X86EMUL_CONTINUE)
		rc = check_code_desc(ctxt, selector, use, lma, target);
	return rc;
}

int check_target_eip(struct x86_emulate_ctxt *ctxt, const struct far_target *target)
{
	if (target->is_64 ? !is_canonical(ctxt, target->eip) :
			    target->eip > target->cs.var.limit)
		return emulate_gp(ctxt, 0);
	return X86EMUL_CONTINUE;
}

void goto_target(struct x86_emulate_ctxt *ctxt, const struct far_target *target)
{
	ctxt->ops->set_segment(ctxt, X86_SEG_CS, &target->cs.var);
	ctxt->_eip = target->eip;
}

int jump_target(struct x86_emulate_ctxt *ctxt, struct far_target *target)
{
	int rc = check_target_eip(ctxt, target);

	if (rc == X86EMUL_CONTINUE)
		rc = mark_segment(ctxt, &target->cs);
	if (rc == X86EMUL_CONTINUE)
		goto_target(ctxt, target);
	return rc;
}

int call_target(struct x86_emulate_ctxt *ctxt, struct far_target *target, struct far_stack *st,
		const unsigned long *vals, unsigned int n, unsigned int bytes)
{
	int rc = probe_frame(ctxt, st, n, bytes);

	if (rc == X86EMUL_CONTINUE)
		rc = check_target_eip(ctxt, target);
	if (rc == X86EMUL_CONTINUE)
		rc = mark_segment(ctxt, &target->cs);
	if (rc == X86EMUL_CONTINUE)
		rc = mark_segment(ctxt, &st->ss);
	if (rc == X86EMUL_CONTINUE)
		rc = push_frame(ctxt, st, vals, n, bytes);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	goto_stack(ctxt, st);
	goto_target(ctxt, target);
	return X86EMUL_CONTINUE;
}

/* Real and virtual-8086 mode: nothing to check but the offset. */
static void real_target(struct x86_emulate_ctxt *ctxt, u16 selector, struct far_target *target)
{
	real_mode_segment(ctxt, selector, X86_SEG_CS, &target->cs.var);
	target->cs.has_desc = false;
	target->cpl = ctxt->cpl;
	target->is_64 = false;
}

/* Within the privilege level. AMD's processors push as the code that is called would. */
static int call_code(struct x86_emulate_ctxt *ctxt, struct far_target *target)
{
	unsigned long frame[2] = { 0, ctxt->_eip };
	struct x86_segment cs;
	struct far_stack st;

	ctxt->ops->get_segment(ctxt, X86_SEG_CS, &cs);
	frame[0] = cs.selector;
	current_stack(ctxt, is_amd(ctxt) ? target->is_64 : mode_is_64(ctxt), &st);
	return call_target(ctxt, target, &st, frame, 2, ctxt->op_bytes);
}

static int branch_far(struct x86_emulate_ctxt *ctxt, bool call)
{
	struct far_target target = { .eip = ctxt->dst.val64 };
	u16 selector = far_selector(&ctxt->dst);
	bool lma;
	int rc;

	if (mode_is_protected(ctxt)) {
		if (selector_is_null(selector))
			return emulate_gp(ctxt, 0);
		rc = long_mode_active(ctxt, &lma);
		if (rc == X86EMUL_CONTINUE)
			rc = read_descriptor(ctxt, selector, false, EXC_GP, &target.cs.desc);
		if (rc != X86EMUL_CONTINUE)
			return rc;
		if (!(target.cs.desc.raw[0] & DESC_S))
			return branch_system(ctxt, selector, &target.cs.desc, lma, call);
		rc = check_code_desc(ctxt, selector, CS_BRANCH, lma, &target);
		if (rc != X86EMUL_CONTINUE)
			return rc;
	} else {
		real_target(ctxt, selector, &target);
	}
	return call ? call_code(ctxt, &target) : jump_target(ctxt, &target);
}

int em_jmp_far(struct x86_emulate_ctxt *ctxt)
{
	return branch_far(ctxt, false);
}

int em_call_far(struct x86_emulate_ctxt *ctxt)
{
	return branch_far(ctxt, true);
}

/* Pop @n values of the operand size. */
static int pop_values(struct x86_emulate_ctxt *ctxt, unsigned long *vals, unsigned int n)
{
	int rc = X86EMUL_CONTINUE;

	while (n-- && rc == X86EMUL_CONTINUE)
		rc = emulate_pop(ctxt, vals++, ctxt->op_bytes);
	return rc;
}

/* Check the code segment that was popped. */
static int return_target(struct x86_emulate_ctxt *ctxt, unsigned long eip, u16 selector,
			 struct far_target *target)
{
	target->eip = eip;
	if (mode_is_protected(ctxt))
		return check_code_segment(ctxt, selector, CS_RETURN, target);
	real_target(ctxt, selector, target);
	return X86EMUL_CONTINUE;
}

/* Check the stack that was popped. @sp: of which SS.B says how much counts. */
static int return_stack(struct x86_emulate_ctxt *ctxt, const struct far_target *target,
			unsigned long sp, u16 selector, struct far_stack *st)
{
	int rc = X86EMUL_CONTINUE;

	if (!selector_is_null(selector)) {
		rc = check_stack_segment(ctxt, selector, target->cpl, EXC_GP, &st->ss);
	} else if (!target->is_64 || target->cpl == 3 ||
		   (selector & SELECTOR_RPL) != target->cpl) {
		rc = emulate_gp(ctxt, 0);
	} else {
		null_segment(selector, &st->ss.var);
		st->ss.var.attr |= target->cpl << X86_SEG_DPL_SHIFT;
		st->ss.has_desc = false;
	}
	st->load_ss = true;
	st->width = target->is_64 ? 8 : st->ss.var.attr & X86_SEG_DB ? 4 : 2;
	st->sp = reg_read(ctxt, X86_REG_RSP);
	st->sp = stack_pointer(st, sp);
	return rc;
}

/* Data segments that the outer level @cpl has no right to become NULL. */
static void drop_inner_segments(struct x86_emulate_ctxt *ctxt, unsigned int cpl)
{
	static const u8 segs[] = { X86_SEG_ES, X86_SEG_DS, X86_SEG_FS, X86_SEG_GS };
	struct x86_segment var;
	unsigned int i;

	for (i = 0; i < sizeof(segs); i++) {
		ctxt->ops->get_segment(ctxt, segs[i], &var);
		if ((var.attr & X86_SEG_UNUSABLE) || segment_dpl(&var) >= cpl ||
		    (var.attr & (X86_SEG_CODE | X86_SEG_CONFORMING)) ==
		    (X86_SEG_CODE | X86_SEG_CONFORMING))
			continue;
		null_segment(0, &var);
		ctxt->ops->set_segment(ctxt, segs[i], &var);
	}
}

/* The end of RET and IRET; @st: SS changes, too. */
static int finish_return(struct x86_emulate_ctxt *ctxt, struct far_target *target,
			 struct far_stack *st)
{
	int rc = check_target_eip(ctxt, target);

	if (rc == X86EMUL_CONTINUE)
		rc = mark_segment(ctxt, &target->cs);
	if (rc == X86EMUL_CONTINUE && st)
		rc = mark_segment(ctxt, &st->ss);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	if (st)
		goto_stack(ctxt, st);
	goto_target(ctxt, target);
	if (target->cpl > ctxt->cpl)
		drop_inner_segments(ctxt, target->cpl);
	return X86EMUL_CONTINUE;
}

int em_ret_far(struct x86_emulate_ctxt *ctxt)
{
	unsigned int params = ctxt->dst.type == OP_IMM ? (u16)ctxt->dst.val : 0;
	struct far_target target;
	unsigned long vals[2];
	struct far_stack st;
	int rc;

	rc = pop_values(ctxt, vals, 2);
	if (rc == X86EMUL_CONTINUE)
		rc = return_target(ctxt, vals[0], vals[1], &target);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	move_stack(ctxt, params);
	if (target.cpl == ctxt->cpl)
		return finish_return(ctxt, &target, NULL);
	rc = pop_values(ctxt, vals, 2);
	if (rc == X86EMUL_CONTINUE)
		rc = return_stack(ctxt, &target, vals[0] + params, vals[1], &st);
	return rc == X86EMUL_CONTINUE ? finish_return(ctxt, &target, &st) : rc;
}

/* EFLAGS after IRET popped @popped. */
static unsigned long iret_eflags(const struct x86_emulate_ctxt *ctxt, unsigned long popped)
{
	unsigned int iopl = (ctxt->eflags & EFLG_IOPL) >> EFLG_IOPL_SHIFT;
	unsigned long change = ctxt->op_bytes == 2 ? IRET_FLAGS16 : IRET_FLAGS32;

	if (ctxt->mode == X86EMUL_MODE_REAL) {
		change |= EFLG_IF | EFLG_IOPL;
	} else {
		if (ctxt->cpl <= iopl)
			change |= EFLG_IF;
		if (ctxt->cpl == 0) {
			change |= EFLG_IOPL;
			if (ctxt->op_bytes != 2)
				change |= EFLG_VIF | EFLG_VIP;
		}
	}
	return (ctxt->eflags & ~change) | (popped & change) | EFLG_FIXED;
}

/* In virtual-8086 mode below IOPL 3 with the virtual-mode extensions. */
static int iret_vme(struct x86_emulate_ctxt *ctxt)
{
	struct far_target target;
	unsigned long vals[3];
	int rc;

	if (ctxt->op_bytes != 2 || !(ctxt->ops->get_cr(ctxt, 4) & CR4_VME))
		return emulate_gp(ctxt, 0);
	rc = pop_values(ctxt, vals, 3);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	real_target(ctxt, vals[1], &target);
	target.eip = vals[0];
	rc = check_target_eip(ctxt, &target);
	if (rc == X86EMUL_CONTINUE)
		rc = vme_set_flags(ctxt, vals[2]);
	if (rc == X86EMUL_CONTINUE)
		goto_target(ctxt, &target);
	return rc;
}

/* @vals: EIP, CS and EFLAGS; behind them are ESP, SS, ES, DS, FS, GS. */
static int iret_to_vm86(struct x86_emulate_ctxt *ctxt, const unsigned long *vals)
{
	static const u8 segs[] = { X86_SEG_SS, X86_SEG_ES, X86_SEG_DS, X86_SEG_FS, X86_SEG_GS };
	struct x86_segment var;
	unsigned long more[6];
	unsigned int i;
	int rc;

	rc = pop_values(ctxt, more, 6);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	vm86_segment(vals[1], &var);
	if (vals[0] > var.limit)
		return emulate_gp(ctxt, 0);
	ctxt->ops->set_segment(ctxt, X86_SEG_CS, &var);
	for (i = 0; i < sizeof(segs); i++) {
		vm86_segment(more[1 + i], &var);
		ctxt->ops->set_segment(ctxt, segs[i], &var);
	}
	reg_write(ctxt, X86_REG_RSP, more[0]);
	ctxt->_eip = vals[0];
	ctxt->eflags = (vals[2] & IRET_FLAGS_VM) | EFLG_FIXED;
	return X86EMUL_CONTINUE;
}

/* In protected mode; 64-bit mode pops SS:RSP at every return. */
static int iret_protected(struct x86_emulate_ctxt *ctxt, bool lma)
{
	bool pop_stack = mode_is_64(ctxt);
	struct far_target target;
	unsigned long vals[5];
	struct far_stack st;
	int rc;

	rc = pop_values(ctxt, vals, pop_stack ? 5 : 3);
	if (rc == X86EMUL_CONTINUE && !lma && !ctxt->cpl && (vals[2] & EFLG_VM))
		return iret_to_vm86(ctxt, vals);
	if (rc == X86EMUL_CONTINUE)
		rc = return_target(ctxt, vals[0], vals[1], &target);
	if (rc == X86EMUL_CONTINUE && !pop_stack && target.cpl > ctxt->cpl) {
		pop_stack = true;
		rc = pop_values(ctxt, vals + 3, 2);
	}
	if (rc == X86EMUL_CONTINUE && pop_stack)
		rc = return_stack(ctxt, &target, vals[3], vals[4], &st);
	if (rc == X86EMUL_CONTINUE)
		rc = finish_return(ctxt, &target, pop_stack ? &st : NULL);
	if (rc == X86EMUL_CONTINUE)
		ctxt->eflags = iret_eflags(ctxt, vals[2]);
	return rc;
}

static int iret_real(struct x86_emulate_ctxt *ctxt)
{
	struct far_target target;
	unsigned long vals[3];
	int rc;

	rc = pop_values(ctxt, vals, 3);
	if (rc == X86EMUL_CONTINUE)
		rc = return_target(ctxt, vals[0], vals[1], &target);
	if (rc == X86EMUL_CONTINUE)
		rc = finish_return(ctxt, &target, NULL);
	if (rc == X86EMUL_CONTINUE)
		ctxt->eflags = iret_eflags(ctxt, vals[2]);
	return rc;
}

int em_iret(struct x86_emulate_ctxt *ctxt)
{
	bool lma;
	int rc;

	if (mode_is_protected(ctxt)) {
		rc = long_mode_active(ctxt, &lma);
		if (rc == X86EMUL_CONTINUE && (ctxt->eflags & EFLG_NT))
			rc = lma ? emulate_gp(ctxt, 0) : return_to_task(ctxt);
		else if (rc == X86EMUL_CONTINUE)
			rc = iret_protected(ctxt, lma);
	} else if (ctxt->mode == X86EMUL_MODE_VM86 && (ctxt->eflags & EFLG_IOPL) != EFLG_IOPL) {
		rc = iret_vme(ctxt);
	} else {
		rc = iret_real(ctxt);
	}
	if (rc == X86EMUL_CONTINUE)
		ctxt->nmi_unblocked = true;
	return rc;
}
