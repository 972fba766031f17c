// SPDX-License-Identifier: GPL-2.0-only
/* IN and OUT, and who may use a port. */
#include "emulate/insn.h"

#define TSS_IO_MAP_BASE		102	/* 32- and 64-bit TSS: offset of the I/O permission bitmap */
#define TSS_MIN_LIMIT		103
#define TSS_TYPE_MASK		(X86_SEG_S | 0xd)	/* the busy bit does not matter */
#define TSS_TYPE_32		9

/* VMware's backdoor: commands, and the high-bandwidth transfer. */
#define VMWARE_PORT_COMMAND	0x5658
#define VMWARE_PORT_TRANSFER	0x5659

static bool is_backdoor_port(const struct x86_emulate_ctxt *ctxt, u16 port)
{
	return ctxt->io_backdoor && (port == VMWARE_PORT_COMMAND || port == VMWARE_PORT_TRANSFER);
}

/*
 * Two bytes are read, so that a port straddling a byte of the bitmap is
 * covered; beyond the limit of the TSS every port is denied.
 */
static int check_io_bitmap(struct x86_emulate_ctxt *ctxt, u16 port, unsigned int bytes)
{
	unsigned int mask = (1u << bytes) - 1, offset;
	struct x86_segment tr;
	u16 val;
	int rc;

	ctxt->ops->get_segment(ctxt, X86_SEG_TR, &tr);
	if (!(tr.attr & X86_SEG_P) || (tr.attr & TSS_TYPE_MASK) != TSS_TYPE_32 ||
	    tr.limit < TSS_MIN_LIMIT)
		return emulate_gp(ctxt, 0);
	rc = linear_read(ctxt, tr.base + TSS_IO_MAP_BASE, &val, 2, X86EMUL_F_IMPLICIT);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	offset = val + port / 8;
	if (offset + 1 > tr.limit)
		return emulate_gp(ctxt, 0);
	rc = linear_read(ctxt, tr.base + offset, &val, 2, X86EMUL_F_IMPLICIT);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	return val >> (port & 7) & mask ? emulate_gp(ctxt, 0) : X86EMUL_CONTINUE;
}

int check_io_permission(struct x86_emulate_ctxt *ctxt, u16 port, unsigned int bytes)
{
	unsigned int iopl = (ctxt->eflags & EFLG_IOPL) >> EFLG_IOPL_SHIFT;

	if (ctxt->mode == X86EMUL_MODE_REAL)
		return X86EMUL_CONTINUE;
	if (mode_is_protected(ctxt) && ctxt->cpl <= iopl)
		return X86EMUL_CONTINUE;
	if (is_backdoor_port(ctxt, port))
		return X86EMUL_CONTINUE;
	return check_io_bitmap(ctxt, port, bytes);
}

int em_in(struct x86_emulate_ctxt *ctxt)
{
	u16 port = ctxt->src.val;
	u32 val = 0;
	int rc;

	rc = check_io_permission(ctxt, port, ctxt->dst.bytes);
	if (rc == X86EMUL_CONTINUE)
		rc = ctxt->ops->pio_in(ctxt, port, ctxt->dst.bytes, &val, 1);
	ctxt->dst.val = val;
	return rc;
}

int em_out(struct x86_emulate_ctxt *ctxt)
{
	u16 port = ctxt->dst.val;
	u32 val = ctxt->src.val;
	int rc;

	rc = check_io_permission(ctxt, port, ctxt->src.bytes);
	if (rc == X86EMUL_CONTINUE)
		rc = ctxt->ops->pio_out(ctxt, port, ctxt->src.bytes, &val, 1);
	return rc;
}
