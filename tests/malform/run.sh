#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# A good blob, and for each code of class B in handover/errors.h one spoiled
# copy: `baton check` (ASan, UBSan) must refuse it with just that code and the
# exit status that belongs to it. Prints "ok CODE" or "FAIL CODE ..." lines.
# Called by tests/check; the boot table does the same with the stub.
set -euo pipefail

O=${O:-build}
cd "$(dirname "$0")/../.."
BATON=$O/tests/malform/baton
MALFORM=$O/tests/malform/malform
KERNEL=$(scripts/fetch-kernel 6.1)/vmlinuz
DIR=$(mktemp -d)
trap 'rm -rf "$DIR"' EXIT

good_blob() {
	cat >"$DIR/map" <<-END
	0-9fbff RAM
	9fc00-9ffff 2
	f0000-fffff 2
	100000-3ffdffff RAM
	3ffe0000-3fffffff 2
	END
	echo initrd >"$DIR/initrd"
	"$MALFORM" --stream "$DIR/good.lu"
	"$BATON" pack --stream "$DIR/good.lu" --kernel "$KERNEL" \
		--initrd "$DIR/initrd" --cmdline "console=ttyS0" \
		--memory-map "$DIR/map" --region 256M+128M --policy halt \
		--stub "$O/stub/stub.bin" -o "$DIR/good.dtb"
	"$BATON" check "$DIR/good.dtb"
	tests/abi/validate.sh "$DIR/good.dtb"
}

# The list of the header: name and exit status of every code of class B
codes() {
	sed -n 's/^error [0-9]* HO_\([A-Z0-9]*\) B exit \([0-9]*\)$/\1 \2/p' \
		handover-abi/golden/layout-v1.txt
}

one() {
	local name=$1 exit=$2 status=0
	"$MALFORM" "$DIR/good.dtb" "$DIR/$name.dtb" "$name" || return 1
	"$BATON" check "$DIR/$name.dtb" >"$DIR/out" 2>&1 || status=$?
	if [ "$status" = "$exit" ] &&
		grep -m 1 '^baton: check:' "$DIR/out" | grep -q "\[HO_$name\]"
	then
		echo "ok $name"
	else
		echo "FAIL $name: status $status, want $exit"
		sed 's/^/  | /' "$DIR/out"
		return 1
	fi
}

good_blob
bad=0
while read -r name exit; do
	one "$name" "$exit" || bad=$((bad + 1))
done < <(codes)
[ "$(codes | wc -l)" -gt 30 ] || { echo "FAIL: list of codes"; exit 1; }
[ "$bad" = 0 ]
