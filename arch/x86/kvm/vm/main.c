// SPDX-License-Identifier: GPL-2.0-only
/* /dev/kvm, and virtualization switched on and off on the machine's CPUs. */
#include <linux/cpu.h>
#include <linux/kvm.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/preempt.h>
#include <linux/reboot.h>

#include "compat.h"
#include "vm/arch.h"
#include "vm/fd.h"

/* Protects kvm_vm_list and kvm_usage_count. Taken outside of cpus_read_lock(). */
DEFINE_MUTEX(kvm_lock);
LIST_HEAD(kvm_vm_list);

/* VMs that need virtualization. To write: kvm_lock and cpus_read_lock(). Hotplug reads it as it is. */
static int kvm_usage_count;
/* On each CPU: virtualization is on. That CPU only, IRQs off. */
static DEFINE_PER_CPU(bool, hardware_enabled);
static atomic_t hardware_enable_failed;

bool kvm_rebooting;
EXPORT_SYMBOL_GPL(kvm_rebooting);

static int hardware_enable_this_cpu(void)
{
	unsigned long flags;
	int r = 0;

	local_irq_save(flags);
	if (!__this_cpu_read(hardware_enabled)) {
		r = kvm_arch_hardware_enable();
		if (r)
			pr_info("kvm: enabling virtualization on CPU%d failed\n",
				smp_processor_id());
		else
			__this_cpu_write(hardware_enabled, true);
	}
	local_irq_restore(flags);
	return r;
}

static void hardware_disable_this_cpu(void)
{
	unsigned long flags;

	local_irq_save(flags);
	if (__this_cpu_read(hardware_enabled)) {
		__this_cpu_write(hardware_enabled, false);
		kvm_arch_hardware_disable();
	}
	local_irq_restore(flags);
}

static void hardware_enable_ipi(void *unused)
{
	if (hardware_enable_this_cpu())
		atomic_inc(&hardware_enable_failed);
}

static void hardware_disable_ipi(void *unused)
{
	hardware_disable_this_cpu();
}

int kvm_hardware_get(void)
{
	int r = 0;

	mutex_lock(&kvm_lock);
	cpus_read_lock();
	if (++kvm_usage_count == 1) {
		atomic_set(&hardware_enable_failed, 0);
		on_each_cpu(hardware_enable_ipi, NULL, 1);
		if (kvm_rebooting || atomic_read(&hardware_enable_failed)) {
			kvm_usage_count = 0;
			on_each_cpu(hardware_disable_ipi, NULL, 1);
			r = -EBUSY;
		}
	}
	cpus_read_unlock();
	mutex_unlock(&kvm_lock);
	return r;
}

void kvm_hardware_put(void)
{
	mutex_lock(&kvm_lock);
	cpus_read_lock();
	if (!--kvm_usage_count)
		on_each_cpu(hardware_disable_ipi, NULL, 1);
	cpus_read_unlock();
	mutex_unlock(&kvm_lock);
}

/* A CPU comes or goes while kvm_usage_count cannot change. */
static int kvm_cpu_online(unsigned int cpu)
{
	return kvm_usage_count ? hardware_enable_this_cpu() : 0;
}

static int kvm_cpu_offline(unsigned int cpu)
{
	hardware_disable_this_cpu();
	return 0;
}

/* One CPU is left, with IRQs off: nobody changes kvm_usage_count. */
static int kvm_suspend(void)
{
	hardware_disable_this_cpu();
	return 0;
}

static void kvm_resume(void)
{
	if (kvm_usage_count)
		WARN_ON_ONCE(hardware_enable_this_cpu());
}

KVM_DEFINE_SYSCORE(kvm_syscore, kvm_suspend, kvm_resume);

/* Firmware and the next kernel want INIT to work: it does not while virtualization is on. */
static int kvm_reboot(struct notifier_block *nb, unsigned long val, void *v)
{
	kvm_rebooting = true;
	on_each_cpu(hardware_disable_ipi, NULL, 1);
	return NOTIFY_OK;
}

static struct notifier_block kvm_reboot_notifier = {
	.notifier_call = kvm_reboot,
};

long kvm_check_extension(struct kvm *kvm, long ext)
{
	switch (ext) {
	case KVM_CAP_USER_MEMORY:
	case KVM_CAP_DESTROY_MEMORY_REGION_WORKS:
	case KVM_CAP_JOIN_MEMORY_REGIONS_WORKS:
	case KVM_CAP_SYNC_MMU:
	case KVM_CAP_READONLY_MEM:
	case KVM_CAP_IOEVENTFD:
	case KVM_CAP_IOEVENTFD_ANY_LENGTH:
	case KVM_CAP_IOEVENTFD_NO_LENGTH:
	case KVM_CAP_COALESCED_PIO:
	case KVM_CAP_BINARY_STATS_FD:
	case KVM_CAP_IMMEDIATE_EXIT:
	case KVM_CAP_CHECK_EXTENSION_VM:
		return 1;
	case KVM_CAP_COALESCED_MMIO:
		return KVM_COALESCED_MMIO_PAGE_OFFSET;
	case KVM_CAP_NR_VCPUS:
		return min_t(long, num_online_cpus(), KVM_MAX_VCPUS);
	case KVM_CAP_MAX_VCPUS:
		return KVM_MAX_VCPUS;
	case KVM_CAP_MAX_VCPU_ID:
		return KVM_MAX_VCPU_IDS;
	case KVM_CAP_NR_MEMSLOTS:
		return KVM_USER_MEM_SLOTS;
	case KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2:
		return KVM_DIRTY_LOG_CAPS;
	default:
		return kvm_arch_check_extension(kvm, ext);
	}
}

static long kvm_dev_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	switch (cmd) {
	case KVM_GET_API_VERSION:
		return arg ? -EINVAL : KVM_API_VERSION;
	case KVM_CREATE_VM:
		return kvm_create_vm(arg);
	case KVM_CHECK_EXTENSION:
		return kvm_check_extension(NULL, arg);
	case KVM_GET_VCPU_MMAP_SIZE:
		/* struct kvm_run, the page of port I/O data, the ring of coalesced writes. */
		return arg ? -EINVAL : (KVM_COALESCED_MMIO_PAGE_OFFSET + 1) * PAGE_SIZE;
	default:
		return kvm_arch_dev_ioctl(cmd, arg);
	}
}

static struct file_operations kvm_dev_fops = {
	.unlocked_ioctl	= kvm_dev_ioctl,
	.compat_ioctl	= compat_ptr_ioctl,
	.llseek		= noop_llseek,
};

static struct miscdevice kvm_dev = {
	.minor	= KVM_MINOR,
	.name	= "kvm",
	.fops	= &kvm_dev_fops,
};

int kvm_init(struct module *owner)
{
	int r;

	kvm_dev_fops.owner = owner;
	kvm_vm_fops.owner = owner;
	kvm_vcpu_fops.owner = owner;
	kvm_stats_fops.owner = owner;

	r = kvm_request_init();
	if (r)
		return r;
	r = cpuhp_setup_state_nocalls(KVM_CPUHP_STATE, "kvm/cpu:online",
				      kvm_cpu_online, kvm_cpu_offline);
	if (r)
		goto out_request;
	register_reboot_notifier(&kvm_reboot_notifier);
	kvm_register_syscore(&kvm_syscore);
	/* Once, not with each VM: it patches the scheduler's code on all CPUs. */
	preempt_notifier_inc();
	kvm_debugfs_init();

	r = misc_register(&kvm_dev);
	if (r) {
		pr_err("kvm: /dev/kvm cannot be registered: %d\n", r);
		goto out_notifiers;
	}
	return 0;

out_notifiers:
	kvm_debugfs_exit();
	preempt_notifier_dec();
	kvm_unregister_syscore(&kvm_syscore);
	unregister_reboot_notifier(&kvm_reboot_notifier);
	cpuhp_remove_state_nocalls(KVM_CPUHP_STATE);
out_request:
	kvm_request_exit();
	return r;
}

void kvm_exit(void)
{
	misc_deregister(&kvm_dev);
	kvm_debugfs_exit();
	preempt_notifier_dec();
	kvm_unregister_syscore(&kvm_syscore);
	unregister_reboot_notifier(&kvm_reboot_notifier);
	cpuhp_remove_state_nocalls(KVM_CPUHP_STATE);
	kvm_request_exit();
}
