// SPDX-License-Identifier: GPL-2.0-only
/* The maps of VEX. */
#include "emulate/opcode_table.h"

static const struct opcode vex_0f[256] = {
	[0x00 ... 0x0f] = OPAQUE("vex.0f"),
	[0x10] = BY_PREFIX("vmovups",
		KNOWN(vmovups, Vx, Wx, __, F_AVX),
		KNOWN(vmovupd, Vx, Wx, __, F_AVX),
		OPAQUE("vex.0f"),
		OPAQUE("vex.0f")),
	[0x11] = BY_PREFIX("vmovups",
		KNOWN(vmovups, Wx, Vx, __, F_AVX),
		KNOWN(vmovupd, Wx, Vx, __, F_AVX),
		OPAQUE("vex.0f"),
		OPAQUE("vex.0f")),
	[0x12 ... 0x27] = OPAQUE("vex.0f"),
	[0x28] = BY_PREFIX("vmovaps",
		KNOWN(vmovaps, Vx, Wx, __, F_AVX),
		KNOWN(vmovapd, Vx, Wx, __, F_AVX),
		UNDEF,
		UNDEF),
	[0x29] = BY_PREFIX("vmovaps",
		KNOWN(vmovaps, Wx, Vx, __, F_AVX),
		KNOWN(vmovapd, Wx, Vx, __, F_AVX),
		UNDEF,
		UNDEF),
	[0x2a] = OPAQUE("vex.0f"),
	[0x2b] = BY_PREFIX("vmovntps",
		KNOWN(vmovntps, Mx, Vx, __, F_AVX),
		KNOWN(vmovntpd, Mx, Vx, __, F_AVX),
		UNDEF,
		UNDEF),
	[0x2c ... 0x6e] = OPAQUE("vex.0f"),
	[0x6f] = BY_PREFIX("vmovdqa",
		UNDEF,
		KNOWN(vmovdqa, Vx, Wx, __, F_AVX),
		KNOWN(vmovdqu, Vx, Wx, __, F_AVX),
		UNDEF),
	[0x70 ... 0x73] = OPAQUE_IB("vex.0f"),
	[0x74 ... 0x76] = OPAQUE("vex.0f"),
	[0x77] = BY_PREFIX("vzeroupper",
		BY_L("vzeroupper",
			KNOWN(vzeroupper, __, __, __, F_AVX),
			KNOWN(vzeroall, __, __, __, F_AVX)),
		UNDEF,
		UNDEF,
		UNDEF),
	[0x78 ... 0x7e] = OPAQUE("vex.0f"),
	[0x7f] = BY_PREFIX("vmovdqa",
		UNDEF,
		KNOWN(vmovdqa, Wx, Vx, __, F_AVX),
		KNOWN(vmovdqu, Wx, Vx, __, F_AVX),
		UNDEF),
	[0x80 ... 0xc1] = OPAQUE("vex.0f"),
	[0xc2] = OPAQUE_IB("vex.0f"),
	[0xc3] = OPAQUE("vex.0f"),
	[0xc4 ... 0xc6] = OPAQUE_IB("vex.0f"),
	[0xc7 ... 0xe6] = OPAQUE("vex.0f"),
	[0xe7] = BY_PREFIX("vmovntdq",
		UNDEF,
		KNOWN(vmovntdq, Mx, Vx, __, F_AVX),
		UNDEF,
		UNDEF),
	[0xe8 ... 0xff] = OPAQUE("vex.0f"),
};

static const struct opcode vex_0f38[256] = {
	[0x00 ... 0xff] = OPAQUE("vex.0f38"),
};

static const struct opcode vex_0f3a[256] = {
	[0x00 ... 0xff] = OPAQUE_IB("vex.0f3a"),
};

const struct opcode *vex_table(unsigned int mmmmm, u8 *map)
{
	switch (mmmmm) {
	case 1:
		*map = MAP_VEX_0F;
		return vex_0f;
	case 2:
		*map = MAP_VEX_0F38;
		return vex_0f38;
	case 3:
		*map = MAP_VEX_0F3A;
		return vex_0f3a;
	default:
		return NULL;
	}
}
