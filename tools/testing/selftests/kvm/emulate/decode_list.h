/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef EMUTEST_DECODE_LIST_H
#define EMUTEST_DECODE_LIST_H

#include "machine.h"

#define NO_EA	(~0ul)

struct decode_case {
	u8 mode;
	const char *code;
	const char *name;
	u8 op_bytes;		/* 0: does not matter */
	unsigned long ea;	/* of ModRM's memory operand, or NO_EA */
	u8 seg;
};

#define D16(...)	{ X86EMUL_MODE_PROT16, __VA_ARGS__ },
#define D32(...)	{ X86EMUL_MODE_PROT32, __VA_ARGS__ },
#define D64(...)	{ X86EMUL_MODE_PROT64, __VA_ARGS__ },

extern const struct decode_case decode_list[];
extern const unsigned int nr_decode_list;

#endif
