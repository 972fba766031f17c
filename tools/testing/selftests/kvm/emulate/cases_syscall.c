// SPDX-License-Identifier: GPL-2.0-only
/* SYSCALL, SYSRET, SYSENTER, SYSEXIT by both manuals. See cases.h for the language. */
#include "cases.h"
#include "tap.h"

/* EFER with and without LMA; STAR: SYSRET from 30h, SYSCALL to 10h, 32-bit entry 1234. */
#define EFER_LONG	"msrc0000080=d01 "
#define EFER_LEGACY	"msrc0000080=1 "
#define STAR		"msrc0000081=0030001000001234 "
#define TARGETS		"msrc0000082=ffff800000001000 msrc0000083=2000 msrc0000084=40700 "
#define LONG		EFER_LONG STAR TARGETS
#define LEGACY		EFER_LEGACY STAR "amd=1 "
#define SYSENTER	"msr174=10 msr175=ffff800000009000 msr176=ffff800000001000 "
#define FLAT(cs, ca, ss, sa)							\
	" cs=" cs " cs.base=0 cs.limit=ffffffff cs.attr=" ca			\
	" ss=" ss " ss.base=0 ss.limit=ffffffff ss.attr=" sa

#define CS64_0	"a9b"
#define CS32_0	"c9b"
#define CS64_3	"afb"
#define CS32_3	"cfb"
#define SS_0	"c93"
#define SS_3	"cf3"

const struct emu_case syscall_cases[] = {
	/* SYSCALL */
	P64("0f 05", EFER_LONG STAR TARGETS "no=SYSCALL", "#UD")
	P64("0f 05", STAR TARGETS, "#UD")
	REAL("0f 05", LEGACY, "#UD")
	VM86("0f 05", LEGACY, "#UD")
	P32("0f 05", EFER_LEGACY STAR, "#UD")
	P32("0f 05", EFER_LONG STAR TARGETS, "#UD")
	P64("0f 05", LONG "ds.base=1 cpl=3 if=1 ac=1",
	    "eip=ffff800000001000 rcx=1802 r11=40202 if=0 ac=0" FLAT("10", CS64_0, "18", SS_0))
	P64("0f 05", LONG "cpl=3 ud=1",
	    "eip=ffff800000001000 rcx=1802 r11=2" FLAT("10", CS64_0, "18", SS_0))
	/* RF neither stays nor is saved. */
	P64("0f 05", LONG "cpl=3 fl=10893",
	    "eip=ffff800000001000 rcx=1802 r11=893 fl=893" FLAT("10", CS64_0, "18", SS_0))
	/* The trap of a TF that SFMASK takes away does not come. */
	P64("0f 05", LONG "cpl=3 tf=1",
	    "eip=ffff800000001000 rcx=1802 r11=102 tf=0 step=0" FLAT("10", CS64_0, "18", SS_0))
	P64("0f 05", EFER_LONG STAR "msrc0000082=1000 msrc0000084=200 cpl=3 tf=1",
	    "eip=1000 rcx=1802 r11=102 step=1" FLAT("10", CS64_0, "18", SS_0))
	/* RPL and TI of STAR: the RPL is cut off. */
	P64("0f 05", EFER_LONG TARGETS "msrc0000081=0030001700001234",
	    "eip=ffff800000001000 rcx=1802 r11=2" FLAT("14", CS64_0, "1c", SS_0))
	P64("0f 05", LONG "msrio=1 cpl=3",
	    "eip=ffff800000001000 rcx=1802 r11=2" FLAT("10", CS64_0, "18", SS_0))
	/* AMD: compatibility and legacy mode, too. */
	P32("0f 05", LONG "amd=1 cpl=3 if=1",
	    "eip=2000 rcx=1802 r11=202 if=0" FLAT("10", CS64_0, "18", SS_0))
	P32("0f 05", LEGACY "cpl=3 if=1 tf=1",
	    "eip=1234 rcx=1802 if=0" FLAT("10", CS32_0, "18", SS_0))
	P16("0f 05", LEGACY "cpl=3",
	    "eip=1234 rcx=1802" FLAT("10", CS32_0, "18", SS_0))

	/* SYSRET */
	P64("0f 07", LONG "no=SYSCALL", "#UD")
	P64("0f 07", STAR "cpl=3", "#UD")
	P64("0f 07", LONG "cpl=3", "#GP(0)")
	P32("0f 07", EFER_LONG STAR, "#UD")
	REAL("0f 07", EFER_LEGACY STAR, "#UD")
	REAL("0f 07", LEGACY, "#GP(0)")
	VM86("0f 07", LEGACY, "#GP(0)")
	P32("0f 07", LEGACY "cpl=3", "#GP(0)")
	P64("48 0f 07", LONG "rcx=800000000000", "#GP(0)")
	P64("48 0f 07", LONG "rcx=7fffffffffff r11=ffffffffffffffff",
	    "eip=7fffffffffff fl=3c7fd7 step=1" FLAT("43", CS64_3, "3b", SS_3))
	P64("48 0f 07", LONG "rcx=5000 r11=0 tf=1 if=1 df=1",
	    "eip=5000 fl=2 step=0" FLAT("43", CS64_3, "3b", SS_3))
	P64("0f 07", LONG "rcx=ffff800000001000 r11=202",
	    "eip=1000 if=1" FLAT("33", CS32_3, "3b", SS_3))
	P64("66 0f 07", LONG "rcx=ffff800000001000 r11=202",
	    "eip=1000 if=1" FLAT("33", CS32_3, "3b", SS_3))
	/* AMD: the selector of SS as STAR has it, its attributes as they were, any RCX. */
	P64("48 0f 07", LONG "amd=1 rcx=800000000000 r11=202 ss=0 ss.attr=1000 ss.limit=7",
	    "eip=800000000000 if=1 cs=43 cs.base=0 cs.limit=ffffffff cs.attr=" CS64_3
	    " ss=38 ss.attr=1060")
	P64("0f 07", LONG "amd=1 rcx=ffff800000001000 r11=202",
	    "eip=1000 if=1 cs=33 cs.limit=ffffffff cs.attr=" CS32_3 " ss=38 ss.attr=cf3")
	P32("0f 07", LEGACY "rcx=1000 r11=0",
	    "eip=1000 if=1 cs=33 cs.attr=" CS32_3 " ss=38 ss.attr=cf3")
	P32("0f 07", LONG "amd=1 rcx=1000 tf=1",
	    "eip=1000 if=1 cs=33 cs.attr=" CS32_3 " ss=38 ss.attr=cf3")

	/* SYSENTER */
	P32("0f 34", SYSENTER "no=SEP", "#UD")
	REAL("0f 34", SYSENTER, "#GP(0)")
	P32("0f 34", "msr174=3 msr175=0 msr176=0", "#GP(0)")
	P64("0f 34", "msr174=0 msr175=0 msr176=0", "#GP(0)")
	P64("0f 34", SYSENTER "amd=1", "#UD")
	P32("0f 34", SYSENTER "amd=1 msrc0000080=d00", "#UD")
	P64("0f 34", SYSENTER "cpl=3 if=1 ac=1",
	    "eip=ffff800000001000 rsp=ffff800000009000 if=0" FLAT("10", CS64_0, "18", SS_0))
	P32("0f 34", SYSENTER "cpl=3 if=1 tf=1",
	    "eip=1000 rsp=9000 if=0" FLAT("10", CS32_0, "18", SS_0))
	P32("0f 34", SYSENTER "cpl=3 msrc0000080=d00",
	    "eip=ffff800000001000 rsp=ffff800000009000" FLAT("10", CS64_0, "18", SS_0))
	P16("0f 34", SYSENTER "amd=1 cpl=3 msr174=1234567b",
	    "eip=1000 rsp=9000" FLAT("5678", CS32_0, "5680", SS_0))
	VM86("0f 34", SYSENTER, "eip=1000 rsp=9000 fl=3002" FLAT("10", CS32_0, "18", SS_0))
	P64("0f 34", SYSENTER "msrio=1 cpl=3",
	    "eip=ffff800000001000 rsp=ffff800000009000" FLAT("10", CS64_0, "18", SS_0))

	/* SYSEXIT */
	P32("0f 35", SYSENTER "no=SEP", "#UD")
	REAL("0f 35", SYSENTER, "#GP(0)")
	VM86("0f 35", SYSENTER, "#GP(0)")
	P32("0f 35", SYSENTER "cpl=3", "#GP(0)")
	P32("0f 35", "msr174=3", "#GP(0)")
	P64("0f 35", SYSENTER "amd=1", "#UD")
	P64("0f 35", SYSENTER "amd=1 cpl=3", "#UD")
	P64("48 0f 35", SYSENTER "rcx=800000000000 rdx=1000", "#GP(0)")
	P64("48 0f 35", SYSENTER "rcx=1000 rdx=800000000000", "#GP(0)")
	P64("48 0f 35", SYSENTER "rcx=7fffffff9000 rdx=7fffffff1000",
	    "eip=7fffffff1000 rsp=7fffffff9000" FLAT("33", CS64_3, "3b", SS_3))
	P64("0f 35", SYSENTER "rcx=7fffffff9000 rdx=7fffffff1000 tf=1",
	    "eip=ffff1000 rsp=ffff9000" FLAT("23", CS32_3, "2b", SS_3))
	P32("0f 35", SYSENTER "rcx=9000 rdx=1000 if=1",
	    "eip=1000 rsp=9000" FLAT("23", CS32_3, "2b", SS_3))
	P32("0f 35", SYSENTER "amd=1 rcx=9000 rdx=1000",
	    "eip=1000 rsp=9000" FLAT("23", CS32_3, "2b", SS_3))
};

const unsigned int nr_syscall_cases = ARRAY_LEN(syscall_cases);
