#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The size of the stub in README.md's picture is that of the stub, in KiB.
#
#   tests/abi/readme.sh STUB.BIN
set -euo pipefail

bytes=$(stat -c %s "$1")
is=$(((bytes + 512) / 1024))
readme=$(dirname "$0")/../../README.md
says=$(sed -n 's/.*stub (\([0-9]*\) KiB.*/\1/p' "$readme")
[ "$says" = "$is" ] && exit 0
echo "README.md: the stub has ${says:-no} KiB; it has $is ($bytes bytes)"
exit 1
