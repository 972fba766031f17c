// SPDX-License-Identifier: GPL-2.0-only
/* Why a guest leaves: HLT, SHUTDOWN, signals, immediate_exit, mode changes. */
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "kvm_test.h"

GUEST_CODE(halt, 64, "mov $7, %eax\n hlt\n inc %eax\n" GUEST_DONE);
GUEST_CODE(halt16, 16, "mov $7, %ax\n hlt\n inc %ax\n" GUEST_DONE);
GUEST_CODE(triple, 64, "push $0\n push $0\n lidt (%rsp)\n ud2\n");
GUEST_CODE(triple16, 16,
	   "mov $0x3000, %ax\n mov %ax, %ds\n movl $0, 0\n movl $0, 4\n lidt 0\n int3\n");
GUEST_CODE(spin, 64, GUEST_INTERRUPTIBLE "1: inc %rax\n jmp 1b\n");
GUEST_CODE(done, 64, "1:" GUEST_DONE "jmp 1b\n");

/* From the first instruction of real mode to 64-bit code, by the guest alone. */
GUEST_CODE(climb, 16,
	   "cli\n"
	   "xor %ax, %ax\n mov %ax, %ds\n"
	   "movw $0x77, 0x2000\n movl $0x1000, 0x2002\n"	/* GDTR */
	   "lgdtl 0x2000\n"
	   "mov %cr0, %eax\n or $1, %eax\n mov %eax, %cr0\n"
	   "ljmpl $0x18, $0x10000 + 1f - climb\n"
	   "1: .code32\n"
	   "mov $0x10, %eax\n mov %eax, %ds\n mov %eax, %es\n mov %eax, %ss\n"
	   "mov $0x2fff0, %esp\n"
	   "out %al, $0x80\n"
	   "mov %cr4, %eax\n or $0x20, %eax\n mov %eax, %cr4\n"
	   "mov $0x4000, %eax\n mov %eax, %cr3\n"
	   "mov $0xc0000080, %ecx\n rdmsr\n or $0x100, %eax\n wrmsr\n"
	   "mov %cr0, %eax\n or $0x80000000, %eax\n mov %eax, %cr0\n"
	   "out %al, $0x81\n"
	   "ljmpl $0x08, $0x10000 + 2f - climb\n"
	   "2: .code64\n"
	   "movabs $0x1122334455667788, %rax\n"
	   "push %rax\n pop %rbx\n"
	   "out %al, $0x82\n"
	   /* And back: compatibility mode, no paging, no long mode. */
	   "pushq $0x18\n lea 3f(%rip), %rax\n push %rax\n lretq\n"
	   "3: .code32\n"
	   "mov %cr0, %eax\n and $0x7fffffff, %eax\n mov %eax, %cr0\n"
	   "mov $0xc0000080, %ecx\n rdmsr\n and $~0x100, %eax\n wrmsr\n rdmsr\n"
	   GUEST_DONE);

static struct vm *vm;
static struct vcpu *vcpu;

static void test_hlt(void)
{
	struct kvm_regs r;

	load_code(vcpu, MODE_LONG64, halt);
	expect_exit(vcpu, KVM_EXIT_HLT, "HLT");
	vcpu_get_regs(vcpu, &r);
	ok_eq(r.rax, 7, "before the next instruction");
	ok_eq(r.rip, CODE_GPA + 6, "RIP is after it");
	expect_done(vcpu, "the guest goes on after it");
	vcpu_get_regs(vcpu, &r);
	ok_eq(r.rax, 8, "and executes what follows");
	load_code(vcpu, MODE_REAL16, halt16);
	expect_exit(vcpu, KVM_EXIT_HLT, "HLT in real mode");
	load_code(vcpu, MODE_LONG64, halt);
	vcpu_set_user(vcpu);
	expect_fault(vcpu, GP_VECTOR, "HLT at CPL 3 takes #GP");
}

static void test_shutdown(void)
{
	load_code(vcpu, MODE_LONG64, triple);
	expect_exit(vcpu, KVM_EXIT_SHUTDOWN, "triple fault in long mode");
	load_code(vcpu, MODE_LONG64, done);
	expect_done(vcpu, "the vCPU can be set up again after it");
	/* The distribution's modules emulate the INT3 then, and with a table without room for it. */
	if (!kvm_is_ours() &&
	    read_flag("/sys/module/kvm_intel/parameters/unrestricted_guest") == 'N') {
		skip("triple fault in real mode", "these modules deliver by an IDT that is too short");
		return;
	}
	load_code(vcpu, MODE_REAL16, triple16);
	expect_exit(vcpu, KVM_EXIT_SHUTDOWN, "triple fault in real mode");
}

static void test_immediate_exit(void)
{
	struct kvm_regs before, after;

	load_code(vcpu, MODE_LONG64, spin);
	vcpu_get_regs(vcpu, &before);
	vcpu->run->immediate_exit = 1;
	ok_eq(vcpu_run(vcpu), -EINTR, "immediate_exit");
	vcpu->run->immediate_exit = 0;
	vcpu_get_regs(vcpu, &after);
	ok(!memcmp(&before, &after, sizeof(before)), "the guest has not run");
}

static void nothing(int sig)
{
	(void)sig;
}

static void *poke(void *arg)
{
	pthread_t *target = arg;
	int i;

	for (i = 0; i < 5; i++) {
		usleep(10000);
		pthread_kill(*target, SIGUSR1);
	}
	return NULL;
}

static void test_signal(void)
{
	struct sigaction action = { .sa_handler = nothing };
	pthread_t self = pthread_self(), thread;
	struct kvm_regs r;
	u64 last = 0;
	int i, good = 0;

	sigaction(SIGUSR1, &action, NULL);
	load_code(vcpu, MODE_LONG64, spin);
	pthread_create(&thread, NULL, poke, &self);
	for (i = 0; i < 5; i++) {
		int e = vcpu_run(vcpu);

		vcpu_get_regs(vcpu, &r);
		good += e == -EINTR && vcpu->run->exit_reason == KVM_EXIT_INTR &&
			r.rax > last;
		last = r.rax;
	}
	ok_eq(good, 5, "five signals stop a spinning guest, which goes on each time");
	pthread_join(thread, NULL);
}

static void test_climb(void)
{
	struct kvm_sregs s;
	struct kvm_regs r;

	load_code(vcpu, MODE_REAL16, climb);
	expect_pio(vcpu, KVM_EXIT_IO_OUT, 0x80, 1, 1, "real mode to protected mode");
	vcpu_get_sregs(vcpu, &s);
	ok((s.cr0 & CR0_PE) && s.cs.selector == SEL_CODE32 && s.cs.db && !s.cs.l,
	   "32-bit code segment");
	expect_pio(vcpu, KVM_EXIT_IO_OUT, 0x81, 1, 1, "to compatibility mode");
	vcpu_get_sregs(vcpu, &s);
	ok_eq(s.efer & (EFER_LME | EFER_LMA), EFER_LME | EFER_LMA, "EFER.LMA is set");
	expect_pio(vcpu, KVM_EXIT_IO_OUT, 0x82, 1, 1, "to 64-bit mode");
	vcpu_get_regs(vcpu, &r);
	ok_eq(r.rbx, 0x1122334455667788, "64-bit registers");
	vcpu_get_sregs(vcpu, &s);
	ok(s.cs.l && s.cs.selector == SEL_CODE64, "64-bit code segment");
	expect_done(vcpu, "and back to 32-bit code without paging");
	vcpu_get_sregs(vcpu, &s);
	ok_eq(s.efer & (EFER_LME | EFER_LMA), 0, "EFER.LMA is clear again");
}

int main(void)
{
	tap_start(50);
	vm = vm_create();
	vcpu = vcpu_create(vm);
	test_hlt();
	test_shutdown();
	test_immediate_exit();
	test_signal();
	test_climb();
	vm_destroy(vm);
	return tap_done();
}
