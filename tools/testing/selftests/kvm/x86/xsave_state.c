// SPDX-License-Identifier: GPL-2.0-only
/* XSAVE areas, XCR0 and what CPUID says of them: errors, round trips, and what the guest sees. */
#include <sys/ioctl.h>

#include "kvm_test.h"

#define BAD_POINTER ((void *)8)
#define XFEATURE_FP	(1ull << 0)
#define XFEATURE_SSE	(1ull << 1)
#define XFEATURE_YMM	(1ull << 2)
#define XFEATURE_PKRU	(1ull << 9)
#define MXCSR_INIT	0x1f80u

/* Offsets into an area of the standard format, in bytes. */
#define AREA_MXCSR	24
#define AREA_XMM	160
#define AREA_HEADER	512
#define AREA_YMM	576

/* Stores MXCSR, XMM1, XMM9, and the upper half of YMM1 when RBX is set, at DATA_GPA. */
GUEST_CODE(store, 64,
	   "stmxcsr 0x30000\n movdqu %xmm1, 0x30010\n movdqu %xmm9, 0x30020\n"
	   "test %ebx, %ebx\n jz 1f\n vextractf128 $1, %ymm1, 0x30030\n"
	   "1: fnstcw 0x30040\n" GUEST_DONE);
/* Makes state of its own in XMM1 and MXCSR. */
GUEST_CODE(spoil, 64,
	   "movl $0x9fc0, 0x30000\n ldmxcsr 0x30000\n pcmpeqd %xmm1, %xmm1\n" GUEST_DONE);
GUEST_CODE(pkru, 64, "xor %ecx, %ecx\n .byte 0x0f, 0x01, 0xee\n mov %eax, 0x30000\n" GUEST_DONE);
GUEST_CODE(xcr0, 64,
	   "xor %ecx, %ecx\n xgetbv\n mov %eax, 0x30000\n mov %edx, 0x30004\n" GUEST_DONE);
/* By the emulator: QEMU 7.2 does not intercept XSETBV. */
GUEST_CODE(xcr0_set, 64,
	   "xor %ecx, %ecx\n xor %edx, %edx\n mov %ebx, %eax\n" GUEST_FEP "xsetbv\n" GUEST_DONE);

struct area {
	u8 bytes[sizeof(struct kvm_xsave)];
};

static struct vm *vm;
static struct vcpu *vcpu;
static u64 supported;	/* components */

static u64 *header(struct area *a)
{
	return (u64 *)(void *)&a->bytes[AREA_HEADER];
}

static int set_area(const struct area *a)
{
	return kvm_ioctl(vcpu->fd, KVM_SET_XSAVE, a);
}

static void get_area(struct area *a)
{
	must(kvm_ioctl(vcpu->fd, KVM_GET_XSAVE, a));
}

static void refused(struct area *bad, const char *name)
{
	struct area before, after;

	get_area(&before);
	ok_eq(set_area(bad), -EINVAL, "SET_XSAVE: %s", name);
	get_area(&after);
	ok(!memcmp(&before, &after, sizeof(before)), "%s: nothing changed", name);
}

/* In long mode with OSXSAVE; RBX says whether there is AVX. */
static void enter(const u8 *code, const u8 *end, u64 rbx)
{
	struct kvm_sregs s;
	struct kvm_regs r;

	vcpu_load(vcpu, MODE_LONG64, code, end);
	vcpu_get_sregs(vcpu, &s);
	s.cr4 |= CR4_OSXSAVE;
	vcpu_set_sregs(vcpu, &s);
	vcpu_get_regs(vcpu, &r);
	r.rbx = rbx;
	vcpu_set_regs(vcpu, &r);
}

static int set_xcr0(u64 value)
{
	struct kvm_xcrs x = { .nr_xcrs = 1, .xcrs[0].value = value };

	return kvm_ioctl(vcpu->fd, KVM_SET_XCRS, &x);
}

static void test_refused(void)
{
	struct area a;
	u32 mxcsr;
	int i;

	ok_eq(kvm_ioctl(vcpu->fd, KVM_GET_XSAVE, BAD_POINTER), -EFAULT, "GET_XSAVE: bad pointer");
	ok_eq(kvm_ioctl(vcpu->fd, KVM_GET_XSAVE2, BAD_POINTER), -EFAULT, "GET_XSAVE2: bad pointer");
	ok_eq(set_area(BAD_POINTER), -EFAULT, "SET_XSAVE: bad pointer");
	for (i = 0; i < 64; i++) {
		if (supported & (1ull << i))
			continue;
		get_area(&a);
		header(&a)[0] |= 1ull << i;
		if (!ok_eq(set_area(&a), -EINVAL, "component %d, which is not supported", i))
			break;
	}
	get_area(&a);
	header(&a)[1] = 1ull << 63;
	refused(&a, "a compacted area");
	for (i = 2; i < 8; i++) {
		get_area(&a);
		header(&a)[i] = 1;
		refused(&a, "a reserved word of the header");
	}
	get_area(&a);
	header(&a)[0] |= XFEATURE_SSE;
	mxcsr = 0x10000;
	memcpy(&a.bytes[AREA_MXCSR], &mxcsr, 4);
	refused(&a, "MXCSR bit 16 with SSE state");
	if (supported & XFEATURE_YMM) {
		header(&a)[0] = XFEATURE_YMM;
		refused(&a, "MXCSR bit 16 with AVX state");
	}
}

static void xcrs_refused(const struct kvm_xcrs *bad, const char *name)
{
	struct kvm_xcrs before, after;

	must(kvm_ioctl(vcpu->fd, KVM_GET_XCRS, &before));
	ok_eq(kvm_ioctl(vcpu->fd, KVM_SET_XCRS, bad), -EINVAL, "SET_XCRS: %s", name);
	must(kvm_ioctl(vcpu->fd, KVM_GET_XCRS, &after));
	ok(!memcmp(&before, &after, sizeof(before)), "%s: nothing changed", name);
}

static void test_xcrs_refused(void)
{
	struct kvm_xcrs x = { .nr_xcrs = 1, .xcrs[0].value = XFEATURE_FP };
	int i;

	ok_eq(kvm_ioctl(vcpu->fd, KVM_GET_XCRS, BAD_POINTER), -EFAULT, "GET_XCRS: bad pointer");
	ok_eq(kvm_ioctl(vcpu->fd, KVM_SET_XCRS, BAD_POINTER), -EFAULT, "SET_XCRS: bad pointer");
	x.flags = 1;
	xcrs_refused(&x, "a flag");
	x.flags = 0;
	x.nr_xcrs = KVM_MAX_XCRS + 1;
	xcrs_refused(&x, "17 entries");
	x.nr_xcrs = ~0u;
	xcrs_refused(&x, "2^32 - 1 entries");
	x.nr_xcrs = 1;
	x.xcrs[0].value = 0;
	xcrs_refused(&x, "XCR0 without x87");
	x.xcrs[0].value = XFEATURE_FP | XFEATURE_YMM;
	xcrs_refused(&x, "AVX without SSE");
	x.xcrs[0].value = XFEATURE_FP | (1ull << 3);
	xcrs_refused(&x, "one half of MPX");
	x.xcrs[0].value = XFEATURE_FP | XFEATURE_SSE | (1ull << 5);
	xcrs_refused(&x, "a third of AVX-512");
	for (i = 0; i < 64; i++) {
		if (supported & (1ull << i))
			continue;
		x.xcrs[0].value = XFEATURE_FP | (1ull << i);
		ok_eq(kvm_ioctl(vcpu->fd, KVM_SET_XCRS, &x), -EINVAL, "XCR0 bit %d", i);
	}
}

static void test_xcrs(void)
{
	struct kvm_xcrs x;

	memset(&x, 0xff, sizeof(x));
	ok_eq(kvm_ioctl(vcpu->fd, KVM_GET_XCRS, &x), 0, "GET_XCRS");
	ok(x.nr_xcrs == 1 && !x.flags && !x.xcrs[0].xcr && !x.xcrs[0].reserved &&
	   x.xcrs[0].value == XFEATURE_FP, "XCR0 is 1 after reset");
	ok(!x.xcrs[1].value && !x.xcrs[15].value && !x.padding[0] && !x.padding[15],
	   "the rest is clear");
	ok_eq(set_xcr0(supported), 0, "XCR0 with all that is supported");
	enter(xcr0, xcr0_end, 0);
	expect_done(vcpu, "the guest reads XCR0");
	ok_eq(*(u64 *)gpa_to_hva(vm, DATA_GPA), supported, "and finds it");
	x.nr_xcrs = 0;
	x.xcrs[0].value = 0;
	ok_eq(kvm_ioctl(vcpu->fd, KVM_SET_XCRS, &x), 0, "no entry");
	must(kvm_ioctl(vcpu->fd, KVM_GET_XCRS, &x));
	ok_eq(x.xcrs[0].value, supported, "changes nothing");
	if (forced_emulation_missing()) {
		skip("XSETBV", forced_emulation_missing());
		return;
	}
	enter(xcr0_set, xcr0_set_end, XFEATURE_FP | XFEATURE_SSE);
	expect_done(vcpu, "the guest sets XCR0");
	must(kvm_ioctl(vcpu->fd, KVM_GET_XCRS, &x));
	ok_eq(x.xcrs[0].value, XFEATURE_FP | XFEATURE_SSE, "and GET_XCRS says so");
}

static void fill(u8 *p, int size, u8 seed)
{
	while (size--)
		*p++ = seed++;
}

static void test_round_trip(void)
{
	u64 in_use = XFEATURE_FP | XFEATURE_SSE | (supported & XFEATURE_YMM);
	u8 *data = gpa_to_hva(vm, DATA_GPA);
	struct area a, back, back2;
	u32 mxcsr = 0x5fa0;

	memset(&a, 0, sizeof(a));
	a.bytes[0] = 0x7f;
	a.bytes[1] = 0x02;
	memcpy(&a.bytes[AREA_MXCSR], &mxcsr, 4);
	fill(&a.bytes[AREA_XMM], 256, 3);
	if (supported & XFEATURE_YMM)
		fill(&a.bytes[AREA_YMM], 256, 7);
	header(&a)[0] = in_use;
	ok_eq(set_area(&a), 0, "SET_XSAVE of a vCPU that never ran");
	memset(&back, 0xff, sizeof(back));
	get_area(&back);
	ok_eq(header(&back)[0] & ~XFEATURE_PKRU, in_use, "XSTATE_BV comes back");
	ok(!memcmp(&a.bytes[AREA_XMM], &back.bytes[AREA_XMM], 256) &&
	   !memcmp(&a.bytes[AREA_YMM], &back.bytes[AREA_YMM], 256), "registers come back");
	ok(!header(&back)[1] && !header(&back)[2] && !header(&back)[7] && !back.bytes[4095],
	   "the rest of the header and of the area is clear");
	memset(&back2, 0x5a, sizeof(back2));
	ok_eq(kvm_ioctl(vcpu->fd, KVM_GET_XSAVE2, &back2), 0, "GET_XSAVE2");
	ok(!memcmp(&back, &back2, sizeof(back)), "says the same");

	must(set_xcr0(supported));
	enter(store, store_end, supported & XFEATURE_YMM);
	expect_done(vcpu, "the guest stores its registers");
	ok_eq(*(u32 *)data, mxcsr, "MXCSR is what was set");
	ok(!memcmp(data + 0x10, &a.bytes[AREA_XMM + 16], 16), "XMM1 is");
	ok(!memcmp(data + 0x20, &a.bytes[AREA_XMM + 9 * 16], 16), "XMM9 is");
	if (supported & XFEATURE_YMM)
		ok(!memcmp(data + 0x30, &a.bytes[AREA_YMM + 16], 16), "the upper half of YMM1 is");
	else
		skip("the upper half of YMM1 is", "no AVX");
	ok_eq(*(u16 *)(data + 0x40), 0x027f, "FCW is");
}

/* Components without their bit are initial, whatever the area and the vCPU hold. */
static void test_init(void)
{
	static const u8 zero[16];
	u8 *data = gpa_to_hva(vm, DATA_GPA);
	struct area a;

	enter(spoil, spoil_end, 0);
	expect_done(vcpu, "the guest has SSE state");
	get_area(&a);
	header(&a)[0] = 0;
	ok_eq(set_area(&a), 0, "SET_XSAVE of initial state");
	enter(store, store_end, 0);
	expect_done(vcpu, "the guest stores its registers");
	ok(!memcmp(data + 0x10, zero, 16), "XMM1 is initial");
	if (kvm_is_ours())
		ok_eq(*(u32 *)data, MXCSR_INIT, "MXCSR is");
	else
		skip("MXCSR is", "this KVM keeps it on some processors");
	ok_eq(*(u16 *)(data + 0x40), 0x037f, "FCW is");
}

static void test_fpu(void)
{
	struct kvm_fpu fpu = { .fcw = 0x37f, .mxcsr = MXCSR_INIT };
	u8 *data = gpa_to_hva(vm, DATA_GPA);
	struct area a;

	get_area(&a);
	header(&a)[0] = 0;
	must(set_area(&a));
	fill((u8 *)fpu.xmm, sizeof(fpu.xmm), 9);
	ok_eq(kvm_ioctl(vcpu->fd, KVM_SET_FPU, &fpu), 0, "SET_FPU over initial state");
	enter(store, store_end, 0);
	expect_done(vcpu, "the guest stores its registers");
	if (kvm_is_ours())
		ok(!memcmp(data + 0x10, fpu.xmm[1], 16), "XMM1 is what was set");
	else
		skip("XMM1 is what was set", "this KVM loses it");
}

static void test_pkru(void)
{
	u32 value = 0x12345678;
	u32 eax = 0xd, ebx, ecx = 9, edx;
	struct kvm_sregs s;
	struct area a;

	if (!(supported & XFEATURE_PKRU)) {
		skip("PKRU", "not supported");
		return;
	}
	guest_cpuid(&eax, &ebx, &ecx, &edx);
	get_area(&a);
	header(&a)[0] |= XFEATURE_PKRU;
	memcpy(&a.bytes[ebx], &value, 4);
	ok_eq(set_area(&a), 0, "SET_XSAVE with PKRU");
	memset(&a, 0, sizeof(a));
	get_area(&a);
	ok(!memcmp(&a.bytes[ebx], &value, 4), "it comes back from a vCPU that has not run");
	must(set_xcr0(supported));
	enter(pkru, pkru_end, 0);
	vcpu_get_sregs(vcpu, &s);
	s.cr4 |= 1 << 22;
	vcpu_set_sregs(vcpu, &s);
	expect_done(vcpu, "the guest reads PKRU");
	ok_eq(*(u32 *)gpa_to_hva(vm, DATA_GPA), value, "and finds it");
	get_area(&a);
	ok(!memcmp(&a.bytes[ebx], &value, 4), "it comes back");
}

static void test_capabilities(void)
{
	struct kvm_device_attr attr = { 0 };
	u32 eax = 0xd, ebx, ecx = 0, edx;
	u64 value = 0;

	ok_eq(kvm_has(KVM_CAP_XSAVE), 1, "KVM_CAP_XSAVE");
	ok_eq(kvm_has(KVM_CAP_XCRS), 1, "KVM_CAP_XCRS");
	ok(kvm_has(KVM_CAP_XSAVE2) >= 4096, "KVM_CAP_XSAVE2 is the size of the area");
	attr.addr = (unsigned long)&value;
	ok_eq(kvm_ioctl(vm->kvm_fd, KVM_HAS_DEVICE_ATTR, &attr), 0, "HAS_DEVICE_ATTR");
	ok_eq(kvm_ioctl(vm->kvm_fd, KVM_GET_DEVICE_ATTR, &attr), 0, "GET_DEVICE_ATTR");
	guest_cpuid(&eax, &ebx, &ecx, &edx);
	supported = eax | (u64)edx << 32;
	ok_eq(value, supported, "KVM_X86_XCOMP_GUEST_SUPP is CPUID's leaf 0xd");
	ok((supported & 3) == 3 && ebx <= (u32)kvm_has(KVM_CAP_XSAVE2), "the area has room");
	attr.addr = 8;
	ok_eq(kvm_ioctl(vm->kvm_fd, KVM_GET_DEVICE_ATTR, &attr), -EFAULT, "bad address");
	attr.attr = 1;
	ok_eq(kvm_ioctl(vm->kvm_fd, KVM_GET_DEVICE_ATTR, &attr), -ENXIO, "attribute 1");
	ok_eq(kvm_ioctl(vm->kvm_fd, KVM_HAS_DEVICE_ATTR, &attr), -ENXIO, "is not there");
	attr.attr = 0;
	attr.group = 1;
	ok_eq(kvm_ioctl(vm->kvm_fd, KVM_GET_DEVICE_ATTR, &attr), -ENXIO, "group 1");
	ok_eq(kvm_ioctl(vm->kvm_fd, KVM_HAS_DEVICE_ATTR, &attr), -ENXIO, "is not there");
	ok_eq(kvm_ioctl(vm->kvm_fd, KVM_GET_DEVICE_ATTR, BAD_POINTER), -EFAULT, "bad pointer");
	ok_eq(kvm_ioctl(vm->kvm_fd, KVM_HAS_DEVICE_ATTR, BAD_POINTER), -EFAULT, "bad pointer");
}

/* On a machine without XSAVE the area is that of FXSAVE, and there is no XCR0. */
static void test_without_xsave(void)
{
	struct kvm_xcrs x = { .nr_xcrs = 1, .xcrs[0].value = XFEATURE_FP };
	u8 *data = gpa_to_hva(vm, DATA_GPA);
	struct area a, back;
	u32 mxcsr = 0x5fa0;

	ok_eq(kvm_ioctl(vcpu->fd, KVM_SET_XCRS, &x), -EINVAL, "SET_XCRS");
	memset(&a, 0, sizeof(a));
	a.bytes[0] = 0x7f;
	a.bytes[1] = 0x02;
	memcpy(&a.bytes[AREA_MXCSR], &mxcsr, 4);
	fill(&a.bytes[AREA_XMM], 256, 3);
	header(&a)[0] = XFEATURE_FP | XFEATURE_SSE;
	ok_eq(set_area(&a), 0, "SET_XSAVE");
	get_area(&back);
	ok(!memcmp(&a.bytes[AREA_XMM], &back.bytes[AREA_XMM], 256), "registers come back");
	vcpu_load(vcpu, MODE_LONG64, store, store_end);
	expect_done(vcpu, "the guest stores its registers");
	ok_eq(*(u32 *)data, mxcsr, "MXCSR is what was set");
	ok(!memcmp(data + 0x10, &a.bytes[AREA_XMM + 16], 16), "XMM1 is");
	ok_eq(*(u16 *)(data + 0x40), 0x027f, "FCW is");
	header(&a)[0] |= XFEATURE_YMM;
	refused(&a, "AVX state");
	header(&a)[0] = XFEATURE_SSE;
	mxcsr = 0x10000;
	memcpy(&a.bytes[AREA_MXCSR], &mxcsr, 4);
	refused(&a, "MXCSR bit 16");
}

int main(void)
{
	tap_start(50);
	if (!kvm_has(KVM_CAP_XSAVE2))
		skip_all("XSAVE state cannot be read or written");
	vm = vm_create();
	vcpu = vcpu_create(vm);
	if (!kvm_has(KVM_CAP_XCRS)) {
		test_without_xsave();
		vm_destroy(vm);
		return tap_done();
	}
	test_capabilities();
	test_refused();
	test_xcrs_refused();
	test_round_trip();
	vcpu = vcpu_create(vm);
	test_xcrs();
	test_init();
	test_fpu();
	test_pkru();
	vm_destroy(vm);
	return tap_done();
}
