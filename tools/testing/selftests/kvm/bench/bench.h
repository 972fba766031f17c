/* SPDX-License-Identifier: GPL-2.0-only */
/* What the benchmark's files share: rows, their limits, the guest that touches pages. */
#ifndef KVM_BENCH_H
#define KVM_BENCH_H

#include "kvm_test.h"

/*
 * Highest permitted ratio of our instructions to the distribution's; the third
 * field of a row's line. Each row names one of these.
 */
#define LIMIT_NONE	"-"	/* shown only */
#define LIMIT_EXIT	"0.8"	/* an exit and the way back */
#define LIMIT_REP	"0.05"	/* REP string instructions */
#define LIMIT_MEMORY	"1.0"	/* page faults, dirty log, memory slots */

/* Is row @name asked for on the command line? */
bool wanted(const char *name);
/* Print row @name: "name<TAB>instructions<TAB>limit". */
void report(const char *name, u64 instructions, const char *limit);

#define SAMPLES 4

/* A pass over @n things that returns the ticks it took. */
typedef u64 (*pass_fn)(void *ctx, u64 n);
/* Least ticks of SAMPLES passes: the host's timer ticks are not the guest's. */
u64 least(pass_fn pass, void *ctx, u64 n);
/* Ticks for one of @n things, without what a pass costs by itself. */
u64 per_thing(const char *name, pass_fn pass, void *ctx, u64 n);

/* Complete the last exit of @vcpu, which the next entry does, and nothing else. */
void complete_exit(struct vcpu *vcpu);

/* Where the guest of touch_pages() finds memory: mapped by 2 MiB pages. */
#define TOUCH_GPA	0x80000000ul
#define HUGE_SIZE	0x200000ul

/* Bring a new vCPU of @vm to where touch_pages() can use it. */
struct vcpu *create_toucher(struct vm *vm);
/* Let the guest write at @count addresses from @gpa on, @stride apart; ticks. */
u64 touch_pages(struct vcpu *vcpu, u64 gpa, u64 stride, u64 count);
/* @size bytes, present and written to, of 2 MiB or of 4 KiB pages. */
u8 *alloc_memory(u64 size, bool huge);

/* The files. */
void bench_faults(void);
void bench_slots(void);
void bench_dirty_log(void);

#endif
