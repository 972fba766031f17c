#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The hostile VMM for FUZZ_SECONDS (600), from SEED if there is one, on two CPUs;
# on the debugging kernel when that is built.
set -euo pipefail

lab=$(cd "$(dirname "$0")" && pwd)
export FUZZ_SECONDS=${FUZZ_SECONDS:-600} TESTS=hostile_vmm
export LAB_TIMEOUT=$((FUZZ_SECONDS * 6 + 900)) TEST_TIMEOUT=$((FUZZ_SECONDS * 6 + 600))

if "$lab/debug/kernel.sh" path >/dev/null; then
	exec "$lab/debug.sh"
fi
exec "$lab/guest.sh" --modules ours
