# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# Debian with libvirt, one update: libvirt.guests=N domains. The second has two NUMA
# nodes; the third a disk and a NIC that were plugged in.
# libvirt.shutdown=WORD: the host goes down by its services, and ON_SHUTDOWN of
# libvirt-guests is that word.

need /files/kvm.cpio /files/install.cpio
. /cases/handover-lib.sh
. /cases/libvirt-lib.sh

COUNT=$(option libvirt.guests 1)
MODE=$(option libvirt.shutdown '')
NUMBERS=$(seq "$COUNT")

# start_all: guests of several kinds
start_all() {
	DEVICES="$(disk 1)$(nic 1)"
	start 1
	[ "$COUNT" -gt 1 ] || return 0
	DEVICES=$(disk 2)
	VCPUS=2
	NUMA="<numa><cell id='0' cpus='0' memory='64' unit='MiB'/>
		<cell id='1' cpus='1' memory='64' unit='MiB'/></numa>"
	start 2
	[ "$COUNT" -gt 2 ] || return 0
	DEVICES=
	VCPUS=1
	NUMA=
	start 3
	truncate -s 1M "$IMAGES/plugged.img"
	check "a disk is plugged in" virsh attach-disk vm3 \
		"$IMAGES/plugged.img" vdx --live
	check "a NIC is plugged in" virsh attach-interface vm3 network default \
		--live --model virtio --mac 52:54:00:aa:00:33
}

list() {
	virsh list --all | sed "s/^/demo: $1: /"
}

case $STEP in
0)
	install_all $((72 * COUNT))
	wait_libvirt
	define_net
	start_net
	virsh net-autostart default
	systemctl -q enable baton-adopt.service baton-adopt-libvirt.service
	start_all
	list "before the update"
	set -- --kernel "$KERNEL" --initrd "$INITRD" --cmdline "$CMDLINE" \
		--policy reset
	[ -z "$MODE" ] || {
		set -- "$@" --shutdown
		echo "ON_SHUTDOWN=$MODE" >>/etc/default/libvirt-guests
		echo "ON_BOOT=start" >>/etc/default/libvirt-guests
		systemctl -q enable libvirt-guests.service
		systemctl start libvirt-guests.service
	}
	next baton upgrade --libvirt-all "$@"
	;;
1)
	wait_unit baton-adopt-libvirt.service
	no_unit_failed
	list "after the update"
	for NUMBER in $NUMBERS; do
		runs_as_before "$NUMBER"
	done
	if [ -n "$MODE" ]; then
		check "file systems were unmounted" \
			sh -c '! dmesg | grep -i "EXT4-fs.*recover"'
		check "libvirt has saved nobody" \
			[ -z "$(ls /var/lib/libvirt/qemu/save)" ]
	fi
	if [ "$COUNT" -gt 2 ]; then
		check "the disk is there" sh -c \
			'virsh domblklist vm3 | grep -q plugged.img'
		check "the NIC is there" sh -c \
			'virsh domiflist vm3 | grep -q 52:54:00:aa:00:33'
		check "and can be taken out" virsh detach-disk vm3 vdx --live
	fi
	for NUMBER in $NUMBERS; do
		virsh destroy "vm$NUMBER"
		[ ! -e "$IMAGES/vm$NUMBER.img" ] || check_image "$NUMBER"
	done
	finish
	;;
esac
