/* SPDX-License-Identifier: GPL-2.0-only */
/* What the emulator's vector stubs raise on this CPU. */
#ifndef EMUTEST_MACHINE_TRAP_H
#define EMUTEST_MACHINE_TRAP_H

#include <linux/types.h>

/* Handle SIGFPE by the exception table; others keep their handler. */
void machine_catch_traps(void);
/* For signal handlers of others, before they judge: true when @ucontext goes on elsewhere. */
bool machine_fixup(void *ucontext);

#endif
