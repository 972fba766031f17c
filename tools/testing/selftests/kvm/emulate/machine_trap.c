// SPDX-License-Identifier: GPL-2.0-only
/* The exception table at work: an instruction that raises #XM or #UD goes on where its entry says. */
#define _GNU_SOURCE
#include <signal.h>
#include <stddef.h>
#include <ucontext.h>
#include "machine_trap.h"

/* Each relative to itself. */
struct ex_entry {
	s32 from, to;
};

extern const struct ex_entry __start_emul_ex_table[] __attribute__((weak));
extern const struct ex_entry __stop_emul_ex_table[] __attribute__((weak));

static const int trap_signal[] = { SIGFPE, SIGILL };
static struct sigaction previous[2];

bool machine_fixup(void *ucontext)
{
	ucontext_t *uc = ucontext;
	u64 rip = uc->uc_mcontext.gregs[REG_RIP];
	const struct ex_entry *e;

	for (e = __start_emul_ex_table; e < __stop_emul_ex_table; e++)
		if ((u64)&e->from + e->from == rip) {
			uc->uc_mcontext.gregs[REG_RIP] = (u64)&e->to + e->to;
			return true;
		}
	return false;
}

static void on_trap(int sig, siginfo_t *info, void *arg)
{
	const struct sigaction *prev = &previous[sig == SIGILL];

	if (machine_fixup(arg))
		return;
	if (prev->sa_flags & SA_SIGINFO)
		prev->sa_sigaction(sig, info, arg);
	else
		signal(sig, SIG_DFL);
}

void machine_catch_traps(void)
{
	struct sigaction sa = { .sa_sigaction = on_trap, .sa_flags = SA_SIGINFO | SA_ONSTACK };
	unsigned int i;

	for (i = 0; i < 2; i++)
		sigaction(trap_signal[i], &sa, &previous[i]);
}
