// SPDX-License-Identifier: GPL-2.0-only
/* AVX and FMA on floating-point numbers, F16C. See cases.h for the language. */
#include "cases.h"
#include "tap.h"

const struct emu_case avx_fp_cases[] = {
	P64("c4 e2 6d 16 ca", "no=AVX2", "#UD")
	P64("c4 e2 69 16 ca", "", "#UD")
	P64("c4 e2 e9 0c ca", "", "#UD")
	P64("c4 e2 f9 13 ca", "", "#UD")
	P64("c4 e3 f9 1d ca 00", "", "#UD")
	P64("c4 e3 69 06 ca 00", "", "#UD")
	P64("c4 e3 6d 41 ca 00", "", "#UD")
	P64("c4 e3 e9 4a ca 30", "", "#UD")
	P64("c4 e2 69 98 ca", "no=FMA", "#UD")
	P64("c4 e2 79 13 ca", "no=F16C", "#UD")
	P64("c5 fc ae 13", "rbx=3000", "#UD")
	P64("c5 f9 ae 13", "rbx=3000", "#UD")
	/* Unmasked exceptions: flags as the CPU sets them, of both lanes; nothing else. */
	P64("c5 ec 5e cb", "cr4=40620 mxcsr=1d80 xmm2=3f800000", "#XM mxcsr=1d85")
	P64("c5 ec 5e cb", "cr4=40220 mxcsr=1d80 xmm2=3f800000", "#UD mxcsr=1d85")
	P64("c5 ec 58 cb", "cr4=40620 mxcsr=1f00 ymm2=7f80000000000000000000000000000000000000 "
	    "ymm3=ff80000000000000000000000000000000000000", "#XM mxcsr=1f01")
	P64("c5 ec 58 cb", "cr4=40620 mxcsr=1f80 xmm2=7f800000 xmm3=ff800000 ",
	    "zmm1=ffc00000 mxcsr=1f81")
	P64("c4 e2 69 98 cb", "cr4=40620 mxcsr=1f00 xmm1=7f800000 xmm2=ff800000 xmm3=3f800000",
	    "#XM mxcsr=1f01")
	P64("c4 e3 79 1d 0b 00", "rbx=5000 cr4=40620 mxcsr=0f80 xmm1=3f800001", "#PF(2)@5000")
	P64("c4 e3 79 1d 0b 00", "rbx=3000 cr4=40620 mxcsr=0f80 xmm1=3f800001", "#XM mxcsr=0fa0")
	/* VCVTPS2PH rounds by its immediate. */
	P64("c4 e3 79 1d ca 02", "xmm1=3f800001", "zmm2=3c01 mxcsr=1fa0")
	P64("c4 e3 79 1d ca 04", "xmm1=3f800001 mxcsr=5f80", "zmm2=3c01 mxcsr=5fa0")
	P64("c4 e3 7d 1d 0b 00", "rbx=4ff1", "#PF(2)@5000")
	P64("c4 e3 79 1d 0b 00", "rbx=6000 xmm1=3f800000", "w6000.8=3c00")
	/* 32 predicates: 0B is false, 0F true, both quiet; 1B and 1F signal a quiet NaN. */
	P64("c5 ea c2 cb 0f", "xmm2=7fc00000", "zmm1=ffffffff")
	P64("c5 ea c2 cb 1f", "xmm2=7fc00000", "zmm1=ffffffff mxcsr=1f81")
	P64("c5 ea c2 cb 2f", "xmm2=7fc00000", "zmm1=ffffffff")
	P64("c5 ea c2 cb 1b", "xmm2=7fc00000 xmm1=5", "zmm1=0 mxcsr=1f81")
	P64("c5 e8 c2 cb 18", "xmm2=7fc00000", "zmm1=ffffffffffffffffffffffffffffffff mxcsr=1f81")
	/* Scalars take any VEX.L and read no more than an element. */
	P64("c5 ee 58 0b", "rbx=4ffc m4ffc.4=3f800000 xmm2=40000000000000003f800000",
	    "zmm1=400000000000000040000000")
	P64("c4 e2 6d 99 0b", "rbx=4ffd", "#PF(0)@5000")
	P64("c5 fc 5a 0b", "rbx=4ff1", "#PF(0)@5000")
	P64("c5 f8 5a 0b", "rbx=4ff8 m4ff8.8=3f800000", "zmm1=3ff0000000000000")
	/* VLDMXCSR, VSTMXCSR */
	P64("c5 f8 ae 13", "rbx=3000 m3000.4=10000", "#GP(0)")
	P64("c5 f8 ae 13", "rbx=3000 m3000.4=1fbf", "mxcsr=1fbf")
	P64("c5 f8 ae 1b", "rbx=3000 mxcsr=1fa1", "m3000.4=1fa1")
	P64("c5 f8 ae 13", "rbx=3000 cr0=80000039", "#NM")
	/* A case each row, as a CPU does it. */
	P64("c5 c8 14 0b", "rbx=3000 xmm6=41620000423c8000 m3000.16=c0b000003e800000",
	    "zmm1=c0b00000416200003e800000423c8000")
	P64("c5 c9 14 ca", "xmm6=800080ff7fffff xmm2=c2ad4000c2be8000",
	    "zmm1=c2ad4000c2be800000800080ff7fffff")
	P64("c5 c8 15 0b", "rbx=3000 xmm6=42f6400042290000 m3000.16=c27c0000c1930000", "")
	P64("c5 c9 15 0b", "rbx=3000 xmm6=e86f928a7bd1365d m3000.16=100000001", "")
	P64("c5 ca 2a 0b", "rbx=3000 xmm6=80007fffffff m3000.4=c29d8000", "zmm1=8000ce758a00")
	P64("c5 cb 2a ca", "xmm6=f19a865e0958008b rdx=100800080", "zmm1=4160001000000000")
	P64("c5 fa 2c ca", "xmm2=c2f8c000", "rcx=ffffff84 mxcsr=1fa0")
	P64("c5 fb 2c ca", "xmm2=bf90000042ee8000", "rcx=0 mxcsr=1fa0")
	P64("c5 fa 2d ca", "xmm2=c9b816a9", "rcx=ffe8fd2b mxcsr=1fa0")
	P64("c5 fb 2d 0b", "rbx=3000 m3000.8=3f8000003f800000", "rcx=0 mxcsr=1fa0")
	P64("c5 f8 2e ca", "xmm1=c20b8000 xmm2=428e4000", "cf=1")
	P64("c5 f9 2e 0b", "rbx=3000 xmm1=ffffffff m3000.8=7444435c05bb0be7", "cf=1 mxcsr=1f82")
	P64("c5 f8 2f 0b", "rbx=3000 xmm1=9b6e3bbe m3000.4=800080", "cf=1")
	P64("c5 f9 2f 0b", "rbx=3000 xmm1=37e32d51a46d2fb0 m3000.8=42d54000c2dd0000", "cf=1")
	P64("c5 f8 51 0b", "rbx=3000 m3000.16=c264800042dd4000", "zmm1=ffc0000041284915 mxcsr=1fa1")
	P64("c5 f9 51 0b", "rbx=3000 m3000.16=7fa000007f800000", "zmm1=5fc6a09ec0a73239 mxcsr=1fa0")
	P64("c5 ca 51 0b", "rbx=3000 xmm6=c236800042dc8000 m3000.4=42990000",
	    "zmm1=c2368000410bf15e mxcsr=1fa0")
	P64("c5 cb 51 ca", "xmm6=7fffffff00000000 xmm2=27ff77fdabb0d2d9",
	    "zmm1=33f67054bcf27727 mxcsr=1fa0")
	P64("c5 f8 52 0b", "rbx=3000 m3000.16=7f8000007f800000",
	    "zmm1=7f8000007f8000000000000000000000")
	P64("c5 ca 52 ca", "xmm6=80000000 xmm2=0", "zmm1=7f800000")
	P64("c5 f8 53 ca", "xmm2=7fc00000", "zmm1=7f8000007f8000007f8000007fc00000")
	P64("c5 ca 53 ca", "xmm6=800000007f800000 xmm2=0", "zmm1=800000007f800000")
	P64("c5 c8 54 ca", "xmm6=f3ea957d9a9c548 xmm2=7fff7fff7fff7fff", "zmm1=f3e295759a94548")
	P64("c5 c9 54 ca", "xmm6=9ab7f68a7a66823d xmm2=c0100000c2960000", "zmm1=8010000042060000")
	P64("c5 c8 55 0b", "rbx=3000 xmm6=ba10f0632d27a413 m3000.16=42bf0000c2578000",
	    "zmm1=40af0000c2500000")
	P64("c5 c9 55 0b", "rbx=3000 xmm6=3f8000003f800000 m3000.16=4288c000421d8000",
	    "zmm1=4008c000401d8000")
	P64("c5 c8 56 ca", "xmm6=42a6c000c1d10000 xmm2=42dac00042aa4000", "zmm1=42fec000c3fb4000")
	P64("c5 c9 56 ca", "xmm6=c090000041a00000 xmm2=8000000000000000", "zmm1=c090000041a00000")
	P64("c5 c8 57 0b", "rbx=3000 xmm6=7fff7fff7fff7fff m3000.16=1", "zmm1=7fff7fff7fff7ffe")
	P64("c5 c9 57 0b", "rbx=3000 xmm6=4286400041b60000 m3000.16=42970000c2da4000",
	    "zmm1=114000836c4000")
	P64("c5 c8 58 0b", "rbx=3000 xmm6=42840000c1f00000 m3000.16=4297c00041800000",
	    "zmm1=430de000c1600000")
	P64("c5 c9 58 ca", "xmm6=c18b00004289c000 xmm2=c2390000c2ae0000", "zmm1=c2390360c2b65138")
	P64("c5 ca 58 0b", "rbx=3000 xmm6=c29b8000c0000000 m3000.4=0", "zmm1=c29b8000c0000000")
	P64("c5 cb 58 0b", "rbx=3000 xmm6=42cc800042cd8000 m3000.8=2b2d21757d948057",
	    "zmm1=42cc800042cd8000 mxcsr=1fa0")
	P64("c5 c8 59 0b", "rbx=3000 xmm6=c08c0000c29bc000 m3000.16=41a80000c2c14000",
	    "zmm1=c2b7c00045eb2560")
	P64("c5 c9 59 ca", "xmm6=c2850000c2410000 xmm2=f5f71815eb702c42",
	    "zmm1=788e4f9ddd6515b6 mxcsr=1fa0")
	P64("c5 ca 59 0b", "rbx=3000 xmm6=b8331ce691d46902 m3000.4=7fa00000",
	    "zmm1=b8331ce67fe00000 mxcsr=1f81")
	P64("c5 cb 59 ca", "xmm6=100000001 xmm2=42b6c000c29e8000",
	    "zmm1=196c000c2b54001 mxcsr=1fa2")
	P64("c5 f8 5a ca", "xmm2=c26c800042e64000", "zmm1=c04d900000000000405cc80000000000")
	P64("c5 f9 5a ca", "xmm2=8000000000000000", "zmm1=80000000")
	P64("c5 ca 5a 0b", "rbx=3000 xmm6=100000000 m3000.4=41680000", "zmm1=402d000000000000")
	P64("c5 cb 5a 0b", "rbx=3000 xmm6=2ffc00000 m3000.8=3ff0000000000000", "zmm1=23f800000")
	P64("c5 f8 5b ca", "xmm2=7fff7fff7fff7fff", "zmm1=4effff004effff00 mxcsr=1fa0")
	P64("c5 f9 5b 0b", "rbx=3000 m3000.16=c230800042ec0000", "zmm1=ffffffd400000076 mxcsr=1fa0")
	P64("c5 fa 5b 0b", "rbx=3000 m3000.16=42dfc000c2b8c000", "zmm1=6fffffffa4 mxcsr=1fa0")
	P64("c5 c8 5c 0b", "rbx=3000 xmm6=c287800042998000 m3000.16=42a38000c28b4000",
	    "zmm1=c315800043126000")
	P64("c5 c9 5c 0b", "rbx=3000 xmm6=f377977a8e9d697a m3000.16=4293800042d48000",
	    "zmm1=f377977a8e9d697a mxcsr=1fa0")
	P64("c5 ca 5c ca", "xmm6=c2eec00041b70000 xmm2=bf1f1a81",
	    "zmm1=c2eec00041bbf8d4 mxcsr=1fa0")
	P64("c5 cb 5c 0b", "rbx=3000 xmm6=428ac000c1c90000 m3000.8=3fc00000c2f34000",
	    "zmm1=428ac000c1c8ff00 mxcsr=1fa0")
	P64("c5 c8 5d ca", "xmm6=ffff7fff7fff xmm2=bd7f1532def29373",
	    "zmm1=bd7f1532def29373 mxcsr=1f83")
	P64("c5 c9 5d ca", "xmm6=c1fa0000c1980000 xmm2=c20d0000c1b40000", "zmm1=c20d0000c1b40000")
	P64("c5 ca 5d ca", "xmm6=3f8000003f800000 xmm2=fa0cfb39", "zmm1=3f800000fa0cfb39")
	P64("c5 cb 5d 0b", "rbx=3000 xmm6=c100000042418000 m3000.8=c2b3800042a98000",
	    "zmm1=c2b3800042a98000")
	P64("c5 c8 5e 0b", "rbx=3000 xmm6=3f800000 m3000.16=4cc5b96411ecb32b",
	    "zmm1=ffc00000ffc00000000000006d0a6fda mxcsr=1fa1")
	P64("c5 c9 5e ca", "xmm6=c26e000042c70000 xmm2=429c8000c2cdc000",
	    "zmm1=fff8000000000000bfc0d793e843ac08 mxcsr=1fa1")
	P64("c5 ca 5e ca", "xmm6=9822b71b12a416be xmm2=c0380000",
	    "zmm1=9822b71b91e44c2a mxcsr=1fa0")
	P64("c5 cb 5e ca", "xmm6=c0e80000c2b0c000 xmm2=ffc00000ffc00000",
	    "zmm1=117ffff4310cbcc mxcsr=1fa0")
	P64("c5 c8 5f 0b", "rbx=3000 xmm6=422d800042a14000 m3000.16=42898000423b8000",
	    "zmm1=4289800042a14000")
	P64("c5 c9 5f 0b", "rbx=3000 xmm6=1ae9f9b7cbd83c19 m3000.16=c2678000c2e3c000",
	    "zmm1=1ae9f9b7cbd83c19")
	P64("c5 ca 5f ca", "xmm6=c1200000c2430000 xmm2=7d3dfe3e", "zmm1=c12000007d3dfe3e")
	P64("c5 cb 5f ca", "xmm6=2d9335212c2c3c29 xmm2=c000000000000000", "zmm1=2d9335212c2c3c29")
	P64("c5 c9 7c 0b", "rbx=3000 xmm6=428b8000c2840000 m3000.16=8000",
	    "zmm1=8000428b8000c2840000 mxcsr=1f82")
	P64("c5 cb 7c ca", "xmm6=c2d0800042590000 xmm2=7fff7fff00000000",
	    "zmm1=7fff7fff00000000c2480000")
	P64("c5 c9 7d ca", "xmm6=41d90000c2738000 xmm2=c090000042358000",
	    "zmm1=c09000004235800041d90000c2738000")
	P64("c5 cb 7d 0b", "rbx=3000 xmm6=c0200000c2e04000 m3000.16=ffc00000ffc00000",
	    "zmm1=ffc0000000000000c2db4000")
	P64("c5 f8 ae 13", "rbx=3000", "mxcsr=0")
	P64("c5 f8 ae 1b", "rbx=3000", "m3000.4=1f80")
	P64("c5 c8 c2 0b 41", "rbx=3000 xmm6=2 m3000.16=42ed800042468000",
	    "zmm1=ffffffffffffffff mxcsr=1f82")
	P64("c5 c9 c2 ca 4e", "xmm6=7ff4000000000000 xmm2=c23b0000c21a8000", "mxcsr=1f81")
	P64("c5 ca c2 ca 49", "xmm6=4b34cfef5f23146f xmm2=4a4ee017", "zmm1=4b34cfef00000000")
	P64("c5 cb c2 ca 43", "xmm6=2 xmm2=7f80000000008000", "mxcsr=1f82")
	P64("c5 c8 c6 ca 4b", "xmm6=3f800000bf800000 xmm2=7ff4000000000000",
	    "zmm1=7ff40000000000000000000000000000")
	P64("c5 c9 c6 ca 54", "xmm6=c1830000c14a0000 xmm2=42c58000c1580000",
	    "zmm1=42c58000c1580000c1830000c14a0000")
	P64("c5 c9 d0 0b", "rbx=3000 xmm6=c1a20000 m3000.16=427b800041300000",
	    "zmm1=c27b800041300000 mxcsr=1fa2")
	P64("c5 cb d0 ca", "xmm6=c2d4800041ba0000 xmm2=cb6e6689673773e6",
	    "zmm1=cb6e66f3e73773e6 mxcsr=1fa0")
	P64("c5 f9 e6 ca", "xmm2=7fff7fff", "mxcsr=1fa0")
	P64("c5 fa e6 0b", "rbx=3000 m3000.8=c2b5000042b34000",
	    "zmm1=c1cea5800000000041d0acd000000000")
	P64("c5 fb e6 0b", "rbx=3000 m3000.16=c2c8000042a18000", "zmm1=80000000 mxcsr=1f81")
	P64("c4 e2 49 0c 0b", "rbx=3000 xmm6=4969e4fda0a4541f m3000.16=0",
	    "zmm1=a0a4541fa0a4541fa0a4541fa0a4541f")
	P64("c4 e2 49 0d 0b", "rbx=3000 xmm6=1 m3000.16=c1ab000041c10000", "zmm1=10000000000000001")
	P64("c4 e2 79 0e 0b", "rbx=3000 xmm1=180008000 m3000.16=42328000c0300000", "cf=1")
	P64("c4 e2 79 0f ca", "xmm1=80000000ffffffff xmm2=7ff4000000000000", "cf=1 zf=1")
	P64("c4 e2 79 13 0b", "rbx=3000 m3000.8=42814000c1990000",
	    "zmm1=4050200040000000c033200000000000")
	P64("c4 e2 4d 16 ca", "ymm6=42d30000c2d24000c2678000c1e40000c2b38000c2a54000c19d0000c1da0000 "
	    "ymm2=c1c300004289000041b80000be800000424d8000429dc000c2d90000c15c0000",
	    "zmm1=c15c0000c15c0000c15c0000c15c0000c15c0000c15c0000c15c0000c15c0000")
	P64("c4 e2 49 96 ca", "xmm1=c7ca7ab895d9e769 xmm6=c1cb0000c1cb0000 xmm2=80008000",
	    "zmm1=c1cb000041cb0000 mxcsr=1fa2")
	P64("c4 e2 c9 96 0b", "rbx=3000 xmm1=d45b928f34976c9b xmm6=807fff7fff "
	    "m3000.16=8000000000000000",
	    "zmm1=800000807fff7fff mxcsr=1f82")
	P64("c4 e2 49 97 0b", "rbx=3000 xmm1=ffc0000000000000 xmm6=7fa000007fa00000 "
	    "m3000.16=42058000c2d24000",
	    "zmm1=ffc000007fe00000 mxcsr=1f81")
	P64("c4 e2 c9 97 0b", "rbx=3000 xmm1=4000000000000000 xmm6=4136000041c10000 "
	    "m3000.16=63dc77f8bdcf6c8",
	    "zmm1=4136000041c10000 mxcsr=1fa0")
	P64("c4 e2 49 98 ca", "xmm1=8000800080008000 xmm6=c2c88000c2170000 "
	    "xmm2=42a80000c1ec0000",
	    "zmm1=c2c88000c2170000 mxcsr=1fa2")
	P64("c4 e2 c9 98 0b", "rbx=3000 xmm1=7fa000007fa00000 xmm6=425a8000421a0000 "
	    "m3000.16=7dde70760b7ee16",
	    "zmm1=478de7084f3cbeef mxcsr=1fa0")
	P64("c4 e2 49 99 0b", "rbx=3000 xmm1=800000000000 xmm6=42088000c1eb0000 "
	    "m3000.4=c0000000",
	    "zmm1=8000c1eb0000")
	P64("c4 e2 c9 99 ca", "xmm1=ff xmm6=c1c60000c28d4000 xmm2=cf801ed3305b3d4b",
	    "zmm1=c1c60000c28d4000 mxcsr=1fa2")
	P64("c4 e2 49 9a 0b", "rbx=3000 xmm1=41e0000042c80000 xmm6=42ee4000c28bc000 "
	    "m3000.16=7fffffffff7fffff",
	    "zmm1=7fffffffff800000 mxcsr=1fa8")
	P64("c4 e2 c9 9a ca", "xmm1=c1c5000042e94000 xmm6=42858000c2970000 "
	    "xmm2=424f800042888000",
	    "zmm1=c424ac0072e72fbc mxcsr=1fa0")
	P64("c4 e2 49 9b ca", "xmm1=42290000c25c0000 xmm6=4189000040300000 xmm2=5384932f",
	    "zmm1=42290000d663dcf9 mxcsr=1fa0")
	P64("c4 e2 c9 9b 0b", "rbx=3000 xmm1=412e0000c1b00000 xmm6=9ae0f13229cb4ed0 "
	    "m3000.8=7f8000007f800000",
	    "zmm1=7ff0000000000000 mxcsr=1fa8")
	P64("c4 e2 49 9c 0b", "rbx=3000 xmm1=8000000000000000 xmm6=42df800042b70000 "
	    "m3000.16=42d6c00041a10000",
	    "zmm1=42df800042b70000")
	P64("c4 e2 c9 9c 0b", "rbx=3000 xmm1=42f0c000c2c34000 xmm6=c2c74000c2b0c000 "
	    "m3000.16=0",
	    "zmm1=c2c74000c2b0c000")
	P64("c4 e2 49 9d ca", "xmm1=c24800003fe00000 xmm6=c21b8000c2778000 xmm2=c20c0000",
	    "zmm1=c2480000bf200000")
	P64("c4 e2 c9 9d ca", "xmm1=c3df09485c243b5a xmm6=c1ff000042898000 xmm2=2",
	    "zmm1=c1ff000042898000 mxcsr=1fa2")
	P64("c4 e2 49 9e 0b", "rbx=3000 xmm1=42ea400042000000 xmm6=200000000 "
	    "m3000.16=42de0000c2e8c000",
	    "zmm1=8000000080000000c64b23804568c000 mxcsr=1fa2")
	P64("c4 e2 c9 9e 0b", "rbx=3000 xmm1=3f8000003f800000 xmm6=426b800041890000 "
	    "m3000.16=4c7c0539645b1a2b",
	    "zmm1=8000000000000000cc0c0539d38fd5f1 mxcsr=1fa0")
	P64("c4 e2 49 9f ca", "xmm1=bc110c391dff57a2 xmm6=c2e54000c2a6c000 xmm2=c1d80000",
	    "zmm1=bc110c3942a6c000 mxcsr=1fa0")
	P64("c4 e2 c9 9f 0b", "rbx=3000 xmm1=a8e9a85f26869005 xmm6=c254800041160000 "
	    "m3000.8=42138000c1800000",
	    "zmm1=4254800041160000 mxcsr=1fa0")
	P64("c4 e2 49 a6 0b", "rbx=3000 xmm1=4208800042d54000 xmm6=c2c9000042cc0000 "
	    "m3000.16=4259000041f50000",
	    "zmm1=c552f50046297480")
	P64("c4 e2 c9 a6 0b", "rbx=3000 xmm1=80008000800080 xmm6=100000001 "
	    "m3000.16=429fc000426d8000",
	    "zmm1=c29fc000426d8000 mxcsr=1fa2")
	P64("c4 e2 49 a7 0b", "rbx=3000 xmm1=3fe0000042ec4000 xmm6=40000000ffffffff "
	    "m3000.16=41d1000042ea4000",
	    "zmm1=c1b50000ffffffff")
	P64("c4 e2 c9 a7 0b", "rbx=3000 xmm1=2 xmm6=bfe0000042e90000 "
	    "m3000.16=ffffffff00000002",
	    "zmm1=ffffffff00000002")
	P64("c4 e2 49 a8 ca", "xmm1=42690000c2c80000 xmm6=42c4000041140000 "
	    "xmm2=42d00000c2d40000",
	    "zmm1=45b5a400c480e000")
	P64("c4 e2 c9 a8 ca", "xmm1=c2d0400042d10000 xmm6=7fffffff xmm2=3ff00000429c8000",
	    "zmm1=3ff00000429c8000 mxcsr=1fa2")
	P64("c4 e2 49 a9 0b", "rbx=3000 xmm1=ff7fffffff7fffff xmm6=ffc000007fa00000 "
	    "m3000.4=0",
	    "zmm1=ff7fffff7fe00000 mxcsr=1f81")
	P64("c4 e2 c9 a9 0b", "rbx=3000 xmm1=c23e800041cc0000 xmm6=c251800042878000 "
	    "m3000.8=1",
	    "zmm1=44a0ae006364b689 mxcsr=1fa2")
	P64("c4 e2 49 aa 0b", "rbx=3000 xmm1=c1d60000c2da8000 xmm6=ffc0000000000000 "
	    "m3000.16=42a1c000c2948000",
	    "zmm1=ffc0000042948000")
	P64("c4 e2 c9 aa 0b", "rbx=3000 xmm1=c2f4800042750000 xmm6=38436fbbce63be48 "
	    "m3000.16=100000001",
	    "zmm1=bb48e728f12ad38d mxcsr=1fa2")
	P64("c4 e2 49 ab ca", "xmm1=4218800042530000 xmm6=807f800000 xmm2=420b0000",
	    "zmm1=421880007f800000")
	P64("c4 e2 c9 ab ca", "xmm1=428f4000c2bb4000 xmm6=42db8000c2268000 xmm2=200000080",
	    "zmm1=457adb0164f2889d mxcsr=1fa2")
	P64("c4 e2 49 ac ca", "xmm1=7fed6bd5c13838e1 xmm6=42a9c00042e68000 xmm2=ff",
	    "zmm1=7fed6bd544a5df37 mxcsr=1fa2")
	P64("c4 e2 c9 ac 0b", "rbx=3000 xmm1=db8b58e73562a33d xmm6=100000001 "
	    "m3000.16=3f800000",
	    "zmm1=1a6b58e7357dfc24 mxcsr=1fa2")
	P64("c4 e2 49 ad ca", "xmm1=80008000800080 xmm6=ffffffff xmm2=95ec768",
	    "zmm1=800080ffffffff")
	P64("c4 e2 c9 ad ca", "xmm1=e1c63a2aa51be86e xmm6=42e4c00041ec0000 "
	    "xmm2=42e64000c1ae0000",
	    "zmm1=64bcd36fa9b458a2 mxcsr=1fa0")
	P64("c4 e2 49 ae ca", "xmm1=41df000041780000 xmm6=c2d38000c2ce4000 "
	    "xmm2=429ac000c28d4000",
	    "zmm1=80000000800000004533668044d0a200")
	P64("c4 e2 c9 ae ca", "xmm1=100000001 xmm6=d00970579444b262 xmm2=2a8fcd69dced9874",
	    "zmm1=8000000000000000aa8fcd69dced9874 mxcsr=1fa2")
	P64("c4 e2 49 af 0b", "rbx=3000 xmm1=c2ae0000c2b5c000 xmm6=7fff7fff00000001 "
	    "m3000.4=428f8000",
	    "zmm1=c2ae0000c28f8000 mxcsr=1fa2")
	P64("c4 e2 c9 af ca", "xmm1=80 xmm6=c050000042d50000 xmm2=2c55fb61cec9b05f",
	    "zmm1=ac55fb61cec9b05f mxcsr=1fa2")
	P64("c4 e2 49 b6 0b", "rbx=3000 xmm1=ed5f0a9229f632e xmm6=f191ddfe28336850 "
	    "m3000.16=c2490000c2e5c000",
	    "zmm1=74650e99aba10306 mxcsr=1fa0")
	P64("c4 e2 c9 b6 ca", "xmm1=42aa8000c29cc000 xmm6=42cac000c2cc8000 "
	    "xmm2=af9078263aba10b7",
	    "zmm1=c2aa8000c29cc000 mxcsr=1fa0")
	P64("c4 e2 49 b7 ca", "xmm1=c2838000c2bb4000 xmm6=c13c0000c2a2c000 xmm2=8000",
	    "zmm1=42838000c2bb4000 mxcsr=1fa2")
	P64("c4 e2 c9 b7 ca", "xmm1=4048000042418000 xmm6=c2f6800041f20000 "
	    "xmm2=c2b6400040100000",
	    "zmm1=45bf4a00b5cb0908 mxcsr=1fa0")
	P64("c4 e2 49 b8 0b", "rbx=3000 xmm1=c1830000c2188000 xmm6=c27c0000414a0000 "
	    "m3000.16=7fa000007fa00000",
	    "zmm1=7fe000007fe00000 mxcsr=1f81")
	P64("c4 e2 c9 b8 0b", "rbx=3000 xmm1=7ff0000000000000 xmm6=42e84000424d8000 "
	    "m3000.16=ffff",
	    "mxcsr=1f82")
	P64("c4 e2 49 b9 ca", "xmm1=c2aa4000c23a8000 xmm6=412c000042308000 xmm2=42c48000",
	    "zmm1=c2aa400045860540")
	P64("c4 e2 c9 b9 0b", "rbx=3000 xmm1=4330000000000000 xmm6=6455803d3d9e3fa "
	    "m3000.8=425b8000c1de0000",
	    "mxcsr=1fa0")
	P64("c4 e2 49 ba 0b", "rbx=3000 xmm1=ff xmm6=43942b711f4786de "
	    "m3000.16=c26d0000c2a0c000",
	    "zmm1=c6892c38a27a93e0 mxcsr=1fa2")
	P64("c4 e2 c9 ba 0b", "rbx=3000 xmm1=7350fbf4a5efe952 xmm6=42708000c2f48000 "
	    "m3000.16=d326f3e8aefa059e",
	    "zmm1=f350fbf4a5efe952 mxcsr=1fa0")
	P64("c4 e2 49 bb ca", "xmm1=c6f21fb0712661bb xmm6=bf800000 xmm2=c1220000",
	    "zmm1=c6f21fb0f12661bb mxcsr=1fa0")
	P64("c4 e2 c9 bb 0b", "rbx=3000 xmm1=41aa0000c2cdc000 xmm6=c2008000c2528000 "
	    "m3000.8=42530000c2940000",
	    "zmm1=c4639801af6aa2db mxcsr=1fa0")
	P64("c4 e2 49 bc 0b", "rbx=3000 xmm1=100000000 xmm6=17fffffff "
	    "m3000.16=c29a800042958000",
	    "zmm1=4e7fffffff mxcsr=1fb2")
	P64("c4 e2 c9 bc 0b", "rbx=3000 xmm1=c29e400042040000 xmm6=c286c000c2580000 "
	    "m3000.16=42bd000042c54000",
	    "zmm1=45549e00df97fb32 mxcsr=1fa0")
	P64("c4 e2 49 bd 0b", "rbx=3000 xmm1=18318b0b6b9b4917 xmm6=c27d800041830000 "
	    "m3000.4=7fa00000",
	    "zmm1=18318b0b7fe00000 mxcsr=1f81")
	P64("c4 e2 c9 bd ca", "xmm1=42e68000c1a50000 xmm6=42a7c000c2790000 "
	    "xmm2=c1e20000c1d10000",
	    "zmm1=449ab801fd4a654c mxcsr=1fa0")
	P64("c4 e2 49 be ca", "xmm1=c2a5c000c2eb8000 xmm6=c2730000c2c34000 xmm2=1",
	    "zmm1=800000008000000042a5c00042eb8000 mxcsr=1fa2")
	P64("c4 e2 c9 be 0b", "rbx=3000 xmm1=9b5b1822fb2400dd xmm6=429e8000c1950000 "
	    "m3000.16=c2bb4000c0180000",
	    "zmm1=80000000000000004569f9015befc68a mxcsr=1fa0")
	P64("c4 e2 49 bf 0b", "rbx=3000 xmm1=ffff00000000 xmm6=3db88dd5c9a7065f "
	    "m3000.4=2772c962",
	    "zmm1=ffff319e676a mxcsr=1fa0")
	P64("c4 e2 c9 bf ca", "xmm1=ffffffff xmm6=ffffffff3f800000 xmm2=40080000c2a20000",
	    "zmm1=ffffffff3f800000")
	P64("c4 e3 fd 01 0b 4e", "rbx=3000 "
	    "m3000.32=c1a5000042b1c00042b0800042668000c19f0000c2d4000041f60000c2b34000",
	    "zmm1=c19f0000c2d4000041f60000c2b34000c1a5000042b1c00042b0800042668000")
	P64("c4 e3 79 04 0b 53", "rbx=3000 m3000.16=41320000c0480000",
	    "zmm1=4132000041320000c048000000000000")
	P64("c4 e3 79 05 ca 46", "xmm2=c22b8000417e0000", "zmm1=c22b8000417e0000")
	P64("c4 e3 4d 06 ca 45", "ymm6=8000800000000000000000007fffffff3f800000bf800000000000007fffffff "
	    "ymm2=428bc00042ddc000c2990000c208000042e54000c1f50000c2d80000423a8000",
	    "zmm1=3f800000bf800000000000007fffffff8000800000000000000000007fffffff")
	P64("c4 e3 79 08 ca 52", "xmm2=ffc0000000000001", "zmm1=ffc000003f800000 mxcsr=1fa0")
	P64("c4 e3 79 09 ca 4d", "xmm2=42cf400040c80000", "zmm1=42cf400040c80000")
	P64("c4 e3 49 0a 0b 4b", "rbx=3000 xmm6=c276000042ce4000 m3000.4=7fa00000",
	    "zmm1=c27600007fe00000 mxcsr=1f81")
	P64("c4 e3 49 0b 0b 4d", "rbx=3000 xmm6=c2c1400042a24000 m3000.8=c18c0000c2570000",
	    "zmm1=c18c0000c0000000")
	P64("c4 e3 49 0c 0b 4e", "rbx=3000 xmm6=7fa0000000000000 m3000.16=c2a10000c2678000",
	    "zmm1=c2a1000000000000")
	P64("c4 e3 49 0d 0b 49", "rbx=3000 xmm6=c2de800042f2c000 m3000.16=4010000042888000",
	    "zmm1=4010000042888000")
	P64("c4 e3 79 1d ca 53", "xmm1=c2be000042670000", "zmm2=d5f05338")
	P64("c4 e3 49 21 0b 4b", "rbx=3000 xmm6=c252000042728000 m3000.4=42f48000", "")
	P64("c4 e3 49 21 ca 4c", "xmm6=c286400041ab0000 xmm2=c246800042b78000",
	    "zmm1=c2864000c2468000")
	P64("c4 e3 49 40 ca 44", "xmm6=42ebc00042ca4000 xmm2=41ce0000c1bc0000", "")
	P64("c4 e3 49 41 ca 43", "xmm6=3f200000c1c70000 xmm2=c2b00000c2d2c000", "")
	P64("c4 e3 49 4a 0b 43", "rbx=3000 xmm6=8642ad0eaef720ea m3000.16=c232000040e40000 "
	    "xmm4=41dd0000421c8000",
	    "zmm1=8642ad0eaef720ea")
	P64("c4 e3 49 4b ca 52", "xmm6=c16c0000c1980000 xmm2=4233000041b30000 "
	    "xmm5=dc0a18f5474cf885",
	    "zmm1=4233000041b30000")
};

const unsigned int nr_avx_fp_cases = ARRAY_LEN(avx_fp_cases);
