#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# What golden/ holds of every version, and never changes: each .dts gives its .dtb byte for byte,
# stock tools and schema find nothing wrong with a tree, and today's readers accept trees, entry
# blocks and breadcrumbs. What is called v*-bad-* they refuse, with a code of refused.txt; so do the
# stub's own objects.
#
#   tests/abi/golden.sh BUILD-FOLDER
set -euo pipefail

baton=$(realpath "$1")/tests/malform/baton
reader=$(realpath "$1")/tests/abi/golden
agree=$(realpath "$1")/tests/agree
cd "$(dirname "$0")/../../handover-abi/golden"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for dts in *.dts; do
	dtb=${dts%.dts}.dtb
	dtc -I dts -O dtb -o "$work/$dtb" "$dts"
	cmp "$work/$dtb" "$dtb"
	echo "same bytes: $dtb"
done
shopt -s extglob
"$reader" ./!(*-bad-*).dtb ./*.bin
for dtb in !(*-bad-*).dtb; do
	../../tests/abi/validate.sh "$dtb"
	case $dtb in
	*-result.dtb | *-cold.dtb) ;;
	*) "$baton" inspect "$dtb" ;;
	esac
	echo "valid: $dtb"
done
../../tests/agree/refusals "$agree/core"
../../tests/agree/refusals "$agree/core-stub"
