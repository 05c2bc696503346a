# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# A Xen host that came up through the door: the region is there without
# crashkernel=, and two updates of Xen under a PV guest follow.

need /sbin/baton
. /cases/xen-lib.sh

start_xen_tools
case $STEP in
0)
	by_the_door
	start_guest g1 160 16
	wait_guest g1 "pattern unbroken" 90
	;;
*)
	same_region
	baton restore --xen || bad "restore came back with $?"
	guest_goes_on g1
	;;
esac
[ "$STEP" -lt 2 ] || finish
note_ticks g1
note_region
upgrade_to_xen --xen-all
