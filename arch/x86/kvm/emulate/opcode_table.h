/* SPDX-License-Identifier: GPL-2.0-only */
/* Families of vector rows that several opcode maps share. */
#ifndef KVM_X86_EMULATE_OPCODE_TABLE_H
#define KVM_X86_EMULATE_OPCODE_TABLE_H

#include "emulate/insn.h"

/* Rows by register file and feature; with a memory operand of 16 bytes; moves. */
#define MMX_OP(f)	(F_MMX | F_NOSIZE | F_CPUID(f))
#define SSE_OP(f)	(F_SSE | F_NOSIZE | F_CPUID(f))
#define SSE_M128(f)	(SSE_OP(f) | F_ALIGN | F_MISALIGN)
#define MMOVE(f)	(MMX_OP(f) | F_WO)
#define VMOVE(f)	(SSE_OP(f) | F_WO)
#define VMOVE_A(f)	(SSE_OP(f) | F_WO | F_ALIGN)

/* Vector arithmetic by mandatory prefix: MMX and SSE; the four floating-point types. */
#define MMX_SSE(mnem, m, x)							\
	BY_PREFIX(#mnem, INSN(mnem, Pq, Qq, __, MMX_OP(m)),			\
		  INSN(mnem, Vdq, Wdq, __, SSE_M128(x)), UNDEF, UNDEF)
/* The MMX form reads four bytes of memory. */
#define MMX_SSE_LOW(mnem)							\
	BY_PREFIX(#mnem, INSN(mnem, Pq, Qd, __, MMX_OP(MMX)),			\
		  INSN(mnem, Vdq, Wdq, __, SSE_M128(SSE2)), UNDEF, UNDEF)
#define SSE_66(mnem, f)								\
	BY_PREFIX(#mnem, UNDEF, INSN(mnem, Vdq, Wdq, __, SSE_M128(f)), UNDEF, UNDEF)
#define PS_PD(mnem)								\
	BY_PREFIX(#mnem "ps", INSN(mnem##ps, Vdq, Wdq, __, SSE_M128(SSE)),	\
		  INSN(mnem##pd, Vdq, Wdq, __, SSE_M128(SSE2)), UNDEF, UNDEF)
/* The same that do as integer instructions do. */
#define PS_PD_H(mnem, single, dbl)						\
	BY_PREFIX(#mnem "ps", INSN_H(mnem##ps, single, Vdq, Wdq, __, SSE_M128(SSE)),	\
		  INSN_H(mnem##pd, dbl, Vdq, Wdq, __, SSE_M128(SSE2)), UNDEF, UNDEF)
#define PS_SS(mnem)								\
	BY_PREFIX(#mnem "ps", INSN(mnem##ps, Vdq, Wdq, __, SSE_M128(SSE) | F_WO),	\
		  UNDEF, INSN(mnem##ss, Vd, Wd, __, SSE_OP(SSE)), UNDEF)
#define PS_PD_SS_SD(mnem, fl)							\
	BY_PREFIX(#mnem "ps", INSN(mnem##ps, Vdq, Wdq, __, SSE_M128(SSE) | (fl)),	\
		  INSN(mnem##pd, Vdq, Wdq, __, SSE_M128(SSE2) | (fl)),		\
		  INSN(mnem##ss, Vd, Wd, __, SSE_OP(SSE)),			\
		  INSN(mnem##sd, Vq, Wq, __, SSE_OP(SSE2)))
#endif
