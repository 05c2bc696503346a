# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# PV guests go on in the frames they have, in a Xen that knows them (xen/): no
# memory is taken, few pages are sent, no other frame is changed from the suspension
# to the moment before they run on. Attempts that are taken back, or refused, keep the
# frames; a guest that nobody wants is released. Afterwards xl does with them what it
# does with any.

need /sbin/baton
. /cases/xen-lib.sh

UPDATES=$(option updates 2)
G1_MIB=$(option g1.mib 160)
# 0: no attempts that fail, and nobody is released
TRIES=$(option tries 1)
# 1: g1 has more than half of the machine, and could not be copied. No look at it
# from outside
LARGE=$(option large 0)
# 0: they are destroyed at once
AFTER=$(option after 1)
# one that is never restored: released
G3_MIB=128

# A first attempt is destroyed before it ran: the next one finds what it found
taken_back() {
	baton restore --xen --keep --paused g1 || bad "restore --keep"
	free_is_still "g1 is paused" "$1"
	# it has them now
	refused 6 EXENTAKEN baton restore --xen g1
	xl destroy g1
	still_kept g1 "g1 was destroyed before it ran" "$1"
}

# A program in dom0 has one of its frames mapped
held() {
	local pid
	/files/xenframe hold "$(option frame.g1 0)" >/run/held &
	pid=$!
	until grep -q held /run/held 2>/dev/null; do
		[ -e /proc/$pid ] || { bad "xenframe hold"; return; }
		usleep 100000
	done
	refused 6 EXENRESTORE baton restore --xen g1
	kill $pid
	wait $pid
	still_kept g1 "a frame of g1's was held" "$1"
}

# A page table of its leads to a frame that is not its own: of dom0, or nobody's
wrong_table() {
	local was
	was=$(/files/xenframe set "$(option table.g1 0)" 511 1001) ||
		bad "xenframe set"
	refused 6 EXENP2M baton restore --xen g1
	check "the entry was written" [ "$(/files/xenframe set \
		"$(option table.g1 0)" 511 "$was")" = 1001 ]
	still_kept g1 "a table of g1's was wrong" "$1"
}

# There is another one of that name
name_taken() {
	beside g1 128
	refused 6 EXENRESTORE baton restore --xen g1
	xl destroy g1
	still_kept g1 "its name was taken" "$1"
}

# No memory but for a part of what a guest needs besides its own
no_room() {
	beside fat $(($(free_mib) - 12))
	refused 8 EXENROOM baton restore --xen g1
	xl destroy fat
	sleep 3
	still_kept g1 "there was no room" "$1"
}

# Its memory is others' at once, and it cannot be restored any more
let_go() {
	check "g3 is released" sh -c \
		"baton release g3 | grep -q \"are the host's again\""
	check "g3's frames are the heap's: $1, now $(free_mib) MiB" \
		[ $(($(free_mib) - $1)) -ge $((G3_MIB - 2)) ]
	refused 6 ENODOMAIN baton restore --xen g3
}

# first NAME TYPE: mfn of its first frame of that type
first() {
	baton inspect --extents /tmp/next.dtb |
		awk -v name="$1" -v type="$2" \
		'NF == 6 && $2 == name && $5 == type { print $3; exit }'
}

start_xen_tools
case $STEP in
0)
	start_guest g1 "$G1_MIB" 4
	start_guest g2 160 4 "vcpus = 2" "maxmem = 192"
	[ "$TRIES" = 0 ] || start_guest g3 $G3_MIB 4
	wait_guest g1 "pattern unbroken" 400
	wait_guest g2 "pattern unbroken" 200
	[ "$TRIES" = 0 ] || wait_guest g3 "pattern unbroken" 200
	xl mem-set g2 152 || bad "mem-set"
	has_mib g2 152
	;;
*)
	check "this Xen says that it can" \
		sh -c "xl info | grep -q '^xen_caps.*baton-pv-1 '"
	xl dmesg | grep baton
	check "they are kept" sh -c "xl dmesg | grep -q \
		'baton: $(option guests 3) guests kept'"
	tries=$((STEP == 1 && TRIES))
	[ $tries = 0 ] || let_go "$(free_mib)"
	before=$(free_mib)
	[ "$LARGE" = 0 ] || check "free memory $before MiB: no room for a copy" \
		[ "$before" -lt "$G1_MIB" ]
	if [ $tries = 1 ]; then
		taken_back "$before"
		held "$before"
		wrong_table "$before"
		name_taken "$before"
		no_room "$before"
	fi
	restore_both $((!LARGE))
	# tables and special pages: 1 %
	sent g1 $((G1_MIB * 256 / 100))
	sent g2 $((160 * 256 / 100))
	both_go_on "$before" 200 200
	;;
esac
if [ "$STEP" -ge "$UPDATES" ]; then
	# Debian's Xen cannot migrate a PV guest: it has no shadow page tables
	[ "$AFTER" = 0 ] || as_ever g2 128
	xl destroy g1
	xl destroy g2
	frames_are_free "$before" $((G1_MIB + 152))
	[ "$AFTER" = 1 ] || finish
	start_guest g3 "$G1_MIB" 4
	wait_guest g3 "pattern unbroken" 400
	ok "a new guest runs in them"
	finish
fi
note_ticks g1 g2
DOM0_WORDS="$DOM0_WORDS g1.mib=$G1_MIB updates=$UPDATES large=$LARGE"
DOM0_WORDS="$DOM0_WORDS tries=$TRIES after=$AFTER guests=$((STEP || !TRIES ? 2 : 3))"
if [ "$STEP" = 0 ] && [ "$LARGE" = 0 ]; then
	# by single commands: the next dom0 is told where a frame and a table are
	collect_next
	pack_next
	DOM0_WORDS="$DOM0_WORDS frame.g1=$(first g1 0) table.g1=$(first g1 1)"
	pack_next
	baton load /tmp/next.dtb || bad "load: $?"
	list_ordinary /tmp/next.dtb g3
	take_frames
	baton exec
	bad "exec came back with $?"
	finish
fi
[ "$LARGE" = 1 ] || list_beforehand g1 g2
put_save_library
upgrade_to_xen --xen-all
