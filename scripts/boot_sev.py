# SPDX-License-Identifier: MIT
"""A Linux that takes its CPU for one that has SEV, as AMD's servers have, guests or
not: QEMU's emulation says that it has none. Its first code then reads EFI's tables
(snp_init() of arch/x86/boot/compressed/sev.c), and sees that this is no guest."""
import re

# sev_enable(): cpuid 0x80000000; is there a leaf 0x8000001f? Is SEV in it? snp_init()
ASKS = re.compile(rb"\x0f\xa2\x3d\x1e\x00\x00\x80(\x0f\x86.{4}).{1,24}?"
                  rb"\x0f\xa2\xa8\x02(\x74.|\x0f\x84.{4})\xe8", re.DOTALL)


def has_sev(vmlinuz):
    """The bytes of a bzImage, with two jumps less. ValueError: it asks otherwise."""
    found = list(ASKS.finditer(vmlinuz))
    if len(found) != 1:
        raise ValueError(f"{len(found)} places ask for SEV")
    out = bytearray(vmlinuz)
    for group in (1, 2):
        start, end = found[0].span(group)
        out[start:end] = b"\x90" * (end - start)
    return bytes(out)
