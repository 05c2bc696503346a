# SPDX-License-Identifier: MIT
"""A TPM 2.0 for scripts/boot: swtpm, as long as the case lasts. Its state begins
empty; a machine that is started again (`inject = power`) has the same one."""
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from boot_images import BootError

WAIT = 20           # seconds until it listens


class Tpm:
    def __init__(self):
        if not shutil.which("swtpm"):
            raise BootError("no swtpm: run scripts/setup")
        self.dir = Path(tempfile.mkdtemp(prefix="baton-tpm-"))
        self.socket = self.dir / "control"
        # setpriv: should this runner be killed, it goes, too
        self.swtpm = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "swtpm", "socket", "--tpm2",
             "--tpmstate", f"dir={self.dir}",
             "--ctrl", f"type=unixio,path={self.socket}"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)

    def options(self):
        end = time.monotonic() + WAIT
        while not self.socket.exists():
            if self.swtpm.poll() is not None or time.monotonic() > end:
                raise BootError("swtpm does not start")
            time.sleep(0.05)
        return ["-chardev", f"socket,id=tpm,path={self.socket}",
                "-tpmdev", "emulator,id=tpm0,chardev=tpm",
                "-device", "tpm-crb,tpmdev=tpm0"]

    def close(self):
        self.swtpm.kill()
        self.swtpm.wait()
        shutil.rmtree(self.dir, ignore_errors=True)
