// SPDX-License-Identifier: GPL-2.0-only
/* Gates: what they hold, the inner stacks they lead to, and far branches through them. */
#include "emulate/segment.h"

/* Offsets in a TSS: the stack of level 0, and of 64-bit ones the interrupt stack 1. */
#define TSS16_SP0	2
#define TSS32_ESP0	4
#define TSS64_RSP0	4
#define TSS64_IST1	36

void unpack_gate(const struct segment_desc *desc, bool lma, struct gate *gate)
{
	u64 raw = desc->raw[0];

	gate->selector = raw >> 16;
	gate->type = raw >> 40 & 0x1f;
	gate->dpl = raw >> 45 & 3;
	gate->present = raw >> 47 & 1;
	gate->bytes = lma ? 8 : gate->type & SYS_32 ? 4 : 2;
	gate->params = lma ? 0 : raw >> 32 & 31;
	gate->ist = lma ? raw >> 32 & 7 : 0;
	gate->offset = (raw & 0xffff) | (raw >> 32 & 0xffff0000);
	if (gate->bytes == 2)
		gate->offset &= 0xffff;
	else if (lma)
		gate->offset |= desc->raw[1] << 32;
}

/* SS:rSP of level @cpl in the TSS; 64-bit ones have no SS, which then is NULL. */
static int read_inner_stack(struct x86_emulate_ctxt *ctxt, unsigned int cpl, unsigned int ist,
			    bool lma, unsigned long *sp, u16 *selector)
{
	unsigned int offset, bytes;
	struct x86_segment tr;
	u64 val = 0;
	int rc;

	ctxt->ops->get_segment(ctxt, X86_SEG_TR, &tr);
	if (lma) {
		offset = ist ? TSS64_IST1 + (ist - 1) * 8 : TSS64_RSP0 + cpl * 8;
		bytes = 8;
	} else if (segment_type(&tr) & SYS_32) {
		offset = TSS32_ESP0 + cpl * 8;
		bytes = 6;
	} else {
		offset = TSS16_SP0 + cpl * 4;
		bytes = 4;
	}
	if (offset + bytes - 1 > tr.limit)
		return emulate_exception(ctxt, EXC_TS, SELECTOR_ERROR(tr.selector), true);
	rc = linear_read(ctxt, linear_add(ctxt, tr.base, offset), &val, bytes, X86EMUL_F_IMPLICIT);
	*selector = lma ? cpl : val >> (bytes - 2) * 8;
	*sp = lma ? val : truncate_to(val, bytes - 2);
	return rc;
}

int inner_stack(struct x86_emulate_ctxt *ctxt, unsigned int cpl, unsigned int ist, bool lma,
		struct far_stack *st)
{
	u16 selector = 0;
	int rc;

	rc = read_inner_stack(ctxt, cpl, ist, lma, &st->sp, &selector);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	st->load_ss = cpl < ctxt->cpl;
	st->supervisor = ctxt->cpl == 3 && cpl < 3;
	st->error = SELECTOR_ERROR(selector);
	if (lma) {
		null_segment(selector, &st->ss.var);
		st->ss.var.attr |= cpl << X86_SEG_DPL_SHIFT;
		st->ss.has_desc = false;
		st->width = 8;
		return X86EMUL_CONTINUE;
	}
	if (selector_is_null(selector))
		return emulate_exception(ctxt, EXC_TS, 0, true);
	rc = check_stack_segment(ctxt, selector, cpl, EXC_TS, &st->ss);
	st->width = st->ss.var.attr & X86_SEG_DB ? 4 : 2;
	return rc;
}

unsigned long old_stack_pointer(struct x86_emulate_ctxt *ctxt)
{
	unsigned long sp = reg_read(ctxt, X86_REG_RSP);
	struct x86_segment ss;

	if (mode_is_64(ctxt))
		return sp;
	ctxt->ops->get_segment(ctxt, X86_SEG_SS, &ss);
	return ss.attr & X86_SEG_DB ? (u32)sp : sp;
}

/* The caller's parameters, the last one first as it has to be pushed first. */
static int read_params(struct x86_emulate_ctxt *ctxt, const struct gate *gate, unsigned long *vals)
{
	struct far_stack st;
	unsigned long offset;
	int i, rc;

	current_stack(ctxt, false, &st);
	for (i = gate->params - 1; i >= 0; i--) {
		offset = truncate_to(st.sp + i * gate->bytes, st.width);
		*vals = 0;
		rc = segmented_read(ctxt, X86_SEG_SS, offset, vals++, gate->bytes);
		if (rc != X86EMUL_CONTINUE)
			return rc;
	}
	return X86EMUL_CONTINUE;
}

static int call_through(struct x86_emulate_ctxt *ctxt, const struct gate *gate,
			struct far_target *target, bool lma)
{
	unsigned long vals[4 + 31];
	struct x86_segment cs, ss;
	struct far_stack st;
	unsigned int n = 0;
	int rc;

	ctxt->ops->get_segment(ctxt, X86_SEG_CS, &cs);
	ctxt->ops->get_segment(ctxt, X86_SEG_SS, &ss);
	if (target->cpl < ctxt->cpl) {
		rc = inner_stack(ctxt, target->cpl, 0, lma, &st);
		if (rc == X86EMUL_CONTINUE)
			rc = read_params(ctxt, gate, vals + 2);
		if (rc != X86EMUL_CONTINUE)
			return rc;
		vals[0] = ss.selector;
		vals[1] = old_stack_pointer(ctxt);
		n = 2 + gate->params;
	} else {
		current_stack(ctxt, lma, &st);
	}
	vals[n++] = cs.selector;
	vals[n++] = ctxt->_eip;
	return call_target(ctxt, target, &st, vals, n, gate->bytes);
}

static int check_gate_privilege(struct x86_emulate_ctxt *ctxt, u16 selector,
				const struct gate *gate)
{
	if (gate->dpl < ctxt->cpl || gate->dpl < (selector & SELECTOR_RPL))
		return emulate_gp(ctxt, SELECTOR_ERROR(selector));
	return X86EMUL_CONTINUE;
}

static int check_gate_present(struct x86_emulate_ctxt *ctxt, u16 selector,
			      const struct gate *gate)
{
	return gate->present ? X86EMUL_CONTINUE :
	       emulate_exception(ctxt, EXC_NP, SELECTOR_ERROR(selector), true);
}

/* The second half of a call gate in long mode, whose type has to be zero. */
static int read_wide_gate(struct x86_emulate_ctxt *ctxt, u16 selector, struct segment_desc *desc)
{
	u64 first = desc->raw[0];
	int rc = read_descriptor(ctxt, selector, true, EXC_GP, desc);

	if (rc != X86EMUL_CONTINUE)
		return rc;
	if (desc->raw[0] != first)
		return X86EMUL_RETRY_INSTR;
	return desc->raw[1] >> 40 & 0x1f ? emulate_gp(ctxt, SELECTOR_ERROR(selector)) :
					   X86EMUL_CONTINUE;
}

static int branch_call_gate(struct x86_emulate_ctxt *ctxt, u16 selector,
			    struct segment_desc *desc, bool lma, bool call)
{
	struct far_target target;
	struct gate gate;
	int rc = X86EMUL_CONTINUE;

	if (lma)
		rc = read_wide_gate(ctxt, selector, desc);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	unpack_gate(desc, lma, &gate);
	rc = check_gate_privilege(ctxt, selector, &gate);
	if (rc == X86EMUL_CONTINUE)
		rc = check_gate_present(ctxt, selector, &gate);
	if (rc == X86EMUL_CONTINUE)
		rc = check_code_segment(ctxt, gate.selector, call ? CS_GATE : CS_GATE_JMP,
					&target);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	target.eip = gate.offset;
	return call ? call_through(ctxt, &gate, &target, lma) : jump_target(ctxt, &target);
}

int branch_system(struct x86_emulate_ctxt *ctxt, u16 selector, struct segment_desc *desc,
		  bool lma, bool call)
{
	enum x86emul_task_switch reason = call ? X86EMUL_TASK_CALL : X86EMUL_TASK_JMP;
	struct gate gate;
	int rc;

	unpack_gate(desc, lma, &gate);
	if (gate.type == SYS_CALL32 || (gate.type == SYS_CALL16 && !lma))
		return branch_call_gate(ctxt, selector, desc, lma, call);
	if (lma || (gate.type != SYS_TASK_GATE && !is_tss_type(gate.type)))
		return emulate_gp(ctxt, SELECTOR_ERROR(selector));
	rc = check_gate_privilege(ctxt, selector, &gate);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	if (gate.type != SYS_TASK_GATE)
		return switch_task(ctxt, selector, desc, reason, NULL);
	rc = check_gate_present(ctxt, selector, &gate);
	return rc == X86EMUL_CONTINUE ? enter_task(ctxt, gate.selector, reason, NULL) : rc;
}
