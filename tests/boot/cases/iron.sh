# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# A machine as hosts are: what it has at the first boot, it has after each of two
# updates, at whose jumps every disk is written and read, and every network card
# is pinged. Kept frames are compared from outside (frames = yes).
#
# Words of the command line: iron.disks=N, iron.nics=N, iron.cpus=N, iron.nodes=N:
# how many there are to be; iron.log=REGEX,REGEX: what the kernel's log must have
# at each boot, blanks as dots; iron.tpm=yes: there is a TPM; iron.apic=N: a CPU has
# this APIC id; iron.microcode=N: all have this revision; iron.modules=NAME,NAME:
# more of them; iron.iomem=TEXT: /proc/iomem has this line, blanks as dots;
# iron.has=FILE=VALUE: a file has it; iron.uart=card: the second update's stub talks
# by the port of a serial card; iron.unplug=yes: a CPU is pulled out before the first
# jump, and one while the second is under way; iron.giant=yes: one guest more has a
# page of 1 GiB; iron.watchdog=yes: the platform's is armed, and stays so at the jump.

need /sbin/baton
need /bin/holder
. /cases/handover-lib.sh

DISKS='/dev/nvme[0-9]n1 /dev/sd[a-z] /dev/vd[a-z]'
MARK=/run/mark
TPM=
GIANT=
GIANTS=/sys/kernel/mm/hugepages/hugepages-1048576kB
# Of QEMU's edu, which no driver has: what it is told to write goes there, or an
# IOMMU stops it
EDU=$(grep -ls 0x11e8 /sys/bus/pci/devices/*/device | sed 's,/device$,,')

# Each behind what it needs
MODULES="virtio virtio_ring virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci
	virtio_blk failover net_failover virtio_net usb-common usbcore xhci-hcd
	xhci-pci scsi_common scsi_mod crct10dif_common crc-t10dif crc64
	crc64-rocksoft t10-pi sd_mod libata libahci ahci usb-storage nvme-keyring
	nvme-auth nvme-core nvme e1000e"

# Of a module
words_of() {
	case $1 in
	watchdog) echo stop_on_reboot=0 ;;
	esac
}

# A kernel has some of them in its image
insert() {
	local name ko
	for name in $MODULES $(option iron.modules '' | tr , ' '); do
		ko=/files/$(uname -r)-$name.ko
		[ ! -e "$ko" ] || insmod "$ko" $(words_of $name) || bad "insmod $name"
	done
}

# count WANT PATTERNS: of files that there are, waited for
count() {
	local want=$1 n=0 i=0
	while [ $i -lt 150 ]; do
		# shellcheck disable=SC2086
		n=$(ls -d $2 2>/dev/null | wc -l)
		[ "$n" -lt "$want" ] || break
		usleep 200000
		i=$((i + 1))
	done
	[ "$n" = "$want" ]
}

# Network cards but lo
nics() {
	ls -d /sys/class/net/* | grep -v '/lo$' | sed 's,.*/,,'
}

# A mark at the start of each disk, from the first boot on. Which of the two is sda
# is anybody's guess
mark_disks() {
	local disk
	# shellcheck disable=SC2086
	for disk in $(ls -d $DISKS 2>/dev/null); do
		echo "mark of ${disk%?}" >"$MARK"
		dd if="$MARK" of="$disk" bs=4096 conv=sync oflag=direct 2>/dev/null ||
			bad "write $disk"
	done
}

has_mark() {
	head -c 4096 "$1" | grep -qa "^mark of ${1%?}\$"
}

# ... and what is written now is read again
disks_work() {
	local disk
	# shellcheck disable=SC2086
	for disk in $(ls -d $DISKS 2>/dev/null); do
		check "$disk has its mark" has_mark "$disk"
		head -c 1048576 /dev/urandom >"$MARK"
		dd if="$MARK" of="$disk" bs=1M seek=1 oflag=direct 2>/dev/null
		dd if="$disk" of="$MARK.back" bs=1M skip=1 count=1 iflag=direct \
			2>/dev/null
		check "$disk writes and reads" cmp -s "$MARK" "$MARK.back"
	done
}

# Each is in a network of its own, 10.0.21 to 10.0.23, whose gateway is .2
nics_work() {
	local nic
	for nic in $(nics); do
		ip link set "$nic" up
		check "$nic sends and receives" answers "$nic"
	done
}

# Whichever network the card is in
answers() {
	local i=0 net
	while [ $i -lt 20 ]; do
		for net in 21 22 23; do
			ip address flush dev "$1"
			ip address add "10.0.$net.15/24" dev "$1"
			! ping -I "$1" -c 1 -W 1 "10.0.$net.2" >/dev/null 2>&1 ||
				return 0
		done
		i=$((i + 1))
	done
	return 1
}

# All of them at work until the jump
keep_busy() {
	local disk net
	# shellcheck disable=SC2086
	for disk in $(ls -d $DISKS 2>/dev/null); do
		(while :; do dd if=/dev/zero of="$disk" bs=64k seek=32 count=64 \
			oflag=direct; done >/dev/null 2>&1) &
		(while :; do dd if="$disk" of=/dev/null bs=64k skip=32 count=64 \
			iflag=direct; done >/dev/null 2>&1) &
	done
	for net in 21 22 23; do
		(while :; do ping -A -c 100 -s 1400 "10.0.$net.2"; sleep 1; done \
			>/dev/null 2>&1) &
	done
}

work() {
	disks_work
	nics_work
	check "no fault of an IOMMU since then" no_new_faults
}

cpus() {
	[ "$(grep -c ^processor /proc/cpuinfo)" = "$1" ]
}

# Of CPUs: so many lines, each with these words
each_cpu() {
	[ "$(grep -c "^$1\$" /proc/cpuinfo)" = "$(grep -c ^processor /proc/cpuinfo)" ]
}

# What is pulled out while a jump is under way is there afterwards, or not
look_at_cpus() {
	local want
	want=$(option iron.cpus 2)
	[ "$(option iron.unplug no)" = no ] || want=$((want - (STEP > 0)))
	if [ "$STEP$(option iron.unplug no)" = 2yes ] && cpus $((want - 1)); then
		want=$((want - 1))
	fi
	check "$want CPUs" cpus "$want"
	want=$(option iron.apic '')
	[ -z "$want" ] ||
		check "a CPU with APIC id $want" grep -q "^apicid.*: $want\$" /proc/cpuinfo
	want=$(option iron.microcode '')
	[ -z "$want" ] ||
		check "microcode $want" each_cpu "microcode.*: $want"
}

nodes() {
	count "$1" '/sys/devices/system/node/node[0-9]*'
}

# Of memory that is no RAM
look_at_ranges() {
	local want
	want=$(option iron.iomem '')
	[ -z "$want" ] || check "/proc/iomem: $want" grep -q "^ *$want\$" /proc/iomem
	want=$(option iron.has '')
	[ -z "$want" ] ||
		check "$want" [ "$(cat "${want%=*}")" = "${want##*=}" ]
}

logged() {
	dmesg | grep -q -- "$1"
}

# Disks, network, USB and edu that may read and write memory: Linux takes that from
# those with a driver at a kexec, whatever it does, baton from the others, and nobody
# has given it back yet
masters() {
	local at
	for at in /sys/bus/pci/devices/*; do
		case $(cat "$at/class") in
		0x01* | 0x02* | 0x0c03* | 0x00ff*)
			[ $(($(hexdump -s 4 -n 1 -e '1/1 "%d"' "$at/config") & 4)) = 0 ] ||
				basename "$at" ;;
		esac
	done
}

# ... but of a driver that is in this kernel's image
orphans() {
	local function
	for function in $(masters); do
		[ -e "/sys/bus/pci/devices/$function/driver" ] || echo "$function"
	done
}

look() {
	local want
	[ "$STEP" = 0 ] ||
		check "no device reaches memory before its driver" [ -z "$(orphans)" ]
	insert
	check "drivers let devices reach memory" [ -n "$(masters)" ]
	look_at_cpus
	want=$(option iron.nodes 1)
	check "$want nodes" nodes "$want"
	look_at_ranges
	want=$(option iron.disks 0)
	check "$want disks" count "$want" "$DISKS"
	want=$(option iron.nics 0)
	check "$want network cards" [ "$(nics | wc -l)" = "$want" ]
	for want in $(option iron.log '' | tr , ' '); do
		check "log: $want" logged "$want"
	done
	[ "$(option iron.tpm no)" = no ] || look_at_tpm
	faults >/run/faults
	cat /run/faults
	if [ "$STEP" = 0 ]; then
		check "no fault of an IOMMU" [ ! -s /run/faults ]
	else
		check "an IOMMU stopped no device but a card that wakes" waking_only
	fi
}

# What the firmware measured: TPM_WAS is of the first boot
look_at_tpm() {
	local log=/sys/kernel/security/tpm0/binary_bios_measurements
	mount -t securityfs securityfs /sys/kernel/security
	check "a TPM with a log" [ "$(wc -c <$log)" -gt 100 ]
	TPM=$(cat $log /sys/class/tpm/tpm0/pcr-sha256/[0-7] | md5sum |
		cut -d' ' -f1)
	TPM_WAS=$(option iron.tpm.was "$TPM")
	check "its log and registers are those of the first boot" \
		[ "$TPM" = "$TPM_WAS" ]
}

# What IOMMUs have stopped
faults() {
	dmesg | grep -E 'DMAR: \[DMA|AMD-Vi: Event logged.*IO_PAGE_FAULT'
}

# By its source, e1000e leaves a card that may wake the host (Wake-on-LAN) receiving
# at its shutdown, without bus mastering, which the next driver switches on before it
# resets the card. An access of it was stopped once; that this is why is not proved
waking_only() {
	local card edu=${EDU##*/0000:}
	card=$(basename "$(readlink /sys/bus/pci/drivers/e1000e/0000:*)")
	! grep -v "${card#0000:}" /run/faults | grep -v "${edu:-none}"
}

# ... and none since the drivers are there
no_new_faults() {
	[ "$(faults | wc -l)" = "$(wc -l </run/faults)" ]
}

# The last CPU leaves the machine, as by a button on a server of some kinds
unplug() {
	local last
	last=$(ls -d /sys/devices/system/cpu/cpu[1-9]* | tail -n 1)
	echo 1 >"$last/firmware_node/eject"
}

unplugged() {
	local want i=0
	want=$(($(grep -c ^processor /proc/cpuinfo) - 1))
	unplug || return 1
	while [ $i -lt 50 ] && ! cpus $want; do
		usleep 200000
		i=$((i + 1))
	done
	cpus $want
}

# stray FRAME: until the jump it is told again and again to write over this one; it
# takes 100 ms for that, so mostly one is under way at the jump
stray() {
	local bar
	bar=$(head -n 1 "$EDU/resource" | cut -d' ' -f1)
	printf '\006' | dd of="$EDU/config" bs=1 seek=4 conv=notrunc 2>/dev/null
	devmem $((bar + 0x80)) 64 0x40000	# from its buffer
	devmem $((bar + 0x88)) 64 "0x${1}000"	# to memory
	devmem $((bar + 0x90)) 64 2048	# 7.2 allows no 4096
	(while :; do devmem $((bar + 0x98)) 64 3; usleep 200000; done) &
}

kept_frame() {
	list_frames | sed -n 's/^frame: \([0-9a-f]*\) .*/\1/p' | head -n 1
}

# Where the loaded stub will be, at the jump and not before
stub_frame() {
	baton inspect /run/baton/loaded.dtb | sed -n 's/^stub  *0x\([0-9a-f]*\)000 .*/\1/p'
}

strays_stopped() {
	local i=0
	while [ $i -lt 100 ]; do
		! faults | grep -q "DMA Write.*${EDU##*/0000:}" || return 0
		usleep 100000
		i=$((i + 1))
	done
	return 1
}

# Without an IOMMU it does write, until baton stops it: the stub says whether it did
send_stray() {
	local at
	at=$(stub_frame)
	check "the stub's place is known: ${at}000" [ -n "$at" ]
	if [ -z "$(ls /sys/class/iommu)" ]; then
		stray "$at"
		return
	fi
	[ "$STEP" = 1 ] || at=$(kept_frame)
	stray "$at"
	check "an IOMMU keeps a device off $at" strays_stopped
}

# The old host's watchdog, told every second that it lives, is neither stopped nor
# told at the jump
arm_watchdog() {
	(exec 9>/dev/watchdog; while :; do echo >&9; usleep 500000; done) &
	usleep 500000
	check "a watchdog watches" \
		[ "$(cat /sys/class/watchdog/watchdog0/state)" = active ]
	check "a jump does not stop it" \
		[ "$(cat /sys/module/watchdog/parameters/stop_on_reboot)" = 0 ]
}

# The only page of 1 GiB that this kernel has
hold_giant() {
	[ "$(option iron.giant no)" != no ] || return
	hold giant --giant 1 --small 0
	GIANT="--pid $PID --name giant --map memfd:giant-giant"
	check "it is taken" [ "$(cat $GIANTS/free_hugepages)" = 0 ]
}

prove_giant() {
	[ "$(option iron.giant no)" != no ] || return
	check "the guest with a page of 1 GiB is kept" \
		grep -q '"frames": *262144,' /run/status.json
}

# Of the serial card's first range, which is of ports
card_port() {
	local at
	for at in /sys/bus/pci/devices/*; do
		case $(cat "$at/class") in
		0x0700*) head -n 1 "$at/resource" | cut -d' ' -f1 |
			sed 's/0x0*/0x/' ;;
		esac
	done
}

# Loaded, listed for scripts/boot, and gone
jump() {
	[ "$STEP$(option iron.uart no)" != 1card ] || set -- --uart "$(card_port)"
	next_initrd /tmp/initrd || bad "next initrd"
	# shellcheck disable=SC2086
	baton upgrade "$@" $GIANT --kernel "${NEXT:-/images/vmlinuz}" --initrd /tmp/initrd \
		--cmdline "$(next_cmdline ${TPM:+iron.tpm.was=$TPM})" \
		--policy reset --digest xxh64 --no-exec ||
		bad "upgrade --no-exec"
	list_frames
	keep_busy
	[ "$(option iron.watchdog no)" = no ] || arm_watchdog
	[ -z "$EDU" ] || send_stray
	sleep 1
	case $STEP$(option iron.unplug no) in
	0yes) check "a CPU is pulled out" unplugged ;;
	1yes) unplug & ;;
	esac
	baton exec
	bad "exec came back with $?"
	finish
}

look
case $STEP in
0)
	mark_disks
	work
	hold_two
	hold_giant
	jump --pid "$ONE" --name one --map memfd:one-huge \
		--map memfd:one-small --state note=/run/one.state \
		--pid "$TWO" --name two --map memfd:two-huge \
		--map memfd:two-small --state note=/run/two.state
	;;
1)
	prove 1
	prove_giant
	work
	jump
	;;
2)
	prove 2
	prove_giant
	work
	finish
	;;
esac
