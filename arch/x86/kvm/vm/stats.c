// SPDX-License-Identifier: GPL-2.0-only
/* Statistics of VMs and vCPUs: the binary file of KVM_GET_STATS_FD, and debugfs. */
#include <linux/anon_inodes.h>
#include <linux/debugfs.h>
#include <linux/file.h>
#include <linux/kvm.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "vm/arch.h"
#include "vm/fd.h"

#define STATS_NAME_SIZE	48

/* struct kvm_stats_desc with the name that userspace reads behind it. */
struct stats_desc {
	u32 flags;
	s16 exponent;
	u16 size;
	u32 offset;
	u32 bucket_size;
	char name[STATS_NAME_SIZE];
};

static_assert(offsetof(struct stats_desc, name) == offsetof(struct kvm_stats_desc, name));

#define STAT(type, member, kind) {						\
	.flags = KVM_STATS_TYPE_##kind | KVM_STATS_UNIT_NONE | KVM_STATS_BASE_POW10, \
	.size = 1,								\
	.offset = offsetof(struct type, member),				\
	.name = #member,							\
}
#define VM_COUNTER(member)	STAT(kvm_vm_stat, member, CUMULATIVE)
#define VM_INSTANT(member)	STAT(kvm_vm_stat, member, INSTANT)
#define VCPU_COUNTER(member)	STAT(kvm_vcpu_stat, member, CUMULATIVE)

static const struct stats_desc vm_descs[] = {
	VM_COUNTER(remote_tlb_flush),
	VM_COUNTER(remote_tlb_flush_requests),
	VM_INSTANT(pages_4k),
	VM_INSTANT(pages_2m),
	VM_INSTANT(pages_1g),
};

static const struct stats_desc vcpu_descs[] = {
	VCPU_COUNTER(pf_taken),
	VCPU_COUNTER(pf_fixed),
	VCPU_COUNTER(pf_emulate),
	VCPU_COUNTER(pf_mmio_spte_created),
	VCPU_COUNTER(tlb_flush),
	VCPU_COUNTER(exits),
	VCPU_COUNTER(io_exits),
	VCPU_COUNTER(mmio_exits),
	VCPU_COUNTER(signal_exits),
	VCPU_COUNTER(halt_exits),
	VCPU_COUNTER(request_irq_exits),
	VCPU_COUNTER(irq_exits),
	VCPU_COUNTER(nmi_exits),
	VCPU_COUNTER(insn_emulation),
	VCPU_COUNTER(insn_emulation_fail),
	VCPU_COUNTER(hypercalls),
	VCPU_COUNTER(irq_injections),
	VCPU_COUNTER(nmi_injections),
	VCPU_COUNTER(l1d_flush),
};

static_assert(ARRAY_SIZE(vm_descs) * sizeof(u64) == sizeof(struct kvm_vm_stat));
static_assert(ARRAY_SIZE(vcpu_descs) * sizeof(u64) == sizeof(struct kvm_vcpu_stat));

#define STATS_HEADER(descs) {							\
	.name_size = STATS_NAME_SIZE,						\
	.num_desc = ARRAY_SIZE(descs),						\
	.id_offset = sizeof(struct kvm_stats_header),				\
	.desc_offset = sizeof(struct kvm_stats_header) + STATS_NAME_SIZE,	\
	.data_offset = sizeof(struct kvm_stats_header) + STATS_NAME_SIZE + sizeof(descs), \
}

static const struct kvm_stats_header vm_header = STATS_HEADER(vm_descs);
static const struct kvm_stats_header vcpu_header = STATS_HEADER(vcpu_descs);

/* One open file: header, id, descriptors, data, one after the other. */
struct stats_file {
	struct kvm *kvm;		/* held */
	const struct kvm_stats_header *header;
	const struct stats_desc *descs;
	const void *data;
	char id[STATS_NAME_SIZE];
};

static loff_t stats_size(const struct stats_file *s)
{
	return s->header->data_offset + s->header->num_desc * sizeof(u64);
}

static ssize_t stats_read(struct file *file, char __user *user, size_t len, loff_t *pos)
{
	const struct stats_file *s = file->private_data;
	const struct {
		const void *data;
		size_t size;
	} part[] = {
		{ s->header, sizeof(*s->header) },
		{ s->id, sizeof(s->id) },
		{ s->descs, s->header->num_desc * sizeof(*s->descs) },
		{ s->data, s->header->num_desc * sizeof(u64) },
	};
	loff_t offset = *pos;
	size_t done = 0, n;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(part) && done < len; i++) {
		if (offset >= part[i].size) {
			offset -= part[i].size;
			continue;
		}
		n = min_t(size_t, part[i].size - offset, len - done);
		if (copy_to_user(user + done, part[i].data + offset, n))
			return -EFAULT;
		done += n;
		offset = 0;
	}
	*pos += done;
	return done;
}

static loff_t stats_llseek(struct file *file, loff_t offset, int whence)
{
	return fixed_size_llseek(file, offset, whence, stats_size(file->private_data));
}

static int stats_release(struct inode *inode, struct file *file)
{
	struct stats_file *s = file->private_data;

	kvm_put_vm(s->kvm);
	kfree(s);
	return 0;
}

struct file_operations kvm_stats_fops = {
	.read		= stats_read,
	.llseek		= stats_llseek,
	.release	= stats_release,
};

/* Takes @s over. */
static int open_stats(struct stats_file *s, const char *name)
{
	struct file *file;
	int fd = get_unused_fd_flags(O_CLOEXEC);

	if (fd < 0)
		goto out_free;
	file = anon_inode_getfile(name, &kvm_stats_fops, s, O_RDONLY);
	if (IS_ERR(file)) {
		put_unused_fd(fd);
		fd = PTR_ERR(file);
		goto out_free;
	}
	file->f_mode |= FMODE_PREAD | FMODE_LSEEK;
	kvm_get_vm(s->kvm);
	fd_install(fd, file);
	return fd;

out_free:
	kfree(s);
	return fd;
}

int kvm_vm_get_stats_fd(struct kvm *kvm)
{
	struct stats_file *s = kzalloc(sizeof(*s), GFP_KERNEL_ACCOUNT);

	if (!s)
		return -ENOMEM;
	s->kvm = kvm;
	s->header = &vm_header;
	s->descs = vm_descs;
	s->data = &kvm->stat;
	snprintf(s->id, sizeof(s->id), "kvm-%d", kvm->creator);
	return open_stats(s, "kvm-vm-stats");
}

int kvm_vcpu_get_stats_fd(struct kvm_vcpu *vcpu)
{
	struct stats_file *s = kzalloc(sizeof(*s), GFP_KERNEL_ACCOUNT);

	if (!s)
		return -ENOMEM;
	s->kvm = vcpu->kvm;
	s->header = &vcpu_header;
	s->descs = vcpu_descs;
	s->data = &vcpu->stat;
	snprintf(s->id, sizeof(s->id), "kvm-%d/vcpu-%d", vcpu->kvm->creator, vcpu->vcpu_id);
	return open_stats(s, "kvm-vcpu-stats");
}

/*
 * debugfs. debugfs_remove() waits for who is in a file's operation and keeps the
 * next out, so that an open file needs no hold on its VM.
 */
static struct dentry *kvm_debugfs_dir;

/* What a file shows: a counter of @kvm, or the sum over its vCPUs; without @kvm over all VMs. */
struct stat_file {
	struct kvm *kvm;
	const struct stats_desc *desc;
	bool of_vcpus;
};

static u64 *counter_at(void *stat, const struct stat_file *f)
{
	return stat + f->desc->offset;
}

static u64 vm_sum(struct kvm *kvm, const struct stat_file *f, bool clear)
{
	struct kvm_vcpu *vcpu;
	unsigned long i;
	u64 sum = 0, *p;

	if (!f->of_vcpus) {
		p = counter_at(&kvm->stat, f);
		sum = READ_ONCE(*p);
		if (clear)
			WRITE_ONCE(*p, 0);
		return sum;
	}
	if (!atomic_read(&kvm->online_vcpus))
		return 0;
	kvm_for_each_vcpu(i, vcpu, kvm) {
		p = counter_at(&vcpu->stat, f);
		sum += READ_ONCE(*p);
		/* The thread may just be counting: then it goes on from the old value. */
		if (clear)
			WRITE_ONCE(*p, 0);
	}
	return sum;
}

static u64 stat_sum(const struct stat_file *f, bool clear)
{
	struct kvm *kvm;
	u64 sum = 0;

	if (f->kvm)
		return vm_sum(f->kvm, f, clear);
	mutex_lock(&kvm_lock);
	list_for_each_entry(kvm, &kvm_vm_list, vm_list)
		sum += vm_sum(kvm, f, clear);
	mutex_unlock(&kvm_lock);
	return sum;
}

static int stat_get(void *data, u64 *val)
{
	*val = stat_sum(data, false);
	return 0;
}

/* Only 0 can be written. */
static int stat_clear(void *data, u64 val)
{
	if (val)
		return -EINVAL;
	stat_sum(data, true);
	return 0;
}

DEFINE_DEBUGFS_ATTRIBUTE(stat_fops, stat_get, stat_clear, "%llu\n");
DEFINE_DEBUGFS_ATTRIBUTE(stat_readonly_fops, stat_get, NULL, "%llu\n");

#define NR_STATS	(ARRAY_SIZE(vm_descs) + ARRAY_SIZE(vcpu_descs))

static struct stat_file all_vms_files[NR_STATS];

static void create_file(struct dentry *dir, struct stat_file *f, struct kvm *kvm,
			const struct stats_desc *desc, bool of_vcpus)
{
	bool instant = (desc->flags & KVM_STATS_TYPE_MASK) == KVM_STATS_TYPE_INSTANT;

	f->kvm = kvm;
	f->desc = desc;
	f->of_vcpus = of_vcpus;
	debugfs_create_file_unsafe(desc->name, instant ? 0444 : 0644, dir, f,
				   instant ? &stat_readonly_fops : &stat_fops);
}

/* Every counter in @dir, described by @files[NR_STATS]. */
static void create_files(struct dentry *dir, struct stat_file *files, struct kvm *kvm)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vm_descs); i++)
		create_file(dir, files++, kvm, &vm_descs[i], false);
	for (i = 0; i < ARRAY_SIZE(vcpu_descs); i++)
		create_file(dir, files++, kvm, &vcpu_descs[i], true);
}

void kvm_create_debugfs(struct kvm *kvm, int fd)
{
	struct dentry *old;
	char name[32];

	if (IS_ERR_OR_NULL(kvm_debugfs_dir))
		return;
	snprintf(name, sizeof(name), "%d-%d", kvm->creator, fd);
	/* Of a VM whose descriptor is closed while those of its vCPUs are not. */
	old = debugfs_lookup(name, kvm_debugfs_dir);
	if (old) {
		dput(old);
		return;
	}
	kvm->debugfs_files = kcalloc(NR_STATS, sizeof(struct stat_file), GFP_KERNEL_ACCOUNT);
	if (!kvm->debugfs_files)
		return;
	kvm->debugfs_dir = debugfs_create_dir(name, kvm_debugfs_dir);
	if (!IS_ERR(kvm->debugfs_dir))
		create_files(kvm->debugfs_dir, kvm->debugfs_files, kvm);
}

void kvm_destroy_debugfs(struct kvm *kvm)
{
	debugfs_remove_recursive(kvm->debugfs_dir);
	kfree(kvm->debugfs_files);
}

void kvm_create_vcpu_debugfs(struct kvm_vcpu *vcpu)
{
	struct dentry *dir;
	char name[16];

	if (IS_ERR_OR_NULL(vcpu->kvm->debugfs_dir))
		return;
	snprintf(name, sizeof(name), "vcpu%d", vcpu->vcpu_id);
	dir = debugfs_create_dir(name, vcpu->kvm->debugfs_dir);
	if (!IS_ERR(dir))
		kvm_arch_create_vcpu_debugfs(vcpu, dir);
}

void kvm_debugfs_init(void)
{
	kvm_debugfs_dir = debugfs_create_dir("kvm", NULL);
	if (!IS_ERR(kvm_debugfs_dir))
		create_files(kvm_debugfs_dir, all_vms_files, NULL);
}

void kvm_debugfs_exit(void)
{
	debugfs_remove_recursive(kvm_debugfs_dir);
	kvm_debugfs_dir = NULL;
}
