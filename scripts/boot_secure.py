# SPDX-License-Identifier: MIT
"""Secure Boot in the boot cases, for scripts/boot: OVMF that verifies, and what it and
a locked-down kernel take, signed with the test key of Debian's package ovmf.

That key is public. It is in the variables of OVMF_VARS_4M.snakeoil.fd, as PK, KEK and
db, so Linux has it in its platform keyring. Debian's kernels verify modules with that
keyring, too (KEYS-Make-use-of-platform-keyring-for-module-signature.patch).
"""
import os
import shutil
import subprocess
from pathlib import Path

OVMF = Path("/usr/share/OVMF")
KEYS = Path("/usr/share/ovmf")
NAME = "PkKek-1-snakeoil"
PASSPHRASE = "snakeoil"
# the build's own variables say something else to the kernel's makefiles
OURS = ("O", "MAKEFLAGS", "MAKEOVERRIDES", "MFLAGS")


class Signer:
    """Signed copies, each made once, in a folder of their own."""

    def __init__(self, out, run):
        self.out = out / "signed"
        self.run = run
        self.out.mkdir(parents=True, exist_ok=True)
        self.cert = KEYS / f"{NAME}.pem"
        self.key = self.out / "key.pem"

    def ready(self):
        """The key without its passphrase, which sbsign would ask for."""
        if self.key.exists():
            return
        tmp = self.key.with_suffix(f".{os.getpid()}")
        self.run("openssl", "rsa", "-in", KEYS / f"{NAME}.key",
                 "-passin", f"pass:{PASSPHRASE}", "-out", tmp)
        tmp.rename(self.key)

    def foreign(self):
        """A key that nobody has enrolled, made for this build -> key, cert"""
        key, cert = self.out / "foreign.key", self.out / "foreign.pem"
        if not cert.exists():
            self.run("openssl", "req", "-new", "-x509", "-newkey", "rsa:2048",
                     "-nodes", "-days", "36500", "-subj", "/CN=nobody/",
                     "-keyout", key, "-out", cert)
        return key, cert

    def fresh(self, source, name):
        """-> (the copy's place, a temporary one; None: it is there already)"""
        self.ready()
        facts = source.stat()
        out = self.out / f"{name}-{facts.st_mtime_ns:x}-{facts.st_size:x}"
        return out, None if out.exists() \
            else out.with_suffix(f".{os.getpid()}")

    def image(self, source, foreign=False):
        """A PE image, signed by nobody else: kernels of Debian have its
        signature, which sbsign would keep."""
        key, cert = self.foreign() if foreign else (self.key, self.cert)
        out, tmp = self.fresh(source, "-".join(
            [source.name, source.parent.name] + ["foreign"] * foreign))
        if tmp:
            shutil.copyfile(source, tmp)
            while not subprocess.run(["sbattach", "--remove", tmp],
                                     stdout=subprocess.DEVNULL,
                                     stderr=subprocess.DEVNULL).returncode:
                pass
            self.run("sbsign", "--key", key, "--cert", cert,
                     "--output", tmp, tmp)
            tmp.rename(out)
        return out

    def module(self, source, folder):
        """A module, by the tool that belongs to the kernel of that folder."""
        out, tmp = self.fresh(source, f"{source.name}-{folder.name}")
        if tmp:
            tool = next(folder.glob("usr/lib/linux-kbuild*/scripts/sign-file"))
            shutil.copyfile(source, tmp)
            self.run(tool, "sha256", self.key, self.cert, tmp)
            tmp.rename(out)
        return out


def build_module(sources, folder, out, run):
    """baton_mem for the kernel whose headers are in folder/build."""
    out.mkdir(parents=True, exist_ok=True)
    for file in sorted(sources.iterdir()):
        if file.suffix in (".c", ".h") or file.name == "Kbuild":
            old = out / file.name
            if not old.exists() or old.read_bytes() != file.read_bytes():
                shutil.copyfile(file, old)
    unset = [word for name in OURS for word in ("-u", name)]
    run("env", *unset, "make", "-s", "-C", folder / "build", f"M={out}",
        "CONFIG_DEBUG_INFO_BTF_MODULES=", "modules")
    ko = out / "baton_mem.ko"
    run("strip", "--strip-debug", ko)
    return ko


def secure_flash(name, out):
    """OVMF with SMM, and variables that last as long as the case does."""
    variables = out / f"{name}.vars"
    shutil.copyfile(OVMF / "OVMF_VARS_4M.snakeoil.fd", variables)
    drive = "if=pflash,format=raw"
    return ["-global", "driver=cfi.pflash01,property=secure,value=on",
            "-drive", f"{drive},unit=0,readonly=on,"
                      f"file={OVMF}/OVMF_CODE_4M.secboot.fd",
            "-drive", f"{drive},unit=1,file={variables}"]
