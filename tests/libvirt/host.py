# SPDX-License-Identifier: MIT
"""For tests/libvirt/run: a libvirtd of its own, and domains (TCG) that tick.

All of it is in namespaces of its own: nothing of this machine's libvirt is seen or
changed, and nothing outlives the test. Huge pages are taken and given back.
"""
import os
import random
import shutil
import signal
import subprocess
import sys
import time

O = os.path.abspath(os.environ.get("O", "build"))
ROOT = os.path.realpath(__file__ + "/../../..")
WORK = "/run/work"                  # in the namespace
BATON = WORK + "/baton"
VIRSH = "/usr/bin/virsh"            # not the one of strike()
SECONDS = 240                       # for any one step, on a busy machine
PAGES = 600                         # of 2 MiB
MIB = 128                           # of a domain
# Linux makes 64 MiB of bounce buffers where memory can be plugged in
CMDLINE = ("console=ttyS0 quiet mitigations=off no_timer_check nowatchdog "
           "swiotlb=1024")
UUID = "ba700000-1111-4000-8000-0000000000a{}"
SHARED = "<hugepages/><access mode='shared'/>"
PID_FILE = "/run/libvirtd.pid"
HUGE = "/proc/sys/vm/nr_hugepages"
# Its shell is the namespace's first process, and takes leave of who ends there:
# libvirt waits for that
ALONE = """
set -e
ip link set lo up
mount -t tmpfs tmpfs /run
mkdir -p /run/lock /run/work/bin /run/etc
mount -t tmpfs -o mode=711 tmpfs /var/lib/libvirt
mkdir -p /var/lib/libvirt/qemu/save /var/lib/libvirt/images
chown libvirt-qemu /var/lib/libvirt/qemu
mount -t tmpfs tmpfs /var/log/libvirt
mount -t tmpfs tmpfs /var/cache/libvirt
cp /etc/libvirt/*.conf /run/etc/
cat >>/run/etc/qemu.conf <<END
cgroup_controllers = []
hugetlbfs_mount = "/dev/hugepages"
END
: >/run/guests.conf
mount --bind /run/guests.conf /etc/default/libvirt-guests
mkdir -p /run/etc/qemu /run/etc/hooks/qemu.d
mount --bind /run/etc /etc/libvirt
mkdir -p /dev/hugepages
mount -t hugetlbfs -o pagesize=2M hugetlbfs /dev/hugepages
chmod 755 /run/work
"$@"
exit $?
"""
# In place of virsh, for baton alone: something happens at one of its calls
STRIKE = """#!/bin/bash
exec 9>/run/work/bin/lock
flock 9
count=$(($(cat /run/work/bin/count) + 1))
echo $count >/run/work/bin/count
flock -u 9
how=
[ $count != "$(cat /run/work/bin/at)" ] || how=$(cat /run/work/bin/how)
case $how in
fails)	echo "error: struck" >&2; exit 1 ;;
lost)	/usr/bin/virsh "$@" >/dev/null; echo "error: lost" >&2; exit 1 ;;
killed)	kill -9 "$(cat /run/libvirtd.pid)"
	(sleep 0.3; exec libvirtd -d) 9>&- >/dev/null 2>&1 & ;;
esac
exec /usr/bin/virsh "$@"
"""


class Wrong(Exception):
    """What was not as it should be."""


def run(*words, good=True, seconds=SECONDS, **more):
    """-> (status, what it said)"""
    done = subprocess.run(words, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, errors="replace", timeout=seconds,
                          check=False, **more)
    if good and done.returncode:
        raise Wrong(f"{' '.join(words)}: {done.stdout}")
    return done.returncode, done.stdout


def virsh(*words, good=True):
    return run(VIRSH, "-q", *words, good=good)[1].strip()


def baton(*words, good=True):
    return run(BATON, *words, good=good)


def collect(*names, more=(), good=True):
    words = [word for name in names for word in ("--libvirt", name)]
    return baton("collect", *words, "-o", WORK + "/lu", *more, good=good)


def refused(code, *names, more=()):
    status, text = collect(*names, more=more, good=False)
    if not status or f"[{code}]" not in text or "remedy:" not in text:
        raise Wrong(f"not {code}: status {status}: {text}")


def until(what, test, seconds=SECONDS):
    end = time.monotonic() + seconds
    while not test():
        if time.monotonic() > end:
            raise Wrong(f"not within {seconds} s: {what}")
        time.sleep(0.05)


def state(name):
    return virsh("domstate", "--reason", name)


class Daemon:
    """libvirtd, which may be ended and started anew; virtlogd lives on."""

    def __init__(self):
        run("virtlogd", "-d")
        self.start()

    def pid(self):
        try:
            with open(PID_FILE) as file:
                return int(file.read())
        except (OSError, ValueError):
            return 0

    def lives(self):
        pid = self.pid()
        return bool(pid) and os.path.exists(f"/proc/{pid}/cmdline")

    def start(self):
        run("libvirtd", "-d", good=False)
        self.answers()

    def answers(self):
        until("libvirtd answers", lambda: run(
            VIRSH, "-q", "list", good=False)[0] == 0)

    def end(self, sig):
        """Back when it has ended, and what it held is free."""
        pid = self.pid()
        if not pid:
            return
        os.kill(pid, sig)
        until("libvirtd ends", lambda: not os.path.exists(f"/proc/{pid}"))


def domain(number, memory=SHARED, cells=(MIB,), devices="", more="",
           power=False):
    """`cells`: MiB of each NUMA node; none: memory without nodes. `power`: its kernel
    has a power button (after.py)"""
    initrd, rdinit = (".power", " rdinit=/power") if power else ("", "")
    numa = "".join(f"<cell id='{i}' cpus='{i}' memory='{size}' unit='MiB'/>"
                   for i, size in enumerate(cells))
    slots = "<maxMemory slots='4' unit='MiB'>512</maxMemory>" if cells else ""
    return f"""<domain type='qemu'>
  <name>vm{number}</name><uuid>{UUID.format(number)}</uuid>
  {slots}
  <memory unit='MiB'>{sum(cells) or MIB}</memory>
  <memoryBacking>{memory}</memoryBacking>
  <vcpu>{len(cells) or 1}</vcpu>{more}
  <os><type arch='x86_64' machine='pc'>hvm</type>
    <kernel>{WORK}/guest/vmlinuz</kernel><initrd>{WORK}/guest/initrd{initrd}</initrd>
    <cmdline>{CMDLINE}{rdinit}</cmdline></os>
  <features><acpi/></features>
  <cpu mode='custom' check='none'><model>qemu64</model>
    {f"<numa>{numa}</numa>" if numa else ""}</cpu>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    <serial type='pty'>
      <log file='{WORK}/vm{number}.console' append='on'/></serial>
    <channel type='unix'>
      <target type='virtio' name='org.qemu.guest_agent.0'/></channel>
    <memballoon model='virtio'/><video><model type='none'/></video>
    {devices}
  </devices>
</domain>
"""


class Guest:
    """A domain that ticks."""

    def __init__(self, number, **parts):
        self.number, self.name = number, f"vm{number}"
        self.uuid = UUID.format(number)
        self.console = f"{WORK}/{self.name}.console"
        if os.path.exists(self.console):
            os.remove(self.console)
        xml = f"{WORK}/{self.name}.xml"
        with open(xml, "w") as file:
            file.write(domain(number, **parts))
        virsh("define", xml)

    def start(self, waits=True):
        virsh("start", self.name)
        if waits:
            self.goes_on()
        return self

    def ticks(self):
        if not os.path.exists(self.console):
            return []
        with open(self.console, errors="replace") as file:
            return [line for line in file.read().split("\n")[:-1]
                    if line.startswith("tick ")]

    def goes_on(self):
        """Its ticks follow each other, none is missing."""
        seen = len(self.ticks())
        until(f"{self.name} ticks", lambda: len(self.ticks()) > seen + 1)
        for number, line in enumerate(self.ticks(), 1):
            if not line.startswith(f"tick {number} memory same"):
                raise Wrong(f"{self.name}: {line}")
        with open(self.console, errors="replace") as file:
            for line in file:
                if line.startswith("guest: bad"):
                    raise Wrong(f"{self.name}: {line}")

    def capability(self):
        text = virsh("qemu-monitor-command", self.name,
                     '{"execute":"query-migrate-capabilities"}')
        if '"capability":"x-ignore-shared"' not in text:
            raise Wrong(f"{self.name}: {text}")
        return '"state":true,"capability":"x-ignore-shared"' in text

    def runs_on(self):
        """As if nothing had been."""
        if virsh("domstate", self.name) != "running":
            raise Wrong(f"{self.name} is {state(self.name)}")
        if self.capability():
            raise Wrong(f"{self.name}: a capability is left")
        self.goes_on()

    def saves(self):
        """All of its memory is in what libvirt saves."""
        image = f"{WORK}/{self.name}.save"
        virsh("save", self.name, image)
        if os.path.getsize(image) < 8 << 20:
            raise Wrong(f"an image of {os.path.getsize(image)} bytes")
        virsh("restore", image)
        os.remove(image)
        self.goes_on()

    def pid(self):
        with open(f"/run/libvirt/qemu/{self.name}.pid") as file:
            return int(file.read())

    def end(self):
        virsh("destroy", self.name, good=False)
        virsh("undefine", self.name)


def strike(at=0, how=""):
    """What happens to baton at its call of virsh of this number, from 1 on."""
    for name, text in (("count", 0), ("at", at), ("how", how)):
        with open(f"{WORK}/bin/{name}", "w") as file:
            print(text, file=file)


def struck(*words):
    """baton, with the virsh of strike() -> (status, text, calls)"""
    status, text = run(BATON, *words, good=False, env=dict(
        os.environ, PATH=f"{WORK}/bin:{os.environ['PATH']}"))
    with open(f"{WORK}/bin/count") as file:
        return status, text, int(file.read())


def prepare():
    """What an administrator installs, and the guest."""
    with open(f"{O}/kvm/kvm.cpio", "rb") as file:
        subprocess.run(["cpio", "-idu", "--quiet", "guest/*"], stdin=file,
                       cwd=WORK, check=True)
    hook = "/etc/libvirt/hooks/qemu.d/baton"
    with open(ROOT + "/libvirt/hook") as file:
        text = file.read()
    with open(hook, "w") as file:
        file.write(text.replace("/usr/sbin/baton", BATON))
    os.chmod(hook, 0o755)
    with open(f"{WORK}/bin/virsh", "w") as file:
        file.write(STRIKE)
    os.chmod(f"{WORK}/bin/virsh", 0o755)
    # its guests' user is not root: it must get to what is built
    for path in ("/loader/baton", "/loader/baton-qemu", "/tests/libvirt/adopt"):
        shutil.copy(O + path, WORK)


def huge_pages(count=None):
    with open(HUGE, "r+") as file:
        before = int(file.read())
        if count is not None:
            file.seek(0)
            file.write(str(count))
    return before


def alone(program, words):
    """The program again, in namespaces, with huge pages."""
    def ended(*_):
        sys.exit(1)

    signal.signal(signal.SIGTERM, ended)
    before = huge_pages()
    huge_pages(before + PAGES)
    taken = huge_pages() - before
    try:
        if taken < PAGES:
            raise SystemExit("tests/libvirt/run: no huge pages on this host")
        return subprocess.run(
            ["unshare", "-m", "-n", "--propagation", "private", "-p", "-f",
             "--mount-proc", "--kill-child=KILL", "sh", "-c", ALONE, "sh",
             sys.executable, program, "--inside", *words],
            check=False).returncode
    finally:
        # another one may run beside it
        huge_pages(max(huge_pages() - taken, 0))
