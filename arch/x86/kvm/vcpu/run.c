// SPDX-License-Identifier: GPL-2.0-only
/* KVM_RUN: the loop around the world switch. */
#include <linux/hw_breakpoint.h>
#include <linux/kvm.h>
#include <linux/sched/signal.h>
#include <linux/vtime.h>
#include <asm/debugreg.h>

#include "compat.h"
#include "vm/arch.h"
#include "vcpu/clock.h"
#include "vcpu/ops.h"
#include "vcpu/trace.h"

#define HOST_WORK (_TIF_SIGPENDING | _TIF_NOTIFY_SIGNAL | _TIF_NEED_RESCHED | RETURN_WORK)
/* Done only on the way back to userspace. */
#define RETURN_WORK (_TIF_NOTIFY_RESUME | _TIF_PATCH_PENDING)

static bool host_work_pending(void)
{
	return READ_ONCE(current_thread_info()->flags) & HOST_WORK;
}

/* 1: enter, 0: leave to userspace, or -EIO. */
static int handle_requests(struct x86_vcpu *vcpu)
{
	struct kvm_vcpu *base = &vcpu->base;

	if (kvm_check_request(KVM_REQ_VM_DEAD, base)) {
		kvm_make_request(KVM_REQ_VM_DEAD, base);
		return -EIO;
	}
	if (kvm_check_request(KVM_REQ_TLB_FLUSH, base)) {
		base->stat.tlb_flush++;
		static_call(kvm_x86_flush_tlb_current)(vcpu);
	}
	if (kvm_check_request(KVM_REQ_TRIPLE_FAULT, base)) {
		base->run->exit_reason = KVM_EXIT_SHUTDOWN;
		return 0;
	}
	if (kvm_check_request(KVM_REQ_CLOCK_UPDATE, base))
		kvm_update_guest_time(vcpu);
	if (kvm_check_request(KVM_REQ_MSR_FILTER_CHANGED, base))
		static_call(kvm_x86_msr_filter_changed)(vcpu);
	/* No more than a reason to come out of the guest. */
	kvm_check_request(KVM_REQ_EVENT, base);
	return 1;
}

static bool events_pending(const struct x86_vcpu *vcpu)
{
	return vcpu->exception.pending || vcpu->exception.injected || vcpu->interrupt.injected ||
	       vcpu->nmi_pending || vcpu->nmi_injected || vcpu->user_interrupt_pending ||
	       READ_ONCE(vcpu->base.run->request_interrupt_window);
}

/* One entry and exit. Interrupts are off in between but for what comes in right after the exit. */
static void enter_guest(struct x86_vcpu *vcpu)
{
	bool switch_db = unlikely(vcpu->switch_db_regs);

	if (switch_db)
		kvm_load_debug_regs(vcpu);
	trace_kvm_entry(vcpu, false);
	vtime_account_guest_enter();
	static_call(kvm_x86_vcpu_run)(vcpu);
	if (switch_db || hw_breakpoint_active())
		hw_breakpoint_restore();
	WRITE_ONCE(vcpu->base.mode, OUTSIDE_GUEST_MODE);
	static_call(kvm_x86_handle_exit_irqoff)(vcpu);
	/* Let the interrupt that ended the guest in while its time still counts as the guest's. */
	local_irq_enable();
	vcpu->base.stat.exits++;
	local_irq_disable();
	vtime_account_guest_exit();
	local_irq_enable();
}

static int vcpu_enter_guest(struct x86_vcpu *vcpu) __must_hold(&vcpu->base.kvm->srcu)
{
	struct kvm_vcpu *base = &vcpu->base;
	int r;

	if (unlikely(kvm_request_pending(base))) {
		r = handle_requests(vcpu);
		if (r <= 0)
			return r;
	}
	if (unlikely(events_pending(vcpu)))
		kvm_inject_pending_events(vcpu);
	if (unlikely(kvm_single_stepping(vcpu))) {
		r = kvm_step_over_flags(vcpu);
		if (r >= 0)
			return r;
	}

	preempt_disable();
	static_call(kvm_x86_prepare_switch_to_guest)(vcpu);
	local_irq_disable();
	/* After everything that a kicker relies on this vCPU to see. */
	smp_store_release(&base->mode, IN_GUEST_MODE);
	kvm_vcpu_srcu_read_unlock(base);
	/* Pairs with kvm_make_request(): a request is seen here, or its maker sees IN_GUEST_MODE. */
	smp_mb__after_srcu_read_unlock();
	if (unlikely(kvm_request_pending(base) || host_work_pending())) {
		base->mode = OUTSIDE_GUEST_MODE;
		/* The mode, before interrupts let a kicker in. */
		smp_wmb();
		local_irq_enable();
		preempt_enable();
		kvm_vcpu_srcu_read_lock(base);
		static_call(kvm_x86_cancel_injection)(vcpu);
		return 1;
	}
	/* An interrupt may have used the FPU and left the guest's state in memory. */
	if (unlikely(test_thread_flag(TIF_NEED_FPU_LOAD)))
		switch_fpu_return();
	enter_guest(vcpu);
	preempt_enable();
	kvm_vcpu_srcu_read_lock(base);
	trace_kvm_exit(vcpu, kvm_x86_ops.isa);
	return static_call(kvm_x86_handle_exit)(vcpu);
}

static int signal_exit(struct x86_vcpu *vcpu)
{
	vcpu->base.run->exit_reason = KVM_EXIT_INTR;
	vcpu->base.stat.signal_exits++;
	return -EINTR;
}

/*
 * Leave, have the kernel do its work, and come back by a restart that userspace
 * does not see; a signal that is handled on the way makes it -EINTR.
 */
static int return_work_exit(struct x86_vcpu *vcpu)
{
	vcpu->base.run->exit_reason = KVM_EXIT_INTR;
	set_thread_flag(TIF_NOTIFY_SIGNAL);
	return -ERESTARTNOHAND;
}

/* 1 to go on in the guest, or the result of KVM_RUN. */
static int handle_host_work(struct x86_vcpu *vcpu)
{
	if (signal_pending(current))
		return signal_exit(vcpu);
	if (READ_ONCE(current_thread_info()->flags) & RETURN_WORK)
		return return_work_exit(vcpu);
	kvm_vcpu_srcu_read_unlock(&vcpu->base);
	cond_resched();
	kvm_vcpu_srcu_read_lock(&vcpu->base);
	return 1;
}

/* Userspace asked to be told when an interrupt could be injected, and it can. */
static bool irq_window_open(struct x86_vcpu *vcpu)
{
	return unlikely(READ_ONCE(vcpu->base.run->request_interrupt_window)) &&
	       kvm_vcpu_ready_for_interrupt(vcpu);
}

static int vcpu_run(struct x86_vcpu *vcpu)
{
	struct kvm_vcpu *base = &vcpu->base;
	int r;

	vcpu->has_run = true;
	for (;;) {
		r = vcpu_enter_guest(vcpu);
		if (r <= 0)
			return r == -EINTR ? signal_exit(vcpu) : r;
		if (irq_window_open(vcpu)) {
			base->run->exit_reason = KVM_EXIT_IRQ_WINDOW_OPEN;
			base->stat.request_irq_exits++;
			return 0;
		}
		if (unlikely(host_work_pending())) {
			r = handle_host_work(vcpu);
			if (r <= 0)
				return r;
		}
	}
}

/* What userspace reads in the run page at every exit. */
static void post_run(struct x86_vcpu *vcpu)
{
	struct kvm_run *run = vcpu->base.run;

	run->if_flag = !!(vcpu->rflags & X86_EFLAGS_IF);
	run->flags = 0;
	run->cr8 = vcpu->cr8;
	run->apic_base = vcpu->apic_base;
	run->ready_for_interrupt_injection = kvm_vcpu_ready_for_interrupt(vcpu);
}

int kvm_arch_vcpu_ioctl_run(struct kvm_vcpu *base)
{
	struct x86_vcpu *vcpu = to_x86_vcpu(base);
	struct kvm_run *run = base->run;
	int (*complete)(struct x86_vcpu *vcpu);
	int r = 1;

	kvm_vcpu_srcu_read_lock(base);
	kvm_load_guest_fpu(vcpu);
	if (unlikely(READ_ONCE(run->kvm_valid_regs) | READ_ONCE(run->kvm_dirty_regs))) {
		r = kvm_sync_regs_load(vcpu);
		if (r)
			goto out;
	}
	if (kvm_set_cr8(vcpu, READ_ONCE(run->cr8))) {
		r = -EINVAL;
		goto out;
	}
	complete = vcpu->complete_userspace_io;
	if (complete) {
		vcpu->complete_userspace_io = NULL;
		r = complete(vcpu);
		if (r <= 0)
			goto out;
	}
	if (unlikely(vcpu->debug_exit_dr6)) {
		r = kvm_pending_debug_exit(vcpu);
		goto out;
	}
	run->exit_reason = KVM_EXIT_UNKNOWN;
	/* Only after the completion: userspace uses it to get a consistent state. */
	if (kvm_run_immediate_exit(run)) {
		r = -EINTR;
		goto out;
	}
	if (unlikely(signal_pending(current))) {
		r = signal_exit(vcpu);
		goto out;
	}
	r = vcpu_run(vcpu);
out:
	kvm_put_guest_fpu(vcpu);
	post_run(vcpu);
	if (unlikely(READ_ONCE(run->kvm_valid_regs)))
		kvm_sync_regs_store(vcpu);
	kvm_vcpu_srcu_read_unlock(base);
	return r;
}
