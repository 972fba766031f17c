// SPDX-License-Identifier: GPL-2.0-only
/*
 * Host instructions per iteration of a guest's loop, one line per workload:
 * "name<TAB>instructions<TAB>limit". Only under -icount is one tick of the time
 * stamp counter one instruction.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <x86intrin.h>

#include "bench.h"

/* Device addresses; the bodies below spell them in assembly. */
#define BENCH_MMIO	0x40000000ul
#define EVENT_MMIO	0x40200000ul
#define BENCH_PORT	0x80
#define EVENT_PORT	0x88

#define HANDLER_GPA	(DATA_GPA + 0x1000)
#define VECTOR		0x30

#define ITERATIONS	250

/*
 * R15 counts; a body may use any other register. RBX points to RAM, RBP to
 * MMIO for userspace, R8 to MMIO with an eventfd.
 */
#define WORKLOAD(name, body)						\
	GUEST_CODE(name, 64, "9:\n" body "\ndec %r15\n jnz 9b\n" GUEST_DONE)
#define FEP(insn) GUEST_FEP insn "\n"

WORKLOAD(empty, "nop");
WORKLOAD(cpuid, "xor %eax, %eax\n cpuid");
WORKLOAD(out_event, "out %al, $0x88");
WORKLOAD(mmio_event, "mov %eax, (%r8)");
WORKLOAD(movups_mmio, "movups %xmm0, (%rbp)");
WORKLOAD(hlt_irq, "sti\n hlt");
WORKLOAD(in_user, "in $0x80, %al");
WORKLOAD(mmio_load, "mov (%rbp), %eax");
WORKLOAD(mmio_or, "orl $1, (%rbp)");
WORKLOAD(movsl_mmio, "mov %ebx, %esi\n mov %ebp, %edi\n movsl");
WORKLOAD(rep_outsb, "mov $0x80, %edx\n mov %ebx, %esi\n mov $64, %ecx\n rep outsb");
WORKLOAD(fep_mov, FEP("mov %rcx, %rax"));
WORKLOAD(fep_add, FEP("add %rcx, %rax"));
WORKLOAD(fep_load, FEP("mov (%rbx), %rax"));
WORKLOAD(fep_store, FEP("mov %rax, (%rbx)"));
WORKLOAD(fep_lock_add, FEP("lock add %rax, (%rbx)"));
WORKLOAD(fep_push_pop, FEP("push %rax") FEP("pop %rax"));
WORKLOAD(fep_call, FEP("call 8f") "8: add $8, %rsp");
WORKLOAD(fep_movsb, "mov %ebx, %esi\n lea 0x100(%rbx), %edi\n" FEP("movsb"));
WORKLOAD(fep_mul, FEP("mul %rcx"));
WORKLOAD(fep_cr0, FEP("mov %cr0, %rax"));
WORKLOAD(fep_movdqu, FEP("movdqu (%rbx), %xmm0"));
WORKLOAD(fep_rep_movsb, "mov %ebx, %esi\n lea 0x100(%rbx), %edi\n mov $256, %ecx\n"
	 FEP("rep movsb"));

GUEST_CODE(handler, 64, "iretq");

static const struct workload {
	const char *name;
	const char *limit;
	const u8 *code, *end;
	u64 iterations;		/* 0: the usual number */
	bool forced;		/* needs the forced-emulation prefix */
} workloads[] = {
#define ROW(name, code, ...) { name, LIMIT_EXIT, code, code##_end, ##__VA_ARGS__ }
#define REP(name, code, ...) { name, LIMIT_REP, code, code##_end, ##__VA_ARGS__ }
	{ "empty loop", LIMIT_NONE, empty, empty_end, 100000 },
	ROW("CPUID", cpuid),
	ROW("HLT, userspace, interrupt", hlt_irq),
	ROW("OUT to an ioeventfd port", out_event),
	ROW("MOV store to an ioeventfd MMIO address (len 4)", mmio_event),
	ROW("MOVUPS store to MMIO, userspace", movups_mmio),
	ROW("IN from userspace", in_user),
	ROW("MOV load from MMIO, userspace", mmio_load),
	ROW("OR $1 to MMIO (read-modify-write), userspace", mmio_or),
	ROW("MOVSL RAM to MMIO, userspace", movsl_mmio),
	REP("REP OUTSB of 64 bytes, userspace", rep_outsb, 10),
	ROW("FEP MOV reg,reg", fep_mov, 0, true),
	ROW("FEP ADD reg,reg", fep_add, 0, true),
	ROW("FEP MOV load RAM", fep_load, 0, true),
	ROW("FEP MOV store RAM", fep_store, 0, true),
	ROW("FEP LOCK ADD RAM", fep_lock_add, 0, true),
	ROW("FEP PUSH + FEP POP", fep_push_pop, 0, true),
	ROW("FEP CALL", fep_call, 0, true),
	ROW("FEP MOVSB", fep_movsb, 0, true),
	ROW("FEP MUL", fep_mul, 0, true),
	ROW("FEP MOV from CR0", fep_cr0, 0, true),
	ROW("FEP MOVDQU load", fep_movdqu, 0, true),
	REP("FEP REP MOVSB of 256 bytes RAM to RAM", fep_rep_movsb, 5, true),
#undef ROW
#undef REP
};

static void add_eventfd(struct vm *vm, u64 addr, u32 len, u32 flags)
{
	struct kvm_ioeventfd event = {
		.addr = addr, .len = len, .flags = flags,
		.fd = must_be(eventfd(0, EFD_NONBLOCK), "eventfd"),
	};

	must(kvm_ioctl(vm->fd, KVM_IOEVENTFD, &event));
}

static void add_handler(struct vm *vm)
{
	u64 *gate = gpa_to_hva(vm, IDT64_GPA + 16 * VECTOR);

	gate[0] = (HANDLER_GPA & 0xffff) | SEL_CODE64 << 16 | 0x8e00ull << 32 |
		  (u64)(HANDLER_GPA >> 16) << 48;
	gate[1] = 0;
	vm_write(vm, HANDLER_GPA, handler, handler_end - handler);
}

static struct vcpu *create_machine(void)
{
	struct vm *vm = vm_create();
	u64 *pd = gpa_to_hva(vm, PD_GPA);

	pd[0] = PTE_P | PTE_W | PTE_U | PTE_A | PTE_D | PTE_PS;
	add_handler(vm);
	add_eventfd(vm, EVENT_MMIO, 4, 0);
	add_eventfd(vm, EVENT_PORT, 1, KVM_IOEVENTFD_FLAG_PIO);
	return vcpu_create(vm);
}

static void rewind_guest(struct vcpu *vcpu, u64 iterations)
{
	struct kvm_regs regs = {
		.rip = CODE_GPA, .rsp = STACK_TOP, .rflags = FLAG_FIXED,
		.rax = 1, .rcx = 3, .rbx = DATA_GPA, .rbp = BENCH_MMIO,
		.r8 = EVENT_MMIO, .r15 = iterations,
	};

	vcpu_set_regs(vcpu, &regs);
}

void complete_exit(struct vcpu *vcpu)
{
	vcpu->run->immediate_exit = 1;
	vcpu_run(vcpu);
	vcpu->run->immediate_exit = 0;
}

static void interrupt(struct vcpu *vcpu)
{
	struct kvm_interrupt irq = { .irq = VECTOR };

	if (ioctl(vcpu->fd, KVM_INTERRUPT, &irq))
		bail("KVM_INTERRUPT: %s", strerror(errno));
}

/* What a loop's exit needs before the guest can go on; false: the loop is over. */
static bool serve(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;

	switch (run->exit_reason) {
	case KVM_EXIT_MMIO:
		return true;
	case KVM_EXIT_IO:
		return run->io.port == BENCH_PORT;
	case KVM_EXIT_HLT:
		interrupt(vcpu);
		return true;
	}
	return false;
}

struct loop {
	struct vcpu *vcpu;
	const struct workload *w;
};

/* Let the guest loop @iterations times; returns the ticks that took. */
static u64 run_loop(void *ctx, u64 iterations)
{
	struct loop *loop = ctx;
	struct vcpu *vcpu = loop->vcpu;
	u64 start;

	complete_exit(vcpu);
	rewind_guest(vcpu, iterations);
	start = __rdtsc();
	do {
		if (ioctl(vcpu->fd, KVM_RUN, 0))
			bail("%s: KVM_RUN: %s", loop->w->name, strerror(errno));
	} while (serve(vcpu));
	start = __rdtsc() - start;
	if (!at_done(vcpu))
		bail("%s: %s", loop->w->name, describe_exit(vcpu, vcpu->run->exit_reason));
	return start;
}

u64 least(pass_fn pass, void *ctx, u64 n)
{
	u64 best = ~0ull;
	int i;

	for (i = 0; i < SAMPLES; i++) {
		u64 ticks = pass(ctx, n);

		if (ticks < best)
			best = ticks;
	}
	return best;
}

u64 per_thing(const char *name, pass_fn pass, void *ctx, u64 n)
{
	u64 once = least(pass, ctx, 1);
	u64 many = least(pass, ctx, n + 1);

	if (many < once)
		bail("%s: %llu are cheaper than one", name, (unsigned long long)n + 1);
	return (many - once + n / 2) / n;
}

static const char *only;

bool wanted(const char *name)
{
	return !only || strstr(name, only);
}

void report(const char *name, u64 instructions, const char *limit)
{
	printf("%s\t%llu\t%s\n", name, (unsigned long long)instructions, limit);
}

static void measure(struct vcpu *vcpu, const struct workload *w)
{
	struct loop loop = { vcpu, w };

	vcpu_load(vcpu, MODE_LONG64, w->code, w->end);
	run_loop(&loop, 3);
	report(w->name, per_thing(w->name, run_loop, &loop, w->iterations ?: ITERATIONS),
	       w->limit);
}

static void bench_loops(bool forced)
{
	struct vcpu *vcpu = create_machine();
	unsigned int i;

	vcpu_prime_fpu(vcpu);
	for (i = 0; i < ARRAY_SIZE(workloads); i++) {
		const struct workload *w = &workloads[i];

		if (wanted(w->name) && (forced || !w->forced))
			measure(vcpu, w);
	}
	vm_destroy(vcpu->vm);
}

int main(int argc, char **argv)
{
	const char *why;

	tap_start(240);
	only = argc > 1 ? argv[1] : NULL;
	why = forced_emulation_missing();
	if (why)
		fprintf(stderr, "kvm_bench: no FEP rows: %s\n", why);
	bench_loops(!why);
	bench_faults();
	bench_slots();
	bench_dirty_log();
	return why && !only ? EXIT_FAILURE : EXIT_SUCCESS;
}
