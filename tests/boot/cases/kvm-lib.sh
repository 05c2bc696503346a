# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# Pieces of the cases that run KVM guests. Sourced after lib.sh.

GUEST_DIR=/run/guests

# What scripts/mkkvm packed: QEMU, modules, the guest. vgif=0: with TCG's, guests
# stall when all CPUs share a thread
unpack_kvm() {
	local module
	(cd / && cpio -idu </files/kvm.cpio 2>/dev/null) || bad "kvm.cpio"
	mkdir -p "$GUEST_DIR" /dev/hugepages
	mount -t hugetlbfs hugetlbfs /dev/hugepages
	for module in irqbypass kvm kvm-amd virtio virtio_ring \
		virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci \
		virtio_blk failover net_failover virtio_net tun llc stp \
		bridge baton_mem; do
		module=/lib/modules/$(uname -r)/$module.ko
		[ -e "$module" ] || continue
		insmod "$module" $([ "${module##*/}" != kvm-amd.ko ] ||
			echo vgif=0) || bad "insmod $module"
	done
	need /dev/kvm /dev/baton-mem
}

# start_guest NAME PORT BACKEND OPTIONS...: 128 MiB on memory-backend-BACKEND (its
# type and options). Its console goes out through this machine's serial port PORT
# (1..3), to where the runner looks at it, and to $GUEST_DIR/NAME.console
start_guest() {
	local name=$1 port=$2 backend=$3
	shift 3
	qemu-system-x86_64 -name "$name" -accel kvm -cpu qemu64 \
		-machine pc,memory-backend=ram -m 128M \
		-object "memory-backend-$backend,id=ram,size=128M" \
		-nodefaults -no-user-config -display none \
		-chardev "serial,id=console,path=/dev/ttyS$port,logfile=$GUEST_DIR/$name.console,logappend=on" \
		-serial chardev:console \
		-qmp "unix:$GUEST_DIR/$name.qmp,server=on,wait=off" \
		-kernel /guest/vmlinuz -initrd /guest/initrd \
		-append "console=ttyS0 quiet mitigations=off" "$@" \
		>"$GUEST_DIR/$name.qemu" 2>&1 &
}

# kind_of WORD: options of start_guest for a kind of backing
kind_of() {
	case $1 in
	huge) echo memfd,share=on,hugetlb=on ;;
	hugefs) echo file,share=on,mem-path=/dev/hugepages ;;
	thp) echo memfd,share=on,prealloc=on ;;
	small) echo memfd,share=on ;;
	private) echo ram ;;
	esac
}

# connect: a disk that outlives this host, and a bridge to the outside; both are
# there when the case's `qemu` says so. DEVICES: the guest's options
connect() {
	DEVICES=
	[ -e /dev/vda ] || return 0
	mkdir -p /disk
	mount -t ext4 /dev/vda /disk || bad "disk of the host"
	tunctl -t tap0 >/dev/null
	brctl addbr br0
	brctl addif br0 eth0
	brctl addif br0 tap0
	for LINK in eth0 tap0 br0; do ip link set "$LINK" up; done
	DEVICES="-drive file=/disk/guest.img,format=raw,if=none,id=disk
		-device virtio-blk-pci,drive=disk
		-netdev tap,id=net,ifname=tap0,script=no,downscript=no
		-device virtio-net-pci,netdev=net,mac=52:54:00:aa:00:01,romfile="
}

# check_disk: the guest's, after the end of the guest
check_disk() {
	[ -e /dev/vda ] || return 0
	kill "$(pidof qemu-system-x86_64)"
	while pidof qemu-system-x86_64 >/dev/null; do usleep 100000; done
	e2fsck -fy /disk/guest.img
	check "the guest's file system is clean" [ $? -le 1 ]
	umount /disk
}

# tell_pause TEXT: seconds since case.at= of the command line; the clock comes from
# the machine's, in whole seconds
tell_pause() {
	note "$(($(date +%s) - $(option case.at 0))) s after the start of the" \
		"update: $*"
}

# take_frames: the runner takes the frames listed last out of this machine
take_frames() {
	[ "$(option kvm.steps all)" = single ] || return 0
	echo "frames: take"
	sleep 2
}

# A host that goes down cleanly: services end, file systems are unmounted. The
# keepers are what a last kill spares
end_all() {
	kill "$(pidof qemu-system-x86_64)"
	while pidof qemu-system-x86_64 >/dev/null; do usleep 100000; done
	[ ! -e /dev/vda ] || umount /disk || bad "disk is in use"
	check "only keepers are left" \
		[ "$(cat /proc/[0-9]*/comm | grep -c ^@baton)" = 1 ]
}

# update_by_steps OPTIONS OF COLLECT...: to /images/vmlinuz
update_by_steps() {
	next_initrd /tmp/initrd || bad "next initrd"
	mkdir -p /run/baton
	baton collect "$@" -o /run/baton/guests.lu || bad "collect"
	baton pack --stream /run/baton/guests.lu --kernel /images/vmlinuz \
		--initrd /tmp/initrd --policy reset -o /run/baton/guests.dtb \
		--cmdline "$(next_cmdline "case.at=$(date +%s)" |
			sed s/nokaslr//)" || bad "pack"
	baton check /run/baton/guests.dtb || bad "check"
	baton load /run/baton/guests.dtb || bad "load"
	if [ -n "$(option kvm.clean '')" ]; then
		end_all
	fi
	list_frames
	take_frames
	baton exec
	bad "exec came back with $?"
	finish
}

# wait_tick NAME COUNT SECONDS: until COUNT ticks were seen in this instance
wait_tick() {
	local i=0 file=$GUEST_DIR/$1.console
	touch "$file"
	while [ $i -lt $(($3 * 5)) ]; do
		[ "$(grep -c '^tick' "$file")" -lt "$2" ] || return 0
		usleep 200000
		i=$((i + 1))
	done
	cat "$file" "$GUEST_DIR/$1.qemu" "/run/baton/$1.log"
	return 1
}
