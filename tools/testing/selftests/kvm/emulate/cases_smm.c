// SPDX-License-Identifier: GPL-2.0-only
/* RSM with both state-save areas. See cases.h for the language. */
#include "cases.h"
#include "tap.h"

/* The area is at SMBASE + fe00. */
#define SMM	"page1f000=1 smbase=10000 "
#define SMM32	SMM "no=LM "
/* X86_VCPU_LEAVE_SMM with the new SMBASE, X86_VCPU_SHUTDOWN */
#define LEAVE	"vcpu=7 arg=30000 "
#define SHUTDOWN "vcpu=8 eip=1800"

/* AMD64: segments, all else but the general registers, those; and what they become. */
#define SEG64	\
	"m1fe00.8=11110000c0f30100 m1fe08.8=ffff800000000000 m1fe10.8=11110001a09b0108 "	\
	"m1fe18.8=ffff800000001000 m1fe20.8=11110002c0930110 m1fe28.8=ffff800000002000 "	\
	"m1fe30.8=11110003c0f30118 m1fe38.8=ffff800000003000 m1fe40.8=1111000400130120 "	\
	"m1fe48.8=ffff800000004000 m1fe50.8=1111000540930128 m1fe58.8=ffff800000005000 "	\
	"m1fe70.8=1111000600820130 m1fe78.8=ffff800000006000 m1fe90.8=11110007008b0138 "	\
	"m1fe98.8=ffff800000007000 "
#define REST64	\
	"m1fe64.2=1234 m1fe68.8=ffff800000009000 m1fe84.2=4321 m1fe88.8=ffff80000000a000 "	\
	"m1fed0.8=d01 m1ff00.4=30000 m1ff48.8=40620 m1ff50.8=123000 m1ff58.8=80000033 "	\
	"m1ff60.8=401 m1ff68.8=ffff0ff1 m1ff70.8=fffffffffffffffd m1ff78.8=7fffffffe000 "
#define GPR64	\
	"m1fff8.8=1 m1fff0.8=1111111111111112 m1ffe8.8=2222222222222223 "	\
	"m1ffe0.8=3333333333333334 m1ffd8.8=4444444444444445 m1ffd0.8=5555555555555556 "	\
	"m1ffc8.8=6666666666666667 m1ffc0.8=7777777777777778 m1ffb8.8=8888888888888889 "	\
	"m1ffb0.8=999999999999999a m1ffa8.8=aaaaaaaaaaaaaaab m1ffa0.8=bbbbbbbbbbbbbbbc "	\
	"m1ff98.8=cccccccccccccccd m1ff90.8=ddddddddddddddde m1ff88.8=eeeeeeeeeeeeeeef "	\
	"m1ff80.8=0 "
#define SEG64_OUT	\
	"es=100 es.attr=cf3 es.limit=11110000 es.base=ffff800000000000 "	\
	"cs=108 cs.attr=a9b cs.limit=11110001 cs.base=ffff800000001000 "	\
	"ss=110 ss.attr=c93 ss.limit=11110002 ss.base=ffff800000002000 "	\
	"ds=118 ds.attr=cf3 ds.limit=11110003 ds.base=ffff800000003000 "	\
	"fs=120 fs.attr=1013 fs.limit=11110004 fs.base=ffff800000004000 "	\
	"gs=128 gs.attr=493 gs.limit=11110005 gs.base=ffff800000005000 "	\
	"ldtr=130 ldtr.attr=82 ldtr.limit=11110006 ldtr.base=ffff800000006000 "	\
	"tr=138 tr.attr=8b tr.limit=11110007 tr.base=ffff800000007000 "
#define REST64_OUT	\
	"gdt.size=1234 gdt.base=ffff800000009000 idt.size=4321 idt.base=ffff80000000a000 "	\
	"msrc0000080=d01 cr4=40620 cr3=123000 cr0=80000033 dr7=401 dr6=ffff0ff1 "	\
	"fl=3f7fd7 eip=7fffffffe000 step=0 "
#define GPR64_OUT	\
	"rax=1 rcx=1111111111111112 rdx=2222222222222223 rbx=3333333333333334 "	\
	"rsp=4444444444444445 rbp=5555555555555556 rsi=6666666666666667 rdi=7777777777777778 "	\
	"r8=8888888888888889 r9=999999999999999a r10=aaaaaaaaaaaaaaab r11=bbbbbbbbbbbbbbbc "	\
	"r12=cccccccccccccccd r13=ddddddddddddddde r14=eeeeeeeeeeeeeeef r15=0 "

/* 32-bit. */
#define SEG32	\
	"m1ffa8.4=abcd0200 m1ff84.4=c0f3 m1ff88.8=8000000022220000 m1ffac.4=abcd0208 "	\
	"m1ff90.4=c09b m1ff94.8=8000100022220001 m1ffb0.4=abcd0210 m1ff9c.4=c093 "	\
	"m1ffa0.8=8000200022220002 m1ffb4.4=abcd0218 m1ff2c.4=c0f3 m1ff30.8=8000300022220003 "	\
	"m1ffb8.4=abcd0220 m1ff38.4=93 m1ff3c.8=8000400022220004 m1ffbc.4=abcd0228 "	\
	"m1ff44.4=4013 m1ff48.8=8000500022220005 m1ffc0.4=abcd0230 m1ff78.4=82 "	\
	"m1ff7c.8=8000600022220006 m1ffc4.4=abcd0238 m1ff5c.4=8b m1ff60.8=8000700022220007 "
#define REST32	\
	"m1ff70.8=9000000001234 m1ff54.8=a000000004321 m1fef8.4=30000 m1ff14.4=610 "	\
	"m1fff8.8=8000003300123000 m1ffc8.8=ffff0ff100000401 m1fff0.8=24464787654321 "
#define GPR32	\
	"m1ffd0.4=11111111 m1ffd4.4=22222222 m1ffd8.4=33333333 m1ffdc.4=44444444 "	\
	"m1ffe0.4=55555555 m1ffe4.4=66666666 m1ffe8.4=77777777 m1ffec.4=88888888 "
#define SEG32_OUT	\
	"es=200 es.attr=cf3 es.limit=22220000 es.base=80000000 "	\
	"cs=208 cs.attr=c9b cs.limit=22220001 cs.base=80001000 "	\
	"ss=210 ss.attr=c93 ss.limit=22220002 ss.base=80002000 "	\
	"ds=218 ds.attr=cf3 ds.limit=22220003 ds.base=80003000 "	\
	"fs=220 fs.attr=93 fs.limit=22220004 fs.base=80004000 "	\
	"gs=228 gs.attr=1413 gs.limit=22220005 gs.base=80005000 "	\
	"ldtr=230 ldtr.attr=82 ldtr.limit=22220006 ldtr.base=80006000 "	\
	"tr=238 tr.attr=8b tr.limit=22220007 tr.base=80007000 "
#define REST32_OUT	\
	"gdt.size=1234 gdt.base=90000 idt.size=4321 idt.base=a0000 "	\
	"cr4=610 cr3=123000 cr0=80000033 dr7=401 dr6=ffff0ff1 fl=244647 eip=87654321 step=0 "
#define GPR32_OUT	\
	"rax=11111111 rcx=22222222 rdx=33333333 rbx=44444444 rsp=55555555 rbp=66666666 "	\
	"rsi=77777777 rdi=88888888 "

#define AREA64	SMM SEG64 REST64 GPR64
#define OUT64	LEAVE SEG64_OUT REST64_OUT GPR64_OUT
#define AREA32	SMM32 SEG32 REST32 GPR32
#define OUT32	LEAVE SEG32_OUT REST32_OUT GPR32_OUT

const struct emu_case smm_cases[] = {
	P64("0f aa", "", "#UD")
	P64("0f aa", "cpl=3", "#UD")
	REAL("0f aa", "", "#UD")
	P32("f0 0f aa", SMM, "#UD")
	P32("0f aa", SMM "page1f000=0", "#PF(0)@1fe00")
	P32("0f aa", "guest=1 stage=1 " AREA64, "ICPT")
	/* Shutdown: CR0, CR4, EFER, DR6, DR7, CS that no processor can have. */
	P32("0f aa", AREA64 "m1ff58.8=180000033", SHUTDOWN)
	P32("0f aa", AREA64 "m1ff58.8=80000032", SHUTDOWN)
	P32("0f aa", AREA64 "m1ff58.8=a0000033", SHUTDOWN)
	P32("0f aa", AREA64 "m1ff48.8=100040620", SHUTDOWN)
	P32("0f aa", AREA64 "m1ff48.8=40600", SHUTDOWN)
	P32("0f aa", AREA64 "m1ff48.8=1040620", SHUTDOWN)
	P32("0f aa", AREA64 "m1ff60.8=100000401", SHUTDOWN)
	P32("0f aa", AREA64 "m1ff68.8=1ffff0ff0", SHUTDOWN)
	P32("0f aa", AREA64 "m1fed0.8=901", SHUTDOWN)
	P32("0f aa", AREA64 "m1fed0.8=401", SHUTDOWN)
	P32("0f aa", AREA64 "m1fed0.8=d03", SHUTDOWN)
	P32("0f aa", AREA64 "m1fe12.2=e09b", SHUTDOWN)
	P32("0f aa", AREA64 "m1fed0.8=0 m1ff48.8=20000", SHUTDOWN)
	P32("0f aa", AREA32 "m1fffc.4=80000032", SHUTDOWN)
	P32("0f aa", AREA32 "m1fffc.4=a0000033", SHUTDOWN)
	P32("0f aa", AREA32 "m1ff14.4=20010", SHUTDOWN)
	/* Whole. */
	P32("0f aa", AREA64, OUT64)
	REAL("0f aa", AREA64, OUT64)
	P64("0f aa", AREA64, OUT64)
	P32("0f aa", AREA32, OUT32)
	REAL("0f aa", AREA32, OUT32)
	/* CD with NW is allowed, and a state without paging. */
	P32("0f aa", AREA64 "m1ff58.8=60000010 m1fed0.8=0 m1ff48.8=0",
	    OUT64 "cr0=60000010 msrc0000080=0 cr4=0")
	/* Back into HLT. */
	P32("0f aa", AREA64 "m1fec9.1=1", OUT64 "halts=1")
	P32("0f aa", AREA32 "m1ff02.2=1", OUT32 "halts=1")
	/* The I/O instruction again. */
	P32("0f aa", AREA64 "m1fec8.1=ff m1fea0.8=7fffffffdffe m1fea8.8=11 m1feb0.8=22 m1feb8.8=33",
	    OUT64 "eip=7fffffffdffe rcx=11 rsi=22 rdi=33")
	P32("0f aa", AREA64 "m1fec8.1=1 m1fea0.8=7fffffffdffe", OUT64)
	P32("0f aa", AREA32 "m1ff00.2=ff m1ff10.4=8765431f", OUT32 "eip=8765431f")
	/* An area over two pages. */
	P32("0f aa", "page1f000=1 page20000=1 smbase=10100 m1fe00.64=0 m20060.8=400 "
	    "m20068.8=ffff0ff0 m20078.8=1234 m20000.4=40000",
	    "vcpu=7 arg=40000 cr0=0 cr3=0 cr4=0 msrc0000080=0 dr6=ffff0ff0 dr7=400 fl=2 eip=1234 "
	    "gdt.size=0 gdt.base=0 idt.size=0 step=0 es=0 es.base=0 es.limit=0 es.attr=1000 "
	    "cs=0 cs.limit=0 cs.attr=1000 ss=0 ss.limit=0 ss.attr=1000 ds=0 ds.limit=0 ds.attr=1000 "
	    "fs=0 fs.limit=0 fs.attr=1000 gs=0 gs.limit=0 gs.attr=1000 ldtr.attr=1000 "
	    "tr=0 tr.base=0 tr.limit=0 tr.attr=1000 rax=0 rcx=0 rdx=0 rbx=0 rsp=0 rbp=0 rsi=0 rdi=0")
	P32("0f aa", "smbase=ffff6200", "FAIL")
};

const unsigned int nr_smm_cases = ARRAY_LEN(smm_cases);
