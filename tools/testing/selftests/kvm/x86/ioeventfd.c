// SPDX-License-Identifier: GPL-2.0-only
/* KVM_IOEVENTFD: writes that signal an eventfd instead of leaving to userspace. */
#include <sys/eventfd.h>
#include <unistd.h>

#include "kvm_test.h"

#define PORT 0x600
#define MMIO_AT (MMIO_GPA + 0x40)
#define MAX_EVENTS 8192
#define FLAG_PIO KVM_IOEVENTFD_FLAG_PIO
#define FLAG_MATCH KVM_IOEVENTFD_FLAG_DATAMATCH
#define FLAG_DEASSIGN KVM_IOEVENTFD_FLAG_DEASSIGN

static struct vm *vm;
static struct vcpu *vcpu;
static int event, other;

GUEST_CODE(write_port, 64,
	   "out %al, (%dx)\n" GUEST_DONE "out %ax, (%dx)\n" GUEST_DONE
	   "out %eax, (%dx)\n" GUEST_DONE);
GUEST_CODE(write_mmio, 64,
	   "mov %al, (%rdi)\n" GUEST_DONE "mov %ax, (%rdi)\n" GUEST_DONE
	   "mov %eax, (%rdi)\n" GUEST_DONE "mov %rax, (%rdi)\n" GUEST_DONE);
GUEST_CODE(read_mmio, 64, "mov (%rdi), %eax\n" GUEST_DONE);
GUEST_CODE(rep_mmio, 64, "rep stosl\n" GUEST_DONE);

static int set_event(u32 flags, u64 addr, u32 len, u64 match, int fd)
{
	struct kvm_ioeventfd e = {
		.flags = flags, .addr = addr, .len = len, .datamatch = match, .fd = fd,
	};

	return kvm_ioctl(vm->fd, KVM_IOEVENTFD, &e);
}

static u64 signals(int fd)
{
	u64 count = 0;

	if (read(fd, &count, sizeof(count)) != sizeof(count))
		return 0;
	return count;
}

/* The next write of the guest: does it signal @event and nothing else? */
static void write_signals(const char *name)
{
	int r = run_until_exit(vcpu);

	if (!ok(r == KVM_EXIT_IO && at_done(vcpu) && signals(event) == 1 &&
		!signals(other), "%s", name))
		note("%s", describe_exit(vcpu, r));
}

/* The next write of the guest: does it leave to userspace? */
static void write_leaves(int reason, const char *name)
{
	int r = run_until_exit(vcpu);
	bool left = r == reason && !at_done(vcpu);

	run_until_exit(vcpu);
	ok(left && at_done(vcpu) && !signals(event) && !signals(other), "%s", name);
}

static void start(const u8 *code, const u8 *end, u64 value)
{
	struct kvm_regs r;

	vcpu_load(vcpu, MODE_LONG64, code, end);
	vcpu_get_regs(vcpu, &r);
	r.rax = value;
	r.rdx = PORT;
	r.rdi = MMIO_AT;
	r.rcx = 3;
	vcpu_set_regs(vcpu, &r);
}

#define START(code, value) start(code, code##_end, value)

static void test_port(void)
{
	ok_eq(set_event(FLAG_PIO, PORT, 2, 0, event), 0, "assign a port, 2 bytes");
	START(write_port, 0x1234);
	write_leaves(KVM_EXIT_IO, "1 byte leaves");
	write_signals("2 bytes signal");
	write_leaves(KVM_EXIT_IO, "4 bytes leave");
	ok_eq(set_event(FLAG_PIO, PORT, 2, 0, event), -EEXIST, "assign it again");
	ok_eq(set_event(FLAG_PIO, PORT, 2, 0, other), -EEXIST, "to another eventfd");
	ok_eq(set_event(FLAG_PIO | FLAG_MATCH, PORT, 2, 5, event), -EEXIST,
	      "with a match inside it");
	ok_eq(set_event(FLAG_PIO, PORT, 4, 0, event), 0, "another length is another event");
	ok_eq(set_event(FLAG_PIO | FLAG_DEASSIGN, PORT, 4, 0, event), 0, "deassign that");
	ok_eq(set_event(FLAG_DEASSIGN, PORT, 2, 0, event), -ENOENT,
	      "deassign as MMIO what is a port");
	ok_eq(set_event(FLAG_PIO | FLAG_DEASSIGN, PORT, 2, 0, other), -ENOENT,
	      "deassign from the wrong eventfd");
	ok_eq(set_event(FLAG_PIO | FLAG_DEASSIGN, PORT, 2, 0, event), 0, "deassign");
	ok_eq(set_event(FLAG_PIO | FLAG_DEASSIGN, PORT, 2, 0, event), -ENOENT,
	      "deassign again");
	START(write_port, 0x1234);
	write_leaves(KVM_EXIT_IO, "1 byte leaves after it");
	write_leaves(KVM_EXIT_IO, "2 bytes leave after it");
}

static void test_match(void)
{
	ok_eq(set_event(FLAG_PIO | FLAG_MATCH, PORT, 2, 0x1234, event), 0,
	      "assign a port with a match");
	ok_eq(set_event(FLAG_PIO | FLAG_MATCH, PORT, 2, 0x1235, other), 0,
	      "and another match to another eventfd");
	ok_eq(set_event(FLAG_PIO | FLAG_MATCH, PORT, 2, 0x1234, other), -EEXIST,
	      "the same match again");
	START(write_port, 0xffff1234);
	write_leaves(KVM_EXIT_IO, "1 byte leaves");
	write_signals("the value that matches signals");
	START(write_port, 0x1236);
	write_leaves(KVM_EXIT_IO, "1 byte leaves");
	write_leaves(KVM_EXIT_IO, "a value that does not match leaves");
	START(write_port, 0x1235);
	write_leaves(KVM_EXIT_IO, "1 byte leaves");
	run_until_exit(vcpu);
	ok(at_done(vcpu) && signals(other) == 1 && !signals(event),
	   "the other value signals the other eventfd");
	set_event(FLAG_PIO | FLAG_MATCH | FLAG_DEASSIGN, PORT, 2, 0x1235, other);
	ok_eq(set_event(FLAG_PIO | FLAG_MATCH | FLAG_DEASSIGN, PORT, 2, 0x1234, event), 0,
	      "deassign with the match");
}

static void test_mmio(void)
{
	int len;

	for (len = 1; len <= 8; len *= 2) {
		ok_eq(set_event(0, MMIO_AT, len, 0, event), 0, "assign MMIO, %d bytes", len);
		START(write_mmio, 0x42);
		for (int size = 1; size <= 8; size *= 2) {
			if (size == len)
				write_signals("that size signals");
			else
				write_leaves(KVM_EXIT_MMIO, "another size leaves");
		}
		ok_eq(set_event(FLAG_DEASSIGN, MMIO_AT, len, 0, event), 0, "deassign");
	}
	ok_eq(set_event(FLAG_MATCH, MMIO_AT, 8, 0x1122334455667788, event), 0,
	      "assign MMIO with a match of 8 bytes");
	START(write_mmio, 0x1122334455667788);
	write_leaves(KVM_EXIT_MMIO, "1 byte leaves");
	write_leaves(KVM_EXIT_MMIO, "2 bytes leave");
	write_leaves(KVM_EXIT_MMIO, "4 bytes leave");
	write_signals("8 bytes signal");
	ok_eq(set_event(FLAG_DEASSIGN | FLAG_MATCH, MMIO_AT, 8, 0x1122334455667788, event), 0,
	      "deassign");
	ok_eq(set_event(0, MMIO_AT, 4, 0, event), 0, "assign MMIO, 4 bytes");
	START(read_mmio, 0);
	expect_exit(vcpu, KVM_EXIT_MMIO, "a read leaves");
	expect_done(vcpu, "and is done");
	ok_eq(signals(event), 0, "without a signal");
	START(rep_mmio, 7);
	expect_exit(vcpu, KVM_EXIT_MMIO, "rep stos: the second item leaves");
	ok(vcpu->run->mmio.phys_addr == MMIO_AT + 4 && signals(event) == 1,
	   "the first has signalled");
	set_event(FLAG_DEASSIGN, MMIO_AT, 4, 0, event);
}

static void test_wildcard(void)
{
	if (kvm_has(KVM_CAP_IOEVENTFD_ANY_LENGTH) <= 0) {
		skip("length 0", "KVM_CAP_IOEVENTFD_ANY_LENGTH is absent");
		return;
	}
	ok_eq(set_event(0, MMIO_AT, 0, 0, event), 0, "assign MMIO with length 0");
	START(write_mmio, 0x42);
	write_signals("1 byte signals");
	write_signals("2 bytes signal");
	write_signals("4 bytes signal");
	write_signals("8 bytes signal");
	ok_eq(set_event(FLAG_MATCH, MMIO_AT, 0, 1, other), -EINVAL,
	      "length 0 with a match");
	ok_eq(set_event(FLAG_DEASSIGN, MMIO_AT, 0, 0, event), 0, "deassign");
	START(write_mmio, 0x42);
	write_leaves(KVM_EXIT_MMIO, "1 byte leaves after it");
}

static void test_wild_port(void)
{
	ok_eq(set_event(FLAG_PIO, PORT, 0, 0, event), 0, "assign a port with length 0");
	START(write_port, 0x42);
	write_signals("1 byte signals");
	write_signals("2 bytes signal");
	write_signals("4 bytes signal");
	ok_eq(set_event(FLAG_PIO, PORT, 1, 0, other), -EEXIST, "any length includes each");
	ok_eq(set_event(FLAG_PIO | FLAG_DEASSIGN, PORT, 1, 0, event), -ENOENT,
	      "deassign another length");
	ok_eq(set_event(FLAG_PIO | FLAG_DEASSIGN, PORT, 0, 0, event), 0, "deassign");
	START(write_port, 0x42);
	write_leaves(KVM_EXIT_IO, "1 byte leaves after it");
}

/* A range of its own for each value: all are on one bus, at one port. */
static void test_many(void)
{
	int i, r = 0;

	if (!kvm_is_ours()) {
		skip("too many", "the distribution's modules have no limit");
		return;
	}
	for (i = 0; i <= MAX_EVENTS && !r; i++)
		r = set_event(FLAG_PIO | FLAG_MATCH, PORT, 4, i, event);
	ok_eq(r, -ENOSPC, "assign too many");
	/* One is left of test_lifetime(). */
	ok_eq(i, MAX_EVENTS, "which are %d", MAX_EVENTS);
	ok_eq(set_event(0, MMIO_AT, 2, 0, event), -ENOSPC, "MMIO is counted with them");
	ok_eq(set_event(FLAG_PIO | FLAG_MATCH, PORT, 4, 7, other), -EEXIST, "a collision is EEXIST");
	START(write_port, MAX_EVENTS - 2);
	write_leaves(KVM_EXIT_IO, "1 byte leaves");
	write_leaves(KVM_EXIT_IO, "2 bytes leave");
	write_signals("the last of them signals");
	ok_eq(set_event(FLAG_PIO | FLAG_MATCH | FLAG_DEASSIGN, PORT, 4, 7, event), 0,
	      "deassign one");
	ok_eq(set_event(0, MMIO_AT, 2, 0, event), 0, "and there is room again");
	/* The others go with the VM. */
}

static void test_bad(void)
{
	int pipes[2];

	ok_eq(set_event(FLAG_PIO, PORT, 3, 0, event), -EINVAL, "length 3");
	ok_eq(set_event(FLAG_PIO, PORT, 16, 0, event), -EINVAL, "length 16");
	ok_eq(set_event(1u << 31, PORT, 2, 0, event), -EINVAL, "unknown flag");
	ok_eq(set_event(0, ~0ull, 2, 0, event), -EINVAL, "address that wraps");
	ok_eq(set_event(0, MMIO_AT, 4, 0, 12345), -EBADF, "an fd that is not open");
	ok_eq(set_event(FLAG_DEASSIGN, MMIO_AT, 4, 0, 12345), -EBADF, "nor to deassign");
	ok_eq(set_event(FLAG_DEASSIGN, MMIO_AT, 4, 0, event), -ENOENT,
	      "deassign what never was");
	if (!pipe(pipes)) {
		ok_eq(set_event(0, MMIO_AT, 4, 0, pipes[0]), -EINVAL,
		      "an fd that is no eventfd");
		close(pipes[0]);
		close(pipes[1]);
	}
	ok_eq(kvm_ioctl(vm->fd, KVM_IOEVENTFD, (void *)8), -EFAULT, "bad pointer");
	START(write_mmio, 0x42);
	write_leaves(KVM_EXIT_MMIO, "nothing was assigned");
}

/* The assignment holds the eventfd; the VM drops it when it goes. */
static void test_lifetime(void)
{
	int fd = eventfd(0, EFD_NONBLOCK);

	ok_eq(set_event(0, MMIO_AT, 4, 0, fd), 0, "assign");
	close(fd);
	START(write_mmio, 0x42);
	write_leaves(KVM_EXIT_MMIO, "1 byte leaves");
	write_leaves(KVM_EXIT_MMIO, "2 bytes leave");
	run_until_exit(vcpu);
	ok(true, "a closed eventfd harms nobody");
}

int main(void)
{
	tap_start(50);
	vm = vm_create();
	vcpu = vcpu_create(vm);
	event = eventfd(0, EFD_NONBLOCK);
	other = eventfd(0, EFD_NONBLOCK);
	test_port();
	test_match();
	test_mmio();
	test_wildcard();
	test_wild_port();
	test_bad();
	test_lifetime();
	test_many();
	vm_destroy(vm);
	return tap_done();
}
