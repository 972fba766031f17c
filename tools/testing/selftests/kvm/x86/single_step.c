// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM_GUESTDBG_SINGLESTEP: one exit an instruction, whoever executes it, and
 * nothing of it for the guest to see: no TF in what it pushes, no #DB.
 */
#include "kvm_test.h"

#define DR6_FIXED 0xffff0ff0ull
#define DR6_BS (1ull << 14)
#define VECTOR 0x25
#define MSR_STAR 0xc0000081
#define MSR_LSTAR 0xc0000082
#define MSR_SFMASK 0xc0000084
#define PORT 0x80

static struct vm *vm;
static struct vcpu *vcpu;

static void step_mode(bool on)
{
	struct kvm_guest_debug dbg = { 0 };

	if (on)
		dbg.control = KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP;
	must(kvm_ioctl(vcpu->fd, KVM_SET_GUEST_DEBUG, &dbg));
}

/* @name is skipped on other modules than ours. */
#define OURS_ONLY(name, reason)							\
	do {									\
		if (!kvm_is_ours()) {						\
			skip(name, "Linux 6.1 " reason);			\
			return;							\
		}								\
	} while (0)

static bool step_to(u64 pc, const char *name)
{
	struct kvm_debug_exit_arch *arch = &vcpu->run->debug.arch;
	int reason = run_until_exit(vcpu);
	struct kvm_regs r;

	vcpu_get_regs(vcpu, &r);
	if (reason == KVM_EXIT_DEBUG && arch->exception == DB_VECTOR && arch->pc == pc &&
	    arch->dr6 == (DR6_FIXED | DR6_BS) && !(r.rflags & FLAG_TF) && r.rip == pc)
		return ok(true, "%s: step to 0x%lx", name, (long)pc);
	ok(false, "%s: step to 0x%lx", name, (long)pc);
	if (reason == KVM_EXIT_DEBUG)
		note("exception %u pc 0x%llx dr6 0x%llx rflags 0x%llx", arch->exception,
		     arch->pc, arch->dr6, r.rflags);
	else
		note("left for %s", describe_exit(vcpu, reason));
	return false;
}

/* Step through instructions of these lengths; 0 ends. */
static void walk(const u8 *length, const char *name)
{
	u64 pc = CODE_GPA;

	step_mode(true);
	for (; *length; length++) {
		pc += *length;
		if (!step_to(pc, name))
			break;
	}
}

static void finish(const char *name)
{
	step_mode(false);
	expect_done(vcpu, name);
}

GUEST_CODE(native, 64, "nop\n mov $1, %ebx\n inc %ebx\n push %rbx\n pop %rcx\n jmp 1f\n 1: nop\n"
	   GUEST_DONE);
GUEST_CODE(exiting, 64,
	   "xor %eax, %eax\n cpuid\n mov $0xc0000080, %ecx\n rdmsr\n wrmsr\n nop\n" GUEST_DONE);
GUEST_CODE(strings, 64,
	   "mov $0x30000, %esi\n mov $0x30100, %edi\n mov $3, %ecx\n rep movsb\n nop\n" GUEST_DONE);
GUEST_CODE(forced, 64, GUEST_FEP "inc %ebx\n" GUEST_FEP "inc %ebx\n nop\n" GUEST_DONE);

static void test_plain(void)
{
	static const u8 native_len[] = { 1, 5, 2, 1, 1, 2, 1, 0 };
	static const u8 exiting_len[] = { 2, 2, 5, 2, 2, 1, 0 };
	static const u8 forced_len[] = { 7, 7, 1, 0 };
	struct kvm_regs r;
	int i;

	load_code(vcpu, MODE_LONG64, native);
	walk(native_len, "native");
	finish("the guest goes on");
	vcpu_get_regs(vcpu, &r);
	ok_eq(r.rcx, 2, "each instruction ran once");

	load_code(vcpu, MODE_LONG64, exiting);
	walk(exiting_len, "with exits");
	finish("the guest goes on");

	load_code(vcpu, MODE_LONG64, strings);
	walk((const u8[]){ 5, 5, 5, 0 }, "before REP");
	for (i = 0; i < 2; i++)
		step_to(CODE_GPA + 15, "iteration");
	step_to(CODE_GPA + 17, "last iteration");
	finish("the guest goes on");

	if (!kvm_is_ours() || forced_emulation_missing()) {
		skip("forced emulation", "Linux 6.1 loses the step behind it");
		return;
	}
	load_code(vcpu, MODE_LONG64, forced);
	walk(forced_len, "forced");
	finish("the guest goes on");
	vcpu_get_regs(vcpu, &r);
	ok_eq(r.rbx, 2, "each instruction ran once");
}

GUEST_CODE(device, 64,
	   "mov %eax, 0xa0000\n mov 0xa0004, %eax\n out %al, $0x80\n in $0x80, %al\n nop\n" GUEST_DONE);
GUEST_CODE(device_rep, 64,
	   "mov $0x30000, %esi\n mov $0xa0000, %edi\n mov $2, %ecx\n rep movsb\n nop\n" GUEST_DONE);
GUEST_CODE(halted, 64, "nop\n hlt\n nop\n nop\n" GUEST_DONE);

static void test_device(void)
{
	u32 zero = 0, answer = 0x11223344;
	struct kvm_regs r;
	u8 byte = 0x5a;

	OURS_ONLY("devices", "loses the step of what userspace completes");
	load_code(vcpu, MODE_LONG64, device);
	step_mode(true);
	expect_mmio_write(vcpu, MMIO_GPA, 4, &zero, "MMIO write");
	step_to(CODE_GPA + 7, "MMIO write");
	expect_mmio_read(vcpu, MMIO_GPA + 4, 4, &answer, "MMIO read");
	step_to(CODE_GPA + 14, "MMIO read");
	vcpu_get_regs(vcpu, &r);
	ok_eq(r.rax, answer, "its answer");
	expect_pio(vcpu, KVM_EXIT_IO_OUT, PORT, 1, 1, "OUT");
	step_to(CODE_GPA + 16, "OUT");
	expect_pio(vcpu, KVM_EXIT_IO_IN, PORT, 1, 1, "IN");
	step_to(CODE_GPA + 18, "IN");
	step_to(CODE_GPA + 19, "behind them");
	finish("the guest goes on");

	*(u8 *)gpa_to_hva(vm, DATA_GPA) = byte;
	*(u8 *)gpa_to_hva(vm, DATA_GPA + 1) = byte;
	load_code(vcpu, MODE_LONG64, device_rep);
	walk((const u8[]){ 5, 5, 5, 0 }, "before REP");
	expect_mmio_write(vcpu, MMIO_GPA, 1, &byte, "first iteration");
	step_to(CODE_GPA + 15, "first iteration");
	expect_mmio_write(vcpu, MMIO_GPA + 1, 1, &byte, "last iteration");
	step_to(CODE_GPA + 17, "last iteration");
	finish("the guest goes on");

	load_code(vcpu, MODE_LONG64, halted);
	walk((const u8[]){ 1, 0 }, "before HLT");
	expect_exit(vcpu, KVM_EXIT_HLT, "HLT");
	step_to(CODE_GPA + 2, "HLT");
	step_to(CODE_GPA + 3, "behind HLT");
	finish("the guest goes on");
}

GUEST_CODE(pushes, 64, "pushf\n pop %rcx\n push %rcx\n popf\n nop\n" GUEST_DONE);
GUEST_CODE(shadows, 64, "mov %ss, %eax\n mov %eax, %ss\n nop\n sti\n nop\n cli\n nop\n" GUEST_DONE);
GUEST_CODE(faults, 64, "nop\n ud2\n" GUEST_DONE);
GUEST_CODE(software, 64, "nop\n int $0x30\n nop\n int3\n nop\n" GUEST_DONE);
GUEST_CODE(calls, 64, "syscall\n nop\n" GUEST_DONE);
GUEST_CODE(page_fault, 64, "mov 0x200000000, %al\n" GUEST_DONE);

static void test_flags(void)
{
	struct kvm_regs r;
	u64 pc;

	load_code(vcpu, MODE_LONG64, shadows);
	step_mode(true);
	step_to(CODE_GPA + 2, "MOV from SS");
	/* A CPU holds the trap back behind MOV SS. */
	step_to(CODE_GPA + 5, "MOV SS and what follows");
	/* Not so behind STI; but QEMU 7.2 does. */
	ok_eq(run_until_exit(vcpu), KVM_EXIT_DEBUG, "STI");
	pc = vcpu->run->debug.arch.pc;
	ok(pc == CODE_GPA + 6 || pc == CODE_GPA + 7, "STI, or with what follows");
	if (pc == CODE_GPA + 6)
		step_to(CODE_GPA + 7, "in its shadow");
	step_to(CODE_GPA + 8, "CLI");
	finish("the guest goes on");

	OURS_ONLY("PUSHF and POPF", "shows the guest TF of a step");
	load_code(vcpu, MODE_LONG64, pushes);
	walk((const u8[]){ 1, 1, 1, 1, 1, 0 }, "PUSHF and POPF");
	vcpu_get_regs(vcpu, &r);
	ok_eq(r.rcx & FLAG_TF, 0, "PUSHF pushed no TF");
	finish("the guest goes on");
}

/* The next stop is the first instruction of a handler; its frame has no TF. */
static void step_into_handler(int vector, u64 rip, const char *name)
{
	struct kvm_debug_exit_arch *arch = &vcpu->run->debug.arch;
	struct guest_fault f = { .vector = -1, .rflags = FLAG_TF };
	struct kvm_sregs s;
	u64 *gate;

	vcpu_get_sregs(vcpu, &s);
	gate = gpa_to_hva(vm, s.idt.base + 16 * vector);
	expect_exit(vcpu, KVM_EXIT_DEBUG, name);
	ok_eq(arch->pc, (*gate & 0xffff) | (*gate >> 32 & 0xffff0000), "%s: in its handler", name);
	step_mode(false);
	expect_fault(vcpu, vector, name);
	vcpu_fault(vcpu, &f);
	ok_eq(f.rip, rip, "%s: came from", name);
	ok_eq(f.rflags & FLAG_TF, 0, "%s: no TF in its frame", name);
	step_mode(true);
}

static void test_exceptions(void)
{
	struct kvm_sregs s;
	struct kvm_regs r;

	OURS_ONLY("exceptions", "shows the guest TF of a step");
	load_code(vcpu, MODE_LONG64, faults);
	walk((const u8[]){ 1, 0 }, "before #UD");
	step_into_handler(UD_VECTOR, CODE_GPA + 1, "#UD");
	step_mode(false);

	load_code(vcpu, MODE_LONG64, page_fault);
	step_mode(true);
	step_into_handler(PF_VECTOR, CODE_GPA, "#PF");
	step_mode(false);
	vcpu_get_sregs(vcpu, &s);
	ok_eq(s.cr2, 0x200000000, "CR2");

	load_code(vcpu, MODE_LONG64, software);
	walk((const u8[]){ 1, 0 }, "before INT 0x30");
	vcpu_get_regs(vcpu, &r);
	step_into_handler(0x30, CODE_GPA + 3, "INT 0x30");
	step_mode(false);
	load_code(vcpu, MODE_LONG64, software);
	r.rip = CODE_GPA + 4;
	vcpu_set_regs(vcpu, &r);
	step_mode(true);
	step_into_handler(3, CODE_GPA + 5, "INT3");
	step_mode(false);
}

static void test_events(void)
{
	struct kvm_interrupt irq = { .irq = VECTOR };
	struct kvm_vcpu_events e;
	struct kvm_regs r;
	int i, reason = 0;

	OURS_ONLY("interrupts", "shows the guest TF of a step");
	load_code(vcpu, MODE_LONG64, native);
	vcpu_get_regs(vcpu, &r);
	r.rflags |= FLAG_IF;
	vcpu_set_regs(vcpu, &r);
	step_mode(true);
	step_to(CODE_GPA + 1, "before an interrupt");
	must(kvm_ioctl(vcpu->fd, KVM_INTERRUPT, &irq));
	step_into_handler(VECTOR, CODE_GPA + 1, "interrupt");
	step_mode(false);
	expect_done(vcpu, "the guest goes on");

	load_code(vcpu, MODE_LONG64, native);
	step_mode(true);
	step_to(CODE_GPA + 1, "before an NMI");
	must(kvm_ioctl(vcpu->fd, KVM_NMI, NULL));
	step_into_handler(2, CODE_GPA + 1, "NMI");
	/* Out of the handler by steps: the port access, IRET. */
	for (i = 0; i < 20; i++) {
		reason = run_until_exit(vcpu);
		vcpu_get_regs(vcpu, &r);
		if (reason != KVM_EXIT_DEBUG || r.rip == CODE_GPA + 1)
			break;
	}
	ok(reason == KVM_EXIT_DEBUG && r.rip == CODE_GPA + 1, "steps lead out of the handler");
	must(kvm_ioctl(vcpu->fd, KVM_GET_VCPU_EVENTS, &e));
	ok(!e.nmi.masked, "IRET has opened NMIs");
	step_to(CODE_GPA + 6, "behind the NMI");
	finish("the guest goes on");
}

static void test_syscall(void)
{
	struct kvm_sregs s;
	struct kvm_regs r;

	OURS_ONLY("SYSCALL", "shows the guest TF of a step");
	load_code(vcpu, MODE_LONG64, calls);
	vcpu_get_sregs(vcpu, &s);
	s.efer |= EFER_SCE;
	vcpu_set_sregs(vcpu, &s);
	vcpu_set_msr(vcpu, MSR_STAR, (u64)SEL_CODE64 << 32);
	vcpu_set_msr(vcpu, MSR_LSTAR, CODE_GPA + 2);
	vcpu_set_msr(vcpu, MSR_SFMASK, FLAG_TF);
	step_mode(true);
	step_to(CODE_GPA + 2, "SYSCALL");
	vcpu_get_regs(vcpu, &r);
	ok_eq(r.r11 & FLAG_TF, 0, "no TF in R11");
	step_to(CODE_GPA + 3, "behind SYSCALL");
	finish("the guest goes on");
}

/* TF that the guest has set itself traps in the guest, step or no step. */
static void test_own_tf(void)
{
	struct guest_fault f = { .vector = -1 };
	struct kvm_regs r;

	OURS_ONLY("TF of the guest's own", "gives its #DB to the debugger");
	load_code(vcpu, MODE_LONG64, native);
	vcpu_get_regs(vcpu, &r);
	r.rflags |= FLAG_TF;
	vcpu_set_regs(vcpu, &r);
	step_mode(true);
	expect_exit(vcpu, KVM_EXIT_DEBUG, "step with the guest's TF");
	ok_eq(vcpu->run->debug.arch.pc, CODE_GPA + 1, "after one instruction");
	vcpu_get_regs(vcpu, &r);
	ok(r.rflags & FLAG_TF, "KVM_GET_REGS has the guest's TF");
	step_mode(false);
	expect_fault(vcpu, DB_VECTOR, "its #DB is delivered");
	vcpu_fault(vcpu, &f);
	ok_eq(f.rip, CODE_GPA + 1, "where it belongs");
	ok(f.rflags & FLAG_TF, "with the TF that it has set");
}

int main(void)
{
	tap_start(50);
	vm = vm_create();
	vcpu = vcpu_create(vm);
	test_plain();
	test_device();
	test_flags();
	test_exceptions();
	test_events();
	test_syscall();
	test_own_tf();
	vm_destroy(vm);
	return tap_done();
}
