# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# Secure Boot: a guest of QEMU and KVM over two updates in a row, by the signed door
# and signed manifests. All modules are signed with the test key, and nobody calls
# kexec_load. The runner compares the guest's frames, stopped in the old host and not
# yet continued in the new one.

need /sbin/baton
need /bin/nokexec
need /files/kvm.cpio
need /files/signed-kvm.cpio
need /files/manifest.key
. /cases/handover-lib.sh
. /cases/kvm-lib.sh
. /cases/secureboot-lib.sh

begin_secure
unpack_kvm
connect
if [ "$STEP" = 0 ]; then
	echo 72 >/proc/sys/vm/nr_hugepages
	# shellcheck disable=SC2046,SC2086
	start_guest huge 1 $(kind_of huge) $DEVICES
	wait_tick huge 3 200 || { bad "the guest does not tick"; finish; }
else
	take_frames
	check "/dev/mem is closed" \
		sh -c '! head -c 1 /dev/mem >/dev/null 2>&1'
	baton adopt --all || { cat /run/baton/*.log; bad "baton adopt"; }
	baton status
	check "that it is adopted is in the region, not in /run" \
		sh -c '[ ! -e /run/baton/domains ] && baton status | grep -q released'
	check "ticks after update $STEP" wait_tick huge 3 200
fi
[ "$STEP" != 2 ] || finish
update_by_steps --qemu "$GUEST_DIR/huge.qmp" --name huge
