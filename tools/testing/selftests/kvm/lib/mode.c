// SPDX-License-Identifier: GPL-2.0-only
/* vCPU state of each guest mode. */
#include "kvm_test.h"

static const struct {
	const char *name;
	int bits;
} modes[NR_MODES] = {
	[MODE_REAL16] = { "real16", 16 },
	[MODE_PROT16] = { "prot16", 16 },
	[MODE_PROT32] = { "prot32", 32 },
	[MODE_PAGED32] = { "paged32", 32 },
	[MODE_PAE32] = { "pae32", 32 },
	[MODE_COMPAT32] = { "compat32", 32 },
	[MODE_LONG64] = { "long64", 64 },
};

const char *mode_name(enum guest_mode mode)
{
	return modes[mode].name;
}

int mode_bits(enum guest_mode mode)
{
	return modes[mode].bits;
}

static struct kvm_segment segment16(u16 selector, u32 base, u8 type)
{
	return (struct kvm_segment) {
		.selector = selector, .base = base, .limit = 0xffff,
		.type = type, .s = 1, .present = 1,
	};
}

static struct kvm_segment flat(u16 selector, u8 type)
{
	return (struct kvm_segment) {
		.selector = selector, .limit = 0xffffffff, .type = type,
		.s = 1, .present = 1, .db = 1, .g = 1, .dpl = selector & 3,
	};
}

static struct kvm_segment code(u16 selector, int bits)
{
	struct kvm_segment seg = flat(selector, 0xb);

	seg.l = bits == 64;
	seg.db = bits == 32;
	return seg;
}

static void set_data_segments(struct kvm_sregs *s, struct kvm_segment seg)
{
	s->ds = s->es = s->fs = s->gs = s->ss = seg;
}

static void setup_real(struct kvm_sregs *s)
{
	s->cs = segment16(CODE_GPA >> 4, CODE_GPA, 0xb);
	s->ds = segment16(DATA_GPA >> 4, DATA_GPA, 3);
	s->es = segment16(MMIO_GPA >> 4, MMIO_GPA, 3);
	s->ss = segment16(STACK_GPA >> 4, STACK_GPA, 3);
	s->fs = segment16(0, 0, 3);
	s->gs = segment16(0, 0, 3);
	s->idt.base = 0;
	s->idt.limit = 0x3ff;
}

static void setup_prot16(struct kvm_sregs *s)
{
	s->cs = segment16(SEL_CODE16, CODE_GPA, 0xb);
	s->ds = segment16(SEL_DATA16, DATA_GPA, 3);
	s->es = segment16(SEL_MMIO16, MMIO_GPA, 3);
	s->ss = segment16(SEL_STACK16, STACK_GPA, 3);
	s->fs = flat(SEL_DATA, 3);
	s->gs = flat(SEL_DATA, 3);
	s->idt.base = IDT16_GPA;
	s->idt.limit = NR_VECTORS * 8 - 1;
}

static void setup_flat(struct kvm_sregs *s, enum guest_mode mode)
{
	bool lma = mode >= MODE_COMPAT32;

	s->cs = mode == MODE_LONG64 ? code(SEL_CODE64, 64) : code(SEL_CODE32, 32);
	set_data_segments(s, flat(SEL_DATA, 3));
	s->idt.base = lma ? IDT64_GPA : IDT32_GPA;
	s->idt.limit = NR_VECTORS * (lma ? 16 : 8) - 1;
}

static void setup_paging(struct kvm_sregs *s, enum guest_mode mode)
{
	s->efer = 0;
	s->cr3 = 0;
	if (mode < MODE_PAGED32)
		return;
	s->cr0 |= CR0_PG | CR0_WP;
	if (mode == MODE_PAGED32) {
		s->cr4 |= CR4_PSE;
		s->cr3 = PD32_GPA;
		return;
	}
	s->cr4 |= CR4_PAE;
	s->efer = EFER_NXE;
	s->cr3 = PDPT_PAE_GPA;
	if (mode >= MODE_COMPAT32) {
		s->efer |= EFER_LME | EFER_LMA | EFER_SCE;
		s->cr3 = PML4_GPA;
	}
}

static void setup_system_segments(struct kvm_sregs *s, enum guest_mode mode)
{
	bool lma = mode >= MODE_COMPAT32;

	s->gdt.base = GDT_GPA;
	s->gdt.limit = SEL_TSS32 + 7;
	s->ldt = (struct kvm_segment){ .type = 2, .unusable = 1 };
	s->tr = (struct kvm_segment) {
		.selector = lma ? SEL_TSS : SEL_TSS32,
		.base = lma ? TSS64_GPA : TSS32_GPA,
		.limit = 0x67, .type = 0xb, .present = 1,
	};
}

void vcpu_setup(struct vcpu *vcpu, enum guest_mode mode)
{
	u64 sp = STACK_TOP - vcpu->id * PAGE_SIZE;
	struct kvm_regs regs = { .rflags = FLAG_FIXED };
	struct kvm_sregs s;

	vcpu_get_sregs(vcpu, &s);
	s.cr0 = CR0_ET | CR0_NE | CR0_MP;
	s.cr2 = 0;
	s.cr4 = CR4_OSFXSR | CR4_OSXMMEXCPT;
	setup_system_segments(&s, mode);
	if (mode == MODE_REAL16) {
		setup_real(&s);
	} else {
		s.cr0 |= CR0_PE;
		if (mode == MODE_PROT16)
			setup_prot16(&s);
		else
			setup_flat(&s, mode);
	}
	setup_paging(&s, mode);
	memset(s.interrupt_bitmap, 0, sizeof(s.interrupt_bitmap));
	vcpu_set_sregs(vcpu, &s);

	vcpu->mode = mode;
	regs.rip = mode_bits(mode) == 16 ? 0 : CODE_GPA;
	regs.rsp = mode_bits(mode) == 16 ? sp - STACK_GPA : sp;
	vcpu_set_regs(vcpu, &regs);
}

void vcpu_set_user(struct vcpu *vcpu)
{
	struct kvm_sregs s;

	vcpu_get_sregs(vcpu, &s);
	if (vcpu->mode == MODE_LONG64)
		s.cs = code(SEL_USER_CODE64, 64);
	else
		s.cs = code(SEL_USER_CODE32, 32);
	set_data_segments(&s, flat(SEL_USER_DATA, 3));
	vcpu_set_sregs(vcpu, &s);
}

void vcpu_load(struct vcpu *vcpu, enum guest_mode mode, const u8 *code_start,
	       const u8 *end)
{
	vm_write(vcpu->vm, CODE_GPA, code_start, end - code_start);
	vcpu_setup(vcpu, mode);
}

GUEST_CODE(prime, 64,
	   "fninit\n fld1\n pcmpeqd %xmm0, %xmm0\n fstp %st(0)\n" GUEST_DONE);

void vcpu_prime_fpu(struct vcpu *vcpu)
{
	if (vcpu->fpu_primed)
		return;
	load_code(vcpu, MODE_LONG64, prime);
	if (run_until_exit(vcpu) != KVM_EXIT_IO || !at_done(vcpu))
		bail("guest cannot use its FPU: %s",
		     describe_exit(vcpu, vcpu->run->exit_reason));
	vcpu->fpu_primed = true;
}
