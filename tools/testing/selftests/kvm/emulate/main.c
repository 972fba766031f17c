// SPDX-License-Identifier: GPL-2.0-only
/* Host tests of the instruction emulator. Arguments: names of groups, or none for all. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "machine_trap.h"
#include "native/native.h"
#include "tap.h"
#include "walk.h"

/* As many cases as it takes to run each row a few times; "make native" does the rest. */
#define NATIVE_CASES	200000
#define NATIVE_SECONDS	60

static void native_tests(void)
{
	native_walk(NATIVE_CASES, NATIVE_SECONDS);
}

static const struct {
	const char *name;
	void (*run)(void);
} groups[] = {
	{ "table", table_tests },
	{ "decode", decode_tests },
	{ "text", disasm_tests },
	{ "negative", negative_tests },
	{ "cases", case_tests },
	{ "memory", memory_tests },
	{ "mode", mode_tests },
	{ "rep", rep_tests },
	{ "native", native_tests },
	/* Last: they look at what the others executed. */
	{ "coverage", coverage_tests },
	{ "document", document_tests },
};

static bool wanted(int argc, char **argv, const char *name)
{
	int i;

	for (i = 1; i < argc; i++)
		if (!strcmp(argv[i], name))
			return true;
	return argc < 2;
}

int main(int argc, char **argv)
{
	const char *seed = getenv("EMUTEST_SEED");
	size_t i;

	setvbuf(stdout, NULL, _IOLBF, 0);
	test_seed = seed ? strtoull(seed, NULL, 0) : (u64)time(NULL) * 0x9e3779b97f4a7c15ull;
	printf("TAP version 13\n");
	tap_note("seed: EMUTEST_SEED=0x%llx", test_seed);
	machine_catch_traps();
	walk_tables();
	for (i = 0; i < ARRAY_LEN(groups); i++) {
		if (!wanted(argc, argv, groups[i].name))
			continue;
		tap_note("%s", groups[i].name);
		groups[i].run();
	}
	return tap_finish();
}
