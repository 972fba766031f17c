// SPDX-License-Identifier: GPL-2.0-only
/*
 * The maps of VEX. Where a row has no selector by L or W the bit is ignored; where
 * it has no vvvv operand vvvv must be 1111b.
 */
#include "emulate/opcode_table.h"

#define AVX	(F_AVX | F_WO | F_CPUID(AVX))
#define AVX2	(F_AVX | F_WO | F_CPUID(AVX2))
#define AVX_RO	(F_AVX | F_RO | F_CPUID(AVX))
#define AVX_RMW(f)	(F_AVX | F_CPUID(f))
#define BMI1	(F_WO | F_CPUID(BMI1))
#define BMI2	(F_WO | F_CPUID(BMI2))

/* Bits that the encoding demands. */
#define L0(text, ...)	BY_L(text, __VA_ARGS__, UNDEF)
#define L1(text, ...)	BY_L(text, UNDEF, __VA_ARGS__)
#define W0(text, ...)	BY_W(text, __VA_ARGS__, UNDEF)
#define W1(text, ...)	BY_W(text, UNDEF, __VA_ARGS__)
#define ONLY_66(text, ...)	BY_PREFIX(text, UNDEF, __VA_ARGS__, UNDEF, UNDEF)
#define ONLY_F3(text, ...)	BY_PREFIX(text, UNDEF, UNDEF, __VA_ARGS__, UNDEF)
#define ONLY_F2(text, ...)	BY_PREFIX(text, UNDEF, UNDEF, UNDEF, __VA_ARGS__)
/* 256 bits came with AVX2. */
#define AVX_AVX2(mnem, fn, o1, o2, o3, fl)					\
	BY_L(#mnem, INSN_H(mnem, fn, o1, o2, o3, AVX | (fl)),			\
	     INSN_H(mnem, fn, o1, o2, o3, AVX2 | (fl)))
/* A broadcast or extension from a register came with AVX2. */
#define MEMORY_AVX(mnem, fn, o1, mem, reg)					\
	BY_MOD(#mnem, INSN_H(mnem, fn, o1, mem, __, AVX),			\
	       INSN_H(mnem, fn, o1, reg, __, AVX2))

/* dst = src op src2 of integers. */
#define INTEGER(mnem)								\
	ONLY_66(#mnem, AVX_AVX2(mnem, mnem, Vx, Hx, Wx, 0))
#define INTEGER_IB(mnem)							\
	ONLY_66(#mnem, BY_L(#mnem, INSN4(mnem, Vx, Hx, Wx, Ib, AVX),		\
			    INSN4(mnem, Vx, Hx, Wx, Ib, AVX2)))
#define INTEGER_UNARY(mnem, src)						\
	ONLY_66(#mnem, AVX_AVX2(mnem, mnem, Vx, src, __, 0))
/* A count in the low quadword of src2, or the same in an immediate. */
#define SHIFT(mnem)								\
	ONLY_66(#mnem, AVX_AVX2(mnem, mnem, Vx, Hx, Wdq, 0))
#define SHIFT_IB(mnem)								\
	ONLY_66(#mnem, AVX_AVX2(mnem, mnem, Hx, Ux, Ib, 0))
/* Floating-point types by mandatory prefix, with src and src2 or with src alone. */
#define PACKED(mnem)	INSN(mnem, Vx, Hx, Wx, AVX)
#define VPS_VPD(mnem)								\
	BY_PREFIX(#mnem "ps", PACKED(mnem##ps), PACKED(mnem##pd), UNDEF, UNDEF)
#define VPS_VPD_H(mnem, fn)							\
	BY_PREFIX(#mnem "ps", INSN_H(mnem##ps, fn, Vx, Hx, Wx, AVX),		\
		  INSN_H(mnem##pd, fn, Vx, Hx, Wx, AVX), UNDEF, UNDEF)
#define VPS_VPD_VSS_VSD(mnem)							\
	BY_PREFIX(#mnem "ps", PACKED(mnem##ps), PACKED(mnem##pd),		\
		  INSN(mnem##ss, Vdq, Hdq, Wd, AVX), INSN(mnem##sd, Vdq, Hdq, Wq, AVX))
#define VPS_VSS(mnem)								\
	BY_PREFIX(#mnem "ps", INSN(mnem##ps, Vx, Wx, __, AVX), UNDEF,		\
		  INSN(mnem##ss, Vdq, Hdq, Wd, AVX), UNDEF)
/* FMA: single or double precision by W, packed or one element. */
#define FMA_PACKED(mnem)							\
	ONLY_66(#mnem "ps", BY_W(#mnem "ps",					\
		INSN(mnem##ps, Vx, Hx, Wx, AVX_RMW(FMA)),			\
		INSN(mnem##pd, Vx, Hx, Wx, AVX_RMW(FMA))))
#define FMA_SCALAR(mnem)							\
	ONLY_66(#mnem "ss", BY_W(#mnem "ss",					\
		INSN(mnem##ss, Vdq, Hdq, Wd, AVX_RMW(FMA)),			\
		INSN(mnem##sd, Vdq, Hdq, Wq, AVX_RMW(FMA))))
/* Opcodes 6 to F of a block of 16. */
#define FMA_BLOCK(b, form)							\
	[(b) + 0x6] = FMA_PACKED(vfmaddsub##form),				\
	[(b) + 0x7] = FMA_PACKED(vfmsubadd##form),				\
	[(b) + 0x8] = FMA_PACKED(vfmadd##form),					\
	[(b) + 0x9] = FMA_SCALAR(vfmadd##form),					\
	[(b) + 0xa] = FMA_PACKED(vfmsub##form),					\
	[(b) + 0xb] = FMA_SCALAR(vfmsub##form),					\
	[(b) + 0xc] = FMA_PACKED(vfnmadd##form),				\
	[(b) + 0xd] = FMA_SCALAR(vfnmadd##form),				\
	[(b) + 0xe] = FMA_PACKED(vfnmsub##form),				\
	[(b) + 0xf] = FMA_SCALAR(vfnmsub##form)
/* 128 bits came with the feature of the legacy instruction, 256 bits with another. */
#define CRYPTO(mnem, narrow, wide)						\
	ONLY_66(#mnem, BY_L(#mnem, INSN(mnem, Vx, Hx, Wx, F_AVX | F_WO | F_CPUID(narrow)), \
			    INSN(mnem, Vx, Hx, Wx, F_AVX | F_WO | F_CPUID(wide))))
/* Addresses come from a vector, which SIB names: of doublewords, quadwords. */
#define VSIB(mnem, data, index, mask)						\
	KNOWN(mnem, data, index, mask, F_AVX | F_CPUID(AVX2))
#define GATHER_D(dword, qword)							\
	ONLY_66(#dword, BY_W(#dword, VSIB(dword, Vx, Mvd, Hx), VSIB(qword, Vx, Mvd, Hx)))
#define GATHER_Q(dword, qword)							\
	ONLY_66(#dword, BY_W(#dword, VSIB(dword, Vxh, Mvq, Hxh), VSIB(qword, Vx, Mvq, Hx)))
#define VNNI(mnem)								\
	ONLY_66(#mnem, W0(#mnem, INSN(mnem, Vx, Hx, Wx, AVX_RMW(AVX_VNNI))))

/* Opmasks of a word, quadword, byte and doubleword: by 66 and W. */
#define OPMASK(f)	(F_OPMASK | F_WO | F_CPUID(f))
#define KOP3(op)								\
	BY_PREFIX(#op,								\
		L1(#op, BY_W(#op, INSN_H(op##w, op, Krw, Khw, Kmw, OPMASK(AVX512F)),	\
			     INSN_H(op##q, op, Krq, Khq, Kmq, OPMASK(AVX512BW)))),	\
		L1(#op, BY_W(#op, INSN_H(op##b, op, Krb, Khb, Kmb, OPMASK(AVX512DQ)),	\
			     INSN_H(op##d, op, Krd, Khd, Kmd, OPMASK(AVX512BW)))),	\
		UNDEF, UNDEF)
#define KOP2_ROW(mnem, op, kr, km, fl, f)					\
	INSN_H(mnem, op, kr, km, __, F_OPMASK | (fl) | F_CPUID(f))
#define KOP2(op, fl, word, byte)						\
	BY_PREFIX(#op,								\
		L0(#op, BY_W(#op, KOP2_ROW(op##w, op, Krw, Kmw, fl, word),	\
			     KOP2_ROW(op##q, op, Krq, Kmq, fl, AVX512BW))),	\
		L0(#op, BY_W(#op, KOP2_ROW(op##b, op, Krb, Kmb, fl, byte),	\
			     KOP2_ROW(op##d, op, Krd, Kmd, fl, AVX512BW))),	\
		UNDEF, UNDEF)
#define KMOV(db, sb, dw, sw, dd, sd, dq, sq)					\
	BY_PREFIX("kmov",							\
		L0("kmov", BY_W("kmov", INSN_H(kmovw, mov, dw, sw, __, OPMASK(AVX512F)),	\
				INSN_H(kmovq, mov, dq, sq, __, OPMASK(AVX512BW)))),	\
		L0("kmov", BY_W("kmov", INSN_H(kmovb, mov, db, sb, __, OPMASK(AVX512DQ)),	\
				INSN_H(kmovd, mov, dd, sd, __, OPMASK(AVX512BW)))),	\
		UNDEF, UNDEF)
/* The same with general registers, where W of KMOVQ is REX.W's. */
#define KMOV_GPR(db, sb, dw, sw, dd, sd, dq, sq)				\
	BY_PREFIX("kmov",							\
		L0("kmov", W0("kmov", INSN_H(kmovw, mov, dw, sw, __, OPMASK(AVX512F)))),	\
		L0("kmov", W0("kmov", INSN_H(kmovb, mov, db, sb, __, OPMASK(AVX512DQ)))),	\
		UNDEF,								\
		L0("kmov", BY_W64("kmov", INSN_H(kmovd, mov, dd, sd, __, OPMASK(AVX512BW)),	\
				  INSN_H(kmovq, mov, dq, sq, __, OPMASK(AVX512BW)))))
/* Counts in an immediate: bytes and words, doublewords and quadwords. */
#define KSHIFT(op, narrow, kr, km, f, wide, kr2, km2, f2)			\
	ONLY_66(#op, L0(#op, BY_W(#op, INSN_H(op##narrow, op, kr, km, Ib, OPMASK(f)),	\
				  INSN_H(op##wide, op, kr2, km2, Ib, OPMASK(f2)))))

static const struct opcode vex_group12[8] = {
	UNDEF, UNDEF, SHIFT_IB(vpsrlw), UNDEF, SHIFT_IB(vpsraw), UNDEF, SHIFT_IB(vpsllw), UNDEF,
};

static const struct opcode vex_group13[8] = {
	UNDEF, UNDEF, SHIFT_IB(vpsrld), UNDEF, SHIFT_IB(vpsrad), UNDEF, SHIFT_IB(vpslld), UNDEF,
};

static const struct opcode vex_group14[8] = {
	UNDEF, UNDEF, SHIFT_IB(vpsrlq), SHIFT_IB(vpsrldq),
	UNDEF, UNDEF, SHIFT_IB(vpsllq), SHIFT_IB(vpslldq),
};

static const struct opcode vex_group15[8] = {
	UNDEF, UNDEF,
	INSN(vldmxcsr, Md, __, __, AVX_RO),
	INSN(vstmxcsr, Md, __, __, AVX),
	UNDEF, UNDEF, UNDEF, UNDEF,
};

static const struct opcode vex_group17[8] = {
	UNDEF,
	INSN(blsr, By, Ey, __, BMI1),
	INSN(blsmsk, By, Ey, __, BMI1),
	INSN(blsi, By, Ey, __, BMI1),
	UNDEF, UNDEF, UNDEF, UNDEF,
};

static const struct opcode vex_0f[256] = {
	[0x00 ... 0x0f] = UNDEF,
	[0x10] = BY_PREFIX("vmovups",
		INSN_H(vmovups, movv, Vx, Wx, __, AVX),
		INSN_H(vmovupd, movv, Vx, Wx, __, AVX),
		BY_MOD("vmovss", INSN_H(vmovss, movv, Vdq, Md, __, AVX),
		       INSN_H(vmovss, vmovl, Vdq, Hdq, Ud, AVX)),
		BY_MOD("vmovsd", INSN_H(vmovsd, movv, Vdq, Mq, __, AVX),
		       INSN_H(vmovsd, vmovl, Vdq, Hdq, Uq, AVX))),
	[0x11] = BY_PREFIX("vmovups",
		INSN_H(vmovups, movv, Wx, Vx, __, AVX),
		INSN_H(vmovupd, movv, Wx, Vx, __, AVX),
		BY_MOD("vmovss", INSN_H(vmovss, movv, Md, Vd, __, AVX),
		       INSN_H(vmovss, vmovl, Udq, Hdq, Vd, AVX)),
		BY_MOD("vmovsd", INSN_H(vmovsd, movv, Mq, Vq, __, AVX),
		       INSN_H(vmovsd, vmovl, Udq, Hdq, Vq, AVX))),
	[0x12] = BY_PREFIX("vmovlps",
		L0("vmovlps", BY_MOD("vmovlps", INSN_H(vmovlps, vmovl, Vdq, Hdq, Mq, AVX),
				     INSN(vmovhlps, Vdq, Hdq, Udq, AVX))),
		L0("vmovlpd", INSN_H(vmovlpd, vmovl, Vdq, Hdq, Mq, AVX)),
		INSN(vmovsldup, Vx, Wx, __, AVX),
		BY_L("vmovddup", INSN(vmovddup, Vdq, Wq, __, AVX),
		     INSN(vmovddup, Vqq, Wqq, __, AVX))),
	[0x13] = BY_PREFIX("vmovlps",
		L0("vmovlps", INSN_H(vmovlps, movv, Mq, Vq, __, AVX)),
		L0("vmovlpd", INSN_H(vmovlpd, movv, Mq, Vq, __, AVX)),
		UNDEF,
		UNDEF),
	[0x14] = BY_PREFIX("vunpcklps",
		INSN_H(vunpcklps, vpunpckldq, Vx, Hx, Wx, AVX),
		INSN_H(vunpcklpd, vpunpcklqdq, Vx, Hx, Wx, AVX), UNDEF, UNDEF),
	[0x15] = BY_PREFIX("vunpckhps",
		INSN_H(vunpckhps, vpunpckhdq, Vx, Hx, Wx, AVX),
		INSN_H(vunpckhpd, vpunpckhqdq, Vx, Hx, Wx, AVX), UNDEF, UNDEF),
	[0x16] = BY_PREFIX("vmovhps",
		L0("vmovhps", BY_MOD("vmovhps", INSN_H(vmovhps, vmovh, Vdq, Hq, Mq, AVX),
				     INSN_H(vmovlhps, vmovh, Vdq, Hq, Uq, AVX))),
		L0("vmovhpd", INSN_H(vmovhpd, vmovh, Vdq, Hq, Mq, AVX)),
		INSN(vmovshdup, Vx, Wx, __, AVX),
		UNDEF),
	[0x17] = BY_PREFIX("vmovhps",
		L0("vmovhps", INSN_H(vmovhps, movh_store, Mq, Vdq, __, AVX)),
		L0("vmovhpd", INSN_H(vmovhpd, movh_store, Mq, Vdq, __, AVX)),
		UNDEF,
		UNDEF),
	[0x18 ... 0x27] = UNDEF,
	[0x28] = BY_PREFIX("vmovaps",
		INSN_H(vmovaps, movv, Vx, Wx, __, AVX | F_ALIGN),
		INSN_H(vmovapd, movv, Vx, Wx, __, AVX | F_ALIGN),
		UNDEF,
		UNDEF),
	[0x29] = BY_PREFIX("vmovaps",
		INSN_H(vmovaps, movv, Wx, Vx, __, AVX | F_ALIGN),
		INSN_H(vmovapd, movv, Wx, Vx, __, AVX | F_ALIGN),
		UNDEF,
		UNDEF),
	[0x2a] = BY_PREFIX("vcvtsi2ss",
		UNDEF,
		UNDEF,
		INSN(vcvtsi2ss, Vdq, Hdq, Ey, AVX),
		INSN(vcvtsi2sd, Vdq, Hdq, Ey, AVX)),
	[0x2b] = BY_PREFIX("vmovntps",
		INSN_H(vmovntps, movv, Mx, Vx, __, AVX | F_ALIGN),
		INSN_H(vmovntpd, movv, Mx, Vx, __, AVX | F_ALIGN),
		UNDEF,
		UNDEF),
	[0x2c] = BY_PREFIX("vcvttss2si",
		UNDEF,
		UNDEF,
		INSN(vcvttss2si, Gy, Wd, __, AVX),
		INSN(vcvttsd2si, Gy, Wq, __, AVX)),
	[0x2d] = BY_PREFIX("vcvtss2si",
		UNDEF,
		UNDEF,
		INSN(vcvtss2si, Gy, Wd, __, AVX),
		INSN(vcvtsd2si, Gy, Wq, __, AVX)),
	[0x2e] = BY_PREFIX("vucomiss",
		INSN(vucomiss, Vd, Wd, __, AVX_RO),
		INSN(vucomisd, Vq, Wq, __, AVX_RO), UNDEF, UNDEF),
	[0x2f] = BY_PREFIX("vcomiss",
		INSN(vcomiss, Vd, Wd, __, AVX_RO),
		INSN(vcomisd, Vq, Wq, __, AVX_RO), UNDEF, UNDEF),
	[0x30 ... 0x40] = UNDEF,
	[0x41] = KOP3(kand),
	[0x42] = KOP3(kandn),
	[0x43] = UNDEF,
	[0x44] = KOP2(knot, F_WO, AVX512F, AVX512DQ),
	[0x45] = KOP3(kor),
	[0x46] = KOP3(kxnor),
	[0x47] = KOP3(kxor),
	[0x48 ... 0x49] = UNDEF,
	[0x4a] = BY_PREFIX("kadd",
		L1("kadd", BY_W("kadd", INSN_H(kaddw, kadd, Krw, Khw, Kmw, OPMASK(AVX512DQ)),
				INSN_H(kaddq, kadd, Krq, Khq, Kmq, OPMASK(AVX512BW)))),
		L1("kadd", BY_W("kadd", INSN_H(kaddb, kadd, Krb, Khb, Kmb, OPMASK(AVX512DQ)),
				INSN_H(kaddd, kadd, Krd, Khd, Kmd, OPMASK(AVX512BW)))),
		UNDEF, UNDEF),
	[0x4b] = BY_PREFIX("kunpck",
		L1("kunpck", BY_W("kunpck",
			INSN_H(kunpckwd, kunpck, Krd, Khw, Kmw, OPMASK(AVX512BW)),
			INSN_H(kunpckdq, kunpck, Krq, Khd, Kmd, OPMASK(AVX512BW)))),
		L1("kunpck", W0("kunpck",
			INSN_H(kunpckbw, kunpck, Krw, Khb, Kmb, OPMASK(AVX512F)))),
		UNDEF, UNDEF),
	[0x4c ... 0x4f] = UNDEF,
	[0x50] = BY_PREFIX("vmovmskps",
		INSN(vmovmskps, Gd, Ux, __, AVX),
		INSN(vmovmskpd, Gd, Ux, __, AVX),
		UNDEF,
		UNDEF),
	[0x51] = BY_PREFIX("vsqrtps",
		INSN(vsqrtps, Vx, Wx, __, AVX),
		INSN(vsqrtpd, Vx, Wx, __, AVX),
		INSN(vsqrtss, Vdq, Hdq, Wd, AVX),
		INSN(vsqrtsd, Vdq, Hdq, Wq, AVX)),
	[0x52] = VPS_VSS(vrsqrt),
	[0x53] = VPS_VSS(vrcp),
	[0x54] = VPS_VPD_H(vand, vpand),
	[0x55] = VPS_VPD_H(vandn, vpandn),
	[0x56] = VPS_VPD_H(vor, vpor),
	[0x57] = VPS_VPD_H(vxor, vpxor),
	[0x58] = VPS_VPD_VSS_VSD(vadd),
	[0x59] = VPS_VPD_VSS_VSD(vmul),
	[0x5a] = BY_PREFIX("vcvtps2pd",
		INSN(vcvtps2pd, Vx, Wxh, __, AVX),
		INSN(vcvtpd2ps, Vdq, Wx, __, AVX),
		INSN(vcvtss2sd, Vdq, Hdq, Wd, AVX),
		INSN(vcvtsd2ss, Vdq, Hdq, Wq, AVX)),
	[0x5b] = BY_PREFIX("vcvtdq2ps",
		INSN(vcvtdq2ps, Vx, Wx, __, AVX),
		INSN(vcvtps2dq, Vx, Wx, __, AVX),
		INSN(vcvttps2dq, Vx, Wx, __, AVX),
		UNDEF),
	[0x5c] = VPS_VPD_VSS_VSD(vsub),
	[0x5d] = VPS_VPD_VSS_VSD(vmin),
	[0x5e] = VPS_VPD_VSS_VSD(vdiv),
	[0x5f] = VPS_VPD_VSS_VSD(vmax),
	[0x60] = INTEGER(vpunpcklbw),
	[0x61] = INTEGER(vpunpcklwd),
	[0x62] = INTEGER(vpunpckldq),
	[0x63] = INTEGER(vpacksswb),
	[0x64] = INTEGER(vpcmpgtb),
	[0x65] = INTEGER(vpcmpgtw),
	[0x66] = INTEGER(vpcmpgtd),
	[0x67] = INTEGER(vpackuswb),
	[0x68] = INTEGER(vpunpckhbw),
	[0x69] = INTEGER(vpunpckhwd),
	[0x6a] = INTEGER(vpunpckhdq),
	[0x6b] = INTEGER(vpackssdw),
	[0x6c] = INTEGER(vpunpcklqdq),
	[0x6d] = INTEGER(vpunpckhqdq),
	[0x6e] = ONLY_66("vmovd", L0("vmovd", BY_W64("vmovd",
			INSN_H(vmovd, movv, Vdq, Ed, __, AVX),
			INSN_H(vmovq, movv, Vdq, Eq, __, AVX)))),
	[0x6f] = BY_PREFIX("vmovdqa",
		UNDEF,
		INSN_H(vmovdqa, movv, Vx, Wx, __, AVX | F_ALIGN),
		INSN_H(vmovdqu, movv, Vx, Wx, __, AVX),
		UNDEF),
	[0x70] = BY_PREFIX("vpshufd",
		UNDEF,
		AVX_AVX2(vpshufd, vpshufd, Vx, Wx, Ib, 0),
		AVX_AVX2(vpshufhw, vpshufhw, Vx, Wx, Ib, 0),
		AVX_AVX2(vpshuflw, vpshuflw, Vx, Wx, Ib, 0)),
	[0x71] = GROUP(vex_group12, REG),
	[0x72] = GROUP(vex_group13, REG),
	[0x73] = GROUP(vex_group14, REG),
	[0x74] = INTEGER(vpcmpeqb),
	[0x75] = INTEGER(vpcmpeqw),
	[0x76] = INTEGER(vpcmpeqd),
	[0x77] = NO_PREFIX("vzeroupper", BY_L("vzeroupper",
			INSN(vzeroupper, __, __, __, F_AVX | F_CPUID(AVX)),
			INSN(vzeroall, __, __, __, F_AVX | F_CPUID(AVX)))),
	[0x78 ... 0x7b] = UNDEF,
	[0x7c] = BY_PREFIX("vhaddpd", UNDEF, PACKED(vhaddpd), UNDEF, PACKED(vhaddps)),
	[0x7d] = BY_PREFIX("vhsubpd", UNDEF, PACKED(vhsubpd), UNDEF, PACKED(vhsubps)),
	[0x7e] = BY_PREFIX("vmovd",
		UNDEF,
		L0("vmovd", BY_W64("vmovd", INSN_H(vmovd, movv, Ed, Vd, __, AVX),
				   INSN_H(vmovq, movv, Eq, Vq, __, AVX))),
		L0("vmovq", INSN_H(vmovq, movv, Vdq, Wq, __, AVX)),
		UNDEF),
	[0x7f] = BY_PREFIX("vmovdqa",
		UNDEF,
		INSN_H(vmovdqa, movv, Wx, Vx, __, AVX | F_ALIGN),
		INSN_H(vmovdqu, movv, Wx, Vx, __, AVX),
		UNDEF),
	[0x80 ... 0x8f] = UNDEF,
	[0x90] = KMOV(Krb, KMb, Krw, KMw, Krd, KMd, Krq, KMq),
	[0x91] = KMOV(Mb, Krb, Mw, Krw, Md, Krd, Mq, Krq),
	[0x92] = KMOV_GPR(Krb, Rd, Krw, Rd, Krd, Rd, Krq, Rq),
	[0x93] = KMOV_GPR(Gd, Kmb, Gd, Kmw, Gd, Kmd, Gq, Kmq),
	[0x94 ... 0x97] = UNDEF,
	[0x98] = KOP2(kortest, F_RO, AVX512F, AVX512DQ),
	[0x99] = KOP2(ktest, F_RO, AVX512DQ, AVX512DQ),
	[0x9a ... 0xad] = UNDEF,
	[0xae] = NO_PREFIX("vex.group15", L0("vex.group15", GROUP(vex_group15, REG))),
	[0xaf ... 0xc1] = UNDEF,
	[0xc2] = BY_PREFIX("vcmpps",
		INSN4(vcmpps, Vx, Hx, Wx, Ib, AVX),
		INSN4(vcmppd, Vx, Hx, Wx, Ib, AVX),
		INSN4(vcmpss, Vdq, Hdq, Wd, Ib, AVX),
		INSN4(vcmpsd, Vdq, Hdq, Wq, Ib, AVX)),
	[0xc3] = UNDEF,
	[0xc4] = ONLY_66("vpinsrw", L0("vpinsrw", BY_MOD("vpinsrw",
			INSN4(vpinsrw, Vdq, Hdq, Mw, Ib, AVX),
			INSN4(vpinsrw, Vdq, Hdq, Rd, Ib, AVX)))),
	[0xc5] = ONLY_66("vpextrw", L0("vpextrw", INSN(vpextrw, Gd, Udq, Ib, AVX))),
	[0xc6] = BY_PREFIX("vshufps",
		INSN4(vshufps, Vx, Hx, Wx, Ib, AVX),
		INSN4(vshufpd, Vx, Hx, Wx, Ib, AVX), UNDEF, UNDEF),
	[0xc7 ... 0xcf] = UNDEF,
	[0xd0] = BY_PREFIX("vaddsubpd", UNDEF, PACKED(vaddsubpd), UNDEF, PACKED(vaddsubps)),
	[0xd1] = SHIFT(vpsrlw),
	[0xd2] = SHIFT(vpsrld),
	[0xd3] = SHIFT(vpsrlq),
	[0xd4] = INTEGER(vpaddq),
	[0xd5] = INTEGER(vpmullw),
	[0xd6] = ONLY_66("vmovq", L0("vmovq", BY_MOD("vmovq",
			INSN_H(vmovq, movv, Mq, Vq, __, AVX),
			INSN_H(vmovq, movv, Udq, Vq, __, AVX)))),
	[0xd7] = ONLY_66("vpmovmskb", AVX_AVX2(vpmovmskb, vpmovmskb, Gd, Ux, __, 0)),
	[0xd8] = INTEGER(vpsubusb),
	[0xd9] = INTEGER(vpsubusw),
	[0xda] = INTEGER(vpminub),
	[0xdb] = INTEGER(vpand),
	[0xdc] = INTEGER(vpaddusb),
	[0xdd] = INTEGER(vpaddusw),
	[0xde] = INTEGER(vpmaxub),
	[0xdf] = INTEGER(vpandn),
	[0xe0] = INTEGER(vpavgb),
	[0xe1] = SHIFT(vpsraw),
	[0xe2] = SHIFT(vpsrad),
	[0xe3] = INTEGER(vpavgw),
	[0xe4] = INTEGER(vpmulhuw),
	[0xe5] = INTEGER(vpmulhw),
	[0xe6] = BY_PREFIX("vcvttpd2dq",
		UNDEF,
		INSN(vcvttpd2dq, Vdq, Wx, __, AVX),
		INSN(vcvtdq2pd, Vx, Wxh, __, AVX),
		INSN(vcvtpd2dq, Vdq, Wx, __, AVX)),
	[0xe7] = ONLY_66("vmovntdq", INSN_H(vmovntdq, movv, Mx, Vx, __, AVX | F_ALIGN)),
	[0xe8] = INTEGER(vpsubsb),
	[0xe9] = INTEGER(vpsubsw),
	[0xea] = INTEGER(vpminsw),
	[0xeb] = INTEGER(vpor),
	[0xec] = INTEGER(vpaddsb),
	[0xed] = INTEGER(vpaddsw),
	[0xee] = INTEGER(vpmaxsw),
	[0xef] = INTEGER(vpxor),
	[0xf0] = ONLY_F2("vlddqu", INSN_H(vlddqu, movv, Vx, Mx, __, AVX)),
	[0xf1] = SHIFT(vpsllw),
	[0xf2] = SHIFT(vpslld),
	[0xf3] = SHIFT(vpsllq),
	[0xf4] = INTEGER(vpmuludq),
	[0xf5] = INTEGER(vpmaddwd),
	[0xf6] = INTEGER(vpsadbw),
	[0xf7] = ONLY_66("vmaskmovdqu", L0("vmaskmovdqu",
			INSN(vmaskmovdqu, Vdq, Udq, __, AVX_RO | F_IMPL))),
	[0xf8] = INTEGER(vpsubb),
	[0xf9] = INTEGER(vpsubw),
	[0xfa] = INTEGER(vpsubd),
	[0xfb] = INTEGER(vpsubq),
	[0xfc] = INTEGER(vpaddb),
	[0xfd] = INTEGER(vpaddw),
	[0xfe] = INTEGER(vpaddd),
	[0xff] = UNDEF,
};

static const struct opcode vex_0f38[256] = {
	[0x00] = INTEGER(vpshufb),
	[0x01] = INTEGER(vphaddw),
	[0x02] = INTEGER(vphaddd),
	[0x03] = INTEGER(vphaddsw),
	[0x04] = INTEGER(vpmaddubsw),
	[0x05] = INTEGER(vphsubw),
	[0x06] = INTEGER(vphsubd),
	[0x07] = INTEGER(vphsubsw),
	[0x08] = INTEGER(vpsignb),
	[0x09] = INTEGER(vpsignw),
	[0x0a] = INTEGER(vpsignd),
	[0x0b] = INTEGER(vpmulhrsw),
	[0x0c] = ONLY_66("vpermilps", W0("vpermilps", PACKED(vpermilps))),
	[0x0d] = ONLY_66("vpermilpd", W0("vpermilpd", PACKED(vpermilpd))),
	[0x0e] = ONLY_66("vtestps", W0("vtestps", INSN(vtestps, Vx, Wx, __, AVX_RO))),
	[0x0f] = ONLY_66("vtestpd", W0("vtestpd", INSN(vtestpd, Vx, Wx, __, AVX_RO))),
	[0x10 ... 0x12] = UNDEF,
	[0x13] = ONLY_66("vcvtph2ps", W0("vcvtph2ps",
			INSN(vcvtph2ps, Vx, Wxh, __, F_AVX | F_WO | F_CPUID(F16C)))),
	[0x14 ... 0x15] = UNDEF,
	[0x16] = ONLY_66("vpermps", L1("vpermps", W0("vpermps",
			INSN_H(vpermps, vpermd, Vqq, Hqq, Wqq, AVX2)))),
	[0x17] = ONLY_66("vptest", INSN(vptest, Vx, Wx, __, AVX_RO)),
	[0x18] = ONLY_66("vbroadcastss", W0("vbroadcastss",
			MEMORY_AVX(vbroadcastss, vbroadcast, Vx, Md, Ud))),
	[0x19] = ONLY_66("vbroadcastsd", L1("vbroadcastsd", W0("vbroadcastsd",
			MEMORY_AVX(vbroadcastsd, vbroadcast, Vqq, Mq, Uq)))),
	[0x1a] = ONLY_66("vbroadcastf128", L1("vbroadcastf128", W0("vbroadcastf128",
			INSN_H(vbroadcastf128, vbroadcast, Vqq, Mdq, __, AVX)))),
	[0x1b] = UNDEF,
	[0x1c] = INTEGER_UNARY(vpabsb, Wx),
	[0x1d] = INTEGER_UNARY(vpabsw, Wx),
	[0x1e] = INTEGER_UNARY(vpabsd, Wx),
	[0x1f] = UNDEF,
	[0x20] = INTEGER_UNARY(vpmovsxbw, Wxh),
	[0x21] = INTEGER_UNARY(vpmovsxbd, Wxq),
	[0x22] = INTEGER_UNARY(vpmovsxbq, Wxe),
	[0x23] = INTEGER_UNARY(vpmovsxwd, Wxh),
	[0x24] = INTEGER_UNARY(vpmovsxwq, Wxq),
	[0x25] = INTEGER_UNARY(vpmovsxdq, Wxh),
	[0x26 ... 0x27] = UNDEF,
	[0x28] = INTEGER(vpmuldq),
	[0x29] = INTEGER(vpcmpeqq),
	[0x2a] = ONLY_66("vmovntdqa", AVX_AVX2(vmovntdqa, movv, Vx, Mx, __, F_ALIGN)),
	[0x2b] = INTEGER(vpackusdw),
	[0x2c] = ONLY_66("vmaskmovps", W0("vmaskmovps",
			INSN_H(vmaskmovps, vmaskmov, Vx, Hx, Mx, AVX | F_SIGNS_D))),
	[0x2d] = ONLY_66("vmaskmovpd", W0("vmaskmovpd",
			INSN_H(vmaskmovpd, vmaskmov, Vx, Hx, Mx, AVX | F_SIGNS_Q))),
	[0x2e] = ONLY_66("vmaskmovps", W0("vmaskmovps",
			INSN_H(vmaskmovps, vmaskmov, Mx, Hx, Vx, AVX | F_SIGNS_D))),
	[0x2f] = ONLY_66("vmaskmovpd", W0("vmaskmovpd",
			INSN_H(vmaskmovpd, vmaskmov, Mx, Hx, Vx, AVX | F_SIGNS_Q))),
	[0x30] = INTEGER_UNARY(vpmovzxbw, Wxh),
	[0x31] = INTEGER_UNARY(vpmovzxbd, Wxq),
	[0x32] = INTEGER_UNARY(vpmovzxbq, Wxe),
	[0x33] = INTEGER_UNARY(vpmovzxwd, Wxh),
	[0x34] = INTEGER_UNARY(vpmovzxwq, Wxq),
	[0x35] = INTEGER_UNARY(vpmovzxdq, Wxh),
	[0x36] = ONLY_66("vpermd", L1("vpermd", W0("vpermd",
			INSN(vpermd, Vqq, Hqq, Wqq, AVX2)))),
	[0x37] = INTEGER(vpcmpgtq),
	[0x38] = INTEGER(vpminsb),
	[0x39] = INTEGER(vpminsd),
	[0x3a] = INTEGER(vpminuw),
	[0x3b] = INTEGER(vpminud),
	[0x3c] = INTEGER(vpmaxsb),
	[0x3d] = INTEGER(vpmaxsd),
	[0x3e] = INTEGER(vpmaxuw),
	[0x3f] = INTEGER(vpmaxud),
	[0x40] = INTEGER(vpmulld),
	[0x41] = ONLY_66("vphminposuw", L0("vphminposuw",
			INSN(vphminposuw, Vdq, Wdq, __, AVX))),
	[0x42 ... 0x44] = UNDEF,
	[0x45] = ONLY_66("vpsrlvd", BY_W("vpsrlvd", INSN(vpsrlvd, Vx, Hx, Wx, AVX2),
			INSN(vpsrlvq, Vx, Hx, Wx, AVX2))),
	[0x46] = ONLY_66("vpsravd", W0("vpsravd", INSN(vpsravd, Vx, Hx, Wx, AVX2))),
	[0x47] = ONLY_66("vpsllvd", BY_W("vpsllvd", INSN(vpsllvd, Vx, Hx, Wx, AVX2),
			INSN(vpsllvq, Vx, Hx, Wx, AVX2))),
	[0x48 ... 0x4f] = OPAQUE("vex.0f38"),	/* 49, 4B: AMX */
	[0x50] = VNNI(vpdpbusd),
	[0x51] = VNNI(vpdpbusds),
	[0x52] = VNNI(vpdpwssd),
	[0x53] = VNNI(vpdpwssds),
	[0x54 ... 0x57] = UNDEF,
	[0x58] = ONLY_66("vpbroadcastd", W0("vpbroadcastd",
			INSN_H(vpbroadcastd, vbroadcast, Vx, Wd, __, AVX2))),
	[0x59] = ONLY_66("vpbroadcastq", W0("vpbroadcastq",
			INSN_H(vpbroadcastq, vbroadcast, Vx, Wq, __, AVX2))),
	[0x5a] = ONLY_66("vbroadcasti128", L1("vbroadcasti128", W0("vbroadcasti128",
			INSN_H(vbroadcasti128, vbroadcast, Vqq, Mdq, __, AVX2)))),
	[0x5b ... 0x77] = OPAQUE("vex.0f38"),	/* 5C, 5E: AMX; 72: AVX-NE-CONVERT */
	[0x78] = ONLY_66("vpbroadcastb", W0("vpbroadcastb",
			INSN_H(vpbroadcastb, vbroadcast, Vx, Wb, __, AVX2))),
	[0x79] = ONLY_66("vpbroadcastw", W0("vpbroadcastw",
			INSN_H(vpbroadcastw, vbroadcast, Vx, Ww, __, AVX2))),
	[0x7a ... 0x8b] = UNDEF,
	[0x8c] = ONLY_66("vpmaskmovd", BY_W("vpmaskmovd",
			INSN_H(vpmaskmovd, vmaskmov, Vx, Hx, Mx, AVX2 | F_SIGNS_D),
			INSN_H(vpmaskmovq, vmaskmov, Vx, Hx, Mx, AVX2 | F_SIGNS_Q))),
	[0x8d] = UNDEF,
	[0x8e] = ONLY_66("vpmaskmovd", BY_W("vpmaskmovd",
			INSN_H(vpmaskmovd, vmaskmov, Mx, Hx, Vx, AVX2 | F_SIGNS_D),
			INSN_H(vpmaskmovq, vmaskmov, Mx, Hx, Vx, AVX2 | F_SIGNS_Q))),
	[0x8f] = UNDEF,
	[0x90] = GATHER_D(vpgatherdd, vpgatherdq),
	[0x91] = GATHER_Q(vpgatherqd, vpgatherqq),
	[0x92] = GATHER_D(vgatherdps, vgatherdpd),
	[0x93] = GATHER_Q(vgatherqps, vgatherqpd),
	[0x94 ... 0x95] = UNDEF,
	FMA_BLOCK(0x90, 132),
	[0xa0 ... 0xa5] = UNDEF,
	FMA_BLOCK(0xa0, 213),
	[0xb0 ... 0xb5] = OPAQUE("vex.0f38"),	/* AVX-NE-CONVERT, AVX-IFMA */
	FMA_BLOCK(0xb0, 231),
	[0xc0 ... 0xca] = UNDEF,
	[0xcb ... 0xcd] = OPAQUE("vex.0f38"),	/* SHA512 */
	[0xce] = UNDEF,
	[0xcf] = ONLY_66("vgf2p8mulb", W0("vgf2p8mulb",
			INSN(vgf2p8mulb, Vx, Hx, Wx, F_AVX | F_WO | F_CPUID(GFNI)))),
	[0xd0 ... 0xda] = OPAQUE("vex.0f38"),	/* AVX-VNNI-INT16, SM3, SM4 */
	[0xdb] = ONLY_66("vaesimc", L0("vaesimc",
			INSN(vaesimc, Vdq, Wdq, __, F_AVX | F_WO | F_CPUID(AES)))),
	[0xdc] = CRYPTO(vaesenc, AES, VAES),
	[0xdd] = CRYPTO(vaesenclast, AES, VAES),
	[0xde] = CRYPTO(vaesdec, AES, VAES),
	[0xdf] = CRYPTO(vaesdeclast, AES, VAES),
	[0xe0 ... 0xef] = OPAQUE("vex.0f38"),	/* CMPccXADD */
	[0xf0 ... 0xf1] = UNDEF,
	[0xf2] = NO_PREFIX("andn", L0("andn", INSN(andn, Gy, By, Ey, BMI1))),
	[0xf3] = NO_PREFIX("vex.group17", L0("vex.group17", GROUP(vex_group17, REG))),
	[0xf4] = UNDEF,
	[0xf5] = BY_PREFIX("bzhi",
		L0("bzhi", INSN(bzhi, Gy, Ey, By, BMI2)),
		UNDEF,
		L0("pext", INSN(pext, Gy, By, Ey, BMI2)),
		L0("pdep", INSN(pdep, Gy, By, Ey, BMI2))),
	[0xf6] = ONLY_F2("mulx", L0("mulx", INSN(mulx, Gy, By, Ey, BMI2))),
	[0xf7] = BY_PREFIX("bextr",
		L0("bextr", INSN(bextr, Gy, Ey, By, BMI1)),
		L0("shlx", INSN(shlx, Gy, Ey, By, BMI2)),
		L0("sarx", INSN(sarx, Gy, Ey, By, BMI2)),
		L0("shrx", INSN(shrx, Gy, Ey, By, BMI2))),
	[0xf8 ... 0xff] = UNDEF,
};

/* A byte or word of a general register: its 4 bytes are read, and all of it is written. */
#define PEXTR(mnem, mem)							\
	BY_MOD(#mnem, INSN(mnem, mem, Vdq, Ib, AVX), INSN(mnem, Rd, Vdq, Ib, AVX))

#define STRINGS(mnem)	ONLY_66(#mnem, L0(#mnem, INSN(mnem, Vdq, Wdq, Ib, AVX_RO)))
#define AFFINE(mnem)								\
	ONLY_66(#mnem, W1(#mnem, INSN4(mnem, Vx, Hx, Wx, Ib, F_AVX | F_WO | F_CPUID(GFNI))))

static const struct opcode vex_0f3a[256] = {
	[0x00] = ONLY_66("vpermq", L1("vpermq", W1("vpermq",
			INSN(vpermq, Vqq, Wqq, Ib, AVX2)))),
	[0x01] = ONLY_66("vpermpd", L1("vpermpd", W1("vpermpd",
			INSN_H(vpermpd, vpermq, Vqq, Wqq, Ib, AVX2)))),
	[0x02] = ONLY_66("vpblendd", W0("vpblendd",
			INSN4_H(vpblendd, vblendps, Vx, Hx, Wx, Ib, AVX2))),
	[0x03] = UNDEF,
	[0x04] = ONLY_66("vpermilps", W0("vpermilps",
			INSN_H(vpermilps, vpshufd, Vx, Wx, Ib, AVX))),
	[0x05] = ONLY_66("vpermilpd", W0("vpermilpd",
			INSN_H(vpermilpd, vpermilpd_imm, Vx, Wx, Ib, AVX))),
	[0x06] = ONLY_66("vperm2f128", L1("vperm2f128", W0("vperm2f128",
			INSN4(vperm2f128, Vqq, Hqq, Wqq, Ib, AVX)))),
	[0x07] = UNDEF,
	[0x08] = ONLY_66("vroundps", INSN(vroundps, Vx, Wx, Ib, AVX)),
	[0x09] = ONLY_66("vroundpd", INSN(vroundpd, Vx, Wx, Ib, AVX)),
	[0x0a] = ONLY_66("vroundss", INSN4(vroundss, Vdq, Hdq, Wd, Ib, AVX)),
	[0x0b] = ONLY_66("vroundsd", INSN4(vroundsd, Vdq, Hdq, Wq, Ib, AVX)),
	[0x0c] = ONLY_66("vblendps", INSN4(vblendps, Vx, Hx, Wx, Ib, AVX)),
	[0x0d] = ONLY_66("vblendpd", INSN4(vblendpd, Vx, Hx, Wx, Ib, AVX)),
	[0x0e] = INTEGER_IB(vpblendw),
	[0x0f] = INTEGER_IB(vpalignr),
	[0x10 ... 0x13] = UNDEF,
	[0x14] = ONLY_66("vpextrb", L0("vpextrb", PEXTR(vpextrb, Mb))),
	[0x15] = ONLY_66("vpextrw", L0("vpextrw", PEXTR(vpextrw, Mw))),
	[0x16] = ONLY_66("vpextrd", L0("vpextrd", BY_W64("vpextrd",
			INSN(vpextrd, Ed, Vdq, Ib, AVX),
			INSN(vpextrq, Eq, Vdq, Ib, AVX)))),
	[0x17] = ONLY_66("vextractps", L0("vextractps",
			INSN(vextractps, Ed, Vdq, Ib, AVX))),
	[0x18] = ONLY_66("vinsertf128", L1("vinsertf128", W0("vinsertf128",
			INSN4_H(vinsertf128, vinsert, Vqq, Hqq, Wdq, Ib, AVX)))),
	[0x19] = ONLY_66("vextractf128", L1("vextractf128", W0("vextractf128",
			INSN_H(vextractf128, vextract, Wdq, Vqq, Ib, AVX)))),
	[0x1a ... 0x1c] = UNDEF,
	[0x1d] = ONLY_66("vcvtps2ph", W0("vcvtps2ph",
			INSN(vcvtps2ph, Wxh, Vx, Ib, F_AVX | F_WO | F_CPUID(F16C)))),
	[0x1e ... 0x1f] = UNDEF,
	[0x20] = ONLY_66("vpinsrb", L0("vpinsrb", BY_MOD("vpinsrb",
			INSN4(vpinsrb, Vdq, Hdq, Mb, Ib, AVX),
			INSN4(vpinsrb, Vdq, Hdq, Rd, Ib, AVX)))),
	[0x21] = ONLY_66("vinsertps", L0("vinsertps", BY_MOD("vinsertps",
			INSN4(vinsertps, Vdq, Hdq, Md, Ib, AVX),
			INSN4(vinsertps, Vdq, Hdq, Udq, Ib, AVX)))),
	[0x22] = ONLY_66("vpinsrd", L0("vpinsrd", BY_W64("vpinsrd",
			INSN4(vpinsrd, Vdq, Hdq, Ed, Ib, AVX),
			INSN4(vpinsrq, Vdq, Hdq, Eq, Ib, AVX)))),
	[0x23 ... 0x2f] = UNDEF,
	[0x30] = KSHIFT(kshiftr, b, Krb, Kmb, AVX512DQ, w, Krw, Kmw, AVX512F),
	[0x31] = KSHIFT(kshiftr, d, Krd, Kmd, AVX512BW, q, Krq, Kmq, AVX512BW),
	[0x32] = KSHIFT(kshiftl, b, Krb, Kmb, AVX512DQ, w, Krw, Kmw, AVX512F),
	[0x33] = KSHIFT(kshiftl, d, Krd, Kmd, AVX512BW, q, Krq, Kmq, AVX512BW),
	[0x34 ... 0x37] = UNDEF,
	[0x38] = ONLY_66("vinserti128", L1("vinserti128", W0("vinserti128",
			INSN4_H(vinserti128, vinsert, Vqq, Hqq, Wdq, Ib, AVX2)))),
	[0x39] = ONLY_66("vextracti128", L1("vextracti128", W0("vextracti128",
			INSN_H(vextracti128, vextract, Wdq, Vqq, Ib, AVX2)))),
	[0x3a ... 0x3f] = UNDEF,
	[0x40] = ONLY_66("vdpps", INSN4(vdpps, Vx, Hx, Wx, Ib, AVX)),
	[0x41] = ONLY_66("vdppd", L0("vdppd", INSN4(vdppd, Vdq, Hdq, Wdq, Ib, AVX))),
	[0x42] = INTEGER_IB(vmpsadbw),
	[0x43] = UNDEF,
	[0x44] = ONLY_66("vpclmulqdq", BY_L("vpclmulqdq",
			INSN4(vpclmulqdq, Vx, Hx, Wx, Ib, F_AVX | F_WO | F_CPUID(PCLMULQDQ)),
			INSN4(vpclmulqdq, Vx, Hx, Wx, Ib, F_AVX | F_WO | F_CPUID(VPCLMULQDQ)))),
	[0x45] = UNDEF,
	[0x46] = ONLY_66("vperm2i128", L1("vperm2i128", W0("vperm2i128",
			INSN4_H(vperm2i128, vperm2f128, Vqq, Hqq, Wqq, Ib, AVX2)))),
	[0x47 ... 0x49] = OPAQUE_IB("vex.0f3a"),	/* XOP's VPERMIL2PS */
	[0x4a] = ONLY_66("vblendvps", W0("vblendvps", INSN4(vblendvps, Vx, Hx, Wx, Lx, AVX))),
	[0x4b] = ONLY_66("vblendvpd", W0("vblendvpd", INSN4(vblendvpd, Vx, Hx, Wx, Lx, AVX))),
	[0x4c] = ONLY_66("vpblendvb", W0("vpblendvb", BY_L("vpblendvb",
			INSN4(vpblendvb, Vx, Hx, Wx, Lx, AVX),
			INSN4(vpblendvb, Vx, Hx, Wx, Lx, AVX2)))),
	[0x4d ... 0x5b] = UNDEF,
	[0x5c ... 0x5f] = OPAQUE_IB("vex.0f3a"),	/* FMA4 */
	[0x60] = STRINGS(vpcmpestrm),
	[0x61] = STRINGS(vpcmpestri),
	[0x62] = STRINGS(vpcmpistrm),
	[0x63] = STRINGS(vpcmpistri),
	[0x64 ... 0x67] = UNDEF,
	[0x68 ... 0x7f] = OPAQUE_IB("vex.0f3a"),	/* FMA4 */
	[0x80 ... 0xcd] = UNDEF,
	[0xce] = AFFINE(vgf2p8affineqb),
	[0xcf] = AFFINE(vgf2p8affineinvqb),
	[0xd0 ... 0xdd] = UNDEF,
	[0xde] = OPAQUE_IB("vex.0f3a"),	/* SM3 */
	[0xdf] = ONLY_66("vaeskeygenassist", L0("vaeskeygenassist",
			INSN(vaeskeygenassist, Vdq, Wdq, Ib, F_AVX | F_WO | F_CPUID(AES)))),
	[0xe0 ... 0xef] = UNDEF,
	[0xf0] = ONLY_F2("rorx", L0("rorx", INSN(rorx, Gy, Ey, Ib, BMI2))),
	[0xf1 ... 0xff] = UNDEF,
};

const struct opcode *vex_table(unsigned int mmmmm, u8 *map)
{
	switch (mmmmm) {
	case 1:
		*map = MAP_VEX_0F;
		return vex_0f;
	case 2:
		*map = MAP_VEX_0F38;
		return vex_0f38;
	case 3:
		*map = MAP_VEX_0F3A;
		return vex_0f3a;
	default:
		return NULL;
	}
}
