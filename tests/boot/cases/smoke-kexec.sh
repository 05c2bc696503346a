# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# The infrastructure under two plain kexecs in a row with stock kexec-tools:
# old kernel -> new kernel -> old kernel, each with the initrd that the guest
# packed itself. Nothing of Baton is needed.

check "region reserved at step $STEP" test -n "$(region_range)"
[ "$STEP" -lt 2 ] || finish

case $STEP in
0) kernel=/images/vmlinuz ;;
*) kernel=/images/vmlinuz-old ;;
esac
check "initrd for step $((STEP + 1))" next_initrd /tmp/initrd
check "kexec -l" kexec -c -l "$kernel" --initrd=/tmp/initrd \
	--command-line="$(next_cmdline "crashkernel=$(option crashkernel)")"
[ "$FAILED" = 0 ] || finish
drain
kexec -e
bad "kexec -e came back"
finish
