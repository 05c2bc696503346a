# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# Debian with systemd: a guest is a service of an unprivileged user, started at
# boot. systemd takes the old host down and jumps, a keeper holds the memory; in
# the new host systemd adopts the guest at boot, by baton-adopt.service after the
# first update, by baton-adopt@.service after the second.

need /files/kvm.cpio /files/install.cpio
. /cases/systemd-lib.sh

case $STEP in
0)
	install_all
	first_jump
	;;
1)
	wait_guest
	mkdir -p /run/baton
	baton collect --qemu "$MONITOR" --name vm1 -o /run/baton/vm1.lu ||
		bad "collect"
	KEEPER=$(grep -l ^@baton: /proc/[0-9]*/comm | cut -d/ -f3)
	check "the keeper is in no unit" \
		[ "$(cat "/proc/$KEEPER/cgroup")" = 0::/ ]
	baton pack --stream /run/baton/vm1.lu --kernel "$KERNEL" \
		--initrd "$INITRD" --cmdline "$CMDLINE" --policy reset \
		-o /run/baton/vm1.dtb || bad "pack"
	baton load /run/baton/vm1.dtb || bad "load"
	next baton exec --shutdown
	;;
2)
	wait_unit baton-adopt.service 60
	check_guest baton-adopt.service
	systemctl stop baton-adopt.service
	check "its end is not the guest's" [ -e "/proc/$PID" ]
	systemctl -q disable baton-adopt.service
	systemctl -q enable baton-adopt@vm1.service
	update
	;;
3)
	wait_unit baton-adopt@vm1.service 60
	check_guest baton-adopt@vm1.service
	baton status
	finish
	;;
esac
