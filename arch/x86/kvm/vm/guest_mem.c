// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guest memory by guest-physical address. A slot's user addresses passed
 * access_ok() when it was made, and the caller's mm is the VM's: the unchecked
 * accessors do.
 */
#include <linux/export.h>
#include <linux/highmem.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include "vm/vm.h"

/* The inline forms: a call of __get_user() costs more than the access. */
#define GET_HVA(type, data, hva, label)						\
do {										\
	__uaccess_begin_nospec();						\
	unsafe_get_user(*(type *)(data), (type __user *)(hva), label);		\
	__uaccess_end();							\
} while (0)

#define PUT_HVA(type, data, hva, label)						\
do {										\
	__uaccess_begin_nospec();						\
	unsafe_put_user(*(const type *)(data), (type __user *)(hva), label);	\
	__uaccess_end();							\
} while (0)

static __always_inline int copy_from_hva(void *data, unsigned long hva, unsigned int len)
{
	might_fault();
	switch (len) {
	case 1:
		GET_HVA(u8, data, hva, fault);
		return 0;
	case 2:
		GET_HVA(u16, data, hva, fault);
		return 0;
	case 4:
		GET_HVA(u32, data, hva, fault);
		return 0;
	case 8:
		GET_HVA(u64, data, hva, fault);
		return 0;
	case 9 ... 16:
		/* Instruction bytes: two reads that overlap. */
		__uaccess_begin_nospec();
		unsafe_get_user(*(u64 *)data, (u64 __user *)hva, fault);
		unsafe_get_user(*(u64 *)(data + len - 8), (u64 __user *)(hva + len - 8), fault);
		__uaccess_end();
		return 0;
	default:
		/* Raw: @data is a buffer of ours of that size, not one to be checked against the heap. */
		return raw_copy_from_user(data, (void __user *)hva, len) ? -EFAULT : 0;
	}
fault:
	__uaccess_end();
	return -EFAULT;
}

static __always_inline int copy_to_hva(unsigned long hva, const void *data, unsigned int len)
{
	might_fault();
	switch (len) {
	case 1:
		PUT_HVA(u8, data, hva, fault);
		return 0;
	case 2:
		PUT_HVA(u16, data, hva, fault);
		return 0;
	case 4:
		PUT_HVA(u32, data, hva, fault);
		return 0;
	case 8:
		PUT_HVA(u64, data, hva, fault);
		return 0;
	default:
		return raw_copy_to_user((void __user *)hva, data, len) ? -EFAULT : 0;
	}
fault:
	__uaccess_end();
	return -EFAULT;
}

int kvm_read_guest_page(struct kvm *kvm, gfn_t gfn, void *data, unsigned int offset,
			unsigned int len)
{
	struct kvm_memory_slot *slot = gfn_to_memslot(kvm, gfn);

	if (unlikely(!slot))
		return -ENXIO;
	return copy_from_hva(data, gfn_to_hva_memslot(slot, gfn) + offset, len);
}
EXPORT_SYMBOL_GPL(kvm_read_guest_page);

int kvm_write_guest_page(struct kvm *kvm, gfn_t gfn, const void *data, unsigned int offset,
			 unsigned int len)
{
	struct kvm_memory_slot *slot = gfn_to_memslot(kvm, gfn);

	if (unlikely(!slot || memslot_is_readonly(slot)))
		return -ENXIO;
	if (copy_to_hva(gfn_to_hva_memslot(slot, gfn) + offset, data, len))
		return -EFAULT;
	mark_page_dirty_in_slot(slot, gfn);
	return 0;
}
EXPORT_SYMBOL_GPL(kvm_write_guest_page);

static bool cmpxchg16_kernel(void *p, const void *old, const void *new)
{
	struct { u64 lo, hi; } o, n;
	bool equal;

	memcpy(&o, old, sizeof(o));
	memcpy(&n, new, sizeof(n));
	asm volatile("lock cmpxchg16b %[mem]"
		     : "=@ccz" (equal), "+a" (o.lo), "+d" (o.hi), [mem] "+m" (*(u8 (*)[16])p)
		     : "b" (n.lo), "c" (n.hi)
		     : "memory");
	return equal;
}

/* User memory has no 16-byte primitive: pin the page and work on the kernel's view of it. */
static int cmpxchg16_hva(unsigned long hva, const void *old, const void *new)
{
	struct page *page;
	void *kaddr;
	bool equal;

	if (!boot_cpu_has(X86_FEATURE_CX16))
		return -EINVAL;
	if (pin_user_pages_fast(hva & PAGE_MASK, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	kaddr = kmap_local_page(page);
	equal = cmpxchg16_kernel(kaddr + offset_in_page(hva), old, new);
	kunmap_local(kaddr);
	unpin_user_pages_dirty_lock(&page, 1, true);
	return !equal;
}

#define CMPXCHG_HVA(type, label)						\
({										\
	type __old = *(const type *)old;					\
										\
	__try_cmpxchg_user((type __user *)hva, &__old, *(const type *)new, label);	\
})

static int cmpxchg_hva(unsigned long hva, const void *old, const void *new, unsigned int len)
{
	switch (len) {
	case 1:
		return CMPXCHG_HVA(u8, fault1);
	case 2:
		return CMPXCHG_HVA(u16, fault2);
	case 4:
		return CMPXCHG_HVA(u32, fault4);
	case 8:
		return CMPXCHG_HVA(u64, fault8);
	case 16:
		return cmpxchg16_hva(hva, old, new);
	default:
		return -EINVAL;
	}
}

#define CMPXCHG_KERNEL(type)							\
({										\
	type __old = *(const type *)old;					\
										\
	try_cmpxchg((type *)p, &__old, *(const type *)new);			\
})

/* Two pages of the guest that the VMM does not have side by side: look at them so. */
static int cmpxchg_two_pages(unsigned long hva, unsigned long next, const void *old,
			     const void *new, unsigned int len)
{
	struct page *pages[2];
	int r = -EFAULT;
	u8 *p;

	if (pin_user_pages_fast(hva & PAGE_MASK, 1, FOLL_WRITE, &pages[0]) != 1)
		return -EFAULT;
	if (pin_user_pages_fast(next & PAGE_MASK, 1, FOLL_WRITE, &pages[1]) != 1)
		goto unpin_first;
	r = -ENOMEM;
	p = vmap(pages, 2, VM_MAP, PAGE_KERNEL);
	if (!p)
		goto unpin;
	p += offset_in_page(hva);
	r = len == 2 ? !CMPXCHG_KERNEL(u16) : len == 4 ? !CMPXCHG_KERNEL(u32) :
	    !CMPXCHG_KERNEL(u64);
	vunmap(p - offset_in_page(hva));
unpin:
	unpin_user_pages_dirty_lock(&pages[1], 1, true);
unpin_first:
	unpin_user_pages_dirty_lock(&pages[0], 1, true);
	return r;
}

/* The slot of @gfn, if it may be written. */
static struct kvm_memory_slot *writable_slot(struct kvm *kvm, gfn_t gfn)
{
	struct kvm_memory_slot *slot = gfn_to_memslot(kvm, gfn);

	return slot && !memslot_is_readonly(slot) ? slot : NULL;
}

static int cmpxchg_slots(struct kvm_memory_slot *slot, gpa_t gpa, struct kvm_memory_slot *next_slot,
			 gpa_t next, const void *old, const void *new, unsigned int len)
{
	unsigned long hva = gfn_to_hva_memslot(slot, gpa_to_gfn(gpa));
	unsigned long next_hva;

	if (next_slot) {
		next_hva = gfn_to_hva_memslot(next_slot, gpa_to_gfn(next));
		if (next_hva != hva + PAGE_SIZE)
			return cmpxchg_two_pages(hva + offset_in_page(gpa), next_hva, old, new,
						 len);
	}
	return cmpxchg_hva(hva + offset_in_page(gpa), old, new, len);
}

int kvm_cmpxchg_guest(struct kvm *kvm, gpa_t gpa, gpa_t next, const void *old, const void *new,
		      unsigned int len)
{
	bool two_pages = offset_in_page(gpa) + len > PAGE_SIZE;
	struct kvm_memory_slot *slot, *next_slot = NULL;
	int r;

	if (!is_power_of_2(len) || (len == 16 && (gpa & 15)))
		return -EINVAL;
	/* Where a locked access over two cache lines can trap, the kernel does not survive one. */
	if ((gpa & (SMP_CACHE_BYTES - 1)) + len > SMP_CACHE_BYTES &&
	    boot_cpu_has(X86_FEATURE_SPLIT_LOCK_DETECT))
		return -EXDEV;
	slot = writable_slot(kvm, gpa_to_gfn(gpa));
	if (!slot)
		return -ENXIO;
	if (two_pages) {
		next_slot = writable_slot(kvm, gpa_to_gfn(next));
		if (!next_slot)
			return -ENXIO;
	}
	r = cmpxchg_slots(slot, gpa, next_slot, next, old, new, len);
	/* One that is not equal writes back what is there. */
	if (r < 0)
		return r;
	mark_page_dirty_in_slot(slot, gpa_to_gfn(gpa));
	if (two_pages)
		mark_page_dirty_in_slot(next_slot, gpa_to_gfn(next));
	return r;
}
EXPORT_SYMBOL_GPL(kvm_cmpxchg_guest);
