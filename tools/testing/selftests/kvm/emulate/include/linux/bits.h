/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef EMUTEST_LINUX_BITS_H
#define EMUTEST_LINUX_BITS_H

#define BITS_PER_LONG		64
#define BITS_PER_BYTE		8
#define BIT(n)			(1ul << (n))
#define BIT_ULL(n)		(1ull << (n))
#define GENMASK(h, l)		((~0ul << (l)) & (~0ul >> (63 - (h))))
#define GENMASK_ULL(h, l)	((~0ull << (l)) & (~0ull >> (63 - (h))))

#endif
