#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Everything CI runs.  Each stage may end in a line "N passed, N failed, N
# skipped"; a stage without one counts as one test.  The sum is the last line.
set -uo pipefail

lab=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$lab/../../.." && pwd)
log=$top/build/check.log
passed=0 failed=0 skipped=0 bad=()

mkdir -p "$top/build"
cd "$top" || exit 1

stage()	# name command...
{
	local name=$1 status=0

	shift
	echo
	echo "=== $name"
	"$@" </dev/null 2>&1 | tee "$log" || status=1
	count "$name" "$status"
}

# The sum of a stage whose output is in $log.
count()	# name status
{
	local name=$1 status=$2 sum p f s

	sum=$(grep -E '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' "$log" | tail -n 1)
	read -r p _ f _ s _ <<<"${sum:-0 passed, 0 failed, 0 skipped}"
	[ -n "$sum" ] || p=$((status == 0))
	# A stage that fails without a failed test counts as one.
	[ "$status" -eq 0 ] || [ "$f" -gt 0 ] || f=1
	if [ "$f" -gt 0 ]; then
		bad+=("$name" "$(grep -m 10 '^not ok' "$log" | sed 's/^/  /')")
	fi
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
	[ "$f" -eq 0 ]
}

# The machine with VMX takes longest and uses one CPU: beside everything else.
vmx_log=$top/build/check-vmx.log
vmx_pid=

begin_vmx()
{
	# With all its children, should we end before it.
	set -m
	VENDOR=vmx "$lab/guest.sh" --modules ours </dev/null >"$vmx_log" 2>&1 &
	vmx_pid=$!
	set +m
	trap 'kill -- "-$vmx_pid" 2>/dev/null' EXIT
	trap 'exit 130' INT TERM
}

end_vmx()
{
	local status=0

	echo
	echo "=== guest tests on VMX"
	wait "$vmx_pid" || status=1
	trap - EXIT
	log=$vmx_log
	cat "$log"
	count "guest tests on VMX" "$status"
	log=$top/build/check.log
}

if stage "build" make --no-print-directory modules &&
   stage "build of the guest tests" make -s --no-print-directory \
	-C "$top/tools/testing/selftests/kvm" OUTPUT="$top/build/selftests/kvm" all; then
	built=1
	begin_vmx
else
	built=0
fi
stage "compat: the 6.12 headers" make --no-print-directory compat
stage "lint" make --no-print-directory lint
stage "the lab itself" "$lab/selftest.sh"
stage "host tests" "$lab/host.sh"
stage "host tests, each instruction against this CPU" env NATIVE_CASES=1500000 NATIVE_SECONDS=80 \
	"$lab/native.sh"
stage "host tests, ASan and UBSan" make -s --no-print-directory \
	-C "$top/tools/testing/selftests/kvm/emulate" OUTPUT="$top/build/sanitize" sanitize
stage "fuzz" env FUZZ_SECONDS=30 "$lab/fuzz.sh"
stage "decoder against libzydis" env ZYDIS_RANDOM=500000 "$lab/decode.sh"
if [ "$built" = 1 ]; then
	stage "guest tests on SVM" env VENDOR=svm "$lab/guest.sh" --modules ours
else
	stage "guest tests" sh -c 'echo "not run: the modules did not build"; exit 1'
fi

# The debugging kernel: CHECK_DEBUG=1 whatever it takes, 0 not at all; else when
# it ends within CHECK_MINUTES, by what its tests and its building usually take.
debug_stage()
{
	local need=20 minutes=$((SECONDS / 60)) budget=${CHECK_MINUTES:-30}

	if ! "$lab/debug/kernel.sh" path >/dev/null; then
		need=35
	fi
	if [ "${CHECK_DEBUG:-}" = 0 ]; then
		echo "ok 1 - debugging kernel # SKIP CHECK_DEBUG is 0"
	elif [ "${CHECK_DEBUG:-}" != 1 ] && [ $((minutes + need)) -gt "$budget" ]; then
		echo "ok 1 - debugging kernel # SKIP $need minutes after $minutes are more than $budget"
	else
		echo "debugging kernel: $need minutes after $minutes, of $budget"
		"$lab/debug.sh"
		return
	fi
	echo "0 passed, 0 failed, 1 skipped"
}

if [ "$built" = 1 ]; then
	stage "guest tests on the debugging kernel" debug_stage
	end_vmx
fi

echo
[ "${#bad[@]}" -eq 0 ] || printf 'failed: %s\n%s\n' "${bad[@]}"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
