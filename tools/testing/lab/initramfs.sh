# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The initramfs: cpio archives one after the other.  What never changes is made
# once and kept; the kernel unpacks uncompressed archives fastest under TCG.
# Reads the option variables set by "lab".
# shellcheck disable=SC2154

pack()	# directory archive
{
	(cd "$1" && find . -mindepth 1 | LC_ALL=C sort | cpio --quiet -o -H newc -R 0:0) >"$2.$$"
	mv "$2.$$" "$2"
}

# Busybox and the first process.
base_archive()
{
	local busybox dir name

	base=$LAB_BUILD/base.cpio
	busybox=$(command -v busybox) || die "busybox is missing; 'make deps' installs busybox-static"
	if [ "$base" -nt "$busybox" ] && [ "$base" -nt "$LAB_DIR/init" ] &&
	   [ "$base" -nt "$LAB_DIR/initramfs.sh" ]; then
		return
	fi
	mkdir -p "$LAB_BUILD"
	dir=$run_dir/base
	mkdir -p "$dir"/{bin,dev,proc,sys,tmp,run,lab,root,etc,lib/modules}
	cp "$busybox" "$dir/bin/busybox"
	! ldd "$busybox" >/dev/null 2>&1 || die "$busybox is not static; 'make deps' installs busybox-static"
	for name in $("$busybox" --list); do
		[ "$name" = busybox ] || ln -s busybox "$dir/bin/$name"
	done
	ln -s bin "$dir/sbin"
	echo 'root:x:0:0:root:/root:/bin/sh' >"$dir/etc/passwd"
	cp "$LAB_DIR/init" "$dir/init"
	chmod 755 "$dir/init"
	pack "$dir" "$base"
}

# Path of a module of the booted kernel, or nothing when it is built in.
kernel_module()
{
	local name=${1//-/_} path

	case $name in
	irqbypass) path=$kdir/virt/lib/irqbypass.ko ;;
	*) path= ;;
	esac
	if [ -n "$path" ] && [ -f "$path" ]; then
		echo "$path"
		return
	fi
	modinfo -k "$release" -F filename "$name" 2>/dev/null | grep '^/' || true
}

module_path()
{
	local name=${1//_/-}

	if [ "$modules" = ours ] && [ -f "$OURS/$name.ko" ]; then
		echo "$OURS/$name.ko"
	else
		kernel_module "$1"
	fi
}

# Copy a module and, recursively, what it depends on.
take_module()	# name directory
{
	local path dep target

	path=$(module_path "$1")
	[ -n "$path" ] || return 0
	target=$2/$(basename "${path%.xz}")
	[ ! -f "$target" ] || return 0
	case $path in
	*.xz) xz -dc "$path" >"$target" ;;
	*) cp "$path" "$target" ;;
	esac
	strip --strip-debug "$target"
	for dep in $(modinfo -F depends "$target" | tr , ' '); do
		take_module "$dep" "$2"
	done
}

modules_archive()
{
	local tree=$run_dir/modules dir name

	dir=$tree/lib/modules/$release
	mkdir -p "$dir/lab"
	if [ "$modules" = ours ]; then
		for name in kvm $([ "$vendor" = vmx ] && echo kvm-intel || echo kvm-amd); do
			[ -f "$OURS/$name.ko" ] || die "$OURS/$name.ko is not built; run 'make'"
		done
	fi
	for name in kvm kvm-amd kvm-intel; do
		if [ "$modules" = ours ] && [ ! -f "$OURS/$name.ko" ]; then
			continue
		fi
		take_module "$name" "$dir/lab"
	done
	# Somewhere to swap to.
	take_module zram "$dir/lab"
	name=$(modinfo -F vermagic "$dir/lab/kvm.ko" | cut -d' ' -f1)
	[ "$name" = "$release" ] || die "kvm.ko is for $name, the kernel is $release; set KDIR"
	: >"$dir/modules.order"
	: >"$dir/modules.builtin"
	: >"$dir/modules.builtin.modinfo"
	depmod -b "$tree" "$release"
	pack "$tree" "$run_dir/modules.cpio"
}

# The command, module parameters and the caller's files.
run_archive()
{
	local tree=$run_dir/tree item path name

	mkdir -p "$tree/lab" "$tree/bin" "$tree/etc/modprobe.d"
	printf '%s\n' "$command" >"$tree/lab/command"
	cp "$LAB_DIR/run-guest-tests.sh" "$tree/bin/run-guest-tests"
	chmod 755 "$tree/bin/run-guest-tests"
	for item in "${params[@]}"; do
		path=${item%%.*}
		echo "options ${path//-/_} ${item#*.}"
	done >"$tree/etc/modprobe.d/lab.conf"
	for item in "${files[@]}"; do
		path=${item%%:*}
		name=${item#"$path"}
		name=${name#:}
		name=${name:-$(basename "$path")}
		[[ $name == */* ]] || name=bin/$name
		mkdir -p "$tree/$(dirname "$name")"
		cp -L "$path" "$tree/$name" || die "cannot take $path"
		chmod +x "$tree/$name"
	done
	for item in "${dirs[@]}"; do
		[[ $item == *:* ]] || die "--dir is PATH:DEST"
		mkdir -p "$tree/${item#*:}"
		cp -RL "${item%%:*}/." "$tree/${item#*:}/" || die "cannot take ${item%%:*}"
	done
	pack "$tree" "$run_dir/run.cpio"
}

make_initramfs()
{
	need cpio cpio
	base_archive
	: >"$run_dir/modules.cpio"
	if [ "$modules" != none ]; then
		need modinfo kmod
		need strip binutils
		modules_archive
	fi
	run_archive
	cat "$base" "$run_dir/modules.cpio" "$run_dir/run.cpio" >"$run_dir/initramfs"
}
