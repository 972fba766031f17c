/* SPDX-License-Identifier: GPL-2.0-only */
/* One encoding of one row with one set of input values. */
#ifndef FORCED_TABLE_TRIAL_H
#define FORCED_TABLE_TRIAL_H

#include "kvm_test.h"
#include "rows.h"

#define NR_STATES 3
#define MEMORY_OFFSET 0x100	/* where rBX points to in the data page */
#define STRING_SOURCE 0x200
#define STRING_TARGET 0x400
/* Where branches by value land: HLT there, and where 16 bits of it lead to. */
#define LANDING 0x500
/* A page that no paging mode maps, and the page before it. */
#define HOLE_GPA 0x9f000ul

struct trial {
	const struct table_row *row;
	struct table_insn insn;
	unsigned int state;		/* below NR_STATES */
	/* Results of trial_prepare(). */
	u64 undefined;			/* flags that are not compared */
	struct forced_case c;
	u8 code[64];
	u8 data[0x600];
	u8 stack[128];
	struct kvm_fpu fpu;
};

/* Why the row is not compared, or NULL. */
const char *row_excluded(const struct table_row *row);
/* Why the instruction may fault whatever it starts with, or NULL. */
const char *row_only_faults(const struct table_row *row);
/* TCG begins with the last bytes of the operand: CR2 is no processor's. */
bool row_reads_backwards(const struct table_row *row);
/* Why the row is not compared in the mode and form of @t, or NULL. */
const char *form_excluded(const struct trial *t);
/* The reason when a native #UD speaks of the processor, not of the emulator; or NULL. */
const char *native_ud_excused(const struct trial *t);
/* The @i-th immediate worth trying; false when there is no such. */
bool row_immediate(const struct table_row *row, enum guest_mode mode, unsigned int i, u64 *imm);
/* Fill in registers, flags, memory and stack, and what follows the instruction. */
void trial_prepare(struct trial *t);
/* General register @nr, by its number in encodings. */
unsigned long long *trial_reg(struct kvm_regs *regs, unsigned int nr);
/* Seed of the values; set it before the first trial. */
extern u64 trial_seed;

#endif
