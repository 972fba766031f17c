/* SPDX-License-Identifier: GPL-2.0-only */
/* The world switch: host to guest and back, with global interrupts off. */
#include <linux/linkage.h>
#include <asm/alternative.h>
#include <asm/asm.h>
#include <asm/asm-offsets.h>
#include <asm/bitsperlong.h>
#include <asm/cpufeatures.h>
#include <asm/msr-index.h>
#include <asm/nospec-branch.h>

/* struct svm_switch; run.c asserts these. */
#define SW_REGS		0
#define SW_VMCB_PA	8
#define SW_HOST_PA	16
#define SW_GUEST_SPEC	24
#define SW_HOST_SPEC	32
#define SW_FLAGS	40
#define SW_FLAG_SPEC		1
#define SW_FLAG_READ_SPEC	2

/* x86_vcpu.regs: hardware order. */
#define REG(nr)		((nr) * 8)
#define REG_RCX		REG(1)
#define REG_RDX		REG(2)
#define REG_RBX		REG(3)
#define REG_RBP		REG(5)
#define REG_RSI		REG(6)
#define REG_RDI		REG(7)

.section .noinstr.text, "ax"

/*
 * void __svm_vcpu_run(struct svm_switch *sw)
 *
 * RAX, RSP, RIP and RFLAGS travel in the VMCB. A fault of an SVM instruction
 * means that a dying kernel has taken SVM away from this CPU: step over it.
 */
SYM_FUNC_START(__svm_vcpu_run)
	push %rbp
	push %r15
	push %r14
	push %r13
	push %r12
	push %rbx
	push %rdi

	/* IF of the host counts while the guest runs; GIF holds interrupts off until then. */
1:	clgi
	_ASM_EXTABLE(1b, 2f)
2:	sti

	testb $SW_FLAG_SPEC, SW_FLAGS(%rdi)
	jz .Lguest_spec_done
	mov SW_GUEST_SPEC(%rdi), %eax
	cmp SW_HOST_SPEC(%rdi), %eax
	je .Lguest_spec_done
	xor %edx, %edx
	mov $MSR_IA32_SPEC_CTRL, %ecx
	wrmsr
.Lguest_spec_done:

	mov SW_VMCB_PA(%rdi), %rax
	mov SW_REGS(%rdi), %rdi
	mov REG_RCX(%rdi), %rcx
	mov REG_RDX(%rdi), %rdx
	mov REG_RBX(%rdi), %rbx
	mov REG_RBP(%rdi), %rbp
	mov REG_RSI(%rdi), %rsi
	mov REG(8)(%rdi), %r8
	mov REG(9)(%rdi), %r9
	mov REG(10)(%rdi), %r10
	mov REG(11)(%rdi), %r11
	mov REG(12)(%rdi), %r12
	mov REG(13)(%rdi), %r13
	mov REG(14)(%rdi), %r14
	mov REG(15)(%rdi), %r15
	mov REG_RDI(%rdi), %rdi

	VM_CLEAR_CPU_BUFFERS

3:	vmload %rax
	_ASM_EXTABLE(3b, 4f)
4:	vmrun %rax
	_ASM_EXTABLE(4b, 5f)
5:	vmsave %rax
	_ASM_EXTABLE(5b, 6f)
6:
	/* GS, and with it everything per-CPU, is the host's from VMLOAD on. */
	mov (%rsp), %rax
	mov SW_HOST_PA(%rax), %rax
7:	vmload %rax
	_ASM_EXTABLE(7b, 8f)
8:
	mov (%rsp), %rax
	mov SW_REGS(%rax), %rax
	mov %rcx, REG_RCX(%rax)
	mov %rdx, REG_RDX(%rax)
	mov %rbx, REG_RBX(%rax)
	mov %rbp, REG_RBP(%rax)
	mov %rsi, REG_RSI(%rax)
	mov %rdi, REG_RDI(%rax)
	mov %r8, REG(8)(%rax)
	mov %r9, REG(9)(%rax)
	mov %r10, REG(10)(%rax)
	mov %r11, REG(11)(%rax)
	mov %r12, REG(12)(%rax)
	mov %r13, REG(13)(%rax)
	mov %r14, REG(14)(%rax)
	mov %r15, REG(15)(%rax)

	FILL_RETURN_BUFFER %rax, RSB_CLEAR_LOOPS, X86_FEATURE_RSB_VMEXIT

	pop %rdi
	testb $SW_FLAG_SPEC, SW_FLAGS(%rdi)
	jz .Lhost_spec_done
	testb $SW_FLAG_READ_SPEC, SW_FLAGS(%rdi)
	jz .Lhost_spec_write
	mov $MSR_IA32_SPEC_CTRL, %ecx
	rdmsr
	mov %eax, SW_GUEST_SPEC(%rdi)
.Lhost_spec_write:
	mov SW_HOST_SPEC(%rdi), %eax
	cmp SW_GUEST_SPEC(%rdi), %eax
	je .Lhost_spec_done
	xor %edx, %edx
	mov $MSR_IA32_SPEC_CTRL, %ecx
	wrmsr
.Lhost_spec_done:

	/* Before the first RET: the guest may have trained the return predictor. */
#ifdef UNTRAIN_RET_VM
	UNTRAIN_RET_VM
#else
	UNTRAIN_RET
	ALTERNATIVE "", "call entry_ibpb", X86_FEATURE_IBPB_ON_VMEXIT
#endif

	/* No value of the guest stays where host code could speculate on it. */
	xor %eax, %eax
	xor %ecx, %ecx
	xor %edx, %edx
	xor %ebx, %ebx
	xor %ebp, %ebp
	xor %esi, %esi
	xor %edi, %edi
	xor %r8d, %r8d
	xor %r9d, %r9d
	xor %r10d, %r10d
	xor %r11d, %r11d
	xor %r12d, %r12d
	xor %r13d, %r13d
	xor %r14d, %r14d
	xor %r15d, %r15d

	cli
9:	stgi
	_ASM_EXTABLE(9b, 10f)
10:
	pop %rbx
	pop %r12
	pop %r13
	pop %r14
	pop %r15
	pop %rbp
	RET
SYM_FUNC_END(__svm_vcpu_run)
