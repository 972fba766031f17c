// SPDX-License-Identifier: GPL-2.0-only
/* The fake machine's callbacks, failing where asked and watching what the emulator does. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "fuzz.h"

/* A call of x86_emulate_insn() ends: these bounds are generous, but they are bounds. */
#define MAX_CALLS	40000

struct fuzz_watch watch;
jmp_buf fuzz_next;

void fuzz_broken(const char *fmt, ...)
{
	const struct x86_emulate_ctxt *ctxt = &watch.machine->ctxt;
	char text[160];
	va_list ap;
	int i;

	x86_emulate_disasm(ctxt, text, sizeof(text));
	fprintf(stderr, "BROKEN: mode %u, %s (", ctxt->mode, text);
	for (i = 0; i < ctxt->fetch.pos; i++)
		fprintf(stderr, "%s%02x", i ? " " : "", ctxt->fetch.data[i]);
	fprintf(stderr, "): ");
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	if (getenv("FUZZ_GO_ON"))
		longjmp(fuzz_next, 1);
	abort();
}

static void called(const char *name)
{
	if (watch.in_fpu)
		fuzz_broken("%s() while the guest's FPU is loaded", name);
	if (++watch.calls > MAX_CALLS)
		fuzz_broken("more than %u callbacks", MAX_CALLS);
}

/* Is it this call's turn to fail? *@rc is then the result. */
static bool turn_to_fail(struct x86_emulate_ctxt *ctxt, int *rc)
{
	if (!watch.fail_at || ++watch.fallible != watch.fail_at)
		return false;
	watch.failed = true;
	watch.after_access = watch.machine->nr_log != watch.nr_log;
	*rc = watch.fail_with;
	if (*rc == X86EMUL_PROPAGATE_FAULT) {
		ctxt->have_exception = true;
		ctxt->exception = (struct x86_exception) {
			.vector = EXC_PF, .error_code_valid = true,
			.error_code = INJECTED_CODE, .address = 0xbad,
		};
	}
	return true;
}

/* NOT_RAM answers only a question about memory. */
static bool fails(struct x86_emulate_ctxt *ctxt, int *rc)
{
	return watch.fail_with != X86EMUL_NOT_RAM && turn_to_fail(ctxt, rc);
}

static bool known_writable(u64 la)
{
	unsigned int i;

	for (i = 0; i < watch.nr_writable; i++)
		if (watch.writable[i] == la >> 12)
			return true;
	return false;
}

static int note_writable(int rc, u64 la)
{
	if ((rc == X86EMUL_CONTINUE || rc == X86EMUL_IO_NEEDED) && !known_writable(la))
		watch.writable[watch.nr_writable++ % 16] = la >> 12;
	if (watch.nr_writable > 16)
		watch.nr_writable = 16;
	return rc;
}

/* fails() for memory: NOT_RAM is the answer to a question, and stays the same. */
static bool memory_fails(struct x86_emulate_ctxt *ctxt, unsigned long la, u32 flags, int *rc)
{
	if (watch.fail_with != X86EMUL_NOT_RAM)
		return fails(ctxt, rc);
	*rc = X86EMUL_NOT_RAM;
	if (!(flags & X86EMUL_F_RAM))
		return false;
	if (turn_to_fail(ctxt, rc))
		watch.not_ram = la >> 12;
	return watch.failed && watch.not_ram == la >> 12;
}

static int f_fetch(struct x86_emulate_ctxt *ctxt, unsigned long la, void *data, unsigned int bytes)
{
	struct machine *m = ctxt->vcpu;
	u64 at = la - watch.start;
	unsigned int bits;
	int rc;

	called("fetch");
	if (m->mode != X86EMUL_MODE_PROT64)
		at = (u32)at;
	if (!bytes || at >= 15 || bytes > 15 - at)
		fuzz_broken("fetch of %u bytes at offset %llu", bytes, at);
	bits = ((1u << bytes) - 1) << at;
	if (watch.fetched & bits)
		fuzz_broken("fetch of bytes that are known: %u at offset %llu", bytes, at);
	if (fails(ctxt, &rc))
		return rc;
	rc = machine_ops.fetch(ctxt, la, data, bytes);
	if (rc == X86EMUL_CONTINUE)
		watch.fetched |= bits;
	return rc;
}

static int f_read(struct x86_emulate_ctxt *ctxt, unsigned long la, void *data, unsigned int bytes,
		  u32 flags)
{
	int rc;

	called("read");
	if (memory_fails(ctxt, la, flags, &rc))
		return rc;
	rc = machine_ops.read(ctxt, la, data, bytes, flags);
	return flags & X86EMUL_F_WRITE ? note_writable(rc, la) : rc;
}

/* A page once probed or read for writing takes the write: nothing fails half way. */
static int f_write(struct x86_emulate_ctxt *ctxt, unsigned long la, const void *data,
		   unsigned int bytes, u32 flags)
{
	int rc;

	called("write");
	if ((watch.fail_with == X86EMUL_NOT_RAM || !known_writable(la)) &&
	    memory_fails(ctxt, la, flags, &rc))
		return rc;
	return note_writable(machine_ops.write(ctxt, la, data, bytes, flags), la);
}

static int f_cmpxchg(struct x86_emulate_ctxt *ctxt, unsigned long la, const void *old,
		     const void *new, unsigned int bytes, u32 flags)
{
	int rc;

	called("cmpxchg");
	if (fails(ctxt, &rc))
		return rc;
	return note_writable(machine_ops.cmpxchg_emulated(ctxt, la, old, new, bytes, flags), la);
}

#define CALL_FALLIBLE(name, params, ...)					\
static int f_##name params							\
{										\
	int rc;									\
										\
	called(#name);								\
	return fails(ctxt, &rc) ? rc : machine_ops.name(__VA_ARGS__);		\
}

CALL_FALLIBLE(pio_in, (struct x86_emulate_ctxt *ctxt, u16 port, unsigned int bytes, void *data,
		       unsigned int count), ctxt, port, bytes, data, count)
CALL_FALLIBLE(pio_out, (struct x86_emulate_ctxt *ctxt, u16 port, unsigned int bytes,
			const void *data, unsigned int count), ctxt, port, bytes, data, count)
CALL_FALLIBLE(intercept, (struct x86_emulate_ctxt *ctxt, const struct x86_instruction_info *info,
			  enum x86_intercept_stage stage), ctxt, info, stage)
CALL_FALLIBLE(set_cr, (struct x86_emulate_ctxt *ctxt, int cr, u64 val), ctxt, cr, val)
CALL_FALLIBLE(set_dr, (struct x86_emulate_ctxt *ctxt, int dr, u64 val), ctxt, dr, val)
CALL_FALLIBLE(get_msr, (struct x86_emulate_ctxt *ctxt, u32 index, u64 *val), ctxt, index, val)
CALL_FALLIBLE(set_msr, (struct x86_emulate_ctxt *ctxt, u32 index, u64 val), ctxt, index, val)
CALL_FALLIBLE(read_pmc, (struct x86_emulate_ctxt *ctxt, u32 counter, u64 *val), ctxt, counter, val)
CALL_FALLIBLE(vcpu_op, (struct x86_emulate_ctxt *ctxt, enum x86emul_vcpu_op op, u64 arg, u64 arg2),
	      ctxt, op, arg, arg2)
CALL_FALLIBLE(get_xcr, (struct x86_emulate_ctxt *ctxt, u32 index, u64 *val), ctxt, index, val)
CALL_FALLIBLE(set_xcr, (struct x86_emulate_ctxt *ctxt, u32 index, u64 val), ctxt, index, val)

#define CALL(type, name, params, ...)						\
static type f_##name params							\
{										\
	called(#name);								\
	return machine_ops.name(__VA_ARGS__);					\
}

CALL(void, get_segment, (struct x86_emulate_ctxt *ctxt, int seg, struct x86_segment *var),
     ctxt, seg, var)
CALL(void, set_segment, (struct x86_emulate_ctxt *ctxt, int seg, const struct x86_segment *var),
     ctxt, seg, var)
CALL(unsigned long, get_segment_base, (struct x86_emulate_ctxt *ctxt, int seg), ctxt, seg)
CALL(void, get_dt, (struct x86_emulate_ctxt *ctxt, enum x86emul_dt which, struct x86_desc_ptr *dt),
     ctxt, which, dt)
CALL(void, set_dt, (struct x86_emulate_ctxt *ctxt, enum x86emul_dt which,
		    const struct x86_desc_ptr *dt), ctxt, which, dt)
CALL(u64, get_cr, (struct x86_emulate_ctxt *ctxt, int cr), ctxt, cr)
CALL(u64, get_dr, (struct x86_emulate_ctxt *ctxt, int dr), ctxt, dr)
CALL(u64, read_tsc, (struct x86_emulate_ctxt *ctxt), ctxt)
CALL(void, get_cpuid, (struct x86_emulate_ctxt *ctxt, u32 *eax, u32 *ebx, u32 *ecx, u32 *edx),
     ctxt, eax, ebx, ecx, edx)

static void f_get_fpu(struct x86_emulate_ctxt *ctxt)
{
	called("get_fpu");
	watch.in_fpu = true;
	machine_ops.get_fpu(ctxt);
}

static void f_put_fpu(struct x86_emulate_ctxt *ctxt)
{
	machine_ops.put_fpu(ctxt);
	if (!watch.in_fpu)
		fuzz_broken("put_fpu() without get_fpu()");
	watch.in_fpu = false;
}

const struct x86_emulate_ops fuzz_ops = {
	.fetch = f_fetch, .read = f_read, .write = f_write, .cmpxchg_emulated = f_cmpxchg,
	.pio_in = f_pio_in, .pio_out = f_pio_out, .intercept = f_intercept,
	.get_segment = f_get_segment, .set_segment = f_set_segment,
	.get_segment_base = f_get_segment_base, .get_dt = f_get_dt, .set_dt = f_set_dt,
	.get_cr = f_get_cr, .set_cr = f_set_cr, .get_dr = f_get_dr, .set_dr = f_set_dr,
	.get_msr = f_get_msr, .set_msr = f_set_msr, .read_pmc = f_read_pmc,
	.read_tsc = f_read_tsc, .get_cpuid = f_get_cpuid, .vcpu_op = f_vcpu_op,
	.get_xcr = f_get_xcr, .set_xcr = f_set_xcr,
	.get_fpu = f_get_fpu, .put_fpu = f_put_fpu,
};
