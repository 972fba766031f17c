#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The main job: build, boot, show what the emulator does with a guest. VENDOR is
# svm (default) or vmx.
set -euo pipefail

lab=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$lab/../../.." && pwd)
out=$top/build/selftests/demo
log=$top/build/run.log
vendor=${VENDOR:-svm}

case $vendor in
svm) machine="SVM (QEMU TCG), loading our modules; about 10 s" ;;
vmx) machine="VMX (Bochs), loading our modules; about 20 s" ;;
*) echo "run: VENDOR is svm or vmx" >&2; exit 2 ;;
esac
[ "${LAB_ACCEL:-tcg}" = tcg ] || machine="this CPU's virtualization, loading our modules"

mkdir -p "$top/build"
build()	# what, command
{
	echo "run: building $1"
	shift
	if ! "$@" >"$log" 2>&1; then
		cat "$log" >&2
		echo "run: that did not build" >&2
		exit 1
	fi
}

build "kvm.ko, kvm-amd.ko and kvm-intel.ko" make --no-print-directory -C "$top" modules
build "the demonstration guest" make --no-print-directory -C "$top/tools/testing/selftests/kvm/demo" \
	OUTPUT="$out" all
echo "run: booting a machine with $machine"
"$lab/lab" run --vendor "$vendor" --memory 1024 --param kvm.force_emulation_prefix=1 --file "$out/kvm_demo" -- kvm_demo
echo "run: done; the kernel log is clean"
