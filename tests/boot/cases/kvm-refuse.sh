# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# What baton says no to about a QEMU guest, with the reason; and whatever goes
# wrong before the jump, the guest runs on.

need /sbin/baton /files/kvm.cpio
. /cases/handover-lib.sh
. /cases/kvm-lib.sh

unpack_kvm
echo 72 >/proc/sys/vm/nr_hugepages
mkfifo "$GUEST_DIR/good.mon.in" "$GUEST_DIR/good.mon.out"
start_guest good 1 "$(kind_of huge)" -mon mon \
	-chardev "pipe,id=mon,path=$GUEST_DIR/good.mon"
wait_tick good 2 90 || { bad "guest does not tick"; finish; }

# a machine that is only started, not run to its end
idle() {
	local name=$1
	shift
	qemu-system-x86_64 -name "$name" -accel kvm -cpu qemu64 -m 32M \
		-nodefaults -no-user-config -display none \
		-qmp "unix:$GUEST_DIR/$name.qmp,server=on,wait=off" "$@" \
		>"$GUEST_DIR/$name.qemu" 2>&1 &
	while [ ! -e "$GUEST_DIR/$name.qmp" ]; do usleep 100000; done
	usleep 500000
}

# refused CODE OPTIONS...: upgrade does not do that, for that reason
refused() {
	local code=$1
	shift
	baton upgrade --kernel /images/vmlinuz --cmdline x "$@" \
		>/run/out 2>&1 && bad "not refused: $*"
	cat /run/out
	if grep -q "\[HO_$code\]" /run/out && grep -q remedy: /run/out; then
		ok "refused: $code"
	else
		bad "not $code: $*"
	fi
}

# ticks_on TEXT: the guest is not stopped
ticks_on() {
	local now
	now=$(grep -c ^tick "$GUEST_DIR/good.console")
	check "guest runs on after $1" wait_tick good $((now + 2)) 20
}

idle private -machine pc,memory-backend=ram \
	-object memory-backend-ram,id=ram,size=32M
refused EGUESTRAM --qemu "$GUEST_DIR/private.qmp" --name private
idle plain
refused EGUESTRAM --qemu "$GUEST_DIR/plain.qmp" --name plain
SHARED="-machine pc,memory-backend=ram -object memory-backend-memfd,id=ram,size=32M,share=on"
# shellcheck disable=SC2086
idle small $SHARED
refused EGUESTPAGES --qemu "$GUEST_DIR/small.qmp" --name small
# shellcheck disable=SC2086
idle peer $SHARED -object memory-backend-memfd,id=peer,size=1M,share=on \
	-device ivshmem-plain,memdev=peer,master=off
refused EGUESTDEV --qemu "$GUEST_DIR/peer.qmp" --name peer
exec 9<>/run/inherited
# shellcheck disable=SC2086
idle inherit $SHARED -add-fd fd=9,set=1
refused EGUESTARGS --qemu "$GUEST_DIR/inherit.qmp" --name inherit
refused EQMP --qemu /run/guests/nobody.qmp --name nobody
refused EUSAGE --qemu "$GUEST_DIR/good.qmp" --name "no/name"
ticks_on "refusals"

# one of two is refused: the other one goes on
refused EGUESTRAM --qemu "$GUEST_DIR/good.qmp" --name good \
	--qemu "$GUEST_DIR/private.qmp" --name private
ticks_on "another one's refusal"

# late: it is stopped and saved by then
refused ENOTBZIMAGE --kernel /init --qemu "$GUEST_DIR/good.qmp" --name good
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
echo cont >"$GUEST_DIR/good.mon.in"
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
		echo cont >"$GUEST_DIR/good.mon.in"
		kill -9 "$(pidof @baton:good)"
	fi
	ticks_on "a killed collect"
done
check "no keeper is left" [ "$(cat /proc/[0-9]*/comm | grep -c @baton)" = 0 ]
finish
