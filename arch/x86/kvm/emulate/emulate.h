/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The x86 instruction emulator: context, callbacks, decode, emulate, results.
 *
 * The emulator knows x86 and nothing of KVM: it reaches guest memory, ports,
 * segments and control registers through struct x86_emulate_ops, and compiles
 * unchanged in userspace for tests. Every name without another source is from
 * the Intel SDM or the AMD APM.
 *
 * A context belongs to one vCPU and to the thread that runs it; nothing here
 * takes a lock or sleeps, but callbacks may sleep.
 */
#ifndef KVM_X86_EMULATE_EMULATE_H
#define KVM_X86_EMULATE_EMULATE_H

#include <linux/types.h>
#include <linux/bits.h>

struct x86_emulate_ctxt;
struct opcode;

/* General-purpose registers in hardware order; index of x86_emulate_ctxt.gpr. */
enum x86emul_reg {
	X86_REG_RAX, X86_REG_RCX, X86_REG_RDX, X86_REG_RBX,
	X86_REG_RSP, X86_REG_RBP, X86_REG_RSI, X86_REG_RDI,
	X86_REG_R8, X86_REG_R9, X86_REG_R10, X86_REG_R11,
	X86_REG_R12, X86_REG_R13, X86_REG_R14, X86_REG_R15,
	X86_NR_GPRS,
};

/* Segment registers in the order of the Sreg field; then LDTR and TR. */
enum x86emul_seg {
	X86_SEG_ES, X86_SEG_CS, X86_SEG_SS, X86_SEG_DS, X86_SEG_FS, X86_SEG_GS,
	X86_SEG_LDTR, X86_SEG_TR,
	X86_NR_SEGS,
};

/*
 * A segment register with its hidden part. @limit is in bytes, granularity
 * applied. @attr has the descriptor's bits 40-47 in 0-7 and 52-55 in 8-11 (the
 * layout of the VMCB); X86_SEG_UNUSABLE marks a NULL selector.
 */
struct x86_segment {
	u16 selector;
	u16 attr;
	u32 limit;
	u64 base;
};

#define X86_SEG_TYPE_MASK	0x000f
#define X86_SEG_ACCESSED	0x0001	/* code and data */
#define X86_SEG_WRITABLE	0x0002	/* data */
#define X86_SEG_READABLE	0x0002	/* code */
#define X86_SEG_EXPAND_DOWN	0x0004	/* data */
#define X86_SEG_CONFORMING	0x0004	/* code */
#define X86_SEG_CODE		0x0008
#define X86_SEG_S		0x0010	/* code or data, not system */
#define X86_SEG_DPL_SHIFT	5
#define X86_SEG_DPL_MASK	0x0060
#define X86_SEG_P		0x0080
#define X86_SEG_AVL		0x0100
#define X86_SEG_L		0x0200
#define X86_SEG_DB		0x0400
#define X86_SEG_G		0x0800
#define X86_SEG_UNUSABLE	0x1000

/* GDTR or IDTR. */
struct x86_desc_ptr {
	u16 size;
	u64 address;
};

/* How addresses and operand sizes are formed; from CR0.PE, EFLAGS.VM, EFER.LMA, CS.L and CS.D. */
enum x86emul_mode {
	X86EMUL_MODE_REAL,	/* real-address mode; CS.D may be 1 (big real) */
	X86EMUL_MODE_VM86,
	X86EMUL_MODE_PROT16,
	X86EMUL_MODE_PROT32,
	X86EMUL_MODE_PROT64,
};

/* What handlers and callbacks return. */
enum x86emul_result {
	X86EMUL_CONTINUE,	/* done */
	X86EMUL_UNHANDLEABLE,	/* cannot be emulated; nothing changed */
	X86EMUL_PROPAGATE_FAULT,/* inject ctxt->exception */
	X86EMUL_RETRY_INSTR,	/* run the instruction again from its start */
	X86EMUL_CMPXCHG_FAILED,	/* memory no longer held the old value */
	X86EMUL_IO_NEEDED,	/* userspace must complete an access first */
	X86EMUL_INTERCEPTED,	/* a nested hypervisor took the instruction */
	X86EMUL_NOT_RAM,	/* X86EMUL_F_RAM given and it is not plain memory */
};

/* What x86_emulate_insn() returns. */
enum x86_emulation {
	EMULATION_FAILED = -1,	/* cannot be emulated, or not for ctxt->ud; nothing changed */
	EMULATION_OK,		/* retired; registers, eflags and eip are new */
	EMULATION_RESTART,	/* REP progress or lost race: resume the guest at eip */
	EMULATION_INTERCEPTED,	/* nested #VMEXIT synthesised */
	EMULATION_FAULT,	/* inject ctxt->exception; registers as the manual says */
	EMULATION_IO_NEEDED,	/* complete the access, then call x86_emulate_insn() again */
};

/* An exception to inject. @address is CR2 for #PF. */
struct x86_exception {
	u8 vector;
	bool error_code_valid;
	u32 error_code;
	u64 address;		/* of a page fault; of #DB the bits it sets in DR6 */
	bool nested_page_fault;	/* fault in a nested hypervisor's tables */
};

/* VMware's pseudo counters of RDPMC: the host's TSC; real and apparent time in ns. */
#define VMWARE_PMC_HOST_TSC		0x10000
#define VMWARE_PMC_REAL_TIME		0x10001
#define VMWARE_PMC_APPARENT_TIME	0x10002

/* What switches tasks. */
enum x86emul_task_switch {
	X86EMUL_TASK_CALL,
	X86EMUL_TASK_IRET,
	X86EMUL_TASK_JMP,
	X86EMUL_TASK_GATE,	/* an interrupt or exception through a task gate of the IDT */
};

/* What a nested hypervisor may intercept, and when in the pipeline it is asked. */
enum x86_intercept_stage {
	X86_ICPT_PRE_EXCEPT,	/* before exceptions */
	X86_ICPT_POST_EXCEPT,	/* after privilege exceptions */
	X86_ICPT_POST_MEMACCESS,/* after memory operands were checked */
};

enum x86_intercept {
	x86_intercept_none,
	x86_intercept_cr_read, x86_intercept_cr_write,
	x86_intercept_clts, x86_intercept_lmsw, x86_intercept_smsw,
	x86_intercept_dr_read, x86_intercept_dr_write,
	x86_intercept_lidt, x86_intercept_sidt,
	x86_intercept_lgdt, x86_intercept_sgdt,
	x86_intercept_lldt, x86_intercept_sldt,
	x86_intercept_ltr, x86_intercept_str,
	x86_intercept_rdtsc, x86_intercept_rdpmc,
	x86_intercept_pushf, x86_intercept_popf,
	x86_intercept_cpuid, x86_intercept_rsm, x86_intercept_iret,
	x86_intercept_intn, x86_intercept_invd, x86_intercept_pause,
	x86_intercept_hlt, x86_intercept_invlpg, x86_intercept_invlpga,
	x86_intercept_vmrun, x86_intercept_vmload, x86_intercept_vmsave,
	x86_intercept_vmmcall, x86_intercept_stgi, x86_intercept_clgi,
	x86_intercept_skinit, x86_intercept_rdtscp, x86_intercept_rdpid,
	x86_intercept_icebp, x86_intercept_wbinvd,
	x86_intercept_monitor, x86_intercept_mwait,
	x86_intercept_rdmsr, x86_intercept_wrmsr,
	x86_intercept_in, x86_intercept_ins,
	x86_intercept_out, x86_intercept_outs,
	x86_intercept_xsetbv, x86_intercept_invpcid, x86_intercept_rdpru,
	x86_intercept_rdrand, x86_intercept_rdseed,
	X86_NR_INTERCEPTS,
};

/* The decoded instruction as the vendor's check_intercept() needs it. */
struct x86_instruction_info {
	u8 intercept;		/* enum x86_intercept */
	u8 rep_prefix;		/* 0, 0xf2 or 0xf3 */
	u8 modrm_mod;
	u8 modrm_reg;		/* REX.R applied */
	u8 modrm_rm;		/* REX.B applied */
	u64 src_val;
	u64 dst_val;
	u8 src_bytes;
	u8 dst_bytes;
	u8 ad_bytes;		/* address size in bytes */
	u64 next_rip;
};

/* Flags of read(), write() and cmpxchg(). */
#define X86EMUL_F_IMPLICIT	BIT(0)	/* system structure: supervisor access whatever the CPL */
#define X86EMUL_F_WRITE		BIT(1)	/* read(): translate for writing (read-modify-write) */
#define X86EMUL_F_RAM		BIT(2)	/* X86EMUL_NOT_RAM, without effect, unless plain memory */
#define X86EMUL_F_PROBE		BIT(3)	/* translate and check only; data may be NULL */
#define X86EMUL_F_PHYSICAL	BIT(4)	/* read(): the address is physical */

/* get_dt() and set_dt(). */
enum x86emul_dt { X86_DT_GDT, X86_DT_IDT };

/* vcpu_op() */
enum x86emul_vcpu_op {
	X86_VCPU_HALT,		/* stop until an event, once the instruction retired */
	X86_VCPU_MONITOR,	/* @arg: linear address to watch */
	X86_VCPU_MWAIT,		/* @arg: EAX, @arg2: ECX; may go on at once */
	X86_VCPU_INVLPG,	/* @arg: linear address */
	X86_VCPU_INVPCID,	/* @arg: type | PCID << 32, @arg2: linear address */
	X86_VCPU_WBINVD,	/* INVD, too: caches are written back where a guest can tell */
	X86_VCPU_HYPERCALL,	/* VMCALL or VMMCALL, whichever the guest used */
	X86_VCPU_LEAVE_SMM,	/* RSM: @arg: struct x86_smm_state *, loaded as a whole or refused */
	X86_VCPU_SHUTDOWN,	/* the processor stops, as after a triple fault */
};

/* What RSM loads besides general registers, RIP and RFLAGS. NMIs are unblocked, too. */
struct x86_smm_state {
	u64 cr0, cr3, cr4, efer;
	u64 dr6, dr7;
	struct x86_segment seg[X86_NR_SEGS];	/* the CPL is SS's DPL */
	struct x86_desc_ptr dt[2];
	u32 smbase;		/* for the next SMI */
	bool halt;		/* HLT goes on */
};

/*
 * What the emulator needs of its host. All are called by x86_decode_insn() and
 * x86_emulate_insn() in the caller's thread and may sleep. Memory callbacks
 * take a linear address and never cross a 4 KiB page; those that can fault
 * fill ctxt->exception and return X86EMUL_PROPAGATE_FAULT. After
 * X86EMUL_IO_NEEDED the same call is made again, with the same arguments, when
 * x86_emulate_insn() is called anew: it then returns the completed data.
 */
struct x86_emulate_ops {
	/* Fetch @bytes of instruction at linear @la, one page only. */
	int (*fetch)(struct x86_emulate_ctxt *ctxt, unsigned long la, void *data,
		     unsigned int bytes);
	/* Read: CONTINUE, PROPAGATE_FAULT, IO_NEEDED, NOT_RAM, UNHANDLEABLE. */
	int (*read)(struct x86_emulate_ctxt *ctxt, unsigned long la, void *data, unsigned int bytes,
		    u32 flags);
	/* Write; a device write is queued and done when the instruction retires. */
	int (*write)(struct x86_emulate_ctxt *ctxt, unsigned long la, const void *data,
		     unsigned int bytes, u32 flags);
	/*
	 * Atomically replace @bytes (1, 2, 4, 8, 16) equal to @old by @new, else
	 * X86EMUL_CMPXCHG_FAILED. Devices take it as a plain write. The one
	 * callback whose bytes may cross a page.
	 */
	int (*cmpxchg_emulated)(struct x86_emulate_ctxt *ctxt, unsigned long la, const void *old,
		       const void *new, unsigned int bytes, u32 flags);
	/* Read @count items of @bytes (1, 2, 4) from @port: CONTINUE or IO_NEEDED. */
	int (*pio_in)(struct x86_emulate_ctxt *ctxt, u16 port, unsigned int bytes, void *data,
		      unsigned int count);
	/* Write @count items; userspace sees them when the instruction retires. */
	int (*pio_out)(struct x86_emulate_ctxt *ctxt, u16 port, unsigned int bytes,
		       const void *data, unsigned int count);
	/* Ask the nested hypervisor, if ctxt->guest_mode: CONTINUE or INTERCEPTED. */
	int (*intercept)(struct x86_emulate_ctxt *ctxt, const struct x86_instruction_info *info,
			 enum x86_intercept_stage stage);
	/* Segment registers, with the hidden part. @seg is enum x86emul_seg. */
	void (*get_segment)(struct x86_emulate_ctxt *ctxt, int seg, struct x86_segment *var);
	void (*set_segment)(struct x86_emulate_ctxt *ctxt, int seg, const struct x86_segment *var);
	/* Base alone: what 64-bit mode needs of FS and GS. */
	unsigned long (*get_segment_base)(struct x86_emulate_ctxt *ctxt, int seg);
	void (*get_dt)(struct x86_emulate_ctxt *ctxt, enum x86emul_dt which,
		       struct x86_desc_ptr *dt);
	void (*set_dt)(struct x86_emulate_ctxt *ctxt, enum x86emul_dt which,
		       const struct x86_desc_ptr *dt);
	/* CR0, CR2, CR3, CR4, CR8. set_cr() returns PROPAGATE_FAULT (#GP) for a bad value. */
	u64 (*get_cr)(struct x86_emulate_ctxt *ctxt, int cr);
	int (*set_cr)(struct x86_emulate_ctxt *ctxt, int cr, u64 val);
	/* DR0-DR3, DR6, DR7 (aliases resolved). set_dr() as set_cr(). */
	u64 (*get_dr)(struct x86_emulate_ctxt *ctxt, int dr);
	int (*set_dr)(struct x86_emulate_ctxt *ctxt, int dr, u64 val);
	/* MSRs; PROPAGATE_FAULT (#GP), IO_NEEDED when userspace handles the MSR. */
	int (*get_msr)(struct x86_emulate_ctxt *ctxt, u32 index, u64 *val);
	int (*set_msr)(struct x86_emulate_ctxt *ctxt, u32 index, u64 val);
	/* RDPMC: PROPAGATE_FAULT (#GP) for a counter that does not exist. */
	int (*read_pmc)(struct x86_emulate_ctxt *ctxt, u32 counter, u64 *val);
	/* Time stamp counter of the guest, now. */
	u64 (*read_tsc)(struct x86_emulate_ctxt *ctxt);
	/* CPUID leaf: in and out by reference. */
	void (*get_cpuid)(struct x86_emulate_ctxt *ctxt, u32 *eax, u32 *ebx, u32 *ecx, u32 *edx);
	/*
	 * What an instruction asks of the vCPU itself, enum x86emul_vcpu_op, done
	 * at once or at retirement: CONTINUE, PROPAGATE_FAULT (#GP(0)), IO_NEEDED,
	 * UNHANDLEABLE.
	 */
	int (*vcpu_op)(struct x86_emulate_ctxt *ctxt, enum x86emul_vcpu_op op, u64 arg, u64 arg2);
	/*
	 * Extended control registers XCR0, XCR1 (XCR0 & XINUSE, read only), and
	 * PKRU as X86_XCR_PKRU. PROPAGATE_FAULT (#GP) for a bad index or value.
	 */
	int (*get_xcr)(struct x86_emulate_ctxt *ctxt, u32 index, u64 *val);
	int (*set_xcr)(struct x86_emulate_ctxt *ctxt, u32 index, u64 val);
	/*
	 * Between get_fpu() and put_fpu() all of the guest's x87, MMX, SSE, AVX
	 * and AVX-512 state is in this CPU's registers, with MXCSR and the x87
	 * control word. Nothing in between sleeps, calls back, or uses vector
	 * registers but through the assembly of fpu.c and its kin.
	 */
	void (*get_fpu)(struct x86_emulate_ctxt *ctxt);
	void (*put_fpu)(struct x86_emulate_ctxt *ctxt);
};

#define X86_XCR_PKRU		0x80000000u	/* for get_xcr() and set_xcr(); never from a guest's ECX */

/*
 * The guest's CPUID as the emulator asks for it: one bit each enum x86_feature
 * (features.h). x86_emulate_features() fills it.
 */
struct x86_features {
	u64 bits[2];
	u8 vendor;		/* enum x86emul_vendor */
};

/* Whose manual decides where they differ: AMD's for AMD and Hygon, else Intel's. */
enum x86emul_vendor { X86EMUL_INTEL, X86EMUL_AMD };

/* A decoded operand and its value. */
struct operand {
	u8 type;		/* enum op_type (insn.h) */
	u8 bytes;		/* size of the access */
	u8 code;		/* operand code (insn.h), 0 where Ex, Gx and immediates say all */
	u8 seg;			/* OP_MEM: segment register, override applied */
	bool high;		/* OP_REG: AH, CH, DH or BH */
	bool loaded;
	u16 reg;		/* OP_REG, OP_SREG, OP_CREG, OP_DREG, OP_VEC, OP_MMX */
	unsigned long ea;	/* OP_MEM: effective address (offset in @seg); OP_IMM: the value */
	unsigned long la;	/* OP_MEM: linear address, once @loaded */
	union {			/* value */
		unsigned long val;
		u64 val64;
		u8 data[64];
	};
	union {			/* value before execution, for the atomic store of LOCK */
		unsigned long orig_val;
		u8 orig[16];
	};
};

/* Instruction bytes fetched so far. */
struct fetch_cache {
	u8 pos;			/* bytes consumed */
	u8 len;			/* valid bytes */
	u8 data[15];
};

/*
 * Operand reads of the current instruction in order: what is here is not read
 * again when the instruction is restarted for the completion of an access.
 */
struct read_cache {
	u16 pos;
	u16 end;
	u8 data[2816];		/* XRSTOR of AVX-512 and PKRU */
};

/*
 * One instruction. The caller fills the first block with
 * init_emulate_ctxt()-like code of its own, then calls x86_decode_insn() and
 * x86_emulate_insn(); it keeps the context while an access is pending.
 */
struct x86_emulate_ctxt {
	/* Filled by the caller. */
	const struct x86_emulate_ops *ops;
	void *vcpu;		/* the caller's own */
	unsigned long *gpr;	/* 16 registers, written at retirement only */
	unsigned long eip;	/* start of the instruction; after retirement the next one */
	unsigned long eflags;	/* working copy; take it over after EMULATION_OK or _RESTART */
	union {
		struct {
			u8 mode;		/* enum x86emul_mode */
			bool guest_mode;	/* L2 runs: ask intercept() */
			bool ud;		/* only rows marked EmulateOnUD */
			bool io_backdoor;	/* VMware's ports need no permission */
		};
		u32 setting;	/* all of them, little-endian */
	};
	u8 cpl;
	bool smm;		/* in system-management mode: RSM is allowed */
	u32 smbase;		/* with @smm */
	u8 hypercall;		/* last byte of this processor's VMCALL or VMMCALL, 0: patch neither */
	const struct x86_features *features;	/* of the guest */
	void *page;		/* a page of the caller's for bulk REP transfers, or NULL */
	bool by_element;	/* REP: never more than one element in an access */
	bool stop_rep;		/* REP: stop after this iteration; callbacks may set it, too */

	/* Results besides eip, eflags and gpr. */
	struct x86_exception exception;
	bool have_exception;
	u8 interruptibility;	/* shadow left by this instruction: X86_SHADOW_* */
	bool iterated;		/* EMULATION_RESTART: a REP instruction did iterations */
	bool nmi_unblocked;	/* IRET: NMIs are no longer blocked */
	u8 trap;		/* what follows the instruction: X86_TRAP_* */
	bool io_pending;	/* set by a callback that queued a write for userspace: REP stops there */
	u16 regs_dirty;		/* registers of _regs that were written */

	/* Decoded; private to emulate/ but for disassembly and statistics. */
	u8 rex;			/* REX prefix, or the bits VEX gives, or 0 */
	u8 rep_prefix;		/* 0, 0xf2, 0xf3: the last one */
	bool op_prefix;		/* 66 */
	bool ad_prefix;		/* 67 */
	bool lock_prefix;
	bool has_vex;		/* VEX or EVEX */
	bool has_evex;
	bool rip_relative;
	u8 seg_override;	/* enum x86emul_seg, or X86_NR_SEGS */
	u8 opcode_len;		/* 1: one-byte map, 2: 0F, 3: 0F38 or 0F3A */
	bool has_modrm;
	bool decoded;		/* operands are located */
	u8 map;			/* enum opcode_map (insn.h) */
	u8 vex_l;		/* vector length: 16 << vex_l bytes */
	bool special_ea;	/* not plain 64-bit addressing: 67, segment override, other modes */
	bool special_end;	/* the end of the instruction is truncated or added to an address */
	u8 op_bytes;		/* 2, 4, 8 */
	u8 ad_bytes;		/* 2, 4, 8 */
	u8 sib;			/* valid when ModRM asks for it */
	u8 modrm_seg;		/* memory form, not of simple rows: segment, override applied */
	u8 b;			/* opcode byte */
	bool plain;		/* no check can fail, general registers and plain memory only */
	union {
		struct {
			u8 modrm;
			u8 modrm_mod;
			u8 modrm_reg;	/* REX.R applied */
			u8 modrm_rm;	/* REX.B applied */
		};
		u32 modrm_fields;	/* all of them, little-endian */
	};
	bool vex_w;		/* with has_vex, also outside 64-bit mode */
	u8 vex_vvvv;		/* with has_vex: register number; EVEX.V' is bit 4 */
	u8 evex_aaa;		/* with has_evex: opmask, 0: none */
	bool evex_z;		/* masked elements become 0 */
	bool evex_b;		/* broadcast, rounding control or SAE */
	u8 evex_r;		/* 16 with EVEX.R' */
	bool external;		/* an event is delivered that no software asked for */
	s32 disp;		/* displacement of the memory form */
	const struct opcode *op;
	unsigned long modrm_ea;	/* as modrm_seg: effective address, RIP not yet added */
	unsigned long next_eip;	/* after the instruction */
	unsigned long _eip;	/* as next_eip; a branch changes it */
	union {
		struct {
			struct operand dst, src, src2, src3;
		};
		struct operand operand[4];
	};
	u64 mask;		/* F_MASKED: elements of dst that are worked on */
	unsigned long _regs[X86_NR_GPRS];	/* valid where regs_dirty says so */
	struct fetch_cache fetch;
	struct read_cache mem_read;
	u16 port_items;		/* REP INS: what the port was asked for; 0: not yet */
};

/* With EMULATION_OK, or of an iteration with EMULATION_RESTART. */
#define X86_TRAP_STEP		BIT(0)	/* #DB with DR6.BS: TF as the instruction counts it */
#define X86_TRAP_TASK		BIT(1)	/* #DB with DR6.BT: the T bit of the new task's TSS */
#define X86_TRAP_FAULT		BIT(2)	/* ctxt->exception, a fault of the new task */

#define X86_SHADOW_INT_MOV_SS	1
#define X86_SHADOW_INT_STI	2

/**
 * x86_decode_insn() - decode the instruction at ctxt->eip
 * @ctxt: context whose first block is filled
 * @insn: bytes at ctxt->eip that an exit already delivered, or NULL
 * @insn_len: number of those bytes, at most 15; 0 without @insn
 *
 * Return: X86EMUL_CONTINUE with ctxt->op and ctxt->next_eip set, also for what is
 * described but not emulated (its execute is NULL; x86_emulate_insn() gives
 * EMULATION_FAILED); X86EMUL_PROPAGATE_FAULT (#UD, #GP for more than 15 bytes,
 * or what the fetch met); X86EMUL_UNHANDLEABLE for what no row describes.
 */
int x86_decode_insn(struct x86_emulate_ctxt *ctxt, const void *insn, unsigned int insn_len);

/**
 * x86_emulate_insn() - execute what x86_decode_insn() decoded
 * @ctxt: decoded context, or one that returned EMULATION_IO_NEEDED before
 *
 * Return: enum x86_emulation.
 */
int x86_emulate_insn(struct x86_emulate_ctxt *ctxt);

/**
 * x86_emulate_task_switch() - switch tasks where an exit says that the CPU would have
 * @ctxt: context whose first block is filled; eip and eflags are what the old
 *	task goes on with. Nothing has to be decoded
 * @tss_selector: of the task to go to
 * @idt_index: vector of a software interrupt, whose gate is checked; else -1
 * @reason: of the switch; not INT when the gate is one of the GDT or LDT
 * @has_error_code: @error_code goes onto the stack of the new task
 * @error_code: of the exception that came through the gate
 *
 * Return: as x86_emulate_insn(), EMULATION_IO_NEEDED excepted. EMULATION_FAULT is
 * of the old task; what the new one does wrong is EMULATION_OK with
 * X86_TRAP_FAULT.
 */
int x86_emulate_task_switch(struct x86_emulate_ctxt *ctxt, u16 tss_selector, int idt_index,
			    enum x86emul_task_switch reason, bool has_error_code, u32 error_code);

/**
 * x86_emulate_event() - deliver an exception, interrupt or NMI where the CPU cannot
 * @ctxt: context whose first block is filled; eip and eflags are what the handler
 *	returns to. Nothing has to be decoded
 * @vector: of the event; nobody checks the gate's privilege for it
 * @has_error_code: @error_code goes onto the handler's stack; not in real mode
 * @error_code: of the exception
 *
 * Return: as x86_emulate_insn(), EMULATION_IO_NEEDED excepted. EMULATION_FAULT: the
 * delivery itself has met ctxt->exception.
 */
int x86_emulate_event(struct x86_emulate_ctxt *ctxt, u8 vector, bool has_error_code,
		      u32 error_code);

/**
 * x86_emulate_disasm() - text of a decoded instruction, Intel operand order
 * @ctxt: decoded context, also after x86_decode_insn() failed: mnemonic so far
 * @buf: receives a NUL-terminated string such as "mov dword ptr [rbx+0x8], eax"
 * @size: of @buf; longer text is cut
 *
 * Return: length of the text in @buf, without the NUL.
 */
int x86_emulate_disasm(const struct x86_emulate_ctxt *ctxt, char *buf, unsigned int size);

/**
 * x86_emulate_features() - read the guest's CPUID through ops->get_cpuid()
 * @ctxt: context with @ops and @vcpu set
 * @features: receives what it says; the caller keeps it in ctxt->features and
 *	calls again when CPUID changes
 */
void x86_emulate_features(struct x86_emulate_ctxt *ctxt, struct x86_features *features);

/* The decoded instruction accesses memory at one place at most, and nothing but operands. */
bool x86_emulate_one_mem_op(const struct x86_emulate_ctxt *ctxt);

/* What a nested hypervisor may intercept of the decoded instruction: enum x86_intercept. */
u8 x86_emulate_intercept(const struct x86_emulate_ctxt *ctxt);

/* Value of general-purpose register @nr as the current instruction sees it. */
static inline unsigned long x86_emulate_reg(const struct x86_emulate_ctxt *ctxt, unsigned int nr)
{
	return ctxt->regs_dirty & BIT(nr) ? ctxt->_regs[nr] : ctxt->gpr[nr];
}

#endif
