# SPDX-License-Identifier: MIT
"""For tests/libvirt/run: a domain that was saved goes on in another "host".

Its QEMU and libvirtd are killed, and what they left in /run and in huge pages is
removed. Its memory is a file in /dev/baton, in place of the kernel module's.
"""
import os
import random
import shutil
import signal
import subprocess
import time

from host import (MIB, VIRSH, WORK, Wrong, baton, run, state, virsh)

ADOPT = WORK + "/adopt"             # beside baton-qemu
CHUNK = 1 << 20


def memory_of(pid):
    """Where it has its RAM."""
    with open(f"/proc/{pid}/maps") as file:
        for line in file:
            begin, end = (int(x, 16) for x in line.split()[0].split("-"))
            if "/dev/hugepages/" in line and end - begin == MIB << 20:
                return begin, end
    raise Wrong("no RAM in huge pages")


def keep(one):
    """Its RAM, as the frames would be."""
    if not os.path.ismount("/dev/baton"):
        os.makedirs("/dev/baton", exist_ok=True)
        run("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", "/dev/baton")
    begin, end = memory_of(one.pid())
    path = f"/dev/baton/{one.uuid}.ram-node0"
    with open(f"/proc/{one.pid()}/mem", "rb") as old, open(path, "wb") as new:
        old.seek(begin)
        for _ in range(begin, end, CHUNK):
            new.write(old.read(CHUNK))
    return path


def pass_over(daemon, one):
    """The next host: only what is kept is there."""
    os.kill(one.pid(), signal.SIGKILL)
    daemon.end(signal.SIGKILL)
    run("sh", "-c", "rm -rf /run/libvirt/qemu/* /dev/hugepages/libvirt")
    daemon.start()
    if state(one.name) == "running":
        raise Wrong("it lives still")
    status, text = run(VIRSH, "start", one.name, good=False)
    if not status or "an update takes" not in text:
        raise Wrong("the hook lets it start: " + text)


def follow(one, daemon, hit):
    """Adopt, with `hit` at a random time, and again until it goes on."""
    process = subprocess.Popen([ADOPT, WORK + "/lu"], stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True)
    word = hit(process)
    said = process.communicate(timeout=240)[0]
    daemon.answers()
    tries = 1
    while process.returncode and virsh("domstate", one.name) != "running":
        if tries == 4:
            raise Wrong(f"not adopted: {word}: {said}: {state(one.name)}")
        now = state(one.name)
        if now.startswith("paused"):
            # restored wholly, and not told so
            virsh("resume", one.name)
            break
        status, text = run(ADOPT, WORK + "/lu", good=False)
        tries += 1
        if not status:
            break
        said = text
    one.goes_on()
    return f"{word}: status {process.returncode} {said.splitlines()[:1]}, " \
        f"{tries} tries"


def meet(daemon, signals, hands):
    """What may happen to it."""
    def hit(process):
        what = random.choice(signals + hands)
        at = random.random() * 4
        end = time.monotonic() + at
        while process.poll() is None and time.monotonic() < end:
            time.sleep(0.02)
        if process.poll() is not None:
            return f"nothing in {at:.2f} s"
        if what in signals:
            daemon.end(what)
            time.sleep(random.random())
            daemon.start()
            return f"{what.name} after {at:.2f} s"
        while process.poll() is None:
            virsh(*what, good=False)
        return f"{what[0]} after {at:.2f} s"

    return hit


def adopted(daemon, guest, tries):
    """Again and again: each time what was restored is saved as before."""
    one = guest.start()
    hit = meet(daemon, [signal.SIGKILL, signal.SIGTERM],
               [("start", "vm1"), ("dominfo", "vm1"), ("suspend", "vm1"),
                ("domstats", "vm1"), ("resume", "vm1")])
    for i in range(tries):
        baton("collect", "--libvirt", "vm1", "-o", WORK + "/lu")
        path = keep(one)
        pass_over(daemon, one)
        if not i:
            # a host without the memory: refused, and as it was
            os.rename(path, path + "-")
            status, text = run(ADOPT, WORK + "/lu", good=False)
            os.rename(path + "-", path)
            if not status or "[HO_EGUESTMEM]" not in text:
                raise Wrong(text)
        print(f"    {i + 1}: {follow(one, daemon, hit)}", flush=True)
        # /run is empty in a host that has just started; the hook had need of it
        shutil.rmtree("/run/baton")
        if one.capability():
            raise Wrong("a capability is left")
        # back to memory of its own
        virsh("save", one.name, WORK + "/whole")
        text = virsh("save-image-dumpxml", WORK + "/whole")
        with open(WORK + "/own.xml", "w") as file:
            file.write(text.replace(WORK + "/baton-qemu",
                                    "/usr/bin/qemu-system-x86_64"))
        virsh("restore", WORK + "/whole", "--xml", WORK + "/own.xml")
        os.remove(path)
        one.goes_on()
    one.end()
