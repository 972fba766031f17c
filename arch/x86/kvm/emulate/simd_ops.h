/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The mnemonics that run on the host, by their form: from these lists handlers
 * are declared and defined, em_<mnemonic> and, where VEX has it, em_v<mnemonic>.
 */
#ifndef KVM_X86_EMULATE_SIMD_OPS_H
#define KVM_X86_EMULATE_SIMD_OPS_H

/* dst op src of integers: MMX, SSE, VEX. */
#define MMX_VEC_OPS(X)								\
	X(paddb) X(paddw) X(paddd) X(paddq) X(paddsb) X(paddsw) X(paddusb) X(paddusw)	\
	X(psubb) X(psubw) X(psubd) X(psubq) X(psubsb) X(psubsw) X(psubusb) X(psubusw)	\
	X(pmullw) X(pmulhw) X(pmulhuw) X(pmuludq) X(pmaddwd) X(psadbw)		\
	X(pavgb) X(pavgw) X(pminub) X(pminsw) X(pmaxub) X(pmaxsw)		\
	X(pand) X(pandn) X(por) X(pxor)						\
	X(pcmpeqb) X(pcmpeqw) X(pcmpeqd) X(pcmpgtb) X(pcmpgtw) X(pcmpgtd)	\
	X(punpcklbw) X(punpcklwd) X(punpckldq)					\
	X(pmaddubsw) X(pmulhrsw) X(psignb) X(psignw) X(psignd)
/* The same, but the low half of the result comes from dst alone. */
#define MMX_VEC_PAIR_OPS(X)							\
	X(packsswb) X(packssdw) X(packuswb)					\
	X(phaddw) X(phaddd) X(phaddsw) X(phsubw) X(phsubd) X(phsubsw)
/* The high half of what another does. */
#define MMX_VEC_HIGH_OPS(X)							\
	X(punpckhbw, punpcklbw) X(punpckhwd, punpcklwd) X(punpckhdq, punpckldq)
/* op(src) of them. */
#define MMX_VEC_UNARY_OPS(X)	X(pabsb) X(pabsw) X(pabsd)
/* Shifts by a count. */
#define MMX_VEC_SHIFT_OPS(X)							\
	X(psrlw) X(psrld) X(psrlq) X(psraw) X(psrad) X(psllw) X(pslld) X(psllq)
/* dst op src without an MMX form. */
#define VEC_OPS(X)								\
	X(punpcklqdq) X(punpckhqdq) X(packusdw) X(pmuldq) X(pmulld)		\
	X(pcmpeqq) X(pcmpgtq) X(pminsb) X(pminsd) X(pminuw) X(pminud)		\
	X(pmaxsb) X(pmaxsd) X(pmaxuw) X(pmaxud)					\
	X(aesenc) X(aesenclast) X(aesdec) X(aesdeclast) X(gf2p8mulb)		\
	X(sha1nexte) X(sha1msg1) X(sha1msg2) X(sha256msg1) X(sha256msg2)
#define VEC_UNARY_OPS(X)							\
	X(phminposuw) X(aesimc)							\
	X(pmovsxbw) X(pmovsxbd) X(pmovsxbq) X(pmovsxwd) X(pmovsxwq) X(pmovsxdq)	\
	X(pmovzxbw) X(pmovzxbd) X(pmovzxbq) X(pmovzxwd) X(pmovzxwq) X(pmovzxdq)
/* Floating-point: packed, */
#define FP_OPS(X)								\
	X(addps) X(addpd) X(mulps) X(mulpd) X(subps) X(subpd) X(minps) X(minpd)	\
	X(divps) X(divpd) X(maxps) X(maxpd) X(addsubps) X(addsubpd)		\
	X(haddps) X(haddpd) X(hsubps) X(hsubpd)
/* one element, the rest of dst (VEX: src) stays; also where op has one source only, */
#define FP_SCALAR_OPS(X)							\
	X(addss) X(addsd) X(mulss) X(mulsd) X(subss) X(subsd) X(minss) X(minsd)	\
	X(divss) X(divsd) X(maxss) X(maxsd) X(sqrtss) X(sqrtsd) X(rsqrtss) X(rcpss)	\
	X(cvtss2sd) X(cvtsd2ss)
/* packed with one source, of the same width as dst. */
#define FP_UNARY_OPS(X)								\
	X(sqrtps) X(sqrtpd) X(rsqrtps) X(rcpps) X(cvtdq2ps) X(cvtps2dq) X(cvttps2dq)

/* What has a form of its own: simd_fp.c, simd_int.c, simd_move.c. */
#define VEC_OTHER_OPS(X)							\
	X(cvtps2pd) X(cvtdq2pd) X(cvtpd2ps) X(cvtpd2dq) X(cvttpd2dq)		\
	X(cvtsi2ss) X(cvtsi2sd) X(cvtss2si) X(cvttss2si) X(cvtsd2si) X(cvttsd2si)	\
	X(comiss) X(comisd) X(ucomiss) X(ucomisd)				\
	X(cmpps) X(cmppd) X(cmpss) X(cmpsd) X(roundps) X(roundpd) X(roundss) X(roundsd)	\
	X(dpps) X(dppd) X(pclmulqdq) X(gf2p8affineqb) X(gf2p8affineinvqb)	\
	X(aeskeygenassist) X(ptest) X(pshufb)						\
	X(mpsadbw) X(palignr) X(pslldq) X(psrldq)				\
	X(pshufd) X(pshufhw) X(pshuflw) X(shufps) X(shufpd)			\
	X(blendps) X(blendpd) X(pblendw) X(insertps) X(extractps)		\
	X(pinsrb) X(pinsrw) X(pinsrd) X(pinsrq)					\
	X(pextrb) X(pextrw) X(pextrd) X(pextrq)					\
	X(movmskps) X(movmskpd) X(pmovmskb) X(movddup) X(movsldup) X(movshdup)	\
	X(ldmxcsr) X(stmxcsr)							\
	X(maskmovdqu) X(pcmpestrm) X(pcmpestri) X(pcmpistrm) X(pcmpistri)
/* Without VEX: MMX, SHA, SSE4A, and blends whose mask VEX has in a register of its own. */
#define SSE_OTHER_OPS(X)							\
	X(cvtpi2ps) X(cvtpi2pd) X(cvtps2pi) X(cvttps2pi) X(cvtpd2pi) X(cvttpd2pi)	\
	X(pshufw) X(maskmovq) X(emms) X(sha1rnds4) X(sha256rnds2)		\
	X(pblendvb) X(blendvps) X(blendvpd) X(extrq) X(insertq)

/* VEX alone: three operands, */
#define AVX_OPS(X)								\
	X(vpermilps) X(vpermilpd) X(vpsrlvd) X(vpsrlvq) X(vpsravd) X(vpsllvd) X(vpsllvq)
/* of which the first one is a source, too, */
#define FMA_FORMS(X, op, type)	X(op##132##type) X(op##213##type) X(op##231##type)
#define FMA_OPS(X)								\
	FMA_FORMS(X, vfmadd, ps) FMA_FORMS(X, vfmadd, pd)			\
	FMA_FORMS(X, vfmsub, ps) FMA_FORMS(X, vfmsub, pd)			\
	FMA_FORMS(X, vfnmadd, ps) FMA_FORMS(X, vfnmadd, pd)			\
	FMA_FORMS(X, vfnmsub, ps) FMA_FORMS(X, vfnmsub, pd)			\
	FMA_FORMS(X, vfmaddsub, ps) FMA_FORMS(X, vfmaddsub, pd)			\
	FMA_FORMS(X, vfmsubadd, ps) FMA_FORMS(X, vfmsubadd, pd)
#define FMA_SCALAR_OPS(X)							\
	FMA_FORMS(X, vfmadd, ss) FMA_FORMS(X, vfmadd, sd)			\
	FMA_FORMS(X, vfmsub, ss) FMA_FORMS(X, vfmsub, sd)			\
	FMA_FORMS(X, vfnmadd, ss) FMA_FORMS(X, vfnmadd, sd)			\
	FMA_FORMS(X, vfnmsub, ss) FMA_FORMS(X, vfnmsub, sd)
/* what has a form of its own. (avx_arith.c) */
#define AVX_OTHER_OPS(X)							\
	X(vcvtph2ps) X(vcvtps2ph) X(vpermilpd_imm) X(vpermd) X(vpermq) X(vperm2f128)	\
	X(vpblendvb) X(vblendvps) X(vblendvpd) X(vtestps) X(vtestpd)		\
	X(vpdpbusd) X(vpdpbusds) X(vpdpwssd) X(vpdpwssds)

#define DECLARE_OP(op)		int em_##op(struct x86_emulate_ctxt *ctxt);
#define DECLARE_VEC_OP(op)	DECLARE_OP(op) DECLARE_OP(v##op)

#define DECLARE_HIGH_OP(op, low)	DECLARE_VEC_OP(op)

MMX_VEC_OPS(DECLARE_VEC_OP)
MMX_VEC_PAIR_OPS(DECLARE_VEC_OP)
MMX_VEC_HIGH_OPS(DECLARE_HIGH_OP)
MMX_VEC_UNARY_OPS(DECLARE_VEC_OP)
MMX_VEC_SHIFT_OPS(DECLARE_VEC_OP)
VEC_OPS(DECLARE_VEC_OP)
VEC_UNARY_OPS(DECLARE_VEC_OP)
FP_OPS(DECLARE_VEC_OP)
FP_SCALAR_OPS(DECLARE_VEC_OP)
FP_UNARY_OPS(DECLARE_VEC_OP)
VEC_OTHER_OPS(DECLARE_VEC_OP)
SSE_OTHER_OPS(DECLARE_OP)
AVX_OPS(DECLARE_OP)
FMA_OPS(DECLARE_OP)
FMA_SCALAR_OPS(DECLARE_OP)
AVX_OTHER_OPS(DECLARE_OP)

#endif
