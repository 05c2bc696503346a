# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# From Debian on its disk to Xen, by baton install and GRUB: the dom0 is that of
# the other cases, whose words go on its command line.

case $STEP in
0)
	cp /files/base.cpio /var/tmp/initrd
	pad512 /var/tmp/initrd
	(cd / && find files -type d -o -name 'xen-tools-*.cpio' |
		cpio -o -H newc) \
		>>/var/tmp/initrd 2>/dev/null
	pad512 /var/tmp/initrd
	check "install" baton install --default --target xen \
		--kernel /files/xen.gz \
		--cmdline "console=com1 com1=115200,8n1 dom0_mem=640M,max:640M" \
		--module "/files/vmlinuz-dom0 console=hvc0 quiet panic=-1 baton.case=$NAME baton.script=$SCRIPT baton.step=1" \
		--module /var/tmp/initrd
	next_boot
	;;
1)
	. /cases/xen-lib.sh
	start_xen_tools
	baton status | grep "first boot" || bad "status"
	baton region | tee /run/region
	check "the region of the breadcrumb" grep -q breadcrumb /run/region
	check "no crash kernel" sh -c "! xl info | grep -q crashkernel"
	finish
	;;
esac
