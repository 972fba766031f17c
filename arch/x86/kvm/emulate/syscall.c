// SPDX-License-Identifier: GPL-2.0-only
/*
 * SYSCALL, SYSRET, SYSENTER, SYSEXIT. Where Intel's and AMD's manuals differ,
 * the guest's vendor decides. Nothing is read of the descriptor tables, and all
 * that can fail comes before the first segment is loaded.
 */
#include "emulate/segment.h"

#define MSR_EFER_INDEX		0xc0000080
#define MSR_STAR_INDEX		0xc0000081
#define MSR_LSTAR_INDEX		0xc0000082
#define MSR_CSTAR_INDEX		0xc0000083
#define MSR_SFMASK_INDEX	0xc0000084
#define MSR_SYSENTER_CS_INDEX	0x174
#define MSR_SYSENTER_ESP_INDEX	0x175
#define MSR_SYSENTER_EIP_INDEX	0x176

#define EFER_SCE_BIT		BIT(0)
#define EFER_LMA_BIT		BIT(10)

/* What SYSRET takes from R11: all flags but RF and VM. */
#define SYSRET_FLAGS		0x3c7fd7ul

#define FLAT_ATTR	(X86_SEG_P | X86_SEG_S | X86_SEG_G | X86_SEG_ACCESSED)
#define FLAT_CODE	(FLAT_ATTR | X86_SEG_CODE | X86_SEG_READABLE)
#define FLAT_STACK	(FLAT_ATTR | X86_SEG_WRITABLE | X86_SEG_DB)

/* Flat CS and SS at privilege level @cpl; @wide: 64-bit code. SS last: it makes the CPL. */
static void load_flat(struct x86_emulate_ctxt *ctxt, u16 cs, u16 ss, unsigned int cpl, bool wide)
{
	struct x86_segment var = { .selector = cs, .limit = 0xffffffff };

	var.attr = FLAT_CODE | cpl << X86_SEG_DPL_SHIFT | (wide ? X86_SEG_L : X86_SEG_DB);
	ctxt->ops->set_segment(ctxt, X86_SEG_CS, &var);
	var.selector = ss;
	var.attr = FLAT_STACK | cpl << X86_SEG_DPL_SHIFT;
	ctxt->ops->set_segment(ctxt, X86_SEG_SS, &var);
}

/* Where a system call goes, and with which flags. */
struct syscall_target {
	unsigned long eip;
	unsigned long eflags;
	u16 cs;
	bool lma;
};

/* SYSCALL needs protected mode and EFER.SCE; Intel's processors also 64-bit mode. */
static int syscall_enabled(struct x86_emulate_ctxt *ctxt, bool *lma)
{
	u64 efer;
	int rc;

	if (!is_amd(ctxt) && !mode_is_64(ctxt))
		return emulate_ud(ctxt);
	rc = read_implicit_msr(ctxt, MSR_EFER_INDEX, &efer);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	*lma = efer & EFER_LMA_BIT;
	return efer & EFER_SCE_BIT ? X86EMUL_CONTINUE : emulate_ud(ctxt);
}

static int syscall_target(struct x86_emulate_ctxt *ctxt, struct syscall_target *target)
{
	u64 star, entry, mask;
	int rc;

	rc = read_implicit_msr(ctxt, MSR_STAR_INDEX, &star);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	target->cs = star >> 32 & 0xfffc;
	if (!target->lma) {
		target->eip = (u32)star;
		target->eflags = ctxt->eflags & ~(EFLG_VM | EFLG_IF);
		return X86EMUL_CONTINUE;
	}
	rc = read_implicit_msr(ctxt, mode_is_64(ctxt) ? MSR_LSTAR_INDEX : MSR_CSTAR_INDEX, &entry);
	if (rc == X86EMUL_CONTINUE)
		rc = read_implicit_msr(ctxt, MSR_SFMASK_INDEX, &mask);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	target->eip = entry;
	target->eflags = (ctxt->eflags & ~mask) | EFLG_FIXED;
	return X86EMUL_CONTINUE;
}

int em_syscall(struct x86_emulate_ctxt *ctxt)
{
	struct syscall_target target;
	int rc;

	if (!mode_is_protected(ctxt))
		return emulate_ud(ctxt);
	rc = syscall_enabled(ctxt, &target.lma);
	if (rc == X86EMUL_CONTINUE)
		rc = syscall_target(ctxt, &target);
	if (rc != X86EMUL_CONTINUE)
		return rc;

	if (target.lma) {
		reg_write(ctxt, X86_REG_RCX, ctxt->_eip);
		reg_write(ctxt, X86_REG_R11, ctxt->eflags);
	} else {
		reg_write_bytes(ctxt, X86_REG_RCX, ctxt->_eip, 4);
	}
	load_flat(ctxt, target.cs, target.cs + 8, 0, target.lma);
	ctxt->eflags = target.eflags;
	ctxt->_eip = target.eip;
	/* The trap is the next instruction's, and only if SFMASK left TF alone. */
	ctxt->trap = single_step_trap(ctxt->eflags);
	return X86EMUL_CONTINUE;
}

/* AMD's SYSRET changes SS's selector, as STAR has it, and no more than the CPL needs. */
static void sysret_segments(struct x86_emulate_ctxt *ctxt, u16 base, bool wide)
{
	u16 cs = (base + (wide ? 16 : 0)) | SELECTOR_RPL;
	struct x86_segment ss;

	if (is_amd(ctxt))
		ctxt->ops->get_segment(ctxt, X86_SEG_SS, &ss);
	load_flat(ctxt, cs, (u16)(base + 8) | SELECTOR_RPL, 3, wide);
	if (!is_amd(ctxt))
		return;
	ss.selector = base + 8;
	ss.attr |= X86_SEG_DPL_MASK;
	ctxt->ops->set_segment(ctxt, X86_SEG_SS, &ss);
}

int em_sysret(struct x86_emulate_ctxt *ctxt)
{
	bool wide = ctxt->op_bytes == 8, lma;
	unsigned long target = reg_read(ctxt, X86_REG_RCX);
	u64 star;
	int rc;

	rc = syscall_enabled(ctxt, &lma);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	if (!mode_is_protected(ctxt) || ctxt->cpl)
		return emulate_gp(ctxt, 0);
	/* AMD's processors go there, and fault at CPL 3. */
	if (wide && !is_amd(ctxt) && !is_canonical(ctxt, target))
		return emulate_gp(ctxt, 0);
	rc = read_implicit_msr(ctxt, MSR_STAR_INDEX, &star);
	if (rc != X86EMUL_CONTINUE)
		return rc;

	if (mode_is_64(ctxt))
		ctxt->eflags = (reg_read(ctxt, X86_REG_R11) & SYSRET_FLAGS) | EFLG_FIXED;
	else
		ctxt->eflags |= EFLG_IF;
	sysret_segments(ctxt, star >> 48, wide);
	ctxt->_eip = wide ? target : (u32)target;
	/* A TF that comes from R11 traps at once. */
	ctxt->trap = single_step_trap(ctxt->eflags);
	return X86EMUL_CONTINUE;
}

/* What SYSENTER and SYSEXIT ask before all else: IA32_SYSENTER_CS, and whether EFER.LMA is set. */
static int sysenter_enabled(struct x86_emulate_ctxt *ctxt, bool leave, u16 *cs, bool *lma)
{
	u64 efer, val;
	int rc;

	rc = read_implicit_msr(ctxt, MSR_EFER_INDEX, &efer);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	*lma = efer & EFER_LMA_BIT;
	if (*lma && is_amd(ctxt))
		return emulate_ud(ctxt);
	if (ctxt->mode == X86EMUL_MODE_REAL || (leave && ctxt->cpl))
		return emulate_gp(ctxt, 0);
	rc = read_implicit_msr(ctxt, MSR_SYSENTER_CS_INDEX, &val);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	*cs = val & 0xfffc;
	return *cs ? X86EMUL_CONTINUE : emulate_gp(ctxt, 0);
}

int em_sysenter(struct x86_emulate_ctxt *ctxt)
{
	u64 eip, esp;
	bool lma;
	u16 cs;
	int rc;

	rc = sysenter_enabled(ctxt, false, &cs, &lma);
	if (rc == X86EMUL_CONTINUE)
		rc = read_implicit_msr(ctxt, MSR_SYSENTER_EIP_INDEX, &eip);
	if (rc == X86EMUL_CONTINUE)
		rc = read_implicit_msr(ctxt, MSR_SYSENTER_ESP_INDEX, &esp);
	if (rc != X86EMUL_CONTINUE)
		return rc;

	load_flat(ctxt, cs, cs + 8, 0, lma);
	ctxt->eflags &= ~(EFLG_VM | EFLG_IF);
	reg_write(ctxt, X86_REG_RSP, lma ? esp : (u32)esp);
	ctxt->_eip = lma ? eip : (u32)eip;
	return X86EMUL_CONTINUE;
}

int em_sysexit(struct x86_emulate_ctxt *ctxt)
{
	unsigned long eip = reg_read(ctxt, X86_REG_RDX), esp = reg_read(ctxt, X86_REG_RCX);
	bool wide = ctxt->op_bytes == 8, lma;
	u16 cs;
	int rc;

	rc = sysenter_enabled(ctxt, true, &cs, &lma);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	if (wide && (!is_canonical(ctxt, eip) || !is_canonical(ctxt, esp)))
		return emulate_gp(ctxt, 0);

	cs += wide ? 32 : 16;
	load_flat(ctxt, cs | SELECTOR_RPL, (cs + 8) | SELECTOR_RPL, 3, wide);
	reg_write(ctxt, X86_REG_RSP, wide ? esp : (u32)esp);
	ctxt->_eip = wide ? eip : (u32)eip;
	return X86EMUL_CONTINUE;
}
