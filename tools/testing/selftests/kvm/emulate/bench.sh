#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# bench.sh EMU_BENCH: decode and decode + execute of common instructions on this
# host, in nanoseconds and, by Callgrind, in instructions outside the callbacks.
# Fails when MOV of a register to memory takes more than the limit.
set -euo pipefail

bench=$1
runs=100
limit=150
limited='mov dword ptr [rbx], eax'

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

count()		# instructions per call, a line each measure()
{
	valgrind --tool=callgrind --callgrind-out-file="$tmp/out" --zero-before=measure \
		--dump-after=measure \
		--toggle-collect=x86_decode_insn --toggle-collect=x86_emulate_insn \
		--toggle-collect='m_*' "$bench" -c "$runs" 2>"$tmp/log" || { cat "$tmp/log" >&2; return 1; }
	for dump in $(printf '%s\n' "$tmp"/out.* | sort -V); do
		awk -v runs="$runs" '/^summary:/ { printf "%.0f\n", $2 / runs; exit }' "$dump"
	done
}

"$bench" >"$tmp/ns"
if command -v valgrind >/dev/null; then
	count | paste - - >"$tmp/instructions"
else
	echo "bench: no valgrind, no instructions" >&2
	sed 's/.*/-\t-/' "$tmp/ns" >"$tmp/instructions"
fi
paste "$tmp/ns" "$tmp/instructions" | awk -F'\t' -v limit="$limit" -v limited="$limited" '
	BEGIN { printf "%-50s %18s %18s\n%-50s %9s %8s %9s %8s\n", "on this host", "nanoseconds",
		"instructions", "", "decode", "both", "decode", "both" }
	{ printf "%-50s %9s %8s %9s %8s\n", $1, $2, $3, $4, $5 }
	$1 == limited { seen = 1; over = $5 != "-" && $5 > limit; took = $5 }
	END {
		if (over || !seen) {
			printf "bench: %s takes %s instructions, the limit is %s\n", limited, took, limit
			exit 1
		}
	}'
