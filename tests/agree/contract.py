# SPDX-License-Identifier: MIT
"""Numbers, names and layouts of the contract, taken from handover-abi/ itself:
constants from the headers, structs from the dump of their layout."""
import re
import struct
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent.parent / "handover-abi"


def read_constants():
    """Every macro of the headers that is a number or a string."""
    raw = {}
    for path in sorted((FOLDER / "include/handover").glob("*.h")):
        text = re.sub(r"/\*.*?\*/", " ", path.read_text(), flags=re.S)
        text = text.replace("\\\n", " ")
        for name, value in re.findall(r"^#define\s+(HO_\w+)[ \t]+(\S.*)$",
                                      text, re.M):
            raw[name] = value.strip()
    known = {}
    for _ in range(4):          # some are made of others
        for name, value in raw.items():
            try:
                known[name] = eval(value, {"__builtins__": {}}, known)
            except (SyntaxError, NameError, TypeError):
                pass
    return known


def read_layouts():
    """{struct: (bytes, {field: (offset, bytes)})} of the newest dump."""
    dumps = sorted((FOLDER / "golden").glob("layout-v*.txt"),
                   key=lambda p: int(re.search(r"\d+", p.stem)[0]))
    structs = {}
    for line in dumps[-1].read_text().splitlines():
        words = line.split()
        if words[0] != "struct":
            continue
        name, _, field = words[1].partition(".")
        if field:
            structs.setdefault(name, [0, {}])[1][field] = (int(words[2]),
                                                           int(words[3]))
        else:
            structs.setdefault(name, [0, {}])[0] = int(words[2])
    return structs


HO = read_constants()
LAYOUTS = read_layouts()
REC = {n: HO[f"HO_REC_{n}"] for n in (
    "END", "VERSION", "DOMAIN", "FRAMES", "STATE", "DOMAIN_END", "OWNER",
    "DIGEST", "OPTIONAL")}


def size_of(name):
    return LAYOUTS[name][0]


def unpack(name, data, order="little"):
    """Fields of a struct; numbers up to 8 bytes, else bytes. A field of the
    stream is a number when it has 4 or 8 bytes."""
    size, fields = LAYOUTS[name]
    assert len(data) >= size
    return {field: int.from_bytes(data[at:at + n], order) if n in (4, 8)
            else bytes(data[at:at + n])
            for field, (at, n) in fields.items()}


def pack(layout, /, **values):
    """The other way; what is not given is zero."""
    size, fields = LAYOUTS[layout]
    out = bytearray(size)
    for field, value in values.items():
        at, n = fields[field]
        if isinstance(value, int):
            value = value.to_bytes(n, "little")
        assert len(value) <= n, field
        out[at:at + len(value)] = value
    return bytes(out)


def xxh64(data):
    """XXH64 with seed 0, by its specification."""
    mask = (1 << 64) - 1
    p1, p2, p3, p4, p5 = (0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F,
                          0x165667B19E3779F9, 0x85EBCA77C2B2AE63,
                          0x27D4EB2F165667C5)

    def rotl(v, n):
        return ((v << n) | (v >> (64 - n))) & mask

    def lane(acc, v):
        return rotl((acc + v * p2) & mask, 31) * p1 & mask

    at, length = 0, len(data)
    if length >= 32:
        a = [(p1 + p2) & mask, p2, 0, -p1 & mask]
        blocks = length // 32
        words = struct.unpack_from(f"<{4 * blocks}Q", data)
        for i in range(0, 4 * blocks, 4):
            a = [lane(a[j], words[i + j]) for j in range(4)]
        h = (rotl(a[0], 1) + rotl(a[1], 7) + rotl(a[2], 12) +
             rotl(a[3], 18)) & mask
        for v in a:
            h = ((h ^ lane(0, v)) * p1 + p4) & mask
        at = 32 * blocks
    else:
        h = p5
    h = (h + length) & mask
    while at + 8 <= length:
        h ^= lane(0, int.from_bytes(data[at:at + 8], "little"))
        h = (rotl(h, 27) * p1 + p4) & mask
        at += 8
    if at + 4 <= length:
        h ^= int.from_bytes(data[at:at + 4], "little") * p1 & mask
        h = (rotl(h, 23) * p2 + p3) & mask
        at += 4
    for byte in data[at:]:
        h ^= byte * p5 & mask
        h = rotl(h, 11) * p1 & mask
    for shift, factor in ((33, p2), (29, p3), (32, 1)):
        h = (h ^ h >> shift) * factor & mask
    return h


def header_marks():
    """{name of a property or node: versions since which it is, as text}."""
    text = (FOLDER / "include/handover/fdt.h").read_text()
    marks = {}
    for name, comment in re.findall(r'#define\s+HO_FDT_\w+\s+"([^"]+)"[ \t]*'
                                    r'(/\*.*?\*/)?', text, re.S):
        since = re.search(r"since\s+(?:\*\s+)?(\d+)", comment)
        marks.setdefault(name, set()).add(since[1] if since else "1")
    return marks
