# SPDX-License-Identifier: MIT
"""The kept frames as QEMU sees them, for scripts/boot.

A guest prints `frame: MFN COUNT` (hexadecimal, decimal) for what must not
change; at the case's end every one of them is taken out of the machine with
QMP's pmemsave and compared with holder's pattern by a program on the host: no
code that ran in the machine has a say. Frames of guests, whose content nobody
can foretell, are compared with themselves: the machine prints `frames: take`
and waits, once before and once after. Where the question is what a machine
writes before any guest runs, the pattern is put into it at its start.
"""
import hashlib
import re
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from boot_qmp import MCE, Qmp

ENDED = {"shutdown", "guest-panicked", "internal-error", "io-error"}
INTERVAL = 0.3      # seconds between two questions whether it has ended


class Frames:
    """One machine's QMP socket, and what is asked through it."""

    def __init__(self, checker, preload=()):
        """preload: [(mfn, count)] to be filled with the pattern at the start"""
        self.preload = list(preload)
        self.dir = Path(tempfile.mkdtemp(prefix="baton-frames-"))
        self.socket = self.dir / "qmp"
        self.checker = checker
        self.monitor = None
        self.asked = 0
        self.digests = []

    def options(self):
        # the machine stays to be looked at when the guest has ended it
        words = ["-qmp", f"unix:{self.socket},server=on,wait=off",
                 "-no-shutdown"]
        files = [(mfn, count, self.dir / f"{mfn:x}")
                 for mfn, count in self.preload]
        if files and self.holder("--write-raw", files).returncode:
            raise OSError("holder --write-raw")
        for mfn, _, path in files:
            words += ["-device", f"loader,file={path},addr={mfn << 12:#x},"
                      "force-raw=on"]
        return words

    def holder(self, option, files):
        """holder over [(mfn, count, path)]"""
        listing = self.dir / "list"
        listing.write_text("".join(f"{mfn:x} {count} {path}\n"
                                   for mfn, count, path in files))
        return subprocess.run([self.checker, option, str(listing)],
                              capture_output=True, text=True)

    def call(self, command, **arguments):
        if self.monitor is None:
            link = socket.socket(socket.AF_UNIX)
            link.settimeout(60)
            link.connect(str(self.socket))
            self.monitor = Qmp(link)
        return self.monitor.call(command, **arguments)

    def hang_up(self):
        """This machine is gone; another one may come."""
        self.monitor = None

    def ended(self):
        """Has the guest powered the machine off, or reset it?"""
        if time.monotonic() - self.asked < INTERVAL:
            return False
        self.asked = time.monotonic()
        try:
            return self.call("query-status")["status"] in ENDED
        except (OSError, ValueError):
            return False                # not up yet, or gone: Popen knows

    def standing(self):
        """(where each CPU stands, all that QEMU knows of them)"""
        asked = [self.call("human-monitor-command", **{"command-line": line})
                 for line in ("info registers -a", "info lapic", "info pic")]
        return "; ".join(" ".join(words) for words in re.findall(
            r"^(RIP=\w+) (RFL=\w+).*?(HLT=\d)", asked[0], re.M)), "".join(asked)

    def inject(self, what):
        """`nmi`, `reset`, `dimm`, or `mce`: an uncorrected machine check."""
        if what == "dimm":
            self.call("object-add", **{"qom-type": "memory-backend-ram",
                                       "id": "late", "size": 128 << 20})
            self.call("device_add", driver="pc-dimm", memdev="late",
                      id="late0", node=1)
        elif what == "nmi":
            self.call("inject-nmi")
        elif what == "reset":
            self.call("system_reset")
        else:
            # bank 1: valid, uncorrected, enabled, context corrupt; MCIP
            self.call("human-monitor-command", **{"command-line": MCE})

    @staticmethod
    def extents(console):
        """The list on the console: [(mfn, count)], the last one counts, as a
        retry prints another; empty if there is none or it has no end."""
        text = console.rpartition("frames: begin\n")[2]
        if "frames: end\n" not in text:
            return []
        return [(int(mfn, 16), int(count)) for mfn, count in
                re.findall(r"^frame: ([0-9a-f]+) (\d+)(?: [0-9a-f]+)?$",
                           text, re.M)]

    @staticmethod
    def named(console, mfns):
        """As text, with the guest's own number of each where the list has it."""
        gfns = {int(mfn, 16) + i: int(gfn, 16) + i for mfn, count, gfn in
                re.findall(r"^frame: ([0-9a-f]+) (\d+) ([0-9a-f]+)$",
                           console, re.M) for i in range(int(count))}
        return " ".join(f"{mfn:x}" + (f" (gfn {gfns[mfn]:x})"
                                      if mfn in gfns else "")
                        for mfn in mfns)

    def save(self, mfn, count):
        """Take an extent out of the machine -> its file."""
        path = self.dir / f"{mfn:x}"
        self.call("pmemsave", val=mfn << 12, size=count << 12,
                  filename=str(path))
        return path

    def take(self, console):
        """Digests of the frames, each time that the console asks for them."""
        if console.count("frames: take\n") <= len(self.digests):
            return
        self.call("stop")
        self.digests.append({})
        for mfn, count in self.extents(console):
            path = self.save(mfn, count)
            with path.open("rb") as saved:
                for i in range(count):
                    self.digests[-1][mfn + i] = hashlib.sha256(
                        saved.read(4096)).digest()
            path.unlink()
        self.call("cont")

    def compare(self, console, may_change=0):
        """-> (frames that are as they were each time, and which are not, None) or
        (0, why not)"""
        if len(self.digests) < 2:
            return 0, "frames were not taken twice"
        kept, others = [], ""
        for first, again in zip(self.digests[::2], self.digests[1::2]):
            if may_change:      # the second list leaves out what is explained
                first = {mfn: first[mfn] for mfn in first if mfn in again}
            if not first:
                return 0, "frames were taken, and the guest listed none"
            changed = [mfn for mfn in first if again.get(mfn) != first[mfn]]
            if len(changed) > may_change:
                return 0, f"{len(changed)} frames changed: " + \
                    self.named(console, changed[:16])
            kept.append(len(first) - len(changed))
            if changed:
                others += f" but {self.named(console, changed)}"
        return f"{min(kept)} frames as they were{others}", None

    def changed(self, console):
        """-> (how many frames are as they were, None), where some are not; else
        (0, why)"""
        kept, why = self.compare(console)
        found = re.match(r"(\d+) frames changed", why or "")
        return (0, why or f"not one changed: {kept}") if not found else \
            (f"{len(self.digests[0]) - int(found[1])} frames as they were", None)

    def check(self, console):
        """-> (how many frames are as they were, None) or (0, why not)"""
        extents = self.preload or self.extents(console)
        if not extents:
            return 0, "the guest printed no list of frames"
        try:
            self.call("stop")
            files = [(mfn, count, self.save(mfn, count))
                     for mfn, count in extents]
        except (OSError, ValueError) as error:
            return 0, f"pmemsave: {error}"
        done = self.holder("--check-raw", files)
        if done.returncode:
            return 0, "seen from outside: " + (done.stdout + done.stderr)
        return f"{sum(count for _, count in extents)} frames as they were", None

    def close(self):
        shutil.rmtree(self.dir, ignore_errors=True)
