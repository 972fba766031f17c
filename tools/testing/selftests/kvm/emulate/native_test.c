// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rows against this CPU: each is encoded from the table in every size, with
 * registers, memory and LOCK, in 64-bit and 32-bit code, and run natively and
 * emulated on the same corner and random values.
 */
#include <signal.h>
#include <stdio.h>
#include <linux/string.h>
#include "cases.h"
#include "native.h"
#include "tap.h"
#include "walk.h"

#define MEM_BYTES	8192	/* native_page() */
#define MEM_POINT	2048	/* where rBX points to in it */
#define MEM_WINDOW	64	/* bytes around it that get new values each time */
#define VALUES		240	/* value sets per encoding */

/* Which flags are undefined afterwards. */
enum flag_rule {
	RULE_NONE, RULE_LOGIC, RULE_ROTATE, RULE_SHIFT, RULE_DSHIFT, RULE_MUL, RULE_DIV,
	RULE_BT, RULE_SCAN, RULE_DAA, RULE_AAA, RULE_AAM,
};

static const struct { const char *name; u8 rule; } rules[] = {
	{ "add", 0 }, { "or", RULE_LOGIC }, { "adc", 0 }, { "sbb", 0 }, { "and", RULE_LOGIC },
	{ "sub", 0 }, { "xor", RULE_LOGIC }, { "cmp", 0 }, { "test", RULE_LOGIC }, { "inc", 0 },
	{ "dec", 0 }, { "neg", 0 }, { "not", 0 }, { "xadd", 0 }, { "cmpxchg", 0 },
	{ "cmpxchg8b", 0 }, { "cmpxchg16b", 0 },
	{ "rol", RULE_ROTATE }, { "ror", RULE_ROTATE }, { "rcl", RULE_ROTATE },
	{ "rcr", RULE_ROTATE }, { "shl", RULE_SHIFT }, { "sal", RULE_SHIFT },
	{ "shr", RULE_SHIFT }, { "sar", RULE_SHIFT }, { "shld", RULE_DSHIFT },
	{ "shrd", RULE_DSHIFT },
	{ "mul", RULE_MUL }, { "imul", RULE_MUL }, { "div", RULE_DIV }, { "idiv", RULE_DIV },
	{ "bt", RULE_BT }, { "bts", RULE_BT }, { "btr", RULE_BT }, { "btc", RULE_BT },
	{ "bsf", RULE_SCAN }, { "bsr", RULE_SCAN }, { "bswap", 0 },
	{ "cbw", 0 }, { "cwde", 0 }, { "cdqe", 0 }, { "cwd", 0 }, { "cdq", 0 }, { "cqo", 0 },
	{ "daa", RULE_DAA }, { "das", RULE_DAA }, { "aaa", RULE_AAA }, { "aas", RULE_AAA },
	{ "aam", RULE_AAM }, { "aad", RULE_AAM }, { "salc", 0 },
	{ "clc", 0 }, { "stc", 0 }, { "cmc", 0 }, { "cld", 0 }, { "std", 0 },
	{ "lahf", 0 }, { "sahf", 0 }, { "nop", 0 }, { "pause", 0 },
	{ "movzx", 0 }, { "movsx", 0 }, { "movsxd", 0 }, { "movbe", 0 }, { "movnti", 0 },
	{ "xchg", 0 }, { "lea", 0 }, { "popcnt", 0 },
};

static const u64 corners[] = {
	0, 1, 2, 0x7f, 0x80, 0x81, 0xff, 0x100, 0x7fff, 0x8000, 0x8001, 0xffff, 0x10000,
	0x7fffffff, 0x80000000, 0x80000001, 0xffffffff, 0x100000000, 0x7fffffffffffffff,
	0x8000000000000000, 0x8000000000000001, 0xffffffffffffffff, 0x0123456789abcdef,
};

static struct machine machine;
static bool rule_used[ARRAY_LEN(rules)];
static bool has_compat;
static bool cpu_lacks_it;	/* SIGILL where the emulator knows the instruction */

/* setcc, cmovcc and vector moves by their prefix, the others by name. */
static int find_rule(const struct row *row)
{
	const char *name = row->op->name;
	unsigned int i;

	if (!row_implemented(row) || row->op->flags & (F_PRIV | F_STACK | F_NEAR | F_STRING))
		return -1;
	/* rSP is not the native code's to change: these have cases. */
	if ((operand_info[row->op->operand[0]].kind == OPK_LOW3 ||
	     operand_info[row->op->operand[1]].kind == OPK_LOW3) && (row->b & 7) == 4 &&
	    row->op->operand[0] != OC_Zb)
		return -1;
	if (!strncmp(name, "set", 3) || !strncmp(name, "cmov", 4))
		return RULE_NONE;
	/* No MXCSR in the native state; MASKMOVDQU needs rDI to point to memory. */
	if (row->op->flags & (F_SSE | F_MMX) && !row_is_vex(row))
		return strstr(name, "mxcsr") || !strncmp(name, "maskmov", 7) ? -1 : RULE_NONE;
	for (i = 0; i < ARRAY_LEN(rules); i++) {
		if (strcmp(name, rules[i].name))
			continue;
		rule_used[i] = true;
		return rules[i].rule;
	}
	/* MOV among general registers, memory and immediates. */
	if (strcmp(name, "mov") || row->map != MAP_ONE_BYTE || row->b == 0x8c || row->b == 0x8e ||
	    (row->b >= 0xa0 && row->b <= 0xa3))
		return -1;
	return RULE_NONE;
}

static u64 shift_count(const struct row *row, const struct encoding *e,
		       const struct native_state *in)
{
	u8 code = row->op->operand[2] ? row->op->operand[2] : row->op->operand[1];
	u64 count = code == OC_1 ? 1 : code == OC_CL ? in->gpr[1] : e->imm;
	bool byte = row->op->operand[0] == OC_Eb;

	return count & (e->size == 8 && !byte ? 63 : 31);
}

static unsigned int operand_bits(const struct row *row, const struct encoding *e)
{
	return row->op->operand[0] == OC_Eb ? 8 : e->size * 8;
}

/* Flags that cannot be compared; *@result false when the result cannot either. */
static u64 undefined_flags(int rule, const struct row *row, const struct encoding *e,
			   const struct native_state *in, bool *result)
{
	u64 count, bits = operand_bits(row, e);

	switch (rule) {
	case RULE_LOGIC:
		return EFLG_AF;
	case RULE_ROTATE:
		return shift_count(row, e, in) > 1 ? EFLG_OF : 0;
	case RULE_SHIFT:
		count = shift_count(row, e, in);
		return (count ? EFLG_AF : 0) | (count > 1 ? EFLG_OF : 0) |
		       (count > bits ? EFLG_CF : 0);
	case RULE_DSHIFT:
		count = shift_count(row, e, in);
		*result = count <= bits;
		return !count ? 0 : count > bits ? EFLG_ARITH :
		       EFLG_AF | (count > 1 ? EFLG_OF : 0);
	case RULE_MUL:
		return EFLG_SF | EFLG_ZF | EFLG_AF | EFLG_PF;
	case RULE_DIV:
		return EFLG_ARITH;
	case RULE_BT:
		return EFLG_OF | EFLG_SF | EFLG_AF | EFLG_PF;
	case RULE_SCAN:
		return EFLG_ARITH & ~EFLG_ZF;
	case RULE_DAA:
		return EFLG_OF;
	case RULE_AAA:
		return EFLG_OF | EFLG_SF | EFLG_ZF | EFLG_PF;
	case RULE_AAM:
		return EFLG_OF | EFLG_AF | EFLG_CF;
	default:
		return 0;
	}
}

static u64 pick_value(unsigned int n, unsigned int which)
{
	if (n < 3 * ARRAY_LEN(corners))
		return corners[(n * (which + 1) + which) % ARRAY_LEN(corners)];
	switch (test_random() & 7) {
	case 0:
		return corners[test_random() % ARRAY_LEN(corners)];
	case 1:
		return test_random() & 0xff;
	case 2:
		return (s64)(s8)test_random();
	default:
		return test_random() >> (test_random() & 63);
	}
}

/* Inputs of run @n: registers, flags, vectors, memory; rBX is the pointer where it has to be. */
static void make_input(const struct row *row, const struct encoding *e, unsigned int n,
		       struct native_state *in)
{
	u8 *mem = native_page();
	unsigned int i;

	memset(in, 0, sizeof(*in));
	for (i = 0; i < 16; i++)
		in->gpr[i] = pick_value(n, i);
	/* DIV seldom succeeds with a random upper half. */
	if (n & 1)
		in->gpr[2] = n & 2 ? 0 : (s64)in->gpr[0] >> 63;
	if (e->memory) {
		in->gpr[3] = (u64)mem + MEM_POINT;
		if (row->op->operand[0] == OC_EvG)
			in->gpr[e->reg] = (s64)(s16)test_random() >> 2;
	}
	for (i = 0; i < 16 && e->mode == X86EMUL_MODE_PROT32; i++)
		in->gpr[i] = i < 8 ? (u32)in->gpr[i] : 0;
	in->gpr[4] = 0;
	in->eflags = (test_random() & EFLG_ARITH) | EFLG_FIXED | EFLG_IF;
	for (i = 0; i < 16 && row->op->flags & (F_SSE | F_MMX); i++) {
		u64 half[2] = { test_random(), test_random() };

		memcpy(in->xmm[i], half, 16);
		in->mmx[i & 7] = test_random();
	}
	for (i = 0; e->memory && i < MEM_WINDOW; i += 8) {
		u64 v = pick_value(n, i);

		memcpy(mem + MEM_POINT + i, &v, 8);
	}
	/* Make comparisons succeed now and then. */
	if (e->memory && n & 4) {
		memcpy(mem + MEM_POINT, &in->gpr[0], 8);
		memcpy(mem + MEM_POINT + (e->size == 8 ? 8 : 4), &in->gpr[2], 8);
	}
}

static void emulate(const struct native_state *in)
{
	unsigned int i;

	memcpy(machine.s.gpr, in->gpr, sizeof(in->gpr));
	machine.s.eflags = in->eflags;
	machine.s.eip = LA_IP;
	for (i = 0; i < 16; i++)
		memcpy(machine.s.vec[i], in->xmm[i], 16);
	for (i = 0; i < 8; i++)
		machine_set_mmx(&machine.s, i, in->mmx[i]);
	machine_run(&machine);
}

static u8 vector_of(int sig)
{
	return sig == SIGFPE ? EXC_DE : sig == SIGILL ? EXC_UD : EXC_GP;
}

static bool registers_agree(const struct native_state *out, bool compat, u64 skip, char *why,
			    size_t size)
{
	unsigned int i;

	for (i = 0; i < (compat ? 8 : 16); i++) {
		u64 a = machine.s.gpr[i], b = out->gpr[i];

		if (compat)
			b = (u32)b;
		if (a == b || i == 4 || skip & BIT(i))
			continue;
		snprintf(why, size, "r%u is %llx and the CPU has %llx", i, a, b);
		return false;
	}
	for (i = 0; i < 16; i++)
		if (memcmp(machine.s.vec[i], out->xmm[i], 16)) {
			snprintf(why, size, "xmm%u differs", i);
			return false;
		}
	for (i = 0; i < 8; i++)
		if (machine_mmx(&machine.s, i) != out->mmx[i])
			snprintf(why, size, "mm%u differs", i);
	return !*why;
}

static bool memory_agrees(char *why, size_t size)
{
	const u8 *mem = native_page();
	unsigned int i, p;

	for (p = 0; p < MEM_BYTES; p += MACHINE_PAGE) {
		struct mpage *pg = machine_find(&machine, (u64)mem + p);

		if (!memcmp(pg->data, mem + p, MACHINE_PAGE))
			continue;
		for (i = 0; pg->data[i] == mem[p + i]; i++)
			;
		snprintf(why, size, "memory at %+d is %02x and the CPU has %02x",
			 (int)(p + i) - MEM_POINT, pg->data[i], mem[p + i]);
		return false;
	}
	return true;
}

/* One set of values through both; false with the reason in @why. */
static bool agree(int rule, const struct row *row, const struct encoding *e,
		  const struct native_state *in, char *why, size_t size)
{
	struct native_state out = *in;
	bool result = true;
	u64 mask = EFLG_ARITH | EFLG_DF, skip = 0;
	u8 *mem = native_page();

	if (e->memory)
		machine_poke(&machine, (u64)mem + MEM_POINT, mem + MEM_POINT, MEM_WINDOW);
	native_run(&out);
	emulate(in);
	cpu_lacks_it = out.signal == SIGILL && machine.result == EMULATION_OK;
	if (out.signal) {
		if (machine.result == EMULATION_FAULT &&
		    machine.ctxt.exception.vector == vector_of(out.signal))
			return true;
		snprintf(why, size, "signal %d, emulated with result %d", out.signal,
			 machine.result);
		return false;
	}
	if (machine.result != EMULATION_OK) {
		snprintf(why, size, "result %d, exception %d #%u", machine.result,
			 machine.ctxt.have_exception, machine.ctxt.exception.vector);
		return false;
	}
	mask &= ~undefined_flags(rule, row, e, in, &result);
	if (rule == RULE_SCAN && out.eflags & EFLG_ZF)
		result = false;
	if (!result)
		skip = BIT(e->memory || row->op->operand[0] == OC_Gv ? e->reg : e->rm);
	if (!result && e->memory && rule == RULE_DSHIFT)
		memcpy(machine_find(&machine, (u64)mem)->data, mem, MACHINE_PAGE);
	if ((machine.s.eflags ^ out.eflags) & mask) {
		snprintf(why, size, "flags are %llx and the CPU has %llx (compared: %llx)",
			 machine.s.eflags & mask, out.eflags & mask, mask);
		return false;
	}
	if (machine.s.eip != LA_IP + e->len) {
		snprintf(why, size, "rip moved by %ld", machine.s.eip - LA_IP);
		return false;
	}
	return registers_agree(&out, e->mode != X86EMUL_MODE_PROT64, skip, why, size) &&
	       memory_agrees(why, size);
}

static void describe_input(const struct encoding *e, const struct native_state *in)
{
	char bytes[64];
	unsigned int i, n = 0;

	for (i = 0; i < e->len; i++)
		n += snprintf(bytes + n, sizeof(bytes) - n, "%02x ", e->bytes[i]);
	tap_note("  %s %s: rax %llx rcx %llx rdx %llx rbx %llx reg%u %llx rm%u %llx flags %llx",
		 mode_names[e->mode], bytes, in->gpr[0], in->gpr[1], in->gpr[2], in->gpr[3],
		 e->reg, in->gpr[e->reg], e->rm, in->gpr[e->rm], in->eflags);
}

/* One encoding on all its values. */
static bool run_encoding(int rule, const struct row *row, struct encoding *e, char *why,
			 size_t size)
{
	struct native_state in;
	unsigned int n;

	if (!encode_row(row, e))
		return true;
	native_prepare(e->bytes, e->len, e->mode == X86EMUL_MODE_PROT32);
	machine.mode = e->mode;
	machine_poke(&machine, LA_IP, e->bytes, e->len);
	machine_poke(&machine, (u64)native_page(), native_page(), MEM_BYTES);
	for (n = 0; n < VALUES; n++) {
		make_input(row, e, n, &in);
		if (!agree(rule, row, e, &in, why, size)) {
			describe_input(e, &in);
			return false;
		}
		if (machine.result == EMULATION_OK)
			mark_executed(machine.ctxt.op);
	}
	return true;
}

static u64 pick_immediate(unsigned int i)
{
	static const u64 imm[] = { 0x01, 0x80, 0x1f, 0x21, 0x3f, 0x8000007f };

	return i < ARRAY_LEN(imm) ? imm[i] : test_random();
}

static bool has_immediate(const struct row *row)
{
	unsigned int i;

	for (i = 0; i < MAX_OPERANDS; i++)
		if (operand_info[row->op->operand[i]].flags & OPF_IMM)
			return true;
	return false;
}

/* All forms of @row in @mode and one size. */
static bool run_forms(int rule, const struct row *row, enum x86emul_mode mode, u8 op_bytes,
		      char *why, size_t size)
{
	static const u8 pairs[][2] = { { 2, 1 }, { 5, 6 }, { 0, 3 }, { 9, 13 }, { 7, 7 } };
	unsigned int i, imms = has_immediate(row) ? 7 : 1, k;

	for (k = 0; k < imms; k++) {
		struct encoding e = { .mode = mode, .op_bytes = op_bytes };

		e.imm = pick_immediate(k);
		for (i = 0; i < ARRAY_LEN(pairs); i++) {
			e.rm = pairs[i][0];
			e.reg = pairs[i][1];
			e.memory = e.lock = false;
			if ((i == 0 || imms == 1) && !run_encoding(rule, row, &e, why, size))
				return false;
			if (e.reg == 3 || !row_takes_memory(row) || (i && imms > 1))
				continue;
			e.memory = true;
			if (!run_encoding(rule, row, &e, why, size))
				return false;
			e.lock = row->op->flags & F_LOCK;
			if (e.lock && !run_encoding(rule, row, &e, why, size))
				return false;
		}
	}
	return true;
}

static void run_row(const struct row *row)
{
	static const u8 sizes[] = { 4, 2, 8 };
	int rule = find_rule(row);
	char why[200] = "";
	bool pass = true;
	unsigned int i;

	if (rule < 0)
		return;
	for (i = 0; pass && i < 3; i++) {
		if (row->opsize >= 0 && row->opsize != sizes[i])
			continue;
		pass = run_forms(rule, row, X86EMUL_MODE_PROT64, sizes[i], why, sizeof(why));
		if (pass && sizes[i] != 8 && has_compat)
			pass = run_forms(rule, row, X86EMUL_MODE_PROT32, sizes[i], why,
					 sizeof(why));
	}
	if (!pass && cpu_lacks_it)
		tap_skip("this CPU does not have it", "native: %s", row_name(row));
	else
		tap_result(pass, why, "native: %s", row_name(row));
}

void native_tests(void)
{
	u8 *mem;
	unsigned int i;

	if (!native_init()) {
		tap_skip("no executable page below 4 GiB", "native comparison");
		return;
	}
	machine_init(&machine, X86EMUL_MODE_PROT64, 0);
	machine.s.seg[X86_SEG_DS].attr |= X86_SEG_DB | X86_SEG_G;
	mem = native_page();
	machine_page(&machine, (u64)mem, PG_RAM);
	machine_page(&machine, (u64)mem + MACHINE_PAGE, PG_RAM);
	for (i = 0; i < MEM_BYTES; i++)
		mem[i] = test_random();
	has_compat = native_has_compat();
	if (!has_compat)
		tap_skip("this host runs no 32-bit code", "native: 32-bit mode");
	for (i = 0; i < nr_rows; i++)
		run_row(&rows[i]);
	for (i = 0; i < ARRAY_LEN(rules); i++)
		if (!rule_used[i])
			tap_note("no row named %s", rules[i].name);
}
