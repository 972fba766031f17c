// SPDX-License-Identifier: GPL-2.0-only
/* MMIO accesses of every size and kind that userspace completes. */
#include "kvm_test.h"

/* One access to the device that is expected of an instruction. */
struct access {
	bool write;
	u64 gpa;
	u32 len;
	u64 value;		/* the answer, or what must be written */
};

#define R(gpa, len, value) { false, gpa, len, value }
#define W(gpa, len, value) { true, gpa, len, value }
#define MAX_ACCESSES 8

struct test {
	const char *name;
	enum guest_mode mode;
	const u8 *code, *end;
	struct kvm_regs in;
	struct access access[MAX_ACCESSES];
	/* Register that must hold want afterwards (offset in kvm_regs). */
	size_t reg;
	u64 want;
	/* RAM before and after: 8 bytes at ram_gpa, when that is not 0. */
	u64 ram_gpa, ram, ram_want;
};

#define REG(r) offsetof(struct kvm_regs, r)
#define M MMIO_GPA
#define EDGE RAM_END		/* RAM below, MMIO above */
#define TOP HIGH_GPA		/* MMIO below, RAM above */
#define CONST 0x1122334455667788ull

static struct vm *vm;
static struct vcpu *vcpu;

static bool same_access(const struct access *a)
{
	struct kvm_run *run = vcpu->run;

	if (run->exit_reason != KVM_EXIT_MMIO || !!run->mmio.is_write != a->write ||
	    run->mmio.phys_addr != a->gpa || run->mmio.len != a->len)
		return false;
	if (a->write)
		return !memcmp(run->mmio.data, &a->value, a->len);
	memcpy(run->mmio.data, &a->value, a->len);
	return true;
}

static bool run_accesses(const struct test *t)
{
	const struct access *a;

	for (a = t->access; a < t->access + MAX_ACCESSES && a->len; a++) {
		int r = run_until_exit(vcpu);

		if (r == KVM_EXIT_MMIO && same_access(a))
			continue;
		note("access %d: want %s gpa %#llx len %u data %#llx", (int)(a - t->access),
		     a->write ? "write" : "read", (unsigned long long)a->gpa, a->len,
		     (unsigned long long)a->value);
		note("left for %s", describe_exit(vcpu, r));
		return false;
	}
	if (run_until_exit(vcpu) == KVM_EXIT_IO && at_done(vcpu))
		return true;
	note("at the end: %s", describe_exit(vcpu, vcpu->run->exit_reason));
	return false;
}

static bool check_result(const struct test *t)
{
	struct kvm_regs out;
	u64 reg, ram;

	vcpu_get_regs(vcpu, &out);
	reg = *(u64 *)((u8 *)&out + t->reg);
	if (reg != t->want) {
		note("register is %#llx, want %#llx", (unsigned long long)reg,
		     (unsigned long long)t->want);
		return false;
	}
	if (!t->ram_gpa)
		return true;
	memcpy(&ram, gpa_to_hva(vm, t->ram_gpa), sizeof(ram));
	if (ram != t->ram_want)
		note("RAM is %#llx, want %#llx", (unsigned long long)ram,
		     (unsigned long long)t->ram_want);
	return ram == t->ram_want;
}

static void run_test(const struct test *t)
{
	struct kvm_regs setup, regs = t->in;

	vcpu_load(vcpu, t->mode, t->code, t->end);
	vcpu_get_regs(vcpu, &setup);
	regs.rip = setup.rip;
	regs.rflags |= FLAG_FIXED;
	if (!regs.rsp)
		regs.rsp = setup.rsp;
	vcpu_set_regs(vcpu, &regs);
	if (t->ram_gpa)
		memcpy(gpa_to_hva(vm, t->ram_gpa), &t->ram, sizeof(t->ram));
	ok(run_accesses(t) && check_result(t), "%s", t->name);
}

#define CODE(name, bits, text) GUEST_CODE(name, bits, text "\n" GUEST_DONE)
#define RUN64(label) .name = #label, .mode = MODE_LONG64, .code = label, .end = label##_end
#define RUN32(label) .name = #label, .mode = MODE_PAGED32, .code = label, .end = label##_end
#define RUN16(label) .name = #label, .mode = MODE_REAL16, .code = label, .end = label##_end
#define RUNP16(label) .name = #label " prot16", .mode = MODE_PROT16, .code = label, \
	.end = label##_end

CODE(store8, 64, "mov %al, (%rdi)");
CODE(store16, 64, "mov %ax, (%rdi)");
CODE(store32, 64, "mov %eax, (%rdi)");
CODE(store64, 64, "mov %rax, (%rdi)");
CODE(store_imm64, 64, "movq $-2, (%rdi)");
CODE(store_imm8, 64, "movb $0x5a, 3(%rdi)");
CODE(store_high8, 64, "mov %ah, (%rdi)");
CODE(store_rex8, 64, "mov %sil, (%rdi)");
CODE(load8, 64, "mov (%rdi), %al");
CODE(load16, 64, "mov (%rdi), %ax");
CODE(load32, 64, "mov (%rdi), %eax");
CODE(load64, 64, "mov (%rdi), %rax");
CODE(load_r15, 64, "mov 16(%rdi,%rcx,8), %r15");
CODE(load_moffs, 64, "movabs 0xa0010, %rax");
CODE(store_moffs, 64, "movabs %eax, 0xa0010");
CODE(movnti64, 64, "movnti %rax, (%rdi)");
CODE(movbe_like, 64, "bswap %eax\n mov %eax, (%rdi)");

static const struct test sizes[] = {
	{ RUN64(store8), { .rax = CONST, .rdi = M }, { W(M, 1, 0x88) }, REG(rax), CONST },
	{ RUN64(store16), { .rax = CONST, .rdi = M }, { W(M, 2, 0x7788) }, REG(rax), CONST },
	{ RUN64(store32), { .rax = CONST, .rdi = M }, { W(M, 4, 0x55667788) }, REG(rax), CONST },
	{ RUN64(store64), { .rax = CONST, .rdi = M }, { W(M, 8, CONST) }, REG(rax), CONST },
	{ RUN64(store_imm64), { .rdi = M }, { W(M, 8, -2) }, REG(rdi), M },
	{ RUN64(store_imm8), { .rdi = M }, { W(M + 3, 1, 0x5a) }, REG(rdi), M },
	{ RUN64(store_high8), { .rax = CONST, .rdi = M }, { W(M, 1, 0x77) }, REG(rdi), M },
	{ RUN64(store_rex8), { .rsi = CONST, .rdi = M }, { W(M, 1, 0x88) }, REG(rdi), M },
	{ RUN64(load8), { .rax = CONST, .rdi = M }, { R(M, 1, 0xfe) }, REG(rax), 0x11223344556677fe },
	{ RUN64(load16), { .rax = CONST, .rdi = M }, { R(M, 2, 0xfedc) }, REG(rax), 0x112233445566fedc },
	{ RUN64(load32), { .rax = CONST, .rdi = M }, { R(M, 4, 0xfedcba98) }, REG(rax), 0xfedcba98 },
	{ RUN64(load64), { .rdi = M }, { R(M, 8, CONST) }, REG(rax), CONST },
	{ RUN64(load_r15), { .rdi = M, .rcx = 2 }, { R(M + 32, 8, CONST) }, REG(r15), CONST },
	{ RUN64(load_moffs), {}, { R(M + 16, 8, CONST) }, REG(rax), CONST },
	{ RUN64(store_moffs), { .rax = CONST }, { W(M + 16, 4, 0x55667788) }, REG(rax), CONST },
	{ RUN64(movnti64), { .rax = CONST, .rdi = M }, { W(M, 8, CONST) }, REG(rax), CONST },
	{ RUN64(movbe_like), { .rax = 0x11223344, .rdi = M }, { W(M, 4, 0x44332211) },
	  REG(rax), 0x44332211 },
};

static const struct test edges[] = {
	{ .name = "store over RAM and MMIO", .mode = MODE_LONG64, .code = store64, .end = store64_end,
	  .in = { .rax = CONST, .rdi = EDGE - 3 }, .access = { W(EDGE, 5, CONST >> 24) },
	  .reg = REG(rax), .want = CONST,
	  .ram_gpa = EDGE - 8, .ram = 0, .ram_want = 0x6677880000000000 },
	{ .name = "load over RAM and MMIO", .mode = MODE_LONG64, .code = load64, .end = load64_end,
	  .in = { .rdi = EDGE - 3 }, .access = { R(EDGE, 5, CONST >> 24) }, .reg = REG(rax),
	  .want = CONST, .ram_gpa = EDGE - 8, .ram = 0x66778800000000aa,
	  .ram_want = 0x66778800000000aa },
	{ .name = "store over MMIO and RAM", .mode = MODE_LONG64, .code = store32, .end = store32_end,
	  .in = { .rax = CONST, .rdi = TOP - 1 }, .access = { W(TOP - 1, 1, 0x88) },
	  .reg = REG(rax), .want = CONST,
	  .ram_gpa = TOP, .ram = ~0ull, .ram_want = 0xffffffffff556677 },
	{ .name = "load over MMIO and RAM", .mode = MODE_LONG64, .code = load32, .end = load32_end,
	  .in = { .rdi = TOP - 1 }, .access = { R(TOP - 1, 1, 0x88) }, .reg = REG(rax),
	  .want = 0x55667788, .ram_gpa = TOP, .ram = 0x556677, .ram_want = 0x556677 },
	{ .name = "store over two MMIO pages", .mode = MODE_LONG64, .code = store64,
	  .end = store64_end, .in = { .rax = CONST, .rdi = M + 0xffe },
	  .access = { W(M + 0xffe, 2, CONST), W(M + 0x1000, 6, CONST >> 16) },
	  .reg = REG(rax), .want = CONST },
	{ .name = "load over two MMIO pages", .mode = MODE_LONG64, .code = load64, .end = load64_end,
	  .in = { .rdi = M + 0xffe },
	  .access = { R(M + 0xffe, 2, CONST), R(M + 0x1000, 6, CONST >> 16) },
	  .reg = REG(rax), .want = CONST },
	{ .name = "2-byte load over two MMIO pages", .mode = MODE_LONG64, .code = load16,
	  .end = load16_end, .in = { .rdi = M + 0xfff },
	  .access = { R(M + 0xfff, 1, 0x34), R(M + 0x1000, 1, 0x12) },
	  .reg = REG(rax), .want = 0x1234 },
};

CODE(add_to_mem, 64, "add %eax, (%rdi)");
CODE(add_from_mem, 64, "add (%rdi), %rax");
CODE(cmp_mem, 64, "cmpb $5, (%rdi)\n setz %al");
CODE(test_mem, 64, "testl $0x80000000, (%rdi)\n sets %al");
CODE(inc_mem, 64, "incw (%rdi)");
CODE(neg_mem, 64, "negq (%rdi)");
CODE(not_mem, 64, "notb (%rdi)");
CODE(lock_or, 64, "lock orl $0xf0, (%rdi)");
CODE(lock_xadd, 64, "lock xadd %eax, (%rdi)");
CODE(xchg_mem, 64, "xchg %rax, (%rdi)");
CODE(cmpxchg_hit, 64, "cmpxchg %ecx, (%rdi)");
CODE(bts_mem, 64, "btsl $3, (%rdi)\n setc %al");
CODE(shl_mem, 64, "shll $4, (%rdi)");
CODE(add_edge, 64, "add %eax, (%rdi)");
CODE(sete_mem, 64, "cmp %eax, %eax\n sete (%rdi)");
CODE(mul_mem, 64, "mull (%rdi)");
CODE(cmov_mem, 64, "cmp %eax, %eax\n cmove (%rdi), %ecx");

static const struct test rmw[] = {
	{ RUN64(add_to_mem), { .rax = 5, .rdi = M }, { R(M, 4, 7), W(M, 4, 12) }, REG(rax), 5 },
	{ RUN64(add_from_mem), { .rax = 5, .rdi = M }, { R(M, 8, CONST) }, REG(rax), CONST + 5 },
	{ RUN64(cmp_mem), { .rdi = M }, { R(M, 1, 5) }, REG(rax), 1 },
	{ RUN64(test_mem), { .rdi = M }, { R(M, 4, 0x80000001) }, REG(rax), 1 },
	{ RUN64(inc_mem), { .rdi = M }, { R(M, 2, 0xffff), W(M, 2, 0) }, REG(rdi), M },
	{ RUN64(neg_mem), { .rdi = M }, { R(M, 8, 1), W(M, 8, -1) }, REG(rdi), M },
	{ RUN64(not_mem), { .rdi = M }, { R(M, 1, 0x0f), W(M, 1, 0xf0) }, REG(rdi), M },
	{ RUN64(lock_or), { .rdi = M }, { R(M, 4, 0x0f), W(M, 4, 0xff) }, REG(rdi), M },
	{ RUN64(lock_xadd), { .rax = 2, .rdi = M }, { R(M, 4, 40), W(M, 4, 42) }, REG(rax), 40 },
	{ RUN64(xchg_mem), { .rax = 2, .rdi = M }, { R(M, 8, CONST), W(M, 8, 2) }, REG(rax), CONST },
	{ RUN64(cmpxchg_hit), { .rax = 7, .rcx = 9, .rdi = M }, { R(M, 4, 7), W(M, 4, 9) },
	  REG(rax), 7 },
	{ RUN64(bts_mem), { .rdi = M }, { R(M, 4, 1), W(M, 4, 9) }, REG(rax), 0 },
	{ RUN64(shl_mem), { .rdi = M }, { R(M, 4, 0x12345678), W(M, 4, 0x23456780) }, REG(rdi), M },
	{ RUN64(add_edge), { .rax = 1, .rdi = EDGE - 2 }, { R(EDGE, 2, 0x1234), W(EDGE, 2, 0x1235) },
	  REG(rax), 1, EDGE - 8, 0xffff000000000000, 0 },
	{ RUN64(sete_mem), { .rdi = M }, { W(M, 1, 1) }, REG(rdi), M },
	{ RUN64(mul_mem), { .rax = 3, .rdi = M }, { R(M, 4, 0x80000000) }, REG(rdx), 1 },
	{ RUN64(cmov_mem), { .rdi = M }, { R(M, 4, 0x5678) }, REG(rcx), 0x5678 },
};

CODE(movzx8, 64, "movzbl (%rdi), %eax");
CODE(movzx8_16, 64, "movzbw (%rdi), %ax");
CODE(movzx16, 64, "movzwq (%rdi), %rax");
CODE(movsx8, 64, "movsbl (%rdi), %eax");
CODE(movsx8_64, 64, "movsbq (%rdi), %rax");
CODE(movsx16, 64, "movswl (%rdi), %eax");
CODE(movsxd, 64, "movslq (%rdi), %rax");

static const struct test extensions[] = {
	{ RUN64(movzx8), { .rax = CONST, .rdi = M }, { R(M, 1, 0x80) }, REG(rax), 0x80 },
	{ RUN64(movzx8_16), { .rax = CONST, .rdi = M }, { R(M, 1, 0x80) }, REG(rax), 0x1122334455660080 },
	{ RUN64(movzx16), { .rax = CONST, .rdi = M }, { R(M, 2, 0x8000) }, REG(rax), 0x8000 },
	{ RUN64(movsx8), { .rax = CONST, .rdi = M }, { R(M, 1, 0x80) }, REG(rax), 0xffffff80 },
	{ RUN64(movsx8_64), { .rax = CONST, .rdi = M }, { R(M, 1, 0x80) }, REG(rax), -128 },
	{ RUN64(movsx16), { .rax = CONST, .rdi = M }, { R(M, 2, 0x8000) }, REG(rax), 0xffff8000 },
	{ RUN64(movsxd), { .rax = CONST, .rdi = M }, { R(M, 4, 0x80000000) }, REG(rax), 0xffffffff80000000 },
};

CODE(push_reg, 64, "push %rax");
CODE(pop_reg, 64, "pop %rax");
CODE(push_from, 64, "pushq (%rdi)");
CODE(pop_to, 64, "popq (%rdi)");
CODE(call_ret, 64, "call 1f\n nop\n mov $3, %eax\n jmp 2f\n 1: ret\n 2:");
CODE(jmp_mem, 64, "mov $1, %eax\n jmp *(%rdi)\n hlt\n .org jmp_mem + 64\n mov $2, %eax");

static const struct test stack[] = {
	{ RUN64(push_reg), { .rax = CONST, .rsp = M + 0x100 }, { W(M + 0xf8, 8, CONST) },
	  REG(rsp), M + 0xf8 },
	{ RUN64(pop_reg), { .rsp = M + 0x100 }, { R(M + 0x100, 8, CONST) }, REG(rax), CONST },
	{ RUN64(push_from), { .rdi = M }, { R(M, 8, CONST) }, REG(rsp), STACK_TOP - 8,
	  STACK_TOP - 8, 0, CONST },
	{ RUN64(pop_to), { .rdi = M, .rsp = STACK_TOP - 8 }, { W(M, 8, CONST) }, REG(rsp), STACK_TOP,
	  STACK_TOP - 8, CONST, CONST },
	{ RUN64(call_ret), { .rsp = M + 8 }, { W(M, 8, CODE_GPA + 5), R(M, 8, CODE_GPA + 5) },
	  REG(rax), 3 },
	{ RUN64(jmp_mem), { .rdi = M }, { R(M, 8, CODE_GPA + 64) }, REG(rax), 2 },
};

CODE(movs_out, 64, "rep movsb");
CODE(movs_in, 64, "rep movsw");
CODE(movs_both, 64, "rep movsl");
CODE(stos, 64, "rep stosq");
CODE(lods, 64, "lodsb");
CODE(cmps, 64, "repe cmpsb");
CODE(scas, 64, "repne scasb");
CODE(movs_down, 64, "std\n rep movsb\n cld");

static const struct test strings[] = {
	{ RUN64(movs_out), { .rcx = 3, .rsi = DATA_GPA, .rdi = M },
	  { W(M, 1, 0x88), W(M + 1, 1, 0x77), W(M + 2, 1, 0x66) }, REG(rdi), M + 3,
	  DATA_GPA, CONST, CONST },
	{ RUN64(movs_in), { .rcx = 3, .rsi = M, .rdi = DATA_GPA },
	  { R(M, 2, 0x1111), R(M + 2, 2, 0x2222), R(M + 4, 2, 0x3333) }, REG(rsi), M + 6,
	  DATA_GPA, 0, 0x333322221111 },
	{ RUN64(movs_both), { .rcx = 2, .rsi = M, .rdi = M + 0x100 },
	  { R(M, 4, 0x11), W(M + 0x100, 4, 0x11), R(M + 4, 4, 0x22), W(M + 0x104, 4, 0x22) },
	  REG(rcx), 0 },
	{ RUN64(stos), { .rax = CONST, .rcx = 2, .rdi = M }, { W(M, 8, CONST), W(M + 8, 8, CONST) },
	  REG(rdi), M + 16 },
	{ RUN64(lods), { .rsi = M }, { R(M, 1, 0x42) }, REG(rax), 0x42 },
	{ RUN64(cmps), { .rcx = 5, .rsi = M, .rdi = DATA_GPA }, { R(M, 1, 0x88), R(M + 1, 1, 0x76) },
	  REG(rcx), 3, DATA_GPA, CONST, CONST },
	{ RUN64(scas), { .rax = 3, .rcx = 5, .rdi = M }, { R(M, 1, 1), R(M + 1, 1, 3) },
	  REG(rcx), 3 },
	{ RUN64(movs_down), { .rcx = 2, .rsi = DATA_GPA + 1, .rdi = M + 1 },
	  { W(M + 1, 1, 0x77), W(M, 1, 0x88) }, REG(rdi), M - 1, DATA_GPA, CONST, CONST },
};

CODE(movups_store, 64, "movups (%rsi), %xmm1\n movups %xmm1, (%rdi)");
CODE(movdqu_load, 64, "movdqu (%rdi), %xmm2\n movq %xmm2, %rax\n psrldq $8, %xmm2\n movq %xmm2, %rbx");
CODE(movaps_load, 64, "movaps (%rdi), %xmm9\n psrldq $8, %xmm9\n movq %xmm9, %rax");
CODE(movdqa_store, 64, "movq %rax, %xmm0\n punpcklqdq %xmm0, %xmm0\n movdqa %xmm0, (%rdi)");
CODE(movntdq_store, 64, "movq %rax, %xmm0\n movntdq %xmm0, (%rdi)");
CODE(movd_load, 64, "movd (%rdi), %xmm0\n movq %xmm0, %rax");
CODE(movd_store, 64, "movq %rax, %xmm0\n movd %xmm0, (%rdi)");
CODE(movq_load, 64, "movq (%rdi), %xmm0\n movq %xmm0, %rax");
CODE(movq_store, 64, "movq %rax, %xmm0\n movq %xmm0, (%rdi)");

static const struct test sse[] = {
	{ RUN64(movups_store), { .rsi = DATA_GPA, .rdi = M + 1 },
	  { W(M + 1, 8, CONST), W(M + 9, 8, 0) }, REG(rdi), M + 1, DATA_GPA, CONST, CONST },
	{ RUN64(movdqu_load), { .rdi = M }, { R(M, 8, CONST), R(M + 8, 8, 0x99) }, REG(rbx), 0x99 },
	{ RUN64(movaps_load), { .rdi = M }, { R(M, 8, CONST), R(M + 8, 8, 0x77) }, REG(rax), 0x77 },
	{ RUN64(movdqa_store), { .rax = CONST, .rdi = M }, { W(M, 8, CONST), W(M + 8, 8, CONST) },
	  REG(rdi), M },
	{ RUN64(movntdq_store), { .rax = CONST, .rdi = M }, { W(M, 8, CONST), W(M + 8, 8, 0) },
	  REG(rdi), M },
	{ .name = "movdqu over RAM and MMIO", .mode = MODE_LONG64, .code = movdqu_load,
	  .end = movdqu_load_end, .in = { .rdi = EDGE - 8 }, .access = { R(EDGE, 8, 0x55) },
	  .reg = REG(rax), .want = CONST, .ram_gpa = EDGE - 8, .ram = CONST, .ram_want = CONST },
};

static const struct test sse_scalar[] = {
	{ RUN64(movd_load), { .rdi = M }, { R(M, 4, 0xfedcba98) }, REG(rax), 0xfedcba98 },
	{ RUN64(movd_store), { .rax = CONST, .rdi = M }, { W(M, 4, 0x55667788) }, REG(rdi), M },
	{ RUN64(movq_load), { .rdi = M }, { R(M, 8, CONST) }, REG(rax), CONST },
	{ RUN64(movq_store), { .rax = CONST, .rdi = M }, { W(M, 8, CONST) }, REG(rdi), M },
};

CODE(store_es8, 16, "mov %al, %es:(%di)");
CODE(store_es32, 16, "mov %eax, %es:4(%di)");
CODE(load_es16, 16, "mov %es:(%bx,%si), %cx");
CODE(rmw_es, 16, "addw $3, %es:(%di)");
CODE(movs16, 16, "rep movsb");
CODE(store32_32, 32, "mov %eax, (%edi)");
CODE(load32_32, 32, "mov 4(%edi), %ecx");
CODE(push32, 32, "push %eax");
CODE(pusha32, 32, "pusha");

static const struct test narrow[] = {
	{ RUN16(store_es8), { .rax = CONST, .rdi = 0x10 }, { W(M + 0x10, 1, 0x88) }, REG(rdi), 0x10 },
	{ RUN16(store_es32), { .rax = CONST, .rdi = 0x10 }, { W(M + 0x14, 4, 0x55667788) }, REG(rdi), 0x10 },
	{ RUN16(load_es16), { .rbx = 0x10, .rsi = 2 }, { R(M + 0x12, 2, 0x1234) }, REG(rcx), 0x1234 },
	{ RUN16(rmw_es), { .rdi = 6 }, { R(M + 6, 2, 1), W(M + 6, 2, 4) }, REG(rdi), 6 },
	{ RUN16(movs16), { .rcx = 2 }, { W(M, 1, 0x88), W(M + 1, 1, 0x77) }, REG(rdi), 2,
	  DATA_GPA, CONST, CONST },
	{ RUNP16(store_es32), { .rax = CONST, .rdi = 0x10 }, { W(M + 0x14, 4, 0x55667788) },
	  REG(rdi), 0x10 },
	{ RUNP16(rmw_es), { .rdi = 6 }, { R(M + 6, 2, 1), W(M + 6, 2, 4) }, REG(rdi), 6 },
	{ RUN32(store32_32), { .rax = CONST, .rdi = M }, { W(M, 4, 0x55667788) }, REG(rdi), M },
	{ RUN32(load32_32), { .rdi = M }, { R(M + 4, 4, 0x12345678) }, REG(rcx), 0x12345678 },
	{ RUN32(push32), { .rax = CONST, .rsp = M + 4 }, { W(M, 4, 0x55667788) }, REG(rsp), M },
	{ .name = "store in pae32", .mode = MODE_PAE32, .code = store32_32, .end = store32_32_end,
	  .in = { .rax = 9, .rdi = M }, .access = { W(M, 4, 9) }, .reg = REG(rdi), .want = M },
	{ .name = "store in compat32", .mode = MODE_COMPAT32, .code = store32_32, .end = store32_32_end,
	  .in = { .rax = 9, .rdi = 0xd0000000 }, .access = { W(0xd0000000, 4, 9) },
	  .reg = REG(rdi), .want = 0xd0000000 },
	{ .name = "store in prot32", .mode = MODE_PROT32, .code = store32_32, .end = store32_32_end,
	  .in = { .rax = 9, .rdi = 0xd0000000 }, .access = { W(0xd0000000, 4, 9) },
	  .reg = REG(rdi), .want = 0xd0000000 },
};

/* PUSHA stores eight registers; each is one access, in order. */
static const struct test pusha[] = {
	{ RUN32(pusha32), { .rax = 1, .rcx = 2, .rdx = 3, .rbx = 4, .rbp = 6, .rsi = 7, .rdi = 8,
			    .rsp = M + 32 },
	  { W(M + 28, 4, 1), W(M + 24, 4, 2), W(M + 20, 4, 3), W(M + 16, 4, 4),
	    W(M + 12, 4, M + 32), W(M + 8, 4, 6), W(M + 4, 4, 7), W(M, 4, 8) },
	  REG(rsp), M },
};

/* A failing CMPXCHG may write the old value back, as the processor does. */
static void test_cmpxchg_miss(void)
{
	u32 old = 8, written;
	struct kvm_regs r;
	int reason;

	load_code(vcpu, MODE_LONG64, cmpxchg_hit);
	vcpu_get_regs(vcpu, &r);
	r.rax = 7;
	r.rcx = 9;
	r.rdi = M;
	vcpu_set_regs(vcpu, &r);
	expect_mmio_read(vcpu, M, 4, &old, "cmpxchg that misses: reads");
	reason = run_until_exit(vcpu);
	if (reason == KVM_EXIT_MMIO) {
		memcpy(&written, vcpu->run->mmio.data, 4);
		ok(vcpu->run->mmio.is_write && written == old, "writes what was there");
		run_until_exit(vcpu);
	}
	ok(at_done(vcpu), "and is done");
	vcpu_get_regs(vcpu, &r);
	ok_eq(r.rax, 8, "EAX is what was there");
	ok_eq(r.rflags & FLAG_ZF, 0, "ZF is clear");
}

static void test_misaligned_movaps(void)
{
	struct kvm_regs r;

	load_code(vcpu, MODE_LONG64, movaps_load);
	vcpu_get_regs(vcpu, &r);
	r.rdi = M + 8;
	vcpu_set_regs(vcpu, &r);
	expect_fault(vcpu, GP_VECTOR, "misaligned movaps takes #GP and no device access");
}

/* What Linux 6.1 does not emulate, or does not emulate as the manual says. */
#define RUN_OURS(table) do {						\
	unsigned int i;							\
	for (i = 0; i < ARRAY_SIZE(table); i++)				\
		if (kvm_is_ours())					\
			run_test(&(table)[i]);				\
		else							\
			skip((table)[i].name, "this KVM does not emulate it"); \
} while (0)

#define RUN_ALL(table) do {						\
	unsigned int i;							\
	for (i = 0; i < ARRAY_SIZE(table); i++)				\
		run_test(&(table)[i]);					\
} while (0)

int main(void)
{
	tap_start(50);
	vm = vm_create();
	vcpu = vcpu_create(vm);
	RUN_ALL(sizes);
	RUN_ALL(edges);
	RUN_ALL(rmw);
	test_cmpxchg_miss();
	RUN_ALL(extensions);
	RUN_ALL(stack);
	RUN_ALL(strings);
	RUN_ALL(sse);
	test_misaligned_movaps();
	RUN_ALL(narrow);
	RUN_OURS(sse_scalar);
	RUN_OURS(pusha);
	vm_destroy(vm);
	return tap_done();
}
