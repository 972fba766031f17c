#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Compile the modules against the newer headers.
set -euo pipefail

lab=$(cd "$(dirname "$0")" && pwd)
kdir=${KDIR_COMPAT:-$(printf '%s\n' /usr/src/linux-headers-6.12.*-amd64 | sort -V | tail -n 1)}

if [ ! -d "$kdir" ]; then
	echo "compat: no $kdir; 'make deps' installs linux-headers-6.12-amd64" >&2
	exit 1
fi
exec "$lab/build-copy.sh" "$kdir" "$lab/../../../build/compat"
