# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# The door by kexec-tools, which places it anywhere, as bzImage, or with
# `cold.file` by kexec_file_load, or with `cold.elf` as ELF: a cold blob, or with
# `cold.warm` a handover's. With `cold.efi` both kernels have the firmware's
# variables; `cold.debugfs`: mounted for kexec-tools.

need /sbin/baton
need /sbin/kexec
need /bin/holder
. /cases/handover-lib.sh
. /cases/uefi-lib.sh

DOOR=/files/baton.bzImage
BLOB=--initrd=/tmp/blob
if grep -q cold.elf /proc/cmdline; then
	DOOR=/files/baton.elf
	BLOB=--module=/tmp/blob
fi

case $STEP in
0)
	! grep -q cold.efi /proc/cmdline || prove_variables
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
	! grep -q cold.debugfs /proc/cmdline ||
		mount -t debugfs debugfs /sys/kernel/debug || bad "debugfs"
	LOAD=-l
	grep -q cold.file /proc/cmdline && LOAD="-s -l"
	# shellcheck disable=SC2086
	kexec $LOAD "$DOOR" "$BLOB" --command-line=x || bad "kexec $LOAD"
	kexec -e
	bad "kexec came back"
	finish
	;;
1)
	baton status | grep "first boot" || bad "status"
	check "the region of the breadcrumb" sh -c "baton region | grep breadcrumb"
	! grep -q cold.efi /proc/cmdline || prove_variables
	finish
	;;
esac
