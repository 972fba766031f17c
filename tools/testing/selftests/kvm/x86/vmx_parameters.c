// SPDX-License-Identifier: GPL-2.0-only
/*
 * Parameters of kvm-intel, each with its other value: it reads as what is in use, and
 * guests run. Values that cannot be leave no module behind.
 */
#include <stdio.h>
#include <unistd.h>

#include "kvm_test.h"

#define DIR		"/sys/module/kvm_intel/parameters/"
#define LOG_SLOT	5
#define LOG_GPA		0x10000000ul
#define LOG_PAGES	16ul
#define REMAP_GVA	0x40000ul
#define SECOND_GPA	0x41000ul

GUEST_CODE(real, 16, "mov $0x600d, %ax\n mov %ax, 2\n mov 2, %bx\n" GUEST_DONE);
GUEST_CODE(writes, 64, "mov $0x10003008, %edi\n mov %rdi, (%rdi)\n mov %rdi, 0x4000(%rdi)\n"
	   GUEST_DONE);
GUEST_CODE(stores_mmio, 64, "mov $0x600d, %eax\n mov %ax, 0xfee00080\n" GUEST_DONE);
/* The page at REMAP_GVA, and again after its entry has changed: by INVLPG, then by CR3. */
GUEST_CODE(remaps, 64, "mov 0x40000, %eax\n"
	   "mov %rsi, 0xb200\n invlpg 0x40000\n mov 0x40000, %ebx\n"
	   "mov %rdi, 0xb200\n mov %cr3, %rcx\n mov %rcx, %cr3\n mov 0x40000, %ecx\n" GUEST_DONE);
GUEST_CODE(pages_late, 32, "mov %cr0, %eax\n bts $31, %eax\n mov %eax, %cr0\n jmp 1f\n 1:\n"
	   "mov 0x40000, %ebx\n" GUEST_DONE);

static void test_real_mode(void)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_create(vm);
	struct kvm_regs r;

	load_code(vcpu, MODE_REAL16, real);
	expect_done(vcpu, "real mode");
	vcpu_get_regs(vcpu, &r);
	ok_eq(r.rbx & 0xffff, 0x600d, "reads what it has written");
	vm_destroy(vm);
}

static void test_translations(void)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_create(vm);
	struct kvm_regs r;

	load_code(vcpu, MODE_LONG64, remaps);
	vm_map(vm, REMAP_GVA, REMAP_GVA, PTE_P | PTE_W);
	*(u32 *)gpa_to_hva(vm, REMAP_GVA) = 0x1111;
	*(u32 *)gpa_to_hva(vm, SECOND_GPA) = 0x2222;
	vcpu_get_regs(vcpu, &r);
	r.rsi = SECOND_GPA | PTE_P | PTE_W;
	r.rdi = REMAP_GVA | PTE_P | PTE_W;
	vcpu_set_regs(vcpu, &r);
	expect_done(vcpu, "a page is mapped twice anew");
	vcpu_get_regs(vcpu, &r);
	ok_eq(r.rax, 0x1111, "before");
	ok_eq(r.rbx, 0x2222, "INVLPG finds the new page");
	ok_eq(r.rcx, 0x1111, "a write of CR3 finds the old one");
	vm_destroy(vm);
}

static void test_late_paging(void)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_create(vm);
	struct kvm_sregs s;
	struct kvm_regs r;

	load_code(vcpu, MODE_PAGED32, pages_late);
	*(u32 *)gpa_to_hva(vm, REMAP_GVA) = 0x3333;
	vcpu_get_sregs(vcpu, &s);
	s.cr0 &= ~CR0_PG;
	vcpu_set_sregs(vcpu, &s);
	expect_done(vcpu, "a guest turns paging on");
	vcpu_get_regs(vcpu, &r);
	ok_eq(r.rbx, 0x3333, "and reads");
	vm_destroy(vm);
}

static void test_dirty_log(void)
{
	u64 bitmap = 0;
	struct kvm_dirty_log log = { .slot = LOG_SLOT, .dirty_bitmap = &bitmap };
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_create(vm);
	int round;

	vm_add_region(vm, LOG_SLOT, KVM_MEM_LOG_DIRTY_PAGES, LOG_GPA, LOG_PAGES * PAGE_SIZE);
	for (round = 0; round < 2; round++) {
		load_code(vcpu, MODE_LONG64, writes);
		expect_done(vcpu, "the guest writes to two pages");
		must(kvm_ioctl(vm->fd, KVM_GET_DIRTY_LOG, &log));
		ok_eq(bitmap, 1u << 3 | 1u << 7, "the log has both and no other");
	}
	must(kvm_ioctl(vm->fd, KVM_GET_DIRTY_LOG, &log));
	ok_eq(bitmap, 0, "and is empty when it has been read");
	vm_destroy(vm);
}

static void test_apic_page(void)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_create(vm);

	load_code(vcpu, MODE_LONG64, stores_mmio);
	expect_mmio_write(vcpu, 0xfee00080, 2, "\x0d\x60", "a store to the local APIC");
	expect_done(vcpu, "goes on");
	vm_destroy(vm);
}

static char parameter(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), DIR "%s", name);
	return read_flag(path);
}

static void run_guests(void)
{
	test_real_mode();
	test_late_paging();
	test_translations();
	test_dirty_log();
	test_apic_page();
}

static void unload(void)
{
	int r = module_unload("kvm_intel");

	if (r)
		bail("kvm_intel cannot be unloaded: %d", r);
}

/* Without the first there is nothing for the second, if there is one. */
static const struct {
	const char *name, *needs_it;
} switches[] = {
	{ "unrestricted_guest" }, { "emulate_invalid_guest_state" }, { "vpid" }, { "eptad", "pml" },
	{ "pml" }, { "enable_pml", "pml" }, { "flexpriority" }, { "preemption_timer" },
};

static void test_off(const char *name, const char *needs_it)
{
	char option[64];

	if (!parameter(name)) {
		skip(name, "these modules call it differently");
		return;
	}
	note("%s=0", name);
	unload();
	snprintf(option, sizeof(option), "%s=0", name);
	if (!ok_eq(vendor_load(option), 0, "%s loads", option))
		bail("the module is lost");
	ok_eq(parameter(name), 'N', "%s reads as N", name);
	if (needs_it)
		ok_eq(parameter(needs_it), 'N', "so does %s", needs_it);
	run_guests();
}

static void test_refused(const char *option)
{
	unload();
	ok(vendor_load(option) < 0, "%s does not load", option);
	ok(access("/sys/module/kvm_intel", F_OK) < 0, "and leaves nothing behind");
	if (vendor_load(""))
		bail("the module is lost");
}

int main(void)
{
	char before[ARRAY_SIZE(switches)];
	size_t i;

	tap_start(60);
	if (strcmp(modules_vendor(), "kvm_intel"))
		skip_all("kvm-intel's parameters");
	if (modules_missing())
		skip_all(modules_missing());
	for (i = 0; i < ARRAY_SIZE(switches); i++)
		before[i] = parameter(switches[i].name);
	for (i = 0; i < ARRAY_SIZE(switches); i++)
		test_off(switches[i].name, switches[i].needs_it);
	unload();
	if (vendor_load(""))
		bail("the module is lost");
	for (i = 0; i < ARRAY_SIZE(switches); i++)
		ok_eq(parameter(switches[i].name), before[i], "%s reads as before", switches[i].name);
	test_refused("vpid=7");
	if (kvm_is_ours())
		test_refused("ept=0");
	else
		skip("ept=0", "these modules have shadow paging");
	run_guests();
	return tap_done();
}
