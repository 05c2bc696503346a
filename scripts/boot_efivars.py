# SPDX-License-Identifier: MIT
"""Lists of keys in a file of OVMF's variables, for scripts/boot_secure.py.

A variable of Secure Boot is changed by whoever holds the key above it, and firmware
looks at that signature when the variable is set. What is in the file is believed. So a
longer one is put behind the others, and the old one is marked as deleted. Formats: UEFI
2.10, section 32.4.1; edk2, Include/Guid/VariableFormat.h.
"""
import base64
import hashlib
import struct
import uuid

X509 = uuid.UUID("a5c059a1-94e4-4aa7-87b5-ab155c2bf072").bytes_le
SHA256 = uuid.UUID("c1c41626-504c-4092-aca9-41f936934328").bytes_le
X509_SHA256 = uuid.UUID("3bd2a492-96c0-4079-b420-fcf98ef103ed").bytes_le
SHIM = uuid.UUID("605dab50-e046-4300-abb6-3dd810dd8b23").bytes_le
OWNER = uuid.UUID("ba700000-0000-4000-8000-000000000002").bytes_le

# start mark, state, reserved, attributes, count, time, key, bytes of name, of data
HEADER = struct.Struct("<HBBIQ16sIII16s")
START = 0x55aa
ADDED = 0x3f
DELETED = 0xfd      # is cleared in the state
STORE_HEADER = 28
NON_VOLATILE, BOOT, RUNTIME = 1, 2, 4


def signature_list(kind, data):
    """A list of one signature."""
    return kind + struct.pack("<III", 28 + 16 + len(data), 0,
                              16 + len(data)) + OWNER + data


class Store:
    """The variables in a flash image."""

    def __init__(self, flash):
        self.bytes = bytearray(flash)
        if self.bytes[0x28:0x2c] != b"_FVH":
            raise ValueError("no firmware volume")
        self.first = struct.unpack_from("<H", self.bytes, 0x30)[0] \
            + STORE_HEADER

    def find(self, wanted):
        """-> (offset of the one that is in force, None; of the end)"""
        at, found = self.first, None
        while True:
            mark, state, *_, names, datas, _ = \
                HEADER.unpack_from(self.bytes, at)
            if mark != START:
                return found, at
            start = at + HEADER.size
            name = self.bytes[start:start + names].decode("utf-16-le")
            if state == ADDED and name.rstrip("\0") == wanted:
                found = at
            at = (start + names + datas + 3) & ~3

    def put(self, fields, name, data):
        """A record at the end."""
        end = self.find("")[1]
        fields[7], fields[8] = len(name), len(data)
        record = HEADER.pack(*fields) + name + data
        if any(byte != 0xff for byte in self.bytes[end:end + len(record)]):
            raise ValueError("no room for variables")
        self.bytes[end:end + len(record)] = record

    def add(self, name, guid, data):
        """A variable that is not there yet, and nobody has to sign."""
        if self.find(name)[0] is not None:
            raise ValueError(f"variable {name} is there")
        self.put([START, ADDED, 0, NON_VOLATILE | BOOT | RUNTIME, 0, bytes(16),
                  0, 0, 0, guid], (name + "\0").encode("utf-16-le"), data)

    def append(self, name, kind, data):
        """One more list, of one signature, to a variable that is there."""
        old = self.find(name)[0]
        if old is None:
            raise ValueError(f"no variable {name}")
        fields = list(HEADER.unpack_from(self.bytes, old))
        start = old + HEADER.size
        middle = start + fields[7]
        self.put(fields, bytes(self.bytes[start:middle]),
                 bytes(self.bytes[middle:middle + fields[8]])
                 + signature_list(kind, data))
        self.bytes[old + 2] &= DELETED


def der(pem):
    """The bytes of a certificate."""
    text = pem.read_text().split("-----BEGIN CERTIFICATE-----")[1]
    return base64.b64decode(text.split("-----END")[0])


def tbs(cert):
    """The part of it that its signature is over: DER with two bytes of length."""
    def body(at):
        if cert[at:at + 2] != b"\x30\x82":
            raise ValueError("not a certificate of 256 bytes and more")
        return at + 4, struct.unpack_from(">H", cert, at + 2)[0]

    start, _ = body(0)
    inner, length = body(start)
    return cert[start:inner + length]


def pe_digest(image):
    """Authenticode's SHA-256 of a signed PE32+ image."""
    optional = struct.unpack_from("<I", image, 0x3c)[0] + 24
    checksum, table = optional + 64, optional + 144
    end = struct.unpack_from("<I", image, table)[0] or len(image)
    return hashlib.sha256(image[:checksum] + image[checksum + 4:table]
                          + image[table + 8:end]).digest()
