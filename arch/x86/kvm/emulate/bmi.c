// SPDX-License-Identifier: GPL-2.0-only
/*
 * BMI1 and BMI2. Their rows ask the guest's CPUID, which has them only where this
 * CPU does.
 */
#include "emulate/fastop.h"

/* The operands of the assembler are the manual's in reverse. */
#define FASTOP_VEX(op, suffix, size, dst, src, src2, fl)			\
	asm(FASTOP_LOAD #op suffix " %" size "[c], %" size "[s], %" size "[d]" FASTOP_SAVE \
	    : "+&a" (fl), [d] "=r" (dst) : [s] "r" (src), [c] "r" (src2) : "cc")

/* dst = src op src2 */
#define DEFINE_BMI(op)								\
int em_##op(struct x86_emulate_ctxt *ctxt)					\
{										\
	unsigned long fl = fastop_pack(ctxt->eflags);				\
	unsigned long a = ctxt->src.val, b = ctxt->src2.val, result;		\
										\
	if (ctxt->dst.bytes == 8)						\
		FASTOP_VEX(op, "q", "q", result, a, b, fl);			\
	else									\
		FASTOP_VEX(op, "l", "k", result, a, b, fl);			\
	ctxt->dst.val = result;							\
	ctxt->eflags = fastop_unpack(ctxt->eflags, fl);				\
	return X86EMUL_CONTINUE;						\
}

DEFINE_BMI(andn)
DEFINE_BMI(bextr)
DEFINE_BMI(bzhi)
DEFINE_BMI(pdep)
DEFINE_BMI(pext)
DEFINE_BMI(sarx)
DEFINE_BMI(shlx)
DEFINE_BMI(shrx)

#define FASTOP_BLS(op, suffix, size, dst, src, fl)				\
	asm(FASTOP_LOAD #op suffix " %" size "[s], %" size "[d]" FASTOP_SAVE	\
	    : "+&a" (fl), [d] "=r" (dst) : [s] "r" (src) : "cc")

/* dst = op src */
#define DEFINE_BLS(op)								\
int em_##op(struct x86_emulate_ctxt *ctxt)					\
{										\
	unsigned long fl = fastop_pack(ctxt->eflags);				\
	unsigned long result;							\
										\
	if (ctxt->dst.bytes == 8)						\
		FASTOP_BLS(op, "q", "q", result, ctxt->src.val, fl);		\
	else									\
		FASTOP_BLS(op, "l", "k", result, ctxt->src.val, fl);		\
	ctxt->dst.val = result;							\
	ctxt->eflags = fastop_unpack(ctxt->eflags, fl);				\
	return X86EMUL_CONTINUE;						\
}

DEFINE_BLS(blsi)
DEFINE_BLS(blsmsk)
DEFINE_BLS(blsr)

/* rDX by src2 to dst (high) and src (low); one register for both has the high half. */
int em_mulx(struct x86_emulate_ctxt *ctxt)
{
	unsigned long rdx = reg_read(ctxt, X86_REG_RDX), lo, hi;

	if (ctxt->dst.bytes == 8)
		asm("mulxq %q[s], %q[lo], %q[hi]" : [lo] "=r" (lo), [hi] "=r" (hi)
		    : [s] "r" (ctxt->src2.val), "d" (rdx));
	else
		asm("mulxl %k[s], %k[lo], %k[hi]" : [lo] "=r" (lo), [hi] "=r" (hi)
		    : [s] "r" (ctxt->src2.val), "d" (rdx));
	reg_write_bytes(ctxt, ctxt->src.reg, lo, ctxt->src.bytes);
	ctxt->dst.val = hi;
	return X86EMUL_CONTINUE;
}

int em_rorx(struct x86_emulate_ctxt *ctxt)
{
	unsigned int bits = ctxt->dst.bytes * 8, count = ctxt->src2.val & (bits - 1);
	unsigned long val = ctxt->src.val;

	ctxt->dst.val = count ? val >> count | val << (bits - count) : val;
	return X86EMUL_CONTINUE;
}
