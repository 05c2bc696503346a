# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# PV guests go on in the frames they have, in a Xen that knows them (xen/): no
# memory is taken, few pages are sent. An attempt that is taken back, or refused,
# keeps the frames.

need /sbin/baton
. /cases/xen-lib.sh

UPDATES=$(option updates 2)
G1_MIB=$(option g1.mib 160)

# A first attempt is destroyed before it ran: the next one finds what it found
taken_back() {
	baton restore --xen --keep --paused g1 || bad "restore --keep"
	free_is_still "g1 is paused" "$1"
	# it has them now
	refused 6 EXENTAKEN baton restore --xen g1
	xl destroy g1
	sleep 1
	free_is_still "g1 was destroyed before it ran" "$1"
	check "g1 is still kept" sh -c "baton status | grep -q ' g1 .* kept'"
}

start_xen_tools
case $STEP in
0)
	start_guest g1 "$G1_MIB" 48
	start_guest g2 160 32 "vcpus = 2" "maxmem = 192"
	wait_guest g1 "pattern unbroken" 200
	wait_guest g2 "pattern unbroken" 200
	;;
*)
	check "this Xen says that it can" \
		sh -c "xl info | grep -q '^xen_caps.*baton-pv-1 '"
	xl dmesg | grep baton
	check "both are kept" \
		sh -c "xl dmesg | grep -q 'baton: 2 guests kept'"
	before=$(free_mib)
	[ "$STEP" != 1 ] || taken_back "$before"
	baton restore --xen >/run/restored 2>&1 || bad "restore"
	cat /run/restored
	# tables and special pages: 1 %
	sent g1 $((G1_MIB * 256 / 100))
	sent g2 $((160 * 256 / 100))
	free_is_still "both go on" "$before"
	guest_goes_on g1 200
	guest_goes_on g2 200
	baton status | tee /run/status
	check "status says how" \
		[ "$(grep -c 'runs on in place' /run/status)" = 2 ]
	;;
esac
if [ "$STEP" -ge "$UPDATES" ]; then
	xl destroy g1
	xl destroy g2
	sleep 3
	check "their frames are the heap's: $before, now $(free_mib) MiB" \
		[ $(($(free_mib) - before)) -ge $((G1_MIB + 160 - 16)) ]
	start_guest g3 "$G1_MIB" 48
	wait_guest g3 "pattern unbroken" 200
	ok "a new guest runs in them"
	finish
fi
note_ticks g1 g2
DOM0_WORDS="$DOM0_WORDS g1.mib=$G1_MIB updates=$UPDATES"
mkdir -p /usr/lib/baton
cp /files/xen-save.so /usr/lib/baton
upgrade_to_xen --xen-all
