/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kvm:kvm_emulate_insn tracepoint, read live from a trace instance of our
 * own. For the main thread.
 */
#ifndef KVM_DEMO_TRACE_H
#define KVM_DEMO_TRACE_H

#include <stdbool.h>

/* One emulated instruction; a field that the tracepoint lacks is "-". */
struct emulated {
	char address[24];	/* CS base:RIP */
	char mode[8];		/* real, vm16, prot16, prot32, prot64 */
	char bytes[32];		/* without blanks */
	char insn[96];		/* mnemonic and operands */
	char reason[24];	/* exit reason */
	char type[80];		/* EMULTYPE flags */
	char result[16];	/* done, io, fault, failed, ... */
};

/*
 * Make the instance and enable the events. False, with the reason printed to
 * stderr, when there is no tracefs or no such event.
 */
bool trace_start(void);
/* Does the tracepoint of the loaded module name the instruction? */
bool trace_has_mnemonics(void);
/* Call @show for every event that arrived since; never waits. */
void trace_drain(void (*show)(const struct emulated *e));
/* Events that the ring buffer dropped because nobody read them in time. */
unsigned long trace_lost(void);
/* Disable the events and remove the instance. */
void trace_stop(void);

#endif
