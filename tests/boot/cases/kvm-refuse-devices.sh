# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# What baton says no to because of what a QEMU guest does or has at that moment:
# a migration, before and after postcopy, on both sides; a PCI device of the
# host by VFIO; a vhost-user device; memory that is no multiple of 2 MiB, or that
# cannot be had. Each of these guests is real, and another one runs on.

need /sbin/baton /files/kvm.cpio /bin/vhostpeer
. /cases/handover-lib.sh
. /cases/kvm-lib.sh

unpack_kvm
start_good
SHARED="-machine pc,memory-backend=ram -object memory-backend-memfd,id=ram,size=32M,share=on"

# A migration that takes its time
monitor source
# shellcheck disable=SC2086
idle source $SHARED $MONITOR
tell source "migrate_set_parameter max-bandwidth 2k" \
	"migrate -d exec:cat>/dev/null"
sleep 3
refuses EGUESTBUSY --qemu "$GUEST_DIR/source.qmp" --name source
check "a migration is the reason" grep -q "migration is active" /run/out
cat "$GUEST_DIR/source.mon.out" >/run/mon.out &
tell source "info migrate"
usleep 500000
check "it was left alone" grep -q "Migration status: active" /run/mon.out

# Postcopy: the guest runs over there, half of its memory is still here
monitor there
# shellcheck disable=SC2086
idle there $SHARED $MONITOR -incoming defer
tell there "migrate_set_capability postcopy-ram on" \
	"migrate_incoming unix:$GUEST_DIR/post.socket"
monitor here
# shellcheck disable=SC2086
idle here $SHARED $MONITOR
tell here "migrate_set_capability postcopy-ram on" \
	"migrate_set_parameter max-bandwidth 2k" \
	"migrate_set_parameter max-postcopy-bandwidth 2k" \
	"migrate -d unix:$GUEST_DIR/post.socket"
usleep 500000
tell here migrate_start_postcopy
sleep 2
cat "$GUEST_DIR/here.mon.out" >/run/mon.out &
tell here "info migrate"
usleep 500000
check "postcopy is under way" \
	grep -q "Migration status: postcopy-active" /run/mon.out
refuses EGUESTBUSY --qemu "$GUEST_DIR/here.qmp" --name here
refuses EGUESTBUSY --qemu "$GUEST_DIR/there.qmp" --name there
check "and the reason" grep -q postcopy /run/out

# Devices
vhostpeer "$GUEST_DIR/vhost.socket" &
usleep 200000
# shellcheck disable=SC2086
refuses_idle EGUESTDEV vhost $SHARED \
	-chardev "socket,id=peer,path=$GUEST_DIR/vhost.socket" \
	-netdev vhost-user,id=net,chardev=peer \
	-device virtio-net-pci,netdev=net,romfile=
check "vhost is the reason" grep -q vhost /run/out
for MODULE in vfio vfio_virqfd vfio_iommu_type1 vfio-pci-core vfio-pci; do
	MODULE=/lib/modules/$(uname -r)/$MODULE.ko
	[ ! -e "$MODULE" ] || insmod "$MODULE" || bad "$MODULE"
done
echo "1234 11e8" >/sys/bus/pci/drivers/vfio-pci/new_id
DEVICE=$(basename /sys/bus/pci/drivers/vfio-pci/0000:*)
# shellcheck disable=SC2086
refuses_idle EGUESTDEV vfio $SHARED -device "vfio-pci,host=$DEVICE"
check "VFIO is the reason" grep -qi vfio /run/out
check "it has the device" sh -c 'ls -l /proc/[0-9]*/fd | grep -q /dev/vfio/'

# Memory
# shellcheck disable=SC2086
refuses_idle EGUESTPAGES odd -m 33M -machine pc,memory-backend=ram \
	-object memory-backend-memfd,id=ram,size=33M,share=on
echo 0 >/proc/sys/vm/nr_hugepages
echo 68 >/proc/sys/vm/nr_hugepages	# 64 of them are the good guest's
refuses_idle EGUESTROOM full -machine pc,memory-backend=ram \
	-object memory-backend-memfd,id=ram,size=32M,share=on,hugetlb=on,reserve=off
ticks_on "all of that"
check "no keeper is left" [ "$(cat /proc/[0-9]*/comm | grep -c @baton)" = 0 ]
finish
