# SPDX-License-Identifier: MIT
"""For tests/libvirt/run: domains that cannot go, each refused by name, and run on."""
from host import (MIB, SHARED, WORK, Guest, Wrong, baton, collect, refused, run,
                  state, virsh)

# What makes a domain one that cannot go: code, memory, devices
REFUSED = {
    "private": ("HO_ELIBVIRTRAM", "", ""),
    "no-share": ("HO_ELIBVIRTRAM", "<hugepages/>", ""),
    "small": ("HO_EGUESTPAGES",
              "<source type='memfd'/><access mode='shared'/>", ""),
    "virtio-mem": ("HO_EGUESTDEV", SHARED, "<memory model='virtio-mem'><target>"
                   "<size unit='MiB'>128</size><node>0</node>"
                   "<block unit='MiB'>2</block><requested unit='MiB'>64</requested>"
                   "</target></memory>"),
    "transient": ("HO_EGUESTDEV", SHARED,
                  "<disk type='file' device='disk'><driver name='qemu' "
                  f"type='raw'/><source file='{WORK}/t.img'/>"
                  "<target dev='vda' bus='virtio'/><transient/></disk>"),
    "virtiofs": ("HO_EGUESTDEV", SHARED, "<filesystem type='mount'>"
                 "<driver type='virtiofs'/><binary path="
                 f"'/usr/lib/qemu/virtiofsd'/><source dir='{WORK}/guest'/>"
                 "<target dir='guest'/></filesystem>"),
    "tpm": ("HO_EGUESTDEV", SHARED, "<tpm model='tpm-crb'>"
            "<backend type='emulator' version='2.0'/></tpm>"),
    "shmem": ("HO_EGUESTDEV", SHARED, "<shmem name='shared'><model "
              "type='ivshmem-plain'/><size unit='M'>4</size></shmem>"),
}


def parts():
    """What it is made of; QEMU's firmware is enough for that."""
    with open(WORK + "/t.img", "wb") as file:
        file.truncate(1 << 20)
    for name, (code, memory, devices) in REFUSED.items():
        one = Guest(4, memory=memory, devices=devices,
                    cells=(MIB,) if memory else ())
        virsh("start", "vm4")
        refused(code, "vm4")
        print("   ", name, code, flush=True)
        if state("vm4") != "running (booted)":
            raise Wrong(f"{name}: {state('vm4')}")
        one.end()
    # told, and not refused
    one = Guest(4, more="<genid/>")
    virsh("start", "vm4")
    status, text = collect("vm4")
    if "genid will change" not in text:
        raise Wrong(text)
    baton("unload")
    one.end()


def busy():
    """A block job is waited for by who began it."""
    disk = WORK + "/busy.img"
    run("mke2fs", "-q", "-t", "ext4", disk, "64M")
    one = Guest(1, devices="<disk type='file' device='disk'><driver "
                f"name='qemu' type='raw'/><source file='{disk}'/><target "
                "dev='vdb' bus='virtio'/></disk>").start()
    virsh("blockcopy", "vm1", "vdb", WORK + "/copy.img", "--transient-job",
          "--bandwidth", "1")
    refused("HO_EGUESTBUSY", "vm1")
    virsh("blockjob", "vm1", "vdb", "--abort")
    one.runs_on()
    collect("vm1")
    baton("unload")
    one.runs_on()
    one.end()
