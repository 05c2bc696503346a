# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# Linux with two domains, to Xen with a dom0, which proves every kept page. No
# small pages: Linux hands those out right behind its kernel, which is where
# dom0's kernel has to be.

need /sbin/baton
. /cases/handover-lib.sh
. /cases/xen-lib.sh

case $STEP in
0)
	echo 64 >/proc/sys/vm/nr_hugepages
	hold one --huge 16 --small 0 --state-file /run/one.state
	ONE=$PID
	hold two --scatter-huge 16 --small 0
	TWO=$PID
	upgrade_to_xen --pid "$ONE" --name one --map memfd:one-huge \
		--state note=/run/one.state \
		--pid "$TWO" --name two --map memfd:two-huge
	;;
1)
	check "this is dom0" grep -q control_d /proc/xen/capabilities
	prove_frames 1 2 8192
	check "state of one" [ "$(baton state one note)" = \
		"the state of a holder, as it was" ]
	finish
	;;
esac
