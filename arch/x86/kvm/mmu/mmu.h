/* SPDX-License-Identifier: GPL-2.0-only */
/* Guest page walk in every paging mode, and the second-level (NPT, EPT) page tables of a VM. */
#ifndef KVM_MMU_MMU_H
#define KVM_MMU_MMU_H

#include "vm/vm.h"

/* Bits of a page-fault error code (Intel SDM, AMD APM); bits 32-33 only in a nested page fault. */
#define PFERR_PRESENT_MASK	BIT_ULL(0)
#define PFERR_WRITE_MASK	BIT_ULL(1)
#define PFERR_USER_MASK		BIT_ULL(2)
#define PFERR_RSVD_MASK		BIT_ULL(3)
#define PFERR_FETCH_MASK	BIT_ULL(4)
#define PFERR_PK_MASK		BIT_ULL(5)
#define PFERR_GUEST_FINAL_MASK	BIT_ULL(32)
#define PFERR_GUEST_PAGE_MASK	BIT_ULL(33)
/* Internal: supervisor access to a system structure whatever the CPL; SMAP does not look at AC. */
#define PFERR_IMPLICIT_ACCESS	BIT_ULL(48)

/* What decides a guest translation; vcpu/ keeps it up to date. All are the guest's values. */
struct guest_paging {
	u64 cr0;
	u64 cr3;
	u64 cr4;
	u64 efer;
	u64 pdptr[4];		/* PAE: loaded with CR3 */
	u64 rsvd_pa_mask;	/* physical address bits beyond the guest's MAXPHYADDR, up to bit 51 */
	u32 pkru;
	bool eflags_ac;
	bool pdptr_in_memory;	/* PAE under NPT: the processor reads PDPTEs at each walk */
};

/* A walk that fails: the page fault to inject, or memory that the guest cannot walk in. */
struct guest_fault {
	u64 error_code;		/* architectural bits 0-5 */
	gpa_t table_gpa;	/* of the entry out of reach, when -ENXIO */
};

/**
 * guest_walk() - translate a guest-linear address
 * @kvm: the VM, under kvm->srcu
 * @gp: paging state
 * @gva: linear address, canonical if long mode
 * @access: PFERR_WRITE, _USER, _FETCH, _IMPLICIT_ACCESS of the access
 * @gpa: receives the guest-physical address
 * @fault: filled on failure
 *
 * Set accessed and dirty bits as the processor does (compare and exchange on
 * guest memory). Handle paging off, 32-bit (PSE), PAE, 4- and 5-level; NX,
 * SMEP, SMAP, WP, PKU, reserved bits.
 *
 * Return: 0, -EFAULT for a page fault, -ENXIO when a table is in no slot or
 * its user memory is not accessible (not writable, for accessed bits), -EAGAIN
 * when the guest changed the entry meanwhile too often.
 */
int guest_walk(struct kvm *kvm, const struct guest_paging *gp, u64 gva, u64 access,
	       gpa_t *gpa, struct guest_fault *fault);

/* Load the four PDPTEs at @cr3 for PAE: 0, -EINVAL (reserved bits: #GP), -ENXIO. */
int guest_load_pdptrs(struct kvm *kvm, struct guest_paging *gp, u64 cr3);

/* Format of second-level entries: vendors differ in bits only. */
struct tdp_format {
	u64 present;		/* NPT: P; EPT: R */
	u64 writable;
	u64 user;		/* NPT: U, always set; EPT: 0 */
	u64 exec;		/* EPT: X; NPT: 0 */
	u64 nx;			/* NPT: bit 63; EPT: 0 */
	u64 accessed;
	u64 dirty;
	u64 large;		/* PS */
	u64 memtype;		/* EPT: write-back, ignore PAT; NPT: 0 */
	u64 table;		/* bits of a non-leaf entry */
	/* Leaf that faults recognisably: reserved bit, or EPT misconfiguration; 0: none. */
	u64 mmio_value;
	/* The processor logs each page whose dirty bit it sets, while nr_dirty_logs is not 0. */
	bool logs_dirty;
	/* No large leaf may be fetched from: the processor has "iTLB multihit". */
	bool nx_large;
	u8 max_level;		/* of leaves: 1 = 4 KiB, 2 = 2 MiB; larger ones are not made */
};

/* Once, by the vendor module before any VM exists. */
void tdp_mmu_setup(const struct tdp_format *format);

/* Pages of our own that a guest finds where userspace has put no memory. */
enum tdp_own_page {
	TDP_OWN_TSS0,		/* of virtual-8086 mode in place of real mode */
	TDP_OWN_TSS1,
	TDP_OWN_TSS2,
	TDP_OWN_IDENTITY_MAP,	/* page table of protected mode without paging */
	TDP_OWN_APIC,		/* accesses exit by themselves */
	TDP_NR_OWN_PAGES
};

bool tdp_mmu_logs_dirty(void);	/* of that format */

/* Second-level tables of a VM: kvm->mmu_lock. */
struct tdp_mmu {
	u64 *root;		/* 4-level root page */
	hpa_t root_hpa;		/* with the host's memory encryption bit: nCR3, EPTP take it as it is */
	unsigned long nr_pages;	/* table pages */
	u64 *nr_leaves;		/* kvm->stat.pages: mappings by level - 1 */
	bool has_own;		/* any page below; also read without the lock */
	struct {
		gfn_t gfn;
		struct page *page;	/* NULL: none */
	} own[TDP_NR_OWN_PAGES];
};

/* An empty root: 0 or -ENOMEM. Process context. */
int tdp_mmu_init(struct kvm *kvm, struct tdp_mmu *mmu);
/* Free every table; the notifier is gone, no vCPU runs. Pages are not touched. May sleep. */
void tdp_mmu_destroy(struct kvm *kvm, struct tdp_mmu *mmu);

enum tdp_fault_result {
	RET_PF_RETRY,		/* mapped, or lost a race: enter the guest again */
	RET_PF_EMULATE,		/* no memory there (MMIO), or not writable: emulate */
};

/**
 * tdp_page_fault() - map @gpa or say that it cannot be
 * @vcpu: the vCPU, in its own thread, srcu held; may sleep
 * @mmu: tables
 * @gpa: faulting guest-physical address
 * @error_code: PFERR_WRITE, _FETCH of the access
 *
 * Map 2 MiB where slot, alignment and host backing allow it, else 4 KiB, and then
 * also what the host has at hand around it. A logged slot is mapped by 4 KiB,
 * writable once the page's dirty bit is set. What is in no slot gets a page of ours,
 * or the MMIO marker; a write to a read-only slot is to be emulated.
 *
 * Return: enum tdp_fault_result, or -EFAULT (host memory is gone), -ENOMEM,
 * -EINTR (signal pending).
 */
int tdp_page_fault(struct kvm_vcpu *vcpu, struct tdp_mmu *mmu, gpa_t gpa, u64 error_code);

/**
 * tdp_mmu_set_own_page() - give the guest a page of ours
 * @kvm: the VM; takes mmu_lock
 * @mmu: tables
 * @which: what it is for
 * @gfn: where the guest finds it, as long as no memory slot covers that frame
 * @page: from alloc_page(), now of @mmu, which frees it with the VM or when another
 *	  takes its place; NULL: there is none any more
 *
 * It is mapped by a fault, with all rights, and is in no log and under no notifier.
 * Accesses of ours (kvm_read_guest(), emulation) do not find it. Process context.
 */
void tdp_mmu_set_own_page(struct kvm *kvm, struct tdp_mmu *mmu, enum tdp_own_page which,
			  gfn_t gfn, struct page *page);
/* The page is there from now on, if there is one. As tdp_mmu_set_own_page(). */
void tdp_mmu_move_own_page(struct kvm *kvm, struct tdp_mmu *mmu, enum tdp_own_page which,
			   gfn_t gfn);

/**
 * tdp_mmu_zap_range() - drop leaves and markers of frames [@start, @end)
 * @kvm: the VM, mmu_lock held, IRQs on
 * @mmu: tables; those that become empty as a whole are freed, after a TLB flush
 * @start: first frame
 * @end: frame after the last; any value
 * @can_yield: drop and retake mmu_lock when others wait
 *
 * What the guest did goes to the pages' accessed and dirty state.
 *
 * Return: true when the caller must flush TLBs before it drops mmu_lock.
 */
bool tdp_mmu_zap_range(struct kvm *kvm, struct tdp_mmu *mmu, gfn_t start, gfn_t end,
		       bool can_yield);

/*
 * Writes to frames of [@start, @end) fault from the next TLB flush on; drops and
 * retakes mmu_lock when others wait. mmu_lock held. True: flush TLBs.
 */
bool tdp_mmu_write_protect_range(struct kvm *kvm, struct tdp_mmu *mmu, gfn_t start, gfn_t end);
/*
 * The same for frames of @mask, bit 0 is @gfn, in 4 KiB pages; does not drop mmu_lock.
 * Where the processor logs dirty pages it does so again instead of faulting.
 */
bool tdp_mmu_write_protect_masked(struct kvm *kvm, struct tdp_mmu *mmu, gfn_t gfn,
				  unsigned long mask);

/*
 * The log of @slot has ended. Drop the small mappings of what the host maps by large
 * entries: the next faults map it so. Ioctl of the VM's own process (its page tables
 * are looked at); takes mmu_lock, may sleep. What is left write-protected becomes
 * writable by faults.
 */
void tdp_mmu_collapse_slot(struct kvm *kvm, struct tdp_mmu *mmu,
			   const struct kvm_memory_slot *slot);

/* Was any frame of [@start, @end) accessed since the last call with @clear? mmu_lock held. */
bool tdp_mmu_age_range(struct kvm *kvm, struct tdp_mmu *mmu, gfn_t start, gfn_t end, bool clear);

#endif
