# SPDX-License-Identifier: MIT
"""Flattened device trees, read and written by the Devicetree Specification 0.4,
chapter 5, and section 5 of handover-abi/README.md."""
import struct

MAGIC = 0xd00dfeed
BEGIN, END_NODE, PROP, NOP, END = 1, 2, 3, 4, 9
HEADER = struct.Struct(">10I")
NAMES = ("magic", "totalsize", "off_struct", "off_strings", "off_rsvmap",
         "version", "last_comp", "boot_cpu", "size_strings", "size_struct")


class Bad(Exception):
    """Not a tree; the argument is the code."""


class Node:
    def __init__(self, name):
        self.name = name
        self.props = []         # (name, bytes), in order, doubles as well
        self.children = []

    @property
    def base(self):
        return self.name.split(b"@", 1)[0]

    def get(self, name):
        return next((v for n, v in self.props if n == name.encode()), None)

    def named(self, name):
        return [c for c in self.children if c.base == name.encode()]

    def doubles(self):
        names = [n for n, _ in self.props]
        return len(set(names)) != len(names) or len(names) > 64


def read_header(data):
    if len(data) < HEADER.size:
        raise Bad("HO_EBLOBTRUNC")
    head = dict(zip(NAMES, HEADER.unpack_from(data)))
    if head["magic"] != MAGIC:
        raise Bad("HO_EBLOBMAGIC")
    total = head["totalsize"]
    if total > len(data):
        raise Bad("HO_EBLOBTRUNC")
    good = (17 <= head["version"] and head["last_comp"] <= 17 and
            head["last_comp"] <= head["version"] and
            HEADER.size <= total < 1 << 31)
    for block in ("struct", "strings"):
        start, size = head[f"off_{block}"], head[f"size_{block}"]
        good = good and HEADER.size <= start and start + size <= total
    good = good and HEADER.size <= head["off_rsvmap"] <= total
    if not good:
        raise Bad("HO_EBLOBTREE")
    return head


def check_reservations(data, head):
    at = head["off_rsvmap"]
    while True:
        if at + 16 > head["totalsize"]:
            raise Bad("HO_EBLOBTREE")
        if data[at + 8:at + 16] == bytes(8):
            return
        at += 16


class Reader:
    def __init__(self, data, head):
        start = head["off_struct"]
        self.block = data[start:start + head["size_struct"]]
        start = head["off_strings"]
        self.strings = data[start:start + head["size_strings"]]
        self.at = 0

    def take(self, n):
        if self.at + n > len(self.block):
            raise Bad("HO_EBLOBTREE")
        self.at += n
        return self.block[self.at - n:self.at]

    def u32(self):
        return int.from_bytes(self.take(4), "big")

    def align(self):
        self.at = (self.at + 3) & ~3

    def tag(self):
        tag = NOP
        while tag == NOP:
            tag = self.u32()
        return tag

    def name(self):
        end = self.block.find(b"\0", self.at)
        if end < 0:
            raise Bad("HO_EBLOBTREE")
        name = self.block[self.at:end]
        self.at = end + 1
        self.align()
        return name

    def prop(self):
        length, offset = self.u32(), self.u32()
        value = self.take(length)
        self.align()
        end = self.strings.find(b"\0", offset)
        if offset >= len(self.strings) or end < 0:
            raise Bad("HO_EBLOBTREE")
        return self.strings[offset:end], value

    def root(self):
        if self.u32() != BEGIN or self.name():
            raise Bad("HO_EBLOBTREE")
        stack = [Node(b"")]
        while True:
            tag = self.tag()
            if tag == BEGIN:
                node = Node(self.name())
                stack[-1].children.append(node)
                stack.append(node)
            elif tag == PROP and not stack[-1].children:
                stack[-1].props.append(self.prop())
            elif tag == END_NODE:
                node = stack.pop()
                if not stack:
                    break
            else:
                raise Bad("HO_EBLOBTREE")
        if self.u32() != END:
            raise Bad("HO_EBLOBTREE")
        return node


def read(data):
    """The root, or Bad with the code."""
    head = read_header(data)
    check_reservations(data, head)
    return Reader(data, head).root()


def be(value, size):
    return (value % (1 << 8 * size)).to_bytes(size, "big")


def cells(*ranges):
    """A property of ranges (start, end)."""
    return b"".join(be(a, 8) + be(b - a, 8) for a, b in ranges)


def write(root):
    """Bytes of a tree, whatever it is."""
    strings, offsets, out = bytearray(), {}, bytearray()

    def pad():
        out.extend(bytes(-len(out) % 4))

    def put(node):
        out.extend(struct.pack(">I", BEGIN) + node.name + b"\0")
        pad()
        for name, value in node.props:
            if name not in offsets:
                offsets[name] = len(strings)
                strings.extend(name + b"\0")
            out.extend(struct.pack(">3I", PROP, len(value), offsets[name]))
            out.extend(value)
            pad()
        for child in node.children:
            put(child)
        out.extend(struct.pack(">I", END_NODE))

    put(root)
    out.extend(struct.pack(">I", END))
    off_struct = HEADER.size + 16
    off_strings = off_struct + len(out)
    total = off_strings + len(strings)
    return HEADER.pack(MAGIC, total, off_struct, off_strings, HEADER.size, 17,
                       16, 0, len(strings), len(out)) + \
        bytes(16) + bytes(out) + bytes(strings)
