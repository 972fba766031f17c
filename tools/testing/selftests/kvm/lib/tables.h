/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVM_TEST_TABLES_H
#define KVM_TEST_TABLES_H

struct vm;

/* Write page tables, GDT, TSS, IDTs, IVT and exception stubs to guest RAM. */
void write_guest_tables(struct vm *vm);

#endif
