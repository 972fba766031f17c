// SPDX-License-Identifier: GPL-2.0-only
/* kvmclock: what the guest reads against KVM_GET_CLOCK; KVM_SET_CLOCK; the TSC's frequency. */
#include <stdlib.h>
#include <time.h>
#include <asm/kvm_para.h>

#include "kvm_test.h"

#define SECOND 1000000000ull
#define TIME_GPA (DATA_GPA + 0x40)
#define WALL_GPA (DATA_GPA + 0x80)
#define MSR_IA32_TSC 0x10
#define BAD_FLAG (1u << 31)

/* As the interface defines it; in the guest's memory. */
struct time_info {
	u32 version, pad0;
	u64 tsc_timestamp, system_time;
	u32 mul;
	int8_t shift;
	u8 flags, pad[2];
};

struct wall_clock {
	u32 version, sec, nsec;
};

static struct vm *vm;
static struct vcpu *vcpu;

GUEST_CODE(write_msr, 64, "wrmsr\n" GUEST_DONE);
GUEST_CODE(read_msr, 64, "rdmsr\n" GUEST_DONE);
/* Five samples of the TSC at RDI, time enough between them. */
GUEST_CODE(samples, 64,
	   "mov $5, %esi\n"
	   "1: rdtsc\n shl $32, %rdx\n or %rdx, %rax\n mov %rax, (%rdi)\n add $8, %rdi\n"
	   "mov $1000, %ecx\n 2: dec %ecx\n jnz 2b\n dec %esi\n jnz 1b\n" GUEST_DONE);
GUEST_CODE(nothing, 64, GUEST_DONE);

static struct time_info *info(void)
{
	return gpa_to_hva(vm, TIME_GPA);
}

static void start(const u8 *code, const u8 *end, u32 msr, u64 value)
{
	struct kvm_regs r;

	/* Complete what the last exit left to do. */
	vcpu->run->immediate_exit = 1;
	vcpu_run(vcpu);
	vcpu->run->immediate_exit = 0;
	vcpu_load(vcpu, MODE_LONG64, code, end);
	vcpu_get_regs(vcpu, &r);
	r.rcx = msr;
	r.rax = (u32)value;
	r.rdx = value >> 32;
	r.rdi = DATA_GPA + 0x1000;
	vcpu_set_regs(vcpu, &r);
}

#define START(code, msr, value) start(code, code##_end, msr, value)

static void set_by_guest(u32 msr, u64 value, const char *name)
{
	START(write_msr, msr, value);
	expect_done(vcpu, name);
}

static int get_clock(struct kvm_clock_data *data)
{
	memset(data, 0xff, sizeof(*data));
	return kvm_ioctl(vm->fd, KVM_GET_CLOCK, data);
}

static u64 now(void)
{
	struct kvm_clock_data data;

	must(get_clock(&data));
	return data.clock;
}

static int set_clock(u64 clock, u32 flags, u64 realtime)
{
	struct kvm_clock_data data = { .clock = clock, .flags = flags, .realtime = realtime };

	return kvm_ioctl(vm->fd, KVM_SET_CLOCK, &data);
}

/* The guest's formula. */
static u64 time_of(const struct time_info *t, u64 tsc)
{
	u64 delta = tsc - t->tsc_timestamp;

	delta = t->shift < 0 ? delta >> -t->shift : delta << t->shift;
	return t->system_time + (u64)((unsigned __int128)delta * t->mul >> 32);
}

/* Five readings of the guest lie between two of userspace's, and ascend. */
static void compare(const char *name)
{
	u64 *tsc = gpa_to_hva(vm, DATA_GPA + 0x1000);
	u64 before = now(), after, t, last = 0;
	bool ascending = true, within = true;
	int i;

	START(samples, 0, 0);
	expect_done(vcpu, "the guest reads its TSC");
	after = now();
	for (i = 0; i < 5; i++) {
		t = time_of(info(), tsc[i]);
		ascending &= t >= last;
		within &= t + SECOND / 100 >= before && t <= after + SECOND / 100;
		last = t;
	}
	ok(ascending, "%s: time does not go back", name);
	if (!ok(within, "%s: it is that of KVM_GET_CLOCK", name))
		note("%llu .. %llu, last %llu", (unsigned long long)before,
		     (unsigned long long)after, (unsigned long long)last);
}

static void test_caps(void)
{
	struct kvm_cpuid2 *cpuid = get_supported_cpuid(vm->kvm_fd);
	u32 features = 0, i;

	for (i = 0; i < cpuid->nent; i++)
		if (cpuid->entries[i].function == KVM_CPUID_FEATURES)
			features = cpuid->entries[i].eax;
	free(cpuid);
	ok(features & (1 << KVM_FEATURE_CLOCKSOURCE), "CPUID: CLOCKSOURCE");
	ok(features & (1 << KVM_FEATURE_CLOCKSOURCE2), "CPUID: CLOCKSOURCE2");
	ok(kvm_has(KVM_CAP_ADJUST_CLOCK) > 0, "KVM_CAP_ADJUST_CLOCK");
	ok_eq(kvm_has(KVM_CAP_KVMCLOCK_CTRL), 1, "KVM_CAP_KVMCLOCK_CTRL");
	ok_eq(kvm_has(KVM_CAP_GET_TSC_KHZ), 1, "KVM_CAP_GET_TSC_KHZ");
}

static void test_system_time(u32 msr)
{
	struct time_info *t = info();
	u64 value = 0;
	u32 version;

	memset(t, 0, sizeof(*t));
	set_by_guest(msr, TIME_GPA | 1, "the guest enables its clock");
	ok(t->version && !(t->version & 1), "version %u is even", t->version);
	ok(t->mul && t->system_time, "multiplier and time are there");
	ok_eq(t->flags & 2, 0, "the guest was not stopped");
	ok(vcpu_get_msr(vcpu, msr, &value) == 1 && value == (TIME_GPA | 1), "the MSR reads as written");
	compare("at once");
	version = t->version;
	ok_eq(set_clock(1000 * SECOND, 0, 0), 0, "KVM_SET_CLOCK to 1000 s");
	compare("after it");
	ok(t->version > version && !(t->version & 1), "the version has grown");
	ok(t->system_time >= 1000 * SECOND && t->system_time < 2000 * SECOND,
	   "the guest's time is that one");
	ok_eq(set_clock(SECOND, 0, 0), 0, "KVM_SET_CLOCK backwards");
	compare("after it");
	ok_eq(vcpu_set_msr(vcpu, MSR_IA32_TSC, 1ull << 40), 1, "move the TSC");
	compare("after it");
	set_by_guest(msr, 0, "the guest disables it");
	version = t->version;
	set_clock(5 * SECOND, 0, 0);
	START(nothing, 0, 0);
	expect_done(vcpu, "the guest runs");
	ok_eq(t->version, version, "and its page is left alone");
}

static void test_wall_clock(u32 msr)
{
	struct wall_clock *w = gpa_to_hva(vm, WALL_GPA);
	u64 wall, host;
	struct timespec ts;

	memset(w, 0, sizeof(*w));
	w->version = 6;
	set_by_guest(msr, WALL_GPA, "the guest asks for the wall clock");
	clock_gettime(CLOCK_REALTIME, &ts);
	host = ts.tv_sec * SECOND + ts.tv_nsec;
	wall = w->sec * SECOND + w->nsec + now();
	ok_eq(w->version, 8, "the version is the next even one");
	ok(w->nsec < SECOND, "less than a second of nanoseconds");
	ok(wall + SECOND > host && wall < host + SECOND, "with kvmclock it is the host's time");
}

static void test_stopped(void)
{
	struct time_info *t = info();

	set_by_guest(MSR_KVM_SYSTEM_TIME_NEW, 0, "no clock");
	ok_eq(kvm_ioctl_val(vcpu->fd, KVM_KVMCLOCK_CTRL, 0), -EINVAL,
	      "KVM_KVMCLOCK_CTRL without a clock");
	memset(t, 0, sizeof(*t));
	set_by_guest(MSR_KVM_SYSTEM_TIME_NEW, TIME_GPA | 1, "the guest enables its clock");
	ok_eq(kvm_ioctl_val(vcpu->fd, KVM_KVMCLOCK_CTRL, 0), 0, "KVM_KVMCLOCK_CTRL");
	START(nothing, 0, 0);
	expect_done(vcpu, "the guest runs");
	ok_eq(t->flags & 2, 2, "the guest is told that it was stopped");
	set_clock(SECOND, 0, 0);
	START(nothing, 0, 0);
	expect_done(vcpu, "the guest runs, and has not looked");
	ok_eq(t->flags & 2, 2, "it is still told");
	t->flags = 0;
	set_clock(SECOND, 0, 0);
	START(nothing, 0, 0);
	expect_done(vcpu, "the guest has looked, and runs");
	ok_eq(t->flags & 2, 0, "it is not told again");
}

/* Pages that are no memory, or half of it: the guest gets no time, and no harm is done. */
static void test_bad_pages(void)
{
	static const u64 gpa[] = { MMIO_GPA, RAM_END - 4, 0x4000000000000ull, ~1ull, 2 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(gpa); i++) {
		set_by_guest(MSR_KVM_SYSTEM_TIME_NEW, gpa[i] | 1, "an odd page for the time");
		START(nothing, 0, 0);
		expect_done(vcpu, "the guest goes on");
		set_by_guest(MSR_KVM_WALL_CLOCK_NEW, gpa[i], "and for the wall clock");
	}
	set_by_guest(MSR_KVM_SYSTEM_TIME_NEW, 0, "no clock");
	vm_write(vm, 0, "\0\0\0\0", 4);
}

static void test_clock_ioctls(void)
{
	struct kvm_clock_data data;
	struct timespec ts;
	u64 t, first;
	u32 i, left = 0;

	ok_eq(get_clock(&data), 0, "KVM_GET_CLOCK");
	ok_eq(data.flags & ~(u32)kvm_has(KVM_CAP_ADJUST_CLOCK), 0, "its flags are announced");
	for (i = 0; i < ARRAY_SIZE(data.pad); i++)
		left |= data.pad[i];
	ok_eq(left | data.pad0, 0, "nothing is left in what is reserved");
	if (data.flags & KVM_CLOCK_REALTIME) {
		clock_gettime(CLOCK_REALTIME, &ts);
		t = ts.tv_sec * SECOND + ts.tv_nsec;
		ok(t >= data.realtime && t < data.realtime + 10 * SECOND, "realtime");
	}
	first = now();
	ok(now() >= first, "it does not go back");
	ok_eq(set_clock(500 * SECOND, 0, 0), 0, "KVM_SET_CLOCK");
	t = now();
	ok(t >= 500 * SECOND && t < 600 * SECOND, "reads as set");
	clock_gettime(CLOCK_REALTIME, &ts);
	t = ts.tv_sec * SECOND + ts.tv_nsec;
	ok_eq(set_clock(500 * SECOND, KVM_CLOCK_REALTIME, t - 1000 * SECOND), 0,
	      "KVM_SET_CLOCK as of 1000 s ago");
	t = now();
	ok(t >= 1500 * SECOND && t < 1600 * SECOND, "adds them");
	ok_eq(set_clock(SECOND, KVM_CLOCK_REALTIME, ~0ull), 0, "as of the far future");
	t = now();
	ok(t >= SECOND && t < 100 * SECOND, "adds nothing");
	ok_eq(set_clock(0, KVM_CLOCK_TSC_STABLE | KVM_CLOCK_HOST_TSC, 0), 0,
	      "flags that KVM_GET_CLOCK may have returned");
	ok_eq(set_clock(0, BAD_FLAG, 0), -EINVAL, "an unknown flag");
	ok_eq(set_clock(0, 1, 0), -EINVAL, "another");
	ok_eq(kvm_ioctl(vm->fd, KVM_GET_CLOCK, (void *)8), -EFAULT, "get: bad pointer");
	ok_eq(kvm_ioctl(vm->fd, KVM_SET_CLOCK, (void *)8), -EFAULT, "set: bad pointer");
}

static void test_khz(void)
{
	int khz = kvm_ioctl_val(vcpu->fd, KVM_GET_TSC_KHZ, 0);

	ok(khz > 0, "vCPU: KVM_GET_TSC_KHZ: %d", khz);
	ok_eq(kvm_ioctl_val(vcpu->fd, KVM_SET_TSC_KHZ, khz), 0, "vCPU: set it");
	ok_eq(kvm_ioctl_val(vcpu->fd, KVM_SET_TSC_KHZ, 0), 0, "vCPU: 0 is the host's");
	ok_eq(kvm_ioctl_val(vcpu->fd, KVM_SET_TSC_KHZ, khz + khz / 10000), 0,
	      "vCPU: within the tolerance");
	ok_eq(kvm_ioctl_val(vcpu->fd, KVM_GET_TSC_KHZ, 0), khz + khz / 10000, "vCPU: reads as set");
	if (kvm_has(KVM_CAP_TSC_CONTROL) > 0) {
		skip("another frequency", "the hardware scales");
	} else {
		ok_eq(kvm_ioctl_val(vcpu->fd, KVM_SET_TSC_KHZ, khz / 2), -EINVAL, "vCPU: half of it");
		ok_eq(kvm_ioctl_val(vcpu->fd, KVM_SET_TSC_KHZ, 1), -EINVAL, "vCPU: 1 kHz");
	}
	ok_eq(kvm_ioctl_val(vcpu->fd, KVM_SET_TSC_KHZ, khz), 0, "vCPU: as it was");
	if (!kvm_is_ours()) {
		skip("another frequency", "the distribution's modules catch up");
		return;
	}
	ok_eq(kvm_ioctl_val(vcpu->fd, KVM_SET_TSC_KHZ, khz * 2ul), -EINVAL, "vCPU: twice as much");
	ok_eq(kvm_ioctl_val(vcpu->fd, KVM_GET_TSC_KHZ, 0), khz, "vCPU: nothing has changed");
}

/* With KVM_CAP_ENFORCE_PV_FEATURE_CPUID the MSRs exist where CPUID says so. */
static void test_enforced(void)
{
	struct kvm_enable_cap cap = { .cap = KVM_CAP_ENFORCE_PV_FEATURE_CPUID, .args = { 1 } };
	struct vcpu *old = vcpu;
	struct kvm_cpuid2 *cpuid = get_supported_cpuid(vm->kvm_fd);
	u64 value;
	u32 i;

	for (i = 0; i < cpuid->nent; i++)
		if (cpuid->entries[i].function == KVM_CPUID_FEATURES)
			cpuid->entries[i].eax = 1 << KVM_FEATURE_CLOCKSOURCE2;
	vcpu = vcpu_create(vm);
	must(kvm_ioctl(vcpu->fd, KVM_SET_CPUID2, cpuid));
	free(cpuid);
	set_by_guest(MSR_KVM_SYSTEM_TIME, 0, "what CPUID lacks works unless enforced");
	must(kvm_ioctl(vcpu->fd, KVM_ENABLE_CAP, &cap));
	START(write_msr, MSR_KVM_SYSTEM_TIME, 0);
	expect_fault(vcpu, GP_VECTOR, "enforced: #GP on write");
	START(read_msr, MSR_KVM_WALL_CLOCK, 0);
	expect_fault(vcpu, GP_VECTOR, "enforced: #GP on read");
	set_by_guest(MSR_KVM_SYSTEM_TIME_NEW, 0, "what CPUID has works");
	START(read_msr, MSR_KVM_WALL_CLOCK_NEW, 0);
	expect_done(vcpu, "also to read");
	ok_eq(vcpu_get_msr(vcpu, MSR_KVM_SYSTEM_TIME_NEW, &value), 1, "and userspace reads it");
	vcpu = old;
}

/* A vCPU that comes later has the time of the others, also when userspace resets it. */
static void test_late_vcpu(void)
{
	struct vcpu *first, *second;
	struct vm *late = vm_create();
	u64 before, tsc, khz;

	first = vcpu_create(late);
	khz = must(kvm_ioctl_val(first->fd, KVM_GET_TSC_KHZ, 0));
	must(vcpu_set_msr(first, MSR_IA32_TSC, khz * 1000 * 60));
	do
		vcpu_get_msr(first, MSR_IA32_TSC, &before);
	while (before < khz * 1000 * 60 + khz * 1500);
	second = vcpu_create(late);
	vcpu_get_msr(second, MSR_IA32_TSC, &tsc);
	ok(tsc >= before, "a second vCPU's TSC is that of the first (%#llx, %#llx)",
	   (unsigned long long)tsc, (unsigned long long)before);
	ok_eq(vcpu_set_msr(second, MSR_IA32_TSC, 0), 1, "reset its TSC");
	vcpu_get_msr(second, MSR_IA32_TSC, &tsc);
	ok(tsc >= before, "it is still that of the first");
	vm_destroy(late);
}

int main(void)
{
	tap_start(50);
	vm = vm_create();
	vcpu = vcpu_create(vm);
	test_caps();
	test_clock_ioctls();
	test_khz();
	test_system_time(MSR_KVM_SYSTEM_TIME_NEW);
	test_system_time(MSR_KVM_SYSTEM_TIME);
	test_wall_clock(MSR_KVM_WALL_CLOCK_NEW);
	test_wall_clock(MSR_KVM_WALL_CLOCK);
	test_stopped();
	test_bad_pages();
	test_enforced();
	vm_destroy(vm);
	test_late_vcpu();
	return tap_done();
}
