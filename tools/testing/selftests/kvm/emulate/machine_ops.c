// SPDX-License-Identifier: GPL-2.0-only
/* The callbacks of the fake machine. */
#include <stdarg.h>
#include <stdio.h>
#include <linux/string.h>
#include "machine.h"

static struct machine *to_machine(struct x86_emulate_ctxt *ctxt)
{
	return ctxt->vcpu;
}

static void __attribute__((__format__(__printf__, 2, 3)))
protocol_error(struct machine *m, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (!m->errors++)
		vsnprintf(m->error, sizeof(m->error), fmt, ap);
	va_end(ap);
}

static int page_fault(struct x86_emulate_ctxt *ctxt, u64 la, u32 code)
{
	ctxt->have_exception = true;
	ctxt->exception = (struct x86_exception) {
		.vector = EXC_PF, .error_code_valid = true, .error_code = code, .address = la,
	};
	return X86EMUL_PROPAGATE_FAULT;
}

static int gp_fault(struct x86_emulate_ctxt *ctxt)
{
	ctxt->have_exception = true;
	ctxt->exception = (struct x86_exception) { .vector = EXC_GP, .error_code_valid = true };
	return X86EMUL_PROPAGATE_FAULT;
}

/* Count a fallible call; is it the one that has to fail? */
static bool inject(struct machine *m, int *ret)
{
	if (++m->calls != m->fail_at)
		return false;
	m->failed = true;
	*ret = m->fail_with;
	if (*ret == X86EMUL_PROPAGATE_FAULT)
		*ret = page_fault(&m->ctxt, 0xbad, 2);
	return true;
}

static void log_access(struct access *log, unsigned int *nr, const struct access *a)
{
	if (*nr < MACHINE_LOG)
		log[(*nr)++] = *a;
}

/* Until the instruction retires. */
static void queue_access(struct machine *m, const struct access *a)
{
	log_access(m->queue, &m->nr_queue, a);
	m->ctxt.io_pending = true;
}

static int translate(struct machine *m, u64 la, unsigned int bytes, bool write, bool fetch,
		     bool user, struct mpage **out)
{
	struct mpage *pg = machine_find(m, la);
	u32 code = (write ? 2 : 0) | (user ? 4 : 0) | (fetch ? 16 : 0);

	if (!bytes || (la & (MACHINE_PAGE - 1)) + bytes > MACHINE_PAGE)
		protocol_error(m, "access of %u bytes at %#llx crosses a page", bytes, la);
	if (!pg || !(pg->attr & PG_PRESENT))
		return page_fault(&m->ctxt, la, code);
	if ((write && !(pg->attr & PG_WRITABLE)) || (user && !(pg->attr & PG_USER)) ||
	    (fetch && pg->attr & PG_NX))
		return page_fault(&m->ctxt, la, code | 1);
	*out = pg;
	return X86EMUL_CONTINUE;
}

static int m_fetch(struct x86_emulate_ctxt *ctxt, unsigned long la, void *data, unsigned int bytes)
{
	struct machine *m = to_machine(ctxt);
	struct mpage *pg;
	int rc;

	m->fetches++;
	if (inject(m, &rc))
		return rc;
	rc = translate(m, la, bytes, false, true, ctxt->cpl == 3, &pg);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	if (pg->attr & PG_MMIO)
		return X86EMUL_UNHANDLEABLE;
	memcpy(data, pg->data + (la & (MACHINE_PAGE - 1)), bytes);
	return X86EMUL_CONTINUE;
}

/* A read that userspace answers: the first call exits, the same call again gets the data. */
static int device_read(struct machine *m, const struct access *a, const void *source, void *data,
		       unsigned int total)
{
	if (m->pending) {
		if (m->pend.kind != a->kind || m->pend.addr != a->addr ||
		    m->pend.bytes != a->bytes || m->pend.count != a->count)
			protocol_error(m, "replay %u:%#llx/%ux%u of %u:%#llx/%ux%u", a->kind,
				       a->addr, a->bytes, a->count, m->pend.kind, m->pend.addr,
				       m->pend.bytes, m->pend.count);
		m->pending = false;
		memcpy(data, m->pend_data, total);
		return X86EMUL_CONTINUE;
	}
	log_access(m->log, &m->nr_log, a);
	memcpy(m->pend_data, source, total);
	if (m->no_io_exit) {
		memcpy(data, source, total);
		return X86EMUL_CONTINUE;
	}
	m->pend = *a;
	m->pending = true;
	return X86EMUL_IO_NEEDED;
}

static int m_read(struct x86_emulate_ctxt *ctxt, unsigned long la, void *data, unsigned int bytes,
		  u32 flags)
{
	struct machine *m = to_machine(ctxt);
	struct access a = { .kind = ACC_MMIO_READ, .bytes = bytes, .count = 1, .addr = la };
	bool user = ctxt->cpl == 3 && !(flags & (X86EMUL_F_IMPLICIT | X86EMUL_F_PHYSICAL));
	struct mpage *pg;
	int rc;

	m->reads += !(flags & X86EMUL_F_PROBE);
	if (inject(m, &rc))
		return rc;
	rc = translate(m, la, bytes, flags & X86EMUL_F_WRITE, false, user, &pg);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	if (pg->attr & PG_MMIO && flags & X86EMUL_F_RAM)
		return X86EMUL_NOT_RAM;
	if (flags & X86EMUL_F_PROBE)
		return X86EMUL_CONTINUE;
	if (pg->attr & PG_MMIO) {
		memcpy(a.data, pg->data + (la & 4095), bytes < sizeof(a.data) ? bytes : sizeof(a.data));
		return device_read(m, &a, pg->data + (la & 4095), data, bytes);
	}
	memcpy(data, pg->data + (la & (MACHINE_PAGE - 1)), bytes);
	return X86EMUL_CONTINUE;
}

static int m_write(struct x86_emulate_ctxt *ctxt, unsigned long la, const void *data,
		   unsigned int bytes, u32 flags)
{
	struct machine *m = to_machine(ctxt);
	struct access a = { .kind = ACC_MMIO_WRITE, .bytes = bytes, .count = 1, .addr = la };
	bool user = ctxt->cpl == 3 && !(flags & X86EMUL_F_IMPLICIT);
	struct mpage *pg;
	int rc;

	m->writes += !(flags & X86EMUL_F_PROBE);
	if (inject(m, &rc))
		return rc;
	rc = translate(m, la, bytes, true, false, user, &pg);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	if (pg->attr & PG_MMIO && flags & X86EMUL_F_RAM)
		return X86EMUL_NOT_RAM;
	if (flags & X86EMUL_F_PROBE)
		return X86EMUL_CONTINUE;
	if (pg->attr & PG_MMIO) {
		if (bytes > 1024)	/* the largest component of an XSAVE area */
			protocol_error(m, "device write of %u bytes", bytes);
		memcpy(a.data, data, bytes < sizeof(a.data) ? bytes : sizeof(a.data));
		queue_access(m, &a);
		return X86EMUL_CONTINUE;
	}
	memcpy(pg->data + (la & (MACHINE_PAGE - 1)), data, bytes);
	m->touched++;
	return X86EMUL_CONTINUE;
}

/* One of the two pages that a locked access may touch; absent: @bytes is 0. */
struct cmpxchg_part {
	struct mpage *pg;
	u64 la;
	unsigned int from, bytes;	/* of the operand */
};

static int cmpxchg_parts(struct machine *m, u64 la, unsigned int bytes, bool user,
			 struct cmpxchg_part *parts)
{
	unsigned int i, room = MACHINE_PAGE - (la & (MACHINE_PAGE - 1));
	int rc;

	parts[0] = (struct cmpxchg_part) { .la = la, .bytes = bytes < room ? bytes : room };
	parts[1] = (struct cmpxchg_part) { .la = la + parts[0].bytes, .from = parts[0].bytes,
					   .bytes = bytes - parts[0].bytes };
	if (m->mode != X86EMUL_MODE_PROT64)
		parts[1].la = (u32)parts[1].la;
	for (i = 0; i < 2 && parts[i].bytes; i++) {
		rc = translate(m, parts[i].la, parts[i].bytes, true, false, user, &parts[i].pg);
		if (rc != X86EMUL_CONTINUE)
			return rc;
	}
	return X86EMUL_CONTINUE;
}

static int m_cmpxchg(struct x86_emulate_ctxt *ctxt, unsigned long la, const void *old,
		     const void *new, unsigned int bytes, u32 flags)
{
	struct machine *m = to_machine(ctxt);
	bool user = ctxt->cpl == 3 && !(flags & X86EMUL_F_IMPLICIT), device;
	struct cmpxchg_part parts[2], *p;
	int rc;

	m->cmpxchgs++;
	if (inject(m, &rc))
		return rc;
	if (bytes > 16 || bytes & (bytes - 1))
		protocol_error(m, "cmpxchg of %u bytes", bytes);
	rc = cmpxchg_parts(m, la, bytes, user, parts);
	if (rc != X86EMUL_CONTINUE)
		return rc;
	device = parts[0].pg->attr & PG_MMIO || (parts[1].bytes && parts[1].pg->attr & PG_MMIO);
	if (!device && m->cmpxchg_races > 0) {
		m->cmpxchg_races--;
		return X86EMUL_CMPXCHG_FAILED;
	}
	for (p = parts; p < parts + 2 && p->bytes && !device; p++)
		if (memcmp(p->pg->data + (p->la & (MACHINE_PAGE - 1)), (u8 *)old + p->from, p->bytes))
			return X86EMUL_CMPXCHG_FAILED;
	for (p = parts; p < parts + 2 && p->bytes; p++) {
		struct access a = { .kind = ACC_MMIO_WRITE, .bytes = p->bytes, .count = 1,
				    .addr = p->la };

		if (p->pg->attr & PG_MMIO) {
			memcpy(a.data, (u8 *)new + p->from, p->bytes);
			queue_access(m, &a);
			continue;
		}
		memcpy(p->pg->data + (p->la & (MACHINE_PAGE - 1)), (u8 *)new + p->from, p->bytes);
		m->touched++;
	}
	return X86EMUL_CONTINUE;
}

static int m_pio_in(struct x86_emulate_ctxt *ctxt, u16 port, unsigned int bytes, void *data,
		    unsigned int count)
{
	struct machine *m = to_machine(ctxt);
	struct access a = { .kind = ACC_PIO_IN, .bytes = bytes, .count = count, .addr = port };
	u8 source[4096];
	unsigned int i;
	int rc;

	m->pio_ins++;
	if (inject(m, &rc))
		return rc;
	if ((bytes != 1 && bytes != 2 && bytes != 4) || !count || bytes * count > sizeof(source)) {
		protocol_error(m, "port input of %u x %u", bytes, count);
		return X86EMUL_UNHANDLEABLE;
	}
	if (!m->pending) {
		for (i = 0; i < bytes * count; i++)
			source[i] = m->port_seed++;
		memcpy(a.data, source, bytes * count < sizeof(a.data) ? bytes * count : sizeof(a.data));
	}
	return device_read(m, &a, source, data, bytes * count);
}

static int m_pio_out(struct x86_emulate_ctxt *ctxt, u16 port, unsigned int bytes, const void *data,
		     unsigned int count)
{
	struct machine *m = to_machine(ctxt);
	struct access a = { .kind = ACC_PIO_OUT, .bytes = bytes, .count = count, .addr = port };
	int rc;

	m->pio_outs++;
	if (inject(m, &rc))
		return rc;
	if ((bytes != 1 && bytes != 2 && bytes != 4) || !count || bytes * count > 4096) {
		protocol_error(m, "port output of %u x %u", bytes, count);
		return X86EMUL_UNHANDLEABLE;
	}
	memcpy(a.data, data, bytes * count < sizeof(a.data) ? bytes * count : sizeof(a.data));
	queue_access(m, &a);
	return X86EMUL_CONTINUE;
}

static int m_intercept(struct x86_emulate_ctxt *ctxt, const struct x86_instruction_info *info,
		       enum x86_intercept_stage stage)
{
	struct machine *m = to_machine(ctxt);

	m->intercepts_asked++;
	m->last_info = *info;
	if (!ctxt->guest_mode)
		protocol_error(m, "intercept() outside guest mode");
	return m->intercept_stage == (int)stage ? X86EMUL_INTERCEPTED : X86EMUL_CONTINUE;
}

static void m_get_segment(struct x86_emulate_ctxt *ctxt, int seg, struct x86_segment *var)
{
	*var = to_machine(ctxt)->s.seg[seg];
}

static void m_set_segment(struct x86_emulate_ctxt *ctxt, int seg, const struct x86_segment *var)
{
	struct machine *m = to_machine(ctxt);

	m->s.seg[seg] = *var;
	if (seg == X86_SEG_SS && m->mode >= X86EMUL_MODE_PROT16)
		m->cpl = (var->attr & X86_SEG_DPL_MASK) >> X86_SEG_DPL_SHIFT;
	if (seg == X86_SEG_CS && m->mode >= X86EMUL_MODE_PROT16)
		m->mode = var->attr & X86_SEG_L && m->s.cr[4] & BIT(5) ? X86EMUL_MODE_PROT64 :
			  var->attr & X86_SEG_DB ? X86EMUL_MODE_PROT32 : X86EMUL_MODE_PROT16;
}

static unsigned long m_get_segment_base(struct x86_emulate_ctxt *ctxt, int seg)
{
	return to_machine(ctxt)->s.seg[seg].base;
}

static void m_get_dt(struct x86_emulate_ctxt *ctxt, enum x86emul_dt which, struct x86_desc_ptr *dt)
{
	*dt = to_machine(ctxt)->s.dt[which];
}

static void m_set_dt(struct x86_emulate_ctxt *ctxt, enum x86emul_dt which,
		     const struct x86_desc_ptr *dt)
{
	struct machine *m = to_machine(ctxt);

	m->s.dt[which].size = dt->size;
	m->s.dt[which].address = dt->address;
}

static u64 m_get_cr(struct x86_emulate_ctxt *ctxt, int cr)
{
	return to_machine(ctxt)->s.cr[cr & 15];
}

static int m_set_cr(struct x86_emulate_ctxt *ctxt, int cr, u64 val)
{
	struct machine *m = to_machine(ctxt);
	int rc;

	if (inject(m, &rc))
		return rc;
	if (cr == 0 && val >> 32)
		return gp_fault(ctxt);
	m->s.cr[cr & 15] = val;
	return X86EMUL_CONTINUE;
}

static u64 m_get_dr(struct x86_emulate_ctxt *ctxt, int dr)
{
	return to_machine(ctxt)->s.dr[dr & 7];
}

static int m_set_dr(struct x86_emulate_ctxt *ctxt, int dr, u64 val)
{
	struct machine *m = to_machine(ctxt);
	int rc;

	if (inject(m, &rc))
		return rc;
	if (dr >= 6 && val >> 32)
		return gp_fault(ctxt);
	m->s.dr[dr & 7] = val;
	return X86EMUL_CONTINUE;
}

static int find_msr(struct machine *m, u32 index)
{
	int i;

	for (i = 0; i < MACHINE_MSRS; i++)
		if (m->s.msr_index[i] == index)
			return i;
	return -1;
}

/* The exit to userspace for an MSR; false when it has been there. EFER is the kernel's own. */
static bool msr_exits(struct machine *m, u32 index)
{
	if (!m->msr_exit || index == 0xc0000080)
		return false;
	if (m->pending && m->pend.kind == ACC_MSR && m->pend.addr == index) {
		m->pending = false;
		return false;
	}
	m->pend = (struct access) { .kind = ACC_MSR, .addr = index };
	m->pending = true;
	return true;
}

static int m_get_msr(struct x86_emulate_ctxt *ctxt, u32 index, u64 *val)
{
	struct machine *m = to_machine(ctxt);
	int i, rc;

	/* EFER is always there. */
	if (index != 0xc0000080 && inject(m, &rc))
		return rc;
	if (msr_exits(m, index))
		return X86EMUL_IO_NEEDED;
	i = find_msr(m, index);
	if (i < 0)
		return gp_fault(ctxt);
	*val = m->s.msr[i];
	return X86EMUL_CONTINUE;
}

static int m_set_msr(struct x86_emulate_ctxt *ctxt, u32 index, u64 val)
{
	struct machine *m = to_machine(ctxt);
	int i, rc;

	if (inject(m, &rc))
		return rc;
	if (msr_exits(m, index))
		return X86EMUL_IO_NEEDED;
	i = find_msr(m, index);
	if (i < 0)
		return gp_fault(ctxt);
	m->s.msr[i] = val;
	return X86EMUL_CONTINUE;
}

static int m_read_pmc(struct x86_emulate_ctxt *ctxt, u32 counter, u64 *val)
{
	int rc;

	if (inject(to_machine(ctxt), &rc))
		return rc;
	if (counter > 3)
		return gp_fault(ctxt);
	*val = 0x1122334455667700ull + counter;
	return X86EMUL_CONTINUE;
}

static u64 m_read_tsc(struct x86_emulate_ctxt *ctxt)
{
	(void)ctxt;
	return 0x0123456789abcdefull;
}

static void m_get_cpuid(struct x86_emulate_ctxt *ctxt, u32 *eax, u32 *ebx, u32 *ecx, u32 *edx)
{
	u32 leaf = *eax, sub = *ecx;

	(void)ctxt;
	if (leaf == 0xd && sub > 1) {
		machine_fpu_layout(sub, eax, ebx, ecx);
		*edx = 0;
		return;
	}
	*eax = leaf + 0x11;
	*ebx = sub + 0x22;
	*ecx = 0x33333333;
	*edx = 0x4c444444;	/* bit 27: RDTSCP in leaf 80000001 */
}

/* Whole or not: a reserved bit of CR4 or EFER is refused. */
static int leave_smm(struct machine *m, const struct x86_smm_state *state)
{
	unsigned int i;

	if (state->cr4 >> 24 || state->efer & 2)
		return X86EMUL_PROPAGATE_FAULT;
	m->s.cr[0] = state->cr0;
	m->s.cr[3] = state->cr3;
	m->s.cr[4] = state->cr4;
	m->s.dr[6] = state->dr6;
	m->s.dr[7] = state->dr7;
	machine_set_msr(m, 0xc0000080, state->efer);
	for (i = 0; i < X86_NR_SEGS; i++)
		m->s.seg[i] = state->seg[i];
	for (i = 0; i < 2; i++) {
		m->s.dt[i].size = state->dt[i].size;
		m->s.dt[i].address = state->dt[i].address;
	}
	m->s.halts += state->halt;
	m->s.vcpu_ops++;
	m->s.vcpu_op = X86_VCPU_LEAVE_SMM;
	m->s.vcpu_op_arg[0] = state->smbase;
	return X86EMUL_CONTINUE;
}

/* HLT, INVLPG, WBINVD and hypercalls are counted apart: most tests want them. */
static int m_vcpu_op(struct x86_emulate_ctxt *ctxt, enum x86emul_vcpu_op op, u64 arg, u64 arg2)
{
	struct mstate *s = &to_machine(ctxt)->s;
	int rc;

	if (inject(to_machine(ctxt), &rc))
		return rc;
	switch (op) {
	case X86_VCPU_HALT:
		s->halts++;
		break;
	case X86_VCPU_INVLPG:
		s->invlpgs++;
		s->invlpg_la = arg;
		break;
	case X86_VCPU_WBINVD:
		s->wbinvds++;
		break;
	case X86_VCPU_HYPERCALL:
		s->hypercalls++;
		break;
	case X86_VCPU_LEAVE_SMM:
		return leave_smm(to_machine(ctxt), (const void *)(uintptr_t)arg);
	default:
		s->vcpu_ops++;
		s->vcpu_op = op;
		s->vcpu_op_arg[0] = arg;
		s->vcpu_op_arg[1] = arg2;
		break;
	}
	return X86EMUL_CONTINUE;
}

static int m_get_xcr(struct x86_emulate_ctxt *ctxt, u32 index, u64 *val)
{
	struct machine *m = to_machine(ctxt);

	if (index > 1 && index != X86_XCR_PKRU)
		return gp_fault(ctxt);
	*val = index == X86_XCR_PKRU ? m->s.pkru : m->s.xcr0;
	return X86EMUL_CONTINUE;
}

static int m_set_xcr(struct x86_emulate_ctxt *ctxt, u32 index, u64 val)
{
	struct machine *m = to_machine(ctxt);
	int rc;

	if (inject(m, &rc))
		return rc;
	if (index == X86_XCR_PKRU) {
		m->s.pkru = val;
		return X86EMUL_CONTINUE;
	}
	if (index || !(val & 1))
		return gp_fault(ctxt);
	m->s.xcr0 = val;
	return X86EMUL_CONTINUE;
}

const struct x86_emulate_ops machine_ops = {
	.fetch = m_fetch, .read = m_read, .write = m_write, .cmpxchg_emulated = m_cmpxchg,
	.pio_in = m_pio_in, .pio_out = m_pio_out, .intercept = m_intercept,
	.get_segment = m_get_segment, .set_segment = m_set_segment,
	.get_segment_base = m_get_segment_base, .get_dt = m_get_dt, .set_dt = m_set_dt,
	.get_cr = m_get_cr, .set_cr = m_set_cr, .get_dr = m_get_dr, .set_dr = m_set_dr,
	.get_msr = m_get_msr, .set_msr = m_set_msr, .read_pmc = m_read_pmc,
	.read_tsc = m_read_tsc, .get_cpuid = m_get_cpuid, .vcpu_op = m_vcpu_op,
	.get_xcr = m_get_xcr, .set_xcr = m_set_xcr,
	.get_fpu = machine_get_fpu, .put_fpu = machine_put_fpu,
};
