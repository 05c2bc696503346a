# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# What the cases on UEFI look at in every instance. Sourced after
# handover-lib.sh.

VARS=/sys/firmware/efi/efivars
GUID=5b1f5c2e-7c0a-4b57-9d3c-0a3d1d7a8e11

efivars_up() {
	insmod "/files/$(uname -r)-efivarfs.ko" &&
		mount -t efivarfs efivarfs $VARS
}

# put_variable NAME TEXT: attributes NV, BS, RT; then the bytes
put_variable() {
	printf '\007\000\000\000%s' "$2" >"$VARS/$1-$GUID"
}

get_variable() {
	tail -c +5 "$VARS/$1-$GUID"
}

# Runtime services work: a variable that each earlier step wrote is there, and
# one of this step can be written and read back
prove_variables() {
	local step=0
	check "efivarfs" efivars_up
	while [ "$step" -lt "$STEP" ]; do
		check "variable of step $step" \
			[ "$(get_variable "BatonStep$step")" = "written at $step" ]
		step=$((step + 1))
	done
	check "writing a variable" \
		put_variable "BatonStep$STEP" "written at $STEP"
	check "reading it back" \
		[ "$(get_variable "BatonStep$STEP")" = "written at $STEP" ]
}

# The machine's ACPI tables and SMBIOS, found through EFI's list
prove_acpi() {
	check "$1 CPUs by ACPI" [ "$(nproc)" = "$1" ]
	check "ACPI tables" [ -e /sys/firmware/acpi/tables/APIC ]
	check "DMI" [ -s /sys/class/dmi/id/sys_vendor ]
}

# runtime_map: what the firmware runs in, TYPE PHYS VIRT PAGES ATTRIBUTE a line
runtime_map() {
	local d
	for d in /sys/firmware/efi/runtime-map/*; do
		cat "$d/type" "$d/phys_addr" "$d/virt_addr" "$d/num_pages" \
			"$d/attribute" | tr '\n' ' '
		echo
	done | sort
}

# None of it is RAM of this instance
no_ram_runtime() {
	local _ start pages
	runtime_map | while read -r _ start _ pages _; do
		printf '%x %d\n' $((start >> 12)) $((pages))
	done >/run/runtime.places
	no_ram_at /run/runtime.places
}

# The firmware's framebuffer as the kernel was told of it; nothing: there is none
screen_info() {
	head -c 64 /sys/kernel/boot_params/data | od -An -v -tx1 |
		tr -d ' \n' | grep -E '^.{30}(70|23)'
}
