// SPDX-License-Identifier: GPL-2.0-only
/* Vector instructions on floating-point numbers, with the host's own. */
#include "emulate/simd_stub.h"

#define DEFINE_FP_SCALAR(op)	DEFINE_VEC(op)

FP_OPS(DEFINE_FP)
FP_SCALAR_OPS(DEFINE_FP_SCALAR)
FP_UNARY_OPS(DEFINE_FP_UNARY)

/* Conversions between elements of different widths: @regs are those of 256 bits. */
#define DEFINE_CONVERT(op, suffix, regs)					\
VEC_STUB(sse_##op, #op " " XMM_1_0)						\
VEC_STUB(ymm_##op, "v" #op suffix " " regs)					\
VEC_HANDLER(op, vec_unary(ctxt, sse_##op, ymm_##op))

DEFINE_CONVERT(cvtps2pd, "", "%%xmm1, %%ymm0")
DEFINE_CONVERT(cvtdq2pd, "", "%%xmm1, %%ymm0")
DEFINE_CONVERT(cvtpd2ps, "y", "%%ymm1, %%xmm0")
DEFINE_CONVERT(cvtpd2dq, "y", "%%ymm1, %%xmm0")
DEFINE_CONVERT(cvttpd2dq, "y", "%%ymm1, %%xmm0")

/* MMX operands are the low half of a register; the other half is zero and raises nothing. */
static int mmx_convert(struct x86_emulate_ctxt *ctxt, vec_stub stub)
{
	u8 in[16] = { 0 }, out[16];
	struct vec_args v = { .in = { in, in, in }, .lanes = 1, .out = out };
	int rc;

	copy_bytes(in, ctxt->src.data, ctxt->src.bytes);
	rc = sse_run(ctxt, stub, &v);
	copy_bytes(ctxt->dst.data, out, ctxt->dst.bytes);
	return rc;
}

#define DEFINE_MMX_CONVERT(op, twin)						\
int em_##op(struct x86_emulate_ctxt *ctxt)					\
{										\
	return mmx_convert(ctxt, sse_##twin);					\
}

DEFINE_MMX_CONVERT(cvtpi2ps, cvtdq2ps)
DEFINE_MMX_CONVERT(cvtpi2pd, cvtdq2pd)
DEFINE_MMX_CONVERT(cvtps2pi, cvtps2dq)
DEFINE_MMX_CONVERT(cvttps2pi, cvttps2dq)
DEFINE_MMX_CONVERT(cvtpd2pi, cvtpd2dq)
DEFINE_MMX_CONVERT(cvttpd2pi, cvttpd2dq)

/* General register to one element. */
static int from_gpr(struct x86_emulate_ctxt *ctxt, vec_stub d, vec_stub q)
{
	const struct operand *a = vec_src1(ctxt), *b = vec_src2(ctxt);
	struct vec_args v = {
		.in = { a->data, a->data, a->data }, .lanes = 1, .out = ctxt->dst.data,
		.gpr = b->val,
	};

	return sse_run(ctxt, b->bytes == 8 ? q : d, &v);
}

#define DEFINE_FROM_GPR(op)							\
VEC_STUB_ASM(sse_##op##_d, VEC_ASM(VEC_LOAD_RAX, #op "l %%eax, %%xmm0", ""))	\
VEC_STUB_ASM(sse_##op##_q, VEC_ASM(VEC_LOAD_RAX, #op "q %%rax, %%xmm0", ""))	\
VEC_HANDLER(op, from_gpr(ctxt, sse_##op##_d, sse_##op##_q))

DEFINE_FROM_GPR(cvtsi2ss)
DEFINE_FROM_GPR(cvtsi2sd)

/* One element to a general register. */
static int to_gpr(struct x86_emulate_ctxt *ctxt, vec_stub d, vec_stub q)
{
	const u8 *in = ctxt->src.data;
	u8 unused[16];
	struct vec_args v = { .in = { in, in, in }, .lanes = 1, .out = unused };
	int rc = sse_run(ctxt, ctxt->dst.bytes == 8 ? q : d, &v);

	ctxt->dst.val = v.gpr;
	return rc;
}

#define DEFINE_TO_GPR(op)							\
VEC_STUB_ASM(sse_##op##_d, VEC_ASM("", #op " %%xmm1, %%eax", VEC_SAVE_RAX))	\
VEC_STUB_ASM(sse_##op##_q, VEC_ASM("", #op " %%xmm1, %%rax", VEC_SAVE_RAX))	\
VEC_HANDLER(op, to_gpr(ctxt, sse_##op##_d, sse_##op##_q))

DEFINE_TO_GPR(cvtss2si)
DEFINE_TO_GPR(cvttss2si)
DEFINE_TO_GPR(cvtsd2si)
DEFINE_TO_GPR(cvttsd2si)

static int compare(struct x86_emulate_ctxt *ctxt, vec_stub stub)
{
	const u8 *b = ctxt->src.data;
	u8 unused[16];
	struct vec_args v = { .in = { ctxt->dst.data, b, b }, .lanes = 1, .out = unused };
	int rc = sse_run(ctxt, stub, &v);

	ctxt->eflags = fastop_unpack(ctxt->eflags, v.flags);
	return rc;
}

#define DEFINE_COMPARE(op)							\
VEC_STUB_ASM(sse_##op, VEC_ASM("", #op " " XMM_1_0, VEC_SAVE_FLAGS))		\
VEC_HANDLER(op, compare(ctxt, sse_##op))

DEFINE_COMPARE(comiss)
DEFINE_COMPARE(comisd)
DEFINE_COMPARE(ucomiss)
DEFINE_COMPARE(ucomisd)

/* VEX has 32 predicates, SSE the first eight. */
#define DEFINE_CMP(op)								\
VEC_STUB_IMM(sse_##op, 8, #op, XMM_1_0)						\
VEC_STUB_IMM(ymm_##op, 32, "v" #op, YMM_1_0_0)					\
VEC_HANDLER(op, fp_cmp(ctxt, sse_##op, ymm_##op))

/* Compare in YMM what needs more predicates: lanes beyond the operands are zero, none signals. */
static int fp_cmp(struct x86_emulate_ctxt *ctxt, vec_stub sse, vec_stub ymm)
{
	u8 a[32] = { 0 }, b[32] = { 0 }, out[32];
	struct vec_args v = { .in = { a, b, b }, .imm = vec_imm(ctxt), .out = out };
	int rc;

	if (!ctxt->has_vex || vec_imm(ctxt) % 32 < 8)
		return vec_binary(ctxt, sse, ymm);
	copy_bytes(a, vec_src1(ctxt)->data, ctxt->dst.bytes);
	copy_bytes(b, vec_src2(ctxt)->data, ctxt->dst.bytes);
	rc = avx_run(ctxt, ymm, &v);
	copy_bytes(ctxt->dst.data, out, ctxt->dst.bytes);
	return rc;
}

DEFINE_CMP(cmpps)
DEFINE_CMP(cmppd)

/* One element of them; the rest is that of the first source. */
static int fp_cmp_one(struct x86_emulate_ctxt *ctxt, vec_stub sse, vec_stub ymm,
		      unsigned int bytes)
{
	u8 a[32] = { 0 }, b[32] = { 0 }, out[32];
	struct vec_args v = { .in = { a, b, b }, .imm = vec_imm(ctxt), .out = out };
	int rc;

	if (!ctxt->has_vex)
		return vec_binary(ctxt, sse, NULL);
	copy_bytes(a, ctxt->src.data, bytes);
	copy_bytes(b, ctxt->src2.data, bytes);
	rc = avx_run(ctxt, ymm, &v);
	copy_bytes(ctxt->dst.data, ctxt->src.data, 16);
	copy_bytes(ctxt->dst.data, out, bytes);
	return rc;
}

VEC_STUB_IMM(sse_cmpss, 8, "cmpss", XMM_1_0)
VEC_STUB_IMM(sse_cmpsd, 8, "cmpsd", XMM_1_0)
VEC_HANDLER(cmpss, fp_cmp_one(ctxt, sse_cmpss, ymm_cmpps, 4))
VEC_HANDLER(cmpsd, fp_cmp_one(ctxt, sse_cmpsd, ymm_cmppd, 8))

VEC_STUB_IMM(sse_roundps, 16, "roundps", XMM_1_0)
VEC_STUB_IMM(sse_roundpd, 16, "roundpd", XMM_1_0)
VEC_STUB_IMM(sse_roundss, 16, "roundss", XMM_1_0)
VEC_STUB_IMM(sse_roundsd, 16, "roundsd", XMM_1_0)
VEC_STUB_IMM(ymm_roundps, 16, "vroundps", "%%ymm1, %%ymm0")
VEC_STUB_IMM(ymm_roundpd, 16, "vroundpd", "%%ymm1, %%ymm0")
VEC_HANDLER(roundps, vec_unary(ctxt, sse_roundps, ymm_roundps))
VEC_HANDLER(roundpd, vec_unary(ctxt, sse_roundpd, ymm_roundpd))
VEC_HANDLER(roundss, vec_binary(ctxt, sse_roundss, NULL))
VEC_HANDLER(roundsd, vec_binary(ctxt, sse_roundsd, NULL))

/* Bits 7:4 choose the products: the host's. Bits 3:0 only clear elements of the sum. */
#define DP_CASE(n, mnem, operands)						\
	case n:									\
		VEC_ASM("", mnem " $(" #n " * 16 + 15), " operands, "");	\
		break;
#define DP_CASES_4(m, o)	DP_CASE(0, m, o) DP_CASE(1, m, o)		\
				DP_CASE(2, m, o) DP_CASE(3, m, o)
#define DP_CASES_16(m, o)	DP_CASES_4(m, o)				\
				DP_CASE(4, m, o) DP_CASE(5, m, o)		\
				DP_CASE(6, m, o) DP_CASE(7, m, o)		\
				DP_CASE(8, m, o) DP_CASE(9, m, o)		\
				DP_CASE(10, m, o) DP_CASE(11, m, o)		\
				DP_CASE(12, m, o) DP_CASE(13, m, o)		\
				DP_CASE(14, m, o) DP_CASE(15, m, o)
#define DP_STUB(name, count, mnem, operands)					\
static bool name(struct vec_args *v)						\
{										\
	switch (v->imm >> 4 & ((count) - 1)) {					\
	DP_CASES_##count(mnem, operands)					\
	}									\
	return true;								\
fault:										\
	return false;								\
}

DP_STUB(sse_dpps, 16, "dpps", XMM_1_0)
DP_STUB(ymm_dpps, 16, "vdpps", YMM_1_0_0)
DP_STUB(sse_dppd, 4, "dppd", XMM_1_0)

static int dot_product(struct x86_emulate_ctxt *ctxt, vec_stub sse, vec_stub ymm,
		       unsigned int bytes)
{
	int rc = vec_binary(ctxt, sse, ymm);
	unsigned int i;

	for (i = 0; i < ctxt->dst.bytes; i += bytes)
		if (!(vec_imm(ctxt) >> (i % 16 / bytes) & 1))
			memset(ctxt->dst.data + i, 0, bytes);
	return rc;
}

VEC_HANDLER(dpps, dot_product(ctxt, sse_dpps, ymm_dpps, 4))
VEC_HANDLER(dppd, dot_product(ctxt, sse_dppd, NULL, 8))
