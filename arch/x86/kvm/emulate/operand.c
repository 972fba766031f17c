// SPDX-License-Identifier: GPL-2.0-only
/* Operand codes: where an operand is, its value before, its value after. */
#include "emulate/insn.h"

const struct operand_info operand_info[NR_OPERAND_CODES] = {
	[OC___] = { .name = "" },
#define OPERAND_INFO(code, sz, fl, knd, x)					\
	[OC_##code] = { .name = #code, .size = (sz), .flags = (fl), .kind = OPK_##knd, .arg = (x) },
	OPERAND_CODES(OPERAND_INFO)
#undef OPERAND_INFO
};

/* Bring a far pointer into one layout: offset in val64, selector at data[8]. */
static void unpack_far(struct operand *op)
{
	unsigned int bytes = op->bytes - 2;
	u16 selector;

	memcpy(&selector, op->data + bytes, sizeof(selector));
	op->val64 = truncate_to(op->val, bytes);
	memcpy(op->data + 8, &selector, sizeof(selector));
}

int load_mem(struct x86_emulate_ctxt *ctxt, struct operand *op, u32 flags)
{
	int rc;

	if (!op->bytes)
		return X86EMUL_CONTINUE;
	rc = linearize(ctxt, op->seg, op->ea, op->bytes, flags & X86EMUL_F_WRITE, &op->la);
	if (unlikely(rc != X86EMUL_CONTINUE))
		return rc;
	op->val64 = 0;
	rc = linear_read(ctxt, op->la, op->data, op->bytes, flags);
	if (unlikely(rc != X86EMUL_CONTINUE))
		return rc;
	op->loaded = true;
	if (unlikely(op->code == OC_Mp))
		unpack_far(op);
	return X86EMUL_CONTINUE;
}

static int load_other(struct x86_emulate_ctxt *ctxt, struct operand *op)
{
	struct x86_segment seg;

	if (op->type == OP_SREG) {
		ctxt->ops->get_segment(ctxt, op->reg, &seg);
		op->val = seg.selector;
	} else if (op->type == OP_VEC) {
		op->val64 = 0;
		return vec_read(ctxt, op->reg, op->data, op->bytes);
	} else if (op->type == OP_MMX) {
		return mmx_read(ctxt, op->reg, &op->val64);
	} else if (op->type == OP_KREG) {
		op->val64 = opmask_read(ctxt, op->reg);
		op->val64 = truncate_to(op->val64, op->bytes);
	}
	return X86EMUL_CONTINUE;
}

/* Read the value of @op; @flags has X86EMUL_F_WRITE when it will be written, too. */
int load_operand(struct x86_emulate_ctxt *ctxt, struct operand *op, u32 flags)
{
	if (op->type == OP_MEM)
		return load_mem(ctxt, op, flags);
	if (op->type == OP_REG) {
		unsigned long val = reg_read(ctxt, op->reg);

		if (unlikely(op->high))
			val >>= 8;
		op->val = truncate_to(val, op->bytes);
	} else if (op->type != OP_IMM) {
		return load_other(ctxt, op);
	}
	return X86EMUL_CONTINUE;
}

int store_mem(struct x86_emulate_ctxt *ctxt, struct operand *op)
{
	int rc;

	if (!op->bytes)
		return X86EMUL_CONTINUE;
	if (!op->loaded) {
		rc = linearize(ctxt, op->seg, op->ea, op->bytes, true, &op->la);
		if (unlikely(rc != X86EMUL_CONTINUE))
			return rc;
	} else if (is_locked(ctxt) && op == &ctxt->dst) {
		return linear_cmpxchg(ctxt, op->la, op->orig, op->data, op->bytes, 0);
	}
	return linear_write(ctxt, op->la, op->data, op->bytes, 0);
}

/* Write the value of @op: registers into this instruction's copy, all else at once. */
int store_operand(struct x86_emulate_ctxt *ctxt, struct operand *op)
{
	if (op->type == OP_MEM)
		return store_mem(ctxt, op);
	if (op->type == OP_REG) {
		if (unlikely(op->high))
			reg_write(ctxt, op->reg, (reg_read(ctxt, op->reg) & ~0xff00ul) |
						 (op->val & 0xff) << 8);
		else
			reg_write_bytes(ctxt, op->reg, op->val, op->bytes);
	} else if (op->type == OP_VEC) {
		return vec_write(ctxt, op->reg, op->data, op->bytes, ctxt->has_vex);
	} else if (op->type == OP_MMX) {
		return mmx_write(ctxt, op->reg, op->val64);
	} else if (op->type == OP_KREG) {
		opmask_write(ctxt, op->reg, truncate_to(op->val64, op->bytes));
	}
	return X86EMUL_CONTINUE;
}
