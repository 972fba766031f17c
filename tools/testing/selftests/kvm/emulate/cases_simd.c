// SPDX-License-Identifier: GPL-2.0-only
/* Vector moves; the native tests have their values. See cases.h for the language. */
#include "cases.h"
#include "tap.h"

const struct emu_case simd_cases[] = {
	P64("0f 10 0b", "rbx=3008 m3008.16=112233445566778899aabbccddeeff00",
	    "xmm1=112233445566778899aabbccddeeff00")
	P64("0f 11 0b", "rbx=3008 xmm1=112233445566778899aabbccddeeff00",
	    "m3008.16=112233445566778899aabbccddeeff00")
	P64("0f 11 0b", "rbx=3ff9 xmm1=112233445566778899aabbccddeeff00",
	    "m3ff9.16=112233445566778899aabbccddeeff00")
	P64("0f 11 0b", "rbx=4ff9 xmm1=112233445566778899aabbccddeeff00", "#PF(2)@5000")
	P64("0f 10 0b", "rbx=4ff9", "#PF(0)@5000")
	P64("0f 28 0b", "rbx=3008", "#GP(0)")
	P64("66 0f 7f 0b", "rbx=3008", "#GP(0)")
	P64("66 44 0f 6f 3b", "rbx=3010 m3010.16=112233445566778899aabbccddeeff00",
	    "xmm15=112233445566778899aabbccddeeff00")
	P64("66 0f 6f 0b", "rbx=6000 m6000.16=112233445566778899aabbccddeeff00",
	    "r6000.16 xmm1=112233445566778899aabbccddeeff00")
	P64("66 0f 7f 0b", "rbx=6000 xmm1=112233445566778899aabbccddeeff00",
	    "w6000.16=112233445566778899aabbccddeeff00")
	P64("0f 10 0b", "rbx=6ffc m6ffc.16=112233445566778899aabbccddeeff00",
	    "r6ffc.4 r7000.12 xmm1=112233445566778899aabbccddeeff00")
	P64("f3 0f 10 0b", "rbx=3000 m3000.4=12345678 xmm1=112233445566778899aabbccddeeff00",
	    "xmm1=12345678")
	P64("f3 0f 10 ca", "xmm2=12345678 xmm1=112233445566778899aabbccddeeff00",
	    "xmm1=112233445566778899aabbcc12345678")
	P64("f2 0f 11 0b", "rbx=3000 xmm1=112233445566778899aabbccddeeff00",
	    "m3000.8=99aabbccddeeff00")
	P64("66 0f 6e c8", "rax=12345678 xmm1=112233445566778899aabbccddeeff00", "xmm1=12345678")
	P64("66 48 0f 7e c8", "xmm1=112233445566778899aabbccddeeff00", "rax=99aabbccddeeff00")
	P64("66 0f 7e c8", "xmm1=112233445566778899aabbccddeeff00 rax=ffffffffffffffff",
	    "rax=ddeeff00")
	P64("0f 6f 0b", "rbx=3000 m3000.8=1122334455667788", "mm1=1122334455667788")
	P64("0f 7f 0b", "rbx=6000 mm1=1122334455667788", "w6000.8=1122334455667788")
	P64("0f 6e c8", "rax=12345678 mm1=1122334455667788", "mm1=12345678")
	P64("f3 0f 7e 0b", "rbx=3000 m3000.8=55 xmm1=112233445566778899aabbccddeeff00", "xmm1=55")
	P64("66 0f d6 ca",
	    "xmm1=112233445566778899aabbccddeeff00 xmm2=112233445566778899aabbccddeeff00",
	    "xmm2=99aabbccddeeff00")
	P32("0f 10 0b", "rbx=3000 m3000.16=112233445566778899aabbccddeeff00",
	    "xmm1=112233445566778899aabbccddeeff00")
	REAL("0f 10 0f", "rbx=3000 m3000.16=112233445566778899aabbccddeeff00",
	    "xmm1=112233445566778899aabbccddeeff00")
};

const unsigned int nr_simd_cases = ARRAY_LEN(simd_cases);
