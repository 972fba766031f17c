/* SPDX-License-Identifier: GPL-2.0-only */
/* Private to mmu/: second-level entries; tdp.c has the tables, tdp_fault.c fills them. */
#ifndef KVM_MMU_TDP_H
#define KVM_MMU_TDP_H

#include <linux/bits.h>
#include <linux/mem_encrypt.h>

#include "mmu/mmu.h"

#define TDP_LEVELS		4
#define TDP_ENTRIES		512
#define TDP_MAX_GFN		BIT_ULL(KVM_MAX_GPA_BITS - PAGE_SHIFT)
#define TDP_ADDR_MASK		GENMASK_ULL(51, PAGE_SHIFT)
/* Ignored by the processor: the host's mapping is writable, so that this one may become so. */
#define TDP_HOST_WRITABLE	BIT_ULL(11)

extern struct tdp_format tdp_format;

/* Frames that an entry of @level spans. */
static inline gfn_t tdp_span(int level)
{
	return 1ULL << (9 * (level - 1));
}

static inline unsigned int tdp_index(gfn_t gfn, int level)
{
	return (gfn >> (9 * (level - 1))) & (TDP_ENTRIES - 1);
}

/* A marker has a bit that no mapping has, or (EPT) lacks the present bit. */
static inline bool tdp_is_mmio(u64 entry)
{
	u64 value = tdp_format.mmio_value;

	return value && (entry & (value | tdp_format.present)) == value;
}

static inline bool tdp_is_table(u64 entry, int level)
{
	return level > 1 && (entry & tdp_format.present) && !(entry & tdp_format.large);
}

static inline bool tdp_is_leaf(u64 entry, int level)
{
	return (entry & tdp_format.present) && !tdp_is_mmio(entry) && !tdp_is_table(entry, level);
}

static inline kvm_pfn_t tdp_pfn(u64 entry)
{
	return (__sme_clr(entry) & TDP_ADDR_MASK) >> PAGE_SHIFT;
}

static inline u64 *tdp_table(u64 entry)
{
	return __va(tdp_pfn(entry) << PAGE_SHIFT);
}

static inline u64 tdp_table_entry(const u64 *table)
{
	return __sme_set(__pa(table)) | tdp_format.table;
}

/* Bits that mean a write through a leaf. Without hardware's, assume the worst. */
static inline u64 tdp_dirty_bits(void)
{
	return tdp_format.dirty ?: tdp_format.writable;
}

/*
 * mmu_lock held. The level-2 entry for @gfn, or NULL when a table above is
 * missing. *next is the first frame beyond it, or beyond what is missing.
 */
u64 *tdp_level2(struct tdp_mmu *mmu, gfn_t gfn, gfn_t *next);

/* mmu_lock held. What the guest did through @entry is the page's from now on. */
void tdp_account_leaf(u64 entry);

/*
 * Highest level of a leaf for @gfn that keeps inside @slot, its user addresses being
 * as aligned as its frames: 1 or 2.
 */
int tdp_slot_level(const struct kvm_memory_slot *slot, gfn_t gfn);

/*
 * mmu_lock held. Remove what @sptep of @level holds: mappings' accessed and dirty
 * bits go to their pages, a level-2 entry's table goes to @dead, to be freed by
 * tdp_free_dead(). True: a mapping went, flush TLBs.
 */
bool tdp_zap_entry(struct tdp_mmu *mmu, u64 *sptep, int level, struct list_head *dead);

/* tdp_own.c. mmu_lock held. The page of ours at @gfn, or NULL. */
struct page *tdp_own_page_at(const struct tdp_mmu *mmu, gfn_t gfn);
void tdp_free_own_pages(struct tdp_mmu *mmu);	/* no vCPU runs */

/* mmu_lock held. Flush TLBs, after which nobody walks the tables in @dead: free them. */
void tdp_free_dead(struct kvm *kvm, struct list_head *dead);

#endif
