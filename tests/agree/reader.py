# SPDX-License-Identifier: MIT
"""A reader of handover blobs made from handover-abi/ alone: the codes that apply,
or who owns each frame, the domains, the totals and the memory map."""
import bisect

from blob import MIB, PAGE, Blob, digest, hides_words, overlap, \
    unused_is_zero
from contract import HO, size_of, unpack
from tables import Tables

REC = {HO[f"HO_REC_{n}"]: f"ho_rec_{n.lower()}"
       for n in ("VERSION", "DOMAIN", "STATE", "OWNER", "DOMAIN_END", "DIGEST",
                 "END")}
END, VERSION, DOMAIN, FRAMES, STATE, DOMAIN_END, OWNER, DIGEST = (
    HO[f"HO_REC_{n}"] for n in ("END", "VERSION", "DOMAIN", "FRAMES", "STATE",
                                "DOMAIN_END", "OWNER", "DIGEST"))
EBDA = 0x9f000          # the page of what Xen looks for an RSDP in


class End(Exception):
    """Nothing behind this can be read."""


class Owners:
    """Spans (start, end, domid, type) that do not overlap."""

    def __init__(self):
        self.starts, self.spans = [], []

    def add(self, start, end, domid, kind):
        i = bisect.bisect_left(self.starts, start)
        if (i and self.spans[i - 1][1] > start) or \
                (i < len(self.spans) and self.starts[i] < end):
            return False
        self.starts.insert(i, start)
        self.spans.insert(i, (start, end, domid, kind))
        return True

    def merged(self):
        out = []
        for start, end, domid, kind in self.spans:
            if out and out[-1][1] == start and out[-1][2:] == [domid, kind]:
                out[-1][1] = end
            else:
                out.append([start, end, domid, kind])
        return out


class Pass:
    """The stream of a good blob."""

    def __init__(self, blob, stream):
        self.blob, self.data = blob, stream
        self.codes = blob.codes
        self.owners = Owners()
        self.domains, self.open = {}, None
        self.records = self.frames = self.extents = 0
        self.digested, self.closed = 0, False
        for a, b in blob.stream_ranges or []:
            self.take(a // PAGE, (b - a) // PAGE, HO["HO_DOMID_STREAM"],
                      HO["HO_TYPE_STATE"])
            self.frames += (b - a) // PAGE
        try:
            self.walk()
        except End:
            pass

    def bad(self, code):
        self.codes.add(f"HO_{code}")

    def stop(self, code):
        self.bad(code)
        raise End

    def take(self, mfn, pages, domid, kind):
        """An extent; False: refused."""
        r = (mfn * PAGE, (mfn + pages) * PAGE)
        good = True
        for wrong, code in (
                (not HO["HO_TYPE_VALID_MASK"] >> kind & 1, "EFRAMETYPE"),
                (mfn + pages > 1 << HO["HO_FT_MFN_BITS"], "EFRAMEHIGH"),
                (r[0] < MIB, "ELOWMEM"),
                (any(overlap(r, x) for x in self.blob.regions), "EINREGION"),
                (not self.blob.in_memory(r), "ENOTRAM")):
            if wrong:
                self.bad(code)
                good = False
        if good and not self.owners.add(mfn, mfn + pages, domid, kind):
            self.bad("EDOUBLE")
            good = False
        return good

    def walk(self):
        head = self.data[:size_of("ho_stream_header")]
        if len(head) < size_of("ho_stream_header"):
            self.stop("ESTREAMTRUNC")
        head = unpack("ho_stream_header", head, "big")
        if head["marker"] != HO["HO_STREAM_MARKER"] or \
                head["id"] != HO["HO_STREAM_ID"]:
            self.stop("ESTREAMMAGIC")
        if head["version"] != HO["HO_STREAM_VERSION"]:
            self.stop("ESTREAMVERSION")
        if head["reserved"]:
            self.stop("ERESERVED")
        at = size_of("ho_stream_header")
        while True:
            if at + 8 > len(self.data):
                self.stop("ESTREAMTRUNC")
            kind = int.from_bytes(self.data[at:at + 4], "little")
            length = int.from_bytes(self.data[at + 4:at + 8], "little")
            if length > HO["HO_REC_MAX_BYTES"]:
                self.stop("ERECLEN")
            end = at + 8 + length
            behind = -(-end // 8) * 8
            if behind > len(self.data):
                self.stop("ESTREAMTRUNC")
            if any(self.data[end:behind]):
                self.stop("ERESERVED")
            self.records += 1
            self.record(kind, self.data[at + 8:end], at, behind)
            at = behind
            if kind == END:
                break
        if at != len(self.data):
            self.stop("ETRAILING")

    def record(self, kind, body, at, behind):
        if (self.records == 1) != (kind == VERSION):
            self.stop("ERECORDER")
        if kind == FRAMES:
            self.frames_record(body)
            return
        if kind not in REC:
            if not kind & HO["HO_REC_OPTIONAL"]:
                self.stop("ERECTYPE")
            return
        size = size_of(REC[kind])
        if len(body) < size or (len(body) > size and kind != STATE):
            self.stop("ERECLEN")
        f = unpack(REC[kind], body)
        if f.get("reserved"):
            self.stop("ERESERVED")
        {VERSION: self.version, DOMAIN: self.domain, STATE: self.state,
         OWNER: self.owner, DOMAIN_END: self.domain_end,
         DIGEST: self.digest, END: self.end}[kind](f, body, at, behind)

    def name(self, field):
        text, _, rest = field.partition(b"\0")
        if not text or len(text) == len(field) or any(rest) or \
                any(not 0x21 <= c <= 0x7e or c == 0x2f for c in text):
            self.stop("EDOMAIN")

    def opened(self, domid):
        """The domain that a record names."""
        if domid not in self.domains:
            self.stop("EDOMID")
        if self.open != domid:
            self.stop("ERECORDER")
        return self.domains[domid]

    def version(self, f, body, at, behind):
        self.closed = True

    def domain(self, f, body, at, behind):
        self.name(f["name"])
        if not 1 <= f["kind"] <= HO["HO_KIND_MAX"]:
            self.stop("EDOMAIN")
        if self.open is not None:
            self.stop("ERECORDER")
        if f["domid"] >= HO["HO_DOMID_COUNT"]:
            self.stop("EDOMID")
        if f["domid"] in self.domains:
            self.stop("EDOMDUP")
        self.open = f["domid"]
        self.domains[self.open] = {
            "kind": f["kind"], "declared": f["frame_count"], "frames": 0,
            "extents": 0, "state": 0, "types": [0] * HO["HO_TYPE_COUNT"]}

    def frames_record(self, body):
        if len(body) < 8:
            self.stop("ERECLEN")
        domid = int.from_bytes(body[:4], "little")
        count = int.from_bytes(body[4:8], "little")
        if not count or len(body) != 8 + 16 * count:
            self.stop("ERECLEN")
        d = self.opened(domid)
        for at in range(8, 8 + 8 * count, 8):
            word = int.from_bytes(body[at:at + 8], "little")
            mfn = word & (1 << HO["HO_FRAME_MFN_BITS"]) - 1
            pages = (word >> HO["HO_FRAME_COUNT_SHIFT"] &
                     (1 << HO["HO_FRAME_COUNT_BITS"]) - 1) + 1
            kind = word >> HO["HO_FRAME_TYPE_SHIFT"]
            if self.take(mfn, pages, domid, kind):
                d["frames"] += pages
                d["types"][kind] += pages
        d["extents"] += count

    def state(self, f, body, at, behind):
        self.name(f["name"])
        self.opened(f["domid"])["state"] += len(body) - size_of("ho_rec_state")

    def owner(self, f, body, at, behind):
        self.opened(f["domid"])

    def domain_end(self, f, body, at, behind):
        d = self.opened(f["domid"])
        self.open, self.closed = None, True
        self.frames += d["frames"]
        self.extents += d["extents"]
        if (f["frame_count"], f["extent_count"], f["state_bytes"]) != \
                (d["frames"], d["extents"], d["state"]) or \
                d["declared"] not in (0, d["frames"]):
            self.bad("ETOTALS")

    def check_digest(self, f, data):
        alg = f["digest_alg"]
        if alg > HO["HO_DIGEST_MAX"]:
            self.stop("EVALUE")
        if not unused_is_zero(alg, f["digest"]):
            self.bad("ERESERVED")
        if alg and digest(alg, data) != f["digest"]:
            self.bad("EDIGEST")

    def digest(self, f, body, at, behind):
        if self.open is not None or not self.closed:
            self.stop("ERECORDER")
        self.check_digest(f, self.data[self.digested:at])
        self.digested, self.closed = behind, False

    def end(self, f, body, at, behind):
        if self.open is not None:
            self.stop("ERECORDER")
        if f["record_count"] != self.records - 1:
            self.bad("ETOTALS")
        if self.digested and self.digested != at:
            self.bad("EDIGEST")
        self.check_digest(f, self.data[:at])


def gaps(blob, owners):
    """What nobody owns, of each range of /memory."""
    taken = sorted([(a * PAGE, b * PAGE) for a, b, _, _ in owners] +
                   list(blob.regions))
    i = 0
    for ram in blob.memory:
        at, found = ram[0], []
        while i < len(taken) and taken[i][1] <= at:
            i += 1
        j = i
        while j < len(taken) and taken[j][0] < ram[1]:
            if taken[j][0] > at:
                found.append((at, taken[j][0]))
            at = max(at, taken[j][1])
            j += 1
        if at < ram[1]:
            found.append((at, ram[1]))
        yield ram, found


def chosen(blob, free):
    """The gaps that are given as RAM; None: refused."""
    spoken_for = len(blob.memory) + len(blob.firmware) + 1
    if spoken_for > blob.budget:
        return None
    room = (blob.budget - spoken_for) // 2
    if blob.target[0] == HO["HO_FDT_TARGET_XEN"]:
        most = 199 - (blob.rsdp >= MIB)
        if len(blob.memory) > most:
            return None
        room = min(room, most - len(blob.memory))
    whole = [g for ram, found in free for g in found if g == ram]
    others = sorted((g for ram, found in free for g in found if g != ram),
                    key=lambda g: (g[0] - g[1], g[0]))
    return set(whole + others[:room])


def memory_map(blob, owners):
    """(entries, gaps left out), or None: refused."""
    free = list(gaps(blob, owners))
    take = chosen(blob, free)
    if take is None:
        return None
    entries, left = list(blob.firmware), []
    for ram, found in free:
        at = ram[0]
        for gap in [g for g in found if g in take] + [(ram[1], ram[1])]:
            if at < gap[0] and at == MIB:
                entries.append((12, at, at + PAGE))
                at += PAGE
            if at < gap[0]:
                entries.append((2, at, gap[0]))
            if gap[0] < gap[1]:
                entries.append((1, *gap))
            at = gap[1]
        left += [g for g in found if g not in take]
    return sorted(entries, key=lambda e: e[1]), left


def with_ebda(blob, entries):
    """Where Xen is given a copy of the RSDP its page is reserved (section
    3.4)."""
    if blob.target[0] != HO["HO_FDT_TARGET_XEN"] or blob.rsdp < MIB:
        return entries
    out = []
    for kind, a, b in entries:
        if kind == 1 and a <= EBDA and EBDA + PAGE <= b:
            out += [(1, a, EBDA), (2, EBDA, EBDA + PAGE), (1, EBDA + PAGE, b)]
        else:
            out.append((kind, a, b))
    return [e for e in out if e[1] < e[2]]


def listed(left):
    """The 64 of not-plugged."""
    out = []
    for gap in left:
        if len(out) < HO["HO_NOT_PLUGGED_MAX"]:
            out.append(gap)
            continue
        least = min(range(len(out)), key=lambda i: out[i][1] - out[i][0])
        if gap[1] - gap[0] > out[least][1] - out[least][0]:
            del out[least]
            out.append(gap)
    return out


def report(blob, run, entries, left):
    """The lines of a blob that is accepted, as tests/agree/core.c has them."""
    owned = run.owners.merged()
    lines = [f"own {a:x} {b - a:x} {d} {t}" for a, b, d, t in owned]
    for domid, d in run.domains.items():
        lines.append(f"domain {domid} {d['kind']} {d['frames']} "
                     f"{d['extents']} {d['state']} " +
                     " ".join(map(str, d["types"])))
    lines.append(f"totals {run.frames} {run.extents} {run.records}")
    lines += [f"map {t} {a:x} {b:x}" for t, a, b in
              with_ebda(blob, entries)]
    plugged = sum(b - a for t, a, b in entries if t == 1)
    firmware = sum(b - a for t, a, b in blob.firmware if t == 1)
    lines.append(f"plugged {(plugged - firmware) // PAGE} "
                 f"{sum(b - a for a, b in left) // PAGE}")
    return lines + [f"left {a:x} {b:x}" for a, b in listed(left)]


def read(data, reference=None, memory=None):
    """(codes, lines): codes is empty when the blob is accepted. `reference` is
    the stream of a blob that has it by reference. With `memory` it is read as by a
    stub: page tables are looked at (README rule 23), and no tree of a fallback,
    which a stub does when it has failed (rule 14)."""
    blob = Blob(data)
    if memory is None:
        blob.check_fallback()
    stream = blob.stream
    if not blob.codes and blob.stream_ranges is not None:
        alg, have = blob.stream_digest
        stream = reference
        if stream is None:
            blob.bad("EFILE")
        elif len(stream) != blob.stream_size or digest(alg, stream) != have:
            blob.bad("EDIGEST")
    if blob.codes:
        return blob.codes, []
    if blob.region_only:
        return set(), []
    run = Pass(blob, stream)
    if not blob.codes and memory is not None:
        blob.codes |= Tables(run.owners, run.domains, memory).codes
    if blob.codes:
        return blob.codes, []
    made = memory_map(blob, run.owners.spans)
    if made is None:
        return {"HO_ETOOMANYRANGES"}, []
    if any(map(hides_words, blob.words)):
        return {"HO_ECMDLINE"}, []
    return set(), report(blob, run, *made)
