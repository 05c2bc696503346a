# SPDX-License-Identifier: MIT
"""The kernels and initrds of the boot cases, for scripts/boot.

An initrd is the base (busybox, the cases, the programs under test) and after it
an archive with /images and /files, so that a case can start the next kernel
without a disk. Each is made once, by scripts/mkinitrd, and kept under $O/boot.
"""
import hashlib
import json
import os
import subprocess
from pathlib import Path
from string import Template

ROOT = Path(__file__).resolve().parent.parent


class BootError(Exception):
    """A mistake in the table or something missing: nothing can be run."""


def lines(text):
    return [line.strip() for line in text.splitlines() if line.strip()]


class Builder:
    """Kernels and initrds, each made once and kept under $O/boot."""

    def __init__(self, out, bins, files):
        self.out = out
        self.bins = bins
        self.files = files
        self.kernels = {}
        self.made = set()

    def expand(self, text):
        """${O} of the table."""
        return Template(text).safe_substitute(O=self.out.parent)

    def path(self, name):
        """A file name of the table: ${O} expanded, relative to the root."""
        return ROOT / self.expand(name)

    def kernel(self, name):
        if name not in self.kernels:
            if "/" in name:
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
            yield self.path(host), dest or prefix + os.path.basename(host)

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

    def initrd(self, kernel, new_kernel, files):
        """base + /images/{vmlinuz,vmlinuz-old,base.cpio} + /files/*"""
        base = self.base()
        pairs = [(self.kernel(new_kernel), "/images/vmlinuz"),
                 (self.kernel(kernel), "/images/vmlinuz-old"),
                 (base, "/images/base.cpio")]
        for host, name in self.pairs(files):
            if not host.is_file():
                raise BootError(f"no file {host}")
            pairs.append((host, f"/files/{name}"))
        args = ["--overlay"]
        for host, dest in pairs:
            args += ["--file", f"{host}={dest}"]
        name = hashlib.sha256(" ".join(args).encode()).hexdigest()[:12]
        return self.make(name, args, [host for host, _ in pairs], base)

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
