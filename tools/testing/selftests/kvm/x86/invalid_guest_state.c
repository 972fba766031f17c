// SPDX-License-Identifier: GPL-2.0-only
/*
 * States that a processor has and that VMX does not enter, or not without
 * unrestricted guest mode: limits and bases that real mode has kept, selectors of real
 * mode in protected mode, descriptors that do not go together. Nobody sees a
 * difference, which SVM and unrestricted guest mode show by running the same.
 */
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>

#include "kvm_test.h"

#define IRQ 0x31
#define TSS_ADDR 0xfffbd000	/* with nothing else there */

GUEST_CODE(fetch_mmio, 16, "ljmp $0xa000, $0x100\n");
GUEST_CODE(divide, 16, "xor %bx, %bx\n div %bx\n");
GUEST_CODE(undefined, 16, "ud2\n");
GUEST_CODE(beyond_limit, 16, "mov $0x10000, %esi\n mov %gs:(%esi), %al\n");
GUEST_CODE(spin, 16, GUEST_INTERRUPTIBLE "1: jmp 1b\n");
GUEST_CODE(window, 16, "nop\n sti\n 1: inc %bx\n jmp 1b\n");
GUEST_CODE(big, 16,
	   "mov $0x100400, %esi\n mov $0x5eed, %ax\n mov %ax, (%esi)\n"
	   "xchg %bx, (%esi)\n movw $3, %cx\n lea 0x100(%esi), %edi\n"
	   "push %ds\n pop %ds\n push %bx\n pop %dx\n" GUEST_DONE);
GUEST_CODE(far_base, 16,
	   "call 1f\n" GUEST_DONE "ljmp $0x1000, $2f - far_base\n"
	   "1: mov %cs, %ax\n ret\n"
	   "2: mov %cs, %ax\n" GUEST_DONE);
/* The selectors of real mode are levels 1 to 3 once CR0.PE is set. */
GUEST_CODE(selectors, 16,
	   "mov %cr0, %eax\n or $1, %eax\n mov %eax, %cr0\n"
	   "movw $0x1234, 0x10\n push %ax\n"
	   "ljmp $0x28, $1f - selectors\n"
	   "1: incw 0x10\n pop %bx\n mov %ss, %cx\n out %al, $0xe8\n"
	   "mov $0x38, %ax\n mov %ax, %ss\n mov $0x30, %ax\n mov %ax, %ds\n"
	   "mov %ax, %es\n mov %ax, %fs\n mov %ax, %gs\n incw 0x10\n" GUEST_DONE);
GUEST_CODE(undefined_prot, 16,
	   "mov %cr0, %eax\n or $1, %eax\n mov %eax, %cr0\n"
	   "ljmp $0x28, $1f - undefined_prot\n 1: ud2\n");
GUEST_CODE(flat32, 32, "mov $0x30000, %esi\n incl (%esi)\n mov (%esi), %ebx\n" GUEST_DONE);

static struct vm *vm;
static struct vcpu *vcpu;
static struct kvm_sregs s;
static bool vmx, restricted;

/* Real mode with 4 GiB from 0 in DS: never entered without unrestricted guest mode. */
static void start_big(const u8 *code, const u8 *end)
{
	vcpu_load(vcpu, MODE_REAL16, code, end);
	vcpu_get_sregs(vcpu, &s);
	s.ds.base = 0;
	s.ds.limit = ~0u;
	s.ds.g = 1;
	vcpu_set_sregs(vcpu, &s);
}
#define START_BIG(code) start_big(code, code##_end)

static void test_errors(void)
{
	START_BIG(fetch_mmio);
	expect_exit(vcpu, KVM_EXIT_INTERNAL_ERROR, "a fetch from a device");
	ok_eq(vcpu->run->internal.suberror, KVM_INTERNAL_ERROR_EMULATION, "is not emulated");
	START_BIG(divide);
	expect_fault(vcpu, DE_VECTOR, "#DE with a limit of 4 GiB");
	START_BIG(undefined);
	if (restricted && !kvm_is_ours())
		skip("#UD", "an emulation failure there");
	else
		expect_fault(vcpu, UD_VECTOR, "#UD");
	if (!vmx) {
		skip("#GP beyond the limit of another segment", "QEMU does not look at limits");
		return;
	}
	START_BIG(beyond_limit);
	expect_fault(vcpu, GP_VECTOR, "#GP beyond the limit of another segment");
}

/* Nobody reads through a table of vectors that does not reach so far. */
static void test_shutdown(void)
{
	START_BIG(undefined);
	s.idt.limit = 2;
	vcpu_set_sregs(vcpu, &s);
	if (restricted && !kvm_is_ours())
		skip("no vector for #UD, #GP, #DF", "an internal error there");
	else
		expect_exit(vcpu, KVM_EXIT_SHUTDOWN, "no vector for #UD, #GP, #DF");
}

/* The page of the code cannot be read by userspace either. */
static void test_unreadable(void)
{
	void *page = gpa_to_hva(vm, CODE_GPA);

	START_BIG(spin);
	if (!kvm_is_ours()) {
		skip("EFAULT for code that userspace cannot read", "an emulation failure there");
		return;
	}
	must(mprotect(page, PAGE_SIZE, PROT_NONE));
	ok_eq(run_until_exit(vcpu), -EFAULT, "EFAULT for code that userspace cannot read");
	must(mprotect(page, PAGE_SIZE, PROT_READ | PROT_WRITE));
}

static void test_big(void)
{
	struct kvm_regs r;

	*(u16 *)gpa_to_hva(vm, HIGH_GPA + 0x400) = 0;
	START_BIG(big);
	expect_done(vcpu, "real mode with a limit of 4 GiB");
	vcpu_get_regs(vcpu, &r);
	ok_eq(r.rdx, 0x5eed, "reads what it wrote above 1 MiB");
	ok_eq(r.rdi, 0x100500, "and computes");
	vcpu_get_sregs(vcpu, &s);
	ok_eq(s.ds.limit, ~0u, "POP DS keeps the limit");
	ok_eq(s.ds.base, (u64)s.ds.selector << 4, "and loads the base");
}

static void test_base(void)
{
	struct kvm_regs r;

	load_code(vcpu, MODE_REAL16, far_base);
	vcpu_get_sregs(vcpu, &s);
	s.cs.selector = 0xf000;
	vcpu_set_sregs(vcpu, &s);
	expect_done(vcpu, "CS as after reset: its base is not that of its selector");
	vcpu_get_regs(vcpu, &r);
	ok_eq(r.rax & 0xffff, 0xf000, "the selector");
	vcpu_get_sregs(vcpu, &s);
	ok_eq(s.cs.base, CODE_GPA, "the base");
	expect_done(vcpu, "a far jump");
	vcpu_get_sregs(vcpu, &s);
	ok_eq(s.cs.selector, CODE_GPA >> 4, "makes it an ordinary one");
}

static void start_selectors(const u8 *code, const u8 *end)
{
	vcpu_load(vcpu, MODE_REAL16, code, end);
	vcpu_get_sregs(vcpu, &s);
	s.ss.selector |= 3;
	s.ss.base = s.ss.selector << 4;
	s.ds.selector |= 2;
	s.ds.base = s.ds.selector << 4;
	s.es.selector |= 1;
	s.es.base = s.es.selector << 4;
	vcpu_set_sregs(vcpu, &s);
}

static void test_selectors(void)
{
	u16 *word = gpa_to_hva(vm, DATA_GPA + 0x20 + 0x10);
	struct kvm_regs r;

	*word = 0;
	start_selectors(selectors, selectors_end);
	expect_pio(vcpu, KVM_EXIT_IO_OUT, 0xe8, 1, 1, "protected mode with real mode's selectors");
	vcpu_get_regs(vcpu, &r);
	vcpu_get_sregs(vcpu, &s);
	ok_eq(*word, 0x1235, "memory through DS");
	ok_eq(r.rcx & 0xffff, (STACK_GPA >> 4) | 3, "SS as it was");
	ok_eq(s.ss.selector, (STACK_GPA >> 4) | 3, "for userspace, too");
	ok_eq(s.ss.base, STACK_GPA + 0x30, "with its base");
	ok_eq(s.cs.selector, SEL_CODE16, "CS that it loaded");
	ok_eq(s.cr0 & CR0_PE, CR0_PE, "CR0.PE");
	expect_done(vcpu, "protected mode with selectors of its own");
	vcpu_get_sregs(vcpu, &s);
	ok_eq(s.ss.base, STACK_GPA, "and another stack");
}

static void test_exception(void)
{
	start_selectors(undefined_prot, undefined_prot_end);
	vcpu_get_sregs(vcpu, &s);
	s.idt.base = IDT16_GPA;
	s.idt.limit = NR_VECTORS * 8 - 1;
	vcpu_set_sregs(vcpu, &s);
	if (restricted && !kvm_is_ours())
		skip("#UD in protected mode with real mode's selectors",
		     "an internal error there");
	else
		expect_fault(vcpu, UD_VECTOR, "#UD in protected mode with real mode's selectors");
}

static void test_interrupts(void)
{
	struct kvm_interrupt irq = { .irq = IRQ };
	struct kvm_regs r;

	START_BIG(window);
	vcpu->run->request_interrupt_window = 1;
	expect_exit(vcpu, KVM_EXIT_IRQ_WINDOW_OPEN, "STI opens the interrupt window");
	vcpu->run->request_interrupt_window = 0;
	ok(vcpu->run->ready_for_interrupt_injection, "ready for an interrupt");
	ok_eq(kvm_ioctl(vcpu->fd, KVM_INTERRUPT, &irq), 0, "KVM_INTERRUPT");
	expect_fault(vcpu, IRQ, "the interrupt");
	vcpu_get_regs(vcpu, &r);
	ok_eq(r.rflags & FLAG_IF, 0, "with IF clear in its handler");

	if (kvm_is_ours()) {
		START_BIG(window);
		ok_eq(kvm_ioctl(vcpu->fd, KVM_INTERRUPT, &irq), 0, "KVM_INTERRUPT with IF clear");
		expect_fault(vcpu, IRQ, "comes after STI");
	} else {
		skip("KVM_INTERRUPT with IF clear", "refused by the entry, or delivered at once");
	}

	START_BIG(spin);
	ok_eq(kvm_ioctl_val(vcpu->fd, KVM_NMI, 0), 0, "KVM_NMI");
	expect_fault(vcpu, 2, "the NMI");
}

/* The guest never leaves the state; a signal ends KVM_RUN all the same. */
static void test_signal(void)
{
	const struct itimerval soon = { .it_value.tv_usec = 20000 };
	struct kvm_regs r;

	START_BIG(spin);
	must(setitimer(ITIMER_REAL, &soon, NULL));
	ok_eq(vcpu_run(vcpu), -EINTR, "a signal ends an endless loop");
	vcpu_get_regs(vcpu, &r);
	ok_eq(r.rip, 1, "which is where it was");
}

/* No guest gets there by itself, but userspace does. */
static void test_descriptors(void)
{
	struct kvm_regs r;

	if (!vmx || (!restricted && !kvm_is_ours())) {
		skip("CS.DPL other than SS.DPL", "VMX, or unrestricted guest mode there");
		return;
	}
	*(u32 *)gpa_to_hva(vm, DATA_GPA) = 41;
	load_code(vcpu, MODE_PROT32, flat32);
	vcpu_get_sregs(vcpu, &s);
	s.cs.dpl = 1;
	vcpu_set_sregs(vcpu, &s);
	expect_done(vcpu, "CS.DPL other than SS.DPL");
	vcpu_get_regs(vcpu, &r);
	ok_eq(r.rbx, 42, "computes");
	vcpu_get_sregs(vcpu, &s);
	ok_eq(s.cs.dpl, 1, "and stays so");
}

/* With emulate_invalid_guest_state=0. */
static void test_refused(void)
{
	struct kvm_regs r;

	load_code(vcpu, MODE_PROT32, flat32);
	vcpu_get_sregs(vcpu, &s);
	s.cs.dpl = 1;
	vcpu_set_sregs(vcpu, &s);
	expect_exit(vcpu, KVM_EXIT_FAIL_ENTRY, "CS.DPL other than SS.DPL is refused");
	ok_eq(vcpu->run->fail_entry.hardware_entry_failure_reason, 0x80000021,
	      "for invalid guest state");
	load_code(vcpu, MODE_PROT32, flat32);
	expect_done(vcpu, "the vCPU runs on");

	load_code(vcpu, MODE_REAL16, far_base);
	vcpu_get_sregs(vcpu, &s);
	s.cs.selector = 0xf000;
	vcpu_set_sregs(vcpu, &s);
	expect_done(vcpu, "CS as after reset");
	vcpu_get_regs(vcpu, &r);
	ok_eq(r.rax & 0xffff, restricted ? CODE_GPA >> 4 : 0xf000, "the selector");
}

int main(void)
{
	tap_start(50);
	modules_missing();
	vmx = !strcmp(modules_vendor(), "kvm_intel");
	restricted = vmx && read_flag("/sys/module/kvm_intel/parameters/unrestricted_guest") == 'N';
	vm = vm_create();
	must(kvm_ioctl_val(vm->fd, KVM_SET_TSS_ADDR, TSS_ADDR));
	vcpu = vcpu_create(vm);
	if (vmx &&
	    read_flag("/sys/module/kvm_intel/parameters/emulate_invalid_guest_state") == 'N') {
		test_refused();
		vm_destroy(vm);
		return tap_done();
	}
	test_errors();
	test_shutdown();
	test_unreadable();
	test_big();
	test_base();
	test_selectors();
	test_exception();
	test_interrupts();
	test_signal();
	test_descriptors();
	vm_destroy(vm);
	return tap_done();
}
