// SPDX-License-Identifier: GPL-2.0-only
/*
 * User-mode instruction prevention, also on a CPU without it: offered, SGDT, SIDT,
 * SLDT and STR take #GP at CPL 3, and at CPL 0 these and the loads do what they do.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "kvm_test.h"

#define CR4_UMIP	(1ull << 11)
#define OUT_GPA		DATA_GPA
#define TABLE_GPA	(DATA_GPA + 0x100)
#define LDT_GPA		(DATA_GPA + 0x200)
#define SEL_LDT		0x80
#define GDT_LIMIT	0x8f
#define FLAG_IOPL	(3ull << 12)

GUEST_CODE(set_umip, 64, "mov %cr4, %rax\n bts $11, %rax\n mov %rax, %cr4\n mov %cr4, %rax\n"
	   GUEST_DONE);
GUEST_CODE(sgdt, 64, "sgdt 0x30000\n" GUEST_DONE);
GUEST_CODE(sidt, 64, "sidt 0x30000\n" GUEST_DONE);
GUEST_CODE(sldt_mem, 64, "sldt 0x30000\n" GUEST_DONE);
GUEST_CODE(sldt_reg, 64, "mov $-1, %rax\n sldt %eax\n mov %rax, 0x30000\n" GUEST_DONE);
GUEST_CODE(str_mem, 64, "str 0x30000\n" GUEST_DONE);
GUEST_CODE(str_reg, 64, "mov $-1, %rax\n str %ax\n mov %rax, 0x30000\n" GUEST_DONE);
GUEST_CODE(str_high, 64, "mov $-1, %r15\n str %r15\n mov %r15, 0x30000\n" GUEST_DONE);
GUEST_CODE(smsw, 64, "smsw 0x30000\n" GUEST_DONE);
GUEST_CODE(lgdt, 64, "lgdt 0x30100\n sgdt 0x30000\n" GUEST_DONE);
GUEST_CODE(lidt, 64, "lidt 0x30100\n sidt 0x30000\n" GUEST_DONE);
GUEST_CODE(lldt, 64, "mov $0x80, %eax\n lldt %ax\n sldt 0x30000\n" GUEST_DONE);
GUEST_CODE(ltr, 64, "mov $0x60, %eax\n ltr %ax\n str 0x30000\n" GUEST_DONE);
GUEST_CODE(lldt_bad, 64, "mov $0x10, %eax\n lldt %ax\n" GUEST_DONE);
GUEST_CODE(sgdt_fault, 64, "movabs $0x4000000000, %rdi\n sgdt (%rdi)\n" GUEST_DONE);
GUEST_CODE(sgdt32, 32, "sgdt 0x30000\n" GUEST_DONE);
GUEST_CODE(lgdt32, 32, "lgdt 0x30100\n sgdt 0x30000\n" GUEST_DONE);
GUEST_CODE(sidt16, 16, "sidt 0\n" GUEST_DONE);

static struct vm *vm;
static struct vcpu *vcpu;
static bool emulated;		/* the CPU does not have it */

struct out {
	u16 limit;
	u64 base;
} __attribute__((packed));

#define LOAD(mode, name, umip) load(mode, name, name##_end, umip)

static void load(enum guest_mode mode, const u8 *code, const u8 *end, bool umip)
{
	struct kvm_sregs s;
	u64 *gdt;

	vcpu_load(vcpu, mode, code, end);
	vcpu_get_sregs(vcpu, &s);
	s.cr4 = umip ? s.cr4 | CR4_UMIP : s.cr4 & ~CR4_UMIP;
	s.gdt.limit = GDT_LIMIT;
	s.ldt = (struct kvm_segment){ .selector = 0x58, .base = 0x1234, .limit = 0xff,
				      .type = 2, .present = 1 };
	vcpu_set_sregs(vcpu, &s);
	memset(gpa_to_hva(vm, OUT_GPA), 0xee, 16);
	gdt = gpa_to_hva(vm, GDT_GPA);
	/* A TSS that can be loaded, and an LDT. */
	gdt[SEL_TSS / 8] &= ~(2ull << 40);
	gdt[SEL_LDT / 8] = 0x7f | (u64)(LDT_GPA & 0xffffff) << 16 | 0x82ull << 40;
	gdt[SEL_LDT / 8 + 1] = 0;
}

static const struct out *out(void)
{
	return gpa_to_hva(vm, OUT_GPA);
}

static u64 word(void)
{
	u64 val;

	memcpy(&val, gpa_to_hva(vm, OUT_GPA), sizeof(val));
	return val;
}

static void expect_table(u16 limit, u64 base, const char *name)
{
	expect_done(vcpu, name);
	ok_eq(out()->limit, limit, "%s: limit", name);
	ok_eq(out()->base, base, "%s: base", name);
}

static void expect_word(u64 want, const char *name)
{
	expect_done(vcpu, name);
	ok_eq(word(), want, "%s: value", name);
}

#define KEPT(n)		(0xeeeeeeeeeeeeeeeeull << (n) * 8)

/* As the kernel sees it, which may have been told to do without. */
static bool cpu_flag(const char *flag)
{
	FILE *file = fopen("/proc/cpuinfo", "re");
	char line[4096];
	bool found = false;

	while (file && !found && fgets(line, sizeof(line), file))
		found = !strncmp(line, "flags", 5) && strstr(line, flag);
	if (file)
		fclose(file);
	return found;
}

static void test_offered(void)
{
	struct kvm_cpuid2 *cpuid = get_supported_cpuid(vm->kvm_fd);
	u32 i, offered = 0;
	struct kvm_sregs s;
	struct kvm_regs r;

	for (i = 0; i < cpuid->nent; i++)
		if (cpuid->entries[i].function == 7 && !cpuid->entries[i].index)
			offered = cpuid->entries[i].ecx & 4;
	free(cpuid);
	emulated = !cpu_flag(" umip ");
	note("this CPU %s UMIP", emulated ? "does not have" : "has");
	if (!offered)
		skip_all("KVM_GET_SUPPORTED_CPUID does not offer UMIP");
	ok(offered, "KVM_GET_SUPPORTED_CPUID offers UMIP");
	LOAD(MODE_LONG64, set_umip, false);
	expect_done(vcpu, "a guest sets CR4.UMIP");
	vcpu_get_regs(vcpu, &r);
	ok(r.rax & CR4_UMIP, "and reads it back");
	vcpu_get_sregs(vcpu, &s);
	ok(s.cr4 & CR4_UMIP, "userspace sees it");
}

/* At CPL 3, where GUEST_DONE needs IOPL 3. */
static void set_user(void)
{
	struct kvm_regs r;

	vcpu_set_user(vcpu);
	vcpu_get_regs(vcpu, &r);
	r.rflags |= FLAG_IOPL;
	vcpu_set_regs(vcpu, &r);
}

static void test_user(void)
{
	static const struct {
		const char *name;
		const u8 *code, *end;
	} stores[] = {
		{ "SGDT", sgdt, sgdt_end }, { "SIDT", sidt, sidt_end },
		{ "SLDT to memory", sldt_mem, sldt_mem_end },
		{ "SLDT to a register", sldt_reg, sldt_reg_end },
		{ "STR to memory", str_mem, str_mem_end },
		{ "STR to a register", str_reg, str_reg_end },
		{ "SMSW", smsw, smsw_end },
	};
	struct guest_fault fault;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(stores); i++) {
		load(MODE_LONG64, stores[i].code, stores[i].end, false);
		set_user();
		expect_done(vcpu, stores[i].name);
		/* No processor exits for SMSW where CR0 is shadowed. */
		if (stores[i].code == smsw && emulated) {
			skip("SMSW at CPL 3 with UMIP", "this CPU has no UMIP and SMSW no exit");
			continue;
		}
		load(MODE_LONG64, stores[i].code, stores[i].end, true);
		set_user();
		expect_fault(vcpu, GP_VECTOR, stores[i].name);
		ok(vcpu_fault(vcpu, &fault) && !fault.error_code, "%s: error code 0",
		   stores[i].name);
		ok_eq(word(), KEPT(0), "%s: nothing is written", stores[i].name);
	}
	LOAD(MODE_LONG64, lgdt, true);
	set_user();
	expect_fault(vcpu, GP_VECTOR, "LGDT at CPL 3");
	LOAD(MODE_LONG64, ltr, true);
	set_user();
	expect_fault(vcpu, GP_VECTOR, "LTR at CPL 3");
}

static void test_stores(void)
{
	LOAD(MODE_LONG64, sgdt, true);
	expect_table(GDT_LIMIT, GDT_GPA, "SGDT at CPL 0");
	LOAD(MODE_LONG64, sidt, true);
	expect_table(0x3ff, IDT64_GPA, "SIDT at CPL 0");
	LOAD(MODE_LONG64, sldt_mem, true);
	expect_word(KEPT(2) | 0x58, "SLDT to memory");
	LOAD(MODE_LONG64, sldt_reg, true);
	expect_word(0x58, "SLDT to a 32-bit register");
	LOAD(MODE_LONG64, str_mem, true);
	expect_word(KEPT(2) | SEL_TSS, "STR to memory");
	LOAD(MODE_LONG64, str_reg, true);
	expect_word(~0xffffull | SEL_TSS, "STR to a 16-bit register");
	LOAD(MODE_LONG64, str_high, true);
	expect_word(SEL_TSS, "STR to a 64-bit register");
	LOAD(MODE_LONG64, sgdt_fault, true);
	expect_fault(vcpu, PF_VECTOR, "SGDT to a page that is not mapped");
	LOAD(MODE_PAGED32, sgdt32, true);
	expect_done(vcpu, "SGDT in 32-bit code");
	ok_eq((u32)out()->base, GDT_GPA, "SGDT in 32-bit code: base");
	LOAD(MODE_REAL16, sidt16, true);
	expect_done(vcpu, "SIDT in real mode");
}

static void test_loads(void)
{
	struct out table = { .limit = 0x77, .base = GDT_GPA };
	struct kvm_sregs s;

	vm_write(vm, TABLE_GPA, &table, sizeof(table));
	LOAD(MODE_LONG64, lgdt, true);
	expect_table(0x77, GDT_GPA, "LGDT, SGDT");
	LOAD(MODE_PAGED32, lgdt32, true);
	expect_done(vcpu, "LGDT in 32-bit code");
	ok_eq(out()->limit, 0x77, "LGDT in 32-bit code: limit");
	table.base = IDT64_GPA;
	table.limit = 0x2ff;
	vm_write(vm, TABLE_GPA, &table, sizeof(table));
	LOAD(MODE_LONG64, lidt, true);
	expect_table(0x2ff, IDT64_GPA, "LIDT, SIDT");
	LOAD(MODE_LONG64, lldt, true);
	expect_word(KEPT(2) | SEL_LDT, "LLDT, SLDT");
	vcpu_get_sregs(vcpu, &s);
	ok(s.ldt.base == LDT_GPA && s.ldt.limit == 0x7f, "with the descriptor's base and limit");
	LOAD(MODE_LONG64, ltr, true);
	expect_word(KEPT(2) | SEL_TSS, "LTR, STR");
	vcpu_get_sregs(vcpu, &s);
	ok_eq(s.tr.base, TSS64_GPA, "with the descriptor's base");
	LOAD(MODE_LONG64, lldt_bad, true);
	expect_fault(vcpu, GP_VECTOR, "LLDT of a data segment");
}

int main(void)
{
	tap_start(30);
	vm = vm_create();
	vcpu = vcpu_create(vm);
	test_offered();
	test_user();
	test_stores();
	test_loads();
	vm_destroy(vm);
	return tap_done();
}
