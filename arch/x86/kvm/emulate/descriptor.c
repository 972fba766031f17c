// SPDX-License-Identifier: GPL-2.0-only
/* LDTR and TR, and the instructions that look at a descriptor without loading it. */
#include "emulate/segment.h"

#define DESC_BUSY		(1ull << 41)
/* Bits 12:8 of the fourth word: a second type, which has to be 0. */
#define DESC_UPPER_TYPE		(0x1full << 40)
/* What LAR shows of the second word. */
#define LAR_MASK		0x00ffff00ul

#define TYPE_LDT		0x2
#define TYPE_TSS16		0x1
#define TYPE_TSS		0x9
#define TYPE_BUSY		0x2

/* System descriptor types, a bit each: what LAR and LSL know, legacy and in long mode. */
#define LSL_TYPES		(BIT(1) | BIT(2) | BIT(3) | BIT(9) | BIT(11))
#define LSL_TYPES_LONG		(BIT(2) | BIT(9) | BIT(11))
#define LAR_TYPES		(LSL_TYPES | BIT(4) | BIT(5) | BIT(12))
#define LAR_TYPES_LONG		(LSL_TYPES_LONG | BIT(12))

static int store_selector(struct x86_emulate_ctxt *ctxt, int seg)
{
	struct x86_segment var;

	ctxt->ops->get_segment(ctxt, seg, &var);
	ctxt->dst.val = var.selector;
	return X86EMUL_CONTINUE;
}

int em_sldt(struct x86_emulate_ctxt *ctxt)
{
	return store_selector(ctxt, X86_SEG_LDTR);
}

int em_str(struct x86_emulate_ctxt *ctxt)
{
	return store_selector(ctxt, X86_SEG_TR);
}

/* Is the descriptor of a type that @types has, with no second type in 64-bit mode? */
static bool system_type_ok(const struct segment_desc *desc, const struct x86_segment *var,
			   unsigned long types)
{
	return !(var->attr & X86_SEG_S) && (types & BIT(var->attr & X86_SEG_TYPE_MASK)) &&
	       !(desc->raw[1] & DESC_UPPER_TYPE);
}

/* The descriptor for LDTR or TR, whole and checked: 16 bytes in 64-bit mode. */
static int read_system_descriptor(struct x86_emulate_ctxt *ctxt, u16 selector,
				  unsigned long types, struct segment_desc *desc,
				  struct x86_segment *var)
{
	int rc;

	if (selector & SELECTOR_TI)
		return emulate_gp(ctxt, SELECTOR_ERROR(selector));
	rc = read_descriptor(ctxt, selector, mode_is_64(ctxt), EXC_GP, desc);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	unpack_descriptor(desc, selector, var);
	if (!system_type_ok(desc, var, types))
		return emulate_gp(ctxt, SELECTOR_ERROR(selector));
	if (!(var->attr & X86_SEG_P))
		return emulate_exception(ctxt, EXC_NP, SELECTOR_ERROR(selector), true);
	if (mode_is_64(ctxt) && !is_canonical(ctxt, var->base))
		return emulate_gp(ctxt, SELECTOR_ERROR(selector));
	return X86EMUL_CONTINUE;
}

int em_lldt(struct x86_emulate_ctxt *ctxt)
{
	u16 selector = ctxt->dst.val;
	struct x86_segment var = { .selector = selector, .attr = X86_SEG_UNUSABLE };
	struct segment_desc desc;
	int rc;

	if (!selector_is_null(selector)) {
		rc = read_system_descriptor(ctxt, selector, BIT(TYPE_LDT), &desc, &var);
		if (rc != X86EMUL_CONTINUE)
			return rc;
	}
	ctxt->ops->set_segment(ctxt, X86_SEG_LDTR, &var);
	return X86EMUL_CONTINUE;
}

/* The TSS becomes busy in memory, at once: two processors cannot both load it. */
int em_ltr(struct x86_emulate_ctxt *ctxt)
{
	unsigned long types = BIT(TYPE_TSS);
	u16 selector = ctxt->dst.val;
	struct segment_desc desc;
	struct x86_segment var;
	bool lma;
	u64 busy;
	int rc;

	if (selector_is_null(selector))
		return emulate_gp(ctxt, 0);
	rc = long_mode_active(ctxt, &lma);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	if (!lma)
		types |= BIT(TYPE_TSS16);
	rc = read_system_descriptor(ctxt, selector, types, &desc, &var);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	busy = desc.raw[0] | DESC_BUSY;
	rc = linear_cmpxchg(ctxt, desc.la, &desc.raw[0], &busy, sizeof(busy), X86EMUL_F_IMPLICIT);
	if (rc == X86EMUL_CMPXCHG_FAILED)
		return X86EMUL_RETRY_INSTR;
	if (rc != X86EMUL_CONTINUE)
		return rc;
	var.attr |= TYPE_BUSY;
	ctxt->ops->set_segment(ctxt, X86_SEG_TR, &var);
	return X86EMUL_CONTINUE;
}

/*
 * Look at the descriptor of @selector for LAR, LSL, VERR, VERW. *@visible: it
 * exists, and the CPL and RPL may see it; only reading it can fault.
 */
static int inspect(struct x86_emulate_ctxt *ctxt, u16 selector, struct segment_desc *desc,
		   struct x86_segment *var, bool *visible)
{
	unsigned int dpl;
	int rc;

	*visible = false;
	memset(var, 0, sizeof(*var));
	memset(desc, 0, sizeof(*desc));
	if (selector_is_null(selector) || !locate_descriptor(ctxt, selector, 8, &desc->la))
		return X86EMUL_CONTINUE;
	rc = linear_read(ctxt, desc->la, &desc->raw[0], 8, X86EMUL_F_IMPLICIT);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	unpack_descriptor(desc, selector, var);
	dpl = segment_dpl(var);
	*visible = (dpl >= ctxt->cpl && dpl >= (selector & SELECTOR_RPL)) ||
		   (var->attr & (X86_SEG_S | X86_SEG_CODE | X86_SEG_CONFORMING)) ==
		   (X86_SEG_S | X86_SEG_CODE | X86_SEG_CONFORMING);
	return X86EMUL_CONTINUE;
}

/* ZF says whether the destination is written. */
static int inspection_result(struct x86_emulate_ctxt *ctxt, bool ok, unsigned long val)
{
	if (ok) {
		ctxt->eflags |= EFLG_ZF;
		ctxt->dst.val = truncate_to(val, ctxt->dst.bytes);
	} else {
		ctxt->eflags &= ~EFLG_ZF;
		ctxt->dst.type = OP_NONE;
	}
	return X86EMUL_CONTINUE;
}

/* LAR and LSL: the descriptor of the source, if it is code, data, or of @types. */
static int inspect_typed(struct x86_emulate_ctxt *ctxt, unsigned long types,
			 unsigned long types_long, struct segment_desc *desc,
			 struct x86_segment *var, bool *ok)
{
	bool lma;
	int rc;

	rc = inspect(ctxt, (u16)ctxt->src.val, desc, var, ok);
	if (rc != X86EMUL_CONTINUE || !*ok || (var->attr & X86_SEG_S))
		return rc;
	rc = long_mode_active(ctxt, &lma);
	if (rc == X86EMUL_CONTINUE)
		*ok = system_type_ok(desc, var, lma ? types_long : types);
	return rc;
}

int em_lar(struct x86_emulate_ctxt *ctxt)
{
	struct segment_desc desc;
	struct x86_segment var;
	bool ok;
	int rc;

	rc = inspect_typed(ctxt, LAR_TYPES, LAR_TYPES_LONG, &desc, &var, &ok);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	return inspection_result(ctxt, ok, desc.raw[0] >> 32 & LAR_MASK);
}

int em_lsl(struct x86_emulate_ctxt *ctxt)
{
	struct segment_desc desc;
	struct x86_segment var;
	bool ok;
	int rc;

	rc = inspect_typed(ctxt, LSL_TYPES, LSL_TYPES_LONG, &desc, &var, &ok);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	return inspection_result(ctxt, ok, var.limit);
}

/* VERR and VERW: is it a segment that can be read, or written? */
static int verify(struct x86_emulate_ctxt *ctxt, bool write)
{
	struct segment_desc desc;
	struct x86_segment var;
	bool ok, code;
	int rc;

	rc = inspect(ctxt, (u16)ctxt->dst.val, &desc, &var, &ok);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	code = var.attr & X86_SEG_CODE;
	ok = ok && (var.attr & X86_SEG_S);
	if (write)
		ok = ok && !code && (var.attr & X86_SEG_WRITABLE);
	else
		ok = ok && (!code || (var.attr & X86_SEG_READABLE));
	ctxt->eflags = ok ? ctxt->eflags | EFLG_ZF : ctxt->eflags & ~EFLG_ZF;
	return X86EMUL_CONTINUE;
}

int em_verr(struct x86_emulate_ctxt *ctxt)
{
	return verify(ctxt, false);
}

int em_verw(struct x86_emulate_ctxt *ctxt)
{
	return verify(ctxt, true);
}
