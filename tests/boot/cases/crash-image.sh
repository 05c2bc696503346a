# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# An update by a crash image, beside a disk that is read and a card that gets more
# frames than it can take. The target is a payload whose RAM is looked at from outside,
# twice: no device of the old instance writes there any more. With crash.stop=no baton
# sees none of them, so it stops none: then frames change.

need /sbin/baton
need /bin/holder
need /files/payload.elf
need /files/baton.kexec
. /cases/handover-lib.sh

# in_order NAMES...: modules of this kernel, of which some are in it
in_order() {
	local name
	for name in "$@"; do
		insmod "/files/$(uname -r)-$name.ko" || bad "insmod $name"
	done
}

keep_busy() {
	local i=0
	in_order virtio virtio_ring virtio_pci_legacy_dev virtio_pci_modern_dev \
		virtio_pci virtio_blk failover net_failover virtio_net
	ip link set eth0 up || bad "no card"
	while [ $i -lt 8 ]; do
		(while :; do
			dd if=/dev/vda of=/dev/null bs=256k count=1 skip=$i
			echo 1 >/proc/sys/vm/drop_caches
		done) >/dev/null 2>&1 &
		i=$((i + 1))
	done
	sleep 3
	note "$(grep . /sys/class/net/eth0/statistics/rx_packets) frames came," \
		"reads in flight: $(cat /sys/block/vda/inflight)"
	check "the card is at work" \
		[ "$(cat /sys/class/net/eth0/statistics/rx_packets)" -gt 50 ]
	check "the disk is at work" \
		[ "$(awk '{ print $1 }' /sys/block/vda/inflight)" -gt 0 ]
}

cp /files/baton.kexec /usr/lib/baton/baton.kexec
keep_busy
hold_two
if [ "$(option crash.stop yes)" = no ]; then
	mount -t tmpfs none /sys/bus/pci/devices
fi
baton upgrade --crash-image --pid "$ONE" --name one --map memfd:one-huge \
	--map memfd:one-small --state note=/run/one.state \
	--pid "$TWO" --name two --map memfd:two-huge --map memfd:two-small \
	--target multiboot2 --kernel /files/payload.elf \
	--module "/files/payload.elf as a module" \
	--cmdline "baton.case=$NAME pattern linger=6" --policy reset
bad "upgrade came back with $?"
finish
