# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# Every refusal of the loader that a live machine can show: code, exit status,
# and afterwards nothing is loaded and nobody is stopped. Also a killed upgrade.

need /sbin/baton
. /cases/handover-lib.sh

echo initrd >/tmp/initrd

collect_one() {
	baton collect --pid "$ONE" --name one --map memfd:one-huge "$@"
}

# pack OUT OPTIONS...: /tmp/one.lu for this machine's kernel
pack() {
	local out=$1
	shift
	baton pack --stream /tmp/one.lu --kernel /images/vmlinuz \
		--initrd /tmp/initrd --policy reset -o "$out" "$@"
}

# state of a process: S, T, ...
state_of() {
	awk '/^State:/ { print $2 }' "/proc/$1/status"
}

unharmed() {
	check "$1: nothing is loaded" [ "$(cat /sys/kernel/kexec_loaded)" = 0 ]
	check "$1: the holder is not stopped" [ "$(state_of "$ONE")" != T ]
}

HUGE=4
hold_two
collect_one -o /tmp/one.lu || bad "collect"
pack /tmp/good.dtb || bad "pack"
baton check /tmp/good.dtb || bad "check"
check "dry run" baton load --dry-run /tmp/good.dtb
unharmed "dry run"

# collecting
refused 6 EPROCESS baton collect --pid 99999 --name x --map m -o /tmp/x
refused 6 ENOMAP baton collect --pid "$ONE" --name x --map nothing -o /tmp/x
refused 6 ENOTPRESENT baton collect --pid $$ --name x --map '[stack]' -o /tmp/x
refused 3 EPERM /usr/bin/setpriv --reuid 65534 --clear-groups baton collect --pid "$ONE" --name x \
	--map memfd:one-huge -o /tmp/x
refused 7 EDOMDUP baton collect --pid "$ONE" --name a --map memfd:one-huge \
	--pid "$TWO" --name a --map memfd:two-huge -o /tmp/x
refused 2 EUSAGE baton collect --name x -o /tmp/x
refused 1 EFILE collect_one --state s=/nowhere -o /tmp/x
refused 1 EFILE collect_one -o /nowhere/x
check "no half a stream is left" [ ! -e /tmp/x ]

# packing
refused 5 EINITRD baton pack --stream /tmp/one.lu --kernel /images/vmlinuz \
	--initrd /nowhere -o /tmp/x
refused 1 EFILE baton pack --stream /tmp/one.lu --kernel /nowhere -o /tmp/x
refused 5 ETARGET pack /tmp/x --target plan9
refused 5 ESTUB pack /tmp/x --stub /nowhere
refused 4 EREGIONSMALL pack /tmp/x --region 256M+8M
refused 2 EUSAGE pack /tmp/x --region 256M

# checking
pack /tmp/x --kernel /bin/busybox
refused 5 ENOTBZIMAGE baton check /tmp/x
refused 5 ENOTBZIMAGE baton load /tmp/x
frame=$(baton inspect --extents /tmp/good.dtb | awk '{ print $3; exit }')
base=$((0x$frame * 4096))
[ $base -lt $((958 << 20)) ] || base=$((958 << 20))	# RAM ends at 1022 MiB
pack /tmp/x --region "$base+64M"
refused 6 EINREGION baton check /tmp/x
baton collect --pid "$ONE" --name a --map memfd:one-huge \
	--pid "$ONE" --name b --map memfd:one-huge -o /tmp/two.lu
baton pack --stream /tmp/two.lu --kernel /images/vmlinuz \
	--initrd /tmp/initrd -o /tmp/x
refused 6 EDOUBLE baton check /tmp/x
printf '0-9fbff RAM\n100000-3fffff RAM\n%s RAM\n' "$(region_range)" >/tmp/map
pack /tmp/x --memory-map /tmp/map
refused 6 ENOTRAM baton check /tmp/x
i=0
{
	echo "0-9fbff RAM"
	echo "100000-3ffdffff RAM"
	while [ $i -lt 30 ]; do
		printf '%x-%x 2\n' $((0x100000000 + i * 8192)) \
			$((0x100000000 + i * 8192 + 4095))
		i=$((i + 1))
	done
} >/tmp/map
pack /tmp/x --memory-map /tmp/map --e820-budget 16
refused 8 ETOOMANYRANGES baton check /tmp/x
cp /images/vmlinuz /tmp/kernel
pack /tmp/x --kernel /tmp/kernel
printf x | dd of=/tmp/kernel bs=1 seek=1000000 conv=notrunc 2>/dev/null
refused 7 EDIGEST baton check /tmp/x
refused 7 EDIGEST baton load /tmp/x
unharmed "after all checks"

# loading, and what may happen between load and exec
refused 3 EPERM /usr/bin/setpriv --reuid 65534 --clear-groups baton load /tmp/good.dtb
refused 9 ENOTLOADED baton exec
cp /tmp/good.dtb /tmp/shared.dtb
chmod 666 /tmp/shared.dtb
refused 3 EOWNER baton load /tmp/shared.dtb
chmod 600 /tmp/shared.dtb
chown 1000 /tmp/shared.dtb
refused 3 EOWNER baton load /tmp/shared.dtb
check "what it writes is root's alone" \
	[ "$(stat -c %a:%u /tmp/good.dtb /tmp/one.lu | sort -u)" = 600:0 ]
cp /run/one.state /tmp/secret
ln /tmp/secret /tmp/same
check "a state file is used up" \
	collect_one --state s=/tmp/secret --wipe-state -o /tmp/w.lu
check "removed, and zero" eval \
	'[ ! -e /tmp/secret ] && [ -z "$(tr -d "\\0" </tmp/same)" ]'
check "load" baton load /tmp/good.dtb
check "is loaded" [ "$(cat /sys/kernel/kexec_loaded)" = 1 ]
check "unload" baton unload
unharmed "unload"
hold brief --huge 1 --small 0
baton collect --pid "$PID" --name brief --map memfd:brief-huge -o /tmp/b.lu
baton pack --stream /tmp/b.lu --kernel /images/vmlinuz --initrd /tmp/initrd \
	-o /tmp/b.dtb
baton load /tmp/b.dtb || bad "load brief"
refused 6 EKEEPER baton exec --shutdown
kill -9 "$PID"
wait "$PID"
refused 6 EPROCESS baton exec
baton unload
check "an update without guests" baton upgrade --no-exec \
	--kernel /images/vmlinuz --initrd /tmp/initrd
refused 9 ESHUTDOWN baton exec --shutdown
check "no note of it is left" [ ! -e /var/lib/baton/update.json ]
check "the image is loaded still" [ "$(cat /sys/kernel/kexec_loaded)" = 1 ]
baton unload
refused 9 EBREADCRUMB baton status
refused 9 EBREADCRUMB baton release one
refused 2 EUSAGE baton load
refused 2 EUSAGE baton inspect --nonsense x

# an upgrade that fails lets everybody run on
refused 5 EINITRD baton upgrade --pid "$ONE" --name one \
	--map memfd:one-huge --kernel /images/vmlinuz --initrd /nowhere
unharmed "a failed upgrade"

# an upgrade killed at any moment does, too
killed=0
for ms in 5 20 40 60 80 100 120 140 160 180 200 230 260 300 340 380; do
	baton upgrade --no-exec --pid "$ONE" --name one --map memfd:one-huge \
		--kernel /images/vmlinuz --initrd /tmp/initrd \
		>/dev/null 2>&1 &
	pid=$!
	usleep $((ms * 1000))
	if kill -9 $pid 2>/dev/null; then
		wait $pid 2>/dev/null
		usleep 300000
		[ "$(cat /sys/kernel/kexec_loaded)$(state_of "$ONE")" = 0S ] ||
			bad "killed after $ms ms: $(cat /sys/kernel/kexec_loaded) $(state_of "$ONE")"
		killed=$((killed + 1))
	else
		wait $pid 2>/dev/null
		baton unload
	fi
done
check "upgrade killed at $killed moments" [ $killed -ge 3 ]

echo 1 >/proc/sys/kernel/kexec_load_disabled
refused 3 EKEXECOFF baton load /tmp/good.dtb
unharmed "the end"
finish
