# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# The first kernel is told to leave memory alone: a bad page, emulated persistent
# memory with data in it, memory for a purpose; so does the door that starts it. The
# next two are not told, and leave it alone all the same; each uses all that it
# takes for its own. What is in there is compared from outside.

need /sbin/baton
. /cases/handover-lib.sh

# given START END TYPE: what this kernel was given there
given() {
	local entry
	for entry in /sys/firmware/memmap/*; do
		[ "$(cat "$entry/start" "$entry/end" "$entry/type" |
			tr '\n' ' ')" != "$1 $2 $3 " ] || return 0
	done
	return 1
}

again() {
	next_initrd /tmp/initrd || bad "next initrd"
	baton upgrade --kernel /images/vmlinuz --initrd /tmp/initrd \
		--policy reset --next-region 160M \
		--cmdline "$(next_cmdline | sed 's/nokaslr//; s/memmap=[^ ]*//g')" \
		2>/tmp/err
	cat /tmp/err
	bad "upgrade came back"
	finish
}

# a plain first kernel was given RAM there; a door's was not
[ "$STEP" != 0 ] || grep -q baton= /proc/cmdline || again
check "the bad page" given 0x37800000 0x3780ffff Reserved
check "persistent memory" given 0x38000000 0x38ffffff \
	"Persistent Memory (legacy)"
check "for a purpose" given 0x36000000 0x36ffffff "Soft Reserved"
use_memory 100
[ "$STEP" != 0 ] || again
check "not told" sh -c '! grep memmap= /proc/cmdline'
baton region | tee /run/region
check "the next region is apart from them" grep -q 0x2c000000 /run/region
[ "$STEP" != 1 ] || again
finish
