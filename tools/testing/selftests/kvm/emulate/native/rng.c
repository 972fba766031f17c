// SPDX-License-Identifier: GPL-2.0-only
#include "native.h"

/* xorshift64* */
u64 rng_next(struct rng *r)
{
	u64 x = r->x ? r->x : 1;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	r->x = x;
	return x * 0x2545f4914f6cdd1dull;
}

u32 rng_below(struct rng *r, u32 n)
{
	return (rng_next(r) >> 32) * n >> 32;
}
