# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# Xen with a dom0, through its kexec hypercall, to a multiboot2 payload. What
# is kept is a stream made by hand: nobody's frames, high in memory.

need /sbin/baton
. /cases/xen-lib.sh

check "region of crashkernel=" sh -c "baton region | grep -q 0x10000000"
synth --start 0x30000000 --bytes 128M --unit 2M --stride 2 --domains 2 \
	-o /tmp/two.lu || bad "synth"
baton pack --stream /tmp/two.lu --target multiboot2 \
	--kernel /files/payload.elf --module "/files/payload.elf as a module" \
	--cmdline "baton.case=$NAME" --policy reset -o /tmp/blob ||
	bad "pack"
baton check /tmp/blob || bad "check"
baton load /tmp/blob || bad "load"
check "it is loaded" test -e /run/baton/loaded.dtb
baton exec
bad "exec came back with $?"
finish
