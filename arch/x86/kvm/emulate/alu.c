// SPDX-License-Identifier: GPL-2.0-only
/* Arithmetic, logic, shifts, bits, decimal adjustment, and the flag instructions. */
#include "emulate/fastop.h"

DEFINE_FASTOP2(add)
DEFINE_FASTOP2(or)
DEFINE_FASTOP2(adc)
DEFINE_FASTOP2(sbb)
DEFINE_FASTOP2(and)
DEFINE_FASTOP2(sub)
DEFINE_FASTOP2(xor)
DEFINE_FASTOP2(cmp)
DEFINE_FASTOP2(test)
DEFINE_FASTOP1(inc)
DEFINE_FASTOP1(dec)
DEFINE_FASTOP1(neg)
DEFINE_FASTOP_SHIFT(rol)
DEFINE_FASTOP_SHIFT(ror)
DEFINE_FASTOP_SHIFT(rcl)
DEFINE_FASTOP_SHIFT(rcr)
DEFINE_FASTOP_SHIFT(shl)
DEFINE_FASTOP_SHIFT(shr)
DEFINE_FASTOP_SHIFT(sar)
DEFINE_FASTOP_SHIFTD(shld)
DEFINE_FASTOP_SHIFTD(shrd)
DEFINE_FASTOP2W(bt)
DEFINE_FASTOP2W(bts)
DEFINE_FASTOP2W(btr)
DEFINE_FASTOP2W(btc)
DEFINE_FASTOP2W(bsf)
DEFINE_FASTOP2W(bsr)
DEFINE_FASTOP2W(imul)
DEFINE_FASTOP_AD(mul, mul)
DEFINE_FASTOP_AD(imul1, imul)
DEFINE_FASTOP_AD(div, div)
DEFINE_FASTOP_AD(idiv, idiv)

#define EM_FASTOP1(op)								\
int em_##op(struct x86_emulate_ctxt *ctxt)					\
{										\
	ctxt->dst.val = fastop_##op(ctxt->dst.val, ctxt->dst.bytes, &ctxt->eflags); \
	return X86EMUL_CONTINUE;						\
}

#define EM_FASTOP2(op)								\
int em_##op(struct x86_emulate_ctxt *ctxt)					\
{										\
	ctxt->dst.val = fastop_##op(ctxt->dst.val, ctxt->src.val,		\
				    ctxt->dst.bytes, &ctxt->eflags);		\
	return X86EMUL_CONTINUE;						\
}

#define EM_FASTOP_SHIFTD(op)							\
int em_##op(struct x86_emulate_ctxt *ctxt)					\
{										\
	ctxt->dst.val = fastop_##op(ctxt->dst.val, ctxt->src.val, ctxt->src2.val, \
				    ctxt->dst.bytes, &ctxt->eflags);		\
	return X86EMUL_CONTINUE;						\
}

EM_FASTOP2(add)
EM_FASTOP2(or)
EM_FASTOP2(adc)
EM_FASTOP2(sbb)
EM_FASTOP2(and)
EM_FASTOP2(sub)
EM_FASTOP2(xor)
EM_FASTOP2(cmp)
EM_FASTOP2(test)
EM_FASTOP1(inc)
EM_FASTOP1(dec)
EM_FASTOP1(neg)
EM_FASTOP2(rol)
EM_FASTOP2(ror)
EM_FASTOP2(rcl)
EM_FASTOP2(rcr)
EM_FASTOP2(shl)
EM_FASTOP2(shr)
EM_FASTOP2(sar)
EM_FASTOP_SHIFTD(shld)
EM_FASTOP_SHIFTD(shrd)
EM_FASTOP2(bt)
EM_FASTOP2(bts)
EM_FASTOP2(btr)
EM_FASTOP2(btc)

int em_not(struct x86_emulate_ctxt *ctxt)
{
	ctxt->dst.val = ~ctxt->dst.val;
	return X86EMUL_CONTINUE;
}

/* CPUs keep the destination, upper half included, if there is no bit to find. */
static int bit_scan(struct x86_emulate_ctxt *ctxt, unsigned long index)
{
	ctxt->dst.val = index;
	if (ctxt->eflags & EFLG_ZF)
		ctxt->dst.type = OP_NONE;
	return X86EMUL_CONTINUE;
}

int em_bsf(struct x86_emulate_ctxt *ctxt)
{
	return bit_scan(ctxt, fastop_bsf(0, ctxt->src.val, ctxt->src.bytes, &ctxt->eflags));
}

int em_bsr(struct x86_emulate_ctxt *ctxt)
{
	return bit_scan(ctxt, fastop_bsr(0, ctxt->src.val, ctxt->src.bytes, &ctxt->eflags));
}

static long sign_extend(unsigned long val, unsigned int bytes)
{
	switch (bytes) {
	case 1: return (s8)val;
	case 2: return (s16)val;
	case 4: return (s32)val;
	default: return (long)val;
	}
}

/* Two-operand form multiplies the destination; three-operand form both sources. */
int em_imul2(struct x86_emulate_ctxt *ctxt)
{
	bool three = ctxt->src2.type != OP_NONE;

	ctxt->dst.val = fastop_imul(ctxt->src.val, three ? ctxt->src2.val : ctxt->dst.val,
				    ctxt->dst.bytes, &ctxt->eflags);
	return X86EMUL_CONTINUE;
}

/* Write what MUL and DIV leave: AX for bytes, else rDX:rAX. */
static int write_rdx_rax(struct x86_emulate_ctxt *ctxt, unsigned long lo, unsigned long hi)
{
	unsigned int bytes = ctxt->dst.bytes;

	if (bytes == 1) {
		reg_write_bytes(ctxt, X86_REG_RAX, lo, 2);
	} else {
		reg_write_bytes(ctxt, X86_REG_RAX, lo, bytes);
		reg_write_bytes(ctxt, X86_REG_RDX, hi, bytes);
	}
	ctxt->dst.type = OP_NONE;
	return X86EMUL_CONTINUE;
}

int em_mul(struct x86_emulate_ctxt *ctxt)
{
	unsigned long lo = reg_read(ctxt, X86_REG_RAX), hi = reg_read(ctxt, X86_REG_RDX);

	fastop_mul(&lo, &hi, ctxt->dst.val, ctxt->dst.bytes, &ctxt->eflags);
	return write_rdx_rax(ctxt, lo, hi);
}

int em_imul(struct x86_emulate_ctxt *ctxt)
{
	unsigned long lo = reg_read(ctxt, X86_REG_RAX), hi = reg_read(ctxt, X86_REG_RDX);

	fastop_imul1(&lo, &hi, ctxt->dst.val, ctxt->dst.bytes, &ctxt->eflags);
	return write_rdx_rax(ctxt, lo, hi);
}

int em_div(struct x86_emulate_ctxt *ctxt)
{
	unsigned long lo = reg_read(ctxt, X86_REG_RAX), hi = reg_read(ctxt, X86_REG_RDX);
	unsigned long src = ctxt->dst.val;
	unsigned int bytes = ctxt->dst.bytes;

	/* The upper half of the dividend below the divisor: the quotient fits. */
	if (truncate_to(bytes == 1 ? lo >> 8 : hi, bytes) >= truncate_to(src, bytes))
		return emulate_de(ctxt);
	fastop_div(&lo, &hi, src, bytes, &ctxt->eflags);
	return write_rdx_rax(ctxt, lo, hi);
}

/*
 * Would IDIV of @lo and @hi, as the registers hold them, fault? Divides the
 * magnitudes, which cannot: the quotient must stay below half the range, or
 * just reach it when negative.
 */
static bool idiv_faults(unsigned long lo, unsigned long hi, long src, unsigned int bytes)
{
	unsigned long divisor = src < 0 ? -(unsigned long)src : src;
	unsigned long limit = 1ul << (bytes * 8 - 1), unused = 0;
	bool negative;

	if (bytes == 1)
		lo = (s16)lo;
	else if (bytes < 8)
		lo = sign_extend(truncate_to(hi, bytes) << bytes * 8 | truncate_to(lo, bytes),
				 bytes * 2);
	if (bytes < 8)
		hi = (long)lo < 0 ? ~0ul : 0;
	negative = (long)hi < 0;
	if (negative) {
		lo = -lo;
		hi = ~hi + !lo;
	}
	if (hi >= divisor)
		return true;
	fastop_div(&lo, &hi, divisor, 8, &unused);
	return negative != (src < 0) ? lo > limit : lo >= limit;
}

int em_idiv(struct x86_emulate_ctxt *ctxt)
{
	unsigned long lo = reg_read(ctxt, X86_REG_RAX), hi = reg_read(ctxt, X86_REG_RDX);
	unsigned int bytes = ctxt->dst.bytes;
	long src = sign_extend(ctxt->dst.val, bytes);

	if (idiv_faults(lo, hi, src, bytes))
		return emulate_de(ctxt);
	fastop_idiv(&lo, &hi, src, bytes, &ctxt->eflags);
	return write_rdx_rax(ctxt, lo, hi);
}

int em_xadd(struct x86_emulate_ctxt *ctxt)
{
	unsigned long old = ctxt->dst.val;

	ctxt->dst.val = fastop_add(old, ctxt->src.val, ctxt->dst.bytes, &ctxt->eflags);
	ctxt->src.val = old;
	/* The sum, stored at retirement, wins if both operands are one register. */
	return store_operand(ctxt, &ctxt->src);
}

int em_cmpxchg(struct x86_emulate_ctxt *ctxt)
{
	unsigned int bytes = ctxt->dst.bytes;

	fastop_cmp(reg_read(ctxt, X86_REG_RAX), ctxt->dst.val, bytes, &ctxt->eflags);
	if (ctxt->eflags & EFLG_ZF)
		ctxt->dst.val = ctxt->src.val;
	else
		reg_write_bytes(ctxt, X86_REG_RAX, ctxt->dst.val, bytes);
	/* Memory is written in any case; CPUs keep all of a register that differs. */
	if (!(ctxt->eflags & EFLG_ZF) && ctxt->dst.type == OP_REG)
		ctxt->dst.type = OP_NONE;
	return X86EMUL_CONTINUE;
}

/* CMPXCHG8B and CMPXCHG16B: the old value is stored if it differs. */
int em_cmpxchg8b(struct x86_emulate_ctxt *ctxt)
{
	unsigned int half = ctxt->dst.bytes / 2;
	u64 expect[2] = { reg_read(ctxt, X86_REG_RAX), reg_read(ctxt, X86_REG_RDX) };
	u64 new[2] = { reg_read(ctxt, X86_REG_RBX), reg_read(ctxt, X86_REG_RCX) };
	u8 *data = ctxt->dst.data;
	u64 old[2] = { 0 };
	int i;

	for (i = 0; i < 2; i++) {
		memcpy(&old[i], data + i * half, half);
		expect[i] = truncate_to(expect[i], half);
	}
	if (old[0] == expect[0] && old[1] == expect[1]) {
		ctxt->eflags |= EFLG_ZF;
		for (i = 0; i < 2; i++)
			memcpy(data + i * half, &new[i], half);
	} else {
		ctxt->eflags &= ~EFLG_ZF;
		reg_write_bytes(ctxt, X86_REG_RAX, old[0], half);
		reg_write_bytes(ctxt, X86_REG_RDX, old[1], half);
	}
	return X86EMUL_CONTINUE;
}

/* The word form is undefined; CPUs clear the word. */
int em_bswap(struct x86_emulate_ctxt *ctxt)
{
	unsigned long val = ctxt->dst.val;

	if (ctxt->dst.bytes == 8)
		ctxt->dst.val = __builtin_bswap64(val);
	else
		ctxt->dst.val = ctxt->dst.bytes == 4 ? __builtin_bswap32(val) : 0;
	return X86EMUL_CONTINUE;
}

/* CBW, CWDE, CDQE */
int em_cbw(struct x86_emulate_ctxt *ctxt)
{
	unsigned int bytes = ctxt->op_bytes;
	unsigned long rax = reg_read(ctxt, X86_REG_RAX);

	reg_write_bytes(ctxt, X86_REG_RAX, sign_extend(rax, bytes / 2), bytes);
	ctxt->dst.type = OP_NONE;
	return X86EMUL_CONTINUE;
}

/* CWD, CDQ, CQO */
int em_cwd(struct x86_emulate_ctxt *ctxt)
{
	unsigned int bytes = ctxt->op_bytes;
	long rax = sign_extend(reg_read(ctxt, X86_REG_RAX), bytes);

	reg_write_bytes(ctxt, X86_REG_RDX, rax < 0 ? ~0ul : 0, bytes);
	ctxt->dst.type = OP_NONE;
	return X86EMUL_CONTINUE;
}

static void set_flag(struct x86_emulate_ctxt *ctxt, unsigned long flag, bool on)
{
	ctxt->eflags = on ? ctxt->eflags | flag : ctxt->eflags & ~flag;
}

/* Write AX and the flags that decimal adjustments take from AL. */
static int decimal_result(struct x86_emulate_ctxt *ctxt, u16 ax)
{
	unsigned long flags = 0;

	fastop_test((u8)ax, (u8)ax, 1, &flags);
	ctxt->eflags &= ~(EFLG_SF | EFLG_ZF | EFLG_PF);
	ctxt->eflags |= flags & (EFLG_SF | EFLG_ZF | EFLG_PF);
	reg_write_bytes(ctxt, X86_REG_RAX, ax, 2);
	ctxt->dst.type = OP_NONE;
	return X86EMUL_CONTINUE;
}

/* DAA and DAS: @sign adds or subtracts the correction. */
static int decimal_adjust(struct x86_emulate_ctxt *ctxt, int sign)
{
	u16 ax = reg_read(ctxt, X86_REG_RAX);
	u8 old = ax, al = ax;
	bool old_cf = ctxt->eflags & EFLG_CF, cf = false;
	bool low = (old & 0xf) > 9 || (ctxt->eflags & EFLG_AF);

	if (low) {
		cf = old_cf || (sign > 0 ? old > 0xff - 6 : old < 6);
		al += sign * 6;
	}
	if (old > 0x99 || old_cf) {
		al += sign * 0x60;
		cf = true;
	}
	set_flag(ctxt, EFLG_AF, low);
	set_flag(ctxt, EFLG_CF, cf);
	return decimal_result(ctxt, (ax & 0xff00) | al);
}

int em_daa(struct x86_emulate_ctxt *ctxt)
{
	return decimal_adjust(ctxt, 1);
}

int em_das(struct x86_emulate_ctxt *ctxt)
{
	return decimal_adjust(ctxt, -1);
}

/* AAA and AAS: the carry goes into AH. */
static int ascii_adjust(struct x86_emulate_ctxt *ctxt, int sign)
{
	u16 ax = reg_read(ctxt, X86_REG_RAX);
	bool adjust = (ax & 0xf) > 9 || (ctxt->eflags & EFLG_AF);

	if (adjust)
		ax += sign * 0x106;
	set_flag(ctxt, EFLG_AF | EFLG_CF, adjust);
	return decimal_result(ctxt, ax & 0xff0f);
}

int em_aaa(struct x86_emulate_ctxt *ctxt)
{
	return ascii_adjust(ctxt, 1);
}

int em_aas(struct x86_emulate_ctxt *ctxt)
{
	return ascii_adjust(ctxt, -1);
}

int em_aam(struct x86_emulate_ctxt *ctxt)
{
	u8 al = reg_read(ctxt, X86_REG_RAX), base = ctxt->dst.val;

	if (!base)
		return emulate_de(ctxt);
	return decimal_result(ctxt, al / base << 8 | al % base);
}

int em_aad(struct x86_emulate_ctxt *ctxt)
{
	u16 ax = reg_read(ctxt, X86_REG_RAX);
	u8 base = ctxt->dst.val;

	return decimal_result(ctxt, (u8)(ax + (ax >> 8) * base));
}

int em_salc(struct x86_emulate_ctxt *ctxt)
{
	reg_write_bytes(ctxt, X86_REG_RAX, ctxt->eflags & EFLG_CF ? 0xff : 0, 1);
	ctxt->dst.type = OP_NONE;
	return X86EMUL_CONTINUE;
}

int em_lahf(struct x86_emulate_ctxt *ctxt)
{
	unsigned long rax = reg_read(ctxt, X86_REG_RAX) & ~0xff00ul;

	rax |= ((ctxt->eflags & FASTOP_AH_FLAGS) | EFLG_FIXED) << 8;
	reg_write(ctxt, X86_REG_RAX, rax);
	return X86EMUL_CONTINUE;
}

int em_sahf(struct x86_emulate_ctxt *ctxt)
{
	unsigned long ah = reg_read(ctxt, X86_REG_RAX) >> 8;

	ctxt->eflags = (ctxt->eflags & ~FASTOP_AH_FLAGS) | (ah & FASTOP_AH_FLAGS);
	return X86EMUL_CONTINUE;
}

int em_clc(struct x86_emulate_ctxt *ctxt)
{
	set_flag(ctxt, EFLG_CF, false);
	return X86EMUL_CONTINUE;
}

int em_stc(struct x86_emulate_ctxt *ctxt)
{
	set_flag(ctxt, EFLG_CF, true);
	return X86EMUL_CONTINUE;
}

int em_cmc(struct x86_emulate_ctxt *ctxt)
{
	ctxt->eflags ^= EFLG_CF;
	return X86EMUL_CONTINUE;
}

int em_cld(struct x86_emulate_ctxt *ctxt)
{
	set_flag(ctxt, EFLG_DF, false);
	return X86EMUL_CONTINUE;
}

int em_std(struct x86_emulate_ctxt *ctxt)
{
	set_flag(ctxt, EFLG_DF, true);
	return X86EMUL_CONTINUE;
}
