# SPDX-License-Identifier: MIT
"""One run of a boot case, for scripts/boot: QEMU and what stands beside it, from
its start to a verdict."""
import codecs
import re
import shlex
import subprocess
import sys
import time

from boot_flood import Flood
from boot_frames import Frames
from boot_guests import Guests
from boot_images import lines
from boot_tpm import Tpm

FORBIDDEN = [r"Kernel panic", r"BUG:", r"Oops", r"general protection",
             r"[Tt]riple fault", r"^bad: ", r"Panic on CPU"]
GRACE = 2           # seconds of console after a forbidden line
INJECT_AT = "baton-stub: waiting\n"


class Run:
    """One case: what it needs is built, then begin(); and its verdict."""

    def __init__(self, case, builder, args):
        self.case = case
        self.log = builder.out / f"{case.name}.log"
        self.trace = builder.out / f"{case.name}.qemu"
        self.show = args.show
        self.text = ""
        self.size = self.shown = 0
        self.decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self.looked = 0         # so much of the text has nothing forbidden
        self.to_inject = case.inject.split()
        self.verdict = self.why = None
        self.log.write_bytes(b"")
        self.trace.write_bytes(b"")
        self.frames = None
        if case.frames or case.inject:
            self.frames = Frames(builder.path("${O}/test-images/holder"),
                                 case.preload_extents())
        self.guests = Guests(self.log, int(case.guests))
        self.tpm = Tpm() if case.tpm else None
        self.flood = Flood() if case.flood else None
        self.cmd = case.command(builder, self.log, self.trace, self.frames,
                                self.guests)
        if self.tpm:
            self.cmd += self.tpm.options()
        if self.flood:
            self.cmd += self.flood.options()
        self.verbose = args.verbose
        self.patience = args.patience

    def begin(self):
        if self.verbose:
            print(shlex.join(self.cmd))
        self.start = time.monotonic()
        self.deadline = self.start + float(self.case.timeout) * self.patience
        self.power_on()

    def power_on(self):
        self.qemu = subprocess.Popen(self.cmd, stdin=subprocess.DEVNULL,
                                     stdout=subprocess.DEVNULL,
                                     stderr=self.trace.open("ab"))

    def inject(self):
        """What is to happen at the stub's next wait, if it waits."""
        waits = len(self.case.inject.split()) - len(self.to_inject) + 1
        if not self.to_inject or self.text.count(INJECT_AT) < waits:
            return
        what = self.to_inject.pop(0)
        if what != "power":
            self.frames.inject(what)
            return
        self.qemu.kill()
        self.qemu.wait()
        self.frames.hang_up()
        self.power_on()

    def read(self):
        """What is new on the console: a campaign's is long."""
        with self.log.open("rb") as file:
            file.seek(self.size)
            data = file.read()
        self.size += len(data)
        self.text += self.decoder.decode(data).replace("\r", "")
        self.guests.read()
        if self.show:
            sys.stdout.write(self.text[self.shown:])
            sys.stdout.flush()
            self.shown = len(self.text)

    def close(self):
        if self.frames:
            self.frames.close()
        if self.tpm:
            self.tpm.close()
        if self.flood:
            self.flood.close()

    def kill(self):
        if self.qemu.poll() is None:
            self.qemu.kill()
            self.qemu.wait()
        self.close()

    def poll(self):
        """True when the case is over."""
        status = self.qemu.poll()       # before the console is read
        self.read()
        now = time.monotonic()
        if status is None and self.forbidden():
            self.deadline = min(self.deadline, now + GRACE)
        late = status is None and now >= self.deadline
        if status is None:
            self.inject()
        if status is None and self.case.compares_frames():
            self.frames.take(self.text)
        halted = status is None and self.halted()
        if status is None and self.frames and self.frames.ended():
            status = 0
        if status is None and not late and not halted:
            return False
        self.read()
        self.standing = self.look_at_cpus() if late else ""
        kept, changed = self.look_at_frames()
        self.kill()
        self.read()
        self.seconds = now - self.start
        self.verdict, self.why = self.judge(status, late)
        wrong = self.guests.judge()
        if self.verdict == "success" and wrong:
            self.verdict, self.why = "failure", wrong
        elif self.guests.logs and self.verdict == "success":
            self.why += self.guests.summary()
        if self.verdict == "success" and changed:
            self.verdict, self.why = "failure", changed
        elif self.case.frames and self.verdict == "success":
            self.why += f" {kept}"
        return True

    def look_at_cpus(self):
        """Where the CPUs of a machine stand that does not end."""
        if not self.frames:
            return ""
        try:
            where, all_of_it = self.frames.standing()
        except (OSError, ValueError) as error:
            return f"; monitor: {error}"
        with self.trace.open("a") as trace:
            trace.write(all_of_it)
        return f"; {where}"

    def look_at_frames(self):
        """-> (frames that are as they were, None) or (0, why not)"""
        if not self.case.frames:
            return 0, None
        if not self.case.compares_frames():
            return self.frames.check(self.text)
        if self.case.frames == "changed":
            return self.frames.changed(self.text)
        return self.frames.compare(self.text,
                                   self.case.frames_that_may_change())

    def halted(self):
        kind, _, regex = self.case.end.partition(":")
        return (kind == "halted" and self.missing() is None
                and (not self.case.wants_verdict() or self.said())
                and re.search(regex, self.text, re.M) is not None)

    def forbidden(self):
        """The first line that must not be there, or None."""
        allowed = lines(self.case.allow)
        for regex in FORBIDDEN + lines(self.case.forbid):
            regex = re.compile(regex, re.M)
            for match in regex.finditer(self.text, self.looked):
                start = self.text.rfind("\n", 0, match.start()) + 1
                line = self.text[start:].split("\n", 1)[0]
                if not any(re.search(a, line) for a in allowed):
                    return line.strip()
        self.looked = self.text.rfind("\n") + 1
        return None

    def missing(self):
        """The first regex of `expect` that is not there in its turn."""
        at = 0
        for regex in lines(self.case.expect):
            match = re.compile(regex, re.M).search(self.text, at)
            if not match:
                return regex
            at = match.end()
        return None

    def said(self):
        """The guest's own verdict line: (verdict, text) or None."""
        return (re.findall(rf"verdict: {re.escape(self.case.name)} "
                           r"(success|failure|skip|error)\b ?(.*)\n",
                           self.text) or [None])[-1]

    def judge(self, status, late):
        """What the console and QEMU's end amount to: (verdict, why)."""
        end, _, wanted = self.case.end.partition(":")
        said = self.said()
        line = self.forbidden()
        if line:
            return "failure", f"forbidden on the console: {line}"
        if said and said[0] != "success":
            return said
        if late:
            last = (lines(self.text) or ["nothing on the console"])[-1]
            return "error", f"timeout; last: {last}{self.standing}"
        if end == "exitcode" and status != int(wanted):
            return "failure", f"QEMU's exit code is {status}, not {wanted}"
        if end == "halted" and status is not None:
            return "error", f"QEMU ended by itself (exit code {status})"
        if end == "poweroff":
            trace = self.trace.read_text(errors="replace")
            # a disk's Linux may reboot by one; a wrong one is a wrong step
            if "Triple fault" in trace and not lines(self.case.allow) \
                    and not self.case.disk:
                return "error", "triple fault"
            if status:
                last = (lines(trace) or [""])[-1]
                return "error", f"QEMU died (exit code {status}) {last}"
        regex = self.missing()
        if regex:
            return "failure", f"not on the console: {regex}"
        if self.case.wants_verdict() and not said:
            return "error", "ended without a verdict"
        return "success", said[1] if said else ""
