// SPDX-License-Identifier: GPL-2.0-only
/* Getting a vCPU on and off a CPU, and one entry into the guest. */
#include <linux/build_bug.h>
#include <linux/percpu.h>
#include <linux/smp.h>
#include <linux/uaccess.h>

#include <asm/debugreg.h>
#include <asm/fpu/api.h>
#include <asm/mce.h>
#include <asm/nospec-branch.h>
#include <asm/spec-ctrl.h>

#include "compat.h"
#include "vcpu/world_switch.h"
#include "svm/svm.h"

/* enter.S has these as numbers. */
static_assert(offsetof(struct svm_switch, regs) == 0);
static_assert(offsetof(struct svm_switch, vmcb_pa) == 8);
static_assert(offsetof(struct svm_switch, host_pa) == 16);
static_assert(offsetof(struct svm_switch, guest_spec_ctrl) == 24);
static_assert(offsetof(struct svm_switch, host_spec_ctrl) == 32);
static_assert(offsetof(struct svm_switch, flags) == 40);
static_assert(SVM_SWITCH_SPEC == 1 && SVM_SWITCH_READ_SPEC == 2);
static_assert(X86_REG_RCX == 1 && X86_REG_RDX == 2 && X86_REG_RBX == 3);
static_assert(X86_REG_RBP == 5 && X86_REG_RSI == 6 && X86_REG_RDI == 7 && X86_REG_R15 == 15);

/* Cached parts of the VMCB and translations are the old CPU's. */
void svm_vcpu_load(struct x86_vcpu *vcpu, int cpu)
{
	struct svm_cpu *sc = per_cpu_ptr(&svm_cpus, cpu);
	struct vcpu_svm *svm = to_svm(vcpu);

	if (svm->last_cpu != cpu) {
		svm->vmcb->control.clean = 0;
		svm->asid_generation = 0;
		svm->last_cpu = cpu;
	}
	svm->sw.host_pa = sc->host_pa;
	if (sc->current_vmcb != svm->vmcb) {
		sc->current_vmcb = svm->vmcb;
		indirect_branch_prediction_barrier();
	}
}

void svm_load_tsc_aux(struct vcpu_svm *svm)
{
	if (!svm->tsc_aux_used || svm->vcpu.tsc_aux == this_cpu_read(svm_cpus.host_tsc_aux))
		return;
	wrmsrl(MSR_TSC_AUX, svm->vcpu.tsc_aux);
	svm->tsc_aux_loaded = true;
}

/* What no exit restores but VMLOAD: FS, GS, TR, LDTR, the SYSCALL and SYSENTER MSRs. */
void svm_prepare_switch_to_guest(struct x86_vcpu *vcpu)
{
	struct vcpu_svm *svm = to_svm(vcpu);

	if (likely(svm->guest_state_loaded))
		return;
	asm volatile("1: vmsave %%rax\n2:\n\t" _ASM_EXTABLE(1b, 2b)
		     : : "a" (svm->sw.host_pa) : "memory");
	svm_load_tsc_aux(svm);
	svm_update_exception_intercepts(svm);
	svm->guest_state_loaded = true;
}

void svm_vcpu_put(struct x86_vcpu *vcpu)
{
	struct vcpu_svm *svm = to_svm(vcpu);

	if (!svm->guest_state_loaded)
		return;
	svm->guest_state_loaded = false;
	if (svm->tsc_aux_loaded)
		wrmsrl(MSR_TSC_AUX, this_cpu_read(svm_cpus.host_tsc_aux));
	svm->tsc_aux_loaded = false;
	/* Userspace that runs here next must not use predictions that a guest made. */
	if (cpu_feature_enabled(X86_FEATURE_IBPB_EXIT_TO_USER))
		this_cpu_write(x86_ibpb_exit_to_user, true);
}

/* For MOV DR without exits; with breakpoints enabled the caller has done it. */
static void load_guest_debug_regs(struct x86_vcpu *vcpu)
{
	if (vcpu->switch_db_regs)
		return;
	kvm_load_debug_regs(vcpu);
}

/* The guest had its DRs for one entry: take what it wrote and intercept MOV DR again. */
static void sync_dirty_debug_regs(struct x86_vcpu *vcpu)
{
	struct vcpu_svm *svm = to_svm(vcpu);

	get_debugreg(vcpu->db[0], 0);
	get_debugreg(vcpu->db[1], 1);
	get_debugreg(vcpu->db[2], 2);
	get_debugreg(vcpu->db[3], 3);
	vcpu->dr6 = svm->vmcb->save.dr6;
	vcpu->dr7 = svm->vmcb->save.dr7;
	svm_intercept_mov_dr(vcpu);
	kvm_update_dr7(vcpu);
}

/*
 * Come back after one instruction. The delivery of an event would push the TF
 * of that step for the guest to see: an interrupt of our own ends it instead.
 */
static void force_step(struct vcpu_svm *svm)
{
	if (svm->vmcb->control.event_inj & SVM_EVTINJ_VALID) {
		svm->step_event = true;
		smp_send_reschedule(smp_processor_id());
		return;
	}
	svm->singlestep_rip = svm->vcpu.rip;
	svm->tf_forced = !(svm->vcpu.rflags & X86_EFLAGS_TF);
	svm->vmcb->save.rflags |= X86_EFLAGS_TF;
}

static void state_to_vmcb(struct vcpu_svm *svm)
{
	struct vmcb_save_area *save = &svm->vmcb->save;
	struct x86_vcpu *vcpu = &svm->vcpu;
	u64 dr6;

	save->rax = vcpu->regs[X86_REG_RAX];
	save->rsp = vcpu->regs[X86_REG_RSP];
	save->rip = vcpu->rip;
	save->rflags = vcpu->rflags;
	if (unlikely(svm->nmi_singlestep || kvm_single_stepping(vcpu)))
		force_step(svm);
	if (save->cr2 != vcpu->cr2) {
		save->cr2 = vcpu->cr2;
		svm_mark_dirty(svm, SVM_CLEAN_CR2);
	}
	/* What a #DB adds to nothing is what it says; but who owns the register finds its value. */
	dr6 = unlikely(vcpu->db_guest_owned) ? vcpu->dr6 : KVM_DR6_FIXED_1;
	if (save->dr6 != dr6) {
		save->dr6 = dr6;
		svm_mark_dirty(svm, SVM_CLEAN_DR);
	}
}

static void state_from_vmcb(struct vcpu_svm *svm)
{
	struct vmcb_save_area *save = &svm->vmcb->save;
	struct x86_vcpu *vcpu = &svm->vcpu;

	vcpu->regs[X86_REG_RAX] = save->rax;
	vcpu->regs[X86_REG_RSP] = save->rsp;
	vcpu->rip = save->rip;
	vcpu->rflags = save->rflags;
	vcpu->cr0 = (vcpu->cr0 & (X86_CR0_CD | X86_CR0_NW)) |
		    (save->cr0 & ~(u64)(X86_CR0_CD | X86_CR0_NW));
	vcpu->cr2 = save->cr2;
	vcpu->cr3 = save->cr3;
	/* An IRET that retired has loaded TF itself; else it is what it was before the step. */
	if (unlikely(svm->tf_forced) &&
	    (!svm->iret_pending || vcpu->rip == svm->singlestep_rip))
		vcpu->rflags &= ~X86_EFLAGS_TF;
}

void svm_vcpu_run(struct x86_vcpu *vcpu)
{
	struct svm_cpu *sc = this_cpu_ptr(&svm_cpus);
	struct vcpu_svm *svm = to_svm(vcpu);
	struct vmcb_control_area *control = &svm->vmcb->control;

	svm->tf_forced = false;
	svm->step_event = false;
	state_to_vmcb(svm);
	if (unlikely(svm->asid_generation != sc->asid_generation))
		svm_new_asid(svm, sc);
	if (unlikely(vcpu->db_guest_owned))
		load_guest_debug_regs(vcpu);
	svm->sw.host_spec_ctrl = this_cpu_read(x86_spec_ctrl_current);
	/* Stays if VMRUN does not happen. */
	control->exit_code = SVM_EXIT_ERR;
	amd_clear_divider();

	kvm_load_guest_xsave_state(vcpu);
	kvm_guest_enter_irqoff();
	__svm_vcpu_run(&svm->sw);
	kvm_guest_exit_irqoff();
	kvm_load_host_xsave_state(vcpu);

	/* A refused entry may have flushed nothing: neither this ASID nor those after it are clean. */
	if (unlikely(control->exit_code == (u32)SVM_EXIT_ERR)) {
		svm->asid_generation = 0;
		sc->next_asid = sc->max_asid + 1;
	}
	control->clean = SVM_CLEAN_ALL;
	control->tlb_ctl = TLB_CONTROL_DO_NOTHING;
	state_from_vmcb(svm);
	vcpu->last_exit_reason = control->exit_code;
	if (unlikely(vcpu->db_guest_owned))
		sync_dirty_debug_regs(vcpu);
	if (unlikely(svm->iret_pending))
		svm_track_iret(svm);
}

/* Interrupts and NMIs arrive by themselves; a machine check was taken away from the host. */
void svm_handle_exit_irqoff(struct x86_vcpu *vcpu)
{
#ifdef CONFIG_X86_MCE
	struct pt_regs regs = { .cs = 3, .flags = X86_EFLAGS_IF };

	if (unlikely(vcpu->last_exit_reason == SVM_EXIT_EXCP_BASE + MC_VECTOR))
		do_machine_check(&regs);
#endif
}
