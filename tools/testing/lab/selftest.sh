#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Does the lab tell a good run from a bad one?  A script stands in for QEMU and
# Bochs and writes the kernel log of each case; no machine is booted.
set -uo pipefail

lab=$(cd "$(dirname "$0")" && pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
point=0 failed=0

ok()	# name got want
{
	point=$((point + 1))
	if [ "$2" = "$3" ]; then
		echo "ok $point - $1"
	else
		echo "not ok $point - $1"
		echo "# got '$2', want '$3'"
		failed=$((failed + 1))
	fi
}

# The script in $tmp/case sees CONSOLE, BOOT (which boot this is) and log().
fake_qemu()
{
	mkdir -p "$tmp/bin"
	cat >"$tmp/bin/qemu-system-x86_64" <<-'END'
	#!/bin/bash
	for word; do
		case $word in
		file:*) CONSOLE=${word#file:} ;;
		esac
	done
	log()
	{
		printf '[    1.000000] %s\r\n' "$@" >>"$CONSOLE"
	}
	echo boot >>"$LAB_SELFTEST/boots"
	BOOT=$(wc -l <"$LAB_SELFTEST/boots")
	. "$LAB_SELFTEST/case"
	END
	chmod 755 "$tmp/bin/qemu-system-x86_64"
	: >"$tmp/vmlinuz"
}

# Finds the console in its configuration, and keeps what it would load.
fake_bochs()
{
	local size

	cat >"$tmp/bin/bochs" <<-'END'
	#!/bin/bash
	while read -r word; do
		case $word in
		com1:*) CONSOLE=${word##*dev=} ;;
		optr?mimage1:*) word=${word#*file=}; cp "${word%%,*}" "$LAB_SELFTEST/" ;;
		esac
	done <"$3"
	log()
	{
		printf '[    1.000000] %s\r\n' "$@" >>"$CONSOLE"
	}
	. "$LAB_SELFTEST/case"
	END
	chmod 755 "$tmp/bin/bochs"
	# A bzImage: one sector of setup, an ELF file for a kernel.
	echo 'char text[] = "kernel";' | gcc -c -x c -o "$tmp/elf" -
	gzip -c "$tmp/elf" >"$tmp/payload"
	size=$(stat -c %s "$tmp/payload")
	truncate -s 1024 "$tmp/vmlinuz"
	printf '\x01' | dd of="$tmp/vmlinuz" bs=1 seek=$((0x1f1)) conv=notrunc status=none
	printf '%b' "$(printf '\\x%02x' $((size & 255)) $((size >> 8)))" |
		dd of="$tmp/vmlinuz" bs=1 seek=$((0x24c)) conv=notrunc status=none
	cat "$tmp/payload" >>"$tmp/vmlinuz"
}

boot()	# name want-status case [option...]
{
	local name=$1 want=$2 status=0

	printf '%s\n' "$3" >"$tmp/case"
	rm -f "$tmp/boots"
	shift 3
	LAB_SELFTEST=$tmp PATH=$tmp/bin:$PATH LAB_KERNEL=$tmp/vmlinuz LAB_ACCEL=tcg LAB_BUILD=$tmp/build \
		"$lab/lab" run --modules none "$@" -- true >"$tmp/out" 2>"$tmp/err" || status=$?
	ok "$name" "$status" "$want"
}

assertion='echo "ERROR: tcg_handle_interrupt: assertion failed: (qemu_mutex_iothread_locked())" >&2; exit 134'

boots()
{
	boot "a clean run" 0 'log "lab: begin" "lab: exit 0"'
	boot "the command's status" 7 'log "lab: begin" "lab: exit 7"'
	boot "a WARNING before the modules" 0 'log "WARNING: early" "lab: begin" "lab: exit 0"'
	boot "a WARNING after them" 123 'log "lab: begin" "WARNING: CPU: 0 PID: 1" "lab: exit 0"'
	boot "an Oops" 123 'log "lab: begin" "Oops: 0002 [#1] PREEMPT SMP"'
	boot "a lockdep report" 123 'log "lab: begin" "WARNING: possible circular locking" "lab: exit 0"'
	boot "a KASAN report" 123 'log "lab: begin" "BUG: KASAN: use-after-free" "lab: exit 0"'
	boot "a leak" 123 'log "lab: begin" "lab: unreferenced object 0xffff" "lab: exit 0"'
	boot "an injected fault" 0 'log "lab: begin" "alloc_failure: vmalloc error: size 4096" "Call Trace:" \
		" </TASK>" "lab: exit 0"'
	boot "a report after one" 123 'log "lab: begin" "alloc_failure: vmalloc error: size 4096" \
		" </TASK>" "BUG: KASAN" "lab: exit 0"'
	boot "no status" 125 'log "lab: begin"'
	boot "no end" 124 'log "lab: begin"; exec sleep 30' --timeout 1
	boot "QEMU's own assertion once" 0 "[ \$BOOT = 2 ] || { $assertion; }; log 'lab: begin' 'lab: exit 0'"
	ok "it is named" "$(grep -c tcg_handle_interrupt "$tmp/err")" 1
	boot "QEMU's own assertion twice" 125 "$assertion"
	ok "and no third boot" "$(wc -l <"$tmp/boots")" 2
	boot "another abort" 125 'kill -ABRT $$'
	ok "is not tried again" "$(wc -l <"$tmp/boots")" 1
}

boots_bochs()
{
	boot "Bochs: a clean run" 0 'log "lab: begin" "lab: exit 0"' --vendor vmx
	ok "the ROM's bytes add up to 0" "$(od -An -v -t u1 "$tmp/rom" |
		awk '{ for (i = 1; i <= NF; i++) s += $i } END { print s % 256 }')" 0
	ok "and it has the command line" "$(grep -c lab.modules=none "$tmp/rom")" 1
	ok "a mark is before the kernel" "$(dd if="$tmp/image" bs=4K skip=2047 count=2 status=none |
		tr -d '\0')" "Lab imagekernel"
	ok "the initramfs is behind it" "$(dd if="$tmp/image" bs=2M skip=5 count=1 status=none | head -c 6)" 070701
	boot "Bochs: the command's status" 7 'log "lab: begin" "lab: exit 7"' --vendor vmx
	boot "Bochs: a WARNING after the modules" 123 'log "lab: begin" "WARNING: CPU: 0 PID: 1" "lab: exit 0"' \
		--vendor vmx
	boot "Bochs: no status" 125 'log "lab: begin"' --vendor vmx
	boot "Bochs: it dies" 125 'log "lab: begin"; kill -SEGV $$' --vendor vmx
	# shellcheck disable=SC2016
	boot "Bochs: no end" 124 'log "lab: begin"; echo $$ >"$LAB_SELFTEST/pid"; exec sleep 30' \
		--vendor vmx --timeout 1
	sleep 0.5
	ok "and no Bochs is left" "$(sed 's/.*) \(.\).*/\1/' "/proc/$(cat "$tmp/pid")/stat" 2>/dev/null |
		grep -c '[^Z]')" 0
}

guest_test()	# name, lines of shell
{
	printf '#!/bin/sh\n%s\n' "$2" >"$tmp/tests/$1"
	chmod 755 "$tmp/tests/$1"
}

runner()
{
	local sum

	mkdir -p "$tmp/tests"
	guest_test good 'echo "ok 1 - a"; echo "ok 2 - b # SKIP why"; echo 1..2'
	guest_test bad 'echo "ok 1 - a"; echo "not ok 2 - b"; echo 1..2; exit 1'
	guest_test skip 'echo "1..0 # SKIP why"; exit 4'
	guest_test short 'echo 1..3; echo "ok 1 - a"; exit 0'
	guest_test dies 'echo "ok 1 - a"; kill -SEGV $$'
	guest_test mute 'exit 0'
	guest_test hangs 'sleep 30'
	sum=$(TEST_DIR=$tmp/tests TEST_TIMEOUT=1 sh "$lab/run-guest-tests.sh" 2>/dev/null | tail -n 1)
	ok "the runner counts" "$sum" "4 passed, 5 failed, 2 skipped"
	TEST_DIR=$tmp/tests sh "$lab/run-guest-tests.sh" good >/dev/null 2>&1
	ok "and passes what passes" "$?" 0
}

compare()
{
	printf 'REP x\t5\t0.05\nCPUID\t80\t0.8\nempty\t9\t-\n' >"$tmp/ours"
	printf 'REP x\t100\t0.05\nCPUID\t100\t0.8\nempty\t3\t-\n' >"$tmp/theirs"
	"$lab/bench-compare.sh" "$tmp/ours" "$tmp/theirs" >/dev/null
	ok "a benchmark at its limits" "$?" 0
	printf 'REP x\t6\t0.05\nCPUID\t80\t0.8\nempty\t9\t-\n' >"$tmp/ours"
	"$lab/bench-compare.sh" "$tmp/ours" "$tmp/theirs" >/dev/null
	ok "over one" "$?" 1
	printf 'CPUID\t80\t0.8\nempty\t9\t-\n' >"$tmp/ours"
	"$lab/bench-compare.sh" "$tmp/ours" "$tmp/theirs" >/dev/null
	ok "without a row" "$?" 1
	: >"$tmp/ours"
	"$lab/bench-compare.sh" "$tmp/ours" "$tmp/ours" >/dev/null
	ok "without any" "$?" 1
}

fake_qemu
boots
fake_bochs
boots_bochs
runner
compare
echo "1..$point"
echo "$((point - failed)) passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
