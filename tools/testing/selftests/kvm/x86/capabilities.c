// SPDX-License-Identifier: GPL-2.0-only
/*
 * What KVM_CHECK_EXTENSION says is what the ioctls do: who advertises a
 * capability has its ioctls, and who has an ioctl says so.
 */
#include <sys/ioctl.h>

#include "kvm_ioctls.h"

static int fds[NR_KINDS];

/* Nothing can be concluded from the answer of one that seems not to be there. */
static bool ambiguous(const struct kvm_ioctl_row *row)
{
	if (row->cap == CAP_NONE)
		return true;
	/* EINVAL may mean a refused argument as well as an unknown number. */
	return ioctl_unknown(row->kind, -EINVAL) &&
	       (row->arg == ARG_NONE || row->arg == ARG_VALUE || row->arg == ARG_ODD);
}

static void test_row(const struct kvm_ioctl_row *row)
{
	bool advertised = ioctl_advertised(row);
	bool there = ioctl_implemented(row);

	if (row->cap == CAP_OBSOLETE) {
		ok(!there, "%s: %s is gone", kind_name(row->kind), row->name);
	} else if (advertised && (there || !ambiguous(row))) {
		ok(there, "%s: %s is there", kind_name(row->kind), row->name);
	} else if (!kvm_is_ours() && row->cmd == KVM_CREATE_DEVICE) {
		skip(row->name, "this KVM has it without a capability");
	} else if (!ambiguous(row)) {
		ok(!there, "%s: %s, not advertised, is not there", kind_name(row->kind),
		   row->name);
	}
}

/* Optional in the API's eyes, and without a capability to say so. */
static bool not_yet(const struct kvm_ioctl_row *row)
{
	return kvm_is_ours() && row->cap == CAP_BASE && !ioctl_implemented(row);
}

static void test_rows(void)
{
	unsigned int i;

	for (i = 0; i < nr_kvm_ioctl_rows; i++) {
		const struct kvm_ioctl_row *row = &kvm_ioctl_rows[i];

		if (not_yet(row))
			skip(row->name, "this KVM does not have it yet");
		else
			test_row(row);
	}
}

/* Numbers of KVM's that are in no row are nobody's, whatever they carry. */
static void test_unknown(enum kvm_kind kind)
{
	static const u32 dirs[] = { _IOC_NONE, _IOC_READ, _IOC_WRITE, _IOC_READ | _IOC_WRITE };
	static const u32 sizes[] = { 0, 1, 4, 8, 16, 24, 32, 64, 128, 4096 };
	unsigned int nr, d, s, bad = 0;

	for (nr = 0; nr < 256; nr++) {
		for (d = 0; d < ARRAY_SIZE(dirs) * ARRAY_SIZE(sizes); d++) {
			u32 cmd = _IOC(dirs[d % 4], KVMIO, nr, sizes[d / 4]);
			int r;

			s = d / 4;
			if (ioctl_is_of_kind(cmd, kind) || (dirs[d % 4] == _IOC_NONE && s))
				continue;
			r = kvm_ioctl(fds[kind], cmd, (void *)8);
			if (ioctl_unknown(kind, r))
				continue;
			note("%s: number %#x, direction %u, size %u: %d", kind_name(kind), nr,
			     dirs[d % 4], sizes[s], r);
			bad++;
		}
	}
	ok_eq(bad, 0, "%s: unknown numbers are refused as such", kind_name(kind));
}

/* Values that are numbers, and the bounds that the API gives them. */
static void test_values(void)
{
	int vcpus = kvm_has(KVM_CAP_NR_VCPUS), max = kvm_has(KVM_CAP_MAX_VCPUS);

	ok(vcpus >= 1 && vcpus <= max, "NR_VCPUS is at most MAX_VCPUS");
	ok(max <= kvm_has(KVM_CAP_MAX_VCPU_ID), "MAX_VCPUS is at most MAX_VCPU_ID");
	ok(kvm_has(KVM_CAP_NR_MEMSLOTS) >= 32, "NR_MEMSLOTS is at least 32");
	ok(kvm_has(KVM_CAP_XSAVE2) == 0 || kvm_has(KVM_CAP_XSAVE2) >= 4096,
	   "XSAVE2 is a size that KVM_GET_XSAVE's fits into");
	ok(!kvm_has(KVM_CAP_IOEVENTFD_ANY_LENGTH) || kvm_has(KVM_CAP_IOEVENTFD),
	   "IOEVENTFD_ANY_LENGTH comes with IOEVENTFD");
	ok(!kvm_has(KVM_CAP_COALESCED_PIO) || kvm_has(KVM_CAP_COALESCED_MMIO),
	   "COALESCED_PIO comes with COALESCED_MMIO");
	ok(!kvm_has(KVM_CAP_XSAVE2) || kvm_has(KVM_CAP_XSAVE), "XSAVE2 comes with XSAVE");
	ok(!kvm_has(KVM_CAP_SET_GUEST_DEBUG2) || kvm_has(KVM_CAP_SET_GUEST_DEBUG),
	   "SET_GUEST_DEBUG2 comes with SET_GUEST_DEBUG");
	ok(!kvm_has(KVM_CAP_X86_MSR_FILTER) || kvm_has(KVM_CAP_X86_USER_SPACE_MSR),
	   "X86_MSR_FILTER comes with X86_USER_SPACE_MSR");
}

int main(void)
{
	struct vm *vm;
	int kind;

	tap_start(50);
	vm = vm_create();
	fds[ON_DEV] = vm->kvm_fd;
	fds[ON_VM] = vm->fd;
	fds[ON_VCPU] = vcpu_create(vm)->fd;
	test_rows();
	for (kind = 0; kind < NR_KINDS; kind++)
		test_unknown(kind);
	test_values();
	vm_destroy(vm);
	return tap_done();
}
