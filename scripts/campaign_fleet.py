# SPDX-License-Identifier: MIT
"""A fleet of real hosts under Ansible: a part of scripts/campaign.

Machines of the boot case `fleet`, beside each other: Debian from its disk, with a
guest whose ticks are counted from outside. contrib/ansible/roll.yml updates them by
ssh. First one of them refuses, then all are well, then there is nothing to do, then
the jump of the second one fails. Consoles and Ansible's words are kept in
$O/campaign. Needs ansible-core and an ssh client: scripts/setup --deb.
"""
import argparse
import json
import os
import re
import socket
import subprocess
import time
from pathlib import Path

from boot_case import Case
from boot_run import Run

ROOT = Path(__file__).resolve().parent.parent
NAME = "fleet"
NAMES = ["one", "two", "three"]
POLL = 0.2
READY = 1500            # seconds until a host is there, on a busy machine
END = 300               # until its last line was seen
LONGEST = 4 * 3600
BAD_STUB = "/files/stub-ud2-VERIFY.bin"
PATIENT = ("-o ControlMaster=no -o ServerAliveInterval=10 "
           "-o ServerAliveCountMax=9 -o KexAlgorithms=curve25519-sha256")
STUB = "/usr/lib/baton/stub.bin"


class Wrong(Exception):
    """A host or a roll is not as it has to be; the rest cannot be looked at."""


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


class Fleet:
    """The hosts, while they run."""

    def __init__(self, case, builder, folder, names):
        self.folder = folder / NAME
        self.folder.mkdir(parents=True, exist_ok=True)
        self.key = self.folder / "key"
        self.known = self.folder / "known_hosts"
        for path in (self.key, self.known):
            path.unlink(missing_ok=True)
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f",
                        self.key], check=True)
        self.ports = {name: free_port() for name in names}
        self.runs = {name: self.machine(case, builder, name)
                     for name in names}
        self.bad = 0
        self.ending = False     # until then no host may end
        self.inventory()

    def machine(self, case, builder, name):
        keys = dict(case.keys, groups="", script=case.name, append="",
                    verdict="none", expect="", timeout=str(LONGEST),
                    end="halted:^fleet: over")
        keys["files"] += f"\n{self.key}.pub=authorized_keys"
        keys["qemu"] = keys["qemu"].replace(
            "user,id=net", "user,id=net,hostfwd=tcp:127.0.0.1:"
            f"{self.ports[name]}-:22")
        run = Run(Case(f"{NAME}-{name}", keys), builder,
                  argparse.Namespace(show=False, verbose=False,
                                          patience=1.0))
        run.begin()
        return run

    def ssh_options(self):
        return ["-o", f"UserKnownHostsFile={self.known}",
                "-o", "StrictHostKeyChecking=accept-new"]

    def inventory(self):
        common = " ".join(self.ssh_options())
        lines = ["[baton]"]
        lines += [f"{name} ansible_host=127.0.0.1 ansible_port={port}"
                  for name, port in self.ports.items()]
        lines += ["[baton:vars]", "ansible_user=root", "baton_become=false",
                  f"ansible_ssh_private_key_file={self.key}",
                  f"ansible_ssh_common_args={common}",
                  "ansible_python_interpreter=/usr/bin/python3",
                  "baton_delay=2", f"baton_boot_seconds={READY}",
                  f"baton_guest_seconds={READY}"]
        (self.folder / "hosts.ini").write_text("\n".join(lines) + "\n")

    def poll(self):
        for name, run in self.runs.items():
            if run.verdict is None and run.poll() and not (
                    self.ending and run.verdict == "success"):
                raise Wrong(f"{name}: {run.verdict}: {run.why}")

    def wait(self, what, true, seconds=READY):
        end = time.monotonic() + seconds
        while not true():
            if time.monotonic() > end:
                raise Wrong(f"never: {what}")
            self.poll()
            time.sleep(POLL)

    def command(self, words, out, env=None):
        """-> its exit status; the machines are looked at meanwhile"""
        with out.open("wb") as file:
            run = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=file,
                                   stderr=subprocess.STDOUT, env=env)
            try:
                self.wait(words[0], lambda: run.poll() is not None, 4 * READY)
            finally:
                if run.poll() is None:
                    run.kill()
                    run.wait()
        return run.returncode

    def ssh(self, name, script):
        """-> (status, what it said)"""
        out = self.folder / f"{name}.ssh"
        status = self.command(
            ["ssh", "-i", self.key, "-p", str(self.ports[name]),
             "-o", "ConnectTimeout=60", "-o", "ServerAliveInterval=10",
             *self.ssh_options(), "root@127.0.0.1", script], out)
        return status, out.read_text(errors="replace")

    def must(self, name, script):
        status, text = self.ssh(name, script)
        if status:
            raise Wrong(f"{name}: {script}: {status}: {text}")
        return text

    def boots(self, name):
        return len(re.findall("^boot: step", self.runs[name].text, re.M))

    def up(self, name, step):
        """Wait until that boot is there, and answers."""
        self.wait(f"{name}, step {step}", lambda: f"fleet: step {step} is there"
                  in self.runs[name].text)
        self.wait(f"{name} answers", lambda: not self.ssh(name, "true")[0])

    def ticks(self, name, more):
        """Wait for so many more of its guest."""
        run = self.runs[name]
        goal = len(run.guests.seen[0]) + more
        self.wait(f"{name}: tick {goal}",
                  lambda: len(run.guests.seen[0]) >= goal)

    def roll(self, title, *options):
        """-> (status, what Ansible said)"""
        out = self.folder / f"roll-{title}.txt"
        # emulated hosts answer late: one connection a task, and some patience
        env = dict(os.environ, LC_ALL="C.UTF-8", ANSIBLE_NOCOLOR="1",
                   ANSIBLE_PIPELINING="1", ANSIBLE_SSH_ARGS=PATIENT,
                   ANSIBLE_CONFIG=str(ROOT / "contrib/ansible/ansible.cfg"),
                   ANSIBLE_ROLES_PATH=str(ROOT / "contrib/ansible/roles"),
                   ANSIBLE_HOME=str(self.folder / "ansible"),
                   ANSIBLE_TIMEOUT="60")
        start = time.monotonic()
        status = self.command(
            ["ansible-playbook", "-i", self.folder / "hosts.ini",
             ROOT / "contrib/ansible/roll.yml", *options], out, env)
        print(f"     {title}: {time.monotonic() - start:.0f} s", flush=True)
        return status, out.read_text(errors="replace")

    def update_of(self, name):
        """-> generation of its last update, 0: none; fallback or not"""
        status, text = self.ssh(name, "baton status --json")
        if status == 9:
            return 0, False
        if status:
            raise Wrong(f"{name}: status {status}: {text}")
        now = json.loads(text)
        return now["generation"], now["fallback"]

    def updates(self):
        return [self.update_of(name)[0] for name in self.runs]

    def check(self, text, is_so, why=""):
        print(f"{'ok  ' if is_so else 'FAIL'} {text}{'' if is_so else why}",
              flush=True)
        self.bad += not is_so

    def is_so(self, text, it, wanted):
        self.check(text, it == wanted, f": {it}, wanted {wanted}")

    def close(self):
        for run in self.runs.values():
            run.kill()


def one_refuses(fleet, last):
    """A guest that nobody can keep: no host is touched."""
    fleet.must(last, "systemd-run -q --unit=small qemu-system-x86_64 "
               "-name small -accel kvm -nodefaults -display none -m 32M -S")
    status, text = fleet.roll("refused")
    fleet.is_so("a host refuses: the roll ends", status, 2)
    fleet.check("it says why", "HO_EGUESTSOCKET" in text)
    fleet.is_so("nobody was updated", fleet.updates(), [0] * len(fleet.runs))
    for name in fleet.runs:
        fleet.is_so(f"no guest of {name} was paused", fleet.ssh(
            name, "journalctl -q BATON_COMMAND=upgrade | wc -l")[1].strip(), "0")
    fleet.must(last, "systemctl stop small")


def all_good(fleet):
    status, text = fleet.roll("good")
    fleet.is_so("all are well: the roll ends", status, 0)
    fleet.is_so("each was updated once", fleet.updates(), [1] * len(fleet.runs))
    fleet.is_so("changed", text.count("changed=1 "), len(fleet.runs))
    for name in fleet.runs:
        fleet.ticks(name, 3)
        fleet.check(f"the new kernel runs on {name}",
                    fleet.must(name, "uname -r").startswith("6.12."))


def nothing_to_do(fleet):
    status, text = fleet.roll("again")
    fleet.is_so("the second roll", status, 0)
    fleet.is_so("changes nothing", text.count("changed=0 "), len(fleet.runs))
    fleet.is_so("nobody was updated again", fleet.updates(),
                [1] * len(fleet.runs))


def one_falls(fleet, one):
    """Its stub is broken: the roll stops there, and its guest goes on from the
    fallback."""
    names = list(fleet.runs)
    at = names.index(one)
    fleet.must(one, f"cp {STUB} /root/stub.bin && cp {BAD_STUB} {STUB} && sync")
    status, text = fleet.roll("falls", "-e",
                              json.dumps({"baton_options": ["--again"]}))
    fleet.is_so("a jump fails: the roll ends", status, 2)
    fleet.check("it says so", "in a fallback, baton status says what to do"
                in text)
    for i, name in enumerate(names):
        if i != at:
            fleet.is_so(f"updates of {name}", fleet.update_of(name),
                        (2 if i < at else 1, False))
    fleet.is_so(f"{one} is in its fallback", fleet.update_of(one)[1], True)
    fleet.check("so is the next roll's end", fleet.roll(
        "fallen", "-e", json.dumps({"baton_options": ["--again"]}))[0] == 2)
    fleet.check("its guest can be salvaged", "\x7fELF" in fleet.must(
        one, "baton salvage vm1 -o - 2>/dev/null | head -c 4"))
    step = fleet.boots(one)
    fleet.ssh(one, f"cp /root/stub.bin {STUB} && sync && systemd-run -q "
              "--collect baton upgrade --yes --kernel /boot/vmlinuz-$(uname -r)"
              " --initrd /boot/initrd.img-$(uname -r) --cmdline "
              "\"root=UUID=$(findmnt -no UUID /) console=ttyS0 panic=-1 "
              "mitigations=off nowatchdog\"")
    fleet.up(one, step)
    fleet.ticks(one, 3)
    fleet.is_so(f"{one} left its fallback", fleet.update_of(one)[1], False)


def scenes(fleet):
    names = list(fleet.runs)
    for name in names:
        fleet.up(name, 0)
        fleet.ticks(name, 3)
    one_refuses(fleet, names[-1])
    all_good(fleet)
    nothing_to_do(fleet)
    one_falls(fleet, names[min(1, len(names) - 1)])


def end(fleet):
    """The guests' consoles are judged, from their first tick to their last."""
    fleet.ending = True
    for name in fleet.runs:
        fleet.ssh(name, "echo fleet: over >/dev/console")
    fleet.wait("the hosts' ends", lambda: all(
        run.verdict for run in fleet.runs.values()), END)
    for name, run in fleet.runs.items():
        fleet.check(f"{name}: {run.why}", run.verdict == "success")


def run(folder, case, builder, names=None):
    """True when all was as it has to be"""
    fleet = Fleet(case, builder, folder, names or NAMES)
    try:
        scenes(fleet)
        end(fleet)
    except Wrong as wrong:
        fleet.check(f"{NAME}: {wrong}", False)
    finally:
        fleet.close()
    print(f"{NAME}: {fleet.bad or 'none'} failed; consoles: {folder}")
    return not fleet.bad
