/* SPDX-License-Identifier: GPL-2.0-only */
/* Private to mmu/: what the host's page tables of the VM's address space say. */
#ifndef KVM_MMU_HOST_H
#define KVM_MMU_HOST_H

#include <linux/mm_types.h>
#include <linux/types.h>

/* Pages of an aligned group that one fault maps when the host has them at hand. */
#define HOST_AROUND	16

/* What the host maps at a user address. */
struct host_mapping {
	unsigned long pfn;	/* of the 4 KiB page at the address */
	int level;		/* 1: 4 KiB, 2: 2 MiB, 3: 1 GiB */
	bool writable;
	/* Level 1: the entries around, @first pages from the address' own; @nr is 0 if not asked for. */
	int first, nr;
	pte_t around[HOST_AROUND];
};

/**
 * host_lookup() - read the host's page tables for one user address
 * @mm: the VM's address space
 * @hva: user address
 * @around: fill @m->around
 * @m: receives the mapping
 *
 * Any context. What is found is true for as long as mmu_lock is held if no
 * invalidation of @hva is in progress: the notifier waits for the lock before
 * the host changes the entry. Take no reference.
 *
 * Return: true when a user may read there and memory with a struct page is mapped.
 */
bool host_lookup(struct mm_struct *mm, unsigned long hva, bool around, struct host_mapping *m);

/* host_lookup() for an entry of @m->around: its page in *pfn, writable in *writable. */
bool host_entry(pte_t pte, unsigned long *pfn, bool *writable);

/*
 * May @pfn, found by host_lookup(), be mapped without get_user_pages()? It can
 * when its kind tells that get_user_pages() does not refuse it.
 */
bool host_page_is_plain(unsigned long pfn);

#endif
