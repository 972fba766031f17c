// SPDX-License-Identifier: GPL-2.0-only
/* Modes and privilege levels with tables of their own. */
#include "world.h"

struct world worlds[NR_WORLDS] = {
	[W_REAL] = { .name = "real16", .bits = 16, .real = true },
	[W_VM86_3] = { .name = "vm86 IOPL 3", .bits = 16, .cpl = 3, .iopl = 3, .vm86 = true },
	[W_VM86_0] = { .name = "vm86 IOPL 0", .bits = 16, .cpl = 3, .vm86 = true },
	[W_PROT16_0] = { .name = "prot16 CPL 0", .bits = 16 },
	[W_PROT16_3] = { .name = "prot16 CPL 3", .bits = 16, .cpl = 3 },
	[W_PROT32_0] = { .name = "prot32 CPL 0", .bits = 32 },
	[W_PROT32_1] = { .name = "prot32 CPL 1", .bits = 32, .cpl = 1 },
	[W_PROT32_2] = { .name = "prot32 CPL 2", .bits = 32, .cpl = 2 },
	[W_PROT32_3] = { .name = "prot32 CPL 3", .bits = 32, .cpl = 3 },
	[W_COMPAT_0] = { .name = "compat32 CPL 0", .bits = 32, .lma = true },
	[W_COMPAT_3] = { .name = "compat32 CPL 3", .bits = 32, .cpl = 3, .lma = true },
	[W_LONG_0] = { .name = "long64 CPL 0", .bits = 64, .lma = true },
	[W_LONG_3] = { .name = "long64 CPL 3", .bits = 64, .cpl = 3, .lma = true },
};

u64 make_desc(u32 base, u32 limit, u8 access, u8 flags)
{
	return (limit & 0xffff) | (u64)(base & 0xffffff) << 16 | (u64)access << 40 |
	       (u64)(limit >> 16 & 0xf) << 48 | (u64)flags << 52 | (u64)(base >> 24) << 56;
}

u64 make_gate(u16 selector, u32 offset, u8 access, u8 count)
{
	return (offset & 0xffff) | (u64)selector << 16 | (u64)count << 32 | (u64)access << 40 |
	       (u64)(offset >> 16) << 48;
}

static u64 flat(u8 access, u8 flags)
{
	return make_desc(0, 0xfffff, access, F_G | flags);
}

u16 code_selector(const struct world *w, int cpl)
{
	static const u16 code32[] = { S_CODE32, S_CODE32_1, S_CODE32_2, S_CODE32_3 };

	if (w->bits == 16)
		return cpl ? S_CODE16_3 : S_CODE16;
	if (w->bits == 64)
		return cpl ? S_CODE64_3 : S_CODE64;
	return code32[cpl];
}

u16 stack_selector(const struct world *w, int cpl)
{
	static const u16 data32[] = { S_DATA, S_DATA_1, S_DATA_2, S_DATA_3 };

	if (w->bits == 16)
		return cpl ? S_DATA16_3 : S_DATA16;
	return data32[cpl];
}

/* The upper quarter of a stack is for what is popped. */
u64 stack_top(const struct world *w, int cpl)
{
	u64 at = AT_STACKS + (cpl + 1) * STACK_SIZE - 0x80;

	return w->bits == 16 ? at : IN_ARENA(at);
}

/* ---- the arena ------------------------------------------------------------------- */

static void fill_gdt(const struct world *w, u64 *gdt)
{
	unsigned int i;

	gdt[S_CODE64 / 8] = flat(CODE_ACC(0), F_L);
	gdt[S_DATA / 8] = flat(DATA_ACC(0), F_DB);
	gdt[S_CODE32 / 8] = flat(CODE_ACC(0), F_DB);
	gdt[S_CODE16 / 8] = make_desc(CODE_GPA, 0xffff, CODE_ACC(0), 0);
	gdt[S_DATA16 / 8] = make_desc(ARENA_GPA, 0xffff, DATA_ACC(0), 0);
	gdt[S_STUBS16 / 8] = make_desc(STUBS_GPA, 0xffff, CODE_ACC(0), 0);
	gdt[S_TSS / 8] = make_desc(IN_ARENA(AT_TSS), TSS_LIMIT, ACC(0xb, 0, 0, 1), 0);
	gdt[S_LDT / 8] = make_desc(IN_ARENA(AT_LDT), LDT_LIMIT, ACC(2, 0, 0, 1), 0);
	gdt[S_CODE32_1 / 8] = flat(CODE_ACC(1), F_DB);
	gdt[S_DATA_1 / 8] = flat(DATA_ACC(1), F_DB);
	gdt[S_CODE32_2 / 8] = flat(CODE_ACC(2), F_DB);
	gdt[S_DATA_2 / 8] = flat(DATA_ACC(2), F_DB);
	gdt[S_CODE32_3 / 8] = flat(CODE_ACC(3), F_DB);
	gdt[S_DATA_3 / 8] = flat(DATA_ACC(3), F_DB);
	gdt[S_CODE64_3 / 8] = flat(CODE_ACC(3), F_L);
	gdt[S_CODE16_3 / 8] = make_desc(CODE_GPA, 0xffff, CODE_ACC(3), 0);
	gdt[S_DATA16_3 / 8] = make_desc(ARENA_GPA, 0xffff, DATA_ACC(3), 0);
	if (!w->lma) {
		gdt[S_TSS32 / 8] = make_desc(IN_ARENA(AT_TSS32), 0x67, ACC(9, 0, 0, 1), 0);
		gdt[S_TSS16 / 8] = make_desc(IN_ARENA(AT_TSS16), 0x2b, ACC(1, 0, 0, 1), 0);
	}
	/* A TSS among them is too small, a gate leads nowhere. */
	for (i = 0; i < 256; i++)
		gdt[S_SWEEP / 8 + i] = i & 0x10 ? flat(i, F_DB) : make_desc(0, 0, i, 0);
}

static void fill_idt(const struct world *w, u8 *arena)
{
	u64 *idt = (u64 *)(arena + AT_IDT);
	unsigned int i;

	for (i = 0; i < NR_VECTORS; i++) {
		u8 dpl = i == 3 || i == 4 || i >= 32 ? 3 : 0;
		u32 stub = i * STUB_BYTES;

		if (w->lma)
			idt[2 * i] = make_gate(S_CODE64, STUBS_GPA + stub, ACC(0xe, 0, dpl, 1), 0);
		else if (w->bits == 32 || w->vm86)
			idt[i] = make_gate(S_CODE32, STUBS_GPA + stub, ACC(0xe, 0, dpl, 1), 0);
		else
			idt[i] = make_gate(S_STUBS16, stub, ACC(6, 0, dpl, 1), 0);
	}
}

static void fill_ldt(u64 *ldt)
{
	ldt[1] = flat(DATA_ACC(3), F_DB);
	ldt[2] = flat(DATA_ACC(0), F_DB);
	ldt[3] = flat(CODE_ACC(0), F_DB);
	ldt[4] = flat(CODE_ACC(3), F_DB);
}

static void put32(u8 *at, u32 value)
{
	memcpy(at, &value, 4);
}

/* Flat stacks also where the code has 16 bits; ports below 0x80 and from 0xe0 are allowed. */
static void fill_tss(const struct world *w, u8 *tss)
{
	static const struct world wide = { .bits = 32 };
	int i;

	for (i = 0; i < 3; i++) {
		u64 top = stack_top(&wide, i);

		if (w->lma) {
			memcpy(tss + 4 + 8 * i, &top, 8);
		} else {
			put32(tss + 4 + 8 * i, top);
			put32(tss + 8 + 8 * i, stack_selector(&wide, i));
		}
	}
	if (w->lma) {
		u64 ist = stack_top(&wide, 4);

		memcpy(tss + 0x24, &ist, 8);
	}
	put32(tss + 0x64, IOPM_BASE << 16);
	memset(tss + IOPM_BASE, 0, 33);
	tss[IOPM_BASE + 0x10] = 0xaa;
	tss[IOPM_BASE + 0x12] = 0xf0;
	tss[IOPM_BASE + 32] = 0xff;
}

static void fill_arena(struct world *w)
{
	unsigned int i;

	for (i = 0; i < ARENA_SIZE; i++)
		w->arena[i] = 0;
	for (i = AT_DATA; i < ARENA_SIZE; i++)
		w->arena[i] = 7 * i + 3;
	fill_gdt(w, (u64 *)(w->arena + AT_GDT));
	fill_idt(w, w->arena);
	fill_ldt((u64 *)(w->arena + AT_LDT));
	fill_tss(w, w->arena + AT_TSS);
}

/* ---- registers --------------------------------------------------------------------- */

static struct kvm_segment hidden(u16 selector, u32 base, u32 limit, u8 access, u8 flags)
{
	return (struct kvm_segment) {
		.selector = selector, .base = base, .limit = limit, .type = access & 15,
		.s = access >> 4 & 1, .dpl = access >> 5 & 3, .present = access >> 7,
		.l = !!(flags & F_L), .db = !!(flags & F_DB), .g = !!(flags & F_G),
	};
}

/* Real and virtual-8086 mode differ in the privilege level of the hidden part. */
static void set_real_segments(const struct world *w, struct kvm_sregs *s)
{
	u8 acc = DATA_ACC(w->cpl);

	s->cs = hidden(CODE_GPA >> 4, CODE_GPA, 0xffff, w->vm86 ? acc : CODE_ACC(0), 0);
	s->ds = s->es = s->ss = hidden(ARENA_GPA >> 4, ARENA_GPA, 0xffff, acc, 0);
	s->fs = s->gs = hidden(0x1234, 0x12340, 0xffff, acc, 0);
}

static void set_protected_segments(const struct world *w, struct kvm_sregs *s)
{
	u16 cs = code_selector(w, w->cpl), ss = stack_selector(w, w->cpl);
	u8 data = DATA_ACC(w->cpl), code = CODE_ACC(w->cpl);

	if (w->bits == 16) {
		s->cs = hidden(cs, CODE_GPA, 0xffff, code, 0);
		s->ds = s->es = s->ss = hidden(ss, ARENA_GPA, 0xffff, data, 0);
	} else {
		s->cs = hidden(cs, 0, ~0u, code, F_G | (w->bits == 64 ? F_L : F_DB));
		s->ds = s->es = s->ss = hidden(ss, 0, ~0u, data, F_G | F_DB);
	}
	s->fs = s->gs = hidden(S_DATA_3, 0, ~0u, DATA_ACC(3), F_G | F_DB);
	if (w->bits == 64) {
		s->fs.base = 0x7000;
		s->gs.base = 0xffff800000009000;
	}
}

static void set_system_segments(const struct world *w, struct kvm_sregs *s)
{
	s->gdt.base = IN_ARENA(AT_GDT);
	s->gdt.limit = GDT_LIMIT;
	s->idt.base = w->real ? 0 : IN_ARENA(AT_IDT);
	s->idt.limit = IDT_LIMIT(w);
	/* TCG wants a TSS that is not busy: with a busy one it aborts, or forbids all ports. */
	s->tr = hidden(S_TSS, IN_ARENA(AT_TSS), TSS_LIMIT, ACC(9, 0, 0, 1), 0);
	s->ldt = hidden(S_LDT, IN_ARENA(AT_LDT), LDT_LIMIT, ACC(2, 0, 0, 1), 0);
}

static void set_sregs(struct world *w, struct vcpu *vcpu)
{
	static const enum guest_mode by_bits[] = { MODE_PROT16, MODE_PAGED32, MODE_LONG64 };
	struct kvm_sregs *s = &w->sregs;
	enum guest_mode mode = w->real ? MODE_REAL16 : w->lma ? MODE_LONG64 :
			       w->vm86 ? MODE_PAGED32 : by_bits[w->bits / 32];

	vcpu_setup(vcpu, mode);
	vcpu_get_sregs(vcpu, s);
	set_system_segments(w, s);
	if (w->protected)
		set_protected_segments(w, s);
	else
		set_real_segments(w, s);
}

/* Of 64 KiB, with every handler at every level's reach: OUT; HLT. */
static void fill_stubs(struct vm *vm)
{
	static const u8 stub[STUB_BYTES] = { 0xe6, PORT_FAULT, 0xf4, 0xf4 };
	static const u8 done[] = { 0xe6, PORT_DONE, 0xf4, 0xf4 };
	u32 *ivt = gpa_to_hva(vm, 0);
	unsigned int i;

	for (i = 0; i < PAGE_SIZE; i += STUB_BYTES)
		vm_write(vm, STUBS_GPA + i, stub, STUB_BYTES);
	for (i = 0; i < 256; i++)
		ivt[i] = (STUBS_GPA >> 4) << 16 | i * STUB_BYTES;
	/* Where 16 bits of the landing's address lead in a flat segment. */
	vm_write(vm, LANDING_AT, done, sizeof(done));
}

static u64 *read_only;

void fill_read_only(u64 desc)
{
	unsigned int i;

	for (i = 0; i < PAGE_SIZE / 8; i++)
		read_only[i] = desc;
}

void make_worlds(struct vcpu *vcpu)
{
	unsigned int i;

	read_only = gpa_to_hva(vcpu->vm, READ_ONLY_GPA);
	vm_map(vcpu->vm, READ_ONLY_GPA, READ_ONLY_GPA, PTE_P | PTE_U | PTE_A);
	vm_map(vcpu->vm, ABSENT_GPA, ABSENT_GPA, 0);

	for (i = 0; i < NR_WORLDS; i++) {
		struct world *w = &worlds[i];

		w->id = i;
		w->protected = !w->real && !w->vm86;
		w->code = w->bits == 16 ? 0 : CODE_GPA;
		w->data = w->bits == 16 ? AT_DATA : IN_ARENA(AT_DATA);
		w->sp = stack_top(w, w->cpl);
		w->flags = FLAG_FIXED | w->iopl << 12 | (w->vm86 ? 1u << 17 : 0);
		fill_arena(w);
		set_sregs(w, vcpu);
	}
	fill_stubs(vcpu->vm);
}
