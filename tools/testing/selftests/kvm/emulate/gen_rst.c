// SPDX-License-Identifier: GPL-2.0-only
/*
 * emulated-instructions.rst, from the tables and from what the tests before this
 * group executed. EMUTEST_RST names the file; without it the text is only checked.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "emulate/features.h"
#include "tap.h"
#include "walk.h"

static const char *const intercepts[X86_NR_INTERCEPTS] = {
#define ICPT(name)	[x86_intercept_##name] = #name
	ICPT(cr_read), ICPT(cr_write), ICPT(clts), ICPT(lmsw), ICPT(smsw), ICPT(dr_read),
	ICPT(dr_write), ICPT(lidt), ICPT(sidt), ICPT(lgdt), ICPT(sgdt), ICPT(lldt),
	ICPT(sldt), ICPT(ltr), ICPT(str), ICPT(rdtsc), ICPT(rdpmc), ICPT(pushf),
	ICPT(popf), ICPT(cpuid), ICPT(rsm), ICPT(iret), ICPT(intn), ICPT(invd),
	ICPT(pause), ICPT(hlt), ICPT(invlpg), ICPT(invlpga), ICPT(vmrun), ICPT(vmload),
	ICPT(vmsave), ICPT(vmmcall), ICPT(stgi), ICPT(clgi), ICPT(skinit), ICPT(rdtscp),
	ICPT(rdpid), ICPT(icebp), ICPT(wbinvd), ICPT(monitor), ICPT(mwait), ICPT(rdmsr),
	ICPT(wrmsr), ICPT(in), ICPT(ins), ICPT(out), ICPT(outs), ICPT(xsetbv),
	ICPT(invpcid), ICPT(rdpru), ICPT(rdrand), ICPT(rdseed),
#undef ICPT
};

static const char *const map_names[NR_OPCODE_MAPS] = {
	"one byte", "0F", "0F38", "0F3A", "VEX 0F", "VEX 0F38", "VEX 0F3A",
	"EVEX 0F", "EVEX 0F38", "EVEX 0F3A", "EVEX map 5", "EVEX map 6",
};

enum status { EMULATED, KNOWN_ONLY, OPAQUE, UNDEFINED, NR_STATUS };

static enum status row_status(const struct row *row)
{
	if (row_implemented(row))
		return EMULATED;
	if (!row->op->name || row->op->flags & (F_UD | F_PREFIX))
		return UNDEFINED;
	return row->op->flags & F_OPAQUE ? OPAQUE : KNOWN_ONLY;
}

static void put_opcode(FILE *f, const struct row *row)
{
	char text[96], *mnemonic;

	snprintf(text, sizeof(text), "%s", row_name(row));
	mnemonic = strrchr(text, ' ');
	if (mnemonic)
		*mnemonic = '\0';
	fprintf(f, "%s", text);
}

static void put_operands(FILE *f, const struct row *row)
{
	unsigned int i;

	for (i = 0; i < ARRAY_LEN(row->op->operand) && row->op->operand[i]; i++)
		fprintf(f, "%s%s", i ? ", " : "", operand_info[row->op->operand[i]].name);
}

static const char *modes(const struct row *row)
{
	bool real = row_in_mode(row, X86EMUL_MODE_REAL);
	bool prot = row_in_mode(row, X86EMUL_MODE_PROT32);

	if (!row_in_mode(row, X86EMUL_MODE_PROT64))
		return real ? "not 64-bit" : "protected, not 64-bit";
	if (!prot)
		return "64-bit";
	return real ? "all" : "protected";
}

static const char *privilege(const struct row *row)
{
	if (row->op->flags & F_PRIV)
		return row->op->check ? "CPL 0, check" : "CPL 0";
	if (row->op->flags & F_CPL_IOPL)
		return "IOPL";
	return row->op->check ? "check" : "";
}

static const char *lock(const struct row *row)
{
	if (row->op->flags & F_LOCKED)
		return "implied";
	return row->op->flags & F_LOCK ? "yes" : "";
}

/* The guest tests walk the rows of the legacy maps. Empty: not at all. */
static const char *tested(const struct row *row)
{
	static char text[40];
	unsigned int by = was_executed(row->op);

	if (row_status(row) != EMULATED)
		return "decode";
	snprintf(text, sizeof(text), "%s%s%s", by & BY_NATIVE ? "native " : "",
		 by & BY_CASE ? "cases " : "", by && !row_is_vex(row) ? "guest " : "");
	if (*text)
		text[strlen(text) - 1] = '\0';
	return text;
}

static void put_row(FILE *f, const struct row *row)
{
	const struct opcode *op = row->op;

	fprintf(f, "   \"");
	put_opcode(f, row);
	fprintf(f, "\", \"%s\", \"", op->name);
	put_operands(f, row);
	fprintf(f, "\", \"%s\", \"%s\", \"%s\", \"%s\", \"%s\", \"%s\"\n", modes(row),
		op->flags & F_CPUID_BIT ? x86_feature_name(op->cpuid) : "", lock(row),
		privilege(row), intercepts[op->intercept] ? intercepts[op->intercept] : "",
		tested(row));
}

static void put_summary(FILE *f)
{
	unsigned int count[NR_OPCODE_MAPS + 1][NR_STATUS] = { 0 }, i, s;

	for (i = 0; i < nr_rows; i++) {
		count[rows[i].map][row_status(&rows[i])]++;
		count[NR_OPCODE_MAPS][row_status(&rows[i])]++;
	}
	fprintf(f, ".. csv-table::\n"
		"   :header: map, emulated, described only, opaque, #UD\n\n");
	for (i = 0; i <= NR_OPCODE_MAPS; i++) {
		fprintf(f, "   %s", i < NR_OPCODE_MAPS ? map_names[i] : "all");
		for (s = 0; s < NR_STATUS; s++)
			fprintf(f, ", %u", count[i][s]);
		fprintf(f, "\n");
	}
}

static const char introduction[] =
	".. SPDX-License-Identifier: GPL-2.0-only\n\n"
	"=====================\nEmulated instructions\n=====================\n\n"
	"Generated from the opcode tables by \"make docs-table\". One line is one row of the\n"
	"tables, in the operand letters of emulator.rst. Rows that are #UD are counted only.\n"
	"Opaque rows end in X86EMUL_UNHANDLEABLE when they are decoded; what is described only\n"
	"decodes and does not run.\n\n"
	"Tested: native, compared with the CPU of the machine that generated this; cases, with\n"
	"expected results; guest, forced through the emulator in a guest and compared there;\n"
	"decode, by its length and text only.\n\n";

static void put_rows(FILE *f)
{
	unsigned int i, map = NR_OPCODE_MAPS;

	for (i = 0; i < nr_rows; i++) {
		enum status s = row_status(&rows[i]);

		if (s != EMULATED && s != KNOWN_ONLY)
			continue;
		if (rows[i].map != map) {
			map = rows[i].map;
			fprintf(f, "\n.. csv-table:: %s\n   :header: opcode, mnemonic, operands, "
				"modes, CPUID, LOCK, privilege, intercept, tested\n\n",
				map_names[map]);
		}
		put_row(f, &rows[i]);
	}
}

/* Lines of rows in @text, each with the nine columns. */
static unsigned int count_lines(const char *text)
{
	unsigned int n = 0, quotes = 0;

	for (; *text; text++) {
		quotes += *text == '"';
		if (*text != '\n')
			continue;
		n += quotes == 18;
		quotes = 0;
	}
	return n;
}

static bool write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");
	bool ok = f && fputs(text, f) >= 0;

	return f && !fclose(f) && ok;
}

void document_tests(void)
{
	const char *path = getenv("EMUTEST_RST");
	unsigned int i, want = 0, untested = 0;
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f) {
		tap_result(false, "no memory", "document");
		return;
	}
	fputs(introduction, f);
	put_summary(f);
	put_rows(f);
	fclose(f);
	for (i = 0; i < nr_rows; i++) {
		enum status s = row_status(&rows[i]);

		want += s == EMULATED || s == KNOWN_ONLY;
		if (*tested(&rows[i]))
			continue;
		untested++;
		tap_note("not tested: %s", row_name(&rows[i]));
	}
	tap_result(count_lines(text) == want, "lines are missing", "document: a line for each of %u rows",
		   want);
	tap_result(!untested, "see above", "document: every emulated row says how it is tested");
	if (path)
		tap_result(write_file(path, text), "cannot write it", "document: %s", path);
	free(text);
}
