// SPDX-License-Identifier: GPL-2.0-only
/* One line of text for a decoded instruction: Intel syntax, from rows and ModRM alone. */
#include "emulate/insn.h"

struct text {
	char *buf;
	unsigned int size, len;
};

static void put_char(struct text *t, char c)
{
	if (t->len + 1 < t->size)
		t->buf[t->len++] = c;
}

static void put(struct text *t, const char *s)
{
	while (*s)
		put_char(t, *s++);
}

/* 0 to 99. */
static void put_number(struct text *t, unsigned int val)
{
	if (val >= 10)
		put_char(t, '0' + val / 10);
	put_char(t, '0' + val % 10);
}

static void put_hex(struct text *t, unsigned long val)
{
	int shift = 60;

	put(t, "0x");
	while (shift && !(val >> shift & 15))
		shift -= 4;
	for (; shift >= 0; shift -= 4)
		put_char(t, "0123456789abcdef"[val >> shift & 15]);
}

/* A value with its sign; @plus also writes the positive one. */
static void put_signed(struct text *t, long val, bool plus)
{
	if (val < 0)
		put_char(t, '-');
	else if (plus)
		put_char(t, '+');
	put_hex(t, val < 0 ? -(unsigned long)val : (unsigned long)val);
}

static void put_gpr(struct text *t, unsigned int nr, unsigned int bytes, bool high)
{
	static const char names[8][3] = { "ax", "cx", "dx", "bx", "sp", "bp", "si", "di" };
	static const char low[8][4] = { "al", "cl", "dl", "bl", "spl", "bpl", "sil", "dil" };

	if (high) {
		put_char(t, names[nr & 3][0]);
		put_char(t, 'h');
	} else if (nr >= 8) {
		put_char(t, 'r');
		put_number(t, nr);
		if (bytes != 8)
			put_char(t, bytes == 4 ? 'd' : bytes == 2 ? 'w' : 'b');
	} else if (bytes == 1) {
		put(t, low[nr]);
	} else {
		if (bytes != 2)
			put_char(t, bytes == 8 ? 'r' : 'e');
		put(t, names[nr]);
	}
}

static const char *segment_name(unsigned int seg)
{
	static const char names[X86_NR_SEGS][5] = {
		"es", "cs", "ss", "ds", "fs", "gs", "ldtr", "tr",
	};

	return seg < X86_NR_SEGS ? names[seg] : "?";
}

static const char *size_name(unsigned int bytes)
{
	switch (bytes) {
	case 1:
		return "byte ptr ";
	case 2:
		return "word ptr ";
	case 4:
		return "dword ptr ";
	case 6:
		return "fword ptr ";
	case 8:
		return "qword ptr ";
	case 10:
		return "tbyte ptr ";
	case 16:
		return "xmmword ptr ";
	case 32:
		return "ymmword ptr ";
	case 64:
		return "zmmword ptr ";
	default:
		return "";
	}
}

static void put_vec(struct text *t, unsigned int nr, unsigned int bytes)
{
	put(t, bytes > 32 ? "zmm" : bytes > 16 ? "ymm" : "xmm");
	put_number(t, nr);
}

static void put_base16(struct text *t, unsigned int rm)
{
	static const char forms[8][6] = {
		"bx+si", "bx+di", "bp+si", "bp+di", "si", "di", "bp", "bx",
	};

	put(t, forms[rm]);
}

/* Index and scale behind a @base; false when there are none. */
static bool put_index(struct text *t, const struct x86_emulate_ctxt *ctxt,
		      const struct operand *op, const struct operand_info *info, bool base)
{
	unsigned int index = ((ctxt->sib >> 3) & 7) | (ctxt->rex & BIT(1)) << 2;
	bool vector = info->kind == OPK_VSIB;

	if (index == X86_REG_RSP && !vector)
		return false;
	if (base)
		put_char(t, '+');
	if (vector)
		put_vec(t, op->reg, 16u << ctxt->vex_l >> (ctxt->vex_w && !info->arg));
	else
		put_gpr(t, index, ctxt->ad_bytes, false);
	if (ctxt->sib >> 6) {
		put_char(t, '*');
		put_number(t, 1u << (ctxt->sib >> 6));
	}
	return true;
}

/* Base and index; false when there are none. */
static bool put_base(struct text *t, const struct x86_emulate_ctxt *ctxt,
		     const struct operand *op, const struct operand_info *info)
{
	unsigned int rm = ctxt->modrm & 7, ad = ctxt->ad_bytes;
	bool base;

	if (ad == 2) {
		if (ctxt->modrm_mod == 0 && rm == 6)
			return false;
		put_base16(t, rm);
		return true;
	}
	if (ctxt->rip_relative) {
		put(t, ad == 8 ? "rip" : "eip");
		return true;
	}
	if (rm != 4) {
		if (rm == 5 && ctxt->modrm_mod == 0)
			return false;
		put_gpr(t, ctxt->modrm_rm, ad, false);
		return true;
	}
	base = (ctxt->sib & 7) != 5 || ctxt->modrm_mod != 0;
	if (base)
		put_gpr(t, (ctxt->sib & 7) | (ctxt->rex & BIT(0)) << 3, ad, false);
	return put_index(t, ctxt, op, info, base) || base;
}

static void put_address(struct text *t, const struct x86_emulate_ctxt *ctxt,
			const struct operand *op, const struct operand_info *info)
{
	bool based = put_base(t, ctxt, op, info);

	if (!based && mode_is_64(ctxt))
		put_hex(t, ctxt->ad_bytes == 8 ? (unsigned long)ctxt->disp : (u32)ctxt->disp);
	else if (!based)
		put_hex(t, ctxt->ad_bytes == 2 ? (u16)ctxt->disp : (u32)ctxt->disp);
	else if (ctxt->disp)
		put_signed(t, ctxt->disp, true);
}

/* "es:" where the reader cannot know it. */
static void put_override(struct text *t, const struct x86_emulate_ctxt *ctxt)
{
	if (ctxt->seg_override != X86_NR_SEGS) {
		put(t, segment_name(ctxt->seg_override));
		put_char(t, ':');
	}
}

static void put_mem(struct text *t, const struct x86_emulate_ctxt *ctxt, const struct operand *op,
		    const struct operand_info *info)
{
	put(t, size_name(op->bytes));
	if (info->kind == OPK_DI)
		put(t, "es:");
	else
		put_override(t, ctxt);
	put_char(t, '[');
	if (info->flags & OPF_RM) {
		put_address(t, ctxt, op, info);
	} else if (info->kind == OPK_OFFSET) {
		put_hex(t, op->ea);
	} else if (info->kind == OPK_XLAT) {
		put_gpr(t, X86_REG_RBX, ctxt->ad_bytes, false);
		put(t, "+al");
	} else {
		put_gpr(t, info->kind == OPK_SI ? X86_REG_RSI : X86_REG_RDI, ctxt->ad_bytes, false);
	}
	put_char(t, ']');
}

static void put_reg(struct text *t, const struct operand *op, unsigned int type)
{
	static const char *const files[] = {
		[OP_CREG] = "cr", [OP_DREG] = "dr", [OP_MMX] = "mm",
		[OP_KREG] = "k", [OP_ST] = "st",
	};

	if (type == OP_REG) {
		put_gpr(t, op->reg, op->bytes ? op->bytes : 4, op->high);
	} else if (type == OP_SREG) {
		put(t, segment_name(op->reg));
	} else if (type == OP_VEC) {
		put_vec(t, op->reg, op->bytes);
	} else {
		put(t, files[type]);
		put_number(t, op->reg);
	}
}

static void put_imm(struct text *t, const struct x86_emulate_ctxt *ctxt, const struct operand *op,
		    u8 code)
{
	u16 selector;

	if (code == OC_Jb || code == OC_Jz) {
		unsigned long target = ctxt->next_eip + op->ea;

		put_hex(t, truncate_to(target, mode_is_64(ctxt) ? 8 : ctxt->op_bytes));
	} else if (code == OC_Ap) {
		memcpy(&selector, op->data + 8, sizeof(selector));
		put_hex(t, selector);
		put_char(t, ':');
		put_hex(t, op->ea);
	} else if (code == OC_Ibs || code == OC_Iz) {
		put_signed(t, op->ea, false);
	} else {
		put_hex(t, op->ea);
	}
}

/* By code, not by type: a handler may have dropped the destination already. */
static void put_operand(struct text *t, const struct x86_emulate_ctxt *ctxt,
			const struct operand *op, u8 code)
{
	const struct operand_info *info = &operand_info[code];

	switch (info->kind) {
	case OPK_RREG:
		put_reg(t, op, info->arg);
		break;
	case OPK_RM:
	case OPK_RMBIT:
	case OPK_RMPOP:
		if (ctxt->modrm_mod == 3)
			put_reg(t, op, info->arg);
		else
			put_mem(t, ctxt, op, info);
		break;
	case OPK_REG:
	case OPK_VVVV:
		put_reg(t, op, info->arg);
		break;
	case OPK_IS4:
		put_reg(t, op, OP_VEC);
		break;
	case OPK_ST0:
		put_reg(t, op, OP_ST);
		break;
	case OPK_LOW3:
	case OPK_FIXED:
		put_reg(t, op, OP_REG);
		break;
	case OPK_SEG:
		put_reg(t, op, OP_SREG);
		break;
	case OPK_IMM:
	case OPK_IMMS:
	case OPK_FAR:
	case OPK_ONE:
		put_imm(t, ctxt, op, code);
		break;
	default:
		put_mem(t, ctxt, op, info);
	}
}

static void put_prefixes(struct text *t, const struct x86_emulate_ctxt *ctxt)
{
	if (ctxt->lock_prefix)
		put(t, "lock ");
	if (!(ctxt->op->flags & F_STRING) || !ctxt->rep_prefix)
		return;
	if (!(ctxt->op->flags & F_RO) || ctxt->op->execute == em_outs)
		put(t, "rep ");
	else
		put(t, ctxt->rep_prefix == 0xf3 ? "repe " : "repne ");
}

/* Of a string instruction, by the size of its memory operand. */
static char string_suffix(const struct x86_emulate_ctxt *ctxt)
{
	bool dst = operand_info[ctxt->op->operand[0]].flags & OPF_MEM;

	switch (dst ? ctxt->dst.bytes : ctxt->src.bytes) {
	case 1:
		return 'b';
	case 2:
		return 'w';
	case 4:
		return 'd';
	default:
		return 'q';
	}
}

/* " {k1} {z}" behind the destination. */
static void put_opmask(struct text *t, const struct x86_emulate_ctxt *ctxt)
{
	if (ctxt->evex_aaa) {
		put(t, " {k");
		put_number(t, ctxt->evex_aaa);
		put_char(t, '}');
	}
	if (ctxt->evex_z)
		put(t, " {z}");
}

static void put_operands(struct text *t, const struct x86_emulate_ctxt *ctxt)
{
	const struct opcode *row = ctxt->op;
	int i;

	for (i = 0; i < MAX_OPERANDS && row->operand[i]; i++) {
		put(t, i ? ", " : " ");
		put_operand(t, ctxt, &ctxt->operand[i], row->operand[i]);
		if (!i && ctxt->has_evex)
			put_opmask(t, ctxt);
	}
}

int x86_emulate_disasm(const struct x86_emulate_ctxt *ctxt, char *buf, unsigned int size)
{
	struct text t = { .buf = buf, .size = size };
	const struct opcode *row = ctxt->op;

	if (!size)
		return 0;
	if (!row) {
		put(&t, "(bad)");
	} else {
		put_prefixes(&t, ctxt);
		put(&t, row->name ? row->name : "(bad)");
		if ((row->flags & F_STRING) && ctxt->decoded)
			put_char(&t, string_suffix(ctxt));
		if (ctxt->decoded)
			put_operands(&t, ctxt);
	}
	buf[t.len] = '\0';
	return t.len;
}
