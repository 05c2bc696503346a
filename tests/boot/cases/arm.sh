# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# The new instance arms itself and panics (at once, or when it has been looked
# at): the fallback starts in its crash range, every guest byte where it was,
# and the next update from there uses the region of the first one again. With
# arm.efi each of them has the firmware's variables.

need /sbin/baton
need /bin/holder
. /cases/handover-lib.sh
. /cases/uefi-lib.sh

# The next kernel arms itself before its init, which it does not find
before_init() {
	mkdir -p /tmp/early/bin /tmp/early/sbin /tmp/early/etc/baton
	ln -s busybox /tmp/early/bin/sh
	cp /files/modprobe /tmp/early/sbin/modprobe
	cat >/tmp/early/etc/baton/arm <<-END
		#!/bin/busybox sh
		export PATH=/sbin:/bin:/usr/sbin:/usr/bin STEP=1
		. /cases/lib.sh
		next_initrd /tmp/initrd
		baton arm --fallback-kernel /images/vmlinuz \\
			--fallback-initrd /tmp/initrd \\
			--policy fallback,reset --fallback-cmdline \\
			"\$(next_cmdline | sed 's/rdinit=[^ ]*//') nr_cpus=1"
		rm /tmp/initrd
	END
	chmod +x /tmp/early/etc/baton/arm /tmp/early/sbin/modprobe
	(cd /tmp/early && find . | cpio -o -H newc 2>/dev/null) >>/tmp/initrd
	pad512 /tmp/initrd
	# on the boot CPU, as arm-ap is about the others
	early="rdinit=/no/init root=/no/root loglevel=6 nr_cpus=1"
}

early=
! grep -q arm.efi /proc/cmdline || prove_variables
case $STEP in
0)
	hold_two
	next_initrd /tmp/initrd || bad "next initrd"
	[ "$(option arm.when late)" = before ] && before_init
	baton upgrade --pid "$ONE" --name one --map memfd:one-huge \
		--map memfd:one-small --state note=/run/one.state \
		--pid "$TWO" --name two --map memfd:two-huge \
		--map memfd:two-small --state note=/run/two.state \
		--kernel /images/vmlinuz --initrd /tmp/initrd --policy reset \
		--cmdline "$(next_cmdline "crashkernel=384M $early")" \
		--no-exec || bad "upgrade"
	list_frames
	baton exec
	bad "exec came back with $?"
	finish
	;;
1)
	[ "$(option arm.when late)" = early ] || prove 1
	next_initrd /tmp/initrd || bad "next initrd"
	baton arm --fallback-kernel /images/vmlinuz \
		--fallback-initrd /tmp/initrd --policy fallback,reset \
		--fallback-cmdline "$(next_cmdline nr_cpus=1)" ||
		bad "arm"
	check "the kernel says so" [ "$(cat /sys/kernel/kexec_crash_loaded)" = 1 ]
	baton disarm && [ "$(cat /sys/kernel/kexec_crash_loaded)" = 0 ] ||
		bad "disarm"
	baton arm --fallback-kernel /images/vmlinuz \
		--fallback-initrd /tmp/initrd --policy fallback,reset \
		--fallback-cmdline "$(next_cmdline nr_cpus=1)" ||
		bad "arm"
	rm /tmp/initrd
	[ "$FAILED" = 0 ] || finish
	drain
	cpu=0
	[ "$(option arm.when late)" = ap ] && cpu=1
	taskset -c $cpu sh -c 'echo c >/proc/sysrq-trigger'
	bad "it lives"
	finish
	;;
2)
	prove 1
	check "in the fallback" grep -q '"fallback": *true' /run/status.json
	why=HO_EDIED
	[ "$(option arm.when late)" = ap ] && why=HO_ECPUS
	check "and why" grep -q "\"fallback_reason\": *\"$why\"" \
		/run/status.json
	baton salvage one -o /tmp/one.core || bad "salvage"
	check "salvaged core" holder --check-core /tmp/one.core
	rm /tmp/one.core
	baton region
	[ "$FAILED" = 0 ] || finish
	if [ $why = HO_ECPUS ]; then
		next_initrd /tmp/initrd
		baton upgrade --kernel /images/vmlinuz --policy halt \
			--cmdline quiet --initrd /tmp/initrd 2>&1 | tee /tmp/upgrade
		check "no update from here" grep -q 'HO_ECPUS' /tmp/upgrade
		finish
	fi
	start_target
	;;
3)
	prove 2
	check "not a fallback" grep -q '"fallback": *false' /run/status.json
	finish
	;;
esac
