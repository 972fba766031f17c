// SPDX-License-Identifier: GPL-2.0-only
/* Moves of vector registers. Widths come from the rows: one handler copies them all. */
#include "emulate/insn.h"

/*
 * Copy src to dst: zero-extended where dst is wider (MOVD, MOVQ and loads of
 * MOVSS, MOVSD), cut where it is narrower (MOVD to a general register). A
 * register keeps what lies above dst.bytes.
 */
int em_movv(struct x86_emulate_ctxt *ctxt)
{
	unsigned int bytes = ctxt->dst.bytes < ctxt->src.bytes ?
			     ctxt->dst.bytes : ctxt->src.bytes;

	memset(ctxt->dst.data, 0, sizeof(ctxt->dst.data));
	memcpy(ctxt->dst.data, ctxt->src.data, bytes);
	return X86EMUL_CONTINUE;
}

/* MOVHPS, MOVHPD, MOVLHPS: the low half of dst stays. */
int em_movh_load(struct x86_emulate_ctxt *ctxt)
{
	memcpy(ctxt->dst.data + 8, ctxt->src.data, 8);
	return X86EMUL_CONTINUE;
}

/* MOVHPS and MOVHPD to memory, MOVHLPS. */
int em_movh_store(struct x86_emulate_ctxt *ctxt)
{
	memcpy(ctxt->dst.data, ctxt->src.data + 8, 8);
	return X86EMUL_CONTINUE;
}
