// SPDX-License-Identifier: GPL-2.0-only
/* Two disassemblers' texts in one spelling. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "zydis_test.h"

/* Zydis' mnemonic and the emulator's, where they differ; @op_bytes: only with that size. */
static const struct { const char *theirs, *ours; u8 op_bytes; } aliases[] = {
	{ "ret far", "retf", 0 }, { "call far", "call", 0 }, { "jmp far", "jmp", 0 },
	{ "fstpnce", "fstp", 0 }, { "feni8087_nop", "feni", 0 },
	{ "fdisi8087_nop", "fdisi", 0 }, { "fsetpm287_nop", "fsetpm", 0 },
};

/* Words that are hints or sizes of branches, and no part of the instruction. */
static const char *const noise[] = {
	"bnd ", "notrack ", "xacquire ", "xrelease ", "short ", "near ", "far ",
};

static const char *const sizes[] = {
	"byte ptr ", "dword ptr ", "word ptr ", "fword ptr ", "qword ptr ", "tbyte ptr ",
	"xmmword ptr ", "ymmword ptr ", "zmmword ptr ",
};

static void remove_all(char *s, const char *word)
{
	size_t n = strlen(word);
	char *at = s;

	while ((at = strstr(at, word))) {
		if (at > s && isalnum((unsigned char)at[-1]))
			at++;
		else
			memmove(at, at + n, strlen(at + n) + 1);
	}
}

static void rename_mnemonic(char *s, const char *from, const char *to)
{
	size_t n = strlen(from);
	char *at = strstr(s, from);
	char rest[ZYDIS_TEXT];

	if (!at || (at > s && at[-1] != ' ') || (at[n] && at[n] != ' '))
		return;
	snprintf(rest, sizeof(rest), "%s", at + n);
	snprintf(at, ZYDIS_TEXT - (at - s), "%s%s", to, rest);
}

/* Numbers outside brackets modulo the operand size; "*1" of a scale is dropped. */
static void rewrite_numbers(char *s, unsigned int bytes)
{
	u64 mask = bytes >= 8 ? ~0ull : (1ull << (bytes * 8)) - 1;
	char in[ZYDIS_TEXT], *p = in, *end;
	size_t n = 0;
	bool address = false;

	snprintf(in, sizeof(in), "%s", s);
	while (*p && n < ZYDIS_TEXT - 24) {
		bool minus = *p == '-' && !address;

		address = *p == '[' || (address && *p != ']');
		if (address && !strncmp(p, "*1", 2) && !isdigit((unsigned char)p[2])) {
			p += 2;
		} else if (!strncmp(p + minus, "0x", 2)) {
			u64 val = strtoull(p + minus, &end, 16);

			val = minus ? -val : val;
			n += sprintf(s + n, "0x%llx", address ? val : val & mask);
			p = end;
		} else {
			s[n++] = *p++;
		}
	}
	s[n] = '\0';
}

/* Are the row's operands such that the mnemonic implies them? */
static bool implied_by_row(const struct opcode *op)
{
	unsigned int i;

	for (i = 0; i < ARRAY_LEN(op->operand); i++) {
		switch (operand_info[op->operand[i]].kind) {
		case OPK_NONE: case OPK_FIXED: case OPK_SI: case OPK_DI: case OPK_XLAT:
			break;
		default:
			return false;
		}
	}
	return true;
}

static bool implied_by_zydis(const struct verdicts *v)
{
	unsigned int i;

	for (i = 0; i < v->insn.operand_count_visible; i++)
		if (v->operand[i].visibility == ZYDIS_OPERAND_VISIBILITY_EXPLICIT)
			return false;
	return true;
}

/* Behind the mnemonic and a prefix that is spelled like one. */
static void cut_operands(char *s)
{
	if (!strncmp(s, "rep", 3) && strchr(s, ' '))
		s = strchr(s, ' ') + 1;
	s = strchr(s, ' ');
	if (s)
		*s = '\0';
}

/* Operands that one of the texts leaves out because the mnemonic implies them. */
static void drop_implied(struct verdicts *v, const struct opcode *op)
{
	bool nop = !strcmp(op->name, "nop");

	if (nop || (!v->insn.operand_count_visible && implied_by_row(op)))
		cut_operands(v->text);
	if (nop || (!op->operand[0] && implied_by_zydis(v)))
		cut_operands(v->ztext);
}

/*
 * One spelling for both texts:
 * - hints and branch widths go, and mnemonics with two names get the emulator's;
 * - immediates are numbers modulo the operand size: -1 is 0xffffffff;
 * - a scale of one is not written;
 * - operands that the mnemonic implies (MOVSB, CBW, XLAT, VMRUN) go where only one of
 *   the texts has them, and those of NOP, which it does not access;
 * - sizes of memory operands count only where the emulator accesses memory through
 *   an operand of known size: an address alone (LEA, FXSAVE, INVLPG) has none;
 * - comparisons of the x87 imply ST0;
 * - F2 repeats string instructions without comparison as F3 does;
 * - a segment means nothing to LEA, and as a hint (3E) not to a branch.
 */
void normalize(struct verdicts *v, const char *text, const char *ztext)
{
	const struct opcode *op = v->ctxt->op;
	bool sized = strstr(text, " ptr ");
	unsigned int i;

	snprintf(v->text, sizeof(v->text), "%s", text);
	snprintf(v->ztext, sizeof(v->ztext), "%s", ztext);
	for (i = 0; i < ARRAY_LEN(aliases); i++)
		if (!aliases[i].op_bytes || aliases[i].op_bytes == v->ctxt->op_bytes)
			rename_mnemonic(v->ztext, aliases[i].theirs, aliases[i].ours);
	for (i = 0; i < ARRAY_LEN(noise); i++)
		remove_all(v->ztext, noise[i]);
	for (i = 0; i < ARRAY_LEN(sizes) && !sized; i++)
		remove_all(v->ztext, sizes[i]);
	rewrite_numbers(v->text, v->ctxt->op_bytes);
	rewrite_numbers(v->ztext, v->ctxt->op_bytes);
	if (!op || !op->name || v->ours != V_DECODED || !v->accepted)
		return;
	drop_implied(v, op);
	if (!strncmp(v->text, "rep ", 4))
		rename_mnemonic(v->ztext, "repne", "rep");
	if (op->execute == em_lea && v->ctxt->seg_override != X86_NR_SEGS)
		memmove(strchr(v->text, '[') - 3, strchr(v->text, '['),
			strlen(strchr(v->text, '[')) + 1);
	if (v->ctxt->b >= 0xd8 && v->ctxt->b <= 0xdf && strstr(v->text, "com")) {
		remove_all(v->text, "st0, ");
		remove_all(v->ztext, "st0, ");
	}
	if (v->insn.attributes & ZYDIS_ATTRIB_HAS_NOTRACK)
		remove_all(v->text, "ds:");
}
