// SPDX-License-Identifier: GPL-2.0-only
/* The pipeline: checks, intercepts, load, execute, store, retire. */
#include "emulate/insn.h"

/* In error codes: the fault is of the delivery of an event that no software asked for. */
#define ERROR_CODE_EXT	BIT(0)

int emulate_exception(struct x86_emulate_ctxt *ctxt, int vec, u32 error, bool valid)
{
	ctxt->exception.vector = vec;
	ctxt->exception.error_code = valid && ctxt->external ? error | ERROR_CODE_EXT : error;
	ctxt->exception.error_code_valid = valid;
	ctxt->exception.address = 0;
	ctxt->exception.nested_page_fault = false;
	ctxt->have_exception = true;
	return X86EMUL_PROPAGATE_FAULT;
}

/* Does the row take LOCK with these operands? */
static bool lock_allowed(const struct x86_emulate_ctxt *ctxt)
{
	return (ctxt->op->flags & F_LOCK) && ctxt->dst.type == OP_MEM;
}

/* What makes the encoding invalid here. */
static int check_valid(struct x86_emulate_ctxt *ctxt)
{
	u32 flags = ctxt->op->flags;

	if (ctxt->lock_prefix && !lock_allowed(ctxt))
		return emulate_ud(ctxt);
	if (flags & (mode_is_64(ctxt) ? F_NO64 : F_ONLY64))
		return emulate_ud(ctxt);
	if ((flags & F_PROT) && !mode_is_protected(ctxt))
		return emulate_ud(ctxt);
	if ((flags & F_CPUID_BIT) && !has_feature(ctxt, ctxt->op->cpuid))
		return emulate_ud(ctxt);
	if (!ctxt->op->execute || (ctxt->ud && !(flags & F_UD_OK)))
		return X86EMUL_UNHANDLEABLE;
	if (flags & F_FPU_STATE)
		return check_fpu_state(ctxt);
	return X86EMUL_CONTINUE;
}

static int check_privilege(struct x86_emulate_ctxt *ctxt)
{
	u32 flags = ctxt->op->flags;

	if ((flags & F_PRIV) && ctxt->cpl)
		return emulate_gp(ctxt, 0);
	if ((flags & F_CPL_IOPL) && ctxt->cpl > (ctxt->eflags & EFLG_IOPL) >> EFLG_IOPL_SHIFT)
		return emulate_gp(ctxt, 0);
	return ctxt->op->check ? ctxt->op->check(ctxt) : X86EMUL_CONTINUE;
}

/* What is known of an operand: memory only once it was loaded. */
static u64 intercepted_value(const struct x86_emulate_ctxt *ctxt, const struct operand *op)
{
	unsigned long val;

	switch (op->type) {
	case OP_IMM:
		return op->ea;
	case OP_REG:
		val = ctxt->gpr[op->reg];
		return truncate_to(op->high ? val >> 8 : val, op->bytes);
	case OP_MEM:
		return op->loaded ? op->val64 : 0;
	default:
		return 0;
	}
}

/* Ask the nested hypervisor, if there is one and the row is something it can intercept. */
static int check_intercept(struct x86_emulate_ctxt *ctxt, enum x86_intercept_stage stage)
{
	struct x86_instruction_info info;

	if (!ctxt->guest_mode || !ctxt->op->intercept)
		return X86EMUL_CONTINUE;
	memset(&info, 0, sizeof(info));
	info.intercept = ctxt->op->intercept;
	info.rep_prefix = ctxt->rep_prefix;
	if (ctxt->has_modrm) {
		info.modrm_mod = ctxt->modrm_mod;
		info.modrm_reg = ctxt->modrm_reg;
		info.modrm_rm = ctxt->modrm_rm;
	}
	if (ctxt->src.type != OP_NONE) {
		info.src_val = intercepted_value(ctxt, &ctxt->src);
		info.src_bytes = ctxt->src.bytes;
	}
	if (ctxt->dst.type != OP_NONE) {
		info.dst_val = intercepted_value(ctxt, &ctxt->dst);
		info.dst_bytes = ctxt->dst.bytes;
	}
	info.ad_bytes = ctxt->ad_bytes;
	info.next_rip = ctxt->next_eip;
	return ctxt->ops->intercept(ctxt, &info, stage);
}

static noinline int check_insn(struct x86_emulate_ctxt *ctxt)
{
	int rc = check_valid(ctxt);

	if (rc == X86EMUL_CONTINUE)
		rc = check_intercept(ctxt, X86_ICPT_PRE_EXCEPT);
	if (rc == X86EMUL_CONTINUE)
		rc = check_privilege(ctxt);
	if (rc == X86EMUL_CONTINUE)
		rc = check_intercept(ctxt, X86_ICPT_POST_EXCEPT);
	return rc;
}

/* Can any check of check_insn() fail? */
static __always_inline bool needs_checks(const struct x86_emulate_ctxt *ctxt)
{
	const struct opcode *op = ctxt->op;

	return (op->flags & F_CHECKED) || ctxt->lock_prefix || ctxt->guest_mode || ctxt->ud ||
	       op->check;
}

static int load_operands(struct x86_emulate_ctxt *ctxt)
{
	const struct opcode *row = ctxt->op;
	u32 flags = row->flags;
	int rc, i;

	for (i = 1; i < MAX_OPERANDS && row->desc[i]; i++) {
		rc = load_operand(ctxt, &ctxt->operand[i], 0);
		if (rc != X86EMUL_CONTINUE)
			return rc;
	}
	if (ctxt->dst.type == OP_NONE || (flags & F_WO))
		return X86EMUL_CONTINUE;
	rc = load_operand(ctxt, &ctxt->dst, flags & F_RO ? 0 : X86EMUL_F_WRITE);
	if (rc == X86EMUL_CONTINUE && is_locked(ctxt))
		memcpy(ctxt->dst.orig, ctxt->dst.data, sizeof(ctxt->dst.orig));
	return rc;
}

static int execute_any(struct x86_emulate_ctxt *ctxt)
{
	int rc;

	/* String instructions load and store by themselves. */
	if (ctxt->op->flags & F_MASKED)
		return execute_masked(ctxt);
	if (ctxt->op->flags & F_STRING)
		return ctxt->op->execute(ctxt);
	rc = load_operands(ctxt);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	rc = check_intercept(ctxt, X86_ICPT_POST_MEMACCESS);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	rc = ctxt->op->execute(ctxt);
	if (rc != X86EMUL_CONTINUE || (ctxt->op->flags & F_RO))
		return rc;
	return store_operand(ctxt, &ctxt->dst);
}

/* Everything that a row can ask for. */
static noinline int run_any(struct x86_emulate_ctxt *ctxt)
{
	unsigned long eflags = ctxt->eflags;
	int rc = X86EMUL_CONTINUE;

	ctxt->trap = single_step_trap(eflags);
	if (needs_checks(ctxt))
		rc = check_insn(ctxt);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	/* Cleared before execution: IRET may set it. */
	ctxt->eflags = eflags & ~EFLG_RF;
	rc = execute_any(ctxt);
	if (rc == X86EMUL_CONTINUE && (ctxt->op->flags & F_MMX))
		mmx_retire(ctxt);
	return rc;
}

/*
 * Canonical with 48 bits, and not near the end of a page: an access of up to 8
 * bytes has no one to object but the page tables.
 */
static __always_inline bool is_plain_address(unsigned long ea)
{
	return !((ea + (1ul << 47)) >> 48) && (ea & 4095) <= 4096 - 8;
}

static __always_inline unsigned long low_bytes(unsigned long val, unsigned int bytes)
{
	static const unsigned long mask[9] = {
		[1] = 0xff, [2] = 0xffff, [4] = 0xffffffff, [8] = ~0ul,
	};

	return val & mask[bytes];
}

/* Through the read cache as any other load. */
static noinline int load_plain_mem(struct x86_emulate_ctxt *ctxt, struct operand *op, u32 flags)
{
	struct read_cache *cache = &ctxt->mem_read;
	u8 *data = cache->data + cache->end;
	unsigned int bytes = op->bytes;
	unsigned long val;
	int rc;

	if (unlikely(!is_plain_address(op->ea) || !bytes || cache->pos != cache->end ||
		     cache->end > sizeof(cache->data) - sizeof(val)))
		return load_mem(ctxt, op, flags);
	rc = ctxt->ops->read(ctxt, op->ea, data, bytes, flags);
	if (unlikely(rc != X86EMUL_CONTINUE))
		return rc;
	memcpy(&val, data, sizeof(val));
	op->val = low_bytes(val, bytes);
	op->la = op->ea;
	op->loaded = true;
	cache->end += bytes;
	cache->pos = cache->end;
	return X86EMUL_CONTINUE;
}

/* General registers at once: nothing of this instruction has written them yet. */
static __always_inline int load_plain(struct x86_emulate_ctxt *ctxt, struct operand *op, u32 flags)
{
	unsigned long val;

	if (likely(op->type == OP_REG)) {
		val = ctxt->gpr[op->reg];
		if (unlikely(op->high))
			val >>= 8;
		op->val = low_bytes(val, op->bytes);
	} else if (op->type == OP_MEM) {
		return load_plain_mem(ctxt, op, flags);
	}
	return X86EMUL_CONTINUE;
}

static __always_inline int store_plain(struct x86_emulate_ctxt *ctxt, struct operand *op)
{
	if (op->type == OP_MEM) {
		if (likely(is_plain_address(op->ea)))
			return ctxt->ops->write(ctxt, op->ea, op->data, op->bytes, 0);
		return store_mem(ctxt, op);
	}
	if (op->type != OP_REG || op->bytes < 4)
		return store_operand(ctxt, op);
	reg_write(ctxt, op->reg, low_bytes(op->val, op->bytes));
	return X86EMUL_CONTINUE;
}

/*
 * The same where decoding has seen that there is nothing to check and nothing
 * but general registers and memory of 64-bit mode without segment bases.
 */
static __always_inline int run_plain(struct x86_emulate_ctxt *ctxt)
{
	const struct opcode *row = ctxt->op;
	int rc = load_plain(ctxt, &ctxt->src, 0);

	if (rc == X86EMUL_CONTINUE && !(row->flags & F_WO))
		rc = load_plain(ctxt, &ctxt->dst, row->flags & F_RO ? 0 : X86EMUL_F_WRITE);
	if (unlikely(rc != X86EMUL_CONTINUE))
		return rc;
	rc = row->execute(ctxt);
	if (unlikely(rc != X86EMUL_CONTINUE) || (row->flags & F_RO))
		return rc;
	return store_plain(ctxt, &ctxt->dst);
}

/* Registers become architectural here and nowhere else. */
static __always_inline void commit_regs(struct x86_emulate_ctxt *ctxt)
{
	unsigned int nr, dirty = ctxt->regs_dirty;

	if (likely(!dirty))
		return;
	do {
		nr = __builtin_ctz(dirty);
		ctxt->gpr[nr] = ctxt->_regs[nr];
		dirty &= dirty - 1;
	} while (dirty);
	ctxt->regs_dirty = 0;
}

/*
 * The instruction did not retire. String instructions keep the registers of
 * the iterations done; @eflags is what the flags were before.
 */
static noinline int end_unretired(struct x86_emulate_ctxt *ctxt, int rc, unsigned long eflags)
{
	bool progress = (ctxt->op->flags & F_STRING) &&
			(rc == X86EMUL_RETRY_INSTR || rc == X86EMUL_PROPAGATE_FAULT);

	if (progress)
		commit_regs(ctxt);
	ctxt->regs_dirty = 0;
	ctxt->iterated = progress && rc == X86EMUL_RETRY_INSTR;
	if (ctxt->iterated)
		ctxt->eflags |= eflags & EFLG_RF;
	else
		ctxt->eflags = eflags;
	ctxt->interruptibility = 0;
	switch (rc) {
	case X86EMUL_PROPAGATE_FAULT:
		ctxt->have_exception = true;
		return EMULATION_FAULT;
	case X86EMUL_RETRY_INSTR:
	case X86EMUL_CMPXCHG_FAILED:
		return EMULATION_RESTART;
	case X86EMUL_IO_NEEDED:
		/* Nothing of the attempt remains: the next begins like the first. */
		decode_again(ctxt);
		return EMULATION_IO_NEEDED;
	case X86EMUL_INTERCEPTED:
		return EMULATION_INTERCEPTED;
	default:
		return EMULATION_FAILED;
	}
}

int x86_emulate_insn(struct x86_emulate_ctxt *ctxt)
{
	unsigned long eflags = ctxt->eflags;
	int rc;

	if (likely(ctxt->plain && !(eflags & (EFLG_TF | EFLG_RF))))
		rc = run_plain(ctxt);
	else
		rc = run_any(ctxt);
	if (unlikely(rc != X86EMUL_CONTINUE))
		return end_unretired(ctxt, rc, eflags);
	commit_regs(ctxt);
	ctxt->eip = ctxt->_eip;
	return EMULATION_OK;
}

/* What is no instruction goes by the name of @row. */
static void begin_undecoded(struct x86_emulate_ctxt *ctxt, const struct opcode *row)
{
	ctxt->op = row;
	ctxt->decoded = false;
	ctxt->lock_prefix = false;
	ctxt->rep_prefix = 0;
	ctxt->fetch.len = 0;
	ctxt->mem_read.pos = 0;
	ctxt->mem_read.end = 0;
	ctxt->_eip = ctxt->eip;
	begin_insn(ctxt);
}

/* It cannot be begun anew: a device is no place for what it reads and writes. */
static int end_undecoded(struct x86_emulate_ctxt *ctxt, int rc, unsigned long eflags)
{
	if (rc == X86EMUL_IO_NEEDED)
		rc = X86EMUL_UNHANDLEABLE;
	if (rc != X86EMUL_CONTINUE)
		return end_unretired(ctxt, rc, eflags);
	commit_regs(ctxt);
	ctxt->eip = ctxt->_eip;
	return EMULATION_OK;
}

int x86_emulate_task_switch(struct x86_emulate_ctxt *ctxt, u16 tss_selector, int idt_index,
			    enum x86emul_task_switch reason, bool has_error_code, u32 error_code)
{
	static const struct opcode row = { .name = "task switch" };
	unsigned long eflags = ctxt->eflags;
	int rc;

	begin_undecoded(ctxt, &row);
	rc = emulate_task_switch(ctxt, tss_selector, idt_index, reason,
				 has_error_code ? &error_code : NULL);
	if (rc == X86EMUL_CONTINUE)
		ctxt->nmi_unblocked = reason == X86EMUL_TASK_IRET;
	return end_undecoded(ctxt, rc, eflags);
}

int x86_emulate_event(struct x86_emulate_ctxt *ctxt, u8 vector, bool has_error_code,
		      u32 error_code)
{
	static const struct opcode row = { .name = "event" };
	unsigned long eflags = ctxt->eflags;
	int rc;

	begin_undecoded(ctxt, &row);
	rc = emulate_event(ctxt, vector, has_error_code ? &error_code : NULL);
	return end_undecoded(ctxt, rc, eflags);
}

bool x86_emulate_one_mem_op(const struct x86_emulate_ctxt *ctxt)
{
	return !(ctxt->op->flags & (F_IMPL | F_STRING));
}

u8 x86_emulate_intercept(const struct x86_emulate_ctxt *ctxt)
{
	return ctxt->op->intercept;
}
