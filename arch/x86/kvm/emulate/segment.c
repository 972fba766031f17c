// SPDX-License-Identifier: GPL-2.0-only
/* Segment registers: descriptors, the checks of loading one, and the moves. */
#include "emulate/segment.h"

#define MSR_EFER_INDEX	0xc0000080
#define EFER_LMA_BIT	BIT(10)
#define VM86_ATTR	(X86_SEG_P | X86_SEG_DPL_MASK | X86_SEG_S | X86_SEG_WRITABLE | \
			 X86_SEG_ACCESSED)
#define REAL_ATTR	(X86_SEG_P | X86_SEG_S | X86_SEG_WRITABLE | X86_SEG_ACCESSED)

int long_mode_active(struct x86_emulate_ctxt *ctxt, bool *lma)
{
	u64 efer = EFER_LMA_BIT;
	int rc = X86EMUL_CONTINUE;

	if (!mode_is_64(ctxt))
		rc = ctxt->ops->get_msr(ctxt, MSR_EFER_INDEX, &efer);
	*lma = efer & EFER_LMA_BIT;
	return rc == X86EMUL_PROPAGATE_FAULT ? X86EMUL_UNHANDLEABLE : rc;
}

/* Base and limit of the table @selector points into; false: no such table. */
static bool descriptor_table(struct x86_emulate_ctxt *ctxt, u16 selector, u64 *base, u32 *limit)
{
	struct x86_desc_ptr gdt;
	struct x86_segment ldt;

	if (!(selector & SELECTOR_TI)) {
		ctxt->ops->get_dt(ctxt, X86_DT_GDT, &gdt);
		*base = gdt.address;
		*limit = gdt.size;
		return true;
	}

	ctxt->ops->get_segment(ctxt, X86_SEG_LDTR, &ldt);
	*base = ldt.base;
	*limit = ldt.limit;
	return !(ldt.attr & X86_SEG_UNUSABLE) && (ldt.attr & X86_SEG_P);
}

bool locate_descriptor(struct x86_emulate_ctxt *ctxt, u16 selector, unsigned int bytes,
		       unsigned long *la)
{
	unsigned int offset = selector & SELECTOR_INDEX;
	u32 limit;
	u64 base;

	if (!descriptor_table(ctxt, selector, &base, &limit) || limit < offset + bytes - 1)
		return false;
	*la = base + offset;
	/* Linear addresses of a table below 4 GiB wrap there outside 64-bit mode. */
	if (!mode_is_64(ctxt) && !(base >> 32))
		*la = (u32)*la;
	return true;
}

int read_descriptor(struct x86_emulate_ctxt *ctxt, u16 selector, bool wide, int vec,
		    struct segment_desc *desc)
{
	unsigned int bytes = wide ? 16 : 8;

	if (!locate_descriptor(ctxt, selector, bytes, &desc->la))
		return emulate_exception(ctxt, vec, SELECTOR_ERROR(selector), true);
	desc->raw[1] = 0;
	return linear_read(ctxt, desc->la, desc->raw, bytes, X86EMUL_F_IMPLICIT);
}

void unpack_descriptor(const struct segment_desc *desc, u16 selector, struct x86_segment *var)
{
	u64 raw = desc->raw[0];

	var->selector = selector;
	var->attr = ((raw >> 40) & 0xff) | ((raw >> 44) & 0xf00);
	var->base = ((raw >> 16) & 0xffffff) | ((raw >> 32) & 0xff000000);
	var->limit = (raw & 0xffff) | ((raw >> 32) & 0xf0000);
	if (var->attr & X86_SEG_G)
		var->limit = (var->limit << 12) | 0xfff;
	if (!(var->attr & X86_SEG_S))
		var->base |= desc->raw[1] << 32;
}

int mark_accessed(struct x86_emulate_ctxt *ctxt, const struct segment_desc *desc,
		  struct x86_segment *var)
{
	u64 new = desc->raw[0] | DESC_ACCESSED;
	int rc;

	if (var->attr & X86_SEG_ACCESSED)
		return X86EMUL_CONTINUE;
	rc = linear_cmpxchg(ctxt, desc->la, &desc->raw[0], &new, sizeof(new), X86EMUL_F_IMPLICIT);
	if (rc == X86EMUL_CMPXCHG_FAILED)
		return X86EMUL_RETRY_INSTR;
	if (rc == X86EMUL_CONTINUE)
		var->attr |= X86_SEG_ACCESSED;
	return rc;
}

int mark_segment(struct x86_emulate_ctxt *ctxt, struct new_segment *seg)
{
	return seg->has_desc ? mark_accessed(ctxt, &seg->desc, &seg->var) : X86EMUL_CONTINUE;
}

void vm86_segment(u16 selector, struct x86_segment *var)
{
	*var = (struct x86_segment) {
		.selector = selector, .attr = VM86_ATTR, .limit = 0xffff,
		.base = (u64)selector << 4,
	};
}

void real_mode_segment(struct x86_emulate_ctxt *ctxt, u16 selector, int seg,
		       struct x86_segment *var)
{
	if (ctxt->mode == X86EMUL_MODE_VM86) {
		vm86_segment(selector, var);
		return;
	}
	ctxt->ops->get_segment(ctxt, seg, var);
	var->selector = selector;
	var->base = (u64)selector << 4;
	if (var->attr & X86_SEG_UNUSABLE) {
		/* A NULL selector left over from protected mode: the load makes it usable. */
		var->limit = 0xffff;
		var->attr = REAL_ATTR;
	}
}

void null_segment(u16 selector, struct x86_segment *var)
{
	*var = (struct x86_segment) { .selector = selector, .attr = X86_SEG_UNUSABLE };
}

/* Only 64-bit code that is not the user's may run without SS. */
static int load_null_segment(struct x86_emulate_ctxt *ctxt, u16 selector, int seg)
{
	struct x86_segment var;

	null_segment(selector, &var);
	if (seg == X86_SEG_SS) {
		if (!mode_is_64(ctxt) || ctxt->cpl == 3 || (selector & SELECTOR_RPL) != ctxt->cpl)
			return emulate_gp(ctxt, 0);
		var.attr |= ctxt->cpl << X86_SEG_DPL_SHIFT;
	}
	ctxt->ops->set_segment(ctxt, seg, &var);
	return X86EMUL_CONTINUE;
}

static bool stack_segment_ok(const struct x86_segment *var, unsigned int cpl)
{
	return (var->attr & X86_SEG_S) && !(var->attr & X86_SEG_CODE) &&
	       (var->attr & X86_SEG_WRITABLE) && segment_dpl(var) == cpl &&
	       (var->selector & SELECTOR_RPL) == cpl;
}

static bool data_segment_ok(const struct x86_segment *var, unsigned int cpl)
{
	unsigned int dpl = segment_dpl(var);

	if (!(var->attr & X86_SEG_S))
		return false;
	if (var->attr & X86_SEG_CODE) {
		if (!(var->attr & X86_SEG_READABLE))
			return false;
		if (var->attr & X86_SEG_CONFORMING)
			return true;
	}
	return dpl >= cpl && dpl >= (var->selector & SELECTOR_RPL);
}

static int read_segment(struct x86_emulate_ctxt *ctxt, u16 selector, int vec,
			struct new_segment *seg)
{
	int rc = read_descriptor(ctxt, selector, false, vec, &seg->desc);

	if (rc != X86EMUL_CONTINUE)
		return rc;
	unpack_descriptor(&seg->desc, selector, &seg->var);
	seg->has_desc = true;
	return X86EMUL_CONTINUE;
}

int check_stack_segment(struct x86_emulate_ctxt *ctxt, u16 selector, unsigned int cpl, int vec,
			struct new_segment *seg)
{
	int rc = read_segment(ctxt, selector, vec, seg);

	if (rc != X86EMUL_CONTINUE)
		return rc;
	if (!stack_segment_ok(&seg->var, cpl))
		return emulate_exception(ctxt, vec, SELECTOR_ERROR(selector), true);
	if (!(seg->var.attr & X86_SEG_P))
		return emulate_ss(ctxt, SELECTOR_ERROR(selector));
	return X86EMUL_CONTINUE;
}

int check_data_segment(struct x86_emulate_ctxt *ctxt, u16 selector, unsigned int cpl, int vec,
		       struct new_segment *seg)
{
	int rc;

	if (selector_is_null(selector)) {
		null_segment(selector, &seg->var);
		seg->has_desc = false;
		return X86EMUL_CONTINUE;
	}
	rc = read_segment(ctxt, selector, vec, seg);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	if (!data_segment_ok(&seg->var, cpl))
		return emulate_exception(ctxt, vec, SELECTOR_ERROR(selector), true);
	if (!(seg->var.attr & X86_SEG_P))
		return emulate_exception(ctxt, EXC_NP, SELECTOR_ERROR(selector), true);
	return X86EMUL_CONTINUE;
}

int load_segment(struct x86_emulate_ctxt *ctxt, u16 selector, int seg)
{
	struct new_segment new;
	int rc;

	if (!mode_is_protected(ctxt)) {
		real_mode_segment(ctxt, selector, seg, &new.var);
		ctxt->ops->set_segment(ctxt, seg, &new.var);
		return X86EMUL_CONTINUE;
	}
	if (selector_is_null(selector))
		return load_null_segment(ctxt, selector, seg);
	if (seg == X86_SEG_SS)
		rc = check_stack_segment(ctxt, selector, ctxt->cpl, EXC_GP, &new);
	else
		rc = check_data_segment(ctxt, selector, ctxt->cpl, EXC_GP, &new);
	if (rc == X86EMUL_CONTINUE)
		rc = mark_segment(ctxt, &new);
	if (rc == X86EMUL_CONTINUE)
		ctxt->ops->set_segment(ctxt, seg, &new.var);
	return rc;
}

/* #UD comes before any fault of the operand. */
int check_mov_sreg(struct x86_emulate_ctxt *ctxt)
{
	return ctxt->dst.reg == X86_SEG_CS ? emulate_ud(ctxt) : X86EMUL_CONTINUE;
}

int em_mov_sreg(struct x86_emulate_ctxt *ctxt)
{
	int seg = ctxt->dst.reg;
	int rc;

	rc = load_segment(ctxt, (u16)ctxt->src.val, seg);
	if (rc == X86EMUL_CONTINUE && seg == X86_SEG_SS)
		shadow_ss(ctxt);
	ctxt->dst.type = OP_NONE;
	return rc;
}

static int load_far_pointer(struct x86_emulate_ctxt *ctxt, int seg)
{
	ctxt->dst.val = ctxt->src.val64;
	return load_segment(ctxt, far_selector(&ctxt->src), seg);
}

int em_les(struct x86_emulate_ctxt *ctxt)
{
	return load_far_pointer(ctxt, X86_SEG_ES);
}

int em_lds(struct x86_emulate_ctxt *ctxt)
{
	return load_far_pointer(ctxt, X86_SEG_DS);
}

int em_lss(struct x86_emulate_ctxt *ctxt)
{
	return load_far_pointer(ctxt, X86_SEG_SS);
}

int em_lfs(struct x86_emulate_ctxt *ctxt)
{
	return load_far_pointer(ctxt, X86_SEG_FS);
}

int em_lgs(struct x86_emulate_ctxt *ctxt)
{
	return load_far_pointer(ctxt, X86_SEG_GS);
}

/* The lower of the two privilege levels; written only if that is a change, as ZF then says. */
int em_arpl(struct x86_emulate_ctxt *ctxt)
{
	unsigned int rpl = ctxt->src.val & SELECTOR_RPL;
	int rc;

	if ((ctxt->dst.val & SELECTOR_RPL) >= rpl) {
		ctxt->eflags &= ~EFLG_ZF;
		return X86EMUL_CONTINUE;
	}
	ctxt->dst.val = (ctxt->dst.val & ~(unsigned long)SELECTOR_RPL) | rpl;
	/* It was located for reading: the segment has to be writable, too. */
	ctxt->dst.loaded = false;
	rc = store_operand(ctxt, &ctxt->dst);
	if (rc == X86EMUL_CONTINUE)
		ctxt->eflags |= EFLG_ZF;
	return rc;
}
