# SPDX-License-Identifier: MIT
"""For tests/libvirt/run: domains and other hosts: a domain that was adopted migrates
to one.
"""
import subprocess

import after
import again
from host import BATON, VIRSH, WORK, Guest, Wrong, run, state, until, virsh
from other import SHARE, Other

URI = f"qemu+unix:///system?socket={SHARE}/libvirt-sock"


def goes_on_there(one, there):
    if there.virsh("domstate", one.name) != "running":
        raise Wrong(there.virsh("domstate", "--reason", one.name))
    one.goes_on()


def migrated(daemon):
    """All of its memory goes with it, and it can be kept there."""
    one = after.start(1)
    again.carry(daemon, one)
    there = Other()
    virsh("migrate", "--live", "--persistent", "--unsafe", one.name, URI,
          "--migrateuri", "tcp://127.0.0.1")
    if "shut off" not in state(one.name):
        raise Wrong("it is here still: " + state(one.name))
    goes_on_there(one, there)
    seen = after.answers(one)
    until("the connection is there", lambda: after.answers(one) > seen)
    print("    migrated", flush=True)
    there.run(BATON, "collect", "--libvirt", one.name, "-o", WORK + "/there")
    there.run(BATON, "unload")
    goes_on_there(one, there)
    there.end()
    one.end()


def refused(status, text):
    if not status or "[HO_EGUESTBUSY]" not in text or "migration" not in text:
        raise Wrong(f"status {status}: {text}")


def has_job(path):
    """What libvirt says to itself of the domain: a migration is under way."""
    try:
        with open(path) as file:
            return "async='migration" in file.read()
    except FileNotFoundError:
        return False


def moving(daemon):
    """While it migrates, it is refused here and there, and goes on."""
    one = Guest(1).start()
    there = Other()
    process = subprocess.Popen([VIRSH, "migrate", "--live", "--bandwidth", "1",
                                one.name, URI, "--migrateuri",
                                "tcp://127.0.0.1"])
    try:
        for host, path in ((run, "/run/libvirt"), (there.run, SHARE)):
            until("it migrates", lambda p=path: has_job(f"{p}/qemu/vm1.xml"))
            refused(*host(BATON, "collect", "--libvirt", one.name, "-o",
                          WORK + "/lu", good=False))
        if process.poll() is not None:
            raise Wrong("it has migrated")
        virsh("domjobabort", one.name)
        process.wait()
    finally:
        process.kill()
    there.end()
    one.runs_on()
    one.end()
