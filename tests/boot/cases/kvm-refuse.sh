# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# What baton says no to about a QEMU guest, with the reason; and whatever goes
# wrong before the jump, the guest runs on.

need /sbin/baton /files/kvm.cpio
. /cases/handover-lib.sh
. /cases/kvm-lib.sh

unpack_kvm
start_good

refuses_idle EGUESTRAM private -machine pc,memory-backend=ram \
	-object memory-backend-ram,id=ram,size=32M
refuses_idle EGUESTRAM plain
SHARED="-machine pc,memory-backend=ram -object memory-backend-memfd,id=ram,size=32M,share=on"
# shellcheck disable=SC2086
refuses_idle EGUESTPAGES small $SHARED
# shellcheck disable=SC2086
refuses_idle EGUESTDEV peer $SHARED -device ivshmem-plain,memdev=peer,master=off \
	-object memory-backend-memfd,id=peer,size=1M,share=on
exec 9<>/run/inherited
# shellcheck disable=SC2086
refuses_idle EGUESTARGS inherit $SHARED -add-fd fd=9,set=1
refuses EQMP --qemu /run/guests/nobody.qmp --name nobody
refuses EUSAGE --qemu "$GUEST_DIR/good.qmp" --name "no/name"
ticks_on "refusals"

# one of two is refused: the other one goes on
refuses EGUESTRAM --qemu "$GUEST_DIR/good.qmp" --name good \
	--qemu "$GUEST_DIR/private.qmp" --name private
ticks_on "another one's refusal"

# late: it is stopped and saved by then
refuses ENOTBZIMAGE --kernel /init --qemu "$GUEST_DIR/good.qmp" --name good
ticks_on "a refused target"
for at in 2 4 6 8 10; do
	baton upgrade --kernel /images/vmlinuz --initrd /images/base.cpio \
		--cmdline x --qemu "$GUEST_DIR/good.qmp" --name good &
	PID=$!
	usleep ${at}00000
	kill -9 $PID
	wait $PID
	ticks_on "a kill after $at/10 s"
done
sleep 1
check "no keeper is left" [ "$(cat /proc/[0-9]*/comm | grep -c @baton)" = 0 ]

# its saved state is of the past when it has run since
mkdir -p /run/baton
baton collect --qemu "$GUEST_DIR/good.qmp" --name good -o /run/good.lu ||
	bad "collect"
baton pack --stream /run/good.lu --kernel /images/vmlinuz --policy reset \
	-o /run/good.dtb && baton load /run/good.dtb || bad "pack, load"
tell good cont
sleep 1
if baton exec >/run/out 2>&1; then bad "exec of a stale state"; fi
check "exec refuses a state of the past" grep -q HO_EGUESTBUSY /run/out
ticks_on "a refused exec"
baton unload || bad "unload"
baton collect --qemu "$GUEST_DIR/good.qmp" --name good -o /run/good.lu &&
	baton pack --stream /run/good.lu --kernel /images/vmlinuz \
		--policy reset -o /run/good.dtb && baton load /run/good.dtb ||
	bad "collect, pack, load"
baton unload || bad "unload"
ticks_on "unload"
for at in 1 2; do
	baton collect --qemu "$GUEST_DIR/good.qmp" --name good -o /run/good.lu &
	PID=$!
	usleep ${at}00000
	kill -9 $PID
	if wait $PID; then
		check "it waits" grep -q '"good"' /run/baton/ledger.json
		baton unload || bad "unload after a collect"
	fi
	ticks_on "a killed collect"
done
check "no keeper is left" [ "$(cat /proc/[0-9]*/comm | grep -c @baton)" = 0 ]
finish
