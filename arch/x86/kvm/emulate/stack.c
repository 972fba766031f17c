// SPDX-License-Identifier: GPL-2.0-only
/* The stack: PUSH and POP in every form, flags, ENTER and LEAVE. */
#include "emulate/insn.h"

/* Bytes of rSP that address the stack: 64-bit mode, else SS.B. */
static unsigned int stack_bytes(struct x86_emulate_ctxt *ctxt)
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

/* Write @val below *@sp, which moves down by @bytes and wraps at @width bytes. */
static int push_at(struct x86_emulate_ctxt *ctxt, unsigned long *sp, unsigned long val,
		   unsigned int bytes, unsigned int width)
{
	*sp = truncate_to(*sp - bytes, width);
	return segmented_write(ctxt, X86_SEG_SS, *sp, &val, bytes);
}

int emulate_push(struct x86_emulate_ctxt *ctxt, unsigned long val, unsigned int bytes)
{
	unsigned int width = stack_bytes(ctxt);
	unsigned long sp = reg_read(ctxt, X86_REG_RSP);
	int rc = push_at(ctxt, &sp, val, bytes, width);

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
		ctxt->interruptibility = X86_SHADOW_INT_MOV_SS;
	return rc;
}

/*
 * Push @n values, the last one lowest: as one write to memory, so that a fault
 * leaves it alone, but one by one to a device, or when the stack pointer wraps.
 */
int emulate_push_frame(struct x86_emulate_ctxt *ctxt, const unsigned long *vals, unsigned int n,
		       unsigned int bytes)
{
	unsigned int i, width = stack_bytes(ctxt), size = n * bytes;
	unsigned long top = truncate_to(reg_read(ctxt, X86_REG_RSP), width);
	int rc = X86EMUL_NOT_RAM;
	unsigned long la;
	u8 frame[64];

	if (top >= size && size <= sizeof(frame)) {
		for (i = 0; i < n; i++)
			memcpy(frame + size - (i + 1) * bytes, &vals[i], bytes);
		rc = linearize(ctxt, X86_SEG_SS, top - size, size, true, &la);
		if (rc == X86EMUL_CONTINUE)
			rc = linear_write(ctxt, la, frame, size, X86EMUL_F_RAM);
		if (rc == X86EMUL_CONTINUE)
			reg_write_bytes(ctxt, X86_REG_RSP, top - size, width);
	}
	if (rc != X86EMUL_NOT_RAM)
		return rc;
	rc = X86EMUL_CONTINUE;
	for (i = 0; i < n && rc == X86EMUL_CONTINUE; i++)
		rc = emulate_push(ctxt, vals[i], bytes);
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

/* Virtual-8086 mode below IOPL 3: #GP, or the virtual-mode extensions. */
static int check_vm86_flags(struct x86_emulate_ctxt *ctxt)
{
	if (ctxt->mode != X86EMUL_MODE_VM86 || (ctxt->eflags & EFLG_IOPL) == EFLG_IOPL)
		return X86EMUL_CONTINUE;
	if (ctxt->ops->get_cr(ctxt, 4) & CR4_VME)
		return X86EMUL_UNHANDLEABLE;
	return emulate_gp(ctxt, 0);
}

int em_pushf(struct x86_emulate_ctxt *ctxt)
{
	int rc = check_vm86_flags(ctxt);

	if (rc != X86EMUL_CONTINUE)
		return rc;
	return emulate_push(ctxt, ctxt->eflags & ~(EFLG_RF | EFLG_VM), ctxt->op_bytes);
}

int em_popf(struct x86_emulate_ctxt *ctxt)
{
	unsigned long change = EFLG_ARITH | EFLG_TF | EFLG_DF | EFLG_NT | EFLG_RF | EFLG_AC |
			       EFLG_ID;
	unsigned int iopl = (ctxt->eflags & EFLG_IOPL) >> EFLG_IOPL_SHIFT;
	unsigned long val;
	int rc = check_vm86_flags(ctxt);

	if (rc == X86EMUL_CONTINUE)
		rc = emulate_pop(ctxt, &val, ctxt->op_bytes);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	if (ctxt->mode == X86EMUL_MODE_REAL || ctxt->cpl == 0)
		change |= EFLG_IOPL | EFLG_IF;
	else if (ctxt->cpl <= iopl)
		change |= EFLG_IF;
	if (ctxt->op_bytes == 2)
		change &= 0xffff;
	/* RF is popped as zero. */
	ctxt->eflags = (ctxt->eflags & ~change) | (val & change & ~EFLG_RF) | EFLG_FIXED;
	return X86EMUL_CONTINUE;
}

/* ENTER's display: copy @level - 1 frame pointers of the caller, then push the new one. */
static int push_display(struct x86_emulate_ctxt *ctxt, unsigned long *sp, unsigned long frame,
			unsigned int level, unsigned int width)
{
	unsigned long bp = reg_read(ctxt, X86_REG_RBP);
	unsigned int i, bytes = ctxt->op_bytes;
	unsigned long val;
	int rc;

	for (i = 1; i < level; i++) {
		bp = truncate_to(bp - bytes, width);
		val = 0;
		rc = segmented_read(ctxt, X86_SEG_SS, bp, &val, bytes);
		if (rc == X86EMUL_CONTINUE)
			rc = push_at(ctxt, sp, val, bytes, width);
		if (rc != X86EMUL_CONTINUE)
			return rc;
	}
	return push_at(ctxt, sp, frame, bytes, width);
}

/* Without effect but the fault that a write at the new top of stack would meet. */
static int probe_stack(struct x86_emulate_ctxt *ctxt, unsigned long sp, unsigned int bytes)
{
	unsigned long la;
	int rc = linearize(ctxt, X86_SEG_SS, sp, bytes, true, &la);

	if (rc == X86EMUL_CONTINUE)
		rc = linear_write(ctxt, la, NULL, bytes, X86EMUL_F_PROBE);
	return rc;
}

int em_enter(struct x86_emulate_ctxt *ctxt)
{
	unsigned int bytes = ctxt->op_bytes, width = stack_bytes(ctxt);
	unsigned int level = ctxt->src.val & 31;
	unsigned long sp = reg_read(ctxt, X86_REG_RSP);
	unsigned long at = truncate_to(sp - bytes, width);
	unsigned long top = truncate_to(at - level * bytes - (u16)ctxt->dst.val, width);
	/* The frame pointer is all of rSP, also when a 16-bit stack uses SP only. */
	unsigned long frame = (sp - truncate_to(sp, width)) | at;
	int rc;

	rc = probe_stack(ctxt, at, bytes);
	if (rc == X86EMUL_CONTINUE)
		rc = probe_stack(ctxt, top, bytes);
	if (rc == X86EMUL_CONTINUE)
		rc = push_at(ctxt, &sp, reg_read(ctxt, X86_REG_RBP), bytes, width);
	if (rc == X86EMUL_CONTINUE && level)
		rc = push_display(ctxt, &sp, frame, level, width);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	reg_write_bytes(ctxt, X86_REG_RBP, frame, bytes);
	reg_write_bytes(ctxt, X86_REG_RSP, top, width);
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
