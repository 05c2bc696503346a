# SPDX-License-Identifier: MIT
"""Something wrong with a made-up host: in its tree, its stream, or any bit."""
import copy

from blob import MIB, PAGE
from contract import REC
from tree import cells

ODD = (0, 1, 2, 3, 4, 7, 8, 15, 16, 0x7f, 0x80, 0xff, 0xfff, 0x1000, 0xfffff,
       0x100000, 0x1fffff, 0x200000, 0x7fffffff, 0x80000000, 0xffffffff,
       1 << 32, 1 << 36, 1 << 40, 1 << 47, 1 << 48, 1 << 52, (1 << 63) - 1,
       1 << 63, (1 << 64) - 1, (1 << 64) - PAGE)
# Properties that are little-endian inside, as their makers have them
LITTLE = (b"efi-memory-map", b"acpi-wdat", b"screen-info")


class Spoiler:
    """`r`: its chance; `root`: its tree; `stream`: its records."""

    def nodes(self, root=None):
        todo, out = [root or self.root], []
        while todo:
            node = todo.pop()
            out.append(node)
            todo += node.children
        return out

    def spoil_tree(self, root=None):
        r = self.r
        node = r.choice(self.nodes(root))
        what = r.randrange(8)
        if what == 0 and node.children:
            child = copy.deepcopy(r.choice(node.children))
            if r.random() < .5:
                child.name = child.base + b"@%x" % r.randrange(1 << 20)
            node.children.insert(r.randrange(len(node.children) + 1), child)
        elif what == 1 and node.children:
            node.children.remove(r.choice(node.children))
        elif what == 2 and node.children:
            child = r.choice(node.children)
            name = bytearray(child.name)
            name[r.randrange(len(name))] ^= 1 << r.randrange(7)
            child.name = bytes(name).replace(b"\0", b"x")
        elif node.props:
            self.spoil_property(node, r.choice(node.props), what)

    def spoil_property(self, node, prop, what):
        r, (name, value) = self.r, prop
        i = node.props.index(prop)
        if what == 3:
            node.props.insert(r.randrange(len(node.props) + 1),
                              (name, self.other(value)))
        elif what == 4:
            del node.props[i]
        elif what == 5:
            node.props[i] = (name, value[:r.randrange(len(value) + 1)])
        else:
            node.props[i] = (name, self.other(
                value, "little" if name in LITTLE else "big"))

    def spoil_parts(self):
        """What only some hosts have; False: it has none of it."""
        fw = self.find("firmware")
        parent = self.find("reserved-memory")
        have = [(fw, p) for p in fw.props if p[0].startswith(b"efi") or
                p[0] in (*LITTLE, b"vga-text")]
        have += [(parent, p) for p in parent.props if p[0] == b"next-region"]
        for name in ("fallback", "trust", "previous"):
            for node in self.root.named(name):
                have += [(n, p) for n in self.nodes(node) for p in n.props]
        if not have:
            return False
        node, prop = self.r.choice(have)
        self.spoil_property(node, prop, self.r.choice((4, 5, 6, 6, 6, 6)))
        return True

    def other(self, value, order="big"):
        r, out = self.r, bytearray(value)
        if not out:
            return r.randbytes(r.choice((1, 4, 8, 16)))
        if len(out) >= 4 and r.random() < .7:
            size = 8 if len(out) >= 8 and r.random() < .6 else 4
            at = r.randrange(0, len(out) - size + 1, 4)
            old = int.from_bytes(out[at:at + size], order)
            new = r.choice((r.choice(ODD), old + r.choice((-1, 1)) *
                            r.choice(ODD), old ^ 1 << r.randrange(8 * size)))
            out[at:at + size] = (new % (1 << 8 * size)).to_bytes(size, order)
        else:
            out[r.randrange(len(out))] ^= 1 << r.randrange(8)
        return bytes(out)

    def spoil_stream(self):
        r, s = self.r, self.stream
        what, i = r.randrange(7), r.randrange(len(s.records))
        kind, body = s.records[i]
        if what == 0:
            del s.records[i]
        elif what == 1:
            s.records.insert(r.randrange(len(s.records) + 1),
                             list(r.choice(s.records)))
        elif what == 2:
            j = r.randrange(len(s.records))
            s.records[i], s.records[j] = s.records[j], s.records[i]
        elif what == 3:
            s.records[i][0] = r.choice((*REC.values(), 0x77, 0x80000077))
        elif what == 4:
            s.records[i][1] = body[:r.randrange(len(body) + 1)]
        elif body:
            out = bytearray(body)
            size = min(len(out), r.choice((1, 4, 8)))
            at = r.randrange(len(out) // size) * size
            old = int.from_bytes(out[at:at + size], "little")
            new = r.choice((r.choice(ODD), old ^ 1 << r.randrange(8 * size),
                            old + r.choice(ODD)))
            out[at:at + size] = (new % (1 << 8 * size)).to_bytes(size,
                                                                 "little")
            s.records[i][1] = bytes(out)

    def spoil_pieces(self):
        """The pages of a stream by reference are other ones."""
        r, node = self.r, self.find("lu-stream")
        reg = node.get("reg")
        i = 16 * r.randrange(len(reg) // 16)
        a = int.from_bytes(reg[i:i + 8], "big")
        b = a + int.from_bytes(reg[i + 8:i + 16], "big")
        others = [(m * PAGE, m * PAGE + b - a) for m, _ in self.taken[:50]]
        others += [(a + PAGE, b + PAGE), (a, b + PAGE), (a, a), (a + 1, b + 1),
                   (0, b - a), (MIB - PAGE, MIB - PAGE + b - a),
                   (self.memory[-1][1] - PAGE, self.memory[-1][1] - PAGE +
                    b - a), (self.region, self.region + b - a)]
        piece = cells(r.choice(others))
        new = r.choice((reg[:i] + piece + reg[i + 16:], reg[:i] + reg[i + 16:],
                        reg + reg[i:i + 16], reg + piece, reg[:-8]))
        self.put(node, "reg", new)

    def spoil_bytes(self, data):
        """Those of a stream by reference, which its digest is over."""
        r, out = self.r, bytearray(data)
        what = r.randrange(3)
        if what == 0:
            out[r.randrange(len(out))] ^= 1 << r.randrange(8)
        elif what == 1:
            del out[r.randrange(len(out)):]
        else:
            out += bytes(r.choice((1, 8, PAGE)))
        return bytes(out)

    def flip(self, data):
        out = bytearray(data)
        for _ in range(self.r.choice((1, 1, 2, 9))):
            out[self.r.randrange(len(out))] ^= 1 << self.r.randrange(8)
        if self.r.random() < .1:
            del out[self.r.randrange(len(out)):]
        return bytes(out)
