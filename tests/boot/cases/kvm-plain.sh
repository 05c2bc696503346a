# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# A plain kexec of the same kernel and initrd in the same machine, to hold the
# pause of a guest against: the notes say how long. The same guest has run there until
# then: what an emulator keeps of the code of both, the next instance writes over.

need /sbin/kexec /files/kvm.cpio
. /cases/kvm-lib.sh

if [ "$STEP" = 0 ]; then
	unpack_kvm
	GUEST_WORDS=$(option kvm.words '')
	allow_user
	LAUNCH=as_user
	echo $((GUEST_MIB / 2 + 8)) >/proc/sys/vm/nr_hugepages
	# shellcheck disable=SC2046
	start_guest huge 1 $(kind_of huge)
	wait_tick huge 3 90 || { bad "guest does not tick"; finish; }
	kill "$(pidof qemu-system-x86_64)"
	while pidof qemu-system-x86_64 >/dev/null; do usleep 100000; done
	next_initrd /tmp/initrd || bad "next initrd"
	kexec -c -l /images/vmlinuz --initrd=/tmp/initrd \
		--command-line="$(next_cmdline "case.at=$(date +%s)")" || bad "kexec -l"
	note "kexec -e"
	kexec -e
fi
tell_pause "up again"
unpack_kvm
tell_pause "ready for guests"
ok "measured"
finish
