// SPDX-License-Identifier: GPL-2.0-only
/*
 * An exception whose delivery meets another one: handled one after the other, a
 * double fault, or the end. By the CPU for faults of its own, and by the
 * hypervisor, which gets between the two when it steps: for faults of the CPU, of
 * the emulator, and for what userspace injects. Injected without steps it would
 * be the CPU again, but QEMU 7.2 forgets what it was injected.
 */
#include "kvm_test.h"

#define DF_VECTOR_NR 8
#define IST1 (TSS64_GPA + 0x24)
#define NOWHERE 0x200000000ull
#define NOT_CANONICAL (1ull << 63)
#define SHUTDOWN (-1)

enum fault_class { BENIGN, CONTRIBUTORY, PAGE_FAULT, DOUBLE_FAULT };

struct first {
	int vector;
	enum fault_class class;
	bool error_code;
};

static const struct first firsts[] = {
	{ 0, CONTRIBUTORY }, { 1, BENIGN }, { 3, BENIGN }, { 4, BENIGN }, { 5, BENIGN },
	{ 6, BENIGN }, { 7, BENIGN }, { 8, DOUBLE_FAULT, true }, { 10, CONTRIBUTORY, true },
	{ 11, CONTRIBUTORY, true }, { 12, CONTRIBUTORY, true }, { 13, CONTRIBUTORY, true },
	{ 14, PAGE_FAULT, true }, { 16, BENIGN }, { 17, BENIGN, true }, { 18, BENIGN },
	{ 19, BENIGN },
};

/* What is wrong with the first one's gate. */
static const struct second {
	const char *name;
	int vector;
	enum fault_class class;
	int present;		/* of the gate */
	u8 type;		/* of the gate */
	u64 stack;		/* it switches to, or 0 */
} seconds[] = {
	{ "#NP", NP_VECTOR, CONTRIBUTORY, 0, 0xe, 0 },
	{ "#GP", GP_VECTOR, CONTRIBUTORY, 1, 0x2, 0 },
	{ "#SS", SS_VECTOR, CONTRIBUTORY, 1, 0xe, NOT_CANONICAL },
	{ "#PF", PF_VECTOR, PAGE_FAULT, 1, 0xe, NOWHERE },
};

GUEST_CODE(plain, 64, "nop\n nop\n" GUEST_DONE);
GUEST_CODE(native_ud, 64, "ud2\n" GUEST_DONE);
GUEST_CODE(native_gp, 64, "lldt 0x30000\n" GUEST_DONE);
GUEST_CODE(native_pf, 64, "mov 0x200000000, %al\n" GUEST_DONE);
GUEST_CODE(native_de, 64, "div %bl\n" GUEST_DONE);
GUEST_CODE(forced_ud, 64, GUEST_FEP "ud2\n" GUEST_DONE);
GUEST_CODE(forced_gp, 64, GUEST_FEP "lldt 0x30000\n" GUEST_DONE);
GUEST_CODE(forced_pf, 64, GUEST_FEP "mov 0x200000000, %al\n" GUEST_DONE);
GUEST_CODE(forced_de, 64, GUEST_FEP "div %bl\n" GUEST_DONE);

static const struct fault {
	const char *name;
	const u8 *native, *native_end, *forced, *forced_end;
	int vector;
	enum fault_class class;
} faults[] = {
#define FAULT(name) native_##name, native_##name##_end, forced_##name, forced_##name##_end
	{ "#UD", FAULT(ud), UD_VECTOR, BENIGN },
	{ "#GP", FAULT(gp), GP_VECTOR, CONTRIBUTORY },
	{ "#PF", FAULT(pf), PF_VECTOR, PAGE_FAULT },
	{ "#DE", FAULT(de), 0, CONTRIBUTORY },
};

static struct vm *vm;
static struct vcpu *vcpu;

static int expected(enum fault_class first, const struct second *second)
{
	if (first == DOUBLE_FAULT)
		return SHUTDOWN;
	if (first == CONTRIBUTORY && second->class == CONTRIBUTORY)
		return DF_VECTOR_NR;
	if (first == PAGE_FAULT)
		return DF_VECTOR_NR;
	return second->vector;
}

static void step_mode(bool on)
{
	struct kvm_guest_debug dbg = { 0 };

	if (on)
		dbg.control = KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP;
	must(kvm_ioctl(vcpu->fd, KVM_SET_GUEST_DEBUG, &dbg));
}

/* Spoil a gate as @second says for one run; what the guest ends with. */
static int outcome(int vector, const struct second *second, bool step)
{
	u8 *gate = gpa_to_hva(vm, IDT64_GPA + 16 * vector);
	u8 saved[16];
	struct guest_fault f = { .vector = -2 };
	int reason, got = -2;

	memcpy(saved, gate, sizeof(saved));
	gate[5] = second->present << 7 | second->type;
	gate[4] = !!second->stack;
	memcpy(gpa_to_hva(vm, IST1), &second->stack, 8);
	step_mode(step);
	reason = run_until_exit(vcpu);
	if (step) {
		step_mode(false);
		if (reason == KVM_EXIT_DEBUG)
			reason = run_until_exit(vcpu);
	}
	if (reason == KVM_EXIT_SHUTDOWN)
		got = SHUTDOWN;
	else if (reason == KVM_EXIT_IO && vcpu_fault(vcpu, &f))
		got = f.vector;
	else
		note("left for %s", describe_exit(vcpu, reason));
	if (got == DF_VECTOR_NR && f.error_code)
		got = -3;
	memcpy(gate, saved, sizeof(saved));
	return got;
}

/* Of userspace's. */
static void inject(const struct first *first, const struct second *second)
{
	struct kvm_vcpu_events e;

	load_code(vcpu, MODE_LONG64, plain);
	must(kvm_ioctl(vcpu->fd, KVM_GET_VCPU_EVENTS, &e));
	memset(&e.exception, 0, sizeof(e.exception));
	e.exception.injected = 1;
	e.exception.nr = first->vector;
	e.exception.has_error_code = first->error_code;
	must(kvm_ioctl(vcpu->fd, KVM_SET_VCPU_EVENTS, &e));
	ok_eq(outcome(first->vector, second, true), expected(first->class, second),
	      "injected %d, then %s", first->vector, second->name);
}

/* Of an instruction's. */
static void run_fault(const struct fault *first, const struct second *second, bool is_forced,
		      bool step)
{
	if (is_forced)
		vcpu_load(vcpu, MODE_LONG64, first->forced, first->forced_end);
	else
		vcpu_load(vcpu, MODE_LONG64, first->native, first->native_end);
	*(u16 *)gpa_to_hva(vm, DATA_GPA) = 0xfff8;	/* beyond the GDT, for LLDT */
	ok_eq(outcome(first->vector, second, step), expected(first->class, second),
	      "%s %s, then %s%s", is_forced ? "forced" : "native", first->name, second->name,
	      step ? ", stepped" : "");
}

static void test_stepped(const struct second *second)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(firsts); i++)
		inject(&firsts[i], second);
	for (i = 0; i < ARRAY_SIZE(faults); i++) {
		run_fault(&faults[i], second, false, true);
		if (!forced_emulation_missing())
			run_fault(&faults[i], second, true, true);
	}
}

int main(void)
{
	unsigned int i, j;

	tap_start(50);
	vm = vm_create();
	vcpu = vcpu_create(vm);
	for (j = 0; j < ARRAY_SIZE(seconds); j++) {
		for (i = 0; i < ARRAY_SIZE(faults); i++)
			run_fault(&faults[i], &seconds[j], false, false);
		if (kvm_is_ours())
			test_stepped(&seconds[j]);
		else
			skip(seconds[j].name, "Linux 6.1 leaves what it steps through to the CPU");
	}
	vm_destroy(vm);
	return tap_done();
}
