/* SPDX-License-Identifier: GPL-2.0-only */
/* Families of vector rows that several opcode maps share. */
#ifndef KVM_X86_EMULATE_OPCODE_TABLE_H
#define KVM_X86_EMULATE_OPCODE_TABLE_H

#include "emulate/insn.h"

#define VMOVE	(F_WO | F_SSE | F_NOSIZE)
#define MMOVE	(F_WO | F_MMX | F_NOSIZE)

/* Vector arithmetic by mandatory prefix: MMX and SSE; the four floating-point types. */
#define MMX_SSE(mnem)								\
	BY_PREFIX(#mnem, KNOWN(mnem, Pq, Qq, __, F_MMX | F_NOSIZE),		\
		  KNOWN(mnem, Vdq, Wdq, __, F_SSE | F_NOSIZE), UNDEF, UNDEF)
#define SSE_66(mnem)								\
	BY_PREFIX(#mnem, UNDEF, KNOWN(mnem, Vdq, Wdq, __, F_SSE | F_NOSIZE), UNDEF, UNDEF)
#define PS_PD(mnem)								\
	BY_PREFIX(#mnem, KNOWN(mnem##ps, Vdq, Wdq, __, F_SSE | F_NOSIZE),	\
		  KNOWN(mnem##pd, Vdq, Wdq, __, F_SSE | F_NOSIZE), UNDEF, UNDEF)
#define PS_SS(mnem)								\
	BY_PREFIX(#mnem, KNOWN(mnem##ps, Vdq, Wdq, __, F_SSE | F_NOSIZE), UNDEF,	\
		  KNOWN(mnem##ss, Vd, Wd, __, F_SSE | F_NOSIZE), UNDEF)
#define PS_PD_SS_SD(mnem)							\
	BY_PREFIX(#mnem, KNOWN(mnem##ps, Vdq, Wdq, __, F_SSE | F_NOSIZE),	\
		  KNOWN(mnem##pd, Vdq, Wdq, __, F_SSE | F_NOSIZE),		\
		  KNOWN(mnem##ss, Vd, Wd, __, F_SSE | F_NOSIZE),		\
		  KNOWN(mnem##sd, Vq, Wq, __, F_SSE | F_NOSIZE))
#endif
