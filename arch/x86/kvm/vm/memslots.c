// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory slots. An update builds a new sorted array beside the one in force,
 * publishes it, and waits until nobody uses the old one; then what the deleted
 * slot had mapped goes.
 */
#include <linux/export.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "vm/arch.h"
#include "vm/fd.h"

/* What the hint points to before the first hit: has no frame. Never written. */
static struct kvm_memory_slot empty_slot;

struct kvm_memory_slot *search_memslots(struct kvm_memslots *slots, gfn_t gfn)
{
	unsigned int start = 0, end = slots->nr;

	while (start < end) {
		unsigned int mid = start + (end - start) / 2;
		struct kvm_memory_slot *slot = slots->slot[mid];

		if (gfn_in_memslot(slot, gfn)) {
			WRITE_ONCE(slots->last_used, slot);
			return slot;
		}
		if (gfn < slot->base_gfn)
			end = mid;
		else
			start = mid + 1;
	}
	return NULL;
}
EXPORT_SYMBOL_GPL(search_memslots);

static struct kvm_memslots *alloc_memslots(unsigned int nr)
{
	struct kvm_memslots *slots;

	slots = kvzalloc(struct_size(slots, slot, nr), GFP_KERNEL_ACCOUNT);
	if (slots)
		slots->last_used = &empty_slot;
	return slots;
}

int kvm_init_memslots(struct kvm *kvm)
{
	struct kvm_memslots *slots = alloc_memslots(0);

	if (!slots)
		return -ENOMEM;
	rcu_assign_pointer(kvm->memslots, slots);
	return 0;
}

static void free_slot(struct kvm_memory_slot *slot)
{
	kvfree(slot->dirty_bitmap);
	kfree(slot);
}

void kvm_free_memslots(struct kvm *kvm)
{
	struct kvm_memslots *slots = rcu_dereference_protected(kvm->memslots, true);
	unsigned int i;

	for (i = 0; i < slots->nr; i++)
		free_slot(slots->slot[i]);
	kvfree(slots);
}

static gfn_t max_gfn(void)
{
	return 1ULL << (min_t(u8, boot_cpu_data.x86_phys_bits, KVM_MAX_GPA_BITS) - PAGE_SHIFT);
}

/* Everything that needs no look at other slots. */
static int check_region(const struct kvm_userspace_memory_region *mem)
{
	if (mem->flags & ~(KVM_MEM_LOG_DIRTY_PAGES | KVM_MEM_READONLY))
		return -EINVAL;
	/* The upper half is an address space: there is one, 0. */
	if (mem->slot >= KVM_USER_MEM_SLOTS)
		return -EINVAL;
	if ((mem->memory_size | mem->guest_phys_addr | mem->userspace_addr) & ~PAGE_MASK)
		return -EINVAL;
	if (mem->guest_phys_addr + mem->memory_size < mem->guest_phys_addr)
		return -EINVAL;
	if ((mem->memory_size >> PAGE_SHIFT) > KVM_MEM_MAX_NR_PAGES)
		return -EINVAL;
	/* guest_mem.c and the page walk access user memory without a check. */
	if (mem->userspace_addr != untagged_addr(mem->userspace_addr) ||
	    !access_ok((void __user *)(unsigned long)mem->userspace_addr, mem->memory_size))
		return -EINVAL;
	if (mem->memory_size &&
	    (mem->guest_phys_addr + mem->memory_size) >> PAGE_SHIFT > max_gfn())
		return -EINVAL;
	return 0;
}

struct kvm_memory_slot *id_to_memslot(struct kvm *kvm, u16 id)
{
	struct kvm_memslots *slots = kvm_memslots(kvm);
	unsigned int i;

	for (i = 0; i < slots->nr; i++)
		if (slots->slot[i]->id == id)
			return slots->slot[i];
	return NULL;
}

/* Does @new share a frame with a slot other than @old? */
static bool overlaps(const struct kvm_memslots *slots, const struct kvm_memory_slot *old,
		     const struct kvm_memory_slot *new)
{
	unsigned int i;

	for (i = 0; i < slots->nr; i++) {
		const struct kvm_memory_slot *slot = slots->slot[i];

		if (slot != old && slot->base_gfn < new->base_gfn + new->npages &&
		    new->base_gfn < slot->base_gfn + slot->npages)
			return true;
	}
	return false;
}

/* The slots of @slots without @old and with @new, either may be NULL. */
static struct kvm_memslots *replace_slot(const struct kvm_memslots *slots,
					 const struct kvm_memory_slot *old,
					 struct kvm_memory_slot *new)
{
	struct kvm_memslots *copy = alloc_memslots(slots->nr + !!new);
	unsigned int i;

	if (!copy)
		return NULL;
	for (i = 0; i < slots->nr; i++) {
		struct kvm_memory_slot *slot = slots->slot[i];

		if (slot == old)
			continue;
		if (new && new->base_gfn < slot->base_gfn) {
			copy->slot[copy->nr++] = new;
			new = NULL;
		}
		copy->slot[copy->nr++] = slot;
	}
	if (new)
		copy->slot[copy->nr++] = new;
	return copy;
}

/* What the notifier must look at beside kvm->memslots. */
static void set_retiring_slot(struct kvm *kvm, struct kvm_memory_slot *slot)
{
	spin_lock(&kvm->mmu_lock);
	kvm->retiring_slot = slot;
	spin_unlock(&kvm->mmu_lock);
}

/* What the change of @old's flags to @new's asks of mappings; slots_lock held. */
static void flags_changed(struct kvm *kvm, const struct kvm_memory_slot *old,
			  const struct kvm_memory_slot *new)
{
	if (new->dirty_bitmap && !old->dirty_bitmap) {
		if (kvm_arch_write_protect_slot(kvm, new))
			kvm_flush_remote_tlbs(kvm);
	} else if (old->dirty_bitmap && !new->dirty_bitmap) {
		kvm_arch_dirty_log_stopped(kvm, new);
	}
}

/* Put @new in the place of @old, either may be NULL; checked; slots_lock held. */
static int install_slot(struct kvm *kvm, struct kvm_memory_slot *old, struct kvm_memory_slot *new)
{
	struct kvm_memslots *slots = kvm_memslots(kvm);
	struct kvm_memslots *copy = replace_slot(slots, old, new);

	if (!copy)
		return -ENOMEM;

	if (old)
		set_retiring_slot(kvm, old);
	rcu_assign_pointer(kvm->memslots, copy);
	synchronize_srcu_expedited(&kvm->srcu);

	/* Nobody maps pages of @old any more. */
	if (old && new && old->base_gfn == new->base_gfn)
		flags_changed(kvm, old, new);
	else if (old)
		kvm_arch_flush_shadow_memslot(kvm, old);
	if (old) {
		set_retiring_slot(kvm, NULL);
		kvm->nr_memslot_pages -= old->npages;
		if (new && old->dirty_bitmap == new->dirty_bitmap)
			old->dirty_bitmap = NULL;
		free_slot(old);
	}
	if (new) {
		kvm->nr_memslot_pages += new->npages;
		if (!old || old->base_gfn != new->base_gfn)
			kvm_arch_memslot_created(kvm, new);
	}
	kvfree(slots);
	return 0;
}

/* The bitmap that @new's flags ask for: @old's, or a new one. 0 or -ENOMEM. */
static int get_dirty_bitmap(const struct kvm_memory_slot *old, struct kvm_memory_slot *new)
{
	if (!(new->flags & KVM_MEM_LOG_DIRTY_PAGES))
		return 0;
	new->dirty_bitmap = old && old->dirty_bitmap ? old->dirty_bitmap :
						       kvm_alloc_dirty_bitmap(new->npages);
	return new->dirty_bitmap ? 0 : -ENOMEM;
}

/* Create a slot, move one, or change its flags. */
static int set_slot(struct kvm *kvm, struct kvm_memory_slot *old,
		    const struct kvm_userspace_memory_region *mem)
{
	struct kvm_memory_slot *new;
	int r;

	new = kzalloc(sizeof(*new), GFP_KERNEL_ACCOUNT);
	if (!new)
		return -ENOMEM;
	new->base_gfn = mem->guest_phys_addr >> PAGE_SHIFT;
	new->npages = mem->memory_size >> PAGE_SHIFT;
	new->userspace_addr = mem->userspace_addr;
	new->flags = mem->flags;
	new->id = mem->slot;

	r = -EEXIST;
	if (overlaps(kvm_memslots(kvm), old, new))
		goto out_free;
	r = get_dirty_bitmap(old, new);
	if (r)
		goto out_free;
	r = install_slot(kvm, old, new);
	if (!r)
		return 0;
	if (old && old->dirty_bitmap == new->dirty_bitmap)
		new->dirty_bitmap = NULL;
out_free:
	free_slot(new);
	return r;
}

static int set_region_locked(struct kvm *kvm, const struct kvm_userspace_memory_region *mem)
{
	struct kvm_memory_slot *old = id_to_memslot(kvm, mem->slot);

	if (!mem->memory_size)
		return old ? install_slot(kvm, old, NULL) : -EINVAL;

	if (old) {
		/* A slot can move in guest-physical memory and be logged, nothing else. */
		if (old->npages != mem->memory_size >> PAGE_SHIFT ||
		    old->userspace_addr != mem->userspace_addr ||
		    ((old->flags ^ mem->flags) & KVM_MEM_READONLY))
			return -EINVAL;
		if (old->base_gfn == mem->guest_phys_addr >> PAGE_SHIFT &&
		    old->flags == mem->flags)
			return 0;
	}
	return set_slot(kvm, old, mem);
}

int kvm_set_memory_region(struct kvm *kvm, const struct kvm_userspace_memory_region *mem)
{
	int r = check_region(mem);

	if (r)
		return r;
	mutex_lock(&kvm->slots_lock);
	r = set_region_locked(kvm, mem);
	mutex_unlock(&kvm->slots_lock);
	return r;
}
