// SPDX-License-Identifier: GPL-2.0-only
/*
 * libFuzzer's entry: one instruction on one machine, run three times.
 *
 *   1. devices answer by an exit to userspace, as they do;
 *   2. devices answer at once: the same instruction must end in the same state, with
 *      the same device accesses in the same order, none repeated, none lost;
 *   3. a callback fails: what does not retire changes nothing (REP keeps the iterations
 *      done), and going on without the failure ends as the first run did.
 *
 * More properties are watched by the callbacks, see fuzz_ops.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cases.h"
#include "fuzz.h"
#include "machine_trap.h"

#define MAX_ROUNDS	12	/* of one instruction: restarts, faults that were cured */
#define MAX_EXITS	64

/* How a run ended. */
struct outcome {
	int result;		/* enum x86_emulation */
	bool ended;		/* not merely out of rounds */
	struct x86_exception exception;
	struct machine machine;
};

static struct machine machine, initial;
static struct mstate before;
static struct outcome plain, direct, injected;
static u8 bulk[MACHINE_PAGE];

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	machine_catch_traps();
	return 0;
}

/* Text of any size: terminated, and no byte beyond. */
static void check_text(const struct x86_emulate_ctxt *ctxt, unsigned int size)
{
	char full[160], *cut = malloc(size ? size : 1);
	int len = x86_emulate_disasm(ctxt, full, sizeof(full));
	int n = x86_emulate_disasm(ctxt, cut, size);

	if (len < 0 || len >= (int)sizeof(full) || full[len])
		fuzz_broken("the text is not terminated");
	if (size && (n != (len < (int)size ? len : (int)size - 1) || cut[n] ||
		     memcmp(cut, full, n)))
		fuzz_broken("the text cut to %u is not the beginning of \"%s\"", size, full);
	free(cut);
}

static int decode(struct machine *m, const struct fuzz_input *in)
{
	struct x86_emulate_ctxt *c = &m->ctxt;
	unsigned int given = in->given & 15, i;
	u8 insn[15];

	memset(c, 0, sizeof(*c));
	c->ops = &fuzz_ops;
	c->vcpu = m;
	c->gpr = m->s.gpr;
	c->eip = m->s.eip;
	c->eflags = m->s.eflags;
	c->mode = m->mode;
	c->cpl = m->cpl;
	c->guest_mode = m->guest_mode;
	c->ud = m->ud_only;
	c->smm = m->smm;
	c->features = &m->features;
	c->io_backdoor = in->options & FUZZ_OPT_BACKDOOR;
	c->page = in->options & FUZZ_OPT_NO_PAGE ? NULL : bulk;
	watch.start = machine_ip_la(m);
	for (i = 0; i < given && machine_peek(m, watch.start + i, &insn[i], 1); i++)
		;
	watch.fetched = (1u << i) - 1;
	watch.calls = 0;
	return x86_decode_insn(c, i ? insn : NULL, i);
}

static bool is_string(const struct machine *m)
{
	return m->ctxt.op && m->ctxt.op->flags & F_STRING;
}

/* A host that reschedules may lose the x87 pointers of its own registers. */
static void forget_pointers(struct mstate *s, const struct mstate *other)
{
	s->fop = other->fop;
	s->fip = other->fip;
	s->fdp = other->fdp;
}

/* What the manual lets an exception change: DR6.BD for #DB, MXCSR's flags for #XM. */
static void forgive_fault(const struct machine *m, struct mstate *now)
{
	u8 vector = m->ctxt.exception.vector;

	if (vector == EXC_DB)
		now->dr[6] ^= (now->dr[6] ^ before.dr[6]) & BIT(13);
	if (vector == EXC_XM || vector == EXC_UD)
		now->mxcsr &= before.mxcsr | ~0x3fu;
}

/* What did not retire changed nothing; a REP that faults keeps its iterations. */
static void check_unretired(struct machine *m, int result)
{
	static struct mstate now;
	const char *diff;

	if (m->ctxt.eflags != m->s.eflags || m->ctxt.eip != m->s.eip)
		fuzz_broken("%d: the context has new flags or a new rIP", result);
	if (m->ctxt.interruptibility)
		fuzz_broken("%d: an interrupt shadow is left", result);
	now = m->s;
	forget_pointers(&now, &before);
	if (result == EMULATION_FAULT)
		forgive_fault(m, &now);
	if (result == EMULATION_FAULT && is_string(m)) {
		static const u8 regs[] = { X86_REG_RAX, X86_REG_RCX, X86_REG_RSI, X86_REG_RDI };
		unsigned int i;

		for (i = 0; i < sizeof(regs); i++)
			now.gpr[regs[i]] = before.gpr[regs[i]];
		memcpy(now.page, before.page, sizeof(now.page));
	}
	diff = state_diff(&now, &before);
	if (diff)
		fuzz_broken("%d, but %s", result, diff);
}

static void commit_queue(struct machine *m)
{
	unsigned int i;

	for (i = 0; i < m->nr_queue; i++) {
		struct access *a = &m->queue[i];

		if (m->nr_log < MACHINE_LOG)
			m->log[m->nr_log++] = *a;
		if (a->kind == ACC_PIO_OUT) {
			m->s.port_out_count += a->count;
			continue;
		}
		machine_poke(m, a->addr, a->data, a->bytes < 16 ? a->bytes : 16);
		m->s.mmio_write_count++;
	}
}

static int emulate(struct machine *m)
{
	unsigned int i;
	int rc;

	for (i = 0; i < MAX_EXITS; i++) {
		m->nr_queue = 0;
		watch.calls = 0;
		rc = x86_emulate_insn(&m->ctxt);
		if (m->ctxt.eip != m->s.eip && rc != EMULATION_OK)
			fuzz_broken("%d: rIP moved", rc);
		if (rc == EMULATION_FAILED || rc == EMULATION_IO_NEEDED ||
		    rc == EMULATION_INTERCEPTED || rc == EMULATION_FAULT)
			check_unretired(m, rc);
		if (rc != EMULATION_IO_NEEDED)
			return rc;
		if (!m->pending && !watch.failed)
			fuzz_broken("an access is needed, but none is pending");
	}
	fuzz_broken("no end after %u exits", MAX_EXITS);
}

/* Decode and emulate at rIP once, and take over what retired. */
static int step(struct machine *m, const struct fuzz_input *in)
{
	int rc;

	before = m->s;
	watch.nr_writable = 0;
	watch.nr_log = m->nr_log;
	rc = decode(m, in);
	check_text(&m->ctxt, in->text & 127);
	if (rc != X86EMUL_CONTINUE) {
		check_unretired(m, EMULATION_FAILED);
		return rc == X86EMUL_PROPAGATE_FAULT ? EMULATION_FAULT : EMULATION_FAILED;
	}
	rc = emulate(m);
	if (watch.in_fpu)
		fuzz_broken("the guest's FPU is still loaded");
	if (rc == EMULATION_RESTART && !watch.failed &&
	    m->ctxt.iterated != !!memcmp(before.gpr, m->s.gpr, sizeof(before.gpr)))
		fuzz_broken("'iterated' does not tell whether registers changed");
	if (rc == EMULATION_OK || rc == EMULATION_RESTART) {
		commit_queue(m);
		m->s.eip = m->ctxt.eip;
		m->s.eflags = m->ctxt.eflags;
	}
	m->pending = false;
	if (m->errors)
		fuzz_broken("%s", m->error);
	return rc;
}

/* Without the entries of the logs that are not used, which are most of it. */
static void copy_machine(struct machine *to, const struct machine *from)
{
	memcpy(to, from, offsetof(struct machine, log));
	memcpy(to->log, from->log, from->nr_log * sizeof(from->log[0]));
	to->nr_log = from->nr_log;
	memcpy(&to->nr_queue, &from->nr_queue,
	       sizeof(*from) - offsetof(struct machine, nr_queue));
	to->nr_queue = 0;
}

/* Until the instruction retires or ends otherwise. A failure injected is cured by trying again. */
static void run(struct outcome *out, const struct fuzz_input *in)
{
	unsigned int round;

	copy_machine(&machine, &initial);
	machine.no_io_exit = out == &direct;
	machine.msr_exit &= out != &direct;
	watch = (struct fuzz_watch){ .machine = &machine };
	if (out == &injected) {
		watch.fail_at = in->fail_at;
		watch.fail_with = 1 + in->fail_with % X86EMUL_NOT_RAM;
	}
	out->ended = true;
	for (round = 0; round < MAX_ROUNDS; round++) {
		bool failed = watch.failed;

		out->result = step(&machine, in);
		out->exception = machine.ctxt.exception;
		if (out->result == EMULATION_OK)
			break;
		/* A fault of the instruction's own, which went on in spite of the failure. */
		if (out->result == EMULATION_FAULT && out->exception.vector == EXC_PF &&
		    out->exception.error_code != INJECTED_CODE)
			break;
		/* What the failure itself caused is cured; IO_NEEDED was completed on the spot. */
		if (out->result != EMULATION_RESTART &&
		    (failed == watch.failed || (watch.fail_with == X86EMUL_IO_NEEDED &&
						out->result != EMULATION_FAILED)))
			break;
	}
	out->ended = round < MAX_ROUNDS;
	forget_pointers(&machine.s, &initial.s);
	copy_machine(&out->machine, &machine);
}

static bool same_access(const struct access *a, const struct access *b)
{
	return a->kind == b->kind && a->bytes == b->bytes && a->count == b->count &&
	       a->addr == b->addr && !memcmp(a->data, b->data, sizeof(a->data));
}

static void same_accesses(const struct machine *a, const struct machine *b, const char *what)
{
	unsigned int i;

	if (a->nr_log != b->nr_log)
		fuzz_broken("%s: %u device accesses and not %u", what, b->nr_log, a->nr_log);
	for (i = 0; i < a->nr_log; i++)
		if (!same_access(&a->log[i], &b->log[i]))
			fuzz_broken("%s: device access %u at %llx and not %llx", what, i,
				    b->log[i].addr, a->log[i].addr);
}

/*
 * Two runs of RDRAND have two results, and so has what depends on the components in use:
 * a host that reschedules changes those.
 */
static bool is_random(const struct outcome *a)
{
	static const char *const names[] = { "rdrand", "rdseed", "xgetbv", "xsavec", "xsaveopt", "xsaves" };
	const struct opcode *op = a->machine.ctxt.op;
	unsigned int i;

	for (i = 0; op && op->name && i < sizeof(names) / sizeof(names[0]); i++)
		if (!strncmp(op->name, names[i], strlen(names[i])))
			return true;
	return false;
}

/* An instruction that writes over itself is another one when it goes on. */
static bool wrote_itself(const struct outcome *a)
{
	struct machine *m = (struct machine *)&a->machine;
	u64 at = machine_ip_la(&initial);
	u8 now, then;
	unsigned int i;

	for (i = 0; i < 15; i++)
		if (machine_peek(m, at + i, &now, 1) && machine_peek(&initial, at + i, &then, 1) &&
		    now != then)
			return true;
	return false;
}

static void same_outcome(const struct outcome *a, const struct outcome *b, const char *what)
{
	const char *diff;

	if (!a->ended || !b->ended || wrote_itself(a) || wrote_itself(b) || is_random(a))
		return;
	/*
	 * What is said to be no memory stays so, and gates and tasks refuse it: nothing
	 * has changed then. A REP goes by elements instead.
	 */
	if (b == &injected && watch.fail_with == X86EMUL_NOT_RAM &&
	    b->result == EMULATION_FAILED && !is_string(&b->machine))
		return;
	if (a->result != b->result)
		fuzz_broken("%s: %d and not %d", what, b->result, a->result);
	diff = state_diff(&b->machine.s, &a->machine.s);
	if (diff)
		fuzz_broken("%s: %s", what, diff);
	/* Going by elements, another one of several pages may be the first to fault. */
	if (a->result == EMULATION_FAULT &&
	    (b != &injected || watch.fail_with != X86EMUL_NOT_RAM ||
	     a->exception.vector != EXC_PF) &&
	    memcmp(&a->exception, &b->exception, sizeof(a->exception)))
		fuzz_broken("%s: exception %u and not %u", what, b->exception.vector,
			    a->exception.vector);
	/* Going by elements, a REP makes more accesses to the same port. */
	if (b != &injected || watch.fail_with != X86EMUL_NOT_RAM)
		same_accesses(&a->machine, &b->machine, what);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct fuzz_input in = { 0 };

	if (setjmp(fuzz_next)) {
		for (size_t i = 0; i < size; i++)
			fprintf(stderr, "%02x", data[i]);
		fputc('\n', stderr);
		return 0;
	}
	memcpy(&in, data, size < sizeof(in) ? size : sizeof(in));
	fuzz_setup(&initial, &in);
	run(&plain, &in);
	run(&direct, &in);
	same_outcome(&plain, &direct, "devices that answer at once");
	if (in.fail_at) {
		run(&injected, &in);
		/* A device that was read before the failure is read again after it. */
		if (!watch.after_access)
			same_outcome(&plain, &injected, "going on after a failure");
	}
	return 0;
}
