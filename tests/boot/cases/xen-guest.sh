# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# Runs in a guest of Xen's: a tick each second, and a pattern over much of its
# memory that is looked at again and again. baton.guest=NAME, its MiB in
# baton.pattern.

mib=$(sed -n 's/.*baton.pattern=\([0-9]*\).*/\1/p' /proc/cmdline)
mount -o remount,size=90% /tmp
# a word of its own for every 16 bytes
seq -f "%015.0f" $((mib * 65536)) >/tmp/pattern || echo "guest: no room"
md5sum /tmp/pattern >/tmp/sum
echo "guest: pattern of $(stat -c %s /tmp/pattern) bytes"

(while sleep 2; do
	if md5sum -c -s /tmp/sum; then
		echo "guest: pattern unbroken"
	else
		echo "guest: pattern BROKEN"
	fi
done) &

# a disk of dom0's, by Xen's driver: read again and again
if [ -e /lib/xen-blkfront.ko ]; then
	insmod /lib/xen-blkfront.ko || echo "guest: no driver for its disk"
	echo "guest: devices of Xen's:" $(ls /sys/bus/xen/devices)
	while [ ! -b /dev/xvde ]; do sleep 1; done
	md5sum /dev/xvde >/tmp/disk.sum
	(while sleep 2; do
		echo 1 >/proc/sys/vm/drop_caches
		if md5sum -c -s /tmp/disk.sum; then
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
