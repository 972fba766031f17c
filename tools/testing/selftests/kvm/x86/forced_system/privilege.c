// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the current privilege level may do, by IOPL, the TSS and the bits of CR4:
 * interrupt flag, ports, descriptor-table stores, counters, CR and DR moves.
 */
#include "trial.h"

#define CR4_VME		(1u << 0)
#define CR4_PVI		(1u << 1)
#define CR4_TSD		(1u << 2)
#define CR4_DE		(1u << 3)
#define CR4_PCE		(1u << 8)
#define CR4_UMIP	(1u << 11)
#define CR4_FSGSBASE	(1u << 16)
#define CR4_SMAP	(1u << 21)

#define ARITH	0x8d5u
#define IOPL(n)	((u64)(n) << 12)
#define VIF	(1u << 19)
#define VIP	(1u << 20)
#define AC	(1u << 18)

static struct trial trial;

/* Has the guest's CPUID bit @bit of register @reg (EAX to EDX) of @leaf? */
static bool has_cpuid(u32 leaf, unsigned int reg, unsigned int bit)
{
	u32 r[4] = { leaf };

	guest_cpuid(&r[0], &r[1], &r[2], &r[3]);
	return r[reg] >> bit & 1;
}

/* ---- flags ------------------------------------------------------------------------------------ */

/* CLI, STI, PUSHF, POPF and IRET in VM86, with the IOPL and the virtual flags. */
static void interrupt_flag(const struct world *w, u64 cr4)
{
	static const u8 insns[][3] = {
		{ 0xfa }, { 0xfb }, { 0x9c }, { 0x9d }, { 0x66, 0x9c }, { 0x66, 0x9d },
	};
	static const u8 lens[] = { 1, 1, 1, 1, 2, 2 };
	static const u64 popped[] = { 0, FLAG_IF | IOPL(3), VIF | VIP | AC | ARITH, 0x4600 };
	unsigned int insn, iopl, i;

	for (insn = 0; insn < ARRAY_SIZE(lens); insn++) {
		for (iopl = 0; iopl < 4; iopl++) {
			for (i = 0; i < 4; i++) {
				struct trial *t = &trial;

				trial_init(t, w, insns[insn], lens[insn]);
				t->sregs.cr4 |= cr4;
				t->regs.rflags &= ~IOPL(3);
				t->regs.rflags |= IOPL(iopl) | (i & 1 ? FLAG_IF : 0) |
						  (i & 2 && cr4 ? VIF : 0);
				trial_stack(t, &popped[i], 1, 8);
				trial_text(t, "cr4 %#llx flags %#llx, popped %#llx",
					   (unsigned long long)cr4, t->regs.rflags,
					   (unsigned long long)popped[i]);
				try_trial(t);
			}
		}
	}
}

static void flags_group(const struct world *w)
{
	group_begin("CLI, STI, PUSHF and POPF by IOPL", w, NULL);
	interrupt_flag(w, 0);
	if (has_cpuid(1, 3, 1)) {
		interrupt_flag(w, CR4_VME);
		interrupt_flag(w, CR4_PVI);
	}
	group_end();
}

/* ---- ports ------------------------------------------------------------------------------------ */

static void try_port(const struct world *w, u8 opcode, u16 port, int iopl, int change)
{
	struct trial *t = &trial;

	trial_init(t, w, &opcode, 1);
	t->regs.rdx = port;
	t->regs.rax = 0x11223344;
	t->regs.rsi = t->regs.rdi = w->data;
	t->regs.rflags = (t->regs.rflags & ~IOPL(3)) | IOPL(iopl);
	if (change == 1)
		t->sregs.tr.limit = IOPM_BASE + port / 8;
	else if (change == 2)
		t->sregs.tr.limit = IOPM_BASE + port / 8 + 1;
	else if (change == 3)
		trial_put(t, AT_TSS + 0x66, 0xffff, 2);
	trial_text(t, "port %#x IOPL %d%s", port, iopl,
		   change == 3 ? " no bitmap" : change ? " short TSS" : "");
	try_trial(t);
}

/* The bitmap has holes from 0x80 to 0x87 and from 0x90 to 0x97. */
static void ports_group(const struct world *w)
{
	static const u8 opcodes[] = { 0xec, 0xed, 0xee, 0xef, 0x6c, 0x6f };
	static const u16 ports[] = { 0x40, 0x7e, 0x7f, 0x80, 0x81, 0x8f, 0x93, 0x97, 0xff, 0x1fff };
	unsigned int op, i, iopl, change;

	group_begin("ports by IOPL and bitmap", w, NULL);
	for (op = 0; op < ARRAY_SIZE(opcodes); op++) {
		for (i = 0; i < ARRAY_SIZE(ports); i++)
			for (iopl = 0; iopl < 4; iopl++)
				try_port(w, opcodes[op], ports[i], iopl, 0);
		/* The end of the run needs its own port: only where that is CPL 0's. */
		for (change = 1; change < 4; change++)
			try_port(w, opcodes[op], 0xf8, 3, change);
	}
	group_end();
}

/* ---- bits of CR4 --------------------------------------------------------------------------------- */

static void try_cr4(const struct world *w, u64 cr4, const u8 *insn, unsigned int len)
{
	struct trial *t = &trial;

	trial_init(t, w, insn, len);
	t->sregs.cr4 |= cr4;
	t->regs.rcx = 0;
	t->msrs = true;
	trial_text(t, "cr4 | %#llx", (unsigned long long)cr4);
	try_trial(t);
}

#define TRY_CR4(w, cr4, ...) do {						\
	try_cr4(w, 0, TRIAL_BYTES(__VA_ARGS__));				\
	try_cr4(w, cr4, TRIAL_BYTES(__VA_ARGS__));				\
} while (0)

static void cr4_group(const struct world *w)
{
	u8 rm = w->bits == 16 ? 7 : 3;	/* [rBX] */

	group_begin("UMIP, DE, SMAP, FSGSBASE, PCE", w, NULL);
	if (has_cpuid(7, 2, 2)) {
		TRY_CR4(w, CR4_UMIP, 0x0f, 0x01, 0x00 | rm);	/* sgdt */
		TRY_CR4(w, CR4_UMIP, 0x0f, 0x01, 0x08 | rm);	/* sidt */
		TRY_CR4(w, CR4_UMIP, 0x0f, 0x01, 0x20 | rm);	/* smsw */
		TRY_CR4(w, CR4_UMIP, 0x0f, 0x01, 0xe0);
		TRY_CR4(w, CR4_UMIP, 0x0f, 0x00, 0x00 | rm);	/* sldt */
		TRY_CR4(w, CR4_UMIP, 0x0f, 0x00, 0xc0);
		TRY_CR4(w, CR4_UMIP, 0x0f, 0x00, 0x08 | rm);	/* str */
		TRY_CR4(w, CR4_UMIP, 0x66, 0x0f, 0x00, 0xc8);
	}
	TRY_CR4(w, CR4_DE, 0x0f, 0x21, 0xe0);			/* mov rax, dr4 */
	TRY_CR4(w, CR4_DE, 0x0f, 0x21, 0xe8);
	if (has_cpuid(7, 1, 20)) {
		TRY_CR4(w, CR4_SMAP, 0x0f, 0x01, 0xca);		/* clac */
		TRY_CR4(w, CR4_SMAP, 0x0f, 0x01, 0xcb);		/* stac */
	}
	if (has_cpuid(7, 1, 0)) {
		TRY_CR4(w, CR4_FSGSBASE, 0xf3, 0x0f, 0xae, 0xc1);
		TRY_CR4(w, CR4_FSGSBASE, 0xf3, 0x48, 0x0f, 0xae, 0xc9);
		TRY_CR4(w, CR4_FSGSBASE, 0xf3, 0x0f, 0xae, 0xd3);
		TRY_CR4(w, CR4_FSGSBASE, 0xf3, 0x48, 0x0f, 0xae, 0xdb);
	}
	TRY_CR4(w, CR4_PCE, 0x0f, 0x33);			/* rdpmc */
	group_end();
}

/* The #DB's handler is what comes behind the instruction: DR6 is in RDX, DR7 in RCX. */
static const char *detected(const struct trial *t, const struct outcome *f)
{
	(void)t;
	if (!(f->regs.rdx & 1u << 13))
		return "DR6.BD is not set";
	return f->regs.rcx & 1u << 13 ? "DR7.GD is not cleared" : NULL;
}

static void handle_detection(struct trial *t)
{
	const struct world *w = t->w;
	u32 offset = w->code + INSN_AT + t->len;

	/* mov rdx, dr6; mov rcx, dr7; mov dr6, rdi; mov dr7, rax */
	t->regs.rdi = 0xffff0ff0;
	trial_after(t, TRIAL_BYTES(0x0f, 0x21, 0xf2, 0x0f, 0x21, 0xf9, 0x0f, 0x23, 0xf7));
	trial_after(t, TRIAL_BYTES(0x0f, 0x23, 0xf8));
	trial_put(t, AT_IDT + DB_VECTOR * (w->lma ? 16 : 8),
		  make_gate(w->lma ? S_CODE64 : w->bits == 16 ? S_CODE16 : S_CODE32, offset,
			    ACC(w->bits == 16 ? 6 : 0xe, 0, 0, 1), 0), 8);
	trial_expect(t, "TCG does not know DR7.GD", -1, 0);
	t->inspect = detected;
}

/* With DR7.GD each access traps, and DR6.BD says so; it clears GD. */
static void general_detect(const struct world *w)
{
	unsigned int i;

	if (w->cpl || w->real)
		return;
	group_begin("DR accesses with DR7.GD", w, NULL);
	for (i = 0; i < 16; i++) {
		const u8 insn[] = { 0x0f, i & 8 ? 0x23 : 0x21, 0xc0 | (i & 7) << 3 };
		struct trial *t = &trial;

		trial_init(t, w, insn, sizeof(insn));
		t->regs.rsi = 0x2400;
		t->regs.rax = 0x400;
		trial_before(t, TRIAL_BYTES(0x0f, 0x23, 0xfe));	/* mov dr7, rsi */
		handle_detection(t);
		trial_text(t, "DR%u", i & 7);
		try_trial(t);
	}
	group_end();
}

/* ---- extended state -------------------------------------------------------------------------------- */

/* What CPUID offers of XCR0, with the parts that need each other. */
static bool xcr0_valid(u32 ecx, u64 value)
{
	u32 r[4] = { 0xd };

	guest_cpuid(&r[0], &r[1], &r[2], &r[3]);
	return !ecx && value & 1 && !(value & ~((u64)r[3] << 32 | r[0])) &&
	       !(value & 4 && !(value & 2));
}

/* XGETBV comes behind it. */
static const char *inspect_xcr0(const struct trial *t, const struct outcome *f)
{
	return f->done && f->regs.rax != t->regs.rax ? "XGETBV reads another value" : NULL;
}

/* XSETBV with every kind of value; what follows reads it back. */
static void xsetbv_group(const struct world *w)
{
	static const struct {
		u32 ecx, eax, edx;
	} values[] = {
		{ 0, 1, 0 }, { 0, 3, 0 }, { 0, 7, 0 }, { 0, 0, 0 }, { 0, 2, 0 }, { 0, 5, 0 },
		{ 0, 0x80000001, 0 }, { 0, 1, 1 }, { 1, 1, 0 }, { 0, 0x203, 0 }, { 0, 0x21, 0 },
	};
	unsigned int i;

	if (w->cpl || !has_cpuid(1, 2, 26))
		return;
	group_begin("XSETBV by value", w, NULL);
	for (i = 0; i < ARRAY_SIZE(values); i++) {
		struct trial *t = &trial;

		trial_init(t, w, TRIAL_BYTES(0x0f, 0x01, 0xd1));
		t->sregs.cr4 |= CR4_OSXSAVE;
		t->regs.rcx = values[i].ecx;
		t->regs.rax = values[i].eax;
		t->regs.rdx = values[i].edx;
		/* xor ecx, ecx; xgetbv */
		trial_after(t, TRIAL_BYTES(0x31, 0xc9, 0x0f, 0x01, 0xd0));
		trial_text(t, "ECX %#x value %#x:%#x", values[i].ecx, values[i].edx, values[i].eax);
		trial_expect(t, "TCG does not intercept XSETBV: the next exit forgets it",
			     xcr0_valid(values[i].ecx, (u64)values[i].edx << 32 | values[i].eax) ?
			     -1 : GP_VECTOR, 0);
		t->inspect = inspect_xcr0;
		try_trial(t);
	}
	group_end();
}

void test_privilege(const char *only)
{
	if (only && !strstr("privilege", only))
		return;
	FOR_WORLDS(w) {
		flags_group(w);
		ports_group(w);
		cr4_group(w);
		general_detect(w);
		xsetbv_group(w);
	}
}
