/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Virtual machines, their memory and their vCPUs, as far as no architecture
 * matters: what /dev/kvm, VM and vCPU file descriptors stand for.
 */
#ifndef KVM_VM_VM_H
#define KVM_VM_VM_H

#include <linux/interval_tree.h>
#include <linux/kvm.h>
#include <linux/kvm_types.h>
#include <linux/list.h>
#include <linux/mm_types.h>
#include <linux/mmu_notifier.h>
#include <linux/mutex.h>
#include <linux/preempt.h>
#include <linux/rbtree_latch.h>
#include <linux/refcount.h>
#include <linux/sched/signal.h>
#include <linux/spinlock.h>
#include <linux/srcu.h>
#include <linux/wait.h>
#include <linux/xarray.h>

#include "vm/stats.h"

#define KVM_MAX_VCPUS		1024
#define KVM_MAX_VCPU_IDS	4096
#define KVM_USER_MEM_SLOTS	32764
#define KVM_MEM_MAX_NR_PAGES	((1UL << 31) - 1)
/* The second-level page tables have four levels: guest-physical addresses have 48 bits. */
#define KVM_MAX_GPA_BITS	48

/*
 * A range of guest-physical memory backed by user memory. Immutable once installed:
 * a change of flags installs another one, which takes the bitmap over.
 */
struct kvm_memory_slot {
	gfn_t base_gfn;
	unsigned long npages;
	unsigned long userspace_addr;
	unsigned long *dirty_bitmap;	/* one bit a page, atomic bit operations; NULL: not logged */
	u32 flags;			/* KVM_MEM_* */
	u16 id;
	struct latch_tree_node gfn_node;	/* kvm->gfn_tree */
	struct interval_tree_node hva_node;	/* kvm->hva_tree */
};

/*
 * How readers under kvm->srcu find slots. A VM has two of these and uses them in
 * turn: when a slot goes, new readers have the other one, whose hint is not it.
 */
struct kvm_memslots {
	struct kvm_memory_slot *last_used;	/* hint, never NULL; any reader writes it */
	struct latch_tree_root *tree;		/* kvm->gfn_tree */
};

/* Buses of in-kernel devices. */
enum kvm_bus { KVM_PIO_BUS, KVM_MMIO_BUS, KVM_FAST_MMIO_BUS, KVM_NR_BUSES };

struct kvm_io_bus;

/* Where a vCPU is with respect to the guest; written by its thread, read by kickers. */
enum kvm_vcpu_mode { OUTSIDE_GUEST_MODE, IN_GUEST_MODE };

/* Requests: bits in kvm_vcpu.requests, made by anyone, handled before entry. */
enum kvm_request {
	KVM_REQ_TLB_FLUSH,	/* drop cached translations of guest-physical addresses */
	KVM_REQ_EVENT,		/* look at events to inject */
	KVM_REQ_TRIPLE_FAULT,
	KVM_REQ_VM_DEAD,	/* KVM_RUN returns -EIO from now on */
	KVM_REQ_MSR_FILTER_CHANGED,
	KVM_REQ_CLOCK_UPDATE,	/* kvmclock or what it is computed from has changed */
};

/* One virtual CPU; first member of struct x86_vcpu. */
struct kvm_vcpu {
	struct kvm *kvm;
	struct kvm_run *run;		/* page shared with userspace; hostile */
	int vcpu_id;			/* as given to KVM_CREATE_VCPU */
	int vcpu_idx;			/* in kvm->vcpus */
	int cpu;			/* loaded on, or last loaded on; -1 never */
	int mode;			/* enum kvm_vcpu_mode */
	unsigned long requests;		/* BIT(enum kvm_request), atomic bit operations */
	int srcu_idx;			/* while held by the vCPU's thread */
	struct mutex mutex;		/* held across every vCPU ioctl */
	struct preempt_notifier preempt_notifier;
	sigset_t sigset;
	bool sigset_active;
	struct kvm_vcpu_stat stat;
};

/* One virtual machine; first member of struct x86_vm. */
struct kvm {
	struct mm_struct *mm;		/* of the creator; ioctls from others get -EIO */
	refcount_t users_count;		/* file descriptors and vCPUs */
	struct mutex lock;		/* vCPU creation, irqchip; not nested with slots_lock */
	struct mutex slots_lock;	/* memslots and buses; outside of srcu's grace periods and of mmu_lock */
	struct srcu_struct srcu;	/* readers of memslots and buses */
	struct kvm_memslots __rcu *memslots;	/* one of slot_views */
	struct kvm_memslots slot_views[2];
	struct latch_tree_root gfn_tree;	/* slots; slots_lock to write, srcu to read */
	struct xarray slots_by_id;		/* slots_lock */
	struct rb_root_cached hva_tree;		/* mmu_lock: slots, and one whose mappings are going */
	unsigned long memslots_generation;	/* mmu_lock to write */
	u64 manual_dirty_log;			/* slots_lock; KVM_DIRTY_LOG_* */
	struct kvm_io_bus __rcu *buses[KVM_NR_BUSES];
	struct list_head ioeventfds;	/* slots_lock */
	unsigned int nr_ioeventfds;	/* slots_lock */
	struct list_head coalesced_zones;	/* slots_lock */
	struct kvm_coalesced_mmio_ring *coalesced_ring;	/* page shared with userspace; hostile */
	spinlock_t coalesced_lock;		/* to write to the ring */
	struct xarray vcpus;		/* by index; entries appear under lock and stay */
	atomic_t online_vcpus;
	int created_vcpus;		/* lock */
	bool vm_dead;
	spinlock_t mmu_lock;		/* second-level page tables; mmu_invalidate_* */
	struct mmu_notifier mmu_notifier;
	unsigned long mmu_invalidate_seq;	/* mmu_lock; bumped at the end of an invalidation */
	long mmu_invalidate_in_progress;	/* mmu_lock */
	unsigned long mmu_invalidate_start;	/* mmu_lock: user addresses of what is in progress, */
	unsigned long mmu_invalidate_end;	/* as one range that covers all */
	unsigned long nr_memslot_pages;		/* slots_lock */
	unsigned int nr_dirty_logs;		/* slots_lock to write: slots that are logged */
	struct kvm_vm_stat stat;
	pid_t creator;			/* thread that made the VM: names its statistics */
	struct dentry *debugfs_dir;	/* NULL or an error: none */
	void *debugfs_files;		/* what its files show */
	struct list_head vm_list;	/* kvm_vm_list under kvm_lock */
};

#define kvm_for_each_vcpu(idx, vcpup, kvm) \
	xa_for_each_range(&(kvm)->vcpus, idx, vcpup, 0, \
			  (atomic_read(&(kvm)->online_vcpus) - 1))

/**
 * kvm_init() - make /dev/kvm appear
 * @owner: vendor module; every file descriptor holds a reference to it
 *
 * Called by vcpu/ for the vendor module, once the arch hooks work. Process
 * context. Return: 0, -EBUSY when another KVM has /dev/kvm, or -errno.
 */
int kvm_init(struct module *owner);

/* Undo kvm_init(): no file descriptor exists any more. Process context. */
void kvm_exit(void);

/* The machine reboots and virtualization is off: a faulting VMRUN, VMRESUME is to be ignored. */
extern bool kvm_rebooting;

/*
 * Make @req pending for @vcpu, without telling it: follow with kvm_vcpu_kick()
 * if it must notice now. Any context.
 */
static inline void kvm_make_request(int req, struct kvm_vcpu *vcpu)
{
	/* What the request is about is visible before the request. */
	smp_wmb();
	set_bit(req, &vcpu->requests);
}

/*
 * request.c. Make @req pending for every vCPU and wait until each that was in
 * the guest has left it. Preemptible or not, IRQs on. True: some CPU was interrupted.
 */
bool kvm_make_all_cpus_request(struct kvm *kvm, int req);
/* Make @vcpu leave the guest soon. Any context but NMI. */
void kvm_vcpu_kick(struct kvm_vcpu *vcpu);
/* Every ioctl returns -EIO from now on; KVM_RUN in progress leaves. */
void kvm_vm_dead(struct kvm *kvm);

static inline bool kvm_request_pending(const struct kvm_vcpu *vcpu)
{
	return READ_ONCE(vcpu->requests);
}

/* True once per request; pairs with the barrier in kvm_make_request(). */
static inline bool kvm_check_request(int req, struct kvm_vcpu *vcpu)
{
	if (!test_bit(req, &vcpu->requests))
		return false;
	clear_bit(req, &vcpu->requests);
	/* Before what the request is about is read. */
	smp_mb__after_atomic();
	return true;
}

/*
 * SRCU around every use of slots and buses by the vCPU's thread. Drop it before
 * entering the guest and before sleeping: slot changes wait for readers.
 */
static inline void kvm_vcpu_srcu_read_lock(struct kvm_vcpu *vcpu)
{
	vcpu->srcu_idx = srcu_read_lock(&vcpu->kvm->srcu);
}

static inline void kvm_vcpu_srcu_read_unlock(struct kvm_vcpu *vcpu)
{
	srcu_read_unlock(&vcpu->kvm->srcu, vcpu->srcu_idx);
}

/*
 * vcpu.c. vcpu->mutex taken by the ioctl; load puts the vCPU on this CPU
 * (preempt notifier, arch hook). vcpu->cpu changes after kvm_arch_vcpu_load().
 */
void vcpu_load(struct kvm_vcpu *vcpu);
void vcpu_put(struct kvm_vcpu *vcpu);

/**
 * kvm_set_memory_region() - add, move, delete a memory slot, change its flags
 * @kvm: the VM; takes slots_lock
 * @mem: from userspace, any values
 *
 * Return: 0, -EINVAL, -EEXIST (overlap), -ENOMEM; nothing changed on error.
 */
int kvm_set_memory_region(struct kvm *kvm, const struct kvm_userspace_memory_region *mem);
/**
 * kvm_get_dirty_log() - KVM_GET_DIRTY_LOG: which pages of a slot were written
 * @kvm: the VM; takes slots_lock
 * @log: from userspace, any values
 *
 * The log starts anew, unless userspace does that by kvm_clear_dirty_log().
 * Return: 0, -EINVAL (slot number too high), -ENOENT (no such slot, or not logged),
 * -EFAULT: the log is what it was.
 */
int kvm_get_dirty_log(struct kvm *kvm, const struct kvm_dirty_log *log);
/**
 * kvm_clear_dirty_log() - KVM_CLEAR_DIRTY_LOG: start the log of some pages anew
 * @kvm: the VM; takes slots_lock
 * @log: from userspace, any values
 *
 * Return: 0, -EINVAL (slot number too high; pages beyond the slot; not whole
 * groups of 64 pages), -ENOENT (no such slot, or not logged), -EFAULT; nothing has
 * changed on error.
 */
int kvm_clear_dirty_log(struct kvm *kvm, const struct kvm_clear_dirty_log *log);

#define KVM_DIRTY_LOG_CAPS (KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE | KVM_DIRTY_LOG_INITIALLY_SET)

/*
 * KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2: @flags, KVM_DIRTY_LOG_*, of logs from now on; takes
 * slots_lock. 0 or -EINVAL.
 */
int kvm_set_manual_dirty_log(struct kvm *kvm, u64 flags);
/* Free what kvm_set_memory_region() made; the VM has no users. */
void kvm_free_memslots(struct kvm *kvm);

static inline struct kvm_memslots *kvm_memslots(struct kvm *kvm)
{
	return srcu_dereference_check(kvm->memslots, &kvm->srcu,
				      lockdep_is_held(&kvm->slots_lock) ||
				      !refcount_read(&kvm->users_count));
}

/*
 * Read before a slot is looked for, compared under mmu_lock: has the answer
 * changed meanwhile?
 */
static inline unsigned long kvm_memslots_generation(struct kvm *kvm)
{
	return smp_load_acquire(&kvm->memslots_generation);
}

static inline bool gfn_in_memslot(const struct kvm_memory_slot *slot, gfn_t gfn)
{
	return gfn - slot->base_gfn < slot->npages;
}

struct kvm_memory_slot *search_memslots(struct kvm_memslots *slots, gfn_t gfn);

/* memslots.c. The slot that has @gfn, or NULL. Readers hold kvm->srcu or slots_lock. */
static inline struct kvm_memory_slot *gfn_to_memslot(struct kvm *kvm, gfn_t gfn)
{
	struct kvm_memslots *slots = kvm_memslots(kvm);
	struct kvm_memory_slot *slot = READ_ONCE(slots->last_used);

	if (likely(gfn_in_memslot(slot, gfn)))
		return slot;
	return search_memslots(slots, gfn);
}

static inline bool memslot_is_readonly(const struct kvm_memory_slot *slot)
{
	return slot->flags & KVM_MEM_READONLY;
}

/* Log that @gfn of @slot is written. Under srcu; any context but NMI. */
static inline void mark_page_dirty_in_slot(const struct kvm_memory_slot *slot, gfn_t gfn)
{
	unsigned long nr = gfn - slot->base_gfn;

	if (!slot->dirty_bitmap)
		return;
	/* The write, before the look at a bit that may just be cleared for somebody to read the page. */
	smp_mb();
	/* Mostly it is set already: keep the line shared. */
	if (!test_bit(nr, slot->dirty_bitmap))
		set_bit(nr, slot->dirty_bitmap);
}

static inline unsigned long gfn_to_hva_memslot(const struct kvm_memory_slot *slot, gfn_t gfn)
{
	return slot->userspace_addr + ((gfn - slot->base_gfn) << PAGE_SHIFT);
}

/* The frame of @slot that user address @hva, one of its own, backs. */
static inline gfn_t hva_to_gfn_memslot(const struct kvm_memory_slot *slot, unsigned long hva)
{
	return slot->base_gfn + ((hva - slot->userspace_addr) >> PAGE_SHIFT);
}

static inline gfn_t gpa_to_gfn(gpa_t gpa)
{
	return gpa >> PAGE_SHIFT;
}

/* User address of @gfn, or 0 when no slot has it. */
static inline unsigned long gfn_to_hva(struct kvm *kvm, gfn_t gfn)
{
	struct kvm_memory_slot *slot = gfn_to_memslot(kvm, gfn);

	return slot ? gfn_to_hva_memslot(slot, gfn) : 0;
}

/*
 * guest_mem.c: guest memory by guest-physical address. Under srcu, in a thread
 * with the VM's mm; may sleep (fault in user memory). 0, -ENXIO in no slot (to be
 * written: or a read-only one), -EFAULT no access to the user memory. Stay inside
 * one page: @offset + @len <= PAGE_SIZE, or the caller reaches beyond the slot.
 */
int kvm_read_guest_page(struct kvm *kvm, gfn_t gfn, void *data, unsigned int offset,
			unsigned int len);
int kvm_write_guest_page(struct kvm *kvm, gfn_t gfn, const void *data, unsigned int offset,
			 unsigned int len);
/*
 * Compare and exchange @len (1, 2, 4, 8, 16) bytes with the host's locked
 * instruction. They may cross a page: the rest is at @next then. 0 done, 1 not
 * equal, -ENXIO in no slot or a read-only one, -EFAULT no access to the user memory, -ENOMEM,
 * -EINVAL; -EXDEV they are in two cache lines and this CPU may trap on that.
 */
int kvm_cmpxchg_guest(struct kvm *kvm, gpa_t gpa, gpa_t next, const void *old, const void *new,
		      unsigned int len);

/*
 * io_bus.c. Under srcu, @len 1 to 8 (0 on KVM_FAST_MMIO_BUS): 0 handled, -EOPNOTSUPP nobody there.
 * A bus without devices is NULL: the common case costs one load.
 */
int __kvm_io_bus_write(struct kvm_vcpu *vcpu, struct kvm_io_bus *bus, gpa_t addr, int len,
		       const void *val);
int __kvm_io_bus_read(struct kvm_vcpu *vcpu, struct kvm_io_bus *bus, gpa_t addr, int len,
		      void *val);

static inline int kvm_io_bus_write(struct kvm_vcpu *vcpu, enum kvm_bus idx, gpa_t addr, int len,
				   const void *val)
{
	struct kvm_io_bus *bus = srcu_dereference(vcpu->kvm->buses[idx], &vcpu->kvm->srcu);

	return bus ? __kvm_io_bus_write(vcpu, bus, addr, len, val) : -EOPNOTSUPP;
}

static inline int kvm_io_bus_read(struct kvm_vcpu *vcpu, enum kvm_bus idx, gpa_t addr, int len,
				  void *val)
{
	struct kvm_io_bus *bus = srcu_dereference(vcpu->kvm->buses[idx], &vcpu->kvm->srcu);

	return bus ? __kvm_io_bus_read(vcpu, bus, addr, len, val) : -EOPNOTSUPP;
}

/**
 * kvm_ioeventfd() - KVM_IOEVENTFD: signal an eventfd on a guest write
 * @kvm: the VM; takes slots_lock
 * @args: from userspace, any values
 *
 * Return: 0, -EINVAL, -EEXIST (same write signals another), -ENOENT (nothing
 * to deassign), -ENOSPC (too many), -EBADF, -ENOMEM.
 */
int kvm_ioeventfd(struct kvm *kvm, const struct kvm_ioeventfd *args);
/* Drop all; the VM has no users. */
void kvm_ioeventfd_release(struct kvm *kvm);

/**
 * kvm_register_coalesced() - KVM_REGISTER_COALESCED_MMIO: let writes to a zone wait in the ring
 * @kvm: the VM; takes slots_lock
 * @args: from userspace, any values
 *
 * Return: 0, -EINVAL (@pio is neither 0 nor 1), -ENOSPC (too many), -ENOMEM.
 */
int kvm_register_coalesced(struct kvm *kvm, const struct kvm_coalesced_mmio_zone *args);
/* Drop every zone that contains @args'. 0, also when there is none; -EINVAL, -ENOMEM. */
int kvm_unregister_coalesced(struct kvm *kvm, const struct kvm_coalesced_mmio_zone *args);

/* notifier.c: follow changes of the creator's address space. 0 or -errno. */
int kvm_mmu_notifier_register(struct kvm *kvm);

/*
 * Is the host changing what it maps at @hva? mmu_lock held: what its page tables say
 * when it is not is true as long as the lock is held.
 */
static inline bool mmu_invalidate_in_progress(struct kvm *kvm, unsigned long hva)
{
	lockdep_assert_held(&kvm->mmu_lock);
	return kvm->mmu_invalidate_in_progress && hva >= kvm->mmu_invalidate_start &&
	       hva < kvm->mmu_invalidate_end;
}

/**
 * mmu_invalidate_retry() - did @hva's page change hands since @seq was read?
 * @kvm: the VM, mmu_lock held
 * @seq: kvm->mmu_invalidate_seq, read before the page was looked up
 * @hva: user address of the page
 */
static inline bool mmu_invalidate_retry(struct kvm *kvm, unsigned long seq, unsigned long hva)
{
	/* Ordered against invalidate_range_end() by mmu_lock. */
	return mmu_invalidate_in_progress(kvm, hva) || kvm->mmu_invalidate_seq != seq;
}

#endif
