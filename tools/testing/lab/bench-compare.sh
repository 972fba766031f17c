#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# bench-compare.sh OURS THEIRS: join "name<TAB>instructions" lines to a table.
# The limit is 0.05 of theirs for a REP row, 0.8 for any other; a row named
# "empty..." only shows the cost of the loop.  Exits 1 when a row is over.
set -eu

awk -F '\t' '
function limit(name)
{
	if (name ~ /[Ee]mpty/)
		return ""
	return name ~ /(^|[^A-Za-z])[Rr][Ee][Pp]([^A-Za-z]|$)/ ? 0.05 : 0.8
}
NF < 2 || $2 !~ /^[0-9.]+$/ { next }
FNR == NR { ours[$1] = $2; order[++n] = $1; next }
{ if (!($1 in ours)) { ours[$1] = "-"; order[++n] = $1 } theirs[$1] = $2 }
END {
	printf "%-44s %12s %12s %7s %6s  %s\n", "instructions per iteration",
		"ours", "theirs", "ratio", "limit", "verdict"
	for (i = 1; i <= n; i++) {
		name = order[i]
		a = ours[name]
		b = name in theirs ? theirs[name] : "-"
		l = limit(name)
		ratio = "-"
		verdict = "MISSING"
		if (a != "-" && b != "-" && b > 0) {
			ratio = sprintf("%.3f", a / b)
			verdict = l == "" || a / b <= l ? "ok" : "OVER"
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
