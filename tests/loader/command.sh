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
full load --help-all
full help upgrade
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

# says TEXT ARGUMENTS...: a wrong call, and what is said of it
says() {
	usage "${@:2}"
	grep -qF -e "$1" "$DIR/out" || fail "baton ${*:2}: not said: $1"
}
says "--stub is no option of load, but of pack, precheck, upgrade, arm" \
	load --stub x "$DIR/good.dtb"
says "--stubb: there is no such option; see baton load --help" load --stubb
says "--elf: FILE is missing" load --elf
says "--force takes no value" load --force=1 "$DIR/good.dtb"
says "--no: which one, no-kept, no-exec" upgrade --no
says "load wants BLOB" load
says "x: one too many, load takes BLOB" load "$DIR/good.dtb" x
says "x: one too many, unload takes options alone" unload x
says "--json and --log do not go together" status --json --log
says "--region 256M: want BASE+SIZE" upgrade --kernel x --region 256M
says "--layout is for --force" load --layout "$DIR/good.dtb" "$DIR/good.dtb"
says "--no-exec with --qemu" \
	upgrade --kernel x --no-exec --qemu x --name x
# all of the call, also what follows an option that says enough
says "--nonsense: there is no such option" region --advise --nonsense
# nothing was written
[ ! -e "$DIR/lu" ] || fail "a wrong call has written"

# what is for debugging works, and is not at the front door
"$BATON" load --help >"$DIR/out"
! grep -q -e '--elf FILE' "$DIR/out" || fail "load --help"
grep -q -e 'baton load --help-all' "$DIR/out" || fail "load --help"
"$BATON" load --help-all >"$DIR/out"
grep -q -e '--elf FILE' "$DIR/out" || fail "load --help-all"
"$BATON" load --elf "$DIR/elf" "$DIR/good.dtb" >"$DIR/out" || fail "load --elf"
[ -s "$DIR/elf" ] || fail "load --elf"
"$BATON" help load >"$DIR/out"
"$BATON" load --help | cmp -s - "$DIR/out" || fail "help load"
for call in "" nonsense "help nonsense" "help load exec" --nonsense; do
	status=0
	# shellcheck disable=SC2086
	"$BATON" $call >"$DIR/out" 2>&1 || status=$?
	[ "$status" = 2 ] || fail "baton $call: status $status"
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
