# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# A PVH guest, or an HVM guest (`type`), from a stock Xen: copied by a stock new one,
# in the frames it has by one of ours, or by a livepatch, update after update. No frame
# is changed from the suspension to the moment before the guest runs on, but the pages
# that xl makes anew.

need /sbin/baton
. /cases/xen-lib.sh

UPDATES=$(option updates 1)
G1_MIB=$(option g1.mib 192)
TYPE=$(option type pvh)
# emulated, each rdtsc would be a trip to Xen
NATIVE='tsc_mode = "native"'
EXTRA="mitigations=off"
DOM0_MIB=640
# no console of Xen's, no suspension by itself
HVM='serial = "file:/var/log/xen/console/guest-g1.log"
vga = "none"
nographic = 1
vnc = 0
sdl = 0
usb = 0
acpi = 1
xen_platform_pci = 0'
# Drivers of Xen's in an HVM guest: it suspends itself, and has a disk of dom0's
PV=$(option pv 0)
if [ "$TYPE" = hvm ]; then
	(cd / && cpio -idmu </files/xen-qemu.cpio 2>/dev/null)
	EXTRA="console=ttyS0 mitigations=off tsc=reliable"
	[ "$PV" = 1 ] || EXTRA="$EXTRA xen_nopv"
	DOM0_MIB=960
else
	HVM=
fi
if [ "$PV" = 1 ]; then
	HVM="${HVM%xen_platform_pci*}"
	HVM="$HVM
disk = [ 'phy:/dev/vda,xvde,r' ]"
fi
# frames of 16 to 80 MiB are for dom0's kernel (docs/xen.md)
XEN_CMDLINE="console=com1 com1=115200,8n1 dom0_mem=${DOM0_MIB}M,max:${DOM0_MIB}M dma_bits=27"

# by itself, or by the livepatch that `baton restore` gives it
adopts() {
	[ -e /files/xen.livepatch ] ||
		xl info | grep -q '^xen_caps.*baton-pv-1 '
}

# its QEMU is "running" or "paused"
qemu_is() {
	[ "$TYPE" != hvm ] || check "its QEMU is $1" sh -c \
		"xl qemu-monitor-command g1 'info status' | grep 'status: $1'"
}

# Its grant table is as it was: nothing of what was asked stays in it. What QEMU
# would write after it has saved its state would be in memory alone.
undone() {
	qemu_is running
	baton collect --xen g1 -o /tmp/undone.lu || bad "collect"
	xl list g1
	qemu_is paused
	baton unload || bad "unload"
	qemu_is running
	runs_on "collect and unload"
}

[ "$PV" = 0 ] || {
	insert_backends
	make_ramdisk xen-blkfront
}
start_xen_tools
[ ! -e /files/xen.livepatch ] || put_livepatch
[ ! -e /files/xen-save.so ] || put_save_library
case $STEP in
0)
	start_guest g1 "$G1_MIB" 8 "$NATIVE" "$HVM" \
		"vcpus = $(option vcpus 1)"
	wait_guest g1 "pattern unbroken" 300
	[ "$PV" = 0 ] || wait_guest g1 "disk as it was" 60
	undone
	;;
*)
	baton status || bad "baton status"
	xl dmesg | grep baton
	before=$(free_mib)
	baton restore --xen --paused >/run/restored 2>&1 || bad "restore"
	cat /run/restored
	take_frames
	xl unpause g1
	if adopts; then
		sent g1 0
		free_is_still "g1 goes on" "$before"
	fi
	guest_goes_on g1 300
	[ "$PV" = 0 ] || wait_guest g1 "disk as it was" 120
	baton status >/run/status
	check "status says how" grep -q \
		"$(adopts && echo 'runs on in place' || echo released)" \
		/run/status
	;;
esac
if [ "$STEP" -ge "$UPDATES" ]; then
	if [ "$(option after 0)" = 1 ]; then
		as_ever g1 176
		migrated g1
	fi
	xl destroy g1
	! adopts || frames_are_free "$before" "$G1_MIB"
	finish
fi
note_ticks g1
DOM0_WORDS="$DOM0_WORDS g1.mib=$G1_MIB updates=$UPDATES type=$TYPE pv=$PV"
DOM0_WORDS="$DOM0_WORDS after=$(option after 0)"
collect_next
pack_next
baton load /tmp/next.dtb || bad "load: $?"
list_ordinary /run/baton/loaded.dtb
qemu_is paused
take_frames
baton exec
bad "exec came back with $?"
finish
