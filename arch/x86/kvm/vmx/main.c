// SPDX-License-Identifier: GPL-2.0-only
/* kvm-intel.ko: Intel VMX behind kvm_x86_ops. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>

#include <asm/cpu_device_id.h>
#include <asm/reboot.h>

#include "compat.h"
#include "vmx/vmx.h"

MODULE_DESCRIPTION("KVM support for Intel VMX");
MODULE_LICENSE("GPL");

static const struct x86_cpu_id vmx_cpu_ids[] = {
	X86_MATCH_FEATURE(X86_FEATURE_VMX, NULL),
	{}
};
MODULE_DEVICE_TABLE(x86cpu, vmx_cpu_ids);

static struct kvm_x86_ops vmx_x86_ops = {
	.name = KBUILD_MODNAME,
	.vcpu_size = sizeof(struct vcpu_vmx),
	.isa = KVM_ISA_VMX,
	.pdptr_in_memory = false,
#define X(ret, op, args) .op = vmx_##op,
	KVM_X86_OPS(X)
#undef X
};

static int __init vmx_init(void)
{
	int r;

	r = vmx_check_caps();
	if (r)
		return r;
	r = vmx_alloc_global();
	if (r)
		return r;
	r = vmx_setup_l1d_flush();
	if (r) {
		vmx_free_global();
		return r;
	}
	vmx_setup_ept();
	/* What the kernel reports as the state of the vulnerability. */
	itlb_multihit_kvm_mitigation = vmx_caps.nx_large;
	vmx_x86_ops.umip = boot_cpu_has(X86_FEATURE_UMIP) ||
			   (vmx_caps.allowed[VMX_CPU2] & SECONDARY_EXEC_DESC);
	/* A crash kernel must find VMX off, from the first CPU that turns it on. */
	cpu_emergency_register_virt_callback(vmx_emergency_disable);
	r = kvm_x86_vendor_init(&vmx_x86_ops, THIS_MODULE);
	if (r) {
		cpu_emergency_unregister_virt_callback(vmx_emergency_disable);
		itlb_multihit_kvm_mitigation = false;
		vmx_cleanup_l1d_flush();
		vmx_free_global();
	}
	return r;
}
module_init(vmx_init);

static void __exit vmx_exit(void)
{
	kvm_x86_vendor_exit();
	cpu_emergency_unregister_virt_callback(vmx_emergency_disable);
	itlb_multihit_kvm_mitigation = false;
	vmx_cleanup_l1d_flush();
	vmx_free_global();
}
module_exit(vmx_exit);
