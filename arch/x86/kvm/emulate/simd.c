// SPDX-License-Identifier: GPL-2.0-only
/* Vector instructions on this CPU: what carries operands to a stub and back. */
#include "emulate/simd_stub.h"

#define MXCSR_FLAGS		0x3fu
#define MXCSR_MASK_SHIFT	7
#define XCR0_ZMM_HI256		BIT(6)

/* The guest's own registers 0 to 2 while a stub uses them. */
struct vec_kept {
	u8 reg[3][64];
};

/*
 * The stub faulted: an unmasked floating-point exception, or this CPU lacks an
 * instruction that the guest's CPUID promises.
 */
static int vec_fault(struct x86_emulate_ctxt *ctxt, u32 mxcsr)
{
	if (!(mxcsr & MXCSR_FLAGS & ~(mxcsr >> MXCSR_MASK_SHIFT)))
		return X86EMUL_UNHANDLEABLE;
	if (!(ctxt->ops->get_cr(ctxt, 4) & CR4_OSXMMEXCPT))
		return emulate_ud(ctxt);
	return emulate_exception(ctxt, EXC_XM, 0, false);
}

int sse_run(struct x86_emulate_ctxt *ctxt, vec_stub stub, struct vec_args *v)
{
	struct vec_kept kept;
	bool done = true;
	u32 mxcsr;
	unsigned int i;

	ctxt->ops->get_fpu(ctxt);
	asm volatile("movdqu %%xmm0, (%0)\n\tmovdqu %%xmm1, 64(%0)\n\tmovdqu %%xmm2, 128(%0)"
		     : : "r" (kept.reg) : "memory");
	for (i = 0; i < v->lanes && done; i++) {
		asm volatile("movdqu (%0), %%xmm0\n\tmovdqu (%1), %%xmm1\n\tmovdqu (%2), %%xmm2"
			     : : "r" (v->in[0] + i * v->step[0]), "r" (v->in[1] + i * v->step[1]),
				 "r" (v->in[2] + i * v->step[2]) : "memory");
		done = stub(v);
		if (done)
			asm volatile("movdqu %%xmm0, (%0)" : : "r" (v->out + i * 16) : "memory");
	}
	asm volatile("movdqu (%0), %%xmm0\n\tmovdqu 64(%0), %%xmm1\n\tmovdqu 128(%0), %%xmm2"
		     : : "r" (kept.reg) : "memory");
	asm volatile("stmxcsr %0" : "=m" (mxcsr));
	ctxt->ops->put_fpu(ctxt);
	return done ? X86EMUL_CONTINUE : vec_fault(ctxt, mxcsr);
}

/* A VEX instruction clears its destination up to bit 511, if the CPU has those bits. */
static bool cpu_has_zmm(void)
{
	u32 eax, edx;

	asm volatile("xgetbv" : "=a" (eax), "=d" (edx) : "c" (0));
	return eax & XCR0_ZMM_HI256;
}

int avx_run(struct x86_emulate_ctxt *ctxt, vec_stub stub, struct vec_args *v)
{
	struct vec_kept kept;
	bool zmm, done;
	u32 mxcsr;

	ctxt->ops->get_fpu(ctxt);
	zmm = cpu_has_zmm();
	if (zmm)
		asm volatile("vmovdqu64 %%zmm0, (%0)\n\tvmovdqu64 %%zmm1, 64(%0)\n\t"
			     "vmovdqu64 %%zmm2, 128(%0)" : : "r" (kept.reg) : "memory");
	else
		asm volatile("vmovdqu %%ymm0, (%0)\n\tvmovdqu %%ymm1, 64(%0)\n\t"
			     "vmovdqu %%ymm2, 128(%0)" : : "r" (kept.reg) : "memory");
	asm volatile("vmovdqu (%0), %%ymm0\n\tvmovdqu (%1), %%ymm1\n\tvmovdqu (%2), %%ymm2"
		     : : "r" (v->in[0]), "r" (v->in[1]), "r" (v->in[2]) : "memory");
	done = stub(v);
	if (done)
		asm volatile("vmovdqu %%ymm0, (%0)" : : "r" (v->out) : "memory");
	if (zmm)
		asm volatile("vmovdqu64 (%0), %%zmm0\n\tvmovdqu64 64(%0), %%zmm1\n\t"
			     "vmovdqu64 128(%0), %%zmm2" : : "r" (kept.reg) : "memory");
	else
		asm volatile("vmovdqu (%0), %%ymm0\n\tvmovdqu 64(%0), %%ymm1\n\t"
			     "vmovdqu 128(%0), %%ymm2" : : "r" (kept.reg) : "memory");
	asm volatile("stmxcsr %0" : "=m" (mxcsr));
	ctxt->ops->put_fpu(ctxt);
	return done ? X86EMUL_CONTINUE : vec_fault(ctxt, mxcsr);
}

static bool is_ymm(const struct x86_emulate_ctxt *ctxt)
{
	return ctxt->has_vex && ctxt->vex_l;
}

static u8 lanes_of(const struct operand *op)
{
	return op->bytes > 16 ? op->bytes / 16 : 1;
}

int vec_binary(struct x86_emulate_ctxt *ctxt, vec_stub sse, vec_stub ymm)
{
	const struct operand *a = vec_src1(ctxt), *b = vec_src2(ctxt);
	struct vec_args v = {
		.in = { a->data, b->data, b->data }, .step = { 16, 16, 16 },
		.lanes = lanes_of(&ctxt->dst), .imm = vec_imm(ctxt), .out = ctxt->dst.data,
	};

	if (ymm && is_ymm(ctxt))
		return avx_run(ctxt, ymm, &v);
	return sse_run(ctxt, sse, &v);
}

/* A narrower source has the elements of all lanes side by side. */
int vec_unary(struct x86_emulate_ctxt *ctxt, vec_stub sse, vec_stub ymm)
{
	u8 lanes = lanes_of(&ctxt->dst), step = ctxt->src.bytes / lanes;
	const u8 *in = ctxt->src.data;
	struct vec_args v = {
		.in = { in, in, in }, .step = { step, step, step },
		.lanes = lanes, .imm = vec_imm(ctxt), .out = ctxt->dst.data,
	};

	if (ymm && is_ymm(ctxt))
		return avx_run(ctxt, ymm, &v);
	return sse_run(ctxt, sse, &v);
}

int vec_ternary(struct x86_emulate_ctxt *ctxt, vec_stub xmm, vec_stub ymm)
{
	struct vec_args v = {
		.in = { ctxt->dst.data, ctxt->src.data, ctxt->src2.data },
		.lanes = 1, .imm = vec_imm(ctxt), .out = ctxt->dst.data,
	};

	return avx_run(ctxt, ctxt->vex_l ? ymm : xmm, &v);
}

int mmx_binary(struct x86_emulate_ctxt *ctxt, vec_stub stub)
{
	const u8 *b = ctxt->src.data;
	u8 out[16];
	struct vec_args v = { .in = { ctxt->dst.data, b, b }, .lanes = 1, .out = out };
	int rc = sse_run(ctxt, stub, &v);

	copy_bytes(ctxt->dst.data, out, 8);
	return rc;
}

int mmx_unary(struct x86_emulate_ctxt *ctxt, vec_stub stub)
{
	return mmx_binary(ctxt, stub);
}

int mmx_pair(struct x86_emulate_ctxt *ctxt, vec_stub stub)
{
	u8 both[16], out[16];
	struct vec_args v = { .in = { both, both, both }, .lanes = 1, .out = out };
	int rc;

	copy_bytes(both, ctxt->dst.data, 8);
	copy_bytes(both + 8, ctxt->src.data, 8);
	rc = sse_run(ctxt, stub, &v);
	copy_bytes(ctxt->dst.data, out, 8);
	return rc;
}

int mmx_high(struct x86_emulate_ctxt *ctxt, vec_stub low)
{
	const u8 *b = ctxt->src.data;
	u8 out[16];
	struct vec_args v = { .in = { ctxt->dst.data, b, b }, .lanes = 1, .out = out };
	int rc = sse_run(ctxt, low, &v);

	copy_bytes(ctxt->dst.data, out + 8, 8);
	return rc;
}

/* An immediate count is a register's low quadword: its value is in data, zero-extended. */
int vec_shift(struct x86_emulate_ctxt *ctxt, vec_stub sse)
{
	const struct operand *a = vec_src1(ctxt), *b = vec_src2(ctxt);
	struct vec_args v = {
		.in = { a->data, b->data, b->data }, .step = { 16, 0, 0 },
		.lanes = lanes_of(&ctxt->dst), .out = ctxt->dst.data,
	};

	return ctxt->dst.type == OP_MMX ? mmx_binary(ctxt, sse) : sse_run(ctxt, sse, &v);
}
