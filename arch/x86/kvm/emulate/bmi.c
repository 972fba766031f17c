// SPDX-License-Identifier: GPL-2.0-only
/*
 * BMI1 and BMI2 with the host's own instructions. A CPU without them is what the
 * guest's CPUID should not have promised: the fault is caught.
 */
#include <asm/asm.h>

#include "emulate/fastop.h"

/* @bad stays 1 if @insn faults; MOV leaves the flags alone. */
#define BMI_TRY(insn)								\
	"movl $1, %k[bad]\n1:\t" insn "\n\tmovl $0, %k[bad]\n2:" _ASM_EXTABLE(1b, 2b)

/* The operands of the assembler are the manual's in reverse. */
#define FASTOP_VEX(op, suffix, size, dst, src, src2, fl, failed)		\
	asm(FASTOP_LOAD								\
	    BMI_TRY(#op suffix " %" size "[c], %" size "[s], %" size "[d]") FASTOP_SAVE	\
	    : "+&a" (fl), [d] "=&r" (dst), [bad] "=&r" (failed)			\
	    : [s] "r" (src), [c] "r" (src2) : "cc")

/* dst = src op src2 */
#define DEFINE_BMI(op)								\
int em_##op(struct x86_emulate_ctxt *ctxt)					\
{										\
	unsigned long fl = fastop_pack(ctxt->eflags), failed;			\
	unsigned long a = ctxt->src.val, b = ctxt->src2.val, result;		\
										\
	if (ctxt->dst.bytes == 8)						\
		FASTOP_VEX(op, "q", "q", result, a, b, fl, failed);		\
	else									\
		FASTOP_VEX(op, "l", "k", result, a, b, fl, failed);		\
	ctxt->dst.val = result;							\
	ctxt->eflags = fastop_unpack(ctxt->eflags, fl);				\
	return failed ? X86EMUL_UNHANDLEABLE : X86EMUL_CONTINUE;		\
}

DEFINE_BMI(andn)
DEFINE_BMI(bextr)
DEFINE_BMI(bzhi)
DEFINE_BMI(pdep)
DEFINE_BMI(pext)
DEFINE_BMI(sarx)
DEFINE_BMI(shlx)
DEFINE_BMI(shrx)

#define FASTOP_BLS(op, suffix, size, dst, src, fl, failed)			\
	asm(FASTOP_LOAD BMI_TRY(#op suffix " %" size "[s], %" size "[d]") FASTOP_SAVE	\
	    : "+&a" (fl), [d] "=&r" (dst), [bad] "=&r" (failed) : [s] "r" (src) : "cc")

/* dst = op src */
#define DEFINE_BLS(op)								\
int em_##op(struct x86_emulate_ctxt *ctxt)					\
{										\
	unsigned long fl = fastop_pack(ctxt->eflags), failed, result;		\
										\
	if (ctxt->dst.bytes == 8)						\
		FASTOP_BLS(op, "q", "q", result, ctxt->src.val, fl, failed);	\
	else									\
		FASTOP_BLS(op, "l", "k", result, ctxt->src.val, fl, failed);	\
	ctxt->dst.val = result;							\
	ctxt->eflags = fastop_unpack(ctxt->eflags, fl);				\
	return failed ? X86EMUL_UNHANDLEABLE : X86EMUL_CONTINUE;		\
}

DEFINE_BLS(blsi)
DEFINE_BLS(blsmsk)
DEFINE_BLS(blsr)

#define MULX(suffix, size, high, low, src, rdx, failed)				\
	asm(BMI_TRY("mulx" suffix " %" size "[s], %" size "[lo], %" size "[hi]")	\
	    : [lo] "=&r" (low), [hi] "=&r" (high), [bad] "=&r" (failed)		\
	    : [s] "r" (src), "d" (rdx))

/* rDX by src2 to dst (high) and src (low); one register for both has the high half. */
int em_mulx(struct x86_emulate_ctxt *ctxt)
{
	unsigned long rdx = reg_read(ctxt, X86_REG_RDX), lo, hi, failed;

	if (ctxt->dst.bytes == 8)
		MULX("q", "q", hi, lo, ctxt->src2.val, rdx, failed);
	else
		MULX("l", "k", hi, lo, ctxt->src2.val, rdx, failed);
	reg_write_bytes(ctxt, ctxt->src.reg, lo, ctxt->src.bytes);
	ctxt->dst.val = hi;
	return failed ? X86EMUL_UNHANDLEABLE : X86EMUL_CONTINUE;
}

int em_rorx(struct x86_emulate_ctxt *ctxt)
{
	unsigned int bits = ctxt->dst.bytes * 8, count = ctxt->src2.val & (bits - 1);
	unsigned long val = ctxt->src.val;

	ctxt->dst.val = count ? val >> count | val << (bits - count) : val;
	return X86EMUL_CONTINUE;
}
