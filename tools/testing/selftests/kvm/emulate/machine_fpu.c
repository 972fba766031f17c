// SPDX-License-Identifier: GPL-2.0-only
/*
 * The machine's FPU is this CPU's between get_fpu and put_fpu. Built without
 * vector registers of the compiler's own, like the emulator.
 */
#include <cpuid.h>
#include <linux/string.h>
#include "machine.h"

#define XFEATURES	0xe7ull		/* x87, SSE, AVX, opmask, ZMM_Hi256, Hi16_ZMM */
#define LEGACY		512
#define HEADER		512
#define CPUID_1_ECX_OSXSAVE	BIT(27)

enum { XF_YMM = 2, XF_OPMASK = 5, XF_ZMM_HI256 = 6, XF_HI16_ZMM = 7, NR_XF, XF_PKRU = 9 };

struct legacy_area {
	u16 fcw, fsw;
	u8 ftw, pad;
	u16 fop;
	u64 fip, fdp;
	u32 mxcsr, mxcsr_mask;
	u8 st[8][16];
	u8 xmm[16][16];
};

/* FNSTENV's 32-bit protected-mode format: what AMD keeps of FIP and FDP only there. */
struct x87_env {
	u32 fcw, fsw, ftw, fip, fcs_fop, fdp, fds;
};

static u8 area[4096] __attribute__((aligned(64)));
static u32 component[NR_XF];	/* offset in @area */
static u64 xfeatures;		/* of this CPU, out of XFEATURES; 0: not yet known */
static u32 host_mxcsr;
static u16 host_fcw;

static u64 read_xcr0(void)
{
	u32 lo, hi;

	asm volatile("xgetbv" : "=a" (lo), "=d" (hi) : "c" (0));
	return lo | (u64)hi << 32;
}

u64 machine_fpu_features(void)
{
	u32 eax, ebx, ecx, edx, i;

	if (xfeatures)
		return xfeatures;
	__cpuid(1, eax, ebx, ecx, edx);
	xfeatures = 3;
	if (ecx & CPUID_1_ECX_OSXSAVE)
		xfeatures = read_xcr0() & XFEATURES;
	for (i = XF_YMM; i < NR_XF; i++) {
		if (!(xfeatures >> i & 1))
			continue;
		__cpuid_count(0xd, i, eax, ebx, ecx, edx);
		component[i] = ebx;
	}
	return xfeatures;
}

void machine_fpu_layout(u32 nr, u32 *eax, u32 *ebx, u32 *ecx)
{
	u32 edx;

	__cpuid_count(0xd, nr, *eax, *ebx, *ecx, edx);
	if (nr == XF_PKRU && !*eax) {
		*eax = 8;
		*ebx = 0xa80;
	}
}

/* Copy between the fields of @s and the XSAVE image, standard format. */
static void copy_vectors(struct mstate *s, bool to_area)
{
	unsigned int i;

#define PART(field, place, bytes)					\
	do {								\
		if (to_area)						\
			memcpy(place, field, bytes);			\
		else							\
			memcpy(field, place, bytes);			\
	} while (0)
	for (i = 0; i < 16; i++) {
		PART(s->vec[i], ((struct legacy_area *)area)->xmm[i], 16);
		if (component[XF_YMM])
			PART(s->vec[i] + 16, area + component[XF_YMM] + i * 16, 16);
		if (!component[XF_HI16_ZMM])
			continue;
		PART(s->vec[i] + 32, area + component[XF_ZMM_HI256] + i * 32, 32);
		PART(s->vec[i + 16], area + component[XF_HI16_ZMM] + i * 64, 64);
	}
	if (component[XF_OPMASK])
		PART(s->k, area + component[XF_OPMASK], sizeof(s->k));
#undef PART
}

/* FXSAVE has the registers by their distance from TOP, the state by their number. */
static unsigned int physical(const struct mstate *s, unsigned int st)
{
	return ((s->fsw >> 11) + st) & 7;
}

/* Two bits a register; what is not empty may be called valid: the CPU looks again. */
static u32 full_tags(u8 abridged)
{
	u32 tags = 0;
	unsigned int i;

	for (i = 0; i < 8; i++)
		if (!(abridged >> i & 1))
			tags |= 3u << (i * 2);
	return tags;
}

void machine_get_fpu(struct x86_emulate_ctxt *ctxt)
{
	struct mstate *s = &((struct machine *)ctxt->vcpu)->s;
	struct legacy_area *l = (struct legacy_area *)area;
	struct x87_env env = {
		.fcw = s->fcw, .fsw = s->fsw, .ftw = full_tags(s->ftw), .fip = s->fip,
		.fcs_fop = (u32)s->fop << 16, .fdp = s->fdp,
	};
	u64 mask = machine_fpu_features();
	unsigned int i;

	memset(area, 0, HEADER + 64);
	l->fcw = s->fcw;
	l->fsw = s->fsw;
	l->ftw = s->ftw;
	l->fop = s->fop;
	l->fip = s->fip;
	l->fdp = s->fdp;
	l->mxcsr = s->mxcsr;
	for (i = 0; i < 8; i++)
		memcpy(l->st[i], s->x87[physical(s, i)], 10);
	copy_vectors(s, true);
	memcpy(area + HEADER, &mask, sizeof(mask));
	asm volatile("stmxcsr %0; fnstcw %1" : "=m" (host_mxcsr), "=m" (host_fcw));
	asm volatile("fldenv %0" : : "m" (env));
	if (mask & ~3ull)
		asm volatile("xrstor64 %0" : : "m" (area), "a" ((u32)mask), "d" (0) : "memory");
	else
		asm volatile("fxrstor64 %0" : : "m" (area) : "memory");
}

void machine_put_fpu(struct x86_emulate_ctxt *ctxt)
{
	struct mstate *s = &((struct machine *)ctxt->vcpu)->s;
	struct legacy_area *l = (struct legacy_area *)area;
	u64 mask = xfeatures;
	struct x87_env env;
	unsigned int i;

	if (mask & ~3ull)
		asm volatile("xsave64 %0" : "+m" (area) : "a" ((u32)mask), "d" (0) : "memory");
	else
		asm volatile("fxsave64 %0" : "=m" (area) : : "memory");
	asm volatile("fnstenv %0" : "=m" (env));
	if (mask & 4)
		asm volatile("vzeroupper");
	asm volatile("fninit; fldcw %1; ldmxcsr %0" : : "m" (host_mxcsr), "m" (host_fcw));
	s->fcw = l->fcw;
	s->fsw = l->fsw;
	s->ftw = l->ftw;
	s->fop = env.fcs_fop >> 16 & 0x7ff;
	s->fip = env.fip;
	s->fdp = env.fdp;
	s->mxcsr = l->mxcsr;
	for (i = 0; i < 8; i++)
		memcpy(s->x87[physical(s, i)], l->st[i], 10);
	copy_vectors(s, false);
}

void machine_set_mmx(struct mstate *s, unsigned int nr, u64 val)
{
	memcpy(s->x87[nr], &val, sizeof(val));
	memset(s->x87[nr] + 8, 0xff, 2);
}

u64 machine_mmx(const struct mstate *s, unsigned int nr)
{
	u64 val;

	memcpy(&val, s->x87[nr], sizeof(val));
	return val;
}
