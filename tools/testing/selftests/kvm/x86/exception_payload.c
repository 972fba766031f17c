// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM_GET/SET_VCPU_EVENTS: what is refused, exceptions that are pending with the
 * CR2 or DR6 that they will bring, and triple faults.
 */
#include "kvm_test.h"

#define NMI_VECTOR 2
#define DR6_FIXED 0xffff0ff0ull
#define DR6_BS (1ull << 14)
#define DR7_FIXED 0x400ull
#define DR7_GD (1ull << 13)
#define FAULT_ADDRESS 0x123456000ull
#define OLD_CR2 0x777000ull

GUEST_CODE(plain, 64, "mov $1, %ebx\n mov $2, %ebx\n" GUEST_DONE);
GUEST_CODE(port, 64, "out %al, $0x80\n mov $2, %ebx\n" GUEST_DONE);

static struct vm *vm;
static struct vcpu *vcpu;

static void get(struct kvm_vcpu_events *e)
{
	must(kvm_ioctl(vcpu->fd, KVM_GET_VCPU_EVENTS, e));
}

static int set(const struct kvm_vcpu_events *e)
{
	return kvm_ioctl(vcpu->fd, KVM_SET_VCPU_EVENTS, e);
}

static void refused(const struct kvm_vcpu_events *bad, const char *name)
{
	struct kvm_vcpu_events before, after;

	get(&before);
	ok_eq(set(bad), -EINVAL, "%s", name);
	get(&after);
	ok(!memcmp(&before, &after, sizeof(before)), "%s: nothing changed", name);
}

static int enable(u32 number, u32 flags, u64 on)
{
	struct kvm_enable_cap cap = { .cap = number, .flags = flags, .args = { on } };

	return kvm_ioctl(vm->fd, KVM_ENABLE_CAP, &cap);
}

static void test_before(void)
{
	struct kvm_vcpu_events e, none;

	ok_eq(kvm_has(KVM_CAP_EXCEPTION_PAYLOAD), 1, "KVM_CAP_EXCEPTION_PAYLOAD");
	ok_eq(kvm_has(KVM_CAP_X86_TRIPLE_FAULT_EVENT), 1, "KVM_CAP_X86_TRIPLE_FAULT_EVENT");
	ok_eq(enable(KVM_CAP_EXCEPTION_PAYLOAD, 1, 1), -EINVAL, "enabled with a flag");
	load_code(vcpu, MODE_LONG64, plain);
	get(&none);
	e = none;
	e.flags |= KVM_VCPUEVENT_VALID_PAYLOAD;
	refused(&e, "a payload that is not enabled");
	e = none;
	e.flags |= KVM_VCPUEVENT_VALID_TRIPLE_FAULT;
	refused(&e, "a triple fault that is not enabled");
	if (!kvm_has(KVM_CAP_X86_SMM)) {
		e = none;
		e.flags |= KVM_VCPUEVENT_VALID_SMM;
		refused(&e, "system management mode that is not there");
	} else {
		skip("system management mode that is not there", "it is there");
	}
	memset(&e, 0xff, sizeof(e));
	get(&e);
	memset(&none, 0, sizeof(none));
	ok(!memcmp(e.reserved, none.reserved, sizeof(e.reserved)) && !e.nmi.pad,
	   "reserved bytes are cleared");
}

static void test_vectors(void)
{
	struct kvm_vcpu_events e, none;

	ok_eq(enable(KVM_CAP_EXCEPTION_PAYLOAD, 0, 1), 0, "enable payloads");
	get(&none);
	ok(none.flags & KVM_VCPUEVENT_VALID_PAYLOAD, "the flag is in what is read");
	e = none;
	e.exception.pending = 1;
	e.exception.nr = 32;
	refused(&e, "pending exception 32");
	e.exception.nr = NMI_VECTOR;
	refused(&e, "pending exception 2");
	e.exception.nr = GP_VECTOR;
	e.exception.injected = 1;
	ok_eq(set(&e), 0, "pending and injected");
	get(&e);
	ok(e.exception.pending && !e.exception.injected, "is pending");
	e = none;
	e.exception_has_payload = 1;
	e.exception_payload = 5;
	ok_eq(set(&e), 0, "payload of no exception");
	get(&e);
	ok_eq(e.exception_has_payload, 0, "is none");
}

static void test_page_fault(void)
{
	struct guest_fault f = { .vector = -1 };
	struct kvm_vcpu_events e, got;
	struct kvm_sregs s;

	load_code(vcpu, MODE_LONG64, plain);
	vcpu_get_sregs(vcpu, &s);
	s.cr2 = OLD_CR2;
	vcpu_set_sregs(vcpu, &s);
	get(&e);
	e.exception.pending = 1;
	e.exception.nr = PF_VECTOR;
	e.exception.has_error_code = 1;
	e.exception.error_code = 2;
	e.exception_has_payload = 1;
	e.exception_payload = FAULT_ADDRESS;
	ok_eq(set(&e), 0, "pending #PF");
	vcpu_get_sregs(vcpu, &s);
	ok_eq(s.cr2, OLD_CR2, "CR2 is what it was");
	get(&got);
	ok(got.exception.pending && !got.exception.injected && got.exception_has_payload,
	   "it is pending with a payload");
	ok_eq(got.exception_payload, FAULT_ADDRESS, "which comes back");
	expect_fault(vcpu, PF_VECTOR, "the guest takes it");
	vcpu_fault(vcpu, &f);
	ok_eq(f.cr2, FAULT_ADDRESS, "with CR2");
	ok_eq(f.error_code, 2, "and its error code");
	ok(f.rflags & FLAG_RF, "and RF, as a fault");
	expect_done(vcpu, "the guest goes on");

	load_code(vcpu, MODE_LONG64, plain);
	vcpu_get_sregs(vcpu, &s);
	s.cr2 = OLD_CR2;
	vcpu_set_sregs(vcpu, &s);
	e.exception.pending = 0;
	e.exception.injected = 1;
	ok_eq(set(&e), 0, "injected #PF");
	expect_fault(vcpu, PF_VECTOR, "the guest takes it");
	vcpu_get_sregs(vcpu, &s);
	ok_eq(s.cr2, OLD_CR2, "CR2 stays");
	expect_done(vcpu, "the guest goes on");
}

/* The trap of an OUT with TF set waits while userspace looks. */
static void test_debug(void)
{
	struct kvm_debugregs d;
	struct kvm_vcpu_events e;
	struct kvm_regs r;
	u64 dr6;

	load_code(vcpu, MODE_LONG64, port);
	vcpu_get_regs(vcpu, &r);
	r.rflags |= FLAG_TF;
	vcpu_set_regs(vcpu, &r);
	expect_pio(vcpu, KVM_EXIT_IO_OUT, 0x80, 1, 1, "OUT with TF set");
	vcpu->run->immediate_exit = 1;
	ok_eq(vcpu_run(vcpu), -EINTR, "it is complete");
	vcpu->run->immediate_exit = 0;
	get(&e);
	must(kvm_ioctl(vcpu->fd, KVM_GET_DEBUGREGS, &d));
	dr6 = d.dr6;
	ok(e.exception.pending && e.exception.nr == DB_VECTOR, "#DB is pending");
	if (kvm_is_ours()) {
		ok(e.exception_has_payload && e.exception_payload == DR6_BS, "with DR6.BS");
		ok_eq(dr6 & DR6_BS, 0, "that DR6 has not yet");
	} else {
		skip("with DR6.BS", "Linux 6.1 has changed DR6 already");
	}
	ok_eq(set(&e), 0, "set what was read");
	expect_fault(vcpu, DB_VECTOR, "the guest takes it");
	must(kvm_ioctl(vcpu->fd, KVM_GET_DEBUGREGS, &d));
	ok_eq(d.dr6, DR6_FIXED | DR6_BS, "with DR6");
}

/* DR6 has no other bits than its own. */
static void test_debug_payload(void)
{
	struct kvm_vcpu_events e;
	struct kvm_debugregs d;

	if (!kvm_is_ours()) {
		skip("payload with bits that DR6 has not", "Linux 6.1 puts them into DR6");
		return;
	}
	load_code(vcpu, MODE_LONG64, plain);
	get(&e);
	e.exception.pending = 1;
	e.exception.nr = DB_VECTOR;
	e.exception.has_error_code = 0;
	e.exception_has_payload = 1;
	e.exception_payload = ~0ull;
	ok_eq(set(&e), 0, "payload with bits that DR6 has not");
	expect_fault(vcpu, DB_VECTOR, "the guest takes it");
	must(kvm_ioctl(vcpu->fd, KVM_GET_DEBUGREGS, &d));
	ok_eq(d.dr6, DR6_FIXED | 0xe00f, "with those that it has");
	ok_eq(kvm_ioctl(vcpu->fd, KVM_SET_DEBUGREGS, &d), 0, "which can be set again");
	expect_done(vcpu, "the guest goes on");
}

/* One that says nothing in DR6; its handler may use the debug registers all the same. */
static void test_bare_debug(void)
{
	struct kvm_guest_debug dbg = {
		.control = KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_INJECT_DB,
	};
	struct kvm_debugregs d;

	load_code(vcpu, MODE_LONG64, plain);
	must(kvm_ioctl(vcpu->fd, KVM_GET_DEBUGREGS, &d));
	d.dr6 = DR6_FIXED;
	d.dr7 = DR7_FIXED | DR7_GD;
	must(kvm_ioctl(vcpu->fd, KVM_SET_DEBUGREGS, &d));
	must(kvm_ioctl(vcpu->fd, KVM_SET_GUEST_DEBUG, &dbg));
	dbg.control = 0;
	must(kvm_ioctl(vcpu->fd, KVM_SET_GUEST_DEBUG, &dbg));
	expect_fault(vcpu, DB_VECTOR, "#DB without a payload, with DR7.GD set");
	must(kvm_ioctl(vcpu->fd, KVM_GET_DEBUGREGS, &d));
	ok_eq(d.dr6, DR6_FIXED, "nothing in DR6");
	ok_eq(d.dr7, DR7_FIXED, "DR7.GD is clear in the handler");
	expect_done(vcpu, "the guest goes on");
}

/* An abort is no fault: nothing is executed again. */
static void test_abort(void)
{
	struct guest_fault f = { .rflags = FLAG_RF };
	struct kvm_vcpu_events e;

	load_code(vcpu, MODE_LONG64, plain);
	get(&e);
	e.exception.pending = 1;
	e.exception.nr = MC_VECTOR;
	e.exception.has_error_code = 0;
	e.exception_has_payload = 0;
	ok_eq(set(&e), 0, "pending #MC");
	expect_fault(vcpu, MC_VECTOR, "the guest takes it");
	vcpu_fault(vcpu, &f);
	ok_eq(f.rflags & FLAG_RF, 0, "without RF, as an abort");
	expect_done(vcpu, "the guest goes on");
}

static void test_triple_fault(void)
{
	struct kvm_vcpu_events e;

	ok_eq(enable(KVM_CAP_X86_TRIPLE_FAULT_EVENT, 0, 1), 0, "enable triple faults");
	load_code(vcpu, MODE_LONG64, plain);
	get(&e);
	ok(e.flags & KVM_VCPUEVENT_VALID_TRIPLE_FAULT, "the flag is in what is read");
	ok_eq(e.triple_fault.pending, 0, "none is pending");
	memset(&e.exception, 0, sizeof(e.exception));
	e.triple_fault.pending = 1;
	ok_eq(set(&e), 0, "make one pending");
	get(&e);
	ok_eq(e.triple_fault.pending, 1, "it is pending");
	e.triple_fault.pending = 0;
	ok_eq(set(&e), 0, "take it back");
	expect_done(vcpu, "the guest goes on");
	load_code(vcpu, MODE_LONG64, plain);
	e.triple_fault.pending = 1;
	ok_eq(set(&e), 0, "make one pending again");
	expect_exit(vcpu, KVM_EXIT_SHUTDOWN, "the machine stops");
}

int main(void)
{
	tap_start(50);
	vm = vm_create();
	vcpu = vcpu_create(vm);
	test_before();
	test_vectors();
	test_page_fault();
	test_debug();
	test_debug_payload();
	test_bare_debug();
	test_abort();
	test_triple_fault();
	vm_destroy(vm);
	return tap_done();
}
