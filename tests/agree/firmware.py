# SPDX-License-Identifier: MIT
"""The firmware's node of a blob: its memory map, EFI's, the watchdog's table,
and the screen."""
from contract import HO
from fields import Fields

PAGE = HO["HO_PAGE_BYTES"]


def overlap(a, b):
    return a[0] < b[1] and b[0] < a[1]


class Firmware(Fields):
    """What a blob knows of the firmware; `memory` is read before it."""

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
        start = word(0x18, 4)
        if word(0x36, 4) & 2:
            start |= word(0x3a, 4) << 32
        size = max(word(0x1c, 4) << (16 if kind == 0x23 else 0),
                   word(0x24, 2) * word(0x14, 2))
        return kind in (0x70, 0x23) and start and size and \
            start + size <= 1 << 52 and \
            not any(overlap(m, (start, start + size)) for m in self.memory)
