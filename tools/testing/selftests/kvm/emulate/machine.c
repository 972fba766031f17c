// SPDX-License-Identifier: GPL-2.0-only
/* The fake machine: reset, memory, and the loop a VMM runs around an instruction. */
#include <stdio.h>
#include <linux/string.h>
#include "machine.h"

struct mpage *machine_find(struct machine *m, u64 la)
{
	unsigned int i;

	la &= ~(u64)(MACHINE_PAGE - 1);
	for (i = 0; i < MACHINE_PAGES; i++)
		if (m->s.page[i].attr && m->s.page[i].la == la)
			return &m->s.page[i];
	return NULL;
}

void machine_page(struct machine *m, u64 la, u32 attr)
{
	struct mpage *pg = machine_find(m, la);
	unsigned int i;

	for (i = 0; !pg && i < MACHINE_PAGES; i++)
		if (!m->s.page[i].attr)
			pg = &m->s.page[i];
	if (!pg)
		return;
	pg->la = la & ~(u64)(MACHINE_PAGE - 1);
	pg->attr = attr;
}

static bool copy_mem(struct machine *m, u64 la, void *data, unsigned int bytes, bool write)
{
	u8 *d = data;

	while (bytes) {
		unsigned int at = la & (MACHINE_PAGE - 1), n = MACHINE_PAGE - at;
		struct mpage *pg = machine_find(m, la);

		if (!pg)
			return false;
		if (n > bytes)
			n = bytes;
		if (write)
			memcpy(pg->data + at, d, n);
		else
			memcpy(d, pg->data + at, n);
		bytes -= n;
		la += n;
		d += n;
	}
	return true;
}

bool machine_poke(struct machine *m, u64 la, const void *data, unsigned int bytes)
{
	return copy_mem(m, la, (void *)(uintptr_t)data, bytes, true);
}

bool machine_peek(struct machine *m, u64 la, void *data, unsigned int bytes)
{
	return copy_mem(m, la, data, bytes, false);
}

u64 machine_peek_val(struct machine *m, u64 la, unsigned int bytes)
{
	u64 val = 0;

	machine_peek(m, la, &val, bytes);
	return val;
}

u64 machine_ip_la(struct machine *m)
{
	u64 base = m->mode == X86EMUL_MODE_PROT64 ? 0 : m->s.seg[X86_SEG_CS].base;
	u64 la = base + m->s.eip;

	return m->mode == X86EMUL_MODE_PROT64 ? la : (u32)la;
}

void machine_code(struct machine *m, const u8 *code, unsigned int len)
{
	m->s.eip = LA_IP;
	machine_poke(m, machine_ip_la(m), code, len);
}

void machine_set_msr(struct machine *m, u32 index, u64 val)
{
	unsigned int i;

	for (i = 0; i < MACHINE_MSRS; i++) {
		if (m->s.msr_index[i] && m->s.msr_index[i] != index)
			continue;
		m->s.msr_index[i] = index;
		m->s.msr[i] = val;
		return;
	}
}

void machine_descriptor(struct machine *m, u64 la, u32 base, u32 limit, u16 attr)
{
	u64 d;

	if (attr & X86_SEG_G)
		limit >>= 12;
	d = (u64)(limit & 0xffff) | (u64)(base & 0xffffff) << 16 | (u64)(attr & 0xff) << 40 |
	    (u64)(limit >> 16) << 48 | (u64)(attr >> 8 & 0xf) << 52 | (u64)(base >> 24) << 56;
	machine_poke(m, la, &d, 8);
}

static void descriptor(struct machine *m, u16 sel, u32 base, u32 limit, u16 attr)
{
	machine_descriptor(m, LA_GDT + (sel & ~7), base, limit, attr);
}

#define A_CODE	(X86_SEG_P | X86_SEG_S | 0xb)
#define A_DATA	(X86_SEG_P | X86_SEG_S | 0x3)
#define A_USER	X86_SEG_DPL_MASK

static void build_gdt(struct machine *m)
{
	u32 flat = 0xffffffff;

	descriptor(m, SEL_CODE16, 0, 0xffff, A_CODE);
	descriptor(m, SEL_CODE32, 0, flat, A_CODE | X86_SEG_DB | X86_SEG_G);
	descriptor(m, SEL_CODE64, 0, flat, A_CODE | X86_SEG_L | X86_SEG_G);
	descriptor(m, SEL_DATA, 0, flat, A_DATA | X86_SEG_DB | X86_SEG_G);
	descriptor(m, SEL_UCODE16, 0, 0xffff, A_CODE | A_USER);
	descriptor(m, SEL_UCODE32, 0, flat, A_CODE | A_USER | X86_SEG_DB | X86_SEG_G);
	descriptor(m, SEL_UCODE64, 0, flat, A_CODE | A_USER | X86_SEG_L | X86_SEG_G);
	descriptor(m, SEL_UDATA, 0, flat, A_DATA | A_USER | X86_SEG_DB | X86_SEG_G);
	descriptor(m, SEL_ABSENT, 0, flat, (A_DATA & ~X86_SEG_P) | X86_SEG_DB | X86_SEG_G);
	descriptor(m, SEL_RODATA, 0, flat, (A_DATA & ~2) | X86_SEG_DB | X86_SEG_G);
	descriptor(m, SEL_XCODE, 0, flat, (A_CODE & ~2) | X86_SEG_DB | X86_SEG_G);
	descriptor(m, SEL_CONFORM, 0, flat, A_CODE | 4 | X86_SEG_DB | X86_SEG_G);
	descriptor(m, SEL_DOWN, 0, 0x7fff, A_DATA | 4);
	descriptor(m, SEL_DATA16, 0, 0xffff, A_DATA);
	descriptor(m, SEL_TSS, LA_TSS, 0xfff, X86_SEG_P | 0x9);
	descriptor(m, SEL_LDT, LA_SUPER, 0xff, X86_SEG_P | 0x2);
	descriptor(m, SEL_ABSENT_CODE, 0, flat, (A_CODE & ~X86_SEG_P) | X86_SEG_DB | X86_SEG_G);
	descriptor(m, SEL_BASED, 0x3000, 0xfff, A_DATA | X86_SEG_DB);
	descriptor(m, SEL_FRESH, 0, flat, (A_DATA & ~1) | X86_SEG_DB | X86_SEG_G);
	descriptor(m, SEL_CODE_1, 0, flat, A_CODE | 0x20 | X86_SEG_DB | X86_SEG_G);
	descriptor(m, SEL_DATA_1, 0, flat, A_DATA | 0x20 | X86_SEG_DB | X86_SEG_G);
	descriptor(m, SEL_TASK32, LA_TASK32, 0x67, X86_SEG_P | 0x9);
	descriptor(m, SEL_TASK16, LA_TASK16, 0x2b, X86_SEG_P | 0x1);
	m->s.dt[X86_DT_GDT].address = LA_GDT;
	m->s.dt[X86_DT_GDT].size = SEL_GDT_SIZE - 1;
	m->s.dt[X86_DT_IDT].address = LA_ZERO;
	m->s.dt[X86_DT_IDT].size = 0x3ff;
}

static void set_seg(struct machine *m, int seg, u16 sel, u32 limit, u16 attr)
{
	m->s.seg[seg] = (struct x86_segment) { .selector = sel, .attr = attr, .limit = limit };
}

static void build_segments(struct machine *m, enum x86emul_mode mode, int cpl)
{
	u16 user = cpl == 3 ? A_USER : 0;
	u16 code = A_CODE | user, data = A_DATA | user;
	u16 cs = 0, ds = 0;
	u32 limit = 0xffff;
	int i;

	switch (mode) {
	case X86EMUL_MODE_PROT16:
		cs = user ? SEL_UCODE16 : SEL_CODE16;
		break;
	case X86EMUL_MODE_PROT32:
		cs = user ? SEL_UCODE32 : SEL_CODE32;
		code |= X86_SEG_DB | X86_SEG_G;
		break;
	case X86EMUL_MODE_PROT64:
		cs = user ? SEL_UCODE64 : SEL_CODE64;
		code |= X86_SEG_L | X86_SEG_G;
		break;
	default:
		if (mode == X86EMUL_MODE_VM86)
			code = A_DATA | A_USER;
		break;
	}
	if (mode == X86EMUL_MODE_PROT32 || mode == X86EMUL_MODE_PROT64) {
		limit = 0xffffffff;
		data |= X86_SEG_DB | X86_SEG_G;
	}
	if (mode >= X86EMUL_MODE_PROT16)
		ds = user ? SEL_UDATA : mode == X86EMUL_MODE_PROT16 ? SEL_DATA16 : SEL_DATA;
	for (i = X86_SEG_ES; i <= X86_SEG_GS; i++)
		set_seg(m, i, ds, limit, data);
	set_seg(m, X86_SEG_CS, cs, limit, code);
	set_seg(m, X86_SEG_LDTR, 0, 0, X86_SEG_UNUSABLE);
	set_seg(m, X86_SEG_TR, SEL_TSS, 0xfff, X86_SEG_P | 0xb);
	m->s.seg[X86_SEG_TR].base = LA_TSS;
}

static void build_pages(struct machine *m)
{
	static const struct { u64 la; u32 attr; } map[] = {
		{ LA_ZERO, PG_RAM }, { LA_CODE, PG_RAM }, { LA_CODE + 0x1000, PG_RAM },
		{ LA_DATA, PG_RAM }, { LA_DATA + 0x1000, PG_RAM },
		{ LA_MMIO, PG_DEVICE }, { LA_MMIO + 0x1000, PG_DEVICE },
		{ LA_STACK, PG_RAM }, { LA_STACK + 0x1000, PG_RAM },
		{ LA_RO, PG_PRESENT | PG_USER },
		{ LA_GDT, PG_PRESENT | PG_WRITABLE }, { LA_TSS, PG_PRESENT | PG_WRITABLE },
		{ LA_SUPER, PG_PRESENT | PG_WRITABLE }, { LA_TOP, PG_RAM },
		{ LA_HIGH, PG_RAM },
	};
	unsigned int i;

	for (i = 0; i < sizeof(map) / sizeof(map[0]); i++)
		machine_page(m, map[i].la, map[i].attr);
}

void machine_init(struct machine *m, enum x86emul_mode mode, int cpl)
{
	int i;

	memset(m, 0, sizeof(*m));
	m->mode = mode;
	m->cpl = cpl;
	m->intercept_stage = -1;
	m->fail_with = X86EMUL_UNHANDLEABLE;
	m->port_seed = 0x10;
	build_pages(m);
	build_gdt(m);
	build_segments(m, mode, cpl);
	/* NE, ET; PE and PG as the mode needs them. PAE stands for EFER.LMA. */
	m->s.cr[0] = 0x30;
	if (mode != X86EMUL_MODE_REAL)
		m->s.cr[0] |= CR0_PE | 0x80000000ul;
	m->s.cr[4] = CR4_OSFXSR | CR4_OSXSAVE;
	if (mode == X86EMUL_MODE_PROT64)
		m->s.cr[4] |= BIT(5);
	m->s.dr[6] = 0xffff0ff0;
	m->s.dr[7] = 0x400;
	m->s.xcr0 = 0xe7;
	/* As MMX instructions leave it: TOP 0, all valid. */
	m->s.fcw = 0x37f;
	m->s.ftw = 0xff;
	m->s.mxcsr = 0x1f80;
	for (i = 0; i < 8; i++)
		machine_set_mmx(&m->s, i, 0);
	memset(m->features.bits, 0xff, sizeof(m->features.bits));
	m->features.vendor = X86EMUL_INTEL;
	machine_set_msr(m, 0xc0000080, mode == X86EMUL_MODE_PROT64 ? 0xd00 : 0);
	machine_set_msr(m, 0x174, 0);
	machine_set_msr(m, 0xc0000103, 0x5a5a);
	m->s.eflags = EFLG_FIXED;
	if (mode == X86EMUL_MODE_VM86)
		m->s.eflags |= EFLG_VM | EFLG_IOPL;
	m->s.eip = LA_IP;
	for (i = 0; i < X86_NR_GPRS; i++)
		m->s.gpr[i] = mode == X86EMUL_MODE_PROT64 || i < 8 ? 0x100u + i * 0x10 : 0;
	m->s.gpr[X86_REG_RSP] = LA_SP;
}

static void init_ctxt(struct machine *m)
{
	struct x86_emulate_ctxt *c = &m->ctxt;

	memset(c, 0, sizeof(*c));
	c->ops = &machine_ops;
	c->vcpu = m;
	c->gpr = m->s.gpr;
	c->eip = m->s.eip;
	c->eflags = m->s.eflags;
	c->mode = m->mode;
	c->cpl = m->cpl;
	c->guest_mode = m->guest_mode;
	c->ud = m->ud_only;
	c->smm = m->smm;
	c->smbase = m->smbase;
	c->hypercall = m->hypercall;
	c->features = &m->features;
	c->page = m->bulk_page;
	c->by_element = m->by_element;
	c->stop_rep = m->stop_rep;
}

static void broken_promise(struct machine *m, const char *what)
{
	if (!m->errors++)
		snprintf(m->error, sizeof(m->error), "%s", what);
}

static bool same_operand(const struct operand *a, const struct operand *b)
{
	if (a->type != b->type)
		return false;
	if (a->type == OP_NONE)
		return true;
	if (a->bytes != b->bytes)
		return false;
	if (a->type == OP_MEM)
		return a->seg == b->seg && a->ea == b->ea && a->loaded == b->loaded;
	if (a->type == OP_IMM)
		return a->val == b->val && a->ea == b->ea;
	return a->reg == b->reg && (a->type != OP_REG || a->high == b->high);
}

/* What two ways to decode the same bytes disagree about. */
static const char *decoded_diff(const struct x86_emulate_ctxt *a, const struct x86_emulate_ctxt *b)
{
	unsigned int i;

	if (a->op != b->op || a->map != b->map || a->opcode_len != b->opcode_len || a->b != b->b)
		return "fetched and delivered bytes: row";
	if (a->next_eip != b->next_eip || a->_eip != b->_eip || a->fetch.pos != b->fetch.pos)
		return "fetched and delivered bytes: length";
	if (a->op_bytes != b->op_bytes || a->ad_bytes != b->ad_bytes || a->rex != b->rex ||
	    a->rep_prefix != b->rep_prefix || a->op_prefix != b->op_prefix ||
	    a->ad_prefix != b->ad_prefix || a->lock_prefix != b->lock_prefix ||
	    a->seg_override != b->seg_override || a->has_vex != b->has_vex ||
	    a->has_evex != b->has_evex || a->vex_l != b->vex_l)
		return "fetched and delivered bytes: prefixes or sizes";
	if (a->has_modrm != b->has_modrm || a->rip_relative != b->rip_relative ||
	    (a->has_modrm && a->modrm_fields != b->modrm_fields))
		return "fetched and delivered bytes: ModRM";
	if (a->has_modrm && a->modrm_mod != 3 && (a->op->opf & OPF_RM) && a->disp != b->disp)
		return "fetched and delivered bytes: displacement";
	if (a->decoded != b->decoded || a->plain != b->plain || a->regs_dirty != b->regs_dirty)
		return "fetched and delivered bytes: flags";
	for (i = 0; i < MAX_OPERANDS; i++)
		if (!same_operand(&a->operand[i], &b->operand[i]))
			return "fetched and delivered bytes: operands";
	return NULL;
}

/*
 * From memory; and again from bytes as an exit delivers them, where there are
 * enough: that may take another way, which has to lead to the same context.
 */
int machine_decode(struct machine *m)
{
	static struct x86_emulate_ctxt fetched;
	const char *diff;
	u8 bytes[15];

	init_ctxt(m);
	m->decode_result = x86_decode_insn(&m->ctxt, NULL, 0);
	if (m->decode_result != X86EMUL_CONTINUE ||
	    !machine_peek(m, machine_ip_la(m), bytes, sizeof(bytes)))
		return m->decode_result;
	fetched = m->ctxt;
	init_ctxt(m);
	m->decode_result = x86_decode_insn(&m->ctxt, bytes, sizeof(bytes));
	if (m->decode_result != X86EMUL_CONTINUE)
		broken_promise(m, "delivered bytes do not decode, fetched ones do");
	diff = decoded_diff(&m->ctxt, &fetched);
	if (diff)
		broken_promise(m, diff);
	return m->decode_result;
}

/* What the instruction queued reaches the devices. */
static void commit_queue(struct machine *m)
{
	unsigned int i;

	for (i = 0; i < m->nr_queue; i++) {
		struct access *a = &m->queue[i];

		if (m->nr_log < MACHINE_LOG)
			m->log[m->nr_log++] = *a;
		if (a->kind == ACC_PIO_OUT) {
			m->s.port_out_count += a->count;
			continue;
		}
		machine_poke(m, a->addr, a->data, a->bytes < sizeof(a->data) ? a->bytes : sizeof(a->data));
		m->s.mmio_write_count++;
	}
	m->nr_queue = 0;
}

static int finish(struct machine *m, int result)
{
	if (result == EMULATION_OK || result == EMULATION_RESTART) {
		commit_queue(m);
		m->s.eip = m->ctxt.eip;
		m->s.eflags = m->ctxt.eflags;
	} else if (m->ctxt.eflags != m->s.eflags || m->ctxt.eip != m->s.eip) {
		broken_promise(m, "not retired, but the context has new flags or a new rIP");
	} else if (m->ctxt.interruptibility) {
		broken_promise(m, "not retired, but leaves an interrupt shadow");
	}
	m->nr_queue = 0;
	m->pending = false;
	m->result = result;
	return result;
}

/* As an exit handler that was told of a task switch. */
static int switch_task(struct machine *m)
{
	init_ctxt(m);
	/* What an instruction before has read is none of the switch's. */
	m->ctxt.mem_read.pos = 8;
	m->ctxt.mem_read.end = sizeof(m->ctxt.mem_read.data);
	return x86_emulate_task_switch(&m->ctxt, m->task.selector, m->task.idt_index,
				       m->task.reason, m->task.has_error_code,
				       m->task.error_code);
}

int machine_run(struct machine *m)
{
	unsigned long gpr[X86_NR_GPRS];
	unsigned int i;
	int rc;

	if (m->task.selector)
		return finish(m, switch_task(m));
	rc = machine_decode(m);
	if (rc == X86EMUL_PROPAGATE_FAULT)
		return m->result = EMULATION_FAULT;
	if (rc != X86EMUL_CONTINUE)
		return m->result = EMULATION_FAILED;
	memcpy(gpr, m->s.gpr, sizeof(gpr));
	for (i = 0; i < 64; i++) {
		unsigned int touched = m->touched;

		rc = x86_emulate_insn(&m->ctxt);
		if (rc != EMULATION_IO_NEEDED)
			break;
		m->exits++;
		if (memcmp(gpr, m->s.gpr, sizeof(gpr)))
			broken_promise(m, "registers changed before the exit for an access");
		if (m->touched != touched)
			broken_promise(m, "memory changed before the exit for an access");
		if (m->nr_queue)
			broken_promise(m, "a device was written before the exit for a read");
		if (!m->pending) {
			broken_promise(m, "an access is needed, but none is pending");
			break;
		}
	}
	if (rc == EMULATION_RESTART && m->ctxt.iterated != !!memcmp(gpr, m->s.gpr, sizeof(gpr)))
		broken_promise(m, "restart: 'iterated' does not tell whether registers changed");
	return finish(m, rc);
}

int machine_run_all(struct machine *m, unsigned int max)
{
	int rc;

	do {
		rc = machine_run(m);
		if (rc == EMULATION_RESTART)
			m->restarts++;
	} while (rc == EMULATION_RESTART && --max);
	return rc;
}
