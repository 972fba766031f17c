// SPDX-License-Identifier: GPL-2.0-only
/* Every system row of the emulator's tables, in every mode and at every privilege level. */
#include <stdio.h>

#include "trial.h"

#define ARITH 0x8d5ull

static u64 seed = 0x2545f4914f6cdd1d;

static u64 random_value(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

/* What one row is tried with. */
struct form {
	const struct table_row *row;
	struct table_insn e;
	unsigned int state;
};

static unsigned long long *reg(struct kvm_regs *r, unsigned int nr)
{
	unsigned long long *const low[] = {
		&r->rax, &r->rcx, &r->rdx, &r->rbx, &r->rsp, &r->rbp, &r->rsi, &r->rdi,
	};

	return nr < 8 ? low[nr] : &r->r8 + nr - 8;
}

/* ---- selectors ------------------------------------------------------------------------- */

#define NR_SELECTORS 14

static u16 pick_selector(const struct world *w, unsigned int i)
{
	const u16 list[NR_SELECTORS] = {
		stack_selector(w, w->protected ? w->cpl : 0), code_selector(w, w->protected ? w->cpl : 0),
		0, 3, S_DATA, S_DATA_3, S_CODE32_3, S_CODE64, S_BEYOND, S_TSS, S_LDT, S_TSS32,
		0x0c | w->cpl, S_SWEEP + 8 * (random_value() & 0xff) + w->cpl,
	};

	if (!w->protected)
		return i ? list[i] << 4 : w->sregs.ss.selector;
	return list[i];
}

/* The ModRM.rm operand, wherever it is. */
static void put_rm(struct trial *t, const struct form *f, u64 value, unsigned int size)
{
	if (f->e.memory)
		trial_put(t, AT_DATA, value, size);
	else
		*reg(&t->regs, f->e.rm) = value;
}

static void with_selector(struct trial *t, const struct form *f)
{
	u64 selector = pick_selector(t->w, f->state);

	put_rm(t, f, selector, 2);
	trial_stack(t, &selector, 1, f->e.size);
	trial_text(t, "selector %#llx", (unsigned long long)selector);
}

/* A target that leads to the landing if it leads anywhere. */
static u64 pick_target(const struct world *w, unsigned int i, u16 *selector)
{
	*selector = pick_selector(w, i);
	if (w->protected)
		return w->code + LANDING_AT;
	*selector = (CODE_GPA >> 4) - i;
	return LANDING_AT + 16 * i;
}

static void with_far_pointer(struct trial *t, const struct form *f)
{
	u16 selector;
	u64 offset = pick_target(t->w, f->state, &selector);

	if (f->row->far) {
		memcpy(t->insn + t->len - 2, &selector, 2);
		memcpy(t->insn + t->len - 2 - f->e.size, &offset, f->e.size);
	}
	trial_put(t, AT_DATA, offset, f->e.size);
	trial_put(t, AT_DATA + f->e.size, selector, 2);
	trial_text(t, "selector %#x", selector);
}

static void with_frame(struct trial *t, const struct form *f)
{
	u16 selector;
	u64 offset = pick_target(t->w, f->state, &selector);
	u64 frame[] = { offset, selector, t->w->flags ^ ARITH, stack_top(t->w, t->w->cpl),
			t->sregs.ss.selector };

	trial_stack(t, frame, 5, f->e.size);
	trial_text(t, "frame with selector %#x", selector);
}

/* ---- other operands ---------------------------------------------------------------------- */

static void with_flags(struct trial *t, const struct form *f)
{
	static const u64 flags[] = { 0, ~0x20100ull, 0x3202, 0x240000, 0x4400, 0x1a0002 };
	u64 value = flags[f->state];

	trial_stack(t, &value, 1, 8);
	trial_text(t, "flags %#llx", (unsigned long long)value);
}

static void with_table_pointer(struct trial *t, const struct form *f)
{
	/* TCG loads a base that is not canonical. */
	trial_put(t, AT_DATA + 2, f->state ? 0xffff800000123456 : random_value() >> 20, 8);
}

static void with_machine_status(struct trial *t, const struct form *f)
{
	static const u64 value[] = { 0xa, 0x30002, 0xfff0, 1 };

	put_rm(t, f, value[f->state], 8);
	trial_text(t, "value %#llx", (unsigned long long)value[f->state]);
}

static u64 control_value(const struct trial *t, const struct form *f)
{
	const u64 cr0[] = { t->sregs.cr0, t->sregs.cr0 ^ CR0_TS, t->sregs.cr0 & ~CR0_PG,
			    t->sregs.cr0 | 1ull << 32, t->sregs.cr0 ^ CR0_PE,
			    t->sregs.cr0 | 1u << 29, t->sregs.cr0 ^ CR0_WP, 0x60000011 };
	const u64 cr3[] = { t->sregs.cr3, t->sregs.cr3 | 0x18, t->sregs.cr3 | 1ull << 63,
			    t->sregs.cr3 | 1ull << 51, t->sregs.cr3 | 0x1000000000,
			    t->sregs.cr3, t->sregs.cr3, t->sregs.cr3 };
	const u64 cr4[] = { t->sregs.cr4, t->sregs.cr4 | 4, t->sregs.cr4 ^ CR4_PAE,
			    t->sregs.cr4 | 1u << 31, t->sregs.cr4 | 0x108,
			    t->sregs.cr4 | 1u << 17, t->sregs.cr4 | 1ull << 40, t->sregs.cr4 ^ 0x80 };

	switch (f->e.reg) {
	case 0:
		return cr0[f->state];
	case 3:
		return cr3[f->state];
	case 4:
		return cr4[f->state];
	case 8:
		return f->state + (f->state == 7 ? 0x10 : 0);
	}
	return random_value();
}

static void with_control(struct trial *t, const struct form *f)
{
	u64 value = control_value(t, f);

	if (t->w->bits != 64)
		value = (u32)value;
	*reg(&t->regs, f->e.rm) = value;
	trial_text(t, "cr%u %#llx", f->e.reg, (unsigned long long)value);
}

/* Nothing that arms a breakpoint. */
static void with_debug(struct trial *t, const struct form *f)
{
	u8 nr = f->e.reg & 7;
	u64 value = nr == 7 || nr == 5 ? 0x700 : nr == 6 || nr == 4 ? 0xffff0ff5 : 0x30123;

	if (f->state == 1 && t->w->bits == 64)
		value |= 1ull << 40;
	*reg(&t->regs, f->e.rm) = value;
	trial_text(t, "dr%u %#llx", nr, (unsigned long long)value);
	if (t->w->cpl || f->row->opcode != 0x23 || (f->e.reg & 6) == 4)
		return;
	/* mov rdx, drN; mov rsi, reset; mov drN, rsi */
	t->regs.rsi = nr == 7 ? 0x400 : nr == 6 ? 0xffff0ff0 : 0;
	trial_after(t, TRIAL_BYTES(0x0f, 0x21, 0xc2 | nr << 3));
	trial_after(t, TRIAL_BYTES(0x0f, 0x23, 0xc6 | nr << 3));
	t->undefined = ARITH;
}

static void with_msr(struct trial *t, const struct form *f)
{
	static const struct {
		u32 index;
		u64 value;
	} msr[] = {
		{ 0xc0000082, 0x123456 }, { 0xc0000082, 0x800000000000 }, { 0xc0000081, ~0ull },
		{ 0x174, 0x12345678 }, { 0xc0000102, 0xffff900000000000 }, { 0x12345678, 1 },
		{ 0xc0000080, 1ull << 40 }, { 0x176, 0x900000000000 }, { 0xc0000103, 0x1234 },
		{ 0xc0000084, 0x123 },
	};

	t->regs.rcx = msr[f->state].index;
	t->regs.rax = (u32)msr[f->state].value;
	t->regs.rdx = msr[f->state].value >> 32;
	t->msrs = true;
	trial_text(t, "MSR %#x value %#llx", msr[f->state].index,
		   (unsigned long long)msr[f->state].value);
}

static void with_port(struct trial *t, const struct form *f)
{
	static const u16 ports[] = { 0x40, 0x81, 0x80, 0x93, 0xff, 0x100, 0x7f };

	t->regs.rdx = ports[f->state];
	t->regs.rcx = f->e.rep ? 2 : 1;
	t->regs.rsi = t->w->data + 0x20;
	t->regs.rdi = t->w->data + 0x40;
	trial_text(t, "port %#x", ports[f->state]);
}

static void with_syscall(struct trial *t, const struct form *f)
{
	t->regs.rcx = t->regs.rdx = CODE_GPA + LANDING_AT + f->state * 0x40;
	t->regs.r11 = 0x202;
	t->msrs = true;
	if (f->state == 1)
		t->msr[0] = 0;
	if (f->state == 2)
		t->sregs.efer &= ~EFER_SCE;
}

static void with_counter(struct trial *t, const struct form *f)
{
	t->regs.rcx = f->state;
}

/* The value itself is no matter of comparison. */
static void with_time(struct trial *t, const struct form *f)
{
	if (f->state == 1)
		t->sregs.cr4 |= 4;
	/* xor eax, eax; xor edx, edx */
	trial_after(t, TRIAL_BYTES(0x31, 0xc0, 0x31, 0xd2));
	t->undefined = ARITH;
	t->msrs = true;
	/* In 16-bit code they clear less. */
	if (t->w->bits == 16)
		trial_after(t, TRIAL_BYTES(0x66, 0x31, 0xc0, 0x66, 0x31, 0xd2));
}

/* Nor that. */
static void with_random(struct trial *t, const struct form *f)
{
	trial_after(t, TRIAL_BYTES(0x66, 0x31, 0xf6, 0x31, 0xf6));	/* xor esi, esi */
	if (t->w->bits == 16)
		trial_after(t, TRIAL_BYTES(0x66, 0x31, 0xf6));
	t->undefined = ARITH;
	(void)f;
}

static void with_msrs(struct trial *t, const struct form *f)
{
	t->msrs = true;
	t->regs.rcx = f->state;
}

/* CR4.FSGSBASE off, then on; TCG takes bases that are not canonical. */
static void with_new_base(struct trial *t, const struct form *f)
{
	t->msrs = true;
	if (f->state)
		t->sregs.cr4 |= 1u << 16;
	*reg(&t->regs, f->e.rm) >>= 20;
}

/* CR4.OSXSAVE and CR4.PKE off, then on with an index in ECX. */
static void with_extended(struct trial *t, const struct form *f)
{
	u32 eax = 1, ebx, ecx = 0, edx;

	guest_cpuid(&eax, &ebx, &ecx, &edx);
	if (f->state && (ecx & 1 << 26))
		t->sregs.cr4 |= 1u << 18;
	eax = 7;
	ecx = 0;
	guest_cpuid(&eax, &ebx, &ecx, &edx);
	if (f->state && (ecx & 1 << 3))
		t->sregs.cr4 |= 1u << 22;
	t->regs.rcx = f->state ? f->state - 1 : 0;
	t->regs.rdx = f->state == 3 ? t->regs.rdx : 0;
	/* The next trial has this PKRU, and memory with key 0. */
	t->regs.rax &= ~3ull;
	trial_text(t, "ECX %llu", (unsigned long long)t->regs.rcx);
}

static void with_cpuid(struct trial *t, const struct form *f)
{
	static const u32 leaf[] = { 0, 1, 0x80000001, 0x80000008, 0x40000000 };

	t->regs.rax = leaf[f->state];
	t->regs.rcx = 0;
}

struct rule {
	const char *name;
	void (*prepare)(struct trial *t, const struct form *f);
	unsigned int states;
};

static const struct rule rules[] = {
	{ "lldt", with_selector, NR_SELECTORS }, { "ltr", with_selector, NR_SELECTORS },
	{ "lar", with_selector, NR_SELECTORS }, { "lsl", with_selector, NR_SELECTORS },
	{ "verr", with_selector, NR_SELECTORS }, { "verw", with_selector, NR_SELECTORS },
	{ "arpl", with_selector, NR_SELECTORS },
	{ "lds", with_far_pointer, NR_SELECTORS }, { "les", with_far_pointer, NR_SELECTORS },
	{ "lss", with_far_pointer, NR_SELECTORS }, { "lfs", with_far_pointer, NR_SELECTORS },
	{ "lgs", with_far_pointer, NR_SELECTORS },
	{ "jmp", with_far_pointer, NR_SELECTORS }, { "call", with_far_pointer, NR_SELECTORS },
	{ "retf", with_frame, NR_SELECTORS }, { "iret", with_frame, NR_SELECTORS },
	{ "iretd", with_frame, NR_SELECTORS }, { "iretq", with_frame, NR_SELECTORS },
	{ "pop", with_selector, NR_SELECTORS },
	{ "popf", with_flags, 6 }, { "popfd", with_flags, 6 }, { "popfq", with_flags, 6 },
	{ "lgdt", with_table_pointer, 2 }, { "lidt", with_table_pointer, 2 }, { "lmsw", with_machine_status, 4 },
	{ "rdmsr", with_msr, 10 }, { "wrmsr", with_msr, 10 },
	{ "in", with_port, 7 }, { "out", with_port, 7 }, { "ins", with_port, 7 },
	{ "outs", with_port, 7 },
	{ "syscall", with_syscall, 3 }, { "sysret", with_syscall, 3 },
	{ "sysenter", with_syscall, 3 }, { "sysexit", with_syscall, 3 },
	{ "rdpmc", with_counter, 3 }, { "rdtsc", with_time, 2 }, { "rdtscp", with_time, 2 },
	{ "cpuid", with_cpuid, 5 }, { "rdrand", with_random, 1 }, { "rdseed", with_random, 1 },
	{ "swapgs", with_msrs, 1 }, { "monitor", with_counter, 1 }, { "mwait", with_counter, 1 },
	{ "rdpid", with_msrs, 1 },
	{ "rdfsbase", with_new_base, 2 }, { "rdgsbase", with_new_base, 2 },
	{ "wrfsbase", with_new_base, 2 }, { "wrgsbase", with_new_base, 2 },
	{ "xgetbv", with_extended, 4 }, { "rdpkru", with_extended, 4 },
	{ "wrpkru", with_extended, 4 },
};

static const struct rule *find_rule(const struct table_row *row)
{
	static const struct rule sreg = { "mov", with_selector, NR_SELECTORS };
	static const struct rule creg = { "mov", with_control, 8 };
	static const struct rule dreg = { "mov", with_debug, 2 };
	static const struct rule plain = { "", NULL, 2 };
	unsigned int i;

	if (row->sreg)
		return &sreg;
	if (row->creg)
		return &creg;
	if (row->dreg)
		return &dreg;
	for (i = 0; i < ARRAY_SIZE(rules); i++)
		if (!strcmp(row->name, rules[i].name))
			return &rules[i];
	return &plain;
}

/* ---- the walk ------------------------------------------------------------------------------ */

static struct trial trial;

static void fill_registers(struct trial *t, const struct form *f)
{
	unsigned int i;

	for (i = 0; i < 16; i++)
		if (i != 4)
			*reg(&t->regs, i) = t->w->bits == 64 ? random_value() : (u32)random_value();
	t->regs.rbp = t->w->sp;
	if (f->e.memory || !f->row->modrm)
		t->regs.rbx = t->w->data;
	t->regs.rflags = t->w->flags | (random_value() & ARITH);
	for (i = 0; i < 0x40; i += 8)
		trial_put(t, AT_DATA + i, random_value(), 8);
}

static struct trial *prepare_state(const struct world *w, const struct form *f)
{
	const struct rule *rule = find_rule(f->row);
	struct trial *t = &trial;

	trial_init(t, w, f->e.bytes, f->e.len);
	fill_registers(t, f);
	if (rule->prepare)
		rule->prepare(t, f);
	return t;
}

/* The memory operand where it faults. */
static void try_pages(const struct world *w, const struct form *f)
{
	static const u64 address[] = { ABSENT_GPA, READ_ONLY_GPA, ABSENT_GPA - 1, 0x800000000000 };
	unsigned int i;

	if (!f->e.memory || w->bits == 16)
		return;
	for (i = 0; i < (w->bits == 64 ? 4 : 3); i++) {
		struct trial *t = prepare_state(w, f);

		t->regs.rbx = address[i];
		trial_text(t, "operand at %#llx", (unsigned long long)address[i]);
		try_trial(t);
	}
}

/* With TF set the trap comes behind the instruction, wherever that is. */
static void try_trap(const struct world *w, const struct form *f)
{
	struct trial *t = prepare_state(w, f);

	/* What follows is to hide the result, or the handler's table is gone. */
	if (t->after_len || !strcmp(f->row->name, "lidt") || !strcmp(f->row->name, "lgdt"))
		return;
	t->regs.rflags |= FLAG_TF;
	trial_text(t, "with TF");
	try_trial(t);
}

static void try_states(const struct world *w, struct form *f)
{
	const struct rule *rule = find_rule(f->row);

	if (!table_encode(f->row, &f->e))
		return;
	for (f->state = 0; f->state < rule->states; f->state++)
		try_trial(prepare_state(w, f));
	f->state = 0;
	try_pages(w, f);
	try_trap(w, f);
}

/* ModRM.reg where it names a special register, else one of the general ones. */
static void try_registers(const struct world *w, struct form *f)
{
	static const u8 segment[] = { 0, 1, 2, 3, 4, 5, 6 };
	static const u8 control[] = { 0, 2, 3, 4, 8 };
	static const u8 debug[] = { 0, 3, 4, 5, 6, 7 };
	static const u8 usual[] = { 1 };
	const struct table_row *row = f->row;
	const u8 *list = row->sreg ? segment : row->creg ? control : row->dreg ? debug : usual;
	unsigned int i, n = row->sreg ? 7 : row->creg ? 5 : row->dreg ? 6 : 1;

	for (i = 0; i < n; i++) {
		f->e.reg = list[i];
		if (f->e.reg < 8 || w->bits == 64)
			try_states(w, f);
	}
}

static void try_immediates(const struct world *w, struct form *f)
{
	static const u64 vectors[] = { 0x30, 3, 0x0d, 0x3f, 0xfe };
	static const u64 ports[] = { 0x40, 0x81, 0x97 };
	static const u64 usual[] = { 0x1122334455667710 };
	bool is_int = !strcmp(f->row->name, "int");
	bool is_port = !strcmp(f->row->name, "in") || !strcmp(f->row->name, "out");
	const u64 *list = is_int ? vectors : is_port ? ports : usual;
	unsigned int i, n = !f->row->immediate ? 1 : is_int ? 5 : is_port ? 3 : 1;

	for (i = 0; i < n; i++) {
		f->e.imm = list[i];
		try_registers(w, f);
	}
}

static void try_size(const struct world *w, struct form *f)
{
	f->e.rm = 6;
	if (f->row->memory) {
		f->e.memory = true;
		try_immediates(w, f);
		f->e.memory = false;
	}
	if (f->row->reg)
		try_immediates(w, f);
	if (f->row->string) {
		f->e.rep = 0xf3;
		try_immediates(w, f);
		f->e.rep = 0;
	}
}

static void try_row(const struct table_row *row)
{
	static const u8 sizes[] = { 2, 4, 8 };
	unsigned int i;

	group_begin(row->text, NULL, NULL);
	FOR_WORLDS(w) {
		struct form f = { .row = row, .e.bits = w->bits };

		for (i = 0; row->sized && i < (w->bits == 64 ? 3 : 2); i++) {
			f.e.op_bytes = sizes[i];
			try_size(w, &f);
		}
		if (!row->sized)
			try_size(w, &f);
	}
	group_end();
}

void test_rows(const char *only)
{
	const struct table_row *row;
	unsigned int i;

	for (i = 0; (row = table_row(i)); i++)
		if (row->system && (!only || strstr(row->text, only)))
			try_row(row);
}
