# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# A host on UEFI, however it came up, over two updates with live memory: each
# instance has the firmware's variables, its tables, and the same map of what it
# runs in.

need /sbin/baton
need /bin/holder
. /cases/handover-lib.sh
. /cases/uefi-lib.sh

prove_variables
prove_acpi 2
if [ "$(option uefi.screen no)" = yes ]; then
	check "a framebuffer of the firmware's" screen_info
	check "a driver has it" grep -q "EFI VGA" /proc/fb
	dmesg | grep "efifb: framebuffer"
fi
case $STEP in
0)
	runtime_map >/run/runtime-map
	cat /run/runtime-map
	screen_info >/run/screen || echo none >/run/screen
	hold_two
	start_target \
		--pid "$ONE" --name one --map memfd:one-huge \
		--map memfd:one-small --state note=/run/one.state \
		--state efi=/run/runtime-map --state screen=/run/screen \
		--pid "$TWO" --name two --map memfd:two-huge \
		--map memfd:two-small
	;;
*)
	prove "$STEP"
	baton state one efi >/run/before
	check "the firmware's map is the old one" \
		[ "$(runtime_map)" = "$(cat /run/before)" ]
	check "nothing of it is RAM" no_ram_runtime
	check "the screen is the old one" \
		[ "$(screen_info || echo none)" = "$(baton state one screen)" ]
	[ "$STEP" = 2 ] && finish
	update_again
	;;
esac
