// SPDX-License-Identifier: GPL-2.0-only
/* The text of decoded instructions, as tracepoints and failure reports show it. */
#include <stdio.h>
#include <linux/string.h>
#include "cases.h"
#include "tap.h"

static struct machine machine;

static const struct {
	u8 mode;
	const char *code;
	const char *text;
} list[] = {
	{ X86EMUL_MODE_PROT64, "89 43 08", "mov dword ptr [rbx+0x8], eax" },
	{ X86EMUL_MODE_PROT64, "48 8b 44 8b f8", "mov rax, qword ptr [rbx+rcx*4-0x8]" },
	{ X86EMUL_MODE_PROT64, "41 88 28", "mov byte ptr [r8], bpl" },
	{ X86EMUL_MODE_PROT64, "00 ec", "add ah, ch" },
	{ X86EMUL_MODE_PROT64, "0f a3 d5", "bt ebp, edx" },
	{ X86EMUL_MODE_PROT64, "0f ab 53 04", "bts dword ptr [rbx+0x4], edx" },
	{ X86EMUL_MODE_PROT64, "8f c5", "pop rbp" },
	{ X86EMUL_MODE_PROT64, "f0 01 03", "lock add dword ptr [rbx], eax" },
	{ X86EMUL_MODE_PROT64, "64 48 8b 03", "mov rax, qword ptr fs:[rbx]" },
	{ X86EMUL_MODE_PROT64, "83 c0 ff", "add eax, -0x1" },
	{ X86EMUL_MODE_PROT64, "66 81 c3 34 12", "add bx, 0x1234" },
	{ X86EMUL_MODE_PROT64, "0f b6 03", "movzx eax, byte ptr [rbx]" },
	{ X86EMUL_MODE_PROT64, "0f 01 13", "lgdt tbyte ptr [rbx]" },
	{ X86EMUL_MODE_PROT64, "0f 22 c0", "mov cr0, rax" },
	{ X86EMUL_MODE_PROT64, "0f 23 f8", "mov dr7, rax" },
	{ X86EMUL_MODE_PROT64, "8e d8", "mov ds, ax" },
	{ X86EMUL_MODE_PROT64, "eb 10", "jmp 0x1812" },
	{ X86EMUL_MODE_PROT64, "0f 10 0b", "movups xmm1, xmmword ptr [rbx]" },
	{ X86EMUL_MODE_PROT64, "0f a2", "cpuid" },
	{ X86EMUL_MODE_PROT64, "e4 60", "in al, 0x60" },
	{ X86EMUL_MODE_PROT64, "ef", "out dx, eax" },
	{ X86EMUL_MODE_PROT64, "d1 e0", "shl eax, 0x1" },
	{ X86EMUL_MODE_PROT64, "8f 03", "pop qword ptr [rbx]" },
	{ X86EMUL_MODE_PROT64, "8f c3", "pop rbx" },
	{ X86EMUL_MODE_PROT64, "0f a3 4b 01", "bt dword ptr [rbx+0x1], ecx" },
	{ X86EMUL_MODE_PROT64, "c4 a2 71 90 44 a3 08",
	  "vpgatherdd xmm0, dword ptr [rbx+xmm12*4+0x8], xmm1" },
	{ X86EMUL_MODE_PROT64, "c4 e2 f5 90 04 23", "vpgatherdq ymm0, qword ptr [rbx+xmm4], ymm1" },
	{ X86EMUL_MODE_PROT64, "c5 fd 6f c1", "vmovdqa ymm0, ymm1" },
	{ X86EMUL_MODE_PROT64, "c4 41 7c 10 79 20", "vmovups ymm15, ymmword ptr [r9+0x20]" },
	{ X86EMUL_MODE_PROT64, "62 f1 7c c9 10 43 01",
	  "vmovups zmm0 {k1} {z}, zmmword ptr [rbx+0x40]" },
	{ X86EMUL_MODE_PROT64, "62 01 fd 2b 11 c8", "vmovupd ymm24 {k3}, ymm25" },
	{ X86EMUL_MODE_PROT64, "62 61 7c 0f 11 43 ff",
	  "vmovups xmmword ptr [rbx-0x10] {k7}, xmm24" },
	{ X86EMUL_MODE_PROT32, "62 f1 7c 48 10 5b 02", "vmovups zmm3, zmmword ptr [ebx+0x80]" },
	{ X86EMUL_MODE_PROT32, "8b 05 00 30 00 00", "mov eax, dword ptr [0x3000]" },
	{ X86EMUL_MODE_PROT32, "66 60", "pusha" },
	{ X86EMUL_MODE_PROT32, "61", "popad" },
	{ X86EMUL_MODE_PROT64, "9c", "pushfq" },
	{ X86EMUL_MODE_PROT64, "66 9d", "popf" },
	{ X86EMUL_MODE_PROT32, "9d", "popfd" },
	{ X86EMUL_MODE_PROT64, "cf", "iretd" },
	{ X86EMUL_MODE_PROT64, "48 cf", "iretq" },
	{ X86EMUL_MODE_REAL, "cf", "iret" },
	{ X86EMUL_MODE_PROT64, "e3 10", "jrcxz 0x1812" },
	{ X86EMUL_MODE_PROT64, "67 e3 10", "jecxz 0x1813" },
	{ X86EMUL_MODE_PROT32, "67 e3 10", "jcxz 0x1813" },
	{ X86EMUL_MODE_PROT16, "8b 42 10", "mov ax, word ptr [bp+si+0x10]" },
	{ X86EMUL_MODE_REAL, "26 8a 05", "mov al, byte ptr es:[di]" },
};

/* The whole text, and cut at every length without a byte beyond it. */
static bool check_text(unsigned int i, char *why, size_t size)
{
	char text[80], cut[80];
	unsigned int len, n;
	u8 code[16];

	machine_init(&machine, list[i].mode, 0);
	len = parse_hex(list[i].code, code, sizeof(code));
	machine_code(&machine, code, len);
	machine_decode(&machine);
	len = x86_emulate_disasm(&machine.ctxt, text, sizeof(text));
	snprintf(why, size, "the text is: %s", text);
	if (strcmp(text, list[i].text) || len != strlen(text))
		return false;
	for (n = 1; n <= len + 1; n++) {
		memset(cut, 0x55, sizeof(cut));
		x86_emulate_disasm(&machine.ctxt, cut, n);
		if (strlen(cut) == n - 1 && !strncmp(cut, text, n - 1) && cut[n] == 0x55)
			continue;
		snprintf(why, size, "cut to %u bytes: %.*s", n, (int)n, cut);
		return false;
	}
	return true;
}

void disasm_tests(void)
{
	unsigned int i;
	char why[100];

	for (i = 0; i < ARRAY_LEN(list); i++)
		tap_result(check_text(i, why, sizeof(why)), why, "text: %s", list[i].text);
}
