// SPDX-License-Identifier: GPL-2.0-only
/* Vector instructions on integers, with the host's own. */
#include "emulate/simd_stub.h"

MMX_VEC_OPS(DEFINE_MMX_VEC)
MMX_VEC_PAIR_OPS(DEFINE_MMX_VEC_PAIR)
MMX_VEC_HIGH_OPS(DEFINE_MMX_VEC_HIGH)
MMX_VEC_UNARY_OPS(DEFINE_MMX_VEC_UNARY)
MMX_VEC_SHIFT_OPS(DEFINE_MMX_VEC_SHIFT)
VEC_OPS(DEFINE_VEC)
VEC_UNARY_OPS(DEFINE_VEC_UNARY)

VEC_STUB(sse_pshufb, "pshufb " XMM_1_0)

/* MMX has eight bytes to choose from, not sixteen. */
static int mmx_pshufb(struct x86_emulate_ctxt *ctxt)
{
	ctxt->src.val64 &= 0x8787878787878787ull;
	return mmx_binary(ctxt, sse_pshufb);
}

VEC_HANDLER(pshufb, ctxt->dst.type == OP_MMX ? mmx_pshufb(ctxt) :
	    vec_binary(ctxt, sse_pshufb, NULL))

VEC_STUB_ASM(sse_ptest, VEC_ASM("", "ptest " XMM_1_0, VEC_SAVE_FLAGS))

/* ZF: src & dst is zero; CF: src & ~dst is. Of two lanes both have to be. */
static int ptest(struct x86_emulate_ctxt *ctxt)
{
	unsigned int i, lanes = ctxt->dst.bytes / 16;
	unsigned long both = EFLG_ZF | EFLG_CF;
	int rc = X86EMUL_CONTINUE;

	for (i = 0; i < lanes && rc == X86EMUL_CONTINUE; i++) {
		const u8 *b = ctxt->src.data + i * 16;
		u8 unused[16];
		struct vec_args v = {
			.in = { ctxt->dst.data + i * 16, b, b }, .lanes = 1, .out = unused,
		};

		rc = sse_run(ctxt, sse_ptest, &v);
		both &= fastop_unpack(0, v.flags);
	}
	ctxt->eflags = (ctxt->eflags & ~EFLG_ARITH) | both;
	return rc;
}

VEC_HANDLER(ptest, ptest(ctxt))

/* Selects the quadwords by bits 0 and 4. */
#define PCLMUL(n)								\
	case n:									\
		VEC_ASM("", "pclmulqdq $" #n ", " XMM_1_0, "");			\
		break;

static bool sse_pclmulqdq(struct vec_args *v)
{
	switch (v->imm & 0x11) {
	PCLMUL(0x00)
	PCLMUL(0x01)
	PCLMUL(0x10)
	PCLMUL(0x11)
	}
	return true;
fault:
	return false;
}

VEC_HANDLER(pclmulqdq, vec_binary(ctxt, sse_pclmulqdq, NULL))

/* The immediate is added to each byte at the end: 0 on the host, the rest here. */
static int affine(struct x86_emulate_ctxt *ctxt, vec_stub stub)
{
	int rc = vec_binary(ctxt, stub, NULL);
	unsigned int i;

	for (i = 0; i < ctxt->dst.bytes; i++)
		ctxt->dst.data[i] ^= vec_imm(ctxt);
	return rc;
}

VEC_STUB(sse_gf2p8affineqb, "gf2p8affineqb $0, " XMM_1_0)
VEC_STUB(sse_gf2p8affineinvqb, "gf2p8affineinvqb $0, " XMM_1_0)
VEC_HANDLER(gf2p8affineqb, affine(ctxt, sse_gf2p8affineqb))
VEC_HANDLER(gf2p8affineinvqb, affine(ctxt, sse_gf2p8affineinvqb))

VEC_STUB(sse_aeskeygenassist, "aeskeygenassist $0, " XMM_1_0)

/* The immediate is added to doublewords 1 and 3. */
static int aeskeygenassist(struct x86_emulate_ctxt *ctxt)
{
	int rc = vec_unary(ctxt, sse_aeskeygenassist, NULL);

	ctxt->dst.data[4] ^= vec_imm(ctxt);
	ctxt->dst.data[12] ^= vec_imm(ctxt);
	return rc;
}

VEC_HANDLER(aeskeygenassist, aeskeygenassist(ctxt))

VEC_STUB_IMM(sse_sha1rnds4, 4, "sha1rnds4", XMM_1_0)

int em_sha1rnds4(struct x86_emulate_ctxt *ctxt)
{
	return vec_binary(ctxt, sse_sha1rnds4, NULL);
}

VEC_STUB_ASM(sse_sha256rnds2,
	     VEC_ASM("", "sha256rnds2 %%xmm2, %%xmm1", "movdqa %%xmm1, %%xmm0\n\t"))

/* XMM0 is a third operand. */
int em_sha256rnds2(struct x86_emulate_ctxt *ctxt)
{
	u8 xmm0[16];
	struct vec_args v = {
		.in = { xmm0, ctxt->dst.data, ctxt->src.data }, .lanes = 1, .out = ctxt->dst.data,
	};

	vec_read(ctxt, 0, xmm0, sizeof(xmm0));
	return sse_run(ctxt, sse_sha256rnds2, &v);
}
