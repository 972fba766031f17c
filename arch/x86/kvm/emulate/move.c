// SPDX-License-Identifier: GPL-2.0-only
/* Moves between registers and memory: MOV, extensions, exchanges, LEA, conditions. */
#include "emulate/fastop.h"

/* Sources come zero-extended: this is MOVZX, XLAT, MOV from Sreg, too. */
int em_mov(struct x86_emulate_ctxt *ctxt)
{
	ctxt->dst.val = ctxt->src.val;
	return X86EMUL_CONTINUE;
}

int em_movsx(struct x86_emulate_ctxt *ctxt)
{
	if (ctxt->src.bytes == 1)
		ctxt->dst.val = (long)(s8)ctxt->src.val;
	else
		ctxt->dst.val = (long)(s16)ctxt->src.val;
	return X86EMUL_CONTINUE;
}

/* Without REX.W it is a plain MOV; the store cuts what is too wide. */
int em_movsxd(struct x86_emulate_ctxt *ctxt)
{
	ctxt->dst.val = (long)(s32)ctxt->src.val;
	return X86EMUL_CONTINUE;
}

int em_movbe(struct x86_emulate_ctxt *ctxt)
{
	unsigned long val = __builtin_bswap64(ctxt->src.val);

	ctxt->dst.val = val >> (8 - ctxt->dst.bytes) * 8;
	return X86EMUL_CONTINUE;
}

int em_lea(struct x86_emulate_ctxt *ctxt)
{
	ctxt->dst.val = ctxt->src.ea;
	return X86EMUL_CONTINUE;
}

int em_xchg(struct x86_emulate_ctxt *ctxt)
{
	unsigned long old = ctxt->dst.val;

	ctxt->dst.val = ctxt->src.val;
	ctxt->src.val = old;
	return store_operand(ctxt, &ctxt->src);
}

/* Stores the destination in any case: four bytes clear the upper half. */
int em_cmov(struct x86_emulate_ctxt *ctxt)
{
	if (test_cc(ctxt->b, ctxt->eflags))
		ctxt->dst.val = ctxt->src.val;
	return X86EMUL_CONTINUE;
}

int em_setcc(struct x86_emulate_ctxt *ctxt)
{
	ctxt->dst.val = test_cc(ctxt->b, ctxt->eflags);
	return X86EMUL_CONTINUE;
}

int em_nop(struct x86_emulate_ctxt *ctxt)
{
	ctxt->dst.type = OP_NONE;
	return X86EMUL_CONTINUE;
}
