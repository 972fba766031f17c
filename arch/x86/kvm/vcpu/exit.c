// SPDX-License-Identifier: GPL-2.0-only
/* Exit handlers that both vendors share. */
#include <linux/kvm.h>
#include <linux/ktime.h>
#include <asm/msr.h>

#include "vcpu/emul_ops.h"
#include "vcpu/ops.h"
#include "vcpu/trace.h"

int kvm_try_skip(struct x86_vcpu *vcpu)
{
	bool tf = vcpu->rflags & X86_EFLAGS_TF;
	int r = static_call(kvm_x86_skip_emulated_instruction)(vcpu);

	if (unlikely(r != 1))
		return r;
	vcpu->rflags &= ~X86_EFLAGS_RF;
	/* A trap: DR6.BS is set after the instruction. */
	if (unlikely(tf || vcpu->guest_debug || vcpu->bp_hits))
		return kvm_debug_retired(vcpu, tf ? KVM_DR6_BS : 0);
	return 1;
}

int kvm_skip_emulated_instruction(struct x86_vcpu *vcpu)
{
	int r = kvm_try_skip(vcpu);

	return likely(r != KVM_SKIP_REFUSED) ? r : 1;
}
EXPORT_SYMBOL_GPL(kvm_skip_emulated_instruction);

int kvm_complete_insn_gp(struct x86_vcpu *vcpu, int err)
{
	if (!err)
		return kvm_skip_emulated_instruction(vcpu);
	kvm_queue_exception_e(vcpu, GP_VECTOR, 0);
	return 1;
}
EXPORT_SYMBOL_GPL(kvm_complete_insn_gp);

int kvm_handle_internal_error(struct x86_vcpu *vcpu, u32 suberror, const u64 *data, int ndata)
{
	struct kvm_run *run = vcpu->base.run;
	int i;

	run->exit_reason = KVM_EXIT_INTERNAL_ERROR;
	run->internal.suberror = suberror;
	run->internal.ndata = ndata;
	for (i = 0; i < ndata; i++)
		run->internal.data[i] = data[i];
	return 0;
}
EXPORT_SYMBOL_GPL(kvm_handle_internal_error);

/* Without an in-kernel interrupt controller userspace decides what wakes the vCPU. */
int kvm_emulate_halt_noskip(struct x86_vcpu *vcpu)
{
	/* What userspace has queued, or a trap of HLT itself, ends it at once. */
	if (vcpu->exception.pending ||
	    (vcpu->nmi_pending && !static_call(kvm_x86_get_nmi_mask)(vcpu)) ||
	    (vcpu->user_interrupt_pending && (vcpu->rflags & X86_EFLAGS_IF)))
		return unlikely(vcpu->debug_exit_dr6) ? kvm_pending_debug_exit(vcpu) : 1;
	vcpu->base.stat.halt_exits++;
	vcpu->base.run->exit_reason = KVM_EXIT_HLT;
	return 0;
}

int kvm_emulate_halt(struct x86_vcpu *vcpu)
{
	int r;

	vcpu->emul_halt = true;
	r = kvm_try_skip(vcpu);
	vcpu->emul_halt = false;
	return r == 1 ? kvm_emulate_halt_noskip(vcpu) : r == KVM_SKIP_REFUSED ? 1 : r;
}
EXPORT_SYMBOL_GPL(kvm_emulate_halt);

/* No device is assigned, so guest caches are coherent: there is nothing to write back. */
int kvm_emulate_wbinvd(struct x86_vcpu *vcpu)
{
	return kvm_skip_emulated_instruction(vcpu);
}
EXPORT_SYMBOL_GPL(kvm_emulate_wbinvd);

int kvm_emulate_invd(struct x86_vcpu *vcpu)
{
	return kvm_skip_emulated_instruction(vcpu);
}
EXPORT_SYMBOL_GPL(kvm_emulate_invd);

/* No virtual PMU: the only counters are the backdoor's. No guest's time is ever stopped. */
int kvm_read_pmc(u32 counter, u64 *val)
{
	if (!enable_vmware_backdoor)
		return 1;
	switch (counter) {
	case VMWARE_PMC_HOST_TSC:
		*val = rdtsc();
		return 0;
	case VMWARE_PMC_REAL_TIME:
	case VMWARE_PMC_APPARENT_TIME:
		*val = ktime_get_boottime_ns();
		return 0;
	}
	return 1;
}

int kvm_emulate_rdpmc(struct x86_vcpu *vcpu)
{
	u64 val;

	if (kvm_read_pmc(vcpu->regs[X86_REG_RCX], &val))
		return kvm_complete_insn_gp(vcpu, 1);
	vcpu->regs[X86_REG_RAX] = (u32)val;
	vcpu->regs[X86_REG_RDX] = val >> 32;
	return kvm_skip_emulated_instruction(vcpu);
}
EXPORT_SYMBOL_GPL(kvm_emulate_rdpmc);

int kvm_emulate_xsetbv(struct x86_vcpu *vcpu)
{
	u64 val = (vcpu->regs[X86_REG_RAX] & U32_MAX) | (vcpu->regs[X86_REG_RDX] << 32);

	if (!(vcpu->cr4 & X86_CR4_OSXSAVE)) {
		kvm_queue_exception(vcpu, UD_VECTOR);
		return 1;
	}
	if (static_call(kvm_x86_get_cpl)(vcpu))
		return kvm_complete_insn_gp(vcpu, 1);
	return kvm_complete_insn_gp(vcpu, kvm_set_xcr(vcpu, vcpu->regs[X86_REG_RCX], val));
}
EXPORT_SYMBOL_GPL(kvm_emulate_xsetbv);

/*
 * The access was the CPU's own, while it delivered an event: a table or stack
 * that is no memory. The instruction at RIP has no part in it.
 */
static bool delivering_event(const struct x86_vcpu *vcpu)
{
	return vcpu->exception.injected || vcpu->nmi_injected || vcpu->interrupt.injected;
}

static int delivery_failed(struct x86_vcpu *vcpu, gpa_t gpa, u64 error_code)
{
	const u64 data[] = {
		vcpu->exception.injected ? vcpu->exception.vector :
		vcpu->nmi_injected ? 2 : vcpu->interrupt.nr,
		gpa, error_code,
	};

	return kvm_handle_internal_error(vcpu, KVM_INTERNAL_ERROR_DELIVERY_EV, data,
					 ARRAY_SIZE(data));
}

/**
 * kvm_mmu_page_fault() - a fault in the second-level tables
 * @vcpu: the vCPU
 * @gpa: faulting guest-physical address
 * @error_code: PFERR_*; RSVD means the MMIO marker was hit
 * @insn: instruction bytes from the exit, or NULL
 * @insn_len: their number
 *
 * Map the page, or emulate what cannot be mapped.
 *
 * Return: as exit handlers.
 */
int kvm_mmu_page_fault(struct x86_vcpu *vcpu, gpa_t gpa, u64 error_code, const void *insn,
		       int insn_len)
{
	int emulation_type = 0;
	int r;

	/*
	 * Of an access to the guest's page tables the address is not the operand's. An MMIO
	 * marker of VMX does not tell whose it is: the emulator compares offsets.
	 */
	if (likely((error_code & PFERR_GUEST_FINAL_MASK) || error_code == PFERR_RSVD_MASK))
		emulation_type = EMULTYPE_PF | EMULTYPE_ALLOW_RETRY_PF;

	trace_kvm_page_fault(vcpu, gpa, error_code);
	vcpu->base.stat.pf_taken++;
	if (likely(error_code & PFERR_RSVD_MASK)) {
		if (unlikely(delivering_event(vcpu)))
			return delivery_failed(vcpu, gpa, error_code);
		/* An ioeventfd of any length needs neither the data nor the instruction. */
		if ((error_code & PFERR_WRITE_MASK) && emulation_type && !vcpu->switch_db_regs &&
		    !kvm_io_bus_write(&vcpu->base, KVM_FAST_MMIO_BUS, gpa, 0, NULL))
			return kvm_skip_emulated_instruction(vcpu);
	} else {
		r = tdp_page_fault(&vcpu->base, &vcpu_vm(vcpu)->mmu, gpa, error_code);
		if (r < 0)
			return r;
		if (r == RET_PF_RETRY) {
			vcpu->base.stat.pf_fixed++;
			return 1;
		}
		vcpu->base.stat.pf_emulate++;
	}
	if (unlikely(delivering_event(vcpu)))
		return delivery_failed(vcpu, gpa, error_code);
	vcpu->emul_gpa_write = error_code & PFERR_WRITE_MASK;
	/* Nor what kind of access it was: the first that the instruction makes. */
	vcpu->emul_gpa_store = error_code == PFERR_RSVD_MASK;
	return x86_emulate_instruction(vcpu, gpa, emulation_type, insn, insn_len);
}
EXPORT_SYMBOL_GPL(kvm_mmu_page_fault);
