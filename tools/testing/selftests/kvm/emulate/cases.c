// SPDX-License-Identifier: GPL-2.0-only
/* The language of cases: parsing, running, judging. See cases.h. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <linux/string.h>
#include "cases.h"
#include "tap.h"
#include "walk.h"

#define MAX_IO	64

/* What @out asks for besides the state. */
struct expect {
	int result;
	bool any_flags;
	bool eip_given;
	u8 vector;
	u32 error;
	u64 address;
	u8 shadow;
	bool nmi_unblocked;
	u8 trap;
	bool late;
	u16 any_gpr;		/* a bit each register whose value does not matter */
	unsigned int nr_io;
	struct access io[MAX_IO];
	bool io_val[MAX_IO];
};

static const char *const gpr_names[] = {
	"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
	"r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
};

static const char *const seg_names[] = { "es", "cs", "ss", "ds", "fs", "gs", "ldtr", "tr" };

static const struct { const char *name; u8 bit; } flag_names[] = {
	{ "cf", 0 }, { "pf", 2 }, { "af", 4 }, { "zf", 6 }, { "sf", 7 }, { "tf", 8 },
	{ "if", 9 }, { "df", 10 }, { "of", 11 }, { "nt", 14 }, { "rf", 16 }, { "ac", 18 },
};

static const struct { const char *name; u8 vec; bool code; } fault_names[] = {
	{ "#DE", EXC_DE, false }, { "#DB", EXC_DB, false }, { "#BP", EXC_BP, false },
	{ "#OF", EXC_OF, false }, { "#BR", EXC_BR, false }, { "#UD", EXC_UD, false },
	{ "#NM", EXC_NM, false }, { "#TS", EXC_TS, true }, { "#NP", EXC_NP, true },
	{ "#SS", EXC_SS, true }, { "#GP", EXC_GP, true }, { "#PF", EXC_PF, true },
	{ "#AC", EXC_AC, true }, { "#MF", EXC_MF, false }, { "#XM", EXC_XM, false },
};

unsigned int parse_hex(const char *p, u8 *out, unsigned int max)
{
	unsigned int n = 0, v;

	while (*p && n < max) {
		if (isspace((unsigned char)*p)) {
			p++;
			continue;
		}
		if (sscanf(p, "%2x", &v) != 1)
			break;
		out[n++] = v;
		p += isxdigit((unsigned char)p[1]) ? 2 : 1;
	}
	return n;
}

static void put_bytes_le(u8 *to, const char *hex, unsigned int size)
{
	unsigned int len = strlen(hex), i;

	memset(to, 0, size);
	for (i = 0; i < len && i / 2 < size; i++) {
		char c[2] = { hex[len - 1 - i], 0 };

		to[i / 2] |= strtoul(c, NULL, 16) << (i & 1) * 4;
	}
}

/* The segment that loading @sel leaves behind: '@' in the mode of the case, '!' protected, '~' vm86. */
static void load_expected(struct machine *m, struct mstate *s, int seg, u16 sel, char how)
{
	struct x86_segment *v = &s->seg[seg];
	u64 d;

	v->selector = sel;
	if (how == '~') {
		*v = (struct x86_segment) { sel, 0xf3, 0xffff, (u64)sel << 4 };
		return;
	}
	if (how == '@' && m->mode < X86EMUL_MODE_PROT16) {
		v->base = (u64)sel << 4;
		return;
	}
	if (!(sel & ~3)) {
		*v = (struct x86_segment) { .selector = sel, .attr = X86_SEG_UNUSABLE };
		return;
	}
	d = machine_peek_val(m, s->dt[X86_DT_GDT].address + (sel & ~7), 8);
	v->base = (d >> 16 & 0xffffff) | (d >> 32 & 0xff000000);
	v->limit = (d & 0xffff) | (d >> 32 & 0xf0000);
	v->attr = (d >> 40 & 0xff) | (d >> 52 & 0xf) << 8 | 1;
	if (v->attr & X86_SEG_G)
		v->limit = v->limit << 12 | 0xfff;
}

static bool set_segment_word(struct machine *m, struct mstate *s, const char *w)
{
	unsigned int i, len;

	for (i = 0; i < X86_NR_SEGS; i++) {
		len = strlen(seg_names[i]);
		if (strncmp(w, seg_names[i], len))
			continue;
		if (w[len] == '=')
			s->seg[i].selector = strtoul(w + len + 1, NULL, 16);
		else if (w[len] && strchr("@!~", w[len]))
			load_expected(m, s, i, strtoul(w + len + 1, NULL, 16), w[len]);
		else if (!strncmp(w + len, ".base=", 6))
			s->seg[i].base = strtoull(w + len + 6, NULL, 16);
		else if (!strncmp(w + len, ".limit=", 7))
			s->seg[i].limit = strtoul(w + len + 7, NULL, 16);
		else if (!strncmp(w + len, ".attr=", 6))
			s->seg[i].attr = strtoul(w + len + 6, NULL, 16);
		else
			continue;
		return true;
	}
	return false;
}

static bool set_flag_word(struct mstate *s, const char *w, u64 val)
{
	unsigned int i;

	for (i = 0; i < ARRAY_LEN(flag_names); i++) {
		if (strncmp(w, flag_names[i].name, 2) || w[2] != '=')
			continue;
		s->eflags &= ~BIT(flag_names[i].bit);
		s->eflags |= val << flag_names[i].bit;
		return true;
	}
	if (!strncmp(w, "iopl=", 5)) {
		s->eflags = (s->eflags & ~EFLG_IOPL) | val << EFLG_IOPL_SHIFT;
		return true;
	}
	if (!strncmp(w, "fl=", 3)) {
		s->eflags = val | EFLG_FIXED;
		return true;
	}
	return false;
}

static bool set_numbered(struct mstate *s, const char *w, const char *text, u64 val)
{
	unsigned int n, i;

	if (sscanf(w, "cr%u=", &n) == 1 && n < 16)
		s->cr[n] = val;
	else if (sscanf(w, "dr%u=", &n) == 1 && n < 8)
		s->dr[n] = val;
	else if (sscanf(w, "xmm%u=", &n) == 1 && n < 32)
		put_bytes_le(s->vec[n], text, 16);
	else if (sscanf(w, "fr%u=", &n) == 1 && n < 8)
		put_bytes_le(s->x87[n], text, 10);
	else if (sscanf(w, "ymm%u=", &n) == 1 && n < 32)
		put_bytes_le(s->vec[n], text, 32);
	else if (sscanf(w, "zmm%u=", &n) == 1 && n < 32)
		put_bytes_le(s->vec[n], text, 64);
	else if (sscanf(w, "k%u=", &n) == 1 && n < 8)
		s->k[n] = val;
	else if (sscanf(w, "mm%u=", &n) == 1 && n < 8)
		machine_set_mmx(s, n, val);
	else if (sscanf(w, "msr%x=", &n) == 1) {
		for (i = 0; i < MACHINE_MSRS - 1 && s->msr_index[i] && s->msr_index[i] != n; i++)
			;
		s->msr_index[i] = n;
		s->msr[i] = val;
	} else
		return false;
	return true;
}

static bool set_misc(struct mstate *s, const char *w, u64 val)
{
	static const struct { const char *name; u32 offset, size; } misc[] = {
		{ "eip=", offsetof(struct mstate, eip), 8 },
		{ "xcr0=", offsetof(struct mstate, xcr0), 8 },
		{ "mxcsr=", offsetof(struct mstate, mxcsr), 4 },
		{ "fcw=", offsetof(struct mstate, fcw), 2 },
		{ "fsw=", offsetof(struct mstate, fsw), 2 },
		{ "ftw=", offsetof(struct mstate, ftw), 1 },
		{ "fop=", offsetof(struct mstate, fop), 2 },
		{ "fip=", offsetof(struct mstate, fip), 8 },
		{ "fdp=", offsetof(struct mstate, fdp), 8 },
		{ "pkru=", offsetof(struct mstate, pkru), 4 },
		{ "halts=", offsetof(struct mstate, halts), 4 },
		{ "wbinvds=", offsetof(struct mstate, wbinvds), 4 },
		{ "hypercalls=", offsetof(struct mstate, hypercalls), 4 },
		{ "arg=", offsetof(struct mstate, vcpu_op_arg[0]), 8 },
		{ "arg2=", offsetof(struct mstate, vcpu_op_arg[1]), 8 },
		{ "gdt.base=", offsetof(struct mstate, dt[0].address), 8 },
		{ "gdt.size=", offsetof(struct mstate, dt[0].size), 2 },
		{ "idt.base=", offsetof(struct mstate, dt[1].address), 8 },
		{ "idt.size=", offsetof(struct mstate, dt[1].size), 2 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_LEN(misc); i++) {
		if (strncmp(w, misc[i].name, strlen(misc[i].name)))
			continue;
		memcpy((u8 *)s + misc[i].offset, &val, misc[i].size);
		return true;
	}
	if (!strncmp(w, "vcpu=", 5)) {
		s->vcpu_ops = 1;
		s->vcpu_op = val;
		return true;
	}
	if (strncmp(w, "invlpg=", 7))
		return false;
	s->invlpgs = 1;
	s->invlpg_la = val;
	return true;
}

/* m<la>.<bytes>=<hex> in @s. */
static bool set_memory(struct mstate *s, const char *w, const char *text)
{
	unsigned long la;
	unsigned int bytes, i, j;
	u8 buf[64];

	if (sscanf(w, "m%lx.%u=", &la, &bytes) != 2 || bytes > sizeof(buf))
		return false;
	put_bytes_le(buf, text, bytes);
	for (i = 0; i < bytes; i++)
		for (j = 0; j < MACHINE_PAGES; j++)
			if (s->page[j].attr && s->page[j].la == ((la + i) & ~4095ul))
				s->page[j].data[(la + i) & 4095] = buf[i];
	return true;
}

static bool set_state_word(struct machine *m, struct mstate *s, const char *w)
{
	const char *text = strchr(w, '=') ? strchr(w, '=') + 1 : "";
	u64 val = strtoull(text, NULL, 16);
	unsigned int i, len;

	for (i = 0; i < X86_NR_GPRS; i++) {
		len = strlen(gpr_names[i]);
		if (!strncmp(w, gpr_names[i], len) && w[len] == '=') {
			s->gpr[i] = val;
			return true;
		}
	}
	return set_numbered(s, w, text, val) || set_memory(s, w, text) ||
	       set_segment_word(m, s, w) || set_flag_word(s, w, val) || set_misc(s, w, val);
}

/* Take @name away from the guest's CPUID. */
static bool clear_feature(struct machine *m, const char *name)
{
	unsigned int i;

	for (i = 0; i < NR_X86_FEATURES; i++)
		if (!strcmp(name, x86_feature_name(i))) {
			m->features.bits[i / 64] &= ~(1ull << i % 64);
			return true;
		}
	return false;
}

/* desc:<la>=base,limit,attributes; gate:<la>=access,selector,offset,count; wgate: 16 bytes long. */
static bool set_descriptor_word(struct machine *m, const char *w)
{
	unsigned long la, base;
	unsigned int limit, attr, sel, count;
	u64 d[2];

	if (sscanf(w, "desc:%lx=%lx,%x,%x", &la, &base, &limit, &attr) == 4) {
		machine_descriptor(m, la, base, limit, attr);
		return true;
	}
	if (sscanf(w + (*w == 'w'), "gate:%lx=%x,%x,%lx,%x", &la, &attr, &sel, &base, &count) != 5)
		return false;
	d[0] = (base & 0xffff) | (u64)sel << 16 | (u64)count << 32 | (u64)attr << 40 |
	       (u64)(base >> 16 & 0xffff) << 48;
	d[1] = base >> 32;
	machine_poke(m, la, d, *w == 'w' ? 16 : 8);
	return true;
}

static u8 bulk_page[MACHINE_PAGE] __attribute__((aligned(64)));

/* switch=J,c0,-1[,error code]: as the exit says; C, I, J, G: CALL, IRET, JMP, gate. */
static bool set_switch_word(struct machine *m, const char *w)
{
	static const char reasons[] = "CIJG";
	unsigned int selector, error;
	int index, n;
	char reason;

	n = sscanf(w, "switch=%c,%x,%d,%x", &reason, &selector, &index, &error);
	if (n < 3 || !strchr(reasons, reason))
		return false;
	m->task.selector = selector;
	m->task.idt_index = index;
	m->task.reason = strchr(reasons, reason) - reasons;
	m->task.has_error_code = n == 4;
	m->task.error_code = n == 4 ? error : 0;
	return true;
}

static bool set_input_word(struct machine *m, const char *w)
{
	unsigned long la;
	unsigned int v;

	if (!strncmp(w, "no=", 3))
		return clear_feature(m, w + 3);
	if (sscanf(w, "amd=%u", &v) == 1)
		m->features.vendor = v ? X86EMUL_AMD : X86EMUL_INTEL;
	else if (sscanf(w, "smbase=%x", &v) == 1)
		m->smbase = v, m->smm = true;
	else if (sscanf(w, "ud=%u", &v) == 1)
		m->ud_only = v;
	else if (sscanf(w, "vmcall=%x", &v) == 1)
		m->hypercall = v;
	else if (sscanf(w, "races=%u", &v) == 1)
		m->cmpxchg_races = v;
	else if (sscanf(w, "guest=%u", &v) == 1)
		m->guest_mode = v;
	else if (sscanf(w, "stage=%u", &v) == 1)
		m->intercept_stage = v;
	else if (sscanf(w, "bulk=%u", &v) == 1)
		m->bulk_page = v ? bulk_page : NULL;
	else if (sscanf(w, "msrio=%u", &v) == 1)
		m->msr_exit = v;
	else if (sscanf(w, "noio=%u", &v) == 1)
		m->no_io_exit = v;
	else if (sscanf(w, "page%lx=%x", &la, &v) == 2)
		machine_page(m, la, v);
	else if (strncmp(w, "cpl=", 4))
		return set_switch_word(m, w) || set_descriptor_word(m, w) || set_state_word(m, &m->s, w);
	return true;
}

static bool set_fault_word(struct expect *e, const char *w)
{
	unsigned int i;
	bool late = *w == '+';
	const char *at;

	w += late;
	for (i = 0; i < ARRAY_LEN(fault_names); i++) {
		if (strncmp(w, fault_names[i].name, 3))
			continue;
		e->late = late;
		e->trap = late ? X86_TRAP_FAULT : e->trap;
		e->result = late ? EMULATION_OK : EMULATION_FAULT;
		e->vector = fault_names[i].vec;
		if (w[3] == '(')
			e->error = strtoul(w + 4, NULL, 16);
		at = strchr(w, '@');
		if (at)
			e->address = strtoull(at + 1, NULL, 16);
		return true;
	}
	return false;
}

static bool set_io_word(struct mstate *s, struct expect *e, const char *w)
{
	static const char kinds[] = "rwio";
	struct access *a = &e->io[e->nr_io];
	const char *text = strchr(w, '=');
	unsigned long addr;
	unsigned int bytes, count = 1;
	char mem[200];

	if (!*w || !strchr(kinds, *w) || e->nr_io == MAX_IO)
		return false;
	if (sscanf(w + 1, "%lx.%u", &addr, &bytes) != 2)
		return false;
	if (strchr(w, '*'))
		sscanf(strchr(w, '*') + 1, "%u", &count);
	*a = (struct access) {
		.kind = strchr(kinds, *w) - kinds, .bytes = bytes, .addr = addr, .count = count,
	};
	e->io_val[e->nr_io++] = text;
	if (text)
		put_bytes_le(a->data, text + 1, sizeof(a->data));
	if (text && *w == 'w') {
		snprintf(mem, sizeof(mem), "m%lx.%u=%s", addr, bytes, text + 1);
		set_memory(s, mem, text + 1);
	}
	return true;
}

static bool set_expect_word(struct machine *m, struct mstate *s, struct expect *e, const char *w)
{
	unsigned int i;

	for (i = 0; i < X86_NR_GPRS; i++)
		if (!strncmp(w, gpr_names[i], strlen(gpr_names[i])) &&
		    !strcmp(w + strlen(gpr_names[i]), "?")) {
			e->any_gpr |= BIT(i);
			return true;
		}
	if (!strcmp(w, "fl?"))
		e->any_flags = true;
	else if (!strcmp(w, "FAIL"))
		e->result = EMULATION_FAILED;
	else if (!strcmp(w, "RESTART"))
		e->result = EMULATION_RESTART;
	else if (!strcmp(w, "ICPT"))
		e->result = EMULATION_INTERCEPTED;
	else if (!strncmp(w, "shadow=", 7))
		e->shadow = strtoul(w + 7, NULL, 16);
	else if (!strcmp(w, "nmi=1"))
		e->nmi_unblocked = true;
	else if (!strncmp(w, "step=", 5))
		e->trap = w[5] == '1' ? X86_TRAP_STEP : 0;
	else if (!strncmp(w, "trap=", 5))
		e->trap = strtoul(w + 5, NULL, 16);
	else if (set_fault_word(e, w))
		return true;
	else if (!set_state_word(m, s, w))
		return set_io_word(s, e, w);
	else
		e->eip_given |= !strncmp(w, "eip=", 4);
	return true;
}

/* Feed the words of @text to @fn's kind of reader; the first unknown word fails. */
static bool each_word(struct machine *m, struct mstate *s, struct expect *e, const char *text)
{
	char word[200];
	int n;

	while (sscanf(text, " %199s%n", word, &n) == 1) {
		text += n;
		if (!(e ? set_expect_word(m, s, e, word) : set_input_word(m, word))) {
			tap_note("unknown word: %s", word);
			return false;
		}
	}
	return true;
}

static bool io_matches(const struct machine *m, const struct expect *e, char *why, size_t size)
{
	unsigned int i;

	if (m->nr_log != e->nr_io) {
		snprintf(why, size, "%u accesses left to userspace and not %u", m->nr_log,
			 e->nr_io);
		return false;
	}
	for (i = 0; i < e->nr_io; i++) {
		const struct access *a = &m->log[i], *b = &e->io[i];
		u32 len = a->bytes * a->count;

		if (a->kind == b->kind && a->addr == b->addr && a->bytes == b->bytes &&
		    a->count == b->count &&
		    (!e->io_val[i] || !memcmp(a->data, b->data, len < sizeof(a->data) ? len : sizeof(a->data))))
			continue;
		snprintf(why, size, "access %u is %c%llx.%u*%u=%02x%02x%02x%02x", i,
			 "rwio"[a->kind], a->addr, a->bytes, a->count, a->data[3], a->data[2],
			 a->data[1], a->data[0]);
		return false;
	}
	return true;
}

static bool judge(struct machine *m, struct mstate *want, const struct expect *e, char *why,
		  size_t size)
{
	const struct x86_exception *x = &m->ctxt.exception;
	const char *diff;
	unsigned int i;

	if (m->errors) {
		snprintf(why, size, "%s", m->error);
		return false;
	}
	if (m->result != e->result) {
		snprintf(why, size, "result is %d and not %d (exception %d: #%u(%x)@%llx)",
			 m->result, e->result, m->ctxt.have_exception, x->vector, x->error_code,
			 x->address);
		return false;
	}
	if ((e->result == EMULATION_FAULT || e->late) &&
	    (!m->ctxt.have_exception || x->vector != e->vector || x->error_code != e->error ||
	     x->address != e->address)) {
		snprintf(why, size, "exception is #%u(%x)@%llx", x->vector, x->error_code,
			 x->address);
		return false;
	}
	if (m->ctxt.interruptibility != e->shadow) {
		snprintf(why, size, "interrupt shadow is %u", m->ctxt.interruptibility);
		return false;
	}
	if (m->ctxt.nmi_unblocked != e->nmi_unblocked) {
		snprintf(why, size, "NMIs are %sunblocked", e->nmi_unblocked ? "not " : "");
		return false;
	}
	if (m->result == EMULATION_OK && m->ctxt.trap != e->trap) {
		snprintf(why, size, "the trap that is due is %x", m->ctxt.trap);
		return false;
	}
	if (!io_matches(m, e, why, size))
		return false;
	if (e->any_flags)
		want->eflags = (want->eflags & ~EFLG_ARITH) | (m->s.eflags & EFLG_ARITH);
	for (i = 0; i < X86_NR_GPRS; i++)
		if (e->any_gpr & BIT(i))
			want->gpr[i] = m->s.gpr[i];
	want->port_out_count = m->s.port_out_count;
	want->mmio_write_count = m->s.mmio_write_count;
	diff = state_diff(&m->s, want);
	if (diff)
		snprintf(why, size, "%s", diff);
	return !diff;
}

static struct machine machine;
static struct mstate before, want;

/*
 * Run the case again with every fallible callback failing once: an instruction
 * that fails must have done nothing. Memory is compared up to the first write.
 * Not for what met #UD: code that cannot be patched is emulated.
 */
static void fail_each_call(const struct machine *start, const char *name)
{
	static struct machine m;
	unsigned int n, calls;
	const char *diff;

	m = *start;
	machine_run(&m);
	calls = m.calls;
	for (n = 1; n <= calls * 2; n++) {
		bool fault = n > calls;
		unsigned int at = fault ? n - calls : n;

		m = *start;
		m.fail_at = at;
		m.fail_with = fault ? X86EMUL_PROPAGATE_FAULT : X86EMUL_UNHANDLEABLE;
		machine_run(&m);
		diff = m.touched ? state_diff_regs(&m.s, &start->s) :
		       state_diff(&m.s, &start->s);
		if (m.errors)
			diff = m.error;
		/* What RSM cannot load is shutdown. */
		if (m.s.vcpu_op == X86_VCPU_SHUTDOWN)
			continue;
		if (m.result == (fault ? EMULATION_FAULT : EMULATION_FAILED) && !diff)
			continue;
		/* Behind the point of no return it is the new task's fault. */
		if (fault && m.result == EMULATION_OK && (m.ctxt.trap & X86_TRAP_FAULT))
			continue;
		tap_result(false, diff, "%s: call %u of %u %s: result %d", name, at, calls,
			   fault ? "faults" : "fails", m.result);
		return;
	}
}

static void run_case(const char *family, const struct emu_case *c)
{
	struct expect e = { .result = EMULATION_OK };
	static struct machine start;
	char why[256] = "", name[200];
	const char *cpl = strstr(c->in, "cpl=");
	u8 code[16];
	unsigned int len;

	snprintf(name, sizeof(name), "%s %s %s: %s -> %s", family, mode_names[c->mode], c->code,
		 c->in, c->out);
	machine_init(&machine, c->mode, cpl ? atoi(cpl + 4) : c->mode == X86EMUL_MODE_VM86 ? 3 : 0);
	len = parse_hex(c->code, code, sizeof(code));
	if (!each_word(&machine, &machine.s, NULL, c->in)) {
		tap_result(false, "cannot parse the input", "%s", name);
		return;
	}
	machine_poke(&machine, machine_ip_la(&machine), code, len);
	before = machine.s;
	start = machine;
	want = before;
	e.trap = single_step_trap(before.eflags);
	if (!each_word(&machine, &want, &e, c->out)) {
		tap_result(false, "cannot parse the output", "%s", name);
		return;
	}
	if ((e.result == EMULATION_OK) && !e.eip_given)
		want.eip += len;
	machine_run_all(&machine, e.result == EMULATION_RESTART ? 1 : 10000);
	/* XEND has no other outcome. */
	if (machine.result == EMULATION_OK || (machine.ctxt.op && machine.ctxt.op->execute == em_xend))
		mark_executed(machine.ctxt.op, BY_CASE);
	tap_result(judge(&machine, &want, &e, why, sizeof(why)), why, "%s", name);
	if (e.result == EMULATION_OK && machine.result == EMULATION_OK && !machine.restarts &&
	    !(machine.ctxt.op->flags & F_STRING) && !machine.ud_only)
		fail_each_call(&start, name);
}

void run_cases(const char *family, const struct emu_case *cases, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		run_case(family, &cases[i]);
}

void case_tests(void)
{
	run_cases("alu", alu_cases, nr_alu_cases);
	run_cases("move", move_cases, nr_move_cases);
	run_cases("stack", stack_cases, nr_stack_cases);
	run_cases("branch", branch_cases, nr_branch_cases);
	run_cases("gate", gate_cases, nr_gate_cases);
	run_cases("task", task_cases, nr_task_cases);
	run_cases("string", string_cases, nr_string_cases);
	run_cases("io", io_cases, nr_io_cases);
	run_cases("segment", segment_cases, nr_segment_cases);
	run_cases("descriptor", descriptor_cases, nr_descriptor_cases);
	run_cases("cache", cache_cases, nr_cache_cases);
	run_cases("smm", smm_cases, nr_smm_cases);
	run_cases("bits", bits_cases, nr_bits_cases);
	run_cases("syscall", syscall_cases, nr_syscall_cases);
	run_cases("system", system_cases, nr_system_cases);
	run_cases("simd", simd_cases, nr_simd_cases);
	run_cases("x87", x87_cases, nr_x87_cases);
	run_cases("xsave", xsave_cases, nr_xsave_cases);
	run_cases("bmi", bmi_cases, nr_bmi_cases);
	run_cases("avx", avx_cases, nr_avx_cases);
	run_cases("avx_int", avx_int_cases, nr_avx_int_cases);
	run_cases("avx_fp", avx_fp_cases, nr_avx_fp_cases);
	run_cases("avx512", avx512_cases, nr_avx512_cases);
}
