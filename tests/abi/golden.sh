#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The golden blobs of every version, which never change: each .dts gives its .dtb byte for byte,
# stock tools and schema find nothing wrong, and today's reader accepts it.
#
#   tests/abi/golden.sh BUILD-FOLDER
set -euo pipefail

baton=$(realpath "$1")/tests/malform/baton
cd "$(dirname "$0")/../../handover-abi/golden"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# What was ever committed is there, and is what it was
sha256sum --quiet -c SHA256SUMS
for dtb in *.dtb; do
	grep -q " $dtb\$" SHA256SUMS ||
		echo "$dtb: once it is out, sha256sum $dtb >>SHA256SUMS"
done

for dts in *.dts; do
	dtb=${dts%.dts}.dtb
	dtc -I dts -O dtb -o "$work/$dtb" "$dts"
	cmp "$work/$dtb" "$dtb"
	echo "same bytes: $dtb"
done
for dtb in *.dtb; do
	../../tests/abi/validate.sh "$dtb"
	case $dtb in
	*-result.dtb) ;;
	*) "$baton" inspect "$dtb" ;;
	esac
	echo "valid: $dtb"
done
