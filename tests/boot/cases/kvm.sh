# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# One KVM guest lives through an update, and KVM_UPDATES of them in a row.

need /sbin/baton /files/kvm.cpio
. /cases/handover-lib.sh
. /cases/kvm-lib.sh

unpack_kvm
UPDATES=$(option kvm.updates 1)
KIND=$(option kvm.kind memfd,share=on,hugetlb=on)

if [ "$STEP" = 0 ]; then
	echo 72 >/proc/sys/vm/nr_hugepages
	start_guest one 1 "$KIND"
	wait_tick one 3 60 || { bad "guest does not tick"; finish; }
else
	baton status
	baton adopt --all || { cat /run/baton/one.log; bad "baton adopt"; }
	check "it ticks after update $STEP" wait_tick one 3 20
fi
[ "$STEP" -lt "$UPDATES" ] || finish
start_target --qemu "$GUEST_DIR/one.qmp" --name one
