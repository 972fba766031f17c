// SPDX-License-Identifier: GPL-2.0-only
/* The emulator's callbacks, over this vCPU. */
#include <linux/kvm.h>
#include <linux/mm.h>
#include <asm/smp.h>

#include "vcpu/emul_ops.h"
#include "vcpu/msr.h"
#include "vcpu/ops.h"

static struct x86_vcpu *emul_vcpu(struct x86_emulate_ctxt *ctxt)
{
	return ctxt->vcpu;
}

/*
 * Does the exit tell where @la is? It does for the one operand of the
 * instruction, as far as the CPU, or a walk of ours, has found it permitted.
 */
static bool gpa_known(const struct x86_emulate_ctxt *ctxt, const struct x86_vcpu *vcpu,
		      unsigned long la, u32 flags)
{
	return vcpu->emul_gpa_valid && x86_emulate_one_mem_op(ctxt) && !(flags & X86EMUL_F_IMPLICIT) &&
	       offset_in_page(la) == offset_in_page(vcpu->emul_gpa);
}

/* What may be written may be read; else it is the same access, by the same privilege. */
static bool walked(const struct x86_vcpu *vcpu, unsigned long la, u64 access, gpa_t *gpa)
{
	const struct kvm_emul_walk *w = vcpu->emul_walk;
	int i;

	for (i = 0; i < ARRAY_SIZE(vcpu->emul_walk); i++, w++) {
		if (w->page == (la & PAGE_MASK) &&
		    (w->access == access || w->access == (access | PFERR_WRITE_MASK))) {
			*gpa = w->gpa | offset_in_page(la);
			return true;
		}
	}
	return false;
}

static void note_walk(struct x86_vcpu *vcpu, unsigned long la, u64 access, gpa_t gpa)
{
	struct kvm_emul_walk *w = &vcpu->emul_walk[vcpu->emul_walk_next];

	vcpu->emul_walk_next ^= 1;
	w->page = la & PAGE_MASK;
	w->gpa = gpa & PAGE_MASK;
	w->access = access;
}

void kvm_forget_walks(struct x86_vcpu *vcpu)
{
	vcpu->emul_walk[0].page = 1;
	vcpu->emul_walk[1].page = 1;
}

static int emul_translate(struct x86_emulate_ctxt *ctxt, unsigned long la, u64 access, u32 flags,
			  gpa_t *gpa)
{
	struct x86_vcpu *vcpu = emul_vcpu(ctxt);
	bool known = gpa_known(ctxt, vcpu, la, flags);
	int r;

	if (known && (vcpu->emul_gpa_write || vcpu->emul_gpa_store || !(access & PFERR_WRITE_MASK))) {
		*gpa = vcpu->emul_gpa;
		return X86EMUL_CONTINUE;
	}
	if (flags & X86EMUL_F_IMPLICIT)
		access |= PFERR_IMPLICIT_ACCESS;
	else if (ctxt->cpl == 3)
		access |= PFERR_USER_MASK;
	if (walked(vcpu, la, access, gpa))
		return X86EMUL_CONTINUE;
	r = kvm_translate_gva(vcpu, la, access, gpa, &ctxt->exception);
	if (likely(r == X86EMUL_CONTINUE))
		note_walk(vcpu, la, access, *gpa);
	else if (r == X86EMUL_PROPAGATE_FAULT)
		ctxt->have_exception = true;
	if (known && r == X86EMUL_CONTINUE && *gpa == vcpu->emul_gpa)
		vcpu->emul_gpa_write = true;
	return r;
}

static int emul_fetch(struct x86_emulate_ctxt *ctxt, unsigned long la, void *data,
		      unsigned int bytes)
{
	int r = kvm_fetch_guest_virt(emul_vcpu(ctxt), la, data, bytes, &ctxt->exception);

	if (unlikely(r == X86EMUL_PROPAGATE_FAULT))
		ctxt->have_exception = true;
	return r;
}

/*
 * No memory at @gpa, or for a write none that may be written, so that the access is
 * a device's? Where a slot is, it has just come or its backing is gone: the CPU
 * itself finds out which.
 */
static bool is_device(struct kvm *kvm, gpa_t gpa, bool write)
{
	struct kvm_memory_slot *slot = gfn_to_memslot(kvm, gpa_to_gfn(gpa));

	return !slot || (write && memslot_is_readonly(slot));
}

static bool in_rom(struct kvm *kvm, gpa_t gpa)
{
	struct kvm_memory_slot *slot = gfn_to_memslot(kvm, gpa_to_gfn(gpa));

	return slot && memslot_is_readonly(slot);
}

static int probe(struct kvm *kvm, gpa_t gpa, u32 flags, bool write)
{
	return (flags & X86EMUL_F_RAM) && is_device(kvm, gpa, write) ? X86EMUL_NOT_RAM :
								       X86EMUL_CONTINUE;
}

static int no_access(struct x86_vcpu *vcpu)
{
	vcpu->emul_no_access = true;
	return X86EMUL_RETRY_INSTR;
}

/* The copy failed with @err: CONTINUE when it is an access for a device. */
static int check_device(struct x86_vcpu *vcpu, int err, u32 flags)
{
	if (flags & X86EMUL_F_RAM)
		return X86EMUL_NOT_RAM;
	if (err != -ENXIO)
		return no_access(vcpu);
	return flags & X86EMUL_F_IMPLICIT ? X86EMUL_UNHANDLEABLE : X86EMUL_CONTINUE;
}

/* What the CPU accesses for its own purposes, tables of segments and tasks, is not watched. */
static void watch(struct x86_vcpu *vcpu, unsigned long la, unsigned int bytes, u32 flags,
		  bool write)
{
	if (unlikely(vcpu->switch_db_regs) && !(flags & (X86EMUL_F_IMPLICIT | X86EMUL_F_PHYSICAL)))
		kvm_data_breakpoint(vcpu, la, bytes, write);
}

static int emul_read(struct x86_emulate_ctxt *ctxt, unsigned long la, void *data,
		     unsigned int bytes, u32 flags)
{
	struct x86_vcpu *vcpu = emul_vcpu(ctxt);
	struct kvm *kvm = vcpu->base.kvm;
	gpa_t gpa = la;
	int r = X86EMUL_CONTINUE;

	vcpu->emul_gpa_store = false;
	if (likely(!(flags & X86EMUL_F_PHYSICAL)))
		r = emul_translate(ctxt, la, flags & X86EMUL_F_WRITE ? PFERR_WRITE_MASK : 0, flags,
				   &gpa);
	if (unlikely(r))
		return r;
	if (flags & X86EMUL_F_PROBE)
		return probe(kvm, gpa, flags, flags & X86EMUL_F_WRITE);
	watch(vcpu, la, bytes, flags, false);
	r = kvm_read_guest_page(kvm, gpa_to_gfn(gpa), data, offset_in_page(gpa), bytes);
	if (!r)
		return X86EMUL_CONTINUE;
	r = check_device(vcpu, r, flags);
	return r ?: kvm_mmio_read(vcpu, gpa, data, bytes);
}

static int device_write(struct x86_emulate_ctxt *ctxt, gpa_t gpa, const void *data,
			unsigned int bytes)
{
	struct x86_vcpu *vcpu = emul_vcpu(ctxt);
	int r;

	r = kvm_mmio_write(vcpu, gpa, data, bytes);
	ctxt->io_pending = kvm_io_pending(vcpu);
	return r;
}

static int emul_write(struct x86_emulate_ctxt *ctxt, unsigned long la, const void *data,
		      unsigned int bytes, u32 flags)
{
	struct kvm *kvm = emul_vcpu(ctxt)->base.kvm;
	gpa_t gpa;
	int r;

	r = emul_translate(ctxt, la, PFERR_WRITE_MASK, flags, &gpa);
	if (unlikely(r))
		return r;
	if (flags & X86EMUL_F_PROBE)
		return probe(kvm, gpa, flags, true);
	watch(emul_vcpu(ctxt), la, bytes, flags, true);
	r = kvm_write_guest_page(kvm, gpa_to_gfn(gpa), data, offset_in_page(gpa), bytes);
	if (!r)
		return X86EMUL_CONTINUE;
	r = check_device(emul_vcpu(ctxt), r, flags);
	return r ?: device_write(ctxt, gpa, data, bytes);
}

/* Bytes of @bytes at @la in its first page. */
static unsigned int first_part(unsigned long la, unsigned int bytes)
{
	return min_t(unsigned int, bytes, PAGE_SIZE - offset_in_page(la));
}

static unsigned long second_page(const struct x86_emulate_ctxt *ctxt, unsigned long la)
{
	unsigned long next = (la & PAGE_MASK) + PAGE_SIZE;

	return ctxt->mode == X86EMUL_MODE_PROT64 ? next : (u32)next;
}

/* Read or write where a page may end in between; both pages are known to be permitted. */
static int split_read(struct x86_emulate_ctxt *ctxt, unsigned long la, void *data,
		      unsigned int bytes, u32 flags)
{
	unsigned int n = first_part(la, bytes);
	int r = emul_read(ctxt, la, data, n, flags | X86EMUL_F_WRITE);

	if (r || n == bytes)
		return r;
	return emul_read(ctxt, second_page(ctxt, la), data + n, bytes - n, flags | X86EMUL_F_WRITE);
}

static int split_write(struct x86_emulate_ctxt *ctxt, unsigned long la, const void *data,
		       unsigned int bytes, u32 flags)
{
	unsigned int n = first_part(la, bytes);
	int r = emul_write(ctxt, la, data, n, flags);

	if (r || n == bytes)
		return r;
	return emul_write(ctxt, second_page(ctxt, la), data + n, bytes - n, flags);
}

/* Where the host itself may not: compared and written, but not atomically. */
static int split_cmpxchg(struct x86_emulate_ctxt *ctxt, unsigned long la, const void *old,
			 const void *new, unsigned int bytes, u32 flags)
{
	u8 now[16];
	int r = split_read(ctxt, la, now, bytes, flags);

	if (r)
		return r;
	if (memcmp(now, old, bytes))
		return X86EMUL_CMPXCHG_FAILED;
	return split_write(ctxt, la, new, bytes, flags);
}

static int emul_cmpxchg(struct x86_emulate_ctxt *ctxt, unsigned long la, const void *old,
			const void *new, unsigned int bytes, u32 flags)
{
	struct x86_vcpu *vcpu = emul_vcpu(ctxt);
	gpa_t gpa, next = 0;
	int r;

	vcpu->emul_gpa_store = false;
	r = emul_translate(ctxt, la, PFERR_WRITE_MASK, flags, &gpa);
	if (!r && first_part(la, bytes) != bytes)
		r = emul_translate(ctxt, second_page(ctxt, la), PFERR_WRITE_MASK, flags, &next);
	if (unlikely(r))
		return r;
	watch(vcpu, la, bytes, flags, true);
	r = kvm_cmpxchg_guest(vcpu->base.kvm, gpa, next, old, new, bytes);
	if (!r)
		return X86EMUL_CONTINUE;
	if (r > 0)
		return X86EMUL_CMPXCHG_FAILED;
	if (r == -EXDEV)
		return split_cmpxchg(ctxt, la, old, new, bytes, flags);
	if (r == -EFAULT)
		return no_access(vcpu);
	if (r != -ENXIO)
		return X86EMUL_UNHANDLEABLE;
	/* Memory that has just come: nothing is written, try again. */
	if (!is_device(vcpu->base.kvm, gpa, true) &&
	    (first_part(la, bytes) == bytes || !is_device(vcpu->base.kvm, next, true)))
		return X86EMUL_RETRY_INSTR;
	/* ROM lets go by that a descriptor is accessed or busy, as it does for page tables. */
	if ((flags & X86EMUL_F_IMPLICIT) && in_rom(vcpu->base.kvm, gpa))
		return X86EMUL_CONTINUE;
	/* A device, or memory and a device: no bus locks that. */
	return split_write(ctxt, la, new, bytes, flags);
}

static int emul_pio_in(struct x86_emulate_ctxt *ctxt, u16 port, unsigned int bytes, void *data,
		       unsigned int count)
{
	if (unlikely(emul_vcpu(ctxt)->switch_db_regs))
		kvm_io_breakpoint(emul_vcpu(ctxt), port, bytes);
	return kvm_pio_read(emul_vcpu(ctxt), port, bytes, data, count);
}

static int emul_pio_out(struct x86_emulate_ctxt *ctxt, u16 port, unsigned int bytes,
			const void *data, unsigned int count)
{
	int r;

	if (unlikely(emul_vcpu(ctxt)->switch_db_regs))
		kvm_io_breakpoint(emul_vcpu(ctxt), port, bytes);
	r = kvm_pio_write(emul_vcpu(ctxt), port, bytes, data, count);
	ctxt->io_pending = kvm_io_pending(emul_vcpu(ctxt));
	return r;
}

static int emul_intercept(struct x86_emulate_ctxt *ctxt, const struct x86_instruction_info *info,
			  enum x86_intercept_stage stage)
{
	return static_call(kvm_x86_check_intercept)(emul_vcpu(ctxt), info, stage);
}

static void emul_get_segment(struct x86_emulate_ctxt *ctxt, int seg, struct x86_segment *var)
{
	static_call(kvm_x86_get_segment)(emul_vcpu(ctxt), seg, var);
}

static void emul_set_segment(struct x86_emulate_ctxt *ctxt, int seg, const struct x86_segment *var)
{
	static_call(kvm_x86_set_segment)(emul_vcpu(ctxt), seg, var);
}

static unsigned long emul_get_segment_base(struct x86_emulate_ctxt *ctxt, int seg)
{
	return static_call(kvm_x86_get_segment_base)(emul_vcpu(ctxt), seg);
}

static void emul_get_dt(struct x86_emulate_ctxt *ctxt, enum x86emul_dt which,
			struct x86_desc_ptr *dt)
{
	static_call(kvm_x86_get_dt)(emul_vcpu(ctxt), which, dt);
}

static void emul_set_dt(struct x86_emulate_ctxt *ctxt, enum x86emul_dt which,
			const struct x86_desc_ptr *dt)
{
	static_call(kvm_x86_set_dt)(emul_vcpu(ctxt), which, dt);
}

/* Record the #GP(0) that a refused value means. */
static int emul_gp(struct x86_emulate_ctxt *ctxt)
{
	ctxt->exception.vector = GP_VECTOR;
	ctxt->exception.error_code_valid = true;
	ctxt->exception.error_code = 0;
	ctxt->have_exception = true;
	return X86EMUL_PROPAGATE_FAULT;
}

static u64 emul_get_cr(struct x86_emulate_ctxt *ctxt, int cr)
{
	return kvm_get_cr(emul_vcpu(ctxt), cr);
}

static int emul_set_cr(struct x86_emulate_ctxt *ctxt, int cr, u64 val)
{
	kvm_forget_walks(emul_vcpu(ctxt));
	return kvm_set_cr(emul_vcpu(ctxt), cr, val) ? emul_gp(ctxt) : X86EMUL_CONTINUE;
}

static u64 emul_get_dr(struct x86_emulate_ctxt *ctxt, int dr)
{
	return kvm_get_dr(emul_vcpu(ctxt), dr);
}

static int emul_set_dr(struct x86_emulate_ctxt *ctxt, int dr, u64 val)
{
	return kvm_set_dr(emul_vcpu(ctxt), dr, val) ? emul_gp(ctxt) : X86EMUL_CONTINUE;
}

static int emul_get_msr(struct x86_emulate_ctxt *ctxt, u32 index, u64 *val)
{
	int r;

	/* As in hardware, what other instructions read is not filtered. */
	if (x86_emulate_intercept(ctxt) == x86_intercept_rdmsr) {
		r = kvm_emul_rdmsr(emul_vcpu(ctxt), index, val);
		return r == X86EMUL_PROPAGATE_FAULT ? emul_gp(ctxt) : r;
	}
	return kvm_get_msr(emul_vcpu(ctxt), index, val, false) ? emul_gp(ctxt) : X86EMUL_CONTINUE;
}

static int emul_set_msr(struct x86_emulate_ctxt *ctxt, u32 index, u64 val)
{
	int r;

	if (x86_emulate_intercept(ctxt) == x86_intercept_wrmsr) {
		r = kvm_emul_wrmsr(emul_vcpu(ctxt), index, val);
		return r == X86EMUL_PROPAGATE_FAULT ? emul_gp(ctxt) : r;
	}
	return kvm_set_msr(emul_vcpu(ctxt), index, val, false) ? emul_gp(ctxt) : X86EMUL_CONTINUE;
}

static int emul_read_pmc(struct x86_emulate_ctxt *ctxt, u32 counter, u64 *val)
{
	return kvm_read_pmc(counter, val) ? emul_gp(ctxt) : X86EMUL_CONTINUE;
}

static u64 emul_read_tsc(struct x86_emulate_ctxt *ctxt)
{
	return kvm_read_guest_tsc(emul_vcpu(ctxt));
}

static void emul_get_cpuid(struct x86_emulate_ctxt *ctxt, u32 *eax, u32 *ebx, u32 *ecx, u32 *edx)
{
	kvm_cpuid(emul_vcpu(ctxt), eax, ebx, ecx, edx);
}

/* One address of the PCID in use needs no more than INVLPG does. */
static void emul_invpcid(struct x86_vcpu *vcpu, u32 type, u32 pcid, u64 la)
{
	u32 current_pcid = vcpu->cr4 & X86_CR4_PCIDE ? vcpu->cr3 & X86_CR3_PCID_MASK : 0;

	if (!type && pcid == current_pcid)
		static_call(kvm_x86_flush_tlb_gva)(vcpu, la);
	else
		static_call(kvm_x86_flush_tlb_guest)(vcpu);
}

/* No device is assigned, so guest caches are coherent: WBINVD has nothing to write back. */
static int emul_vcpu_op(struct x86_emulate_ctxt *ctxt, enum x86emul_vcpu_op op, u64 arg, u64 arg2)
{
	struct x86_vcpu *vcpu = emul_vcpu(ctxt);

	switch (op) {
	case X86_VCPU_HALT:
		vcpu->emul_halt = true;
		return X86EMUL_CONTINUE;
	case X86_VCPU_INVLPG:
		static_call(kvm_x86_flush_tlb_gva)(vcpu, arg);
		return X86EMUL_CONTINUE;
	case X86_VCPU_INVPCID:
		emul_invpcid(vcpu, (u32)arg, arg >> 32, arg2);
		return X86EMUL_CONTINUE;
	case X86_VCPU_HYPERCALL:
		return kvm_emul_hypercall(vcpu);
	/* Waiting for a write is allowed to end at once. */
	case X86_VCPU_MONITOR:
	case X86_VCPU_MWAIT:
	case X86_VCPU_WBINVD:
		return X86EMUL_CONTINUE;
	default:
		return X86EMUL_UNHANDLEABLE;
	}
}

static int emul_get_xcr(struct x86_emulate_ctxt *ctxt, u32 index, u64 *val)
{
	if (index == X86_XCR_PKRU) {
		*val = emul_vcpu(ctxt)->pkru;
		return X86EMUL_CONTINUE;
	}
	return kvm_get_xcr(emul_vcpu(ctxt), index, val) ? emul_gp(ctxt) : X86EMUL_CONTINUE;
}

static int emul_set_xcr(struct x86_emulate_ctxt *ctxt, u32 index, u64 val)
{
	if (index == X86_XCR_PKRU) {
		emul_vcpu(ctxt)->pkru = val;
		return X86EMUL_CONTINUE;
	}
	return kvm_set_xcr(emul_vcpu(ctxt), index, val) ? emul_gp(ctxt) : X86EMUL_CONTINUE;
}

static void emul_get_fpu(struct x86_emulate_ctxt *ctxt)
{
	kvm_fpu_get();
}

static void emul_put_fpu(struct x86_emulate_ctxt *ctxt)
{
	kvm_fpu_put();
}

const struct x86_emulate_ops kvm_emulate_ops = {
	.fetch			= emul_fetch,
	.read			= emul_read,
	.write			= emul_write,
	.cmpxchg_emulated	= emul_cmpxchg,
	.pio_in			= emul_pio_in,
	.pio_out		= emul_pio_out,
	.intercept		= emul_intercept,
	.get_segment		= emul_get_segment,
	.set_segment		= emul_set_segment,
	.get_segment_base	= emul_get_segment_base,
	.get_dt			= emul_get_dt,
	.set_dt			= emul_set_dt,
	.get_cr			= emul_get_cr,
	.set_cr			= emul_set_cr,
	.get_dr			= emul_get_dr,
	.set_dr			= emul_set_dr,
	.get_msr		= emul_get_msr,
	.set_msr		= emul_set_msr,
	.read_pmc		= emul_read_pmc,
	.read_tsc		= emul_read_tsc,
	.get_cpuid		= emul_get_cpuid,
	.vcpu_op		= emul_vcpu_op,
	.get_xcr		= emul_get_xcr,
	.set_xcr		= emul_set_xcr,
	.get_fpu		= emul_get_fpu,
	.put_fpu		= emul_put_fpu,
};
