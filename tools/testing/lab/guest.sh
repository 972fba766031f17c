#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Build the guest tests, run them in the lab: all with one CPU, then with two
# what they can break.  TESTS names some; further arguments go to the lab.
set -euo pipefail

lab=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$lab/../../.." && pwd)
out=$top/build/selftests/kvm
stage=$top/build/selftests/stage

echo "guest tests: building"
make -s --no-print-directory -C "$top/tools/testing/selftests/kvm" OUTPUT="$out" all
if [ -z "${TESTS:-}" ]; then
	TESTS=$(make -s --no-print-directory -C "$top/tools/testing/selftests/kvm" OUTPUT="$out" list)
fi
read -r -d '' -a tests <<<"$TESTS" || true

# What two CPUs can break. QEMU with several CPUs is not to be trusted with the
# distribution's modules, which patch code whenever a VM comes or goes.
smp_tests=()
case " $* " in
*" distribution "*) ;;
*)
	for test in "${tests[@]}"; do
		case $test in
		cpu_hotplug|coalesced_io|create_vcpu|mmu_notifier|slot_deletion|vm_churn|ioeventfd|interrupts|\
		locked|memory_stress|hostile_vmm|host_safety|alloc_failure|\
		dirty_log_running|memory_swap)
			smp_tests+=("$test") ;;
		esac
	done ;;
esac

rm -rf "$stage"
mkdir -p "$stage"
for test in "${tests[@]}"; do
	cp "$out/$test" "$stage/"
done

boot()	# CPUs, tests...; the lab's arguments are in lab_args
{
	local cpus=$1

	shift
	echo "guest tests: booting the lab with $cpus CPU(s) (${lab_args[*]})"
	"$lab/lab" run --smp "$cpus" --timeout "${LAB_TIMEOUT:-900}" \
		--param kvm.force_emulation_prefix=1 --dir "$stage:/tests" "${lab_args[@]}" -- \
		"$environment run-guest-tests $*; r=\$?; $at_end exit \$r"
}

# What the tests and their runner take from our environment.
environment=
for name in KVM_TEST_CPU_HOTPLUG TEST_TIMEOUT KVM_TEST_SLOW SEED FUZZ_SECONDS VERBOSE; do
	[ -z "${!name:-}" ] || environment+="$name=${!name} "
done
# The machine powers off with a guest running.
at_end='[ ! -x /tests/host_safety ] || /tests/host_safety leave-running;'
lab_args=("$@")
if [ "${#smp_tests[@]}" -eq 0 ]; then
	boot 1 "${tests[@]}"
	exit
fi

# Two boots: the sums of both, as one.
status=0
{
	boot 1 "${tests[@]}" || status=1
	boot 2 "${smp_tests[@]}" || status=1
	echo "$status" >"$stage.status"
} | awk '/^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$/ { p += $1; f += $3; s += $5; print "# " $0; next }
	{ print; fflush() } END { printf "%d passed, %d failed, %d skipped\n", p, f, s }'
exit "$(cat "$stage.status")"
