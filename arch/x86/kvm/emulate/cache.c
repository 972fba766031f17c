// SPDX-License-Identifier: GPL-2.0-only
/* Caches, translations, waiting for a write, and stores of a whole line. */
#include "emulate/insn.h"

#define LINE_BYTES		64u
#define MWAIT_INTERRUPT		BIT(0)	/* ECX: interrupts end it even when masked */
#define MWAITX_TIMER		BIT(1)	/* ECX of MWAITX: so does a timer, EBX */
#define CPUID5_INTERRUPT	3u	/* ECX of leaf 5: extensions, MWAIT_INTERRUPT one of them */
#define PCID_MASK		0xfffull

enum invpcid_type { INVPCID_ADDRESS, INVPCID_CONTEXT, INVPCID_ALL, INVPCID_ALL_NON_GLOBAL };

/* The segment of an operand that is no ModRM's: DS, or the override. */
static int data_segment(const struct x86_emulate_ctxt *ctxt)
{
	return ctxt->seg_override != X86_NR_SEGS ? ctxt->seg_override : X86_SEG_DS;
}

/* Check a byte as a load does, but touch no device. */
static int check_byte(struct x86_emulate_ctxt *ctxt, int seg, unsigned long ea, unsigned long *la)
{
	int rc = linearize(ctxt, seg, ea, 1, false, la);

	if (rc != X86EMUL_CONTINUE)
		return rc;
	return ctxt->ops->read(ctxt, *la, NULL, 1, X86EMUL_F_PROBE);
}

/* An address beyond a segment's limit is no fault; one that is not canonical is no operation. */
int em_invlpg(struct x86_emulate_ctxt *ctxt)
{
	unsigned long la = ctxt->dst.ea;
	int seg = ctxt->dst.seg;

	if (!mode_is_64(ctxt))
		la = (u32)(la + ctxt->ops->get_segment_base(ctxt, seg));
	else if (seg == X86_SEG_FS || seg == X86_SEG_GS)
		la += ctxt->ops->get_segment_base(ctxt, seg);
	if (mode_is_64(ctxt) && !is_canonical(ctxt, la))
		return X86EMUL_CONTINUE;
	return ctxt->ops->vcpu_op(ctxt, X86_VCPU_INVLPG, la, 0);
}

int em_invpcid(struct x86_emulate_ctxt *ctxt)
{
	unsigned long type = ctxt->dst.val;
	u64 pcid, la;

	memcpy(&pcid, ctxt->src.data, sizeof(pcid));
	memcpy(&la, ctxt->src.data + sizeof(pcid), sizeof(la));
	if (type > INVPCID_ALL_NON_GLOBAL || (pcid & ~PCID_MASK))
		return emulate_gp(ctxt, 0);
	if (type <= INVPCID_CONTEXT && pcid && !(ctxt->ops->get_cr(ctxt, 4) & CR4_PCIDE))
		return emulate_gp(ctxt, 0);
	if (type == INVPCID_ADDRESS && !is_canonical(ctxt, la))
		return emulate_gp(ctxt, 0);
	return ctxt->ops->vcpu_op(ctxt, X86_VCPU_INVPCID, type | pcid << 32, la);
}

int em_wbinvd(struct x86_emulate_ctxt *ctxt)
{
	return ctxt->ops->vcpu_op(ctxt, X86_VCPU_WBINVD, 0, 0);
}

/* CLFLUSH, CLFLUSHOPT, CLWB: emulated accesses go through the host's caches, which are coherent. */
int em_clflush(struct x86_emulate_ctxt *ctxt)
{
	unsigned long la;

	return check_byte(ctxt, ctxt->dst.seg, ctxt->dst.ea, &la);
}

int em_clzero(struct x86_emulate_ctxt *ctxt)
{
	static const u8 zeroes[LINE_BYTES];
	unsigned long ea = reg_read(ctxt, X86_REG_RAX) & ad_mask(ctxt), la;
	int rc = linearize(ctxt, data_segment(ctxt), ea, 1, true, &la);

	if (rc != X86EMUL_CONTINUE)
		return rc;
	ea -= la & (LINE_BYTES - 1);
	return segmented_write(ctxt, data_segment(ctxt), ea, zeroes, LINE_BYTES);
}

/* One store of 64 bytes to ES, whatever the override: that is the source's. */
int em_movdir64b(struct x86_emulate_ctxt *ctxt)
{
	unsigned long la;
	int rc = linearize(ctxt, X86_SEG_ES, ctxt->dst.val, LINE_BYTES, true, &la);

	if (rc != X86EMUL_CONTINUE)
		return rc;
	if (la & (LINE_BYTES - 1))
		return emulate_gp(ctxt, 0);
	return linear_write(ctxt, la, ctxt->src.data, LINE_BYTES, 0);
}

/* MONITOR and MWAIT do not exist at CPL 3; MONITORX and MWAITX do. */
int check_monitor(struct x86_emulate_ctxt *ctxt)
{
	return ctxt->cpl ? emulate_ud(ctxt) : X86EMUL_CONTINUE;
}

int em_monitor(struct x86_emulate_ctxt *ctxt)
{
	unsigned long ea = reg_read(ctxt, X86_REG_RAX) & ad_mask(ctxt), la;
	int rc;

	/* Hints in EDX are free, extensions in ECX are none. */
	if ((u32)reg_read(ctxt, X86_REG_RCX))
		return emulate_gp(ctxt, 0);
	rc = check_byte(ctxt, data_segment(ctxt), ea, &la);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	return ctxt->ops->vcpu_op(ctxt, X86_VCPU_MONITOR, la, 0);
}

static int wait_for_write(struct x86_emulate_ctxt *ctxt, u32 extensions)
{
	u32 eax = reg_read(ctxt, X86_REG_RAX), ecx = reg_read(ctxt, X86_REG_RCX);

	if (ecx & ~extensions)
		return emulate_gp(ctxt, 0);
	return ctxt->ops->vcpu_op(ctxt, X86_VCPU_MWAIT, eax, ecx);
}

int em_mwait(struct x86_emulate_ctxt *ctxt)
{
	u32 eax = 5, ebx = 0, ecx = 0, edx = 0;

	ctxt->ops->get_cpuid(ctxt, &eax, &ebx, &ecx, &edx);
	return wait_for_write(ctxt, (ecx & CPUID5_INTERRUPT) == CPUID5_INTERRUPT ?
			      MWAIT_INTERRUPT : 0);
}

int em_mwaitx(struct x86_emulate_ctxt *ctxt)
{
	return wait_for_write(ctxt, MWAIT_INTERRUPT | MWAITX_TIMER);
}
