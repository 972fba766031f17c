// SPDX-License-Identifier: GPL-2.0-only
/* CPUID: what the guest is told, and what /dev/kvm says can be told truthfully. */
#include <linux/kvm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <asm/cpuid.h>
#include <asm/fpu/xstate.h>
#include <asm/kvm_para.h>
#include <asm/processor.h>

#include "vcpu/clock.h"
#include "vcpu/ops.h"
#include "vcpu/trace.h"

#define F(x)	BIT(X86_FEATURE_##x & 31)

/* Feature bits that work; each is offered only when the host has it too. */
static const u32 mask_1_ecx =
	F(XMM3) | F(PCLMULQDQ) | F(SSSE3) | F(FMA) | F(CX16) | F(XMM4_1) | F(XMM4_2) |
	F(MOVBE) | F(POPCNT) | F(AES) | F(XSAVE) | F(AVX) | F(F16C) | F(RDRAND);
static const u32 mask_1_edx =
	F(FPU) | F(VME) | F(DE) | F(PSE) | F(TSC) | F(MSR) | F(PAE) | F(CX8) | F(APIC) |
	F(SEP) | F(MTRR) | F(PGE) | F(CMOV) | F(PAT) | F(PSE36) | F(CLFLUSH) | F(MMX) |
	F(FXSR) | F(XMM) | F(XMM2) | F(SELFSNOOP);
static const u32 mask_7_ebx =
	F(FSGSBASE) | F(BMI1) | F(AVX2) | F(SMEP) | F(BMI2) | F(ERMS) | F(INVPCID) | F(RDSEED) | F(ADX) |
	F(SMAP) | F(CLFLUSHOPT) | F(CLWB) | F(SHA_NI) | F(AVX512F) | F(AVX512DQ) |
	F(AVX512IFMA) | F(AVX512CD) | F(AVX512BW) | F(AVX512VL) | F(TSC_ADJUST);
static const u32 mask_7_ecx =
	F(AVX512VBMI) | F(PKU) | F(UMIP) | F(AVX512_VBMI2) | F(GFNI) | F(VAES) |
	F(VPCLMULQDQ) | F(AVX512_VNNI) | F(AVX512_BITALG) | F(AVX512_VPOPCNTDQ) |
	F(RDPID) | F(MOVDIRI) | F(MOVDIR64B) | F(LA57);
static const u32 mask_7_edx = F(FSRM) | F(SERIALIZE) | F(MD_CLEAR);
/* Of SPEC_CTRL and PRED_CMD, as Intel and as AMD enumerate them. */
static const u32 mask_spec_7_edx = F(SPEC_CTRL) | F(INTEL_STIBP) | F(SPEC_CTRL_SSBD);
static const u32 mask_spec_80000008_ebx =
	F(AMD_IBPB) | F(AMD_IBRS) | F(AMD_STIBP) | F(AMD_STIBP_ALWAYS_ON) | F(AMD_SSBD);
static const u32 mask_80000001_ecx =
	F(LAHF_LM) | F(CR8_LEGACY) | F(ABM) | F(SSE4A) | F(MISALIGNSSE) | F(3DNOWPREFETCH);
static const u32 mask_80000001_edx =
	F(FPU) | F(VME) | F(DE) | F(PSE) | F(TSC) | F(MSR) | F(PAE) | F(CX8) | F(APIC) |
	F(SYSCALL) | F(MTRR) | F(PGE) | F(CMOV) | F(PAT) | F(PSE36) | F(NX) | F(MMXEXT) |
	F(MMX) | F(FXSR) | F(FXSR_OPT) | F(GBPAGES) | F(RDTSCP) | F(LM);
static const u32 mask_80000008_ebx = F(CLZERO) | F(WBNOINVD);

/* Of the host; constant after kvm_cpuid_init(), since CPUID can be slow. */
static u32 host_7_ebx, host_7_ecx;
static u32 xsave_end[64];	/* of each component's area in the standard format */
static u32 xsave_bytes[64];	/* of each component's area */
static u64 xsave_aligned;	/* components at a multiple of 64 in the compacted format */

void kvm_cpuid_init(void)
{
	u32 eax, ebx, ecx, edx;
	int i;

	if (boot_cpu_data.cpuid_level >= 7)
		cpuid_count(7, 0, &eax, &host_7_ebx, &host_7_ecx, &edx);
	for (i = 2; i < 63; i++) {
		if (!(kvm_supported_xcr0() & BIT_ULL(i)))
			continue;
		cpuid_count(0xd, i, &eax, &ebx, &ecx, &edx);
		xsave_end[i] = eax + ebx;
		xsave_bytes[i] = eax;
		if (ecx & BIT(1))
			xsave_aligned |= BIT_ULL(i);
	}
}

u64 kvm_supported_xcr0(void)
{
	return kvm_host_xcr0 & (XFEATURE_MASK_FPSSE | XFEATURE_MASK_YMM | XFEATURE_MASK_AVX512 |
				XFEATURE_MASK_PKRU);
}

struct kvm_cpuid_entry2 *kvm_find_cpuid_entry(struct x86_vcpu *vcpu, u32 function, u32 index)
{
	struct kvm_cpuid_entry2 *e = vcpu->cpuid_entries;
	int i;

	for (i = 0; i < vcpu->cpuid_nent; i++, e++)
		if (e->function == function &&
		    (!(e->flags & KVM_CPUID_FLAG_SIGNIFCANT_INDEX) || e->index == index))
			return e;
	return NULL;
}
EXPORT_SYMBOL_GPL(kvm_find_cpuid_entry);

bool guest_cpuid_bit(struct x86_vcpu *vcpu, u32 function, u32 index, int reg, int bit)
{
	struct kvm_cpuid_entry2 *e = kvm_find_cpuid_entry(vcpu, function, index);
	u32 val;

	if (!e)
		return false;
	val = reg == CPUID_EAX ? e->eax : reg == CPUID_EBX ? e->ebx :
	      reg == CPUID_ECX ? e->ecx : e->edx;
	return val & BIT(bit);
}

/* AMD and Hygon answer leaves out of range with zeroes, Intel with the highest basic leaf. */
static struct kvm_cpuid_entry2 *out_of_range(struct x86_vcpu *vcpu, u32 function, u32 index)
{
	struct kvm_cpuid_entry2 *basic = kvm_find_cpuid_entry(vcpu, 0, 0);
	struct kvm_cpuid_entry2 *class;

	/* "Auth"enticAMD, "Hygo"nGenuine */
	if (!basic || basic->ebx == 0x68747541 || basic->ebx == 0x6f677948)
		return NULL;
	if (function >= 0x40000000 && function < 0x50000000)
		class = kvm_find_cpuid_entry(vcpu, function & 0xffffff00, 0);
	else
		class = kvm_find_cpuid_entry(vcpu, function & 0x80000000, 0);
	if (class && function <= class->eax)
		return NULL;
	return kvm_find_cpuid_entry(vcpu, basic->eax, index);
}

/* Size of the XSAVE area for the features in @xcr0, standard format. */
static u32 xsave_size(u64 xcr0)
{
	u32 size = FXSAVE_SIZE + XSAVE_HDR_SIZE;
	int i;

	for (i = 2; i < 63; i++)
		if (xcr0 & BIT_ULL(i))
			size = max(size, xsave_end[i]);
	return size;
}

u32 kvm_xsave_area_size(void)
{
	return xsave_size(kvm_supported_xcr0());
}

/* The same, compacted: what XSAVEC writes. */
static u32 xsavec_size(u64 xcr0)
{
	u32 size = FXSAVE_SIZE + XSAVE_HDR_SIZE;
	int i;

	for (i = 2; i < 63; i++) {
		if (!(xcr0 & BIT_ULL(i)))
			continue;
		if (xsave_aligned & BIT_ULL(i))
			size = ALIGN(size, 64);
		size += xsave_bytes[i];
	}
	return size;
}

/* Bits that follow the guest's control registers, and its APIC. */
static void runtime_bits(struct x86_vcpu *vcpu, struct kvm_cpuid_entry2 *e)
{
	switch (e->function) {
	case 1:
		e->ecx &= ~F(OSXSAVE);
		if (vcpu->cr4 & X86_CR4_OSXSAVE)
			e->ecx |= F(OSXSAVE);
		e->edx &= ~F(APIC);
		if (vcpu->apic_base & MSR_IA32_APICBASE_ENABLE)
			e->edx |= F(APIC);
		break;
	case 7:
		if (e->index)
			break;
		e->ecx &= ~F(OSPKE);
		if (vcpu->cr4 & X86_CR4_PKE)
			e->ecx |= F(OSPKE);
		break;
	case 0xd:
		if (!e->index)
			e->ebx = xsave_size(vcpu->xcr0);
		else if (e->index == 1 && (e->eax & BIT(1)))
			e->ebx = xsavec_size(vcpu->xcr0);
		break;
	}
}

void kvm_cpuid(struct x86_vcpu *vcpu, u32 *eax, u32 *ebx, u32 *ecx, u32 *edx)
{
	u32 function = *eax, index = *ecx;
	const struct kvm_cpuid_entry2 *found = kvm_find_cpuid_entry(vcpu, function, index);
	const struct kvm_cpuid_entry2 *other = found ? NULL : out_of_range(vcpu, function, index);
	struct kvm_cpuid_entry2 e = { };

	if (likely(found)) {
		e = *found;
		runtime_bits(vcpu, &e);
	} else if (other) {
		e = *other;
	}
	*eax = e.eax;
	*ebx = e.ebx;
	*ecx = e.ecx;
	*edx = e.edx;
	trace_kvm_cpuid(function, index, e.eax, e.ebx, e.ecx, e.edx, found, other);
}

int kvm_emulate_cpuid(struct x86_vcpu *vcpu)
{
	u32 eax = vcpu->regs[X86_REG_RAX], ecx = vcpu->regs[X86_REG_RCX], ebx, edx;
	int r = kvm_try_skip(vcpu);

	/* EAX and ECX are in and out: the guest comes back with them. */
	if (unlikely(r == KVM_SKIP_REFUSED))
		return 1;
	kvm_cpuid(vcpu, &eax, &ebx, &ecx, &edx);
	vcpu->regs[X86_REG_RAX] = eax;
	vcpu->regs[X86_REG_RBX] = ebx;
	vcpu->regs[X86_REG_RCX] = ecx;
	vcpu->regs[X86_REG_RDX] = edx;
	return r;
}
EXPORT_SYMBOL_GPL(kvm_emulate_cpuid);

u64 kvm_cr4_reserved(struct x86_vcpu *vcpu)
{
	u64 ok = X86_CR4_VME | X86_CR4_PVI | X86_CR4_TSD | X86_CR4_DE | X86_CR4_PSE |
		 X86_CR4_PAE | X86_CR4_MCE | X86_CR4_PGE | X86_CR4_PCE | X86_CR4_OSFXSR |
		 X86_CR4_OSXMMEXCPT;

	if (kvm_host_xcr0 && guest_cpuid_bit(vcpu, 1, 0, CPUID_ECX, 26))
		ok |= X86_CR4_OSXSAVE;
	if ((host_7_ebx & F(SMEP)) && guest_cpuid_bit(vcpu, 7, 0, CPUID_EBX, 7))
		ok |= X86_CR4_SMEP;
	if ((host_7_ebx & F(SMAP)) && guest_cpuid_bit(vcpu, 7, 0, CPUID_EBX, 20))
		ok |= X86_CR4_SMAP;
	if ((host_7_ebx & F(FSGSBASE)) && guest_cpuid_bit(vcpu, 7, 0, CPUID_EBX, 0))
		ok |= X86_CR4_FSGSBASE;
	if (cpu_feature_enabled(X86_FEATURE_PKU) && guest_cpuid_bit(vcpu, 7, 0, CPUID_ECX, 3))
		ok |= X86_CR4_PKE;
	if (kvm_x86_ops.umip && guest_cpuid_bit(vcpu, 7, 0, CPUID_ECX, 2))
		ok |= X86_CR4_UMIP;
	if ((host_7_ecx & F(LA57)) && guest_cpuid_bit(vcpu, 7, 0, CPUID_ECX, 16))
		ok |= X86_CR4_LA57;
	return ~ok;
}

u64 kvm_efer_reserved(void)
{
	u64 ok = EFER_SCE | EFER_LME | EFER_LMA;

	if (boot_cpu_has(X86_FEATURE_NX))
		ok |= EFER_NX;
	if (boot_cpu_has(X86_FEATURE_FXSR_OPT))
		ok |= EFER_FFXSR;
	return ~ok;
}

/* Bits of EFER that the guest's CPUID does not announce. */
u64 kvm_efer_unannounced(struct x86_vcpu *vcpu)
{
	u64 bits = 0;

	if (!guest_cpuid_bit(vcpu, 0x80000001, 0, CPUID_EDX, 11))
		bits |= EFER_SCE;
	if (!guest_cpuid_bit(vcpu, 0x80000001, 0, CPUID_EDX, 20))
		bits |= EFER_NX;
	if (!guest_cpuid_bit(vcpu, 0x80000001, 0, CPUID_EDX, 25))
		bits |= EFER_FFXSR;
	if (!guest_cpuid_bit(vcpu, 0x80000001, 0, CPUID_EDX, 29))
		bits |= EFER_LME;
	return bits;
}

/* State that depends on the guest's CPUID. */
static void cpuid_changed(struct x86_vcpu *vcpu)
{
	struct kvm_cpuid_entry2 *e = kvm_find_cpuid_entry(vcpu, 0x80000008, 0);
	struct kvm_cpuid_entry2 *xs = kvm_find_cpuid_entry(vcpu, 0xd, 0);

	vcpu->maxphyaddr = e && (e->eax & 0xff) ? min(e->eax & 0xff, 52u) : 36;
	vcpu->guest_supported_xcr0 = !xs ? 0 :
		(xs->eax | ((u64)xs->edx << 32)) & kvm_supported_xcr0();
	x86_emulate_features(vcpu->emul, &vcpu->features);
	kvm_mmu_refresh(vcpu);
	static_call(kvm_x86_after_set_cpuid)(vcpu);
}

/* The bits that kvm_cpuid() makes at run time: what userspace has there does not count. */
static struct kvm_cpuid_entry2 without_runtime_bits(const struct kvm_cpuid_entry2 *entry)
{
	struct kvm_cpuid_entry2 e = *entry;

	if (e.function == 1) {
		e.ecx &= ~F(OSXSAVE);
		e.edx &= ~F(APIC);
	} else if (e.function == 7 && !e.index) {
		e.ecx &= ~F(OSPKE);
	} else if (e.function == 0xd && e.index < 2) {
		e.ebx = 0;
	}
	memset(e.padding, 0, sizeof(e.padding));
	return e;
}

static bool same_cpuid(const struct x86_vcpu *vcpu, const struct kvm_cpuid_entry2 *entries, u32 nent)
{
	u32 i;

	if (nent != vcpu->cpuid_nent)
		return false;
	for (i = 0; i < nent; i++) {
		struct kvm_cpuid_entry2 old = without_runtime_bits(&vcpu->cpuid_entries[i]);
		struct kvm_cpuid_entry2 new = without_runtime_bits(&entries[i]);

		if (memcmp(&old, &new, sizeof(old)))
			return false;
	}
	return true;
}

/* Linear addresses of a guest have 48 or 57 bits, whatever it is told. */
static bool cpuid_valid(const struct kvm_cpuid_entry2 *entries, u32 nent)
{
	u32 i, bits;

	for (i = 0; i < nent; i++) {
		if (entries[i].function != 0x80000008)
			continue;
		bits = (entries[i].eax >> 8) & 0xff;
		return !bits || bits == 48 || bits == 57;
	}
	return true;
}

/*
 * Take @entries over, or free them. A guest that has run has seen its CPUID, and
 * much was derived from it: only the same is taken then.
 */
static long set_cpuid(struct x86_vcpu *vcpu, struct kvm_cpuid_entry2 *entries, u32 nent)
{
	long r = -EINVAL;

	if (vcpu->has_run) {
		if (same_cpuid(vcpu, entries, nent))
			r = 0;
		kvfree(entries);
		return r;
	}
	if (!cpuid_valid(entries, nent)) {
		kvfree(entries);
		return r;
	}
	kvfree(vcpu->cpuid_entries);
	vcpu->cpuid_entries = entries;
	vcpu->cpuid_nent = nent;
	cpuid_changed(vcpu);
	return 0;
}

long kvm_vcpu_set_cpuid2(struct x86_vcpu *vcpu, struct kvm_cpuid2 __user *user)
{
	struct kvm_cpuid_entry2 *entries = NULL;
	struct kvm_cpuid2 head;

	if (copy_from_user(&head, user, sizeof(head)))
		return -EFAULT;
	if (head.nent > KVM_MAX_CPUID_ENTRIES)
		return -E2BIG;
	if (head.nent) {
		entries = vmemdup_user(user->entries, array_size(sizeof(*entries), head.nent));
		if (IS_ERR(entries))
			return PTR_ERR(entries);
	}
	return set_cpuid(vcpu, entries, head.nent);
}

long kvm_vcpu_set_cpuid(struct x86_vcpu *vcpu, struct kvm_cpuid __user *user)
{
	struct kvm_cpuid_entry2 *entries;
	struct kvm_cpuid_entry *old;
	struct kvm_cpuid head;
	u32 i;

	if (copy_from_user(&head, user, sizeof(head)))
		return -EFAULT;
	if (head.nent > KVM_MAX_CPUID_ENTRIES)
		return -E2BIG;
	if (!head.nent)
		return set_cpuid(vcpu, NULL, 0);
	old = vmemdup_user(user->entries, array_size(sizeof(*old), head.nent));
	if (IS_ERR(old))
		return PTR_ERR(old);
	entries = kvcalloc(head.nent, sizeof(*entries), GFP_KERNEL_ACCOUNT);
	for (i = 0; entries && i < head.nent; i++)
		entries[i] = (struct kvm_cpuid_entry2){
			.function = old[i].function, .eax = old[i].eax, .ebx = old[i].ebx,
			.ecx = old[i].ecx, .edx = old[i].edx,
		};
	kvfree(old);
	return entries ? set_cpuid(vcpu, entries, head.nent) : -ENOMEM;
}

long kvm_vcpu_get_cpuid2(struct x86_vcpu *vcpu, struct kvm_cpuid2 __user *user)
{
	struct kvm_cpuid_entry2 e;
	struct kvm_cpuid2 head;
	int i;

	if (copy_from_user(&head, user, sizeof(head)))
		return -EFAULT;
	if (head.nent < vcpu->cpuid_nent)
		return -E2BIG;
	for (i = 0; i < vcpu->cpuid_nent; i++) {
		e = vcpu->cpuid_entries[i];
		runtime_bits(vcpu, &e);
		if (copy_to_user(&user->entries[i], &e, sizeof(e)))
			return -EFAULT;
	}
	return put_user((u32)vcpu->cpuid_nent, &user->nent);
}

/* A table under construction. */
struct cpuid_array {
	struct kvm_cpuid_entry2 *entries;
	u32 nent;
	u32 max;
};

static struct kvm_cpuid_entry2 *add_leaf(struct cpuid_array *a, u32 function, u32 index, u32 flags)
{
	struct kvm_cpuid_entry2 *e;

	if (a->nent == a->max)
		return NULL;
	e = &a->entries[a->nent++];
	memset(e, 0, sizeof(*e));
	e->function = function;
	e->index = index;
	e->flags = flags;
	cpuid_count(function, index, &e->eax, &e->ebx, &e->ecx, &e->edx);
	return e;
}

static bool add_plain(struct cpuid_array *a, u32 function)
{
	return add_leaf(a, function, 0, 0);
}

/* Leaves with subleaves until one says there are no more. */
static bool add_cache_leaves(struct cpuid_array *a, u32 function)
{
	struct kvm_cpuid_entry2 *e;
	u32 i;

	for (i = 0; i < 8; i++) {
		e = add_leaf(a, function, i, KVM_CPUID_FLAG_SIGNIFCANT_INDEX);
		if (!e)
			return false;
		if (!(e->eax & 0x1f))
			break;
	}
	return true;
}

static bool add_leaf_1(struct cpuid_array *a)
{
	struct kvm_cpuid_entry2 *e = add_leaf(a, 1, 0, 0);

	if (!e)
		return false;
	e->ebx &= 0x00ffffff;	/* the APIC ID is the VMM's to fill in */
	e->ecx &= mask_1_ecx;
	if (!kvm_host_xcr0)
		e->ecx &= ~(F(XSAVE) | F(AVX) | F(F16C) | F(FMA));
	e->ecx |= F(HYPERVISOR);
	e->edx &= mask_1_edx;
	return true;
}

static bool add_leaf_7(struct cpuid_array *a)
{
	struct kvm_cpuid_entry2 *e = add_leaf(a, 7, 0, KVM_CPUID_FLAG_SIGNIFCANT_INDEX);

	if (!e)
		return false;
	e->eax = 0;
	e->ebx = (e->ebx & mask_7_ebx) | F(TSC_ADJUST);
	e->ecx = (e->ecx & mask_7_ecx) | (kvm_x86_ops.umip ? F(UMIP) : 0);
	if (!cpu_feature_enabled(X86_FEATURE_PKU))
		e->ecx &= ~F(PKU);
	e->edx &= mask_7_edx | (boot_cpu_has(X86_FEATURE_MSR_SPEC_CTRL) ? mask_spec_7_edx : 0);
	e->edx |= F(ARCH_CAPABILITIES);
	return true;
}

static bool add_leaf_d(struct cpuid_array *a)
{
	u64 xcr0 = kvm_supported_xcr0();
	struct kvm_cpuid_entry2 *e;
	int i;

	if (!xcr0)
		return true;
	e = add_leaf(a, 0xd, 0, KVM_CPUID_FLAG_SIGNIFCANT_INDEX);
	if (!e)
		return false;
	e->eax = xcr0;
	e->edx = xcr0 >> 32;
	e->ebx = xsave_size(xcr0);
	e->ecx = e->ebx;
	e = add_leaf(a, 0xd, 1, KVM_CPUID_FLAG_SIGNIFCANT_INDEX);
	if (!e)
		return false;
	e->eax &= BIT(0) | BIT(1) | BIT(2);	/* XSAVEOPT, XSAVEC, XGETBV(1) */
	e->ebx = e->eax & BIT(1) ? xsavec_size(xcr0) : 0;
	e->ecx = 0;
	e->edx = 0;
	for (i = 2; i < 63; i++) {
		if (!(xcr0 & BIT_ULL(i)))
			continue;
		e = add_leaf(a, 0xd, i, KVM_CPUID_FLAG_SIGNIFCANT_INDEX);
		if (!e)
			return false;
		e->ecx &= BIT(1);
		e->edx = 0;
	}
	return true;
}

/* Paravirtual features that work. No port is slow: the guest need not wait between accesses. */
static const u32 pv_features = BIT(KVM_FEATURE_NOP_IO_DELAY) | KVM_CLOCK_FEATURES;

/* The hypervisor leaves: a signature, and the features. */
static bool add_kvm_leaves(struct cpuid_array *a)
{
	struct kvm_cpuid_entry2 *e = add_leaf(a, KVM_CPUID_SIGNATURE, 0, 0);

	if (!e)
		return false;
	e->eax = KVM_CPUID_FEATURES;
	memcpy(&e->ebx, KVM_SIGNATURE, 4);
	memcpy(&e->ecx, KVM_SIGNATURE + 4, 4);
	memcpy(&e->edx, KVM_SIGNATURE + 8, 4);
	e = add_leaf(a, KVM_CPUID_FEATURES, 0, 0);
	if (!e)
		return false;
	e->eax = pv_features;
	e->ebx = 0;
	e->ecx = 0;
	e->edx = 0;
	return true;
}

/* Only that the APIC's timer always runs, whoever emulates it. */
static bool add_leaf_6(struct cpuid_array *a)
{
	struct kvm_cpuid_entry2 *e = add_leaf(a, 6, 0, 0);

	if (!e)
		return false;
	e->eax = F(ARAT);
	e->ebx = 0;
	e->ecx = 0;
	e->edx = 0;
	return true;
}

static bool add_basic(struct cpuid_array *a)
{
	struct kvm_cpuid_entry2 *e = add_leaf(a, 0, 0, 0);
	u32 max;

	if (!e)
		return false;
	max = min(e->eax, 0xdu);
	e->eax = max;
	if (!add_leaf_1(a) || (max >= 2 && !add_plain(a, 2)))
		return false;
	if (max >= 4 && !add_cache_leaves(a, 4))
		return false;
	if (max >= 6 && !add_leaf_6(a))
		return false;
	if (max >= 7 && !add_leaf_7(a))
		return false;
	return max < 0xd || add_leaf_d(a);
}

static bool add_extended(struct cpuid_array *a)
{
	struct kvm_cpuid_entry2 *e = add_leaf(a, 0x80000000, 0, 0);
	u32 max, f;

	if (!e)
		return false;
	max = min(e->eax, 0x80000008u);
	e->eax = max;
	for (f = 0x80000001; f <= max; f++) {
		e = add_leaf(a, f, 0, 0);
		if (!e)
			return false;
		if (f == 0x80000001) {
			e->ecx &= mask_80000001_ecx;
			e->edx &= mask_80000001_edx;
		} else if (f == 0x80000007) {
			e->eax = 0;
			e->ebx = 0;
			e->ecx = 0;
			e->edx &= BIT(8);	/* invariant TSC */
		} else if (f == 0x80000008) {
			/* Linear address bits; physical ones as far as our tables reach. */
			e->eax = (e->eax & 0xff00) | min_t(u32, e->eax & 0xff, KVM_MAX_GPA_BITS);
			e->ebx &= mask_80000008_ebx |
				  (boot_cpu_has(X86_FEATURE_MSR_SPEC_CTRL) ?
				   mask_spec_80000008_ebx : 0);
			if (!boot_cpu_has_bug(X86_BUG_SPEC_STORE_BYPASS))
				e->ebx |= F(AMD_SSB_NO);
			e->ecx = 0;
			e->edx = 0;
		}
	}
	return true;
}

/*
 * What a CPU without it raises #UD for and this KVM then executes, slowly: a VMM
 * decides for each whether to tell the guest of it.
 */
static bool add_emulated(struct cpuid_array *a)
{
	static const struct kvm_cpuid_entry2 emulated[] = {
		{ .function = 0, .eax = 7 },
		{ .function = 1, .ecx = F(MOVBE) },
		{ .function = 7, .flags = KVM_CPUID_FLAG_SIGNIFCANT_INDEX, .ecx = F(RDPID) },
	};

	if (a->max < ARRAY_SIZE(emulated))
		return false;
	memcpy(a->entries, emulated, sizeof(emulated));
	a->nent = ARRAY_SIZE(emulated);
	return true;
}

static bool add_supported(struct cpuid_array *a)
{
	return add_basic(a) && add_kvm_leaves(a) && add_extended(a);
}

static long get_cpuid(struct kvm_cpuid2 __user *user, u32 nent, bool (*add)(struct cpuid_array *a))
{
	struct cpuid_array a = { .max = min_t(u32, nent, KVM_MAX_CPUID_ENTRIES) };
	long r = 0;

	if (!nent)
		return -E2BIG;
	a.entries = kvcalloc(a.max, sizeof(*a.entries), GFP_KERNEL);
	if (!a.entries)
		return -ENOMEM;
	if (!add(&a))
		r = -E2BIG;
	else if (copy_to_user(user->entries, a.entries, a.nent * sizeof(*a.entries)) ||
		 put_user(a.nent, &user->nent))
		r = -EFAULT;
	kvfree(a.entries);
	return r;
}

long kvm_get_supported_cpuid(struct kvm_cpuid2 __user *user)
{
	struct kvm_cpuid2 head;

	if (copy_from_user(&head, user, sizeof(head)))
		return -EFAULT;
	return get_cpuid(user, head.nent, add_supported);
}

/* Padding that is not clean is refused, so that it may mean something one day. */
long kvm_get_emulated_cpuid(struct kvm_cpuid2 __user *user)
{
	struct kvm_cpuid_entry2 e;
	struct kvm_cpuid2 head;
	u32 i;

	if (copy_from_user(&head, user, sizeof(head)))
		return -EFAULT;
	for (i = 0; i < min_t(u32, head.nent, KVM_MAX_CPUID_ENTRIES); i++) {
		if (copy_from_user(&e, &user->entries[i], sizeof(e)))
			return -EFAULT;
		if (memchr_inv(e.padding, 0, sizeof(e.padding)))
			return -EINVAL;
	}
	return get_cpuid(user, head.nent, add_emulated);
}
