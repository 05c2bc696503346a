# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# The new host's QEMU is older than the old one's: guests of a newer QEMU, one
# with its machine type, one with the older QEMU's, are not adopted, with the
# reason; they keep memory and state, and go on once that QEMU is installed.

need /sbin/baton /files/kvm.cpio /files/newer.cpio
. /cases/handover-lib.sh
. /cases/kvm-lib.sh

unpack_kvm
if [ "$STEP" = 0 ]; then
	unpack_newer
	qemu-system-x86_64 -version
	echo 144 >/proc/sys/vm/nr_hugepages
	# shellcheck disable=SC2046
	start_guest one 1 $(kind_of hugefs)
	# shellcheck disable=SC2046
	start_guest two 2 $(kind_of hugefs) -machine pc-i440fx-7.2
	for GUEST in one two; do
		wait_tick $GUEST 3 120 ||
			{ bad "guest $GUEST does not tick"; finish; }
	done
	refuses_idle EGUESTMEMFD memfd -machine pc,memory-backend=ram \
		-object memory-backend-memfd,id=ram,size=32M,share=on
	start_target --qemu "$GUEST_DIR/one.qmp" --name one \
		--qemu "$GUEST_DIR/two.qmp" --name two
fi

qemu-system-x86_64 -version
for GUEST in one two; do
	refused 6 EGUESTQEMU baton adopt $GUEST
	check "no QEMU is left" [ -z "$(pidof qemu-system-x86_64)" ]
done
check "both versions are named" grep -q "two: 7\.2.*10\." /run/out
for GUEST in one two; do
	memdev remove $GUEST.ram
	check "memory of $GUEST can be read" sh -c \
		"baton salvage $GUEST -o - | wc -c | grep -q ^1342"
	check "its state, too" sh -c \
		"baton state $GUEST qemu-vmstate | head -c 4 | grep -q QEVM"
done
unpack_newer
baton adopt --all || { cat /run/baton/*.log; bad "adopt"; }
for GUEST in one two; do
	check "$GUEST ticks with the newer QEMU" wait_tick $GUEST 3 60
done
finish
