// SPDX-License-Identifier: GPL-2.0-only
/* Moves, stack, strings, branches and system instructions, natively and forced. */
#include "kvm_test.h"

#define ALL (~0ull)

#define MOVE_LIST							\
	INSN("mov %bl, %al") INSN("mov %bx, %ax") INSN("mov %ebx, %eax") \
	INSN("mov %al, (%edi)") INSN("mov %ax, (%edi)") INSN("mov %eax, (%edi)") \
	INSN("mov (%edi), %ah") INSN("mov (%edi), %cx") INSN("mov 4(%edi), %edx") \
	INSN("mov $0x12, %cl") INSN("mov $0x1234, %cx") INSN("mov $0x12345678, %ecx") \
	INSN("movb $0x12, (%edi)") INSN("movw $0x1234, (%edi)") INSN("movl $-5, (%edi)") \
	INSN("movzbw (%edi), %ax") INSN("movzbl %bl, %eax") INSN("movzwl (%edi), %eax") \
	INSN("movsbw (%edi), %ax") INSN("movsbl %bl, %eax") INSN("movswl (%edi), %eax") \
	INSN("lea 5(%edi,%ebx,4), %eax") INSN("lea (%ebx), %ax")	\
	INSN("xchg %ebx, %eax") INSN("xchg %al, %ah") INSN("xchg %eax, (%edi)") \
	INSN("lock xchg %bx, (%edi)") INSN("bswap %eax") INSN("bswap %ebx") \
	INSN("cbtw") INSN("cwtl") INSN("cwtd") INSN("cltd") INSN("nop") INSN("pause") \
	INSN("sete %al") INSN("setg (%edi)") INSN("setbe %ah") INSN("seto (%edi)") \
	INSN("cmovc %ebx, %eax") INSN("cmovnz (%edi), %ax") INSN("cmovle %ebx, %ecx") \
	INSN("mov %ds, %eax") INSN("mov %ss, (%edi)") INSN("mov %cs, %ax") \
	INSN("cmc") INSN("cli") INSN("sti") INSN("clts")

#define STRING_LIST							\
	INSN("movsb") INSN("movsw") INSN("movsl") INSN("rep movsb") INSN("rep movsl") \
	INSN("stosb") INSN("stosw") INSN("stosl") INSN("rep stosb") INSN("rep stosw") \
	INSN("lodsb") INSN("lodsw") INSN("lodsl") INSN("rep lodsb")	\
	INSN("cmpsb") INSN("cmpsw") INSN("repe cmpsl") INSN("repne cmpsb") \
	INSN("scasb") INSN("scasl") INSN("repe scasb") INSN("repne scasw")

/* Branches to the next instruction, or two bytes on into HLT. */
#define BRANCH_LIST							\
	INSN("jmp . + 4") INSN("jo . + 4") INSN("jno . + 4") INSN("jc . + 4") \
	INSN("jnc . + 4") INSN("jz . + 4") INSN("jnz . + 4") INSN("jbe . + 4") \
	INSN("ja . + 4") INSN("js . + 4") INSN("jns . + 4") INSN("jp . + 4") \
	INSN("jnp . + 4") INSN("jl . + 4") INSN("jge . + 4") INSN("jle . + 4") \
	INSN("jg . + 4") INSN("loop . + 4") INSN("loope . + 4") INSN("loopne . + 4") \
	INSN("call . + 12") INSN("jmp . + 24")

GUEST_CODE(move16, 16, MOVE_LIST);
GUEST_CODE(move32, 32, MOVE_LIST);
GUEST_CODE(move64, 64, MOVE_LIST);
GUEST_CODE(string16, 16, STRING_LIST);
GUEST_CODE(string32, 32, STRING_LIST);
GUEST_CODE(string64, 64, STRING_LIST INSN("rep movsq") INSN("rep stosq") INSN("lodsq")
	   INSN("repe cmpsq") INSN("scasq"));
GUEST_CODE(branch16, 16, BRANCH_LIST INSN("jcxz . + 4") INSN("ljmp $0x1000, $0x30"));
GUEST_CODE(branch32, 32, BRANCH_LIST INSN("jecxz . + 4") INSN("ljmp $0x18, $0x10030"));
GUEST_CODE(branch64, 64, BRANCH_LIST INSN("jrcxz . + 4"));

GUEST_CODE(stack16, 16,
	   INSN("push %ax") INSN("pushl %eax") INSN("pop %bx") INSN("popl %ecx")
	   INSN("pushw $-3") INSN("pushl $0x12345678") INSN("pushw (%di)") INSN("popw (%di)")
	   INSN("pusha") INSN("pushal") INSN("popa") INSN("popal") INSN("pushf") INSN("pushfl")
	   INSN("push %ds") INSN("push %fs") INSN("leave") INSN("enter $16, $0"));
GUEST_CODE(stack32, 32,
	   INSN("push %eax") INSN("pushw %ax") INSN("pop %ebx") INSN("popw %cx")
	   INSN("push $-3") INSN("push $0x12345678") INSN("pushl (%edi)") INSN("popl (%edi)")
	   INSN("pusha") INSN("popa") INSN("pushf") INSN("pushfw")
	   INSN("push %esp") INSN("popl 4(%esp)"));
GUEST_CODE(stack64, 64,
	   INSN("push %rax") INSN("pushw %ax") INSN("pop %rbx") INSN("popw %cx") INSN("push %r15")
	   INSN("push $-3") INSN("push $0x12345678") INSN("pushq (%rdi)") INSN("popq (%rdi)")
	   INSN("pushf") INSN("push %fs") INSN("push %rsp") INSN("popq 8(%rsp)")
	   INSN("pop %r9"));

GUEST_CODE(more16, 16,
	   INSN("mov (%bx,%di), %al") INSN("mov %ax, 2(%di)") INSN("mov 0x100, %ax")
	   INSN("movb %al, 0x200") INSN("mov %ss:4(%di), %cx") INSN("mov %fs:(%di), %ecx")
	   INSN("xlat") INSN("int $0x30") INSN("int3") INSN("into") INSN("mov %cx, %fs")
	   INSN("les (%di), %cx") INSN("smsw %ax") INSN("sgdtl (%di)") INSN("sidtl (%di)")
	   INSN("mov %cr0, %eax"));
GUEST_CODE(more64, 64,
	   INSN("mov %rax, %r8") INSN("mov %r8, (%r9)") INSN("mov 8(%r9), %rbx")
	   INSN("mov %sil, %al") INSN("movabs $0x1122334455667788, %r10")
	   INSN("movabs 0x30040, %rax") INSN("movabs %al, 0x30048") INSN("movslq (%rdi), %rax")
	   INSN("movzbq (%rdi), %r8") INSN("movswq %bx, %r9") INSN("lea 8(%rip), %rax")
	   INSN("mov 0x20000(%rip), %rax") INSN("xchg %r8, (%r9)") INSN("bswap %r8") INSN("cqto")
	   INSN("cltq") INSN("cmovz (%r9), %r8") INSN("cmovnz %r8, %rax") INSN("xlat")
	   INSN("mov %fs:(%rdi), %rax") INSN("movnti %rax, (%rdi)") INSN("mov %cr0, %rax")
	   INSN("mov %cr4, %rcx") INSN("mov %cr3, %rdx") INSN("mov %rax, %cr2")
	   INSN("mov %dr7, %rax") INSN("mov %dr6, %rbx") INSN("mov %rbx, %dr0") INSN("smsw %eax")
	   INSN("sgdt (%rdi)") INSN("sidt (%rdi)") INSN("invlpg (%rdi)") INSN("wbinvd")
	   INSN("rdmsr") INSN("mov %edx, %ds"));
GUEST_CODE(indirect64, 64,
	   INSN("jmp *%rax") INSN("call *%rax") INSN("jmp *(%rdi)") INSN("call *(%rdi)"));
GUEST_CODE(hlt64, 64, INSN("hlt"));
GUEST_CODE(sse, 64,
	   INSN("movups %xmm1, %xmm2") INSN("movups (%rdi), %xmm3") INSN("movups %xmm1, 1(%rdi)")
	   INSN("movaps (%rdi), %xmm8") INSN("movaps %xmm9, (%rdi)") INSN("movapd %xmm1, (%rdi)")
	   INSN("movupd 3(%rdi), %xmm4") INSN("movdqa (%rdi), %xmm5") INSN("movdqa %xmm5, (%rdi)")
	   INSN("movdqu 7(%rdi), %xmm6") INSN("movdqu %xmm6, 7(%rdi)") INSN("movntdq %xmm1, (%rdi)")
	   INSN("movntps %xmm1, (%rdi)") INSN("movntpd %xmm1, (%rdi)")
	   INSN("movaps 8(%rdi), %xmm1") INSN("movdqa %xmm1, 8(%rdi)"));
GUEST_CODE(sse_scalar, 64,
	   INSN("movd %eax, %xmm1") INSN("movd %xmm2, %ebx") INSN("movd (%rdi), %xmm3")
	   INSN("movd %xmm3, (%rdi)") INSN("movq %rax, %xmm4") INSN("movq %xmm5, %rbx")
	   INSN("movq (%rdi), %xmm6") INSN("movq %xmm6, (%rdi)") INSN("movq %xmm7, %xmm8"));
/* What they find on the stack leads into HLT. */
GUEST_CODE(return64, 64, INSN("ret") INSN("ret $16") INSN("popf"));
GUEST_CODE(return16, 16, INSN("ret") INSN("ret $16") INSN("popf") INSN("popfl")
	   INSN("iret") INSN("lret"));
GUEST_CODE(iretl16, 16, INSN("iretl") INSN("retl"));
GUEST_CODE(cpuid64, 64, INSN("cpuid"));
GUEST_CODE(msr64, 64, INSN("rdmsr") INSN("wrmsr"));

static const u64 frame64[] = { CODE_GPA + 0x40, 0 };
static const u16 frame16[] = { 0x40, CODE_GPA >> 4, 0x8d7, 0, 0, 0 };
static const u32 frame_iretl[] = { 0x40, CODE_GPA >> 4, 0x8d7 };
static const struct kvm_regs indirect_regs = { .rax = CODE_GPA + 0x40, .rdi = DATA_GPA };
static const struct kvm_regs cpuid_regs = { .rax = 0, .rcx = ~0ull };
static const struct kvm_regs msr_regs = {
	.rax = 0x12345678, .rdx = 0xffff8000, .rcx = 0xffffffffc0000082 };

#define LIST(name) { FORCED_LIST(name), ALL }

static const struct forced_list lists16[] = {
	LIST(move16), LIST(string16), LIST(branch16), LIST(stack16), LIST(more16),
	{ FORCED_LIST(return16), ALL, .stack = frame16, .stack_size = sizeof(frame16) },
	{ FORCED_LIST(iretl16), ALL, .stack = frame_iretl, .stack_size = sizeof(frame_iretl) },
};

static const struct forced_list lists_prot16[] = { LIST(string16), LIST(stack16) };

static const struct forced_list lists32[] = {
	LIST(move32), LIST(string32), LIST(branch32), LIST(stack32),
};

static const struct forced_list lists64[] = {
	LIST(move64), LIST(string64), LIST(branch64), LIST(stack64), LIST(more64),
	LIST(sse), LIST(sse_scalar),
	{ FORCED_LIST(return64), ALL, .stack = frame64, .stack_size = sizeof(frame64) },
	{ FORCED_LIST(indirect64), ALL, .regs = &indirect_regs, .data = frame64,
	  .data_size = sizeof(frame64) },
	{ FORCED_LIST(cpuid64), ALL, .regs = &cpuid_regs },
	{ FORCED_LIST(msr64), ALL, .regs = &msr_regs },
};

/* Linux 6.1 goes on after a forced HLT. */
static const struct forced_list lists_ours[] = { LIST(hlt64) };

static const struct forced_list lists_user[] = {
	{ FORCED_LIST(move64), ALL, .user = true },
	{ FORCED_LIST(stack64), ALL, .user = true },
	{ FORCED_LIST(more64), ALL, .user = true },
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
	WALK_FORCED(vcpu, MODE_PROT16, lists_prot16);
	WALK_FORCED(vcpu, MODE_PROT32, lists32);
	WALK_FORCED(vcpu, MODE_LONG64, lists64);
	if (kvm_is_ours())
		WALK_FORCED(vcpu, MODE_LONG64, lists_ours);
	else
		skip("hlt", NOT_EMULATED);
	note("at CPL 3");
	WALK_FORCED(vcpu, MODE_LONG64, lists_user);
	vm_destroy(vm);
	return tap_done();
}
