# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# Frames of one guest above all RAM of the new Xen's map, in a 256 MiB group that has
# no other memory, and below 16 MiB, where Xen unmaps what is no RAM. A domain gets all
# of them at once, gives them back, and they are the heap's when nobody wants them.
# They are made up: Linux goes on to use them until it ends.

need /sbin/baton
need /bin/synth
. /cases/xen-lib.sh

# the last ones of the machine (`mem`) but for the firmware's 128 KiB, and 1 MiB below
# 16 MiB
HIGH=0x70000000
HIGH_KIB=196480
FRAMES=$((HIGH_KIB / 4 + 256))
LOW=0x800000
UUID=51000000-0000-0000-0000-000000000000
# what a domain was given is said at that level
XEN_CMDLINE="$XEN_CMDLINE dma_bits=27 loglvl=info"

# A domain that is like it, and never runs
like_it() {
	cat >/tmp/like.cfg <<-END
	type = "pvh"
	name = "like"
	uuid = "$UUID"
	memory = $((FRAMES / 256 + 1))
	kernel = "/files/vmlinuz-guest"
	END
	xl create -q -p /tmp/like.cfg || bad "xl create"
}

has_all() {
	check "it gets all of them at once" sh -c "xl dmesg | grep -q \
		'baton: d[0-9]* has its $FRAMES frames in '"
	xl dmesg | grep baton:
	free_is_still "it is there" "$1"
}

above_all_ram() {
	local ram
	ram=$(xl dmesg | sed -n \
		's/.*\[[0-9a-f]*, *\([0-9a-f]*\)\] (usable).*/\1/p' | tail -n 1)
	check "RAM of the map ends at ${ram:-?}" \
		[ $((0x${ram:-f0000000})) -lt $((HIGH)) ]
}

case $STEP in
0)
	synth --start $HIGH --bytes ${HIGH_KIB}K --unit 128K --hvm --low $LOW \
		-o /tmp/next.lu || bad "synth"
	next_initrd /tmp/initrd || bad "next initrd"
	pack_next
	baton load /tmp/next.dtb || bad "load"
	baton exec
	bad "exec came back"
	finish
	;;
1)
	start_xen_tools
	above_all_ram
	check "it is kept" sh -c "xl dmesg | grep -q \
		'baton: 1 guests kept, $FRAMES frames'"
	before=$(free_mib)
	like_it
	has_all "$before"
	xl destroy like
	still_kept synth1 "it was destroyed before it ran" "$before"
	like_it
	xl destroy like
	check "it is released" baton release synth1
	frames_are_free "$before" $((FRAMES / 256))
	finish
	;;
esac
