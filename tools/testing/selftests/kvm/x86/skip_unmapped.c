// SPDX-License-Identifier: GPL-2.0-only
/*
 * An instruction exits whose page the guest has unmapped: the CPU still has the
 * translation, who skips the instruction has not. It faults, has not happened,
 * and happens once the page is there again.
 */
#include "kvm_test.h"

#define PAGE 0x38000ul		/* the code, mapped by an entry of PT_GPA */
#define MAGIC 0x12345678

/* RBX: the page's entry. Handlers change no register. */
GUEST_CODE(halts, 64, "movq $0, (%rbx)\n hlt\n inc %esi\n" GUEST_DONE);
GUEST_CODE(breaks, 64, "movq $0, (%rbx)\n int3\n inc %esi\n" GUEST_DONE);
GUEST_CODE(identifies, 64, "movq $0, (%rbx)\n cpuid\n inc %esi\n" GUEST_DONE);
GUEST_CODE(calls, 64, "movq $0, (%rbx)\n vmmcall\n inc %esi\n" GUEST_DONE);
GUEST_CODE(steps, 64, "movq $0, (%rbx)\n invd\n inc %esi\n" GUEST_DONE);

static struct vm *vm;
static struct vcpu *vcpu;

static u64 *entry(void)
{
	return gpa_to_hva(vm, PT_GPA + PAGE / PAGE_SIZE * 8);
}

static void begin(const u8 *code, const u8 *end)
{
	struct kvm_regs r;

	vm_map(vm, PAGE, PAGE, PTE_P | PTE_W | PTE_U | PTE_A | PTE_D);
	vcpu_setup(vcpu, MODE_LONG64);
	vm_write(vm, PAGE, code, end - code);
	vcpu_get_regs(vcpu, &r);
	r.rip = PAGE;
	r.rax = MAGIC;
	r.rcx = 1;
	r.rbx = PT_GPA + PAGE / PAGE_SIZE * 8;
	vcpu_set_regs(vcpu, &r);
}

/* False when this CPU knows the next RIP, or has forgotten the translation by itself. */
static bool faults(const char *name)
{
	struct guest_fault f = { .vector = -1 };
	struct kvm_regs r;
	int reason = run_until_exit(vcpu);

	if (!(reason == KVM_EXIT_IO && vcpu_fault(vcpu, &f) && f.vector == PF_VECTOR)) {
		note("%s: %s", name, describe_exit(vcpu, reason));
		return false;
	}
	/* VMX tells the length: only what comes behind it cannot be fetched. */
	if (!strcmp(modules_vendor(), "kvm_intel") && f.rip > PAGE + 7)
		return false;
	vcpu_get_regs(vcpu, &r);
	ok_eq(f.rip, PAGE + 7, "%s: the fault is its own", name);
	ok_eq(f.cr2, PAGE + 7, "%s: CR2", name);
	ok_eq((u32)r.rax, MAGIC, "%s: RAX is what it was", name);
	ok_eq(r.rcx, 1, "%s: RCX, too", name);
	*entry() = PAGE | PTE_P | PTE_W | PTE_U | PTE_A | PTE_D;
	return true;
}

static void test_once(const u8 *code, const u8 *end, int reason, const char *name)
{
	struct kvm_regs r;

	begin(code, end);
	if (!faults(name)) {
		skip(name, "this CPU, or this KVM, needs not read it");
		return;
	}
	if (reason == KVM_EXIT_EXCEPTION)
		expect_fault(vcpu, 3, name);
	else if (reason)
		expect_exit(vcpu, reason, name);
	expect_done(vcpu, name);
	vcpu_get_regs(vcpu, &r);
	ok_eq(r.rsi, 1, "%s: the guest goes on behind it", name);
}

int main(void)
{
	tap_start(50);
	vm = vm_create();
	vcpu = vcpu_create(vm);
	test_once(halts, halts_end, KVM_EXIT_HLT, "HLT");
	test_once(breaks, breaks_end, KVM_EXIT_EXCEPTION, "INT3");
	test_once(identifies, identifies_end, 0, "CPUID");
	test_once(calls, calls_end, 0, "VMMCALL");
	test_once(steps, steps_end, 0, "INVD");
	vm_destroy(vm);
	return tap_done();
}
