/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The operand codes: the manual's letters. Lower case gives the size: b 1, w 2,
 * d 4, q 8, v operand size, z operand size but at most 4, y 4 or 8 by REX.W,
 * dq 16, qq 32, dqq 64, a the address size, x the vector length, xh, xq, xe its
 * half, quarter and eighth.
 */
#ifndef KVM_X86_EMULATE_OPERANDS_H
#define KVM_X86_EMULATE_OPERANDS_H

#include <linux/types.h>
#include <linux/bits.h>

/* Where an operand is once decoded. */
enum op_type {
	OP_NONE, OP_REG, OP_MEM, OP_IMM, OP_SREG, OP_CREG, OP_DREG, OP_VEC, OP_MMX,
	OP_KREG,	/* opmask */
	OP_ST,		/* x87 stack: @reg from its top; neither loaded nor stored */
};

/* Properties of operands; rows carry those of all theirs. */
#define OPF_MODRM	BIT(0)	/* needs ModRM */
#define OPF_RM		BIT(1)	/* is ModRM.rm */
#define OPF_MEM		BIT(2)	/* may be memory that is accessed */
#define OPF_REGONLY	BIT(3)	/* ModRM.mod must be 3 */
#define OPF_MEMONLY	BIT(4)	/* ModRM.mod must not be 3 */
#define OPF_IMM		BIT(5)	/* bytes follow in the instruction */
#define OPF_NOMOD	BIT(6)	/* a register whatever ModRM.mod says (CR, DR moves) */
#define OPF_VVVV	BIT(7)	/* is VEX.vvvv */

/* Sizes that depend on the instruction, in operand_info.size. */
enum operand_size {
	OPSZ_V = 0x80,	/* operand size */
	OPSZ_Z,		/* operand size, at most 4 */
	OPSZ_Y,		/* 4, or 8 with REX.W */
	OPSZ_NATIVE,	/* 8 in 64-bit mode, else 4 */
	OPSZ_A,		/* address size */
	OPSZ_X,		/* 16, 32 or 64 by the vector length */
	OPSZ_XH,	/* half, */
	OPSZ_XQ,	/* a quarter, */
	OPSZ_XE,	/* an eighth of that */
	OPSZ_ELEM,	/* 4, or 8 with VEX.W */
	OPSZ_ENV,	/* x87 environment: 14, or 28 with 4-byte operands */
	OPSZ_P,		/* far pointer: operand size and 2 */
	OPSZ_S,		/* descriptor-table pointer: 2 and 4, or 8 in 64-bit mode */
};

/* Where an operand is found; @arg of operand_info completes it. */
enum operand_kind {
	OPK_NONE,
	OPK_RM,		/* ModRM.rm; @arg: enum op_type of a register */
	OPK_RMBIT,	/* the same; memory is at the bit that ModRM.reg numbers */
	OPK_RMPOP,	/* the same; rSP as a base counts after the increment */
	OPK_RREG,	/* the register ModRM.rm names, whatever mod */
	OPK_REG,	/* ModRM.reg; @arg: enum op_type */
	OPK_LOW3,	/* register in the opcode's low three bits */
	OPK_FIXED,	/* @arg: register number */
	OPK_SEG,	/* @arg: segment register */
	OPK_IMM,	/* immediate, zero-extended */
	OPK_IMMS,	/* immediate, sign-extended */
	OPK_ONE,
	OPK_OFFSET,	/* memory at an offset in the instruction */
	OPK_SI, OPK_DI,	/* string operands */
	OPK_XLAT,
	OPK_FAR,	/* far pointer in the instruction */
	OPK_VVVV,	/* VEX.vvvv; @arg: enum op_type */
	OPK_IS4,	/* vector register in bits 7:4 of an immediate byte */
	OPK_VSIB,	/* memory with a vector as index, of doublewords or, with @arg, quadwords */
	OPK_ST0,	/* top of the x87 stack */
};

#define OPF_E	(OPF_MODRM | OPF_RM | OPF_MEM)
#define OPF_EN	(OPF_MODRM | OPF_RM)
#define OPF_R	(OPF_MODRM | OPF_RM | OPF_REGONLY)
#define OPF_M	(OPF_MODRM | OPF_RM | OPF_MEM | OPF_MEMONLY)
#define OPF_LEA	(OPF_MODRM | OPF_RM | OPF_MEMONLY)

/* X(code, size, properties, kind, argument) */
#define OPERAND_CODES(X)							\
	/* ModRM.rm: register or memory */					\
	X(Eb, 1, OPF_E, RM, OP_REG)						\
	X(Ew, 2, OPF_E, RM, OP_REG)						\
	X(Ed, 4, OPF_E, RM, OP_REG)						\
	X(Eq, 8, OPF_E, RM, OP_REG)						\
	X(Ev, OPSZ_V, OPF_E, RM, OP_REG)					\
	X(Ey, OPSZ_Y, OPF_E, RM, OP_REG)					\
	/* ModRM.reg: general register */					\
	X(Gb, 1, OPF_MODRM, REG, OP_REG)					\
	X(Gw, 2, OPF_MODRM, REG, OP_REG)					\
	X(Gd, 4, OPF_MODRM, REG, OP_REG)					\
	X(Gq, 8, OPF_MODRM, REG, OP_REG)					\
	X(Gv, OPSZ_V, OPF_MODRM, REG, OP_REG)					\
	X(Gy, OPSZ_Y, OPF_MODRM, REG, OP_REG)					\
	/* the same of the address size: an address in ES */			\
	X(Ga, OPSZ_A, OPF_MODRM, REG, OP_REG)					\
	/* VEX.vvvv: general register */					\
	X(By, OPSZ_Y, OPF_VVVV, VVVV, OP_REG)					\
	/* Ev; in memory a bit string, indexed by ModRM.reg (BT) */		\
	X(EvG, OPSZ_V, OPF_E, RMBIT, OP_REG)					\
	/* Ev of POP: a base of rSP counts after the increment */		\
	X(EvP, OPSZ_V, OPF_E, RMPOP, OP_REG)					\
	/* Ev that is not accessed (NOP, prefetches) */				\
	X(En, 0, OPF_EN, RM, OP_REG)						\
	/* ModRM.rm: general register only */					\
	X(Rv, OPSZ_V, OPF_R, RM, OP_REG)					\
	X(Rd, 4, OPF_R, RM, OP_REG)						\
	X(Rq, 8, OPF_R, RM, OP_REG)						\
	/* the same of 4 bytes, 8 with REX.W (RDFSBASE) */			\
	X(RyW, OPSZ_Y, OPF_R, RM, OP_REG)					\
	/* the same of 8 bytes in 64-bit mode, else 4; mod ignored (CR, DR) */	\
	X(Ry, OPSZ_NATIVE, OPF_EN | OPF_NOMOD, RREG, OP_REG)			\
	/* memory: address alone, no access */					\
	X(M, 0, OPF_LEA, RM, OP_REG)						\
	/* the same: x87 state, FXSAVE image */					\
	X(Msave, 0, OPF_LEA, RM, OP_REG)					\
	X(Mfx, 0, OPF_LEA, RM, OP_REG)						\
	/* memory only */							\
	X(Mb, 1, OPF_M, RM, OP_REG)						\
	X(Mw, 2, OPF_M, RM, OP_REG)						\
	X(Md, 4, OPF_M, RM, OP_REG)						\
	X(Mq, 8, OPF_M, RM, OP_REG)						\
	X(Mdq, 16, OPF_M, RM, OP_REG)						\
	X(Mqq, 32, OPF_M, RM, OP_REG)						\
	X(Mdqq, 64, OPF_M, RM, OP_REG)						\
	X(Mx, OPSZ_X, OPF_M, RM, OP_REG)					\
	X(Mxh, OPSZ_XH, OPF_M, RM, OP_REG)					\
	X(Mxq, OPSZ_XQ, OPF_M, RM, OP_REG)					\
	X(Mxe, OPSZ_XE, OPF_M, RM, OP_REG)					\
	/* memory: elements at addresses from a vector of doublewords, quadwords */ \
	X(Mvd, OPSZ_ELEM, OPF_LEA, VSIB, 0)					\
	X(Mvq, OPSZ_ELEM, OPF_LEA, VSIB, 1)					\
	X(Mt, 10, OPF_M, RM, OP_REG)						\
	X(Menv, OPSZ_ENV, OPF_M, RM, OP_REG)					\
	X(Mv, OPSZ_V, OPF_M, RM, OP_REG)					\
	X(My, OPSZ_Y, OPF_M, RM, OP_REG)					\
	/* memory: far pointer; loaded like Ap */				\
	X(Mp, OPSZ_P, OPF_M, RM, OP_REG)					\
	/* memory: descriptor-table pointer */					\
	X(Ms, OPSZ_S, OPF_M, RM, OP_REG)					\
	/* immediate, zero-extended */						\
	X(Ib, 1, OPF_IMM, IMM, 0)						\
	/* immediate byte, sign-extended */					\
	X(Ibs, OPSZ_V, OPF_IMM, IMMS, 1)					\
	X(Iw, 2, OPF_IMM, IMM, 0)						\
	/* immediate of at most 4 bytes, sign-extended */			\
	X(Iz, OPSZ_V, OPF_IMM, IMMS, 4)						\
	/* immediate of the full operand size */				\
	X(Iv, OPSZ_V, OPF_IMM, IMM, 0)						\
	/* displacement of a relative branch */					\
	X(Jb, OPSZ_V, OPF_IMM, IMMS, 1)						\
	X(Jz, OPSZ_V, OPF_IMM, IMMS, 4)						\
	/* far pointer: offset in val64, selector u16 at data[8] */		\
	X(Ap, OPSZ_V, OPF_IMM, FAR, 0)						\
	/* memory at an offset in the instruction */				\
	X(Ob, 1, OPF_MEM, OFFSET, 0)						\
	X(Ov, OPSZ_V, OPF_MEM, OFFSET, 0)					\
	/* memory at seg:rSI */							\
	X(Xb, 1, OPF_MEM, SI, 0)						\
	X(Xv, OPSZ_V, OPF_MEM, SI, 0)						\
	X(Xz, OPSZ_Z, OPF_MEM, SI, 0)						\
	/* memory at ES:rDI */							\
	X(Yb, 1, OPF_MEM, DI, 0)						\
	X(Yv, OPSZ_V, OPF_MEM, DI, 0)						\
	X(Yz, OPSZ_Z, OPF_MEM, DI, 0)						\
	/* memory byte at seg:(rBX + AL) */					\
	X(XLAT, 1, OPF_MEM, XLAT, 0)						\
	/* ModRM.reg: segment register */					\
	X(Sw, 2, OPF_MODRM, REG, OP_SREG)					\
	/* ModRM.reg: control register */					\
	X(Cd, OPSZ_NATIVE, OPF_MODRM, REG, OP_CREG)				\
	/* ModRM.reg: debug register */						\
	X(Dd, OPSZ_NATIVE, OPF_MODRM, REG, OP_DREG)				\
	/* register in the opcode's low three bits */				\
	X(Zb, 1, 0, LOW3, 0)							\
	X(Zv, OPSZ_V, 0, LOW3, 0)						\
	/* the same in the stack's size */					\
	X(Zq, OPSZ_V, 0, LOW3, 0)						\
	/* fixed registers; rAX, rDX: operand size */				\
	X(AL, 1, 0, FIXED, X86_REG_RAX)						\
	X(CL, 1, 0, FIXED, X86_REG_RCX)						\
	X(rAX, OPSZ_V, 0, FIXED, X86_REG_RAX)					\
	X(AX, 2, 0, FIXED, X86_REG_RAX)						\
	X(DX, 2, 0, FIXED, X86_REG_RDX)						\
	X(rDX, OPSZ_V, 0, FIXED, X86_REG_RDX)					\
	/* rAX in the operand size, but at most 4 (IN, OUT) */			\
	X(eAX, OPSZ_Z, 0, FIXED, X86_REG_RAX)					\
	/* the constant one */							\
	X(1, 1, 0, ONE, 0)							\
	/* x87: the top of the stack, the register ModRM.rm names */		\
	X(ST, 10, 0, ST0, OP_ST)						\
	X(STi, 10, OPF_R, RM, OP_ST)						\
	/* fixed segment registers */						\
	X(ES, 2, 0, SEG, X86_SEG_ES)						\
	X(CS, 2, 0, SEG, X86_SEG_CS)						\
	X(SS, 2, 0, SEG, X86_SEG_SS)						\
	X(DS, 2, 0, SEG, X86_SEG_DS)						\
	X(FS, 2, 0, SEG, X86_SEG_FS)						\
	X(GS, 2, 0, SEG, X86_SEG_GS)						\
	/* ModRM.reg: vector register, its low bytes */				\
	X(Vx, OPSZ_X, OPF_MODRM, REG, OP_VEC)					\
	X(Vqq, 32, OPF_MODRM, REG, OP_VEC)					\
	X(Vdq, 16, OPF_MODRM, REG, OP_VEC)					\
	X(Vq, 8, OPF_MODRM, REG, OP_VEC)					\
	X(Vd, 4, OPF_MODRM, REG, OP_VEC)					\
	X(Vxh, OPSZ_XH, OPF_MODRM, REG, OP_VEC)					\
	/* VEX.vvvv: the same */						\
	X(Hx, OPSZ_X, OPF_VVVV, VVVV, OP_VEC)					\
	X(Hqq, 32, OPF_VVVV, VVVV, OP_VEC)					\
	X(Hdq, 16, OPF_VVVV, VVVV, OP_VEC)					\
	X(Hq, 8, OPF_VVVV, VVVV, OP_VEC)					\
	X(Hxh, OPSZ_XH, OPF_VVVV, VVVV, OP_VEC)				\
	X(Hd, 4, OPF_VVVV, VVVV, OP_VEC)					\
	/* immediate bits 7:4: the same */					\
	X(Lx, OPSZ_X, OPF_IMM, IS4, OP_VEC)					\
	X(Lqq, 32, OPF_IMM, IS4, OP_VEC)					\
	X(Ldq, 16, OPF_IMM, IS4, OP_VEC)					\
	X(Lq, 8, OPF_IMM, IS4, OP_VEC)						\
	X(Ld, 4, OPF_IMM, IS4, OP_VEC)						\
	/* ModRM.rm: the same, or memory */					\
	X(Wx, OPSZ_X, OPF_E, RM, OP_VEC)					\
	X(Wqq, 32, OPF_E, RM, OP_VEC)						\
	X(Wdq, 16, OPF_E, RM, OP_VEC)						\
	X(Wq, 8, OPF_E, RM, OP_VEC)						\
	X(Wd, 4, OPF_E, RM, OP_VEC)						\
	X(Wxh, OPSZ_XH, OPF_E, RM, OP_VEC)					\
	X(Wxq, OPSZ_XQ, OPF_E, RM, OP_VEC)					\
	X(Wxe, OPSZ_XE, OPF_E, RM, OP_VEC)					\
	X(Ww, 2, OPF_E, RM, OP_VEC)						\
	X(Wb, 1, OPF_E, RM, OP_VEC)						\
	/* ModRM.rm: the same, register only */					\
	X(Ux, OPSZ_X, OPF_R, RM, OP_VEC)					\
	X(Uqq, 32, OPF_R, RM, OP_VEC)						\
	X(Udq, 16, OPF_R, RM, OP_VEC)						\
	X(Uq, 8, OPF_R, RM, OP_VEC)						\
	X(Ud, 4, OPF_R, RM, OP_VEC)						\
	X(Uxh, OPSZ_XH, OPF_R, RM, OP_VEC)					\
	X(Uxq, OPSZ_XQ, OPF_R, RM, OP_VEC)					\
	X(Uxe, OPSZ_XE, OPF_R, RM, OP_VEC)					\
	X(Uw, 2, OPF_R, RM, OP_VEC)						\
	X(Ub, 1, OPF_R, RM, OP_VEC)						\
	/* ModRM.reg, VEX.vvvv, ModRM.rm: opmask register, its low bytes */	\
	X(Krb, 1, OPF_MODRM, REG, OP_KREG)					\
	X(Krw, 2, OPF_MODRM, REG, OP_KREG)					\
	X(Krd, 4, OPF_MODRM, REG, OP_KREG)					\
	X(Krq, 8, OPF_MODRM, REG, OP_KREG)					\
	X(Khb, 1, OPF_VVVV, VVVV, OP_KREG)					\
	X(Khw, 2, OPF_VVVV, VVVV, OP_KREG)					\
	X(Khd, 4, OPF_VVVV, VVVV, OP_KREG)					\
	X(Khq, 8, OPF_VVVV, VVVV, OP_KREG)					\
	X(Kmb, 1, OPF_R, RM, OP_KREG)						\
	X(Kmw, 2, OPF_R, RM, OP_KREG)						\
	X(Kmd, 4, OPF_R, RM, OP_KREG)						\
	X(Kmq, 8, OPF_R, RM, OP_KREG)						\
	/* ModRM.rm: opmask or memory */					\
	X(KMb, 1, OPF_E, RM, OP_KREG)						\
	X(KMw, 2, OPF_E, RM, OP_KREG)						\
	X(KMd, 4, OPF_E, RM, OP_KREG)						\
	X(KMq, 8, OPF_E, RM, OP_KREG)						\
	/* ModRM.reg: MMX */							\
	X(Pq, 8, OPF_MODRM, REG, OP_MMX)					\
	/* ModRM.rm: MMX or memory */						\
	X(Qq, 8, OPF_E, RM, OP_MMX)						\
	X(Qd, 4, OPF_E, RM, OP_MMX)						\
	/* ModRM.rm: MMX register only */					\
	X(Nq, 8, OPF_R, RM, OP_MMX)
enum operand_code {
	OC___,		/* none */
#define OPERAND_ENUM(code, size, flags, kind, arg)	OC_##code,
	OPERAND_CODES(OPERAND_ENUM)
#undef OPERAND_ENUM
	NR_OPERAND_CODES,
};

/* The same in one word, for rows: size, properties, kind, argument. */
#define OD_SIZE(desc)	((desc) & 0xff)
#define OD_FLAGS(desc)	((desc) >> 8 & 0xff)
#define OD_KIND(desc)	((desc) >> 16 & 31)
#define OD_ARG(desc)	((desc) >> 21 & 15)
/* Kind and argument of Ex, Mx and of Gx. */
#define OD_PLACE(desc)	((desc) >> 16)
#define OD_PLACE_E	(OPK_RM | OP_REG << 5)
#define OD_PLACE_G	(OPK_REG | OP_REG << 5)
/* What the instruction alone gives in any mode: an Ex that may be either, Gx, an immediate. */
#define OD_IS_SIZED(desc)	(OD_SIZE(desc) <= OPSZ_V)
#define OD_IS_E(desc)								\
	(OD_PLACE(desc) == OD_PLACE_E && OD_FLAGS(desc) == OPF_E && OD_IS_SIZED(desc))
#define OD_IS_G(desc)	(OD_PLACE(desc) == OD_PLACE_G && OD_IS_SIZED(desc))
#define OD_IS_IMM(desc)	(OD_KIND(desc) == OPK_IMM || OD_KIND(desc) == OPK_IMMS)
#define OD_IS_SIMPLE(desc)	(!(desc) || OD_IS_E(desc) || OD_IS_G(desc) || OD_IS_IMM(desc))
/* General registers, memory and immediates, wherever they are, of at most 8 bytes. */
#define OD_IS_PLAIN(desc)							\
	(!(desc) || (OD_IS_SHORT(desc) &&					\
		     (OD_IS_GPR(desc) || OD_IS_IMM(desc) || OD_IS_IMPLIED(desc))))
#define OD_IS_SHORT(desc)							\
	(OD_SIZE(desc) <= 8 || (OD_SIZE(desc) >= OPSZ_V && OD_SIZE(desc) <= OPSZ_A))
#define OD_IS_GPR(desc)								\
	(OD_ARG(desc) == OP_REG &&						\
	 (OD_KIND(desc) == OPK_RM || OD_KIND(desc) == OPK_RMBIT ||		\
	  OD_KIND(desc) == OPK_RMPOP || OD_KIND(desc) == OPK_REG))
#define OD_IS_IMPLIED(desc)							\
	(OD_KIND(desc) == OPK_LOW3 || OD_KIND(desc) == OPK_FIXED ||		\
	 OD_KIND(desc) == OPK_ONE || OD_KIND(desc) == OPK_OFFSET ||		\
	 OD_KIND(desc) == OPK_XLAT)

enum operand_desc {
	OD___ = 0,
#define OPERAND_DESC(code, size, flags, kind, arg)				\
	OD_##code = (int)((size) | (flags) << 8 | OPK_##kind << 16 | (arg) << 21),
	OPERAND_CODES(OPERAND_DESC)
#undef OPERAND_DESC
};

#endif
