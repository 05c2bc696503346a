# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# make demo: two updates in a row. scripts/demo shows the console of this as it
# runs, and makes a table of the `demo:` lines.

need /sbin/baton
. /cases/handover-lib.sh

case $STEP in
0)
	tell_update 0
	tell "say Linux $(uname -r) runs; region: $(baton region)"
	hold_two
	tell "say two domains hold memory; baton upgrade hands over"
	update_with_two
	;;
*)
	tell "say Linux $(uname -r) runs; baton status:"
	prove "$STEP"
	tell_update "$STEP"
	tell "say who has this machine's memory; baton map:"
	baton map
	[ "$STEP" = 1 ] || finish
	tell "say once more, from the new instance, over the same region"
	update_again
	;;
esac
