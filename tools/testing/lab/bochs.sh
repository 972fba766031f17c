# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The machine with VMX: Bochs, booted from an ISO. One CPU; RDTSC counts
# instructions. Reads the variables set by "lab".
# shellcheck disable=SC2154

bochs_iso()
{
	local tree=$run_dir/iso/isolinux

	need xorriso xorriso
	[ -f /usr/lib/ISOLINUX/isolinux.bin ] || die "isolinux is missing; 'make deps' installs it"
	mkdir -p "$tree"
	cp /usr/lib/ISOLINUX/isolinux.bin /usr/lib/syslinux/modules/bios/ldlinux.c32 "$tree/"
	cp "$kernel" "$tree/kernel"
	gzip -1 <"$run_dir/initramfs" >"$tree/initrd"
	printf 'default lab\nprompt 0\nlabel lab\n  kernel kernel\n  append initrd=initrd %s\n' \
		"$words" >"$tree/isolinux.cfg"
	xorriso -as mkisofs -quiet -o "$run_dir/boot.iso" -b isolinux/isolinux.bin \
		-c isolinux/boot.cat -no-emul-boot -boot-load-size 4 -boot-info-table \
		"$run_dir/iso" >/dev/null 2>"$run_dir/errors" || die "no ISO: $(cat "$run_dir/errors")"
	rm -rf "$run_dir/iso"
}

bochs_config()
{
	cat >"$run_dir/bochsrc" <<-END
		display_library: term
		plugin_ctrl: unmapped=true, biosdev=true, serial=true
		sound: driver=dummy, waveoutdrv=dummy, waveindrv=dummy, midioutdrv=dummy
		cpu: model=corei7_skylake_x, count=1, ips=50000000
		memory: guest=$memory, host=$memory
		romimage: file=/usr/share/bochs/BIOS-bochs-latest
		vgaromimage: file=/usr/share/vgabios/vgabios.stdvga.bin
		ata0-master: type=cdrom, path=$run_dir/boot.iso, status=inserted
		boot: cdrom
		clock: sync=none
		com1: enabled=1, mode=file, dev=$run_dir/console
		com2: enabled=1, mode=file, dev=$run_dir/output
		log: $run_dir/bochs.log
		panic: action=fatal
		error: action=ignore
		info: action=ignore
		debug: action=ignore
	END
	# This build starts in its debugger, and goes back there at some traps of a guest's.
	seq 100000 | sed 's|.*|c|' >"$run_dir/bochs.rc"
}

# Bochs wants a terminal of its own. Sets status.
boot_bochs()
{
	local follow

	: >"$run_dir/console"
	: >"$run_dir/output"
	status=0
	follow=
	if [ "$buffer" = 0 ]; then
		tail -q -n +1 -f "$run_dir/output" &
		follow=$!
	fi
	TERM=xterm timeout -s KILL "$timeout" script -qfec \
		"bochs -q -f $run_dir/bochsrc -rc $run_dir/bochs.rc" /dev/null \
		</dev/null >"$run_dir/screen" 2>"$run_dir/errors" || status=$?
	[ "$status" != 137 ] || : >"$run_dir/timeout"
	if [ -n "$follow" ]; then
		sleep 0.2
		kill "$follow" 2>/dev/null || true
		wait "$follow" 2>/dev/null || true
	fi
}

run_bochs()
{
	local result=0 words

	need bochs bochs
	[ "$interactive" = 0 ] || die "the VMX machine has no interactive shell"
	[ "$smp" = 1 ] || die "the VMX machine has one CPU"
	words="console=ttyS0 quiet panic=-1 oops=panic printk.devkmsg=on $append"
	words+=" lab.load=$((load && 1)) lab.modules=$modules lab.interactive=0"
	[ "$memory" -le 1024 ] || memory=1024
	bochs_iso
	bochs_config
	boot_bochs
	[ "$buffer" = 0 ] || cat "$run_dir/output"
	judge || result=$?
	exit "$result"
}
