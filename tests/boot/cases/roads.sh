# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# Memory that a driver brings: virtio-mem, a dax device for a purpose, an NVDIMM, a
# window of CXL. What two guests have is in the firmware's RAM, and is compared from
# outside, after the new instance has started the same drivers, and used all that
# it takes for its own. A guest in the driver's RAM is refused while it runs.

need /sbin/baton
need /bin/holder
. /cases/handover-lib.sh
ROAD=$(option case.road '')
RAM=$(option case.ram '')
[ -z "$RAM" ] || RAM="System RAM ($RAM)"	# as /proc/iomem has what comes
PMEM=/dev/pmem0

use_memory() {
	mkdir -p /tmp/eat
	mount -t tmpfs -o size=100% none /tmp/eat
	free=$(awk '/MemFree/ { print int($2 / 1024) }' /proc/meminfo)
	dd if=/dev/zero of=/tmp/eat/x bs=1M count=$((free - 300)) 2>/dev/null
	umount /tmp/eat
}

insert() {
	insmod "/files/$(uname -r)-$1.ko"
}

has_ram() { grep -qF ": $RAM" /proc/iomem; }

# A dax device becomes RAM by itself, or (6.1) when kmem is told to take it
take_dax() {
	local dax
	for dax in /sys/bus/dax/devices/*; do
		[ "$(basename "$(readlink "$dax/driver")")" != kmem ] || continue
		[ ! -e "$dax/driver" ] || basename "$dax" >"$dax/driver/unbind"
		basename "$dax" >/sys/bus/dax/drivers/kmem/new_id
	done
}

# Start the drivers, and wait for what they bring
start_drivers() {
	local module i=0
	for module in $(option case.modules '' | tr , ' '); do
		insert "$module" || bad "insmod $module"
	done
	[ ! -d /sys/bus/dax/drivers/kmem ] || take_dax
	until [ -n "$RAM" ] && has_ram || [ -e $PMEM ] || [ $i = 100 ] ||
		[ "$ROAD" = cxl ]; do
		usleep 100000
		i=$((i + 1))
	done
	grep "RAM\|Soft\|Persist" /proc/iomem
	[ -z "$RAM" ] || check "there is $RAM" has_ram
}

# Huge pages come from the movable zone first: the driver's RAM, on the last node
refuse_there() {
	local node free
	node=$(ls -d /sys/devices/system/node/node[0-9]* | tail -n 1)
	node=$node/hugepages/hugepages-2048kB/nr_hugepages
	echo $(($(cat "$node") + 100)) >"$node"
	free=$(awk '/HugePages_Free/ { print $2 }' /proc/meminfo)
	hold there --huge $((free - 2))
	refused 6 EDRIVERRAM baton upgrade --pid "$PID" --name there \
		--map memfd:there-huge --kernel /images/vmlinuz \
		--initrd /images/base.cpio --cmdline quiet --policy reset
	cat /run/out
	check "it was not stopped" sh -c "! grep -q 'State:.*T' /proc/$PID/status"
	kill "$PID"
	wait "$PID" 2>/dev/null
	echo 0 >"$node"
}

check "no file for memory at any address" \
	[ ! -e /sys/devices/system/memory/probe ]
case $STEP in
0)
	hold_two
	start_drivers
	[ -z "$RAM" ] || refuse_there
	[ "$ROAD" != nvdimm ] || {
		dd if=/images/vmlinuz of=$PMEM bs=1M count=8 2>/dev/null
		sync
	}
	next_initrd /tmp/initrd || bad "next initrd"
	baton upgrade --pid "$ONE" --name one --map memfd:one-huge \
		--map memfd:one-small --pid "$TWO" --name two \
		--map memfd:two-huge --map memfd:two-small \
		--kernel /images/vmlinuz --initrd /tmp/initrd --policy reset \
		--cmdline "$(next_cmdline | sed 's/memmap=[^ ]*//')" --no-exec ||
		bad "upgrade"
	list_frames
	baton exec
	bad "exec came back"
	finish
	;;
esac
baton status --extents | grep -v "^32754 " >/run/extents
check "kept frames are listed" [ "$(wc -l </run/extents)" -gt 0 ]
case $ROAD in
cxl)
	check "cxl_acpi is kept out" sh -c \
		"! insmod /files/$(uname -r)-cxl_acpi.ko"
	dmesg | grep cxl_acpi
	check "by name" sh -c "dmesg | grep -q 'cxl_acpi is blacklisted'"
	;;
*) start_drivers ;;
esac
check "no kept frame is RAM, nested or not" no_ram_kept
check "every word can be read" holder --check /run/extents
use_memory
[ "$ROAD" != nvdimm ] || {
	check "persistent memory is that" grep -q "Persistent Memory" /proc/iomem
	dd if=/images/vmlinuz of=/tmp/was bs=1M count=8 2>/dev/null
	dd if=$PMEM of=/tmp/is bs=1M count=8 2>/dev/null
	check "with what is in it" cmp /tmp/was /tmp/is
}
[ "$ROAD" != soft ] ||
	check "for a purpose" grep -rq "Soft Reserved" /sys/firmware/memmap
check "no kept frame has become RAM" no_ram_kept
check "every word is as it was" holder --check /run/extents
finish
