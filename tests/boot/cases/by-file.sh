# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# Two updates by kexec_file_load of the door, on a kernel that would take
# kexec_load as well: nobody calls it.

need /sbin/baton
need /bin/holder
need /bin/nokexec
. /cases/handover-lib.sh
. /cases/secureboot-lib.sh

[ ! -e /files/baton.kexec ] || cp /files/baton.kexec /usr/lib/baton/baton.kexec

case $STEP in
0)
	hold_two
	update_signed --by-file \
		--pid "$ONE" --name one --map memfd:one-huge \
		--map memfd:one-small --state note=/run/one.state \
		--pid "$TWO" --name two --map memfd:two-huge \
		--map memfd:two-small
	;;
*)
	prove "$STEP"
	[ "$STEP" = 2 ] && finish
	update_signed --by-file
	;;
esac
