# SPDX-License-Identifier: MIT
"""QEMU's monitor, as much of it as tests need that look at a machine from outside;
and a newer QEMU."""
import json
import subprocess
from pathlib import Path

# an uncorrected machine check, for human-monitor-command
MCE = "mce 0 1 0xb200000000000000 0x4 0 0"


def newer_folder():
    """What scripts/fetch-qemu has. Its failure is a CalledProcessError."""
    return Path(subprocess.run([Path(__file__).resolve().parent / "fetch-qemu"],
                               check=True, stdout=subprocess.PIPE,
                               text=True).stdout.strip())


def newer_qemu():
    """The words that start it, with its firmware."""
    folder = newer_folder()
    return [str(folder / "bin/qemu-system-x86_64"), "-L", str(folder / "share")]


class Refused(OSError):
    """What QEMU says of a command that it does not do."""


class Qmp:
    """Behind a socket that is connected to it; `events` are the names of those seen."""

    def __init__(self, link):
        # a file that is written, too, would forget what it has read of a next line
        self.link = link
        self.file = link.makefile("rb")
        self.events = []
        self.line()                     # the greeting
        self.call("qmp_capabilities")

    def line(self):
        line = self.file.readline()
        if not line:
            raise ConnectionError("QEMU ended")
        return json.loads(line)

    def call(self, command, /, **arguments):
        message = {"execute": command}
        if arguments:
            message["arguments"] = arguments
        self.link.sendall(json.dumps(message).encode() + b"\n")
        while True:
            answer = self.line()
            if "event" in answer:
                self.events.append(answer["event"])
            elif "return" in answer:
                return answer["return"]
            elif "error" in answer:
                raise Refused(answer["error"]["desc"])
