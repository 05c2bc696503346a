# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# A plain kexec of the same kernel and initrd in the same machine, to hold the
# pause of a guest against: the notes say how long.

need /sbin/kexec /files/kvm.cpio
. /cases/kvm-lib.sh

if [ "$STEP" = 0 ]; then
	unpack_kvm
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
