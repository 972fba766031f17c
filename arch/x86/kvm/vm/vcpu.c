// SPDX-License-Identifier: GPL-2.0-only
/* A vCPU's file descriptor: creation, mmap, ioctls, loading on a CPU. */
#include <linux/anon_inodes.h>
#include <linux/compat.h>
#include <linux/export.h>
#include <linux/file.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "vm/arch.h"
#include "vm/fd.h"

static void kvm_sched_in(struct preempt_notifier *pn, int cpu)
{
	struct kvm_vcpu *vcpu = container_of(pn, struct kvm_vcpu, preempt_notifier);

	kvm_arch_vcpu_load(vcpu, cpu);
	WRITE_ONCE(vcpu->cpu, cpu);
}

static void kvm_sched_out(struct preempt_notifier *pn, struct task_struct *next)
{
	struct kvm_vcpu *vcpu = container_of(pn, struct kvm_vcpu, preempt_notifier);

	kvm_arch_vcpu_put(vcpu);
}

static struct preempt_ops kvm_preempt_ops = {
	.sched_in	= kvm_sched_in,
	.sched_out	= kvm_sched_out,
};

void vcpu_load(struct kvm_vcpu *vcpu)
{
	int cpu = get_cpu();

	preempt_notifier_register(&vcpu->preempt_notifier);
	kvm_arch_vcpu_load(vcpu, cpu);
	WRITE_ONCE(vcpu->cpu, cpu);
	put_cpu();
}
EXPORT_SYMBOL_GPL(vcpu_load);

void vcpu_put(struct kvm_vcpu *vcpu)
{
	preempt_disable();
	kvm_arch_vcpu_put(vcpu);
	preempt_notifier_unregister(&vcpu->preempt_notifier);
	preempt_enable();
}
EXPORT_SYMBOL_GPL(vcpu_put);

/*
 * As sigtimedwait(): while the mask is replaced, real_blocked keeps signals that
 * the thread's own mask blocks from being dropped as ignored.
 */
static int run_with_sigset(struct kvm_vcpu *vcpu)
{
	int r;

	sigprocmask(SIG_SETMASK, &vcpu->sigset, &current->real_blocked);
	r = kvm_arch_vcpu_ioctl_run(vcpu);
	sigprocmask(SIG_SETMASK, &current->real_blocked, NULL);
	sigemptyset(&current->real_blocked);
	return r;
}

static long vcpu_ioctl_run(struct kvm_vcpu *vcpu, unsigned long arg)
{
	int r;

	if (unlikely(arg))
		return -EINVAL;

	vcpu_load(vcpu);
	if (unlikely(vcpu->sigset_active))
		r = run_with_sigset(vcpu);
	else
		r = kvm_arch_vcpu_ioctl_run(vcpu);
	vcpu_put(vcpu);
	return r;
}

static void set_sigset(struct kvm_vcpu *vcpu, sigset_t *set)
{
	if (!set) {
		vcpu->sigset_active = false;
		return;
	}
	sigdelsetmask(set, sigmask(SIGKILL) | sigmask(SIGSTOP));
	vcpu->sigset = *set;
	vcpu->sigset_active = true;
}

static long vcpu_ioctl_set_signal_mask(struct kvm_vcpu *vcpu, struct kvm_signal_mask __user *user,
				       bool compat)
{
	struct kvm_signal_mask mask;
	sigset_t set;

	if (!user) {
		set_sigset(vcpu, NULL);
		return 0;
	}
	if (copy_from_user(&mask, user, sizeof(mask)))
		return -EFAULT;
#ifdef CONFIG_COMPAT
	if (compat) {
		if (mask.len != sizeof(compat_sigset_t))
			return -EINVAL;
		if (get_compat_sigset(&set, (compat_sigset_t __user *)user->sigset))
			return -EFAULT;
		set_sigset(vcpu, &set);
		return 0;
	}
#endif
	if (mask.len != sizeof(set))
		return -EINVAL;
	if (copy_from_user(&set, user->sigset, sizeof(set)))
		return -EFAULT;
	set_sigset(vcpu, &set);
	return 0;
}

/* Some look at guest memory: page directory pointers, for one. */
static long vcpu_ioctl_arch(struct kvm_vcpu *vcpu, unsigned int cmd, unsigned long arg)
{
	int idx = srcu_read_lock(&vcpu->kvm->srcu);
	long r = kvm_arch_vcpu_ioctl(vcpu, cmd, arg);

	srcu_read_unlock(&vcpu->kvm->srcu, idx);
	return r;
}

static long vcpu_ioctl(struct file *file, unsigned int cmd, unsigned long arg, bool compat)
{
	struct kvm_vcpu *vcpu = file->private_data;
	long r;

	if (unlikely(vcpu->kvm->mm != current->mm || READ_ONCE(vcpu->kvm->vm_dead)))
		return -EIO;
	if (mutex_lock_killable(&vcpu->mutex))
		return -EINTR;

	if (likely(cmd == KVM_RUN))
		r = vcpu_ioctl_run(vcpu, arg);
	else if (unlikely(_IOC_TYPE(cmd) != KVMIO))
		r = -EINVAL;
	else if (cmd == KVM_GET_STATS_FD)
		r = kvm_vcpu_get_stats_fd(vcpu);
	else if (cmd == KVM_SET_SIGNAL_MASK)
		r = vcpu_ioctl_set_signal_mask(vcpu, (void __user *)arg, compat);
	else
		r = vcpu_ioctl_arch(vcpu, cmd, arg);

	mutex_unlock(&vcpu->mutex);
	return r;
}

static long kvm_vcpu_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	return vcpu_ioctl(file, cmd, arg, false);
}

#ifdef CONFIG_COMPAT
static long kvm_vcpu_compat_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	return vcpu_ioctl(file, cmd, (unsigned long)compat_ptr(arg), true);
}
#endif

static vm_fault_t kvm_vcpu_fault(struct vm_fault *vmf)
{
	struct kvm_vcpu *vcpu = vmf->vma->vm_file->private_data;
	struct page *page;

	if (vmf->pgoff == 0)
		page = virt_to_page(vcpu->run);
	else if (vmf->pgoff == KVM_COALESCED_MMIO_PAGE_OFFSET)
		page = virt_to_page(vcpu->kvm->coalesced_ring);
	else
		page = kvm_arch_vcpu_mmap_page(vcpu, vmf->pgoff);
	if (!page)
		return VM_FAULT_SIGBUS;
	get_page(page);
	vmf->page = page;
	return 0;
}

static const struct vm_operations_struct kvm_vcpu_vm_ops = {
	.fault = kvm_vcpu_fault,
};

static int kvm_vcpu_mmap(struct file *file, struct vm_area_struct *vma)
{
	vma->vm_ops = &kvm_vcpu_vm_ops;
	return 0;
}

static int kvm_vcpu_release(struct inode *inode, struct file *file)
{
	struct kvm_vcpu *vcpu = file->private_data;

	kvm_put_vm(vcpu->kvm);
	return 0;
}

struct file_operations kvm_vcpu_fops = {
	.release	= kvm_vcpu_release,
	.unlocked_ioctl	= kvm_vcpu_ioctl,
#ifdef CONFIG_COMPAT
	.compat_ioctl	= kvm_vcpu_compat_ioctl,
#endif
	.mmap		= kvm_vcpu_mmap,
	.llseek		= noop_llseek,
};

static bool vcpu_id_used(struct kvm *kvm, int id)
{
	struct kvm_vcpu *vcpu;
	unsigned long i;

	if (!kvm->created_vcpus)
		return false;
	kvm_for_each_vcpu(i, vcpu, kvm)
		if (vcpu->vcpu_id == id)
			return true;
	return false;
}

/* kvm->lock held. The vCPU is complete, but in nobody's sight. */
static struct kvm_vcpu *alloc_vcpu(struct kvm *kvm, int id)
{
	struct kvm_vcpu *vcpu = kvm_arch_vcpu_alloc();
	int r = -ENOMEM;

	if (IS_ERR_OR_NULL(vcpu))
		return vcpu ? vcpu : ERR_PTR(-ENOMEM);

	vcpu->run = (void *)get_zeroed_page(GFP_KERNEL_ACCOUNT);
	if (!vcpu->run)
		goto out_free;
	vcpu->kvm = kvm;
	vcpu->vcpu_id = id;
	vcpu->vcpu_idx = kvm->created_vcpus;
	vcpu->cpu = -1;
	vcpu->mode = OUTSIDE_GUEST_MODE;
	mutex_init(&vcpu->mutex);
	preempt_notifier_init(&vcpu->preempt_notifier, &kvm_preempt_ops);

	r = kvm_arch_vcpu_create(vcpu);
	if (!r)
		return vcpu;

	free_page((unsigned long)vcpu->run);
out_free:
	kvm_arch_vcpu_free(vcpu);
	return ERR_PTR(r);
}

static void free_vcpu(struct kvm_vcpu *vcpu)
{
	kvm_arch_vcpu_destroy(vcpu);
	free_page((unsigned long)vcpu->run);
	kvm_arch_vcpu_free(vcpu);
}

/* kvm->lock held. Show @vcpu to the world, which cannot fail half-way. */
static int publish_vcpu(struct kvm *kvm, struct kvm_vcpu *vcpu)
{
	struct file *file;
	char name[32];
	int fd, r;

	/* Iterators do not see a reserved entry. */
	r = xa_reserve(&kvm->vcpus, vcpu->vcpu_idx, GFP_KERNEL_ACCOUNT);
	if (r)
		return r;
	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0) {
		r = fd;
		goto out_release;
	}
	snprintf(name, sizeof(name), "kvm-vcpu:%d", vcpu->vcpu_id);
	file = anon_inode_getfile(name, &kvm_vcpu_fops, vcpu, O_RDWR);
	if (IS_ERR(file)) {
		put_unused_fd(fd);
		r = PTR_ERR(file);
		goto out_release;
	}

	kvm_get_vm(kvm);
	xa_store(&kvm->vcpus, vcpu->vcpu_idx, vcpu, GFP_KERNEL_ACCOUNT);
	kvm->created_vcpus++;
	/* Full barrier: who sees the count sees the vCPU. */
	atomic_inc_return(&kvm->online_vcpus);
	kvm_create_vcpu_debugfs(vcpu);
	fd_install(fd, file);
	return fd;

out_release:
	xa_release(&kvm->vcpus, vcpu->vcpu_idx);
	return r;
}

int kvm_create_vcpu(struct kvm *kvm, unsigned long id)
{
	struct kvm_vcpu *vcpu;
	int r;

	if (id >= KVM_MAX_VCPU_IDS)
		return -EINVAL;

	mutex_lock(&kvm->lock);
	if (kvm->created_vcpus >= KVM_MAX_VCPUS) {
		r = -EINVAL;
		goto out;
	}
	if (vcpu_id_used(kvm, id)) {
		r = -EEXIST;
		goto out;
	}
	vcpu = alloc_vcpu(kvm, id);
	if (IS_ERR(vcpu)) {
		r = PTR_ERR(vcpu);
		goto out;
	}
	r = publish_vcpu(kvm, vcpu);
	if (r < 0)
		free_vcpu(vcpu);
out:
	mutex_unlock(&kvm->lock);
	return r;
}

void kvm_destroy_vcpus(struct kvm *kvm)
{
	struct kvm_vcpu *vcpu;
	unsigned long i;

	xa_for_each(&kvm->vcpus, i, vcpu) {
		xa_erase(&kvm->vcpus, i);
		free_vcpu(vcpu);
	}
	atomic_set(&kvm->online_vcpus, 0);
}
