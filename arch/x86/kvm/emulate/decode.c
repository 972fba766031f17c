// SPDX-License-Identifier: GPL-2.0-only
/* Bytes to an instruction: the short way for simple rows, and the general one. */
#include "emulate/fetch.h"

#define INSN_BYTES	sizeof(((struct fetch_cache *)NULL)->data)

/* ModRM forms of memory that are a base register, perhaps with disp8, and their segment. */
#define EA_SEG		0x07
#define EA_BASE		0x40
#define EA_DISP8	0x80
#define EA_DS(disp)	(X86_SEG_DS | EA_BASE | (disp))
#define EA_SS(disp)	(X86_SEG_SS | EA_BASE | (disp))
#define EA_REGS(rbp, disp)							\
	EA_DS(disp), EA_DS(disp), EA_DS(disp), EA_DS(disp), 0, rbp, EA_DS(disp), EA_DS(disp)
#define EA_REGS4(rbp, disp)							\
	EA_REGS(rbp, disp), EA_REGS(rbp, disp), EA_REGS(rbp, disp), EA_REGS(rbp, disp)

static const u8 ea_form[256] = {
	EA_REGS4(0, 0), EA_REGS4(0, 0),
	EA_REGS4(EA_SS(EA_DISP8), EA_DISP8), EA_REGS4(EA_SS(EA_DISP8), EA_DISP8),
};

/* All of the old instruction goes. */
static __always_inline void init_decode(struct x86_emulate_ctxt *ctxt)
{
	/* Side by side in the structure: few stores. */
	ctxt->rex = 0;
	ctxt->rep_prefix = 0;
	ctxt->op_prefix = false;
	ctxt->ad_prefix = false;
	ctxt->lock_prefix = false;
	ctxt->has_vex = false;
	ctxt->has_evex = false;
	ctxt->rip_relative = false;

	ctxt->vex_l = 0;
	ctxt->special_ea = false;
	ctxt->special_end = false;
	ctxt->seg_override = X86_NR_SEGS;
	ctxt->map = MAP_ONE_BYTE;
	ctxt->opcode_len = 1;
	ctxt->has_modrm = false;
	ctxt->decoded = false;
}

/* @at: of the row. */
static __always_inline struct operand *operand_at(struct x86_emulate_ctxt *ctxt, u8 at)
{
	return (void *)ctxt + at * 8;
}

static __always_inline unsigned int simple_size(u8 size, unsigned int op_bytes)
{
	return size == OPSZ_V ? op_bytes : size;
}

/*
 * The row behind a 66, REX or 0F as the first byte, or of a group by ModRM.reg,
 * if that is a simple one. In all other cases NULL, and what was taken over is
 * taken over again.
 */
static noinline const struct opcode *simple_row(struct x86_emulate_ctxt *ctxt, unsigned int *pos,
						unsigned int *op_bytes)
{
	const u8 *p = ctxt->fetch.data;
	const struct opcode *row;
	u8 b = *p++;

	if (b == 0x66) {
		ctxt->op_prefix = true;
		*op_bytes = 2;
		b = *p++;
	}
	if ((b & 0xf0) == 0x40) {
		ctxt->rex = b;
		if (b & REX_W)
			*op_bytes = 8;
		b = *p++;
	}
	row = &opcode_table[b];
	if (b == 0x0f) {
		b = *p++;
		row = &twobyte_table[b];
		ctxt->map = MAP_0F;
		ctxt->opcode_len = 2;
	}
	if (row->select == SEL_REG)
		row = row->member + (*p >> 3 & 7);
	if (!row->simple)
		return NULL;
	ctxt->b = b;
	*pos = p - ctxt->fetch.data;
	return row;
}

static noinline int decode_rest(struct x86_emulate_ctxt *ctxt)
{
	int rc = locate_operands(ctxt);

	if (rc != X86EMUL_CONTINUE)
		return rc;
	if (ctxt->op->flags & F_OPAQUE)
		return X86EMUL_UNHANDLEABLE;
	ctxt->decoded = true;
	return X86EMUL_CONTINUE;
}

/* An immediate, or an address with a SIB byte or a 32-bit displacement, at fetch.pos. */
static noinline void locate_simple_imm(struct x86_emulate_ctxt *ctxt, const struct opcode *row)
{
	struct operand *op = operand_at(ctxt, row->imm_at);
	u32 desc = row->desc[op - &ctxt->dst];

	op->bytes = simple_size(OD_SIZE(desc), ctxt->op_bytes);
	locate_imm(ctxt, op, desc);
	ctxt->next_eip = ctxt->eip + ctxt->fetch.pos;
}

static noinline unsigned int locate_simple_mem(struct x86_emulate_ctxt *ctxt, struct operand *op,
					       unsigned int bytes)
{
	decode_mem(ctxt);
	locate_mem(op, ctxt->modrm_seg, ctxt->modrm_ea, bytes);
	return ctxt->fetch.pos;
}

/*
 * A simple row in 64-bit mode, with its ModRM at @pos and no prefixes but REX and
 * 66: where its operands are. All bytes it can have are there.
 */
static __always_inline int decode_simple(struct x86_emulate_ctxt *ctxt, const struct opcode *row,
					 unsigned int pos, unsigned int op_bytes)
{
	unsigned int modrm = ctxt->fetch.data[pos++], form = ea_form[modrm], bytes;
	u32 fields = modrm_fields[modrm];
	u8 rex = ctxt->rex;
	struct operand *op;

	ctxt->op = row;
	ctxt->plain = row->plain;
	ctxt->op_bytes = op_bytes;
	ctxt->ad_bytes = 8;
	ctxt->has_modrm = true;
	if (unlikely(rex)) {
		fields |= rex_fields(rex);
		form |= rex & REX_B;		/* R13 is no stack pointer */
	}
	ctxt->modrm_fields = fields;
	ctxt->src.type = OP_NONE;
	ctxt->src2.type = OP_NONE;
	ctxt->src3.type = OP_NONE;
	if (row->reg_at)
		locate_gpr(operand_at(ctxt, row->reg_at), fields >> 16 & 0xff,
			   simple_size(row->reg_size, op_bytes), rex);
	op = operand_at(ctxt, row->rm_at);
	bytes = simple_size(row->rm_size, op_bytes);
	if (likely(form & EA_BASE)) {
		long disp = 0;

		if (form & EA_DISP8)
			disp = (s8)ctxt->fetch.data[pos++];
		ctxt->disp = disp;
		locate_mem(op, form & EA_SEG, ctxt->gpr[fields >> 24] + disp, bytes);
	} else if (modrm >= 0xc0) {
		locate_gpr(op, fields >> 24, bytes, rex);
	} else {
		ctxt->fetch.pos = pos;
		if ((modrm & 0xc7) == 5)	/* relative to RIP */
			return decode_rest(ctxt);
		pos = locate_simple_mem(ctxt, op, bytes);
	}
	ctxt->decoded = true;
	ctxt->fetch.pos = pos;
	ctxt->next_eip = ctxt->eip + pos;
	if (row->imm_at)
		locate_simple_imm(ctxt, row);
	return X86EMUL_CONTINUE;
}

static int decode_all(struct x86_emulate_ctxt *ctxt)
{
	int rc;
	u8 b;

	ctxt->fetch.pos = 0;
	ctxt->op = NULL;
	rc = fetch_u8(ctxt, &b);
	if (rc == X86EMUL_CONTINUE)
		rc = decode_row(ctxt, b);
	return rc == X86EMUL_CONTINUE ? decode_rest(ctxt) : rc;
}

static noinline int decode_general(struct x86_emulate_ctxt *ctxt)
{
	int rc = decode_all(ctxt);

	ctxt->plain = rc == X86EMUL_CONTINUE && ctxt->op->plain && !ctxt->special_ea &&
		      !ctxt->lock_prefix && ctxt->setting == X86EMUL_MODE_PROT64;
	if (rc == X86EMUL_CONTINUE)
		return rc;
	ctxt->dst.type = OP_NONE;
	ctxt->src.type = OP_NONE;
	ctxt->src2.type = OP_NONE;
	ctxt->src3.type = OP_NONE;
	ctxt->have_exception = rc == X86EMUL_PROPAGATE_FAULT;
	return rc;
}

/* The bytes are in ctxt->fetch. */
static __always_inline int decode_fetched(struct x86_emulate_ctxt *ctxt)
{
	unsigned int pos = 1, op_bytes = 4;
	const struct opcode *row;

	init_decode(ctxt);
	if (unlikely(ctxt->fetch.len != INSN_BYTES || ctxt->setting != X86EMUL_MODE_PROT64))
		return decode_general(ctxt);
	ctxt->b = ctxt->fetch.data[0];
	row = &opcode_table[ctxt->b];
	if (unlikely(!row->simple)) {
		row = simple_row(ctxt, &pos, &op_bytes);
		if (!row)
			return decode_general(ctxt);
	}
	return decode_simple(ctxt, row, pos, op_bytes);
}

void decode_again(struct x86_emulate_ctxt *ctxt)
{
	ctxt->mem_read.pos = 0;
	decode_fetched(ctxt);
}

/* Take over fewer bytes than an instruction may have. */
static noinline void copy_insn(struct x86_emulate_ctxt *ctxt, const void *insn, unsigned int len)
{
	ctxt->fetch.len = 0;
	if (!insn)
		return;
	ctxt->fetch.len = len < INSN_BYTES ? len : INSN_BYTES;
	memcpy(ctxt->fetch.data, insn, ctxt->fetch.len);
}

int x86_decode_insn(struct x86_emulate_ctxt *ctxt, const void *insn, unsigned int insn_len)
{
	begin_insn(ctxt);
	ctxt->mem_read.pos = 0;
	ctxt->mem_read.end = 0;
	if (likely(insn_len == INSN_BYTES)) {
		memcpy(ctxt->fetch.data, insn, INSN_BYTES);
		ctxt->fetch.len = INSN_BYTES;
	} else {
		copy_insn(ctxt, insn, insn_len);
	}
	return decode_fetched(ctxt);
}
