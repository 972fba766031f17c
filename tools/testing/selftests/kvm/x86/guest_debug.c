// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM_SET_GUEST_DEBUG: what is refused, breakpoints in the code and in debug
 * registers that are not the guest's, injected debug events, blocked events.
 */
#include "kvm_test.h"

#define BAD_POINTER ((void *)8)
#define NMI_VECTOR 2
#define BP_VECTOR_NR 3
#define DR6_FIXED 0xffff0ff0ull
#define DR6_BD (1ull << 13)
#define DR7_GD (1ull << 13)
#define UNKNOWN_FLAG (1u << 8)
#define MMIO_WORD 0xa0010

GUEST_CODE(breakpoint, 64, "mov $1, %ebx\n int3\n mov $2, %ebx\n" GUEST_DONE);
GUEST_CODE(forced_breakpoint, 64, "mov $1, %ebx\n" GUEST_FEP "int3\n mov $2, %ebx\n" GUEST_DONE);
GUEST_CODE(plain, 64, "mov $1, %ebx\n mov $2, %ebx\n mov $3, %ebx\n" GUEST_DONE);
GUEST_CODE(store, 64, "mov $1, %ebx\n mov %ebx, 0x30010\n mov $2, %ebx\n" GUEST_DONE);
GUEST_CODE(mmio_store, 64, "mov $1, %ebx\n mov %ebx, 0xa0010\n mov $2, %ebx\n" GUEST_DONE);
GUEST_CODE(registers, 64,
	   "mov $0x1234, %eax\n mov %rax, %dr0\n mov $0x5678, %eax\n mov %rax, %dr3\n"
	   "mov %dr0, %rsi\n mov %dr3, %rdi\n mov %dr7, %rbp\n" GUEST_DONE
	   "mov %dr0, %rsi\n mov %dr3, %rdi\n" GUEST_DONE);

#define PLAIN_SECOND (CODE_GPA + 5)
#define STORE_END (CODE_GPA + 5 + 7)
#define INT3_AT (CODE_GPA + 5)
#define FORCED_INT3_AT (CODE_GPA + 5 + 5)

static struct vm *vm;
static struct vcpu *vcpu;

static int set_debug(u32 control, u64 db0, u64 dr7)
{
	struct kvm_guest_debug dbg = { .control = control };

	dbg.arch.debugreg[0] = db0;
	dbg.arch.debugreg[7] = dr7;
	return kvm_ioctl(vcpu->fd, KVM_SET_GUEST_DEBUG, &dbg);
}

static void off(void)
{
	must(set_debug(0, 0, 0));
}

/* The run ends for the debugger, with all of the exit's fields. */
static void expect_debug(u32 exception, u64 pc, u64 dr6, const char *name)
{
	struct kvm_debug_exit_arch *arch = &vcpu->run->debug.arch;

	if (!expect_exit(vcpu, KVM_EXIT_DEBUG, name))
		return;
	ok_eq(arch->exception, exception, "%s: exception", name);
	ok_eq(arch->pc, pc, "%s: pc", name);
	if (exception == DB_VECTOR)
		ok_eq(arch->dr6, DR6_FIXED | dr6, "%s: dr6", name);
}

static void test_refused(void)
{
	ok_eq(kvm_has(KVM_CAP_SET_GUEST_DEBUG), 1, "KVM_CAP_SET_GUEST_DEBUG");
	ok_eq(kvm_has(KVM_CAP_X86_ROBUST_SINGLESTEP), 1, "KVM_CAP_X86_ROBUST_SINGLESTEP");
	ok_eq(kvm_has(KVM_CAP_SET_GUEST_DEBUG2), 0x1f0003, "KVM_CAP_SET_GUEST_DEBUG2: the flags");
	ok_eq(kvm_ioctl(vcpu->fd, KVM_SET_GUEST_DEBUG, BAD_POINTER), -EFAULT, "a bad pointer");
	if (!kvm_is_ours())
		skip("an unknown flag", "Linux 6.1 takes what it does not know");
	else
		ok_eq(set_debug(KVM_GUESTDBG_ENABLE | UNKNOWN_FLAG, 0, 0), -EINVAL,
		      "an unknown flag");
	load_code(vcpu, MODE_LONG64, plain);
	ok_eq(set_debug(KVM_GUESTDBG_SINGLESTEP | KVM_GUESTDBG_USE_HW_BP, CODE_GPA, 1), 0,
	      "everything but KVM_GUESTDBG_ENABLE");
	expect_done(vcpu, "is nothing");
	off();
}

static void test_software(void)
{
	struct guest_fault f = { .vector = -1 };
	struct kvm_regs r;

	load_code(vcpu, MODE_LONG64, breakpoint);
	must(set_debug(KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_SW_BP, 0, 0));
	if (!kvm_is_ours() && run_until_exit(vcpu) != KVM_EXIT_DEBUG) {
		/* QEMU 7.2 takes INT3 for INTn, and Linux 6.1 intercepts #BP alone. */
		skip("INT3", "this CPU has no intercept of it");
		off();
		return;
	}
	expect_debug(BP_VECTOR_NR, INT3_AT, 0, "INT3");
	vcpu_get_regs(vcpu, &r);
	ok_eq(r.rip, INT3_AT, "RIP is the INT3's");
	expect_debug(BP_VECTOR_NR, INT3_AT, 0, "INT3 again");
	r.rip++;
	vcpu_set_regs(vcpu, &r);
	expect_done(vcpu, "the guest goes on behind it");
	vcpu_get_regs(vcpu, &r);
	ok_eq(r.rbx, 2, "with the next instruction");
	off();
	load_code(vcpu, MODE_LONG64, breakpoint);
	expect_fault(vcpu, BP_VECTOR_NR, "without the flag INT3 is the guest's");
	vcpu_fault(vcpu, &f);
	ok_eq(f.rip, INT3_AT + 1, "as the trap that it is");
	expect_done(vcpu, "and the guest goes on");

	if (!kvm_is_ours() || forced_emulation_missing()) {
		skip("INT3 that is emulated", "Linux 6.1 gives it to the guest");
		return;
	}
	load_code(vcpu, MODE_LONG64, forced_breakpoint);
	must(set_debug(KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_SW_BP, 0, 0));
	expect_debug(BP_VECTOR_NR, FORCED_INT3_AT, 0, "INT3 that is emulated");
	off();
}

static void test_hardware(void)
{
	struct kvm_regs r;

	load_code(vcpu, MODE_LONG64, plain);
	must(set_debug(KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW_BP, PLAIN_SECOND, 0x2));
	if (run_until_exit(vcpu) == KVM_EXIT_IO && at_done(vcpu)) {
		skip("breakpoints that the CPU looks for",
		     "this CPU loads DR7 from the VMCB and minds it not (QEMU 7.2)");
		off();
		return;
	}
	load_code(vcpu, MODE_LONG64, plain);
	expect_debug(DB_VECTOR, PLAIN_SECOND, 1, "instruction breakpoint");
	ok_eq(vcpu->run->debug.arch.dr7, 0x402, "instruction breakpoint: dr7");
	vcpu_get_regs(vcpu, &r);
	ok_eq(r.rbx, 1, "before the instruction");
	off();
	expect_done(vcpu, "the guest goes on without it");

	load_code(vcpu, MODE_LONG64, store);
	must(set_debug(KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW_BP, DATA_GPA + 0x10, 0xd0002));
	expect_debug(DB_VECTOR, STORE_END, 1, "data breakpoint");
	expect_done(vcpu, "the guest goes on");
	off();
}

static void test_mmio(void)
{
	u32 one = 1;

	load_code(vcpu, MODE_LONG64, mmio_store);
	must(set_debug(KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW_BP, MMIO_WORD, 0xd0002));
	expect_mmio_write(vcpu, MMIO_WORD, 4, &one, "the device gets its write first");
	if (kvm_is_ours())
		expect_debug(DB_VECTOR, STORE_END, 1, "data breakpoint on MMIO");
	else
		skip("data breakpoint on MMIO", "Linux 6.1 does not look for any");
	expect_done(vcpu, "the guest goes on");
	off();
}

/* The guest's registers are its own all the while. */
static void test_virtual_registers(void)
{
	struct kvm_regs r;

	load_code(vcpu, MODE_LONG64, registers);
	must(set_debug(KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW_BP, 0x77777, 0x2));
	expect_done(vcpu, "guest that uses its debug registers");
	vcpu_get_regs(vcpu, &r);
	ok_eq(r.rsi, 0x1234, "DR0 is what it wrote");
	ok_eq(r.rdi, 0x5678, "DR3 is what it wrote");
	ok_eq(r.rbp, 0x400, "DR7 is not the debugger's");
	off();
	expect_done(vcpu, "the same without a debugger");
	vcpu_get_regs(vcpu, &r);
	ok_eq(r.rsi, 0x1234, "DR0 is still what it wrote");
	ok_eq(r.rdi, 0x5678, "DR3 is still what it wrote");

	if (!kvm_is_ours()) {
		skip("the debugger's DR7.GD", "Linux 6.1 has it on VMX alone");
		return;
	}
	load_code(vcpu, MODE_LONG64, registers);
	must(set_debug(KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW_BP, 0, DR7_GD));
	expect_debug(DB_VECTOR, CODE_GPA + 5, DR6_BD, "the debugger's DR7.GD");
	off();
}

static void test_inject(void)
{
	struct kvm_enable_cap cap = { .cap = KVM_CAP_EXCEPTION_PAYLOAD, .args = { 1 } };
	struct guest_fault f = { .vector = -1 };
	struct kvm_vcpu_events e;

	load_code(vcpu, MODE_LONG64, plain);
	must(set_debug(KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_INJECT_DB, 0, 0));
	expect_fault(vcpu, DB_VECTOR, "injected #DB");
	expect_done(vcpu, "the guest goes on");
	load_code(vcpu, MODE_LONG64, plain);
	must(set_debug(KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_INJECT_BP, 0, 0));
	expect_fault(vcpu, BP_VECTOR_NR, "injected #BP");
	vcpu_fault(vcpu, &f);
	if (kvm_is_ours())
		ok_eq(f.rip, CODE_GPA, "at RIP");
	else
		skip("at RIP", "Linux 6.1 moves it where the CPU has no next RIP");
	expect_done(vcpu, "the guest goes on");

	must(kvm_ioctl(vm->fd, KVM_ENABLE_CAP, &cap));
	load_code(vcpu, MODE_LONG64, plain);
	must(kvm_ioctl(vcpu->fd, KVM_GET_VCPU_EVENTS, &e));
	e.exception.pending = 1;
	e.exception.nr = UD_VECTOR;
	must(kvm_ioctl(vcpu->fd, KVM_SET_VCPU_EVENTS, &e));
	ok_eq(set_debug(KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_INJECT_DB, 0, 0), -EBUSY,
	      "#DB while an exception is pending");
	ok_eq(set_debug(KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_INJECT_BP, 0, 0), -EBUSY,
	      "#BP while an exception is pending");
	expect_fault(vcpu, UD_VECTOR, "the pending one");
	expect_done(vcpu, "the guest goes on");
	off();
}

static void test_blocked(void)
{
	struct kvm_regs r;
	int i;

	load_code(vcpu, MODE_LONG64, plain);
	must(set_debug(KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP | KVM_GUESTDBG_BLOCKIRQ,
		       0, 0));
	must(kvm_ioctl(vcpu->fd, KVM_NMI, NULL));
	for (i = 1; i <= 2; i++)
		expect_debug(DB_VECTOR, CODE_GPA + 5 * i, 1 << 14, "step with an NMI blocked");
	off();
	expect_fault(vcpu, NMI_VECTOR, "the NMI comes when it is allowed to");
	vcpu_get_regs(vcpu, &r);
	ok_eq(r.rbx, 2, "not before");
	expect_done(vcpu, "the guest goes on");
}

int main(void)
{
	tap_start(50);
	vm = vm_create();
	vcpu = vcpu_create(vm);
	test_refused();
	test_software();
	test_hardware();
	test_mmio();
	test_virtual_registers();
	test_inject();
	test_blocked();
	vm_destroy(vm);
	return tap_done();
}
