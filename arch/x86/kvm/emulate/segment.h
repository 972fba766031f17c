/* SPDX-License-Identifier: GPL-2.0-only */
/* Descriptors as memory holds them, and the checks that segment.c and far.c share. */
#ifndef KVM_X86_EMULATE_SEGMENT_H
#define KVM_X86_EMULATE_SEGMENT_H

#include "emulate/insn.h"

#define SELECTOR_RPL	0x0003
#define SELECTOR_TI	0x0004
#define SELECTOR_INDEX	0xfff8

/* Error code of a fault that names a selector: RPL's place holds EXT and IDT. */
#define SELECTOR_ERROR(sel)	((sel) & ~SELECTOR_RPL & 0xffff)

/* A descriptor and where it was found. @raw[1] is the upper half of a 16-byte one. */
struct segment_desc {
	u64 raw[2];
	unsigned long la;
};

/* A code segment that passed every check, not loaded yet. */
struct far_target {
	struct x86_segment cs;
	struct segment_desc desc;
	unsigned long eip;
	bool has_desc;		/* protected mode: @desc is valid */
};

static inline bool selector_is_null(u16 selector)
{
	return !(selector & ~SELECTOR_RPL & 0xffff);
}

static inline unsigned int segment_dpl(const struct x86_segment *var)
{
	return (var->attr & X86_SEG_DPL_MASK) >> X86_SEG_DPL_SHIFT;
}

/* Selector of a loaded far pointer; its offset is op->val64. */
static inline u16 far_selector(const struct operand *op)
{
	u16 selector;

	memcpy(&selector, op->data + 8, sizeof(selector));
	return selector;
}

/* Linear address of the @bytes of the descriptor @selector names; false: beyond its table. */
bool locate_descriptor(struct x86_emulate_ctxt *ctxt, u16 selector, unsigned int bytes,
		       unsigned long *la);
/*
 * Read the descriptor that @selector names: 8 bytes, or 16 with @wide. Beyond
 * the table's limit or without an LDT it is @vec with the selector; the read
 * itself may fault. The caller deals with NULL.
 */
int read_descriptor(struct x86_emulate_ctxt *ctxt, u16 selector, bool wide, int vec,
		    struct segment_desc *desc);
/* Unpack @desc: byte granular limit, attributes in the layout of x86_segment. */
void unpack_descriptor(const struct segment_desc *desc, u16 selector, struct x86_segment *var);
/* Set the accessed bit in memory and @var. X86EMUL_RETRY_INSTR: the descriptor just changed. */
int mark_accessed(struct x86_emulate_ctxt *ctxt, const struct segment_desc *desc,
		  struct x86_segment *var);
/* What real and virtual-8086 mode load into @seg: never faults. */
void real_mode_segment(struct x86_emulate_ctxt *ctxt, u16 selector, int seg,
		       struct x86_segment *var);
/* Is EFER.LMA set: 64-bit or compatibility mode? (far.c) */
int long_mode_active(struct x86_emulate_ctxt *ctxt, bool *lma);

#endif
