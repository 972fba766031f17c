#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Compare the emulator's decoder with libzydis.  ZYDIS_RANDOM is the number of
# random byte strings per mode (10 million).
set -euo pipefail

top=$(cd "$(dirname "$0")/../../.." && pwd)

if [ ! -e /usr/include/Zydis/Zydis.h ]; then
	echo "ok 1 - decoder against libzydis # SKIP no libzydis-dev here; 'make deps' installs it"
	echo "0 passed, 0 failed, 1 skipped"
	exit 0
fi
exec make --no-print-directory -C "$top/tools/testing/selftests/kvm/emulate" \
	OUTPUT="$top/build/selftests/emulate" zydis
