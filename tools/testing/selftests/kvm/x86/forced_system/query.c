// SPDX-License-Identifier: GPL-2.0-only
/*
 * LAR, LSL, VERR and VERW of all 256 access bytes with each RPL. They do not
 * fault, so the guest walks the descriptors itself, natively and forced.
 */
#include <stdio.h>

#include "trial.h"

#define CODE_AT		0x400u		/* in the code page */
#define RESULTS_AT	0x3000u		/* behind the arena */
#define NR_QUERIES	4

/* ESI is the selector, EDI where the result and the flags go. */
#define QUERY(prefix, insn, flags)						\
	"xor %eax, %eax\n" prefix insn "\n" "pushf\n pop " flags "\n"		\
	"mov %eax, (%edi)\n mov %edx, 4(%edi)\n add $8, %edi\n"
#define QUERIES(prefix, flags)							\
	"1:\n"									\
	QUERY(prefix, "lar %esi, %eax", flags) QUERY(prefix, "lsl %esi, %eax", flags) \
	QUERY(prefix, "verr %si", flags) QUERY(prefix, "verw %si", flags)	\
	"add $8, %esi\n dec %ecx\n jnz 1b\n" GUEST_DONE "hlt\n"

GUEST_CODE(native16, 16, QUERIES("", "%dx"));
GUEST_CODE(native32, 32, QUERIES("", "%edx"));
GUEST_CODE(native64, 64, QUERIES("", "%rdx"));
GUEST_CODE(forced16, 16, QUERIES(GUEST_FEP, "%dx"));
GUEST_CODE(forced32, 32, QUERIES(GUEST_FEP, "%edx"));
GUEST_CODE(forced64, 64, QUERIES(GUEST_FEP, "%rdx"));

static const struct {
	const u8 *start, *end;
} code[][2] = {
	{ { native16, native16_end }, { forced16, forced16_end } },
	{ { native32, native32_end }, { forced32, forced32_end } },
	{ { native64, native64_end }, { forced64, forced64_end } },
};

struct query {
	u32 value, flags;
};

static struct trial trial;

static const char *run_queries(const struct world *w, unsigned int rpl, bool forced,
			       struct query *results)
{
	unsigned int bits = w->bits == 16 ? 0 : w->bits == 32 ? 1 : 2;
	const u8 *start = code[bits][forced].start, *end = code[bits][forced].end;
	struct trial *t = &trial;
	static struct outcome o;

	trial_init(t, w, TRIAL_BYTES(0x90));
	t->regs.rsi = S_SWEEP | rpl;
	t->regs.rdi = w->bits == 16 ? RESULTS_AT : IN_ARENA(RESULTS_AT);
	t->regs.rcx = 256;
	return trial_run_code(t, CODE_AT, start, end - start, &o, RESULTS_AT, results,
			      256 * NR_QUERIES * sizeof(*results));
}

/* Where the processor of the lab is wrong, or the manual has no answer. */
static bool is_known(const struct world *w, unsigned int acc, unsigned int query)
{
	unsigned int type = acc & 0x1f;

	/* Bochs looks at the upper half of an LDT, TSS or call gate, which here is none. */
	if (w->lma && query < 2 && machine_is_bochs() &&
	    (type == 2 || type == 9 || type == 0xb || type == 0xc))
		return true;
	return w->lma && query < 2 && (type == 1 || type == 3 || type == 4 || type == 5);
}

static void compare_queries(const struct world *w, unsigned int rpl)
{
	static const char *const names[NR_QUERIES] = { "LAR", "LSL", "VERR", "VERW" };
	static struct query n[256 * NR_QUERIES], f[256 * NR_QUERIES];
	unsigned int i, query, wrong = 0, known = 0;
	const char *r = run_queries(w, rpl, false, n);

	if (!r)
		r = run_queries(w, rpl, true, f);
	for (i = 0; !r && i < ARRAY_SIZE(n); i++) {
		query = i % NR_QUERIES;
		if (is_known(w, i / NR_QUERIES, query)) {
			known++;
			continue;
		}
		/* LAR leaves the limit's bits undefined. */
		if (!((n[i].value ^ f[i].value) & (query ? ~0u : ~0xf0000u)) &&
		    !((n[i].flags ^ f[i].flags) & 0xffff))
			continue;
		if (!wrong++ || verbose)
			note("%s of access %#x: native %#x flags %#x, forced %#x flags %#x",
			     names[query], i / NR_QUERIES, n[i].value, n[i].flags & 0xffff,
			     f[i].value, f[i].flags & 0xffff);
	}
	if (r && !kvm_is_ours()) {
		skip("LAR, LSL, VERR and VERW", "this KVM does not emulate them");
		return;
	}
	ok(!r && !wrong, "%s: LAR, LSL, VERR and VERW with RPL %u: %u comparisons, %u excluded",
	   w->name, rpl, r ? 0 : (unsigned int)ARRAY_SIZE(n) - known, known);
	if (r)
		note("%s", r);
	totals.comparisons += r ? 0 : ARRAY_SIZE(n) - known;
	totals.known += known;
}

void test_queries(const char *only)
{
	unsigned int rpl;

	if (only && !strstr("queries", only))
		return;
	FOR_WORLDS(w)
		for (rpl = 0; w->protected && rpl < 4; rpl++)
			compare_queries(w, rpl);
}
