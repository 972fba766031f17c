// SPDX-License-Identifier: GPL-2.0-only
/* Caches, translations, MONITOR, stores of a line. See cases.h for the language. */
#include "cases.h"
#include "tap.h"

/* X86_VCPU_MONITOR, _MWAIT, _INVPCID */
#define MONITOR	"vcpu=1 arg="
#define MWAIT	"vcpu=2 arg="
#define INVPCID	"vcpu=4 arg="
#define LINE(n)	#n #n #n #n #n #n #n #n #n #n #n #n #n #n #n #n #n #n #n #n #n #n #n #n	\
		#n #n #n #n #n #n #n #n #n #n #n #n #n #n #n #n #n #n #n #n #n #n #n #n	\
		#n #n #n #n #n #n #n #n #n #n #n #n #n #n #n #n

const struct emu_case cache_cases[] = {
	P64("0f 01 3b", "rbx=3000 cpl=3", "#GP(0)")
	P64("0f 01 3b", "rbx=3000", "invlpg=3000")
	P64("0f 01 3b", "rbx=5000", "invlpg=5000")
	P32("0f 01 3b", "ds.base=1000 rbx=3000", "invlpg=4000")
	P64("65 0f 01 3b", "gs.base=1000 rbx=3000", "invlpg=4000")
	P64("0f 01 3b", "rbx=800000000000", "")
	P64("0f 08", "", "wbinvds=1")
	P64("0f 09", "", "wbinvds=1")
	P64("66 0f 09", "", "wbinvds=1")
	P64("f2 0f 09", "", "wbinvds=1")
	P64("f3 0f 09", "", "wbinvds=1")
	P64("f3 0f 09", "cpl=3", "#GP(0)")
	VM86("0f 09", "", "#GP(0)")

	/* INVPCID */
	P64("66 0f 38 82 03", "no=INVPCID rbx=3000", "#UD")
	P64("0f 38 82 03", "rbx=3000", "#UD")
	P64("66 0f 38 82 c3", "", "#UD")
	P64("66 0f 38 82 03", "rbx=3000 cpl=3", "#GP(0)")
	VM86("66 0f 38 82 07", "rbx=3000", "#GP(0)")
	P64("66 0f 38 82 03", "rax=0 rbx=5000", "#PF(0)@5000")
	P64("66 0f 38 82 03", "rax=4 rbx=3000", "#GP(0)")
	P64("66 0f 38 82 03", "rax=100000000 rbx=3000", "#GP(0)")
	P64("66 0f 38 82 03", "rax=2 rbx=3000 m3000.8=1000", "#GP(0)")
	P64("66 0f 38 82 03", "rax=0 rbx=3000 m3000.8=1 m3008.8=4000", "#GP(0)")
	P64("66 0f 38 82 03", "rax=1 rbx=3000 m3000.8=1", "#GP(0)")
	P64("66 0f 38 82 03", "rax=0 rbx=3000 m3008.8=800000000000", "#GP(0)")
	P64("66 0f 38 82 03", "rax=0 rbx=3000 m3008.8=ffff800000004000",
	    INVPCID "0 arg2=ffff800000004000")
	P64("66 0f 38 82 03", "rax=0 rbx=3000 cr4=60220 m3000.8=fff m3008.8=4000",
	    INVPCID "fff00000000 arg2=4000")
	P64("66 0f 38 82 03", "rax=1 rbx=3000 cr4=60220 m3000.8=5", INVPCID "500000001 arg2=0")
	P64("66 0f 38 82 03", "rax=2 rbx=3000 m3000.8=5 m3008.8=800000000000",
	    INVPCID "500000002 arg2=800000000000")
	P64("66 0f 38 82 03", "rax=3 rbx=3000", INVPCID "3 arg2=0")
	P32("66 0f 38 82 03", "rax=3 rbx=3000", INVPCID "3 arg2=0")
	REAL("66 0f 38 82 07", "rax=2 rbx=3000", INVPCID "2 arg2=0")
	P64("66 0f 38 82 03", "guest=1 stage=1 rax=2 rbx=3000", "ICPT")

	/* Lines: a load of the byte, and nothing more. */
	P64("0f ae 3b", "no=CLFSH rbx=3000", "#UD")
	P64("66 0f ae 3b", "no=CLFLUSHOPT rbx=3000", "#UD")
	P64("66 0f ae 33", "no=CLWB rbx=3000", "#UD")
	P64("f0 0f ae 3b", "rbx=3000", "#UD")
	P64("0f ae 3b", "rbx=5000", "#PF(0)@5000")
	P64("0f ae 3b", "rbx=e000 cpl=3", "#PF(5)@e000")
	P64("66 0f ae 33", "rbx=800000000000", "#GP(0)")
	P32("0f ae 3b", "rbx=3000 ds.limit=2fff ds.attr=493", "#GP(0)")
	P32("36 0f ae 3b", "rbx=3000 ss.limit=2fff ss.attr=493", "#SS(0)")
	P64("0f ae 3b", "rbx=3fff cpl=3", "")
	P64("66 0f ae 3b", "rbx=b000 cpl=3", "")
	P64("66 0f ae 33", "rbx=6000", "")

	/* CLZERO */
	P64("0f 01 fc", "no=CLZERO rax=3000", "#UD")
	P64("0f 01 fc", "rax=5020", "#PF(2)@5000")
	P64("0f 01 fc", "rax=b020 cpl=3", "#PF(7)@b000")
	P64("0f 01 fc", "rax=800000000000", "#GP(0)")
	P32("36 0f 01 fc", "rax=3000 ss.limit=303e ss.attr=493", "#SS(0)")
	P64("0f 01 fc", "rax=307f m303f.1=11 m3040.40=ffffffff m307f.1=ff m3080.1=22",
	    "m3040.64=0")
	P64("65 0f 01 fc", "rax=7f gs.base=3000 m3040.64=" LINE(5), "m3040.64=0")
	P64("67 0f 01 fc", "rax=10000303f m3000.64=" LINE(5), "m3000.64=0")
	P32("0f 01 fc", "rax=30 ds.base=3000 m3000.64=" LINE(5), "m3000.64=0")
	P64("0f 01 fc", "rax=6000", "w6000.64=0")

	/* MOVDIRI, MOVDIR64B */
	P64("0f 38 f9 03", "no=MOVDIRI rbx=3000", "#UD")
	P64("0f 38 f9 c3", "", "#UD")
	P64("66 0f 38 f9 03", "rbx=3000", "#UD")
	P64("0f 38 f9 03", "rax=1122334455667788 rbx=3000", "m3000.4=55667788")
	P64("48 0f 38 f9 03", "rax=1122334455667788 rbx=3000", "m3000.8=1122334455667788")
	P64("66 0f 38 f8 03", "no=MOVDIR64B rax=3040 rbx=3000", "#UD")
	P64("66 0f 38 f8 c3", "", "#UD")
	P64("66 0f 38 f8 03", "rax=3041 rbx=3000", "#GP(0)")
	P64("66 0f 38 f8 03", "rax=3040 rbx=5000", "#PF(0)@5000")
	P64("66 0f 38 f8 03", "rax=5040 rbx=3000", "#PF(2)@5040")
	P64("66 0f 38 f8 03", "rax=800000000000 rbx=3000", "#GP(0)")
	P32("66 0f 38 f8 03", "rax=3040 rbx=3000 es.limit=307e es.attr=493", "#GP(0)")
	P64("66 0f 38 f8 03", "rax=3040 rbx=3fe0 m3fe0.32=" LINE(a) " m4000.32=" LINE(b),
	    "m3040.32=" LINE(a) " m3060.32=" LINE(b))
	P64("66 67 0f 38 f8 03", "rax=100003040 rbx=100003000 m3000.64=" LINE(7), "m3040.64=" LINE(7))
	/* The alignment is the linear address's; the override is not for ES. */
	P32("66 36 0f 38 f8 03", "es.base=1 rax=303f rbx=3000 ss.base=80 m3080.64=" LINE(7),
	    "m3040.64=" LINE(7))
	P64("66 0f 38 f8 03", "rax=6000 rbx=3000 m3000.64=" LINE(7), "w6000.64=" LINE(7))

	/* MONITOR, MWAIT */
	P64("0f 01 c8", "no=MONITOR rax=3000 rcx=0", "#UD")
	P64("0f 01 c9", "no=MONITOR rcx=0", "#UD")
	P64("0f 01 c8", "cpl=3 rax=3000 rcx=0", "#UD")
	P64("0f 01 c9", "cpl=3 rcx=0", "#UD")
	P64("0f 01 fa", "no=MONITORX rax=3000 rcx=0", "#UD")
	P64("0f 01 fb", "no=MONITORX rcx=0", "#UD")
	P64("0f 01 c8", "rax=3000 rcx=1", "#GP(0)")
	P64("0f 01 fa", "rax=3000 rcx=1", "#GP(0)")
	P64("0f 01 c9", "rcx=2", "#GP(0)")
	P64("0f 01 fb", "rcx=4", "#GP(0)")
	P64("0f 01 c8", "rax=5000 rcx=0", "#PF(0)@5000")
	P64("0f 01 c8", "rax=800000000000 rcx=0", "#GP(0)")
	P32("36 0f 01 c8", "rax=3000 rcx=0 ss.limit=2fff ss.attr=493", "#SS(0)")
	P32("0f 01 c8", "rax=3000 rcx=0 ds.limit=2fff ds.attr=493", "#GP(0)")
	P64("0f 01 c8", "rax=3008 rcx=0", MONITOR "3008")
	P64("0f 01 c8", "rax=3008 rcx=ffffffff00000000", MONITOR "3008")
	P64("67 64 0f 01 c8", "rax=100001008 fs.base=2000 rcx=0", MONITOR "3008")
	P32("0f 01 c8", "rax=8 ds.base=3000 rcx=0", MONITOR "3008")
	P64("0f 01 c8", "rax=6000 rcx=0", MONITOR "6000")
	P64("0f 01 fa", "cpl=3 rax=3008 rcx=0", MONITOR "3008")
	P64("0f 01 c9", "rax=1122334455667788 rcx=1", MWAIT "55667788 arg2=1")
	REAL("0f 01 c9", "rax=10 rcx=0", MWAIT "10 arg2=0")
	P64("0f 01 fb", "cpl=3 rax=20 rcx=3", MWAIT "20 arg2=3")
	P64("0f 01 c8", "guest=1 stage=1 rax=3008 rcx=0", "ICPT")
};

const unsigned int nr_cache_cases = ARRAY_LEN(cache_cases);
