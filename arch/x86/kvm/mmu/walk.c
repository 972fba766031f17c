// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest's own page tables, walked as the processor does. One pass reads and
 * checks; accessed and dirty bits, mostly set already, are a second step.
 */
#include <linux/bitfield.h>
#include <linux/bits.h>
#include <linux/export.h>
#include <linux/mm.h>
#include <linux/uaccess.h>

#include <asm/msr-index.h>
#include <asm/processor-flags.h>

#include "mmu/mmu.h"

#define PTE_P			BIT_ULL(0)
#define PTE_W			BIT_ULL(1)
#define PTE_U			BIT_ULL(2)
#define PTE_A			BIT_ULL(5)
#define PTE_D			BIT_ULL(6)
#define PTE_PS			BIT_ULL(7)
#define PTE_NX			BIT_ULL(63)
#define PTE_ADDR_MASK		GENMASK_ULL(51, 12)
#define PTE_PKEY_MASK		GENMASK_ULL(62, 59)
/* PAE without long mode: ignored in long mode, reserved here. */
#define PAE_RSVD_MASK		GENMASK_ULL(62, 52)
/* Of a 4 MiB entry: bits 39:32 of the address. */
#define PSE36_MASK		GENMASK_ULL(20, 13)

#define PDPTE_RSVD_MASK		(GENMASK_ULL(63, 52) | GENMASK_ULL(8, 5) | GENMASK_ULL(2, 1))

#define MAX_LEVELS		5
/* How often a guest may change an entry under our hands. */
#define MAX_TRIES		8

/* What one pass is about; constant while it runs. */
struct walk {
	struct kvm *kvm;
	const struct guest_paging *gp;
	struct guest_fault *fault;
	u64 access;
	u64 rsvd;			/* reserved in every entry */
};

/* What one pass has gathered. */
struct rights {
	u64 allow;			/* AND of all entries: W, U, A */
	u64 nx;				/* OR of all entries: NX */
	u64 pte;			/* the leaf */
};

/* The entries read, leaf last: kept only by a pass that sets accessed and dirty bits. */
struct trail {
	int nr;
	u64 seen[MAX_LEVELS];
	unsigned long hva[MAX_LEVELS];
	struct kvm_memory_slot *slot[MAX_LEVELS];
};

/* By value: the walk's state stays in registers. */
static noinline int no_table(struct guest_fault *fault, gpa_t gpa)
{
	fault->table_gpa = gpa;
	return -ENXIO;
}

/* The architectural error code of the access, with @bits for why it failed. */
static noinline int raise_fault(const struct guest_paging *gp, u64 access, u64 bits,
				struct guest_fault *fault)
{
	u64 code = bits | (access & (PFERR_WRITE_MASK | PFERR_USER_MASK));
	bool nxe = (gp->cr4 & X86_CR4_PAE) && (gp->efer & EFER_NX);

	/* The fetch bit exists where something can forbid a fetch. */
	if ((access & PFERR_FETCH_MASK) && (nxe || (gp->cr4 & X86_CR4_SMEP)))
		code |= PFERR_FETCH_MASK;
	fault->error_code = code;
	return -EFAULT;
}

static __always_inline int page_fault(const struct walk *w, u64 bits)
{
	return raise_fault(w->gp, w->access, bits, w->fault);
}

static __always_inline bool fetch64(unsigned long hva, u64 *pte)
{
	__uaccess_begin_nospec();
	unsafe_get_user(*pte, (u64 __user *)hva, fault);
	__uaccess_end();
	return true;
fault:
	__uaccess_end();
	return false;
}

static __always_inline bool fetch32(unsigned long hva, u64 *pte)
{
	u32 pte32;

	__uaccess_begin_nospec();
	unsafe_get_user(pte32, (u32 __user *)hva, fault);
	__uaccess_end();
	*pte = pte32;
	return true;
fault:
	__uaccess_end();
	return false;
}

/* *slot is where the table before was, a good guess; never NULL. */
static __always_inline int read_entry(const struct walk *w, struct kvm_memory_slot **slot,
				      gpa_t gpa, bool legacy, struct trail *trail, u64 *pte)
{
	gfn_t gfn = gpa >> PAGE_SHIFT;
	struct kvm_memory_slot *s = *slot;
	unsigned long hva;

	if (unlikely(!gfn_in_memslot(s, gfn))) {
		s = search_memslots(kvm_memslots(w->kvm), gfn);
		if (unlikely(!s))
			return no_table(w->fault, gpa);
		*slot = s;
	}
	hva = gfn_to_hva_memslot(s, gfn) + offset_in_page(gpa);
	if (unlikely(!(legacy ? fetch32(hva, pte) : fetch64(hva, pte))))
		return no_table(w->fault, gpa);
	if (trail) {
		trail->hva[trail->nr] = hva;
		trail->slot[trail->nr] = s;
		trail->seen[trail->nr++] = *pte;
	}
	return 0;
}

/* Is @pte, present, of 64 bits, a leaf at @level? Adds to what is reserved in it. */
static __always_inline bool is_leaf(u64 pte, int level, u64 *rsvd)
{
	if (level == 1)
		return true;
	if (level > 3) {
		*rsvd |= PTE_PS;
		return false;
	}
	if (!(pte & PTE_PS))
		return false;
	/* Bit 12 is PAT, the rest below the page number is reserved. */
	*rsvd |= GENMASK_ULL(level == 2 ? 20 : 29, 13);
	return true;
}

/* Long mode and PAE, from @table at @level down to the leaf. */
static __always_inline int walk64(const struct walk *w, u64 gva, gpa_t table, int level,
				  struct trail *trail, struct rights *rights, gpa_t *gpa)
{
	struct kvm_memory_slot *slot = READ_ONCE(kvm_memslots(w->kvm)->last_used);
	int shift = PAGE_SHIFT + 9 * (level - 1);
	u64 pte, rsvd, offset;
	bool leaf;
	int r;

	for (;; level--, shift -= 9) {
		r = read_entry(w, &slot, table + ((gva >> shift) & 511) * 8, false, trail, &pte);
		if (unlikely(r))
			return r;
		if (unlikely(!(pte & PTE_P)))
			return page_fault(w, 0);
		rsvd = w->rsvd;
		leaf = is_leaf(pte, level, &rsvd);
		if (unlikely(pte & rsvd))
			return page_fault(w, PFERR_PRESENT_MASK | PFERR_RSVD_MASK);
		rights->allow &= pte;
		rights->nx |= pte;
		table = pte & PTE_ADDR_MASK;
		if (leaf)
			break;
	}
	rights->pte = pte;
	offset = (1ULL << shift) - 1;
	*gpa = (table & ~offset) | (gva & offset);
	return 0;
}

static int walk32(const struct walk *w, u32 gva, struct trail *trail,
			   struct rights *rights, gpa_t *gpa)
{
	struct kvm_memory_slot *slot = READ_ONCE(kvm_memslots(w->kvm)->last_used);
	const struct guest_paging *gp = w->gp;
	u64 pte, rsvd;
	int r;

	r = read_entry(w, &slot, (gp->cr3 & 0xfffff000) + (gva >> 22) * 4, true, trail, &pte);
	if (r)
		return r;
	if (!(pte & PTE_P))
		return page_fault(w, 0);
	rights->allow &= pte;
	if ((pte & PTE_PS) && (gp->cr4 & X86_CR4_PSE)) {
		rsvd = BIT_ULL(21) | FIELD_PREP(PSE36_MASK, (gp->rsvd_pa_mask >> 32) & 0xff);
		if (pte & rsvd)
			return page_fault(w, PFERR_PRESENT_MASK | PFERR_RSVD_MASK);
		rights->pte = pte;
		*gpa = FIELD_GET(PSE36_MASK, pte) << 32 | (pte & 0xffc00000) | (gva & 0x3fffff);
		return 0;
	}

	r = read_entry(w, &slot, (pte & 0xfffff000) + ((gva >> 12) & 1023) * 4, true, trail, &pte);
	if (r)
		return r;
	if (!(pte & PTE_P))
		return page_fault(w, 0);
	rights->allow &= pte;
	rights->pte = pte;
	*gpa = (pte & 0xfffff000) | (gva & 0xfff);
	return 0;
}

/* Protection keys: PFERR_PK_MASK when the leaf's key forbids the access. */
static noinline u64 pkey_violation(const struct guest_paging *gp, u64 pte, u64 access)
{
	unsigned int shift = FIELD_GET(PTE_PKEY_MASK, pte) * 2;
	bool access_disable = gp->pkru >> shift & 1;
	bool write_disable = gp->pkru >> shift & 2;

	if (!(gp->efer & EFER_LMA) || (access & PFERR_FETCH_MASK))
		return 0;
	if (access_disable)
		return PFERR_PK_MASK;
	if (write_disable && (access & PFERR_WRITE_MASK) &&
	    ((access & PFERR_USER_MASK) || (gp->cr0 & X86_CR0_WP)))
		return PFERR_PK_MASK;
	return 0;
}

/* A supervisor access to a user-mode address: SMEP and SMAP. */
static __always_inline bool supervisor_to_user_denied(const struct walk *w)
{
	const struct guest_paging *gp = w->gp;

	if (likely(!(gp->cr4 & (X86_CR4_SMEP | X86_CR4_SMAP))))
		return false;
	if (w->access & PFERR_FETCH_MASK)
		return gp->cr4 & X86_CR4_SMEP;
	return (gp->cr4 & X86_CR4_SMAP) &&
	       ((w->access & PFERR_IMPLICIT_ACCESS) || !gp->eflags_ac);
}

/* Do the rights of all levels together permit the access? */
static __always_inline int check_permission(const struct walk *w, const struct rights *rights)
{
	const struct guest_paging *gp = w->gp;
	bool denied = false;
	u64 pk = 0;

	if ((w->access & PFERR_WRITE_MASK) && unlikely(!(rights->allow & PTE_W)))
		denied = (w->access & PFERR_USER_MASK) || (gp->cr0 & X86_CR0_WP);
	/* NX is reserved, hence 0, where it is not enabled. */
	if ((w->access & PFERR_FETCH_MASK) && unlikely(rights->nx & PTE_NX))
		denied = true;
	if (rights->allow & PTE_U) {
		if (!(w->access & PFERR_USER_MASK))
			denied |= supervisor_to_user_denied(w);
		if (unlikely(gp->cr4 & X86_CR4_PKE))
			pk = pkey_violation(gp, rights->pte, w->access);
	} else if (unlikely(w->access & PFERR_USER_MASK)) {
		denied = true;
	}
	if (unlikely(denied || pk))
		return page_fault(w, PFERR_PRESENT_MASK | pk);
	return 0;
}

static __always_inline u64 rsvd_in_all(const struct guest_paging *gp)
{
	return gp->rsvd_pa_mask | (gp->efer & EFER_NX ? 0 : PTE_NX);
}

/* Read and check in long mode; then *gpa is where the access goes. */
static __always_inline int walk_long_mode(struct walk *w, u64 gva, struct trail *trail,
					  struct rights *rights, gpa_t *gpa)
{
	const struct guest_paging *gp = w->gp;
	int r;

	rights->allow = ~0ULL;
	rights->nx = 0;
	w->rsvd = rsvd_in_all(gp);
	if (likely(!(gp->cr4 & X86_CR4_LA57)))
		r = walk64(w, gva, gp->cr3 & PTE_ADDR_MASK, 4, trail, rights, gpa);
	else
		r = walk64(w, gva, gp->cr3 & PTE_ADDR_MASK, 5, trail, rights, gpa);
	return r ?: check_permission(w, rights);
}

/* The first level of PAE: four registers, or, with NPT, memory like the other levels. */
static int read_pdpte(const struct walk *w, u32 gva, u64 *pdpte)
{
	const struct guest_paging *gp = w->gp;
	gpa_t entry = (gp->cr3 & GENMASK_ULL(31, 5)) + (gva >> 30) * sizeof(*pdpte);

	*pdpte = gp->pdptr[gva >> 30];
	if (gp->pdptr_in_memory &&
	    kvm_read_guest_page(w->kvm, gpa_to_gfn(entry), pdpte, offset_in_page(entry),
				sizeof(*pdpte)))
		return no_table(w->fault, entry);
	if (!(*pdpte & PTE_P))
		return page_fault(w, 0);
	/* A processor that reads it as memory may have set its accessed bit. */
	if (*pdpte & ((PDPTE_RSVD_MASK & ~PTE_A) | gp->rsvd_pa_mask))
		return page_fault(w, PFERR_PRESENT_MASK | PFERR_RSVD_MASK);
	return 0;
}

/* The same in the other modes. */
static int walk_protected_mode(struct walk *w, u32 gva, struct trail *trail,
			       struct rights *rights, gpa_t *gpa)
{
	const struct guest_paging *gp = w->gp;
	u64 pdpte;
	int r;

	rights->allow = ~0ULL;
	rights->nx = 0;
	if (gp->cr4 & X86_CR4_PAE) {
		r = read_pdpte(w, gva, &pdpte);
		if (r)
			return r;
		w->rsvd = rsvd_in_all(gp) | PAE_RSVD_MASK;
		r = walk64(w, gva, pdpte & PTE_ADDR_MASK, 2, trail, rights, gpa);
	} else {
		r = walk32(w, gva, trail, rights, gpa);
	}
	return r ?: check_permission(w, rights);
}

/* 0 done; 1 the guest changed the entry; -EFAULT host memory is not writable. */
static int set_bits(unsigned long hva, u64 seen, u64 bits, bool legacy)
{
	if (legacy) {
		u32 old = seen;

		return __try_cmpxchg_user((u32 __user *)hva, &old, (u32)(seen | bits), fault32);
	}
	return __try_cmpxchg_user((u64 __user *)hva, &seen, seen | bits, fault64);
}

/* Accessed in every entry, dirty in the leaf for a write. Results as set_bits(). */
static int set_accessed_dirty(const struct walk *w, const struct trail *trail)
{
	bool legacy = !(w->gp->cr4 & X86_CR4_PAE);
	int i, r;

	for (i = 0; i < trail->nr; i++) {
		const struct kvm_memory_slot *slot = trail->slot[i];
		u64 bits = PTE_A;

		if (i == trail->nr - 1 && (w->access & PFERR_WRITE_MASK))
			bits |= PTE_D;
		/* Tables in read-only memory keep what they have. */
		if ((trail->seen[i] & bits) == bits || memslot_is_readonly(slot))
			continue;
		r = set_bits(trail->hva[i], trail->seen[i], bits, legacy);
		if (r)
			return r;
		mark_page_dirty_in_slot(slot, hva_to_gfn_memslot(slot, trail->hva[i]));
	}
	return 0;
}

/* Any mode, with accessed and dirty bits. */
static noinline int walk_and_set(struct kvm *kvm, const struct guest_paging *gp, u64 gva,
				 u64 access, gpa_t *gpa, struct guest_fault *fault)
{
	struct walk w = { .kvm = kvm, .gp = gp, .access = access, .fault = fault };
	struct rights rights;
	struct trail trail;
	int tries, r;

	for (tries = 0; tries < MAX_TRIES; tries++) {
		trail.nr = 0;
		if (gp->efer & EFER_LMA)
			r = walk_long_mode(&w, gva, &trail, &rights, gpa);
		else
			r = walk_protected_mode(&w, gva, &trail, &rights, gpa);
		if (r)
			return r;
		r = set_accessed_dirty(&w, &trail);
		if (r < 0)
			return no_table(fault, gp->cr3 & PTE_ADDR_MASK);
		if (!r)
			return 0;
	}
	return -EAGAIN;
}

int guest_walk(struct kvm *kvm, const struct guest_paging *gp, u64 gva, u64 access,
	       gpa_t *gpa, struct guest_fault *fault)
{
	struct walk w;
	struct rights rights;
	int r;

	might_fault();
	if (!(gp->cr0 & X86_CR0_PG)) {
		*gpa = gva;
		return 0;
	}
	if (unlikely(!(gp->efer & EFER_LMA)))
		return walk_and_set(kvm, gp, gva, access, gpa, fault);

	w.kvm = kvm;
	w.gp = gp;
	w.access = access;
	w.fault = fault;
	r = walk_long_mode(&w, gva, NULL, &rights, gpa);
	if (unlikely(r))
		return r;
	if (likely((rights.allow & PTE_A) &&
		   (!(access & PFERR_WRITE_MASK) || (rights.pte & PTE_D))))
		return 0;
	return walk_and_set(kvm, gp, gva, access, gpa, fault);
}
EXPORT_SYMBOL_GPL(guest_walk);

int guest_load_pdptrs(struct kvm *kvm, struct guest_paging *gp, u64 cr3)
{
	gpa_t table = cr3 & GENMASK_ULL(31, 5);
	u64 rsvd = PDPTE_RSVD_MASK | gp->rsvd_pa_mask;
	u64 pdpte[4];
	int i;

	if (kvm_read_guest_page(kvm, table >> PAGE_SHIFT, pdpte, offset_in_page(table),
				sizeof(pdpte)))
		return -ENXIO;
	for (i = 0; i < 4; i++)
		if ((pdpte[i] & PTE_P) && (pdpte[i] & rsvd))
			return -EINVAL;
	memcpy(gp->pdptr, pdpte, sizeof(pdpte));
	return 0;
}
EXPORT_SYMBOL_GPL(guest_load_pdptrs);
