// SPDX-License-Identifier: GPL-2.0-only
/* What must not run, derived from the rows: LOCK, privilege, mode. State stays as it was. */
#include <stdio.h>
#include <linux/string.h>
#include "cases.h"
#include "tap.h"
#include "walk.h"

static struct machine machine;
static struct mstate before;
static unsigned int checks, bad;

static void init(enum x86emul_mode mode, int cpl)
{
	machine_init(&machine, mode, cpl);
	machine.s.gpr[X86_REG_RBX] = LA_DATA + 0x100;
}

/* Run @e and demand exception @vec and an untouched machine. */
static void must_fault(const struct row *row, const struct encoding *e, int vec, const char *what)
{
	const struct x86_exception *x = &machine.ctxt.exception;
	const char *diff;
	char why[256];

	checks++;
	machine_code(&machine, e->bytes, e->len);
	before = machine.s;
	machine_run(&machine);
	diff = state_diff(&machine.s, &before);
	if (machine.result == EMULATION_FAULT && machine.ctxt.have_exception && x->vector == vec &&
	    !x->error_code && x->error_code_valid == (vec == EXC_GP) && !diff && !machine.nr_log)
		return;
	bad++;
	snprintf(why, sizeof(why), "%02x %02x %02x %02x %02x %02x: result %d, #%u(%x), %s",
		 e->bytes[0], e->bytes[1], e->bytes[2], e->bytes[3], e->bytes[4], e->bytes[5],
		 machine.result, x->vector, x->error_code, diff ? diff : "state unchanged");
	tap_result(false, why, "negative: %s in %s: %s", what, mode_names[e->mode], row_name(row));
}

static bool is_row(const struct row *row)
{
	return row->op->name && !(row->op->flags & F_UD);
}

static enum x86emul_mode some_mode(const struct row *row)
{
	return row_in_mode(row, X86EMUL_MODE_PROT64) ? X86EMUL_MODE_PROT64 : X86EMUL_MODE_PROT32;
}

/* LOCK where the row does not take it, or on a register. */
static void lock_negative(const struct row *row)
{
	struct encoding e = { .mode = some_mode(row), .lock = true, .reg = 1, .rm = 2 };

	if (!is_row(row))
		return;
	init(e.mode, 0);
	if (encode_row(row, &e))
		must_fault(row, &e, EXC_UD, "LOCK, register");
	e.memory = true;
	if (!(row->op->flags & F_LOCK) && row_takes_memory(row) && encode_row(row, &e)) {
		init(e.mode, 0);
		must_fault(row, &e, EXC_UD, "LOCK, memory");
	}
}

static void privilege_negative(const struct row *row)
{
	static const u8 modes[] = { X86EMUL_MODE_PROT64, X86EMUL_MODE_PROT32, X86EMUL_MODE_VM86 };
	unsigned int i;

	if (!row_implemented(row) || !(row->op->flags & (F_PRIV | F_CPL_IOPL)))
		return;
	for (i = 0; i < ARRAY_LEN(modes); i++) {
		struct encoding e = { .mode = modes[i], .memory = row_takes_memory(row) };

		if (!encode_row(row, &e))
			continue;
		init(e.mode, 3);
		machine.s.eflags &= ~EFLG_IOPL;
		must_fault(row, &e, EXC_GP, "CPL 3");
	}
}

/* A 64-bit-only or non-64-bit row in the other mode: encode where it exists, run elsewhere. */
static void mode_negative(const struct row *row)
{
	struct encoding e = { .reg = 1, .rm = 2, .memory = row_takes_memory(row) };

	if (!is_row(row))
		return;
	if (row->op->flags & F_NO64 && row->mode64 < 0 &&
	    !(row->map == MAP_ONE_BYTE &&
	      ((row->b & 0xf0) == 0x40 || row->b == 0xc4 || row->b == 0xc5 || row->b == 0x62))) {
		e.mode = X86EMUL_MODE_PROT32;
		if (encode_row(row, &e)) {
			init(X86EMUL_MODE_PROT64, 0);
			must_fault(row, &e, EXC_UD, "not in 64-bit mode");
		}
	}
	if (row->op->flags & F_ONLY64 && row->mode64 < 0 && row->w != 1) {
		e.mode = X86EMUL_MODE_PROT64;
		if (encode_row(row, &e)) {
			init(X86EMUL_MODE_PROT32, 0);
			must_fault(row, &e, EXC_UD, "64-bit only");
		}
	}
	if (row->op->flags & F_PROT) {
		e.mode = X86EMUL_MODE_PROT16;
		if (encode_row(row, &e)) {
			init(X86EMUL_MODE_REAL, 0);
			must_fault(row, &e, EXC_UD, "protected mode only");
			init(X86EMUL_MODE_VM86, 3);
			must_fault(row, &e, EXC_UD, "protected mode only, vm86");
		}
	}
}

/* CR0.EM, CR0.TS and CR4.OSFXSR decide about vector rows. */
static void vector_negative(const struct row *row)
{
	struct encoding e = { .mode = some_mode(row), .reg = 1, .rm = 2,
			      .memory = row_takes_memory(row) };

	if (!row_implemented(row) || !(row->op->flags & (F_SSE | F_MMX)) || !encode_row(row, &e))
		return;
	init(e.mode, 0);
	machine.s.cr[0] |= CR0_EM;
	must_fault(row, &e, EXC_UD, "CR0.EM");
	init(e.mode, 0);
	machine.s.cr[0] |= CR0_TS;
	must_fault(row, &e, EXC_NM, "CR0.TS");
	if (row->op->flags & F_SSE) {
		init(e.mode, 0);
		machine.s.cr[4] &= ~CR4_OSFXSR;
		must_fault(row, &e, EXC_UD, "CR4.OSFXSR");
	}
	if (row->op->flags & F_ALIGN && e.memory) {
		init(e.mode, 0);
		machine.s.gpr[X86_REG_RBX] += 8;
		must_fault(row, &e, EXC_GP, "unaligned");
	}
}

/* Only with what the guest's CPUID says. */
static void cpuid_negative(const struct row *row)
{
	struct encoding e = { .mode = some_mode(row), .reg = 1, .rm = 2,
			      .memory = row_takes_memory(row) };
	u8 f = row->op->cpuid;

	if (!row_implemented(row) || !(row->op->flags & F_CPUID_BIT) || !encode_row(row, &e))
		return;
	init(e.mode, 0);
	machine.features.bits[f / 64] &= ~(1ull << (f % 64));
	must_fault(row, &e, EXC_UD, x86_feature_name(f));
}

/* CR4.OSXSAVE, XCR0 and CR0.TS decide about rows of AVX and AVX-512. */
static void avx_negative(const struct row *row)
{
	bool wide = row_is_evex(row) || row->op->flags & F_OPMASK;
	struct encoding e = { .mode = some_mode(row), .reg = 1, .rm = 2,
			      .memory = row_takes_memory(row) };
	unsigned int bit;

	if (!row_implemented(row) || !(row->op->flags & (F_AVX | F_OPMASK)) || !encode_row(row, &e))
		return;
	init(e.mode, 0);
	machine.s.cr[4] &= ~CR4_OSXSAVE;
	must_fault(row, &e, EXC_UD, "CR4.OSXSAVE");
	for (bit = 1; bit < 8; bit++) {
		if (!((wide ? XCR0_AVX512 : XCR0_AVX) & BIT(bit)))
			continue;
		init(e.mode, 0);
		machine.s.xcr0 &= ~BIT(bit);
		must_fault(row, &e, EXC_UD, "XCR0");
	}
	init(e.mode, 0);
	machine.s.cr[0] |= CR0_TS;
	must_fault(row, &e, EXC_NM, "CR0.TS");
	if (row->op->flags & F_ALIGN && e.memory) {
		init(e.mode, 0);
		machine.s.gpr[X86_REG_RBX] += 8;
		must_fault(row, &e, EXC_GP, "unaligned");
	}
}

/* Register numbers of VEX that no operand is. */
static void vvvv_negative(const struct row *row)
{
	struct encoding e = { .mode = some_mode(row), .reg = 1, .rm = 2,
			      .memory = row_takes_memory(row), .vex3 = true };

	if (!row_is_vex(row) || !is_row(row) || row->op->opf & OPF_VVVV || !encode_row(row, &e))
		return;
	e.bytes[2] ^= 0x08;
	init(e.mode, 0);
	must_fault(row, &e, EXC_UD, "vvvv");
	if (!row_is_evex(row))
		return;
	e.bytes[2] ^= 0x08;
	e.bytes[3] ^= 0x08;
	init(e.mode, 0);
	must_fault(row, &e, EXC_UD, "V'");
}

/* What is undefined is #UD; what is only known by name changes nothing. */
static void absent_negative(const struct row *row)
{
	struct encoding e = { .mode = some_mode(row), .reg = 1, .rm = 2 };
	const char *diff;

	if (row_implemented(row))
		return;
	e.memory = row_takes_memory(row) || row->mod == 0;
	if (!encode_row(row, &e))
		return;
	init(e.mode, 0);
	if (!is_row(row)) {
		must_fault(row, &e, EXC_UD, "undefined");
		return;
	}
	checks++;
	machine_code(&machine, e.bytes, e.len);
	before = machine.s;
	machine_run(&machine);
	diff = state_diff(&machine.s, &before);
	if (machine.result == EMULATION_FAILED && !diff)
		return;
	bad++;
	tap_result(false, diff, "negative: known, not emulated: %s gives %d", row_name(row),
		   machine.result);
}

/* EMULTYPE_TRAP_UD: rows without EmulateOnUD are not touched. */
static void trap_ud_negative(const struct row *row)
{
	struct encoding e = { .mode = some_mode(row), .reg = 1, .rm = 2,
			      .memory = row_takes_memory(row) };
	const char *diff;

	if (!row_implemented(row) || row->op->flags & F_UD_OK || !encode_row(row, &e))
		return;
	init(e.mode, 0);
	machine.ud_only = true;
	checks++;
	machine_code(&machine, e.bytes, e.len);
	before = machine.s;
	machine_run(&machine);
	diff = state_diff(&machine.s, &before);
	if (machine.result == EMULATION_FAILED && !diff)
		return;
	bad++;
	tap_result(false, diff, "negative: emulated for a plain #UD: %s gives %d", row_name(row),
		   machine.result);
}

static void each_row(void (*fn)(const struct row *row), const char *what)
{
	unsigned int i;

	checks = bad = 0;
	for (i = 0; i < nr_rows; i++)
		fn(&rows[i]);
	tap_result(!bad && checks, bad ? "see above" : "nothing was checked",
		   "negative: %s (%u encodings)", what, checks);
}

void negative_tests(void)
{
	each_row(lock_negative, "LOCK where it is not allowed is #UD");
	each_row(privilege_negative, "privileged rows at CPL 3 are #GP(0)");
	each_row(mode_negative, "rows of another mode are #UD");
	each_row(vector_negative, "vector rows obey CR0, CR4 and alignment");
	each_row(cpuid_negative, "rows beyond the guest's CPUID are #UD");
	each_row(avx_negative, "AVX rows obey CR0, CR4, XCR0 and alignment");
	each_row(vvvv_negative, "vvvv that is no operand is 1111b");
	each_row(absent_negative, "rows without a handler do nothing");
	each_row(trap_ud_negative, "EmulateOnUD only");
}
