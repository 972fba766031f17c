/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The demonstration guest: takes itself from real to protected to long mode,
 * and in each of them uses a device by ports and by memory, then forces
 * instructions through the emulator.
 *
 * Position: DEMO_BASE. It runs with the segments of MODE_REAL16 of the test
 * library (DS DEMO_RAM, ES DEMO_MMIO) and with the library's exception stubs.
 */
#include "guest.h"

#define LINEAR(symbol)	(symbol - demo_guest + DEMO_BASE)
#define SEL_CODE64	0x08
#define SEL_DATA	0x10
#define SEL_CODE32	0x18
#define MSR_EFER	0xc0000080

/* One instruction that the VMM can go on behind, should KVM not emulate it. */
.macro use insn:vararg
7771:	\insn
7772:	.pushsection .rodata.insns, "a"
	.long	7771b - demo_guest, 7772b - demo_guest
	.popsection
.endm

/* The same behind the forced-emulation prefix. */
.macro fep insn:vararg
	ud2
	.ascii	"kvm"
	use	\insn
.endm

.macro phase number
	mov	$\number, %al
	out	%al, $PORT_PHASE
.endm

	.section .rodata.insns, "a"
	.globl	demo_insns
demo_insns:

	.section .rodata.guest, "a"
	.globl	demo_guest, demo_guest_end
	.balign	16
demo_guest:
	.code16
	phase	PHASE_REAL
	/* ports */
	mov	$0x11, %al
	out	%al, $PORT_DEVICE
	in	$PORT_DEVICE, %al
	mov	$PORT_DEVICE, %dx
	out	%ax, %dx
	in	%dx, %eax
	cld
	xor	%si, %si
	mov	$4, %cx
	use	rep outsb
	push	%es
	push	%ds
	pop	%es
	mov	$0x40, %di
	mov	$2, %cx
	use	rep insw
	pop	%es
	/* memory of the device, at ES */
	use	mov	%al, %es:0x10
	use	mov	%es:0x10, %ax
	use	movl	$0x12345678, %es:0x20
	use	orw	$0x80, %es:0x20
	use	incb	%es:0x30
	use	mov	%eax, %es:0xffe		/* across two pages */
	xor	%si, %si
	mov	$0x100, %di
	use	movsw
	use	stosb
	mov	$3, %cx
	use	rep stosw

	phase	PHASE_REAL_FORCED
	fep	mov $0x1234, %ax
	fep	add %ax, %bx
	fep	sub $1, %bx
	fep	xchg %ax, %bx
	fep	mov %ax, 8(%bx, %si)
	fep	inc %cx
	fep	dec %cx
	fep	cbw
	fep	cwd
	fep	pusha
	fep	popa
	fep	push %ds
	fep	pop %fs
	fep	mov %fs, %ax
	fep	lods (%si), %al
	fep	call 1f
	jmp	2f
1:	fep	ret
2:	mov	$2, %cx
3:	nop
	fep	loop 3b
	fep	ljmp $DEMO_BASE >> 4, $4f - demo_guest
4:	fep	smsw %ax
	fep	sti
	fep	cli

	/* to protected mode */
	mov	$DEMO_BASE >> 4, %ax
	mov	%ax, %ds
	lgdtl	gdt_pointer - demo_guest
	mov	%cr0, %eax
	or	$1, %al
	mov	%eax, %cr0
	ljmpl	$SEL_CODE32, $LINEAR(protected)

	.code32
protected:
	mov	$SEL_DATA, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss
	mov	%eax, %fs
	mov	%eax, %gs
	mov	$DEMO_STACK, %esp
	lidt	LINEAR(idt32_pointer)
	mov	$0x620, %eax		/* DE, OSFXSR, OSXMMEXCPT, PAE */
	or	$8, %eax
	mov	%eax, %cr4

	phase	PHASE_PROT
	mov	$DEMO_MMIO, %edi
	mov	$DEMO_RAM, %esi
	in	$PORT_DEVICE, %eax
	mov	$PORT_DEVICE, %edx
	mov	$3, %ecx
	use	rep outsl
	use	mov	%eax, 0x40(%edi)
	use	mov	0x40(%edi), %ecx
	use	addl	$1, 0x40(%edi)
	use	lock orb $1, 0x44(%edi)
	use	xchg	%eax, 0x48(%edi)
	use	cmp	%eax, 0x48(%edi)
	use	testb	$1, 0x4c(%edi)
	use	movzbl	0x4d(%edi), %edx
	use	push	0x50(%edi)
	use	pop	0x54(%edi)
	use	movups	%xmm0, 0x60(%edi)
	use	movups	0x60(%edi), %xmm1
	use	movq	%xmm1, 0x78(%edi)
	use	mov	%eax, 0x1ffe(%edi)	/* across two pages */
	use	mov	%eax, -2(%edi)		/* from memory into the device */
	use	movsl
	mov	$4, %ecx
	use	rep movsb

	phase	PHASE_PROT_FORCED
	mov	$DEMO_RAM, %ebx
	mov	$7, %eax
	mov	$3, %ecx
	xor	%edx, %edx
	fep	adc %ecx, %eax
	fep	sbb $1, %eax
	fep	and $0xff, %eax
	fep	or (%ebx), %eax
	fep	xor %ecx, 4(%ebx)
	fep	cmp %ecx, %eax
	fep	test $1, %al
	fep	not %esi
	fep	neg %esi
	fep	mul %ecx
	fep	imul $10, %ecx, %esi
	fep	div %ecx
	xor	%ecx, %ecx
	fep	div %ecx
	mov	$3, %cl
	fep	shl $4, %eax
	fep	shr %cl, %eax
	fep	sar %esi
	fep	rol $8, %ax
	fep	ror $8, %ax
	fep	shld $4, %eax, %esi
	fep	shrd %cl, %eax, %esi
	fep	bt %ecx, (%ebx)
	fep	bts $5, %eax
	fep	btr $5, %eax
	fep	btcl $6, (%ebx)
	fep	bsf %eax, %edx
	fep	bsr %eax, %edx
	fep	bswap %edx
	fep	movzbl (%ebx), %edx
	fep	movsbw %cl, %dx
	fep	setne %dl
	fep	cmovb %ecx, %edx
	fep	cmpxchg %ecx, (%ebx)
	fep	xadd %eax, 8(%ebx)
	fep	lock cmpxchg8b 16(%ebx)
	fep	pushf
	fep	popf
	fep	lea 4(%ebx, %ecx, 2), %edx
	fep	stc
	fep	cmc
	fep	jmp 1f
1:	fep	jnc 2f
2:	fep	sgdt 0x100(%ebx)
	fep	lgdt 0x100(%ebx)
	fep	sidt 0x110(%ebx)
	fep	clts
	fep	movq %xmm1, 0x20(%ebx)
	fep	movd (%ebx), %xmm1
	mov	%ebx, %esi
	lea	0x200(%ebx), %edi
	mov	$16, %ecx
	fep	rep movsl

	phase	PHASE_SWITCH
	/* PML4, PDPT and one page directory of 2 MiB pages */
	mov	$DEMO_TABLES, %edi
	mov	%edi, %cr3
	xor	%eax, %eax
	mov	$3 * 1024, %ecx
	rep stosl
	movl	$DEMO_TABLES + 0x1003, DEMO_TABLES
	movl	$DEMO_TABLES + 0x2003, DEMO_TABLES + 0x1000
	mov	$0x83, %eax
	mov	$DEMO_TABLES + 0x2000, %edi
	mov	$512, %ecx
1:	mov	%eax, (%edi)
	add	$0x200000, %eax
	add	$8, %edi
	loop	1b
	mov	$MSR_EFER, %ecx
	rdmsr
	or	$0x100, %eax		/* LME */
	wrmsr
	mov	%cr0, %eax
	or	$0x80000000, %eax
	mov	%eax, %cr0
	ljmp	$SEL_CODE64, $LINEAR(long_mode)

	.code64
long_mode:
	mov	$DEMO_STACK, %esp
	lidt	LINEAR(idt64_pointer)
	phase	PHASE_LONG
	mov	$DEMO_MMIO, %edi
	mov	$DEMO_RAM, %esi
	mov	$PORT_DEVICE, %edx
	outl	%eax, %dx
	mov	$2, %ecx
	use	rep outsw
	use	mov	%rax, 0x80(%rdi)
	use	mov	0x80(%rdi), %r9
	use	movslq	0x80(%rdi), %r10
	use	orq	$1, 0x80(%rdi)
	use	lock xadd %rax, 0x88(%rdi)
	use	lock cmpxchg %rcx, 0x90(%rdi)
	use	notl	0x98(%rdi)
	use	shll	$3, 0x98(%rdi)
	use	btsl	$7, 0x98(%rdi)
	use	setz	0x9c(%rdi)
	use	movdqu	%xmm0, 0xa0(%rdi)
	use	movaps	0xa0(%rdi), %xmm2
	use	movntdq	%xmm2, 0xb0(%rdi)
	use	movnti	%rax, 0xc0(%rdi)
	use	mov	%rax, 0x2ffc(%rdi)	/* across two pages */
	use	mov	-4(%rdi), %rax		/* from memory and the device */
	use	movdqu	0x3ff8(%rdi), %xmm3
	use	movsq
	use	stosq
	mov	$3, %ecx
	use	rep movsb
	mov	%cr8, %rax

	phase	PHASE_LONG_FORCED
	mov	$DEMO_RAM, %ebx
	mov	$5, %ecx
	fep	mov %rax, %r8
	fep	movabs $0x1122334455667788, %rax
	fep	mov long_word(%rip), %r9
	fep	movslq %ecx, %rdx
	fep	cqo
	fep	lea (%rbx, %rcx, 8), %rsi
	fep	lock add %rcx, (%rbx)
	fep	xchg %r8, (%rbx)
	fep	push %r8
	fep	pop %r9
	fep	push $-1
	fep	pop %rax
	fep	call *long_call(%rip)
	jmp	2f
1:	fep	ret
2:	fep	movups (%rbx), %xmm0
	fep	movaps %xmm0, 16(%rbx)
	fep	movupd (%rbx), %xmm4
	fep	movdqu (%rbx), %xmm1
	fep	movdqa %xmm1, 32(%rbx)
	fep	movntps %xmm1, 48(%rbx)
	fep	movnti %rcx, 64(%rbx)
	fep	mov %cr0, %rax
	fep	mov %rax, %cr0
	fep	mov %dr7, %rax
	fep	cpuid
	fep	rdtsc
	mov	$MSR_EFER, %ecx
	fep	rdmsr
	fep	wrmsr
	fep	invlpg (%rbx)
	fep	wbinvd
	mov	$DEMO_RAM, %ebx
	mov	%ebx, %esi
	lea	0x300(%rbx), %edi
	mov	$8, %ecx
	fep	rep movsb
	fep	rep stosq
	fep	scasb
	fep	cmpsw
	fep	jrcxz 3f
3:	fep	mov 0x40(%rbx), %cl
	mov	$1, %r11
	shl	$63, %r11
	fep	mov %rax, 8(%rbx)
	mov	$DEMO_MMIO, %edi
	fep	mov %ecx, 0x300(%rdi)
	fep	addl $2, 0x300(%rdi)
	fep	in $PORT_DEVICE, %al
	fep	out %al, $PORT_DEVICE
	mov	$0x800000000000, %rdi	/* not canonical */
	fep	mov (%rdi), %rax
	out	%al, $PORT_END
	hlt

	.balign	8
long_word:
	.quad	0x0123456789abcdef
long_call:
	.quad	LINEAR(1b)
gdt:
	.quad	0
	.quad	0x00af9b000000ffff	/* SEL_CODE64 */
	.quad	0x00cf93000000ffff	/* SEL_DATA */
	.quad	0x00cf9b000000ffff	/* SEL_CODE32 */
gdt_end:
gdt_pointer:
	.word	gdt_end - gdt - 1
	.long	LINEAR(gdt)
idt32_pointer:
	.word	64 * 8 - 1
	.long	0x1c00			/* IDT32_GPA */
idt64_pointer:
	.word	64 * 16 - 1
	.quad	0x1800			/* IDT64_GPA */
demo_guest_end:

	.section .rodata.insns, "a"
	.globl	demo_insns_end
demo_insns_end:
