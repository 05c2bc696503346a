# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# 8064 ranges in use, from Linux to Xen, whose boot allocator stops at 256: the
# map has 199 of the free ones, the largest, and the others are not plugged.

need /sbin/baton
need /bin/synth
. /cases/handover-lib.sh
. /cases/xen-lib.sh

case $STEP in
0)
	synth --start 0x50000000 --bytes 256M --unit 4K --stride 8 \
		-o /tmp/synth.lu || bad "synth"
	next_initrd /tmp/initrd || bad "next initrd"
	baton pack --stream /tmp/synth.lu --target xen \
		--kernel /files/xen.gz --cmdline "$XEN_CMDLINE" \
		--module "/files/vmlinuz-dom0 $(dom0_cmdline)" \
		--module /tmp/initrd --policy reset -o /tmp/blob || bad "pack"
	baton load /tmp/blob || bad "load"
	baton exec
	bad "exec came back"
	finish
	;;
1)
	baton status || bad "status"
	check "thousands of ranges in use" \
		[ "$(baton status --extents | wc -l)" -gt 8000 ]
	baton status --json >/run/status.json
	check "some gaps are not plugged" \
		grep -q '"frames_unplugged": *[1-9]' /run/status.json
	finish
	;;
esac
