// SPDX-License-Identifier: GPL-2.0-only
/* Nanoseconds per instruction of decode and execute, on this host. */
#include <stdio.h>
#include <stdlib.h>
#include <linux/string.h>
#include <time.h>
#include "machine.h"

static const struct {
	const char *what;
	u8 mode;
	u8 len;
	u8 code[8];
} list[] = {
	{ "mov [rbx], eax", X86EMUL_MODE_PROT64, 2, { 0x89, 0x03 } },
	{ "mov eax, [rbx]", X86EMUL_MODE_PROT64, 2, { 0x8b, 0x03 } },
	{ "add eax, ecx", X86EMUL_MODE_PROT64, 2, { 0x01, 0xc8 } },
	{ "add [rbx], eax", X86EMUL_MODE_PROT64, 2, { 0x01, 0x03 } },
	{ "lock add [rbx], eax", X86EMUL_MODE_PROT64, 3, { 0xf0, 0x01, 0x03 } },
	{ "movzx eax, byte ptr [rbx+rcx*4+8]", X86EMUL_MODE_PROT64, 5,
	  { 0x0f, 0xb6, 0x44, 0x8b, 0x08 } },
	{ "imul rax, rcx", X86EMUL_MODE_PROT64, 4, { 0x48, 0x0f, 0xaf, 0xc1 } },
	{ "push rax", X86EMUL_MODE_PROT64, 1, { 0x50 } },
	{ "cpuid", X86EMUL_MODE_PROT64, 2, { 0x0f, 0xa2 } },
	{ "movups xmm0, [rbx]", X86EMUL_MODE_PROT64, 3, { 0x0f, 0x10, 0x03 } },
	{ "mov ax, [bx+si]", X86EMUL_MODE_REAL, 2, { 0x8b, 0x00 } },
	{ "jmp $+2", X86EMUL_MODE_PROT32, 2, { 0xeb, 0x00 } },
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* @execute: all of it; else decode alone. The bytes are given, as an exit does. */
static double measure(struct machine *m, const u8 *code, unsigned int len, bool execute,
		      unsigned int runs)
{
	struct x86_emulate_ctxt *c = &m->ctxt;
	double start = now();
	unsigned int i;

	for (i = 0; i < runs; i++) {
		c->eip = LA_IP;
		c->eflags = EFLG_FIXED;
		m->s.gpr[X86_REG_RSP] = LA_SP;
		if (x86_decode_insn(c, code, len) != X86EMUL_CONTINUE ||
		    (execute && x86_emulate_insn(c) != EMULATION_OK))
			return -1;
	}
	return (now() - start) / runs;
}

int main(int argc, char **argv)
{
	static struct machine m;
	unsigned int i, runs = argc > 1 ? strtoul(argv[1], NULL, 0) : 1000000;

	printf("%-36s %10s %10s\n", "ns", "decode", "both");
	for (i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		double decode, both;

		machine_init(&m, list[i].mode, 0);
		m.s.gpr[X86_REG_RBX] = LA_DATA;
		m.s.gpr[X86_REG_RSI] = 0;
		machine_code(&m, list[i].code, list[i].len);
		machine_decode(&m);
		decode = measure(&m, list[i].code, list[i].len, false, runs);
		both = measure(&m, list[i].code, list[i].len, true, runs);
		printf("%-36s %10.1f %10.1f\n", list[i].what, decode, both);
	}
	return 0;
}
