/* SPDX-License-Identifier: GPL-2.0-only */
/* The vendor-neutral x86 vCPU: state, accessors, and what exit handlers call. */
#ifndef KVM_VCPU_VCPU_H
#define KVM_VCPU_VCPU_H

#include <asm/fpu/api.h>
#include <asm/fpu/types.h>
#include <asm/processor.h>

#include "emulate/emulate.h"
#include "mmu/mmu.h"
#include "vm/vm.h"

/* DR6 and DR7: bits that read as one, bits that can be written, and single ones. */
#define KVM_DR6_FIXED_1		0xffff0ff0ul
#define KVM_DR6_VOLATILE	0x0000e00ful
#define KVM_DR6_BD		BIT(13)
#define KVM_DR6_BS		BIT(14)
#define KVM_DR6_BT		BIT(15)
#define KVM_DR7_FIXED_1		0x00000400ul
#define KVM_DR7_VOLATILE	0xffff23fful
#define KVM_DR7_GD		BIT(13)

#define KVM_GUESTDBG_VALID_MASK \
	(KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP | KVM_GUESTDBG_USE_SW_BP | \
	 KVM_GUESTDBG_USE_HW_BP | KVM_GUESTDBG_INJECT_DB | KVM_GUESTDBG_INJECT_BP | \
	 KVM_GUESTDBG_BLOCKIRQ)

/* Instead of 1, from skipping: RIP stays, an exception is queued or the guest tries again. */
#define KVM_SKIP_REFUSED	2

/* Flags of x86_emulate_instruction(); see Documentation/virt/kvm/x86/emulator.rst. */
#define EMULTYPE_NO_DECODE		BIT(0)
#define EMULTYPE_TRAP_UD		BIT(1)
#define EMULTYPE_SKIP			BIT(2)
#define EMULTYPE_ALLOW_RETRY_PF		BIT(3)
#define EMULTYPE_TRAP_UD_FORCED		BIT(4)
#define EMULTYPE_VMWARE_GP		BIT(5)
#define EMULTYPE_PF			BIT(6)
#define EMULTYPE_COMPLETE_USER_EXIT	BIT(7)
#define EMULTYPE_WRITE_PF_TO_SP		BIT(8)
#define EMULTYPE_SKIP_SOFT_INT		BIT(9)

/* An exception waiting (pending) or given to the CPU and not known to be delivered (injected). */
struct kvm_queued_exception {
	bool pending;
	bool injected;
	bool has_error_code;
	bool has_payload;
	u8 vector;
	u32 error_code;
	u64 payload;		/* CR2 for #PF, DR6 bits for #DB; applied at injection */
};

struct kvm_queued_interrupt {
	bool injected;
	bool soft;
	u8 nr;
};

/* One piece of a device access that userspace completes. */
struct kvm_mmio_fragment {
	gpa_t gpa;
	unsigned int len;	/* 1..8 */
	u8 data[8];
};

#define KVM_MAX_MMIO_FRAGMENTS	320	/* XSAVE of AVX-512 and PKRU */
#define KVM_MAX_CPUID_ENTRIES	256
#define KVM_MAX_MCE_BANKS	32
#define KVM_PIO_PAGE_SIZE	PAGE_SIZE

/*
 * A device access in flight towards userspace (complete.c). A read's answer
 * stays here until the instruction that is emulated anew asks for it again.
 */
struct kvm_pending_io {
	bool mmio_is_write;
	bool mmio_read_completed;	/* the fragments answer the replayed read */
	u16 mmio_nr;			/* fragments in flight; 0: none */
	u16 mmio_cur;			/* the one userspace works on */
	u16 mmio_done;			/* fragments of the completed access */
	struct kvm_mmio_fragment mmio[KVM_MAX_MMIO_FRAGMENTS];
	bool pio_in;
	bool pio_read_completed;	/* the pio page answers the replayed read */
	u8 pio_size;			/* bytes an item */
	u16 pio_port;
	u32 pio_count;			/* items in flight; 0: none */
	u32 pio_done;			/* items of the completed access */
	unsigned long pio_rip;		/* of the instruction kvm_fast_pio() decoded */
};

/*
 * What userspace answered an RDMSR, WRMSR or hypercall that was its to handle.
 * @rip: of the instruction, where the exit decoded it.
 */
struct kvm_user_answer {
	unsigned long rip;
	u64 data;
	bool error;		/* #GP */
	bool valid;		/* the emulated instruction, replayed, takes it */
};

/* A page that the instruction in flight has been translated, for these accesses. */
struct kvm_emul_walk {
	unsigned long page;	/* linear; 1: none */
	gpa_t gpa;
	u64 access;		/* PFERR_* */
};

/* One x86 vCPU; first member of struct vcpu_svm and vcpu_vmx. Its own thread only, but for base. */
struct x86_vcpu {
	struct kvm_vcpu base;

	/* Guest registers, valid outside the guest: vendors copy them at entry and exit. */
	unsigned long regs[X86_NR_GPRS];
	unsigned long rip;
	unsigned long rflags;		/* the guest's: without the TF of a step of ours */
	u32 guest_debug;		/* KVM_GUESTDBG_*; 0 without KVM_GUESTDBG_ENABLE */
	u32 bp_hits;			/* DR6 bits that the instruction in flight has met so far */
	u64 cr0, cr2, cr3, cr4, cr8;
	u64 efer;
	u64 apic_base;
	u64 xcr0;
	u64 pat;
	u64 ia32_misc_enable;
	u64 tsc_offset;
	u64 ia32_tsc_adjust;
	u64 tsc_aux;
	u32 tsc_khz;			/* as KVM_SET_TSC_KHZ wants it; within tolerance the host's */
	u64 system_time_msr;		/* MSR_KVM_SYSTEM_TIME: address, bit 0 enables */
	unsigned long pvclock_refresh;	/* jiffies after which what it points to is too old */
	bool pvclock_stopped;		/* KVM_KVMCLOCK_CTRL: tell the guest */
	u64 microcode_version;
	u64 arch_capabilities;
	u64 hwcr;
	u64 mtrr_def_type;
	u64 mtrr_fixed[11];
	u64 mtrr_var[16];
	u32 pkru;
	u32 host_pkru;
	unsigned long db[4];
	unsigned long dr6;
	unsigned long dr7;
	bool db_guest_owned;		/* guest DRs are loaded, MOV DR not intercepted */
	bool switch_db_regs;		/* breakpoints are in force: load DR0-DR3 for the guest */
	unsigned long guest_debug_db[4];	/* in force with KVM_GUESTDBG_USE_HW_BP */
	unsigned long guest_debug_dr7;
	u64 debug_exit_dr6;		/* KVM_EXIT_DEBUG once the pending access is complete; 0: none */

	struct guest_paging paging;	/* mirror of cr0, cr3, cr4, efer for guest_walk() */
	u8 maxphyaddr;

	/* Events (event.c). */
	struct kvm_queued_exception exception;
	struct kvm_queued_interrupt interrupt;
	u8 nmi_pending;			/* how many, at most two */
	bool nmi_injected;
	bool user_interrupt_pending;	/* KVM_INTERRUPT not yet injected */
	u8 user_interrupt;

	/* CPUID (cpuid.c). */
	struct kvm_cpuid_entry2 *cpuid_entries;
	int cpuid_nent;
	bool has_run;			/* entered the guest: CPUID stays as it is */
	u64 guest_supported_xcr0;
	bool enforce_pv_features;	/* a paravirtual interface exists only if CPUID announces it */

	/* Emulation (emulate.c, complete.c). */
	struct x86_emulate_ctxt *emul;
	struct x86_features features;	/* of CPUID as the emulator asks for it */
	int emul_type;			/* of the instruction in flight */
	u8 emul_trace_flags;		/* KVM_EMUL_INSN_F_*: mode it was decoded in */
	bool emul_fetch_unbacked;	/* fetch met memory that is in no slot */
	bool emul_no_access;		/* it is in a slot, out of userspace's own reach */
	bool emul_halt;			/* HLT retired: stop before the next entry */
	u64 emul_gpa;			/* with emul_gpa_valid: gpa of the one memory operand */
	bool emul_gpa_valid;
	bool emul_gpa_write;		/* a write is permitted there, too */
	bool emul_gpa_store;		/* and so it is if the instruction does not read there before */
	/* Walks of the instruction in flight, so that none is done twice. */
	struct kvm_emul_walk emul_walk[2];
	u8 emul_walk_next;
	struct kvm_pending_io io;
	struct page *pio_page;		/* mapped by userspace at KVM_PIO_PAGE_OFFSET */
	void *pio_data;
	int (*complete_userspace_io)(struct x86_vcpu *vcpu);
	struct kvm_user_answer user_answer;

	/* FPU (fpu.c). */
	struct fpu_guest guest_fpu;

	/* Machine checks (mce.c): CTL, STATUS, ADDR, MISC of each bank. */
	u64 mcg_cap;
	u64 mcg_status;
	u64 mcg_ctl;
	u64 mce_banks[KVM_MAX_MCE_BANKS * 4];

	u64 last_exit_reason;		/* hardware's code, for tracepoints and reports */
};

/* Where the identity map, and the TSS behind it, are unless userspace says otherwise. */
#define KVM_IDENTITY_MAP_ADDR	0xfffbc000
#define KVM_TSS_ADDR		0xfffbd000

/* One x86 VM. */
struct x86_vm {
	struct kvm kvm;
	struct tdp_mmu mmu;
	bool exit_on_emulation_error;	/* kvm->lock to write */
	u32 hypercall_exit_mask;	/* BIT(KVM_HC_*) that userspace handles */
	u32 user_space_msr_mask;	/* KVM_MSR_EXIT_REASON_* that userspace handles */
	struct kvm_msr_ranges __rcu *msr_filter;	/* kvm->lock to write, kvm->srcu; NULL: none */
	bool exception_payload;		/* KVM_ENABLE_CAP: what KVM_GET_VCPU_EVENTS tells */
	bool triple_fault_event;
	gpa_t tss_addr;			/* kvm->lock; three pages for real mode without paging */
	gpa_t identity_map_addr;	/* kvm->lock; a page table for it */
	spinlock_t tsc_lock;
	u64 tsc_offset;			/* tsc_lock; what vCPUs get that are meant to agree */
	bool tsc_offset_valid;		/* tsc_lock */
	bool tsc_offset_user;		/* tsc_lock; set by userspace, not at a creation */
	u64 kvmclock_offset;		/* kvmclock - the host's boot time, ns */
	u64 wall_clock_msr;		/* MSR_KVM_WALL_CLOCK */
};

static inline struct x86_vcpu *to_x86_vcpu(struct kvm_vcpu *vcpu)
{
	return container_of(vcpu, struct x86_vcpu, base);
}

static inline struct x86_vm *to_x86_vm(struct kvm *kvm)
{
	return container_of(kvm, struct x86_vm, kvm);
}

static inline struct x86_vm *vcpu_vm(const struct x86_vcpu *vcpu)
{
	return to_x86_vm(vcpu->base.kvm);
}

/* Plain state accessors. */
static inline bool is_protmode(const struct x86_vcpu *vcpu) { return vcpu->cr0 & X86_CR0_PE; }
static inline bool is_paging(const struct x86_vcpu *vcpu) { return vcpu->cr0 & X86_CR0_PG; }
static inline bool is_pae(const struct x86_vcpu *vcpu) { return vcpu->cr4 & X86_CR4_PAE; }
static inline bool is_long_mode(const struct x86_vcpu *vcpu) { return vcpu->efer & EFER_LMA; }
/* PAE paging: these registers translate by four page directory pointers. */
static inline bool kvm_uses_pdptrs(u64 cr0, u64 cr4, u64 efer)
{
	return (cr0 & X86_CR0_PG) && (cr4 & X86_CR4_PAE) && !(efer & EFER_LMA);
}

/* run.c */
int kvm_arch_vcpu_run(struct x86_vcpu *vcpu);
/* Exit handlers return 1 to enter the guest again, 0 to leave to userspace (run->exit_reason set), or -errno. */
int kvm_handle_internal_error(struct x86_vcpu *vcpu, u32 suberror, const u64 *data, int ndata);

/* regs.c: control registers as MOV CR, LMSW, ioctls and emulation see them. 0, or 1: #GP. */
int kvm_set_cr0(struct x86_vcpu *vcpu, u64 cr0);
int kvm_set_cr3(struct x86_vcpu *vcpu, u64 cr3);
int kvm_set_cr4(struct x86_vcpu *vcpu, u64 cr4);
int kvm_set_cr8(struct x86_vcpu *vcpu, u64 cr8);
int kvm_set_cr(struct x86_vcpu *vcpu, int cr, u64 val);	/* by number: 0, 2, 3, 4, 8 */
u64 kvm_get_cr(struct x86_vcpu *vcpu, int cr);
int kvm_set_efer(struct x86_vcpu *vcpu, u64 efer);
int kvm_get_xcr(struct x86_vcpu *vcpu, u32 index, u64 *val);
int kvm_set_xcr(struct x86_vcpu *vcpu, u32 index, u64 xcr);
int kvm_set_dr(struct x86_vcpu *vcpu, int dr, unsigned long val);
unsigned long kvm_get_dr(struct x86_vcpu *vcpu, int dr);
void kvm_mmu_refresh(struct x86_vcpu *vcpu);	/* paging mirror from cr0, cr3, cr4, efer */
int kvm_get_regs(struct x86_vcpu *vcpu, struct kvm_regs *regs);
int kvm_set_regs(struct x86_vcpu *vcpu, const struct kvm_regs *regs);
int kvm_get_debugregs(struct x86_vcpu *vcpu, struct kvm_debugregs *regs);
int kvm_set_debugregs(struct x86_vcpu *vcpu, const struct kvm_debugregs *regs);	/* 0, -EINVAL */
void kvm_vcpu_reset(struct x86_vcpu *vcpu);
bool kvm_apic_base_valid(struct x86_vcpu *vcpu, u64 apic_base);	/* sregs.c */
bool kvm_cr0_valid(u64 cr0);
u64 kvm_rsvd_pa_mask(const struct x86_vcpu *vcpu);	/* address bits up to 51 that the guest does not have */
int kvm_load_pdptrs(struct x86_vcpu *vcpu, u64 cr3);	/* as writing CR3 does; 1: #GP */

/* sregs.c: ioctls. 0, or -EINVAL with nothing changed. */
int kvm_get_sregs(struct x86_vcpu *vcpu, struct kvm_sregs *sregs);
int kvm_set_sregs(struct x86_vcpu *vcpu, const struct kvm_sregs *sregs);
int kvm_get_sregs2(struct x86_vcpu *vcpu, struct kvm_sregs2 *sregs);
int kvm_set_sregs2(struct x86_vcpu *vcpu, const struct kvm_sregs2 *sregs);
bool kvm_sregs_valid(struct x86_vcpu *vcpu, const struct kvm_sregs *sregs);	/* kvm_set_sregs() takes it */

/*
 * msr.c: the MSR as the guest has it, whatever the filter says: 0, 1: #GP,
 * KVM_MSR_RET_UNKNOWN: there is none, #GP. @host_initiated: by an ioctl.
 */
int kvm_get_msr(struct x86_vcpu *vcpu, u32 index, u64 *data, bool host_initiated);
int kvm_set_msr(struct x86_vcpu *vcpu, u32 index, u64 data, bool host_initiated);

/*
 * msr_list.c: the ioctls about MSRs. -EFAULT; -E2BIG: the list does not fit,
 * or more than 255 entries; -ENOMEM.
 */
long kvm_get_msr_index_list(struct kvm_msr_list __user *user);
long kvm_get_msr_feature_index_list(struct kvm_msr_list __user *user);
/* The number of entries done; @vcpu NULL: the feature MSRs, on /dev/kvm. */
long kvm_msr_ioctl(struct x86_vcpu *vcpu, struct kvm_msrs __user *user, bool set);

/* mce.c: -EINVAL for what the machine checks of this KVM do not have. */
long kvm_get_mce_cap_supported(u64 __user *user);
int kvm_setup_mce(struct x86_vcpu *vcpu, const u64 *mcg_cap);
int kvm_set_mce(struct x86_vcpu *vcpu, const struct kvm_x86_mce *mce);

/* msr_filter.c: exit handlers: skip, #GP, or leave to userspace. */
int kvm_emulate_rdmsr(struct x86_vcpu *vcpu);
int kvm_emulate_wrmsr(struct x86_vcpu *vcpu);
/*
 * KVM_X86_SET_MSR_FILTER; takes kvm->lock, waits for kvm->srcu's readers. 0,
 * -EINVAL (flags, a bitmap that is too long, nothing but a default to deny),
 * -EFAULT, -ENOMEM.
 */
long kvm_vm_set_msr_filter(struct kvm *kvm, const struct kvm_msr_filter __user *user);
void kvm_free_msr_filter(struct kvm *kvm);	/* the VM has no users */
#ifdef CONFIG_COMPAT
/* The same from a 32-bit process; its ioctl has another number. */
struct kvm_msr_filter_compat {
	__u32 flags;
	struct {
		__u32 flags, nmsrs, base, bitmap;
	} ranges[KVM_MSR_FILTER_MAX_RANGES];
};

#define KVM_X86_SET_MSR_FILTER_COMPAT	_IOW(KVMIO, 0xc6, struct kvm_msr_filter_compat)
long kvm_vm_set_msr_filter_compat(struct kvm *kvm, const struct kvm_msr_filter_compat __user *user);
#endif
u64 kvm_read_guest_tsc(struct x86_vcpu *vcpu);
void kvm_msr_reset(struct x86_vcpu *vcpu);	/* at creation */

/* cpuid.c */
void kvm_cpuid(struct x86_vcpu *vcpu, u32 *eax, u32 *ebx, u32 *ecx, u32 *edx);
struct kvm_cpuid_entry2 *kvm_find_cpuid_entry(struct x86_vcpu *vcpu, u32 function, u32 index);
bool guest_cpuid_bit(struct x86_vcpu *vcpu, u32 function, u32 index, int reg, int bit);
int kvm_emulate_cpuid(struct x86_vcpu *vcpu);
/* -EFAULT, -ENOMEM; -E2BIG: no room, or more than KVM_MAX_CPUID_ENTRIES to set. */
long kvm_get_supported_cpuid(struct kvm_cpuid2 __user *user);
long kvm_get_emulated_cpuid(struct kvm_cpuid2 __user *user);	/* -EINVAL: padding is not 0 */
/* -EINVAL: no width of linear addresses, or another CPUID after the guest has run. */
long kvm_vcpu_set_cpuid(struct x86_vcpu *vcpu, struct kvm_cpuid __user *user);
long kvm_vcpu_set_cpuid2(struct x86_vcpu *vcpu, struct kvm_cpuid2 __user *user);
long kvm_vcpu_get_cpuid2(struct x86_vcpu *vcpu, struct kvm_cpuid2 __user *user);
u64 kvm_supported_xcr0(void);
u32 kvm_xsave_area_size(void);	/* bytes of kvm_supported_xcr0() in the standard format */
void kvm_cpuid_init(void);	/* before any VM exists */
u64 kvm_cr4_reserved(struct x86_vcpu *vcpu);	/* bits the guest may not set */
u64 kvm_efer_reserved(void);
u64 kvm_efer_unannounced(struct x86_vcpu *vcpu);	/* #GP when the guest sets them */

/* event.c */
void kvm_queue_exception(struct x86_vcpu *vcpu, unsigned int nr);
void kvm_queue_exception_e(struct x86_vcpu *vcpu, unsigned int nr, u32 error_code);
void kvm_queue_exception_p(struct x86_vcpu *vcpu, unsigned int nr, u64 payload);
void kvm_inject_page_fault(struct x86_vcpu *vcpu, u64 address, u32 error_code);
void kvm_inject_emulated_exception(struct x86_vcpu *vcpu, const struct x86_exception *ex);
void kvm_requeue_exception(struct x86_vcpu *vcpu, unsigned int nr, bool has_error, u32 error_code);
bool kvm_exception_has_error_code(unsigned int vector);	/* in protected mode */
/* Before entry, preemption on: put the event for this entry into the hardware. */
void kvm_inject_pending_events(struct x86_vcpu *vcpu);
/*
 * Userspace is about to look: CR2 and DR6 as the pending exception will make
 * them, unless it has KVM_CAP_EXCEPTION_PAYLOAD and knows that they come later.
 */
void kvm_show_exception_payload(struct x86_vcpu *vcpu);
/*
 * The interrupt, or -1, that userspace sees as being delivered: a KVM_INTERRUPT
 * that the guest cannot take yet, too. And give the vCPU one.
 */
int kvm_interrupt_in_delivery(const struct x86_vcpu *vcpu);
void kvm_set_interrupt_in_delivery(struct x86_vcpu *vcpu, u8 nr);
/* kvm_set_vcpu_events() takes it. */
bool kvm_vcpu_events_valid(struct x86_vcpu *vcpu, const struct kvm_vcpu_events *events);
int kvm_get_vcpu_events(struct x86_vcpu *vcpu, struct kvm_vcpu_events *events);
int kvm_set_vcpu_events(struct x86_vcpu *vcpu, const struct kvm_vcpu_events *events);
int kvm_vcpu_ioctl_interrupt(struct x86_vcpu *vcpu, const struct kvm_interrupt *irq);
int kvm_vcpu_ioctl_nmi(struct x86_vcpu *vcpu);
bool kvm_vcpu_ready_for_interrupt(struct x86_vcpu *vcpu);

/*
 * debug.c. Those that return an int do as exit handlers do; where a trap is the
 * debugger's they leave with KVM_EXIT_DEBUG, else the guest has its #DB queued.
 */
/* KVM_SET_GUEST_DEBUG: 0, -EINVAL for an unknown flag, -EBUSY when an exception waits already. */
int kvm_set_guest_debug(struct x86_vcpu *vcpu, const struct kvm_guest_debug *dbg);
/* After dr7 or the debugger's registers have changed. */
void kvm_update_dr7(struct x86_vcpu *vcpu);
/* DR0-DR3 as they are in force, into this CPU. IRQs off. */
void kvm_load_debug_regs(struct x86_vcpu *vcpu);
/* Note in bp_hits what an access of the instruction in flight meets; with switch_db_regs only. */
void kvm_data_breakpoint(struct x86_vcpu *vcpu, unsigned long la, unsigned int bytes, bool write);
void kvm_io_breakpoint(struct x86_vcpu *vcpu, u16 port, unsigned int bytes);
/* With switch_db_regs: -1 when no instruction breakpoint is at RIP. */
int kvm_code_breakpoint(struct x86_vcpu *vcpu);
/* An instruction, or an iteration of REP, retired that met bp_hits and @dr6 (of the guest's). */
int kvm_debug_retired(struct x86_vcpu *vcpu, u64 dr6);
/* An intercepted #DB. @dr6: bits set mean, without BS that is not the guest's; @step: BS was set. */
int kvm_handle_db(struct x86_vcpu *vcpu, u64 dr6, bool step);
int kvm_debug_step(struct x86_vcpu *vcpu);	/* a step ended */
int kvm_debug_int3(struct x86_vcpu *vcpu);	/* RIP is that of an INT3 of the debugger's */
int kvm_debug_mov_dr(struct x86_vcpu *vcpu);	/* MOV DR that is not to be the CPU's */
int kvm_pending_debug_exit(struct x86_vcpu *vcpu);	/* with debug_exit_dr6 only */
/* Before entry with single-stepping: -1 when the CPU can do the step by itself. */
int kvm_step_over_flags(struct x86_vcpu *vcpu);

static inline bool kvm_single_stepping(const struct x86_vcpu *vcpu)
{
	return vcpu->guest_debug & KVM_GUESTDBG_SINGLESTEP;
}

/* fpu.c: the guest's FPU state is loaded from vcpu ioctl RUN's start to its end. */
int kvm_fpu_create(struct x86_vcpu *vcpu);
void kvm_fpu_destroy(struct x86_vcpu *vcpu);
void kvm_load_guest_fpu(struct x86_vcpu *vcpu);
void kvm_put_guest_fpu(struct x86_vcpu *vcpu);
int kvm_get_fpu(struct x86_vcpu *vcpu, struct kvm_fpu *fpu);
int kvm_set_fpu(struct x86_vcpu *vcpu, const struct kvm_fpu *fpu);
/* Between them the guest's registers are in this CPU: no sleeping. */
void kvm_fpu_get(void);
void kvm_fpu_put(void);
void kvm_load_guest_xsave_state(struct x86_vcpu *vcpu);	/* IRQs off, around the world switch */
void kvm_load_host_xsave_state(struct x86_vcpu *vcpu);

/*
 * sync_regs.c, by KVM_RUN, srcu held. Before: check kvm_valid_regs, and take what
 * kvm_dirty_regs says; 0, or -EINVAL with nothing changed. After: leave what
 * kvm_valid_regs says.
 */
int kvm_sync_regs_load(struct x86_vcpu *vcpu);
void kvm_sync_regs_store(struct x86_vcpu *vcpu);

/* xsave.c: ioctls, the vCPU's FPU not loaded. */
unsigned int kvm_xsave_size(void);	/* KVM_CAP_XSAVE2: bytes of GET_XSAVE2, SET_XSAVE */
/* 0, -EINVAL when the area has more than @limit bytes, -ENOMEM, -EFAULT. */
long kvm_get_xsave(struct x86_vcpu *vcpu, void __user *user, unsigned int limit);
/* 0, -EINVAL for components or MXCSR bits that no guest can have, -ENOMEM, -EFAULT. */
long kvm_set_xsave(struct x86_vcpu *vcpu, void __user *user);
int kvm_get_xcrs(struct x86_vcpu *vcpu, struct kvm_xcrs *xcrs);
int kvm_set_xcrs(struct x86_vcpu *vcpu, const struct kvm_xcrs *xcrs);	/* 0, -EINVAL */
/* KVM_GET_DEVICE_ATTR, KVM_HAS_DEVICE_ATTR of /dev/kvm: 0, -ENXIO, -EFAULT. Any thread. */
long kvm_dev_device_attr(unsigned int cmd, void __user *user);

/* exit.c: shared handlers. */
int kvm_emulate_halt(struct x86_vcpu *vcpu);
int kvm_emulate_wbinvd(struct x86_vcpu *vcpu);
int kvm_emulate_invd(struct x86_vcpu *vcpu);
int kvm_emulate_rdpmc(struct x86_vcpu *vcpu);
int kvm_read_pmc(u32 counter, u64 *val);	/* 1: no such counter */
int kvm_emulate_xsetbv(struct x86_vcpu *vcpu);
/* hypercall.c: RAX gets the result, and skip; or leave to userspace. */
int kvm_emulate_hypercall(struct x86_vcpu *vcpu);
int kvm_emul_hypercall(struct x86_vcpu *vcpu);	/* the same of the emulator: X86EMUL_* */
int kvm_fast_pio(struct x86_vcpu *vcpu, int size, u16 port, bool in);	/* plain IN/OUT decoded by the exit */
int kvm_mmu_page_fault(struct x86_vcpu *vcpu, gpa_t gpa, u64 error_code, const void *insn, int insn_len);
int handle_ud(struct x86_vcpu *vcpu);
/* The instruction retires: 1, 0 for the debugger, or KVM_SKIP_REFUSED: it has not, undo what it did. */
int kvm_try_skip(struct x86_vcpu *vcpu);
int kvm_skip_emulated_instruction(struct x86_vcpu *vcpu);
int kvm_complete_insn_gp(struct x86_vcpu *vcpu, int err);	/* err ? #GP(0) : skip */

/* emulate.c */
int x86_emulate_instruction(struct x86_vcpu *vcpu, gpa_t cr2_or_gpa, int emulation_type,
			    const void *insn, int insn_len);

int kvm_task_switch(struct x86_vcpu *vcpu, u16 tss_selector, int idt_index,
		    enum x86emul_task_switch reason, bool skip, bool has_error_code,
		    u32 error_code);

int kvm_emulate_event(struct x86_vcpu *vcpu, u8 vector, bool has_error_code, u32 error_code);

static inline int kvm_emulate_instruction(struct x86_vcpu *vcpu, int emulation_type)
{
	return x86_emulate_instruction(vcpu, 0, emulation_type, NULL, 0);
}

/* Guest-virtual access with the vCPU's paging state. @access: PFERR_*; faults go to @ex. X86EMUL_*. */
int kvm_translate_gva(struct x86_vcpu *vcpu, unsigned long gva, u64 access, gpa_t *gpa,
		      struct x86_exception *ex);

/* complete.c */
int kvm_mmio_read(struct x86_vcpu *vcpu, gpa_t gpa, void *data, unsigned int bytes);	/* X86EMUL_* */
int kvm_mmio_write(struct x86_vcpu *vcpu, gpa_t gpa, const void *data, unsigned int bytes);
int kvm_pio_read(struct x86_vcpu *vcpu, u16 port, unsigned int size, void *data, unsigned int count);
int kvm_pio_write(struct x86_vcpu *vcpu, u16 port, unsigned int size, const void *data, unsigned int count);
bool kvm_io_pending(const struct x86_vcpu *vcpu);	/* anything queued for userspace? */
int kvm_io_exit_to_user(struct x86_vcpu *vcpu);		/* fill run, set completion; returns 0 */
/* The emulated instruction that waits for it is executed anew with the answer, unless RIP was moved. */
int kvm_resume_with_answer(struct x86_vcpu *vcpu, u64 data, bool error);
void kvm_io_cancel(struct x86_vcpu *vcpu);		/* drop what a faulting instruction queued */

extern bool enable_vmware_backdoor;
extern int force_emulation_prefix;
extern bool ignore_msrs;
extern bool report_ignored_msrs;
extern u64 kvm_host_xcr0;	/* 0 without XSAVE; constant after load */
extern u64 kvm_host_xss;	/* constant after load */
extern u32 kvm_mxcsr_mask;	/* MXCSR bits this CPU has; constant after load */

#endif
