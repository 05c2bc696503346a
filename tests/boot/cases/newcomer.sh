# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# A new user on a fresh Debian: the packages, docs/first-update.md from its first
# command to its last, and what they say to somebody who skips one. Packages come
# from an image of scripts/fetch-debs, and from `make deb`.

. /cases/grub-lib.sh
. /cases/packages-lib.sh

PAGE=/files/first-update.md
GUESTS="vm1 vm2"

# commands FILE: of its code blocks, one a line
commands() {
	awk '/^```/ { code = !code; next } code' "$1" |
		sed -e ':a' -e '/\\$/N; s/\\\n */ /; ta'
}

# as_here COMMAND: the same for this machine. The packages are made, its kernel is
# Debian's for clouds, and the guests' kernel is not on their disks.
as_here() {
	echo "$1" | sed -e 's/^make deb$/:/' \
		-e 's/linux-\(image\|headers\)-amd64/linux-\1-cloud-amd64/g' \
		-e 's,-drive ,-chardev serial\,id=console\,path=/dev/ttyS${vm#vm}\,logfile=/srv/$vm.console\,logappend=on -serial chardev:console -kernel /guest/vmlinuz -initrd /guest/initrd -append "console=ttyS0 quiet mitigations=off" &,'
}

# first_error CODE WORD COMMAND...: a step was left out. The remedy names it
first_error() {
	local code=$1 word=$2
	shift 2
	"$@" >/run/out 2>&1 </dev/null
	check "too early, $*: $code" grep -q "\[HO_$code\]" /run/out
	check "its remedy is the step: $word" \
		sh -c 'grep "remedy:.*$1" /run/out' sh "$word"
	grep -q "\[HO_$code\]" /run/out || cat /run/out
}

# What somebody would see who did not wait for this command's turn
too_early() {
	case $1 in
	"baton install"*)
		first_error ENOREGION "baton install" baton precheck
		first_error EBREADCRUMB "baton upgrade" baton status
		;;
	"echo 256 "*)
		qemu-system-x86_64 -name small -enable-kvm -nodefaults \
			-display none -m 64M -daemonize
		first_error EGUESTSOCKET "-qmp unix:" baton precheck
		first_error EGUESTSOCKET "leave NAME" baton precheck
		kill "$(pidof qemu-system-x86_64)"
		while pidof qemu-system-x86_64 >/dev/null; do sleep 1; done
		;;
	"baton precheck"*)
		for vm in $GUESTS; do
			wait_tick $vm 3 180 || { bad "$vm does not tick"; finish; }
		done
		;;
	"baton upgrade"*)
		first_error ENOTERMINAL "--yes" baton upgrade --again
		baton upgrade >/run/out 2>&1 </dev/null
		check "the newest kernel runs" grep "nothing to do" /run/out
		;;
	"baton status"*)
		for vm in $GUESTS; do
			check "$vm goes on" wait_tick $vm \
				$(($(cat /cases/ticks-$vm) + 3)) 300
		done
		;;
	esac
}

# ticks NAME, wait_tick NAME COUNT SECONDS: of its console, over all instances
ticks() {
	grep -c '^tick' "/srv/$1.console" 2>/dev/null
}

wait_tick() {
	local i=0
	while [ "$(ticks "$1")" -lt "$2" ] 2>/dev/null; do
		i=$((i + 1))
		[ $i -lt $(($3 * 2)) ] || { tail -n 3 "/srv/$1.console"; return 1; }
		sleep 0.5
	done
}

# do_one COMMAND
do_one() {
	case $1 in
	reboot)
		next_boot
		;;
	"baton upgrade"*)
		for vm in $GUESTS; do ticks $vm >/cases/ticks-$vm; done
		sync
		touch /run/next
		echo y | script -qec "$1" /dev/null
		bad "$1 came back with $?"
		finish
		;;
	esac
	sh -c "$(as_here "$1")" >/run/said 2>&1
	check "$1" [ $? = 0 ]
	cat /run/said
	[ "$FAILED" = 0 ] || finish
}

# go_on: from where the last instance has stopped
go_on() {
	local at line
	cd /root || bad "/root"
	commands $PAGE >/run/commands
	[ -s /run/commands ] || bad "no commands in $PAGE"
	[ -e /cases/at ] || echo 0 >/cases/at
	while at=$(($(cat /cases/at) + 1)) &&
			line=$(sed -n "${at}p" /run/commands) && [ -n "$line" ]; do
		too_early "$line"
		echo "newcomer: $line"
		echo $at >/cases/at
		do_one "$line"
	done
}

# What of the machine is the test's own
prepare() {
	# what is built here comes by its package
	rm -rf /usr/sbin/baton /usr/lib/baton
	mount_packages /root/build/deb
	(cd / && cpio -idu guest/* </files/kvm.cpio 2>/dev/null)
	need /guest/vmlinuz
	# with TCG's vgif guests stall when all CPUs share a thread
	echo "options kvm-amd vgif=0" >/etc/modprobe.d/kvm.conf
}

case $STEP in
0)
	prepare
	go_on
	;;
1)
	booted_by_baton
	go_on
	;;
*)
	# nothing waits for this unit
	tries=0
	while systemctl is-active baton-adopt | grep -q '^\(activating\|inactive\)$' &&
			[ $tries -lt 300 ]; do
		tries=$((tries + 1))
		sleep 1
	done
	check "the guests are adopted" systemctl is-active baton-adopt
	go_on
	check "vm1 runs" grep '"status": "running"' /run/said
	check "two QEMUs" [ "$(pidof qemu-system-x86_64 | wc -w)" = 2 ]
	check "that was update 1" sh -c \
		'baton status --json | grep "\"generation\": *1"'
	check "no unit failed" [ -z "$(systemctl --failed --no-legend)" ]
	finish
	;;
esac
