// SPDX-License-Identifier: GPL-2.0-only
/* Registers in kvm_run: kvm_valid_regs and kvm_dirty_regs. */
#include <pthread.h>
#include <sys/ioctl.h>

#include "kvm_test.h"

#define ALL (KVM_SYNC_X86_REGS | KVM_SYNC_X86_SREGS | KVM_SYNC_X86_EVENTS)
#define RACES 2000

GUEST_CODE(count, 64, "1: inc %rbx\n" GUEST_DONE "jmp 1b\n");
GUEST_CODE(input, 64, "in $0x80, %al\n" GUEST_DONE);

static struct vm *vm;
static struct vcpu *vcpu;
static struct kvm_run *run;
static volatile bool stop;

static void reload(void)
{
	run->kvm_valid_regs = 0;
	run->kvm_dirty_regs = 0;
	load_code(vcpu, MODE_LONG64, count);
	must(kvm_ioctl(vcpu->fd, KVM_SET_VCPU_EVENTS, &(struct kvm_vcpu_events){ 0 }));
}

static void test_refused(void)
{
	static const u64 bad[] = { 8, 1ull << 31, 1ull << 32, 1ull << 63, ~0ull };
	struct kvm_regs before, after;
	unsigned int i;

	reload();
	vcpu_get_regs(vcpu, &before);
	memset(&run->s.regs, 0x5a, sizeof(run->s.regs));
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		run->kvm_valid_regs = bad[i];
		ok_eq(vcpu_run(vcpu), -EINVAL, "kvm_valid_regs %#llx", (unsigned long long)bad[i]);
		run->kvm_valid_regs = 0;
		run->kvm_dirty_regs = bad[i];
		ok_eq(vcpu_run(vcpu), -EINVAL, "kvm_dirty_regs %#llx", (unsigned long long)bad[i]);
		run->kvm_dirty_regs = 0;
	}
	vcpu_get_regs(vcpu, &after);
	ok(!memcmp(&before, &after, sizeof(before)), "nothing changed");
	expect_done(vcpu, "the guest runs when they are clear");
}

/* One bad part of several: none is taken, and all are still marked. */
static void bad_part(bool sregs, const char *name)
{
	struct kvm_regs before, after;

	reload();
	run->kvm_valid_regs = ALL;
	run_until_exit(vcpu);
	vcpu_get_regs(vcpu, &before);
	run->kvm_valid_regs = 0;
	run->s.regs.regs.rbx = 1000;
	if (sregs)
		run->s.regs.sregs.cr0 |= 1ull << 40;
	else
		run->s.regs.events.flags |= 1u << 31;
	run->kvm_dirty_regs = ALL;
	ok_eq(vcpu_run(vcpu), -EINVAL, "%s", name);
	vcpu_get_regs(vcpu, &after);
	if (kvm_is_ours()) {
		ok_eq(after.rbx, before.rbx, "%s: general registers are not taken", name);
		ok_eq(run->kvm_dirty_regs, ALL, "%s: kvm_dirty_regs is as it was", name);
	} else {
		skip(name, "this KVM takes what comes before");
	}
}

static void test_valid(void)
{
	struct kvm_vcpu_events events;
	struct kvm_sregs sregs;
	struct kvm_regs regs;

	reload();
	memset(&run->s.regs, 0xff, sizeof(run->s.regs));
	expect_done(vcpu, "without kvm_valid_regs");
	ok_eq(run->s.regs.regs.rbx, ~0ull, "nothing is written");
	run->kvm_valid_regs = KVM_SYNC_X86_REGS;
	expect_done(vcpu, "general registers");
	ok_eq(run->s.regs.regs.rbx, 2, "are there");
	ok_eq(run->s.regs.sregs.cr3, ~0ull, "others are not");
	run->kvm_valid_regs = ALL;
	/* Linux 6.1 leaves padding as it finds it. */
	if (!kvm_is_ours())
		memset(&run->s.regs, 0, sizeof(run->s.regs));
	expect_done(vcpu, "all");
	vcpu_get_regs(vcpu, &regs);
	vcpu_get_sregs(vcpu, &sregs);
	must(kvm_ioctl(vcpu->fd, KVM_GET_VCPU_EVENTS, &events));
	ok(!memcmp(&run->s.regs.regs, &regs, sizeof(regs)), "are those of GET_REGS");
	ok(!memcmp(&run->s.regs.sregs, &sregs, sizeof(sregs)), "of GET_SREGS");
	ok(!memcmp(&run->s.regs.events, &events, sizeof(events)), "and of GET_VCPU_EVENTS");
	run->immediate_exit = 1;
	memset(&run->s.regs, 0, sizeof(run->s.regs));
	ok_eq(vcpu_run(vcpu), -EINTR, "immediate_exit");
	ok_eq(run->s.regs.regs.rbx, 3, "leaves them too");
	run->immediate_exit = 0;
}

static void test_dirty(void)
{
	struct guest_fault fault = { .vector = -1 };

	reload();
	run->kvm_valid_regs = ALL;
	expect_done(vcpu, "the guest starts");
	run->s.regs.regs.rbx = 50;
	run->s.regs.sregs.cr2 = 0x777000;
	expect_done(vcpu, "changed, not marked");
	ok_eq(run->s.regs.regs.rbx, 2, "is not taken");
	run->s.regs.regs.rbx = 100;
	run->s.regs.sregs.cr2 = 0x777000;
	run->kvm_dirty_regs = KVM_SYNC_X86_REGS | KVM_SYNC_X86_SREGS;
	expect_done(vcpu, "changed and marked");
	ok_eq(run->s.regs.regs.rbx, 101, "is taken");
	ok_eq(run->s.regs.sregs.cr2, 0x777000, "in all registers");
	ok_eq(run->kvm_dirty_regs, 0, "and the mark is gone");
	run->s.regs.events.exception.injected = 1;
	run->s.regs.events.exception.nr = UD_VECTOR;
	run->kvm_dirty_regs = KVM_SYNC_X86_EVENTS;
	expect_fault(vcpu, UD_VECTOR, "an exception");
	vcpu_fault(vcpu, &fault);
	ok(fault.rip >= CODE_GPA && fault.rip < CODE_GPA + 16, "where the guest was");
	run->kvm_valid_regs = 0;
	run->s.regs.regs.rbx = 500;
	run->s.regs.regs.rip = CODE_GPA;
	run->s.regs.regs.rsp = STACK_TOP;
	run->s.regs.regs.rflags = FLAG_FIXED;
	run->kvm_dirty_regs = KVM_SYNC_X86_REGS;
	expect_done(vcpu, "marked without being asked for");
	ok_eq(run->s.regs.regs.rbx, 500, "is not written back");
}

/* As with KVM_SET_REGS: the access that is pending completes on top of them. */
static void test_pending_io(void)
{
	u8 *data;

	run->kvm_valid_regs = ALL;
	run->kvm_dirty_regs = 0;
	load_code(vcpu, MODE_LONG64, input);
	data = expect_pio(vcpu, KVM_EXIT_IO_IN, 0x80, 1, 1, "IN");
	if (!data)
		return;
	*data = 0x42;
	run->s.regs.regs.rax = 0x1100;
	run->kvm_dirty_regs = KVM_SYNC_X86_REGS;
	expect_done(vcpu, "registers set while it is pending");
	ok_eq(run->s.regs.regs.rax, 0x1142, "get its result");
}

/* Another thread of the VMM writes them all the time. */
static void *scribble(void *arg)
{
	u64 v = 1;
	size_t i;

	(void)arg;
	while (!stop) {
		for (i = 0; i < sizeof(struct kvm_sregs) / 8; i++)
			((volatile u64 *)&run->s.regs.sregs)[i] = v *= 0x5851f42d4c957f2d;
		run->s.regs.events.exception.nr = v >> 32;
		run->s.regs.events.flags = v >> 40;
		run->kvm_dirty_regs = v & ALL;
		run->kvm_valid_regs = v >> 3 & ALL;
	}
	return NULL;
}

static void test_race(void)
{
	pthread_t thread;
	int i;

	reload();
	run->immediate_exit = 1;
	pthread_create(&thread, NULL, scribble, NULL);
	for (i = 0; i < RACES; i++)
		vcpu_run(vcpu);
	stop = true;
	pthread_join(thread, NULL);
	run->immediate_exit = 0;
	reload();
	expect_done(vcpu, "the guest outlives a hostile kvm_run");
}

int main(void)
{
	tap_start(50);
	if (kvm_has(KVM_CAP_SYNC_REGS) != (int)ALL)
		skip_all("KVM_CAP_SYNC_REGS is missing");
	vm = vm_create();
	vcpu = vcpu_create(vm);
	run = vcpu->run;
	test_refused();
	bad_part(true, "bad system registers");
	bad_part(false, "bad events");
	test_valid();
	test_dirty();
	test_pending_io();
	test_race();
	vm_destroy(vm);
	return tap_done();
}
