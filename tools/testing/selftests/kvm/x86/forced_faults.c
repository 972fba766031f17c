// SPDX-License-Identifier: GPL-2.0-only
/*
 * Faults of instructions that are emulated: vector, error code, CR2, RIP and
 * an otherwise unchanged state, as the processor gives them natively.
 */
#include "kvm_test.h"

#define ALL (~0ull)

#define GONE 0x60000ul		/* not present */
#define READ_ONLY 0x61000ul
#define KERNEL 0x62000ul	/* not for CPL 3 */
#define RESERVED 0x63000ul	/* a reserved bit in the entry; not in MODE_PAGED32 */
#define LAST 0x5f000ul		/* present, GONE follows */

#define PAGE_FAULTS							\
	INSN("mov 0x60000, %eax") INSN("mov %eax, 0x60000") \
	INSN("mov %eax, 0x61000") INSN("mov 0x61000, %eax") INSN("incl 0x61000") \
	INSN("lock incl 0x61000") INSN("cmpl $0, 0x60ff0") INSN("mov 0x5fffe, %eax") \
	INSN("mov %eax, 0x5fffe") INSN("xchg %eax, 0x61010") \
	INSN("mov 0x62000, %eax") INSN("mov %eax, 0x62000") INSN("movzbl 0x60123, %eax") \
	INSN("btsl $3, 0x61000") INSN("cmpxchg %ebx, 0x61000") INSN("setc 0x60001")

#define LOCK_FAULTS							\
	INSN(".byte 0xf0, 0x01, 0xc0") INSN(".byte 0xf0, 0x89, 0x07")	\
	INSN(".byte 0xf0, 0x8b, 0x07") INSN(".byte 0xf0, 0x90")		\
	INSN(".byte 0xf0, 0x39, 0x07") INSN(".byte 0xf0, 0x85, 0x07")	\
	INSN(".byte 0xf0, 0x0f, 0xa3, 0x07") INSN(".byte 0xf0, 0xff, 0x37") \
	INSN(".byte 0xf0, 0xa4") INSN(".byte 0xf0, 0x03, 0x07")		\
	INSN(".byte 0xf0, 0xc1, 0x27, 0x01") INSN(".byte 0xf0, 0x0f, 0xa2")

#define UNDEFINED							\
	INSN("ud2") INSN(".byte 0x0f, 0xff, 0xc0") INSN(".byte 0xc6, 0x48, 0x00") \
	INSN(".byte 0x8e, 0xc8") INSN(".byte 0x8c, 0xf0") INSN(".byte 0x0f, 0x20, 0xc8") \
	INSN(".byte 0xfe, 0xd0") INSN(".byte 0xff, 0xf8") INSN(".byte 0x8d, 0xc0") \
	INSN(".byte 0x0f, 0xc7, 0xc8") INSN(".byte 0x0f, 0x01, 0xd7")

GUEST_CODE(page32, 32, PAGE_FAULTS);
GUEST_CODE(page64, 64, PAGE_FAULTS INSN("pushq 0x60000") INSN("popq 0x61000") INSN("call *0x60000") INSN("sgdt 0x61000")
	   INSN("movups 0x60000, %xmm1") INSN("movups %xmm1, 0x61000")
	   INSN("movups %xmm1, 0x5fff8"));
GUEST_CODE(lock32, 32, LOCK_FAULTS);
GUEST_CODE(lock64, 64, LOCK_FAULTS);
GUEST_CODE(undefined32, 32, UNDEFINED);
GUEST_CODE(undefined64, 64, UNDEFINED INSN(".byte 0x06") INSN(".byte 0x27") INSN(".byte 0x60")
	   INSN(".byte 0x9a, 0, 0, 0, 0, 0, 0") INSN(".byte 0xea, 0, 0, 0, 0, 0, 0")
	   INSN(".byte 0xce") INSN(".byte 0xd4, 0x0a") INSN(".byte 0x82, 0xc0, 0x01"));

/* RAX is not canonical, RSP and RBP are not either. QEMU knows no #SS for them. */
GUEST_CODE(canonical_ss, 64,
	   INSN("push %rbx") INSN("pop %rbx") INSN("mov (%rsp), %ebx") INSN("mov %ebx, 8(%rbp)")
	   INSN("call . + 8") INSN("ret") INSN("pushf"));
GUEST_CODE(canonical_gp, 64, INSN("jmp *%rax") INSN("mov %ebx, %ds:(%rax)"));
GUEST_CODE(canonical64, 64,
	   INSN("mov (%rax), %ebx") INSN("mov %ebx, (%rax)") INSN("mov %ds:(%rdx), %ebx")
	   INSN("lock incl (%rax)") INSN("invlpg (%rdi)")
	   INSN("movups (%rax), %xmm0") INSN("mov %rax, %cr2"));
static const struct kvm_regs not_canonical = {
	.rax = 0x800000000000, .rsp = 0x900000000000, .rbp = 0xa00000000000,
	.rdx = 0x8000000000000000, .rdi = DATA_GPA };

/*
 * Segment limits of 64 KiB; SI is at the end of them. QEMU's processor does
 * not check limits, so there is no native run to compare with.
 */
GUEST_CODE(limit_gp, 16,
	   INSN("mov (%si), %ax") INSN("mov %ax, (%si)") INSN("addl $1, (%si)")
	   INSN("mov (%eax), %bl") INSN("mov %bl, (%eax)") INSN("cmpb $0, (%eax)")
	   INSN("lock incl (%si)"));
GUEST_CODE(limit_ss, 16, INSN("mov %ss:(%si), %ax") INSN("mov %ss:(%eax), %bl"));
GUEST_CODE(limit_none, 16, INSN("mov (%si), %al") INSN("mov %al, %ss:(%si)"));
static const struct kvm_regs at_limit = { .rsi = 0xffff, .rax = 0x10000, .rsp = 0x8000 };

/* What CPL 3 may not do. */
GUEST_CODE(privileged64, 64,
	   INSN("hlt") INSN("clts") INSN("mov %cr0, %rax") INSN("mov %rax, %cr0")
	   INSN("mov %cr3, %rax") INSN("mov %dr0, %rax") INSN("mov %rax, %dr7") INSN("rdmsr")
	   INSN("wrmsr") INSN("lgdt (%rdi)") INSN("lidt (%rdi)") INSN("lmsw %ax") INSN("invlpg (%rdi)")
	   INSN("wbinvd") INSN("invd"));
static const struct kvm_regs plain = { .rdi = DATA_GPA, .rcx = 0xc0000082 };

/* Selectors: NULL, beyond the limit, wrong type, wrong privilege. */
GUEST_CODE(selector64, 64,
	   INSN("mov %eax, %ds") INSN("mov %eax, %ss") INSN("mov %ebx, %ds") INSN("mov %ebx, %ss")
	   INSN("mov %ecx, %es") INSN("mov %ecx, %ss") INSN("mov %edx, %ss") INSN("mov %edx, %fs"));
static const struct kvm_regs selectors = {
	.rax = 0xfff8, .rbx = 0, .rcx = SEL_TSS, .rdx = SEL_USER_DATA };

/* Reserved bits and values. */
GUEST_CODE(reserved64, 64,
	   INSN("mov %rax, %cr0") INSN("mov %rax, %cr4") INSN("mov %rax, %cr8")
	   INSN("mov %rax, %dr7"));
static const struct kvm_regs high_bits = { .rax = ~0ull };

#define LIST(name) { FORCED_LIST(name), ALL }
#define WITH(name, values) { FORCED_LIST(name), ALL, .regs = &(values) }

static const struct forced_list lists32[] = { LIST(page32) };
static const struct forced_list lists64[] = {
	LIST(page64), WITH(canonical64, not_canonical),
	WITH(selector64, selectors), WITH(reserved64, high_bits),
};
static const struct forced_list lists_user[] = {
	{ FORCED_LIST(page64), ALL, .user = true },
	{ FORCED_LIST(privileged64), ALL, .user = true, .regs = &plain },
	{ FORCED_LIST(canonical64), ALL, .user = true, .regs = &not_canonical },
};

static struct vm *vm;
static struct vcpu *vcpu;

static void walk(enum guest_mode mode, const struct forced_list *lists, size_t n)
{
	note("%s%s", mode_name(mode), lists->user ? " at CPL 3" : "");
	while (n--)
		walk_forced(vcpu, mode, lists++);
}

#define WALK(mode, lists) walk(mode, lists, ARRAY_SIZE(lists))

static void map_pages(void)
{
	vm_map(vm, GONE, 0, 0);
	vm_map(vm, READ_ONLY, READ_ONLY, PTE_P | PTE_U);
	vm_map(vm, KERNEL, KERNEL, PTE_P | PTE_W);
	vm_map(vm, RESERVED, 1ull << 51 | RESERVED, PTE_P | PTE_W | PTE_U);
}

/* The error codes themselves, in case processor and emulator err together. */
static void test_error_codes(void)
{
	static const struct {
		u8 insn[8];
		bool user;
		u64 error, cr2;
		const char *name;
	} cases[] = {
		{ { 0x8b, 0x04, 0x25, 0x10, 0, 6, 0 }, false, 0, GONE + 0x10, "read, not present" },
		{ { 0x89, 0x04, 0x25, 0x10, 0, 6, 0 }, false, 2, GONE + 0x10, "write, not present" },
		{ { 0x89, 0x04, 0x25, 0x20, 0x10, 6, 0 }, false, 3, READ_ONLY + 0x20, "write, read-only" },
		{ { 0x8b, 0x04, 0x25, 0, 0, 6, 0 }, true, 4, GONE, "CPL 3 read, not present" },
		{ { 0x8b, 0x04, 0x25, 0, 0x20, 6, 0 }, true, 5, KERNEL, "CPL 3 read, kernel page" },
		{ { 0x89, 0x04, 0x25, 0, 0x20, 6, 0 }, true, 7, KERNEL, "CPL 3 write, kernel page" },
		{ { 0x89, 0x04, 0x25, 0, 0x30, 6, 0 }, false, 0xb, RESERVED, "write, reserved bit" },
		{ { 0x8b, 0x04, 0x25, 0xfe, 0xff, 5, 0 }, false, 0, GONE, "read into the next page" },
	};
	static struct guest_state s;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct forced_case c = {
			.mode = MODE_LONG64, .user = cases[i].user,
			.insn = cases[i].insn, .len = 7,
		};

		run_insn(vcpu, &c, true, &s);
		ok(s.fault.vector == PF_VECTOR && s.fault.error_code == cases[i].error &&
		   s.fault.cr2 == cases[i].cr2, "#PF %#llx: %s",
		   (unsigned long long)cases[i].error, cases[i].name);
	}
}

static void forced_vectors(struct forced_case c, const u8 *p, const u8 *end, int vector)
{
	static struct guest_state s;

	while (p < end) {
		const char *text;

		c.len = *p++;
		c.insn = p;
		text = (const char *)p + c.len;
		p = (const u8 *)text + strlen(text) + 1;
		run_insn(vcpu, &c, true, &s);
		if (!ok(s.fault.vector == vector, "%s vector %d: %s", mode_name(c.mode), vector, text))
			note("vector %d", s.fault.vector);
	}
}

static void test_limits(enum guest_mode mode)
{
	struct forced_case c = { .mode = mode, .regs = at_limit };

	forced_vectors(c, limit_gp, limit_gp_end, GP_VECTOR);
	forced_vectors(c, limit_ss, limit_ss_end, SS_VECTOR);
	forced_vectors(c, limit_none, limit_none_end, -1);
}

/* QEMU's processor executes some of these. */
static void test_undefined(void)
{
	struct forced_case c = { .mode = MODE_PAGED32, .regs = { .rdi = DATA_GPA } };

	forced_vectors(c, lock32, lock32_end, UD_VECTOR);
	forced_vectors(c, undefined32, undefined32_end, UD_VECTOR);
	c.mode = MODE_LONG64;
	forced_vectors(c, lock64, lock64_end, UD_VECTOR);
	forced_vectors(c, undefined64, undefined64_end, UD_VECTOR);
}

/* At CPL 3, where the handler has a stack of its own. */
static void test_canonical(void)
{
	struct forced_case c = { .mode = MODE_LONG64, .user = true, .regs = not_canonical };

	forced_vectors(c, canonical_gp, canonical_gp_end, GP_VECTOR);
	forced_vectors(c, canonical_ss, canonical_ss_end, SS_VECTOR);
}

/* TF: a trap after the forced instruction, with RIP behind it. */
static void test_trap_flag(void)
{
	static const u8 nop[] = { 0x90 }, add[] = { 0x01, 0x1f }, jmp[] = { 0xeb, 0x02 };
	static const struct {
		const u8 *insn;
		size_t len;
		u64 next;
		const char *name;
	} cases[] = {
		{ nop, 1, 1, "nop" }, { add, 2, 2, "add to memory" }, { jmp, 2, 4, "jmp" },
	};
	static struct guest_state s;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct forced_case c = {
			.mode = MODE_LONG64, .insn = cases[i].insn, .len = cases[i].len,
			.regs = { .rdi = DATA_GPA, .rflags = FLAG_TF },
		};

		run_insn(vcpu, &c, true, &s);
		ok(s.fault.vector == DB_VECTOR && s.fault.rip == CODE_GPA + 16 + cases[i].next,
		   "TF traps after a forced %s", cases[i].name);
	}
}

/* REP keeps its progress when it faults in the middle. */
static void test_rep_progress(void)
{
	static const u8 stosb[] = { 0xf3, 0xaa };
	struct forced_case c = {
		.mode = MODE_LONG64, .insn = stosb, .len = 2,
		.regs = { .rax = 0x77, .rcx = 0x20, .rdi = GONE - 0x10 },
	};
	static struct guest_state s;
	const char *r;

	run_insn(vcpu, &c, true, &s);
	ok(s.fault.vector == PF_VECTOR && s.fault.cr2 == GONE, "rep stosb faults at the page");
	ok(s.regs.rcx == 0x10 && s.regs.rdi == GONE, "its progress is kept");
	ok_eq(s.fault.rip, CODE_GPA + 16, "RIP is at the instruction");
	r = compare_forced(vcpu, &c, ALL);
	ok(!r, "as natively %s", r ? r : "");
}

int main(void)
{
	tap_start(50);
	vm = vm_create();
	vcpu = vcpu_create(vm);
	if (forced_emulation_missing())
		skip_all(forced_emulation_missing());
	map_pages();
	WALK(MODE_PAGED32, lists32);
	WALK(MODE_PAE32, lists32);
	WALK(MODE_LONG64, lists64);
	WALK(MODE_LONG64, lists_user);
	test_limits(MODE_REAL16);
	test_limits(MODE_PROT16);
	test_undefined();
	test_canonical();
	test_error_codes();
	test_trap_flag();
	test_rep_progress();
	vm_destroy(vm);
	return tap_done();
}
