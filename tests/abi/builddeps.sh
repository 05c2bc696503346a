#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Each library that `make all` links with is of a package that debian/control builds
# with and scripts/setup installs. Called by tests/check.
set -euo pipefail

cd "$(dirname "$0")/../.."
DIR=$(mktemp -d)
trap 'rm -rf "$DIR"' EXIT
names=0
bad=0

env -u MAKEFLAGS make -n -B V=1 O="$DIR/build" all >"$DIR/all"
for name in $(grep -o -- ' -l[^ ]*' "$DIR/all" | sort -u | sed 's/^ -l//'); do
	names=$((names + 1))
	file=$(realpath -s "$(gcc -print-file-name="lib$name.so")")
	package=$(dpkg -S "$file" | sed 's/:.*//')
	for list in debian/control scripts/setup; do
		grep -qw -- "$package" $list || {
			echo "$list: no $package, which lib$name is of"
			bad=1
		}
	done
done
[ $names -gt 5 ] || { echo "only $names libraries"; bad=1; }
[ $bad = 1 ] || echo "$names libraries"
exit $bad
