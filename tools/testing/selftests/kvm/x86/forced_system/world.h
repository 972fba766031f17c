/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where a system instruction is tried: a mode and a privilege level with its
 * own descriptor tables, task state segments and stacks, all of which a trial
 * may change and all of which are compared afterwards.
 */
#ifndef FORCED_SYSTEM_WORLD_H
#define FORCED_SYSTEM_WORLD_H

#include "kvm_test.h"

/* ---- the arena: memory that a trial starts with, and that is compared --------- */

#define ARENA_GPA	0x40000ul
#define AT_GDT		0x0000u
#define AT_IDT		0x1000u
#define AT_LDT		0x1400u
#define AT_TSS		0x1500u		/* of the running task */
#define AT_TSS32	0x1600u		/* another one */
#define AT_TSS16	0x1700u		/* a 16-bit one */
#define AT_DATA		0x1800u
#define AT_STACKS	0x1a00u		/* of CPL 0 to 3, and the alternate one */
#define STACK_SIZE	0x200u
#define ARENA_SIZE	0x2400u

#define GDT_LIMIT	0xfffu
#define IDT_LIMIT(w)	((w)->real ? 0x3ffu : (w)->lma ? 0x3ffu : 0x1ffu)
#define LDT_LIMIT	0xffu
#define IOPM_BASE	0x88u		/* behind the interrupt redirection bitmap */
#define TSS_LIMIT	(IOPM_BASE + 32)

/* Where handlers are: four bytes per vector, the same code in every mode. */
#define STUBS_GPA	0x50000ul
#define STUB_BYTES	4
/* Where the instruction is, in the page at CODE_GPA; OUT to PORT_DONE fills the rest. */
#define INSN_AT		0x60u
#define LANDING_AT	0x200u		/* a target for branches */

/* Pages that paging worlds map read-only, and not at all. */
#define READ_ONLY_GPA	0x9e000ul
#define ABSENT_GPA	0x9f000ul

/* Selectors of the arena's GDT. */
enum {
	S_CODE64 = 0x08, S_DATA = 0x10, S_CODE32 = 0x18,
	S_CODE16 = 0x20,		/* base CODE_GPA */
	S_DATA16 = 0x28,		/* base ARENA_GPA */
	S_STUBS16 = 0x30,		/* base STUBS_GPA */
	S_TSS = 0x38,			/* two entries in long mode */
	S_LDT = 0x48,			/* the same */
	S_CODE32_1 = 0x58 + 1, S_DATA_1 = 0x60 + 1,
	S_CODE32_2 = 0x68 + 2, S_DATA_2 = 0x70 + 2,
	S_CODE32_3 = 0x78 + 3, S_DATA_3 = 0x80 + 3,
	S_CODE64_3 = 0x88 + 3, S_CODE16_3 = 0x90 + 3, S_DATA16_3 = 0x98 + 3,
	S_TSS32 = 0xa0, S_TSS16 = 0xa8,	/* available, not in long mode */
	S_FREE = 0x100,			/* up to S_SWEEP: for the trial */
	S_SWEEP = 0x800,		/* 256 descriptors, one per access byte */
	S_BEYOND = 0xfff8 & ~7,		/* beyond the limit */
};

/* Access byte of a descriptor. */
#define ACC(type, s, dpl, p)	((type) | (s) << 4 | (dpl) << 5 | (p) << 7)
#define CODE_ACC(dpl)	ACC(0xb, 1, dpl, 1)
#define DATA_ACC(dpl)	ACC(3, 1, dpl, 1)
/* Bits 52 to 55. */
#define F_G	8u
#define F_DB	4u
#define F_L	2u

/* A segment descriptor; @limit counts pages when @flags has F_G. */
u64 make_desc(u32 base, u32 limit, u8 access, u8 flags);
/* The low half of a gate. */
u64 make_gate(u16 selector, u32 offset, u8 access, u8 count);

/* ---- worlds -------------------------------------------------------------------- */

enum world_id {
	W_REAL, W_VM86_3, W_VM86_0, W_PROT16_0, W_PROT16_3,
	W_PROT32_0, W_PROT32_1, W_PROT32_2, W_PROT32_3,
	W_COMPAT_0, W_COMPAT_3, W_LONG_0, W_LONG_3,
	NR_WORLDS,
};

struct world {
	enum world_id id;
	const char *name;
	int bits;		/* of the code: 16, 32, 64 */
	int cpl;
	int iopl;
	bool real, vm86;
	bool lma;		/* long mode is active */
	bool protected;		/* neither real nor VM86 */
	u64 code, data, sp;	/* offsets of CODE_GPA, AT_DATA and the stack in their segments */
	u64 flags;		/* RFLAGS to start with */
	struct kvm_sregs sregs;
	u8 arena[ARENA_SIZE];
};

extern struct world worlds[NR_WORLDS];
#define FOR_WORLDS(w) for (struct world *w = worlds; w < worlds + NR_WORLDS; w++)

/* Fill the read-only page with a descriptor. */
void fill_read_only(u64 desc);
/* Fill worlds[] in, and what is outside of the arena. */
void make_worlds(struct vcpu *vcpu);
/* Linear address, which is the physical one, of something in the arena or in the code page. */
#define IN_ARENA(at)	(ARENA_GPA + (at))
/* Selector of code and stack or data at the world's own CPL @cpl, for bits @bits. */
u16 code_selector(const struct world *w, int cpl);
u16 stack_selector(const struct world *w, int cpl);
/* Offset in a stack segment of the top of the stack of @cpl. */
u64 stack_top(const struct world *w, int cpl);

#endif
