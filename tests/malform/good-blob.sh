# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# A good blob for QEMU's `pc` with 1 GiB, made on any machine. Sourced by
# tests/malform/run.sh and tests/boot/elf, at the root of the repository.

# good_map DIR: that machine's RAM, to DIR/map
good_map() {
	cat >"$1/map" <<-END
	0-9fbff RAM
	9fc00-9ffff 2
	f0000-fffff 2
	100000-3ffdffff RAM
	3ffe0000-3fffffff 2
	END
}

# good_blob DIR BATON POLICY [STUB]: writes DIR/{map,initrd,good.lu,good.dtb}
good_blob() {
	local o=${O:-build}
	good_map "$1"
	echo initrd >"$1/initrd"
	"$o/tests/malform/malform" --stream "$1/good.lu"
	"$2" pack --stream "$1/good.lu" \
		--kernel "$(scripts/fetch-kernel 6.1)/vmlinuz" \
		--initrd "$1/initrd" --cmdline "console=ttyS0" \
		--memory-map "$1/map" --region 256M+128M --policy "$3" \
		--stub "${4:-$o/stub/stub.bin}" -o "$1/good.dtb"
	"$2" check "$1/good.dtb"
}
