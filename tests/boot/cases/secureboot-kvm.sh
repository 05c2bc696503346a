# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# Secure Boot: a guest of QEMU and KVM over two updates in a row, by the signed door
# and signed manifests. All modules are signed with the test key. The runner compares
# the guest's frames, stopped in the old host and not yet continued in the new one.

need /sbin/baton
need /bin/nokexec
need /files/kvm.cpio
need /files/signed-kvm.cpio
need /files/manifest.key
. /cases/handover-lib.sh
. /cases/kvm-lib.sh
. /cases/secureboot-lib.sh


# By single steps: what is loaded is listed while the guest stands still
update_guest() {
	local words
	next_initrd /tmp/initrd || bad "next initrd"
	words=$(next_cmdline "case.at=$(date +%s)")
	sign_target --kernel /images/vmlinuz --initrd /tmp/initrd \
		--cmdline "$words"
	mkdir -p /run/baton
	baton collect --qemu "$GUEST_DIR/huge.qmp" --name huge \
		-o /run/baton/guests.lu || bad "collect"
	baton pack --stream /run/baton/guests.lu --kernel /images/vmlinuz \
		--initrd /tmp/initrd --cmdline "$words" --policy reset \
		--manifest /run/targets -o /run/baton/guests.dtb || bad "pack"
	baton check /run/baton/guests.dtb || bad "check"
	baton load /run/baton/guests.dtb || bad "load"
	cat /run/baton/loaded.door
	list_frames
	take
	baton exec
	bad "exec came back with $?"
	finish
}

take() {
	echo "frames: take"
	sleep 2
}

begin_secure
unpack_kvm
connect
case $STEP in
0)
	echo 72 >/proc/sys/vm/nr_hugepages
	# shellcheck disable=SC2046
	start_guest huge 1 $(kind_of huge) $DEVICES
	wait_tick huge 3 120 || { bad "the guest does not tick"; finish; }
	;;
*)
	take
	check "/dev/mem is closed" \
		sh -c '! head -c 1 /dev/mem >/dev/null 2>&1'
	baton adopt --all || { cat /run/baton/*.log; bad "baton adopt"; }
	baton status
	check "ticks after update $STEP" wait_tick huge 3 120
	;;
esac
[ "$STEP" != 2 ] || finish
update_guest
