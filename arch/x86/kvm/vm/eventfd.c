// SPDX-License-Identifier: GPL-2.0-only
/* KVM_IOEVENTFD: a guest's write to a port or an MMIO address signals an eventfd. */
#include <linux/eventfd.h>
#include <linux/kvm.h>
#include <linux/slab.h>

#include "compat.h"
#include "vm/io_bus.h"

/* Of one VM: what a guest's access and a VMM's call must look through is bounded. */
#define MAX_IOEVENTFDS	8192

struct ioeventfd {
	struct kvm_io_device dev;
	struct list_head list;		/* kvm->ioeventfds under slots_lock */
	struct eventfd_ctx *eventfd;
	u64 addr;
	u64 datamatch;
	int length;			/* 0: any */
	enum kvm_bus bus;
	bool wildcard;			/* any value */
};

#define IOEVENTFD_VALID_FLAGS \
	(KVM_IOEVENTFD_FLAG_DATAMATCH | KVM_IOEVENTFD_FLAG_PIO | KVM_IOEVENTFD_FLAG_DEASSIGN)

static u64 value_of(const void *val, int len)
{
	switch (len) {
	case 1:
		return *(const u8 *)val;
	case 2:
		return get_unaligned((const u16 *)val);
	case 4:
		return get_unaligned((const u32 *)val);
	default:
		return get_unaligned((const u64 *)val);
	}
}

static int ioeventfd_write(struct kvm_vcpu *vcpu, struct kvm_io_device *dev, gpa_t addr, int len,
			   const void *val)
{
	struct ioeventfd *p = container_of(dev, struct ioeventfd, dev);

	if (addr != p->addr)
		return -EOPNOTSUPP;
	if (p->length) {
		if (len != p->length)
			return -EOPNOTSUPP;
		if (!p->wildcard && value_of(val, len) != p->datamatch)
			return -EOPNOTSUPP;
	}
	kvm_eventfd_signal(p->eventfd);
	return 0;
}

static const struct kvm_io_device_ops ioeventfd_ops = {
	.write = ioeventfd_write,
};

/* A fault without decoding knows the address, neither length nor value. */
static bool on_fast_bus(const struct ioeventfd *p)
{
	return p->bus == KVM_MMIO_BUS && !p->length;
}

/* Is there a write that both would answer? */
static bool collides(struct kvm *kvm, const struct ioeventfd *new)
{
	struct ioeventfd *p;

	list_for_each_entry(p, &kvm->ioeventfds, list) {
		if (p->bus != new->bus || p->addr != new->addr)
			continue;
		if (!p->length || !new->length)
			return true;
		if (p->length == new->length &&
		    (p->wildcard || new->wildcard || p->datamatch == new->datamatch))
			return true;
	}
	return false;
}

static int assign_locked(struct kvm *kvm, struct ioeventfd *p)
{
	int r;

	if (collides(kvm, p))
		return -EEXIST;
	if (kvm->nr_ioeventfds >= MAX_IOEVENTFDS)
		return -ENOSPC;
	r = kvm_io_bus_register_dev(kvm, p->bus, p->addr, p->length, &p->dev);
	if (r)
		return r;
	if (on_fast_bus(p)) {
		r = kvm_io_bus_register_dev(kvm, KVM_FAST_MMIO_BUS, p->addr, 0, &p->dev);
		if (r && kvm_io_bus_unregister_dev(kvm, p->bus, &p->dev) == 0)
			return r;
	}
	/* Should the way back have failed as well, it works by the slow bus. */
	list_add_tail(&p->list, &kvm->ioeventfds);
	kvm->nr_ioeventfds++;
	return 0;
}

static int assign(struct kvm *kvm, const struct kvm_ioeventfd *args, enum kvm_bus bus,
		  struct eventfd_ctx *eventfd)
{
	struct ioeventfd *p;
	int r;

	p = kzalloc(sizeof(*p), GFP_KERNEL_ACCOUNT);
	if (!p)
		return -ENOMEM;
	p->dev.ops = &ioeventfd_ops;
	p->eventfd = eventfd;
	p->addr = args->addr;
	p->length = args->len;
	p->bus = bus;
	p->wildcard = !(args->flags & KVM_IOEVENTFD_FLAG_DATAMATCH);
	p->datamatch = args->datamatch;

	mutex_lock(&kvm->slots_lock);
	r = assign_locked(kvm, p);
	mutex_unlock(&kvm->slots_lock);
	if (r)
		kfree(p);
	return r;
}

static void free_ioeventfd(struct ioeventfd *p)
{
	list_del(&p->list);
	eventfd_ctx_put(p->eventfd);
	kfree(p);
}

static bool matches(const struct ioeventfd *p, const struct kvm_ioeventfd *args, enum kvm_bus bus,
		    const struct eventfd_ctx *eventfd)
{
	bool wildcard = !(args->flags & KVM_IOEVENTFD_FLAG_DATAMATCH);

	return p->bus == bus && p->eventfd == eventfd && p->addr == args->addr &&
	       p->length == args->len && p->wildcard == wildcard &&
	       (wildcard || p->datamatch == args->datamatch);
}

static int deassign_locked(struct kvm *kvm, struct ioeventfd *p)
{
	int r;

	/* -ENOENT: it never got there, see assign_locked(). */
	if (on_fast_bus(p)) {
		r = kvm_io_bus_unregister_dev(kvm, KVM_FAST_MMIO_BUS, &p->dev);
		if (r && r != -ENOENT)
			return r;
	}
	r = kvm_io_bus_unregister_dev(kvm, p->bus, &p->dev);
	if (r)
		return r;
	kvm->nr_ioeventfds--;
	free_ioeventfd(p);
	return 0;
}

static int deassign(struct kvm *kvm, const struct kvm_ioeventfd *args, enum kvm_bus bus,
		    const struct eventfd_ctx *eventfd)
{
	struct ioeventfd *p;
	int r = -ENOENT;

	mutex_lock(&kvm->slots_lock);
	list_for_each_entry(p, &kvm->ioeventfds, list) {
		if (matches(p, args, bus, eventfd)) {
			r = deassign_locked(kvm, p);
			break;
		}
	}
	mutex_unlock(&kvm->slots_lock);
	return r;
}

static int check_args(const struct kvm_ioeventfd *args)
{
	switch (args->len) {
	case 0:
		/* Any length has no value to compare. */
		if (args->flags & KVM_IOEVENTFD_FLAG_DATAMATCH)
			return -EINVAL;
		break;
	case 1:
	case 2:
	case 4:
	case 8:
		break;
	default:
		return -EINVAL;
	}
	if (args->addr + args->len < args->addr)
		return -EINVAL;
	if (args->flags & ~IOEVENTFD_VALID_FLAGS)
		return -EINVAL;
	return 0;
}

int kvm_ioeventfd(struct kvm *kvm, const struct kvm_ioeventfd *args)
{
	enum kvm_bus bus = args->flags & KVM_IOEVENTFD_FLAG_PIO ? KVM_PIO_BUS : KVM_MMIO_BUS;
	struct eventfd_ctx *eventfd;
	int r = check_args(args);

	if (r)
		return r;
	eventfd = eventfd_ctx_fdget(args->fd);
	if (IS_ERR(eventfd))
		return PTR_ERR(eventfd);

	if (args->flags & KVM_IOEVENTFD_FLAG_DEASSIGN) {
		r = deassign(kvm, args, bus, eventfd);
		eventfd_ctx_put(eventfd);
		return r;
	}
	r = assign(kvm, args, bus, eventfd);
	if (r)
		eventfd_ctx_put(eventfd);
	return r;
}

void kvm_ioeventfd_release(struct kvm *kvm)
{
	struct ioeventfd *p, *tmp;

	list_for_each_entry_safe(p, tmp, &kvm->ioeventfds, list)
		free_ioeventfd(p);
}
