# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# In an instance that an update started: the place for a panic's image is kdump's
# as well, and a kept guest that went on since it was packed is noticed.

need /sbin/baton
need /bin/holder
need /sbin/kexec
. /cases/handover-lib.sh

kdump() {
	kexec -p /images/vmlinuz --initrd=/images/base.cpio \
		--append="maxcpus=1 reset_devices" || bad "kexec -p"
}

crash() { cat /sys/kernel/kexec_crash_loaded; }

arm() {
	baton arm --fallback-kernel /images/vmlinuz \
		--fallback-initrd /tmp/initrd --policy fallback,reset \
		--fallback-cmdline "console=ttyS0 nr_cpus=1" "$@"
}

armed() {
	baton status --json | sed -n 's/^ *"armed": *"\(.*\)",\?$/\1/p'
}

case $STEP in
0)
	hold_two
	MORE_WORDS=crashkernel=256M
	update_with_two
	;;
1)
	prove 1
	next_initrd /tmp/initrd
	kdump
	refused 9 ESLOT arm
	check "kdump's is there still" [ "$(crash)" = 1 ]
	check "nothing was armed" [ -z "$(armed)" ]
	check "arm, told to replace it" arm --replace
	check "armed" [ "$(armed)" = armed ]
	check "arm again" arm
	kdump				# a CPU came online: udev's rule
	check "no longer" [ "$(armed)" = "no longer" ]
	baton status | grep "NOT ARMED" || bad "status does not say so"
	check "disarm" baton disarm
	check "kdump's is there still" [ "$(crash)" = 1 ]
	kexec -p -u
	check "arm" arm
	check "disarm" baton disarm
	check "nothing is there" [ "$(crash)" = 0 ]

	# carried on by what is loaded, and then let go
	baton upgrade --no-exec --kernel /images/vmlinuz --initrd /tmp/initrd \
		--cmdline x --policy reset || bad "upgrade"
	baton release one
	refused 6 ECARRIED baton exec
	check "unload" baton unload
	check "packed anew it is not in it" baton upgrade --no-exec \
		--kernel /images/vmlinuz --initrd /tmp/initrd --cmdline x \
		--policy reset
	check "but the other one is" sh -c \
		"[ \$(baton inspect /run/baton/loaded.dtb | grep -c ' one \| two ') = 1 ]"
	finish
	;;
esac
