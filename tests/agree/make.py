# SPDX-License-Identifier: MIT
"""Blobs of hosts that are not here, good ones and ones with something wrong,
all by a seed."""
import copy
import random

import tree
from blob import MIB, PAGE, TWO, digest
from contract import FOLDER, HO, pack

REC = {n: HO[f"HO_REC_{n}"] for n in (
    "END", "VERSION", "DOMAIN", "FRAMES", "STATE", "DOMAIN_END", "OWNER",
    "DIGEST", "OPTIONAL")}
GOLDEN = [p.read_bytes() for p in sorted((FOLDER / "golden").glob("v*.dtb"))
          if "-bad-" not in p.name]
ODD = (0, 1, 2, 3, 4, 7, 8, 15, 16, 0x7f, 0x80, 0xff, 0xfff, 0x1000, 0xfffff,
       0x100000, 0x1fffff, 0x200000, 0x7fffffff, 0x80000000, 0xffffffff,
       1 << 32, 1 << 36, 1 << 40, 1 << 47, 1 << 48, 1 << 52, (1 << 63) - 1,
       1 << 63, (1 << 64) - 1, (1 << 64) - PAGE)


def be(value, size):
    return (value % (1 << 8 * size)).to_bytes(size, "big")


def cells(*ranges):
    return b"".join(be(a, 8) + be(b - a, 8) for a, b in ranges)


class Stream:
    """Records (type, body), and what closes them."""

    def __init__(self):
        self.records = []
        self.header = be(HO["HO_STREAM_MARKER"], 8) + \
            be(HO["HO_STREAM_ID"], 4) + be(HO["HO_STREAM_VERSION"], 4) + \
            bytes(8)

    def add(self, name, body):
        self.records.append([REC[name], bytes(body)])

    def bytes(self, seal=True):
        """With `seal` the digests and the number of records are right."""
        out, from_ = bytearray(self.header), 0
        for i, (kind, body) in enumerate(self.records):
            if seal and kind == REC["DIGEST"] and len(body) == 40:
                body = body[:8] + self.digest_of(body[0], out[from_:])
            if seal and kind == REC["END"] and len(body) == 48:
                body = i.to_bytes(8, "little") + body[8:16] + \
                    self.digest_of(body[8], out)
            out += kind.to_bytes(4, "little")
            out += len(body).to_bytes(4, "little") + body
            out += bytes(-len(out) % 8)
            if kind == REC["DIGEST"]:
                from_ = len(out)
        return bytes(out)

    @staticmethod
    def digest_of(alg, data):
        return digest(alg, bytes(data)) if alg in (1, 2) else bytes(32)


class Host:
    def __init__(self, seed):
        self.r = random.Random(seed)
        self.region = 256 * MIB
        self.memory, self.firmware = [], []
        self.root = None

    def choice(self, *of):
        return self.r.choice(of)

    # a machine

    def make_memory(self):
        r, at = self.r, 0
        self.memory = [(0, 0x9f000)] if r.random() < .8 else []
        self.firmware = [(2, 0x9f000, 0xa0000)] if r.random() < .5 else []
        at = MIB
        first = at + r.randrange(300, 1500) * MIB
        self.memory.append((at, first))
        at = first
        for _ in range(r.choice((0, 1, 3, 8, 30))):
            if r.random() < .6:
                size = r.randrange(1, 64) * PAGE
                self.firmware.append((r.choice((2, 3, 4, 5, 7, 0xefffffff)),
                                      at, at + size))
                at += size
            at += r.randrange(1, 300) * PAGE
            size = r.choice((1, 7, 256, 5000, 262144)) * PAGE
            self.memory.append((at, at + size))
            at += size
        self.regions = [(self.region, self.region + 16 * MIB)]
        if r.random() < .3:
            self.regions.append((self.region + 20 * MIB,
                                 self.region + 22 * MIB))

    def frames(self):
        """Extents (mfn, pages) that overlap nothing, in order."""
        r, out = self.r, []
        spread = r.choice((1, 3, 60, 700, 6000))
        size = r.choice((1, 8, 512, 700, 4096))
        ranges = [m for m in self.memory if m[1] > MIB]
        for a, b in ranges:
            at = max(a, MIB) // PAGE
            if r.random() < .4:
                at += r.randrange(1 + spread)
            while len(out) < self.limit:
                pages = r.choice((1, size, 512, 1 + r.randrange(size)))
                if r.random() < .3:
                    at = -(-at // 512) * 512
                for x, y in self.regions:
                    if at * PAGE < y and (at + pages) * PAGE > x:
                        at = y // PAGE
                if (at + pages) * PAGE > b:
                    break
                out.append((at, pages))
                at += pages
                if r.random() < .5:
                    at += r.randrange(1 + spread)
        return out

    def make_stream(self):
        r, s = self.r, Stream()
        self.limit = r.choice((0, 1, 5, 40, 200))
        s.add("VERSION", pack("ho_rec_version", version=2, writer=b"agree"))
        frames = self.frames()
        if r.random() < .5:
            r.shuffle(frames)
        count = r.choice((0, 1, 2, 5)) if not frames else r.choice((1, 2, 5))
        for d in range(count):
            mine = frames[d::count]
            self.make_domain(s, r.choice((d + 1, d * 977, 0x7fef - d)), mine)
        alg = r.choice((1, 1, 2)) if not count or r.random() < .4 else 0
        s.add("END", pack("ho_rec_end", digest_alg=alg))
        self.stream = s

    def make_domain(self, s, domid, mine):
        r = self.r
        kind = r.randrange(1, 6)
        total, extents, state = sum(p for _, p in mine), len(mine), 0
        s.add("DOMAIN", pack("ho_rec_domain", domid=domid, kind=kind,
                             name=b"guest%d" % domid,
                             frame_count=r.choice((0, total))))
        while mine or r.random() < .3:
            n = min(len(mine), r.randrange(1, 60))
            part, mine = mine[:n], mine[n:]
            if part:
                words = b"".join(
                    (m | p - 1 << 40 | r.choice((0, 0, 1, 6, 9)) << 60)
                    .to_bytes(8, "little") for m, p in part)
                s.add("FRAMES", domid.to_bytes(4, "little") +
                      len(part).to_bytes(4, "little") + words +
                      bytes(8 * len(part)))
            if r.random() < .3:
                blob = r.randbytes(r.randrange(30))
                state += len(blob)
                s.add("STATE", pack("ho_rec_state", domid=domid,
                                    name=b"note") + blob)
            if r.random() < .1:
                s.add("OWNER", pack("ho_rec_owner", domid=domid))
        s.add("DOMAIN_END", pack("ho_rec_domain_end", domid=domid,
                                 frame_count=total, extent_count=extents,
                                 state_bytes=state))
        s.add("DIGEST", pack("ho_rec_digest", digest_alg=1))

    # its tree

    def find(self, *path):
        node = self.root
        for name in path:
            node = node.named(name)[0]
        return node

    @staticmethod
    def put(node, name, value):
        name = name.encode()
        node.props = [p for p in node.props if p[0] != name] + [(name, value)]

    def make(self):
        """A good one, of the machine."""
        r = self.r
        self.make_memory()
        self.make_stream()
        self.root = tree.read(self.choice(*[
            g for g in GOLDEN if tree.read(g).named("lu-stream") and
            tree.read(g).named("lu-stream")[0].get("data") and
            not tree.read(g).named("fallback")]))
        # what relates to the golden's own machine
        fw = self.find("firmware")
        fw.props = [p for p in fw.props if not p[0].startswith(b"efi") and
                    p[0] not in (b"screen-info", b"vga-text", b"acpi-wdat")]
        self.put(fw, HO["HO_FDT_MEMORY_MAP"], b"".join(
            be(t, 4) + cells((a, b)) for t, a, b in self.firmware))
        self.put(self.find("memory"), "reg", cells(*self.memory))
        self.put_regions()
        self.put_files()
        self.put(self.find("policy"), HO["HO_FDT_E820_BUDGET"],
                 be(r.choice((500, 500, 120, 100, 64, 3200)), 4))

    def put_regions(self):
        parent = self.find("reserved-memory")
        parent.props = [p for p in parent.props if p[0] != b"next-region"]
        parent.children = []
        for a, b in self.regions:
            node = tree.Node(b"region@%x" % a)
            node.props = [(b"compatible", b"baton,region-v1\0"),
                          (b"reg", cells((a, b))), (b"no-map", b"")]
            parent.children.append(node)

    def put_files(self):
        at = self.region + 4 * MIB
        target = self.find("target")
        if self.r.random() < .3:
            self.put(target, "compatible", self.choice(
                b"baton,target-multiboot2-v1\0", b"baton,target-xen-v1\0"))
        for node in target.children:
            self.put(node, "reg", cells((at, at + 5000)))
            at += 2 * PAGE
        stub = self.find("stub")
        self.put(stub, "reg", cells((self.region + TWO,
                                     self.region + TWO + 0x18000)))

    def put_stream(self, data):
        node = self.find("lu-stream")
        self.put(node, HO["HO_FDT_SIZE"], be(len(data), 8))
        self.put(node, HO["HO_FDT_DATA"], data)

    # something wrong

    def nodes(self):
        todo, out = [self.root], []
        while todo:
            node = todo.pop()
            out.append(node)
            todo += node.children
        return out

    def spoil_tree(self):
        r = self.r
        nodes = self.nodes()
        node = r.choice(nodes)
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
            i = r.randrange(len(node.props))
            name, value = node.props[i]
            if what == 3:
                node.props.insert(r.randrange(len(node.props) + 1),
                                  (name, self.other(value)))
            elif what == 4:
                del node.props[i]
            elif what == 5:
                node.props[i] = (name, value[:r.randrange(len(value) + 1)])
            else:
                node.props[i] = (name, self.other(value))

    def other(self, value):
        r, out = self.r, bytearray(value)
        if not out:
            return r.randbytes(r.choice((1, 4, 8, 16)))
        if len(out) >= 4 and r.random() < .7:
            size = 8 if len(out) >= 8 and r.random() < .6 else 4
            at = r.randrange(0, len(out) - size + 1, 4)
            old = int.from_bytes(out[at:at + size], "big")
            new = r.choice((r.choice(ODD), old + r.choice((-1, 1)) *
                            r.choice(ODD), old ^ 1 << r.randrange(8 * size)))
            out[at:at + size] = be(new, size)
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

    def flip(self, data):
        out = bytearray(data)
        for _ in range(self.r.choice((1, 1, 2, 9))):
            out[self.r.randrange(len(out))] ^= 1 << self.r.randrange(8)
        if self.r.random() < .1:
            del out[self.r.randrange(len(out)):]
        return bytes(out)

    def blob(self):
        """(what was done to it, the blob)."""
        r = self.r
        if r.random() < .15:
            data = self.choice(*GOLDEN)
            self.root = tree.read(data)
            if r.random() < .5:
                self.spoil_tree()
                return "golden, spoiled", tree.write(self.root)
            return "golden, flipped", self.flip(data)
        self.make()
        how = r.choice(("good", "good", "tree", "stream", "stream", "flip",
                        "padding"))
        if how == "stream":
            for _ in range(r.choice((1, 1, 2))):
                self.spoil_stream()
        data = self.stream.bytes(r.random() < .9 or how == "good")
        if how == "padding" and len(data) > 24:
            data = bytearray(data)
            data[r.randrange(24, len(data))] ^= 1 << r.randrange(8)
            data = bytes(data)
        self.put_stream(data)
        if how == "tree":
            self.spoil_tree()
        out = tree.write(self.root)
        return how, self.flip(out) if how == "flip" else out


def make(seed):
    return Host(seed).blob()
