// SPDX-License-Identifier: GPL-2.0-only
/*
 * L1 terminal fault: what is in the L1 data cache when a guest is entered, the guest
 * can read, on a CPU that has the bug. See the kernel's admin-guide/hw-vuln/l1tf.rst.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/gfp.h>
#include <linux/jump_label.h>
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/sched/smt.h>
#include <linux/string.h>

#include <asm/cpufeature.h>
#include <asm/hardirq.h>
#include <asm/msr.h>
#include <asm/processor.h>

#include "vmx/vmx.h"

#define FILL_ORDER	4	/* 64 KiB: every line of any L1 data cache */
#define FILL_SIZE	(PAGE_SIZE << FILL_ORDER)
#define LINE_SIZE	64

DEFINE_STATIC_KEY_FALSE(vmx_l1d_flush_key);
static DEFINE_STATIC_KEY_FALSE(flush_cond_key);

static DEFINE_MUTEX(flush_mutex);	/* all below, and l1tf_vmx_mitigation */
static enum vmx_l1d_flush_state wanted = VMENTER_L1D_FLUSH_AUTO;
static bool set_up;
static u8 *fill_pages;			/* stays from the first use to module exit */

static const char *const state_name[] = {
	[VMENTER_L1D_FLUSH_AUTO] = "auto",
	[VMENTER_L1D_FLUSH_NEVER] = "never",
	[VMENTER_L1D_FLUSH_COND] = "cond",
	[VMENTER_L1D_FLUSH_ALWAYS] = "always",
	[VMENTER_L1D_FLUSH_EPT_DISABLED] = "EPT disabled",
	[VMENTER_L1D_FLUSH_NOT_REQUIRED] = "not required",
};

/* The CPU has it, and does not say that whoever is below this kernel flushes. */
static bool flush_required(void)
{
	u64 caps = 0;

	if (!boot_cpu_has_bug(X86_BUG_L1TF))
		return false;
	if (boot_cpu_has(X86_FEATURE_ARCH_CAPABILITIES))
		rdmsrl(MSR_IA32_ARCH_CAPABILITIES, caps);
	return !(caps & ARCH_CAP_SKIP_VMENTRY_L1DFLUSH);
}

/* What the kernel's parameter "l1tf" wants, unless ours says more. */
static enum vmx_l1d_flush_state choose(enum vmx_l1d_flush_state state)
{
	if (l1tf_mitigation == L1TF_MITIGATION_FULL_FORCE)
		return VMENTER_L1D_FLUSH_ALWAYS;
	if (state != VMENTER_L1D_FLUSH_AUTO)
		return state;
	switch (l1tf_mitigation) {
	case L1TF_MITIGATION_OFF:
		return VMENTER_L1D_FLUSH_NEVER;
	case L1TF_MITIGATION_FULL:
		return VMENTER_L1D_FLUSH_ALWAYS;
	default:
		return VMENTER_L1D_FLUSH_COND;
	}
}

/* Same contents of pages would be one page to who merges them, and fill less of the cache. */
static int alloc_fill_pages(void)
{
	struct page *pages;
	int i;

	if (fill_pages || boot_cpu_has(X86_FEATURE_FLUSH_L1D))
		return 0;
	pages = alloc_pages(GFP_KERNEL, FILL_ORDER);
	if (!pages)
		return -ENOMEM;
	fill_pages = page_address(pages);
	for (i = 0; i < 1 << FILL_ORDER; i++)
		memset(fill_pages + i * PAGE_SIZE, i + 1, PAGE_SIZE);
	return 0;
}

/* flush_mutex held. */
static int apply(enum vmx_l1d_flush_state state)
{
	int r;

	if (!flush_required()) {
		l1tf_vmx_mitigation = VMENTER_L1D_FLUSH_NOT_REQUIRED;
		return 0;
	}
	state = choose(state);
	if (state != VMENTER_L1D_FLUSH_NEVER) {
		r = alloc_fill_pages();
		if (r)
			return r;
	}
	l1tf_vmx_mitigation = state;
	/* Flush by what is stricter while both change. */
	if (state != VMENTER_L1D_FLUSH_COND)
		static_branch_disable(&flush_cond_key);
	if (state != VMENTER_L1D_FLUSH_NEVER)
		static_branch_enable(&vmx_l1d_flush_key);
	else
		static_branch_disable(&vmx_l1d_flush_key);
	if (state == VMENTER_L1D_FLUSH_COND)
		static_branch_enable(&flush_cond_key);
	if (state == VMENTER_L1D_FLUSH_NEVER)
		pr_warn("guests can read this CPU's L1 data cache (L1TF)\n");
	else if (sched_smt_active())
		pr_warn("SMT is on: a guest can read what the sibling has in the L1 data cache (L1TF)\n");
	return 0;
}

static int set_param(const char *text, const struct kernel_param *kp)
{
	int state, r = 0;

	state = match_string(state_name, VMENTER_L1D_FLUSH_ALWAYS + 1, strim((char *)text));
	if (state < 0)
		return -EINVAL;
	/* "l1tf=full,force" is not to be undone. */
	if (set_up && l1tf_mitigation == L1TF_MITIGATION_FULL_FORCE)
		return -EPERM;
	mutex_lock(&flush_mutex);
	wanted = state;
	if (set_up)
		r = apply(state);
	mutex_unlock(&flush_mutex);
	return r;
}

static int get_param(char *text, const struct kernel_param *kp)
{
	enum vmx_l1d_flush_state state = set_up ? l1tf_vmx_mitigation : wanted;

	return sysfs_emit(text, "%s\n", state_name[state]);
}

static const struct kernel_param_ops param_ops = {
	.set = set_param,
	.get = get_param,
};
module_param_cb(vmentry_l1d_flush, &param_ops, NULL, 0644);
__MODULE_PARM_TYPE(vmentry_l1d_flush, "auto|never|cond|always");
MODULE_PARM_DESC(vmentry_l1d_flush, "Flush the L1 data cache before entries, against L1TF");

int vmx_setup_l1d_flush(void)
{
	int r;

	mutex_lock(&flush_mutex);
	r = apply(wanted);
	set_up = !r;
	mutex_unlock(&flush_mutex);
	return r;
}

/* Nobody is left who flushes: the kernel reports what is true without us. */
void vmx_cleanup_l1d_flush(void)
{
	mutex_lock(&flush_mutex);
	set_up = false;
	static_branch_disable(&flush_cond_key);
	static_branch_disable(&vmx_l1d_flush_key);
	free_pages((unsigned long)fill_pages, FILL_ORDER);
	fill_pages = NULL;
	l1tf_vmx_mitigation = VMENTER_L1D_FLUSH_AUTO;
	mutex_unlock(&flush_mutex);
}

/* First the translations, so that what walks for them is not what stays in the cache. */
static void fill_cache(void)
{
	const u8 *p = fill_pages, *end = fill_pages + FILL_SIZE;

	for (; p < end; p += PAGE_SIZE)
		READ_ONCE(*p);
	/* No line is read before all pages are in the TLB, and the guest's only after all. */
	rmb();
	for (p = fill_pages; p < end; p += 8 * LINE_SIZE) {
		READ_ONCE(p[0 * LINE_SIZE]);
		READ_ONCE(p[1 * LINE_SIZE]);
		READ_ONCE(p[2 * LINE_SIZE]);
		READ_ONCE(p[3 * LINE_SIZE]);
		READ_ONCE(p[4 * LINE_SIZE]);
		READ_ONCE(p[5 * LINE_SIZE]);
		READ_ONCE(p[6 * LINE_SIZE]);
		READ_ONCE(p[7 * LINE_SIZE]);
	}
	rmb();
}

void vmx_flush_l1d(struct vcpu_vmx *vmx)
{
	bool needed = vmx->l1d_dirty;

	vmx->l1d_dirty = false;
	/* An interrupt may have been anything's. */
	needed |= kvm_get_cpu_l1tf_flush_l1d();
	kvm_clear_cpu_l1tf_flush_l1d();
	if (static_branch_likely(&flush_cond_key) && !needed)
		return;
	vmx->vcpu.base.stat.l1d_flush++;
	if (static_cpu_has(X86_FEATURE_FLUSH_L1D))
		wrmsrl(MSR_IA32_FLUSH_CMD, L1D_FLUSH);
	else
		fill_cache();
}
