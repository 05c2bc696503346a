# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# What is refused in a dom0, with a guest that runs on afterwards each time, and
# an upgrade that is loaded only. What fails later: xen-undo.sh.

need /sbin/baton
. /cases/xen-lib.sh

start_xen_tools
start_guest g1 160 16
wait_guest g1 "pattern unbroken" 60

refused 4 ENOREGION baton region
refused 6 EXENPROCESS collect --pid 1 --name init --range 1000-2000
refused 6 EXENDOMAIN collect --xen 0
refused 6 EXENDOMAIN collect --xen nobody
xl pause g1
refused 6 EXENDOMAIN collect --xen g1
refused 6 EXENDOMAIN collect --xen-all
xl unpause g1
runs_on "paused before"
sed 's/g1/pvh/; s/"pv"/"pvh"/; s/memory.*/memory = 200/' /tmp/g1.cfg >/tmp/pvh.cfg
echo "maxmem = 260" >>/tmp/pvh.cfg
xl create -q -p /tmp/pvh.cfg || bad "xl create pvh"
refused 6 EXENDOMAIN collect --xen pvh
check "as its memory is populated on demand" grep -q "on demand" /run/out
xl destroy pvh
refused 5 EXENARM baton arm
refused 5 EXENARM baton disarm

lib=/usr/lib/x86_64-linux-gnu/libxenctrl.so.4.17
[ -e $lib ] || lib=/lib/x86_64-linux-gnu/libxenctrl.so.4.17
mv $lib /tmp/hidden
refused 5 EXENLIB collect --xen g1
mv /tmp/hidden $lib

refused 5 ENOTMB2 to_xen --kernel /files/vmlinuz-guest
runs_on "not a Xen"
refused 5 ECMDLINE to_xen --cmdline "$(seq -s, 400)"
runs_on "command line too long"
refused 8 ENOROOM to_xen --region 64M+128M
runs_on "region where dom0's kernel has to be"

to_xen || bad "upgrade --no-exec"
runs_on "loaded only"
refused 6 EXENRAN baton exec
check "unload" baton unload
refused 9 ENOTLOADED baton exec

# all that is free goes to a guest that never starts
free=$(xl info | sed -n 's/^free_memory *: *//p')
sed "s/g1/fat/; s/^memory.*/memory = $((free - 12))/" /tmp/g1.cfg >/tmp/fat.cfg
xl create -q -p /tmp/fat.cfg || bad "xl create fat"
refused 8 EXENHEAP to_xen
xl destroy fat
runs_on "no memory in Xen"
finish
