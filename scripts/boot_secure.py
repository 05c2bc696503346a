# SPDX-License-Identifier: MIT
"""Secure Boot in the boot cases, for scripts/boot: OVMF that verifies, and what it and
a locked-down kernel take, signed with the test key of Debian's package ovmf.

That key is public. It is in the variables of OVMF_VARS_4M.snakeoil.fd, as PK, KEK and
db, so Linux has it in its platform keyring. Debian's kernels verify modules with that
keyring, too (KEYS-Make-use-of-platform-keyring-for-module-signature.patch).

Four more certificates are in db, each of a door that is revoked in another way: dbx has
the certificate itself, the digest of it with a time or without, or that of the image
(boot_efivars.py).
"""
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import boot_efivars

ROOT = Path(__file__).resolve().parent.parent
OVMF = Path("/usr/share/OVMF")
KEYS = Path("/usr/share/ovmf")
NAME = "PkKek-1-snakeoil"
PASSPHRASE = "snakeoil"
# by what in dbx: their certificate, its digest and a time, that alone, their own
REVOKED = ("certificate", "timed", "digest", "image")
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

    def dkms(self, build, folder):
        """What DKMS makes for the kernel of that folder -> mok.key, mok.pub, and
        baton_mem.ko, which it signs with them."""
        out = self.out / f"dkms-{folder.name}"
        sources = sorted((build / "module").iterdir())
        if not out.exists() or any(
                file.stat().st_mtime > out.stat().st_mtime for file in sources):
            self.run(ROOT / "scripts/mkdkms", build / "module", folder, out)
        return out / "mok.key", out / "mok.pub", out / "baton_mem.ko"

    def mok_door(self, build, folder):
        """The door, signed by the key of DKMS, which is nowhere but in MOK."""
        key, public, _ = self.dkms(build, folder)
        pem = public.with_suffix(".pem")
        self.run("openssl", "x509", "-inform", "DER", "-in", public,
                 "-out", pem)
        out = public.with_suffix(".kexec")
        self.run("sbsign", "--key", key, "--cert", pem, "--output", out,
                 self.trusting(build, 5))
        return out

    def pair(self, name):
        """A key made for this build -> key, cert. `foreign`: nobody has enrolled
        it."""
        key, cert = self.out / f"{name}.key", self.out / f"{name}.pem"
        if not cert.exists():
            tmp = cert.with_suffix(f".{os.getpid()}")
            self.run("openssl", "req", "-new", "-x509", "-newkey", "rsa:2048",
                     "-nodes", "-days", "36500", "-subj", f"/CN={name}/",
                     "-keyout", key, "-out", tmp)
            tmp.rename(cert)
        return key, cert

    def der(self, pem):
        """A certificate as mokutil takes it."""
        out = pem.with_suffix(".der")
        out.write_bytes(boot_efivars.der(pem))
        return out

    def manifest_key(self):
        """-> the private half of what signed doors have in them, its public one"""
        key, public = self.out / "manifest.key", self.out / "manifest.pub"
        if not public.exists():
            tmp = public.with_suffix(f".{os.getpid()}")
            self.run("openssl", "genrsa", "-out", key, "3072")
            self.run("openssl", "rsa", "-in", key, "-pubout", "-out", tmp)
            tmp.rename(public)
        return key, public

    def trusting(self, build, least):
        """baton.kexec with that key, manifests from version `least` on."""
        source = build / "stub/baton.kexec"
        out, tmp = self.fresh(source, f"trusting-{least}")
        if tmp:
            self.run(build / "loader/baton", "sign", source, "--trust",
                     self.manifest_key()[1], "--least", str(least), "-o", tmp)
            tmp.rename(out)
        return out

    def door(self, build, by=None, least=5):
        """The same, signed."""
        return self.image(self.trusting(build, least), by)

    def other_door(self, build, by):
        """One that is not trusted. A digest of an image is that of all of its
        signed copies: so the one that is revoked by it is an image of its own."""
        return self.door(build, by, 6 if by == REVOKED[3] else 5)

    def fresh(self, source, name):
        """-> (the copy's place, a temporary one; None: it is there already)"""
        self.ready()
        facts = source.stat()
        out = self.out / f"{name}-{facts.st_mtime_ns:x}-{facts.st_size:x}"
        return out, None if out.exists() \
            else out.with_suffix(f".{os.getpid()}")

    def image(self, source, by=None):
        """A PE image, signed by nobody else (`by`: another pair): kernels of
        Debian have its signature, which sbsign would keep."""
        key, cert = self.pair(by) if by else (self.key, self.cert)
        out, tmp = self.fresh(source, "-".join(
            [source.name, source.parent.name] + [by] * bool(by)))
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
        """A module, by the tool that belongs to the kernel of that folder. One of
        scripts/build-linux has none: it asks for no signature."""
        out, tmp = self.fresh(source, f"{source.name}-{folder.name}")
        tool = next(folder.glob("usr/lib/linux-kbuild*/scripts/sign-file"), None)
        if not tool:
            return source
        if tmp:
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


def revoke(flash, signer, build):
    """db and dbx of a store of variables, for revoked copies of the door."""
    certs = [boot_efivars.der(signer.pair(name)[1]) for name in REVOKED]
    image = signer.other_door(build, REVOKED[3]).read_bytes()
    store = boot_efivars.Store(flash.read_bytes())
    for cert in certs:
        store.append("db", boot_efivars.X509, cert)
    store.append("dbx", boot_efivars.X509, certs[0])
    # of what its signature is over; as UEFI has it, from a time on (0: always)
    for cert, time in (certs[1], bytes(16)), (certs[2], b""):
        store.append("dbx", boot_efivars.X509_SHA256, hashlib.sha256(
            boot_efivars.tbs(cert)).digest() + time)
    store.append("dbx", boot_efivars.SHA256, boot_efivars.pe_digest(image))
    flash.write_bytes(store.bytes)


def enrol(flash, cert):
    """What shim and MokManager leave of an enrolled certificate: the list that a
    kernel reads. (shim makes it anew at each boot; here it is just there.)"""
    store = boot_efivars.Store(flash.read_bytes())
    store.add("MokListRT", boot_efivars.SHIM,
              boot_efivars.signature_list(boot_efivars.X509, cert))
    flash.write_bytes(store.bytes)


def secure_flash(name, out, signer, mok=None):
    """OVMF with SMM, and variables that last as long as the case does. `mok`: a
    certificate (DER) that is enrolled."""
    variables = out / f"{name}.vars"
    shutil.copyfile(OVMF / "OVMF_VARS_4M.snakeoil.fd", variables)
    revoke(variables, signer, out.parent)
    if mok:
        enrol(variables, mok.read_bytes())
    drive = "if=pflash,format=raw"
    return ["-global", "driver=cfi.pflash01,property=secure,value=on",
            "-drive", f"{drive},unit=0,readonly=on,"
                      f"file={OVMF}/OVMF_CODE_4M.secboot.fd",
            "-drive", f"{drive},unit=1,file={variables}"]
