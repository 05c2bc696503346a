# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# Two PV guests whose disks, parts of dom0's own, are written and read, and whose
# network cards talk to dom0 and to each other, by one connection that stays open, at
# the jump and after it. In the new dom0 xl gives each its devices again.

need /sbin/baton
. /cases/xen-lib.sh

UPDATES=$(option updates 2)
MIB=128

# devices DISK ADDRESS: lines of its configuration
devices() {
	echo "disk = [ 'phy:$1,xvda,w' ]"
	echo "vif = [ 'ip=$2,script=vif-route' ]"
}

# count NAME PATTERN: on its console
count() {
	grep -c "$2" "$CONSOLES/guest-$1.log"
}

up() {
	cut -d. -f1 /proc/uptime
}

# more NAME PATTERN WHAT: there are more of them in four minutes
more() {
	local was end
	was=$(count "$1" "$2")
	end=$(($(up) + 240))
	until [ "$(count "$1" "$2")" -gt "$was" ]; do
		[ "$(up)" -lt $end ] || {
			tail "$CONSOLES"/guest-g*.log
			cat /proc/interrupts
			dmesg | tail -n 30
			bad "$3"
			return
		}
		sleep 1
	done
	ok "$3"
}

at_work() {
	local name
	for name in g1 g2; do
		more $name "guest: disk 0:" "$name's disk is written and read"
		more $name "guest: disk 1:" "... in two places"
		more $name "guest: dom0 answers" "$name reaches dom0"
	done
	more g2 "guest: heard" "g1 reaches g2 by the connection that it has"
	check "nothing is broken" sh -c "! grep BROKEN $CONSOLES/guest-g*.log"
}

# Lines of the connection: none is missing, none comes twice
all_heard() {
	sed -n 's/.*guest: heard line \([0-9]*\).*/\1/p' "$CONSOLES/guest-g2.log" |
		awk 'last && $1 != last + 1 { exit 1 } { last = $1 }
			END { exit !last }'
}

insert_backends
start_xen_tools
case $STEP in
0)
	make_ramdisk xen-blkfront xen-netfront
	EXTRA="baton.net=10.0.2.2" start_guest g2 $MIB 4 "$(devices /dev/vdb 10.0.2.2)"
	wait_guest g2 "dom0 answers" 300
	EXTRA="baton.net=10.0.1.2 baton.peer=10.0.2.2" \
		start_guest g1 $MIB 4 "$(devices /dev/vda 10.0.1.2)"
	wait_guest g1 "dom0 answers" 300
	;;
*)
	before=$(free_mib)
	baton restore --xen >/run/restored 2>&1 || bad "restore"
	cat /run/restored
	# a copy takes its memory twice
	[ "$(option xen.copies no)" = yes ] ||
		free_is_still "both go on" "$before"
	guest_goes_on g1 200
	guest_goes_on g2 200
	;;
esac
at_work
check "each line was heard, and once" all_heard
[ "$STEP" -lt "$UPDATES" ] || finish
note_ticks g1 g2
heard=$(sed -n 's/.*guest: heard line \([0-9]*\).*/\1/p' \
	"$CONSOLES/guest-g2.log" | tail -n 1)
[ "$STEP" = 0 ] || check "the connection is the first dom0's" \
	[ "$heard" -gt "$(option heard 0)" ]
DOM0_WORDS="$DOM0_WORDS updates=$UPDATES heard=$heard xen.copies=$(option xen.copies no)"
put_save_library
upgrade_to_xen --xen-all
