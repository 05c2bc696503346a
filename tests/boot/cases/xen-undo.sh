# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# Updates that fail when guests are suspended already: one of two that does not
# suspend, hypercalls that Xen refuses, signals. Everybody runs on. A guest
# whose balloon is in flight is not even asked.

need /sbin/baton
. /cases/xen-lib.sh

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

start_xen_tools
start_guest g1 160 16 "maxmem = 256"
wait_guest g1 "pattern unbroken" 60

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

# nor is anybody waited for: an xl that has saved g2 and does not end, and one that
# does not unpause it
cat >/tmp/bin/xl <<-END
	#!/bin/sh
	case "\$1 \$2 \$3" in
	"save -p $(xl domid g2)") /usr/sbin/xl "\$@" ;;
	"unpause $(xl domid g2) ") ;;
	*) exec /usr/sbin/xl "\$@" ;;
	esac
	exec sleep 1000
END
PATH=/tmp/bin:$PATH refused 6 EXENSAVE collect --xen-all
grep "is not done after" /run/out || bad "nothing is said of an xl that is left"
runs_on "g2 is stuck"
check "g2 is let run" baton unload
runs_on "g2 is let run" g2
check "both are, and run on after an unpause" collect --xen-all
xl unpause g1
runs_on "unpaused"
check "the other is let run" baton unload
runs_on "let run"
runs_on "let run" g2
xl destroy g2

# what Xen says no to: 37 is kexec_op, 4 its load, 0 its exec
chmod 755 /files/fire
refused 1 EIO really_to_xen /files/fire 12 37/4 /sbin/baton
runs_on "Xen does not load it"
make_master
refused 1 EIO really_to_xen /files/fire 1 37/0 /sbin/baton
check "a device that was stopped for the jump writes again" is_master
grep "kexec_exec hypercall" /run/out || bad "it was not the jump"
runs_on "Xen does not jump"
refused 9 ENOTLOADED baton exec

# killed, or all of its group as by a terminal, so many ms after the guest was
# asked to suspend
how=KILL
for ms in 0 200 400 700 1000 1500 2000 3000; do
	: >/run/killed
	MORE=--no-exec really_to_xen exec setsid baton >/run/killed 2>&1 &
	i=0
	until grep -q "pausing guests" /run/killed || [ $i = 500 ]; do
		i=$((i + 1))
		usleep 20000
	done
	usleep $((ms * 1000))
	if [ $how = KILL ]; then
		kill -KILL $!
		how=TERM
	else
		kill -TERM "-$!"
		how=KILL
	fi
	wait $! 2>/dev/null
	note "ended after: $(tail -n 1 /run/killed)"
	sleep 1
	runs_on "ended after $ms ms"
done

# a guest cannot get what it was promised: all that is free goes to another one
free=$(xl info | sed -n 's/^free_memory *: *//p')
sed "s/g1/fat/; s/^memory.*/memory = $((free - 12))/" /tmp/g1.cfg >/tmp/fat.cfg
xl create -q -p /tmp/fat.cfg || bad "xl create fat"
xl mem-set g1 240
refused 6 EXENBALLOON collect --xen g1
xl destroy fat
wait_size g1 240
check "it is collected when it has it" collect --xen g1
xl unpause g1
runs_on "ballooned"
finish
