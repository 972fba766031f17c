// SPDX-License-Identifier: GPL-2.0-only
/* Hardware task switches. See cases.h for the language. */
#include "cases.h"
#include "tap.h"

/* The 32-bit TSS of the machine as a switch leaves it. */
#define SAVED(eip, fl)								\
	"md020.4=" eip " md024.4=" fl " md028.4=100 md02c.4=110 md030.4=120 md034.4=130 "	\
	"md038.4=9800 md03c.4=150 md040.4=160 md044.4=170 md048.2=20 md04c.2=10 md050.2=20 "	\
	"md054.2=20 md058.2=20 md05c.2=20 "
/* The new task of 32 bits, */
#define TASK32									\
	"me21c.4=1000 me220.4=1234 me224.4=202 me228.4=a1 me22c.4=a2 me230.4=a3 me234.4=a4 "	\
	"me238.4=9900 me23c.4=a6 me240.4=a7 me244.4=a8 me248.2=20 me24c.2=10 me250.2=20 "	\
	"me254.2=43 me258.2=0 me25c.2=a0 "
#define REGS32									\
	"rax=a1 rcx=a2 rdx=a3 rbx=a4 rsp=9900 rbp=a6 rsi=a7 rdi=a8 eip=1234 cr0=80000039 "
#define ENTERED32	REGS32 "cr3=1000 tr=c0 tr.base=e200 tr.limit=67 tr.attr=8b "
#define SEGS32		"es@20 cs@10 ss@20 ds@43 fs@0 gs@a0 ldtr@0 "
/* and of 16. */
#define TASK16									\
	"me30e.2=1234 me310.2=202 me312.2=a1 me314.2=a2 me316.2=a3 me318.2=a4 me31a.2=9900 "	\
	"me31c.2=a6 me31e.2=a7 me320.2=a8 me322.2=20 me324.2=10 me326.2=20 me328.2=43 "
#define ENTERED16	REGS32 "tr=c8 tr.base=e300 tr.limit=2b tr.attr=83 "
#define SEGS16		"es@20 cs@10 ss@20 ds@43 fs@0 gs@0 ldtr@0 "
/* The task that runs is busy, as its descriptor should say. */
#define BUSY		"mc07d.1=8b "
/* A jump to the 32-bit task, and what it does before segments count. */
#define JMP32		"ea 00 00 00 00 c0 00"
#define LEFT32		SAVED("1807", "2") "mc07d.1=89 mc0c5.1=8b " ENTERED32 "fl=202 "

const struct emu_case task_cases[] = {
	P32(JMP32, BUSY TASK32, LEFT32 SEGS32)
	P32("ea 00 00 00 00 d0 00", BUSY TASK32 "gate:c0d0=85,c0,0,0", LEFT32 SEGS32)
	P32("ff 2b", BUSY TASK32 "rbx=3000 m3004.2=c0",
	    SAVED("1802", "2") "md034.4=3000 mc07d.1=89 mc0c5.1=8b " ENTERED32 "fl=202 " SEGS32)
	/* A call nests: the old task stays busy, NT and the back link lead to it. */
	P32("9a 00 00 00 00 c0 00", BUSY TASK32 "fl=ad7",
	    SAVED("1807", "ad7") "mc0c5.1=8b me200.2=78 " ENTERED32 "fl=4202 " SEGS32)
	P32("9a 00 00 00 00 d0 00", BUSY TASK32 "gate:c0d0=85,c0,0,0",
	    SAVED("1807", "2") "mc0c5.1=8b me200.2=78 " ENTERED32 "fl=4202 " SEGS32)
	P32("cd 40", BUSY TASK32 "gate:200=85,c0,0,0",
	    SAVED("1802", "2") "mc0c5.1=8b me200.2=78 " ENTERED32 "fl=4202 " SEGS32)
	/* A return: NT is cleared in what is saved. */
	P32("cf", BUSY TASK32 "mc0c5.1=8b md000.2=c0 fl=4202",
	    SAVED("1801", "202") "mc07d.1=89 " ENTERED32 "fl=202 nmi=1 " SEGS32)
	/* The same to 16-bit tasks, whose CR3 is the old one. */
	P32("ea 00 00 00 00 c8 00", BUSY TASK16,
	    SAVED("1807", "2") "mc07d.1=89 mc0cd.1=83 " ENTERED16 "fl=202 " SEGS16)
	P32("9a 00 00 00 00 c8 00", BUSY TASK16,
	    SAVED("1807", "2") "mc0cd.1=83 me300.2=78 " ENTERED16 "fl=4202 " SEGS16)
	/* From a 16-bit task. */
	P32(JMP32, "tr.attr=83 mc07d.1=83 fl=80ad7 rax=12345678 " TASK32,
	    "md00e.2=1807 md010.2=ad7 md012.2=5678 md014.2=110 md016.2=120 md018.2=130 md01a.2=9800 "
	    "md01c.2=150 md01e.2=160 md020.2=170 md022.2=20 md024.2=10 md026.2=20 md028.2=20 "
	    "mc07d.1=81 mc0c5.1=8b " ENTERED32 "fl=202 " SEGS32)
	P16("ea 00 00 c0 00", BUSY TASK32 "fl=302",
	    SAVED("1805", "302") "md048.2=70 md04c.2=8 md050.2=70 md054.2=70 md058.2=70 md05c.2=70 "
	    "mc07d.1=89 mc0c5.1=8b " ENTERED32 "fl=202 step=0 " SEGS32)
	/* To user mode, and to virtual-8086 mode. */
	P32(JMP32, BUSY TASK32 "me24c.2=33 me250.2=43 me248.2=0 me25c.2=43",
	    LEFT32 "es@0 cs@33 ss@43 ds@43 fs@0 gs@43 ldtr@0")
	P32(JMP32, BUSY TASK32 "me224.4=23202 me248.2=100 me24c.2=200 me250.2=300 me254.2=400 me258.2=500 "
	    "me25c.2=600", LEFT32 "fl=23202 es~100 cs~200 ss~300 ds~400 fs~500 gs~600 ldtr@0")
	/* From virtual-8086 mode by an interrupt. */
	VM86("cd 40", BUSY TASK32 "gate:200=e5,c0,0,0 es=1 cs=0 ss=2 ds=3 fs=4 gs=5 fl=23302",
	    SAVED("1802", "23302") "md048.2=1 md04c.2=0 md050.2=2 md054.2=3 md058.2=4 md05c.2=5 "
	    "mc0c5.1=8b me200.2=78 " ENTERED32 "fl=4202 step=0 es!20 cs!10 ss!20 ds!43 fs!0 gs!a0 ldtr@0")
	/* Local breakpoints are the old task's; without paging CR3 does not matter. */
	P32(JMP32, BUSY TASK32 "dr7=7ff cr0=31", LEFT32 "dr7=7aa cr0=39 cr3=0 " SEGS32)
	/* The old TSS may end behind what is saved. */
	P32(JMP32, BUSY TASK32 "tr.limit=5f", LEFT32 SEGS32)
	/* The T bit. */
	P32(JMP32, BUSY TASK32 "me264.1=1", LEFT32 "trap=2 " SEGS32)
	/* An LDT, and a segment of it. */
	P32(JMP32, BUSY TASK32 "me260.2=88 me254.2=14 desc:e010=1000,ffff,92",
	    LEFT32 SEGS32 "ldtr=88 ldtr.base=e000 ldtr.limit=ff ldtr.attr=82 ds=14 ds.base=1000 "
	    "ds.limit=ffff ds.attr=93 me015.1=93")
	/* A task that goes to another TSS in the same memory goes on with what it saved. */
	P32("ea 00 00 00 00 d0 00", BUSY "desc:c0d0=d000,67,89",
	    SAVED("1807", "2") "mc07d.1=89 mc0d5.1=8b tr=d0 tr.limit=67 cr0=80000039")
	/* Faults of the old task, which goes on. */
	P32("ea 00 00 00 00 c0 00", "cpl=3", "#GP(c0)")
	P32("ea 00 00 00 00 c3 00", "", "#GP(c0)")
	P32("ea 00 00 00 00 d3 00", "cpl=3 gate:c0d0=85,c0,0,0", "#GP(d0)")
	P32("ea 00 00 00 00 d0 00", "gate:c0d0=05,c0,0,0", "#NP(d0)")
	P32("ea 00 00 00 00 d0 00", "gate:c0d0=85,c4,0,0", "#GP(c4)")
	P32("ea 00 00 00 00 d0 00", "gate:c0d0=85,0,0,0", "#GP(0)")
	P32("ea 00 00 00 00 d0 00", "gate:c0d0=85,ff8,0,0", "#GP(ff8)")
	P32("ea 00 00 00 00 d0 00", "gate:c0d0=85,10,0,0", "#GP(10)")
	P32("ea 00 00 00 00 d0 00", "gate:c0d0=85,88,0,0", "#GP(88)")
	P32(JMP32, "mc0c5.1=8b", "#GP(c0)")
	P32("9a 00 00 00 00 c0 00", "mc0c5.1=8b", "#GP(c0)")
	P32(JMP32, "mc0c5.1=9", "#NP(c0)")
	P32(JMP32, "mc0c0.1=66", "#TS(c0)")
	P32("ea 00 00 00 00 c8 00", "mc0c8.1=2a", "#TS(c8)")
	P32(JMP32, "tr.limit=5e", "#TS(78)")
	P32(JMP32, "gdt.size=c6", "#GP(c0)")
	P32(JMP32, "desc:c0c0=5000,67,89", "#PF(0)@5000")
	P32(JMP32, "desc:c0c0=4ff0,67,89", "#PF(0)@5000")
	P32(JMP32, "tr.base=4fd0", "#PF(2)@5000")
	P32("9a 00 00 00 00 c0 00", "desc:c0c0=b000,67,89", "#PF(3)@b000")
	P32(JMP32, "desc:c0c0=6000,67,89", "FAIL")
	P32(JMP32, "tr.base=6000", "FAIL")
	P32("cd 40", "gate:200=85,c4,0,0", "#GP(c4)")
	P32("cd 40", "gate:200=85,c0,0,0 mc0c5.1=8b", "#GP(c0)")
	P32("cd 40", "cpl=3 gate:200=85,c0,0,0", "#GP(202)")
	P32("cd 40", "gate:200=05,c0,0,0", "#NP(202)")
	P32("f1", "gate:8=85,c4,0,0", "#GP(c5)")
	P32("f1", "gate:8=85,c0,0,0 mc0c5.1=9", "#NP(c1)")
	P32("cf", "fl=4002 md000.2=c0", "#TS(c0)")
	P32("cf", "fl=4002 md000.2=c4", "#TS(c4)")
	P32("cf", "fl=4002 md000.2=ff8", "#TS(ff8)")
	P32("cf", "fl=4002 md000.2=20", "#TS(20)")
	P32("cf", "fl=4002 md000.2=c0 mc0c5.1=b", "#NP(c0)")
	P32("cf", "fl=4002 tr.limit=0", "#TS(78)")
	/* Faults of the new task: it is entered, and the segment is not loaded. */
	P32(JMP32, BUSY TASK32 "me260.2=20", LEFT32 "+#TS(20) es=20 es.attr=1000 es.base=0 es.limit=0 "
	    "cs@10 ss=20 ss.attr=1000 ss.limit=0 ds=43 ds.attr=1000 ds.limit=0 fs@0 gs=a0 gs.attr=1000 "
	    "gs.limit=0 ldtr=20")
	P32(JMP32, BUSY TASK32 "me260.2=8c", LEFT32 "+#TS(8c) es=20 es.attr=1000 es.base=0 es.limit=0 "
	    "cs@10 ss=20 ss.attr=1000 ss.limit=0 ds=43 ds.attr=1000 ds.limit=0 fs@0 gs=a0 gs.attr=1000 "
	    "gs.limit=0 ldtr=8c")
	P32(JMP32, BUSY TASK32 "me24c.2=0", LEFT32 "+#TS(0) es=20 es.attr=1000 es.limit=0 "
	    "cs=0 ss=20 ss.attr=1000 ss.limit=0 ds=43 ds.attr=1000 ds.limit=0 fs@0 gs=a0 gs.attr=1000 "
	    "gs.limit=0 ldtr@0")
	P32(JMP32, BUSY TASK32 "me24c.2=20", LEFT32 "+#TS(20) es=20 es.attr=1000 es.limit=0 "
	    "cs=20 ss=20 ss.attr=1000 ss.limit=0 ds=43 ds.attr=1000 ds.limit=0 fs@0 gs=a0 gs.attr=1000 "
	    "gs.limit=0 ldtr@0")
	P32(JMP32, BUSY TASK32 "me24c.2=13", LEFT32 "+#TS(10) es=20 es.attr=1000 es.limit=0 "
	    "cs=13 ss=20 ss.attr=1060 ss.limit=0 ds=43 ds.attr=1000 ds.limit=0 fs@0 gs=a0 gs.attr=1000 "
	    "gs.limit=0 ldtr@0")
	P32(JMP32, BUSY TASK32 "me24c.2=98", LEFT32 "+#NP(98) es=20 es.attr=1000 es.limit=0 "
	    "cs=98 ss=20 ss.attr=1000 ss.limit=0 ds=43 ds.attr=1000 ds.limit=0 fs@0 gs=a0 gs.attr=1000 "
	    "gs.limit=0 ldtr@0")
	P32(JMP32, BUSY TASK32 "me250.2=0", LEFT32 "+#TS(0) es=20 es.attr=1000 es.limit=0 "
	    "cs@10 ss@0 ds=43 ds.attr=1000 ds.limit=0 fs@0 gs=a0 gs.attr=1000 gs.limit=0 ldtr@0")
	P32(JMP32, BUSY TASK32 "me250.2=43", LEFT32 "+#TS(40) es=20 es.attr=1000 es.limit=0 "
	    "cs@10 ss=43 ss.attr=1000 ss.limit=0 ds=43 ds.attr=1000 ds.limit=0 fs@0 gs=a0 gs.attr=1000 "
	    "gs.limit=0 ldtr@0")
	P32(JMP32, BUSY TASK32 "me250.2=48", LEFT32 "+#SS(48) es=20 es.attr=1000 es.limit=0 "
	    "cs@10 ss=48 ss.attr=1000 ss.limit=0 ds=43 ds.attr=1000 ds.limit=0 fs@0 gs=a0 gs.attr=1000 "
	    "gs.limit=0 ldtr@0")
	P32(JMP32, BUSY TASK32 "me248.2=ff8", LEFT32 "+#TS(ff8) es=ff8 es.attr=1000 es.limit=0 "
	    "cs@10 ss@20 ds@43 fs@0 gs=a0 gs.attr=1000 gs.limit=0 ldtr@0")
	P32(JMP32, BUSY TASK32 "me248.2=48", LEFT32 "+#NP(48) es=48 es.attr=1000 es.limit=0 "
	    "cs@10 ss@20 ds@43 fs@0 gs=a0 gs.attr=1000 gs.limit=0 ldtr@0")
	P32(JMP32, BUSY TASK32 "me248.2=58", LEFT32 "+#TS(58) es=58 es.attr=1000 es.limit=0 "
	    "cs@10 ss@20 ds@43 fs@0 gs=a0 gs.attr=1000 gs.limit=0 ldtr@0")
	P32(JMP32, BUSY TASK32 "me248.2=23", LEFT32 "+#TS(20) es=23 es.attr=1000 es.limit=0 "
	    "cs@10 ss@20 ds@43 fs@0 gs=a0 gs.attr=1000 gs.limit=0 ldtr@0")
	P32(JMP32, BUSY TASK32 "me24c.2=8 me220.4=12345", LEFT32 "+#GP(0) eip=12345 es@20 cs@8 ss@20 ds@43 "
	    "fs@0 gs@a0 ldtr@0")
	P32("f1", BUSY TASK32 "gate:8=85,c0,0,0 me248.2=48", SAVED("1801", "2") "mc0c5.1=8b me200.2=78 "
	    ENTERED32 "fl=4202 +#NP(49) es=48 es.attr=1000 es.limit=0 "
	    "cs@10 ss@20 ds@43 fs@0 gs=a0 gs.attr=1000 gs.limit=0 ldtr@0")
	/* What an exit tells of: no instruction, EIP and RF are saved as they are. */
	P32("", BUSY TASK32 "switch=J,c0,-1", SAVED("1800", "2") "mc07d.1=89 mc0c5.1=8b " ENTERED32 "fl=202 "
	    SEGS32)
	P32("", BUSY TASK32 "switch=C,c0,-1 tf=1", SAVED("1800", "102") "mc0c5.1=8b me200.2=78 " ENTERED32
	    "fl=4202 step=0 " SEGS32)
	P32("", BUSY TASK32 "mc0c5.1=8b fl=4002 switch=I,c0,-1", SAVED("1800", "2") "mc07d.1=89 " ENTERED32
	    "fl=202 nmi=1 " SEGS32)
	P32("", BUSY TASK32 "switch=G,c0,-1,abcd fl=10002", SAVED("1800", "10002") "mc0c5.1=8b me200.2=78 "
	    ENTERED32 "fl=4202 rsp=98fc m98fc.4=abcd " SEGS32)
	P32("", BUSY TASK16 "switch=G,c8,-1,abcd", SAVED("1800", "2") "mc0cd.1=83 me300.2=78 " ENTERED16
	    "fl=4202 rsp=98fe m98fe.2=abcd " SEGS16)
	/* Pushed as the new task's CPL may, on its stack. */
	P32("", BUSY TASK32 "switch=G,c0,-1,5 me24c.2=33 me250.2=43 me248.2=0 me25c.2=43 me238.4=e810",
	    SAVED("1800", "2") "mc0c5.1=8b me200.2=78 " ENTERED32
	    "fl=4202 rsp=e810 es@0 cs@33 ss@43 ds@43 fs@0 gs@43 ldtr@0 +#PF(7)@e80c")
	P32("", BUSY TASK32 "switch=G,c0,-1,5 me250.2=d0 desc:c0d0=0,ff,493", SAVED("1800", "2")
	    "mc0c5.1=8b me200.2=78 " ENTERED32 "fl=4202 es@20 cs@10 ss@d0 ds@43 fs@0 gs@a0 ldtr@0 +#SS(1)")
	P32("", BUSY TASK32 "switch=G,c0,-1 me24c.2=8 me220.4=12345", SAVED("1800", "2")
	    "mc0c5.1=8b me200.2=78 " ENTERED32 "fl=4202 eip=12345 es@20 cs@8 ss@20 ds@43 fs@0 gs@a0 ldtr@0 "
	    "+#GP(1)")
	P32("", BUSY TASK32 "switch=G,c0,64 gate:200=85,c0,0,0", SAVED("1800", "2") "mc0c5.1=8b me200.2=78 "
	    ENTERED32 "fl=4202 " SEGS32)
	P32("", "cpl=3 switch=G,c0,64 gate:200=85,c0,0,0", "#GP(202)")
	P32("", "switch=G,c0,64 gate:200=05,c0,0,0", "#NP(202)")
	P32("", "switch=G,c4,-1", "#GP(c5)")
	P32("", "switch=G,c4,64 gate:200=85,c0,0,0", "#GP(c4)")
	P32("", "switch=G,c0,-1 mc0c5.1=9", "#NP(c1)")
	P32("", "switch=I,c0,-1", "#TS(c0)")
	P32("", "races=1 switch=J,c0,-1 " TASK32, "RESTART " SAVED("1800", "2"))
	P32("", "races=9 switch=J,c0,-1 " TASK32 BUSY, "RESTART " SAVED("1800", "2"))
};

const unsigned int nr_task_cases = ARRAY_LEN(task_cases);
