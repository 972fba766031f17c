// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stdio.h>
#include "tap.h"

static unsigned int passed, failed, skipped;
u64 test_seed;

void tap_result(bool pass, const char *why, const char *fmt, ...)
{
	va_list ap;

	if (pass)
		passed++;
	else
		failed++;
	printf("%s %u - ", pass ? "ok" : "not ok", passed + failed + skipped);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	if (!pass && why && *why)
		printf("\n#   %s", why);
	putchar('\n');
}

void tap_skip(const char *why, const char *fmt, ...)
{
	va_list ap;

	skipped++;
	printf("ok %u - ", passed + failed + skipped);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf(" # SKIP %s\n", why);
}

void tap_note(const char *fmt, ...)
{
	va_list ap;

	printf("# ");
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
}

int tap_finish(void)
{
	printf("1..%u\n", passed + failed + skipped);
	printf("%u passed, %u failed, %u skipped\n", passed, failed, skipped);
	return failed ? 1 : 0;
}

/* xorshift64*: repeatable from the seed. */
u64 test_random(void)
{
	static u64 x;

	if (!x)
		x = test_seed ? test_seed : 1;
	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	return x * 0x2545f4914f6cdd1dull;
}
