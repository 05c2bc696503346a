# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# Memory that a driver brings: virtio-mem, a dax device for a purpose, an NVDIMM, a
# window of CXL, a device of CXL. What two guests have is in the firmware's RAM, and
# is compared from outside, after the new instance has started the same drivers, and
# used all that it takes for its own. A guest in the driver's RAM is refused while it
# runs.

need /sbin/baton
need /bin/holder
. /cases/handover-lib.sh
ROAD=$(option case.road '')
RAM=$(option case.ram '')
[ -z "$RAM" ] || RAM="System RAM ($RAM)"	# as /proc/iomem has what comes
PMEM=/dev/pmem0

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

# What `cxl create-region` does, where no instance before this one has done it: the
# decoders are as they were, and the driver finds the region
make_region() {
	local devices=/sys/bus/cxl/devices region endpoint i=0
	until ls -d $devices/region* || [ $i = 30 ]; do
		i=$((i + 1))
		usleep 100000
	done >/dev/null 2>&1
	[ $i = 30 ] || { note "there is a region"; return; }
	region=$(cat $devices/decoder0.0/create_ram_region)
	echo "$region" >$devices/decoder0.0/create_ram_region
	region=$devices/$region
	endpoint=$(grep -l cxl_decoder_endpoint $devices/decoder*/devtype |
		head -n 1)
	endpoint=${endpoint%/devtype}
	echo 1 >"$region/interleave_ways"
	echo 256 >"$region/interleave_granularity"
	echo ram >"$endpoint/mode"
	echo 0x10000000 >"$endpoint/dpa_size"
	echo 0x10000000 >"$region/size"
	echo "${endpoint##*/}" >"$region/target0"
	echo 1 >"$region/commit" || bad "commit"
	echo "${region##*/}" >/sys/bus/cxl/drivers/cxl_region/bind
}

# One block of it comes online, where the kernel leaves that to us
online_one() {
	local state
	for state in "$(ls -d /sys/devices/system/node/node[0-9]* |
			tail -n 1)"/memory*/state; do
		[ "$(cat "$state")" = offline ] || continue
		echo online_movable >"$state" || bad "$state"
		return
	done
}

# Start the drivers, and wait for what they bring
start_drivers() {
	local module i=0
	for module in $(option case.modules '' | tr , ' '); do
		insert "$module" || bad "insmod $module"
	done
	[ "$ROAD" != cxl-device ] || make_region
	[ ! -d /sys/bus/dax/drivers/kmem ] || take_dax
	until [ -n "$RAM" ] && has_ram || [ -e $PMEM ] || [ $i = 100 ] ||
		[ "$ROAD" = cxl ]; do
		usleep 100000
		i=$((i + 1))
	done
	grep "RAM\|Soft\|Persist" /proc/iomem
	[ -z "$RAM" ] || check "there is $RAM" has_ram
	[ "$ROAD" != cxl-device ] || online_one
}

# Huge pages come from the movable zone first: the driver's RAM, on the last node.
# Few: a word of CXL memory is a call of a device model in QEMU
refuse_there() {
	local node
	node=$(ls -d /sys/devices/system/node/node[0-9]* | tail -n 1)
	node=$node/hugepages/hugepages-2048kB/nr_hugepages
	echo 0 >/proc/sys/vm/nr_hugepages	# but for those in use
	echo $(($(cat "$node") + 4)) >"$node"
	hold there --huge "$(awk '/HugePages_Free/ { print $2 }' /proc/meminfo)"
	refused 6 EDRIVERRAM baton upgrade --pid "$PID" --name there \
		--map memfd:there-huge --kernel /images/vmlinuz \
		--initrd /images/base.cpio --cmdline quiet --policy reset
	cat /run/out
	check "it was not stopped" sh -c "! grep -q 'State:.*T' /proc/$PID/status"
	kill "$PID"
	wait "$PID" 2>/dev/null
	echo 0 >"$node"
}

# update OPTIONS...: of guests that are not kept yet
update() {
	local stub=/usr/lib/baton/stub.bin words
	words=$(next_cmdline | sed 's/memmap=[^ ]*//')
	next_initrd /tmp/initrd || bad "next initrd"
	if [ -e /files/stub.bin ]; then
		stub=/files/stub.bin
		set -- "$@" --policy fallback,reset \
			--fallback-kernel /images/vmlinuz \
			--fallback-initrd /tmp/initrd --fallback-cmdline "$words"
	else
		set -- "$@" --policy reset
	fi
	baton upgrade --stub $stub --kernel /images/vmlinuz --initrd /tmp/initrd \
		--cmdline "$words" "$@" --no-exec || bad "upgrade"
	list_frames
	baton exec
	bad "exec came back"
	finish
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
	update --pid "$ONE" --name one --map memfd:one-huge \
		--map memfd:one-small --pid "$TWO" --name two \
		--map memfd:two-huge --map memfd:two-small
	;;
esac
baton status --extents | grep -v "^32754 " >/run/extents
check "kept frames are listed" [ "$(wc -l </run/extents)" -gt 0 ]
[ ! -e /files/stub.bin ] ||
	check "it is the fallback" grep -q 'baton\.failed=' /proc/cmdline
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
use_memory 300
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
if [ "$ROAD" = cxl-device ] && [ ! -e /files/stub.bin ]; then
	[ "$STEP" != 1 ] || update
fi
finish
