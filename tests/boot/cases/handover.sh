# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# The main job: two domains held by processes live through an update, and
# through a second one from the new instance over the same region.

need /sbin/baton
need /bin/holder
. /cases/handover-lib.sh

case $STEP in
0)
	hold_two
	update_with_two
	;;
1)
	prove 1
	update_again
	;;
2)
	prove 2
	finish
	;;
esac
