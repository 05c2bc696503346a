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
	local words
	next_initrd /tmp/initrd || bad "next initrd"
	words=$(next_cmdline "crashkernel=224M case.at=$(date +%s)")
	sign_target --kernel /images/vmlinuz --initrd /tmp/initrd \
		--cmdline "$words"
	list_planned "$@"
	check "the region of a panic" [ -n "$(region_range)" ]
	baton upgrade --crash-image "$@" --kernel /images/vmlinuz \
		--initrd /tmp/initrd --cmdline "$words" --policy reset \
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
	by_crash --pid "$ONE" --name one --map memfd:one-huge \
		--map memfd:one-small --state note=/run/one.state \
		--pid "$TWO" --name two --map memfd:two-huge \
		--map memfd:two-small
	;;
*)
	check "/dev/mem is closed" sh -c '! head -c 1 /dev/mem >/dev/null 2>&1'
	prove "$STEP"
	[ "$STEP" = 2 ] && finish
	by_crash
	;;
esac
