# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# Runs in a guest of Xen's: a tick each second, and a pattern over much of its
# memory that is looked at again and again. Its MiB in baton.pattern.
#
# With baton.net=ADDRESS it has a card at that address, whose gateway is dom0, and a
# disk that it writes. baton.peer=ADDRESS: it sends a line each second to that guest,
# by one connection; without it waits for such a connection.

mib=$(sed -n 's/.*baton.pattern=\([0-9]*\).*/\1/p' /proc/cmdline)
mount -o remount,size=90% /tmp
# a word of its own for every 16 bytes
FIRST=100000000000001
seq $FIRST $((FIRST - 1 + mib * 65536)) >/tmp/pattern || echo "guest: no room"
[ "$(stat -c %s /tmp/pattern)" = $((mib << 20)) ] ||
	echo "guest: pattern BROKEN: not written"
md5sum /tmp/pattern >/tmp/sum
echo "guest: pattern of $(stat -c %s /tmp/pattern) bytes"

(while sleep 2; do
	if md5sum -c -s /tmp/sum; then
		echo "guest: pattern unbroken"
	else
		echo "guest: pattern BROKEN"
	fi
done) &

# word NAME: of the command line
word() {
	sed -n "s/.* $1=\([^ ]*\).*/\1/p" /proc/cmdline
}

# block N: its 4 KiB
block() {
	yes "block $1" | head -c 4096
}

# write_disk PART: one of the disk's parts of 8 MiB, round and round, and what was
# written not long ago is read again
write_disk() {
	local n=0 old at=$(($1 * 2048))
	while :; do
		n=$((n + 1))
		block $n | dd of=/dev/xvda bs=4096 seek=$((at + n % 2048)) \
			iflag=fullblock oflag=direct conv=notrunc 2>/dev/null ||
			echo "guest: disk BROKEN: write"
		old=$((n - n % 97))
		[ $old = 0 ] || [ "$(block $old | md5sum)" = "$(dd if=/dev/xvda \
			bs=4096 skip=$((at + old % 2048)) count=1 iflag=direct \
			2>/dev/null | md5sum)" ] || echo "guest: disk BROKEN: $old"
		[ $((n % 5)) != 0 ] || echo "guest: disk $1: $n blocks"
		# something of the machine is left for dom0
		usleep 30000
	done
}

# there ADDRESS: it answers
there() {
	until ping -c 1 -W 2 "$1" >/dev/null 2>&1; do
		sleep 1
	done
}

# call_peer PEER: a line each second by one connection to another guest; what comes
# there is told
call_peer() {
	local n=0
	there "$1"
	while sleep 1; do
		n=$((n + 1))
		echo "line $n"
	done | nc "$1" 5000
	echo "guest: the connection BROKEN"
}

hear_peer() {
	# it would end its side with its input
	tail -f /dev/null | nc -l -p 5000 | while read -r line; do
		echo "guest: heard $line"
	done
	echo "guest: the connection BROKEN"
}

# ask_gateway ADDRESS: dom0, again and again
ask_gateway() {
	while sleep 1; do
		! ping -c 3 -A -s 1400 -W 2 "$1" >/dev/null 2>&1 ||
			echo "guest: dom0 answers"
	done
}

net=$(word baton.net)
if [ -n "$net" ]; then
	insmod /lib/xen-blkfront.ko && insmod /lib/xen-netfront.ko ||
		echo "guest: no drivers"
	while [ ! -b /dev/xvda ] || [ ! -e /sys/class/net/eth0 ]; do sleep 1; done
	ip address add "$net/24" dev eth0
	ip link set eth0 up
	ip route add default via "${net%.*}.1"
	write_disk 0 &
	write_disk 1 &
	ask_gateway "${net%.*}.1" &
	peer=$(word baton.peer)
	if [ -n "$peer" ]; then
		call_peer "$peer" &
	else
		hear_peer &
	fi
# a disk of dom0's, by Xen's driver: read again and again
elif [ -e /lib/xen-blkfront.ko ]; then
	insmod /lib/xen-blkfront.ko || echo "guest: no driver for its disk"
	echo "guest: devices of Xen's:" $(ls /sys/bus/xen/devices)
	disk_head() {
		head -c 4194304 /dev/xvde
	}
	disk_sum() {
		disk_head | md5sum
	}
	while [ ! -b /dev/xvde ] || [ "$(disk_head | wc -c)" != 4194304 ]; do
		sleep 1
	done
	was=$(disk_sum)
	(while sleep 2; do
		echo 1 >/proc/sys/vm/drop_caches
		if [ "$(disk_sum)" = "$was" ]; then
			echo "guest: disk as it was"
		else
			echo "guest: disk BROKEN"
		fi
	done) &
fi

n=0
while sleep 1; do
	n=$((n + 1))
	echo "guest: tick $n, up $(cut -d. -f1 /proc/uptime)"
done
