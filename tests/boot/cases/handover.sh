# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# The main job: two domains held by processes live through an update, and
# through a second one from the new instance over the same region.
# handover.unpack=yes: kernels are unpacked beforehand.

need /sbin/baton
need /bin/holder
. /cases/handover-lib.sh

# header OFFSET BYTES: of this kernel's setup header, as it was started
header() {
	hexdump -s $(($1)) -n "$2" -e "1/$2 \"%u\"" /sys/kernel/boot_params/data
}

# Nothing in it was packed; KASLR has moved it
came_unpacked() {
	[ -n "$UPGRADE_WORDS" ] || return 0
	check "this kernel came unpacked" [ "$(header 0x24c 4)" = 0 ]
	check "... and was moved" [ $(($(header 0x211 1) & 2)) = 2 ]
}

# shellcheck disable=SC2034
[ "$(option handover.unpack no)" = no ] || UPGRADE_WORDS=--unpack
case $STEP in
0)
	hold_two
	update_with_two
	;;
1)
	prove 1
	came_unpacked
	update_again
	;;
2)
	prove 2
	came_unpacked
	finish
	;;
esac
