// SPDX-License-Identifier: GPL-2.0-only
/*
 * Coalesced MMIO and PIO: writes to a zone go to a ring in a page shared with
 * userspace, which reads them before it looks at the next exit.
 */
#include <linux/kvm.h>
#include <linux/slab.h>

#include "vm/arch.h"
#include "vm/fd.h"
#include "vm/io_bus.h"

/* Of one bus. */
#define MAX_ZONES	1000

struct coalesced_zone {
	struct kvm_io_device dev;
	struct list_head list;		/* kvm->coalesced_zones under slots_lock */
	u64 addr;
	u32 size;
	enum kvm_bus bus;
};

/* Userspace owns @first and can write all of the page at any time: believe nothing twice. */
static bool ring_room(const struct kvm_coalesced_mmio_ring *ring, unsigned int n, u32 *last)
{
	u32 first = READ_ONCE(ring->first);

	*last = READ_ONCE(ring->last);
	if (first >= KVM_COALESCED_MMIO_MAX || *last >= KVM_COALESCED_MMIO_MAX)
		return false;
	/* One stays free, or full would look like empty. */
	return (first + KVM_COALESCED_MMIO_MAX - *last - 1) % KVM_COALESCED_MMIO_MAX >= n;
}

static void fill_entry(struct kvm_coalesced_mmio *entry, const struct coalesced_zone *zone,
		       gpa_t addr, unsigned int len, const void *val)
{
	entry->phys_addr = addr;
	entry->len = len;
	entry->pio = zone->bus == KVM_PIO_BUS;
	memcpy(entry->data, val, len);
}

/* All of it in pieces of 8 bytes, or nothing: then it leaves as any other write. */
static bool ring_write(struct kvm *kvm, const struct coalesced_zone *zone, gpa_t addr, int len,
		       const void *val)
{
	struct kvm_coalesced_mmio_ring *ring = kvm->coalesced_ring;
	unsigned int pos, piece;
	bool room;
	u32 last;

	spin_lock(&kvm->coalesced_lock);
	room = ring_room(ring, DIV_ROUND_UP(len, 8), &last);
	for (pos = 0; room && pos < len; pos += piece) {
		piece = min(len - pos, 8u);
		fill_entry(&ring->coalesced_mmio[last], zone, addr + pos, piece, val + pos);
		last = (last + 1) % KVM_COALESCED_MMIO_MAX;
	}
	/* The entries, before the index that shows them. */
	if (room)
		smp_store_release(&ring->last, last);
	spin_unlock(&kvm->coalesced_lock);
	return room;
}

static int coalesced_write(struct kvm_vcpu *vcpu, struct kvm_io_device *dev, gpa_t addr, int len,
			   const void *val)
{
	struct coalesced_zone *zone = container_of(dev, struct coalesced_zone, dev);

	/* A zone of no size: the bus takes it for one of any length. */
	if (unlikely(!zone->size))
		return -EOPNOTSUPP;
	/* What is read from the ring comes before the exit: do not overtake a write that needs one. */
	if (unlikely(kvm_arch_vcpu_io_queued(vcpu)))
		return -EOPNOTSUPP;
	return ring_write(vcpu->kvm, zone, addr, len, val) ? 0 : -EOPNOTSUPP;
}

static const struct kvm_io_device_ops coalesced_ops = {
	.write = coalesced_write,
};

static enum kvm_bus bus_of(const struct kvm_coalesced_mmio_zone *args)
{
	return args->pio ? KVM_PIO_BUS : KVM_MMIO_BUS;
}

static int register_locked(struct kvm *kvm, struct coalesced_zone *zone)
{
	struct coalesced_zone *p;
	unsigned int nr = 0;
	int r;

	list_for_each_entry(p, &kvm->coalesced_zones, list)
		nr += p->bus == zone->bus;
	if (nr >= MAX_ZONES)
		return -ENOSPC;
	r = kvm_io_bus_register_dev(kvm, zone->bus, zone->addr, zone->size, &zone->dev);
	if (!r)
		list_add_tail(&zone->list, &kvm->coalesced_zones);
	return r;
}

int kvm_register_coalesced(struct kvm *kvm, const struct kvm_coalesced_mmio_zone *args)
{
	struct coalesced_zone *zone;
	int r;

	if (args->pio > 1)
		return -EINVAL;
	zone = kzalloc(sizeof(*zone), GFP_KERNEL_ACCOUNT);
	if (!zone)
		return -ENOMEM;
	zone->dev.ops = &coalesced_ops;
	zone->addr = args->addr;
	zone->size = args->size;
	zone->bus = bus_of(args);

	mutex_lock(&kvm->slots_lock);
	r = register_locked(kvm, zone);
	mutex_unlock(&kvm->slots_lock);
	if (r)
		kfree(zone);
	return r;
}

/* Does the zone contain all of the range? */
static bool zone_contains(const struct coalesced_zone *zone,
			  const struct kvm_coalesced_mmio_zone *args)
{
	u64 offset = args->addr - zone->addr;

	return zone->bus == bus_of(args) && args->addr >= zone->addr && offset <= zone->size &&
	       args->size <= zone->size - offset;
}

static bool dev_contains(const struct kvm_io_device *dev, const void *args)
{
	return dev->ops == &coalesced_ops &&
	       zone_contains(container_of(dev, struct coalesced_zone, dev), args);
}

int kvm_unregister_coalesced(struct kvm *kvm, const struct kvm_coalesced_mmio_zone *args)
{
	struct coalesced_zone *zone, *tmp;
	int r;

	if (args->pio > 1)
		return -EINVAL;
	mutex_lock(&kvm->slots_lock);
	r = kvm_io_bus_unregister_matching(kvm, bus_of(args), dev_contains, args);
	list_for_each_entry_safe(zone, tmp, &kvm->coalesced_zones, list) {
		if (r || !zone_contains(zone, args))
			continue;
		list_del(&zone->list);
		kfree(zone);
	}
	mutex_unlock(&kvm->slots_lock);
	/* No such zone is as good as none left. */
	return r == -ENOENT ? 0 : r;
}

int kvm_coalesced_init(struct kvm *kvm)
{
	spin_lock_init(&kvm->coalesced_lock);
	INIT_LIST_HEAD(&kvm->coalesced_zones);
	kvm->coalesced_ring = (void *)get_zeroed_page(GFP_KERNEL_ACCOUNT);
	return kvm->coalesced_ring ? 0 : -ENOMEM;
}

void kvm_coalesced_release(struct kvm *kvm)
{
	struct coalesced_zone *zone, *tmp;

	list_for_each_entry_safe(zone, tmp, &kvm->coalesced_zones, list)
		kfree(zone);
	/* What userspace has mapped keeps the VM. */
	free_page((unsigned long)kvm->coalesced_ring);
}
