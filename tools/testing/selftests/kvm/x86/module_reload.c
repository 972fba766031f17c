// SPDX-License-Identifier: GPL-2.0-only
/*
 * Unload kvm-amd (or kvm-intel) and kvm, and load them again. Refused while
 * an fd is open.
 */
#include <stdio.h>
#include <unistd.h>

#include "kvm_test.h"

#define ROUNDS 2

GUEST_CODE(answer, 64, "mov $0x4242, %eax\n" GUEST_DONE);

static const char *vendor;

static bool is_loaded(const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/module/%s", name);
	return !access(path, F_OK);
}

static void guest_runs(const char *name)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_create(vm);
	struct kvm_regs r;

	load_code(vcpu, MODE_LONG64, answer);
	run_until_exit(vcpu);
	vcpu_get_regs(vcpu, &r);
	ok(at_done(vcpu) && r.rax == 0x4242, "%s", name);
	vm_destroy(vm);
}

static void test_busy(void)
{
	struct vm *vm = vm_create();
	struct vcpu *vcpu = vcpu_create(vm);
	int fd = open_kvm();

	ok(module_unload("kvm") < 0, "kvm is in use by %s", vendor);
	ok(module_unload(vendor) < 0, "%s is in use by a VM", vendor);
	load_code(vcpu, MODE_LONG64, answer);
	expect_done(vcpu, "that VM still runs");
	vm_destroy(vm);
	ok(module_unload(vendor) < 0, "%s is in use by an open /dev/kvm", vendor);
	close(fd);
}

static void test_reload(void)
{
	int i, r;

	for (i = 0; i < ROUNDS; i++) {
		r = module_unload(vendor);
		if (!ok_eq(r, 0, "unload %s", vendor))
			return;
		ok(access("/dev/kvm", F_OK) < 0, "/dev/kvm is gone");
		r = module_unload("kvm");
		ok_eq(r, 0, "unload kvm");
		ok(!is_loaded("kvm"), "it is gone");
		r = modules_load("");
		if (!ok_eq(r, 0, "load both"))
			bail("modules cannot be loaded again");
		guest_runs("a guest runs");
	}
}

int main(void)
{
	tap_start(50);
	if (modules_missing())
		skip_all(modules_missing());
	vendor = modules_vendor();
	guest_runs("a guest runs before");
	test_busy();
	test_reload();
	return tap_done();
}
