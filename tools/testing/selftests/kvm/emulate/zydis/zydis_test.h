/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The decoder against an independent one: libzydis. Both decode the same bytes;
 * length and text agree, or the difference has a row in classes.c.
 */
#ifndef EMUTEST_ZYDIS_TEST_H
#define EMUTEST_ZYDIS_TEST_H

#include <Zydis/Zydis.h>
#include "walk.h"
#include "tap.h"

#define ZYDIS_BYTES	15
#define ZYDIS_TEXT	160

/* What the emulator says about a string of bytes. */
enum verdict {
	V_DECODED,
	V_REFUSED,	/* #UD, or #GP for more than 15 bytes */
	V_OPAQUE,	/* no row describes it: X86EMUL_UNHANDLEABLE */
};

/* Both decoders' answers for the same bytes. */
struct verdicts {
	const u8 *bytes;
	enum x86emul_mode mode;
	const struct x86_emulate_ctxt *ctxt;
	enum verdict ours;
	unsigned int length;
	bool accepted;			/* by Zydis */
	ZyanStatus status;
	ZydisDecodedInstruction insn;	/* if accepted */
	ZydisDecodedOperand operand[ZYDIS_MAX_OPERAND_COUNT];
	char text[ZYDIS_TEXT], ztext[ZYDIS_TEXT];	/* normalised, if both decode */
};

/* A kind of difference that is known and meant. */
struct difference {
	const char *name;
	const char *reason;
	bool (*matches)(const struct verdicts *v);
	u64 used;	/* by the current run */
};

extern struct difference differences[];
extern const unsigned int nr_differences;

/* The first row of differences[] that explains @v, or NULL. (classes.c) */
struct difference *classify(const struct verdicts *v);

/* Both texts in one spelling, into v->text and v->ztext. (normalize.c) */
void normalize(struct verdicts *v, const char *text, const char *ztext);

#endif
