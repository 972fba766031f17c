// SPDX-License-Identifier: GPL-2.0-only
/* Opmask instructions, of any width. */
#include "emulate/insn.h"

/* Operands are loaded zero-extended, and the result is cut to its size. */
#define DEFINE_OPMASK(op, result)						\
int em_##op(struct x86_emulate_ctxt *ctxt)					\
{										\
	u64 a = ctxt->src.val64, b = ctxt->src2.val64;				\
										\
	ctxt->dst.val64 = (result);						\
	return X86EMUL_CONTINUE;						\
}

DEFINE_OPMASK(kadd, a + b)
DEFINE_OPMASK(kand, a & b)
DEFINE_OPMASK(kandn, ~a & b)
DEFINE_OPMASK(kor, a | b)
DEFINE_OPMASK(kxnor, ~(a ^ b))
DEFINE_OPMASK(kxor, a ^ b)
DEFINE_OPMASK(kunpck, a << (ctxt->src.bytes * 8) | b)
/* Counts of the width or more leave nothing. */
DEFINE_OPMASK(kshiftl, b < ctxt->src.bytes * 8 ? a << b : 0)
DEFINE_OPMASK(kshiftr, b < ctxt->src.bytes * 8 ? a >> b : 0)

int em_knot(struct x86_emulate_ctxt *ctxt)
{
	ctxt->dst.val64 = ~ctxt->src.val64;
	return X86EMUL_CONTINUE;
}

static int set_flags(struct x86_emulate_ctxt *ctxt, bool zf, bool cf)
{
	ctxt->eflags &= ~EFLG_ARITH;
	ctxt->eflags |= (zf ? EFLG_ZF : 0) | (cf ? EFLG_CF : 0);
	return X86EMUL_CONTINUE;
}

int em_kortest(struct x86_emulate_ctxt *ctxt)
{
	u64 any = ctxt->dst.val64 | ctxt->src.val64;

	return set_flags(ctxt, !any, any == truncate_to(~0ul, ctxt->dst.bytes));
}

int em_ktest(struct x86_emulate_ctxt *ctxt)
{
	return set_flags(ctxt, !(ctxt->src.val64 & ctxt->dst.val64),
			 !(ctxt->src.val64 & ~ctxt->dst.val64));
}
