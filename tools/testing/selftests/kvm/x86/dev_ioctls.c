// SPDX-License-Identifier: GPL-2.0-only
/* What /dev/kvm itself answers, and what it refuses. */
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "kvm_test.h"

#define BAD_POINTER ((void *)8)
#define UNKNOWN_IOCTL _IO(KVMIO, 0x7f)

static void test_simple(int kvm)
{
	int size, fd;

	ok_eq(kvm_ioctl_val(kvm, KVM_GET_API_VERSION, 0), 12, "API version");
	size = kvm_ioctl_val(kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	ok(size >= (int)sizeof(struct kvm_run) && size % PAGE_SIZE == 0,
	   "mmap size %d holds kvm_run in whole pages", size);
	fd = kvm_ioctl_val(kvm, KVM_CREATE_VM, 0);
	ok(fd >= 0, "create a VM of type 0");
	if (fd >= 0)
		close(fd);
	ok_eq(kvm_ioctl_val(kvm, KVM_CREATE_VM, 0xffff), -EINVAL,
	      "create a VM of an unknown type");
}

static void test_check_extension(int kvm)
{
	static const struct {
		int cap;
		const char *name;
	} needed[] = {
		{ KVM_CAP_USER_MEMORY, "USER_MEMORY" },
		{ KVM_CAP_EXT_CPUID, "EXT_CPUID" },
		{ KVM_CAP_IOEVENTFD, "IOEVENTFD" },
		{ KVM_CAP_VCPU_EVENTS, "VCPU_EVENTS" },
		{ KVM_CAP_IMMEDIATE_EXIT, "IMMEDIATE_EXIT" },
		{ KVM_CAP_SYNC_MMU, "SYNC_MMU" },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(needed); i++)
		ok(kvm_ioctl_val(kvm, KVM_CHECK_EXTENSION, needed[i].cap) > 0,
		   "KVM_CAP_%s", needed[i].name);
	ok(kvm_ioctl_val(kvm, KVM_CHECK_EXTENSION, KVM_CAP_NR_MEMSLOTS) >= 32,
	   "at least 32 memory slots");
	ok(kvm_ioctl_val(kvm, KVM_CHECK_EXTENSION, KVM_CAP_MAX_VCPUS) >= 2,
	   "at least two vCPUs");
	ok_eq(kvm_ioctl_val(kvm, KVM_CHECK_EXTENSION, 0x7fffffff), 0,
	      "an unknown capability is 0");
	ok_eq(kvm_ioctl_val(kvm, KVM_CHECK_EXTENSION, ~0ul), 0,
	      "an impossible capability is 0");
}

static bool has_leaf(const struct kvm_cpuid2 *cpuid, u32 function)
{
	u32 i;

	for (i = 0; i < cpuid->nent; i++)
		if (cpuid->entries[i].function == function)
			return true;
	return false;
}

static void test_cpuid(int kvm)
{
	struct kvm_cpuid2 *cpuid = get_supported_cpuid(kvm);
	struct kvm_cpuid2 none = { .nent = 0 };
	struct {
		struct kvm_cpuid2 head;
		struct kvm_cpuid_entry2 entry[1];
	} one = { .head.nent = 1 };

	ok(cpuid->nent > 2 && cpuid->nent < 256,
	   "supported CPUID adjusts nent to what it wrote");
	ok(has_leaf(cpuid, 0) && has_leaf(cpuid, 1) && has_leaf(cpuid, 0x80000000) &&
	   has_leaf(cpuid, 0x80000001), "supported CPUID has the basic leaves");
	ok_eq(kvm_ioctl(kvm, KVM_GET_SUPPORTED_CPUID, &one), -E2BIG,
	      "supported CPUID into one entry");
	ok_eq(kvm_ioctl(kvm, KVM_GET_SUPPORTED_CPUID, &none), -E2BIG,
	      "supported CPUID into no entry");
	ok_eq(kvm_ioctl(kvm, KVM_GET_SUPPORTED_CPUID, BAD_POINTER), -EFAULT,
	      "supported CPUID into a bad pointer");
	free(cpuid);
}

static bool has_msr(const struct kvm_msr_list *list, u32 index)
{
	u32 i;

	for (i = 0; i < list->nmsrs; i++)
		if (list->indices[i] == index)
			return true;
	return false;
}

static void test_msr_list(int kvm)
{
	struct kvm_msr_list probe = { .nmsrs = 0 }, *list;
	u32 n;

	ok_eq(kvm_ioctl(kvm, KVM_GET_MSR_INDEX_LIST, &probe), -E2BIG,
	      "MSR list into no entry");
	n = probe.nmsrs;
	ok(n > 0 && n < 4096, "it then says how many there are (%u)", n);
	if (n >= 4096)
		return;
	list = calloc(1, sizeof(*list) + (n + 1) * sizeof(u32));
	list->nmsrs = n;
	list->indices[n] = 0x5a5a5a5a;
	ok_eq(kvm_ioctl(kvm, KVM_GET_MSR_INDEX_LIST, list), 0, "MSR list");
	ok(list->nmsrs == n && list->indices[n] == 0x5a5a5a5a,
	   "it writes that many and no more");
	ok(has_msr(list, 0xc0000081) && has_msr(list, 0xc0000082) &&
	   has_msr(list, 0x10), "it has STAR, LSTAR and TSC");
	ok_eq(kvm_ioctl(kvm, KVM_GET_MSR_INDEX_LIST, BAD_POINTER), -EFAULT,
	      "MSR list into a bad pointer");
	free(list);
}

/* The API names both for a number that an fd does not know. */
static void refuses_unknown(int fd, const char *what)
{
	int r = kvm_ioctl_val(fd, UNKNOWN_IOCTL, 0);

	ok(r == -ENOTTY || r == -EINVAL, "unknown ioctl on %s", what);
}

static void test_unknown(int kvm)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_create(vm);
	struct kvm_regs regs;

	refuses_unknown(kvm, "/dev/kvm");
	refuses_unknown(vm->fd, "a VM");
	refuses_unknown(vcpu->fd, "a vCPU");
	ok(kvm_ioctl(kvm, KVM_GET_REGS, &regs) < 0, "a vCPU ioctl on /dev/kvm");
	ok(kvm_ioctl(vm->fd, KVM_GET_REGS, &regs) < 0, "a vCPU ioctl on a VM");
	vm_destroy(vm);
}

int main(void)
{
	int kvm;

	tap_start(50);
	kvm = open_kvm();
	test_simple(kvm);
	test_check_extension(kvm);
	test_cpuid(kvm);
	test_msr_list(kvm);
	test_unknown(kvm);
	return tap_done();
}
