// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory of a slot that userspace itself may not access: KVM_RUN says EFAULT, also
 * for instructions that are always emulated and would otherwise start over for ever.
 */
#include <sys/mman.h>

#include "kvm_test.h"

#define TEST_SLOT 5
#define TEST_GPA 0x40000000ul

GUEST_CODE(load, 64, "mov (%rdi), %rax\n" GUEST_DONE);
GUEST_CODE(outs, 64, "mov %rdi, %rsi\n mov $0x80, %edx\n outsb\n" GUEST_DONE);
GUEST_CODE(rep_outs, 64, "mov %rdi, %rsi\n mov $0x80, %edx\n mov $3, %ecx\n rep outsb\n" GUEST_DONE);
GUEST_CODE(forced_load, 64, GUEST_FEP "mov (%rdi), %rax\n" GUEST_DONE);
GUEST_CODE(forced_store, 64, GUEST_FEP "mov %rax, (%rdi)\n" GUEST_DONE);
GUEST_CODE(forced_lock, 64, GUEST_FEP "lock incq (%rdi)\n" GUEST_DONE);

static struct vm *vm;
static struct vcpu *vcpu;
static u8 *mem;

static void start(const u8 *code, const u8 *end)
{
	struct kvm_regs regs;

	vcpu_load(vcpu, MODE_LONG64, code, end);
	vcpu_get_regs(vcpu, &regs);
	regs.rdi = TEST_GPA;
	regs.rax = 0;
	vcpu_set_regs(vcpu, &regs);
}

#define START(code) start(code, code##_end)

static void expect_efault(const char *name)
{
	ok_eq(run_until_exit(vcpu), -EFAULT, "%s is EFAULT", name);
	mprotect(mem, PAGE_SIZE, PROT_READ | PROT_WRITE);
}

static void expect_out(u8 value, const char *name)
{
	ok(run_until_exit(vcpu) == KVM_EXIT_IO &&
	   *((u8 *)vcpu->run + vcpu->run->io.data_offset) == value, "%s", name);
}

static void test_string(void)
{
	START(outs);
	mprotect(mem, PAGE_SIZE, PROT_NONE);
	expect_efault("OUTS");
	mem[0] = 0x5a;
	expect_out(0x5a, "with memory it goes on");
	expect_done(vcpu, "to its end");
	START(rep_outs);
	mprotect(mem, PAGE_SIZE, PROT_NONE);
	expect_efault("REP OUTS");
	expect_out(0x5a, "with memory it goes on");
	expect_done(vcpu, "to its end");
}

static void test_forced(void)
{
	if (forced_emulation_missing()) {
		skip("emulated accesses", forced_emulation_missing());
		return;
	}
	START(forced_load);
	mprotect(mem, PAGE_SIZE, PROT_NONE);
	expect_efault("an emulated load");
	expect_done(vcpu, "with memory it goes on");
	START(forced_store);
	mprotect(mem, PAGE_SIZE, PROT_READ);
	expect_efault("an emulated store to memory that can only be read");
	expect_done(vcpu, "with memory it goes on");
	START(forced_lock);
	mprotect(mem, PAGE_SIZE, PROT_READ);
	expect_efault("and so an emulated locked operation");
	expect_done(vcpu, "with memory it goes on");
}

int main(void)
{
	tap_start(50);
	vm = vm_create();
	vcpu = vcpu_create(vm);
	mem = vm_add_region(vm, TEST_SLOT, 0, TEST_GPA, PAGE_SIZE);
	START(load);
	mprotect(mem, PAGE_SIZE, PROT_NONE);
	expect_efault("a load");
	expect_done(vcpu, "with memory it goes on");
	if (kvm_is_ours()) {
		test_string();
		test_forced();
	} else {
		skip("emulated accesses", "the distribution's modules make them a device's");
	}
	vm_destroy(vm);
	return tap_done();
}
