/* SPDX-License-Identifier: GPL-2.0-only */
/* What vm/ asks of the architecture: declared here, implemented in vcpu/. */
#ifndef KVM_VM_ARCH_H
#define KVM_VM_ARCH_H

#include "vm/vm.h"

/* Allocate, initialise and free a VM (struct x86_vm, kvm first). Errors: ERR_PTR. */
struct kvm *kvm_arch_alloc_vm(void);
int kvm_arch_init_vm(struct kvm *kvm, unsigned long type);	/* -EINVAL for an unknown type */
void kvm_arch_destroy_vm(struct kvm *kvm);	/* after all vCPUs and memory slots are gone */
void kvm_arch_free_vm(struct kvm *kvm);

/*
 * A zeroed vCPU object of the vendor's size with kvm, run, ids filled by vm/
 * before _create(). kvm->lock is held around _alloc() and _create().
 */
struct kvm_vcpu *kvm_arch_vcpu_alloc(void);
int kvm_arch_vcpu_create(struct kvm_vcpu *vcpu);
void kvm_arch_vcpu_destroy(struct kvm_vcpu *vcpu);	/* undo _create() */
void kvm_arch_vcpu_free(struct kvm_vcpu *vcpu);		/* undo _alloc() */

/* vCPU gets on and off a CPU; preemption is disabled; also from the preempt notifiers. */
void kvm_arch_vcpu_load(struct kvm_vcpu *vcpu, int cpu);
void kvm_arch_vcpu_put(struct kvm_vcpu *vcpu);

/*
 * Ioctls that vm/ does not know; -ENOTTY when unknown. Of a vCPU: vcpu->mutex and
 * kvm->srcu held, vCPU not loaded; slots_lock is not for them.
 */
long kvm_arch_dev_ioctl(unsigned int cmd, unsigned long arg);
long kvm_arch_vm_ioctl(struct kvm *kvm, unsigned int cmd, unsigned long arg);
long kvm_arch_vcpu_ioctl(struct kvm_vcpu *vcpu, unsigned int cmd, unsigned long arg);
/* KVM_RUN: vCPU loaded, signal mask set. 0 or -EINTR, -EFAULT, ... */
int kvm_arch_vcpu_ioctl_run(struct kvm_vcpu *vcpu);
/* KVM_CHECK_EXTENSION beyond what vm/ implements itself; @kvm NULL on /dev/kvm. */
int kvm_arch_check_extension(struct kvm *kvm, long ext);
/* Files of a vCPU in its debugfs directory; kvm->lock held. */
void kvm_arch_create_vcpu_debugfs(struct kvm_vcpu *vcpu, struct dentry *dir);
/* Does an access of the instruction in flight wait for an exit? In the vCPU's thread. */
bool kvm_arch_vcpu_io_queued(struct kvm_vcpu *vcpu);
/* vCPU fd mmap offsets that vm/ does not know (PIO data page = KVM_PIO_PAGE_OFFSET): page or NULL. */
struct page *kvm_arch_vcpu_mmap_page(struct kvm_vcpu *vcpu, unsigned long pgoff);

/* Virtualization on this CPU; called with interrupts disabled or from hotplug. */
int kvm_arch_hardware_enable(void);
void kvm_arch_hardware_disable(void);

/*
 * Second-level mappings of [start, end) in guest frames must go: mmu_lock held.
 * Return true when TLBs must be flushed before the lock's protection ends.
 */
bool kvm_arch_unmap_gfn_range(struct kvm *kvm, gfn_t start, gfn_t end);
/* Was any page of the range used since the last call (and clear that)? mmu_lock held. */
bool kvm_arch_test_age_gfn_range(struct kvm *kvm, gfn_t start, gfn_t end, bool clear);
/* Before a slot goes (or moves): drop every mapping of it. slots_lock held, mmu_lock not. */
void kvm_arch_flush_shadow_memslot(struct kvm *kvm, const struct kvm_memory_slot *slot);
/* After a slot came: drop MMIO markers it covers. slots_lock held, mmu_lock not. */
void kvm_arch_memslot_created(struct kvm *kvm, const struct kvm_memory_slot *slot);
/*
 * Dirty logging: from the return on, each write to a page is logged by
 * mark_page_dirty_in_slot(), or its mapping is writable and the page's bit set
 * already. TLBs are flushed by the caller when the result is true.
 */
/*
 * A slot is about to be logged that was not: kvm->nr_dirty_logs says so, and all vCPUs
 * have seen it on return. And what vCPUs have logged by themselves is in the logs.
 */
void kvm_arch_dirty_log_starting(struct kvm *kvm);
void kvm_arch_sync_dirty_log(struct kvm *kvm);
/* Every page of @slot; slots_lock held, mmu_lock not. */
bool kvm_arch_write_protect_slot(struct kvm *kvm, const struct kvm_memory_slot *slot);
/* Pages of @mask, bit 0 is @slot's page @offset; mmu_lock held. */
bool kvm_arch_write_protect_masked(struct kvm *kvm, const struct kvm_memory_slot *slot,
				   gfn_t offset, unsigned long mask);
/* Logging of @slot has ended: small mappings may become large ones again. slots_lock held. */
void kvm_arch_dirty_log_stopped(struct kvm *kvm, const struct kvm_memory_slot *slot);
/* The address space goes away (mmu_notifier release, VM teardown). */
void kvm_arch_flush_shadow_all(struct kvm *kvm);
/* All vCPUs drop cached translations before this returns. */
void kvm_flush_remote_tlbs(struct kvm *kvm);

#endif
