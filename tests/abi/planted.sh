#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# tests/abi/contract says no to each fault that it is there for: planted in a
# copy of handover-abi/, one at a time. Prints "ok NAME" or "FAIL NAME" lines.
set -euo pipefail

cd "$(dirname "$0")/../.."
DIR=$(mktemp -d)
trap 'rm -rf "$DIR"' EXIT
GOLDEN=$DIR/abi/golden
INCLUDE=$DIR/abi/include/handover
bad=0

# judge: the contract of the copy, with the layout of its headers
judge() {
	"${CC:-cc}" -I"$DIR/abi/include" tests/abi/layout.c -o "$DIR/layout" &&
		tests/abi/contract "$DIR/abi" "$DIR/layout"
}

# planted NAME EXPECT COMMAND...: what it prints matches, and status is not 0
planted() {
	local name=$1 expect=$2
	shift 2
	rm -rf "$DIR/abi"
	cp -r handover-abi "$DIR/abi"
	"$@"
	diff -rq handover-abi "$DIR/abi" >/dev/null &&
		{ echo "FAIL $name: nothing planted"; bad=1; return; }
	if ! judge >"$DIR/out" 2>&1 && grep -Eq "^$expect" "$DIR/out"; then
		echo "ok $name"
	else
		echo "FAIL $name"
		sed 's/^/  | /' "$DIR/out"
		bad=1
	fi
}

replace() {
	sed -i "s~$2~$3~" "$1"
}

# A field out of the reserved ones, asserted as it should be
new_field() {
	replace "$INCLUDE/breadcrumb.h" 'uint8_t  reserved\[72\];' \
		'uint64_t added; /* 0 */ uint8_t reserved[64];'
	replace "$INCLUDE/breadcrumb.h" \
		'^HO_ASSERT_FIELD(struct ho_breadcrumb, reserved, 336);' \
		'HO_ASSERT_FIELD(struct ho_breadcrumb, added, 336); HO_ASSERT_FIELD(struct ho_breadcrumb, reserved, 344);'
}

# ... and a new version, whose dump is made, too, and listed
new_version() {
	local next
	next=$(($(sed -n 's/^#define HO_ABI_VERSION[^0-9]*//p' \
		"$INCLUDE/base.h") + 1))
	new_field
	replace "$INCLUDE/base.h" 'HO_ABI_VERSION\t.*' "HO_ABI_VERSION $next"
	"${CC:-cc}" -I"$DIR/abi/include" tests/abi/layout.c -o "$DIR/layout"
	"$DIR/layout" | LC_ALL=C sort >"$GOLDEN/layout-v$next.txt"
	(cd "$GOLDEN" && sha256sum "layout-v$next.txt" >>SHA256SUMS)
}

# The dump of the version that is out, made to fit
fitted_dump() {
	local now
	new_field
	now=$(sed -n 's/^#define HO_ABI_VERSION[^0-9]*//p' "$INCLUDE/base.h")
	"${CC:-cc}" -I"$DIR/abi/include" tests/abi/layout.c -o "$DIR/layout"
	"$DIR/layout" | LC_ALL=C sort >"$GOLDEN/layout-v$now.txt"
}

new_name() {
	printf '#define HO_FDT_NOTE "note-for-people" /* since 2 */\n' \
		>>"$INCLUDE/fdt.h"
}

# Two words of a schema, not of a blob
schema_alone() {
	new_name
	replace "$DIR/abi/baton-handover-v1.yaml" '^  model: true' \
		'  model: true\n\n  note-for-people: true'
}

blob_alone() {
	new_name
	fdtput -t s "$GOLDEN/v2-minimal.dtb" / note-for-people x
}

rm -rf "$DIR/abi"
cp -r handover-abi "$DIR/abi"
judge || { echo "FAIL as it is"; exit 1; }
planted "struct without version" "layout: .*ho_breadcrumb.added 336" new_field
planted "version without dump" "layout: no layout-v" \
	replace "$INCLUDE/base.h" 'HO_ABI_VERSION\t.*' 'HO_ABI_VERSION 99'
planted "dump made to fit" "kept: layout-v[0-9]+.txt is not what" fitted_dump
planted "old dump" "kept: layout-v1.txt is not what" \
	replace "$GOLDEN/layout-v1.txt" ' 408$' ' 416'
planted "field without since" "since: ho_breadcrumb.added is new" new_version
planted "limit of the schema alone" "limits: .*HO_E820_BUDGET_MAX" \
	replace "$DIR/abi/baton-handover-v1.yaml" 'maximum: 3200' 'maximum: 320'
planted "limit of the cold schema alone" "limits: .*HO_MANIFEST_BYTES_MAX" \
	replace "$DIR/abi/baton-cold-v1.yaml" 'maxItems: 65536' 'maxItems: 65535'
planted "number without a name" "limits: .*3200: name the macro" \
	replace "$DIR/abi/baton-handover-v1.yaml" '  # HO_E820_BUDGET_MAX' ''
planted "limit in no schema" "limits: HO_NEW_MAX is in no schema" \
	replace "$INCLUDE/trust.h" '^#define HO_TRUST_MODULUS_MIN' '#define HO_NEW_MAX 7\n&'
planted "record of another type" "records: OWNER is 0x80000003" \
	replace "$DIR/abi/README.md" '| OWNER | 0x80000001' '| OWNER | 0x80000003'
planted "record of another size" "records: STATE has 48 bytes" \
	replace "$DIR/abi/README.md" '| STATE | 0x00000004 | 40' '| STATE | 0x00000004 | 48'
planted "record in no table" "records: NOTE is not both" \
	replace "$INCLUDE/stream.h" '^#define HO_REC_DIGEST' '#define HO_REC_NOTE 0x80000003\n&'
planted "limit of a header alone" "limits: .*HO_MEMORY_RANGES_MAX" \
	replace "$INCLUDE/fdt.h" 'RANGES_MAX\t1024' 'RANGES_MAX\t2048'
planted "name in no schema" "names: HO_FDT_NOTE .* no schema" blob_alone
planted "name in no blob" "names: HO_FDT_NOTE .* no golden" schema_alone
planted "name not in the table" "since: note-for-people" new_name
planted "mark taken away" "since: README.md.*: ho_entry.compat" \
	replace "$INCLUDE/entry.h" 'since 2: HO_ENTRY_COMPAT' 'HO_ENTRY_COMPAT'
planted "golden blob changed" "kept: v1-minimal.dtb is not" \
	fdtput -t x "$GOLDEN/v1-minimal.dtb" / baton,generation 2
planted "golden blob gone" "kept: v1-next.dtb is gone" \
	rm "$GOLDEN/v1-next.dtb"
planted "blob not listed" "kept: v2-new.dtb is not in" \
	cp "$GOLDEN/v2-minimal.dtb" "$GOLDEN/v2-new.dtb"
planted "error with another name" "errors: 72 was HO_EBLOBVERSION" \
	replace "$INCLUDE/errors.h" 'X(72, BLOBVERSION,' 'X(72, BLOBNEWER,'
planted "error with another code" "errors: 72 was HO_EBLOBVERSION" \
	replace "$INCLUDE/errors.h" 'X(72, BLOBVERSION,' 'X(972, BLOBVERSION,'
planted "two errors of one code" "errors: two of them" \
	replace "$INCLUDE/errors.h" 'X(72, BLOBVERSION,' 'X(73, BLOBVERSION,'

# What is allowed: a new error, with a code of its own
rm -rf "$DIR/abi"
cp -r handover-abi "$DIR/abi"
replace "$INCLUDE/errors.h" '^\tX(72, BLOBVERSION,' \
	'\tX(972, ADDED, L, HO_EXIT_BLOB, "text", "remedy") \\\n&'
if judge >"$DIR/out" 2>&1 && "$DIR/layout" --errors | grep -q "^972 HO_EADDED"
then
	echo "ok error added"
else
	echo "FAIL error added"
	cat "$DIR/out"
	bad=1
fi
exit "$bad"
