# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# A test build of the stub tries one thing it must not be able to do; the CPU
# must fault and the stub must report it (tests/stub/attack.h).

need /sbin/baton
need /bin/malform

echo initrd >/tmp/initrd
malform --stream /tmp/good.lu
baton pack --stream /tmp/good.lu --kernel /images/vmlinuz \
	--initrd /tmp/initrd --policy reset --stub /files/stub.bin \
	-o /tmp/good.dtb || bad "pack"
baton load /tmp/good.dtb || bad "load"
[ "$FAILED" = 0 ] || finish
drain
kexec -e
bad "kexec -e came back"
finish
