// SPDX-License-Identifier: GPL-2.0-only
/*
 * The shadow of STI and MOV SS: who makes one, how long it lasts, what it holds
 * back. Natively and emulated.
 */
#include "kvm_test.h"

#define NMI_VECTOR 2

/* Bochs enters with the NMI blocking of an earlier guest: an IRET ends it. */
GUEST_CODE(irets, 64,
	   "mov %rsp, %rax\n mov %ss, %ebx\n push %rbx\n push %rax\n pushf\n mov %cs, %ebx\n"
	   "push %rbx\n lea 1f(%rip), %rax\n push %rax\n iretq\n 1: " GUEST_DONE);

GUEST_CODE(sti, 64, "cli\n out %al, $0x80\n sti\n inc %ebx\n inc %ebx\n" GUEST_DONE);
GUEST_CODE(sti_twice, 64, "cli\n out %al, $0x80\n sti\n sti\n inc %ebx\n" GUEST_DONE);
GUEST_CODE(sti_cli, 64, "cli\n out %al, $0x80\n sti\n cli\n inc %ebx\n" GUEST_DONE);
GUEST_CODE(open, 64, "sti\n nop\n out %al, $0x80\n inc %ebx\n inc %ebx\n" GUEST_DONE);
GUEST_CODE(forced_open, 64, "sti\n nop\n out %al, $0x80\n" GUEST_FEP "sti\n inc %ebx\n" GUEST_DONE);
GUEST_CODE(forced_next, 64, "cli\n out %al, $0x80\n sti\n" GUEST_FEP "inc %ebx\n inc %ebx\n"
	   GUEST_DONE);
GUEST_CODE(step_ss, 64, "mov %ss, %ecx\n" GUEST_FEP "mov %ecx, %ss\n inc %ebx\n inc %ebx\n"
	   GUEST_DONE);
GUEST_CODE(step_sti, 64, GUEST_FEP "sti\n inc %ebx\n inc %ebx\n" GUEST_DONE);

static struct vm *vm;
static struct vcpu *vcpu;

struct row {
	const char *name;
	const u8 *code, *end;
	u64 at;			/* RBX where the window opens */
};

#define CODE_OF(code) code, code##_end

static const struct row native[] = {
	{ "STI", CODE_OF(sti), 1 },
	{ "STI, a second one", CODE_OF(sti_twice), 0 },
	{ "no shadow", CODE_OF(open), 0 },
};

/*
 * Not what a forced STI or MOV SS leaves: QEMU 7.2 takes a virtual interrupt in
 * a shadow that it has from the VMCB. Steps show that.
 */
static const struct row forced[] = {
	{ "forced STI with IF set", CODE_OF(forced_open), 0 },
	{ "forced instruction in a shadow", CODE_OF(forced_next), 1 },
};

static void test_window(const struct row *row)
{
	struct kvm_regs r;

	vcpu_load(vcpu, MODE_LONG64, row->code, row->end);
	expect_pio(vcpu, KVM_EXIT_IO_OUT, 0x80, 1, 1, row->name);
	vcpu->run->request_interrupt_window = 1;
	expect_exit(vcpu, KVM_EXIT_IRQ_WINDOW_OPEN, row->name);
	vcpu->run->request_interrupt_window = 0;
	vcpu_get_regs(vcpu, &r);
	ok_eq(r.rbx, row->at, "%s: instructions before the window", row->name);
	expect_done(vcpu, "the guest goes on");
}

/* STI and CLI: nothing comes in between. */
static void test_none(void)
{
	load_code(vcpu, MODE_LONG64, sti_cli);
	expect_pio(vcpu, KVM_EXIT_IO_OUT, 0x80, 1, 1, "STI, CLI");
	vcpu->run->request_interrupt_window = 1;
	expect_done(vcpu, "STI, CLI: no window");
	vcpu->run->request_interrupt_window = 0;
}

static u32 shadow(void)
{
	struct kvm_vcpu_events e;

	must(kvm_ioctl(vcpu->fd, KVM_GET_VCPU_EVENTS, &e));
	return e.interrupt.shadow;
}

static void set_shadow(u32 value, bool nmi)
{
	struct kvm_vcpu_events e;

	must(kvm_ioctl(vcpu->fd, KVM_GET_VCPU_EVENTS, &e));
	e.flags = KVM_VCPUEVENT_VALID_SHADOW | KVM_VCPUEVENT_VALID_NMI_PENDING;
	e.interrupt.shadow = value;
	e.nmi.pending = nmi;
	must(kvm_ioctl(vcpu->fd, KVM_SET_VCPU_EVENTS, &e));
}

static void test_events(void)
{
	struct guest_fault f = { .vector = -1 };

	load_code(vcpu, MODE_LONG64, sti_cli);
	set_shadow(KVM_X86_SHADOW_INT_STI, false);
	ok(shadow() & KVM_X86_SHADOW_INT_STI, "shadow by KVM_SET_VCPU_EVENTS");
	set_shadow(0, false);
	ok_eq(shadow(), 0, "and gone by it");
	set_shadow(KVM_X86_SHADOW_INT_MOV_SS, true);
	expect_fault(vcpu, NMI_VECTOR, "NMI in a shadow");
	vcpu_fault(vcpu, &f);
	ok_eq(f.rip, CODE_GPA + 1, "comes behind the instruction in it");
	run_until_exit(vcpu);
}

/* The emulator's own shadow, instruction by instruction. */
static void test_stepped(const u8 *code, const u8 *end, u64 first, const char *name)
{
	struct kvm_guest_debug dbg = { .control = KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP };

	vcpu_load(vcpu, MODE_LONG64, code, end);
	must(kvm_ioctl(vcpu->fd, KVM_SET_GUEST_DEBUG, &dbg));
	do {
		if (run_until_exit(vcpu) != KVM_EXIT_DEBUG)
			break;
	} while (vcpu->run->debug.arch.pc < first);
	ok_eq(vcpu->run->debug.arch.pc, first, "%s", name);
	ok(shadow(), "%s: there is a shadow", name);
	expect_exit(vcpu, KVM_EXIT_DEBUG, name);
	ok_eq(shadow(), 0, "%s: one instruction long", name);
	dbg.control = 0;
	must(kvm_ioctl(vcpu->fd, KVM_SET_GUEST_DEBUG, &dbg));
	expect_done(vcpu, "the guest goes on");
}

int main(void)
{
	unsigned int i;

	tap_start(50);
	vm = vm_create();
	vcpu = vcpu_create(vm);
	for (i = 0; i < ARRAY_SIZE(native); i++)
		test_window(&native[i]);
	test_none();
	load_code(vcpu, MODE_LONG64, irets);
	expect_done(vcpu, "IRET");
	test_events();
	if (forced_emulation_missing()) {
		skip("forced emulation", forced_emulation_missing());
		vm_destroy(vm);
		return tap_done();
	}
	for (i = 0; i < ARRAY_SIZE(forced); i++)
		test_window(&forced[i]);
	if (kvm_is_ours()) {
		test_stepped(step_sti, step_sti_end, CODE_GPA + 6, "step over forced STI");
		test_stepped(step_ss, step_ss_end, CODE_GPA + 2 + 7, "step over forced MOV SS");
	} else {
		skip("steps", "Linux 6.1 loses those behind the emulator");
	}
	vm_destroy(vm);
	return tap_done();
}
