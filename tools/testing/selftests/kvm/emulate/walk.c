// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <linux/string.h>
#include "walk.h"

struct row rows[MAX_ROWS];
unsigned int nr_rows;
unsigned int walk_errors;
char walk_error[128];

static struct executed {
	const struct opcode *op;
	unsigned int by;
} executed[MAX_ROWS];
static unsigned int nr_executed;

static void walk(const struct row *at, const struct opcode *op, int depth);

static void problem(const struct row *at, const char *what)
{
	if (!walk_errors++)
		snprintf(walk_error, sizeof(walk_error), "map %u opcode %02x: %s", at->map, at->b,
			 what);
}

static void walk_member(const struct row *at, const struct opcode *group, int i, int depth)
{
	struct row r = *at;

	switch (group->select) {
	case SEL_REG:
		r.reg = i;
		break;
	case SEL_MOD:
		r.mod = i;
		break;
	case SEL_RM:
		r.rm = i;
		break;
	case SEL_PREFIX:
		r.prefix = i;
		break;
	case SEL_MODE:
		r.mode64 = i;
		break;
	case SEL_W64:
		r.w64 = i;
		fallthrough;
	case SEL_W:
		r.w = i;
		break;
	case SEL_L:
	case SEL_LL:
		r.l = i;
		break;
	case SEL_OPSIZE:
		r.opsize = 2 << i;
		break;
	case SEL_ADSIZE:
		r.adsize = 2 << i;
		break;
	case SEL_REXB:
		r.rexb = i;
		break;
	}
	walk(&r, &group->member[i], depth + 1);
}

static void walk(const struct row *at, const struct opcode *op, int depth)
{
	static const u8 members[] = {
		[SEL_REG] = 8, [SEL_MOD] = 2, [SEL_RM] = 8, [SEL_PREFIX] = 4,
		[SEL_MODE] = 2, [SEL_W] = 2, [SEL_W64] = 2, [SEL_L] = 2, [SEL_LL] = 3,
		[SEL_OPSIZE] = 3, [SEL_ADSIZE] = 3, [SEL_REXB] = 2,
	};
	int i;

	if (op->select == SEL_NONE) {
		if (op->flags & F_OPAQUE)
			return;
		if (nr_rows == MAX_ROWS) {
			problem(at, "too many rows");
			return;
		}
		rows[nr_rows] = *at;
		rows[nr_rows++].op = op;
		return;
	}
	if (depth > 8)
		problem(at, "groups nest without end");
	else if (op->select >= sizeof(members))
		problem(at, "unknown selector");
	else if (!op->member)
		problem(at, "group without members");
	else
		for (i = 0; i < members[op->select]; i++)
			walk_member(at, op, i, depth);
}

/* Bytes of the one-byte map that the decoder takes itself. */
static bool is_prefix_byte(u8 b)
{
	return b == 0x0f || b == 0x26 || b == 0x2e || b == 0x36 || b == 0x3e ||
	       (b >= 0x64 && b <= 0x67) || b == 0xf0 || b == 0xf2 || b == 0xf3;
}

static void walk_map(u8 map, const struct opcode *table)
{
	unsigned int b;

	for (b = 0; b < 256; b++) {
		struct row at = { .map = map, .b = b, .mod = -1, .reg = -1, .rm = -1,
				  .prefix = -1, .mode64 = -1, .w = -1, .w64 = -1, .l = -1,
				  .opsize = -1, .adsize = -1, .rexb = -1 };

		if (map == MAP_ONE_BYTE && is_prefix_byte(b))
			continue;
		if (map == MAP_0F && (b == 0x38 || b == 0x3a))
			continue;
		walk(&at, &table[b], 0);
	}
}

void walk_tables(void)
{
	const struct opcode *table;
	unsigned int m;
	u8 map = 0;

	walk_map(MAP_ONE_BYTE, opcode_table);
	walk_map(MAP_0F, twobyte_table);
	walk_map(MAP_0F38, opcode_map_0f38);
	walk_map(MAP_0F3A, opcode_map_0f3a);
	for (m = 0; m < 32; m++) {
		table = vex_table(m, &map);
		if (table)
			walk_map(map, table);
	}
	for (m = 0; m < 8; m++) {
		table = evex_table(m, &map);
		if (table)
			walk_map(map, table);
	}
}

const char *row_name(const struct row *row)
{
	static const char *const maps[NR_OPCODE_MAPS] = {
		"", "0f ", "0f38 ", "0f3a ", "vex 0f ", "vex 0f38 ", "vex 0f3a ",
		"evex 0f ", "evex 0f38 ", "evex 0f3a ", "evex map5 ", "evex map6 ",
	};
	static const char *const prefixes[] = { "np ", "66 ", "f3 ", "f2 " };
	static char buf[96];
	int n;

	n = snprintf(buf, sizeof(buf), "%s%s%02x", row->prefix >= 0 ? prefixes[row->prefix] : "",
		     maps[row->map], row->b);
	if (row->reg >= 0)
		n += snprintf(buf + n, sizeof(buf) - n, " /%d", row->reg);
	if (row->mod >= 0)
		n += snprintf(buf + n, sizeof(buf) - n, " %s", row->mod ? "reg" : "mem");
	if (row->rm >= 0)
		n += snprintf(buf + n, sizeof(buf) - n, " rm%d", row->rm);
	if (row->mode64 >= 0)
		n += snprintf(buf + n, sizeof(buf) - n, " %s", row->mode64 ? "m64" : "m32");
	if (row->w >= 0)
		n += snprintf(buf + n, sizeof(buf) - n, " W%d", row->w);
	if (row->l >= 0)
		n += snprintf(buf + n, sizeof(buf) - n, " L%d", row->l);
	if (row->rexb >= 0)
		n += snprintf(buf + n, sizeof(buf) - n, " B%d", row->rexb);
	if (row->opsize >= 0)
		n += snprintf(buf + n, sizeof(buf) - n, " o%d", row->opsize * 8);
	if (row->adsize >= 0)
		n += snprintf(buf + n, sizeof(buf) - n, " a%d", row->adsize * 8);
	snprintf(buf + n, sizeof(buf) - n, " %s", row->op->name ? row->op->name : "(none)");
	return buf;
}

static u8 operand_flags(const struct row *row, u8 *all)
{
	u8 flags = 0, any = 0;
	int i;

	for (i = 0; i < MAX_OPERANDS; i++) {
		u8 f = row->op->operand[i] < NR_OPERAND_CODES ?
		       operand_info[row->op->operand[i]].flags : 0;

		any |= f;
		if (f & OPF_RM)
			flags |= f;
	}
	if (all)
		*all = any;
	return flags;
}

bool row_needs_modrm(const struct row *row)
{
	u8 all;

	operand_flags(row, &all);
	return all & OPF_MODRM || row->mod >= 0 || row->reg >= 0 || row->rm >= 0;
}

static bool has_rm_operand(const struct row *row)
{
	return operand_flags(row, NULL) & OPF_RM;
}

bool row_takes_memory(const struct row *row)
{
	return has_rm_operand(row) && row->mod != 1 &&
	       !(operand_flags(row, NULL) & (OPF_REGONLY | OPF_NOMOD));
}

bool row_takes_register(const struct row *row)
{
	return has_rm_operand(row) && row->mod != 0 && !(operand_flags(row, NULL) & OPF_MEMONLY);
}

bool row_implemented(const struct row *row)
{
	return row->op->name && !(row->op->flags & F_UD) && row->op->execute;
}

bool row_is_evex(const struct row *row)
{
	return row->map >= MAP_EVEX_0F;
}

bool row_is_vex(const struct row *row)
{
	return row->map >= MAP_VEX_0F;
}

bool row_in_mode(const struct row *row, enum x86emul_mode mode)
{
	bool is64 = mode == X86EMUL_MODE_PROT64;

	if (row->mode64 >= 0 && row->mode64 != is64)
		return false;
	if (row->op->flags & (is64 ? F_NO64 : F_ONLY64))
		return false;
	if (row->op->flags & F_PROT && mode < X86EMUL_MODE_PROT16)
		return false;
	if (row_is_vex(row) && mode < X86EMUL_MODE_PROT16)
		return false;
	if (!is64 && ((row->w == 1 && !row_is_vex(row)) || row->w64 == 1 || row->opsize == 8 ||
		      row->rexb == 1))
		return false;
	/* REX bytes in 64-bit mode. */
	if (is64 && row->map == MAP_ONE_BYTE && row->b >= 0x40 && row->b <= 0x4f)
		return false;
	/* LES, LDS: VEX in 64-bit mode, and elsewhere with a register. 62 is EVEX. */
	if (row->map == MAP_ONE_BYTE && (row->b == 0xc4 || row->b == 0xc5 || row->b == 0x62))
		return !is64 && row->mod != 1;
	return true;
}

static void put(struct encoding *e, u64 val, unsigned int bytes)
{
	memcpy(e->bytes + e->len, &val, bytes);
	e->len += bytes;
}

static u8 address_size(enum x86emul_mode mode)
{
	return mode == X86EMUL_MODE_PROT64 ? 8 : mode == X86EMUL_MODE_PROT32 ? 4 : 2;
}

/* The address size the row is for, or false where it cannot be had. */
static bool put_adsize(const struct row *row, struct encoding *e)
{
	u8 normal = address_size(e->mode);

	if (row->adsize < 0 || row->adsize == normal)
		return true;
	if (row->adsize != (normal == 4 ? 2 : 4))
		return false;
	put(e, 0x67, 1);
	return true;
}

/* The operand size @e asks for: its prefixes, or false where it cannot be had. */
static bool put_size(const struct row *row, struct encoding *e, u8 *rex)
{
	bool is64 = e->mode == X86EMUL_MODE_PROT64;
	u8 normal = e->mode == X86EMUL_MODE_PROT32 || is64 ? 4 : 2;
	u32 flags = row->op->flags;
	u8 want = row->opsize > 0 ? row->opsize : e->op_bytes;
	bool prefix66 = false;

	if (is64 && flags & (F_STACK | F_NEAR))
		normal = 8;
	if (!want)
		want = normal;
	if (row->prefix >= 0 || flags & F_NOSIZE) {
		/* The prefix is part of the opcode. */
		prefix66 = row->prefix == 1;
		want = row->w == 1 ? 8 : prefix66 && !(flags & F_NOSIZE) ? (normal == 2 ? 4 : 2) :
		       want == 8 ? 8 : normal;
		*rex |= want == 8 && normal != 8 ? 8 : 0;
	} else if (want == 8) {
		if (!is64)
			return false;
		*rex |= normal != 8 ? 8 : 0;
	} else if (normal == 8) {
		if (want == 4 || flags & F_NEAR)
			return false;
		prefix66 = true;
	} else {
		prefix66 = want != normal;
	}
	if (row->w == 1)
		*rex |= 8;
	else if (row->w == 0 && want == 8)
		return false;
	e->size = want;
	if (prefix66)
		put(e, 0x66, 1);
	if (row->prefix == 2)
		put(e, 0xf3, 1);
	else if (row->prefix == 3)
		put(e, 0xf2, 1);
	return true;
}

static void put_immediates(const struct row *row, struct encoding *e)
{
	u8 z = e->size == 2 ? 2 : 4;
	u8 ad = address_size(e->mode);
	int i;

	for (i = 0; i < MAX_OPERANDS; i++) {
		switch (row->op->operand[i]) {
		case OC_Ib: case OC_Ibs: case OC_Jb:
		case OC_Lx: case OC_Lqq: case OC_Ldq: case OC_Lq: case OC_Ld:
			put(e, e->imm, 1);
			break;
		case OC_Iw:
			put(e, e->imm, 2);
			break;
		case OC_Iz: case OC_Jz:
			put(e, e->imm, z);
			break;
		case OC_Iv:
			put(e, e->imm, e->size);
			break;
		case OC_Ap:
			put(e, e->imm, z);
			put(e, 0x1234, 2);
			break;
		case OC_Ob: case OC_Ov:
			put(e, e->imm, ad);
			break;
		}
	}
}

/* [rBX] with a vector as index, which is neither @reg nor VEX.vvvv, nor are these the same. */
static bool put_vsib(struct encoding *e, u8 reg)
{
	u8 index = 4;

	if (!e->memory || e->mode < X86EMUL_MODE_PROT32 || reg == e->vvvv)
		return false;
	while (index == reg || index == e->vvvv)
		index++;
	e->modrm_at = e->len;
	put(e, (reg & 7) << 3 | 4, 1);
	put(e, index << 3 | 3, 1);
	return true;
}

static bool put_modrm(const struct row *row, struct encoding *e, u8 reg)
{
	bool small = e->mode < X86EMUL_MODE_PROT32;
	u8 mod = 3, rm = e->rm & 7;

	if (operand_info[row->op->operand[1]].kind == OPK_VSIB)
		return put_vsib(e, reg);
	if (!has_rm_operand(row))
		e->memory = row->mod == 0;
	if (e->memory) {
		mod = 0;
		rm = small ? 7 : 3;	/* [bx], [rbx] */
		if (row->rm >= 0) {
			mod = 1;
			rm = row->rm;
		}
	} else if (row->rm >= 0) {
		rm = row->rm;
	}
	/* There is no CR1, and CS cannot be loaded. */
	if (row->op->operand[0] == OC_Cd || row->op->operand[1] == OC_Cd ||
	    row->op->operand[0] == OC_Sw)
		reg = reg == 1 ? 3 : reg;
	e->modrm_at = e->len;
	put(e, mod << 6 | (reg & 7) << 3 | rm, 1);
	if (e->memory && rm == 4 && !small)
		put(e, 0x24, 1);
	if (mod == 1)
		put(e, 0, 1);
	return true;
}

/* The prefixes up to the opcode of the legacy maps. */
static bool put_legacy(const struct row *row, struct encoding *e, u8 reg)
{
	u8 rex = 0;

	if (reg > 15 || e->rm > 15 || !put_size(row, e, &rex))
		return false;
	rex |= reg & 8 ? 4 : 0;
	rex |= !e->memory && e->rm & 8 && has_rm_operand(row) ? 1 : 0;
	rex |= row->rexb == 1 ? 1 : 0;
	if (e->mode == X86EMUL_MODE_PROT64 && rex)
		put(e, 0x40 | rex, 1);
	if (row->map != MAP_ONE_BYTE)
		put(e, 0x0f, 1);
	if (row->map == MAP_0F38 || row->map == MAP_0F3A)
		put(e, row->map == MAP_0F38 ? 0x38 : 0x3a, 1);
	return true;
}

/* Is there register @nr where the operand of this @kind is? */
static bool register_exists(const struct row *row, u8 kind, u8 nr)
{
	int i;

	for (i = 0; i < MAX_OPERANDS; i++) {
		const struct operand_info *o = &operand_info[row->op->operand[i]];

		if (o->kind != kind)
			continue;
		if (o->arg == OP_KREG)
			return nr < 8;
		return nr < (o->arg == OP_VEC && row_is_evex(row) ? 32 : 16);
	}
	return nr < 16;
}

static void put_evex(const struct row *row, struct encoding *e, u8 reg, u8 rm, u8 vvvv, bool w)
{
	static const u8 maps[] = { 1, 2, 3, 5, 6 };
	u8 l = row->l >= 0 ? row->l : e->l;

	put(e, 0x62, 1);
	put(e, (reg & 8 ? 0 : 0x80) | (rm & 16 ? 0 : 0x40) | (rm & 8 ? 0 : 0x20) |
	       (reg & 16 ? 0 : 0x10) | maps[row->map - MAP_EVEX_0F], 1);
	put(e, w << 7 | (~vvvv & 15) << 3 | 4 | (row->prefix > 0 ? row->prefix : 0), 1);
	put(e, e->z << 7 | l << 5 | e->b << 4 | (vvvv & 16 ? 0 : 8) | e->aaa, 1);
}

static void put_vex(const struct row *row, struct encoding *e, u8 reg, u8 rm, u8 vvvv, bool w)
{
	u8 l = row->l >= 0 ? row->l : e->l;
	u8 last = (~vvvv & 15) << 3 | (l & 1) << 2 | (row->prefix > 0 ? row->prefix : 0);

	if (row->map == MAP_VEX_0F && !w && !(rm & 8) && !e->vex3) {
		put(e, 0xc5, 1);
		put(e, (reg & 8 ? 0 : 0x80) | last, 1);
		return;
	}
	put(e, 0xc4, 1);
	put(e, (reg & 8 ? 0 : 0x80) | 0x40 | (rm & 8 ? 0 : 0x20) | (row->map - MAP_VEX_0F + 1), 1);
	put(e, w << 7 | last, 1);
}

static bool put_vex_or_evex(const struct row *row, struct encoding *e, u8 reg)
{
	bool w = row->w >= 0 ? row->w : e->mode == X86EMUL_MODE_PROT64 && e->op_bytes == 8;
	u8 rm = e->memory || !has_rm_operand(row) ? 0 : e->rm;
	u8 vvvv = row->op->opf & OPF_VVVV ? e->vvvv : 0;

	if (!register_exists(row, OPK_REG, reg) || !register_exists(row, OPK_RM, rm) ||
	    !register_exists(row, OPK_VVVV, vvvv))
		return false;
	if (vvvv > 7 && e->mode != X86EMUL_MODE_PROT64)
		return false;
	e->size = w ? 8 : 4;
	if (row_is_evex(row))
		put_evex(row, e, reg, rm, vvvv, w);
	else
		put_vex(row, e, reg, rm, vvvv, w);
	return true;
}

bool encode_row(const struct row *row, struct encoding *e)
{
	bool is64 = e->mode == X86EMUL_MODE_PROT64;
	u8 reg = row->reg >= 0 ? row->reg : e->reg;

	e->len = 0;
	e->modrm_at = 0;
	if (row->op->select != SEL_NONE || !row_in_mode(row, e->mode))
		return false;
	if (has_rm_operand(row) &&
	    !(e->memory ? row_takes_memory(row) : row_takes_register(row)))
		return false;
	if (!is64 && (reg > 7 || (!e->memory && e->rm > 7)))
		return false;
	if (!put_adsize(row, e))
		return false;
	if (e->lock)
		put(e, 0xf0, 1);
	if (e->rep)
		put(e, e->rep, 1);
	if (!(row_is_vex(row) ? put_vex_or_evex(row, e, reg) : put_legacy(row, e, reg)))
		return false;
	put(e, row->b, 1);
	if (row_needs_modrm(row) && !put_modrm(row, e, reg))
		return false;
	put_immediates(row, e);
	return e->len <= 15;
}

static struct executed *find_executed(const struct opcode *op)
{
	unsigned int i;

	for (i = 0; i < nr_executed; i++)
		if (executed[i].op == op)
			return &executed[i];
	return NULL;
}

void mark_executed(const struct opcode *op, unsigned int by)
{
	struct executed *e = find_executed(op);

	if (!e && op && nr_executed < MAX_ROWS) {
		e = &executed[nr_executed++];
		e->op = op;
	}
	if (e)
		e->by |= by;
}

unsigned int was_executed(const struct opcode *op)
{
	struct executed *e = find_executed(op);

	return e ? e->by : 0;
}
