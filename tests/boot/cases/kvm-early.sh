# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# Debian with systemd: a kept guest goes on in the initramfs, before systemd starts,
# and its service knows of it. Then once more by baton-adopt.service, to compare.

need /files/kvm.cpio /files/install.cpio
. /cases/systemd-lib.sh

# said TEXT: when the kernel's log has it, in seconds since its start; "": never
said() {
	dmesg | sed -n "s/^\\[ *\\([0-9]*\\)\\.[0-9]*\\] .*$1.*/\\1/p" | head -n 1
}

case $STEP in
0)
	install_all
	update-initramfs -u || bad "update-initramfs"
	first_jump
	;;
1)
	wait_guest
	update baton.early
	;;
2)
	wait_unit baton-adopt.service 60
	dmesg | grep baton:
	GOES=$(said "baton: vm1 goes on") SYSTEMD=$(said "systemd 252")
	check "in the initramfs: at ${GOES}s, systemd at ${SYSTEMD}s" \
		[ "${GOES:-99999}" -le "${SYSTEMD:-0}" ]
	check_guest /init.scope
	baton status --pause
	check "nothing is mounted twice" \
		[ -z "$(cut -d' ' -f2 /proc/self/mounts | sort | uniq -d)" ]
	update
	;;
3)
	wait_unit baton-adopt.service 60
	check "not without its word" [ -z "$(said "baton: vm1")" ]
	check_guest baton-adopt.service
	baton status --pause
	finish
	;;
esac
