/* SPDX-License-Identifier: GPL-2.0-only */
/* The guest's time: kvmclock and the TSC's frequency. */
#ifndef KVM_VCPU_CLOCK_H
#define KVM_VCPU_CLOCK_H

#include <linux/kvm_para.h>

#include "vcpu/vcpu.h"

/* What CPUID's leaf KVM_CPUID_FEATURES announces of this. */
#define KVM_CLOCK_FEATURES	(BIT(KVM_FEATURE_CLOCKSOURCE) | BIT(KVM_FEATURE_CLOCKSOURCE2))
/* Flags that KVM_GET_CLOCK returns, and KVM_CAP_ADJUST_CLOCK tells. */
#define KVM_GET_CLOCK_FLAGS	(KVM_CLOCK_REALTIME | KVM_CLOCK_HOST_TSC)

/* A new VM: kvmclock starts at 0. */
void kvm_clock_init_vm(struct x86_vm *vm);

/* MSR_KVM_WALL_CLOCK, MSR_KVM_SYSTEM_TIME and their _NEW: 0, 1: #GP, KVM_MSR_RET_UNKNOWN. May sleep. */
int kvm_set_clock_msr(struct x86_vcpu *vcpu, u32 index, u64 data, bool host);
int kvm_get_clock_msr(struct x86_vcpu *vcpu, u32 index, u64 *data, bool host);

/* KVM_REQ_CLOCK_UPDATE: write the vCPU's time to the guest. Its thread, srcu held; may sleep. */
void kvm_update_guest_time(struct x86_vcpu *vcpu);
/* The vCPU gets on @cpu, with base.cpu the last one; call it when the guest uses kvmclock. */
void kvm_clock_vcpu_load(struct x86_vcpu *vcpu, int cpu);

/* VM ioctls; no lock. 0, -EFAULT; SET: -EINVAL for unknown flags. */
long kvm_vm_get_clock(struct kvm *kvm, void __user *user);
long kvm_vm_set_clock(struct kvm *kvm, void __user *user);
/* KVM_KVMCLOCK_CTRL: 0, or -EINVAL when the guest does not use kvmclock. */
int kvm_vcpu_ioctl_kvmclock_ctrl(struct x86_vcpu *vcpu);

/* KVM_SET_TSC_KHZ: 0, or -EINVAL for another frequency than the host's. */
int kvm_vcpu_set_tsc_khz(struct x86_vcpu *vcpu, unsigned long khz);

#endif
