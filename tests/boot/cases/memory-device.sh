# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# Memory devices in ACPI (PNP0C80): a guest has all of two of them, nobody has
# anything of the third. Where they are reserved a kernel would hot-add them, and
# bring them online by itself. The guest's memory is compared from outside, after
# the new instance, or the fallback, has used all that it takes for its own.

need /sbin/baton
need /bin/holder
. /cases/handover-lib.sh
NODE=/sys/devices/system/node/node1

# dimm_cmdline STEP: there, memory comes online as the table says
dimm_cmdline() {
	next_cmdline | sed "s/nokaslr//; s/crashkernel=[^ ]*//
		s/baton.step=1/baton.step=$1/
		s/memhp_default_state=[^ ]*/memhp_default_state=$(option case.online online)/"
}

# add_late: a device comes now, and is RAM to this kernel
add_late() {
	local before i=0
	before=$(ls -d /sys/devices/system/memory/memory* | wc -l)
	echo "baton-stub: waiting"
	while [ "$(ls -d /sys/devices/system/memory/memory* | wc -l)" = "$before" ]; do
		i=$((i + 1))
		[ $i -lt 300 ] || { bad "no device came"; finish; }
		usleep 100000
	done
	usleep 500000
}

case $STEP in
0)
	[ "$(option case.late 0)" = 0 ] || add_late
	# movable, at once huge pages: nothing else gets there
	for f in "$NODE"/memory*/state; do
		[ "$(cat "$f")" = offline ] && echo online_movable >"$f"
	done
	echo 150 >$NODE/hugepages/hugepages-2048kB/nr_hugepages
	n=$(cat $NODE/hugepages/hugepages-2048kB/nr_hugepages)
	check "node 1 has $n huge pages" [ "$n" -gt 120 ]
	hold one --huge $((n - 8))
	ONE=$PID
	hold two --huge 8
	next_initrd /tmp/initrd || bad "next initrd"
	stub=/usr/lib/baton/stub.bin
	[ ! -e /files/stub.bin ] || stub=/files/stub.bin
	baton upgrade --stub $stub --pid "$ONE" --name one \
		--map memfd:one-huge --pid "$PID" --name two \
		--map memfd:two-huge --kernel /images/vmlinuz \
		--initrd /tmp/initrd --policy fallback,reset \
		--fallback-kernel /images/vmlinuz \
		--fallback-initrd /tmp/initrd \
		--fallback-cmdline "$(dimm_cmdline 2)" \
		--cmdline "$(dimm_cmdline 1)" --no-exec || bad "upgrade"
	list_frames
	baton exec
	bad "exec came back"
	finish
	;;
esac
cat /proc/iomem
baton status --extents | grep -v "^32754 " >/run/extents
check "kept frames are listed" [ "$(wc -l </run/extents)" -gt 0 ]
check "no kept frame is RAM, nested or not" no_ram_kept
check "one word for it" [ "$(tr ' ' '\n' </proc/cmdline |
	grep -c acpi_no_memhotplug)" = 1 ]
if [ "$STEP" = 1 ]; then
	check "the memory device that nobody has is RAM" grep -q \
		"^[0-9a-f]*-$(option case.nobody 117ffffff) : System RAM" \
		/proc/iomem
fi
# /dev/mem is closed where there is RAM: no salvage, no adopt
check "every word can be read" holder --check /run/extents
baton salvage two -o /tmp/core || bad "salvage"
check "16 MiB are salvaged" [ "$(stat -c %s /tmp/core)" -ge $((8 << 21)) ]
rm -f /tmp/core
use_memory 40
finish
