// SPDX-License-Identifier: GPL-2.0-only
/* A machine from the bytes of an input. */
#include <string.h>
#include "fuzz.h"

static u64 random_state;

static u64 next_random(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

/* What general registers like to hold. */
static const u64 values[32] = {
	0, LA_DATA, LA_DATA + 0x1000, LA_DATA + 0x2000, LA_MMIO, LA_MMIO + 0x1000, LA_MMIO + 0x2000,
	LA_STACK, LA_STACK + 0x1000, LA_STACK + 0x2000, LA_RO, LA_SUPER, LA_HOLE, LA_HIGH,
	LA_HIGH + 0x1000, LA_GDT, LA_TSS, LA_IP, 1, 0x10000, 0xc0000080, 0x174, 0xc0000103,
	0x7fffffff, 0xffffffff, 0x100000000, 0x800000000000, 0xffff800000000000,
	0x7fffffffffffffff, ~0ull, SEL_DATA, 0x5658,
};

static void setup_gprs(struct machine *m, const struct fuzz_input *in)
{
	unsigned int i;

	for (i = 0; i < X86_NR_GPRS; i++) {
		u16 v = in->gpr[i];

		if (v)
			m->s.gpr[i] = values[v & 31] + (s8)(v >> 5) + ((v >> 13) << 8);
		if (m->mode != X86EMUL_MODE_PROT64)
			m->s.gpr[i] = i < 8 ? (u32)m->s.gpr[i] : 0;
	}
}

static void setup_segment(struct machine *m, int seg, u8 v)
{
	static const u64 bases[4] = { 0, 0x10, LA_DATA, 0xffff0000 };
	static const u32 limits[8] = {
		0, 0xffff, LA_DATA + 0x101, 0x1807, 0xfffff, 0xfffffffe, LA_STACK + 0x7fd, 7,
	};
	struct x86_segment *s = &m->s.seg[seg];

	if (!v)
		return;
	s->base = bases[v & 3];
	if (v >> 2 & 7)
		s->limit = limits[v >> 2 & 7];
	if (v & 0x20)
		s->attr ^= X86_SEG_DB;
	if (v & 0x40)
		s->attr ^= seg == X86_SEG_CS ? X86_SEG_CONFORMING : X86_SEG_EXPAND_DOWN;
	if (v & 0x80)
		s->attr ^= seg == X86_SEG_CS ? X86_SEG_READABLE : X86_SEG_UNUSABLE;
}

static void setup_pages(struct machine *m, const struct fuzz_input *in)
{
	static const u64 at[7] = {
		LA_CODE + 0x1000, LA_DATA, LA_DATA + 0x1000, LA_MMIO, LA_MMIO + 0x1000,
		LA_STACK, LA_STACK + 0x1000,
	};
	static const u32 attrs[8] = {
		0, PG_DEVICE, PG_PRESENT | PG_USER, 0, PG_PRESENT | PG_WRITABLE, PG_RAM | PG_NX,
		PG_RAM, PG_PRESENT | PG_MMIO | PG_USER,
	};
	unsigned int i;

	for (i = 0; i < 7; i++)
		if (in->pages[i] & 7)
			machine_page(m, at[i], attrs[in->pages[i] & 7]);
}

/* Selectors, addresses and noise, such as stacks and gates hold. */
static void fill(struct machine *m, u64 la)
{
	struct mpage *pg = machine_find(m, la);
	unsigned int i;

	for (i = 0; pg && i < MACHINE_PAGE; i += 8) {
		u64 r = next_random(), val = r;

		if (r & 1)
			val = values[r >> 8 & 31] + (r >> 16 & 7);
		else if (r & 2)
			val = r >> 8 & 0xff;
		memcpy(pg->data + i, &val, 8);
	}
}

static void setup_memory(struct machine *m, const struct fuzz_input *in)
{
	static const u64 filled[] = { LA_DATA, LA_DATA + 0x1000, LA_MMIO, LA_STACK, LA_STACK + 0x1000 };
	unsigned int i;

	/* For setup_idt(), too: an input means the same whatever ran before it. */
	random_state = (in->memory + 1) * 0x9e3779b97f4a7c15ull;
	if (!in->memory)
		return;
	for (i = 0; i < sizeof(filled) / sizeof(filled[0]); i++)
		fill(m, filled[i]);
	for (i = 0; i < 32 * 64; i += 8)
		memcpy((u8 *)m->s.vec + i, &(u64){ next_random() & next_random() }, 8);
}

/* Interrupt, trap, call and task gates to code segments of the GDT. */
static void setup_idt(struct machine *m)
{
	static const u16 types[8] = { 0x8e, 0xee, 0xef, 0x8f, 0xe5, 0xe6, 0xe7, 0x0e };
	unsigned int size = m->mode == X86EMUL_MODE_PROT64 ? 16 : 8, i;
	u64 gate[2] = { 0 };

	for (i = 0; i < 4096 / size && i < 256; i++) {
		u64 r = next_random();
		u64 sel = (r >> 8) % (SEL_GDT_SIZE / 8) * 8;

		gate[0] = LA_IP | sel << 16 | (u64)types[r & 7] << 40 | (r & 0x700) << 24;
		machine_poke(m, LA_ZERO + i * size, gate, size);
	}
	m->s.dt[X86_DT_IDT].size = 256 * size - 1;
}

static void setup_system(struct machine *m, const struct fuzz_input *in)
{
	static const u8 cr0[8] = { 1, 2, 3, 5, 16, 18, 29, 30 };
	static const u8 cr4[16] = { 0, 1, 2, 3, 7, 8, 9, 10, 11, 12, 16, 17, 18, 20, 21, 22 };
	static const u8 xcr0[4] = { 0xe7, 1, 3, 7 };
	unsigned int i;
	u8 sel;

	for (i = 0; i < 8; i++)
		m->s.cr[0] ^= (u64)(in->cr0 >> i & 1) << cr0[i];
	for (i = 0; i < 16; i++)
		m->s.cr[4] ^= (u64)(in->cr4 >> i & 1) << cr4[i];
	m->s.xcr0 = xcr0[in->xcr0 & 3];
	m->s.dr[7] ^= in->xcr0 & 4 ? BIT(13) : 0;
	if (in->feature == 255)
		memset(m->features.bits, 0, sizeof(m->features.bits));
	else if (in->feature)
		m->features.bits[in->feature / 64 & 1] &= ~(1ull << (in->feature % 64));
	if (in->options & FUZZ_OPT_AMD)
		m->features.vendor = X86EMUL_AMD;
	m->s.fcw ^= in->fcw & 0x1f3f;
	m->s.fsw ^= in->fsw;
	m->s.mxcsr ^= in->mxcsr & 0xffff;
	/* Once through the CPU: it makes the summary bits agree with the flags. */
	m->ctxt.vcpu = m;
	machine_ops.get_fpu(&m->ctxt);
	machine_ops.put_fpu(&m->ctxt);
	sel = in->gdt % (SEL_GDT_SIZE / 8);
	if (in->gdt)
		machine_poke(m, LA_GDT + sel * 8 + 5,
			     &(u8){ machine_peek_val(m, LA_GDT + sel * 8 + 5, 1) ^ in->gdt_bits }, 1);
}

/* In the middle of a page, over a page's end, or at the end of what is mapped. */
static void setup_code(struct machine *m, const struct fuzz_input *in)
{
	static const u64 places[4] = { LA_IP, LA_CODE + 0x1000, LA_CODE + 0x2000, LA_STACK + 0x2000 };
	u64 place = places[in->place & 3];
	unsigned int i;

	if (in->place & 3)
		place -= in->place >> 2 & 15;
	if (m->mode == X86EMUL_MODE_PROT64 && in->place & 0x40)
		place = LA_HIGH + 0x1000 - (in->place >> 2 & 15);
	m->s.eip = place;
	for (i = 0; i < FUZZ_CODE; i++)
		machine_poke(m, machine_ip_la(m) + i, in->code + i, 1);
}

void fuzz_setup(struct machine *m, const struct fuzz_input *in)
{
	u8 mode = in->mode % (X86EMUL_MODE_PROT64 + 1);
	u8 cpl = mode == X86EMUL_MODE_REAL ? 0 : mode == X86EMUL_MODE_VM86 ? 3 : in->cpl & 3;
	int i;

	machine_init(m, mode, cpl);
	setup_pages(m, in);
	setup_memory(m, in);
	if (in->more & FUZZ_MORE_IDT && mode >= X86EMUL_MODE_PROT16)
		setup_idt(m);
	for (i = 0; i < X86_NR_SEGS; i++)
		setup_segment(m, i, in->segs[i]);
	setup_gprs(m, in);
	setup_system(m, in);
	m->s.eflags ^= in->eflags & 0x3f7fd5 & ~EFLG_VM;
	m->guest_mode = in->options & FUZZ_OPT_GUEST_MODE;
	m->ud_only = in->options & FUZZ_OPT_UD;
	m->smm = in->options & FUZZ_OPT_SMM;
	m->msr_exit = in->options & FUZZ_OPT_MSR_EXIT;
	m->cmpxchg_races = !!(in->options & FUZZ_OPT_RACE);
	m->intercept_stage = (in->stage & 3) - 1;
	setup_code(m, in);
}
