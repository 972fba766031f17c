// SPDX-License-Identifier: GPL-2.0-only
/*
 * System instructions. What they mean for the machine lives behind the
 * callbacks; here are their operands, their checks and their results.
 */
#include "emulate/segment.h"

#define DR6_BD			BIT(13)
#define DR7_GD			BIT(13)
#define CR0_LMSW		0xfull	/* PE, MP, EM, TS */
#define MSR_MPERF_INDEX		0x000000e7
#define MSR_APERF_INDEX		0x000000e8
#define MSR_KERNEL_GS_BASE_INDEX 0xc0000102
#define MSR_TSC_AUX_INDEX	0xc0000103

/* Callbacks that refuse a value mean #GP(0). */
static int gp_if_refused(struct x86_emulate_ctxt *ctxt, int rc)
{
	return rc == X86EMUL_PROPAGATE_FAULT ? emulate_gp(ctxt, 0) : rc;
}

/* Userspace may have to answer: what it said once is not asked for again. */
int read_implicit_msr(struct x86_emulate_ctxt *ctxt, u32 index, u64 *val)
{
	struct read_cache *cache = &ctxt->mem_read;
	int rc;

	if (cache->pos == cache->end) {
		rc = ctxt->ops->get_msr(ctxt, index, val);
		if (rc != X86EMUL_CONTINUE)
			return gp_if_refused(ctxt, rc);
		if (cache->end + sizeof(*val) > sizeof(cache->data))
			return X86EMUL_UNHANDLEABLE;
		memcpy(cache->data + cache->end, val, sizeof(*val));
		cache->end += sizeof(*val);
	} else if (cache->end - cache->pos < sizeof(*val)) {
		return X86EMUL_UNHANDLEABLE;
	} else {
		memcpy(val, cache->data + cache->pos, sizeof(*val));
	}
	cache->pos += sizeof(*val);
	return X86EMUL_CONTINUE;
}

/* EDX:EAX, as wide results and arguments are passed. */
static void write_edx_eax(struct x86_emulate_ctxt *ctxt, u64 val)
{
	reg_write(ctxt, X86_REG_RAX, (u32)val);
	reg_write(ctxt, X86_REG_RDX, val >> 32);
}

static u64 read_edx_eax(const struct x86_emulate_ctxt *ctxt)
{
	return (u32)reg_read(ctxt, X86_REG_RAX) | (u64)reg_read(ctxt, X86_REG_RDX) << 32;
}

int em_hlt(struct x86_emulate_ctxt *ctxt)
{
	return ctxt->ops->vcpu_op(ctxt, X86_VCPU_HALT, 0, 0);
}

/* The flag of CLI and STI: IF, VIF by the virtual-interrupt extensions, or 0 for #GP. */
static unsigned long interrupt_flag(struct x86_emulate_ctxt *ctxt)
{
	unsigned int iopl = (ctxt->eflags & EFLG_IOPL) >> EFLG_IOPL_SHIFT;
	u64 extension = CR4_PVI;

	if (ctxt->mode == X86EMUL_MODE_REAL)
		return EFLG_IF;
	if (ctxt->mode == X86EMUL_MODE_VM86) {
		if (iopl == 3)
			return EFLG_IF;
		extension = CR4_VME;
	} else if (ctxt->cpl <= iopl) {
		return EFLG_IF;
	} else if (ctxt->cpl != 3) {
		return 0;
	}
	return ctxt->ops->get_cr(ctxt, 4) & extension ? EFLG_VIF : 0;
}

int em_cli(struct x86_emulate_ctxt *ctxt)
{
	unsigned long flag = interrupt_flag(ctxt);

	if (!flag)
		return emulate_gp(ctxt, 0);
	ctxt->eflags &= ~flag;
	return X86EMUL_CONTINUE;
}

int em_sti(struct x86_emulate_ctxt *ctxt)
{
	unsigned long flag = interrupt_flag(ctxt);

	if (!flag || (flag == EFLG_VIF && (ctxt->eflags & EFLG_VIP)))
		return emulate_gp(ctxt, 0);
	if (flag == EFLG_IF && !(ctxt->eflags & EFLG_IF))
		ctxt->interruptibility = X86_SHADOW_INT_STI;
	ctxt->eflags |= flag;
	return X86EMUL_CONTINUE;
}

int em_cpuid(struct x86_emulate_ctxt *ctxt)
{
	u32 eax = reg_read(ctxt, X86_REG_RAX), ecx = reg_read(ctxt, X86_REG_RCX);
	u32 ebx = 0, edx = 0;

	ctxt->ops->get_cpuid(ctxt, &eax, &ebx, &ecx, &edx);
	reg_write(ctxt, X86_REG_RAX, eax);
	reg_write(ctxt, X86_REG_RBX, ebx);
	reg_write(ctxt, X86_REG_RCX, ecx);
	reg_write(ctxt, X86_REG_RDX, edx);
	return X86EMUL_CONTINUE;
}

int check_rdtsc(struct x86_emulate_ctxt *ctxt)
{
	if (ctxt->cpl && (ctxt->ops->get_cr(ctxt, 4) & CR4_TSD))
		return emulate_gp(ctxt, 0);
	return X86EMUL_CONTINUE;
}

int em_rdtsc(struct x86_emulate_ctxt *ctxt)
{
	write_edx_eax(ctxt, ctxt->ops->read_tsc(ctxt));
	return X86EMUL_CONTINUE;
}

int em_rdtscp(struct x86_emulate_ctxt *ctxt)
{
	u64 aux;
	int rc;

	rc = read_implicit_msr(ctxt, MSR_TSC_AUX_INDEX, &aux);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	write_edx_eax(ctxt, ctxt->ops->read_tsc(ctxt));
	reg_write(ctxt, X86_REG_RCX, (u32)aux);
	return X86EMUL_CONTINUE;
}

int em_rdpid(struct x86_emulate_ctxt *ctxt)
{
	u64 aux;
	int rc;

	rc = read_implicit_msr(ctxt, MSR_TSC_AUX_INDEX, &aux);
	if (rc == X86EMUL_CONTINUE)
		ctxt->dst.val = (u32)aux;
	return rc;
}

int check_rdpru(struct x86_emulate_ctxt *ctxt)
{
	if (ctxt->cpl && (ctxt->ops->get_cr(ctxt, 4) & CR4_TSD))
		return emulate_ud(ctxt);
	return X86EMUL_CONTINUE;
}

/* MPERF, APERF; registers that do not exist read as 0. */
int em_rdpru(struct x86_emulate_ctxt *ctxt)
{
	u32 nr = reg_read(ctxt, X86_REG_RCX);
	u64 val = 0;
	int rc = X86EMUL_CONTINUE;

	if (nr <= 1)
		rc = read_implicit_msr(ctxt, nr ? MSR_APERF_INDEX : MSR_MPERF_INDEX, &val);
	if (rc == X86EMUL_CONTINUE)
		write_edx_eax(ctxt, val);
	return rc;
}

int em_rdmsr(struct x86_emulate_ctxt *ctxt)
{
	u64 val;
	int rc;

	rc = ctxt->ops->get_msr(ctxt, (u32)reg_read(ctxt, X86_REG_RCX), &val);
	if (rc != X86EMUL_CONTINUE)
		return gp_if_refused(ctxt, rc);
	write_edx_eax(ctxt, val);
	return X86EMUL_CONTINUE;
}

int em_wrmsr(struct x86_emulate_ctxt *ctxt)
{
	int rc;

	rc = ctxt->ops->set_msr(ctxt, (u32)reg_read(ctxt, X86_REG_RCX), read_edx_eax(ctxt));
	return gp_if_refused(ctxt, rc);
}

static bool is_backdoor_counter(const struct x86_emulate_ctxt *ctxt)
{
	u32 counter = reg_read(ctxt, X86_REG_RCX);

	return ctxt->io_backdoor && counter >= VMWARE_PMC_HOST_TSC &&
	       counter <= VMWARE_PMC_APPARENT_TIME;
}

int check_rdpmc(struct x86_emulate_ctxt *ctxt)
{
	if (is_backdoor_counter(ctxt))
		return X86EMUL_CONTINUE;
	if (ctxt->cpl && !(ctxt->ops->get_cr(ctxt, 4) & CR4_PCE))
		return emulate_gp(ctxt, 0);
	return X86EMUL_CONTINUE;
}

int em_rdpmc(struct x86_emulate_ctxt *ctxt)
{
	u64 val;
	int rc;

	rc = ctxt->ops->read_pmc(ctxt, (u32)reg_read(ctxt, X86_REG_RCX), &val);
	if (rc != X86EMUL_CONTINUE)
		return gp_if_refused(ctxt, rc);
	write_edx_eax(ctxt, val);
	return X86EMUL_CONTINUE;
}

/* What AMD's manual does not reserve for NOP: a prefetch of a register. */
int check_not_amd(struct x86_emulate_ctxt *ctxt)
{
	return is_amd(ctxt) ? emulate_ud(ctxt) : X86EMUL_CONTINUE;
}

int check_umip(struct x86_emulate_ctxt *ctxt)
{
	if (ctxt->cpl && (ctxt->ops->get_cr(ctxt, 4) & CR4_UMIP))
		return emulate_gp(ctxt, 0);
	return X86EMUL_CONTINUE;
}

/* Limit, then a base of 8 bytes in 64-bit mode, else of 4: 3 of them count with 16-bit operands. */
static int load_descriptor_table(struct x86_emulate_ctxt *ctxt, enum x86emul_dt which)
{
	struct x86_desc_ptr dt = { 0 };
	unsigned int bytes = mode_is_64(ctxt) ? 8 : ctxt->op_bytes == 2 ? 3 : 4;

	memcpy(&dt.size, ctxt->dst.data, sizeof(dt.size));
	memcpy(&dt.address, ctxt->dst.data + sizeof(dt.size), bytes);
	if (mode_is_64(ctxt) && !is_canonical(ctxt, dt.address))
		return emulate_gp(ctxt, 0);
	ctxt->ops->set_dt(ctxt, which, &dt);
	return X86EMUL_CONTINUE;
}

/* All of the base, whatever the operand size: so do processors since the 386. */
static int store_descriptor_table(struct x86_emulate_ctxt *ctxt, enum x86emul_dt which)
{
	struct x86_desc_ptr dt;

	ctxt->ops->get_dt(ctxt, which, &dt);
	memset(ctxt->dst.data, 0, sizeof(ctxt->dst.data));
	memcpy(ctxt->dst.data, &dt.size, sizeof(dt.size));
	memcpy(ctxt->dst.data + sizeof(dt.size), &dt.address, mode_is_64(ctxt) ? 8 : 4);
	return X86EMUL_CONTINUE;
}

int em_lgdt(struct x86_emulate_ctxt *ctxt)
{
	return load_descriptor_table(ctxt, X86_DT_GDT);
}

int em_lidt(struct x86_emulate_ctxt *ctxt)
{
	return load_descriptor_table(ctxt, X86_DT_IDT);
}

int em_sgdt(struct x86_emulate_ctxt *ctxt)
{
	return store_descriptor_table(ctxt, X86_DT_GDT);
}

int em_sidt(struct x86_emulate_ctxt *ctxt)
{
	return store_descriptor_table(ctxt, X86_DT_IDT);
}

/* PE can be set, but not cleared. */
int em_lmsw(struct x86_emulate_ctxt *ctxt)
{
	u64 cr0 = ctxt->ops->get_cr(ctxt, 0);

	cr0 = (cr0 & ~(CR0_LMSW & ~(u64)CR0_PE)) | (ctxt->dst.val & CR0_LMSW);
	return gp_if_refused(ctxt, ctxt->ops->set_cr(ctxt, 0, cr0));
}

/* dst.bytes cuts it: 2 to memory, the operand size to a register. */
int em_smsw(struct x86_emulate_ctxt *ctxt)
{
	ctxt->dst.val = truncate_to(ctxt->ops->get_cr(ctxt, 0), ctxt->dst.bytes);
	return X86EMUL_CONTINUE;
}

int em_clts(struct x86_emulate_ctxt *ctxt)
{
	u64 cr0 = ctxt->ops->get_cr(ctxt, 0) & ~(u64)CR0_TS;

	return gp_if_refused(ctxt, ctxt->ops->set_cr(ctxt, 0, cr0));
}

int check_xgetbv(struct x86_emulate_ctxt *ctxt)
{
	if (!(ctxt->ops->get_cr(ctxt, 4) & CR4_OSXSAVE))
		return emulate_ud(ctxt);
	return X86EMUL_CONTINUE;
}

/* Nothing but XCR0 and, where CPUID has it, XCR1 may be asked for: see X86_XCR_PKRU. */
int em_xgetbv(struct x86_emulate_ctxt *ctxt)
{
	u32 index = reg_read(ctxt, X86_REG_RCX);
	u64 val;
	int rc;

	if (index > 1 || (index && !has_feature(ctxt, FEAT_XGETBV1)))
		return emulate_gp(ctxt, 0);
	rc = ctxt->ops->get_xcr(ctxt, index, &val);
	if (rc != X86EMUL_CONTINUE)
		return gp_if_refused(ctxt, rc);
	write_edx_eax(ctxt, val);
	return X86EMUL_CONTINUE;
}

int check_xsetbv(struct x86_emulate_ctxt *ctxt)
{
	int rc = check_xgetbv(ctxt);

	if (rc != X86EMUL_CONTINUE)
		return rc;
	if (ctxt->cpl)
		return emulate_gp(ctxt, 0);
	return X86EMUL_CONTINUE;
}

int em_xsetbv(struct x86_emulate_ctxt *ctxt)
{
	int rc;

	/* What is beyond is not for XSETBV: see X86_XCR_PKRU. */
	if ((u32)reg_read(ctxt, X86_REG_RCX))
		return emulate_gp(ctxt, 0);
	rc = ctxt->ops->set_xcr(ctxt, 0, read_edx_eax(ctxt));
	return gp_if_refused(ctxt, rc);
}

int check_pkru(struct x86_emulate_ctxt *ctxt)
{
	if (!(ctxt->ops->get_cr(ctxt, 4) & CR4_PKE))
		return emulate_ud(ctxt);
	return X86EMUL_CONTINUE;
}

int em_rdpkru(struct x86_emulate_ctxt *ctxt)
{
	u64 val;
	int rc;

	if ((u32)reg_read(ctxt, X86_REG_RCX))
		return emulate_gp(ctxt, 0);
	rc = ctxt->ops->get_xcr(ctxt, X86_XCR_PKRU, &val);
	if (rc != X86EMUL_CONTINUE)
		return gp_if_refused(ctxt, rc);
	write_edx_eax(ctxt, (u32)val);
	return X86EMUL_CONTINUE;
}

int em_wrpkru(struct x86_emulate_ctxt *ctxt)
{
	int rc;

	if ((u32)reg_read(ctxt, X86_REG_RCX) || (u32)reg_read(ctxt, X86_REG_RDX))
		return emulate_gp(ctxt, 0);
	rc = ctxt->ops->set_xcr(ctxt, X86_XCR_PKRU, (u32)reg_read(ctxt, X86_REG_RAX));
	return gp_if_refused(ctxt, rc);
}

/* CLAC and STAC do not exist at CPL 3. */
int check_ac(struct x86_emulate_ctxt *ctxt)
{
	return ctxt->cpl ? emulate_ud(ctxt) : X86EMUL_CONTINUE;
}

int em_clac(struct x86_emulate_ctxt *ctxt)
{
	ctxt->eflags &= ~EFLG_AC;
	return X86EMUL_CONTINUE;
}

int em_stac(struct x86_emulate_ctxt *ctxt)
{
	ctxt->eflags |= EFLG_AC;
	return X86EMUL_CONTINUE;
}

static void write_base(struct x86_emulate_ctxt *ctxt, int seg, u64 base)
{
	struct x86_segment var;

	ctxt->ops->get_segment(ctxt, seg, &var);
	var.base = base;
	ctxt->ops->set_segment(ctxt, seg, &var);
}

int em_swapgs(struct x86_emulate_ctxt *ctxt)
{
	u64 base;
	int rc;

	rc = read_implicit_msr(ctxt, MSR_KERNEL_GS_BASE_INDEX, &base);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	rc = ctxt->ops->set_msr(ctxt, MSR_KERNEL_GS_BASE_INDEX,
				ctxt->ops->get_segment_base(ctxt, X86_SEG_GS));
	if (rc != X86EMUL_CONTINUE)
		return gp_if_refused(ctxt, rc);
	write_base(ctxt, X86_SEG_GS, base);
	return X86EMUL_CONTINUE;
}

int check_fsgsbase(struct x86_emulate_ctxt *ctxt)
{
	if (!(ctxt->ops->get_cr(ctxt, 4) & CR4_FSGSBASE))
		return emulate_ud(ctxt);
	return X86EMUL_CONTINUE;
}

/* RDFSBASE, WRFSBASE and RDGSBASE, WRGSBASE: ModRM.reg tells. */
static int base_segment(const struct x86_emulate_ctxt *ctxt)
{
	return ctxt->modrm_reg & 1 ? X86_SEG_GS : X86_SEG_FS;
}

int em_rdbase(struct x86_emulate_ctxt *ctxt)
{
	unsigned long base = ctxt->ops->get_segment_base(ctxt, base_segment(ctxt));

	ctxt->dst.val = truncate_to(base, ctxt->dst.bytes);
	return X86EMUL_CONTINUE;
}

int em_wrbase(struct x86_emulate_ctxt *ctxt)
{
	if (!is_canonical(ctxt, ctxt->dst.val))
		return emulate_gp(ctxt, 0);
	write_base(ctxt, base_segment(ctxt), ctxt->dst.val);
	return X86EMUL_CONTINUE;
}

/*
 * VMCALL and VMMCALL do the same here. The one that this processor does not
 * have met #UD: make it the other, so that the next one traps as a hypercall.
 * The two differ in their last byte. Code that the guest cannot write stays.
 */
static int patch_hypercall(struct x86_emulate_ctxt *ctxt)
{
	unsigned long la = ctxt->next_eip - 1;
	int rc;

	if (!mode_is_64(ctxt))
		la = (u32)(la + ctxt->ops->get_segment_base(ctxt, X86_SEG_CS));
	rc = ctxt->ops->write(ctxt, la, NULL, 1, X86EMUL_F_PROBE | X86EMUL_F_RAM);
	if (rc == X86EMUL_CONTINUE) {
		rc = ctxt->ops->cmpxchg_emulated(ctxt, la, &ctxt->modrm, &ctxt->hypercall, 1, 0);
		if (rc == X86EMUL_CONTINUE || rc == X86EMUL_CMPXCHG_FAILED)
			return X86EMUL_RETRY_INSTR;
	}
	if (rc != X86EMUL_PROPAGATE_FAULT && rc != X86EMUL_NOT_RAM)
		return rc;
	ctxt->have_exception = false;
	return X86EMUL_CONTINUE;
}

int em_hypercall(struct x86_emulate_ctxt *ctxt)
{
	int rc = X86EMUL_CONTINUE;

	if (ctxt->ud && ctxt->hypercall && ctxt->modrm != ctxt->hypercall)
		rc = patch_hypercall(ctxt);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	return ctxt->ops->vcpu_op(ctxt, X86_VCPU_HYPERCALL, 0, 0);
}

int em_mov_from_cr(struct x86_emulate_ctxt *ctxt)
{
	ctxt->dst.val = truncate_to(ctxt->ops->get_cr(ctxt, ctxt->src.reg), ctxt->dst.bytes);
	return X86EMUL_CONTINUE;
}

int em_mov_to_cr(struct x86_emulate_ctxt *ctxt)
{
	int cr = ctxt->dst.reg;

	ctxt->dst.type = OP_NONE;
	return gp_if_refused(ctxt, ctxt->ops->set_cr(ctxt, cr, ctxt->src.val));
}

/* DR4 and DR5 name DR6 and DR7 unless CR4.DE takes them away. */
static int resolve_dr(int dr)
{
	return dr == 4 || dr == 5 ? dr + 2 : dr;
}

int check_dr(struct x86_emulate_ctxt *ctxt)
{
	int dr = ctxt->modrm_reg;

	if (resolve_dr(dr) != dr && (ctxt->ops->get_cr(ctxt, 4) & CR4_DE))
		return emulate_ud(ctxt);
	if (!(ctxt->ops->get_dr(ctxt, 7) & DR7_GD))
		return X86EMUL_CONTINUE;

	emulate_exception(ctxt, EXC_DB, 0, false);
	ctxt->exception.address = DR6_BD;
	return X86EMUL_PROPAGATE_FAULT;
}

int em_mov_from_dr(struct x86_emulate_ctxt *ctxt)
{
	u64 val = ctxt->ops->get_dr(ctxt, resolve_dr(ctxt->src.reg));

	ctxt->dst.val = truncate_to(val, ctxt->dst.bytes);
	return X86EMUL_CONTINUE;
}

int em_mov_to_dr(struct x86_emulate_ctxt *ctxt)
{
	int dr = resolve_dr(ctxt->dst.reg);

	ctxt->dst.type = OP_NONE;
	if (dr >= 6 && (u64)ctxt->src.val >> 32)
		return emulate_gp(ctxt, 0);
	return gp_if_refused(ctxt, ctxt->ops->set_dr(ctxt, dr, ctxt->src.val));
}
