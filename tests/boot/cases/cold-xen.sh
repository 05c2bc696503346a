# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# A Xen host that came up through the door: the region is there without
# crashkernel=, and two updates of Xen under a PV guest follow.

need /sbin/baton
. /cases/xen-lib.sh

start_xen_tools
baton region | tee /run/region
check "the region of the breadcrumb" grep -q breadcrumb /run/region
BASE=$(baton region --json | sed -n 's/.*"base": *\([0-9]*\).*/\1/p')
case $STEP in
0)
	baton status | grep "first boot" || bad "status"
	check "no crash kernel" sh -c "! xl info | grep -q crashkernel"
	start_guest g1 160 48
	wait_guest g1 "pattern unbroken" 90
	;;
*)
	check "the region is the first boot's" [ "$BASE" = "$(option region 0)" ]
	baton restore --xen || bad "restore came back with $?"
	guest_goes_on g1
	;;
esac
[ "$STEP" -lt 2 ] || finish
note_ticks g1
DOM0_WORDS="$DOM0_WORDS region=$BASE"
upgrade_to_xen --xen-all
