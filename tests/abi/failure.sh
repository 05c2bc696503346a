#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# docs/errors.md is what PROGRAM prints from the headers.
#
#   tests/abi/failure.sh PROGRAM            compare; status 1 if they differ
#   tests/abi/failure.sh --write PROGRAM    write it (make docs)
set -euo pipefail

write=
[ "$1" != --write ] || { write=1; shift; }
page=$(dirname "$0")/../../docs/errors.md
if [ -n "$write" ]; then
	"$1" >"$page"
else
	"$1" | diff -u "$page" -
fi
