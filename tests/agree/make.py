# SPDX-License-Identifier: MIT
"""Blobs of hosts that are not here, good ones and ones with something wrong,
all by a seed."""
import copy
import random

import parts
import tree
from blob import MIB, PAGE, TWO, digest
from contract import FOLDER, HO, REC, pack
from spoil import Spoiler
from tree import be, cells

GOLDEN = [p.read_bytes() for p in sorted((FOLDER / "golden").glob("v*.dtb"))
          if "-bad-" not in p.name]
# of command lines; what is behind some of them does not count (rule 19)
WORDS = (b"quiet", b"--", b"--x", b"x--", b'"--"', b'"-- x"', b'x="a -- b"',
         b'"', b'a"', b'""', b"\t--\v", b"--\xa0", b"-", b'-"-"', b'"--"-')


def is_update(data):
    """A handover with a stream, and no result of one."""
    stream = tree.read(data).named("lu-stream")
    return stream and not stream[0].get("data-address")


TYPES = [t for t in range(HO["HO_TYPE_COUNT"])
         if HO["HO_TYPE_VALID_MASK"] >> t & 1]
UPDATES = [g for g in GOLDEN if is_update(g)]


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


class Host(Spoiler):
    hole = (1 << 52, 1 << 52)   # what is never RAM
    ram_end = 1 << 52           # no stream's pages are above
    firmware_end = 1 << 52      # nor anything of the firmware's
    kinds = range(1, HO["HO_KIND_MAX"] + 1)     # of guests

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
        low = self.choice(0, 0x9f000, 0x9f000, 0xa0000, 0xa0000)
        self.memory = [(0, low)] if low else []
        self.firmware = [(2, 0x9f000, 0xa0000)] \
            if low < 0xa0000 and r.random() < .5 else []
        at = MIB
        first = at + r.randrange(300, 1500) * MIB
        self.memory.append((at, first))
        at = first
        count, sizes = r.choice((0, 1, 3, 8, 30)), (1, 7, 256, 5000, 262144)
        if r.random() < .04:    # at a bound: Xen's, and that of /memory
            count, sizes = r.randrange(196, 200), (1, 7, 256)
            if r.random() < .5:
                count += HO["HO_MEMORY_RANGES_MAX"] - 199
        for _ in range(count):
            if r.random() < .6:
                size = r.randrange(1, 64) * PAGE
                at = self.past_hole(at, size)
                self.firmware.append((r.choice((2, 3, 4, 5, 7, 0xefffffff)),
                                      at, at + size))
                at += size
            size = r.choice(sizes) * PAGE
            at = self.past_hole(at + r.randrange(1, 300) * PAGE, size)
            self.memory.append((at, at + size))
            at += size
        self.make_regions()

    def past_hole(self, at, size):
        return self.hole[1] if at < self.hole[1] and \
            at + size > self.hole[0] else at

    def make_regions(self):
        r = self.r
        self.regions = [(self.region, self.region + 16 * MIB)]
        at = self.region + 16 * MIB
        for _ in range(r.choice((0, 0, 0, 1, 2, HO["HO_REGION_RANGES_MAX"] -
                                 1))):
            at += r.choice((0, TWO))
            size = r.choice((1, 1, 2) if at < self.region + 24 * MIB
                            else (1,)) * TWO
            self.regions.append((at, at + size))
            at += size

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
        self.extents = []       # (domid, kind, mfn, pages, type)
        s.add("VERSION", pack("ho_rec_version", version=2, writer=b"agree"))
        self.taken = frames = self.frames()
        if r.random() < .5:
            frames = r.sample(frames, len(frames))
        count = r.choice((0, 1, 2, 5)) if not frames else r.choice((1, 2, 5))
        for d in range(count):
            mine = frames[d::count]
            self.make_domain(s, r.choice((d + 1, d * 977, 0x7fef - d)), mine)
        alg = r.choice((1, 1, 2)) if not count or r.random() < .4 else 0
        s.add("END", pack("ho_rec_end", digest_alg=alg))
        self.stream = s

    def make_domain(self, s, domid, mine):
        r = self.r
        kind = r.choice(self.kinds)
        types = r.choice(((0,), (0, 0, 1, 6, 9), TYPES))
        total, extents, state = sum(p for _, p in mine), len(mine), 0
        s.add("DOMAIN", pack("ho_rec_domain", domid=domid, kind=kind,
                             name=b"guest%d" % domid,
                             frame_count=r.choice((0, total))))
        while mine or r.random() < .3:
            n = min(len(mine), r.randrange(1, 60))
            part, mine = mine[:n], mine[n:]
            if part:
                typed = [(m, p, r.choice(types)) for m, p in part]
                self.extents += [(domid, kind, *e) for e in typed]
                words = b"".join((m | p - 1 << 40 | t << 60)
                                 .to_bytes(8, "little") for m, p, t in typed)
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

    def port(self, size):
        """An I/O port of a watchdog."""
        return self.choice(0x10000 - size, 0, 0x400, self.r.randrange(0xfff0))

    @staticmethod
    def put(node, name, value):
        name = name.encode()
        node.props = [p for p in node.props if p[0] != name] + [(name, value)]

    def make(self):
        """A good one, of the machine; its stream is put in afterwards."""
        r = self.r
        self.make_memory()
        self.make_stream()
        self.root = tree.read(self.choice(*UPDATES))
        self.put_root()
        parts.put_firmware(self)
        self.put(self.find("firmware"), HO["HO_FDT_MEMORY_MAP"], b"".join(
            be(t, 4) + cells((a, b)) for t, a, b in self.firmware))
        self.put(self.find("memory"), "reg", cells(*self.memory))
        self.put_regions()
        policy = self.find("policy")
        self.put(policy, HO["HO_FDT_E820_BUDGET"],
                 be(r.choice((500, 500, 120, 100, 64, 3200)), 4))
        self.put(policy, HO["HO_FDT_ON_FAILURE"], self.choice(
            b"halt\0", b"reset\0", b"fallback\0", b"fallback\0halt\0",
            b"fallback\0reset\0"))
        self.root.children = [c for c in self.root.children if c.base not in
                              (b"trust", b"previous")]
        if r.random() < .1:
            parts.put_trust(self)
        if r.random() < .1:
            parts.put_previous(self)
        self.put_files()

    def put_root(self):
        self.generation = self.choice(1, 1, 0, 7)
        version, compat = self.choice((1, 1), (2, 1), (2, 2), (3, 2), (9, 1))
        for name, value in (("baton,generation", self.generation),
                            ("baton,version", version),
                            ("baton,compat", compat)):
            self.put(self.root, name, be(value, 4))

    def put_regions(self):
        parent = self.find("reserved-memory")
        parent.props = [p for p in parent.props if p[0] != b"next-region"]
        parent.children = []
        for a, b in self.regions:
            node = tree.Node(b"region@%x" % a)
            node.props = [(b"compatible", b"baton,region-v1\0"),
                          (b"reg", cells((a, b))), (b"no-map", b"")]
            parent.children.append(node)
        if self.r.random() < .3:
            parts.put_next(self)

    def put_files(self):
        """What is staged in the landing range, one behind the other."""
        r = self.r
        target = self.find("target")
        if r.random() < .3:
            self.put(target, "compatible", self.choice(
                b"baton,target-multiboot2-v1\0", b"baton,target-xen-v1\0"))
        self.root.children = [c for c in self.root.children
                              if c.base != b"fallback"]
        self.at = self.region + 4 * MIB
        self.stage(target)
        if r.random() < .1:
            self.put(self.choice(target, *target.children),
                     HO["HO_FDT_BOOTARGS"],
                     b" ".join(self.choice(*WORDS) for _ in range(
                         r.randrange(5))) + b"\0")
        stub = self.find("stub")
        parts.put_file(self, stub, self.region + TWO,
                       r.choice((0x18000, TWO)))
        if r.random() < .3:
            self.put_fallback(target)

    def file(self, target, node):
        """(length, bytes or None) of a staged file."""
        return self.choice(5000, 1, PAGE, 3 * PAGE), None

    def stage(self, target):
        for node in target.children:
            length, data = self.file(target, node)
            parts.put_file(self, node, self.at, length, data)
            self.at += -(-length // PAGE) * PAGE + self.choice(0, PAGE)

    def put_fallback(self, target):
        node = copy.deepcopy(target)
        node.name = b"fallback"
        if node.get("compatible") == b"baton,target-xen-v1\0":
            self.put(node, "compatible", b"baton,target-multiboot2-v1\0")
        self.root.children.append(node)
        self.stage(node)
        self.inner = parts.region_only(self)
        if self.r.random() < .1:        # nobody compares that
            self.put(self.inner, "baton,id", self.r.randbytes(16))
        parts.put_tree(self, tree.write(self.inner), self.at)

    def put_stream(self, data, beside):
        """In the tree, or by reference, if there is room for that."""
        if beside and parts.put_reference(self, data):
            return data
        node = self.find("lu-stream")
        node.name = b"lu-stream"
        node.props = [(b"compatible",
                       HO["HO_FDT_STREAM_COMPAT"].encode() + b"\0"),
                      (b"size", be(len(data), 8)), (b"data", data)]
        return None

    def golden(self):
        r = self.r
        data = self.choice(*GOLDEN)
        self.root = tree.read(data)
        if r.random() < .5:
            self.spoil_tree()
            return "golden, spoiled", tree.write(self.root), None
        return "golden, flipped", self.flip(data), None

    def stream_bytes(self, how):
        r = self.r
        if how == "stream":
            for _ in range(r.choice((1, 1, 2))):
                self.spoil_stream()
        data = self.stream.bytes(r.random() < .9 or how == "good")
        if how == "padding" and len(data) > 24:
            data = bytearray(data)
            data[r.randrange(24, len(data))] ^= 1 << r.randrange(8)
            data = bytes(data)
        return data

    def spoil(self, how, beside):
        """The tree or the stream's file, as good ones are made."""
        if how == "tree":
            self.spoil_tree()
        elif how == "parts" and not self.spoil_parts():
            self.spoil_tree()
        elif how == "inner" and self.root.named("fallback"):
            self.spoil_tree(self.inner)
            parts.put_tree(self, tree.write(self.inner), self.at)
        elif how == "pieces" and beside is not None:
            self.spoil_pieces()
        elif how == "bytes" and beside is not None:
            return self.spoil_bytes(beside)
        return beside

    def blob(self):
        """(what was done to it, the blob, its stream by reference or None)."""
        r = self.r
        if r.random() < .15:
            return self.golden()
        self.make()
        how = r.choice(("good", "good", "good", "tree", "stream", "stream",
                        "flip", "padding", "parts", "parts", "inner",
                        "pieces", "bytes"))
        beside = self.put_stream(self.stream_bytes(how), r.random() < .4)
        beside = self.spoil(how, beside)
        out = tree.write(self.root)
        return how, self.flip(out) if how == "flip" else out, beside


def make(seed):
    return Host(seed).blob()
