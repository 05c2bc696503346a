# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# KASLR on EFI, with most of the memory kept: a decompressor that finds EFI's map
# looks for a place in that alone, whatever E820 says. First boot through the
# door, then three updates; no word of what is kept may change, and each kernel
# must be where the stub has put it.

need /sbin/baton
need /bin/holder
. /cases/handover-lib.sh
. /cases/uefi-lib.sh

# Physical address of this kernel, and of the stub's jump without 0x200
kernel_at() {
	sed -n 's/^ *\([0-9a-f]*\)-[0-9a-f]* : Kernel code$/\1/p' /proc/iomem |
		sed 's/^0*//'
}

jump_to() {
	baton status --log | sed -n 's/.*jump to 0x\([0-9a-f]*\)200$/\1/p' |
		sed 's/$/000/' | tail -n 1
}

check "no nokaslr on the command line" \
	[ -z "$(grep -o nokaslr /proc/cmdline)" ]
check "EFI's map is there" [ -d /sys/firmware/efi/runtime-map/0 ]
echo "kernel at $(kernel_at), jump to $(jump_to)"
check "the kernel is where the stub put it" \
	[ "$(kernel_at)" = "$(jump_to)" ]
case $STEP in
0)
	PAGES=$(option tight.pages 280)
	echo "$PAGES" >/proc/sys/vm/nr_hugepages
	check "$PAGES huge pages" \
		[ "$(cat /proc/sys/vm/nr_hugepages)" = "$PAGES" ]
	hold tight --huge "$PAGES"
	start_target --pid "$PID" --name tight --map memfd:tight-huge \
		--map memfd:tight-small
	;;
*)
	prove_frames "$STEP" 1 $(($(option tight.pages 280) * 512 + 256))
	grep MemTotal /proc/meminfo
	[ "$STEP" = 3 ] && finish
	update_again
	;;
esac
