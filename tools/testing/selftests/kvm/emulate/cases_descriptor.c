// SPDX-License-Identifier: GPL-2.0-only
/* LDTR, TR, and looking at descriptors. See cases.h for the language, machine.c for the GDT. */
#include "cases.h"
#include "tap.h"

/* No TR, to see it loaded. */
#define NO_TR	"tr=0 tr.base=0 tr.limit=0 tr.attr=1000 "
#define TR_78	"tr=78 tr.base=d000 tr.limit=fff tr.attr=8b"

const struct emu_case descriptor_cases[] = {
	/* LLDT */
	REAL("0f 00 d0", "", "#UD")
	VM86("0f 00 d0", "", "#UD")
	P64("0f 00 d0", "rax=88 cpl=3", "#GP(0)")
	P64("0f 00 d0", "rax=8c", "#GP(8c)")
	P64("0f 00 d0", "rax=b0", "#GP(b0)")
	P64("0f 00 d0", "rax=20", "#GP(20)")
	P64("0f 00 d0", "rax=78", "#GP(78)")
	P64("0f 00 d0", "rax=8b mc08d.1=2", "#NP(88)")
	P64("0f 00 d0", "rax=88 mc095.1=1", "#GP(88)")
	P64("0f 00 d0", "rax=88 mc090.4=8000", "#GP(88)")
	/* 16 bytes in 64-bit mode: the limit ends between them. */
	P64("0f 00 d0", "rax=88 gdt.size=8f", "#GP(88)")
	P32("0f 00 d0", "rax=88 gdt.size=8f", "ldtr=88 ldtr.base=e000 ldtr.limit=ff ldtr.attr=82")
	P64("0f 00 d0", "rax=88 gdt.base=5000", "#PF(0)@5088")
	P64("0f 00 d0", "rax=88", "ldtr=88 ldtr.base=e000 ldtr.limit=ff ldtr.attr=82")
	P64("0f 00 d0", "rax=8b mc090.4=ffff8000",
	    "ldtr=8b ldtr.base=ffff80000000e000 ldtr.limit=ff ldtr.attr=82")
	P64("0f 00 13", "rbx=3000 m3000.2=88", "ldtr=88 ldtr.base=e000 ldtr.limit=ff ldtr.attr=82")
	P32("0f 00 d0", "rax=3 ldtr=88 ldtr.base=e000 ldtr.limit=ff ldtr.attr=82",
	    "ldtr=3 ldtr.base=0 ldtr.limit=0 ldtr.attr=1000")
	/* LTR */
	REAL("0f 00 d8", "", "#UD")
	P64("0f 00 d8", "rax=78 cpl=3", "#GP(0)")
	P64("0f 00 d8", "rax=0", "#GP(0)")
	P64("0f 00 d8", "rax=3", "#GP(0)")
	P64("0f 00 d8", "rax=7c", "#GP(7c)")
	P64("0f 00 d8", "rax=88", "#GP(88)")
	P64("0f 00 d8", "rax=78 mc07d.1=8b", "#GP(78)")
	P64("0f 00 d8", "rax=78 mc07d.1=81", "#GP(78)")
	P64("0f 00 d8", "rax=78 mc07d.1=9", "#NP(78)")
	P64("0f 00 d8", "rax=78 mc085.1=9", "#GP(78)")
	P64("0f 00 d8", "rax=78 mc080.4=ffff0000", "#GP(78)")
	P64("0f 00 d8", "rax=78 pagec000=1", "#PF(3)@c078")
	P64("0f 00 d8", NO_TR "rax=78", TR_78 " mc07d.1=8b")
	P64("0f 00 d8", NO_TR "rax=78 races=1", "RESTART")
	P32("0f 00 d8", NO_TR "rax=78", TR_78 " mc07d.1=8b")
	P32("0f 00 d8", NO_TR "rax=78 mc07d.1=81",
	    "tr=78 tr.base=d000 tr.limit=fff tr.attr=83 mc07d.1=83")
	/* In compatibility mode there is no 16-bit TSS. */
	P32("0f 00 d8", NO_TR "msrc0000080=d00 rax=78 mc07d.1=81", "#GP(78)")
	P64("0f 00 1b", NO_TR "rbx=3000 m3000.2=7b",
	    "tr=7b tr.base=d000 tr.limit=fff tr.attr=8b mc07d.1=8b")
	/* SLDT and STR: 2 bytes to memory, the operand size to a register. */
	REAL("0f 00 c0", "", "#UD")
	VM86("0f 00 c8", "", "#UD")
	P64("0f 00 c0", "cpl=3 cr4=40a20", "#GP(0)")
	P64("0f 00 c8", "cpl=3 cr4=40a20", "#GP(0)")
	P64("0f 00 0b", "cpl=3 cr4=40a20 rbx=5000", "#GP(0)")
	P64("0f 00 c0", "ldtr=88 rax=ffffffffffffffff", "rax=88")
	P64("66 0f 00 c0", "ldtr=88 rax=ffffffffffffffff", "rax=ffffffffffff0088")
	P64("48 0f 00 c8", "rax=ffffffffffffffff", "rax=78")
	P32("0f 00 c8", "rax=ffffffff cpl=3", "rax=78")
	P64("0f 00 03", "ldtr=88 rbx=3000 m3000.4=ffffffff", "m3000.2=88")
	P64("48 0f 00 0b", "rbx=3000 m3000.8=ffffffffffffffff", "m3000.2=78")
	P64("0f 00 0b", "rbx=6000", "w6000.2=78")
	P64("0f 00 0b", "cpl=3 rbx=e000", "#PF(7)@e000")
	/* LAR */
	REAL("0f 02 c3", "", "#UD")
	VM86("0f 02 c3", "", "#UD")
	P64("0f 02 c3", "rbx=0 zf=1", "zf=0")
	P64("0f 02 c3", "rbx=3 zf=1", "zf=0")
	P64("0f 02 c3", "rbx=200 zf=1", "zf=0")
	P64("0f 02 c3", "rbx=c zf=1", "zf=0")
	P64("0f 02 c3", "rbx=20 cpl=3 zf=1", "zf=0")
	P64("0f 02 c3", "rbx=23 zf=1", "zf=0")
	P64("0f 02 c3", "rbx=20 gdt.base=5000", "#PF(0)@5020")
	P64("0f 02 03", "rbx=5000", "#PF(0)@5000")
	P64("0f 02 c3", "rax=1122334455667788 rbx=20", "rax=cf9300 zf=1")
	P64("66 0f 02 c3", "rax=1122334455667788 rbx=20", "rax=1122334455669300 zf=1")
	P64("48 0f 02 03", "rbx=3000 m3000.2=43 cpl=3", "rax=cff300 zf=1")
	P64("0f 02 c3", "rbx=63 cpl=3", "rax=cf9f00 zf=1")
	P64("0f 02 c3", "rbx=48", "rax=cf1300 zf=1")
	P64("0f 02 c3", "rbx=58", "rax=cf9900 zf=1")
	P64("0f 02 c3", "rbx=88", "rax=8200 zf=1")
	P64("0f 02 c3", "rbx=78", "rax=8900 zf=1")
	P64("0f 02 c3", "rbx=78 mc07d.1=8c", "rax=8c00 zf=1")
	P64("0f 02 c3", "rbx=78 mc07d.1=81 zf=1", "zf=0")
	P64("0f 02 c3", "rbx=78 mc07d.1=85 zf=1", "zf=0")
	P32("0f 02 c3", "rbx=78 mc07d.1=81", "rax=8100 zf=1")
	P32("0f 02 c3", "rbx=78 mc07d.1=83", "rax=8300 zf=1")
	P32("0f 02 c3", "rbx=78 mc07d.1=84", "rax=8400 zf=1")
	P32("0f 02 c3", "rbx=78 mc07d.1=85", "rax=8500 zf=1")
	P32("0f 02 c3", "rbx=78 mc07d.1=86 zf=1", "zf=0")
	P32("0f 02 c3", "rbx=78 mc07d.1=8e zf=1", "zf=0")
	P32("0f 02 c3", "rbx=78 mc07d.1=80 zf=1", "zf=0")
	P32("0f 02 c3", "msrc0000080=d00 rbx=78 mc07d.1=83 zf=1", "zf=0")
	/* An LDT. */
	P64("0f 02 c3", "rbx=c ldtr=88 ldtr.base=3000 ldtr.limit=ff ldtr.attr=82 "
	    "m3008.8=00cff2000000ffff", "rax=cff200 zf=1")
	P64("0f 02 c3", "rbx=c ldtr=88 ldtr.base=3000 ldtr.limit=e ldtr.attr=82 zf=1", "zf=0")
	/* LSL */
	REAL("0f 03 c3", "", "#UD")
	P64("0f 03 c3", "rbx=0 zf=1", "zf=0")
	P64("0f 03 c3", "rbx=20 cpl=3 zf=1", "zf=0")
	P64("0f 03 c3", "rbx=78 mc07d.1=8c zf=1", "zf=0")
	P64("0f 03 c3", "rbx=78 mc07d.1=83 zf=1", "zf=0")
	P32("0f 03 c3", "rbx=78 mc07d.1=84 zf=1", "zf=0")
	P64("0f 03 c3", "rbx=a0", "rax=fff zf=1")
	P64("0f 03 c3", "rbx=20", "rax=ffffffff zf=1")
	P64("66 0f 03 c3", "rbx=20", "rax=ffff zf=1")
	P64("48 0f 03 c3", "rax=ffffffffffffffff rbx=78", "rax=fff zf=1")
	P64("0f 03 c3", "rbx=88", "rax=ff zf=1")
	P32("0f 03 03", "rbx=3000 m3000.2=78 mc07d.1=83", "rax=fff zf=1")
	/* VERR, VERW */
	REAL("0f 00 e3", "", "#UD")
	VM86("0f 00 eb", "", "#UD")
	P64("0f 00 e3", "rbx=0 zf=1", "zf=0")
	P64("0f 00 e3", "rbx=78 zf=1", "zf=0")
	P64("0f 00 e3", "rbx=58 zf=1", "zf=0")
	P64("0f 00 e3", "rbx=20 cpl=3 zf=1", "zf=0")
	P64("0f 00 e3", "rbx=23 zf=1", "zf=0")
	P64("0f 00 e3", "rbx=200 zf=1", "zf=0")
	P64("0f 00 e3", "rbx=20 gdt.base=5000", "#PF(0)@5020")
	P64("0f 00 e3", "rbx=63 cpl=3", "zf=1")
	P64("0f 00 e3", "rbx=48", "zf=1")
	P64("0f 00 e3", "rbx=18", "zf=1")
	P64("0f 00 e3", "rbx=50", "zf=1")
	P64("0f 00 23", "rbx=3000 m3000.2=20", "zf=1")
	P64("0f 00 eb", "rbx=0 zf=1", "zf=0")
	P64("0f 00 eb", "rbx=50 zf=1", "zf=0")
	P64("0f 00 eb", "rbx=18 zf=1", "zf=0")
	P64("0f 00 eb", "rbx=88 zf=1", "zf=0")
	P64("0f 00 eb", "rbx=20 cpl=3 zf=1", "zf=0")
	P64("0f 00 eb", "rbx=60 zf=1", "zf=0")
	P64("0f 00 eb", "rbx=43 cpl=3", "zf=1")
	P64("0f 00 2b", "rbx=3000 m3000.2=20", "zf=1")
	/* A nested hypervisor. */
	P64("0f 00 d8", "guest=1 stage=1 rax=78", "ICPT")
	P64("0f 00 d8", "guest=1 stage=1 rax=78 cpl=3", "#GP(0)")
	P64("0f 00 c0", "guest=1 stage=1", "ICPT")
};

const unsigned int nr_descriptor_cases = ARRAY_LEN(descriptor_cases);
