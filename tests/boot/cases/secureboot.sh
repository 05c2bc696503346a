# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# Secure Boot: the kernel is locked down, and takes the door that the test key has
# signed; its stub takes what a signed manifest names. Two updates in a row, in which
# nobody calls kexec_load; kept frames are compared by holder through baton_mem's
# window, and from outside. Before that, what is forged is refused, and the guests
# run on. secureboot-forged has more of that.

need /sbin/baton
need /bin/holder
need /bin/nokexec
need /files/baton.kexec.signed
need /files/foreign.kexec
need /files/manifest.key
. /cases/handover-lib.sh
. /cases/secureboot-lib.sh
PLAIN="--kernel /images/vmlinuz --initrd none --cmdline quiet"

# forged TEXT DOOR: the kernel does not trust it
forged() {
	# shellcheck disable=SC2086
	refused 3 ELOCKDOWN baton upgrade --door "$2" --pid "$ONE" --name one \
		--map memfd:one-huge $PLAIN --policy reset \
		--manifest /run/targets
	check "$1: the guest runs on" [ -d "/proc/$ONE" ]
	check "$1: nothing is loaded" [ "$(cat /sys/kernel/kexec_loaded)" = 0 ]
}

# A byte of its code, which the signature is of
changed_door() {
	cp $SIGNED /tmp/changed
	printf '\125' | dd of=/tmp/changed bs=1 seek=60000 conv=notrunc 2>/dev/null
	! cmp -s $SIGNED /tmp/changed
}

# /tmp/lu, in the kernel's slot
load_lu() {
	# shellcheck disable=SC2086
	baton pack --stream /tmp/lu $PLAIN --manifest /run/targets \
		--policy reset -o /tmp/blob &&
		baton load /tmp/blob || bad "load"
}

# A guest where the kernel puts a segment: as it is loaded before, so it is again
planted() {
	local at
	load_lu
	at=$(sed -n 's/^segment \([0-9a-f]*\)-.*/\1/p' /run/baton/loaded.door |
		sed -n "$1p")
	baton unload || bad "unload"
	synth --start "0x$at" --bytes 8K --unit 4K --stride 1 --domains 1 \
		-o /tmp/lu.planted >/dev/null || bad "synth"
	# shellcheck disable=SC2086
	baton pack --stream /tmp/lu.planted $PLAIN --manifest /run/targets \
		--policy reset -o /tmp/planted || bad "pack"
	refused 4 EDOORPLACE baton load /tmp/planted
	check "segment $1: nothing is loaded" \
		[ "$(cat /sys/kernel/kexec_loaded)" = 0 ]
}

# All that is loaded, where this kernel has a range for it and puts it there
in_cma() {
	local size base
	dmesg | sed -n 's/.*cma: Reserved \([0-9]*\) MiB at 0x\([0-9a-f]*\).*/\1 \2/p' \
		>/run/cma
	read -r size base </run/cma || bad "no range of cma="
	load_lu
	cat /run/cma /run/baton/loaded.door
	base=$((0x$base))
	check "each segment lies in the range of cma=" \
		segments_in "$base" $((base + (size << 20)))
	baton unload || bad "unload"
}

# segments_in START END: of what is loaded; at least three
segments_in() {
	local from to count=0
	sed -n 's/^segment \([0-9a-f]*\)-\([0-9a-f]*\)$/\1 \2/p' \
		/run/baton/loaded.door >/run/segments
	while read -r from to; do
		[ $((0x$from)) -ge "$1" ] && [ $((0x$to)) -le "$2" ] || return 1
		count=$((count + 1))
	done </run/segments
	[ "$count" -ge 3 ]
}

begin_secure
OURS=/files/$(uname -r)-baton_mem.ko
# secureboot-cma starts from a kernel that it does not build for, and needs it for
# nothing
[ "$STEP" = 0 ] && [ ! -e "$OURS" ] || insmod "$OURS" || bad "insmod"

case $STEP in
0)
	nokexec /sbin/kexec -c -l /images/vmlinuz 2>/dev/null
	check "who calls kexec_load is killed" [ $? -gt 128 ]
	check "and would be refused" \
		sh -c '! /sbin/kexec -c -l /images/vmlinuz 2>/dev/null'
	hold_two
	# shellcheck disable=SC2086
	sign_target $PLAIN
	forged "unsigned door" /usr/lib/baton/baton.kexec
	forged "wrong key" /files/foreign.kexec
	check "a door is changed" changed_door
	forged "changed door" /tmp/changed
	synth --start 0x30000000 --bytes 8K --unit 4K --stride 1 --domains 1 \
		-o /tmp/lu >/dev/null || bad "synth"
	planted 3
	case $(cat /proc/cmdline) in *" cma="*) in_cma ;; esac
	with_two update_signed
	;;
*)
	prove_locked "$STEP"
	[ "$STEP" = 2 ] && finish
	update_signed
	;;
esac
