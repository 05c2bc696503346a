# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# baton install on Debian's disk: GRUB starts the host through the door, it is
# updated with live memory, the targets before it and Debian without Baton can be
# chosen, and uninstall leaves nothing behind. grub.short=yes: first boot alone.

. /cases/handover-lib.sh
. /cases/grub-lib.sh

uninstalled() {
	check "baton uninstall" baton uninstall
	as_it_was "/etc and /boot as they were" /cases/before
	check "no /boot/baton" [ ! -e /boot/baton ]
}

is_short() {
	[ "$(option grub.short no)" = yes ]
}

# The machine was rebooted, after an update and after a first boot
nothing_before() {
	check "no word of what had completed" \
		sh -c '! grep -q "^before it" /run/status'
}

check_again() {
	look_at_files %T@ >/run/first
	check "install once more" baton install --default
	look_at_files %T@ >/run/second
	check "which changes nothing" diff /run/first /run/second
}

case $STEP in
0)
	booted_plain
	grub-editenv - create
	# of this firmware: the disk's was made under BIOS
	! is_efi || update-grub 2>/dev/null
	look_at_files >/cases/before
	check "install" baton install --default
	is_short || check_again
	check "a blob is root's alone" \
		[ "$(stat -c %a /boot/baton/*/baton.cold)" = 600 ]
	check "GRUB's configuration is whole" names_files
	next_boot
	;;
1)
	booted_by_baton
	if is_short; then
		uninstalled
		finish
	fi
	upgrade_with_two
	;;
2)
	prove 1
	booted_debian
	check "another target" \
		baton install --cmdline "$(system_words) baton.second=yes"
	check "two targets" [ "$(grep -c . /boot/baton/targets)" -ge 2 ]
	check "GRUB's configuration is whole" names_files
	grub-reboot baton-previous
	next_boot
	;;
3)
	booted_by_baton
	nothing_before
	check "the previous target" sh -c '! grep -q second=yes /proc/cmdline'
	next_boot
	;;
4)
	booted_by_baton
	nothing_before
	check "the current target" grep -q second=yes /proc/cmdline
	# a default that cannot be read: the first entry is taken
	rm /boot/baton/*/baton.bzImage
	next_boot
	;;
5)
	booted_plain
	check "install repairs" baton install --cmdline "$(system_words)"
	check "GRUB's configuration is whole" names_files
	grub-reboot "gnulinux-simple-$ROOT_UUID"
	next_boot
	;;
6)
	booted_plain
	uninstalled
	next_boot
	;;
7)
	booted_plain
	as_it_was "still so" /cases/before
	finish
	;;
esac
