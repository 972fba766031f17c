/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An option ROM that starts Linux from memory. Behind this page it holds a page of
 * boot_params and one with the command line. Bochs reads a file into memory before
 * the reset: at the start of some page MARK, from the next page on the kernel as it
 * lies in memory, behind it the initramfs.
 *
 * Bochs gives memory to the machine in blocks, in the order of their first use,
 * but reads the file as if all were there. What the BIOS used is skipped by looking
 * for MARK from IMAGE on, and the file is touched from below before its use.
 */
#define ROM		0xd0000
#define PARAMS		0x90000
#define COMMAND_LINE	0x91000
#define TABLES		0x80000
#define IMAGE		0x1000000
#define MARK_LOW	0x2062614c	/* "Lab " */
#define MARK_HIGH	0x67616d69	/* "imag" */
#define PARAM(offset)	(PARAMS + (offset))
#define SELECTOR_CODE64	0x10
#define SELECTOR_DATA	0x18
#define SELECTOR_CODE32	0x20

	.code16
	.globl	_start
_start:
	.byte	0x55, 0xaa, 0
	jmp	begin
	.org	16
entry:		.long	0
load_address:	.long	0
kernel_size:	.long	0
initrd_size:	.long	0

begin:
	cli
	cld
	push	%cs
	pop	%ds
	mov	$(PARAMS >> 4), %ax
	mov	%ax, %es
	mov	$0x1000, %si
	xor	%di, %di
	mov	$(0x2000 / 4), %cx
	rep movsl

	/* The memory map: at most 64 entries of 20 bytes. */
	xor	%ebx, %ebx
	mov	$0x2d0, %di
1:	mov	$0xe820, %eax
	mov	$0x534d4150, %edx
	mov	$20, %ecx
	int	$0x15
	jc	2f
	add	$20, %di
	incb	%es:0x1e8
	cmpb	$64, %es:0x1e8
	je	2f
	test	%ebx, %ebx
	jnz	1b
2:	cli
	in	$0x92, %al
	or	$2, %al
	and	$0xfe, %al
	out	%al, $0x92
	lgdtl	%cs:gdtr
	mov	$1, %eax
	mov	%eax, %cr0
	ljmpl	$SELECTOR_CODE32, $(ROM + protected)

	.code32
protected:
	mov	$SELECTOR_DATA, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss
	mov	$IMAGE, %esi
1:	add	$0x1000, %esi
	cmpl	$MARK_LOW, (%esi)
	jne	1b
	cmpl	$MARK_HIGH, 4(%esi)
	jne	1b
	add	$0x1000, %esi

	mov	%esi, %edi
	add	ROM + kernel_size, %edi
	mov	%edi, PARAM(0x218)
	mov	ROM + initrd_size, %eax
	mov	%eax, PARAM(0x21c)
	movb	$0xff, PARAM(0x210)
	movl	$COMMAND_LINE, PARAM(0x228)
	add	%eax, %edi
	mov	%esi, %eax
2:	mov	(%eax), %edx
	add	$0x1000, %eax
	cmp	%edi, %eax
	jb	2b

	mov	ROM + load_address, %edi
	mov	ROM + kernel_size, %ecx
	shr	$2, %ecx
	rep movsl

	/* The first GiB at its own address, as the 64-bit entry wants it. */
	mov	$TABLES, %edi
	xor	%eax, %eax
	mov	$(0x3000 / 4), %ecx
	rep stosl
	movl	$(TABLES + 0x1003), TABLES
	movl	$(TABLES + 0x2003), TABLES + 0x1000
	mov	$(TABLES + 0x2000), %edi
	mov	$0x83, %eax
3:	mov	%eax, (%edi)
	add	$8, %edi
	add	$0x200000, %eax
	cmp	$(TABLES + 0x3000), %edi
	jb	3b
	mov	ROM + entry, %ebp
	mov	$TABLES, %eax
	mov	%eax, %cr3
	mov	$0x20, %eax
	mov	%eax, %cr4
	mov	$0xc0000080, %ecx
	rdmsr
	or	$0x100, %eax
	wrmsr
	mov	$0x80000001, %eax
	mov	%eax, %cr0
	ljmpl	$SELECTOR_CODE64, $(ROM + long)

	.code64
long:
	mov	$PARAMS, %esi
	mov	%ebp, %eax
	jmp	*%rax

	.balign	8
gdtr:	.word	39
	.long	ROM + gdt
	.balign	8
gdt:	.quad	0, 0, 0x00af9b000000ffff, 0x00cf93000000ffff, 0x00cf9b000000ffff
	.org	0x1000
