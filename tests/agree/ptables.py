# SPDX-License-Identifier: MIT
"""Page tables of a made-up host's PV guests, good ones, and some with an entry that
is not."""
import struct

from blob import PAGE
from contract import HO
from tables import ADDRESS, LARGE, PRESENT, WRITABLE, XEN, level

MOST = 30           # tables of an extent that have something in them


class Guests:
    """Extents (mfn, pages, type) by their domain, and those that all may map."""

    def __init__(self, extents):
        self.of, self.shared, self.tables = {}, [], []
        for domid, kind, *extent in extents:
            self.of.setdefault(domid, []).append(extent)
            if extent[2] == HO["HO_TYPE_SHARED"]:
                self.shared.append(extent)
            if kind == HO["HO_KIND_XEN_PV"] and level(extent[2]):
                self.tables.append((domid, extent))

    def targets(self, domid, depth):
        """What a table of that level may point to."""
        if depth == 1:
            return self.of[domid] + self.shared
        return [e for e in self.of[domid] if level(e[2]) == depth - 1]


def flags(r, target):
    """Bits of a good entry: a table is read-only to its guest."""
    bits = PRESENT | r.choice((0, 4, 0x64)) | r.choice((0, 1 << 63)) | \
        r.choice((0, 0x7f << 52))
    return bits if level(target[2]) else bits | r.choice((0, WRITABLE))


def good_entry(r, guests, domid, depth):
    targets = guests.targets(domid, depth)
    if not targets:
        return r.getrandbits(63) << 1       # not present
    target = r.choice(targets)
    mfn = target[0] + r.choice((0, target[1] - 1, r.randrange(target[1])))
    entry = mfn * PAGE | flags(r, target)
    # only an L1's W counts, and its bit 7 is no size
    return entry | r.choice((0, LARGE)) if depth == 1 else \
        entry | r.choice((0, WRITABLE))


def other_entry(r, host, entry):
    """One that may be wrong."""
    other = r.choice(host.extents)
    mfn = r.choice((other[2], other[2] + other[3], other[2] - 1, 0, 0x100,
                    host.region // PAGE, 1 << 36, (1 << 40) - 1))
    return r.choice((entry ^ LARGE | PRESENT, entry ^ WRITABLE | PRESENT,
                     entry & ~ADDRESS | mfn * PAGE | PRESENT,
                     mfn * PAGE | PRESENT | WRITABLE))


def table(host, guests, domid, depth):
    r, out = host.r, [0] * 512
    for _ in range(r.choice((0, 1, 3, 9))):
        out[r.choice((0, 255, 272, 511, r.randrange(512)))] = \
            good_entry(r, guests, domid, depth)
    for i in XEN:
        if depth == 4 and r.random() < .3:
            out[i] = r.getrandbits(64)
        elif out[i] and depth == 4:
            out[i] = 0
    return out


def fill(host):
    """`host.contents` has them, as far as there is memory for them."""
    r, guests, made = host.r, Guests(host.extents), []
    for domid, (mfn, pages, kind) in guests.tables:
        for i in range(min(pages, MOST)):
            at = (mfn + r.choice((i, pages - 1 - i))) * PAGE
            if at + PAGE <= host.ram_end:
                made.append([at, table(host, guests, domid, level(kind))])
    if made and r.random() < .4:
        entries = r.choice([e for _, e in made if any(e)] or [made[0][1]])
        i = r.choice([i for i, e in enumerate(entries) if e] or [0, 511])
        entries[i] = other_entry(r, host, entries[i])
    for at, entries in made:
        host.contents[at] = struct.pack("<512Q", *entries)
