// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page-modification logging: while a slot has a dirty log the CPU writes the address
 * of each page whose dirty bit it sets in an EPT entry to a buffer of the vCPU.
 */
#include <linux/srcu.h>

#include "vmx/vmx.h"

#define PML_ENTRIES	512
#define PML_LAST	(PML_ENTRIES - 1)	/* the first entry to be written: it counts down */

void vmx_update_pml(struct vcpu_vmx *vmx)
{
	bool on = READ_ONCE(vmx->vcpu.base.kvm->nr_dirty_logs);

	if (on == vmx->pml_on)
		return;
	vmx->pml_on = on;
	vmcs_write64(PML_ADDRESS, __pa(vmx->pml));
	vmcs_write16(GUEST_PML_INDEX, PML_LAST);
	vmx_change_control(vmx, VMX_CPU2, SECONDARY_EXEC_ENABLE_PML, on);
}

/*
 * Right after an exit, so that who waits for this vCPU to be out of the guest finds
 * all in the logs. Not every page is of a slot that is logged.
 */
void vmx_drain_pml(struct vcpu_vmx *vmx)
{
	struct kvm *kvm = vmx->vcpu.base.kvm;
	struct kvm_memory_slot *slot;
	unsigned int i;
	gfn_t gfn;
	u16 index;
	int srcu;

	index = vmcs_read16(GUEST_PML_INDEX);
	if (likely(index == PML_LAST))
		return;
	srcu = srcu_read_lock(&kvm->srcu);
	/* The index is that of the next entry: 0xffff when the buffer is full. */
	for (i = index >= PML_ENTRIES ? 0 : index + 1; i < PML_ENTRIES; i++) {
		gfn = vmx->pml[i] >> PAGE_SHIFT;
		slot = gfn_to_memslot(kvm, gfn);
		if (slot)
			mark_page_dirty_in_slot(slot, gfn);
	}
	srcu_read_unlock(&kvm->srcu, srcu);
	vmcs_write16(GUEST_PML_INDEX, PML_LAST);
}
