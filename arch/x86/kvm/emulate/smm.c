// SPDX-License-Identifier: GPL-2.0-only
/*
 * RSM. The state-save area is AMD64's where the guest has long mode, else the
 * 32-bit one of the P6, whose reserved part holds the hidden parts of segments.
 * All of it is read and checked before anything is loaded: a bad state is shutdown.
 */
#include "emulate/segment.h"

#define SMM_AREA		0xfe00u	/* from SMBASE */
#define SMM_AREA_BYTES		0x200u
#define PAGE_BYTES		4096u

#define MSR_EFER_INDEX		0xc0000080
#define EFER_LME_BIT		BIT(8)
#define EFER_LMA_BIT		BIT(10)
#define CR0_NW			BIT(29)
#define CR0_CD			BIT(30)
#define CR0_PG			BIT(31)
#define CR4_PAE			BIT(5)
/* Flags that exist. */
#define RFLAGS_DEFINED		0x3f7fd7ul

#define IO_RESTART		0xff	/* run the I/O instruction again */
#define AUTO_HALT		BIT(0)	/* go back into HLT */

/* Offsets from SMBASE + FE00, AMD64. */
enum smm64 {
	SMM64_SEGMENTS	= 0x000,	/* ES CS SS DS FS GS: 16 bytes each */
	SMM64_GDTR	= 0x060,
	SMM64_LDTR	= 0x070,
	SMM64_IDTR	= 0x080,
	SMM64_TR	= 0x090,
	SMM64_IO_RIP	= 0x0a0,
	SMM64_IO_RCX	= 0x0a8,
	SMM64_IO_RSI	= 0x0b0,
	SMM64_IO_RDI	= 0x0b8,
	SMM64_IO_RESTART = 0x0c8,
	SMM64_AUTO_HALT	= 0x0c9,
	SMM64_EFER	= 0x0d0,
	SMM64_SMBASE	= 0x100,
	SMM64_CR4	= 0x148,
	SMM64_CR3	= 0x150,
	SMM64_CR0	= 0x158,
	SMM64_DR7	= 0x160,
	SMM64_DR6	= 0x168,
	SMM64_RFLAGS	= 0x170,
	SMM64_RIP	= 0x178,
	SMM64_R15	= 0x180,	/* down to RAX: 8 bytes each */
};

/* The same, 32-bit. */
enum smm32 {
	SMM32_SMBASE	= 0x0f8,
	SMM32_IO_RESTART = 0x100,
	SMM32_AUTO_HALT	= 0x102,
	SMM32_IO_EIP	= 0x110,
	SMM32_CR4	= 0x114,
	SMM32_HIDDEN_DS	= 0x12c,	/* DS FS GS: attributes, limit, base */
	SMM32_IDTR	= 0x154,	/* limit, base */
	SMM32_HIDDEN_TR	= 0x15c,
	SMM32_GDTR	= 0x170,
	SMM32_HIDDEN_LDTR = 0x178,
	SMM32_HIDDEN_ES	= 0x184,	/* ES CS SS */
	SMM32_SELECTORS	= 0x1a8,	/* ES CS SS DS FS GS LDTR TR: 4 bytes each */
	SMM32_DR7	= 0x1c8,
	SMM32_DR6	= 0x1cc,
	SMM32_EAX	= 0x1d0,	/* ECX EDX EBX ESP EBP ESI EDI: 4 bytes each */
	SMM32_EIP	= 0x1f0,
	SMM32_EFLAGS	= 0x1f4,
	SMM32_CR3	= 0x1f8,
	SMM32_CR0	= 0x1fc,
};

struct rsm {
	struct x86_smm_state state;
	unsigned long gpr[X86_NR_GPRS];
	unsigned long eip;
	unsigned long eflags;
	unsigned int nr_gprs;
};

static u64 get64(const u8 *area, unsigned int at)
{
	u64 val;

	memcpy(&val, area + at, sizeof(val));
	return val;
}

static u32 get32(const u8 *area, unsigned int at)
{
	u32 val;

	memcpy(&val, area + at, sizeof(val));
	return val;
}

static u16 get16(const u8 *area, unsigned int at)
{
	u16 val;

	memcpy(&val, area + at, sizeof(val));
	return val;
}

/* Attributes are saved with the limit's bits 19:16 between their halves. */
static void set_attr(struct x86_segment *var, u32 saved)
{
	var->attr = (saved & 0xff) | (saved >> 4 & 0xf00);
	if (!(var->attr & X86_SEG_P))
		var->attr |= X86_SEG_UNUSABLE;
}

static void get_segment64(const u8 *area, unsigned int at, struct x86_segment *var)
{
	var->selector = get16(area, at);
	set_attr(var, get16(area, at + 2));
	var->limit = get32(area, at + 4);
	var->base = get64(area, at + 8);
}

static void get_table64(const u8 *area, unsigned int at, struct x86_desc_ptr *dt)
{
	dt->size = get16(area, at + 4);
	dt->address = get64(area, at + 8);
}

static void io_restart64(const u8 *area, struct rsm *rsm)
{
	if (area[SMM64_IO_RESTART] != IO_RESTART)
		return;
	rsm->eip = get64(area, SMM64_IO_RIP);
	rsm->gpr[X86_REG_RCX] = get64(area, SMM64_IO_RCX);
	rsm->gpr[X86_REG_RSI] = get64(area, SMM64_IO_RSI);
	rsm->gpr[X86_REG_RDI] = get64(area, SMM64_IO_RDI);
}

static void get_area64(const u8 *area, struct rsm *rsm)
{
	struct x86_smm_state *state = &rsm->state;
	int i;

	for (i = X86_SEG_ES; i <= X86_SEG_GS; i++)
		get_segment64(area, SMM64_SEGMENTS + i * 16, &state->seg[i]);
	get_segment64(area, SMM64_LDTR, &state->seg[X86_SEG_LDTR]);
	get_segment64(area, SMM64_TR, &state->seg[X86_SEG_TR]);
	get_table64(area, SMM64_GDTR, &state->dt[X86_DT_GDT]);
	get_table64(area, SMM64_IDTR, &state->dt[X86_DT_IDT]);
	state->cr0 = get64(area, SMM64_CR0);
	state->cr3 = get64(area, SMM64_CR3);
	state->cr4 = get64(area, SMM64_CR4);
	state->efer = get64(area, SMM64_EFER);
	state->dr6 = get64(area, SMM64_DR6);
	state->dr7 = get64(area, SMM64_DR7);
	state->smbase = get32(area, SMM64_SMBASE);
	state->halt = area[SMM64_AUTO_HALT] & AUTO_HALT;
	rsm->eip = get64(area, SMM64_RIP);
	rsm->eflags = get64(area, SMM64_RFLAGS);
	rsm->nr_gprs = 16;
	for (i = 0; i < 16; i++)
		rsm->gpr[i] = get64(area, SMM64_R15 + (15 - i) * 8);
	io_restart64(area, rsm);
}

static void get_segment32(const u8 *area, int seg, unsigned int hidden, struct x86_segment *var)
{
	var->selector = get16(area, SMM32_SELECTORS + seg * 4);
	set_attr(var, get32(area, hidden));
	var->limit = get32(area, hidden + 4);
	var->base = get32(area, hidden + 8);
}

static void get_table32(const u8 *area, unsigned int at, struct x86_desc_ptr *dt)
{
	dt->size = get32(area, at);
	dt->address = get32(area, at + 4);
}

static void get_area32(const u8 *area, struct rsm *rsm)
{
	static const u16 hidden[X86_NR_SEGS] = {
		SMM32_HIDDEN_ES, SMM32_HIDDEN_ES + 12, SMM32_HIDDEN_ES + 24,
		SMM32_HIDDEN_DS, SMM32_HIDDEN_DS + 12, SMM32_HIDDEN_DS + 24,
		SMM32_HIDDEN_LDTR, SMM32_HIDDEN_TR,
	};
	struct x86_smm_state *state = &rsm->state;
	int i;

	for (i = X86_SEG_ES; i < X86_NR_SEGS; i++)
		get_segment32(area, i, hidden[i], &state->seg[i]);
	get_table32(area, SMM32_GDTR, &state->dt[X86_DT_GDT]);
	get_table32(area, SMM32_IDTR, &state->dt[X86_DT_IDT]);
	state->cr0 = get32(area, SMM32_CR0);
	state->cr3 = get32(area, SMM32_CR3);
	state->cr4 = get32(area, SMM32_CR4);
	state->dr6 = get32(area, SMM32_DR6);
	state->dr7 = get32(area, SMM32_DR7);
	state->smbase = get32(area, SMM32_SMBASE);
	state->halt = area[SMM32_AUTO_HALT] & AUTO_HALT;
	rsm->eip = get32(area, SMM32_EIP);
	if (area[SMM32_IO_RESTART] == IO_RESTART)
		rsm->eip = get32(area, SMM32_IO_EIP);
	rsm->eflags = get32(area, SMM32_EFLAGS);
	rsm->nr_gprs = 8;
	for (i = 0; i < 8; i++)
		rsm->gpr[i] = get32(area, SMM32_EAX + i * 4);
}

/* What the manuals say leads to shutdown; reserved bits beyond are the callback's to refuse. */
static bool state_valid(const struct x86_smm_state *state)
{
	u64 cr0 = state->cr0, cr4 = state->cr4, efer = state->efer;
	bool long_mode = (efer & EFER_LME_BIT) && (cr0 & CR0_PG);
	u16 cs = state->seg[X86_SEG_CS].attr;

	if ((cr0 | cr4 | state->dr6 | state->dr7) >> 32)
		return false;
	if ((cr0 & CR0_PG) && !(cr0 & CR0_PE))
		return false;
	if ((cr0 & CR0_NW) && !(cr0 & CR0_CD))
		return false;
	if (long_mode != !!(efer & EFER_LMA_BIT))
		return false;
	if (!long_mode)
		return !(cr4 & CR4_PCIDE);
	return (cr4 & CR4_PAE) && (cs & (X86_SEG_L | X86_SEG_DB)) != (X86_SEG_L | X86_SEG_DB);
}

/* By physical address, hence not by linear_read(); only memory can hold it. */
static int read_area(struct x86_emulate_ctxt *ctxt, u8 *area)
{
	u32 at = ctxt->smbase + SMM_AREA;
	unsigned int done, bytes;
	int rc;

	for (done = 0; done < SMM_AREA_BYTES; done += bytes) {
		bytes = PAGE_BYTES - ((at + done) & (PAGE_BYTES - 1));
		if (bytes > SMM_AREA_BYTES - done)
			bytes = SMM_AREA_BYTES - done;
		rc = ctxt->ops->read(ctxt, (u32)(at + done), area + done, bytes,
				     X86EMUL_F_IMPLICIT | X86EMUL_F_PHYSICAL | X86EMUL_F_RAM);
		if (rc != X86EMUL_CONTINUE)
			return rc == X86EMUL_NOT_RAM ? X86EMUL_UNHANDLEABLE : rc;
	}
	return X86EMUL_CONTINUE;
}

static int read_state(struct x86_emulate_ctxt *ctxt, struct rsm *rsm)
{
	u8 area[SMM_AREA_BYTES];
	u64 efer;
	int rc;

	rc = read_area(ctxt, area);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	memset(rsm, 0, sizeof(*rsm));
	if (has_feature(ctxt, FEAT_LM)) {
		get_area64(area, rsm);
		return X86EMUL_CONTINUE;
	}
	get_area32(area, rsm);
	/* The area has no EFER: it stays as it is. */
	rc = read_implicit_msr(ctxt, MSR_EFER_INDEX, &efer);
	rsm->state.efer = efer;
	return rc;
}

/* The state the guest had is gone for good: RIP stays at RSM. */
static int shut_down(struct x86_emulate_ctxt *ctxt)
{
	ctxt->have_exception = false;
	ctxt->_eip = ctxt->eip;
	return ctxt->ops->vcpu_op(ctxt, X86_VCPU_SHUTDOWN, 0, 0);
}

int check_rsm(struct x86_emulate_ctxt *ctxt)
{
	return ctxt->smm ? X86EMUL_CONTINUE : emulate_ud(ctxt);
}

int em_rsm(struct x86_emulate_ctxt *ctxt)
{
	struct rsm rsm;
	unsigned int i;
	int rc;

	rc = read_state(ctxt, &rsm);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	if (!state_valid(&rsm.state))
		return shut_down(ctxt);
	rc = ctxt->ops->vcpu_op(ctxt, X86_VCPU_LEAVE_SMM, (uintptr_t)&rsm.state, 0);
	if (rc == X86EMUL_PROPAGATE_FAULT)
		return shut_down(ctxt);
	if (rc != X86EMUL_CONTINUE)
		return rc;

	for (i = 0; i < rsm.nr_gprs; i++)
		reg_write(ctxt, i, rsm.gpr[i]);
	ctxt->eflags = (rsm.eflags & RFLAGS_DEFINED) | EFLG_FIXED;
	ctxt->_eip = rsm.eip;
	return X86EMUL_CONTINUE;
}
