# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# Debian with libvirt, AppArmor enforcing: a domain with hugepages, a disk, a log file
# and a tap on virbr0 goes through two updates, and libvirt restores it each time by
# itself. Before it is adopted, nobody can start it; afterwards virsh has it as before.
# The first update is made by its single commands, its frames looked at from outside;
# after the second one systemd adopts it.

need /files/kvm.cpio /files/install.cpio
. /cases/handover-lib.sh
. /cases/libvirt-lib.sh

UUID=$(uuid 1)

# undone: libvirt has it running again
undone() {
	check "it runs on" [ "$(virsh domstate --reason vm1)" = \
		"running (unpaused)" ]
	nothing_set vm1
}

case $STEP in
0)
	install_all 72
	wait_libvirt
	define_net
	start_net
	DEVICES="$(disk 1)$(nic 1)"
	start 1
	# undone by libvirt, with nothing left in QEMU
	mkdir /run/small
	mount -t tmpfs -o size=16k small /run/small
	baton collect --libvirt vm1 -o /run/small/lu >/run/out 2>&1
	cat /run/out
	check "no room for its state" grep -q HO_EFILE /run/out
	undone
	next domain_by_steps --libvirt vm1
	;;
1)
	wait_libvirt
	echo "frames: take"
	sleep 5
	is_kept 1
	check "it does not run" [ "$(virsh domstate vm1)" = "shut off" ]
	# without its emulator; without its network; and then with both
	mv /usr/lib/baton/baton-qemu /run/
	baton adopt vm1 >/run/out 2>&1
	check "not without the emulator" grep -q HO_ELIBVIRTSETUP /run/out
	mv /run/baton-qemu /usr/lib/baton/
	baton adopt --timeout 300 vm1 >/run/out 2>&1
	cat /run/out
	check "not without its network" grep -q HO_EADOPT /run/out
	check "libvirt says why" grep -q "network 'default'" /run/out
	check "it is kept still" baton adopt --test "$UUID"
	start_net
	adopt vm1
	runs_as_before 1
	virsh_has 1
	systemd_adopts
	next baton upgrade --libvirt vm1 --kernel "$KERNEL" \
		--initrd "$INITRD" --cmdline "$CMDLINE" --policy reset
	;;
2)
	# systemd has done it: the network, libvirtd, the guest
	wait_unit baton-adopt-libvirt.service 600
	runs_as_before 1
	no_unit_failed
	check "attach" virsh attach-disk vm1 "$IMAGES/initrd" vdb --mode readonly --live
	check "detach" virsh detach-disk vm1 vdb --live
	# a save and a restore by libvirt alone have all of its memory
	check "save" virsh save vm1 /var/lib/libvirt/vm1.save
	check "all of its RAM is in it" [ "$(stat -c %s /var/lib/libvirt/vm1.save)" -gt 4000000 ]
	check "restore" virsh restore /var/lib/libvirt/vm1.save
	TICKS=$(grep -c ^tick "$GUEST_DIR/vm1.console")
	check "it ticks after a restore" wait_tick vm1 $((TICKS + 3)) 120
	check "destroy" virsh destroy vm1
	check_image 1
	check "it is nobody's now" sh -c "! baton adopt --test $UUID"
	check "and starts anew" virsh start --paused vm1
	check "from its own emulator" sh -c \
		"virsh dumpxml vm1 | grep -q '<emulator>/usr/bin/qemu-system'"
	virsh destroy vm1
	baton status
	finish
	;;
esac
