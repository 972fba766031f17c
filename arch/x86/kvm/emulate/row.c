// SPDX-License-Identifier: GPL-2.0-only
/* Bytes to a row: fetch, prefixes, the opcode maps and their selectors. */
#include "emulate/fetch.h"

#define PAGE_BYTES	4096u

/* modrm, mod, reg and rm; SIB (rm 4) and what has no base but RIP are no simple addresses. */
#define FIELDS(m)	((m) | (m) >> 6 << 8 | ((m) >> 3 & 7) << 16 | ((m) & 7) << 24)
#define EA(m)									\
	((m) >= 0x80 || ((m) & 7) == 4 || ((m) & 0xc7) == 5 ? 0 : (m) & 0x40 ? -1 : 1)
#define FORM(m)		{ FIELDS(m), EA(m), ((m) & 7) == 5 ? X86_SEG_SS : X86_SEG_DS }
#define FORM4(m)	FORM(m), FORM((m) + 1), FORM((m) + 2), FORM((m) + 3)
#define FORM16(m)	FORM4(m), FORM4((m) + 4), FORM4((m) + 8), FORM4((m) + 12)
#define FORM64(m)	FORM16(m), FORM16((m) + 16), FORM16((m) + 32), FORM16((m) + 48)

const struct modrm_form modrm_forms[256] = {
	FORM64(0u), FORM64(0x40u), FORM64(0x80u), FORM64(0xc0u),
};

enum prefix_kind {
	PFX_NONE, PFX_SEG, PFX_OPSIZE, PFX_ADSIZE, PFX_LOCK, PFX_REP, PFX_REX,
	PFX_ESCAPE,	/* 0F: the other maps */
	PFX_VEX,	/* C4, C5, 62: VEX or EVEX, or an opcode of the one-byte map */
};

static const u8 prefix_kind[256] = {
	[0x26] = PFX_SEG, [0x2e] = PFX_SEG, [0x36] = PFX_SEG, [0x3e] = PFX_SEG,
	[0x64] = PFX_SEG, [0x65] = PFX_SEG,
	[0x66] = PFX_OPSIZE, [0x67] = PFX_ADSIZE,
	[0xf0] = PFX_LOCK, [0xf2] = PFX_REP, [0xf3] = PFX_REP,
	[0x40] = PFX_REX, [0x41] = PFX_REX, [0x42] = PFX_REX, [0x43] = PFX_REX,
	[0x44] = PFX_REX, [0x45] = PFX_REX, [0x46] = PFX_REX, [0x47] = PFX_REX,
	[0x48] = PFX_REX, [0x49] = PFX_REX, [0x4a] = PFX_REX, [0x4b] = PFX_REX,
	[0x4c] = PFX_REX, [0x4d] = PFX_REX, [0x4e] = PFX_REX, [0x4f] = PFX_REX,
	[0x0f] = PFX_ESCAPE,
	[0x62] = PFX_VEX, [0xc4] = PFX_VEX, [0xc5] = PFX_VEX,
};

/* Bytes of code from @offset bytes into the instruction to the CS limit or the page's end. */
static int code_window(struct x86_emulate_ctxt *ctxt, unsigned int offset, unsigned long *la,
		       unsigned int *room)
{
	unsigned long addr = ctxt->eip + offset;
	struct x86_segment cs;

	if (mode_is_64(ctxt)) {
		if (!is_canonical(ctxt, addr))
			return emulate_gp(ctxt, 0);
		*la = addr;
		*room = PAGE_BYTES - (*la & (PAGE_BYTES - 1));
		return X86EMUL_CONTINUE;
	}
	ctxt->ops->get_segment(ctxt, X86_SEG_CS, &cs);
	if (addr > cs.limit)
		return emulate_gp(ctxt, 0);
	*la = (u32)(cs.base + addr);
	*room = PAGE_BYTES - (*la & (PAGE_BYTES - 1));
	if (*room - 1 > cs.limit - addr)
		*room = cs.limit - addr + 1;
	return X86EMUL_CONTINUE;
}

/* Make @bytes more available behind fetch.pos; each page is fetched once, when needed. */
int fetch_more(struct x86_emulate_ctxt *ctxt, unsigned int bytes)
{
	struct fetch_cache *fc = &ctxt->fetch;
	unsigned long la = 0;
	unsigned int room = 0;
	int rc;

	while (fc->len - fc->pos < (int)bytes) {
		if (fc->len == sizeof(fc->data))
			return emulate_gp(ctxt, 0);
		rc = code_window(ctxt, fc->len, &la, &room);
		if (rc != X86EMUL_CONTINUE)
			return rc;
		if (room > sizeof(fc->data) - fc->len)
			room = sizeof(fc->data) - fc->len;
		rc = ctxt->ops->fetch(ctxt, la, fc->data + fc->len, room);
		if (rc != X86EMUL_CONTINUE)
			return rc;
		fc->len += room;
	}
	return X86EMUL_CONTINUE;
}

static void take_segment(struct x86_emulate_ctxt *ctxt, u8 b)
{
	if (b >= 0x64)
		ctxt->seg_override = X86_SEG_FS + (b - 0x64);
	else if (!mode_is_64(ctxt))
		ctxt->seg_override = (b >> 3) & 3;
}

/* Record prefix @b; false when it is an opcode after all. */
static bool take_prefix(struct x86_emulate_ctxt *ctxt, u8 b)
{
	switch (prefix_kind[b]) {
	case PFX_SEG:
		ctxt->special_ea = true;
		take_segment(ctxt, b);
		break;
	case PFX_OPSIZE:
		ctxt->op_prefix = true;
		break;
	case PFX_ADSIZE:
		ctxt->special_ea = true;
		ctxt->ad_prefix = true;
		break;
	case PFX_LOCK:
		ctxt->lock_prefix = true;
		break;
	case PFX_REP:
		ctxt->rep_prefix = b;
		break;
	case PFX_REX:
		if (!mode_is_64(ctxt))
			return false;
		ctxt->rex = b;
		return true;
	default:
		return false;
	}
	ctxt->rex = 0;		/* REX counts only right before the opcode */
	return true;
}

/* Sizes by mode and prefixes; a big real-mode code segment counts as 32-bit. */
static void decode_sizes(struct x86_emulate_ctxt *ctxt)
{
	bool big = ctxt->mode == X86EMUL_MODE_PROT32;

	if (mode_is_64(ctxt)) {
		ctxt->ad_bytes = ctxt->ad_prefix ? 4 : 8;
		ctxt->op_bytes = ctxt->rex & REX_W ? 8 : ctxt->op_prefix && !ctxt->has_vex ? 2 : 4;
		return;
	}
	ctxt->special_ea = true;
	ctxt->special_end = true;
	if (ctxt->mode == X86EMUL_MODE_REAL) {
		struct x86_segment cs;

		ctxt->ops->get_segment(ctxt, X86_SEG_CS, &cs);
		big = cs.attr & X86_SEG_DB;
	}
	ctxt->ad_bytes = big != ctxt->ad_prefix ? 4 : 2;
	ctxt->op_bytes = ctxt->has_vex || big != ctxt->op_prefix ? 4 : 2;
}

/* The rows' own idea of the operand size. */
static void adjust_sizes(struct x86_emulate_ctxt *ctxt, u32 flags)
{
	bool is64 = mode_is_64(ctxt);

	if (flags & F_FORCE64)
		ctxt->op_bytes = is64 ? 8 : 4;
	else if (flags & F_NOSIZE)
		ctxt->op_bytes = ctxt->rex & REX_W ? 8 : 4;
	else if (is64 && (ctxt->op_bytes == 4 || ((flags & F_NEAR) && !is_amd(ctxt))))
		ctxt->op_bytes = 8;
}

/* 0, 1, 2 for 2, 4, 8 bytes. */
static unsigned int size_index(u8 bytes)
{
	return bytes == 8 ? 2 : bytes == 4;
}

/* Index into the members of @row, whose ModRM is there when the selector needs it. */
static unsigned int select_index(const struct x86_emulate_ctxt *ctxt, u8 select)
{
	switch (select) {
	case SEL_REG:
		return ctxt->modrm_reg & 7;
	case SEL_MOD:
		return ctxt->modrm_mod == 3;
	case SEL_RM:
		return ctxt->modrm & 7;
	case SEL_PREFIX:
		if (ctxt->rep_prefix)
			return ctxt->rep_prefix == 0xf3 ? 2 : 3;
		return ctxt->op_prefix;
	case SEL_MODE:
		return mode_is_64(ctxt);
	case SEL_W:
		return ctxt->has_vex ? ctxt->vex_w : !!(ctxt->rex & REX_W);
	case SEL_W64:
		return !!(ctxt->rex & REX_W);
	case SEL_L:
	case SEL_LL:
		return ctxt->vex_l;
	case SEL_REXB:
		return ctxt->rex & REX_B;
	case SEL_ADSIZE:
		return size_index(ctxt->ad_bytes);
	default:
		return size_index(ctxt->op_bytes);
	}
}

static int select_row(struct x86_emulate_ctxt *ctxt)
{
	const struct opcode *row = ctxt->op;
	int rc;

	while (row->select != SEL_NONE) {
		ctxt->op = row;
		if (!ctxt->has_modrm && (row->select == SEL_REG || row->select == SEL_MOD ||
					 row->select == SEL_RM)) {
			rc = fetch_modrm(ctxt);
			if (rc != X86EMUL_CONTINUE)
				return rc;
		}
		if (row->flags & F_STACK)
			adjust_sizes(ctxt, row->flags);
		row = row->member + select_index(ctxt, row->select);
	}
	ctxt->op = row;
	return X86EMUL_CONTINUE;
}

/* A row without a handler: no such encoding, or one to be described only. */
static int check_unemulated(struct x86_emulate_ctxt *ctxt)
{
	const struct opcode *row = ctxt->op;

	if (!row->name || (row->flags & (F_UD | F_PREFIX)))
		return emulate_ud(ctxt);
	return X86EMUL_CONTINUE;
}

/* What VEX and EVEX have beyond what the row uses is #UD. */
static int check_vex(struct x86_emulate_ctxt *ctxt)
{
	const struct opcode *row = ctxt->op;
	bool memory = ctxt->has_modrm && ctxt->modrm_mod != 3;
	u8 dst = row->desc[0] ? OD_ARG(row->desc[0]) : OP_NONE;

	if (row->flags & F_OPAQUE)
		return X86EMUL_CONTINUE;
	if (!(row->opf & OPF_VVVV) && ctxt->vex_vvvv)
		return emulate_ud(ctxt);
	if (!ctxt->has_evex)
		return X86EMUL_CONTINUE;
	if (ctxt->evex_b && !(row->evex & (memory ? EVEX_BCST4 | EVEX_BCST8 : EVEX_ROUND)))
		return emulate_ud(ctxt);
	if (ctxt->evex_aaa && !(row->evex & EVEX_MASK))
		return emulate_ud(ctxt);
	/* Only registers are zeroed, and opmasks always are. */
	if (ctxt->evex_z && (dst == OP_KREG || (memory && OD_KIND(row->desc[0]) == OPK_RM)))
		return emulate_ud(ctxt);
	return X86EMUL_CONTINUE;
}

/* Follow selectors from ctxt->op to a row with a handler or a description; set its sizes. */
static int resolve_row(struct x86_emulate_ctxt *ctxt)
{
	u32 flags;
	int rc;

	if (ctxt->op->select != SEL_NONE) {
		rc = select_row(ctxt);
		if (rc != X86EMUL_CONTINUE)
			return rc;
	}
	flags = ctxt->op->flags;
	if (flags & (F_FORCE64 | F_NOSIZE | F_NEAR | F_STACK))
		adjust_sizes(ctxt, flags);
	if (!(flags & F_EXEC)) {
		rc = check_unemulated(ctxt);
		if (rc != X86EMUL_CONTINUE)
			return rc;
	}
	return ctxt->has_vex ? check_vex(ctxt) : X86EMUL_CONTINUE;
}

/* The row of @map behind 0F; ctxt->b becomes its opcode. */
static int decode_escape(struct x86_emulate_ctxt *ctxt, const struct opcode **row)
{
	int rc = fetch_u8(ctxt, &ctxt->b);

	if (rc != X86EMUL_CONTINUE)
		return rc;
	ctxt->opcode_len = 2;
	ctxt->map = MAP_0F;
	*row = &twobyte_table[ctxt->b];
	if (ctxt->b != 0x38 && ctxt->b != 0x3a)
		return X86EMUL_CONTINUE;
	ctxt->opcode_len = 3;
	ctxt->map = ctxt->b == 0x38 ? MAP_0F38 : MAP_0F3A;
	rc = fetch_u8(ctxt, &ctxt->b);
	*row = ctxt->map == MAP_0F38 ? &opcode_map_0f38[ctxt->b] : &opcode_map_0f3a[ctxt->b];
	return rc;
}

/* C4, C5 and 62 are LES, LDS, BOUND with a memory operand outside 64-bit mode. */
static bool is_legacy_vex(const struct x86_emulate_ctxt *ctxt)
{
	if (mode_is_64(ctxt))
		return false;
	return !mode_is_protected(ctxt) || ctxt->fetch.data[ctxt->fetch.pos] < 0xc0;
}

/* The two bytes behind C4, or the one behind C5 in the same layout. */
static int fetch_vex_payload(struct x86_emulate_ctxt *ctxt, u8 *p1, u8 *p2)
{
	int rc = fetch_u8(ctxt, p1);

	if (rc != X86EMUL_CONTINUE)
		return rc;
	if (ctxt->b == 0xc4)
		return fetch_u8(ctxt, p2);
	*p2 = *p1 & 0x7f;
	*p1 = (*p1 & 0x80) | 0x61;
	return X86EMUL_CONTINUE;
}

/* Bits pp of VEX and EVEX stand for a mandatory prefix. */
static void take_pp(struct x86_emulate_ctxt *ctxt, u8 pp)
{
	static const u8 rep[4] = { 0, 0, 0xf3, 0xf2 };

	ctxt->op_prefix = pp == 1;
	ctxt->rep_prefix = rep[pp];
}

/* @rxb: the inverted bits of the payload; @w and @vvvv as they are encoded. */
static void take_vex(struct x86_emulate_ctxt *ctxt, u8 rxb, bool w, u8 vvvv)
{
	ctxt->has_vex = true;
	ctxt->vex_w = w;
	ctxt->vex_vvvv = ~vvvv & 15;
	ctxt->rex = 0x40;
	if (mode_is_64(ctxt))
		ctxt->rex |= (~rxb & 7) | (w ? REX_W : 0);
}

/* The opcode byte and its row in @table. */
static int fetch_vex_row(struct x86_emulate_ctxt *ctxt, const struct opcode *table, u8 map,
			 const struct opcode **row)
{
	int rc;

	if (!table)
		return emulate_ud(ctxt);
	ctxt->opcode_len = map == 1 ? 2 : 3;
	rc = fetch_u8(ctxt, &ctxt->b);
	*row = table + ctxt->b;
	return rc;
}

static int decode_vex(struct x86_emulate_ctxt *ctxt, const struct opcode **row)
{
	u8 p1, p2;
	int rc = fetch_vex_payload(ctxt, &p1, &p2);

	if (rc != X86EMUL_CONTINUE)
		return rc;
	take_vex(ctxt, p1 >> 5, p2 & 0x80, p2 >> 3);
	take_pp(ctxt, p2 & 3);
	ctxt->vex_l = p2 >> 2 & 1;
	return fetch_vex_row(ctxt, vex_table(p1 & 31, &ctxt->map), p1 & 31, row);
}

/* The three bytes behind 62. With rounding control in L'L the length is 64 bytes. */
static int decode_evex(struct x86_emulate_ctxt *ctxt, const struct opcode **row)
{
	u8 p[3] = { 0 };
	int rc, i;

	for (i = 0; i < 3; i++) {
		rc = fetch_u8(ctxt, &p[i]);
		if (rc != X86EMUL_CONTINUE)
			return rc;
	}
	if ((p[0] & 8) || !(p[1] & 4))
		return emulate_ud(ctxt);
	take_vex(ctxt, p[0] >> 5, p[1] & 0x80, p[1] >> 3);
	take_pp(ctxt, p[1] & 3);
	ctxt->has_evex = true;
	ctxt->special_ea = true;	/* disp8 counts operands */
	ctxt->evex_aaa = p[2] & 7;
	ctxt->evex_z = p[2] & 0x80;
	ctxt->evex_b = p[2] & 0x10;
	ctxt->evex_r = ~p[0] & 0x10;
	if (!(p[2] & 8)) {
		/* Bit 4 of a register number where there are 8 registers: AMD ignores it. */
		if (mode_is_64(ctxt))
			ctxt->vex_vvvv |= 0x10;
		else if (!is_amd(ctxt))
			return emulate_ud(ctxt);
	}
	ctxt->vex_l = p[2] >> 5 & 3;
	rc = fetch_vex_row(ctxt, evex_table(p[0] & 7, &ctxt->map), p[0] & 7, row);
	if (rc == X86EMUL_CONTINUE)
		rc = fetch_modrm(ctxt);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	if (ctxt->evex_b && ctxt->modrm_mod == 3)
		ctxt->vex_l = 2;
	if (ctxt->vex_l == 3 || (ctxt->evex_z && !ctxt->evex_aaa))
		return emulate_ud(ctxt);
	return X86EMUL_CONTINUE;
}

/* The row when the opcode byte is not simply one of the one-byte map. */
static int decode_extended(struct x86_emulate_ctxt *ctxt, const struct opcode **row)
{
	int rc;

	if (ctxt->b == 0x0f)
		return decode_escape(ctxt, row);
	if (prefix_kind[ctxt->b] != PFX_VEX)
		return X86EMUL_CONTINUE;
	rc = fetch_ready(ctxt, 1);
	if (rc != X86EMUL_CONTINUE || is_legacy_vex(ctxt))
		return rc;
	if (ctxt->op_prefix || ctxt->rep_prefix || ctxt->lock_prefix || ctxt->rex)
		return emulate_ud(ctxt);
	return ctxt->b == 0x62 ? decode_evex(ctxt, row) : decode_vex(ctxt, row);
}

int decode_row(struct x86_emulate_ctxt *ctxt, u8 b)
{
	const struct opcode *row;
	int rc;

	while (prefix_kind[b] != PFX_NONE && take_prefix(ctxt, b)) {
		rc = fetch_u8(ctxt, &b);
		if (rc != X86EMUL_CONTINUE)
			return rc;
	}
	ctxt->b = b;
	row = &opcode_table[b];
	if (prefix_kind[b] != PFX_NONE) {
		rc = decode_extended(ctxt, &row);
		if (rc != X86EMUL_CONTINUE)
			return rc;
	}
	decode_sizes(ctxt);
	ctxt->op = row;
	return resolve_row(ctxt);
}
