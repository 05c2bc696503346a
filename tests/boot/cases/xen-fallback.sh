# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# An update from Xen to Xen whose stub fails: the fallback is a Linux in the
# region, which keeps the guest and starts Xen again, with a stub that works.

need /sbin/baton
. /cases/xen-lib.sh

case $STEP in
0)
	start_xen_tools
	start_guest g1 160 16
	wait_guest g1 "pattern unbroken" 90
	note_ticks g1
	next_initrd /tmp/initrd || bad "next initrd"
	upgrade_to_xen --xen g1 --stub /files/stub-bad --policy fallback,reset \
		--fallback-kernel /files/vmlinuz-guest \
		--fallback-initrd /tmp/initrd --fallback-cmdline \
		"$(linux_cmdline $DOM0_WORDS)"
	;;
1)
	baton status || bad "status"
	check "g1 is intact" sh -c "baton status | grep -q ' g1 .* 40960 '"
	pass_ticks
	baton region
	upgrade_to_xen
	;;
2)
	start_xen_tools
	baton restore --xen || bad "restore"
	guest_goes_on g1
	finish
	;;
esac
