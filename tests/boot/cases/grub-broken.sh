# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# What can go wrong in baton install: whatever it is, GRUB's configuration is
# the one before or the new one, and each file it names is there.

. /cases/handover-lib.sh
. /cases/grub-lib.sh

OTHER="$(system_words) baton.second=yes"

# wrong EXIT CODE COMMAND...: refused, and nothing has changed
wrong() {
	look_at_files >/run/before
	refused "$@"
	as_it_was "  and nothing changed" /run/before
}

# $1: seconds until it is killed
kill_install() {
	timeout -s KILL "$1" baton install --cmdline "$OTHER $1" \
		>/dev/null 2>&1
	check "killed after $1 s: GRUB's configuration is whole" names_files
	check "  and so is what update-grub makes" update_grub
}

update_grub() {
	update-grub 2>/run/out || { cat /run/out; return 1; }
	names_files
}

# /boot of its own: GRUB's paths begin there
own_boot() {
	truncate -s 256M /var/tmp/boot &&
		mke2fs -q -t ext4 -d /boot /var/tmp/boot &&
		mount -o loop /var/tmp/boot /boot &&
		baton install &&
		grep "^	\(linux\|initrd\)	/baton/" /boot/grub/grub.cfg
}

case $STEP in
0)
	grub-editenv - create
	look_at_files >/cases/before
	check "/boot of its own" own_boot
	check "  and away" baton uninstall
	umount /boot
	rm /var/tmp/boot
	as_it_was "  and nothing changed" /cases/before
	printf '#!/bin/sh\nexit 1\n' >/etc/grub.d/42_broken
	chmod +x /etc/grub.d/42_broken
	wrong 1 EGRUB baton install
	printf '#!/bin/sh\necho "menuentry {"\n' >/etc/grub.d/42_broken
	wrong 1 EGRUB baton install
	rm /etc/grub.d/42_broken

	check "install" baton install --default
	echo 'exit 1' >>/etc/default/grub.d/zz-broken.cfg
	wrong 1 EGRUB baton install --cmdline "$OTHER"
	wrong 1 EGRUB baton uninstall
	rm /etc/default/grub.d/zz-broken.cfg
	mv /usr/sbin/grub-mkconfig /usr/sbin/grub-mkconfig.away
	wrong 9 ENOGRUB baton install --cmdline "$OTHER"
	wrong 9 ENOGRUB baton uninstall
	mv /usr/sbin/grub-mkconfig.away /usr/sbin/grub-mkconfig
	cp -p /boot/grub/grub.cfg /run/grub.cfg
	echo 'menuentry mine { true; }' >/boot/grub/grub.cfg
	wrong 9 EGRUBOWN baton install --cmdline "$OTHER"
	cp -p /run/grub.cfg /boot/grub/grub.cfg
	wrong 1 EFILE baton install --kernel /boot/nothing
	flock -o /boot/baton sleep 60 &
	sleep 1
	wrong 9 EINSTALLING baton install --cmdline "$OTHER"
	kill $!

	# its kernel's package is removed
	mv "/lib/modules/$(uname -r)" /var/tmp/modules
	check "without its modules" update_grub
	check "  the target is left out" \
		sh -c '! grep -q "option .baton-current" /boot/grub/grub.cfg'
	mv /var/tmp/modules "/lib/modules/$(uname -r)"
	check "with them" update_grub
	check "  it is there again" \
		grep -q "option .baton-current" /boot/grub/grub.cfg

	# no room, by and by: for the blob, the door, the texts, GRUB. ext4
	# keeps 16 MiB to itself
	BLOB=$(stat -c %s /boot/baton/*/baton.cold | tail -n 1)
	FREE=$(($(stat -f -c "%f * %S / 1024" /) - 16384 - BLOB / 1024))
	for LEFT in -9000 20 100 220 228 236 244 260; do
		fallocate -l $(((FREE - LEFT) * 1024)) /var/tmp/ballast
		baton install --cmdline "$OTHER $LEFT" >/run/out 2>&1 ||
			grep '\[' /run/out
		rm /var/tmp/ballast
		check "blob and $LEFT KiB left: GRUB's configuration is whole" \
			names_files
	done

	for AFTER in 0.3 1 2 3 4 6; do
		kill_install $AFTER
	done
	check "install" baton install --cmdline "$OTHER"
	check "three folders at most" \
		[ "$(find /boot/baton -mindepth 1 -type d | wc -l)" -le 3 ]
	check "nothing is left over" [ -z "$(find /etc /boot -name '*.??????' \
		-newer /cases/before ! -name '*.*.*.*')" ]
	next_boot
	;;
1)
	booted_by_baton
	check "the last one" grep -q second=yes /proc/cmdline
	check "uninstall" baton uninstall
	as_it_was "/etc and /boot as they were" /cases/before
	finish
	;;
esac
