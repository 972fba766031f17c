// SPDX-License-Identifier: GPL-2.0-only
/* Getting a vCPU's attention: requests and kicks. */
#include <linux/cpumask.h>
#include <linux/export.h>
#include <linux/percpu.h>
#include <linux/smp.h>

#include "compat.h"
#include "vm/arch.h"
#include "vm/fd.h"

/* CPUs to interrupt; of the CPU that asks, preemption off. */
static DEFINE_PER_CPU(cpumask_var_t, kick_mask);

static void ack_kick(void *unused)
{
}

bool kvm_make_all_cpus_request(struct kvm *kvm, int req)
{
	struct kvm_vcpu *vcpu;
	struct cpumask *mask;
	unsigned long i;
	bool called;
	int me, cpu;

	if (!atomic_read(&kvm->online_vcpus))
		return false;

	me = get_cpu();
	mask = this_cpu_cpumask_var_ptr(kick_mask);
	cpumask_clear(mask);

	kvm_for_each_vcpu(i, vcpu, kvm) {
		kvm_make_request(req, vcpu);
		/* Pairs with the barrier between mode = IN_GUEST_MODE and the look at requests. */
		smp_mb__after_atomic();
		if (READ_ONCE(vcpu->mode) == OUTSIDE_GUEST_MODE)
			continue;
		cpu = READ_ONCE(vcpu->cpu);
		if (cpu >= 0 && cpu != me)
			__cpumask_set_cpu(cpu, mask);
	}

	called = !cpumask_empty(mask);
	if (called)
		smp_call_function_many(mask, ack_kick, NULL, true);
	put_cpu();
	return called;
}
EXPORT_SYMBOL_GPL(kvm_make_all_cpus_request);

void kvm_vcpu_kick(struct kvm_vcpu *vcpu)
{
	int me, cpu;

	me = get_cpu();
	/* What the kick is about is visible before mode is looked at. */
	smp_mb();
	if (READ_ONCE(vcpu->mode) == IN_GUEST_MODE) {
		cpu = READ_ONCE(vcpu->cpu);
		if (cpu != me && (unsigned int)cpu < nr_cpu_ids && cpu_online(cpu))
			smp_send_reschedule(cpu);
	}
	put_cpu();
}
EXPORT_SYMBOL_GPL(kvm_vcpu_kick);

void kvm_vm_dead(struct kvm *kvm)
{
	WRITE_ONCE(kvm->vm_dead, true);
	kvm_make_all_cpus_request(kvm, KVM_REQ_VM_DEAD);
}
EXPORT_SYMBOL_GPL(kvm_vm_dead);

int kvm_request_init(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		if (!zalloc_cpumask_var_node(&per_cpu(kick_mask, cpu), GFP_KERNEL,
					     cpu_to_node(cpu))) {
			kvm_request_exit();
			return -ENOMEM;
		}
	}
	return 0;
}

void kvm_request_exit(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		free_cpumask_var(per_cpu(kick_mask, cpu));
		/* A later kvm_init() that fails half-way frees what it got only. */
		memset(&per_cpu(kick_mask, cpu), 0, sizeof(cpumask_var_t));
	}
}
