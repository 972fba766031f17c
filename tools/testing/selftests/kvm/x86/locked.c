// SPDX-License-Identifier: GPL-2.0-only
/*
 * Locked instructions behind the forced-emulation prefix are atomic against
 * those of another vCPU, emulated or not: within a cache line, over two of
 * them, over two pages, and over two pages that the VMM has apart.
 */
#include <pthread.h>
#include <stdio.h>

#include "kvm_test.h"

#define ROUNDS 1500

/* Two pages whose memory the host has in two places. */
#define APART_GPA 0x10000000ul

/* @rdi: the counter; @rcx: how often. */
GUEST_CODE(add_native, 64,
	   "1: lock addl $1, (%rdi)\n lock addq $1, 64(%rdi)\n dec %rcx\n jnz 1b\n" GUEST_DONE);
GUEST_CODE(add_forced, 64,
	   "1:" GUEST_FEP "lock addl $1, (%rdi)\n" GUEST_FEP "lock addq $1, 64(%rdi)\n"
	   "dec %rcx\n jnz 1b\n" GUEST_DONE);
/* The same by the other ways to lock. */
GUEST_CODE(mixed_forced, 64,
	   "1: mov $1, %eax\n" GUEST_FEP "lock xadd %eax, (%rdi)\n"
	   GUEST_FEP "lock incq 64(%rdi)\n dec %rcx\n jnz 1b\n" GUEST_DONE);

static struct vm *vm;

/* May KVM_RUN leave for a signal? Go on until the guest says that it is done. */
static void *run_vcpu(void *arg)
{
	struct vcpu *vcpu = arg;
	int r = -EINTR;

	while (r == -EINTR)
		r = vcpu_run(vcpu);
	return NULL;
}

static void load(struct vcpu *vcpu, const u8 *code, const u8 *end, u64 gpa, u64 counter)
{
	struct kvm_regs regs;

	vcpu_setup(vcpu, MODE_LONG64);
	vm_write(vm, gpa, code, end - code);
	vcpu_get_regs(vcpu, &regs);
	regs.rip = gpa;
	regs.rdi = counter;
	regs.rcx = ROUNDS;
	vcpu_set_regs(vcpu, &regs);
}

static u64 guest_value(u64 gpa, unsigned int bytes)
{
	u64 val = 0;
	unsigned int i;

	for (i = 0; i < bytes; i++)
		val |= (u64)*(u8 *)gpa_to_hva(vm, gpa + i) << (i * 8);
	return val;
}

static void clear(u64 gpa)
{
	unsigned int i;

	for (i = 0; i < 80; i++)
		*(u8 *)gpa_to_hva(vm, gpa + i) = 0;
}

static void race(u64 counter, const u8 *second, const u8 *second_end, const char *what)
{
	pthread_t thread;

	clear(counter);
	load(&vm->vcpu[0], add_forced, add_forced_end, CODE_GPA, counter);
	load(&vm->vcpu[1], second, second_end, CODE_GPA + PAGE_SIZE, counter);
	must(-pthread_create(&thread, NULL, run_vcpu, &vm->vcpu[1]));
	run_vcpu(&vm->vcpu[0]);
	pthread_join(thread, NULL);
	if (!ok(at_done(&vm->vcpu[0]) && at_done(&vm->vcpu[1]), "both vCPUs finish: %s", what))
		return;
	ok_eq(guest_value(counter, 4), 2 * ROUNDS, "4 bytes %s", what);
	ok_eq(guest_value(counter + 64, 8), 2 * ROUNDS, "8 bytes %s", what);
}

static void test_races(u64 counter, const char *where)
{
	char what[80];

	snprintf(what, sizeof(what), "%s, against the CPU", where);
	race(counter, add_native, add_native_end, what);
	snprintf(what, sizeof(what), "%s, against another emulation", where);
	race(counter, add_forced, add_forced_end, what);
	snprintf(what, sizeof(what), "%s, against XADD and INC", where);
	race(counter, mixed_forced, mixed_forced_end, what);
}

int main(void)
{
	const char *missing;

	tap_start(50);
	missing = forced_emulation_missing();
	if (missing)
		skip_all(missing);
	vm = vm_create();
	vcpu_create(vm);
	vcpu_create(vm);
	test_races(DATA_GPA + 0x40, "in one cache line");
	if (!kvm_is_ours()) {
		skip("over two cache lines", "Linux writes there without a lock");
		vm_destroy(vm);
		return tap_done();
	}
	test_races(DATA_GPA + 0x7e, "over two cache lines");
	/* The 4 bytes, and then the 8 bytes, are what crosses. */
	test_races(DATA_GPA + PAGE_SIZE - 2, "over two pages");
	test_races(DATA_GPA + PAGE_SIZE - 64 - 4, "over two pages, 8 bytes");
	vm_add_region(vm, 8, 0, APART_GPA, PAGE_SIZE);
	vm_add_region(vm, 10, 0, APART_GPA + 0x100000, PAGE_SIZE);
	vm_add_region(vm, 9, 0, APART_GPA + PAGE_SIZE, PAGE_SIZE);
	test_races(APART_GPA + PAGE_SIZE - 2, "over two slots");
	vm_destroy(vm);
	return tap_done();
}
