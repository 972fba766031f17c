/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of the hostile VMM share. */
#ifndef HOSTILE_VMM_H
#define HOSTILE_VMM_H

#include <setjmp.h>
#include <stdatomic.h>

#include "kvm_test.h"

#define NR_FDS 6		/* of each kind: many would spread the actions thin */
#define NR_MAPS 8
#define ARENA_PAGES 16
#define GUARD (1ul << 30)	/* no ioctl writes past an arena */

enum kind { ON_DEV, ON_VM, ON_VCPU, ON_STATS, NR_KINDS };

/* What one thread of the round has: its numbers, and its buffers. */
struct attacker {
	u64 random;
	u8 *arena;		/* ARENA_PAGES, then nothing */
	sigjmp_buf escape;	/* from an access to what somebody unmapped */
	unsigned int done;
	u8 *maps[NR_MAPS];
	size_t map_size[NR_MAPS];
};

/* An ioctl: args.c has one for each line of ioctls.h. */
struct row {
	const char *name;
	unsigned long cmd;
	unsigned long (*fill)(struct attacker *a, int fd, const struct row *row);
	unsigned long get;
	enum kind kind;
};

/* File descriptors that anybody may use or close at any time: -1 is none. */
extern atomic_int fds[NR_KINDS][NR_FDS];
/* The VM of this round; its memory and run pages are anybody's. */
extern struct vm *vm;

extern const struct row rows[];
extern const unsigned int nr_rows;

/* args.c: random numbers of @a's own sequence. */
u64 rnd(struct attacker *a);
u32 below(struct attacker *a, u32 n);		/* 0 to @n - 1 */
u64 boundary(struct attacker *a);		/* one that tends to be a limit of something */
/* Where @size bytes lie in @a's arena. */
u8 *place(struct attacker *a, size_t size);

#endif
