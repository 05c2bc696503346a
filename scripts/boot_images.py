# SPDX-License-Identifier: MIT
"""The kernels and initrds of the boot cases, for scripts/boot.

An initrd is the base (busybox, the cases, the programs under test) and after it
an archive with /images and /files, so that a case can start the next kernel
without a disk. Each is made once, by scripts/mkinitrd, and kept under $O/boot.
"""
import hashlib
import json
import gzip
import lzma
import os
import re
import shutil
import subprocess
from pathlib import Path
from string import Template

from boot_qmp import newer_qemu
from boot_secure import Signer, build_module, secure_flash
from boot_early import reads_early
from boot_signed import mok_values, signed_values

ROOT = Path(__file__).resolve().parent.parent


XEN = "4.17"    # scripts/fetch-xen's own, with a kernel for dom0
XEN_TOOLS = {   # of scripts/fetch-xen, and where they are in a dom0
    "bin/xl": "/usr/sbin/xl",
    "bin/libxl-save-helper": "/usr/lib/xen-{}/bin/libxl-save-helper",
    "bin/xenstored": "/usr/sbin/xenstored",
    "bin/xenconsoled": "/usr/sbin/xenconsoled",
    "bin/xen-init-dom0": "/usr/sbin/xen-init-dom0",
    "bin/xenstore": "/usr/bin/xenstore",
}
# runs a Python program on a file, and prints what it has loaded
USED_MODULES = """
import runpy, sys
sys.argv = sys.argv[1:2] + ["-f", "xl", "-i", sys.argv[2]]
try:
    runpy.run_path(sys.argv[0], run_name="__main__")
except SystemExit as end:
    if end.code:
        raise
import encodings.ascii, encodings.latin_1, encodings.utf_8
for m in list(sys.modules.values()):
    if getattr(m, "__file__", None):
        print(m.__file__)
"""
LIBGCC = Path("/lib/x86_64-linux-gnu/libgcc_s.so.1")
LINKER = Path("/lib64/ld-linux-x86-64.so.2")
OVMF = Path("/usr/share/OVMF")
DISK_UUID = "ba700000-0000-4000-8000-000000000001"  # of scripts/mkdisk's root


class BootError(Exception):
    """A mistake in the table or something missing: nothing can be run."""


class NoTrial(BootError):
    """A made-up host that baton itself refuses: nothing to be looked at."""


NO_TRIAL = 77       # how a tool says so


def run(*command):
    """A tool that must succeed; what it says, if it does not."""
    done = subprocess.run([str(word) for word in command], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode == NO_TRIAL:
        raise NoTrial(done.stdout[-2000:])
    if done.returncode:
        raise BootError(f"{command[0]}: {done.stdout[-2000:]}")


def lines(text):
    return [line.strip() for line in text.splitlines() if line.strip()]


def named(words):
    """A file name for what these words make"""
    return hashlib.sha256(" ".join(words).encode()).hexdigest()[:12]


class Builder:
    """Kernels and initrds, each made once and kept under $O/boot."""

    def __init__(self, out, bins, files):
        self.out = out
        self.bins = bins
        self.files = files
        self.kernels = {}
        self.xen = {}
        self.disks = {}
        self.made = set()
        self.signer = Signer(out, run)

    def expand(self, text):
        """Text of the table with its variables expanded."""
        values = {"O": self.out.parent.absolute(),
                  "IRON": ROOT / "tests/boot/iron.qemu"}
        if "${XEN_GUEST}" in text:
            values["XEN_GUEST"] = self.kernel("6.1")
        for name, version in (("XEN", XEN), ("XEN_4_20", "4.20")):
            if f"${{{name}}}" in text:
                values[name] = self.xen_folder(version)
            if f"${{{name}_TOOLS}}" in text:
                values[f"{name}_TOOLS"] = self.xen_tools(version)
            if f"${{{name}_BATON}}" in text:
                values[f"{name}_BATON"] = self.xen_built(version)
        if "${XEN_LIVEPATCH}" in text:
            values["XEN_LIVEPATCH"] = self.xen_livepatch()
        if "${DEBS}" in text:
            values["DEBS"] = self.debs()
        if "${LIBVIRT_13}" in text:
            values["LIBVIRT_13"] = self.disk("debian-libvirt-13")
        if "${VERSION}" in text:
            values["VERSION"] = re.search(r"^VERSION := (.*)$", (
                ROOT / "Makefile").read_text(), re.M).group(1)
        if "${BASE}" in text:
            values["BASE"] = self.base()
        if "${XEN_QEMU}" in text:
            values["XEN_QEMU"] = self.xen_qemu()
        values.update(signed_values(self, text))
        if "${XEN_VERIFY}" in text:
            values["XEN_VERIFY"] = self.xen_verify()
        return Template(text).safe_substitute(values)

    def path(self, name):
        """A file name of the table, relative to the root."""
        return ROOT / self.expand(name)

    def xen_folder(self, version=XEN):
        if version not in self.xen:
            run = subprocess.run([ROOT / "scripts/fetch-xen", version],
                                 stdout=subprocess.PIPE, text=True)
            if run.returncode:
                raise BootError(f"no Xen {version}")
            self.xen[version] = Path(run.stdout.strip())
        return self.xen[version]

    def debs(self):
        """Packages that a host installs, an image"""
        run = subprocess.run([ROOT / "scripts/fetch-debs"],
                             stdout=subprocess.PIPE, text=True)
        if run.returncode:
            raise BootError("packages for a host could not be fetched")
        return Path(run.stdout.strip())

    def xen_built(self, version):
        """A Xen that gives kept guests their frames: minutes, the first time"""
        key = f"built-{version}"
        if key not in self.xen:
            run = subprocess.run([ROOT / "scripts/build-xen", version],
                                 stdout=subprocess.PIPE, text=True,
                                 env={**os.environ, "O": str(self.out.parent)})
            if run.returncode:
                raise BootError(f"Xen {version} could not be built")
            self.xen[key] = Path(run.stdout.strip())
        return self.xen[key]

    def xen_livepatch(self):
        """Debian's Xen, and a livepatch for it: minutes, the first time"""
        if "livepatch" not in self.xen:
            run = subprocess.run([ROOT / "scripts/build-xen-livepatch", XEN],
                                 stdout=subprocess.PIPE, text=True)
            if run.returncode:
                raise BootError("no livepatch for Xen could be built")
            self.xen["livepatch"] = Path(run.stdout.strip())
        return self.xen["livepatch"]

    def xen_plain(self, version):
        """That of scripts/build-xen, as QEMU starts it: not compressed."""
        built = self.xen_built(version) / "xen.gz"
        plain = self.out / f"xen-{version}-baton"
        plain.write_bytes(gzip.decompress(built.read_bytes()))
        return plain

    def xen_tools(self, version):
        """Xen's tools with their libraries, at their places, as an archive"""
        xen = self.xen_folder(version)
        args, inputs = ["--overlay"], []
        # those of another release come with all that they link
        option = "--bin" if version == XEN else "--file"
        for name, dest in XEN_TOOLS.items():
            args += [option, f"{xen / name}={dest.format(version)}"]
            inputs.append(xen / name)
        if version == XEN:
            # xl loads it at its end, for pthread_cancel()
            args += ["--file", f"{LIBGCC}={LIBGCC}"]
        else:
            for lib in sorted((xen / "lib").iterdir()):
                folder = LINKER if lib.name == LINKER.name else LIBGCC
                args += ["--file", f"{lib}={folder.parent / lib.name}"]
                inputs.append(lib)
        for ko in sorted((self.xen_folder() / "modules").iterdir()):
            args += ["--file", f"{ko}=/lib/modules/{ko.name}"]
            inputs.append(ko)
        return self.make(f"xen-tools-{version}", args, inputs)

    def xen_qemu(self):
        """The device model of HVM guests, at its places in a dom0"""
        run = subprocess.run([ROOT / "scripts/fetch-qemu", "--xen"],
                             stdout=subprocess.PIPE, text=True)
        if run.returncode:
            raise BootError("no device model for Xen")
        qemu = Path(run.stdout.strip())
        dest = "/usr/libexec/xen-qemu-system-i386"
        args = ["--overlay", "--bin", f"{qemu / 'bin' / Path(dest).name}={dest}",
                "--file", f"{qemu / 'bin/hvmloader'}"
                f"=/usr/lib/xen-{XEN}/boot/hvmloader"]
        for file in sorted((qemu / "share").rglob("*")):
            name = file.relative_to(qemu / "share")
            folder = "seabios" if name.name.startswith("bios") else "qemu"
            if file.is_file():
                args += ["--file", f"{file}=/usr/share/{folder}/{name}"]
        return self.make("xen-qemu", args, [qemu / "bin" / Path(dest).name])

    def xen_verify(self):
        """Xen's checker of streams, with the Python it needs"""
        xen = self.xen_folder()
        tool = xen / "bin/verify-stream-v2"
        run = subprocess.run(
            ["/usr/bin/python3", "-S", "-c", USED_MODULES, tool,
             ROOT / "tests/fuzz/seeds/xl-save"],
            stdout=subprocess.PIPE, text=True,
            env={"PYTHONPATH": str(xen / "python")})
        if run.returncode:
            raise BootError("verify-stream-v2 does not run here")
        args = ["--overlay", "--bin", "/usr/bin/python3=/usr/bin/python3",
                "--file", f"{tool}=/usr/bin/verify-stream-v2"]
        for file in lines(run.stdout):
            dest = file.replace(str(xen / "python"), "/usr/lib/python3.11")
            args += ["--file", f"{file}={dest}"]
        return self.make("xen-verify", args, [tool])

    def built(self, config):
        """A Linux that Debian has not: up to half an hour, the first time"""
        run = subprocess.run([ROOT / "scripts/build-linux", ROOT / config],
                             stdout=subprocess.PIPE, text=True)
        if run.returncode:
            raise BootError(f"no kernel by {config}")
        return Path(run.stdout.strip())

    def early_kernel(self, name):
        out = self.out / f"vmlinuz-{name}"
        try:
            image = reads_early(self.kernel(name.removesuffix("-early")).read_bytes())
        except ValueError as e:
            raise BootError(f"kernel {name}: {e}") from e
        if not out.exists() or out.read_bytes() != image:
            out.write_bytes(image)
        return out

    def kernel(self, name):
        if name not in self.kernels:
            if name.endswith("-early"):
                self.kernels[name] = self.early_kernel(name)
            elif name.endswith(".config"):
                self.kernels[name] = self.built(name) / "vmlinuz"
            elif "/" in name:
                self.kernels[name] = self.path(name)
            else:
                run = subprocess.run([ROOT / "scripts/fetch-kernel", name],
                                     stdout=subprocess.PIPE, text=True)
                if run.returncode:
                    raise BootError(f"no kernel {name}")
                self.kernels[name] = Path(run.stdout.strip()) / "vmlinuz"
        if not self.kernels[name].is_file():
            raise BootError(f"no kernel file {self.kernels[name]}")
        return self.kernels[name]

    def pairs(self, items, prefix=""):
        """HOST=DEST lines -> (Path, dest)."""
        for item in items:
            host, _, dest = item.partition("=")
            path = self.path(host)
            yield path, dest or prefix + path.name

    def base(self):
        args, inputs, absent = [], [], []
        for option, items in (("--bin", self.bins), ("--file", self.files)):
            for host, dest in self.pairs(items, "/"):
                if host.is_file():
                    args += [option, f"{host}={dest}"]
                    inputs.append(host)
                else:
                    absent.append(str(host))
        if absent and "base" not in self.made:
            print("boot: not built, left out of the initrd:", *absent)
        inputs += [ROOT / "scripts/mkinitrd", ROOT / "tests/boot/init"]
        inputs += sorted((ROOT / "tests/boot/cases").glob("*.sh"))
        return self.make("base", args, inputs)

    def disk(self, name):
        """Debian's disk of scripts/mkdisk, or that of a Xen host"""
        options = {"debian": [], "debian-xen": ["xen"],
                   "debian-libvirt": ["libvirt"],
                   "debian-libvirt-13": ["libvirt-13"],
                   "debian-fleet": ["fleet"]}
        if name not in options:
            raise BootError(f"no disk {name}")
        if name not in self.disks:
            run = subprocess.run([ROOT / "scripts/mkdisk", *options[name]],
                                 stdout=subprocess.PIPE, text=True)
            if run.returncode:
                raise BootError(f"disk {name} could not be made")
            self.disks[name] = Path(run.stdout.strip())
        return self.disks[name]

    def overlay(self, name, disk):
        """A case's own disk over Debian's, new for each run"""
        path = self.out / f"{name}.qcow2"
        subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2",
                        "-b", self.disk(disk), path], check=True)
        return path

    def disk_files(self, words, files):
        """What a case adds to it: the programs that are built here, the cases
        with their options, and /files"""
        options = self.out / "options" / (named(words) + ".txt")
        options.parent.mkdir(exist_ok=True)
        options.write_text(" ".join(words) + "\n")
        cases = sorted((ROOT / "tests/boot/cases").glob("*.sh"))
        pairs = [(host, dest) for host, dest in self.pairs(self.bins)
                 if host.is_relative_to(self.out.parent) and host.is_file()]
        pairs += [(ROOT / "tests/boot/disk-run", "/cases/run")]
        pairs += [(case, f"/cases/{case.name}") for case in cases]
        pairs += [(options, "/cases/options")]
        pairs += [(host, dest)
                  for host, dest in self.pairs(self.files, "/")]
        pairs += [(host, f"/files/{name}")
                  for host, name in self.pairs(files)]
        args = ["--overlay"]
        for host, dest in pairs:
            if not host.is_file():
                raise BootError(f"no file {host}")
            args += ["--file", f"{host}={dest}"]
        return self.make(named(args), args, [host for host, _ in pairs])

    def elf(self, name, words):
        """A loaded stub as a file that QEMU starts, by tests/boot/elf."""
        out = self.out / f"{name}.elf"
        run(ROOT / "tests/boot/elf", *map(self.expand, words), out)
        return out

    def cold(self, name, options):
        """A cold blob."""
        out = self.out / f"{name}.cold"
        run(self.path("${O}/loader/baton"), "pack", "--cold", *options,
            "-o", out)
        return out

    def signed_kernel(self, name):
        """The same, which OVMF takes with Secure Boot on."""
        return self.signer.image(self.kernel(name))

    def baton_mem(self, folder):
        """Our own module for a kernel of scripts/fetch-modules, signed"""
        key = f"baton_mem-{folder.name}"
        ko = build_module(self.out.parent / "module", folder,
                          self.out / key, run)
        return self.signer.module(ko, folder)

    def module_folder(self, version):
        """A kernel's modules, and what is needed to build others; its name is
        the release."""
        if version.endswith(".config"):
            folder = self.built(version)
            return folder / (folder / "release").read_text().strip()
        done = subprocess.run([ROOT / "scripts/fetch-modules", version],
                              stdout=subprocess.PIPE, text=True)
        if done.returncode:
            raise BootError(f"no modules of {version}")
        return Path(done.stdout.strip())

    def modules(self, versions, names):
        """HOST=DEST lines of these modules of those kernels. One with a ? behind it may
        be part of a kernel's image, or not be known to it."""
        found = []
        for version in sorted(versions) if names else []:
            folder = self.module_folder(version)
            for name in names:
                if name == "baton_mem":
                    found.append(f"{self.baton_mem(folder)}="
                                 f"{folder.name}-{name}.ko")
                    continue
                ko = next(folder.rglob(f"{name.rstrip('?')}.ko*"), None)
                if not ko and name.endswith("?"):
                    continue
                name = name.rstrip("?")
                if not ko:
                    raise BootError(f"no module {name} of {version}")
                dest = f"{folder.name}-{name}.ko"
                if ko.suffix == ".xz":      # busybox does not unpack it
                    plain = self.out / dest
                    plain.write_bytes(lzma.decompress(ko.read_bytes()))
                    ko = plain
                found.append(f"{ko}={dest}")
        return found

    def qemu(self, newer):
        """The program, this machine's or that of scripts/fetch-qemu, and where its
        firmware is."""
        if not newer:
            return ["qemu-system-x86_64"]
        try:
            return newer_qemu()
        except subprocess.CalledProcessError as e:
            raise BootError("no newer QEMU") from e

    def uefi(self, name, firmware):
        """OVMF, with variables that last as long as the case does."""
        if firmware == "mok":
            return secure_flash(name, self.out, self.signer,
                                mok_values(self)["MOK_CERTIFICATE"])
        if firmware == "secure":
            return secure_flash(name, self.out, self.signer)
        out = self.out / f"{name}.vars"
        shutil.copyfile(OVMF / "OVMF_VARS_4M.fd", out)
        flash = "if=pflash,format=raw"
        return ["-drive", f"{flash},unit=0,readonly=on,"
                          f"file={OVMF}/OVMF_CODE_4M.fd",
                "-drive", f"{flash},unit=1,file={out}"]

    def grub(self, version, platform):
        """grub-mkrescue: this machine's, for BIOS and EFI, or that of another
        version for one of them."""
        if not version:
            return ["grub-mkrescue"]
        run = subprocess.run([ROOT / "scripts/fetch-grub", version],
                             stdout=subprocess.PIPE, text=True)
        if run.returncode:
            raise BootError(f"no GRUB {version}")
        folder = Path(run.stdout.strip())
        return [folder / "lib" / LINKER.name, "--library-path",
                folder / "lib", folder / "bin/grub-mkrescue",
                "--directory", folder / platform]

    def grub_cd(self, name, mkrescue, files, commands):
        """A CD with these files (name: where it is), on which GRUB does the
        commands."""
        tree, out = self.out / f"{name}.cd.d", self.out / f"{name}.iso"
        (tree / "boot/grub").mkdir(parents=True, exist_ok=True)
        for dest, source in files.items():
            shutil.copyfile(source, tree / dest)
        (tree / "boot/grub/grub.cfg").write_text(
            "serial --unit=0 --speed=115200\nterminal_output serial\n"
            "if [ $grub_platform = efi ]; then insmod all_video; fi\n"
            + "\n".join(commands) + "\nboot\n")
        run(*mkrescue, "-o", out, tree)
        shutil.rmtree(tree)
        return out

    def initrd(self, kernel, new_kernel, files):
        """base + /images/{vmlinuz,vmlinuz-old,base.cpio} + /files/*;
        without kernels under Xen, whose cases name theirs"""
        base = self.base()
        pairs = [(base, "/images/base.cpio")]
        if kernel:
            pairs += [(self.kernel(new_kernel), "/images/vmlinuz"),
                      (self.kernel(kernel), "/images/vmlinuz-old")]
        for host, name in self.pairs(files):
            if not host.is_file():
                raise BootError(f"no file {host}")
            pairs.append((host, f"/files/{name}"))
        args = ["--overlay"]
        for host, dest in pairs:
            args += ["--file", f"{host}={dest}"]
        return self.make(named(args), args, [host for host, _ in pairs], base)

    def make(self, name, args, inputs, first=None):
        """Run mkinitrd, after the archive `first`, if an input has changed."""
        out = self.out / "initrd" / f"{name}.cpio"
        if name in self.made:
            return out
        stamp = out.with_suffix(".stamp")
        facts = [args] + [(str(p), p.stat().st_mtime_ns, p.stat().st_size)
                          for p in inputs]
        facts = json.dumps(facts)
        if not (out.exists() and stamp.exists()
                and stamp.read_text() == facts):
            out.parent.mkdir(parents=True, exist_ok=True)
            tmp = out.with_suffix(f".{os.getpid()}")
            run = subprocess.run([ROOT / "scripts/mkinitrd", *args, tmp])
            if run.returncode:
                raise BootError(f"initrd {name} could not be made")
            if first:   # both are padded to 512 bytes by cpio
                tmp.write_bytes(first.read_bytes() + tmp.read_bytes())
            tmp.rename(out)
            stamp.write_text(facts)
        self.made.add(name)
        return out
