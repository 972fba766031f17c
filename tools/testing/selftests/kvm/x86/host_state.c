// SPDX-License-Identifier: GPL-2.0-only
/*
 * A thread that runs a guest has its own state back after it: segment selectors and
 * bases, descriptor-table limits, TSC_AUX, MSRs of SYSCALL, debug registers, FPU.
 */
#include <asm/prctl.h>
#include <cpuid.h>
#include <elf.h>
#include <sched.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "kvm_test.h"

#define USER_DS		0x2b
#define GUEST_BASE	0x11223000

/* What the guest has instead, in registers and MSRs that the host has, too. */
static const struct {
	u32 index;
	u64 value;
} guest_msrs[] = {
	{ 0xc0000081, 0x0023001000000000 },	/* STAR */
	{ 0xc0000082, 0xffff800012345678 },	/* LSTAR */
	{ 0xc0000083, 0xffff800012345679 },	/* CSTAR */
	{ 0xc0000084, 0xffffffff },		/* FMASK */
	{ 0xc0000100, GUEST_BASE },		/* FS.base */
	{ 0xc0000101, GUEST_BASE + 0x1000 },	/* GS.base */
	{ 0xc0000102, GUEST_BASE + 0x2000 },	/* KERNEL_GS_BASE */
	{ 0xc0000103, 0x55 },			/* TSC_AUX */
	{ 0x174, 0x10 },			/* SYSENTER */
	{ 0x175, 0x12345000 },
	{ 0x176, 0x12346000 },
};

/* DR7 without breakpoints, an empty GDT and IDT, no LDT: then leave, twice. */
GUEST_CODE(disturb, 64,
	   "mov $0x30000, %ebx\n movw $7, (%rbx)\n movl $0, 2(%rbx)\n movl $0, 6(%rbx)\n"
	   "lgdt (%rbx)\n lidt (%rbx)\n xor %eax, %eax\n lldt %ax\n"
	   "mov %rbx, %dr0\n mov %rbx, %dr3\n mov $0x400, %eax\n mov %rax, %dr7\n"
	   "xor %eax, %eax\n swapgs\n mov %eax, %fs\n swapgs\n out %al, $0x10\n" GUEST_DONE);

struct host_state {
	unsigned long fs_base, gs_base;
	u16 ds, es, fs, gs, ss, cs, tr, ldt;
	u16 gdt_limit;
	u32 cpu;			/* by RDTSCP's TSC_AUX */
};

static bool has_rdtscp, has_fsgsbase;

static unsigned long base_of(int which)
{
	unsigned long base = 0;

	syscall(SYS_arch_prctl, which, &base);
	return base;
}

static void get_host_state(struct host_state *s)
{
	struct __packed { u16 limit; u64 base; } dt;
	u32 low, high;

	memset(s, 0, sizeof(*s));
	s->fs_base = base_of(ARCH_GET_FS);
	s->gs_base = base_of(ARCH_GET_GS);
	if (has_fsgsbase) {
		asm volatile("rdfsbase %0" : "=r" (s->fs_base));
		asm volatile("rdgsbase %0" : "=r" (s->gs_base));
	}
	asm volatile("mov %%ds, %0" : "=r" (s->ds));
	asm volatile("mov %%es, %0" : "=r" (s->es));
	asm volatile("mov %%fs, %0" : "=r" (s->fs));
	asm volatile("mov %%gs, %0" : "=r" (s->gs));
	asm volatile("mov %%ss, %0" : "=r" (s->ss));
	asm volatile("mov %%cs, %0" : "=r" (s->cs));
	/* Where user mode may not, the kernel answers for it, with constants. */
	asm volatile("sgdt %0" : "=m" (dt));
	s->gdt_limit = dt.limit;
	asm volatile("str %0" : "=r" (s->tr));
	asm volatile("sldt %0" : "=r" (s->ldt));
	if (has_rdtscp)
		asm volatile("rdtscp" : "=a" (low), "=d" (high), "=c" (s->cpu));
}

/* A return to user mode may take the level of a null selector away. */
static u16 selector(u16 sel)
{
	return sel > 3 ? sel : 0;
}

static void compare(const struct host_state *was, const struct host_state *is, const char *name)
{
	ok_eq(is->fs_base, was->fs_base, "%s: FS.base", name);
	ok_eq(is->gs_base, was->gs_base, "%s: GS.base", name);
	ok_eq(selector(is->ds), selector(was->ds), "%s: DS", name);
	ok_eq(selector(is->es), selector(was->es), "%s: ES", name);
	ok_eq(selector(is->fs), selector(was->fs), "%s: FS", name);
	ok_eq(selector(is->gs), selector(was->gs), "%s: GS", name);
	ok(is->ss == was->ss && is->cs == was->cs, "%s: SS, CS", name);
	ok_eq(is->gdt_limit, was->gdt_limit, "%s: limit of the GDT", name);
	ok(is->tr == was->tr && is->ldt == was->ldt, "%s: TR, LDTR", name);
	ok_eq(is->cpu, was->cpu, "%s: TSC_AUX", name);
}

static void set_guest_state(struct vcpu *vcpu)
{
	unsigned int i;

	load_code(vcpu, MODE_LONG64, disturb);
	for (i = 0; i < ARRAY_SIZE(guest_msrs); i++)
		vcpu_set_msr(vcpu, guest_msrs[i].index, guest_msrs[i].value);
}

/* With the state of the moment; nothing between may use what the state is about. */
static void test_run(struct vcpu *vcpu, const char *name)
{
	struct host_state was, is;

	set_guest_state(vcpu);
	get_host_state(&was);
	run_until_exit(vcpu);
	get_host_state(&is);
	compare(&was, &is, name);
	expect_done(vcpu, name);
	get_host_state(&is);
	compare(&was, &is, name);
}

static void test_bases(struct vcpu *vcpu)
{
	unsigned long old = base_of(ARCH_GET_GS);

	syscall(SYS_arch_prctl, ARCH_SET_GS, 0x7000123000);
	test_run(vcpu, "GS.base by arch_prctl");
	if (has_fsgsbase) {
		asm volatile("wrgsbase %0" : : "r" (0x7000456000));
		test_run(vcpu, "GS.base by WRGSBASE");
	} else {
		skip("GS.base by WRGSBASE", "the kernel does not allow it");
	}
	syscall(SYS_arch_prctl, ARCH_SET_GS, old);
}

static void test_selectors(struct vcpu *vcpu)
{
	asm volatile("mov %0, %%ds\n mov %0, %%es\n mov %0, %%gs" : : "r" (USER_DS));
	test_run(vcpu, "selectors of user data");
	asm volatile("mov %0, %%ds\n mov %0, %%es\n mov %0, %%gs" : : "r" (3));
	test_run(vcpu, "null selectors of level 3");
	asm volatile("mov %0, %%ds\n mov %0, %%es\n mov %0, %%gs" : : "r" (0));
	if (!kvm_is_ours() && !strcmp(modules_vendor(), "kvm_intel")) {
		skip("FS 3 and its base", "Linux 6.1 loses the base, and with it the C library");
	} else if (has_fsgsbase) {
		unsigned long fs_base = base_of(ARCH_GET_FS);

		/* A null selector that is not 0, with a base that is no selector's. */
		asm volatile("mov %0, %%fs\n wrfsbase %1" : : "r" (3), "r" (fs_base));
		test_run(vcpu, "FS 3 and its base");
		asm volatile("mov %0, %%fs\n wrfsbase %1" : : "r" (0), "r" (fs_base));
	} else {
		skip("FS 3 and its base", "the kernel does not allow WRFSBASE");
	}
}

/* Between two guests on one CPU, and after the thread was away. */
static void test_two(struct vm *vm, struct vcpu *first)
{
	struct vcpu *second = vcpu_create(vm);
	struct host_state was, is;
	int i;

	set_guest_state(first);
	set_guest_state(second);
	get_host_state(&was);
	run_until_exit(first);
	run_until_exit(second);
	for (i = 0; i < 10; i++)
		sched_yield();
	get_host_state(&is);
	compare(&was, &is, "two vCPUs in turn");
	expect_done(first, "the first goes on");
	expect_done(second, "so does the second");
	for (i = 0; i < (int)ARRAY_SIZE(guest_msrs); i++) {
		u64 value = 0;

		if (vcpu_get_msr(first, guest_msrs[i].index, &value) == 1 &&
		    guest_msrs[i].index != 0xc0000100)
			ok_eq(value, guest_msrs[i].value, "the guest's MSR %#x", guest_msrs[i].index);
	}
}

int main(void)
{
	struct vm *vm;
	struct vcpu *vcpu;
	u32 eax, ebx, ecx, edx;

	tap_start(20);
	has_rdtscp = __get_cpuid(0x80000001, &eax, &ebx, &ecx, &edx) && (edx & 1u << 27);
	has_fsgsbase = getauxval(AT_HWCAP2) & 2;	/* HWCAP2_FSGSBASE */
	vm = vm_create();
	vcpu = vcpu_create(vm);
	test_run(vcpu, "as the C library has it");
	test_bases(vcpu);
	test_selectors(vcpu);
	test_two(vm, vcpu);
	return tap_done();
}
