// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hardware task switches. Up to the point where the new task's CR3 counts, a
 * fault belongs to the old task and leaves its registers alone; behind it, it
 * belongs to the new task, which then is entered with X86_TRAP_FAULT.
 */
#include "emulate/segment.h"

#define TSS_TRAP		0x64	/* 32-bit TSS: bit 0 is the T bit */
#define TSS32_CR3		0x1c
#define TSS_MAX			0x68
#define NR_TASK_REGS		8	/* EAX to EDI */

#define DR7_LOCAL_ENABLE	(BIT(0) | BIT(2) | BIT(4) | BIT(6))
#define EFLAGS_TASK		(EFLG_ARITH | EFLG_TF | EFLG_IF | EFLG_DF | EFLG_IOPL | EFLG_NT | \
				 EFLG_RF | EFLG_VM | EFLG_AC | EFLG_VIF | EFLG_VIP | EFLG_ID)

/* Descriptors may change under a locked update; so often it is tried again. */
#define MAX_TRIES		4

/*
 * What a switch saves and loads lies together, in words of @word bytes: EIP,
 * EFLAGS, eight registers, segment registers; then, loaded only, the LDTR.
 */
struct tss_layout {
	u8 word;
	u8 start;
	u8 segs;		/* ES, CS, SS, DS, FS, GS */
	u8 size;
};

static const struct tss_layout tss16 = { .word = 2, .start = 0x0e, .segs = 4, .size = 0x2c };
static const struct tss_layout tss32 = { .word = 4, .start = 0x20, .segs = 6, .size = 0x68 };

/* Order of the segment registers in a TSS: that of enum x86emul_seg. */
struct task_state {
	u32 cr3, eip, eflags;
	u32 regs[NR_TASK_REGS];
	u16 segs[X86_SEG_GS + 1];
	u16 ldt;
	bool trap;
};

struct task_switch {
	enum x86emul_task_switch reason;
	const u32 *error_code;		/* of the exception that the gate is for, or NULL */
	struct x86_segment old_tr, tr;
	struct segment_desc old_desc, desc;
	struct task_state new;
	struct new_segment segs[X86_SEG_LDTR + 1];
	/* To go back to when the switch cannot be emulated after all. */
	u64 old_raw, raw, cr0, cr3, dr7;
	struct x86_segment old_ldt;
	unsigned long eflags, eip;
	u8 cpl;
};

static const struct tss_layout *tss_layout(const struct x86_segment *tr)
{
	return segment_type(tr) & SYS_32 ? &tss32 : &tss16;
}

static bool is_nested(const struct task_switch *ts)
{
	return ts->reason == X86EMUL_TASK_CALL || ts->reason == X86EMUL_TASK_GATE;
}

static u32 tss_get(const u8 *tss, unsigned int offset, unsigned int bytes)
{
	u32 val = 0;

	memcpy(&val, tss + offset, bytes);
	return val;
}

static void unpack_task(const u8 *tss, const struct tss_layout *l, struct task_state *s)
{
	unsigned int i, at = l->start;

	memset(s, 0, sizeof(*s));
	s->eip = tss_get(tss, at, l->word);
	s->eflags = tss_get(tss, at += l->word, l->word) & EFLAGS_TASK;
	for (i = 0; i < NR_TASK_REGS; i++)
		s->regs[i] = tss_get(tss, at += l->word, l->word);
	for (i = 0; i < l->segs; i++)
		s->segs[i] = tss_get(tss, at += l->word, 2);
	s->ldt = tss_get(tss, at + l->word, 2);
	if (l == &tss32) {
		s->cr3 = tss_get(tss, TSS32_CR3, 4);
		s->trap = tss_get(tss, TSS_TRAP, 1) & 1;
	}
}

/* The old task's state into @tss, whose reserved halves of words stay. */
static void pack_task(struct x86_emulate_ctxt *ctxt, const struct task_switch *ts, u8 *tss,
		      const struct tss_layout *l)
{
	u32 eip = ctxt->_eip, eflags = ctxt->eflags, val;
	struct x86_segment var;
	unsigned int i;

	/* A task that returns is not nested any more. */
	if (ts->reason == X86EMUL_TASK_IRET)
		eflags &= ~(u32)EFLG_NT;
	memcpy(tss, &eip, l->word);
	memcpy(tss += l->word, &eflags, l->word);
	for (i = 0; i < NR_TASK_REGS; i++) {
		val = reg_read(ctxt, i);
		memcpy(tss += l->word, &val, l->word);
	}
	for (i = 0; i < l->segs; i++) {
		ctxt->ops->get_segment(ctxt, i, &var);
		memcpy(tss += l->word, &var.selector, sizeof(var.selector));
	}
}

static unsigned int saved_bytes(const struct tss_layout *l)
{
	return l->word * (2 + NR_TASK_REGS + l->segs);
}

/* The descriptor of the TSS to go to: it has to be one, and busy only for a return. */
static int check_new_tss(struct x86_emulate_ctxt *ctxt, u16 selector, struct task_switch *ts)
{
	bool ret = ts->reason == X86EMUL_TASK_IRET;

	unpack_descriptor(&ts->desc, selector, &ts->tr);
	if ((ts->tr.attr & X86_SEG_S) || !is_tss_type(segment_type(&ts->tr)) ||
	    !(segment_type(&ts->tr) & SYS_BUSY) == ret)
		return emulate_exception(ctxt, ret ? EXC_TS : EXC_GP, SELECTOR_ERROR(selector),
					 true);
	if (!(ts->tr.attr & X86_SEG_P))
		return emulate_exception(ctxt, EXC_NP, SELECTOR_ERROR(selector), true);
	if (ts->tr.limit < tss_layout(&ts->tr)->size - 1)
		return emulate_exception(ctxt, EXC_TS, SELECTOR_ERROR(selector), true);
	ts->tr.attr |= SYS_BUSY;
	return X86EMUL_CONTINUE;
}

/* The TSS to leave, and its descriptor where the busy bit is to be cleared. */
static int check_old_tss(struct x86_emulate_ctxt *ctxt, struct task_switch *ts)
{
	const struct tss_layout *l;

	ctxt->ops->get_segment(ctxt, X86_SEG_TR, &ts->old_tr);
	l = tss_layout(&ts->old_tr);
	if (ts->old_tr.limit < l->start + saved_bytes(l) - 1)
		return emulate_exception(ctxt, EXC_TS, SELECTOR_ERROR(ts->old_tr.selector), true);
	if (is_nested(ts))
		return X86EMUL_CONTINUE;
	return read_descriptor(ctxt, ts->old_tr.selector, false, EXC_TS, &ts->old_desc);
}

/*
 * Every page of both TSSs, so that nothing faults between their first and last
 * change. In a device they are not emulated.
 */
static int probe_tss(struct x86_emulate_ctxt *ctxt, const struct task_switch *ts)
{
	const u32 flags = X86EMUL_F_IMPLICIT | X86EMUL_F_PROBE | X86EMUL_F_RAM;
	const struct tss_layout *l = tss_layout(&ts->old_tr);
	u8 tss[TSS_MAX] = { };
	int rc;

	rc = linear_read(ctxt, ts->tr.base, tss, tss_layout(&ts->tr)->size, flags);
	if (rc == X86EMUL_CONTINUE)
		rc = linear_write(ctxt, linear_add(ctxt, ts->old_tr.base, l->start), tss,
				  saved_bytes(l), flags);
	if (rc == X86EMUL_CONTINUE && is_nested(ts))
		rc = linear_write(ctxt, ts->tr.base, tss, sizeof(u16), flags);
	return rc == X86EMUL_NOT_RAM ? X86EMUL_UNHANDLEABLE : rc;
}

static int save_task(struct x86_emulate_ctxt *ctxt, const struct task_switch *ts)
{
	const struct tss_layout *l = tss_layout(&ts->old_tr);
	unsigned long la = linear_add(ctxt, ts->old_tr.base, l->start);
	unsigned int bytes = saved_bytes(l);
	u8 tss[TSS_MAX];
	int rc;

	rc = linear_read(ctxt, la, tss, bytes, X86EMUL_F_IMPLICIT);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	pack_task(ctxt, ts, tss, l);
	return linear_write(ctxt, la, tss, bytes, X86EMUL_F_IMPLICIT);
}

static int read_task(struct x86_emulate_ctxt *ctxt, struct task_switch *ts)
{
	const struct tss_layout *l = tss_layout(&ts->tr);
	u8 tss[TSS_MAX];
	int rc = linear_read(ctxt, ts->tr.base, tss, l->size, X86EMUL_F_IMPLICIT);

	if (rc == X86EMUL_CONTINUE)
		unpack_task(tss, l, &ts->new);
	return rc;
}

static int change_desc(struct x86_emulate_ctxt *ctxt, const struct segment_desc *desc, u64 old,
		       u64 new)
{
	int rc = X86EMUL_CONTINUE;

	if (old != new)
		rc = linear_cmpxchg(ctxt, desc->la, &old, &new, sizeof(new), X86EMUL_F_IMPLICIT);
	return rc == X86EMUL_CMPXCHG_FAILED ? X86EMUL_RETRY_INSTR : rc;
}

/* The new task becomes busy, unless it is; the old one stays so only as what nests it. */
static int change_busy(struct x86_emulate_ctxt *ctxt, struct task_switch *ts)
{
	int rc;

	ts->raw = ts->desc.raw[0] | DESC_BUSY;
	ts->old_raw = ts->old_desc.raw[0] & ~DESC_BUSY;
	rc = change_desc(ctxt, &ts->desc, ts->desc.raw[0], ts->raw);
	if (rc != X86EMUL_CONTINUE || is_nested(ts))
		return rc;
	rc = change_desc(ctxt, &ts->old_desc, ts->old_desc.raw[0], ts->old_raw);
	if (rc != X86EMUL_CONTINUE)
		change_desc(ctxt, &ts->desc, ts->raw, ts->desc.raw[0]);
	return rc;
}

/* CR0.TS, DR7 and CR3 of the new task. */
static int load_control(struct x86_emulate_ctxt *ctxt, struct task_switch *ts)
{
	const struct x86_emulate_ops *ops = ctxt->ops;
	int rc = X86EMUL_CONTINUE;

	ts->cr0 = ops->get_cr(ctxt, 0);
	ts->cr3 = ops->get_cr(ctxt, 3);
	ts->dr7 = ops->get_dr(ctxt, 7);
	if (!(ts->cr0 & CR0_TS))
		rc = ops->set_cr(ctxt, 0, ts->cr0 | CR0_TS);
	if (rc == X86EMUL_CONTINUE && (ts->dr7 & DR7_LOCAL_ENABLE))
		rc = ops->set_dr(ctxt, 7, ts->dr7 & ~(u64)DR7_LOCAL_ENABLE);
	if (rc == X86EMUL_CONTINUE && (ts->cr0 & CR0_PG) && (segment_type(&ts->tr) & SYS_32) &&
	    ts->new.cr3 != ts->cr3)
		rc = ops->set_cr(ctxt, 3, ts->new.cr3);
	return rc;
}

/* The old task goes on as if nothing had been; only its TSS is up to date. */
static void undo_switch(struct x86_emulate_ctxt *ctxt, const struct task_switch *ts)
{
	const struct x86_emulate_ops *ops = ctxt->ops;

	if (ops->get_cr(ctxt, 3) != ts->cr3)
		ops->set_cr(ctxt, 3, ts->cr3);
	if (ops->get_dr(ctxt, 7) != ts->dr7)
		ops->set_dr(ctxt, 7, ts->dr7);
	if (ops->get_cr(ctxt, 0) != ts->cr0)
		ops->set_cr(ctxt, 0, ts->cr0);
	ops->set_segment(ctxt, X86_SEG_LDTR, &ts->old_ldt);
	ctxt->eflags = ts->eflags;
	ctxt->_eip = ts->eip;
	ctxt->cpl = ts->cpl;
	if (!is_nested(ts))
		change_desc(ctxt, &ts->old_desc, ts->old_raw, ts->old_desc.raw[0]);
	change_desc(ctxt, &ts->desc, ts->raw, ts->desc.raw[0]);
}

static void load_registers(struct x86_emulate_ctxt *ctxt, const struct task_switch *ts)
{
	unsigned int i;

	for (i = 0; i < NR_TASK_REGS; i++)
		reg_write(ctxt, i, ts->new.regs[i]);
	ctxt->_eip = ts->new.eip;
	ctxt->eflags = ts->new.eflags | EFLG_FIXED;
	if (is_nested(ts))
		ctxt->eflags |= EFLG_NT;
	ctxt->cpl = ctxt->eflags & EFLG_VM ? 3 : ts->new.segs[X86_SEG_CS] & SELECTOR_RPL;
}

/* What the segment registers are until their descriptors are found good. */
static void name_segments(struct x86_emulate_ctxt *ctxt, struct task_switch *ts)
{
	struct new_segment *s = ts->segs;
	unsigned int i;

	for (i = X86_SEG_ES; i <= X86_SEG_GS; i++) {
		s[i].has_desc = false;
		if (ctxt->eflags & EFLG_VM)
			vm86_segment(ts->new.segs[i], &s[i].var);
		else
			null_segment(ts->new.segs[i], &s[i].var);
	}
	null_segment(ts->new.ldt, &s[X86_SEG_LDTR].var);
	s[X86_SEG_LDTR].has_desc = false;
	ctxt->ops->set_segment(ctxt, X86_SEG_LDTR, &s[X86_SEG_LDTR].var);
	if (ctxt->eflags & EFLG_VM)
		return;
	/* Code cannot be without attributes, and SS has the CPL. */
	ctxt->ops->get_segment(ctxt, X86_SEG_CS, &s[X86_SEG_CS].var);
	s[X86_SEG_CS].var.selector = ts->new.segs[X86_SEG_CS];
	s[X86_SEG_SS].var.attr |= ctxt->cpl << X86_SEG_DPL_SHIFT;
}

static int check_ldt(struct x86_emulate_ctxt *ctxt, u16 selector, struct new_segment *ldt)
{
	struct segment_desc desc;
	struct x86_segment var;
	int rc;

	if (selector_is_null(selector))
		return X86EMUL_CONTINUE;
	if (selector & SELECTOR_TI)
		return emulate_exception(ctxt, EXC_TS, SELECTOR_ERROR(selector), true);
	rc = read_descriptor(ctxt, selector, false, EXC_TS, &desc);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	unpack_descriptor(&desc, selector, &var);
	if ((var.attr & (X86_SEG_S | X86_SEG_TYPE_MASK | X86_SEG_P)) != (SYS_LDT | X86_SEG_P))
		return emulate_exception(ctxt, EXC_TS, SELECTOR_ERROR(selector), true);
	ldt->var = var;
	ctxt->ops->set_segment(ctxt, X86_SEG_LDTR, &var);
	return X86EMUL_CONTINUE;
}

static int check_task_segment(struct x86_emulate_ctxt *ctxt, int seg, u16 selector,
			      struct new_segment *s)
{
	struct far_target target;
	int rc;

	switch (seg) {
	case X86_SEG_LDTR:
		return check_ldt(ctxt, selector, s);
	case X86_SEG_CS:
		rc = check_code_segment(ctxt, selector, CS_TASK, &target);
		*s = target.cs;
		return rc;
	case X86_SEG_SS:
		if (selector_is_null(selector))
			return emulate_exception(ctxt, EXC_TS, 0, true);
		return check_stack_segment(ctxt, selector, ctxt->cpl, EXC_TS, s);
	}
	return check_data_segment(ctxt, selector, ctxt->cpl, EXC_TS, s);
}

static int load_task_segment(struct x86_emulate_ctxt *ctxt, struct task_switch *ts, int seg)
{
	u16 selector = seg == X86_SEG_LDTR ? ts->new.ldt : ts->new.segs[seg];
	struct new_segment s = ts->segs[seg];
	int tries = MAX_TRIES, rc;

	do {
		rc = check_task_segment(ctxt, seg, selector, &s);
		if (rc == X86EMUL_CONTINUE)
			rc = mark_segment(ctxt, &s);
	} while (rc == X86EMUL_RETRY_INSTR && --tries);
	if (rc == X86EMUL_CONTINUE)
		ts->segs[seg] = s;
	return rc;
}

static int push_error_code(struct x86_emulate_ctxt *ctxt, const struct task_switch *ts)
{
	unsigned long val;
	struct far_stack st = {
		.ss = ts->segs[X86_SEG_SS], .sp = ts->new.regs[X86_REG_RSP],
		.width = ts->segs[X86_SEG_SS].var.attr & X86_SEG_DB ? 4 : 2,
	};
	int rc;

	if (!ts->error_code)
		return X86EMUL_CONTINUE;
	val = *ts->error_code;
	rc = push_frame(ctxt, &st, &val, 1, tss_layout(&ts->tr)->word);
	if (rc == X86EMUL_CONTINUE)
		reg_write(ctxt, X86_REG_RSP, st.sp);
	return rc;
}

/* Everything that is checked in the context of the new task. */
static int check_new_task(struct x86_emulate_ctxt *ctxt, struct task_switch *ts)
{
	static const u8 order[] = {
		X86_SEG_LDTR, X86_SEG_CS, X86_SEG_SS, X86_SEG_DS, X86_SEG_ES, X86_SEG_FS,
		X86_SEG_GS,
	};
	unsigned int i, n = ctxt->eflags & EFLG_VM ? 1 : sizeof(order);
	int rc = X86EMUL_CONTINUE;

	for (i = 0; i < n && rc == X86EMUL_CONTINUE; i++)
		rc = load_task_segment(ctxt, ts, order[i]);
	if (rc == X86EMUL_CONTINUE)
		rc = push_error_code(ctxt, ts);
	if (rc == X86EMUL_CONTINUE && ts->new.eip > ts->segs[X86_SEG_CS].var.limit)
		rc = emulate_gp(ctxt, 0);
	return rc;
}

/* Nothing but a fault of the new task can keep it from running now. */
static int load_task(struct x86_emulate_ctxt *ctxt, struct task_switch *ts)
{
	unsigned int i;
	int rc;

	ctxt->ops->get_segment(ctxt, X86_SEG_LDTR, &ts->old_ldt);
	ts->eflags = ctxt->eflags;
	ts->eip = ctxt->_eip;
	ts->cpl = ctxt->cpl;
	rc = load_control(ctxt, ts);
	if (rc == X86EMUL_CONTINUE) {
		load_registers(ctxt, ts);
		name_segments(ctxt, ts);
		rc = check_new_task(ctxt, ts);
		ctxt->trap = ts->new.trap ? X86_TRAP_TASK : 0;
		if (rc == X86EMUL_PROPAGATE_FAULT) {
			ctxt->trap = X86_TRAP_FAULT;
			rc = X86EMUL_CONTINUE;
		}
	}
	if (rc != X86EMUL_CONTINUE) {
		undo_switch(ctxt, ts);
		return rc == X86EMUL_PROPAGATE_FAULT ? rc : X86EMUL_UNHANDLEABLE;
	}
	for (i = X86_SEG_ES; i <= X86_SEG_GS; i++)
		ctxt->ops->set_segment(ctxt, i, &ts->segs[i].var);
	ctxt->ops->set_segment(ctxt, X86_SEG_TR, &ts->tr);
	return X86EMUL_CONTINUE;
}

int switch_task(struct x86_emulate_ctxt *ctxt, u16 selector, struct segment_desc *desc,
		enum x86emul_task_switch reason, const u32 *error_code)
{
	struct task_switch ts = { .reason = reason, .error_code = error_code, .desc = *desc };
	u16 link;
	int rc;

	rc = check_new_tss(ctxt, selector, &ts);
	if (rc == X86EMUL_CONTINUE)
		rc = check_old_tss(ctxt, &ts);
	if (rc == X86EMUL_CONTINUE)
		rc = probe_tss(ctxt, &ts);
	if (rc == X86EMUL_CONTINUE)
		rc = save_task(ctxt, &ts);
	/* Only now: both may be the same memory. */
	if (rc == X86EMUL_CONTINUE)
		rc = read_task(ctxt, &ts);
	link = ts.old_tr.selector;
	if (rc == X86EMUL_CONTINUE && is_nested(&ts))
		rc = linear_write(ctxt, ts.tr.base, &link, sizeof(link), X86EMUL_F_IMPLICIT);
	if (rc == X86EMUL_CONTINUE)
		rc = change_busy(ctxt, &ts);
	return rc == X86EMUL_CONTINUE ? load_task(ctxt, &ts) : rc;
}

int enter_task(struct x86_emulate_ctxt *ctxt, u16 selector, enum x86emul_task_switch reason,
	       const u32 *error_code)
{
	int vec = reason == X86EMUL_TASK_IRET ? EXC_TS : EXC_GP;
	struct segment_desc desc;
	int rc;

	if (selector & SELECTOR_TI)
		return emulate_exception(ctxt, vec, SELECTOR_ERROR(selector), true);
	rc = read_descriptor(ctxt, selector, false, vec, &desc);
	return rc == X86EMUL_CONTINUE ? switch_task(ctxt, selector, &desc, reason, error_code) : rc;
}

int return_to_task(struct x86_emulate_ctxt *ctxt)
{
	struct x86_segment tr;
	u16 link = 0;
	int rc;

	ctxt->ops->get_segment(ctxt, X86_SEG_TR, &tr);
	if (tr.limit < sizeof(link) - 1)
		return emulate_exception(ctxt, EXC_TS, SELECTOR_ERROR(tr.selector), true);
	rc = linear_read(ctxt, tr.base, &link, sizeof(link), X86EMUL_F_IMPLICIT);
	return rc == X86EMUL_CONTINUE ? enter_task(ctxt, link, X86EMUL_TASK_IRET, NULL) : rc;
}

int emulate_task_switch(struct x86_emulate_ctxt *ctxt, u16 selector, int idt_index,
			enum x86emul_task_switch reason, const u32 *error_code)
{
	struct gate gate;
	int rc = X86EMUL_CONTINUE;

	if (idt_index >= 0)
		rc = read_interrupt_gate(ctxt, idt_index, true, &gate);
	ctxt->external = idt_index < 0 && reason == X86EMUL_TASK_GATE;
	if (rc == X86EMUL_CONTINUE)
		rc = enter_task(ctxt, selector, reason, error_code);
	ctxt->external = false;
	return rc;
}
