#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The hook that libvirt calls before it starts a domain: what is kept is not started,
# but by baton adopt's restore; all else is, also where Baton is not. A baton that
# hangs, or cannot say, starts nothing. Called by tests/check.
set -euo pipefail

HOOK=$(cd "$(dirname "$0")/../../libvirt" && pwd)/hook
UUID=596fc37c-4fa8-4116-b3b8-d3dbe2e1249d
TMP=$(mktemp -d)
trap 'rm -rf "$TMP"' EXIT

sed "s,/usr/sbin/baton,$TMP/baton,; s/timeout 20/timeout \${LIMIT:-20}/
	s,/run/baton-libvirt,$TMP,; s,/run/baton/,$TMP/," "$HOOK" >"$TMP/hook"

# status of a baton adopt --test, or a command
baton() {
	printf '#!/bin/sh\necho "$*" >>"%s/calls"\n%s\n' "$TMP" "$1" >"$TMP/baton"
	chmod +x "$TMP/baton"
	: >"$TMP/calls"
}

xml() {
	printf "<domain type='kvm'>\n  <name>vm</name>\n  <uuid>%s</uuid>\n  <devices>\n    <emulator>%s</emulator>\n  </devices>\n</domain>\n" \
		"$UUID" "$1"
}

# expect STATUS WHAT OPERATION [EMULATOR]
expect() {
	local status=0
	xml "${4:-/usr/bin/qemu-system-x86_64}" >"$TMP/xml"
	# shellcheck disable=SC2086
	sh "$TMP/hook" vm $3 - <"$TMP/xml" >"$TMP/out" 2>&1 || status=$?
	[ "$status" = "$1" ] || { echo "FAIL: $2: $status"; cat "$TMP/out"; exit 1; }
}

expect 0 "no baton" "prepare begin"
baton "exit 0"
expect 1 "kept" "prepare begin"
grep -q "adopt --test $UUID" "$TMP/calls"
grep -q "baton adopt lets it go on" "$TMP/out"
expect 1 "a start by its emulator" "prepare begin" /usr/lib/baton/baton-qemu
touch "$TMP/$UUID.save"
expect 0 "its restore" "prepare begin" /usr/lib/baton/baton-qemu
expect 1 "a start meanwhile" "prepare begin"
expect 0 "another operation" "release end"
expect 0 "another part" "start begin"
baton "exit 6"
expect 0 "not kept" "prepare begin"
baton "exit 9"
expect 0 "no handover" "prepare begin"
echo "{\"given\":\"$UUID\"}" >"$TMP/ledger.json"
expect 1 "taken by an update" "prepare begin"
grep -q "baton exec, or baton unload" "$TMP/out"
echo "{\"given\":\"another\"}" >"$TMP/ledger.json"
expect 0 "another is taken" "prepare begin"
baton "echo a library is missing >&2; exit 127"
expect 1 "cannot say" "prepare begin"
grep -q "a library is missing" "$TMP/out"
baton "exec sleep 30"
LIMIT=0.5 expect 1 "hangs" "prepare begin"
echo "hook: all as wanted"
