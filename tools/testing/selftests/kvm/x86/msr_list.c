// SPDX-License-Identifier: GPL-2.0-only
/* The lists of MSRs, and KVM_GET_MSRS and KVM_SET_MSRS of what is in them and of what is not. */
#include <stdio.h>
#include <stdlib.h>

#include "kvm_test.h"

#define BAD_POINTER ((void *)8)
#define MAX_MSRS 512
#define MSR_TSC 0x10
#define MSR_UCODE_REV 0x8b
#define MSR_ARCH_CAPABILITIES 0x10a
#define MSR_MISC_ENABLE 0x1a0
#define MSR_APIC_BASE 0x1b
#define MSR_DE_CFG 0xc0011029
#define MSR_HWCR 0xc0010015
#define MSR_K7_PERFCTR3 0xc0010007
#define MSR_KVM_ASYNC_PF_INT 0x4b564d06
#define MSR_UNKNOWN 0x12345678

static struct vm *vm;
static struct vcpu *vcpu;
static struct kvm_msr_list *list;

GUEST_CODE(rd, 64, "rdmsr\n" GUEST_DONE);
GUEST_CODE(wr, 64, "wrmsr\n" GUEST_DONE);

static void read_list(unsigned long request, const char *name)
{
	u32 n;

	list->nmsrs = 0;
	ok_eq(kvm_ioctl(vm->kvm_fd, request, list), -E2BIG, "%s without room", name);
	n = list->nmsrs;
	ok(n > 0 && n < MAX_MSRS, "tells how much it takes (%u)", n);
	list->nmsrs = n - 1;
	ok_eq(kvm_ioctl(vm->kvm_fd, request, list), -E2BIG, "one too few");
	ok_eq(kvm_ioctl(vm->kvm_fd, request, list), 0, "just enough");
	ok_eq(list->nmsrs, n, "the number stays");
	list->nmsrs = MAX_MSRS;
	ok_eq(kvm_ioctl(vm->kvm_fd, request, list), 0, "more than enough");
	ok_eq(list->nmsrs, n, "the number is the true one");
	ok_eq(kvm_ioctl(vm->kvm_fd, request, BAD_POINTER), -EFAULT, "a bad pointer");
}

static bool listed(u32 index)
{
	u32 i;

	for (i = 0; i < list->nmsrs; i++)
		if (list->indices[i] == index)
			return true;
	return false;
}

/* Counters, and what Linux 6.1's modules list without an interrupt controller but refuse. */
static bool moves(u32 index)
{
	return index == MSR_TSC || (index >= 0x40000000 && index < 0x40000200);
}

static bool refused_there(u32 index)
{
	return !kvm_is_ours() && index == MSR_KVM_ASYNC_PF_INT;
}

static void test_round_trips(const char *name)
{
	u64 val, again;
	u32 i, bad = 0;

	for (i = 0; i < list->nmsrs; i++) {
		u32 index = list->indices[i];

		val = again = 0;
		if (refused_there(index))
			continue;
		if (vcpu_get_msr(vcpu, index, &val) == 1 && vcpu_set_msr(vcpu, index, val) == 1 &&
		    vcpu_get_msr(vcpu, index, &again) == 1 && (moves(index) || val == again))
			continue;
		note("0x%x: 0x%llx 0x%llx", index, (unsigned long long)val,
		     (unsigned long long)again);
		bad++;
	}
	ok_eq(bad, 0, "%s: each listed MSR can be read, and set to that", name);
}

/* As a VMM does it: everything in one go, and all of it must be taken. */
static void test_all_at_once(void)
{
	struct kvm_msrs *all = calloc(1, sizeof(*all) + MAX_MSRS * sizeof(all->entries[0]));
	u32 i, n = 0;

	for (i = 0; i < list->nmsrs && n < 255; i++)
		if (!refused_there(list->indices[i]))
			all->entries[n++].index = list->indices[i];
	all->nmsrs = n;
	ok_eq(kvm_ioctl(vcpu->fd, KVM_GET_MSRS, all), n, "KVM_GET_MSRS of all of them");
	ok_eq(kvm_ioctl(vcpu->fd, KVM_SET_MSRS, all), n, "KVM_SET_MSRS of all of them");
	all->nmsrs = 256;
	ok_eq(kvm_ioctl(vcpu->fd, KVM_GET_MSRS, all), -E2BIG, "KVM_GET_MSRS of 256");
	ok_eq(kvm_ioctl(vcpu->fd, KVM_SET_MSRS, all), -E2BIG, "KVM_SET_MSRS of 256");
	ok_eq(kvm_ioctl(vm->kvm_fd, KVM_GET_MSRS, all), -E2BIG, "KVM_GET_MSRS of 256 features");
	all->nmsrs = 3;
	all->entries[1].index = MSR_UNKNOWN;
	ok_eq(kvm_ioctl(vcpu->fd, KVM_GET_MSRS, all), 1, "KVM_GET_MSRS up to one that is unknown");
	ok_eq(kvm_ioctl(vcpu->fd, KVM_SET_MSRS, all), 1, "KVM_SET_MSRS up to one that is unknown");
	all->nmsrs = 0;
	ok_eq(kvm_ioctl(vcpu->fd, KVM_GET_MSRS, all), 0, "KVM_GET_MSRS of none");
	ok_eq(kvm_ioctl(vcpu->fd, KVM_SET_MSRS, all), 0, "KVM_SET_MSRS of none");
	ok_eq(kvm_ioctl(vcpu->fd, KVM_GET_MSRS, BAD_POINTER), -EFAULT, "a bad pointer");
	ok_eq(kvm_ioctl(vcpu->fd, KVM_SET_MSRS, BAD_POINTER), -EFAULT, "a bad pointer");
	ok_eq(kvm_ioctl(vm->kvm_fd, KVM_GET_MSRS, BAD_POINTER), -EFAULT, "a bad pointer");
	free(all);
}

/* SREGS has it, it is a feature, or KVM_X86_SETUP_MCE makes it. */
static bool saved_elsewhere(u32 index)
{
	return index == MSR_APIC_BASE || index == MSR_DE_CFG || index == 0xc0000100 || index == 0xc0000101 ||
	       (index >= 0x400 && index < 0x400 + 4 * 32);
}

static bool keeps(u32 index, u64 val)
{
	u64 before, after;
	bool kept;

	if (vcpu_get_msr(vcpu, index, &before) != 1 || before == val ||
	    vcpu_set_msr(vcpu, index, val) != 1)
		return false;
	kept = vcpu_get_msr(vcpu, index, &after) == 1 && after == val;
	vcpu_set_msr(vcpu, index, before);
	return kept;
}

/* An MSR that keeps what it is given is state: who moves a guest must be told of it. */
static void test_nothing_hidden(void)
{
	static const struct { u32 first, nr; } where[] = {
		{ 0, 0x2000 }, { 0x40000000, 0x200 }, { 0x4b564d00, 0x100 },
		{ 0xc0000000, 0x200 }, { 0xc0010000, 0x1400 },
	};
	static const u64 values[] = { 0, 1, 6, ~0ull, 0x1000, 1 << 18 };
	u32 i, j, k, bad = 0;
	u64 val;

	if (!kvm_is_ours()) {
		skip("no MSR with state is missing", "a promise of ours only");
		return;
	}
	for (i = 0; i < ARRAY_SIZE(where); i++)
		for (j = 0; j < where[i].nr; j++) {
			u32 index = where[i].first + j;

			if (listed(index) || saved_elsewhere(index) ||
			    vcpu_get_msr(vcpu, index, &val) != 1)
				continue;
			for (k = 0; k < ARRAY_SIZE(values); k++)
				if (keeps(index, values[k])) {
					note("0x%x keeps 0x%llx", index,
					     (unsigned long long)values[k]);
					bad++;
				}
		}
	ok_eq(bad, 0, "no MSR with state is missing");
}

static void guest(bool write, u32 index, u64 data, bool want, const char *name)
{
	struct kvm_regs regs;

	vcpu_load(vcpu, MODE_LONG64, write ? wr : rd, write ? wr_end : rd_end);
	vcpu_get_regs(vcpu, &regs);
	regs.rcx = index;
	regs.rax = (u32)data;
	regs.rdx = data >> 32;
	vcpu_set_regs(vcpu, &regs);
	if (want)
		expect_done(vcpu, name);
	else
		expect_fault(vcpu, GP_VECTOR, name);
}

static void test_features(void)
{
	struct { struct kvm_msrs head; struct kvm_msr_entry e[2]; } m = { .head.nmsrs = 1 };
	bool amd = !strcmp(modules_vendor(), "kvm_amd");
	u64 val;
	u32 i;

	read_list(KVM_GET_MSR_FEATURE_INDEX_LIST, "KVM_GET_MSR_FEATURE_INDEX_LIST");
	for (i = 0; i < list->nmsrs; i++) {
		m.e[0].index = list->indices[i];
		ok_eq(kvm_ioctl(vm->kvm_fd, KVM_GET_MSRS, &m), 1, "feature MSR 0x%x",
		      list->indices[i]);
		ok_eq(vcpu_get_msr(vcpu, list->indices[i], &val), 1, "a vCPU has it");
		ok_eq(vcpu_set_msr(vcpu, list->indices[i], m.e[0].data), 1, "and takes it");
	}
	m.e[0].index = MSR_TSC;
	ok_eq(kvm_ioctl(vm->kvm_fd, KVM_GET_MSRS, &m), 0, "what is no feature");
	ok_eq(kvm_ioctl(vm->kvm_fd, KVM_SET_MSRS, &m), kvm_is_ours() ? -ENOTTY : -EINVAL,
	      "features cannot be set");
	ok_eq(vcpu_set_msr(vcpu, MSR_DE_CFG, 1ull << 40), 0, "a DE_CFG that is no feature");
	guest(false, MSR_DE_CFG, 0, amd, "only AMD's guest reads DE_CFG");
	guest(true, MSR_DE_CFG, 1ull << 40, false, "and cannot change it");
	guest(false, MSR_ARCH_CAPABILITIES, 0, true, "a guest reads IA32_ARCH_CAPABILITIES");
	guest(true, MSR_ARCH_CAPABILITIES, 0, false, "and cannot write it");
}

static void test_guest(void)
{
	guest(false, MSR_UNKNOWN, 0, false, "RDMSR of no MSR");
	guest(true, MSR_UNKNOWN, 0, false, "WRMSR of no MSR");
	ok_eq(vcpu_set_msr(vcpu, MSR_UNKNOWN, 0), 0, "KVM_SET_MSRS of no MSR");
	guest(true, MSR_K7_PERFCTR3, 0x1234, true, "a K7 counter takes everything");
	guest(false, MSR_K7_PERFCTR3, 0, true, "and reads as 0");
	guest(true, MSR_UCODE_REV, 1, true, "a microcode update is ignored");
	guest(true, MSR_HWCR, 0x40, true, "HWCR bits without effect");
	guest(true, MSR_HWCR, 1ull << 24, false, "HWCR bits that nobody has");
	guest(true, MSR_MISC_ENABLE, 0, false, "MISC_ENABLE without what says that there is no BTS");
	guest(true, MSR_APIC_BASE, 1, false, "APIC_BASE with reserved bits");
	guest(true, MSR_APIC_BASE, 0xfee00400, false, "x2APIC in a disabled APIC");
	guest(true, MSR_APIC_BASE, 0xfee00800, true, "APIC_BASE");
	guest(true, MSR_APIC_BASE, 0xfee00900, true, "and back");
	ok_eq(vcpu_set_msr(vcpu, MSR_APIC_BASE, 1), 0, "APIC_BASE with reserved bits, by ioctl");
}

int main(void)
{
	tap_start(50);
	if (read_flag("/sys/module/kvm/parameters/ignore_msrs") == 'Y')
		skip_all("kvm.ignore_msrs is on");
	list = calloc(1, sizeof(*list) + MAX_MSRS * sizeof(list->indices[0]));
	vm = vm_create();
	vcpu = vcpu_create(vm);
	ok_eq(kvm_has(KVM_CAP_GET_MSR_FEATURES), 1, "KVM_CAP_GET_MSR_FEATURES");
	read_list(KVM_GET_MSR_INDEX_LIST, "KVM_GET_MSR_INDEX_LIST");
	test_round_trips("reset state");
	test_all_at_once();
	test_nothing_hidden();
	test_guest();
	test_round_trips("a guest has run");
	test_features();
	vm_destroy(vm);
	return tap_done();
}
