// SPDX-License-Identifier: GPL-2.0-only
/*
 * FXSAVE, FXRSTOR and the XSAVE family. The host's own XSAVE and XRSTOR work on
 * an image in ctxt->page, in the standard format; what goes to or comes from the
 * guest are pieces of it, checked before anything of the host's is loaded.
 */
#include <asm/asm.h>

#include "emulate/x87.h"

#define EFER_INDEX		0xc0000080u
#define EFER_FFXSR		BIT(14)
#define XSS_INDEX		0xda0u
#define IMAGE_BYTES		4096u
#define LEGACY_BYTES		512u
#define AREA_MIN		576u	/* legacy region and header */
#define FX_XMM			offsetof(struct fxsave_area, xmm)
#define FX_ST			offsetof(struct fxsave_area, st)
#define FX_MXCSR		offsetof(struct fxsave_area, mxcsr)
#define MXCSR_INIT		0x1f80u
#define MXCSR_DEFAULT_MASK	0xffbfu
#define FCW_INIT		0x37fu

#define XF_X87			BIT_ULL(0)
#define XF_SSE			BIT_ULL(1)
#define XF_AVX			BIT_ULL(2)
#define XF_HI16_ZMM		BIT_ULL(7)
#define XF_PKRU			BIT_ULL(9)
#define XCOMP_COMPACT		BIT_ULL(63)
enum { NR_AVX = 2, NR_ZMM_HI256 = 6, NR_HI16_ZMM = 7, NR_PKRU = 9, NR_XF = 63 };

struct xsave_header {
	u64 xstate_bv, xcomp_bv;
	u64 reserved[6];
};

/* Bytes of the image, and where the guest has them. */
struct piece {
	u16 from, to, bytes;
};

#define MAX_PIECES	24

struct area {
	struct x86_emulate_ctxt *ctxt;
	unsigned long la;
	u8 *image;
	struct xsave_header *header;	/* of @image */
	u64 xcr0;
	u64 rfbm;		/* requested-feature bit map */
	u64 xcomp_bv;		/* compacted format, with bit 63; 0: standard */
	unsigned int end;	/* of the guest's area, with all components of @rfbm */
	struct piece piece[MAX_PIECES];
	unsigned int nr;
};

static bool is_wide(const struct x86_emulate_ctxt *ctxt)
{
	return ctxt->rex & BIT(3);
}

/* The linear address of the operand, aligned to @align. */
static int locate_area(struct x86_emulate_ctxt *ctxt, unsigned int bytes, unsigned int align,
		       bool write, unsigned long *la)
{
	int rc = linearize(ctxt, ctxt->dst.seg, ctxt->dst.ea, bytes, write, la);

	if (rc != X86EMUL_CONTINUE)
		return rc;
	return *la & (align - 1) ? emulate_gp(ctxt, 0) : X86EMUL_CONTINUE;
}

static void fx_save_form(struct fxsave_area *fx, bool wide)
{
	if (wide) {
		fx_save(fx);
	} else {
		fx_clear_pointers(fx);
		asm volatile("fxsave %0" : "+m" (*fx));
	}
}

static u32 mxcsr_mask(const struct fxsave_area *fx)
{
	return fx->mxcsr_mask ? fx->mxcsr_mask : MXCSR_DEFAULT_MASK;
}

/* Bytes of an FXSAVE image that the mode and the system have: up to FX_MXCSR is always there. */
static unsigned int xmm_bytes(struct x86_emulate_ctxt *ctxt, bool *fast)
{
	u64 efer = 0;

	*fast = false;
	if (!mode_is_64(ctxt))
		return 8 * 16;
	if (!ctxt->cpl && is_amd(ctxt) && has_feature(ctxt, FEAT_FFXSR) &&
	    ctxt->ops->get_msr(ctxt, EFER_INDEX, &efer) == X86EMUL_CONTINUE)
		*fast = efer & EFER_FFXSR;
	return *fast ? 0 : 16 * 16;
}

int em_fxsave(struct x86_emulate_ctxt *ctxt)
{
	struct fxsave_area fx;
	unsigned int bytes;
	unsigned long la;
	bool fast;
	int rc = locate_area(ctxt, LEGACY_BYTES, 16, true, &la);

	if (rc != X86EMUL_CONTINUE)
		return rc;
	bytes = FX_XMM + xmm_bytes(ctxt, &fast);
	if (!(ctxt->ops->get_cr(ctxt, 4) & CR4_OSFXSR))
		bytes = FX_XMM;
	/* All 512 bytes have to be there, though the last are not written. */
	rc = segmented_probe_write(ctxt, ctxt->dst.seg, ctxt->dst.ea, LEGACY_BYTES);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	ctxt->ops->get_fpu(ctxt);
	fx_save_form(&fx, is_wide(ctxt));
	ctxt->ops->put_fpu(ctxt);
	return linear_write(ctxt, la, &fx, bytes, 0);
}

int em_fxrstor(struct x86_emulate_ctxt *ctxt)
{
	bool sse = ctxt->ops->get_cr(ctxt, 4) & CR4_OSFXSR, fast;
	struct fxsave_area fx, in;
	unsigned long la;
	int rc = locate_area(ctxt, LEGACY_BYTES, 16, false, &la);

	if (rc == X86EMUL_CONTINUE)
		rc = linear_read(ctxt, la, &in, sizeof(in), 0);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	ctxt->ops->get_fpu(ctxt);
	fx_save_form(&fx, is_wide(ctxt));
	ctxt->ops->put_fpu(ctxt);
	if (sse && (in.mxcsr & ~mxcsr_mask(&fx)))
		return emulate_gp(ctxt, 0);
	memcpy(&fx, &in, FX_MXCSR);
	memcpy(fx.st, in.st, sizeof(fx.st));
	if (sse) {
		fx.mxcsr = in.mxcsr;
		memcpy(fx.xmm, in.xmm, xmm_bytes(ctxt, &fast));
	}
	ctxt->ops->get_fpu(ctxt);
	if (is_wide(ctxt))
		fx_load(&fx);
	else
		asm volatile("fxrstor %0" : : "m" (fx));
	ctxt->ops->put_fpu(ctxt);
	return X86EMUL_CONTINUE;
}

/*
 * Size and place of component @nr in the standard format, where the guest's CPUID
 * has it behind the header and the image has room.
 */
static bool component_layout(struct x86_emulate_ctxt *ctxt, unsigned int nr, u32 *bytes,
			     u32 *offset, bool *aligned)
{
	u32 eax = 0xd, ecx = nr, edx = 0;

	*offset = 0;
	ctxt->ops->get_cpuid(ctxt, &eax, offset, &ecx, &edx);
	*bytes = eax;
	*aligned = ecx & BIT(1);
	return *bytes && *bytes <= IMAGE_BYTES && *offset >= AREA_MIN &&
	       *offset <= IMAGE_BYTES - *bytes;
}

/* Of a component's bytes, those that are there outside 64-bit mode. */
static u32 mode_bytes(const struct x86_emulate_ctxt *ctxt, unsigned int nr, u32 bytes)
{
	if (mode_is_64(ctxt))
		return bytes;
	if (nr == NR_AVX || nr == NR_ZMM_HI256)
		return bytes / 2;
	return nr == NR_HI16_ZMM ? 0 : bytes;
}

static void host_xsave(const struct area *a)
{
	u64 mask = a->rfbm & ~XF_PKRU;

	if (is_wide(a->ctxt))
		asm volatile("xsave64 (%0)" : : "r" (a->image), "a" ((u32)mask),
			     "d" ((u32)(mask >> 32)) : "memory");
	else
		asm volatile("xsave (%0)" : : "r" (a->image), "a" ((u32)mask),
			     "d" ((u32)(mask >> 32)) : "memory");
}

/* False: the image is refused, and nothing is loaded. check_header() and its kin prevent that. */
static bool host_xrstor(const struct area *a, u64 mask)
{
	if (is_wide(a->ctxt))
		asm goto("1: xrstor64 (%0)\n\t" _ASM_EXTABLE(1b, %l[fault])
			 : : "r" (a->image), "a" ((u32)mask), "d" ((u32)(mask >> 32))
			 : "memory" : fault);
	else
		asm goto("1: xrstor (%0)\n\t" _ASM_EXTABLE(1b, %l[fault])
			 : : "r" (a->image), "a" ((u32)mask), "d" ((u32)(mask >> 32))
			 : "memory" : fault);
	return true;
fault:
	return false;
}

/* What the instruction asks for and where; the image holds the present state. */
static int begin_area(struct x86_emulate_ctxt *ctxt, struct area *a, bool write)
{
	int rc;

	memset(a, 0, sizeof(*a));
	a->ctxt = ctxt;
	a->end = AREA_MIN;
	a->image = ctxt->page;
	a->header = (struct xsave_header *)(a->image + LEGACY_BYTES);
	if (!a->image || ((unsigned long)a->image & 63))
		return X86EMUL_UNHANDLEABLE;
	rc = locate_area(ctxt, AREA_MIN, 64, write, &a->la);
	if (rc == X86EMUL_CONTINUE)
		rc = ctxt->ops->get_xcr(ctxt, 0, &a->xcr0);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	a->rfbm = a->xcr0 & ((u32)reg_read(ctxt, X86_REG_RAX) |
			     reg_read(ctxt, X86_REG_RDX) << 32);
	memset(a->image, 0, IMAGE_BYTES);
	ctxt->ops->get_fpu(ctxt);
	host_xsave(a);
	ctxt->ops->put_fpu(ctxt);
	return X86EMUL_CONTINUE;
}

static void add_piece(struct area *a, u32 from, u32 to, u32 bytes)
{
	if (bytes)
		a->piece[a->nr++] = (struct piece) { .from = from, .to = to, .bytes = bytes };
}

/*
 * The extended components of @which as pieces: behind each other if compacted,
 * every component of XCOMP_BV taking its room. False: the image has no room.
 */
static bool add_components(struct area *a, u64 which)
{
	u64 all = a->xcomp_bv ? a->xcomp_bv & ~XCOMP_COMPACT : a->rfbm;
	u32 next = AREA_MIN, bytes, offset, to;
	unsigned int nr;
	bool aligned;

	for (nr = NR_AVX; nr < NR_XF && all >> nr; nr++) {
		if (!(all >> nr & 1))
			continue;
		if (!component_layout(a->ctxt, nr, &bytes, &offset, &aligned) ||
		    a->nr == MAX_PIECES)
			return false;
		if (aligned)
			next = (next + 63) & ~63u;
		to = a->xcomp_bv ? next : offset;
		if (which >> nr & 1)
			add_piece(a, offset, to, mode_bytes(a->ctxt, nr, bytes));
		if ((a->rfbm >> nr & 1) && to + bytes > a->end)
			a->end = to + bytes;
		next += bytes;
	}
	return true;
}

/* The legacy region: x87, MXCSR and its mask, XMM registers. */
static void add_legacy(struct area *a, bool x87, bool mxcsr, bool xmm)
{
	if (x87) {
		add_piece(a, 0, 0, FX_MXCSR);
		add_piece(a, FX_ST, FX_ST, FX_XMM - FX_ST);
	}
	if (mxcsr)
		add_piece(a, FX_MXCSR, FX_MXCSR, FX_ST - FX_MXCSR);
	if (xmm)
		add_piece(a, FX_XMM, FX_XMM, mode_is_64(a->ctxt) ? 256 : 128);
}

/* PKRU is not in a register here. */
static int image_pkru(struct area *a, bool *in_use)
{
	struct x86_emulate_ctxt *ctxt = a->ctxt;
	u32 bytes, offset;
	bool aligned;
	u64 pkru;

	if (ctxt->ops->get_xcr(ctxt, X86_XCR_PKRU, &pkru) != X86EMUL_CONTINUE)
		return X86EMUL_UNHANDLEABLE;
	if (!component_layout(ctxt, NR_PKRU, &bytes, &offset, &aligned) || bytes < sizeof(u32))
		return X86EMUL_UNHANDLEABLE;
	memcpy(a->image + offset, &pkru, sizeof(u32));
	*in_use = pkru;
	return X86EMUL_CONTINUE;
}

/* Components that are not in their initial state. */
static int in_use(struct area *a, u64 *which)
{
	bool pkru = false;
	int rc;

	*which = a->header->xstate_bv & a->rfbm & ~XF_PKRU;
	if (!(a->rfbm & XF_PKRU))
		return X86EMUL_CONTINUE;
	rc = image_pkru(a, &pkru);
	if (pkru)
		*which |= XF_PKRU;
	return rc;
}

/* AMD's CPUs want all of the area to be there, whatever of it is accessed. */
static int probe_area(struct area *a, bool write)
{
	struct x86_emulate_ctxt *ctxt = a->ctxt;
	unsigned int first = 4096 - (a->la & 4095);
	unsigned long la = a->la;
	int rc;

	if (!is_amd(ctxt))
		return X86EMUL_CONTINUE;
	if (write)
		return segmented_probe_write(ctxt, ctxt->dst.seg, ctxt->dst.ea, a->end);
	rc = linearize(ctxt, ctxt->dst.seg, ctxt->dst.ea, a->end, false, &la);
	if (rc == X86EMUL_CONTINUE)
		rc = ctxt->ops->read(ctxt, la, NULL, a->end < first ? a->end : first,
				     X86EMUL_F_PROBE);
	if (rc == X86EMUL_CONTINUE && a->end > first)
		rc = ctxt->ops->read(ctxt, linear_add(ctxt, la, first), NULL, a->end - first,
				     X86EMUL_F_PROBE);
	return rc;
}

static int probe_pieces(struct area *a)
{
	struct x86_emulate_ctxt *ctxt = a->ctxt;
	int rc = probe_area(a, true);
	unsigned int i;

	for (i = 0; i < a->nr && rc == X86EMUL_CONTINUE; i++)
		rc = segmented_probe_write(ctxt, ctxt->dst.seg, ctxt->dst.ea + a->piece[i].to,
					   a->piece[i].bytes);
	return rc;
}

static int write_pieces(const struct area *a)
{
	struct x86_emulate_ctxt *ctxt = a->ctxt;
	int rc = X86EMUL_CONTINUE;
	unsigned int i;

	for (i = 0; i < a->nr && rc == X86EMUL_CONTINUE; i++)
		rc = linear_write(ctxt, linear_add(ctxt, a->la, a->piece[i].to),
				  a->image + a->piece[i].from, a->piece[i].bytes, 0);
	return rc;
}

/* XSAVE, XSAVEOPT: XSTATE_BV keeps the bits that were not asked for. */
static int save_standard(struct x86_emulate_ctxt *ctxt, bool optimized)
{
	struct area a;
	u64 used, old, saved;
	int rc = begin_area(ctxt, &a, true);

	if (rc == X86EMUL_CONTINUE)
		rc = in_use(&a, &used);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	saved = optimized ? used : a.rfbm;
	add_legacy(&a, saved & XF_X87, a.rfbm & (XF_SSE | XF_AVX), saved & XF_SSE);
	add_piece(&a, LEGACY_BYTES, LEGACY_BYTES, sizeof(old));
	if (!add_components(&a, saved))
		return X86EMUL_UNHANDLEABLE;
	rc = probe_pieces(&a);
	if (rc == X86EMUL_CONTINUE)
		rc = linear_read(ctxt, linear_add(ctxt, a.la, LEGACY_BYTES), &old, sizeof(old),
				 X86EMUL_F_WRITE);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	a.header->xstate_bv = (old & ~a.rfbm) | used;
	return write_pieces(&a);
}

/* XSAVEC, XSAVES: nothing is read; MXCSR other than after reset makes SSE used. */
static int save_compacted(struct x86_emulate_ctxt *ctxt)
{
	struct area a;
	u32 mxcsr;
	u64 used;
	int rc = begin_area(ctxt, &a, true);

	if (rc == X86EMUL_CONTINUE)
		rc = in_use(&a, &used);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	memcpy(&mxcsr, a.image + FX_MXCSR, sizeof(mxcsr));
	if ((a.rfbm & XF_SSE) && mxcsr != MXCSR_INIT)
		used |= XF_SSE;
	a.xcomp_bv = a.rfbm | XCOMP_COMPACT;
	a.header->xstate_bv = used;
	a.header->xcomp_bv = a.xcomp_bv;
	add_legacy(&a, used & XF_X87, used & XF_SSE, used & XF_SSE);
	add_piece(&a, LEGACY_BYTES, LEGACY_BYTES, 2 * sizeof(u64));
	if (!add_components(&a, used))
		return X86EMUL_UNHANDLEABLE;
	rc = probe_pieces(&a);
	return rc == X86EMUL_CONTINUE ? write_pieces(&a) : rc;
}

int em_xsave(struct x86_emulate_ctxt *ctxt)
{
	return save_standard(ctxt, false);
}

int em_xsaveopt(struct x86_emulate_ctxt *ctxt)
{
	return save_standard(ctxt, true);
}

int em_xsavec(struct x86_emulate_ctxt *ctxt)
{
	return save_compacted(ctxt);
}

/* Supervisor components are not known here. */
static int check_xss(struct x86_emulate_ctxt *ctxt)
{
	u64 asked = (u32)reg_read(ctxt, X86_REG_RAX) | reg_read(ctxt, X86_REG_RDX) << 32;
	u64 xss = 0;
	int rc = read_implicit_msr(ctxt, XSS_INDEX, &xss);

	return rc == X86EMUL_CONTINUE && (xss & asked) ? X86EMUL_UNHANDLEABLE : rc;
}

int em_xsaves(struct x86_emulate_ctxt *ctxt)
{
	int rc = check_xss(ctxt);

	return rc == X86EMUL_CONTINUE ? save_compacted(ctxt) : rc;
}

static int check_header(struct area *a, const struct xsave_header *h)
{
	struct x86_emulate_ctxt *ctxt = a->ctxt;
	u64 xcomp = h->xcomp_bv & ~XCOMP_COMPACT, rest = 0;
	unsigned int i;

	if (h->xstate_bv & ~a->xcr0)
		return emulate_gp(ctxt, 0);
	if (!(h->xcomp_bv & XCOMP_COMPACT))
		return h->xcomp_bv || h->reserved[0] ? emulate_gp(ctxt, 0) : X86EMUL_CONTINUE;
	for (i = 0; i < 6; i++)
		rest |= h->reserved[i];
	if (!has_feature(ctxt, FEAT_XSAVEC) || rest || (xcomp & ~a->xcr0) ||
	    (h->xstate_bv & ~xcomp))
		return emulate_gp(ctxt, 0);
	a->xcomp_bv = h->xcomp_bv;
	return X86EMUL_CONTINUE;
}

/* Fill the components of @which in the image with what they are after reset. */
static bool init_components(struct area *a, u64 which)
{
	u64 xcomp_bv = a->xcomp_bv;
	const u16 fcw = FCW_INIT;
	unsigned int i, first = a->nr;
	bool room;

	a->xcomp_bv = 0;
	add_legacy(a, which & XF_X87, false, which & XF_SSE);
	room = add_components(a, which);
	a->xcomp_bv = xcomp_bv;
	for (i = first; i < a->nr; i++)
		memset(a->image + a->piece[i].from, 0, a->piece[i].bytes);
	a->nr = first;
	if (which & XF_X87)
		memcpy(a->image, &fcw, sizeof(fcw));
	return room;
}

/* MXCSR of the standard format belongs to SSE and to AVX, whatever XSTATE_BV. */
static int restore_mxcsr(struct area *a, u64 loaded)
{
	struct x86_emulate_ctxt *ctxt = a->ctxt;
	bool read = a->xcomp_bv ? loaded & XF_SSE : a->rfbm & (XF_SSE | XF_AVX);
	struct fxsave_area *fx = (struct fxsave_area *)a->image;
	u32 mxcsr = MXCSR_INIT, mask = mxcsr_mask(fx);
	int rc;

	if (!read && !(a->rfbm & XF_SSE))
		return X86EMUL_CONTINUE;
	if (read) {
		rc = linear_read(ctxt, linear_add(ctxt, a->la, FX_MXCSR), &mxcsr, sizeof(mxcsr), 0);
		if (rc != X86EMUL_CONTINUE)
			return rc;
	}
	if (mxcsr & ~mask)
		return emulate_gp(ctxt, 0);
	fx->mxcsr = mxcsr;
	return X86EMUL_CONTINUE;
}

static int read_pieces(struct area *a)
{
	struct x86_emulate_ctxt *ctxt = a->ctxt;
	int rc = probe_area(a, false);
	unsigned int i;

	for (i = 0; i < a->nr && rc == X86EMUL_CONTINUE; i++)
		rc = segmented_read(ctxt, ctxt->dst.seg, ctxt->dst.ea + a->piece[i].to,
				    a->image + a->piece[i].from, a->piece[i].bytes);
	return rc;
}

static int restore_pkru(struct area *a, bool loaded)
{
	u32 bytes, offset, pkru = 0;
	bool aligned;

	if (!component_layout(a->ctxt, NR_PKRU, &bytes, &offset, &aligned) ||
	    bytes < sizeof(pkru))
		return X86EMUL_UNHANDLEABLE;
	if (loaded)
		memcpy(&pkru, a->image + offset, sizeof(pkru));
	return a->ctxt->ops->set_xcr(a->ctxt, X86_XCR_PKRU, pkru);
}

/* Outside 64-bit mode the upper registers stay, so every component is written out. */
static int load_image(struct area *a, u64 loaded)
{
	u64 mask = a->rfbm & ~XF_PKRU;
	bool done;

	if (!mode_is_64(a->ctxt)) {
		mask &= ~XF_HI16_ZMM;
		loaded = mask;
	}
	memset(a->header, 0, sizeof(*a->header));
	a->header->xstate_bv = loaded & mask;
	a->ctxt->ops->get_fpu(a->ctxt);
	done = host_xrstor(a, mask);
	a->ctxt->ops->put_fpu(a->ctxt);
	return done ? X86EMUL_CONTINUE : X86EMUL_UNHANDLEABLE;
}

static int restore(struct x86_emulate_ctxt *ctxt, bool compacted_only)
{
	struct xsave_header h;
	struct area a;
	u64 loaded;
	int rc = begin_area(ctxt, &a, false);

	if (rc == X86EMUL_CONTINUE)
		rc = linear_read(ctxt, linear_add(ctxt, a.la, LEGACY_BYTES), &h, sizeof(h), 0);
	if (rc == X86EMUL_CONTINUE)
		rc = check_header(&a, &h);
	if (rc == X86EMUL_CONTINUE && compacted_only && !a.xcomp_bv)
		rc = emulate_gp(ctxt, 0);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	loaded = a.rfbm & h.xstate_bv;
	rc = restore_mxcsr(&a, loaded);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	add_legacy(&a, loaded & XF_X87, false, loaded & XF_SSE);
	if (!add_components(&a, loaded) || !init_components(&a, a.rfbm & ~loaded))
		return X86EMUL_UNHANDLEABLE;
	rc = read_pieces(&a);
	if (rc == X86EMUL_CONTINUE && (a.rfbm & XF_PKRU))
		rc = restore_pkru(&a, loaded & XF_PKRU);
	return rc == X86EMUL_CONTINUE ? load_image(&a, loaded) : rc;
}

int em_xrstor(struct x86_emulate_ctxt *ctxt)
{
	return restore(ctxt, false);
}

int em_xrstors(struct x86_emulate_ctxt *ctxt)
{
	int rc = check_xss(ctxt);

	return rc == X86EMUL_CONTINUE ? restore(ctxt, true) : rc;
}
