# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# Debian with libvirt: libvirt.guests=N domains. The second has two NUMA nodes; the third
# a disk and a NIC that were plugged in.
# libvirt.memory=tmpfs: the last one's is in a tmpfs of huge pages.
# libvirt.updates=2: the first one by single commands, its frames looked at from outside;
# otherwise there is one, in one word. After the last one systemd adopts them.
# libvirt.shutdown=WORD: the host goes down by its services, and ON_SHUTDOWN of
# libvirt-guests is that word.

need /files/kvm.cpio /files/install.cpio
. /cases/handover-lib.sh
. /cases/libvirt-lib.sh

COUNT=$(option libvirt.guests 1)
UPDATES=$(option libvirt.updates 1)
KIND=$(option libvirt.memory huge)
MODE=$(option libvirt.shutdown '')
NUMBERS=$(seq "$COUNT")

# use_tmpfs NUMBER: for the last one, in place of libvirt's own folder for memory in files
use_tmpfs() {
	[ "$1" = "$COUNT" ] && [ "$KIND" = tmpfs ] || return 0
	MEMORY="<source type='file'/><access mode='shared'/>"
	mkdir -p /var/lib/libvirt/qemu/ram
	echo "ram /var/lib/libvirt/qemu/ram tmpfs huge=always,mode=755 0 0" \
		>>/etc/fstab
	mount /var/lib/libvirt/qemu/ram || bad "tmpfs"
}

# start_all: guests of several kinds
start_all() {
	use_tmpfs 1
	DEVICES="$(disk 1)$(nic 1)"
	start 1
	[ "$COUNT" -gt 1 ] || return 0
	use_tmpfs 2
	DEVICES=$(disk 2)
	[ "$COUNT" = 2 ] || DEVICES="$DEVICES$(nic 2)"
	VCPUS=2
	NUMA="<numa><cell id='0' cpus='0' memory='64' unit='MiB'/>
		<cell id='1' cpus='1' memory='64' unit='MiB'/></numa>"
	start 2
	[ "$COUNT" -gt 2 ] || return 0
	use_tmpfs 3
	DEVICES="$(disk 3)$(nic 3)"
	VCPUS=1
	NUMA=
	start 3
	truncate -s 1M "$IMAGES/plugged.img"
	check "a disk is plugged in" virsh attach-disk vm3 \
		"$IMAGES/plugged.img" vdb --live
	check "a NIC is plugged in" virsh attach-interface vm3 network default \
		--live --model virtio --mac 52:54:00:aa:00:33
}

list() {
	virsh list --all | sed "s/^/demo: $1: /"
}

# upgrade OPTIONS...: all of them, and the next step
upgrade() {
	next baton upgrade --libvirt-all --kernel "$KERNEL" --initrd "$INITRD" \
		--cmdline "$CMDLINE" --policy reset "$@"
}

# look_at_all: after an update
look_at_all() {
	local number
	for number in $NUMBERS; do
		runs_as_before "$number"
	done
	[ "$COUNT" -gt 2 ] || return 0
	check "the disk is there" sh -c \
		'virsh domblklist vm3 | grep -q plugged.img'
	check "the NIC is there" sh -c \
		'virsh domiflist vm3 | grep -q 52:54:00:aa:00:33'
}

# end_all_domains: and what they leave
end_all_domains() {
	local number
	[ "$COUNT" -le 2 ] ||
		check "the disk can be taken out" virsh detach-disk vm3 vdb --live
	for number in $NUMBERS; do
		virsh destroy "vm$number"
		[ ! -e "$IMAGES/vm$number.img" ] || check_image "$number"
	done
}

case $STEP in
0)
	install_all $((72 * COUNT))
	wait_libvirt
	define_net
	start_net
	start_all
	list "before the update"
	[ "$UPDATES" = 1 ] || next domain_by_steps --libvirt-all
	systemd_adopts
	[ -n "$MODE" ] || upgrade
	echo "ON_SHUTDOWN=$MODE" >>/etc/default/libvirt-guests
	echo "ON_BOOT=start" >>/etc/default/libvirt-guests
	systemctl -q enable libvirt-guests.service
	systemctl start libvirt-guests.service
	upgrade --shutdown
	;;
"$UPDATES")
	wait_unit baton-adopt-libvirt.service 600
	no_unit_failed
	list "after the update"
	look_at_all
	if [ -n "$MODE" ]; then
		check "file systems were unmounted" \
			sh -c '! dmesg | grep -i "EXT4-fs.*recover"'
		check "libvirt has saved nobody" \
			[ -z "$(ls /var/lib/libvirt/qemu/save)" ]
	fi
	end_all_domains
	finish
	;;
1)
	wait_libvirt
	echo "frames: take"
	sleep 5
	for NUMBER in $NUMBERS; do
		is_kept "$NUMBER"
	done
	start_net
	check "all are adopted" baton adopt --all --kind libvirt --timeout 900
	look_at_all
	systemd_adopts
	upgrade
	;;
esac
