// SPDX-License-Identifier: GPL-2.0-only
/* Arithmetic, natively and forced through the emulator: states must match. */
#include "kvm_test.h"

/* Flags that the manual defines after each kind of instruction. */
#define ARITH (~0ull)
#define LOGIC (~0x10ull)		/* AF undefined */
#define SHIFT (~0x810ull)		/* AF; OF for counts other than 1 */
#define MULTIPLY (~0xd4ull)		/* only CF and OF are defined */
#define DIVIDE (~0x8d5ull)
#define BIT_TEST (~0x894ull)		/* CF; ZF stays */
#define BIT_SCAN (~0x895ull)		/* ZF */

#define BINARY(op)							\
	INSN(#op " %bl, %al") INSN(#op " %bx, %ax") INSN(#op " %ebx, %eax") \
	INSN(#op " (%edi), %al") INSN(#op " (%edi), %cx")		\
	INSN(#op " %eax, 4(%edi)") INSN(#op " %ah, (%edi)")		\
	INSN(#op "b $0x7f, (%edi)") INSN(#op "w $-3, (%edi)")		\
	INSN(#op "l $0x12345678, 8(%edi)") INSN(#op " $0x55, %al")	\
	INSN(#op " $0x5555, %ax") INSN(#op " $0x80000000, %eax")

#define LOCKED(op) INSN("lock " #op "l %eax, (%edi)")

#define UNARY(op)							\
	INSN(#op " %al") INSN(#op " %ax") INSN(#op " %eax")		\
	INSN(#op "b (%edi)") INSN(#op "w (%edi)") INSN(#op "l (%edi)")	\
	INSN("lock " #op "l (%edi)")

#define SHIFTS(op)							\
	INSN(#op " %cl, %al") INSN(#op " %cl, %ax") INSN(#op " %cl, %eax") \
	INSN(#op " $1, %al") INSN(#op " $1, %eax") INSN(#op " $5, %ax")	\
	INSN(#op "w %cl, (%edi)") INSN(#op "l $31, (%edi)") INSN(#op "b $1, (%edi)")

#define BITS(op)							\
	INSN(#op " %ebx, %eax") INSN(#op " %cx, %ax") INSN(#op "l $9, %eax") \
	INSN(#op "l $9, (%edi)") INSN(#op "w $9, (%edi)") INSN(#op " %ecx, (%edi)") \
	INSN(#op " %cx, (%edi)")

#define ARITH_LIST							\
	BINARY(add) BINARY(adc) BINARY(sub) BINARY(sbb) BINARY(cmp)	\
	LOCKED(add) LOCKED(adc) LOCKED(sub) LOCKED(sbb)			\
	UNARY(inc) UNARY(dec) UNARY(neg) UNARY(not)			\
	INSN("xadd %bl, %al") INSN("xadd %ecx, (%edi)") INSN("lock xadd %eax, (%edi)") \
	INSN("cmpxchg %bl, (%edi)") INSN("cmpxchg %ebx, %eax") INSN("lock cmpxchg %ecx, (%edi)") \
	INSN("cmpxchg8b (%edi)") INSN("lock cmpxchg8b (%edi)")		\
	INSN("clc") INSN("stc") INSN("cmc") INSN("cld") INSN("std")	\
	INSN("lahf") INSN("sahf")

#define LOGIC_LIST							\
	BINARY(and) BINARY(or) BINARY(xor) BINARY(test)			\
	LOCKED(and) LOCKED(or) LOCKED(xor)

#define SHIFT_LIST							\
	SHIFTS(shl) SHIFTS(shr) SHIFTS(sar) SHIFTS(rol) SHIFTS(ror) SHIFTS(rcl) SHIFTS(rcr) \
	INSN("shld $4, %ebx, %eax") INSN("shld %cl, %ebx, (%edi)")	\
	INSN("shrd $4, %ebx, %eax") INSN("shrd %cl, %ebx, (%edi)")

#define MULTIPLY_LIST							\
	INSN("mul %bl") INSN("mul %bx") INSN("mul %ebx") INSN("mull (%edi)") \
	INSN("imul %bl") INSN("imul %bx") INSN("imul %ebx") INSN("imulw (%edi)") \
	INSN("imul %ebx, %eax") INSN("imul (%edi), %ax") INSN("imul $3, %ebx, %eax") \
	INSN("imul $-30000, (%edi), %ecx")

/* Both patterns: quotients that fit, and those that take #DE. */
#define DIVIDE_LIST							\
	INSN("div %bl") INSN("div %bx") INSN("div %ebx") INSN("divb (%edi)") \
	INSN("idiv %bl") INSN("idiv %bx") INSN("idiv %ebx") INSN("idivl (%edi)") \
	INSN("div %dl") INSN("idiv %edx")

#define BIT_LIST BITS(bt) BITS(bts) BITS(btr) BITS(btc) \
	INSN("lock btsl $3, (%edi)") INSN("lock btr %ecx, (%edi)")

#define SCAN_LIST							\
	INSN("bsf %eax, %ebx") INSN("bsf (%edi), %cx") INSN("bsr %eax, %ebx") \
	INSN("bsr (%edi), %ecx")

#define LISTS(bits)							\
	GUEST_CODE(arith##bits, bits, ARITH_LIST);			\
	GUEST_CODE(logic##bits, bits, LOGIC_LIST);			\
	GUEST_CODE(shift##bits, bits, SHIFT_LIST);			\
	GUEST_CODE(multiply##bits, bits, MULTIPLY_LIST);		\
	GUEST_CODE(divide##bits, bits, DIVIDE_LIST);			\
	GUEST_CODE(bit_test##bits, bits, BIT_LIST);				\
	GUEST_CODE(scan##bits, bits, SCAN_LIST);			\
	static const struct forced_list lists##bits[] = {		\
		{ FORCED_LIST(arith##bits), ARITH },			\
		{ FORCED_LIST(logic##bits), LOGIC },			\
		{ FORCED_LIST(shift##bits), SHIFT },			\
		{ FORCED_LIST(multiply##bits), MULTIPLY },		\
		{ FORCED_LIST(divide##bits), DIVIDE },			\
		{ FORCED_LIST(bit_test##bits), BIT_TEST },			\
		{ FORCED_LIST(scan##bits), BIT_SCAN },			\
	}

LISTS(16);
LISTS(32);
LISTS(64);

GUEST_CODE(only32, 32,
	   INSN("inc %ecx") INSN("dec %ax")
	   INSN("addb $3, (%ebx,%ecx)"));
GUEST_CODE(adjust32, 32,
	   INSN("daa") INSN("das") INSN("aaa") INSN("aas") INSN("aam") INSN("aad")
	   INSN("aam $0"));
GUEST_CODE(only64, 64,
	   INSN("add %rax, %rbx") INSN("adc %r8, (%rdi)") INSN("sub $-5, %r15")
	   INSN("sbbq $0x12345678, (%rdi)") INSN("cmp 8(%rdi,%rcx,4), %r8")
	   INSN("add %sil, %r9b") INSN("incq (%rdi)") INSN("neg %r8") INSN("notq (%r9)")
	   INSN("xadd %r8, (%r9)") INSN("lock cmpxchg %r8, (%r9)")
	   INSN("addl $1, 0x20000(%rip)"));
GUEST_CODE(logic64_only, 64,
	   INSN("and %r8, %rax") INSN("xorq $-1, (%r9)") INSN("test %r8, (%r9)")
	   INSN("or $0x7f, %rax"));
GUEST_CODE(wide64, 64, INSN("cmpxchg16b (%rdi)") INSN("lock cmpxchg16b (%rdi)"));
GUEST_CODE(shift64_only, 64,
	   INSN("shl %cl, %r8") INSN("sarq $63, (%rdi)") INSN("rcr $1, %rax")
	   INSN("shld %cl, %r8, %rax") INSN("shrd $33, %r8, (%r9)"));
GUEST_CODE(multiply64_only, 64,
	   INSN("mul %r8") INSN("imul %r8") INSN("imul %r8, %rax") INSN("imulq $100, (%r9), %rbx"));
GUEST_CODE(divide64_only, 64,
	   INSN("div %r8") INSN("idiv %r8") INSN("idivq (%r9)") INSN("div %rdx"));

static const struct forced_list extra32[] = {
	{ FORCED_LIST(only32), ARITH },
	{ FORCED_LIST(adjust32), ~0x8d5ull },
};

static const struct forced_list extra64[] = {
	{ FORCED_LIST(only64), ARITH },
	{ FORCED_LIST(logic64_only), LOGIC },
	{ FORCED_LIST(wide64), ARITH },
	{ FORCED_LIST(shift64_only), SHIFT },
	{ FORCED_LIST(multiply64_only), MULTIPLY },
	{ FORCED_LIST(divide64_only), DIVIDE },
};

int main(void)
{
	struct vcpu *vcpu;
	struct vm *vm;

	tap_start(50);
	vm = vm_create();
	vcpu = vcpu_create(vm);
	if (forced_emulation_missing())
		skip_all(forced_emulation_missing());
	WALK_FORCED(vcpu, MODE_REAL16, lists16);
	WALK_FORCED(vcpu, MODE_PROT32, lists32);
	WALK_FORCED(vcpu, MODE_PROT32, extra32);
	WALK_FORCED(vcpu, MODE_LONG64, lists64);
	WALK_FORCED(vcpu, MODE_LONG64, extra64);
	vm_destroy(vm);
	return tap_done();
}
