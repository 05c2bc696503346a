# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# A dom0 whose tools are of another version than the hypervisor: refused before
# anything is touched, by the libraries' names, and by what Xen says when the
# name is right.

need /sbin/baton
. /cases/xen-lib.sh

# REGION is several words
# shellcheck disable=SC2086
all_refused() {
	refused 5 EXENVERSION baton collect --xen-all -o /tmp/x.lu
	refused 5 EXENVERSION baton upgrade --xen-all --target xen \
		--kernel /files/xen.gz --module /files/vmlinuz-dom0 \
		--module /images/base.cpio --policy reset
	check "nothing is loaded" [ ! -e /run/baton/loaded.dtb ]
	refused 5 EXENVERSION baton region
}

check "Xen is 4.20" [ "$(xen_version)" = 4.20 ]
start_xen_tools
all_refused
check "it says what there is" grep -q libxenctrl.so.4.17 /run/out
for lib in /lib /usr/lib; do
	lib=$lib/x86_64-linux-gnu/libxenctrl.so
	[ ! -e $lib.4.17 ] || ln -s $lib.4.17 $lib.4.20
done
all_refused
grep refused /run/out
finish
