# SPDX-License-Identifier: MIT
"""The kept frames as QEMU sees them, for scripts/boot.

A guest prints `frame: MFN COUNT` (hexadecimal, decimal) for what must not
change; at the case's end every one of them is taken out of the machine with
QMP's pmemsave and compared with holder's pattern by a program on the host: no
code that ran in the machine has a say.
"""
import json
import re
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

ENDED = {"shutdown", "guest-panicked", "internal-error", "io-error"}
INTERVAL = 0.3      # seconds between two questions whether it has ended


class Frames:
    """One machine's QMP socket, and what is asked through it."""

    def __init__(self, checker):
        self.dir = Path(tempfile.mkdtemp(prefix="baton-frames-"))
        self.socket = self.dir / "qmp"
        self.checker = checker
        self.file = None
        self.asked = 0

    def options(self):
        # the machine stays to be looked at when the guest has ended it
        return ["-qmp", f"unix:{self.socket},server=on,wait=off",
                "-no-shutdown"]

    def call(self, command, **arguments):
        if self.file is None:
            link = socket.socket(socket.AF_UNIX)
            link.settimeout(60)
            link.connect(str(self.socket))
            self.file = link.makefile("rw")
            self.file.readline()        # the greeting
            self.call("qmp_capabilities")
        json.dump({"execute": command, "arguments": arguments}, self.file)
        self.file.flush()
        while True:
            answer = json.loads(self.file.readline())
            if "return" in answer:
                return answer["return"]
            if "error" in answer:
                raise OSError(answer["error"]["desc"])

    def ended(self):
        """Has the guest powered the machine off, or reset it?"""
        if time.monotonic() - self.asked < INTERVAL:
            return False
        self.asked = time.monotonic()
        try:
            return self.call("query-status")["status"] in ENDED
        except (OSError, ValueError):
            return False                # not up yet, or gone: Popen knows

    def inject(self, what):
        """`nmi`, or `mce`: an uncorrected machine check."""
        if what == "nmi":
            self.call("inject-nmi")
        else:
            # bank 1: valid, uncorrected, enabled, context corrupt; MCIP
            self.call("human-monitor-command", **{"command-line":
                      "mce 0 1 0xb200000000000000 0x4 0 0"})

    def check(self, console):
        """-> (frames that are as they were, None) or (0, why not)"""
        # the last list counts: a retry prints another one
        found = re.findall(r"^frame: ([0-9a-f]+) (\d+)$",
                           console.rpartition("frames: begin\n")[2], re.M)
        if not found or "frames: end\n" not in console:
            return 0, "the guest printed no list of frames"
        extents = [(int(mfn, 16), int(count)) for mfn, count in found]
        rows = []
        try:
            self.call("stop")
            for mfn, count in extents:
                name = self.dir / f"{mfn:x}"
                self.call("pmemsave", val=mfn << 12, size=count << 12,
                          filename=str(name))
                rows.append(f"{mfn:x} {count} {name}\n")
        except (OSError, ValueError) as error:
            return 0, f"pmemsave: {error}"
        listing = self.dir / "list"
        listing.write_text("".join(rows))
        done = subprocess.run([self.checker, "--check-raw", str(listing)],
                              capture_output=True, text=True)
        if done.returncode:
            return 0, "seen from outside: " + (done.stdout + done.stderr)
        return sum(count for _, count in extents), None

    def close(self):
        shutil.rmtree(self.dir, ignore_errors=True)
