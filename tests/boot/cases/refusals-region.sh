# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# No reserved region; and a locked-down kernel, with a door that nobody signed.

need /sbin/baton
need /files/baton.kexec
cp /files/baton.kexec /usr/lib/baton/baton.kexec
baton region >/run/out 2>&1
check "no region: exit status 4" [ $? = 4 ]
check "no region: code" grep -q "\[HO_ENOREGION\]" /run/out
check "no region: remedy" grep -q "crashkernel=" /run/out
malform --stream /tmp/one.lu
baton pack --stream /tmp/one.lu --kernel /images/vmlinuz \
	--region 256M+128M -o /tmp/x.dtb || bad "pack"
mount -t securityfs securityfs /sys/kernel/security
baton load /tmp/x.dtb >/run/out 2>&1
check "lockdown: exit status 3" [ $? = 3 ]
check "lockdown: code" grep -q "\[HO_ELOCKDOWN\]" /run/out
check "nothing is loaded" [ "$(cat /sys/kernel/kexec_loaded)" = 0 ]
finish
