/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The host's own instruction behind an ordinary C call, run on the guest's
 * status flags: what the manual leaves undefined is then what this CPU does.
 *
 * Only the six status flags cross over, packed for SAHF and LAHF: AH has SF, ZF,
 * AF, PF, CF and AL has OF. Nothing is pushed, so userspace's red zone is safe,
 * and no guest bit can reach TF, IF, DF or AC of the host.
 */
#ifndef KVM_X86_EMULATE_FASTOP_H
#define KVM_X86_EMULATE_FASTOP_H

#include "emulate/insn.h"

#define FASTOP_AH_FLAGS	(EFLG_CF | EFLG_PF | EFLG_AF | EFLG_ZF | EFLG_SF)
#define FASTOP_OF_SHIFT	11

/* AL + 7Fh overflows if AL is 1; SAHF leaves OF alone. */
#define FASTOP_LOAD	"addb $0x7f, %%al\n\tsahf\n\t"
#define FASTOP_SAVE	"\n\tlahf\n\tseto %%al"

/* Status flags of @eflags as FASTOP_LOAD wants them in AX. */
static inline unsigned long fastop_pack(unsigned long eflags)
{
	return (eflags & FASTOP_AH_FLAGS) << 8 | (eflags >> FASTOP_OF_SHIFT & 1);
}

/* Replace the status flags of @eflags by what FASTOP_SAVE left in AX. */
static inline unsigned long fastop_unpack(unsigned long eflags, unsigned long packed)
{
	return (eflags & ~EFLG_ARITH) | (packed >> 8 & FASTOP_AH_FLAGS) |
	       (packed & 1) << FASTOP_OF_SHIFT;
}

/* AX changes before the operands are read: early clobber. */
#define FASTOP1(insn, dst, fl)							\
	asm(FASTOP_LOAD insn FASTOP_SAVE : "+&a" (fl), [d] "+r" (dst) : : "cc")
#define FASTOP2(insn, dst, src, fl)						\
	asm(FASTOP_LOAD insn FASTOP_SAVE					\
	    : "+&a" (fl), [d] "+r" (dst) : [s] "r" (src) : "cc")
#define FASTOP_CL(insn, dst, count, fl)						\
	asm(FASTOP_LOAD insn FASTOP_SAVE					\
	    : "+&a" (fl), [d] "+r" (dst) : "c" (count) : "cc")
#define FASTOP3_CL(insn, dst, src, count, fl)					\
	asm(FASTOP_LOAD insn FASTOP_SAVE					\
	    : "+&a" (fl), [d] "+r" (dst) : [s] "r" (src), "c" (count) : "cc")
/*
 * The accumulator is the instruction's; flags move in and out around it.
 * Volatile: a division must not be hoisted above the check that it is safe.
 */
#define FASTOP_AD(insn, lo, hi, src, fl)					\
	asm volatile(FASTOP_LOAD "movq %[a], %%rax\n\t" insn			\
		     "\n\tmovq %%rax, %[a]" FASTOP_SAVE			\
		     : "+&a" (fl), [a] "+&r" (lo), "+&d" (hi) : [s] "r" (src) : "cc")

/* fastop_<op>(dst, bytes, eflags): INC, DEC, NEG. */
#define DEFINE_FASTOP1(op)							\
static unsigned long fastop_##op(unsigned long dst, unsigned int bytes,		\
				 unsigned long *eflags)				\
{										\
	unsigned long fl = fastop_pack(*eflags);				\
										\
	if (bytes == 8)								\
		FASTOP1(#op "q %q[d]", dst, fl);				\
	else if (bytes == 4)							\
		FASTOP1(#op "l %k[d]", dst, fl);				\
	else if (bytes == 2)							\
		FASTOP1(#op "w %w[d]", dst, fl);				\
	else									\
		FASTOP1(#op "b %b[d]", dst, fl);				\
	*eflags = fastop_unpack(*eflags, fl);					\
	return dst;								\
}

/* fastop_<op>(dst, src, bytes, eflags): ADD, CMP, TEST. */
#define DEFINE_FASTOP2(op)							\
static unsigned long fastop_##op(unsigned long dst, unsigned long src,		\
				 unsigned int bytes, unsigned long *eflags)	\
{										\
	unsigned long fl = fastop_pack(*eflags);				\
										\
	if (bytes == 8)								\
		FASTOP2(#op "q %q[s], %q[d]", dst, src, fl);			\
	else if (bytes == 4)							\
		FASTOP2(#op "l %k[s], %k[d]", dst, src, fl);			\
	else if (bytes == 2)							\
		FASTOP2(#op "w %w[s], %w[d]", dst, src, fl);			\
	else									\
		FASTOP2(#op "b %b[s], %b[d]", dst, src, fl);			\
	*eflags = fastop_unpack(*eflags, fl);					\
	return dst;								\
}

/* The same without the byte form: IMUL, BT, BSF. */
#define DEFINE_FASTOP2W(op)							\
static unsigned long fastop_##op(unsigned long dst, unsigned long src,		\
				 unsigned int bytes, unsigned long *eflags)	\
{										\
	unsigned long fl = fastop_pack(*eflags);				\
										\
	if (bytes == 8)								\
		FASTOP2(#op "q %q[s], %q[d]", dst, src, fl);			\
	else if (bytes == 4)							\
		FASTOP2(#op "l %k[s], %k[d]", dst, src, fl);			\
	else									\
		FASTOP2(#op "w %w[s], %w[d]", dst, src, fl);			\
	*eflags = fastop_unpack(*eflags, fl);					\
	return dst;								\
}

/* fastop_<op>(dst, count, bytes, eflags): shifts and rotates. */
#define DEFINE_FASTOP_SHIFT(op)							\
static unsigned long fastop_##op(unsigned long dst, unsigned long count,	\
				 unsigned int bytes, unsigned long *eflags)	\
{										\
	unsigned long fl = fastop_pack(*eflags);				\
										\
	if (bytes == 8)								\
		FASTOP_CL(#op "q %%cl, %q[d]", dst, count, fl);			\
	else if (bytes == 4)							\
		FASTOP_CL(#op "l %%cl, %k[d]", dst, count, fl);			\
	else if (bytes == 2)							\
		FASTOP_CL(#op "w %%cl, %w[d]", dst, count, fl);			\
	else									\
		FASTOP_CL(#op "b %%cl, %b[d]", dst, count, fl);			\
	*eflags = fastop_unpack(*eflags, fl);					\
	return dst;								\
}

/* fastop_<op>(dst, src, count, bytes, eflags): SHLD, SHRD. */
#define DEFINE_FASTOP_SHIFTD(op)						\
static unsigned long fastop_##op(unsigned long dst, unsigned long src,		\
				 unsigned long count, unsigned int bytes,	\
				 unsigned long *eflags)				\
{										\
	unsigned long fl = fastop_pack(*eflags);				\
										\
	if (bytes == 8)								\
		FASTOP3_CL(#op "q %%cl, %q[s], %q[d]", dst, src, count, fl);	\
	else if (bytes == 4)							\
		FASTOP3_CL(#op "l %%cl, %k[s], %k[d]", dst, src, count, fl);	\
	else									\
		FASTOP3_CL(#op "w %%cl, %w[s], %w[d]", dst, src, count, fl);	\
	*eflags = fastop_unpack(*eflags, fl);					\
	return dst;								\
}

/*
 * fastop_<name>(lo, hi, src, bytes, eflags) on rDX:rAX in place, AX alone for
 * bytes: MUL, IMUL, DIV, IDIV. A division must be known not to fault.
 */
#define DEFINE_FASTOP_AD(name, op)						\
static void fastop_##name(unsigned long *lo, unsigned long *hi, unsigned long src, \
			  unsigned int bytes, unsigned long *eflags)		\
{										\
	unsigned long a = *lo, d = *hi, fl = fastop_pack(*eflags);		\
										\
	if (bytes == 8)								\
		FASTOP_AD(#op "q %q[s]", a, d, src, fl);			\
	else if (bytes == 4)							\
		FASTOP_AD(#op "l %k[s]", a, d, src, fl);			\
	else if (bytes == 2)							\
		FASTOP_AD(#op "w %w[s]", a, d, src, fl);			\
	else									\
		FASTOP_AD(#op "b %b[s]", a, d, src, fl);			\
	*eflags = fastop_unpack(*eflags, fl);					\
	*lo = a;								\
	*hi = d;								\
}

/* The condition that @pair (bits 1-3 of Jcc, SETcc, CMOVcc) names without its negation. */
static inline bool condition(unsigned int pair, unsigned long eflags)
{
	bool less = !(eflags & EFLG_SF) != !(eflags & EFLG_OF);

	switch (pair & 7) {
	case 0: return eflags & EFLG_OF;
	case 1: return eflags & EFLG_CF;
	case 2: return eflags & EFLG_ZF;
	case 3: return eflags & (EFLG_CF | EFLG_ZF);
	case 4: return eflags & EFLG_SF;
	case 5: return eflags & EFLG_PF;
	case 6: return less;
	default: return less || (eflags & EFLG_ZF);
	}
}

/* Does condition @cc (the low four bits of the opcode) hold in @eflags? */
static inline bool test_cc(unsigned int cc, unsigned long eflags)
{
	return condition(cc >> 1, eflags) != (cc & 1);
}

#endif
