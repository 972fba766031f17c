/* SPDX-License-Identifier: GPL-2.0-only */
/* The world switch: host to guest and back, interrupts off. */
#include <linux/linkage.h>
#include <asm/alternative.h>
#include <asm/asm.h>
#include <asm/bitsperlong.h>
#include <asm/cpufeatures.h>
#include <asm/msr-index.h>
#include <asm/nospec-branch.h>
#include <asm/unwind_hints.h>

/* struct vmx_switch; run.c asserts these. */
#define SW_REGS		0
#define SW_HOST_RSP	8
#define SW_GUEST_SPEC	16
#define SW_HOST_SPEC	24
#define SW_FLAGS	32
#define SW_FLAG_SPEC		1
#define SW_FLAG_READ_SPEC	2
#define SW_BIT_LAUNCHED		2
#define SW_FLAG_WRITE_SPEC	8

#define VMCS_HOST_RSP	0x6c14

/* x86_vcpu.regs: hardware order. RSP travels in the VMCS. */
#define REG(nr)		((nr) * 8)
#define REG_RAX		REG(0)
#define REG_RCX		REG(1)
#define REG_RDX		REG(2)
#define REG_RBX		REG(3)
#define REG_RBP		REG(5)
#define REG_RSI		REG(6)
#define REG_RDI		REG(7)

.section .noinstr.text, "ax"

/*
 * int __vmx_vcpu_run(struct vmx_switch *sw)
 *
 * The exit comes out at vmx_vmexit with RSP as it is at the entry. A fault of
 * VMLAUNCH or VMRESUME means that a dying kernel has taken VMX away.
 */
SYM_FUNC_START(__vmx_vcpu_run)
	push %rbp
	push %r15
	push %r14
	push %r13
	push %r12
	push %rbx
	push %rdi

	cmp %rsp, SW_HOST_RSP(%rdi)
	je .Lhost_rsp_done
	mov %rsp, SW_HOST_RSP(%rdi)
	mov $VMCS_HOST_RSP, %eax
1:	vmwrite %rsp, %rax
	_ASM_EXTABLE(1b, .Lhost_rsp_done)
.Lhost_rsp_done:

	testb $SW_FLAG_SPEC, SW_FLAGS(%rdi)
	jz .Lguest_spec_done
	mov SW_GUEST_SPEC(%rdi), %eax
	cmp SW_HOST_SPEC(%rdi), %eax
	je .Lguest_spec_done
	xor %edx, %edx
	mov $MSR_IA32_SPEC_CTRL, %ecx
	wrmsr
.Lguest_spec_done:

	/* Into CF, which neither MOV nor VERW touches. */
	btl $SW_BIT_LAUNCHED, SW_FLAGS(%rdi)

	mov SW_REGS(%rdi), %rax
	mov REG_RCX(%rax), %rcx
	mov REG_RDX(%rax), %rdx
	mov REG_RBX(%rax), %rbx
	mov REG_RBP(%rax), %rbp
	mov REG_RSI(%rax), %rsi
	mov REG_RDI(%rax), %rdi
	mov REG(8)(%rax), %r8
	mov REG(9)(%rax), %r9
	mov REG(10)(%rax), %r10
	mov REG(11)(%rax), %r11
	mov REG(12)(%rax), %r12
	mov REG(13)(%rax), %r13
	mov REG(14)(%rax), %r14
	mov REG(15)(%rax), %r15
	mov REG_RAX(%rax), %rax

	CLEAR_CPU_BUFFERS

	UNWIND_HINT_SAVE
	jnc .Llaunch
2:	vmresume
	_ASM_EXTABLE(2b, .Lfail)
	jmp .Lfail
.Llaunch:
3:	vmlaunch
	_ASM_EXTABLE(3b, .Lfail)
	jmp .Lfail

SYM_INNER_LABEL(vmx_vmexit, SYM_L_GLOBAL)
	UNWIND_HINT_RESTORE
	ENDBR

	push %rax
	mov 8(%rsp), %rax
	mov SW_REGS(%rax), %rax
	pop REG_RAX(%rax)
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
	xor %ebx, %ebx
	jmp .Ldone
.Lfail:
	mov $1, %ebx
.Ldone:
	/* Before the first RET: the guest may have filled the return stack. */
	FILL_RETURN_BUFFER %rax, RSB_CLEAR_LOOPS, X86_FEATURE_RSB_VMEXIT, \
			   X86_FEATURE_RSB_VMEXIT_LITE

	pop %rdi
	testb $SW_FLAG_SPEC, SW_FLAGS(%rdi)
	jz .Lhost_spec_done
	testb $SW_FLAG_READ_SPEC, SW_FLAGS(%rdi)
	jz .Lhost_spec_compare
	mov $MSR_IA32_SPEC_CTRL, %ecx
	rdmsr
	mov %eax, SW_GUEST_SPEC(%rdi)
.Lhost_spec_compare:
	mov SW_HOST_SPEC(%rdi), %eax
	/* Of IBRS that is no enhanced one the write itself is the barrier. */
	testb $SW_FLAG_WRITE_SPEC, SW_FLAGS(%rdi)
	jnz .Lhost_spec_write
	cmp SW_GUEST_SPEC(%rdi), %eax
	je .Lhost_spec_fence
.Lhost_spec_write:
	xor %edx, %edx
	mov $MSR_IA32_SPEC_CTRL, %ecx
	wrmsr
.Lhost_spec_fence:
	/* Nobody goes on as if the value were another one. */
	lfence
.Lhost_spec_done:
	/* Indirect branches of the host must not follow the guest's history. */
	CLEAR_BRANCH_HISTORY_VMEXIT

	/* No value of the guest stays where host code could speculate on it. */
	mov %ebx, %eax
	xor %ecx, %ecx
	xor %edx, %edx
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

	pop %rbx
	pop %r12
	pop %r13
	pop %r14
	pop %r15
	pop %rbp
	RET
SYM_FUNC_END(__vmx_vcpu_run)
