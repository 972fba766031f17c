/* SPDX-License-Identifier: GPL-2.0-only */
/* One instruction in one world, natively and forced, and what became of it. */
#ifndef FORCED_SYSTEM_TRIAL_H
#define FORCED_SYSTEM_TRIAL_H

#include "rows.h"
#include "world.h"

#define ANY_ERROR (~0ull)

/* MSRs that trials change, with what they start from. */
#define NR_MSRS 9
extern const u32 msr_index[NR_MSRS];

#define MAX_PORTS 4		/* accesses of one instruction */

struct outcome;

struct trial {
	const struct world *w;
	char text[96];		/* what is special about it */
	u8 insn[15], len;
	/* Run natively in front of it and behind it: prepare, and read back. */
	u8 before[48], before_len, after[48], after_len;
	struct kvm_regs regs;	/* rip and a zero rsp are supplied */
	struct kvm_sregs sregs;
	u8 arena[ARENA_SIZE];
	u64 undefined;		/* bits of RFLAGS that are not compared */
	bool msrs;		/* set them before and compare them afterwards */
	u64 msr[NR_MSRS];
	/*
	 * What the manual says, when the native run is not to be believed: vector and
	 * error code. The rest of the state is not compared then.
	 */
	const char *distrust;	/* why; NULL: compare with the native run */
	int vector;		/* -1: none */
	u64 error;		/* or ANY_ERROR */
	/* More to look at then, or NULL: what is wrong, or NULL. */
	const char *(*inspect)(const struct trial *t, const struct outcome *f);
};

struct outcome {
	int reason;		/* of the exit, or RUN_HUNG */
	int vector;		/* reported by a handler; -1: none */
	bool done;		/* went on, or to a landing */
	u64 error;		/* error code */
	/* Ports on the way, other than the two that end a run. */
	struct port_access {
		u16 port;
		u8 size, count, out;
		u64 data;	/* written */
	} io[MAX_PORTS];
	unsigned int ports;
	struct kvm_regs regs;
	struct kvm_sregs sregs;
	u64 msr[NR_MSRS];
	u8 arena[ARENA_SIZE];
};

/*
 * All of a test program: the families of @families, or what the first argument
 * names; a second argument prints every difference. Returns the exit code.
 */
typedef void family(const char *only);
int run_families(family *const *families, int argc, char **argv);

/* Call first. */
void trials_begin(struct vcpu *vcpu);
/* A trial of the instruction @bytes in @w as it is. */
void trial_init(struct trial *t, const struct world *w, const u8 *bytes, unsigned int len);
#define TRIAL_BYTES(...) (const u8[]){ __VA_ARGS__ }, sizeof((const u8[]){ __VA_ARGS__ })
void trial_text(struct trial *t, const char *fmt, ...) __printf(2, 3);
/* Append to the native code in front and behind. */
void trial_before(struct trial *t, const u8 *bytes, unsigned int len);
void trial_after(struct trial *t, const u8 *bytes, unsigned int len);
/* Say what has to come out instead of the native run. */
void trial_expect(struct trial *t, const char *why, int vector, u64 error);
/* A descriptor, or half of one, in the trial's GDT. */
void trial_desc(struct trial *t, u16 selector, u64 desc);
/* @count values of @size bytes where the stack pointer points to, or will. */
void trial_stack(struct trial *t, const u64 *values, unsigned int count, unsigned int size);
/* Put @size bytes at @at of the arena. */
void trial_put(struct trial *t, unsigned int at, u64 value, unsigned int size);
u64 get_bytes(const void *from, unsigned int size);

/* Run it once. */
void trial_run(const struct trial *t, bool forced, struct outcome *o);
/*
 * Run the @len bytes of @code at @at of the code page instead, in the trial's
 * world and with its registers, and fetch @size bytes at @from of the arena's
 * segment. NULL when it came to its end, else what happened.
 */
const char *trial_run_code(const struct trial *t, unsigned int at, const u8 *code, unsigned int len,
			   struct outcome *o, unsigned int from, void *data, unsigned int size);
/* NULL when alike, else the first difference (static buffer). */
const char *outcome_differs(const struct trial *t, const struct outcome *n, const struct outcome *f);
/* Run both ways, compare, and count it for the current group. */
void try_trial(struct trial *t);

/* ---- what is known to differ (known.c) -------------------------------------------- */

/*
 * Why the native run is wrong, or not comparable: looked up when the runs differ.
 * NULL: it is a mismatch.
 */
const char *known_difference(const struct trial *t, const struct outcome *n,
			     const struct outcome *f);
/* Why the native run must not even be tried, or NULL. */
const char *must_not_run(const struct trial *t);
/* Print how often each was met. */
void report_known(void);

/* ---- groups ------------------------------------------------------------------------ */

/*
 * A group is one line of TAP, of one world or (@w NULL) of all. @pending: why
 * some of it is not emulated yet, or NULL.
 */
void group_begin(const char *name, const struct world *w, const char *pending);
void group_end(void);
/* Numbers for the summary. */
struct totals {
	unsigned long comparisons, faults, known, expected, pending;
};
extern struct totals totals;
extern bool verbose;		/* print every difference, not the first of a group */

/* Only the rows, or the family, with @only in its name, unless it is NULL. */
void test_rows(const char *only);	/* every system row of the tables, everywhere */
void test_far(const char *only);	/* "far" */
void test_privilege(const char *only);	/* "privilege" */
void test_queries(const char *only);	/* "queries" */
void test_tasks(const char *only);	/* "tasks" */
void test_segments(const char *only);	/* "segments" */
void test_interrupts(const char *only);	/* "interrupts" */

#endif
