# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# What one would do without Baton, and bench/peers holds its pause against: a KVM
# guest of kvm.mib is stopped and saved to the host's disk by QEMU itself, the host
# is changed by a plain kexec, and QEMU loads the guest again. No page of it is zero
# at first, for QEMU does not save those.

need /sbin/kexec /files/kvm.cpio
. /cases/kvm-lib.sh

STATE=/disk/guest.state
BACKEND=file,share=on,mem-path=/run/guest.ram

tell_pause "up"
unpack_kvm
mkdir -p /disk
mount -t ext4 /dev/vda /disk || bad "disk of the host"
GUEST_WORDS=often
if [ "$STEP" = 0 ]; then
	tr '\0' '\125' </dev/zero |
		dd of=/run/guest.ram bs=1M count="$GUEST_MIB" iflag=fullblock \
		2>/dev/null || bad "memory"
	monitor guest
	# shellcheck disable=SC2086
	start_guest guest 1 $BACKEND $MONITOR
	wait_tick guest 3 120 || { bad "guest does not tick"; finish; }
	next_initrd /tmp/initrd || bad "next initrd"
	kexec -c -l /images/vmlinuz --initrd=/tmp/initrd \
		--command-line="$(next_cmdline "case.at=$(date +%s)")" || bad "kexec -l"
	note "peers: stopped"
	tell guest stop "migrate \"exec:cat >$STATE\"" quit
	while pidof qemu-system-x86_64 >/dev/null; do usleep 50000; done
	check "saved: $(stat -c %s $STATE) bytes" \
		[ "$(stat -c %s $STATE)" -gt $((GUEST_MIB << 19)) ]
	umount /disk || bad "umount"
	note "peers: saved"
	kexec -e
	bad "kexec -e came back"
	finish
fi
tell_pause "ready for guests"
truncate -s "${GUEST_MIB}M" /run/guest.ram
start_guest guest 1 "$BACKEND" -incoming "exec:cat $STATE"
check "guest ticks" wait_tick guest 3 120
finish
