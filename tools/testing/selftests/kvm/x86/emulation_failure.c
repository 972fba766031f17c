// SPDX-License-Identifier: GPL-2.0-only
/* What cannot be emulated is reported with its bytes, never skipped. */
#include "kvm_test.h"

/*
 * An LDT that is a device: the processor cannot read the descriptor, and ours
 * reads none by MMIO. Linux 6.1 tries for ever; it lacks arithmetic instead.
 */
GUEST_CODE(load_ds, 64, "mov $0xf, %eax\n mov %eax, %ds\n inc %ebx\n" GUEST_DONE);
GUEST_CODE(load_es, 64, "mov $0xf, %eax\n mov %eax, %es\n inc %ebx\n" GUEST_DONE);
GUEST_CODE(forced_load, 64, "mov $0xf, %eax\n" GUEST_FEP "mov %eax, %ds\n" GUEST_DONE);
GUEST_CODE(sse_int, 64, "mov $0xa0000, %edi\n paddd (%rdi), %xmm0\n inc %ebx\n" GUEST_DONE);
GUEST_CODE(sse_float, 64, "mov $0xa0000, %edi\n addps (%rdi), %xmm0\n inc %ebx\n" GUEST_DONE);
GUEST_CODE(forced_sse, 64, GUEST_FEP "paddd %xmm1, %xmm0\n" GUEST_DONE);

struct failing {
	const u8 *code, *end;
	u8 size;		/* of the instruction at INSN_OFFSET */
};

#define FAILING(name, bytes) { name, name##_end, bytes }
static const struct failing ours[] = {
	FAILING(load_ds, 2), FAILING(load_es, 2), FAILING(forced_load, 2),
};
static const struct failing theirs[] = {
	FAILING(sse_int, 4), FAILING(sse_float, 3), FAILING(forced_sse, 4),
};
static const struct failing *failing = ours;
GUEST_CODE(forced_ud0, 64, GUEST_FEP ".byte 0x0f, 0xff, 0xc0\n" GUEST_DONE);

GUEST_CODE(jump_away, 64, "mov $0xa0000, %eax\n jmp *%rax\n" GUEST_DONE);

#define INSN_OFFSET 5

static struct vm *vm;
static struct vcpu *vcpu;

static int exit_on_failure(u64 value)
{
	struct kvm_enable_cap cap = {
		.cap = KVM_CAP_EXIT_ON_EMULATION_FAILURE, .args = { value },
	};

	return kvm_ioctl(vm->fd, KVM_ENABLE_CAP, &cap);
}

static void set_device_ldt(void)
{
	struct kvm_sregs sregs;

	vcpu_get_sregs(vcpu, &sregs);
	sregs.ldt = (struct kvm_segment){
		.base = MMIO_GPA, .limit = 0xff, .selector = SEL_TSS, .type = 2, .present = 1,
	};
	vcpu_set_sregs(vcpu, &sregs);
}

/* The exit carries the bytes from RIP on, and the guest is still there. */
static void failure_reported(const struct failing *f, const char *name)
{
	struct kvm_run *run = vcpu->run;
	struct kvm_regs r;
	u8 size;

	if (!expect_exit(vcpu, KVM_EXIT_INTERNAL_ERROR, name))
		return;
	ok_eq(run->emulation_failure.suberror, KVM_INTERNAL_ERROR_EMULATION,
	      "suberror EMULATION");
	ok(run->emulation_failure.ndata >= 3 &&
	   run->emulation_failure.ndata <= ARRAY_SIZE(run->internal.data),
	   "ndata covers the bytes");
	ok(run->emulation_failure.flags &
	   KVM_INTERNAL_ERROR_EMULATION_FLAG_INSTRUCTION_BYTES, "flag INSTRUCTION_BYTES");
	size = run->emulation_failure.insn_size;
	ok(size >= f->size && size <= 15 &&
	   !memcmp(run->emulation_failure.insn_bytes, f->code + INSN_OFFSET, f->size),
	   "the instruction's bytes (%u of them)", size);
	vcpu_get_regs(vcpu, &r);
	ok_eq(r.rip, CODE_GPA + INSN_OFFSET, "RIP is at the instruction");
	ok_eq(r.rbx, 0, "nothing after it has run");
}

static void load_failing(const struct failing *f)
{
	vcpu_load(vcpu, MODE_LONG64, f->code, f->end);
	set_device_ldt();
}

static void fails(const struct failing *f, const char *name)
{
	load_failing(f);
	failure_reported(f, name);
}

static void fresh_vcpu(void)
{
	if (vm)
		vm_destroy(vm);
	vm = vm_create();
	vcpu = vcpu_create(vm);
}

static void test_kernel_mode(void)
{
	fails(&failing[0], "an instruction nobody emulates");
	fails(&failing[1], "another");
}

static void test_user_mode(void)
{
	struct guest_fault f = { .rip = 0 };

	load_failing(&failing[0]);
	vcpu_set_user(vcpu);
	expect_fault(vcpu, UD_VECTOR, "at CPL 3 the guest takes #UD");
	vcpu_fault(vcpu, &f);
	ok_eq(f.rip, CODE_GPA + INSN_OFFSET, "at the instruction");
}

static void test_cap(void)
{
	struct kvm_regs r;

	if (kvm_has(KVM_CAP_EXIT_ON_EMULATION_FAILURE) <= 0) {
		skip("exit on failure", "KVM_CAP_EXIT_ON_EMULATION_FAILURE is absent");
		return;
	}
	ok_eq(exit_on_failure(2), -EINVAL, "enable the capability with argument 2");
	ok_eq(exit_on_failure(1), 0, "enable it");
	load_failing(&failing[0]);
	vcpu_set_user(vcpu);
	failure_reported(&failing[0], "CPL 3 now leaves too");
	fails(&failing[1], "CPL 0 leaves as before");
	/* The VMM may do the instruction itself and go on behind it. */
	vcpu_get_regs(vcpu, &r);
	r.rip += failing[1].size;
	vcpu_set_regs(vcpu, &r);
	expect_done(vcpu, "the guest goes on where the VMM says");
	vcpu_get_regs(vcpu, &r);
	ok_eq(r.rbx, 1, "behind the instruction");
	ok_eq(exit_on_failure(0), 0, "disable it");
	load_failing(&failing[0]);
	vcpu_set_user(vcpu);
	expect_fault(vcpu, UD_VECTOR, "#UD at CPL 3 again");
}

static void test_forced(void)
{
	const char *why = forced_emulation_missing();

	if (why) {
		skip("forced emulation", why);
		return;
	}
	load_failing(&failing[2]);
	expect_fault(vcpu, UD_VECTOR, "forced, and not emulated: #UD");
	load_code(vcpu, MODE_LONG64, forced_ud0);
	expect_fault(vcpu, UD_VECTOR, "forced UD0: #UD");
}

/* What ours says in words, behind the words of the ABI. */
static void says(const char *want, const char *name)
{
	const char *text = (const char *)&vcpu->run->internal.data[7];

	ok(vcpu->run->internal.ndata == 11 && !strncmp(text, want, strlen(want)), "%s", name);
	note("%.32s", text);
}

/* No memory at RIP is another thing than an instruction that nobody emulates. */
static void test_text(void)
{
	load_code(vcpu, MODE_LONG64, jump_away);
	if (!expect_exit(vcpu, KVM_EXIT_INTERNAL_ERROR, "code where no memory is"))
		return;
	ok_eq(vcpu->run->emulation_failure.suberror, KVM_INTERNAL_ERROR_EMULATION,
	      "suberror EMULATION");
	if (!kvm_is_ours()) {
		skip("which of the two it was", "only our KVM says it");
		return;
	}
	ok_eq(vcpu->run->emulation_failure.flags, 0, "there are no bytes to show");
	says("fetch from unbacked memory", "it says that the fetch failed");
	load_failing(&failing[0]);
	if (expect_exit(vcpu, KVM_EXIT_INTERNAL_ERROR, "an instruction nobody emulates"))
		says("mov ds, ax", "it says which one");
}

int main(void)
{
	tap_start(50);
	if (!kvm_is_ours())
		failing = theirs;
	fresh_vcpu();
	test_kernel_mode();
	fresh_vcpu();
	test_user_mode();
	fresh_vcpu();
	test_cap();
	fresh_vcpu();
	test_text();
	fresh_vcpu();
	test_forced();
	vm_destroy(vm);
	return tap_done();
}
