/* SPDX-License-Identifier: GPL-2.0-only */
/* Buses of in-kernel devices: who answers a port or an MMIO address. */
#ifndef KVM_VM_IO_BUS_H
#define KVM_VM_IO_BUS_H

#include "vm/vm.h"

struct kvm_io_device;

/*
 * What a device does on an access within its range, under kvm->srcu, in the
 * vCPU's thread. 0: done; -EOPNOTSUPP: not for me, ask the next.
 */
struct kvm_io_device_ops {
	int (*read)(struct kvm_vcpu *vcpu, struct kvm_io_device *dev, gpa_t addr, int len,
		    void *val);
	int (*write)(struct kvm_vcpu *vcpu, struct kvm_io_device *dev, gpa_t addr, int len,
		     const void *val);
};

/* Embedded in whatever a device is. A missing operation is -EOPNOTSUPP. */
struct kvm_io_device {
	const struct kvm_io_device_ops *ops;
};

/**
 * kvm_io_bus_register_dev() - let @dev answer accesses
 * @kvm: the VM, slots_lock held
 * @idx: bus
 * @addr: first address
 * @len: bytes; 0: accesses of any length at @addr
 * @dev: stays until kvm_io_bus_unregister_dev()
 *
 * Ranges may overlap; the lowest start is asked first, then the shortest.
 * Return: 0 or -ENOMEM.
 */
int kvm_io_bus_register_dev(struct kvm *kvm, enum kvm_bus idx, gpa_t addr, u32 len,
			    struct kvm_io_device *dev);

/*
 * Take @dev off the bus; no access is in it any more when this returns.
 * slots_lock held. 0, -ENOENT, or -ENOMEM: it stays.
 */
int kvm_io_bus_unregister_dev(struct kvm *kvm, enum kvm_bus idx, struct kvm_io_device *dev);

/* The same for each device of which @match is true: all of them, or none. */
int kvm_io_bus_unregister_matching(struct kvm *kvm, enum kvm_bus idx,
				   bool (*match)(const struct kvm_io_device *dev, const void *arg),
				   const void *arg);

/* Free the buses, not the devices; the VM has no users. */
void kvm_io_bus_destroy(struct kvm *kvm);

#endif
