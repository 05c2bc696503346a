# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# Pieces of the cases on Debian's disk with libvirt. Sourced after lib.sh.
. /cases/kvm-lib.sh

IMAGES=/var/lib/libvirt/images

# of the next instance, and what it is
CMDLINE=$(sed 's/BOOT_IMAGE=[^ ]* //; s/crashkernel[^ ]*//; s/acpi_no_memhotplug//; s/baton[^ ]*//g' /proc/cmdline)
KERNEL=$(echo /boot/vmlinuz-*)
INITRD=$(echo /boot/initrd.img-*)

# uuid NUMBER: of guest vmNUMBER
uuid() {
	echo "ba700000-1111-4000-8000-0000000000a$1"
}

# configure ROOT PAGES: what an administrator writes once, and huge pages for guests;
# and the way from a guest on virbr0 to its peer
configure() {
	echo "vm.nr_hugepages=$2" >"$1/etc/sysctl.d/guest.conf"
	cat "$1/usr/lib/baton/libvirt-apparmor-daemon" \
		>>"$1/etc/apparmor.d/local/usr.sbin.libvirtd"
	echo "d $GUEST_DIR 0755 root root" >"$1/etc/tmpfiles.d/guest.conf"
	cat >"$1/etc/systemd/system/port.service" <<-END
	[Unit]
	Before=baton-adopt-libvirt.service
	[Service]
	Type=exec
	ExecStart=/bin/sh -c 'until ip link set eth0 up master virbr0; do sleep 1; done'
	[Install]
	WantedBy=multi-user.target
	END
	mkdir -p "$1$IMAGES"
}

# install_all PAGES: all of it, and it is in use
install_all() {
	mkdir /run/tree
	(cd /run/tree && cpio -idu </files/kvm.cpio &&
		cpio -idu </files/install.cpio) 2>/dev/null || bad "unpacking"
	# QEMU and its files are the disk's own
	rm -r /run/tree/usr/bin/qemu-system-x86_64 /run/tree/usr/share/qemu
	tar -cC /run/tree . | tar -xC / --keep-directory-symlink || bad "tar"
	rm -r /run/tree
	depmod
	configure "" "$1"
	cat /usr/lib/baton/libvirt-apparmor \
		>>/etc/apparmor.d/local/abstractions/libvirt-qemu
	apparmor_parser -r /etc/apparmor.d/usr.sbin.libvirtd ||
		bad "apparmor_parser"
	cp /guest/vmlinuz /guest/initrd $IMAGES/
	systemd-tmpfiles --create /etc/tmpfiles.d/guest.conf
	sysctl -qp /etc/sysctl.d/guest.conf
	systemctl -q enable --now port.service
	systemctl restart libvirtd.service
}

# domain_by_steps OPTIONS OF COLLECT...: an update of all that run, whose frames are
# looked at from outside; they stand still until the jump
domain_by_steps() {
	local name
	baton precheck "$@" --kernel "$KERNEL" --initrd "$INITRD" \
		--cmdline "$CMDLINE" || bad "precheck"
	mkdir -p /run/baton
	baton collect "$@" -o /run/baton/guests.lu || bad "collect"
	baton pack --stream /run/baton/guests.lu --kernel "$KERNEL" \
		--initrd "$INITRD" --cmdline "$CMDLINE" --policy reset \
		-o /run/baton/guests.dtb || bad "pack"
	baton load /run/baton/guests.dtb || bad "load"
	for name in $(virsh -q list --name); do
		check "$name stands still" [ "$(virsh domstate --reason \
			"$name")" = "paused (user)" ]
	done
	list_frames
	echo "frames: take"
	sleep 5
	baton exec
}

# TYPE: of its accelerator; MEMORY: what the guest's is; VCPUS: how many; NUMA: of its
# CPU; DEVICES: more of them
TYPE=$(option libvirt.type kvm)
VCPUS=1
MEMORY="<hugepages/><access mode='shared'/>"
NUMA=
DEVICES=

# domain NUMBER: its XML. Its disk has a file system, its console goes to where the
# runner looks at it
domain() {
	cat <<-END
	<domain type='$TYPE'>
	  <name>vm$1</name><uuid>$(uuid "$1")</uuid>
	  <memory unit='MiB'>128</memory>
	  <memoryBacking>$MEMORY</memoryBacking>
	  <vcpu>$VCPUS</vcpu>
	  <os><type arch='x86_64' machine='pc'>hvm</type>
	    <kernel>$IMAGES/vmlinuz</kernel><initrd>$IMAGES/initrd</initrd>
	    <cmdline>console=ttyS0 quiet mitigations=off nowatchdog
	      address=10.0.2.$((14 + $1))</cmdline></os>
	  <features><acpi/></features>
	  <cpu mode='custom'><model>qemu64</model>
	    <feature policy='disable' name='cx16'/>$NUMA</cpu>
	  <devices>
	    <emulator>/usr/bin/qemu-system-x86_64</emulator>
	    <serial type='dev'><source path='/dev/ttyS$1'/>
	      <log file='$GUEST_DIR/vm$1.console' append='on'/></serial>
	    <channel type='unix'>
	      <target type='virtio' name='org.qemu.guest_agent.0'/></channel>
	    <memballoon model='virtio'/>
	    <video><model type='none'/></video>
	    $DEVICES
	  </devices>
	</domain>
	END
}

# disk NUMBER: for DEVICES
disk() {
	mke2fs -q -t ext4 "$IMAGES/vm$1.img" 16M >/dev/null
	echo "<disk type='file' device='disk'><driver name='qemu' type='raw'/>
		<source file='$IMAGES/vm$1.img'/>
		<target dev='vda' bus='virtio'/></disk>"
}

# nic NUMBER: the same
nic() {
	echo "<interface type='network'><source network='default'/>
		<mac address='52:54:00:aa:00:0$1'/><model type='virtio'/>
		<rom enabled='no'/></interface>"
}

# start NUMBER: until it ticks
start() {
	domain "$1" >"/run/vm$1.xml"
	virsh define "/run/vm$1.xml" && virsh start "vm$1" &&
		wait_tick "vm$1" 3 300 && return
	tail -n 20 "/var/log/libvirt/qemu/vm$1.log"
	bad "vm$1 does not tick"
	finish
}

wait_libvirt() {
	local i=0
	modprobe -a kvm-amd baton_mem
	systemctl start libvirtd.service
	systemctl --failed --no-legend
	while [ $i -lt 100 ] && ! virsh -q list >/dev/null 2>&1; do
		i=$((i + 1))
		sleep 1
	done
	virsh version --daemon
}

# define_net: its bridge forwards at once
define_net() {
	virsh net-dumpxml default | sed "s/stp='on'/stp='off'/" >/run/net.xml
	virsh net-define /run/net.xml
}

# start_net: and its way out
start_net() {
	local i=0
	virsh net-start default
	while [ $i -lt 100 ] && ! ip link show master virbr0 | grep -q eth0; do
		i=$((i + 1))
		sleep 1
	done
	check "the network has its port" sh -c \
		'ip link show master virbr0 | grep -q eth0'
}

no_unit_failed() {
	check "no unit failed" [ -z "$(systemctl list-units --failed --no-legend \
		'baton*' 'libvirt*' 'virt*' 2>&1)" ]
}

# adopt NAME: it must
adopt() {
	baton adopt --timeout 300 "$1" && return
	bad "adopt $1"
	tail -n 20 "/var/log/libvirt/qemu/$1.log"
	dmesg | grep DENIED
	finish
}

# capability NAME: what a save by baton sets in QEMU
capability() {
	virsh qemu-monitor-command "$1" \
		'{"execute":"query-migrate-capabilities"}' |
		grep -o '"state":[a-z]*,"capability":"x-ignore-shared"'
}

# nothing_set NAME
nothing_set() {
	check "$1 has no capability set" [ "$(capability "$1")" = \
		'"state":false,"capability":"x-ignore-shared"' ]
}

# runs_as_before NUMBER: as libvirt and the kernel see it
runs_as_before() {
	local name=vm$1 uuid pid
	uuid=$(uuid "$1")
	check "$name ticks after update $STEP" wait_tick "$name" 3 120
	check "virsh list has $name running" \
		[ "$(virsh domstate "$name")" = running ]
	check "its uuid" [ "$(virsh domuuid "$name")" = "$uuid" ]
	pid=$(cat "/run/libvirt/qemu/$name.pid")
	check "in the kept frames" grep -q "/dev/baton/$uuid" "/proc/$pid/maps"
	check "its memory is its user's" [ "$(stat -c '%a %U' \
		"/dev/baton/$uuid".* | sort -u)" = "600 libvirt-qemu" ]
	check "of its user" grep -q "^Uid:.$(id -u libvirt-qemu)" \
		"/proc/$pid/status"
	check "confined by AppArmor" \
		grep -q "libvirt-$uuid (enforce)" "/proc/$pid/attr/current"
	check "in a scope of its own" \
		grep -q 'machine.slice/machine-qemu' "/proc/$pid/cgroup"
	nothing_set "$name"
	check "vCPUs" sh -c "virsh vcpuinfo $name | grep -q running"
	check "scheduler" sh -c "virsh schedinfo $name | grep -q cpu_shares"
}

# is_kept NUMBER: and is not started by anybody
is_kept() {
	check "vm$1 is kept" baton adopt --test "$(uuid "$1")"
	virsh start "vm$1" >/run/out 2>&1
	cat /run/out
	check "nobody starts it" grep -q "baton adopt lets it go on" /run/out
}

# virsh_has NUMBER: its card and disk, and may suspend it
virsh_has() {
	check "its tap is on the bridge" sh -c \
		'ip link show master virbr0 | grep -q vnet'
	check "its disk" sh -c "virsh domblklist vm$1 | grep -q vm$1.img"
	check "suspend" virsh suspend "vm$1"
	check "resume" virsh resume "vm$1"
}

# systemd_adopts: after the next update
systemd_adopts() {
	virsh net-autostart default
	systemctl -q enable baton-adopt.service baton-adopt-libvirt.service
}

# check_image NUMBER: the disk of a guest that is gone has what it wrote
check_image() {
	local seen
	e2fsck -fy "$IMAGES/vm$1.img"
	check "its file system is clean" [ $? -le 1 ]
	mkdir -p /run/image
	mount -o loop "$IMAGES/vm$1.img" /run/image || bad "its disk"
	seen=$(sed -n 's/^tick \([0-9]*\) .*/\1/p' "$GUEST_DIR/vm$1.console" |
		tail -n 1)
	note "$(wc -l </run/image/ticks) lines on its disk, tick $seen"
	check "each tick is on its disk, once" sh -c "seq $seen |
		sed 's/^/tick /' | cmp -n \$(seq $seen | sed 's/^/tick /' | wc -c) \
		- /run/image/ticks"
	umount /run/image
}
