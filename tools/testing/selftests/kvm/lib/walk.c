// SPDX-License-Identifier: GPL-2.0-only
/* A whole list of instructions, natively and forced. */
#include "kvm_test.h"

#define ALL_FLAGS 0x8d5ull

/* Patterns for RAX, RBX, RCX, RDX and RFLAGS. */
static const u64 pattern[][5] = {
	{ 0x7fffffff7fff7f7f, 1, 3, 0, 0 },
	{ 0x8000000080008080, 0xffffffffffffffff, 0x21, 0x1234, ALL_FLAGS },
};

static struct kvm_regs usual_regs(enum guest_mode mode, const u64 *p)
{
	u64 base = mode_bits(mode) == 16 ? 0 : DATA_GPA;

	return (struct kvm_regs) {
		.rax = p[0], .rbx = p[1], .rcx = p[2], .rdx = p[3], .rflags = p[4],
		.rdi = base + 0x100, .rsi = base + 0x200, .rbp = base + 0x300,
		.r8 = 0x0123456789abcdef, .r9 = base + 0x400, .r15 = ~0x55ull,
	};
}

static const char *compare_patterns(struct vcpu *vcpu, struct forced_case *c,
				    const struct forced_list *list)
{
	const char *r = NULL;
	unsigned int i;

	if (list->regs) {
		c->regs = *list->regs;
		return compare_forced(vcpu, c, list->flags_mask);
	}
	for (i = 0; i < ARRAY_SIZE(pattern) && !r; i++) {
		c->regs = usual_regs(c->mode, pattern[i]);
		r = compare_forced(vcpu, c, list->flags_mask);
	}
	return r;
}

void walk_forced(struct vcpu *vcpu, enum guest_mode mode, const struct forced_list *list)
{
	struct forced_case c = {
		.mode = mode, .user = list->user,
		.data = list->data, .data_size = list->data_size,
		.stack = list->stack, .stack_size = list->stack_size,
	};
	const u8 *p = list->insns;

	while (p < list->end) {
		const char *text, *r;

		c.len = *p++;
		c.insn = p;
		text = (const char *)p + c.len;
		p = (const u8 *)text + strlen(text) + 1;
		r = compare_patterns(vcpu, &c, list);
		if (r == NOT_EMULATED)
			skip(text, r);
		else if (!ok(!r, "%s: %s", mode_name(mode), text))
			note("%s", r);
	}
}
