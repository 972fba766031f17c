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
/* From the first byte, @b, to ctxt->op: prefixes, maps, selectors, sizes. */
int decode_row(struct x86_emulate_ctxt *ctxt, u8 b);

/* The memory form of ModRM: modrm_ea, modrm_seg, disp. */
int decode_mem(struct x86_emulate_ctxt *ctxt);
int locate_imm(struct x86_emulate_ctxt *ctxt, struct operand *op, u32 desc);
/* ModRM and all operands of ctxt->op, and the end of the instruction. */
int locate_operands(struct x86_emulate_ctxt *ctxt);

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

struct modrm_form {
	u32 fields;	/* as ctxt->modrm_fields has them */
	s8 ea;		/* 1: memory that is a base register, -1: with disp8, 0: neither */
	u8 seg;		/* of such */
};

extern const struct modrm_form modrm_forms[256];

/* What REX adds to them. */
static __always_inline u32 rex_fields(u8 rex)
{
	return (rex & REX_R) << 17 | (u32)(rex & REX_B) << 27;
}

static __always_inline int fetch_modrm(struct x86_emulate_ctxt *ctxt)
{
	u8 modrm;
	int rc = fetch_u8(ctxt, &modrm);

	if (unlikely(rc != X86EMUL_CONTINUE))
		return rc;
	ctxt->modrm_fields = modrm_forms[modrm].fields | rex_fields(ctxt->rex);
	ctxt->has_modrm = true;
	return X86EMUL_CONTINUE;
}

/* AH, CH, DH, BH stand for SPL, BPL, SIL, DIL without REX. */
static __always_inline void locate_gpr(struct operand *op, unsigned int nr, unsigned int bytes,
				       u8 rex)
{
	op->type = OP_REG;
	op->bytes = bytes;
	op->high = false;
	op->reg = nr;
	if (unlikely(bytes == 1) && nr >= 4 && !rex) {
		op->reg = nr - 4;
		op->high = true;
	}
}

static __always_inline void locate_mem(struct operand *op, u8 seg, unsigned long ea,
				       unsigned int bytes)
{
	op->type = OP_MEM;
	op->bytes = bytes;
	op->seg = seg;
	op->loaded = false;
	op->ea = ea;
}

#endif
