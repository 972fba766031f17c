// SPDX-License-Identifier: GPL-2.0-only
/* Counting bits, CRC32, carries apart, random numbers, and transactions that always abort. */
#include <asm/asm.h>

#include "emulate/insn.h"

#define CRC32C_POLYNOMIAL	0x82f63b78u	/* bits reversed */

static void set_flags(struct x86_emulate_ctxt *ctxt, unsigned long mask, unsigned long flags)
{
	ctxt->eflags = (ctxt->eflags & ~mask) | flags;
}

int em_popcnt(struct x86_emulate_ctxt *ctxt)
{
	unsigned long val = ctxt->src.val;
	unsigned int n;

	set_flags(ctxt, EFLG_ARITH, val ? 0 : EFLG_ZF);
	for (n = 0; val; n++)
		val &= val - 1;
	ctxt->dst.val = n;
	return X86EMUL_CONTINUE;
}

/* LZCNT, TZCNT: @n zeroes; CF says that there was no bit, ZF that it was the first. */
static int count_result(struct x86_emulate_ctxt *ctxt, unsigned int n)
{
	set_flags(ctxt, EFLG_CF | EFLG_ZF, (ctxt->src.val ? 0 : EFLG_CF) | (n ? 0 : EFLG_ZF));
	ctxt->dst.val = n;
	return X86EMUL_CONTINUE;
}

/* Processors without them ignore the prefix: BSR and BSF. */
int em_lzcnt(struct x86_emulate_ctxt *ctxt)
{
	unsigned int bits = ctxt->src.bytes * 8;

	if (!has_feature(ctxt, FEAT_LZCNT))
		return em_bsr(ctxt);
	return count_result(ctxt, ctxt->src.val ? bits - 64 + __builtin_clzl(ctxt->src.val) : bits);
}

int em_tzcnt(struct x86_emulate_ctxt *ctxt)
{
	unsigned int bits = ctxt->src.bytes * 8;

	if (!has_feature(ctxt, FEAT_BMI1))
		return em_bsf(ctxt);
	return count_result(ctxt, ctxt->src.val ? __builtin_ctzl(ctxt->src.val) : bits);
}

int em_crc32(struct x86_emulate_ctxt *ctxt)
{
	u32 crc = ctxt->dst.val;
	unsigned int i;
	int bit;

	for (i = 0; i < ctxt->src.bytes; i++) {
		crc ^= ctxt->src.data[i];
		for (bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? CRC32C_POLYNOMIAL : 0);
	}
	ctxt->dst.val = crc;
	return X86EMUL_CONTINUE;
}

/* Add with @flag as carry in and out; no other flag changes. */
static int add_with(struct x86_emulate_ctxt *ctxt, unsigned long flag)
{
	unsigned long a = ctxt->dst.val, b = ctxt->src.val, sum = a + b;
	bool in = ctxt->eflags & flag;
	bool out = sum < a || (in && sum == ~0ul);

	sum += in;
	if (ctxt->dst.bytes == 4)
		out = sum >> 32;
	ctxt->dst.val = sum;
	set_flags(ctxt, flag, out ? flag : 0);
	return X86EMUL_CONTINUE;
}

int em_adcx(struct x86_emulate_ctxt *ctxt)
{
	return add_with(ctxt, EFLG_CF);
}

int em_adox(struct x86_emulate_ctxt *ctxt)
{
	return add_with(ctxt, EFLG_OF);
}

/* CF of the host's own instruction, 2 when it does not have it. */
#define HOST_RANDOM(insn, val, cf)						\
	asm volatile("1: " insn " %[v]\n\tsetc %[c]\n2:\n\t" _ASM_EXTABLE(1b, 2b) \
		     : [v] "=r" (val), [c] "+q" (cf) : : "cc")

/* A failed attempt gives 0 without CF, as on the processor: the guest tries again. */
static int random_result(struct x86_emulate_ctxt *ctxt, unsigned long val, u8 cf)
{
	if (cf > 1)
		return X86EMUL_UNHANDLEABLE;
	ctxt->dst.val = cf ? val : 0;
	set_flags(ctxt, EFLG_ARITH, cf ? EFLG_CF : 0);
	return X86EMUL_CONTINUE;
}

int em_rdrand(struct x86_emulate_ctxt *ctxt)
{
	unsigned long val;
	u8 cf = 2;

	HOST_RANDOM("rdrand", val, cf);
	return random_result(ctxt, val, cf);
}

int em_rdseed(struct x86_emulate_ctxt *ctxt)
{
	unsigned long val;
	u8 cf = 2;

	HOST_RANDOM("rdseed", val, cf);
	return random_result(ctxt, val, cf);
}

/* A transaction aborts where it begins: EAX 0 says that it is no use to try again. */
int em_xbegin(struct x86_emulate_ctxt *ctxt)
{
	unsigned long target = ctxt->_eip + ctxt->dst.val;
	int rc = X86EMUL_CONTINUE;

	if (!mode_is_64(ctxt))
		rc = assign_eip(ctxt, target);
	else if (!is_canonical(ctxt, target))
		rc = emulate_gp(ctxt, 0);
	else
		ctxt->_eip = target;
	if (rc == X86EMUL_CONTINUE)
		reg_write(ctxt, X86_REG_RAX, 0);
	return rc;
}

/* Hence none is ever active. */
int em_xend(struct x86_emulate_ctxt *ctxt)
{
	return emulate_gp(ctxt, 0);
}

int em_xtest(struct x86_emulate_ctxt *ctxt)
{
	set_flags(ctxt, EFLG_ARITH, EFLG_ZF);
	return X86EMUL_CONTINUE;
}
