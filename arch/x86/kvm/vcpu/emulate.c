// SPDX-License-Identifier: GPL-2.0-only
/* The adaptor: x86_emulate_ops over this vCPU, and the one entry of emulation. */
#include <linux/kvm.h>
#include <linux/mm.h>

#include "vcpu/ops.h"
#include "vcpu/trace.h"
#include "vcpu/emul_ops.h"

/* Longest instruction, and the length of ud2; .ascii "kvm". */
#define MAX_INSN_SIZE	15
#define FEP_LEN		5

static u8 emul_mode(struct x86_vcpu *vcpu, u8 *trace_flags)
{
	struct x86_segment cs;

	*trace_flags = 0;
	if (!is_protmode(vcpu))
		return X86EMUL_MODE_REAL;
	*trace_flags = KVM_EMUL_INSN_F_CR0_PE;
	if (vcpu->rflags & X86_EFLAGS_VM) {
		*trace_flags |= KVM_EMUL_INSN_F_EFL_VM;
		return X86EMUL_MODE_VM86;
	}
	static_call(kvm_x86_get_segment)(vcpu, X86_SEG_CS, &cs);
	if (is_long_mode(vcpu) && (cs.attr & X86_SEG_L)) {
		*trace_flags |= KVM_EMUL_INSN_F_CS_L;
		return X86EMUL_MODE_PROT64;
	}
	if (cs.attr & X86_SEG_DB) {
		*trace_flags |= KVM_EMUL_INSN_F_CS_D;
		return X86EMUL_MODE_PROT32;
	}
	return X86EMUL_MODE_PROT16;
}

/* Prepare the context for the instruction at RIP. */
static void init_emulate_ctxt(struct x86_vcpu *vcpu, int emulation_type)
{
	struct x86_emulate_ctxt *ctxt = vcpu->emul;

	ctxt->eip = vcpu->rip;
	ctxt->eflags = vcpu->rflags;
	ctxt->mode = emul_mode(vcpu, &vcpu->emul_trace_flags);
	ctxt->cpl = static_call(kvm_x86_get_cpl)(vcpu);
	ctxt->guest_mode = false;
	ctxt->ud = emulation_type & EMULTYPE_TRAP_UD;
	ctxt->io_backdoor = enable_vmware_backdoor;
	ctxt->have_exception = false;
	ctxt->exception.nested_page_fault = false;
	ctxt->io_pending = false;
	ctxt->stop_rep = kvm_single_stepping(vcpu);
	ctxt->by_element = ctxt->stop_rep || vcpu->switch_db_regs;
	vcpu->bp_hits = 0;
	vcpu->emul_fetch_unbacked = false;
	vcpu->emul_no_access = false;
	kvm_forget_walks(vcpu);
	vcpu->io.mmio_read_completed = false;
	vcpu->io.pio_read_completed = false;
}

int kvm_translate_gva(struct x86_vcpu *vcpu, unsigned long gva, u64 access, gpa_t *gpa,
		      struct x86_exception *ex)
{
	struct guest_fault fault;
	int r;

	if (!is_paging(vcpu)) {
		*gpa = gva;
		return X86EMUL_CONTINUE;
	}
	vcpu->paging.cr3 = vcpu->cr3;
	vcpu->paging.pkru = vcpu->pkru;
	vcpu->paging.eflags_ac = vcpu->rflags & X86_EFLAGS_AC;
	r = guest_walk(vcpu->base.kvm, &vcpu->paging, gva, access, gpa, &fault);
	if (likely(!r))
		return X86EMUL_CONTINUE;
	if (r == -EAGAIN)
		return X86EMUL_RETRY_INSTR;
	if (r != -EFAULT)
		return X86EMUL_UNHANDLEABLE;
	ex->vector = PF_VECTOR;
	ex->error_code_valid = true;
	ex->error_code = fault.error_code;
	ex->address = gva;
	ex->nested_page_fault = false;
	return X86EMUL_PROPAGATE_FAULT;
}

/* Bytes of instruction at linear @la, inside one page. */
int kvm_fetch_guest_virt(struct x86_vcpu *vcpu, unsigned long la, void *data, unsigned int bytes,
			 struct x86_exception *ex)
{
	u64 access = PFERR_FETCH_MASK;
	gpa_t gpa;
	int r;

	if (static_call(kvm_x86_get_cpl)(vcpu) == 3)
		access |= PFERR_USER_MASK;
	r = kvm_translate_gva(vcpu, la, access, &gpa, ex);
	if (r)
		return r;
	if (!kvm_read_guest_page(vcpu->base.kvm, gpa_to_gfn(gpa), data, offset_in_page(gpa), bytes))
		return X86EMUL_CONTINUE;
	/* A slot that has just come, or lost its backing: the CPU's own fetch finds out which. */
	if (gfn_to_hva(vcpu->base.kvm, gpa_to_gfn(gpa)))
		return X86EMUL_RETRY_INSTR;
	vcpu->emul_fetch_unbacked = true;
	return X86EMUL_UNHANDLEABLE;
}

/* Leave with KVM_EXIT_INTERNAL_ERROR: flags, instruction bytes, then exit information and mnemonic. */
static void prepare_emulation_failure_exit(struct x86_vcpu *vcpu)
{
	struct x86_emulate_ctxt *ctxt = vcpu->emul;
	struct kvm_run *run = vcpu->base.run;
	u32 reason, intr_info, error_code;
	u64 info1, info2;
	u64 *data = run->internal.data;
	unsigned int len = ctxt->fetch.len;
	char text[32] = { };

	memset(run->internal.data, 0, sizeof(run->internal.data));
	static_call(kvm_x86_get_exit_info)(vcpu, &reason, &info1, &info2, &intr_info, &error_code);
	if (vcpu->emul_fetch_unbacked && !ctxt->fetch.pos)
		strscpy(text, "fetch from unbacked memory", sizeof(text));
	else
		x86_emulate_disasm(ctxt, text, sizeof(text));

	run->exit_reason = KVM_EXIT_INTERNAL_ERROR;
	run->emulation_failure.suberror = KVM_INTERNAL_ERROR_EMULATION;
	run->emulation_failure.flags = 0;
	if (len) {
		run->emulation_failure.flags = KVM_INTERNAL_ERROR_EMULATION_FLAG_INSTRUCTION_BYTES;
		run->emulation_failure.insn_size = len;
		memset(run->emulation_failure.insn_bytes, 0x90,
		       sizeof(run->emulation_failure.insn_bytes));
		memcpy(run->emulation_failure.insn_bytes, ctxt->fetch.data, len);
	}
	/* Words 0-2 are the ABI; then exit reason, its two informations, and the text. */
	data[3] = reason;
	data[4] = info1;
	data[5] = info2;
	data[6] = vcpu->emul_fetch_unbacked;
	memcpy(&data[7], text, sizeof(text));
	run->emulation_failure.ndata = 7 + sizeof(text) / sizeof(u64);
}

static void trace_insn(struct x86_vcpu *vcpu, unsigned long rip, const char *text, int result)
{
	trace_kvm_emulate_insn(vcpu, rip, text, vcpu->emul_type, result);
}

/*
 * The access that brought us here has memory by now, with the right it needs: the
 * CPU itself does what we cannot. Not when it hit a table that maps itself, which
 * would fault the same way for ever.
 */
static bool can_retry_natively(struct x86_vcpu *vcpu, int emulation_type)
{
	const struct kvm_memory_slot *slot;

	if (!(emulation_type & EMULTYPE_ALLOW_RETRY_PF) ||
	    (emulation_type & EMULTYPE_WRITE_PF_TO_SP))
		return false;
	slot = gfn_to_memslot(vcpu->base.kvm, gpa_to_gfn(vcpu->emul_gpa));
	return slot && !(vcpu->emul_gpa_write && memslot_is_readonly(slot));
}

static int handle_emulation_failure(struct x86_vcpu *vcpu, int emulation_type)
{
	char text[KVM_TRACE_TEXT_LEN];

	if (can_retry_natively(vcpu, emulation_type)) {
		kvm_io_cancel(vcpu);
		return 1;
	}
	vcpu->base.stat.insn_emulation_fail++;
	if (trace_kvm_emulate_insn_enabled()) {
		x86_emulate_disasm(vcpu->emul, text, sizeof(text));
		trace_insn(vcpu, vcpu->emul->eip, text, EMULATION_FAILED);
	}
	kvm_io_cancel(vcpu);

	if (emulation_type & EMULTYPE_VMWARE_GP) {
		kvm_queue_exception_e(vcpu, GP_VECTOR, 0);
		return 1;
	}
	/* The guest asked for it by a #UD, so a #UD is the answer. */
	if (emulation_type & EMULTYPE_TRAP_UD_FORCED) {
		kvm_queue_exception(vcpu, UD_VECTOR);
		return 1;
	}
	/*
	 * User mode of the guest must not be able to stop the machine, nor by
	 * changing, behind the exit, the bytes of an instruction to be skipped.
	 */
	if (static_call(kvm_x86_get_cpl)(vcpu) && !READ_ONCE(vcpu_vm(vcpu)->exit_on_emulation_error)) {
		kvm_queue_exception(vcpu, UD_VECTOR);
		return 1;
	}
	prepare_emulation_failure_exit(vcpu);
	return 0;
}

/*
 * What follows the instruction or an iteration of REP: a trap, or a fault of
 * the task that it went to. As exit handlers.
 */
static int retire_traps(struct x86_vcpu *vcpu)
{
	const struct x86_emulate_ctxt *ctxt = vcpu->emul;
	u64 dr6 = 0;

	if (likely(!ctxt->trap && !vcpu->bp_hits && !kvm_single_stepping(vcpu)))
		return 1;
	if (ctxt->trap & X86_TRAP_FAULT)
		kvm_inject_emulated_exception(vcpu, &ctxt->exception);
	if (ctxt->trap & X86_TRAP_STEP)
		dr6 |= KVM_DR6_BS;
	if (ctxt->trap & X86_TRAP_TASK)
		dr6 |= KVM_DR6_BT;
	return kvm_debug_retired(vcpu, dr6);
}

/* Length alone matters; kvm_skip_emulated_instruction() honours TF. */
static int emulate_skip(struct x86_vcpu *vcpu)
{
	struct x86_emulate_ctxt *ctxt = vcpu->emul;
	unsigned long rip = ctxt->next_eip;

	if (ctxt->mode != X86EMUL_MODE_PROT64)
		rip = (u32)rip;
	vcpu->rip = rip;
	if (static_call(kvm_x86_get_interrupt_shadow)(vcpu))
		static_call(kvm_x86_set_interrupt_shadow)(vcpu, 0);
	return 1;
}

/* The instruction retired: take its results over. As exit handlers. */
static int commit_emulation(struct x86_vcpu *vcpu)
{
	struct x86_emulate_ctxt *ctxt = vcpu->emul;

	vcpu->rip = ctxt->eip;
	if (ctxt->interruptibility || static_call(kvm_x86_get_interrupt_shadow)(vcpu))
		static_call(kvm_x86_set_interrupt_shadow)(vcpu, ctxt->interruptibility);
	if (unlikely(ctxt->nmi_unblocked))
		static_call(kvm_x86_set_nmi_mask)(vcpu, false);
	vcpu->rflags = ctxt->eflags;
	return retire_traps(vcpu);
}

/*
 * It starts over, or goes on: what a fault brought here finds by the next one that
 * userspace cannot access its memory; of the rest nobody else tells it.
 */
static int enter_again(const struct x86_vcpu *vcpu, int emulation_type)
{
	return vcpu->emul_no_access && !(emulation_type & EMULTYPE_PF) ? -EFAULT : 1;
}

/* From its very beginning: with the prefix, if there was one, and no write queued. */
static int restart_insn(struct x86_vcpu *vcpu, int emulation_type)
{
	kvm_io_cancel(vcpu);
	if (emulation_type & EMULTYPE_TRAP_UD_FORCED)
		vcpu->rip -= FEP_LEN;
	return enter_again(vcpu, emulation_type);
}

static int finish_emulation(struct x86_vcpu *vcpu, int emulation_type, int result)
{
	struct x86_emulate_ctxt *ctxt = vcpu->emul;
	int r;

	switch (result) {
	case EMULATION_OK:
		r = commit_emulation(vcpu);
		break;
	case EMULATION_RESTART:
		if (!ctxt->iterated)
			return restart_insn(vcpu, emulation_type);
		vcpu->rflags = ctxt->eflags;
		r = retire_traps(vcpu);
		if (r == 1)
			r = enter_again(vcpu, emulation_type);
		break;
	case EMULATION_IO_NEEDED:
		/* RDMSR, WRMSR and hypercalls have filled the run page themselves. */
		return vcpu->complete_userspace_io ? 0 : kvm_io_exit_to_user(vcpu);
	case EMULATION_INTERCEPTED:
		return 1;
	case EMULATION_FAULT:
		kvm_io_cancel(vcpu);
		kvm_inject_emulated_exception(vcpu, &ctxt->exception);
		return 1;
	default:
		if (emulation_type & EMULTYPE_TRAP_UD) {
			kvm_queue_exception(vcpu, UD_VECTOR);
			return 1;
		}
		return handle_emulation_failure(vcpu, emulation_type);
	}
	if (unlikely(kvm_io_pending(vcpu)))
		return kvm_io_exit_to_user(vcpu);
	if (unlikely(vcpu->emul_halt)) {
		vcpu->emul_halt = false;
		return kvm_emulate_halt_noskip(vcpu);
	}
	return r;
}

/* Decode failed: a fault to inject, or nothing the tables describe. */
static int decode_failed(struct x86_vcpu *vcpu, int emulation_type, int r)
{
	struct x86_emulate_ctxt *ctxt = vcpu->emul;

	if (r == X86EMUL_RETRY_INSTR)
		return restart_insn(vcpu, emulation_type);
	/* The CPU has said what is wrong with it. */
	if (emulation_type & EMULTYPE_VMWARE_GP)
		return handle_emulation_failure(vcpu, emulation_type);
	if (emulation_type & EMULTYPE_TRAP_UD) {
		kvm_queue_exception(vcpu, UD_VECTOR);
		return 1;
	}
	if (r != X86EMUL_PROPAGATE_FAULT)
		return handle_emulation_failure(vcpu, emulation_type);
	if (trace_kvm_emulate_insn_enabled())
		trace_insn(vcpu, ctxt->eip, "(bad)", EMULATION_FAULT);
	kvm_inject_emulated_exception(vcpu, &ctxt->exception);
	return 1;
}

/* What was to be skipped is not, but for an exit to userspace it went well. */
static int skip_failed(struct x86_vcpu *vcpu, int r)
{
	r = decode_failed(vcpu, EMULTYPE_SKIP, r);
	return r == 1 ? KVM_SKIP_REFUSED : r;
}

static bool is_vmware_backdoor_insn(const struct x86_emulate_ctxt *ctxt)
{
	switch (x86_emulate_intercept(ctxt)) {
	case x86_intercept_in:
	case x86_intercept_ins:
	case x86_intercept_out:
	case x86_intercept_outs:
	case x86_intercept_rdpmc:
		return true;
	}
	return false;
}

static unsigned long linear_rip(struct x86_vcpu *vcpu)
{
	struct x86_segment cs;

	static_call(kvm_x86_get_segment)(vcpu, X86_SEG_CS, &cs);
	if (is_long_mode(vcpu) && (cs.attr & X86_SEG_L))
		return vcpu->rip;
	return (u32)(vcpu->rip + cs.base);
}

/* The CPU looks for breakpoints before it executes; what is emulated it does not see. -1: none. */
static int hit_code_breakpoint(struct x86_vcpu *vcpu, int emulation_type)
{
	if (likely(!vcpu->switch_db_regs) ||
	    (emulation_type & (EMULTYPE_SKIP | EMULTYPE_TRAP_UD | EMULTYPE_VMWARE_GP)))
		return -1;
	return kvm_code_breakpoint(vcpu);
}

/* An INT3 that the debugger has put where the guest's code is emulated. */
static bool is_debugger_int3(const struct x86_vcpu *vcpu)
{
	return unlikely(vcpu->guest_debug & KVM_GUESTDBG_USE_SW_BP) &&
	       vcpu->emul->opcode_len == 1 && vcpu->emul->b == 0xcc;
}

/*
 * All bytes that an instruction of 64-bit code can have, where they are in one page:
 * they decode faster, and are fetched by one walk. A fault is for who decodes to find.
 */
static bool fetch_whole(struct x86_vcpu *vcpu, u8 *buf)
{
	const struct x86_emulate_ctxt *ctxt = vcpu->emul;
	struct x86_exception ex;

	return ctxt->mode == X86EMUL_MODE_PROT64 &&
	       offset_in_page(ctxt->eip) <= PAGE_SIZE - MAX_INSN_SIZE &&
	       !kvm_fetch_guest_virt(vcpu, ctxt->eip, buf, MAX_INSN_SIZE, &ex);
}

/**
 * x86_emulate_instruction() - emulate the instruction at RIP
 * @vcpu: the vCPU, in its own thread, outside the guest, kvm->srcu held
 * @cr2_or_gpa: with EMULTYPE_PF the guest-physical address of the operand
 * @emulation_type: EMULTYPE_*
 * @insn: bytes at RIP that the exit delivered, or NULL
 * @insn_len: their number
 *
 * Return: as exit handlers: 1 to enter the guest, 0 to leave to userspace. With
 * EMULTYPE_SKIP KVM_SKIP_REFUSED when RIP has not moved.
 */
int x86_emulate_instruction(struct x86_vcpu *vcpu, gpa_t cr2_or_gpa, int emulation_type,
			    const void *insn, int insn_len)
{
	struct x86_emulate_ctxt *ctxt = vcpu->emul;
	char text[KVM_TRACE_TEXT_LEN];
	u8 fetched[MAX_INSN_SIZE];
	unsigned long rip;
	bool traced = false;
	int r;

	if (!(emulation_type & EMULTYPE_NO_DECODE)) {
		if (unlikely(!static_call(kvm_x86_can_emulate_instruction)(vcpu, emulation_type,
									   insn, insn_len)))
			return 1;
		r = hit_code_breakpoint(vcpu, emulation_type);
		if (unlikely(r >= 0))
			return r;
		init_emulate_ctxt(vcpu, emulation_type);
		vcpu->emul_type = emulation_type;
		vcpu->emul_gpa_valid = emulation_type & EMULTYPE_PF;
		vcpu->emul_gpa = cr2_or_gpa;
		if (!insn && fetch_whole(vcpu, fetched)) {
			insn = fetched;
			insn_len = MAX_INSN_SIZE;
		}
		r = x86_decode_insn(ctxt, insn, insn_len);
		if (emulation_type & EMULTYPE_SKIP)
			return likely(r == X86EMUL_CONTINUE) ? emulate_skip(vcpu) :
							       skip_failed(vcpu, r);
		if (unlikely(r != X86EMUL_CONTINUE))
			return decode_failed(vcpu, emulation_type, r);
		if (is_debugger_int3(vcpu))
			return kvm_debug_int3(vcpu);
		vcpu->base.stat.insn_emulation++;
		if ((emulation_type & EMULTYPE_VMWARE_GP) && !is_vmware_backdoor_insn(ctxt)) {
			kvm_queue_exception_e(vcpu, GP_VECTOR, 0);
			return 1;
		}
		traced = trace_kvm_emulate_insn_enabled();
		if (unlikely(traced))
			x86_emulate_disasm(ctxt, text, sizeof(text));
	} else {
		/* A device was asked: nothing starts over. */
		vcpu->emul_type &= ~EMULTYPE_ALLOW_RETRY_PF;
	}

	rip = ctxt->eip;
	r = x86_emulate_insn(ctxt);
	if (unlikely(traced) && r != EMULATION_FAILED)
		trace_insn(vcpu, rip, text, r);
	/* A completion ends the instruction as what it began as. */
	return finish_emulation(vcpu, vcpu->emul_type, r);
}
EXPORT_SYMBOL_GPL(x86_emulate_instruction);

/* The switch has delivered what the CPU was delivering. */
static void end_delivery(struct x86_vcpu *vcpu)
{
	vcpu->exception.injected = false;
	vcpu->nmi_injected = false;
	vcpu->interrupt.injected = false;
}

/* Nothing changed but the old task's TSS: whatever its CPL, there is no instruction to refuse. */
static int task_switch_failed(struct x86_vcpu *vcpu)
{
	vcpu->base.stat.insn_emulation_fail++;
	kvm_io_cancel(vcpu);
	prepare_emulation_failure_exit(vcpu);
	return 0;
}

/**
 * kvm_task_switch() - a hardware task switch that exited
 * @vcpu: the vCPU; what the exit interrupted is back in the queues
 * @tss_selector: of the task to go to
 * @idt_index: vector of a software interrupt, or -1
 * @reason: of the switch
 * @skip: RIP is that of the instruction that switches
 * @has_error_code: @error_code goes onto the stack of the new task
 * @error_code: of the exception
 *
 * Return: as exit handlers.
 */
int kvm_task_switch(struct x86_vcpu *vcpu, u16 tss_selector, int idt_index,
		    enum x86emul_task_switch reason, bool skip, bool has_error_code,
		    u32 error_code)
{
	unsigned long rip = vcpu->rip;
	int r;

	if (skip) {
		r = static_call(kvm_x86_skip_emulated_instruction)(vcpu);
		if (r != 1)
			return r == KVM_SKIP_REFUSED ? 1 : r;
	}
	init_emulate_ctxt(vcpu, 0);
	vcpu->emul_type = 0;
	vcpu->emul_gpa_valid = false;
	vcpu->base.stat.insn_emulation++;
	r = x86_emulate_task_switch(vcpu->emul, tss_selector, idt_index, reason, has_error_code,
				    error_code);
	if (trace_kvm_emulate_insn_enabled())
		trace_insn(vcpu, rip, "task switch", r);
	/* A fault of the old task is met by the instruction, and by the exception if there is one. */
	if (r != EMULATION_OK)
		vcpu->rip = rip;
	if (r == EMULATION_OK)
		end_delivery(vcpu);
	else if (r == EMULATION_FAULT)
		vcpu->nmi_injected = vcpu->interrupt.injected = false;
	return r == EMULATION_FAILED ? task_switch_failed(vcpu) : finish_emulation(vcpu, 0, r);
}
EXPORT_SYMBOL_GPL(kvm_task_switch);

/**
 * kvm_emulate_event() - deliver what is being injected, where the CPU cannot
 * @vcpu: the vCPU; vcpu->exception, ->interrupt, ->nmi_injected say what it is
 * @vector: of it
 * @has_error_code: @error_code goes onto the stack
 * @error_code: of the exception
 *
 * What is delivered, or fails by an exception that is then queued, is injected no
 * more; else it stays, for another try.
 *
 * Return: as exit handlers.
 */
int kvm_emulate_event(struct x86_vcpu *vcpu, u8 vector, bool has_error_code, u32 error_code)
{
	const u64 data[] = { vector };
	int r;

	init_emulate_ctxt(vcpu, 0);
	vcpu->emul_type = 0;
	vcpu->emul_gpa_valid = false;
	r = x86_emulate_event(vcpu->emul, vector, has_error_code, error_code);
	switch (r) {
	case EMULATION_OK:
		end_delivery(vcpu);
		return commit_emulation(vcpu);
	case EMULATION_FAULT:
		kvm_io_cancel(vcpu);
		/* With the exception that was being delivered it may be a double fault. */
		kvm_inject_emulated_exception(vcpu, &vcpu->emul->exception);
		vcpu->nmi_injected = false;
		vcpu->interrupt.injected = false;
		return 1;
	case EMULATION_RESTART:
		return restart_insn(vcpu, 0);
	}
	kvm_io_cancel(vcpu);
	return kvm_handle_internal_error(vcpu, KVM_INTERNAL_ERROR_DELIVERY_EV, data,
					 ARRAY_SIZE(data));
}
EXPORT_SYMBOL_GPL(kvm_emulate_event);

int kvm_peek_insn(struct x86_vcpu *vcpu, unsigned long la, u8 *buf, unsigned int min,
		  unsigned int max)
{
	unsigned int n = min_t(unsigned int, max, PAGE_SIZE - offset_in_page(la));
	struct x86_exception ex;

	if (kvm_fetch_guest_virt(vcpu, la, buf, n, &ex))
		return 0;
	if (n < min) {
		if (kvm_fetch_guest_virt(vcpu, la + n, buf + n, min - n, &ex))
			return 0;
		n = min;
	}
	return n;
}

/**
 * handle_ud() - an intercepted #UD
 * @vcpu: the vCPU
 *
 * ud2; .ascii "kvm" forces the instruction behind it through the emulator when
 * the module parameter force_emulation_prefix says so; else emulate what is
 * marked EmulateOnUD, or reflect the #UD.
 *
 * Return: as x86_emulate_instruction().
 */
int handle_ud(struct x86_vcpu *vcpu)
{
	static const u8 prefix[FEP_LEN] = { 0x0f, 0x0b, 'k', 'v', 'm' };
	int fep = READ_ONCE(force_emulation_prefix);
	u8 buf[FEP_LEN + MAX_INSN_SIZE];
	int n;

	if (fep) {
		n = kvm_peek_insn(vcpu, linear_rip(vcpu), buf, FEP_LEN, sizeof(buf));
		if (n >= FEP_LEN && !memcmp(buf, prefix, FEP_LEN)) {
			if (fep & 2)
				vcpu->rflags &= ~X86_EFLAGS_RF;
			vcpu->rip += FEP_LEN;
			return x86_emulate_instruction(vcpu, 0, EMULTYPE_TRAP_UD_FORCED,
						       n > FEP_LEN ? buf + FEP_LEN : NULL,
						       n - FEP_LEN);
		}
	}
	return kvm_emulate_instruction(vcpu, EMULTYPE_TRAP_UD);
}
EXPORT_SYMBOL_GPL(handle_ud);
