// SPDX-License-Identifier: GPL-2.0-only
/*
 * The maps of VEX. Where a row has no selector by L or W the bit is ignored; where
 * it has no vvvv operand vvvv must be 1111b.
 */
#include "emulate/opcode_table.h"

#define AVX	(F_AVX | F_WO | F_CPUID(AVX))
#define AVX2	(F_AVX | F_WO | F_CPUID(AVX2))
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

static const struct opcode vex_group15[8] = {
	UNDEF, UNDEF,
	KNOWN(vldmxcsr, Md, __, __, F_AVX | F_CPUID(AVX)),
	KNOWN(vstmxcsr, Md, __, __, AVX),
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
	[0x14 ... 0x15] = OPAQUE("vex.0f"),
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
	[0x2a] = OPAQUE("vex.0f"),
	[0x2b] = BY_PREFIX("vmovntps",
		INSN_H(vmovntps, movv, Mx, Vx, __, AVX | F_ALIGN),
		INSN_H(vmovntpd, movv, Mx, Vx, __, AVX | F_ALIGN),
		UNDEF,
		UNDEF),
	[0x2c ... 0x2f] = OPAQUE("vex.0f"),
	[0x30 ... 0x40] = UNDEF,
	[0x41 ... 0x4b] = OPAQUE("vex.0f"),
	[0x4c ... 0x4f] = UNDEF,
	[0x50] = BY_PREFIX("vmovmskps",
		INSN(vmovmskps, Gd, Ux, __, AVX),
		INSN(vmovmskpd, Gd, Ux, __, AVX),
		UNDEF,
		UNDEF),
	[0x51 ... 0x6d] = OPAQUE("vex.0f"),
	[0x6e] = ONLY_66("vmovd", L0("vmovd", BY_W64("vmovd",
			INSN_H(vmovd, movv, Vdq, Ed, __, AVX),
			INSN_H(vmovq, movv, Vdq, Eq, __, AVX)))),
	[0x6f] = BY_PREFIX("vmovdqa",
		UNDEF,
		INSN_H(vmovdqa, movv, Vx, Wx, __, AVX | F_ALIGN),
		INSN_H(vmovdqu, movv, Vx, Wx, __, AVX),
		UNDEF),
	[0x70 ... 0x73] = OPAQUE_IB("vex.0f"),
	[0x74 ... 0x76] = OPAQUE("vex.0f"),
	[0x77] = NO_PREFIX("vzeroupper", BY_L("vzeroupper",
			INSN(vzeroupper, __, __, __, F_AVX | F_CPUID(AVX)),
			INSN(vzeroall, __, __, __, F_AVX | F_CPUID(AVX)))),
	[0x78 ... 0x7b] = UNDEF,
	[0x7c ... 0x7d] = OPAQUE("vex.0f"),
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
	[0x90 ... 0x93] = OPAQUE("vex.0f"),
	[0x94 ... 0x97] = UNDEF,
	[0x98 ... 0x99] = OPAQUE("vex.0f"),
	[0x9a ... 0xad] = UNDEF,
	[0xae] = NO_PREFIX("vex.group15", L0("vex.group15", GROUP(vex_group15, REG))),
	[0xaf ... 0xc1] = UNDEF,
	[0xc2] = OPAQUE_IB("vex.0f"),
	[0xc3] = UNDEF,
	[0xc4] = ONLY_66("vpinsrw", L0("vpinsrw", BY_MOD("vpinsrw",
			INSN4(vpinsrw, Vdq, Hdq, Mw, Ib, AVX),
			INSN4(vpinsrw, Vdq, Hdq, Rd, Ib, AVX)))),
	[0xc5] = ONLY_66("vpextrw", L0("vpextrw", INSN(vpextrw, Gd, Udq, Ib, AVX))),
	[0xc6] = OPAQUE_IB("vex.0f"),
	[0xc7 ... 0xcf] = UNDEF,
	[0xd0 ... 0xd5] = OPAQUE("vex.0f"),
	[0xd6] = ONLY_66("vmovq", L0("vmovq", BY_MOD("vmovq",
			INSN_H(vmovq, movv, Mq, Vq, __, AVX),
			INSN_H(vmovq, movv, Udq, Vq, __, AVX)))),
	[0xd7] = ONLY_66("vpmovmskb", AVX_AVX2(vpmovmskb, vpmovmskb, Gd, Ux, __, 0)),
	[0xd8 ... 0xe6] = OPAQUE("vex.0f"),
	[0xe7] = ONLY_66("vmovntdq", INSN_H(vmovntdq, movv, Mx, Vx, __, AVX | F_ALIGN)),
	[0xe8 ... 0xef] = OPAQUE("vex.0f"),
	[0xf0] = ONLY_F2("vlddqu", INSN_H(vlddqu, movv, Vx, Mx, __, AVX)),
	[0xf1 ... 0xff] = OPAQUE("vex.0f"),
};

static const struct opcode vex_0f38[256] = {
	[0x00 ... 0x17] = OPAQUE("vex.0f38"),
	[0x18] = ONLY_66("vbroadcastss", W0("vbroadcastss",
			MEMORY_AVX(vbroadcastss, vbroadcast, Vx, Md, Ud))),
	[0x19] = ONLY_66("vbroadcastsd", L1("vbroadcastsd", W0("vbroadcastsd",
			MEMORY_AVX(vbroadcastsd, vbroadcast, Vqq, Mq, Uq)))),
	[0x1a] = ONLY_66("vbroadcastf128", L1("vbroadcastf128", W0("vbroadcastf128",
			INSN_H(vbroadcastf128, vbroadcast, Vqq, Mdq, __, AVX)))),
	[0x1b ... 0x29] = OPAQUE("vex.0f38"),
	[0x2a] = ONLY_66("vmovntdqa", AVX_AVX2(vmovntdqa, movv, Vx, Mx, __, F_ALIGN)),
	[0x2b] = OPAQUE("vex.0f38"),
	[0x2c] = ONLY_66("vmaskmovps", W0("vmaskmovps",
			INSN_H(vmaskmovps, vmaskmov, Vx, Hx, Mx, AVX | F_SIGNS_D))),
	[0x2d] = ONLY_66("vmaskmovpd", W0("vmaskmovpd",
			INSN_H(vmaskmovpd, vmaskmov, Vx, Hx, Mx, AVX | F_SIGNS_Q))),
	[0x2e] = ONLY_66("vmaskmovps", W0("vmaskmovps",
			INSN_H(vmaskmovps, vmaskmov, Mx, Hx, Vx, AVX | F_SIGNS_D))),
	[0x2f] = ONLY_66("vmaskmovpd", W0("vmaskmovpd",
			INSN_H(vmaskmovpd, vmaskmov, Mx, Hx, Vx, AVX | F_SIGNS_Q))),
	[0x30 ... 0x57] = OPAQUE("vex.0f38"),
	[0x58] = ONLY_66("vpbroadcastd", W0("vpbroadcastd",
			INSN_H(vpbroadcastd, vbroadcast, Vx, Wd, __, AVX2))),
	[0x59] = ONLY_66("vpbroadcastq", W0("vpbroadcastq",
			INSN_H(vpbroadcastq, vbroadcast, Vx, Wq, __, AVX2))),
	[0x5a] = ONLY_66("vbroadcasti128", L1("vbroadcasti128", W0("vbroadcasti128",
			INSN_H(vbroadcasti128, vbroadcast, Vqq, Mdq, __, AVX2)))),
	[0x5b ... 0x77] = OPAQUE("vex.0f38"),
	[0x78] = ONLY_66("vpbroadcastb", W0("vpbroadcastb",
			INSN_H(vpbroadcastb, vbroadcast, Vx, Wb, __, AVX2))),
	[0x79] = ONLY_66("vpbroadcastw", W0("vpbroadcastw",
			INSN_H(vpbroadcastw, vbroadcast, Vx, Ww, __, AVX2))),
	[0x7a ... 0x8b] = OPAQUE("vex.0f38"),
	[0x8c] = ONLY_66("vpmaskmovd", BY_W("vpmaskmovd",
			INSN_H(vpmaskmovd, vmaskmov, Vx, Hx, Mx, AVX2 | F_SIGNS_D),
			INSN_H(vpmaskmovq, vmaskmov, Vx, Hx, Mx, AVX2 | F_SIGNS_Q))),
	[0x8d] = OPAQUE("vex.0f38"),
	[0x8e] = ONLY_66("vpmaskmovd", BY_W("vpmaskmovd",
			INSN_H(vpmaskmovd, vmaskmov, Mx, Hx, Vx, AVX2 | F_SIGNS_D),
			INSN_H(vpmaskmovq, vmaskmov, Mx, Hx, Vx, AVX2 | F_SIGNS_Q))),
	[0x8f ... 0xf1] = OPAQUE("vex.0f38"),
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

static const struct opcode vex_0f3a[256] = {
	[0x00 ... 0x13] = OPAQUE_IB("vex.0f3a"),
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
	[0x1a ... 0x1f] = OPAQUE_IB("vex.0f3a"),
	[0x20] = ONLY_66("vpinsrb", L0("vpinsrb", BY_MOD("vpinsrb",
			INSN4(vpinsrb, Vdq, Hdq, Mb, Ib, AVX),
			INSN4(vpinsrb, Vdq, Hdq, Rd, Ib, AVX)))),
	[0x21] = OPAQUE_IB("vex.0f3a"),
	[0x22] = ONLY_66("vpinsrd", L0("vpinsrd", BY_W64("vpinsrd",
			INSN4(vpinsrd, Vdq, Hdq, Ed, Ib, AVX),
			INSN4(vpinsrq, Vdq, Hdq, Eq, Ib, AVX)))),
	[0x23 ... 0x37] = OPAQUE_IB("vex.0f3a"),
	[0x38] = ONLY_66("vinserti128", L1("vinserti128", W0("vinserti128",
			INSN4_H(vinserti128, vinsert, Vqq, Hqq, Wdq, Ib, AVX2)))),
	[0x39] = ONLY_66("vextracti128", L1("vextracti128", W0("vextracti128",
			INSN_H(vextracti128, vextract, Wdq, Vqq, Ib, AVX2)))),
	[0x3a ... 0xef] = OPAQUE_IB("vex.0f3a"),
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
