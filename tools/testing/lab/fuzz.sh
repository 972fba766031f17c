#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Fuzz the emulator for FUZZ_SECONDS (600) with libFuzzer, ASan and UBSan.
set -euo pipefail

top=$(cd "$(dirname "$0")/../../.." && pwd)
cc=${FUZZ_CC:-clang}

# The compiler and its runtime are packages of their own.
can_fuzz()
{
	echo 'int LLVMFuzzerTestOneInput(const char *d, long n) { return d && n < 0; }' |
		"$cc" -fsanitize=fuzzer,address -x c - -o /dev/null 2>/dev/null
}

if ! can_fuzz; then
	echo "ok 1 - fuzz # SKIP no clang with libFuzzer here; 'make fuzz' installs it"
	echo "0 passed, 0 failed, 1 skipped"
	exit 0
fi
make --no-print-directory -C "$top/tools/testing/selftests/kvm/emulate" \
	OUTPUT="$top/build/selftests/emulate" FUZZ_SECONDS="${FUZZ_SECONDS:-600}" FUZZ_CC="$cc" fuzz
echo "ok 1 - fuzz: ${FUZZ_SECONDS:-600} seconds without a finding"
echo "1 passed, 0 failed, 0 skipped"
