# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# The form of crashkernel= that is advised, with KASLR on: the region is there, as
# large as it was asked for; with case.update=yes an update lands in it.

need /sbin/baton
need /bin/holder
. /cases/handover-lib.sh

case $STEP in
0)
	check "KASLR is on" sh -c '! grep -qw nokaslr /proc/cmdline'
	baton region --advise | tee /run/advise
	check "a size, and no place" sh -c \
		'grep -q "crashkernel=[0-9]*M" /run/advise && ! grep -q M@ /run/advise'
	check "region" baton region
	grep "Kernel code\|Crash" /proc/iomem
	check "of the size" [ "$(baton region --json |
		sed -n 's/^ *"bytes": *\([0-9]*\).*/\1/p' | head -n 1)" = \
		$((512 << 20)) ]
	[ "$(option case.update no)" = yes ] || finish
	hold_two
	update_with_two
	;;
1)
	prove 1
	finish
	;;
esac
