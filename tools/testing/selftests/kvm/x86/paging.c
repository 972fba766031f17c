// SPDX-License-Identifier: GPL-2.0-only
/*
 * The emulator's walk of the guest's page tables against the processor's: the
 * same access natively and forced, its fault or result, and the accessed and
 * dirty bits the forced one leaves.
 */
#include <stdio.h>
#include <stdlib.h>

#include "kvm_test.h"

#define CR4_LA57	(1ull << 12)
#define CR4_SMEP	(1ull << 20)
#define CR4_SMAP	(1ull << 21)
#define CR4_PKE		(1ull << 22)
#define FLAG_AC		(1ull << 18)
#define FLAG_IOPL	(3ull << 12)

/* Bits of a page fault's error code. */
#define E_P	0x01
#define E_W	0x02
#define E_U	0x04
#define E_RSVD	0x08
#define E_FETCH	0x10
#define E_PK	0x20
#define RETIRES	(-1)
#define TAKES_GP (-2)

#define PTE_RSVD51	(1ull << 51)
#define PTE_LOW		(1ull << 13)	/* reserved in a large page */
#define PTE_PSE21	(1ull << 21)	/* reserved in a 4 MiB page */
#define PTE_KEY1	(1ull << 59)
#define PTE_IGNORED	(0x7ffull << 52 | 7 << 9)	/* in long mode without PKE */
#define PTE_LARGE_PAT	(1ull << 12)
#define KEY1_AD		(1u << 2)
#define KEY1_WD		(1u << 3)

#define PW	(PTE_P | PTE_W)
#define PWU	(PTE_P | PTE_W | PTE_U)

/* Tables of this test. The low 4 GiB stay the library's identity map. */
#define PML4S_GPA	(HIGH_GPA + 0x0000)	/* identity map for CPL 0 only */
#define PML4U_GPA	(HIGH_GPA + 0x1000)	/* identity map for all */
#define T_PDPT_GPA	(HIGH_GPA + 0x2000)
#define T_PD_GPA	(HIGH_GPA + 0x3000)
#define T_PT_GPA	(HIGH_GPA + 0x4000)
#define T_PT32_GPA	(HIGH_GPA + 0x5000)
#define PML5S_GPA	(HIGH_GPA + 0x6000)
#define PML5U_GPA	(HIGH_GPA + 0x7000)
#define LARGE_GPA	0x200000ull

#define TEST_GVA	(1ull << 39)
#define BEYOND48	(1ull << 48)	/* canonical only with 57 bits */
#define PAGE_OFFSET	0x80
#define VALUE		0x1122334455667788ull
#define OLD		0x99aabbccddeeff00ull

/* The CROSS_ ones begin before the page, in one that permits everything. */
enum access { READ, WRITE, RMW, CROSS_READ, CROSS_WRITE, FETCH };

struct row {
	const char *name;
	enum guest_mode mode;
	int level;		/* of the leaf */
	enum access access;
	u64 leaf;		/* bits of the leaf */
	u64 missing, extra;	/* bits the entry above the leaf lacks, and has */
	u64 cr0_off, cr4_on, cr4_off, efer_off;
	u64 beyond;		/* added to the address */
	u32 pkru;
	bool user, ac;
	int want;		/* error code, RETIRES or TAKES_GP */
};

#define ROW(n, l, a, bits, w, ...) \
	{ .name = n, .mode = MODE_LONG64, .level = l, .access = a, .leaf = bits, \
	  .want = w, ##__VA_ARGS__ }
#define ROW32(n, m, l, a, bits, w, ...) \
	{ .name = n, .mode = m, .level = l, .access = a, .leaf = bits, .want = w, \
	  ##__VA_ARGS__ }
#define USER .user = true
#define NOWP .cr0_off = CR0_WP
#define SMAP .cr4_on = CR4_SMAP
#define SMEP .cr4_on = CR4_SMEP
#define KEY(v) .cr4_on = CR4_PKE, .pkru = (v)
#define FIVE .cr4_on = CR4_LA57

static const struct row rows[] = {
	ROW("read", 1, READ, PW, RETIRES),
	ROW("write", 1, WRITE, PW, RETIRES),
	ROW("rmw", 1, RMW, PW, RETIRES),
	ROW("user read", 1, READ, PWU, RETIRES, USER),
	ROW("user write", 1, WRITE, PWU, RETIRES, USER),
	ROW("read, not present", 1, READ, PTE_W, 0),
	ROW("write, not present", 1, WRITE, PTE_W, E_W),
	ROW("user read, not present", 1, READ, PTE_W | PTE_U, E_U, USER),
	ROW("user write, not present", 1, WRITE, PTE_W | PTE_U, E_W | E_U, USER),
	ROW("write, no PDE", 1, WRITE, PW, E_W, .missing = PTE_P),
	ROW("read, read-only", 1, READ, PTE_P, RETIRES),
	ROW("write, read-only, WP", 1, WRITE, PTE_P, E_P | E_W),
	ROW("rmw, read-only, WP", 1, RMW, PTE_P, E_P | E_W),
	ROW("write, read-only, no WP", 1, WRITE, PTE_P, RETIRES, NOWP),
	ROW("user write, read-only, no WP", 1, WRITE, PTE_P | PTE_U, E_P | E_W | E_U,
	    NOWP, USER),
	ROW("write, PDE read-only, WP", 1, WRITE, PW, E_P | E_W, .missing = PTE_W),
	ROW("write, PDE read-only, no WP", 1, WRITE, PW, RETIRES, .missing = PTE_W, NOWP),
	ROW("user read, supervisor page", 1, READ, PW, E_P | E_U, USER),
	ROW("user write, supervisor page", 1, WRITE, PW, E_P | E_W | E_U, USER),
	ROW("user read, supervisor PDE", 1, READ, PWU, E_P | E_U, USER, .missing = PTE_U),
	ROW("read, user page", 1, READ, PWU, RETIRES),
	ROW("read, user page, SMAP", 1, READ, PWU, E_P, SMAP),
	ROW("write, user page, SMAP", 1, WRITE, PWU, E_P | E_W, SMAP),
	ROW("write, user page, SMAP, AC", 1, WRITE, PWU, RETIRES, SMAP, .ac = true),
	ROW("read, user page, SMAP, AC", 1, READ, PWU, RETIRES, SMAP, .ac = true),
	ROW("write, supervisor page, SMAP", 1, WRITE, PW, RETIRES, SMAP),
	ROW("read, supervisor PDE, SMAP", 1, READ, PWU, RETIRES, SMAP, .missing = PTE_U),
	ROW("write, read-only user, SMAP, AC", 1, WRITE, PTE_P | PTE_U, E_P | E_W, SMAP,
	    .ac = true),
	ROW("2M read", 2, READ, PW, RETIRES),
	ROW("2M write", 2, WRITE, PW, RETIRES),
	ROW("2M write, read-only", 2, WRITE, PTE_P, E_P | E_W),
	ROW("2M user write", 2, WRITE, PWU, RETIRES, USER),
	ROW("2M user read, supervisor", 2, READ, PW, E_P | E_U, USER),
	ROW("2M write, user page, SMAP", 2, WRITE, PWU, E_P | E_W, SMAP),
	ROW("1G read", 3, READ, PW, RETIRES),
	ROW("1G write", 3, WRITE, PW, RETIRES),
	ROW("1G write, read-only", 3, WRITE, PTE_P, E_P | E_W),
	ROW("1G user write", 3, WRITE, PWU, RETIRES, USER),
	ROW("read, bit 51", 1, READ, PW | PTE_RSVD51, E_P | E_RSVD),
	ROW("write, bit 51", 1, WRITE, PW | PTE_RSVD51, E_P | E_RSVD | E_W),
	ROW("user read, bit 51", 1, READ, PWU | PTE_RSVD51, E_P | E_RSVD | E_U, USER),
	ROW("user write, bit 51, supervisor", 1, WRITE, PTE_P | PTE_RSVD51,
	    E_P | E_RSVD | E_U | E_W, USER),
	ROW("read, bit 51, not present", 1, READ, PTE_RSVD51, 0),
	ROW("2M read, bit 13", 2, READ, PW | PTE_LOW, E_P | E_RSVD),
	ROW("1G write, bit 13", 3, WRITE, PW | PTE_LOW, E_P | E_RSVD | E_W),
	ROW("read, NX without NXE", 1, READ, PW | PTE_NX, E_P | E_RSVD, .efer_off = EFER_NXE),
	ROW("read, NX", 1, READ, PW | PTE_NX, RETIRES),
	ROW("fetch", 1, FETCH, PW, RETIRES),
	ROW("fetch, NX", 1, FETCH, PW | PTE_NX, E_P | E_FETCH),
	ROW("user fetch", 1, FETCH, PWU, RETIRES, USER),
	ROW("user fetch, NX", 1, FETCH, PWU | PTE_NX, E_P | E_FETCH | E_U, USER),
	ROW("user fetch, supervisor page", 1, FETCH, PW, E_P | E_FETCH | E_U, USER),
	ROW("fetch, not present", 1, FETCH, PTE_W, E_FETCH),
	ROW("fetch, user page", 1, FETCH, PWU, RETIRES),
	ROW("fetch, user page, SMEP", 1, FETCH, PWU, E_P | E_FETCH, SMEP),
	ROW("fetch, user page, SMEP, AC", 1, FETCH, PWU, E_P | E_FETCH, SMEP, .ac = true),
	ROW("fetch, user page, SMAP", 1, FETCH, PWU, RETIRES, SMAP),
	ROW("fetch, supervisor page, SMEP", 1, FETCH, PW, RETIRES, SMEP),
	ROW("fetch, SMEP without NXE", 1, FETCH, PWU, E_P | E_FETCH, SMEP, .efer_off = EFER_NXE),
	ROW("fetch, not present without NXE", 1, FETCH, PTE_W, 0, .efer_off = EFER_NXE),
	ROW("read, user page, SMEP", 1, READ, PWU, RETIRES, SMEP),
	ROW("user read, key", 1, READ, PWU | PTE_KEY1, RETIRES, KEY(0), USER),
	ROW("user read, key AD", 1, READ, PWU | PTE_KEY1, E_P | E_U | E_PK, KEY(KEY1_AD), USER),
	ROW("user write, key AD", 1, WRITE, PWU | PTE_KEY1, E_P | E_W | E_U | E_PK,
	    KEY(KEY1_AD), USER),
	ROW("user read, key WD", 1, READ, PWU | PTE_KEY1, RETIRES, KEY(KEY1_WD), USER),
	ROW("user write, key WD", 1, WRITE, PWU | PTE_KEY1, E_P | E_W | E_U | E_PK,
	    KEY(KEY1_WD), USER),
	ROW("user write, key WD, no WP", 1, WRITE, PWU | PTE_KEY1, E_P | E_W | E_U | E_PK,
	    KEY(KEY1_WD), USER, NOWP),
	ROW("user write, other key", 1, WRITE, PWU, RETIRES, KEY(KEY1_WD | KEY1_AD), USER),
	ROW("read, key AD", 1, READ, PWU | PTE_KEY1, E_P | E_PK, KEY(KEY1_AD)),
	ROW("write, key WD, WP", 1, WRITE, PWU | PTE_KEY1, E_P | E_W | E_PK, KEY(KEY1_WD)),
	ROW("write, key WD, no WP", 1, WRITE, PWU | PTE_KEY1, RETIRES, KEY(KEY1_WD), NOWP),
	ROW("write, key AD, no WP", 1, WRITE, PWU | PTE_KEY1, E_P | E_W | E_PK,
	    KEY(KEY1_AD), NOWP),
	ROW("write, supervisor page, key AD", 1, WRITE, PW | PTE_KEY1, RETIRES, KEY(KEY1_AD)),
	ROW("user fetch, key AD", 1, FETCH, PWU | PTE_KEY1, RETIRES, KEY(KEY1_AD), USER),
	ROW("2M user write, key WD", 2, WRITE, PWU | PTE_KEY1, E_P | E_W | E_U | E_PK,
	    KEY(KEY1_WD), USER),
	ROW("user read, key AD only in PDE", 1, READ, PWU, RETIRES, KEY(KEY1_AD), USER,
	    .extra = PTE_KEY1),
	ROW("read, ignored bits", 1, READ, PW | PTE_IGNORED, RETIRES),
	ROW("2M write, PAT", 2, WRITE, PW | PTE_LARGE_PAT, RETIRES),
	ROW("1G write, PAT", 3, WRITE, PW | PTE_LARGE_PAT, RETIRES),
	ROW("write, bit 51 in PDE", 1, WRITE, PW, E_P | E_RSVD | E_W, .extra = PTE_RSVD51),
	ROW("read, NX in PDE", 1, READ, PW, RETIRES, .extra = PTE_NX),
	ROW("user write, SMAP", 1, WRITE, PWU, RETIRES, SMAP, USER),
	ROW("user fetch, SMEP", 1, FETCH, PWU, RETIRES, SMEP, USER),
	ROW("crossing read", 1, CROSS_READ, PW, RETIRES),
	ROW("crossing write", 1, CROSS_WRITE, PW, RETIRES),
	ROW("crossing read, not present", 1, CROSS_READ, PW & ~PTE_P, 0),
	ROW("crossing write, read-only", 1, CROSS_WRITE, PTE_P, E_P | E_W),
	ROW("crossing user write, supervisor page", 1, CROSS_WRITE, PW, E_P | E_W | E_U, USER),
	ROW("crossing user write, key WD", 1, CROSS_WRITE, PWU | PTE_KEY1,
	    E_P | E_W | E_U | E_PK, KEY(KEY1_WD), USER),
	ROW("write, not canonical", 1, WRITE, PW, TAKES_GP, .beyond = BEYOND48),
	ROW("la57 write", 1, WRITE, PW, RETIRES, FIVE),
	ROW("la57 write beyond 48 bits", 1, WRITE, PW, RETIRES, FIVE, .beyond = BEYOND48),
	ROW("la57 user read beyond 48 bits", 1, READ, PWU, RETIRES, FIVE, USER,
	    .beyond = BEYOND48),
	ROW("la57 write, read-only", 1, WRITE, PTE_P, E_P | E_W, FIVE, .beyond = BEYOND48),
	ROW("la57 2M write", 2, WRITE, PW, RETIRES, FIVE, .beyond = BEYOND48),
	ROW("la57 1G write", 3, WRITE, PW, RETIRES, FIVE, .beyond = BEYOND48),
	ROW("la57 read, PML5E not present", 1, READ, PW, 0, FIVE, .beyond = 2 * BEYOND48),
	ROW("la57 write, not canonical", 1, WRITE, PW, TAKES_GP, FIVE, .beyond = 1ull << 57),
	ROW32("read", MODE_PAGED32, 1, READ, PW, RETIRES),
	ROW32("write", MODE_PAGED32, 1, WRITE, PW, RETIRES),
	ROW32("write, not present", MODE_PAGED32, 1, WRITE, PTE_W, E_W),
	ROW32("write, read-only, WP", MODE_PAGED32, 1, WRITE, PTE_P, E_P | E_W),
	ROW32("write, read-only, no WP", MODE_PAGED32, 1, WRITE, PTE_P, RETIRES, NOWP),
	ROW32("write, PDE read-only", MODE_PAGED32, 1, WRITE, PW, E_P | E_W, .missing = PTE_W),
	ROW32("4M read", MODE_PAGED32, 2, READ, PW, RETIRES),
	ROW32("4M write", MODE_PAGED32, 2, WRITE, PW, RETIRES),
	ROW32("4M write, read-only", MODE_PAGED32, 2, WRITE, PTE_P, E_P | E_W),
	ROW32("4M read, bit 21", MODE_PAGED32, 2, READ, PW | PTE_PSE21, E_P | E_RSVD),
	ROW32("fetch, not present", MODE_PAGED32, 1, FETCH, PTE_W, 0),
	ROW32("user write", MODE_PAGED32, 1, WRITE, PWU, RETIRES, USER),
	ROW32("4M user read", MODE_PAGED32, 2, READ, PWU, RETIRES, USER),
	ROW32("write, PS without PSE", MODE_PAGED32, 1, WRITE, PW, RETIRES,
	      .cr4_off = CR4_PSE, .extra = PTE_PS),
	ROW32("crossing write", MODE_PAGED32, 1, CROSS_WRITE, PW, RETIRES),
	ROW32("crossing write, read-only", MODE_PAGED32, 1, CROSS_WRITE, PTE_P, E_P | E_W),
	ROW32("read", MODE_PAE32, 1, READ, PW, RETIRES),
	ROW32("write", MODE_PAE32, 1, WRITE, PW, RETIRES),
	ROW32("write, read-only", MODE_PAE32, 1, WRITE, PTE_P, E_P | E_W),
	ROW32("write, no PDE", MODE_PAE32, 1, WRITE, PW, E_W, .missing = PTE_P),
	ROW32("read, bit 51", MODE_PAE32, 1, READ, PW | PTE_RSVD51, E_P | E_RSVD),
	ROW32("2M read", MODE_PAE32, 2, READ, PW, RETIRES),
	ROW32("2M write", MODE_PAE32, 2, WRITE, PW, RETIRES),
	ROW32("2M write, read-only", MODE_PAE32, 2, WRITE, PTE_P, E_P | E_W),
	ROW32("2M read, bit 13", MODE_PAE32, 2, READ, PW | PTE_LOW, E_P | E_RSVD),
	ROW32("fetch", MODE_PAE32, 1, FETCH, PW, RETIRES),
	ROW32("fetch, NX", MODE_PAE32, 1, FETCH, PW | PTE_NX, E_P | E_FETCH),
	ROW32("read, NX without NXE", MODE_PAE32, 1, READ, PW | PTE_NX, E_P | E_RSVD,
	      .efer_off = EFER_NXE),
	ROW32("read, bit 52", MODE_PAE32, 1, READ, PW | 1ull << 52, E_P | E_RSVD),
	ROW32("user write", MODE_PAE32, 1, WRITE, PWU, RETIRES, USER),
	ROW32("write", MODE_COMPAT32, 1, WRITE, PW, RETIRES),
	ROW32("write, read-only", MODE_COMPAT32, 1, WRITE, PTE_P, E_P | E_W),
	ROW32("user write", MODE_COMPAT32, 1, WRITE, PWU, RETIRES, USER),
	ROW32("user read, supervisor page", MODE_COMPAT32, 1, READ, PW, E_P | E_U, USER),
	ROW32("2M write", MODE_COMPAT32, 2, WRITE, PW, RETIRES),
};

/* main() gives row i the index 2 * i + 1 of tables of 512 entries. */
_Static_assert(ARRAY_SIZE(rows) <= 255, "more rows than entries");

static bool crosses(const struct row *row)
{
	return row->access >= CROSS_READ;
}

static bool writes(const struct row *row)
{
	return row->access == WRITE || row->access == RMW || row->access == CROSS_WRITE;
}

/* ---- the tables ---------------------------------------------------------- */

#define MAX_PATH 5

/* The entries from the root to the leaf of one address. */
struct path {
	u64 gva;	/* of the access, or of the page boundary it crosses */
	u64 gpa;	/* what the leaf maps it to */
	int nr;
	bool legacy;
	void *entry[MAX_PATH];
};

static u64 get_entry(const struct path *p, int i)
{
	return p->legacy ? *(u32 *)p->entry[i] : *(u64 *)p->entry[i];
}

static void set_entry(const struct path *p, int i, u64 value)
{
	if (p->legacy)
		*(u32 *)p->entry[i] = value;
	else
		*(u64 *)p->entry[i] = value;
}

static void clear_accessed_dirty(const struct path *p)
{
	int i;

	for (i = 0; i < p->nr; i++)
		set_entry(p, i, get_entry(p, i) & ~(PTE_A | PTE_D));
}

static void push(struct path *p, void *table, unsigned int index)
{
	p->entry[p->nr++] = (u8 *)table + index * (p->legacy ? 4 : 8);
}

static u64 *table_at(struct vm *vm, u64 gpa)
{
	return gpa_to_hva(vm, gpa);
}

static void write_roots(struct vm *vm)
{
	u64 *supervisor = table_at(vm, PML4S_GPA), *user = table_at(vm, PML4U_GPA);
	u64 *five;

	supervisor[0] = PDPT_GPA | PW;
	user[0] = PDPT_GPA | PWU;
	supervisor[1] = user[1] = T_PDPT_GPA | PWU;
	five = table_at(vm, PML5S_GPA);
	five[0] = five[1] = PML4S_GPA | PWU;
	five = table_at(vm, PML5U_GPA);
	five[0] = five[1] = PML4U_GPA | PWU;
}

static u64 root_of(const struct row *row)
{
	if (row->cr4_on & CR4_LA57)
		return row->user ? PML5U_GPA : PML5S_GPA;
	return row->user ? PML4U_GPA : PML4S_GPA;
}

/* The levels above the page directory, in long mode. Index @n belongs to the row. */
static void path_long(struct vm *vm, const struct row *row, unsigned int n, struct path *p)
{
	u64 *pdpt = table_at(vm, T_PDPT_GPA);

	p->gva = TEST_GVA + row->beyond;
	if (row->cr4_on & CR4_LA57)
		push(p, table_at(vm, root_of(row)), p->gva >> 48 & 511);
	push(p, table_at(vm, row->user ? PML4U_GPA : PML4S_GPA), 1);
	if (row->level == 3) {
		p->gva += (u64)n << 30;
		push(p, pdpt, n);
		return;
	}
	pdpt[0] = T_PD_GPA | PWU;
	push(p, pdpt, 0);
	p->gva += (u64)n << 21;
	push(p, table_at(vm, T_PD_GPA), n);
}

/* Every row has its own entries, so that no TLB entry of another one matches. */
static struct path row_path(struct vm *vm, const struct row *row, unsigned int n)
{
	struct path p = { .legacy = row->mode == MODE_PAGED32 };

	if (row->mode == MODE_LONG64) {
		path_long(vm, row, n, &p);
	} else if (p.legacy) {
		p.gva = 0x40000000 + ((u64)n << 22);
		push(&p, table_at(vm, PD32_GPA), p.gva >> 22);
	} else {
		if (row->mode == MODE_COMPAT32) {
			push(&p, table_at(vm, PML4_GPA), 0);
			push(&p, table_at(vm, PDPT_GPA), 1);
		}
		/* The second GiB, whose page directory follows that of the first. */
		p.gva = 0x40000000 + ((u64)n << 21);
		push(&p, table_at(vm, PD_GPA + PAGE_SIZE), n);
	}
	if (row->level == 1) {
		p.gva += n << 12;
		push(&p, table_at(vm, p.legacy ? T_PT32_GPA : T_PT_GPA), n);
	}
	return p;
}

/* Where the row's leaf points to. Two pages are used of what is crossed into. */
static u64 leaf_target(const struct row *row)
{
	if (row->access == FETCH)
		return CODE_GPA + PAGE_SIZE;
	if (crosses(row))
		return DATA_GPA + PAGE_SIZE;
	if (row->level == 1)
		return DATA_GPA;
	/* RAM does not reach a second 4 MiB or 1 GiB page. */
	return row->level == 2 && row->mode != MODE_PAGED32 ? LARGE_GPA : 0;
}

/* Write the leaf and, for 4 KiB pages, the entry above it. */
static void map_row(const struct row *row, struct path *p)
{
	int leaf = p->nr - 1;
	struct path before;

	p->gpa = leaf_target(row);
	set_entry(p, leaf, p->gpa | row->leaf | (row->level > 1 ? PTE_PS : 0));
	if (row->level == 1)
		set_entry(p, leaf - 1, (((p->legacy ? T_PT32_GPA : T_PT_GPA) | PWU) &
					~row->missing) | row->extra);
	if (crosses(row)) {
		before = *p;
		before.entry[leaf] = (u8 *)p->entry[leaf] - (p->legacy ? 4 : 8);
		set_entry(&before, leaf, (p->gpa - PAGE_SIZE) | PW | (row->user ? PTE_U : 0));
	} else {
		u64 offset = row->level == 1 ? PAGE_OFFSET : DATA_GPA + PAGE_OFFSET;

		p->gva += offset;
		p->gpa += offset;
	}
}

/* ---- one run ------------------------------------------------------------- */

struct result {
	int reason;
	bool done;
	struct guest_fault fault;
	u64 rbx, data;
};

static const u8 wrpkru[] = { 0x0f, 0x01, 0xef };
static const u8 fep[] = { 0x0f, 0x0b, 'k', 'v', 'm' };
static const u8 done_insn[] = { 0xe6, PORT_DONE };

/* mov $FETCHED_VALUE, %ebx */
static const u8 fetched[] = { 0xbb, 0x78, 0x56, 0x34, 0x12 };
#define FETCHED_VALUE 0x12345678
/* How much of a crossing access lies before the page. */
#define BEFORE_BOUNDARY 2

/* The code before the access: WRPKRU where it exists, then prefix or NOPs. */
static u64 place_code(struct vm *vm, const struct row *row, bool forced)
{
	static const u8 opcode[] = { [READ] = 0x8b, [WRITE] = 0x89, [RMW] = 0x01,
					[CROSS_READ] = 0x8b, [CROSS_WRITE] = 0x89 };
	u8 *code = gpa_to_hva(vm, CODE_GPA);
	u64 offset = row->access == FETCH ? PAGE_SIZE - BEFORE_BOUNDARY : 16;
	u8 *p = code + offset, *start = p - 8;

	memset(start, 0x90, 8);
	if (row->cr4_on & CR4_PKE)
		memcpy(start, wrpkru, sizeof(wrpkru));
	if (forced)
		memcpy(p - sizeof(fep), fep, sizeof(fep));
	if (row->access == FETCH) {
		memcpy(p, fetched, sizeof(fetched));
		p += sizeof(fetched);
	} else {
		if (mode_bits(row->mode) == 64)
			*p++ = 0x48;
		*p++ = opcode[row->access];
		*p++ = 0x1f;	/* (%rdi), %rbx */
	}
	memcpy(p, done_insn, sizeof(done_insn));
	return offset - 8;
}

static void set_control(struct vcpu *vcpu, const struct row *row)
{
	struct kvm_sregs s;

	vcpu_setup(vcpu, row->mode);
	if (row->user)
		vcpu_set_user(vcpu);
	vcpu_get_sregs(vcpu, &s);
	s.cr0 &= ~row->cr0_off;
	s.cr4 = (s.cr4 & ~row->cr4_off) | row->cr4_on;
	s.efer &= ~row->efer_off;
	if (row->mode == MODE_LONG64)
		s.cr3 = root_of(row);
	vcpu_set_sregs(vcpu, &s);
}

static void run_row(struct vcpu *vcpu, const struct row *row, const struct path *p,
		    bool forced, struct result *r)
{
	u64 back = crosses(row) ? BEFORE_BOUNDARY : 0, old = OLD;
	void *data = gpa_to_hva(vcpu->vm, p->gpa - back);
	u64 code = place_code(vcpu->vm, row, forced);
	struct kvm_regs regs;

	set_control(vcpu, row);
	vcpu_get_regs(vcpu, &regs);
	regs.rip = (row->access == FETCH ? p->gva - PAGE_SIZE : CODE_GPA) + code;
	regs.rdi = p->gva - back;
	regs.rbx = VALUE;
	regs.rax = row->pkru;
	regs.rflags |= (row->ac ? FLAG_AC : 0) | (row->user ? FLAG_IOPL : 0);
	vcpu_set_regs(vcpu, &regs);
	if (row->access != FETCH)
		memcpy(data, &old, sizeof(old));
	clear_accessed_dirty(p);

	memset(r, 0, sizeof(*r));
	r->fault.vector = -1;
	r->reason = run_until_exit(vcpu);
	r->done = r->reason == KVM_EXIT_IO && at_done(vcpu);
	if (r->reason == KVM_EXIT_IO)
		vcpu_fault(vcpu, &r->fault);
	vcpu_get_regs(vcpu, &regs);
	r->rbx = regs.rbx;
	memcpy(&r->data, data, sizeof(r->data));
}

/* ---- what is expected ---------------------------------------------------- */

/* What a finished access leaves in memory and in the register. */
static bool changed_as_wanted(const struct row *row, const struct result *r)
{
	u64 mask = mode_bits(row->mode) == 64 ? ~0ull : 0xffffffff;

	if (row->access == FETCH)
		return (u32)r->rbx == FETCHED_VALUE;
	if (!writes(row))
		return !((r->rbx ^ OLD) & mask) && r->data == OLD;
	if (row->access == RMW)
		return r->data == OLD + VALUE;
	return r->data == ((OLD & ~mask) | (VALUE & mask));
}

/* Does the outcome agree with the row, but for the bits @loose of the error code? */
static bool as_wanted(const struct row *row, const struct path *p, const struct result *r,
		      u64 loose)
{
	if (row->want == RETIRES)
		return r->done && changed_as_wanted(row, r);
	if (row->want == TAKES_GP)
		return r->fault.vector == GP_VECTOR && !r->fault.error_code;
	return r->fault.vector == PF_VECTOR && r->fault.cr2 == p->gva &&
	       !((r->fault.error_code ^ row->want) & ~loose);
}

static void show(const char *what, const struct result *r)
{
	note("%s: reason %d done %d vector %d error %#llx cr2 %#llx rip %#llx rbx %#llx data %#llx",
	     what, r->reason, r->done, r->fault.vector, (unsigned long long)r->fault.error_code,
	     (unsigned long long)r->fault.cr2, (unsigned long long)r->fault.rip,
	     (unsigned long long)r->rbx, (unsigned long long)r->data);
}

static bool same_result(const struct result *n, const struct result *f)
{
	return n->reason == f->reason && n->done == f->done &&
	       n->fault.vector == f->fault.vector && n->fault.cr2 == f->fault.cr2 &&
	       n->fault.rip == f->fault.rip && n->rbx == f->rbx && n->data == f->data;
}

/* Accessed in all entries of a finished access, dirty only in the leaf it wrote. */
static void check_bits(const struct row *row, const struct path *p, const char *name)
{
	bool good = true;
	int i;

	for (i = 0; i < p->nr; i++) {
		u64 entry = get_entry(p, i), want = 0;
		bool leaf = i == p->nr - 1;

		if (row->want == RETIRES)
			want = PTE_A | (leaf && writes(row) ? PTE_D : 0);
		/* A failed walk may have set accessed bits on its way, never dirty. */
		if ((entry & PTE_D) != (want & PTE_D))
			good = false;
		if (want && (entry & PTE_A) != PTE_A)
			good = false;
	}
	if (ok(good, "%s: accessed and dirty bits", name))
		return;
	for (i = 0; i < p->nr; i++)
		note("entry %d of %d: %#llx", i + 1, p->nr, (unsigned long long)get_entry(p, i));
}

/* What Linux 6.1 is known to do otherwise, or NULL. */
static const char *known_elsewhere(const struct row *row, const struct result *n,
				   const struct result *f)
{
	if (kvm_is_ours())
		return NULL;
	if (row->access == FETCH && f->fault.vector == UD_VECTOR)
		return "this KVM makes #UD of a failing fetch";
	if (row->access == CROSS_WRITE && f->fault.vector == PF_VECTOR &&
	    f->data != n->data)
		return "this KVM writes the part before the page that faults";
	return NULL;
}

static void try_row(struct vcpu *vcpu, const struct row *row, unsigned int n)
{
	struct path p = row_path(vcpu->vm, row, n);
	struct result native, forced;
	const char *known;
	char name[96];
	u64 loose = 0;

	snprintf(name, sizeof(name), "%s %s", mode_name(row->mode), row->name);
	/* QEMU's TCG reports reserved bits without the present bit. */
	if (row->want >= 0 && (row->want & E_RSVD))
		loose = E_P;
	map_row(row, &p);
	run_row(vcpu, row, &p, false, &native);
	run_row(vcpu, row, &p, true, &forced);
	if (!ok(as_wanted(row, &p, &native, loose), "%s: native", name))
		show("native", &native);
	known = known_elsewhere(row, &native, &forced);
	if (known) {
		skip(name, known);
		return;
	}
	if (!ok(as_wanted(row, &p, &forced, 0) && same_result(&native, &forced),
		"%s: forced", name)) {
		show("native", &native);
		show("forced", &forced);
	}
	check_bits(row, &p, name);
}

/* ---- what the processor offers ------------------------------------------- */

struct offer {
	u64 cr4;
	bool gbpages, bit51;
};

static struct offer read_offer(struct vm *vm)
{
	struct kvm_cpuid2 *cpuid = get_supported_cpuid(vm->kvm_fd);
	struct offer o = { 0 };
	u32 i;

	for (i = 0; i < cpuid->nent; i++) {
		const struct kvm_cpuid_entry2 *e = &cpuid->entries[i];

		if (e->function == 7 && !e->index) {
			o.cr4 |= e->ebx & 1u << 7 ? CR4_SMEP : 0;
			o.cr4 |= e->ebx & 1u << 20 ? CR4_SMAP : 0;
			o.cr4 |= e->ecx & 1u << 3 ? CR4_PKE : 0;
			o.cr4 |= e->ecx & 1u << 16 ? CR4_LA57 : 0;
		}
		if (e->function == 0x80000001)
			o.gbpages = e->edx & 1u << 26;
		if (e->function == 0x80000008)
			o.bit51 = (e->eax & 0xff) < 52;
	}
	free(cpuid);
	return o;
}

static const char *row_missing(const struct row *row, const struct offer *o)
{
	if (row->cr4_on & ~o->cr4 & CR4_PKE)
		return "no protection keys";
	if (row->cr4_on & ~o->cr4 & CR4_LA57)
		return "no 5-level paging";
	if (row->cr4_on & ~o->cr4)
		return "no SMEP or SMAP";
	if (row->level == 3 && !o->gbpages)
		return "no 1 GiB pages";
	if (((row->leaf | row->extra) & PTE_RSVD51) && !o->bit51)
		return "bit 51 is an address bit";
	return NULL;
}

int main(void)
{
	const char *why = forced_emulation_missing();
	struct vcpu *vcpu;
	struct offer offer;
	struct vm *vm;
	unsigned int i;

	tap_start(50);
	if (why)
		skip_all(why);
	vm = vm_create();
	vcpu = vcpu_create(vm);
	offer = read_offer(vm);
	write_roots(vm);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		why = row_missing(&rows[i], &offer);
		if (why)
			skip(rows[i].name, why);
		else
			try_row(vcpu, &rows[i], 2 * i + 1);
	}
	vm_destroy(vm);
	return tap_done();
}
