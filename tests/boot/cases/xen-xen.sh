# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# PV guests live through an update of the Xen under them, and a second one from
# the new instance: ticks go on, their pattern is unbroken.

need /sbin/baton
. /cases/xen-lib.sh

UPDATES=$(option updates 2)

tell() {
	echo "demo: $*"
}

# With nearly all memory in a guest that never starts: refused, still kept
refuse_without_room() {
	local free
	free=$(xl info | sed -n 's/^free_memory *: *//p')
	sed "s/NAME/fat/; s/MIB/$((free - 100))/" >/tmp/fat.cfg <<-END
	type = "pv"
	name = "NAME"
	memory = MIB
	kernel = "/files/vmlinuz-guest"
	END
	xl create -q -p /tmp/fat.cfg || bad "xl create fat"
	refused 8 EXENROOM baton restore --xen g1
	xl destroy fat
	check "g1 is still kept" sh -c "baton status | grep -q ' g1 .* kept'"
}

start_xen_tools
tell "say Xen $(xen_version), dom0 Linux $(uname -r)"
case $STEP in
0)
	tell "say two PV guests tick, and look after a pattern"
	start_guest g1 160 16
	start_guest g2 160 12 "vcpus = 2" "maxmem = 192"
	wait_guest g1 "pattern unbroken" 90
	wait_guest g2 "pattern unbroken" 90
	;;
*)
	check "no device of the last dom0's writes to memory" no_master
	baton status || bad "baton status"
	if [ "$STEP" = 1 ]; then
		refuse_without_room
		baton restore --xen --keep --paused g1 || bad "restore --keep"
		# there is one of that name now
		refused 6 EXENRESTORE baton restore --xen g1
		check "g1 is still kept" \
			sh -c "baton status | grep -q ' g1 .* kept'"
		xl destroy g1
	fi
	tell "say the guests are restored from their kept pages"
	baton restore --xen || bad "restore came back with $?"
	guest_goes_on g1
	guest_goes_on g2
	xl list
	check "kept frames are released" \
		[ "$(baton status | grep -c released)" -ge 2 ]
	;;
esac
[ "$STEP" -lt "$UPDATES" ] || finish
note_ticks g1 g2
DOM0_WORDS="$DOM0_WORDS updates=$UPDATES"
make_master
tell "say baton upgrade --xen-all"
upgrade_to_xen --xen-all
