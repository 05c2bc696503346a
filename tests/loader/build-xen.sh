#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# What scripts/build-xen has built of one source it does not take for another one.
# Called by tests/check.
set -euo pipefail

cd "$(dirname "$0")/../.."
export O=${O:-build}
DIR=$(mktemp -d)
trap 'rm -rf "$DIR"' EXIT

# key FOLDER: by which it finds what it has built of that source
key() {
	bash -c "$(sed 's/^main .*/SOURCE=$1; key 4.17/' scripts/build-xen)" \
		"$PWD/scripts/build-xen" "$1"
}

mkdir -p "$DIR/one/xen" "$DIR/two/xen"
echo 1 >"$DIR/one/xen/file"
echo 1 >"$DIR/two/xen/file"
touch -d yesterday "$DIR/two/xen/file"
first=$(key "$DIR/one")
[ ${#first} = 12 ] || { echo "FAIL: no key"; exit 1; }
[ "$first" = "$(key "$DIR/two")" ] || { echo "FAIL: the same source"; exit 1; }
echo 2 >"$DIR/one/xen/file"
[ "$first" != "$(key "$DIR/one")" ] || { echo "FAIL: a changed source"; exit 1; }
[ "$first" != "$(key "")" ] || { echo "FAIL: Debian's source"; exit 1; }
echo "ok"
