// SPDX-License-Identifier: GPL-2.0-only
/* Exceptions, interrupts and NMIs: queueing, priorities, injection, userspace's view. */
#include <linux/kvm.h>
#include <linux/sched.h>
#include <asm/debugreg.h>

#include "vcpu/ops.h"
#include "vcpu/trace.h"

/* Vectors without a name in the kernel's headers. */
#define NMI_VECTOR	2
#define CP_VECTOR	21

enum exception_class { EXCPT_BENIGN, EXCPT_CONTRIBUTORY, EXCPT_PF };

static enum exception_class exception_class(u8 vector)
{
	switch (vector) {
	case PF_VECTOR:
		return EXCPT_PF;
	case DE_VECTOR:
	case TS_VECTOR:
	case NP_VECTOR:
	case SS_VECTOR:
	case GP_VECTOR:
	case CP_VECTOR:
		return EXCPT_CONTRIBUTORY;
	}
	return EXCPT_BENIGN;
}

/* Error codes that the manual defines for a vector in protected mode. */
bool kvm_exception_has_error_code(unsigned int vector)
{
	return vector == DF_VECTOR || (vector >= TS_VECTOR && vector <= PF_VECTOR) ||
	       vector == AC_VECTOR || vector == CP_VECTOR;
}
EXPORT_SYMBOL_GPL(kvm_exception_has_error_code);

/*
 * A second exception while one waits: replace it, or make a double or triple
 * fault of both. What is replaced is met again by the instruction.
 */
static void queue_exception(struct x86_vcpu *vcpu, const struct kvm_queued_exception *new)
{
	struct kvm_queued_exception *ex = &vcpu->exception;
	enum exception_class first, second;

	if (!ex->pending && !ex->injected) {
		*ex = *new;
		return;
	}
	if (ex->vector == DF_VECTOR) {
		ex->pending = false;
		ex->injected = false;
		kvm_make_request(KVM_REQ_TRIPLE_FAULT, &vcpu->base);
		return;
	}
	first = exception_class(ex->vector);
	second = exception_class(new->vector);
	*ex = *new;
	if ((first == EXCPT_CONTRIBUTORY && second == EXCPT_CONTRIBUTORY) ||
	    (first == EXCPT_PF && second != EXCPT_BENIGN)) {
		*ex = (struct kvm_queued_exception){
			.pending = true, .vector = DF_VECTOR, .has_error_code = true,
		};
	}
}

void kvm_queue_exception(struct x86_vcpu *vcpu, unsigned int nr)
{
	const struct kvm_queued_exception ex = { .pending = true, .vector = nr };

	queue_exception(vcpu, &ex);
}
EXPORT_SYMBOL_GPL(kvm_queue_exception);

void kvm_queue_exception_e(struct x86_vcpu *vcpu, unsigned int nr, u32 error_code)
{
	const struct kvm_queued_exception ex = {
		.pending = true, .vector = nr, .has_error_code = true, .error_code = error_code,
	};

	queue_exception(vcpu, &ex);
}
EXPORT_SYMBOL_GPL(kvm_queue_exception_e);

void kvm_queue_exception_p(struct x86_vcpu *vcpu, unsigned int nr, u64 payload)
{
	const struct kvm_queued_exception ex = {
		.pending = true, .vector = nr, .has_payload = true, .payload = payload,
	};

	queue_exception(vcpu, &ex);
}
EXPORT_SYMBOL_GPL(kvm_queue_exception_p);

void kvm_inject_page_fault(struct x86_vcpu *vcpu, u64 address, u32 error_code)
{
	const struct kvm_queued_exception ex = {
		.pending = true, .vector = PF_VECTOR, .has_error_code = true,
		.error_code = error_code, .has_payload = true, .payload = address,
	};

	queue_exception(vcpu, &ex);
}
EXPORT_SYMBOL_GPL(kvm_inject_page_fault);

void kvm_inject_emulated_exception(struct x86_vcpu *vcpu, const struct x86_exception *ex)
{
	if (ex->vector == PF_VECTOR)
		kvm_inject_page_fault(vcpu, ex->address, ex->error_code);
	else if (ex->vector == DB_VECTOR)
		kvm_queue_exception_p(vcpu, DB_VECTOR, ex->address);
	else if (ex->error_code_valid)
		kvm_queue_exception_e(vcpu, ex->vector, ex->error_code);
	else
		kvm_queue_exception(vcpu, ex->vector);
}

/* The CPU was delivering it when the guest left: the same again, without effects already had. */
void kvm_requeue_exception(struct x86_vcpu *vcpu, unsigned int nr, bool has_error, u32 error_code)
{
	vcpu->exception = (struct kvm_queued_exception){
		.injected = true, .vector = nr, .has_error_code = has_error,
		.error_code = error_code,
	};
}
EXPORT_SYMBOL_GPL(kvm_requeue_exception);

/* The handler of a debug exception may use the debug registers. */
static void end_general_detect(struct x86_vcpu *vcpu)
{
	if (!(vcpu->dr7 & KVM_DR7_GD))
		return;
	vcpu->dr7 &= ~KVM_DR7_GD;
	kvm_update_dr7(vcpu);
}

/* CR2 and DR6 change when the exception is delivered, not when it is found. */
static void deliver_exception_payload(struct x86_vcpu *vcpu)
{
	struct kvm_queued_exception *ex = &vcpu->exception;

	if (!ex->pending || !ex->has_payload)
		return;
	switch (ex->vector) {
	case DB_VECTOR:
		vcpu->dr6 &= ~DR_TRAP_BITS;
		/* Userspace may have made it. */
		vcpu->dr6 |= ex->payload & KVM_DR6_VOLATILE;
		end_general_detect(vcpu);
		break;
	case PF_VECTOR:
		vcpu->cr2 = ex->payload;
		break;
	}
	ex->has_payload = false;
	ex->payload = 0;
}

void kvm_show_exception_payload(struct x86_vcpu *vcpu)
{
	if (!READ_ONCE(vcpu_vm(vcpu)->exception_payload))
		deliver_exception_payload(vcpu);
}

static void inject_exception(struct x86_vcpu *vcpu, bool reinjected)
{
	struct kvm_queued_exception *ex = &vcpu->exception;

	/* Real mode has no error codes. */
	if (ex->has_error_code && !is_protmode(vcpu))
		ex->has_error_code = false;
	trace_kvm_inj_exception(ex->vector, ex->has_error_code, ex->error_code, reinjected);
	static_call(kvm_x86_inject_exception)(vcpu);
}

/*
 * An interrupt that was in delivery has found the guest ready for it. One that
 * has not is KVM_INTERRUPT's of a vCPU whose state came here from another.
 */
static bool interrupt_waits(struct x86_vcpu *vcpu)
{
	if (vcpu->interrupt.soft || static_call(kvm_x86_interrupt_allowed)(vcpu))
		return false;
	vcpu->interrupt.injected = false;
	vcpu->user_interrupt = vcpu->interrupt.nr;
	vcpu->user_interrupt_pending = true;
	return true;
}

static bool reinject(struct x86_vcpu *vcpu)
{
	if (vcpu->exception.injected)
		inject_exception(vcpu, true);
	else if (vcpu->exception.pending)
		return false;	/* what was interrupted comes behind it */
	else if (vcpu->nmi_injected)
		static_call(kvm_x86_inject_nmi)(vcpu);
	else if (vcpu->interrupt.injected && !interrupt_waits(vcpu))
		static_call(kvm_x86_inject_irq)(vcpu);
	else
		return false;
	return true;
}

/*
 * Faults push RF set; traps and aborts do not, nor does an instruction
 * breakpoint. Of the debug exceptions general detect alone is such a fault.
 */
static bool pushes_rf(const struct kvm_queued_exception *ex)
{
	switch (ex->vector) {
	case DB_VECTOR:
		return ex->has_payload && (ex->payload & KVM_DR6_BD);
	case BP_VECTOR:
	case OF_VECTOR:
	case DF_VECTOR:
	case MC_VECTOR:
		return false;
	}
	return true;
}

static void inject_new_exception(struct x86_vcpu *vcpu)
{
	if (pushes_rf(&vcpu->exception))
		vcpu->rflags |= X86_EFLAGS_RF;
	deliver_exception_payload(vcpu);
	if (vcpu->exception.vector == DB_VECTOR)
		end_general_detect(vcpu);
	inject_exception(vcpu, false);
	vcpu->exception.pending = false;
	vcpu->exception.injected = true;
}

static bool wants_irq_window(struct x86_vcpu *vcpu)
{
	return vcpu->user_interrupt_pending || READ_ONCE(vcpu->base.run->request_interrupt_window);
}

/* Event for this entry, by priority; windows for what must wait. */
void kvm_inject_pending_events(struct x86_vcpu *vcpu)
{
	bool busy = reinject(vcpu);

	if (!busy && vcpu->exception.pending) {
		inject_new_exception(vcpu);
		busy = true;
	}
	/* The debugger wants to see the code that it steps through, and no handler. */
	if (unlikely(vcpu->guest_debug & KVM_GUESTDBG_BLOCKIRQ))
		return;
	if (vcpu->nmi_pending) {
		if (!busy && static_call(kvm_x86_nmi_allowed)(vcpu)) {
			vcpu->nmi_pending--;
			vcpu->nmi_injected = true;
			vcpu->base.stat.nmi_injections++;
			static_call(kvm_x86_inject_nmi)(vcpu);
			busy = true;
		}
		if (vcpu->nmi_pending)
			static_call(kvm_x86_enable_nmi_window)(vcpu);
	}
	if (!wants_irq_window(vcpu))
		return;
	if (vcpu->user_interrupt_pending && !busy &&
	    static_call(kvm_x86_interrupt_allowed)(vcpu)) {
		vcpu->user_interrupt_pending = false;
		vcpu->interrupt.injected = true;
		vcpu->interrupt.soft = false;
		vcpu->interrupt.nr = vcpu->user_interrupt;
		vcpu->base.stat.irq_injections++;
		static_call(kvm_x86_inject_irq)(vcpu);
		if (!READ_ONCE(vcpu->base.run->request_interrupt_window))
			return;
	}
	static_call(kvm_x86_enable_irq_window)(vcpu);
}

/* Could KVM_INTERRUPT be delivered at once? */
bool kvm_vcpu_ready_for_interrupt(struct x86_vcpu *vcpu)
{
	return !vcpu->user_interrupt_pending && !vcpu->exception.pending &&
	       !vcpu->exception.injected && !vcpu->interrupt.injected &&
	       !vcpu->nmi_injected && static_call(kvm_x86_interrupt_allowed)(vcpu);
}

int kvm_interrupt_in_delivery(const struct x86_vcpu *vcpu)
{
	if (vcpu->interrupt.injected && !vcpu->interrupt.soft)
		return vcpu->interrupt.nr;
	return vcpu->user_interrupt_pending ? vcpu->user_interrupt : -1;
}

void kvm_set_interrupt_in_delivery(struct x86_vcpu *vcpu, u8 nr)
{
	vcpu->user_interrupt_pending = false;
	vcpu->interrupt = (struct kvm_queued_interrupt){ .injected = true, .nr = nr };
}

int kvm_vcpu_ioctl_interrupt(struct x86_vcpu *vcpu, const struct kvm_interrupt *irq)
{
	if (irq->irq >= KVM_NR_INTERRUPTS)
		return -EINVAL;
	if (kvm_interrupt_in_delivery(vcpu) >= 0)
		return -EEXIST;
	vcpu->user_interrupt = irq->irq;
	vcpu->user_interrupt_pending = true;
	return 0;
}

static int nmi_limit(struct x86_vcpu *vcpu)
{
	return vcpu->nmi_injected || static_call(kvm_x86_get_nmi_mask)(vcpu) ? 1 : 2;
}

int kvm_vcpu_ioctl_nmi(struct x86_vcpu *vcpu)
{
	/* One in service and one that waits: more than that is one. */
	vcpu->nmi_pending = min(vcpu->nmi_pending + 1, nmi_limit(vcpu));
	return 0;
}

static void put_exception(struct x86_vcpu *vcpu, struct kvm_vcpu_events *events)
{
	struct kvm_queued_exception *ex = &vcpu->exception;

	events->exception.nr = ex->vector;
	events->exception.has_error_code = ex->has_error_code;
	events->exception.error_code = ex->error_code;
	kvm_show_exception_payload(vcpu);
	if (!READ_ONCE(vcpu_vm(vcpu)->exception_payload)) {
		/* Who knows of no payload knows of no difference either. */
		events->exception.injected = ex->pending || ex->injected;
		return;
	}
	events->exception.injected = ex->injected;
	events->exception.pending = ex->pending;
	events->exception_has_payload = ex->has_payload;
	events->exception_payload = ex->payload;
	events->flags |= KVM_VCPUEVENT_VALID_PAYLOAD;
}

int kvm_get_vcpu_events(struct x86_vcpu *vcpu, struct kvm_vcpu_events *events)
{
	int irq = kvm_interrupt_in_delivery(vcpu);

	memset(events, 0, sizeof(*events));
	events->flags = KVM_VCPUEVENT_VALID_NMI_PENDING | KVM_VCPUEVENT_VALID_SHADOW;
	put_exception(vcpu, events);

	events->interrupt.injected = irq >= 0;
	events->interrupt.nr = irq >= 0 ? irq : 0;
	events->interrupt.shadow = static_call(kvm_x86_get_interrupt_shadow)(vcpu);

	events->nmi.injected = vcpu->nmi_injected;
	events->nmi.pending = vcpu->nmi_pending;
	events->nmi.masked = static_call(kvm_x86_get_nmi_mask)(vcpu);

	if (READ_ONCE(vcpu_vm(vcpu)->triple_fault_event)) {
		events->triple_fault.pending = test_bit(KVM_REQ_TRIPLE_FAULT,
							&vcpu->base.requests);
		events->flags |= KVM_VCPUEVENT_VALID_TRIPLE_FAULT;
	}
	return 0;
}

/* Without an interrupt controller a SIPI vector has no meaning, but userspace may hand it back. */
bool kvm_vcpu_events_valid(struct x86_vcpu *vcpu, const struct kvm_vcpu_events *events)
{
	const struct x86_vm *vm = vcpu_vm(vcpu);
	u32 flags = KVM_VCPUEVENT_VALID_NMI_PENDING | KVM_VCPUEVENT_VALID_SHADOW |
		    KVM_VCPUEVENT_VALID_SIPI_VECTOR;

	if (READ_ONCE(vm->exception_payload))
		flags |= KVM_VCPUEVENT_VALID_PAYLOAD;
	if (READ_ONCE(vm->triple_fault_event))
		flags |= KVM_VCPUEVENT_VALID_TRIPLE_FAULT;
	if (events->flags & ~flags)
		return false;
	if (!events->exception.injected &&
	    !((events->flags & KVM_VCPUEVENT_VALID_PAYLOAD) && events->exception.pending))
		return true;
	return events->exception.nr < 32 && events->exception.nr != NMI_VECTOR;
}

static void take_exception(struct x86_vcpu *vcpu, const struct kvm_vcpu_events *events)
{
	bool pending = (events->flags & KVM_VCPUEVENT_VALID_PAYLOAD) && events->exception.pending;

	vcpu->exception = (struct kvm_queued_exception){
		.pending = pending,
		.injected = events->exception.injected && !pending,
		.vector = events->exception.nr,
		.has_error_code = events->exception.has_error_code &&
				  kvm_exception_has_error_code(events->exception.nr),
		.error_code = events->exception.error_code,
		.has_payload = pending && events->exception_has_payload,
		.payload = pending && events->exception_has_payload ?
			   events->exception_payload : 0,
	};
}

int kvm_set_vcpu_events(struct x86_vcpu *vcpu, const struct kvm_vcpu_events *events)
{
	if (!kvm_vcpu_events_valid(vcpu, events))
		return -EINVAL;

	take_exception(vcpu, events);
	vcpu->user_interrupt_pending = false;
	vcpu->interrupt.injected = events->interrupt.injected;
	vcpu->interrupt.nr = events->interrupt.nr;
	vcpu->interrupt.soft = events->interrupt.soft;
	if (events->flags & KVM_VCPUEVENT_VALID_SHADOW)
		static_call(kvm_x86_set_interrupt_shadow)(vcpu, events->interrupt.shadow);
	vcpu->nmi_injected = events->nmi.injected;
	static_call(kvm_x86_set_nmi_mask)(vcpu, events->nmi.masked);
	if (events->flags & KVM_VCPUEVENT_VALID_NMI_PENDING)
		vcpu->nmi_pending = min_t(int, events->nmi.pending, nmi_limit(vcpu));
	if (events->flags & KVM_VCPUEVENT_VALID_TRIPLE_FAULT) {
		if (events->triple_fault.pending)
			kvm_make_request(KVM_REQ_TRIPLE_FAULT, &vcpu->base);
		else
			clear_bit(KVM_REQ_TRIPLE_FAULT, &vcpu->base.requests);
	}
	return 0;
}
