/* SPDX-License-Identifier: GPL-2.0-only */
/* What differs between the kernels we build for: 6.1 (the primary one) and 6.12. */
#ifndef KVM_COMPAT_H
#define KVM_COMPAT_H

#include <linux/cpuhotplug.h>
#include <linux/eventfd.h>
#include <linux/kvm.h>
#include <linux/mm.h>
#include <linux/syscore_ops.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0)

#include <asm/unaligned.h>

#define KVM_CPUHP_STATE		CPUHP_AP_KVM_STARTING

/* Exported, and declared where only the kernel itself finds it. */
extern bool itlb_multihit_kvm_mitigation;

/* Userspace writes it at any time. */
static inline bool kvm_run_immediate_exit(const struct kvm_run *run)
{
	return READ_ONCE(run->immediate_exit);
}

static inline void kvm_run_set_longmode(struct kvm_run *run, bool longmode)
{
	run->hypercall.longmode = longmode;
	run->hypercall.pad = 0;
}

#define kvm_rcu_note_guest()	rcu_virt_note_context_switch(smp_processor_id())

/* Memory without struct page is mapped by small entries only. */
static inline bool pmd_special(pmd_t pmd)
{
	return false;
}

static inline bool pud_special(pud_t pud)
{
	return false;
}

static inline void kvm_eventfd_signal(struct eventfd_ctx *ctx)
{
	eventfd_signal(ctx, 1);
}

/* Define @name, to be passed to kvm_{,un}register_syscore(). */
#define KVM_DEFINE_SYSCORE(name, suspend_fn, resume_fn)				\
	static int name##_suspend(void) { return suspend_fn(); }		\
	static void name##_resume(void) { resume_fn(); }			\
	static struct syscore_ops name = {					\
		.suspend = name##_suspend,					\
		.resume = name##_resume,					\
	}
#define kvm_register_syscore(name)	register_syscore_ops(name)
#define kvm_unregister_syscore(name)	unregister_syscore_ops(name)

#else

#include <asm/spec-ctrl.h>	/* itlb_multihit_kvm_mitigation */
#include <linux/unaligned.h>
#include <trace/events/ipi.h>	/* smp_send_reschedule() traces */

#define KVM_CPUHP_STATE		CPUHP_AP_KVM_ONLINE

static inline bool kvm_run_immediate_exit(const struct kvm_run *run)
{
	return READ_ONCE(run->immediate_exit__unsafe);
}

static inline void kvm_run_set_longmode(struct kvm_run *run, bool longmode)
{
	run->hypercall.flags = longmode ? KVM_EXIT_HYPERCALL_LONG_MODE : 0;
}

#define kvm_rcu_note_guest()	rcu_virt_note_context_switch()

static inline void kvm_eventfd_signal(struct eventfd_ctx *ctx)
{
	eventfd_signal(ctx);
}

#define KVM_DEFINE_SYSCORE(name, suspend_fn, resume_fn)				\
	static int name##_suspend(void *data) { return suspend_fn(); }		\
	static void name##_resume(void *data) { resume_fn(); }			\
	static const struct syscore_ops name##_ops = {				\
		.suspend = name##_suspend,					\
		.resume = name##_resume,					\
	};									\
	static struct syscore name = { .ops = &name##_ops }
#define kvm_register_syscore(name)	register_syscore(name)
#define kvm_unregister_syscore(name)	unregister_syscore(name)

#endif

#endif
