/* SPDX-License-Identifier: GPL-2.0-only */
/* What is counted of a VM and of a vCPU; stats.c names each counter. All are u64. */
#ifndef KVM_VM_STATS_H
#define KVM_VM_STATS_H

#include <linux/atomic.h>
#include <linux/types.h>

struct kvm;
struct kvm_vcpu;

/* Counters of a VM. */
struct kvm_vm_stat {
	atomic64_t remote_tlb_flush;		/* flushes that made a vCPU leave the guest */
	atomic64_t remote_tlb_flush_requests;
	/* Mappings in the second-level tables; mmu_lock. */
	union {
		struct {
			u64 pages_4k;
			u64 pages_2m;
			u64 pages_1g;
		};
		u64 pages[3];			/* by level - 1 */
	};
};

/* Counters of a vCPU, written by its thread only. */
struct kvm_vcpu_stat {
	u64 pf_taken;
	u64 pf_fixed;
	u64 pf_emulate;
	u64 pf_mmio_spte_created;
	u64 tlb_flush;
	u64 exits;
	u64 io_exits;
	u64 mmio_exits;
	u64 signal_exits;
	u64 halt_exits;
	u64 request_irq_exits;
	u64 irq_exits;
	u64 nmi_exits;
	u64 insn_emulation;
	u64 insn_emulation_fail;
	u64 hypercalls;
	u64 irq_injections;
	u64 nmi_injections;
	u64 l1d_flush;		/* entries that flushed the L1 data cache */
};

/*
 * KVM_GET_STATS_FD: a descriptor to read the counters from, which holds the VM.
 * Process context. The descriptor, -ENOMEM, -EMFILE.
 */
int kvm_vm_get_stats_fd(struct kvm *kvm);
int kvm_vcpu_get_stats_fd(struct kvm_vcpu *vcpu);

/*
 * debugfs: kvm/<pid>-<fd>/ of a VM and vcpu<id>/ in it, while the VM exists; kvm/
 * itself, with the sums over all VMs, while /dev/kvm does. A failure is no error.
 */
void kvm_create_debugfs(struct kvm *kvm, int fd);
void kvm_destroy_debugfs(struct kvm *kvm);	/* before anything that it shows goes */
void kvm_create_vcpu_debugfs(struct kvm_vcpu *vcpu);
void kvm_debugfs_init(void);
void kvm_debugfs_exit(void);

#endif
