#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Check blobs and result trees with stock tools alone: `dtc` must print them
# without a warning, and they must follow handover-abi/baton-handover-v1.yaml.
#
#   tests/abi/validate.sh BLOB...
#
# Status 0: all are good; 1: at least one is not, and the messages say why;
# 2: wrong call. dt-validate ends with 0 whatever it finds: what it prints is
# the verdict. It wants names that end in .dtb, so it is given copies.
set -euo pipefail

[ $# -gt 0 ] || { echo "usage: $0 BLOB..." >&2; exit 2; }
schemas=$(cd "$(dirname "$0")/../../handover-abi" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# say BLOB FILE: print FILE's lines behind the blob's name; false if any
say() {
	sed "s|$work/blob.dtb|$1|g; s|^|$1: |" "$2" >&2
	[ ! -s "$2" ]
}

# check BLOB
check() {
	local status=0 log=$work/log

	cp -- "$1" "$work/blob.dtb" || return 1
	dtc -I dtb -O dts -o /dev/null "$work/blob.dtb" >"$log" 2>&1 ||
		echo "dtc: status $?" >>"$log"
	say "$1" "$log" || status=1
	# -m: a tree that no schema claims is not a good one
	dt-validate -m -s "$schemas" "$work/blob.dtb" >"$log" 2>&1 ||
		echo "dt-validate: status $?" >>"$log"
	say "$1" "$log" || status=1
	return $status
}

status=0
for blob in "$@"; do
	check "$blob" || status=1
done
exit $status
