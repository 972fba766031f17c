// SPDX-License-Identifier: GPL-2.0-only
/*
 * Second-level page tables for a dirty log: take the right to write away, and
 * make large mappings again when the log has ended.
 */
#include <linux/bitops.h>
#include <linux/export.h>
#include <linux/mm.h>
#include <linux/page-flags.h>
#include <linux/sched.h>

#include "mmu/host.h"
#include "mmu/tdp.h"
#include "vm/arch.h"

/* Write-protect the leaf at @sptep: the processor sets accessed and dirty bits meanwhile. */
static __always_inline bool protect_leaf(u64 *sptep, int level)
{
	u64 entry = READ_ONCE(*sptep);

	/* No marker and no table has to be told apart: a marker is never writable. */
	if (!(entry & tdp_format.writable) || (level > 1 && !tdp_is_leaf(entry, level)))
		return false;
	clear_bit(__ffs64(tdp_format.writable), (unsigned long *)sptep);
	if (unlikely(!tdp_format.dirty))
		tdp_account_leaf(entry);
	return true;
}

/* Protect [start, end), which is within the span of @sptep, a level-2 entry. */
static bool protect_level2(u64 *sptep, gfn_t start, gfn_t end)
{
	u64 entry = READ_ONCE(*sptep);
	bool flush = false;
	u64 *leaf, *last;

	if (!tdp_is_table(entry, 2))
		return protect_leaf(sptep, 2);
	leaf = tdp_table(entry) + tdp_index(start, 1);
	for (last = leaf + (end - start); leaf < last; leaf++)
		flush |= protect_leaf(leaf, 1);
	return flush;
}

bool tdp_mmu_write_protect_range(struct kvm *kvm, struct tdp_mmu *mmu, gfn_t start, gfn_t end)
{
	bool flush = false;
	gfn_t gfn, next;
	u64 *sptep;

	lockdep_assert_held(&kvm->mmu_lock);
	end = min_t(gfn_t, end, TDP_MAX_GFN);
	for (gfn = start; gfn < end; gfn = next) {
		sptep = tdp_level2(mmu, gfn, &next);
		next = min(next, end);
		if (sptep)
			flush |= protect_level2(sptep, gfn, next);
		if (need_resched() || spin_needbreak(&kvm->mmu_lock))
			cond_resched_lock(&kvm->mmu_lock);
	}
	return flush;
}
EXPORT_SYMBOL_GPL(tdp_mmu_write_protect_range);

/* Have the processor log the next write, which it does as it sets the dirty bit anew. */
static bool clean_leaf(u64 *sptep)
{
	const u64 written = tdp_format.present | tdp_format.writable | tdp_format.dirty;
	u64 entry = READ_ONCE(*sptep);
	struct page *page;

	if ((entry & written) != written)
		return false;
	clear_bit(__ffs64(tdp_format.dirty), (unsigned long *)sptep);
	page = pfn_to_page(tdp_pfn(entry));
	if (!PageReserved(page))
		SetPageDirty(page);
	return true;
}

/* Pages of @mask, bit 0 is @gfn; all in one level-1 table, and logged by the processor. */
static bool clean_table(u64 *table, gfn_t gfn, unsigned long mask)
{
	u64 *leaf = table + tdp_index(gfn, 1);
	bool flush = false;

	for (; mask; mask &= mask - 1)
		flush |= clean_leaf(leaf + __ffs(mask));
	return flush;
}

/* Pages of @mask, bit 0 is @gfn; all in one level-1 table. */
static bool protect_table(u64 *table, gfn_t gfn, unsigned long mask)
{
	u64 *leaf = table + tdp_index(gfn, 1);
	bool flush = false;

	if (!~mask) {
		u64 *last = leaf + BITS_PER_LONG;

		for (; leaf < last; leaf++)
			flush |= protect_leaf(leaf, 1);
		return flush;
	}
	for (; mask; mask &= mask - 1)
		flush |= protect_leaf(leaf + __ffs(mask), 1);
	return flush;
}

bool tdp_mmu_write_protect_masked(struct kvm *kvm, struct tdp_mmu *mmu, gfn_t gfn,
				  unsigned long mask)
{
	bool flush = false;

	lockdep_assert_held(&kvm->mmu_lock);
	while (mask) {
		unsigned int first = __ffs(mask);
		unsigned long part;
		gfn_t next;
		u64 *sptep;
		u64 entry;

		if (gfn + first >= TDP_MAX_GFN)
			break;
		sptep = tdp_level2(mmu, gfn + first, &next);
		/* The pages that this entry has, or that are missing with it. */
		part = next - gfn < BITS_PER_LONG ? mask & (BIT(next - gfn) - 1) : mask;
		mask &= ~part;
		if (!sptep)
			continue;
		entry = READ_ONCE(*sptep);
		if (tdp_is_table(entry, 2) && tdp_format.logs_dirty)
			flush |= clean_table(tdp_table(entry), gfn + first, part >> first);
		else if (tdp_is_table(entry, 2))
			flush |= protect_table(tdp_table(entry), gfn + first, part >> first);
		else
			flush |= protect_leaf(sptep, 2);
	}
	return flush;
}
EXPORT_SYMBOL_GPL(tdp_mmu_write_protect_masked);

/* Would a fault at @gfn, the first of 2 MiB, map them by one entry now? */
static bool could_be_huge(struct kvm *kvm, const struct kvm_memory_slot *slot, gfn_t gfn)
{
	unsigned long hva = gfn_to_hva_memslot(slot, gfn);
	struct host_mapping m;

	if (tdp_slot_level(slot, gfn) < 2)
		return false;
	/* What is true of the tables is not needed for longer than now: no look at the notifier. */
	return host_lookup(kvm->mm, hva, false, &m) && m.level >= 2;
}

void tdp_mmu_collapse_slot(struct kvm *kvm, struct tdp_mmu *mmu, const struct kvm_memory_slot *slot)
{
	gfn_t end = min_t(gfn_t, slot->base_gfn + slot->npages, TDP_MAX_GFN);
	LIST_HEAD(dead);
	gfn_t gfn, next;
	u64 *sptep;

	spin_lock(&kvm->mmu_lock);
	for (gfn = round_up(slot->base_gfn, tdp_span(2)); gfn + tdp_span(2) <= end; gfn = next) {
		sptep = tdp_level2(mmu, gfn, &next);
		if (sptep && tdp_is_table(READ_ONCE(*sptep), 2) && could_be_huge(kvm, slot, gfn))
			tdp_zap_entry(mmu, sptep, 2, &dead);
		if (need_resched() || spin_needbreak(&kvm->mmu_lock)) {
			/* Who gets the lock takes an empty entry for one that no TLB has. */
			if (!list_empty(&dead))
				tdp_free_dead(kvm, &dead);
			cond_resched_lock(&kvm->mmu_lock);
		}
	}
	if (!list_empty(&dead))
		tdp_free_dead(kvm, &dead);
	spin_unlock(&kvm->mmu_lock);
}
EXPORT_SYMBOL_GPL(tdp_mmu_collapse_slot);
