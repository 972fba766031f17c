/* SPDX-License-Identifier: GPL-2.0-only */
/* AMD SVM: what its files share. Nothing outside svm/ includes this. */
#ifndef KVM_SVM_SVM_H
#define KVM_SVM_SVM_H

#include <linux/percpu.h>

#include <asm/svm.h>

#include "vcpu/ops.h"

/* Groups of VMCB fields that the CPU may keep cached while their clean bit is set. */
enum svm_clean_bit {
	SVM_CLEAN_INTERCEPTS,	/* intercept vectors, TSC offset, pause filter */
	SVM_CLEAN_PERM_MAP,	/* I/O and MSR permission maps */
	SVM_CLEAN_ASID,
	SVM_CLEAN_INTR,		/* int_ctl, int_vector */
	SVM_CLEAN_NPT,		/* nested paging, nCR3, PAT */
	SVM_CLEAN_CR,		/* CR0, CR3, CR4, EFER */
	SVM_CLEAN_DR,		/* DR6, DR7 */
	SVM_CLEAN_DT,		/* GDT, IDT */
	SVM_CLEAN_SEG,		/* CS, DS, SS, ES, CPL */
	SVM_CLEAN_CR2,
};

/* Every bit that this module may set: what is not listed above it never uses. */
#define SVM_CLEAN_ALL	(BIT(SVM_CLEAN_CR2 + 1) - 1)

/* All of DR0-DR7, read and write. */
#define SVM_INTERCEPT_ALL_DRS	0x00ff00ff

/* Operand part of EXITINFO1 of a MOV CR or MOV DR, with decode assists. */
#define SVM_EXITINFO1_MOV_CR	BIT_ULL(63)

/* EXITINFO2 of a task switch: RFLAGS.RF as the old task's TSS gets it. */
#define SVM_EXITINFO2_TS_RF	BIT_ULL(48)

/* What enter.S needs of one entry; it knows the layout by number. */
struct svm_switch {
	unsigned long *regs;	/* x86_vcpu.regs */
	u64 vmcb_pa;
	u64 host_pa;		/* where VMSAVE put the host's part */
	u64 guest_spec_ctrl;	/* in, and out with SVM_SWITCH_READ_SPEC */
	u64 host_spec_ctrl;
	u32 flags;
};

#define SVM_SWITCH_SPEC		1	/* give the guest its own SPEC_CTRL */
#define SVM_SWITCH_READ_SPEC	2	/* the guest may have written it */

struct vcpu_svm {
	struct x86_vcpu vcpu;
	struct vmcb *vmcb;
	u64 *pml5;		/* top level above the VM's four, on a host with five; or NULL */
	struct svm_switch sw;
	u64 asid_generation;	/* of vmcb->control.asid; differs from the CPU's: get a new one */
	int last_cpu;
	bool guest_state_loaded;/* since vcpu_load(): host state saved, TSC_AUX switched */
	bool tsc_aux_used;	/* the guest can read TSC_AUX */
	bool tsc_aux_loaded;	/* this CPU's TSC_AUX is the guest's */
	u32 injected;			/* EVENTINJ of the coming or last entry, until accounted for */
	bool soft_event;	/* EVENTINJ holds INTn, INT3 or INTO with RIP after it */
	/* NMI: blocked until IRET has retired, which takes an intercept and a step to see. */
	bool nmi_masked;
	bool iret_pending;	/* IRET was intercepted at iret_rip and has not retired */
	unsigned long iret_rip;
	bool nmi_singlestep;	/* come back after one instruction */
	bool step_event;	/* the last entry had an event to deliver, and was to end behind it */
	bool tf_forced;		/* at the last entry: RFLAGS.TF in the VMCB was ours alone */
	unsigned long singlestep_rip;

	u64 de_cfg;		/* DE_CFG as the guest has it */
	bool spec_ctrl_map;	/* SPEC_CTRL is in the guest's hands */
	bool msrs_filtered;	/* no MSR is: the filter forbids one of those that could be */
	/* MSRs of a guest whose SYSENTER has 64-bit addresses; the VMCB has the low 32. */
	bool wide_sysenter;
	u64 sysenter_esp;
	u64 sysenter_eip;
};

/* One physical CPU. */
struct svm_cpu {
	u64 asid_generation;
	u32 max_asid;
	u32 next_asid;
	u64 host_pa;
	u64 host_tsc_aux;
	struct page *hsave;	/* VM_HSAVE_PA: the CPU's own format */
	struct page *host;	/* VMSAVE and VMLOAD of host state */
	struct vmcb *current_vmcb;	/* last loaded here; only compared */
};

DECLARE_PER_CPU(struct svm_cpu, svm_cpus);

static inline struct vcpu_svm *to_svm(struct x86_vcpu *vcpu)
{
	return container_of(vcpu, struct vcpu_svm, vcpu);
}

static inline void svm_mark_dirty(struct vcpu_svm *svm, enum svm_clean_bit bit)
{
	svm->vmcb->control.clean &= ~BIT(bit);
}

/* @bit: INTERCEPT_* of asm/svm.h. */
static inline void svm_set_intercept(struct vcpu_svm *svm, unsigned int bit)
{
	svm->vmcb->control.intercepts[bit / 32] |= BIT(bit % 32);
	svm_mark_dirty(svm, SVM_CLEAN_INTERCEPTS);
}

static inline void svm_clr_intercept(struct vcpu_svm *svm, unsigned int bit)
{
	svm->vmcb->control.intercepts[bit / 32] &= ~BIT(bit % 32);
	svm_mark_dirty(svm, SVM_CLEAN_INTERCEPTS);
}

static inline void svm_change_intercept(struct vcpu_svm *svm, unsigned int bit, bool on)
{
	if (on)
		svm_set_intercept(svm, bit);
	else
		svm_clr_intercept(svm, bit);
}

static inline bool svm_is_intercept(const struct vcpu_svm *svm, unsigned int bit)
{
	return svm->vmcb->control.intercepts[bit / 32] & BIT(bit % 32);
}

/* Handlers of kvm_x86_ops: svm_<name>, all documented in vcpu/ops.h. */
#define X(ret, name, args) ret svm_##name args;
KVM_X86_OPS(X)
#undef X

/* caps.c: 0, or -EOPNOTSUPP after saying what is missing. Module init. */
int svm_check_caps(void);

/* What the CPU and the module parameters allow; constant after init. */
struct svm_caps {
	bool nrips;		/* next RIP in the VMCB */
	bool decode_assists;
	bool flush_by_asid;
	bool virt_spec_ctrl;	/* the CPU switches SPEC_CTRL */
	u32 nr_asids;
	u64 spec_ctrl_mask;	/* bits of SPEC_CTRL that this CPU takes */
};

extern struct svm_caps svm_caps;
extern bool nrips_param;

/* vmcb.c: permission maps and per-CPU pages; module init and exit, may sleep. */
int svm_alloc_global(void);
void svm_free_global(void);
void svm_emergency_disable(void);	/* any context, NMI included */
void svm_setup_npt(void);		/* tell mmu/ the format of nested page tables */
void svm_update_exception_intercepts(struct vcpu_svm *svm);
void svm_intercept_mov_dr(struct x86_vcpu *vcpu);	/* the next entry does not have the guest's DRs */
void svm_use_spec_ctrl_map(struct vcpu_svm *svm, bool on);
void svm_new_asid(struct vcpu_svm *svm, struct svm_cpu *sc);

/* msr.c: bits of SPEC_CTRL that the guest may use, by its CPUID and the CPU. */
u64 svm_guest_spec_ctrl_mask(struct x86_vcpu *vcpu);

/* run.c: TSC_AUX of the guest into this CPU, until svm_vcpu_put(). Preemption off. */
void svm_load_tsc_aux(struct vcpu_svm *svm);

/* event.c */
void svm_complete_interrupts(struct vcpu_svm *svm);
void svm_track_iret(struct vcpu_svm *svm);
int svm_handle_vintr(struct vcpu_svm *svm);
int svm_handle_iret(struct vcpu_svm *svm);
int svm_handle_db(struct vcpu_svm *svm);
void svm_update_iret_intercept(struct vcpu_svm *svm);

/* enter.S: CLGI to STGI; interrupts off before and after. */
asmlinkage void __svm_vcpu_run(struct svm_switch *sw);

#endif
