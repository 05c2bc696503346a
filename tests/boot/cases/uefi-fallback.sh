# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# UEFI, and a stub that fails: the fallback has the firmware's variables, and so
# has the instance that the next update starts from there.

need /sbin/baton
need /bin/holder
. /cases/handover-lib.sh
. /cases/uefi-lib.sh

prove_variables
prove_acpi 2
case $STEP in
0)
	hold_two
	next_initrd /tmp/initrd || bad "next initrd"
	baton upgrade --stub /files/stub.bin --pid "$ONE" --name one \
		--map memfd:one-huge --map memfd:one-small \
		--state note=/run/one.state \
		--pid "$TWO" --name two --map memfd:two-huge \
		--map memfd:two-small --kernel /images/vmlinuz \
		--policy fallback,reset --fallback-kernel /images/vmlinuz \
		--fallback-initrd /tmp/initrd \
		--fallback-cmdline "$(next_cmdline)"
	bad "upgrade came back with $?"
	finish
	;;
1)
	check "this is the fallback" grep -q baton.failed=plug /proc/cmdline
	next_initrd /tmp/initrd || bad "next initrd"
	baton upgrade --kernel /images/vmlinuz --initrd /tmp/initrd \
		--cmdline "$(next_cmdline)" --policy reset
	bad "upgrade came back with $?"
	finish
	;;
2)
	prove 2
	finish
	;;
esac
