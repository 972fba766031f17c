/* SPDX-License-Identifier: GPL-2.0-only */
/* What the demonstration prints: a line for each instruction, then a table. */
#ifndef KVM_DEMO_SHOW_H
#define KVM_DEMO_SHOW_H

#include "trace.h"

/* The heading of the lines. */
void show_header(void);
/* One line on stdout; counts the instruction for the table. */
void show_insn(const struct emulated *e);
/* The table mnemonic, reason, count; most frequent first. */
void show_table(void);
/* How many lines were shown, those with a failure, and the different mnemonics. */
unsigned int shown_lines(void);
unsigned int shown_failures(void);
unsigned int shown_mnemonics(void);

#endif
