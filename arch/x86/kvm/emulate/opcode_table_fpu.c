// SPDX-License-Identifier: GPL-2.0-only
/* The x87 escapes D8 to DF: described, so that their length and names are known. */
#include "emulate/insn.h"

#define F(mnem)		KNOWN(mnem, __, __, __, 0)

static const struct opcode fpu_d8_mem[8] = {
	KNOWN(fadd, Md, __, __, 0), KNOWN(fmul, Md, __, __, 0), KNOWN(fcom, Md, __, __, 0),
	KNOWN(fcomp, Md, __, __, 0), KNOWN(fsub, Md, __, __, 0), KNOWN(fsubr, Md, __, __, 0),
	KNOWN(fdiv, Md, __, __, 0), KNOWN(fdivr, Md, __, __, 0),
};

static const struct opcode fpu_d8_reg[8] = {
	F(fadd), F(fmul), F(fcom), F(fcomp), F(fsub), F(fsubr), F(fdiv), F(fdivr),
};

static const struct opcode fpu_d9_mem[8] = {
	KNOWN(fld, Md, __, __, 0), UNDEF, KNOWN(fst, Md, __, __, 0), KNOWN(fstp, Md, __, __, 0),
	KNOWN(fldenv, M, __, __, 0), KNOWN(fldcw, Mw, __, __, 0), KNOWN(fnstenv, M, __, __, 0),
	KNOWN(fnstcw, Mw, __, __, 0),
};

static const struct opcode fpu_d9_reg[8] = {
	F(fld), F(fxch), BY_RM("fnop", F(fnop)), F(fstp),
	BY_RM("fpu_d9", F(fchs), F(fabs), UNDEF, UNDEF, F(ftst), F(fxam)),
	BY_RM("fpu_d9", F(fld1), F(fldl2t), F(fldl2e), F(fldpi), F(fldlg2), F(fldln2), F(fldz)),
	BY_RM("fpu_d9", F(f2xm1), F(fyl2x), F(fptan), F(fpatan), F(fxtract), F(fprem1),
	      F(fdecstp), F(fincstp)),
	BY_RM("fpu_d9", F(fprem), F(fyl2xp1), F(fsqrt), F(fsincos), F(frndint),
	      F(fscale), F(fsin), F(fcos)),
};

static const struct opcode fpu_da_mem[8] = {
	KNOWN(fiadd, Md, __, __, 0), KNOWN(fimul, Md, __, __, 0), KNOWN(ficom, Md, __, __, 0),
	KNOWN(ficomp, Md, __, __, 0), KNOWN(fisub, Md, __, __, 0), KNOWN(fisubr, Md, __, __, 0),
	KNOWN(fidiv, Md, __, __, 0), KNOWN(fidivr, Md, __, __, 0),
};

static const struct opcode fpu_da_reg[8] = {
	F(fcmovb), F(fcmove), F(fcmovbe), F(fcmovu), UNDEF, BY_RM("fpu_da", UNDEF, F(fucompp)),
	UNDEF, UNDEF,
};

static const struct opcode fpu_db_mem[8] = {
	KNOWN(fild, Md, __, __, 0), KNOWN(fisttp, Md, __, __, 0), KNOWN(fist, Md, __, __, 0),
	KNOWN(fistp, Md, __, __, 0), UNDEF, KNOWN(fld, M, __, __, 0), UNDEF,
	KNOWN(fstp, M, __, __, 0),
};

static const struct opcode fpu_db_reg[8] = {
	F(fcmovnb), F(fcmovne), F(fcmovnbe), F(fcmovnu),
	BY_RM("fpu_db", F(feni), F(fdisi), F(fnclex), F(fninit), F(fsetpm)), F(fucomi), F(fcomi), UNDEF,
};

static const struct opcode fpu_dc_mem[8] = {
	KNOWN(fadd, Mq, __, __, 0), KNOWN(fmul, Mq, __, __, 0), KNOWN(fcom, Mq, __, __, 0),
	KNOWN(fcomp, Mq, __, __, 0), KNOWN(fsub, Mq, __, __, 0), KNOWN(fsubr, Mq, __, __, 0),
	KNOWN(fdiv, Mq, __, __, 0), KNOWN(fdivr, Mq, __, __, 0),
};

static const struct opcode fpu_dc_reg[8] = {
	F(fadd), F(fmul), F(fcom), F(fcomp), F(fsubr), F(fsub), F(fdivr), F(fdiv),
};

static const struct opcode fpu_dd_mem[8] = {
	KNOWN(fld, Mq, __, __, 0), KNOWN(fisttp, Mq, __, __, 0), KNOWN(fst, Mq, __, __, 0),
	KNOWN(fstp, Mq, __, __, 0), KNOWN(frstor, M, __, __, 0), UNDEF,
	KNOWN(fnsave, M, __, __, 0), KNOWN(fnstsw, Mw, __, __, 0),
};

static const struct opcode fpu_dd_reg[8] = {
	F(ffree), F(fxch), F(fst), F(fstp), F(fucom), F(fucomp), UNDEF, UNDEF,
};

static const struct opcode fpu_de_mem[8] = {
	KNOWN(fiadd, Mw, __, __, 0), KNOWN(fimul, Mw, __, __, 0), KNOWN(ficom, Mw, __, __, 0),
	KNOWN(ficomp, Mw, __, __, 0), KNOWN(fisub, Mw, __, __, 0), KNOWN(fisubr, Mw, __, __, 0),
	KNOWN(fidiv, Mw, __, __, 0), KNOWN(fidivr, Mw, __, __, 0),
};

static const struct opcode fpu_de_reg[8] = {
	F(faddp), F(fmulp), F(fcomp), BY_RM("fpu_de", UNDEF, F(fcompp)), F(fsubrp), F(fsubp),
	F(fdivrp), F(fdivp),
};

static const struct opcode fpu_df_mem[8] = {
	KNOWN(fild, Mw, __, __, 0), KNOWN(fisttp, Mw, __, __, 0), KNOWN(fist, Mw, __, __, 0),
	KNOWN(fistp, Mw, __, __, 0), KNOWN(fbld, M, __, __, 0), KNOWN(fild, Mq, __, __, 0),
	KNOWN(fbstp, M, __, __, 0), KNOWN(fistp, Mq, __, __, 0),
};

static const struct opcode fpu_df_reg[8] = {
	F(ffreep), F(fxch), F(fstp), F(fstp), BY_RM("fpu_df", F(fnstsw)), F(fucomip),
	F(fcomip), UNDEF,
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
