// SPDX-License-Identifier: GPL-2.0-only
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/time.h>

#include "trial.h"

static const u8 fep[] = { 0x0f, 0x0b, 'k', 'v', 'm' };

const u32 msr_index[NR_MSRS] = {
	0x174, 0x175, 0x176,				/* SYSENTER_CS, ESP, EIP */
	0xc0000081, 0xc0000082, 0xc0000083, 0xc0000084,	/* STAR, LSTAR, CSTAR, SFMASK */
	0xc0000102, 0xc0000103,				/* KERNEL_GS_BASE, TSC_AUX */
};

static struct vcpu *vcpu;

/* ---- building trials ----------------------------------------------------------------- */

void trial_init(struct trial *t, const struct world *w, const u8 *bytes, unsigned int len)
{
	static const u64 msr[NR_MSRS] = {
		S_CODE32, ARENA_GPA + AT_STACKS + STACK_SIZE - 0x80, CODE_GPA + LANDING_AT,
		(u64)S_CODE32_3 << 48 | (u64)S_CODE64 << 32, CODE_GPA + LANDING_AT,
		CODE_GPA + LANDING_AT + 0x40, 0x4700, 0xffff800000001000, 0x1234,
	};

	memset(t, 0, offsetof(struct trial, arena));
	memcpy(t->arena, w->arena, sizeof(t->arena));
	memset(&t->undefined, 0, sizeof(*t) - offsetof(struct trial, undefined));
	t->w = w;
	t->sregs = w->sregs;
	t->regs.rflags = w->flags;
	t->regs.rbx = w->data;
	t->regs.rbp = w->sp;
	t->vector = -1;
	memcpy(t->msr, msr, sizeof(msr));
	memcpy(t->insn, bytes, len);
	t->len = len;
}

void trial_text(struct trial *t, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(t->text, sizeof(t->text), fmt, args);
	va_end(args);
}

void trial_before(struct trial *t, const u8 *bytes, unsigned int len)
{
	memcpy(t->before + t->before_len, bytes, len);
	t->before_len += len;
}

void trial_after(struct trial *t, const u8 *bytes, unsigned int len)
{
	memcpy(t->after + t->after_len, bytes, len);
	t->after_len += len;
}

void trial_expect(struct trial *t, const char *why, int vector, u64 error)
{
	t->distrust = why;
	t->vector = vector;
	t->error = error;
}

void trial_put(struct trial *t, unsigned int at, u64 value, unsigned int size)
{
	memcpy(t->arena + at, &value, size);
}

void trial_desc(struct trial *t, u16 selector, u64 desc)
{
	trial_put(t, AT_GDT + (selector & ~7), desc, 8);
}

void trial_stack(struct trial *t, const u64 *values, unsigned int count, unsigned int size)
{
	u64 sp = t->regs.rsp ? t->regs.rsp : t->w->sp;
	unsigned int at = t->w->bits == 16 ? sp : sp - ARENA_GPA;
	unsigned int i;

	for (i = 0; i < count; i++)
		trial_put(t, at + i * size, values[i], size);
}

u64 get_bytes(const void *from, unsigned int size)
{
	u64 value = 0;

	memcpy(&value, from, size);
	return value;
}

/* ---- running them ---------------------------------------------------------------------- */

static volatile unsigned long entries;
static volatile bool hung;

/* Has the guest been inside for a second? */
static void tick(int sig)
{
	static unsigned long last;
	static unsigned int same;

	(void)sig;
	same = entries == last ? same + 1 : 0;
	if (same >= 5) {
		hung = true;
		vcpu->run->immediate_exit = 1;
	}
	last = entries;
}

void trials_begin(struct vcpu *v)
{
	struct itimerval every = { .it_value.tv_usec = 200000, .it_interval.tv_usec = 200000 };
	struct sigaction action = { .sa_handler = tick };

	vcpu = v;
	make_worlds(vcpu);
	memset(gpa_to_hva(vcpu->vm, CODE_GPA), 0x90, INSN_AT);
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &every, NULL);
}

static int enter(void)
{
	int r;

	hung = false;
	entries++;
	do
		r = vcpu_run(vcpu);
	while (r == -EINTR && !hung);
	vcpu->run->immediate_exit = 0;
	if (hung && r == -EINTR)
		return RUN_HUNG;
	return r < 0 ? r : (int)vcpu->run->exit_reason;
}

/* An access to a port of no meaning: note it down, and answer it. */
static bool answer_port(struct outcome *o)
{
	struct kvm_run *run = vcpu->run;
	u8 *data = (u8 *)run + run->io.data_offset;
	unsigned int bytes = run->io.size * run->io.count;
	struct port_access *a = &o->io[o->ports];

	if (o->reason != KVM_EXIT_IO || o->ports == MAX_PORTS || bytes > 8 ||
	    run->io.port == PORT_DONE || run->io.port == PORT_FAULT)
		return false;
	a->port = run->io.port;
	a->size = run->io.size;
	a->count = run->io.count;
	a->out = run->io.direction == KVM_EXIT_IO_OUT;
	if (a->out)
		memcpy(&a->data, data, bytes);
	else
		memset(data, 0xa5, bytes);
	o->ports++;
	return true;
}

/*
 * What comes before, the prefix, the instruction, what comes after, OUT. HLT behind it
 * because TCG translates on and on.
 */
static unsigned int place_code(const struct trial *t, bool forced)
{
	static const u8 out[] = { 0xe6, PORT_DONE, 0xf4, 0xf4 };
	u8 *code = gpa_to_hva(vcpu->vm, CODE_GPA), *at = code + INSN_AT;
	static bool filled;
	unsigned int i;

	for (i = 0; !filled && i < PAGE_SIZE; i += sizeof(out))
		memcpy(code + i, out, sizeof(out));
	filled = true;
	if (forced)
		memcpy(at -= sizeof(fep), fep, sizeof(fep));
	memcpy(at - t->before_len, t->before, t->before_len);
	memcpy(code + INSN_AT, t->insn, t->len);
	memcpy(code + INSN_AT + t->len, t->after, t->after_len);
	memcpy(code + INSN_AT + t->len + t->after_len, out, sizeof(out));
	return at - t->before_len - code;
}

static void set_msrs(const struct trial *t)
{
	struct {
		struct kvm_msrs list;
		struct kvm_msr_entry entry[NR_MSRS];
	} m = { .list.nmsrs = NR_MSRS };
	unsigned int i;

	for (i = 0; i < NR_MSRS; i++) {
		m.list.entries[i].index = msr_index[i];
		m.list.entries[i].data = t->msr[i];
	}
	must(kvm_ioctl(vcpu->fd, KVM_SET_MSRS, &m));
}

static void get_msrs(struct outcome *o)
{
	struct {
		struct kvm_msrs list;
		struct kvm_msr_entry entry[NR_MSRS];
	} m = { .list.nmsrs = NR_MSRS };
	unsigned int i;

	for (i = 0; i < NR_MSRS; i++)
		m.list.entries[i].index = msr_index[i];
	must(kvm_ioctl(vcpu->fd, KVM_GET_MSRS, &m));
	for (i = 0; i < NR_MSRS; i++)
		o->msr[i] = m.list.entries[i].data;
}

/* Linear address of the stack top of whoever reports. */
static u64 frame_address(const struct outcome *o)
{
	const struct kvm_segment *ss = &o->sregs.ss;

	if (o->sregs.efer & EFER_LMA && o->sregs.cs.l)
		return o->regs.rsp;
	return ss->base + (ss->db ? (u32)o->regs.rsp : (u16)o->regs.rsp);
}

static bool has_error_code(int vector)
{
	return vector == DF_VECTOR || (vector >= TS_VECTOR && vector <= PF_VECTOR) ||
	       vector == AC_VECTOR;
}

/* Width of the pushes of the handler's gate, by the kind of code it leads to. */
static unsigned int frame_width(const struct outcome *o)
{
	return o->sregs.cs.l ? 8 : o->sregs.cs.db ? 4 : 2;
}

/*
 * Which handler reports, and its error code. Whether the frame of a fault has
 * RF is the processor's business: clear it.
 */
static void take_fault(const struct world *w, struct outcome *o)
{
	u64 stub = o->sregs.cs.base + o->regs.rip - STUBS_GPA;
	u64 frame = frame_address(o) - ARENA_GPA;
	unsigned int width = frame_width(o);
	bool error;

	if (stub >= 256 * STUB_BYTES)
		return;
	o->vector = stub / STUB_BYTES;
	error = has_error_code(o->vector) && !w->real && !(o->regs.rflags & 1u << 17);
	if (frame >= ARENA_SIZE - 48)
		return;
	if (error) {
		o->error = get_bytes(o->arena + frame, width);
		frame += width;
	}
	if (width > 2)
		o->arena[frame + 2 * width + 2] &= ~1;
}

static void run_at(const struct trial *t, unsigned int at, struct outcome *o)
{
	u8 *arena = gpa_to_hva(vcpu->vm, ARENA_GPA);
	struct kvm_run *run = vcpu->run;
	struct kvm_regs regs = t->regs;

	memcpy(arena, t->arena, ARENA_SIZE);
	regs.rip = t->w->code + at;
	if (!regs.rsp)
		regs.rsp = t->w->sp;
	vcpu_set_sregs(vcpu, &t->sregs);
	vcpu_set_regs(vcpu, &regs);
	run->cr8 = t->sregs.cr8;
	if (t->msrs)
		set_msrs(t);
	memset(o->io, 0, sizeof(o->io));
	o->ports = 0;
	do
		o->reason = enter();
	while (answer_port(o));
	vcpu_get_regs(vcpu, &o->regs);
	vcpu_get_sregs(vcpu, &o->sregs);
	if (t->msrs)
		get_msrs(o);
	memcpy(o->arena, arena, ARENA_SIZE);
	o->vector = -1;
	o->error = 0;
	o->done = o->reason == KVM_EXIT_IO && run->io.port == PORT_DONE;
	if (o->reason == KVM_EXIT_IO && run->io.port == PORT_FAULT)
		take_fault(t->w, o);
}

void trial_run(const struct trial *t, bool forced, struct outcome *o)
{
	run_at(t, place_code(t, forced), o);
}

const char *trial_run_code(const struct trial *t, unsigned int at, const u8 *code, unsigned int len,
			   struct outcome *o, unsigned int from, void *data, unsigned int size)
{
	vm_write(vcpu->vm, CODE_GPA + at, code, len);
	run_at(t, at, o);
	memcpy(data, gpa_to_hva(vcpu->vm, ARENA_GPA + from), size);
	return o->done ? NULL : describe_exit(vcpu, o->reason);
}

/* ---- comparing ----------------------------------------------------------------------- */

static char difference[256];

static const char *differ(const char *fmt, ...) __printf(1, 2);
static const char *differ(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(difference, sizeof(difference), fmt, args);
	va_end(args);
	return difference;
}

/* Outside 64-bit mode the upper halves are undefined. */
static const char *compare_regs(const struct trial *t, const struct outcome *n,
				const struct outcome *f)
{
	static const char *const name[] = {
		"rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rsp", "rbp", "r8", "r9",
		"r10", "r11", "r12", "r13", "r14", "r15", "rip",
	};
	const unsigned long long *a = &n->regs.rax, *b = &f->regs.rax;
	u64 mask = n->sregs.cs.l && t->w->bits == 64 ? ~0ull : 0xffffffff;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(name); i++)
		if ((a[i] ^ b[i]) & mask)
			return differ("%s: native %#llx, forced %#llx", name[i], a[i], b[i]);
	if ((n->regs.rflags ^ f->regs.rflags) & ~t->undefined)
		return differ("rflags: native %#llx, forced %#llx", n->regs.rflags,
			      f->regs.rflags);
	return NULL;
}

/* Of a NULL selector nothing else counts, but for the bases of FS and GS. */
static bool same_segment(const struct kvm_segment *a, const struct kvm_segment *b)
{
	if (a->selector != b->selector || a->unusable != b->unusable)
		return false;
	if (a->unusable)
		return true;
	return a->base == b->base && a->limit == b->limit && a->type == b->type &&
	       a->s == b->s && a->dpl == b->dpl && a->present == b->present &&
	       a->l == b->l && a->db == b->db && a->g == b->g && a->avl == b->avl;
}

static void print_segment(char *text, size_t size, const struct kvm_segment *s)
{
	snprintf(text, size, "%#x base %#llx limit %#x type %#x s%u dpl%u p%u l%u db%u g%u%s",
		 s->selector, s->base, s->limit, s->type, s->s, s->dpl, s->present, s->l, s->db,
		 s->g, s->unusable ? " unusable" : "");
}

static const char *compare_sregs(const struct kvm_sregs *n, const struct kvm_sregs *f)
{
	static const char *const name[] = { "cs", "ds", "es", "fs", "gs", "ss", "tr", "ldt" };
	const struct kvm_segment *a = &n->cs, *b = &f->cs;
	char native[96], forced[96];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(name); i++) {
		if (same_segment(&a[i], &b[i]))
			continue;
		print_segment(native, sizeof(native), &a[i]);
		print_segment(forced, sizeof(forced), &b[i]);
		return differ("%s: native %s, forced %s", name[i], native, forced);
	}
	if (n->cr0 != f->cr0 || n->cr2 != f->cr2 || n->cr3 != f->cr3 || n->cr4 != f->cr4 ||
	    n->cr8 != f->cr8 || n->efer != f->efer)
		return differ("native cr0 %#llx cr2 %#llx cr3 %#llx cr4 %#llx cr8 %#llx efer %#llx, "
			      "forced %#llx %#llx %#llx %#llx %#llx %#llx",
			      n->cr0, n->cr2, n->cr3, n->cr4, n->cr8, n->efer,
			      f->cr0, f->cr2, f->cr3, f->cr4, f->cr8, f->efer);
	if (n->gdt.base != f->gdt.base || n->gdt.limit != f->gdt.limit)
		return differ("gdtr: native %#llx %#x, forced %#llx %#x", n->gdt.base,
			      n->gdt.limit, f->gdt.base, f->gdt.limit);
	if (n->idt.base != f->idt.base || n->idt.limit != f->idt.limit)
		return differ("idtr: native %#llx %#x, forced %#llx %#x", n->idt.base,
			      n->idt.limit, f->idt.base, f->idt.limit);
	return NULL;
}

static const char *arena_name(unsigned int at)
{
	static const struct {
		unsigned int at;
		const char *name;
	} parts[] = {
		{ AT_STACKS + 4 * STACK_SIZE, "stack IST" }, { AT_STACKS + 3 * STACK_SIZE, "stack 3" },
		{ AT_STACKS + 2 * STACK_SIZE, "stack 2" }, { AT_STACKS + STACK_SIZE, "stack 1" },
		{ AT_STACKS, "stack 0" }, { AT_DATA, "data" }, { AT_TSS16, "16-bit TSS" },
		{ AT_TSS32, "other TSS" }, { AT_TSS, "TSS" }, { AT_LDT, "LDT" }, { AT_IDT, "IDT" },
		{ AT_GDT, "GDT" },
	};
	static char text[32];
	unsigned int i = 0;

	while (at < parts[i].at)
		i++;
	snprintf(text, sizeof(text), "%s+%#x", parts[i].name, at - parts[i].at);
	return text;
}

static const char *compare_arena(const struct outcome *n, const struct outcome *f)
{
	unsigned int i;

	if (!memcmp(n->arena, f->arena, ARENA_SIZE))
		return NULL;
	for (i = 0; n->arena[i] == f->arena[i]; i++)
		;
	i &= ~3;
	return differ("%s: native %#llx, forced %#llx", arena_name(i),
		      (unsigned long long)get_bytes(n->arena + i, 8),
		      (unsigned long long)get_bytes(f->arena + i, 8));
}

static const char *compare_msrs(const struct outcome *n, const struct outcome *f)
{
	unsigned int i;

	for (i = 0; i < NR_MSRS; i++)
		if (n->msr[i] != f->msr[i])
			return differ("MSR %#x: native %#llx, forced %#llx", msr_index[i],
				      (unsigned long long)n->msr[i], (unsigned long long)f->msr[i]);
	return NULL;
}

const char *outcome_differs(const struct trial *t, const struct outcome *n, const struct outcome *f)
{
	const char *r;

	if (n->reason != f->reason || n->vector != f->vector || n->error != f->error ||
	    n->done != f->done)
		return differ("native %s vector %d error %#llx rip %#llx, "
			      "forced %s vector %d error %#llx rip %#llx",
			      n->reason == KVM_EXIT_IO ? "" : exit_name(n->reason), n->vector,
			      (unsigned long long)n->error, n->regs.rip,
			      f->reason == KVM_EXIT_IO ? "" : exit_name(f->reason), f->vector,
			      (unsigned long long)f->error, f->regs.rip);
	/* A machine that shut down has no state to speak of. */
	if (n->reason == KVM_EXIT_SHUTDOWN)
		return NULL;
	r = compare_regs(t, n, f);
	if (!r && (n->ports != f->ports || memcmp(n->io, f->io, sizeof(n->io))))
		r = differ("ports: native %u, first %#x, forced %u, first %#x", n->ports,
			   n->io[0].port, f->ports, f->io[0].port);
	if (!r)
		r = compare_sregs(&n->sregs, &f->sregs);
	if (!r)
		r = compare_arena(n, f);
	if (!r && t->msrs)
		r = compare_msrs(n, f);
	return r;
}
