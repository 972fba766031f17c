// SPDX-License-Identifier: GPL-2.0-only
/* KVM_GET_DEBUGREGS and KVM_SET_DEBUGREGS. */
#include "kvm_test.h"

#define BAD_POINTER ((void *)8)
#define DR6_INIT 0xffff0ff0ull
#define DR7_INIT 0x400ull

GUEST_CODE(read_all, 64,
	   "mov %dr0, %rax\n mov %dr1, %rbx\n mov %dr2, %rcx\n mov %dr3, %rdx\n"
	   "mov %dr6, %rsi\n mov %dr7, %rdi\n" GUEST_DONE);
GUEST_CODE(write_all, 64,
	   "movabs $0x123456789abcd, %rax\n mov %rax, %dr0\n inc %rax\n mov %rax, %dr1\n"
	   "inc %rax\n mov %rax, %dr2\n inc %rax\n mov %rax, %dr3\n"
	   "mov $0xffff0ff1, %eax\n mov %rax, %dr6\n mov $0xf0400, %eax\n mov %rax, %dr7\n"
	   GUEST_DONE);

static struct vm *vm;
static struct vcpu *vcpu;

static void get(struct kvm_debugregs *d)
{
	memset(d, 0xff, sizeof(*d));
	ok_eq(kvm_ioctl(vcpu->fd, KVM_GET_DEBUGREGS, d), 0, "GET_DEBUGREGS");
}

static void refused(const struct kvm_debugregs *bad, const char *name)
{
	struct kvm_debugregs before, after;

	must(kvm_ioctl(vcpu->fd, KVM_GET_DEBUGREGS, &before));
	ok_eq(kvm_ioctl(vcpu->fd, KVM_SET_DEBUGREGS, bad), -EINVAL, "SET_DEBUGREGS: %s", name);
	must(kvm_ioctl(vcpu->fd, KVM_GET_DEBUGREGS, &after));
	ok(!memcmp(&before, &after, sizeof(before)), "%s: nothing changed", name);
}

static void test_refused(void)
{
	struct kvm_debugregs d = { .db = { 1, 2, 3, 4 }, .dr6 = DR6_INIT, .dr7 = DR7_INIT };

	ok_eq(kvm_ioctl(vcpu->fd, KVM_GET_DEBUGREGS, BAD_POINTER), -EFAULT, "GET: bad pointer");
	ok_eq(kvm_ioctl(vcpu->fd, KVM_SET_DEBUGREGS, BAD_POINTER), -EFAULT, "SET: bad pointer");
	d.flags = 1;
	refused(&d, "flag 0");
	d.flags = 1ull << 63;
	refused(&d, "flag 63");
	d.flags = 0;
	d.dr6 = DR6_INIT | 1ull << 32;
	refused(&d, "DR6 bit 32");
	d.dr6 = DR6_INIT;
	d.dr7 = DR7_INIT | 1ull << 63;
	refused(&d, "DR7 bit 63");
}

static void test_round_trip(void)
{
	struct kvm_debugregs d, back;
	struct kvm_regs r;
	int i;

	get(&d);
	ok(!d.db[0] && !d.db[3] && d.dr6 == DR6_INIT && d.dr7 == DR7_INIT, "reset values");
	for (i = 0; i < 9 && !d.reserved[i]; i++)
		;
	ok(i == 9 && !d.flags, "flags and reserved words are clear");
	for (i = 0; i < 4; i++)
		d.db[i] = 0x123000ull * (i + 1);
	d.db[3] = 0xffff812345678000ull;
	d.dr6 = DR6_INIT | 0x4001;
	d.dr7 = DR7_INIT | 0xd0000000;
	d.reserved[0] = 5;
	ok_eq(kvm_ioctl(vcpu->fd, KVM_SET_DEBUGREGS, &d), 0, "SET_DEBUGREGS");
	get(&back);
	ok_eq(back.reserved[0], 0, "a reserved word is not kept");
	back.reserved[0] = 5;
	ok(!memcmp(&d, &back, sizeof(d)), "it comes back");
	load_code(vcpu, MODE_LONG64, read_all);
	expect_done(vcpu, "the guest reads its debug registers");
	vcpu_get_regs(vcpu, &r);
	ok(r.rax == d.db[0] && r.rbx == d.db[1] && r.rcx == d.db[2] && r.rdx == d.db[3],
	   "DR0 to DR3");
	ok_eq(r.rsi, d.dr6, "DR6");
	ok_eq(r.rdi, d.dr7, "DR7");
	if (kvm_is_ours()) {
		d.dr6 = 0;
		d.dr7 = 0;
		must(kvm_ioctl(vcpu->fd, KVM_SET_DEBUGREGS, &d));
		get(&back);
		ok(back.dr6 == DR6_INIT && back.dr7 == DR7_INIT, "bits that are always 1 are");
	} else {
		skip("bits that are always 1 are", "this KVM takes DR6 and DR7 as they come");
	}
}

static void test_written(void)
{
	struct kvm_debugregs d;
	int i;

	load_code(vcpu, MODE_LONG64, write_all);
	expect_done(vcpu, "the guest writes its debug registers");
	get(&d);
	for (i = 0; i < 4; i++)
		ok_eq(d.db[i], 0x123456789abcd + i, "DR%d", i);
	ok_eq(d.dr6, 0xffff0ff1, "DR6");
	ok_eq(d.dr7, 0xf0400, "DR7");
}

int main(void)
{
	tap_start(50);
	if (!kvm_has(KVM_CAP_DEBUGREGS))
		skip_all("KVM_CAP_DEBUGREGS is missing");
	vm = vm_create();
	vcpu = vcpu_create(vm);
	test_refused();
	test_round_trip();
	test_written();
	vm_destroy(vm);
	return tap_done();
}
