/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One instruction on this CPU, whatever it does: every register it starts with
 * and leaves, memory at fixed addresses, and the exception it raises.
 */
#ifndef NATIVE_SANDBOX_H
#define NATIVE_SANDBOX_H

/* The assembly uses these as absolute addresses; all are below 2 GiB. */
#define SB_STATE	0x5a5a0000	/* struct sb_state */
#define SB_LOW_EXIT	0x5a5b0000	/* code below 4 GiB that leads to sandbox_exit */
#define SB_ARENA	0x10000000	/* SB_PAGES pages that instructions see */

/* Offsets in struct sb_state. */
#define SB_HOST_RSP	0x00
#define SB_HOST_FS	0x08
#define SB_ENTRY	0x10
#define SB_RUNNING	0x20
#define SB_SIGNAL_FS	0x28
#define SB_XMASK	0x30
#define SB_EXIT		0x38
#define SB_IN		0x100
#define SB_OUT		0x200
#define SB_INIT		0x400
#define SB_FPU_IN	0x1000
#define SB_FPU_OUT	0x2000

/* Offsets in struct sb_regs. */
#define SB_EFLAGS	0x80
#define SB_FS_BASE	0x88
#define SB_GS_BASE	0x90
#define SB_SEG		0x98

/* Linux's user segments. */
#define SB_USER32_CS	0x23
#define SB_USER_DS	0x2b
#define SB_USER_CS	0x33

#ifndef __ASSEMBLER__

#include <linux/types.h>

#define SB_PAGE		4096u
#define SB_PAGES	16
#define SB_BEHIND	8	/* bytes that sandbox_code() needs behind the instruction */
#define SB_FPU_BYTES	4096

/* The arena, in pages. 16-bit segments cover all of it. */
enum {
	SB_PAGE_LOW = 0,	/* RAM */
	SB_PAGE_CODE = 1,	/* two pages, read-only to instructions; then a hole */
	SB_PAGE_DATA = 4,	/* three pages of RAM, then a hole */
	SB_PAGE_RO = 8,		/* read-only, then a hole */
	SB_PAGE_STACK = 10,	/* two pages of RAM, then a hole */
	SB_PAGE_TOP = 15,	/* RAM: the end of a 16-bit segment */
};

/* Segments that the sandbox has in its LDT. */
enum {
	SB_SEL_CODE16 = 0x07,	/* the arena */
	SB_SEL_DATA16 = 0x0f,	/* the same, B = 0 */
	SB_SEL_BASED = 0x17,	/* 32-bit data, base SB_ARENA, limit 0xffff */
	SB_SEL_SMALL = 0x1f,	/* the same up to the middle of the data pages */
	SB_SEL_DOWN = 0x27,	/* expand-down: from the middle of the data pages */
	SB_SEL_RODATA = 0x2f,	/* SB_SEL_BASED, read-only */
	SB_SEL_CODE32 = 0x37,	/* 32-bit code, base 0, not readable */
	SB_SEL_ABSENT = 0x3f,
	SB_LDT_ENTRIES = 8,
};

/* In the middle of the data pages, and of a cache line. */
#define SB_SMALL_LIMIT	(SB_PAGE_DATA * SB_PAGE + SB_PAGE + SB_PAGE / 2 - 20)

/* Registers in the order of enum x86emul_reg; segments in that of enum x86emul_seg. */
struct sb_regs {
	u64 gpr[16];
	u64 eflags;
	u64 fs_base, gs_base;
	u16 seg[8];
};

/* What raised: @vector -1 when the instruction retired. */
struct sb_event {
	int vector;
	u32 error;
	u64 address;	/* CR2 of #PF */
	u64 rip;	/* as an offset in CS */
	u64 eflags;
	u16 cs, ss;
};

struct sb_state {
	u64 host_rsp, host_fs;
	u32 entry_offset;
	u16 entry_cs;
	u16 pad[5];
	u64 running, signal_fs, xmask, exit;
	u8 pad1[SB_IN - 0x40];
	struct sb_regs in;
	u8 pad2[SB_OUT - SB_IN - sizeof(struct sb_regs)];
	struct sb_regs out;
	u8 pad3[SB_INIT - SB_OUT - sizeof(struct sb_regs)];
	u8 init[SB_FPU_IN - SB_INIT];	/* an XSAVE area in its initial state */
	u8 fpu_in[SB_FPU_BYTES];	/* XSAVE areas, standard format */
	u8 fpu_out[SB_FPU_BYTES];
	/* Written by the signal handler. */
	struct sb_event event;
	u32 raised;
};

#define sandbox		((struct sb_state *)SB_STATE)

/* Where a component of the XSAVE area is, and its size; 0: this CPU does not have it. */
struct sb_xcomp {
	u32 offset, size;
};

extern struct sb_xcomp sb_xcomp[8];
extern u32 sb_xsize;		/* of the whole area */
extern u64 sb_xmask;		/* components that are compared: XCR0 without PKRU */
extern bool sb_has_compat, sb_has_ldt;
/* The arena as the harness writes it, code and read-only pages included. */
extern u8 *sb_memory;

/* Map everything and take over the signals; NULL, or why that is not possible. */
const char *sandbox_init(void);
/* In a new process: memory of its own, and the state that fork() does not copy. */
bool sandbox_enter_child(void);
/*
 * Run the instruction of @len bytes at arena offset @at, put there by
 * sandbox_code(), from sandbox->in and sandbox->fpu_in to ->out and ->fpu_out.
 */
void sandbox_run(u32 at, u32 len, struct sb_event *event);
/* Put an instruction at arena offset @at, to run with @cs; the way back behind it. */
void sandbox_code(u32 at, const u8 *code, u32 len, u16 cs);
u64 sandbox_segment_base(u16 selector);

#endif
#endif
