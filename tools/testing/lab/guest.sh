#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Build the guest tests and run them in the lab. VENDOR is svm (default): all with
# one CPU, then with two what they can break; vmx: one boot with one CPU, all with
# and without unrestricted_guest; or both. TESTS names some; arguments go to the lab.
set -euo pipefail

lab=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$lab/../../.." && pwd)
out=$top/build/selftests/kvm
vendor=${VENDOR:-svm}

case $vendor in
svm|vmx|both) ;;
*) echo "guest tests: VENDOR is svm, vmx or both" >&2; exit 2 ;;
esac

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

# Of its own for each vendor: both may run at once.
stage=$top/build/selftests/stage-$vendor
rm -rf "$stage"
mkdir -p "$stage"
for test in "${tests[@]}"; do
	strip -o "$stage/$test" "$out/$test"
done

# What the tests and their runner take from our environment.
environment=
for name in KVM_TEST_CPU_HOTPLUG TEST_TIMEOUT KVM_TEST_SLOW SEED FUZZ_SECONDS VERBOSE; do
	[ -z "${!name:-}" ] || environment+="export $name=${!name}; "
done
# The machine powers off with a guest running.
at_end='[ ! -x /tests/host_safety ] || /tests/host_safety leave-running;'
lab_args=("$@")

boot()	# vendor CPUs command
{
	echo "guest tests: booting the lab with $1, $2 CPU(s) (${lab_args[*]})"
	"$lab/lab" run --vendor "$1" --smp "$2" --memory "$memory" --timeout "${LAB_TIMEOUT:-$timeout}" \
		--param kvm.force_emulation_prefix=1 --dir "$stage:/tests" "${lab_args[@]}" -- \
		"$environment r=0; $3 $at_end exit \$r" || status=1
}

svm()
{
	timeout=900 memory=2048
	boot svm 1 "run-guest-tests ${tests[*]} || r=1;"
	[ "${#smp_tests[@]}" -eq 0 ] || boot svm 2 "run-guest-tests ${smp_tests[*]} || r=1;"
}

# With neither clock nor counters of its own to go by, a slow machine: the limits of
# tests are as long as those of the debugging kernel.
vmx()
{
	local restricted refused=

	timeout=2700 memory=1024
	# Bochs logs the address of a write, not of its page: the distribution's modules warn.
	[[ ${lab_args[*]} != *distribution* ]] || lab_args+=(--param kvm_intel.pml=0)
	restricted="echo '# unrestricted_guest=0'; rmmod kvm_intel;
		if [ -d /sys/module/kvm_amd ]; then
			echo 'ok 1 - unrestricted_guest=0 # SKIP this CPU has SVM';
			echo '0 passed, 0 failed, 1 skipped';
		elif modprobe kvm_intel unrestricted_guest=0; then
			if ! grep -q N /sys/module/kvm_intel/parameters/unrestricted_guest; then
				echo 'not ok 1 - unrestricted_guest is 0'; r=1;
			fi;
			TEST_LABEL=' (unrestricted_guest=0)' run-guest-tests ${tests[*]} || r=1;
			if ! grep -q N /sys/module/kvm_intel/parameters/unrestricted_guest; then
				echo 'not ok 2 - unrestricted_guest is still 0'; r=1;
			fi;
			rmmod kvm_intel; modprobe kvm_intel || r=1;
		elif modprobe kvm_intel; then
			echo 'ok 1 - unrestricted_guest=0 # SKIP the module refuses the parameter';
			echo '0 passed, 0 failed, 1 skipped';
		else r=1; fi;"
	# States that are refused: one test, which has another half for it.
	[[ " ${tests[*]} " != *" invalid_guest_state "* ]] || refused="
		if [ -d /sys/module/kvm_intel ]; then for u in 1 0; do
			o=\"emulate_invalid_guest_state=0 unrestricted_guest=\$u\"; rmmod kvm_intel;
			modprobe kvm_intel \$o || r=1;
			TEST_LABEL=\" (\$o)\" run-guest-tests invalid_guest_state || r=1;
		done; rmmod kvm_intel; modprobe kvm_intel || r=1; fi;"
	boot vmx 1 ": \${TEST_TIMEOUT:=300} \${KVM_TEST_SLOW:=5}; export TEST_TIMEOUT KVM_TEST_SLOW;
		run-guest-tests ${tests[*]} || r=1; $restricted $refused"
}

# The sums of all runs, as one.
{
	status=0
	[ "$vendor" = vmx ] || svm
	[ "$vendor" = svm ] || vmx
	echo "$status" >"$stage.status"
} | awk '/^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped\r?$/ { p += $1; f += $3; s += $5; print "# " $0; next }
	{ print; fflush() } END { printf "%d passed, %d failed, %d skipped\n", p, f, s }'
exit "$(cat "$stage.status")"
