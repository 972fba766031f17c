// SPDX-License-Identifier: GPL-2.0-only
/* VMMCALL (or VMCALL) of the guest: results, privilege, widths, KVM_EXIT_HYPERCALL. */
#include "kvm_test.h"

#define HC_VAPIC_POLL_IRQ 1
#define HC_SEND_IPI 10
#define HC_MAP_GPA_RANGE 12
#define HC_UNKNOWN 13
#define MAP_BIT (1ull << HC_MAP_GPA_RANGE)
#define ENOSYS_ 1000

static struct vm *vm;
static struct vcpu *vcpu;

#define CALL "vmmcall\n mov %eax, %esi\n" GUEST_DONE
GUEST_CODE(call64, 64, CALL);
GUEST_CODE(call32, 32, CALL);
GUEST_CODE(forced64, 64, GUEST_FEP CALL);

static int enable(u64 mask, u32 flags)
{
	struct kvm_enable_cap cap = {
		.cap = KVM_CAP_EXIT_HYPERCALL, .flags = flags, .args = { mask },
	};

	return kvm_ioctl(vm->fd, KVM_ENABLE_CAP, &cap);
}

static void prepare(enum guest_mode mode, bool forced, u64 nr, u64 a0, u64 a1, u64 a2)
{
	struct kvm_regs regs;

	if (forced)
		load_code(vcpu, MODE_LONG64, forced64);
	else if (mode == MODE_LONG64)
		load_code(vcpu, mode, call64);
	else
		load_code(vcpu, mode, call32);
	vcpu_get_regs(vcpu, &regs);
	regs.rax = nr;
	regs.rbx = a0;
	regs.rcx = a1;
	regs.rdx = a2;
	vcpu_set_regs(vcpu, &regs);
}

static void result_is(u64 want, const char *name)
{
	struct kvm_regs regs;

	if (!expect_done(vcpu, name))
		return;
	vcpu_get_regs(vcpu, &regs);
	ok_eq(regs.rax, want, "%s: its result", name);
}

static void test_results(void)
{
	prepare(MODE_LONG64, false, HC_UNKNOWN, 0, 0, 0);
	result_is(-ENOSYS_, "an unknown one");
	prepare(MODE_LONG64, false, 1ull << 32 | HC_VAPIC_POLL_IRQ, 0, 0, 0);
	result_is(-ENOSYS_, "the number has 64 bits");
	prepare(MODE_LONG64, false, HC_VAPIC_POLL_IRQ, 0, 0, 0);
	result_is(0, "VAPIC_POLL_IRQ");
	prepare(MODE_COMPAT32, false, HC_UNKNOWN, 0, 0, 0);
	result_is((u32)-ENOSYS_, "an unknown one of 32-bit code in long mode");
	prepare(MODE_PROT32, false, HC_UNKNOWN, 0, 0, 0);
	result_is((u32)-ENOSYS_, "an unknown one of 32-bit code");
	prepare(MODE_PROT32, false, HC_VAPIC_POLL_IRQ, 0, 0, 0);
	result_is(0, "VAPIC_POLL_IRQ of 32-bit code");
	if (kvm_is_ours()) {
		prepare(MODE_LONG64, false, HC_SEND_IPI, 1, 0, 0);
		result_is(-ENOSYS_, "SEND_IPI without an interrupt controller");
	} else {
		skip("SEND_IPI", "this KVM has another error for it");
	}
}

static void test_privilege(void)
{
	struct kvm_regs regs;

	prepare(MODE_LONG64, false, HC_VAPIC_POLL_IRQ, 0, 0, 0);
	vcpu_set_user(vcpu);
	vcpu_get_regs(vcpu, &regs);
	regs.rflags |= 3 << 12;		/* IOPL, for GUEST_DONE */
	vcpu_set_regs(vcpu, &regs);
	result_is(-EPERM, "user mode");
}

static void test_map_errors(void)
{
	ok_eq(kvm_has(KVM_CAP_EXIT_HYPERCALL), MAP_BIT, "KVM_CAP_EXIT_HYPERCALL");
	ok_eq(enable(1, 0), -EINVAL, "a hypercall that cannot exit");
	ok_eq(enable(MAP_BIT | 1ull << 40, 0), -EINVAL, "unknown bits");
	ok_eq(enable(MAP_BIT, 1), -EINVAL, "flags");
	prepare(MODE_LONG64, false, HC_MAP_GPA_RANGE, 0x1000, 1, 0);
	result_is(-ENOSYS_, "MAP_GPA_RANGE that nobody handles");
	ok_eq(enable(MAP_BIT, 0), 0, "let userspace handle it");
	prepare(MODE_LONG64, false, HC_MAP_GPA_RANGE, 0x1001, 1, 0);
	result_is(-EINVAL, "not at a page");
	prepare(MODE_LONG64, false, HC_MAP_GPA_RANGE, 0x1000, 0, 0);
	result_is(-EINVAL, "no page");
	prepare(MODE_LONG64, false, HC_MAP_GPA_RANGE, 0x1000, ~0ull, 0);
	result_is(-EINVAL, "pages that wrap");
}

static bool expect_map(bool longmode, u64 attrs, const char *name)
{
	struct kvm_run *run = vcpu->run;

	if (!expect_exit(vcpu, KVM_EXIT_HYPERCALL, name))
		return false;
	ok_eq(run->hypercall.nr, HC_MAP_GPA_RANGE, "its number");
	ok_eq(run->hypercall.args[0], 0x5000, "its address");
	ok_eq(run->hypercall.args[1], 3, "its pages");
	ok_eq(run->hypercall.args[2], attrs, "its attributes");
	ok_eq(run->hypercall.longmode, longmode, "its width");
	return true;
}

static void test_map(bool forced)
{
	prepare(MODE_LONG64, forced, HC_MAP_GPA_RANGE, 0x5000, 3, 0xabc0000000012ull);
	if (expect_map(true, 0xabc0000000012ull, "MAP_GPA_RANGE goes to userspace")) {
		vcpu->run->hypercall.ret = -5;
		result_is(-5, "answered");
	}
}

static void test_map32(void)
{
	prepare(MODE_PROT32, false, HC_MAP_GPA_RANGE, 0x5000, 3, 0x12);
	if (expect_map(false, 0x12, "MAP_GPA_RANGE of 32-bit code goes to userspace")) {
		vcpu->run->hypercall.ret = -5;
		result_is((u32)-5, "answered");
	}
}

static void test_moved(void)
{
	struct kvm_regs regs;

	if (!kvm_is_ours()) {
		skip("RIP moved by userspace", "this KVM skips an instruction at the new place");
		return;
	}
	prepare(MODE_LONG64, false, HC_MAP_GPA_RANGE, 0x5000, 3, 0);
	if (!expect_map(true, 0, "MAP_GPA_RANGE"))
		return;
	vcpu_get_regs(vcpu, &regs);
	regs.rip += 3;
	vcpu_set_regs(vcpu, &regs);
	vcpu->run->hypercall.ret = -5;
	result_is(HC_MAP_GPA_RANGE, "given up by userspace");
}

int main(void)
{
	tap_start(40);
	vm = vm_create();
	vcpu = vcpu_create(vm);
	test_results();
	test_privilege();
	test_map_errors();
	test_map(false);
	test_map32();
	test_moved();
	if (forced_emulation_missing() || !kvm_is_ours())
		skip("an emulated hypercall", forced_emulation_missing() ?: "executed natively there");
	else
		test_map(true);
	ok_eq(enable(0, 0), 0, "userspace handles it no more");
	prepare(MODE_LONG64, false, HC_MAP_GPA_RANGE, 0x5000, 3, 0);
	result_is(-ENOSYS_, "MAP_GPA_RANGE");
	vm_destroy(vm);
	return tap_done();
}
