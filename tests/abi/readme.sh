#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The figures of README.md are those of this tree: the stub's size in KiB, and,
# rounded, what docs/performance.md has of the pause and of the pass over 1 TiB.
#
#   tests/abi/readme.sh STUB.BIN
set -euo pipefail

cd "$(dirname "$0")/../.."
bad=0

# same WHAT README IS: what README.md says is so
same() {
	[ -n "$3" ] && [ "$2" = "$3" ] && return
	echo "README.md: $1: it says ${2:-nothing}; it is ${3:-not known}"
	bad=1
}

# says REGEX: the group of the first match in README.md, over line ends
says() {
	tr '\n' ' ' <README.md | sed -nE "s/.*[^0-9.]$1.*/\1/p"
}

# measured REGEX DIGITS: the group in docs/performance.md, rounded
measured() {
	local value
	value=$(sed -nE "s/.*$1.*/\1/p" docs/performance.md | head -n 1)
	[ -z "$value" ] || LC_ALL=C printf "%.$2f" "$value"
}

bytes=$(stat -c %s "$OLDPWD/$1" 2>/dev/null || stat -c %s "$1")
same "size of the stub, KiB" "$(says 'stub \(([0-9]+) KiB')" \
	$(((bytes + 512) / 1024))
same "times as much as a boot" "$(says 'there was ([0-9.]+) times as')" \
	"$(measured 'the pause is \*\*([0-9.]+) times\*\* as much' 2)"
same "a guest's pause, instructions" "$(says '[0-9.]+ billion against ([0-9]+\.[0-9])')" \
	"$(measured 'pause of the guest, seen from outside\*\* \| ([0-9.]+)' 1)"
same "kexec -e, instructions" "$(says '([0-9.]+) billion against [0-9.]+')" \
	"$(measured 'could start a guest\*\* \| ([0-9.]+)' 1)"
same "pass over 1 TiB, ms" "$(says '2 MiB pages takes ([0-9.]+) ms')" \
	"$(measured '1024 GiB, 2 MiB pages, sorted \| ([0-9.]+) ms' 2)"
exit $bad
