# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Boot QEMU and judge how it ended.  The first serial port is the kernel's log,
# a file; the second is the command's terminal, our stdin and stdout.
# Reads the variables set by "lab".
# shellcheck disable=SC2154

# Lines of the kernel log that fail a run, from the loading of the modules on.
LAB_BAD='\<BUG\>|WARNING|Oops|KASAN|KCSAN|UBSAN|lockdep|Call Trace:|[Kk]ernel panic'
LAB_BAD+='|possible (recursive|circular|irq)|scheduling while atomic|general protection'
LAB_BAD+='|unchecked MSR|detected stall|soft lockup|blocked for more than|unreferenced object'

qemu_pid='' bochs_pid=''

cleanup()
{
	[ -z "$qemu_pid" ] || kill -KILL "$qemu_pid" 2>/dev/null || true
	[ -z "$bochs_pid" ] || kill -TERM "$bochs_pid" 2>/dev/null || true
	[ "${interactive:-0}" = 0 ] || [ -z "${tty_state:-}" ] || stty "$tty_state" 2>/dev/null || true
	rm -rf "$run_dir"
}

machine_arguments()
{
	local words="console=ttyS0 quiet maxcpus=1 panic=-1 oops=panic printk.devkmsg=on $append"

	words+=" lab.load=$((load && 1)) lab.modules=$modules lab.interactive=$interactive"
	case ${LAB_ACCEL:-tcg} in
	tcg) qemu=(-accel tcg -cpu max) ;;
	kvm) qemu=(-accel kvm -cpu host) ;;
	*) die "LAB_ACCEL is tcg or kvm" ;;
	esac
	if [ "$icount" = 1 ]; then
		[ "${LAB_ACCEL:-tcg}" = tcg ] || die "--icount needs TCG"
		[ "$smp" = 1 ] || die "--icount counts the instructions of one CPU"
		qemu+=(-icount "shift=0,sleep=off")
	fi
	qemu+=(-smp "$smp" -m "$memory" -display none -no-reboot
		-monitor "${LAB_MONITOR:-none}" -nic none
		-kernel "$kernel" -initrd "$run_dir/initramfs" -append "$words"
		-serial "file:$run_dir/console"
		-chardev "stdio,id=terminal,signal=off" -serial chardev:terminal)
}

# Start QEMU, wait for it, kill it after the timeout.  Sets status.
boot_once()
{
	local watch

	: >"$run_dir/console"
	status=0
	if [ "$interactive" = 1 ]; then
		tty_state=$(stty -g 2>/dev/null || true)
		qemu-system-x86_64 "${qemu[@]}" 2>"$run_dir/errors" || status=$?
		return
	fi
	if [ "$buffer" = 1 ]; then
		qemu-system-x86_64 "${qemu[@]}" </dev/null >"$run_dir/output" 2>"$run_dir/errors" &
	else
		qemu-system-x86_64 "${qemu[@]}" </dev/null 2>"$run_dir/errors" &
	fi
	qemu_pid=$!
	(
		exec >/dev/null 2>&1
		trap 'kill $!; exit' TERM
		sleep "$timeout" &
		wait $!
		: >"$run_dir/timeout"
		kill -TERM "$qemu_pid"
		sleep 3 &
		wait $!
		kill -KILL "$qemu_pid"
	) &
	watch=$!
	wait "$qemu_pid" || status=$?
	qemu_pid=
	kill "$watch" 2>/dev/null || true
	wait "$watch" 2>/dev/null || true
}

known_qemu_bug()
{
	grep -q 'tcg_handle_interrupt.*qemu_mutex_iothread_locked' "$run_dir/errors"
}

tail_log()
{
	echo "lab: end of the kernel log:" >&2
	tr -d '\r' <"$run_dir/console" | tail -n 40 | sed 's/^/  /' >&2
	sed 's/^/  qemu: /' "$run_dir/errors" >&2
}

# The lines of the kernel log from the loading of the modules on, but for what the
# kernel says of an allocation that a test made fail.
log_of_interest()
{
	tr -d '\r' <"$run_dir/console" | sed -n '/lab: begin$/,$p' |
		sed '/alloc_failure: vmalloc error/,/<\/TASK>/d'
}

judge()
{
	local result

	if [ -e "$run_dir/timeout" ]; then
		tail_log
		echo "lab: no end after $timeout seconds" >&2
		return 124
	fi
	if log_of_interest | grep -Eq "$LAB_BAD"; then
		echo "lab: the kernel log is not clean:" >&2
		log_of_interest | grep -E -m 3 -A 30 "$LAB_BAD" | sed 's/^/  /' >&2
		return 123
	fi
	result=$(log_of_interest | sed -n 's/.*lab: exit \([0-9][0-9]*\)$/\1/p' | tail -n 1)
	if [ -z "$result" ]; then
		tail_log
		echo "lab: the machine ended before the command did (status $status)" >&2
		return 125
	fi
	[ -z "${LAB_LOG:-}" ] || log_of_interest >"$LAB_LOG"
	return "$result"
}

run_machine()
{
	local result=0

	need qemu-system-x86_64 qemu-system-x86
	machine_arguments
	boot_once
	if known_qemu_bug; then
		echo "lab: QEMU aborted in tcg_handle_interrupt (a bug of QEMU 7.2's); booting once more" >&2
		boot_once
	fi
	[ "$buffer" = 0 ] || cat "$run_dir/output"
	judge || result=$?
	exit "$result"
}
