# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# Pieces of the cases that install Baton on Debian's disk. Sourced after lib.sh
# and handover-lib.sh.

ROOT_UUID=ba700000-0000-4000-8000-000000000001

# Everything in /etc and /boot: kinds, modes, owners, bytes; $1: times of files,
# too (%T@). Of GRUB's environment only that it is there: grub-reboot writes it.
look_at_files() {
	(cd / && find etc boot -printf "%M %U %G %p %l\n" \
			-type f -printf "%p ${1:-}\n" &&
		find etc boot -type f ! -name grubenv -exec sha256sum {} +) |
		LC_ALL=C sort
}

# as_it_was TEXT FILE: look_at_files finds the same
as_it_was() {
	look_at_files >/run/now
	if diff "$2" /run/now >/run/diff; then
		ok "$1"
	else
		head -n 20 /run/diff
		bad "$1: files differ"
	fi
}

# The kernel's words that are of the system, not of this boot
system_words() {
	sed 's/acpi_no_memhotplug *//; s/\(BOOT_IMAGE\|baton\|baton.second\)=[^ ]* *//g' \
		/proc/cmdline
}

is_efi() {
	[ -d /sys/firmware/efi ]
}

# booted_by_baton: through the door
booted_by_baton() {
	by_the_door
	booted_debian
}

booted_plain() {
	check "without Baton" sh -c '! grep -q baton= /proc/cmdline'
	booted_debian
}

booted_debian() {
	check "systemd is up" systemctl is-active -q basic.target
	check "the root is writable" touch /run/../var/tmp/written
}

# Every file that GRUB's configuration names is there and complete
names_files() {
	local file
	grub-script-check /boot/grub/grub.cfg || return 1
	for file in $(sed -n 's,^\t*\(linux\|initrd\)\t\(/[^ ]*\).*,\2,p' \
			/boot/grub/grub.cfg); do
		[ -s "$file" ] || { echo "not there: $file"; return 1; }
	done
}

# upgrade_debian OPTIONS...: to the kernel that runs, in Debian's own way
upgrade_debian() {
	baton upgrade "$@" --kernel "/boot/vmlinuz-$(uname -r)" \
		--initrd "/boot/initrd.img-$(uname -r)" \
		--cmdline "$(system_words)" --policy reset
	bad "upgrade came back with $?"
	finish
}

upgrade_with_two() {
	hold_two
	upgrade_debian \
		--pid "$ONE" --name one --map memfd:one-huge \
		--map memfd:one-small --state note=/run/one.state \
		--pid "$TWO" --name two --map memfd:two-huge \
		--map memfd:two-small
}
