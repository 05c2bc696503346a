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

# $1: seconds until it is killed, or has ended
kill_install() {
	timeout -s KILL "$1" baton install --cmdline "$OTHER $1" \
		>/run/out 2>&1
	case $? in
	137) KILLED=$((KILLED + 1)) ;;
	0) ;;
	*) cat /run/out; bad "neither killed after $1 s nor complete" ;;
	esac
	check "killed after $1 s: GRUB's configuration is whole" is_whole
	check "  and so is what update-grub makes" update_grub
}

is_whole() {
	names_files && grep -q "option .baton-current" /boot/grub/grub.cfg
}

update_grub() {
	update-grub 2>/run/out || { cat /run/out; return 1; }
	is_whole
}

# $1: KiB that are left beside the blob, $FREE without it
no_room() {
	fallocate -l $(((FREE - $1) * 1024)) /var/tmp/ballast ||
		bad "ballast"
	sha256sum /boot/grub/grub.cfg /boot/baton/targets \
		/etc/grub.d/11_baton /etc/default/grub.d/zz-baton.cfg >/run/small
	if baton install --cmdline "$OTHER $1" >/run/out 2>&1; then
		FITS=$((FITS + 1))
	elif grep '\[HO_EFILE\]' /run/out; then
		NO_FILE=$((NO_FILE + 1))
	elif grep '\[HO_EGRUB\]' /run/out; then
		NO_GRUB=$((NO_GRUB + 1))
	else
		cat /run/out
		bad "a refusal with another reason"
	fi
	rm /var/tmp/ballast
	grep -q "^current" /run/out ||
		check "blob and $1 KiB left: refused, nothing has changed" \
			sha256sum --quiet -c /run/small
	check "blob and $1 KiB left: GRUB's configuration is whole" is_whole
}

# stop SIGNAL: sent while a script of GRUB's hangs
stop_hanging() {
	printf '#!/bin/sh\ntouch /run/hangs\nsleep 1000\n' \
		>/etc/grub.d/42_broken
	chmod +x /etc/grub.d/42_broken
	look_at_files >/run/before
	rm -f /run/hangs
	(exec baton install --cmdline "$OTHER" >/run/out 2>&1) &
	while [ ! -e /run/hangs ]; do sleep 0.2; done
	kill "-$1" $!
	wait $!
	check "SIG$1 ends grub-mkconfig, EGRUB" \
		[ "$?" = 1 -a -n "$(grep EGRUB /run/out)" ]
	as_it_was "  and nothing changed" /run/before
	check "  and nothing runs on" sh -c '! pidof sleep'
	rm /etc/grub.d/42_broken
}

# A default that another file of the administrator's takes back
overruled() {
	echo GRUB_DEFAULT=0 >/etc/default/grub.d/zzz-mine.cfg
	check "install" baton install --default 2>/run/warnings >/run/out
	cat /run/out /run/warnings
	check "no default: said" grep -q "default is another" /run/warnings
	check "  and not called one" sh -c '! grep -q "default)" /run/out'
	rm /etc/default/grub.d/zzz-mine.cfg
}

# The same system, as it is seen by a rescue system
elsewhere() {
	mount --rbind / /mnt
	mount --make-rslave /mnt
	check "install --root" baton install --root /mnt \
		--kernel "/boot/vmlinuz-$(uname -r)" --cmdline "$OTHER root"
	check "  it is in GRUB's menu" is_whole
	check "  --no-default" baton install --root /mnt --no-default \
		--kernel "/boot/vmlinuz-$(uname -r)" --cmdline "$OTHER root"
	check "  it is not GRUB's default" \
		sh -c '! grep -q "default=.baton" /boot/grub/grub.cfg'
	check "  and no file says so" [ ! -e /etc/default/grub.d/zz-baton.cfg ]
	check "  --default" baton install --root /mnt --default \
		--kernel "/boot/vmlinuz-$(uname -r)" --cmdline "$OTHER root" \
		>/run/out
	check "  it is again" grep -q "default)" /run/out
	umount -R /mnt
}

# GRUB reads no journal: neither does debugfs
in_its_place() {
	debugfs -R "dump /grub/grub.cfg /run/seen" /var/tmp/boot 2>/run/out &&
		cmp /run/seen /boot/grub/grub.cfg
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
	check "  what GRUB will read is in its place" in_its_place
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

	overruled
	check "install" baton install --default
	check "  it is the default" \
		grep -q 'set default="baton-current"' /boot/grub/grub.cfg
	check "  with a framebuffer" sh -c 'sed -n "/through Baton/,/^}/p" \
		/boot/grub/grub.cfg | grep -q "^	load_video"'
	elsewhere
	stop_hanging INT
	stop_hanging TERM
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
	check "without its modules" update-grub
	check "  GRUB's configuration is whole" names_files
	check "  the target is left out" \
		sh -c '! grep -q "option .baton-current" /boot/grub/grub.cfg'
	mv /var/tmp/modules "/lib/modules/$(uname -r)"
	check "with them" update_grub
	check "  it is there again" \
		grep -q "option .baton-current" /boot/grub/grub.cfg

	# no room, by and by: for the blob, the door, the texts, GRUB. ext4
	# keeps 16 MiB to itself; what is written is the same to a few KiB
	BLOB=$(stat -c %s /boot/baton/*/baton.cold | tail -n 1)
	DOOR=$(du -k /boot/baton/*/baton.bzImage | tail -n 1 | cut -f1)
	FREE=$(($(stat -f -c "%f * %S / 1024" /) - 16384 - BLOB / 1024))
	FITS=0 NO_FILE=0 NO_GRUB=0
	for LEFT in $((100 - BLOB / 1024)) -9000 20 100 \
			$((DOOR - 8)) $((DOOR + 8)) $((DOOR + 16)) \
			$((DOOR + 20)) $((DOOR + 24)) $((DOOR + 28)) \
			$((DOOR + 40)); do
		no_room $LEFT
	done
	check "no room for files $NO_FILE, for GRUB $NO_GRUB, room $FITS times" \
		[ "$NO_FILE" -ge 2 -a "$NO_GRUB" -ge 1 -a "$FITS" -ge 1 ]

	KILLED=0
	for AFTER in 0.3 1 2 3 4 6; do
		kill_install $AFTER
	done
	check "killed $KILLED times" [ "$KILLED" -ge 1 ]
	check "install" baton install --cmdline "$OTHER"
	check "three folders at most" \
		[ "$(find /boot/baton -mindepth 1 -type d | wc -l)" -le 3 ]
	check "nothing is left over" [ -z "$(find /etc /boot -name '*.baton-*')" ]
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
