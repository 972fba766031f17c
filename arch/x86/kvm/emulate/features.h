/* SPDX-License-Identifier: GPL-2.0-only */
/* What of CPUID decides whether an instruction exists, by the names of the manuals. */
#ifndef KVM_X86_EMULATE_FEATURES_H
#define KVM_X86_EMULATE_FEATURES_H

enum cpuid_reg { REG_EAX, REG_EBX, REG_ECX, REG_EDX };

/* X(name, leaf, subleaf, register, bit) */
#define X86_FEATURES(X)						\
	X(FPU, 1, 0, EDX, 0)					\
	X(TSC, 1, 0, EDX, 4)					\
	X(MSR, 1, 0, EDX, 5)					\
	X(CX8, 1, 0, EDX, 8)					\
	X(SEP, 1, 0, EDX, 11)					\
	X(CMOV, 1, 0, EDX, 15)					\
	X(CLFSH, 1, 0, EDX, 19)					\
	X(MMX, 1, 0, EDX, 23)					\
	X(FXSR, 1, 0, EDX, 24)					\
	X(SSE, 1, 0, EDX, 25)					\
	X(SSE2, 1, 0, EDX, 26)					\
	X(SSE3, 1, 0, ECX, 0)					\
	X(PCLMULQDQ, 1, 0, ECX, 1)				\
	X(MONITOR, 1, 0, ECX, 3)				\
	X(VMX, 1, 0, ECX, 5)					\
	X(SMX, 1, 0, ECX, 6)					\
	X(SSSE3, 1, 0, ECX, 9)					\
	X(FMA, 1, 0, ECX, 12)					\
	X(CX16, 1, 0, ECX, 13)					\
	X(SSE41, 1, 0, ECX, 19)					\
	X(SSE42, 1, 0, ECX, 20)					\
	X(MOVBE, 1, 0, ECX, 22)					\
	X(POPCNT, 1, 0, ECX, 23)				\
	X(AES, 1, 0, ECX, 25)					\
	X(XSAVE, 1, 0, ECX, 26)					\
	X(AVX, 1, 0, ECX, 28)					\
	X(F16C, 1, 0, ECX, 29)					\
	X(RDRAND, 1, 0, ECX, 30)				\
	X(FSGSBASE, 7, 0, EBX, 0)				\
	X(BMI1, 7, 0, EBX, 3)					\
	X(HLE, 7, 0, EBX, 4)					\
	X(AVX2, 7, 0, EBX, 5)					\
	X(BMI2, 7, 0, EBX, 8)					\
	X(INVPCID, 7, 0, EBX, 10)				\
	X(RTM, 7, 0, EBX, 11)					\
	X(AVX512F, 7, 0, EBX, 16)				\
	X(AVX512DQ, 7, 0, EBX, 17)				\
	X(RDSEED, 7, 0, EBX, 18)				\
	X(ADX, 7, 0, EBX, 19)					\
	X(SMAP, 7, 0, EBX, 20)					\
	X(AVX512IFMA, 7, 0, EBX, 21)				\
	X(CLFLUSHOPT, 7, 0, EBX, 23)				\
	X(CLWB, 7, 0, EBX, 24)					\
	X(AVX512CD, 7, 0, EBX, 28)				\
	X(SHA, 7, 0, EBX, 29)					\
	X(AVX512BW, 7, 0, EBX, 30)				\
	X(AVX512VL, 7, 0, EBX, 31)				\
	X(AVX512VBMI, 7, 0, ECX, 1)				\
	X(UMIP, 7, 0, ECX, 2)					\
	X(PKU, 7, 0, ECX, 3)					\
	X(WAITPKG, 7, 0, ECX, 5)				\
	X(AVX512VBMI2, 7, 0, ECX, 6)				\
	X(CET_SS, 7, 0, ECX, 7)					\
	X(GFNI, 7, 0, ECX, 8)					\
	X(VAES, 7, 0, ECX, 9)					\
	X(VPCLMULQDQ, 7, 0, ECX, 10)				\
	X(RDPID, 7, 0, ECX, 22)					\
	X(MOVDIRI, 7, 0, ECX, 27)				\
	X(MOVDIR64B, 7, 0, ECX, 28)				\
	X(ENQCMD, 7, 0, ECX, 29)				\
	X(SERIALIZE, 7, 0, EDX, 14)				\
	X(CET_IBT, 7, 0, EDX, 20)				\
	X(AVX_VNNI, 7, 1, EAX, 4)				\
	X(XSAVEOPT, 0xd, 1, EAX, 0)				\
	X(XSAVEC, 0xd, 1, EAX, 1)				\
	X(XGETBV1, 0xd, 1, EAX, 2)				\
	X(XSAVES, 0xd, 1, EAX, 3)				\
	X(LAHF64, 0x80000001, 0, ECX, 0)			\
	X(SVM, 0x80000001, 0, ECX, 2)				\
	X(CR8_LEGACY, 0x80000001, 0, ECX, 4)			\
	X(LZCNT, 0x80000001, 0, ECX, 5)				\
	X(SSE4A, 0x80000001, 0, ECX, 6)				\
	X(MISALIGNSSE, 0x80000001, 0, ECX, 7)			\
	X(3DNOWPREFETCH, 0x80000001, 0, ECX, 8)			\
	X(SKINIT, 0x80000001, 0, ECX, 12)			\
	X(MONITORX, 0x80000001, 0, ECX, 29)			\
	X(SYSCALL, 0x80000001, 0, EDX, 11)			\
	X(MMXEXT, 0x80000001, 0, EDX, 22)			\
	X(FFXSR, 0x80000001, 0, EDX, 25)			\
	X(RDTSCP, 0x80000001, 0, EDX, 27)			\
	X(LM, 0x80000001, 0, EDX, 29)				\
	X(3DNOWEXT, 0x80000001, 0, EDX, 30)			\
	X(3DNOW, 0x80000001, 0, EDX, 31)			\
	X(CLZERO, 0x80000008, 0, EBX, 0)			\
	X(RDPRU, 0x80000008, 0, EBX, 4)				\
	X(INVLPGB, 0x80000008, 0, EBX, 3)

enum x86_feature {
#define FEATURE_ENUM(name, leaf, sub, reg, bit)	FEAT_##name,
	X86_FEATURES(FEATURE_ENUM)
#undef FEATURE_ENUM
	NR_X86_FEATURES,
};

/* "SSE2", for reports and documentation. (features.c) */
const char *x86_feature_name(enum x86_feature f);

#endif
