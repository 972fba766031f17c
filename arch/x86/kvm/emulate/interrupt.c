// SPDX-License-Identifier: GPL-2.0-only
/* Software interrupts: through the real-mode table, and through the gates of the IDT. */
#include "emulate/segment.h"

#define TSS_IO_MAP_BASE		102	/* 32-bit TSS: offset of the I/O permission bitmap */
#define TSS_REDIRECTION		32	/* bytes of the interrupt redirection bitmap before it */

/* Gates that the IDT may hold. */
#define IDT_TYPES_LEGACY	(BIT(SYS_TASK_GATE) | BIT(SYS_INT16) | BIT(SYS_TRAP16) | \
				 BIT(SYS_INT32) | BIT(SYS_TRAP32))
#define IDT_TYPES_LONG		(BIT(SYS_INT32) | BIT(SYS_TRAP32))

/* Error code that names an entry of the IDT. */
#define IDT_ERROR(vector)	((vector) * 8 + 2)

int emulate_int_real(struct x86_emulate_ctxt *ctxt, int vector)
{
	unsigned long frame[3] = { ctxt->eflags, 0, ctxt->_eip };
	struct far_target target;
	struct x86_desc_ptr idt;
	struct far_stack st;
	u16 entry[2];		/* IP, CS */
	int rc;

	ctxt->ops->get_dt(ctxt, X86_DT_IDT, &idt);
	if (vector * 4u + 3 > idt.size)
		return emulate_gp(ctxt, 0);
	rc = linear_read(ctxt, idt.address + vector * 4, entry, sizeof(entry),
			 X86EMUL_F_IMPLICIT);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	ctxt->ops->get_segment(ctxt, X86_SEG_CS, &target.cs.var);
	frame[1] = target.cs.var.selector;
	real_mode_segment(ctxt, entry[1], X86_SEG_CS, &target.cs.var);
	target.cs.has_desc = false;
	target.is_64 = false;
	target.eip = entry[0];
	current_stack(ctxt, false, &st);
	rc = call_target(ctxt, &target, &st, frame, 3, 2);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	ctxt->eflags &= ~(EFLG_IF | EFLG_TF | EFLG_RF | EFLG_AC);
	ctxt->trap = 0;
	return X86EMUL_CONTINUE;
}

/* Is INT @vector of virtual-8086 mode left to a handler of that mode? */
static int is_redirected(struct x86_emulate_ctxt *ctxt, unsigned int vector, bool *redirected)
{
	struct x86_segment tr;
	u16 map = 0;
	u8 bits = 0;
	int rc;

	*redirected = false;
	if (!(ctxt->ops->get_cr(ctxt, 4) & CR4_VME))
		return X86EMUL_CONTINUE;
	ctxt->ops->get_segment(ctxt, X86_SEG_TR, &tr);
	if (!(segment_type(&tr) & SYS_32) || tr.limit < TSS_IO_MAP_BASE + 1)
		return emulate_gp(ctxt, 0);
	rc = linear_read(ctxt, linear_add(ctxt, tr.base, TSS_IO_MAP_BASE), &map, sizeof(map),
			 X86EMUL_F_IMPLICIT);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	if (map < TSS_REDIRECTION || map - TSS_REDIRECTION + vector / 8 > tr.limit)
		return emulate_gp(ctxt, 0);
	rc = linear_read(ctxt, linear_add(ctxt, tr.base, map - TSS_REDIRECTION + vector / 8),
			 &bits, 1, X86EMUL_F_IMPLICIT);
	*redirected = !(bits >> (vector & 7) & 1);
	return rc;
}

/* To the handler that the table at linear address 0 of the task names. */
static int redirect_interrupt(struct x86_emulate_ctxt *ctxt, unsigned int vector)
{
	bool iopl3 = (ctxt->eflags & EFLG_IOPL) == EFLG_IOPL;
	unsigned long frame[3] = { iopl3 ? ctxt->eflags : vme_flags_image(ctxt), 0, ctxt->_eip };
	struct x86_segment cs;
	u16 entry[2];		/* IP, CS */
	int rc;

	rc = linear_read(ctxt, vector * 4, entry, sizeof(entry), 0);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	ctxt->ops->get_segment(ctxt, X86_SEG_CS, &cs);
	frame[1] = cs.selector;
	rc = emulate_push_frame(ctxt, frame, 3, 2);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	vm86_segment(entry[1], &cs);
	ctxt->ops->set_segment(ctxt, X86_SEG_CS, &cs);
	ctxt->_eip = entry[0];
	ctxt->eflags &= ~(EFLG_TF | (iopl3 ? EFLG_IF : EFLG_VIF));
	ctxt->trap = 0;
	return X86EMUL_CONTINUE;
}

int read_interrupt_gate(struct x86_emulate_ctxt *ctxt, unsigned int vector, bool software,
			struct gate *gate)
{
	struct segment_desc desc = { };
	struct x86_desc_ptr idt;
	unsigned int bytes;
	bool lma;
	int rc;

	rc = long_mode_active(ctxt, &lma);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	bytes = lma ? 16 : 8;
	ctxt->ops->get_dt(ctxt, X86_DT_IDT, &idt);
	if (vector * bytes + bytes - 1 > idt.size)
		return emulate_gp(ctxt, IDT_ERROR(vector));
	desc.la = linear_add(ctxt, idt.address, vector * bytes);
	rc = linear_read(ctxt, desc.la, desc.raw, bytes, X86EMUL_F_IMPLICIT);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	unpack_gate(&desc, lma, gate);
	if (!((lma ? IDT_TYPES_LONG : IDT_TYPES_LEGACY) & BIT(gate->type)))
		return emulate_gp(ctxt, IDT_ERROR(vector));
	if (software && gate->dpl < ctxt->cpl)
		return emulate_gp(ctxt, IDT_ERROR(vector));
	if (!gate->present)
		return emulate_exception(ctxt, EXC_NP, IDT_ERROR(vector), true);
	return X86EMUL_CONTINUE;
}

/* What is pushed, the first one highest; returns how many. */
static unsigned int interrupt_frame(struct x86_emulate_ctxt *ctxt, bool with_stack,
				    const u32 *error_code, unsigned long *vals)
{
	static const u8 vm86_segs[] = { X86_SEG_GS, X86_SEG_FS, X86_SEG_DS, X86_SEG_ES };
	struct x86_segment var;
	unsigned int i, n = 0;

	for (i = 0; ctxt->mode == X86EMUL_MODE_VM86 && i < sizeof(vm86_segs); i++) {
		ctxt->ops->get_segment(ctxt, vm86_segs[i], &var);
		vals[n++] = var.selector;
	}
	if (with_stack) {
		ctxt->ops->get_segment(ctxt, X86_SEG_SS, &var);
		vals[n++] = var.selector;
		vals[n++] = old_stack_pointer(ctxt);
	}
	ctxt->ops->get_segment(ctxt, X86_SEG_CS, &var);
	vals[n++] = ctxt->eflags;
	vals[n++] = var.selector;
	vals[n++] = ctxt->_eip;
	if (error_code)
		vals[n++] = *error_code;
	return n;
}

/* Nothing of virtual-8086 mode is left in the data segments. */
static void leave_vm86(struct x86_emulate_ctxt *ctxt)
{
	static const u8 segs[] = { X86_SEG_ES, X86_SEG_DS, X86_SEG_FS, X86_SEG_GS };
	struct x86_segment var;
	unsigned int i;

	null_segment(0, &var);
	for (i = 0; i < sizeof(segs); i++)
		ctxt->ops->set_segment(ctxt, segs[i], &var);
}

static int enter_handler(struct x86_emulate_ctxt *ctxt, const struct gate *gate,
			 const u32 *error_code)
{
	bool vm86 = ctxt->mode == X86EMUL_MODE_VM86, lma = gate->bytes == 8;
	struct far_target target = { .eip = gate->offset };
	unsigned long vals[10];
	struct far_stack st;
	unsigned int n;
	int rc;

	rc = check_code_segment(ctxt, gate->selector, CS_GATE, &target);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	if (vm86 && target.cpl)
		return emulate_gp(ctxt, SELECTOR_ERROR(gate->selector));
	if (target.cpl < ctxt->cpl || gate->ist) {
		rc = inner_stack(ctxt, target.cpl, gate->ist, lma, &st);
		if (rc != X86EMUL_CONTINUE)
			return rc;
	} else {
		current_stack(ctxt, lma, &st);
	}
	if (lma)
		st.sp &= ~15ul;
	n = interrupt_frame(ctxt, lma || target.cpl < ctxt->cpl, error_code, vals);
	rc = call_target(ctxt, &target, &st, vals, n, gate->bytes);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	if (vm86)
		leave_vm86(ctxt);
	ctxt->eflags &= ~(EFLG_TF | EFLG_NT | EFLG_RF | EFLG_VM);
	/* Types of interrupt gates are even, of trap gates odd. */
	if (!(gate->type & 1))
		ctxt->eflags &= ~EFLG_IF;
	ctxt->trap = 0;
	return X86EMUL_CONTINUE;
}

/* @software: INTn, INT3 and INTO need the privilege that the gate asks for. */
static int deliver_interrupt(struct x86_emulate_ctxt *ctxt, unsigned int vector, bool software,
			     const u32 *error_code)
{
	struct gate gate;
	int rc;

	if (ctxt->mode == X86EMUL_MODE_REAL)
		return emulate_int_real(ctxt, vector);
	rc = read_interrupt_gate(ctxt, vector, software, &gate);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	if (gate.type == SYS_TASK_GATE)
		return enter_task(ctxt, gate.selector, X86EMUL_TASK_GATE, error_code);
	return enter_handler(ctxt, &gate, error_code);
}

int em_int(struct x86_emulate_ctxt *ctxt)
{
	unsigned int vector = (u8)ctxt->dst.val;
	bool redirected = false;
	int rc;

	if (ctxt->mode == X86EMUL_MODE_VM86) {
		rc = is_redirected(ctxt, vector, &redirected);
		if (rc != X86EMUL_CONTINUE)
			return rc;
		if (redirected)
			return redirect_interrupt(ctxt, vector);
		if ((ctxt->eflags & EFLG_IOPL) != EFLG_IOPL)
			return emulate_gp(ctxt, 0);
	}
	return deliver_interrupt(ctxt, vector, true, NULL);
}

int emulate_event(struct x86_emulate_ctxt *ctxt, u8 vector, const u32 *error_code)
{
	int rc;

	ctxt->external = true;
	rc = deliver_interrupt(ctxt, vector, false, error_code);
	ctxt->external = false;
	return rc;
}

/* A #DB that the processor raises: error codes of its delivery say "external". */
int em_int1(struct x86_emulate_ctxt *ctxt)
{
	return emulate_event(ctxt, EXC_DB, NULL);
}

int em_int3(struct x86_emulate_ctxt *ctxt)
{
	return deliver_interrupt(ctxt, EXC_BP, true, NULL);
}

int em_into(struct x86_emulate_ctxt *ctxt)
{
	if (!(ctxt->eflags & EFLG_OF))
		return X86EMUL_CONTINUE;
	return deliver_interrupt(ctxt, EXC_OF, true, NULL);
}
