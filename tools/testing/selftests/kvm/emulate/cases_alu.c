// SPDX-License-Identifier: GPL-2.0-only
/* Arithmetic, logic, shifts, bits. See cases.h for the language. */
#include "cases.h"
#include "tap.h"

const struct emu_case alu_cases[] = {
	/* 16-bit addressing and operands; the values are the native tests' business. */
	REAL("01 07", "rbx=3000 rax=1 m3000.2=ffff", "m3000.2=0 fl=57")
	REAL("66 01 07", "rbx=3000 rax=1 m3000.4=ffff", "m3000.4=10000 fl=16")
	VM86("81 07 34 12", "rbx=3000 m3000.2=1", "m3000.2=1235 fl=23006")
	P16("67 01 03", "rbx=3000 rax=1 m3000.2=1", "m3000.2=2 fl=2")
	/* Byte registers with and without REX. */
	P64("40 00 f0", "", "rax=160 fl=6")
	P64("00 e0", "rax=105", "rax=106 fl=6")
	P64("40 00 e0", "rsp=9803", "rax=103 fl=6")
	/* rSP as an operand. */
	P32("44", "", "rsp=9801 fl=2")
	P32("4c", "", "rsp=97ff fl=16")
	P32("66 4c", "rsp=19800", "rsp=197ff fl=96")
	/* A device: one read, one write. */
	P64("01 03", "rbx=6000 rax=3 m6000.4=5", "r6000.4=5 w6000.4=8 fl=2")
	P64("f0 01 03", "rbx=6000 rax=3 m6000.4=5", "r6000.4=5 w6000.4=8 fl=2")
	P64("48 ff 03", "rbx=6000 m6000.8=ff", "r6000.8=ff w6000.8=100 fl=16")
	P64("f6 1b", "rbx=6001 m6001.1=1", "r6001.1=1 w6001.1=ff fl=97")
	P64("01 03", "rbx=6ffe rax=1 m6ffe.4=1ffff",
	    "r6ffe.2=ffff r7000.2=1 w6ffe.2=0000 w7000.2=0002 fl=16")
	P64("39 03", "rbx=6000 rax=5 m6000.4=5", "r6000.4=5 fl=46")
	P64("f7 03 01 00 00 00", "rbx=6000 m6000.4=1", "r6000.4=1 fl=2")
	P64("c1 23 04", "rbx=6000 m6000.4=8000001", "r6000.4=8000001 w6000.4=80000010 fl?")
	P64("0f c1 03", "rbx=6000 rax=1 m6000.4=41", "r6000.4=41 w6000.4=42 rax=41 fl=6")
	P64("0f b1 0b", "rbx=6000 rax=5 m6000.4=5", "r6000.4=5 w6000.4=110 fl=46")
	P64("f0 0f b1 0b", "rbx=6000 rax=4 m6000.4=5", "r6000.4=5 w6000.4=5 rax=5 fl=97")
	P64("0f ab 03", "rbx=6000 rax=21 m6004.4=0", "r6004.4=0 w6004.4=2 fl=2")
	P64("f7 23", "rbx=6000 rax=10 m6000.4=30000000",
	    "r6000.4=30000000 rax=0 rdx=3 fl? cf=1 of=1")
	P64("f7 33", "rbx=6000 rax=65 rdx=0 m6000.4=a", "r6000.4=a rax=a rdx=1 fl?")
	/* A lost race is run again. */
	P64("f0 01 03", "rbx=3000 rax=3 m3000.4=5 races=1", "m3000.4=8 fl=2")
	P64("f0 48 0f c7 0b", "rbx=3000 rax=1 rdx=2 m3000.8=1 m3008.8=2 races=2",
	    "m3000.8=3000 m3008.8=110 zf=1")
	/* Page-crossing; the second page missing: nothing happens. */
	P64("f0 01 03", "rbx=3ffe rax=1 m3ffe.4=1ffff", "m3ffe.4=20000 fl=16")
	P64("48 01 03", "rbx=3ffc rax=1 m3ffc.8=ffffffff", "m3ffc.8=100000000 fl=16")
	P64("48 01 03", "rbx=4ffc rax=1 m4ffc.4=ffffffff", "#PF(2)@5000")
	P64("f0 48 01 03", "rbx=4ffc rax=1 m4ffc.4=ffffffff", "#PF(2)@5000")
	/* Read-modify-write translates for writing. */
	P64("01 03", "rbx=b000", "#PF(3)@b000")
	P64("39 03", "rbx=b000 rax=0", "fl=46")
	P64("01 03", "rbx=b000 cpl=3", "#PF(7)@b000")
	P64("39 03", "rbx=e000 cpl=3", "#PF(5)@e000")
	P64("f7 f3", "rbx=0", "#DE")
	P64("f7 fb", "rax=80000000 rdx=ffffffff rbx=ffffffff", "#DE")
	P64("f6 f3", "rax=1000 rbx=1", "#DE")
	P32("d4 00", "", "#DE")
	P64("f7 33", "rbx=3000 m3000.4=0", "#DE")
	/* Bit strings reach beyond the operand, both ways. */
	P64("0f a3 03", "rbx=3100 rax=ffffffff m30fc.4=80000000", "cf=1")
	REAL("0f ab 07", "rbx=3000 rax=11", "m3002.2=2")
	P64("48 0f bb 03", "rbx=3100 rax=ffffffffffffffc0 m30f8.8=1", "m30f8.8=0 cf=1")
	P64("0f ba 2b 25", "rbx=3100", "m3100.4=20")
	/* CMPXCHG16B wants 16-byte alignment, CMPXCHG8B none. */
	P64("48 0f c7 0b", "rbx=3008", "#GP(0)")
	P64("0f c7 0b", "rbx=3004 rax=0 rdx=0", "m3004.8=11000003004 zf=1")
	P64("f0 01 c0", "", "#UD")
	P64("27", "", "#UD")
};

const unsigned int nr_alu_cases = ARRAY_LEN(alu_cases);
