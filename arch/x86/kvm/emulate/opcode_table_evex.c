// SPDX-License-Identifier: GPL-2.0-only
/*
 * The maps of EVEX: moves. Arithmetic is known by its length. W is part of the
 * encoding of nearly all; L'L of those whose operands have a fixed size.
 */
#include "emulate/opcode_table.h"

#define EVEX(f)		(F_AVX | F_WO | F_CPUID(f))

/* Bits that the encoding demands. */
#define L0(text, ...)	BY_LL(text, __VA_ARGS__, UNDEF, UNDEF)
#define L2(text, ...)	BY_LL(text, UNDEF, UNDEF, __VA_ARGS__)
#define L12(text, ...)	BY_LL(text, UNDEF, __VA_ARGS__, __VA_ARGS__)
#define W0(text, ...)	BY_W(text, __VA_ARGS__, UNDEF)
#define W1(text, ...)	BY_W(text, UNDEF, __VA_ARGS__)
#define ONLY_66(text, ...)	BY_PREFIX(text, UNDEF, __VA_ARGS__, UNDEF, UNDEF)

/* Copies of masked elements: to a register, and from one. */
#define MOVE_LOAD(mnem, mask)	INSN_H(mnem, movv, Vx, Wx, __, mask)
#define MOVE_STORE(mnem, mask)	INSN_H(mnem, movv, Wx, Vx, __, mask)
#define MOVE_PS_PD(mnem, move, fl)						\
	W0(#mnem "ps", move(mnem##ps, EVEX(AVX512F) | F_MASK_D | (fl))),	\
	W1(#mnem "pd", move(mnem##pd, EVEX(AVX512F) | F_MASK_Q | (fl)))
#define MOVE_DQ(move)								\
	BY_PREFIX("vmovdqa32",							\
		UNDEF,								\
		BY_W("vmovdqa32",						\
		     move(vmovdqa32, EVEX(AVX512F) | F_MASK_D | F_ALIGN),	\
		     move(vmovdqa64, EVEX(AVX512F) | F_MASK_Q | F_ALIGN)),	\
		BY_W("vmovdqu32", move(vmovdqu32, EVEX(AVX512F) | F_MASK_D),	\
		     move(vmovdqu64, EVEX(AVX512F) | F_MASK_Q)),		\
		BY_W("vmovdqu8", move(vmovdqu8, EVEX(AVX512BW) | F_MASK_B),	\
		     move(vmovdqu16, EVEX(AVX512BW) | F_MASK_W)))

/* VMOVSS, VMOVSD: memory alone, a register with what is above it in another. */
#define SCALAR_SS	(EVEX(AVX512F) | F_MASK_D | F_SCALAR)
#define SCALAR_SD	(EVEX(AVX512F) | F_MASK_Q | F_SCALAR)

static const struct opcode evex_0f[256] = {
	[0x00 ... 0x0f] = OPAQUE("evex.0f"),
	[0x10] = BY_PREFIX("vmovups",
		MOVE_PS_PD(vmovu, MOVE_LOAD, 0),
		W0("vmovss", BY_MOD("vmovss", INSN_H(vmovss, movv, Vdq, Md, __, SCALAR_SS),
				    INSN_H(vmovss, vmovl, Vdq, Hdq, Ud, SCALAR_SS))),
		W1("vmovsd", BY_MOD("vmovsd", INSN_H(vmovsd, movv, Vdq, Mq, __, SCALAR_SD),
				    INSN_H(vmovsd, vmovl, Vdq, Hdq, Uq, SCALAR_SD)))),
	[0x11] = BY_PREFIX("vmovups",
		MOVE_PS_PD(vmovu, MOVE_STORE, 0),
		W0("vmovss", BY_MOD("vmovss", INSN_H(vmovss, movv, Md, Vd, __, SCALAR_SS),
				    INSN_H(vmovss, vmovl, Udq, Hdq, Vd, SCALAR_SS))),
		W1("vmovsd", BY_MOD("vmovsd", INSN_H(vmovsd, movv, Mq, Vq, __, SCALAR_SD),
				    INSN_H(vmovsd, vmovl, Udq, Hdq, Vq, SCALAR_SD)))),
	[0x12] = BY_PREFIX("vmovlps",
		L0("vmovlps", W0("vmovlps", BY_MOD("vmovlps",
			INSN_H(vmovlps, vmovl, Vdq, Hdq, Mq, EVEX(AVX512F)),
			INSN(vmovhlps, Vdq, Hdq, Udq, EVEX(AVX512F))))),
		L0("vmovlpd", W1("vmovlpd", INSN_H(vmovlpd, vmovl, Vdq, Hdq, Mq, EVEX(AVX512F)))),
		W0("vmovsldup", INSN(vmovsldup, Vx, Wx, __,
				     EVEX(AVX512F) | F_MASK_D | F_NO_SUPPRESS)),
		W1("vmovddup", BY_LL("vmovddup",
			INSN(vmovddup, Vx, Wq, __, EVEX(AVX512F) | F_MASK_Q | F_NO_SUPPRESS),
			INSN(vmovddup, Vx, Wx, __, EVEX(AVX512F) | F_MASK_Q | F_NO_SUPPRESS),
			INSN(vmovddup, Vx, Wx, __, EVEX(AVX512F) | F_MASK_Q | F_NO_SUPPRESS)))),
	[0x13] = BY_PREFIX("vmovlps",
		L0("vmovlps", W0("vmovlps", INSN_H(vmovlps, movv, Mq, Vq, __, EVEX(AVX512F)))),
		L0("vmovlpd", W1("vmovlpd", INSN_H(vmovlpd, movv, Mq, Vq, __, EVEX(AVX512F)))),
		UNDEF,
		UNDEF),
	[0x14 ... 0x15] = OPAQUE("evex.0f"),
	[0x16] = BY_PREFIX("vmovhps",
		L0("vmovhps", W0("vmovhps", BY_MOD("vmovhps",
			INSN_H(vmovhps, vmovh, Vdq, Hq, Mq, EVEX(AVX512F)),
			INSN_H(vmovlhps, vmovh, Vdq, Hq, Uq, EVEX(AVX512F))))),
		L0("vmovhpd", W1("vmovhpd", INSN_H(vmovhpd, vmovh, Vdq, Hq, Mq, EVEX(AVX512F)))),
		W0("vmovshdup", INSN(vmovshdup, Vx, Wx, __,
				     EVEX(AVX512F) | F_MASK_D | F_NO_SUPPRESS)),
		UNDEF),
	[0x17] = BY_PREFIX("vmovhps",
		L0("vmovhps", W0("vmovhps", INSN_H(vmovhps, movh_store, Mq, Vdq, __, EVEX(AVX512F)))),
		L0("vmovhpd", W1("vmovhpd", INSN_H(vmovhpd, movh_store, Mq, Vdq, __, EVEX(AVX512F)))),
		UNDEF,
		UNDEF),
	[0x18 ... 0x27] = OPAQUE("evex.0f"),
	[0x28] = BY_PREFIX("vmovaps", MOVE_PS_PD(vmova, MOVE_LOAD, F_ALIGN), UNDEF, UNDEF),
	[0x29] = BY_PREFIX("vmovaps", MOVE_PS_PD(vmova, MOVE_STORE, F_ALIGN), UNDEF, UNDEF),
	[0x2a] = OPAQUE("evex.0f"),
	[0x2b] = BY_PREFIX("vmovntps",
		W0("vmovntps", INSN_H(vmovntps, movv, Mx, Vx, __, EVEX(AVX512F) | F_ALIGN)),
		W1("vmovntpd", INSN_H(vmovntpd, movv, Mx, Vx, __, EVEX(AVX512F) | F_ALIGN)),
		UNDEF,
		UNDEF),
	[0x2c ... 0x6d] = OPAQUE("evex.0f"),
	[0x6e] = ONLY_66("vmovd", L0("vmovd", BY_W64("vmovd",
			INSN_H(vmovd, movv, Vdq, Ed, __, EVEX(AVX512F)),
			INSN_H(vmovq, movv, Vdq, Eq, __, EVEX(AVX512F))))),
	[0x6f] = MOVE_DQ(MOVE_LOAD),
	[0x70 ... 0x73] = OPAQUE_IB("evex.0f"),
	[0x74 ... 0x7d] = OPAQUE("evex.0f"),
	[0x7e] = BY_PREFIX("vmovd",
		UNDEF,
		L0("vmovd", BY_W64("vmovd", INSN_H(vmovd, movv, Ed, Vd, __, EVEX(AVX512F)),
				   INSN_H(vmovq, movv, Eq, Vq, __, EVEX(AVX512F)))),
		L0("vmovq", W1("vmovq", INSN_H(vmovq, movv, Vdq, Wq, __, EVEX(AVX512F)))),
		UNDEF),
	[0x7f] = MOVE_DQ(MOVE_STORE),
	[0x80 ... 0xc1] = OPAQUE("evex.0f"),
	[0xc2] = OPAQUE_IB("evex.0f"),
	[0xc3] = OPAQUE("evex.0f"),
	[0xc4] = ONLY_66("vpinsrw", L0("vpinsrw", BY_MOD("vpinsrw",
			INSN4(vpinsrw, Vdq, Hdq, Mw, Ib, EVEX(AVX512BW)),
			INSN4(vpinsrw, Vdq, Hdq, Rd, Ib, EVEX(AVX512BW))))),
	[0xc5] = ONLY_66("vpextrw", L0("vpextrw", INSN(vpextrw, Gd, Udq, Ib, EVEX(AVX512BW)))),
	[0xc6] = OPAQUE_IB("evex.0f"),
	[0xc7 ... 0xd5] = OPAQUE("evex.0f"),
	[0xd6] = ONLY_66("vmovq", L0("vmovq", W1("vmovq", BY_MOD("vmovq",
			INSN_H(vmovq, movv, Mq, Vq, __, EVEX(AVX512F)),
			INSN_H(vmovq, movv, Udq, Vq, __, EVEX(AVX512F)))))),
	[0xd7 ... 0xe6] = OPAQUE("evex.0f"),
	[0xe7] = ONLY_66("vmovntdq", W0("vmovntdq",
			INSN_H(vmovntdq, movv, Mx, Vx, __, EVEX(AVX512F) | F_ALIGN))),
	[0xe8 ... 0xff] = OPAQUE("evex.0f"),
};

/* F3 rows beside arithmetic. */
#define WITH_F3(text, ...)							\
	BY_PREFIX(text, OPAQUE("evex.0f38"), OPAQUE("evex.0f38"), __VA_ARGS__,	\
		  OPAQUE("evex.0f38"))
#define M2VEC(mnem, km, fl)	INSN_H(mnem, vpmovm2, Vx, km, __, fl)
#define VEC2M(mnem, kr, fl)	INSN_H(mnem, vpmov2m, kr, Ux, __, fl)

/* From memory or a vector register, element by element of dst. */
#define BROADCAST(mnem, src, f, mask)						\
	INSN_H(mnem, vbroadcast, Vx, src, __, EVEX(f) | (mask))
/* At least 256 bits; 512 bits. */
#define BROADCAST12(mnem, src, f, mask)	L12(#mnem, BROADCAST(mnem, src, f, mask))
#define BROADCAST2(mnem, src, f, mask)	L2(#mnem, BROADCAST(mnem, src, f, mask))

#define PACK_FLAGS(f, mask)	(EVEX(f) | (mask) | F_PACKED | F_DISP_ELEM)
#define EXPAND(mnem, f, mask)	INSN_H(mnem, vexpand, Vx, Wx, __, PACK_FLAGS(f, mask))
#define COMPRESS(mnem, f, mask)	INSN_H(mnem, vcompress, Wx, Vx, __, PACK_FLAGS(f, mask))

/* Down-converts: cut, with signed and with unsigned saturation. */
#define TRUNC(op, o1, f, mask)	W0(#op, INSN_H(op, vpmov, o1, Vx, __, EVEX(f) | (mask)))
#define SSAT(op, o1, f, mask)	W0(#op, INSN_H(op, vpmovs, o1, Vx, __, EVEX(f) | (mask)))
#define USAT(op, o1, f, mask)	W0(#op, INSN_H(op, vpmovus, o1, Vx, __, EVEX(f) | (mask)))

static const struct opcode evex_0f38[256] = {
	[0x00 ... 0x0f] = OPAQUE("evex.0f38"),
	[0x10] = WITH_F3("vpmovuswb", USAT(vpmovuswb, Wxh, AVX512BW, F_MASK_B)),
	[0x11] = WITH_F3("vpmovusdb", USAT(vpmovusdb, Wxq, AVX512F, F_MASK_B)),
	[0x12] = WITH_F3("vpmovusqb", USAT(vpmovusqb, Wxe, AVX512F, F_MASK_B)),
	[0x13] = WITH_F3("vpmovusdw", USAT(vpmovusdw, Wxh, AVX512F, F_MASK_W)),
	[0x14] = WITH_F3("vpmovusqw", USAT(vpmovusqw, Wxq, AVX512F, F_MASK_W)),
	[0x15] = WITH_F3("vpmovusqd", USAT(vpmovusqd, Wxh, AVX512F, F_MASK_D)),
	[0x16 ... 0x17] = OPAQUE("evex.0f38"),
	[0x18] = ONLY_66("vbroadcastss", W0("vbroadcastss",
			BROADCAST(vbroadcastss, Wd, AVX512F, F_MASK_D))),
	[0x19] = ONLY_66("vbroadcastsd", BY_W("vbroadcastsd",
			BROADCAST12(vbroadcastf32x2, Wq, AVX512DQ, F_MASK_D),
			BROADCAST12(vbroadcastsd, Wq, AVX512F, F_MASK_Q))),
	[0x1a] = ONLY_66("vbroadcastf32x4", BY_W("vbroadcastf32x4",
			BROADCAST12(vbroadcastf32x4, Mdq, AVX512F, F_MASK_D),
			BROADCAST12(vbroadcastf64x2, Mdq, AVX512DQ, F_MASK_Q))),
	[0x1b] = ONLY_66("vbroadcastf32x8", BY_W("vbroadcastf32x8",
			BROADCAST2(vbroadcastf32x8, Mqq, AVX512DQ, F_MASK_D),
			BROADCAST2(vbroadcastf64x4, Mqq, AVX512F, F_MASK_Q))),
	[0x1c ... 0x1f] = OPAQUE("evex.0f38"),
	[0x20] = WITH_F3("vpmovswb", SSAT(vpmovswb, Wxh, AVX512BW, F_MASK_B)),
	[0x21] = WITH_F3("vpmovsdb", SSAT(vpmovsdb, Wxq, AVX512F, F_MASK_B)),
	[0x22] = WITH_F3("vpmovsqb", SSAT(vpmovsqb, Wxe, AVX512F, F_MASK_B)),
	[0x23] = WITH_F3("vpmovsdw", SSAT(vpmovsdw, Wxh, AVX512F, F_MASK_W)),
	[0x24] = WITH_F3("vpmovsqw", SSAT(vpmovsqw, Wxq, AVX512F, F_MASK_W)),
	[0x25] = WITH_F3("vpmovsqd", SSAT(vpmovsqd, Wxh, AVX512F, F_MASK_D)),
	[0x26 ... 0x27] = OPAQUE("evex.0f38"),
	[0x28] = WITH_F3("vpmovm2b", BY_W("vpmovm2b",
			M2VEC(vpmovm2b, Kmq, EVEX(AVX512BW) | F_ELEM_B),
			M2VEC(vpmovm2w, Kmd, EVEX(AVX512BW) | F_ELEM_W))),
	[0x29] = WITH_F3("vpmovb2m", BY_W("vpmovb2m",
			VEC2M(vpmovb2m, Krq, EVEX(AVX512BW) | F_ELEM_B),
			VEC2M(vpmovw2m, Krd, EVEX(AVX512BW) | F_ELEM_W))),
	[0x2a] = BY_PREFIX("vmovntdqa",
		UNDEF,
		W0("vmovntdqa", INSN_H(vmovntdqa, movv, Vx, Mx, __, EVEX(AVX512F) | F_ALIGN)),
		W1("vpbroadcastmb2q", INSN_H(vpbroadcastmb2q, vpbroadcastm, Vx, Kmb, __,
					     EVEX(AVX512CD) | F_ELEM_Q)),
		UNDEF),
	[0x2b ... 0x2f] = OPAQUE("evex.0f38"),
	[0x30] = WITH_F3("vpmovwb", TRUNC(vpmovwb, Wxh, AVX512BW, F_MASK_B)),
	[0x31] = WITH_F3("vpmovdb", TRUNC(vpmovdb, Wxq, AVX512F, F_MASK_B)),
	[0x32] = WITH_F3("vpmovqb", TRUNC(vpmovqb, Wxe, AVX512F, F_MASK_B)),
	[0x33] = WITH_F3("vpmovdw", TRUNC(vpmovdw, Wxh, AVX512F, F_MASK_W)),
	[0x34] = WITH_F3("vpmovqw", TRUNC(vpmovqw, Wxq, AVX512F, F_MASK_W)),
	[0x35] = WITH_F3("vpmovqd", TRUNC(vpmovqd, Wxh, AVX512F, F_MASK_D)),
	[0x36 ... 0x37] = OPAQUE("evex.0f38"),
	[0x38] = WITH_F3("vpmovm2d", BY_W("vpmovm2d",
			M2VEC(vpmovm2d, Kmw, EVEX(AVX512DQ) | F_ELEM_D),
			M2VEC(vpmovm2q, Kmb, EVEX(AVX512DQ) | F_ELEM_Q))),
	[0x39] = WITH_F3("vpmovd2m", BY_W("vpmovd2m",
			VEC2M(vpmovd2m, Krw, EVEX(AVX512DQ) | F_ELEM_D),
			VEC2M(vpmovq2m, Krb, EVEX(AVX512DQ) | F_ELEM_Q))),
	[0x3a] = WITH_F3("vpbroadcastmw2d", W0("vpbroadcastmw2d",
			INSN_H(vpbroadcastmw2d, vpbroadcastm, Vx, Kmw, __,
			       EVEX(AVX512CD) | F_ELEM_D))),
	[0x3b ... 0x57] = OPAQUE("evex.0f38"),
	[0x58] = ONLY_66("vpbroadcastd", W0("vpbroadcastd",
			BROADCAST(vpbroadcastd, Wd, AVX512F, F_MASK_D))),
	[0x59] = ONLY_66("vpbroadcastq", BY_W("vpbroadcastq",
			BROADCAST(vbroadcasti32x2, Wq, AVX512DQ, F_MASK_D),
			BROADCAST(vpbroadcastq, Wq, AVX512F, F_MASK_Q))),
	[0x5a] = ONLY_66("vbroadcasti32x4", BY_W("vbroadcasti32x4",
			BROADCAST12(vbroadcasti32x4, Mdq, AVX512F, F_MASK_D),
			BROADCAST12(vbroadcasti64x2, Mdq, AVX512DQ, F_MASK_Q))),
	[0x5b] = ONLY_66("vbroadcasti32x8", BY_W("vbroadcasti32x8",
			BROADCAST2(vbroadcasti32x8, Mqq, AVX512DQ, F_MASK_D),
			BROADCAST2(vbroadcasti64x4, Mqq, AVX512F, F_MASK_Q))),
	[0x5c ... 0x61] = OPAQUE("evex.0f38"),
	[0x62] = ONLY_66("vpexpandb", BY_W("vpexpandb",
			EXPAND(vpexpandb, AVX512VBMI2, F_MASK_B),
			EXPAND(vpexpandw, AVX512VBMI2, F_MASK_W))),
	[0x63] = ONLY_66("vpcompressb", BY_W("vpcompressb",
			COMPRESS(vpcompressb, AVX512VBMI2, F_MASK_B),
			COMPRESS(vpcompressw, AVX512VBMI2, F_MASK_W))),
	[0x64 ... 0x77] = OPAQUE("evex.0f38"),
	[0x78] = ONLY_66("vpbroadcastb", W0("vpbroadcastb",
			BROADCAST(vpbroadcastb, Wb, AVX512BW, F_MASK_B))),
	[0x79] = ONLY_66("vpbroadcastw", W0("vpbroadcastw",
			BROADCAST(vpbroadcastw, Ww, AVX512BW, F_MASK_W))),
	[0x7a] = ONLY_66("vpbroadcastb", W0("vpbroadcastb",
			BROADCAST(vpbroadcastb, Rd, AVX512BW, F_MASK_B))),
	[0x7b] = ONLY_66("vpbroadcastw", W0("vpbroadcastw",
			BROADCAST(vpbroadcastw, Rd, AVX512BW, F_MASK_W))),
	[0x7c] = ONLY_66("vpbroadcastd", BY_W64("vpbroadcastd",
			BROADCAST(vpbroadcastd, Rd, AVX512F, F_MASK_D),
			BROADCAST(vpbroadcastq, Rq, AVX512F, F_MASK_Q))),
	[0x7d ... 0x87] = OPAQUE("evex.0f38"),
	[0x88] = ONLY_66("vexpandps", BY_W("vexpandps",
			EXPAND(vexpandps, AVX512F, F_MASK_D),
			EXPAND(vexpandpd, AVX512F, F_MASK_Q))),
	[0x89] = ONLY_66("vpexpandd", BY_W("vpexpandd",
			EXPAND(vpexpandd, AVX512F, F_MASK_D),
			EXPAND(vpexpandq, AVX512F, F_MASK_Q))),
	[0x8a] = ONLY_66("vcompressps", BY_W("vcompressps",
			COMPRESS(vcompressps, AVX512F, F_MASK_D),
			COMPRESS(vcompresspd, AVX512F, F_MASK_Q))),
	[0x8b] = ONLY_66("vpcompressd", BY_W("vpcompressd",
			COMPRESS(vpcompressd, AVX512F, F_MASK_D),
			COMPRESS(vpcompressq, AVX512F, F_MASK_Q))),
	[0x8c ... 0xff] = OPAQUE("evex.0f38"),
};

/* A part of a vector: its memory is read or checked as a whole. */
#define PART(f, mask)	(EVEX(f) | (mask) | F_NO_SUPPRESS)
#define INSERT(mnem, part, f, mask)						\
	INSN4_H(mnem, vinsert, Vx, Hx, part, Ib, PART(f, mask))
#define EXTRACT(mnem, part, f, mask)						\
	INSN_H(mnem, vextract, part, Vx, Ib, PART(f, mask))
/* 32x4 and 64x2, 32x8 and 64x4; the rest of the mnemonic by type. */
#define PARTS_4(how, mnem, type)						\
	ONLY_66(#mnem, BY_W(#mnem,						\
		L12(#mnem, how(mnem##type##32x4, Wdq, AVX512F, F_MASK_D)),	\
		L12(#mnem, how(mnem##type##64x2, Wdq, AVX512DQ, F_MASK_Q))))
#define PARTS_8(how, mnem, type)						\
	ONLY_66(#mnem, BY_W(#mnem,						\
		L2(#mnem, how(mnem##type##32x8, Wqq, AVX512DQ, F_MASK_D)),	\
		L2(#mnem, how(mnem##type##64x4, Wqq, AVX512F, F_MASK_Q))))
#define PEXTR(mnem, mem)							\
	ONLY_66(#mnem, L0(#mnem, BY_MOD(#mnem,					\
		INSN(mnem, mem, Vdq, Ib, EVEX(AVX512BW)),			\
		INSN(mnem, Rd, Vdq, Ib, EVEX(AVX512BW)))))

static const struct opcode evex_0f3a[256] = {
	[0x00 ... 0x13] = OPAQUE_IB("evex.0f3a"),
	[0x14] = PEXTR(vpextrb, Mb),
	[0x15] = PEXTR(vpextrw, Mw),
	[0x16] = ONLY_66("vpextrd", L0("vpextrd", BY_W64("vpextrd",
			INSN(vpextrd, Ed, Vdq, Ib, EVEX(AVX512DQ)),
			INSN(vpextrq, Eq, Vdq, Ib, EVEX(AVX512DQ))))),
	[0x17] = ONLY_66("vextractps", L0("vextractps",
			INSN(vextractps, Ed, Vdq, Ib, EVEX(AVX512F)))),
	[0x18] = PARTS_4(INSERT, vinsert, f),
	[0x19] = PARTS_4(EXTRACT, vextract, f),
	[0x1a] = PARTS_8(INSERT, vinsert, f),
	[0x1b] = PARTS_8(EXTRACT, vextract, f),
	[0x1c ... 0x1f] = OPAQUE_IB("evex.0f3a"),
	[0x20] = ONLY_66("vpinsrb", L0("vpinsrb", BY_MOD("vpinsrb",
			INSN4(vpinsrb, Vdq, Hdq, Mb, Ib, EVEX(AVX512BW)),
			INSN4(vpinsrb, Vdq, Hdq, Rd, Ib, EVEX(AVX512BW))))),
	[0x21] = ONLY_66("vinsertps", L0("vinsertps", W0("vinsertps", BY_MOD("vinsertps",
			INSN4(vinsertps, Vdq, Hdq, Md, Ib, EVEX(AVX512F)),
			INSN4(vinsertps, Vdq, Hdq, Udq, Ib, EVEX(AVX512F)))))),
	[0x22] = ONLY_66("vpinsrd", L0("vpinsrd", BY_W64("vpinsrd",
			INSN4(vpinsrd, Vdq, Hdq, Ed, Ib, EVEX(AVX512DQ)),
			INSN4(vpinsrq, Vdq, Hdq, Eq, Ib, EVEX(AVX512DQ))))),
	[0x23 ... 0x37] = OPAQUE_IB("evex.0f3a"),
	[0x38] = PARTS_4(INSERT, vinsert, i),
	[0x39] = PARTS_4(EXTRACT, vextract, i),
	[0x3a] = PARTS_8(INSERT, vinsert, i),
	[0x3b] = PARTS_8(EXTRACT, vextract, i),
	[0x3c ... 0xff] = OPAQUE_IB("evex.0f3a"),
};

/* Maps 5 and 6: half-precision arithmetic. */
static const struct opcode evex_half[256] = {
	[0x00 ... 0xff] = OPAQUE("evex.half"),
};

const struct opcode *evex_table(unsigned int mmm, u8 *map)
{
	switch (mmm) {
	case 1:
		*map = MAP_EVEX_0F;
		return evex_0f;
	case 2:
		*map = MAP_EVEX_0F38;
		return evex_0f38;
	case 3:
		*map = MAP_EVEX_0F3A;
		return evex_0f3a;
	case 5:
		*map = MAP_EVEX_5;
		return evex_half;
	case 6:
		*map = MAP_EVEX_6;
		return evex_half;
	default:
		return NULL;
	}
}
