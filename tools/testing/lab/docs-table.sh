#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Generate build/emulated-instructions.rst from the tables and what the tests execute.
set -euo pipefail

top=$(cd "$(dirname "$0")/../../.." && pwd)
rst=$top/build/emulated-instructions.rst

mkdir -p "$top/build"
EMUTEST_RST=$rst make -s --no-print-directory -C "$top/tools/testing/selftests/kvm/emulate" \
	OUTPUT="$top/build/selftests/emulate" TESTS="cases memory mode rep native document" run |
	grep -A1 -E '^not ok|^ok [0-9]+ - document|^[0-9]+ passed'
