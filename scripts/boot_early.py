# SPDX-License-Identifier: MIT
"""A Linux whose first code reads what others' does, before it can take a fault: ACPI's
tables, as 5.1 to 5.9 do where KASLR looks for memory that can be unplugged, and EFI's
two, as any does on a CPU that has SEV, as AMD's servers have, guests or not."""
import re

# sev_enable(): cpuid 0x80000000; is there a leaf 0x8000001f? Is SEV in it? snp_init(),
# of arch/x86/boot/compressed/sev.c, which then sees that this is no guest
ASKS = re.compile(rb"\x0f\xa2\x3d\x1e\x00\x00\x80(\x0f\x86.{4}).{1,24}?"
                  rb"\x0f\xa2\xa8\x02(\x74.|\x0f\x84.{4})\xe8", re.DOTALL)

SETUP_SECTS = 0x1f1
ENTRY64 = 0x200
BEGINS = bytes.fromhex("fc fa")     # startup_64: cld; cli
# Before it there is room, behind the 32-bit entries, which nobody takes here
ACPI_AT = 0x184
ACPI = bytes.fromhex(
    "48 8b 46 70"  # mov 0x70(%rsi), %rax: acpi_rsdp_addr of the zero page
    "48 85 c0"     # test %rax, %rax
    "75 02"        # jnz .+4
    "0f 0b"        # ud2
    "48 8b 58 18"  # mov 0x18(%rax), %rbx: XSDT
    "8b 53 04"     # mov 4(%rbx), %edx
    "48 01 da"     # add %rbx, %rdx: its end
    "48 83 c3 24"  # add $0x24, %rbx
    "48 39 d3"     # cmp %rdx, %rbx: NEXT
    "73 12"        # jae DONE
    "48 8b 3b"     # mov (%rbx), %rdi: a table
    "48 83 c3 08"  # add $8, %rbx
    "8b 4f 04"     # mov 4(%rdi), %ecx: its length
    "8a 44 0f ff"  # mov -1(%rdi, %rcx), %al: BYTE
    "e2 fa"        # loop BYTE
    "eb e9"        # jmp NEXT
    "fc"           # cld: DONE
    "fa"           # cli
    "eb 4a"        # jmp startup_64 + 2
)
TO_ACPI = bytes.fromhex("eb 82")


def has_sev(vmlinuz):
    """It takes its CPU for one with SEV: two jumps less."""
    found = list(ASKS.finditer(vmlinuz))
    if len(found) != 1:
        raise ValueError(f"{len(found)} places ask for SEV")
    for group in (1, 2):
        start, end = found[0].span(group)
        vmlinuz[start:end] = b"\x90" * (end - start)


def reads_acpi(vmlinuz):
    """It reads every byte of every table that the XSDT names."""
    base = (vmlinuz[SETUP_SECTS] + 1) * 512
    entry = base + ENTRY64
    start, end = base + ACPI_AT, base + ACPI_AT + len(ACPI)
    if vmlinuz[entry:entry + 2] != BEGINS or any(vmlinuz[start:entry]):
        raise ValueError("no room before its 64-bit entry")
    vmlinuz[start:end] = ACPI
    vmlinuz[entry:entry + 2] = TO_ACPI


def reads_early(vmlinuz):
    """The bytes of such a bzImage, from those of another. ValueError: neither."""
    out = bytearray(vmlinuz)
    has_sev(out)
    reads_acpi(out)
    return bytes(out)
