// SPDX-License-Identifier: GPL-2.0-only
/*
 * What happens to the creator's address space happens to second-level mappings,
 * which hold no reference on pages.
 */
#include <linux/interval_tree.h>
#include <linux/mmu_notifier.h>
#include <linux/sched.h>

#include "vm/arch.h"
#include "vm/fd.h"

static struct kvm *mn_to_kvm(struct mmu_notifier *mn)
{
	return container_of(mn, struct kvm, mmu_notifier);
}

/* Slots that user addresses [start, end) back; mmu_lock held. */
#define for_each_slot_in_hva_range(node, kvm, start, end)			\
	for (node = interval_tree_iter_first(&(kvm)->hva_tree, start, (end) - 1); node;	\
	     node = interval_tree_iter_next(node, start, (end) - 1))

/* The frames of @node's slot that user addresses [start, end) back: some. */
static void hva_range_to_gfn(const struct interval_tree_node *node, unsigned long start,
			     unsigned long end, gfn_t *gfn_start, gfn_t *gfn_end)
{
	const struct kvm_memory_slot *slot = container_of(node, struct kvm_memory_slot, hva_node);
	unsigned long base = slot->userspace_addr;

	start = max(start, base);
	end = min(end, base + (slot->npages << PAGE_SHIFT));
	*gfn_start = slot->base_gfn + ((start - base) >> PAGE_SHIFT);
	*gfn_end = slot->base_gfn + ((end - base + PAGE_SIZE - 1) >> PAGE_SHIFT);
}

/* User addresses unmapped between two looks at who waits for mmu_lock. */
#define UNMAP_STEP	(32UL << 20)

/* mmu_lock held. */
static bool unmap_step(struct kvm *kvm, unsigned long start, unsigned long end)
{
	struct interval_tree_node *node;
	gfn_t gfn_start, gfn_end;
	bool flush = false;

	for_each_slot_in_hva_range(node, kvm, start, end) {
		hva_range_to_gfn(node, start, end, &gfn_start, &gfn_end);
		flush |= kvm_arch_unmap_gfn_range(kvm, gfn_start, gfn_end);
	}
	return flush;
}

/*
 * mmu_lock held, dropped and retaken if @can_yield: what is unmapped stays so, as the
 * invalidation is in progress. Slots may come and go meanwhile: look for them anew.
 */
static void unmap_hva_range(struct kvm *kvm, unsigned long start, unsigned long end,
			    bool can_yield)
{
	struct interval_tree_node *node;
	unsigned long next;
	bool flush = false;

	for (; start < end; start = next) {
		node = interval_tree_iter_first(&kvm->hva_tree, start, end - 1);
		if (!node)
			break;
		start = max(start, node->start);
		next = min(end, ALIGN_DOWN(start, UNMAP_STEP) + UNMAP_STEP);
		flush |= unmap_step(kvm, start, next);
		if (can_yield && (need_resched() || spin_needbreak(&kvm->mmu_lock))) {
			/* Who gets the lock takes an empty entry for one that no TLB has. */
			if (flush)
				kvm_flush_remote_tlbs(kvm);
			flush = false;
			cond_resched_lock(&kvm->mmu_lock);
		}
	}
	if (flush)
		kvm_flush_remote_tlbs(kvm);
}

static int kvm_mn_invalidate_range_start(struct mmu_notifier *mn,
					 const struct mmu_notifier_range *range)
{
	struct kvm *kvm = mn_to_kvm(mn);

	spin_lock(&kvm->mmu_lock);
	/* From here to _end(), faults on these addresses map nothing. */
	if (!kvm->mmu_invalidate_in_progress++) {
		kvm->mmu_invalidate_start = range->start;
		kvm->mmu_invalidate_end = range->end;
	} else {
		kvm->mmu_invalidate_start = min(kvm->mmu_invalidate_start, range->start);
		kvm->mmu_invalidate_end = max(kvm->mmu_invalidate_end, range->end);
	}
	unmap_hva_range(kvm, range->start, range->end, mmu_notifier_range_blockable(range));
	spin_unlock(&kvm->mmu_lock);
	return 0;
}

static void kvm_mn_invalidate_range_end(struct mmu_notifier *mn,
					const struct mmu_notifier_range *range)
{
	struct kvm *kvm = mn_to_kvm(mn);

	spin_lock(&kvm->mmu_lock);
	/* A fault that looked its page up before now has a stale page. */
	WRITE_ONCE(kvm->mmu_invalidate_seq, kvm->mmu_invalidate_seq + 1);
	kvm->mmu_invalidate_in_progress--;
	spin_unlock(&kvm->mmu_lock);
}

static bool age_hva_range(struct kvm *kvm, unsigned long start, unsigned long end, bool clear,
			  bool flush)
{
	struct interval_tree_node *node;
	gfn_t gfn_start, gfn_end;
	bool young = false;

	spin_lock(&kvm->mmu_lock);
	for_each_slot_in_hva_range(node, kvm, start, end) {
		hva_range_to_gfn(node, start, end, &gfn_start, &gfn_end);
		young |= kvm_arch_test_age_gfn_range(kvm, gfn_start, gfn_end, clear);
	}
	if (young && flush)
		kvm_flush_remote_tlbs(kvm);
	spin_unlock(&kvm->mmu_lock);
	return young;
}

static int kvm_mn_clear_flush_young(struct mmu_notifier *mn, struct mm_struct *mm,
				    unsigned long start, unsigned long end)
{
	return age_hva_range(mn_to_kvm(mn), start, end, true, true);
}

static int kvm_mn_clear_young(struct mmu_notifier *mn, struct mm_struct *mm,
			      unsigned long start, unsigned long end)
{
	/* Too old an accessed bit in some TLB makes a page look idle at worst. */
	return age_hva_range(mn_to_kvm(mn), start, end, true, false);
}

static int kvm_mn_test_young(struct mmu_notifier *mn, struct mm_struct *mm,
			     unsigned long address)
{
	return age_hva_range(mn_to_kvm(mn), address, address + PAGE_SIZE, false, false);
}

static void kvm_mn_release(struct mmu_notifier *mn, struct mm_struct *mm)
{
	struct kvm *kvm = mn_to_kvm(mn);
	int idx = srcu_read_lock(&kvm->srcu);

	kvm_arch_flush_shadow_all(kvm);
	srcu_read_unlock(&kvm->srcu, idx);
}

static const struct mmu_notifier_ops kvm_mmu_notifier_ops = {
	.invalidate_range_start	= kvm_mn_invalidate_range_start,
	.invalidate_range_end	= kvm_mn_invalidate_range_end,
	.clear_flush_young	= kvm_mn_clear_flush_young,
	.clear_young		= kvm_mn_clear_young,
	.test_young		= kvm_mn_test_young,
	.release		= kvm_mn_release,
};

int kvm_mmu_notifier_register(struct kvm *kvm)
{
	kvm->mmu_notifier.ops = &kvm_mmu_notifier_ops;
	return mmu_notifier_register(&kvm->mmu_notifier, current->mm);
}
