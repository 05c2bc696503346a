# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# UEFI, Linux, Xen, Linux: Xen and its dom0 find ACPI although there is no BIOS,
# and the Linux after them has the firmware's variables again. With
# uefi.from=xen Xen is the first instance, started through the door: then the
# Linux after it is the first to call SetVirtualAddressMap().

need /sbin/baton
. /cases/handover-lib.sh
. /cases/xen-lib.sh
. /cases/uefi-lib.sh

prove_dom0() {
	check "this is dom0" grep -q control_d /proc/xen/capabilities
	check "2 CPUs of dom0 by ACPI" [ "$(nproc)" = 2 ]
	check "2 CPUs of Xen" [ "$(xl info | sed -n 's/^nr_cpus *: //p')" = 2 ]
	check "ACPI tables" [ -e /sys/firmware/acpi/tables/APIC ]
	check "no EFI" [ ! -e /sys/firmware/efi ]
}

# From a dom0, or again
to_linux() {
	next_initrd /tmp/initrd || bad "next initrd"
	baton upgrade --policy reset --kernel /files/vmlinuz-guest \
		--initrd /tmp/initrd --cmdline "$(linux_cmdline \
			"uefi.from=$FIRST mitigations=off")"
	bad "upgrade came back with $?"
	finish
}

FIRST=$(option uefi.from linux)
case $FIRST-$STEP in
linux-0)
	prove_variables
	prove_acpi 2
	runtime_map >/run/runtime-map
	echo 64 >/proc/sys/vm/nr_hugepages
	hold one --huge 16 --small 0 --state-file /run/one.state
	upgrade_to_xen --pid "$PID" --name one --map memfd:one-huge \
		--state note=/run/one.state --state efi=/run/runtime-map
	;;
xen-0 | linux-1)
	prove_dom0
	[ "$FIRST" = xen ] || prove_frames 1 1 8192
	to_linux
	;;
xen-1)
	STEP=0
	prove_variables
	STEP=1
	prove_acpi 2
	runtime_map
	check "nothing of it is RAM" no_ram_runtime
	to_linux
	;;
xen-2)
	check "efivarfs" efivars_up
	check "the variable" [ "$(get_variable BatonStep0)" = "written at 0" ]
	prove_acpi 2
	finish
	;;
linux-2)
	check "efivarfs" efivars_up
	check "the variable" [ "$(get_variable BatonStep0)" = "written at 0" ]
	prove_acpi 2
	prove_frames 2 1 8192
	check "the firmware's map is the old one" \
		[ "$(runtime_map)" = "$(baton state one efi)" ]
	check "nothing of it is RAM" no_ram_runtime
	finish
	;;
esac
