#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The tables at the end of docs/failure.md are those of the headers.
#
#   tests/abi/failure.sh PROGRAM            compare; status 1 if they differ
#   tests/abi/failure.sh --write PROGRAM    put them there (make docs)
set -euo pipefail

write=
[ "$1" != --write ] || { write=1; shift; }
program=$(realpath "$1")
cd "$(dirname "$0")/../../docs"
new=$(mktemp)
trap 'rm -f "$new"' EXIT
sed '/^<!-- tables/q' failure.md >"$new"
"$program" >>"$new"
if [ -n "$write" ]; then
	cat "$new" >failure.md
else
	diff -u failure.md "$new"
fi
