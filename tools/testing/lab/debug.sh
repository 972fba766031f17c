#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The guest tests on a kernel with KASAN, lockdep, kmemleak and fault injection,
# with the modules built for it in build/debug. DEBUG_CACHE says where the kernel
# is kept; DEBUG_BUILD=0 skips when it is not there. Arguments go to the lab.
set -euo pipefail

lab=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$lab/../../.." && pwd)

if tree=$("$lab/debug/kernel.sh" path); then
	echo "debug kernel: $tree"
elif [ "${DEBUG_BUILD:-1}" = 0 ]; then
	echo "ok 1 - debug kernel # SKIP $tree is not built"
	echo "0 passed, 0 failed, 1 skipped"
	exit 0
else
	echo "debug kernel: building $tree"
	"$lab/deps.sh" debug
	tree=$("$lab/debug/kernel.sh" build)
fi

# KASAN grows frames; the limit is for the ordinary build.
export COPY_CFLAGS=-Wframe-larger-than=3072
mkdir -p "$top/build/debug"
"$lab/build-copy.sh" "$tree" "$top/build/debug" >"$top/build/debug.log" 2>&1 || {
	tail -n 30 "$top/build/debug.log" >&2
	echo "debug kernel: the modules do not build" >&2
	exit 1
}
# Everything is several times slower there.
export KDIR=$tree LAB_MODULE_DIR=$top/build/debug LAB_KERNEL=$tree/arch/x86/boot/bzImage
export LAB_BUILD=$top/build/lab-debug LAB_TIMEOUT=${LAB_TIMEOUT:-3000} TEST_TIMEOUT=${TEST_TIMEOUT:-900} KVM_TEST_SLOW=5
VENDOR=svm exec "$lab/guest.sh" --modules ours "$@"
