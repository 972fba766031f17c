#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Compile the modules against the newer headers, in a tree of links so that the
# objects of the main build stay.
set -euo pipefail

top=$(cd "$(dirname "$0")/../../.." && pwd)
kdir=${KDIR_COMPAT:-$(printf '%s\n' /usr/src/linux-headers-6.12.*-amd64 | sort -V | tail -n 1)}
tree=$top/build/compat

if [ ! -d "$kdir" ]; then
	echo "compat: no $kdir; 'make deps' installs linux-headers-6.12-amd64" >&2
	exit 1
fi
mkdir -p "$tree"
find "$tree" -type l -delete
(cd "$top/arch/x86/kvm" && find . -type f \( -name '*.[chS]' -o -name Makefile \) ! -name '*.mod.c') |
while read -r file; do
	mkdir -p "$tree/$(dirname "$file")"
	ln -s "$top/arch/x86/kvm/$file" "$tree/$file"
done
exec make --no-print-directory -j"${JOBS:-$(nproc)}" -C "$kdir" M="$tree" W=1 KCFLAGS=-Werror modules
