# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# 300 separate 2 MiB extents: every second huge page of a pool of 600.

need /sbin/baton
. /cases/handover-lib.sh

case $STEP in
0)
	echo 620 >/proc/sys/vm/nr_hugepages
	hold many --scatter-huge 300 --small 0
	start_target --pid "$PID" --name many --map memfd:many-huge
	;;
1)
	prove_frames 1 1 $((300 * 512))
	check "at least 290 separate extents" \
		[ "$(wc -l </run/extents)" -ge 290 ]
	finish
	;;
esac
