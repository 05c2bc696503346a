# SPDX-License-Identifier: MIT
"""Page tables of PV guests, by README rule 23: what a stub looks at in memory.
Memory is a function (address, bytes)."""
import bisect
import struct

from contract import HO

PAGE = HO["HO_PAGE_BYTES"]
PRESENT, WRITABLE, LARGE = 1, 2, 0x80
ADDRESS = 0x000ffffffffff000
MFN_END = 1 << HO["HO_FT_MFN_BITS"]     # of 256 TiB
XEN = range(256, 272)       # entries of an L4 that are Xen's
EMPTY = bytes(PAGE)


def level(kind):
    """1 to 4 of a page table, pinned or not; 0: it is none."""
    kind &= ~HO["HO_TYPE_PINNED"]
    return kind if kind <= HO["HO_TYPE_L4"] else 0


class Tables:
    """Of the Owners and domains of a stream that is good."""

    def __init__(self, owners, domains, memory):
        self.owners = owners
        self.codes = set()
        for start, end, domid, kind in owners.spans:
            known = domains.get(domid)
            if known and known["kind"] == HO["HO_KIND_XEN_PV"] and level(kind):
                for mfn in range(start, end):
                    self.table(memory(mfn * PAGE, PAGE), domid, level(kind))

    def owner(self, mfn):
        """(domid, type), or None."""
        i = bisect.bisect_right(self.owners.starts, mfn) - 1
        span = self.owners.spans[i] if i >= 0 else (0, 0)
        return span[2:] if mfn < span[1] else None

    def table(self, page, domid, depth):
        if page == EMPTY:
            return
        for i, entry in enumerate(struct.unpack("<512Q", page)):
            if entry & PRESENT and not (depth == 4 and i in XEN):
                self.entry(entry, domid, depth)

    def entry(self, entry, domid, depth):
        mfn = (entry & ADDRESS) // PAGE
        owner = self.owner(mfn)
        if mfn >= MFN_END or (depth > 1 and entry & LARGE):
            self.codes.add("HO_EPTFLAGS")
        shared = depth == 1 and owner and owner[1] == HO["HO_TYPE_SHARED"]
        if not owner or (owner[0] != domid and not shared):
            self.codes.add("HO_EPTOWNER")
        elif depth > 1 and level(owner[1]) != depth - 1:
            self.codes.add("HO_EPTLEVEL")
        elif depth == 1 and entry & WRITABLE and level(owner[1]):
            self.codes.add("HO_EPTFLAGS")
