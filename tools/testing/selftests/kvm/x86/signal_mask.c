// SPDX-License-Identifier: GPL-2.0-only
/* KVM_SET_SIGNAL_MASK, immediate_exit, and KVM_RUN's own refusals. */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "kvm_test.h"

#define BAD_POINTER ((void *)8)
#define SIGSET_BYTES 8

GUEST_CODE(idle, 64, "1: pause\n" GUEST_DONE "jmp 1b\n");
GUEST_CODE(input, 64, "in $0x80, %al\n mov %al, %bl\n" GUEST_DONE);
GUEST_CODE(output, 64, "mov $1, %ebx\n out %al, $0x80\n mov $2, %ebx\n" GUEST_DONE);

static struct vm *vm;
static struct vcpu *vcpu;
static volatile int signals;

static void count_signal(int sig)
{
	(void)sig;
	signals++;
}

static int set_mask(u32 len, u64 mask)
{
	struct kvm_signal_mask *m = calloc(1, sizeof(*m) + sizeof(mask));
	int r;

	m->len = len;
	memcpy(m->sigset, &mask, sizeof(mask));
	r = kvm_ioctl(vcpu->fd, KVM_SET_SIGNAL_MASK, m);
	free(m);
	return r;
}

static u64 bit(int sig)
{
	return 1ull << (sig - 1);
}

static void block(int how, int sig)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, sig);
	pthread_sigmask(how, &set, NULL);
}

static bool pending(int sig)
{
	sigset_t set;

	sigpending(&set);
	return sigismember(&set, sig);
}

static void test_refused(void)
{
	static const u32 bad[] = { 0, 1, 4, 7, 9, 16, 128, ~0u };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		ok_eq(set_mask(bad[i], 0), -EINVAL, "a mask of %u bytes", bad[i]);
	ok_eq(kvm_ioctl(vcpu->fd, KVM_SET_SIGNAL_MASK, BAD_POINTER), -EFAULT, "a bad pointer");
	ok_eq(kvm_ioctl_val(vcpu->fd, KVM_RUN, 1), -EINVAL, "KVM_RUN with an argument");
	load_code(vcpu, MODE_LONG64, idle);
	expect_done(vcpu, "nothing of that hinders the guest");
}

/* Blocked in the thread, open in KVM_RUN: it ends KVM_RUN, and stays pending. */
static void test_opened(void)
{
	struct sigaction action = { .sa_handler = count_signal };

	sigaction(SIGUSR1, &action, NULL);
	load_code(vcpu, MODE_LONG64, idle);
	block(SIG_BLOCK, SIGUSR1);
	ok_eq(set_mask(SIGSET_BYTES, 0), 0, "a mask that blocks nothing");
	raise(SIGUSR1);
	ok_eq(vcpu_run(vcpu), -EINTR, "a signal that KVM_RUN does not block ends it");
	ok_eq(vcpu->run->exit_reason, KVM_EXIT_INTR, "with KVM_EXIT_INTR");
	ok(pending(SIGUSR1) && !signals, "it is pending still, and not handled");
	ok_eq(vcpu_run(vcpu), -EINTR, "so it ends the next KVM_RUN");
	block(SIG_UNBLOCK, SIGUSR1);
	ok_eq(signals, 1, "it is handled once when the thread lets it in");
	ok_eq(vcpu_run(vcpu), 0, "and the guest runs");
}

/* The reverse. */
static void test_closed(void)
{
	int before = signals;

	load_code(vcpu, MODE_LONG64, idle);
	block(SIG_BLOCK, SIGUSR1);
	ok_eq(set_mask(SIGSET_BYTES, bit(SIGUSR1)), 0, "a mask that blocks the signal");
	raise(SIGUSR1);
	expect_done(vcpu, "a signal that KVM_RUN blocks does not end it");
	ok(pending(SIGUSR1) && signals == before, "it is pending still");
	ok_eq(set_mask(SIGSET_BYTES, ~0ull), 0, "a mask that blocks all, SIGKILL too");
	expect_done(vcpu, "the guest runs");
	ok_eq(kvm_ioctl(vcpu->fd, KVM_SET_SIGNAL_MASK, NULL), 0, "no mask any more");
	expect_done(vcpu, "the thread's own mask counts: it blocks");
	block(SIG_UNBLOCK, SIGUSR1);
	ok_eq(signals, before + 1, "the signal is handled once");
}

static void test_immediate_exit(void)
{
	struct kvm_regs r;
	u8 *data;

	ok_eq(kvm_has(KVM_CAP_IMMEDIATE_EXIT), 1, "KVM_CAP_IMMEDIATE_EXIT");
	load_code(vcpu, MODE_LONG64, idle);
	vcpu->run->immediate_exit = 1;
	ok_eq(vcpu_run(vcpu), -EINTR, "immediate_exit");
	vcpu_get_regs(vcpu, &r);
	ok_eq(r.rip, CODE_GPA, "the guest has not run");
	vcpu->run->immediate_exit = 0;

	load_code(vcpu, MODE_LONG64, input);
	data = expect_pio(vcpu, KVM_EXIT_IO_IN, 0x80, 1, 1, "IN");
	if (!data)
		return;
	*data = 0x77;
	vcpu->run->immediate_exit = 1;
	ok_eq(vcpu_run(vcpu), -EINTR, "immediate_exit with a read answered");
	vcpu_get_regs(vcpu, &r);
	ok(r.rip == CODE_GPA + 2 && (r.rax & 0xff) == 0x77, "the IN is complete");
	ok_eq(r.rbx, 0, "and nothing behind it");
	ok_eq(vcpu_run(vcpu), -EINTR, "again");
	vcpu_get_regs(vcpu, &r);
	ok_eq(r.rip, CODE_GPA + 2, "the same place");
	vcpu->run->immediate_exit = 0;
	expect_done(vcpu, "the guest goes on");
	vcpu_get_regs(vcpu, &r);
	ok_eq(r.rbx, 0x77, "with the answer");
}

/* A pending signal does what immediate_exit does. */
static void test_signal_completes(void)
{
	struct kvm_regs r;

	load_code(vcpu, MODE_LONG64, output);
	expect_pio(vcpu, KVM_EXIT_IO_OUT, 0x80, 1, 1, "OUT");
	block(SIG_BLOCK, SIGUSR1);
	set_mask(SIGSET_BYTES, 0);
	raise(SIGUSR1);
	ok_eq(vcpu_run(vcpu), -EINTR, "a signal with a write handed out");
	vcpu_get_regs(vcpu, &r);
	ok(r.rip == CODE_GPA + 7 && r.rbx == 1, "the OUT is complete, and nothing behind it");
	kvm_ioctl(vcpu->fd, KVM_SET_SIGNAL_MASK, NULL);
	block(SIG_UNBLOCK, SIGUSR1);
	expect_done(vcpu, "the guest goes on");
}

int main(void)
{
	tap_start(50);
	vm = vm_create();
	vcpu = vcpu_create(vm);
	test_refused();
	test_opened();
	test_closed();
	test_immediate_exit();
	test_signal_completes();
	vm_destroy(vm);
	return tap_done();
}
