/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef EMUTEST_LINUX_SPRINTF_H
#define EMUTEST_LINUX_SPRINTF_H

#include <stdarg.h>
#include <stdio.h>
#include <linux/types.h>

/* Return what was written, never more than @size allows. */
static inline int vscnprintf(char *buf, size_t size, const char *fmt, va_list ap)
{
	int n;

	if (!size)
		return 0;
	n = vsnprintf(buf, size, fmt, ap);
	return n < 0 ? 0 : (size_t)n < size ? n : (int)size - 1;
}

static inline int __attribute__((__format__(__printf__, 3, 4)))
scnprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vscnprintf(buf, size, fmt, ap);
	va_end(ap);
	return n;
}

#endif
