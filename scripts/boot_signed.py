# SPDX-License-Identifier: MIT
"""Signed files that tests/boot/cases.cfg names, for scripts/boot_images.py."""
from pathlib import Path

from boot_secure import REVOKED

MOKUTIL = Path("/usr/bin/mokutil")


def mok_values(builder):
    """The module that DKMS has signed, of the kernel 6.1, and its certificate."""
    public, module = builder.signer.dkms(builder.out.parent,
                                         builder.module_folder("6.1"))
    return {"MOK_MODULE": module, "MOK_CERTIFICATE": public}


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
    return values
