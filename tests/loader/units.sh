#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# systemd reads each unit without a complaint, and each command in it is one that
# baton takes. Called by tests/check.
set -euo pipefail

O=${O:-build}
cd "$(dirname "$0")/../.."
DIR=$(mktemp -d)
trap 'rm -rf "$DIR"' EXIT

fail() {
	echo "FAIL: $*"
	exit 1
}

# what is not installed here must not matter
for unit in systemd/*.service systemd/*.timer; do
	sed -e 's,/usr/sbin/baton,/bin/true,; s,/sbin/modprobe,/bin/true,' \
		-e 's,=-udevadm,=-/bin/true,; s,man:baton(8),man:sh(1),' \
		"$unit" >"$DIR/${unit#*/}"
done
command -v systemd-analyze >/dev/null || fail "no systemd-analyze"
for unit in "$DIR"/*.service "$DIR"/*.timer; do
	name=${unit##*/}
	[ "$name" != baton-adopt@.service ] || unit=$DIR/baton-adopt@vm1.service
	[ -e "$unit" ] || cp "$DIR/$name" "$unit"
	SYSTEMD_UNIT_PATH="$DIR:" systemd-analyze verify --man=no \
		--recursive-errors=no "$unit" >"$DIR/out" 2>&1 &&
		! grep -F "${unit##*/}" "$DIR/out" || {
		cat "$DIR/out"
		fail "$name"
	}
done

# in the fallback no guest can go on
for unit in systemd/baton-adopt*.service; do
	grep -qx 'ConditionKernelCommandLine=!baton\.failed' "$unit" ||
		fail "$unit is started in the fallback"
done

# who requires one is stopped along with it, and xendomains stops guests
for unit in $(grep -l '^RequiredBy=' systemd/*.service); do
	grep -qx 'RefuseManualStop=yes' "$unit" ||
		fail "$unit takes others along when it is stopped"
done

# an image may be on a network; nobody else tries again, or has as many threads
for unit in systemd/baton-adopt.service systemd/baton-adopt@.service; do
	for line in 'After=.*remote-fs\.target.*' Restart=on-failure \
		RestartSec=10 StartLimitBurst=40 StartLimitIntervalSec=1h \
		TasksMax=infinity; do
		grep -qx "$line" "$unit" || fail "$unit: no $line"
	done
done

# each word behind --: an option of that command
sed -n 's/^Exec[A-Za-z]*=\/usr\/sbin\/baton \([a-z]*\)\(.*\)/\1\2/p' \
	systemd/*.service | while read -r command words; do
	"$O/loader/baton" "$command" --help >"$DIR/help"
	for word in $words; do
		case $word in
		--*) grep -q -e "$word" "$DIR/help" ||
			fail "baton $command has no $word" ;;
		esac
	done
done
