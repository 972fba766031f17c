/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef EMUTEST_LINUX_BITOPS_H
#define EMUTEST_LINUX_BITOPS_H

#include <linux/bits.h>
#include <linux/types.h>

#define hweight8(x)	__builtin_popcount((u8)(x))
#define hweight16(x)	__builtin_popcount((u16)(x))
#define __ffs(x)	((unsigned long)__builtin_ctzl(x))
#define __fls(x)	((unsigned long)(63 - __builtin_clzl(x)))

static inline s64 sign_extend64(u64 val, int bit)
{
	int shift = 63 - bit;

	return (s64)(val << shift) >> shift;
}

static inline s32 sign_extend32(u32 val, int bit)
{
	int shift = 31 - bit;

	return (s32)(val << shift) >> shift;
}

#endif
