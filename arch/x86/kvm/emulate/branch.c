// SPDX-License-Identifier: GPL-2.0-only
/* Near branches, loops and BOUND. */
#include "emulate/fastop.h"

int assign_eip(struct x86_emulate_ctxt *ctxt, unsigned long target)
{
	struct x86_segment cs;

	target = truncate_to(target, ctxt->op_bytes);
	if (mode_is_64(ctxt)) {
		if (!is_canonical(ctxt, target))
			return emulate_gp(ctxt, 0);
	} else {
		ctxt->ops->get_segment(ctxt, X86_SEG_CS, &cs);
		if (target > cs.limit)
			return emulate_gp(ctxt, 0);
	}
	ctxt->_eip = target;
	return X86EMUL_CONTINUE;
}

/* Where the operand leads: a displacement is relative to the next instruction. */
static unsigned long branch_target(const struct x86_emulate_ctxt *ctxt)
{
	if (ctxt->dst.type == OP_IMM)
		return ctxt->_eip + ctxt->dst.val;
	return ctxt->dst.val;
}

static int jump_if(struct x86_emulate_ctxt *ctxt, bool taken)
{
	return taken ? assign_eip(ctxt, branch_target(ctxt)) : X86EMUL_CONTINUE;
}

int em_jcc(struct x86_emulate_ctxt *ctxt)
{
	return jump_if(ctxt, test_cc(ctxt->b, ctxt->eflags));
}

int em_jmp(struct x86_emulate_ctxt *ctxt)
{
	return jump_if(ctxt, true);
}

/* The target is checked before the return address becomes visible. */
int em_call(struct x86_emulate_ctxt *ctxt)
{
	unsigned long ret = ctxt->_eip;
	int rc = assign_eip(ctxt, branch_target(ctxt));

	return rc == X86EMUL_CONTINUE ? emulate_push(ctxt, ret, ctxt->op_bytes) : rc;
}

int em_ret(struct x86_emulate_ctxt *ctxt)
{
	unsigned long target;
	int rc = emulate_pop(ctxt, &target, ctxt->op_bytes);

	return rc == X86EMUL_CONTINUE ? assign_eip(ctxt, target) : rc;
}

int em_ret_imm(struct x86_emulate_ctxt *ctxt)
{
	int rc = em_ret(ctxt);

	if (rc == X86EMUL_CONTINUE)
		move_stack(ctxt, (u16)ctxt->dst.val);
	return rc;
}

/* LOOP counts rCX of the address size down and ends at zero, or if not @cond. */
static int loop_while(struct x86_emulate_ctxt *ctxt, bool cond)
{
	unsigned long count = (reg_read(ctxt, X86_REG_RCX) - 1) & ad_mask(ctxt);

	reg_write_bytes(ctxt, X86_REG_RCX, count, ctxt->ad_bytes);
	return jump_if(ctxt, count && cond);
}

int em_loop(struct x86_emulate_ctxt *ctxt)
{
	return loop_while(ctxt, true);
}

int em_loope(struct x86_emulate_ctxt *ctxt)
{
	return loop_while(ctxt, ctxt->eflags & EFLG_ZF);
}

int em_loopne(struct x86_emulate_ctxt *ctxt)
{
	return loop_while(ctxt, !(ctxt->eflags & EFLG_ZF));
}

int em_jcxz(struct x86_emulate_ctxt *ctxt)
{
	return jump_if(ctxt, !(reg_read(ctxt, X86_REG_RCX) & ad_mask(ctxt)));
}

static long sign_extend(unsigned long val, unsigned int bytes)
{
	return bytes == 2 ? (s16)val : (s32)val;
}

/* Both bounds belong to what is allowed; all are signed. They are read apart: the upper can wrap. */
int em_bound(struct x86_emulate_ctxt *ctxt)
{
	unsigned int bytes = ctxt->dst.bytes;
	unsigned long ea = ctxt->src.ea, lower = 0, upper = 0;
	long index = sign_extend(ctxt->dst.val, bytes);
	int rc;

	rc = segmented_read(ctxt, ctxt->src.seg, ea, &lower, bytes);
	if (rc == X86EMUL_CONTINUE)
		rc = segmented_read(ctxt, ctxt->src.seg, (ea + bytes) & ad_mask(ctxt), &upper,
				    bytes);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	if (index < sign_extend(lower, bytes) || index > sign_extend(upper, bytes))
		return emulate_exception(ctxt, EXC_BR, 0, false);
	return X86EMUL_CONTINUE;
}
