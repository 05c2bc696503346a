# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# A PV guest is handed from Xen to a Linux without Xen, which cannot run it and
# keeps it, and from there to Xen, where it runs on.

need /sbin/baton
. /cases/xen-lib.sh

case $STEP in
0)
	start_xen_tools
	start_guest g1 160 16
	wait_guest g1 "pattern unbroken" 90
	note_ticks g1
	next_initrd /tmp/initrd || bad "next initrd"
	baton upgrade --xen g1 --kernel /files/vmlinuz-guest \
		--initrd /tmp/initrd --cmdline "$(linux_cmdline $DOM0_WORDS)" \
		--policy reset
	bad "upgrade came back with $?"
	finish
	;;
1)
	baton status || bad "status"
	check "g1 is kept" sh -c "baton status | grep -q ' g1 .* 40960 .* kept'"
	pass_ticks
	upgrade_to_xen
	;;
2)
	start_xen_tools
	baton restore --xen || bad "restore"
	guest_goes_on g1
	finish
	;;
esac
