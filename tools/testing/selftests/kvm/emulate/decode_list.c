// SPDX-License-Identifier: GPL-2.0-only
/* Encodings with what they decode to: length, mnemonic, operand size, effective address. */
#include "decode_list.h"

/* Registers are those of machine_init(): rAX 100, rCX 110, ... rSP 9800, R15 1f0. */
const struct decode_case decode_list[] = {
	D64("8b 00", "mov", 4, 0x100, X86_SEG_DS)	/* mov eax, [rax] */
	D64("8b 01", "mov", 4, 0x110, X86_SEG_DS)	/* mov eax, [rcx] */
	D64("8b 02", "mov", 4, 0x120, X86_SEG_DS)	/* mov eax, [rdx] */
	D64("8b 03", "mov", 4, 0x130, X86_SEG_DS)	/* mov eax, [rbx] */
	D64("8b 04 24", "mov", 4, 0x9800, X86_SEG_SS)	/* mov eax, [rsp] */
	D64("8b 45 00", "mov", 4, 0x150, X86_SEG_SS)	/* mov eax, [rbp] */
	D64("8b 06", "mov", 4, 0x160, X86_SEG_DS)	/* mov eax, [rsi] */
	D64("8b 07", "mov", 4, 0x170, X86_SEG_DS)	/* mov eax, [rdi] */
	D64("41 8b 00", "mov", 4, 0x180, X86_SEG_DS)	/* mov eax, [r8] */
	D64("41 8b 01", "mov", 4, 0x190, X86_SEG_DS)	/* mov eax, [r9] */
	D64("41 8b 02", "mov", 4, 0x1a0, X86_SEG_DS)	/* mov eax, [r10] */
	D64("41 8b 03", "mov", 4, 0x1b0, X86_SEG_DS)	/* mov eax, [r11] */
	D64("41 8b 04 24", "mov", 4, 0x1c0, X86_SEG_DS)	/* mov eax, [r12] */
	D64("41 8b 45 00", "mov", 4, 0x1d0, X86_SEG_DS)	/* mov eax, [r13] */
	D64("41 8b 06", "mov", 4, 0x1e0, X86_SEG_DS)	/* mov eax, [r14] */
	D64("41 8b 07", "mov", 4, 0x1f0, X86_SEG_DS)	/* mov eax, [r15] */
	D64("00 48 7f", "add", 0, 0x17f, X86_SEG_DS)	/* add [rax+0x7f], cl */
	D64("00 49 7f", "add", 0, 0x18f, X86_SEG_DS)	/* add [rcx+0x7f], cl */
	D64("00 4a 7f", "add", 0, 0x19f, X86_SEG_DS)	/* add [rdx+0x7f], cl */
	D64("00 4b 7f", "add", 0, 0x1af, X86_SEG_DS)	/* add [rbx+0x7f], cl */
	D64("00 4c 24 7f", "add", 0, 0x987f, X86_SEG_SS)	/* add [rsp+0x7f], cl */
	D64("00 4d 7f", "add", 0, 0x1cf, X86_SEG_SS)	/* add [rbp+0x7f], cl */
	D64("00 4e 7f", "add", 0, 0x1df, X86_SEG_DS)	/* add [rsi+0x7f], cl */
	D64("00 4f 7f", "add", 0, 0x1ef, X86_SEG_DS)	/* add [rdi+0x7f], cl */
	D64("41 00 48 7f", "add", 0, 0x1ff, X86_SEG_DS)	/* add [r8+0x7f], cl */
	D64("41 00 49 7f", "add", 0, 0x20f, X86_SEG_DS)	/* add [r9+0x7f], cl */
	D64("41 00 4a 7f", "add", 0, 0x21f, X86_SEG_DS)	/* add [r10+0x7f], cl */
	D64("41 00 4b 7f", "add", 0, 0x22f, X86_SEG_DS)	/* add [r11+0x7f], cl */
	D64("41 00 4c 24 7f", "add", 0, 0x23f, X86_SEG_DS)	/* add [r12+0x7f], cl */
	D64("41 00 4d 7f", "add", 0, 0x24f, X86_SEG_DS)	/* add [r13+0x7f], cl */
	D64("41 00 4e 7f", "add", 0, 0x25f, X86_SEG_DS)	/* add [r14+0x7f], cl */
	D64("41 00 4f 7f", "add", 0, 0x26f, X86_SEG_DS)	/* add [r15+0x7f], cl */
	D64("48 8b 40 80", "mov", 8, 0x80, X86_SEG_DS)	/* mov rax, [rax-0x80] */
	D64("66 8b 80 45 23 01 00", "mov", 2, 0x12445, X86_SEG_DS)	/* mov ax, [rax+0x12345] */
	D64("48 8b 44 24 80", "mov", 8, 0x9780, X86_SEG_SS)	/* mov rax, [rsp-0x80] */
	D64("66 8b 84 24 45 23 01 00", "mov", 2, 0x1bb45, X86_SEG_SS)	/* mov ax, [rsp+0x12345] */
	D64("48 8b 45 80", "mov", 8, 0xd0, X86_SEG_SS)	/* mov rax, [rbp-0x80] */
	D64("66 8b 85 45 23 01 00", "mov", 2, 0x12495, X86_SEG_SS)	/* mov ax, [rbp+0x12345] */
	D64("49 8b 44 24 80", "mov", 8, 0x140, X86_SEG_DS)	/* mov rax, [r12-0x80] */
	/* mov ax, [r12+0x12345] */
	D64("66 41 8b 84 24 45 23 01 00", "mov", 2, 0x12505, X86_SEG_DS)
	D64("49 8b 45 80", "mov", 8, 0x150, X86_SEG_DS)	/* mov rax, [r13-0x80] */
	D64("66 41 8b 85 45 23 01 00", "mov", 2, 0x12515, X86_SEG_DS)	/* mov ax, [r13+0x12345] */
	D64("8b 0c 03", "mov", 4, 0x230, X86_SEG_DS)	/* mov ecx, [rbx+rax*1] */
	D64("41 8b 4c 05 40", "mov", 4, 0x310, X86_SEG_DS)	/* mov ecx, [r13+rax*1+0x40] */
	D64("8b 0c 83", "mov", 4, 0x530, X86_SEG_DS)	/* mov ecx, [rbx+rax*4] */
	D64("41 8b 4c 85 40", "mov", 4, 0x610, X86_SEG_DS)	/* mov ecx, [r13+rax*4+0x40] */
	/* lea rdx, [rax*8+0x1000] */
	D64("48 8d 14 c5 00 10 00 00", "lea", 8, 0x1800, X86_SEG_DS)
	D64("8b 0c 2b", "mov", 4, 0x280, X86_SEG_DS)	/* mov ecx, [rbx+rbp*1] */
	D64("41 8b 4c 2d 40", "mov", 4, 0x360, X86_SEG_DS)	/* mov ecx, [r13+rbp*1+0x40] */
	D64("8b 0c ab", "mov", 4, 0x670, X86_SEG_DS)	/* mov ecx, [rbx+rbp*4] */
	D64("41 8b 4c ad 40", "mov", 4, 0x750, X86_SEG_DS)	/* mov ecx, [r13+rbp*4+0x40] */
	/* lea rdx, [rbp*8+0x1000] */
	D64("48 8d 14 ed 00 10 00 00", "lea", 8, 0x1a80, X86_SEG_DS)
	D64("8b 0c 3b", "mov", 4, 0x2a0, X86_SEG_DS)	/* mov ecx, [rbx+rdi*1] */
	D64("41 8b 4c 3d 40", "mov", 4, 0x380, X86_SEG_DS)	/* mov ecx, [r13+rdi*1+0x40] */
	D64("8b 0c bb", "mov", 4, 0x6f0, X86_SEG_DS)	/* mov ecx, [rbx+rdi*4] */
	D64("41 8b 4c bd 40", "mov", 4, 0x7d0, X86_SEG_DS)	/* mov ecx, [r13+rdi*4+0x40] */
	/* lea rdx, [rdi*8+0x1000] */
	D64("48 8d 14 fd 00 10 00 00", "lea", 8, 0x1b80, X86_SEG_DS)
	D64("42 8b 0c 03", "mov", 4, 0x2b0, X86_SEG_DS)	/* mov ecx, [rbx+r8*1] */
	D64("43 8b 4c 05 40", "mov", 4, 0x390, X86_SEG_DS)	/* mov ecx, [r13+r8*1+0x40] */
	D64("42 8b 0c 83", "mov", 4, 0x730, X86_SEG_DS)	/* mov ecx, [rbx+r8*4] */
	D64("43 8b 4c 85 40", "mov", 4, 0x810, X86_SEG_DS)	/* mov ecx, [r13+r8*4+0x40] */
	D64("4a 8d 14 c5 00 10 00 00", "lea", 8, 0x1c00, X86_SEG_DS)	/* lea rdx, [r8*8+0x1000] */
	D64("42 8b 0c 23", "mov", 4, 0x2f0, X86_SEG_DS)	/* mov ecx, [rbx+r12*1] */
	D64("43 8b 4c 25 40", "mov", 4, 0x3d0, X86_SEG_DS)	/* mov ecx, [r13+r12*1+0x40] */
	D64("42 8b 0c a3", "mov", 4, 0x830, X86_SEG_DS)	/* mov ecx, [rbx+r12*4] */
	D64("43 8b 4c a5 40", "mov", 4, 0x910, X86_SEG_DS)	/* mov ecx, [r13+r12*4+0x40] */
	/* lea rdx, [r12*8+0x1000] */
	D64("4a 8d 14 e5 00 10 00 00", "lea", 8, 0x1e00, X86_SEG_DS)
	D64("42 8b 0c 2b", "mov", 4, 0x300, X86_SEG_DS)	/* mov ecx, [rbx+r13*1] */
	D64("43 8b 4c 2d 40", "mov", 4, 0x3e0, X86_SEG_DS)	/* mov ecx, [r13+r13*1+0x40] */
	D64("42 8b 0c ab", "mov", 4, 0x870, X86_SEG_DS)	/* mov ecx, [rbx+r13*4] */
	D64("43 8b 4c ad 40", "mov", 4, 0x950, X86_SEG_DS)	/* mov ecx, [r13+r13*4+0x40] */
	/* lea rdx, [r13*8+0x1000] */
	D64("4a 8d 14 ed 00 10 00 00", "lea", 8, 0x1e80, X86_SEG_DS)
	D64("8b 05 00 01 00 00", "mov", 4, 0x1906, X86_SEG_DS)	/* mov eax, [rip+0x100] */
	/* cmp dword ptr [rip+0x10], 0x12345678 */
	D64("81 3d 10 00 00 00 78 56 34 12", "cmp", 4, 0x181a, X86_SEG_DS)
	/* mov byte ptr [rip-5], 7 */
	D64("c6 05 fb ff ff ff 07", "mov", 0, 0x1802, X86_SEG_DS)
	D64("67 8b 44 48 01", "mov", 4, 0x321, X86_SEG_DS)	/* mov eax, [eax+ecx*2+1] */
	D64("8b 04 25 00 30 00 00", "mov", 4, 0x3000, X86_SEG_DS)	/* mov eax, [0x3000] */
	D64("67 8b 03", "mov", 4, 0x130, X86_SEG_DS)	/* mov eax, [ebx] */
	D64("67 4f 8b 0c da", "mov", 8, 0xf20, X86_SEG_DS)	/* mov r9, [r10d+r11d*8] */
	D64("64 8b 04 25 28 00 00 00", "mov", 4, 0x28, X86_SEG_FS)	/* mov eax, fs:[0x28] */
	D64("65 48 8b 03", "mov", 8, 0x130, X86_SEG_GS)	/* mov rax, gs:[rbx] */
	D64("3e 8b 45 00", "mov", 4, 0x150, X86_SEG_SS)	/* mov eax, ds:[rbp] */
	D32("8b 00", "mov", 4, 0x100, X86_SEG_DS)	/* mov eax, [eax] */
	D32("66 8b 40 44", "mov", 2, 0x144, X86_SEG_DS)	/* mov ax, [eax+0x44] */
	D32("8b 01", "mov", 4, 0x110, X86_SEG_DS)	/* mov eax, [ecx] */
	D32("66 8b 41 44", "mov", 2, 0x154, X86_SEG_DS)	/* mov ax, [ecx+0x44] */
	D32("8b 02", "mov", 4, 0x120, X86_SEG_DS)	/* mov eax, [edx] */
	D32("66 8b 42 44", "mov", 2, 0x164, X86_SEG_DS)	/* mov ax, [edx+0x44] */
	D32("8b 03", "mov", 4, 0x130, X86_SEG_DS)	/* mov eax, [ebx] */
	D32("66 8b 43 44", "mov", 2, 0x174, X86_SEG_DS)	/* mov ax, [ebx+0x44] */
	D32("8b 04 24", "mov", 4, 0x9800, X86_SEG_SS)	/* mov eax, [esp] */
	D32("66 8b 44 24 44", "mov", 2, 0x9844, X86_SEG_SS)	/* mov ax, [esp+0x44] */
	D32("8b 45 00", "mov", 4, 0x150, X86_SEG_SS)	/* mov eax, [ebp] */
	D32("66 8b 45 44", "mov", 2, 0x194, X86_SEG_SS)	/* mov ax, [ebp+0x44] */
	D32("8b 06", "mov", 4, 0x160, X86_SEG_DS)	/* mov eax, [esi] */
	D32("66 8b 46 44", "mov", 2, 0x1a4, X86_SEG_DS)	/* mov ax, [esi+0x44] */
	D32("8b 07", "mov", 4, 0x170, X86_SEG_DS)	/* mov eax, [edi] */
	D32("66 8b 47 44", "mov", 2, 0x1b4, X86_SEG_DS)	/* mov ax, [edi+0x44] */
	D32("26 8b 04 b3", "mov", 4, 0x6b0, X86_SEG_ES)	/* mov eax, es:[ebx+esi*4] */
	D32("2e 8b 04 b3", "mov", 4, 0x6b0, X86_SEG_CS)	/* mov eax, cs:[ebx+esi*4] */
	D32("36 8b 04 b3", "mov", 4, 0x6b0, X86_SEG_SS)	/* mov eax, ss:[ebx+esi*4] */
	D32("64 8b 04 b3", "mov", 4, 0x6b0, X86_SEG_FS)	/* mov eax, fs:[ebx+esi*4] */
	D32("65 8b 04 b3", "mov", 4, 0x6b0, X86_SEG_GS)	/* mov eax, gs:[ebx+esi*4] */
	D32("3e 8b 45 00", "mov", 4, 0x150, X86_SEG_DS)	/* mov eax, ds:[ebp] */
	D32("a1 00 30 00 00", "mov", 4, 0x3000, X86_SEG_DS)	/* mov eax, [0x3000] */
	D32("8b 04 f5 10 00 00 00", "mov", 4, 0xb10, X86_SEG_DS)	/* mov eax, [esi*8+0x10] */
	D32("67 8b 40 10", "mov", 4, 0x2a0, X86_SEG_DS)	/* mov eax, [bx+si+0x10] */
	D16("8b 00", "mov", 2, 0x290, X86_SEG_DS)	/* mov ax, [bx+si] */
	D16("8b 40 ff", "mov", 2, 0x28f, X86_SEG_DS)	/* mov ax, [bx+si-1] */
	D16("66 8b 80 34 12", "mov", 4, 0x14c4, X86_SEG_DS)	/* mov eax, [bx+si+0x1234] */
	D32("67 8b 41 10", "mov", 4, 0x2b0, X86_SEG_DS)	/* mov eax, [bx+di+0x10] */
	D16("8b 01", "mov", 2, 0x2a0, X86_SEG_DS)	/* mov ax, [bx+di] */
	D16("8b 41 ff", "mov", 2, 0x29f, X86_SEG_DS)	/* mov ax, [bx+di-1] */
	D16("66 8b 81 34 12", "mov", 4, 0x14d4, X86_SEG_DS)	/* mov eax, [bx+di+0x1234] */
	D32("67 8b 42 10", "mov", 4, 0x2c0, X86_SEG_SS)	/* mov eax, [bp+si+0x10] */
	D16("8b 02", "mov", 2, 0x2b0, X86_SEG_SS)	/* mov ax, [bp+si] */
	D16("8b 42 ff", "mov", 2, 0x2af, X86_SEG_SS)	/* mov ax, [bp+si-1] */
	D16("66 8b 82 34 12", "mov", 4, 0x14e4, X86_SEG_SS)	/* mov eax, [bp+si+0x1234] */
	D32("67 8b 43 10", "mov", 4, 0x2d0, X86_SEG_SS)	/* mov eax, [bp+di+0x10] */
	D16("8b 03", "mov", 2, 0x2c0, X86_SEG_SS)	/* mov ax, [bp+di] */
	D16("8b 43 ff", "mov", 2, 0x2bf, X86_SEG_SS)	/* mov ax, [bp+di-1] */
	D16("66 8b 83 34 12", "mov", 4, 0x14f4, X86_SEG_SS)	/* mov eax, [bp+di+0x1234] */
	D32("67 8b 44 10", "mov", 4, 0x170, X86_SEG_DS)	/* mov eax, [si+0x10] */
	D16("8b 04", "mov", 2, 0x160, X86_SEG_DS)	/* mov ax, [si] */
	D16("8b 44 ff", "mov", 2, 0x15f, X86_SEG_DS)	/* mov ax, [si-1] */
	D16("66 8b 84 34 12", "mov", 4, 0x1394, X86_SEG_DS)	/* mov eax, [si+0x1234] */
	D32("67 8b 45 10", "mov", 4, 0x180, X86_SEG_DS)	/* mov eax, [di+0x10] */
	D16("8b 05", "mov", 2, 0x170, X86_SEG_DS)	/* mov ax, [di] */
	D16("8b 45 ff", "mov", 2, 0x16f, X86_SEG_DS)	/* mov ax, [di-1] */
	D16("66 8b 85 34 12", "mov", 4, 0x13a4, X86_SEG_DS)	/* mov eax, [di+0x1234] */
	D32("67 8b 46 10", "mov", 4, 0x160, X86_SEG_SS)	/* mov eax, [bp+0x10] */
	D16("8b 46 00", "mov", 2, 0x150, X86_SEG_SS)	/* mov ax, [bp] */
	D16("8b 46 ff", "mov", 2, 0x14f, X86_SEG_SS)	/* mov ax, [bp-1] */
	D16("66 8b 86 34 12", "mov", 4, 0x1384, X86_SEG_SS)	/* mov eax, [bp+0x1234] */
	D32("67 8b 47 10", "mov", 4, 0x140, X86_SEG_DS)	/* mov eax, [bx+0x10] */
	D16("8b 07", "mov", 2, 0x130, X86_SEG_DS)	/* mov ax, [bx] */
	D16("8b 47 ff", "mov", 2, 0x12f, X86_SEG_DS)	/* mov ax, [bx-1] */
	D16("66 8b 87 34 12", "mov", 4, 0x1364, X86_SEG_DS)	/* mov eax, [bx+0x1234] */
	D16("a1 00 30", "mov", 2, 0x3000, X86_SEG_DS)	/* mov ax, [0x3000] */
	D16("26 8b 05", "mov", 2, 0x170, X86_SEG_ES)	/* mov ax, es:[di] */
	D16("67 8b 04 8b", "mov", 2, 0x570, X86_SEG_DS)	/* mov ax, [ebx+ecx*4] */
	D16("36 67 66 8b 46 01", "mov", 4, 0x161, X86_SEG_SS)	/* mov eax, ss:[esi+1] */
	/* mov rax, 0x1122334455667788 */
	D64("48 b8 88 77 66 55 44 33 22 11", "mov", 8, NO_EA, 0)
	D64("b8 44 33 22 11", "mov", 4, NO_EA, 0)	/* mov eax, 0x11223344 */
	D64("66 b8 22 11", "mov", 2, NO_EA, 0)	/* mov ax, 0x1122 */
	D64("b0 11", "mov", 0, NO_EA, 0)	/* mov al, 0x11 */
	/* mov r15, 0x1122334455667788 */
	D64("49 bf 88 77 66 55 44 33 22 11", "mov", 8, NO_EA, 0)
	D64("48 c7 c0 fe ff ff ff", "mov", 8, NO_EA, 0)	/* mov rax, -2 */
	D64("48 05 78 56 34 12", "add", 8, NO_EA, 0)	/* add rax, 0x12345678 */
	D64("66 05 34 12", "add", 2, NO_EA, 0)	/* add ax, 0x1234 */
	D64("83 c0 01", "add", 4, NO_EA, 0)	/* add eax, 1 */
	D64("48 69 c3 34 12 00 00", "imul", 8, NO_EA, 0)	/* imul rax, rbx, 0x1234 */
	D64("66 69 c3 34 12", "imul", 2, NO_EA, 0)	/* imul ax, bx, 0x1234 */
	D64("6b c3 05", "imul", 4, NO_EA, 0)	/* imul eax, ebx, 5 */
	D64("a8 01", "test", 0, NO_EA, 0)	/* test al, 1 */
	D64("a9 44 33 22 11", "test", 4, NO_EA, 0)	/* test eax, 0x11223344 */
	D64("f6 03 01", "test", 0, 0x130, X86_SEG_DS)	/* test byte ptr [rbx], 1 */
	D64("66 f7 03 34 12", "test", 2, 0x130, X86_SEG_DS)	/* test word ptr [rbx], 0x1234 */
	/* test qword ptr [rbx+8], 0x1234 */
	D64("48 f7 43 08 34 12 00 00", "test", 8, 0x138, X86_SEG_DS)
	D64("f7 13", "not", 4, 0x130, X86_SEG_DS)	/* not dword ptr [rbx] */
	D64("6a 12", "push", 8, NO_EA, 0)	/* push 0x12 */
	D64("68 78 56 34 12", "push", 8, NO_EA, 0)	/* push 0x12345678 */
	D64("50", "push", 8, NO_EA, 0)	/* push rax */
	D64("41 54", "push", 8, NO_EA, 0)	/* push r12 */
	D64("41 5d", "pop", 8, NO_EA, 0)	/* pop r13 */
	D64("66 ff 33", "push", 2, 0x130, X86_SEG_DS)	/* push word ptr [rbx] */
	D64("ff 33", "push", 8, 0x130, X86_SEG_DS)	/* push qword ptr [rbx] */
	D64("c8 34 12 03", "enter", 8, NO_EA, 0)	/* enter 0x1234, 3 */
	D64("c9", "leave", 8, NO_EA, 0)	/* leave */
	D64("c3", "ret", 8, NO_EA, 0)	/* ret */
	D64("c2 08 00", "ret", 8, NO_EA, 0)	/* ret 8 */
	D64("ff 13", "call", 8, 0x130, X86_SEG_DS)	/* call qword ptr [rbx] */
	D64("ff e0", "jmp", 8, NO_EA, 0)	/* jmp rax */
	D64("cc", "int3", 0, NO_EA, 0)	/* int3 */
	D64("cd 80", "int", 0, NO_EA, 0)	/* int 0x80 */
	D64("d1 e0", "shl", 4, NO_EA, 0)	/* shl eax, 1 */
	D64("48 d3 e0", "shl", 8, NO_EA, 0)	/* shl rax, cl */
	D64("c0 2b 03", "shr", 0, 0x130, X86_SEG_DS)	/* shr byte ptr [rbx], 3 */
	D64("66 d3 3b", "sar", 2, 0x130, X86_SEG_DS)	/* sar word ptr [rbx], cl */
	D64("48 0f a4 d8 07", "shld", 8, NO_EA, 0)	/* shld rax, rbx, 7 */
	D64("0f ad 0b", "shrd", 4, 0x130, X86_SEG_DS)	/* shrd [rbx], ecx, cl */
	D64("0f b6 c3", "movzx", 4, NO_EA, 0)	/* movzx eax, bl */
	D64("48 0f b7 03", "movzx", 8, 0x130, X86_SEG_DS)	/* movzx rax, word ptr [rbx] */
	D64("66 0f be c3", "movsx", 2, NO_EA, 0)	/* movsx ax, bl */
	D64("48 63 c3", "movsxd", 8, NO_EA, 0)	/* movsxd rax, ebx */
	D64("49 0f c9", "bswap", 8, NO_EA, 0)	/* bswap r9 */
	D64("0f c1 03", "xadd", 4, 0x130, X86_SEG_DS)	/* xadd [rbx], eax */
	D64("44 0f b0 0b", "cmpxchg", 0, 0x130, X86_SEG_DS)	/* cmpxchg [rbx], r9b */
	D64("0f c7 0b", "cmpxchg8b", 4, 0x130, X86_SEG_DS)	/* cmpxchg8b [rbx] */
	D64("48 0f c7 0b", "cmpxchg16b", 8, 0x130, X86_SEG_DS)	/* cmpxchg16b [rbx] */
	D64("0f ba 23 05", "bt", 4, 0x130, X86_SEG_DS)	/* bt dword ptr [rbx], 5 */
	D64("48 0f ba e8 3f", "bts", 8, NO_EA, 0)	/* bts rax, 63 */
	D64("0f bc c3", "bsf", 4, NO_EA, 0)	/* bsf eax, ebx */
	D64("0f 95 03", "setnz", 0, 0x130, X86_SEG_DS)	/* setne byte ptr [rbx] */
	D64("48 0f 4f 03", "cmovnle", 8, 0x130, X86_SEG_DS)	/* cmovg rax, [rbx] */
	D64("93", "xchg", 4, NO_EA, 0)	/* xchg eax, ebx */
	D64("86 03", "xchg", 0, 0x130, X86_SEG_DS)	/* xchg [rbx], al */
	D64("90", "nop", 0, NO_EA, 0)	/* nop */
	D64("e4 60", "in", 0, NO_EA, 0)	/* in al, 0x60 */
	D64("ef", "out", 4, NO_EA, 0)	/* out dx, eax */
	D64("ed", "in", 4, NO_EA, 0)	/* in eax, dx */
	D64("0f a2", "cpuid", 0, NO_EA, 0)	/* cpuid */
	D64("0f 31", "rdtsc", 0, NO_EA, 0)	/* rdtsc */
	D64("0f 32", "rdmsr", 0, NO_EA, 0)	/* rdmsr */
	D64("0f 30", "wrmsr", 0, NO_EA, 0)	/* wrmsr */
	D64("f4", "hlt", 0, NO_EA, 0)	/* hlt */
	D64("0f 06", "clts", 0, NO_EA, 0)	/* clts */
	D64("0f 01 13", "lgdt", 0, 0x130, X86_SEG_DS)	/* lgdt [rbx] */
	D64("0f 01 0b", "sidt", 0, 0x130, X86_SEG_DS)	/* sidt [rbx] */
	D64("0f 01 3b", "invlpg", 0, 0x130, X86_SEG_DS)	/* invlpg [rbx] */
	D64("0f 22 c0", "mov", 8, NO_EA, 0)	/* mov cr0, rax */
	D64("44 0f 20 c0", "mov", 8, NO_EA, 0)	/* mov rax, cr8 */
	D64("0f 23 fb", "mov", 8, NO_EA, 0)	/* mov dr7, rbx */
	D64("41 0f 21 f1", "mov", 8, NO_EA, 0)	/* mov r9, dr6 */
	D64("8e d8", "mov", 0, NO_EA, 0)	/* mov ds, eax */
	D64("8c 03", "mov", 0, 0x130, X86_SEG_DS)	/* mov [rbx], es */
	D64("8c e0", "mov", 0, NO_EA, 0)	/* mov eax, fs */
	D64("0f 01 e0", "smsw", 0, NO_EA, 0)	/* smsw eax */
	D64("0f 01 f0", "lmsw", 0, NO_EA, 0)	/* lmsw ax */
	D64("0f 09", "wbinvd", 0, NO_EA, 0)	/* wbinvd */
	D64("66 98", "cbw", 2, NO_EA, 0)	/* cbw */
	D64("98", "cwde", 4, NO_EA, 0)	/* cwde */
	D64("48 98", "cdqe", 8, NO_EA, 0)	/* cdqe */
	D64("66 99", "cwd", 2, NO_EA, 0)	/* cwd */
	D64("99", "cdq", 4, NO_EA, 0)	/* cdq */
	D64("48 99", "cqo", 8, NO_EA, 0)	/* cqo */
	D64("0f 38 f0 03", "movbe", 4, 0x130, X86_SEG_DS)	/* movbe eax, [rbx] */
	D64("4c 0f 38 f1 0b", "movbe", 8, 0x130, X86_SEG_DS)	/* movbe [rbx], r9 */
	D64("0f 10 0b", "movups", 0, 0x130, X86_SEG_DS)	/* movups xmm1, [rbx] */
	D64("44 0f 29 0b", "movaps", 0, 0x130, X86_SEG_DS)	/* movaps [rbx], xmm9 */
	D64("f3 0f 6f ca", "movdqu", 0, NO_EA, 0)	/* movdqu xmm1, xmm2 */
	D64("66 0f 6f 0b", "movdqa", 0, 0x130, X86_SEG_DS)	/* movdqa xmm1, [rbx] */
	D64("66 0f 6e c8", "movd", 0, NO_EA, 0)	/* movd xmm1, eax */
	D64("66 48 0f 6e c8", "movq", 0, NO_EA, 0)	/* movq xmm1, rax */
	D64("0f 6f 0b", "movq", 0, 0x130, X86_SEG_DS)	/* movq mm1, [rbx] */
	D64("0f 2b 0b", "movntps", 0, 0x130, X86_SEG_DS)	/* movntps [rbx], xmm1 */
	D64("66 0f e7 0b", "movntdq", 0, 0x130, X86_SEG_DS)	/* movntdq [rbx], xmm1 */
	D64("f3 0f 10 0b", "movss", 0, 0x130, X86_SEG_DS)	/* movss xmm1, [rbx] */
	D64("f2 0f 10 0b", "movsd", 0, 0x130, X86_SEG_DS)	/* movsd xmm1, [rbx] */
	D64("0f c3 03", "movnti", 4, 0x130, X86_SEG_DS)	/* movnti [rbx], eax */
	/* movabs al, [0x1122334455667788] */
	D64("a0 88 77 66 55 44 33 22 11", "mov", 0, 0x1122334455667788, X86_SEG_DS)
	/* movabs [0x1122334455667788], rax */
	D64("48 a3 88 77 66 55 44 33 22 11", "mov", 8, 0x1122334455667788, X86_SEG_DS)
	D64("40 88 fe", "mov", 0, NO_EA, 0)	/* mov sil, dil */
	D64("88 fc", "mov", 0, NO_EA, 0)	/* mov ah, bh */
	D32("27", "daa", 0, NO_EA, 0)	/* daa */
	D32("d4 0a", "aam", 0, NO_EA, 0)	/* aam */
	D32("d5 10", "aad", 0, NO_EA, 0)	/* aad 0x10 */
	D32("60", "pushad", 4, NO_EA, 0)	/* pusha */
	D32("66 61", "popa", 2, NO_EA, 0)	/* popaw */
	D32("06", "push", 4, NO_EA, 0)	/* push es */
	D32("1f", "pop", 4, NO_EA, 0)	/* pop ds */
	D32("0f a0", "push", 4, NO_EA, 0)	/* push fs */
	D32("40", "inc", 4, NO_EA, 0)	/* inc eax */
	D32("66 4f", "dec", 2, NO_EA, 0)	/* dec di */
	D32("c4 03", "les", 4, 0x130, X86_SEG_DS)	/* les eax, [ebx] */
	D32("0f b2 23", "lss", 4, 0x130, X86_SEG_DS)	/* lss esp, [ebx] */
	D32("a0 00 30 00 00", "mov", 0, 0x3000, X86_SEG_DS)	/* mov al, [0x3000] */
	D32("a3 00 30 00 00", "mov", 4, 0x3000, X86_SEG_DS)	/* mov [0x3000], eax */
	D32("66 a1 04 30 00 00", "mov", 2, 0x3004, X86_SEG_DS)	/* mov ax, [0x3004] */
	D32("68 78 56 34 12", "push", 4, NO_EA, 0)	/* push 0x12345678 */
	D32("66 68 34 12", "push", 2, NO_EA, 0)	/* pushw 0x1234 */
	D32("c8 10 00 00", "enter", 4, NO_EA, 0)	/* enter 0x10, 0 */
	D32("0f 20 d8", "mov", 4, NO_EA, 0)	/* mov eax, cr3 */
	D32("0f 23 f8", "mov", 4, NO_EA, 0)	/* mov dr7, eax */
	D32("66 c5 03", "lds", 2, 0x130, X86_SEG_DS)	/* lds ax, [ebx] */
	D16("60", "pusha", 2, NO_EA, 0)	/* pusha */
	D16("68 34 12", "push", 2, NO_EA, 0)	/* push 0x1234 */
	D16("6a 12", "push", 2, NO_EA, 0)	/* push 0x12 */
	D16("b8 34 12", "mov", 2, NO_EA, 0)	/* mov ax, 0x1234 */
	D16("66 b8 78 56 34 12", "mov", 4, NO_EA, 0)	/* mov eax, 0x12345678 */
	D16("0f 01 17", "lgdt", 0, 0x130, X86_SEG_DS)	/* lgdt [bx] */
	D16("0f 22 c0", "mov", 4, NO_EA, 0)	/* mov cr0, eax */
	D16("8e d8", "mov", 0, NO_EA, 0)	/* mov ds, ax */
	D16("c4 07", "les", 2, 0x130, X86_SEG_DS)	/* les ax, [bx] */
	D16("cf", "iret", 2, NO_EA, 0)	/* iret */
	D16("ed", "in", 2, NO_EA, 0)	/* in ax, dx */
	D16("66 ed", "in", 4, NO_EA, 0)	/* in eax, dx */
	D16("0e", "push", 2, NO_EA, 0)	/* push cs */
	D16("a0 34 12", "mov", 0, 0x1234, X86_SEG_DS)	/* mov al, [0x1234] */
	D16("cb", "retf", 2, NO_EA, 0)	/* retf */
	D16("ca 04 00", "retf", 2, NO_EA, 0)	/* retf 4 */
};

const unsigned int nr_decode_list = sizeof(decode_list) / sizeof(decode_list[0]);
