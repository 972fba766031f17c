// SPDX-License-Identifier: GPL-2.0-only
/*
 * Far branches: JMP, CALL, RET and IRET within a privilege level. All is
 * checked before CS changes; gates, task switches and other privilege levels
 * are X86EMUL_UNHANDLEABLE.
 */
#include "emulate/segment.h"

#define MSR_EFER_INDEX	0xc0000080
#define EFER_LMA_BIT	BIT(10)

/* What IRET takes from the stack at any privilege level, per operand size. */
#define IRET_FLAGS16	(EFLG_CF | EFLG_PF | EFLG_AF | EFLG_ZF | EFLG_SF | EFLG_TF | \
			 EFLG_DF | EFLG_OF | EFLG_NT)
#define IRET_FLAGS32	(IRET_FLAGS16 | EFLG_RF | EFLG_AC | EFLG_ID)

/* System descriptor types that a far JMP or CALL may name. */
#define SYSTEM_TYPES_LEGACY	(BIT(1) | BIT(3) | BIT(4) | BIT(5) | BIT(9) | BIT(11) | BIT(12))
#define SYSTEM_TYPES_LONG	BIT(12)

int long_mode_active(struct x86_emulate_ctxt *ctxt, bool *lma)
{
	u64 efer = EFER_LMA_BIT;
	int rc = X86EMUL_CONTINUE;

	if (!mode_is_64(ctxt))
		rc = ctxt->ops->get_msr(ctxt, MSR_EFER_INDEX, &efer);
	*lma = efer & EFER_LMA_BIT;
	return rc == X86EMUL_PROPAGATE_FAULT ? X86EMUL_UNHANDLEABLE : rc;
}

static bool target_is_64(const struct far_target *target, bool lma)
{
	return lma && (target->cs.attr & X86_SEG_L);
}

/* May code at this CPL go to the code segment @cs through @selector? */
static bool branch_allowed(const struct x86_emulate_ctxt *ctxt, const struct x86_segment *cs,
			   u16 selector, bool ret)
{
	unsigned int rpl = selector & SELECTOR_RPL;
	unsigned int dpl = segment_dpl(cs);

	if (ret)
		return cs->attr & X86_SEG_CONFORMING ? dpl <= rpl : dpl == rpl;
	if (cs->attr & X86_SEG_CONFORMING)
		return dpl <= ctxt->cpl;
	return rpl <= ctxt->cpl && dpl == ctxt->cpl;
}

static int system_target(struct x86_emulate_ctxt *ctxt, const struct x86_segment *var,
			 u16 selector, bool lma)
{
	unsigned long types = lma ? SYSTEM_TYPES_LONG : SYSTEM_TYPES_LEGACY;

	if (types & BIT(var->attr & X86_SEG_TYPE_MASK))
		return X86EMUL_UNHANDLEABLE;
	return emulate_gp(ctxt, SELECTOR_ERROR(selector));
}

static int check_target_eip(struct x86_emulate_ctxt *ctxt, const struct far_target *target,
			    bool is_64)
{
	if (is_64 ? !is_canonical(ctxt, target->eip) : target->eip > target->cs.limit)
		return emulate_gp(ctxt, 0);
	return X86EMUL_CONTINUE;
}

static int check_target_protected(struct x86_emulate_ctxt *ctxt, u16 selector, bool ret,
				  bool lma, struct far_target *target)
{
	struct x86_segment *cs = &target->cs;
	int rc;

	if (selector_is_null(selector))
		return emulate_gp(ctxt, 0);
	if (ret && (selector & SELECTOR_RPL) < ctxt->cpl)
		return emulate_gp(ctxt, SELECTOR_ERROR(selector));
	rc = read_descriptor(ctxt, selector, false, EXC_GP, &target->desc);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	unpack_descriptor(&target->desc, selector, cs);
	target->has_desc = true;

	if (!(cs->attr & X86_SEG_S) && !ret)
		return system_target(ctxt, cs, selector, lma);
	if (!(cs->attr & X86_SEG_S) || !(cs->attr & X86_SEG_CODE) ||
	    !branch_allowed(ctxt, cs, selector, ret))
		return emulate_gp(ctxt, SELECTOR_ERROR(selector));
	if (target_is_64(target, lma) && (cs->attr & X86_SEG_DB))
		return emulate_gp(ctxt, SELECTOR_ERROR(selector));
	if (!(cs->attr & X86_SEG_P))
		return emulate_exception(ctxt, EXC_NP, SELECTOR_ERROR(selector), true);
	if (ret && (selector & SELECTOR_RPL) > ctxt->cpl)
		return X86EMUL_UNHANDLEABLE;

	cs->selector = SELECTOR_ERROR(selector) | ctxt->cpl;
	return check_target_eip(ctxt, target, target_is_64(target, lma));
}

/* Check @selector:@eip as a target. @ret: it was popped, and its RPL is the level returned to. */
static int check_target(struct x86_emulate_ctxt *ctxt, u16 selector, unsigned long eip, bool ret,
			struct far_target *target)
{
	bool lma;
	int rc;

	memset(target, 0, sizeof(*target));
	target->eip = eip;
	if (!mode_is_protected(ctxt)) {
		real_mode_segment(ctxt, selector, X86_SEG_CS, &target->cs);
		return check_target_eip(ctxt, target, false);
	}
	rc = long_mode_active(ctxt, &lma);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	return check_target_protected(ctxt, selector, ret, lma, target);
}

static int mark_target(struct x86_emulate_ctxt *ctxt, struct far_target *target)
{
	if (!target->has_desc)
		return X86EMUL_CONTINUE;
	return mark_accessed(ctxt, &target->desc, &target->cs);
}

/* The last step: cannot fail. */
static void goto_target(struct x86_emulate_ctxt *ctxt, const struct far_target *target)
{
	ctxt->ops->set_segment(ctxt, X86_SEG_CS, &target->cs);
	ctxt->_eip = target->eip;
}

int em_jmp_far(struct x86_emulate_ctxt *ctxt)
{
	struct far_target target;
	int rc;

	rc = check_target(ctxt, far_selector(&ctxt->dst), ctxt->dst.val64, false, &target);
	if (rc == X86EMUL_CONTINUE)
		rc = mark_target(ctxt, &target);
	if (rc == X86EMUL_CONTINUE)
		goto_target(ctxt, &target);
	return rc;
}

/* Push CS and the return address. */
static int push_return(struct x86_emulate_ctxt *ctxt)
{
	unsigned long frame[2] = { 0, ctxt->_eip };
	struct x86_segment cs;

	ctxt->ops->get_segment(ctxt, X86_SEG_CS, &cs);
	frame[0] = cs.selector;
	return emulate_push_frame(ctxt, frame, 2, ctxt->op_bytes);
}

int em_call_far(struct x86_emulate_ctxt *ctxt)
{
	struct far_target target;
	int rc;

	rc = check_target(ctxt, far_selector(&ctxt->dst), ctxt->dst.val64, false, &target);
	if (rc == X86EMUL_CONTINUE)
		rc = mark_target(ctxt, &target);
	if (rc == X86EMUL_CONTINUE)
		rc = push_return(ctxt);
	if (rc == X86EMUL_CONTINUE)
		goto_target(ctxt, &target);
	return rc;
}

static int pop_far(struct x86_emulate_ctxt *ctxt, unsigned long *eip, u16 *selector)
{
	unsigned long val;
	int rc;

	rc = emulate_pop(ctxt, eip, ctxt->op_bytes);
	if (rc == X86EMUL_CONTINUE)
		rc = emulate_pop(ctxt, &val, ctxt->op_bytes);
	if (rc == X86EMUL_CONTINUE)
		*selector = val;
	return rc;
}

int em_ret_far(struct x86_emulate_ctxt *ctxt)
{
	struct far_target target;
	unsigned long eip;
	u16 selector;
	int rc;

	rc = pop_far(ctxt, &eip, &selector);
	if (rc == X86EMUL_CONTINUE)
		rc = check_target(ctxt, selector, eip, true, &target);
	if (rc == X86EMUL_CONTINUE)
		rc = mark_target(ctxt, &target);
	if (rc != X86EMUL_CONTINUE)
		return rc;

	if (ctxt->dst.type == OP_IMM)
		move_stack(ctxt, (u16)ctxt->dst.val);
	goto_target(ctxt, &target);
	return X86EMUL_CONTINUE;
}

/* May IRET be emulated here, and is it allowed? */
static int check_iret(struct x86_emulate_ctxt *ctxt)
{
	bool lma;
	int rc;

	if (ctxt->mode == X86EMUL_MODE_REAL)
		return X86EMUL_CONTINUE;
	if (ctxt->mode == X86EMUL_MODE_VM86) {
		if ((ctxt->eflags & EFLG_IOPL) == EFLG_IOPL)
			return X86EMUL_CONTINUE;
		if (ctxt->op_bytes == 2 && (ctxt->ops->get_cr(ctxt, 4) & CR4_VME))
			return X86EMUL_UNHANDLEABLE;
		return emulate_gp(ctxt, 0);
	}
	rc = long_mode_active(ctxt, &lma);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	if (ctxt->eflags & EFLG_NT)
		return lma ? emulate_gp(ctxt, 0) : X86EMUL_UNHANDLEABLE;
	/* How much of RSP a 16-bit pop replaces in 64-bit mode differs between processors. */
	if (mode_is_64(ctxt) && ctxt->op_bytes == 2)
		return X86EMUL_UNHANDLEABLE;
	return X86EMUL_CONTINUE;
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

/* 64-bit mode pops SS:RSP at every return. Changes SS, hence comes last of all that may fail. */
static int iret_load_ss(struct x86_emulate_ctxt *ctxt, const struct far_target *target,
			unsigned long rsp, u16 selector)
{
	int rc;

	if (selector_is_null(selector) && !(target->cs.attr & X86_SEG_L))
		return emulate_gp(ctxt, 0);
	rc = load_segment(ctxt, selector, X86_SEG_SS);
	if (rc == X86EMUL_CONTINUE)
		reg_write(ctxt, X86_REG_RSP, rsp);
	return rc;
}

int em_iret(struct x86_emulate_ctxt *ctxt)
{
	unsigned long eip, flags, rsp = 0, ss = 0;
	bool is_64 = mode_is_64(ctxt);
	struct far_target target;
	u16 selector;
	int rc;

	rc = check_iret(ctxt);
	if (rc == X86EMUL_CONTINUE)
		rc = pop_far(ctxt, &eip, &selector);
	if (rc == X86EMUL_CONTINUE)
		rc = emulate_pop(ctxt, &flags, ctxt->op_bytes);
	if (rc == X86EMUL_CONTINUE && is_64)
		rc = emulate_pop(ctxt, &rsp, ctxt->op_bytes);
	if (rc == X86EMUL_CONTINUE && is_64)
		rc = emulate_pop(ctxt, &ss, ctxt->op_bytes);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	/* A return to virtual-8086 mode. */
	if (mode_is_protected(ctxt) && !is_64 && !ctxt->cpl && (flags & EFLG_VM))
		return X86EMUL_UNHANDLEABLE;

	rc = check_target(ctxt, selector, eip, true, &target);
	if (rc == X86EMUL_CONTINUE)
		rc = mark_target(ctxt, &target);
	if (rc == X86EMUL_CONTINUE && is_64)
		rc = iret_load_ss(ctxt, &target, rsp, ss);
	if (rc != X86EMUL_CONTINUE)
		return rc;

	ctxt->eflags = iret_eflags(ctxt, flags);
	ctxt->nmi_unblocked = true;
	goto_target(ctxt, &target);
	return X86EMUL_CONTINUE;
}
