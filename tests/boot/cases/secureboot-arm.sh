# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# Secure Boot: the new instance arms itself by the signed door, and panics. The stub
# starts the fallback that a manifest names, in the crash range; every guest's byte is
# where it was, and from there the next update goes on. kexec_load is never called.

need /sbin/baton
need /bin/holder
need /bin/nokexec
need /files/baton.kexec.signed
need /files/manifest.key
. /cases/handover-lib.sh
. /cases/secureboot-lib.sh

# begin_update WORDS OPTIONS OF COLLECT...: as a crash image where the kernel has no
# place but over a guest
begin_update() {
	local way rc
	prepare_signed "$1"
	shift
	list_planned "$@"
	for way in "" --crash-image; do
		# shellcheck disable=SC2086
		baton upgrade $way "$@" --kernel /images/vmlinuz \
			--initrd /tmp/initrd --cmdline "$WORDS" --policy reset \
			--manifest /run/targets 2>/run/out
		rc=$?
		cat /run/out
		grep -q HO_EDOORPLACE /run/out || break
	done
	bad "upgrade came back with $rc"
	finish
}

# arm_signed WORDS OPTIONS...: for a fallback with that command line
arm_signed() {
	local words=$1
	shift
	baton arm "$@" --fallback-kernel /images/vmlinuz \
		--fallback-initrd /tmp/initrd --policy fallback,reset \
		--fallback-cmdline "$words" --manifest /run/targets
}

loaded() {
	[ "$(cat /sys/kernel/kexec_crash_loaded)" = "$1" ]
}

panic() {
	local words
	next_initrd /tmp/initrd || bad "next initrd"
	words=$(next_cmdline)
	sign_target --kernel /images/vmlinuz --initrd none --cmdline other
	refused 5 ENOTRUST arm_signed "$words"
	check "nothing is armed" loaded 0
	sign_target --kernel /images/vmlinuz --initrd /tmp/initrd \
		--cmdline "$words"
	arm_signed "$words" || bad "arm"
	check "the kernel says so" loaded 1
	cat /run/baton/armed.door
	baton disarm || bad "disarm"
	check "not any more" loaded 0
	arm_signed "$words" || bad "arm"
	rm /tmp/initrd
	[ "$FAILED" = 0 ] || finish
	drain
	taskset -c 0 sh -c 'echo c >/proc/sysrq-trigger'
	bad "it lives"
	finish
}

begin_secure
insmod "/files/$(uname -r)-baton_mem.ko" || bad "insmod"
case $STEP in
0)
	hold_two
	with_two begin_update "crashkernel=448M"
	;;
1)
	prove 1
	panic
	;;
2)
	prove 1
	check "in the fallback" grep -q '"fallback": *true' /run/status.json
	check "and why" grep -q '"fallback_reason": *"HO_EDIED"' \
		/run/status.json
	begin_update ""
	;;
3)
	prove 2
	check "not a fallback" grep -q '"fallback": *false' /run/status.json
	finish
	;;
esac
