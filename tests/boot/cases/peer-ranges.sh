# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# peer.ranges= pages of 4 KiB, none another one's neighbour, are kept by Baton, while a
# kernel is started that Linux's own handover is measured with, too (bench/kho).

need /sbin/baton /files/next.cpio
need /bin/synth

for entry in /sys/firmware/memmap/*; do
	start=$(cat "$entry/start")
	type=2
	[ "$(cat "$entry/type")" != "System RAM" ] || type=RAM
	printf '%x-%x %s\n' "$start" "$(cat "$entry/end")" $type >>/tmp/map
	[ $type = RAM ] || continue
	[ $((start)) -ge $((0x100000000)) ] && high=$start
done
ranges=$(option peer.ranges 0)
synth --start "$high" --bytes $((ranges * 8192)) --unit 4K --stride 2 \
	--order sorted -o /tmp/peer.lu >/tmp/totals || bad "synth"
note "domains, extents, frames: $(cat /tmp/totals)"
baton pack --stream /tmp/peer.lu --kernel /files/vmlinuz-kho \
	--initrd /files/next.cpio --policy reset --memory-map /tmp/map \
	--cmdline "console=ttyS0 earlycon=uart8250,io,0x3f8 loglevel=6 panic=-1 \
mitigations=off no_timer_check peer=up" -o /tmp/blob || bad "pack"
baton check /tmp/blob || bad "check"
baton load /tmp/blob || bad "load"
echo "peer: jump"
baton exec
bad "exec came back"
finish
