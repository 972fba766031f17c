/* SPDX-License-Identifier: GPL-2.0-only */
/* Known differences: one entry, and what the lists of the machines share. */
#ifndef FORCED_SYSTEM_KNOWN_H
#define FORCED_SYSTEM_KNOWN_H

#include "trial.h"

struct known {
	const char *reason;
	bool (*applies)(const struct trial *t, const struct outcome *n, const struct outcome *f);
	unsigned long met;
};

/* Up to an entry without a reason. */
extern struct known bochs_differences[];

/* The opcode behind the prefixes; 0x0f00 and the second byte in the 0F map. */
bool is_op(const struct trial *t, unsigned int op);
bool is_op_reg(const struct trial *t, unsigned int op, unsigned int reg);
bool is_far_branch(const struct trial *t);
/* The code segment that a trial has of its own ends before the code does. */
bool own_code_is_short(const struct trial *t);

#endif
