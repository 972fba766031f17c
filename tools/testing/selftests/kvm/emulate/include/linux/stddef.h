/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef EMUTEST_LINUX_STDDEF_H
#define EMUTEST_LINUX_STDDEF_H

#include_next <linux/stddef.h>
#include <stddef.h>

#ifndef offsetofend
#define offsetofend(type, member) (offsetof(type, member) + sizeof(((type *)0)->member))
#endif

#endif
