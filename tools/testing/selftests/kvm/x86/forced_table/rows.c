// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <linux/string.h>

#include "walk.h"
#include "../x86/forced_table/rows.h"

static struct table_row list[MAX_ROWS];
static unsigned int nr_list;
static struct x86_features features;
static void (*guest_cpuid)(u32 *eax, u32 *ebx, u32 *ecx, u32 *edx);

static bool has_operand(const struct row *r, u8 code)
{
	return r->op->operand[0] == code || r->op->operand[1] == code ||
	       r->op->operand[2] == code;
}

static bool has_flag(const struct row *r, u8 flag)
{
	unsigned int i;

	for (i = 0; i < MAX_OPERANDS; i++)
		if (operand_info[r->op->operand[i]].flags & flag)
			return true;
	return false;
}

static bool has_kind(const struct row *r, u8 kind)
{
	unsigned int i;

	for (i = 0; i < MAX_OPERANDS; i++)
		if (operand_info[r->op->operand[i]].kind == kind)
			return true;
	return false;
}

/* Operands of a symbolic size, an implicit stack, or no operands: prefixes matter. */
static bool is_sized(const struct row *r)
{
	unsigned int i;

	if (r->opsize > 0 || r->op->flags & (F_NOSIZE | F_FORCE64))
		return false;
	if (r->op->flags & (F_STACK | F_NEAR | F_IMPL) || !r->op->operand[0])
		return true;
	for (i = 0; i < MAX_OPERANDS; i++)
		if (operand_info[r->op->operand[i]].size > 64)
			return true;
	return false;
}

/* What user mode of another operating system could not do, or what leaves the code segment. */
static bool is_system(const struct row *r)
{
	static const char *const names[] = {
		"retf", "int3", "into", "les", "lds", "lss", "lfs", "lgs", "cli", "sti", "invlpg",
		"verr", "verw", "lar", "lsl", "arpl", "syscall", "sysret", "sysenter", "sysexit",
		"swapgs", "rdfsbase", "rdgsbase", "wrfsbase", "wrgsbase", "rdpid", "xgetbv", "clac",
		"stac", "invpcid", "clflush", "clflushopt", "clwb", "vmcall", "mwaitx", "monitorx",
		"rdpkru", "wrpkru", "clzero",
	};
	u32 flags = r->op->flags;
	unsigned int i;

	if (flags & (F_PRIV | F_PROT) || r->op->intercept || has_kind(r, OPK_FAR) ||
	    has_operand(r, OC_Mp) || has_operand(r, OC_Sw) || has_kind(r, OPK_SEG))
		return true;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(r->op->name, names[i]))
			return true;
	return false;
}

static void fill(struct table_row *t, const struct row *r)
{
	u32 flags = r->op->flags;

	snprintf(t->text, sizeof(t->text), "%s", row_name(r));
	t->name = r->op->name;
	t->map = r->map;
	t->opcode = r->b;
	t->modrm = row_needs_modrm(r);
	t->memory = row_takes_memory(r);
	t->reg = row_takes_register(r) || !has_flag(r, OPF_RM);
	t->sized = is_sized(r);
	t->immediate = has_kind(r, OPK_IMM) || has_kind(r, OPK_IMMS);
	t->lock = flags & F_LOCK;
	t->rmw = operand_info[r->op->operand[0]].flags & OPF_MEM && !(flags & (F_WO | F_RO));
	t->accesses = has_flag(r, OPF_MEM);
	t->string = flags & F_STRING;
	t->vector = flags & F_SSE;
	t->mmx = flags & F_MMX;
	t->bit_offset = has_operand(r, OC_EvG);
	t->by_one = has_operand(r, OC_1);
	t->offset = has_kind(r, OPK_OFFSET);
	t->far = has_kind(r, OPK_FAR);
	t->sreg = has_operand(r, OC_Sw);
	t->creg = has_operand(r, OC_Cd);
	t->dreg = has_operand(r, OC_Dd);
	t->implemented = row_implemented(r);
	t->absent = flags & F_CPUID_BIT &&
		    !(features.bits[r->op->cpuid / 64] >> (r->op->cpuid % 64) & 1);
	t->system = is_system(r);
}

static void get_cpuid(struct x86_emulate_ctxt *ctxt, u32 *eax, u32 *ebx, u32 *ecx, u32 *edx)
{
	guest_cpuid(eax, ebx, ecx, edx);
}

void table_cpuid(void (*cpuid)(u32 *eax, u32 *ebx, u32 *ecx, u32 *edx))
{
	static const struct x86_emulate_ops ops = { .get_cpuid = get_cpuid };
	static struct x86_emulate_ctxt ctxt = { .ops = &ops };

	guest_cpuid = cpuid;
	x86_emulate_features(&ctxt, &features);
}

unsigned int table_open(void)
{
	unsigned int i;

	walk_tables();
	if (walk_errors)
		return 0;
	for (i = 0; i < nr_rows; i++) {
		if (!row_implemented(&rows[i]) || row_is_vex(&rows[i]))
			continue;
		list[nr_list].index = i;
		fill(&list[nr_list++], &rows[i]);
	}
	return nr_list;
}

const struct table_row *table_row(unsigned int i)
{
	return i < nr_list ? &list[i] : NULL;
}

bool table_encode(const struct table_row *t, struct table_insn *insn)
{
	struct encoding e = {
		.mode = insn->bits == 64 ? X86EMUL_MODE_PROT64 :
			insn->bits == 32 ? X86EMUL_MODE_PROT32 :
			insn->real ? X86EMUL_MODE_REAL : X86EMUL_MODE_PROT16,
		.op_bytes = insn->op_bytes, .memory = insn->memory, .lock = insn->lock,
		.rep = insn->rep, .reg = insn->reg, .rm = insn->rm, .imm = insn->imm,
	};

	if (!encode_row(&rows[t->index], &e))
		return false;
	memcpy(insn->bytes, e.bytes, sizeof(insn->bytes));
	insn->len = e.len;
	insn->size = e.size;
	return true;
}

static int fetch_nothing(struct x86_emulate_ctxt *ctxt, unsigned long la, void *data,
			 unsigned int bytes)
{
	memset(data, 0, bytes);
	return X86EMUL_CONTINUE;
}

const struct table_row *table_find(const uint8_t *bytes, unsigned int len, int bits)
{
	static const struct x86_emulate_ops ops = { .fetch = fetch_nothing };
	static unsigned long gpr[X86_NR_GPRS];
	static struct x86_emulate_ctxt ctxt;
	static struct table_row found;
	unsigned int i;

	ctxt.ops = &ops;
	ctxt.gpr = gpr;
	ctxt.mode = bits == 64 ? X86EMUL_MODE_PROT64 : bits == 32 ? X86EMUL_MODE_PROT32 :
		    X86EMUL_MODE_PROT16;
	if (x86_decode_insn(&ctxt, bytes, len) != X86EMUL_CONTINUE)
		return NULL;
	for (i = 0; i < nr_rows && rows[i].op != ctxt.op; i++)
		;
	if (i == nr_rows)
		return NULL;
	fill(&found, &rows[i]);
	return &found;
}
