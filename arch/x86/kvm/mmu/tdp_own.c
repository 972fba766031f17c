// SPDX-License-Identifier: GPL-2.0-only
/* Pages of our own in a guest's memory, where userspace has none. */
#include <linux/export.h>
#include <linux/mm.h>

#include "mmu/tdp.h"
#include "vm/arch.h"

struct page *tdp_own_page_at(const struct tdp_mmu *mmu, gfn_t gfn)
{
	int i;

	if (likely(!mmu->has_own))
		return NULL;
	for (i = 0; i < TDP_NR_OWN_PAGES; i++)
		if (mmu->own[i].page && mmu->own[i].gfn == gfn)
			return mmu->own[i].page;
	return NULL;
}

/* mmu_lock held. Memory of a slot goes as well, and comes back by a fault. */
static void zap_frame(struct kvm *kvm, struct tdp_mmu *mmu, gfn_t gfn)
{
	if (tdp_mmu_zap_range(kvm, mmu, gfn, gfn + 1, false))
		kvm_flush_remote_tlbs(kvm);
}

/* mmu_lock held: from here on nothing but the table decides what is at either frame. */
static void change_own(struct kvm *kvm, struct tdp_mmu *mmu, enum tdp_own_page which, gfn_t gfn,
		       struct page *page)
{
	gfn_t old_gfn = mmu->own[which].gfn;
	bool had = mmu->own[which].page;

	mmu->own[which].gfn = gfn;
	mmu->own[which].page = page;
	if (page)
		WRITE_ONCE(mmu->has_own, true);
	if (had)
		zap_frame(kvm, mmu, old_gfn);
	zap_frame(kvm, mmu, gfn);
}

void tdp_mmu_set_own_page(struct kvm *kvm, struct tdp_mmu *mmu, enum tdp_own_page which,
			  gfn_t gfn, struct page *page)
{
	struct page *old;

	spin_lock(&kvm->mmu_lock);
	old = mmu->own[which].page;
	change_own(kvm, mmu, which, gfn, page);
	spin_unlock(&kvm->mmu_lock);
	/* No table and no TLB has it any more. */
	if (old && old != page)
		__free_page(old);
}
EXPORT_SYMBOL_GPL(tdp_mmu_set_own_page);

void tdp_mmu_move_own_page(struct kvm *kvm, struct tdp_mmu *mmu, enum tdp_own_page which,
			   gfn_t gfn)
{
	spin_lock(&kvm->mmu_lock);
	if (mmu->own[which].page && mmu->own[which].gfn != gfn)
		change_own(kvm, mmu, which, gfn, mmu->own[which].page);
	spin_unlock(&kvm->mmu_lock);
}
EXPORT_SYMBOL_GPL(tdp_mmu_move_own_page);

void tdp_free_own_pages(struct tdp_mmu *mmu)
{
	int i;

	for (i = 0; i < TDP_NR_OWN_PAGES; i++) {
		if (mmu->own[i].page)
			__free_page(mmu->own[i].page);
		mmu->own[i].page = NULL;
	}
}
