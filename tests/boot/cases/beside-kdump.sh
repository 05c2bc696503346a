# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# kdump beside Baton. Step 0: crashkernel= is Baton's region. Step 1: the region is
# the breadcrumb's, and crashkernel= is kdump's; its image is loaded, and the next
# update goes through beside it. Step 2: the same, and then a panic: kdump's kernel
# comes up (step 3), with what is kept as it was, seen from outside.

need /sbin/baton
need /bin/holder
need /sbin/kexec
. /cases/handover-lib.sh

kdump() {
	kexec -p /images/vmlinuz --initrd=/tmp/initrd \
		--append="$(next_cmdline | sed 's/crashkernel=[^ ]*//
			s/baton.step=[^ ]*/baton.step=3/') nr_cpus=1 reset_devices" ||
		bad "kexec -p"
	check "kdump's image is there" \
		[ "$(cat /sys/kernel/kexec_crash_loaded)" = 1 ]
}

# beside SIZE: where the two are
beside() {
	baton region | tee /run/region
	check "the region is the breadcrumb's" grep -q breadcrumb /run/region
	check "kdump has a range of its own" [ -n "$(region_range)" ]
	next_initrd /tmp/initrd
	kdump
}

case $STEP in
0)
	hold_two
	MORE_WORDS=crashkernel=192M
	update_with_two
	;;
1)
	prove 1
	beside
	baton upgrade --no-exec --kernel /images/vmlinuz --initrd /tmp/initrd \
		--policy reset --cmdline "$(next_cmdline crashkernel=192M)" ||
		bad "upgrade beside kdump"
	check "kdump's image is there still" \
		[ "$(cat /sys/kernel/kexec_crash_loaded)" = 1 ]
	list_frames
	baton exec
	bad "exec came back"
	finish
	;;
2)
	prove 2
	beside
	drain
	echo 1 >/proc/sys/kernel/sysrq
	echo c >/proc/sysrq-trigger
	bad "no panic"
	finish
	;;
3)
	check "of a crash" [ -e /proc/vmcore ]
	finish
	;;
esac
