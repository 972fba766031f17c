/* SPDX-License-Identifier: GPL-2.0-only */
/* Reading the bytes of the instruction, shared by the files that decode. */
#ifndef KVM_X86_EMULATE_FETCH_H
#define KVM_X86_EMULATE_FETCH_H

#include "emulate/insn.h"

#define REX_B	BIT(0)
#define REX_X	BIT(1)
#define REX_R	BIT(2)
#define REX_W	BIT(3)

/* Make @bytes more available behind fetch.pos, from memory. */
int fetch_more(struct x86_emulate_ctxt *ctxt, unsigned int bytes);
/* First byte @b is not simply an opcode of 64-bit mode: prefixes, maps, selectors, sizes. */
int decode_row_slow(struct x86_emulate_ctxt *ctxt, u8 b);

static __always_inline int fetch_ready(struct x86_emulate_ctxt *ctxt, unsigned int bytes)
{
	if (likely(ctxt->fetch.len - ctxt->fetch.pos >= (int)bytes))
		return X86EMUL_CONTINUE;
	return fetch_more(ctxt, bytes);
}

static __always_inline int fetch_u8(struct x86_emulate_ctxt *ctxt, u8 *val)
{
	int rc = fetch_ready(ctxt, 1);

	if (likely(rc == X86EMUL_CONTINUE))
		*val = ctxt->fetch.data[ctxt->fetch.pos++];
	return rc;
}

/* Consume a signed value of @bytes: 1, 2, 4 or 8. */
static __always_inline int fetch_signed(struct x86_emulate_ctxt *ctxt, unsigned int bytes,
					long *val)
{
	const u8 *p = ctxt->fetch.data + ctxt->fetch.pos;
	int rc = fetch_ready(ctxt, bytes);
	s16 w;
	s32 d;

	if (unlikely(rc != X86EMUL_CONTINUE))
		return rc;
	if (bytes == 1) {
		*val = (s8)*p;
	} else if (bytes == 4) {
		memcpy(&d, p, sizeof(d));
		*val = d;
	} else if (bytes == 2) {
		memcpy(&w, p, sizeof(w));
		*val = w;
	} else {
		memcpy(val, p, sizeof(*val));
	}
	ctxt->fetch.pos += bytes;
	return X86EMUL_CONTINUE;
}

extern const u32 modrm_fields[256];

static __always_inline int fetch_modrm(struct x86_emulate_ctxt *ctxt)
{
	u8 rex = ctxt->rex, modrm;
	int rc = fetch_u8(ctxt, &modrm);
	u32 fields;

	if (unlikely(rc != X86EMUL_CONTINUE))
		return rc;
	fields = modrm_fields[modrm];
	if (rex)
		fields |= (rex & REX_R) << 17 | (rex & REX_B) << 27;
	ctxt->modrm_fields = fields;
	ctxt->has_modrm = true;
	return X86EMUL_CONTINUE;
}

#endif
