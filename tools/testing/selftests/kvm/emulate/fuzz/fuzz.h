/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Fuzzing of the emulator: an input is a machine in a few bytes, a failure to
 * inject, and an instruction. All zero is the plain machine of machine_init().
 */
#ifndef EMUTEST_FUZZ_H
#define EMUTEST_FUZZ_H

#include <setjmp.h>
#include "machine.h"

#define FUZZ_CODE	16

struct fuzz_input {
	u8 mode;		/* enum x86emul_mode, modulo */
	u8 cpl;			/* 0 to 3 */
	u8 options;		/* FUZZ_OPT_* */
	u8 more;		/* FUZZ_MORE_* */
	u8 given;		/* bytes of the instruction that the exit delivered, 0 to 15 */
	u8 place;		/* where the instruction is */
	u8 fail_at;		/* the callback to fail; 0: none */
	u8 fail_with;		/* enum x86emul_result, modulo, without CONTINUE */
	u8 stage;		/* intercept() answers INTERCEPTED there: 0 never, 1 to 3 */
	u8 text;		/* size of the buffer for the text */
	u8 cr0, xcr0;		/* bits to turn, of lists in fuzz_setup.c */
	u16 cr4;
	u8 feature;		/* 0: all; else this one is off; 255: none */
	u8 msr;
	u32 eflags;		/* to turn */
	u16 fcw, fsw;		/* to turn */
	u16 mxcsr;		/* to turn */
	u8 memory;		/* seed of what pages hold; 0: zeroes */
	u8 gdt;			/* descriptor to change ... */
	u8 gdt_bits;		/* ... its attributes to turn */
	u8 pages[7];		/* attributes of CODE + 1, DATA (2), MMIO (2), STACK (2) */
	u8 segs[8];		/* variant of each segment register */
	u16 gpr[X86_NR_GPRS];	/* variant of each general register */
	u8 code[FUZZ_CODE];
} __attribute__((packed));

#define FUZZ_OPT_GUEST_MODE	BIT(0)
#define FUZZ_OPT_UD		BIT(1)
#define FUZZ_OPT_BACKDOOR	BIT(2)
#define FUZZ_OPT_NO_PAGE	BIT(3)	/* no buffer for bulk transfers */
#define FUZZ_OPT_MSR_EXIT	BIT(4)
#define FUZZ_OPT_AMD		BIT(5)
#define FUZZ_OPT_SMM		BIT(6)
#define FUZZ_OPT_RACE		BIT(7)	/* the first compare-and-exchange loses */
#define FUZZ_MORE_IDT		BIT(0)	/* gates at LA_ZERO */

/* The machine as @in says, its instruction in place. (fuzz_setup.c) */
void fuzz_setup(struct machine *m, const struct fuzz_input *in);

#define INJECTED_CODE	0x800	/* error code of an injected #PF: no processor has it */

/*
 * Callbacks around those of the fake machine. They fail where asked, and abort
 * when the emulator breaks a promise. (fuzz_ops.c)
 */
struct fuzz_watch {
	unsigned int fail_at;	/* fallible callback to fail, from 1; 0: none */
	int fail_with;
	bool failed;
	unsigned int fallible;	/* calls so far since fuzz_watch_begin() */
	unsigned int calls;	/* all callbacks, in this x86_emulate_insn() */
	bool in_fpu;
	u16 fetched;		/* bytes from the start of the instruction */
	u64 start;		/* its linear address */
	unsigned int nr_log;	/* device accesses before this instruction */
	bool after_access;	/* the failure came after one of this instruction's */
	u64 not_ram;		/* page that was said not to be plain memory */
	unsigned int nr_writable;
	u64 writable[16];	/* pages that this instruction knows to be writable */
	const struct machine *machine;	/* for reports */
};

extern struct fuzz_watch watch;
extern jmp_buf fuzz_next;
extern const struct x86_emulate_ops fuzz_ops;

/* Abort with a message: a property does not hold. With FUZZ_GO_ON set, go on with the next input. */
void fuzz_broken(const char *fmt, ...) __attribute__((__format__(__printf__, 1, 2), __noreturn__));

#endif
