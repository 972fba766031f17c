// SPDX-License-Identifier: GPL-2.0-only
/*
 * Repeated string instructions against a model that does one element at a time:
 * random counts, sizes, directions, overlaps, holes, with and without the page
 * for bulk transfers. Then devices, ports, and how much is done at once.
 */
#include <stdio.h>
#include <linux/string.h>
#include "cases.h"
#include "tap.h"

#define AREA		0x20000u	/* pages of RAM for strings */
#define AREA_PAGES	6
#define AREA_BYTES	(AREA_PAGES * MACHINE_PAGE)
#define RUNS		6000

enum { MOVS = 0xa4, CMPS = 0xa6, STOS = 0xaa, LODS = 0xac, SCAS = 0xae };

static struct machine machine;
static u8 bulk[MACHINE_PAGE];

/* The state of the model; @area mirrors the machine's memory. */
struct model {
	u8 area[AREA_BYTES];
	u64 rsi, rdi, rcx, rax;
	u64 flags;
	bool fault;
	u64 address;
	u32 error;
};

static struct model model;

struct run {
	u8 opcode;
	u8 bytes;
	u8 rep;
	bool down;
	int hole;		/* page of the area that is missing, or -1 */
	u64 rsi, rdi, rcx, rax;
};

static void setup(const struct run *r, bool use_bulk)
{
	unsigned int i;

	machine_init(&machine, X86EMUL_MODE_PROT64, 0);
	for (i = 0; i < AREA_PAGES; i++)
		if ((int)i != r->hole)
			machine_page(&machine, AREA + i * MACHINE_PAGE, PG_RAM);
	for (i = 0; i < AREA_PAGES; i++)
		machine_poke(&machine, AREA + i * MACHINE_PAGE, model.area + i * MACHINE_PAGE,
			     MACHINE_PAGE);
	machine.bulk_page = use_bulk ? bulk : NULL;
	machine.s.gpr[X86_REG_RSI] = r->rsi;
	machine.s.gpr[X86_REG_RDI] = r->rdi;
	machine.s.gpr[X86_REG_RCX] = r->rcx;
	machine.s.gpr[X86_REG_RAX] = r->rax;
	machine.s.eflags |= r->down ? EFLG_DF : 0;
}

static void put_code(const struct run *r)
{
	u8 code[4];
	unsigned int n = 0;

	if (r->bytes == 2)
		code[n++] = 0x66;
	if (r->rep)
		code[n++] = r->rep;
	if (r->bytes == 8)
		code[n++] = 0x48;
	code[n++] = r->opcode + (r->bytes > 1);
	machine_code(&machine, code, n);
}

/* One element of the model's memory; false when a page of it is missing. */
static bool model_access(const struct run *r, u64 la, void *data, bool write)
{
	unsigned int i;

	for (i = 0; i < r->bytes; i++) {
		u64 a = la + i;

		if (a >= AREA && a < AREA + AREA_BYTES &&
		    (int)((a - AREA) / MACHINE_PAGE) != r->hole)
			continue;
		model.fault = true;
		model.address = a;
		model.error = write ? 2 : 0;
		return false;
	}
	if (write)
		memcpy(model.area + (la - AREA), data, r->bytes);
	else
		memcpy(data, model.area + (la - AREA), r->bytes);
	return true;
}

static u64 compare_flags(u64 a, u64 b, unsigned int bytes)
{
	u64 mask = bytes == 8 ? ~0ull : (1ull << bytes * 8) - 1, r = (a - b) & mask;
	u64 sign = 1ull << (bytes * 8 - 1), f = 0;

	a &= mask;
	b &= mask;
	f |= a < b ? EFLG_CF : 0;
	f |= __builtin_parity(r & 0xff) ? 0 : EFLG_PF;
	f |= (a ^ b ^ r) & 0x10 ? EFLG_AF : 0;
	f |= r ? 0 : EFLG_ZF;
	f |= r & sign ? EFLG_SF : 0;
	f |= (a ^ b) & (a ^ r) & sign ? EFLG_OF : 0;
	return f;
}

/* One iteration; false when it faults. */
static bool model_step(const struct run *r, u64 delta)
{
	u64 a = 0, b = 0;
	bool source = r->opcode == MOVS || r->opcode == CMPS || r->opcode == LODS;
	bool dest = r->opcode != LODS;
	bool compares = r->opcode == CMPS || r->opcode == SCAS;

	if (source && !model_access(r, model.rsi, &a, false))
		return false;
	if (!source)
		a = model.rax;
	if (dest && !model_access(r, model.rdi, compares ? &b : &a, !compares))
		return false;
	if (r->opcode == LODS) {
		u64 mask = r->bytes >= 4 ? 0 : ~0ull << r->bytes * 8;

		model.rax = (model.rax & mask) | a;
	}
	if (compares)
		model.flags = (model.flags & ~EFLG_ARITH) | compare_flags(a, b, r->bytes);
	model.rsi += source ? delta : 0;
	model.rdi += dest ? delta : 0;
	return true;
}

static void run_model(const struct run *r, u64 flags)
{
	u64 delta = r->down ? -(u64)r->bytes : r->bytes;
	bool compares = r->opcode == CMPS || r->opcode == SCAS;

	model.rsi = r->rsi;
	model.rdi = r->rdi;
	model.rcx = r->rcx;
	model.rax = r->rax;
	model.flags = flags;
	model.fault = false;
	while (!r->rep || model.rcx) {
		if (!model_step(r, delta) || !r->rep)
			return;
		model.rcx--;
		if (compares && !(model.flags & EFLG_ZF) == (r->rep == 0xf3))
			return;
	}
}

static bool compare_to_model(char *why, size_t size)
{
	const struct x86_exception *x = &machine.ctxt.exception;
	const unsigned long *g = machine.s.gpr;
	unsigned int i;

	if ((machine.result == EMULATION_FAULT) != model.fault || machine.result < 0 ||
	    (model.fault && (x->vector != EXC_PF || x->address != model.address ||
			     x->error_code != model.error))) {
		snprintf(why, size, "result %d, #%u(%x)@%llx; the model %s (%x)@%llx",
			 machine.result, x->vector, x->error_code, x->address,
			 model.fault ? "faults" : "does not fault", model.error, model.address);
		return false;
	}
	if (g[X86_REG_RSI] != model.rsi || g[X86_REG_RDI] != model.rdi ||
	    g[X86_REG_RCX] != model.rcx || g[X86_REG_RAX] != model.rax) {
		snprintf(why, size, "rsi %lx/%llx rdi %lx/%llx rcx %lx/%llx rax %lx/%llx",
			 g[X86_REG_RSI], model.rsi, g[X86_REG_RDI], model.rdi, g[X86_REG_RCX],
			 model.rcx, g[X86_REG_RAX], model.rax);
		return false;
	}
	/* After a fault the flags are those of before or of what was done. */
	if (!model.fault && (machine.s.eflags ^ model.flags) & EFLG_ARITH) {
		snprintf(why, size, "flags %lx/%llx", machine.s.eflags, model.flags);
		return false;
	}
	for (i = 0; i < AREA_PAGES; i++) {
		struct mpage *pg = machine_find(&machine, AREA + i * MACHINE_PAGE);

		if (!pg || !memcmp(pg->data, model.area + i * MACHINE_PAGE, MACHINE_PAGE))
			continue;
		snprintf(why, size, "memory of page %u differs", i);
		return false;
	}
	if (machine.errors)
		snprintf(why, size, "%s", machine.error);
	return !machine.errors;
}

static void random_run(struct run *r)
{
	static const u8 opcodes[] = { MOVS, CMPS, STOS, LODS, SCAS };
	static const u8 reps[] = { 0xf3, 0xf3, 0xf2, 0 };
	u64 k = test_random();

	r->opcode = opcodes[k % 5];
	r->bytes = 1 << (k >> 8) % 4;
	r->rep = reps[(k >> 16) % 4];
	r->down = (k >> 20) & 1;
	r->hole = (k >> 24) % 3 ? -1 : (int)((k >> 28) % AREA_PAGES);
	r->rcx = (k >> 32) % 4 == 0 ? (k >> 36) % 4 : (k >> 36) % 2500;
	r->rsi = AREA + test_random() % (AREA_BYTES + 8);
	/* Overlapping by a few bytes often. */
	r->rdi = k >> 60 & 1 ? r->rsi + (s64)(test_random() % 64) - 32 :
		 AREA + test_random() % (AREA_BYTES + 8);
	r->rax = test_random();
}

/* Memory that compares equal for long and differs now and then. */
static void random_area(void)
{
	u64 sparse = test_random() & 3;
	unsigned int i;

	memset(model.area, (int)test_random(), sizeof(model.area));
	for (i = 0; i < AREA_BYTES; i++)
		if (!sparse || test_random() % 1000 == 0)
			model.area[i] = test_random();
}

static void check_random(bool use_bulk)
{
	char why[200] = "";
	unsigned int i;
	bool pass = true;
	struct run r;

	for (i = 0; i < RUNS && pass; i++) {
		u64 v;

		random_run(&r);
		if (i % 64 == 0)
			random_area();
		v = model.area[r.rsi % AREA_BYTES];
		if (i & 1)
			r.rax = v * 0x0101010101010101ull;
		setup(&r, use_bulk);
		put_code(&r);
		run_model(&r, machine.s.eflags);
		machine_run_all(&machine, 100000);
		pass = compare_to_model(why, sizeof(why));
	}
	if (!pass)
		tap_note("  %02x rep %02x, %u bytes, %s, hole %d, %llx %llx count %llx rax %llx",
			 r.opcode, r.rep, r.bytes, r.down ? "down" : "up", r.hole, r.rsi, r.rdi,
			 r.rcx, r.rax);
	tap_result(pass, why, "rep: %u random runs %s bulk transfers", i,
		   use_bulk ? "with" : "without");
}

static void start(const u8 *code, unsigned int len, u64 rsi, u64 rdi, u64 rcx)
{
	static const struct run r = { .hole = -1 };

	setup(&r, true);
	machine.s.gpr[X86_REG_RSI] = rsi;
	machine.s.gpr[X86_REG_RDI] = rdi;
	machine.s.gpr[X86_REG_RCX] = rcx;
	machine.s.gpr[X86_REG_RDX] = 0x60;
	machine_code(&machine, code, len);
}

/* Sum of the items that accesses of @kind moved; other kinds must not occur. */
static unsigned int items(enum access_kind kind)
{
	unsigned int i, n = 0;

	for (i = 0; i < machine.nr_log; i++)
		n += machine.log[i].kind == kind ? machine.log[i].count : 100000;
	return n;
}

static void check_devices(void)
{
	unsigned int i, reads = 0, writes = 0;
	char why[120];

	start((const u8 *)"\xf3\xa5", 2, LA_MMIO, AREA, 20);
	machine_run_all(&machine, 1000);
	snprintf(why, sizeof(why), "result %d, %u accesses, %s", machine.result, machine.nr_log,
		 machine.error);
	tap_result(machine.result == EMULATION_OK && items(ACC_MMIO_READ) == 20 &&
		   !machine.errors && !machine.s.gpr[X86_REG_RCX], why,
		   "rep: movsd from a device reads each element once");

	start((const u8 *)"\xf3\xa5", 2, AREA, LA_MMIO, 20);
	machine_run_all(&machine, 1000);
	snprintf(why, sizeof(why), "result %d, %u accesses, %s", machine.result, machine.nr_log,
		 machine.error);
	tap_result(machine.result == EMULATION_OK && items(ACC_MMIO_WRITE) == 20 &&
		   !machine.errors, why, "rep: movsd to a device writes each element once");

	start((const u8 *)"\xf3\xa5", 2, LA_MMIO, LA_MMIO + 0x800, 20);
	machine_run_all(&machine, 1000);
	for (i = 0; i < machine.nr_log; i++) {
		reads += machine.log[i].kind == ACC_MMIO_READ;
		writes += machine.log[i].kind == ACC_MMIO_WRITE;
	}
	snprintf(why, sizeof(why), "result %d, %u reads, %u writes, %s", machine.result, reads,
		 writes, machine.error);
	tap_result(machine.result == EMULATION_OK && reads == 20 && writes == 20 &&
		   !machine.errors, why, "rep: movsd from device to device");

	start((const u8 *)"\xf3\xaa", 2, 0, LA_MMIO + 0xff0, 32);
	machine_run_all(&machine, 1000);
	snprintf(why, sizeof(why), "result %d, %u accesses, %s", machine.result, machine.nr_log,
		 machine.error);
	tap_result(machine.result == EMULATION_OK && items(ACC_MMIO_WRITE) == 32 &&
		   !machine.errors, why, "rep: stosb to a device over two pages");

	start((const u8 *)"\xf3\xaa", 2, 0, AREA + AREA_BYTES - 16, 100);
	machine_run_all(&machine, 1000);
	tap_result(machine.result == EMULATION_FAULT && machine.s.gpr[X86_REG_RCX] == 84 &&
		   machine.s.eip == LA_IP && machine.ctxt.exception.address == AREA + AREA_BYTES,
		   "progress is lost", "rep: a fault keeps the progress and rIP");
}

static void check_ports(void)
{
	unsigned int i;
	bool good = true;
	u8 data[2000];
	char why[120];

	start((const u8 *)"\xf3\x6c", 2, 0, AREA + 0xff0, 2000);
	machine_run_all(&machine, 1000);
	machine_peek(&machine, AREA + 0xff0, data, sizeof(data));
	for (i = 0; i < sizeof(data); i++)
		good &= data[i] == (u8)(0x10 + i);
	snprintf(why, sizeof(why), "result %d, data %d, %u exits for %u items, %s", machine.result,
		 good, machine.nr_log, items(ACC_PIO_IN), machine.error);
	tap_result(machine.result == EMULATION_OK && items(ACC_PIO_IN) == 2000 && good &&
		   machine.nr_log <= 8 && !machine.errors, why,
		   "rep: insb gets every item once, many per exit");

	start((const u8 *)"\xf3\x6f", 2, AREA + 0xff2, 0, 1000);
	for (i = 0; i < 1000; i++)
		machine_poke(&machine, AREA + 0xff2 + i * 4, &i, 4);
	machine_run_all(&machine, 1000);
	snprintf(why, sizeof(why), "result %d, %u exits for %u items, %s", machine.result,
		 machine.nr_log, items(ACC_PIO_OUT), machine.error);
	tap_result(machine.result == EMULATION_OK && items(ACC_PIO_OUT) == 1000 &&
		   machine.nr_log <= 8 && !machine.errors, why,
		   "rep: outsd gives every item once, many per exit");

	start((const u8 *)"\xf3\x6d", 2, 0, LA_HOLE, 4);
	machine_run_all(&machine, 1000);
	tap_result(machine.result == EMULATION_FAULT && !machine.nr_log,
		   "the port was read first", "rep: insd to a hole leaves the port alone");

	start((const u8 *)"\xf3\x6d", 2, 0, LA_HOLE - 10, 4);
	machine_run_all(&machine, 1000);
	snprintf(why, sizeof(why), "result %d, %u items, rcx %lx", machine.result,
		 items(ACC_PIO_IN), machine.s.gpr[X86_REG_RCX]);
	tap_result(machine.result == EMULATION_FAULT && items(ACC_PIO_IN) == 2 &&
		   machine.s.gpr[X86_REG_RCX] == 2, why,
		   "rep: insd up to a hole reads what it can store");

	start((const u8 *)"\xf3\x6c", 2, 0, LA_MMIO, 5);
	machine_run_all(&machine, 1000);
	snprintf(why, sizeof(why), "result %d, %u accesses, %s", machine.result, machine.nr_log,
		 machine.error);
	tap_result(machine.result == EMULATION_OK && machine.nr_log >= 6 && !machine.errors, why,
		   "rep: insb to a device");
}

static void check_amounts(void)
{
	char why[120];

	start((const u8 *)"\xf3\xa4", 2, AREA, AREA + 3 * MACHINE_PAGE, 3 * MACHINE_PAGE);
	machine_run_all(&machine, 1000);
	snprintf(why, sizeof(why), "result %d, %u reads, %u writes", machine.result, machine.reads,
		 machine.writes);
	tap_result(machine.result == EMULATION_OK && machine.reads <= 20 && machine.writes <= 20,
		   why, "rep: movsb moves a page at a time");

	start((const u8 *)"\xf3\xa4", 2, AREA, AREA + 3 * MACHINE_PAGE, 3 * MACHINE_PAGE);
	machine.bulk_page = NULL;
	machine_run(&machine);
	snprintf(why, sizeof(why), "result %d, rcx %lx", machine.result,
		 machine.s.gpr[X86_REG_RCX]);
	tap_result(machine.result == EMULATION_RESTART && machine.s.eip == LA_IP &&
		   3 * MACHINE_PAGE - machine.s.gpr[X86_REG_RCX] <= MACHINE_PAGE, why,
		   "rep: a bounded number of elements before the caller looks for signals");

	start((const u8 *)"\xf3\xa4", 2, AREA, AREA + 3 * MACHINE_PAGE, 100);
	machine.s.eflags |= EFLG_TF;
	machine_run(&machine);
	snprintf(why, sizeof(why), "result %d, rcx %lx", machine.result,
		 machine.s.gpr[X86_REG_RCX]);
	tap_result(machine.result == EMULATION_RESTART && machine.s.gpr[X86_REG_RCX] == 99, why,
		   "rep: one element at a time for the trap flag");

	start((const u8 *)"\xf3\xa4", 2, AREA, AREA + 3 * MACHINE_PAGE, 100);
	machine.stop_rep = machine.by_element = true;
	machine_run(&machine);
	tap_result(machine.result == EMULATION_RESTART && machine.s.gpr[X86_REG_RCX] == 99,
		   "not one element", "rep: one element at a time for the caller");
	start((const u8 *)"\xf3\xa4", 2, AREA, AREA + 3 * MACHINE_PAGE, 100);
	machine.by_element = true;
	machine_run(&machine);
	tap_result(machine.result == EMULATION_OK && machine.writes == 100,
		   "not 100 writes", "rep: no more than an element in an access");

	start((const u8 *)"\xf3\xa4", 2, LA_HOLE, 0x800000000000ul, 0);
	machine_run(&machine);
	tap_result(machine.result == EMULATION_OK && !machine.reads && !machine.writes &&
		   machine.s.eip == LA_IP + 2, "something was done", "rep: a count of zero");

	start((const u8 *)"\x67\xf3\xa4", 3, AREA, AREA + 0x1000, 0x100000002ul);
	machine.s.gpr[X86_REG_RSI] |= 0x100000000ul;
	machine_run_all(&machine, 100);
	snprintf(why, sizeof(why), "result %d, rcx %lx, rsi %lx", machine.result,
		 machine.s.gpr[X86_REG_RCX], machine.s.gpr[X86_REG_RSI]);
	tap_result(machine.result == EMULATION_OK && !(u32)machine.s.gpr[X86_REG_RCX] &&
		   (u32)machine.s.gpr[X86_REG_RSI] == AREA + 2, why,
		   "rep: the address size decides about the count");
}

/* 16-bit code: SI and DI wrap in their segment, CX counts. */
static void check_real(void)
{
	char why[120];

	machine_init(&machine, X86EMUL_MODE_REAL, 0);
	machine.bulk_page = bulk;
	machine.s.gpr[X86_REG_RSI] = 0xffffe;
	machine.s.gpr[X86_REG_RDI] = LA_DATA;
	machine.s.gpr[X86_REG_RCX] = 0x70004;
	machine_poke(&machine, 0xfffe, "\x11\x22", 2);
	machine_poke(&machine, 0, "\x33\x44", 2);
	machine_code(&machine, (const u8 *)"\xf3\xa4", 2);
	machine_run_all(&machine, 100);
	snprintf(why, sizeof(why), "result %d, rsi %lx, rcx %lx, memory %llx", machine.result,
		 machine.s.gpr[X86_REG_RSI], machine.s.gpr[X86_REG_RCX],
		 machine_peek_val(&machine, LA_DATA, 4));
	tap_result(machine.result == EMULATION_OK && machine.s.gpr[X86_REG_RSI] == 0xf0002 &&
		   machine.s.gpr[X86_REG_RCX] == 0x70000 &&
		   machine_peek_val(&machine, LA_DATA, 4) == 0x44332211, why,
		   "rep: movsb wraps at the end of a 16-bit segment");

	machine_init(&machine, X86EMUL_MODE_PROT32, 0);
	machine.bulk_page = bulk;
	machine.s.seg[X86_SEG_ES].limit = LA_DATA + 9;
	machine.s.gpr[X86_REG_RDI] = LA_DATA;
	machine.s.gpr[X86_REG_RCX] = 100;
	machine_code(&machine, (const u8 *)"\xf3\xab", 2);
	machine_run_all(&machine, 100);
	snprintf(why, sizeof(why), "result %d, #%u, rcx %lx", machine.result,
		 machine.ctxt.exception.vector, machine.s.gpr[X86_REG_RCX]);
	tap_result(machine.result == EMULATION_FAULT && machine.ctxt.exception.vector == EXC_GP &&
		   machine.s.gpr[X86_REG_RCX] == 98, why,
		   "rep: stosd up to the limit of ES");
}

/* INSB into RAM that is a device when the port has answered: the question stays, or fails. */
static void check_changed_memory(void)
{
	char why[120];
	int first, second;

	machine_init(&machine, X86EMUL_MODE_PROT64, 0);
	machine.bulk_page = bulk;
	machine.s.gpr[X86_REG_RDI] = LA_DATA;
	machine.s.gpr[X86_REG_RDX] = 0x60;
	machine.s.gpr[X86_REG_RCX] = 100;
	machine_code(&machine, (const u8 *)"\xf3\x6c", 2);
	machine_decode(&machine);
	first = x86_emulate_insn(&machine.ctxt);
	machine_page(&machine, LA_DATA, PG_DEVICE);
	second = x86_emulate_insn(&machine.ctxt);
	snprintf(why, sizeof(why), "results %d and %d, %s", first, second, machine.error);
	tap_result(first == EMULATION_IO_NEEDED && second == EMULATION_FAILED && !machine.errors &&
		   machine.nr_log == 1, why, "rep: insb into memory that changes meanwhile");
}

void rep_tests(void)
{
	random_area();
	check_random(true);
	check_random(false);
	check_devices();
	check_ports();
	check_amounts();
	check_real();
	check_changed_memory();
}
