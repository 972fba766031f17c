#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Build and run the comparison of the emulator with this machine's CPU.
set -euo pipefail

top=$(cd "$(dirname "$0")/../../.." && pwd)
exec make --no-print-directory -C "$top/tools/testing/selftests/kvm/emulate" \
	OUTPUT="$top/build/selftests/emulate" native
