# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# A host that came up through the door: the region is there without
# crashkernel=, and two updates with live memory follow, or one (cold.updates=1).
# All have the CPUs and NUMA nodes of cold.cpus= and cold.nodes=, and with
# cold.text=yes the VGA's text mode for a console.

need /sbin/baton
need /bin/holder
. /cases/handover-lib.sh

check "CPUs" [ "$(grep -c ^processor /proc/cpuinfo)" = "$(option cold.cpus 2)" ]
check "NUMA nodes" [ "$(find /sys/devices/system/node -name 'node[0-9]*' \
	-maxdepth 1 | wc -l)" = "$(option cold.nodes 1)" ]
[ "$(option cold.text no)" = no ] || check "a console on the VGA" \
	sh -c 'dmesg | grep -q "Console: colour VGA+ 80x25"'
LAST=$(option cold.updates 2)

# the_end: after the last update
the_end() {
	check "the region is the first boot's" \
		[ "$(baton region --json | grep base)" = "$(baton state one region)" ]
	finish
}

case $STEP in
0)
	baton status >/run/status || bad "status"
	cat /run/status
	check "it is a first boot" grep -q "first boot" /run/status
	check "its stages are timed" \
		grep -q "^stub .*, together [1-9]" /run/status
	baton region | tee /run/region
	check "the region of the breadcrumb" grep -q breadcrumb /run/region
	check "no crash kernel" [ -z "$(region_range)" ]
	hold_two
	baton region --json | grep base >/run/region.base
	start_target \
		--pid "$ONE" --name one --map memfd:one-huge \
		--map memfd:one-small --state note=/run/one.state \
		--state region=/run/region.base \
		--pid "$TWO" --name two --map memfd:two-huge \
		--map memfd:two-small
	;;
1)
	prove 1
	[ "$LAST" = 2 ] || the_end
	update_again
	;;
2)
	prove 2
	the_end
	;;
esac
