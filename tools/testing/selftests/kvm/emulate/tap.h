/* SPDX-License-Identifier: GPL-2.0-only */
/* TAP output, shared by all test files of this program. */
#ifndef EMUTEST_TAP_H
#define EMUTEST_TAP_H

#include <linux/types.h>

/* Report one test. The name and the reason of a failure are formatted. */
void tap_result(bool pass, const char *why, const char *fmt, ...)
	__attribute__((__format__(__printf__, 3, 4)));
void tap_skip(const char *why, const char *fmt, ...)
	__attribute__((__format__(__printf__, 2, 3)));
/* A diagnostic line. */
void tap_note(const char *fmt, ...) __attribute__((__format__(__printf__, 1, 2)));
/* Plan and summary; the exit code of the program. */
int tap_finish(void);

#define ARRAY_LEN(a)	(sizeof(a) / sizeof((a)[0]))

/* The seed of everything random, printed at the start; EMUTEST_SEED sets it. */
extern u64 test_seed;
u64 test_random(void);

/* The test files. */
void table_tests(void);
void decode_tests(void);
void disasm_tests(void);
void negative_tests(void);
void case_tests(void);
void memory_tests(void);
void mode_tests(void);
void rep_tests(void);
void coverage_tests(void);
void document_tests(void);

#endif
