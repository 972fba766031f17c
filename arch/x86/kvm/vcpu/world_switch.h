/* SPDX-License-Identifier: GPL-2.0-only */
/* What the rest of the kernel is told about the guest's time on this CPU. */
#ifndef KVM_VCPU_WORLD_SWITCH_H
#define KVM_VCPU_WORLD_SWITCH_H

#include <linux/context_tracking.h>
#include <linux/rcutree.h>
#include <linux/smp.h>

#include "compat.h"

/*
 * Right before and after the world switch, interrupts off: in between RCU may
 * not watch this CPU, so that nothing is traced, locked or dereferenced there.
 */
static __always_inline void kvm_guest_enter_irqoff(void)
{
	if (!context_tracking_guest_enter())
		kvm_rcu_note_guest();
}

static __always_inline void kvm_guest_exit_irqoff(void)
{
	context_tracking_guest_exit();
}

#endif
