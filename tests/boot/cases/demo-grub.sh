# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# make demo-grub: Debian on a disk, by GRUB and the stub, then two updates.
# scripts/demo shows the console of this, and makes a table of the `demo:` lines.

. /cases/handover-lib.sh
. /cases/grub-lib.sh

tell() {
	echo "demo: $*"
}

# What the table wants of update $1
tell_update() {
	tell "kernel $1 $(uname -r)"
	tell "memory $1 $(awk '/MemTotal/ { print $2 }' /proc/meminfo)"
	[ "$1" != 0 ] || return 0
	tell "frames $1 $(awk '{ n += $4 } END { print n }' /run/extents)"
	tell "extents $1 $(wc -l </run/extents)"
	for stage in entry verify pass plug chain; do
		tell "us $1 $stage $(sed -n "s/.*\"$stage\": *\([0-9]*\).*/\1/p" \
			/run/status.json)"
	done
}

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
	hold_two
	upgrade_debian \
		--pid "$ONE" --name one --map memfd:one-huge \
		--map memfd:one-small --state note=/run/one.state \
		--pid "$TWO" --name two --map memfd:two-huge \
		--map memfd:two-small
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
