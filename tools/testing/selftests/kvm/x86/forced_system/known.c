// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where the processor of the lab, QEMU's TCG, differs from the manuals, and what
 * it cannot be asked at all. Each entry says when it applies, and what the
 * emulator has to do there instead.
 */
#include "known.h"

static unsigned int opcode(const struct trial *t, u8 *modrm)
{
	unsigned int i = 0, op;

	while (t->insn[i] == 0x66 || t->insn[i] == 0xf3 || t->insn[i] == 0xf2 ||
	       (t->w->bits == 64 && (t->insn[i] & 0xf0) == 0x40))
		i++;
	op = t->insn[i];
	if (op == 0x0f)
		op = 0x0f00 | t->insn[++i];
	*modrm = t->insn[i + 1];
	return op;
}

bool is_op(const struct trial *t, unsigned int op)
{
	u8 modrm;

	return opcode(t, &modrm) == op;
}

bool is_op_reg(const struct trial *t, unsigned int op, unsigned int reg)
{
	u8 modrm;

	return opcode(t, &modrm) == op && (modrm >> 3 & 7) == reg;
}

static bool is_gp0(const struct outcome *o)
{
	return o->vector == GP_VECTOR && !o->error;
}

static void mark_accessed(struct outcome *o, struct kvm_segment *s)
{
	unsigned int at = AT_GDT + (s->selector & ~7);

	if (s->unusable || s->selector & 4 || at >= AT_IDT)
		return;
	s->type |= 1;
	o->arena[at + 5] |= 1;
}

/* Alike once the native run has marked the segments it loads. */
static bool far_accessed(const struct trial *t, const struct outcome *n, const struct outcome *f)
{
	static struct outcome fixed;

	if (!f->sregs.cs.selector || n->sregs.cr0 != f->sregs.cr0 || !(n->sregs.cr0 & CR0_PE))
		return false;
	fixed = *n;
	mark_accessed(&fixed, &fixed.sregs.cs);
	mark_accessed(&fixed, &fixed.sregs.ss);
	return !outcome_differs(t, &fixed, f);
}

static bool null_ss_rpl(const struct trial *t, const struct outcome *n, const struct outcome *f)
{
	return t->w->id == W_LONG_0 && is_gp0(f) && n->sregs.ss.selector &&
	       n->sregs.ss.selector < 4;
}

static bool null_ss_usable(const struct trial *t, const struct outcome *n, const struct outcome *f)
{
	static struct outcome fixed;

	if (!f->sregs.ss.unusable || n->sregs.ss.unusable || n->sregs.ss.selector > 3)
		return false;
	fixed = *n;
	fixed.sregs.ss.unusable = 1;
	return !outcome_differs(t, &fixed, f);
}

static bool int1(const struct trial *t, const struct outcome *n, const struct outcome *f)
{
	return is_op(t, 0xf1) && n->vector == UD_VECTOR && f->vector == DB_VECTOR;
}

static bool table24(const struct trial *t, const struct outcome *n, const struct outcome *f)
{
	static struct outcome fixed;

	if (t->w->bits != 64 || !is_op(t, 0x0f01) || t->insn[0] != 0x66)
		return false;
	fixed = *n;
	fixed.sregs.gdt.base = f->sregs.gdt.base;
	fixed.sregs.idt.base = f->sregs.idt.base;
	return !outcome_differs(t, &fixed, f);
}

static bool xsetbv(const struct trial *t, const struct outcome *n, const struct outcome *f)
{
	return t->w->cpl && is_op_reg(t, 0x0f01, 2) && is_gp0(n) && f->vector == UD_VECTOR;
}

static bool cr_reserved(const struct trial *t, const struct outcome *n, const struct outcome *f)
{
	(void)n;
	return (is_op_reg(t, 0x0f22, 3) || is_op_reg(t, 0x0f22, 0)) && is_gp0(f) &&
	       t->regs.rsi >> 32;
}

static bool msr_canonical(const struct trial *t, const struct outcome *n, const struct outcome *f)
{
	return is_op(t, 0x0f30) && n->done && is_gp0(f) &&
	       (long)((u64)t->regs.rdx << 32) >> 47 != 0 && (long)((u64)t->regs.rdx << 32) >> 47 != -1;
}

/* SYSENTER_ESP and _EIP: AMD's processors make them canonical, as the emulator does. */
static bool sysenter_address(const struct trial *t, const struct outcome *n,
			     const struct outcome *f)
{
	unsigned int i = t->regs.rcx - 0x174;
	static struct outcome fixed;

	if (!is_op(t, 0x0f30) || (i != 1 && i != 2) ||
	    (u64)((long)(n->msr[i] << 16) >> 16) != f->msr[i])
		return false;
	fixed = *n;
	fixed.msr[i] = f->msr[i];
	return !outcome_differs(t, &fixed, f);
}

static bool sysenter_cs(const struct trial *t, const struct outcome *n, const struct outcome *f)
{
	return is_op(t, 0x0f30) && t->regs.rcx == 0x174 && n->done && f->done &&
	       n->msr[0] == (u16)f->msr[0] && f->msr[0] == t->regs.rax;
}

/* Alike but for the flags, which are @flags behind the emulator. */
static bool only_flags(const struct trial *t, const struct outcome *n, const struct outcome *f,
		       u64 flags)
{
	static struct outcome fixed;

	if (f->regs.rflags != flags)
		return false;
	fixed = *n;
	fixed.regs.rflags = flags;
	return !outcome_differs(t, &fixed, f);
}

static bool syscall_flags(const struct trial *t, const struct outcome *n, const struct outcome *f)
{
	/* The mask is the seventh MSR. */
	return is_op(t, 0x0f05) && only_flags(t, n, f, (t->regs.rflags & ~t->msr[6]) | FLAG_FIXED);
}

static bool sysret_flags(const struct trial *t, const struct outcome *n, const struct outcome *f)
{
	return is_op(t, 0x0f07) && t->w->bits != 64 && only_flags(t, n, f, t->regs.rflags | FLAG_IF);
}

static bool sysret_enabled(const struct trial *t, const struct outcome *n, const struct outcome *f)
{
	return is_op(t, 0x0f07) && !(t->sregs.efer & EFER_SCE) && is_gp0(n) &&
	       f->vector == UD_VECTOR;
}

static bool sysenter_lma(const struct trial *t, const struct outcome *n, const struct outcome *f)
{
	(void)n;
	return (is_op(t, 0x0f34) || is_op(t, 0x0f35)) && t->w->lma && f->vector == UD_VECTOR;
}

static bool lldt_null(const struct trial *t, const struct outcome *n, const struct outcome *f)
{
	static struct outcome fixed;

	if (!is_op_reg(t, 0x0f00, 2) || n->sregs.ldt.selector > 3 || n->sregs.ldt.limit ||
	    !f->sregs.ldt.unusable)
		return false;
	fixed = *n;
	fixed.sregs.ldt.unusable = 1;
	return !outcome_differs(t, &fixed, f);
}

static bool ltr_null(const struct trial *t, const struct outcome *n, const struct outcome *f)
{
	return is_op_reg(t, 0x0f00, 3) && n->done && n->sregs.tr.selector < 4 && is_gp0(f);
}

static bool lar_limit(const struct trial *t, const struct outcome *n, const struct outcome *f)
{
	static struct outcome fixed;

	if (!is_op(t, 0x0f02) || n->regs.rcx != (f->regs.rcx & ~0xf0000ull))
		return false;
	fixed = *n;
	fixed.regs.rcx = f->regs.rcx;
	return !outcome_differs(t, &fixed, f);
}

/* The descriptor that a ModRM.rm operand of RSI or the data page names. */
static u64 operand_desc(const struct trial *t)
{
	u8 modrm;
	u16 selector;

	opcode(t, &modrm);
	selector = modrm >= 0xc0 ? t->regs.rsi : get_bytes(t->arena + AT_DATA, 2);
	return selector & 4 ? 0 : get_bytes(t->arena + AT_GDT + (selector & 0xff8), 8);
}

/* 16-bit TSS and gates do not exist in long mode: ZF is cleared. */
static bool lar_long(const struct trial *t, const struct outcome *n, const struct outcome *f)
{
	u64 desc = operand_desc(t);
	unsigned int type = desc >> 40 & 0x1f;

	return t->w->lma && (is_op(t, 0x0f02) || is_op(t, 0x0f03)) &&
	       (type == 1 || type == 3 || type == 4 || type == 5) &&
	       (n->regs.rflags & FLAG_ZF) && !(f->regs.rflags & FLAG_ZF) &&
	       f->regs.rcx == t->regs.rcx;
}

/* The descriptor that far.c and the like have of their own for code. */
static u64 own_code(const struct trial *t)
{
	return get_bytes(t->arena + AT_GDT + S_FREE, 8);
}

bool own_code_is_short(const struct trial *t)
{
	return !(own_code(t) >> 48 & 0xf0 & F_G << 4) && (own_code(t) >> 48 & 0xf) <= 1;
}

static bool code_l_and_d(const struct trial *t, const struct outcome *n, const struct outcome *f)
{
	return t->w->lma && (own_code(t) >> 53 & 3) == 3 && n->error != S_FREE &&
	       f->vector == GP_VECTOR && f->error == S_FREE;
}

static bool call_limit(const struct trial *t, const struct outcome *n, const struct outcome *f)
{
	return (is_op_reg(t, 0xff, 3) || is_op(t, 0x9a)) && own_code_is_short(t) &&
	       n->vector == GP_VECTOR && n->error == S_FREE && is_gp0(f);
}

static bool return_limit(const struct trial *t, const struct outcome *n, const struct outcome *f)
{
	return (is_op(t, 0xca) || is_op(t, 0xcb) || is_op(t, 0xcf)) && own_code_is_short(t) &&
	       n->done && is_gp0(f);
}

static bool iret_vif(const struct trial *t, const struct outcome *n, const struct outcome *f)
{
	return is_op(t, 0xcf) && only_flags(t, n, f, n->regs.rflags | (f->regs.rflags & 0x180000));
}

static bool iret_vm(const struct trial *t, const struct outcome *n, const struct outcome *f)
{
	return is_op(t, 0xcf) && (t->w->cpl || t->w->lma) && n->regs.rflags & 1u << 17 &&
	       f->vector == GP_VECTOR && f->error == CODE_GPA >> 4;
}

static bool return_ss_absent(const struct trial *t, const struct outcome *n, const struct outcome *f)
{
	return (is_op(t, 0xca) || is_op(t, 0xcb) || is_op(t, 0xcf)) && n->vector == NP_VECTOR &&
	       f->vector == SS_VECTOR && n->error == f->error;
}

/* CR2 is the descriptor's, or its second half's. */
static bool accessed_half(const struct trial *t, const struct outcome *n, const struct outcome *f)
{
	static struct outcome fixed;

	if (n->vector != PF_VECTOR || n->sregs.cr2 - f->sregs.cr2 != 4 || !(n->error & 2))
		return false;
	fixed = *n;
	fixed.sregs.cr2 = f->sregs.cr2;
	return !outcome_differs(t, &fixed, f);
}

static bool idt_error(const struct trial *t, const struct outcome *n, const struct outcome *f)
{
	static struct outcome fixed;
	u64 frame = n->regs.rsp - ARENA_GPA;

	if (!t->w->lma || n->vector != f->vector || (n->error & 7) != 2 || frame >= ARENA_SIZE - 8 ||
	    n->error >> 4 != f->error >> 3 || (f->error & 7) != 2)
		return false;
	fixed = *n;
	fixed.error = f->error;
	memcpy(fixed.arena + frame, &f->error, 8);
	return !outcome_differs(t, &fixed, f);
}

static bool gate_present(const struct trial *t, const struct outcome *n, const struct outcome *f)
{
	return t->w->lma && (is_op_reg(t, 0xff, 3) || is_op_reg(t, 0xff, 5)) &&
	       n->vector == NP_VECTOR && f->vector == GP_VECTOR && n->error == f->error;
}

bool is_far_branch(const struct trial *t)
{
	return is_op_reg(t, 0xff, 3) || is_op_reg(t, 0xff, 5) || is_op(t, 0x9a) || is_op(t, 0xea);
}

/* Through a gate, the CPL stays and so has to the RPL. */
static bool conforming_rpl(const struct trial *t, const struct outcome *n, const struct outcome *f)
{
	static struct outcome fixed;

	if (!is_far_branch(t) || !(f->sregs.cs.type & 4) ||
	    (f->sregs.cs.selector & 3) != t->w->cpl || (n->sregs.cs.selector ^ f->sregs.cs.selector) > 3)
		return false;
	fixed = *n;
	fixed.sregs.cs.selector = f->sregs.cs.selector;
	return !outcome_differs(t, &fixed, f) || far_accessed(t, &fixed, f);
}

static bool jmp_gate_absent(const struct trial *t, const struct outcome *n, const struct outcome *f)
{
	return is_op_reg(t, 0xff, 5) && n->vector == GP_VECTOR && f->vector == NP_VECTOR &&
	       n->error == f->error && !(own_code(t) >> 47 & 1);
}

static bool gate_limit(const struct trial *t, const struct outcome *n, const struct outcome *f)
{
	return (is_op_reg(t, 0xff, 3) || is_op(t, 0xcd)) && own_code_is_short(t) && n->vector < 0 &&
	       is_gp0(f);
}

/* The TSS has all of ESP, and the manuals load all of it. */
static bool stack16(const struct trial *t, const struct outcome *n, const struct outcome *f)
{
	static struct outcome fixed;

	if (n->sregs.ss.db || f->sregs.ss.db || (n->regs.rsp ^ f->regs.rsp) & 0xffff ||
	    f->regs.rsp >> 16)
		return false;
	fixed = *n;
	fixed.regs.rsp = f->regs.rsp;
	return !outcome_differs(t, &fixed, f);
}

/* The fault is the instruction's, not the target's. */
static bool gate_canonical(const struct trial *t, const struct outcome *n, const struct outcome *f)
{
	u64 frame = f->regs.rsp - ARENA_GPA;

	return t->w->lma && (is_far_branch(t) || is_op(t, 0xcd)) && is_gp0(n) && is_gp0(f) &&
	       frame < ARENA_SIZE - 48 &&
	       get_bytes(f->arena + frame + 8, 8) == CODE_GPA + INSN_AT;
}

static bool int_vm86(const struct trial *t, const struct outcome *n, const struct outcome *f)
{
	unsigned int dpl = own_code(t) >> 45 & 3;

	(void)n;
	return t->w->vm86 && is_op(t, 0xcd) && (dpl == 1 || dpl == 2) && f->vector == GP_VECTOR &&
	       f->error == S_FREE;
}

/* Intel's and AMD's descriptions of INT have it for another privilege level only. */
static bool ist_ss(const struct trial *t, const struct outcome *n, const struct outcome *f)
{
	static struct outcome fixed;

	if (t->w->cpl || !t->w->lma || !is_op(t, 0xcd) || n->sregs.ss.selector ||
	    f->sregs.ss.selector != t->sregs.ss.selector)
		return false;
	fixed = *n;
	fixed.sregs.ss = t->sregs.ss;
	return !outcome_differs(t, &fixed, f);
}

/* The new task runs. */
static bool has_switched(const struct outcome *f)
{
	return (f->sregs.tr.selector & ~3) == S_TSS32 || (f->sregs.tr.selector & ~3) == S_TSS16;
}

static bool task_upper_halves(const struct trial *t, const struct outcome *n,
			      const struct outcome *f)
{
	static struct outcome fixed;
	unsigned long long *to;
	const unsigned long long *from = &f->regs.rax;
	unsigned int i;

	if ((f->sregs.tr.selector & ~3) != S_TSS16)
		return false;
	fixed = *n;
	for (to = &fixed.regs.rax, i = 0; i < 8; i++)
		to[i] = (to[i] & 0xffff) | (from[i] & ~0xffffull);
	return !outcome_differs(t, &fixed, f);
}

static bool task_trap(const struct trial *t, const struct outcome *n, const struct outcome *f)
{
	return has_switched(f) && n->done && f->vector == DB_VECTOR &&
	       t->arena[AT_TSS32 + 0x64] & 1;
}

/*
 * The new task has some of its data segments when another one faults; TCG reports
 * EIP of the old task.
 */
static bool task_order(const struct trial *t, const struct outcome *n, const struct outcome *f)
{
	static struct outcome fixed;
	u64 at;

	if (!has_switched(f) || f->vector < 0)
		return false;
	fixed = *n;
	fixed.sregs.ds = f->sregs.ds;
	fixed.sregs.es = f->sregs.es;
	fixed.sregs.fs = f->sregs.fs;
	fixed.sregs.gs = f->sregs.gs;
	/* EIP is behind the error code. */
	at = f->regs.rsp - ARENA_GPA + (f->sregs.cs.db ? 4 : 2);
	if (at < ARENA_SIZE - 4)
		memcpy(fixed.arena + at, f->arena + at, f->sregs.cs.db ? 4 : 2);
	return !outcome_differs(t, &fixed, f);
}

static bool task_ldt(const struct trial *t, const struct outcome *n, const struct outcome *f)
{
	static struct outcome fixed;

	if (!has_switched(f) || (n->sregs.ldt.selector | 4) != f->sregs.ldt.selector)
		return false;
	fixed = *n;
	fixed.sregs.ldt.selector = f->sregs.ldt.selector;
	return !outcome_differs(t, &fixed, f);
}

static bool task_ss_absent(const struct trial *t, const struct outcome *n, const struct outcome *f)
{
	(void)t;
	return has_switched(f) && n->vector == NP_VECTOR && f->vector == SS_VECTOR;
}

static bool no_trap(const struct trial *t, const struct outcome *n, const struct outcome *f)
{
	return t->regs.rflags & FLAG_TF && n->done && f->vector == DB_VECTOR &&
	       (is_op(t, 0x90) || is_op(t, 0xfb) || is_op(t, 0x0fb2) || (is_op(t, 0x0f07) && t->w->bits != 64));
}

static bool arpl_write(const struct trial *t, const struct outcome *n, const struct outcome *f)
{
	return is_op(t, 0x63) && n->vector == PF_VECTOR && n->error & 2 && f->done &&
	       !(f->regs.rflags & FLAG_ZF);
}

static bool flush(const struct trial *t, const struct outcome *n, const struct outcome *f)
{
	return (is_op_reg(t, 0x0fae, 7) || is_op_reg(t, 0x0fae, 6)) && n->done &&
	       (f->vector == PF_VECTOR || is_gp0(f));
}

static struct known differences[] = {
	{ "TCG does not mark segments accessed in far branches", far_accessed },
	{ "TCG returns to a NULL SS that is usable", null_ss_usable },
	{ "TCG does not load VIF and VIP in IRET", iret_vif },
	{ "TCG returns to virtual-8086 mode from any level and from long mode", iret_vm },
	{ "TCG has #NP for a return to a stack segment that is not present", return_ss_absent },
	{ "TCG loads a NULL SS whatever its RPL", null_ss_rpl },
	{ "TCG has no INT1", int1 },
	{ "TCG lets 66 cut the base to 24 bits in 64-bit code, too", table24 },
	{ "TCG looks at the privilege before CR4.OSXSAVE", xsetbv },
	{ "TCG takes reserved bits of CR0 and CR3", cr_reserved },
	{ "TCG takes addresses into MSRs that are not canonical", msr_canonical },
	{ "TCG keeps SYSENTER's addresses as they are", sysenter_address },
	{ "TCG keeps 16 bits of SYSENTER_CS", sysenter_cs },
	{ "TCG loses the arithmetic flags in SYSCALL", syscall_flags },
	{ "TCG takes the flags of a SYSRET in compatibility mode from R11", sysret_flags },
	{ "TCG looks at CR0.PE before EFER.SCE", sysret_enabled },
	{ "TCG has AMD's SYSENTER and SYSEXIT in compatibility mode", sysenter_lma },
	{ "TCG keeps LDTR usable when NULL is loaded", lldt_null },
	{ "TCG loads NULL into TR", ltr_null },
	{ "TCG lets LAR and LSL look at 16-bit descriptors in long mode", lar_long },
	{ "TCG takes a code segment with L and D", code_l_and_d },
	{ "TCG reports the selector when CALL goes beyond the limit", call_limit },
	{ "TCG returns beyond the limit", return_limit },
	{ "processors differ in which part of a descriptor they mark accessed", accessed_half },
	{ "TCG multiplies the vector by 16 in error codes of long mode", idt_error },
	{ "the upper half of a call gate may be looked at before it is present", gate_present },
	{ "TCG gives conforming code the RPL of its DPL behind a gate", conforming_rpl },
	{ "TCG has #GP for JMP through a gate to a segment that is not present", jmp_gate_absent },
	{ "TCG goes through gates beyond the limit", gate_limit },
	{ "TCG keeps the upper half of ESP when an inner stack has 16 bits", stack16 },
	{ "TCG goes through gates to what is not canonical", gate_canonical },
	{ "TCG leaves virtual-8086 mode for CPL 1 and 2", int_vm86 },
	{ "TCG loads NULL into SS at CPL 0 when a gate has an IST", ist_ss },
	{ "a 16-bit TSS leaves the upper halves of registers undefined", task_upper_halves },
	{ "TCG knows no debug trap of a TSS", task_trap },
	{ "processors differ in the order in which a task gets its data segments", task_order },
	{ "TCG drops TI of a bad LDT selector", task_ldt },
	{ "TCG has #NP for a task whose stack segment is not present", task_ss_absent },
	{ "TCG's ARPL writes what it does not change", arpl_write },
	{ "TCG does not trap after PAUSE, STI, LSS, and SYSRET to compatibility mode", no_trap },
	{ "TCG's CLFLUSH and CLWB do not look at memory", flush },
	{ "LAR leaves the limit's bits undefined", lar_limit },
	{ NULL }
};

static const char *find_known(struct known *k, const struct trial *t, const struct outcome *n,
			      const struct outcome *f)
{
	for (; k->reason; k++) {
		if (!k->applies(t, n, f))
			continue;
		k->met++;
		return k->reason;
	}
	return NULL;
}

/* Some of what TCG's entries look for Bochs has, too. */
const char *known_difference(const struct trial *t, const struct outcome *n,
			     const struct outcome *f)
{
	const char *reason = NULL;

	if (machine_is_bochs())
		reason = find_known(bochs_differences, t, n, f);
	return reason ? reason : find_known(differences, t, n, f);
}

/* ---- not even tried ------------------------------------------------------------------- */

/* Intel's have a 64-bit offset, AMD's and TCG ignore REX.W. */
static bool far_pointer64(const struct trial *t)
{
	return t->w->bits == 64 && t->insn[0] == 0x48 &&
	       (is_op(t, 0x0fb2) || is_op(t, 0x0fb4) || is_op(t, 0x0fb5) ||
		is_op_reg(t, 0xff, 3) || is_op_reg(t, 0xff, 5));
}

static bool vmcall_elsewhere(const struct trial *t)
{
	return !kvm_is_ours() && is_op(t, 0x0f01) && t->insn[t->len - 1] == 0xc1;
}

/* cross_vendor looks at it. */
static bool vmmcall_on_intel(const struct trial *t)
{
	return is_op(t, 0x0f01) && t->insn[t->len - 1] == 0xd9 &&
	       !strcmp(modules_vendor(), "kvm_intel");
}

static struct {
	const char *reason;
	bool (*applies)(const struct trial *t);
	unsigned long met;
} excluded[] = {
	{ "VMMCALL becomes VMCALL, which takes no operand-size prefix", vmmcall_on_intel },
	{ "other modules patch VMCALL and come back to it", vmcall_elsewhere },
	{ "processors differ in what REX.W makes of a far pointer", far_pointer64 },
};

const char *must_not_run(const struct trial *t)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(excluded); i++) {
		if (!excluded[i].applies(t))
			continue;
		excluded[i].met++;
		return excluded[i].reason;
	}
	return NULL;
}

void report_known(void)
{
	struct known *k;
	unsigned int i;

	for (k = differences; k->reason; k++)
		if (k->met)
			note("excluded %lu times: %s", k->met, k->reason);
	for (k = bochs_differences; k->reason; k++)
		if (k->met)
			note("excluded %lu times: %s", k->met, k->reason);
	for (i = 0; i < ARRAY_SIZE(excluded); i++)
		if (excluded[i].met)
			note("not tried %lu times: %s", excluded[i].met, excluded[i].reason);
}
