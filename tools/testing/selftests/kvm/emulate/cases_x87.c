// SPDX-License-Identifier: GPL-2.0-only
/* x87: who may, what waits, pointers and images; the native tests have the values. */
#include "cases.h"
#include "tap.h"

const struct emu_case x87_cases[] = {
	/* CPUID, CR0.EM and CR0.TS; what is pending, before the operand; LOCK. */
	P64("d8 c1", "no=FPU", "#UD")
	P64("da c1", "no=CMOV", "#UD")
	P64("db f1", "no=CMOV", "#UD")
	P64("dd 0b", "no=SSE3", "#UD")
	P64("d8 c1", "cr0=80000035", "#NM")
	P64("d8 c1", "cr0=80000039", "#NM")
	P64("df e0", "cr0=80000035", "#NM")
	P64("db e3", "cr0=80000039", "#NM")
	P64("d8 c1", "fcw=37e fsw=8081", "#MF")
	P64("d8 03", "fcw=37e fsw=8081 rbx=5000", "#MF")
	P64("d9 2b", "fcw=37e fsw=8081 rbx=5000", "#MF")
	P64("d8 c1", "fcw=37e fsw=8081 cr0=80000039", "#NM")
	P64("d8 c1", "fcw=37e fsw=8081 cr0=80000011", "FAIL")
	P64("f0 d8 03", "rbx=3000", "#UD")
	P64("d9 d1", "", "#UD")
	P64("dd 2b", "", "#UD")
	P64("db f8", "", "#UD")
	P64("d8 03", "rbx=4ffd", "#PF(0)@5000")
	P32("d8 03", "rbx=3000 ds.limit=3002", "#GP(0)")
	/* What does not wait. */
	P64("df e0", "fcw=37e fsw=8081 rax=ffffffffffffffff", "rax=ffffffffffff8081")
	P64("dd 3b", "fcw=37e fsw=8081 rbx=3000", "m3000.2=8081")
	P64("d9 3b", "fcw=37e fsw=8081 rbx=3000", "m3000.2=37e")
	P64("db e2", "fcw=37e fsw=f8ff fip=5 fop=123", "fsw=7800")
	P64("db e3", "fcw=340 fsw=8081 fip=5 fdp=6 fop=123", "fcw=37f fsw=0 ftw=0 fip=0 fdp=0 fop=0")
	P64("db e0", "fip=5", "")
	P64("db e1", "fip=5", "")
	P64("db e4", "fip=5", "")
	/* FWAIT: #NM with TS and MP only, whatever EM. */
	P64("9b", "", "")
	P64("9b", "cr0=80000031", "")
	P64("9b", "cr0=80000039", "")
	P64("9b", "cr0=80000035", "")
	P64("9b", "cr0=8000003b", "#NM")
	P64("9b", "fcw=37e fsw=8081", "#MF")
	/* Stack, and the guest's pointers. */
	P64("d9 e8", "ftw=0 fdp=77", "fsw=3800 ftw=80 fr7=3fff8000000000000000 fip=1800 fop=1e8")
	P64("d9 d0", "ftw=0 fdp=77", "fip=1800 fop=1d0")
	P64("d9 03", "ftw=0 rbx=3000 m3000.4=3fc00000",
	    "fsw=3800 ftw=80 fr7=3fffc000000000000000 fip=1800 fdp=3000 fop=103")
	P64("66 d8 4b 10", "ftw=1 fr0=40008000000000000000 rbx=3000 m3010.4=3fc00000",
	    "fr0=4000c000000000000000 fip=1800 fdp=3010 fop=4b")
	P64("64 db 2c 25 00 00 00 00", "ftw=0 fs.base=3000 m3000.10=c000c000000000000000",
	    "fsw=3800 ftw=80 fr7=c000c000000000000000 fip=1800 fdp=0 fop=32c")
	P64("df 23", "ftw=0 rbx=6000 m6000.10=80000000000000000012",
	    "r6000.10 fsw=3800 ftw=80 fr7=c002c000000000000000 fip=1800 fdp=6000 fop=723")
	P64("db 3b", "ftw=1 fr0=c000c000000000000000 rbx=6000",
	    "w6000.10=c000c000000000000000 fsw=800 ftw=0 fip=1800 fdp=6000 fop=33b")
	P64("d9 1b", "ftw=1 fr0=3fffc000000000000000 rbx=5000", "#PF(2)@5000")
	P64("d9 1b", "ftw=1 fr0=3fffc000000000000001 rbx=4ffe fip=5 fdp=6 fop=7", "#PF(2)@5000")
	P64("df c1", "ftw=3 fr0=3fff8000000000000000 fr1=40008000000000000000",
	    "fsw=800 ftw=0 fip=1800 fop=7c1")
	/* Unmasked exceptions: later #MF; invalid, overflow and underflow store nothing. */
	P64("d9 13", "fcw=37e ftw=0 rbx=3000 m3000.4=11223344",
	    "fsw=80c1 fip=1800 fdp=3000 fop=113")
	P64("d9 13", "fcw=37e ftw=0 rbx=4ffe", "#PF(2)@5000")
	P64("d9 13", "fcw=377 ftw=1 fr0=7ffe8000000000000000 rbx=3000 m3000.4=11223344",
	    "fsw=8088 fip=1800 fdp=3000 fop=113")
	P64("d9 1b", "fcw=35f ftw=1 fr0=3fff8000000000000001 rbx=3000",
	    "fsw=88a0 ftw=0 m3000.4=3f800000 fip=1800 fdp=3000 fop=11b")
	P64("d8 f9", "fcw=37b ftw=3 fr0=00000000000000000000 fr1=3fff8000000000000000",
	    "fsw=8084 fip=1800 fop=f9")
	P64("d8 f9",
	    "eip=ffff800000001100 fcw=37b ftw=3 fr0=0 fr1=3fff8000000000000000 fdp=12345678",
	    "fsw=8084 fip=1100 fop=f9")
	P64("d9 e8", "eip=ffff800000001100 ftw=0",
	    "fsw=3800 ftw=80 fr7=3fff8000000000000000 fip=1100 fop=1e8")
	/* Compares and moves use RFLAGS. */
	P64("db f1", "ftw=3 fr0=3fff8000000000000000 fr1=40008000000000000000 zf=1 of=1 df=1",
	    "cf=1 zf=0 of=0 fip=1800 fop=3f1")
	P64("df e9", "ftw=3 fr0=3fff8000000000000000 fr1=3fff8000000000000000 cf=1",
	    "cf=0 zf=1 fsw=800 ftw=2 fip=1800 fop=7e9")
	P64("da c1", "ftw=3 fr0=3fff8000000000000000 fr1=40008000000000000000 cf=1",
	    "fr0=40008000000000000000 fip=1800 fop=2c1")
	P64("da c1", "ftw=3 fr0=3fff8000000000000000 fr1=40008000000000000000",
	    "fip=1800 fop=2c1")
	/* Control word. */
	P64("d9 2b", "rbx=3000 m3000.2=37e fsw=1 fip=5", "fcw=37e fsw=8081")
	P64("d9 2b", "rbx=3000 m3000.2=0", "fcw=40")
	/* The environment in its four formats. */
	P64("d9 33", "rbx=3000 fcw=340 ftw=0 fip=12345678 fdp=9abcdef0 fop=123",
	    "m3000.28=ffff00009abcdef00123000012345678ffffffffffff0000ffff0340 fcw=37f")
	P64("66 d9 33", "rbx=3000 fcw=340 ftw=0 fip=12345678 fdp=9abcdef0 fop=123",
	    "m3000.14=0000def000005678ffff00000340 fcw=37f")
	REAL("d9 37", "rbx=3000 fcw=340 ftw=0 fip=12345678 fdp=9abcdef0 fop=123",
	     "m3000.14=c000def041235678ffff00000340 fcw=37f")
	VM86("66 d9 37", "rbx=3000 fcw=340 ftw=0 fip=12345678 fdp=9abcdef0 fop=123",
	     "m3000.28=09abc000ffffdef001234123ffff5678ffffffffffff0000ffff0340 fcw=37f")
	P64("d9 33", "rbx=4ff0 fcw=340", "#PF(2)@5000")
	P64("d9 33", "rbx=3000 fcw=37e fsw=8081 ftw=0",
	    "m3000.28=ffff0000000000000000000000000000ffffffffffff8081ffff037e fcw=37f fsw=1")
	P64("d9 23", "rbx=3000 m3000.28=ffff00009abcdef00123000012345678fffffffd00003801ffff037e",
	    "fcw=37e fsw=b881 ftw=1 fip=12345678 fdp=9abcdef0 fop=123")
	P32("66 d9 23", "rbx=3000 m3000.14=0000def000005678fffd38000340",
	    "fcw=340 fsw=3800 ftw=1 fip=5678 fdp=def0")
	REAL("d9 27", "rbx=3000 m3000.14=c000def041235678ffff00000340",
	     "fcw=340 ftw=0 fip=45678 fdp=cdef0 fop=123")
	REAL("66 d9 27", "rbx=3000 m3000.28=09abc000ffffdef001234123ffff5678ffffffffffff0000ffff0340",
	     "fcw=340 ftw=0 fip=12345678 fdp=9abcdef0 fop=123")
	P64("d9 23", "rbx=4ff0", "#PF(0)@5000")
	/* All of it: FNSAVE leaves what FNINIT does; ST(0) comes first. */
	P64("dd 33", "rbx=3000 fcw=340 fsw=3000 ftw=c0 fr6=40008000000000000000"
	    " fr7=c000c000000000000000 fip=5 fdp=6 fop=7 fr0=0 fr1=0 fr2=0 fr3=0 fr4=0 fr5=0",
	    "m3000.28=ffff0000000000060007000000000005ffff0fffffff3000ffff0340"
	    " m301c.10=40008000000000000000 m3026.10=c000c000000000000000"
	    " fcw=37f fsw=0 ftw=0 fip=0 fdp=0 fop=0")
	P64("66 dd 33", "rbx=3000 ftw=0", "m3000.14=000000000000ffff0000037f"
	    " m300e.10=ffff0000000000000000 m3018.10=ffff0000000000000000"
	    " m3022.10=ffff0000000000000000 m302c.10=ffff0000000000000000"
	    " m3036.10=ffff0000000000000000 m3040.10=ffff0000000000000000"
	    " m304a.10=ffff0000000000000000 m3054.10=ffff0000000000000000")
	P64("dd 33", "rbx=4fa0 ftw=0 fip=5", "#PF(2)@5000")
	P64("dd 23", "rbx=3000 m3000.28=ffff0000000000060007000000000005ffff0fffffff3000ffff0340"
	    " m301c.10=40008000000000000000 m3026.10=c000c000000000000000",
	    "fcw=340 fsw=3000 ftw=c0 fr6=40008000000000000000 fr7=c000c000000000000000"
	    " fip=5 fdp=6 fop=7 fr0=0 fr1=0 fr2=0 fr3=0 fr4=0 fr5=0")
	P64("dd 23", "rbx=4fa0", "#PF(0)@5000")
	P64("dd 23", "rbx=6000 m6000.28=ffff0000000000060007000000000005ffffffffffff3000ffff0340",
	    "r6000.108 fcw=340 fsw=3000 ftw=0 fip=5 fdp=6 fop=7"
	    " fr0=0 fr1=0 fr2=0 fr3=0 fr4=0 fr5=0 fr6=0 fr7=0")
};

const unsigned int nr_x87_cases = ARRAY_LEN(x87_cases);
