// SPDX-License-Identifier: GPL-2.0-only
/* Coalesced MMIO and PIO: writes that wait in a ring, which userspace may spoil. */
#include <sys/mman.h>

#include "kvm_test.h"

#define PORT 0x600
#define ZONE (MMIO_GPA + 0x100)
#define ZONE_SIZE 0x80
#define RING_MAX KVM_COALESCED_MMIO_MAX
#define MAX_ZONES 1000
#define HALF 0x7fffffff

static struct vm *vm;
static struct vcpu *vcpu;
static struct kvm_coalesced_mmio_ring *ring;

GUEST_CODE(write_sizes, 64,
	   "mov %al, (%rdi)\n mov %ax, (%rdi)\n mov %eax, (%rdi)\n mov %rax, (%rdi)\n" GUEST_DONE);
GUEST_CODE(write_each, 64,
	   "1: mov %ecx, (%rdi)\n dec %ecx\n jnz 1b\n" GUEST_DONE);
GUEST_CODE(write_one, 64, "mov %eax, (%rdi)\n" GUEST_DONE);
GUEST_CODE(write_many, 64, "rep stosl\n" GUEST_DONE);
GUEST_CODE(write_wide, 64, "movdqu %xmm0, (%rdi)\n" GUEST_DONE);
GUEST_CODE(read_one, 64, "mov (%rdi), %eax\n" GUEST_DONE);
GUEST_CODE(push_all, 32, "pushal\n" GUEST_DONE);
GUEST_CODE(out_sizes, 64, "out %al, (%dx)\n out %ax, (%dx)\n out %eax, (%dx)\n" GUEST_DONE);
GUEST_CODE(out_many, 64, "rep outsb\n" GUEST_DONE);
GUEST_CODE(mixed, 64,
	   "mov %eax, (%rdi)\n out %al, (%dx)\n movb $1, 1(%rdi)\n out %ax, (%dx)\n"
	   "in (%dx), %al\n" GUEST_DONE);

static int zone(unsigned long request, u64 addr, u32 size, u32 pio)
{
	struct kvm_coalesced_mmio_zone z = { .addr = addr, .size = size, .pio = pio };

	return kvm_ioctl(vm->fd, request, &z);
}

static int add(u64 addr, u32 size, u32 pio)
{
	return zone(KVM_REGISTER_COALESCED_MMIO, addr, size, pio);
}

static int del(u64 addr, u32 size, u32 pio)
{
	return zone(KVM_UNREGISTER_COALESCED_MMIO, addr, size, pio);
}

static void start(enum guest_mode mode, const u8 *code, const u8 *end, u64 rdi, u64 count)
{
	struct kvm_regs r;

	/* Complete what the last exit left to do. */
	vcpu->run->immediate_exit = 1;
	vcpu_run(vcpu);
	vcpu->run->immediate_exit = 0;
	vcpu_load(vcpu, mode, code, end);
	vcpu_get_regs(vcpu, &r);
	r.rax = 0x1122334455667788;
	r.rdx = PORT;
	r.rdi = rdi;
	r.rsi = DATA_GPA;
	r.rcx = count;
	vcpu_set_regs(vcpu, &r);
}

#define START(code, rdi, count) start(MODE_LONG64, code, code##_end, rdi, count)

static unsigned int waiting(void)
{
	return (ring->last + RING_MAX - ring->first) % RING_MAX;
}

/* Is the oldest entry this one? Take it. */
static void took(u64 addr, u32 len, u32 pio, u64 data, const char *name)
{
	struct kvm_coalesced_mmio *e = &ring->coalesced_mmio[ring->first];
	u64 got = 0;
	bool same;

	if (!waiting()) {
		ok(false, "%s", name);
		note("the ring is empty");
		return;
	}
	memcpy(&got, e->data, e->len <= 8 ? e->len : 0);
	same = e->phys_addr == addr && e->len == len && e->pio == pio && got == data;
	if (!ok(same, "%s", name))
		note("%#llx, %u bytes, pio %u, %#lx", e->phys_addr, e->len, e->pio, got);
	ring->first = (ring->first + 1) % RING_MAX;
}

static void empty(void)
{
	ring->first = 0;
	ring->last = 0;
}

static void test_caps(void)
{
	long size = kvm_ioctl_val(vm->kvm_fd, KVM_GET_VCPU_MMAP_SIZE, 0);
	int page = kvm_has(KVM_CAP_COALESCED_MMIO);

	ok(page > 0 && page * (long)PAGE_SIZE < size, "the ring is at page %d of %ld", page,
	   size / (long)PAGE_SIZE);
	ok_eq(kvm_has(KVM_CAP_COALESCED_PIO), 1, "KVM_CAP_COALESCED_PIO");
	if (page <= 0)
		skip_all("KVM_CAP_COALESCED_MMIO is absent");
	ring = (void *)vcpu->run + page * PAGE_SIZE;
	ok(!ring->first && !ring->last, "the ring is empty");
}

static void test_mmio(void)
{
	ok_eq(add(ZONE, ZONE_SIZE, 0), 0, "register a zone");
	START(write_sizes, ZONE + 8, 0);
	expect_done(vcpu, "no write to it leaves");
	took(ZONE + 8, 1, 0, 0x88, "1 byte");
	took(ZONE + 8, 2, 0, 0x7788, "2 bytes");
	took(ZONE + 8, 4, 0, 0x55667788, "4 bytes");
	took(ZONE + 8, 8, 0, 0x1122334455667788, "8 bytes");
	ok_eq(waiting(), 0, "and no more");
	START(write_one, ZONE + ZONE_SIZE - 4, 0);
	expect_done(vcpu, "its last bytes");
	took(ZONE + ZONE_SIZE - 4, 4, 0, 0x55667788, "wait");
	START(write_one, ZONE - 4, 0);
	expect_mmio_write(vcpu, ZONE - 4, 4, "\x88\x77\x66\x55", "just below it leaves");
	START(write_one, ZONE + ZONE_SIZE - 2, 0);
	expect_mmio_write(vcpu, ZONE + ZONE_SIZE - 2, 4, "\x88\x77\x66\x55",
			  "half beyond it leaves");
	START(write_one, ZONE - 2, 0);
	expect_mmio_write(vcpu, ZONE - 2, 4, "\x88\x77\x66\x55", "half before it leaves");
	START(read_one, ZONE + 8, 0);
	expect_mmio_read(vcpu, ZONE + 8, 4, "\1\2\3\4", "a read leaves");
	expect_done(vcpu, "and is done");
	ok_eq(waiting(), 0, "none of them is in the ring");
	START(write_many, ZONE, 8);
	expect_done(vcpu, "REP STOS of 8 items");
	for (int i = 0; i < 8; i++)
		took(ZONE + 4 * i, 4, 0, 0x55667788, "item");
	START(write_wide, ZONE, 0);
	expect_done(vcpu, "16 bytes");
	took(ZONE, 8, 0, 0, "come as two halves");
	took(ZONE + 8, 8, 0, 0, "of 8");
	ok_eq(waiting(), 0, "and no more");
}

static void test_pio(void)
{
	u8 *p;

	START(out_sizes, 0, 0);
	expect_pio(vcpu, KVM_EXIT_IO_OUT, PORT, 1, 1, "an MMIO zone is none of ports");
	ok_eq(add(PORT, 4, 1), 0, "register ports");
	START(out_sizes, 0, 0);
	expect_done(vcpu, "no OUT to them leaves");
	took(PORT, 1, 1, 0x88, "1 byte");
	took(PORT, 2, 1, 0x7788, "2 bytes");
	took(PORT, 4, 1, 0x55667788, "4 bytes");
	memset(gpa_to_hva(vm, DATA_GPA), 0x5a, 512);
	START(out_many, 0, 5);
	expect_done(vcpu, "REP OUTSB of 5 items");
	for (int i = 0; i < 5; i++)
		took(PORT, 1, 1, 0x5a, "item");
	START(mixed, ZONE, 0);
	p = expect_pio(vcpu, KVM_EXIT_IO_IN, PORT, 1, 1, "IN leaves");
	if (p)
		*p = 0;
	took(ZONE, 4, 0, 0x55667788, "before it: MMIO");
	took(PORT, 1, 1, 0x88, "port");
	took(ZONE + 1, 1, 0, 1, "MMIO");
	took(PORT, 2, 1, 0x7788, "port");
	expect_done(vcpu, "the guest goes on");
	ok_eq(waiting(), 0, "nothing else waits");
	ok_eq(del(PORT, 4, 0), 0, "ports are not to be found as MMIO");
	START(out_sizes, 0, 0);
	expect_done(vcpu, "so they still wait");
	empty();
	ok_eq(del(PORT, 4, 1), 0, "unregister the ports");
	START(out_sizes, 0, 0);
	expect_pio(vcpu, KVM_EXIT_IO_OUT, PORT, 1, 1, "OUT leaves again");
}

/* The write that finds no room leaves; all before it are in the ring. */
static void test_full(void)
{
	u32 value = 50;

	if (!kvm_is_ours()) {
		skip("a full ring", "the distribution's modules leave half of it free");
		return;
	}
	START(write_each, ZONE, RING_MAX - 1 + 50);
	expect_mmio_write(vcpu, ZONE, 4, &value, "the ring is full: a write leaves");
	ok_eq(waiting(), RING_MAX - 1, "one entry stays free");
	for (unsigned int i = RING_MAX - 1; i; i--) {
		struct kvm_coalesced_mmio *e = &ring->coalesced_mmio[ring->first];
		u32 data;

		memcpy(&data, e->data, 4);
		if (data != i + 50)
			break;
		ring->first = (ring->first + 1) % RING_MAX;
	}
	ok_eq(waiting(), 0, "all are there, in order");
	expect_done(vcpu, "with room the others wait again");
	ok_eq(waiting(), 49, "all of them");
	empty();
	memset(gpa_to_hva(vm, DATA_GPA), 0x5a, 512);
	add(PORT, 4, 1);
	START(out_many, 0, 200);
	expect_pio(vcpu, KVM_EXIT_IO_OUT, PORT, 1, 200 - (RING_MAX - 1),
		   "REP OUTSB: what the ring cannot take leaves");
	ok_eq(waiting(), RING_MAX - 1, "the rest is in it");
	empty();
	expect_done(vcpu, "the guest goes on");
	del(PORT, 4, 1);
	ring->first = 2;
	START(write_wide, ZONE, 0);
	expect_mmio_write(vcpu, ZONE, 8, "\0\0\0\0\0\0\0", "room for one of two halves: both leave");
	expect_mmio_write(vcpu, ZONE + 8, 8, "\0\0\0\0\0\0\0", "one after the other");
	ok_eq(ring->last, 0, "and none waits");
	empty();
}

/* PUSHA above, then in the zone: what waits is read before the exit, and must not overtake it. */
static void test_order(void)
{
	unsigned int i, low = 0;
	struct kvm_regs r;

	if (!kvm_is_ours()) {
		skip("PUSHA into a zone", "the distribution's modules lose its first writes");
		return;
	}
	start(MODE_PROT32, push_all, push_all_end, 0, 0);
	vcpu_get_regs(vcpu, &r);
	r.rsp = ZONE + ZONE_SIZE + 16;
	vcpu_set_regs(vcpu, &r);
	for (i = 0; i < 9; i++) {
		if (run_until_exit(vcpu) != KVM_EXIT_MMIO)
			break;
		low += vcpu->run->mmio.phys_addr == ZONE + ZONE_SIZE + 12 - 4 * i;
	}
	ok(at_done(vcpu), "PUSHA over the end of a zone is done");
	ok_eq(i, 8, "all its writes leave");
	ok_eq(low, 8, "from the highest to the lowest");
	ok_eq(waiting(), 0, "and none waits");
	r.rsp = ZONE + 16;
	start(MODE_PROT32, push_all, push_all_end, 0, 0);
	vcpu_set_regs(vcpu, &r);
	expect_mmio_write(vcpu, ZONE - 4, 4, (u8 *)&r.rsp, "PUSHA from within the zone: leaves below");
	ok_eq(waiting(), 4, "what came before waits");
	empty();
}

static void survives(u32 first, u32 last)
{
	int r;

	ring->first = first;
	ring->last = last;
	START(write_many, ZONE, 8);
	for (int i = 0; i < 20; i++) {
		r = run_until_exit(vcpu);
		if (r != KVM_EXIT_MMIO)
			break;
	}
	ok(at_done(vcpu), "first %#x, last %#x: the guest goes on", first, last);
	if (last >= RING_MAX)
		ok_eq(ring->last, last, "and the index is left alone");
	empty();
}

static void test_hostile(void)
{
	static const u32 bad[] = { 0, 1, RING_MAX - 1, RING_MAX, RING_MAX + 1, 0x7fffffff,
				   0x80000000, 0xffffffff };
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		for (j = 0; j < ARRAY_SIZE(bad); j++)
			survives(bad[i], bad[j]);
	START(write_one, ZONE, 0);
	expect_done(vcpu, "a sane ring works again");
	took(ZONE, 4, 0, 0x55667788, "with its entry");
}

static void test_unregister(void)
{
	ok_eq(del(ZONE + 8, ZONE_SIZE, 0), 0, "unregister more than the zone");
	START(write_one, ZONE, 0);
	expect_done(vcpu, "it stays");
	empty();
	ok_eq(add(ZONE, ZONE_SIZE, 0), 0, "the same zone again");
	START(write_one, ZONE, 0);
	expect_done(vcpu, "a write to both");
	ok_eq(waiting(), 1, "is in the ring once");
	empty();
	ok_eq(del(ZONE + 8, 4, 0), 0, "unregister a part of them");
	START(write_one, ZONE, 0);
	expect_exit(vcpu, KVM_EXIT_MMIO, "both are gone as a whole");
	ok_eq(del(ZONE, ZONE_SIZE, 0), 0, "unregister what is not there");
}

static void test_odd(void)
{
	ok_eq(add(ZONE, 0, 0), 0, "a zone of no size");
	START(write_one, ZONE, 0);
	expect_exit(vcpu, KVM_EXIT_MMIO, "takes nothing");
	ok_eq(del(ZONE, 0, 0), 0, "unregister it");
	ok_eq(add(~0ull - 1, 0x1000, 0), 0, "a zone that wraps");
	START(write_one, ZONE, 0);
	expect_exit(vcpu, KVM_EXIT_MMIO, "takes nothing");
	ok_eq(add(0, HALF, 0), 0, "a zone of 2 GiB");
	START(write_one, ZONE, 0);
	expect_done(vcpu, "takes the write");
	empty();
	ok_eq(del(0, HALF, 0), 0, "unregister it");
	START(write_one, ZONE, 0);
	expect_exit(vcpu, KVM_EXIT_MMIO, "nothing is left");
}

static void test_bad(void)
{
	int i, r = 0;

	ok_eq(add(ZONE, 8, 2), -EINVAL, "register: pio 2");
	ok_eq(add(ZONE, 8, ~0u), -EINVAL, "register: pio -1");
	ok_eq(del(ZONE, 8, 2), -EINVAL, "unregister: pio 2");
	ok_eq(kvm_ioctl(vm->fd, KVM_REGISTER_COALESCED_MMIO, (void *)8), -EFAULT,
	      "register: bad pointer");
	ok_eq(kvm_ioctl(vm->fd, KVM_UNREGISTER_COALESCED_MMIO, (void *)8), -EFAULT,
	      "unregister: bad pointer");
	for (i = 0; i <= MAX_ZONES && !r; i++)
		r = add(0x10000000 + i * 16, 8, 0);
	/* One is left of what wraps. */
	ok_eq(r, -ENOSPC, "register too many");
	ok_eq(i, MAX_ZONES, "which are %d", MAX_ZONES);
	ok_eq(add(PORT, 4, 1), 0, "ports have their own count");
	ok_eq(del(0x10000000, 8, 0), 0, "unregister one of them");
	ok_eq(add(0x10000000, 8, 0), 0, "and there is room for another");
}

int main(void)
{
	tap_start(50);
	vm = vm_create();
	vcpu = vcpu_create(vm);
	test_caps();
	test_mmio();
	test_pio();
	test_full();
	test_order();
	test_hostile();
	test_unregister();
	test_odd();
	test_bad();
	vm_destroy(vm);
	return tap_done();
}
