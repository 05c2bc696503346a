# SPDX-License-Identifier: MIT
"""The tree of a handover blob, by handover-abi/include/handover/fdt.h and the
rules of README.md: every code that applies, and what it says."""
import hashlib
import re

import tree
from contract import HO, xxh64
from firmware import PAGE, Firmware, overlap

TWO = HO["HO_PAGE_2M_BYTES"]
MIB = 1 << 20


def digest(alg, data):
    if alg == HO["HO_DIGEST_XXH64"]:
        return xxh64(data).to_bytes(8, "big") + bytes(24)
    return hashlib.sha256(data).digest()


def unused_is_zero(alg, field):
    used = {0: 0, 1: 8}.get(alg, 32)
    return not any(field[used:])


def covers(outer, inner):
    return outer[0] <= inner[0] and inner[1] <= outer[1]


def hides_words(args):
    """Rule 19: `--` for itself, or a quotation mark without a second one. Words
    are Linux's: a blank in quotation marks ends none, marks around one count
    for nothing."""
    blanks = b" \t\n\v\f\r\xa0"
    words = re.findall(rb'(?:[^"%b]|"[^"]*(?:"|$))+' % blanks, args)
    return args.count(b'"') % 2 == 1 or b"--" in words or b'"--"' in words


class Blob(Firmware):
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

    def lines(self, node):
        """What Linux, or Xen and its dom0, are started with."""
        words = [node]
        if self.is_compatible(node, [HO["HO_FDT_TARGET_XEN"]]):
            words += node.named(HO["HO_FDT_MODULE"])[:1]
        return [self.string(n, HO["HO_FDT_BOOTARGS"], False) for n in words]

    def read_targets(self):
        node = self.node(self.root, HO["HO_FDT_TARGET"])
        self.target = self.read_target(node) if node else (None, [])
        self.words = self.lines(node) if node else []
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
