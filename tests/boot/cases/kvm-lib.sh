# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# Pieces of the cases that run KVM guests. Sourced after lib.sh.

GUEST_DIR=/run/guests
GUEST_MIB=$(option kvm.mib 128)

# What scripts/mkkvm packed: QEMU, modules, the guest. vgif=0: with TCG's, guests
# stall when all CPUs share a thread
unpack_kvm() {
	local name module
	(cd / && cpio -idu </files/kvm.cpio 2>/dev/null) || bad "kvm.cpio"
	[ ! -e /files/signed-kvm.cpio ] ||
		(cd / && cpio -idu </files/signed-kvm.cpio 2>/dev/null) ||
		bad "signed-kvm.cpio"
	mkdir -p "$GUEST_DIR" /dev/hugepages
	mount -t hugetlbfs hugetlbfs /dev/hugepages
	for name in irqbypass kvm kvm-amd virtio virtio_ring \
		virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci \
		virtio_blk failover net_failover virtio_net tun llc stp \
		bridge baton_mem; do
		module=/lib/modules/$(uname -r)/$name.ko
		# `modules` of the case: of a kernel that is not packed
		[ -e "$module" ] || module=/files/$(uname -r)-$name.ko
		[ -e "$module" ] || continue
		insmod "$module" $([ "$name" != kvm-amd ] ||
			echo vgif=0) || bad "insmod $module"
	done
	need /dev/kvm /dev/baton-mem
}

# unpack_over_links ARCHIVE...: at / of Debian's disk, where /lib and /sbin are links
unpack_over_links() {
	local archive
	mkdir /run/tree
	for archive in "$@"; do
		(cd /run/tree && cpio -idu <"$archive" 2>/dev/null) ||
			bad "unpacking $archive"
	done
	tar -cC /run/tree . | tar -xC / --keep-directory-symlink || bad "tar"
	rm -r /run/tree
}

# start_guest NAME PORT BACKEND OPTIONS...: GUEST_MIB on memory-backend-BACKEND (its
# type and options). Its console goes out through this machine's serial port PORT
# (1..3), to where the runner looks at it, and to $GUEST_DIR/NAME.console
start_guest() {
	local name=$1 port=$2 backend=$3
	shift 3
	${LAUNCH:-} qemu-system-x86_64 -name "$name" -accel kvm -cpu qemu64 \
		-machine pc,memory-backend=ram -m "${GUEST_MIB}M" \
		-object "memory-backend-$backend,id=ram,size=${GUEST_MIB}M" \
		-nodefaults -no-user-config -display none \
		-chardev "serial,id=console,path=/dev/ttyS$port,logfile=$GUEST_DIR/$name.console,logappend=on" \
		-serial chardev:console \
		-qmp "unix:$GUEST_DIR/$name.qmp,server=on,wait=off" \
		-kernel /guest/vmlinuz -initrd /guest/initrd \
		-append "console=ttyS0 quiet mitigations=off ${GUEST_WORDS:-}" "$@" \
		>"$GUEST_DIR/$name.qemu" 2>&1 &
}

# unpack_newer: over the QEMU of unpack_kvm
unpack_newer() {
	(cd / && cpio -idu </files/newer.cpio 2>/dev/null) || bad "newer.cpio"
}

# as_user COMMAND...: LAUNCH of start_guest, a user of no rights; what must be the
# same after an update, and two variables that belong to one boot
as_user() {
	cd "$GUEST_DIR" || return
	umask 027
	ulimit -n 700
	ulimit -l 70000
	echo 77 >/proc/self/oom_score_adj
	exec /usr/bin/setpriv --reuid 1000 --regid 1001 --groups 36,44 env -i HOME=/ \
		"COLOUR=dark blue" NOTIFY_SOCKET=/run/x INVOCATION_ID=1 "$@"
}

# allow_user: what as_user's guests use
allow_user() {
	chown 1000 "$GUEST_DIR" /dev/ttyS1
	chgrp 36 /dev/kvm
	chmod 660 /dev/kvm
}

# next COMMAND...: on Debian's disk: it takes the host down, and is the last thing of
# this step
next() {
	[ "$FAILED" = 0 ] || finish
	touch /run/next
	"$@" && exit 0
	rm /run/next
	bad "$*"
	finish
}

# check_process TEXT PATTERN FILE: the file of QEMU's /proc has such a line
check_process() {
	check "$1" grep -Eq "$2" "/proc/$(pidof qemu-system-x86_64)/$3"
}

# check_user NAME: the adopted QEMU is as as_user started it
check_user() {
	local device=/dev/baton/$1.ram
	check_process "user" '^Uid:\s1000\s1000\s1000\s1000$' status
	check_process "group" '^Gid:\s1001\s1001\s1001\s1001$' status
	check_process "groups" '^Groups:\s36 44 $' status
	check_process "umask" '^Umask:\s0027$' status
	check_process "open files" '^Max open files +700 +700 ' limits
	check_process "locked memory" \
		'^Max locked memory +71680000 +71680000 ' limits
	check_process "OOM score" '^77$' oom_score_adj
	check "directory" [ "$(readlink \
		"/proc/$(pidof qemu-system-x86_64)/cwd")" = "$GUEST_DIR" ]
	check "environment" [ "$(tr '\0' , \
		<"/proc/$(pidof qemu-system-x86_64)/environ")" = \
		"HOME=/,COLOUR=dark blue," ]
	check "its memory is this user's" \
		[ "$(stat -c '%a %u %g' "$device")" = "600 1000 1001" ]
	check "and not another one's" sh -c "! /usr/bin/setpriv --reuid 1001 \
		--regid 1001 --clear-groups head -c 0 $device 2>/dev/null"
}

# kind_of WORD: options of start_guest for a kind of backing
kind_of() {
	case $1 in
	huge) echo memfd,share=on,hugetlb=on ;;
	hugefs) echo file,share=on,mem-path=/dev/hugepages ;;
	thp) echo memfd,share=on,prealloc=on ;;
	tmpfs)
		mkdir -p /run/tmpfs
		mount -t tmpfs -o huge=always tmpfs /run/tmpfs >&2
		echo file,share=on,mem-path=/run/tmpfs
		;;
	small) echo memfd,share=on ;;
	private) echo ram ;;
	esac
}

# make_net: a tap for the guest, in a bridge to the outside
make_net() {
	local link
	tunctl -t tap0 >/dev/null
	brctl addbr br0
	brctl addif br0 eth0
	brctl addif br0 tap0
	for link in eth0 tap0 br0; do ip link set "$link" up; done
}

# connect: a disk that outlives this host, and a bridge to the outside; both are
# there when the case's `qemu` says so: the bridge of a new host some seconds later.
# DEVICES: the guest's options
connect() {
	DEVICES=
	[ -e /dev/vda ] || return 0
	mkdir -p /disk
	mount -t ext4 /dev/vda /disk || bad "disk of the host"
	if [ "$STEP" = 0 ]; then
		make_net
	else
		(sleep 3; make_net) &
	fi
	DEVICES="-drive file=/disk/guest.img,format=raw,if=none,id=disk
		-device virtio-blk-pci,drive=disk
		-netdev tap,id=net,ifname=tap0,script=no,downscript=no
		-device virtio-net-pci,netdev=net,mac=52:54:00:aa:00:01,romfile="
}

# check_files: what a guest under load has written, as its names say; and nothing
# that it believed to be on its disk is missing
check_files() {
	local file sum written last=0 wrong=0 count=0
	insmod "/lib/modules/$(uname -r)/loop.ko"
	mkdir -p /guest-disk
	mount -o loop /disk/guest.img /guest-disk || bad "disk of the guest"
	for file in /guest-disk/file.*; do
		sum=$(md5sum <"$file")
		count=$((count + 1))
		[ "${file##*.}" = "${sum%% *}" ] || wrong=$((wrong + 1))
		file=${file%.*}
		[ "${file##*.}" -le "$last" ] || last=${file##*.}
	done
	written=$(sed -n 's/^tick .* written \([0-9]*\).*/\1/p' \
		"$GUEST_DIR"/*.console | tail -n 1)
	note "$count files, the last $last; the guest said $written"
	check "sums of $count files are right" [ $count -gt 9 -a $wrong = 0 ]
	check "no file is missing" [ "$last" -ge "$written" -a "$written" -gt 20 ]
	umount /guest-disk
}

# check_disk: the guest's, after the end of the guest
check_disk() {
	[ -e /dev/vda ] || return 0
	kill "$(pidof qemu-system-x86_64)"
	while pidof qemu-system-x86_64 >/dev/null; do usleep 100000; done
	e2fsck -fy /disk/guest.img
	check "the guest's file system is clean" [ $? -le 1 ]
	[ "$GUEST_WORDS" != load ] || check_files
	umount /disk
}

# tell_pause TEXT: seconds since case.at= of the command line; the clock comes from
# the machine's, in whole seconds
tell_pause() {
	note "$(($(date +%s) - $(option case.at 0))) s after the start of the" \
		"update: $*"
}

# take_frames: the runner takes the frames listed last out of this machine
take_frames() {
	[ "$(option kvm.steps all)" = single ] || return 0
	echo "frames: take"
	sleep 2
}

# A host that goes down cleanly: services end, file systems are unmounted. The
# keepers are what a last kill spares
end_all() {
	kill "$(pidof qemu-system-x86_64)"
	while pidof qemu-system-x86_64 >/dev/null; do usleep 100000; done
	[ ! -e /dev/vda ] || umount /disk || bad "disk is in use"
	check "only keepers are left" \
		[ "$(cat /proc/[0-9]*/comm | grep -c ^@baton)" = 1 ]
}

# update_by_steps OPTIONS OF COLLECT...: to /images/vmlinuz; under Secure Boot with a
# manifest (secureboot-lib.sh)
update_by_steps() {
	local words manifest=
	next_initrd /tmp/initrd || bad "next initrd"
	words=$(next_cmdline "case.at=$(date +%s)")
	if [ -e /files/manifest.key ]; then
		sign_target --kernel /images/vmlinuz --initrd /tmp/initrd \
			--cmdline "$words"
		manifest="--manifest /run/targets"
	fi
	mkdir -p /run/baton
	baton collect "$@" -o /run/baton/guests.lu || bad "collect"
	# shellcheck disable=SC2086
	baton pack --stream /run/baton/guests.lu --kernel /images/vmlinuz \
		--initrd /tmp/initrd --policy reset -o /run/baton/guests.dtb \
		--cmdline "$words" $manifest || bad "pack"
	baton check /run/baton/guests.dtb || bad "check"
	baton load /run/baton/guests.dtb || bad "load"
	if [ -n "$(option kvm.clean '')" ]; then
		end_all
	fi
	list_frames
	take_frames
	baton exec
	bad "exec came back with $?"
	finish
}

# ask_first OPTIONS OF COLLECT...: precheck says yes, changes nothing, and no guest
# notices. What it thinks of the pause is recorded.
ask_first() {
	local before now kind
	before=$(ls -l /run/baton 2>/dev/null)
	baton precheck --kernel /images/vmlinuz --cmdline x "$@" >/run/precheck
	now=$?
	sed 's/^/precheck: /' /run/precheck
	check "precheck says yes" [ "$now" = 0 ]
	check "it estimates the pause" grep -q '^about [0-9.]* s' /run/precheck
	MORE_WORDS="case.estimate=$(sed -n 's/^about \([0-9.]*\) s$/\1/p' \
		/run/precheck)"
	check "it leaves /run/baton as it was" \
		[ "$(ls -l /run/baton 2>/dev/null)" = "$before" ]
	check "and nothing of its own" \
		sh -c '! ls -d /dev/shm/baton-* /tmp/baton-* 2>/dev/null'
	for kind in $GUESTS; do
		now=$(grep -c '^tick' "$GUEST_DIR/$kind.console")
		check "$kind ticks on" wait_tick "$kind" $((now + 2)) 30
	done
	check "precheck refuses what upgrade does" sh -c 'baton precheck \
		--kernel /nowhere --cmdline x >/run/out; [ $? = 11 ] &&
		grep -q HO_EFILE /run/out'
}

# tell_estimate: beside what precheck thought of it, which it does once all stages
# of an update have been measured here: from the second one on
tell_estimate() {
	local thought
	thought=$(option case.estimate '')
	[ -z "$thought" ] || note "precheck thought of $thought s; it was" \
		"$(baton status --pause | sed -n 's/.* stood still for //p')"
}

# to_and_back OPTIONS OF COLLECT...: adopted guests are saved, their states are
# rehearsed on a view of their memory, and they go on
to_and_back() {
	local kind now
	check "adopted guests are collected" baton collect "$@" -o /run/again.lu
	check "and go on" baton unload
	for kind in $GUESTS; do
		now=$(grep -c '^tick' "$GUEST_DIR/$kind.console")
		check "$kind ticks on" wait_tick "$kind" $((now + 2)) 30
	done
}

# update_by_word: guests and kernel are found; the command line of the next boot of
# this machine is in baton.conf.
update_by_word() {
	local release
	release=$(uname -r)
	mkdir -p /boot /etc/baton
	next_initrd "/boot/initrd.img-$release" || bad "next initrd"
	cp /images/vmlinuz "/boot/vmlinuz-$release"
	baton upgrade --yes >/run/out 2>&1
	check "the newest kernel runs: status 0" [ $? = 0 ]
	check "and nothing is done" grep -q "nothing to do" /run/out
	baton upgrade --again </dev/null >/run/out 2>&1
	check "without a terminal nobody is asked" grep -q HO_ENOTERMINAL /run/out
	{
		echo "cmdline = $(next_cmdline "case.at=$(date +%s)")"
		echo "policy = reset"
	} >/etc/baton/baton.conf
	baton config --show | sed 's/^/config: /'
	baton upgrade --yes --again --leave nobody
	bad "upgrade came back with $?"
	finish
}

# wait_tick NAME COUNT SECONDS: until COUNT ticks were seen in this instance
wait_tick() {
	local i=0 file=$GUEST_DIR/$1.console
	while [ $i -lt $(($3 * 5)) ]; do
		[ "$(cat "$file" 2>/dev/null | grep -c '^tick')" -lt "$2" ] ||
			return 0
		usleep 200000
		i=$((i + 1))
	done
	cat "$file" "$GUEST_DIR/$1.qemu" "/run/baton/$1.log"
	return 1
}

# wait_unit UNIT SECONDS: until it is active, which it must be, or has failed
wait_unit() {
	local i=0
	while [ $i -lt "$2" ]; do
		case $(systemctl is-active "$1") in
		active | failed) break ;;
		esac
		i=$((i + 1))
		sleep 1
	done
	systemctl --no-pager -l status "$1"
	check "$1 is active" systemctl -q is-active "$1"
}

# start_good: a guest that must not notice what is refused; with a monitor
# besides that of baton, $GUEST_DIR/good.mon.in
start_good() {
	echo 72 >/proc/sys/vm/nr_hugepages
	monitor good
	# shellcheck disable=SC2046,SC2086
	start_guest good 1 $(kind_of huge) $MONITOR
	wait_tick good 2 90 || { bad "guest does not tick"; finish; }
}

# ticks_on TEXT: the good guest is not stopped
ticks_on() {
	local now
	now=$(grep -c ^tick "$GUEST_DIR/good.console")
	check "guest runs on after $1" wait_tick good $((now + 2)) 20
}

# monitor NAME: options for a second monitor, for people: MONITOR
monitor() {
	mkfifo "$GUEST_DIR/$1.mon.in" "$GUEST_DIR/$1.mon.out"
	MONITOR="-mon mon -chardev pipe,id=mon,path=$GUEST_DIR/$1.mon"
}

# tell NAME LINE...: say it to that monitor
tell() {
	local name=$1
	shift
	printf '%s\n' "$@" >"$GUEST_DIR/$name.mon.in"
}

# idle NAME OPTIONS...: a machine that is only started, not run to its end
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

# refuses CODE OPTIONS...: upgrade does not do that, for that reason
refuses() {
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

# refuses_idle CODE NAME OPTIONS...: the same of a machine that is started for it
refuses_idle() {
	local code=$1 name=$2
	shift 2
	idle "$name" "$@"
	refuses "$code" --qemu "$GUEST_DIR/$name.qmp" --name "$name"
}
