/* SPDX-License-Identifier: GPL-2.0-only */
/* The MSR filter, and what the files about MSRs call of each other. */
#ifndef KVM_VCPU_MSR_H
#define KVM_VCPU_MSR_H

#include <linux/srcu.h>

#include "vcpu/vcpu.h"

/* The MSR filter forbids the access; else as kvm_get_msr() and kvm_set_msr(). */
#define KVM_MSR_RET_FILTERED	3

/* The ranges of KVM_X86_SET_MSR_FILTER, in its order: the first that has the MSR decides. */
struct kvm_msr_ranges {
	bool default_allow;
	unsigned int nr;
	struct kvm_msr_range {
		u32 base;
		u32 nmsrs;
		u32 flags;		/* KVM_MSR_FILTER_READ, _WRITE: the accesses it is about */
		unsigned long *bitmap;	/* 1: allowed */
	} range[KVM_MSR_FILTER_MAX_RANGES];
	unsigned long bits[];
};

bool kvm_msr_range_allows(struct x86_vcpu *vcpu, u32 index, u32 access);

/*
 * May the guest's RDMSR (@access KVM_MSR_FILTER_READ) or WRMSR (_WRITE) reach
 * @index? Instructions that use MSRs by themselves are not asked about, nor are
 * ioctls. kvm->srcu held, or kvm->lock. A VM without a filter pays for one load.
 */
static inline bool kvm_msr_allowed(struct x86_vcpu *vcpu, u32 index, u32 access)
{
	if (likely(!rcu_access_pointer(vcpu_vm(vcpu)->msr_filter)))
		return true;
	return kvm_msr_range_allows(vcpu, index, access);
}

/* What the emulator's RDMSR and WRMSR do, MSR filter and userspace included: X86EMUL_*. */
int kvm_emul_rdmsr(struct x86_vcpu *vcpu, u32 index, u64 *data);
int kvm_emul_wrmsr(struct x86_vcpu *vcpu, u32 index, u64 data);

/* msr.c: no such MSR: KVM_MSR_RET_UNKNOWN, or 0 when kvm.ignore_msrs is on; and the log tells. */
int kvm_unknown_msr(u32 index, u64 data, bool write);

/* mce.c: the MSRs of machine checks: 0, 1, KVM_MSR_RET_UNKNOWN. */
int kvm_set_mce_msr(struct x86_vcpu *vcpu, u32 index, u64 data, bool host);
int kvm_get_mce_msr(struct x86_vcpu *vcpu, u32 index, u64 *data, bool host);
void kvm_mce_reset(struct x86_vcpu *vcpu);	/* at creation */

/* msr_list.c: IA32_ARCH_CAPABILITIES and DE_CFG of a guest, as far as this CPU and we know. */
u64 kvm_arch_capabilities(void);
u64 kvm_de_cfg(void);

#endif
