// SPDX-License-Identifier: GPL-2.0-only
/* Bytes to an instruction: the short way for simple rows, and the general one. */
#include "emulate/fetch.h"

_Static_assert(sizeof(struct opcode) == 64, "a row is one cache line");
_Static_assert(offsetof(struct x86_emulate_ctxt, src3) / 8 < 256, "rows say where operands are");

#define INSN_BYTES	sizeof(((struct fetch_cache *)NULL)->data)

/* All of the old instruction goes. @simple: the row is known to be simple. */
static __always_inline void init_decode(struct x86_emulate_ctxt *ctxt, bool simple,
					unsigned int op_bytes)
{
	/* As the structure has them: few stores. */
	ctxt->rex = 0;
	ctxt->rep_prefix = 0;
	ctxt->op_prefix = false;
	ctxt->ad_prefix = false;
	ctxt->lock_prefix = false;
	ctxt->has_vex = false;
	ctxt->has_evex = false;
	ctxt->rip_relative = false;

	ctxt->seg_override = X86_NR_SEGS;
	ctxt->opcode_len = 1;
	ctxt->has_modrm = simple;
	ctxt->decoded = simple;
	ctxt->map = MAP_ONE_BYTE;
	ctxt->vex_l = 0;
	ctxt->special_ea = false;
	ctxt->special_end = false;

	ctxt->op_bytes = op_bytes;
	ctxt->ad_bytes = 8;
	ctxt->sib = 0;
	ctxt->modrm_seg = 0;
}

/* @at: of the row. */
static __always_inline struct operand *operand_at(struct x86_emulate_ctxt *ctxt, u8 at)
{
	return (void *)ctxt + (unsigned long)at * 8;
}

static __always_inline unsigned int simple_size(u8 size, unsigned int op_bytes)
{
	return size == OPSZ_V ? op_bytes : size;
}

static noinline int decode_rest(struct x86_emulate_ctxt *ctxt)
{
	int rc = locate_operands(ctxt);

	if (rc != X86EMUL_CONTINUE)
		return rc;
	ctxt->_eip = ctxt->next_eip;
	if (ctxt->op->flags & F_OPAQUE)
		return X86EMUL_UNHANDLEABLE;
	ctxt->decoded = true;
	return X86EMUL_CONTINUE;
}

/* The end of a simple instruction whose immediate, if any, is at @pos. */
static __always_inline int end_simple(struct x86_emulate_ctxt *ctxt, unsigned long pos)
{
	unsigned long end = ctxt->eip + pos;

	ctxt->fetch.pos = pos;
	ctxt->next_eip = end;
	ctxt->_eip = end;
	return X86EMUL_CONTINUE;
}

static noinline int end_simple_imm(struct x86_emulate_ctxt *ctxt, const struct opcode *row,
				   unsigned long pos)
{
	struct operand *op = operand_at(ctxt, row->imm_at);
	u32 desc = row->desc[op - ctxt->operand];

	ctxt->fetch.pos = pos;
	op->bytes = simple_size(OD_SIZE(desc), ctxt->op_bytes);
	locate_imm(ctxt, op, desc);
	return end_simple(ctxt, ctxt->fetch.pos);
}

/* Addresses with a SIB byte, a displacement of 32 bits, or RIP. */
static noinline int end_simple_mem(struct x86_emulate_ctxt *ctxt, const struct opcode *row,
				   unsigned long pos, unsigned int bytes)
{
	ctxt->fetch.pos = pos;
	if ((ctxt->modrm & 0xc7) == 5)
		return decode_rest(ctxt);
	decode_mem(ctxt);
	locate_mem(operand_at(ctxt, row->rm_at), ctxt->modrm_seg, ctxt->modrm_ea, bytes);
	if (row->imm_at)
		return end_simple_imm(ctxt, row, ctxt->fetch.pos);
	return end_simple(ctxt, ctxt->fetch.pos);
}

/*
 * A simple row in 64-bit mode, with its ModRM at @pos and no prefixes but @rex
 * and 66: where its operands are. All bytes it can have are there.
 */
static __always_inline int decode_simple(struct x86_emulate_ctxt *ctxt, const struct opcode *row,
					 unsigned long pos, unsigned int op_bytes, u8 rex)
{
	unsigned int modrm = ctxt->fetch.data[pos++], bytes;
	const struct modrm_form *form = &modrm_forms[modrm];
	u32 fields = form->fields;
	struct operand *op;
	unsigned long ea;
	long disp = 0;

	ctxt->op = row;
	ctxt->plain = row->plain;
	if (rex)
		fields |= rex_fields(rex);
	ctxt->modrm_fields = fields;
	ctxt->src.type = OP_NONE;
	ctxt->src2.type = OP_NONE;
	ctxt->src3.type = OP_NONE;
	if (row->reg_at) {
		bytes = op_bytes == 4 ? row->reg_bytes : simple_size(row->reg_size, op_bytes);
		locate_gpr(operand_at(ctxt, row->reg_at), fields >> 16 & 0xff, bytes, rex);
	}
	bytes = op_bytes == 4 ? row->rm_bytes : simple_size(row->rm_size, op_bytes);
	op = operand_at(ctxt, row->rm_at);
	if (modrm >= 0xc0) {
		locate_gpr(op, fields >> 24, bytes, rex);
	} else {
		ea = ctxt->gpr[fields >> 24];
		if (form->ea < 0)
			disp = (s8)ctxt->fetch.data[pos++];
		else if (unlikely(!form->ea))
			return end_simple_mem(ctxt, row, pos, bytes);
		ctxt->disp = disp;
		locate_mem(op, rex & REX_B ? X86_SEG_DS : form->seg, ea + disp, bytes);
	}
	if (unlikely(row->imm_at))
		return end_simple_imm(ctxt, row, pos);
	return end_simple(ctxt, pos);
}

static int decode_all(struct x86_emulate_ctxt *ctxt)
{
	int rc;
	u8 b;

	init_decode(ctxt, false, 4);
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

/*
 * What begins with 66, REX or 0F, or is chosen by ModRM.reg, leads to a simple
 * row, too. What does not is decoded from the start.
 */
static noinline int decode_prefixed(struct x86_emulate_ctxt *ctxt)
{
	const u8 *p = ctxt->fetch.data;
	u8 b = *p++, rex = 0;
	const struct opcode *row = &opcode_table[b];
	unsigned int op_bytes = 4;

	if ((row->flags & (F_EXEC | F_NO64)) == F_EXEC)
		return decode_general(ctxt);
	init_decode(ctxt, true, 4);
	if (b == 0x66) {
		ctxt->op_prefix = true;
		op_bytes = 2;
		b = *p++;
	}
	if ((b & 0xf0) == 0x40) {
		ctxt->rex = rex = b;
		if (b & REX_W)
			op_bytes = 8;
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
		return decode_general(ctxt);
	ctxt->b = b;
	ctxt->op_bytes = op_bytes;
	return decode_simple(ctxt, row, p - ctxt->fetch.data, op_bytes, rex);
}

/* All bytes an instruction can have are in ctxt->fetch. */
static __always_inline int decode_fetched(struct x86_emulate_ctxt *ctxt)
{
	const struct opcode *row;

	if (unlikely(ctxt->setting != X86EMUL_MODE_PROT64))
		return decode_general(ctxt);
	ctxt->b = ctxt->fetch.data[0];
	row = &opcode_table[ctxt->b];
	OPTIMIZER_HIDE_VAR(row);	/* one pointer, not the table and an index */
	if (unlikely(!row->simple))
		return decode_prefixed(ctxt);
	init_decode(ctxt, true, 4);
	return decode_simple(ctxt, row, 1, 4, 0);
}

void decode_again(struct x86_emulate_ctxt *ctxt)
{
	begin_insn(ctxt);
	ctxt->mem_read.pos = 0;
	if (ctxt->fetch.len == INSN_BYTES)
		decode_fetched(ctxt);
	else
		decode_general(ctxt);
}

/* Fewer bytes than an instruction may have: the others are fetched as they are needed. */
static noinline int decode_partial(struct x86_emulate_ctxt *ctxt, const void *insn,
				   unsigned int len)
{
	ctxt->fetch.len = 0;
	if (insn) {
		ctxt->fetch.len = len < INSN_BYTES ? len : INSN_BYTES;
		memcpy(ctxt->fetch.data, insn, ctxt->fetch.len);
	}
	return decode_general(ctxt);
}

int x86_decode_insn(struct x86_emulate_ctxt *ctxt, const void *insn, unsigned int insn_len)
{
	begin_insn(ctxt);
	ctxt->mem_read.pos = 0;
	ctxt->mem_read.end = 0;
	ctxt->port_items = 0;
	if (unlikely(insn_len != INSN_BYTES))
		return decode_partial(ctxt, insn, insn_len);
	memcpy(ctxt->fetch.data, insn, INSN_BYTES);
	ctxt->fetch.len = INSN_BYTES;
	return decode_fetched(ctxt);
}
