# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Which kernel to boot: always the one the modules are built against.

die()
{
	echo "lab: $*" >&2
	exit 125
}

need()
{
	command -v "$1" >/dev/null || die "$1 is missing; 'make deps' installs it (package $2)"
}

default_kdir()
{
	local newest

	newest=$(printf '%s\n' /usr/src/linux-headers-6.1.*-amd64 | sort -V | tail -n 1)
	[ -d "$newest" ] || die "no /usr/src/linux-headers-6.1*-amd64; 'make deps' installs it"
	echo "$newest"
}

# Sets kdir, release and kernel.
find_kernel()
{
	kdir=${KDIR:-$(default_kdir)}
	release=$(sed -n 's/.*UTS_RELEASE "\(.*\)".*/\1/p' \
		"$kdir/include/generated/utsrelease.h" 2>/dev/null) || true
	[ -n "$release" ] || die "$kdir is no configured kernel tree"
	if [ -n "${LAB_KERNEL:-}" ]; then
		kernel=$LAB_KERNEL
	elif [ -f "$kdir/arch/x86/boot/bzImage" ]; then
		kernel=$kdir/arch/x86/boot/bzImage
	else
		kernel=/boot/vmlinuz-$release
	fi
	[ -r "$kernel" ] || die "cannot read $kernel; 'make deps' installs linux-image-amd64"
}
