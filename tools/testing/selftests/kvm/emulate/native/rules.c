// SPDX-License-Identifier: GPL-2.0-only
/* What cannot be compared, each with the manual's or Linux's reason. */
#include <linux/kernel.h>
#include <linux/string.h>
#include "native.h"

/*
 * Flags after an instruction, as both manuals list them. Besides:
 * - Whether RDRAND and RDSEED have a number.
 * - A fault in a repeated CMPS or SCAS: Intel's manual has the flags restored,
 *   which is what the emulator does; AMD's CPUs keep those of the iterations done.
 * - A fault in the middle of PUSHA, POPA or ENTER: CPUs keep what was pushed or
 *   popped before, the emulator does all or nothing; rSP does not move, and the
 *   instruction can be run again either way.
 */
enum undef {
	U_NONE, U_LOGIC, U_ROTATE, U_SHIFT, U_DSHIFT, U_MUL, U_ARITH, U_BT, U_SCAN, U_DECIMAL,
	U_ASCII, U_ASCII_MUL, U_COUNT, U_BEXTR, U_BLS,
};

#define OF	EFLG_OF
#define SF	EFLG_SF
#define ZF	EFLG_ZF
#define AF	EFLG_AF
#define PF	EFLG_PF
#define CF	EFLG_CF
#define ALL	EFLG_ARITH

/* @always; shifts: by anything but 0, by more than 1, by more than the operand's bits. */
static const struct { u16 always, counted, above_one, above_size; } undef_flags[] = {
	[U_LOGIC]	= { AF, 0, 0, 0 },
	[U_ROTATE]	= { 0, 0, OF, 0 },
	[U_SHIFT]	= { 0, AF, OF, CF },
	[U_DSHIFT]	= { 0, AF, OF, ALL },	/* and the result */
	[U_MUL]		= { SF | ZF | AF | PF, 0, 0, 0 },
	[U_ARITH]	= { ALL, 0, 0, 0 },
	[U_BT]		= { OF | SF | AF | PF, 0, 0, 0 },
	[U_SCAN]	= { ALL & ~ZF, 0, 0, 0 },
	[U_DECIMAL]	= { OF, 0, 0, 0 },
	[U_ASCII]	= { OF | SF | ZF | PF, 0, 0, 0 },
	[U_ASCII_MUL]	= { OF | AF | CF, 0, 0, 0 },
	[U_COUNT]	= { OF | SF | AF | PF, 0, 0, 0 },
	[U_BEXTR]	= { SF | AF | PF, 0, 0, 0 },
	[U_BLS]		= { AF | PF, 0, 0, 0 },
};

static const struct { const char *name; u8 rule; } undefined[] = {
	{ "or", U_LOGIC }, { "and", U_LOGIC }, { "xor", U_LOGIC }, { "test", U_LOGIC },
	{ "rol", U_ROTATE }, { "ror", U_ROTATE }, { "rcl", U_ROTATE }, { "rcr", U_ROTATE },
	{ "shl", U_SHIFT }, { "shr", U_SHIFT }, { "sar", U_SHIFT },
	{ "shld", U_DSHIFT }, { "shrd", U_DSHIFT },
	{ "mul", U_MUL }, { "imul", U_MUL }, { "div", U_ARITH }, { "idiv", U_ARITH },
	{ "bt", U_BT }, { "bts", U_BT }, { "btr", U_BT }, { "btc", U_BT },
	{ "bsf", U_SCAN }, { "bsr", U_SCAN },
	{ "daa", U_DECIMAL }, { "das", U_DECIMAL }, { "aaa", U_ASCII }, { "aas", U_ASCII },
	{ "aam", U_ASCII_MUL }, { "aad", U_ASCII_MUL },
	{ "lzcnt", U_COUNT }, { "tzcnt", U_COUNT }, { "bextr", U_BEXTR },
	{ "andn", U_BLS }, { "bzhi", U_BLS }, { "blsi", U_BLS }, { "blsr", U_BLS },
	{ "blsmsk", U_BLS },
};

/* Rows that are not run. */
static const struct { const char *name, *why; } excluded[] = {
	{ "syscall", "enters the host's kernel" },
	{ "sysenter", "enters the host's kernel" },
	{ "sysexit", "the hypervisor below this machine answers its #UD" },
	{ "vmcall", "calls the hypervisor below this machine" },
	{ "vmmcall", "calls the hypervisor below this machine" },
	{ "int1", "the hypervisor below this machine delivers it at its start" },
	{ "sgdt", "Linux answers it for UMIP" },
	{ "sidt", "Linux answers it for UMIP" },
	{ "sldt", "Linux answers it for UMIP" },
	{ "str", "Linux answers it for UMIP" },
	{ "smsw", "Linux answers it for UMIP" },
	{ "mwaitx", "waits for other processors" },
	{ "monitorx", "leaves no state that can be read" },
	{ "rdpru", "counts while it runs" },
	{ "umwait", "waits for other processors" },
	{ "tpause", "waits" },
};

static bool is(const struct opcode *op, const char *name)
{
	return op && op->name && !strcmp(op->name, name);
}

static bool does(const struct opcode *op, int (*execute)(struct x86_emulate_ctxt *ctxt))
{
	return op && op->execute == execute;
}

const char *row_excluded(const struct row *row)
{
	unsigned int i;

	if (!row->op->name)
		return "no such encoding";
	if (!row->op->execute && !(row->op->flags & F_UD))
		return "not emulated";
	if (!emu_has_feature(row->op))
		return x86_feature_name(row->op->cpuid);
	for (i = 0; i < ARRAY_SIZE(excluded); i++)
		if (is(row->op, excluded[i].name))
			return excluded[i].why;
	/* Whatever prefix makes VMCALL and VMMCALL undefined, a hypervisor may differ. */
	if (row->op->flags & F_UD && row->map == MAP_0F && row->b == 1 && row->mod == 1 &&
	    (row->reg == 0 || row->reg == 3))
		return "calls the hypervisor below this machine";
	if (row->op->flags & F_UD && row->map == MAP_0F && row->b == 1 && row->mod == 1 &&
	    row->reg == 7 && row->rm >= 6)
		return "CPUs that hide INVLPGB and TLBSYNC may still check the privilege";
	if (row->op->flags & F_UD && row->map == MAP_VEX_0F3A && row->b <= 1 && row->w == 0)
		return "AMD's CPUs take VPERMQ and VPERMPD with W0";
	return NULL;
}

const char *row_family(const struct row *row)
{
	u32 flags = row->op->flags;

	if (flags & F_UD)
		return "undefined";
	if (row->map > MAP_VEX_0F3A)
		return "EVEX";
	if (row->map >= MAP_VEX_0F)
		return "VEX";
	if (row->b >= 0xd8 && row->b <= 0xdf && row->map == MAP_ONE_BYTE)
		return "x87";
	if (flags & F_MMX)
		return "MMX";
	if (flags & F_SSE)
		return "SSE";
	if (flags & F_STRING)
		return "string";
	if (flags & F_NEAR)
		return "branch";
	if (flags & F_STACK)
		return "stack";
	if (flags & (F_PRIV | F_CPL_IOPL))
		return "system";
	return "integer";
}

static bool has_prefix(const struct form *f, u8 prefix)
{
	unsigned int i;

	for (i = 0; i < f->prefixes; i++)
		if (f->bytes[i] == prefix)
			return true;
	return false;
}

/* The five bits behind 8F, should it be XOP. */
static bool xop_map(const struct form *f)
{
	unsigned int i = f->prefixes;

	while (i + 1 < f->len && f->bytes[i] != 0x8f)
		i++;
	return i + 1 < f->len && (f->bytes[i + 1] & 31) >= 8;
}

/*
 * A software interrupt that Linux takes as a system call; and what AMD's CPUs
 * do with prefixes that mean nothing elsewhere: F2 and F3 choose between LOOPE
 * and LOOPNE, VERW takes LOCK, LOCK makes CR8 of CR0, and 8F is XOP where the
 * map is 8 or more, which may make the instruction too long before it is #UD.
 */
bool form_excluded(const struct form *f)
{
	if (does(f->op, em_loope) || does(f->op, em_loopne))
		return has_prefix(f, 0xf2) || has_prefix(f, 0xf3);
	if (is(f->op, "verw") || does(f->op, em_mov_to_cr) || does(f->op, em_mov_from_cr))
		return has_prefix(f, 0xf0);
	if (f->row->map == MAP_ONE_BYTE && f->row->b == 0x8f)
		return f->row->reg && xop_map(f);
	return is(f->op, "int") && f->bytes[f->len - 1] == 0x80;
}

static u8 find_rule(const struct opcode *op)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(undefined); i++)
		if (is(op, undefined[i].name))
			return undefined[i].rule;
	return U_NONE;
}

static u64 shift_count(const struct form *f, u32 bits)
{
	u8 code = f->op->operand[2] ? f->op->operand[2] : f->op->operand[1];
	u64 count = code == OC_1 ? 1 : code == OC_CL ? sandbox->in.gpr[1] : f->bytes[f->len - 1];

	return count & (bits == 64 ? 63 : 31);
}

static u32 operand_bits(const struct form *f)
{
	return f->op->operand[0] == OC_Eb ? 8 : f->op_bytes * 8;
}

u64 undefined_flags(const struct form *f, bool fault)
{
	u64 flags, count, bits = operand_bits(f);
	u8 rule = find_rule(f->op);

	if (fault)
		return does(f->op, em_cmps) || does(f->op, em_scas) ? ALL : 0;
	if (is(f->op, "rdrand") || is(f->op, "rdseed"))
		return CF;
	flags = undef_flags[rule].always;
	if (!undef_flags[rule].above_one)
		return flags;
	count = shift_count(f, bits);
	flags |= count ? undef_flags[rule].counted : 0;
	flags |= count > 1 ? undef_flags[rule].above_one : 0;
	return flags | (count > bits ? undef_flags[rule].above_size : 0);
}

/* Double shifts of a word by more than its size. */
static bool shifted_out(const struct form *f)
{
	return find_rule(f->op) == U_DSHIFT && shift_count(f, operand_bits(f)) > operand_bits(f);
}

/* What several pushes leave behind when one of the later faults. */
static bool pushes_more(const struct form *f)
{
	return does(f->op, em_pusha) || does(f->op, em_enter) || does(f->op, em_call_far);
}

u32 undefined_registers(const struct form *f, bool fault)
{
	if (fault)
		return does(f->op, em_popa) ? 0xff & ~BIT(4) : 0;
	if (is(f->op, "rdtsc"))
		return BIT(0) | BIT(2);
	if (is(f->op, "rdtscp"))
		return BIT(0) | BIT(1) | BIT(2);
	if (is(f->op, "rdrand") || is(f->op, "rdseed") || is(f->op, "rdpid"))
		return BIT(f->modrm_rm);
	return shifted_out(f) && !f->memory ? BIT(f->modrm_rm) : 0;
}

bool undefined_memory(const struct form *f, bool fault)
{
	if (fault)
		return pushes_more(f);
	/* x87 pointers without an exception: Linux and this CPU lose them at any interrupt. */
	if ((does(f->op, em_fnstenv) || does(f->op, em_fnsave)) && !(sandbox->fpu_in[2] & 0x80))
		return true;
	return shifted_out(f) && f->memory;
}

#define PIECES_END	2816	/* of the longest: XSAVE */

/* Operands that AMD's CPUs access in pieces, not the lowest first. */
static bool is_piecemeal(const struct form *f)
{
	u8 code = f->op ? f->op->operand[0] : OC___;

	return code == OC_Mt || code == OC_Menv || code == OC_Msave ||
	       does(f->op, em_fxsave) || does(f->op, em_fxrstor) || (f->flags & F_XSAVE);
}

/*
 * Where the manuals leave open which of two faults is reported, or where the
 * CPU does it in its own way:
 * - CMPS with both operands bad; ENTER with a bad stack and a bad frame; CALL
 *   with a bad stack and a bad target; PUSHA over two bad pages.
 * - Misaligned, and beyond the limit of SS or not canonical: #GP or #SS.
 * - Far transfers and BOUND: in which order the parts are read, pushed and
 *   checked. CALL may have pushed one of two.
 * - The x87's environment and state, FXSAVE, XSAVE: which part faults first, or wraps.
 * - A far pointer or the bounds of BOUND over the end of 16-bit addresses: AMD's
 *   CPUs read the parts apart, and the second wraps.
 * - MOVSXD of a word: AMD's CPUs read four bytes.
 * - MASKMOVQ and (V)MASKMOVDQU: whether bytes that are not stored are checked. AMD's
 *   CPUs check all of them.
 * - SHA: Intel's manual demands alignment, AMD's CPUs do not.
 * - Masked elements over the end of the address size: AMD's CPUs wrap each; of
 *   two that fault in different ways they report the first.
 * - An offset in FS or GS that is not canonical: AMD's CPUs refuse it before
 *   they add the base.
 */
bool fault_may_differ(const struct form *f, const struct outcome *o, const struct sb_event *cpu)
{
	int a = o->event.vector, b = cpu->vector;
	bool parts;

	if (o->odd_offset && b == EXC_GP)
		return true;
	parts = does(f->op, em_bound) || does(f->op, em_ret_far) || does(f->op, em_iret) ||
		(f->op && (f->op->operand[0] == OC_Mp || f->op->operand[1] == OC_Mp ||
			   f->op->operand[0] == OC_Ap));
	if (parts && f->ad_bytes == 2 && o->ea > 0xffffu - 2 * f->op_bytes + 1)
		return true;
	if (parts && a >= EXC_TS && b >= EXC_TS)
		return true;
	if (does(f->op, em_cmps) || does(f->op, em_enter) || does(f->op, em_call) ||
	    does(f->op, em_pusha))
		return a >= EXC_SS && b >= EXC_SS;
	if (is(f->op, "cvtpi2ps") && f->memory && a == EXC_MF)
		return true;
	if (is(f->op, "maskmovq") || is(f->op, "maskmovdqu") || is(f->op, "vmaskmovdqu"))
		return b >= EXC_SS;
	if (is_piecemeal(f))
		return (a >= EXC_SS && b >= EXC_SS) || (f->ad_bytes < 8 &&
			o->ea + PIECES_END > (f->ad_bytes == 2 ? 0x10000ull : 0x100000000ull));
	if (o->misaligned && f->row->op->cpuid == FEAT_SHA)
		return a == EXC_GP;
	if (f->flags & F_MASKED && f->ad_bytes < 8 &&
	    o->ea + 64 > (f->ad_bytes == 2 ? 0x10000ull : 0x100000000ull))
		return true;
	if (f->flags & F_MASKED && a >= EXC_SS && b >= EXC_SS && a != b)
		return true;
	if (o->misaligned)
		return a >= EXC_SS && b >= EXC_SS && a <= EXC_GP && b <= EXC_GP;
	return does(f->op, em_movsxd) && f->op_bytes == 2 && a != b && b >= EXC_SS;
}

/*
 * The x87's TOP and tags: AMD's CPUs make them MMX's before an instruction
 * faults; and CVTPI2PS of memory, which should, does not touch the x87 there.
 */
bool x87_may_differ(const struct form *f, bool fault)
{
	return f->flags & F_MMX && (fault || (is(f->op, "cvtpi2ps") && f->memory));
}
