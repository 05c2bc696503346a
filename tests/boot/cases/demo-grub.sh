# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# make demo-grub: Debian on a disk, by GRUB and the stub, then two updates.
# scripts/demo shows the console of this, and makes a table of the `demo:` lines.

. /cases/handover-lib.sh
. /cases/grub-lib.sh

case $STEP in
0)
	tell "say GRUB has started Debian with Linux $(uname -r); baton install --default"
	check "install" baton install --default
	tell "say GRUB's menu now; then a reboot"
	grep "^menuentry" /boot/grub/grub.cfg | cut -d"'" -f2
	next_boot
	;;
1)
	tell "say GRUB, the door, the stub, and Debian once more; baton status, baton region:"
	booted_by_baton
	tell_update 0
	tell "say two domains hold memory; baton upgrade hands over, without GRUB"
	upgrade_with_two
	;;
*)
	tell "say Debian's systemd is up again; baton status:"
	prove $((STEP - 1))
	booted_debian
	tell_update $((STEP - 1))
	[ "$STEP" = 2 ] || finish
	tell "say once more, over the same region"
	upgrade_debian
	;;
esac
