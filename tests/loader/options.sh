#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# What is made of the table of options: the part of docs/baton.8 between its two
# marks, completion that the shell takes. Called by tests/check.
#
#   tests/loader/options.sh            compare; status 1 if they differ
#   tests/loader/options.sh --write    put it into the man page (make docs)
set -euo pipefail

cd "$(dirname "$0")/../.."
O=${O:-build}
BATON=$O/loader/baton
DIR=$(mktemp -d)
trap 'rm -rf "$DIR"' EXIT

{
	sed '/^\.\\" options:/q' docs/baton.8
	"$BATON" help --man
	sed -n '/^\.\\" end of options/,$p' docs/baton.8
} >"$DIR/baton.8"
if [ "${1:-}" = --write ]; then
	cat "$DIR/baton.8" >docs/baton.8
	exit
fi
diff -u docs/baton.8 "$DIR/baton.8" || { echo "FAIL: make docs"; exit 1; }

# completed WORDS...: what the shell offers for the last of them
completed() {
	bash -c '. "$0"
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
		compopt() { :; }
		_baton
		echo "${COMPREPLY[*]}"' "$O/loader/baton.bash" "$@"
}

# offers WANTED WORDS...
offers() {
	local got
	got=$(completed "${@:2}")
	[ "$got" = "$1" ] || { echo "FAIL: ${*:2}: $got"; exit 1; }
}

offers "salvage" baton sal
offers "--no-exec" baton upgrade --no-e
offers "linux" baton pack --target li
offers "sha256 xxh64" baton arm --digest ""
offers "fallback fallback,reset" baton upgrade --policy fa
offers "" baton load --el
offers "" baton adopt --timeout ""
offers "--help --xen --paused --keep --output" baton restore ""
touch "$DIR/a.dtb"
offers "$DIR/a.dtb" baton check "$DIR/a"
offers "$DIR/a.dtb" baton map "$DIR/a"
offers "$DIR/a.dtb" baton sign "$DIR/a"
offers "$DIR/a.dtb" baton unpack "$DIR/a"
offers "$DIR/a.dtb" baton pack -o "$DIR/a"
offers "" baton unload "$DIR/a"
offers "$DIR" baton install --root "$DIR"

# What a zsh offers: a line typed, and what comes of it, in turns
mkdir "$DIR/functions"
cp "$O/loader/_baton" "$DIR/functions"
zsh -n "$DIR/functions/_baton"
lines=("baton sal" "salvage"
	"baton he" "help"
	"baton --" "--help --version"
	"baton help un" "uninstall unload unpack"
	"baton upgrade --no-e" "--no-exec"
	"baton pack --target li" "linux"
	"baton arm --digest " "sha256 xxh64"
	"baton upgrade --policy fa" "fallback fallback,reset"
	"baton load --el" ""
	"baton adopt --timeout " ""
	"baton restore --" "--help --keep --output --paused --xen"
	"baton check $DIR/a." "a.dtb"
	"baton map $DIR/a." "a.dtb"
	"baton sign $DIR/a." "a.dtb"
	"baton unpack $DIR/a." "a.dtb"
	"baton pack -o $DIR/a." "a.dtb"
	"baton unload $DIR/a." ""
	"baton install --root $DIR/f" "functions"
	"baton upgrade --pid 1 --pi" "--pid"
	"baton upgrade --no-exec --no-ex" "")
typed=() wanted=()
for ((i = 0; i < ${#lines[@]}; i += 2)); do
	typed+=("${lines[i]}") wanted+=("${lines[i + 1]}")
done
timeout 120 tests/loader/complete.zsh "$DIR/functions" "${typed[@]}" \
	>"$DIR/got" || { echo "FAIL: zsh"; exit 1; }
diff -u <(printf '%s\n' "${wanted[@]}") "$DIR/got" ||
	{ echo "FAIL: zsh offers something else (+)"; exit 1; }
echo "ok"
