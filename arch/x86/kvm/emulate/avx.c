// SPDX-License-Identifier: GPL-2.0-only
/* Moves of AVX and AVX-512 that are more than a copy. em_movv() makes those. */
#include "emulate/insn.h"

/* VMOVSS, VMOVSD, VMOVLPS, VMOVLPD: src2 low, above it src. */
int em_vmovl(struct x86_emulate_ctxt *ctxt)
{
	memcpy(ctxt->dst.data, ctxt->src.data, 16);
	memcpy(ctxt->dst.data, ctxt->src2.data, ctxt->src2.bytes);
	return X86EMUL_CONTINUE;
}

/* VMOVHPS, VMOVHPD, VMOVLHPS: src low, src2 high. */
int em_vmovh(struct x86_emulate_ctxt *ctxt)
{
	memcpy(ctxt->dst.data, ctxt->src.data, 8);
	memcpy(ctxt->dst.data + 8, ctxt->src2.data, 8);
	return X86EMUL_CONTINUE;
}

int em_vmovhlps(struct x86_emulate_ctxt *ctxt)
{
	memcpy(ctxt->dst.data, ctxt->src2.data + 8, 8);
	memcpy(ctxt->dst.data + 8, ctxt->src.data + 8, 8);
	return X86EMUL_CONTINUE;
}

/* What the signs of src enable of src2: execute_masked() sees to the rest. */
int em_vmaskmov(struct x86_emulate_ctxt *ctxt)
{
	memcpy(ctxt->dst.data, ctxt->src2.data, ctxt->dst.bytes);
	return X86EMUL_CONTINUE;
}

/* src as often as dst has room for it; of a general register an element. */
int em_vbroadcast(struct x86_emulate_ctxt *ctxt)
{
	unsigned int i, bytes = ctxt->src.bytes;

	if (ctxt->src.type == OP_REG)
		bytes = row_element(ctxt->op);
	for (i = 0; i < ctxt->dst.bytes; i += bytes)
		memcpy(ctxt->dst.data + i, ctxt->src.data, bytes);
	return X86EMUL_CONTINUE;
}

/* VINSERTF128: src with src2 in one place. */
int em_vinsert(struct x86_emulate_ctxt *ctxt)
{
	unsigned int bytes = ctxt->src2.bytes;
	unsigned int at = ctxt->src3.val * bytes & (ctxt->dst.bytes - 1);

	memcpy(ctxt->dst.data, ctxt->src.data, ctxt->dst.bytes);
	memcpy(ctxt->dst.data + at, ctxt->src2.data, bytes);
	return X86EMUL_CONTINUE;
}

/* VEXTRACTF128 */
int em_vextract(struct x86_emulate_ctxt *ctxt)
{
	unsigned int at = ctxt->src2.val * ctxt->dst.bytes & (ctxt->src.bytes - 1);

	memcpy(ctxt->dst.data, ctxt->src.data + at, ctxt->dst.bytes);
	return X86EMUL_CONTINUE;
}

/* Registers 0 to 15, outside 64-bit mode 0 to 7: @bytes stay. */
static int zero_above(struct x86_emulate_ctxt *ctxt, unsigned int bytes)
{
	unsigned int i, n = mode_is_64(ctxt) ? 16 : 8;
	u8 data[16];
	int rc;

	memset(data, 0, sizeof(data));
	for (i = 0; i < n; i++) {
		rc = bytes ? vec_read(ctxt, i, data, bytes) : X86EMUL_CONTINUE;
		if (rc == X86EMUL_CONTINUE)
			rc = vec_write(ctxt, i, data, sizeof(data), true);
		if (rc != X86EMUL_CONTINUE)
			return rc;
	}
	return X86EMUL_CONTINUE;
}

int em_vzeroupper(struct x86_emulate_ctxt *ctxt)
{
	return zero_above(ctxt, 16);
}

int em_vzeroall(struct x86_emulate_ctxt *ctxt)
{
	return zero_above(ctxt, 0);
}
