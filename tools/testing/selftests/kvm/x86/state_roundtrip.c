// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest that is moved to a fresh VM at every exit does what it does when it is
 * left alone: the same exits, and in the end the same registers and memory.
 */
#include <stdlib.h>
#include <sys/ioctl.h>

#include "kvm_test.h"

#define DEV_CMD		0x90		/* OUT of a command to the device model */
#define CMD_WINDOW	1		/* interrupt as soon as the guest can take one */
#define CMD_NMI		2
#define CMD_INTERRUPT	3		/* interrupt now, though the guest cannot take it yet */
#define MMIO_SS		(MMIO_GPA + 0x100)	/* reads as SS's selector */
#define HOLE_GPA	(DATA_GPA + 0x9000)	/* absent until the guest touches it */
#define MAX_EXITS	512
#define XCR0_AVX	7ull
#define NMI		2

/* Fold EAX; fold the SSE registers and count on the x87 stack. */
#define ACC "rol $5, %ebp\n add %eax, %ebp\n"
#define ACC_FPU "movd %ebp, %xmm2\n paddd %xmm2, %xmm3\n pshufd $0x39, %xmm3, %xmm3\n" \
		"movd %xmm3, %eax\n" ACC "fld1\n faddp\n"

/* @D: offset of the data in DS, @A: the register that moves to debug registers. */
#define PART_BEGIN(D, A) \
	"mov $0x1234567, %ebp\n movd %ebp, %xmm3\n fninit\n fldpi\n" \
	"movl $0x5f80, " D "+0x20\n ldmxcsr " D "+0x20\n" \
	"mov $0x111000, %eax\n mov %" A ", %dr0\n mov $0x222000, %eax\n mov %" A ", %dr3\n" \
	"mov $0x175, %ecx\n mov $0xabcde, %eax\n xor %edx, %edx\n wrmsr\n"

/* Ports, and time, which does not go backwards. */
#define PART_PORTS \
	"mov $0x11, %al\n out %al, $0x80\n mov $0x2233, %ax\n out %ax, $0x82\n" \
	"mov $0x44556677, %eax\n out %eax, $0x84\n" \
	"in $0x88, %al\n" ACC "in $0x8a, %ax\n" ACC "in $0x8c, %eax\n" ACC ACC_FPU \
	"rdtsc\n mov %eax, %esi\n mov %edx, %edi\n out %al, $0x80\n rdtsc\n" \
	"sub %esi, %eax\n sbb %edi, %edx\n setc %al\n movzbl %al, %eax\n" ACC "xor %edx, %edx\n"

/* @M: offset of device memory in ES; @ES: load ES to reach it. */
#define PART_MMIO(M, ES) ES \
	"mov %ebp, %es:" M "+0x10\n mov %es:" M "+0x14, %eax\n" ACC \
	"addl $5, %es:" M "+0x18\n movdqu %es:" M "+0x20, %xmm5\n paddd %xmm5, %xmm3\n" \
	"movdqu %xmm3, %es:" M "+0x40\n" ACC_FPU

/* @FS: load FS to reach device memory; @ESD: load ES to reach the data. */
#define PART_STRINGS(D, M, FS, ESD) \
	"cld\n mov $" M "+0x80, %edi\n mov $" D "+0x100, %esi\n mov $5, %ecx\n" \
	"rep movsl (%esi), %es:(%edi)\n" \
	"mov $" M "+0xc0, %edi\n mov $0x5a, %al\n mov $3, %ecx\n rep stosb %al, %es:(%edi)\n" \
	FS ESD \
	"mov $" M "+0xd0, %esi\n mov $" D "+0x200, %edi\n mov $9, %ecx\n" \
	"rep movsb %fs:(%esi), %es:(%edi)\n mov " D "+0x204, %eax\n" ACC \
	"mov $" D "+0x100, %esi\n mov $0x86, %edx\n mov " D "+0x30, %ecx\n rep outsb (%esi), %dx\n" \
	"mov $" D "+0x4000, %edi\n mov $0x8e, %edx\n mov $2000, %ecx\n" \
	"rep insl %dx, %es:(%edi)\n mov " D "+0x5000, %eax\n" ACC ACC_FPU \
	/* Into a page that is absent: the second part waits for its #PF. */ \
	"mov $" D "+0x8ff0, %edi\n mov $32, %ecx\n rep insb %dx, %es:(%edi)\n" \
	"mov " D "+0x9008, %eax\n" ACC

/* @SP: the stack pointer. */
#define PART_EVENTS(M, ES, SP) \
	"mov $1, %al\n out %al, $0x90\n sti\n nop\n nop\n cli\n" \
	"mov $3, %al\n out %al, $0x90\n in $0x88, %al\n" ACC "sti\n nop\n nop\n cli\n" \
	"sti\n hlt\n cli\n" \
	"mov $2, %al\n out %al, $0x90\n in $0x88, %al\n" ACC \
	/* The shadow of MOV SS; what waits for its end QEMU 7.2 lets through at any exit. */ \
	ES "mov %es:" M "+0x100, %ss\n inc %ebp\n inc %ebp\n" \
	/* A trap behind a port access. */ \
	"pushf\n orw $0x100, (%" SP ")\n popf\n out %al, $0x80\n" \
	"pushf\n andw $0xfeff, (%" SP ")\n popf\n"

#define PART_END(D, A, AVX_END) \
	AVX_END "mov %dr0, %" A "\n" ACC "mov %dr3, %" A "\n" ACC "mov %dr6, %" A "\n" ACC \
	"mov $0x175, %ecx\n rdmsr\n" ACC "fistpl " D "+0x10\n mov " D "+0x10, %eax\n" ACC \
	"stmxcsr " D "+0x20\n mov " D "+0x20, %eax\n" ACC ACC_FPU \
	"mov %ebp, " D "\n" GUEST_DONE

#define AVX "vinsertf128 $1, %xmm3, %ymm4, %ymm4\n"
#define AVX_DONE "vextractf128 $1, %ymm4, %xmm5\n movd %xmm5, %eax\n" ACC

#define GUEST(name, bits, D, M, A, SP, ES, FS, ESD, AVX1, AVX2) \
	GUEST_CODE(name, bits, PART_BEGIN(D, A) AVX1 PART_PORTS PART_MMIO(M, ES) \
		   PART_STRINGS(D, M, FS, ESD) PART_EVENTS(M, ES, SP) PART_END(D, A, AVX2))

#define LOAD(seg, selector) "mov $" selector ", %eax\n mov %eax, %" seg "\n"
#define ES_IS_DS "mov %ds, %eax\n mov %eax, %es\n"

GUEST(real, 16, "0", "0", "eax", "esp", LOAD("es", "0xa000"), LOAD("fs", "0xa000"), ES_IS_DS, "", "");
GUEST(prot16, 16, "0", "0", "eax", "esp", LOAD("es", "0x40"), LOAD("fs", "0x40"), ES_IS_DS,
      "", "");
GUEST(flat32, 32, "0x30000", "0xa0000", "eax", "esp", "", "", "", AVX, AVX_DONE);
GUEST(flat64, 64, "0x30000", "0xa0000", "rax", "rsp", "", "", "", AVX, AVX_DONE);
GUEST(sse32, 32, "0x30000", "0xa0000", "eax", "esp", "", "", "", "", "");
GUEST(sse64, 64, "0x30000", "0xa0000", "rax", "rsp", "", "", "", "", "");

static bool avx, has_xcrs;	/* the machine has them */

/* One exit, as far as it must be the same. */
struct record {
	u32 reason, dir, size, count;
	u64 addr, data;
	struct guest_fault fault;
};

/* A machine that is moved, and the devices that stay. */
struct machine {
	struct vm *vm;
	struct vcpu *vcpu;
	u32 seed;		/* of what devices answer */
	int nmis_left;
	bool moving;
	int moves;
	struct record trace[MAX_EXITS];
	int nr;
};

/* All that userspace can ask of a vCPU. */
struct state {
	struct kvm_regs regs;
	struct kvm_sregs2 sregs;
	struct kvm_sregs sregs1;
	struct kvm_xsave xsave;
	struct kvm_xcrs xcrs;
	struct kvm_debugregs debugregs;
	struct kvm_vcpu_events events;
	struct kvm_mp_state mp_state;
	u64 cr8;
	u8 window;
};

static const u32 msrs[] = {
	0x174, 0x175, 0x176, 0x277, 0x3b, 0x1a0, 0xc0000081, 0xc0000082, 0xc0000083,
	0xc0000084, 0xc0000102, 0x10,
};

static void get_state(struct vcpu *v, struct state *s)
{
	memset(s, 0, sizeof(*s));
	must(kvm_ioctl(v->fd, KVM_GET_VCPU_EVENTS, &s->events));
	must(kvm_ioctl(v->fd, KVM_GET_MP_STATE, &s->mp_state));
	vcpu_get_regs(v, &s->regs);
	vcpu_get_sregs(v, &s->sregs1);
	must(kvm_ioctl(v->fd, KVM_GET_SREGS2, &s->sregs));
	must(kvm_ioctl(v->fd, KVM_GET_XSAVE, &s->xsave));
	if (has_xcrs)
		must(kvm_ioctl(v->fd, KVM_GET_XCRS, &s->xcrs));
	must(kvm_ioctl(v->fd, KVM_GET_DEBUGREGS, &s->debugregs));
	s->cr8 = v->run->cr8;
	s->window = v->run->request_interrupt_window;
}

/* The events last: setting registers takes a pending exception back. */
static void set_state(struct vcpu *v, const struct state *s)
{
	must(kvm_ioctl(v->fd, KVM_SET_MP_STATE, &s->mp_state));
	if (s->xcrs.nr_xcrs)
		must(kvm_ioctl(v->fd, KVM_SET_XCRS, &s->xcrs));
	must(kvm_ioctl(v->fd, KVM_SET_XSAVE, &s->xsave));
	must(kvm_ioctl(v->fd, KVM_SET_SREGS2, &s->sregs));
	vcpu_set_regs(v, &s->regs);
	must(kvm_ioctl(v->fd, KVM_SET_DEBUGREGS, &s->debugregs));
	must(kvm_ioctl(v->fd, KVM_SET_VCPU_EVENTS, &s->events));
	v->run->cr8 = s->cr8;
	v->run->request_interrupt_window = s->window;
}

static void copy_msrs(struct vcpu *to, struct vcpu *from)
{
	unsigned int i;
	u64 value;

	for (i = 0; i < ARRAY_SIZE(msrs); i++)
		if (vcpu_get_msr(from, msrs[i], &value) == 1)
			vcpu_set_msr(to, msrs[i], value);
}

static void new_machine(struct machine *m)
{
	struct kvm_enable_cap cap = { .cap = KVM_CAP_EXCEPTION_PAYLOAD, .args[0] = 1 };

	m->vm = vm_create();
	if (kvm_has(KVM_CAP_EXCEPTION_PAYLOAD))
		must(kvm_ioctl(m->vm->fd, KVM_ENABLE_CAP, &cap));
	m->vcpu = vcpu_create(m->vm);
}

/* To another VM, by what userspace can see; what it sees there is the same. */
static bool move(struct machine *m)
{
	struct vm *old = m->vm;
	struct vcpu *from = m->vcpu;
	struct state s, back;

	get_state(from, &s);
	new_machine(m);
	memcpy(gpa_to_hva(m->vm, 0), gpa_to_hva(old, 0), RAM_END);
	m->vcpu->mode = from->mode;
	copy_msrs(m->vcpu, from);
	set_state(m->vcpu, &s);
	get_state(m->vcpu, &back);
	vm_destroy(old);
	m->moves++;
	return !kvm_is_ours() || !memcmp(&s, &back, sizeof(s));
}

static u8 device_byte(struct machine *m)
{
	m->seed = m->seed * 1664525 + 1013904223;
	return m->seed >> 24;
}

static void answer(struct machine *m, u8 *data, size_t n)
{
	while (n--)
		*data++ = device_byte(m);
}

static u64 hash(const u8 *data, size_t n)
{
	u64 h = 0xcbf29ce484222325;

	while (n--)
		h = (h ^ *data++) * 0x100000001b3;
	return h;
}

static void interrupt(struct machine *m, u32 vector)
{
	struct kvm_interrupt irq = { .irq = vector };

	must(kvm_ioctl(m->vcpu->fd, KVM_INTERRUPT, &irq));
}

/* Linux 6.1 injects at once what the guest cannot take. */
static void command(struct machine *m, u8 cmd)
{
	if (cmd == CMD_NMI) {
		m->nmis_left = 1;
		must(kvm_ioctl_val(m->vcpu->fd, KVM_NMI, 0));
	} else if (cmd == CMD_INTERRUPT && kvm_is_ours()) {
		interrupt(m, 0x23);
	} else {
		m->vcpu->run->request_interrupt_window = 1;
	}
}

/* What the guest's handlers report: another NMI while one is in service, the page that is absent. */
static void fault(struct machine *m, struct record *r)
{
	vcpu_fault(m->vcpu, &r->fault);
	if (r->fault.vector == NMI && m->nmis_left-- > 0)
		must(kvm_ioctl_val(m->vcpu->fd, KVM_NMI, 0));
	if (r->fault.vector == PF_VECTOR)
		vm_map(m->vm, HOLE_GPA, HOLE_GPA, PTE_P | PTE_W | PTE_U | PTE_A | PTE_D);
}

static void handle_io(struct machine *m, struct record *r)
{
	struct kvm_run *run = m->vcpu->run;
	u8 *data = (u8 *)run + run->io.data_offset;
	size_t n = run->io.size * run->io.count;

	r->dir = run->io.direction;
	r->size = run->io.size;
	r->count = run->io.count;
	r->addr = run->io.port;
	if (r->dir == KVM_EXIT_IO_IN)
		answer(m, data, n);
	/* What the handlers write is what is in AL, the time for one. */
	if (r->addr != PORT_FAULT && r->addr != 0x80)
		r->data = hash(data, n);
	if (r->addr == DEV_CMD)
		command(m, *data);
	if (r->addr == PORT_FAULT)
		fault(m, r);
}

static void handle_mmio(struct machine *m, struct record *r)
{
	struct kvm_run *run = m->vcpu->run;
	struct kvm_sregs s;

	r->dir = run->mmio.is_write;
	r->size = run->mmio.len;
	r->addr = run->mmio.phys_addr;
	if (!run->mmio.is_write && r->addr == MMIO_SS) {
		vcpu_get_sregs(m->vcpu, &s);
		memcpy(run->mmio.data, &s.ss.selector, 2);
	} else if (!run->mmio.is_write) {
		answer(m, run->mmio.data, run->mmio.len);
	}
	r->data = hash(run->mmio.data, run->mmio.len);
}

/* False at the end of the guest, or of the test's patience. */
static bool handle_exit(struct machine *m, int reason)
{
	struct record *r = &m->trace[m->nr];
	struct kvm_regs regs;

	if (m->nr == MAX_EXITS)
		return false;
	m->nr++;
	memset(r, 0, sizeof(*r));
	r->reason = reason;
	switch (reason) {
	case KVM_EXIT_IO:
		handle_io(m, r);
		return r->addr != PORT_DONE;
	case KVM_EXIT_MMIO:
		handle_mmio(m, r);
		return true;
	case KVM_EXIT_HLT:
		interrupt(m, 0x22);
		return true;
	case KVM_EXIT_IRQ_WINDOW_OPEN:
		vcpu_get_regs(m->vcpu, &regs);
		r->addr = regs.rip;
		m->vcpu->run->request_interrupt_window = 0;
		interrupt(m, 0x21);
		return true;
	}
	note("left for %s", describe_exit(m->vcpu, reason));
	return false;
}

/* Complete what is pending, then move. False when an exit of it was the last. */
static bool finish_and_move(struct machine *m, bool *same)
{
	int reason;

	for (;;) {
		m->vcpu->run->immediate_exit = 1;
		reason = run_until_exit(m->vcpu);
		m->vcpu->run->immediate_exit = 0;
		if (reason == -EINTR)
			break;
		if (!handle_exit(m, reason))
			return false;
	}
	if (!move(m) && *same) {
		note("state differs after move %d, behind exit %d", m->moves, m->nr);
		*same = false;
	}
	return true;
}

static void start(struct machine *m, enum guest_mode mode, const u8 *code, const u8 *end)
{
	struct kvm_xcrs xcrs = { .nr_xcrs = 1, .xcrs[0].value = XCR0_AVX };
	struct kvm_sregs s;
	u8 *data;
	int i;

	memset(m, 0, sizeof(*m));
	m->seed = 12345 + mode;
	new_machine(m);
	/* Linux 6.1 takes what is near to a new VM's zero for that. */
	if (!kvm_is_ours())
		vcpu_set_msr(m->vcpu, 0x10, 1ull << 40);
	vcpu_load(m->vcpu, mode, code, end);
	data = gpa_to_hva(m->vm, DATA_GPA);
	for (i = 0; i < 0x1000; i++)
		data[i] = i * 7;
	/* Items of REP OUTS, of which Linux 6.1 makes an exit each. */
	*(u32 *)(data + 0x30) = kvm_is_ours() ? 5000 : 10;
	vm_map(m->vm, HOLE_GPA, HOLE_GPA, 0);
	if (!avx)
		return;
	vcpu_get_sregs(m->vcpu, &s);
	s.cr4 |= CR4_OSXSAVE;
	vcpu_set_sregs(m->vcpu, &s);
	must(kvm_ioctl(m->vcpu->fd, KVM_SET_XCRS, &xcrs));
}

/* Run to the end; true when every move kept the state. */
static bool run_machine(struct machine *m, bool moving)
{
	bool same = true;
	int reason;

	do {
		if (moving && m->nr && !finish_and_move(m, &same))
			break;
		reason = run_until_exit(m->vcpu);
	} while (handle_exit(m, reason));
	return same;
}

static void explain(const struct machine *a, const struct machine *b)
{
	int i;

	for (i = 0; i < a->nr && i < b->nr; i++) {
		const struct record *x = &a->trace[i], *y = &b->trace[i];

		if (!memcmp(x, y, sizeof(*x)))
			continue;
		note("exit %d: reason %u addr %#llx dir %u size %u count %u data %#llx", i,
		     x->reason, (unsigned long long)x->addr, x->dir, x->size, x->count,
		     (unsigned long long)x->data);
		note("moved:  reason %u addr %#llx dir %u size %u count %u data %#llx",
		     y->reason, (unsigned long long)y->addr, y->dir, y->size, y->count,
		     (unsigned long long)y->data);
		note("faults: vector %d rip %#llx flags %#llx; vector %d rip %#llx flags %#llx",
		     x->fault.vector, (unsigned long long)x->fault.rip,
		     (unsigned long long)x->fault.rflags, y->fault.vector,
		     (unsigned long long)y->fault.rip, (unsigned long long)y->fault.rflags);
		return;
	}
}

static void compare(struct machine *a, struct machine *b, const char *mode)
{
	struct state x, y;

	get_state(a->vcpu, &x);
	get_state(b->vcpu, &y);
	ok_eq(b->nr, a->nr, "%s: as many exits", mode);
	if (!ok(!memcmp(a->trace, b->trace, sizeof(a->trace)), "%s: the same exits", mode))
		explain(a, b);
	ok(!memcmp(&x.regs, &y.regs, sizeof(x.regs)), "%s: the same general registers", mode);
	ok(!memcmp(&x.sregs, &y.sregs, sizeof(x.sregs)), "%s: system registers", mode);
	ok(!memcmp(&x.xsave.region[40], &y.xsave.region[40], 256), "%s: XMM registers", mode);
	ok(!memcmp(&x.xsave.region[144], &y.xsave.region[144], 256), "%s: YMM registers", mode);
	ok(!memcmp(&x.debugregs, &y.debugregs, sizeof(x.debugregs)), "%s: debug registers", mode);
	ok(!memcmp(gpa_to_hva(a->vm, DATA_GPA), gpa_to_hva(b->vm, DATA_GPA), RAM_END - DATA_GPA),
	   "%s: memory", mode);
}

/*
 * QEMU 7.2's SVM forgets the shadow of STI when one of the host's interrupts ends the
 * guest just there: the window of one guest has opened an instruction early.
 */
static bool window_early(const struct machine *a, const struct machine *b)
{
	int i;

	for (i = 0; i < a->nr && i < b->nr; i++) {
		const struct record *x = &a->trace[i], *y = &b->trace[i];

		if (memcmp(x, y, sizeof(*x)))
			return x->reason == KVM_EXIT_IRQ_WINDOW_OPEN && x->reason == y->reason &&
			       x->addr != y->addr;
	}
	return false;
}

static void test_mode(enum guest_mode mode, const u8 *code, const u8 *end, const u8 *no_avx,
		      const u8 *no_avx_end)
{
	static struct machine alone, moved;
	int tries = 0;
	bool same;

	if (!avx) {
		code = no_avx;
		end = no_avx_end;
	}
again:
	start(&alone, mode, code, end);
	run_machine(&alone, false);
	start(&moved, mode, code, end);
	same = run_machine(&moved, true);
	if (window_early(&alone, &moved) && ++tries < 5) {
		vm_destroy(alone.vm);
		vm_destroy(moved.vm);
		goto again;
	}
	ok(at_done(alone.vcpu), "%s: the guest that is left alone ends", mode_name(mode));
	ok(at_done(moved.vcpu), "%s: the guest that is moved %d times ends", mode_name(mode),
	   moved.moves);
	ok(same, "%s: what is set comes back", mode_name(mode));
	compare(&alone, &moved, mode_name(mode));
	vm_destroy(alone.vm);
	vm_destroy(moved.vm);
}

int main(void)
{
	u32 eax = 0xd, ebx, ecx = 0, edx;

	tap_start(55);
	if (!kvm_has(KVM_CAP_XSAVE) || !kvm_has(KVM_CAP_SREGS2) || !kvm_has(KVM_CAP_DEBUGREGS))
		skip_all("not all state can be read and written");
	guest_cpuid(&eax, &ebx, &ecx, &edx);
	avx = (eax & XCR0_AVX) == XCR0_AVX;
	has_xcrs = kvm_has(KVM_CAP_XCRS);
	if (!kvm_is_ours() && !strcmp(modules_vendor(), "kvm_intel"))
		skip_all("Linux 6.1 goes on otherwise after a move on VMX");
	test_mode(MODE_REAL16, real, real_end, real, real_end);
	test_mode(MODE_PROT16, prot16, prot16_end, prot16, prot16_end);
	test_mode(MODE_PROT32, flat32, flat32_end, sse32, sse32_end);
	test_mode(MODE_PAGED32, flat32, flat32_end, sse32, sse32_end);
	test_mode(MODE_PAE32, flat32, flat32_end, sse32, sse32_end);
	test_mode(MODE_COMPAT32, flat32, flat32_end, sse32, sse32_end);
	test_mode(MODE_LONG64, flat64, flat64_end, sse64, sse64_end);
	return tap_done();
}
