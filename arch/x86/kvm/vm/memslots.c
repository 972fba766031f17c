// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory slots: found by frame in a latched tree, which readers walk without a
 * lock, by number in an xarray, and by user address in an interval tree. A slot
 * is created without waiting for anybody; one that goes is freed when its last
 * reader has left.
 */
#include <linux/export.h>
#include <linux/interval_tree.h>
#include <linux/mm.h>
#include <linux/rbtree_latch.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "vm/arch.h"
#include "vm/fd.h"

/* What the hint points to before the first hit: has no frame. Never written. */
static struct kvm_memory_slot empty_slot;

static __always_inline struct kvm_memory_slot *node_to_slot(struct latch_tree_node *node)
{
	return container_of(node, struct kvm_memory_slot, gfn_node);
}

static __always_inline bool gfn_less(struct latch_tree_node *a, struct latch_tree_node *b)
{
	return node_to_slot(a)->base_gfn < node_to_slot(b)->base_gfn;
}

static __always_inline int gfn_comp(void *key, struct latch_tree_node *node)
{
	const struct kvm_memory_slot *slot = node_to_slot(node);
	gfn_t gfn = *(gfn_t *)key;

	if (gfn < slot->base_gfn)
		return -1;
	return gfn - slot->base_gfn >= slot->npages;
}

static const struct latch_tree_ops gfn_tree_ops = { .less = gfn_less, .comp = gfn_comp };

struct kvm_memory_slot *search_memslots(struct kvm_memslots *slots, gfn_t gfn)
{
	struct latch_tree_node *node = latch_tree_find(&gfn, slots->tree, &gfn_tree_ops);
	struct kvm_memory_slot *slot;

	if (!node)
		return NULL;
	slot = node_to_slot(node);
	WRITE_ONCE(slots->last_used, slot);
	return slot;
}
EXPORT_SYMBOL_GPL(search_memslots);

void kvm_init_memslots(struct kvm *kvm)
{
	unsigned int i;

	seqcount_latch_init(&kvm->gfn_tree.seq);
	kvm->hva_tree = RB_ROOT_CACHED;
	xa_init(&kvm->slots_by_id);
	for (i = 0; i < ARRAY_SIZE(kvm->slot_views); i++) {
		kvm->slot_views[i].last_used = &empty_slot;
		kvm->slot_views[i].tree = &kvm->gfn_tree;
	}
	rcu_assign_pointer(kvm->memslots, &kvm->slot_views[0]);
}

static void free_slot(struct kvm *kvm, struct kvm_memory_slot *slot)
{
	if (slot->dirty_bitmap)
		WRITE_ONCE(kvm->nr_dirty_logs, kvm->nr_dirty_logs - 1);
	kvfree(slot->dirty_bitmap);
	kfree(slot);
}

void kvm_free_memslots(struct kvm *kvm)
{
	struct kvm_memory_slot *slot;
	unsigned long id;

	xa_for_each(&kvm->slots_by_id, id, slot)
		free_slot(kvm, slot);
	xa_destroy(&kvm->slots_by_id);
}

struct kvm_memory_slot *id_to_memslot(struct kvm *kvm, u16 id)
{
	return xa_load(&kvm->slots_by_id, id);
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

static bool share_frames(const struct kvm_memory_slot *a, const struct kvm_memory_slot *b)
{
	return a->base_gfn < b->base_gfn + b->npages && b->base_gfn < a->base_gfn + a->npages;
}

static struct kvm_memory_slot *rb_to_slot(struct rb_node *node)
{
	return container_of(node, struct kvm_memory_slot, gfn_node.node[0]);
}

/* Does @new share a frame with a slot other than @old? */
static bool overlaps(struct kvm *kvm, const struct kvm_memory_slot *old,
		     const struct kvm_memory_slot *new)
{
	struct rb_node *node = kvm->gfn_tree.tree[0].rb_node;
	struct rb_node *near;

	while (node && !share_frames(rb_to_slot(node), new))
		node = new->base_gfn < rb_to_slot(node)->base_gfn ? node->rb_left : node->rb_right;
	if (!node)
		return false;
	if (rb_to_slot(node) != old)
		return true;
	/* Slots are disjoint: if there is another, it is next to @old. */
	near = rb_prev(node);
	if (near && share_frames(rb_to_slot(near), new))
		return true;
	near = rb_next(node);
	return near && share_frames(rb_to_slot(near), new);
}

/* Readers from now on have a hint that nobody has written. Wait for the others before the next. */
static void switch_view(struct kvm *kvm)
{
	struct kvm_memslots *view = kvm_memslots(kvm);

	view = &kvm->slot_views[view == &kvm->slot_views[0]];
	view->last_used = &empty_slot;
	rcu_assign_pointer(kvm->memslots, view);
}

/*
 * Faults that found another slot than gfn_tree has now map nothing from here
 * on; the notifier looks at @add, and no longer at @remove.
 */
static void change_generation(struct kvm *kvm, struct kvm_memory_slot *add,
			      struct kvm_memory_slot *remove)
{
	spin_lock(&kvm->mmu_lock);
	if (remove)
		interval_tree_remove(&remove->hva_node, &kvm->hva_tree);
	if (add)
		interval_tree_insert(&add->hva_node, &kvm->hva_tree);
	/* Who sees it sees the tree as well: pairs with kvm_memslots_generation(). */
	smp_store_release(&kvm->memslots_generation, kvm->memslots_generation + 1);
	spin_unlock(&kvm->mmu_lock);
}

/* @old is not in gfn_tree any more: drop its mappings and wait until nobody uses it. */
static void retire_slot(struct kvm *kvm, struct kvm_memory_slot *old)
{
	kvm_arch_flush_shadow_memslot(kvm, old);
	spin_lock(&kvm->mmu_lock);
	interval_tree_remove(&old->hva_node, &kvm->hva_tree);
	spin_unlock(&kvm->mmu_lock);
	synchronize_srcu_expedited(&kvm->srcu);
}

static void delete_slot(struct kvm *kvm, struct kvm_memory_slot *old)
{
	xa_erase(&kvm->slots_by_id, old->id);
	latch_tree_erase(&old->gfn_node, &kvm->gfn_tree, &gfn_tree_ops);
	switch_view(kvm);
	change_generation(kvm, NULL, NULL);
	retire_slot(kvm, old);
	WRITE_ONCE(kvm->nr_memslot_pages, kvm->nr_memslot_pages - old->npages);
	free_slot(kvm, old);
}

static void insert_slot(struct kvm *kvm, struct kvm_memory_slot *new)
{
	latch_tree_insert(&new->gfn_node, &kvm->gfn_tree, &gfn_tree_ops);
	change_generation(kvm, new, NULL);
	WRITE_ONCE(kvm->nr_memslot_pages, kvm->nr_memslot_pages + new->npages);
	kvm_arch_memslot_created(kvm, new);
}

static void move_slot(struct kvm *kvm, struct kvm_memory_slot *old, struct kvm_memory_slot *new)
{
	latch_tree_erase(&old->gfn_node, &kvm->gfn_tree, &gfn_tree_ops);
	latch_tree_insert(&new->gfn_node, &kvm->gfn_tree, &gfn_tree_ops);
	switch_view(kvm);
	change_generation(kvm, new, NULL);
	retire_slot(kvm, old);
	kvm_arch_memslot_created(kvm, new);
}

/* @new has the frames of @old: a reader finds one or the other. */
static void change_flags(struct kvm *kvm, struct kvm_memory_slot *old, struct kvm_memory_slot *new)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kvm->gfn_tree.tree); i++)
		rb_replace_node_rcu(&old->gfn_node.node[i], &new->gfn_node.node[i],
				    &kvm->gfn_tree.tree[i]);
	switch_view(kvm);
	change_generation(kvm, new, old);
	/* Who still has @old may write without logging, or log to a bitmap that goes. */
	synchronize_srcu_expedited(&kvm->srcu);
	if (!new->dirty_bitmap)
		kvm_arch_dirty_log_stopped(kvm, new);
	else if (kvm_dirty_log_starts_clean(kvm) && kvm_arch_write_protect_slot(kvm, new))
		kvm_flush_remote_tlbs(kvm);
}

static struct kvm_memory_slot *alloc_slot(const struct kvm_userspace_memory_region *mem)
{
	struct kvm_memory_slot *slot = kzalloc(sizeof(*slot), GFP_KERNEL_ACCOUNT);

	if (!slot)
		return NULL;
	slot->base_gfn = mem->guest_phys_addr >> PAGE_SHIFT;
	slot->npages = mem->memory_size >> PAGE_SHIFT;
	slot->userspace_addr = mem->userspace_addr;
	slot->flags = mem->flags;
	slot->id = mem->slot;
	slot->hva_node.start = mem->userspace_addr;
	slot->hva_node.last = mem->userspace_addr + mem->memory_size - 1;
	return slot;
}

/*
 * Give @new its log, @old's if there is one, and its place among the numbers.
 * 0 or -ENOMEM; from here on nothing fails.
 */
static int prepare_slot(struct kvm *kvm, struct kvm_memory_slot *old, struct kvm_memory_slot *new)
{
	bool inherit = old && old->dirty_bitmap;
	int r;

	if (new->flags & KVM_MEM_LOG_DIRTY_PAGES) {
		new->dirty_bitmap = inherit ? old->dirty_bitmap :
					      kvm_alloc_dirty_bitmap(kvm, new->npages);
		if (!new->dirty_bitmap)
			return -ENOMEM;
		if (!inherit) {
			WRITE_ONCE(kvm->nr_dirty_logs, kvm->nr_dirty_logs + 1);
			kvm_arch_dirty_log_starting(kvm);
		}
	}
	r = xa_err(xa_store(&kvm->slots_by_id, new->id, new, GFP_KERNEL_ACCOUNT));
	if (r && inherit)
		new->dirty_bitmap = NULL;
	return r;
}

/* Create a slot, move @old, or change its flags. */
static int set_slot(struct kvm *kvm, struct kvm_memory_slot *old,
		    const struct kvm_userspace_memory_region *mem)
{
	struct kvm_memory_slot *new = alloc_slot(mem);
	int r;

	if (!new)
		return -ENOMEM;
	r = overlaps(kvm, old, new) ? -EEXIST : prepare_slot(kvm, old, new);
	if (r) {
		free_slot(kvm, new);
		return r;
	}
	if (!old) {
		insert_slot(kvm, new);
		return 0;
	}
	if (old->base_gfn != new->base_gfn)
		move_slot(kvm, old, new);
	else
		change_flags(kvm, old, new);
	if (new->dirty_bitmap == old->dirty_bitmap)
		old->dirty_bitmap = NULL;
	free_slot(kvm, old);
	return 0;
}

static int set_region_locked(struct kvm *kvm, const struct kvm_userspace_memory_region *mem)
{
	struct kvm_memory_slot *old = id_to_memslot(kvm, mem->slot);

	if (!mem->memory_size) {
		if (!old)
			return -EINVAL;
		delete_slot(kvm, old);
		return 0;
	}
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
