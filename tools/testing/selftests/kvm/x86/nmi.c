// SPDX-License-Identifier: GPL-2.0-only
/*
 * NMIs: blocked until IRET, on top of an interrupt that is being injected, in
 * an interrupt shadow, and many of them. No step of the host's own is seen by
 * the guest. Beside them what also goes through the injection of events:
 * INT3, INTn, and the switch of debug registers.
 */
#include "kvm_test.h"

#define NMI_VECTOR 2
#define VECTOR 0x25
#define BOMBARDMENT 200
#define DR6_INIT 0xffff0ff0ull

/* Bochs enters with the NMI blocking of an earlier guest: an IRET ends it. */
GUEST_CODE(irets, 64,
	   "mov %rsp, %rax\n mov %ss, %ebx\n push %rbx\n push %rax\n pushf\n mov %cs, %ebx\n"
	   "push %rbx\n lea 1f(%rip), %rax\n push %rax\n iretq\n 1: " GUEST_DONE);

GUEST_CODE(steps, 64,
	   "out %al, $0x80\n mov $1, %ebx\n mov $2, %ebx\n mov $3, %ebx\n" GUEST_DONE);
GUEST_CODE(opens, 64,
	   "out %al, $0x80\n sti\n mov $1, %ebx\n mov $2, %ebx\n cli\n" GUEST_DONE);
GUEST_CODE(pushes_flags, 64,
	   "cli\n out %al, $0x80\n mov $1, %ebx\n pushf\n pop %rcx\n" GUEST_DONE);
GUEST_CODE(debug_registers, 64,
	   "mov $0x1234, %eax\n mov %rax, %dr0\n mov %rax, %dr3\n"
	   "mov $0x5678, %ecx\n mov %rcx, %dr1\n xor %eax, %eax\n cpuid\n"
	   "mov %dr0, %rsi\n mov %dr1, %rdi\n mov %dr3, %rbp\n" GUEST_DONE);
GUEST_CODE(software, 64, "int3\n mov $7, %ebx\n int $0x30\n" GUEST_DONE);
GUEST_CODE(reads_dr6, 64, "mov %dr6, %rbx\n mov $1, %ecx\n" GUEST_DONE);
GUEST_CODE(writes_dr6, 64, "mov %rax, %dr6\n mov %dr6, %rbx\n" GUEST_DONE);
GUEST_CODE(spin, 64, "1: inc %rbx\n cpuid\n jmp 1b\n");

/* Addresses in them. */
#define STEPS_START (CODE_GPA + 2)
#define OPENS_SECOND_MOV (CODE_GPA + 2 + 1 + 5)
#define DR6_MOV_END (CODE_GPA + 3)
#define FLAGS_PUSHF (CODE_GPA + 1 + 2 + 5)
#define SOFTWARE_END (CODE_GPA + 1 + 5 + 2)

static struct vm *vm;
static struct vcpu *vcpu;

static int send_nmi(void)
{
	return kvm_ioctl(vcpu->fd, KVM_NMI, NULL);
}

static void get_events(struct kvm_vcpu_events *e)
{
	memset(e, 0, sizeof(*e));
	must(kvm_ioctl(vcpu->fd, KVM_GET_VCPU_EVENTS, e));
}

static void start(const u8 *code, const u8 *end, const char *name)
{
	vcpu_load(vcpu, MODE_LONG64, code, end);
	expect_pio(vcpu, KVM_EXIT_IO_OUT, 0x80, 1, 1, name);
}

/* The guest takes @vector at @rip, and TF is not in the frame. */
static void expect_at(int vector, u64 rip, const char *name)
{
	struct guest_fault f = { .vector = -1 };

	expect_fault(vcpu, vector, name);
	vcpu_fault(vcpu, &f);
	ok_eq(f.rip, rip, "%s: at", name);
	ok_eq(f.rflags & FLAG_TF, 0, "%s: no TF in its frame", name);
}

static void test_second_nmi(void)
{
	struct kvm_vcpu_events e;
	struct kvm_regs r;

	start(steps, steps_end, "guest that will get two NMIs");
	ok_eq(send_nmi(), 0, "KVM_NMI");
	expect_at(NMI_VECTOR, STEPS_START, "first NMI");
	get_events(&e);
	ok(e.nmi.masked, "NMIs are blocked in the handler");
	send_nmi();
	expect_at(NMI_VECTOR, STEPS_START, "second NMI, after IRET");
	vcpu_get_regs(vcpu, &r);
	ok_eq(r.rflags & FLAG_TF, 0, "no TF in the handler");
	ok_eq(r.rbx, 0, "no instruction ran in between");
	expect_done(vcpu, "the guest goes on");
	vcpu_get_regs(vcpu, &r);
	ok_eq(r.rbx, 3, "all instructions ran");
	ok_eq(r.rflags & FLAG_TF, 0, "no TF at its end");
	get_events(&e);
	ok(!e.nmi.masked, "NMIs are no longer blocked");
}

/* One in service and one that waits; more is the same. */
static void test_coalescing(void)
{
	int i;

	start(steps, steps_end, "guest that will get five NMIs");
	for (i = 0; i < 5; i++)
		send_nmi();
	expect_at(NMI_VECTOR, STEPS_START, "the first of five");
	expect_at(NMI_VECTOR, STEPS_START, "the second of five");
	expect_done(vcpu, "and no third one");

	start(steps, steps_end, "guest that will get more in the handler");
	send_nmi();
	expect_at(NMI_VECTOR, STEPS_START, "the first");
	for (i = 0; i < 5; i++)
		send_nmi();
	expect_at(NMI_VECTOR, STEPS_START, "one of those in the handler");
	expect_done(vcpu, "and no other");
}

static void test_nmi_in_handler(void)
{
	struct kvm_interrupt irq = { .irq = VECTOR };
	struct guest_fault f = { .rflags = FLAG_TF };

	if (!kvm_is_ours()) {
		skip("interrupt that waits for STI", "Linux 6.1 injects it whatever IF says");
		return;
	}
	start(opens, opens_end, "guest that sets IF");
	ok_eq(kvm_ioctl(vcpu->fd, KVM_INTERRUPT, &irq), 0, "KVM_INTERRUPT while IF is clear");
	expect_at(VECTOR, OPENS_SECOND_MOV, "interrupt after the shadow of STI");
	send_nmi();
	expect_fault(vcpu, NMI_VECTOR, "NMI in the handler of the interrupt");
	vcpu_fault(vcpu, &f);
	ok_eq(f.rflags & FLAG_TF, 0, "no TF in its frame");
	expect_done(vcpu, "the guest goes on");
}

/* The interrupt's delivery comes first: the NMI interrupts its handler. */
static void test_nmi_on_interrupt(void)
{
	struct guest_fault f = { .vector = -1 };
	struct kvm_vcpu_events e;
	struct kvm_regs r;

	start(steps, steps_end, "guest that gets an interrupt and an NMI");
	vcpu_get_regs(vcpu, &r);
	r.rflags |= FLAG_IF;
	vcpu_set_regs(vcpu, &r);
	get_events(&e);
	e.interrupt.injected = 1;
	e.interrupt.nr = VECTOR + 1;
	e.nmi.pending = 1;
	e.flags = KVM_VCPUEVENT_VALID_NMI_PENDING;
	ok_eq(kvm_ioctl(vcpu->fd, KVM_SET_VCPU_EVENTS, &e), 0, "both by KVM_SET_VCPU_EVENTS");
	expect_fault(vcpu, NMI_VECTOR, "NMI on top of the interrupt");
	vcpu_fault(vcpu, &f);
	ok(f.rip >= STUB_GPA && f.rip < PML4_GPA,
	   "it interrupted the first instruction of the handler (rip 0x%lx)", (long)f.rip);
	ok_eq(f.rflags & FLAG_TF, 0, "no TF in its frame");
	expect_at(VECTOR + 1, STEPS_START, "then the handler of the interrupt");
	expect_done(vcpu, "the guest goes on");
}

/* PUSHF follows the shadow: a step of the host's would show in what it pushes. */
static void test_nmi_in_shadow(void)
{
	struct kvm_vcpu_events e;
	struct kvm_regs r;

	start(pushes_flags, pushes_flags_end, "guest for a shadow");
	vcpu->run->immediate_exit = 1;
	ok_eq(vcpu_run(vcpu), -EINTR, "the OUT is complete");
	vcpu->run->immediate_exit = 0;
	get_events(&e);
	e.interrupt.shadow = KVM_X86_SHADOW_INT_STI;
	e.nmi.pending = 1;
	e.flags = KVM_VCPUEVENT_VALID_NMI_PENDING | KVM_VCPUEVENT_VALID_SHADOW;
	ok_eq(kvm_ioctl(vcpu->fd, KVM_SET_VCPU_EVENTS, &e), 0, "shadow and pending NMI");
	expect_at(NMI_VECTOR, FLAGS_PUSHF, "NMI behind the shadow");
	expect_done(vcpu, "the guest goes on");
	vcpu_get_regs(vcpu, &r);
	ok_eq(r.rcx & FLAG_TF, 0, "PUSHF pushed no TF");
}

/* Run @code from a shadow on, with an NMI that waits for its end. */
static void nmi_behind_mov_dr(const u8 *code, const u8 *end, u64 dr6, const char *name)
{
	struct kvm_debugregs d;
	struct kvm_vcpu_events e;
	struct kvm_regs r;

	vcpu_load(vcpu, MODE_LONG64, code, end);
	must(kvm_ioctl(vcpu->fd, KVM_GET_DEBUGREGS, &d));
	d.dr6 = dr6;
	must(kvm_ioctl(vcpu->fd, KVM_SET_DEBUGREGS, &d));
	vcpu_get_regs(vcpu, &r);
	r.rax = DR6_INIT | 2;
	vcpu_set_regs(vcpu, &r);
	get_events(&e);
	e.interrupt.shadow = KVM_X86_SHADOW_INT_STI;
	e.nmi.pending = 1;
	e.flags = KVM_VCPUEVENT_VALID_NMI_PENDING | KVM_VCPUEVENT_VALID_SHADOW;
	must(kvm_ioctl(vcpu->fd, KVM_SET_VCPU_EVENTS, &e));
	expect_at(NMI_VECTOR, DR6_MOV_END, name);
	expect_done(vcpu, name);
}

/* The step to the end of a shadow is no debug trap, whatever DR6 says already. */
static void test_nmi_and_dr6(void)
{
	struct kvm_debugregs d;
	struct kvm_regs r;

	nmi_behind_mov_dr(reads_dr6, reads_dr6_end, DR6_INIT | 1, "NMI behind a read of DR6");
	vcpu_get_regs(vcpu, &r);
	ok_eq(r.rbx, DR6_INIT | 1, "it reads what was there");
	if (!kvm_is_ours()) {
		skip("NMI behind a write of DR6", "Linux 6.1 loses what is written");
		return;
	}
	nmi_behind_mov_dr(writes_dr6, writes_dr6_end, DR6_INIT, "NMI behind a write of DR6");
	vcpu_get_regs(vcpu, &r);
	ok_eq(r.rbx, DR6_INIT | 2, "what is written stays");
	must(kvm_ioctl(vcpu->fd, KVM_GET_DEBUGREGS, &d));
	ok_eq(d.dr6, DR6_INIT | 2, "userspace sees it, too");
}

static void test_debug_registers(void)
{
	struct kvm_regs r;

	load_code(vcpu, MODE_LONG64, debug_registers);
	expect_done(vcpu, "guest that uses its debug registers");
	vcpu_get_regs(vcpu, &r);
	ok_eq(r.rsi, 0x1234, "DR0 outlives an exit");
	ok_eq(r.rdi, 0x5678, "and DR1");
	ok_eq(r.rbp, 0x1234, "and DR3");
}

static void test_software(void)
{
	struct guest_fault f = { .vector = -1 };

	load_code(vcpu, MODE_LONG64, software);
	expect_fault(vcpu, BP_VECTOR, "INT3");
	vcpu_fault(vcpu, &f);
	ok_eq(f.rip, CODE_GPA + 1, "is a trap");
	expect_fault(vcpu, 0x30, "INT 0x30");
	vcpu_fault(vcpu, &f);
	ok_eq(f.rip, SOFTWARE_END, "is a trap");
	expect_done(vcpu, "the guest goes on");
}

static void test_many(void)
{
	struct guest_fault f;
	int i;

	load_code(vcpu, MODE_LONG64, spin);
	for (i = 0; i < BOMBARDMENT; i++) {
		send_nmi();
		if (run_until_exit(vcpu) != KVM_EXIT_IO || !vcpu_fault(vcpu, &f))
			break;
		if (f.vector != NMI_VECTOR || (f.rflags & FLAG_TF))
			break;
	}
	ok_eq(i, BOMBARDMENT, "%d NMIs into a loop", BOMBARDMENT);
}

int main(void)
{
	tap_start(40);
	vm = vm_create();
	vcpu = vcpu_create(vm);
	load_code(vcpu, MODE_LONG64, irets);
	expect_done(vcpu, "IRET");
	test_second_nmi();
	test_coalescing();
	test_nmi_in_handler();
	test_nmi_on_interrupt();
	test_nmi_in_shadow();
	test_nmi_and_dr6();
	test_debug_registers();
	test_software();
	test_many();
	vm_destroy(vm);
	return tap_done();
}
