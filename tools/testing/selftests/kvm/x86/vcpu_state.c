// SPDX-License-Identifier: GPL-2.0-only
/* The state ioctls of a vCPU: round trips, refusals, and moving a guest. */
#include <stdlib.h>

#include "kvm_test.h"

#define BAD_POINTER ((void *)8)
#define MSR_STAR 0xc0000081
#define MSR_LSTAR 0xc0000082
#define MSR_SFMASK 0xc0000084
#define MSR_UNKNOWN 0x12345678
#define NR_MSRS 3

static struct vm *vm;
static struct vcpu *vcpu;

GUEST_CODE(work, 64,
	   "mov $100, %ecx\n xor %eax, %eax\n"
	   "1: add %ecx, %eax\n cmp $50, %ecx\n jne 2f\n"
	   "out %al, $0x80\n"
	   "2: dec %ecx\n jnz 1b\n"
	   "movq %xmm3, %rbx\n mov %rbx, 0x30000\n" GUEST_DONE);
GUEST_CODE(idle, 64, "1: pause\n" GUEST_DONE "jmp 1b\n");

static void test_regs(void)
{
	struct kvm_regs set, got;
	unsigned long long *p = &set.rax;
	int i;

	vcpu_setup(vcpu, MODE_LONG64);
	for (i = 0; i < 16; i++)
		p[i] = 0x0123456789abcdefull * (i + 1);
	set.rip = 0x123456;
	set.rflags = 0x8d7;
	ok_eq(kvm_ioctl(vcpu->fd, KVM_SET_REGS, &set), 0, "SET_REGS");
	ok_eq(kvm_ioctl(vcpu->fd, KVM_GET_REGS, &got), 0, "GET_REGS");
	ok(!memcmp(&set, &got, sizeof(set)), "registers come back");
	set.rflags = 0;
	vcpu_set_regs(vcpu, &set);
	vcpu_get_regs(vcpu, &got);
	ok_eq(got.rflags, FLAG_FIXED, "RFLAGS bit 1 is always set");
	ok_eq(kvm_ioctl(vcpu->fd, KVM_SET_REGS, BAD_POINTER), -EFAULT,
	      "SET_REGS from a bad pointer");
	ok_eq(kvm_ioctl(vcpu->fd, KVM_GET_REGS, BAD_POINTER), -EFAULT,
	      "GET_REGS into a bad pointer");
	vcpu_get_regs(vcpu, &set);
	ok(!memcmp(&set, &got, sizeof(set)), "a failed SET_REGS changes nothing");
}

static void sregs_refused(const struct kvm_sregs *bad, const char *name)
{
	struct kvm_sregs before, after;

	vcpu_get_sregs(vcpu, &before);
	ok_eq(kvm_ioctl(vcpu->fd, KVM_SET_SREGS, bad), -EINVAL, "SET_SREGS with %s", name);
	vcpu_get_sregs(vcpu, &after);
	ok(!memcmp(&before, &after, sizeof(before)), "%s: nothing changed", name);
}

static void test_sregs(void)
{
	struct kvm_sregs s, got;
	int mode;

	for (mode = 0; mode < NR_MODES; mode++) {
		vcpu_setup(vcpu, mode);
		vcpu_get_sregs(vcpu, &s);
		s.cr2 = 0x123000;
		s.fs.base = mode == MODE_LONG64 ? 0x7fff12345000 : 0x12340;
		ok_eq(kvm_ioctl(vcpu->fd, KVM_SET_SREGS, &s), 0, "SET_SREGS %s",
		      mode_name(mode));
		vcpu_get_sregs(vcpu, &got);
		ok(!memcmp(&s, &got, sizeof(s)), "it comes back");
	}
	vcpu_setup(vcpu, MODE_LONG64);
	vcpu_get_sregs(vcpu, &s);
	got = s;
	got.cr0 |= 1ull << 40;
	sregs_refused(&got, "CR0 bit 40");
	got = s;
	got.cr0 &= ~CR0_PE;
	sregs_refused(&got, "paging without protection");
	got = s;
	got.cr4 |= 1ull << 63;
	sregs_refused(&got, "CR4 bit 63");
	got = s;
	got.cr4 &= ~CR4_PAE;
	sregs_refused(&got, "long mode without PAE");
	ok_eq(kvm_ioctl(vcpu->fd, KVM_SET_SREGS, BAD_POINTER), -EFAULT,
	      "SET_SREGS from a bad pointer");
	ok_eq(kvm_ioctl(vcpu->fd, KVM_GET_SREGS, BAD_POINTER), -EFAULT,
	      "GET_SREGS into a bad pointer");
}

static void test_fpu(void)
{
	struct kvm_fpu set = { .fcw = 0x27f, .mxcsr = 0x1f80 }, got;
	unsigned int i;

	for (i = 0; i < sizeof(set.xmm); i++)
		((u8 *)set.xmm)[i] = i * 3;
	for (i = 0; i < 8; i++)
		memset(set.fpr[i], i + 1, 10);
	vcpu_prime_fpu(vcpu);
	ok_eq(kvm_ioctl(vcpu->fd, KVM_SET_FPU, &set), 0, "SET_FPU");
	ok_eq(kvm_ioctl(vcpu->fd, KVM_GET_FPU, &got), 0, "GET_FPU");
	ok(!memcmp(set.xmm, got.xmm, sizeof(set.xmm)), "XMM registers come back");
	for (i = 0; i < 8 && !memcmp(set.fpr[i], got.fpr[i], 10); i++)
		;
	ok_eq(i, 8, "x87 registers come back");
	ok_eq(got.fcw, 0x27f, "FCW comes back");
	if (kvm_is_ours())
		ok_eq(got.mxcsr, 0x1f80, "MXCSR comes back");
	else
		skip("MXCSR comes back", "this KVM leaves it out of struct kvm_fpu");
	ok_eq(kvm_ioctl(vcpu->fd, KVM_SET_FPU, BAD_POINTER), -EFAULT,
	      "SET_FPU from a bad pointer");
	ok_eq(kvm_ioctl(vcpu->fd, KVM_GET_FPU, BAD_POINTER), -EFAULT,
	      "GET_FPU into a bad pointer");
	vcpu_setup(vcpu, MODE_LONG64);
	load_code(vcpu, MODE_LONG64, idle);
	expect_done(vcpu, "the guest runs with it");
	kvm_ioctl(vcpu->fd, KVM_GET_FPU, &got);
	ok(!memcmp(set.xmm, got.xmm, sizeof(set.xmm)), "XMM registers survive a run");
	set.mxcsr = 0xffffffff;
	kvm_ioctl(vcpu->fd, KVM_SET_FPU, &set);
	expect_done(vcpu, "an impossible MXCSR harms nobody");
}

static void test_cpuid(void)
{
	struct kvm_cpuid2 *set = get_supported_cpuid(vm->kvm_fd);
	struct kvm_cpuid2 *got;
	struct kvm_cpuid2 small = { .nent = 0 }, big = { .nent = 100000 };
	size_t size = sizeof(*got) + 256 * sizeof(got->entries[0]);

	got = calloc(1, size);
	got->nent = 256;
	ok_eq(kvm_ioctl(vcpu->fd, KVM_SET_CPUID2, set), 0, "SET_CPUID2");
	ok_eq(kvm_ioctl(vcpu->fd, KVM_GET_CPUID2, got), 0, "GET_CPUID2");
	ok(got->entries[0].function == set->entries[0].function &&
	   got->entries[0].ebx == set->entries[0].ebx &&
	   got->entries[0].ecx == set->entries[0].ecx, "the same content comes back");
	ok_eq(kvm_ioctl(vcpu->fd, KVM_GET_CPUID2, &small), -E2BIG,
	      "GET_CPUID2 into no entry");
	ok_eq(kvm_ioctl(vcpu->fd, KVM_SET_CPUID2, &big), -E2BIG,
	      "SET_CPUID2 with 100000 entries");
	ok_eq(kvm_ioctl(vcpu->fd, KVM_SET_CPUID2, BAD_POINTER), -EFAULT,
	      "SET_CPUID2 from a bad pointer");
	free(set);
	free(got);
}

struct msrs {
	struct kvm_msrs head;
	struct kvm_msr_entry entry[NR_MSRS];
};

static void test_msrs(void)
{
	struct msrs m = {
		.head.nmsrs = 3,
		.entry = { { .index = MSR_STAR, .data = 0x0023001000000000 },
			   { .index = MSR_UNKNOWN, .data = 1 },
			   { .index = MSR_LSTAR, .data = 0x1234 } },
	};
	struct kvm_msrs many = { .nmsrs = 1000000 };
	u64 value;

	ok_eq(vcpu_set_msr(vcpu, MSR_LSTAR, 0xffff800000001000), 1, "SET_MSRS of one");
	ok_eq(kvm_ioctl(vcpu->fd, KVM_SET_MSRS, &m), 1,
	      "SET_MSRS stops at one that does not exist");
	vcpu_get_msr(vcpu, MSR_STAR, &value);
	ok_eq(value, 0x0023001000000000, "the one before it is set");
	vcpu_get_msr(vcpu, MSR_LSTAR, &value);
	ok_eq(value, 0xffff800000001000, "the one after it is not");
	ok_eq(kvm_ioctl(vcpu->fd, KVM_GET_MSRS, &m), 1, "GET_MSRS stops there too");
	ok_eq(vcpu_set_msr(vcpu, MSR_LSTAR, 0x1234567812345678), 0,
	      "a non-canonical LSTAR is refused");
	vcpu_get_msr(vcpu, MSR_LSTAR, &value);
	ok_eq(value, 0xffff800000001000, "and not set");
	ok_eq(kvm_ioctl(vcpu->fd, KVM_SET_MSRS, &many), -E2BIG,
	      "SET_MSRS with a million entries");
	ok_eq(kvm_ioctl(vcpu->fd, KVM_GET_MSRS, &many), -E2BIG,
	      "GET_MSRS with a million entries");
	ok_eq(kvm_ioctl(vcpu->fd, KVM_SET_MSRS, BAD_POINTER), -EFAULT,
	      "SET_MSRS from a bad pointer");
}

static void events_refused(const struct kvm_vcpu_events *bad, const char *name)
{
	struct kvm_vcpu_events before, after;

	must(kvm_ioctl(vcpu->fd, KVM_GET_VCPU_EVENTS, &before));
	ok_eq(kvm_ioctl(vcpu->fd, KVM_SET_VCPU_EVENTS, bad), -EINVAL,
	      "SET_VCPU_EVENTS with %s", name);
	must(kvm_ioctl(vcpu->fd, KVM_GET_VCPU_EVENTS, &after));
	ok(!memcmp(&before, &after, sizeof(before)), "%s: nothing changed", name);
}

static void test_events(void)
{
	struct kvm_vcpu_events e, none;
	struct guest_fault fault = { .vector = -1 };

	load_code(vcpu, MODE_LONG64, idle);
	ok_eq(kvm_ioctl(vcpu->fd, KVM_GET_VCPU_EVENTS, &none), 0, "GET_VCPU_EVENTS");
	ok(!none.exception.injected && !none.interrupt.injected && !none.nmi.injected,
	   "nothing is pending at first");
	ok_eq(kvm_ioctl(vcpu->fd, KVM_SET_VCPU_EVENTS, &none), 0, "set what was read");
	e = none;
	e.flags |= 1u << 31;
	events_refused(&e, "an unknown flag");
	e = none;
	e.exception.injected = 1;
	e.exception.nr = 32;
	events_refused(&e, "exception 32");
	e.exception.nr = 2;
	events_refused(&e, "exception 2, which is the NMI");

	e = none;
	e.exception.injected = 1;
	e.exception.nr = GP_VECTOR;
	e.exception.has_error_code = 1;
	e.exception.error_code = 0x50;
	ok_eq(kvm_ioctl(vcpu->fd, KVM_SET_VCPU_EVENTS, &e), 0, "inject #GP");
	expect_fault(vcpu, GP_VECTOR, "the guest takes it");
	ok(vcpu_fault(vcpu, &fault), "and reports");
	ok_eq(fault.error_code, 0x50, "its error code");
	ok_eq(fault.rip, CODE_GPA, "before the first instruction");

	ok_eq(kvm_ioctl(vcpu->fd, KVM_SET_VCPU_EVENTS, BAD_POINTER), -EFAULT,
	      "SET_VCPU_EVENTS from a bad pointer");
}

static void test_nmi(void)
{
	struct kvm_vcpu_events e;

	load_code(vcpu, MODE_LONG64, idle);
	kvm_ioctl(vcpu->fd, KVM_GET_VCPU_EVENTS, &e);
	e.nmi.pending = 1;
	e.flags = KVM_VCPUEVENT_VALID_NMI_PENDING;
	ok_eq(kvm_ioctl(vcpu->fd, KVM_SET_VCPU_EVENTS, &e), 0, "make an NMI pending");
	expect_fault(vcpu, 2, "the guest takes it");
	kvm_ioctl(vcpu->fd, KVM_GET_VCPU_EVENTS, &e);
	ok_eq(e.nmi.masked, 1, "NMIs are masked in the handler");
	expect_done(vcpu, "it returns by IRET");
	expect_done(vcpu, "and goes on");
	kvm_ioctl(vcpu->fd, KVM_GET_VCPU_EVENTS, &e);
	ok_eq(e.nmi.masked, 0, "NMIs are open again");
}

static void test_interrupt(void)
{
	struct kvm_interrupt irq = { .irq = 256 };
	struct kvm_regs regs;
	int r;

	load_code(vcpu, MODE_LONG64, idle);
	ok_eq(kvm_ioctl(vcpu->fd, KVM_INTERRUPT, &irq), -EINVAL, "interrupt 256");
	irq.irq = ~0u;
	ok_eq(kvm_ioctl(vcpu->fd, KVM_INTERRUPT, &irq), -EINVAL, "interrupt 2^32-1");
	ok_eq(kvm_ioctl(vcpu->fd, KVM_INTERRUPT, BAD_POINTER), -EFAULT,
	      "interrupt from a bad pointer");
	expect_done(vcpu, "none of them reaches the guest");
	irq.irq = 0x21;
	ok_eq(kvm_ioctl(vcpu->fd, KVM_INTERRUPT, &irq), 0, "interrupt 0x21");
	/* Documented as EEXIST; Linux 6.1 lets the second replace the first. */
	r = kvm_ioctl(vcpu->fd, KVM_INTERRUPT, &irq);
	ok(r == -EEXIST || r == 0, "the same again");
	vcpu_get_regs(vcpu, &regs);
	regs.rflags |= FLAG_IF;
	vcpu_set_regs(vcpu, &regs);
	expect_fault(vcpu, 0x21, "the guest takes it");
	expect_done(vcpu, "once");
}

/* Stop a guest half way, carry its state to another vCPU, and go on there. */
static void test_move(void)
{
	struct vm *other = vm_create();
	struct vcpu *dst = vcpu_create(other);
	struct kvm_fpu fpu = { .fcw = 0x37f, .mxcsr = 0x1f80 };
	struct kvm_vcpu_events events;
	struct kvm_sregs sregs;
	struct kvm_regs regs;
	u64 mark = 0xfeedfacecafebeef;

	vcpu_prime_fpu(vcpu);
	vcpu_prime_fpu(dst);
	load_code(vcpu, MODE_LONG64, work);
	memcpy(fpu.xmm[3], &mark, 8);
	must(kvm_ioctl(vcpu->fd, KVM_SET_FPU, &fpu));
	expect_pio(vcpu, KVM_EXIT_IO_OUT, 0x80, 1, 1, "half way");
	/* Complete the OUT without running on. */
	vcpu->run->immediate_exit = 1;
	ok_eq(vcpu_run(vcpu), -EINTR, "immediate_exit completes the port access");
	vcpu->run->immediate_exit = 0;
	vcpu_get_regs(vcpu, &regs);
	vcpu_get_sregs(vcpu, &sregs);
	must(kvm_ioctl(vcpu->fd, KVM_GET_FPU, &fpu));
	must(kvm_ioctl(vcpu->fd, KVM_GET_VCPU_EVENTS, &events));
	memcpy(gpa_to_hva(other, 0), gpa_to_hva(vm, 0), RAM_END);
	vcpu_set_sregs(dst, &sregs);
	vcpu_set_regs(dst, &regs);
	must(kvm_ioctl(dst->fd, KVM_SET_FPU, &fpu));
	must(kvm_ioctl(dst->fd, KVM_SET_VCPU_EVENTS, &events));
	expect_done(dst, "the guest goes on in another VM");
	vcpu_get_regs(dst, &regs);
	ok_eq((u32)regs.rax, 5050, "and computes the same");
	ok_eq(*(u64 *)gpa_to_hva(other, DATA_GPA), mark, "with its XMM registers");
	vm_destroy(other);
}

int main(void)
{
	tap_start(50);
	vm = vm_create();
	vcpu = vcpu_create(vm);
	test_regs();
	test_sregs();
	test_fpu();
	test_cpuid();
	test_msrs();
	test_events();
	test_nmi();
	test_interrupt();
	vm_destroy(vm);
	vm = vm_create();
	vcpu = vcpu_create(vm);
	test_move();
	vm_destroy(vm);
	return tap_done();
}
