# SPDX-License-Identifier: MIT
"""The table of boot cases, tests/boot/cases.cfg, for scripts/boot: what each
case says, and QEMU's command line for it."""
import configparser
import dataclasses
import shlex

from boot_images import BootError, DISK_UUID, lines

# `door`: which image, and GRUB's commands for it
DOORS = {
    "": ("bzImage", "linux", "initrd"),
    "linux16": ("bzImage", "linux16", "initrd16"),
    "multiboot2": ("elf", "multiboot2", "module2"),
    "pvh": ("elf", None, None),
}
DEFAULTS = {
    "accel": "tcg,thread=single", "machine": "pc", "cpu": "qemu64",
    "smp": "2", "mem": "1G",
    "kernel": "6.1", "new_kernel": "6.1", "initrd": "", "append": "",
    "region": "128M", "qemu": "", "script": "", "files": "",
    "expect": "", "forbid": "", "allow": "", "verdict": "",
    "end": "poweroff", "timeout": "60", "groups": "", "frames": "", "preload": "",
    "inject": "", "elf": "", "xen": "", "xen_version": "4.17", "door": "",
    "cold": "", "guests": "0", "firmware": "", "modules": "",
    "disk": "", "grub": "", "words": "", "newer_qemu": "", "tpm": "",
    "flood": "", "modules_of": "both", "early": "",
    "serial": "-serial chardev:console",
}


@dataclasses.dataclass
class Case:
    """One section of the table."""
    name: str
    keys: dict

    def __getattr__(self, key):
        try:
            return self.keys[key]
        except KeyError:
            raise AttributeError(key) from None

    def groups_set(self):
        return set(self.keys["groups"].split())

    def wants_verdict(self):
        return self.verdict != "none"

    def preload_extents(self):
        """START-END in MiB, words -> [(mfn, count)]"""
        return [(int(start) << 8, (int(end) - int(start)) << 8)
                for start, end in (word.split("-")
                                   for word in self.preload.split())]

    def compares_frames(self):
        """Those that the console asks for, with themselves"""
        return self.frames.split()[:1] in (["same"], ["changed"])

    def frames_that_may_change(self):
        """`same but N`"""
        words = self.frames.split()
        return int(words[2]) if len(words) == 3 else 0

    def firmware_words(self):
        """For scripts that see to it that it is this one (right_firmware)."""
        return ["baton.firmware=uefi"] if self.firmware else []

    def secure(self):
        return self.firmware in ("secure", "mok")

    def cmdline(self):
        # no_timer_check: on a busy machine TCG's ticks come too late for
        # Linux's test of them
        words = ["console=ttyS0 quiet panic=-1 mitigations=off",
                 "no_timer_check"]
        if self.region != "none":
            words.append(f"crashkernel={self.region}")
        if "@" in self.region:
            # a kernel that moved itself into a fixed region can't reserve it
            words.append("nokaslr")
        words.append(f"baton.case={self.name}")
        if self.script:
            words.append(f"baton.script={self.script}")
        return " ".join(words + self.firmware_words() + lines(self.append))

    def xen_words(self, builder):
        """-> (Xen's options, dom0's command line)"""
        words = ["console=com1 com1=115200,8n1"] + lines(self.xen)
        if self.region != "none":
            # without a unit Xen takes the address for KiB
            size, at, base = self.region.partition("@")
            words.append(f"crashkernel={size}"
                         + (f"@{int(base, 0) >> 10}K" if at else ""))
        dom0 = ["console=hvc0 quiet panic=-1", f"baton.case={self.name}",
                f"baton.script={self.script or self.name}"]
        return " ".join(words), " ".join(dom0 + lines(self.append))

    def grub_cd(self, builder, files, commands):
        """GRUB from a CD: this machine's, or that of version `grub`."""
        platform = "x86_64-efi" if self.firmware else "i386-pc"
        cd = builder.grub_cd(self.name, builder.grub(self.grub, platform),
                             files, commands)
        return ["-drive", f"file={cd},if=none,id=cd,media=cdrom",
                "-device", "ide-cd,drive=cd,bootindex=0"]

    def xen_images(self, builder):
        """Xen and its dom0, by QEMU's own multiboot loader, or by GRUB."""
        words, dom0 = self.xen_words(builder)
        version, _, ours = self.xen_version.partition(" ")
        xen = builder.xen_plain(version) if ours else \
            builder.xen_folder(version) / "xen"
        kernel = builder.path("${XEN}/vmlinuz")
        initrd = builder.initrd(None, None, self.all_files(builder))
        if self.door == "xen":
            return self.grub_cd(
                builder, {"xen": xen, "vmlinuz": kernel, "initrd": initrd},
                [f"multiboot2 /xen {words}", f"module2 /vmlinuz {dom0}",
                 "module2 /initrd"])
        return ["-kernel", str(xen), "-append", words,
                "-initrd", f"{kernel} {dom0},{initrd}"]

    def cold_blob(self, builder):
        """The cold blob of a first boot: Linux, or Xen and a dom0."""
        if self.xen:
            words, dom0 = self.xen_words(builder)
            initrd = builder.initrd(None, None, self.all_files(builder))
            target = ["--target", "xen", "--kernel",
                      builder.path("${XEN}/xen.gz"), "--cmdline", words,
                      "--module",
                      f"{builder.path('${XEN}/vmlinuz')} {dom0}",
                      "--module", initrd]
        else:
            target = ["--kernel", builder.kernel(self.kernel),
                      "--cmdline", self.cmdline()]
            if self.initrd != "none":
                target += ["--initrd", self.linux_initrd(builder)]
        return builder.cold(self.name, target + [
            builder.expand(word) for word in shlex.split(self.cold)])

    def door_images(self, builder):
        """A first boot: the door, by QEMU or by GRUB from a CD, and a cold
        blob with what would else be kernel, initrd and command line."""
        if self.door == "linux":
            return self.grub_cd(
                builder, {"kernel": builder.kernel(self.kernel),
                          "initrd": self.linux_initrd(builder)},
                [f"linux /kernel {self.cmdline()}", "initrd /initrd"])
        blob = self.cold_blob(builder)
        loader, _, protocol = self.door.partition("-")
        kind, image_command, blob_command = DOORS[protocol]
        image = builder.path("${O}/stub/baton." + kind)
        if loader == "grub":
            return self.grub_cd(
                builder, {"door": image, "cold": blob},
                [f"{image_command} /door", f"{blob_command} /cold"])
        return ["-kernel", str(image), "-initrd", str(blob)]

    def old_kernel(self):
        """A version, also where QEMU starts a file."""
        return self.kernel if "/" not in self.kernel else self.new_kernel

    def all_files(self, builder):
        """What is in /files: `files`, and `modules` of both kernels."""
        versions = {self.new_kernel} if self.modules_of == "new" else \
            {self.old_kernel(), self.new_kernel}
        return lines(self.files) + builder.modules(versions,
                                                   self.modules.split())

    def linux_initrd(self, builder):
        """What the first kernel starts with."""
        new = self.new_kernel + ("-early" if self.early else "")
        return builder.initrd(self.old_kernel(), new, self.all_files(builder))

    def disk_images(self, builder):
        """Debian's disk, of which nothing is written back, and a second one
        that it unpacks: what else would be in the initrd."""
        words = [f"baton.case={self.name}",
                 f"baton.script={self.script or self.name}"]
        added = builder.disk_files(
            words + self.firmware_words() + lines(self.append),
            self.all_files(builder))
        # of a disk whose power fails there is what was flushed
        disk = f"file={builder.overlay(self.name, self.disk)},cache=writeback" \
            if "power" in self.inject \
            else f"file={builder.disk(self.disk)},snapshot=on,cache=unsafe"
        cd = []
        if self.words:
            cd = self.grub_cd(builder, {}, [
                f"search --set=root --fs-uuid {DISK_UUID}",
                f"linux /vmlinuz root=UUID={DISK_UUID} "
                + " ".join(lines(self.words)),
                "initrd /initrd.img"])
        elif self.grub:
            # its own modules, the disk's configuration
            cd = self.grub_cd(builder, {}, [
                f"search --set=root --fs-uuid {DISK_UUID}",
                "configfile /boot/grub/grub.cfg"])
        return cd + [
                "-drive", f"{disk},if=none,id=disk,format=qcow2",
                "-device", "virtio-blk-pci,drive=disk,bootindex=1",
                "-drive", f"file={added},if=none,id=test,format=raw,"
                          "readonly=on",
                "-device", "virtio-blk-pci,drive=test,serial=baton-test"]

    def command(self, builder, log, trace, frames, guests):
        """The QEMU command line; builds what it names."""
        # TCG's cmpxchg16b crashes 6.12 at random: no CPU has it
        cpu = self.cpu if "cx16" in self.cpu else self.cpu + ",-cx16"
        # setpriv: should this runner be killed, QEMU goes with it
        cmd = ["setpriv", "--pdeathsig", "KILL",
               *builder.qemu(self.newer_qemu), "-accel", self.accel, "-machine",
               self.machine + (",smm=on" if self.secure() else ""), "-cpu", cpu,
               "-m", self.mem,
               "-smp", self.smp, "-nodefaults", "-no-user-config",
               "-display", "none",
               "-chardev", f"file,id=console,path={log},append=on",
               *shlex.split(self.serial), "-device", "isa-debug-exit,iobase=0xf4,iosize=0x04",
               "-d", "cpu_reset", "-D", str(trace)]
        if not self.disk and "reset" not in self.inject:
            cmd += ["-no-reboot"]
        if self.firmware:
            cmd += builder.uefi(self.name, self.firmware)
        if self.xen and self.door in ("", "xen"):
            return cmd + self.xen_images(builder) + \
                (frames.options() if frames else []) + \
                shlex.split(builder.expand(self.qemu))
        if self.elf:
            cmd += ["-kernel", str(builder.elf(self.name,
                                               shlex.split(self.elf)))]
        elif self.disk:
            cmd += self.disk_images(builder)
        elif self.door:
            cmd += self.door_images(builder)
        else:
            kernel = (builder.signed_kernel if self.secure()
                      else builder.kernel)(self.kernel)
            cmd += ["-kernel", str(kernel), "-append", self.cmdline()]
        if self.initrd != "none" and not self.door and not self.elf \
                and not self.disk:
            cmd += ["-initrd", str(self.linux_initrd(builder))]
        if frames:
            cmd += frames.options()
        for console in guests.logs:
            cmd += ["-serial", f"file:{console}"]
        return cmd + [builder.expand(word) for word in
                      shlex.split(self.qemu)]


def read_table(path):
    """-> (base keys, cases)"""
    table = configparser.ConfigParser(interpolation=None, delimiters=["="],
                                      default_section="defaults")
    with open(path) as file:
        table.read_file(file)

    def keys_of(name):
        keys = dict(table[name])
        like = keys.pop("like", None)
        if like is not None and like not in table:
            raise BootError(f"[{name}] is like [{like}], which is not there")
        return {**keys_of(like), **keys} if like else keys

    base, cases = {}, []
    for name in table.sections():
        keys = keys_of(name)
        if name == "base":
            base = keys
            continue
        unknown = set(keys) - set(DEFAULTS)
        if unknown:
            raise BootError(f"[{name}] has unknown keys: {sorted(unknown)}")
        cases.append(Case(name, {**DEFAULTS, **keys}))
    return base, cases


# Groups whose cases are run by name, or with their group
LATER = {"campaign", "long"}


def choose(cases, args):
    known = {case.name for case in cases}
    unknown = [name for name in args.names if name not in known]
    if unknown:
        raise BootError("no such case: " + " ".join(unknown))
    if args.names:
        cases = [case for case in cases if case.name in args.names]
    elif not args.group:
        cases = [case for case in cases if not case.groups_set() & LATER]
    return [case for case in cases
            if not args.group or case.groups_set() & set(args.group)]
