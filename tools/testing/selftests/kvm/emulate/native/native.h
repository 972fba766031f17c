/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The walk: every row with user-mode semantics, in thousands of states, on this
 * CPU and in the emulator, which must agree.
 */
#ifndef NATIVE_NATIVE_H
#define NATIVE_NATIVE_H

#include <stddef.h>
#include "walk.h"
#include "sandbox.h"

/* Random numbers of one row: repeatable whoever else runs. */
struct rng {
	u64 x;
};

u64 rng_next(struct rng *r);
u32 rng_below(struct rng *r, u32 n);	/* 0 to @n - 1 */
static inline bool rng_one_in(struct rng *r, u32 n)
{
	return !rng_below(r, n);
}

/* A mode with its segments, in the order of enum x86emul_seg. */
struct world {
	const char *name;
	u8 mode;
	u16 seg[6];
};

#define NR_WORLDS	4
extern const struct world worlds[NR_WORLDS];

/* One encoding of a row and what the emulator decodes of it. */
struct form {
	const struct row *row;
	const struct world *world;
	u8 bytes[16];
	u8 len;
	u8 prefixes;		/* legacy prefixes at the start */
	u32 at;			/* offset in the arena */
	const struct opcode *op;	/* NULL where there is none */
	u32 flags;		/* of @op */
	bool undefined;		/* decoding alone gives #UD */
	bool memory;		/* ModRM names memory */
	s8 base, index;		/* registers of its address, or -1 */
	u8 scale;
	u8 seg;			/* enum x86emul_seg */
	u8 mem_bytes;
	u8 op_bytes, ad_bytes;
	u8 modrm_reg, modrm_rm;
	s64 disp;
};

/* form.c: @f->world is chosen already. False where nothing can be made now. */
bool form_make(struct rng *r, const struct row *row, struct form *f);
u64 world_base(const struct world *w, int seg);

/* values.c: registers, FPU and memory of the next case, in the sandbox and the machine. */
void values_reset(struct rng *r);
void values_make(struct rng *r, const struct form *f);
u64 pick_value(struct rng *r);
u16 pick_selector(struct rng *r);
u64 pick_code_offset(struct rng *r, u64 base);

/* values_fpu.c: @f NULL for any instruction. */
void fpu_values_make(struct rng *r, const struct form *f);
void fpu_memory_make(struct rng *r, u8 *to, u32 bytes);

/* machine.c of this program: the emulator's side. */
struct outcome {
	int result;		/* enum x86_emulation */
	struct sb_event event;
	struct sb_regs regs;
	u64 ea;			/* of the memory operand */
	bool misaligned;	/* where the row demands alignment */
	bool odd_offset;	/* not canonical before the base of FS or GS is added */
};

void emu_init(void);
void emu_world(const struct world *w);
/* Decode @f->bytes and fill the rest of @f. False: no row, or one that cannot run. */
bool emu_decode(struct form *f);
void emu_run(const struct form *f, struct outcome *out);
void emu_disasm(const struct form *f, char *text, size_t size);
bool emu_has_feature(const struct opcode *op);
extern u8 emu_fpu[SB_FPU_BYTES];
/* Write to the arena of both sides; what is no page there is left out. */
void poke_both(u32 at, const void *data, u32 bytes);
/* Make the machine's memory equal to the sandbox's: all of it, or the code pages. */
void emu_copy_memory(void);
void emu_copy_code(void);
/* The other way round. */
void emu_take_memory(void);
/* The first difference of the memories, or -1. */
int emu_memory_differs(void);
u8 emu_memory_byte(u32 at);

/* rules.c */
/* Why @row is not run here, or NULL. */
const char *row_excluded(const struct row *row);
const char *row_family(const struct row *row);
/* The same for one encoding of it. */
bool form_excluded(const struct form *f);
/* Flags, and registers as a bit mask, that the manuals leave undefined for these inputs. */
u64 undefined_flags(const struct form *f, bool fault);
u32 undefined_registers(const struct form *f, bool fault);
/* Not even the memory is comparable: @fault says whether the instruction faulted. */
bool undefined_memory(const struct form *f, bool fault);
/* A fault may be another, or none, on the CPU: @cpu is -1, too. */
bool fault_may_differ(const struct form *f, const struct outcome *o, const struct sb_event *cpu);

bool x87_may_differ(const struct form *f, bool fault);

/* compare.c: run one case; false with the reason in @why. */
bool case_agrees(const struct form *f, bool *retired, char *why, size_t size);
void case_describe(const struct form *f, char *text, size_t size);

/* walk of one row, in a worker. */
#define NATIVE_EXAMPLES	3
#define NATIVE_TEXT	1800

struct row_result {
	u64 cases, retired, faulted, not_emulated, mismatches;
	u32 crashes;
	u32 examples;
	char example[NATIVE_EXAMPLES][NATIVE_TEXT];
};

void walk_row(u32 index, u64 seed, u32 cases, struct row_result *res);

/* pool.c: what a worker does now, for the report of its crash. */
struct worker_state {
	volatile u64 beat;	/* counts cases */
	volatile u32 row;
	volatile u32 busy;
	u8 bytes[16];
	u8 len;
	u8 world;
	u64 gpr[16];
};

extern struct worker_state *worker_state;

/* Run about @cases cases, at most @seconds; reports in TAP and marks rows as executed. */
void native_walk(u64 cases, unsigned int seconds);

#endif
