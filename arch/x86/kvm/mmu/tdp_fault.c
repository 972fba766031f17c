// SPDX-License-Identifier: GPL-2.0-only
/*
 * A second-level fault: find the page outside of mmu_lock, then map it under the
 * lock if slots and address space are still what they were.
 */
#include <linux/export.h>
#include <linux/mm.h>
#include <linux/pgtable.h>
#include <linux/sched/signal.h>

#include "mmu/tdp.h"
#include "vm/arch.h"

/* More table pages than this, beside those for memory, are not spent on markers. */
#define MMIO_TABLE_PAGES	1024

/* One fault on its way. */
struct tdp_fault {
	struct kvm *kvm;
	struct tdp_mmu *mmu;
	struct kvm_memslots *slots;	/* in force when the fault was looked at */
	struct kvm_memory_slot *slot;
	gfn_t gfn;
	unsigned long hva;
	unsigned long seq;		/* mmu_invalidate_seq before the page was looked up */
	struct page *page;
	bool write;
	bool writable;			/* the page may be mapped writable */
	/* Zeroed pages for tables, allocated outside of mmu_lock. */
	u64 *cache[TDP_LEVELS - 1];
	unsigned int nr_cache;
};

static int fill_cache(struct tdp_fault *f)
{
	while (f->nr_cache < ARRAY_SIZE(f->cache)) {
		u64 *table = (u64 *)get_zeroed_page(GFP_KERNEL_ACCOUNT);

		if (!table)
			return -ENOMEM;
		f->cache[f->nr_cache++] = table;
	}
	return 0;
}

static void free_cache(struct tdp_fault *f)
{
	while (f->nr_cache)
		free_page((unsigned long)f->cache[--f->nr_cache]);
}

/* Get a reference on the page behind f->hva: 0, -EINTR, -ENOMEM, -EFAULT. */
static int lookup_page(struct tdp_fault *f)
{
	long r;

	f->writable = true;
	if (get_user_pages_fast_only(f->hva, 1, FOLL_WRITE, &f->page) == 1)
		return 0;
	r = get_user_pages_unlocked(f->hva, 1, &f->page, FOLL_WRITE | FOLL_HWPOISON);
	if (r == -EFAULT && !f->write) {
		f->writable = false;
		r = get_user_pages_unlocked(f->hva, 1, &f->page, FOLL_HWPOISON);
	}
	if (r == 1)
		return 0;
	if (r == -EHWPOISON) {
		/* As if userspace had touched it: the signal ends KVM_RUN. */
		send_sig_mceerr(BUS_MCEERR_AR, (void __user *)f->hva, PAGE_SHIFT, current);
		return -EINTR;
	}
	if (r == -EINTR || r == -ERESTARTSYS || fatal_signal_pending(current))
		return -EINTR;
	return r == -ENOMEM ? r : -EFAULT;
}

/* Does the host map the 2 MiB around f->hva by one entry, with the rights that we give? */
static bool host_maps_huge(const struct tdp_fault *f)
{
	struct mm_struct *mm = f->kvm->mm;
	kvm_pfn_t pfn = page_to_pfn(f->page) & ~(kvm_pfn_t)(TDP_ENTRIES - 1);
	unsigned long hva = f->hva & PMD_MASK;
	unsigned long flags;
	bool huge = false;
	pgd_t pgd;
	p4d_t p4d;
	pud_t pud;
	pmd_t pmd;

	/* Page tables are not freed under a CPU with IRQs off. */
	local_irq_save(flags);
	pgd = READ_ONCE(*pgd_offset(mm, hva));
	if (pgd_none(pgd))
		goto out;
	p4d = READ_ONCE(*p4d_offset(&pgd, hva));
	if (p4d_none(p4d) || !p4d_present(p4d))
		goto out;
	pud = READ_ONCE(*pud_offset(&p4d, hva));
	if (pud_none(pud) || !pud_present(pud))
		goto out;
	if (pud_leaf(pud)) {
		huge = pud_pfn(pud) + ((hva & ~PUD_MASK) >> PAGE_SHIFT) == pfn &&
		       (!f->writable || pud_write(pud));
		goto out;
	}
	pmd = READ_ONCE(*pmd_offset(&pud, hva));
	if (pmd_none(pmd) || !pmd_present(pmd) || !pmd_leaf(pmd))
		goto out;
	huge = pmd_pfn(pmd) == pfn && (!f->writable || pmd_write(pmd));
out:
	local_irq_restore(flags);
	return huge;
}

/* mmu_lock held, retry excluded: what the host maps now it maps until the notifier says. */
static int mapping_level(const struct tdp_fault *f)
{
	const struct kvm_memory_slot *slot = f->slot;
	gfn_t mask = tdp_span(2) - 1;
	gfn_t base = f->gfn & ~mask;

	if (tdp_format.max_level < 2)
		return 1;
	if ((slot->base_gfn ^ (slot->userspace_addr >> PAGE_SHIFT)) & mask)
		return 1;
	if (base < slot->base_gfn || base + tdp_span(2) > slot->base_gfn + slot->npages)
		return 1;
	return host_maps_huge(f) ? 2 : 1;
}

static u64 make_leaf(const struct tdp_fault *f, int level)
{
	const struct tdp_format *t = &tdp_format;
	kvm_pfn_t pfn = page_to_pfn(f->page) & ~(tdp_span(level) - 1);
	u64 leaf = t->present | t->user | t->exec | t->memtype | t->accessed;

	if (f->writable)
		leaf |= t->writable;
	/* Spare the processor a locked update of what is known already. */
	if (f->write)
		leaf |= t->dirty;
	if (level > 1)
		leaf |= t->large;
	return leaf | __sme_set(pfn << PAGE_SHIFT);
}

/* Does @entry already map f->gfn to f->page with all rights wanted? */
static bool maps_already(const struct tdp_fault *f, u64 entry, int level)
{
	return tdp_is_leaf(entry, level) &&
	       tdp_pfn(entry) + (f->gfn & (tdp_span(level) - 1)) == page_to_pfn(f->page) &&
	       (!f->writable || (entry & tdp_format.writable));
}

/*
 * mmu_lock held. The entry for f->gfn at @target, with tables above it made from
 * the cache. NULL: the cache is empty. A mapping in the way is removed, unless
 * it will do: then its entry is returned with its level in *level.
 */
static u64 *walk_to(struct tdp_fault *f, int target, int *level)
{
	u64 *table = f->mmu->root;
	u64 *sptep;
	LIST_HEAD(dead);

	for (*level = TDP_LEVELS;; --*level) {
		u64 entry;

		sptep = &table[tdp_index(f->gfn, *level)];
		if (*level == target)
			return sptep;
		entry = READ_ONCE(*sptep);
		if (tdp_is_table(entry, *level)) {
			table = tdp_table(entry);
			continue;
		}
		if (f->page && maps_already(f, entry, *level))
			return sptep;
		if (!f->nr_cache)
			return NULL;
		if (tdp_zap_entry(f->mmu, sptep, *level, &dead))
			tdp_free_dead(f->kvm, &dead);
		table = f->cache[--f->nr_cache];
		f->mmu->nr_pages++;
		WRITE_ONCE(*sptep, tdp_table_entry(table));
	}
}

/* Slots or address space changed since f was made. mmu_lock held. */
static bool fault_is_stale(const struct tdp_fault *f)
{
	if (rcu_access_pointer(f->kvm->memslots) != f->slots)
		return true;
	return f->page && mmu_invalidate_retry(f->kvm, f->seq, f->hva);
}

/* mmu_lock held. RET_PF_RETRY, or -EAGAIN when table pages are wanted. */
static int map_page(struct tdp_fault *f)
{
	int level = mapping_level(f);
	LIST_HEAD(dead);
	u64 *sptep;

	sptep = walk_to(f, level, &level);
	if (!sptep)
		return -EAGAIN;
	if (maps_already(f, READ_ONCE(*sptep), level))
		return RET_PF_RETRY;
	/* Small pages make way for a large one; read-only for writable. */
	if (tdp_zap_entry(f->mmu, sptep, level, &dead) || !list_empty(&dead))
		tdp_free_dead(f->kvm, &dead);
	WRITE_ONCE(*sptep, make_leaf(f, level));
	return RET_PF_RETRY;
}

/* mmu_lock held. RET_PF_EMULATE, or -EAGAIN when table pages are wanted. */
static int map_marker(struct tdp_fault *f)
{
	int level;
	u64 *sptep;

	sptep = walk_to(f, 1, &level);
	if (!sptep) {
		/* The guest must not grow tables all over its address space. */
		if (f->mmu->nr_pages >
		    MMIO_TABLE_PAGES + 2 * (READ_ONCE(f->kvm->nr_memslot_pages) / TDP_ENTRIES))
			return RET_PF_EMULATE;
		return -EAGAIN;
	}
	/* A mapping here is of a slot that is being deleted; it goes by itself. */
	if (!tdp_is_leaf(READ_ONCE(*sptep), 1))
		WRITE_ONCE(*sptep, tdp_format.mmio_value | f->gfn << PAGE_SHIFT);
	return RET_PF_EMULATE;
}

static int try_map(struct tdp_fault *f)
{
	int r;

	spin_lock(&f->kvm->mmu_lock);
	if (fault_is_stale(f))
		r = RET_PF_RETRY;
	else if (f->page)
		r = map_page(f);
	else
		r = map_marker(f);
	spin_unlock(&f->kvm->mmu_lock);
	return r;
}

/* Mostly the tables are there: allocate only when they turn out not to be. */
static int map(struct tdp_fault *f)
{
	int r = try_map(f);

	if (r == -EAGAIN) {
		r = fill_cache(f);
		/* A full cache is enough for every level. */
		if (!r)
			r = try_map(f);
		free_cache(f);
	}
	return r;
}

int tdp_page_fault(struct kvm_vcpu *vcpu, struct tdp_mmu *mmu, gpa_t gpa, u64 error_code)
{
	struct tdp_fault f = {
		.kvm = vcpu->kvm,
		.mmu = mmu,
		.gfn = gpa >> PAGE_SHIFT,
		.write = error_code & PFERR_WRITE_MASK,
	};
	int r;

	f.slots = kvm_memslots(f.kvm);
	f.slot = gfn_to_memslot(f.kvm, f.gfn);
	if (!f.slot) {
		if (!tdp_format.mmio_value || f.gfn >= TDP_MAX_GFN)
			return RET_PF_EMULATE;
		return map(&f);
	}

	f.hva = gfn_to_hva_memslot(f.slot, f.gfn);
	f.seq = READ_ONCE(f.kvm->mmu_invalidate_seq);
	/* Read the sequence before the page tables; mmu_lock orders the rest. */
	smp_rmb();
	r = lookup_page(&f);
	if (r)
		return r;
	r = map(&f);
	put_page(f.page);
	return r;
}
EXPORT_SYMBOL_GPL(tdp_page_fault);
