# SPDX-License-Identifier: MIT
"""Random changes of a running QEMU, for tests/qemu/run: one seed, one guest.

changes(SEED) gives its options and the commands of its monitor. A command may
fail: what QEMU refuses is no change. Whatever comes out, the guest goes on with
the same parts, or is refused before it is stopped.
"""
import random

MIB = 1 << 20

# each a group of options that goes with any of the others
STARTS = [
    ["-drive", "file=d.qcow2,if=none,id=a,format=qcow2", "-device",
     "virtio-blk-pci,drive=a,id=da"],
    ["-drive", "file=raw.img,if=virtio,format=raw,throttling.iops-total=90"],
    ["-blockdev", "driver=file,node-name=f1,filename=other.qcow2",
     "-blockdev", '{"driver":"qcow2","node-name":"n1","file":"f1"}',
     "-device", "virtio-blk-pci,drive=n1,id=disk"],
    ["-drive", "file=old.iso,if=none,id=cd,media=cdrom,format=raw",
     "-device", "ide-cd,drive=cd,id=cdr"],
    ["-device", "ide-cd,id=cdn,bus=ide.1"],
    ["-device", "usb-tablet"],
    ["-device", "usb-kbd,id=kbd"],
    ["-netdev", "user,id=un", "-device", "virtio-net-pci,netdev=un,id=nic"],
    ["-netdev", "user,id=spare"],
    ["-chardev", "null,id=ch", "-device", "virtio-serial-pci,id=vs",
     "-device", "virtserialport,chardev=ch,id=vp,bus=vs.0"],
    ["-chardev", "null,id=lone"],
    ["-object", "iothread,id=io", "-device",
     "virtio-scsi-pci,id=scsi,iothread=io"],
    ["-object", "throttle-group,id=tg,x-iops-total=100"],
    ["-device", "virtio-balloon-pci,id=b"],
    ["-blockdev", "driver=file,node-name=free,filename=two.img"],
]


def snapshot(r, n):
    return ("blockdev-snapshot-sync", {
        r.choice([("device", "a"), ("device", "virtio0"),
                  ("node-name", "n1")])[0]: r.choice(["a", "virtio0", "n1"]),
        "snapshot-file": f"{{dir}}/over{n}.qcow2", "format": "qcow2",
        **({"snapshot-node-name": f"top{n}"} if r.random() < .5 else {})})


def medium(r, _):
    return ("blockdev-change-medium", {
        "id": r.choice(["cdr", "cdn"]),
        "filename": r.choice(["new.iso", "old.iso", "{dir}/new.iso"]),
        "format": "raw"})


def eject(r, _):
    return ("eject", {"id": r.choice(["cdr", "cdn"]), "force": True})


def node(r, n):
    if r.random() < .5:
        return ("blockdev-add", {
            "driver": "raw", "node-name": f"late{n}", "read-only": True,
            "file": {"driver": "file", "filename": "new.iso"}})
    return ("blockdev-add", {"driver": "qcow2", "node-name": f"late{n}",
                             "cache": {"direct": False, "no-flush": True},
                             "file": {"driver": "file",
                                      "filename": "more.qcow2"}})


def drive(r, n):
    file = r.choice(["two.img,format=raw", "more.qcow2,format=qcow2",
                     "new.iso,format=raw,readonly=on"])
    return [("human-monitor-command", {
        "command-line": f"drive_add 0 file={file},if=none,id=dr{n}"
                        + r.choice(["", ",cache=none", ",iops=100"])}),
            ("device_add", {"driver": "virtio-blk-pci", "id": f"dk{n}",
                            "drive": f"dr{n}"})][:r.randint(1, 2)]


def node_off(r, n):
    return ("blockdev-del", {"node-name": r.choice(
        ["free", f"late{n - 1}", f"late{n - 2}"])})


def disk(r, n):
    return ("device_add", {
        "driver": r.choice(["virtio-blk-pci", "scsi-hd"]), "id": f"dk{n}",
        "drive": r.choice(["free", f"late{n - 1}", f"late{n - 2}"])})


def device(r, n):
    driver = r.choice(["virtio-rng-pci", "virtio-balloon-pci", "usb-mouse",
                       "usb-tablet", "virtio-scsi-pci", "pci-bridge",
                       "e1000", "virtio-net-pci", "virtserialport",
                       "virtio-keyboard-pci", "usb-hub", "scsi-cd"])
    more = {"id": f"dev{n}"} if r.random() < .7 else {}
    if driver == "pci-bridge":
        more["chassis_nr"] = n + 1
    if driver in ("e1000", "virtio-net-pci") and r.random() < .6:
        more["netdev"] = "spare"
    if driver == "virtio-rng-pci" and r.random() < .3:
        more.update({"max-bytes": 1000, "period": 2000})
    return ("device_add", {"driver": driver, **more})


def device_off(r, n):
    return ("device_del", {"id": r.choice(
        ["kbd", "vp", f"dev{n - 1}", f"dev{n - 2}", f"dk{n - 1}",
         "/machine/peripheral-anon/device[0]"])})


def cpu(r, n):
    return ("device_add", {"driver": "qemu64-x86_64-cpu", "id": f"cpu{n}",
                           "socket-id": 0, "core-id": r.choice([1, 2, 3]),
                           "thread-id": 0})


def backend(r, n):
    return ("object-add", r.choice([
        {"qom-type": "iothread", "id": f"ob{n}",
         "poll-max-ns": r.choice([0, 5000])},
        {"qom-type": "rng-builtin", "id": f"ob{n}"},
        {"qom-type": "rng-random", "id": f"ob{n}",
         "filename": "/dev/urandom"},
        {"qom-type": "throttle-group", "id": f"ob{n}",
         "limits": {"iops-total": 50}},
        {"qom-type": "secret", "id": f"ob{n}", "data": "word"},
        {"qom-type": "secret", "id": f"ob{n}", "format": "base64",
         "file": "{dir}/key"},
        {"qom-type": "tls-creds-anon", "id": f"ob{n}",
         "endpoint": "server"}]))


def backend_off(r, n):
    return ("object-del", {"id": r.choice(["io", "tg", f"ob{n - 1}"])})


def dimm(_, n):
    return [("object-add", {"qom-type": "memory-backend-file",
                            "id": f"mem{n}", "size": 128 * MIB,
                            "share": True, "mem-path": f"{{ram}}.mem{n}",
                            "prealloc": True, "align": 2 * MIB}),
            ("device_add", {"driver": "pc-dimm", "memdev": f"mem{n}",
                            "id": f"dimm{n}"})]


def net(r, n):
    tap = {"type": "tap", "id": f"net{n}", "ifname": f"{{tap}}{n}",
           "script": "no", "downscript": "no"}
    return r.choice([("netdev_add", {"type": "user", "id": f"net{n}"}),
                     [("netdev_add", tap),
                      ("device_add", {"driver": "virtio-net-pci",
                                      "id": f"dev{n}", "netdev": f"net{n}"})],
                     ("netdev_add", dict(tap, vnet_hdr=r.random() < .5)),
                     ("netdev_del", {"id": "spare"}),
                     ("netdev_del", {"id": "un"})])


def link(r, _):
    return ("set_link", {"name": r.choice(["nic", "un"]),
                         "up": r.random() < .3})


def chardev(r, n):
    return r.choice([
        ("chardev-add", {"id": f"chr{n}",
                         "backend": {"type": "null", "data": {}}}),
        ("chardev-add", {"id": f"chr{n}", "backend": {
            "type": "socket", "data": {
                "addr": {"type": "unix", "data": {"path": f"{{dir}}/c{n}"}},
                "server": True, "wait": False}}}),
        ("chardev-add", {"id": f"chr{n}", "backend": {
            "type": "ringbuf", "data": {"size": 4096}}}),
        ("chardev-remove", {"id": "lone"})])


def throttle(r, _):
    limits = {k: 0 for k in ("bps", "bps_rd", "bps_wr", "iops", "iops_rd",
                             "iops_wr")}
    limits[r.choice(list(limits))] = r.choice([0, 5000, 100000])
    return ("block_set_io_throttle", {
        r.choice(["device", "id"]): r.choice(
            ["a", "virtio0", "/machine/peripheral/da/virtio-backend",
             "/machine/peripheral/disk/virtio-backend"]),
        **limits})


def setting(r, _):
    return r.choice([
        ("qom-set", {"path": "/objects/io", "property": "poll-max-ns",
                     "value": 1234}),
        ("qom-set", {"path": "/objects/tg", "property": "limits",
                     "value": {"iops-total": 7}}),
        ("block_resize", {"node-name": "free", "size": 3 * MIB}),
        ("balloon", {"value": 24 * MIB}),
        ("qom-set", {"path": "/machine/peripheral/b", "value": 4,
                     "property": "guest-stats-polling-interval"})])


def mirror(r, n):
    return [("drive-mirror", {"device": r.choice(["a", "virtio0"]),
                              "sync": "full", "job-id": f"job{n}",
                              "target": f"{{dir}}/copy{n}.img"}),
            ("block-job-complete", {"device": f"job{n}"})]


KINDS = [snapshot, snapshot, medium, medium, eject, node, node, node_off,
         disk, disk, device, device, device, device_off, device_off, cpu,
         backend, backend_off, dimm, drive, net, net, link, chardev, throttle, throttle,
         setting, mirror]


def changes(seed):
    r = random.Random(seed)
    options = ["-smp", "1,maxcpus=4"]
    for group in STARTS:
        if r.random() < .5:
            options += group
    commands = []
    for n in range(2, 2 + r.randint(1, 6)):
        got = r.choice(KINDS)(r, n)
        commands += got if isinstance(got, list) else [got]
    return options, commands, r.choice(["start", "start", "state"])
