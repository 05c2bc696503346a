# SPDX-License-Identifier: MIT
"""The tree of a handover blob, by handover-abi/include/handover/fdt.h and the
rules of README.md: every code that applies, and what it says."""
import hashlib

import tree
from contract import HO, xxh64

PAGE = HO["HO_PAGE_BYTES"]
TWO = HO["HO_PAGE_2M_BYTES"]
MIB = 1 << 20
ALL = 1 << 64


def digest(alg, data):
    if alg == HO["HO_DIGEST_XXH64"]:
        return xxh64(data).to_bytes(8, "big") + bytes(24)
    return hashlib.sha256(data).digest()


def unused_is_zero(alg, field):
    used = {0: 0, 1: 8}.get(alg, 32)
    return not any(field[used:])


def overlap(a, b):
    return a[0] < b[1] and b[0] < a[1]


def covers(outer, inner):
    return outer[0] <= inner[0] and inner[1] <= outer[1]


class Blob:
    """codes: what is wrong; the rest only means something when it is empty."""

    def __init__(self, data):
        self.codes = set()
        self.memory, self.firmware, self.regions = [], [], []
        self.stream, self.stream_ranges, self.region_only = None, None, False
        self.generation = 0
        self.budget = HO["HO_E820_BUDGET_DEFAULT"]
        self.data = data
        self.staged = []
        self.fallback_tree = None
        self.kinds = {}
        self.rsdp = 0
        try:
            self.root = tree.read(data)
        except tree.Bad as bad:
            self.codes.add(str(bad))
            return
        self.read_root()
        self.read_memory()
        self.read_firmware()
        self.read_region()
        self.stub = self.read_stub()
        self.read_policy()
        self.read_stream()
        self.read_targets()
        if not self.codes:
            self.check_staging()

    def bad(self, code):
        self.codes.add(f"HO_{code}")

    # nodes and properties

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

    def in_memory(self, r):
        return any(covers(m, r) for m in self.memory)

    # parts of the tree

    def read_root(self):
        root = self.root
        self.want_compatible(root, HO["HO_FDT_COMPATIBLE"])
        if root.doubles():
            self.bad("EBLOBDUP")
        version = self.number(root, HO["HO_FDT_VERSION"])
        compat = self.number(root, HO["HO_FDT_COMPAT"])
        if not (compat <= HO["HO_ABI_VERSION"] and compat <= version and
                version >= HO["HO_ABI_OLDEST"]):
            self.bad("EBLOBVERSION")
        self.generation = self.number(root, HO["HO_FDT_GENERATION"])
        self.bytes(root, HO["HO_FDT_ID"], HO["HO_ID_BYTES"])
        self.bytes(root, HO["HO_FDT_PARENT_ID"], HO["HO_ID_BYTES"])
        for cells in ("#address-cells", "#size-cells"):
            if self.number(root, cells, default=2) != 2:
                self.bad("EVALUE")

    def read_memory(self):
        node = self.node(self.root, HO["HO_FDT_MEMORY"])
        if node is None:
            return
        reg = node.get("reg")
        if reg is None or len(reg) % 16:
            self.bad("EPROP")
            return
        entries, whole = self.ranges(reg)
        end = 0
        for _, a, b in entries:
            if a < end or a >= b or b > 1 << 52 or (a | b) % PAGE:
                self.bad("EMEMORY")
            end = b
            self.memory.append((a, b))
        if not whole or not entries or \
                len(entries) > HO["HO_MEMORY_RANGES_MAX"]:
            self.bad("EMEMORY")

    def read_firmware(self):
        node = self.node(self.root, HO["HO_FDT_FIRMWARE"])
        if node is None:
            return
        self.want_compatible(node, HO["HO_FDT_FIRMWARE_COMPAT"])
        self.read_map(node)
        self.rsdp = self.number(node, HO["HO_FDT_ACPI_RSDP"], 8, False)
        wdat = node.get(HO["HO_FDT_ACPI_WDAT"])
        if wdat is not None and not self.wdat_is_good(wdat):
            self.bad("EVALUE")
        if self.number(node, HO["HO_FDT_EFI_SYSTEM_TABLE"], 8, False):
            self.read_efi(node)
        self.read_screen(node)
        self.number(node, HO["HO_FDT_TSC_KHZ"], 4, False)
        self.number(node, HO["HO_FDT_UART_BAUD"], 4, False)
        if self.number(node, HO["HO_FDT_UART_PORT"], 4, False) > 0xfff8:
            self.bad("EVALUE")

    def read_map(self, node):
        value = node.get(HO["HO_FDT_MEMORY_MAP"])
        if value is None or len(value) % 20:
            self.bad("EPROP")
            return
        entries, whole = self.ranges(value, 4)
        end = 0
        for kind, a, b in entries:
            if a < end or a >= b or kind == 1 or \
                    any(overlap(m, (a, b)) for m in self.memory):
                self.bad("EMEMORY")
            end = b
        self.firmware = entries
        if not whole or len(entries) > HO["HO_MEMORY_RANGES_MAX"]:
            self.bad("EMEMORY")

    def wdat_is_good(self, t):
        def word(at):
            return int.from_bytes(t[at:at + 4], "little")

        if len(t) < 68 or t[:4] != b"WDAT" or word(4) != len(t) or \
                word(36) != 32:
            return False
        period, most, least = word(48), word(52), word(56)
        flags, count = word(60), word(64)
        if not flags & 1 or not 1 <= period <= 60000 or \
                not 1 <= most <= 71582 or least > most or \
                not 1 <= count <= 64 or len(t) != 68 + 24 * count:
            return False
        return all(self.register_is_good(t[68 + 24 * i:92 + 24 * i])
                   for i in range(count))

    def register_is_good(self, e):
        if e[1] & 0x7f > 3 or e[7] > 3 or e[6] > 31:
            return False
        size = 1 << e[7] - 1 if e[7] else e[5] // 8
        at = int.from_bytes(e[8:16], "little")
        if size not in (1, 2, 4) or at % size:
            return False
        if e[4] == 0:
            page = (at & ~(PAGE - 1), (at & ~(PAGE - 1)) + PAGE)
            return at + size <= 1 << 46 and \
                not any(overlap(m, page) for m in self.memory)
        return e[4] == 1 and at + size <= 0x10000

    def read_efi(self, node):
        vendor = self.number(node, HO["HO_FDT_EFI_FW_VENDOR"], 8, False)
        table = self.number(node, HO["HO_FDT_EFI_CONFIG_TABLE"], 8, False)
        smbios = self.number(node, HO["HO_FDT_EFI_SMBIOS"], 8, False)
        if bool(vendor) != bool(table) or (smbios and not table):
            self.bad("EVALUE")
        if self.number(node, HO["HO_FDT_EFI_SECURE_BOOT"], 4, False) > \
                HO["HO_EFI_SECURE_BOOT_MAX"]:
            self.bad("EVALUE")
        size = self.number(node, HO["HO_FDT_EFI_DESC_SIZE"])
        self.number(node, HO["HO_FDT_EFI_DESC_VERSION"])
        value = node.get(HO["HO_FDT_EFI_MEMORY_MAP"])
        if value is None:
            self.bad("EPROP")
            return
        if not HO["HO_EFI_DESC_BYTES_MIN"] <= size <= \
                HO["HO_EFI_DESC_BYTES_MAX"] or size % 8 or not value or \
                len(value) > HO["HO_EFI_MAP_BYTES_MAX"] or len(value) % size:
            self.bad("EEFI")
            return
        for at in range(0, len(value), size):
            if not self.descriptor_is_good(
                    value[at:at + size], bool(table) or self.generation):
                self.bad("EEFI")

    def descriptor_is_good(self, d, runtime_only):
        kind = int.from_bytes(d[:4], "little")
        start, pages, attribute = (int.from_bytes(d[at:at + 8], "little")
                                   for at in (8, 24, 32))
        end = start + pages * PAGE
        runtime = attribute >> 63
        if kind in (1, 2, 7, 14, 15) or 15 < kind < 0x70000000 or \
                (runtime_only and not runtime):
            return False
        return start < end <= 1 << 52 and start % PAGE == 0 and \
            not (runtime and any(overlap(m, (start, end))
                                 for m in self.memory))

    def read_screen(self, node):
        screen = node.get(HO["HO_FDT_SCREEN_INFO"])
        if screen is not None and len(screen) != HO["HO_SCREEN_INFO_BYTES"]:
            self.bad("EPROP")
        elif screen is not None and not self.screen_is_good(screen):
            self.bad("EVALUE")
        text = node.get(HO["HO_FDT_VGA_TEXT"])
        if text is None:
            return
        if len(text) != 12:
            self.bad("EPROP")
            return
        columns, lines, points = (int.from_bytes(text[at:at + 4], "big")
                                  for at in (0, 4, 8))
        if screen is not None or not 40 <= columns <= 160 or \
                not 25 <= lines <= 100 or columns * lines > 16384 or \
                not 8 <= points <= 32 or \
                any(overlap(m, (0xa0000, 0xc0000)) for m in self.memory):
            self.bad("EVALUE")

    def screen_is_good(self, s):
        def word(at, n):
            return int.from_bytes(s[at:at + n], "little")

        kind = s[0x0f]
        start = word(0x18, 4) | word(0x3a, 4) << 32
        size = max(word(0x1c, 4) << (16 if kind == 0x23 else 0),
                   word(0x24, 2) * word(0x14, 2))
        return kind in (0x70, 0x23) and start and size and \
            start + size <= 1 << 52 and \
            not any(overlap(m, (start, start + size)) for m in self.memory)

    def read_region(self):
        parent = self.node(self.root, HO["HO_FDT_RESERVED"])
        if parent is None:
            return
        for child in parent.children:
            called = child.base == HO["HO_FDT_REGION"].encode()
            typed = bool(self.is_compatible(child,
                                            [HO["HO_FDT_REGION_COMPAT"]]))
            if called != typed:
                self.bad("EBLOBCOMPAT")
        for node in self.several(parent, HO["HO_FDT_REGION"]):
            self.add_region(self.one_range(node, "reg"))
        if not self.regions:
            self.bad("ENOREGION")
            return
        if len(self.regions) > HO["HO_REGION_RANGES_MAX"]:
            self.bad("EREGIONRANGES")
        if self.regions[0][1] - self.regions[0][0] < \
                HO["HO_REGION_BYTES_MIN"]:
            self.bad("EREGIONSMALL")
        if parent.get(HO["HO_FDT_NEXT_REGION"]) is not None:
            self.check_next(self.one_range(parent, HO["HO_FDT_NEXT_REGION"]))

    def add_region(self, r):
        if (r[0] | r[1]) % TWO:
            self.bad("EREGIONALIGN")
        if any(overlap(r, other) for other in self.regions):
            self.bad("EREGIONRANGES")
        if not self.in_memory(r) or r[0] < MIB or r[0] == r[1]:
            self.bad("EREGIONRAM")
        self.regions.append(r)

    def check_next(self, r):
        at, moved = r[0], True
        while moved and at < r[1]:
            moved = False
            for a, b in self.regions:
                if a <= at < b:
                    at, moved = b, True
        if (r[0] | r[1]) % TWO or r[1] - r[0] < HO["HO_REGION_BYTES_MIN"] or \
                not self.in_memory(r) or at < r[1]:
            self.bad("ENEXTREGION")

    def read_staged(self, node):
        """The same with what a stub looks at, 0: nothing (rule 33)."""
        placed = 0
        if node.get(HO["HO_FDT_PLACED"]) is not None:
            placed = self.number(node, HO["HO_FDT_PLACED"], 8)
            if not placed:
                self.bad("EVALUE")
        return (*self.read_image(node), placed)

    def read_image(self, node, words=True, empty=False):
        """(place, algorithm, digest)."""
        place = self.one_range(node, "reg")
        alg = self.number(node, HO["HO_FDT_DIGEST_ALG"])
        have = self.bytes(node, HO["HO_FDT_DIGEST"], HO["HO_DIGEST_BYTES"])
        if alg > HO["HO_DIGEST_MAX"]:
            self.bad("EVALUE")
        if not unused_is_zero(alg, have):
            self.bad("ERESERVED")
        if place[0] == place[1]:
            self.bad("EVALUE")
        if words:
            self.string(node, HO["HO_FDT_FILE"])
            self.string(node, HO["HO_FDT_BOOTARGS"], False)
        return place, alg, have

    def read_stub(self):
        node = self.node(self.root, HO["HO_FDT_STUB"])
        if node is None:
            return None
        self.want_compatible(node, HO["HO_FDT_STUB_COMPAT"])
        return self.read_image(node)

    def read_policy(self):
        node = self.node(self.root, HO["HO_FDT_POLICY"])
        if node is None:
            return
        value = node.get(HO["HO_FDT_ON_FAILURE"])
        if value is None:
            self.bad("EPROP")
        elif value not in (b"halt\0", b"reset\0", b"fallback\0",
                           b"fallback\0halt\0", b"fallback\0reset\0"):
            self.bad("EVALUE")
        plug = self.string(node, HO["HO_FDT_PLUG"])
        self.region_only = plug == b"region-only"
        if plug not in (b"precise", b"region-only"):
            self.bad("EVALUE")
        self.budget = self.number(node, HO["HO_FDT_E820_BUDGET"], 4, False,
                                  self.budget)
        if not HO["HO_E820_BUDGET_MIN"] <= self.budget <= \
                HO["HO_E820_BUDGET_MAX"]:
            self.bad("EVALUE")

    def read_stream(self):
        node = self.node(self.root, HO["HO_FDT_STREAM"],
                         not self.region_only)
        if node is None:
            return
        if self.region_only:
            self.bad("EVALUE")
        self.want_compatible(node, HO["HO_FDT_STREAM_COMPAT"])
        size = self.number(node, HO["HO_FDT_SIZE"], 8)
        if size > HO["HO_STREAM_BYTES_MAX"]:
            self.bad("EVALUE")
        data = node.get(HO["HO_FDT_DATA"])
        if node.get("reg") is not None:
            self.read_reference(node, size, data)
        elif data is None:
            self.bad("EPROP")
        elif len(data) != size:
            self.bad("EVALUE")
        self.stream = data

    def read_reference(self, node, size, data):
        value = node.get("reg")
        if data is not None:
            self.bad("EVALUE")
        self.string(node, HO["HO_FDT_FILE"])
        alg = self.number(node, HO["HO_FDT_DIGEST_ALG"])
        self.stream_digest = alg, self.bytes(node, HO["HO_FDT_DIGEST"],
                                             HO["HO_DIGEST_BYTES"])
        self.stream_size = size
        if not 1 <= alg <= HO["HO_DIGEST_MAX"]:
            self.bad("EVALUE")
        if not value or len(value) % 16 or \
                len(value) // 16 > HO["HO_STREAM_RANGES_MAX"]:
            self.bad("EPROP")
            return
        entries, whole = self.ranges(value)
        left = -(-size // PAGE) * PAGE
        for _, a, b in entries:
            if (a | b) % PAGE or a == b:
                self.bad("EVALUE")
            if not self.in_memory((a, b)):
                self.bad("ENOTRAM")
            left -= b - a
        if not whole or left:
            self.bad("EVALUE")
        self.stream_ranges = [r[1:] for r in entries]

    def read_target(self, node):
        """(kind, [image, modules])."""
        kinds = {HO["HO_FDT_TARGET_LINUX"]: 1,
                 HO["HO_FDT_TARGET_MB2"]: HO["HO_TARGET_MODULES_MAX"],
                 HO["HO_FDT_TARGET_XEN"]: HO["HO_TARGET_MODULES_MAX"]}
        kind = self.is_compatible(node, kinds)
        if kind is None:
            self.bad("ETARGET")
        self.string(node, HO["HO_FDT_BOOTARGS"])
        files = []
        image = self.node(node, HO["HO_FDT_IMAGE"])
        if image is not None:
            files.append(self.read_staged(image))
        modules = self.several(node, HO["HO_FDT_MODULE"])
        if len(modules) > kinds.get(kind, HO["HO_TARGET_MODULES_MAX"]):
            self.bad("EVALUE")
        return kind, files + [self.read_staged(m) for m in modules]

    def read_targets(self):
        node = self.node(self.root, HO["HO_FDT_TARGET"])
        self.target = self.read_target(node) if node else (None, [])
        node = self.node(self.root, HO["HO_FDT_FALLBACK"], False)
        self.fallback = None
        if node:
            if self.region_only:
                self.bad("EVALUE")
            self.fallback = self.read_target(node)
            self.read_tree(node)
        node = self.node(self.root, HO["HO_FDT_FAILED"], False)
        if node:
            region = self.number(node, HO["HO_FDT_FAILED_REGION"], 8)
            stage = self.number(node, HO["HO_FDT_FAILED_STAGE"])
            self.number(node, HO["HO_FDT_FAILED_ERROR"])
            if not region or stage >= HO["HO_STAGE_COUNT"]:
                self.bad("EVALUE")
        node = self.node(self.root, HO["HO_FDT_PREVIOUS"], False)
        if node:
            self.read_previous(node)
        node = self.node(self.root, HO["HO_FDT_TRUST"], False)
        if node:
            self.read_trust(node)

    def read_trust(self, node):
        self.want_compatible(node, HO["HO_FDT_TRUST_COMPAT"])
        for name, least, most in (
                ("HO_FDT_MANIFEST", 1, HO["HO_MANIFEST_BYTES_MAX"]),
                ("HO_FDT_SIGNATURE", HO["HO_TRUST_MODULUS_MIN"],
                 HO["HO_TRUST_MODULUS_MAX"])):
            have = node.get(HO[name])
            if have is None:
                self.bad("EPROP")
            elif not least <= len(have) <= most:
                self.bad("EVALUE")

    def read_previous(self, node):
        region = self.number(node, HO["HO_FDT_PREVIOUS_REGION"], 8)
        self.number(node, HO["HO_FDT_PREVIOUS_GENERATION"])
        self.bytes(node, HO["HO_FDT_PREVIOUS_ID"], HO["HO_ID_BYTES"])
        state = self.number(node, HO["HO_FDT_PREVIOUS_STATE"])
        stage = self.number(node, HO["HO_FDT_PREVIOUS_STAGE"])
        self.number(node, HO["HO_FDT_PREVIOUS_ERROR"])
        if not region or stage >= HO["HO_STAGE_COUNT"] or not \
                HO["HO_STATE_RUNNING"] <= state <= HO["HO_STATE_FAILED"]:
            self.bad("EVALUE")

    def read_tree(self, parent):
        node = self.node(parent, HO["HO_FDT_TREE"])
        if node is None:
            return
        place, alg, have = self.read_image(node, False)
        data = node.get(HO["HO_FDT_DATA"])
        if data is None or len(data) != place[1] - place[0]:
            self.bad("EPROP")
            return
        self.fallback_tree = place, alg, have, data

    # what relates one to another

    def check_staging(self):
        base = self.regions[0][0]
        stub = self.stub[0]
        if stub[0] != base + HO["HO_STUB_OFFSET"] or stub[1] - stub[0] > TWO:
            self.bad("ESTAGING")
        staged = [(base, base + PAGE), (stub[0], stub[0] + TWO)]
        if self.fallback_tree:
            staged.append(self.fallback_tree[0])
        staged += [f[0] for f in self.target[1]]
        if self.fallback:
            staged += [f[0] for f in self.fallback[1]]
        for i, a in enumerate(staged):
            if not covers(self.regions[0], a) or a[0] % PAGE or \
                    any(overlap(a, b) for b in staged[:i]):
                self.bad("ESTAGING")

    def check_fallback(self):
        """The tree in it, which must say the same."""
        if self.fallback_tree is None or self.codes:
            return
        _, alg, have, data = self.fallback_tree
        if alg and digest(alg, data) != have:
            self.bad("EDIGEST")
            return
        inner = Blob(data)
        self.codes |= inner.codes
        if not inner.codes and (
                not inner.region_only or inner.target != self.fallback or
                inner.regions != self.regions or inner.stub != self.stub):
            self.bad("EFALLBACK")
