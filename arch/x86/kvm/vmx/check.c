// SPDX-License-Identifier: GPL-2.0-only
/*
 * Why did VM entry fail? The checks of the Intel SDM ("VM Entries"), in its order,
 * on what is in the VMCS. Nothing here runs before an entry has failed.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ratelimit.h>

#include <asm/msr.h>

#include "vmx/vmx.h"

#define AR_TYPE(ar)	((ar) & VMX_AR_TYPE_MASK)
#define AR_DPL(ar)	VMX_AR_DPL(ar)
#define AR_RESERVED	0xfffe0f00u
#define RFLAGS_RESERVED	(~0x3fffffull | BIT(15) | BIT(5) | BIT(3))
#define DR7_RESERVED	GENMASK_ULL(63, 32)
#define DEBUGCTL_RESERVED (~0xffc3ull)
#define EFER_RESERVED	(~(u64)(EFER_SCE | EFER_LME | EFER_LMA | EFER_NX))
#define PENDING_BS	BIT(14)
#define TYPE_RESERVED	(1 << 8)
#define VECTOR_NMI	2
#define PENDING_RESERVED (~0x1500full & ~(u64)BIT(16))

/* The order of fields in the VMCS. */
enum { ES, CS, SS, DS, FS, GS, LDTR, TR, NR_SEGMENTS };

static const char *const seg_name[NR_SEGMENTS] = {
	"ES", "CS", "SS", "DS", "FS", "GS", "LDTR", "TR",
};

struct check_seg {
	u16 sel;
	u32 limit, ar;
	u64 base;
	bool usable;
};

/* What is checked, read once; and what has been found. */
struct entry_state {
	u32 ctl[VMX_NR_CONTROLS];
	u64 cr0, cr3, cr4, efer, rip, rflags, pending_dbg;
	u32 event, shadow, activity;
	struct check_seg seg[NR_SEGMENTS];
	bool long_mode, vm86, unrestricted;
	u64 pa_reserved;		/* bits beyond the processor's physical addresses */
	unsigned int found;
};

/* The rule in words, and its name for programs. */
static __printf(3, 4) void fail(struct entry_state *s, const char *id, const char *fmt, ...)
{
	struct va_format vaf;
	va_list args;

	va_start(args, fmt);
	vaf.fmt = fmt;
	vaf.va = &args;
	pr_err("entry check failed: %pV [%s]\n", &vaf, id);
	va_end(args);
	s->found++;
}

static __printf(4, 5) void fail_seg(struct entry_state *s, int seg, const char *what,
				    const char *fmt, ...)
{
	struct va_format vaf;
	va_list args;

	va_start(args, fmt);
	vaf.fmt = fmt;
	vaf.va = &args;
	pr_err("entry check failed: %s.%pV [guest.%s.%s]\n", seg_name[seg], &vaf, seg_name[seg],
	       what);
	va_end(args);
	s->found++;
}

/* All processors that have five levels check for 57 bits, whatever the mode. */
static bool canonical(u64 la)
{
	int bits = boot_cpu_has(X86_FEATURE_LA57) ? 57 : 48;

	return (u64)((s64)(la << (64 - bits)) >> (64 - bits)) == la;
}

/* Fields that have one rule: bits that must be zero, by name. */
struct zero_rule {
	const char *id, *name;
	u32 field;
	u64 zero;
};

static void check_zero(struct entry_state *s, const struct zero_rule *r, int nr)
{
	u64 val;

	for (; nr; nr--, r++) {
		val = vmcs_readl(r->field);
		if (val & r->zero)
			fail(s, r->id, "%s is %#llx, bits %#llx must be 0", r->name, val,
			     val & r->zero);
	}
}

struct address_rule {
	const char *id, *name;
	u32 field;
};

static void check_addresses(struct entry_state *s, const struct address_rule *r, int nr)
{
	u64 val;

	for (; nr; nr--, r++) {
		val = vmcs_readl(r->field);
		if (!canonical(val))
			fail(s, r->id, "%s is %#llx, not canonical", r->name, val);
	}
}

/* ---- controls ----------------------------------------------------------- */

/* Controls that need another one; physical addresses that they use. */
struct control_rule {
	enum vmx_control which;
	u32 bit;
	enum vmx_control with;
	u32 needs;
	const char *id, *text;
};

static const struct control_rule control_rules[] = {
	{ VMX_PIN, PIN_BASED_VIRTUAL_NMIS, VMX_PIN, PIN_BASED_NMI_EXITING,
	  "control.virtual_nmis", "virtual NMIs without NMI exiting" },
	{ VMX_CPU, CPU_BASED_NMI_WINDOW_EXITING, VMX_PIN, PIN_BASED_VIRTUAL_NMIS,
	  "control.nmi_window", "NMI-window exiting without virtual NMIs" },
	{ VMX_CPU2, SECONDARY_EXEC_UNRESTRICTED_GUEST, VMX_CPU2, SECONDARY_EXEC_ENABLE_EPT,
	  "control.unrestricted_guest", "unrestricted guest without EPT" },
	{ VMX_CPU2, SECONDARY_EXEC_ENABLE_PML, VMX_CPU2, SECONDARY_EXEC_ENABLE_EPT,
	  "control.pml", "page-modification logging without EPT" },
	{ VMX_CPU2, SECONDARY_EXEC_VIRTUALIZE_X2APIC_MODE, VMX_CPU, CPU_BASED_TPR_SHADOW,
	  "control.x2apic", "virtualize x2APIC mode without TPR shadow" },
	{ VMX_EXIT, VM_EXIT_SAVE_VMX_PREEMPTION_TIMER, VMX_PIN, PIN_BASED_VMX_PREEMPTION_TIMER,
	  "control.save_timer", "saving the preemption timer without using it" },
};

static const struct {
	enum vmx_control which;
	u32 bit;
	u32 field;
	const char *id, *name;
} address_controls[] = {
	{ VMX_CPU, CPU_BASED_USE_IO_BITMAPS, IO_BITMAP_A, "control.io_bitmap_a", "I/O bitmap A" },
	{ VMX_CPU, CPU_BASED_USE_IO_BITMAPS, IO_BITMAP_B, "control.io_bitmap_b", "I/O bitmap B" },
	{ VMX_CPU, CPU_BASED_USE_MSR_BITMAPS, MSR_BITMAP, "control.msr_bitmap", "MSR bitmap" },
	{ VMX_CPU, CPU_BASED_TPR_SHADOW, VIRTUAL_APIC_PAGE_ADDR, "control.virtual_apic",
	  "virtual-APIC page" },
	{ VMX_CPU2, SECONDARY_EXEC_VIRTUALIZE_APIC_ACCESSES, APIC_ACCESS_ADDR,
	  "control.apic_access", "APIC-access page" },
	{ VMX_CPU2, SECONDARY_EXEC_ENABLE_PML, PML_ADDRESS, "control.pml_address", "PML buffer" },
};

static const char *const control_name[VMX_NR_CONTROLS] = {
	"pin-based", "processor-based", "secondary", "VM-exit", "VM-entry",
};

static void check_allowed(struct entry_state *s)
{
	static const u32 msr[VMX_NR_CONTROLS] = {
		MSR_IA32_VMX_TRUE_PINBASED_CTLS, MSR_IA32_VMX_TRUE_PROCBASED_CTLS,
		MSR_IA32_VMX_PROCBASED_CTLS2, MSR_IA32_VMX_TRUE_EXIT_CTLS,
		MSR_IA32_VMX_TRUE_ENTRY_CTLS,
	};
	static const u32 old_msr[VMX_NR_CONTROLS] = {
		MSR_IA32_VMX_PINBASED_CTLS, MSR_IA32_VMX_PROCBASED_CTLS,
		MSR_IA32_VMX_PROCBASED_CTLS2, MSR_IA32_VMX_EXIT_CTLS, MSR_IA32_VMX_ENTRY_CTLS,
	};
	u32 must, may;
	u64 basic;
	int i;

	rdmsrl(MSR_IA32_VMX_BASIC, basic);
	for (i = 0; i < VMX_NR_CONTROLS; i++) {
		rdmsr(basic & VMX_BASIC_TRUE_CTLS ? msr[i] : old_msr[i], must, may);
		if ((s->ctl[i] & must) != must || (s->ctl[i] & ~may))
			fail(s, "control.allowed", "%s controls are %#x, allowed are %#x to %#x",
			     control_name[i], s->ctl[i], must, may);
	}
}

static void check_eptp(struct entry_state *s)
{
	u64 eptp = vmcs_read64(EPT_POINTER);
	u64 ad = vmx_caps.ept_vpid & VMX_EPT_AD_BIT ? VMX_EPTP_AD_ENABLE_BIT : 0;

	if (!(s->ctl[VMX_CPU2] & SECONDARY_EXEC_ENABLE_EPT))
		return;
	if ((eptp & VMX_EPTP_MT_MASK) != VMX_EPTP_MT_WB &&
	    (eptp & VMX_EPTP_MT_MASK) != VMX_EPTP_MT_UC)
		fail(s, "control.eptp", "EPTP %#llx has a memory type that is not allowed", eptp);
	if ((eptp & VMX_EPTP_PWL_MASK) != VMX_EPTP_PWL_4 &&
	    (eptp & VMX_EPTP_PWL_MASK) != VMX_EPTP_PWL_5)
		fail(s, "control.eptp", "EPTP %#llx has a walk length that is not allowed", eptp);
	if (eptp & (s->pa_reserved | (0xfc0 & ~ad)))
		fail(s, "control.eptp", "EPTP %#llx has reserved bits set", eptp);
}

static void check_controls(struct entry_state *s)
{
	const struct control_rule *r;
	u64 addr;
	int i;

	check_allowed(s);
	for (i = 0; i < ARRAY_SIZE(control_rules); i++) {
		r = &control_rules[i];
		if ((s->ctl[r->which] & r->bit) && !(s->ctl[r->with] & r->needs))
			fail(s, r->id, "%s", r->text);
	}
	for (i = 0; i < ARRAY_SIZE(address_controls); i++) {
		if (!(s->ctl[address_controls[i].which] & address_controls[i].bit))
			continue;
		addr = vmcs_read64(address_controls[i].field);
		if (addr & (s->pa_reserved | ~PAGE_MASK))
			fail(s, address_controls[i].id, "the %s is at %#llx",
			     address_controls[i].name, addr);
	}
	if ((s->ctl[VMX_CPU2] & SECONDARY_EXEC_ENABLE_VPID) &&
	    !vmcs_read16(VIRTUAL_PROCESSOR_ID))
		fail(s, "control.vpid", "VPID is 0");
	if (vmcs_read32(CR3_TARGET_COUNT) > 4)
		fail(s, "control.cr3_targets", "CR3-target count is above 4");
	check_eptp(s);
}

/* ---- the event to be injected -------------------------------------------- */

static bool has_error_code(const struct entry_state *s, unsigned int vector)
{
	if (s->unrestricted && !(s->cr0 & X86_CR0_PE))
		return false;
	return vector < 32 && (BIT(vector) & (BIT(DF_VECTOR) | BIT(TS_VECTOR) | BIT(NP_VECTOR) |
					      BIT(SS_VECTOR) | BIT(GP_VECTOR) | BIT(PF_VECTOR) |
					      BIT(AC_VECTOR)));
}

static void check_event(struct entry_state *s)
{
	unsigned int vector = s->event & INTR_INFO_VECTOR_MASK;
	u32 type = s->event & INTR_INFO_INTR_TYPE_MASK;
	bool error = s->event & INTR_INFO_DELIVER_CODE_MASK;
	u32 code = vmcs_read32(VM_ENTRY_EXCEPTION_ERROR_CODE);

	if (!(s->event & INTR_INFO_VALID_MASK))
		return;
	if (type == TYPE_RESERVED || (s->event & GENMASK(30, 12)))
		fail(s, "event.type", "the event %#x has a reserved type or bits", s->event);
	if (type == INTR_TYPE_NMI_INTR && vector != VECTOR_NMI)
		fail(s, "event.nmi", "an NMI has vector %u", vector);
	if (type == INTR_TYPE_HARD_EXCEPTION && vector > 31)
		fail(s, "event.vector", "a hardware exception has vector %u", vector);
	if (error != (type == INTR_TYPE_HARD_EXCEPTION && has_error_code(s, vector)))
		fail(s, "event.error_code", "event %#x %s an error code", s->event,
		     error ? "must not have" : "must have");
	else if (error && (code >> 16))
		fail(s, "event.error_code", "error code %#x has bits above 15", code);
}

/* ---- host state ----------------------------------------------------------- */

static const struct address_rule host_addresses[] = {
	{ "host.fs_base", "host FS base", HOST_FS_BASE },
	{ "host.gs_base", "host GS base", HOST_GS_BASE },
	{ "host.tr_base", "host TR base", HOST_TR_BASE },
	{ "host.gdtr_base", "host GDTR base", HOST_GDTR_BASE },
	{ "host.idtr_base", "host IDTR base", HOST_IDTR_BASE },
	{ "host.sysenter_esp", "host SYSENTER_ESP", HOST_IA32_SYSENTER_ESP },
	{ "host.sysenter_eip", "host SYSENTER_EIP", HOST_IA32_SYSENTER_EIP },
	{ "host.rip", "host RIP", HOST_RIP },
};

static const struct zero_rule host_selectors[] = {
	{ "host.es", "host ES", HOST_ES_SELECTOR, 7 },
	{ "host.cs", "host CS", HOST_CS_SELECTOR, 7 },
	{ "host.ss", "host SS", HOST_SS_SELECTOR, 7 },
	{ "host.ds", "host DS", HOST_DS_SELECTOR, 7 },
	{ "host.fs", "host FS", HOST_FS_SELECTOR, 7 },
	{ "host.gs", "host GS", HOST_GS_SELECTOR, 7 },
	{ "host.tr", "host TR", HOST_TR_SELECTOR, 7 },
};

/* Bits of a control register that VMX operation fixes. */
static void check_fixed(struct entry_state *s, const char *id, const char *name, u64 val,
			u32 fixed0_msr, u64 exempt)
{
	u64 must, may;

	rdmsrl(fixed0_msr, must);
	rdmsrl(fixed0_msr + 1, may);
	must &= ~exempt;
	if (~val & must)
		fail(s, id, "%s is %#llx, bits %#llx must be 1", name, val, ~val & must);
	if (val & ~may & ~exempt)
		fail(s, id, "%s is %#llx, bits %#llx must be 0", name, val, val & ~may & ~exempt);
}

static void check_host(struct entry_state *s)
{
	u64 cr3 = vmcs_readl(HOST_CR3);

	check_fixed(s, "host.cr0", "host CR0", vmcs_readl(HOST_CR0), MSR_IA32_VMX_CR0_FIXED0, 0);
	check_fixed(s, "host.cr4", "host CR4", vmcs_readl(HOST_CR4), MSR_IA32_VMX_CR4_FIXED0, 0);
	if (cr3 & s->pa_reserved)
		fail(s, "host.cr3", "host CR3 is %#llx", cr3);
	check_addresses(s, host_addresses, ARRAY_SIZE(host_addresses));
	check_zero(s, host_selectors, ARRAY_SIZE(host_selectors));
	if (!vmcs_read16(HOST_CS_SELECTOR) || !vmcs_read16(HOST_TR_SELECTOR))
		fail(s, "host.null", "host CS or TR is null");
	if (!(s->ctl[VMX_EXIT] & VM_EXIT_HOST_ADDR_SPACE_SIZE))
		fail(s, "host.size", "the host's address-space size is not 64 bits");
}

/* ---- guest control registers, debug registers, MSRs ------------------------ */

static void check_guest_cr(struct entry_state *s)
{
	const u64 pe_pg = X86_CR0_PE | X86_CR0_PG;

	/* CD and NW are not checked, PE and PG not in an unrestricted guest. */
	check_fixed(s, "guest.cr0", "CR0", s->cr0, MSR_IA32_VMX_CR0_FIXED0,
		    X86_CR0_CD | X86_CR0_NW | (s->unrestricted ? pe_pg : 0));
	if ((s->cr0 & pe_pg) == X86_CR0_PG)
		fail(s, "guest.cr0", "CR0 is %#llx, PG without PE", s->cr0);
	check_fixed(s, "guest.cr4", "CR4", s->cr4, MSR_IA32_VMX_CR4_FIXED0, 0);
	if (s->long_mode && (!(s->cr0 & X86_CR0_PG) || !(s->cr4 & X86_CR4_PAE)))
		fail(s, "guest.long_mode", "IA-32e mode with CR0 %#llx, CR4 %#llx", s->cr0, s->cr4);
	if (!s->long_mode && (s->cr4 & X86_CR4_PCIDE))
		fail(s, "guest.pcide", "CR4.PCIDE is 1 outside of IA-32e mode");
	if (s->cr3 & s->pa_reserved)
		fail(s, "guest.cr3", "CR3 is %#llx, bits %#llx must be 0", s->cr3,
		     s->cr3 & s->pa_reserved);
}

static bool pat_valid(u64 pat)
{
	int i;

	/* Types 2, 3 and those above 7 do not exist. */
	for (i = 0; i < 8; i++, pat >>= 8)
		if ((pat & 0xff) > 7 || (pat & 0xfe) == 2)
			return false;
	return true;
}

static const struct address_rule guest_msr_addresses[] = {
	{ "guest.sysenter_esp", "SYSENTER_ESP", GUEST_SYSENTER_ESP },
	{ "guest.sysenter_eip", "SYSENTER_EIP", GUEST_SYSENTER_EIP },
};

static const struct zero_rule guest_debug[] = {
	{ "guest.dr7", "DR7", GUEST_DR7, DR7_RESERVED },
	{ "guest.debugctl", "IA32_DEBUGCTL", GUEST_IA32_DEBUGCTL, DEBUGCTL_RESERVED },
};

static void check_guest_msrs(struct entry_state *s)
{
	bool lma = s->efer & EFER_LMA, lme = s->efer & EFER_LME;
	u64 pat = vmcs_read64(GUEST_IA32_PAT);

	check_addresses(s, guest_msr_addresses, ARRAY_SIZE(guest_msr_addresses));
	if (s->ctl[VMX_ENTRY] & VM_ENTRY_LOAD_DEBUG_CONTROLS)
		check_zero(s, guest_debug, ARRAY_SIZE(guest_debug));
	if ((s->ctl[VMX_ENTRY] & VM_ENTRY_LOAD_IA32_PAT) && !pat_valid(pat))
		fail(s, "guest.pat", "PAT is %#llx, not a memory type in every byte", pat);
	if (!(s->ctl[VMX_ENTRY] & VM_ENTRY_LOAD_IA32_EFER))
		return;
	if (s->efer & EFER_RESERVED)
		fail(s, "guest.efer", "EFER is %#llx, bits %#llx must be 0", s->efer,
		     s->efer & EFER_RESERVED);
	if (lma != s->long_mode)
		fail(s, "guest.efer_lma", "EFER is %#llx, IA-32e mode guest is %d", s->efer,
		     s->long_mode);
	if ((s->cr0 & X86_CR0_PG) && lma != lme)
		fail(s, "guest.efer_lme", "EFER is %#llx with paging", s->efer);
}

/* ---- segments --------------------------------------------------------------- */

static void check_selectors(struct entry_state *s)
{
	const struct check_seg *cs = &s->seg[CS], *ss = &s->seg[SS];

	if (s->seg[TR].sel & 4)
		fail_seg(s, TR, "ti", "TI is 1");
	if (s->seg[LDTR].usable && (s->seg[LDTR].sel & 4))
		fail_seg(s, LDTR, "ti", "TI is 1");
	if (!s->vm86 && !s->unrestricted && ((ss->sel ^ cs->sel) & 3))
		fail_seg(s, SS, "rpl", "RPL is %u, CS.RPL is %u", ss->sel & 3, cs->sel & 3);
}

static void check_base(struct entry_state *s, int seg)
{
	const struct check_seg *g = &s->seg[seg];
	/* For each of these, or only where it is usable. */
	bool always = seg == CS || seg == FS || seg == GS || seg == TR;
	bool wide = seg == FS || seg == GS || seg == TR || seg == LDTR;

	if (s->vm86 && seg < LDTR && g->base != (u64)g->sel << 4)
		fail_seg(s, seg, "base", "base is %#llx, selector is %#x in virtual-8086 mode",
			 g->base, g->sel);
	if (!always && !g->usable)
		return;
	if (wide && !canonical(g->base))
		fail_seg(s, seg, "base", "base is %#llx, not canonical", g->base);
	if (!wide && g->base >> 32)
		fail_seg(s, seg, "base", "base is %#llx, above 4 GiB", g->base);
}

static void check_limit(struct entry_state *s, int seg)
{
	const struct check_seg *g = &s->seg[seg];

	if ((g->limit & 0xfff) != 0xfff && (g->ar & VMX_AR_G_MASK))
		fail_seg(s, seg, "granularity", "G is 1, limit is %#x", g->limit);
	if (g->limit > 0xfffff && !(g->ar & VMX_AR_G_MASK))
		fail_seg(s, seg, "granularity", "G is 0, limit is %#x", g->limit);
}

static bool type_valid(const struct entry_state *s, int seg)
{
	u32 type = AR_TYPE(s->seg[seg].ar);

	if (seg == CS)
		return (type & 9) == 9 || (type == 3 && s->unrestricted);
	if (seg == SS)
		return type == 3 || type == 7;
	/* Accessed, and readable if code. */
	return (type & 1) && (type & 0xa) != 8;
}

static void check_cs_dpl(struct entry_state *s)
{
	u32 type = AR_TYPE(s->seg[CS].ar), dpl = AR_DPL(s->seg[CS].ar);
	u32 ss_dpl = AR_DPL(s->seg[SS].ar);

	if (type == 3 && dpl)
		fail_seg(s, CS, "dpl", "DPL is %u, but it is a data segment", dpl);
	if ((type == 9 || type == 11) && dpl != ss_dpl)
		fail_seg(s, CS, "dpl", "DPL is %u, SS.DPL is %u", dpl, ss_dpl);
	if ((type == 13 || type == 15) && dpl > ss_dpl)
		fail_seg(s, CS, "dpl", "DPL is %u and conforming, SS.DPL is %u", dpl, ss_dpl);
	if (s->long_mode && (s->seg[CS].ar & VMX_AR_L_MASK) && (s->seg[CS].ar & VMX_AR_DB_MASK))
		fail_seg(s, CS, "l", "L and D are 1 in IA-32e mode");
}

static void check_ss_dpl(struct entry_state *s)
{
	u32 dpl = AR_DPL(s->seg[SS].ar);

	if (!s->unrestricted && dpl != (s->seg[SS].sel & 3))
		fail_seg(s, SS, "dpl", "DPL is %u, RPL is %u", dpl, s->seg[SS].sel & 3);
	if (dpl && (AR_TYPE(s->seg[CS].ar) == 3 || !(s->cr0 & X86_CR0_PE)))
		fail_seg(s, SS, "dpl", "DPL is %u in real mode", dpl);
}

static void check_data_dpl(struct entry_state *s, int seg)
{
	const struct check_seg *g = &s->seg[seg];

	if (!s->unrestricted && AR_TYPE(g->ar) <= 11 && AR_DPL(g->ar) < (g->sel & 3))
		fail_seg(s, seg, "dpl", "DPL is %u, RPL is %u", AR_DPL(g->ar), g->sel & 3);
}

static void check_dpl(struct entry_state *s, int seg)
{
	if (seg == CS)
		check_cs_dpl(s);
	else if (seg == SS)
		check_ss_dpl(s);
	else if (s->seg[seg].usable)
		check_data_dpl(s, seg);
}

static void check_rights(struct entry_state *s, int seg)
{
	const struct check_seg *g = &s->seg[seg];

	if (s->vm86) {
		if (g->ar != 0xf3)
			fail_seg(s, seg, "ar", "access rights are %#x in virtual-8086 mode", g->ar);
		if (g->limit != 0xffff)
			fail_seg(s, seg, "limit", "limit is %#x in virtual-8086 mode", g->limit);
		return;
	}
	check_dpl(s, seg);
	if (!g->usable && seg != CS)
		return;
	if (!g->usable)
		fail_seg(s, seg, "unusable", "it is unusable");
	if (!type_valid(s, seg))
		fail_seg(s, seg, "type", "type is %u", AR_TYPE(g->ar));
	if (!(g->ar & VMX_AR_S_MASK) || !(g->ar & VMX_AR_P_MASK) || (g->ar & AR_RESERVED))
		fail_seg(s, seg, "ar", "access rights are %#x, S and P must be 1, reserved bits 0",
			 g->ar);
	check_limit(s, seg);
}

/* LDTR and TR: @types is a mask. */
static void check_system(struct entry_state *s, int seg, u32 types)
{
	const struct check_seg *g = &s->seg[seg];

	if (!(types & BIT(AR_TYPE(g->ar))))
		fail_seg(s, seg, "type", "type is %u", AR_TYPE(g->ar));
	if ((g->ar & VMX_AR_S_MASK) || !(g->ar & VMX_AR_P_MASK) || (g->ar & AR_RESERVED))
		fail_seg(s, seg, "ar", "access rights are %#x, S must be 0, P 1, reserved bits 0",
			 g->ar);
	check_limit(s, seg);
}

static void check_segments(struct entry_state *s)
{
	int seg;

	check_selectors(s);
	for (seg = 0; seg < NR_SEGMENTS; seg++)
		check_base(s, seg);
	for (seg = ES; seg <= GS; seg++)
		check_rights(s, seg);
	if (s->seg[LDTR].usable)
		check_system(s, LDTR, BIT(2));
	if (!s->seg[TR].usable)
		fail_seg(s, TR, "unusable", "it is unusable");
	check_system(s, TR, s->long_mode ? BIT(11) : BIT(3) | BIT(11));
}

/* ---- descriptor tables, RIP, RFLAGS ------------------------------------------ */

static const struct address_rule table_addresses[] = {
	{ "guest.gdtr_base", "GDTR base", GUEST_GDTR_BASE },
	{ "guest.idtr_base", "IDTR base", GUEST_IDTR_BASE },
};

static const struct zero_rule table_limits[] = {
	{ "guest.gdtr_limit", "GDTR limit", GUEST_GDTR_LIMIT, GENMASK(31, 16) },
	{ "guest.idtr_limit", "IDTR limit", GUEST_IDTR_LIMIT, GENMASK(31, 16) },
};

static void check_rip(struct entry_state *s)
{
	if (!s->long_mode || !(s->seg[CS].ar & VMX_AR_L_MASK)) {
		if (s->rip >> 32)
			fail(s, "guest.rip", "RIP is %#llx outside of 64-bit mode", s->rip);
	} else if (!canonical(s->rip)) {
		fail(s, "guest.rip", "RIP is %#llx, not canonical", s->rip);
	}
}

static void check_rflags(struct entry_state *s)
{
	if ((s->rflags & RFLAGS_RESERVED) || !(s->rflags & X86_EFLAGS_FIXED))
		fail(s, "guest.rflags", "RFLAGS is %#llx, reserved bits", s->rflags);
	if (s->vm86 && (s->long_mode || !(s->cr0 & X86_CR0_PE)))
		fail(s, "guest.rflags_vm", "RFLAGS.VM is 1 in %s mode",
		     s->long_mode ? "IA-32e" : "real");
	if ((s->event & (INTR_INFO_VALID_MASK | INTR_INFO_INTR_TYPE_MASK)) ==
	    (INTR_INFO_VALID_MASK | INTR_TYPE_EXT_INTR) && !(s->rflags & X86_EFLAGS_IF))
		fail(s, "guest.rflags_if", "RFLAGS.IF is 0, an external interrupt is injected");
}

/* ---- what is in no register ---------------------------------------------------- */

static void check_activity(struct entry_state *s)
{
	u64 misc;

	rdmsrl(MSR_IA32_VMX_MISC, misc);
	/* States 1 to 3 are announced by bits 6 to 8. */
	if (s->activity > 3 || (s->activity && !(misc & BIT(5 + s->activity))))
		fail(s, "guest.activity", "activity state is %u", s->activity);
	if (s->activity == GUEST_ACTIVITY_HLT && AR_DPL(s->seg[SS].ar))
		fail(s, "guest.activity", "HLT state at CPL %u", AR_DPL(s->seg[SS].ar));
	if (s->activity && (s->shadow & (GUEST_INTR_STATE_STI | GUEST_INTR_STATE_MOV_SS)))
		fail(s, "guest.activity", "activity state %u with an interrupt shadow", s->activity);
}

static void check_shadow(struct entry_state *s)
{
	bool sti = s->shadow & GUEST_INTR_STATE_STI, mov_ss = s->shadow & GUEST_INTR_STATE_MOV_SS;
	u32 type = s->event & INTR_INFO_INTR_TYPE_MASK;
	bool valid = s->event & INTR_INFO_VALID_MASK;

	if (s->shadow & GENMASK(31, 5))
		fail(s, "guest.interruptibility", "interruptibility is %#x", s->shadow);
	if (sti && mov_ss)
		fail(s, "guest.shadow", "shadow of both STI and MOV SS");
	if (sti && !(s->rflags & X86_EFLAGS_IF))
		fail(s, "guest.shadow_if", "shadow of STI, RFLAGS.IF is 0");
	if (valid && type == INTR_TYPE_EXT_INTR && (sti || mov_ss))
		fail(s, "guest.shadow_event", "an external interrupt in a shadow");
	if (valid && type == INTR_TYPE_NMI_INTR && (mov_ss || sti))
		fail(s, "guest.shadow_event", "an NMI in a shadow");
	if (valid && type == INTR_TYPE_NMI_INTR && (s->shadow & GUEST_INTR_STATE_NMI) &&
	    (s->ctl[VMX_PIN] & PIN_BASED_VIRTUAL_NMIS))
		fail(s, "guest.nmi_blocked", "an NMI while NMIs are blocked");
}

static void check_pending_debug(struct entry_state *s)
{
	bool shadow = s->shadow & (GUEST_INTR_STATE_STI | GUEST_INTR_STATE_MOV_SS);
	bool btf = vmcs_read64(GUEST_IA32_DEBUGCTL) & DEBUGCTLMSR_BTF;
	bool step = (s->rflags & X86_EFLAGS_TF) && !btf;

	if (s->pending_dbg & PENDING_RESERVED)
		fail(s, "guest.pending_debug", "pending debug exceptions are %#llx",
		     s->pending_dbg);
	if ((shadow || s->activity == GUEST_ACTIVITY_HLT) && step != !!(s->pending_dbg & PENDING_BS))
		fail(s, "guest.pending_bs", "RFLAGS.TF is %d, pending BS is %d in a shadow",
		     !!(s->rflags & X86_EFLAGS_TF), !!(s->pending_dbg & PENDING_BS));
}

static void check_link(struct entry_state *s)
{
	u64 link = vmcs_read64(VMCS_LINK_POINTER);

	if (link != ~0ull)
		fail(s, "guest.link", "VMCS link pointer is %#llx", link);
}

static void check_pdptes(struct entry_state *s)
{
	u64 pdpte, rsvd = s->pa_reserved | 0x1e6;
	int i;

	if (s->long_mode || !(s->cr0 & X86_CR0_PG) || !(s->cr4 & X86_CR4_PAE))
		return;
	for (i = 0; i < 4; i++) {
		pdpte = vmcs_read64(GUEST_PDPTR0 + 2 * i);
		if ((pdpte & 1) && (pdpte & rsvd))
			fail(s, "guest.pdpte", "PDPTE%d is %#llx, bits %#llx must be 0", i, pdpte,
			     pdpte & rsvd);
	}
}

/* ---- all of them ------------------------------------------------------------------ */

static void read_segments(struct entry_state *s)
{
	struct check_seg *g;
	int i;

	for (i = 0; i < NR_SEGMENTS; i++) {
		g = &s->seg[i];
		g->sel = vmcs_read16(GUEST_ES_SELECTOR + 2 * i);
		g->limit = vmcs_read32(GUEST_ES_LIMIT + 2 * i);
		g->ar = vmcs_read32(GUEST_ES_AR_BYTES + 2 * i);
		g->base = vmcs_readl(GUEST_ES_BASE + 2 * i);
		g->usable = !(g->ar & VMX_AR_UNUSABLE_MASK);
	}
}

static void read_state(struct entry_state *s)
{
	int i;

	memset(s, 0, sizeof(*s));
	for (i = 0; i < VMX_NR_CONTROLS; i++)
		s->ctl[i] = vmcs_read32(vmx_control_field(i));
	s->cr0 = vmcs_readl(GUEST_CR0);
	s->cr3 = vmcs_readl(GUEST_CR3);
	s->cr4 = vmcs_readl(GUEST_CR4);
	s->efer = vmcs_read64(GUEST_IA32_EFER);
	s->rip = vmcs_readl(GUEST_RIP);
	s->rflags = vmcs_readl(GUEST_RFLAGS);
	s->pending_dbg = vmcs_readl(GUEST_PENDING_DBG_EXCEPTIONS);
	s->event = vmcs_read32(VM_ENTRY_INTR_INFO_FIELD);
	s->shadow = vmcs_read32(GUEST_INTERRUPTIBILITY_INFO);
	s->activity = vmcs_read32(GUEST_ACTIVITY_STATE);
	s->long_mode = s->ctl[VMX_ENTRY] & VM_ENTRY_IA32E_MODE;
	s->vm86 = s->rflags & X86_EFLAGS_VM;
	s->unrestricted = s->ctl[VMX_CPU2] & SECONDARY_EXEC_UNRESTRICTED_GUEST;
	s->pa_reserved = ~(BIT_ULL(boot_cpu_data.x86_phys_bits) - 1);
	read_segments(s);
}

static void check_guest(struct entry_state *s)
{
	check_guest_cr(s);
	check_guest_msrs(s);
	check_segments(s);
	check_addresses(s, table_addresses, ARRAY_SIZE(table_addresses));
	check_zero(s, table_limits, ARRAY_SIZE(table_limits));
	check_rip(s);
	check_rflags(s);
	check_activity(s);
	check_shadow(s);
	check_pending_debug(s);
	check_link(s);
	check_pdptes(s);
}

/* The instruction error numbers that an entry can end with. */
static const char *instruction_error(u32 error)
{
	switch (error) {
	case 4:
		return "VMLAUNCH of a VMCS that is not clear";
	case 5:
		return "VMRESUME of a VMCS that is not launched";
	case 7:
		return "invalid control fields";
	case 8:
		return "invalid host-state fields";
	case 26:
		return "events blocked by MOV SS";
	}
	return "another error";
}

void vmx_check_entry(struct vcpu_vmx *vmx)
{
	static DEFINE_RATELIMIT_STATE(limit, DEFAULT_RATELIMIT_INTERVAL, 64);
	u32 reason = vmx->fail ? 0 : (u16)vmx->exit_reason;
	struct entry_state s;
	u32 error;

	if (!__ratelimit(&limit))
		return;
	read_state(&s);
	if (vmx->fail) {
		error = vmcs_read32(VM_INSTRUCTION_ERROR);
		pr_err("entry failed: instruction error %u, %s\n", error, instruction_error(error));
		check_controls(&s);
		check_event(&s);
		check_host(&s);
	} else if (reason == EXIT_REASON_MSR_LOAD_FAIL) {
		fail(&s, "msr_load", "MSR %lu of the entry's list", vmx->exit_qual);
	} else {
		pr_err("entry failed: exit reason %#x, qualification %#lx\n", vmx->exit_reason,
		       vmx->exit_qual);
		check_guest(&s);
	}
	if (!s.found)
		fail(&s, "unknown", "none of those that are known");
}
