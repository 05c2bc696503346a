# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# What is refused in a dom0, with a guest that runs on afterwards each time; an
# upgrade that is killed, and one that is loaded only.

need /sbin/baton
. /cases/xen-lib.sh

REGION="--region 256M+128M"

# runs_on WHEN [NAME]: the guest ticks after this was called
runs_on() {
	local was i=0 guest=${2:-g1}
	was=$(last_tick $guest)
	while [ "$(last_tick $guest)" -le $((was + 1)) ]; do
		i=$((i + 1))
		[ $i -lt 100 ] || { xl list; bad "$1: $guest stands still"; return; }
		usleep 200000
	done
	ok "$1: $guest runs on"
}

# wait_size NAME MIB: until its balloon has got there
wait_size() {
	local i=0
	until xl debug-keys q && xl dmesg -c |
		grep -q "nr_pages=$(($2 * 256)) "; do
		i=$((i + 1))
		[ $i -lt 60 ] || { xl list; bad "$1: not $2 MiB"; return; }
		sleep 1
	done
}

collect() {
	baton collect "$@" -o /tmp/x.lu
}

# really_to_xen COMMAND...: `baton upgrade`, by that command
# REGION is several words
# shellcheck disable=SC2086
really_to_xen() {
	"$@" upgrade --xen g1 --target xen --kernel /files/xen.gz \
		--cmdline "$XEN_CMDLINE" \
		--module "/files/vmlinuz-dom0 console=hvc0" \
		--module /images/base.cpio --policy reset $REGION $MORE
}

# to_xen OPTIONS...: all but the jump
to_xen() {
	MORE="--no-exec $*" really_to_xen baton
}

start_xen_tools
start_guest g1 160 16 "maxmem = 256"
wait_guest g1 "pattern unbroken" 60

refused 4 ENOREGION baton region
refused 6 EXENPROCESS collect --pid 1 --name init --range 1000-2000
refused 6 EXENDOMAIN collect --xen 0
refused 6 EXENDOMAIN collect --xen nobody
xl pause g1
refused 6 EXENDOMAIN collect --xen g1
refused 6 EXENDOMAIN collect --xen-all
xl unpause g1
runs_on "paused before"
sed 's/g1/pvh/; s/"pv"/"pvh"/; s/memory.*/memory = 200/' /tmp/g1.cfg >/tmp/pvh.cfg
xl create -q -p /tmp/pvh.cfg || bad "xl create pvh"
refused 6 EXENDOMAIN collect --xen pvh
check "as it is PVH" grep -q "HVM or PVH" /run/out
xl destroy pvh
refused 5 EXENARM baton arm
refused 5 EXENARM baton disarm

# two are suspended side by side; when one cannot be, the other runs on
start_guest g2 160 16
wait_guest g2 "pattern unbroken" 60
mkdir /tmp/bin
cat >/tmp/bin/xl <<-END
	#!/bin/sh
	[ "\$1 \$3" = "save $(xl domid g2)" ] && exit 1
	[ "\$1" = save ] || exec /usr/sbin/xl "\$@"
	/usr/sbin/xl "\$@" && xl list >/tmp/suspended
END
chmod 755 /tmp/bin/xl
PATH=/tmp/bin:$PATH refused 6 EXENSTREAM collect --xen-all
check "g1 was suspended" grep -q "^g1 .* --p--- " /tmp/suspended
runs_on "g2 cannot be saved"
runs_on "g2 cannot be saved" g2
check "both are, and run on after an unpause" collect --xen-all
xl unpause g1
xl unpause g2
runs_on "unpaused"
runs_on "unpaused" g2
xl destroy g2

lib=/usr/lib/x86_64-linux-gnu/libxenctrl.so.4.17
[ -e $lib ] || lib=/lib/x86_64-linux-gnu/libxenctrl.so.4.17
mv $lib /tmp/hidden
refused 5 EXENLIB collect --xen g1
mv /tmp/hidden $lib

refused 5 ENOTMB2 to_xen --kernel /files/vmlinuz-guest
runs_on "not a Xen"
refused 5 ECMDLINE to_xen --cmdline "$(seq -s, 400)"
runs_on "command line too long"
refused 8 ENOROOM to_xen --region 64M+128M
runs_on "region where dom0's kernel has to be"

to_xen || bad "upgrade --no-exec"
runs_on "loaded only"
refused 6 EXENRAN baton exec
check "unload" baton unload
refused 9 ENOTLOADED baton exec

# what Xen says no to: 37 is kexec_op, 4 its load, 0 its exec
chmod 755 /files/fire
refused 1 EIO really_to_xen /files/fire 12 37/4 /sbin/baton
runs_on "Xen does not load it"
refused 1 EIO really_to_xen /files/fire 1 37/0 /sbin/baton
grep "kexec_exec hypercall" /run/out || bad "it was not the jump"
runs_on "Xen does not jump"
refused 9 ENOTLOADED baton exec

# killed; or all of its group, as by a terminal
for ms in 600 1000 1400 1800 2200 2600; do
	MORE=--no-exec really_to_xen exec setsid baton >/run/killed 2>&1 &
	usleep $((ms * 1000))
	if [ $((ms / 400 % 2)) = 0 ]; then
		kill -9 $!
	else
		kill -TERM -- -$!
	fi
	wait $! 2>/dev/null
	note "killed after: $(tail -n 1 /run/killed)"
	sleep 1
	runs_on "killed after $ms ms"
done

# all that is free goes to a guest that never starts
free=$(xl info | sed -n 's/^free_memory *: *//p')
sed "s/g1/fat/; s/^memory.*/memory = $((free - 12))/" /tmp/g1.cfg >/tmp/fat.cfg
xl create -q -p /tmp/fat.cfg || bad "xl create fat"
refused 8 EXENHEAP to_xen
# nor can a guest get what it was promised: its balloon stays in flight
xl mem-set g1 240
refused 6 EXENBALLOON collect --xen g1
xl destroy fat
wait_size g1 240
check "it is collected when it has it" collect --xen g1
xl unpause g1
runs_on "ballooned"
finish
