# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# PV guests go on in the frames they have in Debian's own Xen, by a livepatch that
# `baton restore` gives it: no memory is taken, few pages are sent. Attempts that are
# taken back, or refused, keep the frames; when all guests run on Xen is as it was.

need /sbin/baton
. /cases/xen-lib.sh

UPDATES=$(option updates 2)
G1_MIB=$(option g1.mib 160)
# 0: no look at the frames from outside
LOOK=$(option look 1)
# 0: they are destroyed at once
AFTER=$(option after 1)

start_xen_tools
put_livepatch
case $STEP in
0)
	start_guest g1 "$G1_MIB" 4
	start_guest g2 160 4 "vcpus = 2" "maxmem = 192"
	wait_guest g1 "pattern unbroken" 600
	wait_guest g2 "pattern unbroken" 300
	;;
*)
	check "this Xen cannot by itself" \
		sh -c "! xl info | grep -q '^xen_caps.*baton'"
	before=$(free_mib)
	if [ "$STEP" = 1 ]; then
		# destroyed before it ran: the next attempt finds what it found
		baton restore --xen --paused --keep g2 >/run/first 2>&1 ||
			bad "restore --keep"
		cat /run/first
		check "the first attempt was in place" \
			grep -q "g2: in place (livepatch)" /run/first
		free_is_still "g2 is paused" "$before"
		xl destroy g2
		still_kept g2 "g2 was destroyed before it ran" "$before"
		beside g1 128
		refused 6 EXENRESTORE baton restore --xen g1
		xl destroy g1
		still_kept g1 "its name was taken" "$before"
	fi
	restore_both "$LOOK"
	xl dmesg | grep baton
	sent g1 $((G1_MIB * 256 / 100))
	sent g2 $((160 * 256 / 100))
	both_go_on "$before" 300 300
	;;
esac
if [ "$STEP" -ge "$UPDATES" ]; then
	[ "$AFTER" = 0 ] || as_ever g2 128
	xl destroy g1
	xl destroy g2
	frames_are_free "$before" $((G1_MIB + (AFTER ? 128 : 160)))
	[ "$AFTER" = 1 ] || finish
	start_guest g3 "$G1_MIB" 4
	wait_guest g3 "pattern unbroken" 600
	ok "a new guest runs in them"
	finish
fi
note_ticks g1 g2
DOM0_WORDS="$DOM0_WORDS g1.mib=$G1_MIB updates=$UPDATES look=$LOOK"
DOM0_WORDS="$DOM0_WORDS after=$AFTER"
[ "$LOOK" = 0 ] || list_beforehand g1 g2
put_save_library
upgrade_to_xen --xen-all
