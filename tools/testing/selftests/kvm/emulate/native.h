/* SPDX-License-Identifier: GPL-2.0-only */
/* Run one instruction on this CPU with given registers and flags. */
#ifndef EMUTEST_NATIVE_H
#define EMUTEST_NATIVE_H

#include <linux/types.h>

/* What the instruction starts with and leaves; rSP is not the caller's to set. */
struct native_state {
	u64 gpr[16];
	u64 eflags;
	u8 xmm[16][16];
	u64 mmx[8];
	int signal;	/* it raised: the registers are those at the fault; 0: none */
};

/* Prepare the pages and the signal handlers. False where that is not possible. */
bool native_init(void);
/*
 * Choose @code (@len bytes, position independent, no stack use), to run in 64-bit mode or in
 * compatibility mode, where the upper halves of registers mean nothing afterwards.
 */
void native_prepare(const u8 *code, unsigned int len, bool compat);
void native_run(struct native_state *state);
/* Does this host run 32-bit code? */
bool native_has_compat(void);
/* Two pages below 4 GiB for memory operands. */
void *native_page(void);

#endif
