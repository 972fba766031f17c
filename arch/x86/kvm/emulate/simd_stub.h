/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Vector arithmetic: the host's own instruction on the guest's MXCSR.
 *
 * A stub is one instruction on fixed registers of this CPU: operands in XMM0 to
 * XMM2, the result in XMM0. A runner brings the operands there, keeps the guest's
 * own registers, and takes the result away, all between get_fpu() and put_fpu().
 * MMX instructions use the low halves, too: nothing but x87 code could bring the
 * x87 registers back as they were. An instruction that raises #XM goes on at "fault":
 * MXCSR then has the flags the CPU gave it, and nothing else has changed.
 *
 * Stubs are legacy instructions of 128 bits. VEX.128 differs from them by its
 * operands only; VEX.256 does the same to both lanes, so integer instructions run
 * once for each. Floating-point ones need all exceptions of both lanes at once
 * and have a stub of 256 bits besides. One handler serves the legacy and the VEX
 * rows of a mnemonic, em_addps and em_vaddps.
 */
#ifndef KVM_X86_EMULATE_SIMD_STUB_H
#define KVM_X86_EMULATE_SIMD_STUB_H

#include <linux/stddef.h>
#include <asm/asm.h>

#include "emulate/fastop.h"

/* What a stub works on besides registers, and what a runner moves. */
struct vec_args {
	const u8 *in[3];	/* operands of registers 0 to 2: 16 bytes, 32 for YMM */
	u8 step[3];		/* how far the next lane's operand is */
	u8 lanes;
	u8 imm;
	u16 flags;		/* as FASTOP_SAVE leaves them in AX */
	u8 *out;		/* receives register 0 */
	unsigned long gpr;	/* a general register, in or out */
};

/* False: the instruction raised an exception. */
typedef bool (*vec_stub)(struct vec_args *v);

/* Once, on XMM registers, for each of @v's lanes. (simd.c) */
int sse_run(struct x86_emulate_ctxt *ctxt, vec_stub stub, struct vec_args *v);
/* On YMM registers; what VEX clears above XMM or YMM comes back, too. */
int avx_run(struct x86_emulate_ctxt *ctxt, vec_stub stub, struct vec_args *v);

/*
 * dst = dst op src, with VEX dst = src op src2; with @ymm: that of 256 bits. The
 * last operand may be an immediate, vec_imm(), that the stub knows as v->imm.
 */
int vec_binary(struct x86_emulate_ctxt *ctxt, vec_stub sse, vec_stub ymm);
/* dst = op(src) */
int vec_unary(struct x86_emulate_ctxt *ctxt, vec_stub sse, vec_stub ymm);
/* The same of eight bytes: */
int mmx_binary(struct x86_emulate_ctxt *ctxt, vec_stub stub);
int mmx_unary(struct x86_emulate_ctxt *ctxt, vec_stub stub);
/* with src above dst in both registers; with the result from the high half. */
int mmx_pair(struct x86_emulate_ctxt *ctxt, vec_stub stub);
int mmx_high(struct x86_emulate_ctxt *ctxt, vec_stub low);
/* Shifts: the count is in the low quadword of the last operand, for all lanes. */
int vec_shift(struct x86_emulate_ctxt *ctxt, vec_stub sse);
/* VEX alone: registers 0 to 2 are dst, src and src2; @ymm with VEX.L. */
int vec_ternary(struct x86_emulate_ctxt *ctxt, vec_stub xmm, vec_stub ymm);

/* Elements of @bytes of @b where @mask has their top bit, else of @a. (simd_move.c) */
void vec_blend_sign(u8 *out, const u8 *a, const u8 *b, const u8 *mask, unsigned int total,
		    unsigned int bytes);

/* The operands of a handler that computes in C: 16 bytes of data a lane. */
static inline const struct operand *vec_src1(const struct x86_emulate_ctxt *ctxt)
{
	return ctxt->has_vex ? &ctxt->src : &ctxt->dst;
}

static inline const struct operand *vec_src2(const struct x86_emulate_ctxt *ctxt)
{
	return ctxt->has_vex ? &ctxt->src2 : &ctxt->src;
}

/* The immediate byte, always the last operand. */
static inline u8 vec_imm(const struct x86_emulate_ctxt *ctxt)
{
	if (ctxt->src3.type == OP_IMM)
		return ctxt->src3.val;
	return ctxt->src2.type == OP_IMM ? ctxt->src2.val : ctxt->src.val;
}

/* Assembly of a stub: what may fault is @insn alone. RAX is free, %[v] points to the arguments. */
#define VEC_ASM(before, insn, after)						\
	asm goto(before "1: " insn "\n\t" after _ASM_EXTABLE(1b, %l[fault])	\
		 : : [v] "r" (v), [gpr] "i" (offsetof(struct vec_args, gpr)),	\
		     [flags] "i" (offsetof(struct vec_args, flags))		\
		 : "rax", "cc", "memory" : fault)
#define VEC_LOAD_RAX	"movq %c[gpr](%[v]), %%rax\n\t"
#define VEC_SAVE_RAX	"movq %%rax, %c[gpr](%[v])\n\t"
#define VEC_SAVE_FLAGS	"lahf\n\tseto %%al\n\tmovw %%ax, %c[flags](%[v])\n\t"

#define VEC_STUB_ASM(name, ...)							\
static bool name(struct vec_args *v)						\
{										\
	__VA_ARGS__;								\
	return true;								\
fault:										\
	return false;								\
}
/* VEC_STUB(sse_addps, "addps %%xmm1, %%xmm0") */
#define VEC_STUB(name, insn)	VEC_STUB_ASM(name, VEC_ASM("", insn, ""))

/* One instruction for each value of an immediate: VEC_STUB_IMM(name, 8, "cmpps", operands) */
#define VEC_CASE_IMM(n, mnem, operands)						\
	case n:									\
		VEC_ASM("", mnem " $" #n ", " operands, "");			\
		break;
#define VEC_CASES_4(m, o)	VEC_CASE_IMM(0, m, o) VEC_CASE_IMM(1, m, o)	\
				VEC_CASE_IMM(2, m, o) VEC_CASE_IMM(3, m, o)
#define VEC_CASES_8(m, o)	VEC_CASES_4(m, o)				\
				VEC_CASE_IMM(4, m, o) VEC_CASE_IMM(5, m, o)	\
				VEC_CASE_IMM(6, m, o) VEC_CASE_IMM(7, m, o)
#define VEC_CASES_16(m, o)	VEC_CASES_8(m, o)				\
				VEC_CASE_IMM(8, m, o) VEC_CASE_IMM(9, m, o)	\
				VEC_CASE_IMM(10, m, o) VEC_CASE_IMM(11, m, o)	\
				VEC_CASE_IMM(12, m, o) VEC_CASE_IMM(13, m, o)	\
				VEC_CASE_IMM(14, m, o) VEC_CASE_IMM(15, m, o)
#define VEC_CASES_32(m, o)	VEC_CASES_16(m, o)				\
				VEC_CASE_IMM(16, m, o) VEC_CASE_IMM(17, m, o)	\
				VEC_CASE_IMM(18, m, o) VEC_CASE_IMM(19, m, o)	\
				VEC_CASE_IMM(20, m, o) VEC_CASE_IMM(21, m, o)	\
				VEC_CASE_IMM(22, m, o) VEC_CASE_IMM(23, m, o)	\
				VEC_CASE_IMM(24, m, o) VEC_CASE_IMM(25, m, o)	\
				VEC_CASE_IMM(26, m, o) VEC_CASE_IMM(27, m, o)	\
				VEC_CASE_IMM(28, m, o) VEC_CASE_IMM(29, m, o)	\
				VEC_CASE_IMM(30, m, o) VEC_CASE_IMM(31, m, o)
#define VEC_STUB_IMM(name, count, mnem, operands)				\
static bool name(struct vec_args *v)						\
{										\
	switch (v->imm & ((count) - 1)) {					\
	VEC_CASES_##count(mnem, operands)					\
	}									\
	return true;								\
fault:										\
	return false;								\
}

/* Operands in the order of the assembler. */
#define XMM_1_0		"%%xmm1, %%xmm0"
#define YMM_1_0_0	"%%ymm1, %%ymm0, %%ymm0"
#define XMM_2_1_0	"%%xmm2, %%xmm1, %%xmm0"
#define YMM_2_1_0	"%%ymm2, %%ymm1, %%ymm0"

/* A handler, also under the name of the VEX row. */
#define VEC_HANDLER(op, call)							\
int em_##op(struct x86_emulate_ctxt *ctxt)					\
{										\
	return call;								\
}										\
int em_v##op(struct x86_emulate_ctxt *ctxt) __attribute__((alias("em_" #op)));

/* Integer: XMM, VEX by lanes. */
#define DEFINE_VEC(op)								\
VEC_STUB(sse_##op, #op " " XMM_1_0)						\
VEC_HANDLER(op, vec_binary(ctxt, sse_##op, NULL))
/* The same with an MMX form. */
#define DEFINE_MMX_VEC(op)							\
VEC_STUB(sse_##op, #op " " XMM_1_0)						\
VEC_HANDLER(op, ctxt->dst.type == OP_MMX ? mmx_binary(ctxt, sse_##op) :		\
	    vec_binary(ctxt, sse_##op, NULL))
#define DEFINE_MMX_VEC_PAIR(op)							\
VEC_STUB(sse_##op, #op " " XMM_1_0)						\
VEC_HANDLER(op, ctxt->dst.type == OP_MMX ? mmx_pair(ctxt, sse_##op) :		\
	    vec_binary(ctxt, sse_##op, NULL))
#define DEFINE_MMX_VEC_HIGH(op, low)						\
VEC_STUB(sse_##op, #op " " XMM_1_0)						\
VEC_HANDLER(op, ctxt->dst.type == OP_MMX ? mmx_high(ctxt, sse_##low) :		\
	    vec_binary(ctxt, sse_##op, NULL))
#define DEFINE_VEC_UNARY(op)							\
VEC_STUB(sse_##op, #op " " XMM_1_0)						\
VEC_HANDLER(op, vec_unary(ctxt, sse_##op, NULL))
#define DEFINE_MMX_VEC_UNARY(op)						\
VEC_STUB(sse_##op, #op " " XMM_1_0)						\
VEC_HANDLER(op, ctxt->dst.type == OP_MMX ? mmx_unary(ctxt, sse_##op) :		\
	    vec_unary(ctxt, sse_##op, NULL))
#define DEFINE_MMX_VEC_SHIFT(op)						\
VEC_STUB(sse_##op, #op " " XMM_1_0)						\
VEC_HANDLER(op, vec_shift(ctxt, sse_##op))
/* Floating-point, packed. */
#define DEFINE_FP(op)								\
VEC_STUB(sse_##op, #op " " XMM_1_0)						\
VEC_STUB(ymm_##op, "v" #op " " YMM_1_0_0)					\
VEC_HANDLER(op, vec_binary(ctxt, sse_##op, ymm_##op))
#define DEFINE_FP_UNARY(op)							\
VEC_STUB(sse_##op, #op " " XMM_1_0)						\
VEC_STUB(ymm_##op, "v" #op " %%ymm1, %%ymm0")					\
VEC_HANDLER(op, vec_unary(ctxt, sse_##op, ymm_##op))
/* VEX alone, three operands the first of which may be a source, too: vfmadd132ps. */
#define DEFINE_AVX(op)								\
VEC_STUB(xmm_##op, #op " " XMM_2_1_0)						\
VEC_STUB(ymm_##op, #op " " YMM_2_1_0)						\
int em_##op(struct x86_emulate_ctxt *ctxt)					\
{										\
	return vec_ternary(ctxt, xmm_##op, ymm_##op);				\
}
/* The same of one element. */
#define DEFINE_AVX_SCALAR(op)							\
VEC_STUB(xmm_##op, #op " " XMM_2_1_0)						\
int em_##op(struct x86_emulate_ctxt *ctxt)					\
{										\
	return vec_ternary(ctxt, xmm_##op, xmm_##op);				\
}

#endif
