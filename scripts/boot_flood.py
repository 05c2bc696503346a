# SPDX-License-Identifier: MIT
"""Frames of Ethernet for a network card of the machine under test, from its start to
its end, for scripts/boot: whatever the machine does, its card is given more to
write to memory. `-device ...,netdev=flood` in the case's `qemu` takes them."""
import shutil
import socket
import tempfile
import threading
from pathlib import Path

INTERVAL = 0.005    # seconds between two
BYTES = 1400


class Flood:
    def __init__(self):
        self.dir = Path(tempfile.mkdtemp(prefix="baton-flood-"))
        self.card, self.own = self.dir / "card", self.dir / "own"
        self.link = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.link.bind(str(self.own))
        self.link.setblocking(False)
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def options(self):
        return ["-netdev", "dgram,id=flood,local.type=unix,"
                f"local.path={self.card},remote.type=unix,"
                f"remote.path={self.own}"]

    def run(self):
        """To everybody, each with another number."""
        number = 0
        while not self.ended.wait(INTERVAL):
            number += 1
            frame = bytes([0xff] * 6 + [2, 0, 0, 0, 0, 1, 0x88, 0xb5]) \
                + number.to_bytes(8, "big") * (BYTES // 8)
            try:
                self.link.sendto(frame, str(self.card))
                self.link.recv(65536)
            except OSError:
                pass        # not up yet, full, or nothing is said

    def close(self):
        self.ended.set()
        self.thread.join()
        self.link.close()
        shutil.rmtree(self.dir, ignore_errors=True)
