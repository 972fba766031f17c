// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every row with user-mode semantics against this CPU. NATIVE_CASES and
 * NATIVE_SECONDS bound the walk, EMUTEST_SEED repeats it, arguments name
 * mnemonics to which it is confined.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "native.h"
#include "tap.h"

#define CASES	20000000ull
#define SECONDS	600

static u64 setting(const char *name, u64 otherwise)
{
	const char *text = getenv(name);

	return text && *text ? strtoull(text, NULL, 0) : otherwise;
}

/* Keep the rows whose mnemonic was named. */
static void confine(int argc, char **argv)
{
	unsigned int i, n = 0;
	int a;

	for (i = 0; i < nr_rows && argc > 1; i++) {
		for (a = 1; a < argc; a++)
			if (rows[i].op->name && !strcmp(rows[i].op->name, argv[a]))
				break;
		if (a < argc)
			rows[n++] = rows[i];
	}
	if (argc > 1)
		nr_rows = n;
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	test_seed = setting("EMUTEST_SEED", (u64)time(NULL) * 0x9e3779b97f4a7c15ull);
	printf("TAP version 13\n");
	tap_note("seed: EMUTEST_SEED=0x%llx", test_seed);
	walk_tables();
	confine(argc, argv);
	native_walk(setting("NATIVE_CASES", CASES), setting("NATIVE_SECONDS", SECONDS));
	return tap_finish();
}
