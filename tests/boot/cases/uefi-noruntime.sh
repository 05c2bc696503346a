# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# An old host with efi=noruntime: the RSDP goes on, and nothing else of EFI.

need /sbin/baton
need /bin/holder
. /cases/handover-lib.sh

check "2 CPUs by ACPI" [ "$(nproc)" = 2 ]
check "no runtime map" [ ! -e /sys/firmware/efi/runtime-map/0 ]
case $STEP in
0)
	check "EFI's list of tables" \
		grep -q ACPI20= /sys/firmware/efi/systab
	hold_two
	update_with_two
	;;
1)
	prove 1
	check "no EFI" [ ! -e /sys/firmware/efi ]
	check "no warning" sh -c "! dmesg | grep -q WARNING:"
	update_again
	;;
2)
	prove 2
	finish
	;;
esac
