// SPDX-License-Identifier: GPL-2.0-only
/* CPUID: what is offered works, what is set is checked, what the guest sees. */
#include <stdio.h>
#include <stdlib.h>

#include "kvm_test.h"

#define BAD_POINTER ((void *)8)
#define MAX_ENTRIES 256
#define SIGNIFICANT_INDEX 1
#define MSR_APIC_BASE 0x1b
#define EAX 0
#define EBX 1
#define ECX 2
#define EDX 3

static struct vm *vm;
static struct vcpu *vcpu;
static struct kvm_cpuid2 *cpuid, *scratch;

GUEST_CODE(native, 64, "xor %eax, %eax\n xor %ecx, %ecx\n cpuid\n" GUEST_DONE
	   "xor %ecx, %ecx\n mov $1, %eax\n cpuid\n" GUEST_DONE);
GUEST_CODE(rdpid, 64, ".byte 0xf3, 0x0f, 0xc7, 0xf8\n" GUEST_DONE);

static struct kvm_cpuid_entry2 *find_in(struct kvm_cpuid2 *c, u32 function, u32 index)
{
	u32 i;

	for (i = 0; i < c->nent; i++)
		if (c->entries[i].function == function &&
		    (!(c->entries[i].flags & SIGNIFICANT_INDEX) || c->entries[i].index == index))
			return &c->entries[i];
	return NULL;
}

static u32 word(const struct kvm_cpuid_entry2 *e, int reg)
{
	return !e ? 0 : reg == EAX ? e->eax : reg == EBX ? e->ebx : reg == ECX ? e->ecx : e->edx;
}

static bool offered(u32 function, u32 index, int reg, int bit)
{
	return word(find_in(cpuid, function, index), reg) >> bit & 1;
}

static int get_list(unsigned long request, u32 nent)
{
	scratch->nent = nent;
	return kvm_ioctl(vm->kvm_fd, request, scratch);
}

static void test_lists(unsigned long request, const char *name)
{
	u32 n;

	memset(scratch, 0, sizeof(*scratch) + MAX_ENTRIES * sizeof(scratch->entries[0]));
	ok_eq(get_list(request, 0), -E2BIG, "%s with no room", name);
	ok_eq(get_list(request, MAX_ENTRIES), 0, "with much room");
	n = scratch->nent;
	ok(n >= 3 && n < MAX_ENTRIES, "tells how many there are (%u)", n);
	memset(scratch->entries, 0, MAX_ENTRIES * sizeof(scratch->entries[0]));
	ok_eq(get_list(request, n - 1), -E2BIG, "one too few");
	if (kvm_is_ours() || request == KVM_GET_SUPPORTED_CPUID)
		ok_eq(get_list(request, n), 0, "just enough");
	else
		skip("just enough", "this KVM wants more room than it fills");
	memset(scratch->entries, 0, MAX_ENTRIES * sizeof(scratch->entries[0]));
	ok_eq(kvm_ioctl(vm->kvm_fd, request, BAD_POINTER), -EFAULT, "a bad pointer");
}

static void test_emulated(void)
{
	struct kvm_regs regs;
	struct vcpu *other;

	ok_eq(kvm_has(KVM_CAP_EXT_EMUL_CPUID), 1, "KVM_CAP_EXT_EMUL_CPUID");
	test_lists(KVM_GET_EMULATED_CPUID, "KVM_GET_EMULATED_CPUID");
	scratch->entries[2].padding[1] = 1;
	ok_eq(get_list(KVM_GET_EMULATED_CPUID, 8), -EINVAL, "padding that is not clean");
	scratch->entries[2].padding[1] = 0;
	must(get_list(KVM_GET_EMULATED_CPUID, 8));
	ok(word(find_in(scratch, 1, 0), ECX) >> 22 & 1, "MOVBE is emulated");
	if (!ok(word(find_in(scratch, 7, 0), ECX) >> 22 & 1, "RDPID is emulated"))
		return;
	other = vcpu_create(vm);
	find_in(cpuid, 7, 0)->ecx |= 1 << 22;
	must(kvm_ioctl(other->fd, KVM_SET_CPUID2, cpuid));
	if (!kvm_is_ours())
		find_in(cpuid, 7, 0)->ecx &= ~(1u << 22);
	load_code(other, MODE_LONG64, rdpid);
	must(vcpu_set_msr(other, 0xc0000103, 77));
	if (expect_done(other, "a guest that was told so has RDPID")) {
		vcpu_get_regs(other, &regs);
		ok_eq(regs.rax, 77, "it reads TSC_AUX");
	}
	find_in(cpuid, 7, 0)->ecx &= ~(1u << 22);
	other = vcpu_create(vm);
	load_code(other, MODE_LONG64, rdpid);
	if (kvm_is_ours() && !offered(7, 0, ECX, 22))
		expect_fault(other, UD_VECTOR, "a guest that was not has none");
}

static int set(struct vcpu *v, struct kvm_cpuid2 *c)
{
	return kvm_ioctl(v->fd, KVM_SET_CPUID2, c);
}

/* Of GET_CPUID2. */
static void count_is(u32 want, const char *name)
{
	if (kvm_is_ours())
		ok_eq(scratch->nent, want, "%s", name);
	else
		skip(name, "this KVM leaves nent as it was");
}

static void test_set_errors(void)
{
	struct vcpu *fresh = vcpu_create(vm);
	struct kvm_cpuid_entry2 *e = find_in(cpuid, 0x80000008, 0);
	struct { struct kvm_cpuid head; struct kvm_cpuid_entry e[2]; } old = { .head.nent = 257 };
	u32 was = e->eax, n = cpuid->nent;

	ok_eq(set(fresh, BAD_POINTER), -EFAULT, "SET_CPUID2 from a bad pointer");
	cpuid->nent = 257;
	ok_eq(set(fresh, cpuid), -E2BIG, "SET_CPUID2 of 257");
	cpuid->nent = n;
	e->eax = (was & 0xff) | 32 << 8;
	ok_eq(set(fresh, cpuid), -EINVAL, "SET_CPUID2 with 32 bits of linear address");
	e->eax = (was & 0xff) | 57 << 8;
	ok_eq(set(fresh, cpuid), 0, "57 bits");
	e->eax = was & 0xff;
	ok_eq(set(fresh, cpuid), 0, "0 bits, which says nothing");
	e->eax = was;
	ok_eq(set(fresh, cpuid), 0, "what is offered");
	ok_eq(kvm_ioctl(fresh->fd, KVM_SET_CPUID, BAD_POINTER), -EFAULT, "SET_CPUID from a bad pointer");
	ok_eq(kvm_ioctl(fresh->fd, KVM_SET_CPUID, &old), -E2BIG, "SET_CPUID of 257");
	old.head.nent = 2;
	old.e[0] = (struct kvm_cpuid_entry){ .function = 0, .eax = 1, .ebx = 2, .ecx = 3, .edx = 4 };
	old.e[1] = (struct kvm_cpuid_entry){ .function = 0x80000000, .eax = 0x80000000 };
	ok_eq(kvm_ioctl(fresh->fd, KVM_SET_CPUID, &old), 0, "SET_CPUID");
	scratch->nent = 1;
	ok_eq(kvm_ioctl(fresh->fd, KVM_GET_CPUID2, scratch), -E2BIG, "GET_CPUID2 with too little room");
	scratch->nent = MAX_ENTRIES;
	ok_eq(kvm_ioctl(fresh->fd, KVM_GET_CPUID2, scratch), 0, "GET_CPUID2");
	count_is(2, "gives what SET_CPUID gave");
	ok_eq(scratch->entries[0].edx, 4, "its EDX");
	ok_eq(scratch->entries[0].flags, 0, "no subleaves");
	ok_eq(kvm_ioctl(fresh->fd, KVM_GET_CPUID2, BAD_POINTER), -EFAULT, "GET_CPUID2 into a bad pointer");
	cpuid->nent = 0;
	ok_eq(set(fresh, cpuid), 0, "SET_CPUID2 of nothing");
	cpuid->nent = n;
	scratch->nent = 0;
	ok_eq(kvm_ioctl(fresh->fd, KVM_GET_CPUID2, scratch), 0, "GET_CPUID2 of nothing");
}

static void test_after_run(void)
{
	struct kvm_cpuid_entry2 *one = find_in(cpuid, 1, 0);
	struct kvm_regs regs;

	load_code(vcpu, MODE_LONG64, native);
	expect_done(vcpu, "a guest runs CPUID");
	vcpu_get_regs(vcpu, &regs);
	ok_eq(regs.rbx, find_in(cpuid, 0, 0)->ebx, "it sees the vendor that was set");
	ok_eq(set(vcpu, cpuid), 0, "the same CPUID again");
	one->ecx ^= 1 << 27;
	ok_eq(set(vcpu, cpuid), 0, "OSXSAVE is not userspace's to say");
	one->ecx ^= 1 << 27;
	one->edx ^= 1 << 9;
	ok_eq(set(vcpu, cpuid), 0, "nor is the APIC");
	one->edx ^= 1 << 9;
	one->ecx ^= 1 << 23;
	ok_eq(set(vcpu, cpuid), -EINVAL, "another feature, after the guest has run");
	one->ecx ^= 1 << 23;
	cpuid->nent--;
	ok_eq(set(vcpu, cpuid), -EINVAL, "a leaf less, after the guest has run");
	cpuid->nent++;
	must(vcpu_set_msr(vcpu, MSR_APIC_BASE, 0xfee00100));
	expect_done(vcpu, "CPUID with the APIC off");
	vcpu_get_regs(vcpu, &regs);
	ok_eq(regs.rdx >> 9 & 1, 0, "there is no APIC");
	must(vcpu_set_msr(vcpu, MSR_APIC_BASE, 0xfee00900));
	scratch->nent = MAX_ENTRIES;
	ok_eq(kvm_ioctl(vcpu->fd, KVM_GET_CPUID2, scratch), 0, "GET_CPUID2");
	count_is(cpuid->nent, "has as many leaves as were set");
	if (!kvm_is_ours())
		scratch->nent = cpuid->nent;
	ok_eq(word(find_in(scratch, 1, 0), EDX) >> 9 & 1, 1, "the APIC is there again");
}

/* A CR4 bit can be set when its feature is offered, and only then. */
static void test_cr4(void)
{
	static const struct { u8 cr4; u32 function; int reg, bit; const char *name; } rows[] = {
		{ 11, 7, ECX, 2, "UMIP" }, { 12, 7, ECX, 16, "LA57" },
		{ 16, 7, EBX, 0, "FSGSBASE" }, { 17, 1, ECX, 17, "PCID" },
		{ 18, 1, ECX, 26, "XSAVE" }, { 20, 7, EBX, 7, "SMEP" },
		{ 21, 7, EBX, 20, "SMAP" }, { 22, 7, ECX, 3, "PKU" }, { 23, 7, ECX, 7, "SHSTK" },
	};
	struct kvm_sregs sregs;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		/* LA57 needs a mode without paging to be switched on in. */
		vcpu_setup(vcpu, rows[i].cr4 == 12 ? MODE_PROT32 : MODE_LONG64);
		vcpu_get_sregs(vcpu, &sregs);
		if (rows[i].cr4 == 17)
			sregs.cr3 &= ~0xfffull;
		sregs.cr4 |= 1ull << rows[i].cr4;
		ok_eq(kvm_ioctl(vcpu->fd, KVM_SET_SREGS, &sregs),
		      offered(rows[i].function, 0, rows[i].reg, rows[i].bit) ? 0 : -EINVAL,
		      "CR4.%s as CPUID says", rows[i].name);
	}
}

/* An instruction is there when its feature is offered: for the CPU, and for the emulator. */
GUEST_CODE(insns, 64,
	   INSN("popcnt %eax, %ebx") INSN("movbe (%rdi), %eax") INSN("crc32b %al, %ebx")
	   INSN("pshufb %xmm0, %xmm1") INSN("pcmpestri $0, %xmm0, %xmm1")
	   INSN("aesenc %xmm0, %xmm1") INSN("pclmulqdq $0, %xmm0, %xmm1") INSN("rdrand %eax")
	   INSN("rdseed %eax") INSN("adcx %eax, %ebx") INSN("andn %eax, %ebx, %ecx")
	   INSN("pdep %eax, %ebx, %ecx") INSN("lzcnt %eax, %ebx") INSN("extrq %xmm0, %xmm1")
	   INSN("rdtscp") INSN("clflushopt (%rdi)") INSN("clwb (%rdi)")
	   INSN("sha1msg1 %xmm0, %xmm1") INSN("cmpxchg16b (%rdi)") INSN("rdfsbase %rax"));
static const struct { u32 function; int reg, bit; } features[] = {
	{ 1, ECX, 23 }, { 1, ECX, 22 }, { 1, ECX, 20 }, { 1, ECX, 9 }, { 1, ECX, 20 },
	{ 1, ECX, 25 }, { 1, ECX, 1 }, { 1, ECX, 30 },
	{ 7, EBX, 18 }, { 7, EBX, 19 }, { 7, EBX, 3 }, { 7, EBX, 8 }, { 0x80000001, ECX, 5 },
	{ 0x80000001, ECX, 6 }, { 0x80000001, EDX, 27 }, { 7, EBX, 23 }, { 7, EBX, 24 },
	{ 7, EBX, 29 }, { 1, ECX, 13 }, { 7, EBX, 0 },
};

static void run_one(const u8 *insn, u8 len, bool forced, bool want, const char *text)
{
	u8 code[32] = { 0x0f, 0x0b, 'k', 'v', 'm' };
	const u8 done[] = { 0xe6, PORT_DONE };
	struct kvm_sregs sregs;
	struct kvm_regs regs;
	struct guest_fault fault;
	int n = forced ? 5 : 0, r;

	memcpy(code + n, insn, len);
	memcpy(code + n + len, done, sizeof(done));
	vcpu_load(vcpu, MODE_LONG64, code, code + n + len + sizeof(done));
	vcpu_get_sregs(vcpu, &sregs);
	sregs.cr4 |= CR4_OSFXSR | (offered(7, 0, EBX, 0) ? 1 << 16 : 0);
	vcpu_set_sregs(vcpu, &sregs);
	vcpu_get_regs(vcpu, &regs);
	regs.rdi = DATA_GPA;
	vcpu_set_regs(vcpu, &regs);
	r = run_until_exit(vcpu);
	if (want)
		ok(at_done(vcpu), "%s%s is there", forced ? "emulated " : "", text);
	else
		ok(vcpu_fault(vcpu, &fault) && fault.vector == UD_VECTOR, "%s%s is #UD",
		   forced ? "emulated " : "", text);
	if (want && !at_done(vcpu))
		note("%s", describe_exit(vcpu, r));
}

static void test_insns(void)
{
	const u8 *p = insns;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(features) && p < insns_end; i++) {
		u8 len = *p++;
		const char *text = (const char *)p + len;
		bool want = offered(features[i].function, 0, features[i].reg, features[i].bit);

		if (want)
			run_one(p, len, false, true, text);
		if (kvm_is_ours() && !forced_emulation_missing())
			run_one(p, len, true, want, text);
		p += len + strlen(text) + 1;
	}
	ok(p == insns_end && i == ARRAY_SIZE(features), "each instruction has its feature");
}

/* What there is no device or MSR for is not offered. */
static void test_absent(void)
{
	static const struct { u32 function; int reg, bit; const char *name; } rows[] = {
		{ 1, ECX, 3, "MONITOR" }, { 1, ECX, 5, "VMX" }, { 1, ECX, 15, "PDCM" },
		{ 1, ECX, 24, "TSC_DEADLINE" }, { 1, EDX, 21, "DS" }, { 1, EDX, 22, "ACPI" },
		{ 1, EDX, 29, "TM" }, { 7, ECX, 5, "WAITPKG" },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		ok(!offered(rows[i].function, 0, rows[i].reg, rows[i].bit), "%s is not offered",
		   rows[i].name);
	ok_eq(word(find_in(cpuid, 0xa, 0), EAX) & 0xff, 0, "no architectural PMU");
	if (kvm_is_ours())
		ok(offered(1, 0, ECX, 31), "that it is a hypervisor is told");
	else
		skip("that it is a hypervisor is told", "this KVM leaves it to the VMM");
	ok(find_in(cpuid, 0x40000000, 0)->eax == 0x40000001 &&
	   !memcmp(&find_in(cpuid, 0x40000000, 0)->ebx, "KVMKVMKVM\0\0\0", 12), "KVM's signature");
	ok(word(find_in(cpuid, 0x40000001, 0), EAX) >> 1 & 1, "ports need no delay");
	ok(word(find_in(cpuid, 6, 0), EAX) >> 2 & 1, "the APIC's timer always runs");
}

int main(void)
{
	tap_start(50);
	vm = vm_create();
	scratch = calloc(1, sizeof(*scratch) + 300 * sizeof(scratch->entries[0]));
	ok_eq(kvm_has(KVM_CAP_EXT_CPUID), 1, "KVM_CAP_EXT_CPUID");
	test_lists(KVM_GET_SUPPORTED_CPUID, "KVM_GET_SUPPORTED_CPUID");
	cpuid = get_supported_cpuid(vm->kvm_fd);
	test_absent();
	test_set_errors();
	test_emulated();
	vcpu = vcpu_create(vm);
	test_cr4();
	test_insns();
	test_after_run();
	vm_destroy(vm);
	return tap_done();
}
