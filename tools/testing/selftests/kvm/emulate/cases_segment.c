// SPDX-License-Identifier: GPL-2.0-only
/* Segment registers. See cases.h for the language. */
#include "cases.h"
#include "tap.h"

const struct emu_case segment_cases[] = {
	REAL("8e d8", "rax=1234", "ds@1234")
	REAL("8e c0", "rax=1234", "es@1234")
	REAL("8e d0", "rax=1234", "ss@1234 shadow=1")
	VM86("8e d8", "rax=1234", "ds@1234")
	REAL("8e 1f", "rbx=3000 m3000.2=1234", "ds@1234")
	P64("8e 23", "rbx=6000 m6000.2=50", "r6000.2=50 fs@50")
	P32("8e d8", "rax=50", "ds@50")
	P32("8e d8", "rax=12340050", "ds@50")
	P32("8e e8", "rax=a0", "gs@a0")
	P32("8e d0", "rax=70", "ss@70 shadow=1")
	P32("8e d8", "rax=0", "ds=0 ds.attr=1000 ds.base=0 ds.limit=0")
	P32("8e d8", "rax=48", "#NP(48)")
	P32("8e d8", "rax=8000", "#GP(8000)")
	P32("8e d8", "rax=58", "#GP(58)")
	P32("8e d8", "rax=60", "ds@60")
	P32("8e d8", "rax=78", "#GP(78)")
	/* Beyond the table; the LDT is empty. */
	P32("8e d8", "rax=ac gdt.size=a7", "#GP(ac)")
	/* The accessed bit is set. */
	P32("8e d8", "rax=a8", "ds@a8 mc0ad.1=93")
	/* Also of a descriptor on two pages. */
	P32("8e d8", "rax=50 gdt.base=3fac m3ffc.4=ffff m4000.4=cf9200",
	    "ds=50 ds.attr=c93 ds.limit=ffffffff m4001.1=93")
	P32("8e d0", "rax=0", "#GP(0)")
	P32("8e d0", "rax=50", "#GP(50)")
	P32("8e d0", "rax=23", "#GP(20)")
	P32("8e d0", "rax=10", "#GP(10)")
	P32("8e c8", "rax=10", "#UD")
	P32("8e d8", "cpl=3 rax=43", "ds@43")
	P32("8e d8", "cpl=3 rax=23", "#GP(20)")
	P32("8e d8", "rax=50 gdt.base=5000", "#PF(0)@5050")
	P64("8e d8", "rax=50", "ds@50")
	P64("8e d0", "rax=0", "ss=0 ss.attr=1000 ss.base=0 ss.limit=0 shadow=1")
	/* A single-step trap comes after the next instruction. */
	P32("8e d0", "rax=70 tf=1", "ss@70 shadow=1 step=0")
	P32("17", "m9800.4=70 tf=1", "ss@70 rsp=9804 shadow=1 step=0")
	P32("8e d8", "rax=50 tf=1", "ds@50")
	P64("8e d0", "rax=1", "#GP(0)")
	P64("8e d0", "cpl=3 rax=3", "#GP(0)")
	P64("8e d8", "rax=3", "ds@3")
	P32("8e d8", "rax=d4 ldtr.base=e000 ldtr.limit=ff ldtr.attr=82 desc:e0d0=1000,ffff,93",
	    "ds=d4 ds.base=1000 ds.limit=ffff ds.attr=93")
	P32("8e d8", "rax=104 ldtr.base=e000 ldtr.limit=ff ldtr.attr=82", "#GP(104)")
	P32("8e d8", "rax=d4", "#GP(d4)")
	P32("8e d0", "rax=d0 desc:c0d0=0,ffffffff,c13", "#SS(d0)")
	P32("8e d0", "rax=58", "#GP(58)")
	P32("8e d8", "cpl=3 rax=60", "ds@60")
	P32("8e d8", "rax=b1", "ds@b1")
	P32("8e d8", "cpl=3 rax=b1", "#GP(b0)")
	P32("8e d8", "rax=23", "#GP(20)")
	P32("63 c8", "rax=12340010 rcx=3", "rax=12340013 zf=1")
	P32("63 c8", "rax=13 rcx=2 zf=1", "zf=0")
	P32("63 0b", "rbx=3000 m3000.2=21 rcx=2", "m3000.2=22 zf=1")
	P32("63 0b", "rbx=6000 m6000.2=21 rcx=2", "r6000.2 w6000.2=22 zf=1")
	P32("63 0b", "rbx=b000 rcx=2", "#PF(3)@b000")
	P32("63 0b", "rbx=b000 rcx=0 zf=1", "zf=0")
	P32("63 0b", "rbx=5000", "#PF(0)@5000")
	P32("2e 63 0b", "rbx=3000 rcx=2", "#GP(0)")
	P32("2e 63 0b", "rbx=3000 rcx=0 zf=1", "zf=0")
	P64("8c d8", "rax=ffffffffffffffff", "rax=20")
	P64("66 8c d8", "rax=ffffffff", "rax=ffff0020")
	P64("48 8c d8", "rax=ffffffffffffffff", "rax=20")
	P64("8c 1b", "rbx=3000 m3000.4=ffffffff", "m3000.2=20")
	P64("48 8c 0b", "rbx=6000", "w6000.2=18")
	REAL("8c c8", "rax=5", "rax=0")
	REAL("c4 07", "rbx=3000 m3000.4=2341234", "rax=1234 es@234")
	REAL("c5 07", "rbx=3000 m3000.4=2341234", "rax=1234 ds@234")
	P32("c4 03", "rbx=3000 m3000.4=12345678 m3004.2=50", "rax=12345678 es@50")
	P32("c5 03", "rbx=3000 m3000.4=12345678 m3004.2=50", "rax=12345678 ds@50")
	P32("66 c5 03", "rbx=3000 rax=aaaaaaaa m3000.4=501234", "rax=aaaa1234 ds@50")
	P64("0f b2 03", "rbx=3000 m3000.4=12345678 m3004.2=20", "rax=12345678 ss@20")
	/* m16:64 is Intel's. */
	P64("48 0f b2 03", "rbx=3000 m3000.8=123456789a m3008.2=20", "rax=123456789a ss@20")
	P64("48 0f b2 03", "amd=1 rbx=3000 m3000.4=12345678 m3004.2=20", "rax=12345678 ss@20")
	P64("0f b4 03", "rbx=3000 m3000.4=12345678 m3004.2=50", "rax=12345678 fs@50")
	P64("48 0f b5 03", "rbx=3000 m3000.8=1122334455667788 m3008.2=50",
	    "rax=1122334455667788 gs@50")
	P32("c5 03", "rbx=3000 m3004.2=48", "#NP(48)")
	P32("c5 03", "rbx=4ffc", "#PF(0)@5000")
	P32("c5 03", "rbx=6ffe m6ffe.6=5012345678", "r6ffe.2 r7000.4 rax=12345678 ds@50")
};

const unsigned int nr_segment_cases = ARRAY_LEN(segment_cases);
