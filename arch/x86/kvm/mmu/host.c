// SPDX-License-Identifier: GPL-2.0-only
/* A look at the host's page tables, without locks and references. */
#include <linux/hugetlb.h>
#include <linux/mm.h>
#include <linux/page-flags.h>
#include <linux/pgtable.h>

#include "compat.h"
#include "mmu/host.h"

bool host_entry(pte_t pte, unsigned long *pfn, bool *writable)
{
	/* Permitted means present for a user, which NUMA hinting entries are not. */
	if (!pte_access_permitted(pte, false) || pte_special(pte) || pte_devmap(pte))
		return false;
	*pfn = pte_pfn(pte);
	*writable = pte_write(pte);
	return true;
}

static void read_around(const pte_t *ptep, unsigned long hva, struct host_mapping *m)
{
	unsigned int index = pte_index(hva);
	unsigned int i, first = round_down(index, HOST_AROUND);

	BUILD_BUG_ON(PTRS_PER_PTE % HOST_AROUND);
	m->first = (int)first - (int)index;
	m->nr = HOST_AROUND;
	for (i = 0; i < HOST_AROUND; i++)
		m->around[i] = READ_ONCE(ptep[m->first + (int)i]);
}

static bool lookup_pmd(pud_t pud, unsigned long hva, bool around, struct host_mapping *m)
{
	pmd_t pmd = READ_ONCE(*pmd_offset(&pud, hva));
	const pte_t *ptep;

	if (pmd_none(pmd) || !pmd_present(pmd))
		return false;
	if (pmd_leaf(pmd)) {
		m->level = 2;
		m->pfn = pmd_pfn(pmd) + ((hva & ~PMD_MASK) >> PAGE_SHIFT);
		m->writable = pmd_write(pmd);
		return pmd_access_permitted(pmd, false) && !pmd_special(pmd) && !pmd_devmap(pmd);
	}
	ptep = pte_offset_kernel(&pmd, hva);
	m->level = 1;
	if (!host_entry(READ_ONCE(*ptep), &m->pfn, &m->writable))
		return false;
	if (around)
		read_around(ptep, hva, m);
	return true;
}

static bool lookup(struct mm_struct *mm, unsigned long hva, bool around, struct host_mapping *m)
{
	pgd_t pgd = READ_ONCE(*pgd_offset(mm, hva));
	p4d_t p4d;
	pud_t pud;

	if (pgd_none(pgd))
		return false;
	p4d = READ_ONCE(*p4d_offset(&pgd, hva));
	if (p4d_none(p4d) || !p4d_present(p4d))
		return false;
	pud = READ_ONCE(*pud_offset(&p4d, hva));
	if (pud_none(pud) || !pud_present(pud))
		return false;
	if (!pud_leaf(pud))
		return lookup_pmd(pud, hva, around, m);
	m->level = 3;
	m->pfn = pud_pfn(pud) + ((hva & ~PUD_MASK) >> PAGE_SHIFT);
	m->writable = pud_write(pud);
	return pud_access_permitted(pud, false) && !pud_special(pud) && !pud_devmap(pud);
}

bool host_lookup(struct mm_struct *mm, unsigned long hva, bool around, struct host_mapping *m)
{
	unsigned long flags;
	bool found;

	m->nr = 0;
	/* Page tables are not freed under a CPU with IRQs off. */
	local_irq_save(flags);
	found = lookup(mm, hva, around, m);
	local_irq_restore(flags);
	return found;
}

bool host_page_is_plain(unsigned long pfn)
{
	struct folio *folio = page_folio(pfn_to_page(pfn));

	/* Secret memory is neither; of a file's pages its kind cannot be told from here. */
	return folio_test_anon(folio) || folio_test_swapbacked(folio) || PageHuge(&folio->page);
}
