# SPDX-License-Identifier: MIT
"""Made-up hosts that a stub can be started on, in a machine of tests/agree/stub:
what is written to or run is there, and does no harm."""
import struct

import parts
import ptables
from blob import MIB, PAGE
from contract import HO
from make import Host
from tree import be

RAM_END = 0xbf000000        # of the machine; above are frames nobody looks at
GIB4 = 1 << 32
ADDRESSES = 1 << 40         # of the CPU that QEMU emulates: a page there faults
SAID = 0x31                 # what a target says when it runs,
SAYS = bytes((0xb0, SAID, 0xe6, 0xf4, 0xfa, 0xf4, 0xeb, 0xfd))  # to isa-debug-exit


def elf():
    """A multiboot2 image that goes anywhere and says that it runs: headers of
    the System V ABI and of the Multiboot2 Specification, 3.1."""
    head = 64 + 56
    tags = struct.pack("<HHIIIII", 10, 0, 24, MIB, GIB4 - 1, PAGE, 0) + \
        struct.pack("<HHI", 0, 0, 8)
    tags = tags[:24] + bytes(-24 % 8) + tags[24:]
    length = 16 + len(tags)
    multiboot = struct.pack("<4I", 0xe85250d6, 0, length,
                            -(0xe85250d6 + length) % GIB4) + tags
    entry = head + len(multiboot)
    size = entry + len(SAYS)
    return b"\x7fELF\2\1\1" + bytes(9) + struct.pack(
        "<HHIQQQIHHHHHH", 2, 62, 1, MIB + entry, 64, 0, 0, 64, 56, 1, 0, 0,
        0) + struct.pack("<IIQQQQQQ", 1, 7, 0, MIB, MIB, size, size, PAGE) + \
        multiboot + SAYS


def bzimage(at, init_size):
    """A kernel that says that it runs: Documentation/arch/x86/boot.rst."""
    out = bytearray(1024 + 0x200)
    for offset, form, value in (
            (0x1f1, "B", 1), (0x1fe, "H", 0xaa55), (0x201, "B", 0x66),
            (0x202, "I", 0x53726448), (0x206, "H", 0x20c),
            (0x230, "I", 2 * MIB), (0x234, "B", 1), (0x236, "H", 3),
            (0x238, "I", 2047), (0x258, "Q", at), (0x260, "I", init_size)):
        struct.pack_into("<" + form, out, offset, value)
    return bytes(out) + SAYS


def rsdp():
    """ACPI's root pointer, of ACPI 2.0 on: sums of its parts are 0."""
    out = bytearray(b"RSD PTR \0baton \2" + bytes(20))
    out[20] = len(out)
    out[8] = -sum(out[:20]) % 256
    out[32] = -sum(out) % 256
    return bytes(out)


class StubHost(Host):
    hole = (RAM_END, GIB4)
    ram_end = RAM_END
    firmware_end = ADDRESSES
    kinds = (1, 2, 2, 2, 3, 4, 5)       # mostly such as have page tables

    def __init__(self, seed):
        super().__init__(seed)
        self.files = {}         # name of the node above: their bytes, in order
        self.contents = {}      # of memory: {address: bytes}

    def make(self):
        super().make()
        ptables.fill(self)
        if self.find("target").get("compatible") == \
                HO["HO_FDT_TARGET_XEN"].encode() + b"\0":
            self.put_rsdp()

    def put_rsdp(self):
        """In firmware's memory, where there is a place for the copy; else there
        is none above the first MiB."""
        places = [a for _, a, b in self.firmware if MIB <= a and b < RAM_END]
        node = self.find("firmware")
        node.props = [p for p in node.props if p[0] != b"acpi-rsdp"]
        if places and self.memory[0] == (0, 0xa0000):
            at = self.choice(*places) + 16 * self.r.randrange(200)
            self.contents[at] = rsdp()
            self.put(node, "acpi-rsdp", be(at, 8))

    def port(self, size):
        """Nothing is behind it."""
        return 0x2000 + size * self.r.randrange(0x100)

    def file(self, target, node):
        r = self.r
        kind = target.get("compatible")
        if node.base == b"image":
            data = bzimage(MIB * r.choice((1, 16, 64)), 2 * MIB) \
                if kind == HO["HO_FDT_TARGET_LINUX"].encode() + b"\0" \
                else elf()
        elif target.children.index(node) == 1:      # dom0's kernel, if Xen
            a, _ = max(parts.free_pages(self), key=lambda x: x[1] - x[0],
                       default=(16 * MIB // PAGE, 0))
            data = bzimage(a * PAGE, PAGE)
        else:
            data = r.randbytes(r.choice((1, PAGE, 5000)))
        self.files.setdefault(target.name, []).append(data)
        return len(data), data
