// SPDX-License-Identifier: GPL-2.0-only
/* Arithmetic and permutes that only VEX has; the handlers of SSE do all else of AVX. */
#include "emulate/simd_stub.h"

AVX_OPS(DEFINE_AVX)
FMA_OPS(DEFINE_AVX)
FMA_SCALAR_OPS(DEFINE_AVX_SCALAR)

VEC_STUB(xmm_vcvtph2ps, "vcvtph2ps %%xmm1, %%xmm0")
VEC_STUB(ymm_vcvtph2ps, "vcvtph2ps %%xmm1, %%ymm0")

int em_vcvtph2ps(struct x86_emulate_ctxt *ctxt)
{
	return vec_ternary(ctxt, xmm_vcvtph2ps, ymm_vcvtph2ps);
}

/* Bits 2:0 are the rounding mode; bit 2 is that of MXCSR. */
VEC_STUB_IMM(xmm_vcvtps2ph, 8, "vcvtps2ph", "%%xmm1, %%xmm0")
VEC_STUB_IMM(ymm_vcvtps2ph, 8, "vcvtps2ph", "%%ymm1, %%xmm0")

/* A page fault comes before an exception of the conversion. */
int em_vcvtps2ph(struct x86_emulate_ctxt *ctxt)
{
	const struct operand *dst = &ctxt->dst;

	if (dst->type == OP_MEM) {
		int rc = segmented_probe_write(ctxt, dst->seg, dst->ea, dst->bytes);

		if (rc != X86EMUL_CONTINUE)
			return rc;
	}
	return vec_ternary(ctxt, xmm_vcvtps2ph, ymm_vcvtps2ph);
}

/* Element @to of dst is element @from of @src. */
static void pick(struct x86_emulate_ctxt *ctxt, unsigned int to, const struct operand *src,
		 unsigned int from, unsigned int bytes)
{
	memcpy(ctxt->dst.data + to * bytes, src->data + from * bytes, bytes);
}

/* VPERMILPD by an immediate: a bit each element chooses of its lane. */
int em_vpermilpd_imm(struct x86_emulate_ctxt *ctxt)
{
	unsigned int n, imm = vec_imm(ctxt);

	for (n = 0; n < ctxt->dst.bytes / 8; n++)
		pick(ctxt, n, &ctxt->src, (n & ~1u) + (imm >> n & 1), 8);
	return X86EMUL_CONTINUE;
}

/* VPERMD, VPERMPS: src has the indices. */
int em_vpermd(struct x86_emulate_ctxt *ctxt)
{
	unsigned int n;

	for (n = 0; n < 8; n++)
		pick(ctxt, n, &ctxt->src2, ctxt->src.data[n * 4] & 7, 4);
	return X86EMUL_CONTINUE;
}

/* VPERMQ, VPERMPD */
int em_vpermq(struct x86_emulate_ctxt *ctxt)
{
	unsigned int n, imm = vec_imm(ctxt);

	for (n = 0; n < 4; n++)
		pick(ctxt, n, &ctxt->src, imm >> n * 2 & 3, 8);
	return X86EMUL_CONTINUE;
}

/* VPERM2F128, VPERM2I128: four bits choose one of four halves, or zero. */
int em_vperm2f128(struct x86_emulate_ctxt *ctxt)
{
	unsigned int n, imm = vec_imm(ctxt);

	for (n = 0; n < 2; n++, imm >>= 4) {
		pick(ctxt, n, imm & 2 ? &ctxt->src2 : &ctxt->src, imm & 1, 16);
		if (imm & 8)
			memset(ctxt->dst.data + n * 16, 0, 16);
	}
	return X86EMUL_CONTINUE;
}

/* The mask is a register that the immediate names. */
static int blend_variable(struct x86_emulate_ctxt *ctxt, unsigned int bytes)
{
	vec_blend_sign(ctxt->dst.data, ctxt->src.data, ctxt->src2.data, ctxt->src3.data,
		       ctxt->dst.bytes, bytes);
	return X86EMUL_CONTINUE;
}

int em_vpblendvb(struct x86_emulate_ctxt *ctxt)
{
	return blend_variable(ctxt, 1);
}

int em_vblendvps(struct x86_emulate_ctxt *ctxt)
{
	return blend_variable(ctxt, 4);
}

int em_vblendvpd(struct x86_emulate_ctxt *ctxt)
{
	return blend_variable(ctxt, 8);
}

/* ZF: no sign is in both; CF: none is in src alone. */
static int test_signs(struct x86_emulate_ctxt *ctxt, unsigned int bytes)
{
	unsigned long flags = EFLG_ZF | EFLG_CF;
	unsigned int i;

	for (i = bytes - 1; i < ctxt->dst.bytes; i += bytes) {
		u8 a = ctxt->dst.data[i], b = ctxt->src.data[i];

		if (a & b & 0x80)
			flags &= ~EFLG_ZF;
		if (~a & b & 0x80)
			flags &= ~EFLG_CF;
	}
	ctxt->eflags = (ctxt->eflags & ~EFLG_ARITH) | flags;
	return X86EMUL_CONTINUE;
}

int em_vtestps(struct x86_emulate_ctxt *ctxt)
{
	return test_signs(ctxt, 4);
}

int em_vtestpd(struct x86_emulate_ctxt *ctxt)
{
	return test_signs(ctxt, 8);
}

/* The sum of products that doubleword @n of dst gets: unsigned by signed bytes, or signed words. */
static s64 dot(const struct x86_emulate_ctxt *ctxt, unsigned int n, bool words)
{
	const u8 *a = ctxt->src.data + n * 4, *b = ctxt->src2.data + n * 4;
	s64 sum = 0;
	unsigned int i;

	for (i = 0; i < 4; i += words ? 2 : 1) {
		if (words)
			sum += (s16)(a[i] | a[i + 1] << 8) * (s64)(s16)(b[i] | b[i + 1] << 8);
		else
			sum += a[i] * (s8)b[i];
	}
	return sum;
}

static int dot_product(struct x86_emulate_ctxt *ctxt, bool words, bool saturate)
{
	unsigned int n;
	s64 sum;
	s32 d;

	for (n = 0; n < ctxt->dst.bytes / 4; n++) {
		memcpy(&d, ctxt->dst.data + n * 4, sizeof(d));
		sum = d + dot(ctxt, n, words);
		if (saturate && sum != (s32)sum)
			sum = sum < 0 ? -0x80000000ll : 0x7fffffff;
		d = sum;
		memcpy(ctxt->dst.data + n * 4, &d, sizeof(d));
	}
	return X86EMUL_CONTINUE;
}

int em_vpdpbusd(struct x86_emulate_ctxt *ctxt)
{
	return dot_product(ctxt, false, false);
}

int em_vpdpbusds(struct x86_emulate_ctxt *ctxt)
{
	return dot_product(ctxt, false, true);
}

int em_vpdpwssd(struct x86_emulate_ctxt *ctxt)
{
	return dot_product(ctxt, true, false);
}

int em_vpdpwssds(struct x86_emulate_ctxt *ctxt)
{
	return dot_product(ctxt, true, true);
}
