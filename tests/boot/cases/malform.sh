# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# A spoiled blob, refused by `baton check` and, forced past it, by the stub
# with the same code. The code is the end of the case's name.

need /sbin/baton
need /bin/malform
need /sbin/kexec

code=${CODE:-${NAME#malform-}}
echo initrd >/tmp/initrd
malform --stream /tmp/good.lu
baton pack --stream /tmp/good.lu --kernel /images/vmlinuz \
	--initrd /tmp/initrd --cmdline "console=ttyS0" --policy "${POLICY:-reset}" \
	-o /tmp/good.dtb || bad "pack"
baton check /tmp/good.dtb || bad "the good blob"
malform /tmp/good.dtb /tmp/bad.dtb "$code" || bad "malform"
baton check /tmp/bad.dtb 2>&1 | tee /run/check
check "check says HO_$code" grep -q "\[HO_$code\]" /run/check
[ "$FAILED" = 0 ] || finish

# images that the bad blob itself names must get there; a blob that does not
# even parse borrows the places of the good one
baton load --force /tmp/bad.dtb 2>/dev/null ||
	baton load --force --layout /tmp/good.dtb /tmp/bad.dtb || bad "load"
[ "$FAILED" = 0 ] || finish
drain
kexec -e
bad "kexec -e came back"
finish
