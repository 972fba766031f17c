/* SPDX-License-Identifier: GPL-2.0-only */
/* Descriptors as memory holds them, and the checks that segments, gates and tasks share. */
#ifndef KVM_X86_EMULATE_SEGMENT_H
#define KVM_X86_EMULATE_SEGMENT_H

#include "emulate/insn.h"

#define SELECTOR_RPL	0x0003
#define SELECTOR_TI	0x0004
#define SELECTOR_INDEX	0xfff8

/* Error code of a fault that names a selector: RPL's place holds EXT and IDT. */
#define SELECTOR_ERROR(sel)	((sel) & ~SELECTOR_RPL & 0xffff)

/* Types of system descriptors; those of 32 bits are the 64-bit ones in long mode. */
enum system_type {
	SYS_TSS16 = 1, SYS_LDT = 2, SYS_TSS16_BUSY = 3, SYS_CALL16 = 4, SYS_TASK_GATE = 5,
	SYS_INT16 = 6, SYS_TRAP16 = 7, SYS_TSS32 = 9, SYS_TSS32_BUSY = 11, SYS_CALL32 = 12,
	SYS_INT32 = 14, SYS_TRAP32 = 15,
};

#define SYS_BUSY	2	/* in the type of a TSS */
#define SYS_32		8	/* in the type of a TSS or gate */

#define DESC_ACCESSED	(1ull << 40)	/* code and data */
#define DESC_BUSY	(1ull << 41)	/* TSS */
#define DESC_S		(1ull << 44)	/* code or data, not system */

/* A descriptor and where it was found. @raw[1] is the upper half of a 16-byte one. */
struct segment_desc {
	u64 raw[2];
	unsigned long la;
};

/* A segment register that passed every check, not loaded yet. */
struct new_segment {
	struct x86_segment var;
	struct segment_desc desc;
	bool has_desc;		/* protected mode and not NULL: @desc is valid */
};

/* Where code goes on. */
struct far_target {
	struct new_segment cs;
	unsigned long eip;
	u8 cpl;			/* privilege level there */
	bool is_64;		/* 64-bit code */
};

/* A stack to push to, SS not loaded yet if it is another than the current one. */
struct far_stack {
	struct new_segment ss;
	unsigned long sp;
	u8 width;		/* bytes of rSP that address it: 2, 4, 8 */
	bool load_ss;		/* SS changes */
	bool supervisor;	/* of an inner level: not accessed as the user */
	u16 error;		/* error code of #SS */
};

struct gate {
	unsigned long offset;
	u16 selector;
	u8 type;		/* enum system_type, and bit 4 for what is no gate */
	u8 dpl;
	bool present;
	u8 bytes;		/* of what is pushed: 2, 4, 8 */
	u8 params;		/* call gate: how many the caller has pushed */
	u8 ist;			/* 64-bit interrupt and trap gates: interrupt stack, 0: none */
};

/* What a code segment is wanted for; decides which privilege levels may go there. */
enum cs_use {
	CS_BRANCH,		/* JMP and CALL name it */
	CS_GATE_JMP,		/* JMP through a call gate */
	CS_GATE,		/* CALL or an interrupt through a gate: may raise privilege */
	CS_RETURN,		/* RET and IRET: may lower it */
	CS_TASK,		/* from a TSS: CPL becomes RPL; faults are #TS */
};

static inline bool selector_is_null(u16 selector)
{
	return !(selector & ~SELECTOR_RPL & 0xffff);
}

static inline unsigned int segment_dpl(const struct x86_segment *var)
{
	return (var->attr & X86_SEG_DPL_MASK) >> X86_SEG_DPL_SHIFT;
}

static inline unsigned int segment_type(const struct x86_segment *var)
{
	return var->attr & X86_SEG_TYPE_MASK;
}

static inline bool is_tss_type(unsigned int type)
{
	return (type & ~(unsigned int)(SYS_BUSY | SYS_32)) == SYS_TSS16;
}

/* Selector of a loaded far pointer; its offset is op->val64. */
static inline u16 far_selector(const struct operand *op)
{
	u16 selector;

	memcpy(&selector, op->data + 8, sizeof(selector));
	return selector;
}

/* MOV and POP of SS: neither interrupts nor traps come before the next instruction has retired. */
static inline void shadow_ss(struct x86_emulate_ctxt *ctxt)
{
	ctxt->interruptibility = X86_SHADOW_INT_MOV_SS;
	ctxt->trap = 0;
}

/* segment.c */
/* Linear address of the @bytes of the descriptor @selector names; false: beyond its table. */
bool locate_descriptor(struct x86_emulate_ctxt *ctxt, u16 selector, unsigned int bytes,
		       unsigned long *la);
/* Is EFER.LMA set? It decides about the size of gates and what they lead to. */
int long_mode_active(struct x86_emulate_ctxt *ctxt, bool *lma);
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
/* The same for a segment that is to be loaded. */
int mark_segment(struct x86_emulate_ctxt *ctxt, struct new_segment *seg);
/* What real and virtual-8086 mode load into @seg: never faults. */
void real_mode_segment(struct x86_emulate_ctxt *ctxt, u16 selector, int seg,
		       struct x86_segment *var);
void vm86_segment(u16 selector, struct x86_segment *var);
/* A NULL selector, loaded. */
void null_segment(u16 selector, struct x86_segment *var);
/*
 * Check @selector for ES, DS, FS or GS, for SS (of privilege level @cpl), and
 * for CS. Faults are @vec and, where the segment is not present, #NP or #SS.
 * check_data_segment() takes NULL, check_stack_segment() leaves it to its caller.
 */
int check_data_segment(struct x86_emulate_ctxt *ctxt, u16 selector, unsigned int cpl, int vec,
		       struct new_segment *seg);
int check_stack_segment(struct x86_emulate_ctxt *ctxt, u16 selector, unsigned int cpl, int vec,
			struct new_segment *seg);

/* far.c */
/* Check @selector as a code segment for @use, in protected mode. @target->eip stays. */
int check_code_segment(struct x86_emulate_ctxt *ctxt, u16 selector, enum cs_use use,
		       struct far_target *target);
/* The offset against the limit, or for canonical form. */
int check_target_eip(struct x86_emulate_ctxt *ctxt, const struct far_target *target);
/* Load CS and rIP: cannot fail. */
void goto_target(struct x86_emulate_ctxt *ctxt, const struct far_target *target);
/* The rest of a jump to @target: the checks that are left, and it is done. */
int jump_target(struct x86_emulate_ctxt *ctxt, struct far_target *target);
/* The same with @vals pushed on @st, the first one highest, in items of @bytes. */
int call_target(struct x86_emulate_ctxt *ctxt, struct far_target *target, struct far_stack *st,
		const unsigned long *vals, unsigned int n, unsigned int bytes);

/* stack.c */
/* The stack in use now; with @is_64 as 64-bit code sees it. */
void current_stack(struct x86_emulate_ctxt *ctxt, bool is_64, struct far_stack *st);
/* rSP when @offset is in the part of it that addresses the stack. */
unsigned long stack_pointer(const struct far_stack *st, unsigned long offset);
/* Can @n items of @bytes be pushed? #SS, #PF, and nothing written. */
int probe_frame(struct x86_emulate_ctxt *ctxt, const struct far_stack *st, unsigned int n,
		unsigned int bytes);
/* Push @vals, the first one highest, and move st->sp. All or, but for devices, nothing. */
int push_frame(struct x86_emulate_ctxt *ctxt, struct far_stack *st, const unsigned long *vals,
	       unsigned int n, unsigned int bytes);
/* Load SS, if it changes, and rSP: cannot fail. */
void goto_stack(struct x86_emulate_ctxt *ctxt, const struct far_stack *st);
/* With the virtual-mode extensions: FLAGS as pushed, and their effect when popped, or #GP(0). */
unsigned long vme_flags_image(const struct x86_emulate_ctxt *ctxt);
int vme_set_flags(struct x86_emulate_ctxt *ctxt, unsigned long popped);

/* gate.c */
/* Unpack a call, interrupt, trap or task gate, or what of it a TSS descriptor has. */
void unpack_gate(const struct segment_desc *desc, bool lma, struct gate *gate);
/*
 * The stack of level @cpl that the TSS holds, or with @ist an interrupt stack,
 * checked: #TS, #NP, #SS. rSP and SS are to be loaded with goto_stack().
 */
int inner_stack(struct x86_emulate_ctxt *ctxt, unsigned int cpl, unsigned int ist, bool lma,
		struct far_stack *st);
/* rSP as a change of stack saves it. */
unsigned long old_stack_pointer(struct x86_emulate_ctxt *ctxt);
/* The system descriptor @desc that a far JMP or CALL (@call) names by @selector. */
int branch_system(struct x86_emulate_ctxt *ctxt, u16 selector, struct segment_desc *desc,
		  bool lma, bool call);

/* interrupt.c */
/* The gate of @vector in the IDT, present, and for @software open to this CPL. */
int read_interrupt_gate(struct x86_emulate_ctxt *ctxt, unsigned int vector, bool software,
			struct gate *gate);

/* task.c */
/* To the task of the TSS that @selector names with the descriptor @desc, just read. */
int switch_task(struct x86_emulate_ctxt *ctxt, u16 selector, struct segment_desc *desc,
		enum x86emul_task_switch reason, const u32 *error_code);
/* The same through a task gate that has @selector, or the back link: @desc is still to be read. */
int enter_task(struct x86_emulate_ctxt *ctxt, u16 selector, enum x86emul_task_switch reason,
	       const u32 *error_code);
/* IRET with NT: to the task that the back link names. */
int return_to_task(struct x86_emulate_ctxt *ctxt);

#endif
