#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Runs inside the lab: every test of a directory (default /tests), or those
# named, each with a time limit; prints their TAP and sums up its points. TEST_LABEL
# follows each name.
dir=${TEST_DIR:-/tests}
limit=${TEST_TIMEOUT:-60}
tap=$(mktemp)
passed=0
failed=0
skipped=0

count()	# pattern; "ok ... # SKIP" is no success
{
	grep -Ec "$1" "$tap"
}

seconds()
{
	cut -d. -f1 /proc/uptime
}

run()
{
	name=$(basename "$1")
	echo "# $name${TEST_LABEL:-}"
	began=$(seconds)
	timeout -s KILL "$limit" "$1" </dev/null >"$tap" 2>&1
	status=$?
	took=$(($(seconds) - began))
	[ "$took" -lt 10 ] || echo "# $name took $took seconds"
	# Its own sum becomes a comment: only ours is one.
	tr -d '\r' <"$tap" | sed 's/^[0-9]* passed, [0-9]* failed/# &/'
	s=$(count '^ok [0-9]+.*# SKIP')
	p=$(($(count '^ok [0-9]+') - s))
	f=$(count '^not ok [0-9]+')
	case $status in
	0) ;;
	4) [ "$s" -gt 0 ] || s=1 ;;
	137|143) echo "not ok - $name: no end after $limit seconds"; f=$((f + 1)) ;;
	*) [ "$f" -gt 0 ] || { echo "not ok - $name: exit status $status"; f=1; } ;;
	esac
	plan=$(sed -n 's/^1\.\.\([0-9][0-9]*\).*/\1/p' "$tap" | tail -n 1)
	if [ -n "$plan" ] && [ $((p + s + f)) -lt "$plan" ]; then
		echo "not ok - $name: $((p + s + f)) of $plan planned points"
		f=$((f + 1))
	elif [ $((p + s + f)) -eq 0 ]; then
		echo "not ok - $name: printed no TAP"
		f=1
	fi
	passed=$((passed + p))
	failed=$((failed + f))
	skipped=$((skipped + s))
}

if [ $# -gt 0 ]; then
	for name; do
		run "$dir/$name"
	done
else
	for test in "$dir"/*; do
		[ -f "$test" ] && [ -x "$test" ] && run "$test"
	done
fi
rm -f "$tap"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ $((passed + skipped)) -gt 0 ]
