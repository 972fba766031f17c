// SPDX-License-Identifier: GPL-2.0-only
/*
 * The log of pages that a slot's users wrote: one bit a page, and as much room
 * again for the copy that userspace is given. Bits are set without a lock;
 * whoever clears one holds mmu_lock and write-protects the page's mapping.
 */
#include <linux/bitmap.h>
#include <linux/bitops.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "vm/arch.h"
#include "vm/fd.h"

/* Of the log, between two looks at who waits for mmu_lock. */
#define BLOCK_LONGS	256UL

static unsigned long bitmap_longs(unsigned long npages)
{
	return BITS_TO_LONGS(npages);
}

bool kvm_dirty_log_starts_clean(struct kvm *kvm)
{
	return !(kvm->manual_dirty_log & KVM_DIRTY_LOG_INITIALLY_SET);
}

unsigned long *kvm_alloc_dirty_bitmap(struct kvm *kvm, unsigned long npages)
{
	unsigned long *bitmap;

	bitmap = kvcalloc(2 * bitmap_longs(npages), sizeof(long), GFP_KERNEL_ACCOUNT);
	if (bitmap && !kvm_dirty_log_starts_clean(kvm))
		bitmap_set(bitmap, 0, npages);
	return bitmap;
}

/* The slot that @id, from userspace, names; slots_lock held. Errors: ERR_PTR. */
static struct kvm_memory_slot *logged_slot(struct kvm *kvm, u32 id)
{
	struct kvm_memory_slot *slot;

	/* The upper half is an address space: there is one, 0. */
	if (id >= KVM_USER_MEM_SLOTS)
		return ERR_PTR(-EINVAL);
	slot = id_to_memslot(kvm, id);
	if (!slot || !slot->dirty_bitmap)
		return ERR_PTR(-ENOENT);
	return slot;
}

/* mmu_lock held: let somebody else have it now and then. */
static void give_way(struct kvm *kvm)
{
	if (need_resched() || spin_needbreak(&kvm->mmu_lock))
		cond_resched_lock(&kvm->mmu_lock);
}

/* Longs [i, end) of take_log(); mmu_lock held. True: flush TLBs. */
static bool take_block(struct kvm *kvm, struct kvm_memory_slot *slot, unsigned long i,
		       unsigned long end)
{
	unsigned long *copy = slot->dirty_bitmap + bitmap_longs(slot->npages);
	bool flush = false;

	for (; i < end; i++) {
		copy[i] = 0;
		if (!READ_ONCE(slot->dirty_bitmap[i]))
			continue;
		copy[i] = xchg(&slot->dirty_bitmap[i], 0);
		flush |= kvm_arch_write_protect_masked(kvm, slot, i * BITS_PER_LONG, copy[i]);
	}
	return flush;
}

/* Move the log to the copy; its pages are write-protected. */
static void take_log(struct kvm *kvm, struct kvm_memory_slot *slot)
{
	unsigned long i, n = bitmap_longs(slot->npages);
	bool flush = false;

	spin_lock(&kvm->mmu_lock);
	for (i = 0; i < n; i += BLOCK_LONGS) {
		flush |= take_block(kvm, slot, i, min(i + BLOCK_LONGS, n));
		give_way(kvm);
	}
	spin_unlock(&kvm->mmu_lock);
	/* A page is clean for userspace once no TLB lets it be written. */
	if (flush)
		kvm_flush_remote_tlbs(kvm);
}

/* Userspace did not get the copy: what was dirty still is. */
static void put_log_back(struct kvm_memory_slot *slot)
{
	unsigned long i, n = bitmap_longs(slot->npages);

	for (i = 0; i < n; i++)
		atomic_long_or(slot->dirty_bitmap[n + i], (atomic_long_t *)&slot->dirty_bitmap[i]);
}

static bool is_manual(const struct kvm *kvm)
{
	return kvm->manual_dirty_log & KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE;
}

static int get_log_locked(struct kvm *kvm, const struct kvm_dirty_log *log)
{
	struct kvm_memory_slot *slot = logged_slot(kvm, log->slot);
	unsigned long n;

	if (IS_ERR(slot))
		return PTR_ERR(slot);
	n = bitmap_longs(slot->npages);
	if (is_manual(kvm))
		return copy_to_user(log->dirty_bitmap, slot->dirty_bitmap, n * sizeof(long)) ?
		       -EFAULT : 0;
	take_log(kvm, slot);
	if (!copy_to_user(log->dirty_bitmap, slot->dirty_bitmap + n, n * sizeof(long)))
		return 0;
	put_log_back(slot);
	return -EFAULT;
}

int kvm_get_dirty_log(struct kvm *kvm, const struct kvm_dirty_log *log)
{
	int r;

	mutex_lock(&kvm->slots_lock);
	kvm_arch_sync_dirty_log(kvm);
	r = get_log_locked(kvm, log);
	mutex_unlock(&kvm->slots_lock);
	return r;
}

/* Longs [i, end) of clear_pages(); mmu_lock held. True: flush TLBs. */
static bool clear_block(struct kvm *kvm, struct kvm_memory_slot *slot, unsigned long first,
			const unsigned long *copy, unsigned long i, unsigned long end)
{
	atomic_long_t *bits = (atomic_long_t *)&slot->dirty_bitmap[first / BITS_PER_LONG];
	unsigned long pages;
	bool flush = false;

	for (; i < end; i++) {
		/* Mostly there is nothing to do. */
		while (i + 4 <= end && !(copy[i] | copy[i + 1] | copy[i + 2] | copy[i + 3]))
			i += 4;
		if (i == end)
			break;
		if (!copy[i])
			continue;
		pages = copy[i] & atomic_long_fetch_andnot(copy[i], &bits[i]);
		if (pages)
			flush |= kvm_arch_write_protect_masked(kvm, slot,
							       first + i * BITS_PER_LONG, pages);
	}
	return flush;
}

/* Clear what the copy has of the pages from @first on, as many longs as it is of. */
static void clear_pages(struct kvm *kvm, struct kvm_memory_slot *slot, unsigned long first,
			const unsigned long *copy, unsigned long longs)
{
	bool flush = false;
	unsigned long i;

	spin_lock(&kvm->mmu_lock);
	for (i = 0; i < longs; i += BLOCK_LONGS) {
		flush |= clear_block(kvm, slot, first, copy, i, min(i + BLOCK_LONGS, longs));
		give_way(kvm);
	}
	spin_unlock(&kvm->mmu_lock);
	if (flush)
		kvm_flush_remote_tlbs(kvm);
}

static int clear_log_locked(struct kvm *kvm, const struct kvm_clear_dirty_log *log)
{
	struct kvm_memory_slot *slot = logged_slot(kvm, log->slot);
	unsigned long rest, longs, *copy;

	if (IS_ERR(slot))
		return PTR_ERR(slot);
	if (log->first_page > slot->npages)
		return -EINVAL;
	rest = slot->npages - log->first_page;
	/* Whole longs of the bitmap, or up to its end. */
	if (log->num_pages > rest || (log->num_pages < rest && log->num_pages % BITS_PER_LONG))
		return -EINVAL;
	longs = bitmap_longs(log->num_pages);
	copy = slot->dirty_bitmap + bitmap_longs(slot->npages);
	if (copy_from_user(copy, log->dirty_bitmap, longs * sizeof(long)))
		return -EFAULT;
	clear_pages(kvm, slot, log->first_page, copy, longs);
	return 0;
}

int kvm_clear_dirty_log(struct kvm *kvm, const struct kvm_clear_dirty_log *log)
{
	int r;

	if (log->first_page % BITS_PER_LONG)
		return -EINVAL;
	mutex_lock(&kvm->slots_lock);
	r = clear_log_locked(kvm, log);
	mutex_unlock(&kvm->slots_lock);
	return r;
}

int kvm_set_manual_dirty_log(struct kvm *kvm, u64 flags)
{
	/* Who does not clear it himself has no use for a log that is full. */
	if (flags & ~(u64)KVM_DIRTY_LOG_CAPS || flags == KVM_DIRTY_LOG_INITIALLY_SET)
		return -EINVAL;
	mutex_lock(&kvm->slots_lock);
	kvm->manual_dirty_log = flags;
	mutex_unlock(&kvm->slots_lock);
	return 0;
}
