/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's short integer types, for emulate/ in userspace. */
#ifndef EMUTEST_LINUX_TYPES_H
#define EMUTEST_LINUX_TYPES_H

#include_next <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s8 s8;
typedef __s16 s16;
typedef __s32 s32;
typedef __s64 s64;
typedef unsigned __int128 u128;
typedef __int128 s128;

#include <linux/compiler.h>

#endif
