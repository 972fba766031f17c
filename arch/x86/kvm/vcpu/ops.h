/* SPDX-License-Identifier: GPL-2.0-only */
/* What VMX and SVM must provide; reached by static calls: static_call(kvm_x86_<name>)(...). */
#ifndef KVM_VCPU_OPS_H
#define KVM_VCPU_OPS_H

#include <linux/static_call.h>

#include "vcpu/vcpu.h"

/*
 * All take the vCPU in its own thread, loaded, unless said otherwise. Writers
 * of state take checked values: semantics live once in vcpu/.
 */
#define KVM_X86_OPS(X)									\
	/* Per-CPU virtualization: IRQs off or hotplug. */				\
	X(int, hardware_enable, (void))							\
	X(void, hardware_disable, (void))						\
	/* vCPU: create after base is set up (may sleep), free, reset to INIT/power-up state. */	\
	X(int, vcpu_create, (struct x86_vcpu *vcpu))					\
	X(void, vcpu_free, (struct x86_vcpu *vcpu))					\
	X(void, vcpu_reset, (struct x86_vcpu *vcpu))					\
	X(void, vcpu_load, (struct x86_vcpu *vcpu, int cpu))				\
	X(void, vcpu_put, (struct x86_vcpu *vcpu))					\
	/* Save host state that stays across exits; cheap when done already. Preemption off. */	\
	X(void, prepare_switch_to_guest, (struct x86_vcpu *vcpu))			\
	X(void, after_set_cpuid, (struct x86_vcpu *vcpu))				\
	/* Segments, tables, privilege. */						\
	X(void, get_segment, (struct x86_vcpu *vcpu, int seg, struct x86_segment *var))	\
	X(void, set_segment, (struct x86_vcpu *vcpu, int seg, const struct x86_segment *var))	\
	X(unsigned long, get_segment_base, (struct x86_vcpu *vcpu, int seg))		\
	X(int, get_cpl, (struct x86_vcpu *vcpu))					\
	X(void, get_dt, (struct x86_vcpu *vcpu, enum x86emul_dt which, struct x86_desc_ptr *dt))	\
	X(void, set_dt, (struct x86_vcpu *vcpu, enum x86emul_dt which, const struct x86_desc_ptr *dt))	\
	/* Control registers: set vcpu->crN (and efer) and the hardware's copy. */	\
	X(void, set_cr0, (struct x86_vcpu *vcpu, u64 cr0))				\
	X(void, set_cr3, (struct x86_vcpu *vcpu, u64 cr3))				\
	X(void, set_cr4, (struct x86_vcpu *vcpu, u64 cr4))				\
	X(void, set_efer, (struct x86_vcpu *vcpu, u64 efer))				\
	X(void, set_dr7, (struct x86_vcpu *vcpu, unsigned long dr7))			\
	X(void, update_guest_debug, (struct x86_vcpu *vcpu))	/* vcpu->guest_debug changed */	\
	/* TLB: guest-physical mappings, guest-linear mappings, one linear address. */	\
	X(void, flush_tlb_current, (struct x86_vcpu *vcpu))				\
	X(void, flush_tlb_guest, (struct x86_vcpu *vcpu))				\
	X(void, flush_tlb_gva, (struct x86_vcpu *vcpu, unsigned long gva))		\
	/* Enter the guest once: IRQs off. Leaves vcpu->rip, rflags, regs, cr0, cr2, cr3 current, IRQs off. */	\
	X(void, vcpu_run, (struct x86_vcpu *vcpu))					\
	/* With IRQs on again: what the exit interrupted goes back to the queues, then the exit table. */	\
	X(int, handle_exit, (struct x86_vcpu *vcpu))					\
	/* IRQs still off: what the host must see first. */		\
	X(void, handle_exit_irqoff, (struct x86_vcpu *vcpu))				\
	/*										\
	 * Advance over the exiting instruction: next RIP from hardware, else		\
	 * EMULTYPE_SKIP. 1; KVM_SKIP_REFUSED: not done, go on as for 1 but without	\
	 * what follows the instruction; 0, -errno.					\
	 */										\
	X(int, skip_emulated_instruction, (struct x86_vcpu *vcpu))			\
	X(u32, get_interrupt_shadow, (struct x86_vcpu *vcpu))				\
	X(void, set_interrupt_shadow, (struct x86_vcpu *vcpu, u32 mask))		\
	/* Event injection: vcpu->exception, vcpu->interrupt.nr; then injected flags are vcpu/'s. */	\
	X(void, inject_exception, (struct x86_vcpu *vcpu))				\
	X(void, inject_irq, (struct x86_vcpu *vcpu))					\
	X(void, inject_nmi, (struct x86_vcpu *vcpu))					\
	X(void, cancel_injection, (struct x86_vcpu *vcpu))				\
	X(bool, interrupt_allowed, (struct x86_vcpu *vcpu))				\
	X(bool, nmi_allowed, (struct x86_vcpu *vcpu))					\
	X(void, enable_irq_window, (struct x86_vcpu *vcpu))				\
	X(void, enable_nmi_window, (struct x86_vcpu *vcpu))				\
	X(bool, get_nmi_mask, (struct x86_vcpu *vcpu))					\
	X(void, set_nmi_mask, (struct x86_vcpu *vcpu, bool masked))			\
	/* MSRs the vendor owns: 0, 1 #GP, KVM_MSR_RET_UNKNOWN (2). */			\
	X(int, get_msr, (struct x86_vcpu *vcpu, u32 index, u64 *data, bool host))	\
	X(int, set_msr, (struct x86_vcpu *vcpu, u32 index, u64 data, bool host))	\
	/* MSRs that the guest reaches without exits: again by kvm_msr_allowed(). kvm->srcu held. */	\
	X(void, msr_filter_changed, (struct x86_vcpu *vcpu))				\
	X(void, write_tsc_offset, (struct x86_vcpu *vcpu, u64 offset))			\
	/* Exit description for tracepoints. */						\
	X(void, get_exit_info, (struct x86_vcpu *vcpu, u32 *reason, u64 *info1, u64 *info2,	\
				u32 *intr_info, u32 *error_code))			\
	/* Nested hypervisor's intercept of an emulated instruction: X86EMUL_*. */	\
	X(int, check_intercept, (struct x86_vcpu *vcpu, const struct x86_instruction_info *info,	\
				 enum x86_intercept_stage stage))			\
	/* False: emulation would be wrong; enter the guest again. */			\
	X(bool, can_emulate_instruction, (struct x86_vcpu *vcpu, int emul_type, const void *insn, int insn_len))

#define KVM_MSR_RET_UNKNOWN	2

struct kvm_x86_ops {
	const char *name;		/* "kvm_amd", "kvm_intel" */
	unsigned int vcpu_size;		/* struct vcpu_svm, x86_vcpu first */
	u32 isa;			/* KVM_ISA_SVM, KVM_ISA_VMX: tracepoints' exit-reason names */
	bool pdptr_in_memory;		/* see struct guest_paging */
	bool umip;			/* CR4.UMIP works, emulated or not */
#define X(ret, name, args) typeof(ret args) *name;
	KVM_X86_OPS(X)
#undef X
};

#define KVM_ISA_VMX	1
#define KVM_ISA_SVM	2

extern struct kvm_x86_ops kvm_x86_ops;

#define X(ret, name, args) DECLARE_STATIC_CALL(kvm_x86_##name, *(((struct kvm_x86_ops *)0)->name));
KVM_X86_OPS(X)
#undef X

/* Vendor module's init and exit: installs @ops, sets up CPUs, /dev/kvm appears; and undo. Process context. */
int kvm_x86_vendor_init(const struct kvm_x86_ops *ops, struct module *owner);
void kvm_x86_vendor_exit(void);

#endif
