// SPDX-License-Identifier: GPL-2.0-only
/* KVM_X86_SET_MSR_FILTER: which RDMSR and WRMSR of the guest reach the MSR. */
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kvm_test.h"

#define MSR_PAT 0x277
#define MSR_DEFTYPE 0x2ff
#define MSR_LSTAR 0xc0000082	/* one that needs no exit */
#define MSR_KERNEL_GS 0xc0000102
#define MSR_TSC_AUX 0xc0000103
#define MSR_X2APIC_ID 0x802
#define BITMAP_MAX 0x600
#define BAD_POINTER ((void *)8)
#define RD KVM_MSR_FILTER_READ
#define WR KVM_MSR_FILTER_WRITE
#define DENY KVM_MSR_FILTER_DEFAULT_DENY

static struct vm *vm;
static struct vcpu *vcpu;
static u8 none[BITMAP_MAX + 8];
static u8 all[BITMAP_MAX + 8];

GUEST_CODE(rd, 64, "rdmsr\n" GUEST_DONE);
GUEST_CODE(wr, 64, "rdmsr\n wrmsr\n" GUEST_DONE);
GUEST_CODE(rd_forced, 64, GUEST_FEP "rdmsr\n" GUEST_DONE);
GUEST_CODE(rdtscp_forced, 64, GUEST_FEP "rdtscp\n" GUEST_DONE);
GUEST_CODE(read_for_ever, 64, GUEST_DONE "1: rdmsr\n jmp 1b\n");

struct range {
	u32 flags, base, nmsrs;
	const void *bitmap;
};

static int set_filter(u32 flags, const struct range *range, int nr)
{
	struct kvm_msr_filter f = { .flags = flags };
	int i;

	for (i = 0; i < nr; i++) {
		f.ranges[i].flags = range[i].flags;
		f.ranges[i].base = range[i].base;
		f.ranges[i].nmsrs = range[i].nmsrs;
		f.ranges[i].bitmap = (u8 *)range[i].bitmap;
	}
	return kvm_ioctl(vm->fd, KVM_X86_SET_MSR_FILTER, &f);
}

static int set_one(u32 flags, u32 base, u32 nmsrs, const void *bitmap)
{
	struct range r = { flags, base, nmsrs, bitmap };

	return set_filter(0, &r, 1);
}

static bool allowed_by(const u8 *code, const u8 *end, u32 msr, const char *name, bool want)
{
	struct kvm_regs regs;

	vcpu_load(vcpu, MODE_LONG64, code, end);
	vcpu_get_regs(vcpu, &regs);
	regs.rcx = msr;
	vcpu_set_regs(vcpu, &regs);
	return want ? expect_done(vcpu, name) : expect_fault(vcpu, GP_VECTOR, name);
}

#define allowed(code, msr, name) allowed_by(code, code##_end, msr, name, true)
#define denied(code, msr, name) allowed_by(code, code##_end, msr, name, false)

static void test_errors(void)
{
	u8 *page = mmap(NULL, 2 * PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct range last = { RD, MSR_PAT, 64, none };
	struct range ranges[KVM_MSR_FILTER_MAX_RANGES] = { };

	munmap(page + PAGE_SIZE, PAGE_SIZE);
	ok_eq(set_filter(2, NULL, 0), -EINVAL, "unknown flags");
	ok_eq(set_filter(DENY, NULL, 0), -EINVAL, "denying by default, with no range");
	ok_eq(set_one(4, MSR_PAT, 1, all), -EINVAL, "unknown flags of a range");
	ok_eq(set_one(0, MSR_PAT, 1, all), -EINVAL, "a range for no access");
	ok_eq(set_one(RD, 0, BITMAP_MAX * 8 + 1, all), -EINVAL, "a bitmap that is too long");
	ok_eq(set_one(RD, 0, ~0u, all), -EINVAL, "a bitmap of 512 MiB");
	ok_eq(set_one(RD, 0, BITMAP_MAX * 8, all), 0, "the longest bitmap");
	ok_eq(kvm_ioctl(vm->fd, KVM_X86_SET_MSR_FILTER, BAD_POINTER), -EFAULT, "a bad pointer");
	ok_eq(set_one(4, MSR_PAT, 0, NULL), 0, "an empty range is not looked at");
	ok_eq(set_one(RD, MSR_PAT, 64, none), 0, "a filter");
	ok_eq(set_one(RD, MSR_PAT, 1, BAD_POINTER), -EFAULT, "a bitmap at a bad pointer");
	ok_eq(set_one(RD, MSR_PAT, 128, page + PAGE_SIZE - 8), -EFAULT, "a bitmap that ends in one");
	denied(rd, MSR_PAT, "what failed has changed nothing");
	ranges[KVM_MSR_FILTER_MAX_RANGES - 1] = last;
	ok_eq(set_filter(0, ranges, KVM_MSR_FILTER_MAX_RANGES), 0, "only the last range");
	denied(rd, MSR_PAT, "it is in force");
	ok_eq(set_filter(0, NULL, 0), 0, "no filter");
	allowed(rd, MSR_PAT, "and all is allowed");
	munmap(page, PAGE_SIZE);
}

static void test_access(u32 msr, const char *name)
{
	u64 val;

	note("%s", name);
	must(set_one(RD, msr, 1, none));
	denied(rd, msr, "RDMSR is forbidden");
	ok_eq(vcpu_get_msr(vcpu, msr, &val), 1, "not to the host");
	must(set_one(WR, msr, 1, none));
	allowed(rd, msr, "RDMSR is allowed when WRMSR is forbidden");
	denied(wr, msr, "but WRMSR is not");
	ok_eq(vcpu_set_msr(vcpu, msr, val), 1, "though to the host");
	must(set_one(RD | WR, msr - 1, 1, none));
	allowed(wr, msr, "the MSR behind the range");
	must(set_one(RD | WR, msr + 1, 1, none));
	allowed(wr, msr, "the MSR before the range");
	must(set_filter(0, NULL, 0));
	allowed(wr, msr, "without a filter");
}

static void test_order(void)
{
	const struct range deny_first[] = {
		{ RD, MSR_LSTAR, 1, none }, { RD | WR, MSR_LSTAR - 8, 16, all },
	};
	const struct range allow_first[] = {
		{ RD | WR, MSR_LSTAR - 8, 16, all }, { RD, MSR_LSTAR, 1, none },
	};

	must(set_filter(0, deny_first, 2));
	denied(rd, MSR_LSTAR, "the first range that has it decides: no");
	must(set_filter(0, allow_first, 2));
	allowed(rd, MSR_LSTAR, "the first range that has it decides: yes");
	must(set_filter(DENY, deny_first + 1, 1));
	allowed(rd, MSR_LSTAR, "in the range, what is denied elsewhere");
	denied(rd, MSR_PAT, "out of every range, denied by default");
	denied(rd, MSR_KERNEL_GS, "the same of one that needs no exit");
	must(set_filter(0, NULL, 0));
}

static void test_reason(void)
{
	struct kvm_enable_cap cap = {
		.cap = KVM_CAP_X86_USER_SPACE_MSR, .args = { KVM_MSR_EXIT_REASON_FILTER },
	};
	const struct range r = { RD | WR, MSR_DEFTYPE, 1, all };
	struct kvm_regs regs;

	must(kvm_ioctl(vm->fd, KVM_ENABLE_CAP, &cap));
	must(set_filter(DENY, &r, 1));
	load_code(vcpu, MODE_LONG64, rd);
	vcpu_get_regs(vcpu, &regs);
	regs.rcx = MSR_LSTAR;
	vcpu_set_regs(vcpu, &regs);
	if (expect_exit(vcpu, KVM_EXIT_X86_RDMSR, "the filter's refusal goes to userspace")) {
		ok_eq(vcpu->run->msr.reason, KVM_MSR_EXIT_REASON_FILTER, "its reason");
		ok_eq(vcpu->run->msr.index, MSR_LSTAR, "its index");
		vcpu->run->msr.data = 0x123456789abull;
		expect_done(vcpu, "answered");
		vcpu_get_regs(vcpu, &regs);
		ok_eq(regs.rdx << 32 | regs.rax, 0x123456789abull, "with the value");
	}
	denied(rd, MSR_X2APIC_ID, "the x2APIC's registers are never filtered");
	cap.args[0] = 0;
	must(kvm_ioctl(vm->fd, KVM_ENABLE_CAP, &cap));
	must(set_filter(0, NULL, 0));
}

static void test_emulated(void)
{
	if (forced_emulation_missing()) {
		skip("emulated instructions", forced_emulation_missing());
		return;
	}
	must(set_one(RD | WR, MSR_TSC_AUX, 1, none));
	denied(rd_forced, MSR_TSC_AUX, "an emulated RDMSR is filtered");
	if (kvm_is_ours())
		allowed(rdtscp_forced, 0, "what RDTSCP reads by itself is not");
	else
		skip("what RDTSCP reads by itself is not", "this KVM does not emulate it");
	must(set_filter(0, NULL, 0));
}

static volatile bool started;

static void *install(void *arg)
{
	while (!started)
		usleep(100);
	usleep(2000);
	must(set_one(RD, MSR_LSTAR, 1, none));
	return arg;
}

/* A filter reaches a vCPU that does not leave the guest by itself. */
static void test_running(void)
{
	struct kvm_regs regs;
	pthread_t thread;

	load_code(vcpu, MODE_LONG64, read_for_ever);
	vcpu_get_regs(vcpu, &regs);
	regs.rcx = MSR_LSTAR;
	vcpu_set_regs(vcpu, &regs);
	expect_done(vcpu, "a guest starts");
	if (pthread_create(&thread, NULL, install, NULL))
		bail("pthread_create");
	started = true;
	expect_fault(vcpu, GP_VECTOR, "it meets the filter that is set while it runs");
	pthread_join(thread, NULL);
	must(set_filter(0, NULL, 0));
}

static void test_new_vcpu(void)
{
	struct vcpu *first = vcpu;

	must(set_one(RD, MSR_LSTAR, 1, none));
	vcpu = vcpu_create(vm);
	denied(rd, MSR_LSTAR, "a vCPU that comes after the filter has it, too");
	vcpu = first;
	must(set_filter(0, NULL, 0));
}

int main(void)
{
	tap_start(40);
	memset(all, 0xff, sizeof(all));
	vm = vm_create();
	vcpu = vcpu_create(vm);
	if (read_flag("/sys/module/kvm/parameters/ignore_msrs") == 'Y')
		skip_all("kvm.ignore_msrs is on");
	ok_eq(kvm_has(KVM_CAP_X86_MSR_FILTER), 1, "KVM_CAP_X86_MSR_FILTER");
	test_errors();
	test_access(MSR_PAT, "an MSR that exits");
	test_access(MSR_LSTAR, "an MSR that needs no exit");
	test_order();
	test_reason();
	test_emulated();
	test_running();
	test_new_vcpu();
	vm_destroy(vm);
	return tap_done();
}
