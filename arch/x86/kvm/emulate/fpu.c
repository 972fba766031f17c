// SPDX-License-Identifier: GPL-2.0-only
/* The guest's vector registers: read and written where get_fpu() puts them, in this CPU. */
#include "emulate/simd_stub.h"
#include "emulate/x87.h"

#define FSW_ES		BIT(7)	/* an unmasked x87 exception is pending */
#define FSW_TOP_SHIFT	11
#define MXCSR_DEFAULT_MASK	0xffbfu	/* where FXSAVE does not say */

union vec_buf {
	u8 b[64];
	u64 q[8];
} __aligned(64);

/* One case a register: @insn around its number. */
#define VEC_CASE(n, pre, post)							\
	case n:									\
		asm volatile(pre #n post : : [b] "r" (buf) : "memory");	\
		break
#define VEC_CASES8(pre, post)							\
	VEC_CASE(0, pre, post); VEC_CASE(1, pre, post);				\
	VEC_CASE(2, pre, post); VEC_CASE(3, pre, post);				\
	VEC_CASE(4, pre, post); VEC_CASE(5, pre, post);				\
	VEC_CASE(6, pre, post); VEC_CASE(7, pre, post)
#define VEC_CASES16(pre, post)							\
	VEC_CASES8(pre, post);							\
	VEC_CASE(8, pre, post); VEC_CASE(9, pre, post);				\
	VEC_CASE(10, pre, post); VEC_CASE(11, pre, post);			\
	VEC_CASE(12, pre, post); VEC_CASE(13, pre, post);			\
	VEC_CASE(14, pre, post); VEC_CASE(15, pre, post)
#define VEC_CASES32(pre, post)							\
	VEC_CASES16(pre, post);							\
	VEC_CASE(16, pre, post); VEC_CASE(17, pre, post);			\
	VEC_CASE(18, pre, post); VEC_CASE(19, pre, post);			\
	VEC_CASE(20, pre, post); VEC_CASE(21, pre, post);			\
	VEC_CASE(22, pre, post); VEC_CASE(23, pre, post);			\
	VEC_CASE(24, pre, post); VEC_CASE(25, pre, post);			\
	VEC_CASE(26, pre, post); VEC_CASE(27, pre, post);			\
	VEC_CASE(28, pre, post); VEC_CASE(29, pre, post);			\
	VEC_CASE(30, pre, post); VEC_CASE(31, pre, post)

/* DEFINE_MOVE(store_xmm, ...): void store_xmm(unsigned int nr, void *buf) */
#define DEFINE_MOVE(name, cases, pre, post)					\
static noinline void name(unsigned int nr, void *buf)				\
{										\
	switch (nr) {								\
	cases(pre, post);							\
	}									\
}

DEFINE_MOVE(store_mm, VEC_CASES8, "movq %%mm", ", (%[b])")
DEFINE_MOVE(load_mm, VEC_CASES8, "movq (%[b]), %%mm", "")
DEFINE_MOVE(store_xmm, VEC_CASES16, "movdqu %%xmm", ", (%[b])")
DEFINE_MOVE(load_xmm, VEC_CASES16, "movdqu (%[b]), %%xmm", "")
DEFINE_MOVE(store_ymm, VEC_CASES16, "vmovdqu %%ymm", ", (%[b])")
DEFINE_MOVE(load_ymm, VEC_CASES16, "vmovdqu (%[b]), %%ymm", "")
DEFINE_MOVE(store_zmm, VEC_CASES32, "vmovdqu64 %%zmm", ", (%[b])")
DEFINE_MOVE(load_zmm, VEC_CASES32, "vmovdqu64 (%[b]), %%zmm", "")
DEFINE_MOVE(store_k16, VEC_CASES8, "kmovw %%k", ", (%[b])")
DEFINE_MOVE(load_k16, VEC_CASES8, "kmovw (%[b]), %%k", "")

/* The same that says false where this CPU lacks the instruction. */
#define TRY_CASE(n, pre, post)							\
	case n:									\
		asm goto("1: " pre #n post "\n\t" _ASM_EXTABLE(1b, %l[fault])	\
			 : : [b] "r" (buf) : "memory" : fault);			\
		break
#define TRY_CASES8(pre, post)							\
	TRY_CASE(0, pre, post); TRY_CASE(1, pre, post);				\
	TRY_CASE(2, pre, post); TRY_CASE(3, pre, post);				\
	TRY_CASE(4, pre, post); TRY_CASE(5, pre, post);				\
	TRY_CASE(6, pre, post); TRY_CASE(7, pre, post)
#define DEFINE_TRY(name, pre, post)						\
static noinline bool name(unsigned int nr, void *buf)				\
{										\
	switch (nr) {								\
	TRY_CASES8(pre, post);							\
	}									\
	return true;								\
fault:										\
	return false;								\
}

DEFINE_TRY(store_k64, "kmovq %%k", ", (%[b])")
DEFINE_TRY(load_k64, "kmovq (%[b]), %%k", "")

/* Only wider forms need more than SSE of this CPU; the guest's CPUID has allowed them. */
static void store_vec(unsigned int nr, union vec_buf *buf, unsigned int bytes)
{
	if (nr < 16 && bytes <= 16)
		store_xmm(nr, buf);
	else if (nr < 16 && bytes <= 32)
		store_ymm(nr, buf);
	else
		store_zmm(nr, buf);
}

int vec_read(struct x86_emulate_ctxt *ctxt, unsigned int nr, void *data, unsigned int bytes)
{
	union vec_buf buf;

	ctxt->ops->get_fpu(ctxt);
	store_vec(nr, &buf, bytes);
	ctxt->ops->put_fpu(ctxt);
	copy_bytes(data, &buf, bytes);
	return X86EMUL_CONTINUE;
}

int vec_write(struct x86_emulate_ctxt *ctxt, unsigned int nr, const void *data,
	      unsigned int bytes, bool zero_above)
{
	union vec_buf buf;

	if (zero_above)
		memset(&buf, 0, sizeof(buf));
	else if (bytes < 16)
		vec_read(ctxt, nr, &buf, 16);
	copy_bytes(&buf, data, bytes);
	ctxt->ops->get_fpu(ctxt);
	if (!zero_above)
		load_xmm(nr, &buf);
	else if (nr < 16 && bytes <= 32)
		load_ymm(nr, &buf);
	else
		load_zmm(nr, &buf);
	ctxt->ops->put_fpu(ctxt);
	return X86EMUL_CONTINUE;
}

/* XCR0 says that this CPU has AVX512F; AVX512BW is but what the guest's CPUID promises. */
u64 opmask_read(struct x86_emulate_ctxt *ctxt, unsigned int nr)
{
	bool wide = has_feature(ctxt, FEAT_AVX512BW);
	u64 val = 0;

	ctxt->ops->get_fpu(ctxt);
	if (!wide || !store_k64(nr, &val))
		store_k16(nr, &val);
	ctxt->ops->put_fpu(ctxt);
	return val;
}

void opmask_write(struct x86_emulate_ctxt *ctxt, unsigned int nr, u64 val)
{
	bool wide = has_feature(ctxt, FEAT_AVX512BW);

	ctxt->ops->get_fpu(ctxt);
	if (!wide || !load_k64(nr, &val))
		load_k16(nr, &val);
	ctxt->ops->put_fpu(ctxt);
}

/* MMX registers are the x87 registers in place; to read one by MOVQ would change TOP and tags. */
int mmx_read(struct x86_emulate_ctxt *ctxt, unsigned int nr, u64 *val)
{
	struct fxsave_area fx;
	unsigned int st;

	ctxt->ops->get_fpu(ctxt);
	fx_save(&fx);
	ctxt->ops->put_fpu(ctxt);
	st = (nr - (fx.fsw >> FSW_TOP_SHIFT)) & 7;
	memcpy(val, fx.st[st], sizeof(*val));
	return X86EMUL_CONTINUE;
}

int mmx_write(struct x86_emulate_ctxt *ctxt, unsigned int nr, u64 val)
{
	ctxt->ops->get_fpu(ctxt);
	load_mm(nr, &val);
	ctxt->ops->put_fpu(ctxt);
	return X86EMUL_CONTINUE;
}

/* Any MMX instruction leaves TOP zero and all tags valid, but EMMS empties the registers. */
void mmx_retire(struct x86_emulate_ctxt *ctxt)
{
	u64 val;

	ctxt->ops->get_fpu(ctxt);
	if (ctxt->op->execute == em_emms)
		asm volatile("emms");
	else
		store_mm(0, &val);
	ctxt->ops->put_fpu(ctxt);
}

/* mmx_retire() does it. */
int em_emms(struct x86_emulate_ctxt *ctxt)
{
	return X86EMUL_CONTINUE;
}

u32 mxcsr_read(struct x86_emulate_ctxt *ctxt)
{
	u32 mxcsr;

	ctxt->ops->get_fpu(ctxt);
	asm volatile("stmxcsr %0" : "=m" (mxcsr));
	ctxt->ops->put_fpu(ctxt);
	return mxcsr;
}

/* Bits that this CPU does not have are #GP for the guest, too. */
static int ldmxcsr(struct x86_emulate_ctxt *ctxt)
{
	u32 mxcsr = ctxt->dst.val, mask;
	struct fxsave_area fx;

	ctxt->ops->get_fpu(ctxt);
	fx_save(&fx);
	mask = fx.mxcsr_mask ? fx.mxcsr_mask : MXCSR_DEFAULT_MASK;
	if (!(mxcsr & ~mask))
		asm volatile("ldmxcsr %0" : : "m" (mxcsr));
	ctxt->ops->put_fpu(ctxt);
	return mxcsr & ~mask ? emulate_gp(ctxt, 0) : X86EMUL_CONTINUE;
}

static int stmxcsr(struct x86_emulate_ctxt *ctxt)
{
	ctxt->dst.val = mxcsr_read(ctxt);
	return X86EMUL_CONTINUE;
}

VEC_HANDLER(ldmxcsr, ldmxcsr(ctxt))
VEC_HANDLER(stmxcsr, stmxcsr(ctxt))

static int check_pending(struct x86_emulate_ctxt *ctxt)
{
	u16 fsw;

	ctxt->ops->get_fpu(ctxt);
	asm volatile("fnstsw %0" : "=am" (fsw));
	ctxt->ops->put_fpu(ctxt);
	if (!(fsw & FSW_ES))
		return X86EMUL_CONTINUE;
	/* Without CR0.NE the platform's FERR# and IRQ 13 would have to answer. */
	return ctxt->ops->get_cr(ctxt, 0) & CR0_NE ? emulate_mf(ctxt) : X86EMUL_UNHANDLEABLE;
}

static int check_xcr0(struct x86_emulate_ctxt *ctxt, u64 need)
{
	u64 xcr0;
	int rc;

	if (!mode_is_protected(ctxt) || !(ctxt->ops->get_cr(ctxt, 4) & CR4_OSXSAVE))
		return emulate_ud(ctxt);
	rc = ctxt->ops->get_xcr(ctxt, 0, &xcr0);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	if ((xcr0 & need) != need)
		return emulate_ud(ctxt);
	return X86EMUL_CONTINUE;
}

/* What EVEX does with 128 and 256 bits, but for scalars, came with AVX512VL. */
static bool needs_vl(const struct x86_emulate_ctxt *ctxt)
{
	unsigned int i;

	for (i = 0; i < MAX_OPERANDS && ctxt->vex_l < 2; i++) {
		u8 size = OD_SIZE(ctxt->op->desc[i]);

		if (size >= OPSZ_X && size <= OPSZ_XE)
			return true;
	}
	return false;
}

int check_fpu_state(struct x86_emulate_ctxt *ctxt)
{
	u32 flags = ctxt->op->flags;
	u64 cr0 = ctxt->ops->get_cr(ctxt, 0);
	int rc = X86EMUL_CONTINUE;

	if (ctxt->has_evex && needs_vl(ctxt) && !has_feature(ctxt, FEAT_AVX512VL))
		return emulate_ud(ctxt);
	if ((flags & F_OPMASK) || ctxt->has_evex)
		rc = check_xcr0(ctxt, XCR0_AVX512);
	else if (flags & F_AVX)
		rc = check_xcr0(ctxt, XCR0_AVX);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	if ((flags & (F_SSE | F_MMX)) && (cr0 & CR0_EM))
		return emulate_ud(ctxt);
	if ((flags & F_SSE) && !(ctxt->ops->get_cr(ctxt, 4) & CR4_OSFXSR))
		return emulate_ud(ctxt);
	if ((flags & F_XSAVE) && !(ctxt->ops->get_cr(ctxt, 4) & CR4_OSXSAVE))
		return emulate_ud(ctxt);
	/* FWAIT asks MP whether it belongs to the task; it does not mind EM. */
	if (!(flags & (F_FPU_STATE & ~F_FWAIT)) && !(cr0 & CR0_MP))
		cr0 &= ~CR0_TS;
	if ((cr0 & CR0_TS) || ((flags & F_FPU) && (cr0 & CR0_EM)))
		return emulate_nm(ctxt);
	return flags & (F_MMX | F_FWAIT) ? check_pending(ctxt) : X86EMUL_CONTINUE;
}
