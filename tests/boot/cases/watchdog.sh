# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# The platform's watchdog: ICH9's TCO timer, by an ACPI table of the test's. It
# runs while the stub does, and not behind it. With a stub that hangs and does
# not hear its own deadline (`files`), it is what ends the run.

need /sbin/baton
need /bin/holder
. /cases/handover-lib.sh

case $STEP in
0)
	hold_two
	[ -e /files/stub.bin ] || update_with_two
	next_initrd /tmp/initrd || bad "next initrd"
	baton upgrade --pid "$ONE" --name one --map memfd:one-huge \
		--kernel /images/vmlinuz --initrd /tmp/initrd \
		--stub /files/stub.bin --policy halt
	bad "upgrade came back with $?"
	finish
	;;
1)
	prove 1
	note "longer than the watchdog"
	sleep 30
	ok "still here"
	finish
	;;
esac
