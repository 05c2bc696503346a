# SPDX-License-Identifier: MIT
"""For tests/libvirt/run: a domain that was saved goes on in another "host".

Its QEMU and libvirtd are killed, and what they left in /run and in huge pages is
removed. Its memory is a file in /dev/baton, in place of the kernel module's.
"""
import mmap
import os
import random
import re
import shutil
import signal
import subprocess
import time

from host import (VIRSH, WORK, Wrong, baton, run, state, virsh)

ADOPT = WORK + "/adopt"             # beside baton-qemu
KILL_ADOPT = ("killed",)
CHUNK = 1 << 20


# Where it is: huge pages, a tmpfs, what was kept
PLACES = ("/dev/hugepages/", "/var/lib/libvirt/qemu/ram/", "/dev/baton/")


def memories_of(pid):
    """Its RAM: path of its file, begin, end"""
    found = []
    with open(f"/proc/{pid}/maps") as file:
        for line in file:
            path = line.split()[5] if len(line.split()) > 5 else ""
            if path.startswith(PLACES):
                found.append((path, *(int(x, 16) for x in
                                      line.split()[0].split("-"))))
    if not found:
        raise Wrong("no RAM in huge pages")
    return found


def keep_memory(pid, path, begin, end):
    with open(f"/proc/{pid}/mem", "rb") as old, open(path, "w+b") as new:
        new.truncate(end - begin)
        with mmap.mmap(new.fileno(), end - begin) as out:
            old.seek(begin)
            for at in range(0, end - begin, CHUNK):
                out[at:at + CHUNK] = old.read(CHUNK)


def keep(one):
    """Its RAM, as the frames would be: a file each, which are left as they are when
    it has them already."""
    if not os.path.ismount("/dev/baton"):
        os.makedirs("/dev/baton", exist_ok=True)
        run("mount", "-t", "hugetlbfs", "-o", "pagesize=2M,mode=755",
            "hugetlbfs", "/dev/baton")
    paths = []
    for was, begin, end in memories_of(one.pid()):
        if was.startswith("/dev/baton/"):
            paths.append(was)
            continue
        name = re.search(r"/qemu_back_mem\.(?:_objects_)?(.*)\.\w{6}$", was)
        if not name:
            raise Wrong(f"memory in {was}")
        name = name.group(1)
        paths.append(f"/dev/baton/{one.uuid}.{name}")
        keep_memory(one.pid(), paths[-1], begin, end)
    return paths


def pass_over(daemon, *guests):
    """The next host: only what is kept is there."""
    for one in guests:
        os.kill(one.pid(), signal.SIGKILL)
    daemon.end(signal.SIGKILL)
    run("sh", "-c", "rm -rf /run/libvirt/qemu/* /dev/hugepages/libvirt")
    daemon.start()
    for one in guests:
        if state(one.name) == "running":
            raise Wrong("it lives still")
        status, text = run(VIRSH, "start", one.name, good=False)
        if not status or "an update takes" not in text:
            raise Wrong("the hook lets it start: " + text)


def carry(daemon, *guests):
    """To the next host, and adopted there."""
    baton("collect", "--libvirt-all", "-o", WORK + "/lu")
    for one in guests:
        keep(one)
    pass_over(daemon, *guests)
    run(ADOPT, WORK + "/lu")
    shutil.rmtree("/run/baton")
    for one in guests:
        one.runs_on()
        if not memories_of(one.pid())[0][0].startswith("/dev/baton/"):
            raise Wrong(f"{one.name} has another memory")


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
        # one that was restored wholly, and not told to run, is taken over
        status, text = run(ADOPT, WORK + "/lu", good=False)
        tries += 1
        if not status:
            break
        said = text
    if word.startswith("suspend") and state(one.name).startswith("paused"):
        # whoever paused it had the last word
        virsh("resume", one.name)
    try:
        one.goes_on()
    except Wrong as wrong:
        raise Wrong(f"{word}: {wrong}: {state(one.name)}")
    return f"{word}: status {process.returncode} {said.splitlines()[:1]}, " \
        f"{tries} tries"


def meet(daemon, signals, hands):
    """What may happen to it."""
    def hit(process):
        what = random.choice(signals + hands + 3 * [KILL_ADOPT])
        at = random.random() * 1.5
        end = time.monotonic() + at
        while process.poll() is None and time.monotonic() < end:
            time.sleep(0.02)
        if process.poll() is not None:
            return f"nothing in {at:.2f} s"
        if what == KILL_ADOPT:
            process.kill()
            return f"adopt killed after {at:.2f} s"
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
        path, = keep(one)
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
