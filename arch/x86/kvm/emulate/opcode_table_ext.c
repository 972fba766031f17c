// SPDX-License-Identifier: GPL-2.0-only
/* The maps behind 0F 38 and 0F 3A, and those of VEX. */
#include "emulate/opcode_table.h"

#define SSE_IB(mnem, o1, o2)							\
	BY_PREFIX(#mnem, UNDEF, KNOWN(mnem, o1, o2, Ib, F_SSE | F_NOSIZE), UNDEF, UNDEF)
#define SSE_OPS(mnem, o1, o2)							\
	BY_PREFIX(#mnem, UNDEF, KNOWN(mnem, o1, o2, __, F_SSE | F_NOSIZE), UNDEF, UNDEF)
#define SHA(mnem)								\
	BY_PREFIX(#mnem, KNOWN(mnem, Vdq, Wdq, __, F_SSE | F_NOSIZE), UNDEF, UNDEF, UNDEF)

const struct opcode opcode_map_0f38[256] = {
	[0x00] = MMX_SSE(pshufb),
	[0x01] = MMX_SSE(phaddw),
	[0x02] = MMX_SSE(phaddd),
	[0x03] = MMX_SSE(phaddsw),
	[0x04] = MMX_SSE(pmaddubsw),
	[0x05] = MMX_SSE(phsubw),
	[0x06] = MMX_SSE(phsubd),
	[0x07] = MMX_SSE(phsubsw),
	[0x08] = MMX_SSE(psignb),
	[0x09] = MMX_SSE(psignw),
	[0x0a] = MMX_SSE(psignd),
	[0x0b] = MMX_SSE(pmulhrsw),
	[0x0c ... 0x0f] = UNDEF,
	[0x10] = SSE_66(pblendvb),
	[0x11 ... 0x13] = UNDEF,
	[0x14] = SSE_66(blendvps),
	[0x15] = SSE_66(blendvpd),
	[0x16] = UNDEF,
	[0x17] = SSE_66(ptest),
	[0x18 ... 0x1b] = UNDEF,
	[0x1c] = MMX_SSE(pabsb),
	[0x1d] = MMX_SSE(pabsw),
	[0x1e] = MMX_SSE(pabsd),
	[0x1f] = UNDEF,
	[0x20] = SSE_OPS(pmovsxbw, Vdq, Wq),
	[0x21] = SSE_OPS(pmovsxbd, Vdq, Wd),
	[0x22] = SSE_OPS(pmovsxbq, Vdq, Wd),
	[0x23] = SSE_OPS(pmovsxwd, Vdq, Wq),
	[0x24] = SSE_OPS(pmovsxwq, Vdq, Wd),
	[0x25] = SSE_OPS(pmovsxdq, Vdq, Wq),
	[0x26 ... 0x27] = UNDEF,
	[0x28] = SSE_66(pmuldq),
	[0x29] = SSE_66(pcmpeqq),
	[0x2a] = BY_PREFIX("movntdqa", UNDEF, INSN_H(movntdqa, movv, Vdq, Mdq, __, VMOVE | F_ALIGN),
			   UNDEF, UNDEF),
	[0x2b] = SSE_66(packusdw),
	[0x2c ... 0x2f] = UNDEF,
	[0x30] = SSE_OPS(pmovzxbw, Vdq, Wq),
	[0x31] = SSE_OPS(pmovzxbd, Vdq, Wd),
	[0x32] = SSE_OPS(pmovzxbq, Vdq, Wd),
	[0x33] = SSE_OPS(pmovzxwd, Vdq, Wq),
	[0x34] = SSE_OPS(pmovzxwq, Vdq, Wd),
	[0x35] = SSE_OPS(pmovzxdq, Vdq, Wq),
	[0x36] = UNDEF,
	[0x37] = SSE_66(pcmpgtq),
	[0x38] = SSE_66(pminsb),
	[0x39] = SSE_66(pminsd),
	[0x3a] = SSE_66(pminuw),
	[0x3b] = SSE_66(pminud),
	[0x3c] = SSE_66(pmaxsb),
	[0x3d] = SSE_66(pmaxsd),
	[0x3e] = SSE_66(pmaxuw),
	[0x3f] = SSE_66(pmaxud),
	[0x40] = SSE_66(pmulld),
	[0x41] = SSE_66(phminposuw),
	[0x42 ... 0x7f] = UNDEF,
	[0x80] = BY_PREFIX("invept", UNDEF, KNOWN(invept, Gy, Mdq, __, F_NOSIZE), UNDEF, UNDEF),
	[0x81] = BY_PREFIX("invvpid", UNDEF, KNOWN(invvpid, Gy, Mdq, __, F_NOSIZE), UNDEF, UNDEF),
	[0x82] = BY_PREFIX("invpcid", UNDEF, KNOWN(invpcid, Gy, Mdq, __, F_NOSIZE), UNDEF, UNDEF),
	[0x83 ... 0xc7] = UNDEF,
	[0xc8] = SHA(sha1nexte),
	[0xc9] = SHA(sha1msg1),
	[0xca] = SHA(sha1msg2),
	[0xcb] = SHA(sha256rnds2),
	[0xcc] = SHA(sha256msg1),
	[0xcd] = SHA(sha256msg2),
	[0xce] = UNDEF,
	[0xcf] = SSE_66(gf2p8mulb),
	[0xd0 ... 0xda] = UNDEF,
	[0xdb] = SSE_66(aesimc),
	[0xdc] = SSE_66(aesenc),
	[0xdd] = SSE_66(aesenclast),
	[0xde] = SSE_66(aesdec),
	[0xdf] = SSE_66(aesdeclast),
	[0xe0 ... 0xef] = UNDEF,
	[0xf0] = BY_PREFIX("movbe", INSN(movbe, Gv, Mv, __, F_WO | F_UD_OK),
			   INSN(movbe, Gv, Mv, __, F_WO | F_UD_OK), UNDEF,
			   KNOWN(crc32, Gy, Eb, __, F_NOSIZE)),
	[0xf1] = BY_PREFIX("movbe", INSN(movbe, Mv, Gv, __, F_WO | F_UD_OK),
			   INSN(movbe, Mv, Gv, __, F_WO | F_UD_OK), UNDEF,
			   KNOWN(crc32, Gy, Ev, __, 0)),
	[0xf2 ... 0xf4] = UNDEF,
	[0xf5] = BY_PREFIX("wruss", UNDEF, KNOWN(wruss, My, Gy, __, F_PRIV), UNDEF, UNDEF),
	[0xf6] = BY_PREFIX("adcx", KNOWN(wrss, My, Gy, __, 0), KNOWN(adcx, Gy, Ey, __, F_NOSIZE),
			   KNOWN(adox, Gy, Ey, __, F_NOSIZE), UNDEF),
	[0xf7] = UNDEF,
	[0xf8] = BY_PREFIX("movdir64b", UNDEF, KNOWN(movdir64b, Gv, M, __, F_IMPL),
			   KNOWN(enqcmds, Gv, M, __, F_IMPL), KNOWN(enqcmd, Gv, M, __, F_IMPL)),
	[0xf9] = BY_PREFIX("movdiri", KNOWN(movdiri, My, Gy, __, 0), UNDEF, UNDEF, UNDEF),
	[0xfa ... 0xff] = UNDEF,
};

const struct opcode opcode_map_0f3a[256] = {
	[0x00 ... 0x07] = UNDEF,
	[0x08] = SSE_IB(roundps, Vdq, Wdq),
	[0x09] = SSE_IB(roundpd, Vdq, Wdq),
	[0x0a] = SSE_IB(roundss, Vd, Wd),
	[0x0b] = SSE_IB(roundsd, Vq, Wq),
	[0x0c] = SSE_IB(blendps, Vdq, Wdq),
	[0x0d] = SSE_IB(blendpd, Vdq, Wdq),
	[0x0e] = SSE_IB(pblendw, Vdq, Wdq),
	[0x0f] = BY_PREFIX("palignr", KNOWN(palignr, Pq, Qq, Ib, F_MMX | F_NOSIZE),
			   KNOWN(palignr, Vdq, Wdq, Ib, F_SSE | F_NOSIZE), UNDEF, UNDEF),
	[0x10 ... 0x13] = UNDEF,
	[0x14] = SSE_IB(pextrb, Eb, Vdq),
	[0x15] = SSE_IB(pextrw, Ew, Vdq),
	[0x16] = SSE_IB(pextrd, Ey, Vdq),
	[0x17] = SSE_IB(extractps, Ed, Vdq),
	[0x18 ... 0x1f] = UNDEF,
	[0x20] = SSE_IB(pinsrb, Vdq, Eb),
	[0x21] = SSE_IB(insertps, Vdq, Wd),
	[0x22] = SSE_IB(pinsrd, Vdq, Ey),
	[0x23 ... 0x3f] = UNDEF,
	[0x40] = SSE_IB(dpps, Vdq, Wdq),
	[0x41] = SSE_IB(dppd, Vdq, Wdq),
	[0x42] = SSE_IB(mpsadbw, Vdq, Wdq),
	[0x43] = UNDEF,
	[0x44] = SSE_IB(pclmulqdq, Vdq, Wdq),
	[0x45 ... 0x5f] = UNDEF,
	[0x60] = SSE_IB(pcmpestrm, Vdq, Wdq),
	[0x61] = SSE_IB(pcmpestri, Vdq, Wdq),
	[0x62] = SSE_IB(pcmpistrm, Vdq, Wdq),
	[0x63] = SSE_IB(pcmpistri, Vdq, Wdq),
	[0x64 ... 0xcb] = UNDEF,
	[0xcc] = BY_PREFIX("sha1rnds4", KNOWN(sha1rnds4, Vdq, Wdq, Ib, F_SSE | F_NOSIZE), UNDEF, UNDEF,
			   UNDEF),
	[0xcd] = UNDEF,
	[0xce] = SSE_IB(gf2p8affineqb, Vdq, Wdq),
	[0xcf] = SSE_IB(gf2p8affineinvqb, Vdq, Wdq),
	[0xd0 ... 0xde] = UNDEF,
	[0xdf] = SSE_IB(aeskeygenassist, Vdq, Wdq),
	[0xe0 ... 0xff] = UNDEF,
};

/* What VEX rows do not describe ends there: X86EMUL_UNHANDLEABLE. */
#define VEX_OTHER(text)		{ .name = (text), .flags = F_OPAQUE }

static const struct opcode vex_0f[256] = {
	[0x00 ... 0x0f] = VEX_OTHER("vex.0f"),
	[0x10] = BY_PREFIX("vmovups",
		KNOWN(vmovups, Vx, Wx, __, F_AVX),
		KNOWN(vmovupd, Vx, Wx, __, F_AVX),
		VEX_OTHER("vex.0f"),
		VEX_OTHER("vex.0f")),
	[0x11] = BY_PREFIX("vmovups",
		KNOWN(vmovups, Wx, Vx, __, F_AVX),
		KNOWN(vmovupd, Wx, Vx, __, F_AVX),
		VEX_OTHER("vex.0f"),
		VEX_OTHER("vex.0f")),
	[0x12 ... 0x27] = VEX_OTHER("vex.0f"),
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
	[0x2a] = VEX_OTHER("vex.0f"),
	[0x2b] = BY_PREFIX("vmovntps",
		KNOWN(vmovntps, Wx, Vx, __, F_AVX),
		KNOWN(vmovntpd, Wx, Vx, __, F_AVX),
		UNDEF,
		UNDEF),
	[0x2c ... 0x6e] = VEX_OTHER("vex.0f"),
	[0x6f] = BY_PREFIX("vmovdqa",
		UNDEF,
		KNOWN(vmovdqa, Vx, Wx, __, F_AVX),
		KNOWN(vmovdqu, Vx, Wx, __, F_AVX),
		UNDEF),
	[0x70 ... 0x7e] = VEX_OTHER("vex.0f"),
	[0x7f] = BY_PREFIX("vmovdqa",
		UNDEF,
		KNOWN(vmovdqa, Wx, Vx, __, F_AVX),
		KNOWN(vmovdqu, Wx, Vx, __, F_AVX),
		UNDEF),
	[0x80 ... 0xe6] = VEX_OTHER("vex.0f"),
	[0xe7] = BY_PREFIX("vmovntdq",
		UNDEF,
		KNOWN(vmovntdq, Wx, Vx, __, F_AVX),
		UNDEF,
		UNDEF),
	[0xe8 ... 0xff] = VEX_OTHER("vex.0f"),
};

static const struct opcode vex_0f38[256] = {
	[0x00 ... 0xff] = VEX_OTHER("vex.0f38"),
};

static const struct opcode vex_0f3a[256] = {
	[0x00 ... 0xff] = VEX_OTHER("vex.0f3a"),
};

const struct opcode evex_row = VEX_OTHER("evex");

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
