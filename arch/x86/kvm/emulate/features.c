// SPDX-License-Identifier: GPL-2.0-only
/* The guest's CPUID, read once: which instructions exist, and whose manual decides. */
#include <linux/build_bug.h>

#include "emulate/insn.h"

#define CPUID_AMD_EBX	0x68747541	/* "Auth" of AuthenticAMD */
#define CPUID_HYGON_EBX	0x6f677948	/* "Hygo" of HygonGenuine */

static const struct {
	const char *name;
	u32 leaf;
	u8 sub;
	u8 reg;
	u8 bit;
} cpuid_bits[NR_X86_FEATURES] = {
#define FEATURE_BIT(text, lf, sl, r, b)						\
	[FEAT_##text] = { .name = #text, .leaf = (lf), .sub = (sl), .reg = REG_##r, .bit = (b) },
	X86_FEATURES(FEATURE_BIT)
#undef FEATURE_BIT
};

const char *x86_feature_name(enum x86_feature f)
{
	return cpuid_bits[f].name;
}

void x86_emulate_features(struct x86_emulate_ctxt *ctxt, struct x86_features *features)
{
	u32 max[2] = { 0, 0x80000000 }, r[4] = { 0 };
	unsigned int i;

	BUILD_BUG_ON(NR_X86_FEATURES > 8 * sizeof(features->bits));
	memset(features, 0, sizeof(*features));
	for (i = 0; i < 2; i++) {
		r[REG_EAX] = max[i];
		r[REG_ECX] = 0;
		ctxt->ops->get_cpuid(ctxt, &r[REG_EAX], &r[REG_EBX], &r[REG_ECX], &r[REG_EDX]);
		max[i] = r[REG_EAX];
		if (!i && (r[REG_EBX] == CPUID_AMD_EBX || r[REG_EBX] == CPUID_HYGON_EBX))
			features->vendor = X86EMUL_AMD;
	}
	for (i = 0; i < NR_X86_FEATURES; i++) {
		u32 leaf = cpuid_bits[i].leaf;

		/* Some processors answer leaves beyond the last with another's. */
		if (leaf > max[leaf >> 31])
			continue;
		r[REG_EAX] = leaf;
		r[REG_ECX] = cpuid_bits[i].sub;
		ctxt->ops->get_cpuid(ctxt, &r[REG_EAX], &r[REG_EBX], &r[REG_ECX], &r[REG_EDX]);
		if (r[cpuid_bits[i].reg] >> cpuid_bits[i].bit & 1)
			features->bits[i / 64] |= 1ull << (i % 64);
	}
}
