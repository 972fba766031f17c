#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# bench-compare.sh OURS THEIRS: join "name<TAB>instructions<TAB>limit" lines to a
# table.  The limit is the highest ratio of the two, "-" for a row that is only
# shown; ours counts, theirs is for a row that we lack.  Exits 1 when a row is over.
set -eu

awk -F '\t' '
NF < 3 || $2 !~ /^[0-9.]+$/ { next }
!($1 in limit) { limit[$1] = $3; order[++n] = $1; ours[$1] = theirs[$1] = "-" }
FNR == NR { ours[$1] = $2; next }
{ theirs[$1] = $2 }
END {
	printf "%-44s %12s %12s %7s %6s  %s\n", "instructions per iteration",
		"ours", "theirs", "ratio", "limit", "verdict"
	for (i = 1; i <= n; i++) {
		name = order[i]
		a = ours[name]
		b = theirs[name]
		l = limit[name]
		ratio = "-"
		verdict = "MISSING"
		if (a != "-" && b != "-" && b > 0) {
			ratio = sprintf("%.3f", a / b)
			verdict = l == "-" || a / b <= l ? "ok" : "OVER"
		}
		if (verdict == "ok")
			passed++
		else
			failed++
		printf "%-44s %12s %12s %7s %6s  %s\n", name, a, b, ratio, l, verdict
	}
	if (!n) {
		print "no measurements"
		failed = 1
	}
	printf "%d passed, %d failed, 0 skipped\n", passed, failed
	exit failed ? 1 : 0
}' "$1" "$2"
