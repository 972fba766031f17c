// SPDX-License-Identifier: GPL-2.0-only
/*
 * Compare the decoder with libzydis: every encoding that the tables generate,
 * every opcode with every ModRM byte and prefix, and random bytes.
 *
 * ZYDIS_RANDOM is the number of random byte strings per mode, ZYDIS_REPORTS that of
 * differences to print per part; EMUTEST_SEED repeats the bytes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "zydis_test.h"

#define RANDOM_DEFAULT	10000000ul
#define VEX_COUNT	1500000
#define REPORTS_DEFAULT	40ul

static const struct {
	enum x86emul_mode mode;
	ZydisMachineMode machine;
	ZydisStackWidth stack;
	const char *name;
} modes[] = {
	{ X86EMUL_MODE_PROT16, ZYDIS_MACHINE_MODE_LEGACY_16, ZYDIS_STACK_WIDTH_16, "16-bit" },
	{ X86EMUL_MODE_PROT32, ZYDIS_MACHINE_MODE_LEGACY_32, ZYDIS_STACK_WIDTH_32, "32-bit" },
	{ X86EMUL_MODE_PROT64, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64, "64-bit" },
};

static ZydisDecoder decoders[ARRAY_LEN(modes)];
static ZydisFormatter formatter;
static struct machine machine;
static struct verdicts verdicts;
static unsigned long max_reports;
static u64 compared, both_decoded, both_refused, bad;

static void init_zydis(void)
{
	static const u8 off[] = {
		ZYDIS_FORMATTER_PROP_HEX_UPPERCASE, ZYDIS_FORMATTER_PROP_DISP_PADDING,
		ZYDIS_FORMATTER_PROP_IMM_PADDING, ZYDIS_FORMATTER_PROP_ADDR_PADDING_ABSOLUTE,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_LEN(modes); i++) {
		ZydisDecoderInit(&decoders[i], modes[i].machine, modes[i].stack);
		ZydisDecoderEnableMode(&decoders[i], ZYDIS_DECODER_MODE_MPX, ZYAN_FALSE);
	}
	ZydisFormatterInit(&formatter, ZYDIS_FORMATTER_STYLE_INTEL);
	for (i = 0; i < ARRAY_LEN(off); i++)
		ZydisFormatterSetProperty(&formatter, off[i], 0);
	ZydisFormatterSetProperty(&formatter, ZYDIS_FORMATTER_PROP_FORCE_RELATIVE_RIPREL, 1);
	ZydisFormatterSetProperty(&formatter, ZYDIS_FORMATTER_PROP_FORCE_SIZE, 1);
}

/* The emulator checks LOCK and the mode when it executes; Zydis when it decodes. */
static bool invalid_here(const struct x86_emulate_ctxt *ctxt)
{
	u32 flags = ctxt->op->flags;

	if (ctxt->lock_prefix && !(flags & F_LOCK && ctxt->dst.type == OP_MEM))
		return true;
	return flags & (mode_is_64(ctxt) ? F_NO64 : F_ONLY64);
}

static void decode_ours(struct verdicts *v)
{
	struct x86_emulate_ctxt *ctxt = &machine.ctxt;
	int rc;

	ctxt->ops = &machine_ops;
	ctxt->vcpu = &machine;
	ctxt->gpr = machine.s.gpr;
	ctxt->eip = LA_IP;
	ctxt->features = &machine.features;
	ctxt->mode = v->mode;
	v->ctxt = ctxt;
	rc = x86_decode_insn(ctxt, v->bytes, ZYDIS_BYTES);
	v->length = ctxt->next_eip - LA_IP;
	if (rc == X86EMUL_UNHANDLEABLE)
		v->ours = V_OPAQUE;
	else
		v->ours = rc != X86EMUL_CONTINUE || invalid_here(ctxt) ? V_REFUSED : V_DECODED;
}

static void decode_both(struct verdicts *v, unsigned int mode, const u8 *bytes)
{
	v->bytes = bytes;
	v->mode = modes[mode].mode;
	decode_ours(v);
	v->text[0] = v->ztext[0] = '\0';
	v->status = ZydisDecoderDecodeFull(&decoders[mode], bytes, ZYDIS_BYTES, &v->insn,
					   v->operand);
	v->accepted = ZYAN_SUCCESS(v->status);
}

static void make_texts(struct verdicts *v)
{
	char text[ZYDIS_TEXT] = "", ztext[ZYDIS_TEXT] = "";

	x86_emulate_disasm(v->ctxt, text, sizeof(text));
	if (v->accepted)
		ZydisFormatterFormatInstruction(&formatter, &v->insn, v->operand,
						v->insn.operand_count_visible, ztext,
						sizeof(ztext), LA_IP, NULL);
	normalize(v, text, ztext);
}

static bool same_text(struct verdicts *v)
{
	make_texts(v);
	return !strcmp(v->text, v->ztext);
}

static void report(const struct verdicts *v, unsigned int mode)
{
	static const char *const said[] = { "decoded", "refused", "opaque" };
	char why[ZYDIS_TEXT * 2 + 80], hex[ZYDIS_BYTES * 3 + 1];
	unsigned int i;

	if (bad++ >= max_reports)
		return;
	for (i = 0; i < ZYDIS_BYTES; i++)
		sprintf(hex + i * 3, "%02x ", v->bytes[i]);
	snprintf(why, sizeof(why), "%s, length %u: %s | Zydis %s (%x), length %u: %s",
		 said[v->ours], v->length, v->text, v->accepted ? "decoded" : "refused",
		 v->status & 0xff, v->accepted ? v->insn.length : 0, v->ztext);
	tap_result(false, why, "zydis: %s %s", modes[mode].name, hex);
}

static void compare(unsigned int mode, const u8 *bytes, bool text)
{
	struct verdicts *v = &verdicts;
	struct difference *d;

	compared++;
	decode_both(v, mode, bytes);
	if (v->ours == V_REFUSED && !v->accepted) {
		both_refused++;
		return;
	}
	if (v->ours == V_DECODED && v->accepted && v->length == v->insn.length) {
		both_decoded++;
		if (!text || same_text(v))
			return;
	}
	make_texts(v);
	d = classify(v);
	if (d)
		d->used++;
	else
		report(v, mode);
}

static void begin(void)
{
	unsigned int i;

	compared = both_decoded = both_refused = bad = 0;
	for (i = 0; i < nr_differences; i++)
		differences[i].used = 0;
}

static void finish(const char *what)
{
	unsigned int i;

	for (i = 0; i < nr_differences; i++) {
		if (!differences[i].used)
			continue;
		tap_note("%10llu %s: %s", differences[i].used, differences[i].name,
			 differences[i].reason);
	}
	tap_result(!bad && both_decoded, bad ? "see above" : "nothing was compared",
		   "%s: %llu compared, %llu decoded, %llu refused, %llu unexplained", what,
		   compared, both_decoded, both_refused, bad);
}

/* Each row in each form that walk.c can encode. */
static void compare_row(const struct row *row)
{
	unsigned int mode, s, form;
	u8 bytes[24];

	for (mode = 0; mode < ARRAY_LEN(modes); mode++) {
		for (s = 0; s < 4; s++) {
			for (form = 0; form < 8; form++) {
				struct encoding e = {
					.mode = modes[mode].mode, .op_bytes = s ? 1 << s : 0,
					.memory = form & 1, .reg = form & 2 ? 10 : 2,
					.rm = form & 2 ? 13 : 5,
					.imm = form & 4 ? 0x8192a3b4c5d6e7f8ull : 0x12345678,
				};

				if (!encode_row(row, &e))
					continue;
				memset(bytes, 0, sizeof(bytes));
				memcpy(bytes, e.bytes, e.len);
				compare(mode, bytes, true);
			}
		}
	}
}

static void compare_rows(void)
{
	unsigned int i;

	begin();
	for (i = 0; i < nr_rows; i++)
		compare_row(&rows[i]);
	finish("every encoding of the tables");
}

/* What stands before the opcode: nothing, a prefix, REX, escapes. */
static void compare_opcodes(void)
{
	static const u8 prefixes[][3] = {
		{ 0 }, { 0x66 }, { 0xf2 }, { 0xf3 }, { 0x67 }, { 0xf0 }, { 0x66, 0xf2 },
		{ 0x66, 0xf3 }, { 0x64 }, { 0x2e }, { 0x48 }, { 0x45 }, { 0x66, 0x48 },
		{ 0xf3, 0x4f }, { 0xf2, 0x48 }, { 0x66, 0x42 }, { 0x67, 0x41 },
	};
	static const u8 escapes[][2] = { { 0 }, { 0x0f }, { 0x0f, 0x38 }, { 0x0f, 0x3a } };
	unsigned int p, e, b, m, mode, i, n;
	u8 bytes[24];

	begin();
	for (p = 0; p < ARRAY_LEN(prefixes); p++)
		for (e = 0; e < ARRAY_LEN(escapes); e++)
			for (b = 0; b < 256; b++)
				for (m = 0; m < 256; m++) {
					for (n = i = 0; i < 3 && prefixes[p][i]; i++)
						bytes[n++] = prefixes[p][i];
					for (i = 0; i < 2 && escapes[e][i]; i++)
						bytes[n++] = escapes[e][i];
					bytes[n++] = b;
					bytes[n++] = m;
					for (; n < 16; n += 8)
						memcpy(bytes + n, &(u64){ test_random() }, 8);
					for (mode = 0; mode < ARRAY_LEN(modes); mode++)
						compare(mode, bytes, true);
				}
	finish("every opcode, ModRM and prefix");
}

/* VEX (C5, C4) and EVEX (62), most of them in a map that exists, in each mode. */
static void compare_vex(u8 first, u8 map_bits, const char *what)
{
	unsigned int i, mode;
	u8 bytes[16];

	begin();
	for (i = 0; i < VEX_COUNT; i++) {
		memcpy(bytes, &(u64[2]){ test_random(), test_random() }, 16);
		bytes[0] = first;
		if (i % 8)
			bytes[1] = (bytes[1] & ~map_bits) | (map_bits & (1 + i % 3));
		for (mode = 0; mode < ARRAY_LEN(modes); mode++)
			compare(mode, bytes, true);
	}
	finish(what);
}

/* Half of the strings begin with what real code begins with. */
static void random_bytes(u8 *bytes)
{
	static const u8 starts[] = {
		0x66, 0x67, 0xf2, 0xf3, 0xf0, 0x0f, 0x48, 0x4c, 0x41, 0xc4, 0xc5, 0x62, 0x2e, 0x64,
	};
	u64 r[2] = { test_random(), test_random() };
	u64 how = test_random();
	unsigned int i, n = how & 3;

	memcpy(bytes, r, 16);
	for (i = 0; i < n; i++, how >>= 8)
		bytes[i] = starts[(how >> 8 & 0xff) % ARRAY_LEN(starts)];
}

static void compare_random(unsigned long count)
{
	unsigned int mode;
	unsigned long i;
	u8 bytes[16];

	for (mode = 0; mode < ARRAY_LEN(modes); mode++) {
		char what[64];

		begin();
		for (i = 0; i < count; i++) {
			random_bytes(bytes);
			compare(mode, bytes, false);
		}
		snprintf(what, sizeof(what), "random bytes in %s mode", modes[mode].name);
		finish(what);
	}
}

/* make exports what is not set as empty. */
static unsigned long number(const char *variable, unsigned long otherwise)
{
	const char *s = getenv(variable);

	return s && *s ? strtoul(s, NULL, 0) : otherwise;
}

int main(void)
{
	const char *seed = getenv("EMUTEST_SEED");
	unsigned long count = number("ZYDIS_RANDOM", RANDOM_DEFAULT);

	max_reports = number("ZYDIS_REPORTS", REPORTS_DEFAULT);
	setvbuf(stdout, NULL, _IOLBF, 0);
	test_seed = seed ? strtoull(seed, NULL, 0) : (u64)time(NULL) * 0x9e3779b97f4a7c15ull;
	printf("TAP version 13\n");
	tap_note("seed: EMUTEST_SEED=0x%llx", test_seed);
	walk_tables();
	machine_init(&machine, X86EMUL_MODE_PROT64, 0);
	init_zydis();
	compare_rows();
	compare_opcodes();
	compare_vex(0xc5, 0, "two-byte VEX");
	compare_vex(0xc4, 0x1f, "three-byte VEX");
	compare_vex(0x62, 7, "EVEX");
	compare_random(count);
	return tap_finish();
}
