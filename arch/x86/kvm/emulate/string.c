// SPDX-License-Identifier: GPL-2.0-only
/*
 * String instructions. A step does one element, or with REP as many as fit in
 * one page on each side while both are plain memory. A call does a bounded
 * number of steps, then gives interrupts and signals their turn by
 * X86EMUL_RETRY_INSTR; so it does before any device is read once something was
 * done, because a restart for userspace's answer begins at gpr[].
 */
#include "emulate/fastop.h"

#define PAGE_BYTES	4096u
#define STEP_BUDGET	1024	/* elements in one call ... */
#define BULK_COST	64	/* ... a bulk step counting as that many */
#define REP_UNTIL_EQUAL	0xf2	/* REPNE of CMPS and SCAS */

/* A string instruction under way; @done and @ended are what the last step leaves. */
struct string_run {
	unsigned int bytes;	/* of an element */
	unsigned long count;	/* elements left */
	bool rep;
	bool down;		/* EFLAGS.DF */
	bool progress;		/* elements were finished in this call */
	bool bulk;		/* the last step was a bulk one */
	bool ended;		/* by ZF, with REPE or REPNE */
	unsigned int filled;	/* STOS: bytes of ctxt->page that hold the pattern */
	unsigned int done;
};

typedef int (*string_step)(struct x86_emulate_ctxt *ctxt, struct string_run *run);

static int source_segment(const struct x86_emulate_ctxt *ctxt)
{
	return ctxt->seg_override < X86_NR_SEGS ? ctxt->seg_override : X86_SEG_DS;
}

static unsigned long index_reg(const struct x86_emulate_ctxt *ctxt, unsigned int nr)
{
	return reg_read(ctxt, nr) & ad_mask(ctxt);
}

/* Move rSI or rDI past the @run->done elements of this step. */
static void advance(struct x86_emulate_ctxt *ctxt, const struct string_run *run, unsigned int nr)
{
	unsigned long distance = (unsigned long)run->done * run->bytes;
	unsigned long val = reg_read(ctxt, nr);

	reg_write_bytes(ctxt, nr, run->down ? val - distance : val + distance, ctxt->ad_bytes);
}

/* Elements from linear @la and offset @ea on, in the direction, within page and address size. */
static unsigned long elements_in_page(const struct x86_emulate_ctxt *ctxt,
				      const struct string_run *run, unsigned long ea,
				      unsigned long la)
{
	unsigned long in_page = la % PAGE_BYTES, room, wrap;

	if (in_page + run->bytes > PAGE_BYTES)
		return 0;
	room = run->down ? in_page + run->bytes : PAGE_BYTES - in_page;
	wrap = run->down ? ea : ad_mask(ctxt) - ea;
	if (room - 1 > wrap)
		room = wrap + 1;
	return room / run->bytes;
}

/*
 * Narrow @n to the elements at seg:@nr on one page and give the first's linear
 * address. Below 2 a bulk access is not worth it or not possible: go by
 * elements, where faults are found exactly.
 */
static unsigned long bulk_fit(struct x86_emulate_ctxt *ctxt, const struct string_run *run,
			      int seg, unsigned int nr, bool write, unsigned long n,
			      unsigned long *la)
{
	unsigned long ea = index_reg(ctxt, nr), room;

	if (n < 2)
		return 0;
	if (linearize(ctxt, seg, ea, run->bytes, write, la) != X86EMUL_CONTINUE) {
		ctxt->have_exception = false;
		return 0;
	}
	room = elements_in_page(ctxt, run, ea, *la);
	return n < room ? n : room;
}

/* Linear address of the lowest of @n elements at seg:@nr; false as above. */
static bool bulk_address(struct x86_emulate_ctxt *ctxt, const struct string_run *run, int seg,
			 unsigned int nr, bool write, unsigned long n, unsigned long *la)
{
	unsigned long ea = index_reg(ctxt, nr);

	if (n < 2)
		return false;
	if (run->down)
		ea -= (n - 1) * run->bytes;
	if (linearize(ctxt, seg, ea, n * run->bytes, write, la) == X86EMUL_CONTINUE)
		return true;
	ctxt->have_exception = false;
	return false;
}

/* How many elements of @bytes of the buffer may a bulk step try? TF traps after each. */
static unsigned long bulk_limit(const struct x86_emulate_ctxt *ctxt, const struct string_run *run,
				unsigned int bytes)
{
	unsigned long n = PAGE_BYTES / bytes;

	if (!ctxt->page || ctxt->by_element || (ctxt->eflags & EFLG_TF))
		return 0;
	return run->count < n ? run->count : n;
}

/* A fault of a bulk access names its lowest address: going down, find the element's own. */
static int bulk_result(struct x86_emulate_ctxt *ctxt, const struct string_run *run, int rc)
{
	if (rc != X86EMUL_PROPAGATE_FAULT || !run->down)
		return rc;
	ctxt->have_exception = false;
	return X86EMUL_NOT_RAM;
}

static int bulk_read(struct x86_emulate_ctxt *ctxt, const struct string_run *run, int seg,
		     unsigned int nr, unsigned long n, void *data)
{
	unsigned long la;
	int rc;

	if (!bulk_address(ctxt, run, seg, nr, false, n, &la))
		return X86EMUL_NOT_RAM;
	rc = ctxt->ops->read(ctxt, la, data, n * run->bytes, X86EMUL_F_RAM);
	return bulk_result(ctxt, run, rc);
}

/* The @n elements of the buffer to ES:rDI, or with X86EMUL_F_PROBE a check that they can go. */
static int bulk_write(struct x86_emulate_ctxt *ctxt, struct string_run *run, unsigned long n,
		      u32 flags)
{
	unsigned long la;
	int rc;

	if (!bulk_address(ctxt, run, X86_SEG_ES, X86_REG_RDI, true, n, &la))
		return X86EMUL_NOT_RAM;
	rc = ctxt->ops->write(ctxt, la, flags & X86EMUL_F_PROBE ? NULL : ctxt->page,
			      n * run->bytes, flags | X86EMUL_F_RAM);
	return bulk_result(ctxt, run, rc);
}

static int bulk_done(struct string_run *run, unsigned long n)
{
	run->bulk = true;
	run->done = n;
	return X86EMUL_CONTINUE;
}

/* Read one element; a device only if nothing was done in this call yet. */
static int element_read(struct x86_emulate_ctxt *ctxt, const struct string_run *run, int seg,
			unsigned int nr, unsigned long *val)
{
	unsigned long la;
	int rc;

	*val = 0;
	rc = linearize(ctxt, seg, index_reg(ctxt, nr), run->bytes, false, &la);
	if (rc == X86EMUL_CONTINUE)
		rc = linear_read(ctxt, la, val, run->bytes, run->progress ? X86EMUL_F_RAM : 0);
	return rc == X86EMUL_NOT_RAM ? X86EMUL_RETRY_INSTR : rc;
}

static int element_write(struct x86_emulate_ctxt *ctxt, struct string_run *run,
			 unsigned long val)
{
	return segmented_write(ctxt, X86_SEG_ES, index_reg(ctxt, X86_REG_RDI), &val, run->bytes);
}

/*
 * The buffer holds @n elements read from rSI. Make them what a copy by
 * elements leaves at rDI; false if only going by elements does.
 */
static bool overlap_copy(struct x86_emulate_ctxt *ctxt, const struct string_run *run,
			 unsigned long n, unsigned long src, unsigned long dst)
{
	unsigned long distance = dst - src, size = n * run->bytes, i;
	u8 *data = ctxt->page;

	if (run->down)
		return src - dst >= size || src == dst;
	if (distance >= size || !distance)
		return true;
	if (distance < run->bytes)
		return false;
	for (i = distance; i < size; i++)
		data[i] = data[i - distance];
	return true;
}

static int movs_bulk(struct x86_emulate_ctxt *ctxt, struct string_run *run)
{
	unsigned long n = bulk_limit(ctxt, run, run->bytes), src, dst;
	int rc, seg = source_segment(ctxt);

	n = bulk_fit(ctxt, run, seg, X86_REG_RSI, false, n, &src);
	n = bulk_fit(ctxt, run, X86_SEG_ES, X86_REG_RDI, true, n, &dst);
	rc = bulk_read(ctxt, run, seg, X86_REG_RSI, n, ctxt->page);
	if (rc == X86EMUL_CONTINUE && !overlap_copy(ctxt, run, n, src, dst))
		rc = X86EMUL_NOT_RAM;
	if (rc == X86EMUL_CONTINUE)
		rc = bulk_write(ctxt, run, n, 0);
	return rc == X86EMUL_CONTINUE ? bulk_done(run, n) : rc;
}

static int movs_step(struct x86_emulate_ctxt *ctxt, struct string_run *run)
{
	unsigned long val;
	int rc = movs_bulk(ctxt, run);

	if (rc == X86EMUL_NOT_RAM) {
		rc = element_read(ctxt, run, source_segment(ctxt), X86_REG_RSI, &val);
		if (rc == X86EMUL_CONTINUE)
			rc = element_write(ctxt, run, val);
	}
	if (rc == X86EMUL_CONTINUE) {
		advance(ctxt, run, X86_REG_RSI);
		advance(ctxt, run, X86_REG_RDI);
	}
	return rc;
}

/* Have rAX @size bytes long in the buffer; a later step finds it there. */
static void fill_pattern(struct x86_emulate_ctxt *ctxt, struct string_run *run, unsigned int size)
{
	unsigned long rax = reg_read(ctxt, X86_REG_RAX);
	u8 *data = ctxt->page;

	if (run->filled >= size)
		return;
	if (run->bytes == 1) {
		memset(data, (u8)rax, size);
		run->filled = size;
	}
	for (; run->filled < size; run->filled += run->bytes)
		memcpy(data + run->filled, &rax, run->bytes);
}

static int stos_bulk(struct x86_emulate_ctxt *ctxt, struct string_run *run)
{
	unsigned long n = bulk_limit(ctxt, run, run->bytes), dst;
	int rc;

	n = bulk_fit(ctxt, run, X86_SEG_ES, X86_REG_RDI, true, n, &dst);
	if (n < 2)
		return X86EMUL_NOT_RAM;
	fill_pattern(ctxt, run, n * run->bytes);
	rc = bulk_write(ctxt, run, n, 0);
	return rc == X86EMUL_CONTINUE ? bulk_done(run, n) : rc;
}

static int stos_step(struct x86_emulate_ctxt *ctxt, struct string_run *run)
{
	int rc = stos_bulk(ctxt, run);

	if (rc == X86EMUL_NOT_RAM)
		rc = element_write(ctxt, run, reg_read(ctxt, X86_REG_RAX));
	if (rc == X86EMUL_CONTINUE)
		advance(ctxt, run, X86_REG_RDI);
	return rc;
}

/* Element @i in the direction of @n at @data, zero-extended. */
static unsigned long element(const struct string_run *run, const u8 *data, unsigned long n,
			     unsigned long i)
{
	u64 q;
	u32 d;
	u16 w;

	data += (run->down ? n - 1 - i : i) * run->bytes;
	switch (run->bytes) {
	case 1:
		return *data;
	case 2:
		memcpy(&w, data, 2);
		return w;
	case 4:
		memcpy(&d, data, 4);
		return d;
	default:
		memcpy(&q, data, 8);
		return q;
	}
}

/* Only the last element of a page stays in rAX. */
static int lods_bulk(struct x86_emulate_ctxt *ctxt, struct string_run *run, unsigned long *val)
{
	unsigned long n = bulk_limit(ctxt, run, run->bytes), la;
	int rc, seg = source_segment(ctxt);

	n = bulk_fit(ctxt, run, seg, X86_REG_RSI, false, n, &la);
	rc = bulk_read(ctxt, run, seg, X86_REG_RSI, n, ctxt->page);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	*val = element(run, ctxt->page, n, n - 1);
	return bulk_done(run, n);
}

static int lods_step(struct x86_emulate_ctxt *ctxt, struct string_run *run)
{
	unsigned long val;
	int rc = lods_bulk(ctxt, run, &val);

	if (rc == X86EMUL_NOT_RAM)
		rc = element_read(ctxt, run, source_segment(ctxt), X86_REG_RSI, &val);
	if (rc == X86EMUL_CONTINUE) {
		reg_write_bytes(ctxt, X86_REG_RAX, val, run->bytes);
		advance(ctxt, run, X86_REG_RSI);
	}
	return rc;
}

DEFINE_FASTOP2(cmp)

/* Flags of @a - @b, and whether they end a REPE or REPNE. */
static void compare(struct x86_emulate_ctxt *ctxt, struct string_run *run, unsigned long a,
		    unsigned long b)
{
	bool equal;

	fastop_cmp(a, b, run->bytes, &ctxt->eflags);
	equal = ctxt->eflags & EFLG_ZF;
	run->ended = equal == (ctxt->rep_prefix == REP_UNTIL_EQUAL);
}

/* Compare pairs of @n elements, or all of @b with rAX if @a is NULL, to where it ends. */
static int bulk_compare(struct x86_emulate_ctxt *ctxt, struct string_run *run, unsigned long n,
			const u8 *a, const u8 *b)
{
	bool until_equal = ctxt->rep_prefix == REP_UNTIL_EQUAL;
	unsigned long i = 0, x, y;

	x = truncate_to(reg_read(ctxt, X86_REG_RAX), run->bytes);
	for (;;) {
		if (a)
			x = element(run, a, n, i);
		y = element(run, b, n, i);
		if (++i == n || (x == y) == until_equal)
			break;
	}
	compare(ctxt, run, x, y);
	return bulk_done(run, i);
}

static int cmps_bulk(struct x86_emulate_ctxt *ctxt, struct string_run *run)
{
	unsigned long n = bulk_limit(ctxt, run, 2 * run->bytes), la;
	u8 *a = ctxt->page, *b = a + PAGE_BYTES / 2;
	int rc, seg = source_segment(ctxt);

	n = bulk_fit(ctxt, run, seg, X86_REG_RSI, false, n, &la);
	n = bulk_fit(ctxt, run, X86_SEG_ES, X86_REG_RDI, false, n, &la);
	rc = bulk_read(ctxt, run, seg, X86_REG_RSI, n, a);
	if (rc == X86EMUL_CONTINUE)
		rc = bulk_read(ctxt, run, X86_SEG_ES, X86_REG_RDI, n, b);
	return rc == X86EMUL_CONTINUE ? bulk_compare(ctxt, run, n, a, b) : rc;
}

static int cmps_step(struct x86_emulate_ctxt *ctxt, struct string_run *run)
{
	unsigned long a, b;
	int rc = cmps_bulk(ctxt, run);

	if (rc == X86EMUL_NOT_RAM) {
		rc = element_read(ctxt, run, source_segment(ctxt), X86_REG_RSI, &a);
		if (rc == X86EMUL_CONTINUE)
			rc = element_read(ctxt, run, X86_SEG_ES, X86_REG_RDI, &b);
		if (rc == X86EMUL_CONTINUE)
			compare(ctxt, run, a, b);
	}
	if (rc == X86EMUL_CONTINUE) {
		advance(ctxt, run, X86_REG_RSI);
		advance(ctxt, run, X86_REG_RDI);
	}
	return rc;
}

static int scas_bulk(struct x86_emulate_ctxt *ctxt, struct string_run *run)
{
	unsigned long n = bulk_limit(ctxt, run, run->bytes), la;
	int rc;

	n = bulk_fit(ctxt, run, X86_SEG_ES, X86_REG_RDI, false, n, &la);
	rc = bulk_read(ctxt, run, X86_SEG_ES, X86_REG_RDI, n, ctxt->page);
	return rc == X86EMUL_CONTINUE ? bulk_compare(ctxt, run, n, NULL, ctxt->page) : rc;
}

static int scas_step(struct x86_emulate_ctxt *ctxt, struct string_run *run)
{
	unsigned long val;
	int rc = scas_bulk(ctxt, run);

	if (rc == X86EMUL_NOT_RAM) {
		rc = element_read(ctxt, run, X86_SEG_ES, X86_REG_RDI, &val);
		if (rc == X86EMUL_CONTINUE)
			compare(ctxt, run, reg_read(ctxt, X86_REG_RAX), val);
	}
	if (rc == X86EMUL_CONTINUE)
		advance(ctxt, run, X86_REG_RDI);
	return rc;
}

/* Memory that changes before userspace has answered must not change the question. */
static int ask_port(struct x86_emulate_ctxt *ctxt, u16 port, unsigned int bytes, void *data,
		    unsigned int count)
{
	if (ctxt->port_items && ctxt->port_items != count)
		return X86EMUL_UNHANDLEABLE;
	ctxt->port_items = count;
	return ctxt->ops->pio_in(ctxt, port, bytes, data, count);
}

/*
 * Port transfers do one step in a call. The destination is known to be
 * writable before the port is read: what a device gave cannot be given back.
 */
static int ins_bulk(struct x86_emulate_ctxt *ctxt, struct string_run *run, u16 port)
{
	unsigned long n = run->down ? 0 : bulk_limit(ctxt, run, run->bytes), dst;
	int rc;

	n = bulk_fit(ctxt, run, X86_SEG_ES, X86_REG_RDI, true, n, &dst);
	rc = bulk_write(ctxt, run, n, X86EMUL_F_PROBE);
	if (rc == X86EMUL_CONTINUE)
		rc = ask_port(ctxt, port, run->bytes, ctxt->page, n);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	rc = bulk_write(ctxt, run, n, 0);
	/* The memory went meanwhile: the port must not be read a second time. */
	if (rc == X86EMUL_NOT_RAM)
		return X86EMUL_UNHANDLEABLE;
	return rc == X86EMUL_CONTINUE ? bulk_done(run, n) : rc;
}

static int ins_element(struct x86_emulate_ctxt *ctxt, struct string_run *run, u16 port)
{
	unsigned long la;
	u32 val = 0;
	int rc;

	rc = linearize(ctxt, X86_SEG_ES, index_reg(ctxt, X86_REG_RDI), run->bytes, true, &la);
	if (rc == X86EMUL_CONTINUE)
		rc = linear_write(ctxt, la, NULL, run->bytes, X86EMUL_F_PROBE);
	if (rc == X86EMUL_CONTINUE)
		rc = ask_port(ctxt, port, run->bytes, &val, 1);
	if (rc == X86EMUL_CONTINUE)
		rc = linear_write(ctxt, la, &val, run->bytes, 0);
	return rc;
}

static int ins_step(struct x86_emulate_ctxt *ctxt, struct string_run *run)
{
	u16 port = reg_read(ctxt, X86_REG_RDX);
	int rc;

	if (run->progress)
		return X86EMUL_RETRY_INSTR;
	rc = check_io_permission(ctxt, port, run->bytes);
	if (rc == X86EMUL_CONTINUE)
		rc = ins_bulk(ctxt, run, port);
	if (rc == X86EMUL_NOT_RAM)
		rc = ins_element(ctxt, run, port);
	if (rc == X86EMUL_CONTINUE)
		advance(ctxt, run, X86_REG_RDI);
	return rc;
}

static int outs_bulk(struct x86_emulate_ctxt *ctxt, struct string_run *run, u16 port)
{
	unsigned long n = run->down ? 0 : bulk_limit(ctxt, run, run->bytes), la;
	int rc, seg = source_segment(ctxt);

	n = bulk_fit(ctxt, run, seg, X86_REG_RSI, false, n, &la);
	rc = bulk_read(ctxt, run, seg, X86_REG_RSI, n, ctxt->page);
	if (rc == X86EMUL_CONTINUE)
		rc = ctxt->ops->pio_out(ctxt, port, run->bytes, ctxt->page, n);
	return rc == X86EMUL_CONTINUE ? bulk_done(run, n) : rc;
}

static int outs_step(struct x86_emulate_ctxt *ctxt, struct string_run *run)
{
	u16 port = reg_read(ctxt, X86_REG_RDX);
	unsigned long val;
	int rc;

	if (run->progress)
		return X86EMUL_RETRY_INSTR;
	rc = check_io_permission(ctxt, port, run->bytes);
	if (rc == X86EMUL_CONTINUE)
		rc = outs_bulk(ctxt, run, port);
	if (rc == X86EMUL_NOT_RAM) {
		rc = element_read(ctxt, run, source_segment(ctxt), X86_REG_RSI, &val);
		if (rc == X86EMUL_CONTINUE)
			rc = ctxt->ops->pio_out(ctxt, port, run->bytes, &val, 1);
	}
	if (rc == X86EMUL_CONTINUE)
		advance(ctxt, run, X86_REG_RSI);
	return rc;
}

/*
 * Not at the end: registers keep the progress, but the flags of a comparison
 * are those from before until the last one. What cannot go on is tried anew.
 */
static int string_stopped(struct x86_emulate_ctxt *ctxt, const struct string_run *run, int rc,
			  unsigned long eflags)
{
	ctxt->eflags = eflags;
	if (run->progress && rc != X86EMUL_PROPAGATE_FAULT)
		return X86EMUL_RETRY_INSTR;
	return rc;
}

static int run_string(struct x86_emulate_ctxt *ctxt, string_step step)
{
	struct string_run run = {
		.bytes = ctxt->dst.type == OP_MEM ? ctxt->dst.bytes : ctxt->src.bytes,
		.count = 1,
		.rep = ctxt->rep_prefix,
		.down = ctxt->eflags & EFLG_DF,
	};
	unsigned long eflags = ctxt->eflags;
	int rc, budget = STEP_BUDGET;

	if (run.rep)
		run.count = index_reg(ctxt, X86_REG_RCX);
	while (run.count) {
		run.bulk = false;
		run.done = 1;
		rc = step(ctxt, &run);
		if (rc != X86EMUL_CONTINUE)
			return string_stopped(ctxt, &run, rc, eflags);
		if (!run.rep)
			break;
		run.progress = true;
		run.count -= run.done;
		reg_write_bytes(ctxt, X86_REG_RCX, run.count, ctxt->ad_bytes);
		ctxt->mem_read.pos = ctxt->mem_read.end = 0;
		budget -= run.bulk ? BULK_COST : 1;
		if (run.ended)
			break;
		if (run.count && (budget <= 0 || ctxt->io_pending || ctxt->stop_rep ||
				  (ctxt->eflags & EFLG_TF)))
			return string_stopped(ctxt, &run, X86EMUL_RETRY_INSTR, eflags);
	}
	return X86EMUL_CONTINUE;
}

int em_movs(struct x86_emulate_ctxt *ctxt)
{
	return run_string(ctxt, movs_step);
}

int em_stos(struct x86_emulate_ctxt *ctxt)
{
	return run_string(ctxt, stos_step);
}

int em_lods(struct x86_emulate_ctxt *ctxt)
{
	return run_string(ctxt, lods_step);
}

int em_cmps(struct x86_emulate_ctxt *ctxt)
{
	return run_string(ctxt, cmps_step);
}

int em_scas(struct x86_emulate_ctxt *ctxt)
{
	return run_string(ctxt, scas_step);
}

/* AMD's CPUs check the port even when rCX is zero and none is accessed. */
static int run_io(struct x86_emulate_ctxt *ctxt, string_step step, const struct operand *mem)
{
	if (ctxt->rep_prefix && is_amd(ctxt) && !index_reg(ctxt, X86_REG_RCX))
		return check_io_permission(ctxt, reg_read(ctxt, X86_REG_RDX), mem->bytes);
	return run_string(ctxt, step);
}

int em_ins(struct x86_emulate_ctxt *ctxt)
{
	return run_io(ctxt, ins_step, &ctxt->dst);
}

int em_outs(struct x86_emulate_ctxt *ctxt)
{
	return run_io(ctxt, outs_step, &ctxt->src);
}
