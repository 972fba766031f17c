// SPDX-License-Identifier: GPL-2.0-only
/* The maps of EVEX. */
#include "emulate/opcode_table.h"

#define EVMOVE	(F_WO | F_AVX | F_MASK | F_CPUID(AVX512F))

static const struct opcode evex_0f[256] = {
	[0x00 ... 0x0f] = OPAQUE("evex.0f"),
	[0x10] = BY_PREFIX("vmovups",
		BY_W("vmovups", KNOWN(vmovups, Vx, Wx, __, EVMOVE), UNDEF),
		BY_W("vmovupd", UNDEF, KNOWN(vmovupd, Vx, Wx, __, EVMOVE)),
		OPAQUE("evex.0f"),
		OPAQUE("evex.0f")),
	[0x11] = BY_PREFIX("vmovups",
		BY_W("vmovups", KNOWN(vmovups, Wx, Vx, __, EVMOVE), UNDEF),
		BY_W("vmovupd", UNDEF, KNOWN(vmovupd, Wx, Vx, __, EVMOVE)),
		OPAQUE("evex.0f"),
		OPAQUE("evex.0f")),
	[0x12 ... 0x6f] = OPAQUE("evex.0f"),
	[0x70 ... 0x73] = OPAQUE_IB("evex.0f"),
	[0x74 ... 0xc1] = OPAQUE("evex.0f"),
	[0xc2] = OPAQUE_IB("evex.0f"),
	[0xc3] = OPAQUE("evex.0f"),
	[0xc4 ... 0xc6] = OPAQUE_IB("evex.0f"),
	[0xc7 ... 0xff] = OPAQUE("evex.0f"),
};

static const struct opcode evex_0f38[256] = {
	[0x00 ... 0xff] = OPAQUE("evex.0f38"),
};

static const struct opcode evex_0f3a[256] = {
	[0x00 ... 0xff] = OPAQUE_IB("evex.0f3a"),
};

/* Maps 5 and 6: half-precision arithmetic. */
static const struct opcode evex_half[256] = {
	[0x00 ... 0xff] = OPAQUE("evex.half"),
};

const struct opcode *evex_table(unsigned int mmm, u8 *map)
{
	switch (mmm) {
	case 1:
		*map = MAP_EVEX_0F;
		return evex_0f;
	case 2:
		*map = MAP_EVEX_0F38;
		return evex_0f38;
	case 3:
		*map = MAP_EVEX_0F3A;
		return evex_0f3a;
	case 5:
		*map = MAP_EVEX_5;
		return evex_half;
	case 6:
		*map = MAP_EVEX_6;
		return evex_half;
	default:
		return NULL;
	}
}
