// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest's time: TSC frequency, and kvmclock, which is the host's boot time
 * plus an offset of the VM. Each vCPU has a page from which the guest computes it
 * by its TSC. The pages are made one by one: they agree but for what reading two
 * clocks after each other costs, so CLOCKSOURCE_STABLE_BIT is not announced.
 */
#include <linux/jiffies.h>
#include <linux/kvm.h>
#include <linux/kvm_para.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/timekeeping.h>
#include <linux/uaccess.h>
#include <asm/pvclock-abi.h>
#include <asm/tsc.h>

#include "vm/arch.h"
#include "vcpu/clock.h"
#include "vcpu/ops.h"

#define SYSTEM_TIME_ENABLED	BIT_ULL(0)

/* As the API says: another frequency within this is taken for the host's. */
#define TSC_TOLERANCE_PPM	250

/* The host's frequency and NTP's opinion of it differ: make the page anew after that. */
#define REFRESH_JIFFIES		(10 * HZ)

#define SET_CLOCK_FLAGS	(KVM_CLOCK_TSC_STABLE | KVM_CLOCK_REALTIME | KVM_CLOCK_HOST_TSC)

/* The same moment on three clocks. */
struct moment {
	u64 tsc;		/* the host's */
	u64 boot_ns;
	u64 real_ns;
};

static void read_clocks(struct moment *now)
{
	unsigned long flags;

	local_irq_save(flags);
	now->tsc = rdtsc_ordered();
	now->boot_ns = ktime_get_boottime_ns();
	now->real_ns = ktime_get_real_ns();
	local_irq_restore(flags);
}

static u64 kvmclock_at(struct x86_vm *vm, const struct moment *t)
{
	return t->boot_ns + READ_ONCE(vm->kvmclock_offset);
}

void kvm_clock_init_vm(struct x86_vm *vm)
{
	vm->kvmclock_offset = -ktime_get_boottime_ns();
}

/* Guest memory that may cross a page, or be none: nobody is to be told then. */
static bool guest_bytes(struct x86_vcpu *vcpu, gpa_t gpa, void *data, unsigned int len, bool write)
{
	struct kvm *kvm = vcpu->base.kvm;

	while (len) {
		unsigned int offset = offset_in_page(gpa);
		unsigned int n = min_t(unsigned int, len, PAGE_SIZE - offset);

		if (write ? kvm_write_guest_page(kvm, gpa_to_gfn(gpa), data, offset, n) :
			    kvm_read_guest_page(kvm, gpa_to_gfn(gpa), data, offset, n))
			return false;
		gpa += n;
		data += n;
		len -= n;
	}
	return true;
}

/* Odd while the rest is written, and another even number after it. */
static void write_wall_clock(struct x86_vcpu *vcpu, gpa_t gpa)
{
	struct pvclock_wall_clock wc;
	struct moment now;
	u32 version, nsec;
	u64 wall;

	if (!gpa || !guest_bytes(vcpu, gpa, &version, sizeof(version), false))
		return;
	version = (version + 1) | 1;
	if (!guest_bytes(vcpu, gpa, &version, sizeof(version), true))
		return;
	read_clocks(&now);
	wall = now.real_ns - kvmclock_at(vcpu_vm(vcpu), &now);
	wc.sec = div_u64_rem(wall, NSEC_PER_SEC, &nsec);
	wc.nsec = nsec;
	guest_bytes(vcpu, gpa + offsetof(struct pvclock_wall_clock, sec), &wc.sec,
		    sizeof(wc) - offsetof(struct pvclock_wall_clock, sec), true);
	version++;
	guest_bytes(vcpu, gpa, &version, sizeof(version), true);
}

/* ns = ((ticks << shift) * mul) >> 32, with a shift that keeps all bits of mul. */
static void tsc_to_ns(u32 khz, u32 *mul, s8 *shift)
{
	u64 hz = (u64)khz * 1000, scaled = NSEC_PER_SEC;

	*shift = 0;
	while (hz > 2 * scaled) {
		hz >>= 1;
		--*shift;
	}
	while (hz <= scaled) {
		hz <<= 1;
		++*shift;
	}
	*mul = div64_u64(scaled << 32, hz);
}

/* The guest keeps PVCLOCK_GUEST_STOPPED until it clears it itself. */
static u8 pvclock_flags(struct x86_vcpu *vcpu, const struct pvclock_vcpu_time_info *old)
{
	u8 flags = old->flags & PVCLOCK_GUEST_STOPPED;

	if (vcpu->pvclock_stopped)
		flags |= PVCLOCK_GUEST_STOPPED;
	vcpu->pvclock_stopped = false;
	return flags;
}

void kvm_update_guest_time(struct x86_vcpu *vcpu)
{
	const unsigned int body = offsetof(struct pvclock_vcpu_time_info, pad0);
	struct pvclock_vcpu_time_info ti = { };
	gpa_t gpa = vcpu->system_time_msr & ~SYSTEM_TIME_ENABLED;
	struct moment now;

	if (!(vcpu->system_time_msr & SYSTEM_TIME_ENABLED) || !tsc_khz)
		return;
	WRITE_ONCE(vcpu->pvclock_refresh, jiffies + REFRESH_JIFFIES);
	if (!guest_bytes(vcpu, gpa, &ti, sizeof(ti), false))
		return;
	ti.flags = pvclock_flags(vcpu, &ti);
	ti.version = (ti.version + 1) | 1;
	ti.pad0 = 0;
	memset(ti.pad, 0, sizeof(ti.pad));
	if (!guest_bytes(vcpu, gpa, &ti.version, sizeof(ti.version), true))
		return;
	read_clocks(&now);
	ti.tsc_timestamp = now.tsc + vcpu->tsc_offset;
	ti.system_time = kvmclock_at(vcpu_vm(vcpu), &now);
	tsc_to_ns(tsc_khz, &ti.tsc_to_system_mul, &ti.tsc_shift);
	guest_bytes(vcpu, gpa + body, &ti.pad0, sizeof(ti) - body, true);
	ti.version++;
	guest_bytes(vcpu, gpa, &ti.version, sizeof(ti.version), true);
}

void kvm_clock_vcpu_load(struct x86_vcpu *vcpu, int cpu)
{
	if (cpu != vcpu->base.cpu || time_after(jiffies, READ_ONCE(vcpu->pvclock_refresh)))
		kvm_make_request(KVM_REQ_CLOCK_UPDATE, &vcpu->base);
}

/* Does CPUID announce the interface, where that is asked for? */
static bool clock_msr_allowed(struct x86_vcpu *vcpu, u32 index)
{
	int feature = index == MSR_KVM_WALL_CLOCK || index == MSR_KVM_SYSTEM_TIME ?
		      KVM_FEATURE_CLOCKSOURCE : KVM_FEATURE_CLOCKSOURCE2;

	return !vcpu->enforce_pv_features ||
	       guest_cpuid_bit(vcpu, KVM_CPUID_FEATURES, 0, CPUID_EAX, feature);
}

int kvm_set_clock_msr(struct x86_vcpu *vcpu, u32 index, u64 data, bool host)
{
	switch (index) {
	case MSR_KVM_WALL_CLOCK:
	case MSR_KVM_WALL_CLOCK_NEW:
		if (!host && !clock_msr_allowed(vcpu, index))
			return 1;
		WRITE_ONCE(vcpu_vm(vcpu)->wall_clock_msr, data);
		write_wall_clock(vcpu, data);
		return 0;
	case MSR_KVM_SYSTEM_TIME:
	case MSR_KVM_SYSTEM_TIME_NEW:
		if (!host && !clock_msr_allowed(vcpu, index))
			return 1;
		vcpu->system_time_msr = data;
		kvm_make_request(KVM_REQ_CLOCK_UPDATE, &vcpu->base);
		return 0;
	}
	return KVM_MSR_RET_UNKNOWN;
}

int kvm_get_clock_msr(struct x86_vcpu *vcpu, u32 index, u64 *data, bool host)
{
	switch (index) {
	case MSR_KVM_WALL_CLOCK:
	case MSR_KVM_WALL_CLOCK_NEW:
		*data = READ_ONCE(vcpu_vm(vcpu)->wall_clock_msr);
		break;
	case MSR_KVM_SYSTEM_TIME:
	case MSR_KVM_SYSTEM_TIME_NEW:
		*data = vcpu->system_time_msr;
		break;
	default:
		return KVM_MSR_RET_UNKNOWN;
	}
	return host || clock_msr_allowed(vcpu, index) ? 0 : 1;
}

long kvm_vm_get_clock(struct kvm *kvm, void __user *user)
{
	struct kvm_clock_data data = { };
	struct moment now;

	read_clocks(&now);
	data.clock = kvmclock_at(to_x86_vm(kvm), &now);
	data.flags = KVM_GET_CLOCK_FLAGS;
	data.realtime = now.real_ns;
	data.host_tsc = now.tsc;
	return copy_to_user(user, &data, sizeof(data)) ? -EFAULT : 0;
}

long kvm_vm_set_clock(struct kvm *kvm, void __user *user)
{
	struct kvm_clock_data data;
	struct moment now;

	if (copy_from_user(&data, user, sizeof(data)))
		return -EFAULT;
	if (data.flags & ~SET_CLOCK_FLAGS)
		return -EINVAL;
	read_clocks(&now);
	/* What has passed since it was read elsewhere. */
	if ((data.flags & KVM_CLOCK_REALTIME) && now.real_ns > data.realtime)
		data.clock += now.real_ns - data.realtime;
	WRITE_ONCE(to_x86_vm(kvm)->kvmclock_offset, data.clock - now.boot_ns);
	kvm_make_all_cpus_request(kvm, KVM_REQ_CLOCK_UPDATE);
	return 0;
}

int kvm_vcpu_ioctl_kvmclock_ctrl(struct x86_vcpu *vcpu)
{
	if (!(vcpu->system_time_msr & SYSTEM_TIME_ENABLED))
		return -EINVAL;
	vcpu->pvclock_stopped = true;
	kvm_make_request(KVM_REQ_CLOCK_UPDATE, &vcpu->base);
	return 0;
}

/* Without scaling by the hardware there is one frequency; 0 asks for it. */
int kvm_vcpu_set_tsc_khz(struct x86_vcpu *vcpu, unsigned long khz)
{
	u64 tolerance = div_u64((u64)tsc_khz * TSC_TOLERANCE_PPM, 1000000);
	u32 wanted = khz;

	if (!wanted)
		wanted = tsc_khz;
	if (wanted < tsc_khz - tolerance || wanted > tsc_khz + tolerance)
		return -EINVAL;
	vcpu->tsc_khz = wanted;
	return 0;
}
