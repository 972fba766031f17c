/* SPDX-License-Identifier: GPL-2.0-only */
/* Into the instruction with all its registers and out again, by absolute addresses only. */
#include "sandbox.h"

#define S(offset)	(SB_STATE + (offset))
#define IN(offset)	S(SB_IN + (offset))
#define OUT(offset)	S(SB_OUT + (offset))

	.macro each_gpr op, area
	\op 0, %rax, \area
	\op 1, %rcx, \area
	\op 2, %rdx, \area
	\op 3, %rbx, \area
	\op 5, %rbp, \area
	\op 6, %rsi, \area
	\op 7, %rdi, \area
	\op 8, %r8, \area
	\op 9, %r9, \area
	\op 10, %r10, \area
	\op 11, %r11, \area
	\op 12, %r12, \area
	\op 13, %r13, \area
	\op 14, %r14, \area
	\op 15, %r15, \area
	.endm

	.macro load nr, reg, area
	mov	\area + 8 * \nr, \reg
	.endm

	.macro store nr, reg, area
	mov	\reg, \area + 8 * \nr
	.endm

	.text
	.globl	sandbox_enter
	.type	sandbox_enter, @function
sandbox_enter:
	push	%rbx
	push	%rbp
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	mov	%rsp, S(SB_HOST_RSP)
	mov	IN(SB_SEG + 0), %es
	mov	IN(SB_SEG + 6), %ds
	mov	IN(SB_SEG + 8), %fs
	mov	IN(SB_SEG + 10), %gs
	mov	IN(SB_FS_BASE), %rax
	wrfsbase %rax
	mov	IN(SB_GS_BASE), %rax
	wrgsbase %rax
	mov	S(SB_XMASK), %eax
	xor	%edx, %edx
	xrstor64 S(SB_FPU_IN)
	movl	$1, S(SB_RUNNING)
	pushq	IN(SB_EFLAGS)
	popfq
	each_gpr load, IN(0)
	mov	IN(SB_SEG + 4), %ss
	mov	IN(8 * 4), %rsp
	ljmp	*S(SB_ENTRY)

	/* The first instruction is there for a single-step trap to hit. */
	.globl	sandbox_exit
sandbox_exit:
	nop
	mov	%rsp, OUT(8 * 4)
	mov	S(SB_HOST_RSP), %rsp
	each_gpr store, OUT(0)
	mov	%ss, OUT(SB_SEG + 4)
	mov	$SB_USER_DS, %eax
	mov	%eax, %ss
	pushfq
	popq	OUT(SB_EFLAGS)
	pushq	$0x202
	popfq
	movl	$0, S(SB_RUNNING)
	mov	%es, OUT(SB_SEG + 0)
	mov	%ds, OUT(SB_SEG + 6)
	mov	%fs, OUT(SB_SEG + 8)
	mov	%gs, OUT(SB_SEG + 10)
	mov	%eax, %es
	mov	%eax, %ds
	rdfsbase %rax
	mov	%rax, OUT(SB_FS_BASE)
	rdgsbase %rax
	mov	%rax, OUT(SB_GS_BASE)
	xor	%eax, %eax
	mov	%eax, %fs
	mov	%eax, %gs
	mov	S(SB_HOST_FS), %rax
	wrfsbase %rax
	mov	S(SB_XMASK), %eax
	xor	%edx, %edx
	xsave64	S(SB_FPU_OUT)
	xrstor64 S(SB_INIT)
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rbp
	pop	%rbx
	ret
	.size	sandbox_enter, . - sandbox_enter

	/* The handler of all signals: C needs its FS, and no alignment checks. */
	.globl	sandbox_signal
	.type	sandbox_signal, @function
sandbox_signal:
	rdfsbase %rax
	mov	%rax, S(SB_SIGNAL_FS)
	mov	S(SB_HOST_FS), %rax
	wrfsbase %rax
	pushq	$0x202
	popfq
	jmp	sandbox_on_signal
	.size	sandbox_signal, . - sandbox_signal

	.section .note.GNU-stack, "", @progbits
