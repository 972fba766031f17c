// SPDX-License-Identifier: GPL-2.0-only
/* Counting and reporting. */
#include <stdio.h>

#include "trial.h"

struct totals totals;
bool verbose;

/* The group that runs. */
static struct {
	const char *name, *pending;
	const struct world *w;
	unsigned int same, faults, expected, known, unhandled, absent, wrong;
	char where[200], what[256];
} group;

void group_begin(const char *name, const struct world *w, const char *pending)
{
	memset(&group, 0, sizeof(group));
	group.name = name;
	group.w = w;
	group.pending = pending;
}

static void describe(const struct trial *t, char *text, size_t size)
{
	unsigned int i, n;

	n = snprintf(text, size, "%s: %s:", t->w->name, t->text);
	for (i = 0; i < t->len && n < size; i++)
		n += snprintf(text + n, size - n, " %02x", t->insn[i]);
}

static void wrong(const struct trial *t, const char *what)
{
	char where[200];

	describe(t, where, sizeof(where));
	if (verbose)
		note("%s | %s", where, what);
	if (group.wrong++)
		return;
	memcpy(group.where, where, sizeof(where));
	snprintf(group.what, sizeof(group.what), "%s", what);
}

/* The answer of the forced instruction when it cannot be emulated. */
static bool is_unhandled(const struct outcome *n, const struct outcome *f)
{
	return (f->vector == UD_VECTOR && (!n || n->vector != UD_VECTOR)) ||
	       (f->reason == KVM_EXIT_INTERNAL_ERROR && (!n || n->reason != f->reason));
}

/*
 * On other modules, where the table has no handler, or where the processor has
 * what the guest's CPUID has not: nothing to compare.
 */
static bool is_absent(const struct trial *t, const struct outcome *n, const struct outcome *f)
{
	const struct table_row *row;

	if (!is_unhandled(n, f))
		return false;
	row = table_find(t->insn, t->len, t->w->bits);
	if (!kvm_is_ours() || (row && (!row->implemented || row->absent))) {
		group.absent++;
		return true;
	}
	if (group.pending) {
		group.unhandled++;
		totals.pending++;
		return true;
	}
	return false;
}

static void judge_expected(const struct trial *t)
{
	static struct outcome f;
	const char *what = NULL;
	char text[128];

	trial_run(t, true, &f);
	if (f.vector == t->vector && (f.error == t->error || t->error == ANY_ERROR) &&
	    (f.vector >= 0 || f.done)) {
		if (t->inspect)
			what = t->inspect(t, &f);
		if (what) {
			wrong(t, what);
			return;
		}
		group.expected++;
		totals.expected++;
		return;
	}
	/*
	 * A task without a stack has no handler: QEMU does not care, and VMX, which does not
	 * enter such a task, has its fault delivered by the emulator, which does.
	 */
	if (t->error == ANY_ERROR && f.reason == KVM_EXIT_SHUTDOWN &&
	    !strcmp(modules_vendor(), "kvm_intel")) {
		group.expected++;
		totals.expected++;
		return;
	}
	if (t->vector != UD_VECTOR && is_absent(t, NULL, &f))
		return;
	if (!kvm_is_ours()) {
		group.absent++;
		return;
	}
	snprintf(text, sizeof(text), "vector %d error %#llx expected, forced %d %#llx exit %s",
		 t->vector, (unsigned long long)t->error, f.vector, (unsigned long long)f.error,
		 exit_name(f.reason));
	wrong(t, text);
}

void try_trial(struct trial *t)
{
	static struct outcome n, f;
	const char *difference;

	if (must_not_run(t)) {
		group.known++;
		return;
	}
	if (t->distrust) {
		judge_expected(t);
		return;
	}
	trial_run(t, false, &n);
	trial_run(t, true, &f);
	if (verbose && (n.reason == RUN_HUNG || f.reason == RUN_HUNG)) {
		char where[200];

		describe(t, where, sizeof(where));
		note("hung: %s native rip %#llx, forced rip %#llx", where, n.regs.rip, f.regs.rip);
	}
	if (is_absent(t, &n, &f))
		return;
	difference = outcome_differs(t, &n, &f);
	if (!difference) {
		group.same++;
		group.faults += n.vector >= 0;
		totals.comparisons++;
		totals.faults += n.vector >= 0;
		return;
	}
	if (known_difference(t, &n, &f)) {
		group.known++;
		totals.known++;
	} else if (!kvm_is_ours()) {
		group.absent++;
	} else {
		wrong(t, difference);
	}
}

void group_end(void)
{
	char name[160];

	snprintf(name, sizeof(name), "%s%s%s", group.w ? group.w->name : "", group.w ? ": " : "",
		 group.name);
	if (!group.same && !group.expected && !group.wrong && (group.absent || group.unhandled)) {
		skip(name, kvm_is_ours() ? "not emulated yet" : "this KVM does not emulate it so");
		return;
	}
	if (!group.same && !group.expected && !group.known && !group.wrong)
		note("nothing compared");
	ok(!group.wrong && (group.same || group.expected || group.known),
	   "%s: %u comparisons, %u of them faults, %u by the manual, %u excluded%s", name,
	   group.same, group.faults, group.expected, group.known,
	   group.absent || group.unhandled ? ", others not emulated" : "");
	if (group.wrong) {
		note("%u mismatches, the first:", group.wrong);
		note("%s", group.where);
		note("%s", group.what);
	}
}

int run_families(family *const *families, int argc, char **argv)
{
	const char *only = argc > 1 && *argv[1] ? argv[1] : NULL;
	struct vm *vm;

	tap_start(only ? 600 : 58);
	vm = vm_create();
	if (forced_emulation_missing())
		skip_all(forced_emulation_missing());
	verbose = argc > 2;
	trials_begin(vcpu_create(vm));
	table_cpuid(guest_cpuid);
	if (!table_open())
		bail("the opcode tables cannot be walked");
	while (*families)
		(*families++)(only);
	report_known();
	note("%lu comparisons, %lu of them faults; %lu by the manual; %lu known differences; "
	     "%lu not emulated", totals.comparisons, totals.faults, totals.expected, totals.known,
	     totals.pending);
	vm_destroy(vm);
	return tap_done();
}
