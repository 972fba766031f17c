// SPDX-License-Identifier: GPL-2.0-only
/* KVM_SET_SREGS and KVM_SET_SREGS2: what they refuse, and PAE's page directory pointers. */
#include <stdlib.h>

#include "kvm_test.h"

#define BAD_POINTER ((void *)8)
#define APIC_BASE_X2APIC (1ull << 10)
#define APIC_BASE_ENABLE (1ull << 11)
#define CR0_NW (1ull << 29)
#define CR0_CD (1ull << 30)
#define CR4_PCIDE (1ull << 17)
#define PDPT_SPARE_GPA 0x40000ul	/* another table of page directory pointers */

GUEST_CODE(idle, 64, "1: pause\n" GUEST_DONE "jmp 1b\n");
GUEST_CODE(idle32, 32, "1: mov 0x30000, %eax\n" GUEST_DONE "jmp 1b\n");

static struct vm *vm;
static struct vcpu *vcpu;

/* The members that both structures have. */
static void to_sregs2(struct kvm_sregs2 *s2, const struct kvm_sregs *s)
{
	memset(s2, 0, sizeof(*s2));
	memcpy(s2, s, offsetof(struct kvm_sregs, interrupt_bitmap));
}

static void refused(const struct kvm_sregs *bad, const char *name)
{
	struct kvm_sregs before, after;
	struct kvm_sregs2 bad2;

	vcpu_get_sregs(vcpu, &before);
	to_sregs2(&bad2, bad);
	ok_eq(kvm_ioctl(vcpu->fd, KVM_SET_SREGS, bad), -EINVAL, "SET_SREGS: %s", name);
	ok_eq(kvm_ioctl(vcpu->fd, KVM_SET_SREGS2, &bad2), -EINVAL, "SET_SREGS2: %s", name);
	vcpu_get_sregs(vcpu, &after);
	ok(!memcmp(&before, &after, sizeof(before)), "%s: nothing changed", name);
	vcpu_set_sregs(vcpu, &before);
}

/* What Linux 6.1 lets pass, or drops. */
static void refused_by_ours(const struct kvm_sregs *bad, const char *name)
{
	if (kvm_is_ours())
		refused(bad, name);
	else
		skip(name, "this KVM takes it");
}

#define REFUSED(check, name, change) do {			\
	struct kvm_sregs s;					\
								\
	vcpu_get_sregs(vcpu, &s);				\
	change;							\
	check(&s, name);					\
} while (0)

static void test_refused(void)
{
	vcpu_setup(vcpu, MODE_LONG64);
	REFUSED(refused, "CR0 above bit 31", s.cr0 |= 1ull << 32);
	REFUSED(refused, "CR0.NW without CD", s.cr0 |= CR0_NW);
	REFUSED(refused, "paging without protection", s.cr0 &= ~CR0_PE);
	REFUSED(refused, "long mode without PAE", s.cr4 &= ~CR4_PAE);
	REFUSED(refused, "long mode without LMA", s.efer &= ~EFER_LMA);
	REFUSED(refused, "LMA without LME", s.efer &= ~EFER_LME);
	REFUSED(refused, "LMA without paging", s.cr0 &= ~CR0_PG);
	REFUSED(refused, "CR3 beyond MAXPHYADDR", s.cr3 |= 1ull << 51);
	REFUSED(refused, "CR3 bit 63", s.cr3 |= 1ull << 63);
	REFUSED(refused, "CR4 bit 15", s.cr4 |= 1ull << 15);
	REFUSED(refused, "CR4 bit 31", s.cr4 |= 1ull << 31);
	REFUSED(refused, "CR4 bit 63", s.cr4 |= 1ull << 63);
	REFUSED(refused, "APIC base bit 0", s.apic_base |= 1);
	REFUSED(refused, "APIC base bit 9", s.apic_base |= 1 << 9);
	REFUSED(refused, "APIC base beyond MAXPHYADDR", s.apic_base |= 1ull << 51);
	REFUSED(refused, "APIC base bit 63", s.apic_base |= 1ull << 63);
	REFUSED(refused, "x2APIC of a disabled APIC",
		s.apic_base = (s.apic_base & ~APIC_BASE_ENABLE) | APIC_BASE_X2APIC);
	REFUSED(refused_by_ours, "EFER bit 1", s.efer |= 2);
	REFUSED(refused_by_ours, "EFER bit 63", s.efer |= 1ull << 63);
	REFUSED(refused_by_ours, "64-bit code with D set", s.cs.db = 1);
	REFUSED(refused_by_ours, "CR8 of 16", s.cr8 = 16);

	vcpu_setup(vcpu, MODE_PROT32);
	REFUSED(refused, "64-bit code outside long mode", s.cs.l = 1; s.cs.db = 0);
	REFUSED(refused, "LMA outside long mode", s.efer |= EFER_LMA);
	REFUSED(refused_by_ours, "PCIDE outside long mode", s.cr4 |= CR4_PCIDE);
}

static bool without_feature(struct kvm_cpuid2 *cpuid, u32 function, u32 ecx, u32 edx)
{
	u32 i;

	for (i = 0; i < cpuid->nent; i++) {
		if (cpuid->entries[i].function != function)
			continue;
		cpuid->entries[i].ecx &= ~ecx;
		cpuid->entries[i].edx &= ~edx;
	}
	return !kvm_ioctl(vcpu->fd, KVM_SET_CPUID2, cpuid);
}

/* What the guest's CPUID does not have, its registers cannot. */
static void test_cpuid(void)
{
	struct kvm_cpuid2 *cpuid = get_supported_cpuid(vm->kvm_fd);

	vcpu_setup(vcpu, MODE_PROT32);
	ok(without_feature(cpuid, 1, 1u << 26, 0), "a guest without XSAVE");
	REFUSED(refused, "CR4.OSXSAVE", s.cr4 |= CR4_OSXSAVE);
	ok(without_feature(cpuid, 0x80000001, 0, 1u << 20 | 1u << 29),
	   "a guest without NX and long mode");
	REFUSED(refused_by_ours, "EFER.NXE", s.efer |= EFER_NXE);
	REFUSED(refused_by_ours, "EFER.LME", s.efer |= EFER_LME);
	free(cpuid);
	vcpu_set_supported_cpuid(vcpu);
}

static void test_errors(void)
{
	struct kvm_sregs2 s2;
	struct kvm_sregs s;
	int mode;

	ok_eq(kvm_ioctl(vcpu->fd, KVM_GET_SREGS, BAD_POINTER), -EFAULT, "GET_SREGS: bad pointer");
	ok_eq(kvm_ioctl(vcpu->fd, KVM_SET_SREGS, BAD_POINTER), -EFAULT, "SET_SREGS: bad pointer");
	ok_eq(kvm_ioctl(vcpu->fd, KVM_GET_SREGS2, BAD_POINTER), -EFAULT, "GET_SREGS2: bad pointer");
	ok_eq(kvm_ioctl(vcpu->fd, KVM_SET_SREGS2, BAD_POINTER), -EFAULT, "SET_SREGS2: bad pointer");
	for (mode = 0; mode < NR_MODES; mode++) {
		vcpu_setup(vcpu, mode);
		vcpu_get_sregs(vcpu, &s);
		to_sregs2(&s2, &s);
		s2.flags = 2;
		ok_eq(kvm_ioctl(vcpu->fd, KVM_SET_SREGS2, &s2), -EINVAL, "unknown flag 1, %s",
		      mode_name(mode));
		s2.flags = 1ull << 63;
		ok_eq(kvm_ioctl(vcpu->fd, KVM_SET_SREGS2, &s2), -EINVAL, "unknown flag 63");
		s2.flags = KVM_SREGS2_FLAGS_PDPTRS_VALID;
		ok_eq(kvm_ioctl(vcpu->fd, KVM_SET_SREGS2, &s2), mode == MODE_PAE32 ? 0 : -EINVAL,
		      "page directory pointers in %s", mode_name(mode));
	}
	vcpu_setup(vcpu, MODE_LONG64);
	vcpu_get_sregs(vcpu, &s);
	s.interrupt_bitmap[0] = 3;
	if (kvm_is_ours())
		ok_eq(kvm_ioctl(vcpu->fd, KVM_SET_SREGS, &s), -EINVAL, "two interrupts at once");
	else
		skip("two interrupts at once", "this KVM takes one of them");
}

static bool padding_clear(const struct kvm_sregs2 *s)
{
	const struct kvm_segment *seg = &s->cs;
	int i;

	for (i = 0; i < 8; i++)
		if (seg[i].padding)
			return false;
	for (i = 0; i < 3; i++)
		if (s->gdt.padding[i] || s->idt.padding[i])
			return false;
	return true;
}

static void test_round_trip(void)
{
	struct kvm_sregs2 s2, back;
	struct kvm_sregs s;
	u64 *table;
	int mode;

	for (mode = 0; mode < NR_MODES; mode++) {
		vcpu_setup(vcpu, mode);
		memset(&s2, 0xff, sizeof(s2));
		memset(&s, 0xff, sizeof(s));
		ok_eq(kvm_ioctl(vcpu->fd, KVM_GET_SREGS2, &s2), 0, "GET_SREGS2 in %s",
		      mode_name(mode));
		vcpu_get_sregs(vcpu, &s);
		ok(!memcmp(&s, &s2, offsetof(struct kvm_sregs, interrupt_bitmap)),
		   "it says what GET_SREGS does");
		ok(padding_clear(&s2), "padding is clear");
		table = gpa_to_hva(vm, PDPT_PAE_GPA);
		if (mode == MODE_PAE32)
			ok(s2.flags == KVM_SREGS2_FLAGS_PDPTRS_VALID &&
			   !memcmp(s2.pdptrs, table, sizeof(s2.pdptrs)),
			   "page directory pointers are those of the table");
		else
			ok(!s2.flags && !s2.pdptrs[0] && !s2.pdptrs[3],
			   "no page directory pointers");
		s2.cr2 = 0x123000;
		ok_eq(kvm_ioctl(vcpu->fd, KVM_SET_SREGS2, &s2), 0, "SET_SREGS2");
		must(kvm_ioctl(vcpu->fd, KVM_GET_SREGS2, &back));
		ok(!memcmp(&s2, &back, sizeof(s2)), "it comes back");
	}
}

/* SREGS2 has no bitmap: what SREGS put there stays. */
static void test_interrupt(void)
{
	struct guest_fault fault = { .vector = -1 };
	struct kvm_sregs2 s2;
	struct kvm_regs regs;
	struct kvm_sregs s;

	load_code(vcpu, MODE_LONG64, idle);
	vcpu_get_regs(vcpu, &regs);
	regs.rflags |= FLAG_IF;
	vcpu_set_regs(vcpu, &regs);
	vcpu_get_sregs(vcpu, &s);
	s.interrupt_bitmap[0] = 1ull << 0x21;
	vcpu_set_sregs(vcpu, &s);
	must(kvm_ioctl(vcpu->fd, KVM_GET_SREGS2, &s2));
	must(kvm_ioctl(vcpu->fd, KVM_SET_SREGS2, &s2));
	vcpu_get_sregs(vcpu, &s);
	ok_eq(s.interrupt_bitmap[0], 1ull << 0x21, "SREGS2 leaves the interrupt alone");
	expect_fault(vcpu, 0x21, "the guest takes it");
	ok(vcpu_fault(vcpu, &fault) && fault.rip == CODE_GPA, "at once");
	vcpu_get_sregs(vcpu, &s);
	ok_eq(s.interrupt_bitmap[0], 0, "and it is gone");
	expect_done(vcpu, "the guest goes on");
}

/* The values that VALID brings are those of the table: SVM reads that at each walk. */
static void test_pdptrs(void)
{
	struct kvm_sregs2 s2;

	load_code(vcpu, MODE_PAE32, idle32);
	*(u32 *)gpa_to_hva(vm, DATA_GPA) = 0x5eed;
	must(kvm_ioctl(vcpu->fd, KVM_GET_SREGS2, &s2));
	vm_write(vm, PDPT_SPARE_GPA, s2.pdptrs, sizeof(s2.pdptrs));
	s2.cr3 = PDPT_SPARE_GPA;
	must(kvm_ioctl(vcpu->fd, KVM_SET_SREGS2, &s2));
	expect_done(vcpu, "PAE paging by page directory pointers from userspace");
	s2.flags = 0;
	memset(s2.pdptrs, 0, sizeof(s2.pdptrs));
	must(kvm_ioctl(vcpu->fd, KVM_SET_SREGS2, &s2));
	must(kvm_ioctl(vcpu->fd, KVM_GET_SREGS2, &s2));
	ok(s2.flags == KVM_SREGS2_FLAGS_PDPTRS_VALID && s2.pdptrs[0],
	   "without the flag they are read from the table");
	load_code(vcpu, MODE_PAE32, idle32);
	must(kvm_ioctl(vcpu->fd, KVM_GET_SREGS2, &s2));
	s2.flags = 0;
	s2.cr3 = 0x80000000;
	ok_eq(kvm_ioctl(vcpu->fd, KVM_SET_SREGS2, &s2), 0, "a table that is no memory");
	ok_eq(kvm_ioctl(vcpu->fd, KVM_GET_SREGS2, &s2), 0, "can be asked for");
}

int main(void)
{
	tap_start(50);
	if (!kvm_has(KVM_CAP_SREGS2))
		skip_all("KVM_CAP_SREGS2 is missing");
	vm = vm_create();
	vcpu = vcpu_create(vm);
	test_errors();
	test_refused();
	test_cpuid();
	test_round_trip();
	test_interrupt();
	test_pdptrs();
	vm_destroy(vm);
	return tap_done();
}
