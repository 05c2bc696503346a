# SPDX-License-Identifier: MIT
"""For tests/libvirt/run: libvirt-guests of the distribution ends and starts domains
with the host, while an update has them; and a daemon that is virtqemud to its
clients.
"""
import os
import shutil

import again
from host import WORK, Guest, Wrong, baton, run, state

SCRIPT = "/usr/lib/libvirt/libvirt-guests.sh"
CONF = "/etc/default/libvirt-guests"
LIST = "/var/lib/libvirt/libvirt-guests"
SAVED = "/var/lib/libvirt/qemu/save"
# what it does: how it is told to, what it says
MODES = {
    "shutdown": ("ON_SHUTDOWN=shutdown", "domain is not running"),
    "suspend": ("ON_SHUTDOWN=suspend", "paused due to previous migration"),
    "none": ("ON_SHUTDOWN=none", "paused due to previous migration"),
    "nobody": ("URIS=", ""),
}


def guests(word, mode):
    """What it says."""
    with open(CONF, "w") as file:
        file.write(f"{mode}\nON_BOOT=start\nSHUTDOWN_TIMEOUT=20\n")
    status, text = run("sh", SCRIPT, word, good=False)
    return status, text


def left_alone(one):
    if state(one.name) != "paused (user)":
        raise Wrong(state(one.name))
    if os.listdir(SAVED):
        raise Wrong(f"saved: {os.listdir(SAVED)}")


def stopped(daemon):
    one = Guest(1).start()
    for name, (mode, said) in MODES.items():
        baton("collect", "--libvirt", one.name, "-o", WORK + "/lu")
        status, text = guests("stop", mode)
        print(f"    {name}: status {status}", flush=True)
        if said not in text:
            raise Wrong(text)
        left_alone(one)
        # called off: as if nothing had been
        baton("unload")
        one.runs_on()
        if os.path.exists(LIST):
            os.remove(LIST)
    one.end()


def started(daemon):
    """In the next host it is to start what ran: refused before it is adopted, and
    nothing to do afterwards."""
    one = Guest(1).start()
    baton("collect", "--libvirt", one.name, "-o", WORK + "/lu")
    guests("stop", MODES["shutdown"][0])
    if one.uuid not in open(LIST).read():
        raise Wrong("it is not on its list")
    shutil.copy(LIST, LIST + "-")
    again.keep(one)
    again.pass_over(daemon, one)
    status, text = guests("start", MODES["shutdown"][0])
    if not status or state(one.name).startswith("running"):
        raise Wrong(f"status {status}: {text}")
    shutil.copy(LIST + "-", LIST)
    run(again.ADOPT, WORK + "/lu")
    shutil.rmtree("/run/baton")
    status, text = guests("start", MODES["shutdown"][0])
    if status or "already active" not in text:
        raise Wrong(f"status {status}: {text}")
    one.runs_on()
    one.end()


def rename(old, new):
    for kind in ("", "-ro"):
        os.rename(f"/run/libvirt/{old}-sock{kind}",
                  f"/run/libvirt/{new}-sock{kind}")


def modular(daemon):
    """Nobody listens at libvirtd's socket; the program at the other one is libvirtd,
    for Debian 12 has no virtqemud."""
    one = Guest(1).start()
    os.environ["LIBVIRT_DEFAULT_URI"] = "qemu:///system"
    rename("libvirt", "virtqemud")
    try:
        for words in (("--libvirt", one.name), ("--libvirt-all",)):
            baton("collect", *words, "-o", WORK + "/lu")
            if state(one.name) != "paused (user)":
                raise Wrong(state(one.name))
            baton("unload")
            one.runs_on()
    finally:
        rename("virtqemud", "libvirt")
        del os.environ["LIBVIRT_DEFAULT_URI"]
    one.saves()
    one.end()
