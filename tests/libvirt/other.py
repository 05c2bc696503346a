# SPDX-License-Identifier: MIT
"""For tests/libvirt/run: a second libvirtd, which is another host's.

It has a mount namespace of its own: its own /run/libvirt, /var/lib/libvirt, huge
pages; and, with `root`, the programs there (scripts/fetch-libvirt). The folder of the
test and the bridge are those of both.
"""
import os
import subprocess

from host import UUID, WORK, Wrong, run, until

SHARE = WORK + "/other"             # its /run/libvirt
HOST_UUID = UUID.format("b")
# $1: its root, or nothing; $2: it has the first one's kept memory
OTHER = """
set -e
root=$1
if [ -n "$root" ]; then
	for dir in proc dev sys run; do
		mount --rbind /$dir "$root/$dir"
	done
	for file in passwd group; do
		mount --bind /etc/$file "$root/etc/$file"
	done
	mount -t tmpfs tmpfs "$root/tmp"
fi
mount --bind /run/work/other "$root/run/libvirt"
mount -t tmpfs -o mode=711 tmpfs "$root/var/lib/libvirt"
mkdir -p "$root/var/lib/libvirt/qemu/save"
chown libvirt-qemu "$root/var/lib/libvirt/qemu"
mount -t tmpfs tmpfs "$root/var/log/libvirt"
mount -t tmpfs tmpfs "$root/var/cache/libvirt"
mkdir /run/work/other.etc
cp "$root"/etc/libvirt/*.conf /run/work/other.etc/
mkdir -p /run/work/other.etc/qemu
cp -r /etc/libvirt/hooks /run/work/other.etc/
cat >>/run/work/other.etc/qemu.conf <<END
cgroup_controllers = []
hugetlbfs_mount = "/dev/hugepages"
END
echo "host_uuid = \\"$3\\"" >>/run/work/other.etc/libvirtd.conf
mount --bind /run/work/other.etc "$root/etc/libvirt"
mount -t hugetlbfs -o pagesize=2M hugetlbfs "$root/dev/hugepages"
[ -n "$2" ] || umount "$root/dev/baton" 2>/dev/null || :
echo ready
[ -z "$root" ] || exec chroot "$root" sleep infinity
exec sleep infinity
"""


class Other:
    """Another host, until end()."""

    def __init__(self, root="", kept=False):
        os.makedirs(SHARE)
        os.makedirs("/run/libvirt", exist_ok=True)
        os.makedirs("/dev/baton", exist_ok=True)
        self.process = subprocess.Popen(
            ["unshare", "-m", "--propagation", "private", "sh", "-c", OTHER, "sh",
             root, "kept" if kept else "", HOST_UUID],
            stdout=subprocess.PIPE, text=True)
        if self.process.stdout.readline() != "ready\n":
            raise Wrong("no other host")
        self.run("virtlogd", "-d", "-p", SHARE + "/virtlogd.pid")
        self.run("libvirtd", "-d", "-p", SHARE + "/libvirtd.pid")
        until("the other libvirtd answers", lambda: self.run(
            "virsh", "-q", "list", good=False)[0] == 0)

    def run(self, *words, good=True):
        """A program there."""
        return run("nsenter", "-t", str(self.process.pid), "-m", "-r", "-w",
                   *words, good=good)

    def virsh(self, *words, good=True):
        return self.run("virsh", "-q", *words, good=good)[1].strip()

    def end(self):
        """With all that runs there."""
        self.virsh("destroy", "vm1", good=False)
        for name in ("libvirtd", "virtlogd"):
            with open(f"{SHARE}/{name}.pid") as file:
                pid = int(file.read())
            os.kill(pid, 9)
            until(f"{name} ends", lambda p=pid: not os.path.exists(f"/proc/{p}"))
        self.process.kill()
        self.process.wait()
        run("rm", "-rf", SHARE, WORK + "/other.etc")
