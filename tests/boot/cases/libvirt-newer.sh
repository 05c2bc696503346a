# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# Debian 12 with libvirt 9 and QEMU 7.2 is updated to another root, Debian 13 with
# libvirt 11 and QEMU 10 and a newer kernel: the new libvirt restores the domain, and
# AppArmor enforces in both. Its frames are looked at from outside meanwhile. Then
# the new root updates itself: what the new QEMU saves, systemd adopts.

. /cases/handover-lib.sh
. /cases/libvirt-lib.sh

NEWER=/run/newer
NEWER_ROOT=ba700000-0000-4000-8000-000000000013

# mount_images: what both roots have at the same place
mount_images() {
	local line="/dev/disk/by-id/virtio-baton-images $IMAGES ext4 defaults 0 0"
	echo "$line" >>/etc/fstab
	echo "$line" >>$NEWER/etc/fstab
	mkdir -p "$IMAGES"
	mount "$IMAGES" || bad "disk of images"
	rm -f "$IMAGES/guest.img"
}

# install_newer PAGES: the same as here, on the other root, which has a place for
# rules of its own; and the next step of this case
install_newer() {
	local modules=$NEWER/lib/modules/$RELEASE/updates
	mkdir /run/tree
	(cd /run/tree && cpio -idu </files/install.cpio 2>/dev/null) ||
		bad "unpacking"
	tar -cC /run/tree . | tar -xC $NEWER --keep-directory-symlink || bad "tar"
	rm -r /run/tree
	mkdir -p "$modules" $NEWER/etc/apparmor.d/abstractions/libvirt-qemu.d
	cp "/files/$RELEASE-baton_mem.ko" "$modules/baton_mem.ko" ||
		bad "no baton_mem for $RELEASE"
	depmod -b $NEWER "$RELEASE"
	configure $NEWER "$1"
	cp $NEWER/usr/lib/baton/libvirt-apparmor \
		$NEWER/etc/apparmor.d/abstractions/libvirt-qemu.d/baton
	systemctl -q --root=$NEWER enable port.service
	cp -a /cases $NEWER/
	check "the other root has the next step" [ "$(cat $NEWER/cases/step)" = 1 ]
}

# what_runs: for whoever reads the log
what_runs() {
	virsh version --daemon
	virsh list --all
	virsh dumpxml vm1 | grep -E '<emulator|machine='
	grep -h . /sys/module/apparmor/parameters/enabled
	dmesg | grep -E 'apparmor="DENIED"' | tail -n 20
}

# is_newer: of what is updated here
is_newer() {
	check "this is the other root" [ "$(findmnt -no UUID /)" = $NEWER_ROOT ]
	check "libvirt 11" sh -c \
		'virsh version --daemon | grep -q "daemon: 11\."'
	check "QEMU 10" sh -c "virsh qemu-monitor-command vm1 \
		'{\"execute\":\"query-version\"}' | grep -q '\"major\":10'"
	check "the machine type it had" sh -c \
		"virsh dumpxml vm1 | grep -q \"machine='pc-i440fx-7.2'\""
}

case $STEP in
0)
	need /files/kvm.cpio /files/install.cpio
	mkdir -p $NEWER
	mount /dev/disk/by-id/virtio-baton-newer-part3 $NEWER || bad "other root"
	KERNEL=$(echo $NEWER/boot/vmlinuz-*)
	INITRD=$(echo $NEWER/boot/initrd.img-*)
	RELEASE=${KERNEL#*/vmlinuz-}
	mount_images
	install_all 72
	install_newer 72
	wait_libvirt
	define_net
	start_net
	DEVICES="$(disk 1)$(nic 1)"
	start 1
	what_runs
	cp -a /etc/libvirt/qemu/. $NEWER/etc/libvirt/qemu/
	mount -o remount,ro $NEWER || bad "the other root is in use"
	CMDLINE=$(echo "$CMDLINE" |
		sed "s/root=UUID=[^ ]*/root=UUID=$NEWER_ROOT/")
	note "the next instance: $RELEASE, $CMDLINE"
	next domain_by_steps --libvirt-all
	;;
1)
	wait_libvirt
	findmnt "$IMAGES"
	echo "frames: take"
	sleep 5
	is_kept 1
	start_net
	adopt vm1
	what_runs
	runs_as_before 1
	is_newer
	virsh_has 1
	systemd_adopts
	next baton upgrade --libvirt-all --kernel "$KERNEL" \
		--initrd "$INITRD" --cmdline "$CMDLINE" --policy reset
	;;
2)
	wait_unit baton-adopt-libvirt.service 600
	what_runs
	runs_as_before 1
	is_newer
	no_unit_failed
	check "attach" virsh attach-disk vm1 "$IMAGES/initrd" vdb --mode readonly --live
	check "detach" virsh detach-disk vm1 vdb --live
	check "destroy" virsh destroy vm1
	check_image 1
	finish
	;;
esac
