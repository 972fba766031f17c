// SPDX-License-Identifier: GPL-2.0-only
/* The row's operands: addresses, registers, immediates, and the end of the instruction. */
#include "emulate/fetch.h"

static noinline unsigned int special_size(const struct x86_emulate_ctxt *ctxt, u8 size)
{
	switch (size) {
	case OPSZ_Z:
		return ctxt->op_bytes == 2 ? 2 : 4;
	case OPSZ_Y:
		return ctxt->rex & BIT(3) ? 8 : 4;
	case OPSZ_NATIVE:
		return mode_is_64(ctxt) ? 8 : 4;
	case OPSZ_A:
		return ctxt->ad_bytes;
	case OPSZ_X:
	case OPSZ_XH:
	case OPSZ_XQ:
	case OPSZ_XE:
		return 16u << ctxt->vex_l >> (size - OPSZ_X);
	case OPSZ_ELEM:
		return ctxt->vex_w ? 8 : 4;
	case OPSZ_ENV:
		return ctxt->op_bytes == 2 ? 14 : 28;
	case OPSZ_P:	/* AMD has no m16:64 */
		return (ctxt->op_bytes == 8 && is_amd(ctxt) ? 4 : ctxt->op_bytes) + 2;
	default:	/* OPSZ_S */
		return mode_is_64(ctxt) ? 10 : 6;
	}
}

static __always_inline unsigned int operand_size(const struct x86_emulate_ctxt *ctxt, u8 size)
{
	if (size == OPSZ_V)
		return ctxt->op_bytes;
	if (likely(size < OPSZ_V))
		return size;
	return special_size(ctxt, size);
}

/* What a displacement of one byte counts: bytes, or memory operands with EVEX. */
static noinline unsigned int disp8_unit(const struct x86_emulate_ctxt *ctxt)
{
	const struct opcode *row = ctxt->op;
	unsigned int i, bytes = 0;

	if (row->evex & EVEX_DISP_ELEM)
		return row_element(row);
	if (ctxt->evex_b)
		return row->evex & EVEX_BCST8 ? 8 : 4;
	for (i = 0; i < MAX_OPERANDS; i++)
		if (OD_FLAGS(row->desc[i]) & OPF_RM)
			bytes = operand_size(ctxt, OD_SIZE(row->desc[i]));
	return bytes ? bytes : 1;
}

static __always_inline int fetch_disp(struct x86_emulate_ctxt *ctxt, unsigned int bytes, long *disp)
{
	int rc = fetch_signed(ctxt, bytes, disp);

	if (unlikely(ctxt->has_evex) && bytes == 1 && rc == X86EMUL_CONTINUE)
		*disp *= disp8_unit(ctxt);
	return rc;
}

/* 16-bit addressing. */
static int decode_mem16(struct x86_emulate_ctxt *ctxt)
{
	static const u8 base[8] = {
		X86_REG_RBX, X86_REG_RBX, X86_REG_RBP, X86_REG_RBP,
		X86_REG_RSI, X86_REG_RDI, X86_REG_RBP, X86_REG_RBX,
	};
	unsigned int mod = ctxt->modrm_mod, rm = ctxt->modrm & 7;
	bool disp_only = mod == 0 && rm == 6;
	unsigned long ea = 0;
	long disp = 0;
	int rc;

	if (!disp_only)
		ea = ctxt->gpr[base[rm]];
	if (rm < 4)
		ea += ctxt->gpr[rm & 1 ? X86_REG_RDI : X86_REG_RSI];
	if (mod || disp_only) {
		rc = fetch_disp(ctxt, mod == 1 ? 1 : 2, &disp);
		if (rc != X86EMUL_CONTINUE)
			return rc;
	}
	ctxt->disp = disp;
	ctxt->modrm_ea = (u16)(ea + disp);
	ctxt->modrm_seg = !disp_only && base[rm] == X86_REG_RBP ? X86_SEG_SS : X86_SEG_DS;
	return X86EMUL_CONTINUE;
}

/* Base and index of a SIB byte; *@base is the base register or -1. */
static int decode_sib(struct x86_emulate_ctxt *ctxt, unsigned long *ea, int *base)
{
	unsigned int index;
	int rc = fetch_u8(ctxt, &ctxt->sib);

	if (unlikely(rc != X86EMUL_CONTINUE))
		return rc;
	index = ((ctxt->sib >> 3) & 7) | (ctxt->rex & REX_X) << 2;
	*ea = index == X86_REG_RSP ? 0 : ctxt->gpr[index] << (ctxt->sib >> 6);
	*base = -1;
	if ((ctxt->sib & 7) == 5 && ctxt->modrm_mod == 0)
		return X86EMUL_CONTINUE;
	*base = (ctxt->sib & 7) | (ctxt->rex & REX_B) << 3;
	*ea += ctxt->gpr[*base];
	return X86EMUL_CONTINUE;
}

/* Outside 64-bit mode bit 3 of VEX.vvvv is ignored. */
static unsigned int vvvv_register(const struct x86_emulate_ctxt *ctxt)
{
	return mode_is_64(ctxt) ? ctxt->vex_vvvv : ctxt->vex_vvvv & 7;
}

/* POP computes an address based on rSP after it has incremented it, in the stack's width. */
static unsigned long pop_adjust(struct x86_emulate_ctxt *ctxt, int base)
{
	unsigned long sp = ctxt->gpr[X86_REG_RSP];

	if (base != X86_REG_RSP || ctxt->op->operand[0] != OC_EvP)
		return 0;
	if (stack_bytes(ctxt) == 2)
		return (unsigned long)(u16)(sp + ctxt->op_bytes) - (u16)sp;
	return ctxt->op_bytes;
}

/* The forms with SIB, RIP, a displacement alone, or 16-bit addressing. */
static int decode_mem_any(struct x86_emulate_ctxt *ctxt)
{
	unsigned int mod = ctxt->modrm_mod, rm = ctxt->modrm & 7;
	int base = ctxt->modrm_rm, rc;
	unsigned long ea = 0;
	long disp = 0;

	if (ctxt->ad_bytes == 2)
		return decode_mem16(ctxt);
	if (rm == 4) {
		rc = decode_sib(ctxt, &ea, &base);
		if (unlikely(rc != X86EMUL_CONTINUE))
			return rc;
		ea += pop_adjust(ctxt, base);
	} else if (rm == 5 && mod == 0) {
		base = -1;
		ctxt->rip_relative = mode_is_64(ctxt);
		ctxt->special_end = true;
	} else {
		ea = ctxt->gpr[base];
	}
	if (mod || base < 0) {
		rc = fetch_disp(ctxt, mod == 1 ? 1 : 4, &disp);
		if (unlikely(rc != X86EMUL_CONTINUE))
			return rc;
	}
	ea += disp;
	ctxt->disp = disp;
	ctxt->modrm_ea = ctxt->ad_bytes == 8 ? ea : (u32)ea;
	ctxt->modrm_seg = base == X86_REG_RSP || base == X86_REG_RBP ? X86_SEG_SS : X86_SEG_DS;
	return X86EMUL_CONTINUE;
}

int decode_mem(struct x86_emulate_ctxt *ctxt)
{
	int rc = decode_mem_any(ctxt);

	if (ctxt->seg_override != X86_NR_SEGS)
		ctxt->modrm_seg = ctxt->seg_override;
	return rc;
}

/* Which ModRM forms the row takes, and where the memory form points. */
static int decode_modrm(struct x86_emulate_ctxt *ctxt, unsigned int flags)
{
	int rc = ctxt->has_modrm ? X86EMUL_CONTINUE : fetch_modrm(ctxt);

	if (unlikely(rc != X86EMUL_CONTINUE))
		return rc;
	if (ctxt->modrm_mod == 3)
		return unlikely(flags & OPF_MEMONLY) ? emulate_ud(ctxt) : X86EMUL_CONTINUE;
	if (unlikely(flags & (OPF_NOMOD | OPF_REGONLY)))
		return flags & OPF_NOMOD ? X86EMUL_CONTINUE : emulate_ud(ctxt);
	return decode_mem(ctxt);
}

/* Registers of the other files; those that do not exist are #UD. */
static noinline int locate_other_reg(struct x86_emulate_ctxt *ctxt, struct operand *op, u8 type,
				     unsigned int nr)
{
	op->type = type;
	/* For AMD the fourth bit that VEX has for an opmask is none. */
	if (type == OP_SREG || type == OP_MMX || type == OP_ST ||
	    (type == OP_KREG && is_amd(ctxt) && !ctxt->has_evex))
		nr &= 7;
	/* AMD's way to CR8 without REX. */
	if (type == OP_CREG && !nr && ctxt->lock_prefix && is_amd(ctxt) &&
	    has_feature(ctxt, FEAT_CR8_LEGACY)) {
		ctxt->lock_prefix = false;
		ctxt->modrm_reg = 8;
		nr = 8;
	}
	op->reg = nr;
	if ((type == OP_SREG && nr > X86_SEG_GS) || (type == OP_DREG && nr > 7) ||
	    (type == OP_CREG && !(BIT(nr) & 0x11d)) || (type == OP_KREG && nr > 7))
		return emulate_ud(ctxt);
	return X86EMUL_CONTINUE;
}

static int locate_reg(struct x86_emulate_ctxt *ctxt, struct operand *op, u8 type, unsigned int nr)
{
	if (type != OP_REG)
		return locate_other_reg(ctxt, op, type, nr);
	if (unlikely(nr > 15))
		return emulate_ud(ctxt);
	locate_gpr(op, nr, op->bytes, ctxt->rex);
	return X86EMUL_CONTINUE;
}

/* ModRM.rm as a register: EVEX.X is bit 4 of a vector register, and opmasks ignore VEX.B. */
static unsigned int rm_register(const struct x86_emulate_ctxt *ctxt, u8 type)
{
	unsigned int nr = ctxt->modrm_rm;

	if (ctxt->has_evex && type == OP_VEC)
		nr |= (ctxt->rex & REX_X) << 3;
	return type == OP_KREG ? nr & 7 : nr;
}

static unsigned int reg_register(const struct x86_emulate_ctxt *ctxt)
{
	return ctxt->modrm_reg | (ctxt->has_evex && mode_is_64(ctxt) ? ctxt->evex_r : 0);
}

/* BT and its kin address memory by a signed bit number that is not bounded by the operand. */
static noinline void locate_bit(struct x86_emulate_ctxt *ctxt, struct operand *op)
{
	unsigned long val = ctxt->gpr[ctxt->modrm_reg];
	unsigned int bytes = op->bytes;
	long bit = bytes == 8 ? (long)val : bytes == 4 ? (s32)val : (s16)val;

	op->ea = (op->ea + ((bit >> 3) & -(long)bytes)) & ad_mask(ctxt);
}

int locate_imm(struct x86_emulate_ctxt *ctxt, struct operand *op, u32 desc)
{
	unsigned int bytes = op->bytes;
	long val = 0;
	int rc;

	if (OD_KIND(desc) == OPK_IMMS && bytes > OD_ARG(desc))
		bytes = OD_ARG(desc);
	rc = fetch_signed(ctxt, bytes, &val);
	if (OD_KIND(desc) == OPK_IMM)
		val = truncate_to(val, bytes);
	op->type = OP_IMM;
	op->val = val;
	op->ea = val;
	return rc;
}

/* Offset and selector of a direct far branch. */
static int locate_far(struct x86_emulate_ctxt *ctxt, struct operand *op)
{
	long offset, selector = 0;
	int rc;

	rc = fetch_signed(ctxt, op->bytes, &offset);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	rc = fetch_signed(ctxt, 2, &selector);
	op->type = OP_IMM;
	op->ea = truncate_to(offset, op->bytes);
	op->val = op->ea;
	memcpy(op->data + 8, &selector, 2);
	return rc;
}

/* A vector register in the upper half of a byte; 8 of them outside 64-bit mode. */
static int locate_is4(struct x86_emulate_ctxt *ctxt, struct operand *op)
{
	long val = 0;
	int rc = fetch_signed(ctxt, 1, &val);

	op->type = OP_VEC;
	op->reg = val >> 4 & (mode_is_64(ctxt) ? 15 : 7);
	return rc;
}

static int locate_offset(struct x86_emulate_ctxt *ctxt, struct operand *op, u8 seg)
{
	long ea = 0;
	int rc = fetch_signed(ctxt, ctxt->ad_bytes, &ea);

	locate_mem(op, seg, ea & ad_mask(ctxt), op->bytes);
	return rc;
}

static int locate_rm(struct x86_emulate_ctxt *ctxt, struct operand *op, u32 desc)
{
	if (ctxt->modrm_mod == 3)
		return locate_reg(ctxt, op, OD_ARG(desc), rm_register(ctxt, OD_ARG(desc)));
	locate_mem(op, ctxt->modrm_seg, ctxt->modrm_ea, op->bytes);
	if (OD_KIND(desc) == OPK_RMBIT)
		locate_bit(ctxt, op);
	return X86EMUL_CONTINUE;
}

/* The index is a register of its own; addresses are for who accesses the elements. */
static int locate_vsib(struct x86_emulate_ctxt *ctxt, struct operand *op)
{
	unsigned int reg = reg_register(ctxt), mask = vvvv_register(ctxt), index;

	if ((ctxt->modrm & 7) != 4 || ctxt->ad_bytes == 2)
		return emulate_ud(ctxt);
	index = (ctxt->sib >> 3 & 7) | (ctxt->rex & REX_X) << 2;
	if (ctxt->has_evex)
		index |= ctxt->vex_vvvv & 16;
	else if (reg == mask || mask == index)
		return emulate_ud(ctxt);
	if (reg == index)
		return emulate_ud(ctxt);
	locate_mem(op, ctxt->modrm_seg, ctxt->modrm_ea, op->bytes);
	op->reg = index;
	return X86EMUL_CONTINUE;
}

static int locate_operand(struct x86_emulate_ctxt *ctxt, struct operand *op, u8 code, u32 desc)
{
	u8 seg = ctxt->seg_override != X86_NR_SEGS ? ctxt->seg_override : X86_SEG_DS;

	op->bytes = operand_size(ctxt, OD_SIZE(desc));
	op->code = code;
	switch (OD_KIND(desc)) {
	case OPK_RM:
	case OPK_RMBIT:
	case OPK_RMPOP:
		return locate_rm(ctxt, op, desc);
	case OPK_VSIB:
		return locate_vsib(ctxt, op);
	case OPK_RREG:
		locate_gpr(op, ctxt->modrm_rm, op->bytes, ctxt->rex);
		return X86EMUL_CONTINUE;
	case OPK_REG:
		return locate_reg(ctxt, op, OD_ARG(desc), reg_register(ctxt));
	case OPK_VVVV:
		return locate_reg(ctxt, op, OD_ARG(desc), vvvv_register(ctxt));
	case OPK_IS4:
		return locate_is4(ctxt, op);
	case OPK_IMM:
	case OPK_IMMS:
		return locate_imm(ctxt, op, desc);
	case OPK_LOW3:
		locate_gpr(op, (ctxt->b & 7) | (ctxt->rex & REX_B) << 3, op->bytes, ctxt->rex);
		return X86EMUL_CONTINUE;
	case OPK_FIXED:
		op->type = OP_REG;
		op->reg = OD_ARG(desc);
		op->high = false;
		return X86EMUL_CONTINUE;
	case OPK_SEG:
		op->type = OP_SREG;
		op->reg = OD_ARG(desc);
		return X86EMUL_CONTINUE;
	case OPK_ST0:
		op->type = OP_ST;
		op->reg = 0;
		return X86EMUL_CONTINUE;
	case OPK_ONE:
		op->type = OP_IMM;
		op->val = 1;
		op->ea = 1;
		return X86EMUL_CONTINUE;
	case OPK_OFFSET:
		return locate_offset(ctxt, op, seg);
	case OPK_SI:
		locate_mem(op, seg, ctxt->gpr[X86_REG_RSI] & ad_mask(ctxt), op->bytes);
		return X86EMUL_CONTINUE;
	case OPK_DI:
		locate_mem(op, X86_SEG_ES, ctxt->gpr[X86_REG_RDI] & ad_mask(ctxt), op->bytes);
		return X86EMUL_CONTINUE;
	case OPK_XLAT:
		locate_mem(op, seg, (ctxt->gpr[X86_REG_RBX] + (u8)ctxt->gpr[X86_REG_RAX]) &
			   ad_mask(ctxt), op->bytes);
		return X86EMUL_CONTINUE;
	default:
		return locate_far(ctxt, op);
	}
}

/* The end of the instruction, and what depends on it, where that is not a plain sum. */
static noinline void end_special(struct x86_emulate_ctxt *ctxt)
{
	const struct opcode *row = ctxt->op;
	int i;

	if (!mode_is_64(ctxt))
		ctxt->next_eip = (u32)ctxt->next_eip;
	for (i = 0; i < MAX_OPERANDS && row->desc[i] && ctxt->rip_relative; i++) {
		struct operand *op = &ctxt->operand[i];

		if (op->type == OP_MEM && (OD_FLAGS(row->desc[i]) & OPF_RM))
			op->ea = (op->ea + ctxt->next_eip) & ad_mask(ctxt);
	}
}

int locate_operands(struct x86_emulate_ctxt *ctxt)
{
	const struct opcode *row = ctxt->op;
	int i, rc = X86EMUL_CONTINUE;

	if (row->opf & OPF_MODRM)
		rc = decode_modrm(ctxt, row->opf);
	ctxt->dst.type = OP_NONE;
	ctxt->src.type = OP_NONE;
	ctxt->src2.type = OP_NONE;
	ctxt->src3.type = OP_NONE;
	for (i = 0; i < MAX_OPERANDS && row->desc[i] && rc == X86EMUL_CONTINUE; i++)
		rc = locate_operand(ctxt, &ctxt->operand[i], row->operand[i], row->desc[i]);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	ctxt->next_eip = ctxt->eip + ctxt->fetch.pos;
	if (ctxt->special_end)
		end_special(ctxt);
	return X86EMUL_CONTINUE;
}
