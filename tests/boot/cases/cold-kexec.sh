# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# The door by kexec-tools, which places it anywhere: a cold blob, or with
# `cold.warm` a handover's.

need /sbin/baton
need /sbin/kexec
need /bin/holder
need /files/baton.bzImage
. /cases/handover-lib.sh

case $STEP in
0)
	next_initrd /tmp/initrd || bad "next initrd"
	if grep -q cold.warm /proc/cmdline; then
		hold_two
		baton collect --pid "$ONE" --name one --map memfd:one-huge \
			-o /tmp/one.lu
		baton pack --stream /tmp/one.lu --kernel /images/vmlinuz \
			--initrd /tmp/initrd --policy halt -o /tmp/blob || bad "pack"
	else
		baton pack --cold --kernel /images/vmlinuz \
			--initrd /tmp/initrd --cmdline "$(next_cmdline)" \
			-o /tmp/blob || bad "pack"
	fi
	[ "$FAILED" = 0 ] || finish
	kexec -l /files/baton.bzImage --initrd=/tmp/blob --command-line=x ||
		bad "kexec -l"
	kexec -e
	bad "kexec came back"
	finish
	;;
1)
	baton status | grep "first boot" || bad "status"
	check "the region of the breadcrumb" sh -c "baton region | grep breadcrumb"
	finish
	;;
esac
