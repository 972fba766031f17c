// SPDX-License-Identifier: GPL-2.0-only
/* What each row starts with, which flags it leaves undefined, and which rows stay out. */
#include "trial.h"

#define CF 0x001
#define PF 0x004
#define AF 0x010
#define ZF 0x040
#define SF 0x080
#define OF 0x800
#define ARITH (CF | PF | AF | ZF | SF | OF)

u64 trial_seed = 0x9e3779b97f4a7c15;

static const u64 corner[] = {
	0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff,
	0x7fffffffffffffff, 0x8000000000000000, 0xffffffffffffffff, 0x0123456789abcdef,
};

static u64 random_value(void)
{
	trial_seed ^= trial_seed << 13;
	trial_seed ^= trial_seed >> 7;
	trial_seed ^= trial_seed << 17;
	return trial_seed;
}

static u64 pick_value(void)
{
	u64 v = random_value();

	return v & 0x10000 ? corner[v % ARRAY_SIZE(corner)] : random_value() >> (v & 63);
}

unsigned long long *trial_reg(struct kvm_regs *r, unsigned int nr)
{
	unsigned long long *const low[] = {
		&r->rax, &r->rcx, &r->rdx, &r->rbx, &r->rsp, &r->rbp, &r->rsi, &r->rdi,
	};

	return nr < 8 ? low[nr] : &r->r8 + nr - 8;
}

static u64 data_address(const struct trial *t)
{
	return mode_bits(t->c.mode) == 16 ? 0 : DATA_GPA;
}

static u64 landing(const struct trial *t, unsigned int size)
{
	return LANDING + (mode_bits(t->c.mode) == 16 || size == 2 ? 0 : CODE_GPA);
}

static void append(struct trial *t, const u8 *bytes, unsigned int n)
{
	memcpy(t->code + t->c.len, bytes, n);
	t->c.len += n;
}

#define APPEND(t, ...)							\
	append(t, (const u8[]){ __VA_ARGS__ }, sizeof((const u8[]){ __VA_ARGS__ }))

/* @n values of the operand's size, at the stack pointer. */
static void put_stack(struct trial *t, const u64 *value, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		memcpy(t->stack + i * t->insn.size, &value[i], t->insn.size);
	t->c.stack = t->stack;
	t->c.stack_size = sizeof(t->stack);
}

static void put_memory(struct trial *t, unsigned int offset, u64 value, unsigned int size)
{
	memcpy(t->data + MEMORY_OFFSET + offset, &value, size);
}

/* The ModRM.rm operand, wherever it is. */
static void put_rm(struct trial *t, u64 value)
{
	if (t->insn.memory)
		put_memory(t, 0, value, 8);
	else
		*trial_reg(&t->c.regs, t->insn.rm) = value;
}

/* ---- what rows start with ---------------------------------------------------- */

static void prepare_shift(struct trial *t)
{
	static const u8 count[] = { 3, 0x41 };

	/* Counts beyond the operand leave more undefined. */
	t->c.regs.rcx = (t->c.regs.rcx & ~0xffull) | count[t->state % 2];
	if (t->row->by_one)
		t->undefined &= ~OF;
}

static void prepare_div(struct trial *t)
{
	t->c.regs.rdx = t->state ? t->c.regs.rdx : 0;
	t->c.regs.rax &= t->state ? ~0ull : 0x7f;
}

/* Equal now and then. */
static void prepare_cmpxchg(struct trial *t)
{
	if (t->state)
		put_rm(t, t->c.regs.rax);
}

static void prepare_cmpxchg8b(struct trial *t)
{
	unsigned int half = !strcmp(t->row->name, "cmpxchg16b") ? 8 : 4;

	if (!t->state)
		return;
	put_memory(t, 0, t->c.regs.rax, half);
	put_memory(t, half, t->c.regs.rdx, half);
}

static void prepare_string(struct trial *t)
{
	t->c.regs.rcx = t->insn.rep ? 3 : t->c.regs.rcx;
	if (!t->state)
		return;
	t->c.regs.rflags |= FLAG_DF;
	memcpy(t->data + STRING_TARGET - 32, t->data + STRING_SOURCE - 32, 48);
	memcpy(t->data + STRING_TARGET, &t->c.regs.rax, 8);
	memcpy(t->data + STRING_SOURCE, &t->c.regs.rax, 8);
}

static void prepare_near(struct trial *t)
{
	u64 target = landing(t, t->insn.size);

	if (t->row->modrm)
		put_rm(t, target);
	else
		put_stack(t, &target, 1);
}

/* LOOP and JCXZ. */
static void prepare_counter(struct trial *t)
{
	t->c.regs.rcx = t->state;
}

/* Of zero, what the destination gets is undefined; 16 and 64 bits agree in practice. */
static void prepare_scan(struct trial *t)
{
	u64 value;

	if (t->insn.size != 4)
		return;
	memcpy(&value, t->data + MEMORY_OFFSET, 8);
	if (!t->insn.memory)
		value = *trial_reg(&t->c.regs, t->insn.rm);
	put_rm(t, value | 0x10);
}

/* The MMX registers are looked at through memory. */
static void prepare_mmx(struct trial *t)
{
	u8 rbx = mode_bits(t->c.mode) == 16 ? 7 : 3;

	APPEND(t, 0x0f, 0x7f, 0x40 | (t->insn.reg & 7) << 3 | rbx, 0x40);
	APPEND(t, 0x0f, 0x7f, 0x40 | (t->insn.rm & 7) << 3 | rbx, 0x48);
}

/* TCG takes reserved bits. */
static void prepare_mxcsr(struct trial *t)
{
	put_memory(t, 0, t->state ? 0xffbf : 0x1f80, 4);
}

/* MXCSR in the area. */
static void prepare_fxrstor(struct trial *t)
{
	put_memory(t, 24, 0x1f80, 4);
}

static void prepare_maskmov(struct trial *t)
{
	t->c.regs.rdi = data_address(t) + STRING_TARGET;
}

/* ---- the rules --------------------------------------------------------------- */

static const char SYSTEM[] = "forced_system tries it";
static const char SIZE[] = "processors differ with this operand size";
static const char SIZE16[] = "TCG has the operand sizes of 16-bit code the other way round";
static const char RTM[] = "TCG begins and aborts transactions, whatever CPUID says";
static const char ADX[] = "TCG takes the carry of 32 bits from beyond them";
static const char ENVIRONMENT[] = "TCG leaves the reserved halves of the environment zero";
static const char RESERVED[] = "TCG does not write the reserved bytes of the area";
static const char NO_UD[] = "natively #UD on this processor: TCG does not know this form";

struct rule {
	const char *name;
	u64 undefined;
	void (*prepare)(struct trial *t);
	const u64 *immediates;		/* two, or the usual */
};

static const u64 counts[] = { 5, 0x21 };
static const u64 levels[] = { 0x20, 0x42 };
static const u64 distances[] = { 0x30, 0x10 };
static const u64 divisors[] = { 10, 0 };

#define ROTATE(mnem) { mnem, OF, prepare_shift, counts }
#define SHIFT(mnem) { mnem, OF | AF, prepare_shift, counts }
#define BIT_TEST(mnem) { mnem, OF | SF | AF | PF }

static const struct rule rules[] = {
	{ "and", AF }, { "or", AF }, { "xor", AF }, { "test", AF },
	ROTATE("rol"), ROTATE("ror"), ROTATE("rcl"), ROTATE("rcr"),
	SHIFT("shl"), SHIFT("shr"), SHIFT("sar"), SHIFT("shld"), SHIFT("shrd"),
	{ "mul", SF | ZF | AF | PF }, { "imul", SF | ZF | AF | PF },
	{ "div", ARITH, prepare_div }, { "idiv", ARITH, prepare_div },
	BIT_TEST("bt"), BIT_TEST("bts"), BIT_TEST("btr"), BIT_TEST("btc"),
	{ "fxrstor", 0, prepare_fxrstor }, { "fxrstor64", 0, prepare_fxrstor },
	{ "lzcnt", ARITH & ~(ZF | CF) }, { "tzcnt", ARITH & ~(ZF | CF) },
	{ "bsf", ARITH & ~ZF, prepare_scan }, { "bsr", ARITH & ~ZF, prepare_scan },
	{ "daa", OF }, { "das", OF }, { "aaa", OF | SF | ZF | PF }, { "aas", OF | SF | ZF | PF },
	{ "aam", OF | AF | CF, NULL, divisors }, { "aad", OF | AF | CF },
	{ "cmpxchg", 0, prepare_cmpxchg },
	{ "cmpxchg8b", 0, prepare_cmpxchg8b }, { "cmpxchg16b", 0, prepare_cmpxchg8b },
	{ "jmp", 0, prepare_near, distances }, { "call", 0, prepare_near, distances },
	{ "ret", 0, prepare_near },
	{ "loop", 0, prepare_counter, distances }, { "loope", 0, prepare_counter, distances },
	{ "loopne", 0, prepare_counter, distances }, { "jcxz", 0, prepare_counter, distances },
	{ "jecxz", 0, prepare_counter, distances }, { "jrcxz", 0, prepare_counter, distances },
	{ "enter", 0, NULL, levels }, { "ldmxcsr", 0, prepare_mxcsr },
	{ "maskmovq", 0, prepare_maskmov }, { "maskmovdqu", 0, prepare_maskmov },
};

static const struct rule *find_rule(const struct table_row *row)
{
	static const struct rule string = { "string", 0, prepare_string };
	static const struct rule jcc = { "jcc", 0, NULL, distances };
	static const struct rule mmx = { "mmx", 0, prepare_mmx };
	static const struct rule plain = { "" };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rules); i++)
		if (!strcmp(row->name, rules[i].name))
			return &rules[i];
	if (row->string)
		return &string;
	if (row->name[0] == 'j')
		return &jcc;
	if (row->mmx)
		return &mmx;
	return &plain;
}

static bool is(const struct table_row *row, const char *name)
{
	return !strcmp(row->name, name);
}

const char *row_excluded(const struct table_row *row)
{
	if (row->system)
		return SYSTEM;
	if (is(row, "xbegin") || is(row, "xabort"))
		return RTM;
	if (is(row, "adcx") || is(row, "adox"))
		return ADX;
	if (is(row, "fnstenv") || is(row, "fnsave"))
		return ENVIRONMENT;
	if (is(row, "fxsave") || is(row, "fxsave64"))
		return RESERVED;
	return is(row, "femms") ? "TCG has 3DNow! whatever CPUID says" :
	       is(row, "extrq") || is(row, "insertq") ? "bits 64 to 127 are undefined" : NULL;
}

const char *form_excluded(const struct trial *t)
{
	const struct table_row *row = t->row;
	enum guest_mode mode = t->c.mode;
	unsigned int size = t->insn.size;

	/* A 16-bit BSWAP is undefined everywhere. */
	if (size == 2 && is(row, "bswap"))
		return SIZE;
	if (size == 2 && mode == MODE_LONG64 && machine_is_bochs() &&
	    (is(row, "enter") || is(row, "leave")))
		return "Bochs ignores the operand size";
	if (mode_bits(mode) == 16 && (is(row, "movbe") || is(row, "crc32")))
		return SIZE16;
	return NULL;
}

const char *native_ud_excused(const struct trial *t)
{
	const struct table_row *row = t->row;

	/* Group 3 /1 is TEST, too, and what a prefetch names a register for is a NOP. */
	if ((is(row, "test") && strstr(row->text, "/1")) ||
	    ((!strncmp(row->name, "prefetch", 8) || is(row, "nop")) && !t->insn.memory))
		return NO_UD;
	return NULL;
}

const char *row_only_faults(const struct table_row *row)
{
	return strncmp(row->name, "xsave", 5) && strncmp(row->name, "xrstor", 6) ? NULL :
	       "CR4.OSXSAVE is off";
}

bool row_reads_backwards(const struct table_row *row)
{
	return is(row, "fbld") || is(row, "fbstp") || (is(row, "fldenv") && machine_is_bochs());
}

bool row_immediate(const struct table_row *row, enum guest_mode mode, unsigned int i, u64 *imm)
{
	static const u64 usual[] = { 0x11223344556677c5, 0x7e };
	const struct rule *rule = find_rule(row);

	if (i >= (row->immediate ? 2 : 1))
		return false;
	*imm = rule->immediates ? rule->immediates[i] : usual[i];
	if (row->offset)
		*imm = MEMORY_OFFSET + (mode_bits(mode) == 16 ? 0 : DATA_GPA);
	return true;
}

/* ---- values ------------------------------------------------------------------ */

static void fill_fpu(struct trial *t)
{
	unsigned int i, j;

	memset(&t->fpu, 0, sizeof(t->fpu));
	t->fpu.fcw = 0x37f;
	t->fpu.mxcsr = 0x1f80;
	t->fpu.ftwx = t->row->mmx ? 0xff : 0;
	for (i = 0; i < 16; i++)
		for (j = 0; j < 16; j++)
			t->fpu.xmm[i][j] = random_value();
	for (i = 0; i < 8 && t->row->mmx; i++) {
		for (j = 0; j < 8; j++)
			t->fpu.fpr[i][j] = random_value();
		t->fpu.fpr[i][8] = t->fpu.fpr[i][9] = 0xff;
	}
	t->c.fpu = &t->fpu;
}

static void fill_regs(struct trial *t)
{
	const struct table_row *row = t->row;
	struct kvm_regs *r = &t->c.regs;
	u64 base = data_address(t);
	unsigned int i;

	memset(r, 0, sizeof(*r));
	for (i = 0; i < 16; i++)
		*trial_reg(r, i) = mode_bits(t->c.mode) == 64 ? pick_value() : (u32)pick_value();
	if (t->insn.memory || row->mmx || !row->modrm)
		r->rbx = base + MEMORY_OFFSET;
	if (!row->modrm) {
		r->rsi = base + STRING_SOURCE;
		r->rdi = base + STRING_TARGET;
	}
	r->rsp = (mode_bits(t->c.mode) == 16 ? 0 : STACK_GPA) + 0xf000;
	if (!row->modrm)
		r->rbp = r->rsp + 0x20;
	/* Bit offsets reach as far as the data page does. */
	if (row->bit_offset && t->insn.memory)
		*trial_reg(r, t->insn.reg) = (long)(random_value() % 0x800) - 0x400;
	r->rflags = FLAG_FIXED | (random_value() & ARITH);
}

void trial_prepare(struct trial *t)
{
	const struct rule *rule = find_rule(t->row);
	unsigned int i;

	t->c.len = 0;
	append(t, t->insn.bytes, t->insn.len);
	t->c.insn = t->code;
	t->c.fpu = NULL;
	t->c.stack = NULL;
	t->undefined = rule->undefined;
	fill_regs(t);
	if (t->row->vector || t->row->mmx)
		fill_fpu(t);
	for (i = 0; i < sizeof(t->data); i += 8) {
		u64 v = pick_value();

		memcpy(t->data + i, &v, 8);
	}
	memset(t->stack, 0, sizeof(t->stack));
	t->c.data = t->data;
	t->c.data_size = sizeof(t->data);
	if (rule->prepare)
		rule->prepare(t);
}
