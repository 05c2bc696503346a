# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# Linux, Xen, Linux, Xen. 8064 ranges in use come from the first one, and each Xen
# gives its heap what is free between them: a domain takes all of it. A guest of the
# first Xen is kept by the second Linux, and goes on in place in the second Xen. What
# is of another kind stays kept beside it.

need /sbin/baton
need /bin/synth
. /cases/handover-lib.sh
. /cases/xen-lib.sh

G1_MIB=160
# 1: it ends there
RANGES=$(option ranges 0)
# frames of 16 to 80 MiB are for dom0's kernel (docs/xen.md)
XEN_CMDLINE="$XEN_CMDLINE dma_bits=27"

# What the map had no room for is in the heap
walked() {
	local ranges
	xl dmesg | grep baton:
	ranges=$(xl dmesg | sed -n \
		's/.*baton: [0-9]* frames in \([0-9]*\) free ranges that.*/\1/p')
	check "${ranges:-no} ranges were found by walking the frametable" \
		[ "${ranges:-0}" -ge 4000 ]
}

# More than what is free in the map: 1010 MiB
taken() {
	local free
	free=$(free_mib)
	check "free memory $free MiB" [ "$free" -gt 1150 ]
	beside fat $((free - 16))
	check "a domain has all of it: free memory $(free_mib) MiB" \
		[ "$(free_mib)" -le 20 ]
	xl destroy fat
	frames_are_free 0 $((free - 16))
}

made_up_are_kept() {
	check "what is made up is kept: 8064 ranges" \
		[ "$(baton status --extents | grep -vc ' g1 ')" -gt 8000 ]
}

case $STEP in
0)
	synth --start 0x50000000 --bytes 256M --unit 4K --stride 8 \
		-o /tmp/next.lu || bad "synth"
	next_initrd /tmp/initrd || bad "next initrd"
	DOM0_WORDS="ranges=$RANGES"
	pack_next
	baton load /tmp/next.dtb || bad "load"
	# each is a question of its own to QEMU: one of eight
	list_frames | awk '!/^frame: / || NR % 8 == 0'
	take_frames
	baton exec
	bad "exec came back"
	finish
	;;
1)
	made_up_are_kept
	start_xen_tools
	walked
	taken
	if [ "$RANGES" = 1 ]; then
		take_frames
		finish
	fi
	start_guest g1 "$G1_MIB" 4
	wait_guest g1 "pattern unbroken" 200
	note_ticks g1
	next_initrd /tmp/initrd || bad "next initrd"
	baton upgrade --xen g1 --kernel /files/vmlinuz-guest \
		--initrd /tmp/initrd --digest xxh64 --policy reset \
		--cmdline "$(linux_cmdline $DOM0_WORDS)"
	bad "upgrade came back with $?"
	finish
	;;
2)
	baton status || bad "status"
	made_up_are_kept
	check "g1 is kept" sh -c \
		"baton status | grep -q ' g1 .* $((G1_MIB * 256)) .* kept'"
	pass_ticks
	upgrade_to_xen
	;;
3)
	made_up_are_kept
	start_xen_tools
	walked
	before=$(free_mib)
	baton restore --xen --paused >/run/restored 2>&1 || bad "restore"
	cat /run/restored
	take_frames
	xl unpause g1
	# tables and special pages: 1 %
	sent g1 $((G1_MIB * 256 / 100))
	free_is_still "g1 goes on" "$before"
	guest_goes_on g1
	xl destroy g1
	frames_are_free "$before" "$G1_MIB"
	finish
	;;
esac
