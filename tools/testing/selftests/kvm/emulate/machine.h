/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A machine for the emulator to run on: everything struct x86_emulate_ops asks
 * for, held in one plain structure that can be copied and compared.
 */
#ifndef EMUTEST_MACHINE_H
#define EMUTEST_MACHINE_H

#include <linux/types.h>
#include "emulate/insn.h"

/* Attributes of a page. No attribute at all: not present. */
#define PG_PRESENT	BIT(0)
#define PG_WRITABLE	BIT(1)
#define PG_USER		BIT(2)
#define PG_NX		BIT(3)
#define PG_MMIO		BIT(4)
#define PG_RAM		(PG_PRESENT | PG_WRITABLE | PG_USER)
#define PG_DEVICE	(PG_RAM | PG_MMIO)

#define MACHINE_PAGES	24
#define MACHINE_MSRS	12
#define MACHINE_LOG	512
#define MACHINE_PAGE	4096u

/* Linear addresses that every mode can use; all are below 64 KiB. */
enum {
	LA_ZERO = 0x0000,	/* RAM: the real-mode vector table */
	LA_CODE = 0x1000,	/* two pages of RAM: instructions are put at LA_IP */
	LA_IP = 0x1800,
	LA_DATA = 0x3000,	/* two pages of RAM */
	LA_HOLE = 0x5000,	/* nothing */
	LA_MMIO = 0x6000,	/* two pages of a device */
	LA_STACK = 0x9000,	/* two pages of RAM */
	LA_SP = 0x9800,
	LA_RO = 0xb000,		/* RAM, read-only */
	LA_GDT = 0xc000,	/* RAM, supervisor */
	LA_TSS = 0xd000,	/* RAM, supervisor */
	LA_SUPER = 0xe000,	/* RAM, supervisor */
	LA_TASK32 = 0xe200, LA_TASK16 = 0xe300,
	LA_TOP = 0xf000,	/* RAM: the last page of a real-mode segment */
};

#define LA_HIGH		0xffff800000001000ul	/* RAM in the upper half */

/* Selectors in the machine's GDT. */
enum {
	SEL_NULL = 0x00,
	SEL_CODE16 = 0x08, SEL_CODE32 = 0x10, SEL_CODE64 = 0x18, SEL_DATA = 0x20,
	SEL_UCODE16 = 0x2b, SEL_UCODE32 = 0x33, SEL_UCODE64 = 0x3b, SEL_UDATA = 0x43,
	SEL_ABSENT = 0x48,	/* data, not present */
	SEL_RODATA = 0x50,
	SEL_XCODE = 0x58,	/* execute-only, not conforming */
	SEL_CONFORM = 0x60,	/* conforming code, DPL 0 */
	SEL_DOWN = 0x68,	/* data, expand-down, limit 0x7fff */
	SEL_DATA16 = 0x70,	/* data, B = 0, limit 0xffff */
	SEL_TSS = 0x78,		/* available TSS, 16 bytes long */
	SEL_LDT = 0x88,		/* 16 bytes long */
	SEL_ABSENT_CODE = 0x98,
	SEL_BASED = 0xa0,	/* data, base 0x3000, limit 0xfff */
	SEL_FRESH = 0xa8,	/* data, not yet accessed */
	SEL_CODE_1 = 0xb1, SEL_DATA_1 = 0xb9,	/* of privilege level 1 */
	SEL_TASK32 = 0xc0,	/* available 32-bit TSS at LA_TASK32, its minimal length */
	SEL_TASK16 = 0xc8,	/* the same of 16 bits */
	SEL_FREE = 0xd0,	/* for what a case puts there */
	SEL_GDT_SIZE = 0x200,
};

struct mpage {
	u64 la;
	u32 attr;
	u8 data[MACHINE_PAGE];
};

/* What an instruction may change; compared as bytes, so kept zeroed in its holes. */
struct mstate {
	unsigned long gpr[X86_NR_GPRS];
	unsigned long eip;
	unsigned long eflags;
	u64 cr[16];
	u64 dr[8];
	u64 xcr0;
	struct x86_segment seg[X86_NR_SEGS];
	struct x86_desc_ptr dt[2];
	u32 msr_index[MACHINE_MSRS];
	u64 msr[MACHINE_MSRS];
	u8 vec[32][64];
	u64 k[8];
	/* R0 to R7, 80 bits each; MMX registers are their low 64. */
	u8 x87[8][16];
	u16 fcw, fsw, fop;
	u8 ftw;				/* abridged: a bit each register that is not empty */
	u8 pad;
	u32 mxcsr;
	u32 pkru;
	u64 fip, fdp;			/* low 32 bits only */
	u32 halts, invlpgs, wbinvds, hypercalls;
	u64 invlpg_la;
	u32 vcpu_ops;			/* other vcpu_op() calls, the last of them: */
	u32 vcpu_op;
	u64 vcpu_op_arg[2];
	u64 port_out_count;		/* items that reached a port */
	u64 mmio_write_count;		/* writes that reached a device */
	struct mpage page[MACHINE_PAGES];
};

enum access_kind { ACC_MMIO_READ, ACC_MMIO_WRITE, ACC_PIO_IN, ACC_PIO_OUT, ACC_MSR };

/* One access as userspace sees it. */
struct access {
	u8 kind;
	u32 bytes;
	u32 count;
	u64 addr;
	u8 data[1024];	/* the first of it; XSAVE writes 1024 at once */
};

struct machine {
	struct mstate s;
	struct x86_emulate_ctxt ctxt;
	u8 mode;
	u8 cpl;
	bool guest_mode;
	bool ud_only;
	bool smm;
	u32 smbase;
	u8 hypercall;
	struct x86_features features;
	/* machine_run() calls x86_emulate_task_switch() with this, if @selector is not 0. */
	struct {
		u16 selector;
		int idt_index;
		u8 reason;
		bool has_error_code;
		u32 error_code;
	} task;
	bool msr_exit;		/* MSRs are userspace's: X86EMUL_IO_NEEDED first */
	bool no_io_exit;	/* devices answer at once instead of X86EMUL_IO_NEEDED */
	u8 *bulk_page;		/* ctxt->page */
	bool by_element, stop_rep;	/* as the context has them */

	/* Failure injection: the @fail_at-th fallible callback returns @fail_with. */
	unsigned int calls;
	unsigned int fail_at;
	int fail_with;
	bool failed;
	int cmpxchg_races;	/* so many cmpxchg() calls lose */
	int intercept_stage;	/* intercept() answers INTERCEPTED there; -1 never */
	unsigned int intercepts_asked;
	struct x86_instruction_info last_info;

	/* Accesses that left to userspace, in order. */
	struct access log[MACHINE_LOG];
	unsigned int nr_log;
	struct access queue[MACHINE_LOG];
	unsigned int nr_queue;
	u32 port_seed;		/* input data counts up from here */

	/* The read that userspace is to complete. */
	bool pending;
	struct access pend;
	u8 pend_data[4096];
	unsigned int exits;	/* IO_NEEDED seen by machine_run() */
	unsigned int restarts;
	unsigned int errors;	/* protocol errors: a page crossed, a changed replay, ... */
	char error[160];	/* the first of them */

	/* Callback counts; @touched: RAM was written. */
	unsigned int touched, fetches, reads, writes, cmpxchgs;
	unsigned int pio_ins, pio_outs;
	int result;		/* enum x86_emulation of the last run */
	int decode_result;	/* enum x86emul_result of the last decode */
};

/* Reset to @mode at @cpl: default segments, pages, registers; flags 2. */
void machine_init(struct machine *m, enum x86emul_mode mode, int cpl);
/* Add or change a page. */
void machine_page(struct machine *m, u64 la, u32 attr);
struct mpage *machine_find(struct machine *m, u64 la);
/* Copy to or from memory, whatever the attributes; false where no page is. */
bool machine_poke(struct machine *m, u64 la, const void *data, unsigned int bytes);
bool machine_peek(struct machine *m, u64 la, void *data, unsigned int bytes);
u64 machine_peek_val(struct machine *m, u64 la, unsigned int bytes);
/* Put an instruction at LA_IP and point eip there. */
void machine_code(struct machine *m, const u8 *code, unsigned int len);
/* The linear address of eip. */
u64 machine_ip_la(struct machine *m);
/* A descriptor with attributes as struct x86_segment has them. */
void machine_descriptor(struct machine *m, u64 la, u32 base, u32 limit, u16 attr);
void machine_set_msr(struct machine *m, u32 index, u64 val);

/* Decode at eip; m->ctxt holds the result. */
int machine_decode(struct machine *m);
/* Run one instruction as a VMM would: decode, emulate, complete, take the state over. */
int machine_run(struct machine *m);
/* Run until the instruction at eip has retired (REP restarts included), at most @max times. */
int machine_run_all(struct machine *m, unsigned int max);

/* machine_fpu.c: the state components this CPU has, and the callbacks. */
u64 machine_fpu_features(void);
/* CPUID leaf D: size, offset, flags of component @nr; PKRU even if this CPU has none. */
void machine_fpu_layout(u32 nr, u32 *eax, u32 *ebx, u32 *ecx);
void machine_get_fpu(struct x86_emulate_ctxt *ctxt);
void machine_put_fpu(struct x86_emulate_ctxt *ctxt);
void machine_set_mmx(struct mstate *s, unsigned int nr, u64 val);
u64 machine_mmx(const struct mstate *s, unsigned int nr);

extern const struct x86_emulate_ops machine_ops;

#endif
