#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The emulator on this host; then the benchmark on both sets of modules, and the
# comparison.  ROW counts only the rows whose name has it.
set -euo pipefail

lab=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$lab/../../.." && pwd)
out=$top/build/selftests/bench

command=kvm_bench
[ -z "${ROW:-}" ] || command="kvm_bench '$ROW'"
[ -n "${ROW:-}" ] || make -s --no-print-directory -C "$top/tools/testing/selftests/kvm/emulate" \
	OUTPUT="$top/build/selftests/emulate" bench

make -s --no-print-directory -C "$top/tools/testing/selftests/kvm/bench" OUTPUT="$out" all

measure()	# modules
{
	echo "bench: $1 modules" >&2
	"$lab/lab" run --icount --buffer --timeout 600 --memory 3072 --modules "$1" \
		--param kvm.force_emulation_prefix=1 --file "$out/kvm_bench" -- "$command" |
		tee "$out/$1.tsv" | grep -v "$(printf '\t')" >&2 || [ "${PIPESTATUS[0]}" -eq 0 ]
}

measure distribution
measure ours
"$lab/bench-compare.sh" "$out/ours.tsv" "$out/distribution.tsv"
