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
. tests/malform/good-blob.sh

hex() {
	od -An -v -tx1 "$1" | tr -s '\n' ' '
}

# put_tree TREE OUT: the good blob with this fallback tree, and its digest
put_tree() {
	local node
	node=/fallback/$(fdtget -l "$DIR/fallback.dtb" /fallback | grep ^tree)
	cp "$DIR/fallback.dtb" "$2"
	# shellcheck disable=SC2046
	fdtput -t bx "$2" "$node" data $(hex "$1")
	# shellcheck disable=SC2046
	fdtput -t bx "$2" "$node" digest \
		$(sha256sum "$1" | sed 's/ .*//; s/../& /g')
}

# not COMMAND...: it fails; a mere "!" would never end this script
not() {
	! "$@"
}

# passes TEXT COMMAND...: it does not fail
passes() {
	local text=$1
	shift
	"$@" >"$DIR/said" 2>&1 ||
		{ echo "FAIL $text"; sed 's/^/  | /' "$DIR/said"; return 1; }
	echo "ok $text"
}

# refused TEXT CODE BLOB
refused() {
	"$BATON" check "$3" >"$DIR/out" 2>&1 && { echo "FAIL $1: accepted"; return 1; }
	grep -m 1 '^baton: check:' "$DIR/out" | grep -q "\[$2\]" ||
		{ echo "FAIL $1"; sed 's/^/  | /' "$DIR/out"; return 1; }
	echo "ok $1"
}

# with_digest ALG COUNT OPTION...: COUNT files have a digest by ALG, which the
# schema knows; of one that changes afterwards it tells
with_digest() {
	local alg=$1 count=$2 blob=$DIR/digest.dtb
	shift 2
	echo "initrd" >"$DIR/changing"
	"$BATON" pack --stream "$DIR/good.lu" --kernel "$KERNEL" "$@" \
		--initrd "$DIR/changing" --memory-map "$DIR/map" \
		--region 256M+256M --policy fallback \
		--fallback-kernel "$KERNEL" --fallback-initrd "$DIR/changing" \
		--fallback-cmdline "console=ttyS0" \
		--stub "$O/stub/stub.bin" -o "$blob"
	"$BATON" check "$blob"
	tests/abi/validate.sh "$blob"
	[ "$(dtc -q -I dtb -O dts "$blob" |
		grep -c "digest-alg = <0x0$alg>;")" = "$count" ]
	echo "Initrd" >"$DIR/changing"
	refused "digest $alg: a file has changed" HO_EDIGEST "$blob"
}

# What the stub looks at is beside the file's digest: check wants both right
placed() {
	local blob=$DIR/placed.dtb image
	image=/target/$(fdtget -l "$DIR/good.dtb" /target | grep '^image@')
	cp "$DIR/good.dtb" "$blob"
	fdtget -t x "$blob" "$image" placed-xxh64 >/dev/null
	fdtput -t x "$blob" "$image" placed-xxh64 1 2
	refused "placed: not the file's" HO_EDIGEST "$blob"
	fdtput -t x "$blob" "$image" placed-xxh64 0 0
	refused "placed: zero" HO_EVALUE "$blob"
	fdtput -d "$blob" "$image" placed-xxh64
	passes "placed: none" "$BATON" check "$blob"
}

digests() {
	# stub, tree, two kernels, two initrds
	with_digest 2 6 --digest sha256
	with_digest 1 4 --digest xxh64
	not "$BATON" pack --digest md5 -o "$DIR/digest.dtb" 2>"$DIR/out"
	passes "digest unknown" grep '\[HO_EUSAGE\]' "$DIR/out"
}

# with_fallback OPTION...: a fallback of a kernel that has Debian's name
with_fallback() {
	cp "$KERNEL" "$DIR/vmlinuz-1"
	"$BATON" pack --stream "$DIR/good.lu" --kernel "$KERNEL" \
		--initrd "$DIR/initrd" --memory-map "$DIR/map" \
		--region 256M+256M --fallback-kernel "$DIR/vmlinuz-1" "$@" \
		--stub "$O/stub/stub.bin" -o "$DIR/beside.dtb" 2>"$DIR/out"
}

# Its initrd lies beside it, or somebody says that it has none
fallback_initrd() {
	not with_fallback
	passes "fallback without initrd" grep '\[HO_EINITRD\]' "$DIR/out"
	with_fallback --fallback-initrd none
	"$BATON" inspect "$DIR/beside.dtb" >"$DIR/out"
	not grep initrd.img-1 "$DIR/out"
	cp "$DIR/initrd" "$DIR/initrd.img-1"
	with_fallback
	"$BATON" inspect "$DIR/beside.dtb" >"$DIR/out"
	passes "initrd beside the fallback" grep initrd.img-1 "$DIR/out"
}

# A blob with a fallback is good by the reader and by the schema, and so is the
# tree in it; a tree that says something else than the blob is refused.
fallback() {
	local tree=$DIR/tree.dtb image
	"$BATON" pack --stream "$DIR/good.lu" --kernel "$KERNEL" \
		--initrd "$DIR/initrd" --memory-map "$DIR/map" \
		--region 256M+256M --policy fallback,reset \
		--fallback-kernel "$KERNEL" --fallback-initrd "$DIR/initrd" \
		--fallback-cmdline "console=ttyS0" \
		--stub "$O/stub/stub.bin" -o "$DIR/fallback.dtb"
	"$BATON" check "$DIR/fallback.dtb"
	"$BATON" check --plan "$DIR/fallback.dtb" >"$DIR/out"
	grep -E '^pass +[0-9.]+ ms here, for 3 extents' "$DIR/out"
	passes "plan" grep '^fallback .* of RAM' "$DIR/out"
	"$BATON" inspect "$DIR/fallback.dtb" | grep -A2 ^fallback
	image=/fallback/$(fdtget -l "$DIR/fallback.dtb" /fallback | grep ^tree)
	for byte in $(fdtget -t bx "$DIR/fallback.dtb" "$image" data); do
		printf '%b' "\\x$byte"
	done >"$tree"
	tests/abi/validate.sh "$DIR/fallback.dtb" "$tree"
	put_tree "$tree" "$DIR/same.dtb"
	passes "fallback" "$BATON" check "$DIR/same.dtb"
	# the same length, the first byte of the kernel's digest another one
	python3 - "$tree" "$DIR/other.dtb" "$KERNEL" <<-'END'
		import hashlib, sys
		tree = open(sys.argv[1], 'rb').read()
		have = hashlib.sha256(open(sys.argv[3], 'rb').read()).digest()
		assert have in tree
		other = tree.replace(have, bytes([have[0] ^ 1]) + have[1:])
		open(sys.argv[2], 'wb').write(other)
	END
	put_tree "$DIR/other.dtb" "$DIR/bad.dtb"
	refused "fallback of another file" HO_EFALLBACK "$DIR/bad.dtb"
	sed 's/region-only/region-many/' "$tree" >"$DIR/other.dtb"
	put_tree "$DIR/other.dtb" "$DIR/bad.dtb"
	refused "fallback with other memory" HO_EVALUE "$DIR/bad.dtb"
	sed 's/region-only/region-onlY/' "$DIR/fallback.dtb" >"$DIR/bad.dtb"
	refused "damaged fallback" HO_EDIGEST "$DIR/bad.dtb"
}

# variant NAME CODE COMMAND...: the blob by reference, changed by the command
# (its last argument is the blob), is refused with the code
variant() {
	local name=$1 code=$2
	shift 2
	cp "$DIR/reference.dtb" "$DIR/bad.dtb"
	"$@" "$DIR/bad.dtb"
	refused "reference: $name" "$code" "$DIR/bad.dtb"
}

put_reg() {
	# shellcheck disable=SC2086
	fdtput -t x "$2" /lu-stream reg $1
}

put_text() {
	fdtput -t s "$3" /lu-stream "$1" "$2"
}

put_cell() {
	fdtput -t x "$3" /lu-stream "$1" "$2"
}

# A stream that stays where it is. good.lu is one page; its domains' frames are
# at 128 MiB, the region at 256 MiB.
reference() {
	local blob=$DIR/reference.dtb frame
	dtc -q -I dtb -O dts "$DIR/good.dtb" |
		sed 's/lu-stream {/lu-stream@20000000 {/' |
		dtc -q -I dts -O dtb -o "$blob"
	fdtput -d "$blob" /lu-stream data
	put_reg "0 0x20000000 0 0x1000" "$blob"
	put_text file "$DIR/good.lu" "$blob"
	put_cell digest-alg 2 "$blob"
	# shellcheck disable=SC2046
	fdtput -t bx "$blob" /lu-stream digest \
		$(sha256sum "$DIR/good.lu" | sed 's/ .*//; s/../& /g')
	tests/abi/validate.sh "$blob"
	passes "reference" "$BATON" check "$blob"
	"$BATON" inspect "$blob" | grep "^stream .* in 1 pieces"
	frame=$("$BATON" inspect --extents "$blob" | cut -d' ' -f3 | head -n 1)
	variant "no RAM" HO_ENOTRAM put_reg "0 0xb0000000 0 0x1000"
	variant "in the region" HO_EINREGION put_reg "0 0x11000000 0 0x1000"
	variant "low" HO_ELOWMEM put_reg "0 0x1000 0 0x1000"
	variant "a domain's" HO_EDOUBLE put_reg "0 0x${frame}000 0 0x1000"
	variant "half a page" HO_EVALUE put_reg "0 0x20000800 0 0x1000"
	variant "too many pages" HO_EVALUE put_reg "0 0x20000000 0 0x2000"
	variant "none" HO_EVALUE put_reg "0 0x20000000 0 0"
	variant "wraps" HO_EVALUE \
		put_reg "0xffffffff 0xfffff000 0 0x2000"
	variant "half a range" HO_EPROP put_reg "0 0x20000000"
	variant "no digest" HO_EVALUE put_cell digest-alg 0
	variant "wrong digest" HO_EDIGEST put_cell digest-alg 1
	variant "no file" HO_EFILE put_text file "$DIR/nothing"
	variant "data, too" HO_EVALUE put_text data "x"
	variant "too long" HO_EVALUE fdtput_size
}

# cold_refused CODE OPTION...: a region that is none, what is of an update alone
cold_refused() {
	local code=$1
	shift
	! "$BATON" pack --cold --kernel "$KERNEL" --initrd "$DIR/initrd" \
		"$@" -o "$DIR/cold.dtb" 2>"$DIR/out" &&
		grep -q "\[$code\]" "$DIR/out" && [ ! -e "$DIR/cold.dtb" ] ||
		{ echo "FAIL cold $*"; cat "$DIR/out"; return 1; }
	echo "ok cold $*"
}

cold() {
	local region option
	for region in "" x 0 -64M 64M+ +64M 1M+0 0x+64M 64M+64M+64M 64M@64M \
		99999999999999999999 16E+1E99; do
		cold_refused HO_EUSAGE --region "$region"
	done
	cold_refused HO_EREGIONALIGN --region 3M
	cold_refused HO_EREGIONALIGN --region 64M+1M
	cold_refused HO_EREGIONALIGN --region 65537+64M
	cold_refused HO_ECOLDSMALL --region 256M+4M
	for option in stream fallback-kernel fallback-initrd memory-map stub; do
		cold_refused HO_EUSAGE "--$option" "$KERNEL"
	done
	cold_refused HO_EUSAGE --fallback-cmdline quiet
	cold_refused HO_EUSAGE --next-region 64M
	cold_refused HO_EUSAGE --inline-max 1M
	cold_refused HO_EUSAGE --policy fallback,reset
	passes "cold" "$BATON" pack --cold --kernel "$KERNEL" \
		--initrd "$DIR/initrd" --region 256M+64M -o "$DIR/cold.dtb"
}

# door_refused OPTION...: Baton's own door is no target, whatever it is called
door_refused() {
	local status=0
	"$BATON" pack --stream "$DIR/good.lu" --memory-map "$DIR/map" \
		--region 256M+128M --stub "$O/stub/stub.bin" "$@" \
		-o "$DIR/door.dtb" >"$DIR/out" 2>&1 || status=$?
	[ "$status" = 5 ] && grep -q '\[HO_EDOORTARGET\]' "$DIR/out" &&
		[ ! -e "$DIR/door.dtb" ] ||
		{ echo "FAIL door $*"; cat "$DIR/out"; return 1; }
	echo "ok door $*"
}

door() {
	cp "$O/stub/baton.bzImage" "$DIR/vmlinuz-2"
	cp "$O/stub/baton.elf" "$DIR/elf"
	door_refused --policy halt --kernel "$DIR/vmlinuz-2"
	door_refused --policy halt --target multiboot2 --kernel "$DIR/elf"
	door_refused --policy halt --target xen --kernel "$KERNEL" \
		--module "$DIR/vmlinuz-2 quiet"
	door_refused --policy fallback --kernel "$KERNEL" \
		--fallback-kernel "$DIR/vmlinuz-2" --fallback-initrd none
	rm "$DIR/cold.dtb"
	cold_refused HO_EDOORTARGET --kernel "$DIR/vmlinuz-2"
}

fdtput_size() {
	fdtput -t x "$1" /lu-stream size 0x7fffffff 0xffffffff
}

# Of a writer to come, for readers to come: what lacks is the reader, whatever
# else it may hold
newer() {
	local kind status
	for kind in minimal.dtb reference.dtb cold.dtb result.dtb entry.bin \
		breadcrumb.bin; do
		status=0
		"$MALFORM" --newer "handover-abi/golden/v2-$kind" \
			"$DIR/newer-$kind"
		"$O/tests/abi/golden" "$DIR/newer-$kind" >"$DIR/out" || status=$?
		[ "$status" = 7 ] && grep -q '\[HO_EBLOBVERSION\]' "$DIR/out" ||
			{ echo "FAIL newer $kind"; cat "$DIR/out"; return 1; }
		echo "ok newer $kind"
	done
}

# put_word OFFSET VALUE: of the stub's header, a byte is enough
put_word() {
	printf '%b' "\\x0$2" |
		dd of="$DIR/stub.bin" bs=1 seek="$1" conv=notrunc status=none
}

# packs: a good blob with the changed stub
packs() {
	"$BATON" pack --stream "$DIR/good.lu" --kernel "$KERNEL" \
		--initrd "$DIR/initrd" --memory-map "$DIR/map" \
		--region 256M+128M --policy halt --stub "$DIR/stub.bin" \
		-o "$DIR/stub.dtb"
}

# loads STATUS [COMPAT]: what load says of good blob and changed stub
loads() {
	local status=0
	packs
	[ $# = 1 ] || fdtput -t x "$DIR/stub.dtb" / baton,compat "$2"
	"$BATON" load --elf "$DIR/stub.elf" "$DIR/stub.dtb" >"$DIR/out" 2>&1 ||
		status=$?
	[ "$status" = "$1" ] && { [ "$1" = 0 ] ||
		grep -q '\[HO_EBLOBVERSION\]' "$DIR/out"; } ||
		{ echo "FAIL stub of another version"; cat "$DIR/out"; return 1; }
}

# A stub reads what its header says (abi_max), in the form that its version
# had; one for newer loaders is not loaded
stubs() {
	cp "$O/stub/stub.bin" "$DIR/stub.bin"
	put_word 8 1
	put_word 52 1
	put_word 56 0
	loads 0
	# of the entry block version 1, and no oldest reader
	python3 - "$DIR/stub.elf" <<-'END'
		import struct, sys
		image = open(sys.argv[1], 'rb').read()
		at = image.index(b'BATNENTR' + struct.pack('<II', 1, 256))
		assert not any(image[at + 132:at + 136])
	END
	loads 7 2
	cp "$O/stub/stub.bin" "$DIR/stub.bin"
	loads 0 2
	put_word 8 3
	put_word 56 3
	! packs 2>"$DIR/out" && grep -q '\[HO_EBLOBVERSION\]' "$DIR/out" ||
		{ echo "FAIL stub of a newer version"; cat "$DIR/out"; return 1; }
	echo "ok stubs of other versions"
}

# Name and exit status of every code of class B in handover/errors.h
codes() {
	"$MALFORM" --codes | sed 's/^/E/'
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

good_blob "$DIR" "$BATON" halt
tests/abi/validate.sh "$DIR/good.dtb"
fallback
fallback_initrd
digests
placed
reference
cold
door
newer
stubs
bad=0
while read -r name exit; do
	one "$name" "$exit" || bad=$((bad + 1))
done < <(codes)
[ "$(codes | wc -l)" -gt 30 ] || { echo "FAIL: list of codes"; exit 1; }
[ "$bad" = 0 ]
