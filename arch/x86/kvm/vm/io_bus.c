// SPDX-License-Identifier: GPL-2.0-only
/* Buses: sorted arrays, replaced as a whole under slots_lock, read under srcu. */
#include <linux/export.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "vm/io_bus.h"

struct kvm_io_range {
	gpa_t addr;
	u32 len;
	struct kvm_io_device *dev;
};

struct kvm_io_bus {
	unsigned int nr;	/* not 0: an empty bus is NULL */
	u32 max_len;		/* of any range; at least 1 */
	struct kvm_io_range range[];
};

/* First range that starts at or after @addr. */
static unsigned int lower_bound(const struct kvm_io_bus *bus, gpa_t addr)
{
	unsigned int start = 0, end = bus->nr;

	while (start < end) {
		unsigned int mid = start + (end - start) / 2;

		if (bus->range[mid].addr < addr)
			start = mid + 1;
		else
			end = mid;
	}
	return start;
}

/* First range that can contain @addr, going by the longest one there is. */
static unsigned int first_candidate(const struct kvm_io_bus *bus, gpa_t addr)
{
	if (bus->nr == 1)
		return 0;
	return lower_bound(bus, addr >= bus->max_len ? addr - bus->max_len + 1 : 0);
}

static bool in_io_range(const struct kvm_io_range *range, gpa_t addr, int len)
{
	gpa_t offset = addr - range->addr;

	return range->len ? offset < range->len && len <= range->len - offset : !offset;
}

int __kvm_io_bus_write(struct kvm_vcpu *vcpu, struct kvm_io_bus *bus, gpa_t addr, int len,
		       const void *val)
{
	unsigned int i;

	for (i = first_candidate(bus, addr); i < bus->nr && bus->range[i].addr <= addr; i++) {
		struct kvm_io_device *dev = bus->range[i].dev;

		if (dev->ops->write && in_io_range(&bus->range[i], addr, len) &&
		    !dev->ops->write(vcpu, dev, addr, len, val))
			return 0;
	}
	return -EOPNOTSUPP;
}
EXPORT_SYMBOL_GPL(__kvm_io_bus_write);

int __kvm_io_bus_read(struct kvm_vcpu *vcpu, struct kvm_io_bus *bus, gpa_t addr, int len,
		      void *val)
{
	unsigned int i;

	for (i = first_candidate(bus, addr); i < bus->nr && bus->range[i].addr <= addr; i++) {
		struct kvm_io_device *dev = bus->range[i].dev;

		if (dev->ops->read && in_io_range(&bus->range[i], addr, len) &&
		    !dev->ops->read(vcpu, dev, addr, len, val))
			return 0;
	}
	return -EOPNOTSUPP;
}
EXPORT_SYMBOL_GPL(__kvm_io_bus_read);

static struct kvm_io_bus *bus_locked(struct kvm *kvm, enum kvm_bus idx)
{
	return rcu_dereference_protected(kvm->buses[idx], lockdep_is_held(&kvm->slots_lock));
}

static struct kvm_io_bus *alloc_bus(unsigned int nr)
{
	struct kvm_io_bus *bus;

	bus = kvzalloc(struct_size(bus, range, nr), GFP_KERNEL_ACCOUNT);
	if (bus)
		bus->max_len = 1;
	return bus;
}

static void append_range(struct kvm_io_bus *bus, const struct kvm_io_range *range)
{
	bus->range[bus->nr++] = *range;
	bus->max_len = max(bus->max_len, range->len);
}

static void replace_bus(struct kvm *kvm, enum kvm_bus idx, struct kvm_io_bus *bus)
{
	struct kvm_io_bus *old = bus_locked(kvm, idx);

	rcu_assign_pointer(kvm->buses[idx], bus);
	synchronize_srcu_expedited(&kvm->srcu);
	kvfree(old);
}

static bool io_range_before(const struct kvm_io_range *a, const struct kvm_io_range *b)
{
	return a->addr < b->addr || (a->addr == b->addr && a->len < b->len);
}

int kvm_io_bus_register_dev(struct kvm *kvm, enum kvm_bus idx, gpa_t addr, u32 len,
			    struct kvm_io_device *dev)
{
	const struct kvm_io_range new = { .addr = addr, .len = len, .dev = dev };
	struct kvm_io_bus *old, *bus;
	unsigned int i, nr;

	lockdep_assert_held(&kvm->slots_lock);
	old = bus_locked(kvm, idx);
	nr = old ? old->nr : 0;
	bus = alloc_bus(nr + 1);
	if (!bus)
		return -ENOMEM;
	/* From the end: most come in ascending order. */
	for (i = nr; i && io_range_before(&new, &old->range[i - 1]); i--)
		;
	if (old) {
		memcpy(bus->range, old->range, i * sizeof(new));
		memcpy(bus->range + i + 1, old->range + i, (nr - i) * sizeof(new));
		bus->max_len = old->max_len;
	}
	bus->range[i] = new;
	bus->nr = nr + 1;
	bus->max_len = max(bus->max_len, len);
	replace_bus(kvm, idx, bus);
	return 0;
}

int kvm_io_bus_unregister_matching(struct kvm *kvm, enum kvm_bus idx,
				   bool (*match)(const struct kvm_io_device *dev, const void *arg),
				   const void *arg)
{
	struct kvm_io_bus *old, *bus = NULL;
	unsigned int i, found = 0;

	lockdep_assert_held(&kvm->slots_lock);
	old = bus_locked(kvm, idx);
	for (i = 0; old && i < old->nr; i++)
		found += match(old->range[i].dev, arg);
	if (!found)
		return -ENOENT;

	if (old->nr > found) {
		bus = alloc_bus(old->nr - found);
		if (!bus)
			return -ENOMEM;
		for (i = 0; i < old->nr; i++)
			if (!match(old->range[i].dev, arg))
				append_range(bus, &old->range[i]);
	}
	replace_bus(kvm, idx, bus);
	return 0;
}

static bool same_dev(const struct kvm_io_device *dev, const void *arg)
{
	return dev == arg;
}

int kvm_io_bus_unregister_dev(struct kvm *kvm, enum kvm_bus idx, struct kvm_io_device *dev)
{
	return kvm_io_bus_unregister_matching(kvm, idx, same_dev, dev);
}

void kvm_io_bus_destroy(struct kvm *kvm)
{
	int i;

	for (i = 0; i < KVM_NR_BUSES; i++) {
		kvfree(rcu_dereference_protected(kvm->buses[i], true));
		RCU_INIT_POINTER(kvm->buses[i], NULL);
	}
}
