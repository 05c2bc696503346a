# SPDX-License-Identifier: MIT
"""Nodes and properties of a tree, as README.md wants them: what a reader asks
for, and the codes of what is not as it should be."""

ALL = 1 << 64


class Fields:
    """codes: what is wrong with what was asked for."""

    def bad(self, code):
        self.codes.add(f"HO_{code}")

    def node(self, parent, name, needed=True):
        """The one of that name, None: none, or not to be read."""
        if parent is None:
            return None
        found = parent.named(name)
        if not found and needed:
            self.bad("ENODE")
        if len(found) > 1 or (found and found[0].doubles()):
            self.bad("EBLOBDUP")
        return found[0] if found else None

    def several(self, parent, name):
        found = parent.named(name)
        for n in found:
            if n.doubles() or sum(c.name == n.name
                                  for c in parent.children) > 1:
                self.bad("EBLOBDUP")
        return found

    def number(self, node, name, size=4, needed=True, default=0):
        value = node.get(name)
        if value is None:
            if needed:
                self.bad("EPROP")
            return default
        if len(value) != size:
            self.bad("EPROP")
            return default
        return int.from_bytes(value, "big")

    def bytes(self, node, name, size):
        value = node.get(name)
        if value is None or len(value) != size:
            self.bad("EPROP")
            return bytes(size)
        return value

    def string(self, node, name, needed=True):
        value = node.get(name)
        if value is None and not needed:
            return b""
        if not value or value.find(b"\0") != len(value) - 1:
            self.bad("EPROP")
            return b""
        return value[:-1]

    def is_compatible(self, node, words):
        value = node.get("compatible")
        have = value.split(b"\0")[:-1] if value else []
        return next((w for w in words if w.encode() in have), None)

    def want_compatible(self, node, word, code="EBLOBCOMPAT"):
        if not self.is_compatible(node, [word]):
            self.bad(code)

    def ranges(self, value, head=0):
        """(type, start, end) of each entry; False: one wraps."""
        out = []
        for at in range(0, len(value), 16 + head):
            kind = int.from_bytes(value[at:at + head], "big")
            start = int.from_bytes(value[at + head:at + head + 8], "big")
            size = int.from_bytes(value[at + head + 8:at + head + 16], "big")
            if start + size >= ALL:
                return out, False
            out.append((kind, start, start + size))
        return out, True

    def one_range(self, node, name):
        value = self.bytes(node, name, 16)
        out, whole = self.ranges(value)
        if not whole:
            self.bad("EVALUE")
            return (0, 0)
        return out[0][1:]
