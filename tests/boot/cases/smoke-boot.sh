# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# The infrastructure alone: a kernel boots, the region is reserved, the images
# for the next boot are there. Nothing of Baton is needed.

check "region reserved" test -n "$(region_range)"
note "region $(region_spec), kernel at 0x$(sed -n \
	's/^ *\([0-9a-f]*\)-[0-9a-f]* : Kernel code$/\1/p' /proc/iomem)"
check "next kernel there" test -s /images/vmlinuz
check "old kernel there" test -s /images/vmlinuz-old
check "base initrd there" test -s /images/base.cpio
check "an initrd for the next boot" next_initrd /tmp/initrd
check "two CPUs" test "$(nproc)" = 2
finish
