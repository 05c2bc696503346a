# SPDX-License-Identifier: MIT
"""QEMU's sockets for tests/chaos/run, and what it needs of the gdb stub, which stops
the machine and changes it."""
import re
import socket
import time

ANSWER = 60         # seconds for an answer
POLL = 0.02
Timeout = socket.timeout


def connected(path):
    """A socket to a QEMU that is about to be there."""
    link = socket.socket(socket.AF_UNIX)
    link.settimeout(ANSWER)
    for _ in range(1500):
        try:
            link.connect(str(path))
            return link
        except OSError:
            time.sleep(POLL)
    raise OSError(f"{path}: nobody there")


class Gdb:
    """The remote protocol, as much as this needs of it."""

    def __init__(self, path):
        self.link = connected(path)
        self.buffer = b""

    def send(self, text):
        data = text.encode()
        self.link.sendall(b"$%s#%02x" % (data, sum(data) & 255))

    def answer(self):
        while True:
            found = re.search(rb"\$([^#]*)#..", self.buffer)
            if found:
                self.buffer = self.buffer[found.end():]
                self.link.sendall(b"+")
                return found[1].decode()
            more = self.link.recv(4096)
            if not more:
                raise EOFError
            self.buffer += more

    def call(self, text):
        self.send(text)
        return self.answer()

    def stopped(self):
        """The machine, which was told to go on, has said that it stands."""
        self.link.settimeout(POLL)
        try:
            self.answer()
            return True
        except Timeout:
            return False
        finally:
            self.link.settimeout(ANSWER)

    def flip(self, at, bit):
        """False: there is nothing there."""
        old = self.call(f"m{at:x},1")
        if len(old) != 2:
            return False
        return self.call(f"M{at:x},1:{int(old, 16) ^ 1 << bit:02x}") == "OK"

    def register(self, number):
        raw = bytes.fromhex(self.call("g")[16 * number:16 * number + 16])
        return int.from_bytes(raw, "little")

    def flip_register(self, number, bit):
        """False: it could not be set. All at once: QEMU sets single ones for
        those alone who have read its description of them."""
        every = bytearray.fromhex(self.call("g"))
        every[8 * number + bit // 8] ^= 1 << bit % 8
        return self.call("G" + every.hex()) == "OK"
