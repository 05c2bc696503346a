# SPDX-License-Identifier: MIT
"""What a made-up host may have beside memory and guests: EFI, a screen, a
watchdog, a region that moves, a fallback, a stream by reference. Each is good by
handover-abi/, and often at one of its bounds."""
import copy

import tree
from blob import MIB, PAGE, TWO, digest
from contract import HO, xxh64
from tree import be, cells

GIB = 1 << 30
RUNTIME = 1 << 63


# Where each of them is: node, property
PARTS = {"EFI": ("firmware", "efi-system-table"),
         "screen": ("firmware", "screen-info"),
         "text": ("firmware", "vga-text"),
         "watchdog": ("firmware", "acpi-wdat"),
         "next region": ("reserved-memory", "next-region"),
         "reference": ("lu-stream", "reg"),
         "fallback": ("fallback", "compatible"),
         "trust": ("trust", "compatible"),
         "previous": ("previous", "state")}


def parts_of(data):
    """Names of those that a blob has, which is one."""
    root = tree.read(data)
    return [part for part, (name, prop) in PARTS.items()
            for node in root.named(name) if node.get(prop) is not None]


def le(value, size):
    return (value % (1 << 8 * size)).to_bytes(size, "little")


def holes(host):
    """What is no RAM, as far as anybody is interested."""
    out, at = [], MIB
    for a, b in host.memory:
        if a > at:
            out.append((at, a))
        at = max(at, b)
    return [(0xa0000, MIB)] + out + [
        (at, at + GIB), (host.firmware_end - GIB, host.firmware_end)]


def hole(host, most, below=1 << 52):
    """(start, pages) of no RAM, often up to its neighbours."""
    r = host.r
    a, b = r.choice([h for h in holes(host) if h[0] < below])
    pages = min(r.choice((1, 2, 1 + r.randrange(most))), (b - a) // PAGE)
    last = (b - a) // PAGE - pages
    return a + PAGE * r.choice((0, last, r.randrange(last + 1))), pages


# EFI

def kind_of_runtime(r):
    return r.choice((0, 3, 4, 5, 6, 5, 6, 11, 13, 0x70000000, 0xffffffff))


def descriptor(host, size, runtime_only):
    r = host.r
    if runtime_only or r.random() < .6:
        start, pages = hole(host, 4096)
        kind, attribute = kind_of_runtime(r), RUNTIME | r.choice((0, 15))
    else:       # boot services have not ended: it may be RAM
        start, pages = r.randrange(1 << 36) * PAGE, 1 + r.randrange(1 << 16)
        kind, attribute = r.choice((0, 3, 4, 9, 10, 13, 0x80000000)), 15
    out = le(kind, 4) + le(r.choice((0, r.getrandbits(32))), 4) + \
        le(start, 8) + le(r.getrandbits(64), 8) + le(pages, 8) + \
        le(attribute, 8)
    return out + r.randbytes(size - len(out))


def put_efi(host, node):
    r = host.r
    virtual = r.random() < .6
    runtime_only = virtual or host.generation
    size = r.choice((40, 48, 48, 56, 256))
    most = HO["HO_EFI_MAP_BYTES_MAX"] // size
    count = r.choice((1, 4, 4, 20, most if r.random() < .1 else 9))
    host.put(node, "efi-system-table", be(r.choice(
        (host.firmware_end - PAGE, 1 << 32)), 8))
    if virtual:
        host.put(node, "efi-fw-vendor", be(1 + r.getrandbits(40), 8))
        host.put(node, "efi-config-table", be(1 + r.getrandbits(40), 8))
        if r.random() < .5:
            host.put(node, "efi-smbios", be(r.choice((0, 0xf0000)), 8))
    if r.random() < .5:
        host.put(node, "efi-secure-boot", be(r.randrange(
            HO["HO_EFI_SECURE_BOOT_MAX"] + 1), 4))
    host.put(node, "efi-desc-size", be(size, 4))
    host.put(node, "efi-desc-version", be(r.choice((1, 1, 0, 77)), 4))
    host.put(node, "efi-memory-map", b"".join(
        descriptor(host, size, runtime_only) for _ in range(count)))


def put_no_efi(host, node):
    """Without a system table there is no EFI, whatever else is there."""
    r = host.r
    host.put(node, "efi-memory-map", r.randbytes(48))
    host.put(node, "efi-desc-size", be(r.choice((0, 48)), 4))
    if r.random() < .5:
        host.put(node, "efi-system-table", be(0, 8))


# the screen

def put_screen(host, node):
    r = host.r
    out = bytearray(r.randbytes(64))
    kind = r.choice((0x70, 0x23))
    start, pages = hole(host, 4096)
    wide = start >> 32 or r.random() < .3
    pitch = r.choice((1, 80, PAGE))
    height = min(0xffff, pages * PAGE // pitch)
    length = r.choice((1, pages * PAGE)) if kind == 0x70 else \
        r.choice((0, pages * PAGE >> 16))
    out[0x0f] = kind
    for at, n, value in ((0x18, 4, start), (0x1c, 4, length),
                         (0x24, 2, pitch), (0x14, 2, height),
                         (0x36, 4, r.choice((2, 3, 0xffffffff)) if wide else
                          r.choice((0, 1, 0xfffffffd))),
                         (0x3a, 4, start >> 32 if wide else r.getrandbits(32))):
        out[at:at + n] = le(value, n)
    host.put(node, "screen-info", bytes(out))


def put_text(host, node):
    r = host.r
    columns, lines = r.choice(((80, 25), (40, 25), (160, 100), (132, 60),
                               (160, 25), (40, 100)))
    host.put(node, "vga-text", be(columns, 4) + be(lines, 4) +
             be(r.choice((8, 16, 32)), 4))


# the watchdog

def register(host):
    """An entry of its table: instruction, flags, register, value, mask."""
    r = host.r
    size = r.choice((1, 2, 4))
    by_width = r.random() < .5
    width = 8 * size if by_width else r.choice((0, 8, 32, 255))
    access = 0 if by_width else {1: 1, 2: 2, 4: 3}[size]
    space = r.choice((0, 1))
    if space:
        at = host.port(size)
    else:
        start, pages = hole(host, 64, 1 << 46)
        at = r.choice((start, start + pages * PAGE - size))
    at -= at % size
    return bytes((r.randrange(256), r.choice((0, 1, 2, 3, 0x80, 0x83)), 0, 0,
                  space, width, r.choice((0, 7, 31)), access)) + \
        le(at, 8) + le(r.getrandbits(32), 4) + le(r.getrandbits(32), 4)


def put_wdat(host, node):
    r = host.r
    count = r.choice((1, 2, 9, 64))
    most = r.choice((1, 1000, 71582))
    table = b"WDAT" + le(68 + 24 * count, 4) + r.randbytes(28) + le(32, 4) + \
        r.randbytes(8) + le(r.choice((1, 100, 60000)), 4) + le(most, 4) + \
        le(r.choice((0, 1, most)), 4) + le(r.choice((1, 0x81)), 4) + \
        le(count, 4)
    host.put(node, "acpi-wdat", table + b"".join(register(host)
                                                 for _ in range(count)))


def put_firmware(host):
    """What the golden blob's own machine had is not there any more."""
    r, node = host.r, host.find("firmware")
    node.props = [p for p in node.props if not p[0].startswith(b"efi") and
                  p[0] not in (b"screen-info", b"vga-text", b"acpi-wdat")]
    choice = r.random()
    if choice < .4:
        put_efi(host, node)
    elif choice < .45:
        put_no_efi(host, node)
    choice = r.random()
    if choice < .3:
        put_screen(host, node)
    elif choice < .5:
        put_text(host, node)
    if r.random() < .3:
        put_wdat(host, node)
    if r.random() < .7:
        host.put(node, "acpi-rsdp", be(r.choice(
            (0, 0xf5240, MIB - 1, MIB, 0xbff77014)), 8))
    if r.random() < .3:
        host.put(node, "uart-port", be(r.choice((0, 0x3f8, 0xfff8)), 4))


# the region, and what is in it

def put_next(host):
    """Inside one RAM range, and in ranges of the region that touch."""
    r = host.r
    runs = []
    for a, b in sorted(host.regions):
        if runs and runs[-1][1] == a:
            runs[-1][1] = b
        else:
            runs.append([a, b])
    runs = [(a, b) for a, b in runs if b - a >= HO["HO_REGION_BYTES_MIN"]]
    a, b = r.choice(runs)
    pieces = (b - a) // TWO
    length = r.choice((2, pieces, r.randrange(2, pieces + 1)))
    start = a + TWO * r.choice((0, pieces - length,
                                r.randrange(pieces - length + 1)))
    host.put(host.find("reserved-memory"), "next-region",
             cells((start, start + length * TWO)))


def put_trust(host):
    r = host.r
    node = tree.Node(b"trust")
    node.props = [
        (b"compatible", r.choice((b"", b"other\0")) + b"baton,trust-v1\0"),
        (b"manifest", r.randbytes(r.choice(
            (1, 300, HO["HO_MANIFEST_BYTES_MAX"])))),
        (b"signature", r.randbytes(r.choice(
            (HO["HO_TRUST_MODULUS_MIN"], 384, HO["HO_TRUST_MODULUS_MAX"]))))]
    host.root.children.append(node)


def put_previous(host):
    r = host.r
    node = tree.Node(b"previous")
    node.props = [(b"region", be(1 + r.getrandbits(50), 8)),
                  (b"generation", be(r.getrandbits(32), 4)),
                  (b"id", r.randbytes(16)),
                  (b"state", be(r.choice((1, 2, 3)), 4)),
                  (b"stage", be(r.randrange(HO["HO_STAGE_COUNT"]), 4)),
                  (b"error", be(r.getrandbits(32), 4))]
    host.root.children.append(node)


def put_file(host, node, at, length, data=None):
    """A staged file, or what has the same properties; its digests are right if it
    is there."""
    r = host.r
    alg = r.choice((0, 1, 2))
    have = r.randbytes({0: 0, 1: 8, 2: 32}[alg]) if data is None or not alg \
        else digest(alg, data)
    host.put(node, "reg", cells((at, at + length)))
    host.put(node, "digest-alg", be(alg, 4))
    host.put(node, "digest", have + bytes(32 - len(have)))
    node.props = [p for p in node.props if p[0] != b"placed-xxh64"]
    if node.base != b"stub" and r.random() < .3:
        host.put(node, "placed-xxh64", be(
            1 + r.getrandbits(63) if data is None else xxh64(data), 8))


def region_only(host):
    """The tree of the host with its fallback as target (rule 14)."""
    out = copy.deepcopy(host.root)
    fallback = out.named("fallback")[0]
    fallback.name = b"target"
    fallback.children = [c for c in fallback.children if c.base != b"tree"]
    out.children = [c for c in out.children if c.base not in
                    (b"target", b"lu-stream", b"domains")] + [fallback]
    host.put(out.named("policy")[0], "plug", b"region-only\0")
    return out


def put_tree(host, data, at):
    """The fallback's tree, as bytes, at its place."""
    node = tree.Node(b"tree@%x" % at)
    alg = host.r.choice((0, 1, 2))
    node.props = [(b"reg", cells((at, at + len(data)))),
                  (b"digest-alg", be(alg, 4)),
                  (b"digest", digest(alg, data) if alg else bytes(32)),
                  (b"data", data)]
    parent = host.find("fallback")
    parent.children = [c for c in parent.children if c.base != b"tree"] + \
        [node]


# the stream

def free_pages(host):
    """[start, end) in pages of RAM that is nobody's, above 1 MiB."""
    taken = sorted([(m, m + p) for m, p in host.taken] +
                   [(a // PAGE, b // PAGE) for a, b in host.regions])
    out = []
    for a, b in host.memory:
        at = max(a, MIB) // PAGE
        for x, y in taken:
            if y <= at or x * PAGE >= b:
                continue
            if x > at:
                out.append((at, x))
            at = y
        if at * PAGE < b:
            out.append((at, b // PAGE))
    return out


def pieces(host, pages):
    """Ranges of so many pages that are free; None: there are not as many."""
    r, out = host.r, []
    found = free_pages(host)
    r.shuffle(found)
    for a, b in found:
        b = min(b, host.ram_end // PAGE)
        while pages and a < b and len(out) < 50:
            a += r.choice((0, 0, 1, r.randrange(b - a)))
            n = min(b - a, pages, r.choice((1, 3, pages)))
            out.append((a * PAGE, (a + n) * PAGE))
            pages -= n
            a += n
    return None if pages else [x for x in out if x[0] < x[1]]


def put_reference(host, data):
    """False: there is no place for the stream's pages."""
    r = host.r
    found = pieces(host, -(-len(data) // PAGE))
    if not found:
        return False
    alg = r.choice((1, 2))
    node = host.find("lu-stream")
    node.name = b"lu-stream@%x" % found[0][0]
    node.props = [(b"compatible", HO["HO_FDT_STREAM_COMPAT"].encode() + b"\0"),
                  (b"size", be(len(data), 8)), (b"reg", cells(*found)),
                  (b"file", b"/run/baton/lu\0"), (b"digest-alg", be(alg, 4)),
                  (b"digest", digest(alg, data))]
    return True
