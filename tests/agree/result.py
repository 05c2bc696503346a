# SPDX-License-Identifier: MIT
"""What a stub leaves in memory, read by handover-abi/: the breadcrumb, the result
tree, the frametable and the table of domains. Memory is a function (address,
bytes)."""
import tree
from contract import HO, size_of, unpack, xxh64

PAGE = HO["HO_PAGE_BYTES"]


class Bad(Exception):
    """It is not what the headers say; the argument says why."""


def want(good, what):
    if not good:
        raise Bad(what)


def breadcrumb(memory, base):
    """Its fields, None: there is none, or it is being written."""
    size = size_of("ho_breadcrumb")
    raw = memory(base, size)
    f = unpack("ho_breadcrumb", raw)
    if f["magic"] != HO["HO_BREADCRUMB_MAGIC"] or f["bytes"] != size or \
            f["checksum"] != xxh64(raw[:16] + bytes(8) + raw[24:]):
        return None
    return f


class Frametable:
    """`owners` are spans [mfn, frames, domid, type], as long as they go on."""

    def __init__(self, memory, root):
        self.memory, self.owners = memory, []
        self.table(root, HO["HO_FT_LEVELS"], 0)

    def add(self, mfn, frames, entry):
        domid = entry >> HO["HO_FT_DOMID_SHIFT"] & HO["HO_FT_DOMID_MASK"]
        kind = entry >> HO["HO_FT_TYPE_SHIFT"]
        last = self.owners[-1] if self.owners else [0, 0, None, None]
        want(mfn >= last[0] + last[1], "a frame with two owners")
        if last[0] + last[1] == mfn and last[2:] == [domid, kind]:
            last[1] += frames
        else:
            self.owners.append([mfn, frames, domid, kind])

    def words(self, at, count):
        raw = self.memory(at, 8 * count)
        return [int.from_bytes(raw[i:i + 8], "little")
                for i in range(0, len(raw), 8)]

    def table(self, at, level, mfn):
        span = HO["HO_FT_ENTRIES"] ** (level - 1)
        for i, entry in enumerate(self.words(at, HO["HO_FT_ENTRIES"])):
            kind = entry & HO["HO_FT_KIND_MASK"]
            if entry == 0:
                continue
            if kind == HO["HO_FT_LEAF"]:
                self.add(mfn + i * span, span, entry)
            elif kind == HO["HO_FT_TABLE"] and level > 1:
                want(not entry & ~HO["HO_FT_TABLE_MASK"] & ~3, "table bits")
                self.table(entry & HO["HO_FT_TABLE_MASK"], level - 1,
                           mfn + i * span)
            elif kind == HO["HO_FT_RUNS"] and level == 2:
                self.runs(entry & HO["HO_FT_RUNS_MASK"], mfn + i * span)
            else:
                raise Bad(f"frametable entry {entry:#x}, level {level}")

    def runs(self, at, mfn):
        mask = HO["HO_FT_RUN_INDEX_MASK"]
        for run in self.words(at, HO["HO_FT_RUNS_PER_NODE"]):
            if not run:
                return
            want(run & 3 == HO["HO_FT_LEAF"], "a run's kind")
            self.add(mfn + (run >> HO["HO_FT_RUN_FIRST_SHIFT"] & mask),
                     (run >> HO["HO_FT_RUN_COUNT_SHIFT"] & mask) + 1, run)


def domains(memory, node):
    """The table of domains, which is not there when there are none."""
    if not node:
        return []
    size = size_of("ho_domain")
    want(number(node[0], "entry-size") == size, "entry-size")
    at = span(node[0])[0]
    return [unpack("ho_domain", memory(at + i * size, size))
            for i in range(number(node[0], "count"))]


def number(node, name):
    return int.from_bytes(node.get(name), "big")


def span(node):
    reg = node.get("reg")
    at = int.from_bytes(reg[:8], "big")
    return at, at + int.from_bytes(reg[8:], "big")


def rows(value, size):
    return [value[i:i + size] for i in range(0, len(value), size)]


def domain_line(d):
    types = rows(d["type_frames"], 8)
    return f"domain {d['domid']} {d['kind']} {d['frame_count']} " \
        f"{d['extent_count']} {d['state_bytes']} " + \
        " ".join(str(int.from_bytes(t, "little")) for t in types)


def report(memory, crumb):
    """The lines of reader.report(), without the number of records, which
    nobody is told."""
    root = tree.read(memory(crumb["result_paddr"], crumb["result_bytes"]))
    result = root.named("result")[0]
    want(result.get("compatible") == b"baton,result-v1\0", "compatible")
    table = result.named("frametable")[0]
    owners = Frametable(memory, span(table)[0]).owners
    listed = domains(memory, result.named("domain-table"))
    lines = [f"own {m:x} {n:x} {d} {t}" for m, n, d, t in owners]
    lines += [domain_line(d) for d in listed]
    lines.append(f"totals {number(result, 'frames-owned')} "
                 f"{sum(d['extent_count'] for d in listed)}")
    for row in rows(result.get("memory-map"), 20):
        kind, at, length = (int.from_bytes(row[a:b], "big")
                            for a, b in ((0, 4), (4, 12), (12, 20)))
        lines.append(f"map {kind} {at:x} {at + length:x}")
    lines.append(f"plugged {number(result, 'frames-plugged')} "
                 f"{number(result, 'frames-unplugged')}")
    for row in rows(result.get("not-plugged"), 16):
        at = int.from_bytes(row[:8], "big")
        lines.append(f"left {at:x} {at + int.from_bytes(row[8:], 'big'):x}")
    return lines
