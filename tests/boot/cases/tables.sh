# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# Frames that are page tables of a PV guest: the stub looks at each through its
# window, and lets the payload go on or, where one entry is foreign, fails.

need /sbin/baton
need /bin/malform
. /cases/handover-lib.sh

echo 4 >/proc/sys/vm/nr_hugepages
case $NAME in
*hostile) hold pv --small 0 --spoiled-tables /run/list ;;
*) hold pv --small 0 --tables /run/list ;;
esac
malform --typed /run/list /run/pv.lu || bad "stream"
baton pack --stream /run/pv.lu --target multiboot2 \
	--kernel /files/payload.elf --cmdline "baton.case=$NAME" \
	--policy reset -o /run/pv.dtb || bad "pack"
baton load /run/pv.dtb || bad "load"
[ "$FAILED" = 0 ] || finish
drain
baton exec
bad "exec came back with $?"
finish
