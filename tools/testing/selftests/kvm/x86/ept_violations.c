// SPDX-License-Identifier: GPL-2.0-only
/*
 * What an EPT violation tells arrives in the error code of kvm_page_fault: the kind of
 * access, and whether it was the access itself or the walk of the guest's tables for it.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kvm_test.h"

#define INSTANCE	"/sys/kernel/tracing/instances/kvm_ept_test"
#define WRITE		(1ull << 1)
#define READ		(1ull << 2)
#define RSVD		(1ull << 3)
#define FETCH		(1ull << 4)
#define FINAL		(1ull << 32)
#define WALK		(1ull << 33)
#define KINDS		(WRITE | READ | FETCH | FINAL | WALK)

/* Memory that nothing has touched: a slot of its own, mapped large at the same address. */
#define FRESH		0x10000000ul
#define FRESH_SIZE	0x200000ul

GUEST_CODE(reads, 64, "mov $0x10003010, %edi\n mov (%rdi), %rax\n" GUEST_DONE);
GUEST_CODE(writes, 64, "mov $0x10004020, %edi\n mov %rax, (%rdi)\n" GUEST_DONE);
GUEST_CODE(adds, 64, "mov $0x10005030, %edi\n addl $1, (%rdi)\n" GUEST_DONE);
GUEST_CODE(calls, 64, "mov $0x10006040, %eax\n call *%rax\n" GUEST_DONE);
GUEST_CODE(walks, 64, "mov $0x10007000, %eax\n mov %rax, %cr3\n nop\n" GUEST_DONE);
GUEST_CODE(rom_writes, 64, "mov $0x10003010, %edi\n mov %eax, (%rdi)\n" GUEST_DONE);
GUEST_CODE(nmi_handler, 64, "mov $0x10003fc0, %esp\n" GUEST_DONE "iretq\n"
	   ".globl nmi_back\n nmi_back: " GUEST_DONE);
extern const u8 nmi_back[];

static struct vm *vm;
static struct vcpu *vcpu;
static u8 *fresh;

static bool write_file(const char *name, const char *text)
{
	char path[128];
	bool done;
	int fd;

	snprintf(path, sizeof(path), INSTANCE "/%s", name);
	fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	if (fd < 0)
		return false;
	done = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	close(fd);
	return done;
}

/* The distribution's modules trace the exit qualification as it is. */
static u64 error_code_of(u64 traced)
{
	u64 q = traced;

	if (kvm_is_ours())
		return traced;
	return (q & 1 ? READ : 0) | (q & 2 ? WRITE : 0) | (q & 4 ? FETCH : 0) |
	       (q & 0x38 ? 1 : 0) | (!(q & 0x80) ? 0 : q & 0x100 ? FINAL : WALK);
}

/* The error code of the first fault of the page at @gpa; 0: there was none. */
static u64 traced(u64 gpa)
{
	static char text[1 << 18];
	size_t n = 0;
	char *at;
	ssize_t r = -1;
	int fd = open(INSTANCE "/trace", O_RDONLY | O_CLOEXEC);

	while (fd >= 0 && n < sizeof(text) - 1 &&
	       (r = read(fd, text + n, sizeof(text) - 1 - n)) > 0)
		n += r;
	if (fd >= 0)
		close(fd);
	text[n] = 0;
	for (at = text; (at = strstr(at, "kvm_page_fault:")); at++) {
		char *address = strstr(at, "address 0x"), *code = strstr(at, "error_code 0x");

		if (address && code && strtoull(address + 8, NULL, 16) / PAGE_SIZE == gpa / PAGE_SIZE)
			return error_code_of(strtoull(code + 11, NULL, 16));
	}
	note("%s", text);
	return 0;
}

static void start_trace(void)
{
	write_file("trace", "\n");
	write_file("events/kvm/kvm_page_fault/enable", "1");
}

/* @may: bits that processors set or not. */
#define CASE(code, gpa, want, may, name) run_case(code, code##_end, gpa, want, may, name)

static void run_case(const u8 *code, const u8 *end, u64 gpa, u64 want, u64 may,
		     const char *name)
{
	u64 error;

	vm_del_region(vm, 5);
	fresh = vm_add_region(vm, 5, 0, FRESH, FRESH_SIZE);
	fresh[0x6040] = 0xc3;
	memcpy(fresh + 0x7000, gpa_to_hva(vm, PML4_GPA), PAGE_SIZE);
	vcpu_load(vcpu, MODE_LONG64, code, end);
	start_trace();
	if (!expect_done(vcpu, name))
		return;
	error = traced(gpa);
	ok_eq(error & want, want, "%s: kind of access", name);
	ok_eq(error & KINDS & ~(want | may), 0, "%s: of no other kind", name);
	ok_eq(error & RSVD, 0, "%s: no marker", name);
}

/* A write where the guest may only read leaves for userspace, as what it is. */
static void test_rom(void)
{
	u64 error;

	vm_del_region(vm, 5);
	fresh = vm_add_region(vm, 5, KVM_MEM_READONLY, FRESH, FRESH_SIZE);
	load_code(vcpu, MODE_LONG64, reads);
	expect_done(vcpu, "a read of read-only memory");
	load_code(vcpu, MODE_LONG64, rom_writes);
	start_trace();
	expect_mmio_write(vcpu, FRESH + 0x3010, 4, "\0\0\0\0", "a write to it");
	expect_done(vcpu, "goes on");
	error = traced(FRESH + 0x3000);
	ok_eq(error & (WRITE | FETCH | FINAL | WALK), WRITE | FINAL, "kind of access");
	ok(error & 1, "the page was there to read");
}

/* In an NMI handler whose IRET pops a frame from a page that no EPT entry maps yet. */
static void start_nmi_handler(void)
{
	struct kvm_vcpu_events events;
	u64 *frame;

	vm_del_region(vm, 5);
	fresh = vm_add_region(vm, 5, 0, FRESH, FRESH_SIZE);
	frame = (u64 *)(fresh + 0x3fc0);
	load_code(vcpu, MODE_LONG64, nmi_handler);
	frame[0] = CODE_GPA + (nmi_back - nmi_handler);
	frame[1] = SEL_CODE64;
	frame[2] = FLAG_FIXED;
	frame[3] = STACK_TOP;
	frame[4] = SEL_DATA;
	must(kvm_ioctl(vcpu->fd, KVM_GET_VCPU_EVENTS, &events));
	events.nmi.masked = 1;
	events.flags = KVM_VCPUEVENT_VALID_NMI_PENDING;
	must(kvm_ioctl(vcpu->fd, KVM_SET_VCPU_EVENTS, &events));
	start_trace();
	expect_done(vcpu, "the end of an NMI handler");
	must(kvm_ioctl(vcpu->fd, KVM_GET_VCPU_EVENTS, &events));
	ok_eq(events.nmi.masked, 1, "NMIs are blocked before its IRET");
}

/* The violation comes when IRET has unblocked NMIs: blocked again until it has retired. */
static void test_nmi_unblocking(void)
{
	struct kvm_vcpu_events events;
	struct guest_fault fault;

	start_nmi_handler();
	expect_done(vcpu, "the IRET, whose frame has to be mapped first");
	ok(traced(FRESH + 0x3000), "it faulted");
	must(kvm_ioctl(vcpu->fd, KVM_GET_VCPU_EVENTS, &events));
	ok_eq(events.nmi.masked, 0, "NMIs are not blocked any more");

	if (machine_is_bochs()) {
		skip("an NMI that waits for the IRET", "it passes, and Bochs 2.7 loses NMIs from then on");
		return;
	}
	start_nmi_handler();
	must(kvm_ioctl_val(vcpu->fd, KVM_NMI, 0));
	expect_fault(vcpu, 2, "an NMI that waits for the IRET");
	ok(traced(FRESH + 0x3000), "it faulted");
	if (vcpu_fault(vcpu, &fault))
		ok_eq(fault.rip, CODE_GPA + (nmi_back - nmi_handler), "comes behind it");
}

int main(void)
{
	tap_start(30);
	close(open_kvm());
	if (access("/sys/module/kvm_intel", F_OK))
		skip_all("EPT is VMX's");
	if (mkdir(INSTANCE, 0755) && errno != EEXIST)
		skip_all("no tracefs");
	vm = vm_create();
	vcpu = vcpu_create(vm);
	fresh = vm_add_region(vm, 5, 0, FRESH, FRESH_SIZE);
	CASE(reads, FRESH + 0x3000, READ | FINAL, 0, "a load");
	CASE(writes, FRESH + 0x4000, WRITE | FINAL, 0, "a store");
	CASE(adds, FRESH + 0x5000, WRITE | FINAL, READ, "a read-modify-write");
	CASE(calls, FRESH + 0x6000, FETCH | FINAL, 0, "a fetch");
	/* With accessed and dirty bits in EPT entries each walk counts as a write. */
	CASE(walks, FRESH + 0x7000, WALK, READ | WRITE, "a page walk");
	test_rom();
	test_nmi_unblocking();
	vm_destroy(vm);
	write_file("events/enable", "0");
	rmdir(INSTANCE);
	return tap_done();
}
