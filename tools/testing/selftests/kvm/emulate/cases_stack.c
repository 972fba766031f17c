// SPDX-License-Identifier: GPL-2.0-only
/* PUSH, POP and their relatives. See cases.h for the language. */
#include "cases.h"
#include "tap.h"

const struct emu_case stack_cases[] = {
	P64("50", "", "rsp=97f8 m97f8.8=100")
	P64("51", "", "rsp=97f8 m97f8.8=110")
	P64("52", "", "rsp=97f8 m97f8.8=120")
	P64("53", "", "rsp=97f8 m97f8.8=130")
	P64("54", "", "rsp=97f8 m97f8.8=9800")
	P64("55", "", "rsp=97f8 m97f8.8=150")
	P64("56", "", "rsp=97f8 m97f8.8=160")
	P64("57", "", "rsp=97f8 m97f8.8=170")
	P64("58", "m9800.8=1122334455667788", "rsp=9808 rax=1122334455667788")
	P64("59", "m9800.8=1122334455667788", "rsp=9808 rcx=1122334455667788")
	P64("5a", "m9800.8=1122334455667788", "rsp=9808 rdx=1122334455667788")
	P64("5b", "m9800.8=1122334455667788", "rsp=9808 rbx=1122334455667788")
	P64("5c", "m9800.8=1122334455667788", "rsp=1122334455667788")
	P64("5d", "m9800.8=1122334455667788", "rsp=9808 rbp=1122334455667788")
	P64("5e", "m9800.8=1122334455667788", "rsp=9808 rsi=1122334455667788")
	P64("5f", "m9800.8=1122334455667788", "rsp=9808 rdi=1122334455667788")
	P64("41 54", "r12=55", "rsp=97f8 m97f8.8=55")
	P64("41 5f", "m9800.8=55", "rsp=9808 r15=55")
	P64("66 50", "rax=12345678", "rsp=97fe m97fe.2=5678")
	P64("66 58", "m9800.2=1234 rax=ffffffff", "rsp=9802 rax=ffff1234")
	P32("50", "", "rsp=97fc m97fc.4=100")
	P32("58", "m9800.4=55", "rsp=9804 rax=55")
	P32("66 50", "", "rsp=97fe m97fe.2=100")
	REAL("50", "", "rsp=97fe m97fe.2=100")
	REAL("66 50", "rax=11223344", "rsp=97fc m97fc.4=11223344")
	/* SP wraps in 64 KiB and keeps the upper half of ESP. */
	REAL("50", "rsp=0", "rsp=fffe mfffe.2=100")
	REAL("50", "rsp=12340000", "rsp=1234fffe mfffe.2=100")
	REAL("58", "rsp=fffe mfffe.2=55", "rsp=0 rax=55")
	P32("50", "rsp=12349800 ss.attr=93 ss.limit=ffff", "rsp=123497fc m97fc.4=100")
	P64("68 00 00 00 80", "", "rsp=97f8 m97f8.8=ffffffff80000000")
	P64("6a fe", "", "rsp=97f8 m97f8.8=fffffffffffffffe")
	P64("66 68 34 12", "", "rsp=97fe m97fe.2=1234")
	P32("68 78 56 34 12", "", "rsp=97fc m97fc.4=12345678")
	P32("6a fe", "", "rsp=97fc m97fc.4=fffffffe")
	REAL("6a fe", "", "rsp=97fe m97fe.2=fffe")
	P64("ff 33", "rbx=3000 m3000.8=55", "rsp=97f8 m97f8.8=55")
	P64("ff f0", "", "rsp=97f8 m97f8.8=100")
	P64("ff 34 24", "m9800.8=55", "rsp=97f8 m97f8.8=55")
	P64("ff 33", "rbx=6000 m6000.8=55", "r6000.8=55 rsp=97f8 m97f8.8=55")
	P64("8f 03", "rbx=3000 m9800.8=55", "rsp=9808 m3000.8=55")
	P64("8f c0", "m9800.8=55", "rsp=9808 rax=55")
	/* POP addresses with the incremented rSP. */
	P64("8f 44 24 08", "m9800.8=55", "rsp=9808 m9810.8=55")
	P32("8f 04 24", "rsp=fffc mfffc.4=55 ss.attr=93 ss.limit=ffff", "rsp=0 m0.4=55")
	P64("8f 03", "rbx=6000 m9800.8=55", "rsp=9808 w6000.8=55")
	P64("8f 03", "rbx=5000 m9800.8=55", "#PF(2)@5000")
	P32("60", "",
	    "rsp=97e0 m97fc.4=100 m97f8.4=110 m97f4.4=120 m97f0.4=130 m97ec.4=9800 "
	    "m97e8.4=150 m97e4.4=160 m97e0.4=170")
	P32("61", "m9800.4=1 m9804.4=2 m9808.4=3 m980c.4=4 m9810.4=5 m9814.4=6 m9818.4=7 "
	    "m981c.4=8",
	    "rsp=9820 rdi=1 rsi=2 rbp=3 rbx=5 rdx=6 rcx=7 rax=8")
	REAL("60", "rax=1",
	    "rsp=97f0 m97fe.2=1 m97fc.2=110 m97fa.2=120 m97f8.2=130 m97f6.2=9800 "
	    "m97f4.2=150 m97f2.2=160 m97f0.2=170")
	REAL("61", "m9800.2=1 m9802.2=2 m9804.2=3 m9806.2=4 m9808.2=5 m980a.2=6 m980c.2=7 "
	    "m980e.2=8",
	    "rsp=9810 rdi=1 rsi=2 rbp=3 rbx=5 rdx=6 rcx=7 rax=8")
	/* SP alone counts with a 16-bit stack. */
	P32("60", "rsp=12349800 ss.attr=93 ss.limit=ffff",
	    "rsp=123497e0 m97fc.4=100 m97f8.4=110 m97f4.4=120 m97f0.4=130 "
	    "m97ec.4=12349800 m97e8.4=150 m97e4.4=160 m97e0.4=170")
	P32("61", "rsp=12349800 ss.attr=93 ss.limit=ffff m981c.4=8",
	    "rsp=12349820 rdi=0 rsi=0 rbp=0 rbx=0 rdx=0 rcx=0 rax=8")
	P32("c9", "rbp=56789900 rsp=12349800 ss.attr=93 ss.limit=ffff m9900.4=55",
	    "rsp=12349904 rbp=55")
	P32("c8 10 00 00", "rbp=56789900 rsp=12349800 ss.attr=93 ss.limit=ffff",
	    "rsp=123497ec rbp=123497fc m97fc.4=56789900")
	/* A stack in a device. */
	P32("60", "rsp=6810",
	    "w680c.4=100 w6808.4=110 w6804.4=120 w6800.4=130 w67fc.4=6810 w67f8.4=150 "
	    "w67f4.4=160 w67f0.4=170 rsp=67f0")
	P32("61", "rsp=6000 m6000.4=1",
	    "r6000.4 r6004.4 r6008.4 r600c.4 r6010.4 r6014.4 r6018.4 r601c.4 rdi=1 rsi=0 "
	    "rbp=0 rbx=0 rdx=0 rcx=0 rax=0 rsp=6020")
	P64("60", "", "#UD")
	P64("9c", "fl=246", "rsp=97f8 m97f8.8=246")
	/* RF and VM are not pushed. */
	P32("9c", "fl=10246", "rf=0 rsp=97fc m97fc.4=246")
	REAL("9c", "fl=246", "rsp=97fe m97fe.2=246")
	VM86("9c", "", "rsp=97fe m97fe.2=3002")
	VM86("9c", "iopl=0", "#GP(0)")
	VM86("9d", "iopl=0", "#GP(0)")
	VM86("66 9c", "iopl=0 cr4=40201", "#GP(0)")
	VM86("66 9d", "iopl=0 cr4=40201", "#GP(0)")
	/* With the virtual-mode extensions VIF stands for IF, and IOPL reads as 3. */
	VM86("9c", "iopl=0 cr4=40201", "rsp=97fe m97fe.2=3002")
	VM86("9c", "fl=a0002 cr4=40201", "rsp=97fe m97fe.2=3202")
	VM86("9c", "fl=20202 cr4=40201", "rsp=97fe m97fe.2=3002")
	VM86("9d", "fl=20202 cr4=40201 m9800.2=3bd7", "#GP(0)")
	VM86("9d", "fl=20202 cr4=40201 m9800.2=7ed7", "rsp=9802 fl=a4ed7")
	VM86("9d", "fl=a0002 cr4=40201 m9800.2=2", "rsp=9802 fl=20002")
	VM86("9d", "fl=120002 cr4=40201 m9800.2=202", "#GP(0)")
	VM86("9d", "fl=120002 cr4=40201 m9800.2=2", "rsp=9802")
	VM86("66 9c", "fl=33202", "rf=0 rsp=97fc m97fc.4=3202")
	VM86("66 9d", "m9800.4=ffffffff fl=23002", "rsp=9804 fl=267fd7")
	/* CR4.PVI is for CLI and STI. */
	P32("9d", "cpl=3 cr4=40202 m9800.4=3202", "rsp=9804")
	P64("9d", "m9800.8=3ad7", "rsp=9808 fl=3ad7")
	/* Reserved bits, VM, RF, VIF and VIP stay out. */
	P64("9d", "m9800.8=ffffffff", "rsp=9808 fl=247fd7")
	P64("9d", "m9800.8=3202 cpl=3", "rsp=9808 fl=2")
	P64("9d", "fl=3002 m9800.8=3202 cpl=3", "rsp=9808 fl=3202")
	P64("9d", "fl=202 m9800.8=3002 cpl=3", "rsp=9808 fl=202")
	P32("9d", "m9800.4=246", "rsp=9804 fl=246")
	REAL("9d", "m9800.2=246 fl=40002", "rsp=9802 fl=40246")
	P64("c8 10 00 00", "", "m97f8.8=150 rbp=97f8 rsp=97e8")
	P64("c8 10 00 01", "", "m97f8.8=150 m97f0.8=97f8 rbp=97f8 rsp=97e0")
	P32("c8 00 00 02", "rbp=9900 m98fc.4=77",
	    "m97fc.4=9900 m97f8.4=77 m97f4.4=97fc rbp=97fc rsp=97f4")
	/* The display that is copied may be what was just pushed. */
	P64("c8 00 00 03", "rbp=9800",
	    "m97f8.8=9800 m97f0.8=9800 m97e8.8=9800 m97e0.8=97f8 rbp=97f8 rsp=97e0")
	P64("c8 00 00 02", "rbp=97fc m97f4.8=1122334455667788",
	    "m97f8.8=97fc m97f0.8=97fc55667788 m97e8.8=97f8 rbp=97f8 rsp=97e8")
	P64("c8 08 00 1f", "rbp=9a00",
	    "m97f8.8=9a00 m9700.8=97f8 rbp=97f8 rsp=96f8")
	P64("c8 00 00 3f", "rbp=9a00", "m97f8.8=9a00 m9700.8=97f8 rbp=97f8 rsp=9700")
	P64("66 c8 04 00 02", "rbp=9900 m98fe.2=77",
	    "m97fe.2=9900 m97fc.2=77 m97fa.2=97fe rbp=97fe rsp=97f6")
	REAL("c8 00 00 02", "rsp=2 rbp=1000 mffe.2=0 m1000.2=55", "m0.2=1000 mfffe.2=0 mfffc.2=0 rbp=0 rsp=fffc")
	P64("c8 00 00 02", "rbp=5004", "#PF(0)@5000")
	P64("c8 00 10 00", "rsp=6000", "#PF(2)@5ff8")
	P32("c8 00 00 01", "rsp=9804 ss.limit=97ff", "#SS(0)")
	P64("c8 00 08 00", "rsp=9800 page8000=1", "#PF(3)@8ff8")
	REAL("c8 04 00 00", "", "m97fe.2=150 rbp=97fe rsp=97fa")
	P64("c9", "rbp=9900 m9900.8=55", "rsp=9908 rbp=55")
	P32("c9", "rbp=9900 m9900.4=55", "rsp=9904 rbp=55")
	REAL("c9", "rbp=9900 m9900.2=55", "rsp=9902 rbp=55")
	P64("c9", "rbp=5000", "#PF(0)@5000")
	P32("06", "", "rsp=97fc m97fc.4=20")
	P32("0e", "", "rsp=97fc m97fc.4=10")
	P32("16", "", "rsp=97fc m97fc.4=20")
	P32("1e", "", "rsp=97fc m97fc.4=20")
	P32("0f a0", "", "rsp=97fc m97fc.4=20")
	P32("0f a8", "", "rsp=97fc m97fc.4=20")
	REAL("06", "es=1234", "rsp=97fe m97fe.2=1234")
	P64("0f a0", "", "rsp=97f8 m97f8.8=20")
	P64("0f a8", "", "rsp=97f8 m97f8.8=20")
	P32("07", "m9800.4=50", "rsp=9804 es@50")
	P32("17", "m9800.4=20", "rsp=9804 ss@20 shadow=1")
	P32("1f", "m9800.4=50", "rsp=9804 ds@50")
	P32("0f a1", "m9800.4=50", "rsp=9804 fs@50")
	P32("0f a9", "m9800.4=50", "rsp=9804 gs@50")
	REAL("07", "m9800.2=1234", "rsp=9802 es@1234")
	P64("0f a1", "m9800.8=50", "rsp=9808 fs@50")
	P64("0f a9", "m9800.8=50", "rsp=9808 gs@50")
	P32("1f", "m9800.4=48", "#NP(48)")
	P32("17", "m9800.4=0", "#GP(0)")
	/* Stack faults leave rSP alone. */
	P64("50", "rsp=6000", "#PF(2)@5ff8")
	P64("58", "rsp=5000", "#PF(0)@5000")
	P32("50", "ss.limit=97f0", "#SS(0)")
	P64("50", "rsp=800000000008", "#SS(0)")
	P32("60", "rsp=9804 ss.limit=97ff", "#SS(0)")
	/* SP wraps into a page that cannot be written: nothing is pushed. */
	REAL("60", "rsp=4 pagef000=5", "#PF(3)@fffe")
	P16("c8 00 00 03", "rsp=4 rbp=9900 pagef000=5", "#PF(3)@fffc")
	/* ENTER's display: not there, in a device, among what it pushes itself. */
	P32("c8 00 00 02", "rbp=5104", "#PF(0)@5100")
	P32("c8 00 00 03", "rbp=6104 m6100.4=77 m60fc.4=88",
	    "r6100.4=77 r60fc.4=88 m97fc.4=6104 m97f8.4=77 m97f4.4=88 m97f0.4=97fc rbp=97fc rsp=97f0")
	P32("c8 00 00 02", "rbp=9800", "m97fc.4=9800 m97f8.4=9800 m97f4.4=97fc rbp=97fc rsp=97f4")
	P32("c8 00 00 02", "rbp=9802 m97fe.4=0", "m97fc.4=9802 m97f8.4=0 m97f4.4=97fc rbp=97fc rsp=97f4")
	P32("58", "rsp=97fe ss.limit=97ff", "#SS(0)")
};

const unsigned int nr_stack_cases = ARRAY_LEN(stack_cases);
