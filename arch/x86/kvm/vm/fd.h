/* SPDX-License-Identifier: GPL-2.0-only */
/* Private to vm/: what its files call of each other. */
#ifndef KVM_VM_FD_H
#define KVM_VM_FD_H

#include <linux/fs.h>

#include "vm/vm.h"

/* Every VM, for whoever must reach them all; kvm_lock. */
extern struct list_head kvm_vm_list;
extern struct mutex kvm_lock;	/* kvm_vm_list, kvm_usage_count */

/* File operations of all kinds; kvm_init() sets their owner. */
extern struct file_operations kvm_vm_fops;
extern struct file_operations kvm_vcpu_fops;
extern struct file_operations kvm_stats_fops;

/* main.c: virtualization is on, on every online CPU, while some VM holds it. 0 or -errno. */
int kvm_hardware_get(void);
void kvm_hardware_put(void);
/* KVM_CHECK_EXTENSION; @kvm NULL on /dev/kvm. */
long kvm_check_extension(struct kvm *kvm, long ext);

/* vm.c */
int kvm_create_vm(unsigned long type);	/* file descriptor or -errno */
void kvm_get_vm(struct kvm *kvm);
void kvm_put_vm(struct kvm *kvm);

/* memslots.c: no slots. */
void kvm_init_memslots(struct kvm *kvm);
/* memslots.c: the slot of that number, or NULL; slots_lock held. */
struct kvm_memory_slot *id_to_memslot(struct kvm *kvm, u16 id);

/* dirty_log.c; slots_lock held. A slot's log, to be freed by kvfree(); NULL: no memory. */
unsigned long *kvm_alloc_dirty_bitmap(struct kvm *kvm, unsigned long npages);
/* Nothing is dirty when logging starts; else everything is. */
bool kvm_dirty_log_starts_clean(struct kvm *kvm);

/* coalesced.c: no zones and an empty ring: 0 or -ENOMEM; and the end, the VM has no users. */
int kvm_coalesced_init(struct kvm *kvm);
void kvm_coalesced_release(struct kvm *kvm);

/* vcpu.c */
int kvm_create_vcpu(struct kvm *kvm, unsigned long id);	/* file descriptor or -errno */
void kvm_destroy_vcpus(struct kvm *kvm);

/* request.c: per-CPU state, by kvm_init() and kvm_exit(). */
int kvm_request_init(void);
void kvm_request_exit(void);

#endif
