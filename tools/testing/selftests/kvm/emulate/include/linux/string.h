/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef EMUTEST_LINUX_STRING_H
#define EMUTEST_LINUX_STRING_H

#include <string.h>
#include <linux/types.h>

#endif
