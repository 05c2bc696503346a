# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# Power fails, or the machine is reset, while the stub is in the middle of an
# update: the next boot, with or without Baton, says which update was lost, until
# there is one that completes.

. /cases/handover-lib.sh
. /cases/grub-lib.sh

lose_update() {
	hold_two
	upgrade_debian --stub /files/stub-wait.bin \
		--pid "$ONE" --name one --map memfd:one-huge
}

# lost GENERATION: by the note on disk, beside the status of this boot
lost() {
	check "update $1 is said to be lost" \
		grep -q "^LOST .*update $1, .* did not complete" /run/status
	check "no domain" grep -q "no domain was kept" /run/status
}

not_lost() {
	check "no update was lost" sh -c '! grep -q LOST /run/status'
	check "no note" [ ! -e /var/lib/baton/update.json ]
}

case $STEP in
0)
	booted_plain
	cp /files/baton-status.service /etc/systemd/system/
	systemctl -q enable baton-status.service
	check "install" baton install --default
	next_boot
	;;
1)
	booted_by_baton
	not_lost
	lose_update
	;;
2)
	booted_by_baton
	lost 1
	check "nothing is left in memory" \
		sh -c '! grep -q "^before it" /run/status'
	lose_update
	;;
3)
	booted_by_baton
	lost 1
	check "where it stopped is left in memory" grep -q \
		"^before it .*update 1, .*did not complete, stage plug" \
		/run/status
	grub-reboot "gnulinux-simple-$ROOT_UUID"
	lose_update
	;;
4)
	booted_plain
	check "systemd says so" eval \
		'! systemctl start baton-status.service 2>/dev/null &&
		systemctl -q is-failed baton-status.service'
	refused 9 ELOST baton status
	check "which one" grep -q "update 1, id " /run/out
	next_boot
	;;
5)
	booted_by_baton
	lost 1
	upgrade_with_two
	;;
6)
	systemctl start baton-status.service
	check "the note goes at boot" [ ! -e /var/lib/baton/update.json ]
	prove 1
	baton status >/run/status
	not_lost
	booted_debian
	finish
	;;
esac
