// SPDX-License-Identifier: GPL-2.0-only
/* Run a vCPU, and judge what it left for. */
#include <signal.h>
#include <stdio.h>
#include <sys/time.h>

#include "kvm_test.h"

static struct kvm_run *volatile bounded_run;
static volatile bool hung;

/* Without SA_RESTART; immediate_exit closes the race with entering KVM_RUN. */
static void stop_run(int sig)
{
	(void)sig;
	hung = true;
	if (bounded_run)
		bounded_run->immediate_exit = 1;
}

int vcpu_run(struct vcpu *vcpu)
{
	return kvm_ioctl_val(vcpu->fd, KVM_RUN, 0);
}

int run_until_exit(struct vcpu *vcpu)
{
	struct itimerval limit = { .it_value.tv_sec = RUN_SECONDS * test_slowness() };
	struct itimerval off = { 0 };
	struct sigaction action = { .sa_handler = stop_run };
	int r;

	hung = false;
	bounded_run = vcpu->run;
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &limit, NULL);
	r = vcpu_run(vcpu);
	setitimer(ITIMER_REAL, &off, NULL);
	bounded_run = NULL;
	if (hung) {
		vcpu->run->immediate_exit = 0;
		if (r == -EINTR)
			return RUN_HUNG;
	}
	return r < 0 ? r : (int)vcpu->run->exit_reason;
}

const char *exit_name(int reason)
{
	static char other[32];

	switch (reason) {
#define NAME(x) case KVM_EXIT_##x: return "KVM_EXIT_" #x
	NAME(UNKNOWN);
	NAME(EXCEPTION);
	NAME(IO);
	NAME(HYPERCALL);
	NAME(DEBUG);
	NAME(HLT);
	NAME(MMIO);
	NAME(IRQ_WINDOW_OPEN);
	NAME(SHUTDOWN);
	NAME(FAIL_ENTRY);
	NAME(INTR);
	NAME(INTERNAL_ERROR);
#undef NAME
	case RUN_HUNG:
		return "nothing (hung)";
	}
	snprintf(other, sizeof(other), reason < 0 ? "errno %d" : "exit %d",
		 reason < 0 ? -reason : reason);
	return other;
}

const char *describe_exit(struct vcpu *vcpu, int reason)
{
	static char line[320];
	struct kvm_run *run = vcpu->run;
	struct guest_fault fault;
	struct kvm_regs regs;
	int n = snprintf(line, sizeof(line), "%s", exit_name(reason));
	size_t left = sizeof(line) - n;

	if (reason == KVM_EXIT_IO && vcpu_fault(vcpu, &fault)) {
		n += snprintf(line + n, left, " fault vector %d error %#llx cr2 %#llx at %#llx",
			      fault.vector, (unsigned long long)fault.error_code,
			      (unsigned long long)fault.cr2,
			      (unsigned long long)fault.rip);
	} else if (reason == KVM_EXIT_IO) {
		n += snprintf(line + n, left, " %s port %#x size %u count %u",
			      run->io.direction == KVM_EXIT_IO_OUT ? "out" : "in",
			      run->io.port, run->io.size, run->io.count);
	} else if (reason == KVM_EXIT_MMIO) {
		n += snprintf(line + n, left, " %s gpa %#llx len %u data %#llx",
			      run->mmio.is_write ? "write" : "read",
			      run->mmio.phys_addr, run->mmio.len,
			      *(unsigned long long *)run->mmio.data);
	} else if (reason == KVM_EXIT_INTERNAL_ERROR) {
		n += snprintf(line + n, left, " suberror %u ndata %u",
			      run->internal.suberror, run->internal.ndata);
	} else if (reason == KVM_EXIT_FAIL_ENTRY) {
		n += snprintf(line + n, left, " hardware reason %#llx",
			      run->fail_entry.hardware_entry_failure_reason);
	}
	vcpu_get_regs(vcpu, &regs);
	snprintf(line + n, sizeof(line) - n, " rip %#llx", regs.rip);
	return line;
}

bool at_done(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;

	return run->exit_reason == KVM_EXIT_IO &&
	       run->io.direction == KVM_EXIT_IO_OUT && run->io.port == PORT_DONE;
}

/* Report @good; explain the exit when it is not. */
static bool judge(struct vcpu *vcpu, int reason, bool good, const char *name)
{
	ok(good, "%s", name);
	if (!good)
		note("left for %s", describe_exit(vcpu, reason));
	return good;
}

bool expect_exit(struct vcpu *vcpu, int reason, const char *name)
{
	int r = run_until_exit(vcpu);

	return judge(vcpu, r, r == reason, name);
}

bool expect_done(struct vcpu *vcpu, const char *name)
{
	int r = run_until_exit(vcpu);

	return judge(vcpu, r, r == KVM_EXIT_IO && at_done(vcpu), name);
}

void *expect_pio(struct vcpu *vcpu, int direction, u16 port, u8 size,
		 u32 count, const char *name)
{
	struct kvm_run *run = vcpu->run;
	int r = run_until_exit(vcpu);
	bool good = r == KVM_EXIT_IO && run->io.direction == direction &&
		    run->io.port == port && run->io.size == size &&
		    run->io.count == count;

	return judge(vcpu, r, good, name) ? (u8 *)run + run->io.data_offset : NULL;
}

static bool is_mmio(struct vcpu *vcpu, int r, bool write, u64 gpa, u32 len)
{
	struct kvm_run *run = vcpu->run;

	return r == KVM_EXIT_MMIO && !!run->mmio.is_write == write &&
	       run->mmio.phys_addr == gpa && run->mmio.len == len;
}

bool expect_mmio_read(struct vcpu *vcpu, u64 gpa, u32 len, const void *answer,
		      const char *name)
{
	int r = run_until_exit(vcpu);
	bool good = is_mmio(vcpu, r, false, gpa, len);

	if (good)
		memcpy(vcpu->run->mmio.data, answer, len);
	return judge(vcpu, r, good, name);
}

bool expect_mmio_write(struct vcpu *vcpu, u64 gpa, u32 len, const void *data,
		       const char *name)
{
	int r = run_until_exit(vcpu);
	bool good = is_mmio(vcpu, r, true, gpa, len) &&
		    !memcmp(vcpu->run->mmio.data, data, len);

	return judge(vcpu, r, good, name);
}

bool expect_fault(struct vcpu *vcpu, int vector, const char *name)
{
	struct guest_fault fault = { .vector = -1 };
	int r = run_until_exit(vcpu);
	bool good = r == KVM_EXIT_IO && vcpu_fault(vcpu, &fault) &&
		    fault.vector == vector;

	return judge(vcpu, r, good, name);
}

static u64 frame_word(const u8 *frame, int index, int width)
{
	u64 value = 0;

	memcpy(&value, frame + index * width, width);
	return value;
}

/* The stub left the stack as: vector, error code, IP, CS, FLAGS[, SP, SS]. */
bool vcpu_fault(struct vcpu *vcpu, struct guest_fault *fault)
{
	struct kvm_run *run = vcpu->run;
	struct kvm_sregs s;
	struct kvm_regs r;
	const u8 *frame;
	int width;

	if (run->exit_reason != KVM_EXIT_IO ||
	    run->io.direction != KVM_EXIT_IO_OUT || run->io.port != PORT_FAULT)
		return false;
	vcpu_get_sregs(vcpu, &s);
	vcpu_get_regs(vcpu, &r);
	width = s.efer & EFER_LMA ? 8 : s.cs.db ? 4 : 2;
	frame = gpa_to_hva(vcpu->vm, s.ss.base + r.rsp);
	fault->vector = frame_word(frame, 0, width);
	fault->error_code = frame_word(frame, 1, width);
	fault->rip = frame_word(frame, 2, width);
	fault->cs = frame_word(frame, 3, width) & 0xffff;
	fault->rflags = frame_word(frame, 4, width);
	fault->cr2 = s.cr2;
	if (width == 8 || ((s.cr0 & CR0_PE) && (fault->cs & 3)))
		fault->rsp = frame_word(frame, 5, width);
	else
		fault->rsp = r.rsp + 5 * width;
	return true;
}
