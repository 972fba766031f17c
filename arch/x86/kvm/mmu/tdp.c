// SPDX-License-Identifier: GPL-2.0-only
/*
 * Second-level page tables: the tables themselves, zapping, ageing. No reference
 * is held on mapped pages: the notifier removes a mapping before its page goes.
 */
#include <linux/bitops.h>
#include <linux/export.h>
#include <linux/mm.h>
#include <linux/page-flags.h>
#include <linux/sched.h>
#include <linux/swap.h>

#include "mmu/tdp.h"
#include "vm/arch.h"

struct tdp_format tdp_format __read_mostly;

void tdp_mmu_setup(const struct tdp_format *format)
{
	tdp_format = *format;
}
EXPORT_SYMBOL_GPL(tdp_mmu_setup);

bool tdp_mmu_logs_dirty(void)
{
	return tdp_format.logs_dirty;
}

int tdp_mmu_init(struct kvm *kvm, struct tdp_mmu *mmu)
{
	mmu->root = (u64 *)get_zeroed_page(GFP_KERNEL_ACCOUNT);
	if (!mmu->root)
		return -ENOMEM;
	mmu->root_hpa = __sme_set(__pa(mmu->root));
	mmu->nr_pages = 1;
	mmu->nr_leaves = kvm->stat.pages;
	return 0;
}

static void free_tables(u64 *table, int level)
{
	int i;

	for (i = 0; level > 1 && i < TDP_ENTRIES; i++)
		if (tdp_is_table(table[i], level))
			free_tables(tdp_table(table[i]), level - 1);
	free_page((unsigned long)table);
	cond_resched();
}

void tdp_mmu_destroy(struct kvm *kvm, struct tdp_mmu *mmu)
{
	if (mmu->root)
		free_tables(mmu->root, TDP_LEVELS);
	tdp_free_own_pages(mmu);
	mmu->root = NULL;
	mmu->nr_pages = 0;
}

void tdp_account_leaf(u64 entry)
{
	struct page *page = pfn_to_page(tdp_pfn(entry));

	if (PageReserved(page))
		return;
	/* Without hardware's bits, assume the worst. */
	if (!tdp_format.accessed || (entry & tdp_format.accessed))
		mark_page_accessed(page);
	if (entry & tdp_dirty_bits())
		SetPageDirty(page);
}

/* Empty entries [from, to) of a level-1 table. True: a mapping went. */
static bool zap_leaves(struct tdp_mmu *mmu, u64 *table, unsigned int from, unsigned int to)
{
	unsigned int nr = 0;
	u64 old;

	for (; from < to; from++) {
		if (!READ_ONCE(table[from]))
			continue;
		/* The processor sets accessed and dirty bits meanwhile. */
		old = xchg(&table[from], 0);
		if (tdp_is_leaf(old, 1)) {
			tdp_account_leaf(old);
			nr++;
		}
	}
	mmu->nr_leaves[0] -= nr;
	return nr;
}

bool tdp_zap_entry(struct tdp_mmu *mmu, u64 *sptep, int level, struct list_head *dead)
{
	u64 old = xchg(sptep, 0);
	u64 *table;

	if (tdp_is_table(old, level)) {
		table = tdp_table(old);
		list_add(&virt_to_page(table)->lru, dead);
		mmu->nr_pages--;
		return zap_leaves(mmu, table, 0, TDP_ENTRIES);
	}
	if (!tdp_is_leaf(old, level))
		return false;
	mmu->nr_leaves[level - 1]--;
	tdp_account_leaf(old);
	return true;
}

void tdp_free_dead(struct kvm *kvm, struct list_head *dead)
{
	struct page *page, *next;

	kvm_flush_remote_tlbs(kvm);
	list_for_each_entry_safe(page, next, dead, lru) {
		list_del(&page->lru);
		__free_page(page);
	}
}

u64 *tdp_level2(struct tdp_mmu *mmu, gfn_t gfn, gfn_t *next)
{
	u64 *table = mmu->root;
	int level;

	for (level = TDP_LEVELS; level > 2; level--) {
		u64 entry = READ_ONCE(table[tdp_index(gfn, level)]);

		if (!tdp_is_table(entry, level))
			break;
		table = tdp_table(entry);
	}
	*next = (gfn | (tdp_span(level) - 1)) + 1;
	return level == 2 ? &table[tdp_index(gfn, 2)] : NULL;
}

/* Zap [start, end), which is within the span of @sptep, a level-2 entry. */
static bool zap_level2(struct tdp_mmu *mmu, u64 *sptep, gfn_t start, gfn_t end,
		       struct list_head *dead)
{
	u64 entry = READ_ONCE(*sptep);
	unsigned int from;

	if (!entry)
		return false;
	if (!tdp_is_table(entry, 2) || end - start == tdp_span(2))
		return tdp_zap_entry(mmu, sptep, 2, dead);
	from = tdp_index(start, 1);
	return zap_leaves(mmu, tdp_table(entry), from, from + (end - start));
}

bool tdp_mmu_zap_range(struct kvm *kvm, struct tdp_mmu *mmu, gfn_t start, gfn_t end, bool can_yield)
{
	LIST_HEAD(dead);
	bool flush = false;
	gfn_t gfn, next;
	u64 *sptep;

	lockdep_assert_held(&kvm->mmu_lock);
	end = min_t(gfn_t, end, TDP_MAX_GFN);
	for (gfn = start; gfn < end; gfn = next) {
		sptep = tdp_level2(mmu, gfn, &next);
		next = min(next, end);
		if (sptep)
			flush |= zap_level2(mmu, sptep, gfn, next, &dead);

		if (can_yield && (need_resched() || spin_needbreak(&kvm->mmu_lock))) {
			/* Who gets the lock takes an empty entry for one that no TLB has. */
			if (flush || !list_empty(&dead))
				tdp_free_dead(kvm, &dead);
			flush = false;
			cond_resched_lock(&kvm->mmu_lock);
		}
	}
	if (!list_empty(&dead)) {
		tdp_free_dead(kvm, &dead);
		flush = false;
	}
	return flush;
}
EXPORT_SYMBOL_GPL(tdp_mmu_zap_range);

static bool age_entry(u64 *sptep, int level, bool clear)
{
	u64 entry = READ_ONCE(*sptep);

	if (!tdp_is_leaf(entry, level))
		return false;
	if (!tdp_format.accessed)
		return true;
	if (!(entry & tdp_format.accessed))
		return false;
	if (clear)
		clear_bit(__ffs64(tdp_format.accessed), (unsigned long *)sptep);
	return true;
}

bool tdp_mmu_age_range(struct kvm *kvm, struct tdp_mmu *mmu, gfn_t start, gfn_t end, bool clear)
{
	bool young = false;
	gfn_t gfn, next;
	u64 *sptep;

	lockdep_assert_held(&kvm->mmu_lock);
	end = min_t(gfn_t, end, TDP_MAX_GFN);
	for (gfn = start; gfn < end; gfn = next) {
		sptep = tdp_level2(mmu, gfn, &next);
		if (!sptep)
			continue;
		if (!tdp_is_table(READ_ONCE(*sptep), 2)) {
			young |= age_entry(sptep, 2, clear);
			continue;
		}
		next = min(next, end);
		sptep = tdp_table(READ_ONCE(*sptep));
		for (; gfn < next; gfn++)
			young |= age_entry(&sptep[tdp_index(gfn, 1)], 1, clear);
	}
	/* Without an accessed bit, the next access tells by its fault. */
	if (young && clear && !tdp_format.accessed && tdp_mmu_zap_range(kvm, mmu, start, end, false))
		kvm_flush_remote_tlbs(kvm);
	return young;
}
EXPORT_SYMBOL_GPL(tdp_mmu_age_range);
