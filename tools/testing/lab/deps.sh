#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Install the packages the build, the lab and the tests need; with the argument
# "fuzz" or "debug", those of the fuzzer or of the debugging kernel, too.  As non-root: print the apt line and stop.
set -euo pipefail

packages=(
	build-essential linux-headers-amd64 linux-image-amd64 linux-headers-6.12-amd64
	qemu-system-x86 busybox-static cpio kmod
	bochs bochs-term bochsbios vgabios xz-utils zstd
	sparse shellcheck universal-ctags libzydis-dev valgrind
)

case ${1:-} in
fuzz) packages+=(clang libclang-rt-14-dev) ;;
debug) packages+=(linux-source-6.1 bc bison flex libelf-dev xz-utils) ;;
esac

installed()
{
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# The kernel that goes with the newest headers.
add_kernel_of_headers()
{
	local newest release

	newest=$(printf '%s\n' /usr/src/linux-headers-6.1.*-amd64 | sort -V | tail -n 1)
	release=${newest#/usr/src/linux-headers-}
	if [ -d "$newest" ] && [ ! -e "/boot/vmlinuz-$release" ]; then
		missing+=("linux-image-$release")
	fi
}

find_missing()
{
	local package

	missing=()
	for package in "${packages[@]}"; do
		installed "$package" || missing+=("$package")
	done
	if [ -z "${KDIR:-}" ] || [[ $KDIR == /usr/src/linux-headers-6.1.* ]]; then
		add_kernel_of_headers
	fi
}

install_missing()
{
	export DEBIAN_FRONTEND=noninteractive
	echo "deps: installing ${missing[*]}"
	apt-get update -q
	apt-get install -y -q --no-install-recommends "${missing[@]}" </dev/null
}

find_missing
[ "${#missing[@]}" -gt 0 ] || exit 0
if [ "$(id -u)" -ne 0 ]; then
	echo "These packages are missing; install them as root:" >&2
	echo "  apt-get install --no-install-recommends ${missing[*]}" >&2
	exit 1
fi
install_missing
find_missing
if [ "${#missing[@]}" -gt 0 ]; then
	install_missing
fi
