/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The emulator's opcode tables as a guest test sees them: the rows that have a
 * handler, what kind of operands they have, and encodings made from them.
 *
 * rows.c is built against the emulator's own headers, whose types and names
 * differ from those of kvm_test.h: only plain C goes through here.
 */
#ifndef FORCED_TABLE_ROWS_H
#define FORCED_TABLE_ROWS_H

#include <stdbool.h>
#include <stdint.h>

struct table_row {
	unsigned int index;	/* of the walk */
	char text[64];		/* "0f 01 /4 mem smsw" */
	const char *name;	/* mnemonic */
	uint8_t map, opcode;	/* map 0: one byte, 1: 0F, 2: 0F38, 3: 0F3A */
	bool modrm;
	bool memory, reg;	/* what ModRM.rm can be */
	bool sized;		/* its operand size follows the prefixes */
	bool immediate;		/* of the kind that two values are tried of */
	bool lock;		/* LOCK is allowed with memory */
	bool rmw;		/* memory is read, then written */
	bool accesses;		/* ModRM memory is accessed, not only addressed */
	bool string;
	bool vector, mmx;	/* uses XMM, MMX registers */
	bool bit_offset;	/* the register operand reaches beyond the memory operand */
	bool by_one;		/* shifts by the constant 1 */
	bool offset;		/* address in the instruction */
	bool far;		/* far pointer in the instruction */
	bool sreg, creg, dreg;	/* ModRM.reg names one of these */
	bool implemented;	/* has a handler */
	bool absent;		/* table_cpuid() lacks the feature that it needs */
	bool system;		/* privileged, intercepted, or goes beyond the code segment */
};

/* What to encode, and the result. */
struct table_insn {
	int bits;		/* 16, 32, 64 */
	bool real;		/* 16 bits: real mode */
	uint8_t op_bytes;	/* 2, 4, 8; 0: the default */
	bool memory;		/* ModRM.rm is [rBX] */
	bool lock;
	uint8_t rep;		/* 0, 0xf2, 0xf3 */
	uint8_t reg, rm;	/* registers 0 to 15 in ModRM */
	uint64_t imm;		/* immediate, displacement, offset */
	uint8_t bytes[24], len;
	uint8_t size;		/* operand size it gets, bytes */
};

/*
 * Say which CPUID the guest has: @cpuid() gets leaf and subleaf in EAX and ECX
 * and fills in all four. Before table_open().
 */
void table_cpuid(void (*cpuid)(uint32_t *eax, uint32_t *ebx, uint32_t *ecx, uint32_t *edx));
/*
 * Walk the tables; the number of implemented rows. 0 when the tables cannot be
 * walked. Call first, once.
 */
unsigned int table_open(void);
/* Implemented row @i; NULL behind the last. */
const struct table_row *table_row(unsigned int i);
/* The row, implemented or not, that describes the instruction at @bytes; or NULL. */
const struct table_row *table_find(const uint8_t *bytes, unsigned int len, int bits);
/* False where the row has no such form. */
bool table_encode(const struct table_row *row, struct table_insn *insn);

#endif
