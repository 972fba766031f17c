// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "show.h"

#define MAX_ROWS 512

static struct row {
	char mnemonic[24];
	char why[96];
	unsigned int count;
} rows[MAX_ROWS];

static unsigned int nr_rows, nr_lines, nr_failures;

#define LINE_FORMAT "%-15s %-6s %-20s %-46s %-32s %s\n"

void show_header(void)
{
	printf(LINE_FORMAT, "CS base:RIP", "mode", "bytes", "instruction",
	       "why: exit, EMULTYPE", "result");
}

static bool is_prefix(const char *word, size_t len)
{
	static const char *const prefixes[] = { "lock", "rep", "repe", "repne", "repz", "repnz" };
	size_t i;

	for (i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (strlen(prefixes[i]) == len && !strncmp(word, prefixes[i], len))
			return true;
	return false;
}

/* "lock add dword ptr [rbx], ecx" is a "lock add". */
static void mnemonic_of(const char *insn, char *to, size_t size)
{
	size_t len = strcspn(insn, " ");

	while (insn[len] && is_prefix(insn, len))
		len += 1 + strcspn(insn + len + 1, " ");
	snprintf(to, size, "%.*s", (int)len, insn);
}

static void count_insn(const char *mnemonic, const char *why)
{
	unsigned int i;

	for (i = 0; i < nr_rows; i++)
		if (!strcmp(rows[i].mnemonic, mnemonic) && !strcmp(rows[i].why, why))
			break;
	if (i == MAX_ROWS)
		return;
	if (i == nr_rows) {
		nr_rows++;
		snprintf(rows[i].mnemonic, sizeof(rows[i].mnemonic), "%s", mnemonic);
		snprintf(rows[i].why, sizeof(rows[i].why), "%s", why);
	}
	rows[i].count++;
}

void show_insn(const struct emulated *e)
{
	char why[sizeof(rows[0].why)], mnemonic[sizeof(rows[0].mnemonic)];

	if (strcmp(e->type, "-"))
		snprintf(why, sizeof(why), "%.20s, %.70s", e->reason, e->type);
	else
		snprintf(why, sizeof(why), "%s", e->reason);
	printf(LINE_FORMAT, e->address, e->mode, e->bytes, e->insn, why, e->result);
	mnemonic_of(e->insn, mnemonic, sizeof(mnemonic));
	count_insn(mnemonic, why);
	nr_lines++;
	nr_failures += !strcmp(e->result, "failed");
}

static int by_count(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	return strcmp(x->mnemonic, y->mnemonic) ?: strcmp(x->why, y->why);
}

void show_table(void)
{
	unsigned int i;

	qsort(rows, nr_rows, sizeof(rows[0]), by_count);
	printf("\n%-16s %-32s %5s\n", "instruction", "reason", "count");
	for (i = 0; i < nr_rows; i++)
		printf("%-16s %-32s %5u\n", rows[i].mnemonic, rows[i].why, rows[i].count);
}

unsigned int shown_lines(void)
{
	return nr_lines;
}

unsigned int shown_failures(void)
{
	return nr_failures;
}

unsigned int shown_mnemonics(void)
{
	unsigned int i, j, n = 0;

	for (i = 0; i < nr_rows; i++) {
		for (j = 0; j < i; j++)
			if (!strcmp(rows[i].mnemonic, rows[j].mnemonic))
				break;
		n += j == i && strcmp(rows[i].mnemonic, "-");
	}
	return n;
}
