# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# Three updates: domains stay, one is released and its memory comes back, one
# is new; anonymous memory; a region of two ranges; the result through dtc.

need /sbin/baton
. /cases/handover-lib.sh

ram() {
	awk '/MemTotal/ { print $2 }' /proc/meminfo
}

# names of the domains that are kept, in the order of their domids
kept() {
	baton status --extents | awk '!seen[$2]++ { print $2 }' | sort |
		tr '\n' ' '
}

no_warning() {
	baton status --result /tmp/result.dtb &&
		dtc -I dtb -O dts -o /tmp/result.dts /tmp/result.dtb 2>/tmp/err
	cat /tmp/err
	[ -s /tmp/result.dts ] && [ ! -s /tmp/err ]
}

case $STEP in
0)
	HUGE=32
	hold_two
	start_target --region "$(region_spec),896M+16M" \
		--pid "$ONE" --name one --map memfd:one-huge \
		--pid "$TWO" --name two --map memfd:two-huge
	;;
1)
	prove_frames 1 2 $((32 * 512))
	check "region of two ranges" [ "$(baton region | grep -c MiB)" -ge 2 ]
	check "dtc finds nothing wrong with the result" no_warning
	baton release two
	check "released is shown" sh -c "baton status | grep -q released"
	ram >/tmp/ram
	hold three --small 0 --anon 1048576
	baton collect --pid "$PID" --name three --range "$(cat /run/three.ready)" \
		-o /tmp/three.lu || bad "collect three"
	start_target --pid "$PID" --name three \
		--range "$(cat /run/three.ready)" --state ram=/tmp/ram
	;;
2)
	check "kept: one and three" [ "$(kept)" = "one three " ]
	check "every word" sh -c "baton status --extents | holder --check -"
	was=$(baton state three ram)
	now=$(ram)
	check "the released 64 MiB are back ($was to $now kB)" \
		[ $((now - was)) -gt 60000 ]
	start_target
	;;
3)
	check "kept: one and three" [ "$(kept)" = "one three " ]
	check "every word" sh -c "baton status --extents | holder --check -"
	finish
	;;
esac
