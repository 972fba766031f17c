// SPDX-License-Identifier: GPL-2.0-only
/* Near branches, loops, and software interrupts through the real-mode table. */
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

int emulate_int_real(struct x86_emulate_ctxt *ctxt, int vector)
{
	struct x86_desc_ptr idt;
	struct x86_segment cs;
	unsigned long frame[3] = { ctxt->eflags, 0, ctxt->_eip };
	u16 entry[2];		/* IP, CS */
	int rc;

	ctxt->ops->get_dt(ctxt, X86_DT_IDT, &idt);
	if (vector * 4u + 3 > idt.size)
		return emulate_gp(ctxt, 0);
	rc = linear_read(ctxt, idt.address + vector * 4, entry, sizeof(entry),
			 X86EMUL_F_IMPLICIT);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	ctxt->ops->get_segment(ctxt, X86_SEG_CS, &cs);
	if (entry[0] > cs.limit)
		return emulate_gp(ctxt, 0);
	frame[1] = cs.selector;
	rc = emulate_push_frame(ctxt, frame, 3, 2);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	cs.selector = entry[1];
	cs.base = (u64)entry[1] << 4;
	ctxt->ops->set_segment(ctxt, X86_SEG_CS, &cs);
	ctxt->_eip = entry[0];
	ctxt->eflags &= ~(EFLG_IF | EFLG_TF | EFLG_RF | EFLG_AC);
	return X86EMUL_CONTINUE;
}

/* Gates of protected mode and the redirection of virtual-8086 mode are not ours. */
static int software_interrupt(struct x86_emulate_ctxt *ctxt, int vector)
{
	if (ctxt->mode != X86EMUL_MODE_REAL)
		return X86EMUL_UNHANDLEABLE;
	return emulate_int_real(ctxt, vector);
}

int em_int(struct x86_emulate_ctxt *ctxt)
{
	return software_interrupt(ctxt, (u8)ctxt->dst.val);
}

int em_int1(struct x86_emulate_ctxt *ctxt)
{
	return software_interrupt(ctxt, EXC_DB);
}

int em_int3(struct x86_emulate_ctxt *ctxt)
{
	return software_interrupt(ctxt, EXC_BP);
}

int em_into(struct x86_emulate_ctxt *ctxt)
{
	if (!(ctxt->eflags & EFLG_OF))
		return X86EMUL_CONTINUE;
	return software_interrupt(ctxt, EXC_OF);
}
