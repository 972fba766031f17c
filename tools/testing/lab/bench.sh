#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The emulator on this host; then the benchmark on both sets of modules, and the
# comparison.  ROW counts only the rows whose name has it. VENDOR is svm (default)
# or vmx, whose machine counts instructions by itself.
set -euo pipefail

lab=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$lab/../../.." && pwd)
out=$top/build/selftests/bench
vendor=${VENDOR:-svm}
case $vendor in
svm) machine=(--icount --timeout 600 --memory 3072) ;;
vmx) machine=(--timeout 1800 --memory 2048) ;;
*) echo "bench: VENDOR is svm or vmx" >&2; exit 2 ;;
esac

command=kvm_bench
[ -z "${ROW:-}" ] || command="kvm_bench '$ROW'"
[ -n "${ROW:-}" ] || make -s --no-print-directory -C "$top/tools/testing/selftests/kvm/emulate" \
	OUTPUT="$top/build/selftests/emulate" bench

make -s --no-print-directory -C "$top/tools/testing/selftests/kvm/bench" OUTPUT="$out" all

measure()	# modules
{
	echo "bench: $1 modules on $vendor" >&2
	"$lab/lab" run --vendor "$vendor" --buffer "${machine[@]}" --modules "$1" \
		--param kvm.force_emulation_prefix=1 --file "$out/kvm_bench" -- "$command" |
		tr -d '\r' | tee "$out/$1-$vendor.tsv" | grep -v "$(printf '\t')" >&2 || [ "${PIPESTATUS[0]}" -eq 0 ]
}

measure distribution
measure ours
"$lab/bench-compare.sh" "$out/ours-$vendor.tsv" "$out/distribution-$vendor.tsv"
