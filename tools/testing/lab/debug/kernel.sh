#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The debugging kernel: KASAN, lockdep, kmemleak, fault injection.  Built once
# for each version of the source and each configuration, outside the checkout.
#   kernel.sh path    print the tree, status 1 when it is not built
#   kernel.sh build   build it when it is not, print the tree
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
cache=${DEBUG_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kvm-debug}
package=linux-source-6.1
tarball=/usr/src/$package.tar.xz

# What is left out: the kernel's own KVM, and sources the configuration cannot
# reach. Kconfig files stay: the kernel's read each other.
leave_out=(
	"$package/arch/x86/kvm/*" "$package/virt/kvm/*" "$package/Documentation/*"
	"$package/tools/testing/*" "$package/tools/perf/*" "$package/samples/*/*.c"
)
for dir in 'net/*' 'gpu/drm' media infiniband scsi staging iio usb crypto hwmon mtd isdn target md; do
	leave_out+=("$package/drivers/$dir/*.[ch]")
done
for dir in alpha arc arm arm64 csky hexagon ia64 loongarch m68k microblaze mips nios2 openrisc parisc \
	powerpc riscv s390 sh sparc um xtensa; do
	leave_out+=("$package/arch/$dir/*.[chS]" "$package/arch/$dir/*.dts*")
done
leave_out+=("$package/sound/*.[ch]")

# The version of the source and a digest of what shapes the build.
key()
{
	local version sum

	version=$(dpkg-query -W -f '${Version}' "$package" 2>/dev/null) || version=
	sum=$(sed '/^#/{/is not set/!d}' "$here/kernel.config" "$here/Kconfig" | sha256sum | cut -c1-12)
	# Without the package: whatever version was built with this configuration.
	if [ -z "$version" ]; then
		for version in "$cache"/*-"$sum"/.complete; do
			version=${version%/.complete}
			version=${version##*/}
			version=${version%"-$sum"}
		done
	fi
	echo "${version:-none}-$sum"
}

unpack()	# tree
{
	local exclude=() pattern

	rm -rf "$1"
	for pattern in "${leave_out[@]}"; do
		exclude+=(--exclude "$pattern")
	done
	mkdir -p "$1"
	tar -x -f "$tarball" -C "$1" --strip-components=1 "${exclude[@]}"
	mkdir -p "$1/arch/x86/kvm" "$1/Documentation"
	cp "$here/Kconfig" "$1/arch/x86/kvm/Kconfig"
	: >"$1/arch/x86/kvm/Makefile"
	: >"$1/Documentation/Kconfig"
}

configure()	# tree
{
	local missing

	make -s -C "$1" tinyconfig &&
		cat "$here/kernel.config" >>"$1/.config" &&
		make -s -C "$1" olddefconfig || return
	# An option that silently went away would check nothing.
	missing=$(grep '^CONFIG' "$here/kernel.config" | grep -vxF -f "$1/.config") || return 0
	printf 'not taken:\n%s\n' "$missing"
	return 1
}

build()	# tree
{
	unpack "$1" && configure "$1" &&
		make -s -C "$1" -j"${JOBS:-$(nproc)}" bzImage modules && : >"$1/.complete"
}

tree=$cache/$(key)
case ${1:-} in
path)
	echo "$tree"
	[ -e "$tree/.complete" ]
	;;
build)
	mkdir -p "$cache"
	exec 9>"$cache/lock"
	flock 9
	if [ ! -e "$tree/.complete" ]; then
		[ -f "$tarball" ] || {
			echo "debug kernel: no $tarball; 'deps.sh debug' installs it" >&2
			exit 1
		}
		build "$tree" >"$cache/build.log" 2>&1 || {
			tail -n 30 "$cache/build.log" >&2
			echo "debug kernel: does not build; the log is $cache/build.log" >&2
			exit 1
		}
	fi
	echo "$tree"
	;;
*)
	echo "usage: kernel.sh path|build" >&2
	exit 2
	;;
esac
