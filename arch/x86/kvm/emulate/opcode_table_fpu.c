// SPDX-License-Identifier: GPL-2.0-only
/* The x87 escapes D8 to DF. */
#include "emulate/insn.h"

/* Waiting instructions are #MF first while an exception is pending. */
#define X87		(F_FPU | F_RO)
#define X87_WAIT	(X87 | F_FWAIT)

/* Registers: none named, ST(i), both of them. */
#define R(mnem)		INSN_H(mnem, x87, __, __, __, F_FPU | F_FWAIT | F_CPUID(FPU))
#define R_I(mnem)	INSN_H(mnem, x87, STi, __, __, X87_WAIT | F_CPUID(FPU))
#define R_0_I(mnem)	INSN_H(mnem, x87, ST, STi, __, X87_WAIT | F_CPUID(FPU))
#define R_I_0(mnem)	INSN_H(mnem, x87, STi, ST, __, X87_WAIT | F_CPUID(FPU))
#define R_CMOV(mnem)	INSN_H(mnem, x87, ST, STi, __, X87_WAIT | F_CPUID(CMOV))
#define CONTROL(mnem)	INSN_H(mnem, x87_control, __, __, __, F_FPU | F_CPUID(FPU))
/* Of the 8087 and the 287: nothing happens. */
#define OLD_CONTROL(mnem)	INSN_H(mnem, nop, __, __, __, F_FPU | F_CPUID(FPU))
/* Memory that is read, or written. */
#define LOAD(mnem, o1)	INSN_H(mnem, x87_load, o1, __, __, X87_WAIT | F_CPUID(FPU))
#define STORE(mnem, o1)	INSN_H(mnem, x87_store, o1, __, __, F_FPU | F_FWAIT | F_WO | F_CPUID(FPU))
#define FISTTP(o1)	INSN_H(fisttp, x87_store, o1, __, __, F_FPU | F_FWAIT | F_WO | F_CPUID(SSE3))

static const struct opcode fpu_d8_mem[8] = {
	LOAD(fadd, Md), LOAD(fmul, Md), LOAD(fcom, Md), LOAD(fcomp, Md),
	LOAD(fsub, Md), LOAD(fsubr, Md), LOAD(fdiv, Md), LOAD(fdivr, Md),
};

static const struct opcode fpu_d8_reg[8] = {
	R_0_I(fadd), R_0_I(fmul), R_I(fcom), R_I(fcomp),
	R_0_I(fsub), R_0_I(fsubr), R_0_I(fdiv), R_0_I(fdivr),
};

static const struct opcode fpu_d9_mem[8] = {
	LOAD(fld, Md), UNDEF, STORE(fst, Md), STORE(fstp, Md),
	INSN(fldenv, Menv, __, __, X87_WAIT | F_CPUID(FPU)),
	INSN(fldcw, Mw, __, __, X87_WAIT | F_CPUID(FPU)),
	INSN(fnstenv, Menv, __, __, F_FPU | F_WO | F_CPUID(FPU)),
	INSN(fnstcw, Mw, __, __, F_FPU | F_WO | F_CPUID(FPU)),
};

static const struct opcode fpu_d9_reg[8] = {
	R_I(fld), R_I(fxch), BY_RM("fnop", R(fnop)), R_I(fstp),
	BY_RM("fpu_d9", R(fchs), R(fabs), UNDEF, UNDEF, R(ftst), R(fxam)),
	BY_RM("fpu_d9", R(fld1), R(fldl2t), R(fldl2e), R(fldpi), R(fldlg2), R(fldln2), R(fldz)),
	BY_RM("fpu_d9", R(f2xm1), R(fyl2x), R(fptan), R(fpatan), R(fxtract), R(fprem1),
	      R(fdecstp), R(fincstp)),
	BY_RM("fpu_d9", R(fprem), R(fyl2xp1), R(fsqrt), R(fsincos), R(frndint),
	      R(fscale), R(fsin), R(fcos)),
};

static const struct opcode fpu_da_mem[8] = {
	LOAD(fiadd, Md), LOAD(fimul, Md), LOAD(ficom, Md), LOAD(ficomp, Md),
	LOAD(fisub, Md), LOAD(fisubr, Md), LOAD(fidiv, Md), LOAD(fidivr, Md),
};

static const struct opcode fpu_da_reg[8] = {
	R_CMOV(fcmovb), R_CMOV(fcmove), R_CMOV(fcmovbe), R_CMOV(fcmovu), UNDEF,
	BY_RM("fpu_da", UNDEF, R(fucompp)), UNDEF, UNDEF,
};

static const struct opcode fpu_db_mem[8] = {
	LOAD(fild, Md), FISTTP(Md), STORE(fist, Md), STORE(fistp, Md),
	UNDEF, LOAD(fld, Mt), UNDEF, STORE(fstp, Mt),
};

static const struct opcode fpu_db_reg[8] = {
	R_CMOV(fcmovnb), R_CMOV(fcmovne), R_CMOV(fcmovnbe), R_CMOV(fcmovnu),
	BY_RM("fpu_db", OLD_CONTROL(feni), OLD_CONTROL(fdisi), CONTROL(fnclex), CONTROL(fninit),
	      OLD_CONTROL(fsetpm)),
	R_CMOV(fucomi), R_CMOV(fcomi), UNDEF,
};

static const struct opcode fpu_dc_mem[8] = {
	LOAD(fadd, Mq), LOAD(fmul, Mq), LOAD(fcom, Mq), LOAD(fcomp, Mq),
	LOAD(fsub, Mq), LOAD(fsubr, Mq), LOAD(fdiv, Mq), LOAD(fdivr, Mq),
};

static const struct opcode fpu_dc_reg[8] = {
	R_I_0(fadd), R_I_0(fmul), R_I(fcom), R_I(fcomp),
	R_I_0(fsubr), R_I_0(fsub), R_I_0(fdivr), R_I_0(fdiv),
};

static const struct opcode fpu_dd_mem[8] = {
	LOAD(fld, Mq), FISTTP(Mq), STORE(fst, Mq), STORE(fstp, Mq),
	INSN(frstor, Msave, __, __, X87_WAIT | F_IMPL | F_CPUID(FPU)), UNDEF,
	INSN(fnsave, Msave, __, __, X87 | F_IMPL | F_CPUID(FPU)),
	INSN(fnstsw, Mw, __, __, F_FPU | F_WO | F_CPUID(FPU)),
};

static const struct opcode fpu_dd_reg[8] = {
	R_I(ffree), R_I(fxch), R_I(fst), R_I(fstp), R_I(fucom), R_I(fucomp), UNDEF, UNDEF,
};

static const struct opcode fpu_de_mem[8] = {
	LOAD(fiadd, Mw), LOAD(fimul, Mw), LOAD(ficom, Mw), LOAD(ficomp, Mw),
	LOAD(fisub, Mw), LOAD(fisubr, Mw), LOAD(fidiv, Mw), LOAD(fidivr, Mw),
};

static const struct opcode fpu_de_reg[8] = {
	R_I_0(faddp), R_I_0(fmulp), R_I(fcomp), BY_RM("fpu_de", UNDEF, R(fcompp)),
	R_I_0(fsubrp), R_I_0(fsubp), R_I_0(fdivrp), R_I_0(fdivp),
};

static const struct opcode fpu_df_mem[8] = {
	LOAD(fild, Mw), FISTTP(Mw), STORE(fist, Mw), STORE(fistp, Mw),
	LOAD(fbld, Mt), LOAD(fild, Mq), STORE(fbstp, Mt), STORE(fistp, Mq),
};

static const struct opcode fpu_df_reg[8] = {
	R_I(ffreep), R_I(fxch), R_I(fstp), R_I(fstp),
	BY_RM("fpu_df", INSN(fnstsw, AX, __, __, F_FPU | F_WO | F_CPUID(FPU))),
	R_CMOV(fucomip), R_CMOV(fcomip), UNDEF,
};

const struct opcode fpu_table[8][2] = {
	{ GROUP(fpu_d8_mem, REG), GROUP(fpu_d8_reg, REG) },
	{ GROUP(fpu_d9_mem, REG), GROUP(fpu_d9_reg, REG) },
	{ GROUP(fpu_da_mem, REG), GROUP(fpu_da_reg, REG) },
	{ GROUP(fpu_db_mem, REG), GROUP(fpu_db_reg, REG) },
	{ GROUP(fpu_dc_mem, REG), GROUP(fpu_dc_reg, REG) },
	{ GROUP(fpu_dd_mem, REG), GROUP(fpu_dd_reg, REG) },
	{ GROUP(fpu_de_mem, REG), GROUP(fpu_de_reg, REG) },
	{ GROUP(fpu_df_mem, REG), GROUP(fpu_df_reg, REG) },
};
