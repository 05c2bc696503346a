# SPDX-License-Identifier: MIT
"""For tests/libvirt/run: what a domain's memory may be made of, besides huge pages in
one piece."""
import os

import again
from host import Guest, Wrong, baton, collect, refused, run

RAM = "/var/lib/libvirt/qemu/ram"   # libvirt's memory_backing_dir
FILE = "<source type='file'/><access mode='shared'/>"
DIMM = ("<memory model='dimm'><target><size unit='MiB'>128</size>"
        "<node>{}</node></target></memory>")


def parts(daemon):
    """Two NUMA nodes with a DIMM each, in another host, twice."""
    one = Guest(1, cells=(64, 64),
                devices=DIMM.format(0) + DIMM.format(1)).start()
    for _ in range(2):
        again.carry(daemon, one)
        count = len(again.memories_of(one.pid()))
        if count != 4:
            raise Wrong(f"{count} memories of 4")
        print("    two nodes and two DIMMs go on", flush=True)
    one.saves()
    one.end()
    run("umount", "/dev/baton")


def small_pages():
    """A tmpfs of 4 KiB pages: refused, and converted. (With huge=always
    Linux 6.18 gives QEMU small ones, too: it maps the file anywhere.)"""
    os.makedirs(RAM, exist_ok=True)
    run("mount", "-t", "tmpfs", "-o", "huge=never,mode=755", "ram", RAM)
    one = Guest(2, memory=FILE).start()
    if not any(path.startswith(RAM) for path, _, _ in again.memories_of(one.pid())):
        raise Wrong("its memory is not in a tmpfs")
    refused("HO_EGUESTPAGES", "vm2")
    one.runs_on()
    baton("convert", "vm2", "--yes")
    one.runs_on()
    collect("vm2")
    baton("unload")
    one.runs_on()
    one.end()
    run("umount", RAM)
