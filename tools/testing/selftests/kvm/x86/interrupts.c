// SPDX-License-Identifier: GPL-2.0-only
/* The interrupt window and KVM_INTERRUPT, without an interrupt controller. */
#include "kvm_test.h"

#define VECTOR 0x25

GUEST_CODE(open_late, 64,
	   "cli\n out %al, $0x80\n"
	   "mov $1, %ebx\n sti\n nop\n mov $2, %ebx\n nop\n" GUEST_DONE
	   "jmp .\n");
GUEST_CODE(shadow, 64, "out %al, $0x80\n sti\n inc %ebx\n inc %ebx\n" GUEST_DONE);
GUEST_CODE(shadow_ss, 64,
	   "mov %ss, %ecx\n sti\n nop\n out %al, $0x80\n"
	   "mov %ecx, %ss\n inc %ebx\n inc %ebx\n" GUEST_DONE);
GUEST_CODE(halted, 64, "sti\n hlt\n mov $5, %ebx\n" GUEST_DONE);
GUEST_CODE(open16, 16, "sti\n nop\n 1: " GUEST_DONE "jmp 1b\n");
GUEST_CODE(mmio_open, 64, "sti\n nop\n mov %eax, 0xa0000\n mov $6, %ebx\n" GUEST_DONE);

static struct vm *vm;
static struct vcpu *vcpu;

static int inject(u32 vector)
{
	struct kvm_interrupt irq = { .irq = vector };

	return kvm_ioctl(vcpu->fd, KVM_INTERRUPT, &irq);
}

static bool took(u32 vector, struct guest_fault *f)
{
	return vcpu_fault(vcpu, f) && f->vector == (int)vector;
}

static void test_window(void)
{
	struct guest_fault f;
	struct kvm_regs r;
	int reason;

	load_code(vcpu, MODE_LONG64, open_late);
	expect_pio(vcpu, KVM_EXIT_IO_OUT, 0x80, 1, 1, "guest with IF clear");
	ok_eq(vcpu->run->if_flag, 0, "kvm_run says that IF is clear");
	ok_eq(vcpu->run->ready_for_interrupt_injection, 0, "and that it is not ready");
	vcpu->run->request_interrupt_window = 1;
	expect_exit(vcpu, KVM_EXIT_IRQ_WINDOW_OPEN, "window opens");
	vcpu->run->request_interrupt_window = 0;
	ok_eq(vcpu->run->ready_for_interrupt_injection, 1, "ready for an interrupt");
	ok_eq(vcpu->run->if_flag, 1, "IF is set");
	vcpu_get_regs(vcpu, &r);
	ok_eq(r.rbx, 1, "as soon as the guest allows");
	ok_eq(inject(VECTOR), 0, "KVM_INTERRUPT");
	reason = run_until_exit(vcpu);
	ok(reason == KVM_EXIT_IO && took(VECTOR, &f), "the guest takes it");
	ok(!(f.rflags & ~0x2d7ull) && (f.rflags & FLAG_IF), "with IF set in the frame");
	ok_eq(f.rip, r.rip, "at the instruction where the window opened");
	vcpu_get_regs(vcpu, &r);
	ok_eq(r.rflags & FLAG_IF, 0, "IF is clear in the handler");
	expect_done(vcpu, "the guest goes on");
	vcpu_get_regs(vcpu, &r);
	ok_eq(r.rbx, 2, "to its end");
}

/*
 * Where does the window open? QEMU 7.2's SVM forgets the shadow of STI when one of
 * the host's interrupts ends the guest just there.
 */
static u64 window_after_sti(void)
{
	struct kvm_regs r;
	int tries = 0;

	do {
		load_code(vcpu, MODE_LONG64, shadow);
		if (run_until_exit(vcpu) != KVM_EXIT_IO)
			break;
		vcpu->run->request_interrupt_window = 1;
		run_until_exit(vcpu);
		vcpu->run->request_interrupt_window = 0;
		vcpu_get_regs(vcpu, &r);
		if (vcpu->run->exit_reason == KVM_EXIT_IRQ_WINDOW_OPEN && r.rbx == 1)
			return 1;
	} while (++tries < 5);
	return 0;
}

/* An interrupt that arrives while IF is clear waits for the window. */
static void test_shadow(const u8 *code, const u8 *end, const char *name)
{
	struct kvm_regs r;

	vcpu_load(vcpu, MODE_LONG64, code, end);
	expect_pio(vcpu, KVM_EXIT_IO_OUT, 0x80, 1, 1, name);
	vcpu->run->request_interrupt_window = 1;
	expect_exit(vcpu, KVM_EXIT_IRQ_WINDOW_OPEN, "window opens");
	vcpu->run->request_interrupt_window = 0;
	inject(VECTOR);
	expect_fault(vcpu, VECTOR, "interrupt");
	expect_done(vcpu, "the guest goes on");
	vcpu_get_regs(vcpu, &r);
	ok_eq(r.rbx, 2, "each instruction ran once");
}

static void test_hlt(void)
{
	struct kvm_regs r;

	load_code(vcpu, MODE_LONG64, halted);
	expect_exit(vcpu, KVM_EXIT_HLT, "HLT with IF set");
	inject(VECTOR);
	expect_fault(vcpu, VECTOR, "an interrupt wakes it");
	expect_done(vcpu, "it goes on after HLT");
	vcpu_get_regs(vcpu, &r);
	ok_eq(r.rbx, 5, "with the next instruction");
}

static void test_all_vectors(void)
{
	struct guest_fault f;
	int vector, good = 0;

	load_code(vcpu, MODE_REAL16, open16);
	run_until_exit(vcpu);
	for (vector = 32; vector < NR_VECTORS; vector++) {
		inject(vector);
		if (run_until_exit(vcpu) == KVM_EXIT_IO && took(vector, &f))
			good++;
		run_until_exit(vcpu);
	}
	ok_eq(good, NR_VECTORS - 32, "every vector from 32 on, in real mode");
}

/* An interrupt asked for at an MMIO exit comes after the instruction. */
static void test_after_mmio(void)
{
	struct guest_fault f = { .vector = -1 };

	load_code(vcpu, MODE_LONG64, mmio_open);
	expect_exit(vcpu, KVM_EXIT_MMIO, "MMIO write with IF set");
	/* Userspace may only inject when no instruction is half done. */
	vcpu->run->request_interrupt_window = 1;
	expect_exit(vcpu, KVM_EXIT_IRQ_WINDOW_OPEN, "window opens after it");
	vcpu->run->request_interrupt_window = 0;
	inject(VECTOR);
	expect_fault(vcpu, VECTOR, "interrupt");
	vcpu_fault(vcpu, &f);
	ok(f.rip > CODE_GPA + 2, "after the MMIO write");
	expect_done(vcpu, "the guest goes on");
}

int main(void)
{
	tap_start(50);
	vm = vm_create();
	vcpu = vcpu_create(vm);
	test_window();
	ok_eq(window_after_sti(), 1, "the window opens one instruction after STI");
	test_shadow(shadow, shadow_end, "shadow of STI");
	test_shadow(shadow_ss, shadow_ss_end, "shadow of MOV SS");
	test_hlt();
	test_all_vectors();
	test_after_mmio();
	vm_destroy(vm);
	return tap_done();
}
