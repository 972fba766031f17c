// SPDX-License-Identifier: GPL-2.0-only
/* Moves, shuffles, blends, inserts and extracts: bytes that change their place. */
#include "emulate/simd_stub.h"

#define LANE	16u

/* The n-th element of @bytes. */
static __always_inline void move_element(u8 *to, unsigned int n, const u8 *from, unsigned int m,
					 unsigned int bytes)
{
	memcpy(to + n * bytes, from + m * bytes, bytes);
}

/*
 * Copy src to dst: zero-extended where dst is wider (MOVD, MOVQ and loads of
 * MOVSS, MOVSD), cut where it is narrower (MOVD to a general register). A
 * register keeps what lies above dst.bytes.
 */
int em_movv(struct x86_emulate_ctxt *ctxt)
{
	unsigned int bytes = ctxt->dst.bytes < ctxt->src.bytes ?
			     ctxt->dst.bytes : ctxt->src.bytes;

	memset(ctxt->dst.data, 0, sizeof(ctxt->dst.data));
	memcpy(ctxt->dst.data, ctxt->src.data, bytes);
	return X86EMUL_CONTINUE;
}

/* MOVHPS, MOVHPD, MOVLHPS: the low half of dst stays. */
int em_movh_load(struct x86_emulate_ctxt *ctxt)
{
	memcpy(ctxt->dst.data + 8, ctxt->src.data, 8);
	return X86EMUL_CONTINUE;
}

/* MOVHPS and MOVHPD to memory, MOVHLPS. */
int em_movh_store(struct x86_emulate_ctxt *ctxt)
{
	memcpy(ctxt->dst.data, ctxt->src.data + 8, 8);
	return X86EMUL_CONTINUE;
}

/* Element @n of each lane is element @from[n] of the same lane of src. */
static int spread(struct x86_emulate_ctxt *ctxt, const u8 *from, unsigned int bytes)
{
	unsigned int lane, n;

	for (lane = 0; lane < ctxt->dst.bytes; lane += LANE)
		for (n = 0; n < LANE / bytes; n++)
			move_element(ctxt->dst.data + lane, n, ctxt->src.data + lane, from[n], bytes);
	return X86EMUL_CONTINUE;
}

VEC_HANDLER(movddup, spread(ctxt, (const u8[]){ 0, 0 }, 8))
VEC_HANDLER(movsldup, spread(ctxt, (const u8[]){ 0, 0, 2, 2 }, 4))
VEC_HANDLER(movshdup, spread(ctxt, (const u8[]){ 1, 1, 3, 3 }, 4))

/* Four words or doublewords of @bytes at @base of each lane by the immediate. */
static int pshuf(struct x86_emulate_ctxt *ctxt, unsigned int bytes, unsigned int base)
{
	unsigned int lane, n, imm = vec_imm(ctxt);

	memcpy(ctxt->dst.data, ctxt->src.data, ctxt->dst.bytes);
	for (lane = 0; lane < ctxt->dst.bytes; lane += LANE)
		for (n = 0; n < 4; n++)
			move_element(ctxt->dst.data + lane + base, n,
				     ctxt->src.data + lane + base, imm >> n * 2 & 3, bytes);
	return X86EMUL_CONTINUE;
}

VEC_HANDLER(pshufd, pshuf(ctxt, 4, 0))
VEC_HANDLER(pshuflw, pshuf(ctxt, 2, 0))
VEC_HANDLER(pshufhw, pshuf(ctxt, 2, 8))

int em_pshufw(struct x86_emulate_ctxt *ctxt)
{
	return pshuf(ctxt, 2, 0);
}

static int shufps(struct x86_emulate_ctxt *ctxt)
{
	const u8 *a = vec_src1(ctxt)->data, *b = vec_src2(ctxt)->data;
	unsigned int lane, n, imm = vec_imm(ctxt);
	u8 out[32];

	for (lane = 0; lane < ctxt->dst.bytes; lane += LANE)
		for (n = 0; n < 4; n++)
			move_element(out + lane, n, (n < 2 ? a : b) + lane, imm >> n * 2 & 3, 4);
	memcpy(ctxt->dst.data, out, ctxt->dst.bytes);
	return X86EMUL_CONTINUE;
}

VEC_HANDLER(shufps, shufps(ctxt))

static int shufpd(struct x86_emulate_ctxt *ctxt)
{
	const u8 *a = vec_src1(ctxt)->data, *b = vec_src2(ctxt)->data;
	unsigned int n, imm = vec_imm(ctxt);
	u8 out[32];

	for (n = 0; n < ctxt->dst.bytes / 8; n++)
		move_element(out, n, n & 1 ? b : a, (n & 2) + (imm >> n & 1), 8);
	memcpy(ctxt->dst.data, out, ctxt->dst.bytes);
	return X86EMUL_CONTINUE;
}

VEC_HANDLER(shufpd, shufpd(ctxt))

/* Elements of @bytes from the second source where their bit is set; eight bits go round. */
static int blend(struct x86_emulate_ctxt *ctxt, unsigned int bytes)
{
	const u8 *a = vec_src1(ctxt)->data, *b = vec_src2(ctxt)->data;
	unsigned int n, imm = vec_imm(ctxt);

	for (n = 0; n < ctxt->dst.bytes / bytes; n++)
		move_element(ctxt->dst.data, n, imm >> n % 8 & 1 ? b : a, n, bytes);
	return X86EMUL_CONTINUE;
}

VEC_HANDLER(blendps, blend(ctxt, 4))
VEC_HANDLER(blendpd, blend(ctxt, 8))
VEC_HANDLER(pblendw, blend(ctxt, 2))

void vec_blend_sign(u8 *out, const u8 *a, const u8 *b, const u8 *mask, unsigned int total,
		    unsigned int bytes)
{
	unsigned int n;

	for (n = 0; n < total / bytes; n++)
		move_element(out, n, mask[n * bytes + bytes - 1] & 0x80 ? b : a, n, bytes);
}

/* The mask is XMM0. */
static int blend_xmm0(struct x86_emulate_ctxt *ctxt, unsigned int bytes)
{
	u8 mask[LANE];

	vec_read(ctxt, 0, mask, sizeof(mask));
	vec_blend_sign(ctxt->dst.data, ctxt->dst.data, ctxt->src.data, mask, LANE, bytes);
	return X86EMUL_CONTINUE;
}

int em_pblendvb(struct x86_emulate_ctxt *ctxt)
{
	return blend_xmm0(ctxt, 1);
}

int em_blendvps(struct x86_emulate_ctxt *ctxt)
{
	return blend_xmm0(ctxt, 4);
}

int em_blendvpd(struct x86_emulate_ctxt *ctxt)
{
	return blend_xmm0(ctxt, 8);
}

/* Of both sources side by side, the second one lower, what begins at a byte. */
static int palignr(struct x86_emulate_ctxt *ctxt)
{
	unsigned int size = ctxt->dst.bytes < LANE ? 8 : LANE, lane, n;
	unsigned int shift = vec_imm(ctxt);
	u8 both[3 * LANE];

	memset(both, 0, sizeof(both));
	if (shift > 2 * size)
		shift = 2 * size;
	for (lane = 0; lane < ctxt->dst.bytes; lane += size) {
		memcpy(both, vec_src2(ctxt)->data + lane, size);
		memcpy(both + size, vec_src1(ctxt)->data + lane, size);
		for (n = 0; n < size; n++)
			ctxt->dst.data[lane + n] = both[shift + n];
	}
	return X86EMUL_CONTINUE;
}

VEC_HANDLER(palignr, palignr(ctxt))

/* Shift each lane by whole bytes. */
static int shift_bytes(struct x86_emulate_ctxt *ctxt, bool left)
{
	unsigned int lane, shift = vec_imm(ctxt);
	u8 wide[3 * LANE];

	if (shift > LANE)
		shift = LANE;
	for (lane = 0; lane < ctxt->dst.bytes; lane += LANE) {
		memset(wide, 0, sizeof(wide));
		memcpy(wide + LANE, vec_src1(ctxt)->data + lane, LANE);
		memcpy(ctxt->dst.data + lane, wide + (left ? LANE - shift : LANE + shift), LANE);
	}
	return X86EMUL_CONTINUE;
}

VEC_HANDLER(pslldq, shift_bytes(ctxt, true))
VEC_HANDLER(psrldq, shift_bytes(ctxt, false))

/* Element of the source by bits 7:6, place by 5:4, elements to clear by 3:0. */
static int insertps(struct x86_emulate_ctxt *ctxt)
{
	const struct operand *b = vec_src2(ctxt);
	unsigned int n, imm = vec_imm(ctxt);
	u8 out[LANE];

	memcpy(out, vec_src1(ctxt)->data, LANE);
	move_element(out, imm >> 4 & 3, b->data, b->type == OP_MEM ? 0 : imm >> 6, 4);
	for (n = 0; n < 4; n++)
		if (imm >> n & 1)
			memset(out + n * 4, 0, 4);
	memcpy(ctxt->dst.data, out, LANE);
	return X86EMUL_CONTINUE;
}

VEC_HANDLER(insertps, insertps(ctxt))

static int pinsr(struct x86_emulate_ctxt *ctxt, unsigned int bytes)
{
	unsigned int size = ctxt->dst.bytes, n = vec_imm(ctxt) & (size / bytes - 1);
	unsigned long val = vec_src2(ctxt)->val;

	if (ctxt->has_vex)
		memcpy(ctxt->dst.data, ctxt->src.data, size);
	memcpy(ctxt->dst.data + n * bytes, &val, bytes);
	return X86EMUL_CONTINUE;
}

VEC_HANDLER(pinsrb, pinsr(ctxt, 1))
VEC_HANDLER(pinsrw, pinsr(ctxt, 2))
VEC_HANDLER(pinsrd, pinsr(ctxt, 4))
VEC_HANDLER(pinsrq, pinsr(ctxt, 8))

static int pextr(struct x86_emulate_ctxt *ctxt, unsigned int bytes)
{
	unsigned int n = vec_imm(ctxt) & (ctxt->src.bytes / bytes - 1);

	ctxt->dst.val64 = 0;
	memcpy(ctxt->dst.data, ctxt->src.data + n * bytes, bytes);
	return X86EMUL_CONTINUE;
}

VEC_HANDLER(pextrb, pextr(ctxt, 1))
VEC_HANDLER(pextrw, pextr(ctxt, 2))
VEC_HANDLER(pextrd, pextr(ctxt, 4))
VEC_HANDLER(pextrq, pextr(ctxt, 8))
VEC_HANDLER(extractps, pextr(ctxt, 4))

/* The top bits of src's elements. */
static int movmsk(struct x86_emulate_ctxt *ctxt, unsigned int bytes)
{
	unsigned long val = 0;
	unsigned int n;

	for (n = 0; n < ctxt->src.bytes / bytes; n++)
		val |= (unsigned long)(ctxt->src.data[n * bytes + bytes - 1] >> 7) << n;
	ctxt->dst.val = val;
	return X86EMUL_CONTINUE;
}

VEC_HANDLER(movmskps, movmsk(ctxt, 4))
VEC_HANDLER(movmskpd, movmsk(ctxt, 8))
VEC_HANDLER(pmovmskb, movmsk(ctxt, 1))

/* Sums of differences of four bytes of b and those at eight places of a; bits 2:0 say where. */
static int mpsadbw(struct x86_emulate_ctxt *ctxt)
{
	unsigned int lane, n, k, imm = vec_imm(ctxt);
	u16 out[LANE];

	for (lane = 0; lane < ctxt->dst.bytes; lane += LANE, imm >>= 3) {
		const u8 *a = vec_src1(ctxt)->data + lane + (imm & 4);
		const u8 *b = vec_src2(ctxt)->data + lane + (imm & 3) * 4;

		for (n = 0; n < 8; n++) {
			u16 sum = 0;

			for (k = 0; k < 4; k++)
				sum += a[n + k] > b[k] ? a[n + k] - b[k] : b[k] - a[n + k];
			out[lane / 2 + n] = sum;
		}
	}
	memcpy(ctxt->dst.data, out, ctxt->dst.bytes);
	return X86EMUL_CONTINUE;
}

VEC_HANDLER(mpsadbw, mpsadbw(ctxt))

/* A bit field by its descriptor: length, 0 for 64, in bits 5:0, index in 13:8. */
static u64 extr_mask(u64 descriptor)
{
	unsigned int length = descriptor & 63;

	return length ? (1ull << length) - 1 : ~0ull;
}

static int store_field(struct x86_emulate_ctxt *ctxt, u64 val)
{
	memset(ctxt->dst.data, 0, LANE);
	ctxt->dst.val64 = val;
	return X86EMUL_CONTINUE;
}

int em_extrq(struct x86_emulate_ctxt *ctxt)
{
	u64 descriptor = ctxt->src.val64;

	return store_field(ctxt, ctxt->dst.val64 >> (descriptor >> 8 & 63) &
			   extr_mask(descriptor));
}

/* The descriptor is the second quadword of a register, or two bytes of the instruction. */
int em_insertq(struct x86_emulate_ctxt *ctxt)
{
	unsigned int index;
	u64 descriptor, mask;

	memcpy(&descriptor, ctxt->src.data + 8, sizeof(descriptor));
	if (ctxt->src2.type == OP_IMM)
		descriptor = ctxt->src2.val;
	index = descriptor >> 8 & 63;
	mask = extr_mask(descriptor) << index;
	return store_field(ctxt, (ctxt->dst.val64 & ~mask) | (ctxt->src.val64 << index & mask));
}

/* Bytes whose mask has the top bit go to seg:rDI. */
static int maskmov(struct x86_emulate_ctxt *ctxt)
{
	u8 seg = ctxt->seg_override != X86_NR_SEGS ? ctxt->seg_override : X86_SEG_DS;
	unsigned long ea = reg_read(ctxt, X86_REG_RDI) & ad_mask(ctxt);
	unsigned int n;
	u64 mask = 0;

	for (n = 0; n < ctxt->src.bytes; n++)
		mask |= (u64)(ctxt->src.data[n] >> 7) << n;
	return segmented_write_masked(ctxt, seg, ea, ctxt->dst.data, mask);
}

VEC_HANDLER(maskmovdqu, maskmov(ctxt))

int em_maskmovq(struct x86_emulate_ctxt *ctxt)
{
	return maskmov(ctxt);
}
