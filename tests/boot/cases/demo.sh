# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# make demo: two updates in a row. scripts/demo shows the console of this as it
# runs, and makes a table of the `demo:` lines.

need /sbin/baton
. /cases/handover-lib.sh

tell() {
	echo "demo: $*"
}

tell "kernel $STEP $(uname -r)"
tell "memory $STEP $(awk '/MemTotal/ { print $2 }' /proc/meminfo)"
case $STEP in
0)
	tell "say Linux $(uname -r) runs; region: $(baton region)"
	hold_two
	tell "say two domains hold memory; baton upgrade hands over"
	update_with_two
	;;
*)
	tell "say Linux $(uname -r) runs; baton status:"
	prove "$STEP"
	tell "frames $STEP $(awk '{ n += $4 } END { print n }' /run/extents)"
	tell "extents $STEP $(wc -l </run/extents)"
	for stage in entry verify pass plug chain; do
		tell "us $STEP $stage $(sed -n "s/.*\"$stage\": *\([0-9]*\).*/\1/p" \
			/run/status.json)"
	done
	[ "$STEP" = 1 ] || finish
	tell "say once more, from the new instance, over the same region"
	update_again
	;;
esac
