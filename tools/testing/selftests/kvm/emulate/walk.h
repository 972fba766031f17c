/* SPDX-License-Identifier: GPL-2.0-only */
/* The opcode tables, walked: every leaf row with what selects it, and encodings made from it. */
#ifndef EMUTEST_WALK_H
#define EMUTEST_WALK_H

#include "machine.h"

#define MAX_ROWS	16384

/* A leaf row. A selector that was not met on the way is -1. */
struct row {
	const struct opcode *op;
	u8 map;		/* enum opcode_map */
	u8 b;
	s8 mod;		/* 0 memory, 1 register */
	s8 reg;
	s8 rm;
	s8 prefix;	/* 0 none, 1 66, 2 F3, 3 F2 */
	s8 mode64;
	s8 w;
	s8 w64;		/* as @w, but 1 only in 64-bit mode */
	s8 l;		/* VEX.L, EVEX.L'L */
	s8 opsize;	/* 2, 4, 8 */
	s8 adsize;	/* 2, 4, 8 */
	s8 rexb;
};

extern struct row rows[MAX_ROWS];
extern unsigned int nr_rows;
/* Problems met while walking: members missing, selectors unknown. */
extern unsigned int walk_errors;
extern char walk_error[128];

void walk_tables(void);
/* "0f 01 /4 mem smsw" in a static buffer. */
const char *row_name(const struct row *row);

/* What the operands of a row imply. */
bool row_needs_modrm(const struct row *row);
bool row_takes_memory(const struct row *row);	/* ModRM.rm may be memory */
bool row_takes_register(const struct row *row);	/* ModRM.rm may be a register */
bool row_implemented(const struct row *row);	/* has a handler */
bool row_is_vex(const struct row *row);		/* VEX or EVEX */
bool row_is_evex(const struct row *row);
/* Does this row exist in @mode? */
bool row_in_mode(const struct row *row, enum x86emul_mode mode);

/* How to encode a row. */
struct encoding {
	enum x86emul_mode mode;
	u8 op_bytes;	/* 2, 4, 8; 0: the mode's default */
	bool memory;	/* ModRM.rm is [rBX] */
	bool lock;
	u8 rep;		/* 0, 0xf2, 0xf3 */
	u8 reg;		/* ModRM.reg where the row leaves it free, 0-15, vectors of EVEX 0-31 */
	u8 rm;		/* register in ModRM.rm, as @reg */
	u8 vvvv;	/* VEX.vvvv where the row uses it, as @reg */
	u8 l;		/* vector length where the row leaves it free */
	bool vex3;	/* C4 even where C5 does */
	u8 aaa;		/* EVEX: opmask, */
	bool z;		/* and zeroing */
	bool b;		/* EVEX: broadcast, rounding */
	u64 imm;	/* all immediates, displacements and offsets */
	/* Results. */
	u8 bytes[24];
	u8 len;
	u8 size;	/* operand size it gets */
	u8 modrm_at;	/* where ModRM is in @bytes; 0: there is none */
};

/* Encode @row as asked; false where the row has no such form. */
bool encode_row(const struct row *row, struct encoding *e);

/* The registry of rows that were executed to the end, and by what. */
#define BY_CASE		BIT(0)	/* a case with expected results */
#define BY_NATIVE	BIT(1)	/* compared with this CPU */
void mark_executed(const struct opcode *op, unsigned int by);
unsigned int was_executed(const struct opcode *op);

#endif
