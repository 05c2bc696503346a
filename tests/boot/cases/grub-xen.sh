# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# A Debian Xen host, whose GRUB starts Debian's own Xen: baton install, and GRUB
# starts it through the door; two updates of Xen under a PV guest, which systemd
# restores before xendomains looks; and GRUB once more. make demo-grub-xen shows
# the console of this.

. /cases/handover-lib.sh
. /cases/grub-lib.sh
. /cases/xen-lib.sh

# What the guest is started with, the unit, and a place for guests' consoles
# that is new at each boot
prepare_host() {
	mkdir -p /images $CONSOLES
	cp /files/base.cpio /images
	echo "tmpfs $CONSOLES tmpfs defaults 0 0" >>/etc/fstab
	echo "XENCONSOLED_ARGS='--log=guest --log-dir=$CONSOLES'" \
		>>/etc/default/xen
	cp /files/baton-restore.service /etc/systemd/system
	systemctl -q enable baton-restore || bad "enable"
}

# What is not for certain what runs is not taken for it
other_files() {
	local xen=/boot/xen-4.17-amd64.gz initrd
	initrd=/boot/initrd.img-$(uname -r)
	mv $xen /boot/kept
	zcat /boot/kept | tr '\0' '\1' | gzip -1 >$xen
	refused 1 EFILE baton install --default
	mv /boot/kept $xen
	mv "$initrd" /boot/kept
	refused 5 EINITRD baton install --default
	mv /boot/kept "$initrd"
	check "nothing is installed" [ ! -e /boot/baton ]
}

# It shall be started with the host, by xendomains
start_own_guest() {
	start_guest g1 160 16
	wait_guest g1 "pattern unbroken" 90
	mkdir -p /etc/xen/auto
	cp /tmp/g1.cfg /etc/xen/auto
}

# What runs, in Debian's own way
upgrade_debian_xen() {
	note_ticks g1
	note_region
	start_xen /boot/xen-*-amd64.gz \
		"/boot/vmlinuz-$(uname -r) $(system_words) $DOM0_WORDS" \
		"/boot/initrd.img-$(uname -r)" --xen-all
}

guest_was_restored() {
	systemctl start xendomains || bad "xendomains"
	check "baton-restore.service" systemctl is-active -q baton-restore
	xl list
	check "one g1" [ "$(xl list | grep -c '^g1 ')" = 1 ]
	guest_goes_on g1
	journalctl -b -o cat -u baton-restore | grep paused ||
		bad "nothing of baton restore"
	baton status || bad "baton status"
}

start_xen_tools
case $STEP in
0)
	tell "say GRUB has started Debian's own Xen $(xen_version); xl info:"
	xl info | grep xen_commandline
	check "GRUB's own entry" sh -c "xl info | grep -q placeholder"
	prepare_host
	other_files
	tell "say baton install --default"
	check "install" baton install --default
	check "Xen, and its dom0" grep -q \
		"^current .* Xen 4.17-amd64 and Linux $(uname -r)$" \
		/boot/baton/targets
	tell "say GRUB's menu now; then a reboot"
	grep "^menuentry" /boot/grub/grub.cfg | cut -d"'" -f2
	next_boot
	;;
1)
	tell "say GRUB, the door, the stub, and Xen once more; xl info, baton status, baton region:"
	xl info | grep xen_commandline
	by_the_door
	check "Xen's options" sh -c \
		"xl info | grep -q ': mmio-relax $XEN_CMDLINE no-real-mode baton=0x[0-9a-f]*\$'"
	booted_debian
	tell "say a PV guest ticks, and looks after a pattern; baton upgrade --xen-all"
	start_own_guest
	upgrade_debian_xen
	;;
2 | 3)
	tell "say another Xen; systemd has restored the guest from its kept pages:"
	same_region
	booted_debian
	guest_was_restored
	if [ "$STEP" = 2 ]; then
		tell "say once more, over the same region"
		upgrade_debian_xen
	fi
	tell "say now a reboot: GRUB starts Xen through the door"
	next_boot
	;;
*)
	tell "say Xen has its region; xendomains saved the guest to disk, and has started it:"
	by_the_door
	booted_debian
	systemctl start xendomains || bad "xendomains"
	wait_guest g1 "guest: tick" 60
	xl list
	finish
	;;
esac
