# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# What can go wrong when a guest is adopted, one after the other, each with its
# reason; then it goes on all the same. And what the kernel module says no to.

need /sbin/baton /files/kvm.cpio
. /cases/handover-lib.sh
. /cases/kvm-lib.sh

unpack_kvm
if [ "$STEP" = 0 ]; then
	echo 72 >/proc/sys/vm/nr_hugepages
	start_guest one 1 "$(kind_of huge)"
	wait_tick one 3 90 || { bad "guest does not tick"; finish; }
	start_target --qemu "$GUEST_DIR/one.qmp" --name one
fi

# fails CODE TEXT: adopting does, for that reason
fails() {
	baton adopt --timeout 5 one >/run/out 2>&1 && bad "adopted: $2"
	cat /run/out
	check "$1: $2" grep -q "\[HO_$1\]" /run/out
	check "no QEMU is left" [ -z "$(pidof qemu-system-x86_64)" ]
}

# What makes RAM of soft-reserved memory finds none of ours, before anything has
# claimed it
TOTAL=$(grep MemTotal /proc/meminfo)
for MODULE in device_dax dax_hmem kmem; do
	insmod "/lib/modules/$(uname -r)/$MODULE.ko" || bad "insmod $MODULE"
done
check "kept memory is nobody's RAM" [ "$TOTAL" = "$(grep MemTotal /proc/meminfo)" ]
check "nor a dax device" [ -z "$(ls /sys/bus/dax/devices)" ]
check "nor can it be onlined" sh -c '! grep "(kmem)" /proc/iomem'

QEMU=/usr/bin/qemu-system-x86_64
rmmod baton_mem
fails EGUESTMEM "no module"
insmod "/lib/modules/$(uname -r)/baton_mem.ko"
mv $QEMU $QEMU.real
fails EADOPT "no QEMU"
printf '#!/bin/sh\necho "unsupported machine type: $*" >&2\nexit 1\n' >$QEMU
chmod +x $QEMU
fails EADOPT "QEMU that does not know the machine type"
check "its last line is told" grep -q "unsupported machine" /run/out
printf '#!/bin/sh\nexec %s.real "$@" -m 256M\n' $QEMU >$QEMU
fails EADOPT "QEMU of another size"
printf '#!/bin/sh\nexec %s.real "$@" -machine q35\n' $QEMU >$QEMU
fails EADOPT "QEMU with another machine"
mv $QEMU.real $QEMU

# The module itself
check "the device is there" [ -c /dev/baton/one.ram ]
# a file system of its own, in which nobody makes, moves or removes anything
check "it is a mount of the module's" \
	[ "$(stat -f -c %t /dev/baton)" = ba701234 ]
check "it has no number" [ "$(stat -c %t,%T /dev/baton/one.ram)" = 0,0 ]
for COMMAND in "rm -f /dev/baton/one.ram" "mv /dev/baton/one.ram /dev/baton/b" \
		"mknod /dev/baton/b c 1 3" "mkdir /dev/baton/b" \
		"ln -s x /dev/baton/b" "touch /dev/baton/b" \
		"truncate -s 0 /dev/baton/one.ram" "rmmod baton_mem"; do
	check "refused: $COMMAND" sh -c "! $COMMAND 2>/dev/null"
done
check "it is as it was" [ "$(ls /dev/baton)" = one.ram ]
check "its pages can be pinned" [ "$(memdev pin /dev/baton/one.ram)" = done ]
check "a private view of it is that" [ "$(memdev view /dev/baton/one.ram)" = done ]
RAM=$(sed -n 's/^\([0-9a-f]*\)-.* : System RAM$/\1/p' /proc/iomem | tail -n 1)
check "System RAM is refused" \
	[ "$(memdev create ram "$(printf %x $((0x$RAM + 0x200000 & ~0x1fffff)))+200000")" = EPERM ]
check "what is in use is refused" \
	[ "$(memdev create again "$(baton status --extents |
		awk '$2 == "one" { print $3 "000+200000"; exit }')")" = EBUSY ]
check "4 KiB are refused" [ "$(memdev create small 10001000+1000)" = EINVAL ]
check "a device memory range is refused" \
	[ "$(memdev create mmio fee00000+200000)" = EPERM ]
check "a path is refused" \
	[ "$(memdev create ../x 10000000+200000)" = EINVAL ]

check "its memory can be salvaged" sh -c \
	'memdev remove one.ram && [ -z "$(ls /dev/baton)" ] && baton salvage one -o - | wc -c | grep -q 1342'
baton adopt one || bad "adopt"
check "it ticks after all" wait_tick one 3 30
check "/dev/mem does not reach it now" sh -c '! baton salvage one -o /dev/null'
baton adopt one >/run/out 2>&1
check "not a second time" grep -q "goes on already" /run/out
finish
