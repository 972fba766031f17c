/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef EMUTEST_LINUX_MINMAX_H
#define EMUTEST_LINUX_MINMAX_H

#define min_t(t, a, b)	({ t a_ = (a); t b_ = (b); a_ < b_ ? a_ : b_; })
#define max_t(t, a, b)	({ t a_ = (a); t b_ = (b); a_ > b_ ? a_ : b_; })
#define min(a, b)	min_t(__typeof__(a), a, b)
#define max(a, b)	max_t(__typeof__(a), a, b)
#define min3(a, b, c)	min(min(a, b), c)
#define max3(a, b, c)	max(max(a, b), c)
#define clamp(v, l, h)	min(max(v, l), h)
#define swap(a, b)	do { __typeof__(a) t_ = (a); (a) = (b); (b) = t_; } while (0)

#endif
