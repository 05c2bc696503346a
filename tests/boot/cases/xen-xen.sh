# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# PV guests live through an update of the Xen under them, and a second one from
# the new instance: ticks go on, their pattern is unbroken.

need /sbin/baton
. /cases/xen-lib.sh

# DOM0_WORDS: the last tick of each guest, for the next dom0
note_ticks() {
	local name
	DOM0_WORDS=
	for name in g1 g2; do
		DOM0_WORDS="$DOM0_WORDS tick.$name=$(last_tick $name)"
	done
}

guest_goes_on() {
	local was
	was=$(sed -n "s/.*tick.$1=\([0-9]*\).*/\1/p" /proc/cmdline)
	wait_guest "$1" "guest: tick" 60
	wait_guest "$1" "guest: pattern unbroken" 60
	check "$1 goes on: tick $was, then $(first_tick "$1")" \
		[ "$(first_tick "$1")" -gt "$was" ] &&
		[ "$(first_tick "$1")" -le $((was + 15)) ]
	check "$1's pattern is unbroken" \
		sh -c "! grep -q BROKEN $CONSOLES/guest-$1.log"
}

start_xen_tools
case $STEP in
0)
	start_guest g1 160 48
	start_guest g2 160 32
	wait_guest g1 "pattern unbroken" 90
	wait_guest g2 "pattern unbroken" 90
	;;
*)
	baton status || bad "baton status"
	baton restore --xen || bad "restore came back with $?"
	guest_goes_on g1
	guest_goes_on g2
	xl list
	check "kept frames are released" \
		[ "$(baton status | grep -c released)" -ge 2 ]
	;;
esac
[ "$STEP" -lt 2 ] || finish
note_ticks
upgrade_to_xen --xen-all
