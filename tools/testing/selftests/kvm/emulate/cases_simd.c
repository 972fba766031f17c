// SPDX-License-Identifier: GPL-2.0-only
/* Vector moves; the native tests have their values. See cases.h for the language. */
#include "cases.h"
#include "tap.h"

const struct emu_case simd_cases[] = {
	/* Who may use vectors: CPUID, CR0.EM, CR4.OSFXSR, CR0.TS, in this order. */
	P64("0f 58 c1", "no=SSE cr0=3d", "#UD")
	P64("66 0f 58 c1", "no=SSE2", "#UD")
	P64("66 0f 38 17 c1", "no=SSE41", "#UD")
	P64("0f 38 c8 c1", "no=SHA", "#UD")
	P64("66 0f 79 c1", "no=SSE4A", "#UD")
	P64("0f fc c1", "no=MMX", "#UD")
	P64("0f e0 c1", "no=SSE", "#UD")
	P64("0f 58 c1", "cr0=8000003d", "#UD")
	P64("0f 58 c1", "cr4=20", "#UD")
	P64("0f 58 c1", "cr4=20 cr0=80000039", "#UD")
	P64("0f 58 c1", "cr0=80000039", "#NM")
	P64("0f fc c1", "cr0=80000035", "#UD")
	P64("0f fc c1", "cr0=80000039", "#NM")
	P64("0f fc c1", "fsw=8081 fcw=37e", "#MF")
	P64("0f fc c1", "fsw=8081 fcw=37e cr0=80000011", "FAIL")
	P64("0f 77", "fsw=8081 fcw=37e", "#MF")
	P64("0f 77", "cr0=80000035", "#UD")
	P64("f0 0f 58 0b", "rbx=3000", "#UD")
	P64("0f 58 0b", "rbx=3008", "#GP(0)")
	P64("0f 58 0b", "rbx=5000", "#PF(0)@5000")
	P64("66 0f 38 00 0b", "rbx=3001", "#GP(0)")
	P64("f3 0f 58 0b", "rbx=4ffd", "#PF(0)@5000")
	P64("f3 0f 58 0b", "rbx=4ffc m4ffc.4=3f800000 xmm1=3f800000", "xmm1=40000000")
	P64("66 0f 38 22 0b", "rbx=4ffe m4ffe.2=80ff",
	    "xmm1=ffffffffffffff80ffffffffffffffff")
	P64("66 0f 3a 63 0b 08", "rbx=3001 m3001.16=41", "rcx=1 cf=1 zf=1 sf=1")
	/* AMD's misaligned mode: arithmetic takes any address, moves do not. */
	P64("66 0f fc 0b", "rbx=3001 mxcsr=21f80 m3001.16=01", "xmm1=01")
	P64("66 0f fc 0b", "rbx=3001 mxcsr=21f80 no=MISALIGNSSE", "#GP(0)")
	P64("66 0f 6f 0b", "rbx=3001 mxcsr=21f80", "#GP(0)")
	P64("0f 2b 0b", "rbx=3001 mxcsr=21f80", "#GP(0)")
	/* Unmasked exceptions: flags as the CPU sets them, nothing else. */
	P64("0f 5e c1", "cr4=620 mxcsr=1d80 xmm0=3f800000", "#XM mxcsr=1d85")
	P64("0f 5e c1", "cr4=220 mxcsr=1d80 xmm0=3f800000", "#UD mxcsr=1d85")
	P64("0f 5e c1",
	    "cr4=620 mxcsr=1d80 xmm0=3f8000003f8000003f8000003f800000"
	    " xmm1=40400000404000004040000000000000", "#XM mxcsr=1d84")
	P64("0f 5e c1",
	    "cr4=620 mxcsr=1f80 xmm0=3f8000003f8000003f8000003f800000"
	    " xmm1=3f8000003f8000003f80000000000000",
	    "xmm0=3f8000003f8000003f8000007f800000 mxcsr=1f84")
	P64("f3 0f 2d c1", "cr4=620 mxcsr=0f80 xmm1=3f000000 rax=5", "#XM mxcsr=0fa0")
	P64("0f 2e c1", "cr4=620 mxcsr=1f00 xmm1=7f800001", "#XM mxcsr=1f01")
	/* MXCSR */
	P64("0f ae 13", "rbx=3000 m3000.4=1fbf", "mxcsr=1fbf")
	P64("0f ae 13", "rbx=3000 m3000.4=11f80", "#GP(0)")
	P64("0f ae 13", "rbx=3000 m3000.4=80001f80", "#GP(0)")
	P64("0f ae 13", "rbx=3000 cr4=20", "#UD")
	P64("0f ae 13", "rbx=3000 cr0=80000039", "#NM")
	P64("66 0f ae 13", "rbx=3000", "#UD")
	P64("0f ae 1b", "rbx=3000 mxcsr=1fa1", "m3000.4=1fa1")
	P64("0f ae 1b", "rbx=6000 mxcsr=1fa1", "w6000.4=1fa1")
	/* EMMS empties the x87 registers, other MMX instructions fill them. */
	P64("0f 77", "fsw=3800 mm1=1122334455667788", "fsw=0 ftw=0")
	P64("0f 0e", "", "ftw=0")
	P64("0f fc ca", "fsw=3800 ftw=0 fr1=3fff8000000000000000 mm2=0102030405060708",
	    "fsw=0 ftw=ff fr1=ffff8102030405060708")
	P64("0f fc ca", "fr3=3fff8000000000000001 mm2=0102030405060708", "mm1=102030405060708")
	P64("66 0f 2a 0b", "rbx=3000 m3000.4=1 ftw=0", "xmm1=3ff0000000000000")
	P64("66 0f 2a c9", "mm1=1 ftw=0", "xmm1=3ff0000000000000 ftw=ff")
	/* Bytes that the mask does not choose are not written, nor looked at. */
	P64("66 0f f7 ca", "rdi=4fff xmm1=1122334455667788aa xmm2=80", "m4fff.1=aa")
	P64("66 0f f7 ca", "rdi=5000 xmm1=aa", "")
	P64("66 0f f7 ca", "rdi=4ff8 xmm1=1122334455667788aa99887766554433"
	    " xmm2=80000000000000000080", "#PF(2)@5001")
	P64("66 0f f7 ca", "rdi=6001 xmm1=112233445566778899aabbccddeeff00 xmm2=80800080",
	    "w6001.1=00 w6003.2=ddee")
	P64("0f f7 ca", "rdi=3001 mm1=1122334455667788 mm2=80ff000000008000",
	    "m3002.1=77 m3007.2=1122")
	P64("64 0f f7 ca", "rdi=1 fs.base=3000 mm1=1122334455667788 mm2=80", "m3001.1=88")
	P32("67 66 0f f7 ca", "rdi=13001 xmm1=42 xmm2=80", "m3001.1=42")
	P32("66 0f f7 ca", "rdi=3001 ds.attr=93 ds.limit=3001 xmm1=4243 xmm2=80",
	    "m3001.1=43")
	P32("66 0f f7 ca", "rdi=3001 ds.attr=93 ds.limit=3001 xmm1=4243 xmm2=8080", "#GP(0)")
	/* XMM0 is an operand. */
	P64("66 0f 38 10 ca", "xmm0=80 xmm1=1111 xmm2=2222", "xmm1=1122")
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
