#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
#   build-copy.sh KDIR TREE
#
# Compile the modules against another kernel tree, in a tree of links at TREE so
# that the objects of the main build stay.
set -euo pipefail

top=$(cd "$(dirname "$0")/../../.." && pwd)
kdir=$1
tree=$2

mkdir -p "$tree"
find "$tree" -type l -delete
(cd "$top/arch/x86/kvm" && find . -type f \( -name '*.[chS]' -o -name Makefile \) ! -name '*.mod.c') |
while read -r file; do
	mkdir -p "$tree/$(dirname "$file")"
	ln -s "$top/arch/x86/kvm/$file" "$tree/$file"
done
exec make --no-print-directory -j"${JOBS:-$(nproc)}" -C "$kdir" M="$tree" W=1 KCFLAGS="-Werror ${COPY_CFLAGS:-}" modules
