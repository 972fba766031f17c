// SPDX-License-Identifier: GPL-2.0-only
/* x86's ioctls on /dev/kvm, VM and vCPU file descriptors. */
#include <linux/kvm.h>
#include <linux/kvm_para.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "vm/arch.h"
#include "vcpu/clock.h"
#include "vcpu/ops.h"

int kvm_arch_check_extension(struct kvm *kvm, long ext)
{
	switch (ext) {
	case KVM_CAP_EXT_CPUID:
	case KVM_CAP_EXT_EMUL_CPUID:
	case KVM_CAP_NOP_IO_DELAY:
	case KVM_CAP_GET_TSC_KHZ:
	case KVM_CAP_KVMCLOCK_CTRL:
	case KVM_CAP_INTERNAL_ERROR_DATA:
	case KVM_CAP_EXIT_ON_EMULATION_FAILURE:
	case KVM_CAP_VCPU_EVENTS:
	case KVM_CAP_SREGS2:
	case KVM_CAP_XSAVE:
	case KVM_CAP_DEBUGREGS:
	case KVM_CAP_MP_STATE:
	case KVM_CAP_SYS_ATTRIBUTES:
	case KVM_CAP_USER_NMI:
	case KVM_CAP_SET_TSS_ADDR:
	case KVM_CAP_SET_IDENTITY_MAP_ADDR:
	case KVM_CAP_ENABLE_CAP:
	case KVM_CAP_ENABLE_CAP_VM:
	case KVM_CAP_ENFORCE_PV_FEATURE_CPUID:
	case KVM_CAP_X86_USER_SPACE_MSR:
	case KVM_CAP_X86_MSR_FILTER:
	case KVM_CAP_GET_MSR_FEATURES:
	case KVM_CAP_EXCEPTION_PAYLOAD:
	case KVM_CAP_X86_TRIPLE_FAULT_EVENT:
	case KVM_CAP_SET_GUEST_DEBUG:
	case KVM_CAP_X86_ROBUST_SINGLESTEP:
		return 1;
	case KVM_CAP_SYNC_REGS:
		return KVM_SYNC_X86_VALID_FIELDS;
	case KVM_CAP_ADJUST_CLOCK:
		return KVM_GET_CLOCK_FLAGS;
	case KVM_CAP_XCRS:
		return !!kvm_host_xcr0;
	case KVM_CAP_XSAVE2:
		return kvm_xsave_size();
	case KVM_CAP_SET_GUEST_DEBUG2:
		return KVM_GUESTDBG_VALID_MASK;
	case KVM_CAP_EXIT_HYPERCALL:
		return BIT(KVM_HC_MAP_GPA_RANGE);
	case KVM_CAP_MCE:
		return KVM_MAX_MCE_BANKS;
	}
	return 0;
}

long kvm_arch_dev_ioctl(unsigned int cmd, unsigned long arg)
{
	void __user *user = (void __user *)arg;

	switch (cmd) {
	case KVM_GET_SUPPORTED_CPUID:
		return kvm_get_supported_cpuid(user);
	case KVM_GET_EMULATED_CPUID:
		return kvm_get_emulated_cpuid(user);
	case KVM_GET_MSR_INDEX_LIST:
		return kvm_get_msr_index_list(user);
	case KVM_GET_DEVICE_ATTR:
	case KVM_HAS_DEVICE_ATTR:
		return kvm_dev_device_attr(cmd, user);
	case KVM_GET_MSR_FEATURE_INDEX_LIST:
		return kvm_get_msr_feature_index_list(user);
	case KVM_GET_MSRS:
		return kvm_msr_ioctl(NULL, user, false);
	case KVM_X86_GET_MCE_CAP_SUPPORTED:
		return kvm_get_mce_cap_supported(user);
	}
	return -ENOTTY;
}

/*
 * What KVM_ENABLE_CAP turns on. @valid: the bits that args[0] may have; what the
 * others mean is @fn's to check. @fn holds no lock; 0 or -errno.
 */
struct vm_cap {
	u32 cap;
	u64 valid;
	int (*fn)(struct kvm *kvm, const struct kvm_enable_cap *cap);
};

static int cap_exit_on_emulation_failure(struct kvm *kvm, const struct kvm_enable_cap *cap)
{
	WRITE_ONCE(to_x86_vm(kvm)->exit_on_emulation_error, cap->args[0]);
	return 0;
}

static int cap_user_space_msr(struct kvm *kvm, const struct kvm_enable_cap *cap)
{
	WRITE_ONCE(to_x86_vm(kvm)->user_space_msr_mask, cap->args[0]);
	return 0;
}

static int cap_exception_payload(struct kvm *kvm, const struct kvm_enable_cap *cap)
{
	WRITE_ONCE(to_x86_vm(kvm)->exception_payload, !!cap->args[0]);
	return 0;
}

static int cap_triple_fault_event(struct kvm *kvm, const struct kvm_enable_cap *cap)
{
	WRITE_ONCE(to_x86_vm(kvm)->triple_fault_event, !!cap->args[0]);
	return 0;
}

static int cap_manual_dirty_log(struct kvm *kvm, const struct kvm_enable_cap *cap)
{
	return kvm_set_manual_dirty_log(kvm, cap->args[0]);
}

static int cap_exit_hypercall(struct kvm *kvm, const struct kvm_enable_cap *cap)
{
	WRITE_ONCE(to_x86_vm(kvm)->hypercall_exit_mask, cap->args[0]);
	return 0;
}

/* Of a VM. */
static const struct vm_cap vm_caps[] = {
	{ KVM_CAP_EXCEPTION_PAYLOAD, ~0ull, cap_exception_payload },
	{ KVM_CAP_X86_TRIPLE_FAULT_EVENT, ~0ull, cap_triple_fault_event },
	{ KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2, KVM_DIRTY_LOG_CAPS, cap_manual_dirty_log },
	{ KVM_CAP_EXIT_ON_EMULATION_FAILURE, BIT_ULL(0), cap_exit_on_emulation_failure },
	{ KVM_CAP_EXIT_HYPERCALL, BIT_ULL(KVM_HC_MAP_GPA_RANGE), cap_exit_hypercall },
	{ KVM_CAP_X86_USER_SPACE_MSR, KVM_MSR_EXIT_REASON_INVAL | KVM_MSR_EXIT_REASON_UNKNOWN |
				      KVM_MSR_EXIT_REASON_FILTER, cap_user_space_msr },
};

static long vm_enable_cap(struct kvm *kvm, void __user *user)
{
	struct kvm_enable_cap cap;
	unsigned int i;

	if (copy_from_user(&cap, user, sizeof(cap)))
		return -EFAULT;
	if (cap.flags)
		return -EINVAL;
	for (i = 0; i < ARRAY_SIZE(vm_caps); i++) {
		if (vm_caps[i].cap != cap.cap)
			continue;
		return cap.args[0] & ~vm_caps[i].valid ? -EINVAL : vm_caps[i].fn(kvm, &cap);
	}
	return -EINVAL;
}

/* The same of a vCPU; @fn under its mutex, loaded. */
struct vcpu_cap {
	u32 cap;
	u64 valid;
	int (*fn)(struct x86_vcpu *vcpu, const struct kvm_enable_cap *cap);
};

static int cap_enforce_pv_feature_cpuid(struct x86_vcpu *vcpu, const struct kvm_enable_cap *cap)
{
	vcpu->enforce_pv_features = cap->args[0];
	return 0;
}

static const struct vcpu_cap vcpu_caps[] = {
	{ KVM_CAP_ENFORCE_PV_FEATURE_CPUID, ~0ull, cap_enforce_pv_feature_cpuid },
};

static int vcpu_enable_cap(struct x86_vcpu *vcpu, const struct kvm_enable_cap *cap)
{
	unsigned int i;

	if (cap->flags)
		return -EINVAL;
	for (i = 0; i < ARRAY_SIZE(vcpu_caps); i++) {
		if (vcpu_caps[i].cap != cap->cap)
			continue;
		return cap->args[0] & ~vcpu_caps[i].valid ? -EINVAL : vcpu_caps[i].fn(vcpu, cap);
	}
	return -EINVAL;
}

/* Three pages below 4 GiB for what a processor without unrestricted guest mode needs. */
static int vm_set_tss_addr(struct kvm *kvm, unsigned long addr)
{
	struct x86_vm *vm = to_x86_vm(kvm);
	int i;

	if (addr > (u32)(-3 * (int)PAGE_SIZE))
		return -EINVAL;
	mutex_lock(&kvm->lock);
	WRITE_ONCE(vm->tss_addr, addr);
	for (i = 0; i <= TDP_OWN_TSS2 - TDP_OWN_TSS0; i++)
		tdp_mmu_move_own_page(kvm, &vm->mmu, TDP_OWN_TSS0 + i, gpa_to_gfn(addr) + i);
	mutex_unlock(&kvm->lock);
	return 0;
}

static int vm_set_identity_map_addr(struct kvm *kvm, void __user *user)
{
	u64 addr;
	int r = 0;

	mutex_lock(&kvm->lock);
	if (kvm->created_vcpus)
		r = -EINVAL;
	else if (copy_from_user(&addr, user, sizeof(addr)))
		r = -EFAULT;
	else
		to_x86_vm(kvm)->identity_map_addr = addr ?: KVM_IDENTITY_MAP_ADDR;
	mutex_unlock(&kvm->lock);
	return r;
}

long kvm_arch_vm_ioctl(struct kvm *kvm, unsigned int cmd, unsigned long arg)
{
	void __user *user = (void __user *)arg;

	switch (cmd) {
	case KVM_ENABLE_CAP:
		return vm_enable_cap(kvm, user);
	case KVM_SET_TSS_ADDR:
		return vm_set_tss_addr(kvm, arg);
	case KVM_SET_IDENTITY_MAP_ADDR:
		return vm_set_identity_map_addr(kvm, user);
	case KVM_GET_CLOCK:
		return kvm_vm_get_clock(kvm, user);
	case KVM_SET_CLOCK:
		return kvm_vm_set_clock(kvm, user);
	case KVM_X86_SET_MSR_FILTER:
		return kvm_vm_set_msr_filter(kvm, user);
#ifdef CONFIG_COMPAT
	case KVM_X86_SET_MSR_FILTER_COMPAT:
		return kvm_vm_set_msr_filter_compat(kvm, user);
#endif
	case KVM_GET_IRQCHIP:
	case KVM_SET_IRQCHIP:
	case KVM_IRQ_LINE:
	case KVM_IRQ_LINE_STATUS:
	case KVM_GET_PIT:
	case KVM_SET_PIT:
	case KVM_GET_PIT2:
	case KVM_SET_PIT2:
		return -ENXIO;
	}
	return -ENOTTY;
}

/* Without a local APIC in the kernel a vCPU does what KVM_RUN says, and nothing else. */
static int kvm_get_mp_state(struct x86_vcpu *vcpu, struct kvm_mp_state *state)
{
	state->mp_state = KVM_MP_STATE_RUNNABLE;
	return 0;
}

static int kvm_set_mp_state(struct x86_vcpu *vcpu, const struct kvm_mp_state *state)
{
	return state->mp_state == KVM_MP_STATE_RUNNABLE ? 0 : -EINVAL;
}

static bool linear_address_valid(struct x86_vcpu *vcpu, u64 la)
{
	unsigned int bits = vcpu->cr4 & X86_CR4_LA57 ? 57 : 48;

	if (!is_long_mode(vcpu))
		return !(la >> 32);
	return sign_extend64(la, bits - 1) == la;
}

/* A debugger's question: what the guest may do at the address does not matter. */
static int kvm_translate(struct x86_vcpu *vcpu, struct kvm_translation *tr)
{
	struct guest_paging paging = vcpu->paging;
	struct guest_fault fault;
	u64 la = tr->linear_address;
	gpa_t gpa = la;

	memset(tr, 0, sizeof(*tr));
	tr->linear_address = la;
	tr->physical_address = ~0ull;
	tr->writeable = 1;
	paging.cr3 = vcpu->cr3;
	paging.cr4 &= ~(u64)(X86_CR4_SMAP | X86_CR4_PKE);
	if (!linear_address_valid(vcpu, la) ||
	    (is_paging(vcpu) && guest_walk(vcpu->base.kvm, &paging, la, 0, &gpa, &fault)))
		return 0;
	tr->physical_address = gpa;
	tr->valid = 1;
	return 0;
}

/* What the fixed-size ioctls carry; too large for the stack. */
union vcpu_state {
	struct kvm_regs regs;
	struct kvm_sregs sregs;
	struct kvm_sregs2 sregs2;
	struct kvm_fpu fpu;
	struct kvm_vcpu_events events;
	struct kvm_interrupt interrupt;
	struct kvm_xcrs xcrs;
	struct kvm_debugregs debugregs;
	struct kvm_mp_state mp_state;
	struct kvm_translation translation;
	struct kvm_enable_cap cap;
	struct kvm_guest_debug guest_debug;
	u64 mcg_cap;
	struct kvm_x86_mce mce;
};

/* A row is an ioctl whose number says how much is copied which way; @fn sees a copy. */
struct state_ioctl {
	unsigned int cmd;
	int (*fn)(struct x86_vcpu *vcpu, union vcpu_state *s);
	int cap;	/* it exists only with this capability; 0: always */
};

/* @fn of a row: what to call with which member. */
#define STATE_FN(name, fn, member)						\
	static int name(struct x86_vcpu *vcpu, union vcpu_state *s)		\
	{									\
		return fn(vcpu, &s->member);					\
	}

STATE_FN(ioctl_get_regs, kvm_get_regs, regs)
STATE_FN(ioctl_set_regs, kvm_set_regs, regs)
STATE_FN(ioctl_get_sregs, kvm_get_sregs, sregs)
STATE_FN(ioctl_set_sregs, kvm_set_sregs, sregs)
STATE_FN(ioctl_get_sregs2, kvm_get_sregs2, sregs2)
STATE_FN(ioctl_set_sregs2, kvm_set_sregs2, sregs2)
STATE_FN(ioctl_get_fpu, kvm_get_fpu, fpu)
STATE_FN(ioctl_set_fpu, kvm_set_fpu, fpu)
STATE_FN(ioctl_get_xcrs, kvm_get_xcrs, xcrs)
STATE_FN(ioctl_set_xcrs, kvm_set_xcrs, xcrs)
STATE_FN(ioctl_get_debugregs, kvm_get_debugregs, debugregs)
STATE_FN(ioctl_set_debugregs, kvm_set_debugregs, debugregs)
STATE_FN(ioctl_get_mp_state, kvm_get_mp_state, mp_state)
STATE_FN(ioctl_set_mp_state, kvm_set_mp_state, mp_state)
STATE_FN(ioctl_translate, kvm_translate, translation)
STATE_FN(ioctl_get_events, kvm_get_vcpu_events, events)
STATE_FN(ioctl_set_events, kvm_set_vcpu_events, events)
STATE_FN(ioctl_interrupt, kvm_vcpu_ioctl_interrupt, interrupt)
STATE_FN(ioctl_enable_cap, vcpu_enable_cap, cap)
STATE_FN(ioctl_set_guest_debug, kvm_set_guest_debug, guest_debug)
STATE_FN(ioctl_setup_mce, kvm_setup_mce, mcg_cap)
STATE_FN(ioctl_set_mce, kvm_set_mce, mce)

static const struct state_ioctl state_ioctls[] = {
	{ KVM_GET_REGS,		ioctl_get_regs },
	{ KVM_SET_REGS,		ioctl_set_regs },
	{ KVM_GET_SREGS,	ioctl_get_sregs },
	{ KVM_SET_SREGS,	ioctl_set_sregs },
	{ KVM_GET_SREGS2,	ioctl_get_sregs2 },
	{ KVM_SET_SREGS2,	ioctl_set_sregs2 },
	{ KVM_GET_FPU,		ioctl_get_fpu },
	{ KVM_SET_FPU,		ioctl_set_fpu },
	{ KVM_GET_XCRS,		ioctl_get_xcrs, KVM_CAP_XCRS },
	{ KVM_SET_XCRS,		ioctl_set_xcrs, KVM_CAP_XCRS },
	{ KVM_GET_DEBUGREGS,	ioctl_get_debugregs },
	{ KVM_SET_DEBUGREGS,	ioctl_set_debugregs },
	{ KVM_GET_MP_STATE,	ioctl_get_mp_state },
	{ KVM_SET_MP_STATE,	ioctl_set_mp_state },
	{ KVM_TRANSLATE,	ioctl_translate },
	{ KVM_GET_VCPU_EVENTS,	ioctl_get_events },
	{ KVM_SET_VCPU_EVENTS,	ioctl_set_events },
	{ KVM_INTERRUPT,	ioctl_interrupt },
	{ KVM_ENABLE_CAP,	ioctl_enable_cap },
	{ KVM_SET_GUEST_DEBUG,	ioctl_set_guest_debug },
	{ KVM_X86_SETUP_MCE,	ioctl_setup_mce },
	{ KVM_X86_SET_MCE,	ioctl_set_mce },
};

static const struct state_ioctl *find_state_ioctl(unsigned int cmd)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(state_ioctls); i++)
		if (state_ioctls[i].cmd == cmd)
			break;
	if (i == ARRAY_SIZE(state_ioctls) ||
	    (state_ioctls[i].cap && !kvm_arch_check_extension(NULL, state_ioctls[i].cap)))
		return NULL;
	return &state_ioctls[i];
}

static long run_state_ioctl(struct x86_vcpu *vcpu, const struct state_ioctl *row,
			    void __user *user)
{
	union vcpu_state *s = kzalloc(sizeof(*s), GFP_KERNEL_ACCOUNT);
	long r = 0;

	if (!s)
		return -ENOMEM;
	if ((_IOC_DIR(row->cmd) & _IOC_WRITE) && copy_from_user(s, user, _IOC_SIZE(row->cmd)))
		r = -EFAULT;
	if (!r)
		r = row->fn(vcpu, s);
	if (!r && (_IOC_DIR(row->cmd) & _IOC_READ) && copy_to_user(user, s, _IOC_SIZE(row->cmd)))
		r = -EFAULT;
	kfree(s);
	return r;
}

static long table_ioctl(struct x86_vcpu *vcpu, unsigned int cmd, void __user *user)
{
	switch (cmd) {
	case KVM_SET_CPUID:
		return kvm_vcpu_set_cpuid(vcpu, user);
	case KVM_SET_CPUID2:
		return kvm_vcpu_set_cpuid2(vcpu, user);
	case KVM_GET_CPUID2:
		return kvm_vcpu_get_cpuid2(vcpu, user);
	case KVM_GET_MSRS:
		return kvm_msr_ioctl(vcpu, user, false);
	case KVM_SET_MSRS:
		return kvm_msr_ioctl(vcpu, user, true);
	case KVM_NMI:
		return kvm_vcpu_ioctl_nmi(vcpu);
	case KVM_GET_XSAVE:
		return kvm_get_xsave(vcpu, user, sizeof(struct kvm_xsave));
	case KVM_GET_XSAVE2:
		return kvm_get_xsave(vcpu, user, kvm_xsave_size());
	case KVM_SET_XSAVE:
		return kvm_set_xsave(vcpu, user);
	case KVM_KVMCLOCK_CTRL:
		return kvm_vcpu_ioctl_kvmclock_ctrl(vcpu);
	case KVM_GET_TSC_KHZ:
		return vcpu->tsc_khz;
	case KVM_SET_TSC_KHZ:
		return kvm_vcpu_set_tsc_khz(vcpu, (unsigned long)user);
	case KVM_SMI:
		return -ENOTTY;	/* no system management mode */
	}
	/* What does not exist without an interrupt controller in the kernel, too. */
	return -EINVAL;
}

long kvm_arch_vcpu_ioctl(struct kvm_vcpu *base, unsigned int cmd, unsigned long arg)
{
	struct x86_vcpu *vcpu = to_x86_vcpu(base);
	const struct state_ioctl *row = find_state_ioctl(cmd);
	void __user *user = (void __user *)arg;
	long r;

	vcpu_load(base);
	r = row ? run_state_ioctl(vcpu, row, user) : table_ioctl(vcpu, cmd, user);
	vcpu_put(base);
	return r;
}
