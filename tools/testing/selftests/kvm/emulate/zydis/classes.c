// SPDX-License-Identifier: GPL-2.0-only
/* What the two decoders disagree about, and why that is meant. */
#include "zydis_test.h"

static bool both(const struct verdicts *v)
{
	return v->ours == V_DECODED && v->accepted && v->length == v->insn.length;
}

/* Where Zydis knows the instruction, its length is known here, too. */
static bool is_opaque(const struct verdicts *v)
{
	return v->ours == V_OPAQUE && (!v->accepted || v->length == v->insn.length);
}

static bool is_ud(const struct verdicts *v)
{
	return v->ours == V_REFUSED && v->accepted &&
	       (v->insn.mnemonic == ZYDIS_MNEMONIC_UD0 || v->insn.mnemonic == ZYDIS_MNEMONIC_UD1 ||
		v->insn.mnemonic == ZYDIS_MNEMONIC_UD2);
}

/* By Zydis' name of the extension. */
static bool is_unknown_extension(const struct verdicts *v)
{
	if (v->ours == V_DECODED || !v->accepted)
		return false;
	switch (v->insn.meta.isa_ext) {
	case ZYDIS_ISA_EXT_KEYLOCKER:
	case ZYDIS_ISA_EXT_KEYLOCKER_WIDE:
	case ZYDIS_ISA_EXT_HRESET:
	case ZYDIS_ISA_EXT_UINTR:
	case ZYDIS_ISA_EXT_TDX:
	case ZYDIS_ISA_EXT_TSX_LDTRK:
	case ZYDIS_ISA_EXT_PT:
	case ZYDIS_ISA_EXT_PADLOCK:
	case ZYDIS_ISA_EXT_XOP:
	case ZYDIS_ISA_EXT_TBM:
	case ZYDIS_ISA_EXT_SNP:
	case ZYDIS_ISA_EXT_MCOMMIT:
	case ZYDIS_ISA_EXT_SGX_ENCLV:
	case ZYDIS_ISA_EXT_CET:
	case ZYDIS_ISA_EXT_KNC:
	case ZYDIS_ISA_EXT_KNCE:
	case ZYDIS_ISA_EXT_KNCV:
		return true;
	default:
		return false;
	}
}

static bool is_3dnow_suffix(const struct verdicts *v)
{
	return v->ours == V_DECODED && !v->accepted && v->ctxt->map == MAP_0F && v->ctxt->b == 0x0f;
}

static bool is_mov_cs(const struct verdicts *v)
{
	return v->ours == V_DECODED && !v->accepted && v->ctxt->map == MAP_ONE_BYTE &&
	       v->ctxt->b == 0x8e && (v->ctxt->modrm_reg & 7) == X86_SEG_CS;
}

static bool is_movsxd16(const struct verdicts *v)
{
	return both(v) && v->insn.mnemonic == ZYDIS_MNEMONIC_MOVSXD && v->ctxt->op_bytes == 2;
}

static bool is_lar_lsl(const struct verdicts *v)
{
	return both(v) && v->ctxt->modrm_mod == 3 &&
	       (v->insn.mnemonic == ZYDIS_MNEMONIC_LAR || v->insn.mnemonic == ZYDIS_MNEMONIC_LSL);
}

static bool is_xchg_r8(const struct verdicts *v)
{
	return both(v) && v->insn.mnemonic == ZYDIS_MNEMONIC_PAUSE && v->ctxt->rex & 1;
}

static bool is_wbnoinvd(const struct verdicts *v)
{
	return both(v) && v->insn.mnemonic == ZYDIS_MNEMONIC_WBINVD && v->ctxt->rep_prefix == 0xf3;
}

static bool is_evex_v(const struct verdicts *v)
{
	return v->ours == V_DECODED && !v->accepted && v->ctxt->has_evex &&
	       v->status == ZYDIS_STATUS_MALFORMED_EVEX && v->mode != X86EMUL_MODE_PROT64 &&
	       v->ctxt->vex_vvvv & 0x10;
}

static bool is_extrq(const struct verdicts *v)
{
	return both(v) && (v->insn.mnemonic == ZYDIS_MNEMONIC_EXTRQ ||
			   v->insn.mnemonic == ZYDIS_MNEMONIC_INSERTQ);
}

static bool is_movmsk(const struct verdicts *v)
{
	return both(v) && v->ctxt->rex & 8 &&
	       (v->insn.mnemonic == ZYDIS_MNEMONIC_MOVMSKPS ||
		v->insn.mnemonic == ZYDIS_MNEMONIC_MOVMSKPD);
}

static bool is_gather(const struct verdicts *v)
{
	return v->ours == V_DECODED && !v->accepted && !v->ctxt->op->execute &&
	       v->ctxt->map == MAP_VEX_0F38 && v->ctxt->b >= 0x90 && v->ctxt->b <= 0x93;
}

/* CLDEMOTE, RDSSP, ENDBR and their like among the NOPs of 0F 18 to 0F 1F. */
static bool is_hint(const struct verdicts *v)
{
	return both(v) && v->ctxt->map == MAP_0F && v->ctxt->b >= 0x18 && v->ctxt->b <= 0x1f &&
	       v->ctxt->op->execute == em_nop;
}

static bool is_zydis_r13(const struct verdicts *v)
{
	const struct x86_emulate_ctxt *c = v->ctxt;

	return both(v) && c->mode == X86EMUL_MODE_PROT64 && c->ad_bytes == 4 && c->rex & 1 &&
	       c->modrm_mod == 0 && (c->modrm & 7) == 4 && (c->sib & 7) == 5;
}

/* Same length, and the row only describes. */
static bool is_known_only(const struct verdicts *v)
{
	return both(v) && !v->ctxt->op->execute;
}

struct difference differences[] = {
	{ "ud0, ud1, ud2", "instructions to Zydis; #UD is all that they do", is_ud, 0 },
	{ "unknown extension", "no guest is told of it by CPUID: #UD", is_unknown_extension, 0 },
	{ "3DNow! suffix", "not emulated, so the suffix byte is not looked at",
	  is_3dnow_suffix, 0 },
	{ "mov cs", "#UD by the row's check, when it executes", is_mov_cs, 0 },
	{ "hint", "a NOP here: the emulator has no such hint", is_hint, 0 },
	{ "movsxd r16", "Intel reads 16 bits, AMD and Zydis 32", is_movsxd16, 0 },
	{ "lar, lsl", "16 bits of the source register are read; Zydis writes the operand size",
	  is_lar_lsl, 0 },
	{ "67, REX.B, no base", "Zydis 4.0 writes R13D as base where there is none; so did not "
	  "the processor", is_zydis_r13, 0 },
	{ "f3 41 90", "XCHG to processors, PAUSE to Zydis", is_xchg_r8, 0 },
	{ "wbnoinvd", "WBINVD to Zydis, which decodes as for a CPU without it", is_wbnoinvd, 0 },
	{ "EVEX.V' outside 64-bit mode", "processors ignore it, Zydis refuses it", is_evex_v, 0 },
	{ "extrq, insertq", "one 16-bit immediate here, two bytes to Zydis", is_extrq, 0 },
	{ "movmskps, movmskpd", "zero-extended from 32 bits, whatever REX.W says", is_movmsk, 0 },
	{ "gather", "not emulated, so its addressing is not checked", is_gather, 0 },
	{ "opaque", "no row describes it: the emulator gives up with its bytes", is_opaque, 0 },
	{ "known row", "described, not emulated: only its length has to be right",
	  is_known_only, 0 },
};

const unsigned int nr_differences = ARRAY_LEN(differences);

struct difference *classify(const struct verdicts *v)
{
	unsigned int i;

	for (i = 0; i < nr_differences; i++)
		if (differences[i].matches(v))
			return &differences[i];
	return NULL;
}
