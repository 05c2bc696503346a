#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What `make install` puts down is what DKMS needs: the module is built by it for
# each test kernel, from headers and in trees of our own, and says the version of
# the program. Called by tests/check; with versions of scripts/fetch-kernel as
# arguments (7.2 7.3), for these instead.
set -euo pipefail

O=${O:-build}
ROOT=$(cd "$(dirname "$0")/../.." && pwd)
TMP=$(mktemp -d)
trap 'rm -rf "$TMP"' EXIT

make -s -C "$ROOT" O="$O" install DESTDIR="$TMP" PREFIX=/usr
version=$("$TMP/usr/sbin/baton" --version | cut -d' ' -f2)
mkdir "$TMP/dkms"
[ $# -gt 0 ] || set -- 6.1 6.12
for kernel; do
	folder=$("$ROOT/scripts/fetch-modules" "$kernel")
	release=$(basename "$folder")
	dkms build "baton-mem/$version" --dkmstree "$TMP/dkms" \
		--sourcetree "$TMP/usr/src" -k "$release" \
		--kernelsourcedir "$folder/build"
	file=$(find "$TMP/dkms/baton-mem/$version/$release" -name 'baton_mem.ko*')
	[ "$(/sbin/modinfo -F version "$file")" = "$version" ]
	[[ $(/sbin/modinfo -F vermagic "$file") == "$release "* ]]
done
for unit in "$TMP"/usr/lib/systemd/system/*.service; do
	grep -q '^ExecStart=/usr/sbin/baton [a-z]' "$unit"
done
