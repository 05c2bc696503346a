# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# Secure Boot, by a crash image: two updates in a row. The door lies in crashkernel=,
# in the second one in a range of that instance's own. kexec_load is never called. Kept
# frames are compared by holder, and from outside.

need /sbin/baton
need /bin/holder
need /bin/nokexec
need /files/baton.kexec.signed
need /files/manifest.key
. /cases/handover-lib.sh
. /cases/secureboot-lib.sh

# by_crash OPTIONS OF COLLECT...
by_crash() {
	prepare_signed "crashkernel=224M"
	list_planned "$@"
	check "the region of a panic" [ -n "$(region_range)" ]
	baton upgrade --crash-image "$@" --kernel /images/vmlinuz \
		--initrd /tmp/initrd --cmdline "$WORDS" --policy reset \
		--manifest /run/targets
	bad "upgrade came back with $?"
	finish
}

begin_secure
insmod "/files/$(uname -r)-baton_mem.ko" || bad "insmod"
case $STEP in
0)
	hold_two
	refused 2 EUSAGE baton upgrade --crash-image --no-exec --pid "$ONE" \
		--name one --map memfd:one-huge --kernel /images/vmlinuz \
		--initrd none --cmdline quiet
	with_two by_crash
	;;
*)
	prove_locked "$STEP"
	[ "$STEP" = 2 ] && finish
	by_crash
	;;
esac
