// SPDX-License-Identifier: GPL-2.0-only
/* VEX-encoded general-purpose instructions. See cases.h for the language. */
#include "cases.h"
#include "tap.h"

const struct emu_case bmi_cases[] = {
	/* VEX.L must be 0, and there is no VEX in real and virtual-8086 mode. */
	P64("c4 e2 74 f2 c2", "", "#UD")
	P64("c4 e2 74 f3 ca", "", "#UD")
	P64("c4 e2 74 f5 c2", "", "#UD")
	P64("c4 e2 77 f6 c2", "", "#UD")
	P64("c4 e2 75 f7 c2", "", "#UD")
	P64("c4 e3 7f f0 c2 01", "", "#UD")
	REAL("c4 e2 70 f2 c2", "", "#UD")
	VM86("c4 e2 70 f2 c2", "", "#UD")
	REAL("c4 e3 7b f0 c2 01", "", "#UD")
	/* A fault leaves both destinations and the flags. */
	P64("c4 e2 f3 f6 03", "rbx=5000 rdx=2", "#PF(0)@5000")
	P64("c4 e2 f0 f2 03", "rbx=5000 rcx=1 cf=1", "#PF(0)@5000")

	P64("c4 e2 f0 f2 c2", "rcx=f0f0 rdx=8000000000ffff cf=1 of=1 zf=1",
	    "rax=80000000000f0f cf=0 of=0 zf=0 fl?")
	P64("c4 e2 70 f2 c2", "rax=ffffffffffffffff rcx=f0f0 rdx=8000000000ffff", "rax=f0f fl?")
	P64("c4 42 b0 f2 03", "r11=5000 r9=1", "#PF(0)@5000")
	P64("c4 42 b0 f2 c2", "r9=1 r10=3", "r8=2 fl?")
	/* Outside 64-bit mode W and the high bit of vvvv are ignored. */
	P32("c4 e2 f0 f2 c2", "rcx=f0f0 rdx=ff00ffff", "rax=ff000f0f fl?")
	P32("c4 e2 30 f2 c2", "rcx=f0f0 rdx=ff00ffff", "rax=ff000f0f fl?")
	P16("c4 e2 70 f2 c2", "rcx=f0f0 rdx=ff00ffff", "rax=ff000f0f fl?")

	P64("c4 e2 f8 f3 ca", "rdx=8000000000000010", "rax=8000000000000000 fl?")
	P64("c4 e2 78 f3 13", "rbx=3000 m3000.4=10", "rax=1f fl?")
	P64("c4 e2 f8 f3 d2", "rdx=0", "rax=ffffffffffffffff fl?")
	P64("c4 e2 f8 f3 da", "rdx=30", "rax=10 fl?")
	P64("c4 e2 78 f3 1b", "rbx=6000 m6000.4=30", "r6000.4 rax=10 fl?")

	/* BEXTR: start and length of 8 bits each; BZHI: an index of 8 bits. */
	P64("c4 e2 f8 f7 d1", "rcx=123456789abcdef0 rax=1008", "rdx=bcde fl?")
	P64("c4 e2 f8 f7 d1", "rcx=123456789abcdef0 rax=ff08", "rdx=123456789abcde fl?")
	P64("c4 e2 f8 f7 d1", "rcx=123456789abcdef0 rax=840 rdx=1", "rdx=0 fl?")
	P64("c4 e2 78 f7 13", "rbx=3000 m3000.4=9abcdef0 rax=ffff0408", "rdx=e fl?")
	P64("c4 e2 f8 f5 d1", "rcx=ffffffffffffffff rax=10c", "rdx=fff fl?")
	P64("c4 e2 f8 f5 d1", "rcx=ffffffffffffffff rax=40", "rdx=ffffffffffffffff fl?")
	P64("c4 e2 78 f5 13", "rbx=3000 m3000.4=ffffffff rax=20", "rdx=ffffffff fl?")

	/* No flags change from here on. */
	P64("c4 e2 fb f5 d1", "rax=5 rcx=ff00000000000f00 cf=1 zf=1 of=1", "rdx=500")
	P64("c4 e2 7b f5 13", "rbx=3000 m3000.4=f0f rax=a5", "rdx=a05")
	P64("c4 e2 fa f5 d1", "rax=8000000000000a55 rcx=8000000000000f0f cf=1", "rdx=1a5")
	P64("c4 e2 7a f5 13", "rbx=3000 m3000.4=f0f rax=a55", "rdx=a5")
	P64("c4 e2 fb f6 c1", "rdx=ffffffffffffffff rcx=10 cf=1 of=1", "rax=f")
	P64("c4 e2 e3 f6 c1", "rdx=ffffffffffffffff rcx=10",
	    "rax=f rbx=fffffffffffffff0")
	P64("c4 e2 6b f6 03", "rbx=3000 m3000.4=10 rdx=ffffffff", "rax=f rdx=fffffff0")
	P32("c4 e2 e3 f6 c1", "rdx=ffffffff rcx=10", "rax=f rbx=fffffff0")
	P64("c4 e3 fb f0 c1 43", "rcx=123456789abcdef7 cf=1", "rax=e2468acf13579bde")
	P64("c4 e3 7b f0 03 28", "rbx=3000 m3000.4=12345678", "rax=78123456")
	P64("c4 e3 fb f0 c1 40", "rcx=123456789abcdef7", "rax=123456789abcdef7")
	P64("c4 e2 f9 f7 c1", "rcx=ff rax=144 zf=1", "rax=ff0")
	P64("c4 e2 79 f7 03", "rbx=3000 m3000.4=f00000ff rax=24", "rax=ff0")
	P64("c4 e2 fa f7 c1", "rcx=8000000000000000 rax=43", "rax=f000000000000000")
	P64("c4 e2 7a f7 03", "rbx=3000 m3000.4=80000000 rax=23", "rax=f0000000")
	P64("c4 e2 fb f7 c1", "rcx=8000000000000000 rax=43", "rax=1000000000000000")
	P64("c4 e2 7b f7 03", "rbx=3000 m3000.4=80000000 rax=23", "rax=10000000")
};

const unsigned int nr_bmi_cases = ARRAY_LEN(bmi_cases);
