# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# A dom0 of a Xen that EFI started: refused before anything is touched.

need /sbin/baton
. /cases/xen-lib.sh

start_xen_tools
check "EFI started this Xen" test -e /sys/firmware/efi
refused 5 EXENEFI baton upgrade --xen-all --target xen --kernel /files/xen.gz \
	--module /files/vmlinuz-dom0 --module /images/base.cpio --policy reset
refused 5 EXENEFI baton exec
check "nothing is loaded" [ ! -e /run/baton/loaded.dtb ]
finish
