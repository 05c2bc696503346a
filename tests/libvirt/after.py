# SPDX-License-Identifier: MIT
"""For tests/libvirt/run: what virsh does with domains that have been adopted.

Their bridge is in the namespace of the test, with a peer that sends back what each
of them says through one connection. Their kernel ends when its power button is
pressed.
"""
import os
import socket
import threading
import time

import again
from host import (MIB, ROOT, WORK, Guest, Wrong, baton, run, state, until, virsh)

BRIDGE = "br0"
PEER = ("10.0.2.100", 7000)
MAC = "52:54:00:aa:00:{}"
POWER = """#!/bin/busybox sh
busybox() {
	/bin/busybox "$@"
}
busybox mkdir -p /dev /sys
busybox mount -t devtmpfs devtmpfs /dev
busybox mount -t sysfs sysfs /sys
busybox insmod /modules/button.ko
busybox insmod /modules/evdev.ko
# an event has 24 bytes
press() {
	for device in /sys/class/input/event*; do
		busybox grep -qs "Power Button" $device/device/name &&
			busybox dd if=/dev/input/${device##*/} of=/dev/null \\
				bs=24 count=1 2>/dev/null &&
			busybox poweroff -f
	done
}
(
	while :; do
		press
		busybox sleep 1
	done
) &
exec /init
"""


def answer(connection):
    with connection:
        while True:
            try:
                text = connection.recv(4096)
            except OSError:
                return
            if not text:
                return
            connection.sendall(text)


def serve(listener):
    while True:
        threading.Thread(target=answer, args=(listener.accept()[0],),
                         daemon=True).start()


def network():
    """A bridge, and who answers on it."""
    if not run("ip", "link", "show", BRIDGE, good=False)[0]:
        return                      # /sys has another namespace's
    run("ip", "link", "add", BRIDGE, "type", "bridge")
    run("ip", "addr", "add", f"{PEER[0]}/24", "dev", BRIDGE)
    run("ip", "link", "set", BRIDGE, "up")
    listener = socket.create_server(PEER)
    threading.Thread(target=serve, args=(listener,), daemon=True).start()


def with_button():
    """The guest's kernel with a power button."""
    modules = run(f"{ROOT}/scripts/fetch-modules", "6.1")[1].split()[-1]
    extra = WORK + "/extra"
    os.makedirs(extra + "/modules", exist_ok=True)
    for name in ("drivers/acpi/button", "drivers/input/evdev"):
        run("sh", "-c", f"cp {modules}/lib/modules/*/kernel/{name}.ko "
            f"{extra}/modules/")
    with open(extra + "/power", "w") as file:
        file.write(POWER)
    os.chmod(extra + "/power", 0o755)
    run("sh", "-c", f"cd {extra} && find . | cpio -o -H newc --quiet | "
        f"gzip | cat {WORK}/guest/initrd - >{WORK}/guest/initrd.power")


def nic(number):
    return (f"<interface type='bridge'><source bridge='{BRIDGE}'/>"
            f"<mac address='{MAC.format(number)}'/><model type='virtio'/>"
            "<rom enabled='no'/></interface>")


def disk(number, kind="qcow2"):
    """With a file system, on which the guest writes its ticks."""
    image = f"{WORK}/vm{number}.{kind}"
    run("sh", "-c", f"rm -f {image} {WORK}/vm{number}.tmp && "
        f"mke2fs -q -t ext4 {WORK}/vm{number}.tmp 16M && qemu-img convert -q "
        f"-O {kind} {WORK}/vm{number}.tmp {image} && chmod 666 {image}")
    return (f"<disk type='file' device='disk'><driver name='qemu' type='{kind}'"
            f"/><source file='{image}'/><target dev='vda' bus='virtio'/></disk>")


def plug_disk(name, dev):
    image = f"{WORK}/{name}.{dev}"
    with open(image, "wb") as file:
        file.truncate(1 << 20)
    virsh("attach-disk", name, image, dev, "--live")


def plug_nic(name, number):
    virsh("attach-interface", name, "bridge", BRIDGE, "--live", "--model",
          "virtio", "--mac", MAC.format(number))


def device(name, what, words):
    """By a file with its XML."""
    path = f"{WORK}/device.xml"
    with open(path, "w") as file:
        file.write(what)
    for word in words:
        virsh(word, name, path, "--live")
        until(f"{name}: {word}", lambda: (word[0] == "a") == (
            "device.img" in virsh("domblklist", name) or MAC.format(77) in
            virsh("domiflist", name)))


def has(text, *words):
    for word in words:
        if word not in text:
            raise Wrong(f"no {word} in: {text}")
    return text


def answers(one):
    """How many lines the peer has sent back."""
    line = one.ticks()[-1].split()
    return int(line[line.index("answers") + 1])


def looks(one):
    """What a look at it has."""
    has(virsh("domblklist", one.name), "vda", "vdx")
    has(virsh("domiflist", one.name), MAC.format(11), MAC.format(22))
    has(virsh("domstats", one.name), "state.state=1", "block.0.wr.bytes",
        "net.1.name=", "balloon.current=", "vcpu.current=1")
    has(virsh("vcpuinfo", one.name), "running")
    has(virsh("dominfo", one.name), one.uuid, "Persistent:     yes")
    has(virsh("domiflist", one.name), "vnet")
    has(run("ip", "link", "show", "master", BRIDGE)[1], "vnet")


def changes(one):
    """What changes it, and back."""
    virsh("suspend", one.name)
    has(state(one.name), "paused (user)")
    virsh("resume", one.name)
    one.goes_on()
    image = WORK + "/device.img"
    with open(image, "wb") as file:
        file.truncate(1 << 20)
    both = ("attach-device", "detach-device")
    device(one.name, f"<disk type='file' device='disk'><source file='{image}'/>"
           "<target dev='vdz' bus='virtio'/></disk>", both)
    device(one.name, nic(77), both)
    virsh("detach-disk", one.name, "vdx", "--live")
    virsh("detach-interface", one.name, "bridge", "--mac", MAC.format(22),
          "--live")
    until("they are out", lambda: "vdx" not in virsh("domblklist", one.name)
          and MAC.format(22) not in virsh("domiflist", one.name))
    virsh("setmem", one.name, f"{MIB - 16}M", "--live")
    one.goes_on()
    has(virsh("dommemstat", one.name), "actual")
    virsh("setmem", one.name, f"{MIB}M", "--live")
    one.goes_on()


def snapshots(one):
    """Within its qcow2 image with all of its RAM, and by a new one."""
    virsh("snapshot-create-as", one.name, "inside")
    has(virsh("snapshot-list", one.name), "inside", "running")
    one.goes_on()
    size = run("qemu-img", "info", "-U", f"{WORK}/{one.name}.qcow2")[1]
    has(size, "inside")
    virsh("snapshot-create-as", one.name, "outside", "--disk-only",
          "--no-metadata", "--diskspec", f"vda,file={WORK}/{one.name}.outside")
    has(virsh("domblklist", one.name), f"{one.name}.outside")
    one.goes_on()
    # an update takes it with that, too
    baton("collect", "--libvirt", one.name, "-o", WORK + "/lu")
    baton("unload")
    one.runs_on()
    virsh("blockcommit", one.name, "vda", "--active", "--pivot")
    has(virsh("domblklist", one.name), f"{one.name}.qcow2")
    one.goes_on()


def back(one):
    """To what the snapshot has of its memory and its disk."""
    virsh("suspend", one.name)
    seen = len(one.ticks())
    virsh("snapshot-revert", one.name, "inside", "--running")
    until("it ticks again", lambda: len(one.ticks()) > seen + 1)
    number = int(one.ticks()[-1].split()[1])
    if number >= seen:
        raise Wrong(f"tick {number} after {seen}")
    virsh("snapshot-delete", one.name, "inside")


def ends(one):
    """Its own kernel ends."""
    virsh("shutdown", one.name)
    until("it shuts down", lambda: state(one.name) == "shut off (shutdown)")
    virsh("start", one.name)
    until("it starts anew", lambda: one.ticks()[-1].startswith("tick 2 "))
    has(virsh("dumpxml", one.name), "<emulator>/usr/bin/qemu-system")


def start(number, more=""):
    """A domain with a disk and a NIC, and of each one more that is plugged in."""
    network()
    with_button()
    one = Guest(number, devices=disk(number) + nic(11) + more, power=True)
    one.start()
    plug_disk(one.name, "vdx")
    plug_nic(one.name, 22)
    until("the peer answers", lambda: answers(one) > 1)
    return one


def adopted(daemon):
    one = start(1)
    for _ in range(2):
        again.carry(daemon, one)
        seen = answers(one)
        until("the connection is there", lambda: answers(one) > seen)
        looks(one)
    for step in (changes, snapshots, back, ends):
        begin = time.monotonic()
        step(one)
        print(f"    {step.__name__}: {time.monotonic() - begin:.1f} s",
              flush=True)
    one.end()
