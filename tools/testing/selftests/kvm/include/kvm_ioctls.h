/* SPDX-License-Identifier: GPL-2.0-only */
/* Every ioctl that <linux/kvm.h> has for x86, and the capability that goes with it. */
#ifndef KVM_IOCTLS_H
#define KVM_IOCTLS_H

#include "kvm_test.h"

/* Kinds of file descriptors. */
enum kvm_kind { ON_DEV, ON_VM, ON_VCPU, NR_KINDS };

/* "/dev/kvm", "VM", "vCPU". */
const char *kind_name(enum kvm_kind kind);

enum kvm_arg {
	ARG_NONE,	/* 0 */
	ARG_VALUE,	/* a number */
	ARG_IN,		/* a structure that is read */
	ARG_OUT,	/* one that is written */
	ARG_INOUT,
	ARG_ODD,	/* a structure, looked at after other things */
};

#define CAP_BASE	(-1)	/* part of the API since its first version */
#define CAP_NONE	(-2)	/* no capability tells */
#define CAP_OBSOLETE	(-3)	/* gone from the API */

struct kvm_ioctl_row {
	const char *name;
	unsigned int cmd;
	enum kvm_kind kind;
	enum kvm_arg arg;
	int cap;	/* KVM_CAP_*, or CAP_* */
	int cap2;	/* another one that implies the ioctl, too; 0: none */
};

extern const struct kvm_ioctl_row kvm_ioctl_rows[];
extern const unsigned int nr_kvm_ioctl_rows;

/* Is this the ioctl's number on some fd of @kind? */
bool ioctl_is_of_kind(unsigned int cmd, enum kvm_kind kind);
/* Does CHECK_EXTENSION on /dev/kvm advertise it? True for CAP_BASE, false for the other CAP_*. */
bool ioctl_advertised(const struct kvm_ioctl_row *row);
/*
 * Call it on @fd with an argument that it must refuse if it looks at it at all:
 * 0 for ARG_NONE, -1 for ARG_VALUE, else a bad pointer. Result or negative
 * errno; a file descriptor is closed. The VM may be changed by ARG_NONE.
 */
int ioctl_probe(int fd, const struct kvm_ioctl_row *row);
/*
 * Is it implemented? From ioctl_probe() on a VM of its own. An answer of
 * ioctl_unknown() counts as no, though EINVAL may have another reason; ENXIO as
 * what the capability says.
 */
bool ioctl_implemented(const struct kvm_ioctl_row *row);
/*
 * Is @r the answer of an fd of @kind to a number that it does not know? ENOTTY;
 * EINVAL on a vCPU, and with the distribution's modules anywhere.
 */
bool ioctl_unknown(enum kvm_kind kind, int r);

#endif
