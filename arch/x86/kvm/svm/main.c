// SPDX-License-Identifier: GPL-2.0-only
/* kvm-amd.ko: AMD SVM behind kvm_x86_ops. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>

#include <asm/cpu_device_id.h>
#include <asm/reboot.h>

#include "svm/svm.h"

MODULE_DESCRIPTION("KVM support for AMD SVM");
MODULE_LICENSE("GPL");

static const struct x86_cpu_id svm_cpu_ids[] = {
	X86_MATCH_FEATURE(X86_FEATURE_SVM, NULL),
	{}
};
MODULE_DEVICE_TABLE(x86cpu, svm_cpu_ids);

static struct kvm_x86_ops svm_x86_ops = {
	.name = KBUILD_MODNAME,
	.vcpu_size = sizeof(struct vcpu_svm),
	.isa = KVM_ISA_SVM,
	.pdptr_in_memory = true,
	.umip = true,
#define X(ret, op, args) .op = svm_##op,
	KVM_X86_OPS(X)
#undef X
};

static int __init svm_init(void)
{
	int r;

	r = svm_check_caps();
	if (r)
		return r;
	r = svm_alloc_global();
	if (r)
		return r;
	svm_setup_npt();
	/* A crash kernel must find SVM off, from the first CPU that turns it on. */
	cpu_emergency_register_virt_callback(svm_emergency_disable);
	r = kvm_x86_vendor_init(&svm_x86_ops, THIS_MODULE);
	if (r) {
		cpu_emergency_unregister_virt_callback(svm_emergency_disable);
		svm_free_global();
	}
	return r;
}
module_init(svm_init);

static void __exit svm_exit(void)
{
	kvm_x86_vendor_exit();
	cpu_emergency_unregister_virt_callback(svm_emergency_disable);
	svm_free_global();
}
module_exit(svm_exit);
