// SPDX-License-Identifier: GPL-2.0-only
/*
 * FXSAVE, FXRSTOR and the XSAVE family: what is refused, formats, modes. Images
 * in full depend on the CPU; the native tests have them.
 */
#include "cases.h"
#include "tap.h"

#define NO_X87	"ftw=0 fr0=0 fr1=0 fr2=0 fr3=0 fr4=0 fr5=0 fr6=0 fr7=0 "
#define SOME_X87	"fcw=37e " NO_X87	/* not as after reset, or CPUs call it unused */

const struct emu_case xsave_cases[] = {
	P64("0f ae 03", "rbx=3000 no=FXSR", "#UD")
	P64("0f ae 03", "rbx=3000 cr0=80000035", "#NM")
	P64("0f ae 03", "rbx=3000 cr0=80000039", "#NM")
	P64("0f ae 03", "rbx=3008", "#GP(0)")
	P64("66 0f ae 03", "rbx=3000", "#UD")
	P64("f0 0f ae 03", "rbx=3000", "#UD")
	P64("0f ae 03", "rbx=4f00", "#PF(2)@5000")
	P64("48 0f ae 0b", "rbx=4f00", "#PF(0)@5000")
	P64("0f ae 0b", "rbx=3010 m3028.4=80000000", "#GP(0)")
	P64("0f ae 0b",
	    "rbx=3000 m3000.8=000500014800037e m3018.4=1f81 m3020.10=3fff8000000000000000"
	    " m30a0.16=1111222233334444 m3190.16=5555 xmm1=6 xmm15=7",
	    "fcw=37e fsw=4800 ftw=1 fop=5 mxcsr=1f81 xmm0=1111222233334444 xmm1=0 xmm15=5555"
	    " fr1=3fff8000000000000000 fr0=0 fr2=0 fr3=0 fr4=0 fr5=0 fr6=0 fr7=0")
	P32("0f ae 0b",
	    "rbx=3000 m3000.2=37f m3018.4=1f81 m3110.16=1 m3120.16=8 xmm7=7 xmm8=9",
	    NO_X87 "mxcsr=1f81 xmm7=1")
	P64("0f ae 0b", "rbx=3000 cr4=20 m3000.2=37f m3018.4=ffffffff m30a0.1=5 xmm0=7", NO_X87)
	/* OSXSAVE and TS, but not EM; alignment; who may. */
	P64("0f ae 23", "rbx=3000 bulk=1 no=XSAVE", "#UD")
	P64("0f ae 23", "rbx=3000 bulk=1 cr4=220", "#UD")
	P64("0f ae 23", "rbx=3000 bulk=1 cr4=220 cr0=80000039", "#UD")
	P64("0f ae 2b", "rbx=3000 bulk=1 cr0=80000039", "#NM")
	P64("0f ae 23", "rbx=3020 bulk=1", "#GP(0)")
	P64("66 0f ae 23", "rbx=3000 bulk=1", "#UD")
	P64("0f ae 33", "rbx=3000 bulk=1 no=XSAVEOPT", "#UD")
	P64("0f c7 23", "rbx=3000 bulk=1 no=XSAVEC", "#UD")
	P64("0f c7 2b", "rbx=3000 bulk=1 no=XSAVES", "#UD")
	P64("0f c7 2b", "rbx=3000 bulk=1 cpl=3", "#GP(0)")
	P64("0f c7 1b", "rbx=3000 bulk=1 cpl=3", "#GP(0)")
	P64("0f c7 2b", "rbx=3000 bulk=1 rax=ffffffff msrda0=100", "FAIL")
	P64("0f ae 23", "rbx=3000", "FAIL")
	P64("0f ae 23", "rbx=4fc0 bulk=1 rax=1 rdx=0", "#PF(2)@5000")
	P64("0f ae 23", "rbx=4d80 bulk=1 rax=20 rdx=0 amd=1", "#PF(2)@5000")
	P64("0f ae 2b", "rbx=4d80 bulk=1 rax=20 rdx=0 amd=1", "#PF(0)@5000")
	P64("0f ae 2b", "rbx=4d80 bulk=1 rax=20 rdx=0", "")
	P64("0f ae 2b", "rbx=4fc0 bulk=1 rax=1 rdx=0", "#PF(0)@51c0")
	/* Standard format: other bits of XSTATE_BV stay. */
	P64("0f ae 23", "rbx=3000 bulk=1 rax=1 rdx=0 m3200.8=81e6 m3208.8=55 cr0=80000035 " SOME_X87,
	    "m3000.2=37e m3200.8=81e7")
	P64("48 0f ae 23", "rbx=3000 bulk=1 rax=1 rdx=0 " SOME_X87, "m3000.2=37e m3200.8=1")
	P64("0f ae 33", "rbx=3000 bulk=1 rax=1 rdx=0 " SOME_X87, "m3000.2=37e m3200.8=1")
	P64("48 0f ae 33", "rbx=3000 bulk=1 rax=1 rdx=0 " SOME_X87, "m3000.2=37e m3200.8=1")
	/* Compacted: XCOMP_BV names what was asked for; PKRU is not in a register. */
	P64("0f c7 23", "rbx=3000 bulk=1 rax=1 rdx=0 m3200.8=81e6 " SOME_X87,
	    "m3000.2=37e m3200.8=1 m3208.8=8000000000000001")
	P64("48 0f c7 23", "rbx=3000 bulk=1 rax=200 rdx=0 xcr0=2e7 pkru=12345678",
	    "m3200.8=200 m3208.8=8000000000000200 m3240.8=12345678")
	P64("0f c7 23", "rbx=3000 bulk=1 rax=200 rdx=0 xcr0=2e7 m3240.8=55",
	    "m3208.8=8000000000000200")
	P64("0f c7 2b", "rbx=3000 bulk=1 rax=1 rdx=0 msrda0=100 " SOME_X87,
	    "m3000.2=37e m3200.8=1 m3208.8=8000000000000001")
	P64("48 0f c7 2b", "rbx=3000 bulk=1 rax=1 rdx=0 msrda0=0 " SOME_X87,
	    "m3000.2=37e m3200.8=1 m3208.8=8000000000000001")
	P64("0f c7 23", "rbx=6000 bulk=1 rax=200 rdx=0 xcr0=2e7 pkru=5",
	    "w6200.16=80000000000002000000000000000200 w6240.8=5")
	/* What XRSTOR refuses: XSTATE_BV beyond XCR0, XCOMP_BV, reserved bytes, MXCSR. */
	P64("0f ae 2b", "rbx=3000 bulk=1 rax=0 m3200.8=100", "#GP(0)")
	P64("0f ae 2b", "rbx=3000 bulk=1 rax=0 m3200.8=8", "#GP(0)")
	P64("0f ae 2b", "rbx=3000 bulk=1 rax=0 m3208.8=1", "#GP(0)")
	P64("0f ae 2b", "rbx=3000 bulk=1 rax=0 m3210.8=1", "#GP(0)")
	P64("0f ae 2b", "rbx=3000 bulk=1 rax=0 m3208.8=8000000000000100", "#GP(0)")
	P64("0f ae 2b", "rbx=3000 bulk=1 rax=0 m3200.8=4 m3208.8=8000000000000002", "#GP(0)")
	P64("0f ae 2b", "rbx=3000 bulk=1 rax=0 m3208.8=8000000000000002 m3238.1=1", "#GP(0)")
	P64("0f ae 2b", "rbx=3000 bulk=1 rax=0 m3208.8=8000000000000002 no=XSAVEC", "#GP(0)")
	P64("0f ae 2b", "rbx=3000 bulk=1 rax=2 rdx=0 m3018.4=80001f80", "#GP(0)")
	P64("0f ae 2b", "rbx=3000 bulk=1 rax=4 rdx=0 m3018.4=80001f80", "#GP(0)")
	P64("0f c7 1b", "rbx=3000 bulk=1 rax=1 rdx=0 msrda0=0", "#GP(0)")
	/* Initial state for what XSTATE_BV does not name; MXCSR by the format. */
	P64("0f ae 2b", "rbx=3000 bulk=1 rax=2 rdx=0 m3018.4=1fa0 xmm1=5 xmm15=6",
	    "xmm1=0 xmm15=0 mxcsr=1fa0")
	P64("0f ae 2b", "rbx=3000 bulk=1 rax=1 rdx=0 fcw=360 fsw=3800 fop=5 mm1=7 xmm1=5",
	    "fcw=37f fsw=0 fop=0 " NO_X87)
	P64("48 0f ae 2b", "rbx=3000 bulk=1 rax=2 rdx=0 m3200.1=2 m3018.4=1fa0 m30b0.16=77 xmm2=5",
	    "xmm1=77 xmm2=0 mxcsr=1fa0")
	P64("0f ae 2b", "rbx=3000 bulk=1 rax=6 rdx=0 m3208.8=8000000000000006 m3018.4=1fa0"
	    " mxcsr=1f81 xmm1=5", "xmm1=0 mxcsr=1f80")
	P64("0f ae 2b", "rbx=3000 bulk=1 rax=4 rdx=0 m3208.8=8000000000000006 m3018.4=1fa0"
	    " mxcsr=1f81 xmm1=5", "")
	P64("0f c7 1b", "rbx=3000 bulk=1 rax=2 rdx=0 msrda0=0 m3200.8=2 m3208.8=8000000000000002"
	    " m3018.4=1fa0 m30a0.16=9", "xmm0=9 mxcsr=1fa0")
	P64("48 0f c7 1b", "rbx=3000 bulk=1 rax=2 rdx=0 msrda0=0 m3208.8=8000000000000002 xmm0=9", "xmm0=0")
	P64("0f ae 2b", "rbx=3000 bulk=1 rax=200 rdx=0 xcr0=2e7 m3200.8=200"
	    " m3208.8=8000000000000200 m3240.4=55", "pkru=55")
	P64("0f ae 2b", "rbx=3000 bulk=1 rax=200 rdx=0 xcr0=2e7 pkru=77", "pkru=0")
	/* Outside 64-bit mode the upper registers stay. */
	P32("0f ae 2b", "rbx=3000 bulk=1 rax=2 rdx=0 m3018.4=1f80 xmm7=5 xmm8=6", "xmm7=0")
	P32("0f ae 2b", "rbx=3000 bulk=1 rax=2 rdx=0 m3200.1=2 m3018.4=1f80 m3110.16=4 m3120.16=3"
	    " xmm7=5 xmm8=6", "xmm7=4")
	P64("0f ae 2b", "rbx=6000 bulk=1 rax=2 rdx=0 m6200.1=2 m6018.4=1f81 m60c0.16=4",
	    "r6200.64 r6018.4 r60a0.256 xmm2=4 mxcsr=1f81")
	P64("0f ae 0b", "rbx=6000 m6000.2=37f m6018.4=1f81 m60c0.16=4",
	    NO_X87 "r6000.512 xmm2=4 mxcsr=1f81")
};

const unsigned int nr_xsave_cases = ARRAY_LEN(xsave_cases);
