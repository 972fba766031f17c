// SPDX-License-Identifier: GPL-2.0-only
/*
 * Worker processes share out the rows; what one of them leaves behind when it
 * crashes or hangs is reported, and another takes its place.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#undef F_LOCK	/* of lockf(); a row flag here */
#include "native.h"
#include "tap.h"

#define MAX_WORKERS	16
#define MAX_CRASHES	3	/* of one row, then it is left out */
#define ROUND_CASES	2400	/* of one row, then the next */
#define HANG_SECONDS	20
#define UNDEFINED_SHARE	8	/* undefined rows get so much less */

struct shared {
	u32 ticket;		/* rows handed out, over all rounds */
	u32 tickets;		/* how many there are */
	u32 nr_walked;
	u64 deadline;		/* seconds of CLOCK_MONOTONIC */
	u16 walked[MAX_ROWS];
	struct worker_state worker[MAX_WORKERS];
	struct row_result result[MAX_ROWS];
};

static struct shared *shared;
static pid_t pids[MAX_WORKERS];
static u32 round_cases;
struct worker_state *worker_state;

static u64 now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

/* That an encoding does not exist is seen soon. */
static u32 cases_of(u32 row)
{
	return rows[row].op->flags & F_UD ? round_cases / UNDEFINED_SHARE + 1 : round_cases;
}

static void worker(u32 nr)
{
	cpu_set_t one;
	u32 ticket;

	worker_state = &shared->worker[nr];
	CPU_ZERO(&one);
	CPU_SET(nr, &one);
	sched_setaffinity(0, sizeof(one), &one);
	if (!sandbox_enter_child())
		_exit(3);
	emu_init();
	while ((ticket = __atomic_fetch_add(&shared->ticket, 1, __ATOMIC_RELAXED)) <
	       shared->tickets && now() < shared->deadline) {
		u32 row = shared->walked[ticket % shared->nr_walked];
		u32 turn = ticket / shared->nr_walked;
		struct row_result *res = &shared->result[row];

		if (res->crashes >= MAX_CRASHES)
			continue;
		worker_state->row = row;
		worker_state->busy = 1;
		walk_row(row, test_seed + turn * 0x2545f4914f6cdd1dull, cases_of(row), res);
		worker_state->busy = 0;
	}
	_exit(0);
}

static void start(u32 nr)
{
	fflush(stdout);
	shared->worker[nr].busy = 0;
	pids[nr] = fork();
	if (!pids[nr])
		worker(nr);
}

static void report_end(u32 nr, int status)
{
	const struct worker_state *w = &shared->worker[nr];
	struct row_result *res = &shared->result[w->row];
	char *text;
	int n;
	u32 i;

	if (!w->busy) {
		tap_result(false, "see above", "native: worker %u ended with status %x", nr, status);
		return;
	}
	res->crashes++;
	if (res->examples == NATIVE_EXAMPLES)
		return;
	text = res->example[res->examples++];
	n = snprintf(text, NATIVE_TEXT, "the worker %s: %s, bytes",
		     WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL ? "hung" : "crashed",
		     worlds[w->world].name);
	for (i = 0; i < w->len; i++)
		n += snprintf(text + n, NATIVE_TEXT - n, " %02x", w->bytes[i]);
	for (i = 0; i < 16; i++)
		n += snprintf(text + n, NATIVE_TEXT - n, "%s%llx", i ? " " : "\n#     registers ",
			      w->gpr[i]);
}

/* A worker whose counter stands still is killed; that ends it like a crash. */
static void kill_hung(u32 workers, u64 *beat, u64 *since)
{
	u32 i;

	for (i = 0; i < workers; i++) {
		if (beat[i] != shared->worker[i].beat || !shared->worker[i].busy) {
			beat[i] = shared->worker[i].beat;
			since[i] = now();
		} else if (pids[i] > 0 && now() - since[i] > HANG_SECONDS) {
			kill(pids[i], SIGKILL);
		}
	}
}

static void supervise(u32 workers)
{
	u64 beat[MAX_WORKERS] = { 0 }, since[MAX_WORKERS];
	struct timespec second = { .tv_sec = 1 };
	u32 i, alive = workers;
	int status;
	sigset_t child;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	for (i = 0; i < workers; i++)
		since[i] = now();
	while (alive) {
		sigtimedwait(&child, NULL, &second);
		kill_hung(workers, beat, since);
		for (i = 0; i < workers; i++) {
			if (pids[i] <= 0 || waitpid(pids[i], &status, WNOHANG) != pids[i])
				continue;
			pids[i] = 0;
			if (!status) {
				alive--;
				continue;
			}
			report_end(i, status);
			if (shared->worker[i].busy)
				start(i);
			else
				alive--;
		}
	}
}

static void report_row(u32 i)
{
	const struct row_result *res = &shared->result[i];
	u32 k;

	if (!res->cases && !res->crashes) {
		tap_skip(res->not_emulated ? "no form of it is emulated" :
			 now() >= shared->deadline ? "the time was over" :
			 "no mode of this host has it", "native: %s", row_name(&rows[i]));
		return;
	}
	tap_result(!res->mismatches && !res->crashes, NULL, "native: %s", row_name(&rows[i]));
	if (!res->retired && !(rows[i].op->flags & (F_UD | F_PRIV)))
		tap_note("  faulted each time");
	if (res->mismatches || res->crashes)
		tap_note("  %llu of %llu cases differ, %u crashes", res->mismatches, res->cases,
			 res->crashes);
	for (k = 0; k < res->examples; k++)
		tap_note("  %s", res->example[k]);
}

static void report_excluded(u32 i, const char *why)
{
	char lacks[64];

	if (!strcmp(why, "no such encoding") || !strcmp(why, "not emulated"))
		return;
	if (emu_has_feature(rows[i].op)) {
		tap_skip(why, "native: %s", row_name(&rows[i]));
		return;
	}
	snprintf(lacks, sizeof(lacks), "this CPU has no %s", why);
	tap_skip(lacks, "native: %s", row_name(&rows[i]));
}

struct family {
	const char *name;
	u64 rows, cases, retired, faulted, mismatches;
};

static void add_family(struct family *families, u32 i)
{
	const struct row_result *res = &shared->result[i];
	const char *name = row_family(&rows[i]);
	struct family *f = families;

	while (f->name && strcmp(f->name, name))
		f++;
	f->name = name;
	f->rows++;
	f->cases += res->cases;
	f->retired += res->retired;
	f->faulted += res->faulted;
	f->mismatches += res->mismatches;
}

static void report(double seconds)
{
	struct family families[16] = { 0 }, *f, sum = { 0 };
	u32 i, unknown = 0, none = 0;

	for (i = 0; i < nr_rows; i++) {
		const char *why = row_excluded(&rows[i]);

		unknown += why && !strcmp(why, "not emulated");
		none += why && !strcmp(why, "no such encoding");
		if (why) {
			report_excluded(i, why);
			continue;
		}
		report_row(i);
		add_family(families, i);
		if (shared->result[i].retired)
			mark_executed(rows[i].op, BY_NATIVE);
	}
	tap_note("%-10s %6s %10s %10s %10s %10s", "family", "rows", "cases", "retired", "faulted",
		 "differ");
	for (f = families; f->name; f++) {
		tap_note("%-10s %6llu %10llu %10llu %10llu %10llu", f->name, f->rows, f->cases,
			 f->retired, f->faulted, f->mismatches);
		sum.rows += f->rows;
		sum.cases += f->cases;
		sum.retired += f->retired;
		sum.faulted += f->faulted;
		sum.mismatches += f->mismatches;
	}
	tap_note("%-10s %6llu %10llu %10llu %10llu %10llu", "all", sum.rows, sum.cases, sum.retired,
		 sum.faulted, sum.mismatches);
	tap_note("%.1f seconds, %.0f cases a second; not walked: %u rows not emulated, %u undefined",
		 seconds, seconds > 0 ? sum.cases / seconds : 0, unknown, none);
}

static u32 nr_workers(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n < 1 ? 1 : n > MAX_WORKERS ? MAX_WORKERS : n;
}

static bool prepare(u64 cases, unsigned int seconds)
{
	u64 rounds, weight = 0;
	u32 i;

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (shared == MAP_FAILED)
		return false;
	emu_init();
	for (i = 0; i < nr_rows; i++)
		if (!row_excluded(&rows[i])) {
			shared->walked[shared->nr_walked++] = i;
			weight += rows[i].op->flags & F_UD ? 1 : UNDEFINED_SHARE;
		}
	if (!shared->nr_walked)
		return false;
	round_cases = cases * UNDEFINED_SHARE / weight + 1;
	rounds = (round_cases + ROUND_CASES - 1) / ROUND_CASES;
	round_cases = round_cases / rounds + 1;
	shared->tickets = rounds * shared->nr_walked;
	shared->deadline = now() + seconds;
	return true;
}

void native_walk(u64 cases, unsigned int seconds)
{
	const char *why = sandbox_init();
	struct timespec a, b;
	sigset_t child;
	u32 i, n = nr_workers();

	if (why) {
		tap_skip(why, "native comparison");
		return;
	}
	if (!sb_has_compat || !sb_has_ldt)
		tap_skip("this host has neither 32-bit code nor an LDT", "native: 32- and 16-bit code");
	if (!prepare(cases, seconds)) {
		tap_result(false, "no memory, or no rows", "native: start");
		return;
	}
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
	clock_gettime(CLOCK_MONOTONIC, &a);
	for (i = 0; i < n; i++)
		start(i);
	supervise(n);
	clock_gettime(CLOCK_MONOTONIC, &b);
	report(b.tv_sec - a.tv_sec + (b.tv_nsec - a.tv_nsec) / 1e9);
	sigprocmask(SIG_UNBLOCK, &child, NULL);
}
