// SPDX-License-Identifier: GPL-2.0-only
/* A VM's file descriptor: creation, ioctls, the end. */
#include <linux/anon_inodes.h>
#include <linux/file.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "vm/arch.h"
#include "vm/fd.h"
#include "vm/io_bus.h"

static int init_vm(struct kvm *kvm)
{
	int r;

	mutex_init(&kvm->lock);
	mutex_init(&kvm->slots_lock);
	spin_lock_init(&kvm->mmu_lock);
	INIT_LIST_HEAD(&kvm->ioeventfds);
	INIT_LIST_HEAD(&kvm->vm_list);
	xa_init(&kvm->vcpus);
	refcount_set(&kvm->users_count, 1);
	kvm->mm = current->mm;
	kvm->creator = task_pid_nr(current);

	kvm_init_memslots(kvm);
	r = init_srcu_struct(&kvm->srcu);
	if (r)
		return r;
	r = kvm_coalesced_init(kvm);
	if (r)
		cleanup_srcu_struct(&kvm->srcu);
	return r;
}

static void free_vm(struct kvm *kvm)
{
	kvm_free_memslots(kvm);
	kvm_coalesced_release(kvm);
	xa_destroy(&kvm->vcpus);
	cleanup_srcu_struct(&kvm->srcu);
	kvm_arch_free_vm(kvm);
}

static struct kvm *create_vm(unsigned long type)
{
	struct kvm *kvm = kvm_arch_alloc_vm();
	int r;

	if (IS_ERR(kvm))
		return kvm;

	r = init_vm(kvm);
	if (r) {
		kvm_arch_free_vm(kvm);
		return ERR_PTR(r);
	}
	r = kvm_arch_init_vm(kvm, type);
	if (r)
		goto out_free;
	r = kvm_hardware_get();
	if (r)
		goto out_arch;
	r = kvm_mmu_notifier_register(kvm);
	if (r)
		goto out_hardware;

	mmgrab(kvm->mm);
	mutex_lock(&kvm_lock);
	list_add(&kvm->vm_list, &kvm_vm_list);
	mutex_unlock(&kvm_lock);
	return kvm;

out_hardware:
	kvm_hardware_put();
out_arch:
	kvm_arch_destroy_vm(kvm);
out_free:
	free_vm(kvm);
	return ERR_PTR(r);
}

static void destroy_vm(struct kvm *kvm)
{
	struct mm_struct *mm = kvm->mm;

	mutex_lock(&kvm_lock);
	list_del(&kvm->vm_list);
	mutex_unlock(&kvm_lock);

	kvm_destroy_debugfs(kvm);
	/* Drops every second-level mapping; nobody makes new ones. */
	mmu_notifier_unregister(&kvm->mmu_notifier, mm);
	kvm_destroy_vcpus(kvm);
	kvm_io_bus_destroy(kvm);
	kvm_ioeventfd_release(kvm);
	kvm_arch_destroy_vm(kvm);
	free_vm(kvm);
	kvm_hardware_put();
	mmdrop(mm);
}

void kvm_get_vm(struct kvm *kvm)
{
	refcount_inc(&kvm->users_count);
}

void kvm_put_vm(struct kvm *kvm)
{
	if (refcount_dec_and_test(&kvm->users_count))
		destroy_vm(kvm);
}

static int kvm_vm_release(struct inode *inode, struct file *file)
{
	kvm_put_vm(file->private_data);
	return 0;
}

static long vm_ioctl_set_memory_region(struct kvm *kvm, void __user *user)
{
	struct kvm_userspace_memory_region mem;

	if (copy_from_user(&mem, user, sizeof(mem)))
		return -EFAULT;
	return kvm_set_memory_region(kvm, &mem);
}

static long vm_ioctl_get_dirty_log(struct kvm *kvm, void __user *user)
{
	struct kvm_dirty_log log;

	if (copy_from_user(&log, user, sizeof(log)))
		return -EFAULT;
	return kvm_get_dirty_log(kvm, &log);
}

static long vm_ioctl_clear_dirty_log(struct kvm *kvm, void __user *user)
{
	struct kvm_clear_dirty_log log;

	if (copy_from_user(&log, user, sizeof(log)))
		return -EFAULT;
	return kvm_clear_dirty_log(kvm, &log);
}

static long vm_ioctl_ioeventfd(struct kvm *kvm, void __user *user)
{
	struct kvm_ioeventfd args;

	if (copy_from_user(&args, user, sizeof(args)))
		return -EFAULT;
	return kvm_ioeventfd(kvm, &args);
}

static long vm_ioctl_coalesced(struct kvm *kvm, void __user *user,
			       int (*fn)(struct kvm *kvm,
					 const struct kvm_coalesced_mmio_zone *zone))
{
	struct kvm_coalesced_mmio_zone zone;

	if (copy_from_user(&zone, user, sizeof(zone)))
		return -EFAULT;
	return fn(kvm, &zone);
}

static long kvm_vm_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct kvm *kvm = file->private_data;

	if (kvm->mm != current->mm || READ_ONCE(kvm->vm_dead))
		return -EIO;

	switch (cmd) {
	case KVM_CREATE_VCPU:
		return kvm_create_vcpu(kvm, arg);
	case KVM_SET_USER_MEMORY_REGION:
		return vm_ioctl_set_memory_region(kvm, (void __user *)arg);
	case KVM_GET_DIRTY_LOG:
		return vm_ioctl_get_dirty_log(kvm, (void __user *)arg);
	case KVM_CLEAR_DIRTY_LOG:
		return vm_ioctl_clear_dirty_log(kvm, (void __user *)arg);
	case KVM_IOEVENTFD:
		return vm_ioctl_ioeventfd(kvm, (void __user *)arg);
	case KVM_REGISTER_COALESCED_MMIO:
		return vm_ioctl_coalesced(kvm, (void __user *)arg, kvm_register_coalesced);
	case KVM_UNREGISTER_COALESCED_MMIO:
		return vm_ioctl_coalesced(kvm, (void __user *)arg, kvm_unregister_coalesced);
	case KVM_GET_STATS_FD:
		return kvm_vm_get_stats_fd(kvm);
	case KVM_CHECK_EXTENSION:
		return kvm_check_extension(kvm, arg);
	default:
		return kvm_arch_vm_ioctl(kvm, cmd, arg);
	}
}

struct file_operations kvm_vm_fops = {
	.release	= kvm_vm_release,
	.unlocked_ioctl	= kvm_vm_ioctl,
	.compat_ioctl	= compat_ptr_ioctl,
	.llseek		= noop_llseek,
};

int kvm_create_vm(unsigned long type)
{
	struct file *file;
	struct kvm *kvm;
	int fd;

	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0)
		return fd;

	kvm = create_vm(type);
	if (IS_ERR(kvm)) {
		put_unused_fd(fd);
		return PTR_ERR(kvm);
	}
	file = anon_inode_getfile("kvm-vm", &kvm_vm_fops, kvm, O_RDWR);
	if (IS_ERR(file)) {
		kvm_put_vm(kvm);
		put_unused_fd(fd);
		return PTR_ERR(file);
	}
	kvm_create_debugfs(kvm, fd);
	fd_install(fd, file);
	return fd;
}
