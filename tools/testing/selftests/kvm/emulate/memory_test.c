// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory operands, derived from the rows: on a device each row makes exactly the
 * accesses its flags say and has the result it has in RAM; a page or a segment
 * that does not allow the access faults with nothing changed.
 */
#include <stdio.h>
#include <linux/string.h>
#include "cases.h"
#include "tap.h"
#include "walk.h"

static struct machine machine, ram;
static struct mstate before;
static unsigned int checks, bad;

enum { READS = 1, WRITES = 2 };

/* Which accesses @row makes to its ModRM memory operand; 0: none. */
static unsigned int accesses(const struct row *row)
{
	unsigned int i;

	if (!row_implemented(row) || !row_takes_memory(row))
		return 0;
	for (i = 0; i < MAX_OPERANDS; i++) {
		u8 f = operand_info[row->op->operand[i]].flags;

		if (!(f & OPF_RM) || !(f & OPF_MEM))
			continue;
		if (i)
			return READS;
		return (row->op->flags & F_WO ? 0 : READS) | (row->op->flags & F_RO ? 0 : WRITES);
	}
	return 0;
}

static void init(struct machine *m, enum x86emul_mode mode, u64 rbx)
{
	static const u8 content[16] = { 0x20 };

	machine_init(m, mode, 0);
	m->s.gpr[X86_REG_RBX] = rbx;
	m->s.gpr[X86_REG_RAX] = 0x140;
	m->s.gpr[X86_REG_RDX] = 0;
	m->s.gpr[X86_REG_RCX] = 0;	/* bit offset of BT */
	m->s.gpr[X86_REG_R9] = 0;
	memset(m->s.vec[0], 0xff, 32);	/* VMASKMOV: all elements */
	machine_poke(m, rbx, content, sizeof(content));
}

static void report(bool pass, const struct row *row, const struct encoding *e, const char *what,
		   const char *why)
{
	checks++;
	if (pass)
		return;
	bad++;
	tap_result(false, why, "memory: %s %u-bit %s%s: %s", mode_names[e->mode], e->size * 8,
		   e->lock ? "lock " : "", row_name(row), what);
}

static bool same_outcome(char *why, size_t size)
{
	u64 at = machine.s.gpr[X86_REG_RBX];
	u8 a[16], b[16];
	unsigned int i;

	if (machine.result != ram.result) {
		snprintf(why, size, "result is %d, in RAM %d", machine.result, ram.result);
		return false;
	}
	for (i = 0; i < X86_NR_GPRS; i++)
		if (i != X86_REG_RBX && machine.s.gpr[i] != ram.s.gpr[i]) {
			snprintf(why, size, "r%u is %lx, in RAM %lx", i, machine.s.gpr[i],
				 ram.s.gpr[i]);
			return false;
		}
	machine_peek(&machine, at, a, sizeof(a));
	machine_peek(&ram, ram.s.gpr[X86_REG_RBX], b, sizeof(b));
	if (memcmp(a, b, sizeof(a)) || machine.s.eflags != ram.s.eflags ||
	    machine.s.eip != ram.s.eip || memcmp(machine.s.vec, ram.s.vec, sizeof(ram.s.vec)) ||
	    memcmp(machine.s.x87, ram.s.x87, sizeof(ram.s.x87))) {
		snprintf(why, size, "memory, flags, rip or vectors are not as in RAM");
		return false;
	}
	return true;
}

static bool log_as_expected(unsigned int want, char *why, size_t size)
{
	unsigned int i, reads = 0, writes = 0;
	bool order = true;

	for (i = 0; i < machine.nr_log; i++) {
		if (machine.log[i].kind == ACC_MMIO_READ)
			order &= !writes, reads++;
		else
			writes++;
	}
	snprintf(why, size, "%u reads, %u writes, %u exits, %s", reads, writes, machine.exits,
		 machine.error);
	return reads == !!(want & READS) && writes == !!(want & WRITES) && order &&
	       machine.exits == reads && !machine.errors;
}

/* The same row on a device and in RAM. */
static void check_device(const struct row *row, const struct encoding *e)
{
	char why[200];

	init(&ram, e->mode, LA_DATA + 0x40);
	machine_code(&ram, e->bytes, e->len);
	machine_run(&ram);
	init(&machine, e->mode, LA_MMIO + 0x40);
	machine_code(&machine, e->bytes, e->len);
	machine_run(&machine);
	report(same_outcome(why, sizeof(why)), row, e, "on a device as in RAM", why);
	if (ram.result == EMULATION_OK)
		report(log_as_expected(accesses(row), why, sizeof(why)), row, e,
		       "accesses to the device", why);
}

/* Run at @rbx and demand the fault, with nothing changed. */
static void check_fault(const struct row *row, const struct encoding *e, u8 vec, u32 code,
			u64 address, const char *what)
{
	const struct x86_exception *x = &machine.ctxt.exception;
	const char *diff;
	char why[256];

	machine_code(&machine, e->bytes, e->len);
	before = machine.s;
	machine_run(&machine);
	diff = state_diff(&machine.s, &before);
	snprintf(why, sizeof(why), "result %d, #%u(%x)@%llx, %s", machine.result, x->vector,
		 x->error_code, x->address, diff ? diff : "state unchanged");
	report(machine.result == EMULATION_FAULT && x->vector == vec && x->error_code == code &&
	       x->address == address && !diff && !machine.nr_log && !machine.errors,
	       row, e, what, why);
}

/* More than a byte? A row of known size decides by the operand that was decoded. */
static unsigned int access_size(void)
{
	const struct x86_emulate_ctxt *c = &machine.ctxt;

	if (c->dst.type == OP_MEM)
		return c->dst.bytes;
	return c->src2.type == OP_MEM ? c->src2.bytes : c->src.bytes;
}

static void check_faults(const struct row *row, const struct encoding *e)
{
	unsigned int want = accesses(row), size;
	u32 write = want & WRITES ? 2 : 0;

	init(&machine, e->mode, LA_DATA);
	machine_code(&machine, e->bytes, e->len);
	machine_decode(&machine);
	size = access_size();
	init(&machine, e->mode, LA_HOLE);
	check_fault(row, e, EXC_PF, write, LA_HOLE, "a hole");
	if (size > 1 && !(row->op->flags & F_ALIGN)) {
		init(&machine, e->mode, LA_HOLE - 1);
		check_fault(row, e, EXC_PF, write, LA_HOLE, "the second page is a hole");
		init(&machine, e->mode, LA_MMIO + 0x1fff);
		check_fault(row, e, EXC_PF, write, LA_MMIO + 0x2000, "a hole after a device");
	}
	if (write) {
		init(&machine, e->mode, LA_RO);
		check_fault(row, e, EXC_PF, 3, LA_RO, "a read-only page");
	}
	if (e->mode == X86EMUL_MODE_PROT64) {
		init(&machine, e->mode, 0x800000000000ul);
		check_fault(row, e, EXC_GP, 0, 0, "not canonical");
		return;
	}
	init(&machine, e->mode, LA_DATA);
	machine.s.seg[X86_SEG_DS].limit = LA_DATA + size - 2;
	check_fault(row, e, EXC_GP, 0, 0, "beyond the limit");
	if (e->mode < X86EMUL_MODE_PROT16)
		return;
	init(&machine, e->mode, LA_DATA);
	machine.s.seg[X86_SEG_DS].attr |= X86_SEG_UNUSABLE;
	check_fault(row, e, EXC_GP, 0, 0, "a NULL selector");
	if (write) {
		init(&machine, e->mode, LA_DATA);
		machine.s.seg[X86_SEG_DS].attr &= ~X86_SEG_WRITABLE;
		check_fault(row, e, EXC_GP, 0, 0, "a read-only segment");
	}
}

static void each_encoding(void (*check)(const struct row *row, const struct encoding *e),
			  const char *what)
{
	static const u8 modes[] = { X86EMUL_MODE_PROT64, X86EMUL_MODE_PROT32, X86EMUL_MODE_REAL };
	unsigned int i, m;

	checks = bad = 0;
	for (i = 0; i < nr_rows; i++) {
		if (!accesses(&rows[i]))
			continue;
		for (m = 0; m < ARRAY_LEN(modes) * 6; m++) {
			struct encoding e = { .mode = modes[m / 6], .op_bytes = 2 << m / 2 % 3,
					      .lock = m & 1, .memory = true, .reg = 1, .imm = 1 };

			if ((e.lock && !(rows[i].op->flags & F_LOCK)) || !encode_row(&rows[i], &e))
				continue;
			check(&rows[i], &e);
		}
	}
	tap_result(!bad && checks, "see above", "memory: %s (%u checks)", what, checks);
}

void memory_tests(void)
{
	each_encoding(check_device, "devices are read once and written once");
	each_encoding(check_faults, "faults change nothing");
}
