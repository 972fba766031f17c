// SPDX-License-Identifier: GPL-2.0-only
/*
 * An unmasked x87 exception is pending when an MMX instruction is emulated: the
 * guest takes #MF, and the host does not. (Natively QEMU's TCG reports it for
 * FWAIT, not for MMX.)
 */
#include "kvm_test.h"

/* 1 / 0 with everything unmasked; CR0.NE, so that the report is #MF. */
#define PENDING									\
	"mov %cr0, %rcx\n or $0x20, %ecx\n mov %rcx, %cr0\n"			\
	"fninit\n pushq $0x340\n fldcw (%rsp)\n fld1\n fldz\n fdivrp\n"

GUEST_CODE(native, 64, PENDING "fwait\n" GUEST_DONE);
GUEST_CODE(forced_load, 64, PENDING GUEST_FEP "movq (%rdi), %mm0\n" GUEST_DONE);
GUEST_CODE(forced_store, 64, PENDING GUEST_FEP "movq %mm0, (%rdi)\n" GUEST_DONE);
GUEST_CODE(clean, 64, "fninit\n" GUEST_FEP "movq (%rdi), %mm0\n" GUEST_FEP
	   "movq %mm0, 8(%rdi)\n emms\n" GUEST_DONE);

#define MF_VECTOR	16

static struct vcpu *vcpu;

static void start(const u8 *code, const u8 *end)
{
	struct kvm_regs r;

	vcpu_load(vcpu, MODE_LONG64, code, end);
	vcpu_get_regs(vcpu, &r);
	r.rdi = DATA_GPA;
	vcpu_set_regs(vcpu, &r);
}

#define START(code) start(code, code##_end)

int main(void)
{
	struct vm *vm;
	u64 *data;

	tap_start(20);
	if (forced_emulation_missing())
		skip_all(forced_emulation_missing());
	vm = vm_create();
	vcpu = vcpu_create(vm);
	data = gpa_to_hva(vm, DATA_GPA);
	data[0] = 0x1122334455667788;

	START(native);
	expect_fault(vcpu, MF_VECTOR, "native FWAIT");
	START(forced_load);
	expect_fault(vcpu, MF_VECTOR, "forced load of MM0");
	START(forced_store);
	expect_fault(vcpu, MF_VECTOR, "forced store of MM0");
	START(clean);
	expect_done(vcpu, "without an exception");
	ok_eq(data[1], data[0], "the value went through MM0");
	return tap_done();
}
