/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef EMUTEST_LINUX_BUILD_BUG_H
#define EMUTEST_LINUX_BUILD_BUG_H

#include <assert.h>

#define BUILD_BUG_ON(c)			_Static_assert(!(c), #c)
#define BUILD_BUG_ON_MSG(c, msg)	_Static_assert(!(c), msg)

#endif
