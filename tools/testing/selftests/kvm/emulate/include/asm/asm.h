/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's exception table, for machine_trap.c: a fault at @from goes on at @to. */
#ifndef EMUTEST_ASM_ASM_H
#define EMUTEST_ASM_ASM_H

#define _ASM_EXTABLE(from, to)						\
	" .pushsection emul_ex_table, \"a\"\n"				\
	" .balign 4\n"							\
	" .long (" #from ") - .\n"					\
	" .long (" #to ") - .\n"					\
	" .popsection\n"

#endif
