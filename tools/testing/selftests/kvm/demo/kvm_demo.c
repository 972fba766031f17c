// SPDX-License-Identifier: GPL-2.0-only
/*
 * The program behind "make run": runs the demonstration guest and shows every
 * instruction KVM emulates for it while that happens.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "guest.h"
#include "show.h"

#define MIN_MNEMONICS 30
#define MAX_EXITS 10000

static const char *const phase_text[NR_PHASES] = {
	[PHASE_REAL] = "guest in real mode: uses a device by ports and memory",
	[PHASE_REAL_FORCED] = "guest in real mode: forces instructions through the emulator",
	[PHASE_PROT] = "guest in protected mode: uses the device, with SSE and across pages",
	[PHASE_PROT_FORCED] = "guest in protected mode: forces instructions through the emulator",
	[PHASE_SWITCH] = "guest builds page tables, sets EFER.LME and CR0.PG",
	[PHASE_LONG] = "guest in long mode: uses the device, 64-bit, SSE and across pages",
	[PHASE_LONG_FORCED] = "guest in long mode: forces instructions through the emulator",
};

/* The device: what is written can be read back. */
static u8 device_memory[0x60000];
static u32 device_port = 0x50;

/* Answers a memory access of the guest. */
static void device_access(struct kvm_run *run)
{
	u64 offset = run->mmio.phys_addr - DEMO_MMIO;

	if (run->mmio.phys_addr < DEMO_MMIO ||
	    offset > sizeof(device_memory) - sizeof(run->mmio.data))
		return;
	if (run->mmio.is_write)
		memcpy(device_memory + offset, run->mmio.data, run->mmio.len);
	else
		memcpy(run->mmio.data, device_memory + offset, run->mmio.len);
}

static void device_in(struct kvm_run *run)
{
	u8 *data = (u8 *)run + run->io.data_offset;
	u32 i;

	for (i = 0; i < run->io.count; i++, data += run->io.size) {
		memcpy(data, &device_port, run->io.size);
		device_port++;
	}
}

static const struct demo_insn *insn_at(u64 offset)
{
	const struct demo_insn *insn;

	for (insn = demo_insns; insn < demo_insns_end; insn++)
		if (insn->start == offset)
			return insn;
	return NULL;
}

/* KVM does not emulate the instruction: go on behind it. */
static bool skip_unknown(struct vcpu *vcpu)
{
	const struct demo_insn *insn;
	struct kvm_sregs sregs;
	struct kvm_regs regs;

	vcpu_get_sregs(vcpu, &sregs);
	vcpu_get_regs(vcpu, &regs);
	insn = insn_at(sregs.cs.base + regs.rip - DEMO_BASE);
	if (!insn)
		return false;
	printf("  ... not emulated: the VMM sends the guest on behind it\n");
	regs.rip += insn->end - insn->start;
	vcpu_set_regs(vcpu, &regs);
	return true;
}

static const char *vector_name(int vector)
{
	switch (vector) {
	case DE_VECTOR:
		return "#DE";
	case UD_VECTOR:
		return "#UD";
	case GP_VECTOR:
		return "#GP";
	case PF_VECTOR:
		return "#PF";
	default:
		return "an exception";
	}
}

/* An instruction faulted: let the handler return behind it. */
static bool skip_faulting(struct vcpu *vcpu)
{
	const struct demo_insn *insn;
	struct guest_fault fault;
	struct kvm_sregs sregs;
	struct kvm_regs regs;
	u64 base, width;

	if (!vcpu_fault(vcpu, &fault))
		return false;
	vcpu_get_sregs(vcpu, &sregs);
	vcpu_get_regs(vcpu, &regs);
	base = sregs.cr0 & CR0_PE ? 0 : fault.cs << 4;
	insn = insn_at(base + fault.rip - DEMO_BASE);
	if (!insn)
		return false;
	printf("  ... the guest's handler receives %s (vector %d) for it\n",
	       vector_name(fault.vector), fault.vector);
	width = sregs.efer & EFER_LMA ? 8 : sregs.cs.db ? 4 : 2;
	fault.rip += insn->end - insn->start;
	vm_write(vcpu->vm, sregs.ss.base + regs.rsp + 2 * width, &fault.rip, width);
	return true;
}

static void begin_phase(unsigned int phase)
{
	if (phase < NR_PHASES)
		printf("\n[%u/%d] %s\n", phase + 1, NR_PHASES, phase_text[phase]);
}

/* False when the guest cannot go on. */
static bool handle_io(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;

	if (run->io.direction == KVM_EXIT_IO_IN)
		device_in(run);
	else if (run->io.port == PORT_PHASE)
		begin_phase(*((u8 *)run + run->io.data_offset));
	else if (run->io.port == PORT_FAULT)
		return skip_faulting(vcpu);
	return true;
}

/* Runs the guest to its end; false, explained, when it does not get there. */
static bool run_guest(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;
	bool good = true;
	int i, reason;

	for (i = 0; good && i < MAX_EXITS; i++) {
		reason = run_until_exit(vcpu);
		trace_drain(show_insn);
		if (reason == KVM_EXIT_IO && at_done(vcpu))
			return true;
		if (reason == KVM_EXIT_IO)
			good = handle_io(vcpu);
		else if (reason == KVM_EXIT_MMIO)
			device_access(run);
		else if (reason == KVM_EXIT_INTERNAL_ERROR &&
			 run->internal.suberror == KVM_INTERNAL_ERROR_EMULATION)
			good = skip_unknown(vcpu);
		else
			good = false;
		if (!good)
			printf("\nThe guest stopped: %s\n", describe_exit(vcpu, reason));
	}
	return false;
}

static struct vcpu *create_guest(void)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_create(vm);

	vcpu_load(vcpu, MODE_REAL16, demo_guest, demo_guest_end);
	return vcpu;
}

static void need_forced_emulation(void)
{
	const char *why = forced_emulation_missing();

	if (!why)
		return;
	fprintf(stderr, "kvm_demo: %s\n", why);
	exit(KSFT_SKIP);
}

int main(void)
{
	struct vcpu *vcpu;
	bool reached;

	tap_start(60);
	if (access("/dev/kvm", R_OK | W_OK)) {
		fprintf(stderr, "kvm_demo: /dev/kvm: %s\n", strerror(errno));
		return KSFT_SKIP;
	}
	need_forced_emulation();
	if (!trace_start())
		return KSFT_SKIP;
	if (!trace_has_mnemonics())
		printf("The tracepoint of these modules has no mnemonic: bytes and exit reason only.\n");
	vcpu = create_guest();
	printf("One line for each instruction that KVM emulates, live from kvm:kvm_emulate_insn.\n"
	       "Result: done; io = done when userspace has answered; fault = exception for the guest;\n"
	       "restart = one round of a REP, to be continued; failed = not emulated.\n\n");
	show_header();
	reached = run_guest(vcpu);
	trace_drain(show_insn);
	trace_stop();
	show_table();
	printf("\n%u lines, %u different mnemonics, %u not emulated, %lu events lost; the guest %s its end\n",
	       shown_lines(), shown_mnemonics(), shown_failures(), trace_lost(),
	       reached ? "reached" : "did not reach");
	if (reached && shown_mnemonics() < MIN_MNEMONICS)
		printf("Fewer than %d mnemonics were shown.\n", MIN_MNEMONICS);
	return reached && shown_mnemonics() >= MIN_MNEMONICS ? EXIT_SUCCESS : EXIT_FAILURE;
}
