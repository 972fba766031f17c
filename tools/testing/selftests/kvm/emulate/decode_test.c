// SPDX-License-Identifier: GPL-2.0-only
/* Decode: lengths, sizes, addresses, prefixes, fetching, and what is too long or not there. */
#include <stdio.h>
#include <linux/string.h>
#include "cases.h"
#include "decode_list.h"
#include "tap.h"

static struct machine machine;

static const struct operand *memory_operand(const struct x86_emulate_ctxt *c)
{
	return c->dst.type == OP_MEM ? &c->dst : c->src.type == OP_MEM ? &c->src :
	       c->src2.type == OP_MEM ? &c->src2 : NULL;
}

static bool check_one(const struct decode_case *d, char *why, size_t size)
{
	const struct x86_emulate_ctxt *c = &machine.ctxt;
	const struct operand *mem;
	u8 code[16];
	unsigned int len = parse_hex(d->code, code, sizeof(code));
	int rc;

	machine_init(&machine, d->mode, 0);
	machine_code(&machine, code, len);
	rc = machine_decode(&machine);
	mem = memory_operand(c);
	if (rc != X86EMUL_CONTINUE)
		snprintf(why, size, "result %d, exception %u", rc, c->exception.vector);
	else if (c->next_eip - c->eip != len)
		snprintf(why, size, "length is %ld", (long)(c->next_eip - c->eip));
	else if (!c->op->name || strcmp(c->op->name, d->name))
		snprintf(why, size, "the row is %s", c->op->name ? c->op->name : "none");
	else if (d->op_bytes && c->op_bytes != d->op_bytes)
		snprintf(why, size, "the operand size is %u", c->op_bytes);
	else if (!mem != (d->ea == NO_EA))
		snprintf(why, size, "%s memory operand", mem ? "a" : "no");
	else if (mem && (mem->ea != d->ea || mem->seg != d->seg))
		snprintf(why, size, "the address is %u:%lx", mem->seg, mem->ea);
	return !*why;
}

/* The same row and address with the bytes coming a few at a time from the caller. */
static bool check_prefetched(const struct decode_case *d, char *why, size_t size)
{
	struct x86_emulate_ctxt *c = &machine.ctxt;
	unsigned int len, n;
	u8 code[16];

	len = parse_hex(d->code, code, sizeof(code));
	for (n = 1; n <= len; n++) {
		u64 eip = machine.s.eip;

		memset(c, 0, sizeof(*c));
		c->ops = &machine_ops;
		c->vcpu = &machine;
		c->gpr = machine.s.gpr;
		c->eip = eip;
		c->eflags = machine.s.eflags;
		c->mode = machine.mode;
		machine.fetches = 0;
		if (x86_decode_insn(c, code, n) == X86EMUL_CONTINUE &&
		    c->next_eip - c->eip == len && !strcmp(c->op->name, d->name) &&
		    (n < len || !machine.fetches))
			continue;
		snprintf(why, size, "with %u bytes given: %u fetches, length %ld", n,
			 machine.fetches, (long)(c->next_eip - c->eip));
		return false;
	}
	return true;
}

static void check_list(void)
{
	unsigned int i;
	char why[120];

	for (i = 0; i < nr_decode_list; i++) {
		const struct decode_case *d = &decode_list[i];
		bool pass;

		*why = 0;
		pass = check_one(d, why, sizeof(why)) && check_prefetched(d, why, sizeof(why));
		tap_result(pass, why, "decode: %s %s %s", mode_names[d->mode], d->code, d->name);
	}
}

/* Fields that prefixes leave behind. */
static void check_prefixes(void)
{
	static const struct {
		u8 mode;
		const char *code;
		u8 op_bytes, ad_bytes, rex, rep, seg;
		bool lock;
	} list[] = {
		{ X86EMUL_MODE_PROT64, "66 90", 2, 8, 0, 0, X86_NR_SEGS, false },
		{ X86EMUL_MODE_PROT64, "66 48 89 c0", 8, 8, 0x48, 0, X86_NR_SEGS, false },
		/* REX before another prefix does not count. */
		{ X86EMUL_MODE_PROT64, "48 66 89 c0", 2, 8, 0, 0, X86_NR_SEGS, false },
		{ X86EMUL_MODE_PROT64, "40 48 89 c0", 8, 8, 0x48, 0, X86_NR_SEGS, false },
		{ X86EMUL_MODE_PROT64, "67 8b 03", 4, 4, 0, 0, X86_NR_SEGS, false },
		{ X86EMUL_MODE_PROT64, "f3 48 a5", 8, 8, 0x48, 0xf3, X86_NR_SEGS, false },
		{ X86EMUL_MODE_PROT64, "f2 f3 a6", 4, 8, 0, 0xf3, X86_NR_SEGS, false },
		{ X86EMUL_MODE_PROT64, "f3 f2 a6", 4, 8, 0, 0xf2, X86_NR_SEGS, false },
		{ X86EMUL_MODE_PROT64, "f0 01 03", 4, 8, 0, 0, X86_NR_SEGS, true },
		{ X86EMUL_MODE_PROT64, "64 8b 03", 4, 8, 0, 0, X86_SEG_FS, false },
		{ X86EMUL_MODE_PROT64, "65 64 8b 03", 4, 8, 0, 0, X86_SEG_FS, false },
		{ X86EMUL_MODE_PROT32, "2e 8b 03", 4, 4, 0, 0, X86_SEG_CS, false },
		{ X86EMUL_MODE_PROT32, "2e 26 8b 03", 4, 4, 0, 0, X86_SEG_ES, false },
		{ X86EMUL_MODE_PROT32, "66 67 8b 03", 2, 2, 0, 0, X86_NR_SEGS, false },
		{ X86EMUL_MODE_PROT16, "8b 03", 2, 2, 0, 0, X86_NR_SEGS, false },
		{ X86EMUL_MODE_PROT16, "66 67 8b 03", 4, 4, 0, 0, X86_NR_SEGS, false },
		{ X86EMUL_MODE_VM86, "66 8b 03", 4, 2, 0, 0, X86_NR_SEGS, false },
		{ X86EMUL_MODE_REAL, "67 8b 03", 2, 4, 0, 0, X86_NR_SEGS, false },
	};
	const struct x86_emulate_ctxt *c = &machine.ctxt;
	unsigned int i, len;
	char why[120];
	u8 code[16];
	int rc;

	for (i = 0; i < ARRAY_LEN(list); i++) {
		machine_init(&machine, list[i].mode, 0);
		len = parse_hex(list[i].code, code, sizeof(code));
		machine_code(&machine, code, len);
		rc = machine_decode(&machine);
		snprintf(why, sizeof(why), "result %d op %u ad %u rex %x rep %x seg %u lock %u", rc,
			 c->op_bytes, c->ad_bytes, c->rex, c->rep_prefix, c->seg_override,
			 c->lock_prefix);
		tap_result(rc == X86EMUL_CONTINUE && c->op_bytes == list[i].op_bytes &&
			   c->ad_bytes == list[i].ad_bytes && c->rex == list[i].rex &&
			   c->rep_prefix == list[i].rep && c->seg_override == list[i].seg &&
			   c->lock_prefix == list[i].lock && c->next_eip - c->eip == len, why,
			   "decode: prefixes %s %s", mode_names[list[i].mode], list[i].code);
	}
}

/* What decoding has to refuse: X86EMUL_PROPAGATE_FAULT with a vector, or UNHANDLEABLE. */
static const struct {
	u8 mode;
	const char *code;
	int result;
	u8 vector;
	const char *what;
} refused[] = {
	{ X86EMUL_MODE_PROT64, "66 66 66 66 66 66 66 66 66 66 66 66 66 66 66 90",
	  X86EMUL_PROPAGATE_FAULT, EXC_GP, "16 bytes" },
	{ X86EMUL_MODE_PROT64, "66 66 66 66 66 66 66 66 66 66 66 66 66 66 90",
	  X86EMUL_CONTINUE, 0, "15 bytes" },
	{ X86EMUL_MODE_PROT64, "2e 2e 2e 2e 2e 2e 2e 2e 2e 81 03 01 02 03 04",
	  X86EMUL_CONTINUE, 0, "15 bytes with an immediate" },
	{ X86EMUL_MODE_PROT64, "2e 2e 2e 2e 2e 2e 2e 2e 2e 2e 81 03 01 02 03 04",
	  X86EMUL_PROPAGATE_FAULT, EXC_GP, "16 bytes with an immediate" },
	{ X86EMUL_MODE_PROT64, "0f 0b", X86EMUL_PROPAGATE_FAULT, EXC_UD, "ud2" },
	{ X86EMUL_MODE_PROT64, "0f ff c0", X86EMUL_PROPAGATE_FAULT, EXC_UD, "ud0" },
	{ X86EMUL_MODE_PROT64, "8d c0", X86EMUL_PROPAGATE_FAULT, EXC_UD, "lea register" },
	{ X86EMUL_MODE_PROT64, "0f c7 c8", X86EMUL_PROPAGATE_FAULT, EXC_UD,
	  "cmpxchg8b register" },
	{ X86EMUL_MODE_PROT64, "8e f8", X86EMUL_PROPAGATE_FAULT, EXC_UD, "sreg 7" },
	{ X86EMUL_MODE_PROT64, "0f 20 c8", X86EMUL_PROPAGATE_FAULT, EXC_UD, "cr1" },
	{ X86EMUL_MODE_PROT64, "44 0f 21 c0", X86EMUL_PROPAGATE_FAULT, EXC_UD, "dr8" },
	{ X86EMUL_MODE_PROT64, "ff f8", X86EMUL_PROPAGATE_FAULT, EXC_UD, "group 5 /7" },
	{ X86EMUL_MODE_PROT64, "fe d0", X86EMUL_PROPAGATE_FAULT, EXC_UD, "group 4 /2" },
	{ X86EMUL_MODE_PROT64, "66 c5 f8 77", X86EMUL_PROPAGATE_FAULT, EXC_UD, "66 VEX" },
	{ X86EMUL_MODE_PROT64, "48 c5 f8 77", X86EMUL_PROPAGATE_FAULT, EXC_UD, "REX VEX" },
	{ X86EMUL_MODE_PROT64, "f3 c5 f8 77", X86EMUL_PROPAGATE_FAULT, EXC_UD, "F3 VEX" },
	{ X86EMUL_MODE_PROT64, "f0 c5 f8 77", X86EMUL_PROPAGATE_FAULT, EXC_UD, "LOCK VEX" },
	{ X86EMUL_MODE_PROT64, "66 62 f1 7c 48 10 03", X86EMUL_PROPAGATE_FAULT, EXC_UD,
	  "66 EVEX" },
	{ X86EMUL_MODE_PROT64, "c5 f0 10 03", X86EMUL_PROPAGATE_FAULT, EXC_UD,
	  "unused vvvv" },
	{ X86EMUL_MODE_PROT64, "c4 e4 78 10 03", X86EMUL_PROPAGATE_FAULT, EXC_UD,
	  "VEX map 4" },
	{ X86EMUL_MODE_PROT64, "62 f4 7c 48 10 03", X86EMUL_PROPAGATE_FAULT, EXC_UD,
	  "EVEX map 4" },
	{ X86EMUL_MODE_PROT64, "62 f9 7c 48 10 03", X86EMUL_PROPAGATE_FAULT, EXC_UD,
	  "EVEX reserved bit" },
	{ X86EMUL_MODE_PROT64, "62 f1 78 48 10 03", X86EMUL_PROPAGATE_FAULT, EXC_UD,
	  "EVEX fixed bit" },
	{ X86EMUL_MODE_PROT64, "62 f1 6c 48 10 03", X86EMUL_PROPAGATE_FAULT, EXC_UD,
	  "EVEX unused vvvv" },
	{ X86EMUL_MODE_PROT64, "62 f1 7c 40 10 03", X86EMUL_PROPAGATE_FAULT, EXC_UD,
	  "EVEX unused V'" },
	{ X86EMUL_MODE_PROT64, "62 f1 7c 68 10 03", X86EMUL_PROPAGATE_FAULT, EXC_UD,
	  "EVEX L'L 3" },
	{ X86EMUL_MODE_PROT64, "62 f1 7c c8 10 03", X86EMUL_PROPAGATE_FAULT, EXC_UD,
	  "EVEX.z without an opmask" },
	{ X86EMUL_MODE_PROT64, "62 f1 7c c9 11 03", X86EMUL_PROPAGATE_FAULT, EXC_UD,
	  "EVEX.z of memory" },
	{ X86EMUL_MODE_PROT64, "62 f1 7c 58 10 03", X86EMUL_PROPAGATE_FAULT, EXC_UD,
	  "EVEX.b without broadcast" },
	{ X86EMUL_MODE_PROT64, "62 f1 7c 58 10 c3", X86EMUL_PROPAGATE_FAULT, EXC_UD,
	  "EVEX.b without rounding" },
	{ X86EMUL_MODE_PROT64, "c4 e2 71 90 04 0b", X86EMUL_PROPAGATE_FAULT, EXC_UD,
	  "gather with its mask as index" },
	{ X86EMUL_MODE_PROT64, "c4 e2 71 90 03", X86EMUL_PROPAGATE_FAULT, EXC_UD,
	  "gather without an index" },
	{ X86EMUL_MODE_PROT32, "62 f1 7c 40 10 03", X86EMUL_PROPAGATE_FAULT, EXC_UD,
	  "EVEX.V' outside 64-bit mode" },
	{ X86EMUL_MODE_PROT64, "62 f1 fc 48 10 03", X86EMUL_PROPAGATE_FAULT, EXC_UD,
	  "EVEX.W of vmovups" },
	{ X86EMUL_MODE_REAL, "62 f1 7c 48 10 03", X86EMUL_PROPAGATE_FAULT, EXC_UD,
	  "bound register" },
	{ X86EMUL_MODE_VM86, "c4 e1 7d 6f 03", X86EMUL_PROPAGATE_FAULT, EXC_UD,
	  "les register" },
	{ X86EMUL_MODE_REAL, "c5 c0", X86EMUL_PROPAGATE_FAULT, EXC_UD, "lds register" },
};

static void check_refused(void)
{
	unsigned int i, len;
	char why[120];
	u8 code[20];
	int rc;

	for (i = 0; i < ARRAY_LEN(refused); i++) {
		machine_init(&machine, refused[i].mode, 0);
		len = parse_hex(refused[i].code, code, sizeof(code));
		machine_code(&machine, code, len);
		rc = machine_decode(&machine);
		/* Some of it is only refused when it is to be executed. */
		if (rc == X86EMUL_CONTINUE && refused[i].result == X86EMUL_PROPAGATE_FAULT &&
		    machine_run(&machine) == EMULATION_FAULT)
			rc = X86EMUL_PROPAGATE_FAULT;
		snprintf(why, sizeof(why), "result %d, exception %u", rc,
			 machine.ctxt.exception.vector);
		tap_result(rc == refused[i].result && (rc != X86EMUL_PROPAGATE_FAULT ||
			   machine.ctxt.exception.vector == refused[i].vector), why,
			   "decode: %s: %s", refused[i].what, refused[i].code);
	}
}

/* VEX and EVEX are recognised with what follows, never taken for something else. */
static void check_vex(void)
{
	static const char *const list[] = {
		"c5 f8 77", "c5 f8 10 03", "c5 fd 6f c1", "c4 e1 7d 6f 03", "c4 e2 7d 18 03",
		"c4 e3 7d 0c c1 05", "c4 41 7d 6f c9", "62 f1 7c 48 10 03", "62 f1 fd 48 6f c1",
	};
	unsigned int i, len;
	char why[80];
	u8 code[16];
	int rc;

	for (i = 0; i < ARRAY_LEN(list); i++) {
		machine_init(&machine, X86EMUL_MODE_PROT64, 0);
		machine.s.gpr[X86_REG_RBX] = LA_DATA;
		len = parse_hex(list[i], code, sizeof(code));
		machine_code(&machine, code, len);
		rc = machine_run(&machine);
		snprintf(why, sizeof(why), "decode %d, emulation %d, exception %u",
			 machine.decode_result, rc, machine.ctxt.exception.vector);
		tap_result(rc == EMULATION_FAILED ||
			   (rc == EMULATION_OK && machine.s.eip == LA_IP + len), why,
			   "decode: VEX %s", list[i]);
	}
}

/* What is not described has a length nevertheless. */
static void check_opaque(void)
{
	static const char *const list[] = {
		"c5 f8 c2 c1 05", "c5 f8 58 43 10", "c4 e2 7d 00 84 8b 00 01 00 00",
		"c4 e3 7d 04 c1 05", "c4 e3 7d 04 0d 00 01 00 00 05", "62 f1 7c 48 c2 43 01 05",
		"62 f1 7c 48 58 84 8b 00 01 00 00", "62 f2 7d 48 00 c1", "62 f3 7d 48 04 43 7f 05",
		"62 f5 7c 48 58 c1", "62 f6 7d 48 98 c1",
	};
	unsigned int i, len;
	char why[80];
	u8 code[16];
	int rc;

	for (i = 0; i < ARRAY_LEN(list); i++) {
		machine_init(&machine, X86EMUL_MODE_PROT64, 0);
		len = parse_hex(list[i], code, sizeof(code));
		machine_code(&machine, code, len);
		rc = machine_decode(&machine);
		snprintf(why, sizeof(why), "result %d, length %ld", rc,
			 (long)(machine.ctxt.next_eip - LA_IP));
		tap_result((rc == X86EMUL_UNHANDLEABLE || rc == X86EMUL_CONTINUE) &&
			   machine.ctxt.next_eip == LA_IP + len, why, "decode: length of %s",
			   list[i]);
	}
}

/* An instruction across two pages, whole, and with the second one missing. */
static void check_page_crossing(void)
{
	static const u8 code[] = { 0x48, 0xb8, 1, 2, 3, 4, 5, 6, 7, 8 };
	const struct x86_exception *x = &machine.ctxt.exception;
	unsigned int before;
	char why[120];
	int rc;

	for (before = 1; before <= sizeof(code); before++) {
		machine_init(&machine, X86EMUL_MODE_PROT64, 0);
		machine.s.eip = LA_CODE + 0x1000 - before;
		machine_poke(&machine, machine.s.eip, code, sizeof(code));
		rc = machine_run(&machine);
		snprintf(why, sizeof(why), "result %d, %u fetches, %s", rc, machine.fetches,
			 machine.error);
		tap_result(rc == EMULATION_OK && !machine.errors && machine.fetches <= 2 &&
			   machine.s.gpr[0] == 0x0807060504030201, why,
			   "decode: %u bytes before the page boundary", before);

		machine_init(&machine, X86EMUL_MODE_PROT64, 3);
		machine.s.eip = LA_CODE + 0x2000 - before;
		machine_poke(&machine, machine.s.eip, code, before);
		machine_page(&machine, LA_DATA, 0);
		rc = machine_run(&machine);
		snprintf(why, sizeof(why), "result %d, exception #%u(%x)@%llx, %s", rc, x->vector,
			 x->error_code, x->address, machine.error);
		tap_result(!machine.errors && (before == sizeof(code) ? rc == EMULATION_OK :
			   rc == EMULATION_FAULT && x->vector == EXC_PF && x->error_code == 0x14 &&
			   x->address == LA_DATA), why,
			   "decode: the second page is missing after %u bytes", before);
	}
}

static void check_fetch_failures(void)
{
	const struct x86_exception *x = &machine.ctxt.exception;
	char why[120];
	int rc;

	machine_init(&machine, X86EMUL_MODE_PROT64, 3);
	machine.s.eip = LA_HOLE;
	rc = machine_run(&machine);
	snprintf(why, sizeof(why), "result %d, #%u(%x)@%llx", rc, x->vector, x->error_code,
		 x->address);
	tap_result(rc == EMULATION_FAULT && x->vector == EXC_PF && x->address == LA_HOLE, why,
		   "decode: fetch from a hole");

	machine_init(&machine, X86EMUL_MODE_PROT64, 0);
	machine.s.eip = LA_MMIO;
	rc = machine_run(&machine);
	snprintf(why, sizeof(why), "result %d", rc);
	tap_result(rc == EMULATION_FAILED && !machine.nr_log, why, "decode: fetch from a device");

	machine_init(&machine, X86EMUL_MODE_PROT32, 0);
	machine.s.seg[X86_SEG_CS].limit = LA_IP + 1;
	machine_code(&machine, (const u8 *)"\xb8\x01\x02\x03\x04", 5);
	rc = machine_run(&machine);
	snprintf(why, sizeof(why), "result %d, #%u(%x)", rc, x->vector, x->error_code);
	tap_result(rc == EMULATION_FAULT && x->vector == EXC_GP && !x->error_code, why,
		   "decode: across the limit of CS");

	machine_init(&machine, X86EMUL_MODE_PROT32, 0);
	machine.s.seg[X86_SEG_CS].limit = LA_IP + 4;
	machine_code(&machine, (const u8 *)"\xb8\x01\x02\x03\x04", 5);
	rc = machine_run(&machine);
	snprintf(why, sizeof(why), "result %d, #%u(%x)", rc, x->vector, x->error_code);
	tap_result(rc == EMULATION_OK, why, "decode: up to the limit of CS");

	machine_init(&machine, X86EMUL_MODE_PROT64, 0);
	machine.s.eip = 0x7ffffffffffffffful;
	rc = machine_run(&machine);
	snprintf(why, sizeof(why), "result %d, #%u(%x)", rc, x->vector, x->error_code);
	tap_result(rc == EMULATION_FAULT && x->vector == EXC_GP, why,
		   "decode: a non-canonical address");

	machine_init(&machine, X86EMUL_MODE_PROT64, 0);
	machine.s.eip = LA_HIGH + 0x10;
	machine_poke(&machine, machine.s.eip, "\x90", 1);
	rc = machine_run(&machine);
	snprintf(why, sizeof(why), "result %d", rc);
	tap_result(rc == EMULATION_OK && machine.s.eip == LA_HIGH + 0x11, why,
		   "decode: in the upper half");
}

/* Random bytes: any outcome, but no crash, no page crossed, nothing changed on failure. */
static void check_random(void)
{
	static struct mstate before;
	unsigned int i, j, bad = 0;
	const char *diff = NULL;
	u8 code[16];

	machine_init(&machine, X86EMUL_MODE_PROT64, 0);
	for (i = 0; i < 20000 && !bad; i++) {
		if (i % 64 == 0)
			machine_init(&machine, i / 64 % 5, i / 64 % 5 == X86EMUL_MODE_VM86 ? 3 : 0);
		for (j = 0; j < sizeof(code); j++)
			code[j] = test_random();
		if (i & 1)
			code[0] = 0x0f;
		machine.s.gpr[X86_REG_RCX] &= 0xff;
		machine_code(&machine, code, sizeof(code));
		before = machine.s;
		machine_run(&machine);
		machine.nr_log = 0;
		if (machine.result != EMULATION_FAILED && machine.result != EMULATION_INTERCEPTED) {
			machine.s = before;
			machine.mode = i / 64 % 5;
		} else {
			diff = state_diff(&machine.s, &before);
		}
		bad = diff || machine.errors;
	}
	if (bad)
		tap_note("%02x %02x %02x %02x %02x %02x %02x %02x in %s", code[0], code[1], code[2],
			 code[3], code[4], code[5], code[6], code[7],
			 mode_names[(i - 1) / 64 % 5]);
	tap_result(!bad, diff ? diff : machine.error, "decode: %u random encodings", i);
}

/* Any bytes: fetched and delivered they give the same context, which machine_decode() checks. */
static void check_two_ways(void)
{
	unsigned int i, j;
	u8 code[16];

	machine_init(&machine, X86EMUL_MODE_PROT64, 0);
	for (i = 0; i < 300000 && !machine.errors; i++) {
		for (j = 0; j < sizeof(code); j++)
			code[j] = test_random();
		if (i % 4 == 1)
			code[0] = 0x40 | (code[0] & 15);
		else if (i % 4 == 2)
			code[0] = 0x0f;
		if (i % 16 == 3)
			code[0] = 0x66;
		machine_code(&machine, code, sizeof(code));
		machine_decode(&machine);
	}
	if (machine.errors)
		tap_note("%02x %02x %02x %02x %02x %02x %02x %02x", code[0], code[1], code[2],
			 code[3], code[4], code[5], code[6], code[7]);
	tap_result(!machine.errors, machine.error, "decode: %u byte strings two ways", i);
}

void decode_tests(void)
{
	check_list();
	check_prefixes();
	check_refused();
	check_vex();
	check_opaque();
	check_page_crossing();
	check_fetch_failures();
	check_random();
	check_two_ways();
}
