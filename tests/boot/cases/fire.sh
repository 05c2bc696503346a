# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# `baton upgrade` under fire: at points spread over all of its system calls one
# fails (ENOSPC, EIO, EINTR, ENOMEM), or SIGKILL or SIGINT comes. Each time the
# guests run on, with their memory as it was, and nothing is loaded; or, where
# the call did not matter, the upgrade is as good as one nobody shot at.

need /sbin/baton
need /bin/holder
. /cases/handover-lib.sh

POINTS=$(option case.points 60)
# where between two of them it begins: another place each time
FROM=$(option case.from $(($(date +%s) * 7919 % 1000)))

upgrade() {
	"$@" /sbin/baton upgrade --no-exec \
		--pid "$ONE" --name one --map memfd:one-huge \
		--map memfd:one-small --state note=/run/one.state \
		--pid "$TWO" --name two --map memfd:two-huge \
		--map memfd:two-small --state note=/run/two.state \
		--target multiboot2 --kernel /files/payload.elf \
		--policy reset >/run/out 2>&1
}

# Not stopped: a guard may need a moment
running() {
	local i=0 state
	while [ $i -lt 40 ]; do
		state=$(sed 's/.*) //; s/ .*//' "/proc/$1/stat")
		[ "$state" = T ] || return 0
		usleep 100000
		i=$((i + 1))
	done
	return 1
}

# No file stays behind but the lock; a guard may need a moment
clean() {
	local i=0
	while [ $i -lt 20 ]; do
		[ -z "$(ls /run/baton 2>/dev/null | grep -vx lock)" ] && return
		usleep 100000
		i=$((i + 1))
	done
	return 1
}

# shot WHAT N: one run, and what is left of it
shot() {
	local status left
	upgrade timeout -s KILL 60 /files/fire "$1" "$2"
	status=$?
	ran=$((ran + 1))
	[ $status != 137 ] || [ "$1" = -9 ] || {
		sed 's/^/  | /' /run/out
		bad "$1 at $2: it never ends"
	}
	running "$ONE" && running "$TWO" || {
		bad "$1 at $2: a guest stands still"
		kill -CONT "$ONE" "$TWO"
	}
	if [ $status = 0 ]; then
		survived=$((survived + 1))
		[ "$(cat /sys/kernel/kexec_loaded)" = 1 ] ||
			bad "$1 at $2: it says loaded"
		baton unload || bad "unload"
	elif [ "$(cat /sys/kernel/kexec_loaded)" != 0 ]; then
		sed 's/^/  | /' /run/out
		bad "$1 at $2: status $status, and an image is loaded"
		baton unload
	fi
	# killed, it leaves its record, or half of it: the guard has let all run on
	[ -z "$(ls /run/baton | grep '^ledger')" ] || baton unload >/run/out 2>&1 || {
		sed 's/^/  | /' /run/out
		bad "$1 at $2: unload"
	}
	running "$ONE" && running "$TWO" || bad "$1 at $2: unload stopped one"
	clean || {
		bad "$1 at $2: left behind: $(ls /run/baton)"
		rm -f /run/baton/*
	}
}

# SIGCONT fails to the end of `upgrade`: it says so, and unload lets them run
stuck() {
	upgrade /files/fire 12 424:3+
	check "a guest that does not run on is told of" \
		grep -q 'does not run on' /run/out
	baton unload >/run/out 2>&1 || { cat /run/out; bad "unload of stuck ones"; }
	check "unload lets stuck guests run" running "$ONE"
	check "... both" running "$TWO"
	check "nothing is left of that" clean
}

chmod 755 /files/fire
hold_two
upgrade || { cat /run/out; bad "upgrade without fire"; finish; }
baton unload
upgrade /files/fire count
CALLS=$(sed -n 's/^fire: \([0-9]*\) calls$/\1/p' /run/out)
baton unload
note "$CALLS system calls, $POINTS points, from $FROM/1000 of one on"
[ "${CALLS:-0}" -gt 100 ] || { cat /run/out; bad "count"; finish; }
ran=0 survived=0 i=0
# each signal to a guest (pidfd_send_signal) once
while [ $i -lt 6 ]; do
	i=$((i + 1))
	shot 12 424:$i
done
stuck
i=0
while [ $i -lt "$POINTS" ]; do
	at=$((1 + (i * 1000 + FROM) * CALLS / POINTS / 1000))
	case $((i % 6)) in
	0) shot 28 $at ;;	# ENOSPC
	1) shot -9 $at ;;
	2) shot 5 $at ;;	# EIO
	3) shot -2 $at ;;
	4) shot 4 $at ;;	# EINTR
	5) shot 12 $at ;;	# ENOMEM
	esac
	i=$((i + 1))
done
note "$ran points, $survived of them without harm to the upgrade"
check "$ran points" [ $ran -ge 60 ]
# and it still works, with every frame as it was
upgrade || { cat /run/out; bad "upgrade after the fire"; }
list_frames
finish
