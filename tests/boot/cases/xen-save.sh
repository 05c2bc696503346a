# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# What a user does with Xen, without Baton: a guest is saved to the host's disk by
# `xl save`, Xen is exchanged, and `xl restore` reads it. With peer.way=update the same
# guest is in an update, and has the frames it had. bench/peers holds one against the
# other. Xen is exchanged by Baton in both, for Debian's kexec-tools cannot: here with
# no guest in the update, and loaded beforehand.

need /sbin/baton
. /cases/xen-lib.sh

DISK=/dev/vda
WAY=$(option peer.way save)

start_xen_tools
insert_disks
if [ "$STEP" = 0 ]; then
	put_save_library
	start_guest g1 "$(option g1.mib 256)" 16
	wait_guest g1 "pattern unbroken" 90
	note_ticks g1
	DOM0_WORDS="$DOM0_WORDS peer.way=$WAY"
	if [ "$WAY" = update ]; then
		watch_pause
		upgrade_to_xen --xen g1
	fi
	load_xen
	note "guest is stopped"
	xl save g1 $DISK || bad "xl save"
	sync
	note "guest is saved"
	baton exec
	bad "exec came back with $?"
	finish
fi
note "ready for guests"
if [ "$WAY" = update ]; then
	baton restore --xen || bad "restore came back with $?"
else
	xl restore $DISK || bad "xl restore"
fi
note "guest is restored"
guest_goes_on g1
finish
