# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The machine with VMX: Bochs. One CPU; RDTSC counts instructions. Instructions are
# slow there, so nothing is loaded from a disk or unpacked: Bochs reads kernel and
# initramfs into memory, an option ROM starts them. Reads the variables set by "lab".
# shellcheck disable=SC2154

number()	# file offset bytes: little endian
{
	od -An -v -t "u$3" -j "$2" -N "$3" "$1" | tr -d ' '
}

little_endian()	# 32-bit numbers
{
	local n

	for n; do
		printf '%b' "$(printf '\\x%02x' $((n & 255)) $((n >> 8 & 255)) \
			$((n >> 16 & 255)) $((n >> 24 & 255)))"
	done
}

# The ELF file in a bzImage.
unpack_kernel()	# bzImage
{
	local offset=$((($(number "$1" 0x1f1 1) + 1) * 512 + $(number "$1" 0x248 4)))
	local size unpack

	size=$(number "$1" 0x24c 4)
	# But for gzip, the size unpacked follows.
	case $(od -An -t x1 -j "$offset" -N 2 "$1" | tr -d ' ') in
	28b5) unpack=zstd size=$((size - 4)) ;;
	fd37) unpack=xz size=$((size - 4)) ;;
	1f8b) unpack=gzip ;;
	*) die "$1 is packed in an unknown way" ;;
	esac
	need "$unpack" "${unpack/xz/xz-utils}"
	dd if="$1" bs=64K iflag=skip_bytes,count_bytes skip="$offset" count="$size" status=none |
		"$unpack" -dc
}

# What bochs-boot.S expects, without the initramfs; and the ROM without its numbers.
boot_parts()
{
	local elf=$run_dir/vmlinux end key

	key=$LAB_BUILD/bochs-$(cksum <<<"$kernel" | cut -d' ' -f1)
	bochs_rom=$key.rom bochs_kernel=$key.kernel
	if [ "$bochs_kernel" -nt "$kernel" ] && [ "$bochs_kernel" -nt "$LAB_DIR/bochs.sh" ] &&
	   [ "$bochs_kernel" -nt "$LAB_DIR/bochs-boot.S" ]; then
		return
	fi
	need gcc build-essential
	mkdir -p "$LAB_BUILD"
	unpack_kernel "$kernel" >"$elf"
	# It and its .bss, as they lie in memory.
	objcopy -O binary "$elf" "$run_dir/flat"
	truncate -s %2M "$run_dir/flat"
	gcc -m32 -c -o "$run_dir/rom.o" "$LAB_DIR/bochs-boot.S"
	ld -m elf_i386 -Ttext 0 -e 0 --oformat binary -o "$run_dir/rom" "$run_dir/rom.o"
	little_endian "$(number "$elf" 24 4)" "$(number "$kernel" 0x258 4)" "$(stat -c %s "$run_dir/flat")" |
		dd of="$run_dir/rom" bs=1 seek=16 conv=notrunc status=none
	# The setup header goes into boot_params.
	truncate -s 12288 "$run_dir/rom"
	end=$((0x202 + $(number "$kernel" 0x201 1)))
	dd if="$kernel" of="$run_dir/rom" bs=1 skip=$((0x1f1)) seek=$((4096 + 0x1f1)) \
		count=$((end - 0x1f1)) conv=notrunc status=none
	# More than the BIOS may have used.
	truncate -s $((8 * 1024 * 1024 - 4096)) "$run_dir/kernel"
	{ printf 'Lab image'; head -c 4087 /dev/zero; cat "$run_dir/flat"; } >>"$run_dir/kernel"
	# Whole at once, for who runs beside us.
	mv "$run_dir/rom" "$bochs_rom.$$"
	mv "$bochs_rom.$$" "$bochs_rom"
	mv "$run_dir/kernel" "$bochs_kernel.$$"
	mv "$bochs_kernel.$$" "$bochs_kernel"
	rm -f "$elf" "$run_dir/flat" "$run_dir/rom.o"
}

bochs_image()	# kernel command line
{
	local rom=$run_dir/rom sum

	[ "${#1}" -lt 2048 ] || die "the kernel's command line is too long"
	boot_parts
	cat "$bochs_kernel" "$run_dir/initramfs" >"$run_dir/image"
	cp "$bochs_rom" "$rom"
	little_endian "$(stat -c %s "$run_dir/initramfs")" | dd of="$rom" bs=1 seek=28 conv=notrunc status=none
	printf '%s' "$1" | dd of="$rom" bs=1 seek=8192 conv=notrunc status=none
	# Its size in 512 bytes, and all bytes add up to 0.
	printf '\x18' | dd of="$rom" bs=1 seek=2 conv=notrunc status=none
	sum=$(od -An -v -t u1 "$rom" | awk '{ for (i = 1; i <= NF; i++) s += $i } END { print s % 256 }')
	printf '%b' "$(printf '\\x%02x' $(((256 - sum) & 255)))" |
		dd of="$rom" bs=1 seek=12287 conv=notrunc status=none
}

bochs_config()
{
	cat >"$run_dir/bochsrc" <<-END
		display_library: term
		plugin_ctrl: unmapped=true, biosdev=true, serial=true
		sound: driver=dummy, waveoutdrv=dummy, waveindrv=dummy, midioutdrv=dummy
		cpu: model=corei7_skylake_x, count=1, ips=100000000
		memory: guest=$memory, host=$memory
		romimage: file=/usr/share/bochs/BIOS-bochs-latest
		vgaromimage: file=/usr/share/vgabios/vgabios.stdvga.bin
		optromimage1: file=$run_dir/rom, address=0xd0000
		optramimage1: file=$run_dir/image, address=0x1000000
		boot: floppy
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

# The display is a second terminal, and Bochs stops when nobody reads it.
drain_display()
{
	local display=

	while [ -z "$display" ] && [ -e "$run_dir/screen" ]; do
		sleep 0.2
		display=$(grep -ao '/dev/pts/[0-9]*' "$run_dir/screen" | head -n 1) || true
	done
	stty -F "$display" raw -echo
	exec cat "$display" >/dev/null 2>&1
}

# Bochs wants a terminal of its own, and ends when it loses it. Sets status.
boot_bochs()
{
	local follow='' drain

	: >"$run_dir/console"
	: >"$run_dir/output"
	: >"$run_dir/screen"
	status=0
	if [ "$buffer" = 0 ]; then
		tail -q -n +1 -f "$run_dir/output" &
		follow=$!
	fi
	TERM=xterm timeout -s KILL "$timeout" script -qfec \
		"bochs -q -f $run_dir/bochsrc -rc $run_dir/bochs.rc" /dev/null \
		</dev/null >"$run_dir/screen" 2>"$run_dir/errors" &
	bochs_pid=$!
	drain_display 2>/dev/null &
	drain=$!
	wait "$bochs_pid" 2>/dev/null || status=$?
	bochs_pid=
	kill "$drain" 2>/dev/null || true
	wait "$drain" 2>/dev/null || true
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
	words="console=ttyS0 quiet panic=-1 oops=panic printk.devkmsg=on"
	# One frequency for the TSC and the devices: what CPUID says is that of the real one.
	words+=" tsc_early_khz=100000"
	# Seconds each: testing cryptography, checking certificates.
	words+=" cryptomgr.notests initcall_blacklist=load_system_certificate_list $append"
	words+=" lab.load=$((load && 1)) lab.modules=$modules lab.interactive=0"
	[ "$memory" -le 2048 ] || memory=2048
	bochs_image "$words"
	bochs_config
	boot_bochs
	[ "$buffer" = 0 ] || cat "$run_dir/output"
	judge || result=$?
	exit "$result"
}
