#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The baton command as a whole, on any machine: what cannot be printed is a
# failure of whatever prints it, and numbers are numbers. Called by tests/check.
set -euo pipefail

O=${O:-build}
cd "$(dirname "$0")/../.."
BATON=$O/loader/baton
DIR=$(mktemp -d)
trap 'rm -rf "$DIR"' EXIT
. tests/malform/good-blob.sh

fail() {
	echo "FAIL: $*"
	sed 's/^/  | /' "$DIR/out"
	exit 1
}

# full ARGUMENTS...: good, but to a full disk
full() {
	local status=0
	"$BATON" "$@" >/dev/null 2>"$DIR/out" || fail "baton $*"
	"$BATON" "$@" >/dev/full 2>"$DIR/out" || status=$?
	[ "$status" = 1 ] && grep -q '\[HO_EIO\]' "$DIR/out" ||
		fail "baton $* to a full disk: status $status"
}

# usage ARGUMENTS...: a wrong call, before anything is looked at
usage() {
	local status=0
	"$BATON" "$@" >"$DIR/out" 2>&1 || status=$?
	[ "$status" = 2 ] && grep -q '\[HO_EUSAGE\]' "$DIR/out" ||
		fail "baton $*: status $status"
}

good_blob "$DIR" "$BATON" halt >/dev/null
full --help
full --version
full check --help
full check "$DIR/good.dtb"
full check --plan "$DIR/good.dtb"
full check --json "$DIR/good.dtb"
full inspect "$DIR/good.dtb"
full inspect --extents "$DIR/good.dtb"
full inspect --json "$DIR/good.dtb"
full load --dry-run "$DIR/good.dtb"
# nothing to say, and nowhere to say it
"$BATON" pack --stream "$DIR/good.lu" --policy halt --memory-map "$DIR/map" \
	--region 256M+128M --stub "$O/stub/stub.bin" \
	--kernel "$(scripts/fetch-kernel 6.1)/vmlinuz" -o "$DIR/b.dtb" \
	>&- 2>"$DIR/out" || fail "closed standard output"

for number in abc 5x 4294967297 -1 " 1" "1 " "" 0x 0; do
	usage collect --pid "$number" --name a --map memfd:a -o "$DIR/lu"
	usage adopt --all --timeout "$number"
	usage pack --e820-budget "$number" -o "$DIR/b.dtb"
done
for number in abc 5x 4294967297 -1 " 1" "" 0x 32752; do
	usage collect --pid 1 --domid "$number" --name a -o "$DIR/lu"
done
for number in abc 3f8 65536 -1 0x3f8, 0x3f8,x "0x3f8, 1" 0x3f8,1,2; do
	usage pack --uart "$number" -o "$DIR/b.dtb"
done
for range in 1000 1000- -2000 x-y 1000-2000x "1000- 2000" 1000-2001 -1--1; do
	usage collect --pid 1 --range "$range" -o "$DIR/lu"
done
for bytes in -1 " -1" "1 M" 1MM 0x 18446744073709551616; do
	usage pack --inline-max "$bytes" -o "$DIR/b.dtb"
done

# a stream that is gone is not one without domains
fdtput -d "$DIR/good.dtb" /lu-stream data
fdtput -t x "$DIR/good.dtb" /lu-stream reg 0 0x20000000 0 0x1000
fdtput -t s "$DIR/good.dtb" /lu-stream file "$DIR/gone"
fdtput -t x "$DIR/good.dtb" /lu-stream digest-alg 1
fdtput -t bx "$DIR/good.dtb" /lu-stream digest $(printf '0 %.0s' {1..32})
"$BATON" inspect --json "$DIR/good.dtb" >"$DIR/out" || fail inspect
python3 - "$DIR/out" <<-'END' || fail "inspect --json without its stream"
	import json, sys
	o = json.load(open(sys.argv[1]))
	sys.exit(o["domains"] is not None or o["error"] != "HO_EFILE")
END

# an output that is no file stays what it is
mkfifo "$DIR/pipe"
status=0
"$BATON" pack --stream "$DIR/good.lu" --policy halt --memory-map "$DIR/map" \
	--region 256M+128M --stub "$O/stub/stub.bin" \
	--kernel "$(scripts/fetch-kernel 6.1)/vmlinuz" -o "$DIR/pipe" \
	>"$DIR/out" 2>&1 || status=$?
[ "$status" = 1 ] && [ -p "$DIR/pipe" ] || fail "output to a pipe"
echo "ok"
