// SPDX-License-Identifier: GPL-2.0-only
/* kvm.ko: the vendor's operations, and the hooks that vm/ calls. */
#include <linux/debugfs.h>
#include <linux/kvm.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <asm/fpu/xcr.h>
#include <asm/tsc.h>

#include "vm/arch.h"
#include "vcpu/clock.h"
#include "vcpu/emul_ops.h"
#include "vcpu/ops.h"
#include "vcpu/trace.h"

/* 1: ud2; "kvm" forces emulation; 3: and clears RFLAGS.RF first. */
int force_emulation_prefix;
module_param(force_emulation_prefix, int, 0644);

bool enable_vmware_backdoor;
EXPORT_SYMBOL_GPL(enable_vmware_backdoor);
module_param(enable_vmware_backdoor, bool, 0444);

/* Accesses to unknown MSRs succeed instead of #GP: reads give 0. */
bool ignore_msrs;
module_param(ignore_msrs, bool, 0644);

/* And the log tells. */
bool report_ignored_msrs = true;
module_param(report_ignored_msrs, bool, 0644);

u64 kvm_host_xcr0;
u64 kvm_host_xss;
u32 kvm_mxcsr_mask;

/* Written once, before any VM exists. */
struct kvm_x86_ops kvm_x86_ops;
EXPORT_SYMBOL_GPL(kvm_x86_ops);

#define X(ret, name, args)						\
	DEFINE_STATIC_CALL_NULL(kvm_x86_##name, *(((struct kvm_x86_ops *)0)->name));
KVM_X86_OPS(X)
#undef X

static void update_static_calls(void)
{
#define X(ret, name, args) static_call_update(kvm_x86_##name, kvm_x86_ops.name);
	KVM_X86_OPS(X)
#undef X
}

/* MXCSR bits of this CPU: FXSAVE tells, and zero means the oldest set. */
static u32 read_mxcsr_mask(void)
{
	static struct fxregs_state fx __aligned(16);

	asm volatile("fxsave %0" : "=m" (fx));
	return fx.mxcsr_mask ?: 0xffbf;
}

int kvm_x86_vendor_init(const struct kvm_x86_ops *ops, struct module *owner)
{
	int r;

	if (kvm_x86_ops.name) {
		pr_err("kvm: already loaded vendor module '%s'\n", kvm_x86_ops.name);
		return -EEXIST;
	}
	if (boot_cpu_has(X86_FEATURE_XSAVE))
		kvm_host_xcr0 = xgetbv(XCR_XFEATURE_ENABLED_MASK);
	if (boot_cpu_has(X86_FEATURE_XSAVES))
		rdmsrl(MSR_IA32_XSS, kvm_host_xss);
	kvm_mxcsr_mask = read_mxcsr_mask();
	kvm_cpuid_init();
	kvm_x86_ops = *ops;
	update_static_calls();
	r = kvm_init(owner);
	if (r)
		kvm_x86_ops.name = NULL;
	return r;
}
EXPORT_SYMBOL_GPL(kvm_x86_vendor_init);

/* The static calls keep their targets: without /dev/kvm nobody makes them. */
void kvm_x86_vendor_exit(void)
{
	kvm_exit();
	kvm_x86_ops.name = NULL;
}
EXPORT_SYMBOL_GPL(kvm_x86_vendor_exit);

struct kvm *kvm_arch_alloc_vm(void)
{
	struct x86_vm *vm = kvzalloc(sizeof(*vm), GFP_KERNEL_ACCOUNT);

	return vm ? &vm->kvm : ERR_PTR(-ENOMEM);
}

int kvm_arch_init_vm(struct kvm *kvm, unsigned long type)
{
	if (type)
		return -EINVAL;
	to_x86_vm(kvm)->identity_map_addr = KVM_IDENTITY_MAP_ADDR;
	to_x86_vm(kvm)->tss_addr = KVM_TSS_ADDR;
	spin_lock_init(&to_x86_vm(kvm)->tsc_lock);
	kvm_clock_init_vm(to_x86_vm(kvm));
	return tdp_mmu_init(kvm, &to_x86_vm(kvm)->mmu);
}

void kvm_arch_destroy_vm(struct kvm *kvm)
{
	tdp_mmu_destroy(kvm, &to_x86_vm(kvm)->mmu);
}

void kvm_arch_free_vm(struct kvm *kvm)
{
	kvm_free_msr_filter(kvm);
	kvfree(to_x86_vm(kvm));
}

struct kvm_vcpu *kvm_arch_vcpu_alloc(void)
{
	struct x86_vcpu *vcpu = kvzalloc(kvm_x86_ops.vcpu_size, GFP_KERNEL_ACCOUNT);

	return vcpu ? &vcpu->base : ERR_PTR(-ENOMEM);
}

void kvm_arch_vcpu_free(struct kvm_vcpu *base)
{
	kvfree(to_x86_vcpu(base));
}

static int emulator_create(struct x86_vcpu *vcpu)
{
	vcpu->emul = kzalloc(sizeof(*vcpu->emul), GFP_KERNEL_ACCOUNT);
	if (!vcpu->emul)
		return -ENOMEM;
	vcpu->emul->ops = &kvm_emulate_ops;
	vcpu->emul->vcpu = vcpu;
	vcpu->emul->gpr = vcpu->regs;
	vcpu->emul->features = &vcpu->features;
	vcpu->emul->hypercall = kvm_x86_ops.isa == KVM_ISA_SVM ? 0xd9 : 0xc1;
	vcpu->emul->page = (void *)__get_free_page(GFP_KERNEL_ACCOUNT);
	vcpu->pio_page = alloc_page(GFP_KERNEL_ACCOUNT | __GFP_ZERO);
	if (!vcpu->emul->page || !vcpu->pio_page)
		return -ENOMEM;
	vcpu->pio_data = page_address(vcpu->pio_page);
	return 0;
}

static void emulator_destroy(struct x86_vcpu *vcpu)
{
	if (vcpu->pio_page)
		__free_page(vcpu->pio_page);
	if (vcpu->emul)
		free_page((unsigned long)vcpu->emul->page);
	kfree(vcpu->emul);
}

int kvm_arch_vcpu_create(struct kvm_vcpu *base)
{
	struct x86_vcpu *vcpu = to_x86_vcpu(base);
	int r;

	vcpu->maxphyaddr = 36;
	vcpu->tsc_khz = tsc_khz;
	r = emulator_create(vcpu);
	if (r)
		goto out_emulator;
	r = kvm_fpu_create(vcpu);
	if (r)
		goto out_emulator;
	r = static_call(kvm_x86_vcpu_create)(vcpu);
	if (r)
		goto out_fpu;
	/* A filter that is set while nobody sees this vCPU yet does not reach it. */
	kvm_make_request(KVM_REQ_MSR_FILTER_CHANGED, base);
	vcpu_load(base);
	kvm_msr_reset(vcpu);
	kvm_vcpu_reset(vcpu);
	vcpu_put(base);
	return 0;
out_fpu:
	kvm_fpu_destroy(vcpu);
out_emulator:
	emulator_destroy(vcpu);
	return r;
}

void kvm_arch_vcpu_destroy(struct kvm_vcpu *base)
{
	struct x86_vcpu *vcpu = to_x86_vcpu(base);

	static_call(kvm_x86_vcpu_free)(vcpu);
	kvm_fpu_destroy(vcpu);
	emulator_destroy(vcpu);
	kvfree(vcpu->cpuid_entries);
}

void kvm_arch_vcpu_load(struct kvm_vcpu *base, int cpu)
{
	struct x86_vcpu *vcpu = to_x86_vcpu(base);

	if (vcpu->system_time_msr)
		kvm_clock_vcpu_load(vcpu, cpu);
	static_call(kvm_x86_vcpu_load)(vcpu, cpu);
}

void kvm_arch_vcpu_put(struct kvm_vcpu *base)
{
	static_call(kvm_x86_vcpu_put)(to_x86_vcpu(base));
}

struct page *kvm_arch_vcpu_mmap_page(struct kvm_vcpu *base, unsigned long pgoff)
{
	return pgoff == KVM_PIO_PAGE_OFFSET ? to_x86_vcpu(base)->pio_page : NULL;
}

static int tsc_offset_get(void *data, u64 *val)
{
	struct x86_vcpu *vcpu = data;

	*val = READ_ONCE(vcpu->tsc_offset);
	return 0;
}

DEFINE_DEBUGFS_ATTRIBUTE(tsc_offset_fops, tsc_offset_get, NULL, "%lld\n");

void kvm_arch_create_vcpu_debugfs(struct kvm_vcpu *vcpu, struct dentry *dir)
{
	debugfs_create_file_unsafe("tsc-offset", 0444, dir, to_x86_vcpu(vcpu), &tsc_offset_fops);
}

int kvm_arch_hardware_enable(void)
{
	return static_call(kvm_x86_hardware_enable)();
}

void kvm_arch_hardware_disable(void)
{
	static_call(kvm_x86_hardware_disable)();
}

bool kvm_arch_unmap_gfn_range(struct kvm *kvm, gfn_t start, gfn_t end)
{
	return tdp_mmu_zap_range(kvm, &to_x86_vm(kvm)->mmu, start, end, false);
}

bool kvm_arch_test_age_gfn_range(struct kvm *kvm, gfn_t start, gfn_t end, bool clear)
{
	return tdp_mmu_age_range(kvm, &to_x86_vm(kvm)->mmu, start, end, clear);
}

static void zap_slot(struct kvm *kvm, const struct kvm_memory_slot *slot)
{
	spin_lock(&kvm->mmu_lock);
	if (tdp_mmu_zap_range(kvm, &to_x86_vm(kvm)->mmu, slot->base_gfn,
			      slot->base_gfn + slot->npages, true))
		kvm_flush_remote_tlbs(kvm);
	spin_unlock(&kvm->mmu_lock);
}

void kvm_arch_flush_shadow_memslot(struct kvm *kvm, const struct kvm_memory_slot *slot)
{
	zap_slot(kvm, slot);
}

void kvm_arch_memslot_created(struct kvm *kvm, const struct kvm_memory_slot *slot)
{
	zap_slot(kvm, slot);
}

/* Enough to come out of the guest and look, and to leave what the processor has logged. */
static void kick_all(struct kvm *kvm)
{
	if (tdp_mmu_logs_dirty())
		kvm_make_all_cpus_request(kvm, KVM_REQ_EVENT);
}

void kvm_arch_dirty_log_starting(struct kvm *kvm)
{
	kick_all(kvm);
}

void kvm_arch_sync_dirty_log(struct kvm *kvm)
{
	if (kvm->nr_dirty_logs)
		kick_all(kvm);
}

bool kvm_arch_write_protect_slot(struct kvm *kvm, const struct kvm_memory_slot *slot)
{
	bool flush;

	spin_lock(&kvm->mmu_lock);
	flush = tdp_mmu_write_protect_range(kvm, &to_x86_vm(kvm)->mmu, slot->base_gfn,
					    slot->base_gfn + slot->npages);
	spin_unlock(&kvm->mmu_lock);
	return flush;
}

bool kvm_arch_write_protect_masked(struct kvm *kvm, const struct kvm_memory_slot *slot,
				   gfn_t offset, unsigned long mask)
{
	return tdp_mmu_write_protect_masked(kvm, &to_x86_vm(kvm)->mmu, slot->base_gfn + offset,
					    mask);
}

void kvm_arch_dirty_log_stopped(struct kvm *kvm, const struct kvm_memory_slot *slot)
{
	tdp_mmu_collapse_slot(kvm, &to_x86_vm(kvm)->mmu, slot);
}

void kvm_arch_flush_shadow_all(struct kvm *kvm)
{
	spin_lock(&kvm->mmu_lock);
	if (tdp_mmu_zap_range(kvm, &to_x86_vm(kvm)->mmu, 0, BIT_ULL(52 - PAGE_SHIFT), true))
		kvm_flush_remote_tlbs(kvm);
	spin_unlock(&kvm->mmu_lock);
}

void kvm_flush_remote_tlbs(struct kvm *kvm)
{
	atomic64_inc(&kvm->stat.remote_tlb_flush_requests);
	if (kvm_make_all_cpus_request(kvm, KVM_REQ_TLB_FLUSH))
		atomic64_inc(&kvm->stat.remote_tlb_flush);
}

EXPORT_TRACEPOINT_SYMBOL_GPL(kvm_exit);

MODULE_DESCRIPTION("Kernel-based virtual machine: vendor-neutral part and instruction emulator");
MODULE_LICENSE("GPL");
