// SPDX-License-Identifier: GPL-2.0-only
/*
 * State that no processor has: an ioctl refuses it, or the entry does with
 * KVM_EXIT_FAIL_ENTRY, or the guest runs with something near to it. The host
 * takes no harm, and the vCPU works when its state is a good one again.
 */
#include "kvm_test.h"

#define CR4_VMXE		(1ull << 13)
#define FLAG_VM			(1ull << 17)
#define NOT_CANONICAL		0x0123456789abcdefull

/*
 * What has to come of it on our VMX with unrestricted guests; SVM checks less at its
 * entries. Segments that entry refuses are emulated, or refused without that.
 */
enum { ANY = 0, REFUSED = 1, FAIL = 2, RUNS = 4, EMULATED = FAIL | RUNS };

struct state {
	struct kvm_regs r;
	struct kvm_sregs s;
	struct kvm_vcpu_events e;
	struct kvm_debugregs d;
	u32 msr;
	u64 value;
};

struct row {
	const char *name;
	enum guest_mode mode;
	void (*change)(struct state *st);
	int vmx;
};

GUEST_CODE(code, 64, "nop\n nop\n" GUEST_DONE);
GUEST_CODE(code32, 32, "nop\n nop\n" GUEST_DONE);
GUEST_CODE(code16, 16, "nop\n nop\n" GUEST_DONE);

static struct vm *vm;
static struct vcpu *vcpu;

#define CHANGE(name, what) static void name(struct state *st) { what; }

CHANGE(fs_base, st->s.fs.base = NOT_CANONICAL)
CHANGE(gs_base, st->s.gs.base = NOT_CANONICAL)
CHANGE(tr_base, st->s.tr.base = NOT_CANONICAL)
CHANGE(ldt_base, st->s.ldt = st->s.tr; st->s.ldt.type = 2; st->s.ldt.selector = 8;
       st->s.ldt.base = NOT_CANONICAL)
CHANGE(gdt_base, st->s.gdt.base = NOT_CANONICAL)
CHANGE(idt_base, st->s.idt.base = NOT_CANONICAL)
CHANGE(cs_base, st->s.cs.base = 1ull << 32)
CHANGE(ds_base, st->s.ds.base = 1ull << 32)
CHANGE(cs_unusable, st->s.cs.unusable = 1)
CHANGE(cs_absent, st->s.cs.present = 0)
CHANGE(cs_data, st->s.cs.type = 1)
CHANGE(cs_long16, st->s.cs.db = 1)
CHANGE(cs_limit, st->s.cs.limit = 0x12345678; st->s.cs.g = 1)
CHANGE(ss_dpl, st->s.ss.dpl = 1)
CHANGE(ss_type, st->s.ss.type = 0xb)
CHANGE(ds_system, st->s.ds.s = 0)
CHANGE(tr_unusable, st->s.tr.unusable = 1)
CHANGE(tr_type, st->s.tr.type = 2)
CHANGE(tr_ldt, st->s.tr.selector |= 4)
CHANGE(tr_system, st->s.tr.s = 1)
CHANGE(flags_vm, st->r.rflags |= FLAG_VM)
CHANGE(flags_all, st->r.rflags = ~0ull & ~FLAG_VM & ~FLAG_TF)
CHANGE(rip, st->r.rip = NOT_CANONICAL)
CHANGE(rip_high, st->r.rip |= 1ull << 32)
CHANGE(cr3_high, st->s.cr3 |= 1ull << 63)
CHANGE(cr3_wide, st->s.cr3 |= 1ull << 51)
CHANGE(cr0_pg, st->s.cr0 = CR0_PG | CR0_ET)
CHANGE(cr0_nw, st->s.cr0 |= 1ull << 29)
CHANGE(cr0_high, st->s.cr0 |= 1ull << 32)
CHANGE(cr4_vmxe, st->s.cr4 |= CR4_VMXE)
CHANGE(cr4_high, st->s.cr4 |= 1ull << 63)
CHANGE(cr8, st->s.cr8 = 16)
CHANGE(efer_lma, st->s.efer &= ~EFER_LMA)
CHANGE(efer_high, st->s.efer |= 1ull << 32)
CHANGE(apic_base, st->s.apic_base = ~0ull)
CHANGE(dr6, st->d.dr6 = 1ull << 32)
CHANGE(dr7, st->d.dr7 = 1ull << 32)
CHANGE(dr7_low, st->d.dr7 = 0xffffffff)
CHANGE(db, st->d.db[0] = NOT_CANONICAL; st->d.dr7 = 3)
CHANGE(both_shadows, st->e.interrupt.shadow = 3; st->r.rflags |= FLAG_IF)
CHANGE(sti_alone, st->e.interrupt.shadow = KVM_X86_SHADOW_INT_STI)
CHANGE(ss_alone, st->e.interrupt.shadow = KVM_X86_SHADOW_INT_MOV_SS)
CHANGE(shadow_all, st->e.interrupt.shadow = 0xff)
CHANGE(irq_masked, st->e.interrupt.injected = 1; st->e.interrupt.nr = 0x25)
CHANGE(irq_soft, st->e.interrupt.injected = 1; st->e.interrupt.nr = 0x25;
       st->e.interrupt.soft = 1)
CHANGE(irq_shadow, st->e.interrupt.injected = 1; st->e.interrupt.nr = 0x25;
       st->e.interrupt.shadow = KVM_X86_SHADOW_INT_STI; st->r.rflags |= FLAG_IF)
CHANGE(nmi_shadow, st->e.nmi.injected = 1; st->e.interrupt.shadow = KVM_X86_SHADOW_INT_MOV_SS)
CHANGE(nmi_masked, st->e.nmi.injected = 1; st->e.nmi.masked = 1)
CHANGE(ex_nmi, st->e.exception.injected = 1; st->e.exception.nr = 2)
CHANGE(ex_32, st->e.exception.injected = 1; st->e.exception.nr = 32)
CHANGE(ex_code, st->e.exception.injected = 1; st->e.exception.nr = UD_VECTOR;
       st->e.exception.has_error_code = 1; st->e.exception.error_code = ~0u)
CHANGE(ex_no_code, st->e.exception.injected = 1; st->e.exception.nr = GP_VECTOR)
CHANGE(ex_wide, st->e.exception.injected = 1; st->e.exception.nr = PF_VECTOR;
       st->e.exception.has_error_code = 1; st->e.exception.error_code = ~0u)
CHANGE(ex_reserved, st->e.exception.injected = 1; st->e.exception.nr = 31)
CHANGE(ex_cp, st->e.exception.injected = 1; st->e.exception.nr = 21;
       st->e.exception.has_error_code = 1)

#define MSR_ROW(name, index, val) CHANGE(name, st->msr = index; st->value = val)
MSR_ROW(msr_efer, 0xc0000080, ~0ull)
MSR_ROW(msr_star, 0xc0000081, ~0ull)
MSR_ROW(msr_lstar, 0xc0000082, NOT_CANONICAL)
MSR_ROW(msr_cstar, 0xc0000083, NOT_CANONICAL)
MSR_ROW(msr_fmask, 0xc0000084, ~0ull)
MSR_ROW(msr_fs, 0xc0000100, NOT_CANONICAL)
MSR_ROW(msr_gs, 0xc0000101, NOT_CANONICAL)
MSR_ROW(msr_kernel_gs, 0xc0000102, NOT_CANONICAL)
MSR_ROW(msr_tsc_aux, 0xc0000103, ~0ull)
MSR_ROW(msr_sysenter_cs, 0x174, ~0ull)
MSR_ROW(msr_sysenter_esp, 0x175, NOT_CANONICAL)
MSR_ROW(msr_sysenter_eip, 0x176, NOT_CANONICAL)
MSR_ROW(msr_pat, 0x277, 0x0202020202020202ull)
MSR_ROW(msr_debugctl, 0x1d9, ~0ull)
MSR_ROW(msr_spec, 0x48, ~0ull)
MSR_ROW(msr_pred, 0x49, ~0ull)
MSR_ROW(msr_flush, 0x10b, ~0ull)
MSR_ROW(msr_feature, 0x3a, ~0ull)
MSR_ROW(msr_xss, 0xda0, ~0ull)
MSR_ROW(msr_bndcfgs, 0xd90, ~0ull)
MSR_ROW(msr_vmx, 0x480, ~0ull)

static const struct row rows[] = {
	{ "FS.base", MODE_LONG64, fs_base, FAIL }, { "GS.base", MODE_LONG64, gs_base, FAIL },
	{ "TR.base", MODE_LONG64, tr_base, FAIL }, { "LDTR.base", MODE_LONG64, ldt_base, FAIL },
	{ "GDTR.base", MODE_LONG64, gdt_base, FAIL }, { "IDTR.base", MODE_LONG64, idt_base, FAIL },
	{ "CS.base of 33 bits", MODE_PROT32, cs_base, EMULATED },
	{ "DS.base of 33 bits", MODE_PROT32, ds_base, EMULATED },
	{ "CS unusable", MODE_LONG64, cs_unusable, EMULATED },
	{ "CS not present", MODE_PROT32, cs_absent, EMULATED },
	{ "CS a data segment, read-only", MODE_PROT32, cs_data, EMULATED },
	{ "CS with L and D", MODE_LONG64, cs_long16, REFUSED },
	{ "CS with a limit that is none", MODE_PROT32, cs_limit, EMULATED },
	/* No entry says the manual; Bochs 2.7 does not look. */
	{ "SS.DPL 1 with CS.DPL 0", MODE_PROT32, ss_dpl, ANY },
	{ "SS a code segment", MODE_PROT32, ss_type, EMULATED },
	{ "DS a system segment", MODE_PROT32, ds_system, EMULATED },
	{ "TR unusable", MODE_LONG64, tr_unusable, ANY },
	{ "TR an LDT", MODE_LONG64, tr_type, ANY },
	{ "TR in the LDT", MODE_LONG64, tr_ldt, EMULATED },
	{ "TR a code or data segment", MODE_LONG64, tr_system, EMULATED },
	{ "RFLAGS.VM in long mode", MODE_LONG64, flags_vm, FAIL },
	{ "RFLAGS.VM in real mode", MODE_REAL16, flags_vm, FAIL },
	{ "all other flags", MODE_LONG64, flags_all, ANY },
	{ "RIP", MODE_LONG64, rip, ANY }, { "RIP of 33 bits", MODE_PROT32, rip_high, FAIL },
	{ "CR3 bit 63", MODE_LONG64, cr3_high, REFUSED },
	{ "CR3 bit 63 in 32-bit code", MODE_PAGED32, cr3_high, FAIL },
	{ "CR3 bit 51", MODE_LONG64, cr3_wide, REFUSED },
	{ "CR0.PG without PE", MODE_PROT32, cr0_pg, REFUSED },
	{ "CR0.NW without CD", MODE_LONG64, cr0_nw, REFUSED },
	{ "CR0 bit 32", MODE_LONG64, cr0_high, REFUSED },
	{ "CR4.VMXE", MODE_LONG64, cr4_vmxe, REFUSED },
	{ "CR4 bit 63", MODE_LONG64, cr4_high, REFUSED },
	{ "CR8 of 16", MODE_LONG64, cr8, REFUSED },
	{ "EFER.LME and paging without LMA", MODE_LONG64, efer_lma, REFUSED },
	{ "EFER bit 32", MODE_LONG64, efer_high, REFUSED },
	{ "the APIC's address", MODE_LONG64, apic_base, REFUSED },
	{ "DR6 bit 32", MODE_LONG64, dr6, REFUSED }, { "DR7 bit 32", MODE_LONG64, dr7, REFUSED },
	{ "DR7 of 32 ones", MODE_LONG64, dr7_low, RUNS }, { "DR0", MODE_LONG64, db, RUNS },
	{ "shadows of STI and MOV SS", MODE_LONG64, both_shadows, ANY },
	{ "shadow of STI without IF", MODE_LONG64, sti_alone, ANY },
	{ "shadow of MOV SS", MODE_LONG64, ss_alone, RUNS },
	{ "shadows of all kinds", MODE_LONG64, shadow_all, ANY },
	{ "interrupt without IF", MODE_LONG64, irq_masked, ANY },
	{ "INTn in delivery without IF", MODE_LONG64, irq_soft, ANY },
	{ "interrupt in a shadow", MODE_LONG64, irq_shadow, ANY },
	{ "NMI in a shadow", MODE_LONG64, nmi_shadow, ANY },
	{ "NMI in delivery while NMIs are blocked", MODE_LONG64, nmi_masked, RUNS },
	{ "exception 2", MODE_LONG64, ex_nmi, REFUSED },
	{ "exception 32", MODE_LONG64, ex_32, REFUSED },
	{ "#UD with an error code", MODE_LONG64, ex_code, ANY },
	{ "#GP without one", MODE_LONG64, ex_no_code, FAIL },
	{ "#PF with 32 bits of it", MODE_LONG64, ex_wide, ANY },
	{ "#PF with an error code in real mode", MODE_REAL16, ex_wide, ANY },
	{ "exception 31", MODE_LONG64, ex_reserved, RUNS },
	{ "#CP", MODE_LONG64, ex_cp, ANY },
	{ "IA32_EFER", MODE_LONG64, msr_efer, REFUSED },
	{ "IA32_STAR", MODE_LONG64, msr_star, RUNS },
	{ "IA32_LSTAR", MODE_LONG64, msr_lstar, REFUSED },
	{ "IA32_CSTAR", MODE_LONG64, msr_cstar, REFUSED },
	{ "IA32_FMASK", MODE_LONG64, msr_fmask, ANY },
	{ "IA32_FS_BASE", MODE_LONG64, msr_fs, REFUSED },
	{ "IA32_GS_BASE", MODE_LONG64, msr_gs, REFUSED },
	{ "IA32_KERNEL_GS_BASE", MODE_LONG64, msr_kernel_gs, REFUSED },
	{ "IA32_TSC_AUX", MODE_LONG64, msr_tsc_aux, REFUSED },
	{ "IA32_SYSENTER_CS", MODE_LONG64, msr_sysenter_cs, ANY },
	{ "IA32_SYSENTER_ESP", MODE_LONG64, msr_sysenter_esp, ANY },
	{ "IA32_SYSENTER_EIP", MODE_LONG64, msr_sysenter_eip, ANY },
	{ "IA32_PAT", MODE_LONG64, msr_pat, REFUSED },
	{ "IA32_DEBUGCTL", MODE_LONG64, msr_debugctl, REFUSED },
	{ "IA32_SPEC_CTRL", MODE_LONG64, msr_spec, REFUSED },
	{ "IA32_PRED_CMD", MODE_LONG64, msr_pred, REFUSED },
	{ "IA32_FLUSH_CMD", MODE_LONG64, msr_flush, REFUSED },
	{ "IA32_FEATURE_CONTROL", MODE_LONG64, msr_feature, REFUSED },
	{ "IA32_XSS", MODE_LONG64, msr_xss, REFUSED },
	{ "IA32_BNDCFGS", MODE_LONG64, msr_bndcfgs, REFUSED },
	{ "IA32_VMX_BASIC", MODE_LONG64, msr_vmx, REFUSED },
};

static void enter(enum guest_mode mode)
{
	switch (mode_bits(mode)) {
	case 16:
		load_code(vcpu, mode, code16);
		break;
	case 32:
		load_code(vcpu, mode, code32);
		break;
	default:
		load_code(vcpu, mode, code);
	}
}

static void get(struct state *st)
{
	memset(st, 0, sizeof(*st));
	vcpu_get_regs(vcpu, &st->r);
	vcpu_get_sregs(vcpu, &st->s);
	must(kvm_ioctl(vcpu->fd, KVM_GET_VCPU_EVENTS, &st->e));
	must(kvm_ioctl(vcpu->fd, KVM_GET_DEBUGREGS, &st->d));
	st->e.flags |= KVM_VCPUEVENT_VALID_SHADOW | KVM_VCPUEVENT_VALID_NMI_PENDING;
}

/* True when all of it is taken. */
static bool put(struct state *st)
{
	if (st->msr && vcpu_set_msr(vcpu, st->msr, st->value) != 1)
		return false;
	return !kvm_ioctl(vcpu->fd, KVM_SET_REGS, &st->r) &&
	       !kvm_ioctl(vcpu->fd, KVM_SET_SREGS, &st->s) &&
	       !kvm_ioctl(vcpu->fd, KVM_SET_VCPU_EVENTS, &st->e) &&
	       !kvm_ioctl(vcpu->fd, KVM_SET_DEBUGREGS, &st->d);
}

static int outcome(struct state *st, int *reason)
{
	*reason = 0;
	if (!put(st))
		return REFUSED;
	*reason = run_until_exit(vcpu);
	return *reason == KVM_EXIT_FAIL_ENTRY ? FAIL : RUNS;
}

/* A good state again, with which the guest comes to its end. */
static bool recovers(const struct state *good, enum guest_mode mode)
{
	struct state st = *good;

	st.msr = 0;
	enter(mode);
	must(kvm_ioctl(vcpu->fd, KVM_SET_VCPU_EVENTS, &st.e));
	must(kvm_ioctl(vcpu->fd, KVM_SET_DEBUGREGS, &st.d));
	return run_until_exit(vcpu) == KVM_EXIT_IO && at_done(vcpu);
}

static bool in_delivery(const struct kvm_vcpu_events *e)
{
	return e->exception.injected || e->interrupt.injected || e->nmi.injected;
}

static void try(const struct row *row, bool strict)
{
	static const char *const names[] = { [REFUSED] = "refused", [FAIL] = "no entry", [RUNS] = "runs" };
	struct state good, st;
	int got, reason;
	u64 old = 0;

	if (row->change == ss_dpl && !strcmp(modules_vendor(), "kvm_amd")) {
		skip(row->name, "QEMU 7.2 aborts at a port that is not CPL 0's");
		return;
	}
	enter(row->mode);
	get(&good);
	st = good;
	row->change(&st);
	if (!kvm_is_ours() && in_delivery(&st.e)) {
		skip(row->name, "Linux 6.1 goes on refusing to enter");
		return;
	}
	if (st.msr && vcpu_get_msr(vcpu, st.msr, &old) != 1)
		old = 0;
	got = outcome(&st, &reason);
	if (!ok(reason >= 0 && reason != KVM_EXIT_INTERNAL_ERROR &&
		(!strict || !row->vmx || (row->vmx & got)), "%s: %s", row->name, names[got]) ||
	    (strict && !row->vmx))
		note("%s", got == REFUSED ? "refused" : describe_exit(vcpu, reason));
	if (st.msr)
		vcpu_set_msr(vcpu, st.msr, old);
	ok(recovers(&good, row->mode), "%s: the vCPU works again", row->name);
}

int main(void)
{
	bool strict = kvm_is_ours() &&
		      read_flag("/sys/module/kvm_intel/parameters/unrestricted_guest") == 'Y';
	unsigned int i;

	tap_start(50);
	vm = vm_create();
	vcpu = vcpu_create(vm);
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		try(&rows[i], strict);
	vm_destroy(vm);
	return tap_done();
}
