# SPDX-License-Identifier: MIT
"""Signed files that tests/boot/cases.cfg names, for scripts/boot_images.py."""
from pathlib import Path

from boot_secure import REVOKED

MOKUTIL = Path("/usr/bin/mokutil")


def kvm_modules(builder):
    """The modules of kvm.cpio, signed, as an archive that goes over it."""
    args, inputs = ["--overlay"], []
    for version in ("6.1", "6.12"):
        folder = builder.module_folder(version)
        made = builder.out.parent / "kvm/work" / f"modules-{folder.name}"
        for ko in sorted(made.glob("*.ko")):
            inputs.append(builder.signer.module(ko, folder))
            args += ["--file", f"{inputs[-1]}="
                     f"/lib/modules/{folder.name}/{ko.name}"]
    return builder.make("signed-kvm", args, inputs)


def mok_values(builder):
    """What DKMS's key has signed, of the kernel 6.1, and its certificate."""
    build, folder = builder.out.parent, builder.module_folder("6.1")
    _, public, module = builder.signer.dkms(build, folder)
    return {"MOK_DOOR": builder.signer.mok_door(build, folder),
            "MOK_MODULE": module, "MOK_CERTIFICATE": public}


def signed_values(builder, text):
    """Those of the variables that are in the text."""
    build, signer, values = builder.out.parent, builder.signer, {}
    if "${SIGNED_DOOR}" in text:
        values["SIGNED_DOOR"] = signer.door(build)
    if "${MANIFEST_KEY}" in text:
        values["MANIFEST_KEY"] = signer.manifest_key()[0]
    if "${FOREIGN_" in text:
        values["FOREIGN_KEY"], pem = signer.pair("foreign")
        values["FOREIGN_CERTIFICATE"] = signer.der(pem)
    for name in ("foreign",) + REVOKED:
        if f"${{{name.upper()}_DOOR}}" in text:
            values[f"{name.upper()}_DOOR"] = signer.other_door(build, name)
    if "${MOK_" in text:
        values.update(mok_values(builder))
    if "${MOKUTIL}" in text:
        values["MOKUTIL"] = builder.make("mokutil", [
            "--overlay", "--bin", f"{MOKUTIL}={MOKUTIL}"], [MOKUTIL])
    if "${SIGNED_KVM}" in text:
        values["SIGNED_KVM"] = kvm_modules(builder)
    return values
