// SPDX-License-Identifier: GPL-2.0-only
/* Logical to linear addresses, page splits, and the read cache. */
#include "emulate/insn.h"

#define PAGE_BYTES	4096u
#define MXCSR_MM	BIT(17)

static int bad_address(struct x86_emulate_ctxt *ctxt, int seg)
{
	return seg == X86_SEG_SS ? emulate_ss(ctxt, 0) : emulate_gp(ctxt, 0);
}

static __always_inline bool canonical_48(unsigned long la)
{
	return (unsigned long)((long)(la << 16) >> 16) == la;
}

static bool canonical_57(unsigned long la)
{
	return (unsigned long)((long)(la << 7) >> 7) == la;
}

/* CR4 matters only for an address that is not canonical with 48 bits. */
static noinline bool is_canonical_slow(struct x86_emulate_ctxt *ctxt, unsigned long first,
				       unsigned long last)
{
	return (ctxt->ops->get_cr(ctxt, 4) & CR4_LA57) && canonical_57(first) && canonical_57(last);
}

bool is_canonical(struct x86_emulate_ctxt *ctxt, unsigned long la)
{
	return likely(canonical_48(la)) || is_canonical_slow(ctxt, la, la);
}

bool segment_allows(const struct x86_segment *s, bool write)
{
	if (s->attr & X86_SEG_UNUSABLE)
		return false;
	if (write)
		return (s->attr & (X86_SEG_CODE | X86_SEG_WRITABLE)) == X86_SEG_WRITABLE;
	return !(s->attr & X86_SEG_CODE) || (s->attr & X86_SEG_READABLE);
}

bool segment_covers(const struct x86_segment *s, u32 ea, unsigned int bytes)
{
	u64 last = (u64)ea + bytes - 1;

	if ((s->attr & (X86_SEG_CODE | X86_SEG_EXPAND_DOWN)) == X86_SEG_EXPAND_DOWN)
		return ea > s->limit && last <= (s->attr & X86_SEG_DB ? 0xffffffffu : 0xffffu);
	return last <= s->limit;
}

static noinline int linearize_legacy(struct x86_emulate_ctxt *ctxt, int seg, unsigned long ea,
				     unsigned int bytes, bool write, unsigned long *la)
{
	struct x86_segment s;

	ctxt->ops->get_segment(ctxt, seg, &s);
	if (mode_is_protected(ctxt) && !segment_allows(&s, write))
		return bad_address(ctxt, seg);
	if (bytes && !segment_covers(&s, ea, bytes))
		return bad_address(ctxt, seg);
	*la = (u32)(s.base + ea);
	return X86EMUL_CONTINUE;
}

/* AMD's MXCSR.MM lets SSE instructions, but no moves, take any address. */
static noinline bool may_misalign(struct x86_emulate_ctxt *ctxt)
{
	return (ctxt->op->flags & F_MISALIGN) && has_feature(ctxt, FEAT_MISALIGNSSE) &&
	       (mxcsr_read(ctxt) & MXCSR_MM);
}

int linearize_unaligned(struct x86_emulate_ctxt *ctxt, int seg, unsigned long ea,
			unsigned int bytes, bool write, unsigned long *la)
{
	if (mode_is_64(ctxt)) {
		unsigned long last;

		if (seg == X86_SEG_FS || seg == X86_SEG_GS)
			ea += ctxt->ops->get_segment_base(ctxt, seg);
		last = ea + bytes - 1;
		if (unlikely(!canonical_48(ea) || !canonical_48(last)) &&
		    !is_canonical_slow(ctxt, ea, last))
			return bad_address(ctxt, seg);
		*la = ea;
		return X86EMUL_CONTINUE;
	}
	return linearize_legacy(ctxt, seg, ea, bytes, write, la);
}

int linearize_slow(struct x86_emulate_ctxt *ctxt, int seg, unsigned long ea, unsigned int bytes,
		   bool write, unsigned long *la)
{
	int rc = linearize_unaligned(ctxt, seg, ea, bytes, write, la);

	if (unlikely(rc != X86EMUL_CONTINUE))
		return rc;
	/* Rows that demand alignment have no other access than their operand. */
	if ((ctxt->op->flags & F_ALIGN) && bytes > 8 && (*la & (bytes - 1)) &&
	    !may_misalign(ctxt))
		return emulate_gp(ctxt, 0);
	return X86EMUL_CONTINUE;
}

/* Check both pages of an access before either is touched. */
static noinline int probe_pages(struct x86_emulate_ctxt *ctxt, unsigned long la,
				unsigned int first, unsigned int bytes, bool write, u32 flags)
{
	unsigned long next = linear_add(ctxt, la, first);
	int rc;

	flags |= X86EMUL_F_PROBE;
	if (write) {
		rc = ctxt->ops->write(ctxt, la, NULL, first, flags);
		if (rc == X86EMUL_CONTINUE)
			rc = ctxt->ops->write(ctxt, next, NULL, bytes - first, flags);
	} else {
		rc = ctxt->ops->read(ctxt, la, NULL, first, flags);
		if (rc == X86EMUL_CONTINUE)
			rc = ctxt->ops->read(ctxt, next, NULL, bytes - first, flags);
	}
	return rc;
}

/* Hand out the next bytes of the cache, or read and append them. */
static __always_inline int read_cached(struct x86_emulate_ctxt *ctxt, unsigned long la, void *data,
				       unsigned int bytes, u32 flags)
{
	struct read_cache *cache = &ctxt->mem_read;
	int rc;

	if (likely(cache->pos == cache->end)) {
		if (unlikely(bytes > sizeof(cache->data) - cache->end))
			return X86EMUL_UNHANDLEABLE;
		rc = ctxt->ops->read(ctxt, la, cache->data + cache->end, bytes, flags);
		if (unlikely(rc != X86EMUL_CONTINUE))
			return rc;
		cache->end += bytes;
	} else if (unlikely(cache->end - cache->pos < (int)bytes)) {
		return X86EMUL_UNHANDLEABLE;
	}
	copy_bytes(data, cache->data + cache->pos, bytes);
	cache->pos += bytes;
	return X86EMUL_CONTINUE;
}

static noinline int read_split(struct x86_emulate_ctxt *ctxt, unsigned long la, u8 *data,
			       unsigned int bytes, u32 flags)
{
	unsigned int first = PAGE_BYTES - (la & (PAGE_BYTES - 1));
	int rc;

	if (bytes - first > PAGE_BYTES)
		return X86EMUL_UNHANDLEABLE;
	rc = probe_pages(ctxt, la, first, bytes, false, flags);
	if (rc == X86EMUL_CONTINUE)
		rc = read_cached(ctxt, la, data, first, flags);
	if (rc == X86EMUL_CONTINUE)
		rc = read_cached(ctxt, linear_add(ctxt, la, first), data + first, bytes - first,
				flags);
	return rc;
}

int linear_read(struct x86_emulate_ctxt *ctxt, unsigned long la, void *data, unsigned int bytes,
		u32 flags)
{
	if (unlikely(crosses_page(la, bytes)))
		return read_split(ctxt, la, data, bytes, flags);
	return read_cached(ctxt, la, data, bytes, flags);
}

static noinline int write_split(struct x86_emulate_ctxt *ctxt, unsigned long la, const u8 *data,
				unsigned int bytes, u32 flags)
{
	unsigned int first = PAGE_BYTES - (la & (PAGE_BYTES - 1));
	int rc;

	if (bytes - first > PAGE_BYTES)
		return X86EMUL_UNHANDLEABLE;
	rc = probe_pages(ctxt, la, first, bytes, true, flags);
	if (rc == X86EMUL_CONTINUE)
		rc = ctxt->ops->write(ctxt, la, data, first, flags);
	if (rc == X86EMUL_CONTINUE)
		rc = ctxt->ops->write(ctxt, linear_add(ctxt, la, first), data + first,
				      bytes - first, flags);
	return rc;
}

int linear_write(struct x86_emulate_ctxt *ctxt, unsigned long la, const void *data,
		 unsigned int bytes, u32 flags)
{
	if (unlikely(crosses_page(la, bytes)))
		return write_split(ctxt, la, data, bytes, flags);
	return ctxt->ops->write(ctxt, la, data, bytes, flags);
}

int segmented_read(struct x86_emulate_ctxt *ctxt, int seg, unsigned long ea, void *data,
		   unsigned int bytes)
{
	unsigned long la;
	int rc = linearize(ctxt, seg, ea, bytes, false, &la);

	if (unlikely(rc != X86EMUL_CONTINUE))
		return rc;
	return linear_read(ctxt, la, data, bytes, 0);
}

int segmented_write(struct x86_emulate_ctxt *ctxt, int seg, unsigned long ea, const void *data,
		    unsigned int bytes)
{
	unsigned long la;
	int rc = linearize(ctxt, seg, ea, bytes, true, &la);

	if (unlikely(rc != X86EMUL_CONTINUE))
		return rc;
	return linear_write(ctxt, la, data, bytes, 0);
}

int linear_cmpxchg(struct x86_emulate_ctxt *ctxt, unsigned long la, const void *old,
		   const void *new, unsigned int bytes, u32 flags)
{
	return ctxt->ops->cmpxchg_emulated(ctxt, la, old, new, bytes, flags);
}

/* From bit *@at of @mask: the next run of ones, false when there is none. */
static bool next_run(u64 mask, unsigned int *at, unsigned int *bytes)
{
	mask = *at < 64 ? mask >> *at << *at : 0;
	if (!mask)
		return false;
	*at = __builtin_ctzll(mask);
	mask = ~(mask >> *at);
	*bytes = mask ? __builtin_ctzll(mask) : 64;
	return true;
}

int segmented_probe_write(struct x86_emulate_ctxt *ctxt, int seg, unsigned long ea,
			  unsigned int bytes)
{
	unsigned long la;
	int rc = linearize(ctxt, seg, ea, bytes, true, &la);

	if (rc != X86EMUL_CONTINUE)
		return rc;
	if (crosses_page(la, bytes))
		return probe_pages(ctxt, la, PAGE_BYTES - (la & (PAGE_BYTES - 1)), bytes, true, 0);
	return ctxt->ops->write(ctxt, la, NULL, bytes, X86EMUL_F_PROBE);
}

/* All runs are translated and checked, then written one after the other. */
int segmented_write_masked(struct x86_emulate_ctxt *ctxt, int seg, unsigned long ea,
			   const u8 *data, u64 mask)
{
	unsigned long amask = ad_mask(ctxt), la;
	unsigned int pass, at, bytes;
	int rc;

	for (pass = 0; pass < 2; pass++) {
		for (at = 0; next_run(mask, &at, &bytes); at += bytes) {
			rc = linearize(ctxt, seg, (ea + at) & amask, bytes, true, &la);
			if (rc == X86EMUL_CONTINUE && pass)
				rc = linear_write(ctxt, la, data + at, bytes, 0);
			else if (rc == X86EMUL_CONTINUE && crosses_page(la, bytes))
				rc = probe_pages(ctxt, la, PAGE_BYTES - (la & (PAGE_BYTES - 1)),
						 bytes, true, 0);
			else if (rc == X86EMUL_CONTINUE)
				rc = ctxt->ops->write(ctxt, la, NULL, bytes, X86EMUL_F_PROBE);
			if (rc != X86EMUL_CONTINUE)
				return rc;
		}
	}
	return X86EMUL_CONTINUE;
}
