# SPDX-License-Identifier: MIT
"""QEMU's monitor, as much of it as tests need that look at a machine from outside."""
import json

# an uncorrected machine check, for human-monitor-command
MCE = "mce 0 1 0xb200000000000000 0x4 0 0"


class Qmp:
    """Behind a socket that is connected to it."""

    def __init__(self, link):
        self.file = link.makefile("rw")
        self.file.readline()            # the greeting
        self.call("qmp_capabilities")

    def call(self, command, **arguments):
        json.dump({"execute": command, "arguments": arguments}, self.file)
        self.file.flush()
        while True:
            answer = json.loads(self.file.readline())
            if "return" in answer:
                return answer["return"]
            if "error" in answer:
                raise OSError(answer["error"]["desc"])
