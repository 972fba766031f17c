// SPDX-License-Identifier: GPL-2.0-only
/* The module parameter force_emulation_prefix: 0, 1 and 3, while loaded. */
#include <fcntl.h>
#include <unistd.h>

#include "kvm_test.h"

#define PARAM "/sys/module/kvm/parameters/force_emulation_prefix"

GUEST_CODE(forced, 64, GUEST_FEP "1: inc %rbx\n" GUEST_DONE);
GUEST_CODE(plain_ud2, 64, "ud2\n .ascii \"kvx\"\n" GUEST_DONE);
GUEST_CODE(broken, 64, "ud2\n .ascii \"kv\"\n nop\n" GUEST_DONE);
/* A breakpoint at the forced instruction, which the caller starts with RF set. */
GUEST_CODE(breakpoint, 64, GUEST_FEP "1: inc %rbx\n" GUEST_DONE);
GUEST_CODE(arm, 64, "mov %rax, %dr0\n mov $0x402, %eax\n mov %rax, %dr7\n" GUEST_DONE);
/*
 * No instruction may begin where the breakpoint still is. QEMU 7.2 keeps a
 * guest's breakpoints armed for whatever runs next, hence this.
 */
GUEST_CODE(disarm, 64, "nop\n mov $0x400, %eax\n mov %rax, %dr7\n" GUEST_DONE);

#define FEP_SIZE 5

static struct vm *vm;
static struct vcpu *vcpu;

static bool set_param(char value)
{
	int fd = open(PARAM, O_WRONLY);
	bool done = fd >= 0 && write(fd, &value, 1) == 1;

	if (fd >= 0)
		close(fd);
	return done && read_flag(PARAM) == value;
}

static void test_off(void)
{
	struct guest_fault f = { .rip = 0 };

	ok(set_param('0'), "0");
	load_code(vcpu, MODE_LONG64, forced);
	expect_fault(vcpu, UD_VECTOR, "the prefix is an ordinary ud2");
	vcpu_fault(vcpu, &f);
	ok_eq(f.rip, CODE_GPA, "RIP is at the ud2");
}

static void test_on(enum guest_mode mode)
{
	struct kvm_regs r;

	load_code(vcpu, mode, forced);
	expect_done(vcpu, "the instruction is emulated");
	vcpu_get_regs(vcpu, &r);
	ok_eq(r.rbx, 1, "and has its effect");
}

static void test_user(void)
{
	struct kvm_regs r;

	load_code(vcpu, MODE_LONG64, forced);
	vcpu_set_user(vcpu);
	vcpu_get_regs(vcpu, &r);
	r.rflags |= 3 << 12;
	vcpu_set_regs(vcpu, &r);
	expect_done(vcpu, "at CPL 3 too");
}

static void test_others(void)
{
	struct guest_fault f = { .rip = 0 };

	load_code(vcpu, MODE_LONG64, plain_ud2);
	expect_fault(vcpu, UD_VECTOR, "ud2 with another signature stays #UD");
	vcpu_fault(vcpu, &f);
	ok_eq(f.rip, CODE_GPA, "at the ud2");
	load_code(vcpu, MODE_LONG64, broken);
	expect_fault(vcpu, UD_VECTOR, "ud2 with part of the signature too");
}

/* Start the forced instruction with RF set and a breakpoint on it. */
static int run_with_breakpoint(void)
{
	struct guest_fault f = { .vector = -1 };
	struct kvm_regs r;

	load_code(vcpu, MODE_LONG64, arm);
	vcpu_get_regs(vcpu, &r);
	r.rax = CODE_GPA + FEP_SIZE;
	vcpu_set_regs(vcpu, &r);
	run_until_exit(vcpu);
	load_code(vcpu, MODE_LONG64, breakpoint);
	vcpu_get_regs(vcpu, &r);
	r.rflags |= FLAG_RF;
	vcpu_set_regs(vcpu, &r);
	run_until_exit(vcpu);
	vcpu_fault(vcpu, &f);
	load_code(vcpu, MODE_LONG64, disarm);
	run_until_exit(vcpu);
	return f.vector;
}

static void test_resume_flag(void)
{
	int vector = run_with_breakpoint();

	if (machine_is_bochs())
		skip("1: RF suppresses a breakpoint on the forced instruction",
		     "Bochs has lost RF when #UD exits");
	else
		ok(vector == -1, "1: RF suppresses a breakpoint on the forced instruction");
	ok(set_param('3'), "3");
	test_on(MODE_LONG64);
	vector = run_with_breakpoint();
	ok_eq(vector, DB_VECTOR, "3: RF is cleared, the breakpoint is taken");
}

int main(void)
{
	char before;

	tap_start(50);
	vm = vm_create();
	vcpu = vcpu_create(vm);
	before = read_flag(PARAM);
	if (!before)
		skip_all("no module parameter force_emulation_prefix");
	if (access(PARAM, W_OK))
		skip_all("force_emulation_prefix is not writable");
	test_off();
	ok(set_param('1'), "1");
	test_on(MODE_LONG64);
	test_on(MODE_PROT32);
	test_on(MODE_REAL16);
	test_user();
	test_others();
	test_resume_flag();
	set_param('0');
	test_off();
	set_param(before);
	vm_destroy(vm);
	return tap_done();
}
