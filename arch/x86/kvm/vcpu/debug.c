// SPDX-License-Identifier: GPL-2.0-only
/*
 * Debugging: KVM_SET_GUEST_DEBUG, breakpoints on what the CPU does not execute
 * itself, and who gets a debug trap, the guest or the debugger in userspace.
 */
#include <linux/kvm.h>
#include <linux/sched.h>
#include <asm/debugreg.h>

#include "vcpu/emul_ops.h"
#include "vcpu/ops.h"

#define DR7_ENABLE	(DR_GLOBAL_ENABLE_MASK | DR_LOCAL_ENABLE_MASK)

/* The R/W field of a breakpoint in DR7. */
enum { BP_EXECUTE, BP_WRITE, BP_IO, BP_ACCESS };

static bool has_host_breakpoints(const struct x86_vcpu *vcpu)
{
	return vcpu->guest_debug & KVM_GUESTDBG_USE_HW_BP;
}

/* The registers in force: the guest's, or those of the debugger. */
static unsigned long active_db(const struct x86_vcpu *vcpu, int i)
{
	return has_host_breakpoints(vcpu) ? vcpu->guest_debug_db[i] : vcpu->db[i];
}

static unsigned long active_dr7(const struct x86_vcpu *vcpu)
{
	return has_host_breakpoints(vcpu) ? vcpu->guest_debug_dr7 : vcpu->dr7;
}

void kvm_update_dr7(struct x86_vcpu *vcpu)
{
	unsigned long dr7 = active_dr7(vcpu);

	static_call(kvm_x86_set_dr7)(vcpu, dr7);
	vcpu->switch_db_regs = dr7 & DR7_ENABLE;
}
EXPORT_SYMBOL_GPL(kvm_update_dr7);

void kvm_load_debug_regs(struct x86_vcpu *vcpu)
{
	/* Not switched by the hardware; DR7 is. */
	set_debugreg(0, 7);
	set_debugreg(active_db(vcpu, 0), 0);
	set_debugreg(active_db(vcpu, 1), 1);
	set_debugreg(active_db(vcpu, 2), 2);
	set_debugreg(active_db(vcpu, 3), 3);
}
EXPORT_SYMBOL_GPL(kvm_load_debug_regs);

static unsigned long linear_rip(struct x86_vcpu *vcpu)
{
	struct x86_segment cs;

	static_call(kvm_x86_get_segment)(vcpu, X86_SEG_CS, &cs);
	if (is_long_mode(vcpu) && (cs.attr & X86_SEG_L))
		return vcpu->rip;
	return (u32)(vcpu->rip + cs.base);
}

/* Bytes of a breakpoint; 8 only in long mode, and else undefined: take what the CPU may. */
static unsigned int bp_length(unsigned long dr7, int i)
{
	static const u8 length[] = { 1, 2, 8, 4 };

	return length[(dr7 >> (18 + i * 4)) & 3];
}

/* DR6 bits of enabled breakpoints of the kinds in @kinds that lie in @bytes from @addr on. */
static u32 match_breakpoints(const struct x86_vcpu *vcpu, unsigned long addr, unsigned int bytes,
			     unsigned int kinds, unsigned long mask)
{
	unsigned long dr7 = active_dr7(vcpu), db;
	unsigned int len;
	u32 hits = 0;
	int i;

	for (i = 0; i < 4; i++) {
		if (!(dr7 & (3ul << (i * 2))) || !(kinds & BIT((dr7 >> (16 + i * 4)) & 3)))
			continue;
		len = bp_length(dr7, i);
		db = active_db(vcpu, i) & mask & ~(unsigned long)(len - 1);
		if (addr - db < len || db - addr < bytes)
			hits |= BIT(i);
	}
	return hits;
}

void kvm_data_breakpoint(struct x86_vcpu *vcpu, unsigned long la, unsigned int bytes, bool write)
{
	unsigned int kinds = BIT(BP_ACCESS) | (write ? BIT(BP_WRITE) : 0);
	unsigned long mask = vcpu->emul->mode == X86EMUL_MODE_PROT64 ? ~0ul : U32_MAX;

	vcpu->bp_hits |= match_breakpoints(vcpu, la, bytes, kinds, mask);
	if (vcpu->bp_hits)
		vcpu->emul->stop_rep = true;
}

void kvm_io_breakpoint(struct x86_vcpu *vcpu, u16 port, unsigned int bytes)
{
	if (!(vcpu->cr4 & X86_CR4_DE))
		return;
	vcpu->bp_hits |= match_breakpoints(vcpu, port, bytes, BIT(BP_IO), ~0ul);
	if (vcpu->bp_hits)
		vcpu->emul->stop_rep = true;
}

/* Leave with KVM_EXIT_DEBUG; all of the exit structure is written, so that nothing old shows. */
static int debug_exit(struct x86_vcpu *vcpu, u32 exception, u64 dr6)
{
	struct kvm_run *run = vcpu->base.run;

	run->exit_reason = KVM_EXIT_DEBUG;
	run->debug.arch = (struct kvm_debug_exit_arch){
		.exception = exception,
		.pc = linear_rip(vcpu),
		.dr6 = dr6 ^ KVM_DR6_FIXED_1,
		.dr7 = active_dr7(vcpu),
	};
	return 0;
}

int kvm_pending_debug_exit(struct x86_vcpu *vcpu)
{
	u64 dr6 = vcpu->debug_exit_dr6;

	vcpu->debug_exit_dr6 = 0;
	return debug_exit(vcpu, DB_VECTOR, dr6);
}

/* Split a debug trap: 0 when there is something for the debugger. */
static int debug_trap(struct x86_vcpu *vcpu, u64 dr6, bool step)
{
	const u64 breakpoints = DR_TRAP_BITS | KVM_DR6_BD;
	u64 host = 0;

	vcpu->bp_hits = 0;
	if (has_host_breakpoints(vcpu)) {
		host = dr6 & breakpoints;
		dr6 &= ~breakpoints;
	}
	if (step && (vcpu->guest_debug & KVM_GUESTDBG_SINGLESTEP))
		host |= KVM_DR6_BS;
	if (dr6)
		kvm_queue_exception_p(vcpu, DB_VECTOR, dr6);
	vcpu->debug_exit_dr6 = host;
	return !host;
}

int kvm_debug_retired(struct x86_vcpu *vcpu, u64 dr6)
{
	if (debug_trap(vcpu, dr6 | vcpu->bp_hits, true))
		return 1;
	/* Userspace gets its device access or HLT first, and the trap when it comes back. */
	return kvm_io_pending(vcpu) || vcpu->emul_halt ? 1 : kvm_pending_debug_exit(vcpu);
}

int kvm_handle_db(struct x86_vcpu *vcpu, u64 dr6, bool step)
{
	if (!debug_trap(vcpu, dr6, step))
		return kvm_pending_debug_exit(vcpu);
	return 1;
}
EXPORT_SYMBOL_GPL(kvm_handle_db);

int kvm_debug_step(struct x86_vcpu *vcpu)
{
	return kvm_handle_db(vcpu, 0, true);
}
EXPORT_SYMBOL_GPL(kvm_debug_step);

int kvm_debug_int3(struct x86_vcpu *vcpu)
{
	return debug_exit(vcpu, BP_VECTOR, 0);
}
EXPORT_SYMBOL_GPL(kvm_debug_int3);

/*
 * MOV DR with the debugger's breakpoints loaded: 0 when its DR7.GD asks for it.
 * The guest's own DR7.GD is the emulator's.
 */
int kvm_debug_mov_dr(struct x86_vcpu *vcpu)
{
	if (has_host_breakpoints(vcpu) && (vcpu->guest_debug_dr7 & KVM_DR7_GD))
		return kvm_handle_db(vcpu, KVM_DR6_BD, false);
	return kvm_emulate_instruction(vcpu, 0);
}
EXPORT_SYMBOL_GPL(kvm_debug_mov_dr);

int kvm_code_breakpoint(struct x86_vcpu *vcpu)
{
	u32 hits;

	if (vcpu->rflags & X86_EFLAGS_RF)
		return -1;
	hits = match_breakpoints(vcpu, linear_rip(vcpu), 1, BIT(BP_EXECUTE), ~0ul);
	return hits ? kvm_handle_db(vcpu, hits, false) : -1;
}

/*
 * These carry RFLAGS to and from memory and registers: TF of a step must not be
 * among them. INT3 may be the debugger's, and is the vendor's like all exceptions.
 */
static bool moves_flags(const u8 *insn, unsigned int len, bool long_mode)
{
	unsigned int i;

	for (i = 0; i < len; i++) {
		switch (insn[i]) {
		case 0x26: case 0x2e: case 0x36: case 0x3e: case 0x64 ... 0x67: case 0xf2: case 0xf3:
			continue;
		case 0x40 ... 0x4f:
			if (long_mode)
				continue;
			return false;
		case 0x0f:
			return i + 1 < len && (insn[i + 1] == 0x05 || insn[i + 1] == 0x07);
		case 0x9c: case 0x9d: case 0xcd: case 0xcf:	/* PUSHF, POPF, INTn, IRET */
			return true;
		}
		return false;
	}
	return false;
}

int kvm_step_over_flags(struct x86_vcpu *vcpu)
{
	unsigned long la = linear_rip(vcpu);
	struct x86_segment cs;
	u8 insn[15];
	int n;

	if (vcpu->exception.injected || vcpu->nmi_injected || vcpu->interrupt.injected)
		return -1;
	n = kvm_peek_insn(vcpu, la, insn, 1, sizeof(insn));
	static_call(kvm_x86_get_segment)(vcpu, X86_SEG_CS, &cs);
	if (!moves_flags(insn, n, is_long_mode(vcpu) && (cs.attr & X86_SEG_L)))
		return -1;
	return kvm_emulate_instruction(vcpu, 0);
}

static int inject_debug_event(struct x86_vcpu *vcpu, u32 control)
{
	if (!(control & (KVM_GUESTDBG_INJECT_DB | KVM_GUESTDBG_INJECT_BP)))
		return 0;
	if (vcpu->exception.pending || vcpu->exception.injected ||
	    test_bit(KVM_REQ_TRIPLE_FAULT, &vcpu->base.requests))
		return -EBUSY;
	kvm_queue_exception(vcpu, control & KVM_GUESTDBG_INJECT_DB ? DB_VECTOR : BP_VECTOR);
	return 0;
}

int kvm_set_guest_debug(struct x86_vcpu *vcpu, const struct kvm_guest_debug *dbg)
{
	u32 control = dbg->control;
	int i, r;

	if (control & ~KVM_GUESTDBG_VALID_MASK)
		return -EINVAL;
	r = inject_debug_event(vcpu, control);
	if (r)
		return r;
	vcpu->guest_debug = control & KVM_GUESTDBG_ENABLE ? control : 0;
	for (i = 0; i < 4; i++)
		vcpu->guest_debug_db[i] = dbg->arch.debugreg[i];
	vcpu->guest_debug_dr7 = (dbg->arch.debugreg[7] & KVM_DR7_VOLATILE) | KVM_DR7_FIXED_1;
	if (!(vcpu->guest_debug & KVM_GUESTDBG_SINGLESTEP))
		vcpu->debug_exit_dr6 &= ~(u64)KVM_DR6_BS;
	if (!has_host_breakpoints(vcpu))
		vcpu->debug_exit_dr6 &= KVM_DR6_BS;
	kvm_update_dr7(vcpu);
	static_call(kvm_x86_update_guest_debug)(vcpu);
	return 0;
}
