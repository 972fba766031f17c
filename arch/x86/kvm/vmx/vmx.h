/* SPDX-License-Identifier: GPL-2.0-only */
/* Intel VMX: what its files share. Nothing outside vmx/ includes this. */
#ifndef KVM_VMX_VMX_H
#define KVM_VMX_VMX_H

#include <linux/jump_label.h>
#include <linux/percpu.h>

#include <asm/vmx.h>

#include "vcpu/ops.h"

/* The region that VMPTRLD takes; everything behind the header is the CPU's. */
struct vmcs {
	u32 revision;
	u32 abort;
	u8 data[];
};

/* What enter.S needs of one entry; it knows the layout by number. */
struct vmx_switch {
	unsigned long *regs;	/* x86_vcpu.regs */
	unsigned long host_rsp;	/* as the VMCS has it */
	u64 guest_spec_ctrl;	/* in, and out with VMX_SWITCH_READ_SPEC */
	u64 host_spec_ctrl;
	u32 flags;
};

#define VMX_SWITCH_SPEC		1	/* give the guest its own SPEC_CTRL */
#define VMX_SWITCH_READ_SPEC	2	/* the guest may have written it */
#define VMX_SWITCH_LAUNCHED	4	/* VMRESUME, not VMLAUNCH */
#define VMX_SWITCH_WRITE_SPEC	8	/* write the host's even if the guest's is the same */

/* In GUEST_INTERRUPTIBILITY_INFO: until behind the next instruction. */
#define VMX_SHADOW_BITS		(GUEST_INTR_STATE_STI | GUEST_INTR_STATE_MOV_SS)

/* Execution controls; the VMCS has what is here. */
enum vmx_control { VMX_PIN, VMX_CPU, VMX_CPU2, VMX_EXIT, VMX_ENTRY, VMX_NR_CONTROLS };

/* MSRs that SYSCALL and RDTSCP use in the guest and that no transition switches. */
enum vmx_switched_msr {
	VMX_MSR_STAR, VMX_MSR_LSTAR, VMX_MSR_FMASK, VMX_MSR_TSC_AUX, VMX_NR_SWITCHED_MSRS
};

/* MSRs of the host's counters that an entry and an exit switch; the CPU reads the lists. */
#define VMX_NR_PERF_MSRS	16

struct vmx_msr_lists {
	struct vmx_msr_entry entry[VMX_NR_PERF_MSRS];
	struct vmx_msr_entry exit[VMX_NR_PERF_MSRS];
};

/* The host's segments as they were when the guest's came. */
struct vmx_host_state {
	u16 ds, es, fs, gs, ldt;
	unsigned long fs_base;
	u64 kernel_gs_base;	/* the thread's own GS base while the kernel runs */
};

/* Real mode as it is while virtual-8086 mode stands in for it (rmode.c). */
struct vmx_rmode {
	bool active;
	struct x86_segment seg[X86_NR_SEGS];	/* but for the LDTR, and what was loaded since */
	u16 hw_selector[X86_SEG_GS + 1];	/* as written to the VMCS */
	u32 sysenter_cs;
};

/* What vmx_vcpu_run() has to look at before an entry; 0: nothing. */
#define VMX_ENTRY_CHECK		1	/* state has changed that entry checks */
#define VMX_ENTRY_INVALID	2	/* entry would refuse it: emulate */
#define VMX_ENTRY_RMODE		4	/* virtual-8086 mode stands in for real mode */

/* vcpu_vmx.fail: there was no entry. */
#define VMX_NO_ENTRY		2

struct vcpu_vmx {
	struct x86_vcpu vcpu;
	struct vmcs *vmcs;
	struct list_head loaded;	/* vmx_cpu.loaded of loaded_cpu, with IRQs off there */
	int loaded_cpu;		/* where the VMCS is active, -1: nowhere */
	struct vmx_switch sw;
	u32 controls[VMX_NR_CONTROLS];
	unsigned long *msr_bitmap;
	u64 *pml;		/* NULL without it; the CPU's while the guest runs */
	bool pml_on;
	struct vmx_msr_lists *msr_lists;
	unsigned int nr_perf_msrs;	/* as both counts in the VMCS */
	u16 vpid;		/* 0: none, each transition flushes */
	bool flush_ept;		/* before the next entry */
	bool flush_vpid;

	/* Of the VMCS, to spare a VMWRITE of what is there already. */
	unsigned long hw_rip, hw_rsp, hw_rflags;
	unsigned long host_cr3, host_cr4;

	/* The last exit. */
	u32 exit_reason;
	u32 exit_intr_info;
	u32 idt_vectoring;
	unsigned long exit_qual;
	unsigned long exit_rip;
	u8 fail;		/* the entry instruction itself failed, or VMX_NO_ENTRY */
	u8 entry_state;		/* VMX_ENTRY_* */
	bool identity_map;	/* the guest does not page, the CPU has to */
	u32 injected;		/* VM-entry interruption information, until accounted for */
	bool sti_shadow_set;	/* by other than the guest, since the last entry */

	/* A step for the debugger, at the last entry. */
	bool tf_forced;		/* RFLAGS.TF in the VMCS was ours alone */
	bool step_event;	/* it ends with the delivery of an event */
	u32 step_shadow;	/* taken out of the interruptibility */

	bool guest_state_loaded;
	bool l1d_dirty;		/* host data may be in the L1 data cache since the last entry */
	struct vmx_host_state host;
	u64 msr[VMX_NR_SWITCHED_MSRS];
	struct vmx_rmode rmode;
	u64 cstar;
	u64 kernel_gs_base;
};

/* One physical CPU. */
struct vmx_cpu {
	struct vmcs *vmxon;
	struct list_head loaded;	/* VMCSs active here; IRQs off */
	struct vmcs *current_vmcs;	/* VMPTRLDed */
	struct vcpu_vmx *current_vcpu;	/* last run here; only compared */
	u64 host_msr[VMX_NR_SWITCHED_MSRS];
};

DECLARE_PER_CPU(struct vmx_cpu, vmx_cpus);

static inline struct vcpu_vmx *to_vmx(struct x86_vcpu *vcpu)
{
	return container_of(vcpu, struct vcpu_vmx, vcpu);
}

/* What the CPU and the module parameters allow; constant after init. */
struct vmx_caps {
	u32 revision;
	u32 vmcs_size;
	u32 controls[VMX_NR_CONTROLS];	/* every vCPU starts with them */
	u32 allowed[VMX_NR_CONTROLS];	/* may be turned on */
	u64 ept_vpid;		/* MSR_IA32_VMX_EPT_VPID_CAP */
	bool ept_ad;
	bool nx_large;		/* no code in large pages: iTLB multihit */
	bool pml;		/* page-modification logging; needs ept_ad */
	bool vpid;
	bool unrestricted_guest;
	u64 cr0_fixed1;		/* bits of CR0 that VMX operation insists on */
	u64 cr4_fixed1;
	u64 spec_ctrl_mask;	/* bits of SPEC_CTRL that this CPU takes */
};

extern struct vmx_caps vmx_caps;
extern bool dump_invalid_vmcs;
extern bool emulate_invalid_guest_state;

/* Handlers of kvm_x86_ops: vmx_<name>, all documented in vcpu/ops.h. */
#define X(ret, name, args) ret vmx_##name args;
KVM_X86_OPS(X)
#undef X

/* caps.c: 0, or -errno after saying what is missing. Module init. */
int vmx_check_caps(void);
/* 0, or -EIO: this CPU lacks what vCPUs use. Before VMXON; IRQs off. */
int vmx_check_this_cpu(void);

/* vmcs.c: per-CPU regions; module init and exit, may sleep. */
int vmx_alloc_global(void);
void vmx_free_global(void);
void vmx_emergency_disable(void);	/* any context, NMI included */
void vmx_setup_ept(void);		/* tell mmu/ the format of EPT entries */
void vmx_dump_vmcs(struct vcpu_vmx *vmx);
u64 vmx_eptp(const struct vcpu_vmx *vmx);

/*
 * l1tf.c: before any entry, 0 or -ENOMEM, and after the last; process context.
 * vmx_flush_l1d(): IRQs off, before an entry, where the key says so.
 */
int vmx_setup_l1d_flush(void);
void vmx_cleanup_l1d_flush(void);
void vmx_flush_l1d(struct vcpu_vmx *vmx);
DECLARE_STATIC_KEY_FALSE(vmx_l1d_flush_key);

/*
 * check.c: print which checks the VMCS of the entry that has just failed does not
 * pass, one line each. Rate limited; the VMCS is loaded.
 */
void vmx_check_entry(struct vcpu_vmx *vmx);

/* msr.c: SYSCALL's MSRs and TSC_AUX of the guest into this CPU, and back. Preemption off. */
void vmx_load_switched_msrs(struct vcpu_vmx *vmx);
void vmx_put_switched_msrs(struct vcpu_vmx *vmx);

/* pml.c: IRQs off; before an entry, when a log may have begun or the last one ended. */
void vmx_update_pml(struct vcpu_vmx *vmx);
void vmx_drain_pml(struct vcpu_vmx *vmx);	/* after an exit, with pml_on */

/* event.c */
void vmx_complete_interrupts(struct vcpu_vmx *vmx);
int vmx_handle_interrupt_window(struct vcpu_vmx *vmx);
int vmx_handle_nmi_window(struct vcpu_vmx *vmx);
void vmx_update_exception_bitmap(struct vcpu_vmx *vmx);

/* regs.c: distance of a segment's fields from ES's. */
unsigned int vmx_segment_field(int seg);

/* rmode.c: real mode and no paging without unrestricted guest mode. */
int vmx_rmode_init_vm(struct kvm *kvm);	/* once per VM, kvm->lock held: 0 or -ENOMEM */
u64 vmx_identity_cr3(struct vcpu_vmx *vmx);
void vmx_rmode_load_tss(struct vcpu_vmx *vmx);	/* userspace may have moved it */
void vmx_rmode_update(struct vcpu_vmx *vmx);	/* CR0.PE may have changed */
/* With rmode.active, not for the LDTR. */
void vmx_rmode_get_segment(struct vcpu_vmx *vmx, int seg, struct x86_segment *var);
void vmx_rmode_set_segment(struct vcpu_vmx *vmx, int seg, const struct x86_segment *var);
/* With rmode.active; false: not one of its MSRs. */
bool vmx_rmode_get_msr(struct vcpu_vmx *vmx, u32 index, u64 *data);
bool vmx_rmode_set_msr(struct vcpu_vmx *vmx, u32 index, u64 data);
bool vmx_rmode_enterable(struct vcpu_vmx *vmx);
int vmx_handle_rmode_exception(struct vcpu_vmx *vmx, u8 vector);

/* invalid.c. False: emulate instead, by vmx_handle_no_entry() as an exit handler. IRQs on or off. */
bool vmx_may_enter(struct vcpu_vmx *vmx);
int vmx_handle_no_entry(struct vcpu_vmx *vmx);

/* enter.S: VMLAUNCH or VMRESUME; interrupts off before and after. 0, or 1: the instruction failed. */
asmlinkage int __vmx_vcpu_run(struct vmx_switch *sw);
extern char vmx_vmexit[];

/*
 * VMREAD and VMWRITE of the loaded VMCS. A field that does not exist reads as 0;
 * after a crash kernel took VMX away both fault and are stepped over.
 */
static __always_inline unsigned long vmcs_readl(unsigned long field)
{
	unsigned long value = 0;

	asm volatile("1: vmread %1, %0\n2:\n\t" _ASM_EXTABLE(1b, 2b)
		     : "+r" (value) : "r" (field) : "cc");
	return value;
}

static __always_inline void vmcs_writel(unsigned long field, unsigned long value)
{
	asm volatile("1: vmwrite %1, %0\n2:\n\t" _ASM_EXTABLE(1b, 2b)
		     : : "r" (field), "rm" (value) : "cc");
}

/* The width of a field is in its number; on a 64-bit host one instruction serves all. */
static __always_inline u16 vmcs_read16(unsigned long field) { return vmcs_readl(field); }
static __always_inline u32 vmcs_read32(unsigned long field) { return vmcs_readl(field); }
static __always_inline u64 vmcs_read64(unsigned long field) { return vmcs_readl(field); }
static __always_inline void vmcs_write16(unsigned long field, u16 val) { vmcs_writel(field, val); }
static __always_inline void vmcs_write32(unsigned long field, u32 val) { vmcs_writel(field, val); }
static __always_inline void vmcs_write64(unsigned long field, u64 val) { vmcs_writel(field, val); }

/* Where the VMCS keeps each of controls[]. */
static inline unsigned long vmx_control_field(enum vmx_control which)
{
	switch (which) {
	case VMX_PIN:
		return PIN_BASED_VM_EXEC_CONTROL;
	case VMX_CPU:
		return CPU_BASED_VM_EXEC_CONTROL;
	case VMX_CPU2:
		return SECONDARY_VM_EXEC_CONTROL;
	case VMX_EXIT:
		return VM_EXIT_CONTROLS;
	default:
		return VM_ENTRY_CONTROLS;
	}
}

static inline void vmx_change_control(struct vcpu_vmx *vmx, enum vmx_control which, u32 bits,
				      bool on)
{
	u32 val = on ? vmx->controls[which] | bits : vmx->controls[which] & ~bits;

	if (val == vmx->controls[which])
		return;
	vmx->controls[which] = val;
	vmcs_write32(vmx_control_field(which), val);
}

#endif
