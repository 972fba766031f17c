// SPDX-License-Identifier: GPL-2.0-only
/*
 * A second-level fault: what the tables have already is mended under mmu_lock, what
 * the host's page tables have is mapped from there, and for the rest the host
 * faults the page in first.
 */
#include <linux/export.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>

#include "mmu/host.h"
#include "mmu/tdp.h"
#include "vm/arch.h"

/* More table pages than this, beside those for memory, are not spent on markers. */
#define MMIO_TABLE_PAGES	1024

/* One fault on its way. */
struct tdp_fault {
	struct kvm *kvm;
	struct tdp_mmu *mmu;
	struct kvm_vcpu_stat *stat;
	unsigned long generation;	/* of slots, before the fault was looked at */
	struct kvm_memory_slot *slot;
	gfn_t gfn;
	unsigned long hva;
	unsigned long seq;		/* mmu_invalidate_seq before the page was looked up */
	struct page *page;		/* NULL: look at the host's page tables */
	bool write;
	bool fetch;
	bool not_plain;			/* the host has the page, get_user_pages() may refuse it */
	/* Entries for gfn, by level, down to the lowest there is. Under mmu_lock. */
	u64 *sptep[TDP_LEVELS + 1];
	int level;
	/* Zeroed pages for tables, allocated outside of mmu_lock. */
	u64 *cache[TDP_LEVELS - 1];
	unsigned int nr_cache, nr_wanted;
};

static int fill_cache(struct tdp_fault *f)
{
	while (f->nr_cache < f->nr_wanted) {
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

static void find_entry(struct tdp_fault *f)
{
	u64 *table = f->mmu->root;
	int level;

	for (level = TDP_LEVELS;; level--) {
		u64 *sptep = &table[tdp_index(f->gfn, level)];
		u64 entry = READ_ONCE(*sptep);

		f->sptep[level] = sptep;
		if (!tdp_is_table(entry, level))
			break;
		table = tdp_table(entry);
	}
	f->level = level;
}

/* The large leaf at @sptep, of @level, becomes @table, which maps the same write-protected. */
static void split_leaf(struct tdp_fault *f, u64 *sptep, int level, u64 *table)
{
	u64 entry = READ_ONCE(*sptep);
	u64 child = entry & ~(tdp_format.writable | tdp_format.dirty);
	u64 old;
	int i;

	if (level == 2)
		child &= ~tdp_format.large;
	for (i = 0; i < TDP_ENTRIES; i++)
		table[i] = child + ((u64)i * tdp_span(level - 1) << PAGE_SHIFT);
	/* The processor sets accessed and dirty bits meanwhile. */
	old = xchg(sptep, tdp_table_entry(table));
	tdp_account_leaf(old);
	f->mmu->nr_leaves[level - 1]--;
	f->mmu->nr_leaves[level - 2] += TDP_ENTRIES;
	/* No TLB may have both sizes, nor a right to write that the small ones lack. */
	kvm_flush_remote_tlbs(f->kvm);
}

/* Make entries down to level @target: 0, or -EAGAIN when table pages are wanted. */
static int make_tables(struct tdp_fault *f, int target)
{
	while (f->level > target) {
		u64 *sptep = f->sptep[f->level];
		u64 entry = READ_ONCE(*sptep);
		u64 *table;

		if (!f->nr_cache) {
			f->nr_wanted = f->level - target;
			return -EAGAIN;
		}
		table = f->cache[--f->nr_cache];
		f->mmu->nr_pages++;
		if (tdp_is_leaf(entry, f->level))
			split_leaf(f, sptep, f->level, table);
		else
			WRITE_ONCE(*sptep, tdp_table_entry(table));
		f->level--;
		f->sptep[f->level] = &table[tdp_index(f->gfn, f->level)];
	}
	return 0;
}

/* Small leaves alone may be fetched from: RET_PF_RETRY or -EAGAIN. */
static int allow_fetch(struct tdp_fault *f)
{
	u64 *sptep, entry;
	int r = make_tables(f, 1);

	if (r)
		return r;
	sptep = f->sptep[1];
	entry = READ_ONCE(*sptep);
	while (!try_cmpxchg(sptep, &entry, entry | tdp_format.exec))
		;
	return RET_PF_RETRY;
}

/*
 * The leaf there is will do, or will with its right to write back, which a log took
 * and the host still gives: RET_PF_RETRY. -ENOENT: it will not; -EAGAIN.
 */
static int fix_leaf(struct tdp_fault *f)
{
	u64 *sptep = f->sptep[f->level];
	u64 entry = READ_ONCE(*sptep);
	int r;

	if (!tdp_is_leaf(entry, f->level))
		return -ENOENT;
	if (unlikely(f->fetch) && !(entry & tdp_format.exec) && tdp_format.nx_large)
		return allow_fetch(f);
	if (!f->write || (entry & tdp_format.writable))
		return RET_PF_RETRY;
	if (!(entry & TDP_HOST_WRITABLE))
		return -ENOENT;
	if (f->slot->dirty_bitmap) {
		r = make_tables(f, 1);
		if (r)
			return r;
		mark_page_dirty_in_slot(f->slot, f->gfn);
		sptep = f->sptep[1];
		entry = READ_ONCE(*sptep);
	}
	/* The processor may set the accessed bit meanwhile; nobody else writes without the lock. */
	while (!try_cmpxchg(sptep, &entry, entry | tdp_format.writable | tdp_format.dirty))
		;
	return RET_PF_RETRY;
}

/* A leaf for @gfn of the fault's slot; accessed is the caller's. */
static u64 make_leaf(const struct tdp_fault *f, gfn_t gfn, kvm_pfn_t pfn, int level,
		     bool host_writable, bool write)
{
	const struct tdp_format *t = &tdp_format;
	const struct kvm_memory_slot *slot = f->slot;
	u64 leaf = t->present | t->user | t->exec | t->memtype;

	if (level > 1) {
		leaf |= t->large;
		if (t->nx_large)
			leaf &= ~t->exec;
	}
	if (host_writable && !memslot_is_readonly(slot)) {
		leaf |= TDP_HOST_WRITABLE;
		/* Spare the processor a locked update of what is known already. */
		if (write)
			leaf |= t->writable | t->dirty;
		else if (!slot->dirty_bitmap || test_bit(gfn - slot->base_gfn, slot->dirty_bitmap))
			leaf |= t->writable;
	}
	return leaf | __sme_set((pfn & ~(tdp_span(level) - 1)) << PAGE_SHIFT);
}

/* Map the fault's frame to @pfn: RET_PF_RETRY or -EAGAIN. */
static int map_leaf(struct tdp_fault *f, kvm_pfn_t pfn, int level, bool host_writable)
{
	LIST_HEAD(dead);
	u64 leaf, old;
	u64 *sptep;
	int r;

	r = make_tables(f, level);
	if (r)
		return r;
	sptep = f->sptep[level];
	/* Small pages make way for a large one. */
	if (tdp_is_table(READ_ONCE(*sptep), level)) {
		tdp_zap_entry(f->mmu, sptep, level, &dead);
		tdp_free_dead(f->kvm, &dead);
	}
	if (f->write)
		mark_page_dirty_in_slot(f->slot, f->gfn);
	leaf = make_leaf(f, f->gfn, pfn, level, host_writable, f->write) | tdp_format.accessed;
	old = xchg(sptep, leaf);
	if (unlikely(tdp_is_leaf(old, level))) {
		tdp_account_leaf(old);
		/* More rights to the same page need no flush. */
		if (tdp_pfn(old) != tdp_pfn(leaf))
			kvm_flush_remote_tlbs(f->kvm);
	} else {
		f->mmu->nr_leaves[level - 1]++;
	}
	return RET_PF_RETRY;
}

int tdp_slot_level(const struct kvm_memory_slot *slot, gfn_t gfn)
{
	gfn_t mask = tdp_span(2) - 1;
	gfn_t base = gfn & ~mask;

	if (tdp_format.max_level < 2)
		return 1;
	if ((slot->base_gfn ^ (slot->userspace_addr >> PAGE_SHIFT)) & mask)
		return 1;
	if (base < slot->base_gfn || base + tdp_span(2) > slot->base_gfn + slot->npages)
		return 1;
	return 2;
}

/* Of a leaf for what the host maps by an entry of @host_level. A log wants small ones. */
static int leaf_level(const struct tdp_fault *f, int host_level)
{
	if (host_level < 2 || f->slot->dirty_bitmap)
		return 1;
	/* Code is there, or data beside code. */
	if (tdp_format.nx_large && (f->fetch || f->level == 1))
		return 1;
	return tdp_slot_level(f->slot, f->gfn);
}

/*
 * The host has the neighbours at hand: map them as well, not accessed, so that who
 * asks for idle pages sees those that the guest did not touch.
 */
static void map_around(const struct tdp_fault *f, const struct host_mapping *m)
{
	const struct kvm_memory_slot *slot = f->slot;
	u64 *sptep = f->sptep[1];
	unsigned int index = tdp_index(f->gfn, 1);
	unsigned int nr = 0;
	unsigned long pfn;
	bool writable;
	int i;

	for (i = 0; i < m->nr; i++) {
		int off = m->first + i;

		if ((unsigned int)(index + off) >= TDP_ENTRIES || READ_ONCE(sptep[off]) ||
		    !gfn_in_memslot(slot, f->gfn + off))
			continue;
		if (host_entry(m->around[i], &pfn, &writable) && host_page_is_plain(pfn)) {
			WRITE_ONCE(sptep[off], make_leaf(f, f->gfn + off, pfn, 1, writable, false));
			nr++;
		}
	}
	f->mmu->nr_leaves[0] += nr;
}

/*
 * Map what the host maps now: it does until the notifier says otherwise, which waits
 * for mmu_lock. RET_PF_RETRY, -EAGAIN, or -ENOENT: nothing that would do.
 */
static int map_from_host(struct tdp_fault *f)
{
	struct kvm *kvm = f->kvm;
	struct host_mapping m;
	bool around;
	int r;

	/* Without accessed bits, neighbours would look used. */
	around = tdp_format.accessed && !kvm->mmu_invalidate_in_progress;
	if (!host_lookup(kvm->mm, f->hva, around, &m) || (f->write && !m.writable))
		return -ENOENT;
	if (!host_page_is_plain(m.pfn)) {
		f->not_plain = true;
		return -ENOENT;
	}
	r = map_leaf(f, m.pfn, leaf_level(f, m.level), m.writable);
	if (r == RET_PF_RETRY && m.nr)
		map_around(f, &m);
	return r;
}

/* The page that was looked up, as large and as writable as the host maps it by now. */
static int map_page(struct tdp_fault *f)
{
	kvm_pfn_t pfn = page_to_pfn(f->page);
	bool writable = f->write;
	struct host_mapping m;
	int level = 1;

	if (host_lookup(f->kvm->mm, f->hva, false, &m) && m.pfn == pfn) {
		writable |= m.writable;
		if (writable == m.writable)
			level = leaf_level(f, m.level);
	}
	return map_leaf(f, pfn, level, writable);
}

/* mmu_lock held, slots as they were. enum tdp_fault_result, -EAGAIN or -ENOENT. */
static int map_memory(struct tdp_fault *f)
{
	int r;

	if (f->page) {
		if (mmu_invalidate_retry(f->kvm, f->seq, f->hva))
			return RET_PF_RETRY;
	} else if (mmu_invalidate_in_progress(f->kvm, f->hva)) {
		return RET_PF_RETRY;
	}
	find_entry(f);
	r = fix_leaf(f);
	if (r != -ENOENT)
		return r;
	return f->page ? map_page(f) : map_from_host(f);
}

/* mmu_lock held. RET_PF_EMULATE, or -EAGAIN when table pages are wanted. */
static int map_marker(struct tdp_fault *f)
{
	find_entry(f);
	/* A mapping here is of a slot that is being deleted; it goes by itself. */
	if (tdp_is_leaf(READ_ONCE(*f->sptep[f->level]), f->level))
		return RET_PF_EMULATE;
	if (make_tables(f, 1)) {
		/* The guest must not grow tables all over its address space. */
		if (f->mmu->nr_pages >
		    MMIO_TABLE_PAGES + 2 * (READ_ONCE(f->kvm->nr_memslot_pages) / TDP_ENTRIES))
			return RET_PF_EMULATE;
		return -EAGAIN;
	}
	/* No address: with L1TF the guest would choose what of the L1 data cache it reads. */
	WRITE_ONCE(*f->sptep[1], tdp_format.mmio_value);
	f->stat->pf_mmio_spte_created++;
	return RET_PF_EMULATE;
}

/* mmu_lock held. The frame has a page of ours: RET_PF_RETRY, or -EAGAIN. */
static int map_own(struct tdp_fault *f, struct page *page)
{
	const struct tdp_format *t = &tdp_format;

	find_entry(f);
	/* That of a slot which is being deleted goes by itself. */
	if (tdp_is_leaf(READ_ONCE(*f->sptep[f->level]), f->level))
		return RET_PF_RETRY;
	if (make_tables(f, 1))
		return -EAGAIN;
	WRITE_ONCE(*f->sptep[1], t->present | t->writable | t->user | t->exec | t->memtype |
		   t->accessed | t->dirty | __sme_set((u64)page_to_pfn(page) << PAGE_SHIFT));
	f->mmu->nr_leaves[0]++;
	return RET_PF_RETRY;
}

/* mmu_lock held, no slot. As map_own() or map_marker(). */
static int map_no_slot(struct tdp_fault *f)
{
	struct page *page = tdp_own_page_at(f->mmu, f->gfn);

	if (unlikely(page))
		return map_own(f, page);
	return tdp_format.mmio_value ? map_marker(f) : RET_PF_EMULATE;
}

static int try_map(struct tdp_fault *f)
{
	int r;

	spin_lock(&f->kvm->mmu_lock);
	if (f->kvm->memslots_generation != f->generation)
		r = RET_PF_RETRY;
	else if (f->slot)
		r = map_memory(f);
	else
		r = map_no_slot(f);
	spin_unlock(&f->kvm->mmu_lock);
	return r;
}

/* Mostly the tables are there: allocate only when they turn out not to be. */
static int map(struct tdp_fault *f)
{
	int r = try_map(f);

	if (r == -EAGAIN) {
		r = fill_cache(f);
		if (!r)
			r = try_map(f);
		free_cache(f);
		/* Others unmapped tables meanwhile, so that more are wanted now: fault again. */
		if (r == -EAGAIN)
			r = RET_PF_RETRY;
	}
	return r;
}

/* Get a reference on the page behind f->hva: 0, -EINTR, -ENOMEM, -EFAULT. */
static int lookup_page(struct tdp_fault *f)
{
	unsigned int flags = f->write ? FOLL_WRITE : 0;
	long r;

	if (f->not_plain && get_user_pages_fast_only(f->hva, 1, flags, &f->page) == 1)
		return 0;
	r = get_user_pages_unlocked(f->hva, 1, &f->page, flags | FOLL_HWPOISON);
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

int tdp_page_fault(struct kvm_vcpu *vcpu, struct tdp_mmu *mmu, gpa_t gpa, u64 error_code)
{
	struct tdp_fault f;
	int r;

	f.kvm = vcpu->kvm;
	f.mmu = mmu;
	f.stat = &vcpu->stat;
	f.gfn = gpa >> PAGE_SHIFT;
	f.write = error_code & PFERR_WRITE_MASK;
	f.fetch = error_code & PFERR_FETCH_MASK;
	f.page = NULL;
	f.not_plain = false;
	f.nr_cache = 0;
	f.generation = kvm_memslots_generation(f.kvm);
	f.slot = gfn_to_memslot(f.kvm, f.gfn);
	if (!f.slot) {
		if (f.gfn >= TDP_MAX_GFN ||
		    (!tdp_format.mmio_value && !READ_ONCE(mmu->has_own)))
			return RET_PF_EMULATE;
		return map(&f);
	}
	if (f.write && memslot_is_readonly(f.slot))
		return RET_PF_EMULATE;

	f.hva = gfn_to_hva_memslot(f.slot, f.gfn);
	r = map(&f);
	if (r != -ENOENT)
		return r;

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
