// SPDX-License-Identifier: GPL-2.0-only
/*
 * Decode and decode + execute of common instructions on this host: nanoseconds,
 * or what bench.sh counts instructions of.
 *
 *	emu_bench [-r runs]	a line per instruction: text, ns of decode, ns of both
 *	emu_bench -c runs	the same calls under Callgrind: each measure() is one dump
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <linux/string.h>
#include <time.h>
#include "machine.h"

static const struct insn {
	u8 mode;
	u8 len;
	u8 code[12];
} list[] = {
	{ X86EMUL_MODE_PROT64, 2, { 0x89, 0x03 } },
	{ X86EMUL_MODE_PROT64, 2, { 0x8b, 0x03 } },
	{ X86EMUL_MODE_PROT64, 4, { 0x48, 0x8b, 0x43, 0x08 } },
	{ X86EMUL_MODE_PROT64, 4, { 0x66, 0x89, 0x4b, 0x08 } },
	{ X86EMUL_MODE_PROT64, 4, { 0x41, 0x88, 0x0c, 0x24 } },
	{ X86EMUL_MODE_PROT64, 8, { 0xc7, 0x44, 0x8b, 0x08, 0x78, 0x56, 0x34, 0x12 } },
	{ X86EMUL_MODE_PROT64, 5, { 0x0f, 0xb6, 0x44, 0x8b, 0x08 } },
	{ X86EMUL_MODE_PROT64, 2, { 0x01, 0xc8 } },
	{ X86EMUL_MODE_PROT64, 2, { 0x01, 0x03 } },
	{ X86EMUL_MODE_PROT64, 3, { 0xf0, 0x01, 0x03 } },
	{ X86EMUL_MODE_PROT64, 3, { 0x83, 0x3b, 0x01 } },
	{ X86EMUL_MODE_PROT64, 2, { 0x84, 0x03 } },
	{ X86EMUL_MODE_PROT64, 4, { 0x48, 0x0f, 0xaf, 0xc1 } },
	{ X86EMUL_MODE_PROT64, 1, { 0x50 } },
	{ X86EMUL_MODE_PROT64, 2, { 0x75, 0x10 } },
	{ X86EMUL_MODE_PROT64, 2, { 0x0f, 0xa2 } },
	{ X86EMUL_MODE_PROT64, 1, { 0xab } },
	{ X86EMUL_MODE_PROT64, 3, { 0x0f, 0x10, 0x03 } },
	{ X86EMUL_MODE_PROT32, 2, { 0x89, 0x03 } },
	{ X86EMUL_MODE_REAL, 2, { 0x8b, 0x00 } },
};

#define NR_INSNS	(sizeof(list) / sizeof(list[0]))

static struct machine m;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* Decode @runs times, with @execute run it, too. The bytes are given, as an exit does. */
static noinline bool measure(const u8 *code, bool execute, unsigned int runs)
{
	struct x86_emulate_ctxt *c = &m.ctxt;
	unsigned int i;

	for (i = 0; i < runs; i++) {
		c->eip = LA_IP;
		c->eflags = EFLG_FIXED;
		m.s.gpr[X86_REG_RSP] = LA_SP;
		m.s.gpr[X86_REG_RDI] = LA_DATA;
		if (x86_decode_insn(c, code, 15) != X86EMUL_CONTINUE ||
		    (execute && x86_emulate_insn(c) != EMULATION_OK))
			return false;
	}
	return true;
}

/* Put @insn where the guest is, and its text into @text. */
static void prepare(const struct insn *insn, u8 *code, char *text, unsigned int size)
{
	memset(code, 0x90, 15);
	memcpy(code, insn->code, insn->len);
	machine_init(&m, insn->mode, 0);
	m.s.gpr[X86_REG_RBX] = LA_DATA;
	m.s.gpr[X86_REG_RSI] = 0;
	m.s.gpr[X86_REG_R12] = LA_DATA;
	machine_code(&m, code, 15);
	machine_decode(&m);
	x86_emulate_disasm(&m.ctxt, text, size);
}

static bool time_row(const u8 *code, const char *text, unsigned int runs)
{
	double ns[2];
	int execute;

	for (execute = 0; execute < 2; execute++) {
		double start = now();

		if (!measure(code, execute, runs))
			return false;
		ns[execute] = (now() - start) / runs;
	}
	printf("%s\t%.1f\t%.1f\n", text, ns[0], ns[1]);
	return true;
}

int main(int argc, char **argv)
{
	unsigned int i, runs = 1000000;
	bool count = false, ok = true;
	char text[80];
	u8 code[15];
	int opt;

	while ((opt = getopt(argc, argv, "r:c:")) != -1) {
		if (opt == '?')
			return 2;
		count = opt == 'c';
		runs = strtoul(optarg, NULL, 0);
	}
	for (i = 0; i < NR_INSNS && ok; i++) {
		prepare(&list[i], code, text, sizeof(text));
		if (!count)
			ok = time_row(code, text, runs);
		else
			ok = measure(code, false, runs) && measure(code, true, runs);
		if (!ok)
			fprintf(stderr, "emu_bench: %s: result %d\n", text, m.ctxt.have_exception);
	}
	return !ok;
}
