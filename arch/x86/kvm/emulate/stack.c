// SPDX-License-Identifier: GPL-2.0-only
/* The stack: frames, PUSH and POP in every form, flags, ENTER and LEAVE. */
#include "emulate/segment.h"

/* The largest frames: ENTER's of 31 levels in 64-bit mode, a call gate's with 31 parameters. */
#define MAX_FRAME	256
#define MAX_ITEMS	35

/* Bytes of rSP that address the stack: 64-bit mode, else SS.B. */
unsigned int stack_bytes(struct x86_emulate_ctxt *ctxt)
{
	struct x86_segment ss;

	if (mode_is_64(ctxt))
		return 8;
	ctxt->ops->get_segment(ctxt, X86_SEG_SS, &ss);
	return ss.attr & X86_SEG_DB ? 4 : 2;
}

void move_stack(struct x86_emulate_ctxt *ctxt, unsigned int bytes)
{
	reg_write_bytes(ctxt, X86_REG_RSP, reg_read(ctxt, X86_REG_RSP) + bytes, stack_bytes(ctxt));
}

int emulate_push(struct x86_emulate_ctxt *ctxt, unsigned long val, unsigned int bytes)
{
	unsigned int width = stack_bytes(ctxt);
	unsigned long sp = truncate_to(reg_read(ctxt, X86_REG_RSP) - bytes, width);
	int rc = segmented_write(ctxt, X86_SEG_SS, sp, &val, bytes);

	if (rc == X86EMUL_CONTINUE)
		reg_write_bytes(ctxt, X86_REG_RSP, sp, width);
	return rc;
}

int emulate_pop(struct x86_emulate_ctxt *ctxt, unsigned long *val, unsigned int bytes)
{
	unsigned int width = stack_bytes(ctxt);
	unsigned long sp = truncate_to(reg_read(ctxt, X86_REG_RSP), width);
	int rc;

	*val = 0;
	rc = segmented_read(ctxt, X86_SEG_SS, sp, val, bytes);
	if (rc == X86EMUL_CONTINUE)
		reg_write_bytes(ctxt, X86_REG_RSP, sp + bytes, width);
	return rc;
}

int em_push(struct x86_emulate_ctxt *ctxt)
{
	return emulate_push(ctxt, ctxt->dst.val, ctxt->op_bytes);
}

int em_pop(struct x86_emulate_ctxt *ctxt)
{
	return emulate_pop(ctxt, &ctxt->dst.val, ctxt->op_bytes);
}

int em_push_seg(struct x86_emulate_ctxt *ctxt)
{
	return emulate_push(ctxt, (u16)ctxt->dst.val, ctxt->op_bytes);
}

int em_pop_seg(struct x86_emulate_ctxt *ctxt)
{
	int seg = ctxt->dst.reg;
	unsigned long selector;
	int rc;

	ctxt->dst.type = OP_NONE;
	rc = emulate_pop(ctxt, &selector, ctxt->op_bytes);
	if (rc == X86EMUL_CONTINUE)
		rc = load_segment(ctxt, selector, seg);
	if (rc == X86EMUL_CONTINUE && seg == X86_SEG_SS)
		shadow_ss(ctxt);
	return rc;
}

void current_stack(struct x86_emulate_ctxt *ctxt, bool is_64, struct far_stack *st)
{
	ctxt->ops->get_segment(ctxt, X86_SEG_SS, &st->ss.var);
	st->ss.has_desc = false;
	st->load_ss = false;
	st->supervisor = false;
	st->error = 0;
	st->width = is_64 ? 8 : st->ss.var.attr & X86_SEG_DB ? 4 : 2;
	st->sp = reg_read(ctxt, X86_REG_RSP);
}

unsigned long stack_pointer(const struct far_stack *st, unsigned long offset)
{
	offset = truncate_to(offset, st->width);
	return st->width == 2 ? (st->sp & ~0xfffful) | offset : offset;
}

static int stack_address(struct x86_emulate_ctxt *ctxt, const struct far_stack *st,
			 unsigned long offset, unsigned int bytes, unsigned long *la)
{
	const struct x86_segment *ss = &st->ss.var;
	bool ok;

	if (st->width == 8) {
		ok = is_canonical(ctxt, offset) && is_canonical(ctxt, offset + bytes - 1);
		*la = offset;
	} else {
		ok = segment_covers(ss, offset, bytes) &&
		     (!mode_is_protected(ctxt) || segment_allows(ss, true));
		*la = (u32)(ss->base + offset);
	}
	return ok ? X86EMUL_CONTINUE : emulate_ss(ctxt, st->error);
}

/* One at a time: in a device, and where the stack pointer wraps. */
static int push_items(struct x86_emulate_ctxt *ctxt, const struct far_stack *st,
		      const unsigned long *vals, unsigned int n, unsigned int bytes, u32 flags)
{
	unsigned long la, offset = st->sp;
	unsigned int i;
	int rc;

	for (i = 0; i < n; i++) {
		offset = truncate_to(offset - bytes, st->width);
		rc = stack_address(ctxt, st, offset, bytes, &la);
		if (rc == X86EMUL_CONTINUE)
			rc = linear_write(ctxt, la, &vals[i], bytes, flags);
		if (rc != X86EMUL_CONTINUE)
			return rc;
	}
	return X86EMUL_CONTINUE;
}

/* A page fault is the first push's that meets the page: items of @bytes end at @top. */
static void set_first_fault(struct x86_emulate_ctxt *ctxt, unsigned long top, unsigned int bytes)
{
	unsigned long page = ctxt->exception.address & ~4095ul;
	unsigned long item = top - bytes;

	if (ctxt->exception.vector != EXC_PF || ctxt->exception.nested_page_fault)
		return;
	if (item > page + 4095)
		item -= (item - page - 4096 + bytes) / bytes * bytes;
	ctxt->exception.address = item > page ? item : page;
}

/* The frame as one write; X86EMUL_NOT_RAM when it cannot be one. */
static int write_frame(struct x86_emulate_ctxt *ctxt, const struct far_stack *st, const u8 *frame,
		       unsigned int size, unsigned int bytes, u32 flags)
{
	unsigned long la, top = truncate_to(st->sp, st->width);
	int rc;

	if (top < size || size > MAX_FRAME)
		return X86EMUL_NOT_RAM;
	rc = stack_address(ctxt, st, top - size, size, &la);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	rc = linear_write(ctxt, la, frame, size, flags);
	if (rc == X86EMUL_PROPAGATE_FAULT)
		set_first_fault(ctxt, la + size, bytes);
	return rc;
}

static u32 frame_flags(const struct far_stack *st)
{
	return st->supervisor ? X86EMUL_F_IMPLICIT : 0;
}

int probe_frame(struct x86_emulate_ctxt *ctxt, const struct far_stack *st, unsigned int n,
		unsigned int bytes)
{
	static const unsigned long none[MAX_ITEMS];
	u32 flags = frame_flags(st) | X86EMUL_F_PROBE;
	int rc = write_frame(ctxt, st, (const u8 *)none, n * bytes, bytes, flags);

	return rc == X86EMUL_NOT_RAM ? push_items(ctxt, st, none, n, bytes, flags) : rc;
}

int push_frame(struct x86_emulate_ctxt *ctxt, struct far_stack *st, const unsigned long *vals,
	       unsigned int n, unsigned int bytes)
{
	unsigned int i, size = n * bytes;
	u32 flags = frame_flags(st);
	u8 frame[MAX_FRAME];
	int rc;

	for (i = 0; i < n && size <= MAX_FRAME; i++)
		memcpy(frame + size - (i + 1) * bytes, &vals[i], bytes);
	rc = write_frame(ctxt, st, frame, size, bytes, flags | X86EMUL_F_RAM);
	if (rc == X86EMUL_NOT_RAM) {
		rc = push_items(ctxt, st, vals, n, bytes, flags | X86EMUL_F_PROBE);
		if (rc == X86EMUL_CONTINUE)
			rc = push_items(ctxt, st, vals, n, bytes, flags);
	}
	if (rc == X86EMUL_CONTINUE)
		st->sp = stack_pointer(st, st->sp - size);
	return rc;
}

void goto_stack(struct x86_emulate_ctxt *ctxt, const struct far_stack *st)
{
	if (st->load_ss)
		ctxt->ops->set_segment(ctxt, X86_SEG_SS, &st->ss.var);
	reg_write(ctxt, X86_REG_RSP, st->sp);
}

int emulate_push_frame(struct x86_emulate_ctxt *ctxt, const unsigned long *vals, unsigned int n,
		       unsigned int bytes)
{
	struct far_stack st;
	int rc;

	current_stack(ctxt, mode_is_64(ctxt), &st);
	rc = push_frame(ctxt, &st, vals, n, bytes);
	if (rc == X86EMUL_CONTINUE)
		goto_stack(ctxt, &st);
	return rc;
}

/* rSP is pushed as it was before the first push. */
int em_pusha(struct x86_emulate_ctxt *ctxt)
{
	unsigned long vals[8];
	unsigned int nr;

	for (nr = 0; nr < 8; nr++)
		vals[nr] = reg_read(ctxt, nr);
	return emulate_push_frame(ctxt, vals, 8, ctxt->op_bytes);
}

int em_popa(struct x86_emulate_ctxt *ctxt)
{
	unsigned int bytes = ctxt->op_bytes;
	unsigned long val;
	int nr, rc;

	for (nr = X86_REG_RDI; nr >= X86_REG_RAX; nr--) {
		rc = emulate_pop(ctxt, &val, bytes);
		if (rc != X86EMUL_CONTINUE)
			return rc;
		if (nr != X86_REG_RSP)
			reg_write_bytes(ctxt, nr, val, bytes);
	}
	return X86EMUL_CONTINUE;
}

/*
 * Virtual-8086 mode below IOPL 3: #GP, or with the virtual-mode extensions
 * (@vme) 16 bits of flags, where VIF stands for IF.
 */
static int check_vm86_flags(struct x86_emulate_ctxt *ctxt, bool *vme)
{
	*vme = false;
	if (ctxt->mode != X86EMUL_MODE_VM86 || (ctxt->eflags & EFLG_IOPL) == EFLG_IOPL)
		return X86EMUL_CONTINUE;
	*vme = ctxt->op_bytes == 2 && (ctxt->ops->get_cr(ctxt, 4) & CR4_VME);
	return *vme ? X86EMUL_CONTINUE : emulate_gp(ctxt, 0);
}

unsigned long vme_flags_image(const struct x86_emulate_ctxt *ctxt)
{
	unsigned long flags = ctxt->eflags | EFLG_IOPL;

	return ctxt->eflags & EFLG_VIF ? flags | EFLG_IF : flags & ~EFLG_IF;
}

int vme_set_flags(struct x86_emulate_ctxt *ctxt, unsigned long popped)
{
	unsigned long change = EFLG_ARITH | EFLG_TF | EFLG_DF | EFLG_NT;

	if ((popped & EFLG_TF) || ((popped & EFLG_IF) && (ctxt->eflags & EFLG_VIP)))
		return emulate_gp(ctxt, 0);
	ctxt->eflags = (ctxt->eflags & ~(change | EFLG_VIF)) | (popped & change) | EFLG_FIXED;
	if (popped & EFLG_IF)
		ctxt->eflags |= EFLG_VIF;
	return X86EMUL_CONTINUE;
}

int em_pushf(struct x86_emulate_ctxt *ctxt)
{
	unsigned long flags;
	bool vme;
	int rc;

	rc = check_vm86_flags(ctxt, &vme);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	flags = vme ? vme_flags_image(ctxt) : ctxt->eflags & ~(EFLG_RF | EFLG_VM);
	return emulate_push(ctxt, flags, ctxt->op_bytes);
}

/* The flags that POPF takes in this mode and size, but for RF, which it clears. */
static unsigned long popf_mask(const struct x86_emulate_ctxt *ctxt)
{
	unsigned long change = EFLG_ARITH | EFLG_TF | EFLG_DF | EFLG_NT | EFLG_RF | EFLG_AC |
			       EFLG_ID;
	unsigned int iopl = (ctxt->eflags & EFLG_IOPL) >> EFLG_IOPL_SHIFT;

	if (ctxt->mode == X86EMUL_MODE_REAL || ctxt->cpl == 0)
		change |= EFLG_IOPL | EFLG_IF;
	else if (ctxt->cpl <= iopl)
		change |= EFLG_IF;
	return ctxt->op_bytes == 2 ? change & 0xffff : change;
}

int em_popf(struct x86_emulate_ctxt *ctxt)
{
	unsigned long change = popf_mask(ctxt);
	unsigned long val;
	bool vme;
	int rc;

	rc = check_vm86_flags(ctxt, &vme);
	if (rc == X86EMUL_CONTINUE)
		rc = emulate_pop(ctxt, &val, ctxt->op_bytes);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	if (vme)
		return vme_set_flags(ctxt, val);
	ctxt->eflags = (ctxt->eflags & ~change) | (val & change & ~EFLG_RF) | EFLG_FIXED;
	return X86EMUL_CONTINUE;
}

/*
 * ENTER's display: the frame pointers of the caller, of which the first ones
 * may be what this very instruction has pushed already, @vals from the top of
 * @st down.
 */
static int read_display(struct x86_emulate_ctxt *ctxt, const struct far_stack *st,
			unsigned long *vals, unsigned int level)
{
	unsigned long bp = reg_read(ctxt, X86_REG_RBP), below;
	unsigned int i, k, bytes = ctxt->op_bytes;
	u8 raw[8];
	int rc;

	for (i = 1; i < level; i++) {
		bp = truncate_to(bp - bytes, st->width);
		memset(raw, 0, sizeof(raw));
		rc = segmented_read(ctxt, X86_SEG_SS, bp, raw, bytes);
		if (rc != X86EMUL_CONTINUE)
			return rc;
		for (k = 0; k < bytes; k++) {
			below = truncate_to(st->sp - 1 - bp - k, st->width);
			if (below < i * bytes)
				raw[k] = vals[below / bytes] >> 8 * (bytes - 1 - below % bytes);
		}
		memcpy(&vals[i], raw, sizeof(raw));
	}
	return X86EMUL_CONTINUE;
}

/* Without effect but the fault that a write at the new top of stack would meet. */
static int probe_stack(struct x86_emulate_ctxt *ctxt, const struct far_stack *st,
		       unsigned long sp)
{
	struct far_stack top = *st;

	top.sp = stack_pointer(st, sp + ctxt->op_bytes);
	return probe_frame(ctxt, &top, 1, ctxt->op_bytes);
}

int em_enter(struct x86_emulate_ctxt *ctxt)
{
	unsigned int bytes = ctxt->op_bytes, level = ctxt->src.val & 31;
	unsigned long vals[32], frame, top;
	struct far_stack st;
	int rc;

	current_stack(ctxt, mode_is_64(ctxt), &st);
	frame = stack_pointer(&st, st.sp - bytes);
	top = stack_pointer(&st, frame - level * bytes - (u16)ctxt->dst.val);
	vals[0] = reg_read(ctxt, X86_REG_RBP);
	rc = probe_frame(ctxt, &st, 1, bytes);
	if (rc == X86EMUL_CONTINUE)
		rc = probe_stack(ctxt, &st, top);
	if (rc == X86EMUL_CONTINUE)
		rc = read_display(ctxt, &st, vals, level);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	/* The frame pointer is all of rSP, also when a 16-bit stack uses SP only. */
	vals[level] = level ? frame : vals[0];
	rc = push_frame(ctxt, &st, vals, level + 1, bytes);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	reg_write_bytes(ctxt, X86_REG_RBP, frame, bytes);
	reg_write(ctxt, X86_REG_RSP, top);
	return X86EMUL_CONTINUE;
}

int em_leave(struct x86_emulate_ctxt *ctxt)
{
	unsigned int bytes = ctxt->op_bytes;
	unsigned long val;
	int rc;

	reg_write_bytes(ctxt, X86_REG_RSP, reg_read(ctxt, X86_REG_RBP), stack_bytes(ctxt));
	rc = emulate_pop(ctxt, &val, bytes);
	if (rc == X86EMUL_CONTINUE)
		reg_write_bytes(ctxt, X86_REG_RBP, val, bytes);
	return rc;
}
