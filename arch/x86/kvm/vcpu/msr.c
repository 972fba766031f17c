// SPDX-License-Identifier: GPL-2.0-only
/* MSRs: one place for what each means; the vendor is asked for those it keeps. */
#include <linux/kvm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <asm/msr.h>
#include <asm/mtrr.h>
#include <asm/tsc.h>

#include "vcpu/ops.h"

#define MSR_IA32_MISC_ENABLE_DEFAULT	MSR_IA32_MISC_ENABLE_FAST_STRING

/* Entries of one KVM_GET_MSRS or KVM_SET_MSRS. */
#define MAX_IO_MSRS	256

/* What KVM_GET_MSR_INDEX_LIST lists: each can be read, and written with its reset value. */
static const u32 msrs_to_save[] = {
	MSR_IA32_SYSENTER_CS, MSR_IA32_SYSENTER_ESP, MSR_IA32_SYSENTER_EIP,
	MSR_STAR, MSR_CSTAR, MSR_KERNEL_GS_BASE, MSR_SYSCALL_MASK, MSR_LSTAR,
	MSR_IA32_TSC, MSR_IA32_CR_PAT, MSR_IA32_TSC_ADJUST, MSR_IA32_MISC_ENABLE,
	MSR_TSC_AUX, MSR_IA32_UCODE_REV, MSR_EFER, MSR_MTRRdefType,
	MSR_MTRRfix64K_00000, MSR_MTRRfix16K_80000, MSR_MTRRfix16K_A0000,
	MSR_MTRRfix4K_C0000, MSR_MTRRfix4K_C8000, MSR_MTRRfix4K_D0000, MSR_MTRRfix4K_D8000,
	MSR_MTRRfix4K_E0000, MSR_MTRRfix4K_E8000, MSR_MTRRfix4K_F0000, MSR_MTRRfix4K_F8000,
	0x200, 0x201, 0x202, 0x203, 0x204, 0x205, 0x206, 0x207,
	0x208, 0x209, 0x20a, 0x20b, 0x20c, 0x20d, 0x20e, 0x20f,
};

u64 kvm_read_guest_tsc(struct x86_vcpu *vcpu)
{
	return rdtsc() + vcpu->tsc_offset;
}

static void set_tsc_offset(struct x86_vcpu *vcpu, u64 offset)
{
	vcpu->tsc_offset = offset;
	static_call(kvm_x86_write_tsc_offset)(vcpu, offset);
}

/*
 * Userspace sets vCPU after vCPU to one value, some time apart: within a second
 * of what the others have it means the same, and gets their offset.
 */
static void synchronize_tsc(struct x86_vcpu *vcpu, u64 value)
{
	struct x86_vm *vm = vcpu_vm(vcpu);
	u64 offset = value - rdtsc();
	u64 second = (u64)tsc_khz * 1000;

	spin_lock(&vm->tsc_lock);
	if (!vm->tsc_offset_valid || offset - vm->tsc_offset + second > 2 * second)
		vm->tsc_offset = offset;
	vm->tsc_offset_valid = true;
	offset = vm->tsc_offset;
	spin_unlock(&vm->tsc_lock);
	set_tsc_offset(vcpu, offset);
}

/* A guest's write shows in IA32_TSC_ADJUST. */
static void write_tsc(struct x86_vcpu *vcpu, u64 value, bool host)
{
	u64 offset = value - rdtsc();

	if (host) {
		synchronize_tsc(vcpu, value);
		return;
	}
	vcpu->ia32_tsc_adjust += offset - vcpu->tsc_offset;
	set_tsc_offset(vcpu, offset);
}

static bool pat_valid(u64 pat)
{
	int i;

	for (i = 0; i < 8; i++, pat >>= 8) {
		u8 type = pat;

		if (type > 7 || type == 2 || type == 3)
			return false;
	}
	return true;
}

static bool mtrr_type_valid(unsigned int type)
{
	return type < 8 && (BIT(type) & 0x73);	/* UC, WC, WT, WP, WB */
}

/* Storage of an MTRR, or NULL. */
static u64 *mtrr_slot(struct x86_vcpu *vcpu, u32 index)
{
	switch (index) {
	case MSR_MTRRdefType:
		return &vcpu->mtrr_def_type;
	case MSR_MTRRfix64K_00000:
		return &vcpu->mtrr_fixed[0];
	case MSR_MTRRfix16K_80000:
	case MSR_MTRRfix16K_A0000:
		return &vcpu->mtrr_fixed[1 + index - MSR_MTRRfix16K_80000];
	case MSR_MTRRfix4K_C0000 ... MSR_MTRRfix4K_F8000:
		return &vcpu->mtrr_fixed[3 + index - MSR_MTRRfix4K_C0000];
	case 0x200 ... 0x20f:
		return &vcpu->mtrr_var[index - 0x200];
	}
	return NULL;
}

static bool mtrr_valid(struct x86_vcpu *vcpu, u32 index, u64 data)
{
	u64 rsvd = vcpu->maxphyaddr >= 52 ? 0 : GENMASK_ULL(51, vcpu->maxphyaddr);
	int i;

	rsvd |= GENMASK_ULL(63, 52);
	if (index == MSR_MTRRdefType)
		return !(data & ~0xcffull) && mtrr_type_valid(data & 0xff);
	if (index >= 0x200 && index <= 0x20f) {
		if (index & 1)
			return !(data & (rsvd | 0x7ff));
		return !(data & (rsvd | 0xf00)) && mtrr_type_valid(data & 0xff);
	}
	for (i = 0; i < 8; i++, data >>= 8)
		if (!mtrr_type_valid(data & 0xff))
			return false;
	return true;
}

static int set_msr_common(struct x86_vcpu *vcpu, u32 index, u64 data, bool host)
{
	u64 *slot = mtrr_slot(vcpu, index);

	if (slot) {
		if (!mtrr_valid(vcpu, index, data))
			return 1;
		*slot = data;
		return 0;
	}
	switch (index) {
	case MSR_EFER:
		if (!host && (data & kvm_efer_unannounced(vcpu)))
			return 1;
		return kvm_set_efer(vcpu, data);
	case MSR_IA32_TSC:
		write_tsc(vcpu, data, host);
		return 0;
	case MSR_IA32_TSC_ADJUST:
		if (!host)
			set_tsc_offset(vcpu, vcpu->tsc_offset + data - vcpu->ia32_tsc_adjust);
		vcpu->ia32_tsc_adjust = data;
		return 0;
	case MSR_IA32_CR_PAT:
		if (!pat_valid(data))
			return 1;
		vcpu->pat = data;
		return KVM_MSR_RET_UNKNOWN;	/* the vendor loads it */
	case MSR_IA32_MISC_ENABLE:
		vcpu->ia32_misc_enable = data;
		return 0;
	case MSR_IA32_APICBASE:
		if (!host)
			return 1;
		vcpu->apic_base = data;
		return 0;
	case MSR_IA32_UCODE_REV:
	case MSR_AMD64_PATCH_LOADER:
		if (host && index == MSR_IA32_UCODE_REV)
			vcpu->microcode_version = data;
		return 0;	/* a guest's update is ignored */
	}
	return KVM_MSR_RET_UNKNOWN;
}

static int get_msr_common(struct x86_vcpu *vcpu, u32 index, u64 *data, bool host)
{
	u64 *slot = mtrr_slot(vcpu, index);

	if (slot) {
		*data = *slot;
		return 0;
	}
	switch (index) {
	case MSR_EFER:
		*data = vcpu->efer;
		return 0;
	case MSR_IA32_TSC:
		*data = kvm_read_guest_tsc(vcpu);
		return 0;
	case MSR_IA32_TSC_ADJUST:
		*data = vcpu->ia32_tsc_adjust;
		return 0;
	case MSR_IA32_CR_PAT:
		*data = vcpu->pat;
		return 0;
	case MSR_IA32_MISC_ENABLE:
		*data = vcpu->ia32_misc_enable;
		return 0;
	case MSR_IA32_APICBASE:
		*data = vcpu->apic_base;
		return 0;
	case MSR_IA32_UCODE_REV:
		*data = vcpu->microcode_version;
		return 0;
	case MSR_MTRRcap:
		*data = 0x508;	/* 8 variable ranges, fixed ranges, write combining */
		return 0;
	case MSR_IA32_PLATFORM_ID:
	case MSR_IA32_EBL_CR_POWERON:
		*data = 0;
		return 0;
	}
	return KVM_MSR_RET_UNKNOWN;
}

/* No such MSR: the administrator may want the access ignored. */
static int unknown_msr(u32 index, u64 data, bool write)
{
	if (!READ_ONCE(ignore_msrs))
		return KVM_MSR_RET_UNKNOWN;
	if (READ_ONCE(report_ignored_msrs))
		pr_info_ratelimited("kvm [%i]: ignored %s: 0x%x data 0x%llx\n",
				    task_tgid_nr(current), write ? "wrmsr" : "rdmsr", index, data);
	return 0;
}

int kvm_get_msr(struct x86_vcpu *vcpu, u32 index, u64 *data, bool host_initiated)
{
	int r = get_msr_common(vcpu, index, data, host_initiated);

	if (r == KVM_MSR_RET_UNKNOWN)
		r = static_call(kvm_x86_get_msr)(vcpu, index, data, host_initiated);
	if (likely(r != KVM_MSR_RET_UNKNOWN))
		return r;
	*data = 0;
	return unknown_msr(index, 0, false);
}

/* Addresses in these must be canonical, or VMRUN would load them all the same. */
static bool must_be_canonical(u32 index)
{
	switch (index) {
	case MSR_FS_BASE:
	case MSR_GS_BASE:
	case MSR_KERNEL_GS_BASE:
	case MSR_LSTAR:
	case MSR_CSTAR:
	case MSR_IA32_SYSENTER_EIP:
	case MSR_IA32_SYSENTER_ESP:
		return true;
	}
	return false;
}

static bool msr_canonical(struct x86_vcpu *vcpu, u64 data)
{
	unsigned int shift = vcpu->cr4 & X86_CR4_LA57 ? 64 - 57 : 64 - 48;

	return (u64)((s64)(data << shift) >> shift) == data;
}

int kvm_set_msr(struct x86_vcpu *vcpu, u32 index, u64 data, bool host_initiated)
{
	int r;

	if (must_be_canonical(index) && !msr_canonical(vcpu, data))
		return 1;
	r = set_msr_common(vcpu, index, data, host_initiated);
	if (r == KVM_MSR_RET_UNKNOWN)
		r = static_call(kvm_x86_set_msr)(vcpu, index, data, host_initiated);
	return unlikely(r == KVM_MSR_RET_UNKNOWN) ? unknown_msr(index, data, true) : r;
}

long kvm_get_msr_index_list(struct kvm_msr_list __user *user)
{
	u32 n, nmsrs = ARRAY_SIZE(msrs_to_save);

	if (get_user(n, &user->nmsrs))
		return -EFAULT;
	if (put_user(nmsrs, &user->nmsrs))
		return -EFAULT;
	if (n < nmsrs)
		return -E2BIG;
	return copy_to_user(user->indices, msrs_to_save, sizeof(msrs_to_save)) ? -EFAULT : 0;
}

/* Up to the first MSR that is refused; the number done is the result. */
static int do_msrs(struct x86_vcpu *vcpu, struct kvm_msr_entry *entries, u32 n, bool set)
{
	u32 i;

	for (i = 0; i < n; i++) {
		struct kvm_msr_entry *e = &entries[i];

		if (set ? kvm_set_msr(vcpu, e->index, e->data, true) :
			  kvm_get_msr(vcpu, e->index, &e->data, true))
			break;
	}
	return i;
}

long kvm_msr_ioctl(struct x86_vcpu *vcpu, struct kvm_msrs __user *user, bool set)
{
	struct kvm_msr_entry *entries;
	struct kvm_msrs head;
	size_t size;
	long r;

	if (copy_from_user(&head, user, sizeof(head)))
		return -EFAULT;
	if (head.nmsrs >= MAX_IO_MSRS)
		return -E2BIG;
	size = head.nmsrs * sizeof(*entries);
	entries = memdup_user(user->entries, size);
	if (IS_ERR(entries))
		return PTR_ERR(entries);
	r = do_msrs(vcpu, entries, head.nmsrs, set);
	if (!set && copy_to_user(user->entries, entries, size))
		r = -EFAULT;
	kfree(entries);
	return r;
}

/* Reset values. */
void kvm_msr_reset(struct x86_vcpu *vcpu)
{
	vcpu->pat = 0x0007040600070406ull;
	vcpu->ia32_misc_enable = MSR_IA32_MISC_ENABLE_DEFAULT;
	vcpu->apic_base = 0xfee00000ull | BIT(11) | (vcpu->base.vcpu_id ? 0 : BIT(8));
	vcpu->microcode_version = 0x100000000ull;
	synchronize_tsc(vcpu, 0);
}
