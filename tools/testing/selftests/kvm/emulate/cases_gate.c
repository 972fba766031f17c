// SPDX-License-Identifier: GPL-2.0-only
/* Call gates, and software interrupts through the IDT. See cases.h for the language. */
#include "cases.h"
#include "tap.h"

/* The stack of level 0 in the 32-bit TSS, on a supervisor page. */
#define TSS0	"md004.4=e800 md008.2=20 "
/* Long mode around 32-bit code. */
#define LMA	"msrc0000080=d00 cr4=40220 "

const struct emu_case gate_cases[] = {
	/* JMP through a call gate. */
	P32("ea 00 00 00 00 d0 00", "gate:c0d0=8c,10,1234,0", "cs@10 eip=1234")
	P32("ea 00 00 00 00 d0 00", "gate:c0d0=84,10,12345,0", "cs@10 eip=2345")
	P32("ea 00 00 00 00 d0 00", "gate:c0d0=8c,13,1234,0", "cs@10 eip=1234")
	P32("ea 00 00 00 00 d3 00", "cpl=3 gate:c0d0=ec,33,1234,0", "cs@33 eip=1234")
	P32("ea 00 00 00 00 d3 00", "cpl=3 gate:c0d0=ec,60,1234,0", "cs@63 eip=1234")
	P32("ea 00 00 00 00 d3 00", "cpl=3 gate:c0d0=ec,10,1234,0", "#GP(10)")
	P32("ea 00 00 00 00 d0 00", "cpl=3 gate:c0d0=8c,33,1234,0", "#GP(d0)")
	P32("ea 00 00 00 00 d3 00", "gate:c0d0=8c,10,1234,0", "#GP(d0)")
	P32("ea 00 00 00 00 d0 00", "gate:c0d0=0c,10,1234,0", "#NP(d0)")
	P32("ea 00 00 00 00 d0 00", "gate:c0d0=8c,0,1234,0", "#GP(0)")
	P32("ea 00 00 00 00 d0 00", "gate:c0d0=8c,ff8,1234,0", "#GP(ff8)")
	P32("ea 00 00 00 00 d0 00", "gate:c0d0=8c,20,1234,0", "#GP(20)")
	P32("ea 00 00 00 00 d0 00", "gate:c0d0=8c,98,1234,0", "#NP(98)")
	P32("ea 00 00 00 00 d0 00", "gate:c0d0=8c,8,12345,0", "#GP(0)")
	P32("ea 00 00 00 00 d0 00", "gate:c0d0=8e,10,1234,0", "#GP(d0)")
	P32("ff 2b", "rbx=3000 m3004.2=d0 gate:c0d0=8c,10,1234,0", "cs@10 eip=1234")
	/* CALL within the level: the gate's size is what is pushed. */
	P32("9a 00 00 00 00 d0 00", "gate:c0d0=8c,10,1234,3", "cs@10 eip=1234 rsp=97f8 m97fc.4=10 m97f8.4=1807")
	P32("9a 00 00 00 00 d0 00", "gate:c0d0=84,10,12345,0", "cs@10 eip=2345 rsp=97fc m97fe.2=10 m97fc.2=1807")
	P32("9a 00 00 00 00 d3 00", "cpl=3 gate:c0d0=ec,60,1234,0",
	    "cs@63 eip=1234 rsp=97f8 m97fc.4=33 m97f8.4=1807")
	/* To an inner level, with parameters. */
	P32("9a 00 00 00 00 d3 00", "cpl=3 gate:c0d0=ec,10,1234,2 " TSS0 "m9800.4=11111111 m9804.4=22222222",
	    "cs@10 eip=1234 ss@20 rsp=e7e8 me7fc.4=43 me7f8.4=9800 me7f4.4=22222222 me7f0.4=11111111 "
	    "me7ec.4=33 me7e8.4=1807")
	P32("9a 00 00 00 00 d3 00", "cpl=3 gate:c0d0=e4,10,1234,2 " TSS0 "m9800.4=22221111",
	    "cs@10 eip=1234 ss@20 rsp=e7f4 me7fe.2=43 me7fc.2=9800 me7fa.2=2222 me7f8.2=1111 "
	    "me7f6.2=33 me7f4.2=1807")
	P32("9a 00 00 00 00 d3 00", "cpl=3 gate:c0d0=ec,10,1234,1f " TSS0 "m9800.4=1 m9878.4=1f",
	    "cs@10 eip=1234 ss@20 rsp=e774 me7fc.4=43 me7f8.4=9800 me7f4.4=1f me77c.4=1 "
	    "me778.4=33 me774.4=1807")
	P32("9a 00 00 00 00 d3 00", "cpl=3 gate:c0d0=ec,10,1234,e0 " TSS0,
	    "cs@10 eip=1234 ss@20 rsp=e7f0 me7fc.4=43 me7f8.4=9800 me7f4.4=33 me7f0.4=1807")
	/* Level 1, and the accessed bits of what is loaded. */
	P32("9a 00 00 00 00 d3 00", "cpl=3 gate:c0d0=ec,b0,1234,0 md00c.4=e800 md010.2=b9 mc0b5.1=ba mc0bd.1=b2",
	    "cs@b1 eip=1234 ss@b9 rsp=e7f0 me7fc.4=43 me7f8.4=9800 me7f4.4=33 me7f0.4=1807 "
	    "mc0b5.1=bb mc0bd.1=b3")
	/* A 16-bit TSS. */
	P32("9a 00 00 00 00 d3 00", "cpl=3 gate:c0d0=ec,10,1234,0 tr.attr=83 md002.2=e800 md004.2=20",
	    "cs@10 eip=1234 ss@20 rsp=e7f0 me7fc.4=43 me7f8.4=9800 me7f4.4=33 me7f0.4=1807")
	/* A 16-bit stack of the inner level: SP counts, and all of ESP is loaded. */
	P32("9a 00 00 00 00 d3 00", "cpl=3 gate:c0d0=ec,10,1234,0 md004.4=5678e800 md008.2=70",
	    "cs@10 eip=1234 ss@70 rsp=5678e7f0 me7fc.4=43 me7f8.4=9800 me7f4.4=33 me7f0.4=1807")
	P32("9a 00 00 00 00 d3 00", "cpl=3 gate:c0d0=ec,10,1234,0 md004.4=8 md008.2=70",
	    "cs@10 eip=1234 ss@70 rsp=fff8 m4.4=43 m0.4=9800 mfffc.4=33 mfff8.4=1807")
	/* The TSS may end right behind what is read. */
	P32("9a 00 00 00 00 d3 00", "cpl=3 gate:c0d0=ec,10,1234,0 tr.limit=9 " TSS0,
	    "cs@10 eip=1234 ss@20 rsp=e7f0 me7fc.4=43 me7f8.4=9800 me7f4.4=33 me7f0.4=1807")
	P32("9a 00 00 00 00 d3 00", "cpl=3 gate:c0d0=ec,10,1234,0 tr.limit=5 tr.attr=83 md002.2=e800 "
	    "md004.2=20", "cs@10 eip=1234 ss@20 rsp=e7f0 me7fc.4=43 me7f8.4=9800 me7f4.4=33 me7f0.4=1807")
	P32("9a 00 00 00 00 d3 00", "cpl=3 gate:c0d0=ec,10,1234,0 tr.limit=4 tr.attr=83", "#TS(78)")
	P32("9a 00 00 00 00 d3 00", "cpl=3 gate:c0d0=8c,10,1234,0", "#GP(d0)")
	P32("9a 00 00 00 00 d0 00", "gate:c0d0=0c,10,1234,0", "#NP(d0)")
	P32("9a 00 00 00 00 d0 00", "gate:c0d0=8c,33,1234,0", "#GP(30)")
	P32("9a 00 00 00 00 d3 00", "cpl=3 gate:c0d0=ec,10,1234,0 tr.limit=8", "#TS(78)")
	P32("9a 00 00 00 00 d3 00", "cpl=3 gate:c0d0=ec,10,1234,0", "#TS(0)")
	P32("9a 00 00 00 00 d3 00", "cpl=3 gate:c0d0=ec,10,1234,0 md008.2=ff8", "#TS(ff8)")
	P32("9a 00 00 00 00 d3 00", "cpl=3 gate:c0d0=ec,10,1234,0 md008.2=21", "#TS(20)")
	P32("9a 00 00 00 00 d3 00", "cpl=3 gate:c0d0=ec,10,1234,0 md008.2=43", "#TS(40)")
	P32("9a 00 00 00 00 d3 00", "cpl=3 gate:c0d0=ec,10,1234,0 md008.2=50", "#TS(50)")
	P32("9a 00 00 00 00 d3 00", "cpl=3 gate:c0d0=ec,10,1234,0 md008.2=48", "#SS(48)")
	P32("9a 00 00 00 00 d3 00", "cpl=3 gate:c0d0=ec,10,1234,0 md004.4=104 md008.2=d8 "
	    "desc:c0d8=0,ff,493", "#SS(d8)")
	P32("9a 00 00 00 00 d3 00", "cpl=3 gate:c0d0=ec,8,12345,0 " TSS0, "#GP(0)")
	P32("9a 00 00 00 00 d3 00", "cpl=3 gate:c0d0=ec,10,1234,0 md004.4=5010 md008.2=20", "#PF(2)@500c")
	P32("9a 00 00 00 00 d3 00", "cpl=3 gate:c0d0=ec,10,1234,2 " TSS0 "rsp=4ffc", "#PF(4)@5000")
	P32("9a 00 00 00 00 d3 00", "cpl=3 gate:c0d0=ec,10,1234,2 " TSS0 "rsp=9800 ss.limit=9803", "#SS(0)")
	P32("9a 00 00 00 00 d3 00", "cpl=3 gate:c0d0=ec,10,1234,0 tr.base=5000", "#PF(0)@5004")
	/* Long mode: gates of 16 bytes, to 64-bit code only. */
	P64("ff 2b", "rbx=3000 m3004.2=d0 wgate:c0d0=8c,18,ffff800000001000,0", "cs@18 eip=ffff800000001000")
	P64("ff 1b", "rbx=3000 m3004.2=d0 wgate:c0d0=8c,18,1234,0",
	    "cs@18 eip=1234 rsp=97f0 m97f8.8=18 m97f0.8=1802")
	P64("ff 1b", "cpl=3 rbx=3000 m3004.2=d3 wgate:c0d0=ec,18,1234,1f md004.8=e800",
	    "cs@18 eip=1234 ss@0 rsp=e7e0 me7f8.8=43 me7f0.8=9800 me7e8.8=3b me7e0.8=1802")
	P64("ff 1b", "cpl=3 rbx=3000 m3004.2=d3 wgate:c0d0=ec,e0,1234,0 md00c.8=e800 desc:c0e0=0,0,abb",
	    "cs@e1 eip=1234 ss@1 ss.attr=1020 rsp=e7e0 me7f8.8=43 me7f0.8=9800 me7e8.8=3b me7e0.8=1802")
	P64("ff 1b", "rbx=3000 m3004.2=d0 wgate:c0d0=84,18,1234,0", "#GP(d0)")
	P64("ff 1b", "rbx=3000 m3004.2=d0 wgate:c0d0=8c,10,1234,0", "#GP(10)")
	P64("ff 1b", "rbx=3000 m3004.2=d0 wgate:c0d0=8c,e0,1234,0 desc:c0e0=0,ffffffff,e9b", "#GP(e0)")
	P64("ff 1b", "rbx=3000 m3004.2=d0 wgate:c0d0=8c,18,800000000000,0", "#GP(0)")
	P64("ff 1b", "rbx=3000 m3004.2=d0 wgate:c0d0=8c,18,1234,0 mc0dd.1=1", "#GP(d0)")
	P64("ff 1b", "rbx=3000 m3004.2=d0 wgate:c0d0=8c,18,1234,0 gdt.size=de", "#GP(d0)")
	P64("ff 1b", "rbx=3000 m3004.2=d0 wgate:c0d0=0c,18,1234,0", "#NP(d0)")
	P64("ff 1b", "cpl=3 rbx=3000 m3004.2=d0 wgate:c0d0=8c,18,1234,0", "#GP(d0)")
	P64("ff 1b", "cpl=3 rbx=3000 m3004.2=d3 wgate:c0d0=ec,18,1234,0 md004.8=800000000100", "#SS(0)")
	P64("ff 1b", "cpl=3 rbx=3000 m3004.2=d3 wgate:c0d0=ec,18,1234,0 tr.limit=a", "#TS(78)")
	P64("ff 1b", "rbx=3000 m3004.2=d0 gate:c0d0=85,c0,0,0", "#GP(d0)")
	P64("ff 1b", "rbx=3000 m3004.2=c0", "#GP(c0)")
	P32("9a 00 00 00 00 d0 00", LMA "wgate:c0d0=8c,18,1234,0",
	    "cs@18 eip=1234 rsp=97f0 m97f8.8=10 m97f0.8=1807")
	/* INTn, same level: interrupt gates clear IF, trap gates do not. */
	P32("cd 40", "gate:200=8e,10,1234,0 if=1",
	    "cs@10 eip=1234 if=0 rsp=97f4 m97fc.4=202 m97f8.4=10 m97f4.4=1802")
	P32("cd 40", "gate:200=8f,10,1234,0 fl=4306",
	    "cs@10 eip=1234 fl=206 step=0 rsp=97f4 m97fc.4=4306 m97f8.4=10 m97f4.4=1802")
	P32("cd 40", "gate:200=86,10,12345,0 if=1",
	    "cs@10 eip=2345 if=0 rsp=97fa m97fe.2=202 m97fc.2=10 m97fa.2=1802")
	P32("cd 40", "gate:200=87,10,1234,0", "cs@10 eip=1234 rsp=97fa m97fe.2=2 m97fc.2=10 m97fa.2=1802")
	P16("cd 40", "gate:200=8e,10,1234,0",
	    "cs@10 eip=1234 rsp=97f4 m97fc.4=2 m97f8.4=8 m97f4.4=1802")
	P32("cc", "gate:18=8e,10,1234,0", "cs@10 eip=1234 rsp=97f4 m97fc.4=2 m97f8.4=10 m97f4.4=1801")
	P32("ce", "gate:20=8e,10,1234,0 of=1",
	    "cs@10 eip=1234 rsp=97f4 m97fc.4=802 m97f8.4=10 m97f4.4=1801")
	P32("ce", "", "")
	P32("f1", "gate:8=8e,10,1234,0", "cs@10 eip=1234 rsp=97f4 m97fc.4=2 m97f8.4=10 m97f4.4=1801")
	P32("cd 40", "cpl=3 gate:200=ee,60,1234,0",
	    "cs@63 eip=1234 rsp=97f4 m97fc.4=2 m97f8.4=33 m97f4.4=1802")
	/* To an inner level. */
	P32("cd 40", "cpl=3 gate:200=ee,10,1234,0 if=1 " TSS0,
	    "cs@10 eip=1234 if=0 ss@20 rsp=e7ec me7fc.4=43 me7f8.4=9800 me7f4.4=202 me7f0.4=33 me7ec.4=1802")
	P32("cd 40", "cpl=3 gate:200=e6,10,1234,0 " TSS0,
	    "cs@10 eip=1234 ss@20 rsp=e7f6 me7fe.2=43 me7fc.2=9800 me7fa.2=2 me7f8.2=33 me7f6.2=1802")
	/* INT1 asks for no privilege, the others do. */
	P32("f1", "cpl=3 gate:8=8e,10,1234,0 " TSS0,
	    "cs@10 eip=1234 ss@20 rsp=e7ec me7fc.4=43 me7f8.4=9800 me7f4.4=2 me7f0.4=33 me7ec.4=1801")
	P32("cd 40", "cpl=3 gate:200=8e,10,1234,0", "#GP(202)")
	P32("cc", "cpl=3 gate:18=8e,10,1234,0", "#GP(1a)")
	P32("ce", "cpl=3 of=1 gate:20=8e,10,1234,0", "#GP(22)")
	P32("cd 40", "gate:200=0e,10,1234,0", "#NP(202)")
	P32("cd 40", "gate:200=8c,10,1234,0", "#GP(202)")
	P32("cd 40", "gate:200=9e,10,1234,0", "#GP(202)")
	P32("cd 40", "idt.size=206", "#GP(202)")
	P32("cd 40", "idt.size=207 gate:200=8e,10,ffff,0",
	    "cs@10 eip=ffff rsp=97f4 m97fc.4=2 m97f8.4=10 m97f4.4=1802")
	P32("cd 40", "idt.base=5000", "#PF(0)@5200")
	P32("cd 40", "gate:200=8e,0,1234,0", "#GP(0)")
	P32("cd 40", "gate:200=8e,ff8,1234,0", "#GP(ff8)")
	P32("cd 40", "gate:200=8e,20,1234,0", "#GP(20)")
	P32("cd 40", "gate:200=8e,33,1234,0", "#GP(30)")
	P32("cd 40", "gate:200=8e,98,1234,0", "#NP(98)")
	P32("cd 40", "gate:200=8e,8,12345,0", "#GP(0)")
	P32("cd 40", "gate:200=8e,10,1234,0 rsp=9808 ss.limit=9806", "#SS(0)")
	P32("cd 40", "cpl=3 gate:200=ee,10,1234,0 tr.limit=8", "#TS(78)")
	P32("cd 40", "cpl=3 gate:200=ee,10,1234,0", "#TS(0)")
	P32("cd 40", "cpl=3 gate:200=ee,10,1234,0 md008.2=50", "#TS(50)")
	P32("cd 40", "cpl=3 gate:200=ee,10,1234,0 md008.2=48", "#SS(48)")
	P32("cd 40", "cpl=3 gate:200=ee,10,1234,0 md004.4=104 md008.2=d8 desc:c0d8=0,ff,493", "#SS(d8)")
	/* The error codes of INT1 say that no software asked for it. */
	P32("f1", "gate:8=0e,10,1234,0", "#NP(b)")
	P32("f1", "gate:8=8e,0,1234,0", "#GP(1)")
	P32("f1", "gate:8=8e,20,1234,0", "#GP(21)")
	P32("f1", "gate:8=8e,8,12345,0", "#GP(1)")
	P32("f1", "idt.size=e", "#GP(b)")
	P32("f1", "cpl=3 gate:8=8e,10,1234,0 tr.limit=8", "#TS(79)")
	P32("f1", "cpl=3 gate:8=8e,10,1234,0 md008.2=48", "#SS(49)")
	P32("f1", "gate:8=8e,10,1234,0 rsp=9808 ss.limit=9806", "#SS(1)")
	P32("f1", "idt.base=5000", "#PF(0)@5008")
	/* 64-bit: SS:RSP are pushed always, on an aligned stack. */
	P64("cd 20", "wgate:200=8e,18,ffff800000001000,0 rsp=980c if=1",
	    "cs@18 eip=ffff800000001000 if=0 rsp=97d8 m97f8.8=20 m97f0.8=980c m97e8.8=202 m97e0.8=18 m97d8.8=1802")
	P64("cd 20", "wgate:200=8f,18,1234,2 md02c.8=e808 if=1",
	    "cs@18 eip=1234 rsp=e7d8 me7f8.8=20 me7f0.8=9800 me7e8.8=202 me7e0.8=18 me7d8.8=1802")
	P64("cd 20", "cpl=3 wgate:200=ee,18,1234,0 md004.8=e800",
	    "cs@18 eip=1234 ss@0 rsp=e7d8 me7f8.8=43 me7f0.8=9800 me7e8.8=2 me7e0.8=3b me7d8.8=1802")
	P64("cd 20", "cpl=3 wgate:200=ee,18,1234,7 md054.8=e800",
	    "cs@18 eip=1234 ss@0 rsp=e7d8 me7f8.8=43 me7f0.8=9800 me7e8.8=2 me7e0.8=3b me7d8.8=1802")
	P64("cd 20", "cpl=3 wgate:200=ee,18,1234,7 md054.8=e800 tr.limit=5b",
	    "cs@18 eip=1234 ss@0 rsp=e7d8 me7f8.8=43 me7f0.8=9800 me7e8.8=2 me7e0.8=3b me7d8.8=1802")
	P64("cc", "cpl=3 wgate:30=ee,18,1234,0 md004.8=e800",
	    "cs@18 eip=1234 ss@0 rsp=e7d8 me7f8.8=43 me7f0.8=9800 me7e8.8=2 me7e0.8=3b me7d8.8=1801")
	P64("f1", "wgate:10=8e,18,1234,0",
	    "cs@18 eip=1234 rsp=97d8 m97f8.8=20 m97f0.8=9800 m97e8.8=2 m97e0.8=18 m97d8.8=1801")
	P32("cd 20", LMA "cpl=3 wgate:200=ee,18,1234,0 md004.8=e800",
	    "cs@18 eip=1234 ss@0 rsp=e7d8 me7f8.8=43 me7f0.8=9800 me7e8.8=2 me7e0.8=33 me7d8.8=1802")
	P64("cd 20", "cpl=3 wgate:200=8e,18,1234,0", "#GP(102)")
	P64("cd 20", "wgate:200=0e,18,1234,0", "#NP(102)")
	P64("cd 20", "wgate:200=86,18,1234,0", "#GP(102)")
	P64("cd 20", "wgate:200=85,c0,0,0", "#GP(102)")
	P64("cd 40", "", "#GP(202)")
	P64("cd 20", "wgate:200=8e,10,1234,0", "#GP(10)")
	P64("cd 20", "wgate:200=8e,18,800000000000,0", "#GP(0)")
	P64("cd 20", "wgate:200=8e,18,1234,1 md024.8=800000000100", "#SS(0)")
	P64("cd 20", "wgate:200=8e,18,1234,7 tr.limit=5a", "#TS(78)")
	P64("cd 20", "wgate:200=8e,18,1234,0 rsp=5028", "#PF(2)@5018")
	P64("cd 20", "cpl=3 wgate:200=ee,18,1234,0 md004.8=b020", "#PF(3)@b018")
	P64("f1", "wgate:10=8e,10,1234,0", "#GP(11)")
	/* Virtual-8086 mode, to level 0 only. */
	VM86("cd 40", "gate:200=ee,10,1234,0 " TSS0 "fl=23202 es=444 ds=333 fs=222 gs=111",
	    "cs!10 eip=1234 ss!20 es!0 ds!0 fs!0 gs!0 fl=3002 rsp=e7dc me7fc.4=111 me7f8.4=222 me7f4.4=333 "
	    "me7f0.4=444 me7ec.4=0 me7e8.4=9800 me7e4.4=23202 me7e0.4=0 me7dc.4=1802")
	VM86("cd 40", "gate:200=e6,10,1234,0 " TSS0 "gs=111",
	    "cs!10 eip=1234 ss!20 es!0 ds!0 fs!0 gs!0 fl=3002 rsp=e7ee me7fe.2=111 me7fc.2=0 me7fa.2=0 "
	    "me7f8.2=0 me7f6.2=0 me7f4.2=9800 me7f2.2=3002 me7f0.2=0 me7ee.2=1802")
	VM86("cc", "iopl=0 gate:18=ee,10,1234,0 " TSS0,
	    "cs!10 eip=1234 ss!20 es!0 ds!0 fs!0 gs!0 fl=2 rsp=e7dc me7e8.4=9800 me7e4.4=20002 me7dc.4=1801")
	VM86("cd 40", "iopl=0 gate:200=ee,10,1234,0", "#GP(0)")
	VM86("cd 40", "gate:200=8e,10,1234,0", "#GP(202)")
	VM86("cd 40", "gate:200=ee,33,1234,0", "#GP(30)")
	VM86("cd 40", "gate:200=ee,60,1234,0", "#GP(60)")
	VM86("cd 40", "gate:200=ee,b0,1234,0", "#GP(b0)")
	VM86("cd 40", "gate:200=ee,10,1234,0", "#TS(0)")
	VM86("cd 40", "gate:200=ee,10,1234,0 md004.4=104 md008.2=d8 desc:c0d8=0,ff,493", "#SS(d8)")
	/* With the virtual-mode extensions a bit decides, of INTn only. */
	VM86("cd 21", "cr4=40201 md066.2=88 m84.4=2341234 fl=23302",
	    "cs~234 eip=1234 fl=23002 step=0 rsp=97fa m97fe.2=3302 m97fc.2=0 m97fa.2=1802")
	VM86("cd 21", "cr4=40201 md066.2=88 m84.4=2341234 fl=a0002",
	    "cs~234 eip=1234 fl=20002 rsp=97fa m97fe.2=3202 m97fc.2=0 m97fa.2=1802")
	VM86("cd 21", "cr4=40201 md066.2=88 m84.4=2341234 fl=20202",
	    "cs~234 eip=1234 fl=20202 rsp=97fa m97fe.2=3002 m97fc.2=0 m97fa.2=1802")
	VM86("cd 21", "cr4=40201 md066.2=88 md06c.1=2 fl=20002", "#GP(0)")
	VM86("cd 21", "cr4=40201 md066.2=88 md06c.1=2 gate:108=ee,10,1234,0 " TSS0,
	    "cs!10 eip=1234 ss!20 es!0 ds!0 fs!0 gs!0 fl=3002 rsp=e7dc me7e8.4=9800 me7e4.4=23002 me7dc.4=1802")
	VM86("cd 21", "cr4=40201 md066.2=88 tr.limit=66", "#GP(0)")
	VM86("cd 21", "cr4=40201 md066.2=1f", "#GP(0)")
	VM86("cd 21", "cr4=40201 md066.2=88 tr.limit=6b", "#GP(0)")
	VM86("cd 21", "cr4=40201 md066.2=88 tr.limit=6c m84.4=2341234",
	    "cs~234 eip=1234 rsp=97fa m97fe.2=3002 m97fc.2=0 m97fa.2=1802")
	VM86("cd 21", "cr4=40201 md066.2=88 page0=3", "#PF(5)@84")
	VM86("cc", "cr4=40201 md066.2=88 fl=20002 gate:18=ee,10,1234,0 " TSS0,
	    "cs!10 eip=1234 ss!20 es!0 ds!0 fs!0 gs!0 fl=2 rsp=e7dc me7e8.4=9800 me7e4.4=20002 me7dc.4=1801")
};

const unsigned int nr_gate_cases = ARRAY_LEN(gate_cases);
