// SPDX-License-Identifier: GPL-2.0-only
/* One row: forms, and on each of them some states. */
#include <stdio.h>
#include <linux/string.h>
#include "native.h"

#define STATES		12	/* cases on one encoding */
#define MAX_MISSES	64	/* encodings in a row that cannot be made */

static bool world_available(u32 w)
{
	if (worlds[w].mode == X86EMUL_MODE_PROT64)
		return true;
	return sb_has_compat && sb_has_ldt;
}

static void note_case(const struct form *f)
{
	worker_state->beat++;
	memcpy(worker_state->gpr, sandbox->in.gpr, sizeof(worker_state->gpr));
}

static void note_form(const struct form *f)
{
	memcpy(worker_state->bytes, f->bytes, sizeof(f->bytes));
	worker_state->len = f->len;
	worker_state->world = f->world - worlds;
}

static void keep_example(struct row_result *res, const struct form *f, const char *why)
{
	char *text;
	int n;

	res->mismatches++;
	if (res->examples == NATIVE_EXAMPLES)
		return;
	text = res->example[res->examples++];
	n = snprintf(text, NATIVE_TEXT, "%s\n#     ", why);
	case_describe(f, text + n, NATIVE_TEXT - n);
}

static void run_form(struct rng *r, const struct form *f, struct row_result *res)
{
	char why[256];
	bool retired;
	u32 i;

	note_form(f);
	sandbox_code(f->at, f->bytes, f->len, f->world->seg[X86_SEG_CS]);
	emu_copy_code();
	for (i = 0; i < STATES; i++) {
		bool same;

		values_make(r, f);
		note_case(f);
		*why = 0;
		retired = false;
		same = case_agrees(f, &retired, why, sizeof(why));
		if (!same && !strcmp(why, "not emulated")) {
			res->not_emulated++;
			continue;
		}
		res->cases++;
		if (!same)
			keep_example(res, f, why);
		else if (retired)
			res->retired++;
		else
			res->faulted++;
	}
}

void walk_row(u32 index, u64 seed, u32 cases, struct row_result *res)
{
	struct rng r = { .x = (seed ^ (index + 1) * 0x9e3779b97f4a7c15ull) | 1 };
	u64 end = res->cases + res->not_emulated + cases;
	u32 misses = 0;

	rng_next(&r);
	values_reset(&r);
	while (res->cases + res->not_emulated < end && misses < MAX_MISSES) {
		struct form f;
		u32 w = rng_below(&r, NR_WORLDS + 2);

		/* Half of the cases in 64-bit mode. */
		w = w < NR_WORLDS ? w : 0;
		memset(&f, 0, sizeof(f));
		f.world = &worlds[w];
		if (!world_available(w) || !form_make(&r, &rows[index], &f)) {
			misses++;
			continue;
		}
		misses = 0;
		run_form(&r, &f, res);
	}
}
