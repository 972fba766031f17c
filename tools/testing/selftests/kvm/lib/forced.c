// SPDX-License-Identifier: GPL-2.0-only
/* One instruction natively and with the forced-emulation prefix. */
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "kvm_test.h"

#define FEP_PARAM "/sys/module/kvm/parameters/force_emulation_prefix"

static const u8 fep[] = { 0x0f, 0x0b, 'k', 'v', 'm' };

/*
 * Both runs have the instruction at the same address: the prefix goes into
 * the bytes before it, which are NOPs in the native run.
 */
#define LEAD 16
#define INSN_OFFSET LEAD

const char *forced_emulation_missing(void)
{
	char c = read_flag(FEP_PARAM);
	int fd;

	if (!c)
		return "no module parameter force_emulation_prefix";
	if (c != '0' && c != 'N')
		return NULL;
	fd = open(FEP_PARAM, O_WRONLY);
	if (fd < 0)
		return "force_emulation_prefix is off and not writable";
	if (write(fd, "1", 1) != 1) {
		close(fd);
		return "force_emulation_prefix is off and refuses to be set";
	}
	close(fd);
	return NULL;
}

#define STACK_AROUND 128

static bool in_stack(u64 sp)
{
	return sp >= STACK_GPA + STACK_AROUND && sp <= STACK_GPA + 0x10000 - STACK_AROUND;
}

static void place_insn(struct vm *vm, const struct forced_case *c, bool forced)
{
	static const u8 done[] = { 0xe6, PORT_DONE };
	u8 *code = gpa_to_hva(vm, CODE_GPA);

	memset(code, 0x90, LEAD);
	memset(code + LEAD, 0xf4, 64);
	if (forced)
		memcpy(code + INSN_OFFSET - sizeof(fep), fep, sizeof(fep));
	memcpy(code + INSN_OFFSET, c->insn, c->len);
	memcpy(code + INSN_OFFSET + c->len, done, sizeof(done));
}

/* @sp: guest physical; only its surroundings are looked at afterwards. */
static void place_data(struct vm *vm, const struct forced_case *c, u64 sp)
{
	static u8 pattern[PAGE_SIZE];
	unsigned int i;

	if (!pattern[0])
		for (i = 0; i < PAGE_SIZE; i++)
			pattern[i] = 7 * i + 3;
	memcpy(gpa_to_hva(vm, DATA_GPA), pattern, PAGE_SIZE);
	if (c->data)
		memcpy(gpa_to_hva(vm, DATA_GPA), c->data, c->data_size);
	if (in_stack(sp))
		memcpy(gpa_to_hva(vm, sp - STACK_AROUND), pattern, 2 * STACK_AROUND);
	if (c->stack)
		memcpy(gpa_to_hva(vm, sp), c->stack, c->stack_size);
}

static struct kvm_regs place_regs(struct vcpu *vcpu, const struct forced_case *c,
				  bool forced)
{
	struct kvm_fpu reset = { .fcw = 0x37f, .mxcsr = 0x1f80 };
	struct kvm_regs regs = c->regs, setup;
	struct kvm_sregs sregs;

	vcpu_setup(vcpu, c->mode);
	if (c->user)
		vcpu_set_user(vcpu);
	/* String instructions write to ES: RAM, not the MMIO of 16-bit modes. */
	vcpu_get_sregs(vcpu, &sregs);
	sregs.es = sregs.ds;
	vcpu_set_sregs(vcpu, &sregs);
	vcpu_get_regs(vcpu, &setup);
	regs.rip = setup.rip + INSN_OFFSET - (forced ? sizeof(fep) : 0);
	if (!regs.rsp)
		regs.rsp = setup.rsp - 0x800;
	regs.rflags |= FLAG_FIXED;
	/* IOPL 3 lets GUEST_DONE leave from CPL 3. */
	if (c->user)
		regs.rflags |= 3 << 12;
	vcpu_set_regs(vcpu, &regs);
	must(kvm_ioctl(vcpu->fd, KVM_SET_FPU, c->fpu ? c->fpu : &reset));
	return regs;
}

static void take_state(struct vcpu *vcpu, struct guest_state *state, u64 sp)
{
	struct vm *vm = vcpu->vm;

	vcpu_get_regs(vcpu, &state->regs);
	vcpu_get_sregs(vcpu, &state->sregs);
	must(kvm_ioctl(vcpu->fd, KVM_GET_FPU, &state->fpu));
	memcpy(state->data, gpa_to_hva(vm, DATA_GPA), PAGE_SIZE);
	if (in_stack(sp))
		memcpy(state->stack, gpa_to_hva(vm, sp - STACK_AROUND), sizeof(state->stack));
}

void run_insn(struct vcpu *vcpu, const struct forced_case *c, bool forced,
	      struct guest_state *state)
{
	struct kvm_regs regs;
	u64 sp;

	memset(state, 0, sizeof(*state));
	state->fault.vector = -1;
	vcpu_prime_fpu(vcpu);
	place_insn(vcpu->vm, c, forced);
	regs = place_regs(vcpu, c, forced);
	sp = mode_bits(c->mode) == 16 ? STACK_GPA + (u16)regs.rsp : regs.rsp;
	place_data(vcpu->vm, c, sp);
	state->reason = run_until_exit(vcpu);
	state->done = state->reason == KVM_EXIT_IO && at_done(vcpu);
	if (state->reason == KVM_EXIT_IO)
		vcpu_fault(vcpu, &state->fault);
	take_state(vcpu, state, sp);
	if (state->fault.vector >= 0) {
		state->regs.rip = state->fault.rip;
		state->regs.rsp = state->fault.rsp;
		state->regs.rflags = state->fault.rflags;
	}
}

const char NOT_EMULATED[] = "this KVM does not emulate it";

static char difference[256];

static const char *differ(const char *fmt, ...) __printf(1, 2);
static const char *differ(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(difference, sizeof(difference), fmt, args);
	va_end(args);
	return difference;
}

/* Outside 64-bit mode the upper halves are undefined. */
static const char *compare_regs(const struct kvm_regs *n, const struct kvm_regs *f,
				u64 flags_mask, int bits)
{
	u64 mask = bits == 64 ? ~0ull : 0xffffffff;
	static const char *const name[] = {
		"rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rsp", "rbp", "r8", "r9",
		"r10", "r11", "r12", "r13", "r14", "r15", "rip",
	};
	const unsigned long long *a = &n->rax, *b = &f->rax;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(name); i++)
		if ((a[i] ^ b[i]) & mask)
			return differ("%s: native %#llx, forced %#llx", name[i],
				      a[i], b[i]);
	if ((n->rflags ^ f->rflags) & flags_mask)
		return differ("rflags: native %#llx, forced %#llx", n->rflags,
			      f->rflags);
	return NULL;
}

/* A NULL selector in protected mode has no attributes to speak of. */
static bool same_segment(const struct kvm_segment *a, const struct kvm_segment *b,
			 bool protected)
{
	if (a->selector != b->selector)
		return false;
	if (protected && !(a->selector & ~3))
		return true;
	return a->base == b->base && a->limit == b->limit && a->type == b->type;
}

static const char *compare_sregs(const struct kvm_sregs *n,
				 const struct kvm_sregs *f)
{
	const struct kvm_segment *a = &n->cs, *b = &f->cs;
	static const char *const name[] = { "cs", "ds", "es", "fs", "gs", "ss" };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(name); i++)
		if (!same_segment(&a[i], &b[i], n->cr0 & CR0_PE))
			return differ("%s: native %#x, forced %#x", name[i],
				      a[i].selector, b[i].selector);
	if (n->cr0 != f->cr0 || n->cr2 != f->cr2 || n->cr3 != f->cr3 ||
	    n->cr4 != f->cr4 || n->cr8 != f->cr8 || n->efer != f->efer)
		return differ("control registers: native cr0 %#llx cr2 %#llx cr4 %#llx, "
			      "forced cr0 %#llx cr2 %#llx cr4 %#llx", n->cr0, n->cr2, n->cr4, f->cr0, f->cr2, f->cr4);
	if (n->gdt.base != f->gdt.base || n->gdt.limit != f->gdt.limit ||
	    n->idt.base != f->idt.base || n->idt.limit != f->idt.limit)
		return "gdtr or idtr";
	return NULL;
}

static const char *compare_bytes(const char *what, const void *native,
				 const void *forced, size_t size)
{
	const u8 *n = native, *f = forced;
	size_t i;

	if (!memcmp(native, forced, size))
		return NULL;
	for (i = 0; i < size; i++)
		if (n[i] != f[i])
			return differ("%s byte %zu: native %#x, forced %#x", what, i,
				      n[i], f[i]);
	return NULL;
}

static bool not_emulated(const struct guest_state *n, const struct guest_state *f)
{
	if (kvm_is_ours())
		return false;
	return (f->fault.vector == UD_VECTOR && n->fault.vector != UD_VECTOR) ||
	       (f->reason == KVM_EXIT_INTERNAL_ERROR && n->reason != f->reason);
}

const char *compare_forced(struct vcpu *vcpu, const struct forced_case *c,
			   u64 flags_mask)
{
	static struct guest_state n, f;
	const char *r;

	run_insn(vcpu, c, false, &n);
	run_insn(vcpu, c, true, &f);
	if (not_emulated(&n, &f))
		return NOT_EMULATED;
	/* Whether the frame of a fault has RF is the processor's business. */
	if (n.fault.vector >= 0)
		flags_mask &= ~FLAG_RF;
	if (n.reason != f.reason || n.done != f.done)
		return differ("exit: native %d, forced %s", n.reason,
			      describe_exit(vcpu, f.reason));
	if (n.fault.vector != f.fault.vector ||
	    n.fault.error_code != f.fault.error_code)
		return differ("fault: native %d error %#llx, forced %d error %#llx",
			      n.fault.vector, (unsigned long long)n.fault.error_code,
			      f.fault.vector, (unsigned long long)f.fault.error_code);
	r = compare_regs(&n.regs, &f.regs, flags_mask, mode_bits(c->mode));
	if (!r)
		r = compare_sregs(&n.sregs, &f.sregs);
	if (!r)
		r = compare_bytes("data", n.data, f.data, sizeof(n.data));
	if (!r && n.fault.vector < 0)
		r = compare_bytes("stack", n.stack, f.stack, sizeof(n.stack));
	if (!r)
		r = compare_bytes("xmm", n.fpu.xmm, f.fpu.xmm, sizeof(n.fpu.xmm));
	return r;
}
