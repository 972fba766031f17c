// SPDX-License-Identifier: GPL-2.0-only
/* The tracepoints' definitions. */
#include <linux/kvm.h>

#include "vcpu/ops.h"

#define CREATE_TRACE_POINTS
#include "vcpu/trace.h"
